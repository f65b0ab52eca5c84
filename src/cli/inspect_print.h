/* Printing what `saldo inspect` found. */
#pragma once

#include "intake/intake.h"

/* {"message":…,"authentication":…,"invoices":[…],"verdict":{…}} */
void inspect_print_json(const Reading *reading, const Verdict *verdict);
/* What --format-help says. */
void inspect_print_formats(bool as_json);
/* A bare file: what it holds, without a verdict. */
void inspect_print_document(const Reading *reading);
void inspect_print_text(const Reading *reading, const Verdict *verdict);
