/* Character references of HTML: the 252 names of HTML 4 (what mail uses) and numbers. */
#include "html.h"

#include <stdlib.h>
#include <string.h>

/* In strcmp order, for bsearch. */
static const struct Entity {
    char name[9];
    unsigned short character;
} entities[] = {
    { "AElig", 198 }, { "Aacute", 193 }, { "Acirc", 194 }, { "Agrave", 192 }, { "Alpha", 913 }, { "Aring", 197 },
    { "Atilde", 195 }, { "Auml", 196 }, { "Beta", 914 }, { "Ccedil", 199 }, { "Chi", 935 }, { "Dagger", 8225 },
    { "Delta", 916 }, { "ETH", 208 }, { "Eacute", 201 }, { "Ecirc", 202 }, { "Egrave", 200 }, { "Epsilon", 917 },
    { "Eta", 919 }, { "Euml", 203 }, { "Gamma", 915 }, { "Iacute", 205 }, { "Icirc", 206 }, { "Igrave", 204 },
    { "Iota", 921 }, { "Iuml", 207 }, { "Kappa", 922 }, { "Lambda", 923 }, { "Mu", 924 }, { "Ntilde", 209 },
    { "Nu", 925 }, { "OElig", 338 }, { "Oacute", 211 }, { "Ocirc", 212 }, { "Ograve", 210 }, { "Omega", 937 },
    { "Omicron", 927 }, { "Oslash", 216 }, { "Otilde", 213 }, { "Ouml", 214 }, { "Phi", 934 }, { "Pi", 928 },
    { "Prime", 8243 }, { "Psi", 936 }, { "Rho", 929 }, { "Scaron", 352 }, { "Sigma", 931 }, { "THORN", 222 },
    { "Tau", 932 }, { "Theta", 920 }, { "Uacute", 218 }, { "Ucirc", 219 }, { "Ugrave", 217 }, { "Upsilon", 933 },
    { "Uuml", 220 }, { "Xi", 926 }, { "Yacute", 221 }, { "Yuml", 376 }, { "Zeta", 918 }, { "aacute", 225 },
    { "acirc", 226 }, { "acute", 180 }, { "aelig", 230 }, { "agrave", 224 }, { "alefsym", 8501 }, { "alpha", 945 },
    { "amp", 38 }, { "and", 8743 }, { "ang", 8736 }, { "aring", 229 }, { "asymp", 8776 }, { "atilde", 227 },
    { "auml", 228 }, { "bdquo", 8222 }, { "beta", 946 }, { "brvbar", 166 }, { "bull", 8226 }, { "cap", 8745 },
    { "ccedil", 231 }, { "cedil", 184 }, { "cent", 162 }, { "chi", 967 }, { "circ", 710 }, { "clubs", 9827 },
    { "cong", 8773 }, { "copy", 169 }, { "crarr", 8629 }, { "cup", 8746 }, { "curren", 164 }, { "dArr", 8659 },
    { "dagger", 8224 }, { "darr", 8595 }, { "deg", 176 }, { "delta", 948 }, { "diams", 9830 }, { "divide", 247 },
    { "eacute", 233 }, { "ecirc", 234 }, { "egrave", 232 }, { "empty", 8709 }, { "emsp", 8195 }, { "ensp", 8194 },
    { "epsilon", 949 }, { "equiv", 8801 }, { "eta", 951 }, { "eth", 240 }, { "euml", 235 }, { "euro", 8364 },
    { "exist", 8707 }, { "fnof", 402 }, { "forall", 8704 }, { "frac12", 189 }, { "frac14", 188 }, { "frac34", 190 },
    { "frasl", 8260 }, { "gamma", 947 }, { "ge", 8805 }, { "gt", 62 }, { "hArr", 8660 }, { "harr", 8596 },
    { "hearts", 9829 }, { "hellip", 8230 }, { "iacute", 237 }, { "icirc", 238 }, { "iexcl", 161 },
    { "igrave", 236 }, { "image", 8465 }, { "infin", 8734 }, { "int", 8747 }, { "iota", 953 }, { "iquest", 191 },
    { "isin", 8712 }, { "iuml", 239 }, { "kappa", 954 }, { "lArr", 8656 }, { "lambda", 955 }, { "lang", 9001 },
    { "laquo", 171 }, { "larr", 8592 }, { "lceil", 8968 }, { "ldquo", 8220 }, { "le", 8804 }, { "lfloor", 8970 },
    { "lowast", 8727 }, { "loz", 9674 }, { "lrm", 8206 }, { "lsaquo", 8249 }, { "lsquo", 8216 }, { "lt", 60 },
    { "macr", 175 }, { "mdash", 8212 }, { "micro", 181 }, { "middot", 183 }, { "minus", 8722 }, { "mu", 956 },
    { "nabla", 8711 }, { "nbsp", 160 }, { "ndash", 8211 }, { "ne", 8800 }, { "ni", 8715 }, { "not", 172 },
    { "notin", 8713 }, { "nsub", 8836 }, { "ntilde", 241 }, { "nu", 957 }, { "oacute", 243 }, { "ocirc", 244 },
    { "oelig", 339 }, { "ograve", 242 }, { "oline", 8254 }, { "omega", 969 }, { "omicron", 959 }, { "oplus", 8853 },
    { "or", 8744 }, { "ordf", 170 }, { "ordm", 186 }, { "oslash", 248 }, { "otilde", 245 }, { "otimes", 8855 },
    { "ouml", 246 }, { "para", 182 }, { "part", 8706 }, { "permil", 8240 }, { "perp", 8869 }, { "phi", 966 },
    { "pi", 960 }, { "piv", 982 }, { "plusmn", 177 }, { "pound", 163 }, { "prime", 8242 }, { "prod", 8719 },
    { "prop", 8733 }, { "psi", 968 }, { "quot", 34 }, { "rArr", 8658 }, { "radic", 8730 }, { "rang", 9002 },
    { "raquo", 187 }, { "rarr", 8594 }, { "rceil", 8969 }, { "rdquo", 8221 }, { "real", 8476 }, { "reg", 174 },
    { "rfloor", 8971 }, { "rho", 961 }, { "rlm", 8207 }, { "rsaquo", 8250 }, { "rsquo", 8217 }, { "sbquo", 8218 },
    { "scaron", 353 }, { "sdot", 8901 }, { "sect", 167 }, { "shy", 173 }, { "sigma", 963 }, { "sigmaf", 962 },
    { "sim", 8764 }, { "spades", 9824 }, { "sub", 8834 }, { "sube", 8838 }, { "sum", 8721 }, { "sup", 8835 },
    { "sup1", 185 }, { "sup2", 178 }, { "sup3", 179 }, { "supe", 8839 }, { "szlig", 223 }, { "tau", 964 },
    { "there4", 8756 }, { "theta", 952 }, { "thetasym", 977 }, { "thinsp", 8201 }, { "thorn", 254 },
    { "tilde", 732 }, { "times", 215 }, { "trade", 8482 }, { "uArr", 8657 }, { "uacute", 250 }, { "uarr", 8593 },
    { "ucirc", 251 }, { "ugrave", 249 }, { "uml", 168 }, { "upsih", 978 }, { "upsilon", 965 }, { "uuml", 252 },
    { "weierp", 8472 }, { "xi", 958 }, { "yacute", 253 }, { "yen", 165 }, { "yuml", 255 }, { "zeta", 950 },
    { "zwj", 8205 }, { "zwnj", 8204 },
};

