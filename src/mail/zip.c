/* zip archives (APPNOTE.TXT 6.3): the central directory is walked once, and only what could be an invoice is unpacked.
 *
 * Own code, since libzip hangs on chosen names and gives nothing of a damaged archive
 * (docs/decisions/0008-own-zip-walk.md). The central directory is what counts, as in the programs that people use; of a local
 * header only its length is read. Declared sizes only say where packed bytes end, never how much to make room for. */
#include "mail/container.h"

#include <zlib.h>

#include "base/error.h"
#include "base/text.h"
#include "limits.h"

enum {
    END_BYTES = 22,
    END_COMMENT_MAX = 0xFFFF,
    LOCATOR64_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    EXTRA_SIZES64 = 0x0001,
    EXTRA_UNICODE_NAME = 0x7075,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_UTF8 = 1 << 11,
    FLAG_MASKED = 1 << 13,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
};

typedef struct Entry {
    Span name, extra;
    uint64_t packed, local; /* bytes; offset of the local header */
    uint32_t checksum;
    unsigned flags, method;
} Entry;

typedef struct Walk {
    Span archive;
    size_t base;      /* bytes in front of the archive proper (a self-extracting program) */
    size_t budget;    /* bytes of work that are left, as mail_inflate counts them */
    GPtrArray *files, *troubles;
    unsigned first_file, first_trouble;
} Walk;

/* ---- Little-endian numbers; beyond the end they are 0 -------------------------------------------------------------- */

static uint64_t number_at(Span span, size_t at, unsigned bytes)
{
    uint64_t value = 0;
    if (at > span.length || span.length - at < bytes)
        return 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)span.at[at + i] << (8 * i);
    return value;
}

static unsigned u16(Span span, size_t at)
{
    return (unsigned)number_at(span, at, 2);
}

static uint32_t u32(Span span, size_t at)
{
    return (uint32_t)number_at(span, at, 4);
}

/* ---- Names --------------------------------------------------------------------------------------------------------- */

/* Code page 437, 80 to FF: what names are in where nothing else is said (APPNOTE appendix D). */
static const char cp437[] = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτ"
                            "ΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

static char *name_from_cp437(Span name)
{
    GString *text = g_string_sized_new(name.length);
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        if (byte < 0x80)
            g_string_append_c(text, (char)byte);
        else
            g_string_append_unichar(text, g_utf8_get_char(g_utf8_offset_to_pointer(cp437, byte - 0x80)));
    }
    char *clean = text_clean((Span){ text->str, text->len }, MAIL_FILE_NAME_MAX);
    g_string_free(text, TRUE);
    return clean;
}

/* The bytes of the extra field with this number; empty where there is none. */
static Span find_extra(Span extra, unsigned wanted)
{
    while (extra.length >= 4) {
        size_t length = u16(extra, 2);
        if (u16(extra, 0) == wanted)
            return span_slice(extra, 4, 4 + length);
        extra = span_slice(extra, 4 + length, extra.length);
    }
    return SPAN_EMPTY;
}

