/* Reading one mail: RFC 5322 headers, MIME parts, text and the markup hidden in HTML.
 *
 * Runs only in the jail (and in tests). Pure: bytes in, value out; linear in time, bounded by limits.h
 * of this room; never recursive on outside data. What cannot be read is named in `troubles`.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"

/* What the list and the reading pane show of a mail. All text is UTF-8 without control characters;
 * absent headers are NULL. */
typedef struct MailSummary {
    char *from_name;
    char *from_address;
    char *reply_to;
    char *to;
    char *subject;
    char *message_id; /* with its angle brackets */
    char *date;       /* as RFC 3339 in UTC, or NULL where it cannot be read */
    char *preview;    /* first 200 characters of the text */
    GPtrArray *attachments; /* MailAttachment */
    GPtrArray *links;       /* MailLink: of the body that the reader sees */
    GPtrArray *troubles;    /* char *: what could not be read, for people */
} MailSummary;

typedef struct MailAttachment {
    unsigned part; /* number of the part in the message, counted depth first from 0 */
    char *name;    /* file name, or NULL */
    char *media_type;
    size_t bytes;  /* after transfer decoding */
} MailAttachment;

/* A link, and what it says that it is. */
typedef struct MailLink {
    char *text;    /* as the reader sees it; may be empty (a picture) */
    char *address; /* as written: "https://…", "mailto:…", anything */
} MailLink;
void mail_link_free(void *link);
/* True where the text itself is a web address, and of another host than the one that the link leads to. */
bool mail_link_misleads(const MailLink *link);

MailSummary *mail_summary_new(void); /* empty */
void mail_summary_free(MailSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailSummary, mail_summary_free)

/* Made clean and bounded; further ones than the limit are dropped. */
void mail_summary_add_trouble(MailSummary *summary, const char *text);

/* The jail writes these, the engine reads them back (trusting nothing: wrong shapes are an error). */
json_t *mail_summary_to_json(const MailSummary *summary);
MailSummary *mail_summary_from_json(const json_t *json, GError **error);

/* ---- Parts -------------------------------------------------------------------------------- */

typedef struct MailPart {
    Span headers;          /* raw, borrowed from the message, or from what it decoded of a forwarded message */
    Span body;             /* the same; before transfer decoding */
    char *media_type;      /* lower case "text/html"; "text/plain" where absent (RFC 2045 §5.2) */
    char *charset;         /* lower case, or NULL */
    char *name;            /* file name from Content-Disposition or Content-Type (RFC 2231, 2047), or NULL */
    char *transfer_encoding;
    char *content_id;      /* without its angle brackets (RFC 2392), or NULL */
    bool is_attachment;    /* not shown as text; a picture inside the body is one too */
    bool is_inline;        /* a picture (PNG, GIF, JPEG, WebP) with a Content-ID, not said to be an attachment */
    bool in_forward;       /* stands inside a message/rfc822 part: who signed the mail does not vouch for it */
    unsigned depth;
} MailPart;

typedef struct MailMessage MailMessage;

/* Never fails on outside bytes: what is broken shows in the summary's troubles. The message borrows `raw`. */
MailMessage *mail_message_parse(Span raw);
void mail_message_free(MailMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailMessage, mail_message_free)

MailSummary *mail_message_summary(const MailMessage *message);
size_t mail_message_part_count(const MailMessage *message);
const MailPart *mail_message_part(const MailMessage *message, size_t index);
/* The part's bytes after transfer decoding, newly allocated; false with `error` (LIMIT) when too large. */
bool mail_part_decode(const MailPart *part, GBytes **ret_bytes, GError **error);
/* The part's text in UTF-8 (charset decoded, bad sequences become U+FFFD). */
char *mail_part_text(const MailPart *part, GError **error);
/* What the reader sees: index of the HTML part, else of the plain text part, else -1. */
int mail_message_body_part(const MailMessage *message);

/* ---- HTML ---------------------------------------------------------------------------------- */

/* The text of every <script type="application/ld+json"> and adaptivecard script, in document order,
 * comment and CDATA wraps removed: char *. Linear in the length of the HTML. */
GPtrArray *mail_html_json_scripts(Span html);
/* Every link with an address that is not a place in the text itself, in document order: MailLink, at most MAIL_LINKS_MAX. */
GPtrArray *mail_html_links(Span html);
/* The microdata items that stand in no other item, in document order, as JSON-LD would give them: a list of objects
 * {"@type": text or list, "@id": itemid, property: text, object, or list of them}. itemref is followed, in loops never; an
 * item with several names stands under the first of them.
 * Texts are clean; values beyond the limits are left out, never cut. Linear in the length of the HTML. New reference. */
json_t *mail_html_microdata(Span html);
/* HTML that is safe to show in a frame of its own: a list of allowed elements, attributes and CSS; no script, form,
 * frame, external fetch; remote pictures become empty unless `allow_remote_pictures`; links keep their text and lose
 * their target (no link leads away). A `cid:` picture (RFC 2392) is taken out of `message`, which may be NULL.
 * Newly allocated UTF-8, a complete document. */
char *mail_html_sanitize(Span html, const MailMessage *message, bool allow_remote_pictures);
/* Plain text as a complete HTML document. */
char *mail_text_to_html(Span text);

/* ---- Charsets ------------------------------------------------------------------------------ */

/* Newly allocated valid UTF-8 without NUL; what cannot be read becomes U+FFFD. `label` as in the mail, any case;
 * NULL, unknown or us-ascii: UTF-8 where the bytes are valid UTF-8, else windows-1252. */
char *mail_charset_to_utf8(Span bytes, const char *label);
/* True where the label names a charset that is read here. */
bool mail_charset_is_known(const char *label);
/* Loads every charset converter for the life of the process, because iconv reads its modules from files: to be called
 * before the jail closes the file system. */
void mail_charsets_warm_up(void);
