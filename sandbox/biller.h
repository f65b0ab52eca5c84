/* What the two webhooks of a biller share. */
#pragma once

#include "bearer.h"
#include "bill.h"
#include "server.h"

/* The biller of the path and the checked caller; false with the reply set (404, 401). */
bool biller_open_call(Sandbox *sandbox, const Call *call, const WorldBiller **ret_biller, Caller *ret_caller, Reply *reply);
/* The invoice of a productContext, if it is the caller's merchant's; NULL with the reply set. */
Bill *biller_find_bill(Book *book, const Caller *caller, const json_t *product_context, Reply *reply);
/* Asks the processor about charges of this invoice whose answer is still out (3-D Secure, lost answers), unless a
 * payment-complete of the invoice is running. */
void biller_settle_open_attempts(Sandbox *sandbox, const char *number);
/* One payment-complete of an invoice at a time. */
GMutex *biller_invoice_lock(Sandbox *sandbox, const char *number);
