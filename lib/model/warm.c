/* warm.c - rows made from a contract, scored. */
#include "lib/model/warm.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/model.h"

enum { ROWS = 64 };

/* One column's ROWS values, in cells of 8 bytes. */
static void fill(const struct contract_column *c, char *cells)
{
	for (int64_t i = 0; i < ROWS; i++) {
		double share = (double)i / (ROWS - 1);
		double v = c->ranged ? c->min + (c->max - c->min) * share : share;

		switch (c->type) {
		case FRAME_BOOL:
			((uint8_t *)cells)[i] = i & 1;
			break;
		case FRAME_STRING:
			((const char **)cells)[i] =
				c->categories.n ? c->categories.v[(size_t)i % c->categories.n].s
						: "";
			break;
		case FRAME_DOUBLE:
			((double *)cells)[i] = v;
			break;
		default:
			((int64_t *)cells)[i] = (int64_t)v;
		}
	}
}

static int check(const struct scores *s)
{
	for (size_t i = 0; i < (size_t)s->rows * s->k; i++)
		if (!isfinite(s->v[i]))
			return error_set(ERR_CORRUPT, "it answers with what is no finite number");
	return 0;
}

int model_warm(const struct model *m)
{
	const struct contract *c = model_contract(m);
	struct frame_column *cols = xcalloc(c->n + 1, sizeof *cols);
	char *cells = xcalloc(c->n + 1, ROWS * sizeof(int64_t));
	struct scores s = SCORES_INIT;
	int rc;

	for (size_t i = 0; i < c->n; i++) {
		char *at = cells + i * ROWS * sizeof(int64_t);

		fill(&c->cols[i], at);
		cols[i] = (struct frame_column){ .name = c->cols[i].name,
						 .type = c->cols[i].type,
						 .d = (const double *)at };
	}
	rc = model_score(m, &(struct frame){ ROWS, c->n, cols }, 1, &s);
	if (!rc)
		rc = check(&s);
	scores_clear(&s);
	free(cells);
	free(cols);
	return rc;
}
