/* What a person reads in an invoice mail, in English and Polish. */
#pragma once

#include <glib.h>

#include "bill.h"

typedef struct LetterBody {
    char *subject;
    char *text;
    GString *html; /* with `markup` as its JSON-LD script */
} LetterBody;

void letter_body_done(LetterBody *body);
#define LETTER_BODY_AUTO __attribute__((cleanup(letter_body_done))) LetterBody

/* `markup` is the text of the JSON-LD script, NULL for none; `reminder`: the invoice was mailed before. */
LetterBody letter_body_for(const Bill *bill, const char *base_url, const char *markup, bool reminder);
