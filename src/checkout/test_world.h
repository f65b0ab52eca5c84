/* A whole small world for tests of the checkout: the real saldo-sandbox, saldo-vault and saldo-jail, a store in a
 * temporary directory, an issuer that publishes our keys, one payer with cards. */
#pragma once

#include "checkout/checkout.h"
#include "jail/jail.h"

typedef struct World {
    char *directory;
    char *sandbox_url;
    GPid sandbox;
    char *issuer;
    int issuer_socket;
    GThread *issuer_thread;
    char *biller_answer; /* the whole HTTP answer to POSTs to the issuer's port: a biller that says just this */
    Store *store;
    Vault *vault;
    Jail *jail;
    TokenKeys *keys;
    Checkout *checkout;
    StoreAccount *account;
    StoreMailbox *mailbox, *other_mailbox;
    GBytes *data_key;
    json_t *processor_key;
    char *samples; /* the directory of the newest samples */
} World;

World *world_new(void);
void world_free(World *world);

/* Couriers on and off. */
void world_open(World *world, unsigned couriers);
void world_close(World *world);

/* New invoices at the billers and new mails of them. */
void world_new_samples(World *world);
/* Takes mail/<name> of the newest samples in, as the pipeline would; returns its invoice. */
Id world_deliver(World *world, const char *name);
/* From now on mails are delivered to a colleague's mailbox, which the payer does not read; call again to go back. */
void world_swap_mailbox(World *world);
/* Adds a card of this number to the wallet. */
Id world_add_card(World *world, const char *number, const char *brand);
/* The security code as the browser seals it. Newly allocated. */
char *world_seal_code(World *world, const char *code);

/* Reads the partner as it is stored. */
Registry *world_registry(World *world);
void world_put_partner(World *world, const Partner *partner);
void world_set_switch(World *world, const char *name, const char *value);

/* One call to the sandbox's /admin; `body` NULL is a GET. Asserts 200. */
json_t *world_admin(World *world, const char *path, const char *body);
/* What goes wrong next: point, kind ("drop_after", …), how often. */
void world_fault(World *world, const char *point, const char *kind, int count);
/* Charges of this invoice number at the processor. */
int64_t world_charges(World *world, const char *invoice_number);

Payment *world_payment(World *world, Id payment_id);
/* Waits until the payment is in this state; fails after `seconds`. */
Payment *world_wait_for(World *world, Id payment_id, PayState state, int seconds);
StoreInvoice *world_invoice(World *world, Id invoice_id);
/* Asserts that the ledger holds together; the balance of one account in minor units over all currencies. */
int64_t world_balance(World *world, const char *account, const char *currency);
