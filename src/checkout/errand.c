/* The courier's outside, for real: store, vault, processor and biller behind pay/courier.h. */
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "parts.h"

/* About five hours of waiting (pay/courier.c): somebody should look. */
enum { TRIES_BEFORE_ALARM = 8 };

typedef struct Errand {
    Checkout *checkout;
    Id organization_id, payment_id;
    Id attempt_id; /* of the request that is under way, or none */
    size_t disk_waits; /* how often it has waited for a disk that refused */
} Errand;

static int64_t errand_now_us(void *context)
{
    (void)context;
    return time_now_us();
}

/* ---- Reading and committing ------------------------------------------------------------------------- */

typedef struct Loading {
    const Errand *errand;
    Payment *payment;
} Loading;

static bool load_unit(StoreTx *tx, void *context, GError **error)
{
    Loading *loading = context;
    payment_free(g_steal_pointer(&loading->payment));
    return store_payment_by_id(tx, loading->errand->organization_id, loading->errand->payment_id, &loading->payment, error);
}

static bool errand_load(void *context, Payment **ret_payment)
{
    Loading loading = { .errand = context };
    g_autoptr(GError) error = NULL;
    if (!store_read(loading.errand->checkout->store, load_unit, &loading, &error)) {
        log_warning("checkout", "payment %s cannot be read: %s", loading.errand->payment_id.text, error->message);
        return false;
    }
    *ret_payment = loading.payment;
    return true;
}

typedef struct Committing {
    Errand *errand;
    const PayEvent *event;
    Payment *payment;
    Id attempt_id;
    bool no_meaning;
    bool adds_work;
} Committing;

/* [PAY-005] [PAY-008] SENT and its attempt row are one commit, made before the first byte goes out. */
static bool write_attempt(StoreTx *tx, Committing *committing, int64_t now_us, GError **error)
{
    const Payment *payment = committing->payment;
    if (committing->event->kind == PAY_EVENT_SEND)
        return payment->state != PAY_SENT
            || store_attempt_begin(tx, payment, "charge", now_us, &committing->attempt_id, error);
    if (id_is_none(committing->attempt_id))
        return true;
    Id attempt = committing->attempt_id;
    committing->attempt_id = ID_NONE;
    return store_attempt_end(tx, payment->organization_id, attempt, pay_event_name(committing->event->kind),
        committing->event->code, now_us, error);
}

/* What is about to be sent is judged as it stands in this very commit. */
static bool judge_before_sending(StoreTx *tx, const Payment *payment, PayEvent *event, char **ret_text, GError **error)
{
    bool waits = payment->state == PAY_INTENT || payment->state == PAY_RETRY;
    const char *code = NULL;
    if (event->kind != PAY_EVENT_SEND || !waits)
        return true;
    if (!standing_judge_again(tx, payment, &code, ret_text, error))
        return false;
    if (code != NULL)
        *event = (PayEvent){ .kind = PAY_EVENT_FORBIDDEN, .code = code, .text = *ret_text };
    return true;
}

static bool commit_unit(StoreTx *tx, void *context, GError **error)
{
    Committing *committing = context;
    Errand *errand = committing->errand;
    payment_free(g_steal_pointer(&committing->payment));
    committing->attempt_id = errand->attempt_id;
    int64_t now_us = time_now_us();
    PayEvent event = *committing->event;
    g_autofree char *forbidden = NULL;
    if (!store_payment_by_id(tx, errand->organization_id, errand->payment_id, &committing->payment, error)
        || !judge_before_sending(tx, committing->payment, &event, &forbidden, error))
        return false;
    PayDecision decision;
    g_autoptr(GError) trouble = NULL;
    committing->no_meaning = !pay_decide(committing->payment, &event, now_us, &decision, &trouble);
    if (committing->no_meaning)
        return true;
    if (decision.reason_code != NULL) {
        event.code = decision.reason_code;
        event.text = decision.reason_text;
    }
    committing->adds_work = decision.work_count > 0;
    return store_payment_apply(tx, committing->payment, &event, &decision, now_us, error)
        && write_attempt(tx, committing, now_us, error);
}

static PayCommit commit(Errand *errand, const PayEvent *event, Payment **ret_payment)
{
    Committing committing = { .errand = errand, .event = event };
    g_autoptr(GError) error = NULL;
    bool written = store_write(errand->checkout->store, commit_unit, &committing, &error);
    g_autoptr(Payment) payment = committing.payment;
    if (!written) {
        log_warning("checkout", "payment %s: \"%s\" could not be committed: %s", errand->payment_id.text,
            pay_event_name(event->kind), error->message);
        return PAY_COMMIT_CANNOT;
    }
    if (committing.no_meaning)
        return PAY_COMMIT_NO_MEANING;
    errand->attempt_id = committing.attempt_id;
    if (committing.adds_work)
        checkout_wake(errand->checkout);
    *ret_payment = g_steal_pointer(&payment);
    return PAY_COMMITTED;
}

