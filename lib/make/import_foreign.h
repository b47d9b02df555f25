/* import_foreign.h - what a file of other programs is, by its first bytes, so that a refusal can name it. */
#ifndef MICH_MAKE_IMPORT_FOREIGN_H
#define MICH_MAKE_IMPORT_FOREIGN_H

#include <stddef.h>

/* "a model of LightGBM"; NULL: nothing that is known. path: only its ending is looked at. */
const char *import_foreign(const char *path, const void *data, size_t n);

#endif
