/* import_folder.c - a folder or package of a model, copied and opened. */
#define _GNU_SOURCE
#include "lib/make/import_folder.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/release/package.h"
#include "lib/model/contract.h"
#include "lib/model/model.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/folder.h"
#include "lib/step/wording.h"

bool import_folder_named(const char *path)
{
	return file_is_dir(path) || path_ends_with(path, ".tar");
}

static bool has(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	bool there = file_exists(path);

	free(path);
	return there;
}

/* --- copying -------------------------------------------------------------------------------------- */

static int copy_entry(const char *path, const char *rel, const struct stat *st, void *payload)
{
	char *to = path_join(payload, rel);
	int rc;

	if (S_ISDIR(st->st_mode))
		rc = file_make_dirs(to);
	else if (S_ISREG(st->st_mode))
		rc = file_copy(path, to, st->st_mode & 0111 ? 0755 : 0644);
	else
		rc = error_set(ERR_INPUT, "'%s' is no file and no folder: a model has none such",
			       path);
	free(to);
	return rc;
}

/* As a version of these files would list them. */
static int list(const char *dir, struct import_folder *out)
{
	struct contents all = CONTENTS_INIT;
	int rc = folder_contents(dir, &all);

	for (size_t i = 0; !rc && i < all.n; i++)
		out->bytes += all.v[i].size;
	if (!rc)
		contents_hash(&all, out->content);
	contents_clear(&all);
	return rc;
}

static int set_mode(const char *dir, const char *mode)
{
	char *path = path_join(dir, "model.json");
	enum contract_mode known;
	json_t *meta = NULL;
	int rc = contract_mode_parse(mode, &known);

	if (!rc)
		rc = json_read(path, &meta);
	if (!rc && !json_is_object(json_object_get(meta, "contract")))
		rc = error_set(ERR_CORRUPT, "'%s' has no contract", path);
	if (!rc) {
		json_object_set_new(json_object_get(meta, "contract"), "mode", json_string(mode));
		rc = json_write(path, meta);
	}
	json_decref(meta);
	free(path);
	return rc;
}

static int no_model(const char *path)
{
	error_set(ERR_INPUT, "'%s' has no model.json, so mich cannot score with it", path);
	return error_hint(ERR_INPUT, "name a model's file, or a folder that mich export wrote");
}

static int take(const char *path, const char *from, const char *mode, const char *to,
		struct import_folder *out)
{
	int rc = has(from, "model.json") ? file_make_dirs(to) : no_model(path);

	if (!rc)
		rc = file_walk(from, copy_entry, (void *)to);
	if (!rc)
		rc = list(to, out);
	out->has_partitions = !rc && has(to, "partitions.json");
	if (!rc && mode)
		rc = set_mode(to, mode);
	if (!rc)
		rc = model_open(to, &out->model);
	return rc ? wording_name(rc, to, path) : 0;
}

int import_folder_take(const char *path, const char *mode, const char *scratch, const char *to,
		       struct import_folder *out)
{
	struct package p = { 0 };
	int rc;

	*out = (struct import_folder){ 0 };
	if (file_is_dir(path) && !has(path, "package.json"))
		return take(path, path, mode, to, out);
	rc = package_open(path, scratch, &p);
	if (!rc)
		rc = take(path, p.files, mode, to, out);
	if (!rc)
		out->package = json_incref(p.about);
	package_close(&p);
	return rc;
}

void import_folder_clear(struct import_folder *f)
{
	model_free(f->model);
	json_decref(f->package);
	*f = (struct import_folder){ 0 };
}
