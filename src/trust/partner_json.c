/* The onboarding record as JSON, both ways, from one table of members; then what one member cannot see. */
#include <arpa/inet.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"
#include "jwk.h"
#include "partner_parts.h"

enum {
    TEXT_BYTES_MAX = 2048,      /* a URL; names are far shorter */
    LIST_MAX = 1000,            /* addresses, domains, test recipients */
    MERCHANTS_MAX = 10000,      /* an invoicing service registers those its payers meet, not its whole customer base */
    KEYS_MAX = 32,
    PARTNERS_MAX = 10000,
};

typedef enum FieldKind { FIELD_TEXT, FIELD_FLAG, FIELD_STATE, FIELD_TEXTS, FIELD_KEYS, FIELD_MERCHANTS } FieldKind;

typedef struct Field {
    const char *name;
    FieldKind kind;
    size_t offset;
    bool required;
    bool lower_case;
    bool (*check)(const char *text); /* of the text, or of each text of the list; NULL = any text */
    const char *wanted;              /* what `check` asks for, for the message */
} Field;

/* ---- Checks of one text --------------------------------------------------------------------------------- */

static bool is_identifier(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isgraph(text[i]))
            return false;
    return length >= 1 && length <= 128;
}

static bool is_guid(const char *text)
{
    Id id;
    return id_parse(span_of(text), &id);
}

/* At least two labels of letters, digits and hyphens; internationalized names as A-labels. */
static bool is_domain(const char *text)
{
    size_t label = 0, labels = 1, length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.') {
            if (label == 0 || text[i - 1] == '-')
                return false;
            labels++;
            label = 0;
        } else if (!g_ascii_isalnum(text[i]) && (text[i] != '-' || label == 0)) {
            return false;
        } else if (++label > 63) {
            return false;
        }
    }
    return labels >= 2 && label > 0 && text[length - 1] != '-' && length <= 253;
}

/* Of a domain that mail can come from. */
static bool is_address(const char *text)
{
    return text_is_address(text) && is_domain(strchr(text, '@') + 1);
}

static bool is_word_of(const char *text, const char *const *words)
{
    return g_strv_contains(words, text);
}

static const char *const network_words[] = { "visa", "mastercard", "amex", "discover", "diners", "jcb", NULL };
static const char *const type_words[] = { "credit", "debit", "prepaid", NULL };

static bool is_network(const char *text)
{
    return is_word_of(text, network_words);
}

static bool is_card_type(const char *text)
{
    return is_word_of(text, type_words);
}

static bool is_day(const char *text)
{
    int64_t time_us;
    return time_parse_date(span_of(text), &time_us);
}

/* ---- The tables -------------------------------------------------------------------------------------------- */

#define GUID "a GUID such as 0190e8a1-3c5e-7b6a-9d0f-2b1c4d5e6f70"
#define ADDRESS "a mail address (its domain in ASCII form)"

static const Field merchant_fields[] = {
    { "merchant_id", FIELD_TEXT, offsetof(Merchant, merchant_id), true, false, is_guid, GUID },
    { "display_id", FIELD_TEXT, offsetof(Merchant, display_id), true, false, is_guid, GUID },
    { "legal_name", FIELD_TEXT, offsetof(Merchant, legal_name), true, false, NULL, NULL },
    { "verified_by", FIELD_TEXT, offsetof(Merchant, verified_by), false, false, NULL, NULL },
    { "verified_at", FIELD_TEXT, offsetof(Merchant, verified_at), false, false, is_day, "a time such as 2026-11-23T10:00:00Z" },
    { "verified_how", FIELD_TEXT, offsetof(Merchant, verified_how), false, false, NULL, NULL },
    { "state", FIELD_STATE, offsetof(Merchant, state), false, false, NULL, NULL },
};

