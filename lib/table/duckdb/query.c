/* query.c - what a user's query is: its tree, and what may be in it. */
#include "lib/table/duckdb/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"

static const char *const clock_names[] = { "now",
					   "today",
					   "current_date",
					   "get_current_time",
					   "get_current_timestamp",
					   "transaction_timestamp",
					   "current_localtime",
					   "current_localtimestamp" };
static const char *const random_names[] = { "random",	       "setseed", "uuid",
					    "gen_random_uuid", "uuidv4",  "uuidv7" };
/* They answer from the session, the catalog or the machine: another run gives another answer. */
static const char *const session_names[] = {
	"current_setting",
	"getvariable",
	"getenv",
	"current_query",
	"current_query_id",
	"current_transaction_id",
	"current_connection_id",
	"txid_current",
	"nextval",
	"currval",
	"stats",
	"write_log",
	"sleep_ms",
	"pg_sleep",
	"current_database",
	"current_schema",
	"current_schemas",
	"current_catalog",
	"in_search_path",
};
/* They make rows out of their arguments alone. */
static const char *const row_makers[] = { "range",	"generate_series", "unnest",   "repeat",
					  "repeat_row", "json_each",	   "json_tree" };
static const char *const table_kinds[] = { "BASE_TABLE",     "SUBQUERY", "JOIN",
					   "TABLE_FUNCTION", "EMPTY",	 "EXPRESSION_LIST",
					   "PIVOT" };

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}
#define LISTED(names, name) listed(names, ARRAY_LEN(names), name)

bool query_is_row_maker(const char *table_function)
{
	return LISTED(row_makers, table_function);
}

bool query_is_clock(const char *function, size_t arguments)
{
	return LISTED(clock_names, function) ||
	       (strcasecmp(function, "age") == 0 && arguments == 1);
}

static bool listed_in(const struct strlist *l, const char *name)
{
	return listed((const char *const *)l->v, l->n, name);
}

struct walk {
	const char *what;
	const struct strlist *inputs;
	struct strlist made; /* names that WITH gives */
	struct query *q;
};

static void collect_made(const json_t *node, struct strlist *made)
{
	const char *key;
	json_t *v, *entry;
	size_t i;

	if (json_is_array(node)) {
		json_array_foreach(node, i, v)
			collect_made(v, made);
	} else if (json_is_object(node)) {
		json_array_foreach(json_object_get(json_object_get(node, "cte_map"), "map"), i,
				   entry)
			strlist_add(made, json_str(entry, "key", ""));
		if (json_object_get(node, "cte_name"))
			strlist_add(made, json_str(node, "cte_name", ""));
		json_object_foreach((json_t *)node, key, v)
			collect_made(v, made);
	}
}

static void list_inputs(const struct strlist *inputs, struct buf *b)
{
	for (size_t i = 0; i < inputs->n; i++)
		buf_addf(b, "%s%s", i ? ", " : "", inputs->v[i]);
	if (!inputs->n)
		buf_addstr(b, "none");
}

static int refuse_table(const struct walk *w, const char *what, const char *name)
{
	struct buf b = BUF_INIT;
	const char *near = strlist_nearest((const char *const *)w->inputs->v, w->inputs->n, name);

	list_inputs(w->inputs, &b);
	error_set(ERR_INPUT, "cannot run the %s: %s '%s' is not one of its inputs: %s", w->what,
		  what, name, b.data);
	buf_clear(&b);
	if (near)
		return error_hint(ERR_INPUT, "did you mean '%s'?", near);
	return error_hint(ERR_INPUT, "name it as a source; it then appears under its stem");
}

static int check_base_table(const struct walk *w, const json_t *t)
{
	const char *name = json_str(t, "table_name", ""), *schema = json_str(t, "schema_name", "");
	char *full;
	int rc;

	if (!*schema && !*json_str(t, "catalog_name", "") &&
	    (listed_in(w->inputs, name) || listed_in(&w->made, name)))
		return 0;
	full = *schema ? xasprintf("%s.%s", schema, name) : xstrdup(name);
	rc = refuse_table(w, strpbrk(name, "./*:") && !*schema ? "file" : "table", full);
	free(full);
	return rc;
}

/* A sample without REPEATABLE(seed) is another one at every run. */
static bool is_seed(const json_t *seed)
{
	double v = json_number_value(seed);

	return json_is_number(seed) && v >= 0 && v < 9e18;
}

static int check_table(const struct walk *w, const json_t *t, const char *type)
{
	const char *name;

	if (strcmp(type, "BASE_TABLE") == 0)
		return check_base_table(w, t);
	if (strcmp(type, "TABLE_FUNCTION") == 0) {
		name = json_str(json_object_get(t, "function"), "function_name", "?");
		if (query_is_row_maker(name))
			return 0;
		error_set(ERR_INPUT,
			  "cannot run the %s: it calls %s(), and a %s reads only its inputs",
			  w->what, name, w->what);
		return error_hint(ERR_INPUT,
				  "name the file as a source; it then appears under its stem");
	}
	if (!LISTED(table_kinds, type))
		return error_set(ERR_INPUT, "cannot run the %s: %s is not a table of rows", w->what,
				 strcmp(type, "SHOW_REF") == 0 ? "SHOW, DESCRIBE or SUMMARIZE"
							       : type);
	return 0;
}

