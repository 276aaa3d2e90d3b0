/* simdjson for bench_peers.c: it parses a text with room behind it, and nothing is taken from the result. */
#include <simdjson.h>

extern "C" bool peer_simdjson_parses(const char *text, size_t bytes);

extern "C" bool peer_simdjson_parses(const char *text, size_t bytes)
{
    static simdjson::dom::parser parser;
    simdjson::dom::element element;
    return parser.parse(text, bytes, false).get(element) == simdjson::SUCCESS;
}
