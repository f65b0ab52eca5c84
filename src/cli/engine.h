/* The parts of a running server, opened in the order in which they depend on each other. */
#pragma once

#include "checkout/checkout.h"
#include "config.h"
#include "http/http.h"
#include "intake/intake.h"

typedef struct Engine {
    char *state;
    int lock; /* held while serving: one engine to a state directory */
    Config *config;
    Store *store;
    Id organization_id;
    Jail *jail;
    mailauth_resolver *resolver;
    mailauth *authenticator;
    Intake intake;
    Vault *vault;
    TokenKeys *keys;
    Checkout *checkout;
    HttpServer *http;
    LmtpServer *lmtp;
} Engine;

/* Nothing opened yet. */
Engine *engine_new(void);
/* Configuration, store and organization: what administration needs. */
Engine *engine_open(const char *state, GError **error);
/* And what reading mail needs: the jail and the resolver. */
bool engine_open_intake(Engine *engine, GError **error);
/* And everything that serves: vault, couriers, HTTP, LMTP. CONFLICT, before anything is touched, where another engine
 * serves this state directory. */
bool engine_serve(Engine *engine, GError **error);
/* Stops what was started, last first. */
void engine_close(Engine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Engine, engine_close)

/* Blocks until SIGINT or SIGTERM, or until `child` (a pid, or 0) ends; returns false in the latter case. Signals must
 * have been blocked by engine_block_signals before any thread was started. */
void engine_block_signals(void);
bool engine_wait(int child);

/* The resolver for these options, NULL meaning none set. NULL and `error` (BAD_INPUT) where the zone file is wrong. */
mailauth_resolver *engine_resolver(const mailauth_unbound_options *options, GError **error);

/* Creates the state directory with saldo.conf (`overrides` as config_template), database, organization and vault.
 * CONFLICT where it is already there. */
bool engine_create(const char *state, const char *const *overrides, const char *organization, GError **error);

typedef struct EnginePerson {
    const char *login, *name, *password, *address, *language;
    StoreRole role;
} EnginePerson;
/* An account with its mailbox. */
bool engine_add_person(Engine *engine, const EnginePerson *person, Id *ret_account_id, GError **error);
/* One line from standard input, so that a password stands in no process list and no shell history. Wipe and g_free it.
 * NULL and `error` (BAD_INPUT) where it is too short. */
char *engine_read_password(GError **error);
