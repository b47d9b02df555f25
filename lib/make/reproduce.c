/* reproduce.c - a step from its manifest instead of from the Michfile. */
#define _GNU_SOURCE
#include "lib/make/reproduce.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/engines.h"
#include "lib/make/make.h"
#include "lib/make/recall.h"
#include "lib/record/content/folder.h"
#include "lib/record/content/restore.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/spec/spec.h"

static json_t *text_or_null(const struct contents_line *line)
{
	return line ? json_string(line->sha256) : json_null();
}

static void compare(const struct contents *before, const struct contents *after,
		    struct reproduced *out)
{
	out->files = json_array();
	for (size_t i = 0; i < before->n; i++) {
		const struct contents_line *a = &before->v[i], *b = contents_find(after, a->path);

		if (!b || strcmp(a->sha256, b->sha256) || a->mode != b->mode)
			json_array_append_new(out->files,
					      json_pack("{s:s,s:o,s:o}", "path", a->path, "before",
							text_or_null(a), "after", text_or_null(b)));
	}
	for (size_t i = 0; i < after->n; i++)
		if (!contents_find(before, after->v[i].path))
			json_array_append_new(out->files,
					      json_pack("{s:s,s:n,s:s}", "path", after->v[i].path,
							"before", "after", after->v[i].sha256));
}

static int compare_folder(struct repo *r, const struct version *v, const char *dir,
			  struct reproduced *out)
{
	struct contents before = CONTENTS_INIT, after = CONTENTS_INIT;
	struct buf listing = BUF_INIT;
	int rc = version_cat(r, v, "contents", &listing);

	if (!rc)
		rc = contents_parse(listing.data, listing.len, &before);
	if (!rc)
		rc = folder_contents(dir, &after);
	if (!rc) {
		contents_hash(&after, out->content);
		out->same = !strcmp(out->content, v->content);
		compare(&before, &after, out);
	}
	buf_clear(&listing);
	contents_clear(&before);
	contents_clear(&after);
	return rc;
}

/* What could make a difference that is nobody's fault. */
static void add_notes(struct repo *r, const json_t *manifest, struct reproduced *out)
{
	static const struct {
		const char *name;
		enum engine engine;
	} engines[] = { { "duckdb", ENGINE_DUCKDB }, { "xgboost", ENGINE_XGBOOST } };
	const json_t *recorded = json_object_get(manifest, "engines");
	struct step now;

	out->notes = json_array();
	step_init(&now, "", "");
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		const char *before = json_str(recorded, engines[i].name, NULL), *after;

		if (!before || engines_describe(r, engines[i].engine, &now))
			continue;
		after = json_str(now.engines, engines[i].name, "");
		if (strcmp(before, after)) {
			char *note = xasprintf("it was made with %s %s, here is %s",
					       engines[i].name, before, after);

			json_array_append_new(out->notes, json_string(note));
			free(note);
		}
	}
	if (!json_bool(json_object_get(manifest, "recipe"), "exact", true))
		json_array_append_new(out->notes,
				      json_string("exact = no: the last digits may differ"));
	if (json_bool(json_object_get(manifest, "recipe"), "volatile", false))
		json_array_append_new(out->notes,
				      json_string("volatile = yes: every run may differ"));
	if (!strcmp(json_str(json_object_get(manifest, "recipe"), "determinism", ""), "off"))
		json_array_append_new(out->notes,
				      json_string("determinism = off: every run may differ"));
	if (json_str(manifest, "command", NULL))
		json_array_append_new(
			out->notes,
			json_string("its command may depend on time, chance or the machine"));
	step_clear(&now);
}

static int bring_back_inputs(struct repo *r, const struct step *s, bool echo);

/* restore: its own bytes are gone, and what comes out takes their place when it is the same. */
static int run(struct repo *r, const struct version *v, const json_t *manifest, bool echo,
	       bool restore, struct reproduced *out)
{
	struct spec *spec = NULL;
	struct spec_node *node = NULL;
	struct attempt a = { 0 };
	struct step s = { 0 };
	int rc = recall_section(manifest, &spec, &node);

	if (!rc)
		rc = recall_step(r, v, manifest, &s);
	if (!rc)
		rc = bring_back_inputs(r, &s, echo);
	if (!rc)
		rc = attempt_begin(r, &s, echo, &a);
	if (!rc) {
		rc = make_ops[node->kind]->run(&a, node);
		if (!rc)
			rc = compare_folder(r, v, a.out, out);
		if (!rc && restore && out->same)
			rc = version_restore(r, v, a.out);
		attempt_discard(&a);
	}
	step_clear(&s);
	spec_free(spec);
	return rc;
}

