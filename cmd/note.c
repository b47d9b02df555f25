/* note.c - write a remark to a version. */
#include "cmd/cmd.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/make/pick.h"
#include "lib/record/event.h"

struct note_args {
	const char *name, *text;
};

static const struct opt opts[] = { OPERAND("version", struct note_args, name, ONE, COMP_VERSION,
					   "what the note is about"),
				   OPERAND("text", struct note_args, text, ONE, COMP_NONE,
					   "the note; - reads it from standard input"),
				   OPT_END };

enum { NOTE_MAX_BYTES = 1 << 20 };

/* The text without the line ends behind it. */
static int read_text(const char *arg, struct buf *out)
{
	char block[4096];
	ssize_t n = 0;

	if (strcmp(arg, "-") != 0)
		buf_addstr(out, arg);
	else
		while (out->len <= NOTE_MAX_BYTES &&
		       (n = read(STDIN_FILENO, block, sizeof block)) > 0)
			buf_add(out, block, (size_t)n);
	if (n < 0)
		return error_errno("cannot read standard input");
	while (out->len && strchr("\r\n \t", out->data[out->len - 1]))
		out->data[--out->len] = '\0';
	if (!out->len)
		return error_set(ERR_USAGE, "a note needs a text");
	if (out->len > NOTE_MAX_BYTES)
		return error_set(ERR_INPUT, "a note is at most 1 MiB long");
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct note_args *args = p;
	struct version v = VERSION_INIT;
	struct buf text = BUF_INIT;
	json_t *data;
	int rc = read_text(args->text, &text);

	if (rc == 0)
		rc = pick_version(repo, NULL, args->name, &v);
	if (rc == 0) {
		data = json_pack("{s:s%}", "text", text.data, text.len);
		rc = data ? event_record(repo, &v, "note", data)
			  : error_set(ERR_INPUT, "a note must be UTF-8 text");
		json_decref(data);
	}
	version_clear(&v);
	buf_clear(&text);
	return rc;
}

const struct cmd cmd_note = {
	.name = "note",
	.summary = "write a note to a version",
	.group = GROUP_RECORD,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct note_args),
	.run = run,
};
