#include "tjob/server.h"

const char *tjob_server_problem_text(tjob_server_problem problem)
{
    static const char *const texts[TJOB_SERVER_PROBLEM_COUNT] = {
        [TJOB_SERVER_OK] = "the server runs",
        [TJOB_SERVER_INVALID_ARGUMENT] = "an argument is invalid",
        [TJOB_SERVER_BAD_ADDRESS] = "the address is not a numeric one of this machine",
        [TJOB_SERVER_ADDRESS_IN_USE] = "another process listens there",
        [TJOB_SERVER_NO_PERMISSION] = "the system does not permit this port",
        [TJOB_SERVER_NO_RESOURCES] = "no descriptor, memory, thread or random number is left",
    };
    return (unsigned)problem < TJOB_SERVER_PROBLEM_COUNT ? texts[problem] : "?";
}
