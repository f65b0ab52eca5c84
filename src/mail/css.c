/* Inline CSS: declarations are cut at ";", names must be on the list, values may only hold characters and functions that
 * cannot fetch, run or escape anything (no backslash, no comment, no "url("). */
#include "css.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "limits.h"

/* Nothing that leaves the place of the element: no position, transform, animation, content, cursor, filter. */
static const char *const properties[] = { /* in strcmp order */
    "background", "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-left-radius",
    "border-bottom-right-radius", "border-bottom-style", "border-bottom-width", "border-collapse", "border-color",
    "border-left", "border-left-color", "border-left-style", "border-left-width", "border-radius", "border-right",
    "border-right-color", "border-right-style", "border-right-width", "border-spacing", "border-style", "border-top",
    "border-top-color", "border-top-left-radius", "border-top-right-radius", "border-top-style", "border-top-width",
    "border-width", "box-sizing", "caption-side", "clear", "color", "direction", "display", "empty-cells", "float",
    "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
    "line-height", "list-style", "list-style-position", "list-style-type", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-height", "max-width", "min-height", "min-width", "opacity", "overflow",
    "overflow-wrap", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout",
    "text-align", "text-decoration", "text-indent", "text-overflow", "text-transform", "vertical-align", "visibility",
    "white-space", "width", "word-break", "word-spacing", "word-wrap",
};

#define FUNCTIONS "rgb rgba hsl hsla calc"

enum { CSS_VALUE_MAX = 300 };

static bool is_property(Span name)
{
    return bsearch(&name, properties, G_N_ELEMENTS(properties), sizeof *properties, html_compare_name) != NULL;
}

static bool is_plain(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr(" #%.,()'\"!+-/*\t", c) != NULL) || (unsigned char)c >= 0x80;
}

/* True where each "(" follows the name of an allowed function. */
static bool has_safe_functions(Span value)
{
    size_t word = 0; /* where the current word starts */
    for (size_t i = 0; i < value.length; i++) {
        char c = value.at[i];
        if (c == '(' && !html_is_one_of(span_slice(value, word, i), FUNCTIONS))
            return false;
        if (!g_ascii_isalnum(c) && c != '-')
            word = i + 1;
    }
    return true;
}

static bool is_safe_value(Span value)
{
    if (value.length == 0 || value.length > CSS_VALUE_MAX)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (!is_plain(value.at[i]) || (value.at[i] == '/' && i + 1 < value.length && value.at[i + 1] == '*'))
            return false;
    unsigned singles = 0, doubles = 0;
    for (size_t i = 0; i < value.length; i++) {
        singles += value.at[i] == '\'';
        doubles += value.at[i] == '"';
    }
    return singles % 2 == 0 && doubles % 2 == 0 && has_safe_functions(value);
}

char *css_sanitize(Span style)
{
    GString *safe = g_string_new(NULL);
    Span rest = style, declaration, name;
    for (unsigned seen = 0; seen < MAIL_CSS_DECLARATIONS_MAX && span_cut(&rest, ';', &declaration); seen++) {
        Span value = declaration;
        if (!span_cut(&value, ':', &name) || value.at == NULL)
            continue;
        name = span_trim(name);
        value = span_trim(value);
        if (!is_property(name) || !is_safe_value(value))
            continue;
        g_autofree char *lower = g_ascii_strdown(name.at, (gssize)name.length);
        g_string_append_printf(safe, "%s:%.*s;", lower, (int)value.length, value.at);
    }
    return g_string_free(safe, safe->len == 0);
}
