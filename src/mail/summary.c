/* What the list and the reading pane show of a mail, and its JSON form. */
#include <string.h>

#include "address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "date.h"
#include "header.h"
#include "html.h"
#include "limits.h"
#include "message.h"
#include "transfer.h"

/* Enough of a part's body to see how its content starts, in any transfer encoding. */
enum { TNEF_FRONT_BYTES = 256 };

static void attachment_free(void *data)
{
    MailAttachment *attachment = data;
    g_free(attachment->name);
    g_free(attachment->media_type);
    g_free(attachment);
}

MailSummary *mail_summary_new(void)
{
    MailSummary *summary = g_new0(MailSummary, 1);
    summary->attachments = g_ptr_array_new_with_free_func(attachment_free);
    summary->links = g_ptr_array_new_with_free_func(mail_link_free);
    summary->troubles = g_ptr_array_new_with_free_func(g_free);
    return summary;
}

void mail_summary_free(MailSummary *summary)
{
    if (summary == NULL)
        return;
    char *texts[] = { summary->from_name, summary->from_address, summary->reply_to, summary->to, summary->subject,
        summary->message_id, summary->date, summary->preview };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_ptr_array_unref(summary->attachments);
    g_ptr_array_unref(summary->links);
    g_ptr_array_unref(summary->troubles);
    g_free(summary);
}

void mail_summary_add_trouble(MailSummary *summary, const char *text)
{
    if (summary->troubles->len < MAIL_TROUBLES_MAX)
        g_ptr_array_add(summary->troubles, text_clean(span_of(text), MAIL_TEXT_MAX));
}

/* ---- From the headers ----------------------------------------------------------------------------------------- */

#define MANY_SENDERS "The mail names more than one sender (From); the first one is shown."

static void read_from(const MailMessage *message, Span value, MailSummary *summary)
{
    g_autoptr(GPtrArray) mailboxes = address_list_parse(value);
    const Mailbox *first = mailboxes->len > 0 ? mailboxes->pdata[0] : NULL;
    if (mailboxes->len > 1)
        message_note(message, MANY_SENDERS);
    if (first == NULL)
        return;
    summary->from_name = g_strdup(first->name);
    summary->from_address = g_strdup(first->address);
}

static void read_reply_to(const MailMessage *message, Span value, MailSummary *summary)
{
    g_autoptr(GPtrArray) mailboxes = address_list_parse(value);
    if (mailboxes->len > 0)
        summary->reply_to = g_strdup(((const Mailbox *)mailboxes->pdata[0])->address);
}

static void read_to(const MailMessage *message, Span value, MailSummary *summary)
{
    g_autoptr(GPtrArray) mailboxes = address_list_parse(value);
    summary->to = address_list_text(mailboxes);
}

static void read_subject(const MailMessage *message, Span value, MailSummary *summary)
{
    summary->subject = header_text(value, MAIL_TEXT_MAX);
}

static void read_message_id(const MailMessage *message, Span value, MailSummary *summary)
{
    if (value.length > 0)
        summary->message_id = text_clean(value, MAIL_TEXT_MAX);
}

static void read_date(const MailMessage *message, Span value, MailSummary *summary)
{
    int64_t time_us;
    char text[TIME_RFC3339_MAX];
    if (date_parse(value, &time_us)) {
        time_format_rfc3339(time_us, text);
        summary->date = g_strdup(text);
    } else {
        message_note(message, "The mail's Date cannot be read.");
    }
}

static const struct {
    const char *name;
    void (*read)(const MailMessage *message, Span value, MailSummary *summary);
} fields[] = {
    { "From", read_from },
    { "Reply-To", read_reply_to },
    { "To", read_to },
    { "Subject", read_subject },
    { "Message-ID", read_message_id },
    { "Date", read_date },
};

/* Of several fields of one name the last is shown, which is the one that a signature covers (message.c, EntityFields); of
 * several senders the first, and that there are several is told. */
static void read_headers(const MailMessage *message, MailSummary *summary)
{
    Span found[G_N_ELEMENTS(fields)] = { 0 }, rest = message->headers;
    HeaderField field;
    while (header_next(&rest, &field))
        for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
            if (!span_equal_nocase(field.name, span_of(fields[i].name)))
                continue;
            bool is_other_sender = fields[i].read == read_from && found[i].at != NULL;
            if (is_other_sender)
                message_note(message, MANY_SENDERS);
            else
                found[i] = field.value;
        }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (found[i].at != NULL)
            fields[i].read(message, found[i], summary);
    if (summary->from_address == NULL)
        message_note(message, "The mail has no readable sender (From).");
}

/* ---- From the parts -------------------------------------------------------------------------------------------- */

