/* plot.c - frames of charts: axes, ticks, captions, and the figures below. */
#define _GNU_SOURCE
#include "lib/page/chart/plot.h"

#include <math.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum {
	WIDE = 340,
	HIGH = 230,
	NARROW = 240,
	LOW = 128,
	TOP = 10,
	RIGHT = 14,
	BELOW = 26, /* ticks of x */
	SAID = 18,  /* what an axis says */
	CHARACTER = 7,
	TICKS_X = 5,
	TICKS_Y = 5,
	TICKS_LOW = 3,
	NAME_LONGEST = 14,
};

static void put_label(struct html *h, double x, double y, const char *anchor, const char *text)
{
	html_open(h, "text");
	html_attrf(h, "x", "%.1f", x);
	html_attrf(h, "y", "%.1f", y);
	if (anchor)
		html_attr(h, "text-anchor", anchor);
	html_text(h, text);
	html_close(h);
}

static void put_stroke(struct html *h, const char *class, double x1, double y1, double x2,
		       double y2)
{
	html_open(h, "path");
	html_attr(h, "class", class);
	html_attrf(h, "d", "M%.1f %.1fL%.1f %.1f", x1, y1, x2, y2);
	html_close(h);
}

static void put_key(struct html *h, const struct plot_frame *f)
{
	html_open(h, "span");
	html_attr(h, "class", "key");
	for (size_t i = 0; i < f->n_series; i++) {
		html_open(h, "span");
		html_attrf(h, "class", "s%zu", i % PLOT_SERIES + 1);
		html_short(h, f->series[i], 24);
		html_close(h);
	}
	html_close(h);
}

static void put_caption(struct html *h, const struct plot_frame *f)
{
	html_open(h, "figcaption");
	html_open(h, "b");
	html_short(h, f->title ? f->title : "", 80);
	html_close(h);
	if (f->note) {
		html_text(h, " ");
		html_open(h, "span");
		html_attr(h, "class", "soft");
		html_short(h, f->note, 120);
		html_close(h);
	}
	if (f->n_series > 1)
		put_key(h, f);
	html_close(h);
}

/* Room on the left for the widest tick of y. */
static double tick_room(const struct scale *y)
{
	size_t widest = 0;

	for (size_t i = 0; i < y->ticks; i++) {
		struct buf text = BUF_INIT;
		size_t characters = 0;

		scale_tick_text(y, y->tick[i], &text);
		for (const char *p = text.data; *p; p++)
			characters += ((unsigned char)*p & 0xc0) != 0x80;
		widest = characters > widest ? characters : widest;
		buf_clear(&text);
	}
	return (double)(widest * CHARACTER + 10);
}

static void put_y_axis(struct plot *p, const struct plot_frame *f)
{
	for (size_t i = 0; i < p->y.ticks; i++) {
		double y = scale_place(&p->y, p->y.tick[i]);
		struct buf text = BUF_INIT;

		scale_tick_text(&p->y, p->y.tick[i], &text);
		put_stroke(p->h, "grid", p->x.at, y, p->x.to, y);
		put_label(p->h, p->x.at - 6, y + 4, "end", text.data);
		buf_clear(&text);
	}
	if (!f->y)
		return;
	html_open(p->h, "text");
	html_attr(p->h, "class", "said");
	html_attrf(p->h, "transform", "translate(11 %.1f) rotate(-90)", (p->y.at + p->y.to) / 2);
	html_attr(p->h, "text-anchor", "middle");
	html_short(p->h, f->y, 40);
	html_close(p->h);
}

/* The first label begins, the last one ends at its tick, so that none leaves the chart. */
static void put_x_ticks(struct plot *p)
{
	for (size_t i = 0; i < p->x.ticks; i++) {
		double x = scale_place(&p->x, p->x.tick[i]);
		struct buf text = BUF_INIT;

		scale_tick_text(&p->x, p->x.tick[i], &text);
		put_stroke(p->h, "tick", x, p->y.at, x, p->y.at + 4);
		put_label(p->h, x, p->y.at + 17,
			  p->x.kind == SCALE_TIME && i == 0 ? "start"
			  : x > p->x.to - 12		    ? "end"
							    : "middle",
			  text.data);
		buf_clear(&text);
	}
}

