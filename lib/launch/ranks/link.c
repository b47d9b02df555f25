/* link.c - connections between launchers: what goes over them once they have met. */
#define _GNU_SOURCE
#include "lib/launch/ranks/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/error.h"

enum { READ_BYTES = 1 << 16 };

static void hang_up(struct link_peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	buf_reset(&p->out);
}

void link_close(struct link *l)
{
	for (int i = 0; i < l->n; i++) {
		hang_up(&l->peers[i]);
		buf_clear(&l->peers[i].in);
		buf_clear(&l->peers[i].out);
	}
	free(l->peers);
	l->peers = NULL;
	l->n = 0;
}

void link_send(struct link *l, int peer, enum link_kind kind, const void *data, size_t n)
{
	for (int i = 0; i < l->n; i++)
		if ((peer < 0 || peer == i) && l->peers[i].fd >= 0) {
			packet_put(&l->peers[i].out, (char)kind, data, n);
			link_flush(l, i);
		}
}

void link_send_json(struct link *l, int peer, enum link_kind kind, json_t *taken)
{
	struct buf b = BUF_INIT;

	json_canonical(taken, &b);
	link_send(l, peer, kind, b.data, b.len);
	buf_clear(&b);
	json_decref(taken);
}

bool link_flush(struct link *l, int peer)
{
	struct link_peer *p = &l->peers[peer];

	while (p->fd >= 0 && p->out.len) {
		ssize_t n = send(p->fd, p->out.data, p->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n < 0) /* link_fill will find it closed */
			buf_reset(&p->out);
		if (n <= 0)
			break;
		memmove(p->out.data, p->out.data + n, p->out.len - (size_t)n);
		p->out.len -= (size_t)n;
	}
	return false;
}

bool link_fill(struct link *l, int peer)
{
	struct link_peer *p = &l->peers[peer];
	ssize_t n;

	if (p->fd < 0)
		return false;
	buf_grow(&p->in, READ_BYTES);
	n = recv(p->fd, p->in.data + p->in.len, READ_BYTES, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return true;
	if (n <= 0) {
		hang_up(p);
		return false;
	}
	p->in.len += (size_t)n;
	return true;
}

bool link_next(struct link *l, int peer, struct packet *p)
{
	struct link_peer *from = &l->peers[peer];
	int taken = packet_take(from->in.data, from->in.len, PACKET_MAX_BYTES, p);

	if (taken < 0) {
		hang_up(from);
		buf_reset(&from->in);
	}
	return taken > 0;
}

void link_drop(struct link *l, int peer, const struct packet *p)
{
	struct link_peer *from = &l->peers[peer];
	size_t used = PACKET_HEAD_BYTES + 1 + p->n;

	memmove(from->in.data, from->in.data + used, from->in.len - used);
	from->in.len -= used;
}
