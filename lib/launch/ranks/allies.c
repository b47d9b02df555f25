/* allies.c - what crews say to each other, and what they do about it. */
#define _GNU_SOURCE
#include "lib/launch/ranks/allies.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/ranks/link.h"

enum {
	END_MS =
		15000, /* for the ranks of all machines to be gone, or an agent counts as gone itself */
	PART_MS = 5000, /* for the last lines of their logs */
	LOG_PIECE = 1 << 16,
};

/* What is known of another one in this round. */
struct ally {
	bool done, ended, gone;
	struct crew_report report;
};

struct allies {
	struct link link;
	struct ally *v; /* as link.peers */
	int first;	/* the one that told of a failure first; -1: our own, or none */
	bool start;	/* a round that has not begun here: what comes behind that waits for it */
	bool in_round, quit, told_done;
	uint32_t *watched; /* events, by peer */
	char address[LINK_ADDRESS_BYTES];
};

static bool leads(const struct crew *c)
{
	return c->plan->link->node == 0;
}

int allies_open(struct crew *c)
{
	struct allies *a = xcalloc(1, sizeof *a);
	int rc = link_open(c->plan->link, c->signals, &a->link);

	c->allies = a;
	a->v = xcalloc((size_t)a->link.n, sizeof *a->v);
	a->watched = xcalloc((size_t)a->link.n, sizeof *a->watched);
	memcpy(a->address, a->link.address, sizeof a->address);
	return rc;
}

void allies_close(struct crew *c)
{
	if (!c->allies)
		return;
	link_close(&c->allies->link);
	free(c->allies->v);
	free(c->allies->watched);
	free(c->allies);
	c->allies = NULL;
}

static void forget_round(struct crew *c)
{
	struct allies *a = c->allies;

	for (int i = 0; i < a->link.n; i++)
		a->v[i] = (struct ally){ .report = { .failed = -1, .step = -1 } };
	a->first = -1;
	a->told_done = false;
	c->stopped = false;
}

void allies_start(struct crew *c)
{
	struct allies *a = c->allies;
	json_t *v;

	forget_round(c);
	c->round.address = a->address;
	v = json_pack("{s:i,s:i,s:s,s:s?}", "restart", c->round.restart, "port", c->round.port,
		      "address", a->address, "resume", c->round.resume);
	link_send_json(&a->link, -1, LINK_START, v);
}

void allies_tell_failure(struct crew *c)
{
	char end = (char)c->end;

	link_send(&c->allies->link, -1, leads(c) ? LINK_STOP : LINK_FAILED, &end, 1);
}

void allies_tell_done(struct crew *c)
{
	if (!leads(c) && !c->allies->told_done)
		link_send(&c->allies->link, -1, LINK_DONE, NULL, 0);
	c->allies->told_done = true;
}

void allies_tell_id(struct crew *c, const char *id, size_t n)
{
	link_send(&c->allies->link, -1, LINK_ID, id, n);
}

size_t allies_pass_log(struct crew *c)
{
	struct link *l = &c->allies->link;
	size_t sent = 0;

	while (sent < c->log.len && l->peers[0].out.len < CREW_LOG_BYTES) {
		size_t n = c->log.len - sent < LOG_PIECE ? c->log.len - sent : LOG_PIECE;

		link_send(l, 0, LINK_LOG, c->log.data + sent, n);
		sent += n;
	}
	memmove(c->log.data, c->log.data + sent, c->log.len - sent);
	c->log.len -= sent;
	return c->log.len + l->peers[0].out.len;
}

/* --- what is heard -------------------------------------------------------------------------------- */

static enum ranks_end end_of(const struct packet *p)
{
	return p->n == 1 && *p->data >= RANKS_FAILED && *p->data <= RANKS_NOT_BEGUN
		       ? (enum ranks_end) * p->data
		       : RANKS_FAILED;
}

/* Another machine is lost, or has lost a rank: all stop. */
static void stop_all(struct crew *c, int peer, enum ranks_end end)
{
	struct allies *a = c->allies;
	char word = (char)end;

	if (c->told || crew_is_stopping(c))
		return;
	a->first = peer;
	crew_stop(c, end);
	link_send(&a->link, -1, LINK_STOP, &word, 1);
}

