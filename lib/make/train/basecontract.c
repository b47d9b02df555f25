/* basecontract.c - the contract of another model first, then what is new. */
#include "lib/make/train/basecontract.h"

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/model/joined.h"

/* The contract in a model.json; *out is CONTRACT_INIT. */
static int read_model(const char *path, struct contract *out)
{
	json_t *meta = NULL;
	int rc = json_read(path, &meta);

	if (!rc)
		rc = contract_parse(json_object_get(meta, "contract"), out);
	json_decref(meta);
	return rc;
}

/* all: those of both. ERR_INPUT: one has a column that the other has not. */
static int check_columns(const struct contract *base, const struct contract *ours,
			 const struct contract *all)
{
	size_t i = 0;

	if (all->n > base->n)
		return error_set(ERR_INPUT,
				 "init-from: the other model does not know the column '%s'",
				 all->cols[base->n].name);
	if (all->n == ours->n)
		return 0;
	while (contract_find(ours, base->cols[i].name))
		i++;
	return error_set(ERR_INPUT, "init-from: the other model asks for the column '%s' too",
			 base->cols[i].name);
}

int basecontract_follow(const char *path, const char *name, struct contract *c)
{
	struct contract base = CONTRACT_INIT;
	struct joined all = JOINED_INIT;
	enum contract_mode mode = c->mode;
	int rc = read_model(path, &base);

	if (!rc)
		rc = joined_add(&all, &base, "init-from");
	if (!rc)
		rc = joined_add(&all, c, name);
	if (!rc)
		rc = check_columns(&base, c, &all.contract);
	if (!rc) {
		contract_clear(c);
		*c = all.contract;
		c->mode = mode;
		all.contract = (struct contract)CONTRACT_INIT;
	}
	contract_clear(&base);
	joined_clear(&all);
	return rc;
}
