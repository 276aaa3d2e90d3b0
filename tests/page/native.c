/* The engine behind the page, natively, on the same inputs as in WebAssembly: native FUNCTION <INPUT. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/page_call.h"

enum { INPUT_BYTES = 1 << 20 };

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        page_function *function;
    } functions[] = {{"play", tjob__page_play},
                     {"check", tjob__page_check},
                     {"read", tjob__page_read},
                     {"history", tjob__page_history}};
    static char input[INPUT_BYTES];
    struct page_call call = {.limit = 0};
    input[fread(input, 1, sizeof input - 1, stdin)] = '\0';
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (argc == 2 && strcmp(argv[1], functions[i].name) == 0) {
            printf("%s\n", page_call(&call, functions[i].function, input));
            page_call_end(&call);
            return EXIT_SUCCESS;
        }
    }
    return EXIT_FAILURE;
}
