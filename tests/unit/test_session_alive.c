/* test_session_alive.c - whose session it is, and whether that process lives. */
#include "session_alive.h"

#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/registry.h"

Suite *test_session_alive_suite(void);

#define NOW    INT64_C(1700000000000)
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static varsdb handle = {.program = (char *)"train"};
static vdb_session_identity self;

static void setup(void)
{
    ck_assert_int_eq(vdb_session_identify(&handle, &self), VARSDB_OK);
}

static bool dead(const char *host, int64_t pid, const char *started, int64_t age)
{
    vdb_session_signs row = {.host = host, .pid = pid, .started = started, .heartbeat_at = NOW - age};
    return vdb_session_is_dead(&self, &row, NOW);
}

/* `started` of ours with one of its three words replaced. */
static const char *started_with(int word, const char *text)
{
    static char out[3][VDB_SESSION_STARTED_BYTES];
    char words[3][64];
    ck_assert_int_eq(sscanf(self.started, "%63s %63s %63s", words[0], words[1], words[2]), 3);
    snprintf(words[word], sizeof words[word], "%s", text);
    snprintf(out[word], sizeof out[word], "%.40s %.40s %.40s", words[0], words[1], words[2]);
    return out[word];
}

/* What a shell says of the process that started it. */
static void ask_shell(const char *command, char *out, size_t room)
{
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(out, (int)room, pipe));
    pclose(pipe);
    out[strcspn(out, "\n")] = '\0';
}

START_TEST(it_is_host_pid_boot_namespace_and_start_time)
{
    char expected[256], said[256];
    ask_shell("hostname 2>/dev/null || uname -n", said, sizeof said);
    ck_assert_str_eq(self.host, said);
    ck_assert_int_eq(self.pid, getpid());
    ck_assert_str_eq(self.program, "train");
    if (access("/proc/self/stat", R_OK) != 0) {
        ck_assert_str_eq(self.started, "");
        return;
    }
    ask_shell("echo $(cat /proc/sys/kernel/random/boot_id) $(readlink /proc/$PPID/ns/pid)"
              " $(sed 's/.*) //' /proc/$PPID/stat | cut -d' ' -f20)",
              expected, sizeof expected);
    ck_assert_str_eq(self.started, expected);
}
END_TEST

START_TEST(it_stays_the_same_and_another_process_has_another)
{
    vdb_session_identity again;
    ck_assert_int_eq(vdb_session_identify(&handle, &again), VARSDB_OK);
    ck_assert_str_eq(again.started, self.started);
    ck_assert(!dead(self.host, self.pid, self.started, 0));
    ck_assert(!dead(self.host, self.pid, self.started, 100 * HOUR));
}
END_TEST

static int do_nothing(void *payload)
{
    (void)payload;
    return 0;
}

static int wait_long(void *payload)
{
    (void)payload;
    sleep(60);
    return 0;
}

START_TEST(a_process_of_this_machine_is_dead_when_it_is_gone_and_at_once)
{
    if (!*self.started)
        return;
    pid_t pid = child_start(wait_long, NULL);
    char start[24], command[128];
    snprintf(command, sizeof command, "sed 's/.*) //' /proc/%d/stat | cut -d' ' -f20", (int)pid);
    ask_shell(command, start, sizeof start);
    ck_assert(!dead(self.host, pid, started_with(2, start), 0));
    ck_assert(!dead(self.host, pid, started_with(2, start), 100 * HOUR));
    kill(pid, SIGSTOP);
    ck_assert(!dead(self.host, pid, started_with(2, start), 100 * HOUR));
    kill(pid, SIGKILL);
    /* a zombie: it keeps its pid until it is waited for */
    siginfo_t info;
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    ck_assert(dead(self.host, pid, started_with(2, start), 0));
    waitpid(pid, NULL, 0);
    ck_assert(dead(self.host, pid, started_with(2, start), 0));
}
END_TEST

START_TEST(a_pid_that_came_again_is_another_process)
{
    if (!*self.started)
        return;
    ck_assert(dead(self.host, self.pid, started_with(2, "1"), 0));
}
END_TEST

