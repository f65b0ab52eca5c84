/* saldo inspect: what Saldo makes of one mail, and why. The same pipeline as delivery, nothing is stored. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "checkout/card.h"
#include "command.h"
#include "engine.h"
#include "inspect_print.h"
#include "mail/container.h"

/* A partners.json: 64 KiB of record per partner and a thousand partners. */
#define PARTNERS_FILE_MAX (64UL * 1024 * 1024)

typedef struct InspectOptions {
    char *state, *client_ip, *helo, *mail_from, *zone, *partners, *recipient;
    gboolean json, format_help;
    bool state_given;
} InspectOptions;

static void options_done(InspectOptions *options)
{
    g_free(options->state);
    g_free(options->client_ip);
    g_free(options->helo);
    g_free(options->mail_from);
    g_free(options->zone);
    g_free(options->partners);
    g_free(options->recipient);
}

/* ---- Input -------------------------------------------------------------------------------------------- */

static GBytes *read_input(const char *path, GError **error)
{
    bool from_stdin = strcmp(path, "-") == 0;
    FILE *file = from_stdin ? stdin : fopen(path, "rb");
    if (file == NULL) {
        error_set(error, SALDO_ERROR_IO, "cannot open %s: %m", path);
        return NULL;
    }
    BUFFER_AUTO buffer = BUFFER_INIT(LIMIT_MESSAGE_BYTES);
    char block[65536];
    size_t got;
    while ((got = fread(block, 1, sizeof block, file)) > 0 && buffer_append(&buffer, (Span){ block, got }))
        continue;
    bool failed = ferror(file);
    if (!from_stdin)
        fclose(file);
    if (failed) {
        error_set(error, SALDO_ERROR_IO, "cannot read %s: %m", path);
        return NULL;
    }
    if (buffer.overflowed || buffer.length == 0) {
        error_set(error, SALDO_ERROR_LIMIT, "%s: %s; a message has between 1 and %lu bytes", path,
            buffer.overflowed ? "too large" : "empty", LIMIT_MESSAGE_BYTES);
        return NULL;
    }
    return g_bytes_new(buffer.data, buffer.length);
}

/* A mail begins with a header field; other files say what they are. */
static bool looks_like_mail(Span bytes)
{
    Span head = span_slice(bytes, 0, MAIL_FILE_KIND_BYTES);
    return mail_file_kind(head) == MAIL_FILE_OTHER && !span_starts_with(span_trim(head), SPAN("<"));
}

/* ---- The world to judge in ------------------------------------------------------------------------------ */

typedef struct World {
    Registry *registry;
    PolicySettings *policy;
} World;

static void world_done(World *world)
{
    g_clear_pointer(&world->registry, registry_free);
    g_clear_pointer(&world->policy, policy_settings_free);
}

typedef struct WorldUnit {
    const Engine *engine;
    const char *recipient;
    World *world;
} WorldUnit;

static bool load_world_unit(StoreTx *tx, void *context, GError **error)
{
    WorldUnit *unit = context;
    return store_registry_load(tx, unit->engine->organization_id, &unit->world->registry, error)
        && store_policy_load(tx, unit->engine->organization_id, unit->recipient, &unit->world->policy, error);
}

static Registry *registry_from_file(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    size_t length;
    if (!g_file_get_contents(path, &text, &length, error))
        return NULL;
    JSON_AUTO *json = json_read((Span){ text, length }, PARTNERS_FILE_MAX, path, error);
    return json == NULL ? NULL : registry_from_json(json, error);
}

static bool load_world(const InspectOptions *options, const Engine *engine, const char *recipient, World *world,
    GError **error)
{
    if (engine != NULL) {
        WorldUnit unit = { .engine = engine, .recipient = recipient, .world = world };
        if (!store_read(engine->store, load_world_unit, &unit, error))
            return false;
    }
    if (options->partners != NULL) {
        g_clear_pointer(&world->registry, registry_free);
        world->registry = registry_from_file(options->partners, error);
        if (world->registry == NULL)
            return false;
    }
    if (world->registry == NULL)
        world->registry = registry_new();
    if (world->policy == NULL)
        world->policy = policy_settings_new();
    return true;
}

/* The engine of --state, or one that only reads mail, with the DNS that the options name. */
static Engine *open_reader(const InspectOptions *options, GError **error)
{
    if (options->state_given) {
        g_autoptr(Engine) engine = engine_open(options->state, error);
        if (engine == NULL || !engine_open_intake(engine, error))
            return NULL;
        if (options->zone == NULL)
            return g_steal_pointer(&engine);
        g_clear_pointer(&engine->authenticator, mailauth_free);
        g_clear_pointer(&engine->resolver, mailauth_resolver_free);
        const mailauth_unbound_options dns = { .zone_file = options->zone, .no_network = true };
        engine->resolver = engine_resolver(&dns, error);
        if (engine->resolver == NULL)
            return NULL;
        engine->authenticator = mailauth_new(engine->resolver, NULL);
        return g_steal_pointer(&engine);
    }
    g_autoptr(Engine) engine = engine_new();
    const mailauth_unbound_options dns = { .zone_file = options->zone, .no_network = options->zone != NULL };
    engine->jail = jail_start(1, error);
    engine->resolver = engine->jail == NULL ? NULL : engine_resolver(&dns, error);
    if (engine->resolver == NULL)
        return NULL;
    engine->authenticator = mailauth_new(engine->resolver, NULL);
    return g_steal_pointer(&engine);
}