static void hear_as_leader(struct crew *c, int peer, const struct packet *p)
{
	struct ally *ally = &c->allies->v[peer];

	switch (p->kind) {
	case LINK_DONE:
		ally->done = true;
		break;
	case LINK_FAILED:
		stop_all(c, peer, end_of(p));
		break;
	case LINK_ENDED:
		ally->ended = true;
		if (crew_report_parse(p->data, p->n, &ally->report) < 0)
			error_clear();
		break;
	case LINK_LOG:
		buf_add(&c->log, p->data, p->n);
		break;
	}
}

static void take_start(struct crew *c, const struct packet *p)
{
	struct allies *a = c->allies;
	json_t *v = NULL;
	const char *resume;

	if (json_parse(p->data, p->n, "the start of a round", &v) < 0) {
		error_clear();
		return;
	}
	resume = json_str(v, "resume", NULL);
	free(c->resume);
	c->resume = resume ? xstrdup(resume) : NULL;
	c->round.resume = c->resume;
	c->round.restart = (int)json_int(v, "restart", 0);
	c->round.port = (int)json_int(v, "port", 0);
	snprintf(a->address, sizeof a->address, "%s", json_str(v, "address", ""));
	c->round.address = a->address;
	a->start = true;
	json_decref(v);
}

static void hear_as_follower(struct crew *c, const struct packet *p)
{
	switch (p->kind) {
	case LINK_START:
		take_start(c, p);
		break;
	case LINK_STOP:
		if (!c->told && !crew_is_stopping(c))
			crew_stop(c, end_of(p));
		break;
	case LINK_ID:
		if (p->n && p->n <= CTL_ID_BYTES) {
			char packet[1 + CTL_ID_BYTES] = { CTL_ID };

			memcpy(packet + 1, p->data, p->n);
			crew_pass_id(c, packet, p->n + 1);
		}
		break;
	case LINK_QUIT:
		c->allies->quit = true;
		break;
	}
}

static void lose(struct crew *c, int peer)
{
	struct allies *a = c->allies;

	a->v[peer].gone = true;
	if (!a->in_round)
		return;
	if (leads(c))
		stop_all(c, peer, RANKS_FAILED);
	else if (!c->told && !crew_is_stopping(c))
		crew_stop(c, RANKS_FAILED);
}

/* What came already. */
static void hear(struct crew *c, int peer)
{
	struct link *l = &c->allies->link;
	struct packet p;

	while (!c->allies->start && link_next(l, peer, &p)) {
		if (leads(c))
			hear_as_leader(c, peer, &p);
		else
			hear_as_follower(c, &p);
		link_drop(l, peer, &p);
	}
}

void allies_take(struct crew *c, int peer)
{
	struct link *l = &c->allies->link;
	bool here = link_fill(l, peer);

	hear(c, peer);
	link_flush(l, peer);
	if ((!here || l->peers[peer].fd < 0) && !c->allies->v[peer].gone)
		lose(c, peer);
}

void allies_enter(struct crew *c)
{
	c->allies->in_round = true;
	c->allies->start = false;
	for (int i = 0; i < c->allies->link.n; i++) {
		hear(c, i);
		if (c->allies->link.peers[i].fd < 0)
			lose(c, i);
	}
}

void allies_leave(struct crew *c)
{
	c->allies->in_round = false;
}

/* --- in a round ----------------------------------------------------------------------------------- */

/* Who follows stops reading nothing; who leads reads no more log than mich takes. */
void allies_watch(struct crew *c)
{
	struct allies *a = c->allies;

	for (int i = 0; i < a->link.n; i++) {
		uint32_t events = (c->full && leads(c) ? 0 : EPOLLIN) |
				  (a->link.peers[i].out.len ? EPOLLOUT : 0);

		if (a->link.peers[i].fd < 0 || events == a->watched[i])
			continue;
		crew_watch(c, a->link.peers[i].fd, i, events);
		a->watched[i] = events;
	}
}

bool allies_are_busy(const struct crew *c)
{
	const struct allies *a = c->allies;

	if (!leads(c))
		return !a->quit;
	for (int i = 0; i < a->link.n; i++)
		if (!a->v[i].done)
			return true;
	return false;
}

