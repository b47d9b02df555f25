/*
 * gpu_queue.c - steps handed to the device in groups. Their records are copied to a ring of its memory in
 * one go and their graphs are launched one after the other; the host then goes on, and looks at what
 * came out when the device has told it. It is two groups ahead at most, so it never writes a record that is
 * still to be copied.
 */
#include <sched.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/gpu_training.h"

enum { PATIENCE_US = 100 * 1000 };

/* --- graphs ---------------------------------------------------------------------------------------- */

static int capture(struct gpu_trainer *t, struct gpu_graph *g)
{
	int rc = device_capture(t->device);

	if (rc)
		return rc;
	rc = gpu_pass_steps(t, g->data, g->capacity, g->copies);
	if (rc) {
		device_capture_end(t->device, NULL);
		return rc;
	}
	t->n_captured++;
	return device_capture_end(t->device, &g->graph);
}

/* The graph of so many steps; a full shelf is cleared, once all that it holds has run. */
static int find(struct gpu_trainer *t, size_t copies, struct gpu_graph **out)
{
	struct gpu_graph g = { t->pending_data, t->pending_capacity, copies, NULL };
	int rc;

	for (size_t i = 0; i < t->n_graphs; i++) {
		*out = &t->graphs[i];
		if ((*out)->data == g.data && (*out)->capacity == g.capacity &&
		    (*out)->copies == copies)
			return 0;
	}
	if (t->n_graphs == GPU_GRAPHS) {
		if ((rc = device_sync(t->device)) < 0)
			return rc;
		while (t->n_graphs)
			device_graph_close(t->graphs[--t->n_graphs].graph);
	}
	if ((rc = capture(t, &g)) < 0)
		return rc;
	*out = &t->graphs[t->n_graphs++];
	**out = g;
	return 0;
}

/*
 * The first step of a kind is done without a graph: what libraries load or set up at their first call is
 * nothing that a capture could hold.
 */
static int warm_up(struct gpu_trainer *t, size_t *n)
{
	for (size_t i = 0; i < t->n_warm; i++)
		if (t->warm[i] == t->pending_capacity)
			return 0;
	ARRAY_GROW(t->warm, t->n_warm, t->cap_warm);
	t->warm[t->n_warm++] = t->pending_capacity;
	--*n;
	return gpu_pass_steps(t, t->pending_data, t->pending_capacity, 1);
}

static size_t copies_of(size_t n)
{
	return n >= GPU_UNROLLED ? GPU_UNROLLED : n >= GPU_UNROLLED / 4 ? GPU_UNROLLED / 4 : 1;
}

static int launch(struct gpu_trainer *t, size_t n)
{
	struct gpu_graph *g;
	int rc = warm_up(t, &n);

	while (n && !rc) {
		size_t copies = copies_of(n);

		rc = find(t, copies, &g);
		if (!rc)
			rc = device_graph_run(t->device, g->graph);
		n -= copies;
	}
	return rc;
}

/* --- records --------------------------------------------------------------------------------------- */

static int put_records(struct gpu_trainer *t, size_t from, size_t n)
{
	struct gpu_record *ring = (struct gpu_record *)t->steps.ring;

	if (!n)
		return 0;
	t->control_bytes += n * sizeof *ring;
	from = (t->at + from) % GPU_RING;
	return device_put(t->device, ring + from, t->staged + from, n * sizeof *ring);
}

int gpu_queue_submit(struct gpu_trainer *t)
{
	size_t n = t->n_pending, left = GPU_RING - t->at % GPU_RING;
	size_t before = n < left ? n : left;
	int rc;

	if (!n)
		return 0;
	if ((rc = put_records(t, 0, before)) < 0 || (rc = put_records(t, before, n - before)) < 0)
		return rc;
	t->n_pending = 0;
	t->at += (uint32_t)n;
	t->unreported += n;
	return launch(t, n);
}

/* --- reports --------------------------------------------------------------------------------------- */

int gpu_queue_report(struct gpu_trainer *t)
{
	t->asked++;
	t->unreported = 0;
	gpu_report(&t->steps, &t->outcomes_device[t->asked % 2], t->asked, t->stream);
	return device_launched(t->device, "a report");
}

static void take(struct gpu_trainer *t, const struct gpu_outcome *o)
{
	t->taken = o->number;
	t->loss += o->loss;
	t->weight += o->weight;
	t->norm = o->norm;
	t->count = o->count;
	t->stopped |= o->stopped != 0;
}

int gpu_queue_wait(struct gpu_trainer *t, uint32_t number)
{
	while (t->taken != number) {
		const struct gpu_outcome *o = &t->outcomes[(t->taken + 1) % 2];
		int64_t began = clock_mono_us();
		int rc;

		while (__atomic_load_n(&o->number, __ATOMIC_ACQUIRE) != t->taken + 1) {
			if (clock_mono_us() - began < PATIENCE_US) {
				sched_yield();
				continue;
			}
			/* A kernel that failed will never tell: this one does. */
			if ((rc = device_sync(t->device)) < 0)
				return rc;
			if (__atomic_load_n(&o->number, __ATOMIC_ACQUIRE) != t->taken + 1)
				return error_set(ERR_FAIL, "the GPU made no report of its steps");
		}
		take(t, o);
	}
	return 0;
}
