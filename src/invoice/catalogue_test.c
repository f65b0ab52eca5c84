/* Whoever adds a reader tells people of it. */
#include <string.h>

#include "invoice/read_xml.h"

static unsigned place_of(const char *name)
{
    unsigned place = 0;
    while (invoice_formats[place].name != NULL && strcmp(invoice_formats[place].name, name) != 0)
        place++;
    return place;
}

static void test_every_reader_is_listed(void)
{
    unsigned count = 0;
    for (const char *name; (name = invoice_xml_format_name(count)) != NULL; count++)
        if (invoice_formats[place_of(name)].name == NULL)
            g_error("%s has a reader and is not in invoice_formats", name);
    unsigned listed = 0;
    for (const InvoiceFormat *format = invoice_formats; format->name != NULL; format++)
        listed += strstr(format->found_in, "attached") != NULL;
    g_assert_cmpuint(listed, ==, count);
}

static void test_every_name_is_its_own(void)
{
    for (unsigned i = 0; invoice_formats[i].name != NULL; i++)
        g_assert_cmpuint(place_of(invoice_formats[i].name), ==, i);
}

int main(int argument_count, char **arguments)
{
    g_test_init(&argument_count, &arguments, NULL);
    g_test_add_func("/catalogue/every reader is listed", test_every_reader_is_listed);
    g_test_add_func("/catalogue/every name is its own", test_every_name_is_its_own);
    return g_test_run();
}
