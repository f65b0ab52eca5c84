/* Sanitised HTML: what stays, what goes, and that nothing of the mail's markup gets through another way. */
#include "mail/mail.h"

#include <string.h>

#include "css.h"
#include "limits.h"

/* What stands in the body of the sanitised document. */
static char *body_of(const char *html, bool allow_remote_pictures)
{
    g_autofree char *document = mail_html_sanitize(span_of(html), NULL, allow_remote_pictures);
    const char *start = strstr(document, "<body>\n"), *end = strstr(document, "\n</body></html>\n");
    g_assert_true(g_str_has_prefix(document, "<!doctype html>\n<html><head><meta charset=\"utf-8\">"));
    g_assert_true(start != NULL && end != NULL && strlen(end) == strlen("\n</body></html>\n"));
    return g_strndup(start + 7, (gsize)(end - start - 7));
}

static void expect(const char *html, const char *expected)
{
    g_autofree char *body = body_of(html, false);
    g_assert_cmpstr(body, ==, expected);
}

static void test_kept(void)
{
    expect("", "");
    expect("a &amp; b &nbsp; & c <3", "a &amp; b &nbsp; &amp; c &lt;3");
    expect("<P ALIGN=center>x</P>", "<p align=\"center\">x</p>");
    expect("<table width=600 border='0'><tr><td bgcolor=\"#fff\" colspan=2>x</td></tr></table>",
        "<table width=\"600\" border=\"0\"><tr><td bgcolor=\"#fff\" colspan=\"2\">x</td></tr></table>");
    expect("<font color=red>x<br/>y</font><hr>", "<font color=\"red\">x<br>y</font><hr>");
    expect("za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87", "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87");
    expect("<p title='a\"b&quot;<c>&lt;'>", "<p title=\"a&quot;b&quot;&lt;c&gt;&lt;\"></p>");
}

static void test_left_out(void)
{
    expect("a<script>x</script>b<style>p{}</style>c<title>t</title>d", "abcd");
    expect("<form action=x><input name=y><button>Go</button><select><option>1</select></form>z", "Goz");
    expect("a<iframe src=x>y</iframe><frameset><frame src=x></frameset>b", "ab");
    expect("a<svg><script>x</script><p>text</p></svg>b", "a<p>text</p>b");
    expect("a<svg><a><image href=x></a></svg>b<math><mi>x</mi></math>c<svg/>d", "abcd");
    expect("<object data=x><embed src=y>z</object>w", "w");
    expect("<base href=x><meta http-equiv=refresh content='0;url=x'><link rel=stylesheet href=x>a", "a");
    expect("<p onclick=x ONLOAD='y' id=i class=c data-x=1>a</p>", "<p>a</p>");
    expect("<div><body onload=x><html><head>a</head></body></html></div>", "<div>a</div>");
    expect("<!--[if mso]><p>x</p><![endif]-->a<![if !mso]>b<![endif]>", "ab");
    expect("a\x01\x02" "b", "ab");
}

static void test_links_lose_their_target(void)
{
    expect("<a href='https://evil.example' target=_blank ping=x>Pay <b>now</b></a>", "<a>Pay <b>now</b></a>");
    expect("<map><area href=x></map><a xlink:href=x>y</a>", "<a>y</a>");
}

static void test_pictures(void)
{
    expect("<img src=https://t.example/p.gif width=1 alt=A>", "<img width=\"1\" alt=\"A\">");
    expect("<img src=cid:logo><img src=//x/y><img src='java&#115;cript:x'><img srcset='https://x 2x' lowsrc=x dynsrc=x>",
        "<img><img><img><img>");
    expect("<img src='data:image/png;base64,AAAA'>", "<img src=\"data:image/png;base64,AAAA\">");
    expect("<img src='data:image/svg+xml;base64,AAAA'><img src='data:text/html,x'>", "<img><img>");
    expect("<table background=https://x><td background='https://x'>", "<table><td></td></table>");
    g_autofree char *allowed = body_of("<img src='HTTPS://t.example/p.gif?a=1&amp;b=\"'><p style='background:url(https://x)'>", true);
    g_assert_cmpstr(allowed, ==, "<img src=\"HTTPS://t.example/p.gif?a=1&amp;b=&quot;\"><p></p>");
    g_autofree char *strict = mail_html_sanitize(SPAN(""), NULL, false), *open = mail_html_sanitize(SPAN(""), NULL, true);
    g_assert_nonnull(strstr(strict, "img-src data:; "));
    g_assert_nonnull(strstr(open, "img-src data: https:; "));
}

