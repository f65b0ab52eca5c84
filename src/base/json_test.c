#include "base/json.h"

#include <string.h>

#include "base/error.h"

static void test_depth_is_bounded(void)
{
    g_autofree char *deep = g_strnfill(10000, '[');
    g_autoptr(GError) error = NULL;
    g_assert_null(json_read(span_of(deep), 1 << 20, "the body", &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    g_assert_nonnull(strstr(error->message, "the body"));
}

static void test_size_and_duplicates(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(json_read(SPAN("{\"a\":1}"), 3, "the body", &error));
    g_assert_error(error, SALDO_ERROR, SALDO_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_null(json_read(SPAN("{\"a\":1,\"a\":2}"), 99, "the body", &error));
    JSON_AUTO *lenient = json_read_lenient(SPAN("{\"a\":1,\"a\":2}"), 99, "the body", NULL);
    g_assert_cmpint(json_integer_or(lenient, "a", 0), ==, 2);
}

static void test_money_round_trip(void)
{
    JSON_AUTO *json = json_from_money((Money){ 123450, "PLN" });
    g_autofree char *text = json_write(json);
    g_assert_cmpstr(text, ==, "{\"currency\":\"PLN\",\"minor\":123450}");
    Money money;
    g_assert_true(json_to_money(json, &money) && money_equal(money, (Money){ 123450, "PLN" }));
    g_assert_false(json_to_money(NULL, &money));
}

static void test_lenient_member(void)
{
    JSON_AUTO *object = json_read(SPAN("{\"RequestId\":1,\"message:\":2,\"result\":3,\"Result\":4,\"results\":5}"), 99, "it", NULL);
    g_assert_cmpint(json_integer_value(json_member_lenient(object, "requestId")), ==, 1);
    g_assert_cmpint(json_integer_value(json_member_lenient(object, "message")), ==, 2);
    g_assert_cmpint(json_integer_value(json_member_lenient(object, "Result")), ==, 4); /* the exact name wins */
    g_assert_null(json_member_lenient(object, "mess"));
    g_assert_null(json_member_lenient(NULL, "message"));
}

static void test_text_that_is_no_utf8(void)
{
    JSON_AUTO *object = json_object();
    json_put_text(object, "a", "caf\xe9");
    json_put_text(object, "b", NULL);
    g_assert_cmpstr(json_text(object, "a"), ==, "caf\xef\xbf\xbd");
    g_assert_true(json_is_null(json_object_get(object, "b")));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/depth-is-bounded", test_depth_is_bounded);
    g_test_add_func("/json/size-and-duplicates", test_size_and_duplicates);
    g_test_add_func("/json/money-round-trip", test_money_round_trip);
    g_test_add_func("/json/lenient-member", test_lenient_member);
    g_test_add_func("/json/text-that-is-no-utf8", test_text_that_is_no_utf8);
    return g_test_run();
}
