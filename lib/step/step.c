/* step.c - a step's inputs, its print and its fingerprint. */
#include "lib/step/step.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"

void step_init(struct step *s, const char *kind, const char *name)
{
	*s = (struct step){ .kind = xstrdup(kind), .name = xstrdup(name), .code = CODE_INIT };
	s->recipe = json_object();
	s->params = json_object();
	s->engines = json_object();
	s->check = json_object();
}

static void input_clear(struct step_input *in)
{
	free(in->role);
	free(in->ref);
	version_clear(&in->version);
	source_clear(&in->source);
}

void step_clear(struct step *s)
{
	for (size_t i = 0; i < s->n_inputs; i++)
		input_clear(&s->inputs[i]);
	free(s->inputs);
	free(s->kind);
	free(s->name);
	free(s->command);
	free(s->environment_file);
	free(s->refresh);
	free(s->lacks);
	free(s->lacks_hint);
	json_decref(s->recipe);
	json_decref(s->params);
	json_decref(s->overrides);
	json_decref(s->engines);
	json_decref(s->check);
	json_decref(s->keys);
	json_decref(s->print);
	code_clear(&s->code);
	strlist_clear(&s->limits.env);
	strlist_clear(&s->limits.pass);
	strlist_clear(&s->limits.secret);
	*s = (struct step){ 0 };
}

static struct step_input *add_input(struct step *s, const char *role, char *ref)
{
	struct step_input *in;

	s->inputs = xrealloc(s->inputs, (s->n_inputs + 1) * sizeof *s->inputs);
	in = &s->inputs[s->n_inputs++];
	*in = (struct step_input){ .role = xstrdup(role), .ref = ref };
	return in;
}

void step_add_source(struct step *s, struct source *taken)
{
	struct step_input *in = add_input(s, taken->role, xstrdup(taken->path));

	in->is_source = true;
	in->source = *taken;
	memcpy(in->content, taken->content, sizeof in->content);
	*taken = (struct source){ 0 };
}

int step_add_version(struct step *s, const char *role, const struct version *v)
{
	struct step_input *in = add_input(s, role, version_ref(v));

	memcpy(in->content, v->content, sizeof in->content);
	return version_copy(v, &in->version);
}

void step_add_unknown(struct step *s, const char *role, const char *ref)
{
	add_input(s, role, xstrdup(ref));
}

const struct step_input *step_find_input(const struct step *s, const char *role)
{
	for (size_t i = 0; i < s->n_inputs; i++)
		if (!strcmp(s->inputs[i].role, role))
			return &s->inputs[i];
	return NULL;
}

/* {NAME: value or null}, what the step may see of the caller's environment and depends on. */
static json_t *print_env(const struct step *s)
{
	json_t *env = json_object();

	for (size_t i = 0; i < s->limits.env.n; i++) {
		const char *v = getenv(s->limits.env.v[i]);

		json_object_set_new(env, s->limits.env.v[i], v ? json_bytes(v) : json_null());
	}
	return env;
}

static json_t *print_inputs(struct step *s)
{
	json_t *inputs = json_array();

	s->complete = true;
	for (size_t i = 0; i < s->n_inputs; i++) {
		const struct step_input *in = &s->inputs[i];

		s->complete = s->complete && in->content[0];
		json_array_append_new(
			inputs, json_pack("{s:s,s:o}", "role", in->role, "content",
					  in->content[0] ? json_string(in->content) : json_null()));
	}
	return inputs;
}

static int print_environment(struct step *s, json_t *env)
{
	char sha[HASH_HEX + 1];
	int rc;

	if (!s->environment_file)
		return 0;
	rc = hash_file(s->environment_file, sha, NULL);
	if (rc)
		return error_wrap(rc, "environment of %s/%s", s->kind, s->name);
	json_object_set_new(env, "file", json_string(sha));
	return 0;
}

int step_ranks(const struct step *s)
{
	return s->limits.ranks ? s->limits.ranks : s->limits.gpus ? s->limits.gpus : 1;
}

int step_world(const struct step *s)
{
	const char *how = json_str(s->recipe, "determinism", "");

	return strcmp(how, "world") ? step_ranks(s) : 1;
}

