/* isolate.c - tests of lib/launch: read-only inputs and a network of its own, as root and not. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/unit/launch/place.h"

struct ground {
	char from[128], to[128];
	struct process_bind bind;
};

/* A folder with a file in it, to be seen at run/in. */
static void ground_lay(struct ground *g, struct place *p)
{
	place_write(p, "store/f", "kept\n");
	place_write(p, "run/in/under", "hidden\n");
	snprintf(g->from, sizeof g->from, "%s/store", p->dir);
	snprintf(g->to, sizeof g->to, "%s/run/in", p->dir);
	g->bind = (struct process_bind){ .from = g->from, .to = g->to };
	p->plan.binds = &g->bind;
	p->plan.n_binds = 1;
}

static void need_binds(void)
{
	if (!process_can_bind()) {
		print_message("# no mount namespace here\n");
		skip();
	}
}

static void check_read_only(struct place *p)
{
	assert_int_equal(place_run(p, "cat run/in/f; test ! -e run/in/under; echo $?;"
				      "(echo x >run/in/f) 2>/dev/null; echo $?;"
				      "(echo x >run/in/new) 2>/dev/null; echo $?;"
				      "rm -f run/in/f 2>/dev/null; echo $?; echo mine >run/out"),
			 0);
	assert_file(p, "log", "kept\n0\n2\n2\n1\n");
	assert_file(p, "run/out", "mine\n");
	assert_file(p, "store/f", "kept\n");
	assert_file(p, "run/in/under", "hidden\n"); /* our own view has no bind */
	assert_string_equal(p->result.binds, "bind");
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	struct ground g;

	need_binds();
	ground_lay(&g, p);
	check_read_only(p);
}

static void test_one_file(void **state)
{
	struct place *p = *state;
	struct ground g;

	need_binds();
	ground_lay(&g, p);
	snprintf(g.from, sizeof g.from, "%s/store/f", p->dir);
	snprintf(g.to, sizeof g.to, "%s/run/in/under", p->dir);
	assert_int_equal(
		place_run(p, "cat run/in/under; (echo x >run/in/under) 2>/dev/null; echo $?"), 0);
	assert_file(p, "log", "kept\n2\n");
}

/* Every trick of a program that is root, or thinks it is. */
static const char *const tricks[] = {
	"mount -o remount,rw,bind run/in",
	"mount -o remount,rw run/in",
	"umount run/in && echo x >run/in/under",
	"umount -l run/in && echo x >run/in/under",
	"ln run/in/f run/link && echo x >run/link",
	"mount --bind run/in /mnt && mount -o remount,rw,bind /mnt && echo x >/mnt/f",
	"chmod 777 run/in/f",
	"touch run/in/f",
	"truncate -s 0 run/in/f",
	"mv run/in/f run/in/g",
	"exec 3<run/in/f && echo x >/proc/self/fd/3",
	"echo x >/proc/self/root$PWD/run/in/f",
	"nsenter -t $PPID -m sh -c \"echo x >$PWD/store/f\"",
	"nsenter -t $PPID -m true",
	"ls /proc/$PPID/root/",
	"unshare -m mount -o remount,rw,bind run/in",
	"unshare -Urm sh -c 'mount -o remount,rw,bind run/in && echo x >run/in/f'",
	"unshare -Urm sh -c 'umount run/in && echo x >run/in/under'",
};

static void check_tricks(struct place *p)
{
	for (size_t i = 0; i < ARRAY_LEN(tricks); i++) {
		unlink(p->log);
		if (place_run(p, tricks[i]) == 0)
			fail_msg("'%s' worked", tricks[i]);
		assert_int_equal(p->result.signal, 0);
		assert_file(p, "store/f", "kept\n");
		assert_file(p, "run/in/under", "hidden\n");
	}
}

static void test_tricks(void **state)
{
	struct place *p = *state;
	struct ground g;

	need_binds();
	ground_lay(&g, p);
	check_tricks(p);
}

/* A folder bound onto itself: the store cannot be written by its own name either. */
static void test_onto_itself(void **state)
{
	struct place *p = *state;
	struct ground g;
	struct process_bind binds[2];

	need_binds();
	ground_lay(&g, p);
	binds[0] = g.bind;
	binds[1] = (struct process_bind){ .from = g.from, .to = g.from };
	p->plan.binds = binds;
	p->plan.n_binds = 2;
	assert_int_equal(place_run(p, "cat run/in/f; (echo x >store/f) 2>/dev/null; echo $?"), 0);
	assert_file(p, "log", "kept\n2\n");
	assert_file(p, "store/f", "kept\n");
}

/* All of a folder read-only, but one folder in it; in that, another read-only. */
static void test_writable(void **state)
{
	struct place *p = *state;
	struct ground g;
	struct process_bind binds[3] = { 0 };
	char run[128];

	need_binds();
	ground_lay(&g, p);
	snprintf(run, sizeof run, "%s/run", p->dir);
	binds[0] = (struct process_bind){ .from = p->dir, .to = p->dir };
	binds[1] = (struct process_bind){ .from = run, .to = run, .writable = true };
	binds[2] = (struct process_bind){ .from = g.to, .to = g.to };
	p->plan.binds = binds;
	p->plan.n_binds = 3;
	assert_int_equal(
		place_run(p, "(echo x >store/f) 2>/dev/null; echo $?; echo x >run/new; echo $?;"
			     "(echo x >run/in/under) 2>/dev/null; echo $?;"
			     "(mv run gone) 2>/dev/null; echo $?"),
		0);
	assert_file(p, "log", "2\n0\n2\n1\n");
}

