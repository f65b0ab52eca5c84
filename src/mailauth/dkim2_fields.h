/* What Message-Instance and DKIM2-Signature fields say (draft-ietf-dkim-dkim2-spec-04 §7, §8). */
#pragma once

#include "dkim_signature.h"

/* One signature of s=: "selector:algorithm:base64". */
typedef struct ma_dkim2_key {
    char *selector;
    bool known; /* the algorithm is one that can be checked; others are passed over */
    ma_algorithm algorithm;
    ma_span bytes; /* decoded */
    ma_span area;  /* cut out when the header is hashed */
} ma_dkim2_key;

typedef struct ma_dkim2_signature {
    const ma_field *field;
    unsigned number;   /* i= */
    unsigned instance; /* m= */
    uint64_t signed_at;
    char *domain;      /* d= */
    char *next_domain; /* nd=, or NULL: then the next two stand there */
    ma_span mail_from; /* mf= decoded, with its angle brackets where they were written */
    ma_span *recipients;
    size_t recipient_count;
    ma_dkim2_key keys[MA_DKIM2_KEYS_MAX];
    size_t key_count;
    bool do_not_modify, do_not_explode, exploded; /* f= */
} ma_dkim2_signature;

typedef struct ma_dkim2_instance {
    const ma_field *field;
    unsigned number;                  /* m= */
    bool has_hashes;                  /* a SHA-256 pair stands in h= */
    ma_span header_hash, body_hash;   /* decoded */
    bool has_recipe;
    ma_span recipe; /* r= decoded: JSON */
} ma_dkim2_instance;

/* NULL, or what is wrong with the field; its number is read first where it can be. `bare_paths`: mf= and rt= need no
 * angle brackets. */
const char *ma_dkim2_signature_read(ma_arena *arena, const ma_field *field, bool bare_paths,
    ma_dkim2_signature *ret_signature);
const char *ma_dkim2_instance_read(ma_arena *arena, const ma_field *field, ma_dkim2_instance *ret_instance);

/* The domain of a path, in small letters; the empty span for "<>" and where there is none. */
ma_span ma_dkim2_path_domain(ma_arena *arena, ma_span path);
/* The path without its angle brackets. */
ma_span ma_dkim2_path_address(ma_span path);
