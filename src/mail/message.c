/* Splitting a message into its parts (RFC 2046): one pass over the lines with a bounded stack of boundaries.
 *
 * A part ends where any boundary that is still open says so, the innermost first; so a missing end of an inner
 * multipart costs nothing but a trouble. */
#include "message.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "header.h"
#include "html.h"
#include "limits.h"
#include "lines.h"
#include "transfer.h"
#include "uuencode.h"

#define TOO_MANY_PARTS "The message has too many parts; the rest was not read."

typedef struct OpenPart {
    unsigned entry;
    unsigned level; /* boundaries that were open when it began */
    bool is_forward;
} OpenPart;

/* A multipart whose closing boundary is still to come. */
typedef struct OpenMultipart {
    char *boundary;
    Span headers;
    size_t body_start;
    unsigned entries; /* parts of the message when it began */
    bool is_digest;
} OpenMultipart;

typedef struct Splitter {
    MailMessage *message;
    size_t at;
    OpenMultipart multiparts[MAIL_DEPTH_MAX];
    bool begins_in_digest; /* the entity that comes next is a direct part of a multipart/digest */
    unsigned depth;
    OpenPart open[MAIL_FORWARD_DEPTH_MAX + 1]; /* forwarded messages around one part */
    unsigned open_count, forwards_open;
    bool is_full;
} Splitter;

void message_note(const MailMessage *message, const char *text)
{
    for (unsigned i = 0; i < message->troubles->len; i++)
        if (strcmp(message->troubles->pdata[i], text) == 0)
            return;
    if (message->troubles->len < MAIL_TROUBLES_MAX)
        g_ptr_array_add(message->troubles, g_strdup(text));
}

/* ---- One entity --------------------------------------------------------------------------------------------- */

/* The fields of an entity that decide how it is read. Of several of one name a part's first counts, as for everybody; of the
 * mail's own the last: a signature covers them from the last one up (RFC 6376 §5.4.2), and anybody on the way can put another
 * one above. */
typedef struct EntityFields {
    Span content_type, disposition, encoding, content_id;
} EntityFields;

static EntityFields read_fields(Span headers, bool takes_last)
{
    EntityFields fields = { 0 };
    HeaderField field;
    while (header_next(&headers, &field)) {
        if ((field.name.at[0] | 0x20) != 'c') /* all of them do */
            continue;
        Span *place = span_equal_nocase(field.name, SPAN("Content-Type")) ? &fields.content_type
            : span_equal_nocase(field.name, SPAN("Content-Disposition")) ? &fields.disposition
            : span_equal_nocase(field.name, SPAN("Content-Transfer-Encoding")) ? &fields.encoding
            : span_equal_nocase(field.name, SPAN("Content-ID"))          ? &fields.content_id
                                                                         : NULL;
        if (place != NULL && (place->at == NULL || takes_last))
            *place = field.value;
    }
    return fields;
}

static bool is_type(const MailPart *part, const char *type)
{
    return strcmp(part->media_type, type) == 0;
}

/* RFC 2045 §5.2: what has no readable type is plain text; in a multipart/digest, what has none is a message (RFC 2046
 * §5.1.5). */
static char *read_media_type(Span content_type, bool in_digest)
{
    g_autofree char *type = header_main_value(content_type);
    const char *slash = strchr(type, '/');
    bool is_readable = slash != NULL && slash != type && slash[1] != '\0';
    return is_readable ? g_steal_pointer(&type) : g_strdup(in_digest && type[0] == '\0' ? "message/rfc822" : "text/plain");
}

/* "<logo@example.org>" without its brackets; NULL where the field is absent or of another form. */
static char *read_content_id(Span field)
{
    Span id = span_trim(field.at == NULL ? SPAN_EMPTY : field);
    bool is_bracketed = id.length > 2 && id.length <= MAIL_TEXT_MAX && id.at[0] == '<' && id.at[id.length - 1] == '>';
    return is_bracketed ? span_to_text(span_slice(id, 1, id.length - 1)) : NULL;
}

/* Kinds of picture that hold pixels, no markup. */
static bool is_pixels(const char *media_type)
{
    static const char *const kinds[] = { "image/png", "image/gif", "image/jpeg", "image/jpg", "image/webp", NULL };
    return g_strv_contains(kinds, media_type);
}

