/*
 * findings.h - what an evaluation left in $MICH_OUT, whoever filled it:
 *
 *	metrics.json		figures, {"test":{"iou":0.7}}; without it the last ones of its events
 *	detections.jsonl	counts of a matching of its own (lib/measure/evaluation/detections.h): they become
 *				figures of the split, and evaluation.json when it left none itself
 *	charts/NAME.json	pictures as data (lib/measure/evaluation/chart.h)
 */
#ifndef MICH_MAKE_EVAL_FINDINGS_H
#define MICH_MAKE_EVAL_FINDINGS_H

struct attempt;
struct spec_node;

/*
 * Read them into a->metrics. part: the split that is measured. ERR_INPUT: one of them is not what it
 * should be; its name and what is wrong.
 */
int findings_take(struct attempt *a, const struct spec_node *node, const char *part);

#endif
