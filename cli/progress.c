/* progress.c - see progress.h. */
#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

#define LINE_BYTES  72 /* fits the narrowest terminal that is common */
#define INTERVAL_MS 100

static struct {
    int64_t written; /* when, in milliseconds; 0: nothing was done yet */
    size_t width;    /* of the line that stands there */
} line;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

/* Spaces go over what the line before had more; a terminal need not know more than \r. */
static void write_line(const char *text)
{
    size_t width = strlen(text);
    fprintf(stderr, "\r%s%*s", text, width < line.width ? (int)(line.width - width) : 0, "");
    fflush(stderr);
    line.width = width;
}

void progress_erase(void)
{
    if (!line.width)
        return;
    write_line("");
    fputc('\r', stderr);
    fflush(stderr);
}

static void show(const char *doing, uint64_t done, uint64_t total)
{
    char text[LINE_BYTES];
    if (total) {
        double share = (double)done / (double)total;
        snprintf(text, sizeof text, "%s %3d%%", doing, share < 1 ? (int)(share * 100) : 100);
    } else if (done) {
        snprintf(text, sizeof text, "%s %llu", doing, (unsigned long long)done);
    } else {
        snprintf(text, sizeof text, "%s ...", doing);
    }
    write_line(text);
}

int progress_report(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    (void)payload;
    int64_t now = now_ms();
    if (interrupt_asked())
        return 1;
    /* The first report only begins: what is done at once shows no line. */
    bool due = line.written && now - line.written >= INTERVAL_MS;
    if (!line.written)
        line.written = now;
    if (due && isatty(STDERR_FILENO)) {
        show(doing, done, total);
        line.written = now;
    }
    return 0;
}
