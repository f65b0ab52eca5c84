/* For the tests of XML formats: one document in, its invoices or its refusal out. */
#pragma once

#include "invoice/read_xml.h"
#include "test_fixture.h"

/* A finished document's invoices; the test fails where it is refused. */
static inline GPtrArray *xml_read_all(const char *document)
{
    g_autoptr(GError) error = NULL;
    const char *format;
    GPtrArray *invoices = g_ptr_array_new_with_free_func(free_invoice);
    invoice_read_xml(span_of(document), INVOICE_SOURCE_XML, invoices, &format, &error);
    g_assert_no_error(error);
    return invoices;
}

static inline Invoice *xml_read_one(const char *document)
{
    g_autoptr(GPtrArray) invoices = xml_read_all(document);
    g_assert_cmpuint(invoices->len, ==, 1);
    return g_ptr_array_steal_index(invoices, 0);
}

/* The refusal of a document names what is wrong with it. */
static inline void xml_expect_refused(const char *document, const char *words)
{
    g_autoptr(GError) error = NULL;
    const char *format;
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    g_assert_false(invoice_read_xml(span_of(document), INVOICE_SOURCE_XML, invoices, &format, &error));
    g_assert_cmpuint(invoices->len, ==, 0);
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, words));
}

/* A copy of the document where the one place that reads `from` reads `to`. Newly allocated. */
static inline char *xml_edited(const char *document, const char *from, const char *to)
{
    const char *at = strstr(document, from);
    g_assert_nonnull(at);
    g_assert_null(strstr(at + 1, from));
    return g_strdup_printf("%.*s%s%s", (int)(at - document), document, to, at + strlen(from));
}

/* The same, read. */
static inline Invoice *xml_read_edited(const char *document, const char *from, const char *to)
{
    g_autofree char *edited = xml_edited(document, from, to);
    return xml_read_one(edited);
}

static inline void xml_expect_decimal(Decimal decimal, const char *text)
{
    Decimal expected = DECIMAL_UNKNOWN;
    g_assert_true(decimal_parse(span_of(text), &expected));
    g_assert_true(decimal.is_known);
    g_assert_cmpint(decimal_compare(decimal, expected), ==, 0);
}
