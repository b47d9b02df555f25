/*
 * card.h - what the protocols need of a served model again and again, made once: which columns it
 * takes, what stands in every answer, its metadata as text.
 */
#ifndef MICH_SERVE_CARD_H
#define MICH_SERVE_CARD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/model/contract.h"
#include "lib/model/model.h"

struct card {
	const struct contract *contract;    /* the model's */
	const struct model_output *outputs; /* (n_outputs) the model's */
	size_t n_outputs;
	size_t floats;	  /* outputs from here on hold floats */
	uint32_t *sorted; /* (contract->n) columns in the order of their names */
	/* JSON; "name" and "version" with their quotes */
	char *name, *version;
	char *head;		 /* {"model_name":"eta","model_version":"2.1" */
	char *id;		 /* "parameters":{"id":"..."} */
	char **output_heads;	 /* (n_outputs) {"name":"prediction","datatype":"FP32" */
	char *metadata, *config; /* whole answers */
	/* for headers */
	char *title; /* eta@2.1 */
};

struct card *card_new(const char *name, const char *version, const char *id, const struct model *m);
void card_free(struct card *c);

/*
 * The column of that name, -1 when the contract has none. guess: where it is looked for first: one
 * behind the last found, since most requests name them in order.
 */
int64_t card_column(const struct card *c, size_t guess, const char *name, size_t n);
int64_t card_output(const struct card *c, const char *name, size_t n);

#endif
