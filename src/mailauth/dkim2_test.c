/* DKIM2: chains made here, hop by hop, with keys of the test's own; the canonical texts are written out by hand. */
#include "dkim2_recipe.h"
#include "json.h"
#include "signing_key.h"
#include "test_world.h"

#include <stdlib.h>
#include <string.h>

/* ---- A chain ---- */

typedef struct Chain {
    mailauth_key *key; /* of all hops */
    GString *instances, *signatures; /* as they go into the header */
    GString *signed_instances, *signed_signatures; /* as they are signed: no white space, small names */
} Chain;

static void chain_init(Chain *chain)
{
    *chain = (Chain){ mailauth_key_generate("ed25519"), g_string_new(""), g_string_new(""), g_string_new(""),
        g_string_new("") };
}

static void chain_done(Chain *chain)
{
    mailauth_key_free(chain->key);
    g_string_free(chain->instances, TRUE);
    g_string_free(chain->signatures, TRUE);
    g_string_free(chain->signed_instances, TRUE);
    g_string_free(chain->signed_signatures, TRUE);
}

static char *sha256(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    return g_base64_encode(digest, length);
}

static char *base64(const char *text)
{
    return g_base64_encode((const guchar *)text, strlen(text));
}

/* `header`: the canonical text of the fields. */
static void add_instance(Chain *chain, int number, const char *header, const char *body, const char *recipe)
{
    g_autofree char *header_hash = sha256(header), *body_hash = sha256(body);
    g_autofree char *encoded = recipe == NULL ? NULL : base64(recipe);
    g_autofree char *r = encoded == NULL ? g_strdup("") : g_strdup_printf("r=%s;", encoded);
    g_string_append_printf(chain->instances, "Message-Instance: m=%d;\r\n\th=sha256:%s:%s; %s\r\n", number, header_hash,
        body_hash, r);
    g_string_append_printf(chain->signed_instances, "message-instance:m=%d;h=sha256:%s:%s;%s\r\n", number, header_hash,
        body_hash, r);
}

/* EdDSA over the SHA-256 of what is signed (§3.3). */
static char *sign(const Chain *chain, const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    ma_arena *arena = ma_arena_new();
    char *signature = g_strdup(ma_sign_digest(arena, chain->key, digest));
    ma_arena_free(arena);
    return signature;
}

/* `more`: tags to add, each with its ";". */
static void add_signature_at(Chain *chain, int number, int instance, const char *domain, const char *from, const char *to,
    const char *more, int64_t when)
{
    g_autofree char *mf = base64(from), *rt = base64(to);
    g_autofree char *tags = g_strdup_printf("i=%d;m=%d;t=%" G_GINT64_FORMAT ";d=%s;mf=%s;rt=%s;%s", number, instance,
        when, domain, mf, rt, more);
    g_auto(GStrv) words = g_strsplit(tags, " ", -1);
    g_autofree char *tight = g_strjoinv("", words);
    g_autofree char *text = g_strdup_printf("%s%sdkim2-signature:%ss=s1:ed25519-sha256:;\r\n",
        chain->signed_instances->str, chain->signed_signatures->str, tight);
    g_autofree char *signature = sign(chain, text);
    g_string_append_printf(chain->signatures, "DKIM2-Signature: %s\r\n s=s1:ed25519-sha256:%.40s\r\n\t%s;\r\n", tags,
        signature, signature + 40);
    g_string_append_printf(chain->signed_signatures, "dkim2-signature:%ss=s1:ed25519-sha256:%s;\r\n", tight, signature);
}

static void add_signature(Chain *chain, int number, int instance, const char *domain, const char *from, const char *to,
    const char *more)
{
    add_signature_at(chain, number, instance, domain, from, to, more, TEST_NOW);
}

static const char *const TO_LIST[] = { "list@Lists.example", NULL }, *const TO_READER[] = { "reader@end.example", NULL };

typedef struct Expected {
    mailauth_result result;
    const char *reason;
} Expected;

