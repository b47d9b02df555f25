/* xgboost.c - tests of the learner `xgboost`, run as a step runs it: the program, and its
 * environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/base/team_file.h"
#include "tests/lib/synth.h"

static char dir[] = "/tmp/mich-xgboost-XXXXXX";
static char program[4096]; /* build/mich-xgboost, of the build that this test belongs to */

static char *in_dir(const char *rel)
{
	return path_join(dir, rel);
}

static void make(const char *name, const struct synth *o)
{
	char *path = in_dir(name);

	assert_int_equal(synth_matrix(path, o), 0);
	free(path);
}

static int set_up(void **state)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 40);
	char *end;

	(void)state;
	if (n < 0 || !mkdtemp(dir))
		return -1;
	program[n] = '\0';
	for (int i = 0; i < 4 && (end = strrchr(program, '/')); i++)
		*end = '\0';
	snprintf(program + strlen(program), 40, "/mich-xgboost");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return file_remove_tree(dir);
}

static void set_path(const char *var, const char *rel)
{
	char *path = in_dir(rel);

	setenv(var, path, 1);
	free(path);
}

/* What an earlier one left. */
static void clear(void)
{
	char *events = in_dir("events"), *out = in_dir("out");

	unlink(events);
	assert_int_equal(file_remove_tree(out), 0);
	assert_int_equal(file_make_dirs(out), 0);
	free(events);
	free(out);
}

/* Start the program on a matrix; its output goes to DIR/stdout and DIR/stderr. */
static pid_t start(const char *matrix, const char *params, const char *threads)
{
	char *log[2] = { in_dir("stdout"), in_dir("stderr") };
	pid_t pid = fork();

	if (pid == 0) {
		set_path("MICH_IN_MATRIX", matrix);
		set_path("MICH_OUT", "out");
		set_path("MICH_EVENTS", "events");
		setenv("MICH_PARAMS", params, 1);
		setenv("MICH_THREADS", threads, 1);
		setenv("MICH_SEED", "7", 1);
		for (int i = 0; i < 2; i++)
			dup2(open(log[i], O_WRONLY | O_CREAT | O_TRUNC, 0666), i + 1);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 2; i++)
		free(log[i]);
	return pid;
}

static int run(const char *matrix, const char *params, const char *threads)
{
	int status;
	pid_t pid;

	clear();
	pid = start(matrix, params, threads);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char *slurp(const char *rel) /* caller frees */
{
	char *path = in_dir(rel);
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, &b), 0);
	free(path);
	buf_addch(&b, '\0');
	return buf_take(&b);
}

static void trains(const char *matrix, const char *params, const char *threads)
{
	char *log;

	if (run(matrix, params, threads) == 0)
		return;
	log = slurp("stderr");
	fail_msg("%s", log);
}

static void hash_of(const char *rel, char out[65])
{
	char *path = in_dir(rel);
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, &b), 0);
	hash_data(b.data, b.len, out);
	buf_clear(&b);
	free(path);
}

/* The last line of events that holds a value of this name. */
static double last_event(const char *name)
{
	char *all = slurp("events"), *save = NULL;
	double v = NAN;

	for (char *s = strtok_r(all, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		json_t *e = NULL;

		assert_int_equal(json_parse(s, strlen(s), "an event", &e), 0);
		v = json_num(e, name, v);
		json_decref(e);
	}
	free(all);
	return v;
}

static int count_events(void)
{
	char *all = slurp("events");
	int n = 0;

	for (const char *s = all; *s; s++)
		n += *s == '\n';
	free(all);
	return n;
}

static const struct synth shapes[] = {
	{ MATRIX_REGRESSION, { 2000, 200, 400 }, 6, 1, true, 0.1 },
	{ MATRIX_BINARY, { 2000, 200, 400 }, 6, 2, false, 0.1 },
	{ MATRIX_MULTICLASS, { 2000, 200, 400 }, 6, 3, true, 0.1 },
	{ MATRIX_RANKING, { 2000, 200, 400 }, 6, 4, true, 0.1 },
};

static void test_every_task(void **state)
{
	static const char *const metrics[] = { "validation.rmse", "validation.logloss",
					       "validation.mlogloss", "validation.ndcg@32" };
	static const double good[] = { 1.5, 0.35, 0.8, 1.01 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		const char *name = matrix_task_name(shapes[i].task);
		char *importance, *out;
		json_t *v = NULL;

		make(name, &shapes[i]);
		trains(name, "{\"rounds\":20,\"max_depth\":4,\"eta\":0.3}", "2");
		assert_true(last_event(metrics[i]) < good[i]);
		assert_int_equal((int)last_event("step"), 20);
		importance = slurp("out/importance.json");
		assert_int_equal(json_parse(importance, strlen(importance), "importance", &v), 0);
		assert_true(json_num(json_object_get(v, "gain"), "in0", 0) >
			    json_num(json_object_get(v, "gain"), "in4", 0));
		assert_int_equal(json_object_size(json_object_get(v, "weight")), 6);
		json_decref(v);
		out = slurp("stdout");
		assert_string_equal(out, "");
		free(out);
		free(importance);
	}
}

static void test_same_bytes(void **state)
{
	static const char params[] = "{\"rounds\":15,\"subsample\":0.8,\"colsample_bytree\":0.7,"
				     "\"early_stopping_rounds\":5}";
	static const char *const threads[] = { "1", "1", "2", "4" };
	char first[65], other[65];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		const char *name = matrix_task_name(shapes[i].task);

		make(name, &shapes[i]);
		for (size_t t = 0; t < ARRAY_LEN(threads); t++) {
			trains(name, params, threads[t]);
			hash_of("out/model.ubj", t ? other : first);
			if (t)
				assert_string_equal(other, first);
		}
	}
}

