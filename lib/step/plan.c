/* plan.c - resolve a checkout's Michfile to steps and versions. */
#include "lib/step/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"
#include "lib/step/difference.h"
#include "lib/step/planning.h"

enum { UNRESOLVED, RESOLVING, RESOLVED };

static int load(struct plan *p, bool optional)
{
	char *path = path_join(repo_workdir(p->repo), "Michfile");
	int rc = spec_load(path, &p->spec);

	if (rc == ERR_NOT_FOUND && optional)
		rc = spec_parse("", 0, "Michfile", &p->spec);
	if (rc == ERR_NOT_FOUND) {
		error_set(rc, "no Michfile in '%s'", repo_workdir(p->repo));
		error_hint(
			rc,
			"write one (mich help Michfile), or: mich quickstart FILE --label COLUMN");
	}
	free(path);
	return rc;
}

static int open_plan(struct repo *r, const struct step_ops *const ops[SPEC_KINDS], bool optional,
		     struct plan **out)
{
	int rc;

	*out = NULL;
	if (!repo_workdir(r))
		return error_set(ERR_INPUT,
				 "this repository is bare: there is no work tree to build in");
	*out = xcalloc(1, sizeof **out);
	(*out)->repo = r;
	(*out)->ops = ops;
	(*out)->now_ms = clock_now_ms();
	rc = load(*out, optional);
	if (rc) {
		plan_close(*out);
		*out = NULL;
	}
	return rc;
}

int plan_open(struct repo *r, const struct step_ops *const ops[SPEC_KINDS], struct plan **out)
{
	return open_plan(r, ops, false, out);
}

int plan_open_any(struct repo *r, const struct step_ops *const ops[SPEC_KINDS], struct plan **out)
{
	return open_plan(r, ops, true, out);
}

void plan_watch(struct plan *p, plan_watch_fn fn, void *payload)
{
	p->watch = fn;
	p->watch_payload = payload;
}

void plan_tick(struct plan *p, const struct step *s, const char *events_path)
{
	if (p->watch)
		p->watch(s, events_path, p->watch_payload);
}

int plan_reopen(struct plan *p, struct repo **r_out, struct plan **out)
{
	int rc = repo_open(repo_workdir(p->repo), REPO_WRITE, r_out);

	if (!rc)
		rc = plan_open(*r_out, p->ops, out);
	if (rc)
		return rc;
	(*out)->now_ms = p->now_ms;
	for (size_t i = 0; i < p->n; i++) {
		const struct spec_node *n = p->spec->v[i],
				       *again = spec_find((*out)->spec, n->kind, n->name);

		if (p->slots[i]->refresh && again)
			plan_refresh(*out, again);
	}
	return 0;
}

static void item_clear(struct plan_item *it)
{
	step_clear(&it->step);
	version_clear(&it->version);
	json_decref(it->because);
	*it = (struct plan_item){ 0 };
}

void plan_close(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (p->slots[i]->progress)
			item_clear(&p->slots[i]->item);
		free(p->slots[i]);
	}
	free(p->slots);
	strlist_clear(&p->warnings);
	spec_free(p->spec);
	spec_free(p->head);
	free(p);
}

int64_t plan_now_ms(const struct plan *p)
{
	return p->now_ms;
}

struct repo *plan_repo(struct plan *p)
{
	return p->repo;
}

struct spec *plan_spec(struct plan *p)
{
	return p->spec;
}

const struct strlist *plan_warnings(const struct plan *p)
{
	return &p->warnings;
}

const char *plan_state_name(enum plan_state s)
{
	static const char *const names[] = { "current", "stale", "never" };

	return names[s];
}

/* The slot of a node; nodes may be added to the spec after the plan was opened. */
static struct slot *slot_of(struct plan *p, const struct spec_node *node)
{
	size_t i = 0;

	while (p->spec->v[i] != node)
		i++;
	if (p->n <= i) {
		p->slots = xrealloc(p->slots, (i + 1) * sizeof *p->slots);
		while (p->n <= i)
			p->slots[p->n++] = xcalloc(1, sizeof **p->slots);
	}
	return p->slots[i];
}

static int not_found(struct plan *p, const char *kind, const char *text)
{
	struct strlist names = STRLIST_INIT, full = STRLIST_INIT;
	const char *near;
	int rc = error_set(ERR_NOT_FOUND, "no %s%s'%s' in the Michfile", kind ? kind : "section",
			   kind ? " " : " named ", text);

	for (size_t i = 0; i < p->spec->n; i++) {
		const struct spec_node *n = p->spec->v[i];

		if (kind && strcmp(kind, spec_kind_name(n->kind)))
			continue;
		strlist_add(&names, n->name);
		strlist_addf(&names, "%s/%s", spec_kind_name(n->kind), n->name);
		if (!n->implied)
			strlist_addf(&full, "%s/%s", spec_kind_name(n->kind), n->name);
	}
	near = strlist_nearest((const char *const *)names.v, names.n, text);
	if (near)
		error_hint(rc, "did you mean '%s'?", near);
	else
		strlist_hint(rc, (const char *const *)full.v, full.n, text);
	strlist_clear(&full);
	strlist_clear(&names);
	return rc;
}

