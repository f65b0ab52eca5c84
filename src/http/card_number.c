/* Runs of digits and their check digit. */
#include "card_number.h"

#include <glib.h>

enum { DIGITS_LEAST = 12, DIGITS_MOST = 19, RUN_MOST = 200 /* above any field's length */ };

typedef struct Run {
    unsigned char digits[RUN_MOST];
    bool begins_group[RUN_MOST + 1]; /* a separator, or the run's edge, before this digit */
    unsigned count;
} Run;

static bool check_digit_fits(const unsigned char *digits, unsigned count)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = digits[count - 1 - i];
        unsigned doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += i % 2 == 1 ? doubled : digit;
    }
    return sum % 10 == 0;
}

/* "1 4242 4242 4242 4242" is a house number and a card: each row of whole groups is tried. */
static bool run_has_number(Run *run)
{
    run->begins_group[run->count] = true;
    for (unsigned first = 0; first < run->count; first++)
        for (unsigned length = DIGITS_LEAST; length <= DIGITS_MOST && first + length <= run->count; length++)
            if (run->begins_group[first] && run->begins_group[first + length]
                && check_digit_fits(run->digits + first, length))
                return true;
    return false;
}

static bool is_separator(gunichar character)
{
    GUnicodeType type = g_unichar_type(character);
    return type == G_UNICODE_SPACE_SEPARATOR || type == G_UNICODE_DASH_PUNCTUATION || type == G_UNICODE_FORMAT
        || character == 0x2212 /* minus */;
}

bool card_number_stands_in(const char *text)
{
    Run run = { 0 };
    bool after_separator = true;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        int digit = g_unichar_digit_value(character);
        if (digit >= 0 && run.count < RUN_MOST) {
            run.digits[run.count] = (unsigned char)digit;
            run.begins_group[run.count++] = after_separator;
            after_separator = false;
        } else if (is_separator(character)) {
            after_separator = true;
        } else {
            if (run_has_number(&run))
                return true;
            run = (Run){ 0 };
            after_separator = true;
        }
    }
    return run_has_number(&run);
}
