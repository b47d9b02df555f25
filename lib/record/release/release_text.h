/* release_text.h - the message of a release's tag: to be read by people, and by trailers. */
#ifndef MICH_RECORD_RELEASE_RELEASE_TEXT_H
#define MICH_RECORD_RELEASE_RELEASE_TEXT_H

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/record/version.h"

/*
 * release: "maps/eta@2.1". doc: {"figures": {"test": {"rmse": 19.2}}, "gates": [{"what", "ok", "why",
 * "state"}], ...}. A text of the user's cannot pass for a trailer: those stand last, a line each.
 */
void release_text(const char *release, const struct version *v, const char *stage,
		  const char *forced, const json_t *doc, struct buf *out);

#endif
