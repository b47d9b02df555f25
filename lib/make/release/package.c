/* package.c - a version as one file that stands alone. */
#define _GNU_SOURCE
#include "lib/make/release/package.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/bundle.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/folder.h"
#include "lib/record/version.h"
#include "lib/store/object.h"

static const char FORMAT[] = "mich-package/1";

/* --- writing -------------------------------------------------------------------------------------- */

/* A file of the version's tree beside the others. */
static int copy_document(struct repo *r, const struct version *v, const char *name, const char *dir)
{
	struct buf b = BUF_INIT;
	char *path = path_join(dir, name);
	int rc = version_cat(r, v, name, &b);

	if (!rc)
		rc = file_write(path, b.data, b.len);
	free(path);
	buf_clear(&b);
	return rc;
}

static int write_about(const struct version *v, const char *release, const char *dir)
{
	char *path = path_join(dir, "package.json"), *ref = version_ref(v);
	json_t *about = json_pack("{s:s,s:s,s:s,s:s,s:s?}", "format", FORMAT, "ref", ref, "id",
				  v->id, "content", v->content, "release", release);
	int rc = json_write(path, about);

	json_decref(about);
	free(ref);
	free(path);
	return rc;
}

static int lay_down(struct repo *r, const struct version *v, const char *release, const char *dir)
{
	char *files = path_join(dir, "files");
	int rc = version_place(r, v, PLACE_LINK, files);

	if (!rc)
		rc = copy_document(r, v, "manifest.json", dir);
	if (!rc)
		rc = copy_document(r, v, "contents", dir);
	if (!rc && version_has(r, v, "metrics.json"))
		rc = copy_document(r, v, "metrics.json", dir);
	if (!rc)
		rc = write_about(v, release, dir);
	free(files);
	return rc;
}

int package_write(struct repo *r, const struct version *v, const char *release, const char *path)
{
	char *dir, *ref = version_ref(v);
	int rc, removed;

	if (v->collected || !*v->content) {
		rc = error_set(ERR_NOT_FOUND,
			       v->collected ? "the files of %s were removed: only its entry is left"
					    : "%s made no files",
			       ref);
		error_hint(rc, "mich show %s", ref);
		free(ref);
		return rc;
	}
	free(ref);
	dir = xasprintf("%s.%ld.partial", path, (long)getpid());
	rc = file_make_parents(path);
	if (!rc)
		rc = file_make_dirs(dir);
	if (!rc)
		rc = lay_down(r, v, release, dir);
	if (!rc)
		rc = bundle_run("pack", dir, path);
	removed = file_remove_tree(dir);
	free(dir);
	return rc ? rc : removed;
}

/* --- reading -------------------------------------------------------------------------------------- */

bool package_named(const char *text)
{
	return *text == '/' || *text == '.' || path_ends_with(text, ".tar");
}

static int damaged(const char *path, const char *what, const char *why)
{
	return error_hint(
		error_set(ERR_CORRUPT, "the package '%s' is damaged: %s %s", path, what, why),
		"copy it again from where it was made");
}

/* The first file that is not as listed. */
static int name_difference(const char *path, const struct contents *listed,
			   const struct contents *found)
{
	for (size_t i = 0; i < listed->n; i++) {
		const struct contents_line *is = contents_find(found, listed->v[i].path);

		if (!is)
			return damaged(path, listed->v[i].path, "is missing");
		if (strcmp(is->sha256, listed->v[i].sha256) != 0)
			return damaged(path, listed->v[i].path, "is not what was packed");
	}
	for (size_t i = 0; i < found->n; i++)
		if (!contents_find(listed, found->v[i].path))
			return damaged(path, found->v[i].path, "does not belong to it");
	return damaged(path, "contents", "is not its listing");
}

static int check_files(const char *path, const char *dir, const char *content, const char *files)
{
	struct contents listed = CONTENTS_INIT, found = CONTENTS_INIT;
	char *listing = path_join(dir, "contents"), hash[HASH_HEX + 1], actual[HASH_HEX + 1];
	struct buf b = BUF_INIT;
	int rc = file_read(listing, &b);

	hash_data(b.data, b.len, hash);
	if (!rc && strcmp(hash, content) != 0)
		rc = damaged(path, "contents", "is not what the manifest says");
	if (!rc)
		rc = contents_parse(b.data, b.len, &listed);
	if (!rc)
		rc = folder_contents(files, &found);
	if (!rc) {
		contents_hash(&found, actual);
		if (strcmp(actual, content) != 0)
			rc = name_difference(path, &listed, &found);
	}
	contents_clear(&listed);
	contents_clear(&found);
	buf_clear(&b);
	free(listing);
	return rc;
}

/* The manifest's bytes must be those that the version is named after. */
static int read_manifest(const char *path, const char *dir, const char *id, json_t **out)
{
	char *name = path_join(dir, "manifest.json"), hex[OID_HEX + 1];
	struct buf b = BUF_INIT;
	struct oid oid;
	int rc = file_read(name, &b);

	if (!rc) {
		object_name(OBJECT_BLOB, b.data, b.len, &oid);
		oid_hex(&oid, hex);
		if (strcmp(hex, id) != 0)
			rc = damaged(path, "manifest.json", "is not what was packed");
	}
	if (!rc)
		rc = json_parse(b.data, b.len, name, out);
	buf_clear(&b);
	free(name);
	return rc;
}

static int check(const char *path, const char *dir, struct package *p)
{
	char *name = path_join(dir, "package.json");
	int rc = file_exists(name) ? json_read(name, &p->about) : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND || (!rc && strcmp(json_str(p->about, "format", ""), FORMAT) != 0))
		rc = error_hint(error_set(ERR_INPUT, "'%s' is no package of mich", path),
				"mich package MODEL makes one");
	if (!rc)
		rc = read_manifest(path, dir, json_str(p->about, "id", ""), &p->manifest);
	if (!rc)
		rc = check_files(path, dir, json_str(p->manifest, "content", ""), p->files);
	free(name);
	return rc;
}

/* What the unpacker said, without its name. */
static int no_archive(const char *path)
{
	static const char name[] = "mich-bundle: ";
	const char *why = strstr(error_text(), name);
	char *said = xstrdup(why ? why + sizeof name - 1 : error_text());
	int rc = error_set(ERR_INPUT, "'%s' is no package of mich: %s", path, said);

	free(said);
	return error_hint(rc, "mich package MODEL makes one");
}

int package_open(const char *path, const char *scratch_dir, struct package *out)
{
	const char *dir = path;
	int rc = 0;

	*out = (struct package){ 0 };
	if (!file_exists(path))
		return error_set(ERR_NOT_FOUND, "there is no package '%s'", path);
	if (!file_is_dir(path)) {
		out->scratch = xasprintf("%s/package-XXXXXX", scratch_dir);
		if (!mkdtemp(out->scratch)) {
			rc = error_errno("cannot make a folder in '%s'", scratch_dir);
			free(out->scratch);
			out->scratch = NULL;
			return rc;
		}
		dir = out->scratch;
		rc = bundle_run("unpack", path, dir);
		if (rc == ERR_STEP)
			rc = no_archive(path);
	}
	out->files = path_join(dir, "files");
	if (!rc)
		rc = check(path, dir, out);
	if (rc)
		package_close(out);
	return rc;
}

void package_close(struct package *p)
{
	int code = 0;

	if (p->scratch)
		code = file_remove_tree(p->scratch);
	(void)code; /* what is left in a scratch folder harms nobody */
	json_decref(p->about);
	json_decref(p->manifest);
	free(p->files);
	free(p->scratch);
	*p = (struct package){ 0 };
}
