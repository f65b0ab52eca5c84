/* Any text as a signature field, a key record and a tag list: it is read or refused, and what is read keeps its promises. */
#include "dkim_signature.h"
#include "domain.h"
#include "key_record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ma_span text = { (const char *)data, size }, chain;
    ma_arena *arena = ma_arena_new();
    ma_field field = { .name = MA_SPAN("DKIM-Signature"), .value = text, .line = text, .ending = MA_EMPTY };
    ma_signature signature = ma_signature_read(arena, &field);
    if (signature.trouble == NULL) {
        assert(signature.body_hash.length == MA_HASH_BYTES);
        assert(ma_signature_covers(&signature, MA_SPAN("from")) > 0);
        assert(ma_domain_is_within(signature.identity_domain, signature.domain));
        assert(signature.area.at >= text.at && signature.area.at + signature.area.length <= text.at + size);
        uint8_t digest[MA_HASH_BYTES];
        ma_hash hash;
        ma_hash_init(&hash, UINT64_MAX);
        ma_canonical_field(&hash, signature.header_form, &field, signature.area, false);
        assert(hash.total <= size + sizeof "dkim-signature:");
        ma_hash_done(&hash, digest);
    }
    ma_signature_read_arc(arena, &field);
    ma_signature_read_seal(arena, &field, &chain);
    ma_key_record *record = ma_key_record_read(text);
    assert((record->key == NULL) == (record->trouble != NULL));
    assert(record->key == NULL || record->bits <= MA_RSA_BITS_MAX);
    ma_key_record_free(record);
    ma_arena_free(arena);
    return 0;
}
