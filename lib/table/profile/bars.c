/* bars.c - figures of a profile for people. */
#include <math.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/profile/profile.h"

void table_bars(const json_t *histogram, bool plain, struct buf *out)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
	const json_t *counts = json_object_get(histogram, "counts"), *v;
	json_int_t most = 0;
	size_t i;

	json_array_foreach((json_t *)counts, i, v)
		most = json_integer_value(v) > most ? json_integer_value(v) : most;
	json_array_foreach((json_t *)counts, i, v) {
		json_int_t n = json_integer_value(v);
		size_t height = n ? (size_t)ceil(8.0 * (double)n / (double)most) : 0;

		buf_addstr(out, (plain ? ascii : blocks)[height > 8 ? 8 : height]);
	}
}

/* "2013-01-01T10:00:00.000Z" is "2013-01-01 10:00", and midnight is the date alone. */
static bool add_time(const char *s, struct buf *out)
{
	size_t n = strlen(s);

	if (n != 24 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[23] != 'Z')
		return false;
	buf_add(out, s, 10);
	if (strcmp(s + 11, "00:00:00.000Z") == 0)
		return true;
	buf_addch(out, ' ');
	n = strcmp(s + 19, ".000Z") != 0 ? 12 : strncmp(s + 16, ":00", 3) != 0 ? 8 : 5;
	buf_add(out, s + 11, n);
	return true;
}

void table_value_text(const json_t *value, struct buf *out)
{
	if (json_is_integer(value))
		buf_addf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_addf(out,
			 fabs(json_real_value(value)) >= 1e5 && fabs(json_real_value(value)) < 1e15
				 ? "%.0f"
				 : "%.5g",
			 json_real_value(value));
	else if (json_is_boolean(value))
		buf_addstr(out, json_is_true(value) ? "true" : "false");
	else if (json_is_string(value)) {
		if (!add_time(json_string_value(value), out))
			buf_addstr(out, json_string_value(value));
	} else
		buf_addstr(out, "-");
}
