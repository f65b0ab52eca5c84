/* Files inside a PDF (ISO 32000-2 §7.11.4): where hybrid invoices (Factur-X, ZUGFeRD, Order-X) keep their XML.
 *
 * Runs only in the jail (and in tests); a library of its own (`invoice_pdf`), so that nothing else links qpdf. Pure: bytes in,
 * files out; bounded by limits.h of this room; never renders, never runs anything that the PDF says.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/span.h"

typedef struct PdfFile {
    char *name;         /* /UF, else /F, else its key in the name tree; UTF-8 of one line, or NULL */
    char *relationship; /* /AFRelationship without its slash: "Alternative", "Data", "Source" …; or NULL */
    char *media_type;   /* /Subtype without its slash: "text/xml"; or NULL */
    size_t length;      /* of the content as it was inflated, whatever the PDF declares */
    GBytes *xml;        /* the content where its first bytes look like XML; else NULL */
} PdfFile;

typedef struct PdfFiles {
    GPtrArray *files;    /* PdfFile: /Names/EmbeddedFiles, then /Root/AF, then annotations of pages; each stream once */
    GPtrArray *troubles; /* char *, for people: each file that could not be read, each limit that was reached */
    bool is_encrypted;   /* but opens without a password */
    bool is_signed;      /* says that it carries a digital signature; not checked here */
} PdfFiles;

void pdf_files_free(PdfFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PdfFiles, pdf_files_free)

/* NULL with `error`: BAD_INPUT where it is no PDF or too broken for recovery, DENIED where it asks for a password or is
 * encrypted in an unknown way, LIMIT where memory did not do. The bytes must stay until it returns. */
PdfFiles *invoice_pdf_read(Span document, GError **error);

/* Reads a small PDF, so that qpdf loads what it loads on first use: to be called before the jail closes the file system. */
void invoice_pdf_warm_up(void);