/* The kept model is the one that rounds = best would have made. */
static void keeps_best(const char *booster)
{
	char stopped[65], exact[65], params[200], *log, *at;
	int best;

	snprintf(params, sizeof params,
		 "{\"rounds\":400,\"eta\":0.5,\"early_stopping_rounds\":3,\"booster\":\"%s\"}",
		 booster);
	trains("early", params, "2");
	hash_of("out/model.ubj", stopped);
	log = slurp("stderr");
	at = strstr(log, " after ");
	assert_non_null(at);
	best = (int)strtol(at + 7, NULL, 10);
	assert_true(best < 397);
	assert_int_equal(count_events(), best + 3 + 1);
	assert_int_equal((int)last_event("step"), best);
	snprintf(params, sizeof params, "{\"rounds\":%d,\"eta\":0.5,\"booster\":\"%s\"}", best,
		 booster);
	trains("early", params, "2");
	hash_of("out/model.ubj", exact);
	assert_string_equal(exact, stopped);
	free(log);
}

static void test_early_stopping(void **state)
{
	(void)state;
	make("early", &(struct synth){ MATRIX_REGRESSION, { 500, 0, 200 }, 6, 5, false, 0 });
	keeps_best("gbtree");
	keeps_best("dart");
}

static void refuses(const char *matrix, const char *params, const char *why)
{
	char *log, *out;

	assert_int_equal(run(matrix, params, "1"), 1);
	log = slurp("stderr");
	if (strncmp(log, "mich-xgboost: ", 14) != 0 || !strstr(log, why) || strchr(log, '\n')[1])
		fail_msg("'%s' does not say '%s' in one line", log, why);
	out = slurp("stdout");
	assert_string_equal(out, "");
	free(out);
	free(log);
}

static void test_refusals(void **state)
{
	(void)state;
	make("plain", &(struct synth){ MATRIX_REGRESSION, { 100, 0, 0 }, 6, 6, false, 0 });
	refuses("plain", "{\"max_dept\":3}", "unknown parameter 'max_dept'");
	refuses("plain", "{\"max_dept\":3}", "did you mean 'max_depth'?");
	refuses("plain", "{\"max_depth\":\"deep\"}", "max_depth expect int but value='deep'");
	refuses("plain", "{\"eta\":-1}", "should be greater equal to 0");
	refuses("plain", "{\"rounds\":0}", "whole number from 1");
	refuses("plain", "{\"rounds\":2.5}", "whole number from 1");
	refuses("plain", "{\"n_estimators\":10}", "it is called 'rounds' here");
	refuses("plain", "{\"seed\":1}", "the step sets the seed");
	refuses("plain", "{\"quantile_alpha\":0.5}", "no effect");
	refuses("plain", "{\"objective\":\"binary:logistic\"}", "does not suit a regression label");
	refuses("plain", "{\"objective\":\"reg:squarederr\"}", "did you mean 'reg:squarederror'?");
	refuses("plain", "{\"eval_metric\":\"rmsee\"}", "Unknown metric function rmsee");
	refuses("plain", "{\"eval_metric\":\"auc\"}",
		"metric 'auc' does not suit a regression label");
	refuses("plain", "{\"objective\":\"reg:quantileerror\",\"quantile_alpha\":[0.1,0.9]}",
		"a model predicts one");
	refuses("plain", "{\"objective\":\"reg:expectileerror\",\"expectile_alpha\":0.3}",
		"Unknown objective function");
	refuses("plain", "{\"base_score\":[1,2]}", "'base_score' has 2 values");
	refuses("plain", "{\"booster\":\"gblinear\"}", "makes no trees");
	refuses("plain", "{\"early_stopping_rounds\":3}", "no validation split");
	refuses("plain", "{\"max_depth\":{\"a\":1}}", "must be a number");
	refuses("nowhere", "{}", "not a folder");
}