START_TEST(no_process_has_an_impossible_pid)
{
    if (!*self.started)
        return;
    static const int64_t pids[] = {0, -1, INT64_MIN, INT64_MAX, INT64_C(1) << 32};
    for (size_t i = 0; i < sizeof pids / sizeof *pids; i++)
        ck_assert(dead(self.host, pids[i], self.started, 0));
}
END_TEST

START_TEST(after_another_boot_a_minute_of_silence_is_death)
{
    if (!*self.started)
        return;
    const char *other = started_with(0, "00000000-0000-0000-0000-000000000000");
    ck_assert(!dead(self.host, self.pid, other, MINUTE));
    ck_assert(dead(self.host, self.pid, other, MINUTE + 1));
}
END_TEST

START_TEST(in_another_pid_namespace_and_on_another_host_it_is_an_hour)
{
    ck_assert(!dead("elsewhere", self.pid, self.started, HOUR));
    ck_assert(dead("elsewhere", self.pid, self.started, HOUR + 1));
    ck_assert(!dead("elsewhere", 0, "", HOUR));
    if (!*self.started)
        return;
    const char *other = started_with(1, "pid:[1]");
    ck_assert(!dead(self.host, 0, other, HOUR));
    ck_assert(dead(self.host, self.pid, other, HOUR + 1));
}
END_TEST

START_TEST(without_proc_a_missing_pid_and_a_minute_of_silence_are_death)
{
    pid_t gone = child_start(do_nothing, NULL);
    child_wait(gone);
    for (int known = 0; known < 2; known++) {
        static const char *const odd[] = {"", "nothing", "two words", " "};
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            ck_assert(!dead(self.host, gone, odd[i], MINUTE));
            ck_assert(dead(self.host, gone, odd[i], MINUTE + 1));
            ck_assert(!dead(self.host, self.pid, odd[i], 100 * HOUR));
        }
        self.started[0] = '\0';
    }
}
END_TEST

/* Words of the same bytes, and of others. */
START_TEST(another_word_of_any_length_is_another_boot_or_namespace)
{
    if (!*self.started)
        return;
    char space[64] = "";
    ck_assert_int_eq(sscanf(self.started, "%*s %63s", space), 1);
    space[strlen(space) - 2] ^= 1;
    ck_assert(!dead(self.host, 0, started_with(1, space), HOUR));
    ck_assert(dead(self.host, self.pid, started_with(1, space), HOUR + 1));
    ck_assert(!dead(self.host, self.pid, started_with(0, "short"), MINUTE));
    ck_assert(dead(self.host, self.pid, started_with(0, "short"), MINUTE + 1));
}
END_TEST

/* ---- another /proc */

/* Whether there is an empty one now, for this process alone. */
static bool hide_proc(void)
{
    const char *fork_mode = getenv("CK_FORK");
    if (fork_mode && strcmp(fork_mode, "no") == 0)
        return false;
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", "/proc", "tmpfs", 0, NULL) == 0)
        return true;
    printf("left out: another /proc, which takes privileges\n");
    return false;
}

/* The sanitizer for leaks looks there at the end. */
static void show_proc(void)
{
    ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
}

static void put_line(const char *path, const char *line)
{
    FILE *f = fopen(path, "w");
    ck_assert_msg(f && fputs(line, f) >= 0 && fclose(f) == 0, "%s", path);
}

static void check_started(const char *expected)
{
    setup();
    ck_assert_str_eq(self.started, expected);
}

#define BETWEEN " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 " /* state and start time */

