/*
 * signing.c - let git sign a tag. It runs in a bare repository of a moment that borrows the objects and
 * the settings of ours, and its tag is read back as bytes.
 */
#define _GNU_SOURCE
#include "lib/make/release/signing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/store/store.h"
#include "lib/store/tag.h"

enum { SIGN_LIMIT_MS = 5 * 60 * 1000 }; /* somebody may have to type a passphrase */

int signing_wanted(struct repo *r, bool *out)
{
	char *key = NULL, *set = NULL;
	int rc = repo_config(r, "tag.gpgSign", &set);

	*out = false;
	if (rc == 1)
		rc = store_config_bool(repo_store(r), "tag.gpgSign", false, out);
	else if (rc == 0 && (rc = repo_config(r, "user.signingKey", &key)) == 1)
		*out = true;
	free(set);
	free(key);
	return rc < 0 ? rc : 0;
}

static int write_file(const char *dir, const char *name, const char *text, size_t n)
{
	char *path = path_join(dir, name);
	int rc = file_make_parents(path);

	if (!rc)
		rc = file_write(path, text, n);
	free(path);
	return rc;
}

/* "value" with git's quotes. */
static void add_quoted(const char *text, struct buf *out)
{
	buf_addch(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *text);
	}
	buf_addch(out, '"');
}

static int make_home(struct repo *r, const char *dir, const char *message)
{
	struct store *s = repo_store(r);
	char *config = path_join(store_common_dir(s), "config"), *refs = path_join(dir, "refs");
	struct buf text = BUF_INIT;
	int rc;

	buf_addstr(&text,
		   "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[include]\n\tpath = ");
	add_quoted(config, &text);
	buf_addstr(&text, "\n[core]\n\thooksPath = /dev/null\n\tbare = true\n");
	rc = write_file(dir, "config", text.data, text.len);
	buf_reset(&text);
	buf_addf(&text, "%s\n", store_objects_dir(s));
	if (!rc)
		rc = write_file(dir, "objects/info/alternates", text.data, text.len);
	if (!rc)
		rc = write_file(dir, "HEAD", "ref: refs/heads/none\n", 21);
	if (!rc)
		rc = write_file(dir, "message", message, strlen(message));
	if (!rc)
		rc = file_make_dirs(refs);
	buf_clear(&text);
	free(config);
	free(refs);
	return rc;
}

/* Git's identity is ours, also where git itself has none. */
static int sign(struct repo *r, const char *dir, const char *name, const char *commit,
		struct buf *tag_out)
{
	const char *user = repo_user(r), *open = strstr(user, " <");
	char *git_dir = xasprintf("--git-dir=%s", dir), *message = path_join(dir, "message");
	char *who = xasprintf("user.name=%.*s", open ? (int)(open - user) : 0, user);
	char *mail = xasprintf("user.email=%.*s", open ? (int)strcspn(open + 2, ">") : 0,
			       open ? open + 2 : "");
	const char *const tag[] = { "git",
				    git_dir,
				    "-c",
				    who,
				    "-c",
				    mail,
				    "tag",
				    "-s",
				    "-F",
				    message,
				    "--cleanup=verbatim",
				    name,
				    commit,
				    NULL };
	const char *const cat[] = { "git", git_dir, "cat-file", "tag", name, NULL };
	struct buf said = BUF_INIT;
	int rc = process_capture(tag, SIGN_LIMIT_MS, &said);

	if (!rc)
		rc = process_capture(cat, SIGN_LIMIT_MS, tag_out);
	buf_clear(&said);
	free(git_dir);
	free(message);
	free(who);
	free(mail);
	return rc;
}

static int check_tag(const struct buf *bytes, const struct oid *commit)
{
	struct tag t;
	int rc = tag_parse(bytes->data, bytes->len, &t);

	if (!rc && (!t.is_signed || !oid_equal(&t.object, commit)))
		rc = error_set(ERR_FAIL, "git made a tag that is not signed, or of something else");
	tag_clear(&t);
	return rc;
}

int signing_tag(const char *name, const struct oid *commit, const char *message,
		struct buf *tag_out, void *payload)
{
	struct repo *r = payload;
	char *dir, hex[OID_HEX + 1];
	int rc = scratch_make(r, "sign", &dir);

	oid_hex(commit, hex);
	if (rc == 0)
		rc = make_home(r, dir, message);
	if (rc == 0 && (rc = sign(r, dir, name, hex, tag_out)) == 0)
		rc = check_tag(tag_out, commit);
	if (dir)
		file_remove_tree(dir);
	free(dir);
	if (rc == 0)
		return 0;
	error_wrap(rc, "cannot sign the release");
	return error_hint(
		rc == ERR_STEP ? ERR_FAIL : rc,
		"mend git's signing (git tag -s try), or leave it: git config tag.gpgSign "
		"false");
}
