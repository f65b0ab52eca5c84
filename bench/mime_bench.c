/* Mail reading beside GMime: a message is taken apart and every part in it decoded, MB of message per second of CPU.
 *
 * One process, one thread. Machines are shared and noisy: the figure that counts is the ratio of two rates of the same
 * round, and the median of five rounds. Exits 1 below the bar, 2 when a reader does not find what the mail holds. */
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/mail.h"
#include "measure.h"

enum { ROUNDS = 5, BATCH_MS = 80, WARM_UP = 3, LINE_BYTES = 76, READERS = 2 };
#define BAR 5.0

/* A mail and what both readers must find in it. */
typedef struct Mail {
    const char *name;
    GString *bytes;
    size_t parts, decoded;
} Mail;

/* What a reader found: parts that are no multiparts, and their bytes after transfer decoding. */
typedef struct Found {
    size_t parts, decoded;
} Found;

typedef Found reader_fn(const Mail *mail);

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

/* ---- The two readers ---- */

static Found read_ours(const Mail *mail)
{
    g_autoptr(MailMessage) message = mail_message_parse((Span){ mail->bytes->str, mail->bytes->len });
    Found found = { mail_message_part_count(message), 0 };
    for (size_t i = 0; i < found.parts; i++) {
        g_autoptr(GBytes) bytes = NULL;
        if (!mail_part_decode(mail_message_part(message, i), &bytes, NULL))
            die("a part cannot be decoded");
        found.decoded += g_bytes_get_size(bytes);
    }
    return found;
}

static void decode_gmime(GMimeObject *parent, GMimeObject *object, gpointer context)
{
    Found *found = context;
    if (!GMIME_IS_PART(object))
        return;
    GMimeStream *into = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), into);
    found->parts++;
    found->decoded += (size_t)g_mime_stream_length(into);
    g_object_unref(into);
}

static Found read_gmime(const Mail *mail)
{
    Found found = { 0 };
    GByteArray *array = g_byte_array_new_take((guint8 *)mail->bytes->str, mail->bytes->len); /* borrowed: taken back below */
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(array);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message == NULL)
        die("GMime reads no message");
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (GMIME_IS_MULTIPART(body))
        g_mime_multipart_foreach(GMIME_MULTIPART(body), decode_gmime, &found);
    else
        decode_gmime(NULL, body, &found);
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    g_byte_array_free(array, FALSE);
    return found;
}

/* ---- Mails ---- */

