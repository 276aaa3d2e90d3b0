#define _POSIX_C_SOURCE 200809L /* NOLINT: for strncasecmp */

#include "cli/engine.h"

#include <string.h>
#include <strings.h>

#include "cli/output.h"

#ifdef TJOB_WITH_POSTGRESQL
#define ENGINE_POSTGRESQL &tjob__engine_postgresql
#else
#define ENGINE_POSTGRESQL NULL
#endif
#ifdef TJOB_WITH_ETCD
#define ENGINE_ETCD &tjob__engine_etcd
#else
#define ENGINE_ETCD NULL
#endif

static const struct engine engines[] = {
    {"PostgreSQL", {"postgresql://", "postgres://"}, "TJOB_POSTGRESQL", ENGINE_POSTGRESQL},
    {"etcd", {"etcd://", "etcds://"}, "TJOB_ETCD", ENGINE_ETCD},
};

const struct engine *engine_of(const char *location)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        for (size_t scheme = 0; scheme < ENGINE_SCHEMES; scheme++) {
            const char *begin = engines[i].schemes[scheme];
            if (strncasecmp(location, begin, strlen(begin)) == 0) {
                return &engines[i];
            }
        }
    }
    return NULL;
}

void engine_print_location(FILE *out, const char *location)
{
    if (engine_of(location) == NULL) {
        output_plain_string(out, location);
        return;
    }
    /* From the first colon of the user to the last "@" may be a password. One that is behind a "?" or "#" may be in the
     * password, or in that of a parameter: then nothing from there on is printed. */
    const char *user = strstr(location, "://") + strlen("://");
    const char *at = strrchr(user, '@');
    const char *rest = at != NULL ? at : user;
    const size_t user_bytes = at != NULL ? strcspn(user, ":@/?#") : 0;
    output_plain(out, (tjob_text){location, (size_t)(user - location) + user_bytes});
    if (at != NULL && at > user + strcspn(user, "?#")) {
        fprintf(out, "...");
    } else {
        output_plain(out, (tjob_text){rest, strcspn(rest, "?#")});
    }
}

void engine_set_text(struct engine_problem *problem, const char *text)
{
    (void)snprintf(problem->text, sizeof problem->text, "%s", text);
}
