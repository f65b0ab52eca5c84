#include "trust/partner.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "trust/jws.h"

#define GUID_1 "0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70"
#define GUID_2 "0190E8A1-3C5E-7B6A-9D0F-2B1C4D5E6F71"

static const char static_partner[] = "{\"originator\":\"biller-1\",\"name\":\"Water Works\",\"state\":\"approved\","
    "\"addresses\":[\"Bills@Water.example\"],\"payment_request_url\":\"https://water.example/request\","
    "\"payment_complete_url\":\"https://water.example/complete\",\"processor\":\"stripe\",\"processor_account\":\"acct_1\","
    "\"processor_url\":\"https://api.stripe.com\",\"networks\":[\"visa\",\"AMEX\"],\"merchants\":[{\"merchant_id\":\"" GUID_1 "\","
    "\"display_id\":\"" GUID_2 "\",\"legal_name\":\"Water Works plc\",\"verified_by\":\"ann@example.com\","
    "\"verified_at\":\"2026-11-01T09:00:00Z\",\"verified_how\":\"company register\",\"state\":\"approved\"}]}";

static json_t *example(void)
{
    json_t *json = json_loads(static_partner, 0, NULL);
    g_assert_nonnull(json);
    return json;
}

static void test_read(void)
{
    JSON_AUTO *json = example();
    g_autoptr(GError) error = NULL;
    g_autoptr(Partner) partner = partner_from_json(json, &error);
    g_assert_no_error(error);
    g_assert_cmpint(partner->state, ==, PARTNER_APPROVED);
    g_assert_cmpstr(partner->addresses->pdata[0], ==, "bills@water.example");
    g_assert_cmpuint(partner->networks->len, ==, 2);
    g_assert_cmpstr(partner->networks->pdata[1], ==, "amex");
    g_assert_cmpuint(partner->types->len, ==, 3); /* nothing said: all */
    g_assert_false(partner->dynamic_sender);
    const Merchant *merchant = partner_find_merchant(partner, "0190E8A1-3C5E-7B6A-9D0F-2B1C4D5E6F70", GUID_2);
    g_assert_nonnull(merchant);
    g_assert_cmpstr(merchant->legal_name, ==, "Water Works plc");
    g_assert_null(partner_find_merchant(partner, GUID_1, GUID_1));
}

/* Everything set: read, written and read again, it is the same. */
static void test_round_trip(void)
{
    JSON_AUTO *key = jwk_generate("ES256", NULL);
    JSON_AUTO *json = example();
    json_object_set_new(json, "dynamic_sender", json_true());
    json_object_set_new(json, "domains", json_pack("[s]", "post.water.example"));
    json_object_set_new(json, "jwks", json_pack("{s:[o]}", "keys", jwk_public(key)));
    json_put_text(json, "jwks_uri", "https://water.example/jwks.json");
    static const char *const flags[] = { "requires_kid", "requires_audience", "requires_jti", "written_for_old_service" };
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        json_put_flag(json, flags[i], true);
    json_object_set_new(json, "test_recipients", json_pack("[s]", "tester@example.com"));
    g_autoptr(GError) error = NULL;
    g_autoptr(Partner) first = partner_from_json(json, &error);
    g_assert_no_error(error);
    g_assert_true(first->requires_kid && first->requires_audience && first->requires_jti && first->written_for_old_service);
    JSON_AUTO *written = partner_to_json(first);
    g_autoptr(Partner) second = partner_from_json(written, &error);
    g_assert_no_error(error);
    JSON_AUTO *again = partner_to_json(second);
    g_assert_true(json_equal(written, again));
    g_assert_true(json_equal(json_object_get(json, "jwks"), json_object_get(written, "jwks")));
    g_assert_cmpuint(json_object_size(written), ==, 21);
}

