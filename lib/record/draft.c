/* draft.c - what is to become a version, recorded in one stroke. */
#define _GNU_SOURCE
#include "lib/record/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/payload.h"
#include "lib/record/journal.h"
#include "lib/record/name.h"

/* {role, path, content, dir, keep} of each source, for the manifest. */
static json_t *sources_json(const struct draft *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_sources; i++) {
		const struct source *s = &d->sources[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "role", s->role,
						      "path", s->path, "content", s->content, "dir",
						      s->is_dir, "keep", s->keep));
	}
	return list;
}

static int add_source(struct payload *p, const struct source *s, struct contents *listing)
{
	int rc = name_check("role", s->role);

	for (size_t i = 0; !rc && i < s->n; i++) {
		const struct source_file *f = &s->files[i];
		char *below = path_join(s->role, f->path), *path = path_join("sources", below);

		contents_add(listing, f->executable ? CONTENTS_PROGRAM : CONTENTS_FILE, f->sha256,
			     f->size, below);
		if (s->keep)
			rc = payload_add_stored(p, path, &listing->v[listing->n - 1]);
		free(below);
		free(path);
	}
	return rc < 0 ? error_wrap(rc, "source '%s'", s->path) : 0;
}

static int add_sources(struct payload *p, const struct draft *d)
{
	struct contents listing = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < d->n_sources; i++)
		rc = add_source(p, &d->sources[i], &listing);
	if (!rc && d->n_sources) {
		contents_sort(&listing);
		contents_write(&listing, &b);
		rc = payload_add_data(p, "sources.list", b.data, b.len);
	}
	buf_clear(&b);
	contents_clear(&listing);
	return rc;
}

/* Everything but manifest and number: what does not depend on the journal's tip. */
static int add_body(struct payload *p, const struct draft *d, json_t *manifest)
{
	struct contents files = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	char content[HASH_HEX + 1];
	int rc = d->files_dir ? payload_take_dir(p, "files", d->files_dir, &files) : 0;

	if (!rc && d->files_dir) {
		contents_write(&files, &b);
		hash_data(b.data, b.len, content);
		json_object_set_new(manifest, "content", json_string(content));
		rc = payload_add_data(p, "contents", b.data, b.len);
	}
	if (!rc)
		rc = add_sources(p, d);
	if (!rc)
		rc = payload_add_json(p, "metrics.json", d->metrics);
	if (!rc)
		rc = payload_add_json(p, "profile.json", d->profile);
	if (!rc)
		rc = payload_add_file(p, "events.jsonl", d->events_path);
	if (!rc)
		rc = payload_add_file(p, "log", d->log_path);
	if (!rc)
		rc = blob_commit(p->batch);
	buf_clear(&b);
	contents_clear(&files);
	return rc;
}

static json_t *draft_manifest(struct repo *r, const struct draft *d)
{
	json_t *m = json_copy(d->manifest);

	json_object_set_new(m, "kind", json_string(d->kind));
	json_object_set_new(m, "name", json_string(d->name));
	json_object_set_new(m, "host", json_string(repo_host(r)));
	json_object_set_new(m, "user", json_string(repo_user(r)));
	if (!json_object_get(m, "state"))
		json_object_set_new(m, "state", json_string("good"));
	if (d->code)
		json_object_set_new(m, "code", code_json(d->code));
	if (d->n_sources)
		json_object_set_new(m, "sources", sources_json(d));
	return m;
}

static bool is_count(const char *key)
{
	return !strcmp(key, "rows") || !strcmp(key, "bytes") || !strcmp(key, "unlabelled");
}

/* The figure that people ask for first; NULL when there are counts alone. */
static const char *best_figure(json_t *of)
{
	static const char *const first[] = { "rmse", "auc", "logloss", "accuracy",
					     "f1",   "mae", "ndcg",    "p99_us" };
	const char *key;
	json_t *v;

	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		if (json_is_number(json_object_get(of, first[i])))
			return first[i];
	json_object_foreach(of, key, v)
		if (json_is_number(v) && !is_count(key))
			return key;
	return NULL;
}

/* What a person wants to see behind the colon: a figure of the test split, else rows in all. */
static void add_headline(struct buf *b, json_t *metrics)
{
	static const char *const splits[] = { "test", "validation", "train", "bench", NULL };
	int64_t rows = 0;

	for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
		json_t *of = splits[i] ? json_object_get(metrics, splits[i]) : metrics;
		const char *key = best_figure(of);

		rows += json_int(of, "rows", 0);
		if (key) {
			buf_addf(b, ", %s%s%s %.6g", splits[i] ? splits[i] : "",
				 splits[i] ? "." : "", key,
				 json_number_value(json_object_get(of, key)));
			return;
		}
	}
	if (rows)
		buf_addf(b, ", %lld rows", (long long)rows);
}

static char *draft_subject(const struct draft *d, const json_t *manifest, int64_t number)
{
	struct buf b = BUF_INIT;
	const char *reason = json_str(manifest, "reason", NULL);

	buf_addf(&b, "%s %s@%lld: %s", d->kind, d->name, (long long)number,
		 json_str(manifest, "state", "good"));
	if (reason)
		buf_addf(&b, ", %.100s", reason);
	else if (d->metrics)
		add_headline(&b, d->metrics);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)b.data[i] < ' ')
			b.data[i] = ' ';
	return buf_take(&b);
}

