/* What a reader of the message could be fooled with, though signatures are good. */
#pragma once

#include "address.h"
#include "dkim_signature.h"
#include "mailauth.h"

typedef struct ma_warnings {
    ma_arena *arena;
    char *texts[MA_WARNINGS_MAX];
    size_t count;
} ma_warnings;

void ma_warn(ma_warnings *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Header lines that are no fields, doubled fields, names that look like addresses. */
void ma_warn_of_message(ma_warnings *warnings, const ma_message *message, const ma_author *author);
/* Fields that a passing, aligned signature leaves out, and those of which it leaves out one. */
void ma_warn_of_unsigned(ma_warnings *warnings, const ma_message *message, const ma_signature *signature);
