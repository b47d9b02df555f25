/* reproduce.c - a step from its manifest instead of from the Michfile. */
#define _GNU_SOURCE
#include "lib/make/reproduce.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/engines.h"
#include "lib/make/make.h"
#include "lib/record/folder.h"
#include "lib/record/repo.h"
#include "lib/spec/key.h"

/* Keys and values of a section, as spec_define() takes them. */
struct pairs {
	struct strlist text;
};

static void add(struct pairs *p, const char *key, const char *value)
{
	strlist_add(&p->text, key);
	strlist_add(&p->text, value);
}

static void add_scalar(struct pairs *p, const char *key, const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_string(v))
		buf_addstr(&b, json_string_value(v));
	else if (json_is_boolean(v))
		buf_addstr(&b, json_is_true(v) ? "yes" : "no");
	else
		json_canonical(v, &b);
	add(p, key, b.data);
	buf_clear(&b);
}

static void add_params(struct pairs *p, const char *key, const json_t *params)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)params, name, v) {
		struct buf b = BUF_INIT;
		char *text;

		json_canonical(v, &b);
		text = json_is_string(v) ? xasprintf("%s=%s", name, json_string_value(v))
					 : xasprintf("%s=%s", name, b.data);
		add(p, key, text);
		free(text);
		buf_clear(&b);
	}
}

static void add_list(struct pairs *p, const char *key, const json_t *list, bool many)
{
	struct buf all = BUF_INIT;
	json_t *v;
	size_t i;

	json_array_foreach((json_t *)list, i, v) {
		if (many)
			add_scalar(p, key, v);
		else
			buf_addf(&all, "%s%s", i ? ", " : "", json_string_value(v));
	}
	if (!many && all.len)
		add(p, key, all.data);
	buf_clear(&all);
}

static void add_keys(struct pairs *p, enum spec_kind kind, const json_t *keys)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)keys, name, v) {
		const struct key *k = key_find(kind, name);

		if (!k || !strcmp(name, "code") || !strcmp(name, "environment") ||
		    !strcmp(name, "model") || !strcmp(name, "dataset"))
			continue; /* they come as they were recorded */
		if (json_is_array(v))
			add_list(p, name, v, k->flags & KEY_MANY);
		else if (json_is_object(v))
			add_params(p, name, v);
		else
			add_scalar(p, name, v);
	}
}

static void add_inputs(struct pairs *p, const json_t *inputs)
{
	json_t *in;
	size_t i;

	json_array_foreach((json_t *)inputs, i, in) {
		const char *role = json_str(in, "role", ""), *ref = json_str(in, "ref", "");
		const char *slash = strchr(ref, '/');

		if (!strcmp(role, "dataset") || !strcmp(role, "model"))
			add(p, role, slash ? slash + 1 : ref);
	}
}

/* A section as the manifest says it, in a Michfile of its own. */
static int define(const json_t *manifest, struct spec **spec, struct spec_node **node)
{
	const char *kind_name = json_str(manifest, "kind", ""),
		   *name = json_str(manifest, "name", "");
	int kind = spec_kind_parse(kind_name, strlen(kind_name)), rc;
	const json_t *keys = json_object_get(manifest, "keys");
	struct pairs p = { .text = STRLIST_INIT };

	if (kind < 0 || !keys)
		return error_set(ERR_INPUT, "%s/%s does not carry what it takes to make it again",
				 kind_name, name);
	add_keys(&p, (enum spec_kind)kind, json_object_get(keys, "output"));
	add_keys(&p, (enum spec_kind)kind, json_object_get(keys, "input"));
	add_inputs(&p, json_object_get(manifest, "inputs"));
	rc = spec_parse("", 0, "the record", spec);
	if (!rc)
		rc = spec_define(*spec, (enum spec_kind)kind, name, (const char *const *)p.text.v,
				 node);
	strlist_clear(&p.text);
	return rc;
}