static void read_part_fields(const EntityFields *fields, bool in_digest, MailPart *part)
{
    g_autofree char *disposition = header_main_value(fields->disposition);
    g_autofree char *file_name = header_parameter(fields->disposition, "filename");
    g_autofree char *charset = header_parameter(fields->content_type, "charset");
    part->media_type = read_media_type(fields->content_type, in_digest);
    part->charset = charset == NULL ? NULL : g_ascii_strdown(charset, -1);
    part->transfer_encoding = header_main_value(fields->encoding);
    bool is_named = file_name != NULL && file_name[0] != '\0';
    part->name = is_named ? g_steal_pointer(&file_name) : header_parameter(fields->content_type, "name");
    bool is_text = is_type(part, "text/plain") || is_type(part, "text/html");
    part->content_id = read_content_id(fields->content_id);
    bool is_said_attachment = strcmp(disposition, "attachment") == 0;
    part->is_attachment = is_said_attachment || is_named || !is_text;
    part->is_inline = part->content_id != NULL && !is_said_attachment && is_pixels(part->media_type);
}

static void part_clear(MailPart *part)
{
    g_free(part->media_type);
    g_free(part->charset);
    g_free(part->name);
    g_free(part->transfer_encoding);
    g_free(part->content_id);
}

static void entry_clear(void *data)
{
    part_clear(data);
}

static GArray *entries_new(void)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(MailPart));
    g_array_set_clear_func(entries, entry_clear);
    return entries;
}

/* A multipart that cannot be taken apart is shown as it stands. */
static MailPart *as_plain_text(MailPart *part)
{
    g_free(part->media_type);
    part->media_type = g_strdup("text/plain");
    part->is_attachment = false;
    return part;
}

/* ---- Opening and closing parts -------------------------------------------------------------------------------- */

static void open_part(Splitter *splitter, MailPart *part, bool is_forward)
{
    part->depth = splitter->depth + splitter->forwards_open;
    part->in_forward = splitter->forwards_open > 0;
    g_array_append_val(splitter->message->entries, *part);
    *part = (MailPart){ 0 };
    g_assert(splitter->open_count < G_N_ELEMENTS(splitter->open));
    splitter->open[splitter->open_count++]
        = (OpenPart){ splitter->message->entries->len - 1, splitter->depth, is_forward };
    splitter->forwards_open += is_forward;
    splitter->is_full = splitter->message->entries->len >= MAIL_PARTS_MAX;
}

/* Ends all parts that began under more than `level` open boundaries; their bodies end at `end`. */
static void close_parts(Splitter *splitter, unsigned level, size_t end)
{
    while (splitter->open_count > 0 && splitter->open[splitter->open_count - 1].level > level) {
        OpenPart *open = &splitter->open[--splitter->open_count];
        MailPart *part = &g_array_index(splitter->message->entries, MailPart, open->entry);
        size_t start = (size_t)(part->body.at - splitter->message->raw.at);
        part->body.length = end > start ? end - start : 0;
        splitter->forwards_open -= open->is_forward;
    }
}

static bool push_multipart(Splitter *splitter, const MailPart *part, Span content_type)
{
    g_autofree char *boundary = header_parameter(content_type, "boundary");
    if (boundary == NULL || boundary[0] == '\0' || strlen(boundary) > MAIL_BOUNDARY_MAX) {
        message_note(splitter->message, "A multipart part names no usable boundary; it was read as plain text.");
        return false;
    }
    if (splitter->depth == MAIL_DEPTH_MAX) {
        message_note(splitter->message, "The message is nested too deeply; the innermost parts were not taken apart.");
        return false;
    }
    splitter->multiparts[splitter->depth++] = (OpenMultipart){
        .boundary = g_steal_pointer(&boundary),
        .headers = part->headers,
        .body_start = splitter->at,
        .entries = splitter->message->entries->len,
        .is_digest = is_type(part, "multipart/digest"),
    };
    return true;
}

/* The second is the first with UTF-8 in its headers (RFC 6532 §3.7). */
static bool is_forward(const MailPart *part)
{
    return is_type(part, "message/rfc822") || is_type(part, "message/global");
}

static bool is_encoded(const MailPart *part)
{
    return strcmp(part->transfer_encoding, "base64") == 0 || strcmp(part->transfer_encoding, "quoted-printable") == 0
        || uu_is_encoding(part->transfer_encoding);
}

/* A forwarded message that stands in the mail as it is, not yet inside another one. */
static bool enters_forward(const Splitter *splitter, const MailPart *part)
{
    return is_forward(part) && !is_encoded(part) && splitter->forwards_open < MAIL_FORWARD_DEPTH_MAX;
}

