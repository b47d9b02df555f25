/* net_params.c - one table of parameters: read, refused, and told in the manual from the same rows. */
#include "lib/learn/net_params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum type { WHOLE, REAL, CHOICE, UNITS, CLASSES };

struct row {
	const char *name;
	enum type type;
	size_t at;
	double min, max;
	bool open;	       /* max itself is too much */
	const char *choices;   /* of CHOICE, in the order of their enum */
	const char *automatic; /* a word that stands for the default; NULL: none */
	double fallback;       /* of WHOLE, REAL, CHOICE */
	const char *shown;     /* the default, as the manual says it */
	bool net_only;
	const char *help;
};

#define AT(field, T) \
	.at = offsetof(struct net_params, field) * _Generic(((struct net_params *)0)->field, T : 1)

static const struct row table[] = {
	{ "hidden", UNITS, .net_only = true, .shown = "128,128",
	  .help = "units of each hidden layer, the first one first; none: what the learner linear is" },
	{ "activation", CHOICE, AT(activation, int), .choices = "relu|gelu|tanh", .shown = "relu",
	  .net_only = true, .help = "what follows each hidden layer" },
	{ "norm", CHOICE, AT(norm, int), .choices = "none|batch|layer", .shown = "none",
	  .net_only = true,
	  .help = "what hidden layers are normalised by: the rows of the batch, or their own units" },
	{ "dropout", REAL, AT(dropout, double), .max = 1, .open = true, .shown = "0",
	  .net_only = true,
	  .help = "share of hidden units that training leaves out, others in each row" },
	{ "embedding", WHOLE, AT(embedding, int64_t), .min = 1, .max = 1024, .automatic = "auto",
	  .shown = "auto", .net_only = true,
	  .help = "numbers that a category becomes; auto: 1.6 n^0.56 for n categories, at most 50" },
	{ "loss", CHOICE, AT(loss, int), .choices = "mse|mae|huber|binary|softmax|poisson",
	  .automatic = "auto", .fallback = -1, .shown = "auto",
	  .help = "what is made small; auto: mse, binary cross-entropy or softmax cross-entropy, by "
		  "the label" },
	{ "huber_delta", REAL, AT(huber_delta, double), .min = 1e-6, .max = 1e6, .fallback = 1,
	  .shown = "1",
	  .help = "standard deviations of the label from which huber grows straight" },
	{ "class_weight", CLASSES, .shown = "none",
	  .help = "how much each class counts, in their order; balanced: all the same" },
	{ "optimizer", CHOICE, AT(optimizer, int), .choices = "sgd|adam|adamw",
	  .fallback = OPTIMIZER_ADAM, .shown = "adam",
	  .help = "how the weights follow the gradient" },
	{ "lr", REAL, AT(lr, double), .min = 1e-12, .max = 1e3, .automatic = "auto",
	  .shown = "auto",
	  .help = "the learning rate, at its peak; auto: 0.001, of a linear model 0.03, of sgd 0.01" },
	{ "momentum", REAL, AT(momentum, double), .max = 1, .open = true, .fallback = 0.9,
	  .shown = "0.9", .help = "of sgd" },
	{ "beta1", REAL, AT(beta1, double), .max = 1, .open = true, .fallback = 0.9, .shown = "0.9",
	  .help = "of adam and adamw: how long the mean of gradients lasts" },
	{ "beta2", REAL, AT(beta2, double), .max = 1, .open = true, .fallback = 0.999,
	  .shown = "0.999", .help = "of adam and adamw: how long the mean of their squares lasts" },
	{ "epsilon", REAL, AT(epsilon, double), .min = 1e-30, .max = 1, .fallback = 1e-8,
	  .shown = "1e-8", .help = "of adam and adamw: added to what is divided by" },
	{ "weight_decay", REAL, AT(weight_decay, double), .max = 1e3, .automatic = "auto",
	  .fallback = -1, .shown = "auto",
	  .help = "how fast weights shrink; auto: 0, of adamw 0.01. Biases never do" },
	{ "l1", REAL, AT(l1, double), .max = 1e6, .shown = "0",
	  .help = "penalty on the size of weights" },
	{ "l2", REAL, AT(l2, double), .max = 1e6, .automatic = "auto", .fallback = -1,
	  .shown = "auto",
	  .help = "penalty on half the squares of weights; auto: 4 by the rows of train, of a linear "
		  "model 1 by them, and 0 of adamw or where l1 or weight_decay is given" },
	{ "clip", REAL, AT(clip, double), .max = 1e9, .shown = "0",
	  .help = "the largest norm that a gradient may have; 0: any" },
	{ "schedule", CHOICE, AT(schedule, int), .choices = "constant|cosine|one-cycle",
	  .fallback = RATE_ONE_CYCLE, .shown = "one-cycle",
	  .help = "how the learning rate goes over the steps" },
	{ "warmup", REAL, AT(warmup, double), .max = 1, .open = true, .shown = "0",
	  .help = "share of all steps in which the learning rate rises to its peak" },
	{ "batch", WHOLE, AT(batch, int64_t), .min = 1, .max = 1 << 22, .automatic = "auto",
	  .shown = "auto",
	  .help = "rows of a step, of all ranks together; auto: 32 to 1024, a hundredth of the rows" },
	{ "epochs", WHOLE, AT(epochs, int64_t), .min = 1, .max = 1000000, .automatic = "auto",
	  .shown = "auto",
	  .help = "how often all rows are seen, at most; auto: 20, and up to 500 where these are fewer "
		  "than 1500 steps" },
	{ "early_stopping", WHOLE, AT(early_stopping, int64_t), .min = 0, .max = 1000000,
	  .automatic = "auto", .fallback = -1, .shown = "auto",
	  .help = "epochs without a better validation loss after which training ends and the best "
		  "weights are taken; 0: never; auto: a quarter of the epochs, at least 5, of a net whose "
		  "data set has a validation split" },
	{ "math", CHOICE, AT(math, int), .choices = "fp32|tf32|bf16", .shown = "fp32",
	  .help = "what products are made in: tf32 and bf16 are faster and less exact, on a GPU alone" },
};

