/* safetensors.c - .safetensors in and out; what Python's reader refuses is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/net/net_weights.h"
#include "lib/model/net/safetensors.h"

static char *scratch;

static int scratch_make(void **state)
{
	char dir[] = "/tmp/mich-safetensors-XXXXXX";

	(void)state;
	scratch = mkdtemp(dir) ? xstrdup(dir) : NULL;
	return scratch ? 0 : -1;
}

static int scratch_remove(void **state)
{
	(void)state;
	file_remove_tree(scratch);
	free(scratch);
	return 0;
}

/* A file of this header, padded to 8 bytes, and n bytes of data. */
static int parse(const char *header, const void *data, size_t n, struct safetensors *out,
		 struct buf *file)
{
	size_t len = strlen(header);
	uint64_t head = (len + 7) / 8 * 8;

	buf_reset(file);
	buf_add(file, &head, 8);
	buf_addstr(file, header);
	while (file->len % 8)
		buf_addch(file, ' ');
	buf_add(file, data, n);
	return safetensors_parse(file->data, file->len, out);
}

static void refused(const char *header, size_t n, const char *why)
{
	struct buf file = BUF_INIT;
	struct safetensors s;

	assert_int_equal(parse(header, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", n, &s, &file),
			 ERR_CORRUPT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
	safetensors_clear(&s);
	buf_clear(&file);
}

static void reads_types_and_shapes(void **state)
{
	static const char HEADER[] =
		"{\"__metadata__\":{\"format\":\"pt\"},"
		"\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]},"
		"\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
		"\"h\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[16,18]},"
		"\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[18,18]}}";
	unsigned char data[18] = { 7 };
	float v[2] = { 1.5f, -2 }, read[2];
	struct buf file = BUF_INIT;
	struct safetensors s;

	(void)state;
	memcpy(data + 8, v, sizeof v);
	assert_int_equal(parse(HEADER, data, sizeof data, &s, &file), 0);
	assert_int_equal(s.n, 4);
	assert_string_equal(s.v[0].name, "a");
	assert_int_equal(s.v[0].type, SAFETENSORS_I64);
	assert_int_equal(s.v[0].n_dims, 0);
	assert_int_equal(*(const unsigned char *)s.v[0].data, 7);
	assert_int_equal(safetensors_find(&s, "h")->type, SAFETENSORS_OTHER);
	assert_string_equal(json_str(s.metadata, "format", ""), "pt");
	assert_int_equal(safetensors_floats(&s, "b", (size_t[]){ 1, 2 }, 2, read), 0);
	assert_memory_equal(read, v, sizeof v);
	assert_int_equal(safetensors_floats(&s, "b", (size_t[]){ 2, 1 }, 2, read), ERR_CORRUPT);
	assert_string_equal(error_text(), "tensor 'b': dimension 0 is 1, want 2");
	assert_int_equal(safetensors_floats(&s, "b", (size_t[]){ 2 }, 1, read), ERR_CORRUPT);
	assert_int_equal(safetensors_floats(&s, "a", NULL, 0, read), ERR_CORRUPT);
	assert_int_equal(safetensors_floats(&s, "x", NULL, 0, read), ERR_CORRUPT);
	safetensors_clear(&s);
	buf_clear(&file);
}

static void refuses_what_is_wrong(void **state)
{
	struct safetensors s;

	(void)state;
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "begin");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "behind");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "shape");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "outside");
	refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
		"\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
		4, "begin");
	refused("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "type");
	refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape");
	refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],"
		"\"data_offsets\":[0,0]}}",
		0, "shape");
	refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],"
		"\"data_offsets\":[0,1]}}",
		1, "8 dimensions");
	refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
		"\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
		2, "duplicate");
	refused("{\"__metadata__\":{\"a\":1}}", 0, "metadata");
	refused("[]", 0, "no object");
	refused("{\"a\":[]}", 0, "type");
	assert_int_equal(safetensors_parse("abc", 3, &s), ERR_CORRUPT);
	assert_int_equal(safetensors_parse("\xff\0\0\0\0\0\0\0{}", 10, &s), ERR_CORRUPT);
	assert_int_equal(safetensors_parse("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, &s),
			 ERR_CORRUPT);
}

