#include "session_alive.h"
#include <unistd.h>
int vdb_session_identify(varsdb *db, vdb_session_identity *out)
{
    *out = (vdb_session_identity){.program = db->program, .pid = getpid()};
    gethostname(out->host, sizeof out->host - 1);
    return VARSDB_OK;
}
