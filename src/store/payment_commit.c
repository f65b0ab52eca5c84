/* The two units of work that write a payment: opening it, and applying a decision to it.
 *
 * [PAY-002] one live or paid payment per invoice: a partial unique index over occupies_invoice
 * [PAY-004] state, postings, outbox, audit, invoice state and event are one unit
 * [PAY-010] a late success is kept, whatever else happened to the invoice meanwhile */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "parts.h"

/* While its end is open, its money is with the biller, or on its way back [PAY-009]. */
static bool wants_invoice(PayState state)
{
    return pay_state_is_live(state) || pay_state_is_paid(state) || state == PAY_REFUND_PENDING;
}

/* What the invoice is while this payment is its own; NULL: nobody pays it now. */
static const char *invoice_state_of(PayState state)
{
    switch (state) {
    case PAY_INTENT:
    case PAY_SENT:
    case PAY_ACTION:
    case PAY_RETRY:
        return "processing";
    case PAY_UNKNOWN:
    case PAY_MANUAL:
        return "unknown";
    case PAY_CAPTURED:
    case PAY_NOTIFIED:
    case PAY_SETTLED:
    case PAY_REFUND_PENDING: /* its money is still with the biller */
        return "complete";
    case PAY_REFUNDED:
        return "refunded";
    case PAY_DECLINED:
        return "declined";
    case PAY_CANCELLED:
    case PAY_EXPIRED:
        return NULL;
    case PAY_STATE_COUNT:
        break;
    }
    g_assert_not_reached();
}

/* ---- Audit, invoice and event ------------------------------------------------------------------------------------ */

static json_t *audit_details(const Payment *payment, const char *from_state, const PayEvent *event, const char *alarm)
{
    json_t *details = json_object();
    json_put_text(details, "from", from_state);
    json_put_text(details, "to", pay_state_name(payment->state));
    json_put_integer(details, "version", payment->version);
    json_put_text(details, "invoice_id", payment->invoice_id.text);
    g_assert(json_object_set_new(details, "amount", json_from_money(payment->amount)) == 0);
    json_put_text(details, "event", event != NULL ? pay_event_name(event->kind) : NULL);
    json_put_text(details, "code", payment->reason_code);
    json_put_text(details, "text", payment->reason_text);
    json_put_text(details, "alarm", alarm);
    return details;
}

static bool audit_payment(StoreTx *tx, const Payment *payment, const char *actor, const char *action,
    const char *from_state, const PayEvent *event, const char *alarm, GError **error)
{
    JSON_AUTO *details = audit_details(payment, from_state, event, alarm);
    if (alarm != NULL)
        log_alarm("store", "payment %s: %s", payment->id.text, alarm);
    return audit_add_at(tx, payment->organization_id, actor, action, payment->id.text, details, payment->updated_us, error);
}

/* The name of whoever made the payment, for "paid by" and the audit log. */
static bool find_payer(StoreTx *tx, const Payment *payment, char **ret_login, char **ret_name, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx, "SELECT login, name FROM account WHERE organization_id = $1 AND id = $2",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->account_id)), "account", &rows, error))
        return false;
    *ret_login = sql_take_text(&rows);
    *ret_name = sql_take_text(&rows);
    return true;
}

static bool mark_paid(StoreTx *tx, const Payment *payment, GError **error)
{
    g_autofree char *login = NULL, *name = NULL;
    return find_payer(tx, payment, &login, &name, error)
        && sql_run(tx,
            "UPDATE invoice SET paid_us = CASE WHEN paid_payment_id = $1 THEN paid_us ELSE $2 END, paid_by = $3,"
            " paid_payment_id = $1, confirmation = coalesce($4, confirmation) WHERE organization_id = $5 AND id = $6",
            SQL_WITH(sql_id(payment->id), sql_int(payment->updated_us), sql_str(name), sql_str(payment->biller_ref),
                sql_id(payment->organization_id), sql_id(payment->invoice_id)), NULL, error);
}

