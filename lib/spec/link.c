/* link.c - which node of a Michfile reads which. */
#define _GNU_SOURCE /* memrchr */
#include "lib/spec/link.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

enum { SOURCE_NAME_MOST = 64 };

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

int link_ref_parse(const struct field_where *w, enum spec_kind kind, const char *text,
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

void link_ref_clear(struct spec_ref *ref)
{
	free(ref->role);
	free(ref->text);
	free(ref->name);
	free(ref->rev);
	*ref = (struct spec_ref){ 0 };
}

static void clear_sources(struct spec_node *node)
{
	for (size_t i = 0; i < node->n_source; i++) {
		struct spec_source *s = &node->source[i];

		free(s->name);
		free(s->path);
		free(s->table);
		s->name = s->path = s->table = NULL;
		s->ref = NULL;
	}
}

void link_clear(struct spec_node *node)
{
	clear_sources(node);
	for (size_t i = 0; i < node->n_ref; i++)
		link_ref_clear(&node->ref[i]);
	free(node->ref);
	node->ref = NULL;
	node->n_ref = 0;
}

/* Length of the name in "NAME = PATH", 0 where text is a path alone; *rest is the path. */
static size_t read_alias(const char *text, const char **rest)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t n = strspn(text, first), blanks;

	*rest = text;
	if (!n)
		return 0;
	n += strspn(text + n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	blanks = strspn(text + n, " \t");
	if (text[n + blanks] != '=')
		return 0;
	*rest = text + n + blanks + 1;
	*rest += strspn(*rest, " \t");
	return n;
}

/*
 * A data set of this file by its plain name; dataset/NAME; or a name with something behind @ that
 * reads like a revision. All else is a path.
 */
static bool is_dataset(const struct spec *s, const char *text)
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
		return is_name(text, n) && (rev || spec_find(s, SPEC_DATASET, text));
	if (!is_name(slash + 1, n - (size_t)(slash + 1 - text)))
		return false;
	return spec_kind_parse(text, (size_t)(slash - text)) == SPEC_DATASET ||
	       (rev && is_name(text, (size_t)(slash - text)));
}

/* Where the table begins in data/x.sqlite:trips, NULL in any other path. */
static const char *table_of(const char *path)
{
	static const char *const ends[] = { ".sqlite", ".sqlite3", ".db" };
	const char *colon = strrchr(path, ':');

	if (!colon || !colon[1] || strchr(colon, '/'))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if ((size_t)(colon - path) > n && !strncasecmp(colon - n, ends[i], n))
			return colon + 1;
	}
	return NULL;
}

/*
 * What a record can be called by, of any text: "sales_2024" of "Sales (2024)". SQL does not tell A from
 * a, so a query may go on writing the name as the file has it.
 */
static char *plain_name(const char *text, size_t n)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n && b.len < SOURCE_NAME_MOST; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 128 && (isalnum(c) || (b.len && c == '-')))
			buf_addch(&b, (char)tolower(c));
		else if (b.len && (c == '_' || b.data[b.len - 1] != '_'))
			buf_addch(&b, '_');
	}
	while (b.len && b.data[b.len - 1] == '_' && text[n - 1] != '_')
		b.data[--b.len] = '\0';
	if (!b.len)
		buf_addstr(&b, "source");
	return buf_take(&b);
}

/* "weather" of data/weather.csv.gz and of data/Weather/; a leading dot is no end. */
static char *stem_of(const char *path)
{
	size_t n = strlen(path);
	const char *base;

	while (n > 1 && path[n - 1] == '/')
		n--;
	base = memrchr(path, '/', n);
	base = base ? base + 1 : path;
	n -= (size_t)(base - path);
	for (size_t i = 1; i < n; i++)
		if (base[i] == '.')
			n = i;
	return plain_name(base, *base != '.' && *base != '/' ? n : 0);
}

static int link_path(const struct field_where *w, const char *path, struct spec_source *out)
{
	const char *table = table_of(path);

	if (strstr(path, "://")) {
		field_error(w, "cannot read '%s': a source is a path or a data set", path);
		return error_hint(ERR_INPUT, "fetch it by command = curl ... , with refresh = 1d");
	}
	out->path = table ? xstrndup(path, (size_t)(table - 1 - path)) : xstrdup(path);
	out->table = table ? xstrdup(table) : NULL;
	if (!out->name)
		out->name = table ? plain_name(table, strlen(table)) : stem_of(path);
	return 0;
}

static struct spec_ref *new_ref(struct spec_node *node, struct spec_ref ref, const char *role)
{
	ref.role = xstrdup(role);
	node->ref[node->n_ref] = ref;
	return &node->ref[node->n_ref++];
}

/* One table to a query, or one variable MICH_IN_... to a command. */
static bool is_same_role(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		int x = isalnum((unsigned char)*a) ? tolower((unsigned char)*a) : '_';
		int y = isalnum((unsigned char)*b) ? tolower((unsigned char)*b) : '_';

		if (x != y)
			return false;
	}
	return *a == *b;
}

static int check_twins(const struct field_where *w, const struct spec_node *node, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (!is_same_role(node->source[j].name, node->source[i].name))
			continue;
		field_error(w, "two sources are called '%s'", node->source[i].name);
		return error_hint(ERR_INPUT, "give one a name of its own: source = NAME = %s",
				  node->source[i].path && !node->source[i].table
					  ? node->source[i].path
					  : node->source[i].text);
	}
	return 0;
}

