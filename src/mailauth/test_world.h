/* What the tests share: keys, signed mails, a zone to check them against. */
#pragma once

#include "mailauth.h"

#include <glib.h>

typedef struct TestKey {
    mailauth_key *key;
} TestKey;

enum { TEST_NOW = 1795424400 }; /* 2026-11-23 09:00 UTC */

TestKey *test_key_new(const char *kind);
void test_key_free(TestKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestKey, test_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mailauth_report, mailauth_report_free)

/* The message with a signature of `domain` (selector "s1") in front. NULL names: the usual ones. */
char *test_signed(const TestKey *key, const char *message, const char *domain, const char *forms, const char *names);
/* A zone with the key at s1._domainkey.`domain`. */
char *test_key_zone(const TestKey *key, const char *domain);

/* Checks against a zone; the envelope has no client, so that SPF is none. */
mailauth_report *test_check(const char *zone, const char *mail, size_t length);
mailauth_report *test_check_from(const char *zone, const char *mail, size_t length, const char *client_ip,
    const char *mail_from);
