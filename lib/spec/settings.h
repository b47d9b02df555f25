/* settings.h - what git config says about mich itself: mich.jobs and its like. */
#ifndef MICH_SPEC_SETTINGS_H
#define MICH_SPEC_SETTINGS_H

#include <stdint.h>

#include "lib/base/buf.h"

struct settings {
	int64_t jobs;	     /* steps that mich build runs at the same time */
	int64_t cache_bytes; /* what matrices laid down for learners may take */
};

/* One setting's text: 1 and *out, which the caller frees; 0: not set; negative: an error. */
typedef int (*settings_lookup)(void *payload, const char *key, char **out);

/* All of them, with the defaults of what is not set. ERR_INPUT names the key and what would be
 * right. */
int settings_read(settings_lookup lookup, void *payload, struct settings *out);

/* Their list, in scdoc's language. */
void settings_write_scd(struct buf *out);

#endif