int step_print(struct step *s)
{
	json_t *env = json_pack("{s:o}", "env", print_env(s));
	int rc = print_environment(s, env);

	json_decref(s->print);
	s->print =
		json_pack("{s:s,s:O,s:O,s:o,s:o,s:o,s:O,s:i,s:I,s:s,s:s}", "kind", s->kind,
			  "recipe", s->recipe, "params", s->params, "inputs", print_inputs(s),
			  "code", s->code.trees ? json_incref(s->code.trees) : json_object(),
			  "environment", env, "engines", s->engines, "step", s->number, "seed",
			  (json_int_t)s->seed, "device", s->limits.gpus ? "cuda" : "cpu",
			  "precision", s->command ? "fp32" : json_str(s->params, "math", "fp32"));
	if (step_world(s) > 1)
		json_object_set_new(s->print, "ranks", json_integer(step_world(s)));
	if (s->command)
		json_object_set_new(s->print, "command", json_string(s->command));
	if (s->refresh)
		json_object_set_new(s->print, "refresh", json_string(s->refresh));
	s->fingerprint[0] = '\0';
	if (!rc && s->complete)
		json_hash(s->print, s->fingerprint);
	return rc;
}

static json_t *manifest_inputs(const struct step *s)
{
	json_t *inputs = json_array();

	for (size_t i = 0; i < s->n_inputs; i++) {
		const struct step_input *in = &s->inputs[i];
		json_t *e = json_pack("{s:s,s:s,s:s}", "role", in->role, "ref", in->ref, "content",
				      in->content);

		if (in->is_source)
			json_object_set_new(e, "keep", json_boolean(in->source.keep));
		else if (in->content[0])
			json_object_set_new(e, "id", json_string(in->version.id));
		json_array_append_new(inputs, e);
	}
	return inputs;
}

json_t *step_manifest(const struct step *s)
{
	json_t *m = json_pack("{s:s,s:s,s:O,s:O,s:O,s:o,s:I,s:O,s:O,s:s}", "kind", s->kind, "name",
			      s->name, "recipe", s->recipe, "check", s->check, "params", s->params,
			      "inputs", manifest_inputs(s), "seed", (json_int_t)s->seed, "engines",
			      s->engines, "print", s->print, "fingerprint", s->fingerprint);

	if (s->command)
		json_object_set_new(m, "command", json_string(s->command));
	if (s->keys)
		json_object_set(m, "keys", s->keys);
	if (s->limits.secret.n) {
		json_t *names = json_array();

		for (size_t i = 0; i < s->limits.secret.n; i++)
			json_array_append_new(names, json_string(s->limits.secret.v[i]));
		json_object_set_new(m, "secrets", names);
	}
	if (s->overrides)
		json_object_set(m, "overrides", s->overrides);
	if (s->refresh)
		json_object_set_new(m, "refresh", json_string(s->refresh));
	if (s->clock_ms)
		json_object_set_new(m, "clock", json_integer(s->clock_ms));
	return m;
}

/* The print without its stamp: what two builds of one recipe in different periods share. */
static bool same_but_stamp(const json_t *a, const json_t *b)
{
	json_t *x = json_copy((json_t *)a), *y = json_copy((json_t *)b);
	bool same;

	json_object_del(x, "refresh");
	json_object_del(y, "refresh");
	same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

/* 1 when v is what s would make now, 0 when not. */
static int fits(struct repo *r, const struct step *s, const struct version *v)
{
	const char *stamp;
	json_t *m = NULL;
	int rc;

	if (strcmp(v->build, "good") || !strcmp(v->life, "retired") || v->collected)
		return 0;
	rc = version_manifest(r, v, &m);
	if (rc)
		return rc;
	stamp = json_str(json_object_get(m, "print"), "refresh", "");
	rc = same_but_stamp(json_object_get(m, "print"), s->print) &&
	     strcmp(stamp, s->refresh) >= 0;
	json_decref(m);
	return rc;
}

static int known_since(struct repo *r, const struct step *s, struct version *out)
{
	struct version *list = NULL;
	size_t n = 0;
	int rc = version_list(r, s->kind, s->name, &list, &n), found = ERR_NOT_FOUND;

	if (rc)
		return rc;
	for (size_t i = 0; i < n && found == ERR_NOT_FOUND; i++) {
		rc = fits(r, s, &list[i]);
		if (rc < 0)
			found = rc;
		else if (rc)
			found = version_copy(&list[i], out);
	}
	for (size_t i = 0; i < n; i++)
		version_clear(&list[i]);
	free(list);
	return found;
}

int step_known(struct repo *r, const struct step *s, struct version *out)
{
	if (!s->complete)
		return error_set(ERR_NOT_FOUND, "%s/%s has inputs that are not made", s->kind,
				 s->name);
	if (s->refresh)
		return known_since(r, s, out);
	return version_by_fingerprint(r, s->kind, s->name, s->fingerprint, out);
}
