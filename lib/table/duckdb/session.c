/* session.c - one DuckDB in memory, locked in. */
#include "lib/table/duckdb/session.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"

/* Lines that are advice to a DuckDB user, or repeat our own statement. */
static bool is_noise(const char *line)
{
	static const char *const starts[] = { "LINE ", "Possible ", "* ",
					      "  ",    "HINT",	    "Stack Trace" };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return !*line;
}

int session_error(const char *message, const char *what)
{
	const char *start = message ? message : "unknown reason", *colon = strstr(start, "Error: ");
	struct buf b = BUF_INIT;
	struct strlist lines = STRLIST_INIT;
	int code = ERR_INPUT;

	if (message && strncmp(message, "Out of Memory", 13) == 0) {
		error_set(ERR_FAIL, "cannot %s: it needs more memory than it may use", what);
		return error_hint(
			ERR_FAIL,
			"give the step more: memory = 16G; sorting and joining spill to the disk, "
			"lists and strings of a group do not");
	}
	if (message && strncmp(message, "INTERRUPT", 9) == 0)
		code = ERR_INTERRUPT;
	if (message && (strncmp(message, "IO Error", 8) == 0 || strstr(message, "No space left")))
		code = ERR_IO;
	if (colon && colon - start < 40)
		start = colon + 7;
	strlist_split(&lines, start, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		if (i && (is_noise(lines.v[i]) || strstr(lines.v[i], "^")))
			break;
		if (b.len)
			buf_addstr(&b, b.data[b.len - 1] == '!' || b.data[b.len - 1] == '.' ? " "
											    : "; ");
		buf_addstr(&b, lines.v[i]);
	}
	while (b.len && (b.data[b.len - 1] == '.' || b.data[b.len - 1] == '!'))
		b.data[--b.len] = '\0';
	if (b.len > 1 && islower((unsigned char)b.data[1]))
		b.data[0] = (char)tolower((unsigned char)b.data[0]);
	error_set(code, "cannot %s: %s", what, code == ERR_INTERRUPT ? "interrupted" : b.data);
	strlist_clear(&lines);
	buf_clear(&b);
	return code;
}

int session_exec(struct session *s, const char *sql, const char *what)
{
	struct duck_result r = { 0 };
	int rc = 0;

	if (duck.query(s->conn, sql, &r))
		rc = session_error(duck.result_error(&r), what);
	duck.destroy_result(&r);
	return rc;
}

static int set_paths(struct session *s, const struct strlist *paths)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "SET allowed_paths = [");
	for (size_t i = 0; i < paths->n; i++) {
		buf_addstr(&b, i ? ", " : "");
		sql_text(&b, paths->v[i]);
	}
	buf_addstr(&b, "]");
	rc = session_exec(s, b.data, "name the inputs");
	buf_clear(&b);
	return rc;
}

static int config_new(const struct session_opts *o, void **out)
{
	static const char *const fixed[][2] = {
		{ "autoinstall_known_extensions", "false" },
		{ "autoload_known_extensions", "false" },
		{ "allow_community_extensions", "false" },
		{ "allow_unsigned_extensions", "false" },
		{ "preserve_insertion_order", "true" },
		{ "errors_as_json", "false" },
	};
	void *config = NULL;
	char number[32];
	bool bad = duck.create_config(&config) != 0;

	for (size_t i = 0; !bad && i < ARRAY_LEN(fixed); i++)
		bad = duck.set_config(config, fixed[i][0], fixed[i][1]) != 0;
	if (!bad && o->threads > 0) {
		snprintf(number, sizeof number, "%d", o->threads);
		bad = duck.set_config(config, "threads", number) != 0;
	}
	if (!bad && o->memory_bytes > 0) {
		snprintf(number, sizeof number, "%lldB", (long long)o->memory_bytes);
		bad = duck.set_config(config, "memory_limit", number) != 0;
	}
	/* Empty: nothing spills beside the working folder. */
	if (!bad)
		bad = duck.set_config(config, "temp_directory",
				      o->scratch_dir ? o->scratch_dir : "") != 0;
	if (bad) {
		duck.destroy_config(&config);
		return error_set(ERR_ENGINE,
				 "cannot set up DuckDB %s: it knows not all of our settings",
				 duck.library_version());
	}
	*out = config;
	return 0;
}

int session_open(const struct session_opts *o, struct session **out)
{
	struct session *s = NULL;
	void *config = NULL;
	char *why = NULL;
	int rc = duck_load();

	if (rc)
		return rc;
	s = xcalloc(1, sizeof *s);
	if ((rc = config_new(o, &config)))
		goto out;
	if (duck.open_ext(":memory:", &s->db, config, &why)) {
		rc = error_set(ERR_ENGINE, "cannot open DuckDB: %s", why ? why : "unknown reason");
		goto out;
	}
	if (duck.connect(s->db, &s->conn)) {
		rc = error_set(ERR_ENGINE, "cannot connect to DuckDB");
		goto out;
	}
	if ((rc = session_exec(s, "SET TimeZone = 'UTC'", "set the time zone")) ||
	    (rc = session_exec(s, "SET Calendar = 'gregorian'", "set the calendar")) ||
	    (rc = set_paths(s, &o->paths)))
		goto out;
	rc = session_exec(s, "SET enable_external_access = false", "close the door");
out:
	if (why)
		duck.free(why);
	if (config)
		duck.destroy_config(&config);
	if (rc)
		session_close(s);
	else
		*out = s;
	return rc;
}

int session_threads(struct session *s, int threads)
{
	char sql[64];

	snprintf(sql, sizeof sql, "SET threads = %d", threads);
	return session_exec(s, sql, "set the threads");
}

int session_lock(struct session *s)
{
	return session_exec(s, "SET lock_configuration = true", "lock the settings");
}

void session_close(struct session *s)
{
	if (!s)
		return;
	if (s->conn)
		duck.disconnect(&s->conn);
	if (s->db)
		duck.close(&s->db);
	free(s);
}
