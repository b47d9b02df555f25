/* import.c - read the file, make or check its contract, record both. */
#include "lib/make/import.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/make/import_folder.h"
#include "lib/make/import_foreign.h"
#include "lib/make/make.h"
#include "lib/make/resolve.h"
#include "lib/model/fit.h"
#include "lib/model/model.h"
#include "lib/model/trees/adopt.h"
#include "lib/record/draft.h"
#include "lib/record/name.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/table/rows/scan.h"

enum { IMPORT_NUMBER = 1 }; /* raised when the same file gives another contract */

struct job {
	struct repo *r;
	const struct import_ask *ask;
	struct buf bytes;
	char sha256[HASH_HEX + 1];
	struct adopted model;
	struct import_folder folder; /* .model NULL: it is one file */
	enum adopt_order order;
	struct contract contract;
	struct version like; /* .kind NULL: none */
	char *label;	     /* of the data set */
	char *scratch;
	int64_t started_ms;
};

/* A name that a section of the Michfile has is made by its recipe, never brought from outside. */
static int refuse_own(struct repo *r, const char *name)
{
	struct plan *p = NULL;
	int rc = 0;

	if (repo_workdir(r) && plan_open(r, make_ops, &p) == 0 &&
	    spec_find(plan_spec(p), SPEC_MODEL, name)) {
		rc = error_set(ERR_EXISTS,
			       "cannot import model/%s: the Michfile has a section of that name",
			       name);
		error_hint(rc, "import it under another name: mich import model/%s-imported FILE",
			   name);
	} else {
		error_clear();
	}
	plan_close(p);
	return rc;
}

/* A file that is not read: what it is, or that it belongs to a folder that is. */
static int bad_file(const struct job *j, int rc)
{
	const char *path = j->ask->path, *base = path_base(path);
	const char *what = import_foreign(path, j->bytes.data, j->bytes.len);
	char *dir = xstrndup(path, (size_t)(base - path)), *meta = xasprintf("%smodel.json", dir);

	if (what)
		rc = error_set(ERR_INPUT, "'%s' is %s, which mich does not score", path, what);
	else
		error_wrap(rc, "'%s'", path);
	if (!what && file_exists(meta))
		error_hint(
			rc,
			"a model that mich wrote is taken in as its folder: mich import model/%s %s",
			j->ask->name, *dir ? dir : ".");
	else
		error_hint(rc, "want XGBoost's .json or .ubj, a folder or package that mich wrote, "
			       "or a folder with a model.json of your own: man mich-model");
	free(meta);
	free(dir);
	return rc;
}

static int read_weights(struct job *j)
{
	int rc = file_read(j->ask->path, &j->bytes);

	if (rc)
		return rc;
	hash_data(j->bytes.data, j->bytes.len, j->sha256);
	rc = adopted_parse(j->bytes.data, j->bytes.len, j->ask->rounds, &j->model);
	return rc ? bad_file(j, rc) : 0;
}

static int read_contract(struct job *j)
{
	json_t *doc = NULL, *inner;
	int rc = json_read(j->ask->contract, &doc);

	if (rc)
		return rc;
	inner = json_object_get(doc, "contract");
	rc = contract_parse(inner ? inner : doc, &j->contract);
	if (!rc && j->ask->mode)
		rc = contract_mode_parse(j->ask->mode, &j->contract.mode);
	json_decref(doc);
	return rc ? error_wrap(rc, "'%s'", j->ask->contract) : 0;
}

/* The data set's files in scratch, and the column that it would have predicted. */
static int place_like(struct job *j, char **dir)
{
	json_t *manifest = NULL;
	const char *label;
	int rc = resolve_version(j->r, "dataset", j->ask->like, &j->like);

	if (rc)
		return rc;
	*dir = path_join(j->scratch, "like");
	rc = version_place(j->r, &j->like, PLACE_LINK, *dir);
	if (!rc)
		rc = version_manifest(j->r, &j->like, &manifest);
	label = json_str(json_object_get(manifest, "recipe"), "label", NULL);
	j->label = label ? xstrdup(label) : NULL;
	json_decref(manifest);
	return rc;
}

