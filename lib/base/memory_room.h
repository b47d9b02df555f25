/* memory_room.h - memory that is there to be had. */
#ifndef MICH_BASE_MEMORY_ROOM_H
#define MICH_BASE_MEMORY_ROOM_H

#include <stdint.h>

/*
 * Bytes that this process could still take: what the machine can give without swapping (MemAvailable of
 * proc(5)), or less where a control group that it is in allows less (memory.max of cgroup v2, of its parents
 * too; files in its cache can go). 0 where nothing says so.
 */
uint64_t memory_room(void);

#endif
