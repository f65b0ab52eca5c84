/* Any bytes are a message: parts lie inside it, texts are valid, the summary survives its JSON form. */
#include "mail/mail.h"

#include "base/json.h"
#include "limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(Span raw, const MailPart *part)
{
    /* What stands in a forwarded message may have been decoded: the sanitizer sees where that ends. */
    bool is_borrowed = part->body.at >= raw.at && part->body.at <= raw.at + raw.length;
    g_assert_true(is_borrowed || part->in_forward);
    if (is_borrowed) {
        g_assert_true(part->headers.at >= raw.at && part->headers.at + part->headers.length <= raw.at + raw.length);
        g_assert_true(part->body.at + part->body.length <= raw.at + raw.length);
    }
    g_assert_cmpuint(part->depth, <=, 2 * MAIL_DEPTH_MAX + MAIL_FORWARD_DEPTH_MAX);
    g_autoptr(GBytes) bytes = NULL;
    if (mail_part_decode(part, &bytes, NULL))
        g_assert_cmpuint(g_bytes_get_size(bytes), <=, part->body.length);
    g_autofree char *text = mail_part_text(part, NULL);
    g_assert_true(text == NULL || g_utf8_validate(text, -1, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Span raw = { data == NULL ? "" : (const char *)data, size };
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    g_assert_cmpuint(mail_message_part_count(message), <=, MAIL_PARTS_MAX);
    for (size_t i = 0; i < mail_message_part_count(message); i++)
        check_part(raw, mail_message_part(message, i));
    g_assert_cmpint(mail_message_body_part(message), <, (int)mail_message_part_count(message));
    g_autoptr(MailSummary) summary = mail_message_summary(message);
    g_autoptr(GError) error = NULL;
    JSON_AUTO *json = mail_summary_to_json(summary);
    g_autoptr(MailSummary) again = mail_summary_from_json(json, &error);
    g_assert_no_error(error);
    JSON_AUTO *second = mail_summary_to_json(again);
    g_assert_true(json_equal(json, second));
    return 0;
}
