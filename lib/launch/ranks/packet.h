/*
 * packet.h - messages on a stream of bytes: four bytes, big endian, say how many follow; the first of these
 * is the message's kind, the others its payload.
 */
#ifndef MICH_LAUNCH_RANKS_PACKET_H
#define MICH_LAUNCH_RANKS_PACKET_H

#include "lib/base/buf.h"

enum { PACKET_HEAD_BYTES = 4, PACKET_MAX_BYTES = 1 << 20 };

struct packet {
	char kind;
	const char *data; /* borrowed */
	size_t n;
};

/* Append one; n < PACKET_MAX_BYTES. */
void packet_put(struct buf *out, char kind, const void *data, size_t n);

/*
 * The first packet in n bytes that came: how many of them it takes, 0 where it is not whole yet.
 * ERR_CORRUPT: it says that it is empty, or longer than max.
 */
int packet_take(const char *data, size_t n, size_t max, struct packet *out);

#endif
