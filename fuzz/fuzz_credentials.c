/* A credentials file, at once and in pieces; what it grants is what it says. */
#include <string.h>

#include "host/signature/credentials.h"
#include "target.h"
#include "unit/exact.h"

enum { KEYS = 4, GRANTS = 8 };

static tjob_access_key keys[2][KEYS];
static tjob_grant grants[2][GRANTS];

static tjob_credentials empty_credentials(int set)
{
    memset(keys[set], 0, sizeof keys[set]);
    memset(grants[set], 0, sizeof grants[set]);
    return (tjob_credentials){.keys = keys[set], .grants = grants[set], .key_capacity = KEYS, .grant_capacity = GRANTS};
}

static void check_keys(const tjob_credentials *credentials)
{
    uint32_t grant = 0;
    for (uint32_t i = 0; i < credentials->key_count; i++) {
        const tjob_access_key *key = &credentials->keys[i];
        FUZZ_EXPECT(key->id_bytes != 0 && key->id_bytes <= TJOB_KEY_ID_BYTES_MAX);
        FUZZ_EXPECT(key->secret_bytes >= TJOB_SECRET_BYTES_MIN && key->secret_bytes <= TJOB_SECRET_BYTES_MAX);
        FUZZ_EXPECT(key->name[0] != '\0' && memchr(key->name, '\0', sizeof key->name) != NULL);
        FUZZ_EXPECT(key->first_grant == grant && key->grant_count != 0);
        for (; grant < key->first_grant + key->grant_count; grant++) {
            const tjob_grant *one = &credentials->grants[grant];
            const tjob_text arn = {one->text, one->bytes};
            if (one->kind == TJOB_GRANT_ARN) {
                FUZZ_EXPECT(tjob_arn_validate(arn, TJOB_ARN_CURRENT).problem == TJOB_ARN_VALID);
                FUZZ_EXPECT(tjob_credentials_allow(credentials, i, arn));
            }
        }
    }
    FUZZ_EXPECT(grant == credentials->grant_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tjob_text text = exact_copy(data, size);
    tjob_credentials whole = empty_credentials(0);
    tjob_credentials pieces = empty_credentials(1);
    credentials_reader reader;
    uint32_t line = 0;
    uint32_t line_of_pieces = 0;
    const tjob_credentials_problem problem = tjob_credentials_read(&whole, text, &line);
    tjob__credentials_begin(&reader, &pieces);
    for (size_t at = 0; at < size; at += 7) {
        const tjob_text piece = exact_copy(text.data + at, size - at < 7 ? size - at : 7);
        tjob__credentials_feed(&reader, piece);
        exact_free(piece);
    }
    FUZZ_EXPECT(tjob__credentials_end(&reader, &line_of_pieces) == problem && line_of_pieces == line);
    FUZZ_EXPECT(memcmp(keys[0], keys[1], sizeof keys[0]) == 0 && memcmp(grants[0], grants[1], sizeof grants[0]) == 0);
    FUZZ_EXPECT((whole.key_count != 0) == (problem == TJOB_CREDENTIALS_OK) && whole.key_count <= KEYS);
    check_keys(&whole);
    exact_free(text);
    return 0;
}
