/*
 * static.c - what the archive libgit2.a asks for and this program never calls. Its HTTP transport
 * can log in by Kerberos; that library exists as a shared one only and would be loaded at every
 * start. With libgit2.so this file is empty.
 */
typedef int static_git_only; /* ISO C wants a file to declare something */

#ifdef MICH_STATIC_GIT

#define REFUSED (13u << 16) /* GSS_S_FAILURE, to whoever might call after all */
#define REFUSE(name)            \
	unsigned name(void);    \
	unsigned name(void)     \
	{                       \
		return REFUSED; \
	}

REFUSE(gss_delete_sec_context)
REFUSE(gss_display_status)
REFUSE(gss_import_name)
REFUSE(gss_indicate_mechs)
REFUSE(gss_init_sec_context)
REFUSE(gss_release_buffer)
REFUSE(gss_release_name)
REFUSE(gss_release_oid_set)
REFUSE(gss_test_oid_set_member)

extern const void *const GSS_C_NT_HOSTBASED_SERVICE;
const void *const GSS_C_NT_HOSTBASED_SERVICE = 0;

#endif