const char *net_math_name(enum net_math m)
{
	static const char *const names[] = { "fp32", "tf32", "bf16" };

	return names[m];
}

int net_math_cpu(enum net_math m)
{
	if (m == NET_MATH_FP32)
		return 0;
	error_set(ERR_INPUT, "parameter 'math' cannot be '%s' on the CPU: its products are fp32",
		  net_math_name(m));
	return error_hint(ERR_INPUT, "gpus = 1 trains on a GPU; leave math out for the CPU");
}

/* What other libraries call them, and why a name is refused. */
static const struct {
	const char *name, *why;
} refused[] = {
	{ "learning_rate", "it is called 'lr' here" },
	{ "eta", "it is called 'lr' here" },
	{ "batch_size", "it is called 'batch' here" },
	{ "n_epochs", "it is called 'epochs' here" },
	{ "max_epochs", "it is called 'epochs' here" },
	{ "num_epochs", "it is called 'epochs' here" },
	{ "rounds", "it is called 'epochs' here" },
	{ "early_stopping_rounds", "it is called 'early_stopping' here, and counts epochs" },
	{ "patience", "it is called 'early_stopping' here" },
	{ "layers", "it is called 'hidden' here" },
	{ "hidden_layer_sizes", "it is called 'hidden' here" },
	{ "optimiser", "it is called 'optimizer' here" },
	{ "solver", "it is called 'optimizer' here" },
	{ "objective", "it is called 'loss' here" },
	{ "criterion", "it is called 'loss' here" },
	{ "alpha", "it is called 'l2' here" },
	{ "determinism", "it is a key of its own: determinism = run, world or off" },
	{ "precision", "it is called 'math' here" },
	{ "dtype", "it is called 'math' here" },
	{ "device", "the key 'gpus' chooses between GPU and CPU" },
	{ "threads", "the key 'threads' sets the number of threads" },
	{ "seed", "the key 'seed' sets the seed" },
	{ "random_state", "the key 'seed' sets the seed" },
	{ "shuffle", "rows are always shuffled" },
	{ "num_class", "the label's classes set it" },
};

