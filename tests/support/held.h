/* held.h - what this process holds: a call that failed must not keep memory or files. */
#ifndef TEST_HELD_H
#define TEST_HELD_H

#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

typedef struct held {
    sqlite3_int64 bytes; /* of SQLite's allocator, which the library uses */
    int descriptor;      /* the lowest that is free */
} held;

static inline held held_now(void)
{
    held h = {.bytes = sqlite3_memory_used(), .descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ck_assert_int_ge(h.descriptor, 0);
    close(h.descriptor);
    return h;
}

static inline void held_check(held before, const char *when)
{
    held now = held_now();
    ck_assert_msg(now.bytes <= before.bytes, "%s: %lld bytes are kept", when,
                  (long long)(now.bytes - before.bytes));
    ck_assert_msg(now.descriptor == before.descriptor, "%s: %s", when,
                  now.descriptor > before.descriptor ? "a file is kept open" : "another's file was closed");
}

#endif
