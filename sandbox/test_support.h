/* Driving the real saldo-sandbox from tests: start, kill, call, seal cards, sign tokens as the payer's server does. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* The payer's server as billers see it: an issuer with its keys on a loopback port of its own. */
typedef struct TestIssuer TestIssuer;

typedef struct TestSandbox {
    const char *program;
    char *directory;      /* samples and state */
    GPid pid;
    char *url;
    json_t *card_key;     /* public, of the processor */
    TestIssuer *issuer;
    char *issuer_url;
    json_t *issuer_key;   /* private */
} TestSandbox;

/* Makes samples, starts the issuer and the server. */
void test_sandbox_start(TestSandbox *sandbox, const char *program);
/* SIGKILL, then the same state again. */
void test_sandbox_kill_and_restart(TestSandbox *sandbox);
void test_sandbox_stop(TestSandbox *sandbox);

typedef struct TestAnswer {
    long status;   /* 0: the connection closed without an answer */
    char *text;
    size_t length;
    json_t *json;  /* or NULL */
} TestAnswer;
void test_answer_done(TestAnswer *answer);
#define TEST_ANSWER_AUTO __attribute__((cleanup(test_answer_done))) TestAnswer

/* `headers` is NULL-terminated or NULL; `body` NULL: none. */
TestAnswer test_call(const TestSandbox *sandbox, const char *method, const char *path, const char *const *headers,
    const char *body);
TestAnswer test_call_json(const TestSandbox *sandbox, const char *method, const char *path, const char *const *headers,
    json_t *body); /* takes `body` */

/* Compact JWE to the processor's key. */
char *test_seal(const TestSandbox *sandbox, json_t *plain); /* takes `plain` */
char *test_seal_card(const TestSandbox *sandbox, const char *number, const char *expiry);
char *test_seal_code(const TestSandbox *sandbox, const char *code);
/* A month ahead of now, "MM/YY". */
const char *test_good_expiry(void);
char *test_uuid(void);

/* POST /admin/faults. */
void test_fault(const TestSandbox *sandbox, const char *point, const char *kind, const char *invoice);
void test_clear_faults(const TestSandbox *sandbox);
/* Charges so far by payment id or by invoice. */
int test_charges_of(const TestSandbox *sandbox, const char *member, const char *name);
/* The number of the invoice in that sample file, newly allocated, and its amount in the mail. */
char *test_invoice_of(const TestSandbox *sandbox, const char *file, char **ret_currency, char **ret_amount);
