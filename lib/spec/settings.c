/* settings.c - what git config says about mich itself. */
#include "lib/spec/settings.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/typed.h"

enum setting_type {
	COUNT, /* from 1 to 1024 */
	SIZE,  /* bytes */
	WORD,  /* one of its choices */
	TEXT,
	SPAN,  /* of time */
	RANKS, /* numbers of ranks between commas: "0,2" */
};

struct setting {
	const char *key;
	enum setting_type type;
	const char *fallback; /* NULL: none */
	const char *choices;  /* of a word: "a|b" */
	size_t at;
	const char *placeholder, *help;
};

#define AT(field, type) \
	(offsetof(struct settings, field) * _Generic(((struct settings *)0)->field, type : 1))
#define NUMBER(field) AT(field, int64_t)
#define STRING(field) AT(field, char *)

static const struct setting table[] = {
	{ "mich.jobs", COUNT, "1", NULL, NUMBER(jobs), "N",
	  "How many steps *mich build* runs at the same time where *-j* does not say." },
	{ "mich.cacheSize", SIZE, "4G", NULL, NUMBER(cache_bytes), "SIZE",
	  "How much room the inputs that are laid down for learners may take under .git/mich. The "
	  "ones that were used longest ago go first; nothing recorded is in it." },
	{ "mich.launch", WORD, "local", "local|mpi|slurm|k8s", STRING(launch), "HOW",
	  "Who starts the ranks of a model: *local*, mich itself on this machine; *mpi*, *slurm* or *k8s*, "
	  "OpenMPI's mpirun, Slurm's sbatch or a JobSet of Kubernetes, on *mich.nodes* machines. See "
	  "*mich-agent*(1)." },
	{ "mich.nodes", COUNT, "1", NULL, NUMBER(nodes), "N",
	  "Over how many machines the ranks are spread, as many on each." },
	{ "mich.echo", RANKS, NULL, NULL, STRING(echo), "RANKS",
	  "Of which ranks the lines are shown as they come, such as 0 or 0,2; without it of all. The log has "
	  "them all." },
	{ "mich.interface", TEXT, NULL, NULL, STRING(interface), "NAME",
	  "The network interface by which the machines of a run talk to each other, such as ib0: of "
	  "mich's agents, and of gloo and NCCL where nothing else tells them." },
	{ "mich.agent", TEXT, NULL, NULL, STRING(agent), "PATH",
	  "Where mich lies on those machines. Without it where it lies here, and with *k8s* on the "
	  "image's PATH." },
	{ "mich.wait", SPAN, "7d", NULL, NUMBER(wait_ms), "TIME",
	  "How long a job may wait for machines, in a queue of Slurm or for pods. Then it is taken back, and mich ends with "
	  "75. 0 is as long as it takes." },
	{ "mich.mpi.hostfile", TEXT, NULL, NULL, STRING(hostfile), "FILE",
	  "The machines, a line each, as mpirun's --hostfile has them. Without it mpirun finds them "
	  "itself: those of the job it is in, or this one." },
	{ "mich.mpi.options", TEXT, NULL, NULL, STRING(mpirun), "WORDS",
	  "More words for mpirun, such as --mca btl_tcp_if_include ib0." },
	{ "mich.slurm.options", TEXT, NULL, NULL, STRING(sbatch), "WORDS",
	  "More words for sbatch, such as --partition=gpu --account=maps --time=2:00:00." },
	{ "mich.slurm.mpi", TEXT, "pmix", NULL, STRING(srun_mpi), "NAME",
	  "How srun starts MPI programs: one of the words that srun --mpi=list prints." },
	{ "mich.k8s.image", TEXT, NULL, NULL, STRING(image), "IMAGE",
	  "The container image of the pods. It has mich, and what the model's program needs." },
	{ "mich.k8s.volume", TEXT, NULL, NULL, STRING(volume), "CLAIM:PATH",
	  "The persistent volume claim that holds this repository, and where it is mounted here and "
	  "in every pod: the same path in both." },
	{ "mich.k8s.context", TEXT, NULL, NULL, STRING(kube_context), "NAME",
	  "The cluster, as *kubectl config get-contexts* names it; without it the one that kubectl is set to." },
	{ "mich.k8s.namespace", TEXT, NULL, NULL, STRING(kube_namespace), "NAME",
	  "The namespace of the JobSet; without it the one that kubectl is set to." },
	{ "mich.k8s.pod", TEXT, NULL, NULL, STRING(pod), "FILE",
	  "JSON that is merged into the specification of every pod: nodeSelector, tolerations, "
	  "imagePullSecrets and what else the cluster asks for." },
};

static bool is_owned(const struct setting *s)
{
	return s->type == WORD || s->type == TEXT || s->type == RANKS;
}

/* Empty stands for none, as of a TEXT. */
static bool is_ranks(const char *text)
{
	bool ok = text[strspn(text, "0123456789,")] == '\0';

	for (const char *s = text; ok && *s; s++)
		ok = *s != ',' || (s > text && s[1] && s[1] != ',');
	return ok;
}

static int refuse(const struct setting *s, const char *text)
{
	if (s->type == SIZE)
		return error_set(ERR_INPUT, "'%s' must be a size such as 512M or 4G, not '%s'",
				 s->key, text);
	if (s->type == WORD)
		return error_set(ERR_INPUT, "'%s' must be one of %s, not '%s'", s->key, s->choices,
				 text);
	if (s->type == SPAN)
		return error_set(ERR_INPUT, "'%s' must be a time such as 90s, 2h or 7d, not '%s'",
				 s->key, text);
	if (s->type == RANKS)
		return error_set(ERR_INPUT,
				 "'%s' must be ranks as numbers between commas, not '%s'", s->key,
				 text);
	return error_set(ERR_INPUT, "'%s' must be a whole number from 1 to 1024, not '%s'", s->key,
			 text);
}

static int read_one(const struct setting *s, const char *text, struct settings *out)
{
	void *at = (char *)out + s->at;
	int64_t *number = at;
	bool right = true;

	if (s->type == SIZE)
		right = typed_size(text, number);
	else if (s->type == SPAN)
		right = typed_span(text, number) && *number >= 0;
	else if (s->type == COUNT)
		right = typed_int(text, number) && *number >= 1 && *number <= 1024;
	else if (s->type == WORD)
		right = typed_choice(text, s->choices) >= 0;
	else if (s->type == RANKS)
		right = is_ranks(text);
	if (right && is_owned(s) && *text)
		*(char **)at = xstrdup(text);
	return right ? 0 : refuse(s, text);
}

int settings_read(settings_lookup lookup, void *payload, struct settings *out)
{
	*out = (struct settings){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char *text = NULL;
		int rc = lookup(payload, table[i].key, &text);

		if (rc > 0 || (rc == 0 && table[i].fallback))
			rc = read_one(&table[i], rc ? text : table[i].fallback, out);
		if (rc == ERR_INPUT)
			error_hint(rc, "git config %s %s", table[i].key,
				   table[i].fallback ? table[i].fallback : "0,2");
		free(text);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void settings_clear(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (is_owned(&table[i]))
			free(*(char **)(void *)((char *)s + table[i].at));
	*s = (struct settings){ 0 };
}

void settings_write_scd(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		buf_addf(out, "*%s* = _%s_\n\t%s", table[i].key, table[i].placeholder,
			 table[i].help);
		if (table[i].fallback)
			buf_addf(out, " Default: %s.", table[i].fallback);
		buf_addstr(out, "\n\n");
	}
}
