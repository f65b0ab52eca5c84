/* zip archives: honest ones, damaged ones, hostile ones. The archives are written here, byte by byte. */
#include "mail/container.h"

#include <string.h>
#include <time.h>
#include <zlib.h>

#include "base/error.h"
#include "limits.h"

#define XML "<?xml version=\"1.0\"?><Invoice xmlns=\"urn:example\"/>"

/* ---- Writing archives ---------------------------------------------------------------------------------------------- */

typedef struct Archive {
    GString *bytes, *directory;
    unsigned entries;
} Archive;

/* What an entry says of itself where it is not simply true. */
typedef struct Said {
    unsigned flags, method;
    const char *extra; /* of the directory's entry */
    size_t extra_length;
    uint32_t wrong_checksum;
    uint32_t local; /* another local header */
    uint32_t packed, unpacked;
} Said;

static Archive archive_new(void)
{
    return (Archive){ g_string_new(NULL), g_string_new(NULL), 0 };
}

static void archive_done(Archive *archive)
{
    g_string_free(archive->bytes, TRUE);
    g_string_free(archive->directory, TRUE);
}

#define ARCHIVE_AUTO __attribute__((cleanup(archive_done))) Archive

static void put(GString *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        g_string_append_c(to, (char)(value >> (8 * i) & 255));
}

static GString *deflate_raw(const char *bytes, size_t length)
{
    z_stream stream = { 0 };
    g_assert_cmpint(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), ==, Z_OK);
    GString *packed = g_string_sized_new(deflateBound(&stream, length));
    g_string_set_size(packed, deflateBound(&stream, length));
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)packed->str;
    stream.avail_out = (uInt)packed->len;
    g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    g_string_truncate(packed, stream.total_out);
    deflateEnd(&stream);
    return packed;
}

/* The fields that local header and directory share, from flags to the lengths of name and extra. */
static void put_common(GString *to, const Said *said, uint32_t checksum, size_t packed, size_t length, size_t name, size_t extra)
{
    put(to, said->flags, 2);
    put(to, said->method, 2);
    put(to, 0, 4);
    put(to, checksum, 4);
    put(to, packed, 4);
    put(to, length, 4);
    put(to, name, 2);
    put(to, extra, 2);
}

static void add_packed(Archive *archive, const char *name, const GString *packed, uint32_t checksum, size_t length, Said said)
{
    size_t local = said.local != 0 ? said.local : archive->bytes->len;
    if (said.local == 0) {
        g_string_append_len(archive->bytes, "PK\3\4\24\0", 6);
        put_common(archive->bytes, &said, checksum, packed->len, length, strlen(name), 0);
        g_string_append(archive->bytes, name);
        g_string_append_len(archive->bytes, packed->str, (gssize)packed->len);
    }
    g_string_append_len(archive->directory, "PK\1\2\24\0\24\0", 8);
    put_common(archive->directory, &said, checksum ^ said.wrong_checksum, said.packed != 0 ? said.packed : packed->len,
        said.unpacked != 0 ? said.unpacked : length, strlen(name), said.extra_length);
    put(archive->directory, 0, 2 + 2 + 2 + 4);
    put(archive->directory, 0, 0);
    put(archive->directory, local, 4);
    g_string_append(archive->directory, name);
    g_string_append_len(archive->directory, said.extra, (gssize)said.extra_length);
    archive->entries++;
}

static void add(Archive *archive, const char *name, const char *bytes, size_t length, Said said)
{
    GString *packed = said.method == 8 ? deflate_raw(bytes, length) : g_string_new_len(bytes, (gssize)length);
    add_packed(archive, name, packed, (uint32_t)crc32(0, (const Bytef *)bytes, (uInt)length), length, said);
    g_string_free(packed, TRUE);
}

static void add_text(Archive *archive, const char *name, const char *text)
{
    add(archive, name, text, strlen(text), (Said){ .method = 8 });
}

