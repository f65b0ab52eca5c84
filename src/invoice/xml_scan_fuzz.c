/* The scanner beside expat: both refuse a document, or both see the same elements, attributes and texts in it. */
#include "xml_scan.h"

#include <expat.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was seen: "<{namespace}local @{namespace}local=value …", texts, ">". Ends of lines are left out: expat makes one of
 * each kind, the scanner gives them as written, and no reader of ours tells them apart. */
static void write_text(GString *seen, Span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] != '\r' && text.at[i] != '\n')
            g_string_append_c(seen, text.at[i]);
}

/* ---- The scanner ---- */

static void write_name(GString *seen, const char *sign, XmlName name)
{
    g_string_append(seen, sign);
    if (name.namespace.length > 0) {
        write_text(seen, name.namespace);
        g_string_append_c(seen, '}');
    }
    g_string_append_len(seen, name.local.at, (gssize)name.local.length);
}

static void scan_start(void *context, XmlName name, const XmlAttribute *attributes, unsigned count)
{
    write_name(context, "<", name);
    for (unsigned i = 0; i < count; i++) {
        BUFFER_AUTO value = BUFFER_INIT(attributes[i].raw.length + 1);
        write_name(context, " @", attributes[i].name);
        xml_attribute_value(attributes[i].raw, &value);
        g_assert_false(value.overflowed); /* a value is never longer than it was written */
        g_string_append_c(context, '=');
        write_text(context, buffer_span(&value));
    }
    g_string_append_c(context, '|');
}

static void scan_end(void *context)
{
    g_string_append_c(context, '>');
}

static void scan_text(void *context, Span text)
{
    write_text(context, text);
}

/* ---- Expat ---- */

enum { SEPARATOR = '\n' };

static void write_joined(GString *seen, const char *sign, const char *joined)
{
    const char *separator = strrchr(joined, SEPARATOR);
    g_string_append(seen, sign);
    if (separator != NULL) {
        write_text(seen, (Span){ joined, (size_t)(separator - joined) });
        g_string_append_c(seen, '}');
    }
    g_string_append(seen, separator == NULL ? joined : separator + 1);
}

static void expat_start(void *context, const char *name, const char **attributes)
{
    write_joined(context, "<", name);
    for (; *attributes != NULL; attributes += 2) {
        write_joined(context, " @", attributes[0]);
        g_string_append_c(context, '=');
        write_text(context, span_of(attributes[1]));
    }
    g_string_append_c(context, '|');
}

static void expat_end(void *context, const char *name)
{
    (void)name;
    g_string_append_c(context, '>');
}

static void expat_text(void *context, const char *text, int length)
{
    write_text(context, (Span){ text, (size_t)length });
}

static enum XML_Error run_expat(Span document, GString *seen)
{
    XML_Parser parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    XML_SetUserData(parser, seen);
    XML_SetElementHandler(parser, expat_start, expat_end);
    XML_SetCharacterDataHandler(parser, expat_text);
    enum XML_Error code = XML_Parse(parser, document.at, (int)document.length, XML_TRUE) == XML_STATUS_OK
        ? XML_ERROR_NONE
        : XML_GetErrorCode(parser);
    XML_ParserFree(parser);
    return code;
}

/* ---- Both ---- */

/* Expat leaves UTF-8 for UTF-16 by a document's first two bytes, whatever it is told. */
static bool looks_like_utf16(Span document)
{
    for (size_t i = 0; i < MIN(document.length, 2); i++)
        if (document.at[i] == '\0' || (unsigned char)document.at[i] >= 0xFE)
            return true;
    return false;
}

static bool has_high_bytes(Span document)
{
    for (size_t i = 0; i < document.length; i++)
        if ((unsigned char)document.at[i] >= 0x80)
            return true;
    return false;
}

/* Differences that are meant: limits, DOCTYPE, what a declaration may say; names of the fifth edition, which expat does
 * not know; and expat's own care for its separator. */
static bool may_differ(Span document, const GError *ours, enum XML_Error expat)
{
    if (ours != NULL)
        return ours->code == SALDO_ERROR_LIMIT || strstr(ours->message, "DOCTYPE") != NULL
            || strstr(ours->message, "declaration") != NULL;
    return (expat == XML_ERROR_INVALID_TOKEN && has_high_bytes(document))
        || (expat == XML_ERROR_SYNTAX && span_find(document, SPAN("&#")) != document.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const XmlHandler handler = { scan_start, scan_end, scan_text };
    Span document = { (const char *)data, size };
    if (looks_like_utf16(document))
        return 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) ours = g_string_new(NULL), theirs = g_string_new(NULL);
    g_autoptr(XmlScan) scan = xml_scan_new(document, &handler, ours, &error);
    bool read = xml_scan_run(scan);
    g_assert_true(read == (error == NULL));
    enum XML_Error code = run_expat(document, theirs);
    if (read != (code == XML_ERROR_NONE) && !may_differ(document, error, code))
        g_error("only one refuses it: %s / %s", read ? "ours reads it" : error->message, XML_ErrorString(code));
    if (read && code == XML_ERROR_NONE)
        g_assert_cmpstr(ours->str, ==, theirs->str);
    return 0;
}
