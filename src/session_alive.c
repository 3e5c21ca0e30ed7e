/* session_alive.c - see session_alive.h. */
#include "session_alive.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MINUTE_MS (INT64_C(60) * 1000)
#define HOUR_MS   (60 * MINUTE_MS)

/* ---- /proc */

/* The first line of a small file, without its newline. */
static bool read_line(const char *path, char *out, size_t room)
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(out, (int)room, file);
    if (file)
        fclose(file);
    if (read)
        out[strcspn(out, "\n")] = '\0';
    return read;
}

static bool read_link(const char *path, char *out, size_t room)
{
    ssize_t bytes = readlink(path, out, room - 1);
    if (bytes < 0)
        return false;
    out[bytes] = '\0';
    return true;
}

/* State and start time (in ticks since the boot), which stand behind the program's name; that one may hold
 * blanks and brackets itself. */
static bool read_stat(int64_t pid, char *state, char start[24])
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    if (!read_line(path, line, sizeof line))
        return false;
    const char *behind = strrchr(line, ')');
    return behind &&
           sscanf(behind + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %23s", state,
                  start) == 2;
}

/* A /proc of another pid namespace would tell of other processes. */
static bool proc_is_ours(void)
{
    char self[24];
    return read_link("/proc/self", self, sizeof self) && strtoll(self, NULL, 10) == (long long)getpid();
}

static void read_started(char out[VDB_SESSION_STARTED_BYTES])
{
    char boot[48], space[40], start[24], state;
    out[0] = '\0';
    if (proc_is_ours() && read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot) &&
        read_link("/proc/self/ns/pid", space, sizeof space) && read_stat(getpid(), &state, start))
        snprintf(out, VDB_SESSION_STARTED_BYTES, "%s %s %s", boot, space, start);
}

int vdb_session_identify(varsdb *db, vdb_session_identity *out)
{
    *out = (vdb_session_identity){.program = db->program, .pid = getpid()};
    if (gethostname(out->host, sizeof out->host - 1) != 0)
        out->host[0] = '\0';
    read_started(out->started);
    return VARSDB_OK;
}

/* ---- dead or alive */

/* Of "BOOT NAMESPACE TIME": how many bytes the first word has, and the first two; 0 when it is not that. */
static void measure(const char *started, size_t *boot, size_t *space)
{
    *boot = *space = 0;
    size_t first = strcspn(started, " ");
    if (!started[first])
        return;
    size_t second = first + 1 + strcspn(started + first + 1, " ");
    if (!started[second])
        return;
    *boot = first;
    *space = second;
}

static bool pid_is_free(int64_t pid)
{
    return pid <= 0 || pid != (pid_t)pid || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static bool process_is_gone(int64_t pid, const char *start)
{
    char state, now[24];
    if (pid_is_free(pid))
        return true;
    /* Hidden from us, perhaps; but it is there. */
    if (!read_stat(pid, &state, now))
        return pid_is_free(pid);
    return strcmp(now, start) != 0 || state == 'Z' || state == 'X';
}

bool vdb_session_is_dead(const vdb_session_identity *self, const vdb_session_signs *row, int64_t now)
{
    int64_t age;
    bool odd = __builtin_sub_overflow(now, row->heartbeat_at, &age) || age < -HOUR_MS;
    bool minute = odd || age > MINUTE_MS, hour = odd || age > HOUR_MS;
    if (strcmp(row->host, self->host) != 0)
        return hour;
    size_t our_boot, our_space, its_boot, its_space;
    measure(self->started, &our_boot, &our_space);
    measure(row->started, &its_boot, &its_space);
    if (!our_boot || !its_boot)
        return minute && pid_is_free(row->pid);
    if (our_boot != its_boot || memcmp(self->started, row->started, our_boot) != 0)
        return minute;
    if (our_space != its_space || memcmp(self->started, row->started, our_space) != 0)
        return hour;
    return process_is_gone(row->pid, row->started + its_space + 1);
}
