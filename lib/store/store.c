/* store.c - open a git repository and read its settings. */
#define _GNU_SOURCE
#include "lib/store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/git.h"

_Static_assert(sizeof(git_oid) == OID_BYTES, "libgit2 was built for another hash");

#ifdef MICH_STATIC_GIT
/*
 * Debian's libgit2 reads every CA certificate of the system when it starts (4.4 ms). No transport
 * of it is used here, so the linker puts this in the place of that start (-Wl,--wrap).
 */
int __wrap_git_mbedtls_stream_global_init(void);
int __wrap_git_mbedtls_stream_global_init(void)
{
	return 0;
}
#endif

int git_fail(int rc, const char *fmt, ...)
{
	const git_error *e = git_error_last();
	char text[1024];
	va_list ap;
	int code = ERR_FAIL;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (rc == GIT_ENOTFOUND)
		code = ERR_NOT_FOUND;
	else if (rc == GIT_EEXISTS || rc == GIT_EMODIFIED)
		code = ERR_EXISTS;
	else if (rc == GIT_ELOCKED)
		code = ERR_BUSY;
	else if (e && e->klass == GIT_ERROR_OS)
		code = ERR_IO;
	return error_set(code, "%s: %s", text,
			 e && e->message ? e->message : "libgit2 gave no reason");
}

/* Extensions that change nothing for us; objectformat and refstorage are looked at by value. */
static int git_start(void)
{
	static const char *extensions[] = { "partialclone", "worktreeconfig", "preciousobjects",
					    "objectformat", "refstorage",     "relativeworktrees" };
	static bool started;

	if (started)
		return 0;
	if (git_libgit2_init() < 0)
		return error_set(ERR_FAIL, "cannot start libgit2");
	git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, ARRAY_LEN(extensions));
	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	started = true;
	return 0;
}

static char *without_slash(const char *path)
{
	char *p;
	size_t n;

	if (!path)
		return NULL;
	p = xstrdup(path);
	for (n = strlen(p); n > 1 && p[n - 1] == '/'; n--)
		p[n - 1] = '\0';
	return p;
}

/* The folder that git would name: the nearest one upwards that holds .git, or is a bare repository.
 */
static char *repository_of(const char *dir)
{
	char *path = realpath(dir ? dir : ".", NULL);

	for (char *slash; path && (slash = strrchr(path, '/')) && slash > path; *slash = '\0') {
		char *git = path_join(path, ".git"), *head = path_join(path, "HEAD");
		bool found = file_exists(git) || file_exists(head);

		free(git);
		free(head);
		if (found)
			return path;
	}
	free(path);
	return xstrdup(dir ? dir : ".");
}

static int fail_owner(const char *dir)
{
	char *path = repository_of(dir);
	int rc = error_set(ERR_INPUT, "cannot open '%s': the repository belongs to somebody else",
			   path);

	rc = error_hint(rc, "git config --global --add safe.directory '%s'", path);
	free(path);
	return rc;
}

static bool is_foreign(int rc)
{
	const git_error *e = git_error_last();

	/* Without any safe.directory in the settings, libgit2 1.5 answers that it found no such
	 * setting. */
	return rc == GIT_EOWNER || (e && e->message && strstr(e->message, "safe.directory"));
}

/* What is there, where there is no repository. */
static int fail_no_repository(const char *dir, const char *shown)
{
	const char *git_dir = dir ? NULL : getenv("GIT_DIR");
	int code;

	if (git_dir && *git_dir) {
		code = error_set(ERR_NOT_FOUND, "GIT_DIR is '%s', which is no git repository",
				 git_dir);
		return error_hint(code, "unset GIT_DIR");
	}
	if (*shown != '/' && (!dir || !strcmp(dir, "."))) { /* it has no path */
		code = error_set(dir ? ERR_INPUT : ERR_NOT_FOUND,
				 "the folder that this runs in is gone");
		return error_hint(code, "cd to one that is there");
	}
	code = error_set(ERR_NOT_FOUND, "'%s' is not in a git repository", shown);
	return error_hint(code, "mich init");
}

