/* The date of a mail (RFC 5322 §3.3, with the obsolete forms of §4.3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* "Mon, 23 Nov 2026 03:10:36 +0100 (CET)" → UTC microseconds; false where it is no date. */
bool date_parse(Span value, int64_t *ret_time_us);