static bool mark_unpaid(StoreTx *tx, const Payment *payment, const char **ret_state, GError **error)
{
    g_autofree char *due_date = NULL;
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT due_date FROM invoice WHERE organization_id = $1 AND id = $2",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->invoice_id)), "invoice", &rows, error))
        return false;
    due_date = sql_take_text(&rows);
    *ret_state = invoice_open_state(due_date, payment->updated_us);
    return true;
}

/* Brings the invoice to what this payment, its own, says of it. */
static bool invoice_follow(StoreTx *tx, const Payment *payment, GError **error)
{
    const char *state = invoice_state_of(payment->state);
    if (state == NULL && !mark_unpaid(tx, payment, &state, error))
        return false;
    if (pay_state_is_paid(payment->state) && !mark_paid(tx, payment, error))
        return false;
    return invoice_set_state(tx, payment->organization_id, payment->invoice_id, state, error);
}

/* ---- Opening ------------------------------------------------------------------------------------------------------ */

static bool insert(StoreTx *tx, const Payment *payment, const json_t *consent, int64_t *ret_added, GError **error)
{
    g_autofree char *consent_text = json_write(consent); /* [PAY-013] */
    return sql_run(tx,
        "INSERT INTO payment (organization_id, id, invoice_id, account_id, card_id, state, occupies_invoice, version,"
        " amount_minor, currency, payee, invoice_number, request_id, consent, created_us, updated_us, key_born_us,"
        " next_check_us, checks, negative_lookups, test)"
        " VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        " ON CONFLICT DO NOTHING",
        SQL_WITH(sql_id(payment->organization_id), sql_id(payment->id), sql_id(payment->invoice_id),
            sql_id(payment->account_id), sql_id(payment->card_id), sql_str(pay_state_name(payment->state)),
            sql_int(payment->version), sql_int(payment->amount.minor), sql_str(payment->amount.currency),
            sql_str(payment->payee), sql_str(payment->invoice_number), sql_str(payment->request_id), sql_str(consent_text),
            sql_int(payment->created_us), sql_int(payment->updated_us), sql_int(payment->key_born_us),
            sql_int(payment->next_check_us), sql_int(payment->checks), sql_int(payment->negative_lookups),
            sql_int(payment->test)), ret_added, error);
}

static bool find_occupant(StoreTx *tx, const Payment *payment, Payment **ret_existing, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_first(tx,
            "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = $1 AND invoice_id = $2 AND occupies_invoice = 1",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->invoice_id)), "live payment of this invoice", &rows,
            error))
        return false;
    Payment *existing = payment_take(&rows, error);
    if (existing == NULL)
        return false;
    *ret_existing = existing;
    return true;
}

static bool touch_card(StoreTx *tx, const Payment *payment, GError **error)
{
    return sql_run(tx, "UPDATE card SET last_used_us = $1 WHERE organization_id = $2 AND account_id = $3 AND id = $4",
        SQL_WITH(sql_int(payment->created_us), sql_id(payment->organization_id), sql_id(payment->account_id),
            sql_id(payment->card_id)), NULL, error);
}

static bool audit_opening(StoreTx *tx, const Payment *payment, GError **error)
{
    g_autofree char *login = NULL, *name = NULL;
    return find_payer(tx, payment, &login, &name, error)
        && audit_payment(tx, payment, login, "payment.open", NULL, NULL, NULL, error);
}

static void take_decision(Payment *payment, const PayDecision *decision)
{
    payment->state = decision->next;
    payment->key_born_us = decision->key_born_us;
    payment->next_check_us = decision->next_check_us;
    payment->checks = decision->checks;
    payment->negative_lookups = decision->negative_lookups;
}