/*
 * Its splits that are tables. All of them, since a category of the test rows has a code too; but mich
 * numbers categories by how frequent they are in the rows that train.
 */
static int open_like(const struct job *j, const char *dir, const char *const *columns, size_t n,
		     struct table_scan **out)
{
	size_t last = j->order == ADOPT_FREQUENT ? 1 : 3;
	static const char *const parts[] = { "train", "test", "validation" };
	char *paths[ARRAY_LEN(parts)];
	size_t found = 0;
	int rc;

	for (size_t i = 0; i < last; i++) {
		paths[found] = xasprintf("%s/%s.parquet", dir, parts[i]);
		if (file_exists(paths[found]))
			found++;
		else
			free(paths[found]);
	}
	rc = found ? table_scan_open((const char *const *)paths, found, columns, n, 1, out)
		   : error_set(ERR_INPUT, "it has no rows, only files");
	while (found)
		free(paths[--found]);
	return rc;
}

static const char *label_of(const struct job *j, const struct strlist *inputs)
{
	if (j->ask->label)
		return j->ask->label;
	return j->label && !strlist_has(inputs, j->label) ? j->label : NULL;
}

static int fit_splits(struct job *j, const char *dir, const struct strlist *inputs)
{
	struct strlist columns = STRLIST_INIT;
	struct fit_opts opts = {
		.columns = (const char *const *)inputs->v,
		.n = inputs->n,
		.label = label_of(j, inputs),
		.task = contract_task_name(j->contract.task),
		.max_categories = CONTRACT_CATEGORIES,
	};
	struct table_scan *scan = NULL;
	struct fit *f = NULL;
	struct frame rows;
	int rc = fit_new(&opts, &f);

	for (size_t i = 0; i < inputs->n; i++)
		strlist_add(&columns, inputs->v[i]);
	if (opts.label)
		strlist_add(&columns, opts.label);
	if (!rc)
		rc = open_like(j, dir, (const char *const *)columns.v, columns.n, &scan);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = fit_add(f, &rows);
	if (!rc)
		rc = fit_finish(f, &j->contract);
	table_scan_close(scan);
	fit_free(f);
	strlist_clear(&columns);
	return rc;
}

static int fit_like(struct job *j)
{
	const enum contract_task task = j->contract.task;
	struct strlist inputs = STRLIST_INIT;
	struct table_scan *head = NULL;
	char *dir = NULL;
	int rc = place_like(j, &dir);

	if (!rc)
		rc = open_like(j, dir, NULL, 0, &head);
	if (!rc)
		rc = adopted_columns(&j->model, table_scan_head(head), j->ask->columns,
				     j->ask->n_columns, &inputs);
	table_scan_close(head);
	if (!rc)
		rc = fit_splits(j, dir, &inputs);
	j->contract.task = task;
	if (!rc)
		rc = adopted_recode(&j->model, j->order, &j->contract);
	strlist_clear(&inputs);
	free(dir);
	return rc ? error_wrap(rc, "'%s' and data set '%s'", j->ask->path, j->ask->like) : 0;
}

static int choose_task(const struct job *j, enum contract_task *out)
{
	*out = j->model.trees.objective->task;
	return j->ask->task ? contract_task_parse(j->ask->task, out) : 0;
}

static int make_contract(struct job *j)
{
	const struct import_ask *ask = j->ask;
	enum contract_task task;
	int rc = choose_task(j, &task);

	if (rc)
		return rc;
	if (ask->contract)
		return read_contract(j);
	j->contract.task = task;
	if (ask->like)
		rc = fit_like(j);
	else
		rc = adopted_contract(&j->model, ask->columns, ask->n_columns, j->order,
				      &j->contract);
	j->contract.task = task;
	if (!rc && ask->mode)
		rc = contract_mode_parse(ask->mode, &j->contract.mode);
	if (!rc && ask->label && !j->contract.label) {
		j->contract.label = xstrdup(ask->label);
		j->contract.label_type = FRAME_DOUBLE;
	}
	if (!rc)
		adopted_classes(&j->model, &j->contract);
	return rc;
}

