/* SPF macros (RFC 7208 §7). */
#pragma once

#include "arena.h"

typedef struct ma_spf_names {
    const char *sender, *local_part, *sender_domain; /* s, l, o */
    const char *helo;                                /* h */
    const uint8_t *address;                          /* i, c, v: 4 or 16 bytes */
    size_t address_length;
    int64_t now;                                     /* t */
    const char *domain;                              /* d: the one being judged now */
    /* p: the validated name of the address, found when first asked for. */
    const char *(*validated_name)(void *context);
    void *context;
} ma_spf_names;

typedef enum ma_spf_place { MA_SPF_DOMAIN_SPEC, MA_SPF_EXPLANATION } ma_spf_place;

/* NULL, or what is wrong. A domain-spec must end in a name of two labels at least or in a macro; only an
 * explanation may hold c, r, t and spaces. */
const char *ma_spf_macro_check(ma_span text, ma_spf_place place);
/* The text with its macros replaced, NULL where it grows beyond MA_SPF_EXPANSION_BYTES_MAX. The text was checked. */
char *ma_spf_macro_expand(ma_arena *arena, ma_span text, const ma_spf_names *names);
