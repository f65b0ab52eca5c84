/* HTML as the text that a reader sees: for the preview. */
#include "html.h"

#include "base/text.h"

/* Elements that do not part words; all others do. What stands in raw-text elements is not shown. */
#define INLINE \
    "a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var"

/* Text beyond this many bytes cannot change the first characters of any real preview. */
enum { TEXT_BYTES_PER_CHARACTER = 64 };

char *html_to_text(Span html, size_t maximum)
{
    HtmlTokenizer tokenizer = html_tokenizer(html);
    HtmlToken token;
    GString *text = g_string_new(NULL);
    size_t enough = maximum * TEXT_BYTES_PER_CHARACTER;
    while (text->len < enough && html_next(&tokenizer, &token)) {
        switch (token.kind) {
        case HTML_TEXT: {
            g_autofree char *decoded = html_decode_entities(token.text, enough);
            g_string_append(text, decoded);
            break;
        }
        case HTML_START:
        case HTML_END:
            if (!html_is_one_of(token.name, INLINE))
                g_string_append_c(text, ' ');
            break;
        case HTML_RAW:
            break;
        }
    }
    char *clean = text_clean((Span){ text->str, text->len }, maximum);
    g_string_free(text, TRUE);
    return clean;
}
