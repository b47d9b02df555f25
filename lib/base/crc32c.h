/* crc32c.h - the check of Castagnoli (RFC 3720, appendix B.4): finds bytes that a disk or a network changed. */
#ifndef MICH_BASE_CRC32C_H
#define MICH_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes that follow those whose check is before; 0 at the start. */
uint32_t crc32c(uint32_t before, const void *data, size_t n);

#endif