static int link_source(const struct spec *s, struct spec_node *node, size_t i)
{
	struct spec_source *src = &node->source[i];
	struct field_where w = { node->file, src->line };
	struct spec_ref ref;
	const char *rest;
	size_t alias = read_alias(src->text, &rest);
	int rc;

	if (!*rest)
		return field_error(&w, "'source' must be NAME = PATH, not '%s'", src->text);
	if (alias)
		src->name = plain_name(src->text, alias);
	/* Its own name can only be a path: nothing is made from itself. */
	if (!is_dataset(s, rest) || (node->kind == SPEC_DATASET && !strcmp(rest, node->name))) {
		rc = link_path(&w, rest, src);
		return rc < 0 ? rc : check_twins(&w, node, i);
	}
	if ((rc = link_ref_parse(&w, SPEC_DATASET, rest, &ref)) < 0)
		return rc;
	if (!src->name)
		src->name = xstrdup(ref.name);
	src->ref = new_ref(node, ref, src->name);
	return check_twins(&w, node, i);
}

/* What the key of that name says, if it was given: one artifact of a kind. */
static int link_key(struct spec_node *node, enum spec_kind kind, const char *key, const char *text)
{
	struct field_where w = { node->file, spec_line(node, key) };
	struct spec_ref ref;
	int rc;

	if (!text)
		return 0;
	rc = link_ref_parse(&w, kind, text, &ref);
	if (rc == 0)
		new_ref(node, ref, key);
	return rc;
}

static bool has_role(const struct spec_node *node, const char *role)
{
	for (size_t i = 0; i < node->n_ref; i++)
		if (is_same_role(node->ref[i].role, role))
			return true;
	return false;
}

/* "member-eta", and for another version of the same model "member-eta-2". */
static int link_member(struct spec_node *node, const struct spec_item *item)
{
	struct field_where w = { node->file, item->line };
	struct spec_ref ref;
	char *role;
	int rc = link_ref_parse(&w, SPEC_MODEL, item->text, &ref);

	if (rc < 0)
		return rc;
	role = xasprintf("member-%s", ref.name);
	for (int n = 2; has_role(node, role); n++) {
		free(role);
		role = xasprintf("member-%s-%d", ref.name, n);
	}
	new_ref(node, ref, role);
	free(role);
	return 0;
}

int link_node(const struct spec *s, struct spec_node *node)
{
	int rc;

	link_clear(node);
	node->ref = xcalloc(node->n_source + node->members.n + 3, sizeof *node->ref);
	rc = link_key(node, SPEC_MODEL, "model", node->ref_text[SPEC_MODEL]);
	if (rc == 0)
		rc = link_key(node, SPEC_DATASET, "dataset", node->ref_text[SPEC_DATASET]);
	if (rc == 0)
		rc = link_key(node, SPEC_MODEL, "init-from", node->init_from);
	for (size_t i = 0; rc == 0 && i < node->members.n; i++)
		rc = link_member(node, &node->members.v[i]);
	for (size_t i = 0; rc == 0 && i < node->n_source; i++)
		rc = link_source(s, node, i);
	for (size_t i = 0; i < node->n_ref; i++)
		if (!node->ref[i].rev)
			node->ref[i].node = spec_find(s, node->ref[i].kind, node->ref[i].name);
	return rc;
}

/* Depth first; the walk's own chain of nodes is what a circle is printed from. */
struct step {
	const struct spec_node *node;
	const struct step *from;
	int line; /* of the reference by which we came */
};

/* "Michfile:7"; what no line says, --set does. */
static void add_place(const struct spec_node *node, int line, struct buf *b)
{
	if (line)
		buf_addf(b, "%s:%d", node->file, line);
	else
		buf_addstr(b, "--set");
}

static int print_circle(const struct step *last, const struct spec_node *again, int line)
{
	const struct step *path[64];
	struct buf b = BUF_INIT, where = BUF_INIT;
	size_t n = 0;

	for (const struct step *s = last; s && n < ARRAY_LEN(path); s = s->from) {
		path[n++] = s;
		if (s->node == again)
			break;
	}
	while (n--) {
		const struct spec_node *node = path[n]->node;

		buf_addf(&b, "%s/%s (", spec_kind_name(node->kind), node->name);
		add_place(node, n ? path[n - 1]->line : line, &b);
		buf_addstr(&b, ") reads ");
	}
	add_place(again, line, &where);
	error_set(ERR_INPUT, "%s: a circle: %s%s/%s", where.data, b.data,
		  spec_kind_name(again->kind), again->name);
	buf_clear(&where);
	buf_clear(&b);
	return ERR_INPUT;
}

enum mark { WHITE, OPEN, DONE };

static int visit(const struct step *at, enum mark *mark, const struct spec_node **out, size_t *n)
{
	mark[at->node->place] = OPEN;
	for (size_t r = 0; r < at->node->n_ref; r++) {
		const struct spec_ref *ref = &at->node->ref[r];
		struct step next = { ref->node, at, ref->line };
		enum mark m = ref->node ? mark[ref->node->place] : DONE;
		int rc = 0;

		if (m == OPEN)
			return print_circle(at, ref->node, ref->line);
		if (m == WHITE)
			rc = visit(&next, mark, out, n);
		if (rc < 0)
			return rc;
	}
	mark[at->node->place] = DONE;
	out[(*n)++] = at->node;
	return 0;
}

int spec_order(const struct spec *s, const struct spec_node ***out)
{
	enum mark *mark = xcalloc(s->n + 1, sizeof *mark);
	const struct spec_node **v = xcalloc(s->n + 1, sizeof *v);
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct step first = { s->v[i], NULL, s->v[i]->line };

		if (mark[i] == WHITE)
			rc = visit(&first, mark, v, &n);
	}
	free(mark);
	if (rc == 0)
		*out = v;
	else
		free(v);
	return rc;
}

int link_check_circle(const struct spec *s)
{
	const struct spec_node **order;
	int rc = spec_order(s, &order);

	if (rc == 0)
		free(order);
	return rc;
}
