/* tree_build.c - git trees in memory: filled, changed, written. */
#include "lib/store/tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/store/object.h"
#include "lib/store/pack.h"

enum { NAME_MAX_BYTES = 4096 };

struct tree_item {
	char *name;
	unsigned mode;
	struct oid id;
	struct tree *sub; /* loaded or new folder */
};

struct tree {
	struct store *s;
	struct oid id; /* while clean */
	bool loaded, changed;
	bool jumbled;	     /* names do not ascend by bytes: a search must look at all */
	struct tree_item *v; /* in git's order */
	size_t n, cap;
};

struct tree *tree_new(struct store *s, const struct oid *base)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	t->s = s;
	if (base)
		t->id = *base;
	else
		t->loaded = t->changed = true;
	return t;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		tree_free(t->v[i].sub);
	}
	free(t->v);
	free(t);
}

bool tree_is_empty(const struct tree *t)
{
	return t->loaded && !t->n;
}

static struct tree_item *tree_append(struct tree *t, const char *name, size_t len)
{
	struct tree_item *it;

	ARRAY_GROW(t->v, t->n, t->cap);
	it = &t->v[t->n++];
	*it = (struct tree_item){ .name = xstrndup(name, len) };
	if (t->n > 1 && strcmp(it[-1].name, it->name) >= 0)
		t->jumbled = true;
	return it;
}

static int load_entry(unsigned mode, const char *name, const struct oid *id, void *payload)
{
	struct tree_item *it = tree_append(payload, name, strlen(name));

	it->mode = mode;
	it->id = *id;
	return 0;
}

static int tree_load(struct tree *t)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (t->loaded)
		return 0;
	rc = object_read(t->s, &t->id, OBJECT_TREE, &b);
	if (!rc)
		rc = tree_parse(b.data, b.len, load_entry, t);
	t->loaded = !rc;
	buf_clear(&b);
	return rc;
}

/* The order of an item's name and the first len bytes of name. */
static int name_order(const struct tree_item *it, const char *name, size_t len)
{
	int c = strncmp(it->name, name, len);

	return c ? c : (unsigned char)it->name[len];
}

/* From the end: what is put in order is found, or known to be new, at the last item. */
static struct tree_item *tree_item(struct tree *t, const char *name, size_t len)
{
	for (size_t i = t->n; i-- > 0;) {
		int c = name_order(&t->v[i], name, len);

		if (!c)
			return &t->v[i];
		if (c < 0 && !t->jumbled)
			break;
	}
	return NULL;
}

/* The next byte of a name as HFS+ compares it: without the code points that it ignores. */
static int next_byte(const unsigned char **p, const unsigned char *end)
{
	while (end - *p >= 3) {
		const unsigned char *c = *p;
		unsigned point = (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u);

		if ((c[0] & 0xf0) != 0xe0 ||
		    !((point >= 0x200c && point <= 0x200f) ||
		      (point >= 0x202a && point <= 0x202e) ||
		      (point >= 0x206a && point <= 0x206f) || point == 0xfeff))
			break;
		*p += 3;
	}
	return *p < end ? tolower(*(*p)++) : -1;
}

/* What some file system takes for .git: in any case, with ends that Windows drops, or its short
 * name. */
static bool is_dot_git(const char *name, size_t len)
{
	static const char *const names[] = { ".git", "git~1" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const unsigned char *p = (const unsigned char *)name, *end = p + len;
		const char *want = names[i];
		int c;

		while ((c = next_byte(&p, end)) == *want && *want)
			want++;
		while (!*want && (c == ' ' || c == '.'))
			c = next_byte(&p, end);
		if (!*want && (c < 0 || c == ':' || c == '\\'))
			return true;
	}
	return false;
}

static bool name_is_good(const char *name, size_t len)
{
	if (!len || len > NAME_MAX_BYTES || (len == 1 && name[0] == '.') ||
	    (len == 2 && !memcmp(name, "..", 2)))
		return false;
	return !is_dot_git(name, len);
}

/* Files that git reads its rules from may be no links: git fsck calls that an error. */
static bool link_is_bad(unsigned mode, const char *name)
{
	return mode == TREE_LINK &&
	       (!strcasecmp(name, ".gitmodules") || !strcasecmp(name, ".gitattributes") ||
		!strcasecmp(name, ".gitignore") || !strcasecmp(name, ".mailmap"));
}

int tree_put(struct tree *t, const char *path, unsigned mode, const struct oid *id)
{
	size_t len = strcspn(path, "/");
	struct tree_item *it;
	int rc;

	if (!name_is_good(path, len) || link_is_bad(mode, path))
		return error_set(ERR_INPUT, "'%s' cannot be recorded: git refuses the name '%.*s'",
				 path, (int)len, path);
	if ((rc = tree_load(t)) < 0)
		return rc;
	if (!(it = tree_item(t, path, len)))
		it = tree_append(t, path, len);
	t->changed = true;
	if (path[len] == '/') {
		if (!it->sub)
			it->sub = tree_new(t->s, it->mode == TREE_FOLDER ? &it->id : NULL);
		it->mode = TREE_FOLDER;
		return tree_put(it->sub, path + len + 1, mode, id);
	}
	tree_free(it->sub);
	it->sub = NULL;
	it->mode = mode;
	it->id = *id;
	return 0;
}

int tree_remove(struct tree *t, const char *path)
{
	size_t len = strcspn(path, "/");
	struct tree_item *it;
	int rc = tree_load(t);

	if (rc < 0 || !(it = tree_item(t, path, len)))
		return rc;
	t->changed = true;
	if (path[len] == '/') {
		if (it->mode != TREE_FOLDER)
			return 0;
		if (!it->sub)
			it->sub = tree_new(t->s, &it->id);
		if ((rc = tree_remove(it->sub, path + len + 1)) < 0 || !it->sub->loaded ||
		    it->sub->n)
			return rc;
	}
	free(it->name);
	tree_free(it->sub);
	memmove(it, it + 1, (size_t)(t->v + t->n - it - 1) * sizeof(*it));
	t->n--;
	return 0;
}

/* Git orders entries as if the name of a folder ended with a slash. */
static int item_compare(const void *a, const void *b)
{
	const struct tree_item *x = a, *y = b;
	size_t nx = strlen(x->name), ny = strlen(y->name), n = nx < ny ? nx : ny;
	int c = memcmp(x->name, y->name, n);
	unsigned char cx, cy;

	if (c)
		return c;
	cx = x->name[n] ? (unsigned char)x->name[n] : x->mode == TREE_FOLDER ? '/' : 0;
	cy = y->name[n] ? (unsigned char)y->name[n] : y->mode == TREE_FOLDER ? '/' : 0;
	return cx - cy;
}

int tree_write(struct tree *t, struct pack *p, struct oid *out)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (!t->changed) {
		*out = t->id;
		return 0;
	}
	for (size_t i = 0; !rc && i < t->n; i++)
		if (t->v[i].sub)
			rc = tree_write(t->v[i].sub, p, &t->v[i].id);
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), item_compare);
	t->jumbled = true;
	for (size_t i = 0; !rc && i < t->n; i++) {
		buf_addf(&b, "%o %s", t->v[i].mode, t->v[i].name);
		buf_addch(&b, '\0');
		buf_add(&b, t->v[i].id.b, OID_BYTES);
	}
	if (!rc)
		rc = pack_add(p, OBJECT_TREE, b.data, b.len, out);
	buf_clear(&b);
	return rc;
}