/* RFC 2392: a picture of the mail itself stands in the document; one that is no picture, or unknown, does not. */
static void test_own_pictures(void)
{
    static const char raw[]
        = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
          "--b\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:logo%40x\">\r\n"
          "--b\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
          "--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <svg@x>\r\n\r\n<svg/>\r\n"
          "--b\r\nContent-Type: image/png\r\nContent-ID: <scan@x>\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n";
    g_autoptr(MailMessage) message = mail_message_parse(span_of(raw));
    g_autofree char *document
        = mail_html_sanitize(SPAN("<img src='cid:logo%40x'><img src=CID:svg@x><img src=cid:none><img src=cid:>"), message, false);
    g_assert_nonnull(strstr(document, "<img src=\"data:image/png;base64,AAECAw==\"><img><img><img>"));
    g_autoptr(MailSummary) summary = mail_message_summary(message);
    /* The drawing and the scan; what the body shows is no attachment to the reader. */
    g_assert_cmpuint(summary->attachments->len, ==, 2);
    g_assert_cmpstr(((MailAttachment *)summary->attachments->pdata[0])->media_type, ==, "image/svg+xml");
    g_assert_cmpuint(((MailAttachment *)summary->attachments->pdata[1])->part, ==, 3);
}

static void test_structure(void)
{
    expect("<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>");
    expect("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c");
    expect("<table><tr><td>a<td>b<tr><td>c</table>d",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d");
    expect("</p></div>a</b>", "a");
    expect("<b><i>x</b>y</i>z", "<b><i>x</i></b>yz");
    expect("<div><table><tr><td>a</div>b</td></tr></table>c</div>d",
        "<div><table><tr><td>ab</td></tr></table>c</div>d");
    expect("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
    expect("</br></img>x", "x");
}

static void expect_css(const char *style, const char *expected)
{
    g_autofree char *safe = css_sanitize(span_of(style));
    g_assert_cmpstr(safe, ==, expected);
}

static void test_css(void)
{
    expect_css("", NULL);
    expect_css("color: red; FONT-SIZE:12px !important ;;", "color:red;font-size:12px !important;");
    expect_css("font-family:'Segoe UI', \"Arial\"", "font-family:'Segoe UI', \"Arial\";");
    expect_css("background:#fff url(https://x)", NULL);
    expect_css("background:u\\72l(https://x)", NULL);
    expect_css("background:URL (x)", NULL);
    expect_css("background:url/**/(x);color:blue", "color:blue;");
    expect_css("width:expression(alert(1));height:calc(1px + 2%)", "height:calc(1px + 2%);");
    expect_css("color:rgb(1,2,3);background:image-set('x' 1x);background:RGBA(1,2,3,.5)",
        "color:rgb(1,2,3);background:RGBA(1,2,3,.5);");
    expect_css("position:fixed;behavior:x;-moz-binding:x;content:'x';cursor:x;transform:x;z-index:9", NULL);
    expect_css("color:red}body{display:none", NULL);
    expect_css("font-family:'a;color:red", "color:red;");
    expect_css("color:@import", NULL);
    expect_css("color:a:b;color", NULL);
    expect("<p style='color:red;position:absolute' style='color:blue'>x", "<p style=\"color:red;\" style=\"color:blue;\">x</p>");
    expect("<p style=\"font-family:&quot;A&quot;\">x", "<p style=\"font-family:&quot;A&quot;;\">x</p>");
    expect("<p style='color:red&#x3b;background:&#117;rl(x)'>x", "<p style=\"color:red;\">x</p>");
}

/* ---- Bounds ------------------------------------------------------------------------------------------------------------ */

/* The tables are searched by halves: each entry is found only while they are in order. */
static void test_every_word_is_found(void)
{
    static const char names[] = "a abbr address article aside b bdi bdo big blockquote caption center cite code colgroup dd "
                                "del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header i ins kbd li main "
                                "mark nobr ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th "
                                "thead tr tt u ul var";
    static const char styles[] = "background border border-top-left-radius color display font-size height letter-spacing "
                                 "line-height margin margin-top max-width opacity padding table-layout text-align "
                                 "vertical-align white-space width word-wrap";
    g_auto(GStrv) words = g_strsplit(names, " ", -1), properties = g_strsplit(styles, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        g_autofree char *html = g_strdup_printf("<%s></%s>", *word, *word);
        expect(html, html);
    }
    for (char **word = properties; *word != NULL; word++) {
        g_autofree char *style = g_strdup_printf("%s:1;", *word);
        expect_css(style, style);
    }
    expect_css("colors:1;colo:1;a:1;zzz:1;:1", NULL);
    expect("<tables><abbrs><zz><ta>x", "x");
}

static void test_depth(void)
{
    GString *html = g_string_new(NULL);
    for (unsigned i = 0; i < 100000; i++)
        g_string_append(html, "<div>");
    g_string_append(html, "x");
    g_autofree char *body = body_of(html->str, false);
    g_assert_cmpuint(strlen(body), ==, MAIL_HTML_DEPTH_MAX * strlen("<div></div>") + 1);
    g_string_append(html, "<p>");
    for (unsigned i = 0; i < 100001; i++)
        g_string_append(html, "</div>");
    g_string_append(html, "<b>y</b>");
    g_autofree char *closed = body_of(html->str, false);
    g_assert_true(g_str_has_suffix(closed, "</div><b>y</b>"));
    g_string_free(html, TRUE);
}

static void test_attributes(void)
{
    GString *html = g_string_new("<p");
    for (unsigned i = 0; i < 20000; i++)
        g_string_append_printf(html, " a%u=x title=t%u", i, i);
    g_string_append(html, ">x</p>");
    g_autofree char *body = body_of(html->str, false);
    g_assert_true(g_str_has_prefix(body, "<p title=\"t0\" title=\"t1\""));
    g_assert_cmpuint(strlen(body), <, MAIL_HTML_ATTRIBUTES_MAX * 20);
    g_string_free(html, TRUE);
}

static void test_size(void)
{
    g_autofree char *quotes = g_strnfill(MAIL_TEXT_BYTES_MAX, '"');
    g_autofree char *document = mail_html_sanitize(span_of(quotes), NULL, false);
    g_assert_cmpuint(strlen(document), <, MAIL_HTML_OUTPUT_MAX + MAIL_HTML_OUTPUT_TAIL);
    g_assert_nonnull(strstr(document, "too long to be shown whole"));
    g_assert_true(g_str_has_suffix(document, "</body></html>\n"));
    /* cut between characters, never inside one */
    GString *letters = g_string_new("x");
    while (letters->len < MAIL_HTML_OUTPUT_MAX + 100)
        g_string_append(letters, "\xe2\x82\xac");
    g_autofree char *cut = mail_html_sanitize((Span){ letters->str, letters->len }, NULL, false);
    g_assert_true(g_utf8_validate(cut, -1, NULL) && strstr(cut, "\xef\xbf\xbd") == NULL);
    g_string_free(letters, TRUE);
    g_autofree char *plain = mail_text_to_html(span_of(quotes));
    g_assert_nonnull(strstr(plain, "too long to be shown whole"));
}

static void test_plain_text(void)
{
    g_autofree char *document = mail_text_to_html(SPAN("a <b> &amp;\n\"c\""));
    g_assert_nonnull(strstr(document, "<body>\n<pre>a &lt;b&gt; &amp;amp;\n&quot;c&quot;</pre>\n</body></html>\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sanitize/kept", test_kept);
    g_test_add_func("/sanitize/left-out", test_left_out);
    g_test_add_func("/sanitize/links-lose-their-target", test_links_lose_their_target);
    g_test_add_func("/sanitize/pictures", test_pictures);
    g_test_add_func("/sanitize/own-pictures", test_own_pictures);
    g_test_add_func("/sanitize/structure", test_structure);
    g_test_add_func("/sanitize/css", test_css);
    g_test_add_func("/sanitize/every-word-is-found", test_every_word_is_found);
    g_test_add_func("/sanitize/depth", test_depth);
    g_test_add_func("/sanitize/attributes", test_attributes);
    g_test_add_func("/sanitize/size", test_size);
    g_test_add_func("/sanitize/plain-text", test_plain_text);
    return g_test_run();
}
