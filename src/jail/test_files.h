/* For the tests of this room only: files that a mail can carry, made byte by byte. */
#pragma once

#include <glib.h>
#include <zlib.h>

#define UBL_ROOT "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\""

/* ---- zip --------------------------------------------------------------------------------------------------------- */

static inline void append_number(GString *out, uint32_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        g_string_append_c(out, (char)(number >> (8 * i)));
}

/* APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16: one file a.xml. */
static inline GString *zip_of(const GString *content, uint32_t method, uint32_t declared)
{
    GString *zip = g_string_new(NULL);
    for (unsigned central = 0; central < 2; central++) {
        g_string_append_len(zip, central ? "PK\1\2" : "PK\3\4", 4);
        append_number(zip, 20, central ? 4 : 2); /* versions */
        append_number(zip, 0, 2);
        append_number(zip, method, 2);
        append_number(zip, 0, 4);
        append_number(zip, method == 0 ? (uint32_t)crc32(0, (const Bytef *)content->str, (uInt)content->len) : 0, 4);
        append_number(zip, (uint32_t)content->len, 4);
        append_number(zip, declared, 4);
        append_number(zip, 5, 2);
        append_number(zip, 0, 2);
        if (central)
            append_number(zip, 0, 14);
        g_string_append(zip, "a.xml");
        if (!central)
            g_string_append_len(zip, content->str, (gssize)content->len);
    }
    size_t directory = 4 + 26 + 5 + content->len;
    g_string_append_len(zip, "PK\5\6", 4);
    append_number(zip, 0, 4);
    append_number(zip, 1, 2);
    append_number(zip, 1, 2);
    append_number(zip, (uint32_t)(zip->len - 12 - directory), 4);
    append_number(zip, (uint32_t)directory, 4);
    append_number(zip, 0, 2);
    return zip;
}

/* ---- PDF --------------------------------------------------------------------------------------------------------- */

typedef struct PdfMaker {
    GString *out;
    GArray *offsets; /* size_t, of object 1, 2, … */
} PdfMaker;

static inline PdfMaker pdf_begin(void)
{
    return (PdfMaker){ g_string_new("%PDF-1.7\n"), g_array_new(FALSE, FALSE, sizeof(size_t)) };
}

static inline void pdf_object(PdfMaker *pdf, const char *dictionary, const GString *stream)
{
    size_t offset = pdf->out->len;
    g_array_append_val(pdf->offsets, offset);
    g_string_append_printf(pdf->out, "%u 0 obj\n%s\n", pdf->offsets->len, dictionary);
    if (stream != NULL) {
        g_string_append(pdf->out, "stream\n");
        g_string_append_len(pdf->out, stream->str, (gssize)stream->len);
        g_string_append(pdf->out, "\nendstream\n");
    }
    g_string_append(pdf->out, "endobj\n");
}

static inline GString *pdf_end(PdfMaker *pdf, const char *trailer)
{
    size_t start = pdf->out->len;
    g_string_append_printf(pdf->out, "xref\n0 %u\n0000000000 65535 f \n", pdf->offsets->len + 1);
    for (unsigned i = 0; i < pdf->offsets->len; i++)
        g_string_append_printf(pdf->out, "%010zu 00000 n \n", g_array_index(pdf->offsets, size_t, i));
    g_string_append_printf(pdf->out, "trailer\n<< /Size %u /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n", pdf->offsets->len + 1, trailer, start);
    g_array_unref(pdf->offsets);
    return pdf->out;
}

/* One embedded file whose stream has this dictionary and content. */
static inline GString *pdf_with(const char *dictionary, const GString *content, const char *trailer)
{
    PdfMaker pdf = pdf_begin();
    pdf_object(&pdf, "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.xml) 3 0 R] >> >> >>", NULL);
    pdf_object(&pdf, "<< /Type /Pages /Kids [] /Count 0 >>", NULL);
    pdf_object(&pdf, "<< /Type /Filespec /F (a.xml) /EF << /F 4 0 R >> >>", NULL);
    pdf_object(&pdf, dictionary, content);
    return pdf_end(&pdf, trailer);
}
