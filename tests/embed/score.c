/*
 * score.c - a program that is not mich and scores with a model of mich.
 *
 *	score FOLDER <rows.jsonl        the answers, a line each, as `mich predict --format jsonl`
 *	score FOLDER --list             what the model takes and gives
 *	score FOLDER --threads N        the same rows from N threads at once; all must agree
 *
 * It scores each line on its own too, as a request would be, and once more as columns in memory when
 * the model takes numbers alone: whatever the way, the bytes of the answer must be the same.
 */
#define _GNU_SOURCE
#include <mich-score.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = { "bool", "int", "double", "string", "time" };

struct work {
	const struct mich_score_model *model;
	const char *rows;
	size_t n;
	char *answers; /* malloc'ed */
	int failed;
};

static void *score_all(void *payload)
{
	struct work *w = payload;
	struct mich_score_run *run = mich_score_run_new(w->model, 1);
	struct mich_score_error e;
	const char *out;
	size_t n;

	w->failed = mich_score_json(run, w->rows, w->n, &out, &n, &e);
	if (w->failed)
		fprintf(stderr, "score: %s\n", e.text);
	else
		w->answers = strdup(out);
	mich_score_run_free(run);
	return NULL;
}

/* Each line as a request of its own; together they must say what all at once said. */
static int score_lines(const struct work *all)
{
	struct mich_score_run *run = mich_score_run_new(all->model, 1);
	const char *line = all->rows, *want = all->answers;
	int rc = 0;

	while (!rc && *line) {
		size_t n = strcspn(line, "\n"), got_n;
		struct mich_score_error e;
		const char *got;

		rc = mich_score_json(run, line, n, &got, &got_n, &e);
		if (!rc && strncmp(got, want, got_n)) {
			fprintf(stderr, "score: a line alone gives %s", got);
			rc = 1;
		}
		if (!rc)
			want += got_n;
		line += n + (line[n] == '\n');
	}
	mich_score_run_free(run);
	return rc;
}

static void list(const struct mich_score_column *c, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		printf("%s %s %s\n", what, c[i].name, type_names[c[i].type]);
}

/* Rows of zeros as columns, against the same as a line of JSON: the floats must be equal. */
static int score_columns(const struct mich_score_model *m)
{
	static const double d[1] = { 0 };
	static const int64_t i64[1] = { 0 };
	static const uint8_t b[1] = { 0 };
	struct mich_score_run *run = mich_score_run_new(m, 1);
	const struct mich_score_column *in, *out;
	struct mich_score_column cols[64];
	struct mich_score_error e;
	char line[4096] = "{", *text;
	const char *got;
	size_t n, used = 1, got_n;
	float answer;
	int rc;

	in = mich_score_inputs(m, &n);
	for (size_t i = 0; i < n && n <= 64; i++) {
		int text_type = in[i].type == MICH_SCORE_STRING || in[i].type == MICH_SCORE_TIME;

		if (text_type)
			n = 65; /* a zero is nothing for these */
		cols[i] = in[i];
		cols[i].values = in[i].type == MICH_SCORE_DOUBLE ? (const void *)d
				 : in[i].type == MICH_SCORE_INT	 ? (const void *)i64
								 : (const void *)b;
		used += (size_t)snprintf(line + used, sizeof line - used, "%s\"%s\":%s",
					 i ? "," : "", in[i].name,
					 in[i].type == MICH_SCORE_BOOL ? "false" : "0");
	}
	if (n > 64 || used > sizeof line - 2) {
		mich_score_run_free(run);
		return 0;
	}
	strcpy(line + used, "}");
	rc = mich_score_rows(run, cols, n, 1, &out, &e);
	mich_score_outputs(m, &n);
	if (rc)
		fprintf(stderr, "score: %s\n", e.text);
	answer = rc ? 0 : (float)((const double *)out[n - 1].values)[0];
	if (!rc)
		rc = mich_score_json(run, line, strlen(line), &got, &got_n, &e);
	text = rc ? NULL : strrchr(got, ':');
	if (!rc && strtof(text + 1, NULL) != answer) {
		fprintf(stderr, "score: columns give %.9g, the line %s", (double)answer, got);
		rc = 1;
	}
	mich_score_run_free(run);
	return rc;
}

static char *read_all(FILE *f, size_t *n)
{
	size_t cap = 1 << 16;
	char *s = malloc(cap);

	for (*n = 0;;) {
		size_t got = fread(s + *n, 1, cap - *n - 1, f);

		*n += got;
		if (!got)
			break;
		if (cap - *n < 2)
			s = realloc(s, cap *= 2);
	}
	s[*n] = '\0';
	return s;
}

static int score(const struct mich_score_model *m, int threads)
{
	struct work *work = calloc((size_t)threads, sizeof *work);
	pthread_t *ids = calloc((size_t)threads, sizeof *ids);
	size_t n;
	char *rows = read_all(stdin, &n);
	int rc = 0;

	for (int i = 0; i < threads; i++) {
		work[i] = (struct work){ .model = m, .rows = rows, .n = n };
		pthread_create(&ids[i], NULL, score_all, &work[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		rc = rc || work[i].failed;
		rc = rc || strcmp(work[i].answers, work[0].answers);
	}
	rc = rc || score_lines(&work[0]) || score_columns(m);
	if (!rc)
		fputs(work[0].answers, stdout);
	for (int i = 0; i < threads; i++)
		free(work[i].answers);
	free(work);
	free(ids);
	free(rows);
	return rc;
}

int main(int argc, char **argv)
{
	struct mich_score_error e;
	struct mich_score_model *m = argc > 1 ? mich_score_open(argv[1], &e) : NULL;
	const struct mich_score_column *c;
	size_t n;
	int rc = 0;

	if (!m) {
		fprintf(stderr, "score: %s\n", argc > 1 ? e.text : "usage: score FOLDER");
		return 2;
	}
	if (argc > 2 && !strcmp(argv[2], "--list")) {
		c = mich_score_inputs(m, &n);
		list(c, n, "in");
		c = mich_score_outputs(m, &n);
		list(c, n, "out");
	} else {
		rc = score(m, argc > 3 ? atoi(argv[3]) : 1);
	}
	mich_score_close(m);
	return rc != 0;
}
