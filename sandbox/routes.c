/* The table of routes: see routes.h. */
#include "routes.h"

const Route routes[] = {
    { "GET", "/processor/keys", "processor.keys", processor_keys },
    { "POST", "/processor/tokens", "processor.token", processor_token },
    { "POST", "/processor/charges", "processor.charge", processor_charge },
    { "POST", "/processor/refunds", "processor.refund", processor_refund },
    { "GET", "/processor/payments/*", "processor.lookup", processor_payment },
    { "GET", "/processor/challenge/*", NULL, challenge_show },
    { "POST", "/processor/challenge/*", NULL, challenge_answer },
    { "POST", "/billers/*/payment-request", "loadentity", biller_payment_request },
    { "POST", "/billers/*/payment-complete", "biller.complete", biller_payment_complete },
    { "GET", "/billers/*/payment-complete", "biller.lookup", biller_lookup },
    { "GET", "/billers/*/invoices/*", "document", biller_document },
    { "GET", "/billers/*/logos/*", NULL, biller_logo },
    { "POST", "/admin/faults", NULL, admin_fault_add },
    { "GET", "/admin/faults", NULL, admin_fault_list },
    { "DELETE", "/admin/faults", NULL, admin_fault_clear },
    { "GET", "/admin/charges", NULL, admin_charges },
    { "GET", "/admin/invoices", NULL, admin_invoice_list },
    { "POST", "/admin/invoices/*", NULL, admin_invoice_change },
};
const size_t route_count = sizeof routes / sizeof routes[0];
