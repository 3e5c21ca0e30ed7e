#include "internal.h"
typedef struct vdb_session_identity {
    const char *program;
    char host[256];
    int64_t pid;
    char started[128];
} vdb_session_identity;
int vdb_session_identify(varsdb *db, vdb_session_identity *out);
