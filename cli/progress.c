/* progress.c - see progress.h. */
#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

#define LINE_BYTES    256
#define BAR_MAX       30
#define BAR_MIN       5
#define INTERVAL_MS   100
#define PATIENCE_MS   500 /* what takes no longer shows nothing */
#define DOING_COLUMNS 20

static struct {
    int64_t begun;   /* when the command's first report came, in milliseconds; 0: none did */
    int64_t written; /* when the line was */
    size_t width;    /* of the line that stands there */
    char doing[32];  /* the phase, which has a rate of its own */
    int64_t phase_begun;
    uint64_t phase_done; /* what was done when it began */
    progress_mode mode;
} line;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + 1;
}

/* Of the terminal, less the last column: some go to the next line when that is written to. */
static size_t columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        size.ws_col = 80;
    return size.ws_col < LINE_BYTES ? (size_t)size.ws_col - 1 : LINE_BYTES - 1;
}

/* Spaces go over what the line before had more; a terminal need not know more than \r.  A terminal that
 * was made narrower since has no room for them. */
static void write_line(const char *text)
{
    size_t width = strlen(text), room = columns();
    size_t before = line.width < room ? line.width : room;
    fprintf(stderr, "\r%s%*s", text, width < before ? (int)(before - width) : 0, "");
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

void progress_begin(progress_mode mode)
{
    progress_erase();
    memset(&line, 0, sizeof line);
    line.mode = mode;
}

/* "12.3M/s": of what the operation counts, bytes or things. */
static void format_rate(char *out, size_t bytes, double rate)
{
    static const char units[] = " kMGTP";
    size_t unit = 0;
    while (rate >= 999.5 && units[unit + 1]) {
        rate /= 1000;
        unit++;
    }
    if (unit)
        snprintf(out, bytes, " %.*f%c/s", rate < 9.95 ? 1 : 0, rate, units[unit]);
    else
        snprintf(out, bytes, " %.0f/s", rate);
}

static void format_left(char *out, size_t bytes, double seconds)
{
    long left = seconds < 359999 ? (long)(seconds + 0.5) : 359999;
    if (left >= 3600)
        snprintf(out, bytes, " %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
    else
        snprintf(out, bytes, " %ld:%02ld left", left / 60, left % 60);
}

/* What there is room for: the share first, then the time, the rate, and a bar in what remains. */
static void lay_out(char *text, uint64_t done, uint64_t total, double rate)
{
    char share[8], left[32] = "", speed[32] = "", bar[BAR_MAX + 4] = "";
    double part = done < total ? (double)done / (double)total : 1;
    size_t room = columns(), used;
    snprintf(share, sizeof share, " %3d%%", (int)(part * 100));
    used = strlen(line.doing) + strlen(share);
    if (rate > 0) {
        format_left(left, sizeof left, (double)(done < total ? total - done : 0) / rate);
        format_rate(speed, sizeof speed, rate);
    }
    if (used + strlen(left) > room)
        *left = '\0';
    used += strlen(left);
    if (used + strlen(speed) > room)
        *speed = '\0';
    used += strlen(speed);
    if (used + BAR_MIN + 3 <= room) {
        size_t cells = room - used - 3 < BAR_MAX ? room - used - 3 : BAR_MAX;
        size_t full = (size_t)(part * (double)cells);
        bar[0] = ' ';
        bar[1] = '[';
        for (size_t i = 0; i < cells; i++)
            bar[2 + i] = i < full ? '#' : '.';
        bar[2 + cells] = ']';
    }
    snprintf(text, LINE_BYTES, "%s%s%s%s%s", line.doing, bar, share, speed, left);
}

static void show(uint64_t done, uint64_t total, int64_t now)
{
    char text[LINE_BYTES], speed[32] = "";
    double seconds = (double)(now - line.phase_begun) / 1000;
    double rate = seconds >= 0.2 && done > line.phase_done ? (double)(done - line.phase_done) / seconds : 0;
    if (total) {
        lay_out(text, done, total, rate);
    } else if (done) {
        if (rate > 0)
            format_rate(speed, sizeof speed, rate);
        snprintf(text, sizeof text, "%s %llu%s", line.doing, (unsigned long long)done, speed);
    } else {
        snprintf(text, sizeof text, "%s ...", line.doing);
    }
    text[columns()] = '\0';
    write_line(text);
}

/* A phase begins: with --verbose it is told, on a terminal or not. */
static void begin_phase(const char *doing, uint64_t done, uint64_t total, int64_t now)
{
    snprintf(line.doing, sizeof line.doing, "%.*s", DOING_COLUMNS, doing);
    line.phase_begun = now;
    line.phase_done = done;
    if (line.mode != PROGRESS_VERBOSE)
        return;
    progress_erase();
    if (total)
        fprintf(stderr, "varsdb: %s, %llu in all\n", line.doing, (unsigned long long)total);
    else
        fprintf(stderr, "varsdb: %s\n", line.doing);
}

int progress_report(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    (void)payload;
    int64_t now = now_ms();
    if (interrupt_asked())
        return 1;
    if (!line.begun)
        line.begun = now;
    if (strncmp(line.doing, doing, DOING_COLUMNS) != 0 || done < line.phase_done)
        begin_phase(doing, done, total, now);
    bool due = now - line.begun >= PATIENCE_MS && now - line.written >= INTERVAL_MS;
    if (due && line.mode != PROGRESS_QUIET && isatty(STDERR_FILENO)) {
        show(done, total, now);
        line.written = now;
    }
    return 0;
}
