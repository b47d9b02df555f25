/* gpus.c - tests of lib/launch: the GPUs that a driver shows, cores divided, checkpoints found. */
#define _GNU_SOURCE
#include "tests/unit/launch/place.h"

#include "lib/launch/ranks/binding.h"
#include "lib/launch/gpus.h"
#include "lib/launch/ranks/lines.h"
#include "lib/launch/ranks/resume.h"

static void machine(const struct place *p)
{
	place_write(
		p, "proc/driver/nvidia/gpus/0000:b7:00.0/information",
		"Model: \t\t NVIDIA H100\nIRQ:   \t\t 90\nGPU UUID: \t GPU-bbbb\nBus Type: \t PCIe\n");
	place_write(p, "proc/driver/nvidia/gpus/0000:17:00.0/information",
		    "GPU UUID: \t GPU-aaaa\n");
	place_write(p, "proc/driver/nvidia/gpus/0000:c0:00.0/information",
		    "Model: \t\t NVIDIA H100\n");
	place_write(p, "sys/bus/pci/devices/0000:17:00.0/local_cpulist", "0-3,8-11\n");
	place_write(p, "sys/bus/pci/devices/0000:b7:00.0/local_cpulist", "4-7,12-15\n");
}

static void test_list(void **state)
{
	struct place *p = *state;
	struct gpus g;

	machine(p);
	gpus_list(p->dir, NULL, &g);
	assert_int_equal(g.uuid.n, 3);
	assert_string_equal(g.bus.v[0], "0000:17:00.0");
	assert_string_equal(g.uuid.v[1], "GPU-bbbb");
	assert_string_equal(g.uuid.v[2], "2"); /* a driver that tells none: by its place */
	gpus_clear(&g);
	gpus_list(p->dir, "GPU-bb, 0,7,1", &g);
	assert_int_equal(g.uuid.n, 2); /* what is no device ends the list, as in CUDA */
	assert_string_equal(g.uuid.v[0], "GPU-bbbb");
	assert_string_equal(g.bus.v[1], "0000:17:00.0");
	assert_string_equal(g.uuid.v[1], "0"); /* of those that a job's cgroup leaves */
	gpus_clear(&g);
	gpus_list(p->dir, "MIG-cccc,1", &g);
	assert_int_equal(g.uuid.n, 2);
	assert_string_equal(g.uuid.v[0], "MIG-cccc");
	gpus_clear(&g);
	gpus_list(p->dir, "", &g);
	assert_int_equal(g.uuid.n, 0);
	gpus_clear(&g);
	gpus_list("/no/such/folder", NULL, &g);
	assert_int_equal(g.uuid.n, 0);
	gpus_clear(&g);
}

/* What ranks see, and the cores near it; -: nothing is told. */
static void check_deal(const struct place *p, int want, int ranks, bool all, const char *want_text)
{
	struct buf b = BUF_INIT;
	struct gpus g;

	gpus_list(p->dir, NULL, &g);
	assert_int_equal(gpus_deal(p->dir, want, ranks, all, &g), 0);
	for (int i = 0; i < ranks; i++)
		buf_addf(&b, "%s %s; ", g.seen.v[i], *g.near.v[i] ? g.near.v[i] : "-");
	assert_string_equal(b.data, want_text);
	buf_clear(&b);
	gpus_clear(&g);
}

static void test_deal(void **state)
{
	struct place *p = *state;
	struct gpus g;

	machine(p);
	check_deal(p, 2, 2, false, "GPU-aaaa 0-3,8-11; GPU-bbbb 4-7,12-15; ");
	check_deal(p, 2, 2, true, "GPU-aaaa,GPU-bbbb 0-3,8-11; GPU-aaaa,GPU-bbbb 4-7,12-15; ");
	check_deal(p, 2, 3, false, "GPU-aaaa 0-3,8-11; GPU-bbbb 4-7,12-15; GPU-aaaa 0-3,8-11; ");
	check_deal(p, 2, 1, false, "GPU-aaaa,GPU-bbbb 0-3,8-11,4-7,12-15; ");
	check_deal(p, 3, 2, false, "GPU-aaaa 0-3,8-11; GPU-bbbb,2 4-7,12-15; ");
	check_deal(p, 3, 3, false, "GPU-aaaa 0-3,8-11; GPU-bbbb 4-7,12-15; 2 -; ");
	gpus_list(p->dir, NULL, &g);
	assert_int_equal(gpus_deal(p->dir, 4, 4, false, &g), ERR_ENGINE);
	gpus_clear(&g);
}

/* A driver that is asked names its devices in capitals and with a long domain. */
static void test_bus_names(void **state)
{
	struct place *p = *state;
	struct gpus g = { 0 };

	machine(p);
	strlist_add(&g.bus, "00000000:B7:00.0");
	strlist_add(&g.uuid, "GPU-bbbb");
	assert_int_equal(gpus_deal(p->dir, 1, 1, false, &g), 0);
	assert_string_equal(g.near.v[0], "4-7,12-15");
	gpus_clear(&g);
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

static void check_near(const cpu_set_t *all, const char *const *near, int local, int ranks,
		       const char *want)
{
	cpu_set_t own, wanted;

	assert_true(binding_near(all, near, local, ranks, &own));
	assert_true(binding_parse(want, &wanted));
	assert_true(CPU_EQUAL(&own, &wanted));
}

static void test_near(void **state)
{
	static const char *const two[] = { "0-3,8-11", "4-7,12-15", "0-3,8-11" };
	static const char *const some[] = { "4-7", "", "90" }, *const few[] = { "2", "2", "5" };
	cpu_set_t all, own;

	(void)state;
	assert_true(binding_parse("0-15", &all));
	check_near(&all, two, 0, 3, "0-3");
	check_near(&all, two, 2, 3, "8-11");
	check_near(&all, two, 1, 3, "4-7,12-15");
	check_near(&all, two, 0, 1, "0-3,8-11"); /* one rank alone too */
	check_near(&all, some, 0, 3, "4-7");
	check_near(&all, some, 1, 3, "5-9"); /* not known, or none of ours: as without a GPU */
	check_near(&all, some, 2, 3, "10-15");
	check_near(&all, few, 1, 3, "2"); /* fewer cores than ranks share them */
	assert_false(binding_near(&all, NULL, 0, 1, &own));
	check_near(&all, NULL, 0, 2, "0-7");
	assert_true(binding_parse("2-5", &all)); /* what a cgroup leaves us */
	check_near(&all, two, 0, 2, "2-3");
	check_near(&all, two, 1, 2, "4-5");
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
		PLACE_TEST(test_list),	 PLACE_TEST(test_deal),	  PLACE_TEST(test_bus_names),
		PLACE_TEST(test_choose), PLACE_TEST(test_cores),  PLACE_TEST(test_near),
		PLACE_TEST(test_lines),	 PLACE_TEST(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
