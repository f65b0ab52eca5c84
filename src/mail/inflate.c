/* Raw deflate with its limits checked as it goes: declared sizes are never believed. */
#include "mail/container.h"

#include <zlib.h>

#include "base/error.h"
#include "limits.h"

/* The first step of the output; doubled as it fills. */
enum { INFLATE_FIRST_BYTES = 16 * 1024, RAW_DEFLATE = -15 };

/* Packed bytes that are read for the front of a file: endless empty blocks must not count as an honest start. */
enum { FRONT_PACKED_BYTES = 16 * 1024 };

typedef struct Output {
    char *bytes;
    size_t length, capacity;
} Output;

static void output_done(Output *output)
{
    g_free(output->bytes);
}

/* One byte more than the maximum, so that a stream of exactly the maximum can come to its end. */
static bool grow(Output *output, size_t maximum, GError **error)
{
    size_t capacity = output->capacity == 0 ? INFLATE_FIRST_BYTES : output->capacity * 2;
    capacity = MIN(capacity, maximum + 1);
    if (capacity == output->capacity) {
        error_set(error, SALDO_ERROR_LIMIT, "it has more than %zu bytes when unpacked", maximum);
        return false;
    }
    char *bytes = g_try_realloc(output->bytes, capacity);
    if (bytes == NULL) {
        error_set(error, SALDO_ERROR_LIMIT, "there is no memory left to unpack it");
        return false;
    }
    output->bytes = bytes;
    output->capacity = capacity;
    return true;
}

static bool ratio_is_plausible(const z_stream *stream)
{
    return stream->total_out <= MAIL_INFLATE_RATIO_FROM || stream->total_out / MAIL_INFLATE_RATIO_MAX <= stream->total_in;
}

static bool inflate_all(z_stream *stream, Output *output, size_t maximum, GError **error)
{
    for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
        if (output->length == output->capacity && !grow(output, maximum, error))
            return false;
        stream->next_out = (Bytef *)output->bytes + output->length;
        stream->avail_out = (uInt)(output->capacity - output->length);
        outcome = inflate(stream, Z_NO_FLUSH);
        output->length = output->capacity - stream->avail_out;
        if (!ratio_is_plausible(stream)) {
            error_set(error, SALDO_ERROR_LIMIT, "it unpacks to more than %d times its size", MAIL_INFLATE_RATIO_MAX);
            return false;
        }
        if ((outcome != Z_OK && outcome != Z_STREAM_END) || (outcome == Z_OK && stream->avail_out > 0)) {
            error_set(error, SALDO_ERROR_BAD_INPUT, "its packed bytes are broken or cut short");
            return false;
        }
    }
    return true;
}

static bool start(z_stream *stream, Span deflated)
{
    *stream = (z_stream){ .next_in = (Bytef *)deflated.at, .avail_in = (uInt)MIN(deflated.length, UINT32_MAX) };
    return inflateInit2(stream, RAW_DEFLATE) == Z_OK;
}

GBytes *mail_inflate(Span deflated, size_t maximum, size_t *budget, GError **error)
{
    __attribute__((cleanup(output_done))) Output output = { NULL, 0, 0 };
    z_stream stream;
    g_assert(maximum < UINT32_MAX);
    maximum = MIN(maximum, *budget);
    if (!start(&stream, span_slice(deflated, 0, *budget))) {
        error_set(error, SALDO_ERROR_LIMIT, "there is no memory left to unpack it");
        return NULL;
    }
    bool whole = inflate_all(&stream, &output, maximum, error);
    *budget -= MIN(*budget, MAX(stream.total_in, stream.total_out));
    inflateEnd(&stream);
    if (whole && output.length > maximum) {
        error_set(error, SALDO_ERROR_LIMIT, "it has more than %zu bytes when unpacked", maximum);
        return NULL;
    }
    if (!whole)
        return NULL;
    /* The room that was not needed goes back: several files of one archive are held at once. */
    char *bytes = g_realloc(g_steal_pointer(&output.bytes), MAX(output.length, 1));
    return g_bytes_new_take(bytes, output.length);
}

size_t mail_inflate_front(Span deflated, char *out, size_t room)
{
    z_stream stream;
    if (!start(&stream, span_slice(deflated, 0, FRONT_PACKED_BYTES)))
        return 0;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)room;
    (void)inflate(&stream, Z_SYNC_FLUSH); /* whatever it says, what was written counts */
    inflateEnd(&stream);
    return room - stream.avail_out;
}
