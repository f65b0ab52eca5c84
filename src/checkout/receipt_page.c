/* A receipt as one PDF page (libharu): words of two languages, amounts and dates as each writes them. */
#include <hpdf.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "parts.h"

/* ---- Words -------------------------------------------------------------------------------------------------- */

typedef struct Words {
    const char *title, *paid_to, *invoice, *amount, *date, *card, *confirmation, *payer, *payment, *test, *foot;
    const char *months[12];
} Words;

static const Words english = {
    .title = "Payment receipt", .paid_to = "Paid to", .invoice = "Invoice number", .amount = "Amount", .date = "Date",
    .card = "Card", .confirmation = "Confirmation number", .payer = "Paid by", .payment = "Payment no.",
    .test = "TEST PAYMENT – no money was moved",
    .foot = "Issued by Saldo. The payment was charged by the biller named above.",
    .months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December" },
};

static const Words polish = {
    .title = "Potwierdzenie płatności", .paid_to = "Odbiorca", .invoice = "Numer faktury", .amount = "Kwota",
    .date = "Data", .card = "Karta", .confirmation = "Numer potwierdzenia", .payer = "Zapłacono przez",
    .payment = "Nr płatności", .test = "PŁATNOŚĆ TESTOWA – nie przekazano żadnych pieniędzy",
    .foot = "Wystawiono w systemie Saldo. Płatność pobrał wystawca faktury wskazany powyżej.",
    .months = { "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
        "października", "listopada", "grudnia" },
};

static bool is_polish(const char *language)
{
    return g_strcmp0(language, "pl") == 0;
}

/* ---- Amounts and dates ----------------------------------------------------------------------------------------- */

#define NO_BREAK_SPACE "\xc2\xa0"

/* Thousands apart; Polish leaves four digits together. */
static void append_grouped(GString *text, const char *digits, size_t count, bool polish_form)
{
    for (size_t i = 0; i < count; i++) {
        size_t left = count - i;
        if (i > 0 && left % 3 == 0 && !(polish_form && count == 4))
            g_string_append(text, polish_form ? NO_BREAK_SPACE : ",");
        g_string_append_c(text, digits[i]);
    }
}

char *receipt_amount(Money amount, const char *language)
{
    bool polish_form = is_polish(language);
    char decimal[MONEY_TEXT_MAX];
    money_format_decimal(amount, decimal);
    const char *digits = decimal + (decimal[0] == '-' ? 1 : 0);
    const char *point = strchr(digits, '.');
    size_t whole = point == NULL ? strlen(digits) : (size_t)(point - digits);
    g_autoptr(GString) text = g_string_new(NULL);
    if (!polish_form)
        g_string_append_printf(text, "%s" NO_BREAK_SPACE, amount.currency);
    if (digits != decimal)
        g_string_append_c(text, '-');
    append_grouped(text, digits, whole, polish_form);
    if (point != NULL)
        g_string_append_printf(text, "%c%s", polish_form ? ',' : '.', point + 1);
    if (polish_form)
        g_string_append_printf(text, NO_BREAK_SPACE "%s", strcmp(amount.currency, "PLN") == 0 ? "zł" : amount.currency);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *date_text(int64_t time_us, const Words *words)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(time_us / US_PER_SECOND);
    return g_strdup_printf("%d %s %d, %02d:%02d UTC", g_date_time_get_day_of_month(time),
        words->months[g_date_time_get_month(time) - 1], g_date_time_get_year(time), g_date_time_get_hour(time),
        g_date_time_get_minute(time));
}

static char *card_text(const ReceiptFacts *facts)
{
    static const struct {
        const char *brand, *name;
    } names[] = { { "visa", "Visa" }, { "mastercard", "Mastercard" }, { "amex", "American Express" },
        { "discover", "Discover" }, { "diners", "Diners Club" }, { "jcb", "JCB" } };
    if (facts->card_last4 == NULL)
        return NULL;
    const char *name = facts->card_brand == NULL ? "" : facts->card_brand;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i].brand) == 0)
            name = names[i].name;
    return g_strdup_printf("%s •••• %s", name, facts->card_last4);
}

/* ---- The page ------------------------------------------------------------------------------------------------------ */

enum { MARGIN = 56, LABEL_WIDTH = 150, ROW_HEIGHT = 34, LINE_HEIGHT = 16, LINES_PER_ROW = 4, VALUE_SIZE = 12, LABEL_SIZE = 10, TITLE_SIZE = 22 };

typedef struct Page {
    HPDF_Doc document;
    HPDF_Page page;
    HPDF_Font regular, bold;
    float width, y;
} Page;

/* libharu goes on after a failure and does nothing; the first one is kept in the document and read at the end. */
static void ignore_here(HPDF_STATUS error_number, HPDF_STATUS detail, void *context)
{
    (void)error_number;
    (void)detail;
    (void)context;
}

static void write_at(const Page *page, HPDF_Font font, float size, float x, float y, const char *text)
{
    HPDF_Page_BeginText(page->page);
    HPDF_Page_SetFontAndSize(page->page, font, size);
    HPDF_Page_TextOut(page->page, x, y, text);
    HPDF_Page_EndText(page->page);
}

/* Length in bytes of the longest front of the text that fits the width, cut between words where there is a space in it,
 * else between characters; at least one character. */
