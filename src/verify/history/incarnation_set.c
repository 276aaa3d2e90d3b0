#include "verify/history/incarnation_set.h"

#include <string.h>

#include "verify/history/state_set.h"

struct incarnation_set tjob__incarnation_set_init(void *memory, uint32_t entry_count)
{
    struct incarnation_set set = {.entries = memory, .entry_count = entry_count};
    memset(set.entries, 0, (size_t)entry_count * sizeof *set.entries);
    return set;
}

void tjob__incarnation_set_clear(struct incarnation_set *set)
{
    set->count = 0;
    set->filling++;
}

/* Returns the entry of an incarnation, or the empty entry where it belongs. */
static struct incarnation_entry *incarnation_find(const struct incarnation_set *set, uint64_t incarnation)
{
    uint32_t at = (uint32_t)tjob__state_set_mixed(0, incarnation) & (set->entry_count - 1);
    while (set->entries[at].filling == set->filling && set->entries[at].incarnation != incarnation) {
        at = (at + 1) & (set->entry_count - 1);
    }
    return &set->entries[at];
}

bool tjob__incarnation_set_has(const struct incarnation_set *set, uint64_t incarnation)
{
    return incarnation_find(set, incarnation)->filling == set->filling;
}

bool tjob__incarnation_set_add(struct incarnation_set *set, uint64_t incarnation)
{
    if (set->count == set->entry_count / 2) {
        return false;
    }
    set->count++;
    *incarnation_find(set, incarnation) = (struct incarnation_entry){incarnation, set->filling};
    return true;
}
