/* What the challenge page needs of the processor's books. */
#pragma once

#include "base/clock.h"
#include "book.h"

/* 3-D Secure: how long a payer may take at the bank (payments.md, state ACTION). */
#define PROCESSOR_CHALLENGE_US US_PER_HOUR

/* Inside a unit of work: the payment is charged (`decline_code` NULL) or declined, for good. */
void processor_settle(Book *book, const char *payment_id, const char *decline_code, const char *decline_message);
