/* Billers over a real socket: every oddity of wire.md §7 is read, every fault has its own outcome, what is sent is strict. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "partner/partner_client.h"
#include "pay/webcall.h"
#include "trust/jws.h"

/* ---- A biller of one thread ------------------------------------------------------------------------------------- */

typedef enum Manner { ANSWER, CLOSE_UNREAD, CLOSE_AFTER_READING, SILENT, FLOOD } Manner;

typedef struct Biller {
    int listener;
    int port;
    GThread *thread;
    GMutex lock;
    Manner manner;
    char *answer;          /* raw HTTP */
    char *seen;            /* the last request, whole */
    int requests;          /* connections that were accepted */
} Biller;

static Biller biller;

/* Head and body of one request. */
static char *read_request(int connection)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char bytes[4096];
    for (;;) {
        const char *end = strstr(text->str, "\r\n\r\n");
        const char *length = end == NULL ? NULL : strstr(text->str, "Content-Length: ");
        gsize body = length == NULL ? 0 : (gsize)g_ascii_strtoull(length + 16, NULL, 10);
        if (end != NULL && text->len >= (gsize)(end - text->str) + 4 + body)
            break;
        ssize_t count = recv(connection, bytes, sizeof bytes, 0);
        if (count <= 0)
            break;
        g_string_append_len(text, bytes, count);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void flood(int connection)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
    static char block[65536];
    memset(block, ' ', sizeof block);
    if (send(connection, head, sizeof head - 1, MSG_NOSIGNAL) < 0)
        return;
    for (int i = 0; i < 160; i++) /* 10 MB */
        if (send(connection, block, sizeof block, MSG_NOSIGNAL) < 0)
            return;
}

static void serve(int connection)
{
    g_mutex_lock(&biller.lock);
    Manner manner = biller.manner;
    g_autofree char *answer = g_strdup(biller.answer);
    biller.requests++;
    g_mutex_unlock(&biller.lock);
    if (manner == CLOSE_UNREAD)
        return;
    char *request = read_request(connection);
    g_mutex_lock(&biller.lock);
    g_free(biller.seen);
    biller.seen = request;
    g_mutex_unlock(&biller.lock);
    if (manner == ANSWER)
        g_assert_cmpint(send(connection, answer, strlen(answer), MSG_NOSIGNAL), >, 0);
    else if (manner == SILENT)
        g_usleep(1100 * 1000); /* longer than the limits of these tests */
    else if (manner == FLOOD)
        flood(connection);
}

static gpointer biller_main(gpointer data)
{
    (void)data;
    int connection;
    while ((connection = accept(biller.listener, NULL, NULL)) >= 0) {
        serve(connection);
        shutdown(connection, SHUT_WR);
        close(connection);
    }
    return NULL;
}

static void biller_start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    biller.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(biller.listener, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(biller.listener, 16), ==, 0);
    g_assert_cmpint(getsockname(biller.listener, (struct sockaddr *)&address, &length), ==, 0);
    biller.port = ntohs(address.sin_port);
    biller.thread = g_thread_new("biller", biller_main, NULL);
}

static void biller_stop(void)
{
    shutdown(biller.listener, SHUT_RDWR);
    g_thread_join(biller.thread);
    close(biller.listener);
    g_free(biller.answer);
    g_free(biller.seen);
}

static void behave(Manner manner, int status, const char *type, const char *body)
{
    g_mutex_lock(&biller.lock);
    biller.manner = manner;
    biller.requests = 0;
    g_free(biller.answer);
    biller.answer = body == NULL ? NULL
                                 : g_strdup_printf("HTTP/1.1 %d Status\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                                                   "Location: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n%s",
                                       status, type, strlen(body), body);
    g_mutex_unlock(&biller.lock);
}

/* ---- A partner of it ---------------------------------------------------------------------------------------------- */

static const PartnerLimits short_limits = { 500, 900, 900 };
static TokenKeys *keys;
static Partner partner;
static Merchant merchant;
static json_t *context;

static void meet(void)
{
    g_autoptr(GError) error = NULL;
    keys = token_keys_new("https://saldo.example");
    g_ptr_array_add(keys->private_jwks, jwk_generate("RS256", &error));
    g_assert_no_error(error);
    merchant = (Merchant){ .merchant_id = (char *)"0d8cd1b8-4f64-4a5e-8b40-63c8b0e9ff01",
        .display_id = (char *)"0d8cd1b8-4f64-4a5e-8b40-63c8b0e9ff02", .legal_name = (char *)"Zieleń sp. z o.o.",
        .state = PARTNER_APPROVED };
    partner = (Partner){ .originator = (char *)"0d8cd1b8-4f64-4a5e-8b40-63c8b0e9ff00", .name = (char *)"Ledgerly",
        .state = PARTNER_APPROVED, .processor = (char *)"sandbox",
        .payment_request_url = g_strdup_printf("http://127.0.0.1:%d/request", biller.port),
        .payment_complete_url = g_strdup_printf("http://127.0.0.1:%d/complete", biller.port) };
    context = json_pack("{s:s, s:[i,i]}", "invoice", "F/1", "odd", 1, 2);
}

