/* doctor.c - what this mich found where, and what each missing part costs. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/engine.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/index/index.h"
#include "lib/launch/cluster/dispatch.h"
#include "lib/launch/process.h"
#include "lib/record/repo.h"
#include "lib/store/store.h"

struct doctor_args {
	bool json;
};

static const struct opt opts[] = { OPT_JSON(struct doctor_args), OPT_END };

/* One line of the answer. */
struct finding {
	const char *part; /* "library", "engine", "program", "tool", "system", "repository" */
	const char *name;
	char *version, *path; /* owned, NULL: not known */
	bool found, needed;   /* needed and not found: exit 1 */
	const char *cost;     /* what is not possible without it, or what to know */
};

struct findings {
	struct finding *v;
	size_t n, cap;
};

static struct finding *add(struct findings *l, const char *part, const char *name, const char *cost)
{
	ARRAY_GROW(l->v, l->n, l->cap);
	l->v[l->n] = (struct finding){ .part = part, .name = name, .cost = cost };
	return &l->v[l->n++];
}

static void libraries(struct findings *l)
{
	const struct {
		const char *name, *version;
	} libs[] = { { "libgit2", store_library() },
		     { "sqlite", index_library() },
		     { "jansson", jansson_version_str() },
		     { "openssl", hash_library() } };

	for (size_t i = 0; i < ARRAY_LEN(libs); i++) {
		struct finding *f = add(l, "library", libs[i].name, NULL);

		f->version = xstrdup(libs[i].version);
		f->found = true;
	}
}

/* Each engine is loaded: one that is there and cannot be used is not found. */
static void *load(struct finding *f, const char *var, const char *file, const char *soname)
{
	void *handle = NULL;

	f->needed = true;
	if (engine_find(f->name, var, file, soname, &f->path) < 0)
		return NULL;
	if (engine_open(f->name, var, file, soname, &handle) < 0) {
		f->version = xstrdup(error_text());
		return NULL;
	}
	return handle;
}

static void duckdb(struct findings *l)
{
	const char *(*version)(void) = NULL;
	struct engine_symbol symbol = { "duckdb_library_version", &version };
	struct finding *f =
		add(l, "engine", "DuckDB", "no table can be read: dataset build, eval, predict");
	void *handle = load(f, "MICH_DUCKDB", "libduckdb.so", "libduckdb.so");

	if (!handle || engine_symbols(f->name, handle, &symbol, 1) < 0)
		return;
	f->version = xstrdup(version());
	f->found = true;
}

static void xgboost(struct findings *l)
{
	void (*version)(int *, int *, int *) = NULL;
	struct engine_symbol symbol = { "XGBoostVersion", &version };
	struct finding *f = add(l, "engine", "XGBoost",
				"learner = xgboost is refused; models made with it still predict");
	void *handle = load(f, "MICH_XGBOOST", "xgboost/lib/libxgboost.so", "libxgboost.so");
	int v[3];

	if (!handle || engine_symbols(f->name, handle, &symbol, 1) < 0)
		return;
	version(&v[0], &v[1], &v[2]);
	f->version = xasprintf("%d.%d.%d", v[0], v[1], v[2]);
	f->found = true;
}

static void programs(struct findings *l)
{
	static const struct {
		const char *name, *cost;
		bool needed;
	} all[] = { { "mich-xgboost", "learner = xgboost is refused", true },
		    { "mich-net", "learner = net and linear are refused", true },
		    { "mich-net-cuda",
		      "gpus = N is refused: nvcc was not there when mich was built", false },
		    { "mich-bundle", ".zip and .tar sources are refused", false },
		    { "mich-serve",
		      "mich serve is refused: libh2o was not there when mich was built", false } };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct finding *f = add(l, "program", all[i].name, all[i].cost);

		f->path = engine_libexec(f->name);
		f->found = access(f->path, X_OK) == 0;
		f->needed = all[i].needed;
	}
}

/* One of NVIDIA's libraries, as mich-net-cuda found it. */
static void gpu_library(struct findings *l, const char *name, const json_t *v, const char *cost)
{
	struct finding *f = add(l, "gpu", name, cost);
	const char *error = json_str(v, "error", NULL);

	f->found = !error;
	f->version = xstrdup(error ? error : json_str(v, "version", ""));
	if (json_str(v, "path", NULL))
		f->path = xstrdup(json_str(v, "path", NULL));
}

