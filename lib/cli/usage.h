/* usage.h - a table of options as text: --help and the manual page's parts. */
#ifndef MICH_CLI_USAGE_H
#define MICH_CLI_USAGE_H

#include "lib/base/buf.h"
#include "lib/cli/opt.h"

enum { USAGE_COLUMNS = 100, USAGE_COLUMNS_MIN = 60 }; /* of a line; a terminal may have less */

/* All of --help: synopsis, summary, a line or more for each row; command is "mich tag". */
void usage_help(const char *command, const char *summary, const struct opt *opts, struct buf *out);

/* One entry with its explanation, aligned and wrapped: "    left      help". */
void usage_row(const char *left, const char *help, int width, struct buf *out);

/* scdoc source: "@synopsis@", the synopsis, "@options@", the options. */
void usage_scd(const char *command, const struct opt *opts, struct buf *out);

#endif
