/* predict.c - rows in, the model's outputs beside the columns to keep, rows out. */
#define _GNU_SOURCE
#include "lib/make/score/predict.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/model.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"

enum { READ_BYTES = 1 << 16 };

enum text_format { NOT_TEXT, TEXT_CSV, TEXT_JSONL };

/* One run of scoring: the model, what is kept, where rows go. */
struct pass {
	const struct model *m;
	const struct predict_plan *plan;
	struct scores scores;
	struct frame_column *cols; /* kept columns, then outputs */
	int64_t rows;
	/* text */
	enum text_format format;
	int fd;
	struct buf text;
	bool headed;
	/* or a table */
	const char *target;
	struct table_sink *sink;
	/* or who asked */
	batch_fn fn;
	void *payload;
};

static const struct contract *contract_of(const struct pass *p)
{
	return p->plan->scorer ? p->plan->scorer->contract : model_contract(p->m);
}

static enum text_format format_of(const char *path)
{
	if (path_ends_with(path, ".csv"))
		return TEXT_CSV;
	return path_ends_with(path, ".jsonl") || path_ends_with(path, ".ndjson") ? TEXT_JSONL
										 : NOT_TEXT;
}

static int write_out(struct pass *p)
{
	int rc = file_write_fd(p->fd, p->text.data, p->text.len);

	buf_reset(&p->text);
	return rc ? error_wrap(rc, "predictions") : 0;
}

static int put_text(struct pass *p, const struct frame *f, size_t kept)
{
	if (p->format == TEXT_CSV && !p->headed)
		csvrows_put_names(f, &p->text);
	p->headed = true;
	if (p->format == TEXT_CSV)
		csvrows_put(f, kept, &p->text);
	else
		jsonrows_put(f, kept, &p->text);
	return p->text.len > READ_BYTES ? write_out(p) : 0;
}

static int put_table(struct pass *p, const struct frame *f)
{
	int rc = 0;

	if (!p->sink)
		rc = table_sink_open(p->target, f, p->plan->stamp, &p->sink);
	return rc ? rc : table_sink_add(p->sink, f);
}

/* Score a batch and pass it on. */
static int on_rows(const struct frame *in, void *payload)
{
	struct pass *p = payload;
	const size_t kept = p->plan->n_keep;
	struct frame scored, out;
	const struct predict_scorer *other = p->plan->scorer;
	int rc = other ? other->score(other->payload, in, &scored)
		       : model_score(p->m, in, p->plan->threads, &p->scores);

	if (!rc && !other)
		rc = model_frame(p->m, &p->scores, &scored);
	if (rc)
		return rc;
	p->cols = xrealloc(p->cols, (kept + scored.n) * sizeof *p->cols);
	for (size_t i = 0; i < kept; i++) {
		const struct frame_column *c = frame_find(in, p->plan->keep[i]);

		if (!c)
			return error_set(ERR_INPUT, "the rows have no column '%s' to keep",
					 p->plan->keep[i]);
		p->cols[i] = *c;
	}
	memcpy(p->cols + kept, scored.cols, scored.n * sizeof *p->cols);
	out = (struct frame){ .rows = in->rows, .n = kept + scored.n, .cols = p->cols };
	p->rows += in->rows;
	if (p->fn)
		return p->fn(&out, p->payload);
	return p->format ? put_text(p, &out, kept) : put_table(p, &out);
}

/* A parser of text, CSV or JSON lines. */
struct reader {
	struct csvrows *csv;
	struct jsonrows *jsonl;
};

static void reader_open(struct reader *rd, const struct pass *p, enum text_format format)
{
	int64_t rows = p->plan->scorer ? 0 : model_batch(p->m);
	struct csvrows_opts c = { .contract = contract_of(p),
				  .keep_extra = p->plan->n_keep > 0,
				  .max_rows = rows };
	struct jsonrows_opts j = { .contract = contract_of(p),
				   .keep = p->plan->keep,
				   .n_keep = p->plan->n_keep,
				   .max_rows = rows };

	*rd = (struct reader){ 0 };
	if (format == TEXT_CSV)
		csvrows_new(&c, &rd->csv);
	else
		jsonrows_new(&j, &rd->jsonl);
}

static int reader_feed(struct reader *rd, const char *data, size_t n, struct pass *p)
{
	return rd->csv ? csvrows_feed(rd->csv, data, n, on_rows, p)
		       : jsonrows_feed(rd->jsonl, data, n, on_rows, p);
}

static int reader_flush(struct reader *rd, struct pass *p)
{
	return rd->csv ? csvrows_flush(rd->csv, on_rows, p) : jsonrows_flush(rd->jsonl, on_rows, p);
}

static int reader_end(struct reader *rd, struct pass *p)
{
	return rd->csv ? csvrows_end(rd->csv, on_rows, p) : jsonrows_end(rd->jsonl, on_rows, p);
}

/* The rows before the one that is refused are answered; the reason stays. */
static int answer_before(struct reader *rd, struct pass *p, int rc)
{
	char *why = xstrdup(error_text()), *hint = xstrdup(error_hint_text());

	if (!reader_flush(rd, p))
		write_out(p);
	error_set(rc, "%s", why);
	if (*hint)
		error_hint(rc, "%s", hint);
	free(why);
	free(hint);
	return rc;
}

/* A header without rows is answered by a header. */
static int answer_header(struct reader *rd, struct pass *p)
{
	return rd->csv && p->format == TEXT_CSV && !p->headed ? csvrows_shape(rd->csv, on_rows, p)
							      : 0;
}

