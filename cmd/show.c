/* show.c - everything that is known of one version. */
#define _GNU_SOURCE
#include "cmd/cmd.h"
#include "cmd/composed.h"
#include "cmd/evaluated.h"
#include "cmd/parted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/catalog/compare.h"
#include "lib/catalog/history.h"
#include "lib/catalog/measured.h"
#include "lib/cli/plain.h"
#include "lib/cli/term.h"
#include "lib/make/pick.h"
#include "lib/record/content/contents.h"
#include "lib/record/event.h"
#include "lib/record/head.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

struct show_args {
	const char *name;
	bool json, full;
};

static const struct opt opts[] = {
	OPT_JSON(struct show_args),
	OPT_FLAG(0, "full", struct show_args, full,
		 "with --json: the whole manifest, notes, tags and files too"),
	OPERAND("version", struct show_args, name, ONE, COMP_VERSION, "what to show"), OPT_END
};

enum { LOG_LINES = 20, SHORT_HEX = 12 };

/* What a version is shown from; all owned. */
struct page {
	struct version v;
	json_t *head, *manifest, *remarks, *judged;
	char *released;
	struct contents files;
	struct buf log;
	json_t *evaluation; /* of an evaluation: its document; else NULL */
	json_t *intervals;  /* {"test.rmse":[low,high]} */
	json_t *partitions; /* of a model of partitions: who they are; else NULL */
};

/* A member of the version's tree that may be missing. */
static int read_member(struct repo *repo, const struct version *v, const char *path,
		       struct buf *out)
{
	int rc = version_cat(repo, v, path, out);

	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

static int read_judged(struct repo *repo, struct page *p)
{
	int rc = event_last(repo, &p->v, "judged", &p->judged);

	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

static int page_read(struct repo *repo, const char *name, struct page *p)
{
	struct buf contents = BUF_INIT;
	json_t *metrics = NULL;
	int rc;

	if ((rc = pick_version(repo, NULL, name, &p->v)) < 0 ||
	    (rc = version_manifest(repo, &p->v, &p->manifest)) < 0 ||
	    (rc = head_metrics(repo, &p->v, &metrics)) < 0 ||
	    (rc = history_remarks(repo_index(repo), &p->v, &p->remarks)) < 0 ||
	    (rc = read_judged(repo, p)) < 0 ||
	    (rc = read_member(repo, &p->v, "contents", &contents)) < 0)
		goto out;
	if ((rc = evaluated_read(repo, &p->v, &p->evaluation)) < 0)
		goto out;
	if (json_object_get(p->manifest, "partitions"))
		rc = measured_document(repo, &p->v, "files/partitions.json", &p->partitions);
	if (rc < 0)
		goto out;
	p->intervals = evaluated_intervals(p->evaluation);
	p->head = head_document(repo_index(repo), &p->v, p->manifest, metrics);
	p->released = release_text_of(repo_index(repo), p->v.id);
	if (contents.len && (rc = contents_parse(contents.data, contents.len, &p->files)) < 0)
		goto out;
	if (strcmp(p->v.build, "good") != 0)
		rc = read_member(repo, &p->v, "log", &p->log);
out:
	json_decref(metrics);
	buf_clear(&contents);
	return rc;
}

static void page_clear(struct page *p)
{
	version_clear(&p->v);
	json_decref(p->head);
	json_decref(p->manifest);
	json_decref(p->remarks);
	json_decref(p->judged);
	free(p->released);
	contents_clear(&p->files);
	buf_clear(&p->log);
	json_decref(p->evaluation);
	json_decref(p->intervals);
	json_decref(p->partitions);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static json_t *files_json(const struct contents *files)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < files->n; i++)
		json_array_append_new(rows, json_pack("{s:s,s:I,s:s}", "path", files->v[i].path,
						      "size", (json_int_t)files->v[i].size,
						      "sha256", files->v[i].sha256));
	return rows;
}

static int print_json(const struct page *p, bool full)
{
	json_t *out = json_incref(p->head), *ensemble = json_object_get(p->manifest, "ensemble");

	if (ensemble)
		json_object_set(out, "ensemble", ensemble);
	if (p->partitions)
		json_object_set(out, "partitions", p->partitions);
	if (full) {
		json_object_update(out, p->remarks);
		json_object_set_new(out, "judged",
				    p->judged ? json_incref(p->judged) : json_null());
		json_object_set_new(out, "files", files_json(&p->files));
		json_object_set_new(out, "fingerprint", json_string(p->v.fingerprint));
		json_object_set_new(out, "collected", json_boolean(p->v.collected));
		json_object_set(out, "manifest", p->manifest);
	}
	return cmd_json(out);
}

/* --- text ---------------------------------------------------------------------------------------
 */

static void line(struct buf *out, const char *title, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "%-11s ", title);
	plain_add(text, strlen(text), 12, out);
	buf_addch(out, '\n');
}

