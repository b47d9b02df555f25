/* typed.h - what people type for a value: numbers, switches, sizes, lists. */
#ifndef MICH_SPEC_TYPED_H
#define MICH_SPEC_TYPED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"

/* Each reads all of text, or answers false and leaves *out alone. No reason is set. */
bool typed_int(const char *text, int64_t *out);	       /* -12 */
bool typed_double(const char *text, double *out);      /* 0.5, 1e-3; finite */
bool typed_bool(const char *text, bool *out);	       /* yes no true false on off 1 0, as git */
bool typed_size(const char *text, int64_t *bytes_out); /* 512, 64k, 512M, 4G, 1T, 4GiB; k = 1024 */
bool typed_span(const char *text, int64_t *ms_out);    /* 90s, 15m, 2h, 1d, 1w; 90 = seconds */

/* The place of text among the choices "a|b|c", or -1. */
int typed_choice(const char *text, const char *choices);

/*
 * Items between commas, trimmed. One in double quotes is taken as it is, with "" for a quote, so
 * that a column's name may hold a comma. False at an empty item or an open quote.
 */
bool typed_list(const char *text, struct strlist *out);

/* A whole number, a real, true, false, else the text itself. New reference; NULL where not UTF-8.
 */
json_t *typed_json(const char *text);

#endif
