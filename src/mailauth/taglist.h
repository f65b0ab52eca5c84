/* Lists of tag=value (RFC 6376 §3.2), as in DKIM signatures and keys, DMARC records and ARC fields. */
#pragma once

#include "limits.h"
#include "span.h"

typedef struct ma_tag {
    ma_span name;  /* as written */
    ma_span value; /* without surrounding white space */
    ma_span area;  /* everything from after the "=" up to the ";" or the end */
} ma_tag;

typedef struct ma_tag_list {
    ma_tag tags[MA_TAGS_MAX];
    size_t count;
    bool any_case; /* names are the same in any case (DKIM2) */
} ma_tag_list;

/* NULL, or why the text is not such a list: a broken name, a character that may not stand there, the
 * same tag twice, too many. Unknown tags are kept; bytes above 127 are allowed (RFC 8616). */
const char *ma_tag_list_read(ma_span text, ma_tag_list *ret_list);

/* The same with names in any case (draft-ietf-dkim-dkim2-spec-04 §7) and up to MA_DKIM2_FIELD_BYTES_MAX. */
const char *ma_tag_list_read_any_case(ma_span text, ma_tag_list *ret_list);

/* The tag of that name, or NULL. */
const ma_tag *ma_tag_find(const ma_tag_list *list, const char *name);
/* Its value, or the empty span where there is none. */
ma_span ma_tag_value(const ma_tag_list *list, const char *name);
