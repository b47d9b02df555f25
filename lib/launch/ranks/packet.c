/* packet.c - lengths before bytes. */
#include "lib/launch/ranks/packet.h"

#include <stdint.h>

#include "lib/base/error.h"

void packet_put(struct buf *out, char kind, const void *data, size_t n)
{
	size_t all = n + 1;
	unsigned char head[PACKET_HEAD_BYTES + 1] = { (unsigned char)(all >> 24),
						      (unsigned char)(all >> 16),
						      (unsigned char)(all >> 8), (unsigned char)all,
						      (unsigned char)kind };

	buf_add(out, head, sizeof head);
	buf_add(out, data, n);
}

int packet_take(const char *data, size_t n, size_t max, struct packet *out)
{
	const unsigned char *p = (const unsigned char *)data;
	uint32_t all;

	if (n < PACKET_HEAD_BYTES)
		return 0;
	all = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (!all || all > max || all > PACKET_MAX_BYTES)
		return error_set(ERR_CORRUPT, "a message of %lu bytes", (unsigned long)all);
	if (n - PACKET_HEAD_BYTES < all)
		return 0;
	*out = (struct packet){ .kind = data[PACKET_HEAD_BYTES],
				.data = data + PACKET_HEAD_BYTES + 1,
				.n = all - 1 };
	return (int)(PACKET_HEAD_BYTES + all);
}
