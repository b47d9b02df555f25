/* hardware.h - which machine this is, as far as speed goes. */
#ifndef MICH_BASE_HARDWARE_H
#define MICH_BASE_HARDWARE_H

#include "lib/base/json.h"

enum { HARDWARE_ID_HEX = 12 };

/*
 * {"id", "cpu", "arch", "cores", "memory_gib", "kernel"}; new reference. cores: those that this process
 * may use; memory: rounded to whole GiB. id is the start of the SHA-256 of cpu, arch, cores and
 * memory_gib: machines of one id may be compared, figures of two ids never. The kernel is told and is
 * not part of it.
 */
json_t *hardware_json(void);

/* Is v, which comes from elsewhere, exactly such an object, its id that of the rest? ERR_INPUT. */
int hardware_check(const json_t *v);

/* A word or two of text that a terminal may be shown: 1 to 256 bytes, no control codes. */
bool hardware_is_plain(const char *text);

#endif
