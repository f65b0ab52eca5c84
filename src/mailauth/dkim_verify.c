/* Verifies DKIM signatures. */
#include "dkim_verify.h"

#include "limits.h"

#include <stdlib.h>
#include <string.h>

typedef struct parsed_key {
    ma_parsed base;
    ma_key_record *record; /* the one key; NULL where there is none or more than one */
    const char *trouble;
} parsed_key;

static void free_parsed_key(ma_parsed *parsed)
{
    parsed_key *this = (parsed_key *)parsed;
    ma_key_record_free(this->record);
    free(this);
}

/* Chooses among the TXT records of the name: those that are keys of some sort (a revoked one is). Two keys
 * under one name leave open which one the signer meant: none is taken. */
static parsed_key *read_keys(const ma_answer *answer)
{
    parsed_key *parsed = ma_allocate(sizeof *parsed);
    parsed->base.free = free_parsed_key;
    parsed->trouble = "there is no key at its name";
    size_t keys = 0;
    for (size_t i = 0; i < answer->record_count; i++) {
        ma_key_record *record = ma_key_record_read(answer->records[i]);
        bool is_key = record->key != NULL || record->revoked;
        keys += is_key;
        if (keys == 0)
            parsed->trouble = record->trouble;
        if (is_key && parsed->record == NULL)
            parsed->record = record;
        else
            ma_key_record_free(record);
    }
    if (keys == 1)
        parsed->trouble = parsed->record->trouble;
    if (keys > 1)
        parsed->trouble = "there is more than one key at its name";
    return parsed;
}

ma_key_status ma_key_fetch(ma_lookups *lookups, const char *name, const ma_key_record **ret_key, bool *ret_dnssec,
    const char **ret_reason)
{
    ma_answer *answer = ma_lookups_get(lookups, name, MAILAUTH_TYPE_TXT);
    if (ma_answer_is_unknown(answer) || answer->record_count == 0) {
        *ret_reason = ma_answer_trouble(answer);
        return ma_answer_is_unknown(answer) ? MA_KEY_UNKNOWN : MA_KEY_BAD;
    }
    parsed_key *parsed = (parsed_key *)ma_answer_kept(answer, MA_PARSED_KEY);
    if (parsed == NULL)
        parsed = (parsed_key *)ma_answer_keep(answer, MA_PARSED_KEY, &read_keys(answer)->base);
    if (parsed->trouble != NULL) {
        *ret_reason = parsed->trouble;
        return MA_KEY_BAD;
    }
    *ret_key = parsed->record;
    *ret_dnssec = answer->dnssec == MAILAUTH_DNSSEC_SECURE;
    *ret_reason = "the key is not for SHA-256 (h=)";
    return parsed->record->other_hash ? MA_KEY_OF_OTHER_HASH : MA_KEY_FOUND;
}

static void body_hash(ma_body_hashes *hashes, ma_canonical form, uint64_t limit, uint8_t ret_digest[MA_HASH_BYTES],
    uint64_t *ret_total)
{
    enum { ENTRIES = sizeof hashes->entries / sizeof hashes->entries[0] };
    size_t at = 0;
    while (at < ENTRIES
        && !(hashes->entries[at].known && hashes->entries[at].form == form && hashes->entries[at].limit == limit))
        at++;
    if (at == ENTRIES) {
        at = hashes->next++ % ENTRIES;
        ma_hash hash;
        ma_hash_init(&hash, limit);
        ma_canonical_body(&hash, form, hashes->body);
        hashes->entries[at].known = true;
        hashes->entries[at].form = form;
        hashes->entries[at].limit = limit;
        hashes->entries[at].total = hash.total;
        ma_hash_done(&hash, hashes->entries[at].digest);
    }
    memcpy(ret_digest, hashes->entries[at].digest, MA_HASH_BYTES);
    *ret_total = hashes->entries[at].total;
}

const char *ma_signature_check_body(const ma_signature *signature, ma_body_hashes *hashes, bool *ret_partial)
{
    uint8_t digest[MA_HASH_BYTES];
    uint64_t total;
    body_hash(hashes, signature->body_form, signature->has_length ? signature->length : UINT64_MAX, digest, &total);
    if (signature->has_length && signature->length > total)
        return "the body is shorter than was signed (l=)";
    if (memcmp(digest, signature->body_hash.at, MA_HASH_BYTES) != 0)
        return "the body was changed after signing";
    *ret_partial = signature->has_length && signature->length < total;
    return NULL;
}

/* The lowest field of that name that is not yet used (RFC 6376 §5.4.2), or NULL. */
static const ma_field *take_field(const ma_message *message, bool *used, ma_span name)
{
    for (size_t i = message->field_count; i-- > 0;)
        if (name.length > 0 && !used[i] && ma_span_equal_nocase(message->fields[i].name, name)) {
            used[i] = true;
            return &message->fields[i];
        }
    return NULL;
}