/* Are its bytes here? They are placed to see, and taken away again. */
static int check_here(struct repo *r, const struct version *v)
{
	char *dir = NULL, *files;
	int rc = scratch_make(r, "reproduce", &dir), removed = 0;

	if (!rc) {
		files = path_join(dir, "files");
		rc = version_place(r, v, PLACE_LINK, files);
		free(files);
		removed = file_remove_tree(dir);
	}
	free(dir);
	return rc ? rc : removed;
}

static int bring_back(struct repo *r, const struct version *v, bool echo)
{
	struct reproduced made = { 0 };
	json_t *manifest = NULL;
	char *ref = version_ref(v);
	int rc = version_manifest(r, v, &manifest);

	if (!rc)
		rc = run(r, v, manifest, echo, true, &made);
	if (!rc && !made.same)
		rc = error_set(ERR_NOT_FOUND,
			       "its bytes are not here, and made again it came out different");
	if (rc)
		error_wrap(rc, "%s", ref);
	reproduced_clear(&made);
	json_decref(manifest);
	free(ref);
	return rc;
}

/* What it was made from, and what that was made from, when those bytes are gone. */
static int bring_back_inputs(struct repo *r, const struct step *s, bool echo)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->n_inputs; i++) {
		const struct step_input *in = &s->inputs[i];

		if (in->is_source || (rc = check_here(r, &in->version)) != ERR_NOT_FOUND)
			continue;
		rc = bring_back(r, &in->version, echo);
	}
	return rc;
}

int reproduce(struct repo *r, const struct version *v, bool echo, struct reproduced *out)
{
	json_t *manifest = NULL;
	int rc;

	*out = (struct reproduced){ 0 };
	if (strcmp(v->build, "good"))
		return error_set(ERR_INPUT, "%s/%s@%lld is %s: there is nothing to make again",
				 v->kind, v->name, (long long)v->number, v->build);
	rc = version_manifest(r, v, &manifest);
	if (!rc)
		rc = run(r, v, manifest, echo, false, out);
	if (!rc)
		add_notes(r, manifest, out);
	json_decref(manifest);
	return rc;
}

void reproduced_clear(struct reproduced *r)
{
	json_decref(r->files);
	json_decref(r->notes);
	*r = (struct reproduced){ 0 };
}

static int replace_input(struct step *s, const char *role, const struct version *input)
{
	for (size_t i = 0; i < s->n_inputs; i++) {
		struct step_input *in = &s->inputs[i];

		if (in->is_source || strcmp(in->role, role))
			continue;
		version_clear(&in->version);
		free(in->ref);
		in->ref = version_ref(input);
		memcpy(in->content, input->content, sizeof in->content);
		return version_copy(input, &in->version);
	}
	return error_set(ERR_INPUT, "%s/%s has no input '%s'", s->kind, s->name, role);
}

static int run_and_record(struct repo *r, struct step *s, const struct spec_node *node,
			  struct version *out)
{
	struct attempt a = { 0 };
	int rc = attempt_begin(r, s, false, &a);

	if (rc)
		return rc;
	rc = make_ops[node->kind]->run(&a, node);
	return attempt_finish(&a, rc, out);
}

int reproduce_with(struct repo *r, const struct version *v, const char *role,
		   const struct version *input, struct version *out)
{
	struct spec *spec = NULL;
	struct spec_node *node = NULL;
	json_t *manifest = NULL;
	struct step s = { 0 };
	int rc = version_manifest(r, v, &manifest);

	if (!rc)
		rc = recall_section(manifest, &spec, &node);
	if (!rc)
		rc = recall_step(r, v, manifest, &s);
	if (!rc)
		rc = replace_input(&s, role, input);
	if (!rc)
		rc = step_print(&s);
	if (!rc && (rc = step_known(r, &s, out)) == ERR_NOT_FOUND)
		rc = run_and_record(r, &s, node, out);
	step_clear(&s);
	spec_free(spec);
	json_decref(manifest);
	return rc;
}
