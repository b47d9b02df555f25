/* profile.c - what is in the columns of a data set. */
#include "lib/table/profile/profile.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/profile/column.h"
#include "lib/table/source/inputs.h"

/* Values that one query may hold, so that wide tables need few queries and long ones little memory.
 */
enum { BLOCK_VALUES = 1 << 22, BLOCK_COLUMNS = 32 };

/* Workers take one block of columns of one split after the other. */
struct job {
	struct inputs in;
	const struct table_split_file *splits;
	size_t n_splits, n_columns;
	json_t **figures; /* (columns, splits) */
	size_t *block;	  /* (splits) columns that are read at once */
	pthread_mutex_t lock;
	size_t split, column; /* what is next */
	int rc;
	char *why;
};

static enum column_kind kind_of(const char *type, const char **cast, const char **name)
{
	static const char *const ints[] = { "TINYINT",	"SMALLINT",  "INTEGER", "BIGINT",
					    "UTINYINT", "USMALLINT", "UINTEGER" };

	*cast = "BIGINT";
	*name = "number";
	for (size_t i = 0; i < ARRAY_LEN(ints); i++)
		if (strcmp(type, ints[i]) == 0)
			return COLUMN_INT;
	*cast = "DOUBLE";
	if (strcmp(type, "DOUBLE") == 0 || strcmp(type, "FLOAT") == 0 ||
	    strcmp(type, "UBIGINT") == 0 || strstr(type, "HUGEINT") == type ||
	    strcmp(type, "UHUGEINT") == 0 ||
	    (strncmp(type, "DECIMAL(", 8) == 0 && !strchr(type, '[')))
		return COLUMN_DOUBLE;
	*cast = "TIMESTAMP";
	*name = "time";
	if (strcmp(type, "DATE") == 0 || (strncmp(type, "TIMESTAMP", 9) == 0 && !strchr(type, '[')))
		return COLUMN_TIME;
	*cast = "BOOLEAN";
	*name = "bool";
	if (strcmp(type, "BOOLEAN") == 0)
		return COLUMN_BOOL;
	*cast = "VARCHAR";
	*name = strcmp(type, "VARCHAR") == 0 || strcmp(type, "UUID") == 0 ||
				strncmp(type, "ENUM(", 5) == 0
			? "text"
			: "other";
	return COLUMN_TEXT;
}

static int read_rows(struct cursor *cur, struct column *c, size_t n)
{
	int rc = 0;

	while (!rc && (rc = cursor_next(cur)) > 0) {
		rc = 0;
		for (size_t i = 0; i < n && !rc; i++) {
			void *v = duck.data_chunk_get_vector(cur->chunk, i);

			rc = column_add(&c[i], duck.vector_get_data(v), duck.vector_get_validity(v),
					cur->rows);
		}
	}
	return rc;
}

/* n columns of a split, from the one at first on. */
static int read_block(struct job *j, void *conn, size_t split, size_t first, size_t n)
{
	const struct input *in = &j->in.v[split];
	struct column *c = xcalloc(n, sizeof *c);
	const char *cast, *name;
	struct buf sql = BUF_INIT;
	struct cursor cur;
	int rc;

	for (size_t i = 0; i < n; i++) {
		column_init(&c[i], kind_of(in->types.v[first + i], &cast, &name));
		buf_addstr(&sql, i ? ", CAST(" : "SELECT CAST(");
		sql_ident(&sql, in->names.v[first + i]);
		buf_addf(&sql, " AS %s)", cast);
	}
	buf_addf(&sql, " FROM %s", in->sql);
	rc = cursor_open(&cur, conn, sql.data, "profile the rows");
	if (!rc) {
		rc = read_rows(&cur, c, n);
		cursor_close(&cur);
	}
	for (size_t i = 0; i < n && !rc; i++)
		rc = column_figures(&c[i], &j->figures[(first + i) * j->n_splits + split]);
	for (size_t i = 0; i < n; i++)
		column_clear(&c[i]);
	free(c);
	buf_clear(&sql);
	return rc;
}

/* The next block, and the reason of the one before when it failed; 0 columns: there is none. */
static size_t next_block(struct job *j, int rc, size_t *split, size_t *first)
{
	size_t n = 0;

	pthread_mutex_lock(&j->lock);
	if (rc && !j->rc) {
		j->rc = rc;
		j->why = xstrdup(error_text());
	}
	if (!j->rc && j->split < j->n_splits) {
		*split = j->split;
		*first = j->column;
		n = j->n_columns - j->column;
		if (n > j->block[j->split])
			n = j->block[j->split];
		j->column += n;
		if (j->column == j->n_columns) {
			j->column = 0;
			j->split++;
		}
	}
	pthread_mutex_unlock(&j->lock);
	return n;
}

