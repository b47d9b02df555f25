/* release_source.c - what git says of releases and stages. */
#define _GNU_SOURCE
#include "lib/record/release/release_source.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/journal.h"
#include "lib/record/name.h"
#include "lib/store/tag.h"

enum { PARTS = 3 };

/* "a/b/c" behind a prefix. Caller frees each. */
static bool split_ref(const char *ref, const char *prefix, char *parts[PARTS])
{
	struct strlist l = STRLIST_INIT;
	size_t n = strlen(prefix);
	bool good = !strncmp(ref, prefix, n);

	if (good)
		strlist_split(&l, ref + n, "/");
	good = good && l.n == PARTS && name_check("namespace", l.v[0]) == 0 &&
	       name_check("name", l.v[1]) == 0;
	for (size_t i = 0; good && i < PARTS; i++)
		parts[i] = xstrdup(l.v[i]);
	error_clear();
	strlist_clear(&l);
	return good;
}

bool release_split(const char *ref, struct release *out)
{
	char *parts[PARTS];
	bool good;

	*out = (struct release)RELEASE_INIT;
	if (!split_ref(ref, RELEASE_PREFIX, parts))
		return false;
	good = name_parse_release(parts[2], &out->major, &out->minor) == 0;
	error_clear();
	out->space = parts[0];
	out->name = parts[1];
	free(parts[2]);
	if (!good)
		release_clear(out);
	return good;
}

bool stage_split(const char *ref, struct stage *out)
{
	char *parts[PARTS];

	*out = (struct stage)STAGE_INIT;
	if (!split_ref(ref, STAGE_PREFIX, parts))
		return false;
	out->space = parts[0];
	out->name = parts[1];
	out->stage = parts[2];
	if (name_check("stage", out->stage) == 0)
		return true;
	error_clear();
	stage_clear(out);
	return false;
}

static int copy_id(const char *text, const char *where, char out[VERSION_ID_HEX + 1])
{
	struct oid id;

	if (!text || strlen(text) != VERSION_ID_HEX || !oid_parse(text, &id))
		return error_set(ERR_CORRUPT, "the %s names no version", where);
	memcpy(out, text, VERSION_ID_HEX + 1);
	return 0;
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

int release_read(struct repo *r, const struct oid *id, struct release *out)
{
	struct tag t;
	char *version, *doc;
	int rc = tag_read(r->store, id, &t);

	if (rc < 0)
		return rc;
	oid_hex(id, out->tag);
	version = message_trailer(t.message, "Mich-Id");
	doc = message_trailer(t.message, "Mich-Doc");
	out->stage = message_trailer(t.message, "Mich-Stage");
	out->forced = message_trailer(t.message, "Mich-Forced");
	out->user = xstrdup(t.tagger);
	out->at_ms = t.time_s * 1000;
	rc = copy_id(version, "tag", out->version);
	if (!rc)
		rc = json_parse(doc ? doc : "{}", doc ? strlen(doc) : 2, "release", &out->doc);
	if (!rc && !json_is_object(out->doc))
		rc = error_set(ERR_CORRUPT, "malformed release: its document is no object");
	free(version);
	free(doc);
	tag_clear(&t);
	return rc;
}

int stage_read(struct repo *r, const struct entry *e, struct stage *out)
{
	struct buf b = BUF_INIT;
	json_t *doc = NULL;
	int rc = repo_read_blob(r, &e->tree, "stage.json", &b);

	if (!rc)
		rc = json_parse(b.data, b.len, "stage.json", &doc);
	if (!rc)
		rc = copy_id(json_str(doc, "version", NULL), "stage's entry", out->version);
	if (!rc && strcmp(out->version, e->id) != 0)
		rc = error_set(ERR_CORRUPT, "stage.json names another version than its commit");
	if (!rc)
		rc = name_parse_release(json_str(doc, "release", ""), &out->major, &out->minor);
	if (!rc && clock_parse_iso(json_str(doc, "at", ""), &out->at_ms) < 0)
		rc = ERR_CORRUPT;
	if (!rc) {
		oid_hex(&e->commit, out->commit);
		out->user = xstrdup(json_str(doc, "user", e->author));
		out->action = xstrdup(e->type);
		out->reason = copy_text(json_str(doc, "reason", NULL));
		out->forced = copy_text(json_str(doc, "forced", NULL));
	}
	json_decref(doc);
	buf_clear(&b);
	return rc < 0 ? error_wrap(ERR_CORRUPT, "a move of %s/%s %s", out->space, out->name,
				   out->stage)
		      : 0;
}