/* Reads the entity that starts at splitter->at: its headers, then a multipart's boundary or one part. A forwarded
 * message is a part of its own and its inside is the next entity. */
static void begin_entity(Splitter *splitter)
{
    for (bool again = true; again && !splitter->is_full;) {
        MailMessage *message = splitter->message;
        bool is_mail = message->headers.at == NULL && splitter->forwards_open == 0;
        HeaderBlock block = header_block(span_slice(message->raw, splitter->at, message->raw.length), !is_mail);
        if (block.is_cut)
            message_note(message, "A header block is too long; what lies beyond its limit was not read.");
        if (block.has_odd_lines)
            message_note(message, "The mail's header holds lines that are no fields; they were passed over.");
        MailPart part = { .headers = block.fields };
        if (message->headers.at == NULL)
            message->headers = part.headers;
        splitter->at += block.body_start;
        EntityFields fields = read_fields(part.headers, is_mail);
        read_part_fields(&fields, splitter->begins_in_digest, &part);
        splitter->begins_in_digest = false;
        part.body = span_slice(message->raw, splitter->at, message->raw.length);
        again = enters_forward(splitter, &part);
        bool is_multipart = g_str_has_prefix(part.media_type, "multipart/");
        if (!is_multipart || !push_multipart(splitter, &part, fields.content_type))
            open_part(splitter, is_multipart ? as_plain_text(&part) : &part, again);
        part_clear(&part);
    }
}

/* ---- Boundary lines ----------------------------------------------------------------------------------------------- */

typedef struct BoundaryLine {
    unsigned level;   /* index of the boundary */
    bool is_closing;  /* "--boundary--" */
    size_t start, end; /* of the line with its line end */
} BoundaryLine;

static bool matches(Span line, const char *boundary, bool *ret_is_closing)
{
    size_t length = strlen(boundary);
    if (line.length < length + 2 || memcmp(line.at + 2, boundary, length) != 0)
        return false;
    Span rest = span_trim(span_slice(line, length + 2, line.length));
    *ret_is_closing = span_equal(rest, SPAN("--"));
    return rest.length == 0 || *ret_is_closing;
}

/* The next line that is one of the open boundaries; false at the end of the message. */
static bool find_boundary(const Splitter *splitter, BoundaryLine *ret_line)
{
    Span raw = splitter->message->raw;
    for (size_t at = lines_find_dashes(raw, splitter->at); at < raw.length; at = lines_find_dashes(raw, at + 1)) {
        Span rest = span_slice(raw, at, raw.length);
        size_t newline = span_find_byte(rest, '\n');
        bool is_closing;
        for (unsigned level = splitter->depth; level-- > 0;)
            if (matches(span_slice(rest, 0, newline), splitter->multiparts[level].boundary, &is_closing)) {
                *ret_line = (BoundaryLine){ level, is_closing, at, MIN(at + newline + 1, raw.length) };
                return true;
            }
    }
    return false;
}

/* The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1). */
static size_t body_end_before(Span raw, size_t line_start)
{
    size_t end = line_start;
    if (end > 0 && raw.at[end - 1] == '\n')
        end--;
    if (end > 0 && end < line_start && raw.at[end - 1] == '\r')
        end--;
    return end;
}

/* What stands in a multipart without a single part is shown as it stands: nothing is dropped silently. */
static void keep_empty_multipart(Splitter *splitter, const OpenMultipart *multipart, size_t end)
{
    if (multipart->entries < splitter->message->entries->len || splitter->is_full)
        return;
    message_note(splitter->message, "A multipart part holds no parts; it was read as plain text.");
    MailPart part = {
        .headers = multipart->headers,
        .body = span_slice(splitter->message->raw, multipart->body_start, MAX(end, multipart->body_start)),
        .media_type = g_strdup("text/plain"),
        .transfer_encoding = g_strdup(""),
        .depth = splitter->depth + splitter->forwards_open,
        .in_forward = splitter->forwards_open > 0,
    };
    g_array_append_val(splitter->message->entries, part);
    splitter->is_full = splitter->message->entries->len >= MAIL_PARTS_MAX;
}

