/* Unguessable text. */
#pragma once

/* 256 bits from the kernel as base64url, newly allocated. */
char *random_token(void);
