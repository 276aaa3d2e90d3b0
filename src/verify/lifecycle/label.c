#include "verify/lifecycle/label.h"

/* The bit position of each field of a label. The actor is in the lowest bits, so that it can be added later. */
enum {
    AT_ACTOR = 0,
    AT_ACTION = 4,
    AT_EVENT = 8,
    AT_NOW = 12,
    AT_ANSWER = 16,
    AT_LOST = 20,
    AT_TRAINER = 24,
    AT_ENDS = 28,
    AT_STATUS = 32,
    AT_CHANGED = 40
};

uint64_t tjob__label_encode(const struct label *label)
{
    return (uint64_t)label->actor << AT_ACTOR | (uint64_t)label->action << AT_ACTION |
           (uint64_t)label->event << AT_EVENT | (uint64_t)label->now_ms << AT_NOW |
           (uint64_t)label->answer << AT_ANSWER | (uint64_t)label->lost << AT_LOST |
           (uint64_t)label->trainer_token << AT_TRAINER | (uint64_t)label->ends << AT_ENDS |
           (uint64_t)label->status << AT_STATUS | (uint64_t)label->changed << AT_CHANGED;
}

struct label tjob__label_decode(uint64_t word)
{
    return (struct label){
        .actor = (uint32_t)(word >> AT_ACTOR & 15),
        .action = (enum action)(word >> AT_ACTION & 15),
        .event = (uint32_t)(word >> AT_EVENT & 15),
        .now_ms = (uint32_t)(word >> AT_NOW & 15),
        .answer = (uint32_t)(word >> AT_ANSWER & 15),
        .lost = (uint32_t)(word >> AT_LOST & 15),
        .trainer_token = (uint32_t)(word >> AT_TRAINER & 15),
        .ends = (word >> AT_ENDS & 1) != 0,
        .status = (uint32_t)(word >> AT_STATUS & 255),
        .changed = (uint32_t)(word >> AT_CHANGED & 3),
    };
}
