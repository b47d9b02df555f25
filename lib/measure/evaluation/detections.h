/*
 * detections.h - what a user's own matching found: things that a model was to find, which of them it
 * did, and what it saw where nothing was. JSON lines, as a program leaves them in
 * $MICH_OUT/detections.jsonl:
 *
 *	{"matching": "IoU", "iou": 0.5}
 *	{"item": "frame 1", "class": "car", "hits": 3, "false_alarms": 1, "misses": 0, "weather": "rain"}
 *
 * Lines before the first with counts state how things were matched; they are kept as they are. hits,
 * false_alarms, misses: whole numbers, of one item (an image, a scene), or of one class in it; lines of
 * one item are drawn together when intervals are made. Other members are columns to slice by.
 *
 *	precision = hits / (hits + false alarms)	the share of detections that are right
 *	recall    = hits / (hits + misses)		the share of true things that were found
 *	f1        = 2 hits / (2 hits + false alarms + misses)
 *
 * each null where its lower part is 0.
 */
#ifndef MICH_MEASURE_EVALUATION_DETECTIONS_H
#define MICH_MEASURE_EVALUATION_DETECTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/measure/chance/bootstrap.h"

#define DETECTIONS_FILE "detections.jsonl"

struct detection {
	int64_t hits, false_alarms, misses;
	uint32_t item; /* lines of one item have the same number */
	json_t *row;   /* the whole line */
};

struct detections {
	json_t *matching;    /* {"matching":"IoU","iou":0.5}; {} when nothing is stated */
	struct detection *v; /* (n) */
	size_t n, cap;
	size_t items;
};

#define DETECTIONS_INIT \
	{               \
		0       \
	}

/*
 * Read n bytes of lines. ERR_INPUT names the line and what is wrong with it, or that there is none with
 * counts. The caller clears out, after errors too.
 */
int detections_parse(const char *data, size_t n, struct detections *out);
void detections_clear(struct detections *d);

/*
 * An evaluation document (evaluation.h) of task "detection": metrics precision, recall, f1, hits,
 * false_alarms, misses, items; slices by class, where lines have one, and by `by` (as slicer_by takes
 * them); "detections" is {"matching":{..}}. rows are items. ERR_INPUT: no line has such a column.
 */
struct detections_ask {
	const char *split;
	const struct strlist *by;
	int bins;
	struct bootstrap_opts bootstrap;
};
int detections_evaluate(const struct detections *d, const struct detections_ask *ask, json_t **out);

#endif