/* Ends the innermost multiparts but `depth`, and their parts; their bodies end at `end`. */
static void pop_multiparts(Splitter *splitter, unsigned depth, size_t end)
{
    while (splitter->depth > depth) {
        OpenMultipart *multipart = &splitter->multiparts[--splitter->depth];
        keep_empty_multipart(splitter, multipart, end);
        g_clear_pointer(&multipart->boundary, g_free);
        close_parts(splitter, splitter->depth, end);
    }
}

static void end_message(Splitter *splitter)
{
    size_t end = splitter->message->raw.length;
    if (splitter->is_full)
        message_note(splitter->message, TOO_MANY_PARTS);
    else if (splitter->depth > 0)
        message_note(splitter->message, "The message ends in the middle: its last boundary is missing (cut off?).");
    pop_multiparts(splitter, 0, end);
    /* Level 0 parts began under no boundary: they close with everything else, at the end. */
    close_parts(splitter, 0, end);
    splitter->open_count = 0;
}

static void split(Splitter *splitter)
{
    MailMessage *message = splitter->message;
    BoundaryLine line;
    begin_entity(splitter);
    while (splitter->depth > 0 && !splitter->is_full && find_boundary(splitter, &line)) {
        size_t end = body_end_before(message->raw, line.start);
        if (splitter->depth > line.level + 1)
            message_note(message, "An inner multipart part was not closed.");
        pop_multiparts(splitter, line.level + 1, end);
        close_parts(splitter, line.level, end);
        splitter->begins_in_digest = splitter->multiparts[line.level].is_digest;
        if (line.is_closing)
            pop_multiparts(splitter, line.level, end);
        splitter->at = line.end;
        if (!line.is_closing)
            begin_entity(splitter);
    }
    end_message(splitter);
}

/* ---- Encoded forwards ----------------------------------------------------------------------------------------------- */

/* Splits what a part holds once decoded; its parts come behind it. They are not entered again. */
static void split_decoded(MailMessage *message, unsigned index, GBytes *bytes)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    MailMessage inner = { .raw = { length == 0 ? "" : data, length }, .entries = entries_new(), .troubles = message->troubles };
    Splitter splitter = { .message = &inner, .forwards_open = MAIL_FORWARD_DEPTH_MAX };
    split(&splitter);
    unsigned depth = mail_message_part(message, index)->depth, room = MAIL_PARTS_MAX - message->entries->len;
    if (inner.entries->len > room)
        message_note(message, TOO_MANY_PARTS);
    g_array_set_size(inner.entries, MIN(inner.entries->len, room));
    for (unsigned i = 0; i < inner.entries->len; i++)
        g_array_index(inner.entries, MailPart, i).depth += depth;
    g_array_insert_vals(message->entries, index + 1, inner.entries->data, inner.entries->len);
    g_array_set_clear_func(inner.entries, NULL); /* they were moved */
    g_array_unref(inner.entries);
}

/* RFC 2046 §5.2.1 forbids to encode a message/rfc822; some mail programs do. RFC 6532 §3.7 allows it for message/global. */
static void read_encoded_forwards(MailMessage *message)
{
    for (unsigned i = 0; i < message->entries->len; i++) {
        const MailPart *part = mail_message_part(message, i);
        g_autoptr(GError) trouble = NULL;
        GBytes *bytes = NULL;
        if (part->in_forward || !is_forward(part) || !is_encoded(part))
            continue;
        if (!mail_part_decode(part, &bytes, &trouble)) {
            message_note(message, trouble->message);
            continue;
        }
        g_ptr_array_add(message->decoded, bytes);
        split_decoded(message, i, bytes);
    }
}

/* ---- Files inside text ---------------------------------------------------------------------------------------------- */

/* Uuencoded files stand in plain text that is not encoded itself. */
static bool may_hold_files(const MailPart *part)
{
    return is_type(part, "text/plain") && !part->is_attachment && !is_encoded(part);
}

static MailPart file_part(const MailPart *text, const UuFile *file)
{
    return (MailPart){
        .headers = span_slice(text->headers, 0, 0),
        .body = file->block,
        .media_type = g_strdup("application/octet-stream"),
        .name = header_text(file->name, MAIL_TEXT_MAX),
        .transfer_encoding = g_strdup("x-uuencode"),
        .is_attachment = true,
        .in_forward = text->in_forward,
        .depth = text->depth,
    };
}