static PartnerCall new_call(void)
{
    return (PartnerCall){ .partner = &partner, .merchant = &merchant, .keys = keys, .payer_address = "anna@demo.example",
        .mail_from = "faktury@zielen.example", .product_context = context, .idempotency_key = NULL,
        .now_us = time_now_us(), .limits = &short_limits };
}

static CompleteOutcome complete(CompleteAnswer *ret_answer)
{
    PartnerCall call = new_call();
    call.idempotency_key = "018f2f66-0000-7000-8000-000000000001";
    CompleteRequest request = { .request_id = "r-1", .amount = { .minor = 123450, .currency = "PLN" }, .token = "tok_1",
        .token_format = "Sandbox" };
    return partner_complete(&call, &request, ret_answer);
}

/* ---- Tokens -------------------------------------------------------------------------------------------------------- */

static json_t *verified(const char *compact, json_t **ret_header, GBytes **ret_payload)
{
    g_autoptr(GError) error = NULL;
    JSON_AUTO *set = token_keys_public(keys);
    GBytes *payload = jws_verify(span_of(compact), set, ret_header, &error);
    g_assert_no_error(error);
    size_t length;
    const char *text = g_bytes_get_data(payload, &length);
    json_t *claims = json_read((Span){ text, length }, 65536, "claims", NULL);
    if (ret_payload != NULL)
        *ret_payload = payload;
    else
        g_bytes_unref(payload);
    return claims;
}

static char *header_value(const char *name)
{
    g_autofree char *start = g_strdup_printf("\r\n%s: ", name);
    const char *found = strstr(biller.seen, start);
    g_assert_nonnull(found);
    found += strlen(start);
    return g_strndup(found, strcspn(found, "\r"));
}

static json_t *seen_body(void)
{
    const char *body = strstr(biller.seen, "\r\n\r\n");
    g_assert_nonnull(body);
    json_t *json = json_read(span_of(body + 4), 65536, "request", NULL);
    g_assert_nonnull(json);
    return json;
}

static void test_bearer(void) /* §5 */
{
    behave(ANSWER, 500, "text/plain", "x");
    PartnerCall call = new_call();
    g_assert_null(partner_load_entity(&call, NULL));
    g_autofree char *authorization = header_value("Authorization");
    g_assert_true(g_str_has_prefix(authorization, "Bearer "));
    JSON_AUTO *header = NULL;
    JSON_AUTO *claims = verified(authorization + 7, &header, NULL);
    g_assert_cmpstr(json_text(claims, "iss"), ==, "https://saldo.example");
    g_assert_cmpstr(json_text(claims, "aud"), ==, merchant.merchant_id);
    g_assert_cmpstr(json_text(claims, "sub"), ==, "anna@demo.example");
    g_assert_cmpstr(json_text(claims, "sender"), ==, "faktury@zielen.example");
    g_assert_cmpint(json_integer_or(claims, "exp", 0) - json_integer_or(claims, "iat", 0), ==, 300);
    g_assert_nonnull(json_text(claims, "jti"));
    g_assert_cmpstr(json_text(header, "alg"), ==, "RS256");
    g_assert_nonnull(json_text(header, "kid"));
}

static void test_payment_token(void) /* §6 */
{
    behave(ANSWER, 202, "application/json", "");
    __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
    g_assert_cmpint(complete(&answer), ==, COMPLETE_PENDING);
    JSON_AUTO *body = seen_body();
    JSON_AUTO *header = NULL;
    g_autoptr(GBytes) payload = NULL;
    JSON_AUTO *none = verified(json_text(json_object_get(body, "details"), "paymentToken"), &header, &payload);
    g_assert_null(none); /* the payload is the processor's token, no JSON */
    g_assert_cmpmem(g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), "tok_1", 5);
    g_assert_cmpstr(json_text(header, "Format"), ==, "Sandbox");
    g_assert_cmpstr(json_text(json_object_get(header, "Amount"), "value"), ==, "1234.50");
    g_assert_cmpstr(json_text(json_object_get(header, "Amount"), "currency"), ==, "PLN");
    g_assert_true(json_is_false(json_object_get(header, "TestMode")));
    g_assert_cmpstr(json_text(header, "MerchantId"), ==, merchant.merchant_id);
    g_assert_cmpstr(json_text(header, "RequestId"), ==, "r-1");
    int64_t expiry = json_integer_or(header, "Expiry", 0) - time_now_us() / US_PER_SECOND;
    g_assert_cmpint(expiry, >, 14 * 60);
    g_assert_cmpint(expiry, <=, 15 * 60);
    g_assert_nonnull(json_text(header, "jti"));
}