static const Field partner_fields[] = {
    { "originator", FIELD_TEXT, offsetof(Partner, originator), true, false, is_identifier, "up to 128 visible ASCII characters" },
    { "name", FIELD_TEXT, offsetof(Partner, name), true, false, NULL, NULL },
    { "state", FIELD_STATE, offsetof(Partner, state), false, false, NULL, NULL },
    { "dynamic_sender", FIELD_FLAG, offsetof(Partner, dynamic_sender), false, false, NULL, NULL },
    { "addresses", FIELD_TEXTS, offsetof(Partner, addresses), false, true, is_address, ADDRESS },
    { "domains", FIELD_TEXTS, offsetof(Partner, domains), false, true, is_domain, "a domain in ASCII form such as bills.example.com" },
    { "jwks", FIELD_KEYS, offsetof(Partner, jwks), false, false, NULL, NULL },
    { "jwks_uri", FIELD_TEXT, offsetof(Partner, jwks_uri), false, false, NULL, NULL },
    { "requires_kid", FIELD_FLAG, offsetof(Partner, requires_kid), false, false, NULL, NULL },
    { "requires_audience", FIELD_FLAG, offsetof(Partner, requires_audience), false, false, NULL, NULL },
    { "requires_jti", FIELD_FLAG, offsetof(Partner, requires_jti), false, false, NULL, NULL },
    { "payment_request_url", FIELD_TEXT, offsetof(Partner, payment_request_url), true, false, NULL, NULL },
    { "payment_complete_url", FIELD_TEXT, offsetof(Partner, payment_complete_url), true, false, NULL, NULL },
    { "processor", FIELD_TEXT, offsetof(Partner, processor), true, false, is_identifier, "a processor's name such as sandbox" },
    { "processor_account", FIELD_TEXT, offsetof(Partner, processor_account), false, false, NULL, NULL },
    { "processor_url", FIELD_TEXT, offsetof(Partner, processor_url), true, false, NULL, NULL },
    { "networks", FIELD_TEXTS, offsetof(Partner, networks), false, true, is_network, "visa, mastercard, amex, discover, diners or jcb" },
    { "types", FIELD_TEXTS, offsetof(Partner, types), false, true, is_card_type, "credit, debit or prepaid" },
    { "written_for_old_service", FIELD_FLAG, offsetof(Partner, written_for_old_service), false, false, NULL, NULL },
    { "test_recipients", FIELD_TEXTS, offsetof(Partner, test_recipients), false, true, is_address, ADDRESS },
    { "merchants", FIELD_MERCHANTS, offsetof(Partner, merchants), false, false, NULL, NULL },
};

static void *member_of(const void *record, const Field *field)
{
    return (char *)record + field->offset;
}

/* ---- Writing --------------------------------------------------------------------------------------------------- */

static json_t *texts_to_json(const GPtrArray *texts)
{
    json_t *array = json_array();
    for (guint i = 0; i < texts->len; i++)
        g_assert(json_array_append_new(array, json_string(texts->pdata[i])) == 0);
    return array;
}

/* Members whose value is plain; the two nested kinds are the partner's alone. */
static bool put_plain_field(json_t *object, const Field *field, const void *record)
{
    switch (field->kind) {
    case FIELD_TEXT:
        json_put_text(object, field->name, *(char **)member_of(record, field));
        return true;
    case FIELD_FLAG:
        json_put_flag(object, field->name, *(bool *)member_of(record, field));
        return true;
    case FIELD_STATE:
        json_put_text(object, field->name, partner_state_name(*(PartnerState *)member_of(record, field)));
        return true;
    case FIELD_TEXTS:
        json_object_set_new(object, field->name, texts_to_json(*(GPtrArray **)member_of(record, field)));
        return true;
    case FIELD_KEYS:
    case FIELD_MERCHANTS:
        return false;
    }
    g_assert_not_reached();
}

static json_t *merchant_to_json(const Merchant *merchant)
{
    json_t *object = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(merchant_fields); i++)
        g_assert(put_plain_field(object, &merchant_fields[i], merchant));
    return object;
}

json_t *partner_to_json(const Partner *partner)
{
    json_t *object = json_object(), *merchants = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(partner_fields); i++)
        put_plain_field(object, &partner_fields[i], partner);
    for (guint i = 0; i < partner->merchants->len; i++)
        json_array_append_new(merchants, merchant_to_json(partner->merchants->pdata[i]));
    json_object_set_new(object, "merchants", merchants);
    json_object_set_new(object, "jwks", partner->jwks == NULL ? json_null() : json_deep_copy(partner->jwks));
    return object;
}

/* ---- Reading ------------------------------------------------------------------------------------------------------ */

static bool refuse(GError **error, const char *where, const char *member, const char *wanted)
{
    error_set(error, SALDO_ERROR_BAD_INPUT, "%s: \"%s\" must be %s", where, member, wanted);
    return false;
}

/* Any text is printable and bounded; then the field's own check. */
static bool check_text(const Field *field, const json_t *value, const char *where, GError **error)
{
    const char *text = json_string_value(value);
    bool printable = text != NULL && text[0] != '\0' && json_string_length(value) <= TEXT_BYTES_MAX;
    for (size_t i = 0; printable && text[i] != '\0'; i++)
        printable = (unsigned char)text[i] >= ' ' && text[i] != 0x7F;
    if (!printable)
        return refuse(error, where, field->name, "text of 1 to 2048 bytes without control characters");
    return field->check == NULL || field->check(text) || refuse(error, where, field->name, field->wanted);
}

static char *text_of(const Field *field, const json_t *value)
{
    return field->lower_case ? g_ascii_strdown(json_string_value(value), -1) : g_strdup(json_string_value(value));
}

