/*
 * team.c - sums over ranks through memory that all of one machine map.
 *
 * A meeting is a ticket: each rank raises its own when its slot is filled, and waits for the others'.
 * After the sum each raises `left`; nobody fills a slot again before all have left the meeting before.
 */
#define _GNU_SOURCE
#include "lib/learn/team.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/team_file.h"

enum { WAIT_S = 120, SPINS = 2000, NAP_MS = 100, BEAT_US = 5 * 1000 * 1000, TELL_US = 100 * 1000 };

struct team {
	struct team_file *file;
	struct ctl ctl;
	int rank, ranks;
	int local, locals;	  /* the place among those of this machine */
	uint32_t meetings;	  /* that this rank has come to */
	int64_t beat_us, told_us; /* when the launcher last heard of us */
	float **slots;		  /* (ranks) where they lie */
	size_t room;		  /* floats of a slot */
};

static int read_number(const char *var, int low, int high, int fallback, int *out)
{
	const char *s = getenv(var);
	char *end;
	long v;

	*out = fallback;
	if (!s || !*s)
		return 0;
	errno = 0;
	v = strtol(s, &end, 10);
	if (errno || *end || v < low || v > high)
		return error_set(ERR_INPUT, "%s is '%s', want a whole number from %d to %d", var, s,
				 low, high);
	*out = (int)v;
	return 0;
}

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *wait)
{
	return syscall(SYS_futex, word, op, value, wait, NULL, 0);
}

static int gone(const struct team *t)
{
	return error_set(ERR_INTERRUPT, "rank %d stops: another rank has failed", t->rank);
}

/* A rank that waits for the others is alive: the launcher looks for the one that does nothing. */
static void beat(struct team *t)
{
	int64_t now = clock_mono_us();

	if (now - t->beat_us < BEAT_US)
		return;
	t->beat_us = now;
	ctl_beat(&t->ctl);
}

/* Until *word has reached `count`; counts go round. */
static int wait_for(struct team *t, _Atomic uint32_t *word, uint32_t count, int64_t end_us)
{
	struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
	uint32_t seen;

	for (int spins = 0; (int32_t)((seen = atomic_load(word)) - count) < 0; spins++) {
		if (spins < SPINS) {
			if (spins % 64 == 63)
				sched_yield();
			continue;
		}
		if (team_aborted(t))
			return gone(t);
		if (end_us && clock_mono_us() > end_us)
			return ERR_TIMEOUT;
		beat(t);
		futex(word, FUTEX_WAIT, seen, &nap);
	}
	return atomic_load(&t->file->abort) ? gone(t) : 0;
}

static void raise_word(_Atomic uint32_t *word)
{
	atomic_fetch_add(word, 1);
	futex(word, FUTEX_WAKE, INT_MAX, NULL);
}

static int wait_left(struct team *t)
{
	int rc = 0;

	for (int i = 0; i < t->locals && !rc; i++)
		rc = wait_for(t, &t->file->cell[i].left, t->meetings, 0);
	return rc;
}

/* All slots are filled. */
static int meet(struct team *t, int64_t end_us)
{
	int rc = 0;

	t->meetings++;
	raise_word(&t->file->cell[t->local].ticket);
	for (int i = 0; i < t->locals && !rc; i++) {
		rc = wait_for(t, &t->file->cell[i].ticket, t->meetings, end_us);
		if (rc == ERR_TIMEOUT)
			rc = error_set(rc, "rank %d of %d did not come", t->rank - t->local + i,
				       t->ranks);
	}
	return rc;
}

/* A meeting that nobody waits for: the others' having left the one before is enough. */
static void pass_by(struct team *t)
{
	t->meetings++;
	raise_word(&t->file->cell[t->local].ticket);
}

static void leave(struct team *t)
{
	raise_word(&t->file->cell[t->local].left);
}

/* The memory of this machine's ranks. */
static int map(struct team *t)
{
	const char *path = getenv("MICH_TEAM");
	int rc;

	if (!path || !*path)
		return error_hint(error_set(ERR_INPUT,
					    "MICH_TEAM is not set, but there are %d ranks",
					    t->ranks),
				  "let mich place the ranks: mich train MODEL -n %d", t->ranks);
	if ((rc = read_number("LOCAL_RANK", 0, t->rank, t->rank, &t->local)) ||
	    (rc = team_file_open(path, &t->file)))
		return rc;
	t->locals = (int)t->file->ranks;
	if (t->locals > t->ranks || t->local >= t->locals)
		return error_set(
			ERR_INPUT,
			"WORLD_SIZE is %d and LOCAL_RANK %d, but the memory of the ranks is "
			"for %d",
			t->ranks, t->local, t->locals);
	t->slots = xcalloc((size_t)t->locals, sizeof(float *));
	for (int i = 0; i < t->locals; i++)
		t->slots[i] = team_file_slot(t->file, (uint32_t)i);
	t->room = t->file->slot_bytes / sizeof(float);
	return 0;
}

