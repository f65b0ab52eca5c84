/* A whole small world for the tests of this room: the real store, vault, jail, checkout and server, the sandbox's
 * billers and processor, its sample mails delivered by the real intake, and a client on libcurl whose every
 * exchange is held against docs/openapi.yaml. */
#pragma once

#include <curl/curl.h>

#include "http/http.h"
#include "intake/intake.h"
#include "test_contract.h"

#define WORLD_PASSWORD "correct horse battery"
#define WORLD_PAYER "anna@demo.example"

typedef struct World {
    char *directory, *samples, *sandbox_url, *url;
    GPid sandbox;
    Store *store;
    Vault *vault;
    Jail *jail;
    mailauth_resolver *resolver;
    mailauth *authenticator;
    TokenKeys *keys;
    Checkout *checkout;
    HttpServer *http;
    Contract *contract;
    Id organization_id, payer_id;
    unsigned outside_ms; /* for world_restart_http */
} World;

/* argv after g_test_init: saldo-jail, saldo-vault, saldo-sandbox, docs/openapi.yaml. */
World *world_start(int argc, char **argv);
void world_stop(World *world);
/* The server alone, with the same parts. */
void world_restart_http(World *world);
/* The sandbox does something wrong (sandbox/fault.h): {"point","kind",…}. */
void world_fault(World *world, const char *description);
/* Delivers mail/NAME of the samples to the payer; the message's id. */
Id world_deliver(World *world, const char *name);
/* Raw bytes as a message of the payer. */
Id world_deliver_raw(World *world, Span raw);
/* An account of its own with a mailbox of its own. */
void world_add_person(World *world, const char *login);
/* From now on no file of this process can be written to: a full disk, as the store sees it. */
void world_set_disk_full(bool full);
bool world_write(World *world, StoreUnit *unit, void *context);

/* ---- Client ------------------------------------------------------------------------------------------- */

typedef struct Client {
    World *world;
    CURL *curl;
    char *cookie; /* "__Host-saldo=…", or NULL */
    char *csrf;   /* or NULL */
} Client;

typedef struct Answer {
    long status;
    char *headers; /* as they came */
    GString *body;
    json_t *json;  /* or NULL */
} Answer;

Client *client_new(World *world);
void client_free(Client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)
void answer_free(Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)
/* A signed-in client. */
Client *client_of(World *world, const char *login);
/* `body` is JSON text or NULL; then header lines up to NULL. The reply must fit the contract. */
Answer *client_call(Client *client, const char *method, const char *path, const char *body, ...) G_GNUC_NULL_TERMINATED;
/* The same, with an expected status and (for problems) code; returns the answer. */
Answer *client_expect(Client *client, long status, const char *code, const char *method, const char *path, const char *body);
/* The value of a header, newly allocated, or NULL. */
char *answer_header(const Answer *answer, const char *name);

/* ---- The browser's cryptography -------------------------------------------------------------------------- */

/* Compact JWE (RSA-OAEP-256, A256GCM) of `plain` to the first key of a JWK set; newly allocated. */
char *seal_to(const json_t *jwks, const char *plain);