static void *field(const struct row *r, struct net_params *p)
{
	return (char *)p + r->at;
}

/* "relu, gelu or tanh" */
static char *choices_text(const char *choices)
{
	struct buf b = BUF_INIT;

	for (const char *s = choices; *s; s++) {
		if (*s != '|')
			buf_addch(&b, *s);
		else
			buf_addstr(&b, strchr(s + 1, '|') ? ", " : " or ");
	}
	return buf_take(&b);
}

static int place_of(const char *choices, const char *text)
{
	size_t n = strlen(text);
	int place = 0;

	for (const char *s = choices; *s; place++) {
		size_t len = strcspn(s, "|");

		if (len == n && !strncmp(s, text, n))
			return place;
		s += len + (s[len] == '|');
	}
	return -1;
}

static int read_choice(const struct row *r, const json_t *v, int *out)
{
	const char *text = json_string_value(v);
	int place = text ? place_of(r->choices, text) : -1;
	char *want;

	if (place >= 0) {
		*out = place;
		return 0;
	}
	want = choices_text(r->choices);
	error_set(ERR_INPUT, "parameter '%s' must be %s%s%s", r->name,
		  r->automatic ? r->automatic : "", r->automatic ? ", " : "", want);
	free(want);
	return ERR_INPUT;
}