/* "Anna <anna@demo.example>, …": the first address, for the rollout and for test recipients. */
static char *first_address(const char *to)
{
    Span text = span_of(to), part;
    if (!span_cut(&text, ',', &part))
        return g_strdup("");
    size_t open = span_find_byte(part, '<');
    if (open < part.length) {
        part = span_slice(part, open + 1, part.length);
        part = span_slice(part, 0, span_find_byte(part, '>'));
    }
    g_autofree char *address = span_to_text(span_trim(part));
    return g_ascii_strdown(address == NULL ? "" : address, -1);
}

static ExitCode inspect(const InspectOptions *options, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) input = read_input(path, &error);
    g_autoptr(Engine) engine = input == NULL ? NULL : open_reader(options, &error);
    if (engine == NULL)
        return command_failed(error);
    Span bytes = { g_bytes_get_data(input, NULL), g_bytes_get_size(input) };
    bool is_mail = looks_like_mail(bytes);
    g_autoptr(GBytes) wire = is_mail ? import_message_bytes(bytes) : g_bytes_ref(input);
    Span raw = { g_bytes_get_data(wire, NULL), g_bytes_get_size(wire) };
    const Envelope envelope = { .client_ip = options->client_ip, .helo = options->helo, .mail_from = options->mail_from,
        .received_us = time_now_us() };
    g_autoptr(Reading) reading = pipeline_read(engine->authenticator, engine->jail, raw, &envelope, is_mail, &error);
    if (reading == NULL)
        return command_failed(error);
    g_autofree char *recipient = options->recipient != NULL ? g_ascii_strdown(options->recipient, -1)
                                                            : first_address(reading->extraction->summary->to);
    __attribute__((cleanup(world_done))) World world = { 0 };
    if (!load_world(options, options->state_given ? engine : NULL, recipient, &world, &error))
        return command_failed(error);
    g_autoptr(Verdict) verdict = checkout_judge(reading->authentication, reading->extraction, recipient, envelope.received_us,
        world.registry, world.policy, &error);
    if (verdict == NULL)
        return command_failed(error);
    if (options->json)
        inspect_print_json(reading, verdict);
    else if (!is_mail)
        inspect_print_document(reading);
    else
        inspect_print_text(reading, verdict);
    return EXIT_OK;
}

static ExitCode run(int argc, char **argv)
{
    __attribute__((cleanup(options_done))) InspectOptions options = { 0 };
    for (int i = 1; i < argc; i++)
        options.state_given |= strcmp(argv[i], "--state") == 0 || g_str_has_prefix(argv[i], "--state=");
    const GOptionEntry entries[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print one JSON object", NULL },
        { "format-help", 0, 0, G_OPTION_ARG_NONE, &options.format_help, "List the invoice formats that are read", NULL },
        { "client-ip", 0, 0, G_OPTION_ARG_STRING, &options.client_ip, "Address of the client that sent the mail, for SPF", "IP" },
        { "helo", 0, 0, G_OPTION_ARG_STRING, &options.helo, "Its HELO name", "NAME" },
        { "mail-from", 0, 0, G_OPTION_ARG_STRING, &options.mail_from, "Envelope sender, for SPF", "ADDRESS" },
        { "dns-zone", 0, 0, G_OPTION_ARG_FILENAME, &options.zone, "Answer DNS from this zone file alone", "FILE" },
        { "partners", 0, 0, G_OPTION_ARG_FILENAME, &options.partners, "Partner registry to judge with", "FILE" },
        { "recipient", 0, 0, G_OPTION_ARG_STRING, &options.recipient, "Mailbox it came to (default: the first To address)", "ADDRESS" },
        G_OPTION_ENTRY_NULL,
    };
    if (!command_parse(&command_inspect, &argc, &argv, entries, &options.state))
        return EXIT_USAGE;
    if (options.format_help) {
        inspect_print_formats(options.json);
        return EXIT_OK;
    }
    if (argc > 2)
        return command_misused(&command_inspect, "one file at a time");
    return inspect(&options, argc == 2 ? argv[1] : "-");
}

const Command command_inspect = {
    .name = "inspect",
    .run = run,
    .usage = "[FILE|-] [--json] [--format-help] [--client-ip IP --helo NAME --mail-from ADDRESS] [--dns-zone FILE] [--partners FILE | --state DIR]",
    .summary = "Show who sent a mail, what invoices it carries and whether it may be paid, with reasons",
    .details = "FILE is a mail, or a bare invoice: XML, PDF, zip or .p7m (--format-help lists what is read). Without\n"
               "FILE standard input is read. With --state DIR the partners, switches and DNS of that server count; with neither\n"
               "--state nor --partners no partner is known, so nothing can be a card. Exits 0 whatever the verdict is.\n\n"
               "Example: saldo inspect invoice.eml --dns-zone dns.zone --partners partners.json",
};