static int add_source(struct step *s, const char *role, struct source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sources[i].role && !strcmp(sources[i].role, role)) {
			step_add_source(s, &sources[i]);
			return 0;
		}
	return error_set(ERR_INPUT,
			 "source '%s' was not kept (keep = no), so it cannot be made again", role);
}

static int restore_inputs(struct repo *r, const struct version *v, const json_t *manifest,
			  struct step *s)
{
	struct source *sources = NULL;
	size_t n = 0, i;
	json_t *in;
	int rc = source_load(r, v, &sources, &n);

	json_array_foreach(json_object_get(manifest, "inputs"), i, in) {
		const char *role = json_str(in, "role", ""), *id = json_str(in, "id", NULL);
		struct version input = VERSION_INIT;

		if (rc)
			break;
		if (!id) {
			rc = add_source(s, role, sources, n);
			continue;
		}
		rc = version_by_id(r, id, &input);
		if (!rc)
			rc = step_add_version(s, role, &input);
		version_clear(&input);
	}
	for (i = 0; i < n; i++)
		source_clear(&sources[i]);
	free(sources);
	return rc;
}

/* The variables that were part of the fingerprint, as they were. */
static void restore_env(const json_t *manifest, struct step *s)
{
	const json_t *env = json_object_get(
		json_object_get(json_object_get(manifest, "print"), "environment"), "env");
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)env, name, v) {
		strlist_add(&s->limits.env, name);
		if (json_is_string(v))
			setenv(name, json_string_value(v), 1);
		else
			unsetenv(name);
	}
}

static int restore(struct repo *r, const struct version *v, const json_t *manifest, struct step *s)
{
	const char *command = json_str(manifest, "command", NULL),
		   *refresh = json_str(manifest, "refresh", NULL);
	const json_t *ran = json_object_get(json_object_get(manifest, "keys"), "run");
	int rc;

	step_init(s, v->kind, v->name);
	json_object_update(s->recipe, json_object_get(manifest, "recipe"));
	json_object_update(s->params, json_object_get(manifest, "params"));
	json_object_update(s->engines, json_object_get(manifest, "engines"));
	s->keys = json_incref(json_object_get(manifest, "keys"));
	s->seed = json_int(manifest, "seed", 0);
	s->number = (int)json_int(json_object_get(manifest, "print"), "step", 0);
	s->command = command ? xstrdup(command) : NULL;
	s->refresh = refresh ? xstrdup(refresh) : NULL;
	s->clock_ms = json_int(manifest, "clock", 0);
	s->limits.threads = (int)json_int(manifest, "threads", 0);
	s->limits.no_network = !json_bool(ran, "network", true);
	s->limits.ranks = (int)json_int(ran, "ranks", 0);
	s->limits.gpus = (int)json_int(ran, "gpus", 0);
	restore_env(manifest, s);
	rc = restore_inputs(r, v, manifest, s);
	if (!rc && json_object_get(manifest, "code"))
		rc = code_load(json_object_get(manifest, "code"), &s->code);
	return rc ? rc : step_print(s);
}

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

static int run(struct repo *r, const struct version *v, const json_t *manifest, bool echo,
	       struct reproduced *out)
{
	struct spec *spec = NULL;
	struct spec_node *node = NULL;
	struct attempt a = { 0 };
	struct step s = { 0 };
	int rc = define(manifest, &spec, &node);

	if (!rc)
		rc = restore(r, v, manifest, &s);
	if (!rc)
		rc = attempt_begin(r, &s, echo, &a);
	if (!rc) {
		rc = make_ops[node->kind]->run(&a, node);
		if (!rc)
			rc = compare_folder(r, v, a.out, out);
		attempt_discard(&a);
	}
	step_clear(&s);
	spec_free(spec);
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
		rc = run(r, v, manifest, echo, out);
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
		rc = define(manifest, &spec, &node);
	if (!rc)
		rc = restore(r, v, manifest, &s);
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
