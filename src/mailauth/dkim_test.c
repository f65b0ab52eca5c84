/* DKIM signing and verifying: what is signed verifies, the published example verifies, and nothing else does. */
#include "base64.h"
#include "dkim_verify.h"
#include "signing_key.h"
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN "brightforge.example"

static const char MESSAGE[] = "From: Brightforge Billing <billing@brightforge.example>\r\n"
                              "To: Anna <anna@payer.example>\r\n"
                              "Subject: Invoice  2026-118\r\n"
                              "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
                              "Message-ID: <118@brightforge.example>\r\n"
                              "\r\n"
                              "Hello Anna,\r\n"
                              "\r\n"
                              "please  pay 42.00 EUR. \r\n"
                              "\r\n\r\n";

/* ---- What passes ---- */

/* Every pair of key kind and canonical forms: [AUTH-001] the aligned signature vouches. */
static void test_sign_and_verify(void)
{
    static const char *const KINDS[] = { "rsa", "ed25519" };
    static const char *const FORMS[] = { "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed" };
    for (size_t kind = 0; kind < G_N_ELEMENTS(KINDS); kind++)
        for (size_t form = 0; form < G_N_ELEMENTS(FORMS); form++) {
            g_autoptr(TestKey) key = test_key_new(KINDS[kind]);
            g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, FORMS[form], NULL);
            g_autofree char *zone = test_key_zone(key, DOMAIN);
            g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
            g_assert_cmpuint(report->dkim_count, ==, 1);
            g_assert_cmpstr(report->dkim[0].reason, ==, "the signature is good");
            g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
            g_assert_true(report->dkim[0].aligned);
            g_assert_cmpstr(report->dkim[0].identity, ==, "@" DOMAIN);
            g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_DKIM);
            g_assert_cmpstr(report->vouched.domain, ==, DOMAIN);
            g_assert_cmpstr(report->from_address, ==, "billing@" DOMAIN);
            g_assert_cmpuint(report->warning_count, ==, 0);
        }
}

/* RFC 8463 Appendix A: one message under an Ed25519 and an RSA key. */
static const char RFC8463_ZONE[]
    = "brisbane._domainkey.football.example.com. TXT ( \"v=DKIM1; k=ed25519; \"\n"
      "  \"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\" )\n"
      "test._domainkey.football.example.com. TXT ( \"v=DKIM1; k=rsa; \"\n"
      "  \"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b\"\n"
      "  \"yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4\"\n"
      "  \"w3QIDAQAB\" )\n";
static const char RFC8463_MAIL[]
    = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
      " date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
      " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
      " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
      "\r\n"
      "Hi.\r\n"
      "\r\n"
      "We lost the game.  Are you hungry yet?\r\n"
      "\r\n"
      "Joe.\r\n";

static void test_rfc8463(void)
{
    g_autoptr(mailauth_report) report = test_check(RFC8463_ZONE, RFC8463_MAIL, strlen(RFC8463_MAIL));
    g_assert_cmpuint(report->dkim_count, ==, 2);
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_cmpstr(report->dkim[0].algorithm, ==, "ed25519-sha256");
    g_assert_cmpint(report->dkim[1].result, ==, MAILAUTH_PASS);
    g_assert_cmpuint(report->dkim[1].key_bits, ==, 1024);
    g_assert_cmpstr(report->dkim[1].reason, ==, "the signature is good; its key is short");
    g_assert_cmpstr(report->vouched.domain, ==, "football.example.com");
}

/* ---- Nothing changed passes ---- */

static void assert_fails(const char *zone, const char *mail, size_t length, const char *what, size_t at)
{
    g_autoptr(mailauth_report) report = test_check(zone, mail, length);
    if (report->vouched.by != MAILAUTH_BY_NOBODY)
        g_error("%s at %zu still passes: %.40s", what, at, mail + at);
}

