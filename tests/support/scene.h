/*
 * scene.h - small registries of which many copies are opened, one after the other, so that something can go
 * wrong in each: with a handle of their own, which is in WAL mode, or on a connection of a host's.
 */
#ifndef TEST_SCENE_H
#define TEST_SCENE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "content.h"
#include "tensor_files.h"

#define SCENE_CHUNK      4096
#define SCENE_LARGE      (3 * SCENE_CHUNK) /* bytes of "a" */
#define SCENE_SAID_BYTES 1024

typedef enum scene_mode {
    SCENE_OWN,
    SCENE_HOST_DELETE, /* with a rollback journal */
    SCENE_HOST_WAL,
    SCENE_MODES
} scene_mode;

typedef enum scene_image {
    SCENE_FULL,
    SCENE_EMPTY,
    SCENE_NONE, /* no file */
    SCENE_LOG,  /* a process died, and its log is there */
    SCENE_TORN, /* and the first page of the file was torn */
    SCENE_HOT,  /* a process died while it wrote, and its journal is there */
    SCENE_ODD,  /* some client took it out of WAL mode */
    SCENE_IMAGES
} scene_image;

typedef struct scene {
    char path[PATH_BYTES], copy[PATH_BYTES], tensors[PATH_BYTES], out[PATH_BYTES];
    scene_mode mode;
    varsdb *db;
    sqlite3 *host;               /* whose connection db is on */
    uint64_t seen;               /* a number for all that calls gave */
    char said[SCENE_SAID_BYTES]; /* what a call that failed said, where others followed it */
} scene;

const char *scene_mode_name(scene_mode mode);
/* Makes all images; after fault_install. */
void scene_set_up(scene *s);
void scene_tear_down(scene *s);
/* Puts the files there, nothing of which is open. */
void scene_lay(scene *s, scene_image image);
/* The host opens them, where there is one. */
void scene_connect(scene *s);
/* Opens a handle on them as the mode says; a result code.  There is a handle, whatever the result. */
int scene_open(scene *s, unsigned flags);
void scene_close(scene *s);
/* Whether a file is left that has not got its name yet: those of ours begin with a dot. */
bool scene_has_unnamed(char name[SCENE_SAID_BYTES]);
/* Removes all files but the images. */
void scene_clear(const scene *s);
/* Another value for each number. */
const unsigned char *scene_value(int which);
/* Adds to what was seen. */
void scene_saw(scene *s, const void *data, size_t bytes);
void scene_saw_text(scene *s, const char *text);
/* Keeps the code, and what the handle says of it, while other calls follow. */
int scene_keep(scene *s, int rc);

#endif
