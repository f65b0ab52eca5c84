/* HTML that is safe to show.
 *
 * Nothing of the mail's markup passes through: a new document is written from the tokens, with elements, attributes and
 * CSS from lists, everything else escaped, and every element closed. A browser that reads it can therefore meet no tag
 * that is not written here. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "css.h"
#include "html.h"
#include "limits.h"
#include "mail/mail.h"

typedef enum Trait {
    BLOCK = 1,       /* ends an open <p> */
    PARAGRAPH = 2,
    VOID = 4,        /* has no end tag */
    OUT_OF_SVG = 8,  /* the standard's elements that end foreign content; so they end what is skipped */
    ITEM = 16,       /* li; as of the next four: one ends the one before it */
    TERM = 32,       /* dd, dt */
    CELL = 64,       /* td, th: end tags of other elements do not reach through it */
    ROW = 128,       /* tr */
    ROWS = 256,      /* tbody, thead, tfoot */
    TABLE = 512,     /* table, caption */
} Trait;

static const struct AllowedElement {
    const char *name;
    unsigned traits;
} elements[] = { /* in strcmp order */
    { "a", 0 }, { "abbr", 0 }, { "address", BLOCK }, { "article", BLOCK }, { "aside", BLOCK }, { "b", OUT_OF_SVG },
    { "bdi", 0 }, { "bdo", 0 }, { "big", OUT_OF_SVG }, { "blockquote", BLOCK | OUT_OF_SVG }, { "br", VOID | OUT_OF_SVG },
    { "caption", TABLE }, { "center", BLOCK | OUT_OF_SVG }, { "cite", 0 }, { "code", OUT_OF_SVG }, { "col", VOID },
    { "colgroup", 0 }, { "dd", BLOCK | TERM | OUT_OF_SVG }, { "del", 0 }, { "dfn", 0 }, { "div", BLOCK | OUT_OF_SVG },
    { "dl", BLOCK | OUT_OF_SVG }, { "dt", BLOCK | TERM | OUT_OF_SVG }, { "em", OUT_OF_SVG }, { "figcaption", BLOCK },
    { "figure", BLOCK }, { "font", 0 }, { "footer", BLOCK }, { "h1", BLOCK | OUT_OF_SVG }, { "h2", BLOCK | OUT_OF_SVG },
    { "h3", BLOCK | OUT_OF_SVG }, { "h4", BLOCK | OUT_OF_SVG }, { "h5", BLOCK | OUT_OF_SVG }, { "h6", BLOCK | OUT_OF_SVG },
    { "header", BLOCK }, { "hr", BLOCK | VOID | OUT_OF_SVG }, { "i", OUT_OF_SVG }, { "img", VOID | OUT_OF_SVG },
    { "ins", 0 }, { "kbd", 0 }, { "li", BLOCK | ITEM | OUT_OF_SVG }, { "main", BLOCK }, { "mark", 0 },
    { "nobr", OUT_OF_SVG }, { "ol", BLOCK | OUT_OF_SVG }, { "p", BLOCK | PARAGRAPH | OUT_OF_SVG }, { "pre", BLOCK | OUT_OF_SVG },
    { "q", 0 }, { "s", OUT_OF_SVG }, { "samp", 0 }, { "section", BLOCK }, { "small", OUT_OF_SVG }, { "span", OUT_OF_SVG },
    { "strike", OUT_OF_SVG }, { "strong", OUT_OF_SVG }, { "sub", OUT_OF_SVG }, { "sup", OUT_OF_SVG },
    { "table", BLOCK | TABLE | OUT_OF_SVG }, { "tbody", ROWS }, { "td", CELL }, { "tfoot", ROWS }, { "th", CELL },
    { "thead", ROWS }, { "tr", ROW }, { "tt", OUT_OF_SVG }, { "u", OUT_OF_SVG }, { "ul", BLOCK | OUT_OF_SVG },
    { "var", OUT_OF_SVG }, { "wbr", VOID },
};

enum { ELEMENTS = G_N_ELEMENTS(elements), NO_ELEMENT = -1 };

/* Left out with all that stands inside. */
#define SKIPPED "svg math select template datalist audio video object applet"

#define ATTRIBUTES                                                                                                     \
    "abbr align alt bgcolor border cellpadding cellspacing color colspan dir face height hspace lang nowrap rowspan " \
    "scope size span start summary title type valign value vspace width"

typedef struct Sanitizer {
    Buffer out;
    const MailMessage *message; /* for its own pictures, or NULL */
    bool allow_remote_pictures;
    int open[MAIL_HTML_DEPTH_MAX];
    unsigned depth;
    unsigned open_of[ELEMENTS]; /* how often each is open */
    size_t too_deep;            /* start tags left out beyond the depth, not yet ended */
    Span skipped;               /* name of the element that is being left out, or empty */
    size_t skipped_depth;
} Sanitizer;

