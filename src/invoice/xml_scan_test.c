/* The scanner: what is well-formed and what is not, each beside its reason. That expat agrees is for xml_scan_fuzz.c. */
#include "xml_scan.h"

#include <string.h>

#include "limits.h"

static void on_start(void *context, XmlName name, const XmlAttribute *attributes, unsigned count)
{
    GString *seen = context;
    g_string_append_printf(seen, "<%.*s:%.*s", (int)name.namespace.length, name.namespace.at, (int)name.local.length,
        name.local.at);
    for (unsigned i = 0; i < count; i++) {
        BUFFER_AUTO value = BUFFER_INIT(attributes[i].raw.length + 1);
        xml_attribute_value(attributes[i].raw, &value);
        Span text = buffer_span(&value), namespace = attributes[i].name.namespace, local = attributes[i].name.local;
        g_string_append_printf(seen, " %.*s:%.*s=%.*s", (int)namespace.length, namespace.at, (int)local.length, local.at,
            (int)text.length, text.at);
    }
    g_string_append_c(seen, '|');
}

static void on_end(void *context)
{
    g_string_append_c(context, '>');
}

static void on_text(void *context, Span text)
{
    g_string_append_len(context, text.at, (gssize)text.length);
}

static const XmlHandler handler = { on_start, on_end, on_text };

static void expect(const char *document, const char *events)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(XmlScan) scan = xml_scan_new(span_of(document), &handler, seen, &error);
    g_assert_true(xml_scan_run(scan));
    g_assert_no_error(error);
    g_assert_cmpstr(seen->str, ==, events);
}

static void expect_refused_span(Span document, SaldoError code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(XmlScan) scan = xml_scan_new(document, &handler, seen, &error);
    g_assert_false(xml_scan_run(scan));
    g_assert_error(error, SALDO_ERROR, (int)code);
    if (strstr(error->message, words) == NULL)
        g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
}

static void expect_refused(const char *document, const char *words)
{
    expect_refused_span(span_of(document), SALDO_ERROR_BAD_INPUT, words);
}

static void test_elements(void)
{
    expect("<a/>", "<:a|>");
    expect("\xEF\xBB\xBF<a></a >\n", "<:a|>");
    expect("<?xml version='1.0' encoding=\"UTF-8\" standalone='yes' ?>\n<!-- x --><a><b/>t<c >u</c></a><!----><?p q?>",
        "<:a|<:b|>t<:c|u>>");
    expect("<a><!-- <b> -->x<?p <c> ?>y</a>", "<:a|xy>");
    expect("<a><![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>", "<:a|<b>&amp;]]>>");
    expect("<\xC5\xBC\xC3\xB3.1-\xC2\xB7/>", "<:\xC5\xBC\xC3\xB3.1-\xC2\xB7|>");
}

static void test_references(void)
{
    expect("<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x20AC;</a>", "<:a|<>&'\"A\xE2\x82\xAC>");
    expect("<a b='&lt;&#10;\t\r\n x'/>", "<:a :b=<\n   x|>");
    static const char *const bad[] = { "&unknown;", "&lt", "&", "&#;", "&#x;", "&#0;", "&#xD800;", "&#x110000;",
        "&#99999999999999999999;", "&#xFFFE;", "& lt;", "&#1;" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("<a>%s</a>", bad[i]), *value = g_strdup_printf("<a b='%s'/>", bad[i]);
        expect_refused(text, "undefined entity");
        expect_refused(value, "undefined entity");
    }
}

