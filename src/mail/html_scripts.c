/* The JSON that HTML mail carries for programs: <script type="application/ld+json"> and adaptive cards. */
#include <string.h>

#include "html.h"
#include "limits.h"
#include "mail/mail.h"

/* The first attribute of that name decides, as in browsers; NULL where there is none. Newly allocated, lower case. */
static char *script_type(Span attributes)
{
    HtmlAttribute attribute;
    while (html_next_attribute(&attributes, &attribute)) {
        if (!span_equal_nocase(attribute.name, SPAN("type")))
            continue;
        g_autofree char *decoded = html_decode_entities(attribute.value, MAIL_TEXT_MAX);
        Span type = span_trim(span_slice(span_of(decoded), 0, span_find_byte(span_of(decoded), ';')));
        return g_ascii_strdown(type.at, (gssize)type.length);
    }
    return NULL;
}

static bool is_json_type(Span attributes)
{
    g_autofree char *type = script_type(attributes);
    return type != NULL
        && (strcmp(type, "application/ld+json") == 0 || strcmp(type, "application/adaptivecard+json") == 0);
}

static Span strip_front(Span text, Span wrap)
{
    return span_starts_with_nocase(text, wrap) ? span_trim(span_slice(text, wrap.length, text.length)) : text;
}

static Span strip_back(Span text, Span wrap)
{
    return span_ends_with_nocase(text, wrap) ? span_trim(span_slice(text, 0, text.length - wrap.length)) : text;
}

/* Removes the wraps that once hid scripts from old browsers: <!-- -->, CDATA, also behind // or in a CSS comment. Each may
 * stand once, in any order of two. */
static Span unwrap(Span text)
{
    static const char *const fronts[] = { "<!--", "//<!--", "/*<![CDATA[*/", "//<![CDATA[", "// <![CDATA[", "<![CDATA[" };
    static const char *const backs[] = { "-->", "/*]]>*/", "]]>", "//" };
    text = span_trim(text);
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < G_N_ELEMENTS(fronts); i++)
            text = strip_front(text, span_of(fronts[i]));
        for (size_t i = 0; i < G_N_ELEMENTS(backs); i++)
            text = strip_back(text, span_of(backs[i]));
    }
    return text;
}

GPtrArray *mail_html_json_scripts(Span html)
{
    GPtrArray *scripts = g_ptr_array_new_with_free_func(g_free);
    HtmlTokenizer tokenizer = html_tokenizer(html);
    HtmlToken token;
    bool is_json = false;
    while (scripts->len < MAIL_SCRIPTS_MAX && html_next(&tokenizer, &token)) {
        if (token.kind == HTML_START)
            is_json = span_equal_nocase(token.name, SPAN("script")) && is_json_type(token.attributes);
        if (token.kind != HTML_RAW || !is_json)
            continue;
        char *text = span_to_text(unwrap(span_slice(token.text, 0, MAIL_SCRIPT_BYTES_MAX)));
        if (text != NULL) /* NUL inside: no JSON */
            g_ptr_array_add(scripts, text);
        is_json = false;
    }
    return scripts;
}