/* The nodes of a name, those that a section has; implied ones are found by their kind alone. */
int plan_find(struct plan *p, const char *kind, const char *text, const struct spec_node **out)
{
	const char *slash = strchr(text, '/'), *name = slash ? slash + 1 : text;
	const struct spec_node *found = NULL;
	int want = -1;

	if (slash)
		want = spec_kind_parse(text, (size_t)(slash - text));
	else if (kind)
		want = spec_kind_parse(kind, strlen(kind));
	if (slash && (want < 0 || (kind && strcmp(kind, spec_kind_name((enum spec_kind)want)))))
		return not_found(p, kind, text);
	for (int k = 0; k < SPEC_KINDS; k++) {
		const struct spec_node *n =
			want >= 0 && k != want ? NULL : spec_find(p->spec, (enum spec_kind)k, name);

		if (!n || (n->implied && want < 0))
			continue;
		if (found)
			return error_set(ERR_INPUT, "'%s' is both %s/%s and %s/%s: say which", name,
					 spec_kind_name(found->kind), name, spec_kind_name(n->kind),
					 name);
		found = n;
	}
	if (!found)
		return not_found(p, kind, text);
	*out = found;
	return 0;
}

void plan_refresh(struct plan *p, const struct spec_node *node)
{
	slot_of(p, node)->refresh = true;
}

/* The latest good version of this artifact, whatever recipe made it. ERR_NOT_FOUND. */
static int latest_good(struct repo *r, const struct step *s, struct version *out)
{
	struct version *list = NULL;
	size_t n = 0;
	int rc = version_list(r, s->kind, s->name, &list, &n), found = ERR_NOT_FOUND;

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		if (found == ERR_NOT_FOUND && !strcmp(list[i].build, "good") &&
		    !list[i].collected && strcmp(list[i].life, "retired"))
			found = version_copy(&list[i], out);
		version_clear(&list[i]);
	}
	free(list);
	return found;
}

static void because_inputs(struct plan_item *it)
{
	for (size_t i = 0; i < it->step.n_inputs; i++)
		if (!it->step.inputs[i].content[0]) {
			char *text = xasprintf("%s is not current", it->step.inputs[i].ref);

			json_array_append_new(it->because, json_string(text));
			free(text);
		}
}

static int because_print(struct plan *p, struct plan_item *it)
{
	json_t *manifest = NULL, *rows, *row;
	size_t i;
	int rc = version_manifest(p->repo, &it->version, &manifest);

	if (rc)
		return rc;
	rows = difference_of_prints(json_object_get(manifest, "print"), it->step.print);
	json_array_foreach(rows, i, row) {
		char *text;

		if (json_is_string(json_object_get(row, "after")) &&
		    !strcmp(json_str(row, "after", ""), "not made"))
			continue; /* said already, with its name */
		text = difference_text(row);
		json_array_append_new(it->because, json_string(text));
		free(text);
	}
	if (!json_array_size(it->because))
		json_array_append_new(it->because, json_string("its period has passed"));
	json_decref(rows);
	json_decref(manifest);
	return 0;
}

static int resolve(struct plan *p, struct slot *slot)
{
	struct plan_item *it = &slot->item;
	int rc = describe_node(p, slot);

	it->because = json_array();
	if (rc)
		return rc;
	rc = step_known(p->repo, &it->step, &it->version);
	it->state = PLAN_CURRENT;
	it->force = it->node->refresh.when == SPEC_REFRESH_ALWAYS && it->node->kind == SPEC_DATASET;
	if (rc != ERR_NOT_FOUND)
		return rc;
	rc = latest_good(p->repo, &it->step, &it->version);
	it->state = rc == ERR_NOT_FOUND ? PLAN_NEVER : PLAN_STALE;
	because_inputs(it);
	if (rc == ERR_NOT_FOUND)
		return 0;
	return rc ? rc : because_print(p, it);
}

int plan_item(struct plan *p, const struct spec_node *node, struct plan_item **out)
{
	struct slot *slot = slot_of(p, node);
	int rc = 0;

	if (slot->progress == RESOLVING)
		return error_set(ERR_INPUT, "%s:%d: %s/%s depends on itself", node->file,
				 node->line, spec_kind_name(node->kind), node->name);
	if (slot->progress == UNRESOLVED) {
		slot->progress = RESOLVING;
		slot->item.node = node;
		slot->item.ops = p->ops[node->kind];
		rc = resolve(p, slot);
		if (rc)
			item_clear(&slot->item);
		slot->progress = rc ? UNRESOLVED : RESOLVED;
	}
	*out = &slot->item;
	return rc;
}

static bool reads(const struct spec_node *reader, const struct spec_node *node)
{
	for (size_t i = 0; i < reader->n_ref; i++)
		if (reader->ref[i].node &&
		    (reader->ref[i].node == node || reads(reader->ref[i].node, node)))
			return true;
	return false;
}

void plan_forget(struct plan *p, const struct spec_node *node)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct spec_node *n = p->spec->v[i];

		if (p->slots[i]->progress && (n == node || reads(n, node))) {
			item_clear(&p->slots[i]->item);
			p->slots[i]->progress = UNRESOLVED;
		}
	}
}
