/* From raw bytes to a reading (who sent it, what is in it), and from a reading to a stored message.
 *
 * Authentication runs here on the raw bytes; extraction runs in the jail, at the same time: neither can
 * influence the other. The verdict is made from both, and made again whenever somebody looks.
 */
#include "intake/intake.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "checkout/card.h"

void reading_free(Reading *reading)
{
    if (reading == NULL)
        return;
    json_clear(&reading->authentication);
    g_clear_pointer(&reading->extraction, extraction_free);
    g_free(reading);
}

typedef struct ExtractionJob {
    Jail *jail;
    Span raw;
    bool is_mail;
    GError *error;
} ExtractionJob;

static gpointer extract_in_thread(gpointer data)
{
    ExtractionJob *job = data;
    return jail_extract(job->jail, job->raw, job->is_mail, &job->error);
}

static json_t *authenticate(mailauth *authenticator, Span raw, const Envelope *envelope)
{
    const mailauth_envelope facts = {
        .client_ip = envelope->client_ip,
        .helo = envelope->helo,
        .mail_from = envelope->mail_from,
        .now = envelope->received_us / US_PER_SECOND,
    };
    mailauth_report *report = mailauth_check(authenticator, raw.at, raw.length, &facts);
    if (report == NULL)
        return NULL;
    json_t *json = authentication_to_json(report);
    mailauth_report_free(report);
    return json;
}

Reading *pipeline_read(mailauth *authenticator, Jail *jail, Span raw, const Envelope *envelope, bool is_mail,
    GError **error)
{
    ExtractionJob job = { .jail = jail, .raw = raw, .is_mail = is_mail };
    g_autoptr(Reading) reading = g_new0(Reading, 1);
    GThread *thread = g_thread_new("extract", extract_in_thread, &job);
    reading->authentication = authenticate(authenticator, is_mail ? raw : SPAN_EMPTY, envelope);
    reading->extraction = g_thread_join(thread);
    if (reading->extraction == NULL) {
        g_propagate_error(error, job.error);
        return NULL;
    }
    if (reading->authentication == NULL) {
        error_set(error, SALDO_ERROR_UNAVAILABLE, "not enough memory to authenticate this message; it can come again");
        return NULL;
    }
    return g_steal_pointer(&reading);
}

/* ---- Delivery ------------------------------------------------------------------------------ */

typedef struct Delivery {
    const StoreMailbox *mailbox;
    Span raw;
    const Reading *reading;
    const Envelope *envelope;
    Id message_id;
} Delivery;

static json_t *envelope_to_json(const Envelope *envelope)
{
    json_t *object = json_object();
    json_put_text(object, "client_ip", envelope->client_ip);
    json_put_text(object, "helo", envelope->helo);
    json_put_text(object, "mail_from", envelope->mail_from);
    return object;
}

static StoreMessage *message_from_delivery(const Delivery *delivery, const Verdict *verdict)
{
    const Extraction *extraction = delivery->reading->extraction;
    StoreMessage *message = store_message_new();
    message->organization_id = delivery->mailbox->organization_id;
    message->mailbox_id = delivery->mailbox->id;
    message->received_us = delivery->envelope->received_us;
    message->from_name = g_strdup(extraction->summary->from_name);
    message->from_address = g_strdup(extraction->summary->from_address);
    message->subject = g_strdup(extraction->summary->subject);
    message->preview = g_strdup(extraction->summary->preview);
    message->bytes = delivery->raw.length;
    message->envelope = envelope_to_json(delivery->envelope);
    message->authentication = json_incref(delivery->reading->authentication);
    message->extraction = extraction_to_json(extraction);
    message->verdict_kind = g_strdup(verdict_kind_name(verdict->kind));
    message->verdict = verdict_to_json(verdict);
    return message;
}

static bool deliver_unit(StoreTx *tx, void *context, GError **error)
{
    Delivery *delivery = context;
    Id organization_id = delivery->mailbox->organization_id;
    g_autoptr(Registry) registry = NULL;
    g_autoptr(PolicySettings) policy = NULL;
    if (!store_registry_load(tx, organization_id, &registry, error)
        || !store_policy_load(tx, organization_id, delivery->mailbox->address, &policy, error))
        return false;
    TrustCase trust_case = {
        .readable = delivery->reading->extraction->readable,
        .trouble = delivery->reading->extraction->trouble,
        .invoices = delivery->reading->extraction->invoices,
        .recipient = delivery->mailbox->address,
        .received_us = delivery->envelope->received_us,
        .registry = registry,
        .policy = policy,
    };
    g_assert(trust_sender_from_json(delivery->reading->authentication, &trust_case.sender));
    g_autoptr(Verdict) verdict = trust_judge(&trust_case);
    g_autoptr(StoreMessage) message = message_from_delivery(delivery, verdict);
    if (verdict->kind == VERDICT_CARD) {
        message->id = id_new();
        if (!checkout_attach_invoice(tx, organization_id, message->id, verdict, &message->invoice_id, error))
            return false;
    }
    if (!store_message_add(tx, message, delivery->raw, error))
        return false;
    delivery->message_id = message->id;
    return true;
}

Id intake_deliver(const Intake *intake, const StoreMailbox *mailbox, Span raw, const Reading *reading,
    const Envelope *envelope, GError **error)
{
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        error_set(error, SALDO_ERROR_LIMIT, "the message has %zu bytes; at most %lu are accepted", raw.length,
            LIMIT_MESSAGE_BYTES);
        return ID_NONE;
    }
    Delivery delivery = { .mailbox = mailbox, .raw = raw, .reading = reading, .envelope = envelope };
    if (!store_write(intake->store, deliver_unit, &delivery, error))
        return ID_NONE;
    return delivery.message_id;
}
