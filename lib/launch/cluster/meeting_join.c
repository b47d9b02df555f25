/* meeting_join.c - the side of all but the hub: find it, prove ourselves, and have it prove itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
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

enum { FIRST_WAIT_MS = 20, LAST_WAIT_MS = 2000, CONNECT_MS = 3000, WORD_MS = 10000 };

/* Is fd ready within so long? Not when wake is first. */
static bool await(int fd, short events, int wake, int64_t ms)
{
	struct pollfd fds[2] = { { .fd = fd, .events = events }, { .fd = wake, .events = POLLIN } };

	return poll(fds, 2, (int)ms) > 0 && !fds[1].revents && fds[0].revents;
}

static bool is_woken(int wake)
{
	struct pollfd fd = { .fd = wake, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/* A connected socket, or -1. */
static int call(const char *address, int port, int wake)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
	int fd, why = 0, rc;
	socklen_t n = sizeof why;

	if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1)
		return -1;
	fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	rc = is_six ? connect(fd, (struct sockaddr *)&six, sizeof six)
		    : connect(fd, (struct sockaddr *)&four, sizeof four);
	if (rc < 0 && (errno != EINPROGRESS || !await(fd, POLLOUT, wake, CONNECT_MS) ||
		       getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) < 0 || why)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The next message, if it comes in time and is of that kind. link_drop() it. */
static bool hear(struct link *l, enum link_kind kind, int wake, struct packet *p)
{
	int64_t end = clock_mono_us() / 1000 + WORD_MS;

	while (!link_next(l, 0, p)) {
		int64_t left = end - clock_mono_us() / 1000;

		if (l->peers[0].in.len > MEETING_WORD_BYTES || left <= 0 ||
		    !await(l->peers[0].fd, POLLIN, wake, left) || !link_fill(l, 0))
			return false;
	}
	return p->kind == (char)kind;
}

static void say_who(struct link *l, const char *challenge, const char *nonce)
{
	char proof[TOKEN_PROOF_BYTES], host[LINK_HOST_BYTES] = "";
	char *text = meeting_joins(l->plan->node, challenge, nonce);

	token_proof(l->plan->token, text, proof);
	free(text);
	gethostname(host, sizeof host - 1);
	link_send_json(l, 0, LINK_JOIN,
		       json_pack("{s:i,s:s,s:s,s:s}", "node", l->plan->node, "nonce", nonce,
				 "proof", proof, "host", host));
}

/* Both proofs. Who cannot prove that it is the hub is left again. */
static bool shake_hands(struct link *l, int wake)
{
	char nonce[TOKEN_BYTES], *challenge, *text, *proof;
	struct packet p;
	bool ok;

	if (token_make(nonce) < 0 || !hear(l, LINK_CHALLENGE, wake, &p))
		return false;
	challenge = xstrndup(p.data, p.n);
	link_drop(l, 0, &p);
	say_who(l, challenge, nonce);
	text = meeting_welcomes(challenge, nonce);
	ok = hear(l, LINK_WELCOME, wake, &p);
	if (ok) {
		proof = xstrndup(p.data, p.n);
		ok = token_proves(l->plan->token, text, proof);
		free(proof);
		link_drop(l, 0, &p);
	}
	free(text);
	free(challenge);
	return ok;
}

static bool try_address(struct link *l, const char *address, int port, int wake)
{
	struct link_peer *hub = &l->peers[0];

	hub->fd = call(address, port, wake);
	if (hub->fd < 0)
		return false;
	if (shake_hands(l, wake)) {
		meeting_keep_alive(hub->fd);
		return true;
	}
	if (hub->fd >= 0)
		close(hub->fd);
	hub->fd = -1;
	buf_reset(&hub->in);
	buf_reset(&hub->out);
	return false;
}

/* On the hub's own machine the loopback is the nearest, if it is the same network too. */
static bool try_all(struct link *l, const json_t *head, int wake)
{
	const json_t *addresses = json_object_get(head, "addresses");
	int port = (int)json_int(head, "port", 0);
	char machine[LINK_HOST_BYTES];

	meeting_machine(machine);
	if (*machine && !l->plan->interface && !strcmp(machine, json_str(head, "machine", "")) &&
	    try_address(l, "127.0.0.1", port, wake))
		return true;
	for (size_t i = 0; i < json_array_size(addresses) && !is_woken(wake); i++) {
		const char *address = json_string_value(json_array_get(addresses, i));

		if (address && try_address(l, address, port, wake))
			return true;
	}
	return false;
}

/* Reading the folder first has a network file system ask its server anew. */
static bool read_head(const struct link_plan *p, json_t **out)
{
	char *path = path_join(p->dir, "head.json");
	DIR *d = opendir(p->dir);
	bool ok;

	while (d && readdir(d))
		;
	if (d)
		closedir(d);
	ok = file_exists(path) && json_read(path, out) == 0;
	error_clear();
	free(path);
	return ok;
}

static int refuse(const struct link *l, bool announced)
{
	char span[64];

	clock_span(l->plan->deadline_ms, span, sizeof span);
	if (!announced)
		return error_set(ERR_TIMEOUT, "the first agent has not said where it is for %s",
				 span);
	error_set(ERR_TIMEOUT, "cannot reach the first agent's machine for %s", span);
	return error_hint(ERR_TIMEOUT, "git config mich.interface NAME says by which network "
				       "interface");
}

int meeting_join(struct link *l, int wake)
{
	int64_t end = clock_mono_us() / 1000 + l->plan->deadline_ms, wait = FIRST_WAIT_MS;
	bool announced = false, met = false;

	while (!met) {
		json_t *head = NULL;

		if (read_head(l->plan, &head)) {
			announced = true;
			met = try_all(l, head, wake);
		}
		json_decref(head);
		if (met)
			break;
		if (clock_mono_us() / 1000 >= end)
			return refuse(l, announced);
		if (await(-1, 0, wake, wait) || is_woken(wake))
			return error_set(ERR_INTERRUPT, "stopped before all agents had met");
		wait = wait * 2 > LAST_WAIT_MS ? LAST_WAIT_MS : wait * 2;
	}
	return 0;
}
