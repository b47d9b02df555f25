/*
 * link.h - how the launchers of several machines are one: a star of TCP connections whose hub is the first
 * agent's launcher. The hub leaves in the run's folder where it listens; each of the others connects, tries
 * again until a deadline, and both prove that they know the run's token without saying it. Ranks talk to
 * their own launcher alone. Messages are packets (packet.h); their payload is JSON where {} stands:
 *
 *	'C' text	hub: prove that you know the token, over this
 *	'J' {}		other: I am agent "node" of machine "host"; "proof", and a "nonce" for the hub's own
 *	'W' text	hub: my proof; welcome
 *	'S' {}		hub: start all ranks: "restart", "port", "address" of rank 0, "resume"?
 *	'D'		other: all of my ranks have ended well
 *	'F'		other: one of mine has failed, and I am stopping the rest
 *	'X'		hub: a rank has failed elsewhere, stop all
 *	'E' {}		other: all of mine are gone; "failed" and what else is known of the one that failed
 *	'Q'		hub: that was all
 *	'I' bytes	what rank 0 tells all ranks, see lib/base/ctl.h
 *	'L' bytes	other: whole lines of the log
 */
#ifndef MICH_LAUNCH_RANKS_LINK_H
#define MICH_LAUNCH_RANKS_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/launch/ranks/packet.h"

enum link_kind {
	LINK_CHALLENGE = 'C',
	LINK_JOIN = 'J',
	LINK_WELCOME = 'W',
	LINK_START = 'S',
	LINK_DONE = 'D',
	LINK_FAILED = 'F',
	LINK_STOP = 'X',
	LINK_ENDED = 'E',
	LINK_QUIT = 'Q',
	LINK_ID = 'I',
	LINK_LOG = 'L',
};

enum { LINK_HOST_BYTES = 65, LINK_ADDRESS_BYTES = 64 };

struct link_plan {
	int node, nodes;
	const char *dir; /* that all machines see */
	const char *token;
	const char *interface; /* on which the hub listens; NULL: all of them */
	int64_t deadline_ms;   /* by when all must have met */
};

/* The other end of one connection. */
struct link_peer {
	int fd; /* -1: gone, or not here yet */
	int node;
	char host[LINK_HOST_BYTES];
	struct buf in, out;
};

/* The hub's peers are the agents 1, 2, ...; all others have one, the hub. */
struct link {
	const struct link_plan *plan;
	struct link_peer *peers;
	int n;
	char address[LINK_ADDRESS_BYTES]; /* of the hub, as the first of the others reached it */
};

/*
 * Meet. wake is a descriptor that ends it when it can be read: ERR_INTERRUPT. ERR_TIMEOUT names who did not
 * come. link_close() it, after errors too.
 */
int link_open(const struct link_plan *plan, int wake, struct link *out);
void link_close(struct link *l);

/* Queue a message for a peer, or with peer -1 for all; nothing for one that is gone. */
void link_send(struct link *l, int peer, enum link_kind kind, const void *data, size_t n);
void link_send_json(struct link *l, int peer, enum link_kind kind, json_t *taken);

/* Send what waits, as much as goes now; does any still wait? */
bool link_flush(struct link *l, int peer);

/* Read what came; false where the peer is gone, or said what cannot be: it is closed then. */
bool link_fill(struct link *l, int peer);

/* Take the next message that came, if there is a whole one; call with the one before to let it go. */
bool link_next(struct link *l, int peer, struct packet *p);
void link_drop(struct link *l, int peer, const struct packet *p);

#endif