/* Borrowed from the archive, which takes no further entry. */
static Span finish(Archive *archive)
{
    size_t offset = archive->bytes->len;
    g_string_append_len(archive->bytes, archive->directory->str, (gssize)archive->directory->len);
    g_string_append_len(archive->bytes, "PK\5\6\0\0\0\0", 8);
    put(archive->bytes, MIN(archive->entries, 0xFFFF), 2);
    put(archive->bytes, MIN(archive->entries, 0xFFFF), 2);
    put(archive->bytes, archive->directory->len, 4);
    put(archive->bytes, offset, 4);
    put(archive->bytes, 0, 2);
    return (Span){ archive->bytes->str, archive->bytes->len };
}

/* ---- Reading them -------------------------------------------------------------------------------------------------- */

/* "name=length name=length | trouble | trouble", newly allocated. */
static char *read_all(Span archive)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = mail_files_new(), troubles = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new(NULL);
    if (!mail_zip_read(archive, files, troubles, &error))
        g_string_append_printf(text, "error: %s", error->message);
    for (unsigned i = 0; i < files->len; i++) {
        const MailFile *file = files->pdata[i];
        g_string_append_printf(text, "%s%s=%zu", i > 0 ? " " : "", file->name, g_bytes_get_size(file->bytes));
    }
    for (unsigned i = 0; i < troubles->len; i++)
        g_string_append_printf(text, "|%s", (char *)troubles->pdata[i]);
    return g_string_free(text, FALSE);
}

static void expect(Span archive, const char *expected)
{
    g_autofree char *found = read_all(archive);
    g_assert_cmpstr(found, ==, expected);
}

