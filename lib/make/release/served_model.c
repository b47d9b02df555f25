/* served_model.c - names to versions, versions to models in memory. */
#define _GNU_SOURCE
#include "lib/make/release/served_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/make/pick.h"
#include "lib/model/model.h"
#include "lib/model/warm.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/files.h"
#include "lib/record/name.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/step/wording.h"

static const char DEFAULT_STAGE[] = "production";

void served_name_clear(struct served_name *n)
{
	free(n->text);
	free(n->name);
	free(n->space);
	free(n->released);
	free(n->stage);
	free(n->package);
	*n = (struct served_name){ 0 };
}

void served_meaning_clear(struct served_meaning *m)
{
	version_clear(&m->version);
	free(m->ref);
	free(m->number);
	free(m->release);
	*m = (struct served_meaning){ 0 };
}

/* A namespace, and what is behind it. */
static int parse_released(struct repo *r, const struct name *n, struct served_name *out)
{
	out->space = xstrdup(n->kind);
	out->released = xstrdup(n->name);
	if (n->rev_type == REV_RELEASE)
		return 0;
	if (n->rev_type != REV_NONE && n->rev_type != REV_WORD) {
		error_set(ERR_INPUT, "'%s': a released name takes @STAGE or @MAJOR.MINOR",
			  out->text);
		return error_hint(ERR_INPUT, "mich stages %s/%s", n->kind, n->name);
	}
	out->stage = xstrdup(n->rev_type == REV_WORD ? n->rev : DEFAULT_STAGE);
	return stage_check(r, out->stage);
}

static int parse(struct repo *r, struct served_name *out)
{
	struct name n;
	int rc = name_parse(out->text, &n);

	if (rc < 0)
		return rc;
	if (!out->name)
		out->name = xstrdup(n.name);
	if (*n.kind && !name_is_kind(n.kind))
		return parse_released(r, &n, out);
	if (*n.kind && strcmp(n.kind, "model"))
		return error_set(ERR_INPUT, "'%s' is a %s: only models are served", out->text,
				 n.kind);
	if (n.rev_type != REV_WORD)
		return 0;
	rc = release_of_model(r, n.name, &out->space, &out->released);
	if (!rc)
		rc = stage_check(r, n.rev);
	if (!rc)
		out->stage = xstrdup(n.rev);
	return rc;
}

/* "model/eta@14" as a package tells it, in its parts. */
static int read_about(const struct package *p, const char *path, struct served_meaning *out)
{
	const char *release = json_str(p->about, "release", NULL), *at;
	struct version *v = &out->version;
	struct name n;
	int rc = name_parse(json_str(p->about, "ref", ""), &n);

	if (!rc && (strcmp(n.kind, "model") != 0 || n.rev_type != REV_NUMBER))
		rc = error_set(ERR_INPUT, "the package '%s' holds %s: only models are served", path,
			       json_str(p->about, "ref", "something without a name"));
	if (rc)
		return rc;
	*v = (struct version){ .kind = xstrdup(n.kind),
			       .name = xstrdup(n.name),
			       .number = n.number,
			       .build = xstrdup("good"),
			       .validation = xstrdup("none"),
			       .life = xstrdup("active") };
	snprintf(v->id, sizeof v->id, "%s", json_str(p->about, "id", ""));
	out->release = release ? xstrdup(release) : NULL;
	at = release ? strchr(release, '@') : NULL;
	out->number = at ? xstrdup(at + 1) : xasprintf("%lld", (long long)n.number);
	return 0;
}

static int from_package(struct repo *r, const char *path, struct served_meaning *out)
{
	struct package p = { 0 };
	char *scratch;
	int rc = scratch_make(r, "package", &scratch), removed;

	if (rc)
		return rc;
	rc = package_open(path, scratch, &p);
	if (!rc)
		rc = read_about(&p, path, out);
	package_close(&p);
	removed = file_remove_tree(scratch);
	free(scratch);
	return rc ? rc : removed;
}

