/*
 * partition.h - the models of one partitioned model: what model.json says of them, and the one file in
 * which their weights lie one behind the other.
 *
 *	model.json	"kind": "partitions", the contract, "weights": "partitions.bin", and "partitions":
 *			{"by": ["city"], "inputs": 4, "parent": "parent",
 *			 "models": [{"values": ["Oslo"], "at": 0, "bytes": 9120}, ...]}
 *	parent/		a model folder of its own: the one over all rows, which answers where no other can
 *	partitions.bin	the weights of each, as the parent's kind reads them
 *
 * A row's partition is told by the codes that the contract makes of its columns `by`. The models see the
 * first `inputs` of the contract's inputs, the columns `by` mostly stand behind those.
 */
#ifndef MICH_MODEL_PARTITION_H
#define MICH_MODEL_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/keymap.h"
#include "lib/model/contract.h"

enum { PARTITION_BY_MAX = 4 };

/* The key of a row in which a value is missing or unknown. */
static const uint64_t PARTITION_NONE = UINT64_MAX;

/* One key of n codes, each below CONTRACT_CATEGORIES, of which NaN is none. */
static inline uint64_t partition_key(const float *codes, size_t n)
{
	uint64_t key = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(codes[i] >= 0 && codes[i] < CONTRACT_CATEGORIES))
			return PARTITION_NONE;
		key |= (uint64_t)codes[i] << 16 * i;
	}
	return key;
}

static inline size_t partition_key_code(uint64_t key, size_t i)
{
	return key >> 16 * i & 0xffff;
}

/* Where the weights of one model lie. */
struct partition_model {
	uint64_t at, bytes;
};

struct partition_index {
	size_t by[PARTITION_BY_MAX]; /* (n_by) inputs that hold the codes */
	size_t n_by;
	size_t inputs; /* that the models see: the first so many */
	struct keymap keys;
	struct partition_model *models; /* (keys.n) */
};

/*
 * Read the member "partitions" for a contract. ERR_CORRUPT: a column that is none of its categories, a
 * value that it does not know, two models of the same values, weights that overlap or lie
 * beyond the file's size.
 */
int partition_index_parse(const json_t *v, const struct contract *c, uint64_t file_bytes,
			  struct partition_index *out);
void partition_index_clear(struct partition_index *p);

/* The number of a row's model, -1: the parent's. x (the contract's inputs). */
static inline int64_t partition_of(const struct partition_index *p, const float *x)
{
	float codes[PARTITION_BY_MAX];

	for (size_t i = 0; i < p->n_by; i++)
		codes[i] = x[p->by[i]];
	return keymap_find(&p->keys, partition_key(codes, p->n_by));
}

#endif
