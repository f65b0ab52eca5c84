/* The columns of a message that both the list and the reading pane show. */
#pragma once

#include "parts.h"

#define MESSAGE_COLUMNS \
    "message.organization_id, message.id, message.mailbox_id, message.received_us, message.seen, message.invoice_id," \
    " message.verdict_kind, message.bytes, message.from_name, message.from_address, message.subject, message.preview," \
    " message.envelope, mailbox.address, invoice.state"
#define MESSAGE_TABLES \
    "message JOIN mailbox ON mailbox.organization_id = message.organization_id AND mailbox.id = message.mailbox_id" \
    " LEFT JOIN invoice ON invoice.organization_id = message.organization_id AND invoice.id = message.invoice_id"

StoreMessage *message_take(SqlRows *rows);
