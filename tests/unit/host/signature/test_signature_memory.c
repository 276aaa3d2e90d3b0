/* What happens when libcrypto has no memory: its n-th allocation fails, for every n. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "unit/host/signature/requests.h"
#include "unit/host/signature/wire_request.h"

static unsigned long allocations;
static unsigned long failing; /* 0: none */

static bool fails(void)
{
    return ++allocations == failing;
}

static void *counted_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(bytes);
}

static void *counted_realloc(void *old, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, bytes);
}

static void counted_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

START_TEST(it_refuses_a_request_for_want_of_memory)
{
    tjob_credentials *credentials = example_credentials(NULL, NULL);
    ck_assert_int_eq(wire_request_verify(RECORDED_STOP, credentials, SIGNED_TIME).status, TJOB_SIGNATURE_OK);
    failing = 0;
    allocations = 0;
    ck_assert_int_eq(wire_request_verify(RECORDED_STOP, credentials, SIGNED_TIME).status, TJOB_SIGNATURE_OK);
    const unsigned long all = allocations;
    unsigned refused = 0;
    for (unsigned long n = 1; n <= all; n++) {
        failing = n;
        allocations = 0;
        const tjob_signature_result result = wire_request_verify(RECORDED_STOP, credentials, SIGNED_TIME);
        failing = 0;
        if (result.status != TJOB_SIGNATURE_OK) { /* some allocations libcrypto can do without */
            ck_assert_msg(result.status == TJOB_SIGNATURE_UNAVAILABLE, "%lu: %d", n, result.status);
            ck_assert_str_eq(result.message, "An internal server error occurred. Retry your request.");
            refused++;
        }
    }
    ck_assert_uint_gt(refused, 5);
    ck_assert_int_eq(wire_request_verify(RECORDED_STOP, credentials, SIGNED_TIME).status, TJOB_SIGNATURE_OK);
}
END_TEST

int main(void)
{
    const named_test tests[] = {{it_refuses_a_request_for_want_of_memory, 0}};
    if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) {
        return 1;
    }
    return run_tests("signature_memory", tests, 1);
}
