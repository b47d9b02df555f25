/*
 * ensemble.h - several models that answer as one: the member "ensemble" of model.json.
 *
 *	{"combine":"weighted","members":[{"name":"a","weight":0.75},{"name":"b","weight":0.25}]}
 *	{"combine":"stacked","members":[{"name":"a"},{"name":"b"}],"passthrough":false}
 *
 * Each member is a model folder of that name beside model.json, with a contract of its own; the
 * contract of the whole has the columns of all (joined.h). mean and weighted add the members' values or
 * probabilities, vote counts the classes that they say, stacked asks the model in _final/ about what
 * they answered: its columns are called MEMBER:OUTPUT, and with passthrough it knows those of the whole
 * as well. (scikit-learn's VotingRegressor, VotingClassifier and StackingRegressor, StackingClassifier;
 * D. Wolpert, Stacked generalization, Neural Networks 5, 1992.)
 */
#ifndef MICH_MODEL_ENSEMBLE_H
#define MICH_MODEL_ENSEMBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/json.h"
#include "lib/model/contract.h"
#include "lib/model/model.h"

enum ensemble_combine { ENSEMBLE_MEAN, ENSEMBLE_VOTE, ENSEMBLE_WEIGHTED, ENSEMBLE_STACKED };

enum { ENSEMBLE_MEMBERS = 256 };
#define ENSEMBLE_FINAL "_final"

struct ensemble_member {
	char *name;
	double weight; /* from 0; 1 where none was given */
};

struct ensemble {
	enum ensemble_combine combine;
	bool passthrough;
	struct ensemble_member *v; /* (n) */
	size_t n;
};

#define ENSEMBLE_INIT \
	{             \
		0     \
	}

const char *ensemble_combine_name(enum ensemble_combine c);

/* name is copied. */
void ensemble_add(struct ensemble *e, const char *name, double weight);
void ensemble_clear(struct ensemble *e);

/* New reference. */
json_t *ensemble_json(const struct ensemble *e);
/* *out is cleared after an error. ERR_CORRUPT names what is wrong. */
int ensemble_parse(const json_t *v, struct ensemble *out);

/*
 * What its members answer for a row, as columns behind c's: MEMBER:OUTPUT, a double for each float of
 * model_score. models (n) are the members'.
 */
void ensemble_answers(const struct ensemble *e, struct model *const *models, struct contract *c);

#endif
