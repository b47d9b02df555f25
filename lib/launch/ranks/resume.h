/* resume.h - what a restart goes on from. */
#ifndef MICH_LAUNCH_RANKS_RESUME_H
#define MICH_LAUNCH_RANKS_RESUME_H

/*
 * The newest entry of a folder of checkpoints, by its time of change, of those that are complete: its
 * name neither begins with a dot nor ends in .tmp or .partial, since whoever writes one renames it
 * when it is whole. Caller frees; NULL: none.
 */
char *resume_find(const char *dir);

#endif
