/* contracted.c - the contract of a recorded model. */
#include "lib/make/judge/contracted.h"

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/record/version.h"

int contracted_read(struct repo *r, const struct version *v, struct contract *out)
{
	struct buf b = BUF_INIT;
	json_t *meta = NULL;
	int rc = version_cat(r, v, "files/model.json", &b);

	*out = (struct contract)CONTRACT_INIT;
	if (!rc)
		rc = json_parse(b.data, b.len, "model.json", &meta);
	if (!rc && !json_object_get(meta, "contract"))
		rc = error_set(ERR_NOT_FOUND, "its model.json has no contract");
	if (rc == ERR_NOT_FOUND)
		error_hint(rc,
			   "let its program write one: \"contract\" in $MICH_OUT/model.json, as "
			   "mich-model(5) says");
	if (!rc)
		rc = contract_parse(json_object_get(meta, "contract"), out);
	json_decref(meta);
	buf_clear(&b);
	return rc;
}
