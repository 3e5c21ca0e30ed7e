/*
 * report_file.h - a file that appears whole under its name, or not at all.
 */
#ifndef CLI_REPORT_FILE_H
#define CLI_REPORT_FILE_H

#include "cli.h"

typedef struct report_file {
    cli *c;
    const char *path;
    char *temporary; /* NULL: what is there is no regular file, and written into */
    bool open;
    sink to;
} report_file;

/* path is borrowed.  A registry at path is left alone. */
int report_file_open(cli *c, const char *path, report_file *out);
/* Gives it its name; the line is printed when it could not be written. */
int report_file_publish(report_file *f);
/* Takes away what was not published. */
void report_file_close(report_file *f);

#endif
