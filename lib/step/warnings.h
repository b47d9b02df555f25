/* warnings.h - what a learner of ours warned of, for who was not shown its lines. */
#ifndef MICH_STEP_WARNINGS_H
#define MICH_STEP_WARNINGS_H

#include "lib/base/json.h"

/*
 * The texts of a log's lines "mich-net: warning: TEXT", also behind the mark of a rank ("[r0!] "). A new array; NULL:
 * there are none, or no such file.
 */
json_t *warnings_read(const char *log);

#endif
