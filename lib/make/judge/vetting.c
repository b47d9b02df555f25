/* vetting.c - the built-in checks of a model. */
#include "lib/make/judge/vetting.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/judge/clean.h"
#include "lib/make/judge/contracted.h"
#include "lib/make/judge/gates.h"
#include "lib/make/judge/holdout.h"
#include "lib/make/judge/production.h"
#include "lib/model/compatible.h"
#include "lib/record/check/verify.h"
#include "lib/record/content/contents.h"
#include "lib/record/lineage.h"
#include "lib/record/repo.h"

enum { NAMED = 5 }; /* so many of a kind are told by name */

void vetting_add(struct vetting *v, const char *check, const char *what, bool ok, const char *why,
		 json_t *more)
{
	json_t *row = json_pack("{s:s,s:s,s:b,s:o}", "check", check, "what", what, "ok", ok, "why",
				json_bytes(why));

	if (more)
		json_object_update_missing(row, more);
	json_decref(more);
	json_array_append_new(v->checks, row);
	v->ok = v->ok && ok;
	if (v->ask->on_check)
		v->ask->on_check(row, v->ask->payload);
}

/* "a; b; and 3 more"; caller clears. */
static void join(const struct strlist *l, struct buf *out)
{
	for (size_t i = 0; i < l->n && i < NAMED; i++)
		buf_addf(out, "%s%s", i ? "; " : "", l->v[i]);
	if (l->n > NAMED)
		buf_addf(out, "; and %zu more", l->n - NAMED);
}

/* A check that names what is wrong, or, where nothing is, what is right. */
static void add_list(struct vetting *v, const char *check, const char *what,
		     const struct strlist *wrong, const struct strlist *right)
{
	struct buf why = BUF_INIT;

	join(wrong->n ? wrong : right, &why);
	vetting_add(v, check, what, !wrong->n, why.data, NULL);
	buf_clear(&why);
}

static int check_build(struct vetting *v)
{
	char *ref = version_ref(&v->model), *why = NULL;
	json_t *manifest = NULL;
	int rc = version_manifest(v->repo, &v->model, &manifest);

	if (!rc) {
		const char *reason = json_str(manifest, "reason", NULL);

		why = xasprintf("%s is %s%s%s", ref, v->model.build, reason ? ": " : "",
				reason ? reason : "");
		vetting_add(v, "build", "it was built", !strcmp(v->model.build, "good"), why, NULL);
		free(why);
		why = xasprintf("%s is %s", ref, v->model.life);
		vetting_add(v, "life", "it is not retired", strcmp(v->model.life, "retired") != 0,
			    why, NULL);
	}
	json_decref(manifest);
	free(why);
	free(ref);
	return rc;
}

/* How many files, of how many bytes, its own listing has. */
static int count_files(struct vetting *v, int64_t *files, int64_t *bytes)
{
	struct contents c = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	int rc = version_cat(v->repo, &v->model, "contents", &b);

	*files = *bytes = 0;
	if (rc == ERR_NOT_FOUND) {
		error_clear();
		return 0;
	}
	if (!rc)
		rc = contents_parse(b.data, b.len, &c);
	for (size_t i = 0; i < c.n; i++) {
		*files += 1;
		*bytes += c.v[i].size;
	}
	contents_clear(&c);
	buf_clear(&b);
	return rc;
}

static int check_files(struct vetting *v)
{
	struct strlist wrong = STRLIST_INIT, right = STRLIST_INIT;
	int64_t files = 0, bytes = 0;
	int rc = version_verify(v->repo, &v->model, &wrong);

	if (!rc && !wrong.n) {
		rc = count_files(v, &files, &bytes);
		strlist_addf(&right, "%lld files, %lld bytes", (long long)files, (long long)bytes);
		if (!rc && !files)
			strlist_add(&wrong, "it has no files");
	}
	if (!rc)
		add_list(v, "files", "its files are here, with the bytes that were recorded",
			 &wrong, &right);
	strlist_clear(&wrong);
	strlist_clear(&right);
	return rc;
}

/* What is wrong with one of the things that it was made from. */
static void check_input(const struct graph_node *n, struct strlist *wrong)
{
	if (n->source && !n->kept)
		strlist_addf(wrong, "'%s' is not under version control (keep = no)", n->ref);
	else if (n->source)
		return;
	else if (!strcmp(n->v.life, "retired"))
		strlist_addf(wrong, "%s is retired", n->ref);
	else if (strcmp(n->v.build, "good"))
		strlist_addf(wrong, "%s is %s", n->ref, n->v.build);
	else if (n->v.collected)
		strlist_addf(wrong, "the files of %s were removed", n->ref);
}

static void check_inputs(struct vetting *v, const struct graph *g)
{
	struct strlist wrong = STRLIST_INIT, right = STRLIST_INIT;

	for (size_t i = 1; i < g->n; i++) {
		bool warned = !g->nodes[i].source && !strcmp(g->nodes[i].v.life, "deprecated");

		check_input(&g->nodes[i], &wrong);
		strlist_addf(&right, "%s%s", g->nodes[i].ref, warned ? " (deprecated)" : "");
	}
	if (g->n == 1)
		strlist_add(&right, "nothing: it was made elsewhere");
	add_list(v, "inputs", "what it was made from is recorded, and not retired", &wrong, &right);
	strlist_clear(&wrong);
	strlist_clear(&right);
}

