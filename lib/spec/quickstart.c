/* quickstart.c - the sections of a Michfile for one file. */
#include "lib/spec/quickstart.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/config.h"

/* "Arr Delay (min)" as arr-delay-min; "" where nothing is left. Caller frees. */
static char *name_from(const char *text)
{
	struct buf b = BUF_INIT;

	for (; *text && b.len < 100; text++) {
		int c = tolower((unsigned char)*text);
		bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (letter || (c == '_' && b.len))
			buf_addch(&b, (char)c);
		else if (b.len && b.data[b.len - 1] != '-')
			buf_addch(&b, '-');
	}
	while (b.len && b.data[b.len - 1] == '-')
		b.data[--b.len] = '\0';
	return buf_take(&b);
}

/* A Michfile with this one source; NULL where it does not read as one. */
static struct spec *probe(const char *source)
{
	const char *const pairs[] = { "source", source, NULL };
	struct buf text = BUF_INIT;
	struct spec *s;

	config_add_section(&text, "dataset", "probe", pairs);
	if (spec_parse(text.data, text.len, "probe", &s) < 0)
		error_clear();
	buf_clear(&text);
	return s;
}

/* The path as a source, with ./ before one that would be read as something else. */
static int choose_source(struct quickstart *q, const char *path, char **stem)
{
	for (int i = 0; i < 2; i++) {
		char *source = i ? xasprintf("./%s", path) : xstrdup(path);
		struct spec *s = probe(source);
		const struct spec_source *got = s ? &s->v[0]->source[0] : NULL;
		bool same = got && got->path && !strncmp(got->path, source, strlen(got->path)) &&
			    !got->ref;

		if (same) {
			q->source = source;
			*stem = name_from(got->name);
		} else {
			free(source);
		}
		spec_free(s);
		if (same)
			return 0;
	}
	return error_set(ERR_INPUT, "'%s' cannot be written as a source", path);
}

static int check_free(const struct spec *s, enum spec_kind kind, const char *name)
{
	const struct spec_node *node = spec_find(s, kind, name);

	if (!node || node->implied)
		return 0;
	error_set(ERR_EXISTS, "%s:%d: there is a [%s \"%s\"] already", node->file, node->line,
		  spec_kind_name(kind), name);
	return error_hint(ERR_EXISTS, "take another name for the data set with --name NAME");
}

static bool is_taken(const struct spec *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i]->name, name))
			return true;
	return false;
}

static int choose_names(struct quickstart *q, const struct spec *s, const char *stem,
			const char *name)
{
	char *label = name_from(q->label);
	int rc = name ? spec_check_name(name) : 0;

	q->dataset = xstrdup(name ? name : stem);
	if (!name && *label && strcmp(label, stem) && !is_taken(s, label))
		q->model = xstrdup(label);
	else
		q->model = xasprintf("%s-%s", q->dataset, *label ? label : "model");
	free(label);
	if (rc == 0)
		rc = check_free(s, SPEC_DATASET, q->dataset);
	if (rc == 0)
		rc = check_free(s, SPEC_MODEL, q->model);
	return rc < 0 ? rc : check_free(s, SPEC_EVAL, q->model);
}

int quickstart_init(struct quickstart *q, const struct spec *s, const char *path, const char *label,
		    const char *name)
{
	char *stem = NULL;
	int rc;

	*q = (struct quickstart){ .label = xstrdup(label), .learner = "xgboost" };
	rc = choose_source(q, path, &stem);
	if (rc == 0)
		rc = choose_names(q, s, stem, name);
	free(stem);
	return rc;
}

void quickstart_clear(struct quickstart *q)
{
	free(q->source);
	free(q->label);
	free(q->dataset);
	free(q->model);
	*q = (struct quickstart){ 0 };
}

static void add_entry(struct buf *text, const char *key, const char *value)
{
	buf_addf(text, "\t%s = ", key);
	config_add_value(text, value);
	buf_addch(text, '\n');
}

static void begin_section(struct buf *text, const char *comment, const char *kind, const char *name)
{
	if (text->len && text->data[text->len - 1] != '\n')
		buf_addch(text, '\n');
	buf_addf(text, "%s; %s\n[%s \"%s\"]\n", text->len ? "\n" : "", comment, kind, name);
}

/* In double quotes, whatever SQL's words are; as an item of a list too. */
static char *quoted(const char *column)
{
	struct buf b = BUF_INIT;

	buf_addch(&b, '"');
	for (; *column; column++) {
		if (*column == '"')
			buf_addch(&b, '"');
		buf_addch(&b, *column);
	}
	buf_addch(&b, '"');
	return buf_take(&b);
}

void quickstart_add_dataset(const struct quickstart *q, struct buf *text)
{
	char *label = quoted(q->label);
	char *query = xasprintf("SELECT * FROM source WHERE %s IS NOT NULL", label);

	begin_section(text, "each row finds its split by its own values", "dataset", q->dataset);
	add_entry(text, "source", q->source);
	add_entry(text, "query", query);
	add_entry(text, "split", "75/15/10 by hash");
	add_entry(text, "label", q->label);
	free(query);
	free(label);
}

static void add_exclude(const struct baseline *b, struct buf *text)
{
	buf_addstr(text, "\t; these tell rows apart and teach nothing, or are no input\n");
	for (size_t i = 0; i < b->exclude.n; i++) {
		const char *name = b->exclude.v[i];
		bool plain = *name && !strpbrk(name, ",\"") && *name != ' ' &&
			     name[strlen(name) - 1] != ' ';
		char *item = plain ? xstrdup(name) : quoted(name);

		add_entry(text, "exclude", item);
		free(item);
	}
}

static void add_params(const struct quickstart *q, const struct baseline *b, struct buf *text)
{
	if (strcmp(q->learner, "xgboost")) {
		buf_addstr(text, "\t; what it is not told follows the rows: mich help learners\n");
		return;
	}
	add_entry(text, "param", "max_depth=6");
	add_entry(text, "param", "eta=0.2");
	add_entry(text, "param", "rounds=100");
	if (b->validation)
		add_entry(text, "param", "early_stopping_rounds=20");
}

void quickstart_add_model(const struct quickstart *q, const struct baseline *b, struct buf *text)
{
	static const char *const tasks[] = { "auto", "regression", "binary", "multiclass",
					     "ranking" };

	begin_section(text, "a first model: change it and compare", "model", q->model);
	add_entry(text, "dataset", q->dataset);
	add_entry(text, "learner", q->learner);
	if (b->classes)
		buf_addstr(text, "\t; multiclass, where these numbers are names of classes\n");
	add_entry(text, "task", tasks[b->task]);
	add_params(q, b, text);
	if (b->exclude.n)
		add_exclude(b, text);
	if (b->gates.n)
		buf_addstr(text, "\t; what guessing by the label alone would reach\n");
	for (size_t i = 0; i < b->gates.n; i++)
		add_entry(text, "gate", b->gates.v[i]);
}
