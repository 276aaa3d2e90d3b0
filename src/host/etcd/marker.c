#include "host/etcd/marker.h"

#include <string.h>

#include "wire/json_writer.h"

void tjob__etcd_marker_write(tjob_etcd_marker *marker, uint64_t base, uint64_t cluster_id)
{
    *marker = (tjob_etcd_marker){.base = base, .cluster_id = cluster_id};
    json_writer writer = {marker->text, 0, sizeof marker->text};
    tjob__json_write_string(&writer, "tjob ");
    tjob__json_write_number(&writer, TJOB_ETCD_SCHEMA, 1);
    tjob__json_write_byte(&writer, ' ');
    tjob__json_write_number(&writer, base, 1);
    tjob__json_write_byte(&writer, ' ');
    tjob__json_write_number(&writer, cluster_id, 1);
    marker->text_bytes = (uint32_t)writer.bytes;
}

/* Reads a word and a space before it. */
static bool marker_read_number(tjob_text *text, uint64_t *number)
{
    size_t at = 1;
    *number = 0;
    if (text->bytes < 2 || text->data[0] != ' ') {
        return false;
    }
    for (; at < text->bytes && text->data[at] >= '0' && text->data[at] <= '9'; at++) {
        const uint64_t digit = (uint64_t)(text->data[at] - '0');
        if (*number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    *text = (tjob_text){text->data + at, text->bytes - at};
    return at > 1;
}

tjob_etcd_problem tjob__etcd_marker_read(tjob_etcd_marker *marker, tjob_text text, uint64_t mod_revision,
                                         uint64_t changes)
{
    static const char word[] = "tjob";
    uint64_t schema;
    uint64_t base;
    uint64_t cluster_id;
    tjob_text rest = {text.data + sizeof word - 1, text.bytes - (sizeof word - 1)};
    if (text.bytes < sizeof word || memcmp(text.data, word, sizeof word - 1) != 0 ||
        !marker_read_number(&rest, &schema)) {
        return TJOB_ETCD_DAMAGED;
    }
    if (schema != TJOB_ETCD_SCHEMA) {
        return TJOB_ETCD_OTHER_SCHEMA;
    }
    if (!marker_read_number(&rest, &base) || !marker_read_number(&rest, &cluster_id) || base > TJOB_ETCD_RAISE_MAX) {
        return TJOB_ETCD_DAMAGED;
    }
    tjob__etcd_marker_write(marker, base, cluster_id);
    marker->mod_revision = mod_revision;
    marker->absence = changes > 1 ? base + mod_revision : 0;
    /* It is compared byte by byte: what has leading zeros, or goes on, is not ours, and is longer. */
    return marker->text_bytes == text.bytes ? TJOB_ETCD_OK : TJOB_ETCD_DAMAGED;
}