static int find_element(Span name)
{
    const struct AllowedElement *found = bsearch(&name, elements, ELEMENTS, sizeof *elements, html_compare_name);
    return found == NULL ? NO_ELEMENT : (int)(found - elements);
}

static bool is_full(const Sanitizer *sanitizer)
{
    return sanitizer->out.length > MAIL_HTML_OUTPUT_MAX;
}

/* Bytes that may still be added before the document counts as full. */
static size_t room_left(const Sanitizer *sanitizer)
{
    return is_full(sanitizer) ? 0 : MAIL_HTML_OUTPUT_MAX - sanitizer->out.length;
}

static void put(Sanitizer *sanitizer, const char *text)
{
    buffer_append_text(&sanitizer->out, text);
}

/* ---- Text ---------------------------------------------------------------------------------------------------- */

/* What stands for the character; NULL where it stands for itself. References stay where the text still has them. */
static const char *escape_of(Span rest, bool keep_entities)
{
    switch (rest.at[0]) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '&': {
        bool may_be_one = rest.length > 1 && (g_ascii_isalpha(rest.at[1]) || rest.at[1] == '#');
        return keep_entities && may_be_one ? NULL : "&amp;";
    }
    case '\n':
    case '\t':
    case '\r': return NULL;
    default: return (unsigned char)rest.at[0] >= 0x20 ? NULL : "";
    }
}

/* Length of the run at the front that needs no escape, at most RUN_MAX and cut between characters. */
static size_t plain_run(Span rest, bool keep_entities)
{
    enum { RUN_MAX = 4096 };
    size_t length = 0;
    while (length < rest.length && (length < RUN_MAX || ((unsigned char)rest.at[length] & 0xC0) == 0x80)
        && escape_of(span_slice(rest, length, rest.length), keep_entities) == NULL)
        length++;
    return length;
}

/* Escapes for text and for values in double quotes. `keep_entities`: the text still has its references. */
static void put_escaped(Sanitizer *sanitizer, Span text, bool keep_entities)
{
    while (text.length > 0 && !is_full(sanitizer)) {
        size_t run = plain_run(text, keep_entities);
        buffer_append(&sanitizer->out, span_slice(text, 0, run));
        if (run == 0)
            put(sanitizer, escape_of(text, keep_entities));
        text = span_slice(text, MAX(run, 1), text.length);
    }
}

/* ---- Attributes -------------------------------------------------------------------------------------------------- */

static void put_attribute(Sanitizer *sanitizer, const char *name, const char *value)
{
    put(sanitizer, " ");
    put(sanitizer, name);
    put(sanitizer, "=\"");
    put_escaped(sanitizer, span_of(value), false);
    put(sanitizer, "\"");
}

/* Remote ones only when allowed; pictures inside the address itself only of kinds that hold pixels. */
static bool is_allowed_picture(const Sanitizer *sanitizer, Span address)
{
    static const char *const pixels[] = { "data:image/png;base64,", "data:image/gif;base64,", "data:image/jpeg;base64,",
        "data:image/jpg;base64,", "data:image/webp;base64," };
    if (span_starts_with_nocase(address, SPAN("https://")) || span_starts_with_nocase(address, SPAN("http://")))
        return sanitizer->allow_remote_pictures && address.length <= MAIL_HTML_VALUE_MAX;
    for (size_t i = 0; i < G_N_ELEMENTS(pixels); i++)
        if (span_starts_with_nocase(address, span_of(pixels[i])))
            return true;
    return false;
}

static const MailPart *find_own_picture(const MailMessage *message, Span content_id)
{
    for (size_t i = 0; message != NULL && i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        if (part->content_id != NULL && span_equal(span_of(part->content_id), content_id))
            return part->is_inline ? part : NULL;
    }
    return NULL;
}

/* The picture's bytes in the document itself: the frame may fetch nothing. */
static void put_own_picture(Sanitizer *sanitizer, const char *address)
{
    g_autofree char *content_id = g_uri_unescape_string(address + strlen("cid:"), NULL);
    const MailPart *part = content_id == NULL ? NULL : find_own_picture(sanitizer->message, span_of(content_id));
    g_autoptr(GBytes) bytes = NULL;
    if (part == NULL || part->body.length > 2 * MAIL_HTML_PICTURE_MAX || !mail_part_decode(part, &bytes, NULL))
        return;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree char *text = length > MAIL_HTML_PICTURE_MAX ? NULL : encode_base64((Span){ data, length });
    if (text == NULL || strlen(text) > room_left(sanitizer))
        return;
    g_autofree char *source = g_strdup_printf("data:%s;base64,%s", part->media_type, text);
    put_attribute(sanitizer, "src", source);
}

