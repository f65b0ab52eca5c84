/* Reads signature fields; the first thing that is wrong with one becomes its trouble. */
#include "dkim_signature.h"

#include "base64.h"
#include "domain.h"
#include "limits.h"

#include <string.h>

static bool is_word(ma_span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!ma_is_letter(text.at[i]) && !ma_is_digit(text.at[i]) && text.at[i] != '-')
            return false;
    return text.length > 0;
}

static const char *read_algorithm(ma_arena *arena, ma_signature *signature, ma_span value)
{
    if (is_word(value))
        signature->algorithm_name = ma_arena_lower(arena, value);
    if (ma_span_equal_nocase(value, MA_SPAN("rsa-sha256")))
        signature->algorithm = MA_RSA_SHA256;
    else if (ma_span_equal_nocase(value, MA_SPAN("ed25519-sha256")))
        signature->algorithm = MA_ED25519_SHA256;
    else if (ma_span_equal_nocase(value, MA_SPAN("rsa-sha1")))
        return "rsa-sha1 proves nothing any more (RFC 8301)";
    else
        return value.length == 0 ? "it has no a=" : "its algorithm (a=) is not known";
    return NULL;
}

static const char *read_names(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    ma_span domain = ma_tag_value(tags, "d"), selector = ma_tag_value(tags, "s");
    if (domain.length == 0 || selector.length == 0)
        return domain.length == 0 ? "it has no d=" : "it has no s=";
    signature->domain = ma_domain_read(arena, domain);
    if (signature->domain == NULL)
        return "its d= is not a domain name";
    signature->selector = ma_domain_read(arena, selector);
    if (signature->selector == NULL)
        return "its s= is not a selector";
    if (strlen(signature->domain) + strlen(signature->selector) + strlen("._domainkey.") > MA_NAME_BYTES_MAX)
        return "its d= and s= together are longer than a name may be";
    return NULL;
}

static bool form_read(ma_span word, ma_canonical *ret_form)
{
    if (ma_span_equal_nocase(word, MA_SPAN("simple")))
        *ret_form = MA_SIMPLE;
    else if (ma_span_equal_nocase(word, MA_SPAN("relaxed")))
        *ret_form = MA_RELAXED;
    else
        return false;
    return true;
}

/* "header/body"; the body's form is simple where it is left out. Without c= both are simple (RFC 6376 §3.5); the
 * ARC suite, older than RFC 8617 and followed by all sealers, takes relaxed there. */
static const char *read_forms(ma_signature *signature, const ma_tag_list *tags)
{
    signature->header_form = signature->body_form = signature->kind == MA_DKIM_SIGNATURE ? MA_SIMPLE : MA_RELAXED;
    if (ma_tag_find(tags, "c") == NULL)
        return NULL;
    ma_span rest = ma_tag_value(tags, "c"), header = MA_EMPTY, body = MA_SPAN("simple");
    ma_span_cut(&rest, '/', &header);
    if (rest.at != NULL)
        body = rest;
    if (!form_read(header, &signature->header_form) || !form_read(body, &signature->body_form))
        return "its c= is not known";
    return NULL;
}

static bool is_field_name(ma_span name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ';')
            return false;
    return name.length > 0;
}

static size_t count_bytes(ma_span text, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += text.at[i] == byte;
    return count;
}

/* ARC's suite allows an empty h= and empty names in it; they name no field. */
static const char *read_signed_names(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    ma_span rest = ma_tag_value(tags, "h"), name;
    bool strict = signature->kind == MA_DKIM_SIGNATURE;
    if (rest.length == 0)
        return strict ? "it has no h=" : NULL;
    size_t count = count_bytes(rest, ':') + 1;
    if (count > MA_SIGNED_NAMES_MAX)
        return "its h= has more than 512 names";
    signature->signed_names = ma_arena_take(arena, count * sizeof(ma_span));
    while (ma_span_cut(&rest, ':', &name)) {
        name = ma_span_trim(name);
        if ((strict || name.length > 0) && !is_field_name(name))
            return "its h= holds something that is not a field name";
        signature->signed_names[signature->signed_count++] = name;
    }
    return NULL;
}