START_TEST(half_a_proc_tells_nothing_and_a_whole_one_all)
{
    char pid[24], path[64];
    if (!hide_proc())
        return;
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    snprintf(path, sizeof path, "/proc/%s", pid);
    check_started("");
    ck_assert_int_eq(symlink("1000000", "/proc/self"), 0); /* of another pid namespace */
    check_started("");
    ck_assert_int_eq(unlink("/proc/self"), 0);
    ck_assert_int_eq(symlink(pid, "/proc/self"), 0);
    check_started("");
    ck_assert(mkdir(path, 0755) == 0 && mkdir("/proc/self/ns", 0755) == 0);
    ck_assert(mkdir("/proc/sys", 0755) == 0 && mkdir("/proc/sys/kernel", 0755) == 0 &&
              mkdir("/proc/sys/kernel/random", 0755) == 0);
    put_line("/proc/sys/kernel/random/boot_id", "");
    check_started("");
    put_line("/proc/sys/kernel/random/boot_id", "boot\nnext line\n");
    check_started("");
    ck_assert_int_eq(symlink("pid:[5]", "/proc/self/ns/pid"), 0);
    check_started("");
    put_line("/proc/self/stat", "7 we S" BETWEEN "777 20\n");
    check_started("");
    put_line("/proc/self/stat", "7 (we) S 1 2 3\n");
    check_started("");
    put_line("/proc/self/stat", "7 (we) S 1) R" BETWEEN "777 20\n");
    check_started("boot pid:[5] 777");
    show_proc();
}
END_TEST

START_TEST(what_the_state_of_a_process_says_counts_and_a_hidden_one_lives)
{
    char pid[24];
    const char *started = "boot pid:[5] 777";
    if (!hide_proc())
        return;
    snprintf(pid, sizeof pid, "/proc/%d", (int)getpid());
    ck_assert_int_eq(mkdir(pid, 0755), 0);
    ck_assert_int_eq(symlink(pid, "/proc/self"), 0);
    snprintf(self.started, sizeof self.started, "%s", started);
    for (const char *state = "RSDTtXZ"; *state; state++) {
        char line[128];
        snprintf(line, sizeof line, "7 (we) %c" BETWEEN "777 20\n", *state);
        put_line("/proc/self/stat", line);
        ck_assert_msg(dead(self.host, self.pid, started, 0) == (*state == 'X' || *state == 'Z'), "%c",
                      *state);
    }
    ck_assert_int_eq(unlink("/proc/self/stat"), 0);
    ck_assert(!dead(self.host, self.pid, started, 100 * HOUR));
    show_proc();
}
END_TEST

START_TEST(a_heartbeat_of_the_far_future_is_none)
{
    ck_assert(!dead("elsewhere", 1, "", -HOUR));
    ck_assert(dead("elsewhere", 1, "", -HOUR - 1));
    vdb_session_signs row = {.host = "elsewhere", .started = "", .heartbeat_at = INT64_MIN};
    ck_assert(vdb_session_is_dead(&self, &row, NOW));
    row.heartbeat_at = INT64_MAX;
    ck_assert(vdb_session_is_dead(&self, &row, NOW));
}
END_TEST

Suite *test_session_alive_suite(void)
{
    Suite *suite = suite_create("session_alive");
    TCase *t = tcase_create("session_alive");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, it_is_host_pid_boot_namespace_and_start_time);
    tcase_add_test(t, it_stays_the_same_and_another_process_has_another);
    tcase_add_test(t, a_process_of_this_machine_is_dead_when_it_is_gone_and_at_once);
    tcase_add_test(t, a_pid_that_came_again_is_another_process);
    tcase_add_test(t, no_process_has_an_impossible_pid);
    tcase_add_test(t, after_another_boot_a_minute_of_silence_is_death);
    tcase_add_test(t, in_another_pid_namespace_and_on_another_host_it_is_an_hour);
    tcase_add_test(t, without_proc_a_missing_pid_and_a_minute_of_silence_are_death);
    tcase_add_test(t, another_word_of_any_length_is_another_boot_or_namespace);
    tcase_add_test(t, half_a_proc_tells_nothing_and_a_whole_one_all);
    tcase_add_test(t, what_the_state_of_a_process_says_counts_and_a_hidden_one_lives);
    tcase_add_test(t, a_heartbeat_of_the_far_future_is_none);
    suite_add_tcase(suite, t);
    return suite;
}