static void test_parameters_pass(void **state)
{
	static const char *const params[] = {
		"{\"rounds\":\"3\",\"eval_metric\":[\"mae\",\"rmse\"]}",
		"{\"rounds\":3,\"monotone_constraints\":[1,0,0,0,0,0]}",
		"{\"rounds\":3,\"interaction_constraints\":[[0,1],[2,3]]}",
		"{\"rounds\":3,\"tree_method\":\"approx\"}",
		"{\"rounds\":3,\"grow_policy\":\"lossguide\",\"max_leaves\":31,\"max_bin\":64}",
		"{\"rounds\":3,\"objective\":\"reg:absoluteerror\",\"num_parallel_tree\":2}",
		"{\"rounds\":3,\"objective\":\"reg:quantileerror\",\"quantile_alpha\":0.9}",
		"{}",
	};

	(void)state;
	make("plain", &(struct synth){ MATRIX_REGRESSION, { 200, 0, 50 }, 6, 6, false, 0 });
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		trains("plain", params[i], "1");
}

static void test_stops_on_signal(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	int64_t asked;
	int status;

	(void)state;
	make("long", &(struct synth){ MATRIX_REGRESSION, { 20000, 0, 0 }, 6, 8, false, 0 });
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		char *events = in_dir("events");
		pid_t pid;

		clear();
		pid = start("long", "{\"rounds\":1000000,\"log_every\":1}", "2");
		for (int n = 0; n < 1000 && !file_exists(events); n++)
			usleep(10000);
		assert_true(file_exists(events));
		asked = clock_mono_us();
		kill(pid, signals[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
		assert_true(clock_mono_us() - asked < 2000000);
		free(events);
	}
}

static void test_engine_missing(void **state)
{
	(void)state;
	make("plain", &(struct synth){ MATRIX_REGRESSION, { 100, 0, 0 }, 6, 6, false, 0 });
	setenv("MICH_XGBOOST", "/nonexistent/libxgboost.so", 1);
	refuses("plain", "{}", "cannot find XGBoost");
	unsetenv("MICH_XGBOOST");
}

/* A port that nobody listens at now. */
static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void set_number(const char *var, int v)
{
	char text[16];

	snprintf(text, sizeof text, "%d", v);
	setenv(var, text, 1);
}

/* Two ranks, on one machine or each on its own, as far as they can know. */
static void train_pair(bool apart, char hash[65])
{
	struct team_file *files[2];
	int fds[2], status;
	pid_t pids[2];
	char path[64];

	set_number("MASTER_PORT", free_port());
	setenv("MASTER_ADDR", "localhost", 1);
	set_number("WORLD_SIZE", 2);
	clear();
	for (int i = 0; i < (apart ? 2 : 1); i++)
		assert_int_equal(team_file_make(apart ? 1 : 2, 4096, &fds[i], &files[i]), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fds[apart ? i : 0]);
		setenv("MICH_TEAM", path, 1);
		set_number("RANK", i);
		set_number("LOCAL_RANK", apart ? 0 : i);
		pids[i] =
			start("ranks", "{\"rounds\":5,\"eval_metric\":[\"auc\",\"logloss\"]}", "1");
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		if (status)
			fail_msg("rank %d: %s", i, slurp("stderr"));
	}
	for (int i = 0; i < (apart ? 2 : 1); i++) {
		team_file_close(files[i]);
		close(fds[i]);
	}
	hash_of("out/model.ubj", hash);
	unsetenv("WORLD_SIZE");
	unsetenv("RANK");
	unsetenv("LOCAL_RANK");
	unsetenv("MICH_TEAM");
}

static void test_machines(void **state)
{
	char together[65], apart[65];

	(void)state;
	make("ranks", &shapes[1]);
	train_pair(false, together);
	train_pair(true, apart);
	assert_string_equal(together, apart);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_task),	cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_early_stopping),	cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_parameters_pass), cmocka_unit_test(test_stops_on_signal),
		cmocka_unit_test(test_machines),	cmocka_unit_test(test_engine_missing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
