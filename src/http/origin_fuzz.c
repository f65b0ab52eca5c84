/* Headers and cursors as anybody may send them: no byte sequence passes for ours, and what passes is well formed. */
#include <string.h>

#include "cursor.h"
#include "origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_url(const char *text)
{
    g_autofree char *origin = origin_of_url(text);
    if (origin != NULL) /* it stands in a Content-Security-Policy */
        g_assert_true(strpbrk(origin, " ;,'\"\r\n\t") == NULL && strstr(origin, "://") != NULL);
}

static void check_host(const char *text)
{
    Origin own;
    g_assert_true(origin_parse("https://pay.example.org", &own, NULL));
    if (origin_allows_host(&own, text))
        g_assert_true(g_ascii_strcasecmp(text, "pay.example.org") == 0 || g_ascii_strncasecmp(text, "pay.example.org:", 16) == 0);
    origin_done(&own);
}

static void check_origin(const char *text)
{
    Origin origin;
    g_autoptr(GError) error = NULL;
    if (!origin_parse(text, &origin, &error)) {
        g_assert_true(error != NULL && error->message[0] != '\0');
        return;
    }
    Origin again;
    g_assert_true(origin_parse(origin.text, &again, NULL) && strcmp(again.text, origin.text) == 0);
    origin_done(&again);
    origin_done(&origin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t received_us;
    Id id;
    g_autofree char *text = g_strndup((const char *)data, size);
    check_url(text);
    check_host(text);
    check_origin(text);
    g_assert_false(cursor_read("a key that no input knows", "scope", text, &received_us, &id));
    return 0;
}