/* What it is called by is in it. */
static int parse_package(struct repo *r, struct served_name *out)
{
	struct served_meaning m = { .version = VERSION_INIT };
	int rc = from_package(r, out->text, &m);

	if (!rc)
		out->package = xstrdup(out->text);
	if (!rc && !out->name)
		out->name = xstrdup(m.version.name);
	served_meaning_clear(&m);
	return rc;
}

int served_name_parse(struct repo *r, const char *text, struct served_name *out)
{
	const char *eq = strchr(text, '=');
	int rc = 0;

	*out = (struct served_name){ .text = xstrdup(eq ? eq + 1 : text) };
	if (eq) {
		out->name = xstrndup(text, (size_t)(eq - text));
		rc = name_check("name", out->name);
	}
	if (!rc && package_named(out->text))
		rc = parse_package(r, out);
	else if (!rc)
		rc = parse(r, out);
	if (rc)
		served_name_clear(out);
	return rc;
}

/* What the stage holds; its release must still be there. */
static int from_stage(struct repo *r, const struct served_name *n, struct served_meaning *out)
{
	struct release release = RELEASE_INIT;
	struct stage s = STAGE_INIT;
	int rc = stage_now(r, n->space, n->released, n->stage, &s);

	if (!rc)
		rc = release_find(r, n->space, n->released, s.major, s.minor, &release);
	if (!rc && strcmp(release.version, s.version))
		rc = error_set(ERR_CORRUPT, "%s/%s@%lld.%lld is not what %s holds under that name",
			       n->space, n->released, (long long)s.major, (long long)s.minor,
			       n->stage);
	if (!rc)
		rc = version_by_id(r, s.version, &out->version);
	if (!rc) {
		out->release = stage_ref(&s);
		out->number = xasprintf("%lld.%lld", (long long)s.major, (long long)s.minor);
		memcpy(out->move, s.commit, sizeof out->move);
	}
	release_clear(&release);
	stage_clear(&s);
	return rc;
}

/* "maps/eta@2.1". */
static int from_release(struct repo *r, const struct served_name *n, struct served_meaning *out)
{
	int rc = version_find(r, NULL, n->text, &out->version);

	if (!rc) {
		out->release = xstrdup(n->text);
		out->number = xstrdup(strchr(n->text, '@') + 1);
	}
	return rc;
}

static int from_model(struct repo *r, const struct served_name *n, struct served_meaning *out)
{
	struct name name;
	int rc = name_parse(n->text, &name);

	if (!rc)
		rc = pick_version(r, "model", n->text, &out->version);
	if (!rc)
		out->number = xasprintf("%lld", (long long)out->version.number);
	return rc;
}

/* Only what is good and not retired is served. */
static int check(const struct served_meaning *m)
{
	const struct version *v = &m->version;

	if (strcmp(v->kind, "model"))
		return error_set(ERR_INPUT, "%s is no model", m->ref);
	if (strcmp(v->build, "good"))
		return error_set(ERR_INPUT, "%s is not good: %s", m->ref, v->build);
	if (strcmp(v->life, "retired"))
		return 0;
	error_set(ERR_INPUT, "%s is retired", m->ref);
	return error_hint(ERR_INPUT, "name another version: mich log model/%s", v->name);
}

int served_name_now(struct repo *r, const struct served_name *n, struct served_meaning *out)
{
	int rc;

	*out = (struct served_meaning){ .version = VERSION_INIT };
	if (n->package)
		rc = from_package(r, n->package, out);
	else if (n->stage)
		rc = from_stage(r, n, out);
	else
		rc = n->space ? from_release(r, n, out) : from_model(r, n, out);
	if (!rc) {
		out->ref = version_ref(&out->version);
		rc = check(out);
	}
	if (rc)
		served_meaning_clear(out);
	return rc;
}

static void add_stat(const char *path, long long v[2])
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	v[0] = (long long)st.st_ino;
	v[1] = (long long)st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
}