/* The name of the bytes in the version: what they are says their ending. */
static const char *weights_name(const struct job *j)
{
	const char *s = j->bytes.data;

	return j->bytes.len > 1 && strchr("\"} \t\r\n", s[1]) ? "xgboost.json" : "model.ubj";
}

/* model.json and the weights in a folder, opened once as whoever scores with them will. */
static int write_files(struct job *j, const char *dir)
{
	char *path = path_join(dir, weights_name(j));
	json_t *extras = json_object();
	struct model *m = NULL;
	int rc = file_make_dirs(dir);

	if (j->ask->rounds)
		json_object_set_new(extras, "iterations", json_integer(j->ask->rounds));
	if (!rc)
		rc = file_write(path, j->bytes.data, j->bytes.len);
	if (!rc)
		rc = model_write_forest(dir, &j->contract, weights_name(j), extras);
	if (!rc)
		rc = model_open(dir, &m);
	model_free(m);
	json_decref(extras);
	free(path);
	return rc;
}

/* What names the bytes that were brought. */
static const char *brought(const struct job *j)
{
	return j->folder.model ? j->folder.content : j->sha256;
}

static const struct contract *contract_of(const struct job *j)
{
	return j->folder.model ? model_contract(j->folder.model) : &j->contract;
}

static json_t *inputs_json(const struct job *j)
{
	json_t *list = json_array();
	char *ref;

	json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "role",
					      j->folder.model ? "folder" : "file", "ref",
					      j->ask->path, "content", brought(j)));
	if (!j->like.kind)
		return list;
	ref = version_ref(&j->like);
	json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "role", "like", "ref", ref,
					      "content", j->like.content, "id", j->like.id));
	free(ref);
	return list;
}

static json_t *recipe_json(const struct job *j)
{
	const char *label = contract_of(j)->label;
	json_t *recipe = j->folder.model ? json_pack("{s:s,s:s}", "import", "mich", "model",
						     model_kind(j->folder.model))
					 : json_pack("{s:s,s:i,s:s}", "import", "xgboost", "rounds",
						     j->ask->rounds, "objective",
						     j->model.trees.objective->name);

	if (label)
		json_object_set_new(recipe, "label", json_string(label));
	return recipe;
}

static json_t *origin_json(const struct job *j)
{
	json_t *o =
		json_pack("{s:s,s:s,s:I}", "path", j->ask->path,
			  j->folder.model ? "content" : "sha256", brought(j), "bytes",
			  j->folder.model ? (json_int_t)j->folder.bytes : (json_int_t)j->bytes.len);

	if (j->ask->origin)
		json_object_set_new(o, "from", json_string(j->ask->origin));
	if (j->folder.package)
		json_object_set(o, "package", j->folder.package);
	return o;
}

/* What made it what it is: the bytes, the contract, the rounds. */
static json_t *print_json(const struct job *j)
{
	json_t *print = json_pack("{s:s,s:i}", "kind", "model", "import", IMPORT_NUMBER);

	if (j->folder.model) {
		json_object_set_new(print, "files", json_string(j->folder.content));
	} else {
		json_object_set_new(print, "rounds", json_integer(j->ask->rounds));
		json_object_set_new(print, "weights", json_string(j->sha256));
	}
	json_object_set_new(print, "contract", contract_json(contract_of(j)));
	return print;
}

/* As the step that trains them says it, for those who look for the list of them among the files. */
static void add_partitions(const struct job *j, json_t *manifest)
{
	const json_t *meta = j->folder.model ? model_meta(j->folder.model) : NULL;
	const json_t *parts = json_object_get(meta, "partitions");

	if (parts && j->folder.has_partitions)
		json_object_set_new(
			manifest, "partitions",
			json_pack("{s:O,s:I}", "by", json_object_get(parts, "by"), "own",
				  (json_int_t)json_array_size(json_object_get(parts, "models"))));
}