/* Together 45 s: an errand with its calls stays within its lease (checkout.c). */
static const int64_t disk_waits_us[] = { US_PER_SECOND / 10, US_PER_SECOND / 2, US_PER_SECOND, 3 * US_PER_SECOND,
    10 * US_PER_SECOND, 30 * US_PER_SECOND };

/* False where the errand has waited as long as it may, or the engine ends. */
static bool wait_for_disk(Errand *errand)
{
    return errand->disk_waits < G_N_ELEMENTS(disk_waits_us)
        && checkout_rest(errand->checkout, disk_waits_us[errand->disk_waits++]);
}

/* What somebody outside said is told again until the disk takes it. Not what was to be sent, which can wait; nor what a
 * look-up counts: a commit that failed and yet happened would count twice [PAY-009]. */
static bool may_be_told_again(PayEventKind kind)
{
    return kind != PAY_EVENT_SEND && kind != PAY_EVENT_LOOKUP_FOUND_NOTHING && kind != PAY_EVENT_LOOKUP_FAILED;
}

static PayCommit errand_commit_event(void *context, const PayEvent *event, Payment **ret_payment)
{
    PayCommit outcome = commit(context, event, ret_payment);
    while (outcome == PAY_COMMIT_CANNOT && may_be_told_again(event->kind) && wait_for_disk(context))
        outcome = commit(context, event, ret_payment);
    return outcome;
}

PayCommit errand_commit(Checkout *checkout, Id organization_id, Id payment_id, const PayEvent *event,
    Payment **ret_payment)
{
    Errand errand = { .checkout = checkout, .organization_id = organization_id, .payment_id = payment_id };
    return commit(&errand, event, ret_payment);
}

/* ---- Minting ------------------------------------------------------------------------------------------ */

static void say(PayAnswer *answer, const char *code, const char *text)
{
    answer->code = g_strdup(code);
    answer->text = g_strdup(text);
}

typedef struct Secrets {
    StoreCard *card;
    GBytes *data_key;
} Secrets;

static void secrets_done(Secrets *secrets)
{
    store_card_free(secrets->card);
    if (secrets->data_key != NULL)
        g_bytes_unref(secrets->data_key);
    *secrets = (Secrets){ 0 };
}

typedef struct SecretsReading {
    const Payment *payment;
    Secrets secrets;
} SecretsReading;

static bool read_secrets(StoreTx *tx, void *context, GError **error)
{
    SecretsReading *reading = context;
    secrets_done(&reading->secrets);
    return store_card_for_payment(tx, reading->payment, &reading->secrets.card, error)
        && store_data_key_get(tx, reading->payment->organization_id, &reading->secrets.data_key, error);
}

/* The card's JWE out of its sealed record; NULL and `error`. Free with wipe_text. */
static char *open_card(Checkout *checkout, const Secrets *secrets, GError **error)
{
    const StoreCard *card = secrets->card;
    VaultRecord record = { .organization_id = card->organization_id, .account_id = card->account_id,
        .record_id = card->id, .type = "card", .version = card->version };
    size_t length;
    const char *sealed = g_bytes_get_data(card->sealed, &length);
    g_autoptr(GBytes) plain = vault_open(checkout->vault, secrets->data_key, &record, (Span){ sealed, length }, error);
    if (plain == NULL)
        return NULL;
    size_t plain_length;
    const char *jwe = g_bytes_get_data(plain, &plain_length);
    char *text = span_to_text((Span){ jwe, plain_length });
    explicit_bzero((char *)jwe, plain_length);
    if (text == NULL)
        error_set(error, SALDO_ERROR_DENIED, "a card record holds no JWE");
    return text;
}

static void wipe_text(char **text)
{
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    g_free(*text);
    *text = NULL;
}
#define SECRET_TEXT __attribute__((cleanup(wipe_text))) char