static bool more_waits(int fd)
{
	struct pollfd f = { .fd = fd, .events = POLLIN };

	return poll(&f, 1, 0) > 0;
}

/* Everything that fd gives, scored; a pause in it sends out what is there. */
static int pump(struct pass *p, int fd, enum text_format format)
{
	char *block = xmalloc(READ_BYTES);
	struct reader rd = { 0 };
	ssize_t n;
	int rc = 0;

	while (!rc && (n = read(fd, block, READ_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = error_errno("cannot read the rows");
			break;
		}
		if (!format)
			format = block[0] == '{' ? TEXT_JSONL : TEXT_CSV;
		if (!p->format && !p->target)
			p->format = format;
		if (!rd.csv && !rd.jsonl)
			reader_open(&rd, p, format);
		rc = reader_feed(&rd, block, (size_t)n, p);
		if (!rc && p->format && !more_waits(fd)) {
			rc = reader_flush(&rd, p);
			if (!rc)
				rc = write_out(p);
		}
	}
	if (!rc && (rd.csv || rd.jsonl))
		rc = reader_end(&rd, p);
	if (!rc)
		rc = answer_header(&rd, p);
	else if (rc == ERR_INPUT && p->format && (rd.csv || rd.jsonl))
		answer_before(&rd, p, rc);
	csvrows_free(rd.csv);
	jsonrows_free(rd.jsonl);
	free(block);
	return rc;
}

static int scan(struct pass *p)
{
	const struct predict_plan *plan = p->plan;
	struct table_source *sources = xcalloc(plan->n_sources + 1, sizeof *sources);
	struct table_ask ask = { .sources = sources,
				 .n_sources = plan->n_sources,
				 .sql = plan->sql,
				 .clock_ms = clock_now_ms(),
				 .threads = plan->threads,
				 .scratch_dir = plan->scratch_dir };
	struct table_scan *s = NULL;
	struct frame rows;
	int rc;

	for (size_t i = 0; i < plan->n_sources; i++)
		sources[i] = (struct table_source){ .name = plan->sources[i].name,
						    .path = plan->sources[i].path,
						    .member = plan->sources[i].member };
	rc = table_query_scan(&ask, &s);
	if (!rc && !plan->scorer)
		table_scan_frames(s, model_batch(p->m));
	while (!rc && (rc = table_scan_next(s, &rows)) > 0)
		rc = on_rows(&rows, p);
	table_scan_close(s);
	free(sources);
	return rc;
}

/* Text is read by the model's own types; anything else by the table layer. */
static int read_rows(struct pass *p)
{
	const struct predict_plan *plan = p->plan;
	enum text_format format;
	struct stat st;
	int fd, rc;

	format = plan->n_sources == 1 && !plan->sql ? format_of(plan->sources[0].path) : NOT_TEXT;
	if (!format)
		return scan(p);
	fd = open(plan->sources[0].path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno("cannot open '%s'", plan->sources[0].path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !st.st_size)
		rc = error_set(ERR_INPUT, "it is empty");
	else
		rc = pump(p, fd, format);
	close(fd);
	return rc ? error_wrap(rc, "'%s'", plan->sources[0].path) : 0;
}

static void pass_clear(struct pass *p, struct predict_result *out)
{
	out->rows = p->rows;
	out->counts = counts_json(&p->scores.counts, contract_of(p));
	scores_clear(&p->scores);
	buf_clear(&p->text);
	free(p->cols);
}

static int into_text(struct pass *p, const char *target)
{
	struct file_whole w;
	int rc = file_whole_open(target, &w);

	if (rc)
		return rc;
	p->fd = w.fd;
	rc = read_rows(p);
	if (!rc)
		rc = write_out(p);
	return file_whole_end(&w, rc);
}

static int into_table(struct pass *p, const char *target)
{
	int rc;

	p->target = target;
	rc = read_rows(p);
	if (!rc && !p->sink)
		return error_set(ERR_INPUT, "there are no rows to predict");
	if (rc) {
		table_sink_abort(p->sink);
		return rc;
	}
	return table_sink_finish(p->sink);
}

int predict_table(const struct model *m, const struct predict_plan *plan,
		  struct predict_result *out)
{
	struct pass p = { .m = m, .plan = plan, .scores = SCORES_INIT, .text = BUF_INIT };
	int rc;

	if (plan->target) {
		p.format = format_of(plan->target);
		rc = p.format ? into_text(&p, plan->target) : into_table(&p, plan->target);
	} else {
		p.fd = plan->out_fd;
		p.format = plan->json_lines ? TEXT_JSONL : TEXT_CSV;
		rc = read_rows(&p);
		if (!rc)
			rc = write_out(&p);
	}
	pass_clear(&p, out);
	return rc;
}

int predict_each(const struct model *m, const struct predict_plan *plan, batch_fn fn, void *payload,
		 struct predict_result *out)
{
	struct pass p = { .m = m,
			  .plan = plan,
			  .scores = SCORES_INIT,
			  .text = BUF_INIT,
			  .format = TEXT_CSV, /* so that a header without rows is told, too */
			  .fn = fn,
			  .payload = payload };
	int rc = read_rows(&p);

	pass_clear(&p, out);
	return rc;
}

int predict_stream(const struct model *m, const struct predict_plan *plan, int in_fd,
		   struct predict_result *out)
{
	struct pass p = {
		.m = m, .plan = plan, .scores = SCORES_INIT, .text = BUF_INIT, .fd = plan->out_fd
	};
	int rc = pump(&p, in_fd, NOT_TEXT);

	if (!rc)
		rc = write_out(&p);
	pass_clear(&p, out);
	return rc;
}
