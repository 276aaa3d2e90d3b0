/*
 * Core and wire alone, without a libc: compiled with -ffreestanding and linked with -nostdlib. What they need of one,
 * four functions, stands below. A request to stop a job comes in as bytes, its operation is driven by hand over one
 * record, and the exit code tells whether the answer is a 200 and the job stopped: 0, or the number of the step that
 * went wrong.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/operation.h"
#include "tjob/request.h"
#include "tjob/response.h"

/* ---- What a libc would bring ------------------------------------------------------------------------------------- */

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

/* The bytes are volatile, or the compiler would see what each of these does and call it. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ((volatile unsigned char *)to)[i] = ((const unsigned char *)from)[i];
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    const bool forward = (uintptr_t)to < (uintptr_t)from;
    for (size_t i = 0; i < bytes; i++) {
        const size_t at = forward ? i : bytes - 1 - i;
        ((volatile unsigned char *)to)[at] = ((const unsigned char *)from)[at];
    }
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ((volatile unsigned char *)to)[i] = (unsigned char)byte;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const int difference = ((const volatile unsigned char *)a)[i] - ((const volatile unsigned char *)b)[i];
        if (difference != 0) {
            return difference;
        }
    }
    return 0;
}

/* ---- The job ----------------------------------------------------------------------------------------------------- */

/* The one record, and its version. */
static tjob_job record;
static uint64_t version;

static tjob_outcome drive(const tjob_event *event, uint64_t now_ms)
{
    const tjob_policy policy = {.max_attempts = 1};
    tjob_operation operation;
    tjob_operation_begin(&operation, event);
    while (operation.ask != TJOB_ASK_NOTHING) {
        switch (operation.ask) {
        case TJOB_ASK_AUTHORIZE:
            tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
            break;
        case TJOB_ASK_ADMIT:
            tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
            break;
        case TJOB_ASK_LOAD:
            tjob_operation_loaded(&operation, &policy, version == 0 ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK, &record,
                                  version, now_ms);
            break;
        default:
            record = *tjob_operation_next(&operation);
            version++;
            tjob_operation_swapped(&operation, TJOB_SWAP_OK);
        }
    }
    return tjob_operation_outcome(&operation);
}

static int run(void)
{
    const tjob_event submit = {.kind = TJOB_SUBMIT, .token = 1};
    if (drive(&submit, 1).status != TJOB_OK) {
        return 1;
    }
    const tjob_http_request http = {
        .method = TJOB_TEXT("POST"),
        .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = TJOB_TEXT("{\"EntityRecognizerArn\": "
                          "\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}"),
    };
    static char arn[TJOB_ARN_BYTES_MAX];
    tjob_request request;
    if (tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn) != TJOB_REQUEST_VALID) {
        return 2;
    }
    const tjob_event stop = {.kind = (uint32_t)request.operation};
    const tjob_outcome outcome = drive(&stop, 2);
    if (outcome.after != TJOB_STOPPED) {
        return 3;
    }
    static char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_response_encode(&response, &request, http.id, &outcome, (tjob_text){NULL, 0}, body, sizeof body);
    return response.status == 200 ? 0 : 4;
}

/* ---- Where it begins and ends, under Linux ----------------------------------------------------------------------- */

_Noreturn void begin(void);

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n    andq $-16, %rsp\n    call begin\n");

_Noreturn void begin(void)
{
    __asm__ volatile("syscall" : : "a"(60L), "D"((long)run()));
    __builtin_unreachable();
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n    bl begin\n");

_Noreturn void begin(void)
{
    register long status __asm__("x0") = run();
    register long number __asm__("x8") = 93;
    __asm__ volatile("svc 0" : : "r"(number), "r"(status));
    __builtin_unreachable();
}
#else
#error "how a program begins and ends on this processor is not known here"
#endif
