/* A Review of checkout, as a reply: in the answer of POST …/review and inside the problems of paying. */
#pragma once

#include "server.h"

/* NULL and `error` where the store fails. */
json_t *reviews_to_json(Server *server, const StoreAccount *account, Id invoice_id, const Review *review, GError **error);
/* Why a biller could not be asked or its answer not be used. */
void reviews_reply_error(HttpReply *reply, const HttpRequest *request, const GError *error);
