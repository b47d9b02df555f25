/*
 * unused.c - what the static libgit2 wants from its surroundings and never uses here, since git itself
 * fetches and pushes: the CA certificates of the system, which it would read at every start (4.4 ms; the
 * linker puts our stub in the place of that, -Wl,--wrap), and GSSAPI, which has no static archive.
 */
#include "lib/store/git.h"

void git_link_unused(void)
{
}

#ifdef MICH_STATIC_GIT

int __wrap_git_mbedtls_stream_global_init(void);
int __wrap_git_mbedtls_stream_global_init(void)
{
	return 0;
}

enum { GSS_FAILURE = 13 << 16 };

#define REFUSE(name)                                                                               \
	unsigned name(void);                                                                       \
	unsigned name(void)                                                                        \
	{                                                                                          \
		return GSS_FAILURE;                                                                \
	}

REFUSE(gss_delete_sec_context)
REFUSE(gss_display_status)
REFUSE(gss_import_name)
REFUSE(gss_indicate_mechs)
REFUSE(gss_init_sec_context)
REFUSE(gss_release_buffer)
REFUSE(gss_release_name)
REFUSE(gss_release_oid_set)

extern const void *const GSS_C_NT_HOSTBASED_SERVICE;
const void *const GSS_C_NT_HOSTBASED_SERVICE = 0;

#endif
