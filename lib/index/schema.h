/* schema.h - the tables of the index. mich-index(5) tells what is in them. */
#ifndef MICH_INDEX_SCHEMA_H
#define MICH_INDEX_SCHEMA_H

extern const char schema_git[];	  /* what git can give again */
extern const char schema_local[]; /* what only this machine knows: the stat cache */
extern const char schema_drop[];  /* away with schema_git */

#endif
