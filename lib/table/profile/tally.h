/* tally.h - how often each text occurs; past a limit only an estimate of how many there are. */
#ifndef MICH_TABLE_PROFILE_TALLY_H
#define MICH_TABLE_PROFILE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"

enum { TALLY_LIMIT = 1 << 22, TALLY_TOP = 10, TALLY_SHOWN = 200 };

struct tally;

struct tally *tally_new(size_t limit); /* distinct texts that are counted exactly */
void tally_free(struct tally *t);
int tally_add(struct tally *t, const char *s, size_t n); /* ERR_FAIL: no memory */

/* Adds "distinct", "estimated" when it is one, "top", "length", "min", "max". */
void tally_figures(const struct tally *t, json_t *out);

#endif
