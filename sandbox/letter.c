/* Composing and signing mails. Parts: encodings; headers; the tree of parts; signing. */
#include "letter.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "keys.h"
#include "logo.h"
#include "mailauth.h"

/* RFC 2045 §6.7: lines of at most 76; RFC 2047 §2: words of at most 75. */
enum { ENCODED_LINE_MAX = 76, ENCODED_WORD_BYTES_MAX = 42 };

/* ---- Encodings ------------------------------------------------------------------------------- */

static void add_base64(GString *out, Span bytes)
{
    g_autofree char *text = encode_base64(bytes);
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += ENCODED_LINE_MAX) {
        g_string_append_len(out, text + at, (gssize)MIN(length - at, (size_t)ENCODED_LINE_MAX));
        g_string_append(out, "\r\n");
    }
}

/* One byte as it stands in quoted-printable; a space before a line end is encoded. */
static void quote_byte(unsigned char byte, bool at_end, char quoted[4])
{
    bool plain = (byte >= 33 && byte <= 126 && byte != '=') || (byte == ' ' && !at_end);
    if (plain)
        g_snprintf(quoted, 4, "%c", byte);
    else
        g_snprintf(quoted, 4, "=%02X", byte);
}

static void add_quoted_printable(GString *out, const GString *text)
{
    size_t column = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->str[i] == '\n') {
            g_string_append(out, "\r\n");
            column = 0;
            continue;
        }
        char quoted[4];
        bool at_end = i + 1 == text->len || text->str[i + 1] == '\n';
        quote_byte((unsigned char)text->str[i], at_end, quoted);
        if (column + strlen(quoted) > ENCODED_LINE_MAX - 1) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        g_string_append(out, quoted);
        column += strlen(quoted);
    }
    if (column > 0)
        g_string_append(out, "\r\n");
}

static void add_raw(GString *out, const GString *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->str[i] == '\n')
            g_string_append_c(out, '\r');
        g_string_append_c(out, text->str[i]);
    }
    g_string_append(out, "\r\n");
}

/* ---- Headers --------------------------------------------------------------------------------- */

/* ASCII as it is, anything else as encoded words (RFC 2047) cut between characters. */
static void add_words(GString *out, const char *text)
{
    if (g_str_is_ascii(text)) {
        g_string_append(out, text);
        return;
    }
    for (const char *at = text; *at != '\0';) {
        const char *end = at;
        while (*end != '\0' && g_utf8_next_char(end) - at <= ENCODED_WORD_BYTES_MAX)
            end = g_utf8_next_char(end);
        g_autofree char *word = encode_base64((Span){ at, (size_t)(end - at) });
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", at == text ? "" : "\r\n ", word);
        at = end;
    }
}

static void add_date(GString *out, int64_t time_us)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
        "Dec" };
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time_us / US_PER_SECOND);
    g_string_append_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n",
        days[g_date_time_get_day_of_week(date) - 1], g_date_time_get_day_of_month(date),
        months[g_date_time_get_month(date) - 1], g_date_time_get_year(date), g_date_time_get_hour(date),
        g_date_time_get_minute(date), g_date_time_get_second(date));
}