static bool number_of(const json_t *v, double *out)
{
	const char *text = json_string_value(v);
	char *end;

	if (json_is_number(v)) {
		*out = json_number_value(v);
		return isfinite(*out);
	}
	if (!text || !*text)
		return false;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

static int read_number(const struct row *r, const json_t *v, struct net_params *p)
{
	double x;

	if (!number_of(v, &x) || x < r->min || x > r->max || (r->open && x >= r->max) ||
	    (r->type == WHOLE && x != floor(x)))
		return error_set(
			ERR_INPUT, "parameter '%s' must be %s%sa %snumber from %.10g to %s%.10g",
			r->name, r->automatic ? r->automatic : "", r->automatic ? ", or " : "",
			r->type == WHOLE ? "whole " : "", r->min, r->open ? "below " : "", r->max);
	if (r->type == WHOLE)
		*(int64_t *)field(r, p) = (int64_t)x;
	else
		*(double *)field(r, p) = x;
	return 0;
}

/* "128,64", [128, 64] or 128 as numbers; false where one is none. */
static bool read_list(const json_t *v, double **out, size_t *n_out)
{
	struct strlist words = STRLIST_INIT;
	double x = 0, *list = NULL;
	size_t n = 0, i;
	bool ok = true;
	json_t *e;

	if (json_is_number(v))
		list = xmalloc(sizeof *list), list[n++] = json_number_value(v);
	if (json_is_string(v))
		strlist_split(&words, json_string_value(v), ", ");
	json_array_foreach(v, i, e)
		strlist_addf(&words, "%.17g", json_is_number(e) ? json_number_value(e) : NAN);
	for (i = 0; ok && i < words.n; i++) {
		json_t *word = json_string(words.v[i]);

		ok = number_of(word, &x);
		list = xrealloc(list, (n + 1) * sizeof *list);
		list[n++] = x;
		json_decref(word);
	}
	strlist_clear(&words);
	*out = list;
	*n_out = n;
	return ok;
}

static int read_units(const struct row *r, const json_t *v, struct net_params *p)
{
	bool none = json_is_string(v) && !strcmp(json_string_value(v), "none"), ok;
	double *list = NULL;
	size_t n = 0;

	ok = none || (read_list(v, &list, &n) && n && n <= NET_HIDDEN_MAX);
	for (size_t i = 0; i < n && ok; i++)
		ok = list[i] >= 1 && list[i] <= NET_UNITS_MAX && list[i] == floor(list[i]);
	if (ok) {
		free(p->hidden);
		p->hidden = xcalloc(n + 1, sizeof *p->hidden);
		p->n_hidden = n;
		for (size_t i = 0; i < n; i++)
			p->hidden[i] = (int64_t)list[i];
	}
	free(list);
	return ok ? 0
		  : error_set(
			    ERR_INPUT,
			    "parameter '%s' must be none, or 1 to %d numbers of units from 1 to %d, "
			    "such as 128,64",
			    r->name, NET_HIDDEN_MAX, NET_UNITS_MAX);
}

static int read_classes(const struct row *r, const json_t *v, struct net_params *p)
{
	const char *word = json_is_string(v) ? json_string_value(v) : "";
	double *list = NULL;
	size_t n = 0;
	bool ok;

	free(p->class_weights);
	p->class_weights = NULL;
	p->n_class_weights = 0;
	p->balanced = !strcmp(word, "balanced");
	if (p->balanced || !strcmp(word, "none"))
		return 0;
	ok = read_list(v, &list, &n) && n > 1;
	for (size_t i = 0; i < n && ok; i++)
		ok = list[i] >= 0 && list[i] <= 1e9;
	if (!ok) {
		free(list);
		return error_set(
			ERR_INPUT,
			"parameter '%s' must be none, balanced, or a weight for each class, "
			"such as 1,5",
			r->name);
	}
	p->class_weights = list;
	p->n_class_weights = n;
	return 0;
}

static int read_row(const struct row *r, const json_t *v, struct net_params *p)
{
	if (r->automatic && json_is_string(v) && !strcmp(json_string_value(v), r->automatic))
		return 0;
	switch (r->type) {
	case CHOICE:
		return read_choice(r, v, field(r, p));
	case UNITS:
		return read_units(r, v, p);
	case CLASSES:
		return read_classes(r, v, p);
	default:
		return read_number(r, v, p);
	}
}

static int unknown(const char *name, bool linear)
{
	const char *names[ARRAY_LEN(table)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (!strcmp(name, refused[i].name))
			return error_set(ERR_INPUT, "parameter '%s' cannot be given: %s", name,
					 refused[i].why);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!linear || !table[i].net_only)
			names[n++] = table[i].name;
	error_set(ERR_INPUT, "unknown parameter '%s' of the learner '%s'", name,
		  linear ? "linear" : "net");
	return strlist_hint(ERR_INPUT, names, n, name);
}

static int read_param(const char *name, const json_t *v, struct net_params *p)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(name, table[i].name))
			continue;
		if (p->linear && table[i].net_only)
			return error_hint(error_set(ERR_INPUT,
						    "parameter '%s' cannot be given: the learner "
						    "'linear' has no hidden layer",
						    name),
					  "learner = net has them");
		return read_row(&table[i], v, p);
	}
	return unknown(name, p->linear);
}

static void fill_defaults(struct net_params *p)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const struct row *r = &table[i];

		if (r->type == WHOLE)
			*(int64_t *)field(r, p) = (int64_t)r->fallback;
		else if (r->type == REAL)
			*(double *)field(r, p) = r->fallback;
		else if (r->type == CHOICE)
			*(int *)field(r, p) = (int)r->fallback;
	}
	if (p->linear)
		return;
	p->n_hidden = 2;
	p->hidden = xcalloc(p->n_hidden, sizeof *p->hidden);
	p->hidden[0] = p->hidden[1] = 128;
}

