/*
 * partition_log.h - the models of partitions that are trained, kept while others are not: a file
 * CHECKPOINT/partitions that only grows. It begins with what training it is of; each record has a check of its
 * own, so what a killed program left half written at the end is told apart, and no write waits for the disk.
 */
#ifndef MICH_LEARN_PARTITION_LOG_H
#define MICH_LEARN_PARTITION_LOG_H

#include <stddef.h>
#include <stdint.h>

enum { PARTITION_LOG_OF = 64 }; /* hexadecimal digits */

struct partition_log {
	int fd; /* -1: nobody asked for one */
};

#define PARTITION_LOG_INIT \
	{                  \
		.fd = -1   \
	}

/* One that was kept: the partition's number, its weights, borrowed, and after how many rounds. */
typedef int (*partition_log_fn)(void *payload, uint32_t number, int64_t rounds, const char *data,
				size_t n);

/*
 * Give every whole record of bytes; *used: how far they reach. ERR_CORRUPT, nothing given: they do not begin as
 * a log of the training `of` does.
 */
int partition_log_parse(const char *data, size_t n, const char *of, partition_log_fn fn,
			void *payload, size_t *used);

/*
 * Open DIR/partitions, made with its folder, give what it keeps of this training to fn, and cut off
 * what is not whole; one of another training begins anew. dir NULL: none is kept. ERR_IO, or what fn gave.
 */
int partition_log_open(const char *dir, const char *of, partition_log_fn fn, void *payload,
		       struct partition_log *out);
/* One more, n > 0. Nothing happens where none is kept. */
int partition_log_add(struct partition_log *l, uint32_t number, int64_t rounds, const char *data,
		      size_t n);
void partition_log_close(struct partition_log *l);

#endif