/* ---- Strict emission -------------------------------------------------------------------------------------------------- */

static void test_load_entity_request(void)
{
    behave(ANSWER, 500, "text/plain", "x");
    PartnerCall call = new_call();
    g_assert_null(partner_load_entity(&call, NULL));
    JSON_AUTO *body = seen_body();
    JSON_AUTO *expected = json_pack("{s:[{s:s, s:{s:s, s:O}}]}", "methodData", "supportedMethods",
        "https://saldo.example/payment-method", "data", "event", "loadentity", "productContext", context);
    g_assert_true(json_equal(body, expected));
    g_assert_true(g_str_has_prefix(biller.seen, "POST /request HTTP/1.1\r\n"));
    g_assert_null(strstr(biller.seen, "\r\nExpect:"));
    g_assert_null(strstr(biller.seen, "\r\nIdempotency-Key:"));
    partner.written_for_old_service = true;
    g_assert_null(partner_load_entity(&call, NULL));
    partner.written_for_old_service = false;
    g_assert_nonnull(strstr(biller.seen, "https://pay.microsoft.com/microsoftpay"));
}

static void test_complete_request(void)
{
    behave(ANSWER, 202, "application/json", "");
    __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
    complete(&answer);
    g_autofree char *key = header_value("Idempotency-Key");
    g_assert_cmpstr(key, ==, "018f2f66-0000-7000-8000-000000000001");
    JSON_AUTO *body = seen_body();
    const json_t *details = json_object_get(body, "details");
    g_assert_cmpuint(json_object_size(body), ==, 3);
    g_assert_cmpstr(json_text(body, "requestId"), ==, "r-1");
    g_assert_cmpstr(json_text(body, "methodName"), ==, "https://saldo.example/payment-method");
    g_assert_true(json_equal((json_t *)json_object_get(details, "productContext"), context));
    JSON_AUTO *amount = json_pack("{s:s, s:s}", "currency", "PLN", "value", "1234.50");
    g_assert_true(json_equal((json_t *)json_object_get(details, "amount"), amount));
}

/* ---- Reading what is due ------------------------------------------------------------------------------------------------ */

#define ENTITY \
    "\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentDueDate\":\"2026-12-01\",\"provider\":{\"@type\":\"Organization\"," \
    "\"name\":\"Zieleń\"},\"totalPaymentDue\":{\"@type\":\"PriceSpecification\",\"price\":\"70.00\",\"priceCurrency\":\"PLN\"}," \
    "\"paymentStatus\":\"PaymentDue\""
#define DETAILS \
    "\"details\":{\"id\":\"r-1\",\"total\":{\"label\":\"Total\",\"amount\":{\"currency\":\"PLN\",\"value\":\"70.00\"}}," \
    "\"displayItems\":[{\"label\":\"A\",\"amount\":{\"currency\":\"PLN\",\"value\":\"50.00\"}}," \
    "{\"label\":\"B\",\"amount\":{\"currency\":\"PLN\",\"value\":\"20.00\"}}]}"
#define DATA "\"supportedNetworks\":[\"visa\",\"MasterCard\"],\"supportedTypes\":[\"credit\"]"
#define ANSWERED(data, entity, details) \
    "{\"id\":\"top\",\"methodData\":[{\"supportedMethods\":\"x\",\"data\":{" data ",\"entity\":{" entity "}}}]," \
    "\"options\":{\"requestPayerEmail\":true}," details "}"

static BillerReview *load(const char *body, GError **error)
{
    behave(ANSWER, 200, "application/json; charset=utf-8", body);
    PartnerCall call = new_call();
    return partner_load_entity(&call, error);
}

static void test_review(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(BillerReview) review = load(ANSWERED(DATA, ENTITY, DETAILS), &error);
    g_assert_no_error(error);
    g_assert_cmpstr(review->request_id, ==, "r-1");
    g_assert_cmpint(review->total.minor, ==, 7000);
    g_assert_cmpuint(review->lines->len, ==, 2);
    g_assert_true(review->lines_add_up && review->asks_payer_email);
    g_assert_false(review->already_paid || review->asks_payer_name || review->test);
    g_assert_cmpuint(review->networks->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(review->networks, 1), ==, "mastercard");
    g_assert_cmpstr(review->invoice->number, ==, "F/1");
    JSON_AUTO *kept = biller_review_to_json(review);
    g_autoptr(BillerReview) again = biller_review_from_json(kept, &error);
    g_assert_no_error(error);
    JSON_AUTO *twice = biller_review_to_json(again);
    g_assert_true(json_equal(kept, twice));
}

