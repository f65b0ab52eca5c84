/* Any bytes as a biller's answer end in an error, in a review that is kept and read back the same, or in an outcome; a 5xx
 * never in anything but "unknown", and no payer is sent to an address that is none for browsers. */
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "complete.h"
#include "review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_review(const PartnerCall *call, Span text)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *json = json_read_lenient(text, LIMIT_JSON_BYTES, "the answer", NULL);
    g_autoptr(BillerReview) review = json == NULL ? NULL : review_read(call, json, &error);
    g_assert_true(json == NULL || (review == NULL) == (error != NULL));
    if (review == NULL)
        return;
    g_assert_true(review->already_paid || review->total.minor > 0);
    JSON_AUTO *kept = biller_review_to_json(review);
    g_autoptr(GError) trouble = NULL;
    g_autoptr(BillerReview) again = biller_review_from_json(kept, &trouble);
    g_assert_no_error(trouble);
    JSON_AUTO *second = biller_review_to_json(again);
    g_assert_true(json_equal(kept, second));
}

static void read_outcome(const PartnerCall *call, Span text, long status)
{
    WEB_ANSWER_AUTO web = { .status = status, .body = BUFFER_INIT(LIMIT_JSON_BYTES) };
    if (!buffer_append(&web.body, text))
        return;
    __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
    CompleteOutcome outcome = complete_read(call, &web, "r-1", &answer);
    g_assert_true(status < 500 || outcome == COMPLETE_UNKNOWN); /* [PAY-007] */
    g_assert_true(outcome != COMPLETE_ACTION || web_url_is_for_browsers(answer.action_url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = { 200, 202, 400, 404, 409, 500, 503 };
    Partner partner = { .name = (char *)"Biller", .state = PARTNER_APPROVED, .processor = (char *)"sandbox" };
    PartnerCall call = { .partner = &partner, .payer_address = "anna@demo.example" };
    Span text = { (const char *)data, size };
    read_review(&call, text);
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        partner.written_for_old_service = i % 2 == 1;
        read_outcome(&call, text, statuses[i]);
    }
    return 0;
}
