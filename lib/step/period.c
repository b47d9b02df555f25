/*
 * period.c - the stamp of a step whose world changes.
 *
 * Stamps of one step are compared as text: times in ISO 8601 sort by age. A probe's stamp is the
 * hash of what it prints and is looked for exactly, so it is kept in the recipe instead.
 */
#include "lib/step/period.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/record/repo.h"
#include "lib/spec/spec.h"
#include "lib/step/step.h"

enum { PROBE_LIMIT_MS = 60000 };

static void set_time(struct step *s, int64_t ms)
{
	char iso[CLOCK_ISO_BYTES];

	clock_iso(ms, iso);
	s->refresh = xstrdup(iso);
	s->clock_ms = ms;
}

static int probe(struct repo *r, const struct spec_node *node, struct step *s)
{
	char *line = xasprintf("cd \"$1\" && { %s\n}", node->refresh.command);
	const char *const argv[] = { "/bin/sh", "-c", line, "sh", repo_workdir(r), NULL };
	struct buf out = BUF_INIT;
	char sha[HASH_HEX + 1];
	int rc = process_capture(argv, PROBE_LIMIT_MS, &out);

	if (rc)
		error_wrap(rc, "%s:%d: refresh of %s/%s", node->file, spec_line(node, "refresh"),
			   s->kind, s->name);
	hash_data(out.data, out.len, sha);
	if (!rc)
		json_object_set_new(s->recipe, "probe", json_string(sha));
	free(line);
	buf_clear(&out);
	return rc;
}

int period_stamp(struct repo *r, const struct spec_node *node, bool forced, int64_t now_ms,
		 struct step *s)
{
	int64_t span = node->refresh.span_ms;

	if (node->kind == SPEC_BENCH) { /* the newest measurement counts, and any will do */
		set_time(s, forced ? now_ms : 0);
		return 0;
	}
	if (node->kind != SPEC_DATASET || node->refresh.when == SPEC_REFRESH_NEVER)
		return 0;
	if (node->refresh.when == SPEC_REFRESH_COMMAND) {
		int rc = probe(r, node, s);

		if (rc)
			return rc;
	}
	if (forced)
		set_time(s, now_ms);
	else
		set_time(s, node->refresh.when == SPEC_REFRESH_EVERY ? now_ms / span * span : 0);
	return 0;
}

void period_begin(const struct spec_node *node, int64_t now_ms, struct step *s)
{
	if (!s->refresh || s->clock_ms || node->refresh.when == SPEC_REFRESH_EVERY)
		return;
	free(s->refresh);
	set_time(s, now_ms);
}