/* wire.md §7, each oddity: read all the same. */
static void test_odd_reviews_are_read(void)
{
    static const struct {
        const char *name, *body;
    } odd[] = {
        { "type in lower case", ANSWERED(DATA, "\"@type\":\"invoice\",\"identifier\":\"F/1\",\"paymentStatus\":\"PaymentDue\"", DETAILS) },
        { "status as an address", ANSWERED(DATA, "\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentStatus\":\"http://schema.org/PaymentDue\"", DETAILS) },
        { "price as a number", ANSWERED(DATA, "\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"totalPaymentDue\":{\"price\":70.0,\"priceCurrency\":\"PLN\"}", DETAILS) },
        { "number where text is due", ANSWERED(DATA, "\"@type\":\"Invoice\",\"identifier\":1001", DETAILS) },
        { "date with time and zone", ANSWERED(DATA, "\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentDueDate\":\"2026-12-01T00:00:00+01:00\"", DETAILS) },
        { "value as a number", ANSWERED(DATA, ENTITY, "\"details\":{\"id\":\"r-1\",\"total\":{\"label\":\"T\",\"amount\":{\"currency\":\"PLN\",\"value\":70}}}") },
        { "value with a sign", ANSWERED(DATA, ENTITY, "\"details\":{\"id\":\"r-1\",\"total\":{\"label\":\"T\",\"amount\":{\"currency\":\"USD\",\"value\":\"$70.00\"}}}") },
        { "members in other case", ANSWERED(DATA, ENTITY, "\"Details\":{\"Id\":\"r-1\",\"Total\":{\"Label\":\"T\",\"Amount\":{\"Currency\":\"PLN\",\"Value\":\"70.00\"}}}") },
        { "no id anywhere", "{\"methodData\":[{\"data\":{" DATA ",\"entity\":{" ENTITY "}}}],\"details\":{\"total\":{\"amount\":{\"currency\":\"PLN\",\"value\":\"70.00\"}}}}" },
        { "details.id is a number", ANSWERED(DATA, ENTITY, "\"details\":{\"id\":17,\"total\":{\"amount\":{\"currency\":\"PLN\",\"value\":\"70.00\"}}}") },
        { "the wrong event echoed", ANSWERED(DATA ",\"event\":\"shippingaddresschange\"", ENTITY, DETAILS) },
        { "dependantLocality", ANSWERED(DATA, ENTITY, "\"shippingAddress\":{\"dependantLocality\":\"x\"}," DETAILS) },
        { "doubled member", ANSWERED(DATA, ENTITY, "\"shippingOption\":null,\"shippingOption\":\"a\"," DETAILS) },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(BillerReview) review = load(odd[i].body, &error);
        if (review == NULL)
            g_error("%s: %s", odd[i].name, error->message);
        g_assert_cmpint(review->total.minor, ==, 7000);
        g_assert_nonnull(review->request_id);
        g_assert_true(review->request_id[0] != '\0');
    }
}

static void test_already_paid(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(BillerReview) review = load(
        "{\"methodData\":[{\"data\":{\"entity\":{\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentStatus\":"
        "\"http://schema.org/PaymentComplete\",\"confirmationNumber\":12345}}}]}", &error);
    g_assert_no_error(error);
    g_assert_true(review->already_paid);
    g_assert_cmpstr(review->invoice->confirmation_number, ==, "12345");
    JSON_AUTO *kept = biller_review_to_json(review);
    g_autoptr(BillerReview) again = biller_review_from_json(kept, &error);
    g_assert_no_error(error);
    g_assert_true(again->already_paid);
}

static void test_lines_must_add_up(void) /* [PAY-001] */
{
    static const char *const wrong[] = {
        "{\"currency\":\"PLN\",\"value\":\"70.01\"}", "{\"currency\":\"EUR\",\"value\":\"70.00\"}",
        "{\"currency\":\"PLN\",\"value\":\"-70.00\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *body = g_strdup_printf(ANSWERED(DATA, ENTITY,
            "\"details\":{\"id\":\"r\",\"total\":{\"amount\":{\"currency\":\"PLN\",\"value\":\"70.00\"}},"
            "\"displayItems\":[{\"label\":\"A\",\"amount\":%s}]}"), wrong[i]);
        g_autoptr(BillerReview) review = load(body, &error);
        g_assert_no_error(error);
        g_assert_false(review->lines_add_up);
    }
}

