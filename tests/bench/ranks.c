/* ranks.c - start, end and scaling of ranks on one machine; JSON lines. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/launch/ranks.h"

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

int main(void)
{
	/* so much work in all, each rank its part */
	static const char work[] =
		"i=0; n=$((1500000 / WORLD_SIZE)); while [ $i -lt $n ]; do i=$((i + 1)); done";
	struct ranks_result r;
	double one, two;

	if (!mkdtemp(dir))
		return 1;
	for (int n = 1; n <= 16; n *= 4)
		printf("{\"case\":\"ranks start and end\",\"ranks\":%d,\"ms\":%.1f}\n", n,
		       best(n, ":", 5, &r));
	best(4, "[ $RANK = 2 ] && exit 1; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	best(4, "[ $RANK = 2 ] && exit 1; trap '' TERM; sleep 99; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop, deaf\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	one = best(1, work, 3, &r);
	two = best(2, work, 3, &r);
	printf("{\"case\":\"ranks scale\",\"one_ms\":%.0f,\"two_ms\":%.0f,\"times\":%.2f}\n", one,
	       two, one / two);
	return file_remove_tree(dir) < 0;
}