bool store_payment_open(StoreTx *tx, Payment *payment, const json_t *consent, const PayDecision *decision,
    Payment **ret_existing, GError **error)
{
    g_assert(decision->next == PAY_INTENT && consent != NULL);
    if (id_is_none(payment->id))
        payment->id = id_new();
    take_decision(payment, decision);
    payment->version = 1;
    payment->updated_us = payment->created_us;
    int64_t added = 0;
    if (!insert(tx, payment, consent, &added, error))
        return false;
    if (added == 0) /* [PAY-002] */
        return find_occupant(tx, payment, ret_existing, error);
    if (!ledger_post(tx, payment, decision, payment->created_us, error) || !outbox_add(tx, payment, decision, error)
        || !touch_card(tx, payment, error) || !audit_opening(tx, payment, error) || !invoice_follow(tx, payment, error)
        || !events_of_invoice(tx, payment->organization_id, payment->invoice_id, "payment", payment->id,
            payment->created_us, error))
        return false;
    *ret_existing = NULL;
    return true;
}

/* ---- Applying a decision ------------------------------------------------------------------------------------------- */

static void replace_text(char **text, const char *with)
{
    char *copy = g_strdup(with); /* `with` may be the old text */
    g_free(*text);
    *text = copy;
}

/* Where the rules chose the state themselves, their reason counts, else what the event says; a paid payment has none. */
static void take_reason(Payment *payment, const PayEvent *event, const PayDecision *decision)
{
    bool is_paid = pay_state_is_paid(payment->state), is_ruled = decision->reason_code != NULL;
    if (!is_paid && !is_ruled && event->code == NULL)
        return;
    replace_text(&payment->reason_code, is_paid ? NULL : is_ruled ? decision->reason_code : event->code);
    replace_text(&payment->reason_text, is_paid ? NULL : is_ruled ? decision->reason_text : event->text);
}

/* Only ACTION has a page to go to. */
static void take_references(Payment *payment, const PayEvent *event)
{
    if (event->processor_ref != NULL)
        replace_text(&payment->processor_ref, event->processor_ref);
    if (event->biller_ref != NULL)
        replace_text(&payment->biller_ref, event->biller_ref);
    if (event->action_url != NULL || payment->state != PAY_ACTION)
        replace_text(&payment->action_url, payment->state == PAY_ACTION ? event->action_url : NULL);
}

/* Whose the invoice is: 1 where this payment holds it, 0 where another one does or none. */
static bool find_hold(StoreTx *tx, const Payment *payment, bool *ret_holds, bool *ret_other_holds, GError **error)
{
    int64_t own = 0, other = 0;
    if (!sql_number(tx, "SELECT occupies_invoice FROM payment WHERE organization_id = $1 AND id = $2",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->id)), 0, &own, error)
        || !sql_number(tx,
            "SELECT count(*) FROM payment WHERE organization_id = $1 AND invoice_id = $2 AND occupies_invoice = 1 AND id <> $3",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->invoice_id), sql_id(payment->id)), 0, &other, error))
        return false;
    *ret_holds = own != 0;
    *ret_other_holds = other != 0;
    return true;
}

static bool update(StoreTx *tx, const Payment *payment, bool holds, GError **error)
{
    int64_t changed = 0;
    if (!sql_run(tx,
            "UPDATE payment SET state = $1, occupies_invoice = $2, version = version + 1, updated_us = $3, key_born_us = $4,"
            " next_check_us = $5, checks = $6, negative_lookups = $7, processor_ref = $8, biller_ref = $9,"
            " reason_code = $10, reason_text = $11, action_url = $12"
            " WHERE organization_id = $13 AND id = $14 AND version = $15",
            SQL_WITH(sql_str(pay_state_name(payment->state)), sql_int(holds), sql_int(payment->updated_us),
                sql_int(payment->key_born_us), sql_int(payment->next_check_us), sql_int(payment->checks),
                sql_int(payment->negative_lookups), sql_str(payment->processor_ref), sql_str(payment->biller_ref),
                sql_str(payment->reason_code), sql_str(payment->reason_text), sql_str(payment->action_url),
                sql_id(payment->organization_id), sql_id(payment->id), sql_int(payment->version)), &changed, error))
        return false;
    if (changed == 0)
        error_set(error, SALDO_ERROR_CONFLICT, "payment %s was changed meanwhile: read it again", payment->id.text);
    return changed > 0;
}

