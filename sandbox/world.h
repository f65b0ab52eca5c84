/* The cast of the test world: billers, the merchants behind them, and their accounts at the processor.
 *
 * Fixed data alone. The ids never change, so that a state directory and the mails made from it stay
 * true to each other; what is made anew (keys, dates, invoices) lives in the book.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "trust/partner.h"

typedef struct WorldMerchant {
    const char *merchant_id, *display_id;
    const char *legal_name;
    const char *street, *city, *country;
    const char *vat_id, *iban;
    const char *mailbox;  /* local part of the merchant's From address */
    const char *colour;   /* "#0f6c5c": of its mails and documents */
    const char *logo;     /* a name for logo_png() */
    const char *contact;  /* who answers questions */
    PartnerState state;
} WorldMerchant;

typedef struct WorldBiller {
    const char *name;       /* as in /billers/{name}/ */
    const char *title;
    const char *originator;
    const char *account;    /* at the processor */
    const char *domain;     /* of its mail */
    const char *address;    /* the one From address of a static sender; NULL for a dynamic one */
    PartnerState state;
    const WorldMerchant *merchants;
    size_t merchant_count;
} WorldBiller;

extern const WorldBiller world_billers[];
extern const size_t world_biller_count;

/* An account of the processor that may charge for any merchant id: for tests that bring their own. */
#define WORLD_TEST_ACCOUNT "acct_test"

const WorldBiller *world_find_biller(const char *name);                                        /* or NULL */
const WorldMerchant *world_find_merchant(const WorldBiller *biller, const char *merchant_id);  /* or NULL */
/* Whether `account` exists, and whether it may take money for that merchant. */
bool world_knows_account(const char *account);
bool world_account_serves(const char *account, const char *merchant_id);
/* From address of a merchant's mail, newly allocated. */
char *world_sender_address(const WorldBiller *biller, const WorldMerchant *merchant);
