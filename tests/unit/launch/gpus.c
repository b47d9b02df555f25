/* gpus.c - tests of lib/launch: the GPUs that a driver shows, cores divided, checkpoints found. */
#define _GNU_SOURCE
#include "tests/unit/launch/place.h"

#include "lib/launch/binding.h"
#include "lib/launch/gpus.h"
#include "lib/launch/lines.h"
#include "lib/launch/resume.h"

static void machine(const struct place *p)
{
	place_write(
		p, "gpus/0000:b7:00.0/information",
		"Model: \t\t NVIDIA H100\nIRQ:   \t\t 90\nGPU UUID: \t GPU-bbbb\nBus Type: \t PCIe\n");
	place_write(p, "gpus/0000:17:00.0/information", "GPU UUID: \t GPU-aaaa\n");
	place_write(p, "gpus/0000:c0:00.0/information", "Model: \t\t NVIDIA H100\n");
}

static void test_list(void **state)
{
	struct place *p = *state;
	char *dir = path_join(p->dir, "gpus");
	struct gpus g;

	machine(p);
	gpus_list(dir, NULL, &g);
	assert_int_equal(g.uuid.n, 3);
	assert_string_equal(g.bus.v[0], "0000:17:00.0");
	assert_string_equal(g.uuid.v[1], "GPU-bbbb");
	assert_string_equal(g.uuid.v[2], "2"); /* a driver that tells none: by its place */
	gpus_clear(&g);
	gpus_list(dir, "GPU-bb, 0,7,1", &g);
	assert_int_equal(g.uuid.n, 2); /* what is no device ends the list, as in CUDA */
	assert_string_equal(g.uuid.v[0], "GPU-bbbb");
	assert_string_equal(g.uuid.v[1], "GPU-aaaa");
	gpus_clear(&g);
	gpus_list(dir, "", &g);
	assert_int_equal(g.uuid.n, 0);
	gpus_clear(&g);
	gpus_list("/no/such/folder", NULL, &g);
	assert_int_equal(g.uuid.n, 0);
	gpus_clear(&g);
	free(dir);
}

static void test_choose(void **state)
{
	struct gpus g;

	(void)state;
	setenv("CUDA_VISIBLE_DEVICES", "", 1);
	assert_int_equal(gpus_choose(1, 1, true, &g), ERR_ENGINE);
	assert_string_equal(error_text(), "it asks for 1 GPU, and this machine shows 0");
	gpus_clear(&g);
}

static void test_cores(void **state)
{
	cpu_set_t all, own, seen;

	(void)state;
	assert_true(binding_parse("0-3,8,10-11\n", &all));
	assert_int_equal(CPU_COUNT(&all), 7);
	assert_false(binding_parse("", &own));
	assert_false(binding_parse("3-1", &own));
	CPU_ZERO(&seen);
	for (int i = 0; i < 3; i++) {
		assert_true(binding_cores(&all, i, 3, &own));
		assert_in_range(CPU_COUNT(&own), 2, 3);
		CPU_OR(&seen, &seen, &own);
	}
	assert_true(CPU_EQUAL(&seen, &all));
	assert_false(binding_cores(&all, 0, 1, &own));
	assert_false(binding_cores(&all, 0, 8, &own));
	assert_int_equal(binding_threads(7, 2), 3);
	assert_int_equal(binding_threads(2, 4), 1);
}

static void test_lines(void **state)
{
	struct lines_tail tail = { 0 };
	struct lines l = { .prefix = "[r7] ", .held = BUF_INIT, .tail = &tail };
	struct buf out = BUF_INIT;
	char text[64], *big = xcalloc(1, 200001);

	(void)state;
	lines_add(&l, "on", 2, &out);
	assert_int_equal(out.len, 0);
	lines_add(&l, "e\n\ntwo", 6, &out);
	lines_end(&l, &out);
	assert_string_equal(out.data, "[r7] one\n[r7] \n[r7] two\n");
	lines_tail_text(&tail, text, sizeof text);
	assert_string_equal(text, "one\n\ntwo");
	lines_tail_text(&tail, text, 6);
	assert_string_equal(text, "\ntwo");
	for (int i = 0; i < 30; i++)
		lines_add(&l, "x\n", 2, &out);
	lines_add(&l, " \n", 2, &out);
	assert_string_equal(lines_tail_last(&tail), "x");
	memset(big, 'y', 200000);
	buf_reset(&out);
	lines_add(&l, big, 200000, &out);
	assert_int_equal(out.len, 3 * (LINES_MAX_BYTES + 6)); /* cut, the rest held */
	lines_tail_text(&tail, text, sizeof text);
	assert_int_equal(strlen(text), 63);
	lines_clear(&l);
	lines_tail_clear(&tail);
	buf_clear(&out);
	free(big);
}

static void test_resume(void **state)
{
	struct place *p = *state;
	char *dir = path_join(p->dir, "kept"), *found;

	assert_null(resume_find(dir));
	place_write(p, "kept/.half", "");
	place_write(p, "kept/step-9.tmp", "");
	place_write(p, "kept/step-9.partial", "");
	assert_null(resume_find(dir));
	place_write(p, "kept/step-20", "");
	pause_ms(15);
	place_write(p, "kept/step-3/part", "");
	found = resume_find(dir);
	assert_string_equal(path_base(found), "step-3");
	free(found);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_list),	PLACE_TEST(test_choose), PLACE_TEST(test_cores),
		PLACE_TEST(test_lines), PLACE_TEST(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
