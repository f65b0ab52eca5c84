/* Reads DKIM2's two fields. Tags are found in any case, each once; the first thing that is wrong with a field is told. */
#include "dkim2_fields.h"

#include "base64.h"
#include "domain.h"

#include <string.h>

static bool read_number(const ma_tag_list *tags, const char *name, unsigned *ret_number)
{
    enum { DIGITS_MAX = 4 };
    uint64_t number = 0;
    if (!ma_span_to_number(ma_tag_value(tags, name), DIGITS_MAX, &number) || number == 0)
        return false;
    *ret_number = (unsigned)number;
    return true;
}

/* ---- Paths ---- */

ma_span ma_dkim2_path_address(ma_span path)
{
    bool enclosed = path.length >= 2 && path.at[0] == '<' && path.at[path.length - 1] == '>';
    return enclosed ? ma_span_slice(path, 1, path.length - 1) : path;
}

ma_span ma_dkim2_path_domain(ma_arena *arena, ma_span path)
{
    ma_span address = ma_dkim2_path_address(path);
    size_t at = address.length;
    while (at > 0 && address.at[at - 1] != '@')
        at--;
    char *domain = at == 0 ? NULL : ma_domain_read(arena, ma_span_slice(address, at, address.length));
    return ma_span_of(domain);
}

/* "<local@domain>", or "<>" where `null_path`. */
static const char *read_path(ma_arena *arena, ma_span text, bool bare, bool null_path, ma_span *ret_path)
{
    ma_span path;
    if (!ma_base64_decode(arena, text, &path))
        return "it is not base64";
    bool enclosed = ma_dkim2_path_address(path).length != path.length;
    if (!enclosed && !bare)
        return "its angle brackets are missing";
    bool empty = ma_dkim2_path_address(path).length == 0;
    if (empty ? !null_path : ma_dkim2_path_domain(arena, path).length == 0)
        return "it holds no address";
    *ret_path = path;
    return NULL;
}

static const char *read_recipients(ma_arena *arena, ma_span list, bool bare, ma_dkim2_signature *signature)
{
    ma_span part;
    size_t count = 1;
    for (size_t i = 0; i < list.length; i++)
        count += list.at[i] == ',';
    if (count > MA_DKIM2_RECIPIENTS_MAX)
        return "rt= has more than 1000 recipients";
    signature->recipients = ma_arena_take(arena, count * sizeof(ma_span));
    while (ma_span_cut(&list, ',', &part)) {
        const char *trouble
            = read_path(arena, part, bare, false, &signature->recipients[signature->recipient_count++]);
        if (trouble != NULL)
            return ma_arena_print(arena, "rt=: %s", trouble);
    }
    return NULL;
}

/* Either nd=, or both mf= and rt= (§8.7). */
static const char *read_envelope(ma_arena *arena, const ma_tag_list *tags, bool bare, ma_dkim2_signature *signature)
{
    const ma_tag *next = ma_tag_find(tags, "nd"), *from = ma_tag_find(tags, "mf"), *to = ma_tag_find(tags, "rt");
    if (next != NULL) {
        if (from != NULL || to != NULL)
            return "nd= stands beside mf= or rt=";
        signature->next_domain = ma_domain_read(arena, next->value);
        return signature->next_domain == NULL ? "nd= is not a domain name" : NULL;
    }
    if (from == NULL || to == NULL)
        return from == NULL ? "mf= is missing" : "rt= is missing";
    const char *trouble = read_path(arena, from->value, bare, true, &signature->mail_from);
    if (trouble != NULL)
        return ma_arena_print(arena, "mf=: %s", trouble);
    return read_recipients(arena, to->value, bare, signature);
}

/* ---- Signatures ---- */

static const char *read_key(ma_arena *arena, ma_span part, ma_dkim2_key *key)
{
    ma_span rest = part, selector, algorithm;
    if (!ma_span_cut(&rest, ':', &selector) || !ma_span_cut(&rest, ':', &algorithm) || rest.at == NULL)
        return "s= is not selector:algorithm:signature";
    key->area = rest;
    key->selector = ma_domain_read(arena, ma_span_trim(selector));
    if (key->selector == NULL)
        return "s= holds something that is not a selector";
    algorithm = ma_span_trim(algorithm);
    bool rsa = ma_span_equal_nocase(algorithm, MA_SPAN("rsa-sha256"));
    key->known = rsa || ma_span_equal_nocase(algorithm, MA_SPAN("ed25519-sha256"));
    key->algorithm = rsa ? MA_RSA_SHA256 : MA_ED25519_SHA256;
    if (!ma_base64_decode(arena, rest, &key->bytes) || key->bytes.length == 0)
        return "s= holds a signature that is not base64";
    return NULL;
}

