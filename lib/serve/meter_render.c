/*
 * meter_render.c - /metrics in Prometheus' text format: our own families, those that Triton's
 * dashboards read (nv_inference_*) and those of KServe's model server (request_*_seconds).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/serve/fleet.h"
#include "lib/serve/metering.h"

/* A meter with its labels: {model="eta",version="2.1" without the closing brace. */
struct shown {
	char *labels, *model; /* model: {model_name="eta" */
	char *name;
	const struct meter *meter;
	struct meter_sum sum;
	bool serving, lost;
};

struct page {
	struct shown *v;
	size_t n, cap;
	struct buf *out;
};

/* The value of a label: backslash, quote and line feed are escaped. */
static void put_label(const char *key, const char *value, struct buf *out)
{
	char *copy = xstrdup(value);

	utf8_clean(copy);
	buf_addstr(out, key);
	buf_addstr(out, "=\"");
	for (const char *p = copy; *p; p++)
		if (*p == '\n')
			buf_addstr(out, "\\n");
		else if (*p == '"' || *p == '\\')
			buf_addf(out, "\\%c", *p);
		else
			buf_addch(out, *p);
	buf_addch(out, '"');
	free(copy);
}

static void page_add(struct page *p, const char *name, const char *version, const struct meter *m,
		     bool serving, bool lost)
{
	struct buf labels = BUF_INIT, model = BUF_INIT;
	struct shown *s;

	ARRAY_GROW(p->v, p->n, p->cap);
	s = &p->v[p->n++];
	put_label("{model", name, &labels);
	put_label(",version", version, &labels);
	put_label("{model_name", name, &model);
	*s = (struct shown){ .labels = buf_take(&labels),
			     .model = buf_take(&model),
			     .name = xstrdup(name),
			     .meter = m,
			     .serving = serving,
			     .lost = lost };
	meter_sum(m, &s->sum);
}

static int add_meter(const struct fleet_meter *m, void *payload)
{
	page_add(payload, m->name, m->version, m->meter, m->serving, false);
	return 0;
}

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A family of one number a meter. */
static void simple(struct page *p, const char *name, const char *type, const char *help,
		   int64_t (*value)(const struct shown *), bool lost_too)
{
	family(p->out, name, type, help);
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].lost || lost_too)
			buf_addf(p->out, "%s%s} %lld\n", name, p->v[i].labels,
				 (long long)value(&p->v[i]));
}

static int64_t total(const struct meter *m, size_t offset)
{
	int64_t n = 0;

	for (int i = 0; m->shards && i < m->n; i++)
		n += atomic_load_explicit(
			(const _Atomic int64_t *)((const char *)&m->shards[i] + offset),
			memory_order_relaxed);
	return n;
}

/* Meters that are shown as one: from v on, all that are called as *v, or *v alone. */
struct group {
	const struct shown *v;
	size_t n;
	bool by_name;
};

static int64_t group_total(const struct group *g, size_t offset)
{
	int64_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		if (!i || (g->by_name && !g->v[i].lost && !strcmp(g->v[i].name, g->v->name)))
			n += total(g->v[i].meter, offset);
	return n;
}

/* Buckets that begin at `buckets` of a shard, as a histogram; the sum, in ns, lies at `sum`. */
static void histogram(struct buf *out, const char *name, const char *labels, const struct group *g,
		      size_t buckets, size_t sum)
{
	int64_t n = 0;

	for (int i = 0; i <= METER_BOUNDS; i++) {
		n += group_total(g, buckets + (size_t)i * sizeof(int64_t));
		if (i < METER_BOUNDS)
			buf_addf(out, "%s_bucket%s,le=\"%.10g\"} %lld\n", name, labels,
				 (double)meter_bounds[i] / 1e9, (long long)n);
		else
			buf_addf(out, "%s_bucket%s,le=\"+Inf\"} %lld\n", name, labels,
				 (long long)n);
	}
	buf_addf(out, "%s_sum%s} %.9f\n", name, labels, (double)group_total(g, sum) / 1e9);
	buf_addf(out, "%s_count%s} %lld\n", name, labels, (long long)n);
}