/* Every version on the way, itself first: what is committed by now is dirty no more. */
static int check_code(struct vetting *v, struct graph *g)
{
	struct strlist wrong = STRLIST_INIT, right = STRLIST_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < g->n; i++) {
		struct version *one = &g->nodes[i].v;

		if (g->nodes[i].source)
			continue;
		rc = clean_lift(v->repo, v->head, one);
		if (one->dirty)
			strlist_addf(&wrong,
				     "%s is dirty: HEAD does not hold its code or its recipe",
				     g->nodes[i].ref);
	}
	if (!rc && !wrong.n)
		v->model.dirty = false;
	if (!rc)
		add_list(v, "code", "its code and its recipe are committed", &wrong, &right);
	strlist_clear(&wrong);
	return rc;
}

static int check_lineage(struct vetting *v)
{
	struct graph g = GRAPH_INIT;
	int rc = lineage_walk(repo_index(v->repo), v->repo, &v->model, false, &g);

	if (!rc) {
		check_inputs(v, &g);
		rc = check_code(v, &g);
	}
	graph_clear(&g);
	return rc;
}

static int check_holdout(struct vetting *v)
{
	static const char what[] = "it was measured on rows that it did not learn from";
	struct version eval = VERSION_INIT;
	json_t *manifest = NULL;
	char *why = NULL;
	int rc = holdout_any(v->repo, &v->model, &eval);

	if (rc == ERR_NOT_FOUND) {
		why = error_advice();
		vetting_add(v, "holdout", what, false, why, NULL);
		free(why);
		error_clear();
		return 0;
	}
	if (!rc)
		rc = clean_lift(v->repo, v->head, &eval);
	if (!rc)
		rc = version_manifest(v->repo, &eval, &manifest);
	if (!rc) {
		why = xasprintf(
			"eval/%s@%lld on the split '%s'%s", eval.name, (long long)eval.number,
			json_str(json_object_get(manifest, "recipe"), "split", "test"),
			eval.dirty ? " is dirty: HEAD does not hold its code or its recipe" : "");
		vetting_add(v, "holdout", what, !eval.dirty, why, NULL);
	}
	free(why);
	json_decref(manifest);
	version_clear(&eval);
	return rc;
}

/* "4 columns: 3 with ranges, 1 with categories" */
static bool describe_contract(const struct contract *c, struct buf *why)
{
	size_t ranged = 0, listed = 0;

	for (size_t i = 0; i < c->n; i++) {
		ranged += c->cols[i].ranged;
		listed += c->cols[i].categories.n > 0;
	}
	buf_addf(why, "%zu column%s, %zu with ranges, %zu with categories", c->n,
		 c->n == 1 ? "" : "s", ranged, listed);
	return ranged + listed > 0;
}

/* Told, never failed: a release that breaks its callers is promoted as a new major. */
static int tell_differences(struct vetting *v, const struct contract *now, struct buf *why)
{
	struct contract old = CONTRACT_INIT;
	struct version production = VERSION_INIT;
	json_t *differences = NULL;
	char *ref = NULL;
	int rc = production_find(v->repo, v->model.name, v->ask->space, v->ask->name, &production,
				 &ref);

	if (!rc)
		rc = contracted_read(v->repo, &production, &old);
	if (!rc && !contract_compatible(&old, now, &differences)) {
		json_t *d;
		size_t i;

		buf_addf(why,
			 "; asks more of its callers than %s, so it will be a new major:", ref);
		json_array_foreach(differences, i, d)
			if (json_bool(d, "breaking", false))
				buf_addf(why, " %s;", json_str(d, "why", ""));
		why->data[--why->len] = '\0';
	}
	if (rc == ERR_NOT_FOUND || rc == ERR_INPUT || rc == ERR_CORRUPT) {
		error_clear();
		rc = 0;
	}
	json_decref(differences);
	contract_clear(&old);
	version_clear(&production);
	free(ref);
	return rc;
}

static int check_contract(struct vetting *v)
{
	struct contract c = CONTRACT_INIT;
	struct buf why = BUF_INIT;
	bool ok = false;
	int rc = contracted_read(v->repo, &v->model, &c);

	if (!rc) {
		ok = describe_contract(&c, &why);
		if (!ok)
			buf_addstr(&why, ": neither ranges nor categories are known");
		else
			rc = tell_differences(v, &c, &why);
	} else if (rc == ERR_NOT_FOUND || rc == ERR_CORRUPT) {
		char *text = error_advice();

		buf_addstr(&why, text);
		free(text);
		error_clear();
		rc = 0;
	}
	if (!rc)
		vetting_add(v, "contract", "what it asks of its callers is written down", ok,
			    why.data, NULL);
	buf_clear(&why);
	contract_clear(&c);
	return rc;
}

int vetting_built_in(struct vetting *v)
{
	int rc = check_build(v);

	if (!rc)
		rc = check_files(v);
	if (!rc)
		rc = check_lineage(v);
	if (!rc)
		rc = check_holdout(v);
	return rc ? rc : check_contract(v);
}

int vetting_gates(struct vetting *v)
{
	json_t *rows = NULL, *row;
	size_t i;
	bool ok;
	int rc = gates_check(v->repo, &v->model, v->ask->space, v->ask->name, &rows, &ok);

	json_array_foreach(rows, i, row)
		if (!rc)
			vetting_add(v, "gate", json_str(row, "what", ""),
				    json_bool(row, "ok", false), json_str(row, "why", ""),
				    json_incref(row));
	json_decref(rows);
	return rc;
}