/* Nothing of it is needed: without a GPU all is done by the CPU. */
static void gpu(struct findings *l)
{
	char *program = engine_libexec("mich-net-cuda");
	const char *const argv[] = { program, "--devices", NULL };
	struct buf said = BUF_INIT;
	json_t *v = NULL, *one;
	struct finding *f;
	size_t i;

	if (access(program, X_OK) == 0 && process_capture(argv, 60000, &said) == 0 &&
	    json_parse(said.data, said.len, program, &v) == 0) {
		json_array_foreach(json_object_get(v, "devices"), i, one) {
			f = add(l, "gpu", "device", NULL);
			f->found = true;
			f->version = xasprintf("%s, %.0f GiB, driver for CUDA %s",
					       json_str(one, "name", ""),
					       (double)json_int(one, "bytes", 0) / (1 << 30),
					       json_str(v, "driver", "?"));
			f->path = xstrdup(json_str(one, "uuid", ""));
		}
		if (json_str(v, "error", NULL)) {
			f = add(l, "gpu", "device", "gpus = N is refused");
			f->version = xstrdup(json_str(v, "error", ""));
		}
		gpu_library(l, "cuBLASLt", json_object_get(v, "cublaslt"),
			    "products on a GPU are made several times slower");
		gpu_library(l, "NCCL", json_object_get(v, "nccl"), "gpus = 2 and more are refused");
	}
	error_clear();
	json_decref(v);
	buf_clear(&said);
	free(program);
}

/* The first line that `NAME --version` prints. */
static void tool(struct findings *l, const char *name, bool needed, const char *cost)
{
	const char *argv[] = { name, "--version", NULL };
	struct finding *f = add(l, "tool", name, cost);
	struct buf out = BUF_INIT;

	f->needed = needed;
	f->found = process_capture(argv, 5000, &out) == 0;
	if (f->found)
		f->version = xstrndup(out.data, strcspn(out.data, "\n"));
	buf_clear(&out);
}

/* Who could start ranks on other machines; one that has no short way to say its version is only looked for. */
static void launcher(struct findings *l, const char *name, const char *version, const char *cost)
{
	struct finding *f;

	if (version) {
		tool(l, name, false, cost);
		return;
	}
	f = add(l, "tool", name, cost);
	f->found = dispatch_find(name, name) == 0;
	error_clear();
}

static void machine(struct findings *l)
{
	struct finding *f = add(l, "system", "bind mounts",
				"a step's inputs are links or copies instead of a read-only mount");

	f->found = process_can_bind();
	f = add(l, "system", "AVX2", "batches are scored row by row, several times slower");
	f->found = __builtin_cpu_supports("avx2");
}

static const char *fs_name(long type)
{
	static const struct {
		long type;
		const char *name;
	} names[] = { { EXT4_SUPER_MAGIC, "ext4" },
		      { XFS_SUPER_MAGIC, "xfs" },
		      { BTRFS_SUPER_MAGIC, "btrfs" },
		      { TMPFS_MAGIC, "tmpfs" },
		      { OVERLAYFS_SUPER_MAGIC, "overlay" },
		      { NFS_SUPER_MAGIC, "nfs" },
		      { SMB_SUPER_MAGIC, "smb" },
		      { 0xff534d42L, "cifs" },
		      { 0xfe534d42L, "smb2" },
		      { V9FS_MAGIC, "9p" },
		      { CEPH_SUPER_MAGIC, "ceph" },
		      { FUSE_SUPER_MAGIC, "fuse" },
		      { 0x0bd00bd0L, "lustre" },
		      { 0x2fc12fc1L, "zfs" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return "other";
}

static bool fs_is_remote(const char *name)
{
	static const char *const remote[] = { "nfs", "smb",  "cifs", "smb2",
					      "9p",  "ceph", "fuse", "lustre" };

	for (size_t i = 0; i < ARRAY_LEN(remote); i++)
		if (!strcmp(name, remote[i]))
			return true;
	return false;
}

/* Can two files of this folder share their bytes? Tried, with nothing left behind. */
static bool can_reflink(const char *dir)
{
	int from = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int to = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	bool yes = from >= 0 && to >= 0 && file_write_fd(from, "mich", 4) == 0 &&
		   ioctl(to, FICLONE, from) == 0;

	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return yes;
}

static void repository(struct findings *l, struct repo *repo)
{
	const char *dir = repo_mich_dir(repo);
	struct finding *f;
	struct statfs fs;

	f = add(l, "repository", "record", NULL);
	f->path = xstrdup(dir);
	f->found = true;
	f = add(l, "repository", "reflinks",
		"files are given out as links or copies; copies cost their size");
	f->found = can_reflink(dir);
	if (statfs(dir, &fs) < 0)
		return;
	f = add(l, "repository", "file system", NULL);
	f->found = true;
	f->version = xasprintf("%s, %.1f GiB free", fs_name((long)fs.f_type),
			       (double)fs.f_bavail * (double)fs.f_bsize / (1 << 30));
	if (fs_is_remote(fs_name((long)fs.f_type)))
		f->cost =
			"the index keeps no write-ahead log on a network file system, and is slower";
}

static bool all_well(const struct findings *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].needed && !l->v[i].found)
			return false;
	return true;
}

