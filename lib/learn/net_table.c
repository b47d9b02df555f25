/* net_table.c - one table, and what is told of it: to who mistypes a name, and in the manual. */
#include "lib/learn/net_table.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

#define AT(field, T) \
	.at = offsetof(struct net_params, field) * _Generic(((struct net_params *)0)->field, T : 1)

static const struct net_row table[] = {
	{ "hidden", VALUE_UNITS, .net_only = true, .shown = "128,128",
	  .help = "units of each hidden layer, the first one first; none: what the learner linear is" },
	{ "activation", VALUE_CHOICE, AT(activation, int), .choices = "relu|gelu|tanh",
	  .shown = "relu", .net_only = true, .help = "what follows each hidden layer" },
	{ "norm", VALUE_CHOICE, AT(norm, int), .choices = "none|batch|layer", .shown = "none",
	  .net_only = true,
	  .help = "what hidden layers are normalised by: the rows of the batch, or their own units" },
	{ "dropout", VALUE_REAL, AT(dropout, double), .max = 1, .open = true, .shown = "0",
	  .net_only = true,
	  .help = "share of hidden units that training leaves out, others in each row" },
	{ "embedding", VALUE_WHOLE, AT(embedding, int64_t), .min = 1, .max = 1024,
	  .automatic = "auto", .shown = "auto", .net_only = true,
	  .help = "numbers that a category becomes; auto: 1.6 n^0.56 for n categories, at most 50" },
	{ "loss", VALUE_CHOICE, AT(loss, int), .choices = "mse|mae|huber|binary|softmax|poisson",
	  .automatic = "auto", .fallback = -1, .shown = "auto",
	  .help = "what is made small; auto: mse, binary cross-entropy or softmax cross-entropy, by "
		  "the label" },
	{ "huber_delta", VALUE_REAL, AT(huber_delta, double), .min = 1e-6, .max = 1e6,
	  .fallback = 1, .shown = "1",
	  .help = "standard deviations of the label from which huber grows straight" },
	{ "class_weight", VALUE_CLASSES, .shown = "none",
	  .help = "how much each class counts, in their order; balanced: all the same" },
	{ "optimizer", VALUE_CHOICE, AT(optimizer, int), .choices = "sgd|adam|adamw",
	  .fallback = OPTIMIZER_ADAM, .shown = "adam",
	  .help = "how the weights follow the gradient" },
	{ "lr", VALUE_REAL, AT(lr, double), .min = 1e-12, .max = 1e3, .automatic = "auto",
	  .shown = "auto",
	  .help = "the learning rate, at its peak; auto: 0.001, of a linear model 0.03, of sgd 0.01" },
	{ "momentum", VALUE_REAL, AT(momentum, double), .max = 1, .open = true, .fallback = 0.9,
	  .shown = "0.9", .help = "of sgd" },
	{ "beta1", VALUE_REAL, AT(beta1, double), .max = 1, .open = true, .fallback = 0.9,
	  .shown = "0.9", .help = "of adam and adamw: how long the mean of gradients lasts" },
	{ "beta2", VALUE_REAL, AT(beta2, double), .max = 1, .open = true, .fallback = 0.999,
	  .shown = "0.999", .help = "of adam and adamw: how long the mean of their squares lasts" },
	{ "epsilon", VALUE_REAL, AT(epsilon, double), .min = 1e-30, .max = 1, .fallback = 1e-8,
	  .shown = "1e-8", .help = "of adam and adamw: added to what is divided by" },
	{ "weight_decay", VALUE_REAL, AT(weight_decay, double), .max = 1e3, .automatic = "auto",
	  .fallback = -1, .shown = "auto",
	  .help = "how fast weights shrink; auto: 0, of adamw 0.01. Biases never do" },
	{ "l1", VALUE_REAL, AT(l1, double), .max = 1e6, .shown = "0",
	  .help = "penalty on the size of weights" },
	{ "l2", VALUE_REAL, AT(l2, double), .max = 1e6, .automatic = "auto", .fallback = -1,
	  .shown = "auto",
	  .help = "penalty on half the squares of weights; auto: 4 by the rows of train, of a linear "
		  "model 1 by them, and 0 of adamw or where l1 or weight_decay is given" },
	{ "clip", VALUE_REAL, AT(clip, double), .max = 1e9, .shown = "0",
	  .help = "the largest norm that a gradient may have; 0: any" },
	{ "schedule", VALUE_CHOICE, AT(schedule, int), .choices = "constant|cosine|one-cycle",
	  .fallback = RATE_ONE_CYCLE, .shown = "one-cycle",
	  .help = "how the learning rate goes over the steps" },
	{ "warmup", VALUE_REAL, AT(warmup, double), .max = 1, .open = true, .shown = "0",
	  .help = "share of all steps in which the learning rate rises to its peak" },
	{ "batch", VALUE_WHOLE, AT(batch, int64_t), .min = 1, .max = 1 << 22, .automatic = "auto",
	  .shown = "auto",
	  .help = "rows of a step, of all ranks together; auto: 32 to 1024, a hundredth of the rows" },
	{ "epochs", VALUE_WHOLE, AT(epochs, int64_t), .min = 1, .max = 1000000, .automatic = "auto",
	  .shown = "auto",
	  .help = "how often all rows are seen, at most; auto: 20, and up to 500 where these are fewer "
		  "than 1500 steps" },
	{ "early_stopping", VALUE_WHOLE, AT(early_stopping, int64_t), .min = 0, .max = 1000000,
	  .automatic = "auto", .fallback = -1, .shown = "auto",
	  .help = "epochs without a better validation loss after which training ends and the best "
		  "weights are taken; 0: never; auto: a quarter of the epochs, at least 5, of a net whose "
		  "data set has a validation split" },
	{ "math", VALUE_CHOICE, AT(math, int), .choices = "fp32|tf32|bf16", .shown = "fp32",
	  .help = "what products are made in: tf32 and bf16 are faster and less exact, on a GPU alone" },
};

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

const struct net_row *net_table_row(size_t i)
{
	return i < ARRAY_LEN(table) ? &table[i] : NULL;
}

const struct net_row *net_table_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!strcmp(name, table[i].name))
			return &table[i];
	return NULL;
}

int net_table_unknown(const char *name, bool linear)
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

char *net_table_choices(const char *choices)
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

static void write_row(const struct net_row *r, struct buf *out)
{
	char *choices = r->choices ? net_table_choices(r->choices) : NULL;

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
