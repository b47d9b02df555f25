/* grid.h - rows of text in aligned columns. */
#ifndef MICH_CLI_GRID_H
#define MICH_CLI_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/cli/term.h"

/*
 *	struct grid g;
 *
 *	grid_init(&g, 2);
 *	grid_column(&g, "NAME", false);
 *	grid_column(&g, "ROWS", true);
 *	grid_cell(&g, "flights");
 *	grid_cellf(&g, "%d", 327346);
 *	grid_render(&g, term_stdout()->columns, &out);
 *	grid_clear(&g);
 */
struct grid_cell {
	char *text;
	enum term_style style;
};

struct grid {
	size_t columns, titled, n, cap; /* n cells, row by row */
	struct grid_cell *cells;
	bool *right;   /* (columns) numbers stand right */
	int *spare;    /* (columns) 0: always shown */
	char **titles; /* (columns) NULL: no header line */
};

void grid_init(struct grid *g, size_t columns);
/* Describe the next column, left to right. A grid whose titles are all "" or NULL has no header. */
void grid_column(struct grid *g, const char *title, bool right);
void grid_cell(struct grid *g, const char *text); /* copies; NULL counts as "" */
void grid_cellf(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void grid_style(struct grid *g, enum term_style style); /* of the cell added last */

/*
 * The column described last is left out where the lines are wider than the terminal: those with the
 * highest rank first. The last column counts with no more than 20: text can be cut.
 */
void grid_spare(struct grid *g, int rank);

/* Lines are cut to width columns with a "…"; 0 keeps them whole (files, pipes). */
void grid_render(const struct grid *g, int width, struct buf *out);
void grid_print(const struct grid *g); /* to stdout, as wide as the terminal is */
void grid_clear(struct grid *g);

/*
 * Cut each line of text to width columns with a "…"; 0: none. Escape sequences take no room and stay,
 * so that colours end.
 */
void grid_cut(const char *text, int width, struct buf *out);

#endif
