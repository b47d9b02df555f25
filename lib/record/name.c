/* name.c - the grammar of names. */
#include "lib/record/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { ID_PREFIX_MIN = 7, ID_HEX = 40, RELEASE_DIGITS = 9 };

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

/* Bytes of the UTF-8 letter that s begins with. */
static int letter_bytes(const char *s)
{
	int n = 1;

	while (((unsigned char)s[0] & 0xc0) == 0xc0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

int name_check(const char *what, const char *text)
{
	size_t n = strlen(text), good = strspn(text, name_bytes);
	int rc;

	if (n && n <= NAME_MAX_LEN && good == n && text[0] != '_' && text[0] != '-')
		return 0;
	if (!n)
		rc = error_set(ERR_INPUT, "the %s is empty", what);
	else if (n > NAME_MAX_LEN)
		rc = error_set(ERR_INPUT, "the %s '%.20s...' is longer than %d letters", what, text,
			       NAME_MAX_LEN);
	else if (good < n)
		rc = error_set(ERR_INPUT, "bad %s '%s': '%.*s' is not allowed", what, text,
			       letter_bytes(text + good), text + good);
	else
		rc = error_set(ERR_INPUT, "bad %s '%s': it begins with '%c'", what, text, text[0]);
	return error_hint(
		rc, "a %s is made of a-z, 0-9, _ and -, and begins with a letter or digit", what);
}

static int copy_part(const char *what, const char *from, size_t n, char out[NAME_MAX_LEN + 1])
{
	char part[NAME_MAX_LEN + 2];

	if (n > NAME_MAX_LEN)
		n = NAME_MAX_LEN + 1;
	memcpy(part, from, n);
	part[n] = '\0';
	memcpy(out, part, NAME_MAX_LEN);
	out[n > NAME_MAX_LEN ? NAME_MAX_LEN : n] = '\0';
	return name_check(what, part);
}

/* One number without leading zeros at *p; *p goes behind it. */
static bool read_number(const char **p, int64_t *out)
{
	size_t n = strspn(*p, "0123456789");

	if (!n || n > RELEASE_DIGITS || (n > 1 && **p == '0'))
		return false;
	*out = strtoll(*p, NULL, 10);
	*p += n;
	return true;
}

static bool read_release(const char *text, int64_t *major, int64_t *minor)
{
	return read_number(&text, major) && *text++ == '.' && read_number(&text, minor) && !*text;
}

int name_parse_release(const char *text, int64_t *major, int64_t *minor)
{
	if (read_release(text, major, minor))
		return 0;
	error_set(ERR_INPUT, "'%s' is no release, want MAJOR.MINOR as in 2.1", text);
	return ERR_INPUT;
}

bool name_is_kind(const char *word)
{
	static const char *const kinds[] = { "dataset", "feature", "model", "eval",  "prediction",
					     "bench",	"package", "graph", "stage", "release" };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i], word))
			return true;
	return false;
}

static int parse_rev(const char *text, struct name *out)
{
	size_t n = strlen(text);

	if (!n || n > NAME_MAX_LEN)
		return error_hint(
			error_set(ERR_INPUT, n ? "bad revision '@%.20s...'" : "bad revision '@%s'",
				  text),
			"a revision is a number, 7 or more digits of an id, latest, a release or a stage");
	memcpy(out->rev, text, n + 1);
	if (strspn(text, "0123456789") == n) {
		errno = 0;
		out->number = strtoll(text, NULL, 10);
		out->rev_type = REV_NUMBER;
		return errno ? error_set(ERR_INPUT, "bad revision '@%s': too large", text) : 0;
	}
	if (read_release(text, &out->major, &out->minor))
		out->rev_type = REV_RELEASE;
	else if (n >= ID_PREFIX_MIN && n <= ID_HEX && strspn(text, "0123456789abcdef") == n)
		out->rev_type = REV_ID;
	else if (!strcmp(text, "latest"))
		out->rev_type = REV_LATEST;
	else if (name_check("revision", text) < 0)
		return ERR_INPUT;
	else
		out->rev_type = REV_WORD;
	return 0;
}

int name_parse(const char *text, struct name *out)
{
	const char *at = strchr(text, '@');
	size_t n = at ? (size_t)(at - text) : strlen(text);
	const char *slash = memchr(text, '/', n);
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (slash && memchr(slash + 1, '/', n - (size_t)(slash + 1 - text))) {
		rc = error_set(ERR_INPUT, "bad name '%s': more than one slash", text);
		return error_hint(rc, "a version is named kind/name@N, as model/eta@3");
	}
	if (slash)
		rc = copy_part("kind", text, (size_t)(slash - text), out->kind);
	if (!rc) {
		const char *name = slash ? slash + 1 : text;

		rc = copy_part("name", name, (size_t)(text + n - name), out->name);
	}
	if (!rc && at)
		rc = parse_rev(at + 1, out);
	return rc;
}
