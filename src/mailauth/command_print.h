/* How the command prints a report. */
#pragma once

#include "mailauth.h"

/* One line of JSON on standard output. */
void print_json(const mailauth_report *report);
/* One line per mechanism. */
void print_text(const mailauth_report *report);