static GString *header_new(const char *content_type)
{
    GString *bytes = g_string_new(NULL);
    g_string_append_printf(bytes,
        "Return-Path: <bounce@brightforge.example>\r\n"
        "Received: from out1.brightforge.example (out1.brightforge.example [192.0.2.7])\r\n"
        "\tby mx.payer.example with ESMTPS id 4R7x2k1Yz9z3xYt\r\n"
        "\tfor <anna@payer.example>; Mon, 23 Nov 2026 09:00:02 +0000 (UTC)\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=brightforge.example; s=s1;\r\n"
        "\th=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
        "\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR\r\n"
        "From: =?utf-8?q?Brightforge_Rechnungsb=C3=BCro?= <billing@brightforge.example>\r\n"
        "To: Anna <anna@payer.example>\r\n"
        "Subject: =?utf-8?q?Invoice_2026-118_from_Brightforge=2C_due_14_December?=\r\n"
        "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
        "Message-ID: <118.20261123090000@brightforge.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "%s\r\n", content_type);
    return bytes;
}

static void add_text(GString *bytes, size_t count)
{
    static const char *const lines[] = { "Dear Anna,\r\n", "\r\n", "please find our invoice for the work of November below.\r\n",
        "  12 h  -- bookbinding, repair of two -- folios            1 440,00 EUR\r\n", "------------------------------\r\n",
        "Total due by 14 December 2026: 1 440,00 EUR, reference 2026-118, thank you.\r\n" };
    size_t end = bytes->len + count;
    for (size_t i = 0; bytes->len < end; i++)
        g_string_append(bytes, lines[i % G_N_ELEMENTS(lines)]);
}

/* A page of tables in quoted-printable, as invoicing services send it. */
static void add_page(GString *bytes, size_t count)
{
    size_t end = bytes->len + count;
    for (size_t i = 0; bytes->len < end; i++)
        g_string_append_printf(bytes,
            "<tr><td style=3D\"padding:4px 8px;border-bottom:1px solid #ddd\">Position %zu=\r\n"
            "</td><td>Buchbinderarbeiten f=C3=BCr M=C3=A4rz</td><td align=3D\"right\">%zu,00=\r\n"
            "&nbsp;EUR</td></tr>\r\n", i, i * 7);
}

static void add_base64(GString *bytes, size_t count)
{
    size_t end = bytes->len + count;
    uint64_t state = 88172645463325252; /* xorshift64: the same mail in every run */
    while (bytes->len < end) {
        guchar raw[LINE_BYTES / 4 * 3];
        for (size_t i = 0; i < sizeof raw; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            raw[i] = (guchar)state;
        }
        g_autofree char *line = g_base64_encode(raw, sizeof raw);
        g_string_append(bytes, line);
        g_string_append(bytes, "\r\n");
    }
}

static Mail text_mail(void)
{
    Mail mail = { "text, 4 KB", header_new("Content-Type: text/plain; charset=utf-8\r\n"), 1, 0 };
    add_text(mail.bytes, (4 << 10) - mail.bytes->len);
    return mail;
}

#define BOUNDARY_LINE "--=_b1_118_alternative\r\n"

/* A text and a page, and a file of `file_bytes` where that is not 0. */
static Mail multipart_mail(const char *name, size_t page_bytes, size_t file_bytes)
{
    Mail mail = { name, header_new(file_bytes > 0
        ? "Content-Type: multipart/mixed; boundary=\"=_b1_118_alternative\"\r\n"
        : "Content-Type: multipart/alternative; boundary=\"=_b1_118_alternative\"\r\n"), file_bytes > 0 ? 3 : 2, 0 };
    g_string_append(mail.bytes, BOUNDARY_LINE "Content-Type: text/plain; charset=utf-8\r\n\r\n");
    add_text(mail.bytes, 2 << 10);
    g_string_append(mail.bytes, "\r\n" BOUNDARY_LINE "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    add_page(mail.bytes, page_bytes);
    if (file_bytes > 0) {
        g_string_append(mail.bytes, "\r\n" BOUNDARY_LINE "Content-Type: application/pdf; name=\"invoice 2026-118.pdf\"\r\n"
            "Content-Disposition: attachment; filename=\"invoice 2026-118.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        add_base64(mail.bytes, file_bytes);
    }
    g_string_append(mail.bytes, "\r\n--=_b1_118_alternative--\r\n");
    return mail;
}

/* ---- Measuring ---- */

static void check(const Mail *mail, Found found)
{
    if (found.parts != mail->parts || found.decoded != mail->decoded)
        die("a reader does not find the parts that the mail holds");
}

/* MB of message per second of CPU. */
static double rate_of(const Mail *mail, reader_fn *reader)
{
    for (size_t i = 0; i < WARM_UP; i++)
        check(mail, reader(mail));
    double start = cpu_seconds(), taken = 0;
    size_t done = 0;
    for (; taken < BATCH_MS / 1e3; taken = cpu_seconds() - start, done++)
        check(mail, reader(mail));
    return (double)done * (double)mail->bytes->len / taken / 1e6;
}

/* One row; true where the bar is missed. */
static bool run_mail(Mail *mail)
{
    static reader_fn *const readers[READERS] = { read_ours, read_gmime };
    double rates[READERS][ROUNDS], ratios[ROUNDS];
    mail->decoded = read_gmime(mail).decoded;
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < READERS; i++)
            rates[i][round] = rate_of(mail, readers[i]);
        ratios[round] = rates[0][round] / rates[1][round];
    }
    double ratio = median_of(ratios, ROUNDS);
    printf("MIME %-34s %8zu B   %7.0f MB/s   GMime %7.0f MB/s: %5.1f times (bar %.0f)%s\n", mail->name, mail->bytes->len,
        median_of(rates[0], ROUNDS), median_of(rates[1], ROUNDS), ratio, BAR, ratio < BAR ? "   BELOW" : "");
    g_string_free(mail->bytes, TRUE);
    return ratio < BAR;
}

int main(void)
{
    g_mime_init();
    Mail mails[] = { text_mail(), multipart_mail("text and HTML, 21 KB", 18 << 10, 0),
        multipart_mail("with a PDF in base64, 300 KB", 18 << 10, 278 << 10),
        multipart_mail("with a file in base64, 3 MB", 18 << 10, 3050 << 10) };
    int missed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++)
        missed += run_mail(&mails[i]);
    g_mime_shutdown();
    return missed > 0 ? 1 : 0;
}
