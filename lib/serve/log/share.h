/* share.h - one in so many: an even share of what comes by, from any thread. */
#ifndef MICH_SERVE_LOG_SHARE_H
#define MICH_SERVE_LOG_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct share {
	_Atomic uint64_t seen;
	uint64_t step; /* of 2^32: what each adds; it is taken when the sum passes 2^32 */
};

static inline void share_init(struct share *s, double share)
{
	atomic_init(&s->seen, 0);
	s->step = (uint64_t)(share * 4294967296.0);
}

static inline bool share_next(struct share *s)
{
	uint64_t before;

	if (s->step >> 32)
		return true;
	before = atomic_fetch_add_explicit(&s->seen, s->step, memory_order_relaxed);
	return (before + s->step) >> 32 != before >> 32;
}

#endif
