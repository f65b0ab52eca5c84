/* Every handler, by the file it stands in. Each is named after its operationId in docs/openapi.yaml. */
#pragma once

#include "request.h"

/* session.c */
HttpHandler handle_get_session, handle_sign_in, handle_set_language, handle_sign_out;
/* messages.c */
HttpHandler handle_get_folders, handle_list_messages, handle_get_message, handle_mark_message;
/* message_body.c */
HttpHandler handle_get_part, handle_get_message_body;
/* invoices.c */
HttpHandler handle_review_invoice, handle_get_invoice_document;
/* payments.c */
HttpHandler handle_list_payments, handle_pay, handle_get_payment, handle_check_payment, handle_return_from_bank,
    handle_cancel_payment, handle_get_receipt;
HttpReplay replay_payment;
/* wallet.c */
HttpHandler handle_get_wallet, handle_put_billing;
/* cards.c */
HttpHandler handle_add_card, handle_change_card, handle_delete_card, handle_get_processor_keys;
/* events.c */
HttpHandler handle_stream_events;
/* wellknown.c */
HttpHandler handle_live, handle_ready, handle_openid_configuration, handle_jwks, handle_security_txt;
/* files.c */
HttpHandler handle_page, handle_file;
