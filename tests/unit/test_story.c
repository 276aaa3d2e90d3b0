/* Stories: the same steps as text, as JSON and as a diagram; characters that mean something else where they stand. */
#include <string.h>

#include "support/suite.h"
#include "tjob/story.h"

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

static const tjob_telling steps[] = {
    {"client 1", "store", "load", "TRAINING; \"x\\y\" #1\n", "TRAINING", "TRAINING"},
    {"store", "", "crashes", "", "TRAINING", "TRAINING, again"},
    {"store", "", "rests", "", "SAME AS", "SAME AT"},
    {"store", "", "turns", "", "A", "B"},
};

static const char *const pages[] = {
    [TJOB_STORY_TEXT] = "1. client 1 -> store: load\n"
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
    [TJOB_STORY_JSON] = "[{\"actor\":\"client 1\",\"partner\":\"store\",\"action\":\"load\","
                        "\"answer\":\"TRAINING; \\\"x\\\\y\\\" #1 \",\"before\":\"TRAINING\",\"after\":\"TRAINING\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"crashes\",\"answer\":\"\","
                        "\"before\":\"TRAINING\",\"after\":\"TRAINING, again\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"rests\",\"answer\":\"\","
                        "\"before\":\"SAME AS\",\"after\":\"SAME AT\"},"
                        "{\"actor\":\"store\",\"partner\":\"\",\"action\":\"turns\",\"answer\":\"\","
                        "\"before\":\"A\",\"after\":\"B\"}]",
    [TJOB_STORY_MERMAID] = "sequenceDiagram\n"
                           "    client 1->>store: load\n"
                           "    store-->>client 1: TRAINING#59; \"x\\y\" #35;1 \n"
                           "    store->>store: crashes\n"
                           "    Note over store: TRAINING, again\n"
                           "    store->>store: rests\n"
                           "    Note over store: SAME AT\n"
                           "    store->>store: turns\n"
                           "    Note over store: B\n",
};

START_TEST(a_story_is_told_in_each_format)
{
    struct page page = {.bytes = 0};
    tjob_story story = {.format = (tjob_story_format)_i, .write = write_page, .context = &page};
    tjob_story_begin(&story);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        tjob_story_step(&story, &steps[i]);
    }
    tjob_story_end(&story);
    ck_assert_str_eq(page.text, pages[_i]);
    ck_assert_uint_eq(story.steps, 4);
}
END_TEST

RUN_TESTS("story", {a_story_is_told_in_each_format, 3})
