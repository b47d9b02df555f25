/* serve.h - the options of `mich serve`, which mich-serve reads too: one table for both. */
#ifndef MICH_CMD_SERVE_H
#define MICH_CMD_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/cli/opt.h"

struct serve_args {
	struct strlist models, listen;
	const char *port, *port_file, *pid_file, *tls_cert, *tls_key, *tokens, *access, *log;
	int64_t workers, max_body, connections, queue, queue_ms, request_ms, drain_ms;
	double access_share, log_share;
	bool insecure;
};

static const struct opt serve_opts[] = {
	OPT_LIST('l', "listen", struct serve_args, listen, "ADDRESS:PORT|unix:PATH", COMP_NONE,
		 "where to listen; port 0: any that is free; else 127.0.0.1:8000"),
	OPT_STRING('p', "port", struct serve_args, port, "N", NULL, COMP_NONE,
		   "listen for programs of this machine; as --listen 127.0.0.1:N"),
	OPT_INT('w', "workers", struct serve_args, workers, "N", "0", "threads; 0: one a core"),
	OPT_STRING(0, "port-file", struct serve_args, port_file, "FILE", NULL, COMP_FILE,
		   "write the port there once requests are answered"),
	OPT_STRING(0, "pid-file", struct serve_args, pid_file, "FILE", NULL, COMP_FILE,
		   "write the process id there once requests are answered"),
	OPT_STRING(0, "token-file", struct serve_args, tokens, "FILE", NULL, COMP_FILE,
		   "ask for a bearer token of this file, one a line"),
	OPT_STRING(0, "tls-cert", struct serve_args, tls_cert, "FILE", NULL, COMP_FILE,
		   "TLS with this certificate (PEM, with its chain)"),
	OPT_STRING(0, "tls-key", struct serve_args, tls_key, "FILE", NULL, COMP_FILE,
		   "and its key"),
	OPT_FLAG(0, "insecure", struct serve_args, insecure,
		 "let other machines ask without a token"),
	OPT_STRING(0, "log", struct serve_args, log, "DIR", NULL, COMP_DIR,
		   "write predictions there, as JSON lines a model"),
	OPT_DOUBLE(0, "log-share", struct serve_args, log_share, "SHARE", "1",
		   "of the requests whose predictions are logged"),
	OPT_STRING(0, "access-log", struct serve_args, access, "FILE", NULL, COMP_FILE,
		   "write a JSON line a request there; -: stderr"),
	OPT_DOUBLE(0, "access-share", struct serve_args, access_share, "SHARE", "1",
		   "of the requests that are logged; failures of the server always are"),
	OPT_INT(0, "max-body", struct serve_args, max_body, "MIB", "64", "refuse larger requests"),
	OPT_INT(0, "max-connections", struct serve_args, connections, "N", "16384",
		"turn away further ones"),
	OPT_INT(0, "queue", struct serve_args, queue, "N", "64",
		"large requests that may wait for a thread; further ones: 503"),
	OPT_SPAN(0, "queue-time", struct serve_args, queue_ms, "TIME", "2s",
		 "answer 503 to requests that waited longer; 0: never"),
	OPT_SPAN(0, "request-timeout", struct serve_args, request_ms, "TIME", "60s",
		 "for a request to come in, for an answer to be read, for a connection to be idle"),
	OPT_SPAN(0, "drain", struct serve_args, drain_ms, "TIME", "30s",
		 "wait so long for running requests when told to end"),
	OPERAND("model", struct serve_args, models, MANY, COMP_VERSION,
		"what to serve: [NAME=]NAMESPACE/NAME[@STAGE], [NAME=]model/NAME@N, "
		"[NAME=]./PACKAGE.tar"),
	OPT_END
};

#endif
