/* Microdata: values, nesting, references, broken HTML and floods. */
#include "base/json.h"
#include "mail/mail.h"
#include "microdata.h"

#include <string.h>

static void expect_items(const char *html, const char *expected)
{
    g_autofree char *exact = g_memdup2(html, strlen(html)); /* a read beyond it is seen under the address sanitizer */
    JSON_AUTO *items = mail_html_microdata((Span){ exact, strlen(html) });
    g_autofree char *text = json_write(items), *quoted = g_strdup(text);
    g_assert_cmpstr(g_strdelimit(quoted, "\"", '\''), ==, expected);
}

#define ITEM(inside) "<div itemscope itemtype=T>" inside "</div>"

static void test_items(void)
{
    expect_items("", "[]");
    expect_items("<p itemprop=a>x", "[]");
    expect_items("<div itemscope><p itemprop=a>x</div>", "[]");
    expect_items("<div itemscope itemtype=' '></div>", "[]");
    expect_items("<div itemscope><meta itemprop=@type content=T></div>", "[{'@type':'T'}]");
    expect_items(ITEM(""), "[{'@type':'T'}]");
    expect_items("<p ITEMSCOPE ITEMTYPE='T U'><b ITEMPROP='a b'>x", "[{'@type':['T','U'],'a':'x','b':'x'}]");
    expect_items("<p itemscope itemtype='http://schema.org/Invoice' itemid='u:1'>",
        "[{'@id':'u:1','@type':'http://schema.org/Invoice'}]");
    expect_items(ITEM("<i itemprop=a>1</i><i itemprop=a>2</i><i itemprop=a>3</i>"), "[{'@type':'T','a':['1','2','3']}]");
    expect_items(ITEM("<i itemprop=a itemscope itemtype=U><i itemprop=b>2</i></i><i itemprop=b>1"),
        "[{'@type':'T','a':{'@type':'U','b':'2'},'b':'1'}]");
    expect_items(ITEM(ITEM("<i itemprop=a>1</i>") "<i itemprop=a>2</i>"), "[{'@type':'T','a':'2'},{'@type':'T','a':'1'}]");
    expect_items(ITEM("<i itemprop='a b' itemscope itemtype=U><b itemprop='c d'>1"),
        "[{'@type':'T','a':{'@type':'U','c':'1','d':'1'}}]");
    expect_items(ITEM("<b itemprop=a>1<i itemprop=b>2</i>3</b>"), "[{'@type':'T','a':'123','b':'2'}]");
    expect_items("<section itemscope itemtype=T><meta itemprop=@type content=U><meta itemprop=@graph content=V></section>",
        "[{'@type':'T'}]");
    expect_items("<p itemscope itemtype=T><meta itemprop=a", "[{'@type':'T'}]");
}

static void test_values(void)
{
    expect_items(ITEM("<meta itemprop=a content='x &amp; &#x142;'><meta itemprop=b>"),
        "[{'@type':'T','a':'x & \xc5\x82','b':''}]");
    expect_items(ITEM("<a itemprop=a href=x>t</a><link itemprop=b href=y><area itemprop=c href=z>"),
        "[{'@type':'T','a':'x','b':'y','c':'z'}]");
    expect_items(ITEM("<a itemprop=a>t</a><time itemprop=b>5 May</time>"), "[{'@type':'T','a':'t','b':'5 May'}]");
    expect_items(ITEM("<img itemprop=a src=x><video itemprop=b src=y></video><object itemprop=c data=z></object>"),
        "[{'@type':'T','a':'x','b':'y','c':'z'}]");
    expect_items(ITEM("<time itemprop=a datetime=2026-05-05>5 May</time><data itemprop=b value=7>x</data>"),
        "[{'@type':'T','a':'2026-05-05','b':'7'}]");
    expect_items(ITEM("<span itemprop=a content=EUR>&euro;</span>"), "[{'@type':'T','a':'EUR'}]");
    expect_items(ITEM("<p itemprop=a> x\n <b>y</b>z<br>u<script>v</script><!-- w -->&nbsp;&lt;</p>"),
        "[{'@type':'T','a':'x yz u <'}]");
    expect_items(ITEM("<p itemprop=a itemprop=b content=1 content=2>"), "[{'@type':'T','a':'1'}]");
}