static void check_with(const Chain *chain, const char *message, const char *mail_from, const char *const *recipients,
    mailauth_dkim2_mode mode, Expected expected)
{
    g_autofree char *record = mailauth_key_record(chain->key);
    g_autofree char *zone = g_strdup_printf("s1._domainkey.a.example. TXT \"%s\"\ns1._domainkey.lists.example. TXT \"%s\"\n"
                                            "s1._domainkey.sha1.example. TXT \"h=sha1; %s\"\n$ANSWER s1._domainkey.slow.example. TXT timeout\n",
        record, record, strstr(record, "k="));
    g_autofree char *mail = g_strconcat(chain->signatures->str, chain->instances->str, message, NULL);
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), NULL);
    mailauth_options options = { .dkim2 = mode };
    mailauth *context = mailauth_new(resolver, &options);
    mailauth_envelope envelope = { .mail_from = mail_from, .recipients = recipients, .now = TEST_NOW };
    g_autoptr(mailauth_report) report = mailauth_check(context, mail, strlen(mail), &envelope);
    g_assert_cmpstr(report->dkim2.reason, ==, expected.reason);
    g_assert_cmpint(report->dkim2.result, ==, expected.result);
    g_assert_cmpint(report->vouched.by, ==, MAILAUTH_BY_NOBODY);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
}

static void check(const Chain *chain, const char *message, const char *mail_from, const char *const *recipients,
    mailauth_result result, const char *reason)
{
    check_with(chain, message, mail_from, recipients, MAILAUTH_DKIM2_ON, (Expected){ result, reason });
}

static const char FIELDS[] = "from:a@a.example\r\nsubject:Hello you\r\n", BODY[] = "One\r\nTwo\r\n";
static const char MAIL[] = "X-Trace: not signed\r\nSUBJECT:  Hello\r\n\tyou \r\nFrom: a@a.example\r\n\r\nOne\r\nTwo\r\n\r\n";

static void chain_of_one(Chain *chain, const char *more)
{
    chain_init(chain);
    add_instance(chain, 1, FIELDS, BODY, NULL);
    add_signature(chain, 1, 1, "a.example", "<me@a.example>", "<list@lists.example>", more);
}

/* ---- One hop ---- */

static void test_one_hop(void)
{
    Chain chain;
    chain_of_one(&chain, "");
    check(&chain, MAIL, "me@A.example", TO_LIST, MAILAUTH_PASS, "the chain is good");
    check(&chain, MAIL, "Me@a.example", TO_LIST, MAILAUTH_PERMERROR, "DKIM2-Signature i=1 MAIL FROM did not match");
    check(&chain, MAIL, "me@a.example", TO_READER, MAILAUTH_PERMERROR, "DKIM2-Signature i=1 RCPT TO did not match");
    check(&chain, MAIL, NULL, NULL, MAILAUTH_POLICY,
        "the chain is good, but without its envelope the message could be a replay");
    check_with(&chain, MAIL, "me@a.example", TO_LIST, MAILAUTH_DKIM2_OFF,
        (Expected){ MAILAUTH_NONE, "DKIM2 was not asked for" });
    check(&chain, "From: a@a.example\r\nSubject: Hello you\r\nTo: x@y.example\r\n\r\nOne\r\nTwo\r\n", "me@a.example", TO_LIST,
        MAILAUTH_FAIL, "Message-Instance m=1 header hash sha256 mismatch");
    check(&chain, "From: a@a.example\r\nSubject: Hello you\r\n\r\nOne\r\nTwo \r\n", "me@a.example", TO_LIST, MAILAUTH_FAIL,
        "Message-Instance m=1 body hash sha256 mismatch");
    g_string_overwrite(chain.instances, 20, "2");
    check(&chain, MAIL, "me@a.example", TO_LIST, MAILAUTH_PERMERROR, "Message-Instance m=1 missing");
    chain_done(&chain);
}

static void test_forged(void)
{
    Chain chain;
    chain_of_one(&chain, "");
    char *at = strstr(chain.signatures->str, "ed25519-sha256:") + strlen("ed25519-sha256:");
    *at = *at == 'A' ? 'B' : 'A';
    check(&chain, MAIL, "me@a.example", TO_LIST, MAILAUTH_FAIL, "DKIM2-Signature i=1 public key s1: incorrect signature");
    chain_done(&chain);
}

