/* infer_answer.c - the answer of the Open Inference Protocol: JSON, and bytes behind it. */
#include <string.h>

#include "lib/model/rows/cell.h"
#include "lib/serve/desk/desking.h"

static void put_bytes(const struct frame_column *c, int64_t rows, bool as_float, struct buf *out)
{
	switch (c->type) {
	case FRAME_BOOL:
		buf_add(out, c->b, (size_t)rows);
		break;
	case FRAME_INT:
		buf_add(out, c->i, (size_t)rows * sizeof(int64_t));
		break;
	case FRAME_DOUBLE:
		if (!as_float)
			buf_add(out, c->d, (size_t)rows * sizeof(double));
		for (int64_t i = 0; as_float && i < rows; i++) {
			float v = (float)c->d[i];

			buf_add(out, &v, sizeof v);
		}
		break;
	case FRAME_STRING:
	case FRAME_TIME:
		for (int64_t i = 0; c->type == FRAME_STRING && i < rows; i++) {
			uint32_t n = (uint32_t)strlen(c->s[i]);

			buf_add(out, &n, sizeof n);
			buf_add(out, c->s[i], n);
		}
	}
}

static size_t bytes_of(const struct frame_column *c, int64_t rows, bool as_float)
{
	size_t n = 0;

	switch (c->type) {
	case FRAME_BOOL:
		return (size_t)rows;
	case FRAME_DOUBLE:
		return (size_t)rows * (as_float ? sizeof(float) : sizeof(double));
	case FRAME_STRING:
		for (int64_t i = 0; i < rows; i++)
			n += sizeof(uint32_t) + strlen(c->s[i]);
		return n;
	default:
		return (size_t)rows * sizeof(int64_t);
	}
}

static void put_list(const struct frame_column *c, int64_t rows, bool as_float, struct buf *out)
{
	buf_add(out, "\"data\":[", 8);
	for (int64_t i = 0; i < rows; i++) {
		if (i)
			buf_addch(out, ',');
		desk_put_json(c, i, as_float, out);
	}
	buf_add(out, "]}", 2);
}

/* {"model_name":...,"outputs":[ */
static void put_head(struct desk *d, struct buf *out)
{
	const struct card *card = d->out->served->card;

	buf_addstr(out, card->head);
	if (d->id_json.s) {
		buf_add(out, ",\"id\":", 6);
		buf_add(out, d->id_json.s, d->id_json.n);
	}
	buf_addch(out, ',');
	buf_addstr(out, card->id);
	buf_add(out, ",\"outputs\":[", 12);
}

static void put_output(struct desk *d, const struct pick *p, struct buf *out)
{
	const struct card *card = d->out->served->card;
	const struct frame_column *c = &d->said.cols[p->output];
	bool as_float = p->output >= card->floats;

	buf_addstr(out, card->output_heads[p->output]);
	buf_add(out, ",\"shape\":[", 10);
	cell_put_int(out, d->said.rows);
	buf_add(out, "],", 2);
	if (!p->binary) {
		put_list(c, d->said.rows, as_float, out);
		return;
	}
	buf_addstr(out, "\"parameters\":{\"binary_data_size\":");
	cell_put_int(out, (int64_t)bytes_of(c, d->said.rows, as_float));
	buf_add(out, "}}", 2);
}

int infer_write(struct desk *d)
{
	const struct card *card = d->out->served->card;
	struct buf *out = &d->out->body, length = BUF_INIT;
	bool binary = false;

	put_head(d, out);
	for (size_t i = 0; i < d->n_picks; i++) {
		if (i)
			buf_addch(out, ',');
		put_output(d, &d->picks[i], out);
		binary |= d->picks[i].binary;
	}
	buf_add(out, "]}", 2);
	d->out->type = binary ? "application/octet-stream" : "application/json";
	if (!binary)
		return 0;
	cell_put_int(&length, (int64_t)out->len);
	exchange_header(d->out, "inference-header-content-length", length.data, length.len);
	buf_clear(&length);
	for (size_t i = 0; i < d->n_picks; i++)
		if (d->picks[i].binary)
			put_bytes(&d->said.cols[d->picks[i].output], d->said.rows,
				  d->picks[i].output >= card->floats, out);
	return 0;
}
