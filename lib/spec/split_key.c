/* split_key.c - how a data set is split. */
#include "lib/spec/split_key.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/typed.h"

static const char METHODS[] = "hash|row|time|group";
static const char *const method_names[] = { "hash", "row", "time", "group" };

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* "75/15/10" or "80/20" up to a blank; gives what follows, NULL where it is malformed. */
static const char *read_numbers(const char *p, double share[3])
{
	char word[32];

	for (int i = 0; i < 3; i++) {
		size_t n = strcspn(p, "/ \t\r\n");

		if (n >= sizeof word)
			return NULL;
		memcpy(word, p, n);
		word[n] = '\0';
		if (!typed_double(word, &share[i]) || share[i] < 0)
			return NULL;
		p += n;
		if (*p != '/')
			return i ? p : NULL;
		p++;
	}
	return NULL;
}

static int check_sum(const struct spec_split *s, const struct field_where *w)
{
	double sum = s->share[0] + s->share[1] + s->share[2];

	if (fabs(sum - 100) > 1e-6)
		return field_error(w, "the shares of 'split' add up to %.6g, want 100", sum);
	if (s->share[0] <= 0)
		return field_error(w, "'split' leaves nothing to train on");
	return 0;
}

static int bad_method(const struct field_where *w, const char *name, size_t n)
{
	char *word = xstrndup(name, n);
	const char *near = strlist_nearest(method_names, ARRAY_LEN(method_names), word);

	if (!strcmp(word, "geo"))
		field_error(
			w,
			"a split by geo() is not in this build, which has hash, row, time and group");
	else if (near)
		field_error(w, "unknown method '%s' in 'split', did you mean '%s'?", word, near);
	else
		field_error(w, "unknown method '%s' in 'split', want hash, row, time or group",
			    word);
	free(word);
	return ERR_INPUT;
}

static int check_columns(const struct spec_split *s, const struct field_where *w)
{
	const char *name = method_names[s->by];

	if (s->by == SPEC_SPLIT_ROW && s->cols.n)
		return field_error(w, "a split by row takes no columns");
	if (s->by == SPEC_SPLIT_TIME && s->cols.n != 1)
		return field_error(w, "a split by time takes one column: time(COLUMN)");
	if (s->by == SPEC_SPLIT_GROUP && !s->cols.n)
		return field_error(w, "a split by group needs columns: group(COLUMN, ...)");
	for (size_t i = 0; i < s->cols.n; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(s->cols.v[i], s->cols.v[j]))
				return field_error(w, "'%s' is twice in %s() of 'split'",
						   s->cols.v[i], name);
	return 0;
}

/* What follows "by": METHOD or METHOD(COLUMN, ...) */
static int read_method(const char *p, const struct field_where *w, struct spec_split *out)
{
	size_t n = strcspn(p, "( \t\r\n");
	char *word = xstrndup(p, n);
	int i = typed_choice(word, METHODS);
	const char *open = skip_blanks(p + n), *close = strrchr(open, ')');
	bool good = true;

	free(word);
	if (i < 0)
		return bad_method(w, p, n);
	out->by = (enum spec_split_by)i;
	if (*open == '(') {
		good = close && !*skip_blanks(close + 1);
		word = good ? xstrndup(open + 1, (size_t)(close - open - 1)) : NULL;
		good = good && typed_list(word, &out->cols);
		free(word);
	} else {
		good = !*open;
	}
	if (!good)
		return field_error(
			w, "'split' must be A/B/C by METHOD(COLUMN, ...), not '... by %s'", p);
	return check_columns(out, w);
}

/* The one spelling that enters the fingerprint. */
static void write_text(struct spec_split *s)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%.10g/%.10g/%.10g by %s", s->share[0], s->share[1], s->share[2],
		 method_names[s->by]);
	for (size_t i = 0; i < s->cols.n; i++) {
		const char *c = s->cols.v[i];
		bool plain = !strpbrk(c, ",\"() \t");

		buf_addstr(&b, i ? ", " : "(");
		if (!plain)
			buf_addch(&b, '"');
		for (; *c; c++) {
			if (*c == '"')
				buf_addch(&b, '"');
			buf_addch(&b, *c);
		}
		if (!plain)
			buf_addch(&b, '"');
	}
	if (s->cols.n)
		buf_addch(&b, ')');
	s->text = buf_take(&b);
}

int split_key_read(const char *text, const struct field_where *w, struct spec_split *out)
{
	const char *p = read_numbers(skip_blanks(text), out->share);
	int rc = 0;

	if (!p)
		return field_error(w, "'split' must begin with percents such as 75/15/10, not '%s'",
				   text);
	p = skip_blanks(p);
	out->by = SPEC_SPLIT_HASH;
	if (!strncmp(p, "by", 2) && strchr(" \t\r\n", p[2]) && p[2])
		rc = read_method(skip_blanks(p + 2), w, out);
	else if (*p)
		rc = field_error(w, "'split' must be A/B/C by METHOD, not '%s'", text);
	if (rc == 0)
		rc = check_sum(out, w);
	if (rc == 0)
		write_text(out);
	else
		split_key_clear(out);
	return rc;
}

void split_key_clear(struct spec_split *s)
{
	strlist_clear(&s->cols);
	free(s->text);
	*s = (struct spec_split){ 0 };
}
