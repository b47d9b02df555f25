/* spec_order.c - nodes in the order in which they read each other, or the circle that they stand in. */
#include "lib/spec/spec.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

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