static void test_bad_bind(void **state)
{
	struct place *p = *state;
	struct ground g;

	need_binds();
	ground_lay(&g, p);
	snprintf(g.from, sizeof g.from, "%s/absent", p->dir);
	assert_int_equal(place_run(p, "echo ran >ran"), ERR_NOT_FOUND);
	assert_non_null(strstr(error_text(), "cannot bind"));
	assert_false(wait_file(p, "ran", 1));
}

static int body_writes(void *payload)
{
	const struct ground *g = payload;
	char *path = path_join(g->to, "f");
	int fd = open(path, O_WRONLY);

	free(path);
	return fd >= 0 ? error_set(ERR_FAIL, "written") : errno == EROFS ? 0 : error_errno("open");
}

static void test_body(void **state)
{
	struct place *p = *state;
	struct ground g;

	need_binds();
	ground_lay(&g, p);
	p->plan.body = body_writes;
	p->plan.payload = &g;
	assert_int_equal(process_run(&p->plan, &p->result), 0);
}

/* A socket of ours that listens on a port of 127.0.0.1. */
static int listen_here(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int try_connect(uint32_t address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(address),
				 .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (struct sockaddr *)&a, sizeof a);

	rc = rc < 0 ? errno : 0;
	close(fd);
	return rc;
}

/* lo works, so ranks can meet; what listens outside is not there, nor is any route. */
static int body_connects(void *payload)
{
	int outside = *(int *)payload, port, fd = listen_here(&port), got;

	if ((got = try_connect(INADDR_LOOPBACK, port)) != 0)
		return error_set(ERR_FAIL, "lo: %s", strerror(got));
	if ((got = try_connect(INADDR_LOOPBACK, outside)) != ECONNREFUSED)
		return error_set(ERR_FAIL, "outside's lo: %s", strerror(got));
	if ((got = try_connect(0xc6336401, 80)) != ENETUNREACH) /* 198.51.100.1 */
		return error_set(ERR_FAIL, "outside: %s", strerror(got));
	close(fd);
	return 0;
}

static int body_reaches(void *payload)
{
	return try_connect(INADDR_LOOPBACK, *(int *)payload) == 0 ? 0 : error_set(ERR_FAIL, "no");
}

static void test_no_network(void **state)
{
	struct place *p = *state;
	int outside, fd = listen_here(&outside), rc;

	p->plan.payload = &outside;
	p->plan.body = body_reaches;
	assert_int_equal(process_run(&p->plan, &p->result), 0);
	assert_string_equal(p->result.network, "open");
	p->plan.body = body_connects;
	p->plan.no_network = true;
	rc = process_run(&p->plan, &p->result);
	if (rc == ERR_INPUT) {
		assert_non_null(strstr(error_hint_text(), "network = no"));
		close(fd);
		skip();
	}
	if (rc < 0)
		fail_msg("%s", error_text());
	assert_string_equal(p->result.network, "none");
	p->plan.body = NULL;
	assert_int_equal(place_run(p, "nsenter -t $PPID -n true"), ERR_STEP);
	close(fd);
}

/* Run a test's core as the user nobody, in a process of its own; 77: it cannot bind. */
static void as_nobody(struct place *p, void (*core)(struct place *))
{
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	for (const char *const *name = (const char *const[]){ "", "/store", "/store/f", "/run",
							      "/run/in", "/run/in/under", NULL };
	     *name; name++) {
		char path[128];

		snprintf(path, sizeof path, "%s%s", p->dir, *name);
		assert_int_equal(chown(path, 65534, 65534), 0);
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
			_exit(1); /* else /proc/self would stay root's, which no user's shell sees */
		if (!process_can_bind())
			_exit(77);
		core(p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void unprivileged(struct place *p)
{
	check_read_only(p);
	check_tricks(p);
	p->plan.no_network = true;
	unlink(p->log);
	if (place_run(
		    p,
		    "id -u; cat run/in/f; wc -l </proc/net/route; grep CapEff /proc/self/status") !=
	    0)
		fail_msg("%s", error_text());
	assert_file(p, "log", "65534\nkept\n1\nCapEff:\t0000000000000000\n");
}

static void test_unprivileged(void **state)
{
	struct place *p = *state;
	struct ground g;

	ground_lay(&g, p);
	as_nobody(p, unprivileged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_unprivileged), /* first: what root can is not known yet */
		PLACE_TEST(test_read_only),    PLACE_TEST(test_one_file),   PLACE_TEST(test_tricks),
		PLACE_TEST(test_onto_itself),  PLACE_TEST(test_bad_bind),   PLACE_TEST(test_body),
		PLACE_TEST(test_writable),     PLACE_TEST(test_no_network),
	};

	return cmocka_run_group_tests_name("isolate", tests, NULL, NULL);
}
