/* Canonical forms. Bytes that are already canonical go from the message into the hash as they lie. */
#include "canonical.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

/* Looked up once: libcrypto's own lookup costs more than the hash of a short header. */
static EVP_MD *sha256;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void ma_hash_init(ma_hash *hash, uint64_t limit)
{
    static pthread_once_t fetched = PTHREAD_ONCE_INIT;
    pthread_once(&fetched, fetch_sha256);
    hash->context = EVP_MD_CTX_new();
    hash->total = 0;
    hash->limit = limit;
    hash->waiting = 0;
    int begun = hash->context != NULL && EVP_DigestInit_ex(hash->context, sha256, NULL);
    assert(begun); /* only memory can be lacking */
    (void)begun;
}

static void flush(ma_hash *hash)
{
    EVP_DigestUpdate(hash->context, hash->buffer, hash->waiting);
    hash->waiting = 0;
}

void ma_hash_add(ma_hash *hash, ma_span bytes)
{
    uint64_t left = hash->total < hash->limit ? hash->limit - hash->total : 0;
    hash->total += bytes.length;
    if (bytes.length > left)
        bytes.length = (size_t)left;
    if (bytes.length == 0)
        return;
    if (bytes.length > sizeof hash->buffer - hash->waiting)
        flush(hash);
    if (bytes.length >= sizeof hash->buffer) {
        EVP_DigestUpdate(hash->context, bytes.at, bytes.length);
        return;
    }
    memcpy(hash->buffer + hash->waiting, bytes.at, bytes.length);
    hash->waiting += bytes.length;
}

void ma_hash_done(ma_hash *hash, uint8_t ret_digest[MA_HASH_BYTES])
{
    flush(hash);
    EVP_DigestFinal_ex(hash->context, ret_digest, NULL);
    EVP_MD_CTX_free(hash->context);
    hash->context = NULL;
}

static bool is_crlf_at(ma_span span, size_t at)
{
    return at + 1 < span.length && span.at[at] == '\r' && span.at[at + 1] == '\n';
}

/* What relaxed form treats alike: blanks, and the CR LF of a fold. A bare LF is an ordinary byte. */
static size_t gap_length(ma_span span, size_t at)
{
    size_t end = at;
    for (;;) {
        if (end < span.length && ma_is_blank(span.at[end]))
            end++;
        else if (is_crlf_at(span, end))
            end += 2;
        else
            return end - at;
    }
}

/* Sixteen bytes at a time, on any processor (GCC's and Clang's vectors). */
typedef uint8_t lane __attribute__((vector_size(16)));

