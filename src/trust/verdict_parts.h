/* What verdict.c, request.c and judge.c share: a verdict in the making, and one question's answer. */
#pragma once

#include "trust/verdict.h"

Verdict *verdict_new(void);
/* The text is cleaned (it may quote the mail), so that it is one line of valid UTF-8. */
void verdict_add(Verdict *verdict, VerdictCode code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Each question is answered by one of these: `true` goes on; a refusal notes its reason and ends the questions. */
bool verdict_hold(Verdict *verdict, VerdictCode code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Verifies the SignedActionRequest of `claimed` with the partner's keys and checks its claims against the mail;
 * true and the invoice as it stands in the signed bytes in *ret_invoice, or false with the reason noted. */
bool trust_request_verify(const TrustCase *trust_case, const Partner *partner, const Invoice *claimed, Verdict *verdict,
    Invoice **ret_invoice);