static void add_value(const json_t *v, struct buf *out)
{
	if (json_is_string(v))
		plain_add(json_string_value(v), json_string_length(v), 4, out);
	else if (json_is_real(v))
		buf_addf(out, "%.6g", json_real_value(v));
	else
		json_canonical(v, out);
}

static void add_interval(const json_t *interval, struct buf *out)
{
	if (json_array_size(interval) == 2)
		buf_addf(out, "  (%.4g .. %.4g)", json_number_value(json_array_get(interval, 0)),
			 json_number_value(json_array_get(interval, 1)));
}

/* A section of `key value` lines, nested keys joined by dots; with intervals (may be NULL) by such keys. */
static void add_figures(const json_t *obj, const char *title, const json_t *intervals,
			struct buf *out)
{
	json_t *flat = compare_flatten(obj), *value;
	size_t width = 0;
	const char *key;

	json_object_foreach(flat, key, value)
		width = strlen(key) > width ? strlen(key) : width;
	if (json_object_size(flat))
		buf_addf(out, "\n%s\n", title);
	json_object_foreach(flat, key, value) {
		buf_addf(out, "  %-*s  ", width < 40 ? (int)width : 40, key);
		add_value(value, out);
		add_interval(json_object_get(intervals, key), out);
		buf_addch(out, '\n');
	}
	json_decref(flat);
}

static void add_object(const json_t *obj, const char *title, struct buf *out)
{
	add_figures(obj, title, NULL, out);
}

/* What an evaluation divided the rows by, and into how many parts. */
static void add_slices(const json_t *slices, struct buf *out)
{
	json_t *division, *name;
	size_t i, k;

	if (json_array_size(slices))
		buf_addstr(out, "\nslices\n");
	json_array_foreach(slices, i, division) {
		size_t n = json_array_size(json_object_get(division, "groups"));

		buf_addf(out, "  %zu by ", n);
		json_array_foreach(json_object_get(division, "by"), k, name) {
			buf_addstr(out, k ? " * " : "");
			if (json_is_string(name))
				plain_add(json_string_value(name), json_string_length(name), 0,
					  out);
		}
		buf_addch(out, '\n');
	}
}

static void add_inputs(const json_t *inputs, const json_t *manifest, struct buf *out)
{
	const json_t *recorded = json_object_get(manifest, "inputs");
	json_t *row;
	size_t i;

	if (json_array_size(inputs))
		buf_addstr(out, "\ninputs\n");
	json_array_foreach(inputs, i, row) {
		bool kept = json_bool(json_array_get(recorded, i), "keep", true);
		const char *ref = json_str(row, "ref", "");

		buf_addstr(out, "  ");
		plain_add(ref, strlen(ref), 0, out);
		buf_addf(out, "  as %s  %.*s%s\n", json_str(row, "role", ""), SHORT_HEX,
			 json_str(row, "content", ""), kept ? "" : ", not under version control");
	}
}

