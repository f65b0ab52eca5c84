/* For tests: what this room reads in a mail, as one line of JSON for each mail, to be laid beside what others read.
 *
 * Standard input holds mails, each as its length in decimal, a line feed and its bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "mail/mail.h"

/* Bodies of this length are needed to tell why two readers disagree. */
enum { BODY_SHOWN_MAX = 256 * 1024 };

/* The body before decoding: its length, what it is but for the line ends behind it, and itself. */
static void put_body(json_t *one, Span body)
{
    size_t length = body.length;
    while (length > 0 && (body.at[length - 1] == '\r' || body.at[length - 1] == '\n'))
        length--;
    g_autofree char *digest = encode_sha256_hex((Span){ body.at, length });
    json_put_integer(one, "raw_bytes", (int64_t)body.length);
    json_put_text(one, "raw_sha256", digest);
    if (body.length > BODY_SHOWN_MAX)
        return;
    g_autofree char *shown = encode_base64(body);
    json_put_text(one, "body", shown);
}

static void put_content(json_t *one, const MailPart *part)
{
    put_body(one, part->body);
    g_autoptr(GBytes) bytes = NULL;
    if (!mail_part_decode(part, &bytes, NULL))
        return;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree char *digest = encode_sha256_hex((Span){ data, length });
    json_put_integer(one, "bytes", (int64_t)length);
    json_put_text(one, "sha256", digest);
}

static json_t *part_to_json(const MailPart *part)
{
    json_t *one = json_object();
    json_put_text(one, "media_type", part->media_type);
    json_put_text(one, "charset", part->charset);
    json_put_text(one, "name", part->name);
    json_put_text(one, "encoding", part->transfer_encoding);
    json_object_set_new(one, "in_forward", json_boolean(part->in_forward));
    put_content(one, part);
    return one;
}

static void dump(Span raw)
{
    g_autoptr(MailMessage) message = mail_message_parse(raw);
    g_autoptr(MailSummary) summary = mail_message_summary(message);
    JSON_AUTO *json = mail_summary_to_json(summary);
    json_t *parts = json_array();
    for (size_t i = 0; i < mail_message_part_count(message); i++)
        json_array_append_new(parts, part_to_json(mail_message_part(message, i)));
    json_object_set_new(json, "parts", parts);
    g_autofree char *text = json_write(json);
    puts(text);
}

int main(void)
{
    unsigned long length;
    while (scanf("%lu", &length) == 1 && getchar() == '\n' && length <= LIMIT_MESSAGE_BYTES) {
        g_autofree char *raw = g_malloc(MAX(length, 1));
        if (fread(raw, 1, length, stdin) != length)
            return EXIT_FAILURE;
        dump((Span){ raw, length });
    }
    return feof(stdin) ? EXIT_SUCCESS : EXIT_FAILURE;
}
