/* One payment from *Review and pay* to the receipt, and everything that can come between, against the real sandbox,
 * vault, jail and store. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "parts.h"
#include "pay/webcall.h"
#include "test_world.h"

static World *world;

/* ---- Steps --------------------------------------------------------------------------------------------------------- */

typedef struct Order {
    Id invoice_id, card_id;
    char *code_jwe;
    Review *review;
    PayOrder order;
} Order;

static void order_done(Order *order)
{
    review_free(order->review);
    g_free(order->code_jwe);
    *order = (Order){ 0 };
}
#define ORDER_AUTO __attribute__((cleanup(order_done))) Order

static Review *review(Id invoice_id)
{
    g_autoptr(GError) error = NULL;
    Review *review = checkout_review(world->checkout, world->account, invoice_id, &error);
    g_assert_no_error(error);
    return review;
}

/* *Review and pay*, *Continue*, the code: all but *Pay*. */
static void prepare(Order *order, Id invoice_id, const char *card_number)
{
    order->invoice_id = invoice_id;
    order->card_id = world_add_card(world, card_number, "visa");
    order->code_jwe = world_seal_code(world, "123");
    order->review = review(invoice_id);
    const BillerReview *biller = order->review->biller;
    order->order = (PayOrder){ .invoice_id = invoice_id, .card_id = order->card_id, .amount = biller->total,
        .payee = biller->invoice->seller.name, .invoice_number = biller->invoice->number, .request_id = biller->request_id,
        .code_jwe = order->code_jwe, .idempotency_key = "k", .request_hash = "h" };
}

static PayRefusal pay(const Order *order, Payment **ret_payment, Review **ret_review, GError **error)
{
    return checkout_pay(world->checkout, world->account, &order->order, ret_payment, ret_review, error);
}

static Id paid(const Order *order)
{
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL;
    PayRefusal refusal = pay(order, &payment, &fresh, &error);
    g_assert_no_error(error);
    g_assert_cmpint(refusal, ==, PAY_REFUSED_NOT);
    return payment->id;
}

/* New invoices for each test, so that none depends on another. */
static Id deliver(const char *name)
{
    return world_deliver(world, name);
}

static const char *number_of(const Order *order)
{
    return order->order.invoice_number;
}

static void expect_paid(const Order *order, Id payment_id, int seconds)
{
    g_autoptr(Payment) payment = world_wait_for(world, payment_id, PAY_NOTIFIED, seconds);
    g_assert_nonnull(payment->biller_ref);
    g_assert_null(payment->reason_code);
    g_autoptr(StoreInvoice) invoice = world_invoice(world, order->invoice_id);
    g_assert_cmpstr(invoice->state, ==, "complete");
    g_assert_cmpint(world_charges(world, number_of(order)), ==, 1);
    VaultStatus status;
    int64_t until_us = time_monotonic_us() + 5 * US_PER_SECOND;
    do { /* [PAY-011] dropped at the end */
        g_assert_true(vault_status(world->vault, &status, NULL));
    } while (status.codes_held != 0 && time_monotonic_us() < until_us);
    g_assert_cmpuint(status.codes_held, ==, 0);
}

static void expect_declined(const Order *order, Id payment_id, const char *code, int seconds)
{
    g_autoptr(Payment) payment = world_wait_for(world, payment_id, PAY_DECLINED, seconds);
    g_assert_cmpstr(payment->reason_code, ==, code);
    g_assert_nonnull(payment->reason_text);
    g_assert_cmpint(world_charges(world, number_of(order)), ==, 0);
}

/* ---- Paying ---------------------------------------------------------------------------------------------------------- */

static void test_success(void)
{
    world_open(world, 2);
    int64_t before = world_balance(world, "payer:card", "GBP");
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-gas-overdue.eml"), "4242424242424242");
    g_assert_cmpuint(order.review->differences->len, ==, 0);
    g_assert_true(id_is_none(order.review->live_payment_id));
    Id payment = paid(&order);
    expect_paid(&order, payment, 10);
    g_assert_cmpint(world_balance(world, "payer:card", "GBP"), ==, before - order.order.amount.minor); /* [PAY-012] */
    g_assert_cmpint(world_balance(world, "payer:pending", "GBP"), ==, 0);
    const char *const languages[] = { "en", "pl" };
    for (size_t i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) pdf = checkout_receipt_pdf(world->checkout, world->account, payment, languages[i], &error);
        g_assert_no_error(error);
        g_assert_true(g_str_has_prefix(g_bytes_get_data(pdf, NULL), "%PDF-"));
        g_assert_cmpuint(g_bytes_get_size(pdf), >, 4000);
    }
    g_autoptr(Review) again = review(order.invoice_id);
    g_assert_true(again->biller->already_paid);
    g_assert_true(id_equal(again->live_payment_id, payment));
    world_close(world);
}

