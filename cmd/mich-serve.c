/* mich-serve.c - the server: what needs libh2o, kept out of mich itself. `mich serve` starts it. */
#define _GNU_SOURCE
#include "cmd/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/inherited.h"
#include "lib/base/mem.h"
#include "lib/host/follow.h"
#include "lib/make/release/package.h"
#include "lib/record/repo.h"
#include "lib/serve/fleet.h"
#include "lib/serve/http/server.h"
#include "lib/serve/http/successor.h"
#include "lib/serve/http/tokens.h"
#include "lib/serve/log/accesslog.h"
#include "lib/serve/log/predlog.h"
#include "lib/serve/meter.h"
#include "lib/spec/typed.h"

enum {
	LOOK_MS = 200,	 /* between two looks at the record */
	GRACE_MS = 1000, /* for a connection to ask once more while draining */
	HEADER_BYTES = 64 << 10,
	WORKERS_MOST = 256,
	LOSSES_US = 10000000,
};

static const char DEFAULT_PORT[] = "8000";

/* Everything that lives as long as the process. */
struct host {
	struct serve_args args;
	char **argv;
	char *program;
	struct repo *repo;
	struct fleet *fleet;
	struct follow *follow;
	struct listener *listeners;
	size_t n_listeners;
	struct tokens *tokens;
	struct accesslog *access;
	struct predlog *predlog;
	struct meter *lost;
	struct server *server;
	struct successor successor;
	bool handed_over;		 /* the sockets are another's now */
	int64_t lost_seen, lost_said_us; /* lines that the logs lost, and when that was said last */
};

static void say(const char *line, void *payload)
{
	char at[CLOCK_ISO_BYTES];

	(void)payload;
	clock_iso(clock_now_ms(), at);
	fprintf(stderr, "%s %s\n", at, line);
}

static int want(bool holds, const char *option, const char *what)
{
	return holds ? 0 : error_set(ERR_USAGE, "option '--%s' wants %s", option, what);
}

static bool is_port(const char *text)
{
	int64_t n = -1;

	return typed_int(text, &n) && n >= 0 && n <= UINT16_MAX;
}

static int check(struct serve_args *a)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int rc = want(a->workers >= 0 && a->workers <= WORKERS_MOST, "workers", "0 to 256");

	if (!a->workers)
		a->workers = cores > 0 && cores <= WORKERS_MOST ? cores : 1;
	if (!rc)
		rc = want(!a->port || is_port(a->port), "port", "a number from 0 to 65535");
	if (!rc)
		rc = want(a->max_body > 0 && a->max_body <= 1 << 20, "max-body",
			  "MiB from 1 to 1048576");
	if (!rc)
		rc = want(a->connections > 0, "max-connections", "a number from 1");
	if (!rc)
		rc = want(a->queue >= 0, "queue", "a number from 0");
	if (!rc)
		rc = want(a->request_ms >= 100, "request-timeout", "0.1s at least");
	if (!rc)
		rc = want(a->access_share > 0 && a->access_share <= 1, "access-share",
			  "more than 0, up to 1");
	if (!rc)
		rc = want(a->log_share > 0 && a->log_share <= 1, "log-share",
			  "more than 0, up to 1");
	if (!rc)
		rc = want(!a->tls_cert == !a->tls_key, a->tls_cert ? "tls-cert" : "tls-key",
			  "its other half: --tls-cert FILE --tls-key FILE");
	return rc;
}

/* Descriptors enough for every connection, as far as the system lets us. */
static void raise_limit(size_t connections)
{
	struct rlimit l;
	rlim_t need = connections + 256;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= need)
		return;
	l.rlim_cur = l.rlim_max == RLIM_INFINITY || l.rlim_max > need ? need : l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* Beyond this machine only with a token, or when that is said. */
static int check_exposure(const struct host *h)
{
	for (size_t i = 0; i < h->n_listeners; i++) {
		const struct listener *l = &h->listeners[i];

		if (l->loopback || h->args.insecure)
			continue;
		if (!h->tokens) {
			error_set(ERR_INPUT,
				  "'%s' is reached from other machines, and no token is asked for",
				  l->address);
			return error_hint(ERR_INPUT, "--token-file FILE, or --insecure");
		}
		if (!h->args.tls_cert)
			fprintf(stderr,
				"warning: tokens for '%s' travel in the clear: no --tls-cert\n",
				l->address);
	}
	return 0;
}