static void list_attachments(const MailMessage *message, MailSummary *summary)
{
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        if (!part->is_attachment || part->is_inline)
            continue;
        MailAttachment attachment = {
            .part = (unsigned)i,
            .name = g_strdup(part->name),
            .media_type = g_strdup(part->media_type),
            .bytes = transfer_decode(part->body, part->transfer_encoding, NULL),
        };
        g_ptr_array_add(summary->attachments, g_memdup2(&attachment, sizeof attachment));
    }
}

/* The part's text; NULL with the reason noted. */
static char *part_text(const MailMessage *message, const MailPart *part)
{
    g_autoptr(GError) trouble = NULL;
    char *text = mail_part_text(part, &trouble);
    if (text == NULL)
        message_note(message, trouble->message);
    return text;
}

/* Of the text only the front is needed. NULL where nothing is left of it. */
static char *preview_of(const char *text, bool is_html)
{
    g_autofree char *preview = is_html ? html_to_text(span_of(text), MAIL_PREVIEW_MAX) : text_clean(span_of(text), MAIL_PREVIEW_MAX);
    return preview[0] == '\0' ? NULL : g_steal_pointer(&preview);
}

/* The plain text of the mail itself, where it has one. */
static void read_plain_preview(const MailMessage *message, MailSummary *summary)
{
    for (unsigned i = 0; i < message->entries->len; i++) {
        const MailPart *part = mail_message_part(message, i);
        if (part->in_forward || part->is_attachment || strcmp(part->media_type, "text/plain") != 0)
            continue;
        g_autofree char *text = part_text(message, part);
        summary->preview = text == NULL ? NULL : preview_of(text, false);
        return;
    }
}

/* What the reader sees: its links, and the preview where no plain text gave one. */
static void read_body(const MailMessage *message, MailSummary *summary)
{
    int body = mail_message_body_part(message);
    const MailPart *part = body < 0 ? NULL : mail_message_part(message, (size_t)body);
    bool is_html = part != NULL && strcmp(part->media_type, "text/html") == 0;
    if (part == NULL || (!is_html && summary->preview != NULL))
        return;
    g_autofree char *text = part_text(message, part);
    if (text == NULL)
        return;
    if (summary->preview == NULL)
        summary->preview = preview_of(text, is_html);
    if (!is_html)
        return;
    g_ptr_array_unref(summary->links);
    summary->links = mail_html_links(span_of(text));
}

static void note_unknown_charsets(const MailMessage *message)
{
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        if (part->is_attachment || part->charset == NULL || mail_charset_is_known(part->charset))
            continue;
        g_autofree char *text = g_strdup_printf("The charset \"%.40s\" is not known here; the text may look wrong.",
            part->charset);
        message_note(message, text);
    }
}

/* Outlook's container for a mail and its files (MS-OXTNEF §2.1.3.2), by its media type or its first bytes. */
static bool is_tnef(const MailPart *part)
{
    char front[TNEF_FRONT_BYTES];
    Span body = span_slice(part->body, 0, sizeof front);
    size_t length = part->is_attachment ? transfer_decode(body, part->transfer_encoding, front) : 0;
    return strcmp(part->media_type, "application/ms-tnef") == 0 || strcmp(part->media_type, "application/vnd.ms-tnef") == 0
        || span_starts_with((Span){ front, length }, SPAN("\x78\x9f\x3e\x22"));
}

static void note_tnef(const MailMessage *message)
{
    for (size_t i = 0; i < mail_message_part_count(message); i++) {
        const MailPart *part = mail_message_part(message, i);
        if (!is_tnef(part))
            continue;
        g_autofree char *text = g_strdup_printf("The attachment \"%.100s\" is in Microsoft Outlook's own format (TNEF); what is "
            "inside it is not read. Ask the sender to send the mail as HTML or plain text.",
            part->name == NULL ? "winmail.dat" : part->name);
        message_note(message, text);
    }
}

MailSummary *mail_message_summary(const MailMessage *message)
{
    MailSummary *summary = mail_summary_new();
    read_headers(message, summary);
    list_attachments(message, summary);
    read_plain_preview(message, summary);
    read_body(message, summary);
    note_unknown_charsets(message);
    note_tnef(message);
    for (unsigned i = 0; i < message->troubles->len; i++)
        mail_summary_add_trouble(summary, message->troubles->pdata[i]);
    return summary;
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t offset;
} members[] = {
    { "from_name", offsetof(MailSummary, from_name) },
    { "from_address", offsetof(MailSummary, from_address) },
    { "reply_to", offsetof(MailSummary, reply_to) },
    { "to", offsetof(MailSummary, to) },
    { "subject", offsetof(MailSummary, subject) },
    { "message_id", offsetof(MailSummary, message_id) },
    { "date", offsetof(MailSummary, date) },
    { "preview", offsetof(MailSummary, preview) },
};

