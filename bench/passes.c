/*
 * passes.c - the command's passes over a whole registry.
 */
#include "passes.h"

#include <stdio.h>
#include <sys/resource.h>

#include "fail.h"
#include "process.h"

enum {
    ARGUMENTS_MAX = 16
};

struct pass pass_run(char *self, char *const argv[])
{
    char *all[ARGUMENTS_MAX] = {self, "--pass"};
    struct process *process;
    double told[2];

    for (size_t i = 0; argv[i] != NULL; i++) {
        if (i + 3 >= ARGUMENTS_MAX)
            fail(argv[0], "has too many arguments");
        all[i + 2] = argv[i];
    }
    process = process_start(all);
    if (process == NULL)
        fail(self, "is not there");
    process_hear_numbers(process, told, 2);
    process_end(process);
    return (struct pass){told[0], (int64_t)told[1]};
}

int pass_main(char **argv)
{
    struct rusage usage;
    double seconds;

    (void)process_seconds(argv);
    if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
        fail_errno(argv[0]);
    seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
              1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    printf("%.9f %lld\n", seconds, (long long)usage.ru_maxrss << 10);
    return 0;
}
