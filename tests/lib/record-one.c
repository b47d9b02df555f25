/*
 * record-one.c - record versions by hand, for tests: record-one KIND NAME FOLDER [TEXT] [-n COUNT]
 * makes COUNT versions whose files are a copy of FOLDER, each with its own fingerprint, and prints
 * their names. -a leaves a run behind instead, as a process that was killed does.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/record/draft.h"
#include "lib/record/event.h"
#include "lib/record/name.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"
#include "lib/record/run/run.h"

struct options {
	const char *kind, *name, *folder, *text, *source, *code, *input;
	int count;
	bool abandon;
};

static int copy_entry(const char *path, const char *rel, const struct stat *st, void *payload)
{
	char *dest = path_join(payload, rel);
	int rc = S_ISDIR(st->st_mode) ? file_make_dirs(dest) : file_copy(path, dest, 0644);

	free(dest);
	return rc;
}

static json_t *make_manifest(const struct options *o, int i)
{
	char print[HASH_HEX + 1], *text = xasprintf("%s %d %s", o->text, i, o->folder);
	json_t *m;

	hash_data(text, strlen(text), print);
	m = json_pack("{s:s, s:s, s:{s:i, s:s}, s:[], s:i, s:I, s:I}", "state", "good",
		      "fingerprint", print, "params", "number", i, "text", o->text, "inputs",
		      "seed", 7, "started", (json_int_t)clock_now_ms(), "finished",
		      (json_int_t)clock_now_ms());
	free(text);
	return m;
}

static int add_input(struct repo *r, const struct options *o, json_t *manifest, struct version *in)
{
	char *ref;
	int rc = version_find(r, NULL, o->input, in);

	if (rc < 0)
		return rc;
	ref = version_ref(in);
	json_array_append_new(json_object_get(manifest, "inputs"),
			      json_pack("{s:s, s:s, s:s, s:s}", "role", "data", "ref", ref, "id",
					in->id, "content", in->content));
	free(ref);
	return 0;
}

static int record_one(struct repo *r, const struct options *o, int i)
{
	struct version v = VERSION_INIT, in = VERSION_INIT;
	struct strlist paths = STRLIST_INIT;
	struct source source = { 0 };
	struct code code = CODE_INIT;
	struct run run = { .lock_fd = -1 };
	const char *ids[1];
	json_t *manifest = make_manifest(o, i),
	       *metrics = json_pack("{s:{s:f}}", "test", "rmse", 17.25 + i);
	char *files = NULL, *log = NULL;
	struct draft d = {
		.kind = o->kind, .name = o->name, .manifest = manifest, .metrics = metrics
	};
	int rc = o->input ? add_input(r, o, manifest, &in) : 0;

	if (o->input && !rc) {
		ids[0] = in.id;
		d.inputs = ids;
		d.n_inputs = 1;
	}
	if (!rc && o->source && (rc = source_stat(r, "source", o->source, true, &source)) == 0) {
		rc = source_import(r, &source);
		d.sources = &source;
		d.n_sources = 1;
	}
	if (!rc && o->code) {
		strlist_split(&paths, o->code, ", ");
		rc = code_snapshot(r, &paths, &code);
		d.code = &code;
	}
	if (!rc)
		rc = run_begin(r, o->kind, o->name, manifest, &run);
	if (!rc) {
		files = path_join(run.dir, "out");
		log = path_join(run.dir, "log");
		rc = file_make_dirs(files);
	}
	if (!rc)
		rc = file_walk(o->folder, copy_entry, files);
	if (!rc)
		rc = file_write(log, "made by hand\n", 13);
	if (!rc && o->abandon)
		_exit(0);
	d.files_dir = files;
	d.log_path = log;
	if (!rc)
		rc = draft_record(r, &d, &v);
	if (!rc)
		printf("%s/%s@%lld %s\n", v.kind, v.name, (long long)v.number, v.id);
	run_end(&run);
	version_clear(&v);
	version_clear(&in);
	source_clear(&source);
	code_clear(&code);
	strlist_clear(&paths);
	json_decref(manifest);
	json_decref(metrics);
	free(files);
	free(log);
	return rc;
}

/* record-one event NAME TYPE [TEXT] */
static int record_event(struct repo *r, char **argv)
{
	struct version v = VERSION_INIT;
	json_t *data = argv[3] ? json_pack("{s:s}", "text", argv[3]) : NULL;
	int rc = version_find(r, NULL, argv[1], &v);

	if (!rc)
		rc = event_record(r, &v, argv[2], data);
	json_decref(data);
	version_clear(&v);
	return rc;
}

/* record-one release VERSION SPACE/NAME STAGE [MAJOR.MINOR]: no gate is asked. */
static int record_release(struct repo *r, char **argv)
{
	struct version v = VERSION_INIT;
	struct release made = RELEASE_INIT;
	struct release_plan p = { .v = &v, .stage = argv[3], .major = RELEASE_NEXT };
	char *space = NULL, *name = NULL;
	int rc = version_find(r, NULL, argv[1], &v);

	if (!rc)
		rc = release_parse_name(argv[2], &space, &name);
	if (!rc && argv[4])
		rc = name_parse_release(argv[4], &p.major, &p.minor);
	p.space = space;
	p.name = name;
	if (!rc && (rc = release_make(r, &p, &made)) == 0)
		printf("%s/%s@%lld.%lld %s\n", made.space, made.name, (long long)made.major,
		       (long long)made.minor, made.version);
	release_clear(&made);
	version_clear(&v);
	free(space);
	free(name);
	return rc;
}

static int run_options(struct repo *r, int argc, char **argv)
{
	struct options o = { .count = 1, .text = "" };
	int c, rc = 0;

	while ((c = getopt(argc, argv, "n:s:c:i:a")) != -1)
		switch (c) {
		case 'n':
			o.count = atoi(optarg);
			break;
		case 's':
			o.source = optarg;
			break;
		case 'c':
			o.code = optarg;
			break;
		case 'i':
			o.input = optarg;
			break;
		case 'a':
			o.abandon = true;
			break;
		default:
			return error_set(ERR_USAGE, "unknown option");
		}
	if (argc - optind < 3)
		return error_set(
			ERR_USAGE,
			"record-one [-n COUNT] [-s SOURCE] [-c CODE] [-i INPUT] [-a] KIND NAME"
			" FOLDER [TEXT]");
	o.kind = argv[optind];
	o.name = argv[optind + 1];
	o.folder = argv[optind + 2];
	if (argv[optind + 3])
		o.text = argv[optind + 3];
	for (int i = 0; !rc && i < o.count; i++)
		rc = record_one(r, &o, i);
	return rc;
}

int main(int argc, char **argv)
{
	struct repo *r = NULL;
	bool made;
	int rc;

	if (argc > 1 && !strcmp(argv[1], "init"))
		rc = repo_init(argc > 2 ? argv[2] : ".", &made);
	else if ((rc = repo_open(NULL, REPO_WRITE, &r)) == 0)
		rc = argc > 3 && !strcmp(argv[1], "event")     ? record_event(r, argv + 1)
		     : argc > 4 && !strcmp(argv[1], "release") ? record_release(r, argv + 1)
							       : run_options(r, argc, argv);
	if (rc < 0)
		fprintf(stderr, "record-one: %s\n", error_text());
	if (rc < 0 && *error_hint_text())
		fprintf(stderr, "  %s\n", error_hint_text());
	repo_close(r);
	return error_exit_status(rc);
}