static void add_headers(GString *out, const Letter *letter)
{
    g_string_append(out, "From: ");
    if (g_str_is_ascii(letter->from_name))
        g_string_append_printf(out, "\"%s\"", letter->from_name);
    else
        add_words(out, letter->from_name);
    g_string_append_printf(out, " <%s>\r\nTo: <%s>\r\nSubject: ", letter->from_address, letter->to_address);
    add_words(out, letter->subject);
    g_string_append(out, "\r\n");
    add_date(out, letter->date_us);
    g_string_append_printf(out, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\n", letter->message_id);
}

/* ---- The tree of parts ----------------------------------------------------------------------- */

static void add_text_part(GString *out, const char *text)
{
    g_autoptr(GString) body = g_string_new(text);
    g_string_append(out, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
    add_quoted_printable(out, body);
}

static void add_html_part(GString *out, const Letter *letter)
{
    bool raw = letter->transfer == LETTER_RAW;
    g_string_append_printf(out, "Content-Type: text/html; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
        letter->html_charset == NULL ? "utf-8" : letter->html_charset, raw ? "8bit" : "quoted-printable");
    if (raw)
        add_raw(out, letter->html);
    else
        add_quoted_printable(out, letter->html);
}

/* HTML with its logo as a picture of the message: multipart/related (RFC 2387). */
static void add_related(GString *out, const Letter *letter, const char *boundary)
{
    size_t length;
    g_autofree unsigned char *png = logo_png(letter->logo, &length);
    g_string_append_printf(out, "Content-Type: multipart/related; type=\"text/html\"; boundary=\"r-%s\"\r\n\r\n--r-%s\r\n",
        boundary, boundary);
    add_html_part(out, letter);
    g_string_append_printf(out,
        "\r\n--r-%s\r\nContent-Type: image/png\r\nContent-ID: <logo@%s>\r\nContent-Disposition: inline; filename=\"logo.png\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n",
        boundary, strchr(letter->from_address, '@') + 1);
    add_base64(out, (Span){ (const char *)png, length });
    g_string_append_printf(out, "\r\n--r-%s--\r\n", boundary);
}

static void add_alternative(GString *out, const Letter *letter, const char *boundary)
{
    g_string_append_printf(out, "Content-Type: multipart/alternative; boundary=\"a-%s\"\r\n\r\n--a-%s\r\n", boundary, boundary);
    add_text_part(out, letter->text);
    g_string_append_printf(out, "\r\n--a-%s\r\n", boundary);
    if (letter->logo != NULL)
        add_related(out, letter, boundary);
    else
        add_html_part(out, letter);
    g_string_append_printf(out, "\r\n--a-%s--\r\n", boundary);
}

static void add_mixed(GString *out, const Letter *letter, const char *boundary)
{
    size_t length;
    const char *bytes = g_bytes_get_data(letter->attachment, &length);
    const char *media_type = letter->attachment_type == NULL ? "application/pdf" : letter->attachment_type;
    g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=\"m-%s\"\r\n\r\n--m-%s\r\n", boundary, boundary);
    if (letter->html == NULL)
        add_text_part(out, letter->text);
    else
        add_alternative(out, letter, boundary);
    g_string_append_printf(out,
        "\r\n--m-%s\r\nContent-Type: %s; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n",
        boundary, media_type, letter->attachment_name, letter->attachment_name);
    add_base64(out, (Span){ bytes, length });
    g_string_append_printf(out, "\r\n--m-%s--\r\n", boundary);
}

GString *letter_compose(const Letter *letter)
{
    GString *out = g_string_new(NULL);
    g_autofree char *digest = encode_sha256_hex(span_of(letter->message_id));
    g_autofree char *boundary = g_strndup(digest, 24);
    add_headers(out, letter);
    if (letter->attachment != NULL)
        add_mixed(out, letter, boundary);
    else if (letter->html == NULL)
        add_text_part(out, letter->text);
    else
        add_alternative(out, letter, boundary);
    return out;
}

/* ---- Signing --------------------------------------------------------------------------------- */

static mailauth_key *read_key(Book *book, const char *key_name, const char *kind)
{
    g_autofree char *pem = keys_dkim_pem(book, key_name, kind);
    mailauth_key *key = mailauth_key_read(pem, strlen(pem));
    g_assert(key != NULL);
    return key;
}

bool letter_sign(Book *book, GString *message, const LetterSignature *signature)
{
    mailauth_key *key = read_key(book, signature->key_name, signature->kind);
    mailauth_sign_options options = { .domain = signature->domain, .selector = signature->selector,
        .now = signature->now, .expires = signature->expires };
    char *header = mailauth_dkim_sign(key, message->str, message->len, &options);
    bool signed_now = header != NULL;
    if (signed_now)
        g_string_prepend(message, header);
    free(header);
    mailauth_key_free(key);
    return signed_now;
}

char *letter_key_record(Book *book, const char *key_name, const char *kind)
{
    mailauth_key *key = read_key(book, key_name, kind);
    char *record = mailauth_key_record(key);
    char *copy = g_strdup(record);
    free(record);
    mailauth_key_free(key);
    return copy;
}