static bool read_text(const Field *field, const json_t *value, void *record, const char *where, GError **error)
{
    if (json_is_null(value))
        return !field->required || refuse(error, where, field->name, "there");
    if (!check_text(field, value, where, error))
        return false;
    *(char **)member_of(record, field) = text_of(field, value);
    return true;
}

static bool read_texts(const Field *field, const json_t *value, void *record, const char *where, GError **error)
{
    GPtrArray *texts = *(GPtrArray **)member_of(record, field);
    if (!json_is_array(value) || json_array_size(value) > LIST_MAX)
        return refuse(error, where, field->name, "a list of at most 1000 texts");
    const json_t *item;
    size_t index;
    json_array_foreach(value, index, item) {
        g_autofree char *lower = json_is_string(item) ? text_of(field, item) : NULL;
        JSON_AUTO *text = lower == NULL ? json_null() : json_string(lower);
        if (!check_text(field, text, where, error))
            return false;
        g_ptr_array_add(texts, g_steal_pointer(&lower));
    }
    return true;
}

/* Public keys alone: a private one in a registry is a leak that has to be heard of. */
static bool read_keys(const json_t *value, Partner *partner, const char *where, GError **error)
{
    static const char *const private_members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
    const json_t *keys = json_object_get(value, "keys"), *key;
    size_t index;
    if (json_is_null(value))
        return true;
    if (!json_is_array(keys) || json_array_size(keys) > KEYS_MAX)
        return refuse(error, where, "jwks", "{\"keys\":[…]} with at most 32 keys");
    json_array_foreach(keys, index, key) {
        for (size_t i = 0; i < G_N_ELEMENTS(private_members); i++)
            if (json_object_get(key, private_members[i]) != NULL)
                return refuse(error, where, "jwks", "public keys alone: one holds a private or shared key; make a new one");
        g_autoptr(GError) trouble = NULL;
        if (!jwk_check(key, &trouble)) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "%s: \"jwks\" key %zu: %s", where, index + 1, trouble->message);
            return false;
        }
    }
    partner->jwks = json_deep_copy(value);
    return true;
}

static bool read_plain_field(const Field *field, const json_t *value, void *record, const char *where, GError **error)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return read_text(field, value, record, where, error);
    case FIELD_FLAG:
        *(bool *)member_of(record, field) = json_is_true(value);
        return json_is_boolean(value) || refuse(error, where, field->name, "true or false");
    case FIELD_STATE:
        return (json_is_string(value)
                   && partner_state_from_name(span_of(json_string_value(value)), member_of(record, field)))
            || refuse(error, where, field->name, "pending, test, approved or suspended");
    case FIELD_TEXTS:
        return read_texts(field, value, record, where, error);
    case FIELD_KEYS:
    case FIELD_MERCHANTS:
        break;
    }
    g_assert_not_reached();
}

static bool refuse_unknown(const json_t *json, const Field *fields, size_t count, const char *where, GError **error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value) {
        size_t i = 0;
        while (i < count && strcmp(fields[i].name, key) != 0)
            i++;
        if (i == count) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "%s: unknown member \"%.64s\"", where, key);
            return false;
        }
    }
    return true;
}

static Merchant *merchant_from_json(const json_t *json, const char *where, GError **error)
{
    g_autoptr(Merchant) merchant = g_new0(Merchant, 1);
    if (!refuse_unknown(json, merchant_fields, G_N_ELEMENTS(merchant_fields), where, error))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(merchant_fields); i++) {
        const Field *field = &merchant_fields[i];
        const json_t *value = json_object_get(json, field->name);
        if (value == NULL && field->required)
            return refuse(error, where, field->name, "there"), NULL;
        if (value != NULL && !read_plain_field(field, value, merchant, where, error))
            return NULL;
    }
    if (merchant->state == PARTNER_APPROVED && (merchant->verified_by == NULL || merchant->verified_how == NULL))
        return refuse(error, where, "verified_by", "there with \"verified_how\" for an approved merchant"), NULL;
    return g_steal_pointer(&merchant);
}

static bool read_merchants(const json_t *value, Partner *partner, const char *where, GError **error)
{
    if (!json_is_array(value) || json_array_size(value) > MERCHANTS_MAX)
        return refuse(error, where, "merchants", "a list of at most 10000 merchants");
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const json_t *item;
    size_t index;
    json_array_foreach(value, index, item) {
        g_autofree char *place = g_strdup_printf("%s, merchant %zu", where, index + 1);
        Merchant *merchant = merchant_from_json(item, place, error);
        if (merchant == NULL)
            return false;
        g_ptr_array_add(partner->merchants, merchant);
        g_autofree char *both = g_strconcat(merchant->merchant_id, "/", merchant->display_id, NULL);
        if (!g_hash_table_add(seen, g_ascii_strdown(both, -1)))
            return refuse(error, place, "display_id", "unlike that of every other merchant with the same \"merchant_id\"");
    }
    return true;
}

