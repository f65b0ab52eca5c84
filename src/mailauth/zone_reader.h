/* Zone file text to records, one after the other. */
#pragma once

#include "arena.h"
#include "limits.h"
#include "mailauth.h"

enum { MA_TYPE_CNAME = 5, MA_TYPE_ANY = 255 };

typedef enum ma_zone_status { MA_ZONE_RECORD, MA_ZONE_TIMEOUT, MA_ZONE_SERVFAIL, MA_ZONE_BOGUS, MA_ZONE_SECURE } ma_zone_status;

typedef struct ma_zone_record {
    char *name; /* small letters, no final dot */
    uint16_t type;
    uint32_t ttl;
    size_t order; /* among the records found */
    ma_span rdata;         /* wire form; a CNAME's target in presentation form */
    ma_zone_status status; /* MA_ZONE_RECORD, or what $ANSWER says of name and type */
} ma_zone_record;

typedef void ma_zone_record_fn(void *context, const ma_zone_record *record);

/* Calls `found` for each record; what it is given lives as long as `arena`. NULL, or what is wrong and in which line. */
char *ma_zone_read_text(ma_arena *arena, ma_span text, ma_zone_record_fn *found, void *context);
