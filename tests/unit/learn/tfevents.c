/* tfevents.c - tests of lib/learn/tfevents and lib/base/crc32c: read back as TensorBoard reads. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/crc32c.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/tfevents.h"

static char dir[] = "/tmp/mich-tfevents-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return file_remove_tree(dir);
}

/* RFC 3720, B.4. */
static void test_crc(void **state)
{
	unsigned char zeros[32] = { 0 }, ones[32], up[32];

	(void)state;
	memset(ones, 0xff, sizeof ones);
	for (unsigned i = 0; i < sizeof up; i++)
		up[i] = (unsigned char)i;
	assert_int_equal(crc32c(0, zeros, sizeof zeros), 0x8a9136aa);
	assert_int_equal(crc32c(0, ones, sizeof ones), 0x62a8ab43);
	assert_int_equal(crc32c(0, up, sizeof up), 0x46dd794e);
	assert_int_equal(crc32c(crc32c(0, up, 7), up + 7, 25), 0x46dd794e);
	assert_int_equal(crc32c(0, NULL, 0), 0);
}

static uint32_t word(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t masked(const char *p, size_t n)
{
	uint32_t c = crc32c(0, p, n);

	return (c >> 15 | c << 17) + 0xa282ead8u;
}

/* Records of a file one behind the other, each held to its two checks; how many there are. */
static size_t records(const struct buf *b, const char **event, size_t *len, size_t most)
{
	size_t at = 0, n = 0;

	while (at < b->len) {
		uint64_t size;

		assert_true(b->len - at >= 16);
		memcpy(&size, b->data + at, sizeof size);
		assert_int_equal(word(b->data + at + 8), masked(b->data + at, 8));
		assert_true(size <= b->len - at - 16);
		assert_int_equal(word(b->data + at + 12 + size), masked(b->data + at + 12, size));
		if (n < most) {
			event[n] = b->data + at + 12;
			len[n] = size;
		}
		n++;
		at += 16 + size;
	}
	return n;
}

static void test_convert(void **state)
{
	static const char lines[] = "{\"step\":300,\"time_s\":1.5,\"loss\":0.25}\n"
				    "no event\n"
				    "{\"step\":600,\"validation.rmse\":2,\"train\":{\"auc\":0.5}}\n"
				    "{\"step\":700}\n"
				    "{\"step\":300,\"loss\":0.25}\n";
	char *path = xasprintf("%s/logs/events.out.tfevents.1700000000.mich", dir);
	char *logs = path_join(dir, "logs");
	const char *event[4];
	size_t len[4];
	struct buf b = BUF_INIT;
	double time;
	float v;

	(void)state;
	assert_int_equal(tfevents_convert(lines, sizeof lines - 1, 1700000000250, logs), 0);
	assert_int_equal(file_read(path, &b), 0);
	assert_int_equal(records(&b, event, len, 4), 3);
	assert_int_equal(len[0], 9 + 2 + 13);
	assert_memory_equal(event[0] + 9,
			    "\x1a\x0d"
			    "brain.Event:2",
			    15);
	memcpy(&time, event[1] + 1, sizeof time);
	assert_true(time == 1700000001.75);
	assert_memory_equal(event[1] + 9, "\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15", 14);
	memcpy(&v, event[1] + 23, sizeof v);
	assert_true(v == 0.25f);
	assert_non_null(memmem(event[2], len[2], "\x0a\x0fvalidation/rmse\x15", 18));
	assert_non_null(memmem(event[2], len[2], "\x0a\x09train/auc\x15", 12));
	buf_clear(&b);
	free(path);
	free(logs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_convert),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
