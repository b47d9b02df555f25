/* describe.c - a node of the Michfile as a step: its recipe, code, limits and inputs. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"
#include "lib/spec/command.h"
#include "lib/spec/key.h"
#include "lib/step/period.h"
#include "lib/step/planning.h"

/* HEAD's Michfile, read once. A broken one counts as none: then every recipe is dirty. */
static const struct spec *head_spec(struct plan *p)
{
	struct buf b = BUF_INIT;

	if (!p->head_read && code_head_file(p->repo, "Michfile", &b) == 0)
		spec_parse(b.data, b.len, "HEAD:Michfile", &p->head);
	p->head_read = true;
	buf_clear(&b);
	error_clear();
	return p->head;
}

static bool recipe_in_head(struct plan *p, const struct spec_node *node, const struct step *s)
{
	const struct spec *head = head_spec(p);
	const struct spec_node *h;

	if (node->implied || !node->line)
		return true; /* its model's recipe speaks for it, or the command line, which no commit holds */
	h = head ? spec_find(head, node->kind, node->name) : NULL;
	return h && json_equal(h->json.output, node->json.output) &&
	       json_equal(h->json.input, node->json.input) &&
	       (step_world(s) == 1 || h->ranks == node->ranks) && h->gpus == node->gpus;
}

/* Is anything overridden that says more than where and how it runs? */
static bool is_overridden(const struct spec_node *node)
{
	const char *name;
	json_t *value;

	json_object_foreach(node->override, name, value) {
		const struct key *k = key_find(node->kind, name);

		if (!k || k->class != KEY_RUN)
			return true;
	}
	return false;
}

static void copy_items(struct strlist *out, const struct spec_items *items)
{
	for (size_t i = 0; i < items->n; i++)
		strlist_add(out, items->v[i].text);
}

static int describe_code(struct plan *p, const struct spec_node *node, struct step *s)
{
	struct strlist paths = STRLIST_INIT, words = STRLIST_INIT;
	int rc = 0;

	copy_items(&paths, &node->code);
	if (node->command) {
		command_words(node->command, &words);
		rc = code_words(p->repo, &words, &paths);
	}
	if (!rc)
		rc = code_snapshot(p->repo, &paths, &s->code);
	strlist_clear(&paths);
	strlist_clear(&words);
	if (rc)
		return error_wrap(rc, "%s:%d: code of %s/%s", node->file, spec_line(node, "code"),
				  s->kind, s->name);
	s->recipe_dirty = is_overridden(node) || !recipe_in_head(p, node, s);
	s->code.dirty = s->code.dirty || s->recipe_dirty;
	return rc;
}

void step_take_limits(const struct spec_node *node, struct step *s)
{
	s->limits.time_ms = node->time_limit_ms;
	s->limits.memory_bytes = node->memory_bytes;
	s->limits.no_network = !node->network;
	s->limits.copy_inputs = node->inputs == SPEC_INPUTS_COPY;
	s->limits.threads = (int)node->threads;
	s->limits.ranks = (int)node->ranks;
	s->limits.gpus = (int)node->gpus;
	s->limits.gpu_isolate = node->gpu_isolate;
	s->limits.mpi_env = node->mpi_env;
	s->limits.max_restarts = (int)node->max_restarts;
	s->limits.silence_ms = node->rank_timeout_ms;
	copy_items(&s->limits.env, &node->env);
	copy_items(&s->limits.pass, &node->pass);
	copy_items(&s->limits.secret, &node->secret);
}

static int refuse_retired(struct repo *r, const struct step *s, const struct version *v)
{
	char *ref = version_ref(v), *latest = version_latest(r, v->kind, v->name);
	int rc = error_set(ERR_INPUT, "cannot make %s/%s: its input %s is retired", s->kind,
			   s->name, ref);

	rc = error_hint(rc, "name %s in the Michfile, or change what makes it",
			latest ? latest : "one that is not");
	free(ref);
	free(latest);
	return rc;
}

