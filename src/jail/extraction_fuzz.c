/* Any bytes as the answer of a child: an extraction that says it is unreadable, or one whose JSON form reads back. */
#include "engine.h"

#include "base/json.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Span text = { data == NULL ? "" : (const char *)data, size };
    g_autoptr(Extraction) extraction = extraction_decode(text);
    g_assert_true(extraction->summary != NULL && extraction->invoices->len <= LIMIT_INVOICES_PER_MESSAGE);
    g_assert_true(extraction->readable || extraction->trouble != NULL || extraction->invoices->len == 0);
    JSON_AUTO *json = extraction_to_json(extraction);
    g_autoptr(GError) error = NULL;
    g_autoptr(Extraction) again = extraction_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = extraction_to_json(again);
    g_assert_true(json_equal(json, second));
    return 0;
}
