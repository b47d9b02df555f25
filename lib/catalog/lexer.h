/* lexer.h - the words of a condition, one after the other. */
#ifndef MICH_CATALOG_LEXER_H
#define MICH_CATALOG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/catalog/filter.h"

enum { LEXER_WORD_BYTES = 256 };

enum token {
	TOKEN_END,
	TOKEN_WORD,   /* a column or a keyword */
	TOKEN_QUOTED, /* a column in double quotes */
	TOKEN_NUMBER,
	TOKEN_TEXT,
	TOKEN_SIGN, /* an operator, a bracket or a comma, in word */
};

struct lexer {
	const char *text, *end;
	const char *start, *at; /* of the token; behind it */
	enum token token;
	char word[LEXER_WORD_BYTES]; /* spelling of a word, quoted name or sign */
	struct filter_value
		value; /* of TOKEN_NUMBER and TOKEN_TEXT; whoever takes s sets it NULL */
};

/* text is borrowed. lexer_next() reads the first token. */
void lexer_init(struct lexer *l, const char *text, size_t n);
void lexer_clear(struct lexer *l);

int lexer_next(struct lexer *l); /* ERR_INPUT */
bool lexer_at_sign(const struct lexer *l, const char *sign);
bool lexer_at_keyword(const struct lexer *l, const char *word); /* in any case */

/* ERR_INPUT: what was wanted where the token stands. */
int lexer_refuse(const struct lexer *l, const char *want);

/* Go on behind a sign or keyword that must be here. */
int lexer_sign(struct lexer *l, const char *sign, const char *want);
int lexer_keyword(struct lexer *l, const char *word, const char *want);

#endif
