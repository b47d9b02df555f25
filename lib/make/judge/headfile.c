/* headfile.c - read HEAD's Michfile, and hold the work tree's gates against it. */
#include "lib/make/judge/headfile.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/code.h"
#include "lib/record/repo.h"

int headfile_open(struct repo *r, struct spec **out)
{
	struct buf b = BUF_INIT;
	int rc = code_head_file(r, "Michfile", &b);

	if (rc == ERR_NOT_FOUND) {
		error_clear();
		rc = 0;
	}
	if (!rc)
		rc = spec_parse(b.data, b.len, "HEAD:Michfile", out);
	buf_clear(&b);
	return rc;
}

bool headfile_measures(const struct spec_node *eval, const char *model)
{
	for (size_t i = 0; eval->kind == SPEC_EVAL && i < eval->n_ref; i++)
		if (eval->ref[i].kind == SPEC_MODEL && !strcmp(eval->ref[i].name, model))
			return true;
	return false;
}

static int work_tree(struct repo *r, struct spec **out)
{
	char *path = path_join(repo_workdir(r), "Michfile");
	int rc = spec_load(path, out);

	if (rc == ERR_NOT_FOUND) {
		error_clear();
		rc = spec_parse("", 0, "Michfile", out);
	}
	free(path);
	return rc;
}

static const json_t *check_of(const struct spec_node *node)
{
	return node && json_object_size(node->json.check) ? node->json.check : NULL;
}

static int compare(const struct spec_node *a, const struct spec_node *b)
{
	const struct spec_node *any = a ? a : b;
	const json_t *x = check_of(a), *y = check_of(b);

	if ((!x && !y) || (x && y && json_equal(x, y)))
		return 0;
	error_set(ERR_INPUT,
		  "the gates or checks of %s/%s differ in the work tree's Michfile and in HEAD's",
		  spec_kind_name(any->kind), any->name);
	return error_hint(
		ERR_INPUT,
		"git add Michfile && git commit, or take them back: git diff HEAD Michfile");
}

/* Every section of a that judges the model, against the one of b. */
static int compare_all(const struct spec *a, const struct spec *b, const char *model)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct spec_node *n = a->v[i];
		bool own = n->kind == SPEC_MODEL && !strcmp(n->name, model);
		int rc;

		if (!own && (n->implied || !headfile_measures(n, model)))
			continue; /* an implied one has the gates of its model */
		rc = compare(n, spec_find(b, n->kind, n->name));
		if (rc)
			return rc;
	}
	return 0;
}

int headfile_check_gates(struct repo *r, const struct spec *head, const char *model)
{
	struct spec *here = NULL;
	int rc = repo_workdir(r) ? work_tree(r, &here) : 0;

	if (!rc && here)
		rc = compare_all(here, head, model);
	if (!rc && here)
		rc = compare_all(head, here, model);
	spec_free(here);
	return rc;
}