static void test_times(void)
{
    static const struct {
        int64_t when;
        mailauth_result result;
        const char *reason;
    } CASES[] = {
        { TEST_NOW - 14 * 86400, MAILAUTH_PASS, "the chain is good" },
        { TEST_NOW - 14 * 86400 - 1, MAILAUTH_PERMERROR, "DKIM2-Signature i=1 signature expired" },
        { TEST_NOW + 3600, MAILAUTH_PASS, "the chain is good" },
        { TEST_NOW + 3601, MAILAUTH_PERMERROR, "DKIM2-Signature i=1 signature dated in the future" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Chain chain;
        chain_init(&chain);
        add_instance(&chain, 1, FIELDS, BODY, NULL);
        add_signature_at(&chain, 1, 1, "a.example", "<me@a.example>", "<list@lists.example>", "", CASES[i].when);
        check(&chain, MAIL, "me@a.example", TO_LIST, CASES[i].result, CASES[i].reason);
        chain_done(&chain);
    }
}

static void test_keys(void)
{
    static const struct {
        const char *domain;
        mailauth_result result;
        const char *reason;
    } CASES[] = {
        { "none.example", MAILAUTH_PERMERROR, "DKIM2-Signature i=1 public key s1: there is no such name" },
        { "sha1.example", MAILAUTH_PASS, "the chain is good" },
        { "slow.example", MAILAUTH_TEMPERROR, "DKIM2-Signature i=1 public key s1: no answer came in time" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Chain chain;
        g_autofree char *from = g_strdup_printf("me@%s", CASES[i].domain), *path = g_strdup_printf("<%s>", from);
        chain_init(&chain);
        add_instance(&chain, 1, FIELDS, BODY, NULL);
        add_signature(&chain, 1, 1, CASES[i].domain, path, "<list@lists.example>", "");
        check(&chain, MAIL, from, TO_LIST, CASES[i].result, CASES[i].reason);
        chain_done(&chain);
    }
}

/* What a signature field must hold and may not. */
static void test_syntax(void)
{
    static const struct {
        const char *field, *reason;
    } CASES[] = {
        { "i=0; m=1;", "i=0 syntax error: i= is missing or not a number" },
        { "i=1; I=1;", "i=0 syntax error: it has the same tag twice" },
        { "i=1; m=x;", "i=1 syntax error: m= is missing or not a number" },
        { "i=1; m=1; t=-1;", "i=1 syntax error: t= is missing or not a time" },
        { "i=1; m=1; t=1; d=..;", "i=1 syntax error: d= is missing or not a domain name" },
        { "i=1; m=1; t=1; d=a.example;", "i=1 syntax error: mf= is missing" },
        { "i=1; m=1; t=1; d=a.example; mf=PD4=", "i=1 syntax error: rt= is missing" },
        { "i=1; m=1; t=1; d=a.example; mf=PD4; rt=PD4=", "i=1 syntax error: mf=: it is not base64" },
        { "i=1; m=1; t=1; d=a.example; mf=PD4=; rt=PD4=", "i=1 syntax error: rt=: it holds no address" },
        { "i=1; m=1; t=1; d=a.example; mf=YUBi; rt=YUBi", "i=1 syntax error: mf=: its angle brackets are missing" },
        { "i=1; m=1; t=1; d=a.example; nd=b.example; mf=PD4=", "i=1 syntax error: nd= stands beside mf= or rt=" },
        { "i=1; m=1; t=1; d=a.example; nd=b.example; n=a b", "i=1 syntax error: n= holds something that is not printable ASCII" },
        { "i=1; m=1; t=1; d=a.example; nd=b.example", "i=1 syntax error: s= is missing" },
        { "i=1; m=1; t=1; d=a.example; nd=b.example; s=", "i=1 syntax error: s= is not selector:algorithm:signature" },
        { "i=1; m=1; t=1; d=a.example; nd=b.example; s=a:b:", "i=1 syntax error: s= holds a signature that is not base64" },
        { "i=2; m=1; t=1; d=a.example; nd=b.example; s=a:b:YUBi", "i=1 missing" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Chain chain;
        chain_init(&chain);
        add_instance(&chain, 1, FIELDS, BODY, NULL);
        g_string_printf(chain.signatures, "DKIM2-Signature: %s\r\n", CASES[i].field);
        g_autofree char *reason = g_strdup_printf("DKIM2-Signature %s", CASES[i].reason);
        check(&chain, MAIL, "me@a.example", TO_LIST, MAILAUTH_PERMERROR, reason);
        chain_done(&chain);
    }
}

/* ---- Two hops ---- */

static const char LIST_FIELDS[] = "from:a@a.example\r\nlist-id:<l>\r\nsubject:[l] Hello you\r\n";
static const char LIST_BODY[] = "Two\r\nfooter\r\n";
static const char LIST_MAIL[] = "List-Id: <l>\r\nSubject: [l] Hello you\r\nFrom: a@a.example\r\n\r\nTwo\r\nfooter\r\n";
static const char LIST_RECIPE[] = "{\"h\":{\"list-id\":[],\"Subject\":[{\"d\":[\"Hello  y\\u006fu\"]}],\"x\":[]},"
                                  "\"b\":[{\"d\":[\"One\"]},{\"c\":[1,1],\"note\":[{}]}],\"later\":{\"a\":[1,{}]}}";

static void chain_of_two(Chain *chain, const char *first, const char *recipe, const char *second)
{
    chain_of_one(chain, first);
    add_instance(chain, 2, LIST_FIELDS, LIST_BODY, recipe);
    add_signature(chain, 2, 2, "lists.example", "<bounce@b.lists.example>", "<reader@end.example>", second);
}

static void test_two_hops(void)
{
    static const struct {
        const char *first, *recipe, *second;
        mailauth_result result;
        const char *reason;
    } CASES[] = {
        { "", LIST_RECIPE, "f=exploded , new;", MAILAUTH_PASS, "the chain is good" },
        { "", "{\"h\":{\"list-id\":[],\"subject\":[{\"d\":[\"Hello you\"]}]},\"b\":null}", "", MAILAUTH_PASS,
            "the chain is good; how the body looked before it was changed is not known" },
        { "f=donotmodify;", LIST_RECIPE, "", MAILAUTH_FAIL, "Message has been modified despite a donotmodify request" },
        { "f=donotexplode;", LIST_RECIPE, "f=exploded;", MAILAUTH_FAIL,
            "Message has been exploded despite a donotexplode request" },
        { "", NULL, "", MAILAUTH_FAIL, "Message-Instance m=1 header hash sha256 mismatch" },
        { "", "{\"h\":{\"list-id\":[{\"c\":[1,2]}]}}", "", MAILAUTH_FAIL,
            "Message-Instance m=2 its recipe asks for fields that are not there" },
        { "", "{\"b\":[{\"c\":[2,3]}]}", "", MAILAUTH_FAIL, "Message-Instance m=2 its recipe asks for lines that are not there" },
        { "", "{\"b\":[{\"c\":[2,2]},{\"c\":[1,1]}]}", "", MAILAUTH_PERMERROR,
            "Message-Instance m=2 syntax error: the recipe's ranges do not rise" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Chain chain;
        chain_of_two(&chain, CASES[i].first, CASES[i].recipe, CASES[i].second);
        check(&chain, LIST_MAIL, "bounce@b.lists.example", TO_READER, CASES[i].result, CASES[i].reason);
        chain_done(&chain);
    }
}

/* The second hop must come from where the first one sent it. */
static void test_custody(void)
{
    Chain chain;
    chain_of_one(&chain, "");
    add_signature(&chain, 2, 1, "a.example", "<me@a.example>", "<reader@end.example>", "");
    check(&chain, MAIL, "me@a.example", TO_READER, MAILAUTH_PERMERROR,
        "DKIM2-Signature i=2 does not come from where i=1 went to");
    chain_done(&chain);
    chain_of_one(&chain, "");
    add_signature(&chain, 2, 1, "lists.example", "<me@a.example>", "<reader@end.example>", "");
    check(&chain, MAIL, "me@a.example", TO_READER, MAILAUTH_PERMERROR,
        "DKIM2-Signature i=2 MAIL FROM and d= do not match");
    chain_done(&chain);
}

/* Fields may be added under donotmodify (§8.10). */
static void test_adding_is_no_change(void)
{
    Chain chain;
    chain_of_one(&chain, "f=donotmodify;");
    add_instance(&chain, 2, "from:a@a.example\r\nlist-id:<l>\r\nsubject:Hello you\r\n", BODY, "{\"h\":{\"list-id\":[]}}");
    add_signature(&chain, 2, 2, "lists.example", "<b@lists.example>", "<reader@end.example>", "");
    g_autofree char *mail = g_strconcat("List-Id: <l>\r\n", MAIL, NULL);
    check(&chain, mail, "b@lists.example", TO_READER, MAILAUTH_PASS, "the chain is good");
    chain_done(&chain);
}

/* ---- Recipes and JSON ---- */

static void test_recipe_errors(void)
{
    static const struct {
        const char *json, *trouble;
    } CASES[] = {
        { "", "the recipe is not one" },
        { "{}", "the recipe is not one" },
        { "{\"h\":{}} x", "the recipe is not one" },
        { "{\"h\":{},\"h\":{}}", "the recipe is not one" },
        { "{\"h\":{\"a\":[],\"A\":[]}}", "the recipe names a field twice" },
        { "{\"h\":{\"a b\":[]}}", "the recipe is not one" },
        { "{\"b\":[{}]}", "the recipe is not one" },
        { "{\"b\":[{\"c\":[1,1],\"d\":[]}]}", "the recipe is not one" },
        { "{\"b\":[{\"c\":[0,1]}]}", "the recipe's ranges do not rise" },
        { "{\"b\":[{\"c\":[1,01]}]}", "the recipe is not one" },
        { "{\"b\":[{\"d\":[\"a\\r\\nb\"]}]}", "the recipe has a line end inside a line" },
        { "{\"b\":[{\"d\":[\"\\ud800\"]}]}", "the recipe is not one" },
        { "{\"b\":[{\"d\":[\"a\nb\"]}]}", "the recipe is not one" },
        { "{\"b\":[],\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "the recipe is not one" },
        { "{\"b\":[],}", "the recipe is not one" },
        { "{\"b\":[],\"x\":[\"\\ud83d\\ude00\",-1.5e3,true,{\"k\":null}]}", NULL },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        ma_arena *arena = ma_arena_new();
        ma_recipe recipe;
        g_assert_cmpstr(ma_recipe_read(arena, ma_span_of(CASES[i].json), &recipe), ==, CASES[i].trouble);
        ma_arena_free(arena);
    }
}

static void test_json_strings(void)
{
    ma_arena *arena = ma_arena_new();
    ma_json json = ma_json_new(arena, MA_SPAN(" \"a \\\\\\\"\\/\\b\\t \\u00e9\\u20ac\\ud83d\\ude00 \" "));
    ma_span text;
    g_assert_true(ma_json_string(&json, &text));
    g_assert_cmpmem(text.at, text.length, "a \\\"/\b\t \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 ", 18);
    g_assert_true(ma_json_done(&json));
    ma_arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailauth/dkim2/one-hop", test_one_hop);
    g_test_add_func("/mailauth/dkim2/forged", test_forged);
    g_test_add_func("/mailauth/dkim2/times", test_times);
    g_test_add_func("/mailauth/dkim2/keys", test_keys);
    g_test_add_func("/mailauth/dkim2/syntax", test_syntax);
    g_test_add_func("/mailauth/dkim2/two-hops", test_two_hops);
    g_test_add_func("/mailauth/dkim2/custody", test_custody);
    g_test_add_func("/mailauth/dkim2/adding-is-no-change", test_adding_is_no_change);
    g_test_add_func("/mailauth/dkim2/recipe-errors", test_recipe_errors);
    g_test_add_func("/mailauth/dkim2/json-strings", test_json_strings);
    return g_test_run();
}
