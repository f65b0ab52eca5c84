/* What a file is by its first bytes. */
#include "mail/container.h"

#include <string.h>

#include "transfer.h"

void mail_file_free(void *file)
{
    MailFile *owned = file;
    if (owned == NULL)
        return;
    g_free(owned->name);
    g_clear_pointer(&owned->bytes, g_bytes_unref);
    g_free(owned);
}

GPtrArray *mail_files_new(void)
{
    return g_ptr_array_new_with_free_func(mail_file_free);
}

static bool contains(Span head, Span needle)
{
    return span_find(head, needle) != head.length;
}

/* "<?", "<!" or "<a" in UTF-16, with or without a byte order mark. */
static bool is_utf16_xml(Span head)
{
    if (span_starts_with(head, SPAN("\xFF\xFE")) || span_starts_with(head, SPAN("\xFE\xFF")))
        head = span_slice(head, 2, head.length);
    return head.length >= 4 && (memcmp(head.at, "<\0", 2) == 0 ? head.at[3] == '\0' && head.at[2] != '\0'
                                                              : memcmp(head.at, "\0<\0", 3) == 0 && head.at[3] != '\0');
}

/* Every invoice format has a namespace; so a document without an XML declaration is XML where it names one. */
static bool is_xml(Span head)
{
    if (is_utf16_xml(head))
        return true;
    if (head.length < 2 || head.at[0] != '<' || span_starts_with_nocase(head, SPAN("<!doctype html"))
        || contains(head, SPAN("<html")) || contains(head, SPAN("<HTML")))
        return false;
    return span_starts_with(head, SPAN("<?xml")) || contains(head, SPAN("xmlns"));
}

/* ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER … }: PKCS #7's identifiers, and S/MIME's for compressed and
 * authenticated data. */
static bool is_cms_ber(Span head)
{
    static const char pkcs7[] = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";
    static const char smime[] = "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01";
    enum { LENGTH_BYTES_MAX = 8 };
    head = span_slice(head, 0, 2 + LENGTH_BYTES_MAX + sizeof smime);
    return head.length > 0 && head.at[0] == 0x30
        && (contains(head, (Span){ pkcs7, sizeof pkcs7 - 1 }) || contains(head, (Span){ smime, sizeof smime - 1 }));
}

static bool is_cms(Span head)
{
    if (is_cms_ber(head))
        return true;
    if (span_starts_with(head, SPAN("-----BEGIN ")))
        head = span_slice(head, span_find_byte(head, '\n'), head.length);
    char bytes[64];
    Span front = { bytes, transfer_decode_base64(span_slice(span_trim(head), 0, sizeof bytes), bytes) };
    return is_cms_ber(front);
}

MailFileKind mail_file_kind(Span head)
{
    head = span_slice(head, 0, MAIL_FILE_KIND_BYTES);
    if (span_starts_with(head, SPAN("PK\3\4")) || span_starts_with(head, SPAN("PK\5\6")))
        return MAIL_FILE_ZIP;
    if (is_cms_ber(head))
        return MAIL_FILE_CMS;
    if (span_starts_with(head, SPAN("\xEF\xBB\xBF")))
        head = span_slice(head, 3, head.length);
    Span text = is_utf16_xml(head) ? head : span_trim(head);
    if (is_xml(text))
        return MAIL_FILE_XML;
    if (contains(head, SPAN("%PDF-"))) /* readers take it anywhere in the first KB (ISO 32000-1 annex H) */
        return MAIL_FILE_PDF;
    return is_cms(text) ? MAIL_FILE_CMS : MAIL_FILE_OTHER;
}
