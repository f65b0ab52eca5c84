/* What the tests share. */
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

TestKey *test_key_new(const char *kind)
{
    TestKey *key = g_new0(TestKey, 1);
    key->key = mailauth_key_generate(kind);
    g_assert_nonnull(key->key);
    return key;
}

void test_key_free(TestKey *key)
{
    mailauth_key_free(key->key);
    g_free(key);
}

char *test_signed(const TestKey *key, const char *message, const char *domain, const char *forms, const char *names)
{
    mailauth_sign_options options
        = { .domain = domain, .selector = "s1", .headers = names, .canonicalization = forms, .now = TEST_NOW };
    char *field = mailauth_dkim_sign(key->key, message, strlen(message), &options);
    g_assert_nonnull(field);
    char *mail = g_strconcat(field, message, NULL);
    free(field);
    return mail;
}

char *test_key_zone(const TestKey *key, const char *domain)
{
    char *record = mailauth_key_record(key->key);
    char *zone = g_strdup_printf("s1._domainkey.%s. 300 IN TXT \"%.200s\" \"%s\"\n", domain, record,
        strlen(record) > 200 ? record + 200 : "");
    free(record);
    return zone;
}

mailauth_report *test_check_from(const char *zone, const char *mail, size_t length, const char *client_ip,
    const char *mail_from)
{
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), &error);
    if (resolver == NULL)
        g_error("%s", error);
    mailauth *context = mailauth_new(resolver, NULL);
    mailauth_envelope envelope
        = { .client_ip = client_ip, .helo = "mx.example.org", .mail_from = mail_from, .now = TEST_NOW };
    mailauth_report *report = mailauth_check(context, mail, length, &envelope);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    return report;
}

mailauth_report *test_check(const char *zone, const char *mail, size_t length)
{
    return test_check_from(zone, mail, length, NULL, NULL);
}
