/* From a reply to bytes on the connection, with the headers that every reply carries. */
#pragma once

#include "exchange.h"

/* Queues exchange->reply; on the connection's event thread. */
enum MHD_Result send_reply(Exchange *exchange);
