/* launch.c - what a guarded run costs beside a bare fork and exec; JSON lines. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"

enum { ROUNDS = 200 };

static const char *const nothing[] = { "/bin/true", NULL };

static int bare(const struct process_plan *plan)
{
	pid_t pid;
	int status;

	(void)plan;
	if (posix_spawn(&pid, nothing[0], NULL, NULL, (char **)(uintptr_t)nothing, environ) != 0)
		return -1;
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static int guarded(const struct process_plan *plan)
{
	struct process_result result;

	return process_run(plan, &result);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int measure(const char *name, int (*fn)(const struct process_plan *),
		   const struct process_plan *plan)
{
	static int64_t us[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		int64_t start = clock_mono_us();

		if (fn(plan) < 0) {
			fprintf(stderr, "%s: %s\n", name, error_text());
			return -1;
		}
		us[i] = clock_mono_us() - start;
	}
	qsort(us, ROUNDS, sizeof us[0], by_time);
	printf("{\"case\":\"launch %s\",\"n\":%d,\"median_us\":%lld,\"p90_us\":%lld}\n", name,
	       ROUNDS, (long long)us[ROUNDS / 2], (long long)us[ROUNDS * 9 / 10]);
	return 0;
}

int main(void)
{
	static const struct process_bind same = { .from = "/usr", .to = "/usr" };
	struct process_plan plain = { .argv = nothing };
	struct process_plan limited = { .argv = nothing, .memory_bytes = 1 << 28 };
	struct process_plan apart = { .argv = nothing, .binds = &same, .n_binds = 1 };
	struct process_plan offline = { .argv = nothing, .no_network = true };
	int rc = measure("bare spawn of true", bare, &plain);

	rc |= measure("true", guarded, &plain);
	rc |= measure("true, memory limit", guarded, &limited);
	if (process_can_bind()) {
		rc |= measure("true, read-only bind", guarded, &apart);
		rc |= measure("true, no network", guarded, &offline);
	}
	return rc < 0;
}
