/* The links of HTML, each with the text that a reader sees on it: where the two differ, somebody may mean it to. */
#include <string.h>

#include "base/text.h"
#include "html.h"
#include "limits.h"
#include "mail/mail.h"

void mail_link_free(void *data)
{
    MailLink *link = data;
    g_free(link->text);
    g_free(link->address);
    g_free(link);
}

/* The first attribute of that name decides, as in browsers. NULL where there is none or nothing in it. */
static char *link_address(Span attributes)
{
    HtmlAttribute attribute;
    while (html_next_attribute(&attributes, &attribute)) {
        if (!span_equal_nocase(attribute.name, SPAN("href")))
            continue;
        g_autofree char *decoded = html_decode_entities(attribute.value, MAIL_LINK_BYTES_MAX);
        g_autofree char *address = text_clean(span_of(decoded), MAIL_TEXT_MAX);
        return *address == '\0' || *address == '#' ? NULL : g_steal_pointer(&address);
    }
    return NULL;
}

static void end_link(MailLink **link, GString *text, GPtrArray *links)
{
    if (*link == NULL)
        return;
    (*link)->text = text_clean((Span){ text->str, text->len }, MAIL_TEXT_MAX);
    g_ptr_array_add(links, g_steal_pointer(link));
    g_string_truncate(text, 0);
}

/* One that is not closed ends where the next one begins. */
GPtrArray *mail_html_links(Span html)
{
    GPtrArray *links = g_ptr_array_new_with_free_func(mail_link_free);
    g_autoptr(GString) text = g_string_new(NULL);
    HtmlTokenizer tokenizer = html_tokenizer(html);
    HtmlToken token;
    MailLink *link = NULL;
    while (links->len < MAIL_LINKS_MAX && html_next(&tokenizer, &token)) {
        bool is_link = span_equal_nocase(token.name, SPAN("a"));
        if (token.kind == HTML_TEXT && link != NULL && text->len < MAIL_LINK_BYTES_MAX) {
            g_autofree char *decoded = html_decode_entities(token.text, MAIL_LINK_BYTES_MAX);
            g_string_append(text, decoded);
        } else if ((token.kind == HTML_START || token.kind == HTML_END) && is_link) {
            end_link(&link, text, links);
            char *address = token.kind == HTML_START ? link_address(token.attributes) : NULL;
            if (address != NULL) {
                link = g_new0(MailLink, 1);
                link->address = address;
            }
        }
    }
    if (links->len < MAIL_LINKS_MAX)
        end_link(&link, text, links);
    else if (link != NULL)
        mail_link_free(link);
    return links;
}

/* "https://pay.example/x", "www.pay.example", "pay.example/x" → "pay.example"; NULL where the text is no address. */
static char *host_in(const char *text)
{
    Span rest = span_of(text);
    size_t scheme = span_find(rest, SPAN("://"));
    if (scheme != rest.length)
        rest = span_slice(rest, scheme + 3, rest.length);
    size_t end = 0;
    while (end < rest.length && strchr("/?#: ", rest.at[end]) == NULL)
        end++;
    Span host = span_slice(rest, 0, end);
    size_t user = span_find_byte(host, '@');
    if (user < host.length)
        host = span_slice(host, user + 1, host.length);
    if (span_starts_with_nocase(host, SPAN("www.")))
        host = span_slice(host, 4, host.length);
    size_t point = span_find_byte(host, '.');
    bool is_host = point > 0 && point + 2 < host.length && span_find_byte(rest, ' ') == rest.length;
    return is_host ? g_ascii_strdown(host.at, (gssize)host.length) : NULL;
}

bool mail_link_misleads(const MailLink *link)
{
    bool is_web = g_ascii_strncasecmp(link->address, "http://", 7) == 0 || g_ascii_strncasecmp(link->address, "https://", 8) == 0;
    g_autofree char *said = is_web ? host_in(link->text) : NULL, *meant = host_in(link->address);
    return said != NULL && (meant == NULL || strcmp(said, meant) != 0);
}
