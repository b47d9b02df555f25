/* team.c - who the ranks are, what the launcher hears of them, and which way they take to each other. */
#include "lib/learn/team/team.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/team/team_way.h"

enum { BEAT_US = 5 * 1000 * 1000, TELL_US = 100 * 1000 };

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

int team_gone(const struct team *t)
{
	return error_set(ERR_INTERRUPT, "rank %d stops: another rank has failed", t->rank);
}

void team_beat(struct team *t)
{
	int64_t now = clock_mono_us();

	if (now - t->beat_us < BEAT_US)
		return;
	t->beat_us = now;
	ctl_beat(&t->ctl);
}

static int read_place(struct team *t)
{
	int rc = read_number("WORLD_SIZE", 1, TEAM_FILE_RANKS_MAX, 1, &t->ranks);

	if (!rc)
		rc = read_number("RANK", 0, t->ranks - 1, 0, &t->rank);
	return rc ? rc : read_number("LOCAL_RANK", 0, t->rank, t->rank, &t->local);
}

/* MICH_COMM; what is not said is the memory of this machine. */
static int is_mpi(bool *out)
{
	const char *how = getenv("MICH_COMM");

	*out = how && !strcmp(how, "mpi");
	if (!how || !*how || *out)
		return 0;
	return error_set(ERR_INPUT, "MICH_COMM is '%s', want mpi or nothing", how);
}

static int meet_others(struct team *t, int wait_s)
{
	bool mpi;
	int rc = is_mpi(&mpi);

	if (rc)
		return rc;
	if (mpi)
		return team_mpi_open(t);
	return t->ranks > 1 ? team_memory_open(t, wait_s) : 0;
}

int team_open_local(int wait_s, struct team **out)
{
	struct team *t = xcalloc(1, sizeof *t);
	int rc;

	*t = (struct team){ .ranks = 1, .locals = 1, .ctl = { .fd = -1 } };
	if (!(rc = read_place(t)) && !(rc = ctl_open(&t->ctl)))
		rc = meet_others(t, wait_s);
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
	if (t && t->way)
		t->way->abort(t);
}

void team_close(struct team *t)
{
	if (!t)
		return;
	if (t->way)
		t->way->close(t);
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

void team_add(float *const *v, int n, size_t from, size_t end)
{
	for (int d = 1; d < n; d *= 2)
		for (int i = 0; i + d < n; i += 2 * d) {
			float *a = v[i];
			const float *b = v[i + d];

			for (size_t k = from; k < end; k++)
				a[k] += b[k];
		}
}

int team_sum(struct team *t, float *v, size_t n)
{
	return t && t->way ? t->way->sum(t, v, n) : 0;
}

int team_share(struct team *t, void *bytes, size_t n)
{
	return t && t->way ? t->way->share(t, bytes, n) : 0;
}

int team_gather(struct team *t, void *bytes, const size_t *at)
{
	return t && t->way ? t->way->gather(t, bytes, at) : 0;
}

int team_barrier(struct team *t)
{
	return t && t->way ? t->way->barrier(t) : 0;
}