static void test_namespaces(void)
{
    expect("<a xmlns='u' b='1'><c xmlns=''/><p:d xmlns:p='v' p:e='2' xml:lang='x'/></a>",
        "<u:a :b=1|<:c|><v:d v:e=2 http://www.w3.org/XML/1998/namespace:lang=x|>>");
    expect("<p:a xmlns:p='u'><p:b xmlns:p='v'/><p:c/></p:a>", "<u:a|<v:b|><u:c|>>");
    expect("<a p:b='1' xmlns:p='x&amp;y'/>", "<:a x&y:b=1|>");
    expect_refused("<p:a/>", "bound to no namespace");
    expect_refused("<a p:b=''/>", "bound to no namespace");
    expect_refused("<a xmlns:p='u'><b/></a><p:c/>", "behind the end");
    expect_refused("<a><b xmlns:p='u'/><p:c/></a>", "bound to no namespace");
    expect_refused("<a xmlns:p=''/>", "bound to no namespace");
    expect_refused("<a xmlns:xml='u'/>", "reserved");
    expect_refused("<a xmlns:xmlns='u'/>", "reserved");
    expect_refused("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "reserved");
    expect_refused("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "reserved");
    expect_refused("<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>", "twice");
}

static void test_not_well_formed(void)
{
    static const struct {
        const char *document, *words;
    } cases[] = {
        { "", "no element" }, { "  ", "no element" }, { "x", "no element" }, { "<a", "does not end" },
        { "<a>", "inside an element" }, { "<a></b>", "mismatched" }, { "<a><b></a></b>", "mismatched" },
        { "<a></a", "mismatched" }, { "<ab></a>", "mismatched" }, { "<a></ab>", "mismatched" },
        { "<a/><b/>", "behind the end" }, { "<a/>x", "behind the end" }, { "< a/>", "a name is missing" },
        { "<1/>", "a name is missing" }, { "<:a/>", "a name is missing" }, { "<a:/>", "a name is missing" },
        { "<a:b:c xmlns:a='u'/>", "stands in no name" }, { "<a b/>", "no value" }, { "<a b=c/>", "no value" },
        { "<a b='c/>", "no value" }, { "<a b='1'c='2'/>", "does not end" }, { "<a b='1' b='2'/>", "twice" },
        { "<a b='<'/>", "\"<\"" }, { "<a>]]></a>", "CDATA" }, { "<a><![CDATA[x]]</a>", "CDATA" },
        { "<a><!-- -- --></a>", "comment" }, { "<a><!-- x</a>", "comment" }, { "<a><?xml ?></a>", "instruction" },
        { "<a><?p</a>", "instruction" }, { "<a><?p:q ?></a>", "instruction" },
        { "<a><!ELEMENT a ANY></a>", "a name is missing" }, { " <?xml version='1.0'?><a/>", "instruction" },
        { "<?xml?><a/>", "instruction" }, { "<?xml encoding='UTF-8'?><a/>", "declaration" },
        { "<?xml version='2.0'?><a/>", "declaration" }, { "<?xml version='1.0' standalone='maybe'?><a/>", "declaration" },
        { "<a>\x01</a>", "no character" }, { "<a>\xFF</a>", "no character" }, { "<a>\xC0\x80</a>", "no character" },
        { "<a>\xED\xA0\x80</a>", "no character" }, { "<a>\xEF\xBF\xBF</a>", "no character" },
        { "<a>\xE2\x82", "no character" }, { "<!DOCTYPE a><a/>", "DOCTYPE" }, { "<a/>\n<!DOCTYPE a>", "DOCTYPE" },
        { "\n\n<a>\n</b>", "line 4" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        expect_refused(cases[i].document, cases[i].words);
    }
    expect_refused_span(SPAN("<a>\0</a>"), SALDO_ERROR_BAD_INPUT, "no character");
}

/* front, then one piece for each number, written where the piece has "#", then back. */
static char *repeat(const char *front, const char *piece, size_t times, const char *back)
{
    g_auto(GStrv) around = g_strsplit(piece, "#", 2);
    GString *text = g_string_new(front);
    for (size_t i = 0; i < times; i++)
        g_string_append_printf(text, "%s%zu%s", around[0], i, around[1]);
    g_string_append(text, back);
    return g_string_free(text, FALSE);
}

static void test_limits(void)
{
    g_autofree char *deep = repeat("", "<a#>", XML_DEPTH_MAX + 1, ""),
                    *wide = repeat("<a", " b#=''", XML_ATTRIBUTES_MAX + 1, "/>"),
                    *bound = repeat("<a", " xmlns:b#='u'", XML_NAMESPACES_MAX - 1, "><b xmlns:x='u' xmlns:y='u'/></a>"),
                    *good = repeat("<a", " b#=''", XML_ATTRIBUTES_MAX, "/>");
    expect_refused_span(span_of(deep), SALDO_ERROR_LIMIT, "nested");
    expect_refused_span(span_of(wide), SALDO_ERROR_LIMIT, "attributes");
    expect_refused_span(span_of(bound), SALDO_ERROR_LIMIT, "namespaces");
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(XmlScan) scan = xml_scan_new(span_of(good), &handler, seen, NULL);
    g_assert_true(xml_scan_run(scan));
}

/* A document that is cut anywhere is refused, and nothing behind the cut is read. */
static void test_cut(void)
{
    static const char whole[] = "<?xml version='1.0'?><a xmlns:p='u' p:b='&lt;'><!-- c --><?p q?>x&amp;<![CDATA[y]]><d/></a>";
    for (size_t length = 0; length < strlen(whole); length++) {
        g_autofree char *cut = g_strndup(whole, length); /* of its own size, for the sanitizer's sake */
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) seen = g_string_new(NULL);
        g_autoptr(XmlScan) scan = xml_scan_new((Span){ cut, length }, &handler, seen, &error);
        g_assert_false(xml_scan_run(scan));
        g_assert_error(error, SALDO_ERROR, SALDO_ERROR_BAD_INPUT);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml-scan/elements", test_elements);
    g_test_add_func("/xml-scan/references", test_references);
    g_test_add_func("/xml-scan/namespaces", test_namespaces);
    g_test_add_func("/xml-scan/not-well-formed", test_not_well_formed);
    g_test_add_func("/xml-scan/limits", test_limits);
    g_test_add_func("/xml-scan/cut", test_cut);
    return g_test_run();
}
