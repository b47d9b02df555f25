/* server.c - the workers of a server together. */
#include "lib/serve/http/server.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/serve/http/backroom.h"
#include "lib/serve/http/loop.h"
#include "lib/serve/http/tls.h"
#include "lib/serve/log/accesslog.h"
#include "lib/serve/log/predlog.h"

int server_start(struct fleet *f, const struct server_opts *opts, struct server **out)
{
	struct server *s = xcalloc(1, sizeof *s);
	int rc = 0;

	*out = NULL;
	s->fleet = f;
	s->o = *opts;
	headguard_set(opts->max_header_bytes);
	s->local = xcalloc(opts->n_listeners, sizeof *s->local);
	for (size_t i = 0; i < opts->n_listeners; i++)
		s->local[i] = opts->listeners[i].path != NULL;
	if (opts->tls_cert)
		rc = tls_open(opts->tls_cert, opts->tls_key, &s->ssl);
	if (!rc)
		rc = backroom_new(s, &s->backroom);
	s->loops = xcalloc((size_t)opts->workers, sizeof *s->loops);
	for (int i = 0; i < opts->workers && !rc; i++) {
		s->loops[i].s = s;
		s->loops[i].number = i;
		rc = loop_start(&s->loops[i]);
	}
	if (rc)
		server_free(s);
	else
		*out = s;
	return rc;
}

void server_drain(struct server *s, int64_t grace_ms)
{
	for (int i = 0; i < s->o.workers; i++)
		loop_order(&s->loops[i], ORDER_DRAIN, grace_ms);
}

size_t server_connections(const struct server *s)
{
	return atomic_load_explicit(&s->tally.connections, memory_order_relaxed);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	backroom_close(s->backroom); /* whose threads use the loops, which use its queue */
	for (int i = 0; i < s->o.workers && s->loops; i++)
		loop_stop(&s->loops[i]);
	backroom_free(s->backroom);
	if (server_connections(s) > 0)
		return; /* connections that h2o cannot end hold on to it until the process ends */
	SSL_CTX_free(s->ssl);
	free(s->local);
	free(s->loops);
	free(s);
}

static void family(struct buf *out, const char *name, const char *type, const char *help, int64_t v)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,
		 (long long)v);
}

static int64_t value(const _Atomic int64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

void server_render(const struct server *s, struct buf *out)
{
	const struct tally_http *t = &s->tally;

	family(out, "mich_http_connections", "gauge", "Connections that are open.",
	       (int64_t)server_connections(s));
	family(out, "mich_http_connections_total", "counter", "Connections that were opened.",
	       value(&t->accepted));
	family(out, "mich_http_connections_refused_total", "counter",
	       "Connections closed at once: there were too many.", value(&t->turned_away));
	family(out, "mich_http_connections_stuck_total", "counter",
	       "Connections closed because an answer was not read.", value(&t->stuck));
	family(out, "mich_http_unauthorized_total", "counter", "Requests without a valid token.",
	       value(&t->unauthorized));
	family(out, "mich_http_shed_total", "counter",
	       "Requests answered 503: they waited too long, or the queue was full.",
	       value(&t->shed));
	family(out, "mich_http_queue", "gauge", "Large requests that wait for a thread.",
	       (int64_t)backroom_waiting(s->backroom));
	if (s->o.predlog)
		family(out, "mich_prediction_log_dropped_total", "counter",
		       "Rows that the prediction log had no room for.",
		       predlog_dropped(s->o.predlog));
	if (s->o.access)
		family(out, "mich_access_log_dropped_total", "counter",
		       "Lines that the access log had no room for.",
		       accesslog_dropped(s->o.access));
}
