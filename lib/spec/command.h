/* command.h - the words of a command line, as a shell would see them. */
#ifndef MICH_SPEC_COMMAND_H
#define MICH_SPEC_COMMAND_H

#include "lib/base/strlist.h"

/*
 * Split by blanks and by the shell's operators (; & | < > ( ) and newlines), with quotes and
 * backslashes undone; $ and * stay as they are. For finding which words are files, not for running:
 * a quote that is not closed ends with the text.
 */
void command_words(const char *text, struct strlist *out);

#endif
