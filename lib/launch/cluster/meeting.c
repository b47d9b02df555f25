/* meeting.c - addresses, proofs, and what both sides of a meeting share. */
#define _GNU_SOURCE
#include "lib/launch/cluster/meeting.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

char *meeting_joins(int node, const char *challenge, const char *nonce)
{
	return xasprintf("join %d %s %s", node, challenge, nonce);
}

char *meeting_welcomes(const char *challenge, const char *nonce)
{
	return xasprintf("welcome %s %s", challenge, nonce);
}

void meeting_name(const struct sockaddr_storage *a, char out[LINK_ADDRESS_BYTES])
{
	const struct sockaddr_in6 *six = (const void *)a;
	const struct sockaddr_in *four = (const void *)a;

	*out = '\0';
	if (a->ss_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, out, LINK_ADDRESS_BYTES);
	else if (a->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, out, LINK_ADDRESS_BYTES);
	else if (a->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, out, LINK_ADDRESS_BYTES);
}

/* One that others can use: of the interface asked for, else neither of lo nor of one link alone. */
static bool is_usable(const struct ifaddrs *i, const char *interface)
{
	const struct sockaddr_in6 *six = (const void *)i->ifa_addr;

	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
	    (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
		return false;
	if (i->ifa_addr->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
		return false;
	return interface ? !strcmp(i->ifa_name, interface) : !(i->ifa_flags & IFF_LOOPBACK);
}

static void add_of(const struct ifaddrs *all, int family, const char *interface,
		   struct strlist *out)
{
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct sockaddr_storage a = { 0 };
		char name[LINK_ADDRESS_BYTES];

		if (!is_usable(i, interface) || i->ifa_addr->sa_family != family)
			continue;
		memcpy(&a, i->ifa_addr,
		       family == AF_INET ? sizeof(struct sockaddr_in)
					 : sizeof(struct sockaddr_in6));
		meeting_name(&a, name);
		strlist_add(out, name);
	}
}

int meeting_addresses(const char *interface, struct strlist *out)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) < 0)
		return error_errno("cannot list the network's interfaces");
	add_of(all, AF_INET, interface, out);
	add_of(all, AF_INET6, interface, out);
	freeifaddrs(all);
	if (out->n || !interface)
		return 0;
	error_set(ERR_INPUT, "no network interface '%s' with an address here", interface);
	return error_hint(ERR_INPUT, "git config mich.interface NAME, as ip addr lists them");
}

void meeting_machine(char out[LINK_HOST_BYTES])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, LINK_HOST_BYTES - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

void meeting_keep_alive(int fd)
{
	int on = 1, idle = 10, between = 5, tries = 4, lost_ms = 30000;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms, sizeof lost_ms);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int link_open(const struct link_plan *plan, int wake, struct link *out)
{
	*out = (struct link){ .plan = plan, .n = plan->node ? 1 : plan->nodes - 1 };
	out->peers = xcalloc((size_t)out->n, sizeof *out->peers);
	for (int i = 0; i < out->n; i++)
		out->peers[i] = (struct link_peer){
			.fd = -1, .node = plan->node ? 0 : i + 1, .in = BUF_INIT, .out = BUF_INIT
		};
	return plan->node ? meeting_join(out, wake) : meeting_hold(out, wake);
}
