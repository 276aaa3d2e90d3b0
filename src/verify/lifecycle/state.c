#include "verify/lifecycle/state.h"

#include "core/bytes.h"
#include "verify/spec/seeded_bugs.h"

tjob_job tjob__store_job(const tjob_lifecycle_model *model, const void *state)
{
    tjob_job job;
    uint64_t version;
    if (tjob__store_model_load(model->store, state, &job, &version) == TJOB_LOAD_OK) {
        return job;
    }
    return (tjob_job){.state = TJOB_ABSENT, .incarnation = version + 1};
}

void tjob__state_load(const tjob_lifecycle_model *model, const unsigned char *state, uint64_t words[STATE_WORDS])
{
    const uint32_t whole = model->model.state_bytes / 8;
    for (uint32_t i = 0; i < STATE_WORDS; i++) {
        words[i] = i < whole ? bytes_load64(state + 8 * (size_t)i) : 0;
    }
    for (uint32_t i = whole * 8; i < model->model.state_bytes; i++) {
        words[whole] |= (uint64_t)state[i] << 8 * (i % 8);
    }
}

void tjob__state_store(const tjob_lifecycle_model *model, const uint64_t words[STATE_WORDS], unsigned char *state)
{
    const uint32_t whole = model->model.state_bytes / 8;
    for (uint32_t i = 0; i < whole; i++) {
        bytes_store64(state + 8 * (size_t)i, words[i]);
    }
    for (uint32_t i = whole * 8; i < model->model.state_bytes; i++) {
        state[i] = (unsigned char)(words[whole] >> 8 * (i % 8));
    }
}
