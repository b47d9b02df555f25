/*
 * sip.h - SipHash-2-4 (Aumasson, Bernstein), and the canonical bytes of a row that it hashes.
 *
 * A row's bytes are those of its values one after the other: a letter for the kind, then
 *   n           missing
 *   b 0|1       boolean
 *   i 8 bytes   integers that fit BIGINT by their type, and floats without a fraction below 2^53:
 *               little-endian
 *   d 8 bytes   other floats, as the IEEE double, little-endian; one NaN
 *   t 8 bytes   dates and timestamps: microseconds since 1970, UTC, little-endian
 *   s 8 bytes + text   everything else: length and the UTF-8 text
 * So 1, 1.0 and a wider integer type hash alike. Never change this: splits would move.
 */
#ifndef MICH_TABLE_SPLIT_SIP_H
#define MICH_TABLE_SPLIT_SIP_H

#include <stddef.h>
#include <stdint.h>

uint64_t sip_hash(uint64_t k0, uint64_t k1, const void *data, size_t n);

/* The second half of the key that every split uses; the first is the seed. */
#define SIP_KEY UINT64_C(0x6d6963682d73706c)

#endif