enum { ENTITY_NAME_MAX = 8, ENTITY_DIGITS_MAX = 8 };

static int compare_names(const void *key, const void *entity)
{
    return strcmp(key, ((const struct Entity *)entity)->name);
}

static size_t put_character(gunichar c, size_t length, char utf8[7])
{
    bool is_fit = g_unichar_validate(c) && (c >= 0x20 || c == '\t' || c == '\n') && (c < 0x7F || c > 0x9F);
    utf8[g_unichar_to_utf8(is_fit ? c : 0xFFFD, utf8)] = '\0';
    return length;
}

/* "&#8364;" and "&#x20AC;" */
static size_t read_number(Span text, char utf8[7])
{
    bool is_hex = text.length > 2 && (text.at[2] == 'x' || text.at[2] == 'X');
    size_t start = is_hex ? 3 : 2, i = start;
    gunichar c = 0;
    for (; i < text.length; i++) {
        int digit = is_hex ? g_ascii_xdigit_value(text.at[i]) : g_ascii_digit_value(text.at[i]);
        if (digit < 0)
            break;
        if (c <= 0x10FFFF)
            c = c * (is_hex ? 16 : 10) + (gunichar)digit;
    }
    if (i == start)
        return 0;
    return put_character(c, i < text.length && text.at[i] == ';' ? i + 1 : i, utf8);
}

size_t html_read_entity(Span text, char utf8[7])
{
    if (text.length < 3 || text.at[0] != '&')
        return 0;
    if (text.at[1] == '#')
        return read_number(text, utf8);
    char name[ENTITY_NAME_MAX + 1] = "";
    size_t length = 0;
    while (length < ENTITY_NAME_MAX && 1 + length < text.length && g_ascii_isalnum(text.at[1 + length])) {
        name[length] = text.at[1 + length];
        length++;
    }
    size_t end = 1 + length;
    if (end >= text.length || text.at[end] != ';')
        return 0;
    if (strcmp(name, "apos") == 0)
        return put_character('\'', end + 1, utf8);
    const struct Entity *found = bsearch(name, entities, G_N_ELEMENTS(entities), sizeof *entities, compare_names);
    return found == NULL ? 0 : put_character(found->character, end + 1, utf8);
}

char *html_decode_entities(Span text, size_t maximum)
{
    GString *decoded = g_string_new(NULL);
    for (size_t i = 0; i < text.length && decoded->len < maximum;) {
        char utf8[7];
        size_t length = text.at[i] == '&' ? html_read_entity(span_slice(text, i, text.length), utf8) : 0;
        if (length > 0)
            g_string_append(decoded, utf8);
        else
            g_string_append_c(decoded, text.at[i]);
        i += MAX(length, 1);
    }
    g_string_truncate(decoded, MIN(decoded->len, maximum));
    return g_string_free(decoded, FALSE);
}