/* ---- What one member cannot see -------------------------------------------------------------------------------------- */

static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six);
    return g_ascii_strcasecmp(host, "localhost") == 0;
}

static bool check_url(const Partner *partner, const char *member, const char *url, const char *where, GError **error)
{
    if (url == NULL)
        return true;
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    bool whole = uri != NULL && g_uri_get_host(uri) != NULL && g_uri_get_host(uri)[0] != '\0'
        && g_uri_get_userinfo(uri) == NULL && g_uri_get_fragment(uri) == NULL;
    if (whole && strcmp(g_uri_get_scheme(uri), "https") == 0)
        return true;
    bool may_be_plain = partner->state == PARTNER_TEST || strcmp(partner->processor, "sandbox") == 0;
    if (whole && may_be_plain && strcmp(g_uri_get_scheme(uri), "http") == 0 && is_loopback(g_uri_get_host(uri)))
        return true;
    return refuse(error, where, member,
        "an https:// URL without user name or fragment (http:// only to this machine, for state test or processor sandbox)");
}

static bool check_urls(const Partner *partner, const char *where, GError **error)
{
    return check_url(partner, "payment_request_url", partner->payment_request_url, where, error)
        && check_url(partner, "payment_complete_url", partner->payment_complete_url, where, error)
        && check_url(partner, "processor_url", partner->processor_url, where, error)
        && check_url(partner, "jwks_uri", partner->jwks_uri, where, error);
}

static bool check_sender(const Partner *partner, const char *where, GError **error)
{
    if (!partner->dynamic_sender)
        return partner->addresses->len > 0
            || refuse(error, where, "addresses", "there for a static sender: the exact From addresses it may use");
    if (partner->domains->len == 0)
        return refuse(error, where, "domains", "there for a dynamic sender: the domains of its From addresses");
    return partner->jwks != NULL || partner->jwks_uri != NULL
        || refuse(error, where, "jwks", "there (or \"jwks_uri\") for a dynamic sender: its requests must be signed");
}

/* Nothing said about cards means all that are known. */
static void default_words(GPtrArray *texts, const char *const *words, bool stated)
{
    for (; !stated && *words != NULL; words++)
        g_ptr_array_add(texts, g_strdup(*words));
}

static bool read_field(const Field *field, const json_t *json, Partner *partner, const char *where, GError **error)
{
    const json_t *value = json_object_get(json, field->name);
    if (value == NULL)
        return !field->required || refuse(error, where, field->name, "there");
    if (field->kind == FIELD_KEYS)
        return read_keys(value, partner, where, error);
    if (field->kind == FIELD_MERCHANTS)
        return read_merchants(value, partner, where, error);
    return read_plain_field(field, value, partner, where, error);
}

static Partner *read_partner(const json_t *json, const char *where, GError **error)
{
    g_autoptr(Partner) partner = partner_new();
    if (!json_is_object(json)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s is not a JSON object", where);
        return NULL;
    }
    if (!refuse_unknown(json, partner_fields, G_N_ELEMENTS(partner_fields), where, error))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(partner_fields); i++)
        if (!read_field(&partner_fields[i], json, partner, where, error))
            return NULL;
    default_words(partner->networks, network_words, json_object_get(json, "networks") != NULL);
    default_words(partner->types, type_words, json_object_get(json, "types") != NULL);
    if (!check_urls(partner, where, error) || !check_sender(partner, where, error))
        return NULL;
    return g_steal_pointer(&partner);
}

Partner *partner_from_json(const json_t *json, GError **error)
{
    const char *name = json_text(json, "originator");
    g_autofree char *where = name == NULL ? g_strdup("the partner") : g_strdup_printf("partner %.64s", name);
    return read_partner(json, where, error);
}

Registry *registry_from_json(const json_t *json, GError **error)
{
    const json_t *partners = json_object_get(json, "partners"), *item;
    g_autoptr(Registry) registry = registry_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    size_t index;
    if (!json_is_array(partners) || json_array_size(partners) > PARTNERS_MAX) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "a registry is {\"partners\":[…]} with at most %d partners", PARTNERS_MAX);
        return NULL;
    }
    json_array_foreach(partners, index, item) {
        Partner *partner = partner_from_json(item, error);
        if (partner == NULL) {
            if (error != NULL)
                g_prefix_error(error, "partner number %zu of the registry: ", index + 1);
            return NULL;
        }
        g_ptr_array_add(registry->partners, partner);
        if (!g_hash_table_add(seen, g_ascii_strdown(partner->originator, -1))) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "two partners have the originator \"%s\"", partner->originator);
            return NULL;
        }
    }
    return g_steal_pointer(&registry);
}
