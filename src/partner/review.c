/* What the biller says is due now: reading its answer. */
#include "review.h"

#include <string.h>

#include "answer.h"
#include "base/error.h"
#include "base/json.h"
#include "limits.h"

static void line_free(void *data)
{
    BillerLine *line = data;
    g_free(line->label);
    g_free(line);
}

static BillerReview *review_new(void)
{
    BillerReview *review = g_new0(BillerReview, 1);
    review->lines = g_ptr_array_new_with_free_func(line_free);
    review->networks = g_ptr_array_new_with_free_func(g_free);
    review->types = g_ptr_array_new_with_free_func(g_free);
    review->lines_add_up = true;
    return review;
}

void biller_review_free(BillerReview *review)
{
    if (review == NULL)
        return;
    invoice_free(review->invoice);
    g_free(review->named_payee);
    g_free(review->request_id);
    g_free(review->total_label);
    g_ptr_array_unref(review->lines);
    g_ptr_array_unref(review->networks);
    g_ptr_array_unref(review->types);
    json_decref(review->raw);
    g_free(review);
}

/* ---- Parts of the answer ------------------------------------------------------------------------- */

static bool bad_member(const char *member, const char *why, GError **error)
{
    error_set(error, SALDO_ERROR_BAD_INPUT, "the biller's answer cannot be used: %s %s", member, why);
    return false;
}

/* Lower case, without doubles; what is no name is left out. */
static void read_names(const json_t *names, GPtrArray *ret_names)
{
    size_t index;
    const json_t *name;
    json_array_foreach(names, index, name) {
        if (!json_is_string(name) || ret_names->len == PARTNER_NAMES_MAX || json_string_length(name) > PARTNER_ID_MAX)
            continue;
        g_autofree char *lower = g_ascii_strdown(json_string_value(name), -1);
        if (!g_ptr_array_find_with_equal_func(ret_names, lower, g_str_equal, NULL))
            g_ptr_array_add(ret_names, g_steal_pointer(&lower));
    }
}

static void read_options(const json_t *options, BillerReview *review)
{
    review->asks_payer_name = answer_flag(options, "requestPayerName");
    review->asks_payer_email = answer_flag(options, "requestPayerEmail");
    review->asks_payer_phone = answer_flag(options, "requestPayerPhone");
    review->asks_shipping = answer_flag(options, "requestShipping");
}

static bool read_total(const json_t *details, BillerReview *review, GError **error)
{
    const json_t *total = json_member_lenient(details, "total");
    if (!answer_money(json_member_lenient(total, "amount"), &review->total))
        return bad_member("details.total.amount", "is no amount with an ISO 4217 currency", error);
    if (review->total.minor <= 0)
        return bad_member("details.total.amount", "is not above zero", error);
    if (answer_flag(total, "pending"))
        return bad_member("details.total", "is pending: the amount is not final", error);
    review->total_label = answer_text(total, "label", PARTNER_TEXT_MAX);
    return true;
}

static bool read_line(const json_t *item, size_t index, BillerReview *review, GError **error)
{
    Money amount;
    if (!answer_money(json_member_lenient(item, "amount"), &amount)) {
        g_autofree char *member = g_strdup_printf("details.displayItems[%zu].amount", index);
        return bad_member(member, "is no amount with an ISO 4217 currency", error);
    }
    BillerLine *line = g_new0(BillerLine, 1);
    line->label = answer_text(item, "label", PARTNER_TEXT_MAX);
    line->amount = amount;
    g_ptr_array_add(review->lines, line);
    return true;
}

/* [PAY-001] The sum of the lines, in their one currency, is the total. */
static bool lines_add_up(const BillerReview *review)
{
    if (review->lines->len == 0)
        return true;
    Money sum = review->total;
    sum.minor = 0;
    for (guint i = 0; i < review->lines->len; i++) {
        const BillerLine *line = g_ptr_array_index(review->lines, i);
        if (!money_same_currency(sum, line->amount) || !money_add(sum, line->amount, &sum))
            return false;
    }
    return money_equal(sum, review->total);
}

static bool read_lines(const json_t *items, BillerReview *review, GError **error)
{
    if (json_array_size(items) > PARTNER_LINES_MAX)
        return bad_member("details.displayItems", "has too many lines", error);
    size_t index;
    const json_t *item;
    json_array_foreach(items, index, item)
        if (!read_line(item, index, review, error))
            return false;
    review->lines_add_up = lines_add_up(review);
    return true;
}

static bool read_details(const json_t *details, BillerReview *review, GError **error)
{
    g_autofree char *refusal = answer_text(details, "error", PARTNER_TEXT_MAX);
    if (refusal != NULL) {
        error_set(error, SALDO_ERROR_DENIED, "the biller says: %s", refusal);
        return false;
    }
    if (!read_total(details, review, error) || !read_lines(json_member_lenient(details, "displayItems"), review, error))
        return false;
    review->request_id = answer_text(details, "id", PARTNER_ID_MAX);
    return true;
}

bool partner_allows_test(const Partner *partner, const char *payer_address)
{
    if (partner->state == PARTNER_TEST)
        return true;
    for (guint i = 0; partner->test_recipients != NULL && i < partner->test_recipients->len; i++)
        if (g_ascii_strcasecmp(g_ptr_array_index(partner->test_recipients, i), payer_address) == 0)
            return true;
    return false;
}

