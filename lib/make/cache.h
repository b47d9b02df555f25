/*
 * cache.h - folders that can be made again, kept under .git/mich/cache while there is room
 * (mich.cacheSize, 4 GiB by default; what was used longest ago goes first).
 */
#ifndef MICH_MAKE_CACHE_H
#define MICH_MAKE_CACHE_H

struct repo;

/* Link the files of an entry into dir (made), so that they stay whatever the cache forgets. ERR_NOT_FOUND. */
int cache_get(struct repo *r, const char *what, const char *key, const char *dir);

/* Move the folder fresh into the cache, then as cache_get. Losing a race to another writer is fine. */
int cache_put(struct repo *r, const char *what, const char *key, const char *fresh,
	      const char *dir);

#endif
