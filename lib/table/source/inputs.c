/* inputs.c - all sources of a query, in one locked-in session. */
#include "lib/table/source/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

static int find_all(struct inputs *in, const struct table_source *sources, size_t n,
		    const char *scratch_dir)
{
	int rc = 0;

	in->v = xcalloc(n ? n : 1, sizeof *in->v);
	for (; in->n < n && !rc; in->n += !rc) {
		rc = input_find(&sources[in->n], scratch_dir, &in->v[in->n]);
		for (size_t k = 0; !rc && k < in->n; k++)
			if (strcasecmp(in->v[k].name, in->v[in->n].name) == 0) {
				error_set(ERR_INPUT, "cannot name two sources '%s': '%s' and '%s'",
					  in->v[k].name, in->v[k].shown, in->v[in->n].shown);
				input_clear(&in->v[in->n]);
				return error_hint(ERR_INPUT,
						  "give one another name: source = NAME = PATH");
			}
		for (size_t k = 0; !rc && k < in->v[in->n].files.n; k++)
			strlist_add(&in->opts.paths, in->v[in->n].files.v[k]);
		if (!rc)
			strlist_add(&in->names, in->v[in->n].name);
	}
	in->alias = n == 1 && strcasecmp(in->names.v ? in->names.v[0] : "", "source") != 0;
	if (!rc && in->alias)
		strlist_add(&in->names, "source");
	return rc;
}

static bool is_packed(const struct table_source *s)
{
	const char *format = s->format ? s->format : table_format_of(s->path);

	return format && strstr(format, "zip");
}

static int make_room(struct inputs *in, const struct table_source *sources, size_t n)
{
	const char *tmp = getenv("TMPDIR");
	bool packed = false;

	for (size_t i = 0; i < n; i++)
		packed |= is_packed(&sources[i]);
	if (!packed)
		return 0;
	in->unpacked = xasprintf("%s/mich-unpack.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(in->unpacked))
		return 0;
	free(in->unpacked);
	in->unpacked = NULL;
	return error_errno("cannot make a folder to unpack into");
}

int inputs_open(struct inputs *in, const struct table_source *sources, size_t n, int threads,
		int64_t memory_bytes, const char *scratch_dir)
{
	int rc = scratch_dir ? 0 : make_room(in, sources, n);

	if (!rc)
		rc = find_all(in, sources, n, scratch_dir ? scratch_dir : in->unpacked);
	if (rc)
		return rc;
	in->opts.threads = threads;
	in->opts.memory_bytes = memory_bytes;
	in->opts.scratch_dir = scratch_dir;
	if ((rc = session_open(&in->opts, &in->s)) ||
	    (rc = session_exec(in->s, "CREATE SCHEMA mich", "make room for the rows")))
		return rc;
	for (size_t i = 0; i < n && !rc; i++)
		if (!(rc = input_read(in->s, &in->v[i])))
			rc = input_shape(in->s, &in->v[i]);
	if (!rc && in->alias)
		rc = input_alias(in->s, &in->v[0]);
	return rc;
}

void inputs_close(struct inputs *in)
{
	session_close(in->s);
	if (in->unpacked)
		file_remove_tree(in->unpacked);
	free(in->unpacked);
	for (size_t i = 0; i < in->n; i++)
		input_clear(&in->v[i]);
	free(in->v);
	strlist_clear(&in->names);
	strlist_clear(&in->opts.paths);
	memset(in, 0, sizeof *in);
}

static int judge(const struct query *q, int64_t clock_ms, bool is_volatile)
{
	if (q->clock && !clock_ms) {
		error_set(
			ERR_INPUT,
			"cannot run the query: it asks what time it is, so it could not be run again");
		return error_hint(ERR_INPUT, "add refresh = 1d");
	}
	if (q->random && !is_volatile) {
		error_set(
			ERR_INPUT,
			"cannot run the query: it draws random values, so it could not be run again");
		return error_hint(ERR_INPUT,
				  "add volatile = yes, or give a sample a seed: REPEATABLE (1)");
	}
	return 0;
}

int inputs_ask(struct inputs *in, const char *sql, int64_t clock_ms, bool is_volatile,
	       struct query *out)
{
	int rc;

	memset(out, 0, sizeof *out);
	if (!sql && in->n != 1)
		return error_set(ERR_INPUT,
				 "cannot tell how %zu sources make one table: say it with query",
				 in->n);
	if ((rc = query_read(in->s, sql ? sql : "SELECT * FROM source", "query", &in->names, out)))
		return rc;
	if ((rc = judge(out, clock_ms, is_volatile)))
		return rc;
	return out->clock ? query_set_clock(in->s, out, clock_ms) : 0;
}

int inputs_settle(struct inputs *in)
{
	int rc = 0;

	if (in->alias)
		rc = session_exec(in->s, "DROP VIEW main.source", "name the input");
	for (size_t i = 0; i < in->n && !rc; i++)
		if (!(rc = input_unshape(in->s, &in->v[i])))
			rc = input_view(in->s, &in->v[i]);
	if (!rc && in->alias)
		rc = input_alias(in->s, &in->v[0]);
	return rc ? rc : session_lock(in->s);
}

int inputs_explain(struct inputs *in, int rc)
{
	for (size_t i = 0; i < in->n && rc; i++)
		rc = input_explain(in->s, &in->v[i], rc);
	return rc;
}