static const char *read_keys(ma_arena *arena, const ma_tag_list *tags, ma_dkim2_signature *signature)
{
    const ma_tag *s = ma_tag_find(tags, "s");
    if (s == NULL)
        return "s= is missing";
    ma_span rest = s->area, part;
    while (ma_span_cut(&rest, ',', &part)) {
        if (signature->key_count == MA_DKIM2_KEYS_MAX)
            return "s= has more than 4 signatures";
        const char *trouble = read_key(arena, part, &signature->keys[signature->key_count++]);
        if (trouble != NULL)
            return trouble;
    }
    return NULL;
}

/* At most 64 printable characters (§8.3). */
static const char *check_nonce(const ma_tag_list *tags)
{
    ma_span nonce = ma_tag_value(tags, "n");
    if (nonce.length > MA_DKIM2_NONCE_MAX)
        return "n= is longer than 64 characters";
    for (size_t i = 0; i < nonce.length; i++)
        if (nonce.at[i] <= ' ' || nonce.at[i] > '~')
            return "n= holds something that is not printable ASCII";
    return NULL;
}

static const char *read_signature(ma_arena *arena, const ma_tag_list *tags, bool bare, ma_dkim2_signature *signature)
{
    if (!read_number(tags, "m", &signature->instance))
        return "m= is missing or not a number";
    if (!ma_span_to_number(ma_tag_value(tags, "t"), MA_TIMESTAMP_DIGITS_MAX + 1, &signature->signed_at))
        return "t= is missing or not a time";
    signature->domain = ma_domain_read(arena, ma_tag_value(tags, "d"));
    if (signature->domain == NULL)
        return "d= is missing or not a domain name";
    const char *trouble = read_envelope(arena, tags, bare, signature);
    if (trouble == NULL)
        trouble = check_nonce(tags);
    if (trouble == NULL)
        trouble = read_keys(arena, tags, signature);
    ma_span flags = ma_tag_value(tags, "f");
    signature->do_not_modify = ma_span_lists(flags, ',', MA_SPAN("donotmodify"));
    signature->do_not_explode = ma_span_lists(flags, ',', MA_SPAN("donotexplode"));
    signature->exploded = ma_span_lists(flags, ',', MA_SPAN("exploded"));
    return trouble;
}

const char *ma_dkim2_signature_read(ma_arena *arena, const ma_field *field, bool bare_paths,
    ma_dkim2_signature *ret_signature)
{
    ma_dkim2_signature signature = { .field = field };
    ma_tag_list tags;
    const char *trouble = ma_tag_list_read_any_case(field->value, &tags);
    if (trouble == NULL && !read_number(&tags, "i", &signature.number))
        trouble = "i= is missing or not a number";
    if (trouble == NULL)
        trouble = read_signature(arena, &tags, bare_paths, &signature);
    *ret_signature = signature;
    return trouble;
}

/* ---- Instances ---- */

/* "sha256:header:body", other algorithms beside it (§7.3). */
static const char *read_hashes(ma_arena *arena, const ma_tag_list *tags, ma_dkim2_instance *instance)
{
    ma_span rest = ma_tag_value(tags, "h"), part;
    if (rest.length == 0)
        return "h= is missing";
    for (size_t count = 0; ma_span_cut(&rest, ',', &part); count++) {
        ma_span name, header, body = part;
        if (count == MA_DKIM2_HASHES_MAX)
            return "h= has more than 8 hashes";
        if (!ma_span_cut(&body, ':', &name) || !ma_span_cut(&body, ':', &header) || body.at == NULL)
            return "h= is not name:hash:hash";
        if (!ma_span_equal_nocase(ma_span_trim(name), MA_SPAN("sha256")))
            continue;
        if (instance->has_hashes)
            return "h= has sha256 twice";
        instance->has_hashes = true;
        if (!ma_base64_decode(arena, header, &instance->header_hash)
            || !ma_base64_decode(arena, body, &instance->body_hash)
            || instance->header_hash.length != MA_HASH_BYTES || instance->body_hash.length != MA_HASH_BYTES)
            return "h= holds something that is not a SHA-256";
    }
    return NULL;
}

const char *ma_dkim2_instance_read(ma_arena *arena, const ma_field *field, ma_dkim2_instance *ret_instance)
{
    ma_dkim2_instance instance = { .field = field };
    ma_tag_list tags;
    const char *trouble = ma_tag_list_read_any_case(field->value, &tags);
    if (trouble == NULL && !read_number(&tags, "m", &instance.number))
        trouble = "m= is missing or not a number";
    if (trouble == NULL)
        trouble = read_hashes(arena, &tags, &instance);
    const ma_tag *r = trouble == NULL ? ma_tag_find(&tags, "r") : NULL;
    instance.has_recipe = r != NULL;
    if (r != NULL && (!ma_base64_decode(arena, r->value, &instance.recipe) || instance.recipe.length == 0))
        trouble = "r= is not base64";
    *ret_instance = instance;
    return trouble;
}
