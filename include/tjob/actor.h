/* The actors around a job: who calls its operations in the lifecycle model and in the simulator. */
#ifndef TJOB_ACTOR_H
#define TJOB_ACTOR_H

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of actors. */
typedef enum tjob_actor {
    TJOB_ACTOR_CLIENT = 0,
    TJOB_ACTOR_TRAINER,
    TJOB_ACTOR_SUPERVISOR,
    TJOB_ACTOR_HOST,
    TJOB_ACTOR_STORE /* calls nothing: it applies late writes, and crashes */
} tjob_actor;

#define TJOB_ACTOR_COUNT 5

/* Returns the name of an actor, such as "client"; "?" outside the enum. Static; thread-safe. */
const char *tjob_actor_name(tjob_actor actor);

#ifdef __cplusplus
}
#endif

#endif