/* Newly allocated; NULL where nothing of the name can be shown. */
static char *entry_name(const Entry *entry)
{
    /* Info-ZIP's field: version 1, checksum of the plain name that it goes with, name in UTF-8. */
    Span unicode = find_extra(entry->extra, EXTRA_UNICODE_NAME), name = entry->name;
    bool is_unicode = unicode.length > 5 && unicode.at[0] == 1
        && u32(unicode, 1) == crc32(0, (const Bytef *)name.at, (uInt)name.length);
    if (is_unicode)
        name = span_slice(unicode, 5, unicode.length);
    /* Many programs write UTF-8 and do not say so. */
    bool is_utf8 = is_unicode || (entry->flags & FLAG_UTF8) != 0 || g_utf8_validate_len(name.at, name.length, NULL);
    char *text = is_utf8 ? text_clean(name, MAIL_FILE_NAME_MAX) : name_from_cp437(name);
    if (text[0] == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

/* ---- Troubles ------------------------------------------------------------------------------------------------------ */

static void add_trouble(Walk *walk, const char *text)
{
    unsigned count = walk->troubles->len - walk->first_trouble;
    if (count < MAIL_ZIP_TROUBLES_MAX - 1)
        g_ptr_array_add(walk->troubles, g_strdup(text));
    else if (count == MAIL_ZIP_TROUBLES_MAX - 1)
        g_ptr_array_add(walk->troubles, g_strdup("There is more in the archive that was not read."));
}

static void refuse(Walk *walk, const Entry *entry, const char *reason)
{
    g_autofree char *name = entry_name(entry);
    g_autofree char *text
        = g_strdup_printf("\"%s\" in the archive was not read: %s.", name == NULL ? "(no name)" : name, reason);
    add_trouble(walk, text);
}

/* ---- One entry ----------------------------------------------------------------------------------------------------- */

static Span entry_bytes(const Walk *walk, const Entry *entry)
{
    Span archive = span_slice(walk->archive, walk->base, walk->archive.length);
    Span local = span_slice(archive, MIN(entry->local, archive.length), archive.length);
    if (!span_starts_with(local, SPAN("PK\3\4")) || local.length < LOCAL_BYTES)
        return SPAN_EMPTY;
    size_t start = (size_t)LOCAL_BYTES + u16(local, 26) + u16(local, 28);
    Span rest = span_slice(local, start, local.length);
    return span_slice(rest, 0, MIN(entry->packed, rest.length));
}

static MailFileKind entry_kind(const Entry *entry, Span bytes)
{
    char front[MAIL_FILE_KIND_BYTES];
    if (entry->method == METHOD_STORED)
        return mail_file_kind(bytes);
    return mail_file_kind((Span){ front, mail_inflate_front(bytes, front, sizeof front) });
}

static GBytes *copy_stored(Walk *walk, Span bytes, GError **error)
{
    size_t maximum = MIN(MAIL_ZIP_FILE_BYTES_MAX, walk->budget);
    if (bytes.length > maximum) {
        error_set(error, SALDO_ERROR_LIMIT, "it has more than %zu bytes", maximum);
        return NULL;
    }
    walk->budget -= bytes.length;
    return g_bytes_new(bytes.at, bytes.length);
}

/* NULL with `error` where it cannot be unpacked whole and right. */
static GBytes *unpack(Walk *walk, const Entry *entry, Span bytes, GError **error)
{
    g_autoptr(GBytes) unpacked = entry->method == METHOD_STORED
        ? copy_stored(walk, bytes, error)
        : mail_inflate(bytes, MAIL_ZIP_FILE_BYTES_MAX, &walk->budget, error);
    if (unpacked == NULL)
        return NULL;
    gsize length;
    const Bytef *data = g_bytes_get_data(unpacked, &length);
    if (crc32(0, data, (uInt)length) != entry->checksum) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "its checksum does not fit, so the archive is damaged");
        return NULL;
    }
    return g_steal_pointer(&unpacked);
}

static void take(Walk *walk, const Entry *entry, Span bytes)
{
    g_autoptr(GError) error = NULL;
    if (walk->files->len - walk->first_file >= MAIL_ZIP_FILES_MAX || walk->budget == 0) {
        refuse(walk, entry, "the archive is too large, and only its first files are read");
        return;
    }
    GBytes *unpacked = unpack(walk, entry, bytes, &error);
    if (unpacked == NULL) {
        refuse(walk, entry, error->message);
        return;
    }
    MailFile *file = g_new0(MailFile, 1);
    file->name = entry_name(entry);
    file->bytes = unpacked;
    g_ptr_array_add(walk->files, file);
}

static void visit(Walk *walk, const Entry *entry)
{
    Span bytes = entry_bytes(walk, entry);
    if (entry->name.length > 0 && entry->name.at[entry->name.length - 1] == '/')
        return; /* a directory */
    if ((entry->flags & (FLAG_ENCRYPTED | FLAG_MASKED)) != 0) {
        refuse(walk, entry, "it is encrypted; ask the sender for it without a password");
        return;
    }
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED) {
        refuse(walk, entry, "it is packed in a way that is not read here; ask the sender for an ordinary zip archive");
        return;
    }
    if (entry->packed > 0 && bytes.length == 0) {
        refuse(walk, entry, "its bytes are not in the archive, which is damaged or cut short");
        return;
    }
    MailFileKind kind = entry_kind(entry, bytes);
    if (kind == MAIL_FILE_ZIP)
        refuse(walk, entry, "it is an archive or an office document itself, and only one level is read");
    else if (kind != MAIL_FILE_OTHER)
        take(walk, entry, bytes);
}