static size_t fit(const Page *page, const char *text, float width)
{
    HPDF_Page_SetFontAndSize(page->page, page->regular, VALUE_SIZE);
    g_autoptr(GString) front = g_string_new(text);
    while (front->len > 0 && HPDF_Page_TextWidth(page->page, front->str) > width)
        g_string_truncate(front, (gsize)(g_utf8_prev_char(front->str + front->len) - front->str));
    const char *space = strrchr(front->str, ' ');
    if (front->len < strlen(text) && space != NULL && space > front->str)
        return (size_t)(space - front->str);
    return front->len > 0 ? front->len : (size_t)(g_utf8_next_char(text) - text);
}

static void row(Page *page, const char *label, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    float x = MARGIN + LABEL_WIDTH;
    HPDF_Page_SetRGBFill(page->page, 0.35f, 0.35f, 0.35f);
    write_at(page, page->regular, LABEL_SIZE, MARGIN, page->y, label);
    HPDF_Page_SetRGBFill(page->page, 0, 0, 0);
    for (int line = 0; line < LINES_PER_ROW && value[0] != '\0'; line++) {
        size_t length = fit(page, value, page->width - MARGIN - x);
        g_autofree char *shown = g_strndup(value, length);
        page->y -= line > 0 ? LINE_HEIGHT : 0;
        write_at(page, page->regular, VALUE_SIZE, x, page->y, shown);
        value += length;
        value += strspn(value, " ");
    }
    page->y -= ROW_HEIGHT;
}

static void rule(Page *page)
{
    HPDF_Page_SetLineWidth(page->page, 0.75f);
    HPDF_Page_SetRGBStroke(page->page, 0.75f, 0.75f, 0.75f);
    HPDF_Page_MoveTo(page->page, MARGIN, page->y + ROW_HEIGHT - 12);
    HPDF_Page_LineTo(page->page, page->width - MARGIN, page->y + ROW_HEIGHT - 12);
    HPDF_Page_Stroke(page->page);
}

static void head(Page *page, const ReceiptFacts *facts, const Words *words)
{
    write_at(page, page->bold, TITLE_SIZE, MARGIN, page->y, words->title);
    page->y -= 26;
    write_at(page, page->regular, VALUE_SIZE, MARGIN, page->y, facts->number);
    page->y -= 44;
    if (!facts->test)
        return;
    HPDF_Page_SetRGBFill(page->page, 0.65f, 0.1f, 0.1f);
    write_at(page, page->bold, VALUE_SIZE, MARGIN, page->y, words->test);
    HPDF_Page_SetRGBFill(page->page, 0, 0, 0);
    page->y -= 36;
}

static void body(Page *page, const ReceiptFacts *facts, const Words *words, const char *language)
{
    g_autofree char *amount = receipt_amount(facts->amount, language);
    g_autofree char *date = date_text(facts->paid_us, words);
    g_autofree char *card = card_text(facts);
    rule(page);
    row(page, words->paid_to, facts->payee);
    row(page, words->invoice, facts->invoice_number);
    row(page, words->amount, amount);
    row(page, words->date, date);
    row(page, words->card, card);
    row(page, words->confirmation, facts->confirmation);
    row(page, words->payer, facts->payer);
    row(page, words->payment, facts->payment_id);
    rule(page);
    HPDF_Page_SetRGBFill(page->page, 0.35f, 0.35f, 0.35f);
    write_at(page, page->regular, 9, MARGIN, page->y, words->foot);
}

static HPDF_Font load_font(HPDF_Doc document, const char *file)
{
    const char *name = HPDF_LoadTTFontFromFile(document, file, HPDF_TRUE);
    return name == NULL ? NULL : HPDF_GetFont(document, name, "UTF-8");
}

static bool open_page(HPDF_Doc document, Page *page)
{
    HPDF_UseUTFEncodings(document);
    HPDF_SetCurrentEncoder(document, "UTF-8");
    HPDF_SetCompressionMode(document, HPDF_COMP_ALL);
    *page = (Page){ .document = document, .regular = load_font(document, RECEIPT_FONTS "/DejaVuSans.ttf"),
        .bold = load_font(document, RECEIPT_FONTS "/DejaVuSans-Bold.ttf"), .page = HPDF_AddPage(document) };
    if (page->regular == NULL || page->bold == NULL || page->page == NULL)
        return false;
    HPDF_Page_SetSize(page->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    page->width = HPDF_Page_GetWidth(page->page);
    page->y = HPDF_Page_GetHeight(page->page) - 90;
    return true;
}

static GBytes *save(HPDF_Doc document)
{
    if (HPDF_SaveToStream(document) != HPDF_OK)
        return NULL;
    HPDF_UINT32 size = HPDF_GetStreamSize(document);
    g_autofree HPDF_BYTE *bytes = g_malloc(size);
    HPDF_ResetStream(document);
    HPDF_UINT32 read = size;
    if (HPDF_ReadFromStream(document, bytes, &read) != HPDF_OK || read != size)
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&bytes), size);
}

GBytes *receipt_page(const ReceiptFacts *facts, const char *language, GError **error)
{
    const Words *words = is_polish(language) ? &polish : &english;
    HPDF_Doc document = HPDF_New(ignore_here, NULL);
    g_assert(document != NULL);
    Page page;
    GBytes *bytes = NULL;
    if (open_page(document, &page)) {
        head(&page, facts, words);
        body(&page, facts, words, language);
        HPDF_SetInfoAttr(document, HPDF_INFO_TITLE, facts->number);
        bytes = save(document);
    }
    if (bytes == NULL)
        error_set(error, SALDO_ERROR_IO, "the receipt could not be drawn (libharu %#lx): are the DejaVu fonts in %s?",
            (unsigned long)HPDF_GetError(document), RECEIPT_FONTS);
    HPDF_Free(document);
    return bytes;
}