static void print_text(const struct findings *l)
{
	struct grid g;

	grid_init(&g, 4);
	for (size_t i = 0; i < 4; i++)
		grid_column(&g, NULL, false);
	for (size_t i = 0; i < l->n; i++) {
		const struct finding *f = &l->v[i];
		bool same = i && !strcmp(l->v[i - 1].part, f->part);

		grid_cell(&g, same ? "" : f->part);
		grid_cell(&g, f->name);
		grid_cell(&g, f->found ? "yes" : f->needed ? "MISSING" : "no");
		grid_style(&g, f->found ? STYLE_GREEN : f->needed ? STYLE_RED : STYLE_YELLOW);
		if (f->found)
			grid_cellf(&g, "%s%s%s", f->version ? f->version : "",
				   f->version && f->path ? "  " : "", f->path ? f->path : "");
		else
			grid_cellf(&g, "%s%s%s", f->cost ? f->cost : "", f->version ? ": " : "",
				   f->version ? f->version : "");
		if (f->found && f->cost && !strcmp(f->part, "repository") &&
		    !strcmp(f->name, "file system")) {
			grid_cell(&g, "");
			grid_cell(&g, "");
			grid_cell(&g, "note");
			grid_cell(&g, f->cost);
		}
	}
	grid_print(&g);
	grid_clear(&g);
}

static int print_json(const struct findings *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct finding *f = &l->v[i];

		json_array_append_new(list, json_pack("{s:s s:s s:b s:b s:s? s:s? s:s?}", "part",
						      f->part, "name", f->name, "found", f->found,
						      "needed", f->needed, "version", f->version,
						      "path", f->path, "cost", f->cost));
	}
	return cmd_json(json_pack("{s:s s:b s:o}", "version", MICH_VERSION, "ok", all_well(l),
				  "parts", list));
}

static int run(struct repo *repo, const void *p)
{
	const struct doctor_args *args = p;
	struct findings l = { 0 };
	bool well;

	libraries(&l);
	duckdb(&l);
	xgboost(&l);
	programs(&l);
	gpu(&l);
	tool(&l, "git", true, "the record cannot travel to and from remotes");
	tool(&l, "git-lfs", false, "large files do not travel with git push and git pull");
	launcher(&l, "mpirun", "--version", "--launch mpi is refused");
	launcher(&l, "sbatch", NULL, "--launch slurm is refused");
	launcher(&l, "kubectl", NULL, "--launch k8s is refused");
	machine(&l);
	if (repo)
		repository(&l, repo);
	well = all_well(&l);
	if (args->json)
		print_json(&l);
	else
		print_text(&l);
	for (size_t i = 0; i < l.n; i++) {
		free(l.v[i].version);
		free(l.v[i].path);
	}
	free(l.v);
	if (well)
		return 0;
	error_set(ERR_NO, "something that mich needs is missing");
	return error_hint(ERR_NO, "make deps, in the source tree, fetches it");
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "say what was found where, and what each missing part costs",
	.group = GROUP_CARE,
	.flags = CMD_READS | CMD_OPTIONAL_REPO,
	.opts = opts,
	.args_size = sizeof(struct doctor_args),
	.run = run,
};
