/*
 * train.c - what mich adds to XGBoost's own training time. train PROGRAM PAIRS makes a matrix, then
 * starts PROGRAM and itself as `train --bare MATRIX MODEL` in turns; each is timed as a process.
 * The bare side maps the same files and makes the calls that a careful C program would make.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "tests/lib/synth.h"

enum { ROWS = 200000, VALIDATION = 20000, INPUTS = 28, ROUNDS = 60, MAX_PAIRS = 50 };

static void *library;

static void *symbol(const char *name)
{
	void *p = dlsym(library, name);

	if (!p) {
		fprintf(stderr, "train: XGBoost lacks %s\n", name);
		exit(1);
	}
	return p;
}

/* Call NAME of XGBoost with any arguments; all of its calls answer 0 when they are well. */
#define CALL(name, types, ...)                                           \
	do {                                                             \
		int(*fn) types;                                          \
		const char *(*why)(void);                                \
		*(void **)&fn = symbol(name);                            \
		*(void **)&why = symbol("XGBGetLastError");              \
		if (fn(__VA_ARGS__)) {                                   \
			fprintf(stderr, "train: %s: %s\n", name, why()); \
			exit(1);                                         \
		}                                                        \
	} while (0)

struct feed {
	struct npy x, y;
	void *proxy;
	bool given;
};

static void feed_reset(void *iter)
{
	((struct feed *)iter)->given = false;
}

static int feed_next(void *iter)
{
	static const char *types[INPUTS];
	struct feed *f = iter;
	char text[200];

	if (f->given)
		return 0;
	for (int i = 0; i < INPUTS; i++)
		types[i] = i == INPUTS - 1 ? "c" : "float";
	snprintf(text, sizeof text,
		 "{\"data\":[%zu,true],\"shape\":[%lld,%d],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)f->x.data, (long long)f->x.rows, INPUTS);
	CALL("XGProxyDMatrixSetDataDense", (void *, const char *), f->proxy, text);
	CALL("XGDMatrixSetStrFeatureInfo", (void *, const char *, const char **, uint64_t),
	     f->proxy, "feature_type", types, INPUTS);
	snprintf(text, sizeof text,
		 "{\"data\":[%zu,true],\"shape\":[%lld],\"typestr\":\"<f4\",\"version\":3}",
		 (size_t)f->y.data, (long long)f->y.rows);
	CALL("XGDMatrixSetInfoFromInterface", (void *, const char *, const char *), f->proxy,
	     "label", text);
	f->given = true;
	return 1;
}

static void open_array(const char *dir, const char *part, const char *name, struct npy *a)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s/%s", dir, part, name);
	if (npy_open(path, a) == 0)
		return;
	fprintf(stderr, "train: %s\n", error_text());
	exit(1);
}

static void *read_split(const char *dir, const char *part, void *ref)
{
	struct feed f = { 0 };
	void *out;

	open_array(dir, part, "x.npy", &f.x);
	open_array(dir, part, "y.npy", &f.y);
	CALL("XGProxyDMatrixCreate", (void **), &f.proxy);
	CALL("XGQuantileDMatrixCreateFromCallback",
	     (void *, void *, void *, void (*)(void *), int (*)(void *), const char *, void **), &f,
	     f.proxy, ref, feed_reset, feed_next, "{\"missing\":NaN,\"nthread\":2,\"max_bin\":256}",
	     &out);
	CALL("XGDMatrixFree", (void *), f.proxy);
	return out;
}

static int bare(const char *dir, const char *model)
{
	static const char *const params[][2] = { { "objective", "reg:squarederror" },
						 { "tree_method", "hist" },
						 { "max_depth", "6" },
						 { "eta", "0.1" },
						 { "nthread", "2" } };
	const char *names[] = { "train", "validation" }, *text;
	void *data[2], *booster;

	if (engine_open("XGBoost", "MICH_XGBOOST", "xgboost/lib/libxgboost.so", "libxgboost.so",
			&library) < 0) {
		fprintf(stderr, "train: %s\n", error_text());
		return 1;
	}
	data[0] = read_split(dir, "train", NULL);
	data[1] = read_split(dir, "validation", data[0]);
	CALL("XGBoosterCreate", (void *const *, uint64_t, void **), data, 2, &booster);
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		CALL("XGBoosterSetParam", (void *, const char *, const char *), booster,
		     params[i][0], params[i][1]);
	for (int i = 0; i < ROUNDS; i++) {
		int skip = i == 0 || (i + 1) % 10 == 0 ? 0 : 1;

		CALL("XGBoosterUpdateOneIter", (void *, int, void *), booster, i, data[0]);
		CALL("XGBoosterEvalOneIter",
		     (void *, int, void **, const char **, uint64_t, const char **), booster, i,
		     data + skip, names + skip, (uint64_t)(2 - skip), &text);
	}
	CALL("XGBoosterSaveModel", (void *, const char *), booster, model);
	return 0;
}

static double timed(const char *const argv[])
{
	int64_t start = clock_mono_us();
	pid_t pid;
	int status;

	if (posix_spawn(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "train: '%s' failed\n", argv[0]);
		exit(1);
	}
	return (double)(clock_mono_us() - start) / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void set_environment(const char *dir, char model[])
{
	char events[4200];

	snprintf(model, 4200, "%s/bare.ubj", dir);
	snprintf(events, sizeof events, "%s/events", dir);
	setenv("MICH_IN_MATRIX", dir, 1);
	setenv("MICH_OUT", dir, 1);
	setenv("MICH_EVENTS", events, 1);
	setenv("MICH_THREADS", "2", 1);
	setenv("MICH_PARAMS",
	       "{\"max_depth\":6,\"eta\":0.1,\"rounds\":60,\"early_stopping_rounds\":60}", 1);
}

static int compare(const char *self, const char *program, int pairs, const char *dir)
{
	struct synth o = { MATRIX_REGRESSION, { ROWS, 0, VALIDATION }, INPUTS, 1, false, 0.05 };
	double mich[MAX_PAIRS], other[MAX_PAIRS], ratio[MAX_PAIRS];
	char model[4200];
	const char *const argv_mich[] = { program, NULL };
	const char *const argv_bare[] = { self, "--bare", dir, model, NULL };

	if (synth_matrix(dir, &o) < 0)
		return -1;
	set_environment(dir, model);
	for (int i = -1; i < pairs; i++) { /* the first pair warms the page cache */
		double a = timed(i % 2 ? argv_mich : argv_bare),
		       b = timed(i % 2 ? argv_bare : argv_mich);

		if (i < 0)
			continue;
		mich[i] = i % 2 ? a : b;
		other[i] = i % 2 ? b : a;
		ratio[i] = mich[i] / other[i];
	}
	printf("{\"case\": \"train\", \"rows\": %d, \"inputs\": %d, \"rounds\": %d, \"pairs\": %d, "
	       "\"mich_s\": %.3f, \"bare_s\": %.3f, \"ratio\": %.3f}\n",
	       ROWS, INPUTS, ROUNDS, pairs, median(mich, pairs), median(other, pairs),
	       median(ratio, pairs));
	return 0;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/mich-bench-XXXXXX";
	int pairs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5, rc;

	if (argc == 4 && !strcmp(argv[1], "--bare"))
		return bare(argv[2], argv[3]);
	if (argc < 3 || pairs < 1 || pairs > MAX_PAIRS || !mkdtemp(dir))
		return 129;
	rc = compare(argv[0], argv[1], pairs, dir);
	if (rc < 0)
		fprintf(stderr, "train: %s\n", error_text());
	file_remove_tree(dir);
	return rc ? 1 : 0;
}
