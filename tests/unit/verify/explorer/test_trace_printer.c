/* Traces: the same steps as text, as JSON and as a diagram; characters that mean something else where they stand. */
#include <string.h>

#include "support/explored.h"
#include "support/suite.h"
#include "tjob/trace_printer.h"

struct page {
    char text[2048];
    size_t bytes;
};

static void write_page(void *context, const char *text, size_t bytes)
{
    struct page *page = context;
    ck_assert_uint_lt(page->bytes + bytes, sizeof page->text);
    memcpy(page->text + page->bytes, text, bytes);
    page->bytes += bytes;
    page->text[page->bytes] = '\0';
}

static const tjob_step_description steps[] = {
    {"client 1", "store", "load", "TRAINING; \"x\\y\" #1\n", "TRAINING", "TRAINING"},
    {"store", "", "crashes", "", "TRAINING", "TRAINING, again"},
    {"store", "", "rests", "", "SAME AS", "SAME AT"},
    {"store", "", "turns", "", "A", "B"},
};

static const char *const pages[] = {
    [TJOB_TRACE_TEXT] = "1. client 1 -> store: load\n"
                        "     TRAINING; \"x\\y\" #1\n\n"
                        "2. store: crashes\n"
                        "     before: TRAINING\n"
                        "     after:  TRAINING, again\n"
                        "3. store: rests\n"
                        "     before: SAME AS\n"
                        "     after:  SAME AT\n"
                        "4. store: turns\n"
                        "     before: A\n"
                        "     after:  B\n",
    [TJOB_TRACE_JSON] = "[{\"actor\":\"client 1\",\"partner\":\"store\",\"action\":\"load\","
                        "\"answer\":\"TRAINING; \\\"x\\\\y\\\" #1 \",\"before\":\"TRAINING\",\"after\":\"TRAINING\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"crashes\",\"answer\":\"\","
                        "\"before\":\"TRAINING\",\"after\":\"TRAINING, again\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"rests\",\"answer\":\"\","
                        "\"before\":\"SAME AS\",\"after\":\"SAME AT\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"turns\",\"answer\":\"\","
                        "\"before\":\"A\",\"after\":\"B\"}]",
    [TJOB_TRACE_MERMAID] = "sequenceDiagram\n"
                           "    client 1->>store: load\n"
                           "    store-->>client 1: TRAINING#59; \"x\\y\" #35;1 \n"
                           "    store->>store: crashes\n"
                           "    Note over store: TRAINING, again\n"
                           "    store->>store: rests\n"
                           "    Note over store: SAME AT\n"
                           "    store->>store: turns\n"
                           "    Note over store: B\n",
};

START_TEST(a_trace_is_reported_in_each_format)
{
    struct page page = {.bytes = 0};
    tjob_trace_printer printer = {.format = (tjob_trace_format)_i, .write = write_page, .context = &page};
    tjob_trace_printer_begin(&printer);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        tjob_trace_printer_step(&printer, &steps[i]);
    }
    tjob_trace_printer_end(&printer);
    ck_assert_str_eq(page.text, pages[_i]);
    ck_assert_uint_eq(printer.steps, 4);
}
END_TEST

/* ---- The trace of a property ------------------------------------------------------------------------------------ */

/* 0 -> 1 -> 2, which shows the property. */
static void begin_at_0(void *context, tjob_successors *initial)
{
    (void)context;
    *tjob_successors_add(initial, &(tjob_step){.label = 0}) = 0;
}

static void go_on(void *context, const unsigned char *state, tjob_successors *successors)
{
    (void)context;
    if (*state < 2) {
        *tjob_successors_add(successors, &(tjob_step){.label = 10 + *state}) = (unsigned char)(*state + 1);
    }
}

static tjob_observation look_for_2(void *context, const unsigned char *state)
{
    (void)context;
    return (tjob_observation){.exercised = *state == 2 ? 1 : 0};
}

/* Fills each field of the first step to its last byte, and of the second nothing but who acts. */
static void describe_much_then_little(void *context, const unsigned char *before, uint64_t label,
                                      const unsigned char *after, tjob_step_description *description)
{
    (void)context, (void)label, (void)after;
    if (*before == 0) {
        memset(description, 'x', sizeof *description);
    } else {
        memcpy(description->actor, "clerk", sizeof "clerk");
    }
}

static const tjob_property arrives = {TJOB_PROPERTY_SOMETIMES, true, "goal", "it arrives"};

static uint64_t print_whole_trace(const tjob_model *model, tjob_trace_format format, struct page *page)
{
    struct explored explored = explore(model, 1, 100);
    tjob_trace_printer printer = {.format = format, .write = write_page, .context = page};
    const uint64_t known = tjob_trace_print(&printer, explored.explorer, model, 0);
    explored_free(&explored);
    return known;
}

static tjob_model line_of_three(void)
{
    return (tjob_model){.state_bytes = 1,
                        .property_count = 1,
                        .properties = &arrives,
                        .begin = begin_at_0,
                        .next = go_on,
                        .observe = look_for_2};
}

START_TEST(what_a_model_does_not_fill_is_empty_and_what_it_overfills_is_cut_off)
{
    struct page page = {.bytes = 0};
    tjob_model model = line_of_three();
    model.describe = describe_much_then_little;
    ck_assert_uint_eq(print_whole_trace(&model, TJOB_TRACE_JSON, &page), 2);
    const char *second = strchr(page.text, '}');
    ck_assert_str_eq(second, "},{\"actor\":\"clerk\",\"partner\":\"\",\"action\":\"\",\"answer\":\"\",\"before\":\"\","
                             "\"after\":\"\"}]");
    const size_t names = strlen("[{'actor':'','partner':'','action':'','answer':'','before':'','after':''");
    ck_assert_uint_eq((size_t)(second - page.text), names + sizeof(tjob_step_description) - 6);
}
END_TEST

START_TEST(a_model_without_words_is_reported_by_its_labels)
{
    static const char *const known[] = {
        [TJOB_TRACE_TEXT] = "1. model: step 10\n2. model: step 11\n",
        [TJOB_TRACE_JSON] =
            "[{\"actor\":\"model\",\"partner\":\"\",\"action\":\"step 10\",\"answer\":\"\",\"before\":\"\","
            "\"after\":\"\"},{\"actor\":\"model\",\"partner\":\"\",\"action\":\"step 11\",\"answer\":\"\","
            "\"before\":\"\",\"after\":\"\"}]",
        [TJOB_TRACE_MERMAID] = "sequenceDiagram\n    model->>model: step 10\n    model->>model: step 11\n",
    };
    struct page page = {.bytes = 0};
    const tjob_model model = line_of_three();
    ck_assert_uint_eq(print_whole_trace(&model, (tjob_trace_format)_i, &page), 2);
    ck_assert_str_eq(page.text, known[_i]);
}
END_TEST

RUN_TESTS("trace_printer", {a_trace_is_reported_in_each_format, 3},
          {what_a_model_does_not_fill_is_empty_and_what_it_overfills_is_cut_off, 0},
          {a_model_without_words_is_reported_by_its_labels, 3})
