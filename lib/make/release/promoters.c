/* promoters.c - who may move what is in production. */
#include "lib/make/release/promoters.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/make/judge/headfile.h"
#include "lib/record/repo.h"
#include "lib/spec/policy.h"

static int refuse(struct repo *r, const struct spec_policy *p, const char *space, const char *name,
		  const char *stage)
{
	struct buf b = BUF_INIT;
	int rc;

	for (size_t i = 0; i < p->promoters.n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", p->promoters.v[i]);
	rc = error_set(ERR_INPUT, "%s may not move %s of %s/%s: its promoters are %s", repo_user(r),
		       stage, space, name, b.data);
	error_hint(rc, "line %d of HEAD's Michfile names them; ask one of them to promote",
		   p->line);
	buf_clear(&b);
	return rc;
}

int promoters_allow(struct repo *r, const char *space, const char *name, const char *stage)
{
	const struct spec_policy *p;
	struct spec *head = NULL;
	int rc;

	if (strcmp(stage, "production") != 0)
		return 0;
	rc = headfile_open(r, &head);
	p = rc == 0 ? policy_find(head, space, name) : NULL;
	if (p && !policy_allows(p, repo_user(r)))
		rc = refuse(r, p, space, name, stage);
	spec_free(head);
	return rc;
}