/* A net without a hidden layer is the learner linear by another name: what is of hidden layers has no meaning. */
static int become_linear(const struct strlist *given, struct net_params *p)
{
	for (size_t i = 0; !p->linear && i < ARRAY_LEN(table); i++) {
		const struct row *r = &table[i];

		if (!r->net_only || r->type == UNITS || !strlist_has(given, r->name))
			continue;
		error_set(ERR_INPUT,
			  "parameter '%s' means nothing with hidden = none: it is of hidden layers",
			  r->name);
		return error_hint(ERR_INPUT, "leave %s out, or give hidden=128,64", r->name);
	}
	p->linear = true;
	return 0;
}

int net_params_parse(const json_t *params, bool linear, struct net_params *out)
{
	struct strlist names = STRLIST_INIT;
	const char *name;
	int rc = 0;
	json_t *v;

	*out = (struct net_params){ .linear = linear };
	fill_defaults(out);
	json_object_foreach((json_t *)params, name, v)
		strlist_add(&names, name);
	strlist_sort(&names);
	for (size_t i = 0; i < names.n && !rc; i++)
		rc = read_param(names.v[i], json_object_get(params, names.v[i]), out);
	if (!rc && !out->n_hidden)
		rc = become_linear(&names, out);
	strlist_clear(&names);
	if (rc)
		net_params_clear(out);
	return rc;
}

int net_params_promise(const char *word, struct net_params *p)
{
	int place = place_of("run|world|off", word ? word : "run");

	if (place < 0)
		return error_set(ERR_INPUT, "MICH_DETERMINISM is '%s', want run, world or off",
				 word);
	p->determinism = place;
	return 0;
}

void net_params_clear(struct net_params *p)
{
	free(p->hidden);
	free(p->class_weights);
	*p = (struct net_params)NET_PARAMS_INIT;
}

static json_t *row_json(const struct row *r, const struct net_params *p)
{
	const void *at = (const char *)p + r->at;
	json_t *list = json_array();

	for (size_t i = 0; r->type == UNITS && i < p->n_hidden; i++)
		json_array_append_new(list, json_integer(p->hidden[i]));
	for (size_t i = 0; r->type == CLASSES && i < p->n_class_weights; i++)
		json_array_append_new(list, json_real(p->class_weights[i]));
	if (r->type == UNITS || (r->type == CLASSES && !p->balanced))
		return list;
	json_decref(list);
	if (r->type == CLASSES)
		return json_string("balanced");
	if (r->type == WHOLE)
		return json_integer(*(const int64_t *)at);
	return r->type == REAL ? json_real(*(const double *)at) : json_integer(*(const int *)at);
}

json_t *net_params_json(const struct net_params *p)
{
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		json_object_set_new(o, table[i].name, row_json(&table[i], p));
	json_object_set_new(o, "determinism", json_integer(p->determinism));
	return o;
}

bool net_params_about(size_t i, const char **name, const char **help)
{
	if (i >= ARRAY_LEN(table))
		return false;
	*name = table[i].name;
	*help = table[i].help;
	return true;
}

const char *net_params_choices(size_t i)
{
	return i < ARRAY_LEN(table) ? table[i].choices : NULL;
}

bool net_params_is_linear(size_t i)
{
	return i < ARRAY_LEN(table) && !table[i].net_only;
}

static void write_row(const struct row *r, struct buf *out)
{
	char *choices = r->choices ? choices_text(r->choices) : NULL;

	buf_addstr(out, "*");
	for (const char *s = r->name; *s; s++)
		buf_addf(out, "%s%c", *s == '_' ? "\\" : "", *s);
	buf_addstr(out, "*\n\t");
	for (const char *s = r->help; *s; s++)
		buf_addf(out, "%s%c", *s == '_' ? "\\" : "", *s);
	if (choices)
		buf_addf(out, ": %s", choices);
	else if (r->max)
		buf_addf(out, ", from %g to %s%g", r->min, r->open ? "below " : "", r->max);
	buf_addf(out, ". Default: %s.%s\n\n", r->shown, r->net_only ? " Of _net_ alone." : "");
	free(choices);
}

void net_params_write_scd(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		write_row(&table[i], out);
}