static void test_unusable_reviews(void)
{
    static const struct {
        const char *name;
        int status;
        const char *body;
        SaldoError code;
        const char *says;
    } bad[] = {
        { "no JSON", 200, "<html>", SALDO_ERROR_BAD_INPUT, "JSON" },
        { "deep", 200, "[[[[[[[[", SALDO_ERROR_BAD_INPUT, "JSON" },
        { "no entity", 200, "{\"methodData\":[]}", SALDO_ERROR_BAD_INPUT, "entity" },
        { "no details", 200, "{\"methodData\":[{\"data\":{\"entity\":{" ENTITY "}}}]}", SALDO_ERROR_BAD_INPUT, "details.total" },
        { "too precise", 200, ANSWERED(DATA, ENTITY, "\"details\":{\"total\":{\"amount\":{\"currency\":\"PLN\",\"value\":\"70.001\"}}}"), SALDO_ERROR_BAD_INPUT, "details.total" },
        { "no such currency", 200, ANSWERED(DATA, ENTITY, "\"details\":{\"total\":{\"amount\":{\"currency\":\"XXX\",\"value\":\"70\"}}}"), SALDO_ERROR_BAD_INPUT, "details.total" },
        { "zero", 200, ANSWERED(DATA, ENTITY, "\"details\":{\"total\":{\"amount\":{\"currency\":\"PLN\",\"value\":\"0\"}}}"), SALDO_ERROR_BAD_INPUT, "above zero" },
        { "pending total", 200, ANSWERED(DATA, ENTITY, "\"details\":{\"total\":{\"pending\":true,\"amount\":{\"currency\":\"PLN\",\"value\":\"70\"}}}"), SALDO_ERROR_BAD_INPUT, "pending" },
        { "refused in details.error", 200, ANSWERED(DATA, ENTITY, "\"details\":{\"error\":\"Unknown customer\"}"), SALDO_ERROR_DENIED, "Unknown customer" },
        { "test mode of a live partner", 200, ANSWERED(DATA ",\"mode\":\"TEST\"", ENTITY, DETAILS), SALDO_ERROR_DENIED, "test mode" },
        { "collected by the biller", 200, ANSWERED(DATA, "\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentStatus\":\"PaymentAutomaticallyApplied\"", DETAILS), SALDO_ERROR_DENIED, "collects" },
        { "plain 400", 400, "Bad Request", SALDO_ERROR_DENIED, "Bad Request" },
        { "plain 500", 500, "oops", SALDO_ERROR_UNAVAILABLE, "500" },
        { "429", 429, "slow down", SALDO_ERROR_UNAVAILABLE, "429" },
        { "redirect", 302, "", SALDO_ERROR_BAD_INPUT, "302" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        behave(ANSWER, bad[i].status, "text/plain", bad[i].body);
        PartnerCall call = new_call();
        if (partner_load_entity(&call, &error) != NULL)
            g_error("%s: was read", bad[i].name);
        if (!g_error_matches(error, SALDO_ERROR, (gint)bad[i].code) || strstr(error->message, bad[i].says) == NULL)
            g_error("%s: %s", bad[i].name, error->message);
        g_assert_cmpint(biller.requests, ==, 1);
    }
}

static void test_mode_is_honoured_where_allowed(void) /* §9 */
{
    partner.state = PARTNER_TEST;
    g_autoptr(BillerReview) review = load(ANSWERED(DATA ",\"mode\":\"TEST\"", ENTITY, DETAILS), NULL);
    partner.state = PARTNER_APPROVED;
    g_assert_true(review != NULL && review->test);
    partner.test_recipients = g_ptr_array_new();
    g_ptr_array_add(partner.test_recipients, (char *)"Anna@demo.example");
    g_autoptr(BillerReview) listed = load(ANSWERED(DATA ",\"mode\":\"TEST\"", ENTITY, DETAILS), NULL);
    g_clear_pointer(&partner.test_recipients, g_ptr_array_unref);
    g_assert_true(listed != NULL && listed->test);
}

/* ---- Payment-complete ------------------------------------------------------------------------------------------------------ */

static void test_complete_answers(void)
{
    static const struct {
        const char *name;
        bool old_service;
        int status;
        const char *body;
        CompleteOutcome outcome;
        const char *code, *confirmation;
    } answers[] = {
        { "success", false, 200, "{\"requestId\":\"r-1\",\"result\":\"success\",\"details\":\"Thanks\",\"entity\":{\"@type\":\"Invoice\",\"identifier\":\"F/1\",\"paymentStatus\":\"PaymentComplete\",\"confirmationNumber\":\"C-9\"}}", COMPLETE_SUCCESS, NULL, "C-9" },
        { "other case", false, 200, "{\"RequestId\":\"r-1\",\"Result\":\"Success\"}", COMPLETE_SUCCESS, NULL, NULL },
        { "id missing, new", false, 200, "{\"result\":\"success\"}", COMPLETE_UNKNOWN, NULL, NULL },
        { "id missing, old service", true, 200, "{\"result\":\"success\"}", COMPLETE_SUCCESS, NULL, NULL },
        { "id undefined, old service", true, 200, "{\"requestId\":\"undefined\",\"result\":\"success\"}", COMPLETE_SUCCESS, NULL, NULL },
        { "another id, old service", true, 200, "{\"requestId\":\"r-2\",\"result\":\"success\"}", COMPLETE_UNKNOWN, NULL, NULL },
        { "fail", false, 200, "{\"requestId\":\"r-1\",\"result\":\"fail\",\"error\":{\"code\":\"card_error\",\"message\":\"No\",\"innererror\":{\"code\":\"incorrect_cvc\"}}}", COMPLETE_FAIL, "incorrect_cvc", NULL },
        { "fail, deeper", false, 200, "{\"requestId\":\"r-1\",\"result\":\"fail\",\"error\":{\"code\":\"card_error\",\"innererror\":{\"code\":\"card_declined\",\"innererror\":{\"code\":\"insufficient_funds\"}}}}", COMPLETE_FAIL, "insufficient_funds", NULL },
        { "fail, odd names", false, 400, "{\"requestId\":\"r-1\",\"Result\":\"fail\",\"Error\":{\"code\":\"card_error\",\"message:\":\"No\",\"innerError\":{\"code\":\"card_declined\"}}}", COMPLETE_FAIL, "card_declined", NULL },
        { "pending", false, 200, "{\"requestId\":\"r-1\",\"result\":\"pending\"}", COMPLETE_PENDING, NULL, NULL },
        { "accepted", false, 202, "", COMPLETE_PENDING, NULL, NULL },
        { "challenge", false, 200, "{\"requestId\":\"r-1\",\"result\":\"pending\",\"details\":\"challenge\",\"nextAction\":{\"url\":\"https://bank.example/c\"}}", COMPLETE_ACTION, NULL, NULL },
        { "challenge nowhere", false, 200, "{\"requestId\":\"r-1\",\"result\":\"pending\",\"nextAction\":{\"url\":\"javascript:alert(1)\"}}", COMPLETE_PENDING, NULL, NULL },
        { "unheard-of result", false, 200, "{\"requestId\":\"r-1\",\"result\":\"maybe\"}", COMPLETE_UNKNOWN, NULL, NULL },
        { "no result", false, 200, "{\"requestId\":\"r-1\"}", COMPLETE_UNKNOWN, NULL, NULL },
        { "no JSON", false, 200, "OK", COMPLETE_UNKNOWN, NULL, NULL },
        { "500 that says fail", false, 500, "{\"requestId\":\"r-1\",\"result\":\"fail\"}", COMPLETE_UNKNOWN, NULL, NULL },
        { "500 plain", false, 500, "Internal Server Error", COMPLETE_UNKNOWN, NULL, NULL },
        { "503", false, 503, "", COMPLETE_UNKNOWN, NULL, NULL },
        { "redirect", false, 307, "", COMPLETE_UNKNOWN, NULL, NULL },
        { "still running", false, 409, "{}", COMPLETE_UNKNOWN, NULL, NULL },
        { "too many", false, 429, "", COMPLETE_UNKNOWN, NULL, NULL },
        { "plain 400", false, 400, "Bad Request", COMPLETE_REFUSED, "refused", NULL },
        { "401", false, 401, "{\"error\":{\"message\":\"bad token\"}}", COMPLETE_REFUSED, "refused", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        behave(ANSWER, answers[i].status, "application/json", answers[i].body);
        partner.written_for_old_service = answers[i].old_service;
        __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
        CompleteOutcome outcome = complete(&answer);
        partner.written_for_old_service = false;
        if (outcome != answers[i].outcome || g_strcmp0(answer.confirmation_number, answers[i].confirmation) != 0
            || (answers[i].code != NULL && g_strcmp0(answer.code, answers[i].code) != 0))
            g_error("%s: outcome %d, code %s", answers[i].name, outcome, answer.code);
        g_assert_true((answer.action_url != NULL) == (g_strcmp0(answers[i].name, "challenge") == 0)
            || outcome == COMPLETE_PENDING);
        g_assert_cmpint(biller.requests, ==, 1); /* exactly one request, whatever comes */
    }
}

static void test_complete_faults(void) /* [PAY-007] */
{
    static const struct {
        Manner manner;
        CompleteOutcome outcome;
    } faults[] = { { CLOSE_UNREAD, COMPLETE_UNKNOWN }, { CLOSE_AFTER_READING, COMPLETE_UNKNOWN },
        { SILENT, COMPLETE_UNKNOWN }, { FLOOD, COMPLETE_UNKNOWN } };
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        behave(faults[i].manner, 200, "text/plain", NULL);
        __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
        g_assert_cmpint(complete(&answer), ==, faults[i].outcome);
        g_assert_nonnull(answer.note);
        g_assert_cmpint(biller.requests, ==, 1);
    }
}

static int closed_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(sock, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(sock, (struct sockaddr *)&address, &length), ==, 0);
    close(sock);
    return ntohs(address.sin_port);
}