/* The number that comes next in this artifact. */
static int next_number(struct repo *r, const struct draft *d, int64_t *out)
{
	struct statement *st;
	int rc = statement_open(r->index,
				"SELECT coalesce(max(number), 0) + 1 FROM version"
				" WHERE kind = ?1 AND name = ?2",
				&st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, d->kind);
	statement_bind_text(st, 2, d->name);
	rc = statement_step(st);
	*out = rc == 1 ? statement_int(st, 0) : 0;
	statement_close(st);
	return rc < 0 ? rc : 0;
}

/* The manifest's blob. Its name is the version's id, so one that is taken gets another manifest. */
static int add_manifest(struct repo *r, struct payload *p, json_t *manifest, char id[OID_HEX + 1])
{
	struct version taken = VERSION_INIT;
	struct buf b = BUF_INIT;
	struct oid oid;
	int rc;

	for (int again = 1;; again++) {
		buf_reset(&b);
		json_canonical(manifest, &b);
		buf_addch(&b, '\n');
		object_name(OBJECT_BLOB, b.data, b.len, &oid);
		oid_hex(&oid, id);
		rc = version_by_id(r, id, &taken);
		version_clear(&taken);
		if (rc < 0)
			break;
		json_object_set_new(manifest, "again", json_integer(again));
	}
	rc = rc == ERR_NOT_FOUND ? pack_add(p->pack, OBJECT_BLOB, b.data, b.len, &oid) : rc;
	if (!rc)
		rc = tree_put(p->tree, "manifest.json", TREE_FILE, &oid);
	buf_clear(&b);
	return rc;
}

static int add_parents(struct repo *r, const struct draft *d, struct entry_plan *e,
		       struct oid *parents)
{
	struct version v = VERSION_INIT;

	if (d->code && oid_parse(d->code->commit, &parents[e->n_parents]) &&
	    object_exists(r->store, &parents[e->n_parents]))
		e->n_parents++;
	for (size_t i = 0; i < d->n_inputs; i++) {
		int rc = version_by_id(r, d->inputs[i], &v);

		if (rc < 0)
			return error_wrap(rc, "input %zu", i + 1);
		if (oid_parse(v.commit, &parents[e->n_parents]))
			e->n_parents++;
		version_clear(&v);
	}
	e->parents = parents;
	return 0;
}

static int draft_append(struct repo *r, const struct draft *d, struct payload *p, json_t *manifest,
			char id[OID_HEX + 1])
{
	struct entry_plan e = {
		.kind = d->kind, .name = d->name, .id = id, .type = "version", .tree = p->tree
	};
	struct oid *parents = xcalloc(d->n_inputs + 1, sizeof(*parents));
	char text[32], *subject = NULL;
	int64_t number = 0;
	int rc = next_number(r, d, &number);

	if (!rc)
		rc = add_manifest(r, p, manifest, id);
	if (!rc) {
		snprintf(text, sizeof text, "%lld\n", (long long)number);
		rc = payload_add_data(p, "version", text, strlen(text));
	}
	if (!rc)
		rc = add_parents(r, d, &e, parents);
	if (!rc) {
		e.subject = subject = draft_subject(d, manifest, number);
		rc = journal_append(r, p->pack, &e);
	}
	free(subject);
	free(parents);
	return rc;
}

/* Under the journal's lock: the one that came first is the answer, else ours is appended. */
static int draft_write(struct repo *r, const struct draft *d, struct payload *p, json_t *manifest,
		       struct version *out)
{
	const char *fingerprint = json_str(manifest, "fingerprint", NULL);
	bool good = !strcmp(json_str(manifest, "state", ""), "good");
	char id[OID_HEX + 1];
	int rc = refresh_index(r);

	if (rc < 0)
		return rc;
	if (good && fingerprint) {
		rc = version_by_fingerprint(r, d->kind, d->name, fingerprint, out);
		if (rc != ERR_NOT_FOUND)
			return rc;
	}
	if ((rc = draft_append(r, d, p, manifest, id)) < 0)
		return rc;
	return version_by_id(r, id, out);
}

static int note_entry(unsigned mode, const char *path, const struct oid *id, void *payload)
{
	(void)path;
	if (mode != TREE_MODULE)
		pack_have(payload, id);
	return 0;
}

/* What the tip holds is reachable already: nothing of it is written again. */
static void note_tip(struct payload *p, const struct draft *d)
{
	char *ref = journal_ref(d->kind, d->name);
	struct entry tip = { 0 };
	struct oid id;
	int rc = ref_read(p->r->store, ref, &id);

	if (rc > 0 && (rc = entry_read(p->r, &id, &tip)) == 0)
		rc = tree_walk(p->r->store, &tip.tree, note_entry, p->pack);
	if (rc < 0)
		error_clear(); /* then everything is written */
	entry_clear(&tip);
	free(ref);
}

int draft_record(struct repo *r, const struct draft *d, struct version *out)
{
	struct payload p = { 0 };
	json_t *manifest = NULL;
	int fd = -1, rc = name_check("kind", d->kind);

	*out = (struct version)VERSION_INIT;
	if (rc < 0 || (rc = name_check("name", d->name)) < 0)
		return rc;
	manifest = draft_manifest(r, d);
	if ((rc = payload_begin(r, &p)) < 0)
		goto out;
	note_tip(&p, d);
	if ((rc = add_body(&p, d, manifest)) < 0)
		goto out;
	if ((rc = journal_lock(r, d->kind, d->name, &fd)) < 0)
		goto out;
	rc = draft_write(r, d, &p, manifest, out);
out:
	payload_clear(&p);
	if (fd >= 0)
		close(fd);
	if (!rc)
		repo_tidy(r);
	json_decref(manifest);
	return rc < 0 ? error_wrap(rc, "recording %s/%s", d->kind, d->name) : 0;
}