static void test_references(void)
{
    expect_items("<p id=x itemprop=a>1</p><div itemscope itemtype=T itemref='x y x'><i itemprop=a>2</i></div>"
                 "<ul id=y><li itemprop=b>3<li><i itemprop=c>4</i></ul>",
        "[{'@type':'T','a':['1','2'],'b':'3','c':'4'}]");
    /* The first of an id; none of that id; an id inside another that is named too; an item's own inside. */
    expect_items("<p id=x itemprop=a>1</p><p id=x itemprop=a>2</p><i itemscope itemtype=T itemref='z x'></i>",
        "[{'@type':'T','a':'1'}]");
    expect_items("<div id=x><p id=y itemprop=a>1</p></div><i itemscope itemtype=T itemref='x y'></i>",
        "[{'@type':'T','a':'1'}]");
    expect_items("<div itemscope itemtype=T itemref=x><p id=x itemprop=a>1</p></div>", "[{'@type':'T','a':'1'}]");
    expect_items("<p id='&#120;' itemprop=a>1</p><i itemscope itemtype=T itemref=x></i>", "[{'@type':'T','a':'1'}]");
    /* An item that others refer to is written for each. */
    expect_items("<p id=x itemprop=a itemscope itemtype=U><b itemprop=c>1</b></p>"
                 "<i itemscope itemtype=T itemref=x></i><i itemscope itemtype=T itemref=x></i>",
        "[{'@type':'T','a':{'@type':'U','c':'1'}},{'@type':'T','a':{'@type':'U','c':'1'}}]");
}

static void test_loops(void)
{
    expect_items("<div id=x itemscope itemtype=T itemref=x><i itemprop=a>1</i></div>", "[{'@type':'T','a':'1'}]");
    expect_items("<div id=o><div itemscope itemtype=T itemref=o><i itemprop=a>1</i></div></div>", "[{'@type':'T','a':'1'}]");
    /* T refers to p, whose item refers to q, whose item refers to p. */
    expect_items("<i itemscope itemtype=T itemref=p></i><b id=p itemprop=a itemscope itemref=q></b>"
                 "<b id=q itemprop=b itemscope itemref=p></b>",
        "[{'@type':'T','a':{'b':{}}}]");
}

static void test_unclosed(void)
{
    expect_items("<div itemscope itemtype=T><p itemprop=a>1<p itemprop=b>2<div itemprop=c itemscope><span itemprop=d>3</span>"
                 "<span itemprop=e>4</span></body>",
        "[{'@type':'T','a':'1','b':'2','c':{'d':'3','e':'4'}}]");
    expect_items(ITEM("<ul><li itemprop=a>1<li itemprop=b>2<ul><li itemprop=c>3</ul></ul>"),
        "[{'@type':'T','a':'1','b':'2 3','c':'3'}]");
    expect_items(ITEM("<dl><dt itemprop=a>1<dd itemprop=b>2</dl>"), "[{'@type':'T','a':'1','b':'2'}]");
    expect_items("<table itemscope itemtype=T><tr><td itemprop=a>1<td itemprop=b>2<tr><td itemprop=c>3</table><i itemprop=d>4",
        "[{'@type':'T','a':'1','b':'2','c':'3'}]");
    /* An inline end tag closes no block, a cell's end tag nothing outside its table, and what is not open nothing. */
    expect_items("<span><div itemscope itemtype=T></span></b></li><i itemprop=a>1</i></div>", "[{'@type':'T','a':'1'}]");
    expect_items("<table><tr><td><div itemscope itemtype=T><table><tr><td></td></td></div></td></tr></table><i itemprop=a>1</i>"
                 "</div>",
        "[{'@type':'T','a':'1'}]");
    expect_items("<div itemscope itemtype=T><div></div><span></span><br><img><i itemprop=a>1</i></div><i itemprop=b>2</i>",
        "[{'@type':'T','a':'1'}]");
}

/* ---- Floods: counted in steps, not in seconds ---------------------------------------------------------------------- */

static json_t *items_within_steps(Span html, size_t steps_per_byte)
{
    MICRODATA_AUTO microdata;
    microdata_init(&microdata);
    microdata_read_nodes(&microdata, html);
    json_t *items = microdata_items(&microdata);
    g_assert_cmpuint(microdata.steps, <=, html.length * steps_per_byte + MAIL_MICRODATA_VISITS_MAX);
    g_assert_cmpuint(microdata.nodes->len, <=, MAIL_MICRODATA_NODES_MAX);
    return items;
}

static GString *repeat(const char *front, const char *unit, size_t times)
{
    GString *text = g_string_new(front);
    for (size_t i = 0; i < times; i++)
        g_string_append(text, unit);
    return text;
}

static void expect_linear(const char *front, const char *unit, size_t times, size_t steps_per_byte)
{
    GString *html = repeat(front, unit, times);
    JSON_AUTO *items = items_within_steps((Span){ html->str, html->len }, steps_per_byte);
    g_assert_cmpuint(json_array_size(items), <=, MAIL_MICRODATA_ITEMS_MAX);
    g_autofree char *text = json_write(items);
    g_assert_cmpuint(strlen(text), <, 8 * MAIL_MICRODATA_BYTES_MAX);
    g_string_free(html, TRUE);
}

