/* Every address of the test world in one table, with the fault point that stands around it. */
#pragma once

#include "server.h"

typedef struct Route {
    const char *method;
    const char *pattern; /* '*' stands for one segment */
    const char *point;   /* fault point (fault.h), or NULL: no fault ever */
    Handler *handler;
} Route;

extern const Route routes[];
extern const size_t route_count;

/* processor.c */
Handler processor_keys, processor_token, processor_charge, processor_refund, processor_payment;
/* challenge.c */
Handler challenge_show, challenge_answer;
/* biller.c, complete.c, document.c */
Handler biller_payment_request, biller_payment_complete, biller_lookup, biller_document, biller_logo;
/* admin.c */
Handler admin_fault_add, admin_fault_list, admin_fault_clear, admin_charges, admin_invoice_list, admin_invoice_change;
