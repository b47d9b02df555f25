/* verify.h - is one version whole: are its files there, and do they have the bytes it was recorded with? */
#ifndef MICH_RECORD_CHECK_VERIFY_H
#define MICH_RECORD_CHECK_VERIFY_H

#include "lib/base/strlist.h"

struct repo;
struct version;

/*
 * Read every byte of a version: manifest, contents, files, kept sources, and hash them. Each thing
 * that is missing or other than recorded is a sentence in problems ("the bytes of 'files/model.ubj'
 * (1f0c...) are missing"). Mends nothing. <0 only when its entry cannot be read.
 */
int version_verify(struct repo *r, const struct version *v, struct strlist *problems);

#endif