static int check_function(const struct walk *w, const json_t *f)
{
	const char *name = json_str(f, "function_name", "");

	/* The macros that set the clock have no schema. */
	if ((*json_str(f, "schema", "") || *json_str(f, "catalog", "")) && query_is_clock(name, 1))
		return error_set(ERR_INPUT, "cannot run the %s: write %s() without its schema",
				 w->what, name);
	if (LISTED(session_names, name) || strncasecmp(name, "mich_", 5) == 0)
		return error_set(
			ERR_INPUT,
			"cannot run the %s: %s() answers from the session, not from the data",
			w->what, name);
	if (LISTED(random_names, name))
		w->q->random = true;
	return 0;
}

static int check_node(const struct walk *w, const json_t *node)
{
	const char *key, *type, *class;
	json_t *v;
	size_t i;
	int rc = 0;

	if (json_is_array(node)) {
		json_array_foreach(node, i, v)
			if ((rc = check_node(w, v)))
				return rc;
		return 0;
	}
	if (!json_is_object(node))
		return 0;
	type = json_str(node, "type", "");
	class = json_str(node, "class", "");
	if (!*class && json_object_get(node, "sample") && json_object_get(node, "alias"))
		rc = check_table(w, node, type);
	else if (strcmp(class, "FUNCTION") == 0 || strcmp(class, "WINDOW") == 0)
		rc = check_function(w, node);
	if (rc)
		return rc;
	if (json_is_object(json_object_get(node, "sample")))
		w->q->random |= !is_seed(json_object_get(json_object_get(node, "sample"), "seed"));
	json_object_foreach((json_t *)node, key, v)
		if ((rc = check_node(w, v)))
			return rc;
	return 0;
}

/* The first word of a statement, in capitals, for "found COPY". */
static void first_word(const char *sql, char out[16])
{
	size_t n = 0;

	while (*sql && !isalpha((unsigned char)*sql))
		sql++;
	for (; isalpha((unsigned char)*sql) && n < 15; sql++)
		out[n++] = (char)toupper((unsigned char)*sql);
	out[n] = '\0';
}

int query_tree_error(const json_t *answer, const char *sql, const char *what)
{
	const char *message = json_str(answer, "error_message", "unknown reason");
	const char *at = json_str(answer, "position", NULL);
	char word[16], *reason;

	if (strstr(message, "Only SELECT")) {
		first_word(sql, word);
		error_set(ERR_INPUT, "cannot run the %s: it must be one SELECT, and this is %s",
			  what, *word ? word : "empty");
		if (strcmp(word, "PIVOT") == 0 || strstr(sql, "PIVOT") || strstr(sql, "pivot"))
			error_hint(
				ERR_INPUT,
				"a PIVOT needs the values it makes columns of: ON column IN (...)");
		return ERR_INPUT;
	}
	reason = xstrndup(message, strcspn(message, "\n"));
	if (at)
		error_set(ERR_INPUT, "cannot run the %s: %s (at character %ld of it)", what, reason,
			  strtol(at, NULL, 10) + 1);
	else
		error_set(ERR_INPUT, "cannot run the %s: %s", what, reason);
	free(reason);
	return ERR_INPUT;
}

int query_serialized(struct session *s, const char *function, const char *sql, json_t **out)
{
	struct buf b = BUF_INIT;
	struct answer g = { 0 };
	int rc;

	buf_addf(&b, "SELECT %s(", function);
	sql_text(&b, sql);
	buf_addch(&b, ')');
	rc = answer_query(s, b.data, "read the query", &g);
	/* Positions that are not known are 2^64 - 1, which no json_int_t holds. */
	if (!rc && !(*out = json_loads(answer_at(&g, 0, 0), JSON_DECODE_INT_AS_REAL, NULL)))
		rc = error_set(ERR_INPUT, "cannot read the query: it is nested too deeply");
	answer_clear(&g);
	buf_clear(&b);
	return rc;
}

int query_tree(struct session *s, const char *sql, const char *what, const struct strlist *inputs,
	       struct query *q, json_t **node_out)
{
	struct walk w = { .what = what, .inputs = inputs, .q = q };
	json_t *answer = NULL, *list;
	int rc = query_serialized(s, "json_serialize_sql", sql, &answer);

	*node_out = NULL;
	if (rc)
		return rc;
	list = json_object_get(answer, "statements");
	if (json_bool(answer, "error", true))
		rc = query_tree_error(answer, sql, what);
	else if (json_array_size(list) != 1)
		rc = error_set(
			ERR_INPUT,
			"cannot run the %s: it must be one SELECT, and these are %zu statements",
			what, json_array_size(list));
	collect_made(answer, &w.made);
	if (!rc)
		rc = check_node(&w, answer);
	if (!rc)
		*node_out = json_incref(json_object_get(json_array_get(list, 0), "node"));
	strlist_clear(&w.made);
	json_decref(answer);
	return rc;
}
