/*
 * import_folder.h - what mich itself wrote, taken in again: the folder of 'mich export', or the file or folder of
 * 'mich package'. A model of any kind, with its own contract.
 */
#ifndef MICH_MAKE_IMPORT_FOLDER_H
#define MICH_MAKE_IMPORT_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/json.h"

struct model;

struct import_folder {
	struct model *model;	    /* as it is recorded; NULL: nothing was taken */
	char content[HASH_HEX + 1]; /* of what was brought, as a version of it has it */
	int64_t bytes;
	bool has_partitions; /* partitions.json is among them */
	json_t *package;     /* package.json; NULL: it was a folder */
};

/* Rather than a model's one file: a folder, or a .tar. */
bool import_folder_named(const char *path);

/*
 * Copy its files to `to` (made) and open the model there. mode: of the contract, NULL: its own. scratch: an
 * existing folder to unpack in. ERR_INPUT: a folder without model.json, one with links or devices; as
 * package_open and model_open. import_folder_clear in any case.
 */
int import_folder_take(const char *path, const char *mode, const char *scratch, const char *to,
		       struct import_folder *out);
void import_folder_clear(struct import_folder *f);

#endif