static const char *read_hashes(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    const ma_tag *b = ma_tag_find(tags, "b"), *bh = ma_tag_find(tags, "bh");
    if (b == NULL || b->value.length == 0)
        return "it has no b=";
    signature->area = b->area;
    if (!ma_base64_decode(arena, b->value, &signature->bytes))
        return "its b= is not base64";
    if (signature->kind == MA_ARC_SEAL)
        return NULL;
    if (bh == NULL || !ma_base64_decode(arena, bh->value, &signature->body_hash)
        || signature->body_hash.length != MA_HASH_BYTES)
        return "its bh= is not a SHA-256";
    return NULL;
}

static const char *read_times(ma_signature *signature, const ma_tag_list *tags)
{
    const ma_tag *t = ma_tag_find(tags, "t"), *x = ma_tag_find(tags, "x");
    if (t != NULL && !ma_span_to_number(t->value, MA_TIMESTAMP_DIGITS_MAX, &signature->signed_at))
        return "its t= is not a time";
    if (x == NULL)
        return NULL;
    if (!ma_span_to_number(x->value, MA_TIMESTAMP_DIGITS_MAX, &signature->expires) || signature->expires == 0)
        return "its x= is not a time";
    return signature->expires < signature->signed_at ? "it expires (x=) before it was made (t=)" : NULL;
}

static const char *read_length(ma_signature *signature, const ma_tag_list *tags)
{
    const ma_tag *l = ma_tag_find(tags, "l");
    signature->has_length = l != NULL;
    if (l != NULL && !ma_span_to_number(l->value, MA_LENGTH_DIGITS_MAX, &signature->length))
        return "its l= is not a number";
    return NULL;
}

/* The local part as it stands, but for the folds that may be anywhere in it (RFC 6376 §2.11). */
static char *unfolded(ma_arena *arena, ma_span local)
{
    ma_text text = ma_text_new(arena, MA_TAG_LIST_BYTES_MAX);
    for (size_t i = 0; i < local.length; i++)
        if (!ma_is_space(local.at[i]))
            ma_text_add_byte(&text, local.at[i]);
    return ma_text_string(&text);
}

/* i=: local part (may be empty), "@", a domain that is d= or below it. */
static const char *read_identity(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    const ma_tag *i = ma_tag_find(tags, "i");
    if (i == NULL) {
        ma_text text = ma_text_new(arena, 2 * MA_NAME_BYTES_MAX);
        ma_text_add_byte(&text, '@');
        ma_text_add(&text, ma_span_of(signature->domain));
        signature->identity = ma_text_string(&text);
        signature->identity_domain = signature->domain;
        return NULL;
    }
    const char *at_sign = memrchr(i->value.at, '@', i->value.length);
    if (at_sign == NULL)
        return "its i= has no \"@\"";
    size_t local = (size_t)(at_sign - i->value.at);
    signature->identity_domain = ma_domain_read(arena, ma_span_slice(i->value, local + 1, i->value.length));
    if (signature->identity_domain == NULL || !ma_domain_is_within(signature->identity_domain, signature->domain))
        return "its i= is not within d=";
    ma_span before = ma_span_slice(i->value, 0, local);
    if (!ma_span_is_utf8(before))
        return "its i= is not UTF-8";
    signature->identity = ma_arena_print(arena, "%s@%s", unfolded(arena, before), signature->identity_domain);
    return NULL;
}

static const char *read_query(const ma_tag_list *tags)
{
    const ma_tag *q = ma_tag_find(tags, "q");
    return q == NULL || ma_span_lists(q->value, ':', MA_SPAN("dns/txt")) ? NULL : "its key is not in the DNS (q=)";
}

