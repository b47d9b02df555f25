/* catalogue.c - which models there are, what they take, how they do: all that scores nothing. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/serve/desk/desking.h"

static const char READS[] = "GET HEAD";
static const char JSON[] = "application/json";

void catalogue_nowhere(struct desk *d)
{
	desk_lose(d, METER_NOT_FOUND,
		  "nothing is at '%.*s'; there is /v2/models/NAME/infer, /invocations, "
		  "/v1/models/NAME:predict, /v2, /v2/repository/index, /health, /metrics",
		  d->q->path_n > 80 ? 80 : (int)d->q->path_n, d->q->path);
}

static void say_json(struct desk *d, json_t *taken)
{
	char *text = json_dumps(taken, JSON_COMPACT);

	desk_say(d, JSON, text ? text : "{}");
	free(text);
	json_decref(taken);
}

/* Not ready while models are loaded and while the server goes: 503. */
static void say_ready(struct desk *d, const char *yes, const char *no)
{
	bool ready = fleet_ready(d->fleet);

	desk_say(d, JSON, ready ? yes : no);
	d->out->status = ready ? 200 : 503;
}

void catalogue_health(struct desk *d)
{
	if (desk_allows(d, READS))
		say_ready(d, "{\"status\":\"ok\"}", "{\"status\":\"not ready\"}");
}

void catalogue_version(struct desk *d)
{
	if (desk_allows(d, READS))
		desk_say(d, "text/plain; charset=utf-8", MICH_VERSION);
}

void catalogue_metrics(struct desk *d)
{
	if (!desk_allows(d, READS))
		return;
	desk_say(d, "text/plain; version=0.0.4; charset=utf-8", "");
	meter_render(d->fleet, d->opts.lost, &d->out->body);
}

static void server(struct desk *d)
{
	desk_say(d, JSON,
		 "{\"name\":\"mich\",\"version\":\"" MICH_VERSION
		 "\",\"extensions\":[\"binary_tensor_data\",\"model_repository\","
		 "\"model_configuration\",\"statistics\"]}");
}

static void repository(struct desk *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < fleet_count(d->view); i++) {
		const struct served *s = fleet_at(d->view, i);
		char *why;

		fleet_trouble(d->fleet, s->name, &why);
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "name", s->name,
						      "version", s->version, "state", "READY",
						      "reason", why ? why : ""));
		free(why);
	}
	say_json(d, list);
}

static json_t *duration(int64_t count, int64_t ns)
{
	return json_pack("{s:I,s:I}", "count", (json_int_t)count, "ns", (json_int_t)ns);
}

/* As Triton's extension_statistics has it. */
static json_t *statistics(const struct served *s)
{
	struct meter_sum m = { 0 };
	int64_t good;
	json_t *v;

	if (s->meter)
		meter_sum(s->meter, &m);
	good = m.requests - m.errors;
	v = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "success",
		      duration(good, m.wait_ns + m.parse_ns + m.score_ns + m.write_ns), "fail",
		      duration(m.errors, m.fail_ns), "queue", duration(good, m.wait_ns),
		      "compute_input", duration(good, m.parse_ns), "compute_infer",
		      duration(good, m.score_ns), "compute_output", duration(good, m.write_ns));
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:o,s:[]}", "name", s->name, "version", s->version,
			 "last_inference", (json_int_t)m.last_ms, "inference_count",
			 (json_int_t)m.rows, "execution_count", (json_int_t)good, "inference_stats",
			 v, "batch_stats");
}

static void all_statistics(struct desk *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < fleet_count(d->view); i++)
		json_array_append_new(list, statistics(fleet_at(d->view, i)));
	say_json(d, json_pack("{s:o}", "model_stats", list));
}

static bool is(const char *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && !memcmp(p, word, k) && (n == k || (n == k + 1 && p[k] == '/'));
}

/* Triton's clients load and unload models; here promote and the command line do. */
static void no_loading(struct desk *d)
{
	desk_lose(d, METER_UNSUPPORTED,
		  "models are not loaded or unloaded by a request: the server holds what it was "
		  "started with, and a stage follows 'mich promote' and 'mich rollback'");
}

static bool starts(const char *p, size_t n, const char *prefix)
{
	return n >= strlen(prefix) && !memcmp(p, prefix, strlen(prefix));
}

void catalogue_answer(struct desk *d, const char *p, size_t n)
{
	if (is(p, n, "")) {
		if (desk_allows(d, READS))
			server(d);
	} else if (is(p, n, "/health/live")) {
		if (desk_allows(d, READS))
			desk_say(d, JSON, "{\"live\":true}");
	} else if (is(p, n, "/health/ready")) {
		if (desk_allows(d, READS))
			say_ready(d, "{\"ready\":true}", "{\"ready\":false}");
	} else if (is(p, n, "/repository/index")) {
		if (desk_allows(d, "POST GET HEAD"))
			repository(d);
	} else if (starts(p, n, "/repository/models/")) {
		if (desk_allows(d, "POST"))
			no_loading(d);
	} else if (is(p, n, "/systemsharedmemory/status") || is(p, n, "/cudasharedmemory/status")) {
		if (desk_allows(d, READS))
			desk_say(d, JSON, "[]");
	} else {
		catalogue_nowhere(d);
	}
}

static void model_ready(struct desk *d)
{
	bool ready = fleet_ready(d->fleet);

	say_json(d, json_pack("{s:s,s:b}", "name", d->out->served->name, "ready", ready));
	d->out->status = ready ? 200 : 503;
}

void catalogue_model(struct desk *d, const struct desk_name *name, const struct desk_name *version,
		     const char *p, size_t n)
{
	if (!n && !strcmp(name->text, "stats") && !version->n) {
		if (desk_allows(d, READS))
			all_statistics(d);
		return;
	}
	if (n && !is(p, n, "ready") && !is(p, n, "config") && !is(p, n, "stats")) {
		catalogue_nowhere(d);
		return;
	}
	if (!desk_allows(d, READS) || !desk_pick(d, name, version))
		return;
	if (!n)
		desk_say(d, JSON, d->out->served->card->metadata);
	else if (is(p, n, "ready"))
		model_ready(d);
	else if (is(p, n, "config"))
		desk_say(d, JSON, d->out->served->card->config);
	else
		say_json(d, json_pack("{s:[o]}", "model_stats", statistics(d->out->served)));
}

void catalogue_v1_list(struct desk *d)
{
	json_t *names = json_array();

	if (desk_allows(d, READS))
		for (size_t i = 0; i < fleet_count(d->view); i++)
			json_array_append_new(names, json_string(fleet_at(d->view, i)->name));
	if (d->out->status)
		json_decref(names);
	else
		say_json(d, json_pack("{s:o}", "models", names));
}

void catalogue_v1_model(struct desk *d, const struct desk_name *name)
{
	struct desk_name any = { .n = 0 };

	if (desk_allows(d, READS) && desk_pick(d, name, &any))
		model_ready(d);
}
