/* mich-net.c - the learners `net` and `linear`: an ordinary program under the contract of every learner. */
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/inherited.h"
#include "lib/learn/brief.h"
#include "lib/learn/net_train.h"

/* mich-net-cuda.c is this program with another one. */
#ifndef NET_ENGINE
#define NET_ENGINE net_engine_cpu
#endif

static const char usage[] =
	"usage: mich-net [--linear]\n"
	"   or: mich-net --devices | --version\n"
	"\n"
	"Train a net from the matrix in $MICH_IN_MATRIX and write the model into $MICH_OUT;\n"
	"with --linear one without hidden layers. A step of mich starts it: see mich-train(1).\n"
	"mich-net-cuda is the same on a GPU; --devices tells as JSON what it finds to run on.\n";

enum { EXIT_AGAIN = 75 }; /* its work is kept: run it again */

struct show {
	bool terminal, drawn;
	struct net_progress at;
	char metric[64];
	struct partitions_progress parts;
	int64_t parts_us; /* when their line was drawn last */
	bool parted;
};

/* SIGUSR1: whoever placed us will stop us soon. */
static volatile sig_atomic_t keep_wanted;

static void on_signal(int signal)
{
	(void)signal;
	keep_wanted = 1;
}

/* SIGTERM: we are stopped now. */
static volatile sig_atomic_t end_wanted;

static void on_end(int signal)
{
	(void)signal;
	end_wanted = 1;
}

static bool wants_end(void *payload)
{
	(void)payload;
	return end_wanted;
}

static bool wants_checkpoint(void *payload)
{
	bool wanted = keep_wanted;

	(void)payload;
	keep_wanted = 0;
	return wanted;
}

/* One line that is drawn over itself. */
static void draw(struct show *s)
{
	const struct net_progress *p = &s->at;
	char left[32];

	if (!s->terminal || !p->first)
		return;
	s->drawn = true;
	clock_span((int64_t)(p->left * 1e3), left, sizeof left);
	fprintf(stderr, "\r\033[Ktraining: step %lld of %lld", (long long)p->step,
		(long long)p->steps);
	if (!isnan(p->loss))
		fprintf(stderr, ", loss %.5g", p->loss);
	if (s->metric[0])
		fprintf(stderr, ", %s %.6g", s->metric, p->value);
	if (p->rows_per_s > 0)
		fprintf(stderr, ", %.0f rows/s, %s left", p->rows_per_s, left);
}

static void on_progress(void *payload, const struct net_progress *p)
{
	struct show *s = payload;

	if (p->resumed && p->first && !s->at.resumed)
		fprintf(stderr, "%s: goes on from its checkpoint, at step %lld\n",
			NET_ENGINE.program, (long long)p->step);
	s->at = *p;
	snprintf(s->metric, sizeof s->metric, "%s", p->metric ? p->metric : "");
	draw(s);
}

/* The nets of partitions, once the one over all rows is there. */
static void on_partition(void *payload, const struct partitions_progress *p)
{
	struct show *s = payload;
	int64_t now = clock_mono_us();
	struct buf line = BUF_INIT;

	if (p->resumed && !s->parted) {
		partitions_resumed(p, &line);
		fprintf(stderr, "%s%s: %s\n", s->drawn ? "\r\033[K" : "", NET_ENGINE.program,
			line.data);
		buf_reset(&line);
	}
	s->parts = *p;
	s->parted = true;
	if (s->terminal && (now - s->parts_us >= 100000 || p->done == p->n)) {
		s->parts_us = now;
		s->drawn = true;
		partitions_line(p, &line);
		fprintf(stderr, "\r\033[Ktraining: %s", line.data);
	}
	buf_clear(&line);
}

static void on_warning(void *payload, const char *text)
{
	const struct show *s = payload;

	fprintf(stderr, "%s%s: warning: %s\n", s->drawn ? "\r\033[K" : "", NET_ENGINE.program,
		text);
}

static void on_note(void *payload, const char *text)
{
	const struct show *s = payload;

	fprintf(stderr, "%s%s\n", s->drawn ? "\r\033[K" : "", text);
}

/* One line for the log: how far it went, how fast, and what came out. */
static void summary(const struct show *s)
{
	const struct net_progress *p = &s->at;
	struct buf line = BUF_INIT;
	char took[32];

	clock_span((int64_t)(p->seconds * 1e3), took, sizeof took);
	fprintf(stderr, "trained %lld of %lld epochs in %s, %.0f rows/s", (long long)p->epoch,
		(long long)p->epochs, took, p->rows_per_s);
	if (s->metric[0])
		fprintf(stderr, "; %s %.6g", s->metric, p->value);
	if (p->best)
		fprintf(stderr, "; best after %lld", (long long)p->best);
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
	struct show *s = payload;
	const char *hint = error_hint_text();

	fprintf(stderr, "%s%s: %s", s->drawn ? "\r\033[K" : "", NET_ENGINE.program, error_text());
	if (*hint)
		fprintf(stderr, " (%s)", hint);
	fputc('\n', stderr);
	s->drawn = false;
}

static int train(bool linear)
{
	struct show show = { .terminal = isatty(STDERR_FILENO) };
	struct net_hooks hooks = { .on_progress = on_progress,
				   .on_partition = on_partition,
				   .on_warning = on_warning,
				   .on_note = on_note,
				   .on_failure = on_failure,
				   .wants_checkpoint = wants_checkpoint,
				   .wants_end = wants_end,
				   .payload = &show };
	struct brief brief;
	int rc = brief_read(&brief);

	signal(SIGUSR1, on_signal);
	if (!rc && brief.checkpoint)
		signal(SIGTERM, on_end);
	if (rc)
		on_failure(&show);
	else
		rc = net_train(&brief, linear, &NET_ENGINE, &hooks);
	if (show.drawn)
		fputs("\r\033[K", stderr);
	if (!rc && show.at.first)
		summary(&show);
	brief_clear(&brief);
	return rc == ERR_INTERRUPT ? CTL_EXIT_ABORTED : rc == ERR_BUSY ? EXIT_AGAIN : rc != 0;
}

static int devices(void)
{
	json_t *v = NET_ENGINE.describe ? NET_ENGINE.describe() : json_object();

	json_dumpf(v, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(v);
	return fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	bool linear = argc == 2 && !strcmp(argv[1], "--linear");

	if (inherited_settle() < 0) {
		fprintf(stderr, "%s: %s\n", NET_ENGINE.program, error_text());
		return error_exit_status(ERR_FAIL);
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("%s %s\n", NET_ENGINE.program, MICH_VERSION);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--devices"))
		return devices();
	if (argc == 2 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 1 && !linear) {
		fputs(usage, stderr);
		return 129;
	}
	return train(linear);
}