void served_name_stamp(const struct repo *r, const struct served_name *n, struct served_stamp *out)
{
	char *git, *path;

	*out = (struct served_stamp){ 0 };
	if (n->package)
		return;
	git = xasprintf("%s/..", repo_mich_dir(r));
	path = xasprintf("%s/packed-refs", git);
	add_stat(path, out->v);
	free(path);
	if (n->stage) {
		path = xasprintf("%s/refs/mich/stage/%s/%s/%s", git, n->space, n->released,
				 n->stage);
		add_stat(path, out->v + 2);
		free(path);
	}
	if (n->space) {
		path = xasprintf("%s/refs/mich/release/%s/%s", git, n->space, n->released);
		add_stat(path, out->v + 4);
		free(path);
	}
	free(git);
}

/* Every file as the record lists it: a disk that lost its end shows here, not in an answer. */
static int verify(const char *dir, const struct contents *want)
{
	char hash[HASH_HEX + 1];

	for (size_t i = 0; i < want->n; i++) {
		const struct contents_line *line = &want->v[i];
		char *path = path_join(dir, line->path);
		int64_t size = 0;
		int rc = line->mode == CONTENTS_LINK ? 0 : hash_file(path, hash, &size);

		free(path);
		if (rc)
			return rc;
		if (line->mode != CONTENTS_LINK && strcmp(hash, line->sha256)) {
			error_set(ERR_CORRUPT,
				  "its file '%s' is not what was recorded: %lld bytes, want %lld",
				  line->path, (long long)size, (long long)line->size);
			return error_hint(ERR_CORRUPT, "mich fsck --full");
		}
	}
	return 0;
}

static int place_version(struct repo *r, const struct version *v, struct served_files *out)
{
	int rc;

	*out = (struct served_files){ .ref = version_ref(v), .want = CONTENTS_INIT };
	rc = scratch_make(r, "serve", &out->scratch);
	if (!rc) {
		out->dir = path_join(out->scratch, "files");
		rc = version_contents(r, v, &out->want);
	}
	if (!rc)
		rc = version_place(r, v, PLACE_LINK, out->dir);
	if (rc && !strstr(error_text(), out->ref))
		error_wrap(rc, "%s", out->ref);
	if (rc)
		served_files_clear(out);
	return rc;
}

static int place_package(struct repo *r, const struct served_name *n, const struct version *v,
			 struct served_files *out)
{
	int rc;

	*out = (struct served_files){ .ref = version_ref(v), .want = CONTENTS_INIT };
	rc = scratch_make(r, "serve", &out->scratch);
	if (!rc)
		rc = package_open(n->package, out->scratch, &out->package);
	if (!rc)
		out->dir = xstrdup(out->package.files);
	if (rc)
		served_files_clear(out);
	return rc;
}

int served_name_place(struct repo *r, const struct served_name *n, const struct version *v,
		      struct served_files *out)
{
	return n->package ? place_package(r, n, v, out) : place_version(r, v, out);
}

int served_model_read(const struct served_files *f, struct model **out)
{
	int rc = verify(f->dir, &f->want);

	*out = NULL;
	if (!rc)
		rc = model_open(f->dir, out);
	if (!rc && (rc = model_warm(*out)) < 0) {
		model_free(*out);
		*out = NULL;
	}
	if (rc)
		wording_name(rc, f->dir, f->ref);
	if (rc && !strstr(error_text(), f->ref))
		error_wrap(rc, "%s", f->ref);
	return rc;
}

int served_files_clear(struct served_files *f)
{
	int rc;

	package_close(&f->package);
	rc = f->scratch ? file_remove_tree(f->scratch) : 0;
	contents_clear(&f->want);
	free(f->scratch);
	free(f->dir);
	free(f->ref);
	*f = (struct served_files){ .want = CONTENTS_INIT };
	return rc;
}

int served_name_open(struct repo *r, const struct served_name *n, const struct version *v,
		     struct model **out)
{
	struct served_files files;
	int rc = served_name_place(r, n, v, &files), removed;

	*out = NULL;
	if (rc)
		return rc;
	rc = served_model_read(&files, out);
	removed = served_files_clear(&files);
	return rc ? rc : removed;
}
