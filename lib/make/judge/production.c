/* production.c - from a model to the version that its stage production holds. */
#include "lib/make/judge/production.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"

int production_find(struct repo *r, const char *model, const char *space, const char *name,
		    struct version *out, char **ref_out)
{
	char *own_space = NULL, *own_name = NULL;
	struct stage now = STAGE_INIT;
	int rc = space ? 0 : release_of_model(r, model, &own_space, &own_name);

	if (rc == ERR_INPUT)
		error_hint(rc, "mich validate %s --as NAMESPACE/NAME says which", model);
	*ref_out = NULL;
	if (!rc)
		rc = stage_now(r, space ? space : own_space, space ? name : own_name, "production",
			       &now);
	if (!rc)
		rc = version_by_id(r, now.version, out);
	if (!rc)
		*ref_out = stage_ref(&now);
	stage_clear(&now);
	free(own_space);
	free(own_name);
	return rc;
}