static void expect_words(Span archive, const char *words)
{
    g_autofree char *found = read_all(archive);
    if (strstr(found, words) == NULL)
        g_error("\"%s\" is not in \"%s\"", words, found);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- Honest archives ----------------------------------------------------------------------------------------------- */

static void test_files(void)
{
    ARCHIVE_AUTO archive = archive_new();
    add_text(&archive, "dir/", "");
    add_text(&archive, "dir/a.xml", XML);
    add(&archive, "b.pdf", "%PDF-1.7", 8, (Said){ .method = 0 });
    add_text(&archive, "c.p7m", "MIAGCSqGSIb3DQEHAqCAMIACAQExDzAN");
    add_text(&archive, "read me.txt", "Dear customer");
    add_text(&archive, "page.html", "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'/>");
    add_text(&archive, "empty", "");
    expect(finish(&archive), "dir/a.xml=51 b.pdf=8 c.p7m=32");
}

static void test_content(void)
{
    ARCHIVE_AUTO archive = archive_new();
    g_autoptr(GPtrArray) files = mail_files_new(), troubles = g_ptr_array_new_with_free_func(g_free);
    add_text(&archive, "a", XML);
    g_assert_true(mail_zip_read(finish(&archive), files, troubles, NULL));
    const MailFile *file = files->pdata[0];
    g_assert_cmpmem(g_bytes_get_data(file->bytes, NULL), g_bytes_get_size(file->bytes), XML, strlen(XML));
}

static void test_names(void)
{
    ARCHIVE_AUTO archive = archive_new();
    add_text(&archive, "faktura \x98\x81.xml", XML);                                 /* code page 437: ÿü */
    add_text(&archive, "zażółć.xml", XML);                                           /* UTF-8 that nobody announced */
    add(&archive, "\xC5\xBC", XML, strlen(XML), (Said){ .method = 8, .flags = 1 << 11 });
    add_text(&archive, "a\nb\xE2\x80\xAE.xml", XML);                                 /* cannot disturb what stands around */
    uint32_t checksum = (uint32_t)crc32(0, (const Bytef *)"z_1.xml", 7);
    GString *extra = g_string_new_len("\x01\x00\x00\x00\x75\x70\x0B\x00\x01", 9);
    put(extra, checksum, 4);
    g_string_append(extra, "ż.xml");
    add(&archive, "z_1.xml", XML, strlen(XML), (Said){ .method = 8, .extra = extra->str, .extra_length = extra->len });
    g_string_free(extra, TRUE);
    expect(finish(&archive), "faktura ÿü.xml=51 zażółć.xml=51 ż=51 a b.xml=51 ż.xml=51");
}

static void test_encodings_of_xml(void)
{
    ARCHIVE_AUTO archive = archive_new();
    add_text(&archive, "bom", "\xEF\xBB\xBF" XML);
    add_text(&archive, "lines", "\r\n  " XML);
    add(&archive, "le", "\xFF\xFE<\0?\0x\0", 8, (Said){ .method = 0 });
    add(&archive, "be", "\0<\0?\0x", 6, (Said){ .method = 0 });
    add_text(&archive, "bare", "<Invoice xmlns='urn:x'/>");
    add_text(&archive, "text", "<3 invoices");
    add_text(&archive, "list", "<b>xml</b>");
    expect(finish(&archive), "bom=54 lines=55 le=8 be=6 bare=24");
}

/* Sizes of 8 bytes, and bytes in front of the archive. */
static void test_large_form(void)
{
    ARCHIVE_AUTO archive = archive_new();
    g_string_append(archive.bytes, "#!/bin/sh\n");
    GString *extra = g_string_new_len("\x01\x00\x18\x00", 4);
    put(extra, strlen(XML), 8);
    put(extra, strlen(XML), 8);
    put(extra, 10, 8);
    add(&archive, "a.xml", XML, strlen(XML), (Said){ .packed = UINT32_MAX, .unpacked = UINT32_MAX, .extra = extra->str,
        .extra_length = extra->len });
    memset(archive.directory->str + 42, 0xFF, 4); /* where the local header stands */
    g_string_free(extra, TRUE);
    size_t offset = archive.bytes->len, end = offset + archive.directory->len;
    g_string_append_len(archive.bytes, archive.directory->str, (gssize)archive.directory->len);
    g_string_append_len(archive.bytes, "PK\6\6", 4);
    put(archive.bytes, 44, 8);
    put(archive.bytes, 0, 4 + 8);
    put(archive.bytes, 1, 8);
    put(archive.bytes, 1, 8);
    put(archive.bytes, archive.directory->len, 8);
    put(archive.bytes, offset, 8);
    g_string_append_len(archive.bytes, "PK\6\7\0\0\0\0", 8);
    put(archive.bytes, end, 8);
    put(archive.bytes, 1, 4);
    g_string_append_len(archive.bytes, "PK\5\6\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x03\0end", 25);
    expect((Span){ archive.bytes->str, archive.bytes->len }, "a.xml=51");
}

static void test_in_front(void)
{
    ARCHIVE_AUTO archive = archive_new();
    add_text(&archive, "a.xml", XML);
    finish(&archive);
    g_string_prepend(archive.bytes, "MZ: a program that unpacks itself");
    expect((Span){ archive.bytes->str, archive.bytes->len }, "a.xml=51");
}

/* ---- What is named, not read --------------------------------------------------------------------------------------- */

static void test_refused(void)
{
    ARCHIVE_AUTO inner = archive_new();
    add_text(&inner, "a.xml", XML);
    Span nested = finish(&inner);
    ARCHIVE_AUTO archive = archive_new();
    add(&archive, "locked.xml", XML, strlen(XML), (Said){ .method = 8, .flags = 1 });
    add(&archive, "b.xml", XML, strlen(XML), (Said){ .method = 14 });
    add(&archive, "inner.zip", nested.at, nested.length, (Said){ .method = 8 });
    add(&archive, "wrong.xml", XML, strlen(XML), (Said){ .method = 8, .wrong_checksum = 1 });
    add(&archive, "nowhere.xml", XML, strlen(XML), (Said){ .method = 8, .local = 1000000 });
    expect(finish(&archive),
        "|\"locked.xml\" in the archive was not read: it is encrypted; ask the sender for it without a password."
        "|\"b.xml\" in the archive was not read: it is packed in a way that is not read here; ask the sender for an ordinary "
        "zip archive."
        "|\"inner.zip\" in the archive was not read: it is an archive or an office document itself, and only one level is read."
        "|\"wrong.xml\" in the archive was not read: its checksum does not fit, so the archive is damaged."
        "|\"nowhere.xml\" in the archive was not read: its bytes are not in the archive, which is damaged or cut short.");
}

static void test_broken(void)
{
    static const char none[] = "error: the archive is empty, damaged or cut short: no file was found in it";
    expect(SPAN_EMPTY, none);
    expect(SPAN("PK"), none);
    expect(SPAN("PK\3\4 and more"), none);
    expect(SPAN("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), none);
    expect(SPAN("PK\5\6\0\0\0\0\1\0\1\0\xFF\xFF\xFF\x7F\0\0\0\0\0\0"), none); /* a directory of 2 GB */
    ARCHIVE_AUTO archive = archive_new();
    add_text(&archive, "a.xml", XML);
    g_string_append(archive.directory, "PK and then nothing of the kind");
    expect(finish(&archive), "a.xml=51|The archive is damaged: its list of files breaks off.");
}

static void test_truncated(void)
{
    ARCHIVE_AUTO archive = archive_new();
    for (unsigned i = 0; i < 20; i++)
        add_text(&archive, "a.xml", XML);
    Span whole = finish(&archive);
    for (size_t i = 0; i < 50; i++) {
        /* Exactly as large as what is left, so that a read beyond it is seen. */
        size_t length = whole.length * i / 50;
        g_autofree char *bytes = g_memdup2(whole.at, length);
        expect_words((Span){ bytes, length }, "cut short");
    }
}

/* ---- Hostile archives ---------------------------------------------------------------------------------------------- */

static char *large_xml(size_t length, bool random)
{
    char *bytes = g_malloc(length);
    memset(bytes, ' ', length);
    for (size_t i = 0; random && i < length; i++)
        bytes[i] = "0123456789abcdef"[g_random_int() % 16];
    memcpy(bytes, XML, strlen(XML));
    return bytes;
}

static void test_bomb(void)
{
    ARCHIVE_AUTO archive = archive_new();
    g_autofree char *bytes = large_xml(100 << 20, false);
    add(&archive, "bomb.xml", bytes, 100 << 20, (Said){ .method = 8 });
    add_text(&archive, "good.xml", XML);
    double start = cpu_seconds();
    expect(finish(&archive),
        "good.xml=51|\"bomb.xml\" in the archive was not read: it unpacks to more than 300 times its size.");
    g_assert_cmpfloat(cpu_seconds() - start, <, 0.5);
}

/* Many entries that share one stretch of packed bytes; each alone is within the limits. */
static void test_overlapping(void)
{
    ARCHIVE_AUTO archive = archive_new();
    g_autofree char *bytes = large_xml(12 << 20, true);
    GString *packed = deflate_raw(bytes, 12 << 20);
    uint32_t checksum = (uint32_t)crc32(0, (Bytef *)bytes, 12 << 20);
    g_string_append(archive.bytes, "x"); /* so that a local header at 1 is not "its own" */
    for (unsigned i = 0; i < 1000; i++)
        add_packed(&archive, "same.xml", packed, checksum, 12 << 20,
            (Said){ .method = 8, .local = i == 0 ? 0 : 1, .wrong_checksum = i > 0 ? 7 : 0 });
    g_string_free(packed, TRUE);
    double start = cpu_seconds();
    expect_words(finish(&archive), "same.xml=12582912|\"same.xml\" in the archive was not read: its checksum");
    g_assert_cmpfloat(cpu_seconds() - start, <, 2);
}

/* Packed bytes without end that unpack to nothing. */
static void test_empty_blocks(void)
{
    ARCHIVE_AUTO archive = archive_new();
    GString *packed = deflate_raw(XML, strlen(XML));
    GString *blocks = g_string_new_len("\0\x33\0\xCC\xFF" XML, 5 + (gssize)strlen(XML));
    for (unsigned i = 0; i < 2000000; i++)
        g_string_append_len(blocks, "\0\0\0\xFF\xFF", 5);
    g_string_append(archive.bytes, "x");
    for (unsigned i = 0; i < 1000; i++)
        add_packed(&archive, "a.xml", blocks, 0, 51, (Said){ .method = 8, .local = i == 0 ? 0 : 1 });
    g_string_free(packed, TRUE);
    g_string_free(blocks, TRUE);
    double start = cpu_seconds();
    expect_words(finish(&archive), "the archive is too large");
    g_assert_cmpfloat(cpu_seconds() - start, <, 2);
}

static void test_many_entries(void)
{
    ARCHIVE_AUTO archive = archive_new();
    GString *packed = deflate_raw("text", 4);
    for (unsigned i = 0; i < 100000; i++)
        add_packed(&archive, i % 2 == 0 ? "Ez" : "FY", packed, 0, 4, (Said){ .method = 8 });
    g_string_free(packed, TRUE);
    double start = cpu_seconds();
    expect(finish(&archive), "|The archive holds too many files; only the first 2000 were looked at.");
    g_assert_cmpfloat(cpu_seconds() - start, <, 0.5);
}

static void test_many_files(void)
{
    ARCHIVE_AUTO archive = archive_new();
    for (unsigned i = 0; i < 200; i++)
        add_text(&archive, "a", XML);
    g_autoptr(GPtrArray) files = mail_files_new(), troubles = g_ptr_array_new_with_free_func(g_free);
    g_assert_true(mail_zip_read(finish(&archive), files, troubles, NULL));
    g_assert_cmpuint(files->len, ==, MAIL_ZIP_FILES_MAX);
    g_assert_cmpuint(troubles->len, ==, MAIL_ZIP_TROUBLES_MAX);
    g_assert_cmpstr(troubles->pdata[MAIL_ZIP_TROUBLES_MAX - 1], ==, "There is more in the archive that was not read.");
}

static void test_declared_sizes(void)
{
    ARCHIVE_AUTO archive = archive_new();
    enum { GIGABYTE = 1 << 30 };
    add(&archive, "a.xml", XML, strlen(XML), (Said){ .method = 8, .packed = GIGABYTE, .unpacked = GIGABYTE });
    add(&archive, "b.xml", XML, strlen(XML), (Said){ .method = 0, .packed = GIGABYTE, .unpacked = GIGABYTE });
    add(&archive, "c.xml", XML, strlen(XML), (Said){ .method = 8, .unpacked = 1 });
    expect(finish(&archive), "a.xml=51 c.xml=51|\"b.xml\" in the archive was not read: its checksum does not fit, so the "
                             "archive is damaged.");
}

static void test_inflate_limits(void)
{
    g_autoptr(GError) error = NULL;
    GString *packed = deflate_raw("1234567890", 10);
    Span span = { packed->str, packed->len };
    size_t budget = 100;
    g_autoptr(GBytes) exact = mail_inflate(span, 10, &budget, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(exact), ==, 10);
    g_assert_cmpuint(budget, ==, 100 - packed->len);
    g_assert_null(mail_inflate(span, 9, &budget, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_null(mail_inflate(span_slice(span, 0, span.length - 1), 10, &budget, &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_string_free(packed, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zip/files", test_files);
    g_test_add_func("/zip/content", test_content);
    g_test_add_func("/zip/names", test_names);
    g_test_add_func("/zip/encodings-of-xml", test_encodings_of_xml);
    g_test_add_func("/zip/large-form", test_large_form);
    g_test_add_func("/zip/in-front", test_in_front);
    g_test_add_func("/zip/refused", test_refused);
    g_test_add_func("/zip/broken", test_broken);
    g_test_add_func("/zip/truncated", test_truncated);
    g_test_add_func("/zip/bomb", test_bomb);
    g_test_add_func("/zip/overlapping", test_overlapping);
    g_test_add_func("/zip/empty-blocks", test_empty_blocks);
    g_test_add_func("/zip/many-entries", test_many_entries);
    g_test_add_func("/zip/many-files", test_many_files);
    g_test_add_func("/zip/declared-sizes", test_declared_sizes);
    g_test_add_func("/zip/inflate-limits", test_inflate_limits);
    return g_test_run();
}