static void test_declines(void)
{
    static const struct {
        const char *number, *code;
    } cards[] = { { "4000000000000002", "card_declined" }, { "4000000000009995", "insufficient_funds" },
        { "4000000000000127", "incorrect_cvc" } };
    world_open(world, 2);
    Id invoice = deliver("northwind-solar.eml");
    for (size_t i = 0; i < G_N_ELEMENTS(cards); i++) {
        ORDER_AUTO order = { 0 };
        prepare(&order, invoice, cards[i].number);
        expect_declined(&order, paid(&order), cards[i].code, 10);
    }
    ORDER_AUTO good = { 0 }; /* a final state: the invoice may be paid anew [PAY-009] */
    prepare(&good, invoice, "4242424242424242");
    expect_paid(&good, paid(&good), 10);
    world_close(world);
}

/* ---- Before the commit ------------------------------------------------------------------------------------------------- */

static void test_paid_elsewhere(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-harbour-coffee.eml"), "4242424242424242");
    g_autofree char *path = g_strdup_printf("/admin/invoices/%s", number_of(&order));
    JSON_AUTO *changed = world_admin(world, path, "{\"status\":\"paid\"}");
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(pay(&order, &payment, &fresh, &error), ==, PAY_REFUSED_ALREADY_PAID);
    g_assert_true(fresh->biller->already_paid && payment == NULL);
    g_autoptr(StoreInvoice) invoice = world_invoice(world, order.invoice_id);
    g_assert_cmpstr(invoice->state, ==, "complete");
    g_assert_cmpint(world_charges(world, number_of(&order)), ==, 0);
    world_close(world);
}

static void test_amount_changed(void) /* [PAY-006] [PAY-013] */
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-harbour-coffee-overdue.eml"), "4242424242424242");
    g_autofree char *path = g_strdup_printf("/admin/invoices/%s", number_of(&order));
    JSON_AUTO *changed = world_admin(world, path, "{\"amount\":{\"currency\":\"GBP\",\"value\":\"99.99\"}}");
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(pay(&order, &payment, &fresh, &error), ==, PAY_REFUSED_CONSENT_VOID);
    g_assert_null(payment);
    g_assert_cmpint(fresh->biller->total.minor, ==, 9999);
    g_assert_cmpuint(fresh->differences->len, ==, 1);
    g_assert_cmpstr(((ReviewDifference *)fresh->differences->pdata[0])->field, ==, "amount");
    order.order.amount = fresh->biller->total;
    order.order.payee = "Somebody else"; /* the payee is part of the consent */
    g_autoptr(Review) second = NULL;
    g_assert_cmpint(pay(&order, &payment, &second, &error), ==, PAY_REFUSED_CONSENT_VOID);
    order.order.payee = fresh->biller->invoice->seller.name;
    expect_paid(&order, paid(&order), 10);
    world_close(world);
}

static void set_state(const char *name, PartnerState state)
{
    g_autoptr(Registry) registry = world_registry(world);
    for (guint i = 0; i < registry->partners->len; i++) {
        Partner *partner = g_ptr_array_index(registry->partners, i);
        if (strcmp(partner->name, name) == 0) {
            partner->state = state;
            world_put_partner(world, partner);
        }
    }
}

static void expect_no_card(const Order *order, const char *says)
{
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) refused = NULL, denied = NULL;
    g_assert_cmpint(pay(order, &payment, &fresh, &refused), ==, PAY_REFUSED_NO_CARD);
    g_assert_nonnull(strstr(refused->message, says));
    g_assert_null(checkout_review(world->checkout, world->account, order->invoice_id, &denied));
    g_assert_error(denied, SALDO_ERROR, SALDO_ERROR_DENIED);
}

static void test_verdict_is_asked_again(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-atelier-linden-samples.eml"), "4242424242424242");
    set_state("Ledgerly", PARTNER_SUSPENDED);
    expect_no_card(&order, "suspended");
    set_state("Ledgerly", PARTNER_APPROVED);
    world_set_switch(world, "OutlookPayEnabled", "false");
    expect_no_card(&order, "OutlookPayEnabled");
    world_set_switch(world, "OutlookPayEnabled", "true");
    expect_paid(&order, paid(&order), 10);
    world_close(world);
}

/* Gives the partner's merchants another verified name; returns the first one's present name. */
static char *rename_merchants(const char *partner_name, const char *legal_name)
{
    g_autoptr(Registry) registry = world_registry(world);
    char *usual = NULL;
    for (guint i = 0; i < registry->partners->len; i++) {
        Partner *partner = g_ptr_array_index(registry->partners, i);
        if (strcmp(partner->name, partner_name) != 0)
            continue;
        Merchant *merchant = g_ptr_array_index(partner->merchants, 0);
        usual = merchant->legal_name;
        merchant->legal_name = g_strdup(legal_name);
        world_put_partner(world, partner);
    }
    g_assert_nonnull(usual);
    return usual;
}

