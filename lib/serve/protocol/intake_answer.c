/* intake_answer.c - predictions as MLflow, KServe v1 and TF Serving give them. */
#include <string.h>

#include "lib/serve/protocol/intake.h"

int intake_predictions(struct desk *d)
{
	const struct card *card = d->out->served->card;
	struct buf *out = &d->out->body;

	d->out->type = "application/json";
	buf_addstr(out, "{\"predictions\":[");
	for (int64_t row = 0; row < d->said.rows; row++) {
		if (row)
			buf_addch(out, ',');
		for (size_t i = 0; i < card->n_outputs; i++) {
			if (card->n_outputs > 1) {
				buf_addch(out, i ? ',' : '{');
				desk_put_text(card->outputs[i].name, strlen(card->outputs[i].name),
					      out);
				buf_addch(out, ':');
			}
			desk_put_json(&d->said.cols[i], row, i >= card->floats, out);
		}
		if (card->n_outputs > 1)
			buf_addch(out, '}');
	}
	buf_addstr(out, "]}");
	desk_title(d);
	return 0;
}