/* Nothing was written: certain, and said so. */
static void test_not_sent(void)
{
    g_autofree char *refused = g_strdup_printf("http://127.0.0.1:%d/complete", closed_port());
    g_autofree char *no_tls = g_strdup_printf("https://127.0.0.1:%d/complete", biller.port);
    const char *const urls[] = { refused, no_tls, "https://nobody.invalid/complete", "http://10.1.2.3/complete",
        "https://10.1.2.3/complete", "https://[fd00::1]/complete", "ftp://127.0.0.1/x", "nonsense", "https://bad\r\nX: y/" };
    behave(ANSWER, 200, "text/plain", "HTTP 200, but no TLS");
    char *usual = partner.payment_complete_url;
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        partner.payment_complete_url = (char *)urls[i];
        __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
        CompleteOutcome outcome = complete(&answer);
        if (outcome != COMPLETE_NOT_SENT)
            g_error("%s: outcome %d %s", urls[i], outcome, answer.note);
        g_assert_nonnull(answer.note);
    }
    partner.payment_complete_url = usual;
}

static void test_private_addresses(void)
{
    partner.processor = (char *)"stripe"; /* a live partner: not even loopback */
    behave(ANSWER, 202, "application/json", "");
    __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
    g_assert_cmpint(complete(&answer), ==, COMPLETE_NOT_SENT);
    g_assert_cmpint(biller.requests, ==, 0);
    partner.processor = (char *)"sandbox";
    static const struct {
        const char *address;
        bool public, loopback, private;
    } cases[] = {
        { "8.8.8.8", true, true, true }, { "127.0.0.1", false, true, true }, { "127.9.9.9", false, true, true },
        { "10.0.0.1", false, false, true }, { "172.16.0.1", false, false, true }, { "172.32.0.1", true, true, true },
        { "192.168.1.1", false, false, true }, { "169.254.169.254", false, false, true }, { "0.0.0.0", false, false, true },
        { "100.64.0.1", false, false, true }, { "224.0.0.1", false, false, true }, { "255.255.255.255", false, false, true },
        { "::1", false, true, true }, { "::", false, false, true }, { "::ffff:10.0.0.1", false, false, true },
        { "::ffff:8.8.8.8", true, true, true }, { "::ffff:127.0.0.1", false, true, true }, { "fe80::1", false, false, true },
        { "fd00::1", false, false, true }, { "64:ff9b::a00:1", false, false, true }, { "2002:a00:1::", false, false, true },
        { "2606:4700::1111", true, true, true }, { "2001:db8::1", false, false, true }, { "ff02::1", false, false, true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sockaddr_storage storage = { 0 };
        struct sockaddr_in *four = (struct sockaddr_in *)&storage;
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)&storage;
        storage.ss_family = strchr(cases[i].address, ':') == NULL ? AF_INET : AF_INET6;
        g_assert_cmpint(storage.ss_family == AF_INET ? inet_pton(AF_INET, cases[i].address, &four->sin_addr)
                                                     : inet_pton(AF_INET6, cases[i].address, &six->sin6_addr), ==, 1);
        const struct sockaddr *address = (struct sockaddr *)&storage;
        bool is_loopback = !cases[i].public && cases[i].loopback;
        if (web_address_allowed(address, WEB_REACH_PUBLIC, false) != cases[i].public
            || web_address_allowed(address, WEB_REACH_LOOPBACK, false) != cases[i].loopback
            || web_address_allowed(address, WEB_REACH_PRIVATE, false) != cases[i].private
            || web_address_allowed(address, WEB_REACH_PRIVATE, true) != is_loopback)
            g_error("%s is judged wrong", cases[i].address);
    }
}

