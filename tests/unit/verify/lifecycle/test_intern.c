/* Numbers for strings of bytes, in just the memory that they ask for. */
#include "verify/lifecycle/intern.h"

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

enum { ITEM_BYTES = 24, CAPACITY = 100 };

static struct intern intern;
static unsigned char *memory;

static void open_table(uint32_t capacity)
{
    const size_t bytes = (size_t)tjob__intern_bytes(ITEM_BYTES, capacity);
    memory = malloc(bytes);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xff, bytes);
    tjob__intern_init(&intern, memory, ITEM_BYTES, capacity);
}

/* Strings that differ from each other in one byte only. What lies around one is not its own. */
static unsigned char *item;

static const unsigned char *item_of(uint32_t place, uint32_t number)
{
    memset(item, 0, ITEM_BYTES);
    item[place] = (unsigned char)number;
    return item;
}

/* Whatever byte they differ in, each string has one number, and keeps it; when there is no room, the others do, too. */
START_TEST(each_string_has_a_number_of_its_own)
{
    open_table(CAPACITY);
    item = malloc(ITEM_BYTES);
    ck_assert_ptr_nonnull(item);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t number = 0; number < CAPACITY; number++) {
            EXPECT(tjob__intern_number(&intern, item_of((uint32_t)_i, number)) == number);
            EXPECT(memcmp(tjob__intern_item(&intern, number), item_of((uint32_t)_i, number), ITEM_BYTES) == 0);
        }
        ck_assert_uint_eq(tjob__intern_number(&intern, item_of((uint32_t)_i, CAPACITY)), INTERN_FULL);
        ck_assert_uint_eq(intern.count, CAPACITY);
        ck_assert_uint_eq(intern.lock, 0);
    }
    free(item);
    free(memory);
}
END_TEST

/* However many there may be, half of the slots stay empty, so that a search ends soon. */
START_TEST(half_of_the_slots_stay_empty)
{
    for (uint32_t capacity = 1; capacity <= CAPACITY; capacity++) {
        open_table(capacity);
        EXPECT(intern.slot_count >= 2 * capacity && intern.slot_count < 4 * capacity);
        EXPECT((intern.slot_count & (intern.slot_count - 1)) == 0);
        EXPECT(tjob__intern_bytes(ITEM_BYTES, capacity) ==
               ITEM_BYTES * capacity + intern.slot_count * sizeof(uint32_t));
        free(memory);
    }
}
END_TEST

RUN_TESTS("intern", {each_string_has_a_number_of_its_own, ITEM_BYTES}, {half_of_the_slots_stay_empty, 0})