static int open_listeners(struct host *h)
{
	struct strlist where = STRLIST_INIT;
	int rc = successor_sockets(&h->listeners, &h->n_listeners);

	if (rc || h->n_listeners)
		return rc ? rc : check_exposure(h);
	for (size_t i = 0; i < h->args.listen.n; i++)
		strlist_add(&where, h->args.listen.v[i]);
	if (h->args.port || !where.n)
		strlist_addf(&where, "127.0.0.1:%s", h->args.port ? h->args.port : DEFAULT_PORT);
	h->listeners = xcalloc(where.n, sizeof *h->listeners);
	for (size_t i = 0; i < where.n && !rc; i++) {
		rc = listener_open(where.v[i], &h->listeners[i]);
		h->n_listeners += !rc;
	}
	strlist_clear(&where);
	return rc ? rc : check_exposure(h);
}

static int open_logs(struct host *h)
{
	int rc = 0;

	if (h->args.access)
		rc = accesslog_open(h->args.access, h->args.access_share, &h->access);
	if (!rc && h->args.log)
		rc = predlog_open(h->args.log, h->args.log_share, &h->predlog);
	return rc;
}

/* Packages are served where no record is. */
static bool needs_record(const struct serve_args *a)
{
	for (size_t i = 0; i < a->models.n; i++) {
		const char *eq = strchr(a->models.v[i], '=');

		if (!package_named(eq ? eq + 1 : a->models.v[i]))
			return true;
	}
	return false;
}

static int load(struct host *h)
{
	int rc = 0;

	h->fleet = fleet_new(meter_free);
	h->follow = follow_new(h->repo, h->fleet, 2 * (int)h->args.workers, say, NULL);
	for (size_t i = 0; i < h->args.models.n && !rc; i++)
		rc = follow_add(h->follow, h->args.models.v[i]);
	if (!rc)
		rc = open_listeners(h); /* a port that is taken is said before anything is loaded */
	return rc ? rc : follow_load(h->follow);
}

static int start(struct host *h)
{
	struct server_opts o = { .listeners = h->listeners,
				 .n_listeners = h->n_listeners,
				 .workers = (int)h->args.workers,
				 .max_body_bytes = (size_t)h->args.max_body << 20,
				 .max_header_bytes = HEADER_BYTES,
				 .max_connections = (size_t)h->args.connections,
				 .request_ms = h->args.request_ms,
				 .queue = (size_t)h->args.queue,
				 .queue_ms = h->args.queue_ms,
				 .tls_cert = h->args.tls_cert,
				 .tls_key = h->args.tls_key,
				 .tokens = h->tokens,
				 .access = h->access,
				 .predlog = h->predlog };

	h->lost = meter_new(2 * (int)h->args.workers, NULL);
	o.lost = h->lost;
	raise_limit(o.max_connections);
	return server_start(h->fleet, &o, &h->server);
}

static int write_number(const char *path, long v)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%ld\n", v);

	return path ? file_write(path, text, (size_t)n) : 0;
}

/* Requests are answered from here on. */
static int announce(struct host *h)
{
	int port = 0, rc;

	fleet_set_ready(h->fleet, true);
	for (size_t i = 0; i < h->n_listeners; i++) {
		const struct listener *l = &h->listeners[i];
		const char *scheme = l->path ? "" : h->args.tls_cert ? "https://" : "http://";

		fprintf(stderr, "listening on %s%s\n", scheme, l->address);
		port = port ? port : l->port;
	}
	rc = write_number(h->args.pid_file, (long)getpid());
	if (!rc)
		rc = write_number(h->args.port_file, port);
	if (!rc)
		successor_ready();
	return rc;
}

static void restart(struct host *h)
{
	if (h->successor.pid)
		return;
	say("starting a new server on the same sockets", NULL);
	if (successor_start(h->program, h->argv, h->listeners, h->n_listeners, &h->successor) < 0)
		say(error_text(), NULL);
}

/* True when the successor answers. */
static bool is_succeeded(struct host *h)
{
	int rc = h->successor.pid ? successor_look(&h->successor) : 0;

	if (rc < 0) {
		char *line = xasprintf("%s; this one goes on", error_text());

		say(line, NULL);
		free(line);
	}
	h->handed_over = rc == 1;
	return h->handed_over;
}

static void refresh_tokens(struct host *h)
{
	int rc = h->tokens ? tokens_refresh(h->tokens) : 0;

	if (rc)
		say(rc > 0 ? "the tokens were read again" : error_text(), NULL);
}