static PayReply ask_for_token(const Processor *processor, const ProcessorRequest *request, PayAnswer *ret_answer)
{
    __attribute__((cleanup(processor_answer_done))) ProcessorAnswer answer = { 0 };
    ProcessorOutcome outcome = processor->mint(request, &answer);
    ret_answer->token = g_steal_pointer(&answer.token);
    ret_answer->processor_ref = g_steal_pointer(&answer.reference);
    ret_answer->code = g_steal_pointer(&answer.code);
    ret_answer->text = g_steal_pointer(&answer.text);
    switch (outcome) {
    case PROCESSOR_OK: return PAY_REPLY_YES;
    case PROCESSOR_DECLINED: return PAY_REPLY_NO;
    case PROCESSOR_NOT_SENT: return PAY_REPLY_NOT_SENT;
    case PROCESSOR_UNKNOWN:
    case PROCESSOR_NOTHING:
    case PROCESSOR_CHARGED:
    case PROCESSOR_EXPIRED:
    case PROCESSOR_REFUNDED: return PAY_REPLY_UNKNOWN;
    }
    g_assert_not_reached();
}

/* wire.md §9: preset cards, no processor. */
static PayReply mint_test(const StoreCard *card, PayAnswer *ret_answer)
{
    static const struct {
        const char *brand, *last4, *token;
    } presets[] = { { "visa", "4242", "tok_visa" }, { "mastercard", "5454", "tok_mastercard" },
        { "amex", "8431", "tok_amex" }, { "mastercard", "0002", "tok_chargeDeclined" } };
    for (size_t i = 0; i < G_N_ELEMENTS(presets); i++) {
        if (g_strcmp0(card->brand, presets[i].brand) == 0 && g_strcmp0(card->last4, presets[i].last4) == 0) {
            ret_answer->token = g_strdup(presets[i].token);
            return PAY_REPLY_YES;
        }
    }
    say(ret_answer, "test_card_needed", "This biller is in test mode: choose a test card. Nothing was paid.");
    return PAY_REPLY_NO;
}

static ProcessorRequest processor_request(const Kept *kept, const Payment *payment)
{
    return (ProcessorRequest){ .base_url = kept->call.partner->processor_url,
        .account = kept->call.partner->processor_account, .merchant_id = kept->call.merchant->merchant_id,
        .payment_id = payment->id, .amount = payment->amount };
}

static PayReply mint_with(Checkout *checkout, const Payment *payment, const char *key, const Kept *kept,
    const Secrets *secrets, PayAnswer *ret_answer)
{
    const Processor *processor = processor_find(kept->call.partner->processor);
    if (processor == NULL) {
        say(ret_answer, "processor_unknown", "This biller's processor is not supported. Nothing was paid.");
        return PAY_REPLY_NO;
    }
    g_autoptr(GError) error = NULL;
    SECRET_TEXT *card_jwe = open_card(checkout, secrets, &error);
    if (card_jwe == NULL) {
        log_warning("checkout", "payment %s: its card cannot be opened: %s", payment->id.text, error->message);
        bool later = g_error_matches(error, SALDO_ERROR, SALDO_ERROR_UNAVAILABLE);
        say(ret_answer, "card_unreadable", "The saved card could not be opened. Nothing was paid. Add the card again.");
        return later ? PAY_REPLY_NOT_SENT : PAY_REPLY_NO;
    }
    /* Gone after 15 minutes or a restart of the vault: the processor then declines under the key, or has answered. */
    SECRET_TEXT *code_jwe = vault_use_code(checkout->vault, payment->id, payment->amount, NULL);
    ProcessorRequest request = processor_request(kept, payment);
    request.card_jwe = card_jwe;
    request.code_jwe = code_jwe;
    request.idempotency_key = key;
    return ask_for_token(processor, &request, ret_answer);
}

static PayReply errand_mint(void *context, const Payment *payment, const char *key, PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    g_autoptr(GError) error = NULL;
    KEPT_AUTO kept = { 0 };
    SecretsReading reading = { .payment = payment };
    __attribute__((cleanup(secrets_done))) Secrets secrets = { 0 };
    bool ready = kept_read(checkout, payment, &kept, &error) && store_read(checkout->store, read_secrets, &reading, &error);
    secrets = reading.secrets;
    if (ready)
        return payment->test ? mint_test(secrets.card, ret_answer)
                             : mint_with(checkout, payment, key, &kept, &secrets, ret_answer);
    log_warning("checkout", "payment %s cannot be sent: %s", payment->id.text, error->message);
    bool gone = g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND);
    say(ret_answer, gone ? "card_or_biller_gone" : "not_ready", "The card or the biller is no longer known here. Nothing was paid.");
    return gone ? PAY_REPLY_NO : PAY_REPLY_NOT_SENT;
}

/* ---- The biller ------------------------------------------------------------------------------------------ */

