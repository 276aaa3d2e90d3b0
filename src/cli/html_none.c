/* In place of html.c, in a program that is built without the page. */
#include "cli/html.h"

bool html_is_possible(const struct arguments *arguments)
{
    if (arguments->texts[OPTION_HTML] == NULL) {
        return true;
    }
    fprintf(stderr, "tjob %s: this program is built without the page: build it with -D TJOB_PAGE=ON\n",
            arguments->command->name);
    return false;
}

bool html_write_check(const struct arguments *arguments, const tjob_lifecycle_model *model, tjob_explorer *explorer,
                      const tjob_property *property, uint32_t number)
{
    (void)arguments, (void)model, (void)explorer, (void)property, (void)number;
    return true;
}

bool html_write_simulation(const struct arguments *arguments, const tjob_simulator_config *config, void *memory,
                           const tjob_shrunk *shrunk, const char *command)
{
    (void)arguments, (void)config, (void)memory, (void)shrunk, (void)command;
    return true;
}
