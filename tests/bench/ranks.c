/*
 * ranks.c - start, end and scaling of ranks on one machine; JSON lines.
 *
 *	ranks                    what it takes to start and to end them; scaling of a shell that counts
 *	ranks scale NAME COMMAND that of a command, which is to do its WORLD_SIZEth part of the work
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/launch/ranks/ranks.h"

enum { RUNS = 5 };

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

/* Of all that was waited for, in ms. */
static double cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

struct pace {
	double ms, cpu_ms;
};

static void run(int ranks, const char *command, struct pace *p)
{
	struct ranks_result r;
	double cpu = cpu_ms(), ms = best(ranks, command, 1, &r);

	cpu = cpu_ms() - cpu;
	p->ms = ms < p->ms ? ms : p->ms;
	p->cpu_ms = cpu < p->cpu_ms ? cpu : p->cpu_ms;
}

/*
 * How many times as fast two are as one: by the clock, and by the time that their cores took, each its half of
 * it, where a machine that others use too says more than the clock.
 */
static void scale(const char *what, const char *command, int runs)
{
	struct pace one = { 1e9, 1e9 }, two = one;

	for (int i = 0; i < runs; i++) { /* in turn */
		run(1, command, &one);
		run(2, command, &two);
	}
	printf("{\"case\":\"%s\",\"one_ms\":%.0f,\"two_ms\":%.0f,\"times\":%.2f,\"one_cpu_ms\":%.0f,"
	       "\"two_cpu_ms\":%.0f,\"cpu_times\":%.2f}\n",
	       what, one.ms, two.ms, one.ms / two.ms, one.cpu_ms, two.cpu_ms,
	       2 * one.cpu_ms / two.cpu_ms);
}

static void launch(void)
{
	/* so much work in all, each rank its part */
	static const char work[] =
		"i=0; n=$((1500000 / WORLD_SIZE)); while [ $i -lt $n ]; do i=$((i + 1)); done";
	struct ranks_result r;

	for (int n = 1; n <= 16; n *= 4)
		printf("{\"case\":\"ranks start and end\",\"ranks\":%d,\"ms\":%.1f}\n", n,
		       best(n, ":", 5, &r));
	best(4, "[ $RANK = 2 ] && exit 1; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	best(4, "[ $RANK = 2 ] && exit 1; trap '' TERM; sleep 99; sleep 99", 1, &r);
	printf("{\"case\":\"ranks stop, deaf\",\"ranks\":4,\"ms\":%lld}\n", (long long)r.stop_ms);
	scale("ranks scale", work, RUNS);
}

int main(int argc, char **argv)
{
	if (!mkdtemp(dir))
		return 1;
	if (argc == 4 && !strcmp(argv[1], "scale"))
		scale(argv[2], argv[3], RUNS);
	else
		launch();
	return file_remove_tree(dir) < 0;
}