static int join(struct team *t, int wait_s)
{
	int rc = meet(t, clock_mono_us() + (int64_t)(wait_s ? wait_s : WAIT_S) * 1000000);

	if (!rc)
		leave(t);
	return rc;
}

int team_open_local(int wait_s, struct team **out)
{
	struct team *t = xcalloc(1, sizeof *t);
	int rc;

	*t = (struct team){ .ranks = 1, .locals = 1, .ctl = { .fd = -1 } };
	if (!(rc = read_number("WORLD_SIZE", 1, TEAM_FILE_RANKS_MAX, 1, &t->ranks)) &&
	    !(rc = read_number("RANK", 0, t->ranks - 1, 0, &t->rank)) &&
	    !(rc = ctl_open(&t->ctl)) && t->ranks > 1 && !(rc = map(t)))
		rc = join(t, wait_s);
	if (rc) {
		team_close(t);
		t = NULL;
	}
	*out = t;
	return rc;
}

int team_open(int wait_s, struct team **out)
{
	int rc = team_open_local(wait_s, out);

	if (rc)
		return rc;
	if (!team_is_whole(*out)) {
		rc = error_set(ERR_INPUT, "WORLD_SIZE is %d, but the memory of the ranks is for %d",
			       (*out)->ranks, (*out)->locals);
		team_close(*out);
		*out = NULL;
		return rc;
	}
	team_ready(*out);
	return 0;
}

bool team_is_whole(const struct team *t)
{
	return !t || t->locals == t->ranks;
}

void team_ready(struct team *t)
{
	if (t)
		ctl_ready(&t->ctl);
}

bool team_aborted(struct team *t)
{
	return t && ((t->file && atomic_load(&t->file->abort)) || ctl_aborted(&t->ctl));
}

void team_abort(struct team *t)
{
	if (t && t->file)
		team_file_abort(t->file, (uint32_t)t->rank);
}

void team_close(struct team *t)
{
	if (!t)
		return;
	ctl_close(&t->ctl);
	team_file_close(t->file);
	free(t->slots);
	free(t);
}

int team_rank(const struct team *t)
{
	return t ? t->rank : 0;
}

int team_ranks(const struct team *t)
{
	return t ? t->ranks : 1;
}

void team_step(struct team *t, int64_t step)
{
	int64_t now = clock_mono_us();

	if (!t)
		return;
	if (t->file)
		atomic_store(&t->file->cell[t->local].step, step);
	if (now - t->told_us < TELL_US)
		return;
	t->told_us = now;
	ctl_step(&t->ctl, step);
}

/*
 * Pairwise in the order of the ranks: at distance 1 rank 0 takes 1 in, 2 takes 3; at distance 2 rank
 * 0 takes 2; and so on. Each rank does it for its own stretch of the numbers, in the others' slots.
 */
static void add_stretch(struct team *t, size_t from, size_t to)
{
	for (int d = 1; d < t->ranks; d *= 2)
		for (int i = 0; i + d < t->ranks; i += 2 * d) {
			float *a = t->slots[i];
			const float *b = t->slots[i + d];

			for (size_t k = from; k < to; k++)
				a[k] += b[k];
		}
}

static int sum_block(struct team *t, float *v, size_t n)
{
	size_t share = (n + (size_t)t->ranks - 1) / (size_t)t->ranks;
	size_t from = share * (size_t)t->rank, to = from + share;
	int rc = wait_left(t);

	if (rc)
		return rc;
	memcpy(t->slots[t->rank], v, n * sizeof *v);
	if ((rc = meet(t, 0)))
		return rc;
	add_stretch(t, from < n ? from : n, to < n ? to : n);
	leave(t);
	if ((rc = wait_left(t)))
		return rc;
	pass_by(t);
	memcpy(v, t->slots[0], n * sizeof *v);
	leave(t);
	return 0;
}

int team_sum(struct team *t, float *v, size_t n)
{
	int rc = 0;

	for (size_t at = 0; t && t->file && at < n && !rc; at += t->room)
		rc = sum_block(t, v + at, n - at < t->room ? n - at : t->room);
	return rc;
}

/* At most a slot of them. */
static int share_block(struct team *t, char *bytes, size_t n)
{
	int rc = wait_left(t);

	if (rc)
		return rc;
	if (!t->rank)
		memcpy(t->slots[0], bytes, n);
	if ((rc = meet(t, 0)))
		return rc;
	if (t->rank)
		memcpy(bytes, t->slots[0], n);
	leave(t);
	return 0;
}

int team_share(struct team *t, void *bytes, size_t n)
{
	size_t room = t && t->file ? t->room * sizeof(float) : 0;
	int rc = 0;

	for (size_t at = 0; room && at < n && !rc; at += room)
		rc = share_block(t, (char *)bytes + at, n - at < room ? n - at : room);
	return rc;
}

int team_barrier(struct team *t)
{
	int rc;

	if (!t || !t->file)
		return 0;
	rc = wait_left(t);
	if (!rc)
		rc = meet(t, 0);
	if (!rc)
		leave(t);
	return rc;
}