/* Each byte of a mail under simple/simple, all fields signed: changed, removed, doubled. */
static void test_every_byte_counts(void)
{
    g_autoptr(TestKey) key = test_key_new("rsa");
    g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, "simple/simple", NULL);
    g_autofree char *zone = test_key_zone(key, DOMAIN);
    /* Space in b= and the line end after it are no part of the signature; the empty lines at the end are none of the body. */
    const char *signature = strstr(mail, "\tb=") + 3;
    size_t length = strlen(mail), free_from = (size_t)(signature - mail),
           free_to = (size_t)(strstr(mail, "From: Bright") - mail), core = length - strlen("\r\n\r\n\r\n"),
           empty = (size_t)(strstr(mail, "\r\n\r\n") - mail) + 2;
    g_autofree char *changed = g_malloc(length + 2);
    for (size_t at = 0; at < core; at++) {
        bool space_in_b = at >= free_from && at < free_to && g_ascii_isspace(mail[at]);
        bool empty_line = at == empty; /* without its CR it still ends the header, and is not signed */
        memcpy(changed, mail, length);
        changed[at] ^= 1;
        assert_fails(zone, changed, length, "a changed byte", at);
        if (space_in_b || empty_line)
            continue;
        memcpy(changed + at, mail + at + 1, length - at - 1);
        assert_fails(zone, changed, length - 1, "a removed byte", at);
        memcpy(changed + at, mail + at, 1);
        memcpy(changed + at + 1, mail + at, length - at);
        assert_fails(zone, changed, length + 1, "a doubled byte", at);
    }
    for (size_t shorter = 0; shorter < core; shorter++)
        assert_fails(zone, mail, shorter, "a mail cut", shorter);
}

/* What relaxed form forgives, and simple form does not. */
static void test_forgiven(void)
{
    static const struct {
        const char *from, *to;
        bool relaxed_header, relaxed_body;
    } CHANGES[] = {
        { "Subject: Invoice  2026", "SUBJECT : \t Invoice\r\n\t 2026", true, false },
        { "pay 42.00 EUR. \r\n", "pay \t42.00 EUR.\t \r\n", false, true },
        { "please  pay", "please pay", false, true },
        { "\r\n\r\n\r\n", "\r\n \t\r\n", false, true },
    };
    static const char *const FORMS[] = { "simple/simple", "relaxed/simple", "simple/relaxed", "relaxed/relaxed" };
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *zone = test_key_zone(key, DOMAIN);
    for (size_t form = 0; form < G_N_ELEMENTS(FORMS); form++)
        for (size_t i = 0; i < G_N_ELEMENTS(CHANGES); i++) {
            g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, FORMS[form], NULL);
            g_autoptr(GString) changed = g_string_new(mail);
            g_assert_cmpuint(g_string_replace(changed, CHANGES[i].from, CHANGES[i].to, 1), ==, 1);
            g_autoptr(mailauth_report) report = test_check(zone, changed->str, changed->len);
            bool header = CHANGES[i].relaxed_header && g_str_has_prefix(FORMS[form], "relaxed/");
            bool body = CHANGES[i].relaxed_body && g_str_has_suffix(FORMS[form], "/relaxed");
            g_assert_cmpint(report->dkim[0].result, ==, header || body ? MAILAUTH_PASS : MAILAUTH_FAIL);
        }
}

/* ---- Signature fields of every sort ---- */

typedef struct Case {
    const char *tags;   /* after "v=1; a=ed25519-sha256; c=relaxed/relaxed; s=s1; "; d= is DOMAIN unless given here */
    const char *record; /* how the key record is changed: what stands before p=; NULL: "v=DKIM1; k=ed25519; " */
    mailauth_result result;
    const char *reason; /* its beginning; NULL: any */
} Case;

