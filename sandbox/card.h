/* What the processor says to a card: sealed text in, verdict out. No number is kept or logged. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What happens when the token is charged. */
typedef enum CardBehaviour { CARD_CHARGES, CARD_DECLINES, CARD_NO_FUNDS, CARD_PROCESSING_ERROR, CARD_CHALLENGES } CardBehaviour;
const char *card_behaviour_name(CardBehaviour behaviour);
CardBehaviour card_behaviour_from_name(const char *name); /* aborts on a name that is none */

typedef struct CardVerdict {
    const char *code;     /* NULL: a token may be made; else the final decline */
    const char *message;
    CardBehaviour behaviour;
    char display[24];     /* "visa 4242" */
} CardVerdict;

/* Opens a compact JWE that was sealed to `jwk` (RSA-OAEP-256, A256GCM alone). NULL and `error`
 * (BAD_INPUT) where it does not open to a JSON object. */
json_t *card_unseal(const json_t *jwk, const char *compact, GError **error);

/* `card` {"number","expiry":"MM/YY","holder"}, `code` {"code","nonce"} or NULL: none came. */
CardVerdict card_judge(const json_t *card, const json_t *code, int64_t now_us);
