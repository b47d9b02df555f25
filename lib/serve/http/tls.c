/* tls.c - OpenSSL's context for HTTP/1.1 over TLS. */
#include "lib/serve/http/tls.h"

#include <openssl/err.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"

/* OpenSSL's own reason, the first one that it gave. */
static int refuse(const char *what, const char *path)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return error_set(ERR_INPUT, "cannot use the %s '%s': %s", what, path,
			 why ? why : "no reason given");
}

static int fill(SSL_CTX *ctx, const char *cert, const char *key)
{
	if (!file_exists(cert))
		return error_set(ERR_INPUT, "there is no certificate '%s'", cert);
	if (!file_exists(key))
		return error_set(ERR_INPUT, "there is no key '%s'", key);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return refuse("certificate", cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return refuse("key", key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return refuse("key of that certificate", key);
	return 0;
}

int tls_open(const char *cert, const char *key, SSL_CTX **out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int rc;

	*out = NULL;
	if (!ctx)
		return error_set(ERR_FAIL, "OpenSSL gives no context");
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	rc = fill(ctx, cert, key);
	if (rc)
		SSL_CTX_free(ctx);
	else
		*out = ctx;
	return rc;
}
