/* Mails that ask for nothing: a newsletter and a letter, so that the inbox looks like one. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "letter.h"
#include "sample_set.h"
#include "zone.h"

static const char *const newsletter_html =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>The Allotment Weekly</title></head>\n"
    "<body style=\"margin:0;background:#f4f6ef;padding:24px 0\">\n"
    "<table role=\"presentation\" align=\"center\" width=\"560\" cellpadding=\"0\" cellspacing=\"0\" style=\"width:560px;"
    "max-width:100%;margin:0 auto;background:#ffffff;border-radius:8px\">\n"
    "<tr><td style=\"background:#47662d;color:#ffffff;padding:28px 32px;border-radius:8px 8px 0 0;font-family:Georgia,serif;"
    "font-size:26px\">The Allotment Weekly</td></tr>\n"
    "<tr><td style=\"padding:24px 32px;font-family:Georgia,serif;font-size:16px;line-height:25px;color:#26301d\">\n"
    "<h2 style=\"font-size:20px;margin:0 0 8px\">Leeks that stand the frost</h2>\n"
    "<p style=\"margin:0 0 16px\">Earth them up once more before the month is out, and lift only what you need. Below minus "
    "five, lay a board across the row: it is easier to move than straw.</p>\n"
    "<h2 style=\"font-size:20px;margin:0 0 8px\">Three jobs for a wet Sunday</h2>\n"
    "<ul style=\"margin:0 0 16px;padding-left:20px\"><li>Oil the shears.</li><li>Sort the seed tin by sowing month.</li>"
    "<li>Write down what slugs took, while you remember.</li></ul>\n"
    "<p style=\"margin:0\">Until next week,<br>Maud and Terry</p></td></tr>\n"
    "<tr><td style=\"padding:16px 32px;font-family:Arial,sans-serif;font-size:12px;color:#5d6b52\">You get this because you "
    "signed up at the plant fair. <a href=\"https://allotment-weekly.example/unsubscribe\" style=\"color:#47662d\">Unsubscribe</a>"
    "</td></tr></table></body></html>\n";

static const char *const newsletter_text =
    "THE ALLOTMENT WEEKLY\n\nLeeks that stand the frost\nEarth them up once more before the month is out, and lift only what\n"
    "you need.\n\nThree jobs for a wet Sunday\n- Oil the shears.\n- Sort the seed tin by sowing month.\n- Write down what slugs "
    "took, while you remember.\n\nUntil next week,\nMaud and Terry\n";

static const char *const plain_text =
    "Cześć Aniu,\n\nbędę we Wrocławiu w przyszły czwartek, pociąg o 16:40. Jeśli masz czas, zjedzmy coś przy Rynku,\n"
    "a potem pokażę Ci zdjęcia znad Biebrzy. Książkę oddam, obiecuję.\n\nUściski\nMarek\n";

static bool write_letter(SampleSet *set, const char *file, const Letter *letter, const char *domain, const char *about,
    GError **error)
{
    GString *message = letter_compose(letter);
    bool good = draft_sign(set->book, message, domain, letter->date_us / US_PER_SECOND, 0);
    if (!good)
        error_set(error, SALDO_ERROR_IO, "%s could not be signed with DKIM", file);
    good = good && sample_file_write(set, file, message, "plain", "no_invoice", about, error);
    g_string_free(message, TRUE);
    return good;
}

bool samples_write_ordinary(SampleSet *set, GError **error)
{
    g_autoptr(GString) html = g_string_new(newsletter_html);
    g_autofree char *first_id = g_strdup_printf("%s@" ZONE_NEWSLETTER_DOMAIN, id_new().text);
    g_autofree char *second_id = g_strdup_printf("%s@" ZONE_FRIEND_DOMAIN, id_new().text);
    Letter newsletter = { .from_name = "The Allotment Weekly", .from_address = "hello@" ZONE_NEWSLETTER_DOMAIN,
        .to_address = set->order->recipient, .subject = "Leeks that stand the frost", .message_id = first_id,
        .date_us = set->now_us - 33 * US_PER_HOUR, .text = newsletter_text, .html = html };
    Letter plain = { .from_name = "Marek Wójcik", .from_address = "marek@" ZONE_FRIEND_DOMAIN,
        .to_address = set->order->recipient, .subject = "Czwartek we Wrocławiu?", .message_id = second_id,
        .date_us = set->now_us - 12 * US_PER_HOUR, .text = plain_text };
    return write_letter(set, "newsletter.eml", &newsletter, ZONE_NEWSLETTER_DOMAIN, "an ordinary newsletter", error)
        && write_letter(set, "plain-letter.eml", &plain, ZONE_FRIEND_DOMAIN, "an ordinary letter, in Polish", error);
}
