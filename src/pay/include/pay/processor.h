/* A card processor as this project needs it: mint a single-use token for one merchant and amount, look
 * a payment up, give the public key that cards are sealed to. One file each under processors/.
 *
 * The number is never seen here: the card is a JWE for the processor, so is the security code.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/money.h"

typedef struct ProcessorRequest {
    const char *base_url;        /* partner.processor_url */
    const char *account;         /* partner.processor_account */
    const char *merchant_id;
    Id payment_id;
    Money amount;
    const char *card_jwe;        /* compact JWE of the card */
    const char *code_jwe;        /* compact JWE of the security code; NULL once it expired: the processor declines then */
    const char *idempotency_key; /* [PAY-003] */
} ProcessorRequest;

typedef enum ProcessorOutcome {
    PROCESSOR_OK,
    PROCESSOR_DECLINED,   /* final: code and text say why */
    PROCESSOR_NOT_SENT,   /* certain that nothing went out */
    PROCESSOR_UNKNOWN,    /* [PAY-007] */
    PROCESSOR_NOTHING,    /* look-up: no such payment */
    PROCESSOR_CHARGED,    /* look-up: the charge happened */
    PROCESSOR_EXPIRED,    /* look-up: the challenge ended without a charge; final */
    PROCESSOR_REFUNDED,   /* look-up: charged, and given back */
} ProcessorOutcome;

typedef struct ProcessorAnswer {
    char *token;  /* "tok_…" */
    char *reference;
    char *code, *text;
} ProcessorAnswer;
void processor_answer_done(ProcessorAnswer *answer);

typedef struct Processor {
    const char *name;         /* "sandbox" */
    const char *token_format; /* `Format` in the payment token's header (wire.md §6) */
    ProcessorOutcome (*mint)(const ProcessorRequest *request, ProcessorAnswer *ret_answer);
    ProcessorOutcome (*lookup)(const ProcessorRequest *request, ProcessorAnswer *ret_answer);
    /* All of it, back to the card. OK: taken on; `code_jwe` and `card_jwe` are not looked at. */
    ProcessorOutcome (*refund)(const ProcessorRequest *request, ProcessorAnswer *ret_answer);
    /* Public JWK set that browsers seal cards to; NULL and `error` where it cannot be had. */
    json_t *(*keys)(const char *base_url, GError **error);
} Processor;

const Processor *processor_find(const char *name); /* or NULL */
