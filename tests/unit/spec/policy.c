/* policy.c - who may release: sections that are read, found and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/spec/policy.h"

static struct spec *parse(const char *text)
{
	struct spec *s = NULL;

	assert_int_equal(spec_parse(text, strlen(text), "Michfile", &s), 0);
	return s;
}

static void refused(const char *text, const char *why)
{
	struct spec *s = NULL;

	assert_int_equal(spec_parse(text, strlen(text), "Michfile", &s), ERR_INPUT);
	assert_non_null(strstr(error_text(), why));
	assert_null(s);
}

static void test_nearest(void **state)
{
	struct spec *s = parse("[release \"maps\"]\npromoters = a@x, b@x\n"
			       "[release \"maps/eta\"]\npromoters = c@x\n"
			       "[release \"maps/eta\"]\npromoters = d@x\n"
			       "[release \"rides/eta\"]\npromoters = e@x\n");
	const struct spec_policy *p = policy_find(s, "maps", "eta");

	(void)state;
	assert_int_equal(s->n_policy, 3);
	assert_int_equal(p->promoters.n, 2);
	assert_string_equal(p->promoters.v[1], "d@x");
	assert_int_equal(policy_find(s, "maps", "fare")->promoters.n, 2);
	assert_null(policy_find(s, "eats", "eta"));
	assert_null(policy_find(s, "rides", "fare"));
	spec_free(s);
}

static void test_allows(void **state)
{
	struct spec *s = parse("[release \"maps\"]\npromoters = Ana@Example.com\n"
			       "[release \"open\"]\n");
	const struct spec_policy *p = policy_find(s, "maps", "eta");

	(void)state;
	assert_true(policy_allows(p, "Ana <ana@example.com>"));
	assert_true(policy_allows(p, "ana@example.com"));
	assert_false(policy_allows(p, "ana@example.com <eve@example.com>"));
	assert_false(policy_allows(p, "Ana <ana@example.com.evil>"));
	assert_false(policy_allows(p, ""));
	assert_true(policy_allows(policy_find(s, "open", "eta"), "anybody"));
	spec_free(s);
}

static void test_refused(void **state)
{
	(void)state;
	refused("[release]\npromoters = a@x\n", "Michfile:1: [release] needs a name");
	refused("[release \"Maps\"]\n", "Michfile:1: 'Maps' is not a name");
	refused("[release \"maps/\"]\n", "is not a name");
	refused("[release \"maps/eta/x\"]\n", "is not a name");
	refused("[release \"maps\"]\npromoters =\n", "Michfile:2: 'promoters' names nobody");
	refused("[release \"maps\"]\npromoters\n", "names nobody");
	refused("[release \"maps\"]\npromoters = ana\n", "'ana' is no mail address");
	refused("[release \"maps\"]\npromoters = Ana <a@x>\n", "is no mail address");
	refused("[release \"maps\"]\npromoters = a@x;b@x\n", "is cut by a ';'");
	refused("[release \"maps\"]\nowner = a@x\n", "Michfile:2: unknown key 'owner'");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nearest),
					    cmocka_unit_test(test_allows),
					    cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
