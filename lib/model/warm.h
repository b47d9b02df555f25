/* warm.h - a model that was just opened, scored once before anybody asks it. */
#ifndef MICH_MODEL_WARM_H
#define MICH_MODEL_WARM_H

struct model;

/*
 * Score rows that are made from the contract: values inside the ranges, every category in turn. It
 * brings the weights into memory and shows that the model answers. ERR_CORRUPT: an answer that is no
 * finite number; anything that model_score gives.
 */
int model_warm(const struct model *m);

#endif
