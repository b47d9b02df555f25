/* reported.c - a step's events as metrics. */
#include "lib/make/eval/reported.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/measure/events.h"
#include "lib/step/attempt.h"

/* "validation.rmse" goes to {"validation": {"rmse": v}}, "loss" to {"loss": v}. */
static void put(json_t *metrics, const char *name, double value)
{
	const char *dot = strchr(name, '.');
	char *part;
	json_t *group;

	if (!dot) {
		json_object_set_new(metrics, name, json_number(value));
		return;
	}
	part = xstrndup(name, (size_t)(dot - name));
	group = json_object_get(metrics, part);
	if (!json_is_object(group)) {
		json_object_set_new(metrics, part, json_object());
		group = json_object_get(metrics, part);
	}
	json_object_set_new(group, dot + 1, json_number(value));
	free(part);
}

/* What a line says of the run, not of the model. */
static bool is_pace(const char *name)
{
	static const char *const names[] = { "time_s", "epoch", "steps", "lr", "rows_per_s" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

int reported_take(struct attempt *a)
{
	struct events events = EVENTS_INIT;
	struct buf b = BUF_INIT;
	int rc = 0;

	if (!file_exists(a->events))
		return 0;
	rc = file_read(a->events, &b);
	if (!rc)
		events_parse(b.data, b.len, &events);
	if (events.n) {
		a->metrics = json_object();
		for (size_t i = 0; i < events.n; i++)
			if (!is_pace(events.series[i].name))
				put(a->metrics, events.series[i].name, events.series[i].last);
		json_object_set_new(a->facts, "curve", events_json(&events));
	}
	if (events.bad)
		json_object_set_new(a->facts, "bad_events", json_integer(events.bad));
	events_clear(&events);
	buf_clear(&b);
	return rc;
}