/* Hear what comes within so long; false when nothing did. */
static bool hear_some(struct crew *c, int64_t ms)
{
	struct link *l = &c->allies->link;
	struct pollfd *fds = xcalloc((size_t)l->n + 1, sizeof *fds);
	bool any;

	for (int i = 0; i < l->n; i++)
		fds[i] = (struct pollfd){ .fd = l->peers[i].fd,
					  .events = (short)(POLLIN |
							    (l->peers[i].out.len ? POLLOUT : 0)) };
	fds[l->n] = (struct pollfd){ .fd = c->signals, .events = POLLIN };
	any = poll(fds, (nfds_t)l->n + 1, (int)ms) > 0;
	for (int i = 0; i < l->n && any; i++)
		if (fds[i].revents)
			allies_take(c, i);
	if (any && fds[l->n].revents)
		crew_take_signals(c);
	free(fds);
	return any;
}

/* --- who leads ------------------------------------------------------------------------------------ */

static bool all_ended(const struct allies *a)
{
	for (int i = 0; i < a->link.n; i++)
		if (!a->v[i].ended && !a->v[i].gone)
			return false;
	return true;
}

static void blame_agent(struct crew *c, int peer, const char *how)
{
	const struct link_peer *p = &c->allies->link.peers[peer];

	c->report->failed = -1;
	snprintf(c->report->reason, sizeof c->report->reason, "the agent of machine %d, '%s', %s",
		 p->node, p->host, how);
}

/* Whose word came first is asked first. */
static void judge(struct crew *c)
{
	struct allies *a = c->allies;
	struct crew_report best = *c->report;

	if (a->first >= 0 && a->v[a->first].report.failed >= 0)
		best = a->v[a->first].report;
	else if (a->first >= 0 && a->v[a->first].gone) {
		blame_agent(c, a->first, "is gone");
		return;
	}
	if (crew_report_better(c->report, &best))
		best = *c->report;
	for (int i = 0; i < a->link.n; i++)
		if (crew_report_better(&a->v[i].report, &best))
			best = a->v[i].report;
	best.restarts = c->report->restarts;
	best.stop_ms = c->report->stop_ms;
	if (best.failed >= 0)
		*c->report = best;
	else
		blame_agent(c, a->first >= 0 ? a->first : 0,
			    "has not said which of its ranks failed");
}

void allies_gather(struct crew *c)
{
	struct allies *a = c->allies;
	int64_t end = clock_mono_us() / 1000 + END_MS, left;

	if (c->failed < 0 && !c->stopped)
		return;
	while (!c->told && !all_ended(a) && (left = end - clock_mono_us() / 1000) > 0)
		hear_some(c, left);
	c->report->stop_ms = clock_mono_us() / 1000 - c->failed_ms;
	judge(c);
}

void allies_part(struct crew *c)
{
	struct allies *a = c->allies;
	int64_t end = clock_mono_us() / 1000 + PART_MS, left;
	bool any = true;

	link_send(&a->link, -1, LINK_QUIT, NULL, 0);
	c->told = true; /* who goes now is not lost */
	while (any && (left = end - clock_mono_us() / 1000) > 0) {
		any = false;
		for (int i = 0; i < a->link.n; i++)
			any = any || a->link.peers[i].fd >= 0;
		if (any)
			hear_some(c, left);
	}
}

/* --- who follows ---------------------------------------------------------------------------------- */

static void tell_end(struct crew *c)
{
	struct crew_report report = { .failed = -1, .step = -1 };
	struct link *l = &c->allies->link;

	while (allies_pass_log(c) && l->peers[0].fd >= 0 && !c->told)
		hear_some(c, 1000);
	if (!c->stopped && c->failed < 0)
		return;
	if (c->failed >= 0)
		crew_report_fill(c, &report);
	link_send_json(l, 0, LINK_ENDED, crew_report_json(&report));
}

int allies_follow(struct crew *c)
{
	struct allies *a = c->allies;
	int rc = 0;

	for (;;) {
		while (!a->start && !a->quit && !c->told && a->link.peers[0].fd >= 0) {
			hear(c, 0);
			if (!a->start && !a->quit)
				hear_some(c, 1000);
		}
		if (!a->start || c->told)
			break;
		forget_round(c);
		rc = crew_round(c);
		if (rc)
			break;
		tell_end(c);
	}
	while (link_flush(&a->link, 0) && a->link.peers[0].fd >= 0)
		hear_some(c, 1000);
	if (rc || c->told || a->quit)
		return rc;
	return error_set(ERR_FAIL, "the agent of machine 0 is gone");
}