static const Case CASES[] = {
    { "h=from:to:subject", NULL, MAILAUTH_PASS, "the signature is good" },
    { "h = From :\r\n\tTO : subject ; unknown=x", NULL, MAILAUTH_PASS, NULL },
    { "h=from:from:from:absent:absent", NULL, MAILAUTH_PASS, NULL },
    { "h=from; i=@sub." DOMAIN, NULL, MAILAUTH_PASS, NULL },
    { "h=from; i=jo\r\n\te@" DOMAIN "; t=1", NULL, MAILAUTH_PASS, NULL },
    { "h=from; i=joe@" DOMAIN "; q=dns/txt", NULL, MAILAUTH_PASS, NULL },
    { "h=from; i=@sub." DOMAIN, "v=DKIM1; k=ed25519; t=s; ", MAILAUTH_PERMERROR, "the key allows no subdomain" },
    { "h=from; i=@" DOMAIN, "v=DKIM1; k=ed25519; t=s:x; ", MAILAUTH_PASS, NULL },
    { "h=from", "v=DKIM1; k=ed25519; t=y; ", MAILAUTH_PASS, "the signature is good, but the signer is only testing" },
    { "h=from", "v=DKIM1; k=ed25519; h=sha1; ", MAILAUTH_PERMERROR, "its key is of no use: the key is not for SHA-256" },
    { "h=from", "v=DKIM1; k=ed25519; h=sha1:sha256; ", MAILAUTH_PASS, NULL },
    { "h=from", "v=DKIM1; k=ed25519; s=tlsrpt; ", MAILAUTH_PERMERROR, "its key is of no use: the key is not for mail" },
    { "h=from", "v=DKIM1; k=ed25519; s=other:email; ", MAILAUTH_PASS, NULL },
    { "h=from", "v=DKIM1; k=ed25519; s=*; n=note; ", MAILAUTH_PASS, NULL },
    { "h=from", "v=DKIM2; k=ed25519; ", MAILAUTH_PERMERROR, NULL },
    { "h=from", "k=ed25519; v=DKIM1; ", MAILAUTH_PERMERROR, NULL },
    { "h=from", "k=ed25519; ", MAILAUTH_PASS, NULL },
    { "h=from", "v=DKIM1; k=ed448; ", MAILAUTH_PERMERROR, NULL },
    { "h=from", "v=DKIM1; ", MAILAUTH_PERMERROR, NULL },
    { "h=from; t=1795424000; x=1795424399", NULL, MAILAUTH_FAIL, "the signature has expired" },
    { "h=from; t=1795424000; x=1795424400", NULL, MAILAUTH_PASS, NULL },
    { "h=from; t=1795424400", NULL, MAILAUTH_PASS, NULL },
    { "h=from; t=1795434400", NULL, MAILAUTH_FAIL, "the signature is dated in the future" },
    { "h=from; l=5", NULL, MAILAUTH_POLICY, "only the beginning of the body is signed" },
    { "h=from; l=0", NULL, MAILAUTH_POLICY, "only the beginning of the body is signed" },
    { "h=from; l=99999", NULL, MAILAUTH_FAIL, "the body is shorter than was signed" },
};

/* bh= of the part of the body that l= covers. */
static char *body_hash_for(ma_arena *arena, ma_span body, const char *tags)
{
    uint8_t digest[MA_HASH_BYTES];
    const char *length = strstr(tags, "l=");
    ma_hash hash;
    ma_hash_init(&hash, length == NULL ? UINT64_MAX : strtoull(length + 2, NULL, 10));
    ma_canonical_body(&hash, MA_RELAXED, body);
    ma_hash_done(&hash, digest);
    return ma_base64_encode(arena, (ma_span){ (const char *)digest, sizeof digest });
}

static char *signed_with_tags(ma_arena *arena, const TestKey *key, const char *message, const char *tags)
{
    ma_message read = ma_message_read(arena, ma_span_of(message));
    const char *field = ma_arena_print(arena,
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; s=s1; d=%s; %s;\r\n\tbh=%s; b=", DOMAIN, tags,
        body_hash_for(arena, read.body, tags));
    char *whole = ma_sign_field(arena, key->key, &read, field);
    g_assert_nonnull(whole);
    return ma_arena_print(arena, "%s%s", whole, message);
}

static void test_tags(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    char *record = mailauth_key_record(key->key);
    const char *p = strstr(record, "p=");
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        ma_arena *arena = ma_arena_new();
        const char *mail = signed_with_tags(arena, key, MESSAGE, CASES[i].tags);
        const char *before = CASES[i].record == NULL ? "v=DKIM1; k=ed25519; " : CASES[i].record;
        const char *zone = ma_arena_print(arena, "s1._domainkey.%s. TXT \"%s%s\"\n", DOMAIN, before, p);
        g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
        const mailauth_dkim *dkim = &report->dkim[0];
        g_test_message("%s | %s: %s", CASES[i].tags, before, dkim->reason);
        g_assert_cmpint(dkim->result, ==, CASES[i].result);
        if (CASES[i].reason != NULL)
            g_assert_true(g_str_has_prefix(dkim->reason, CASES[i].reason));
        bool vouches = dkim->result == MAILAUTH_PASS && !dkim->test_mode;
        g_assert_cmpint(report->vouched.by, ==, vouches ? MAILAUTH_BY_DKIM : MAILAUTH_BY_NOBODY);
        g_assert_cmpint(dkim->partial_body, ==, dkim->result == MAILAUTH_POLICY);
        ma_arena_free(arena);
    }
    free(record);
}