static void add_code(const json_t *code, struct buf *out)
{
	const char *commit = json_str(code, "commit", NULL);
	json_t *paths = json_object_get(code, "paths"), *path;
	size_t i;

	if (!commit)
		return;
	buf_addf(out, "%-11s %.*s%s", "code", SHORT_HEX, commit,
		 json_bool(code, "dirty", false) ? " (dirty: not committed)" : "");
	json_array_foreach(paths, i, path) {
		buf_addstr(out, i ? ", " : "  ");
		plain_add(json_string_value(path), json_string_length(path), 0, out);
	}
	buf_addch(out, '\n');
}

static void add_size(int64_t bytes, struct buf *out)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double v = (double)bytes / 1024;
	size_t u = 0;

	if (bytes < 1024) {
		buf_addf(out, "%9lld B  ", (long long)bytes);
		return;
	}
	for (; v >= 1024 && u < ARRAY_LEN(units) - 1; u++)
		v /= 1024;
	buf_addf(out, "%9.1f %s", v, units[u]);
}

static void add_files(const struct contents *files, bool collected, struct buf *out)
{
	if (files->n)
		buf_addf(out, "\nfiles%s\n", collected ? " (collected: no longer here)" : "");
	for (size_t i = 0; i < files->n; i++) {
		add_size(files->v[i].size, out);
		buf_addstr(out, "  files/");
		plain_add(files->v[i].path, strlen(files->v[i].path), 0, out);
		buf_addch(out, '\n');
	}
}

static void add_notes(const json_t *notes, struct buf *out)
{
	json_t *row;
	size_t i;

	if (json_array_size(notes))
		buf_addstr(out, "\nnotes\n");
	json_array_foreach(notes, i, row) {
		const char *text = json_str(row, "text", ""), *user = json_str(row, "user", "");

		buf_addf(out, "  %.10s  ", json_str(row, "at", ""));
		plain_add(text, strlen(text), 14, out);
		buf_addstr(out, "  (");
		plain_add(user, strlen(user), 0, out);
		buf_addstr(out, ")\n");
	}
}

/* Gates and checks, as they were judged last. */
static void add_verdict(const json_t *judged, struct buf *out)
{
	json_t *rows = json_object_get(judged, "rows"), *row;
	size_t i;

	if (json_array_size(rows))
		buf_addstr(out, "\ngates\n");
	json_array_foreach(rows, i, row) {
		bool ok = json_bool(row, "ok", false);
		const char *what = json_str(row, "what", ""), *why = json_str(row, "why", "");

		buf_addf(out, "  %s%s%s  ", term_style(ok ? STYLE_GREEN : STYLE_RED),
			 ok ? "ok  " : "FAIL", term_style(STYLE_PLAIN));
		plain_add(what, strlen(what), 8, out);
		buf_addstr(out, *why ? "   " : "");
		plain_add(why, strlen(why), 8, out);
		buf_addch(out, '\n');
	}
}

static void add_log(const struct buf *log, struct buf *out)
{
	const char *at = log->data + log->len;
	int lines = 0;

	while (at > log->data &&
	       !(at[-1] == '\n' && at != log->data + log->len && ++lines == LOG_LINES))
		at--;
	if (!log->len)
		return;
	buf_addf(out, "\nlog%s\n", at > log->data ? " (its end)" : "");
	plain_add(at, (size_t)(log->data + log->len - at), 0, out);
	buf_addstr(out, log->data[log->len - 1] == '\n' ? "" : "\n");
}

static void add_times(const struct page *p, struct buf *out)
{
	char ago[64], span[64];

	clock_ago(p->v.finished_ms, ago, sizeof ago);
	clock_span(p->v.finished_ms - p->v.started_ms, span, sizeof span);
	line(out, "user", p->v.user);
	line(out, "host", p->v.host);
	line(out, "started", json_str(p->head, "started", NULL));
	buf_addf(out, "%-11s %s (%s, took %s)\n", "finished", json_str(p->head, "finished", "-"),
		 ago, span);
}