static void put_picture(Sanitizer *sanitizer, Span value)
{
    if (value.length > MIN(MAIL_HTML_PICTURE_MAX, room_left(sanitizer)))
        return;
    g_autofree char *decoded = html_decode_entities(value, MAIL_HTML_PICTURE_MAX);
    Span address = span_trim(span_of(decoded));
    g_autofree char *text = g_strndup(address.at, address.length);
    if (span_starts_with_nocase(address, SPAN("cid:")))
        put_own_picture(sanitizer, text);
    else if (is_allowed_picture(sanitizer, address))
        put_attribute(sanitizer, "src", text);
}

static void put_allowed_attribute(Sanitizer *sanitizer, int element, const HtmlAttribute *attribute)
{
    if (strcmp(elements[element].name, "img") == 0 && span_equal_nocase(attribute->name, SPAN("src"))) {
        put_picture(sanitizer, attribute->value);
        return;
    }
    if (attribute->value.length > MAIL_HTML_VALUE_MAX)
        return;
    g_autofree char *value = html_decode_entities(attribute->value, MAIL_HTML_VALUE_MAX);
    if (span_equal_nocase(attribute->name, SPAN("style"))) {
        g_autofree char *style = css_sanitize(span_of(value));
        if (style != NULL)
            put_attribute(sanitizer, "style", style);
    } else if (html_is_one_of(attribute->name, ATTRIBUTES)) {
        g_autofree char *name = g_ascii_strdown(attribute->name.at, (gssize)attribute->name.length);
        put_attribute(sanitizer, name, value);
    }
}

static void put_attributes(Sanitizer *sanitizer, int element, Span attributes)
{
    HtmlAttribute attribute;
    for (unsigned i = 0; i < MAIL_HTML_ATTRIBUTES_MAX && html_next_attribute(&attributes, &attribute); i++)
        put_allowed_attribute(sanitizer, element, &attribute);
}

/* ---- Elements -------------------------------------------------------------------------------------------------------- */

static void close_top(Sanitizer *sanitizer)
{
    int element = sanitizer->open[--sanitizer->depth];
    sanitizer->open_of[element]--;
    put(sanitizer, "</");
    put(sanitizer, elements[element].name);
    put(sanitizer, ">");
}

static int top_of(const Sanitizer *sanitizer)
{
    return sanitizer->depth == 0 ? NO_ELEMENT : sanitizer->open[sanitizer->depth - 1];
}

static bool top_has(const Sanitizer *sanitizer, unsigned traits)
{
    int top = top_of(sanitizer);
    return top != NO_ELEMENT && (elements[top].traits & traits) != 0;
}

/* The end tags that HTML lets authors leave out: what an element with these traits ends, in this order. */
static const struct {
    unsigned starts, ends;
} implied_ends[] = {
    { BLOCK, PARAGRAPH }, { CELL | ROW | ROWS, CELL }, { ROW | ROWS, ROW }, { ROWS, ROWS }, { ITEM, ITEM }, { TERM, TERM },
};

static void close_implied(Sanitizer *sanitizer, int element)
{
    for (size_t i = 0; i < G_N_ELEMENTS(implied_ends); i++)
        if ((elements[element].traits & implied_ends[i].starts) != 0 && top_has(sanitizer, implied_ends[i].ends))
            close_top(sanitizer);
}

static void start_element(Sanitizer *sanitizer, int element, Span attributes)
{
    close_implied(sanitizer, element);
    bool is_void = (elements[element].traits & VOID) != 0;
    if (!is_void && sanitizer->depth == MAIL_HTML_DEPTH_MAX) {
        sanitizer->too_deep++;
        return;
    }
    put(sanitizer, "<");
    put(sanitizer, elements[element].name);
    put_attributes(sanitizer, element, attributes);
    put(sanitizer, ">");
    if (!is_void) {
        sanitizer->open[sanitizer->depth++] = element;
        sanitizer->open_of[element]++;
    }
}

/* True where the element's end tag reaches an open start tag: not through a table cell, unless it ends table parts. */
static bool reaches(const Sanitizer *sanitizer, int element)
{
    bool is_table_part = (elements[element].traits & (TABLE | ROWS | ROW | CELL)) != 0;
    for (unsigned i = sanitizer->depth; i-- > 0;) {
        if (sanitizer->open[i] == element)
            return true;
        if (!is_table_part && (elements[sanitizer->open[i]].traits & CELL) != 0)
            return false;
    }
    return false;
}