static PayReply take_answer(CompleteOutcome outcome, CompleteAnswer *answer, PayAnswer *ret_answer)
{
    ret_answer->biller_ref = g_steal_pointer(&answer->confirmation_number);
    ret_answer->action_url = g_steal_pointer(&answer->action_url);
    ret_answer->code = g_steal_pointer(&answer->code);
    ret_answer->text = answer->text != NULL ? g_steal_pointer(&answer->text) : g_steal_pointer(&answer->note);
    ret_answer->in_books =
        answer->invoice != NULL && answer->invoice->status == INVOICE_STATUS_COMPLETE && ret_answer->biller_ref != NULL;
    switch (outcome) {
    case COMPLETE_SUCCESS: return PAY_REPLY_YES;
    case COMPLETE_FAIL: return PAY_REPLY_NO;
    case COMPLETE_REFUSED: return PAY_REPLY_REFUSED;
    case COMPLETE_PENDING: return PAY_REPLY_PENDING;
    case COMPLETE_ACTION: return PAY_REPLY_ACTION;
    case COMPLETE_NOT_SENT: return PAY_REPLY_NOT_SENT;
    case COMPLETE_NOTHING: return PAY_REPLY_NOTHING;
    case COMPLETE_UNKNOWN:
        if (ret_answer->code == NULL)
            ret_answer->code = g_strdup("no_clear_answer");
        return PAY_REPLY_UNKNOWN;
    }
    g_assert_not_reached();
}

#define COMPLETE_ANSWER_AUTO __attribute__((cleanup(complete_answer_done))) CompleteAnswer

static PayReply errand_complete(void *context, const Payment *payment, const char *key, const char *token,
    PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    KEPT_AUTO kept = { 0 };
    g_autoptr(GError) error = NULL;
    if (!kept_read(checkout, payment, &kept, &error)) {
        say(ret_answer, "not_ready", error->message);
        return PAY_REPLY_NOT_SENT;
    }
    kept.call.idempotency_key = key;
    const Processor *processor = processor_find(kept.call.partner->processor);
    CompleteRequest request = { .request_id = payment->request_id, .amount = payment->amount, .token = token,
        .token_format = payment->test || processor == NULL ? "Stripe" : processor->token_format, .test = payment->test,
        .payer_name = kept.payer_name, .payer_email = kept.payer_email };
    COMPLETE_ANSWER_AUTO answer = { 0 };
    CompleteOutcome outcome = partner_complete(&kept.call, &request, &answer);
    if (answer.note != NULL)
        log_info("checkout", "payment %s: %s", payment->id.text, answer.note);
    return take_answer(outcome, &answer, ret_answer);
}

static PayReply errand_ask_biller(void *context, const Payment *payment, PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    KEPT_AUTO kept = { 0 };
    if (!kept_read(checkout, payment, &kept, NULL))
        return PAY_REPLY_UNKNOWN;
    g_autofree char *key = pay_idempotency_key(payment->id, NULL);
    kept.call.idempotency_key = key;
    COMPLETE_ANSWER_AUTO answer = { 0 };
    CompleteOutcome outcome = partner_complete_lookup(&kept.call, payment->request_id, &answer);
    return take_answer(outcome, &answer, ret_answer);
}

static PayReply errand_ask_processor(void *context, const Payment *payment, PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    if (payment->test) /* no processor was called, so none knows of it, and no money has to come back */
        return payment->state == PAY_REFUND_PENDING ? PAY_REPLY_REFUNDED : PAY_REPLY_NOTHING;
    KEPT_AUTO kept = { 0 };
    if (!kept_read(checkout, payment, &kept, NULL))
        return PAY_REPLY_UNKNOWN;
    const Processor *processor = processor_find(kept.call.partner->processor);
    if (processor == NULL)
        return PAY_REPLY_UNKNOWN;
    __attribute__((cleanup(processor_answer_done))) ProcessorAnswer answer = { 0 };
    ProcessorRequest request = processor_request(&kept, payment);
    ProcessorOutcome outcome = processor->lookup(&request, &answer);
    ret_answer->processor_ref = g_steal_pointer(&answer.reference);
    ret_answer->code = g_steal_pointer(&answer.code);
    ret_answer->text = g_steal_pointer(&answer.text);
    switch (outcome) {
    case PROCESSOR_CHARGED: return PAY_REPLY_YES;
    case PROCESSOR_DECLINED: return PAY_REPLY_NO;
    case PROCESSOR_EXPIRED: return PAY_REPLY_EXPIRED;
    case PROCESSOR_REFUNDED: return PAY_REPLY_REFUNDED;
    case PROCESSOR_NOTHING: return PAY_REPLY_NOTHING;
    case PROCESSOR_OK:
    case PROCESSOR_NOT_SENT:
    case PROCESSOR_UNKNOWN: return PAY_REPLY_UNKNOWN;
    }
    g_assert_not_reached();
}