/* Mail and biller say one name, the registry another: the verified one is shown, agreed to and paid. */
static void test_payee_is_the_verified_one(void) /* [PAY-013] */
{
    world_new_samples(world);
    world_open(world, 1);
    g_autofree char *usual = rename_merchants("Northwind Energy", "Verified Power plc");
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-solar.eml"), "4242424242424242");
    g_assert_cmpstr(order.order.payee, ==, "Verified Power plc");
    g_assert_cmpuint(order.review->differences->len, ==, 1);
    const ReviewDifference *difference = order.review->differences->pdata[0];
    g_assert_cmpstr(difference->field, ==, "payee");
    g_assert_cmpstr(difference->in_mail, ==, order.review->biller->named_payee);
    g_assert_cmpstr(difference->at_biller, ==, "Verified Power plc");
    g_autoptr(StoreInvoice) invoice = world_invoice(world, order.invoice_id);
    g_assert_cmpstr(invoice->seller_name, ==, "Verified Power plc");
    g_autoptr(Payment) none = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL;
    order.order.payee = order.review->biller->named_payee; /* a name that nobody verified is no consent */
    g_assert_cmpint(pay(&order, &none, &fresh, &error), ==, PAY_REFUSED_CONSENT_VOID);
    order.order.payee = "Verified Power plc";
    Id payment_id = paid(&order);
    expect_paid(&order, payment_id, 10);
    g_autoptr(Payment) payment = world_payment(world, payment_id);
    g_assert_cmpstr(payment->payee, ==, "Verified Power plc");
    g_autofree char *shouted = g_utf8_strup(order.review->biller->named_payee, -1);
    g_autofree char *replaced = rename_merchants("Northwind Energy", shouted); /* case alone is no difference */
    g_autoptr(Review) same = review(deliver("northwind-gas-overdue.eml"));
    g_assert_cmpuint(same->differences->len, ==, 0);
    g_autofree char *last = rename_merchants("Northwind Energy", usual);
    world_close(world);
}

/* ---- Judged again before the first byte --------------------------------------------------------------------------- */

static void expect_cancelled(const Order *order, Id payment_id, const char *code)
{
    g_autoptr(Payment) payment = world_wait_for(world, payment_id, PAY_CANCELLED, 10);
    g_assert_cmpstr(payment->reason_code, ==, code);
    g_assert_nonnull(strstr(payment->reason_text, "Nothing was paid"));
    g_assert_cmpint(world_charges(world, number_of(order)), ==, 0);
}

static void test_switched_off_before_sent(void)
{
    world_new_samples(world);
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-gas-overdue.eml"), "4242424242424242");
    Id payment = paid(&order);
    world_set_switch(world, "OutlookPayEnabled", "false");
    world_close(world);
    world_open(world, 1);
    expect_cancelled(&order, payment, "payments_off");
    world_set_switch(world, "OutlookPayEnabled", "true");
    world_close(world);
    world_open(world, 0);
    Id second = paid(&order);
    set_state("Northwind Energy", PARTNER_SUSPENDED);
    world_close(world);
    world_open(world, 1);
    expect_cancelled(&order, second, "biller_suspended");
    set_state("Northwind Energy", PARTNER_APPROVED);
    expect_paid(&order, paid(&order), 10);
    world_close(world);
}

/* The first attempt was lost before it charged. Look-ups of a suspended partner's payment go on, nothing is sent. */
static void test_suspended_before_retry(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-with-document.eml"), "4242424242424242");
    world_fault(world, "biller.complete", "drop_before", 1);
    Id payment_id = paid(&order);
    g_autoptr(Payment) lost = world_wait_for(world, payment_id, PAY_UNKNOWN, 5);
    set_state("Northwind Energy", PARTNER_SUSPENDED);
    g_assert_true(checkout_check_now(world->checkout, world->account, payment_id, NULL));
    int64_t until_us = time_monotonic_us() + 10 * US_PER_SECOND;
    g_autoptr(Payment) payment = world_payment(world, payment_id);
    while (g_strcmp0(payment->reason_code, "biller_suspended") != 0 && time_monotonic_us() < until_us) {
        g_usleep(20 * 1000);
        payment_free(payment);
        payment = world_payment(world, payment_id);
    }
    g_assert_cmpint(payment->state, ==, PAY_UNKNOWN);
    g_assert_cmpstr(payment->reason_code, ==, "biller_suspended");
    g_assert_cmpint(payment->next_check_us, >, 0);
    g_assert_cmpint(world_charges(world, number_of(&order)), ==, 0);
    set_state("Northwind Energy", PARTNER_APPROVED);
    g_assert_true(checkout_check_now(world->checkout, world->account, payment_id, NULL));
    expect_paid(&order, payment_id, 10);
    world_close(world);
}

/* ---- What a biller says for itself ------------------------------------------------------------------------------------ */

static Partner *find_partner(const Registry *registry, const char *name)
{
    for (guint i = 0; i < registry->partners->len; i++)
        if (strcmp(((Partner *)registry->partners->pdata[i])->name, name) == 0)
            return registry->partners->pdata[i];
    g_assert_not_reached();
}

