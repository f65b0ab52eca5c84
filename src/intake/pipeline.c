/* From raw bytes to a reading (who sent it, what is in it), and from a reading to a stored message.
 *
 * Authentication runs here on the raw bytes; extraction runs in the jail, at the same time: neither can
 * influence the other. The verdict is made from both, and made again whenever somebody looks.
 */
#include "intake/intake.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
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

/* Partners and switches as they stand when the message comes. */
typedef struct World {
    const StoreMailbox *mailbox;
    Registry *registry;
    PolicySettings *policy;
} World;

static void world_done(World *world)
{
    g_clear_pointer(&world->registry, registry_free);
    g_clear_pointer(&world->policy, policy_settings_free);
}

static bool load_world(StoreTx *tx, void *context, GError **error)
{
    World *world = context;
    Id organization_id = world->mailbox->organization_id;
    world_done(world);
    return store_registry_load(tx, organization_id, &world->registry, error)
        && store_policy_load(tx, organization_id, world->mailbox->address, &world->policy, error);
}

/* The verdict borrows from reading and world; NULL and `error` as checkout_judge. */
static Verdict *judge(const Reading *reading, const World *world, const PolicySettings *policy, const Envelope *envelope,
    GError **error)
{
    return checkout_judge(reading->authentication, reading->extraction, world->mailbox->address, envelope->received_us,
        world->registry, policy, error);
}

static json_t *envelope_to_json(const Envelope *envelope)
{
    json_t *object = json_object();
    json_put_text(object, "client_ip", envelope->client_ip);
    json_put_text(object, "helo", envelope->helo);
    json_put_text(object, "mail_from", envelope->mail_from);
    return object;
}

static StoreMessage *new_message(const StoreMailbox *mailbox, Span raw, const Reading *reading, const Verdict *verdict,
    const Envelope *envelope)
{
    const MailSummary *summary = reading->extraction->summary;
    StoreMessage *message = store_message_new();
    message->organization_id = mailbox->organization_id;
    message->id = id_new();
    message->mailbox_id = mailbox->id;
    message->received_us = envelope->received_us;
    message->from_name = g_strdup(summary->from_name);
    message->from_address = g_strdup(summary->from_address);
    message->subject = g_strdup(summary->subject);
    message->preview = g_strdup(summary->preview);
    message->bytes = raw.length;
    message->envelope = envelope_to_json(envelope);
    message->authentication = json_incref(reading->authentication);
    message->extraction = extraction_to_json(reading->extraction);
    message->verdict_kind = g_strdup(verdict_kind_name(verdict->kind));
    message->verdict = verdict_to_json(verdict);
    return message;
}

typedef struct Delivery {
    StoreMessage *message;
    const Verdict *invoice_verdict; /* were every switch on: what its invoice is does not hang on them */
} Delivery;

static bool deliver_unit(StoreTx *tx, void *context, GError **error)
{
    const Delivery *delivery = context;
    StoreMessage *message = delivery->message;
    return (delivery->invoice_verdict->kind != VERDICT_CARD
               || checkout_attach_invoice(tx, message->organization_id, message->id, delivery->invoice_verdict,
                   &message->invoice_id, error))
        && store_message_add(tx, message, SPAN_EMPTY, error);
}

/* Judging and packing happen on this thread: the writer, whom everybody waits for, only writes. */
Id intake_deliver(const Intake *intake, const StoreMailbox *mailbox, Span raw, const Reading *reading,
    const Envelope *envelope, GError **error)
{
    __attribute__((cleanup(world_done))) World world = { .mailbox = mailbox };
    if (!store_read(intake->store, load_world, &world, error))
        return ID_NONE;
    g_autoptr(PolicySettings) every_switch_on = policy_settings_new();
    g_autoptr(Verdict) verdict = judge(reading, &world, world.policy, envelope, error);
    g_autoptr(Verdict) invoice_verdict = verdict == NULL ? NULL : judge(reading, &world, every_switch_on, envelope, error);
    if (invoice_verdict == NULL)
        return ID_NONE;
    g_autoptr(StoreMessage) message = new_message(mailbox, raw, reading, verdict, envelope);
    Delivery delivery = { .message = message, .invoice_verdict = invoice_verdict };
    if (!store_message_pack(message, raw, error) || !store_write(intake->store, deliver_unit, &delivery, error))
        return ID_NONE;
    return message->id;
}
