/* filesplit.h - data sets that are files of any kind: a row is a file. */
#ifndef MICH_MAKE_FILESPLIT_H
#define MICH_MAKE_FILESPLIT_H

struct attempt;
struct spec_node;

/*
 * Copy the files below dir to out/{train,test,validation}/PATH, each to the split that the hash of
 * its path gives; metrics and profile count them. ERR_INPUT: a label, query, check or order was
 * asked, or there is no file.
 */
int filesplit_run(struct attempt *a, const struct spec_node *node, const char *dir);

#endif
