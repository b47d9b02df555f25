/* candidate.c - what a version must be to be released. */
#include "lib/make/release/candidate.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/make/judge/clean.h"
#include "lib/make/judge/headfile.h"
#include "lib/record/check/verify.h"
#include "lib/record/lineage.h"
#include "lib/record/repo.h"

static int refuse(const struct version *v, const char *why)
{
	return error_set(ERR_INPUT, "cannot promote %s/%s@%lld: %s", v->kind, v->name,
			 (long long)v->number, why);
}

static int check_state(const struct version *v)
{
	int rc;

	if (strcmp(v->kind, "model") != 0)
		return refuse(v, "only models are released");
	if (strcmp(v->build, "good") != 0) {
		rc = error_set(ERR_INPUT, "cannot promote model/%s@%lld: its build is %s", v->name,
			       (long long)v->number, v->build);
		return error_hint(rc, "mich show model/%s@%lld", v->name, (long long)v->number);
	}
	if (!strcmp(v->life, "retired"))
		return refuse(v, "it is retired");
	return v->collected ? refuse(v, "its files were removed") : 0;
}

static int check_committed(struct repo *r, struct version *v, bool *committed)
{
	struct spec *head = NULL;
	int rc;

	if (!v->dirty)
		return 0;
	if ((rc = headfile_open(r, &head)) == 0)
		rc = clean_lift(r, head, v);
	spec_free(head);
	*committed = rc == 0 && !v->dirty;
	if (rc < 0 || *committed)
		return rc;
	rc = refuse(v, "it was made with code or a recipe that is not committed");
	return error_hint(rc, "commit what made it, then promote again");
}

/* Every byte is read: what is released is served from them. */
static int check_bytes(struct repo *r, const struct version *v)
{
	struct strlist wrong = STRLIST_INIT;
	int rc = version_verify(r, v, &wrong);

	if (rc == 0 && wrong.n) {
		rc = refuse(v, wrong.v[0]);
		error_hint(rc, "mich fsck --full");
	}
	strlist_clear(&wrong);
	return rc;
}

static int add_retired(struct repo *r, const struct version *v, struct strlist *problems)
{
	struct graph g = GRAPH_INIT;
	int rc = lineage_walk(repo_index(r), r, v, false, &g);

	for (size_t i = 1; rc == 0 && i < g.n; i++)
		if (!g.nodes[i].source && !strcmp(g.nodes[i].v.life, "retired"))
			strlist_addf(problems, "it was made from %s, which is retired",
				     g.nodes[i].ref);
	graph_clear(&g);
	return rc;
}

int candidate_check(struct repo *r, struct version *v, bool *committed, struct strlist *problems)
{
	bool running = !strcmp(v->validation, "running");
	int rc;

	if ((rc = check_state(v)) < 0 || (rc = check_committed(r, v, committed)) < 0 ||
	    (rc = check_bytes(r, v)) < 0)
		return rc;
	if (strcmp(v->validation, "passed") != 0)
		strlist_addf(problems, "its validation is '%s': mich %s %s@%lld", v->validation,
			     running ? "wait" : "validate", v->name, (long long)v->number);
	return add_retired(r, v, problems);
}
