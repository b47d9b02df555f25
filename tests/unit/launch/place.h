/* place.h - a folder for a test, and short ways to run something in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"

/* Later than any machine is, however busy: that it ends, and how, is tested, not when. */
enum { PLACE_LATE_MS = 60000 };

struct place {
	char dir[64], log[96];
	char nap[32]; /* a sleep that no other run of these tests has */
	struct process_plan plan;
	struct process_result result;
};

static int place_open(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	snprintf(p->dir, sizeof p->dir, "/tmp/mich-launch-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->log, sizeof p->log, "%s/log", p->dir);
	snprintf(p->nap, sizeof p->nap, "sleep %d", 1000000 + getpid());
	p->plan.dir = p->dir;
	p->plan.log_path = p->log;
	*state = p;
	return 0;
}

static int place_close(void **state)
{
	struct place *p = *state;

	file_remove_tree(p->dir);
	free(p);
	return 0;
}

static int place_run(struct place *p, const char *command)
{
	p->plan.command = command;
	return process_run(&p->plan, &p->result);
}

/* Run a command in which each NAP is the place's own sleep. */
__attribute__((unused)) static int place_run_nap(struct place *p, const char *command)
{
	struct buf b = BUF_INIT;
	int rc;

	for (const char *s = command; *s;)
		if (strncmp(s, "NAP", 3) == 0) {
			buf_addstr(&b, p->nap);
			s += 3;
		} else {
			buf_addch(&b, *s++);
		}
	rc = place_run(p, b.data);
	buf_clear(&b);
	return rc;
}

/* Make a file below the place. */
__attribute__((unused)) static void place_write(const struct place *p, const char *name,
						const char *text)
{
	char *path = path_join(p->dir, name);

	assert_int_equal(file_make_parents(path), 0);
	assert_int_equal(file_write(path, text, strlen(text)), 0);
	free(path);
}

__attribute__((unused)) static void assert_file(const struct place *p, const char *name,
						const char *want)
{
	char *path = path_join(p->dir, name);
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, &b), 0);
	assert_string_equal(b.data, want);
	buf_clear(&b);
	free(path);
}

/* Processes whose command line has this word; ours excepted. */
__attribute__((unused)) static int count_processes(const char *word)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		char path[300], text[4096] = "";
		int fd;
		ssize_t n;

		if (strtol(e->d_name, NULL, 10) <= 0 || strtol(e->d_name, NULL, 10) == getpid())
			continue;
		snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
		if (fd >= 0)
			close(fd);
		for (ssize_t i = 0; i < n; i++)
			if (!text[i])
				text[i] = ' ';
		found += strstr(text, word) != NULL;
	}
	if (d)
		closedir(d);
	return found;
}

__attribute__((unused)) static void pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Wait up to limit_ms for a file below the place. */
__attribute__((unused)) static bool wait_file(const struct place *p, const char *name, int limit_ms)
{
	char *path = path_join(p->dir, name);
	bool there = false;

	for (int ms = 0; ms < limit_ms && !(there = file_exists(path)); ms += 5)
		pause_ms(5);
	free(path);
	return there;
}

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, place_open, place_close)
