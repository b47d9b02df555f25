/* meeting_hub.c - the hub's side: listen, say where, let in who knows the token. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/launch/cluster/meeting.h"
#include "lib/launch/cluster/token.h"

enum { GUESTS = 32, GUEST_MS = 10000 }; /* who has connected and not yet joined */

struct guest {
	int fd; /* -1: none */
	int64_t since_ms;
	char challenge[TOKEN_BYTES];
	struct buf in;
};

struct hub {
	struct link *link;
	int fd, joined;
	struct guest guests[GUESTS];
};

static int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* All addresses of both families, or the first one of the interface. */
static int open_socket(const char *address, int *fd_out)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	int off = 0, rc = -1, fd = -1;

	if (!address || inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0 && !address)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
		rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&six, sizeof six);
	}
	if (rc < 0) { /* no IPv6 here, or asked for IPv4 */
		if (fd >= 0)
			close(fd);
		if (address)
			inet_pton(AF_INET, address, &four.sin_addr);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&four, sizeof four);
	}
	if (rc < 0 || listen(fd, 128) < 0)
		return error_errno("cannot listen for the agents of other machines");
	*fd_out = fd;
	return 0;
}

static int port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;

	if (getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return 0;
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&a)->sin6_port
					     : ((struct sockaddr_in *)(void *)&a)->sin_port);
}

/* "head.json": where we are. */
static int announce(struct hub *h)
{
	const struct link_plan *p = h->link->plan;
	struct strlist addresses = STRLIST_INIT;
	char machine[LINK_HOST_BYTES], *path = path_join(p->dir, "head.json");
	json_t *list = json_array(), *v;
	int rc = meeting_addresses(p->interface, &addresses);

	for (size_t i = 0; i < addresses.n; i++)
		json_array_append_new(list, json_string(addresses.v[i]));
	if (!rc)
		rc = open_socket(p->interface ? addresses.v[0] : NULL, &h->fd);
	meeting_machine(machine);
	v = json_pack("{s:o,s:i,s:s}", "addresses", list, "port", rc ? 0 : port_of(h->fd),
		      "machine", machine);
	if (!rc)
		rc = json_write(path, v);
	json_decref(v);
	strlist_clear(&addresses);
	free(path);
	return rc;
}

static void see_off(struct guest *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
	buf_reset(&g->in);
}

