#include "tjob/actor.h"

const char *tjob_actor_name(tjob_actor actor)
{
    static const char names[][16] = {
        [TJOB_ACTOR_CLIENT] = "client", [TJOB_ACTOR_TRAINER] = "trainer", [TJOB_ACTOR_SUPERVISOR] = "supervisor",
        [TJOB_ACTOR_HOST] = "host",     [TJOB_ACTOR_STORE] = "store",
    };
    return (unsigned)actor < TJOB_ACTOR_COUNT ? names[actor] : "?";
}
