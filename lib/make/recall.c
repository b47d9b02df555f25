/* recall.c - a section and its step, from a manifest instead of from the Michfile. */
#define _GNU_SOURCE
#include "lib/make/recall.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"
#include "lib/record/version.h"
#include "lib/spec/key.h"
#include "lib/spec/spec.h"
#include "lib/step/step.h"

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
int recall_section(const json_t *manifest, struct spec **spec, struct spec_node **node)
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

int recall_step(struct repo *r, const struct version *v, const json_t *manifest, struct step *s)
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
	s->limits.gpu_isolate = json_bool(ran, "gpu-isolate", false);
	s->limits.mpi_env = json_bool(s->recipe, "mpi-env", false);
	restore_env(manifest, s);
	rc = restore_inputs(r, v, manifest, s);
	if (!rc && json_object_get(manifest, "code"))
		rc = code_load(json_object_get(manifest, "code"), &s->code);
	return rc ? rc : step_print(s);
}