/* Fields that are no signatures, whatever their b= holds. */
static void test_refused_fields(void)
{
    static const char BH[] = "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
    static const struct {
        const char *value, *reason;
    } FIELDS[] = {
        { "", "it is empty" },
        { "v=1", "it has no d=" },
        { "v=2; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; %s", "its v= is not 1" },
        { "a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; %s", "its v= is not 1" },
        { "v=1; a=rsa-sha1; d=a.example; s=s; h=from; b=AAAA; %s", "rsa-sha1 proves nothing any more (RFC 8301)" },
        { "v=1; a=rsa-md5; d=a.example; s=s; h=from; b=AAAA; %s", "its algorithm (a=) is not known" },
        { "v=1; a=rsa-sha256; d=a..example; s=s; h=from; b=AAAA; %s", "its d= is not a domain name" },
        { "v=1; a=rsa-sha256; d=a.example; h=from; b=AAAA; %s", "it has no s=" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; b=AAAA; %s", "it has no h=" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=to; b=AAAA; %s", "it does not sign From" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from:; b=AAAA; %s",
            "its h= holds something that is not a field name" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; %s", "it has no b=" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AA*A; %s", "its b= is not base64" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; bh=AAAA", "its bh= is not a SHA-256" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; c=strict; %s", "its c= is not known" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; l=-1; %s", "its l= is not a number" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; i=@b.example; %s", "its i= is not within d=" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; i=@xa.example; %s", "its i= is not within d=" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; t=9; x=8; %s",
            "it expires (x=) before it was made (t=)" },
        { "v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AAAA; q=http; %s", "its key is not in the DNS (q=)" },
        { "v=1; a=rsa-sha256; d=a.example; d=b.example; s=s; h=from; b=AAAA; %s", "it has the same tag twice" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        g_autoptr(GString) mail = g_string_new("DKIM-Signature: ");
        g_string_append(mail, FIELDS[i].value);
        g_string_replace(mail, "%s", BH, 0);
        g_string_append(mail, "\r\nFrom: a@a.example\r\n\r\n");
        g_autoptr(mailauth_report) report = test_check("", mail->str, mail->len);
        g_assert_cmpstr(report->dkim[0].reason, ==, FIELDS[i].reason);
        g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PERMERROR);
    }
}

/* ---- Keys and their look-ups ---- */

static void assert_key_result(const char *mail, const char *zone, mailauth_result wanted, const char *reason)
{
    g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
    g_assert_cmpstr(report->dkim[0].reason, ==, reason);
    g_assert_cmpint(report->dkim[0].result, ==, wanted);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
}

/* Timeout, SERVFAIL and bogus are temporary; absent, revoked and doubled keys are not. */
static void test_key_lookups(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, NULL, NULL);
    g_autofree char *zone = test_key_zone(key, DOMAIN);
    g_autofree char *twice = g_strconcat(zone, zone, NULL);
    g_autofree char *bogus = g_strconcat(zone, "$ANSWER s1._domainkey." DOMAIN ". TXT bogus\n", NULL);
    g_autofree char *beside = g_strconcat(zone, "s1._domainkey." DOMAIN ". TXT \"v=spf1 -all\"\n", NULL);
    assert_key_result(mail, "", MAILAUTH_PERMERROR, "its key is of no use: there is no such name");
    assert_key_result(mail, "s1._domainkey." DOMAIN ". A 192.0.2.1\n", MAILAUTH_PERMERROR,
        "its key is of no use: there is no such record");
    assert_key_result(mail, "s1._domainkey." DOMAIN ". TXT \"v=DKIM1; p=\"\n", MAILAUTH_PERMERROR,
        "its key is of no use: the key was revoked (p= is empty)");
    assert_key_result(mail, twice, MAILAUTH_PERMERROR, "its key is of no use: there is more than one key at its name");
    assert_key_result(mail, bogus, MAILAUTH_TEMPERROR,
        "its key could not be had: its DNSSEC signatures do not verify");
    assert_key_result(mail, "$ANSWER s1._domainkey." DOMAIN ". TXT timeout\n", MAILAUTH_TEMPERROR,
        "its key could not be had: no answer came in time");
    assert_key_result(mail, "$ANSWER s1._domainkey." DOMAIN ". TXT servfail\n", MAILAUTH_TEMPERROR,
        "its key could not be had: the name server failed");
    g_autoptr(mailauth_report) report = test_check(beside, mail, strlen(mail));
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
}

static void test_dnssec_is_reported(void)
{
    g_autoptr(TestKey) key = test_key_new("ed25519");
    g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, NULL, NULL);
    g_autofree char *plain = test_key_zone(key, DOMAIN);
    g_autofree char *zone = g_strconcat(plain, "$ANSWER s1._domainkey." DOMAIN ". TXT secure\n", NULL);
    g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_true(report->dkim[0].dnssec);
}

