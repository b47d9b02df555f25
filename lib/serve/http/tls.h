/* tls.h - a certificate and its key for a server. */
#ifndef MICH_SERVE_HTTP_TLS_H
#define MICH_SERVE_HTTP_TLS_H

#include <openssl/ssl.h>

/* PEM files; the certificate's may hold its chain. TLS 1.2 at least. ERR_INPUT, ERR_IO. */
int tls_open(const char *cert, const char *key, SSL_CTX **out);

#endif