static void add_state(const struct page *p, struct buf *out)
{
	bool good = !strcmp(p->v.build, "good");

	buf_addf(out, "%-11s %s%s%s, validation %s, %s%s%s\n", "state",
		 term_style(good ? STYLE_GREEN : STYLE_RED), p->v.build, term_style(STYLE_PLAIN),
		 p->v.validation, p->v.life, p->v.dirty ? ", dirty" : "",
		 p->v.collected ? ", collected" : "");
	line(out, "reason", json_str(p->manifest, "reason", NULL));
}

/* Of what was made elsewhere: where it came from. */
static void add_origin(const json_t *origin, struct buf *out)
{
	const char *from = json_str(origin, "from", NULL);

	if (origin)
		buf_addf(out, "%-11s %s%s%s%s\n", "origin", from ? from : "", from ? " (" : "",
			 json_str(origin, "path", "-"), from ? ")" : "");
}

/* How a model was trained: with how many threads and ranks, and what would give the same bytes. */
static void add_way(const json_t *manifest, struct buf *out)
{
	const char *how = json_str(json_object_get(manifest, "recipe"), "determinism", NULL);
	int64_t threads = json_int(manifest, "threads", 0);
	int64_t ranks = json_int(json_object_get(manifest, "ranks"), "world", 0);
	int64_t again = json_int(json_object_get(manifest, "ranks"), "restarts", 0);

	if (!how)
		return;
	buf_addf(out, "%-11s ", "ran with");
	if (ranks)
		buf_addf(out, "%lld rank%s, ", (long long)ranks, ranks == 1 ? "" : "s");
	if (again)
		buf_addf(out, "started again %lld time%s, ", (long long)again,
			 again == 1 ? "" : "s");
	buf_addf(out, "%lld thread%s, determinism %s\n", (long long)threads,
		 threads == 1 ? "" : "s", how);
}

static void print_text(const struct page *p)
{
	struct buf out = BUF_INIT;
	char *ref = version_ref(&p->v);

	buf_addf(&out, "%s%s%s\n", term_style(STYLE_BOLD), ref, term_style(STYLE_PLAIN));
	line(&out, "id", p->v.id);
	line(&out, "content", p->v.content);
	line(&out, "commit", p->v.commit);
	add_state(p, &out);
	line(&out, "released", p->released);
	add_code(json_object_get(p->head, "code"), &out);
	add_origin(json_object_get(p->manifest, "origin"), &out);
	add_times(p, &out);
	add_way(p->manifest, &out);
	add_inputs(json_object_get(p->head, "inputs"), p->manifest, &out);
	add_object(json_object_get(p->head, "params"), "parameters", &out);
	add_figures(json_object_get(p->head, "metrics"), "metrics", p->intervals, &out);
	composed_add(json_object_get(p->manifest, "ensemble"), json_object_get(p->head, "metrics"),
		     &out);
	add_slices(json_object_get(p->evaluation, "slices"), &out);
	parted_add(p->partitions, &out);
	add_verdict(p->judged, &out);
	add_object(json_object_get(p->head, "engines"), "engines", &out);
	add_files(&p->files, p->v.collected, &out);
	add_object(json_object_get(p->remarks, "tags"), "tags", &out);
	add_notes(json_object_get(p->remarks, "notes"), &out);
	add_log(&p->log, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
	free(ref);
}

static int run(struct repo *repo, const void *args_)
{
	const struct show_args *args = args_;
	struct page p = { .v = VERSION_INIT, .files = CONTENTS_INIT, .log = BUF_INIT };
	int rc;

	if (args->full && !args->json)
		return error_set(ERR_USAGE, "--full is for --json");
	rc = page_read(repo, args->name, &p);
	if (rc == 0 && args->json)
		rc = print_json(&p, args->full);
	else if (rc == 0)
		print_text(&p);
	page_clear(&p);
	return rc;
}

const struct cmd cmd_show = {
	.name = "show",
	.summary = "show what a version is, how it was made and from what",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct show_args),
	.run = run,
};
