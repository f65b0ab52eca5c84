/* The HTML tokenizer, the JSON scripts and the text of HTML. */
#include "html.h"

#include <string.h>

#include "base/clock.h"
#include "limits.h"
#include "mail/mail.h"

/* Tokens as "<name a=b>", "</name>", "{raw}", "text", parted by "|". */
static char *tokens_of(Span html)
{
    GString *text = g_string_new(NULL);
    HtmlTokenizer tokenizer = html_tokenizer(html);
    HtmlToken token;
    while (html_next(&tokenizer, &token)) {
        g_string_append(text, text->len == 0 ? "" : "|");
        HtmlAttribute attribute;
        switch (token.kind) {
        case HTML_TEXT: g_string_append_len(text, token.text.at, (gssize)token.text.length); break;
        case HTML_RAW: g_string_append_printf(text, "{%.*s}", (int)token.text.length, token.text.at); break;
        case HTML_END: g_string_append_printf(text, "</%.*s>", (int)token.name.length, token.name.at); break;
        case HTML_START:
            g_string_append_printf(text, "<%.*s", (int)token.name.length, token.name.at);
            while (html_next_attribute(&token.attributes, &attribute))
                g_string_append_printf(text, " %.*s=%.*s", (int)attribute.name.length, attribute.name.at,
                    (int)attribute.value.length, attribute.value.at);
            g_string_append(text, token.closes_itself ? "/>" : ">");
            break;
        }
    }
    return g_string_free(text, FALSE);
}

static void expect_tokens(const char *html, const char *expected)
{
    g_autofree char *exact = g_memdup2(html, strlen(html));
    g_autofree char *tokens = tokens_of((Span){ exact == NULL ? "" : exact, strlen(html) });
    g_assert_cmpstr(tokens, ==, expected);
}

static void test_tokens(void)
{
    expect_tokens("", "");
    expect_tokens("a < b <3 c", "a < b <3 c");
    expect_tokens("<p>x</p>", "<p>|x|</p>");
    expect_tokens("<a href=\"x>y\" b='c' d=e/f g>t", "<a href=x>y b=c d=e/f g=>|t");
    expect_tokens("<br/><img / src = x />", "<br/>|<img src=x/>");
    expect_tokens("<a =b c==d>", "<a =b= c==d>");
    expect_tokens("<p\nclass\n=\n'x'\n>", "<p class=x>");
    expect_tokens("a<!-- <b> -->c<!>d<!doctype html>e<?php x ?>f</ x>g</>h", "a|c|d|e|f|g|h");
    expect_tokens("<!-->a<!--->b<!--x--!>c<!-- - -- ->-->d", "a|b|c|d");
    expect_tokens("<![CDATA[x]]>y", "y");
    expect_tokens("<", "<");
    expect_tokens("x<p", "x");
    expect_tokens("x<p a='", "x");
    expect_tokens("x<!--", "x");
    expect_tokens("x</", "x");
    expect_tokens("<script><b>'</p>'</script >x", "<script>|{<b>'</p>'}|</script>|x");
    expect_tokens("<SCRIPT>a</scripts></script/x>b", "<SCRIPT>|{a</scripts>}|</script>|b");
    expect_tokens("<script>a", "<script>|{a}");
    expect_tokens("<script>", "<script>|{}");
    expect_tokens("<script><!--<script></script>--></script>x", "<script>|{<!--<script></script>-->}|</script>|x");
    expect_tokens("<script><!--></script>x", "<script>|{<!-->}|</script>|x");
    expect_tokens("<script><!-- x</script>y", "<script>|{<!-- x}|</script>|y");
    expect_tokens("<style><!-- </style>x", "<style>|{<!-- }|</style>|x");
    expect_tokens("<title>&amp;<b></title>x", "<title>|{&amp;<b>}|</title>|x");
}

static void expect_decoded(const char *text, const char *expected)
{
    g_autofree char *decoded = html_decode_entities(span_of(text), 1000);
    g_assert_cmpstr(decoded, ==, expected);
}

