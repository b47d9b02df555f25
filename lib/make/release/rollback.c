/* rollback.c - put back into a stage what was there before. */
#define _GNU_SOURCE
#include "lib/make/release/rollback.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/release/promoters.h"
#include "lib/record/name.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

/* "maps/eta", or the one name of model eta. */
static int find_name(struct repo *r, const char *text, char **space, char **name)
{
	const char *slash = strchr(text, '/');

	if (slash && strncmp(text, "model/", 6) != 0)
		return release_parse_name(text, space, name);
	return release_of_model(r, slash ? slash + 1 : text, space, name);
}

/* The id of what `to` names: "2.0", "maps/eta@2.0", or a version. */
static int find_id(struct repo *r, const char *to, const char *space, const char *name,
		   char id[VERSION_ID_HEX + 1])
{
	int64_t major, minor;
	struct version v = VERSION_INIT;
	char *full;
	int rc;

	if (name_parse_release(to, &major, &minor) == 0) {
		full = xasprintf("%s/%s@%s", space, name, to);
		rc = version_find(r, NULL, full, &v);
		free(full);
	} else {
		error_clear();
		rc = version_find(r, strchr(to, '/') ? NULL : "model", to, &v);
	}
	if (rc == 0 && !strcmp(v.life, "retired"))
		rc = error_set(ERR_INPUT, "cannot go back to %s/%s@%lld: it is retired", v.kind,
			       v.name, (long long)v.number);
	memcpy(id, v.id, VERSION_ID_HEX + 1);
	version_clear(&v);
	return rc;
}

/* The newest move that put it there. */
static int find_move(struct repo *r, const struct rollback_ask *ask, const struct stage *now,
		     struct stage *out)
{
	char id[VERSION_ID_HEX + 1];
	struct stage *all = NULL;
	size_t n = 0;
	int rc = find_id(r, ask->to, now->space, now->name, id);

	if (rc == 0 && !strcmp(id, now->version))
		return error_set(ERR_INPUT, "%s/%s@%lld.%lld is in %s already", now->space,
				 now->name, (long long)now->major, (long long)now->minor,
				 ask->stage);
	if (rc == 0)
		rc = stage_history(r, now->space, now->name, ask->stage, &all, &n);
	for (size_t i = 0; rc == 0 && i < n && !out->space; i++)
		if (!strcmp(all[i].version, id)) {
			*out = all[i];
			all[i] = (struct stage)STAGE_INIT;
		}
	if (rc == 0 && !out->space) {
		rc = error_set(ERR_INPUT, "cannot go back to %s: it was never in %s of %s/%s",
			       ask->to, ask->stage, now->space, now->name);
		error_hint(rc, "mich stages --history %s/%s", now->space, now->name);
	}
	stage_list_free(all, n);
	return rc;
}

static int move(struct repo *r, const struct rollback_ask *ask, const struct stage *from,
		const struct stage *to, struct stage *out)
{
	struct release release = RELEASE_INIT;
	struct stage_plan plan = { .to = &release,
				   .stage = ask->stage,
				   .action = "rollback",
				   .before = from->commit,
				   .reason = ask->reason };
	int rc = release_find(r, to->space, to->name, to->major, to->minor, &release);

	if (rc == 0)
		rc = stage_move(r, &plan, out);
	release_clear(&release);
	return rc;
}

int rollback_run(struct repo *r, const struct rollback_ask *ask, struct stage *before_out,
		 struct stage *now_out)
{
	struct stage to = STAGE_INIT;
	char *space = NULL, *name = NULL;
	int rc = stage_check(r, ask->stage);

	*before_out = *now_out = (struct stage)STAGE_INIT;
	if (rc == 0 && (rc = find_name(r, ask->name, &space, &name)) == 0 &&
	    (rc = promoters_allow(r, space, name, ask->stage)) == 0 &&
	    (rc = stage_now(r, space, name, ask->stage, before_out)) == 0)
		rc = ask->to ? find_move(r, ask, before_out, &to)
			     : stage_before(r, space, name, ask->stage, &to);
	if (rc == 0)
		rc = move(r, ask, before_out, &to, now_out);
	stage_clear(&to);
	free(space);
	free(name);
	return rc;
}