/* wire.md §9: a live partner that asks for test mode is refused. */
static bool read_mode(const PartnerCall *call, const json_t *data, BillerReview *review, GError **error)
{
    g_autofree char *mode = answer_text(data, "mode", PARTNER_ID_MAX);
    review->test = mode != NULL && g_ascii_strcasecmp(mode, "TEST") == 0;
    if (!review->test || partner_allows_test(call->partner, call->payer_address))
        return true;
    error_set(error, SALDO_ERROR_DENIED, "%s asks for test mode, but it is a live partner and %s is no test recipient",
        call->partner->name, call->payer_address);
    return false;
}

static bool read_entity(const json_t *data, BillerReview *review, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    review->invoice = invoice_read_entity(json_member_lenient(data, "entity"), &trouble);
    if (review->invoice == NULL)
        return bad_member("methodData[0].data.entity", trouble->message, error);
    if (review->invoice->status == INVOICE_STATUS_AUTOMATIC) {
        error_set(error, SALDO_ERROR_DENIED, "the biller collects this invoice by itself: there is nothing to pay");
        return false;
    }
    review->already_paid = review->invoice->status == INVOICE_STATUS_COMPLETE;
    return true;
}

BillerReview *review_read(const PartnerCall *call, json_t *answer, GError **error)
{
    g_autoptr(BillerReview) review = review_new();
    review->raw = json_incref(answer);
    const json_t *data = json_member_lenient(json_array_get(json_member_lenient(answer, "methodData"), 0), "data");
    if (!read_entity(data, review, error) || !read_mode(call, data, review, error))
        return NULL;
    if (!review->already_paid && !read_details(json_member_lenient(answer, "details"), review, error))
        return NULL;
    read_names(json_member_lenient(data, "supportedNetworks"), review->networks);
    read_names(json_member_lenient(data, "supportedTypes"), review->types);
    read_options(json_member_lenient(answer, "options"), review);
    if (review->request_id == NULL) /* §7: answers without an id */
        review->request_id = answer_text(answer, "id", PARTNER_ID_MAX);
    if (review->request_id == NULL)
        review->request_id = g_strdup(id_new().text);
    return g_steal_pointer(&review);
}

/* ---- Kept form ------------------------------------------------------------------------------------ */

static json_t *names_to_json(const GPtrArray *names)
{
    json_t *array = json_array();
    for (guint i = 0; i < names->len; i++)
        g_assert(json_array_append_new(array, json_string(g_ptr_array_index(names, i))) == 0);
    return array;
}

static json_t *lines_to_json(const GPtrArray *lines)
{
    json_t *array = json_array();
    for (guint i = 0; i < lines->len; i++) {
        const BillerLine *line = g_ptr_array_index(lines, i);
        g_assert(json_array_append_new(array,
            json_pack("{s:s?, s:o}", "label", line->label, "amount", json_from_money(line->amount))) == 0);
    }
    return array;
}

json_t *biller_review_to_json(const BillerReview *review)
{
    json_t *json = json_pack("{s:o, s:s, s:s?, s:o, s:o, s:o, s:O}", "invoice", invoice_to_json(review->invoice),
        "request_id", review->request_id, "total_label", review->total_label, "lines", lines_to_json(review->lines),
        "networks", names_to_json(review->networks), "types", names_to_json(review->types), "raw", review->raw);
    g_assert(json != NULL);
    json_object_set_new(json, "total", review->already_paid ? json_null() : json_from_money(review->total));
    json_put_flag(json, "already_paid", review->already_paid);
    json_put_flag(json, "lines_add_up", review->lines_add_up);
    json_put_flag(json, "asks_payer_name", review->asks_payer_name);
    json_put_flag(json, "asks_payer_email", review->asks_payer_email);
    json_put_flag(json, "asks_payer_phone", review->asks_payer_phone);
    json_put_flag(json, "asks_shipping", review->asks_shipping);
    json_put_flag(json, "test", review->test);
    return json;
}

static bool lines_from_json(const json_t *array, GPtrArray *lines)
{
    size_t index;
    const json_t *item;
    json_array_foreach(array, index, item) {
        Money amount;
        if (!json_to_money(json_object_get(item, "amount"), &amount))
            return false;
        BillerLine *line = g_new0(BillerLine, 1);
        line->label = g_strdup(json_text(item, "label"));
        line->amount = amount;
        g_ptr_array_add(lines, line);
    }
    return true;
}

BillerReview *biller_review_from_json(const json_t *json, GError **error)
{
    g_autoptr(BillerReview) review = review_new();
    review->invoice = invoice_from_json(json_object_get(json, "invoice"), error);
    if (review->invoice == NULL)
        return NULL;
    review->already_paid = json_flag(json, "already_paid");
    review->request_id = g_strdup(json_text(json, "request_id"));
    review->total_label = g_strdup(json_text(json, "total_label"));
    bool has_total = review->already_paid || json_to_money(json_object_get(json, "total"), &review->total);
    if (review->request_id == NULL || !has_total || !lines_from_json(json_object_get(json, "lines"), review->lines)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "a kept review has no request_id, total or lines of the right form");
        return NULL;
    }
    review->lines_add_up = json_flag(json, "lines_add_up");
    read_names(json_object_get(json, "networks"), review->networks);
    read_names(json_object_get(json, "types"), review->types);
    review->asks_payer_name = json_flag(json, "asks_payer_name");
    review->asks_payer_email = json_flag(json, "asks_payer_email");
    review->asks_payer_phone = json_flag(json, "asks_payer_phone");
    review->asks_shipping = json_flag(json, "asks_shipping");
    review->test = json_flag(json, "test");
    review->raw = json_deep_copy(json_object_get(json, "raw"));
    return g_steal_pointer(&review);
}