static lane lane_at(const char *at)
{
    lane bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static lane is_blank_in(lane bytes)
{
    return (lane)(bytes == ' ') | (lane)(bytes == '\t');
}

/* The index of the first byte that is not zero, or the lane's size. */
static size_t first_set(lane bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return halves[0] != 0 ? (size_t)__builtin_clzll(halves[0]) / 8
        : halves[1] != 0  ? 8 + (size_t)__builtin_clzll(halves[1]) / 8
                          : sizeof bytes;
#else
    return halves[0] != 0 ? (size_t)__builtin_ctzll(halves[0]) / 8
        : halves[1] != 0  ? 8 + (size_t)__builtin_ctzll(halves[1]) / 8
                          : sizeof bytes;
#endif
}

/* A tab, or a space before a blank or a CR: what may begin a gap to change. */
static lane suspects_at(const char *at)
{
    lane here = lane_at(at), next = lane_at(at + 1);
    return (lane)(here == '\t') | ((lane)(here == ' ') & (is_blank_in(next) | (lane)(next == '\r')));
}

/* Where the bytes from a word at `at` on end that relaxed form leaves as they are: words with single spaces between. */
static size_t kept_until(ma_span span, size_t at)
{
    size_t first = sizeof(lane);
    for (; first == sizeof(lane) && span.length - at > sizeof(lane); at += first) {
        lane returns = (lane)(lane_at(span.at + at) == '\r');
        first = first_set(suspects_at(span.at + at) | returns);
    }
    while (at < span.length && !ma_is_blank(span.at[at]) && !is_crlf_at(span, at))
        at++;
    return at;
}

/* Feeds the words of `span`, one space between them. *started: something stands before it already;
 * *gap: a gap is owed before the next word. */
static void relaxed_words(ma_hash *hash, ma_span span, bool *started, bool *gap)
{
    size_t at = 0;
    while (at < span.length) {
        size_t skipped = gap_length(span, at);
        *gap |= skipped > 0;
        at += skipped;
        size_t end = kept_until(span, at);
        if (end == at)
            return;
        if (*gap && *started)
            ma_hash_add(hash, MA_SPAN(" "));
        ma_hash_add(hash, ma_span_slice(span, at, end));
        *started = true;
        *gap = false;
        at = end;
    }
}

void ma_canonical_name(ma_hash *hash, ma_span name)
{
    char lower[64];
    while (name.length > 0) {
        size_t some = name.length < sizeof lower ? name.length : sizeof lower;
        for (size_t i = 0; i < some; i++)
            lower[i] = ma_lower(name.at[i]);
        ma_hash_add(hash, (ma_span){ lower, some });
        name = ma_span_slice(name, some, name.length);
    }
    ma_hash_add(hash, MA_SPAN(":"));
}

void ma_canonical_without_space(ma_hash *hash, ma_span value)
{
    for (size_t at = 0; at < value.length;) {
        size_t start = at += gap_length(value, at);
        while (at < value.length && gap_length(value, at) == 0)
            at++;
        ma_hash_add(hash, ma_span_slice(value, start, at));
    }
}

/* The parts of `whole` before and after `cut`, which lies inside it or is empty. */
static void split_around(ma_span whole, ma_span cut, ma_span *ret_before, ma_span *ret_after)
{
    size_t start = cut.length == 0 ? whole.length : (size_t)(cut.at - whole.at);
    *ret_before = ma_span_slice(whole, 0, start);
    *ret_after = ma_span_slice(whole, start + cut.length, whole.length);
}

void ma_canonical_field(ma_hash *hash, ma_canonical form, const ma_field *field, ma_span cut, bool ending)
{
    ma_span before, after;
    if (form == MA_SIMPLE) {
        split_around(field->line, cut, &before, &after);
        ma_hash_add(hash, before);
        ma_hash_add(hash, after);
    } else {
        bool started = false, gap = false;
        split_around(field->value, cut, &before, &after);
        ma_canonical_name(hash, field->name);
        relaxed_words(hash, before, &started, &gap);
        relaxed_words(hash, after, &started, &gap);
    }
    if (ending)
        ma_hash_add(hash, field->ending.length == 0 ? MA_SPAN("\r\n") : field->ending);
}

/* The body without the empty lines at its end and without its last line end. In relaxed form a line of
 * blanks is empty too. */
static ma_span body_core(ma_canonical form, ma_span body)
{
    size_t end = body.length;
    for (;;) {
        size_t content = end;
        while (form == MA_RELAXED && content > 0 && ma_is_blank(body.at[content - 1]))
            content--;
        if (content < 2 || !is_crlf_at(body, content - 2))
            return ma_span_slice(body, 0, content);
        end = content - 2;
    }
}

enum {
    STEP = 4 * sizeof(lane),
    RUN_BYTES = 16 << 10, /* what is scanned is hashed while it is still in the nearest cache */
};

static bool step_has_blank(const char *at)
{
    lane blanks = is_blank_in(lane_at(at)) | is_blank_in(lane_at(at + sizeof(lane)))
        | is_blank_in(lane_at(at + 2 * sizeof(lane))) | is_blank_in(lane_at(at + 3 * sizeof(lane)));
    return first_set(blanks) < sizeof(lane);
}

/* The first suspect from `from` on, or where RUN_BYTES end. Near the end of the body every byte is one. */
static size_t next_suspect(ma_span body, size_t from)
{
    size_t at = from;
    for (; body.length - at > STEP && at - from < RUN_BYTES; at += STEP) {
        if (!step_has_blank(body.at + at)) /* so it is all through an encoded attachment */
            continue;
        for (size_t i = 0; i < STEP; i += sizeof(lane)) {
            size_t first = first_set(suspects_at(body.at + at + i));
            if (first < sizeof(lane))
                return at + i + first;
        }
    }
    return at;
}

static bool is_changed_at(ma_span body, size_t at)
{
    if (!ma_is_blank(body.at[at]))
        return false;
    bool kept = body.at[at] == ' ' && at + 1 < body.length && !ma_is_blank(body.at[at + 1]) && !is_crlf_at(body, at + 1);
    return !kept;
}

/* Where the next gap begins that relaxed form changes (blanks other than one space inside a line), the end, or an
 * unchanged byte after RUN_BYTES. */
static size_t next_change(ma_span body, size_t from)
{
    size_t at = next_suspect(body, from);
    while (at < body.length && !is_changed_at(body, at) && at - from < RUN_BYTES)
        at = next_suspect(body, at + 1);
    return at;
}

static void relaxed_body(ma_hash *hash, ma_span body)
{
    size_t at = 0;
    while (at < body.length) {
        size_t change = next_change(body, at), end = change;
        while (end < body.length && ma_is_blank(body.at[end]))
            end++;
        bool owed = end > change && !is_crlf_at(body, end), at_hand = owed && body.at[change] == ' ';
        ma_hash_add(hash, ma_span_slice(body, at, change + at_hand));
        if (owed && !at_hand)
            ma_hash_add(hash, MA_SPAN(" "));
        at = end;
    }
}

void ma_canonical_body(ma_hash *hash, ma_canonical form, ma_span body)
{
    ma_span core = body_core(form, body);
    if (form == MA_RELAXED)
        relaxed_body(hash, core);
    else
        ma_hash_add(hash, core);
    /* An empty body is CR LF in simple form, nothing in relaxed form. */
    if (form == MA_SIMPLE || core.length > 0)
        ma_hash_add(hash, MA_SPAN("\r\n"));
}
