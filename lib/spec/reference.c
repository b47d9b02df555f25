/* reference.c - an artifact as a Michfile names it. */
#include "lib/spec/reference.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static const char DIGITS[] = "0123456789";

static bool is_name(const char *s, size_t n)
{
	char *name = xstrndup(s, n);
	bool good = spec_check_name(name) == 0;

	free(name);
	if (!good)
		error_clear();
	return good;
}

static bool is_number(const char *rev)
{
	return *rev && !rev[strspn(rev, DIGITS)];
}

static bool is_id(const char *rev)
{
	size_t n = strlen(rev);

	return n >= 7 && strspn(rev, "0123456789abcdef") == n;
}

/* MAJOR.MINOR */
static bool is_release(const char *rev)
{
	size_t n = strspn(rev, DIGITS);

	return n && rev[n] == '.' && is_number(rev + n + 1);
}

static int refuse_rev(const struct field_where *w, const char *text, const char *rev)
{
	if (is_release(rev))
		return field_error(w,
				   "'%s' is a release without its namespace, want "
				   "NAMESPACE/NAME@%s",
				   text, rev);
	field_error(w, "'%s' may come to mean another version while this file stays the same",
		    text);
	return error_hint(ERR_INPUT,
			  "pin a number, an id or a release, or leave '@%s' away to follow "
			  "this checkout's version",
			  rev);
}

/* The part before the slash is a kind, or the namespace of a release. */
static int read_prefix(const struct field_where *w, enum spec_kind kind, const char *text, size_t n,
		       bool *released)
{
	int given = spec_kind_parse(text, n);

	*released = given < 0;
	if (given >= 0 && given != (int)kind)
		return field_error(w, "want a %s, not '%s'", spec_kind_name(kind), text);
	if (given < 0 && !is_name(text, n))
		return field_error(w, "'%.*s' in '%s' is no namespace", (int)n, text, text);
	return 0;
}

int reference_parse(const struct field_where *w, enum spec_kind kind, const char *text,
		    struct spec_ref *out)
{
	const char *at = strchr(text, '@'), *rev = at ? at + 1 : NULL;
	size_t n = at ? (size_t)(at - text) : strlen(text);
	const char *slash = memchr(text, '/', n), *name = slash ? slash + 1 : text;
	bool released = false;
	int rc = 0;

	*out = (struct spec_ref){ .kind = kind, .line = w->line };
	if (slash)
		rc = read_prefix(w, kind, text, (size_t)(slash - text), &released);
	if (rc < 0)
		return rc;
	n -= (size_t)(name - text);
	if (!is_name(name, n))
		return field_error(w, "'%s' names no %s: a name is [a-z0-9][a-z0-9_-]*", text,
				   spec_kind_name(kind));
	if (released && (!rev || !is_release(rev)))
		return field_error(w, "'%s' is no release, want NAMESPACE/NAME@MAJOR.MINOR", text);
	if (!released && rev && !is_number(rev) && !is_id(rev))
		return refuse_rev(w, text, rev);
	out->name = xstrndup(name, n);
	out->rev = rev ? xstrdup(rev) : NULL;
	out->text = released ? xstrdup(text) : xasprintf("%s/%s", spec_kind_name(kind), name);
	return 0;
}

void reference_clear(struct spec_ref *ref)
{
	free(ref->role);
	free(ref->text);
	free(ref->name);
	free(ref->rev);
	*ref = (struct spec_ref){ 0 };
}

bool reference_is_like(enum spec_kind kind, const char *text)
{
	const char *at = strchr(text, '@');
	size_t n = at ? (size_t)(at - text) : strlen(text);
	const char *slash = memchr(text, '/', n);
	bool rev = at && at[1] &&
		   (is_release(at + 1) ||
		    !at[1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_-")]);

	if (at && !rev)
		return false;
	if (!slash)
		return rev && is_name(text, n);
	if (!is_name(slash + 1, n - (size_t)(slash + 1 - text)))
		return false;
	return spec_kind_parse(text, (size_t)(slash - text)) == (int)kind ||
	       (rev && is_name(text, (size_t)(slash - text)));
}