static const char *read_dkim(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    const char *trouble = NULL;
    if (!ma_span_equal(ma_tag_value(tags, "v"), MA_SPAN("1")))
        trouble = "its v= is not 1";
    if (trouble == NULL)
        trouble = read_identity(arena, signature, tags);
    if (trouble == NULL)
        trouble = read_times(signature, tags);
    if (trouble == NULL)
        trouble = read_query(tags);
    if (trouble == NULL && ma_signature_covers(signature, MA_SPAN("From")) == 0)
        trouble = "it does not sign From";
    return trouble;
}

static const char *read_common(ma_arena *arena, ma_signature *signature, const ma_tag_list *tags)
{
    bool body = signature->kind != MA_ARC_SEAL;
    const char *trouble = read_names(arena, signature, tags);
    const char *algorithm_trouble = read_algorithm(arena, signature, ma_tag_value(tags, "a"));
    if (trouble == NULL)
        trouble = algorithm_trouble;
    if (trouble == NULL)
        trouble = read_hashes(arena, signature, tags);
    if (trouble == NULL && body)
        trouble = read_forms(signature, tags);
    if (trouble == NULL && body)
        trouble = read_signed_names(arena, signature, tags);
    if (trouble == NULL && body)
        trouble = read_length(signature, tags);
    return trouble;
}

ma_signature ma_signature_read(ma_arena *arena, const ma_field *field)
{
    ma_signature signature = { .kind = MA_DKIM_SIGNATURE, .field = field };
    ma_tag_list tags;
    signature.trouble = ma_tag_list_read(field->value, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_common(arena, &signature, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_dkim(arena, &signature, &tags);
    return signature;
}

static const char *read_instance(ma_signature *signature, const ma_tag_list *tags)
{
    uint64_t instance = 0;
    if (!ma_span_to_number(ma_tag_value(tags, "i"), 2, &instance) || instance < 1 || instance > MA_ARC_SETS_MAX)
        return "its i= is not a number from 1 to 50";
    signature->instance = (unsigned)instance;
    return NULL;
}

ma_signature ma_signature_read_arc(ma_arena *arena, const ma_field *field)
{
    ma_signature signature = { .kind = MA_ARC_MESSAGE_SIGNATURE, .field = field };
    ma_tag_list tags;
    signature.trouble = ma_tag_list_read(field->value, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_instance(&signature, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_common(arena, &signature, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_times(&signature, &tags);
    if (signature.trouble == NULL && ma_signature_covers(&signature, MA_SPAN("ARC-Seal")) > 0)
        signature.trouble = "it signs an ARC-Seal";
    return signature;
}

ma_signature ma_signature_read_seal(ma_arena *arena, const ma_field *field, ma_span *ret_chain)
{
    ma_signature signature = { .kind = MA_ARC_SEAL, .field = field };
    ma_tag_list tags;
    *ret_chain = MA_EMPTY;
    signature.trouble = ma_tag_list_read(field->value, &tags);
    if (signature.trouble == NULL)
        signature.trouble = read_instance(&signature, &tags);
    if (signature.trouble == NULL) {
        *ret_chain = ma_tag_value(&tags, "cv");
        signature.trouble = read_common(arena, &signature, &tags);
    }
    if (signature.trouble == NULL && (ma_tag_find(&tags, "h") != NULL || ma_tag_find(&tags, "bh") != NULL))
        signature.trouble = "a seal must not have h= or bh=";
    signature.header_form = MA_RELAXED;
    return signature;
}

char *ma_signature_key_name(ma_arena *arena, const ma_signature *signature)
{
    ma_text text = ma_text_new(arena, 2 * MA_NAME_BYTES_MAX);
    ma_text_add(&text, ma_span_of(signature->selector));
    ma_text_add(&text, MA_SPAN("._domainkey."));
    ma_text_add(&text, ma_span_of(signature->domain));
    return ma_text_string(&text);
}

size_t ma_signature_covers(const ma_signature *signature, ma_span name)
{
    size_t count = 0;
    for (size_t i = 0; i < signature->signed_count; i++)
        count += ma_span_equal_nocase(signature->signed_names[i], name);
    return count;
}