static void end_element(Sanitizer *sanitizer, int element)
{
    if ((elements[element].traits & VOID) != 0)
        return;
    if (sanitizer->too_deep > 0) {
        sanitizer->too_deep--;
        return;
    }
    if (sanitizer->open_of[element] == 0 || !reaches(sanitizer, element))
        return;
    while (top_of(sanitizer) != element)
        close_top(sanitizer);
    close_top(sanitizer);
}

/* Follows an element that is left out with its inside; true while the token belongs to it. */
static bool is_skipped(Sanitizer *sanitizer, const HtmlToken *token, int element)
{
    if (sanitizer->skipped.length == 0)
        return false;
    bool is_same = span_equal_nocase(token->name, sanitizer->skipped);
    if (token->kind == HTML_START && element != NO_ELEMENT && (elements[element].traits & OUT_OF_SVG) != 0) {
        sanitizer->skipped = SPAN_EMPTY;
        return false;
    }
    if (token->kind == HTML_START && is_same && !token->closes_itself)
        sanitizer->skipped_depth++;
    if (token->kind == HTML_END && is_same && --sanitizer->skipped_depth == 0)
        sanitizer->skipped = SPAN_EMPTY;
    return true;
}

static void take_token(Sanitizer *sanitizer, const HtmlToken *token)
{
    bool is_tag = token->kind == HTML_START || token->kind == HTML_END;
    int element = is_tag ? find_element(token->name) : NO_ELEMENT;
    if (is_skipped(sanitizer, token, element))
        return;
    switch (token->kind) {
    case HTML_TEXT:
        put_escaped(sanitizer, token->text, true);
        return;
    case HTML_START:
        if (element != NO_ELEMENT) {
            start_element(sanitizer, element, token->attributes);
        } else if (html_is_one_of(token->name, SKIPPED) && !token->closes_itself) {
            sanitizer->skipped = token->name;
            sanitizer->skipped_depth = 1;
        }
        return;
    case HTML_END:
        if (element != NO_ELEMENT)
            end_element(sanitizer, element);
        return;
    case HTML_RAW: /* scripts, styles, titles, frames: never shown */
        return;
    }
}

/* ---- The document ------------------------------------------------------------------------------------------------------ */

/* The policy inside the document stands behind the one of the HTTP answer and says the same: either alone is enough. */
static void put_head(Sanitizer *sanitizer)
{
    put(sanitizer, "<!doctype html>\n<html><head><meta charset=\"utf-8\">"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
                   "img-src data:");
    put(sanitizer, sanitizer->allow_remote_pictures ? " https:" : "");
    put(sanitizer, "; form-action 'none'; base-uri 'none'\"><meta name=\"referrer\" content=\"no-referrer\">"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                   "<style>body{margin:16px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
                   "img{max-width:100%}pre{white-space:pre-wrap}</style></head><body>\n");
}

static char *finish_document(Sanitizer *sanitizer)
{
    bool was_cut = is_full(sanitizer);
    while (sanitizer->depth > 0)
        close_top(sanitizer);
    if (was_cut)
        put(sanitizer, "<p><em>This message is too long to be shown whole.</em></p>");
    put(sanitizer, "\n</body></html>\n");
    g_assert(!sanitizer->out.overflowed);
    return g_strndup(sanitizer->out.data, sanitizer->out.length);
}

static Sanitizer begin_document(const MailMessage *message, bool allow_remote_pictures)
{
    Sanitizer sanitizer = {
        .out = BUFFER_INIT(MAIL_HTML_OUTPUT_MAX + MAIL_HTML_OUTPUT_TAIL),
        .message = message,
        .allow_remote_pictures = allow_remote_pictures,
        .skipped = SPAN_EMPTY,
    };
    put_head(&sanitizer);
    return sanitizer;
}

char *mail_html_sanitize(Span html, const MailMessage *message, bool allow_remote_pictures)
{
    Sanitizer sanitizer = begin_document(message, allow_remote_pictures);
    g_autofree char *valid = g_utf8_make_valid(html.at, (gssize)html.length);
    HtmlTokenizer tokenizer = html_tokenizer(span_of(valid));
    HtmlToken token;
    while (!is_full(&sanitizer) && html_next(&tokenizer, &token))
        take_token(&sanitizer, &token);
    char *document = finish_document(&sanitizer);
    buffer_done(&sanitizer.out);
    return document;
}

char *mail_text_to_html(Span text)
{
    Sanitizer sanitizer = begin_document(NULL, false);
    g_autofree char *valid = g_utf8_make_valid(text.at, (gssize)text.length);
    put(&sanitizer, "<pre>");
    put_escaped(&sanitizer, span_of(valid), false);
    put(&sanitizer, "</pre>");
    char *document = finish_document(&sanitizer);
    buffer_done(&sanitizer.out);
    return document;
}