/* ---- Look-up ------------------------------------------------------------------------------------------------------------------ */

static void test_lookup(void)
{
    static const struct {
        bool old_service;
        int status;
        const char *body;
        CompleteOutcome outcome;
    } answers[] = {
        { false, 200, "{\"requestId\":\"r 1\",\"result\":\"success\"}", COMPLETE_SUCCESS },
        { false, 404, "{\"error\":{\"code\":\"not_found\"}}", COMPLETE_NOTHING },
        { false, 404, "<h1>Not Found</h1>", COMPLETE_UNKNOWN },
        { false, 405, "", COMPLETE_UNKNOWN },
        { true, 404, "Cannot GET", COMPLETE_NOTHING },
        { true, 405, "", COMPLETE_NOTHING },
        { true, 401, "", COMPLETE_UNKNOWN },
        { false, 400, "Bad Request", COMPLETE_UNKNOWN },
        { false, 500, "", COMPLETE_UNKNOWN },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        behave(ANSWER, answers[i].status, "application/json", answers[i].body);
        partner.written_for_old_service = answers[i].old_service;
        PartnerCall call = new_call();
        __attribute__((cleanup(complete_answer_done))) CompleteAnswer answer = { 0 };
        CompleteOutcome outcome = partner_complete_lookup(&call, "r 1", &answer);
        if (outcome != answers[i].outcome)
            g_error("case %zu: outcome %d", i, outcome);
        g_assert_true(g_str_has_prefix(biller.seen, "GET /complete?requestId=r%201 HTTP/1.1\r\n"));
    }
    partner.written_for_old_service = false;
}

