/* Printing what `saldo inspect` found. */
#pragma once

#include "intake/intake.h"

/* {"message":…,"authentication":…,"invoices":[…],"verdict":{…}} */
void inspect_print_json(const Reading *reading, const Verdict *verdict);
/* What --format-help says. */
void inspect_print_formats(bool as_json);
void inspect_print_text(const Reading *reading, const Verdict *verdict);
