/* basecontract.h - what trees that go on from others must take over from them. */
#ifndef MICH_MAKE_TRAIN_BASECONTRACT_H
#define MICH_MAKE_TRAIN_BASECONTRACT_H

#include "lib/model/contract.h"

/*
 * Trees that are there know inputs by their places and categories by their codes: *c, fitted for the model
 * called name, becomes the contract in the model.json at path, with categories that are new behind. ERR_INPUT:
 * one has a column that the other has not, or of another type.
 */
int basecontract_follow(const char *path, const char *name, struct contract *c);

#endif
