/* Limits that several rooms share, each with its reason. A room's own limits stand in its own limits header. */
#pragma once

/* A message as it comes over LMTP or from a file: above the 35 MB that large mail services accept
 * and below what one jailed child may map (256 MB of address space). */
#define LIMIT_MESSAGE_BYTES (40UL * 1024 * 1024)

/* What the jail may answer for one message (design.md, issue "jail": output 8 MB). */
#define LIMIT_EXTRACTION_BYTES (8UL * 1024 * 1024)

/* What is kept of one mail's reading: an invoice of 1,000 ordinary lines fits. A page of the inbox reads it again for each of its
 * mails, so it must stay small whoever sends them. */
#define LIMIT_EXTRACTION_KEPT_BYTES (256UL * 1024)

/* Any JSON body at the API or in a webhook (wire.md §4). */
#define LIMIT_JSON_BYTES (256UL * 1024)

/* Invoices in one mail: the largest batch seen in the corpus is 2; a flood is an attack on the reader. */
#define LIMIT_INVOICES_PER_MESSAGE 32