static void writes_the_same_bytes(void **state)
{
	float v[3] = { 1, 2, 3 };
	struct safetensor t[] = {
		{ .name = "z \"quoted\"", .dims = { 3 }, .n_dims = 1, .bytes = 12, .data = v },
		{ .name = "a", .type = SAFETENSORS_U8, .bytes = 1, .data = v },
	};
	json_t *metadata = json_pack("{s:s}", "format", "pt");
	char *one = path_join(scratch, "one"), *two = path_join(scratch, "two");
	struct buf b = BUF_INIT, again = BUF_INIT;
	struct safetensors s;

	(void)state;
	assert_int_equal(safetensors_write(one, t, 2, metadata), 0);
	assert_int_equal(safetensors_write(two, t, 2, metadata), 0);
	assert_int_equal(file_read(one, &b), 0);
	assert_int_equal(file_read(two, &again), 0);
	assert_int_equal(b.len, again.len);
	assert_memory_equal(b.data, again.data, b.len);
	assert_int_equal((b.len - 13) % 8, 0);
	assert_int_equal(safetensors_parse(b.data, b.len, &s), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0].name, "z \"quoted\"");
	assert_memory_equal(s.v[0].data, v, sizeof v);
	safetensors_clear(&s);
	assert_int_equal(safetensors_write("/nowhere/x", t, 2, metadata), ERR_NOT_FOUND);
	json_decref(metadata);
	buf_clear(&b);
	buf_clear(&again);
	free(one);
	free(two);
}

/* Every kind of layer: what is written is read back, what is cut off or too long is refused. */
static void holds_a_net(void **state)
{
	struct net_shape shape = { .inputs = 3, .outputs = 1 };
	struct net_weights w, read;
	char *path = path_join(scratch, "net");
	struct buf b = BUF_INIT;

	(void)state;
	net_shape_numeric(&shape, 2);
	net_shape_embedded(&shape, (struct net_embedding){ 0, 5, 2 });
	net_shape_hidden(&shape, (struct net_hidden){ .units = 4, .norm = NET_NORM_BATCH });
	assert_int_equal(net_weights_init(&shape, &w), 0);
	assert_int_equal(w.n_params, 6 * 2 + 4 * 3 + 4 + 4 + 4 + 4 + 1);
	assert_int_equal(w.n_stats, 2 + 8 + 2);
	for (size_t i = 0; i < w.n_params; i++)
		w.params[i] = (float)i;
	assert_int_equal(net_weights_write(&shape, &w, path), 0);
	assert_int_equal(net_weights_read(&shape, path, &read), 0);
	assert_memory_equal(read.params, w.params, w.n_params * sizeof(float));
	assert_memory_equal(read.stats, w.stats, w.n_stats * sizeof(float));
	net_weights_clear(&read);
	assert_int_equal(file_read(path, &b), 0);
	for (size_t n = 0; n < b.len; n++) {
		assert_int_equal(net_weights_parse(&shape, b.data, n, &read), ERR_CORRUPT);
		assert_null(read.params);
	}
	shape.hidden[0].units = 5;
	assert_int_equal(net_weights_read(&shape, path, &read), ERR_CORRUPT);
	shape.hidden[0].units = NET_UNITS_MAX;
	assert_int_equal(net_weights_read(&shape, path, &read), ERR_CORRUPT);
	net_weights_clear(&w);
	net_shape_clear(&shape);
	buf_clear(&b);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_types_and_shapes),
		cmocka_unit_test(refuses_what_is_wrong),
		cmocka_unit_test(writes_the_same_bytes),
		cmocka_unit_test(holds_a_net),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
