/* lexer.c - the words of a condition. */
#include "lib/catalog/lexer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { SHOWN_BYTES = 24 };

int lexer_refuse(const struct lexer *l, const char *want)
{
	size_t left = (size_t)(l->end - l->start);

	if (!left)
		return error_set(ERR_INPUT, "ends too early, want %s", want);
	return error_set(ERR_INPUT, "at character %d, '%.*s': want %s",
			 (int)(l->start - l->text) + 1,
			 (int)(left > SHOWN_BYTES ? SHOWN_BYTES : left), l->start, want);
}

void lexer_init(struct lexer *l, const char *text, size_t n)
{
	*l = (struct lexer){ .text = text, .end = text + n, .start = text, .at = text };
}

void lexer_clear(struct lexer *l)
{
	free(l->value.s);
	l->value.s = NULL;
}

static bool word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* A dash belongs to a word only between its letters, so that `a-b` is a name and `a - b` a sum. */
static bool word_next(const char *s, const char *end)
{
	if (*s == '-' || *s == '.')
		return s + 1 < end && (word_start(s[1]) || (s[1] >= '0' && s[1] <= '9'));
	return word_start(*s) || (*s >= '0' && *s <= '9');
}

static int read_word(struct lexer *l)
{
	const char *s = l->start;

	while (s < l->end && word_next(s, l->end))
		s++;
	if ((size_t)(s - l->start) >= sizeof l->word)
		return lexer_refuse(l, "a shorter name");
	memcpy(l->word, l->start, (size_t)(s - l->start));
	l->word[s - l->start] = '\0';
	l->at = s;
	l->token = TOKEN_WORD;
	return 0;
}

/* Text or a name in quotes; the quote itself is written twice. */
static int read_quoted(struct lexer *l, char quote)
{
	struct buf b = BUF_INIT;
	const char *s = l->start + 1;
	int rc = 0;

	for (; s < l->end; s++) {
		if (*s == quote && (s + 1 == l->end || s[1] != quote))
			break;
		if (*s == quote)
			s++;
		buf_addch(&b, *s);
	}
	if (s == l->end) {
		rc = lexer_refuse(l, quote == '"' ? "a closing \"" : "a closing '");
		goto out;
	}
	l->at = s + 1;
	if (quote == '\'') {
		l->token = TOKEN_TEXT;
		l->value = (struct filter_value){ .type = FILTER_VALUE_TEXT, .s = buf_take(&b) };
	} else if (!b.len || b.len >= sizeof l->word) {
		rc = lexer_refuse(l, "the name of a column");
	} else {
		l->token = TOKEN_QUOTED;
		memcpy(l->word, b.data, b.len + 1);
	}
out:
	buf_clear(&b);
	return rc;
}

static int read_number(struct lexer *l)
{
	char digits[64], *end;
	size_t n = 0;
	const char *s = l->start;

	while (s < l->end && n < sizeof digits - 1 &&
	       ((*s >= '0' && *s <= '9') || *s == '.' || *s == 'e' || *s == 'E' ||
		((*s == '-' || *s == '+') && n && (s[-1] == 'e' || s[-1] == 'E'))))
		digits[n++] = *s++;
	digits[n] = '\0';
	l->at = s;
	l->token = TOKEN_NUMBER;
	errno = 0;
	l->value =
		(struct filter_value){ .type = FILTER_VALUE_INT, .i = strtoll(digits, &end, 10) };
	if (!*end && !errno && (s == l->end || !word_start(*s)))
		return 0;
	l->value = (struct filter_value){ .type = FILTER_VALUE_REAL, .d = strtod(digits, &end) };
	if (*end || end == digits || !isfinite(l->value.d) || (s < l->end && word_start(*s)))
		return lexer_refuse(l, "a number");
	return 0;
}

static int read_sign(struct lexer *l)
{
	static const char *const signs[] = { "<=", ">=", "<>", "!=", "==", "<", ">", "=",
					     "(",  ")",	 ",",  "+",  "-",  "*", "/" };

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		size_t n = strlen(signs[i]);

		if ((size_t)(l->end - l->start) >= n && !memcmp(l->start, signs[i], n)) {
			memcpy(l->word, signs[i], n + 1);
			l->at = l->start + n;
			l->token = TOKEN_SIGN;
			return 0;
		}
	}
	return lexer_refuse(l, "a column, a number, 'text' or an operator");
}

int lexer_next(struct lexer *l)
{
	const char *s = l->at;

	free(l->value.s);
	l->value.s = NULL;
	while (s < l->end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
		s++;
	l->start = l->at = s;
	l->word[0] = '\0';
	if (s == l->end) {
		l->token = TOKEN_END;
		return 0;
	}
	if (*s == '\'' || *s == '"')
		return read_quoted(l, *s);
	if ((*s >= '0' && *s <= '9') || (*s == '.' && s + 1 < l->end && s[1] >= '0' && s[1] <= '9'))
		return read_number(l);
	return word_start(*s) ? read_word(l) : read_sign(l);
}

bool lexer_at_sign(const struct lexer *l, const char *sign)
{
	return l->token == TOKEN_SIGN && !strcmp(l->word, sign);
}

bool lexer_at_keyword(const struct lexer *l, const char *word)
{
	return l->token == TOKEN_WORD && !strcasecmp(l->word, word);
}

int lexer_sign(struct lexer *l, const char *sign, const char *want)
{
	return lexer_at_sign(l, sign) ? lexer_next(l) : lexer_refuse(l, want);
}

int lexer_keyword(struct lexer *l, const char *word, const char *want)
{
	return lexer_at_keyword(l, word) ? lexer_next(l) : lexer_refuse(l, want);
}
