/*
 * report.c - the table of a benchmark: one line for each workload.
 */
#include "report.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "timer.h"
#include "varsdb.h"

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

void report_conditions(const char *directory, int page_size_ours, int page_size_peer)
{
    printf("varsdb %s on %s; raw SQLite %s\n", varsdb_version(), varsdb_engine_version(),
           sqlite3_libversion());
    printf("file system: ");
    print_file_system(directory);
    printf("; pages of %d bytes (ours) and %d bytes (raw); WAL, synchronous=FULL\n\n", page_size_ours,
           page_size_peer);
}

void report_header(void)
{
    printf("%-44s | %12s | %12s | %-24s | %s\n", "workload", "ours", "raw SQLite", "ratio (min-max)", "goal");
    printf("%.44s-+-%.12s-+-%.12s-+-%.24s-+-%.8s\n", "--------------------------------------------",
           "------------", "------------", "------------------------", "--------");
}

static void print_amount(double amount, const char *unit)
{
    if (strcmp(unit, "s") == 0)
        printf(" | %10.3f %s", amount, unit);
    else
        printf(" | %10.0f%s", amount, unit);
}

void report_workload(const struct workload *workload)
{
    struct workload w = *workload; /* summaries sort */
    double ratios[REPORT_ROUNDS_MAX];
    struct summary ratio;
    char text[48];

    for (size_t i = 0; i < w.rounds; i++)
        ratios[i] = w.ours[i] / w.peer[i];
    ratio = timer_summarize(ratios, w.rounds);
    snprintf(text, sizeof text, "%.2fx (%.2f-%.2f)", ratio.median, ratio.min, ratio.max);
    printf("%-44s", w.name);
    print_amount(timer_summarize(w.ours, w.rounds).median, w.unit);
    print_amount(timer_summarize(w.peer, w.rounds).median, w.unit);
    printf(" | %-24s | %s\n", text, w.goal);
    fflush(stdout);
}
