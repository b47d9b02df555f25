/* groups.c - count the rows of groups that lie one after the other. */
#include "lib/make/train/groups.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static void value_key(const struct frame_column *c, int64_t i, struct buf *out)
{
	buf_reset(out);
	if (!frame_valid(c, i))
		buf_addstr(out, "-");
	else if (c->type == FRAME_STRING)
		buf_addf(out, "=%s", c->s[i]);
	else if (c->type == FRAME_DOUBLE)
		buf_addf(out, "%a", c->d[i]);
	else
		buf_addf(out, "%lld",
			 c->type == FRAME_BOOL ? (long long)c->b[i] : (long long)c->i[i]);
}

static int begin_group(struct groups *g, const char *column, const struct buf *key)
{
	if (!g->seen)
		g->seen = json_object();
	if (json_object_get(g->seen, key->data)) {
		error_set(ERR_INPUT, "the rows of a group of '%s' do not lie together", column);
		return error_hint(ERR_INPUT, "add order = %s to the data set", column);
	}
	json_object_set_new_nocheck(g->seen, key->data, json_true());
	ARRAY_GROW(g->rows, g->n, g->cap);
	g->rows[g->n++] = 0;
	return 0;
}

int groups_add(struct groups *g, const char *column, const struct frame *f)
{
	const struct frame_column *c = frame_find(f, column);
	struct buf key = BUF_INIT;
	int rc = 0;

	if (!c)
		return error_set(ERR_INPUT, "its group '%s' is no column of the data set", column);
	for (int64_t i = 0; !rc && i < f->rows; i++) {
		value_key(c, i, &key);
		if (!g->n || strcmp(key.data, g->last.data))
			rc = begin_group(g, column, &key);
		if (rc)
			break;
		g->rows[g->n - 1]++;
		buf_reset(&g->last);
		buf_add(&g->last, key.data, key.len);
	}
	buf_clear(&key);
	return rc;
}

void groups_clear(struct groups *g)
{
	free(g->rows);
	buf_clear(&g->last);
	json_decref(g->seen);
	*g = (struct groups)GROUPS_INIT;
}