/* ---- Document ------------------------------------------------------------------------------------------------------------------- */

static void test_document(void)
{
    g_autofree char *own = g_strdup_printf("http://127.0.0.1:%d/invoices/1.pdf", biller.port);
    g_autofree char *other_port = g_strdup_printf("http://127.0.0.1:%d/invoices/1.pdf", closed_port());
    PartnerCall call = new_call();
    behave(ANSWER, 200, "Application/PDF; x=y", "%PDF-1.7");
    g_autofree char *type = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) document = partner_fetch_document(&call, own, &type, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(type, ==, "application/pdf");
    g_assert_cmpuint(g_bytes_get_size(document), ==, 8);
    const char *const foreign[] = { other_port, "https://elsewhere.example/1.pdf", "http://localhost/1.pdf", "file:///etc/passwd",
        "http://x@127.0.0.1/1.pdf", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autoptr(GError) denied = NULL;
        g_assert_null(partner_fetch_document(&call, foreign[i], &type, &denied));
        g_assert_error(denied, SALDO_ERROR, SALDO_ERROR_DENIED);
    }
    behave(FLOOD, 200, "application/pdf", NULL);
    g_autoptr(GError) large = NULL;
    g_assert_null(partner_fetch_document(&call, own, &type, &large));
    g_assert_error(large, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
}

/* wire.md §4: the limit holds for the whole call; time to connect is not added to it. */
static void test_answer_limit_is_for_the_whole_call(void)
{
    behave(SILENT, 0, NULL, NULL); /* silent for longer than that */
    static const PartnerLimits limits = { 3000, 300, 300 };
    PartnerCall call = new_call();
    call.limits = &limits;
    g_autoptr(GError) error = NULL;
    int64_t started_us = time_monotonic_us();
    g_assert_null(partner_load_entity(&call, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_cmpint(time_monotonic_us() - started_us, <, 1050 * INT64_C(1000));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    biller_start();
    meet();
    g_test_add_func("/partner/bearer", test_bearer);
    g_test_add_func("/partner/payment-token", test_payment_token);
    g_test_add_func("/partner/request/strict", test_load_entity_request);
    g_test_add_func("/partner/complete/strict", test_complete_request);
    g_test_add_func("/partner/review", test_review);
    g_test_add_func("/partner/review/odd", test_odd_reviews_are_read);
    g_test_add_func("/partner/review/already-paid", test_already_paid);
    g_test_add_func("/partner/review/lines", test_lines_must_add_up);
    g_test_add_func("/partner/review/unusable", test_unusable_reviews);
    g_test_add_func("/partner/review/test-mode", test_mode_is_honoured_where_allowed);
    g_test_add_func("/partner/complete/answers", test_complete_answers);
    g_test_add_func("/partner/complete/faults", test_complete_faults);
    g_test_add_func("/partner/complete/not-sent", test_not_sent);
    g_test_add_func("/partner/addresses", test_private_addresses);
    g_test_add_func("/partner/lookup", test_lookup);
    g_test_add_func("/partner/document", test_document);
    g_test_add_func("/partner/time-limit", test_answer_limit_is_for_the_whole_call); /* last: it leaves the biller busy */
    int outcome = g_test_run();
    biller_stop();
    token_keys_free(keys);
    json_decref(context);
    g_free(partner.payment_request_url);
    g_free(partner.payment_complete_url);
    return outcome;
}
