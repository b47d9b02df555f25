/* ranks.c - start, end and scaling of ranks on one machine; JSON lines. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/ranks/ranks.h"

static char dir[64] = "/tmp/mich-bench-XXXXXX";

/* The shortest of several runs, in ms; a rank may fail where that is the point. */
static double best(int ranks, const char *command, int runs, struct ranks_result *result)
{
	struct ranks_plan plan = { .ranks = ranks, .bind = true, .dir = dir };
	double shortest = 1e9;

	plan.process.command = command;
	for (int i = 0; i < runs; i++) {
		int64_t start = clock_mono_us();
		int rc = ranks_run(&plan, result);
		double ms = (double)(clock_mono_us() - start) / 1e3;

		if (rc && rc != ERR_STEP) {
			fprintf(stderr, "ranks: %s\n", error_text());
			exit(1);
		}
		if (ms < shortest)
			shortest = ms;
	}
	return shortest;
}

/* How many times as fast two are as one. */
static void scale(const char *what, const char *command, int runs)
{
	struct ranks_result r;
	double one = 1e9, two = 1e9, ms;

	for (int i = 0; i < runs; i++) { /* in turn, for whoever else uses the machine */
		ms = best(1, command, 1, &r);
		one = ms < one ? ms : one;
		ms = best(2, command, 1, &r);
		two = ms < two ? ms : two;
	}
	printf("{\"case\":\"%s\",\"one_ms\":%.0f,\"two_ms\":%.0f,\"times\":%.2f}\n", what, one, two,
	       one / two);
}

int main(int argc, char **argv)
{
	/* so much work in all, each rank its part */
	static const char work[] =
		"i=0; n=$((1500000 / WORLD_SIZE)); while [ $i -lt $n ]; do i=$((i + 1)); done";
	struct ranks_result r;

	if (!mkdtemp(dir))
		return 1;
	for (int n = 1; n <= 16; n *= 4)
		printf("{\"case\":\"ranks start and end\",\"ranks\":%d,\"ms\":%.1f}\n", n,
		       best(n, ":", 5, &r));
	best(4, "[ $RANK = 2 ] && exit 1; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	best(4, "[ $RANK = 2 ] && exit 1; trap '' TERM; sleep 99; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop, deaf\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	scale("ranks scale", work, 5);
	if (argc > 1) {
		char *net = xasprintf("MICH_THREADS=1 exec %s 2>/dev/null", argv[1]);

		scale("ranks scale, mich-net", net, 5);
		free(net);
	}
	return file_remove_tree(dir) < 0;
}
