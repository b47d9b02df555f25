/* moved.h - stages and their moves, as `stages` and `log` print them. */
#ifndef MICH_CMD_MOVED_H
#define MICH_CMD_MOVED_H

#include "lib/record/release/stage.h"

struct repo;

/*
 * A table, or [{"name","stage","release","version","id","at","user","action","forced","reason"}], to
 * stdout.
 */
int moved_print(struct repo *repo, const struct stage *v, size_t n, bool json);

#endif