/* [PAY-010] A payment that succeeded late beside this one, which gives the invoice up now, becomes the invoice's. */
static bool hand_over(StoreTx *tx, const Payment *payment, GError **error)
{
    SQL_ROWS_AUTO rows = { 0 };
    if (!sql_open(tx, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = $1 AND invoice_id = $2 AND id <> $3",
            SQL_WITH(sql_id(payment->organization_id), sql_id(payment->invoice_id), sql_id(payment->id)), &rows, error))
        return false;
    SqlStep step;
    while ((step = sql_next(&rows, error)) == SQL_ROW) {
        g_autoptr(Payment) other = payment_take(&rows, error);
        if (other == NULL)
            return false;
        if (!pay_state_is_paid(other->state))
            continue;
        sql_rows_done(&rows);
        return sql_run(tx, "UPDATE payment SET occupies_invoice = 1 WHERE organization_id = $1 AND id = $2",
                   SQL_WITH(sql_id(other->organization_id), sql_id(other->id)), NULL, error)
            && invoice_follow(tx, other, error);
    }
    return step == SQL_END;
}

/* The payment, its hold on the invoice, and the invoice. */
static bool write_states(StoreTx *tx, Payment *payment, GError **error)
{
    bool held = false, other_holds = false;
    if (!find_hold(tx, payment, &held, &other_holds, error))
        return false;
    bool holds = wants_invoice(payment->state) && !other_holds;
    if (!update(tx, payment, holds, error))
        return false;
    payment->version++;
    if (pay_state_is_paid(payment->state) && other_holds
        && !audit_payment(tx, payment, "engine", "payment.double", NULL, NULL,
            "this invoice has another live or paid payment beside this one [PAY-010]", error))
        return false;
    if (!held && !holds)
        return true;
    return invoice_follow(tx, payment, error) && (holds || hand_over(tx, payment, error));
}

static bool commit_decision(StoreTx *tx, Payment *payment, const PayEvent *event, const PayDecision *decision,
    const char *from_state, GError **error)
{
    int64_t now_us = payment->updated_us;
    return write_states(tx, payment, error) && ledger_post(tx, payment, decision, now_us, error)
        && outbox_add(tx, payment, decision, error)
        && audit_payment(tx, payment, "engine", "payment.state", from_state, event, decision->alarm, error)
        && events_of_invoice(tx, payment->organization_id, payment->invoice_id, "payment", payment->id, now_us, error);
}

/* The texts that an event can replace: a copy gets its own, so that a unit that fails changes nothing in memory. */
static void own_texts(Payment *payment)
{
    payment->processor_ref = g_strdup(payment->processor_ref);
    payment->biller_ref = g_strdup(payment->biller_ref);
    payment->reason_code = g_strdup(payment->reason_code);
    payment->reason_text = g_strdup(payment->reason_text);
    payment->action_url = g_strdup(payment->action_url);
}

static void free_texts(Payment *payment)
{
    g_free(payment->processor_ref);
    g_free(payment->biller_ref);
    g_free(payment->reason_code);
    g_free(payment->reason_text);
    g_free(payment->action_url);
}

bool store_payment_apply(StoreTx *tx, Payment *payment, const PayEvent *event, const PayDecision *decision,
    int64_t now_us, GError **error)
{
    Payment next = *payment;
    own_texts(&next);
    take_decision(&next, decision);
    take_references(&next, event);
    take_reason(&next, event, decision);
    next.updated_us = now_us;
    bool is_written = commit_decision(tx, &next, event, decision, pay_state_name(payment->state), error);
    Payment gone = is_written ? *payment : next;
    if (is_written)
        *payment = next;
    free_texts(&gone);
    return is_written;
}