/* One member changed (or, with NULL, taken away): the error names it. A value is JSON text. */
static const struct { const char *member, *value, *names; } bad[] = {
    { "originator", NULL, "\"originator\" must be there" },
    { "originator", "\"\"", "\"originator\"" },
    { "originator", "\"two words\"", "visible ASCII" },
    { "originator", "7", "\"originator\"" },
    { "name", NULL, "\"name\"" },
    { "name", "\"line\\nbreak\"", "control characters" },
    { "state", "\"aproved\"", "pending, test, approved or suspended" },
    { "state", "true", "\"state\"" },
    { "dynamic_sender", "\"yes\"", "true or false" },
    { "dynamic_sender", "true", "\"domains\"" },
    { "addresses", "[]", "static sender" },
    { "addresses", "\"bills@water.example\"", "list" },
    { "addresses", "[\"water.example\"]", "mail address" },
    { "addresses", "[\"a@b@water.example\"]", "mail address" },
    { "addresses", "[\"bills@w\xC3\xA4ter.example\"]", "ASCII form" },
    { "addresses", "[7]", "\"addresses\"" },
    { "domains", "[\"com\"]", "domain" },
    { "domains", "[\"-x.example\"]", "domain" },
    { "domains", "[\"x..example\"]", "domain" },
    { "jwks", "{\"keys\":7}", "\"jwks\"" },
    { "jwks", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "private or shared key" },
    { "jwks", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}]}", "key 1" },
    { "jwks", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"d\":\"AAAA\"}]}", "private" },
    { "jwks_uri", "\"http://water.example/jwks\"", "\"jwks_uri\" must be an https" },
    { "requires_kid", "1", "true or false" },
    { "payment_request_url", NULL, "\"payment_request_url\"" },
    { "payment_request_url", "\"http://water.example/\"", "https" },
    { "payment_request_url", "\"http://127.0.0.1:8090/\"", "https" }, /* approved, and not the sandbox's */
    { "payment_request_url", "\"ftp://water.example/\"", "https" },
    { "payment_request_url", "\"https://user:secret@water.example/\"", "user name" },
    { "payment_request_url", "\"https:///path\"", "https" },
    { "payment_request_url", "\"water.example\"", "https" },
    { "payment_complete_url", "null", "\"payment_complete_url\"" },
    { "processor", NULL, "\"processor\"" },
    { "processor_url", "\"javascript:alert(1)\"", "\"processor_url\"" },
    { "networks", "[\"maestro\"]", "visa" },
    { "types", "[\"gift\"]", "credit" },
    { "test_recipients", "[\"nobody\"]", "mail address" },
    { "merchants", "{}", "list" },
    { "merchants", "[7]", "merchant 1" },
    { "merchants", "[{\"merchant_id\":\"x\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"n\"}]", "GUID" },
    { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_2 "\"}]", "legal_name" },
    { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"n\",\"state\":\"approved\"}]", "verified_by" },
    { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"n\",\"verified_at\":\"once\"}]", "verified_at" },
    { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"n\",\"approved\":true}]", "unknown member \"approved\"" },
    { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"n\"},"
        "{\"merchant_id\":\"0190E8A1-3C5E-7B6A-9D0F-2B1C4D5E6F70\",\"display_id\":\"" GUID_2 "\",\"legal_name\":\"m\"}]", "merchant 2" },
    { "require_kid", "true", "unknown member \"require_kid\"" }, /* a misspelt safeguard must not pass unnoticed */
};

static void test_refused(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        JSON_AUTO *json = example();
        if (bad[i].value == NULL)
            json_object_del(json, bad[i].member);
        else
            g_assert_cmpint(json_object_set_new(json, bad[i].member, json_loads(bad[i].value, JSON_DECODE_ANY, NULL)), ==, 0);
        g_autoptr(GError) error = NULL;
        g_autoptr(Partner) partner = partner_from_json(json, &error);
        if (partner != NULL)
            g_error("%s = %s was accepted", bad[i].member, bad[i].value);
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
        if (strstr(error->message, bad[i].names) == NULL)
            g_error("%s = %s gave: %s", bad[i].member, bad[i].value, error->message);
    }
    JSON_AUTO *list = json_array();
    g_autoptr(GError) error = NULL;
    g_assert_null(partner_from_json(list, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
}

/* Plain HTTP: to this machine alone, and only where no money can move. */
static void test_plain_http(void)
{
    static const char *const hosts[] = { "127.0.0.1:8090", "[::1]", "localhost:1" };
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++)
        for (int test_state = 0; test_state < 2; test_state++) {
            JSON_AUTO *json = example();
            g_autofree char *url = g_strdup_printf("http://%s/request", hosts[i]);
            json_put_text(json, "payment_request_url", url);
            json_put_text(json, "state", test_state ? "test" : "approved");
            json_put_text(json, "processor", test_state ? "stripe" : "sandbox");
            g_autoptr(GError) error = NULL;
            g_autoptr(Partner) partner = partner_from_json(json, &error);
            g_assert_no_error(error);
        }
    static const char *const others[] = { "http://127.0.0.1.example/", "http://localhost.example/", "http://10.0.0.1/", "http://0.0.0.0/" };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        JSON_AUTO *json = example();
        json_put_text(json, "processor", "sandbox");
        json_put_text(json, "payment_request_url", others[i]);
        g_assert_null(partner_from_json(json, NULL));
    }
}