static void put_x_names(struct plot *p, const struct plot_frame *f)
{
	double room = (p->x.to - p->x.at) / (double)f->n_names;

	for (size_t i = 0; i < f->n_names; i++) {
		size_t fit = (size_t)(room / CHARACTER);

		html_open(p->h, "text");
		html_attrf(p->h, "x", "%.1f", scale_place(&p->x, (double)i));
		html_attrf(p->h, "y", "%.1f", p->y.at + 17);
		html_attr(p->h, "text-anchor", "middle");
		html_short(p->h, f->names[i],
			   fit < 2		? 2
			   : fit < NAME_LONGEST ? fit
						: NAME_LONGEST);
		html_close(p->h);
	}
}

static void put_x_axis(struct plot *p, const struct plot_frame *f)
{
	put_stroke(p->h, "axis", p->x.at, p->y.at, p->x.to, p->y.at);
	if (f->names)
		put_x_names(p, f);
	else
		put_x_ticks(p);
	if (!f->x)
		return;
	html_open(p->h, "text");
	html_attr(p->h, "class", "said");
	html_attrf(p->h, "x", "%.1f", (p->x.at + p->x.to) / 2);
	html_attrf(p->h, "y", "%.1f", p->high - 4);
	html_attr(p->h, "text-anchor", "middle");
	html_short(p->h, f->x, 60);
	html_close(p->h);
}

void plot_open(struct plot *p, struct html *h, const struct plot_frame *f)
{
	*p = (struct plot){ .h = h,
			    .depth = h->depth,
			    .wide = f->low ? NARROW : WIDE,
			    .high = f->low ? LOW : HIGH };
	scale_init(&p->y, f->y_kind, f->y_lo, f->y_hi, f->low ? TICKS_LOW : TICKS_Y, !f->keep_y);
	scale_init(&p->x, f->names ? SCALE_LINEAR : f->x_kind, f->names ? -0.5 : f->x_lo,
		   f->names ? (double)f->n_names - 0.5 : f->x_hi, f->low ? TICKS_LOW : TICKS_X,
		   false);
	p->x.at = (f->bare ? 4 : tick_room(&p->y)) + (f->y ? SAID : 0);
	p->x.to = p->wide - RIGHT;
	p->y.at = p->high - BELOW - (f->x ? SAID : 0);
	p->y.to = TOP;
	html_open(h, "figure");
	put_caption(h, f);
	html_open(h, "svg");
	html_attr(h, "class", "plot");
	html_attr(h, "role", "img");
	html_attr(h, "aria-label", f->title ? f->title : "chart");
	html_attrf(h, "viewBox", "0 0 %.0f %.0f", p->wide, p->high);
	if (!f->bare)
		put_y_axis(p, f);
	put_x_axis(p, f);
}

void plot_close(struct plot *p)
{
	html_close_to(p->h, p->depth);
}

void plot_table(struct html *h, const char *const *headings, const struct numbers *const *columns,
		size_t n)
{
	size_t depth = h->depth;

	html_open(h, "details");
	html_leaf(h, "summary", NULL, "Figures");
	html_open(h, "div");
	html_attr(h, "class", "scroll tall");
	html_attr(h, "tabindex", "0");
	html_open(h, "table");
	html_open(h, "thead");
	html_open(h, "tr");
	for (size_t c = 0; c < n; c++)
		html_leaf(h, "th", "n", headings[c]);
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
	for (size_t i = 0; n && i < columns[0]->n; i++) {
		html_open(h, "tr");
		for (size_t c = 0; c < n; c++) {
			html_open(h, "td");
			html_attr(h, "class", "n");
			digits_put(h, columns[c]->v[i]);
			html_close(h);
		}
		html_close(h);
	}
	html_close_to(h, depth);
}
