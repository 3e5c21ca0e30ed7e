/*
 * sqltext.h - names as they stand in a text of SQL.
 */
#ifndef CLI_SQLTEXT_H
#define CLI_SQLTEXT_H

/* 'text' with its quotes doubled, to be freed.  0 or ENOMEM. */
int sqltext_literal(char **out, const char *text);

#endif