static void test_registry(void)
{
    JSON_AUTO *one = example(), *two = example();
    json_put_text(two, "originator", "biller-2");
    JSON_AUTO *file = json_pack("{s:[O,O]}", "partners", one, two);
    g_autoptr(GError) error = NULL;
    g_autoptr(Registry) registry = registry_from_json(file, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(registry_find(registry, "BILLER-2")->originator, ==, "biller-2");
    g_assert_null(registry_find(registry, "biller-3"));
    json_put_text(two, "originator", "Biller-1");
    g_assert_null(registry_from_json(file, &error));
    g_assert_nonnull(strstr(error->message, "two partners"));
    g_clear_error(&error);
    json_put_text(two, "name", "");
    g_assert_null(registry_from_json(file, &error));
    g_assert_nonnull(strstr(error->message, "partner number 2"));
    g_clear_error(&error);
    g_assert_null(registry_from_json(one, &error));
    g_assert_nonnull(strstr(error->message, "{\"partners\":["));
    g_autoptr(Registry) empty = registry_new();
    g_assert_null(registry_find(empty, "biller-1"));
}

/* One address, one domain, one merchant: one partner. A partner's own record may be replaced. */
static void test_admits(void)
{
    static const struct { const char *member, *value, *says; } changes[] = {
        { "addresses", "[\"new@water.example\",\"BILLS@water.example\"]", "the sender address bills@water.example" },
        { "domains", "[\"Post.water.example\"]", "the domain post.water.example" },
        { "merchants", "[{\"merchant_id\":\"0190E8A1-3C5E-7B6A-9D0F-2B1C4D5E6F70\",\"display_id\":\"" GUID_2
            "\",\"legal_name\":\"Mallory\"}]", "display ids of merchant" },
        { "merchants", "[{\"merchant_id\":\"" GUID_1 "\",\"display_id\":\"" GUID_1 "\",\"legal_name\":\"Other\"}]", NULL },
    };
    JSON_AUTO *first = example(), *other = example();
    json_object_set_new(first, "domains", json_pack("[s]", "post.water.example"));
    JSON_AUTO *file = json_pack("{s:[O]}", "partners", first);
    g_autoptr(GError) error = NULL;
    g_autoptr(Registry) registry = registry_from_json(file, &error);
    g_assert_no_error(error);
    g_assert_true(registry_admits(registry, registry->partners->pdata[0], NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        json_put_text(other, "originator", "biller-2");
        json_object_set_new(other, "addresses", json_pack("[s]", "a@other.example"));
        json_object_del(other, "domains");
        json_object_set_new(other, "merchants", json_array());
        json_object_set_new(other, changes[i].member, json_loads(changes[i].value, 0, NULL));
        g_autoptr(Partner) partner = partner_from_json(other, &error);
        g_assert_no_error(error);
        g_autoptr(GError) refusal = NULL;
        g_assert_cmpint(registry_admits(registry, partner, &refusal), ==, changes[i].says == NULL);
        if (changes[i].says == NULL)
            continue;
        g_assert_error(refusal, SALDO_ERROR, SALDO_ERROR_CONFLICT);
        const char *const named[] = { changes[i].says, "biller-1", "biller-2" };
        for (size_t k = 0; k < G_N_ELEMENTS(named); k++)
            g_assert_nonnull(strstr(refusal->message, named[k]));
    }
}

static void test_state_names(void)
{
    for (int state = PARTNER_PENDING; state <= PARTNER_SUSPENDED; state++) {
        PartnerState read;
        g_assert_true(partner_state_from_name(span_of(partner_state_name((PartnerState)state)), &read));
        g_assert_cmpint(read, ==, state);
    }
    PartnerState unset = PARTNER_TEST;
    g_assert_false(partner_state_from_name(SPAN("live"), &unset));
    g_assert_cmpint(unset, ==, PARTNER_TEST);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/partner/read", test_read);
    g_test_add_func("/partner/round-trip", test_round_trip);
    g_test_add_func("/partner/refused", test_refused);
    g_test_add_func("/partner/plain-http", test_plain_http);
    g_test_add_func("/partner/registry", test_registry);
    g_test_add_func("/partner/admits", test_admits);
    g_test_add_func("/partner/state-names", test_state_names);
    return g_test_run();
}
