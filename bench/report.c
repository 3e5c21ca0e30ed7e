/*
 * report.c - the table of a benchmark: one line for each workload, its ratio first.
 */
#include "report.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "results.h"
#include "timer.h"
#include "varsdb.h"

enum {
    NAME_WIDTH = 54,
    RATIO_WIDTH = 20,
    GOAL_WIDTH = 9,
    AMOUNT_WIDTH = 28,
    TEXT_ROOM = 80
};

/* The kernel's numbers; any other is printed as it is. */
static const struct {
    unsigned long number;
    const char *name;
} file_systems[] = {
    {0xef53, "ext2/3/4"},      {0x58465342, "xfs"},  {0x9123683e, "btrfs"}, {0x01021994, "tmpfs"},
    {0x794c7630, "overlayfs"}, {0x6969, "nfs"},      {0xf2f52010, "f2fs"},  {0x2fc12fc1, "zfs"},
    {0x01021997, "9p"},        {0x65735546, "fuse"}, {0xff534d42, "cifs"},
};

static void print_file_system(const char *directory)
{
    struct statfs fs;

    if (statfs(directory, &fs) != 0) {
        printf("unknown");
        return;
    }
    for (size_t i = 0; i < sizeof file_systems / sizeof *file_systems; i++)
        if (file_systems[i].number == (unsigned long)fs.f_type) {
            printf("%s", file_systems[i].name);
            return;
        }
    printf("type 0x%lx", (unsigned long)fs.f_type);
}

void report_conditions(const char *directory)
{
    printf("varsdb %s on %s; raw SQLite %s\n", varsdb_version(), varsdb_engine_version(),
           sqlite3_libversion());
    printf("file system: ");
    print_file_system(directory);
    printf("; %ld cores; everything synced as synchronous=FULL does\n", sysconf(_SC_NPROCESSORS_ONLN));
}

static void print_line(const char *name, const char *ratio, const char *goal, const char *ours,
                       const char *peer)
{
    printf("%-*s | %-*s | %-*s | %-*s | %s\n", NAME_WIDTH, name, RATIO_WIDTH, ratio, GOAL_WIDTH, goal,
           AMOUNT_WIDTH, ours, peer);
    fflush(stdout);
}

void report_header(const char *peer)
{
    static const char line[] = "----------------------------------------------------------------";

    printf("\n");
    print_line("workload", "ratio (min-max)", "goal", "ours (min-max)", peer);
    printf("%.*s-+-%.*s-+-%.*s-+-%.*s-+-%.*s\n", NAME_WIDTH, line, RATIO_WIDTH, line, GOAL_WIDTH, line,
           AMOUNT_WIDTH, line, AMOUNT_WIDTH, line);
}

static int decimals(const char *unit)
{
    if (strcmp(unit, "s") == 0)
        return 3;
    if (strcmp(unit, "ms") == 0 || strcmp(unit, "GB/s") == 0)
        return 2;
    return strcmp(unit, "MiB") == 0 ? 1 : 0; /* "us", "ns", "/s" and numbers */
}

static void format_amount(double *values, size_t rounds, const char *unit, char *text, size_t room)
{
    struct summary s = timer_summarize(values, rounds);
    const char *space = unit[0] == '/' || unit[0] == '\0' ? "" : " ";
    int after = decimals(unit);

    if (rounds == 1)
        snprintf(text, room, "%.*f%s%s", after, s.median, space, unit);
    else
        snprintf(text, room, "%.*f%s%s (%.*f-%.*f)", after, s.median, space, unit, after, s.min, after,
                 s.max);
}

void report_workload(const struct workload *workload)
{
    struct workload w = *workload; /* summaries sort */
    double ratios[REPORT_ROUNDS_MAX];
    char ratio[TEXT_ROOM], ours[TEXT_ROOM], peer[TEXT_ROOM];
    struct summary s;
    int after;

    for (size_t i = 0; i < w.rounds; i++)
        ratios[i] = w.ours[i] / w.peer[i];
    s = timer_summarize(ratios, w.rounds);
    after = s.median < 0.2 ? 3 : 2;
    if (w.rounds == 1)
        snprintf(ratio, sizeof ratio, "%.*fx", after, s.median);
    else
        snprintf(ratio, sizeof ratio, "%.*fx (%.*f-%.*f)", after, s.median, after, s.min, after, s.max);
    format_amount(w.ours, w.rounds, w.unit, ours, sizeof ours);
    format_amount(w.peer, w.rounds, w.unit, peer, sizeof peer);
    print_line(w.name, ratio, w.goal, ours, peer);
    results_workload(workload);
}

void report_figure(const struct workload *workload)
{
    struct workload w = *workload;
    char ours[TEXT_ROOM];

    format_amount(w.ours, w.rounds, w.unit, ours, sizeof ours);
    print_line(w.name, "", w.goal, ours, "");
    results_figure(workload);
}

void report_left_out(const char *name, const char *goal, const char *why)
{
    print_line(name, why, goal, "", "");
    results_left_out(name, goal, why);
}

void report_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf("    ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}