/* Each file becomes a part behind its text. The text ends before the first one, unless more text follows the last one. */
static void take_files_out(MailMessage *message, unsigned index)
{
    const MailPart text = g_array_index(message->entries, MailPart, index);
    Span rest = text.body;
    size_t first = rest.length;
    UuFile file;
    unsigned place = index;
    while (uu_find(rest, &file)) {
        if (message->entries->len >= MAIL_PARTS_MAX) {
            message_note(message, TOO_MANY_PARTS);
            return;
        }
        MailPart part = file_part(&text, &file);
        g_array_insert_val(message->entries, ++place, part);
        size_t start = (size_t)(file.block.at - text.body.at), end = start + file.block.length;
        first = MIN(first, start);
        rest = span_slice(text.body, end, text.body.length);
    }
    if (place > index && span_trim(rest).length == 0)
        g_array_index(message->entries, MailPart, index).body.length = first;
}

/* A part that is uuencoded as a whole brings its name with it. */
static void take_uu_name(MailPart *part)
{
    Span name = uu_is_encoding(part->transfer_encoding) && part->name == NULL ? uu_name(part->body) : SPAN_EMPTY;
    if (name.length == 0)
        return;
    part->name = header_text(name, MAIL_TEXT_MAX);
    part->is_attachment = true;
}

static void read_uuencoded(MailMessage *message)
{
    for (unsigned i = 0; i < message->entries->len; i++) {
        take_uu_name(&g_array_index(message->entries, MailPart, i));
        if (may_hold_files(mail_message_part(message, i)))
            take_files_out(message, i);
    }
}

MailMessage *mail_message_parse(Span raw)
{
    MailMessage *message = g_new0(MailMessage, 1);
    message->raw = raw;
    message->entries = entries_new();
    message->decoded = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    message->troubles = g_ptr_array_new_with_free_func(g_free);
    Splitter splitter = { .message = message };
    split(&splitter);
    read_encoded_forwards(message);
    read_uuencoded(message);
    return message;
}

void mail_message_free(MailMessage *message)
{
    if (message == NULL)
        return;
    g_array_unref(message->entries);
    g_ptr_array_unref(message->troubles);
    g_ptr_array_unref(message->decoded);
    g_free(message);
}

/* ---- Looking at parts ------------------------------------------------------------------------------------------------ */

size_t mail_message_part_count(const MailMessage *message)
{
    return message->entries->len;
}

const MailPart *mail_message_part(const MailMessage *message, size_t index)
{
    g_assert(index < message->entries->len);
    return &g_array_index(message->entries, MailPart, index);
}

int mail_message_body_part(const MailMessage *message)
{
    static const struct {
        const char *type;
        bool in_forward;
    } wishes[] = { { "text/html", false }, { "text/plain", false }, { "text/html", true }, { "text/plain", true } };
    for (size_t wish = 0; wish < G_N_ELEMENTS(wishes); wish++)
        for (unsigned i = 0; i < message->entries->len; i++) {
            const MailPart *part = mail_message_part(message, i);
            if (!part->is_attachment && part->in_forward == wishes[wish].in_forward && is_type(part, wishes[wish].type))
                return (int)i;
        }
    return -1;
}

bool mail_part_decode(const MailPart *part, GBytes **ret_bytes, GError **error)
{
    /* Decoding makes nothing longer: only a body above the limit is counted first. */
    size_t length = part->body.length;
    if (length > LIMIT_EXTRACTION_BYTES)
        length = transfer_decode(part->body, part->transfer_encoding, NULL);
    if (length > LIMIT_EXTRACTION_BYTES) {
        error_set(error, SALDO_ERROR_LIMIT, "the part \"%s\" has %zu bytes; at most %lu are read",
            part->name == NULL ? part->media_type : part->name, length, LIMIT_EXTRACTION_BYTES);
        return false;
    }
    char *bytes = g_malloc(length + 1);
    length = transfer_decode(part->body, part->transfer_encoding, bytes);
    *ret_bytes = g_bytes_new_take(bytes, length);
    return true;
}

char *mail_part_text(const MailPart *part, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    if (!mail_part_decode(part, &bytes, error))
        return NULL;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    Span text = { data, length };
    if (length > MAIL_TEXT_BYTES_MAX) {
        error_set(error, SALDO_ERROR_LIMIT, "the text has %zu bytes; at most %lu are shown", (size_t)length,
            MAIL_TEXT_BYTES_MAX);
        return NULL;
    }
    g_autofree char *declared = is_type(part, "text/html") && part->charset == NULL ? html_declared_charset(text) : NULL;
    return mail_charset_to_utf8(text, declared != NULL ? declared : part->charset);
}
