/*
 * ctl.h - what a rank and its launcher say to each other. The descriptor that MICH_CTL_FD names is one
 * end of a SOCK_SEQPACKET pair; a message is one packet: a byte that says what it is, then its payload.
 *
 *	'R'               rank to launcher: set up, the first step comes now
 *	'S' int64         the step that it has begun, native byte order
 *	'H'               still alive
 *	'I' 1..4096 bytes rank 0 to launcher, launcher to every other rank: what all must know to find each
 *	                  other (a ncclUniqueId, an address)
 *	'A'               launcher to rank: another one has failed, stop now and exit with 76
 *
 * A program that knows nothing of it may leave the descriptor alone.
 */
#ifndef MICH_BASE_CTL_H
#define MICH_BASE_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctl_kind {
	CTL_READY = 'R',
	CTL_STEP = 'S',
	CTL_BEAT = 'H',
	CTL_ID = 'I',
	CTL_ABORT = 'A',
};

enum { CTL_ID_BYTES = 4096, CTL_EXIT_ABORTED = 76 };

/* A rank's side. Without a launcher fd is -1 and every call is without effect. */
struct ctl {
	int fd;
	bool aborted;
};

int ctl_open(struct ctl *c); /* from MICH_CTL_FD; ERR_INPUT: it names no such descriptor */
void ctl_close(struct ctl *c);

/* None of these waits: what the launcher has no room for is dropped. */
void ctl_ready(struct ctl *c);
void ctl_step(struct ctl *c, int64_t step);
void ctl_beat(struct ctl *c);
bool ctl_aborted(struct ctl *c); /* has the launcher said so by now? Or it is gone */

/*
 * Give n <= CTL_ID_BYTES bytes of rank 0 to all others: rank 0 sends id, the others fill it. ERR_TIMEOUT;
 * ERR_FAIL: the run was aborted meanwhile, or another number of bytes came.
 */
int ctl_share_id(struct ctl *c, int rank, void *id, size_t n, int64_t timeout_ms);

#endif
