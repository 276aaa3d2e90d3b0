#include "verify/explorer/conclusion.h"

#include "verify/explorer/exploration.h"

tjob_verdict tjob__conclusion_of(const tjob_explorer *explorer)
{
    tjob_verdict conclusion =
        tjob_explorer_end(explorer) == TJOB_EXPLORATION_COMPLETE ? TJOB_VERDICT_HOLDS : TJOB_VERDICT_UNDECIDED;
    for (uint32_t i = 0; i < explorer->model->property_count; i++) {
        const tjob_verdict verdict = tjob_explorer_verdict(explorer, i);
        if (verdict == TJOB_VERDICT_VIOLATED) {
            return TJOB_VERDICT_VIOLATED;
        }
        conclusion = verdict == TJOB_VERDICT_VACUOUS ? TJOB_VERDICT_UNDECIDED : conclusion;
    }
    return conclusion;
}

const char *tjob__conclusion_name(tjob_verdict conclusion)
{
    return conclusion == TJOB_VERDICT_UNDECIDED ? "inconclusive" : tjob_verdict_name(conclusion);
}

uint32_t tjob__conclusion_violated(const tjob_explorer *explorer)
{
    const tjob_model *model = explorer->model;
    uint32_t property = 0;
    while (property < model->property_count && (tjob_explorer_verdict(explorer, property) != TJOB_VERDICT_VIOLATED ||
                                                model->properties[property].kind == TJOB_PROPERTY_SOMETIMES)) {
        property++;
    }
    return property;
}
