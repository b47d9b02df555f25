/* judging.h - what verdict.c and its parts for slices share. */
#ifndef MICH_MEASURE_GATE_JUDGING_H
#define MICH_MEASURE_GATE_JUDGING_H

#include "lib/base/buf.h"
#include "lib/measure/gate/verdict.h"

/* The rows of one value, or of two crossed. */
struct judging_group {
	const struct gate_by *by;
	const json_t *group; /* {"values","rows","metrics"}; borrowed */
	double value;
};

/* The slices of one side of a gate. */
struct judging_slices {
	struct judging_group *v; /* with rows enough and a figure; in the order of the document */
	size_t n, cap;
	struct judging_group *small; /* below min */
	size_t n_small, cap_small;
	size_t undefined; /* enough rows, but null */
};

/*
 * The figures of s in every slice. document: facts' slices or production_slices. ERR_INPUT: rows are
 * not sliced so, no such metric, or one of another split.
 */
int judging_slices(const struct gate *g, const struct gate_side *s, const struct gate_facts *facts,
		   const json_t *document, struct judging_slices *out);
void judging_slices_clear(struct judging_slices *s);

/* Judge "no-regress slice(...)". */
int judging_regress(const struct gate *g, const struct gate_facts *facts, struct verdict *out);

/* "carrier=UA, origin=JFK (120 rows)" */
void judging_name(const struct judging_group *group, struct buf *out);

/* "; not judged, under 30 rows: carrier=HA 80.1 (12 rows), and 3 more"; nothing when there is none. */
void judging_small(const struct judging_slices *s, int64_t min, struct buf *out);

/* "slice(carrier * origin, hour)" */
void judging_slicing(const struct gate_slice *s, struct buf *out);

/* "3 slices", "1 slice" */
void judging_count(size_t n, struct buf *out);

#endif
