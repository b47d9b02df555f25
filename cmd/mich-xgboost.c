/* mich-xgboost.c - the learner `xgboost`: an ordinary program under the contract of every learner.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/inherited.h"
#include "lib/learn/brief.h"
#include "lib/learn/xgboost/xgboost.h"

static const char usage[] =
	"usage: mich-xgboost\n"
	"   or: mich-xgboost --version\n"
	"\n"
	"Train trees from the matrix in $MICH_IN_MATRIX and write the model into $MICH_OUT.\n"
	"A step of mich starts it: see mich-train(1).\n";

struct show {
	bool terminal;
	int64_t last_ms; /* when the line was drawn last */
	struct xgboost_round at;
	char metric[64];
	struct partitions_progress parts;
	bool parted;
};

/* SIGUSR1: whoever placed us will stop us soon. */
static volatile sig_atomic_t keep_wanted;

static void on_signal(int signal)
{
	(void)signal;
	keep_wanted = 1;
}

static bool wants_checkpoint(void *payload)
{
	bool wanted = keep_wanted;

	(void)payload;
	keep_wanted = 0;
	return wanted;
}

/* One line that is drawn over itself, at most ten times a second. */
static void draw(struct show *s, const struct xgboost_round *r)
{
	int64_t now = clock_mono_us() / 1000;
	char left[32];

	if (!s->terminal || !r->first || (now - s->last_ms < 100 && r->done < r->rounds))
		return;
	s->last_ms = now;
	if (!r->done) {
		fputs("training: reading the matrix", stderr);
		return;
	}
	clock_span((int64_t)(r->left * 1e3), left, sizeof left);
	fprintf(stderr, "\r\033[Ktraining: round %lld of %lld", (long long)r->done,
		(long long)r->rounds);
	if (r->metric)
		fprintf(stderr, ", %s %.6g", r->metric, r->value);
	if (r->best)
		fprintf(stderr, " (best %.6g at %lld)", r->best_value, (long long)r->best);
	if (r->rows_per_s > 0)
		fprintf(stderr, ", %.0f rows/s", r->rows_per_s);
	fprintf(stderr, ", %s left", left);
}

static void on_round(void *payload, const struct xgboost_round *r)
{
	struct show *s = payload;

	if (r->resumed && r->first && !s->at.resumed)
		fprintf(stderr, "mich-xgboost: goes on from its checkpoint, at round %lld\n",
			(long long)r->done);
	draw(s, r);
	s->at = *r;
	snprintf(s->metric, sizeof s->metric, "%s", r->metric ? r->metric : "");
}

/* The models of partitions, once the one over all rows is there. */
static void on_partition(void *payload, const struct partitions_progress *p)
{
	struct show *s = payload;
	int64_t now = clock_mono_us() / 1000;
	struct buf line = BUF_INIT;

	if (p->resumed && !s->parted) {
		partitions_resumed(p, &line);
		fprintf(stderr, "%smich-xgboost: %s\n", s->terminal ? "\r\033[K" : "", line.data);
		buf_reset(&line);
	}
	s->parts = *p;
	s->parted = true;
	if (s->terminal && (now - s->last_ms >= 100 || p->done == p->n)) {
		s->last_ms = now;
		partitions_line(p, &line);
		fprintf(stderr, "\r\033[Ktraining: %s", line.data);
	}
	buf_clear(&line);
}

static void on_warning(void *payload, const char *text)
{
	const struct show *s = payload;

	fprintf(stderr, "%smich-xgboost: warning: %s\n", s->terminal ? "\r\033[K" : "", text);
}

/* One line for the log: how far it went, and what came out. */
static void summary(const struct show *s)
{
	const struct xgboost_round *r = &s->at;
	struct buf line = BUF_INIT;
	char took[32];

	clock_span((int64_t)(r->seconds * 1e3), took, sizeof took);
	fprintf(stderr, "trained %lld of %lld rounds in %s, %.0f rows/s", (long long)r->done,
		(long long)r->rounds, took, r->rows_per_s);
	if (r->best)
		fprintf(stderr, "; best %s %.6g after %lld", s->metric, r->best_value,
			(long long)r->best);
	else if (s->metric[0])
		fprintf(stderr, "; %s %.6g", s->metric, r->value);
	fputc('\n', stderr);
	if (!s->parted)
		return;
	partitions_summary(&s->parts, &line);
	fprintf(stderr, "%s\n", line.data);
	buf_clear(&line);
}

/* One line, since a step shows the last line of what its program said. */
static void on_failure(void *payload)
{
	const struct show *s = payload;
	const char *hint = error_hint_text();

	fprintf(stderr, "%smich-xgboost: %s", s && s->terminal ? "\r\033[K" : "", error_text());
	if (*hint)
		fprintf(stderr, " (%s)", hint);
	fputc('\n', stderr);
}

static int print_version(void)
{
	char version[32];

	if (xgboost_version(version) < 0) {
		on_failure(NULL);
		return 1;
	}
	printf("mich-xgboost %s (XGBoost %s)\n", MICH_VERSION, version);
	return 0;
}

/*
 * XGBoost's threads wait for each other many times a round, by default for a long while at full
 * speed. On cores that others use too that costs several times the training; a short while loses
 * nothing.
 */
static void wait_briefly(void)
{
	if (!getenv("OMP_WAIT_POLICY"))
		setenv("GOMP_SPINCOUNT", "10000", 0);
}

static int train(void)
{
	struct show show = { .terminal = isatty(STDERR_FILENO) };
	struct xgboost_hooks hooks = { .on_round = on_round,
				       .on_partition = on_partition,
				       .on_warning = on_warning,
				       .wants_checkpoint = wants_checkpoint,
				       .on_failure = on_failure,
				       .payload = &show };
	struct brief brief = BRIEF_INIT;
	int rc = brief_read(&brief);

	signal(SIGUSR1, on_signal);
	if (rc)
		on_failure(&show);
	else
		rc = xgboost_train(&brief, &hooks);
	if (show.terminal)
		fputs("\r\033[K", stderr);
	if (!rc && show.at.first)
		summary(&show);
	brief_clear(&brief);
	return rc == ERR_INTERRUPT ? CTL_EXIT_ABORTED : rc != 0;
}

int main(int argc, char **argv)
{
	if (inherited_settle() < 0) {
		fprintf(stderr, "mich-xgboost: %s\n", error_text());
		return error_exit_status(ERR_FAIL);
	}
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return print_version();
	if (argc == 2 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 1) {
		fputs(usage, stderr);
		return 129;
	}
	wait_briefly();
	return train();
}