/* A 768-bit key, whose signature would be good, and other odd keys. */
static void test_odd_keys(void)
{
    static const char SHORT[]
        = "v=DKIM1; p=MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhANKn8Ei+KUKoGLhmIbggGGmUNwsFbJjptT07s4LBZ8wEEP5EhC+E6L//"
          "1OK4j9ZAA4/9k314MX2W7TSsOT5mmhOrOWaAtvM55UupRr0ooR7dBnupCPK3/6061ypNT6yTJQIDAQAB";
    static const struct {
        const char *record, *trouble;
    } RECORDS[] = {
        { SHORT, "the key is shorter than 1024 bits (RFC 8301)" },
        { "v=DKIM1; p=AAAA", "the key's p= is not an RSA key" },
        { "v=DKIM1; p=A*", "the key's p= is not base64" },
        { "v=DKIM1", "the key record has no p=" },
        { "v=DKIM1; k=ed25519; p=AAAA", "the key's p= is not an Ed25519 key" },
        { "just text", "the key record is not a list of tags" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(RECORDS); i++) {
        ma_key_record *record = ma_key_record_read(ma_span_of(RECORDS[i].record));
        g_assert_cmpstr(record->trouble, ==, RECORDS[i].trouble);
        g_assert_null(record->key);
        ma_key_record_free(record);
    }
}

/* A bare RSAPublicKey is taken as well as a SubjectPublicKeyInfo. */
static void test_bare_rsa_key(void)
{
    g_autoptr(TestKey) key = test_key_new("rsa");
    g_autofree char *mail = test_signed(key, MESSAGE, DOMAIN, NULL, NULL);
    char *record = mailauth_key_record(key->key);
    ma_arena *arena = ma_arena_new();
    ma_span info;
    g_assert_true(ma_base64_decode(arena, ma_span_of(strstr(record, "p=") + 2), &info));
    enum { INFO_HEADER_BYTES = 24 }; /* of a 2048-bit key */
    const char *bare
        = ma_base64_encode(arena, (ma_span){ info.at + INFO_HEADER_BYTES, info.length - INFO_HEADER_BYTES });
    const char *zone = ma_arena_print(arena, "s1._domainkey.%s. TXT \"v=DKIM1; p=%s\"\n", DOMAIN, bare);
    g_autoptr(mailauth_report) report = test_check(zone, mail, strlen(mail));
    g_assert_cmpint(report->dkim[0].result, ==, MAILAUTH_PASS);
    g_assert_cmpuint(report->dkim[0].key_bits, ==, 2048);
    ma_arena_free(arena);
    free(record);
}

static void test_keys_that_cannot_sign(void)
{
    g_assert_null(mailauth_key_generate("dsa"));
    g_assert_null(mailauth_key_read("no key", 6));
    g_autoptr(TestKey) key = test_key_new("ed25519");
    mailauth_sign_options options = { .domain = "not a domain", .selector = "s1" };
    g_assert_null(mailauth_dkim_sign(key->key, MESSAGE, strlen(MESSAGE), &options));
    options = (mailauth_sign_options){ .domain = DOMAIN, .selector = "s1", .headers = "To:Subject" };
    g_assert_null(mailauth_dkim_sign(key->key, MESSAGE, strlen(MESSAGE), &options));
    options = (mailauth_sign_options){ .domain = DOMAIN, .selector = "s1", .canonicalization = "odd" };
    g_assert_null(mailauth_dkim_sign(key->key, MESSAGE, strlen(MESSAGE), &options));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/dkim/sign-and-verify", test_sign_and_verify);
    g_test_add_func("/mailauth/dkim/rfc8463", test_rfc8463);
    g_test_add_func("/mailauth/dkim/every-byte-counts", test_every_byte_counts);
    g_test_add_func("/mailauth/dkim/forgiven", test_forgiven);
    g_test_add_func("/mailauth/dkim/tags", test_tags);
    g_test_add_func("/mailauth/dkim/refused-fields", test_refused_fields);
    g_test_add_func("/mailauth/dkim/key-lookups", test_key_lookups);
    g_test_add_func("/mailauth/dkim/dnssec", test_dnssec_is_reported);
    g_test_add_func("/mailauth/dkim/odd-keys", test_odd_keys);
    g_test_add_func("/mailauth/dkim/bare-rsa-key", test_bare_rsa_key);
    g_test_add_func("/mailauth/dkim/keys-that-cannot-sign", test_keys_that_cannot_sign);
    return g_test_run();
}