static void test_floods(void)
{
    const size_t million = 1 << 20;
    expect_linear("<p itemscope itemtype=T>", "<div>", million / 5, 1);
    expect_linear("<p itemscope itemtype=T>", "</div>", million / 6, 1);
    expect_linear("<p itemscope itemtype=T ", "a=b ", 20000, 1);
    expect_linear("", "<div itemscope itemtype=T itemprop=a>", 100000, 1);
    expect_linear("", "<div itemscope itemtype=T>", 100000, 1);
    expect_linear("<i itemscope itemtype=T>", "<p itemprop=a>x", million / 15, 1);
    expect_linear("<i itemscope itemtype=T>", "<b itemprop=a>x", million / 15, 1);
    expect_linear("<i itemscope itemtype=T itemref=a>", "<i id=a itemscope itemref='a b' itemprop=b>", million / 44, 1);
    expect_linear("<i itemscope itemtype=T itemref='a b c d e f g'>",
        "<i id=a itemprop=b itemscope itemref='a b c d'></i><i id=b itemprop=c itemscope itemref='c d a'></i><i id=c itemprop=c "
        "itemscope itemref='a b'>", 100, 1000);
    /* The worst for the stack: all of it looked at for each end tag. */
    GString *open = repeat("<p itemscope itemtype=T>", "<b>", MAIL_MICRODATA_OPEN_MAX);
    expect_linear(open->str, "</i>", million / 4, MAIL_MICRODATA_OPEN_MAX / 2);
    g_string_free(open, TRUE);
}

/* Several names on each level: the written items stay as many as were read. */
static void test_many_names(void)
{
    GString *html = g_string_new("");
    for (unsigned i = 0; i < MAIL_MICRODATA_DEPTH_MAX; i++)
        g_string_append(html, "<b itemscope itemtype=T itemprop='a b c d'>");
    g_autofree char *whole = g_strdup_printf("<p itemscope itemtype=T>%s</p>", html->str);
    JSON_AUTO *items = mail_html_microdata(span_of(whole));
    g_autofree char *text = json_write(items);
    g_assert_cmpuint(strlen(text), <, 1000);
    g_string_free(html, TRUE);
}

/* A reference for each item to one long value: what is written is bounded, not only what is read. */
static void test_multiplied_values(void)
{
    g_autofree char *long_text = g_strnfill(60000, 'x'), *spaces = g_strnfill(60000, ' ');
    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *front = g_strdup_printf("<p id=a itemprop=a>%s</p>", i == 0 ? long_text : spaces);
        expect_linear(front, "<i itemscope itemtype=T itemref=a></i>", 4000, 1);
        g_autofree char *attribute = g_strdup_printf("<meta id=a itemprop=a content='%s'>", i == 0 ? long_text : spaces);
        expect_linear(attribute, "<i itemscope itemtype=T itemref=a></i>", 4000, 1);
    }
}

static void test_limits(void)
{
    g_autofree char *long_text = g_strnfill(MAIL_MICRODATA_VALUE_MAX + 1, 'x');
    g_autofree char *html = g_strdup_printf(ITEM("<i itemprop=a>%s</i><i itemprop=b content=%s></i><i itemprop=c>1"),
        long_text, long_text);
    expect_items(html, "[{'@type':'T','c':'1'}]");
    g_autofree char *name = g_strnfill(MAIL_MICRODATA_NAME_MAX + 1, 'n');
    g_autofree char *named = g_strdup_printf(ITEM("<i itemprop='%s c'>1"), name);
    expect_items(named, "[{'@type':'T','c':'1'}]");
    /* Text beyond what is kept in all: no half values. */
    g_autofree char *most = g_strnfill(MAIL_MICRODATA_TEXT_MAX - 2, 'x');
    g_autofree char *cut = g_strdup_printf(
        ITEM("<i itemprop=a>%s</i><i itemprop=b>12</i><i itemprop=c>345</i><i itemprop=d>6</i>"), most);
    expect_items(cut, "[{'@type':'T','b':'12'}]");
    /* What stands deeper than the stack belongs to nobody. */
    GString *deep = repeat("<div itemscope itemtype=T>", "<b>", MAIL_MICRODATA_OPEN_MAX);
    g_string_append(deep, "<i itemprop=x itemscope><meta itemprop=a content=1></i>");
    for (unsigned i = 0; i < MAIL_MICRODATA_OPEN_MAX; i++)
        g_string_append(deep, "</b>");
    g_string_append(deep, "<i itemprop=b>2</i></div><i itemprop=c>3</i>");
    expect_items(deep->str, "[{'@type':'T','b':'2'}]");
    g_string_free(deep, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/microdata/items", test_items);
    g_test_add_func("/microdata/values", test_values);
    g_test_add_func("/microdata/references", test_references);
    g_test_add_func("/microdata/loops", test_loops);
    g_test_add_func("/microdata/unclosed", test_unclosed);
    g_test_add_func("/microdata/floods", test_floods);
    g_test_add_func("/microdata/many-names", test_many_names);
    g_test_add_func("/microdata/multiplied-values", test_multiplied_values);
    g_test_add_func("/microdata/limits", test_limits);
    return g_test_run();
}