static int fail_open(int rc, const char *dir)
{
	const git_error *e = git_error_last();
	char *real = realpath(dir ? dir : ".", NULL);
	const char *shown = real ? real : dir ? dir : ".";
	int code;

	if (is_foreign(rc)) {
		code = fail_owner(dir);
	} else if (rc == GIT_ENOTFOUND) {
		code = fail_no_repository(dir, shown);
	} else if (e && e->message && strstr(e->message, "extension")) {
		code = error_set(ERR_INPUT, "cannot open the git repository of '%s': %s", shown,
				 e->message);
		error_hint(code,
			   "this mich does not know that kind of repository; use a plain clone");
	} else {
		code = git_fail(rc, "cannot open the git repository of '%s'", shown);
	}
	free(real);
	return code;
}

/* The file, without includes: extensions count only there. */
static bool extension_is(const char *common_dir, const char *key, const char *value)
{
	char *path = path_join(common_dir, "config");
	git_config *c = NULL;
	git_buf text = { 0 };
	bool is = false;

	if (!git_config_open_ondisk(&c, path) && !git_config_get_string_buf(&text, c, key))
		is = !strcasecmp(text.ptr, value);
	git_buf_dispose(&text);
	git_config_free(c);
	free(path);
	return is;
}

static int refuse_formats(const struct store *s)
{
	if (extension_is(s->common_dir, "extensions.refstorage", "reftable"))
		return error_hint(error_set(ERR_INPUT,
					    "cannot open '%s': its refs are kept as reftable, "
					    "which mich does not read",
					    s->common_dir),
				  "git refs migrate --ref-format=files");
	if (extension_is(s->common_dir, "extensions.objectformat", "sha256"))
		return error_hint(error_set(ERR_INPUT,
					    "cannot open '%s': its objects are named by sha256, "
					    "which mich does not read",
					    s->common_dir),
				  "mich needs a repository made by git init --object-format=sha1");
	return 0;
}