/* Logs that lose lines are told of when it begins, and at most once in ten seconds. */
static void tell_losses(struct host *h)
{
	int64_t lost = (h->access ? accesslog_dropped(h->access) : 0) +
		       (h->predlog ? predlog_dropped(h->predlog) : 0);
	int64_t now = clock_mono_us();
	char *line;

	if (lost == h->lost_seen || (h->lost_said_us && now - h->lost_said_us < LOSSES_US))
		return;
	line = xasprintf("the logs could not be written in time; lines lost so far: %lld",
			 (long long)lost);
	say(line, NULL);
	free(line);
	h->lost_seen = lost;
	h->lost_said_us = now;
}

/* Until a signal says to end, or the successor is ready. */
static void watch(struct host *h, const sigset_t *signals)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	for (;;) {
		int sig = sigtimedwait(signals, NULL, &pause);

		if (sig == SIGTERM || sig == SIGINT)
			return;
		if (sig == SIGHUP)
			restart(h);
		if (is_succeeded(h))
			return;
		follow_look(h->follow);
		refresh_tokens(h);
		tell_losses(h);
	}
}

static void close_listeners(struct host *h)
{
	for (size_t i = 0; i < h->n_listeners; i++)
		listener_close(&h->listeners[i], !h->handed_over);
	h->n_listeners = 0;
}

/* Answer what was asked, take nothing new. A second signal ends it at once. */
static void drain(struct host *h, const sigset_t *signals)
{
	const struct timespec pause = { .tv_nsec = 20000000L };
	int64_t end = clock_mono_us() + h->args.drain_ms * 1000;
	size_t left;

	if (!h->handed_over)
		fleet_set_ready(h->fleet, false);
	say("draining: no new connections", NULL);
	close_listeners(h); /* the workers close theirs once they let in who waits */
	server_drain(h->server, GRACE_MS);
	do {
		int sig = sigtimedwait(signals, NULL, &pause);

		if (sig == SIGTERM || sig == SIGINT)
			break;
		left = server_connections(h->server);
	} while (left && clock_mono_us() < end);
}

static void host_clear(struct host *h)
{
	server_free(h->server);
	follow_free(h->follow);
	fleet_free(h->fleet);
	meter_free(h->lost);
	accesslog_close(h->access);
	predlog_close(h->predlog);
	tokens_close(h->tokens);
	close_listeners(h);
	free(h->listeners);
	free(h->program);
	repo_close(h->repo);
	opt_clear(serve_opts, &h->args);
}

static int serve(struct host *h, const sigset_t *signals)
{
	int rc = check(&h->args);

	if (!rc && h->args.tokens)
		rc = tokens_open(h->args.tokens, &h->tokens);
	if (!rc && needs_record(&h->args))
		rc = repo_open(NULL, REPO_READ, &h->repo);
	if (!rc)
		rc = load(h);
	if (!rc)
		rc = open_logs(h);
	if (!rc)
		rc = start(h);
	if (!rc)
		rc = announce(h);
	if (rc)
		return rc;
	watch(h, signals);
	drain(h, signals);
	return 0;
}

/*
 * libh2o's loop takes up to 256 sockets at a time and serves them in the reverse order, so that who
 * waited longest waits longer. A few at a time keep the order nearly as it came. This takes the place
 * of libc's for libh2o, which asks for nothing else that waits.
 */
enum { AT_A_TIME = 8 };

__attribute__((visibility("default"))) int epoll_wait(int fd, struct epoll_event *events, int most,
						      int timeout_ms)
{
	return epoll_pwait(fd, events, most < AT_A_TIME ? most : AT_A_TIME, timeout_ms, NULL);
}

int main(int argc, char **argv)
{
	struct host h = { .argv = argv };
	sigset_t signals;
	int rc;

	if (inherited_settle() < 0) {
		fprintf(stderr, "mich-serve: %s\n", error_text());
		return error_exit_status(ERR_FAIL);
	}
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("mich-serve " MICH_VERSION);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals,
			NULL); /* threads inherit it: signals come to watch() */
	h.program = engine_libexec("mich-serve");
	rc = opt_parse(serve_opts, argc - 1, (const char *const *)argv + 1, &h.args);
	if (rc == OPT_HELP) {
		puts("usage: mich-serve [OPTIONS] MODEL...\n\n"
		     "`mich serve` starts it, with its options: mich serve --help.");
		rc = 0;
	} else if (!rc) {
		rc = serve(&h, &signals);
	}
	if (rc < 0)
		fprintf(stderr, "mich: %s\n", error_text());
	if (rc < 0 && *error_hint_text())
		fprintf(stderr, "hint: %s\n", error_hint_text());
	host_clear(&h);
	return error_exit_status(rc);
}