static void welcome_guest(struct hub *h)
{
	int fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct buf out = BUF_INIT;

	for (int i = 0; i < GUESTS && fd >= 0; i++) {
		struct guest *g = &h->guests[i];

		if (g->fd >= 0 || token_make(g->challenge) < 0)
			continue;
		g->fd = fd;
		g->since_ms = now_ms();
		packet_put(&out, LINK_CHALLENGE, g->challenge, strlen(g->challenge));
		if (send(fd, out.data, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
			see_off(g);
		fd = -1;
	}
	buf_clear(&out);
	if (fd >= 0) /* too many strangers at once */
		close(fd);
}

static void note_address(struct link *l, int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof a;

	if (!*l->address && getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		meeting_name(&a, l->address);
}

/* It has proved itself: a peer from now on. */
static void seat(struct hub *h, struct guest *g, const json_t *said)
{
	struct link_peer *p = &h->link->peers[json_int(said, "node", 1) - 1];
	char proof[TOKEN_PROOF_BYTES];
	char *text = meeting_welcomes(g->challenge, json_str(said, "nonce", ""));

	token_proof(h->link->plan->token, text, proof);
	free(text);
	h->joined += p->fd < 0; /* or it comes again, since its connection broke */
	if (p->fd >= 0)
		close(p->fd);
	p->fd = g->fd;
	g->fd = -1;
	meeting_keep_alive(p->fd);
	note_address(h->link, p->fd);
	snprintf(p->host, sizeof p->host, "%s", json_str(said, "host", ""));
	buf_reset(&p->in);
	link_send(h->link, p->node - 1, LINK_WELCOME, proof, strlen(proof));
}

static bool may_join(const struct hub *h, const struct guest *g, const json_t *said)
{
	int64_t node = json_int(said, "node", 0);
	char *text;
	bool ok;

	if (node < 1 || node >= h->link->plan->nodes)
		return false;
	text = meeting_joins((int)node, g->challenge, json_str(said, "nonce", ""));
	ok = token_proves(h->link->plan->token, text, json_str(said, "proof", ""));
	free(text);
	return ok;
}

static void hear_guest(struct hub *h, struct guest *g)
{
	char data[MEETING_WORD_BYTES];
	ssize_t n = recv(g->fd, data, sizeof data, MSG_DONTWAIT);
	struct packet p = { 0 };
	json_t *said = NULL;
	int taken;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		see_off(g);
		return;
	}
	buf_add(&g->in, data, (size_t)n);
	taken = packet_take(g->in.data, g->in.len, MEETING_WORD_BYTES, &p);
	if (taken == 0)
		return;
	if (taken > 0 && p.kind == LINK_JOIN && json_parse(p.data, p.n, "a join", &said) == 0 &&
	    may_join(h, g, said))
		seat(h, g, said);
	json_decref(said);
	see_off(g);
	error_clear();
}

static int refuse_late(const struct hub *h)
{
	int missing = 0, first = 0;
	char span[64];

	for (int i = h->link->n; i > 0; i--)
		if (h->link->peers[i - 1].fd < 0) {
			missing++;
			first = i;
		}
	clock_span(h->link->plan->deadline_ms, span, sizeof span);
	error_set(ERR_TIMEOUT, "after %s %d of %d agents had not come, the first of them agent %d",
		  span, missing, h->link->plan->nodes, first);
	return error_hint(ERR_TIMEOUT,
			  "can that machine reach this one? git config mich.interface NAME says by "
			  "which network interface");
}

/* A peer that leaves before all are here has failed, and its machine's log says why. */
static void look_after(struct hub *h)
{
	for (int i = 0; i < h->link->n; i++)
		if (h->link->peers[i].fd >= 0 && !link_fill(h->link, i))
			h->joined--;
	for (int i = 0; i < GUESTS; i++)
		if (h->guests[i].fd >= 0 && now_ms() - h->guests[i].since_ms > GUEST_MS)
			see_off(&h->guests[i]);
}

static int gather(struct hub *h, int wake)
{
	int64_t end = now_ms() + h->link->plan->deadline_ms;

	while (h->joined < h->link->n) {
		struct pollfd fds[GUESTS + 2] = { { .fd = wake, .events = POLLIN },
						  { .fd = h->fd, .events = POLLIN } };

		for (int i = 0; i < GUESTS; i++)
			fds[i + 2] = (struct pollfd){ .fd = h->guests[i].fd, .events = POLLIN };
		poll(fds, GUESTS + 2, 500);
		if (fds[0].revents)
			return error_set(ERR_INTERRUPT, "stopped before all agents had met");
		for (int i = 0; i < GUESTS; i++)
			if (fds[i + 2].revents)
				hear_guest(h, &h->guests[i]);
		if (fds[1].revents)
			welcome_guest(h);
		look_after(h);
		if (now_ms() >= end)
			return refuse_late(h);
	}
	return 0;
}

int meeting_hold(struct link *l, int wake)
{
	struct hub h = { .link = l, .fd = -1 };
	int rc;

	for (int i = 0; i < GUESTS; i++)
		h.guests[i] = (struct guest){ .fd = -1, .in = BUF_INIT };
	rc = announce(&h);
	if (!rc)
		rc = gather(&h, wake);
	for (int i = 0; i < GUESTS; i++) {
		see_off(&h.guests[i]);
		buf_clear(&h.guests[i].in);
	}
	if (h.fd >= 0)
		close(h.fd);
	return rc;
}
