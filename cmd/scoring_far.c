/* scoring_far.c - rows that a server scores. */
#include <stdlib.h>
#include <string.h>

#include "cmd/scoring.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/serve/client/client.h"
#include "lib/serve/client/wire.h"

/* The first token of a file as mich serve --token-file reads it; caller frees. */
static int read_token(const char *path, char **out)
{
	struct strlist lines = STRLIST_INIT;
	struct buf text = BUF_INIT;
	int rc = file_read(path, &text);

	*out = NULL;
	if (!rc)
		strlist_split(&lines, text.data, "\n");
	for (size_t i = 0; i < lines.n && !*out; i++)
		if (lines.v[i][0] != '#')
			*out = xstrdup(lines.v[i]);
	if (!rc && !*out)
		rc = error_set(ERR_INPUT, "there is no token in '%s'", path);
	strlist_clear(&lines);
	buf_clear(&text);
	return rc;
}

static int client_open_as_asked(const struct scoring_args *args, struct client **out)
{
	struct wire_opts o = { .token = NULL };
	struct wire *w = NULL;
	char *token = NULL;
	int rc = args->token_file ? read_token(args->token_file, &token) : 0;

	o.token = token;
	if (!rc)
		rc = wire_open(args->url, &o, &w);
	if (!rc)
		rc = client_open(w, args->model, out);
	free(token);
	return rc;
}

static int score_far(void *payload, const struct frame *in, struct frame *out)
{
	return client_score(payload, in, out);
}

int scoring_print_far(struct scoring *s)
{
	struct predict_result result = { 0 };
	struct predict_scorer scorer = { .score = score_far };
	struct client *c = NULL;
	int rc = client_open_as_asked(s->args, &c);

	s->plan.scratch_dir = s->scratch;
	s->plan.scorer = &scorer;
	if (!rc) {
		scorer.contract = client_contract(c);
		scorer.payload = c;
		rc = scoring_from_stdin(s->args) ? predict_stream(NULL, &s->plan, 0, &result)
						 : predict_table(NULL, &s->plan, &result);
	}
	json_decref(result.counts);
	client_close(c);
	return rc;
}
