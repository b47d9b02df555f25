/* instances.c - POST /v1/models/M:predict: KServe v1, which is TF Serving's. */
#include "lib/base/error.h"
#include "lib/serve/protocol/intake.h"

static int instances_read(struct desk *d)
{
	struct jsonscan_text key;
	bool seen = false;
	int more, rc;

	jsonscan_init(&d->scan, d->q->body, d->q->body_n);
	rc = jsonscan_open(&d->scan, '{');
	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		bool rows = more > 0 && jsonscan_is(&key, "instances");
		bool columns = more > 0 && jsonscan_is(&key, "inputs");

		if (more < 0)
			return more;
		if ((rows || columns) && seen)
			return desk_fault(d, METER_SHAPE,
					  "the request has instances, or inputs, twice");
		seen |= rows || columns;
		if (rows)
			rc = intake_list(d);
		else if (columns && jsonscan_kind(&d->scan) == JSONSCAN_OBJECT)
			rc = intake_columns(d);
		else
			rc = columns ? intake_list(d) : jsonscan_skip(&d->scan);
	}
	if (!rc)
		rc = jsonscan_end(&d->scan);
	if (!rc && !seen)
		rc = desk_fault(d, METER_SHAPE, "the request has no instances");
	return rc;
}

const struct desk_work instances_work = { METER_KSERVE, instances_read, intake_predictions };
