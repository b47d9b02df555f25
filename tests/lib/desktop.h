/*
 * desktop.h - a desk with models on it, and one line to ask it: for tests of the protocols, without
 * sockets.
 */
#ifndef TESTS_DESKTOP_H
#define TESTS_DESKTOP_H

#include <strings.h>

#include "lib/base/error.h"
#include "lib/serve/desk/desk.h"
#include "lib/serve/fleet.h"
#include "lib/serve/meter.h"
#include "tests/lib/grown.h"

struct desktop {
	char dir[32];
	struct fleet *fleet;
	struct meter *lost;
	struct desk *desk;
	struct answer answer;
	const char *headers; /* of the last ask */
};

/* headers: "content-type: text/csv\nx-request-id: 7" */
static const char *desktop_header(void *ctx, const char *name, size_t *n)
{
	const struct desktop *t = ctx;
	size_t k = strlen(name);

	for (const char *p = t->headers; p && *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (!strncasecmp(p, name, k) && p[k] == ':') {
			p += k + 1 + (p[k + 1] == ' ');
			*n = strcspn(p, "\n");
			return p;
		}
	return NULL;
}

static inline void desktop_open(struct desktop *t)
{
	*t = (struct desktop){ .dir = "/tmp/mich-desktop-XXXXXX", .answer = ANSWER_INIT };
	if (!mkdtemp(t->dir))
		abort();
	t->fleet = fleet_new(meter_free);
	fleet_set_ready(t->fleet, true);
	t->lost = meter_new(1, NULL);
	t->desk = desk_new(t->fleet, &(struct desk_opts){ .lost = t->lost });
}

static inline void desktop_close(struct desktop *t)
{
	exchange_clear(&t->answer);
	desk_free(t->desk);
	fleet_free(t->fleet);
	meter_free(t->lost);
	file_remove_tree(t->dir);
}

/* Serve the model in a folder as name@version; its id is 40 times the digit. */
static inline struct model *desktop_serve(struct desktop *t, const char *name, const char *version,
					  const char *dir, uint64_t id)
{
	struct served *s = xcalloc(1, sizeof *s);

	if (model_open(dir, &s->model) < 0) {
		fprintf(stderr, "%s\n", error_text());
		abort();
	}
	s->name = xstrdup(name);
	s->version = xstrdup(version);
	s->ref = xasprintf("model/%s@%s", name, version);
	s->id = xasprintf("%040d", (int)id);
	s->meter = fleet_meter(t->fleet, s->name, s->version, s->id);
	if (!s->meter)
		s->meter = meter_new(1, model_contract(s->model));
	fleet_put(t->fleet, s);
	return s->model;
}

/* Serve a forest of this contract. */
static inline struct model *desktop_put(struct desktop *t, const char *name, const char *version,
					const struct grown *g, const struct contract *c)
{
	char *dir = xasprintf("%s/%s@%s", t->dir, name, version);
	struct model *m;

	if (file_make_dirs(dir) < 0 || grown_folder(dir, *g, c) < 0) {
		fprintf(stderr, "%s\n", error_text());
		abort();
	}
	m = desktop_serve(t, name, version, dir, g->seed);
	free(dir);
	return m;
}

/* Ask; what came back is t->answer. Gives its status. */
static inline int desktop_bytes(struct desktop *t, const char *method, const char *path,
				const char *headers, const void *body, size_t n)
{
	struct ask q = { .method = method,
			 .path = path,
			 .method_n = strlen(method),
			 .path_n = strlen(path),
			 .body = body,
			 .body_n = n,
			 .header = desktop_header,
			 .ctx = t };

	t->headers = headers;
	desk_answer(t->desk, &q, &t->answer);
	return t->answer.status;
}

static inline int desktop_post(struct desktop *t, const char *path, const char *body)
{
	return desktop_bytes(t, "POST", path, "content-type: application/json", body, strlen(body));
}

static inline int desktop_get(struct desktop *t, const char *path)
{
	return desktop_bytes(t, "GET", path, "", "", 0);
}

static inline const char *desktop_sent(const struct desktop *t, const char *name)
{
	for (size_t i = 0; i < t->answer.n_headers; i++)
		if (!strcmp(t->answer.headers[i].name, name))
			return t->answer.headers[i].value;
	return NULL;
}

#endif