static PayReply errand_refund(void *context, const Payment *payment, const char *key, PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    KEPT_AUTO kept = { 0 };
    if (!kept_read(checkout, payment, &kept, NULL))
        return PAY_REPLY_UNKNOWN;
    const Processor *processor = processor_find(kept.call.partner->processor);
    if (processor == NULL)
        return PAY_REPLY_UNKNOWN;
    __attribute__((cleanup(processor_answer_done))) ProcessorAnswer answer = { 0 };
    ProcessorRequest request = processor_request(&kept, payment);
    request.idempotency_key = key;
    ProcessorOutcome outcome = processor->refund(&request, &answer);
    if (outcome == PROCESSOR_DECLINED)
        log_warning("checkout", "payment %s: the processor does not refund it: %s", payment->id.text,
            answer.text == NULL ? "no reason given" : answer.text);
    ret_answer->code = g_steal_pointer(&answer.code);
    ret_answer->text = g_steal_pointer(&answer.text);
    return outcome == PROCESSOR_OK ? PAY_REPLY_YES : outcome == PROCESSOR_DECLINED ? PAY_REPLY_NO : PAY_REPLY_UNKNOWN;
}

static PayReply errand_ask_books(void *context, const Payment *payment, PayAnswer *ret_answer)
{
    Checkout *checkout = ((Errand *)context)->checkout;
    KEPT_AUTO kept = { 0 };
    if (!kept_read(checkout, payment, &kept, NULL))
        return PAY_REPLY_UNKNOWN;
    g_autoptr(BillerReview) books = partner_load_entity(&kept.call, NULL);
    if (books == NULL)
        return PAY_REPLY_UNKNOWN;
    ret_answer->biller_ref = g_strdup(books->invoice->confirmation_number);
    return books->already_paid ? PAY_REPLY_YES : PAY_REPLY_NOTHING;
}

/* ---- The rest ---------------------------------------------------------------------------------------------- */

static bool errand_issue_receipt(void *context, const Payment *payment)
{
    g_autoptr(GError) error = NULL;
    if (receipt_issue(((Errand *)context)->checkout, payment, &error))
        return true;
    log_warning("checkout", "the receipt of payment %s could not be issued: %s", payment->id.text, error->message);
    return false;
}

/* A vault that is not there holds no code either. */
static bool errand_drop_code(void *context, const Payment *payment)
{
    vault_drop_code(((Errand *)context)->checkout->vault, payment->id, NULL);
    return true;
}

typedef struct Closing {
    int64_t sequence, again_us; /* again_us 0: done */
} Closing;

static bool close_unit(StoreTx *tx, void *context, GError **error)
{
    const Closing *closing = context;
    return closing->again_us == 0 ? store_work_done(tx, closing->sequence, error)
                                  : store_work_again(tx, closing->sequence, closing->again_us, error);
}

void errand_run(Checkout *checkout, const StoreWork *work)
{
    Errand errand = { .checkout = checkout, .organization_id = work->organization_id, .payment_id = work->payment_id };
    PayOutside outside = { .context = &errand, .now_us = errand_now_us, .load = errand_load, .commit = errand_commit_event,
        .mint = errand_mint, .complete = errand_complete, .ask_biller = errand_ask_biller,
        .ask_processor = errand_ask_processor, .ask_books = errand_ask_books, .refund = errand_refund, .issue_receipt = errand_issue_receipt,
        .drop_code = errand_drop_code };
    Closing closing = { .sequence = work->sequence };
    if (pay_courier_carry(&outside, work->work, work->tries - 1, &closing.again_us))
        closing.again_us = 0;
    else if (work->tries == TRIES_BEFORE_ALARM)
        log_alarm("checkout", "payment %s: \"%s\" was tried %d times in vain and goes on", work->payment_id.text,
            pay_work_name(work->work), work->tries);
    g_autoptr(GError) error = NULL;
    bool closed = store_write(checkout->store, close_unit, &closing, &error);
    while (!closed && wait_for_disk(&errand)) {
        g_clear_error(&error);
        closed = store_write(checkout->store, close_unit, &closing, &error);
    }
    if (!closed) /* its lease runs out and it is taken up again */
        log_warning("checkout", "work %" G_GINT64_FORMAT " could not be closed: %s", work->sequence, error->message);
}
