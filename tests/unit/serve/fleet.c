/* fleet.c - models that are replaced under readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/serve/fleet.h"

static struct served *served(const char *name, int version)
{
	struct served *s = xcalloc(1, sizeof *s);

	s->name = xstrdup(name);
	s->version = xasprintf("%d", version);
	s->ref = xasprintf("model/%s@%d", name, version);
	s->id = xasprintf("%040d", version);
	return s;
}

static const struct served *find(struct fleet_view *v, const char *name, const char *version)
{
	return fleet_find(v, name, strlen(name), version, version ? strlen(version) : 0);
}

static void finds_by_name_and_version(void **state)
{
	struct fleet *f = fleet_new(NULL);
	struct fleet_view *v;

	(void)state;
	fleet_put(f, served("eta", 1));
	fleet_put(f, served("a", 7));
	fleet_put(f, served("etas", 2));
	v = fleet_view_new(f);
	assert_int_equal(fleet_count(v), 3);
	assert_string_equal(fleet_at(v, 0)->name, "a");
	assert_string_equal(fleet_at(v, 2)->name, "etas");
	assert_string_equal(find(v, "eta", NULL)->version, "1");
	assert_non_null(find(v, "eta", "1"));
	assert_null(find(v, "eta", "2"));
	assert_null(find(v, "et", NULL));
	assert_null(find(v, "", NULL));
	assert_null(fleet_find(v, "etas", 2, NULL, 0));
	fleet_view_free(v);
	fleet_free(f);
}

static void a_view_keeps_what_it_saw(void **state)
{
	struct fleet *f = fleet_new(NULL);
	struct fleet_view *v = fleet_view_new(f);
	const struct served *old;

	(void)state;
	fleet_put(f, served("eta", 1));
	assert_null(find(v, "eta", NULL));
	fleet_view_sync(v);
	old = find(v, "eta", NULL);
	fleet_put(f, served("eta", 2));
	assert_string_equal(old->version, "1"); /* ASan watches */
	assert_ptr_equal(find(v, "eta", NULL), old);
	fleet_view_sync(v);
	assert_string_equal(find(v, "eta", NULL)->version, "2");
	assert_int_equal(fleet_remove(f, "eta"), 0);
	assert_int_equal(fleet_remove(f, "eta"), ERR_NOT_FOUND);
	assert_non_null(find(v, "eta", NULL));
	fleet_view_sync(v);
	assert_int_equal(fleet_count(v), 0);
	fleet_view_free(v);
	fleet_free(f);
}

static void trouble_is_kept_until_it_is_put(void **state)
{
	struct fleet *f = fleet_new(NULL);
	char *why;

	(void)state;
	assert_false(fleet_trouble(f, "eta", &why));
	fleet_set_trouble(f, "eta", "no such file");
	assert_true(fleet_trouble(f, "eta", &why));
	assert_string_equal(why, "no such file");
	free(why);
	fleet_put(f, served("eta", 1));
	assert_false(fleet_trouble(f, "eta", &why));
	assert_int_equal(fleet_failures(f, "eta"), 1);
	assert_false(fleet_ready(f));
	fleet_set_ready(f, true);
	assert_true(fleet_ready(f));
	fleet_free(f);
}

static int freed;

static void count_free(struct meter *m)
{
	freed++;
	free(m);
}

static int count_meter(const struct fleet_meter *m, void *payload)
{
	int *n = payload;

	n[m->serving]++;
	return 0;
}

static void a_meter_outlives_its_model(void **state)
{
	struct fleet *f = fleet_new(count_free);
	struct served *one = served("eta", 1), *two = served("eta", 2);
	struct meter *m = xmalloc(1);
	int n[2] = { 0, 0 };

	(void)state;
	one->meter = m;
	two->meter = xmalloc(1);
	fleet_put(f, one);
	fleet_put(f, two);
	fleet_each_meter(f, count_meter, n);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 1);
	one = served("eta", 1);
	one->meter = fleet_meter(f, "eta", "1", one->id);
	assert_ptr_equal(one->meter, m);
	fleet_put(f, one);
	fleet_free(f);
	assert_int_equal(freed, 2);
}

struct reader {
	struct fleet *f;
	_Atomic bool *stop;
	int64_t seen;
};

static void *read_on(void *payload)
{
	struct reader *r = payload;
	struct fleet_view *v = fleet_view_new(r->f);

	while (!atomic_load(r->stop)) {
		const struct served *s;

		fleet_view_sync(v);
		s = find(v, "eta", NULL);
		r->seen += strlen(s->version) && strlen(s->ref) && strlen(s->id);
	}
	fleet_view_free(v);
	return NULL;
}

static void readers_and_a_writer(void **state)
{
	struct fleet *f = fleet_new(NULL);
	_Atomic bool stop = false;
	struct reader r[3];
	pthread_t t[3];

	(void)state;
	fleet_put(f, served("eta", 0));
	for (int i = 0; i < 3; i++) {
		r[i] = (struct reader){ f, &stop, 0 };
		assert_int_equal(pthread_create(&t[i], NULL, read_on, &r[i]), 0);
	}
	for (int i = 1; i < 3000; i++) {
		fleet_put(f, served("eta", i));
		if (i % 7 == 0)
			fleet_put(f, served("other", i));
		if (i % 14 == 0)
			fleet_remove(f, "other");
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	fleet_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_name_and_version),
		cmocka_unit_test(a_view_keeps_what_it_saw),
		cmocka_unit_test(trouble_is_kept_until_it_is_put),
		cmocka_unit_test(a_meter_outlives_its_model),
		cmocka_unit_test(readers_and_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
