/* Any bytes as HTML: the sanitised document holds only elements and attributes of a list written down here a second time,
 * every element is closed in order. */
#include "html.h"

#include <string.h>

#include "limits.h"
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FORBIDDEN                                                                                                      \
    "script style svg math iframe frame frameset object embed applet form input button select option textarea base meta " \
    "link title noscript template audio video source track canvas map area xmp plaintext noembed noframes html head body"

static void check_attribute(const HtmlAttribute *attribute)
{
    g_assert_false(html_is_one_of(attribute->name, "href action background srcset formaction ping target id class"));
    g_assert_false(span_starts_with_nocase(attribute->name, SPAN("on")));
    g_autofree char *value = html_decode_entities(attribute->value, MAIL_HTML_PICTURE_MAX);
    g_autofree char *lower = g_ascii_strdown(value, -1);
    if (span_equal_nocase(attribute->name, SPAN("src")))
        g_assert_true(g_str_has_prefix(lower, "data:image/"));
    if (span_equal_nocase(attribute->name, SPAN("style")))
        g_assert_true(strstr(lower, "url(") == NULL && strchr(lower, '\\') == NULL && strstr(lower, "/*") == NULL);
}

static void check_body(Span body)
{
    HtmlTokenizer tokenizer = html_tokenizer(body);
    HtmlToken token;
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(Span));
    while (html_next(&tokenizer, &token)) {
        g_assert_true(token.kind != HTML_RAW);
        if (token.kind == HTML_TEXT)
            continue;
        g_assert_false(html_is_one_of(token.name, FORBIDDEN));
        HtmlAttribute attribute;
        while (token.kind == HTML_START && html_next_attribute(&token.attributes, &attribute))
            check_attribute(&attribute);
        if (token.kind == HTML_START && !html_is_one_of(token.name, "br hr img col wbr"))
            g_array_append_val(open, token.name);
        if (token.kind == HTML_END) {
            g_assert_cmpuint(open->len, >, 0);
            g_assert_true(span_equal(g_array_index(open, Span, open->len - 1), token.name));
            g_array_set_size(open, open->len - 1);
        }
    }
    g_assert_cmpuint(open->len, ==, 0);
}

static Span body_of(const char *document)
{
    const char *start = strstr(document, "<body>\n"), *end = g_strrstr(document, "\n</body></html>\n");
    g_assert_true(start != NULL && end >= start + 6);
    return (Span){ start + 7, end > start + 7 ? (size_t)(end - start - 7) : 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Span html = { data == NULL ? "" : (const char *)data, size };
    g_autofree char *document = mail_html_sanitize(html, NULL, false);
    g_assert_true(g_utf8_validate(document, -1, NULL));
    check_body(body_of(document));
    g_autoptr(GPtrArray) scripts = mail_html_json_scripts(html);
    g_assert_cmpuint(scripts->len, <=, MAIL_SCRIPTS_MAX);
    g_autoptr(GPtrArray) links = mail_html_links(html);
    for (unsigned i = 0; i < links->len; i++)
        mail_link_misleads(links->pdata[i]);
    g_autofree char *text = html_to_text(html, MAIL_PREVIEW_MAX);
    g_assert_cmpint(g_utf8_strlen(text, -1), <=, MAIL_PREVIEW_MAX);
    g_autofree char *charset = html_declared_charset(html);
    g_assert_true(charset == NULL || charset[0] != '\0');
    g_autofree char *plain = mail_text_to_html(html);
    g_assert_true(g_utf8_validate(plain, -1, NULL));
    return 0;
}