/* Northwind's webhook gives this answer to everything; the usual address comes back. */
static char *northwind_answers(int status, const char *body)
{
    g_free(world->biller_answer);
    world->biller_answer = g_strdup_printf("HTTP/1.1 %d Status\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                                           "Connection: close\r\n\r\n%s", status, strlen(body), body);
    g_autoptr(Registry) registry = world_registry(world);
    Partner *partner = find_partner(registry, "Northwind Energy");
    char *usual = partner->payment_request_url;
    partner->payment_request_url = g_strconcat(world->issuer, "/biller", NULL);
    world_put_partner(world, partner);
    return usual;
}

static void northwind_again(const char *usual_url)
{
    g_autoptr(Registry) registry = world_registry(world);
    Partner *partner = find_partner(registry, "Northwind Energy");
    g_free(partner->payment_request_url);
    partner->payment_request_url = g_strdup(usual_url);
    world_put_partner(world, partner);
}

#define DUE_ANSWER(options, mode, trouble)                                                                                 \
    "{\"methodData\":[{\"data\":{" mode "\"entity\":{\"@type\":\"Invoice\",\"identifier\":\"N-1\",\"paymentStatus\":"     \
    "\"PaymentDue\",\"totalPaymentDue\":{\"price\":1,\"priceCurrency\":\"GBP\"}}}}],\"options\":{" options "},"            \
    "\"details\":{" trouble "\"id\":\"r\",\"total\":{\"amount\":{\"currency\":\"GBP\",\"value\":\"1.00\"}}}}"

static void test_biller_says_no(void)
{
    static const struct {
        int status;
        const char *body;
        CheckoutError code;
        const char *says;
    } answers[] = {
        { 403, "Not for you", CHECKOUT_ERROR_BILLER_REFUSED, "Not for you" },
        { 200, DUE_ANSWER("", "", "\"error\":\"Call our office\","), CHECKOUT_ERROR_BILLER_REFUSED, "Call our office" },
        { 200, DUE_ANSWER("", "\"mode\":\"TEST\",", ""), CHECKOUT_ERROR_BILLER_REFUSED, "test mode" },
        { 200, DUE_ANSWER("\"requestShipping\":true", "", ""), CHECKOUT_ERROR_BILLER_ASKS_MORE, "delivery address" },
        { 200, DUE_ANSWER("\"requestPayerPhone\":true", "", ""), CHECKOUT_ERROR_BILLER_ASKS_MORE, "phone number" },
    };
    world_new_samples(world);
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-solar.eml"), "4242424242424242");
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autofree char *usual = northwind_answers(answers[i].status, answers[i].body);
        g_autoptr(GError) reviewed = NULL, ordered = NULL;
        g_autoptr(Payment) payment = NULL;
        g_autoptr(Review) fresh = NULL;
        g_assert_null(checkout_review(world->checkout, world->account, order.invoice_id, &reviewed));
        g_assert_error(reviewed, CHECKOUT_ERROR, (int)answers[i].code);
        g_assert_nonnull(strstr(reviewed->message, answers[i].says));
        g_assert_cmpint(pay(&order, &payment, &fresh, &ordered), ==, PAY_REFUSED_BILLER);
        g_assert_error(ordered, CHECKOUT_ERROR, (int)answers[i].code);
        northwind_again(usual);
    }
    world_close(world);
}

/* ---- The answer kept for a key ---------------------------------------------------------------------------------------- */

typedef struct KeptAnswer {
    const char *key, *hash;
    int status;
    char *body;
} KeptAnswer;

static bool kept_answer_unit(StoreTx *tx, void *context, GError **error)
{
    KeptAnswer *kept = context;
    return store_answer_get(tx, world->account, kept->key, kept->hash, &kept->status, &kept->body, error);
}

