/* import_foreign.c - the first bytes of files that are no model of XGBoost or mich. */
#include "lib/make/import_foreign.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"

static const struct {
	const char *begins; /* NULL: by the ending alone */
	size_t n;
	const char *ends, *what;
} known[] = {
	{ "tree\nversion=", 13, NULL, "a model of LightGBM" },
	{ "CBM1", 4, NULL, "a model of CatBoost" },
	{ "\x89HDF", 4, NULL, "an HDF5 file, as Keras writes them" },
	{ "PK\x03\x04", 4, NULL, "a zip file, as PyTorch and Keras write them" },
	{ "\x80\x02", 2, NULL, "a pickle of Python" },
	{ "\x80\x03", 2, NULL, "a pickle of Python" },
	{ "\x80\x04", 2, NULL, "a pickle of Python" },
	{ "\x80\x05", 2, NULL, "a pickle of Python" },
	{ "binf", 4, NULL, "in the old binary format of XGBoost" },
	{ NULL, 0, ".onnx", "an ONNX graph" },
};

const char *import_foreign(const char *path, const void *data, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].begins ? n >= known[i].n && !memcmp(data, known[i].begins, known[i].n)
				    : path_ends_with(path, known[i].ends))
			return known[i].what;
	return NULL;
}
