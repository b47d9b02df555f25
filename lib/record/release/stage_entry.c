/* stage_entry.c - one move of a stage, as an entry of its journal. */
#define _GNU_SOURCE
#include "lib/record/release/stage_entry.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/journal.h"
#include "lib/record/release/release_source.h"

enum stage_found {
	STAGE_UNMOVED, /* it is where it was when this was written down */
	STAGE_OURS,    /* the move is among those since */
	STAGE_FOREIGN, /* it moved, by a fetch or a push, and not so */
};

/* Is this entry of the stage's journal the move that was written down? */
static bool is_ours(struct repo *r, const struct handover *h, const struct entry *e)
{
	struct stage s = { .space = xstrdup(h->space),
			   .name = xstrdup(h->name),
			   .stage = xstrdup(h->stage) };
	bool ours = strcmp(e->type, "begin") != 0 && stage_read(r, e, &s) == 0 &&
		    s.at_ms == h->at_ms && !strcmp(s.version, h->version) &&
		    !strcmp(s.action, h->action) && s.major == h->major && s.minor == h->minor;

	error_clear();
	stage_clear(&s);
	return ours;
}

static int find_move(struct repo *r, const struct handover *h, const char *ref,
		     enum stage_found *out)
{
	struct oid at, before = { { 0 } };
	int rc = ref_read(r->store, ref, &at);

	*out = STAGE_UNMOVED;
	if (*h->before && !oid_parse(h->before, &before))
		return error_set(ERR_CORRUPT, "malformed handover");
	if (rc <= 0)
		memset(&at, 0, sizeof at);
	if (rc < 0 || oid_equal(&at, &before))
		return rc < 0 ? rc : 0;
	*out = STAGE_FOREIGN;
	for (rc = 0; *out == STAGE_FOREIGN && !oid_is_zero(&at) && !oid_equal(&at, &before);) {
		struct entry e;

		if ((rc = entry_read(r, &at, &e)) < 0)
			break;
		if (is_ours(r, h, &e))
			*out = STAGE_OURS;
		at = e.before;
		entry_clear(&e);
	}
	return rc;
}

static json_t *stage_json(const struct handover *h)
{
	char release[48], at[CLOCK_ISO_BYTES];

	clock_iso(h->at_ms, at);
	snprintf(release, sizeof release, "%lld.%lld", (long long)h->major, (long long)h->minor);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:s?,s:s?}", "action", h->action,
			 "space", h->space, "name", h->name, "stage", h->stage, "release", release,
			 "version", h->version, "at", at, "user", h->user, "was", h->was, "reason",
			 h->reason, "forced", h->forced);
}

/* "maps/eta production: 2.1, was 2.0: reason", on one line. */
static char *stage_subject(const struct handover *h)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/%s %s: %s%lld.%lld", h->space, h->name, h->stage,
		 !strcmp(h->action, "rollback") ? "back to " : "", (long long)h->major,
		 (long long)h->minor);
	if (h->was)
		buf_addf(&b, ", was %s", h->was);
	if (h->forced)
		buf_addf(&b, ", forced: %.100s", h->forced);
	if (h->reason)
		buf_addf(&b, ": %.100s", h->reason);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.data[i] < ' ')
			b.data[i] = ' ';
	return buf_take(&b);
}

static int append_move(struct repo *r, const struct handover *h, const struct version *v)
{
	char *whole = xasprintf("%s/%s/%s", h->space, h->name, h->stage),
	     *subject = stage_subject(h);
	struct entry_plan e = { .kind = "stage",
				.name = whole,
				.id = h->version,
				.type = h->action,
				.subject = subject };
	json_t *doc = stage_json(h);
	struct buf text = BUF_INIT;
	struct pack *p = NULL;
	struct oid parent, blob;
	int rc = pack_begin(r->store, r->scratch_dir, &p);

	if (!rc) {
		json_pretty(doc, &text);
		rc = pack_add(p, OBJECT_BLOB, text.data, text.len, &blob);
	}
	if (!rc && oid_parse(v->commit, &parent)) {
		e.parents = &parent;
		e.n_parents = 1;
	}
	if (!rc) {
		e.tree = tree_new(r->store, NULL);
		rc = tree_put(e.tree, "stage.json", TREE_FILE, &blob);
	}
	if (!rc)
		rc = journal_append(r, p, &e);
	pack_release(p);
	tree_free(e.tree);
	buf_clear(&text);
	json_decref(doc);
	free(subject);
	free(whole);
	return rc;
}

int stage_entry_put(struct repo *r, const struct handover *h)
{
	char *ref = xasprintf(STAGE_PREFIX "%s/%s/%s", h->space, h->name, h->stage);
	struct version v = VERSION_INIT;
	enum stage_found found;
	int rc = find_move(r, h, ref, &found);

	free(ref);
	if (rc < 0 || found != STAGE_UNMOVED)
		return rc < 0 ? rc : found == STAGE_OURS;
	if ((rc = version_by_id(r, h->version, &v)) == 0)
		rc = append_move(r, h, &v);
	version_clear(&v);
	return rc < 0 ? rc : 1;
}
