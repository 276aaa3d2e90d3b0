# Writes a file as an array of C: cmake -D FILE=... -D OUTPUT=... -P embed.cmake
file(READ ${FILE} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT} "#include <stddef.h>

extern const unsigned char tjob__page_html[];
extern const size_t tjob__page_html_bytes;

const unsigned char tjob__page_html[] = {
${bytes}
};
const size_t tjob__page_html_bytes = sizeof tjob__page_html;
")
