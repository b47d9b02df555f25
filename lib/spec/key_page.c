/* key_page.c - the table of keys as michfile(5) shows it. */
#include "lib/spec/key.h"

#include <ctype.h>
#include <string.h>

/* scdoc reads _ and * as marks, and a dot in front as a command. */
static void add_plain(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\[#", *text))
			buf_addch(out, '\\');
		buf_addch(out, *text);
	}
}

static void add_choices(struct buf *out, const char *choices)
{
	for (const char *p = choices; *p; p += *p == '|') {
		size_t n = strcspn(p, "|");

		buf_addf(out, "%s%.*s", p == choices ? "" : " | ", (int)n, p);
		p += n;
	}
}

static void add_head(struct buf *out, const struct key *k)
{
	buf_addf(out, "*%s* = ", k->name);
	if (k->placeholder)
		add_plain(out, k->placeholder);
	else if (k->choices)
		add_choices(out, k->choices);
	else
		buf_addstr(out, "yes | no");
	buf_addch(out, '\n');
}

static const char *class_text(const struct key *k)
{
	switch (k->class) {
	case KEY_CHECK:
		return "check";
	case KEY_RUN:
		return "run";
	default:
		return "output";
	}
}

static const char *needs_text(const struct key *k)
{
	if (k->flags & KEY_FOR_LEARNER && k->flags & KEY_FOR_MEMBERS)
		return ", with *learner* or *members*";
	if (k->flags & KEY_FOR_LEARNER)
		return ", with *learner*";
	if (k->flags & KEY_FOR_STACKED)
		return ", with *combine* = stacked";
	if (k->flags & KEY_FOR_MEMBERS)
		return ", with *members*";
	if (k->flags & KEY_FOR_COMMAND)
		return ", with *command*";
	if (k->flags & KEY_FOR_PROGRAM)
		return ", with *command* or *learner*";
	if (k->flags & KEY_FOR_QUERY)
		return ", with *query*";
	if (k->flags & KEY_FOR_PARTITION)
		return ", with *partition*";
	return "";
}

/* "Output; may be given several times, from 0 to 1, with command; default 0.5." */
static void add_facts(struct buf *out, const struct key *k)
{
	buf_addf(out, "\tClass: %s", class_text(k));
	if (k->max > 0)
		buf_addf(out, ", from %.0f to %.0f", k->min, k->max);
	buf_addstr(out, needs_text(k));
	if (k->flags & KEY_MANY)
		buf_addstr(out, ", may be given several times");
	if (k->fallback) {
		buf_addstr(out, ". Default: ");
		add_plain(out, k->fallback);
	}
	buf_addstr(out, ".\n\n");
}

static void add_key(struct buf *out, const struct key *k)
{
	add_head(out, k);
	buf_addch(out, '\t');
	buf_addch(out, (char)toupper((unsigned char)k->help[0]));
	add_plain(out, k->help + 1);
	buf_addstr(out, k->help[strlen(k->help) - 1] == '?' ? "" : ".");
	if (k->more)
		buf_addf(out, " %s", k->more);
	buf_addstr(out, "\n\n");
	add_facts(out, k);
}

/* Keys that these kinds share and no other has. */
static void add_shared(struct buf *out, unsigned kinds)
{
	for (size_t i = 0; i < key_count; i++)
		if (key_table[i].kinds == kinds)
			add_key(out, &key_table[i]);
}

void spec_write_scd(struct buf *out)
{
	const unsigned all = (1u << SPEC_KINDS) - 1,
		       runs = all & ~(1u << SPEC_PREDICTION | 1u << SPEC_BENCH);

	for (int kind = 0; kind < SPEC_KINDS; kind++) {
		buf_addf(out, "## keys of a section [%s]\n\n",
			 spec_kind_name((enum spec_kind)kind));
		for (size_t i = 0; i < key_count; i++)
			if (key_table[i].kinds >> kind & 1 && key_table[i].kinds != all &&
			    key_table[i].kinds != runs)
				add_key(out, &key_table[i]);
	}
	buf_addstr(out, "## keys of [dataset], [model] and [eval]\n\n");
	add_shared(out, runs);
	buf_addstr(out, "## keys of every section\n\n");
	add_shared(out, all);
}