static int check_life(struct plan *p, const struct step *s, const struct version *v)
{
	char *ref = version_ref(v);
	int rc = 0;

	if (!strcmp(v->life, "retired"))
		rc = refuse_retired(plan_repo(p), s, v);
	else if (!strcmp(v->life, "deprecated"))
		strlist_addf(&p->warnings, "%s/%s uses %s, which is deprecated", s->kind, s->name,
			     ref);
	free(ref);
	return rc;
}

/* What the command line asks for has no line. */
static int at_line(const struct spec_node *node, int line, int rc)
{
	return line > 0 ? error_wrap(rc, "%s:%d", node->file, line)
			: error_wrap(rc, "%s", node->file);
}

static int add_ref(struct plan *p, const struct spec_ref *ref, struct plan_item *it)
{
	struct version v = VERSION_INIT;
	struct plan_item *in = NULL;
	char *text;
	int rc;

	if (ref->node && !ref->rev) {
		rc = plan_item(p, ref->node, &in);
		if (rc)
			return rc;
		if (in->state != PLAN_CURRENT) {
			text = xasprintf("%s/%s", spec_kind_name(ref->kind), ref->name);
			step_add_unknown(&it->step, ref->role, text);
			free(text);
			return 0;
		}
		rc = check_life(p, &it->step, &in->version);
		return rc ? rc : step_add_version(&it->step, ref->role, &in->version);
	}
	rc = version_find(p->repo, spec_kind_name(ref->kind), ref->text, &v);
	if (rc)
		return at_line(it->node, ref->line, rc);
	rc = check_life(p, &it->step, &v);
	if (!rc && strcmp(v.build, "good"))
		rc = at_line(
			it->node, ref->line,
			error_hint(error_set(ERR_INPUT, "%s is %s, not good", ref->text, v.build),
				   "mich log %s/%s shows which are", v.kind, v.name));
	if (!rc)
		rc = step_add_version(&it->step, ref->role, &v);
	version_clear(&v);
	return rc;
}

static int add_source(struct plan *p, const struct spec_source *src, struct plan_item *it)
{
	struct source s = { 0 };
	int rc = source_stat(p->repo, src->name, src->path, it->node->keep, &s);

	if (rc)
		return at_line(it->node, src->line, rc);
	step_add_source(&it->step, &s);
	return 0;
}

/* Sources in their own order, data sets among them, then whatever else the node reads. */
static int add_inputs(struct plan *p, struct plan_item *it)
{
	const struct spec_node *node = it->node;
	int rc = 0;

	for (size_t i = 0; !rc && i < node->n_source; i++)
		rc = node->source[i].ref ? add_ref(p, node->source[i].ref, it)
					 : add_source(p, &node->source[i], it);
	for (size_t i = 0; !rc && i < node->n_ref; i++) {
		bool is_source = false;

		for (size_t j = 0; j < node->n_source; j++)
			is_source = is_source || node->source[j].ref == &node->ref[i];
		if (!is_source)
			rc = add_ref(p, &node->ref[i], it);
	}
	return rc;
}

int describe_node(struct plan *p, struct slot *slot)
{
	struct plan_item *it = &slot->item;
	const struct spec_node *node = it->node;
	struct step *s = &it->step;
	int rc;

	step_init(s, spec_kind_name(node->kind), node->name);
	s->seed = node->seed;
	s->number = it->ops->number;
	json_object_update(s->recipe, node->json.output);
	json_object_del(s->recipe, "param"); /* these two have members of their own */
	json_object_del(s->recipe, "seed");
	json_object_update(s->check, node->json.check);
	s->keys = json_pack("{s:O,s:O,s:O}", "output", node->json.output, "input", node->json.input,
			    "run", node->json.run);
	if (node->params)
		json_object_update(s->params, node->params);
	s->overrides = node->override ? json_incref(node->override) : NULL;
	s->command = node->command ? xstrdup(node->command) : NULL;
	if (node->environment)
		s->environment_file = path_join(repo_workdir(p->repo), node->environment);
	step_take_limits(node, s);
	rc = period_stamp(p->repo, node, slot->refresh, p->now_ms, s);
	if (!rc)
		rc = describe_code(p, node, s);
	if (!rc)
		rc = add_inputs(p, it);
	if (!rc && it->ops->describe)
		rc = it->ops->describe(p, node, s);
	return rc ? rc : step_print(s);
}
