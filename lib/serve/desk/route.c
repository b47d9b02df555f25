/* route.c - from a path to who answers it. */
#define _GNU_SOURCE /* memrchr */
#include <string.h>

#include "lib/base/error.h"
#include "lib/serve/desk/desking.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool desk_name(const char *s, size_t n, struct desk_name *out)
{
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (out->n + 1 >= sizeof out->text)
			return false;
		if (c == '%') {
			if (n - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
				return false;
			c = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			i += 2;
		}
		if (!c)
			return false;
		out->text[out->n++] = c;
	}
	out->text[out->n] = '\0';
	return true;
}

bool desk_allows(struct desk *d, const char *methods)
{
	const char *m = d->q->method;
	size_t n = d->q->method_n;
	char allow[64];

	for (const char *p = methods; *p;) {
		size_t k = strcspn(p, " ");

		if (k == n && !memcmp(p, m, n))
			return true;
		p += k + (p[k] == ' ');
	}
	desk_lose(d, METER_METHOD, "this path is for %s", methods);
	n = strlen(methods);
	for (size_t i = 0, k = 0; i <= n && k + 2 < sizeof allow; i++) {
		if (methods[i] == ' ')
			allow[k++] = ',';
		allow[k++] = methods[i];
		allow[k] = '\0';
	}
	exchange_header(d->out, "allow", allow, strlen(allow));
	return false;
}

/* Is the rest of the path this, with or without a slash behind it? */
static bool is(const char *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && !memcmp(p, word, k) && (n == k || (n == k + 1 && p[k] == '/'));
}

/* Take a prefix off the path. */
static bool under(const char **p, size_t *n, const char *prefix)
{
	size_t k = strlen(prefix);

	if (*n < k || memcmp(*p, prefix, k) != 0)
		return false;
	*p += k;
	*n -= k;
	return true;
}

/* One segment, up to the next slash, which is passed over too. */
static bool segment(struct desk *d, const char **p, size_t *n, struct desk_name *out)
{
	const char *slash = memchr(*p, '/', *n);
	size_t k = slash ? (size_t)(slash - *p) : *n;

	if (!desk_name(*p, k, out)) {
		desk_lose(d, METER_NOT_FOUND, "the path is no name of a model");
		return false;
	}
	*p += k + (slash != NULL);
	*n -= k + (slash != NULL);
	return true;
}

/* Behind /v2/models/: NAME[/versions/V][/infer or another]. */
static void models(struct desk *d, const char *p, size_t n)
{
	struct desk_name name, version;

	version.n = 0;
	version.text[0] = '\0';
	if (!segment(d, &p, &n, &name))
		return;
	if (under(&p, &n, "versions/") && !segment(d, &p, &n, &version))
		return;
	if (!is(p, n, "infer")) {
		catalogue_model(d, &name, &version, p, n);
		return;
	}
	if (desk_allows(d, "POST") && desk_pick(d, &name, &version))
		desk_run(d, &infer_work);
}

/* Behind /v1/models. */
static void kserve(struct desk *d, const char *p, size_t n)
{
	struct desk_name name, version = { .n = 0 };
	const char *colon = n ? memrchr(p, ':', n) : NULL;
	bool predict = colon && is(colon, n - (size_t)(colon - p), ":predict");

	d->dialect = METER_KSERVE;
	if (!under(&p, &n, "/") || !n) {
		catalogue_v1_list(d);
		return;
	}
	if (predict)
		n = (size_t)(colon - p);
	if (!segment(d, &p, &n, &name))
		return;
	if (n)
		catalogue_nowhere(d);
	else if (!predict)
		catalogue_v1_model(d, &name);
	else if (desk_allows(d, "POST") && desk_pick(d, &name, &version))
		desk_run(d, &instances_work);
}

/* MLflow's path names no model: it is the only one, or stands before it. */
static void invocations(struct desk *d, const struct desk_name *name)
{
	struct desk_name none = { .n = 0 }, only;

	d->dialect = METER_MLFLOW;
	if (!desk_allows(d, "POST"))
		return;
	if (!name && fleet_count(d->view) != 1) {
		desk_lose(d, METER_NOT_FOUND,
			  fleet_count(d->view) ? "several models are served: POST to "
						 "/models/NAME/invocations"
					       : "no model is served");
		return;
	}
	if (!name) {
		const char *s = fleet_at(d->view, 0)->name;

		desk_name(s, strlen(s), &only);
		name = &only;
	}
	if (desk_pick(d, name, &none))
		desk_run(d, &invocations_work);
}

static void named_invocations(struct desk *d, const char *p, size_t n)
{
	struct desk_name name;

	d->dialect = METER_MLFLOW;
	if (!segment(d, &p, &n, &name))
		return;
	if (is(p, n, "invocations"))
		invocations(d, &name);
	else
		catalogue_nowhere(d);
}

static void plain(struct desk *d, const char *p, size_t n)
{
	if (is(p, n, "/invocations"))
		invocations(d, NULL);
	else if (is(p, n, "/ping") || is(p, n, "/health"))
		catalogue_health(d);
	else if (is(p, n, "/metrics"))
		catalogue_metrics(d);
	else if (is(p, n, "/version"))
		catalogue_version(d);
	else
		catalogue_nowhere(d);
}

void route_answer(struct desk *d)
{
	const char *p = d->q->path, *query = memchr(p, '?', d->q->path_n);
	size_t n = query ? (size_t)(query - p) : d->q->path_n;

	if (under(&p, &n, "/v2/models/"))
		models(d, p, n);
	else if (is(p, n, "/v2") || (n > 4 && !memcmp(p, "/v2/", 4)))
		catalogue_answer(d, p + 3, n - 3);
	else if (under(&p, &n, "/v1/models"))
		kserve(d, p, n);
	else if (under(&p, &n, "/models/") || under(&p, &n, "/serving-endpoints/"))
		named_invocations(d, p, n);
	else
		plain(d, p, n);
}
