/* feed.c - rows of ours that DuckDB reads as a table. */
#include "lib/table/duckdb/feed.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static void feed_bind(void *info)
{
	struct session *s = duck.bind_get_extra_info(info);
	void *value = duck.bind_get_parameter(info, 0);
	int64_t i = duck.get_int64(value);
	struct feed *f;

	duck.destroy_value(&value);
	if (i < 0 || (size_t)i >= s->n_feeds) {
		duck.bind_set_error(info, "no such feed");
		return;
	}
	f = s->feeds[i];
	for (size_t c = 0; c < f->n; c++)
		duck.bind_add_result_column(info, f->names[c], f->types[c]);
	duck.bind_set_bind_data(info, f, NULL);
}

static void feed_init(void *info)
{
	duck.init_set_max_threads(info, 1);
}

static void feed_next(void *info, void *chunk)
{
	struct feed *f = duck.function_get_bind_data(info);

	if (f->next(f, chunk) < 0)
		duck.function_set_error(info, error_text());
}

static int feed_define(struct session *s)
{
	void *f = duck.create_table_function(), *type = duck.create_logical_type(DUCK_BIGINT);
	int bad;

	duck.table_function_set_name(f, "mich_feed");
	duck.table_function_add_parameter(f, type);
	duck.table_function_set_extra_info(f, s, NULL);
	duck.table_function_set_bind(f, feed_bind);
	duck.table_function_set_init(f, feed_init);
	duck.table_function_set_function(f, feed_next);
	bad = duck.register_table_function(s->conn, f);
	duck.destroy_logical_type(&type);
	duck.destroy_table_function(&f);
	return bad ? error_set(ERR_ENGINE, "cannot give DuckDB a table of ours") : 0;
}

int feed_sql(struct session *s, struct feed *f, struct buf *sql)
{
	int rc = s->n_feeds ? 0 : feed_define(s);

	if (rc)
		return rc;
	if (s->n_feeds == ARRAY_LEN(s->feeds))
		return error_set(ERR_INPUT, "cannot read more than %zu such tables at once",
				 s->n_feeds);
	buf_addf(sql, "mich_feed(%zu)", s->n_feeds);
	s->feeds[s->n_feeds++] = f;
	return 0;
}