/* ---- The central directory ----------------------------------------------------------------------------------------- */

/* Cuts one entry off the front; false where there is no further one. */
static bool cut_entry(Span *directory, Entry *ret_entry)
{
    Span at = *directory;
    if (at.length < ENTRY_BYTES || !span_starts_with(at, SPAN("PK\1\2")))
        return false;
    size_t name_end = (size_t)ENTRY_BYTES + u16(at, 28), extra_end = name_end + u16(at, 30);
    *ret_entry = (Entry){ .flags = u16(at, 8), .method = u16(at, 10), .checksum = u32(at, 16), .packed = u32(at, 20),
        .local = u32(at, 42), .name = span_slice(at, ENTRY_BYTES, name_end), .extra = span_slice(at, name_end, extra_end) };
    /* 8 bytes each for those sizes, in this order, that did not fit 4. */
    Span sizes = find_extra(ret_entry->extra, EXTRA_SIZES64);
    size_t place = u32(at, 24) == UINT32_MAX ? 8 : 0;
    if (ret_entry->packed == UINT32_MAX) {
        ret_entry->packed = number_at(sizes, place, 8);
        place += 8;
    }
    if (ret_entry->local == UINT32_MAX)
        ret_entry->local = number_at(sizes, place, 8);
    *directory = span_slice(at, extra_end + u16(at, 32), at.length);
    return true;
}

/* Where the end record stands, or archive.length: the last one, behind which only its comment may follow. */
static size_t find_end(Span archive)
{
    if (archive.length < END_BYTES)
        return archive.length;
    size_t last = archive.length - END_BYTES, first = last > END_COMMENT_MAX ? last - END_COMMENT_MAX : 0;
    for (size_t at = last + 1; at-- > first;)
        if (span_starts_with(span_slice(archive, at, archive.length), SPAN("PK\5\6")))
            return at;
    return archive.length;
}

/* The bytes of the directory, and how many bytes stand in front of the archive. Empty where there is none. */
static Span find_directory(Span archive, size_t *ret_base)
{
    size_t end = find_end(archive);
    if (end == archive.length)
        return SPAN_EMPTY;
    uint64_t bytes = u32(archive, end + 12), offset = u32(archive, end + 16);
    size_t stop = end;
    Span locator = span_slice(archive, end - MIN(end, LOCATOR64_BYTES), end);
    if (span_starts_with(locator, SPAN("PK\6\7"))) {
        uint64_t end64 = number_at(locator, 8, 8);
        Span record = end64 < end ? span_slice(archive, end64, end) : SPAN_EMPTY;
        if (span_starts_with(record, SPAN("PK\6\6")) && record.length >= END64_BYTES) {
            bytes = number_at(record, 40, 8);
            offset = number_at(record, 48, 8);
            stop = end64;
        }
    }
    if (bytes > stop || offset > stop - bytes)
        return SPAN_EMPTY;
    *ret_base = (size_t)(stop - bytes - offset);
    return span_slice(archive, (size_t)(stop - bytes), stop);
}

bool mail_zip_read(Span archive, GPtrArray *files, GPtrArray *troubles, GError **error)
{
    Walk walk = { .archive = archive, .files = files, .troubles = troubles, .first_file = files->len,
        .first_trouble = troubles->len,
        .budget = MAIL_ZIP_TOTAL_BYTES_MAX };
    Span directory = find_directory(archive, &walk.base);
    unsigned entries = 0;
    for (Entry entry; entries < MAIL_ZIP_ENTRIES_MAX && cut_entry(&directory, &entry); entries++)
        visit(&walk, &entry);
    if (entries == 0)
        error_set(error, SALDO_ERROR_BAD_INPUT, "the archive is empty, damaged or cut short: no file was found in it");
    else if (entries == MAIL_ZIP_ENTRIES_MAX && directory.length > 0)
        add_trouble(&walk, "The archive holds too many files; only the first " G_STRINGIFY(MAIL_ZIP_ENTRIES_MAX)
            " were looked at.");
    else if (directory.length > 0)
        add_trouble(&walk, "The archive is damaged: its list of files breaks off.");
    return entries > 0;
}
