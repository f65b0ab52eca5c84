/* For tests: what GMime reads in a mail, in the form of mail_dump.c. The mails are our own or the corpus's and small: GMime is
 * slow on chosen header names, and follows nested parts by recursion. */
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"

/* One object that waits to be looked at. */
typedef struct Waiting {
    GMimeObject *object;
    unsigned forwards; /* forwarded messages around it */
} Waiting;

/* As in mail_dump.c. */
static void put_body(json_t *one, GMimeDataWrapper *content)
{
    GMimeStream *into = g_mime_stream_mem_new();
    g_mime_stream_reset(g_mime_data_wrapper_get_stream(content));
    g_mime_stream_write_to_stream(g_mime_data_wrapper_get_stream(content), into);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(into));
    size_t length = bytes->len;
    while (length > 0 && (bytes->data[length - 1] == '\r' || bytes->data[length - 1] == '\n'))
        length--;
    g_autofree char *digest = encode_sha256_hex((Span){ (const char *)bytes->data, length });
    json_put_integer(one, "raw_bytes", bytes->len);
    json_put_text(one, "raw_sha256", digest);
    g_object_unref(into);
}

static void put_content(json_t *one, GMimeObject *object)
{
    GMimeDataWrapper *content = GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
    if (content == NULL)
        return;
    GMimeStream *into = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, into);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(into));
    g_autofree char *digest = encode_sha256_hex((Span){ (const char *)bytes->data, bytes->len });
    json_put_integer(one, "bytes", bytes->len);
    json_put_text(one, "sha256", digest);
    g_object_unref(into);
    put_body(one, content);
}

static json_t *object_to_json(GMimeObject *object, unsigned forwards)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    g_autofree char *media_type = g_mime_content_type_get_mime_type(type);
    g_autofree char *lower = g_ascii_strdown(media_type, -1);
    const char *name = GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;
    json_t *one = json_object();
    json_put_text(one, "media_type", lower);
    json_put_text(one, "charset", g_mime_content_type_get_parameter(type, "charset"));
    json_put_text(one, "name", name);
    json_object_set_new(one, "in_forward", json_boolean(forwards > 0));
    put_content(one, object);
    return one;
}

static void put_last_first(GArray *waiting, GMimeMultipart *multipart, unsigned forwards)
{
    for (int i = g_mime_multipart_get_count(multipart); i-- > 0;) {
        Waiting child = { g_mime_multipart_get_part(multipart, i), forwards };
        g_array_append_val(waiting, child);
    }
}

/* The parts that are no multiparts, in order; the first level of forwarded messages is entered. */
static json_t *parts_of(GMimeMessage *message)
{
    json_t *parts = json_array();
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
    Waiting first = { g_mime_message_get_mime_part(message), 0 };
    if (first.object != NULL)
        g_array_append_val(waiting, first);
    while (waiting->len > 0) {
        Waiting one = g_array_index(waiting, Waiting, waiting->len - 1);
        g_array_set_size(waiting, waiting->len - 1);
        if (GMIME_IS_MULTIPART(one.object)) {
            put_last_first(waiting, GMIME_MULTIPART(one.object), one.forwards);
            continue;
        }
        json_array_append_new(parts, object_to_json(one.object, one.forwards));
        GMimeMessage *inner = GMIME_IS_MESSAGE_PART(one.object) && one.forwards == 0
            ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(one.object)) : NULL;
        Waiting inside = { inner == NULL ? NULL : g_mime_message_get_mime_part(inner), one.forwards + 1 };
        if (inside.object != NULL)
            g_array_append_val(waiting, inside);
    }
    return parts;
}

/* The first mailbox of From, groups flattened. */
static void put_from(json_t *json, GMimeMessage *message)
{
    InternetAddressList *list = g_mime_message_get_from(message);
    InternetAddress *first = list == NULL || internet_address_list_length(list) == 0 ? NULL
                                                                                    : internet_address_list_get_address(list, 0);
    if (first == NULL || !INTERNET_ADDRESS_IS_MAILBOX(first))
        return;
    json_put_text(json, "from_name", internet_address_get_name(first));
    json_put_text(json, "from_address", internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first)));
}

static void put_date(json_t *json, GMimeMessage *message)
{
    GDateTime *date = g_mime_message_get_date(message);
    if (date == NULL)
        return;
    g_autoptr(GDateTime) utc = g_date_time_to_utc(date);
    g_autofree char *text = utc == NULL ? NULL : g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");
    json_put_text(json, "date", text);
}

static void dump(const char *raw, size_t length)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    JSON_AUTO *json = json_object();
    if (message != NULL) {
        put_from(json, message);
        put_date(json, message);
        json_put_text(json, "subject", g_mime_message_get_subject(message));
        json_object_set_new(json, "parts", parts_of(message));
        g_object_unref(message);
    }
    g_autofree char *text = json_write(json);
    puts(text);
    g_object_unref(parser);
    g_object_unref(stream);
}

int main(void)
{
    unsigned long length;
    g_mime_init();
    while (scanf("%lu", &length) == 1 && getchar() == '\n' && length <= LIMIT_MESSAGE_BYTES) {
        g_autofree char *raw = g_malloc(MAX(length, 1));
        if (fread(raw, 1, length, stdin) != length)
            return EXIT_FAILURE;
        dump(raw, length);
    }
    g_mime_shutdown();
    return feof(stdin) ? EXIT_SUCCESS : EXIT_FAILURE;
}
