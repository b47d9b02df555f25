/* verify.c - the check of fsck, of one version alone. */
#include "lib/record/check/verify.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/record/check/checking.h"
#include "lib/record/version.h"

static int removed(const struct version *v, struct strlist *problems)
{
	if (v->collected)
		strlist_addf(problems, "the files of %s/%s@%lld were removed", v->kind, v->name,
			     (long long)v->number);
	return v->collected;
}

int version_verify(struct repo *r, const struct version *v, struct strlist *problems)
{
	struct check_plan plan = { .full = true };
	struct check_report report = { 0 };
	struct checking c = { .r = r,
			      .plan = &plan,
			      .out = &report,
			      .seen = json_object(),
			      .kind = v->kind,
			      .name = v->name };
	struct entry e = { 0 };
	struct oid commit;
	int rc;

	if (!oid_parse(v->commit, &commit))
		rc = error_set(ERR_CORRUPT, "bad commit of %s/%s@%lld", v->kind, v->name,
			       (long long)v->number);
	else
		rc = entry_read(r, &commit, &e);
	if (!rc && !removed(v, problems))
		check_version(&c, &e, "");
	for (size_t i = 0; i < report.problems.n; i++) {
		const char *text = report.problems.v[i]; /* ": what is wrong" */

		strlist_add(problems, text + strspn(text, ": "));
	}
	entry_clear(&e);
	check_clear(&report);
	strlist_clear(&c.ids);
	strlist_clear(&c.numbers);
	json_decref(c.seen);
	return rc;
}
