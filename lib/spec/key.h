/* key.h - the one table of a Michfile's keys: what each takes, means and changes. */
#ifndef MICH_SPEC_KEY_H
#define MICH_SPEC_KEY_H

#include <stddef.h>

#include "lib/spec/spec.h"

enum key_type {		     /* the field it fills */
		KEY_TEXT,    /* char *: a word, a column, a path, SQL */
		KEY_TEXTS,   /* struct spec_items: a value each time the key is given */
		KEY_LIST,    /* struct spec_items: columns, paths or names between commas */
		KEY_PARAM,   /* struct spec_items: KEY=VALUE, the last of one KEY wins */
		KEY_INT,     /* int64_t */
		KEY_DOUBLE,  /* double */
		KEY_BOOL,    /* bool */
		KEY_CHOICE,  /* int, the place among choices */
		KEY_SPAN,    /* int64_t, milliseconds */
		KEY_SIZE,    /* int64_t, bytes */
		KEY_SPLIT,   /* struct spec_split */
		KEY_REFRESH, /* struct spec_refresh */
		KEY_SOURCE,  /* source and n_source */
		KEY_REF,     /* char *, another artifact's name */
		KEY_LEARNER  /* char *, one of choices */
};

enum key_class {
	KEY_OUTPUT, /* changes what is made: in the fingerprint */
	KEY_CHECK,  /* judges what was made: judged again on what is recorded */
	KEY_RUN	    /* where and how: in no fingerprint */
};

enum key_flags {
	KEY_MANY = 1 << 0,	    /* may be given several times */
	KEY_INPUT = 1 << 1,	    /* enters the fingerprint by what it names */
	KEY_QUOTED = 1 << 2,	    /* a comment behind it would be mistaken: must be quoted */
	KEY_FOR_LEARNER = 1 << 3,   /* means something with `learner` only */
	KEY_FOR_COMMAND = 1 << 4,   /* with `command` only */
	KEY_FOR_PROGRAM = 1 << 5,   /* with either */
	KEY_FOR_QUERY = 1 << 6,	    /* with `query` only */
	KEY_FOR_MEMBERS = 1 << 7,   /* with `members` only */
	KEY_FOR_STACKED = 1 << 8,   /* with `combine = stacked` only */
	KEY_REPEATS = 1 << 9,	    /* an item of the list may be there twice */
	KEY_FOR_PARTITION = 1 << 10 /* with `partition` only */
};

struct key {
	const char *name;
	unsigned kinds; /* 1 << enum spec_kind, or-ed */
	enum key_type type;
	enum key_class class;
	unsigned flags;
	size_t at;		 /* of its field in struct spec_node */
	double min, max;	 /* of KEY_INT, KEY_DOUBLE; both 0: any */
	const char *choices;	 /* "a|b" */
	const char *fallback;	 /* as typed; NULL: none */
	const char *placeholder; /* "COLUMN" */
	const char *help;	 /* one line, lower case, no full stop */
	const char *more;	 /* what michfile(5) says beyond help, in scdoc; NULL */
};

extern const struct key key_table[];
extern const size_t key_count;

/* NULL when a section of this kind has no such key. */
const struct key *key_find(enum spec_kind kind, const char *name);

/* The nearest spelling among a kind's keys, or NULL. */
const char *key_nearest(enum spec_kind kind, const char *name);

#endif