static void requests(struct page *p)
{
	static const char *const names[METER_DIALECTS] = { "v2", "v2_binary", "v1", "mlflow" };

	family(p->out, "mich_requests_total", "counter",
	       "Requests to a model, with and without an error, by protocol.");
	for (size_t i = 0; i < p->n; i++)
		for (int k = 0; k < METER_DIALECTS && !p->v[i].lost; k++)
			buf_addf(p->out, "mich_requests_total%s,protocol=\"%s\"} %lld\n",
				 p->v[i].labels, names[k],
				 (long long)total(p->v[i].meter,
						  offsetof(struct meter_shard, by_dialect) +
							  (size_t)k * sizeof(int64_t)));
	family(p->out, "mich_request_errors_total", "counter",
	       "Requests without predictions, by kind; model \"\" where none was found.");
	for (size_t i = 0; i < p->n; i++)
		for (int k = 0; k < METER_ERRORS; k++)
			buf_addf(p->out, "mich_request_errors_total%s,kind=\"%s\"} %lld\n",
				 p->v[i].labels, meter_error_name((enum meter_error)k),
				 (long long)p->v[i].sum.errors_by[k]);
}

static void outside(struct page *p)
{
	static const char *const kinds[OUTSIDE_KINDS] = { "missing", "unknown", "range", "cast" };

	family(p->out, "mich_out_of_contract_total", "counter",
	       "Values out of the input contract, by column and kind; only what occurred.");
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->v[i].meter->columns * OUTSIDE_KINDS; k++) {
			const struct meter *m = p->v[i].meter;
			int64_t n = atomic_load_explicit(&m->outside[k], memory_order_relaxed);

			if (!n)
				continue;
			buf_addf(p->out, "mich_out_of_contract_total%s", p->v[i].labels);
			put_label(",column", m->names[k / OUTSIDE_KINDS], p->out);
			buf_addf(p->out, ",kind=\"%s\"} %lld\n", kinds[k % OUTSIDE_KINDS],
				 (long long)n);
		}
}

static void seconds(struct page *p)
{
	family(p->out, "mich_request_seconds", "histogram",
	       "Waiting for a thread, reading, scoring and writing; errors too.");
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].lost)
			histogram(p->out, "mich_request_seconds", p->v[i].labels,
				  &(struct group){ &p->v[i], 1, false },
				  offsetof(struct meter_shard, buckets),
				  offsetof(struct meter_shard, whole_ns));
}

static int64_t rows_of(const struct shown *s)
{
	return s->sum.rows;
}

static int64_t in_flight_of(const struct shown *s)
{
	return s->sum.in_flight;
}

static int64_t serving_of(const struct shown *s)
{
	return s->serving;
}

static int64_t good_of(const struct shown *s)
{
	return s->sum.requests - s->sum.errors;
}

static int64_t errors_of(const struct shown *s)
{
	return s->sum.errors;
}

static int64_t wait_us(const struct shown *s)
{
	return s->sum.wait_ns / 1000;
}

static int64_t whole_us(const struct shown *s)
{
	return (s->sum.wait_ns + s->sum.parse_ns + s->sum.score_ns + s->sum.write_ns) / 1000;
}

static int64_t parse_us(const struct shown *s)
{
	return s->sum.parse_ns / 1000;
}

static int64_t score_us(const struct shown *s)
{
	return s->sum.score_ns / 1000;
}

static int64_t write_us(const struct shown *s)
{
	return s->sum.write_ns / 1000;
}

static void triton(struct page *p)
{
	static const struct {
		const char *name, *help;
		int64_t (*value)(const struct shown *);
	} counters[] = {
		{ "nv_inference_request_success", "Requests that were answered.", good_of },
		{ "nv_inference_request_failure", "Requests that were not.", errors_of },
		{ "nv_inference_count", "Rows that were scored.", rows_of },
		{ "nv_inference_exec_count", "Executions of the model.", good_of },
		{ "nv_inference_request_duration_us", "Time of answered requests.", whole_us },
		{ "nv_inference_queue_duration_us", "Time they waited.", wait_us },
		{ "nv_inference_compute_input_duration_us", "Time to read them.", parse_us },
		{ "nv_inference_compute_infer_duration_us", "Time to score them.", score_us },
		{ "nv_inference_compute_output_duration_us", "Time to write answers.", write_us },
	};

	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		simple(p, counters[i].name, "counter", counters[i].help, counters[i].value, false);
}

