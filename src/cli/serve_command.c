/* tjob serve: runs the server, or prints what this program is built without. */
#include "cli/commands.h"

#ifdef TJOB_WITH_SERVE
#include "cli/serve.h"

int command_serve(const struct arguments *arguments)
{
    return serve(arguments);
}
#else
int command_serve(const struct arguments *arguments)
{
    fprintf(stderr, "tjob %s: this program is built without the server: build it with -D TJOB_SERVE=ON\n",
            arguments->command->name);
    return EXIT_USAGE;
}
#endif
