/* promoters.h - who may move what is in production: the promoters that HEAD's Michfile names. */
#ifndef MICH_MAKE_RELEASE_PROMOTERS_H
#define MICH_MAKE_RELEASE_PROMOTERS_H

struct repo;

/*
 * May the user move this stage of space/name? `promoters` of [release "space/name"], else of [release
 * "space"], is about production; other stages are anybody's. ERR_INPUT: the user is none of them.
 */
int promoters_allow(struct repo *r, const char *space, const char *name, const char *stage);

#endif
