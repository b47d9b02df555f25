/* files.h - data sets that are files of any kind: a row is a file. */
#ifndef MICH_MAKE_FILES_H
#define MICH_MAKE_FILES_H

struct attempt;
struct spec_node;

/*
 * Copy the files below dir to out/{train,test,validation}/PATH, each to the split that the hash of
 * its path gives; metrics and profile count them. ERR_INPUT: a label, query, check or order was
 * asked, or there is no file.
 */
int files_split(struct attempt *a, const struct spec_node *node, const char *dir);

#endif
