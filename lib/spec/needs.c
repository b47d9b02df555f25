/* needs.c - what the texts of a node name. */
#define _GNU_SOURCE /* memrchr */
#include "lib/spec/needs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/reference.h"

enum { SOURCE_NAME_MOST = 64 };

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

void needs_clear(struct spec_node *node)
{
	clear_sources(node);
	for (size_t i = 0; i < node->n_ref; i++)
		reference_clear(&node->ref[i]);
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

/* A data set of this file by its plain name, or what reads like one. All else is a path. */
static bool is_dataset(const struct spec *s, const char *text)
{
	return spec_find(s, SPEC_DATASET, text) || reference_is_like(SPEC_DATASET, text);
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

static int needs_path(const struct field_where *w, const char *path, struct spec_source *out)
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

static int needs_source(const struct spec *s, struct spec_node *node, size_t i)
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
		rc = needs_path(&w, rest, src);
		return rc < 0 ? rc : check_twins(&w, node, i);
	}
	if ((rc = reference_parse(&w, SPEC_DATASET, rest, &ref)) < 0)
		return rc;
	if (!src->name)
		src->name = xstrdup(ref.name);
	src->ref = new_ref(node, ref, src->name);
	return check_twins(&w, node, i);
}

/* What the key of that name says, if it was given: one artifact of a kind. */
static int needs_key(struct spec_node *node, enum spec_kind kind, const char *key, const char *text)
{
	struct field_where w = { node->file, spec_line(node, key) };
	struct spec_ref ref;
	int rc;

	if (!text)
		return 0;
	rc = reference_parse(&w, kind, text, &ref);
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
static int needs_member(struct spec_node *node, const struct spec_item *item)
{
	struct field_where w = { node->file, item->line };
	struct spec_ref ref;
	char *role;
	int rc = reference_parse(&w, SPEC_MODEL, item->text, &ref);

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

int needs_read(const struct spec *s, struct spec_node *node)
{
	int rc;

	needs_clear(node);
	node->ref = xcalloc(node->n_source + node->members.n + 3, sizeof *node->ref);
	rc = needs_key(node, SPEC_MODEL, "model", node->ref_text[SPEC_MODEL]);
	if (rc == 0)
		rc = needs_key(node, SPEC_DATASET, "dataset", node->ref_text[SPEC_DATASET]);
	if (rc == 0)
		rc = needs_key(node, SPEC_MODEL, "init-from", node->init_from);
	for (size_t i = 0; rc == 0 && i < node->members.n; i++)
		rc = needs_member(node, &node->members.v[i]);
	for (size_t i = 0; rc == 0 && i < node->n_source; i++)
		rc = needs_source(s, node, i);
	for (size_t i = 0; i < node->n_ref; i++)
		if (!node->ref[i].rev)
			node->ref[i].node = spec_find(s, node->ref[i].kind, node->ref[i].name);
	return rc;
}