/* Is it the first that has its name? */
static bool is_first(const struct page *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!p->v[k].lost && !strcmp(p->v[k].name, p->v[i].name))
			return false;
	return !p->v[i].lost;
}

/* A phase of all versions of one name together: KServe's label is the name alone. */
static void kserve_phase(struct page *p, const char *name, enum meter_phase phase)
{
	size_t buckets = offsetof(struct meter_shard, phases) +
			 (size_t)phase * (METER_BOUNDS + 1) * sizeof(int64_t);
	size_t ns = offsetof(struct meter_shard, ns) + (size_t)phase * sizeof(int64_t);

	for (size_t i = 0; i < p->n; i++)
		if (is_first(p, i))
			histogram(p->out, name, p->v[i].model,
				  &(struct group){ &p->v[i], p->n - i, true }, buckets, ns);
}

static void kserve(struct page *p)
{
	family(p->out, "request_preprocess_seconds", "histogram", "Reading a request.");
	kserve_phase(p, "request_preprocess_seconds", PHASE_PARSE);
	family(p->out, "request_predict_seconds", "histogram", "Scoring it.");
	kserve_phase(p, "request_predict_seconds", PHASE_SCORE);
	family(p->out, "request_postprocess_seconds", "histogram", "Writing its answer.");
	kserve_phase(p, "request_postprocess_seconds", PHASE_WRITE);
	family(p->out, "request_explain_seconds", "histogram", "Explaining: not offered.");
}

/* What is in the way of a switch, of names that are or were served. */
static void troubles(struct page *p, struct fleet *f)
{
	char *why;

	family(p->out, "mich_switch_failures_total", "counter",
	       "Versions that were to be served under the name and could not be.");
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].serving)
			buf_addf(p->out, "mich_switch_failures_total%s} %lld\n", p->v[i].labels,
				 (long long)fleet_failures(f, p->v[i].name));
	family(p->out, "mich_switch_pending", "gauge",
	       "1 while the name's newest version could not be loaded and an older one serves.");
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].serving) {
			buf_addf(p->out, "mich_switch_pending%s} %d\n", p->v[i].labels,
				 fleet_trouble(f, p->v[i].name, &why));
			free(why);
		}
	family(p->out, "mich_ready", "gauge", "1 when requests are answered.");
	buf_addf(p->out, "mich_ready %d\n", fleet_ready(f));
}

/* Resident memory, as every exporter names it. */
static void process(struct buf *out)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long size = 0, resident = 0;

	if (!f)
		return;
	if (fscanf(f, "%llu %llu", &size, &resident) == 2) {
		family(out, "process_resident_memory_bytes", "gauge", "Resident memory.");
		buf_addf(out, "process_resident_memory_bytes %llu\n",
			 resident * (unsigned long long)sysconf(_SC_PAGESIZE));
	}
	fclose(f);
}

void meter_render(struct fleet *f, const struct meter *lost, struct buf *out)
{
	struct page p = { .out = out };

	fleet_each_meter(f, add_meter, &p);
	if (lost)
		page_add(&p, "", "", lost, false, true);
	requests(&p);
	simple(&p, "mich_rows_total", "counter", "Rows that were scored.", rows_of, false);
	simple(&p, "mich_in_flight", "gauge", "Requests being answered now.", in_flight_of, false);
	simple(&p, "mich_serving", "gauge", "1: what the name stands for now; 0: was replaced.",
	       serving_of, false);
	outside(&p);
	seconds(&p);
	triton(&p);
	kserve(&p);
	troubles(&p, f);
	process(out);
	for (size_t i = 0; i < p.n; i++) {
		free(p.v[i].labels);
		free(p.v[i].model);
		free(p.v[i].name);
	}
	free(p.v);
}