static int open_git(const char *dir, git_repository **out)
{
	const char *git_dir = dir ? NULL : getenv("GIT_DIR");
	const char *tree = dir ? NULL : getenv("GIT_WORK_TREE");
	int rc;

	if (git_dir && *git_dir)
		rc = git_repository_open_ext(out, git_dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	else
		rc = git_repository_open_ext(out, dir ? dir : ".", 0,
					     getenv("GIT_CEILING_DIRECTORIES"));
	if (!rc && git_dir && *git_dir && tree && *tree)
		rc = git_repository_set_workdir(*out, tree, 0);
	return rc;
}

static int see_waiver(const git_config_entry *e, void *payload)
{
	bool *waived = payload;

	if (!*e->value)
		*waived = false; /* an empty one takes back those before it, as in git */
	else if (!strcmp(e->value, "*"))
		*waived = true;
	return 0;
}

/* safe.directory = * says that owners do not matter here, which libgit2 1.5 does not know. */
static bool owners_waived(void)
{
	git_config *c = NULL;
	bool waived = false;

	if (!git_config_open_default(&c))
		git_config_get_multivar_foreach(c, "safe.directory", NULL, see_waiver, &waived);
	git_config_free(c);
	return waived;
}

/* Of any owner, where the user's own settings, never the repository's, say that it may be. */
static int open_foreign(const char *dir, git_repository **out)
{
	int rc;

	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	rc = open_git(dir, out);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	return rc;
}

int store_open(const char *dir, struct store **out)
{
	struct store *s;
	char *shallow;
	int rc;

	*out = NULL;
	if ((rc = git_start()) < 0)
		return rc;
	s = xcalloc(1, sizeof(*s));
	if ((rc = open_git(dir, &s->repo)) < 0 && is_foreign(rc) && owners_waived())
		rc = open_foreign(dir, &s->repo);
	if (rc < 0) {
		rc = fail_open(rc, dir);
		goto out;
	}
	s->common_dir = without_slash(git_repository_commondir(s->repo));
	s->git_dir = without_slash(git_repository_path(s->repo));
	s->workdir = without_slash(git_repository_workdir(s->repo));
	s->objects_dir = path_join(s->common_dir, "objects");
	shallow = path_join(s->common_dir, "shallow");
	s->shallow = file_exists(shallow);
	free(shallow);
	rc = refuse_formats(s);
out:
	if (rc < 0)
		store_close(s);
	else
		*out = s;
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	git_odb_free(s->odb);
	git_config_free(s->config);
	git_index_free(s->index);
	git_repository_free(s->repo);
	free(s->common_dir);
	free(s->git_dir);
	free(s->workdir);
	free(s->objects_dir);
	free(s);
}

int store_create(const char *dir)
{
	git_repository_init_options o;
	git_repository *repo = NULL;
	const char *git_dir = getenv("GIT_DIR");
	char *real = realpath(dir, NULL);
	bool elsewhere = !real || (git_dir && *git_dir);
	int rc = git_start();

	free(real);
	if (rc == 0 && elsewhere && !strcmp(dir, "."))
		rc = fail_no_repository(NULL, dir);
	if (rc < 0)
		return rc;
	git_repository_init_options_init(&o, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	o.flags = GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_EXTERNAL_TEMPLATE;
	if ((rc = git_repository_init_ext(&repo, dir, &o)) < 0)
		return git_fail(rc, "cannot make a git repository at '%s'", dir);
	git_repository_free(repo);
	return 0;
}

const char *store_common_dir(const struct store *s)
{
	return s->common_dir;
}

const char *store_workdir(const struct store *s)
{
	return s->workdir;
}

const char *store_objects_dir(const struct store *s)
{
	return s->objects_dir;
}

bool store_is_shallow(const struct store *s)
{
	return s->shallow;
}

static git_config *store_settings(struct store *s)
{
	git_config *live = NULL;

	if (s->config)
		return s->config;
	if (git_repository_config(&live, s->repo) == 0)
		git_config_snapshot(&s->config, live);
	git_config_free(live);
	return s->config;
}

int store_config(struct store *s, const char *key, char **out)
{
	git_config *c = store_settings(s);
	const char *text;
	int rc;

	*out = NULL;
	if (!c)
		return git_fail(-1, "cannot read git's settings");
	rc = git_config_get_string(&text, c, key);
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return git_fail(rc, "cannot read the setting '%s'", key);
	*out = xstrdup(text);
	return 1;
}

int store_config_bool(struct store *s, const char *key, bool fallback, bool *out)
{
	git_config *c = store_settings(s);
	int value, rc;

	*out = fallback;
	if (!c)
		return git_fail(-1, "cannot read git's settings");
	rc = git_config_get_bool(&value, c, key);
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return git_fail(rc, "the setting '%s'", key);
	*out = value;
	return 0;
}

int store_head(struct store *s, struct oid *out)
{
	int rc = git_reference_name_to_id((git_oid *)(void *)out->b, s->repo, "HEAD");

	if (rc)
		memset(out, 0, sizeof(*out));
	if (rc == GIT_ENOTFOUND || rc == GIT_EUNBORNBRANCH)
		return 0;
	return rc < 0 ? git_fail(rc, "cannot read HEAD") : 1;
}

git_odb *git_store_odb(struct store *s)
{
	int rc;

	if (!s->odb && (rc = git_repository_odb(&s->odb, s->repo)) < 0) {
		git_fail(rc, "cannot open git's objects");
		return NULL;
	}
	return s->odb;
}

const char *store_library(void)
{
	static _Thread_local char text[32];
	int major = 0, minor = 0, patch = 0;

	git_libgit2_version(&major, &minor, &patch);
	snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
	return text;
}