static void test_entities(void)
{
    expect_decoded("a &amp; b&lt;&gt;&quot;&apos;", "a & b<>\"'");
    expect_decoded("&euro;&#8364;&#x20aC;&#x20AC", "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
    expect_decoded("&nbsp;&Aring;&aring;&thetasym;", "\xc2\xa0\xc3\x85\xc3\xa5\xcf\x91");
    expect_decoded("&unknown; &amp &; &#; &#x; & x", "&unknown; &amp &; &#; &#x; & x");
    expect_decoded("&#0;&#27;&#xD800;&#99999999999999999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    g_autofree char *bounded = html_decode_entities(SPAN("abcdef"), 3);
    g_assert_cmpstr(bounded, ==, "abc");
}

static void expect_scripts(const char *html, const char *expected)
{
    g_autoptr(GPtrArray) scripts = mail_html_json_scripts(span_of(html));
    g_ptr_array_add(scripts, NULL);
    g_autofree char *joined = g_strjoinv("|", (char **)scripts->pdata);
    g_assert_cmpstr(joined, ==, expected);
}

#define LD "<script type=\"application/ld+json\">"

static void test_scripts(void)
{
    expect_scripts("<p>nothing", "");
    expect_scripts(LD " {\"a\":\"</b>\"} </script>", "{\"a\":\"</b>\"}");
    expect_scripts("<SCRIPT id=x TYPE='Application/LD+JSON; charset=utf-8' >1</SCRIPT>", "1");
    expect_scripts("<script type=application/ld&#43;json>1</script>", "1");
    expect_scripts("<script type=application/adaptivecard+json>2</script>" LD "3</script>", "2|3");
    expect_scripts("<script>1</script><script type=text/javascript>2</script><script type=module type=application/ld+json>3</script>", "");
    expect_scripts("<!-- " LD "1</script> -->", "");
    expect_scripts("<textarea>" LD "1</script></textarea>", "");
    expect_scripts("<p title='" LD "1</script>'>", "");
    expect_scripts(LD "<!--\n1\n--></script>", "1");
    expect_scripts(LD "//<![CDATA[\n1\n//]]></script>", "1");
    expect_scripts(LD "/*<![CDATA[*/1/*]]>*/</script>", "1");
    expect_scripts(LD "<![CDATA[1]]></script>", "1");
    expect_scripts(LD "<!-- <![CDATA[ 1 ]]> --></script>", "1");
    expect_scripts(LD "1", "1");
    expect_scripts("<ld><script/type=application/ld+json>1</script>", "1");
}

static void expect_shown(const char *html, const char *expected)
{
    g_autofree char *text = html_to_text(span_of(html), 20);
    g_assert_cmpstr(text, ==, expected);
}

static void test_text(void)
{
    expect_shown("<html><head><title>T</title><style>p{}</style></head><body><p>a<p>b<script>x</script>c", "a b c");
    expect_shown("<b>bo</b>ld<br>x&nbsp;&amp;y", "bold x &y");
    expect_shown("0123456789012345678901234", "01234567890123456789");
}

/* ---- Hostile HTML: bounded in time, whatever it is ------------------------------------------------------------------------ */

static void test_hostile(void)
{
    static const char *const units[] = { "<div>", "</div>", "<!--", "<script>", "<script><!--", "<a b=\"", "<a b='x' ", "<",
        "<p a=", "&", "&#", "&amp", "</", "<![CDATA[", "<!--<script>", "<svg>", "<table><tr><td>", "<b></i>", "-->",
        "<p style='color:red;'>", "<x ", "a=b " };
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *html = g_string_new(LD "<p ");
        g_string_append(html, i % 2 == 0 ? "></script>" : ">");
        while (html->len < 1 << 20)
            g_string_append(html, units[i]);
        Span span = { html->str, html->len };
        int64_t start_us = time_monotonic_us();
        g_autoptr(GPtrArray) scripts = mail_html_json_scripts(span);
        g_autofree char *text = html_to_text(span, MAIL_PREVIEW_MAX);
        g_autofree char *safe = mail_html_sanitize(span, NULL, false);
        g_assert_cmpint(time_monotonic_us() - start_us, <, 3 * US_PER_SECOND);
        g_assert_cmpuint(scripts->len, <=, 1);
        g_assert_cmpuint(strlen(text), <=, MAIL_PREVIEW_MAX);
        g_assert_cmpuint(strlen(safe), <, MAIL_HTML_OUTPUT_MAX + MAIL_HTML_OUTPUT_TAIL);
        g_string_free(html, TRUE);
    }
}

static void test_links(void)
{
    static const struct {
        const char *html, *text, *address;
        bool misleads;
    } cases[] = {
        { "<a href='https://pay.example/x'>Pay <b>now</b></a>", "Pay now", "https://pay.example/x", false },
        { "<a href=http://evil.example/>https://bank.example/login</a>", "https://bank.example/login", "http://evil.example/", true },
        { "<A HREF='https://evil.example/'>www.bank.example</A>", "www.bank.example", "https://evil.example/", true },
        { "<a href='https://www.bank.example/a'>bank.example</a>", "bank.example", "https://www.bank.example/a", false },
        { "<a href='https://bank.example@evil.example/'>bank.example</a>", "bank.example", "https://bank.example@evil.example/", true },
        { "<a href='https://x.example/?a=1&amp;b=2'>a&amp;b</a>", "a&b", "https://x.example/?a=1&b=2", false },
        { "<a href='mailto:a@b.example'>b.example</a>", "b.example", "mailto:a@b.example", false },
        { "<a name=top></a><a href='#top'>up</a><a href='https://x.example/'>Invoice no. 5</a>", "Invoice no. 5", "https://x.example/", false },
        { "<a href='https://x.example/'>never closed", "never closed", "https://x.example/", false },
        { "<a href='https://x.example/'><img alt='a.example'></a>", "", "https://x.example/", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) links = mail_html_links(span_of(cases[i].html));
        g_assert_cmpuint(links->len, ==, 1);
        const MailLink *link = links->pdata[0];
        g_assert_cmpstr(link->text, ==, cases[i].text);
        g_assert_cmpstr(link->address, ==, cases[i].address);
        g_assert_true(mail_link_misleads(link) == cases[i].misleads);
    }
}

/* One ends where the next begins; more than are kept are passed over. */
static void test_many_links(void)
{
    g_autoptr(GPtrArray) two = mail_html_links(SPAN("<a href=a:1>one<a href=a:2>two</a>three"));
    g_assert_cmpuint(two->len, ==, 2);
    g_assert_cmpstr(((MailLink *)two->pdata[0])->text, ==, "one");
    g_assert_cmpstr(((MailLink *)two->pdata[1])->text, ==, "two");
    g_autoptr(GString) flood = g_string_new(NULL);
    for (unsigned i = 0; i < 1000; i++)
        g_string_append(flood, "<a href=a:b>");
    g_autoptr(GPtrArray) kept = mail_html_links((Span){ flood->str, flood->len });
    g_assert_cmpuint(kept->len, ==, MAIL_LINKS_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/html/tokens", test_tokens);
    g_test_add_func("/html/entities", test_entities);
    g_test_add_func("/html/scripts", test_scripts);
    g_test_add_func("/html/text", test_text);
    g_test_add_func("/html/links", test_links);
    g_test_add_func("/html/many-links", test_many_links);
    g_test_add_func("/html/hostile", test_hostile);
    return g_test_run();
}
