/* words.h - a setting that is one of a few words. */
#ifndef MICH_LEARN_NET_WORDS_H
#define MICH_LEARN_NET_WORDS_H

#include <stddef.h>

/* Which of words (n) name is. ERR_INPUT: "no loss 'x': want mse, mae or huber". */
int words_parse(const char *what, const char *const *words, size_t n, const char *name, int *out);

#endif
