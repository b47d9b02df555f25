/* key.c - the table of keys. michfile(5) lists them in this order. */
#include "lib/spec/key.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/strlist.h"

#define D (1u << SPEC_DATASET)
#define M (1u << SPEC_MODEL)
#define E (1u << SPEC_EVAL)
#define P (1u << SPEC_PREDICTION)
#define B (1u << SPEC_BENCH)

/* The field's offset; a field of another type than the key's does not compile. */
#define AT(field, T) \
	.at = offsetof(struct spec_node, field) * _Generic(((struct spec_node *)0)->field, T : 1)
#define TEXT(field) AT(field, char *)
#define ITEMS(field) AT(field, struct spec_items)
#define WHOLE(field) AT(field, int64_t)
#define REAL(field) AT(field, double)
#define SWITCH(field) AT(field, bool)
#define CHOICE(field) AT(field, int)

const struct key key_table[] = {
	/* what is read */
	{ "source", D | P, KEY_SOURCE, KEY_OUTPUT, KEY_MANY | KEY_INPUT,
	  AT(source, struct spec_source *), .placeholder = "[NAME =] PATH | DATASET",
	  .help = "what it is made from: a file, a directory or another data set",
	  .more = "CSV (also .gz, .zst, .zip), Parquet, JSON lines, a table of a SQLite file "
		  "(_FILE.sqlite:TABLE_), a directory of any files, or a data set by its name. Each "
		  "is seen under its stem, _weather_ for data/weather.csv.gz, unless NAME = goes "
		  "before it. A value that is the name of a data set in this file, or that begins "
		  "with dataset/, means the data set; write ./NAME for a path that looks like one (its own name always is a path). A "
		  "prediction without a query has one source." },
	{ "model", E | P | B, KEY_REF, KEY_OUTPUT, KEY_INPUT, TEXT(ref_text[SPEC_MODEL]),
	  .placeholder = "MODEL", .help = "the model that is measured, or that predicts" },
	{ "dataset", M | E | B, KEY_REF, KEY_OUTPUT, KEY_INPUT, TEXT(ref_text[SPEC_DATASET]),
	  .placeholder = "DATASET", .help = "the data set that is trained on, or measured on",
	  .more = "An evaluation or a bench without it measures on the data set of its model." },

	/* how it is made */
	{ "query", D | P, KEY_TEXT, KEY_OUTPUT, KEY_QUOTED, TEXT(query), .placeholder = "SQL",
	  .help = "DuckDB SQL over the sources",
	  .more = "Each source is a table under its name; a single one also as _source_. Without a "
		  "query the rows of the one source are taken as they are." },
	{ "command", D | M | E, KEY_TEXT, KEY_OUTPUT, KEY_QUOTED, TEXT(command),
	  .placeholder = "PROGRAM ARG...", .help = "any program that fills the folder $MICH_OUT",
	  .more = "It is run by sh, in a folder of its own that holds its code and its inputs and "
		  "nothing else, with $MICH_OUT, $MICH_IN_\\*, $MICH_PARAMS, $MICH_SEED and $MICH_EVENTS "
		  "set. Words that name tracked files belong to its code." },
	{ "code", D | M | E, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_INPUT | KEY_FOR_COMMAND,
	  ITEMS(code), .placeholder = "PATH, ...",
	  .help = "files and folders that the command needs",
	  .more = "A change in one of them makes the step run again." },
	{ "environment", D | M | E, KEY_TEXT, KEY_OUTPUT, KEY_INPUT | KEY_FOR_COMMAND,
	  TEXT(environment), .placeholder = "PATH",
	  .help = "a lock file of packages, such as requirements.lock",
	  .more = "Its bytes enter the fingerprint." },
	{ "learner", M, KEY_LEARNER, KEY_OUTPUT, 0, TEXT(learner), .choices = "xgboost|net|linear",
	  .help = "the built-in program that trains it",
	  .more = "_xgboost_: trees. _net_: a neural network of dense layers. _linear_: linear, "
		  "logistic, softmax or Poisson regression, by the label and the parameter _loss_. "
		  "Their parameters: *mich-learners*(7)." },
	{ "members", M, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_INPUT, ITEMS(members),
	  .placeholder = "MODEL, ...", .help = "the models that answer as one: an ensemble",
	  .more = "They become dependencies, and their files lie in its version, so it serves alone. "
		  "They must agree in task, label and classes; what they ask for and what they are may "
		  "differ: the ensemble asks for the columns of all. A *command*'s model can be one "
		  "where it leaves a model.json that mich scores with." },
	{ "combine", M, KEY_CHOICE, KEY_OUTPUT, KEY_FOR_MEMBERS, CHOICE(combine),
	  .choices = "mean|vote|weighted|stacked", .fallback = "mean",
	  .help = "how members' answers become one",
	  .more = "_mean_: of their values, or of the probabilities of each class. _vote_: each has a "
		  "vote for its class, and a class's probability is its share of them; half of the votes "
		  "for the second of two classes are enough. _weighted_: a mean by *weights*. _stacked_: "
		  "*learner* trains a final model on what the members say of rows that they have not "
		  "seen: each is trained again, by its own recipe, once for each of *folds* parts of the "
		  "train split without that part, and answers for it." },
	{ "weights", M, KEY_LIST, KEY_OUTPUT, KEY_FOR_MEMBERS | KEY_REPEATS, ITEMS(member_weights),
	  .placeholder = "W, ...", .help = "how much each member counts, in their order",
	  .more = "With _weighted_ or _vote_. Without it _weighted_ finds them on the validation split: "
		  "members are added one by one, each as often as it makes the mean better." },
	{ "folds", M, KEY_INT, KEY_OUTPUT, KEY_FOR_STACKED, WHOLE(folds), 2, 100, .fallback = "5",
	  .placeholder = "N", .help = "into how many parts the train split is dealt",
	  .more = "Rows that the data set's split keeps together stay together." },
	{ "passthrough", M, KEY_BOOL, KEY_OUTPUT, KEY_FOR_STACKED, SWITCH(passthrough),
	  .fallback = "no", .help = "the final model sees the members' columns too" },
	{ "init-from", M, KEY_REF, KEY_OUTPUT, KEY_INPUT, TEXT(init_from), .placeholder = "MODEL",
	  .help = "the model whose weights or trees training starts from",
	  .more = "It becomes a dependency. A net starts from one of the same layers; what it learned of "
		  "columns and categories is taken over by their names. Trees get further rounds on top of "
		  "those of a model with the same columns, objective and classes; categories that are new "
		  "to it get codes behind its own. An earlier version of the model itself is pinned: "
		  "NAME@N. A command finds it in $MICH_IN_INIT_FROM." },
	{ "param", M, KEY_PARAM, KEY_OUTPUT, KEY_MANY | KEY_QUOTED, ITEMS(param),
	  .placeholder = "KEY=VALUE",
	  .help = "a parameter of the learner or the command; the last of one KEY wins",
	  .more = "A learner refuses the ones that it does not know. A command finds them as JSON in "
		  "$MICH_PARAMS. *mich train X --set KEY=VALUE* sets one for one run." },
	{ "seed", D | M | E, KEY_INT, KEY_OUTPUT, 0, WHOLE(seed), 0, 2147483647, .fallback = "0",
	  .placeholder = "N", .help = "where all chance begins" },

	{ "determinism", M, KEY_CHOICE, KEY_OUTPUT, KEY_FOR_PROGRAM, CHOICE(determinism),
	  .choices = "run|world|off", .fallback = "run",
	  .help = "what must be the same for a training to give the same bytes again",
	  .more = "_run_: as many threads and ranks. _world_: any number of them, so the number of ranks "
		  "does not make another version. _off_: nothing is promised, and threads take rows as "
		  "they become free. The learners _net_ and _linear_ know all three, _xgboost_ only "
		  "_run_. A command is told in $MICH\\_DETERMINISM; that it keeps to it is up to it." },

	/* a data set's shape */
	{ "split", D, KEY_SPLIT, KEY_OUTPUT, 0, AT(split, struct spec_split),
	  .fallback = "75/15/10 by hash", .placeholder = "A/B/C [by METHOD]",
	  .help = "percent of rows for train, test and validation, and how a row finds its place",
	  .more = "METHOD is *hash* (of the whole row) or *hash(COLUMN, ...)*: a row's place depends "
		  "on these values alone, so that nothing moves from test into train as the data grow; "
		  "*row*: at random, sizes exact in rows; *group(COLUMN, ...)*: a group never spans "
		  "splits, sizes exact in groups; *time(COLUMN)*: cut in order, the oldest train. In a "
		  "directory of files a row is a file, and hash is of its path." },
	{ "label", D | M, KEY_TEXT, KEY_OUTPUT, 0, TEXT(label), .placeholder = "COLUMN",
	  .help = "the column to be predicted; a model's goes before its data set's" },
	{ "order", D, KEY_LIST, KEY_OUTPUT, 0, ITEMS(order), .placeholder = "COLUMN, ...",
	  .help = "columns by which rows are sorted, after the query's own ORDER BY" },
	{ "exact", D, KEY_BOOL, KEY_OUTPUT, KEY_FOR_QUERY, SWITCH(exact), .fallback = "yes",
	  .help = "the same bytes whatever the number of threads",
	  .more = "With _no_, aggregates and windows run in parallel, and last digits or the choice "
		  "among ties may differ from run to run." },
	{ "volatile", D, KEY_BOOL, KEY_OUTPUT, KEY_FOR_QUERY, SWITCH(is_volatile), .fallback = "no",
	  .help = "allow random() and uuid() in the query" },
	{ "keep", D, KEY_BOOL, KEY_OUTPUT, 0, SWITCH(keep), .fallback = "yes",
	  .help = "import the sources, so that a clone can rebuild it",
	  .more = "With _no_ only their hashes are recorded." },
	{ "refresh", D, KEY_REFRESH, KEY_RUN, 0, AT(refresh, struct spec_refresh),
	  .fallback = "never", .placeholder = "never | always | SPAN | COMMAND",
	  .help = "when its world may have changed, so that the step runs again",
	  .more = "A SPAN such as 1d: once in each such period, counted in UTC; its start is what "
		  "now() gives in the query. A COMMAND: when what it prints changes. *mich build "
		  "--refresh* runs it at once." },

	/* a model's inputs */
	{ "feature", M, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_FOR_LEARNER, ITEMS(feature),
	  .placeholder = "COLUMN, ...",
	  .help = "the columns that it sees; without it, all but label, weight and group" },
	{ "exclude", M, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_FOR_LEARNER, ITEMS(exclude),
	  .placeholder = "COLUMN, ...",
	  .help = "columns that it does not see, where feature is absent" },
	{ "columns", P, KEY_LIST, KEY_OUTPUT, KEY_MANY, ITEMS(feature),
	  .placeholder = "COLUMN, ...",
	  .help = "columns of the source that stand before the predictions" },
	{ "task", M, KEY_CHOICE, KEY_OUTPUT, KEY_FOR_LEARNER, CHOICE(task),
	  .choices = "auto|regression|binary|multiclass|ranking", .fallback = "auto",
	  .help = "what kind of answer it gives; auto judges by the label" },
	{ "weight", M, KEY_TEXT, KEY_OUTPUT, KEY_FOR_LEARNER | KEY_FOR_STACKED, TEXT(weight),
	  .placeholder = "COLUMN", .help = "how much each row counts" },
	{ "group", M, KEY_TEXT, KEY_OUTPUT, KEY_FOR_LEARNER, TEXT(group), .placeholder = "COLUMN",
	  .help = "which rows are ranked against each other" },
	{ "partition", M, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_FOR_LEARNER, ITEMS(partition),
	  .placeholder = "COLUMN, ...",
	  .help = "columns by whose values the rows are parted, a model trained for each",
	  .more = "Text, whole numbers or switches; up to four columns, then a model for each "
		  "combination that training has. They are trained side by side in one step and are one "
		  "version, with a model over all rows, the parent, that answers for a value that is "
		  "missing, that training did not have, or that has too few rows. Scoring picks by the "
		  "row's value. The columns are inputs of the contract, but no feature unless *feature* "
		  "names them. See *mich-train*(1)." },
	{ "partition-min-rows", M, KEY_INT, KEY_OUTPUT, KEY_FOR_PARTITION,
	  WHOLE(partition_min_rows), 1, 1000000000, .fallback = "100", .placeholder = "N",
	  .help = "how many rows of train a partition needs for a model of its own" },
	{ "contract", M, KEY_CHOICE, KEY_OUTPUT, KEY_FOR_LEARNER | KEY_FOR_MEMBERS,
	  CHOICE(contract), .choices = "warn|reject|coerce", .fallback = "warn",
	  .help = "what scoring does with values that training did not see",
	  .more = "_warn_: an unknown category is missing, a value out of range is scored, both are "
		  "counted. _reject_: refused, naming column and row. _coerce_: other types are cast. A "
		  "missing column is refused always." },

	/* what it must hold up to */
	{ "check", D, KEY_TEXTS, KEY_CHECK, KEY_MANY | KEY_QUOTED, ITEMS(check),
	  .placeholder = "SQL", .help = "a condition that every row of every split must meet",
	  .more = "_rows_ is the number of rows: \"rows >= 100000\"." },
	{ "check", M, KEY_TEXTS, KEY_CHECK, KEY_MANY | KEY_QUOTED, ITEMS(check),
	  .placeholder = "COMMAND",
	  .help = "a program that *mich validate* runs, and that must exit 0",
	  .more = "It is run by sh in a clean folder that holds the code whose files it names, as "
		  "committed, with the model in the folder $MICH_IN_MODEL and its data set in "
		  "$MICH_IN_DATASET. The last line that it says is the reason." },
	{ "gate", M | E, KEY_TEXTS, KEY_CHECK, KEY_MANY | KEY_QUOTED, ITEMS(gate),
	  .placeholder = "EXPRESSION", .help = "what a figure must reach: \"test.rmse < 25\"",
	  .more = "A model with a gate implies the evaluation eval/MODEL on its test split, where its "
		  "gates are judged. A changed gate is judged again on the recorded figures; nothing is "
		  "trained again. With _production._ before a figure, what is in production is measured "
		  "on the same rows, less those that it was trained on: \"test.rmse <= 1.01 \\* "
		  "production.test.rmse\"; while nothing is in production such a gate stands in no "
		  "one's way. Slices: \"worst slice(carrier).rmse < 60\", \"no-regress slice(carrier, "
		  "hour \\* origin, min = 50, tolerance = 2%)\"; fewer rows than min (30) are shown and "
		  "not judged. Latency, of *mich-bench*(1) on recorded rows: \"bench.p99\\_us < 500\". See "
		  "*mich-validate*(1)." },
	{ "split", E | B, KEY_CHOICE, KEY_OUTPUT, 0, CHOICE(part),
	  .choices = "test|validation|train", .fallback = "test",
	  .help = "the split that is measured on" },
	{ "threshold", E, KEY_DOUBLE, KEY_OUTPUT, 0, REAL(threshold), 0, 1, .fallback = "0.5",
	  .placeholder = "P", .help = "the probability from which a binary answer counts as yes" },

	{ "by", E, KEY_LIST, KEY_OUTPUT, KEY_MANY, ITEMS(by),
	  .placeholder = "COLUMN [* COLUMN], ...",
	  .help = "columns whose values divide the rows into slices that are measured apart",
	  .more = "Any column of the data set. _A \\* B_ crosses two. A text, a switch or one of at most 50 "
		  "whole numbers is a slice each; other numbers and times are cut into ranges that hold "
		  "about as many rows each. A missing value is a slice of its own." },
	{ "bins", E, KEY_INT, KEY_OUTPUT, 0, WHOLE(bins), 2, 1000, .fallback = "10",
	  .placeholder = "N", .help = "into how many ranges a number is cut for slices" },
	{ "bootstrap", E, KEY_INT, KEY_OUTPUT, 0, WHOLE(bootstrap), 0, 100000, .fallback = "1000",
	  .placeholder = "N", .help = "samples for the 95 % interval of each figure; 0: none",
	  .more = "As many rows as there are are drawn with replacement in each; of more than 50,000 "
		  "rows that many are chosen, and the intervals shortened to fit all." },
	{ "importance", E, KEY_INT, KEY_OUTPUT, 0, WHOLE(importance), 0, 1000, .fallback = "5",
	  .placeholder = "N",
	  .help = "how often each column's values are dealt out anew to see what it is worth; 0: never",
	  .more = "On at most 10,000 rows, fewer where there are many columns." },

	/* how fast it answers */
	{ "batch", B, KEY_LIST, KEY_OUTPUT, KEY_MANY, ITEMS(batch), .placeholder = "N, ...",
	  .help = "how many rows are scored at once, beside one; without it 10, 100 and 1000" },
	{ "seconds", B, KEY_DOUBLE, KEY_OUTPUT, 0, REAL(seconds), 0, 3600, .fallback = "1",
	  .placeholder = "S",
	  .help = "how long each of them is measured, after a fifth of it to warm up" },
	{ "rows", B, KEY_INT, KEY_OUTPUT, 0, WHOLE(rows), 1, 10000000, .fallback = "10000",
	  .placeholder = "N", .help = "how many rows of the split are used, at most" },
	{ "synthetic", B, KEY_BOOL, KEY_OUTPUT, 0, SWITCH(synthetic), .fallback = "no",
	  .help = "measure on rows made up from the model's contract instead of a data set's",
	  .more = "No gate is met by what was measured so." },
	{ "target", B, KEY_TEXT, KEY_OUTPUT, 0, TEXT(target), .placeholder = "HOST",
	  .help = "the machine on which it is measured, as ssh names it; without it this one",
	  .more = "See *mich-bench*(1)." },

	/* where and how */
	{ "threads", D | M | E | P | B, KEY_INT, KEY_RUN, 0, WHOLE(threads), 0, 4096,
	  .fallback = "0", .placeholder = "N", .help = "how many threads; 0: one a core" },
	{ "ranks", M, KEY_INT, KEY_RUN, KEY_FOR_PROGRAM, WHOLE(ranks), 0, 4096, .fallback = "0",
	  .placeholder = "N",
	  .help = "as how many processes it is trained, each with the variables that torchrun sets",
	  .more = "They share the threads and the memory; the first that fails ends all, and is named. "
		  "0 is one process without those variables. More than one is part of the fingerprint, "
		  "unless _determinism_ is _world_. See *mich-train*(1)." },
	{ "gpus", M, KEY_INT, KEY_RUN, KEY_FOR_PROGRAM, WHOLE(gpus), 0, 4096, .fallback = "0",
	  .placeholder = "N", .help = "how many GPUs of this machine it sees; a rank on each",
	  .more = "A command sees all of them and picks by $LOCAL_RANK; each rank of a learner sees its "
		  "own alone. With _ranks_ that many ranks of a command share them; those of _net_ and "
		  "_linear_ have one each. A rank is bound to the cores near its own. See "
		  "*mich-learners*(7)." },
	{ "gpu-isolate", M, KEY_BOOL, KEY_RUN, KEY_FOR_COMMAND, SWITCH(gpu_isolate),
	  .fallback = "no",
	  .help = "does each rank of a command see its own GPU alone, as device 0, and not all?" },
	{ "mpi-env", M, KEY_BOOL, KEY_OUTPUT, KEY_FOR_COMMAND, SWITCH(mpi_env),
	  .help = "do ranks also see OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK and _LOCAL_SIZE?",
	  .more = "For a script that finds its place by them. A program that is linked with OpenMPI "
		  "would take them for mpirun's and fail, but with *--launch mpi* mpirun places each of "
		  "its ranks and MPI works in them (without _gpus_ and _max-restarts_). Without it: no." },
	{ "max-restarts", M, KEY_INT, KEY_RUN, KEY_FOR_PROGRAM, WHOLE(max_restarts), 0, 1000,
	  .fallback = "0", .placeholder = "N",
	  .help = "how often all ranks are started again after one failed",
	  .more = "They find what they left in the folder $MICH_CHECKPOINT, and the newest complete entry of "
		  "it, one whose name neither begins with a dot nor ends in .tmp, in $MICH_RESUME." },
	{ "rank-timeout", M, KEY_SPAN, KEY_RUN, KEY_FOR_PROGRAM, WHOLE(rank_timeout_ms),
	  .placeholder = "SPAN",
	  .help = "how long ranks may show no life, neither output nor events, before one has failed",
	  .more = "Without it a command may be silent for ever, the ranks of a learner for 10 minutes." },
	{ "memory", D | M | E | P | B, KEY_SIZE, KEY_RUN, 0, WHOLE(memory_bytes),
	  .placeholder = "SIZE", .help = "a limit such as 4G, past which it fails" },
	{ "time-limit", D | M | E | P | B, KEY_SPAN, KEY_RUN, 0, WHOLE(time_limit_ms),
	  .placeholder = "SPAN", .help = "a limit such as 2h, past which it is stopped" },
	{ "inputs", D | M | E, KEY_CHOICE, KEY_RUN, KEY_FOR_COMMAND, CHOICE(inputs),
	  .choices = "link|copy", .fallback = "link",
	  .help = "how a command gets its inputs: read-only, or as copies to write on" },
	{ "network", D | M | E, KEY_BOOL, KEY_RUN, KEY_FOR_PROGRAM, SWITCH(network),
	  .fallback = "yes", .help = "may the program reach the network?",
	  .more = "Where the system cannot keep it out, _no_ refuses to run." },
	{ "env", D | M | E, KEY_LIST, KEY_OUTPUT, KEY_MANY | KEY_INPUT | KEY_FOR_PROGRAM,
	  ITEMS(env), .placeholder = "NAME, ...",
	  .help = "environment variables that it sees and whose values change what is made" },
	{ "pass", D | M | E, KEY_LIST, KEY_RUN, KEY_MANY | KEY_FOR_PROGRAM, ITEMS(pass),
	  .placeholder = "NAME, ...", .help = "variables that it sees, recorded but of no effect" },
	{ "secret", D | M | E, KEY_LIST, KEY_RUN, KEY_MANY | KEY_FOR_PROGRAM, ITEMS(secret),
	  .placeholder = "NAME, ...",
	  .help = "variables that it sees, whose values are never recorded" },
};

const size_t key_count = ARRAY_LEN(key_table);

const struct key *key_find(enum spec_kind kind, const char *name)
{
	for (size_t i = 0; i < key_count; i++)
		if (key_table[i].kinds >> kind & 1 && !strcmp(key_table[i].name, name))
			return &key_table[i];
	return NULL;
}

const char *key_nearest(enum spec_kind kind, const char *name)
{
	const char *words[ARRAY_LEN(key_table)];
	size_t n = 0;

	for (size_t i = 0; i < key_count; i++)
		if (key_table[i].kinds >> kind & 1)
			words[n++] = key_table[i].name;
	return strlist_nearest(words, n, name);
}