const char *ma_signature_hash_header(const ma_signature *signature, const ma_message *message, ma_arena *arena,
    uint8_t ret_digest[MA_HASH_BYTES])
{
    if (signature->signed_count * message->field_count > MA_FIELD_SEARCHES_MAX)
        return "not checked: it names too many fields (h=) for so long a header";
    bool *used = ma_arena_take(arena, message->field_count * sizeof(bool));
    ma_hash hash;
    ma_hash_init(&hash, UINT64_MAX);
    for (size_t i = 0; i < signature->signed_count; i++) {
        const ma_field *field = take_field(message, used, signature->signed_names[i]);
        if (field != NULL)
            ma_canonical_field(&hash, signature->header_form, field, MA_EMPTY, true);
    }
    ma_canonical_field(&hash, signature->header_form, signature->field, signature->area, false);
    ma_hash_done(&hash, ret_digest);
    return NULL;
}

static const char *check_key(const ma_signature *signature, const ma_key_record *key)
{
    if (key->algorithm != signature->algorithm)
        return "the key is of another kind than the signature (a=)";
    if (key->strict_identity && strcmp(signature->identity_domain, signature->domain) != 0)
        return "the key allows no subdomain in i= (t=s)";
    return NULL;
}

static const char *check_times(const ma_signature *signature, int64_t now)
{
    if (signature->expires != 0 && now > (int64_t)signature->expires)
        return "the signature has expired (x=)";
    if ((int64_t)signature->signed_at - MA_CLOCK_SKEW_S > now)
        return "the signature is dated in the future (t=)";
    return NULL;
}

typedef struct outcome {
    mailauth_result result;
    const char *reason;
} outcome;

static outcome verify_with(ma_arena *arena, const ma_signature *signature, const ma_message *message,
    ma_body_hashes *hashes, const ma_key_record *key, int64_t now, bool *ret_partial)
{
    uint8_t digest[MA_HASH_BYTES];
    const char *trouble = check_key(signature, key);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_PERMERROR, trouble };
    trouble = check_times(signature, now);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_FAIL, trouble };
    /* The header first: its signature costs the same for any body, a forged one need not be hashed. */
    trouble = ma_signature_hash_header(signature, message, arena, digest);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_POLICY, trouble };
    if (!ma_key_record_verifies(key, digest, signature->bytes))
        return (outcome){ MAILAUTH_FAIL, "the signature does not match: a signed field was changed, or it is forged" };
    trouble = ma_signature_check_body(signature, hashes, ret_partial);
    if (trouble != NULL)
        return (outcome){ MAILAUTH_FAIL, trouble };
    if (*ret_partial)
        return (outcome){ MAILAUTH_POLICY, "only the beginning of the body is signed (l=): the rest could be anybody's" };
    if (key->test_mode)
        return (outcome){ MAILAUTH_PASS, "the signature is good, but the signer is only testing (t=y)" };
    if (signature->has_length)
        return (outcome){ MAILAUTH_PASS, "the signature is good; it would not cover what is appended (l=)" };
    if (signature->algorithm == MA_RSA_SHA256 && key->bits < 2048)
        return (outcome){ MAILAUTH_PASS, "the signature is good; its key is short" };
    return (outcome){ MAILAUTH_PASS, "the signature is good" };
}

static outcome verify(ma_arena *arena, const ma_signature *signature, const ma_message *message,
    ma_body_hashes *hashes, ma_lookups *lookups, int64_t now, mailauth_dkim *dkim)
{
    const ma_key_record *key = NULL;
    const char *reason = NULL;
    if (signature->trouble != NULL)
        return (outcome){ MAILAUTH_PERMERROR, signature->trouble };
    switch (ma_key_fetch(lookups, ma_signature_key_name(arena, signature), &key, &dkim->dnssec, &reason)) {
    case MA_KEY_UNKNOWN:
        return (outcome){ MAILAUTH_TEMPERROR, ma_arena_print(arena, "its key could not be had: %s", reason) };
    case MA_KEY_BAD:
    case MA_KEY_OF_OTHER_HASH:
        return (outcome){ MAILAUTH_PERMERROR, ma_arena_print(arena, "its key is of no use: %s", reason) };
    case MA_KEY_FOUND:
        break;
    }
    dkim->key_bits = key->bits;
    dkim->test_mode = key->test_mode;
    return verify_with(arena, signature, message, hashes, key, now, &dkim->partial_body);
}

void ma_dkim_verify(ma_arena *arena, const ma_signature *signature, const ma_message *message,
    ma_body_hashes *hashes, ma_lookups *lookups, int64_t now, mailauth_dkim *ret_dkim)
{
    mailauth_dkim dkim = { .domain = signature->domain, .selector = signature->selector,
        .identity = signature->identity, .algorithm = signature->algorithm_name };
    outcome out = verify(arena, signature, message, hashes, lookups, now, &dkim);
    dkim.result = out.result;
    dkim.reason = ma_arena_copy(arena, ma_span_of(out.reason));
    *ret_dkim = dkim;
}
