/* Whatever is accepted as a partner is written and read back as the same partner; the rest is an error with a text. */
#include "base/json.h"
#include "base/limits.h"
#include "trust/partner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JSON_AUTO *json = json_read((Span){ (const char *)data, size }, LIMIT_JSON_BYTES, "the input", NULL);
    if (json == NULL)
        return 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(Partner) partner = partner_from_json(json, &error);
    g_assert_true((partner == NULL) == (error != NULL));
    if (partner == NULL)
        return 0;
    JSON_AUTO *written = partner_to_json(partner);
    g_autoptr(Partner) again = partner_from_json(written, &error);
    g_assert_no_error(error);
    JSON_AUTO *rewritten = partner_to_json(again);
    g_assert_true(json_equal(written, rewritten));
    return 0;
}