static json_t *manifest_json(const struct job *j)
{
	char started[CLOCK_ISO_BYTES], finished[CLOCK_ISO_BYTES], print_hash[HASH_HEX + 1];
	json_t *print = print_json(j);
	json_t *m;

	clock_iso(j->started_ms, started);
	clock_iso(clock_now_ms(), finished);
	json_hash(print, print_hash);
	m = json_pack("{s:o,s:{},s:{},s:{},s:o,s:i,s:o,s:o,s:s,s:s,s:s,s:s}", "recipe",
		      recipe_json(j), "check", "params", "engines", "inputs", inputs_json(j),
		      "seed", 0, "print", print, "origin", origin_json(j), "fingerprint",
		      print_hash, "started", started, "finished", finished, "state", "good");
	add_partitions(j, m);
	return m;
}

static int record(struct job *j, const char *dir, struct import_result *out)
{
	const char *const ids[] = { j->like.id };
	json_t *manifest = manifest_json(j);
	struct draft d = { .kind = "model",
			   .name = j->ask->name,
			   .manifest = manifest,
			   .files_dir = dir,
			   .inputs = ids,
			   .n_inputs = j->like.kind ? 1 : 0 };
	int rc = version_by_fingerprint(j->r, "model", j->ask->name,
					json_str(manifest, "fingerprint", ""), &out->version);

	if (rc == ERR_NOT_FOUND) {
		error_clear();
		rc = draft_record(j->r, &d, &out->version);
		out->made = !rc && out->version.started_ms == j->started_ms; /* else another did */
	}
	json_decref(manifest);
	return rc;
}

static void add_notes(const struct job *j, struct import_result *out)
{
	int best = j->model.trees.best_iteration;

	if (!contract_of(j)->label)
		strlist_add(&out->notes,
			    "its label is not known, so it cannot be measured: --label COLUMN");
	if (!j->folder.model && best >= 0 && !j->ask->rounds)
		strlist_addf(&out->notes,
			     "its best round is number %d, and all rounds are used: --rounds %d",
			     best, best + 1);
}

/* One file, and a contract that is made or read. */
static int take_file(struct job *j, const char *dir)
{
	int rc = read_weights(j);

	if (!rc)
		rc = make_contract(j);
	if (!rc && (rc = adopted_check(&j->model, &j->contract)))
		error_wrap(rc, "'%s'", j->ask->path);
	return rc ? rc : write_files(j, dir);
}

static int take_folder(struct job *j, const char *dir)
{
	const struct import_ask *ask = j->ask;

	if (ask->contract || ask->like || ask->n_columns || ask->label || ask->task ||
	    ask->categories || ask->rounds)
		return error_hint(error_set(ERR_INPUT,
					    "'%s' is a model with a contract of its own: nothing "
					    "is made or cut of it",
					    ask->path),
				  "leave out all options but --mode, --origin and --json");
	return import_folder_take(ask->path, ask->mode, j->scratch, dir, &j->folder);
}

static int import_in(struct job *j, struct import_result *out)
{
	char *dir = path_join(j->scratch, "files");
	int rc = import_folder_named(j->ask->path) ? take_folder(j, dir) : take_file(j, dir);

	if (!rc)
		rc = record(j, dir, out);
	if (!rc)
		add_notes(j, out);
	free(dir);
	return rc;
}

int import_model(struct repo *r, const struct import_ask *ask, struct import_result *out)
{
	struct job j = { .r = r,
			 .ask = ask,
			 .bytes = BUF_INIT,
			 .contract = CONTRACT_INIT,
			 .like = VERSION_INIT,
			 .started_ms = clock_now_ms() };
	int rc = name_check("name", ask->name), removed = 0;

	*out = (struct import_result){ .version = VERSION_INIT };
	if (!rc)
		rc = refuse_own(r, ask->name);
	if (!rc)
		rc = adopt_order_parse(ask->categories, &j.order);
	if (!rc)
		rc = scratch_make(r, "import", &j.scratch);
	if (!rc)
		rc = import_in(&j, out);
	if (j.scratch)
		removed = file_remove_tree(j.scratch);
	contract_clear(&j.contract);
	adopted_clear(&j.model);
	import_folder_clear(&j.folder);
	version_clear(&j.like);
	buf_clear(&j.bytes);
	free(j.label);
	free(j.scratch);
	return rc ? rc : removed;
}

void import_result_clear(struct import_result *out)
{
	version_clear(&out->version);
	strlist_clear(&out->notes);
}
