/* Any HTML → microdata items → invoices: bounded items of clean texts, and invoices whose JSON form reads back. */
#include "invoice/invoice.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/mail.h"
#include "test_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As mail_html_microdata promises: lists of values only inside objects, no level deeper than items inside items, no more
 * items than were visited. */
enum { DEPTH_MAX = 16, PLACES_MAX = 33 * 1024, VALUE_MAX = 64 * 1024, NAME_MAX_BYTES = 100 };

typedef struct Place {
    const json_t *node;
    unsigned depth;
} Place;

static void check_value(const json_t *value, unsigned depth, GArray *waiting)
{
    const Place place = { value, depth };
    g_assert_true(json_is_string(value) || json_is_object(value));
    if (json_is_object(value))
        g_array_append_val(waiting, place);
    else
        g_assert_true(text_is_clean((Span){ json_string_value(value), json_string_length(value) }, VALUE_MAX));
}

static void check_item(const Place *place, GArray *waiting)
{
    const char *name;
    json_t *value, *one;
    size_t index;
    g_assert_cmpuint(place->depth, <, DEPTH_MAX);
    json_object_foreach((json_t *)place->node, name, value) {
        g_assert_cmpuint(strlen(name), <=, NAME_MAX_BYTES);
        g_assert_true(name[0] != '@' || strcmp(name, "@type") == 0 || strcmp(name, "@id") == 0);
        if (!json_is_array(value))
            check_value(value, place->depth + 1, waiting);
        json_array_foreach(value, index, one)
            check_value(one, place->depth + 1, waiting);
    }
}

static void check_items(const json_t *items)
{
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Place));
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)items, index, item) {
        g_assert_nonnull(json_object_get(item, "@type"));
        check_value(item, 0, waiting);
    }
    for (unsigned places = 0; waiting->len > 0; places++) {
        g_assert_cmpuint(places, <, PLACES_MAX);
        const Place place = g_array_index(waiting, Place, waiting->len - 1);
        g_array_set_size(waiting, waiting->len - 1);
        check_item(&place, waiting);
    }
}

static void check_round_trip(void *invoice, void *unused)
{
    (void)unused;
    expect_round_trip(invoice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JSON_AUTO *items = mail_html_microdata((Span){ data == NULL ? "" : (const char *)data, size });
    check_items(items);
    g_autoptr(GPtrArray) invoices = g_ptr_array_new_with_free_func(free_invoice);
    invoice_read_microdata(items, invoices);
    g_assert_cmpuint(invoices->len, <=, LIMIT_INVOICES_PER_MESSAGE);
    g_ptr_array_foreach(invoices, check_round_trip, NULL);
    return 0;
}
