/* why.c - walk two lineages side by side and tell where they part. */
#include "lib/step/why.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/step/difference.h"

/* One pair to compare: manifests, or on the right a node of the checkout that has none yet. */
struct pair {
	json_t *before, *after;	      /* manifests; NULL: unknown */
	const struct spec_node *node; /* NULL: recorded on both sides */
	char *label;		      /* "" for the asked one, else "dataset/flights: " */
};

struct walk {
	struct repo *repo;
	struct plan *plan;
	struct pair *queue;
	size_t n, cap;
	json_t *rows;
};

static struct pair *push(struct walk *w, const char *label)
{
	ARRAY_GROW(w->queue, w->n, w->cap);
	w->queue[w->n] = (struct pair){ .label = xstrdup(label) };
	return &w->queue[w->n++];
}

static json_t *input_of(const json_t *manifest, const char *role)
{
	json_t *in;
	size_t i;

	json_array_foreach(json_object_get(manifest, "inputs"), i, in)
		if (!strcmp(json_str(in, "role", ""), role))
			return in;
	return NULL;
}

static int load(struct walk *w, const json_t *input, json_t **manifest)
{
	struct version v = VERSION_INIT;
	const char *id = json_str(input, "id", NULL);
	int rc;

	if (!id)
		return ERR_NOT_FOUND;
	rc = version_by_id(w->repo, id, &v);
	if (!rc)
		rc = version_manifest(w->repo, &v, manifest);
	version_clear(&v);
	return rc;
}

/* Takes rows. */
static void add_rows(struct walk *w, const char *label, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		char *what = xasprintf("%s%s", label, json_str(row, "what", ""));

		json_object_set_new(row, "what", json_string(what));
		json_array_append(w->rows, row);
		free(what);
	}
	json_decref(rows);
}

static const struct spec_node *node_of_role(const struct spec_node *node, const char *role)
{
	for (size_t i = 0; node && i < node->n_ref; i++)
		if (node->ref[i].node && !node->ref[i].rev && !strcmp(node->ref[i].role, role))
			return node->ref[i].node;
	return NULL;
}

static char *label_of(const json_t *input)
{
	const char *ref = json_str(input, "ref", "");

	return xasprintf("%.*s: ", (int)strcspn(ref, "@"), ref);
}

/* Queue the inputs that differ. after is the right side's manifest, or of its step when not made. */
static int follow(struct walk *w, const struct pair *p, const json_t *after)
{
	json_t *in;
	size_t i;

	json_array_foreach(json_object_get(p->before, "inputs"), i, in) {
		const char *role = json_str(in, "role", "");
		json_t *other = input_of(after, role), *before = NULL, *made = NULL;
		struct pair *next;
		char *label;
		int rc;

		if (other && !strcmp(json_str(in, "content", ""), json_str(other, "content", "")))
			continue;
		rc = load(w, in, &before);
		if (rc == ERR_NOT_FOUND)
			continue; /* a source: its row says all there is */
		if (!rc && json_str(other, "id", NULL))
			rc = load(w, other, &made);
		if (rc)
			return rc;
		label = label_of(in);
		next = push(w, label);
		next->before = before;
		next->after = made;
		next->node = made ? NULL : node_of_role(p->node, role);
		free(label);
	}
	return 0;
}

static int compare(struct walk *w, size_t at)
{
	struct pair p = w->queue[at];
	struct plan_item *it = NULL;
	json_t *after = json_incref(p.after);
	int rc = 0;

	if (!after && p.node) {
		rc = plan_item(w->plan, p.node, &it);
		after = rc ? NULL : step_manifest(&it->step);
	}
	if (!rc && after) {
		add_rows(w, p.label,
			 difference_of_prints(json_object_get(p.before, "print"),
					      json_object_get(after, "print")));
		if (p.after) /* recorded on both sides */
			add_rows(w, p.label, difference_of_surroundings(p.before, after));
		rc = follow(w, &p, after);
	}
	json_decref(after);
	return rc;
}

static int walk(struct walk *w, json_t **rows)
{
	int rc = 0;

	w->rows = json_array();
	for (size_t i = 0; !rc && i < w->n; i++)
		rc = compare(w, i);
	for (size_t i = 0; i < w->n; i++) {
		json_decref(w->queue[i].before);
		json_decref(w->queue[i].after);
		free(w->queue[i].label);
	}
	free(w->queue);
	*rows = w->rows;
	return rc;
}

int why_node(struct plan *p, const struct spec_node *node, const struct version *before,
	     json_t **rows)
{
	struct walk w = { .repo = plan_repo(p), .plan = p };
	struct plan_item *it = NULL;
	struct pair *first;
	int rc = plan_item(p, node, &it);

	*rows = NULL;
	if (!rc && !before && it->state == PLAN_NEVER) {
		*rows = json_pack("[{s:s,s:n,s:n}]", "what", "never made", "before", "after");
		return 0;
	}
	if (rc)
		return rc;
	first = push(&w, "");
	first->node = node;
	rc = version_manifest(w.repo, before ? before : &it->version, &first->before);
	if (rc) {
		free(first->label);
		free(w.queue);
		return rc;
	}
	return walk(&w, rows);
}

int why_versions(struct repo *r, const struct version *before, const struct version *after,
		 json_t **rows)
{
	struct walk w = { .repo = r };
	struct pair *first = push(&w, "");
	int rc = version_manifest(r, before, &first->before);

	if (!rc)
		rc = version_manifest(r, after, &first->after);
	if (rc) {
		json_decref(first->before);
		free(first->label);
		free(w.queue);
		*rows = NULL;
		return rc;
	}
	return walk(&w, rows);
}
