#include "page/page.h"

void tjob__page_judge(struct page_space *space, tjob_text input, struct page_json *json)
{
    (void)space, (void)input;
    tjob__page_open(json, '{');
    tjob__page_close(json, '}');
}