json_t *mail_summary_to_json(const MailSummary *summary)
{
    json_t *json = json_object(), *attachments = json_array(), *links = json_array(), *troubles = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        json_put_text(json, members[i].key, G_STRUCT_MEMBER(char *, summary, members[i].offset));
    for (unsigned i = 0; i < summary->attachments->len; i++) {
        const MailAttachment *attachment = summary->attachments->pdata[i];
        json_t *one = json_object();
        json_put_integer(one, "part", attachment->part);
        json_put_text(one, "name", attachment->name);
        json_put_text(one, "media_type", attachment->media_type);
        json_put_integer(one, "bytes", (int64_t)attachment->bytes);
        json_array_append_new(attachments, one);
    }
    for (unsigned i = 0; i < summary->links->len; i++) {
        const MailLink *link = summary->links->pdata[i];
        json_t *one = json_object();
        json_put_text(one, "text", link->text);
        json_put_text(one, "address", link->address);
        json_array_append_new(links, one);
    }
    for (unsigned i = 0; i < summary->troubles->len; i++)
        json_array_append_new(troubles, json_string(summary->troubles->pdata[i]));
    json_object_set_new(json, "attachments", attachments);
    json_object_set_new(json, "links", links);
    json_object_set_new(json, "troubles", troubles);
    return json;
}

/* A clean text, or NULL where null or absent; false where it is anything else. */
static bool take_text(const json_t *value, char **ret_text)
{
    bool is_absent = value == NULL || json_is_null(value);
    Span text = { json_string_value(value), json_string_length(value) };
    if (!is_absent && (!json_is_string(value) || !text_is_clean(text, MAIL_TEXT_MAX)))
        return false;
    *ret_text = is_absent ? NULL : g_strndup(text.at, text.length);
    return true;
}

static bool take_attachment(const json_t *value, MailSummary *summary)
{
    const json_t *part = json_object_get(value, "part"), *bytes = json_object_get(value, "bytes");
    MailAttachment *attachment = g_new0(MailAttachment, 1);
    g_ptr_array_add(summary->attachments, attachment);
    if (!json_is_integer(part) || json_integer_value(part) < 0 || json_integer_value(part) >= MAIL_PARTS_MAX
        || !json_is_integer(bytes) || json_integer_value(bytes) < 0)
        return false;
    attachment->part = (unsigned)json_integer_value(part);
    attachment->bytes = (size_t)json_integer_value(bytes);
    return take_text(json_object_get(value, "name"), &attachment->name)
        && take_text(json_object_get(value, "media_type"), &attachment->media_type) && attachment->media_type != NULL;
}

/* Messages stored earlier have none. */
static bool take_links(const json_t *json, MailSummary *summary)
{
    const json_t *links = json_object_get(json, "links");
    if (links != NULL && (!json_is_array(links) || json_array_size(links) > MAIL_LINKS_MAX))
        return false;
    for (size_t i = 0; i < json_array_size(links); i++) {
        MailLink *link = g_new0(MailLink, 1);
        g_ptr_array_add(summary->links, link);
        if (!take_text(json_object_get(json_array_get(links, i), "text"), &link->text)
            || !take_text(json_object_get(json_array_get(links, i), "address"), &link->address) || link->text == NULL
            || link->address == NULL)
            return false;
    }
    return true;
}

static bool take_lists(const json_t *json, MailSummary *summary)
{
    const json_t *attachments = json_object_get(json, "attachments"), *troubles = json_object_get(json, "troubles");
    if (!json_is_array(attachments) || json_array_size(attachments) > MAIL_PARTS_MAX || !json_is_array(troubles)
        || json_array_size(troubles) > MAIL_TROUBLES_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(attachments); i++)
        if (!take_attachment(json_array_get(attachments, i), summary))
            return false;
    for (size_t i = 0; i < json_array_size(troubles); i++) {
        char *text = NULL;
        if (!take_text(json_array_get(troubles, i), &text) || text == NULL)
            return false;
        g_ptr_array_add(summary->troubles, text);
    }
    return true;
}

MailSummary *mail_summary_from_json(const json_t *json, GError **error)
{
    g_autoptr(MailSummary) summary = mail_summary_new();
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (!take_text(json_object_get(json, members[i].key), &G_STRUCT_MEMBER(char *, summary, members[i].offset))) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "the summary's member \"%s\" is not a clean text", members[i].key);
            return NULL;
        }
    if (!json_is_object(json) || !take_lists(json, summary) || !take_links(json, summary)) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "the summary's attachments, links or troubles are not lists of the right form");
        return NULL;
    }
    return g_steal_pointer(&summary);
}