/* No crash can come between payment and answer: both are one commit, so nobody but checkout_pay writes here. */
static void expect_kept(const char *key, const char *hash, Id payment_id)
{
    KeptAnswer same = { .key = key, .hash = hash };
    KeptAnswer other = { .key = key, .hash = "another-body" };
    g_autoptr(GError) error = NULL, reused = NULL;
    g_assert_true(store_read(world->store, kept_answer_unit, &same, &error));
    JSON_AUTO *answer = json_read(span_of(same.body), 1000, "answer", NULL);
    g_assert_cmpstr(json_text(answer, "id"), ==, payment_id.text);
    g_assert_false(store_read(world->store, kept_answer_unit, &other, &reused));
    g_assert_error(reused, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    g_free(same.body);
}

static void test_answer_is_kept_with_the_payment(void)
{
    world_new_samples(world);
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-solar.eml"), "4242424242424242");
    order.order.idempotency_key = "first-key";
    order.order.request_hash = "first-body";
    Id payment_id = paid(&order);
    expect_kept("first-key", "first-body", payment_id);
    order.order.idempotency_key = "second-key"; /* a second tab: the same payment, under its own key */
    g_assert_cmpstr(paid(&order).text, ==, payment_id.text);
    expect_kept("second-key", "first-body", payment_id);
    order.order.request_hash = "another-body";
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(pay(&order, &payment, &fresh, &error), ==, PAY_REFUSED_OTHER);
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    g_assert_true(checkout_cancel(world->checkout, world->account, payment_id, NULL)); /* nothing is left for others */
    world_close(world);
}

/* ---- Paid twice [PAY-010] --------------------------------------------------------------------------------------------- */

static size_t refunds_of(Id payment_id)
{
    JSON_AUTO *charges = world_admin(world, "/admin/charges", NULL);
    size_t count = 0, index;
    const json_t *refund;
    json_array_foreach(json_object_get(charges, "refunds"), index, refund)
        count += g_strcmp0(json_text(refund, "payment_id"), payment_id.text) == 0;
    return count;
}

/* Our answer was lost; meanwhile the biller's books came to name a payment at their office. */
static void test_paid_elsewhere_as_well(void)
{
    world_new_samples(world);
    world_open(world, 1);
    int64_t before = world_balance(world, "payer:card", "GBP");
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-gas-overdue.eml"), "4242424242424242");
    world_fault(world, "biller.complete", "drop_after", 1);
    Id payment_id = paid(&order);
    g_autoptr(Payment) lost = world_wait_for(world, payment_id, PAY_UNKNOWN, 5);
    g_autofree char *path = g_strdup_printf("/admin/invoices/%s", number_of(&order));
    JSON_AUTO *due = world_admin(world, path, "{\"status\":\"due\"}");
    JSON_AUTO *office = world_admin(world, path, "{\"status\":\"paid\"}");
    g_assert_true(checkout_check_now(world->checkout, world->account, payment_id, NULL));
    g_autoptr(Payment) refunded = world_wait_for(world, payment_id, PAY_REFUNDED, 10);
    g_assert_cmpstr(refunded->biller_ref, !=, "OFFICE-1");
    g_assert_cmpuint(refunds_of(payment_id), ==, 1);
    g_assert_cmpint(world_balance(world, "payer:card", "GBP"), ==, before); /* [PAY-012] */
    world_close(world);
}

/* ---- A full disk ------------------------------------------------------------------------------------------------------- */

static void limit_files(rlim_t most)
{
    struct rlimit limit;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    limit.rlim_cur = most;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* No file can grow just when the biller answers: the answer is kept in memory and told again, at once afterwards. */
static void test_disk_is_full_when_the_answer_comes(void)
{
    world_new_samples(world);
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-with-document.eml"), "4242424242424242");
    JSON_AUTO *fault = world_admin(world, "/admin/faults",
        "{\"point\":\"biller.complete\",\"kind\":\"delay_after\",\"delay_ms\":800,\"count\":1}");
    Id payment_id = paid(&order);
    g_autoptr(Payment) sent = world_wait_for(world, payment_id, PAY_SENT, 5);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(0);
    g_usleep(1600 * 1000);
    g_autoptr(Payment) waiting = world_payment(world, payment_id);
    limit_files(RLIM_INFINITY);
    g_assert_cmpint(waiting->state, ==, PAY_SENT);
    expect_paid(&order, payment_id, 10);
    world_close(world);
}

static void test_biller_cannot_be_asked(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-atelier-linden.eml"), "4242424242424242");
    world_fault(world, "loadentity", "down", 2);
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL, unavailable = NULL;
    g_assert_cmpint(pay(&order, &payment, &fresh, &error), ==, PAY_REFUSED_BILLER);
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    g_assert_null(checkout_review(world->checkout, world->account, order.invoice_id, &unavailable));
    g_assert_error(unavailable, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
    world_close(world);
}

static void test_wrong_card(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-atelier-linden.eml"), "4242424242424242");
    order.order.card_id = world_add_card(world, "6011111111111117", "discover"); /* not among the biller's networks */
    g_autoptr(Payment) payment = NULL;
    g_autoptr(Review) fresh = NULL;
    g_autoptr(GError) error = NULL, unknown = NULL;
    g_assert_cmpint(pay(&order, &payment, &fresh, &error), ==, PAY_REFUSED_OTHER);
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    order.order.card_id = id_new();
    g_assert_cmpint(pay(&order, &payment, &fresh, &unknown), ==, PAY_REFUSED_OTHER);
    g_assert_error(unknown, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    world_close(world);
}

/* ---- Only once [PAY-002] ---------------------------------------------------------------------------------------------------- */

static gpointer click(gpointer data)
{
    Id *id = g_new(Id, 1);
    *id = paid(data);
    return id;
}

static void test_eight_clicks(void)
{
    world_open(world, 2);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("ledgerly-studio-brzoza.eml"), "4242424242424242");
    GThread *threads[8];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("click", click, &order);
    g_autofree Id *first = g_thread_join(threads[0]);
    for (size_t i = 1; i < G_N_ELEMENTS(threads); i++) {
        g_autofree Id *other = g_thread_join(threads[i]);
        g_assert_cmpstr(other->text, ==, first->text);
    }
    expect_paid(&order, *first, 10);
    world_close(world);
}

static void test_mailed_twice(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 }, reminder = { 0 };
    Id first = deliver("northwind-electricity.eml");
    prepare(&order, first, "4242424242424242");
    Id payment = paid(&order);
    Id second = deliver("northwind-electricity-reminder.eml");
    g_assert_cmpstr(second.text, ==, first.text);
    g_assert_cmpstr(paid(&order).text, ==, payment.text);
    expect_paid(&order, payment, 10);
    g_assert_cmpstr(paid(&order).text, ==, payment.text);
    world_close(world);
}

/* The newest copy lies with a colleague: one's own still leads to the payment, and there is one for both. */
static void test_newest_copy_is_a_colleagues(void)
{
    world_new_samples(world);
    world_open(world, 1);
    Id own = deliver("northwind-electricity.eml");
    world_swap_mailbox(world);
    Id same = deliver("northwind-electricity-reminder.eml");
    world_swap_mailbox(world);
    g_assert_cmpstr(own.text, ==, same.text);
    ORDER_AUTO order = { 0 };
    prepare(&order, own, "4242424242424242");
    expect_paid(&order, paid(&order), 10);
    world_close(world);
}

/* ---- What is lost is looked up [PAY-007] ---------------------------------------------------------------------------------------- */

static void pay_with_fault(const char *mail, const char *point, const char *kind, const char *seen_state)
{
    world_open(world, 2);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver(mail), "4242424242424242");
    world_fault(world, point, kind, 1);
    Id payment = paid(&order);
    if (seen_state != NULL) {
        PayState state;
        g_assert_true(pay_state_from_name(seen_state, &state));
        g_autoptr(Payment) on_the_way = world_wait_for(world, payment, state, 5);
        g_autoptr(Review) meanwhile = review(order.invoice_id);
        g_assert_true(id_equal(meanwhile->live_payment_id, payment));
        g_assert_cmpstr(paid(&order).text, ==, payment.text); /* [PAY-009] Pay again: the same payment */
    }
    expect_paid(&order, payment, 15);
    world_close(world);
}

static void test_answer_lost_after_charge(void)
{
    world_new_samples(world);
    pay_with_fault("northwind-gas-overdue.eml", "biller.complete", "drop_after", "unknown");
}

static void test_request_lost_before_charge(void)
{
    pay_with_fault("northwind-solar.eml", "biller.complete", "drop_before", "unknown");
}

static void test_error_after_charge(void)
{
    pay_with_fault("ledgerly-harbour-coffee.eml", "biller.complete", "status_500_after", "unknown");
}

static void test_garbage_after_charge(void)
{
    pay_with_fault("ledgerly-harbour-coffee-overdue.eml", "biller.complete", "garbage", "unknown");
}

/* The token's fate is no money: asked again under the same key, without a look-up. */
static void test_token_lost(void)
{
    pay_with_fault("ledgerly-atelier-linden.eml", "processor.token", "drop_after", NULL);
}

static void test_processor_is_busy(void)
{
    pay_with_fault("ledgerly-atelier-linden-samples.eml", "processor.token", "429", NULL);
}

/* The charge happened, the processor's answer to the biller was lost: the biller says pending. */
static void test_charge_answer_lost_at_biller(void)
{
    pay_with_fault("ledgerly-studio-brzoza.eml", "processor.charge", "drop_after", "unknown");
}

static void test_unreachable_biller(void)
{
    world_open(world, 1);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-electricity.eml"), "4242424242424242");
    g_autoptr(Registry) registry = world_registry(world);
    Partner *partner = NULL;
    for (guint i = 0; i < registry->partners->len; i++)
        if (strcmp(((Partner *)registry->partners->pdata[i])->name, "Northwind Energy") == 0)
            partner = registry->partners->pdata[i];
    g_autofree char *usual = g_strdup(partner->payment_complete_url);
    g_free(partner->payment_complete_url);
    partner->payment_complete_url = g_strdup("http://127.0.0.1:1/complete"); /* nobody listens there */
    world_put_partner(world, partner);
    Id payment = paid(&order);
    expect_declined(&order, payment, "biller_unreachable", 30);
    g_free(partner->payment_complete_url);
    partner->payment_complete_url = g_strdup(usual);
    world_put_partner(world, partner);
    ORDER_AUTO again = { 0 };
    prepare(&again, order.invoice_id, "4242424242424242");
    expect_paid(&again, paid(&again), 10);
    world_close(world);
}

/* ---- Crash [PAY-005] ----------------------------------------------------------------------------------------------------------------- */

typedef struct Sending {
    Id organization_id, payment_id;
} Sending;

static bool send_unit(StoreTx *tx, void *context, GError **error)
{
    const Sending *sending = context;
    g_autoptr(Payment) payment = NULL;
    PayDecision decision;
    PayEvent event = { .kind = PAY_EVENT_SEND };
    return store_payment_by_id(tx, sending->organization_id, sending->payment_id, &payment, error)
        && pay_decide(payment, &event, time_now_us(), &decision, error)
        && store_payment_apply(tx, payment, &event, &decision, time_now_us(), error);
}

/* The engine ended after SENT was durable; whether a byte went out, nobody knows. */
static void test_restart_after_sent(void)
{
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-with-document.eml"), "4242424242424242");
    Id payment = paid(&order);
    Sending sending = { world->account->organization_id, payment };
    g_assert_true(store_write(world->store, send_unit, &sending, NULL));
    world_close(world);
    world_open(world, 2);
    g_autoptr(Payment) unknown = world_payment(world, payment);
    g_assert_cmpint(unknown->state, ==, PAY_UNKNOWN);
    g_assert_true(checkout_check_now(world->checkout, world->account, payment, NULL));
    expect_paid(&order, payment, 10);
    world_close(world);
}

/* [PAY-011] The code is gone with the vault's memory: the processor says no, and the payer types it again. */
static void test_vault_killed_before_sent(void)
{
    world_new_samples(world);
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-gas-overdue.eml"), "4242424242424242");
    Id payment = paid(&order);
    VaultStatus before, after;
    g_assert_true(vault_status(world->vault, &before, NULL));
    g_assert_cmpuint(before.codes_held, ==, 1);
    g_assert_cmpint(kill(before.pid, SIGKILL), ==, 0);
    world_close(world);
    world_open(world, 1);
    g_autoptr(Payment) declined = world_wait_for(world, payment, PAY_DECLINED, 20);
    g_assert_true(vault_status(world->vault, &after, NULL));
    g_assert_cmpint(after.pid, !=, before.pid);
    g_assert_cmpint(world_charges(world, number_of(&order)), ==, 0);
    ORDER_AUTO again = { 0 };
    prepare(&again, order.invoice_id, "4242424242424242");
    Id second = paid(&again);
    expect_paid(&again, second, 10);
    g_autoptr(GError) conflict = NULL;
    g_assert_false(checkout_settlement(world->checkout, world->account->organization_id, second, false, &conflict));
    g_assert_error(conflict, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    g_assert_true(checkout_settlement(world->checkout, world->account->organization_id, second, true, NULL));
    g_autoptr(Payment) settled = world_payment(world, second);
    g_assert_cmpint(settled->state, ==, PAY_SETTLED);
    world_close(world);
}

static void test_cancel_before_sent(void)
{
    world_new_samples(world);
    world_open(world, 0);
    ORDER_AUTO order = { 0 };
    prepare(&order, deliver("northwind-with-document.eml"), "4242424242424242");
    Id payment = paid(&order);
    g_autoptr(GError) error = NULL;
    g_assert_true(checkout_cancel(world->checkout, world->account, payment, &error));
    g_autoptr(Payment) cancelled = world_payment(world, payment);
    g_assert_cmpint(cancelled->state, ==, PAY_CANCELLED);
    g_assert_true(checkout_cancel(world->checkout, world->account, payment, &error));
    world_close(world);
    world_open(world, 1);
    g_usleep(300 * 1000);
    g_assert_cmpint(world_charges(world, number_of(&order)), ==, 0);
    Id second = paid(&order);
    expect_paid(&order, second, 10);
    g_autoptr(GError) late = NULL;
    g_assert_false(checkout_cancel(world->checkout, world->account, second, &late));
    g_assert_error(late, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    world_close(world);
}

/* ---- 3-D Secure ------------------------------------------------------------------------------------------------------------------------ */

static void answer_bank(const char *url, const char *answer)
{
    WebRequest request = { .method = "POST", .url = url, .body = span_of(answer), .reach = WEB_REACH_LOOPBACK,
        .connect_timeout_ms = 2000, .answer_timeout_ms = 5000, .answer_bytes_max = 1 << 20 };
    WEB_ANSWER_AUTO web = { 0 };
    g_assert_cmpint(web_call(&request, &web), ==, WEB_ANSWERED);
    g_assert_cmpint(web.status, ==, 200);
}

static Id pay_to_the_bank(Order *order, const char *mail, const char *answer)
{
    prepare(order, deliver(mail), "4000002500003155");
    Id payment = paid(order);
    g_autoptr(Payment) waiting = world_wait_for(world, payment, PAY_ACTION, 10);
    g_assert_nonnull(waiting->action_url);
    g_autoptr(GError) conflict = NULL;
    g_assert_false(checkout_cancel(world->checkout, world->account, payment, &conflict));
    g_assert_error(conflict, SALDO_ERROR, SALDO_ERROR_CONFLICT);
    answer_bank(waiting->action_url, answer);
    g_assert_true(checkout_action_done(world->checkout, world->account, payment, NULL));
    return payment;
}

static void test_challenge(void)
{
    world_open(world, 2);
    ORDER_AUTO order = { 0 }, refused = { 0 };
    expect_paid(&order, pay_to_the_bank(&order, "northwind-gas-overdue.eml", "answer=confirm"), 10);
    Id payment = pay_to_the_bank(&refused, "northwind-solar.eml", "answer=cancel");
    g_autoptr(Payment) declined = world_wait_for(world, payment, PAY_DECLINED, 10);
    g_assert_cmpstr(declined->reason_code, ==, "authentication_failed");
    world_close(world);
}

/* ---- Test mode (wire.md §9) ----------------------------------------------------------------------------------------------------------------- */

static void test_test_partner_moves_no_money(void)
{
    world_open(world, 1);
    g_autoptr(Registry) registry = world_registry(world);
    for (guint i = 0; i < registry->partners->len; i++) {
        Partner *partner = registry->partners->pdata[i];
        if (strcmp(partner->name, "Northwind Energy") != 0)
            continue;
        partner->state = PARTNER_TEST;
        g_ptr_array_add(partner->test_recipients, g_strdup("anna@demo.example"));
        world_put_partner(world, partner);
    }
    int64_t money = world_balance(world, "payer:card", "GBP");
    ORDER_AUTO order = { 0 };
    Id invoice = deliver("northwind-electricity.eml");
    prepare(&order, invoice, "4242424242424242");
    order.order.code_jwe = NULL; /* preset cards ask for none */
    Id payment = paid(&order);
    /* The sandbox's billers take live payments: they turn the signed test token away, and no processor was asked. */
    expect_declined(&order, payment, "refused", 10);
    g_autoptr(Payment) stored = world_payment(world, payment);
    g_assert_true(stored->test && stored->processor_ref == NULL);
    g_assert_cmpint(world_balance(world, "payer:card", "GBP"), ==, money);
    g_assert_cmpint(world_balance(world, "test:payer:pending", "GBP"), ==, 0);
    set_state("Northwind Energy", PARTNER_APPROVED);
    world_close(world);
}

/* ---- Document and receipt ------------------------------------------------------------------------------------------------------------------------ */

static void expect_document(Id invoice)
{
    g_autofree char *type = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) document = checkout_document(world->checkout, world->account, invoice, &type, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(type, ==, "application/pdf");
    g_assert_true(g_str_has_prefix(g_bytes_get_data(document, NULL), "%PDF-"));
}

static void test_document(void)
{
    world_new_samples(world);
    world_open(world, 0);
    Id invoice = deliver("northwind-with-document.eml");
    expect_document(invoice); /* nobody has reviewed it: the biller is asked first */
    g_autoptr(Review) reviewed = review(invoice);
    expect_document(invoice);
    world_close(world);
}

static void test_amounts_as_each_language_writes_them(void)
{
    static const struct {
        int64_t minor;
        const char *currency, *english, *polish;
    } amounts[] = {
        { 123450, "PLN", "PLN\u00a01,234.50", "1234,50\u00a0zł" }, { 1234500, "PLN", "PLN\u00a012,345.00", "12\u00a0345,00\u00a0zł" },
        { 7, "EUR", "EUR\u00a00.07", "0,07\u00a0EUR" }, { 1500, "JPY", "JPY\u00a01,500", "1500\u00a0JPY" },
        { -123456789, "KWD", "KWD\u00a0-123,456.789", "-123\u00a0456,789\u00a0KWD" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++) {
        Money amount = { .minor = amounts[i].minor };
        memcpy(amount.currency, amounts[i].currency, 4);
        g_autofree char *english = receipt_amount(amount, "en"), *polish = receipt_amount(amount, "pl");
        g_assert_cmpstr(english, ==, amounts[i].english);
        g_assert_cmpstr(polish, ==, amounts[i].polish);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    world = world_new();
    g_test_add_func("/checkout/a/success", test_success);
    g_test_add_func("/checkout/a/declines", test_declines);
    g_test_add_func("/checkout/a/paid-elsewhere", test_paid_elsewhere);
    g_test_add_func("/checkout/a/amount-changed", test_amount_changed);
    g_test_add_func("/checkout/a/verdict-again", test_verdict_is_asked_again);
    g_test_add_func("/checkout/d/payee", test_payee_is_the_verified_one);
    g_test_add_func("/checkout/d/switched-off", test_switched_off_before_sent);
    g_test_add_func("/checkout/d/suspended", test_suspended_before_retry);
    g_test_add_func("/checkout/d/biller-says-no", test_biller_says_no);
    g_test_add_func("/checkout/d/answer-kept", test_answer_is_kept_with_the_payment);
    g_test_add_func("/checkout/d/paid-twice", test_paid_elsewhere_as_well);
    g_test_add_func("/checkout/d/full-disk", test_disk_is_full_when_the_answer_comes);
    g_test_add_func("/checkout/a/biller-cannot-be-asked", test_biller_cannot_be_asked);
    g_test_add_func("/checkout/a/wrong-card", test_wrong_card);
    g_test_add_func("/checkout/a/eight-clicks", test_eight_clicks);
    g_test_add_func("/checkout/a/mailed-twice", test_mailed_twice);
    g_test_add_func("/checkout/c/colleague", test_newest_copy_is_a_colleagues);
    g_test_add_func("/checkout/a/restart-after-sent", test_restart_after_sent);
    g_test_add_func("/checkout/b/answer-lost-after-charge", test_answer_lost_after_charge);
    g_test_add_func("/checkout/b/request-lost", test_request_lost_before_charge);
    g_test_add_func("/checkout/b/error-after-charge", test_error_after_charge);
    g_test_add_func("/checkout/b/garbage-after-charge", test_garbage_after_charge);
    g_test_add_func("/checkout/b/token-lost", test_token_lost);
    g_test_add_func("/checkout/b/processor-busy", test_processor_is_busy);
    g_test_add_func("/checkout/b/charge-answer-lost", test_charge_answer_lost_at_biller);
    g_test_add_func("/checkout/b/unreachable-biller", test_unreachable_biller);
    g_test_add_func("/checkout/b/vault-killed", test_vault_killed_before_sent);
    g_test_add_func("/checkout/c/cancel", test_cancel_before_sent);
    g_test_add_func("/checkout/c/challenge", test_challenge);
    g_test_add_func("/checkout/c/test-partner", test_test_partner_moves_no_money);
    g_test_add_func("/checkout/c/document", test_document);
    g_test_add_func("/checkout/c/amounts", test_amounts_as_each_language_writes_them);
    int outcome = g_test_run();
    world_free(world);
    return outcome;
}