static void *work(void *payload)
{
	struct job *j = payload;
	void *conn = NULL;
	int rc = duck.connect(j->in.s->db, &conn)
			 ? error_set(ERR_ENGINE, "cannot connect to DuckDB")
			 : 0;
	size_t split = 0, first = 0, n;

	while ((n = next_block(j, rc, &split, &first)))
		rc = read_block(j, conn, split, first, n);
	if (conn)
		duck.disconnect(&conn);
	return NULL;
}

static int size_blocks(struct job *j, int threads)
{
	size_t fair = (j->n_columns + (size_t)threads - 1) / (size_t)threads;
	int rc = 0;

	j->block = xcalloc(j->n_splits, sizeof *j->block);
	for (size_t k = 0; k < j->n_splits && !rc; k++) {
		char *sql = xasprintf("SELECT count(*) FROM %s", j->in.v[k].sql);
		struct answer a = { 0 };

		rc = answer_query(j->in.s, sql, "count the rows", &a);
		if (!rc) {
			size_t rows = (size_t)strtoull(answer_at(&a, 0, 0), NULL, 10);

			j->block[k] = BLOCK_VALUES / (rows ? rows : 1);
			j->block[k] = j->block[k] > BLOCK_COLUMNS ? BLOCK_COLUMNS
				      : j->block[k]		  ? j->block[k]
								  : 1;
			if (j->block[k] > fair && fair)
				j->block[k] = fair;
		}
		answer_clear(&a);
		free(sql);
	}
	return rc;
}

static int run(struct job *j, int threads)
{
	pthread_t tid[64];
	int n = threads > 0 ? threads : (int)sysconf(_SC_NPROCESSORS_ONLN), made = 0, rc;

	n = n > 64 ? 64 : n < 1 ? 1 : n;
	if ((rc = size_blocks(j, n)))
		return rc;
	pthread_mutex_init(&j->lock, NULL);
	for (; made < n - 1; made++)
		if (pthread_create(&tid[made], NULL, work, j))
			break;
	work(j);
	for (int i = 0; i < made; i++)
		pthread_join(tid[i], NULL);
	pthread_mutex_destroy(&j->lock);
	return j->rc ? error_set(j->rc, "%s", j->why) : 0;
}

static json_t *assemble(struct job *j)
{
	const struct input *first = &j->in.v[0];
	json_t *columns = json_array();

	for (size_t c = 0; c < j->n_columns; c++) {
		json_t *splits = json_object();
		const char *cast, *kind;

		kind_of(first->types.v[c], &cast, &kind);
		for (size_t k = 0; k < j->n_splits; k++)
			json_object_set(splits, j->splits[k].name, j->figures[c * j->n_splits + k]);
		json_array_append_new(columns,
				      json_pack("{s:s, s:s, s:s, s:o}", "name", first->names.v[c],
						"type", first->types.v[c], "kind", kind, "splits",
						splits));
	}
	return json_pack("{s:o}", "columns", columns);
}

static int open_splits(struct job *j, int threads)
{
	struct table_source *sources = xcalloc(j->n_splits + 1, sizeof *sources);
	int rc;

	for (size_t i = 0; i < j->n_splits; i++)
		sources[i] = (struct table_source){ .name = j->splits[i].name,
						    .path = j->splits[i].path };
	rc = inputs_open(&j->in, sources, j->n_splits, threads, 0, NULL);
	free(sources);
	for (size_t i = 1; i < j->n_splits && !rc; i++)
		if (j->in.v[i].names.n != j->in.v[0].names.n)
			rc = error_set(
				ERR_INPUT,
				"cannot profile '%s' and '%s' as one data set: their columns differ",
				j->in.v[0].shown, j->in.v[i].shown);
	return rc ? rc : session_lock(j->in.s);
}

int table_profile(const struct table_split_file *splits, size_t n, int threads, json_t **out)
{
	struct job j = { .splits = splits, .n_splits = n };
	int rc = n ? open_splits(&j, threads) : error_set(ERR_INPUT, "cannot profile nothing");

	*out = NULL;
	if (rc)
		goto out;
	j.n_columns = j.in.v[0].names.n;
	j.figures = xcalloc(j.n_columns * n + 1, sizeof(json_t *));
	if (!(rc = run(&j, threads)))
		*out = assemble(&j);
out:
	for (size_t i = 0; i < j.n_columns * n; i++)
		json_decref(j.figures[i]);
	free(j.figures);
	free(j.block);
	free(j.why);
	inputs_close(&j.in);
	return rc;
}
