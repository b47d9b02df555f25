/* scoring.h - what the ways of mich predict to print rows share: its arguments, its input, its models. */
#ifndef MICH_CMD_SCORING_H
#define MICH_CMD_SCORING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/make/score/predict.h"
#include "lib/model/model.h"
#include "lib/record/repo.h"

struct scoring_args {
	const char *model, *sql, *into, *name, *format, *url, *token_file;
	struct strlist from, columns, models;
	int64_t threads;
	bool json;
};

/* What is scored, and where what is in the way goes. */
struct scoring {
	const struct scoring_args *args;
	struct predict_plan plan;
	struct predict_source *sources; /* (n) */
	struct scoring_part *parts;	/* (n) whose strings those are */
	size_t n;
	char *scratch, *spooled;
};

bool scoring_from_stdin(const struct scoring_args *args);
bool scoring_is_json_lines(const char *path);

/* columns is borrowed. Close it after errors too. */
int scoring_open(struct repo *repo, const struct scoring_args *args, const struct strlist *columns,
		 struct scoring *s);
int scoring_close(struct scoring *s);

/* The model that text names. *name_out: "eta@3", or of a package its file's name; caller frees. */
int scoring_load(struct repo *repo, const char *text, struct model **out, char **name_out);

/* Say on stderr which values were not as in training. model: whose, where there are several. */
void scoring_print_counts(const struct predict_result *result, const char *model);

/* Print what a server says, as a model's own answer is. */
int scoring_print_far(struct scoring *s);

/* Print the answers of several models side by side. */
int scoring_print_several(struct repo *repo, struct scoring *s);

#endif
