/* Splitting a message into its parts (RFC 2046): one pass over the lines with a bounded stack of boundaries.
 *
 * A part ends where any boundary that is still open says so, the innermost first; so a missing end of an inner
 * multipart costs nothing but a trouble. */
#include "message.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "charset.h"
#include "header.h"
#include "html.h"
#include "limits.h"
#include "transfer.h"

typedef struct OpenPart {
    unsigned entry;
    unsigned level; /* boundaries that were open when it began */
    bool is_forward;
} OpenPart;

typedef struct Splitter {
    MailMessage *message;
    size_t at;
    char *boundaries[MAIL_DEPTH_MAX];
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

/* The fields of an entity that decide how it is read. */
typedef struct EntityFields {
    Span content_type, disposition, encoding, content_id;
} EntityFields;

static EntityFields read_fields(Span headers)
{
    EntityFields fields = { 0 };
    HeaderField field;
    while (header_next(&headers, &field)) {
        Span *place = span_equal_nocase(field.name, SPAN("Content-Type")) ? &fields.content_type
            : span_equal_nocase(field.name, SPAN("Content-Disposition")) ? &fields.disposition
            : span_equal_nocase(field.name, SPAN("Content-Transfer-Encoding")) ? &fields.encoding
            : span_equal_nocase(field.name, SPAN("Content-ID"))          ? &fields.content_id
                                                                         : NULL;
        if (place != NULL && place->at == NULL)
            *place = field.value;
    }
    return fields;
}

static bool is_type(const MailPart *part, const char *type)
{
    return strcmp(part->media_type, type) == 0;
}

/* RFC 2045 §5.2: what has no readable type is plain text. */
static char *read_media_type(Span content_type)
{
    g_autofree char *type = header_main_value(content_type);
    const char *slash = strchr(type, '/');
    return slash == NULL || slash == type || slash[1] == '\0' ? g_strdup("text/plain") : g_steal_pointer(&type);
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

static void read_part_fields(const EntityFields *fields, MailPart *part)
{
    g_autofree char *disposition = header_main_value(fields->disposition);
    g_autofree char *file_name = header_parameter(fields->disposition, "filename");
    g_autofree char *charset = header_parameter(fields->content_type, "charset");
    part->media_type = read_media_type(fields->content_type);
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

static bool push_boundary(Splitter *splitter, Span content_type)
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
    splitter->boundaries[splitter->depth++] = g_steal_pointer(&boundary);
    return true;
}

/* A forwarded message in readable transfer encoding, not yet inside another one. */
static bool enters_forward(const Splitter *splitter, const MailPart *part)
{
    bool encoded = strcmp(part->transfer_encoding, "base64") == 0
        || strcmp(part->transfer_encoding, "quoted-printable") == 0;
    return is_type(part, "message/rfc822") && !encoded && splitter->forwards_open < MAIL_FORWARD_DEPTH_MAX;
}

/* Reads the entity that starts at splitter->at: its headers, then a multipart's boundary or one part. A forwarded
 * message is a part of its own and its inside is the next entity. */
static void begin_entity(Splitter *splitter)
{
    for (bool again = true; again && !splitter->is_full;) {
        Span raw = splitter->message->raw, entity = span_slice(raw, splitter->at, raw.length);
        size_t body_start;
        bool is_cut;
        size_t length = header_block_length(entity, &body_start, &is_cut);
        if (is_cut)
            message_note(splitter->message, "A header block is too long; what lies beyond its limit was not read.");
        MailPart part = { .headers = span_slice(entity, 0, length) };
        if (splitter->message->headers.at == NULL)
            splitter->message->headers = part.headers;
        splitter->at += body_start;
        EntityFields fields = read_fields(part.headers);
        read_part_fields(&fields, &part);
        part.body = span_slice(raw, splitter->at, raw.length);
        again = enters_forward(splitter, &part);
        bool is_multipart = g_str_has_prefix(part.media_type, "multipart/");
        if (!is_multipart || !push_boundary(splitter, fields.content_type))
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
    for (size_t at = splitter->at; at < raw.length;) {
        Span rest = span_slice(raw, at, raw.length);
        size_t newline = span_find_byte(rest, '\n');
        Span line = span_slice(rest, 0, newline);
        bool is_closing;
        bool may_match = line.length > 2 && line.at[0] == '-' && line.at[1] == '-';
        for (unsigned level = may_match ? splitter->depth : 0; level-- > 0;)
            if (matches(line, splitter->boundaries[level], &is_closing)) {
                *ret_line = (BoundaryLine){ level, is_closing, at, MIN(at + newline + 1, raw.length) };
                return true;
            }
        at += newline + 1;
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

static void pop_boundaries(Splitter *splitter, unsigned depth)
{
    while (splitter->depth > depth)
        g_clear_pointer(&splitter->boundaries[--splitter->depth], g_free);
}

static void split(Splitter *splitter)
{
    MailMessage *message = splitter->message;
    BoundaryLine line;
    begin_entity(splitter);
    while (splitter->depth > 0 && !splitter->is_full && find_boundary(splitter, &line)) {
        close_parts(splitter, line.level, body_end_before(message->raw, line.start));
        if (splitter->depth > line.level + 1)
            message_note(message, "An inner multipart part was not closed.");
        pop_boundaries(splitter, line.is_closing ? line.level : line.level + 1);
        splitter->at = line.end;
        if (!line.is_closing)
            begin_entity(splitter);
    }
    if (splitter->is_full)
        message_note(message, "The message has too many parts; the rest was not read.");
    else if (splitter->depth > 0)
        message_note(message, "The message ends in the middle: its last boundary is missing (cut off?).");
    /* Level 0 parts began under no boundary: they close with everything else, at the end. */
    close_parts(splitter, 0, message->raw.length);
    splitter->open_count = 0;
    pop_boundaries(splitter, 0);
}

MailMessage *mail_message_parse(Span raw)
{
    MailMessage *message = g_new0(MailMessage, 1);
    message->raw = raw;
    message->entries = g_array_new(FALSE, FALSE, sizeof(MailPart));
    g_array_set_clear_func(message->entries, entry_clear);
    message->troubles = g_ptr_array_new_with_free_func(g_free);
    Splitter splitter = { .message = message };
    split(&splitter);
    return message;
}

void mail_message_free(MailMessage *message)
{
    if (message == NULL)
        return;
    g_array_unref(message->entries);
    g_ptr_array_unref(message->troubles);
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
    size_t length = transfer_decode(part->body, part->transfer_encoding, NULL);
    if (length > LIMIT_EXTRACTION_BYTES) {
        error_set(error, SALDO_ERROR_LIMIT, "the part \"%s\" has %zu bytes; at most %lu are read",
            part->name == NULL ? part->media_type : part->name, length, LIMIT_EXTRACTION_BYTES);
        return false;
    }
    char *bytes = g_malloc(length + 1);
    transfer_decode(part->body, part->transfer_encoding, bytes);
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
    return charset_to_utf8(text, declared != NULL ? declared : part->charset);
}
