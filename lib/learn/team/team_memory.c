/*
 * team_memory.c - sums over ranks through memory that all of one machine map.
 *
 * A meeting is a ticket: each rank raises its own when its slot is filled, and waits for the others'.
 * After the sum each raises `left`; nobody fills a slot again before all have left the meeting before.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/team/team_way.h"

enum { WAIT_S = 120, SPINS = 2000, NAP_MS = 100 };

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *wait)
{
	return syscall(SYS_futex, word, op, value, wait, NULL, 0);
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
			return team_gone(t);
		if (end_us && clock_mono_us() > end_us)
			return ERR_TIMEOUT;
		team_beat(t);
		futex(word, FUTEX_WAIT, seen, &nap);
	}
	return atomic_load(&t->file->abort) ? team_gone(t) : 0;
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
	if ((rc = team_file_open(path, &t->file)))
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
	team_add(t->slots, t->ranks, from < n ? from : n, to < n ? to : n);
	leave(t);
	if ((rc = wait_left(t)))
		return rc;
	pass_by(t);
	memcpy(v, t->slots[0], n * sizeof *v);
	leave(t);
	return 0;
}

static int sum(struct team *t, float *v, size_t n)
{
	int rc = 0;

	for (size_t at = 0; at < n && !rc; at += t->room)
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

static int share(struct team *t, void *bytes, size_t n)
{
	size_t room = t->room * sizeof(float);
	int rc = 0;

	for (size_t at = 0; at < n && !rc; at += room)
		rc = share_block(t, (char *)bytes + at, n - at < room ? n - at : room);
	return rc;
}

/* Bytes from `done` on of every rank's part, at most a slot of each. */
static int gather_block(struct team *t, char *bytes, const size_t *at, size_t done, size_t room)
{
	int rc = wait_left(t);

	if (rc)
		return rc;
	for (int own = 1; own >= 0 && !rc; own--) {
		for (int i = 0; i < t->ranks; i++) {
			size_t from = at[i] + done, n = from < at[i + 1] ? at[i + 1] - from : 0;

			n = n < room ? n : room;
			if (own && i == t->rank)
				memcpy(t->slots[i], bytes + from, n);
			else if (!own && i != t->rank)
				memcpy(bytes + from, t->slots[i], n);
		}
		if (own)
			rc = meet(t, 0);
	}
	if (!rc)
		leave(t);
	return rc;
}

static int gather(struct team *t, void *bytes, const size_t *at)
{
	size_t room = t->room * sizeof(float), most = 0;
	int rc = 0;

	for (int i = 0; i < t->ranks; i++)
		most = at[i + 1] - at[i] > most ? at[i + 1] - at[i] : most;
	for (size_t done = 0; done < most && !rc; done += room)
		rc = gather_block(t, bytes, at, done, room);
	return rc;
}

static int barrier(struct team *t)
{
	int rc = wait_left(t);

	if (!rc)
		rc = meet(t, 0);
	if (!rc)
		leave(t);
	return rc;
}

static void tell_all(struct team *t)
{
	team_file_abort(t->file, (uint32_t)t->rank);
}

static void part(struct team *t)
{
	(void)t;
}

static const struct team_way way = {
	.sum = sum,
	.share = share,
	.gather = gather,
	.barrier = barrier,
	.abort = tell_all,
	.close = part,
};

int team_memory_open(struct team *t, int wait_s)
{
	int rc = map(t);

	if (!rc)
		rc = join(t, wait_s);
	if (!rc)
		t->way = &way;
	return rc;
}
