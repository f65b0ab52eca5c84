/* Drawing an invoice with libhpdf. Parts: the pen; head; parties; lines; sums; foot; the route. */
#include "document.h"

#include <hpdf.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "logo.h"
#include "routes.h"

#define FONT_DIRECTORY "/usr/share/fonts/truetype/dejavu/"
enum { LEFT = 56, RIGHT = 539, TOP = 786 };

typedef struct Pen {
    HPDF_Doc document;
    HPDF_Page page;
    HPDF_Font plain, bold;
    float red, green, blue; /* the merchant's colour */
    float y;
    const Bill *bill;
    bool polish;
} Pen;

static void on_pdf_error(HPDF_STATUS error, HPDF_STATUS detail, void *context)
{
    HPDF_STATUS *first = context;
    if (*first == 0)
        *first = error;
}

/* ---- The pen --------------------------------------------------------------------------------- */

static void ink(Pen *pen, float grey)
{
    HPDF_Page_SetRGBFill(pen->page, grey, grey, grey);
}

static void ink_colour(Pen *pen)
{
    HPDF_Page_SetRGBFill(pen->page, pen->red, pen->green, pen->blue);
}

static void write_at(Pen *pen, HPDF_Font font, float size, float x, const char *text)
{
    HPDF_Page_BeginText(pen->page);
    HPDF_Page_SetFontAndSize(pen->page, font, size);
    HPDF_Page_TextOut(pen->page, x, pen->y, text);
    HPDF_Page_EndText(pen->page);
}

static void write_right(Pen *pen, HPDF_Font font, float size, float right, const char *text)
{
    HPDF_Page_SetFontAndSize(pen->page, font, size);
    write_at(pen, font, size, right - HPDF_Page_TextWidth(pen->page, text), text);
}

static void rule(Pen *pen, float width, float grey)
{
    HPDF_Page_SetLineWidth(pen->page, width);
    HPDF_Page_SetRGBStroke(pen->page, grey, grey, grey);
    HPDF_Page_MoveTo(pen->page, LEFT, pen->y);
    HPDF_Page_LineTo(pen->page, RIGHT, pen->y);
    HPDF_Page_Stroke(pen->page);
}

static const char *say(const Pen *pen, const char *english, const char *polish)
{
    return pen->polish ? polish : english;
}

/* "1,234.50" or "1 234,50" with its currency, newly allocated. */
static char *amount(const Pen *pen, int64_t minor)
{
    Money money = { .minor = minor };
    memcpy(money.currency, pen->bill->currency, sizeof money.currency);
    return bill_amount_text(money, pen->polish);
}

/* ---- Head and parties ------------------------------------------------------------------------ */

static void draw_head(Pen *pen)
{
    const WorldMerchant *merchant = pen->bill->merchant;
    size_t length;
    g_autofree unsigned char *png = logo_png(merchant->logo, &length);
    HPDF_Image image = HPDF_LoadPngImageFromMem(pen->document, png, (HPDF_UINT)length);
    HPDF_Page_DrawImage(pen->page, image, LEFT, TOP - 44, 44, 44);
    pen->y = TOP - 20;
    ink_colour(pen);
    write_at(pen, pen->bold, 16, LEFT + 58, merchant->legal_name);
    pen->y -= 18;
    ink(pen, 0.35F);
    g_autofree char *address = g_strdup_printf("%s, %s", merchant->street, merchant->city);
    write_at(pen, pen->plain, 9, LEFT + 58, address);
    pen->y = TOP - 96;
    ink(pen, 0.1F);
    const char *title = say(pen, "VAT invoice", "Faktura VAT");
    write_at(pen, pen->bold, 24, LEFT, title);
    ink(pen, 0.35F);
    write_right(pen, pen->plain, 11, RIGHT, pen->bill->number);
}

static void draw_block(Pen *pen, float x, float y, const char *heading, const char *const *lines)
{
    pen->y = y;
    ink(pen, 0.45F);
    write_at(pen, pen->plain, 8, x, heading);
    ink(pen, 0.1F);
    for (size_t i = 0; lines[i] != NULL; i++) {
        pen->y -= 14;
        write_at(pen, i == 0 ? pen->bold : pen->plain, 9.5F, x, lines[i]);
    }
}

static void draw_parties(Pen *pen)
{
    const Bill *bill = pen->bill;
    const WorldMerchant *merchant = bill->merchant;
    g_autofree char *vat = g_strdup_printf("%s %s", say(pen, "VAT no.", "NIP"), merchant->vat_id);
    g_autofree char *customer = g_strdup_printf("%s %s", say(pen, "Customer no.", "Nr klienta"), bill->customer_number);
    g_autofree char *issued = g_strdup_printf("%s %s", say(pen, "Issued", "Wystawiono"), bill->issue_date);
    g_autofree char *due = g_strdup_printf("%s %s", say(pen, "Due", "Termin"), bill->due_date);
    float y = TOP - 132;
    draw_block(pen, LEFT, y, say(pen, "FROM", "SPRZEDAWCA"),
        (const char *[]){ merchant->legal_name, merchant->street, merchant->city, merchant->country, vat, NULL });
    draw_block(pen, 250, y, say(pen, "TO", "NABYWCA"), (const char *[]){ bill->customer, customer, NULL });
    draw_block(pen, 420, y, say(pen, "DATES", "DATY"), (const char *[]){ due, issued, NULL });
}

/* ---- Lines and sums -------------------------------------------------------------------------- */

static void draw_lines(Pen *pen)
{
    pen->y = TOP - 240;
    ink(pen, 0.45F);
    write_at(pen, pen->plain, 8, LEFT, say(pen, "DESCRIPTION", "NAZWA"));
    write_at(pen, pen->plain, 8, 330, say(pen, "QUANTITY", "ILOŚĆ"));
    write_right(pen, pen->plain, 8, 444, "VAT");
    write_right(pen, pen->plain, 8, RIGHT, say(pen, "NET", "NETTO"));
    pen->y -= 8;
    rule(pen, 1.0F, 0.2F);
    size_t i;
    json_t *line;
    json_array_foreach(pen->bill->lines, i, line) {
        g_autofree char *net = amount(pen, json_integer_or(line, "net", 0));
        char vat[16];
        snprintf(vat, sizeof vat, "%d%%", (int)json_integer_or(line, "vat", 0));
        pen->y -= 18;
        ink(pen, 0.1F);
        write_at(pen, pen->plain, 9.5F, LEFT, json_text(line, "label"));
        write_at(pen, pen->plain, 9.5F, 330, json_text(line, "quantity"));
        write_right(pen, pen->plain, 9.5F, 444, vat);
        write_right(pen, pen->plain, 9.5F, RIGHT, net);
        pen->y -= 7;
        rule(pen, 0.4F, 0.85F);
    }
}

static void draw_sum(Pen *pen, const char *label, int64_t minor, bool strong)
{
    g_autofree char *text = amount(pen, minor);
    pen->y -= strong ? 26 : 16;
    ink(pen, strong ? 0.1F : 0.35F);
    write_at(pen, strong ? pen->bold : pen->plain, strong ? 13 : 9.5F, 330, label);
    if (strong)
        ink_colour(pen);
    write_right(pen, strong ? pen->bold : pen->plain, strong ? 13 : 9.5F, RIGHT, text);
}

static void draw_sums(Pen *pen)
{
    JSON_AUTO *taxes = bill_taxes(pen->bill);
    size_t i;
    json_t *tax;
    pen->y -= 10;
    json_array_foreach(taxes, i, tax) {
        g_autofree char *net = g_strdup_printf("%s, %d%%", say(pen, "Net", "Netto"), (int)json_integer_or(tax, "vat", 0));
        g_autofree char *vat = g_strdup_printf("VAT %d%%", (int)json_integer_or(tax, "vat", 0));
        draw_sum(pen, net, json_integer_or(tax, "net", 0), false);
        draw_sum(pen, vat, json_integer_or(tax, "tax", 0), false);
    }
    draw_sum(pen, say(pen, "Total due", "Do zapłaty"), bill_total(pen->bill).minor, true);
}

static void draw_foot(Pen *pen)
{
    const Bill *bill = pen->bill;
    g_autofree char *account = g_strdup_printf("%s %s", say(pen, "Bank account", "Rachunek"), bill->merchant->iban);
    g_autofree char *reference = g_strdup_printf("%s %s", say(pen, "Payment reference", "Tytuł przelewu"), bill->number);
    g_autofree char *contact = g_strdup_printf("%s %s", say(pen, "Questions?", "Pytania?"), bill->merchant->contact);
    g_autofree char *paid = bill->paid_at == NULL ? NULL : g_strdup_printf("%s %.10s, %s", say(pen, "PAID", "ZAPŁACONO"),
                                                                bill->paid_at, bill->confirmation);
    pen->y = 118;
    rule(pen, 0.4F, 0.7F);
    const char *lines[] = { account, reference, contact,
        bill->biller->address != NULL ? NULL : say(pen, "Sent with Ledgerly", "Wysłano przez Ledgerly"), NULL };
    draw_block(pen, LEFT, 100, say(pen, "HOW TO PAY", "PŁATNOŚĆ"), lines);
    if (paid != NULL) {
        pen->y = 86;
        ink_colour(pen);
        write_right(pen, pen->bold, 12, RIGHT, paid);
    }
}

/* ---- The document ---------------------------------------------------------------------------- */

static bool open_fonts(Pen *pen, GError **error)
{
    HPDF_UseUTFEncodings(pen->document);
    HPDF_SetCurrentEncoder(pen->document, "UTF-8");
    const char *plain = HPDF_LoadTTFontFromFile(pen->document, FONT_DIRECTORY "DejaVuSans.ttf", HPDF_TRUE);
    const char *bold = HPDF_LoadTTFontFromFile(pen->document, FONT_DIRECTORY "DejaVuSans-Bold.ttf", HPDF_TRUE);
    if (plain == NULL || bold == NULL) {
        error_set(error, SALDO_ERROR_IO, "no DejaVu Sans in " FONT_DIRECTORY "; install the package fonts-dejavu-core");
        return false;
    }
    pen->plain = HPDF_GetFont(pen->document, plain, "UTF-8");
    pen->bold = HPDF_GetFont(pen->document, bold, "UTF-8");
    return true;
}

static void draw(Pen *pen)
{
    unsigned red, green, blue;
    g_assert(sscanf(pen->bill->merchant->colour, "#%2x%2x%2x", &red, &green, &blue) == 3);
    pen->red = (float)red / 255;
    pen->green = (float)green / 255;
    pen->blue = (float)blue / 255;
    pen->page = HPDF_AddPage(pen->document);
    HPDF_Page_SetSize(pen->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    HPDF_SetInfoAttr(pen->document, HPDF_INFO_TITLE, pen->bill->number);
    draw_head(pen);
    draw_parties(pen);
    draw_lines(pen);
    draw_sums(pen);
    draw_foot(pen);
}

static GBytes *take_bytes(HPDF_Doc document)
{
    HPDF_SaveToStream(document);
    HPDF_UINT32 size = HPDF_GetStreamSize(document);
    HPDF_BYTE *bytes = g_malloc(size + 1);
    HPDF_ReadFromStream(document, bytes, &size);
    return g_bytes_new_take(bytes, size);
}

GBytes *document_render(const Bill *bill, GError **error)
{
    HPDF_STATUS trouble = 0;
    Pen pen = { .document = HPDF_New(on_pdf_error, &trouble), .bill = bill, .polish = bill_is_polish(bill) };
    g_assert(pen.document != NULL);
    HPDF_SetCompressionMode(pen.document, HPDF_COMP_ALL);
    GBytes *bytes = NULL;
    if (open_fonts(&pen, error)) {
        draw(&pen);
        bytes = take_bytes(pen.document);
        if (trouble != 0) {
            g_clear_pointer(&bytes, g_bytes_unref);
            error_set(error, SALDO_ERROR_IO, "libhpdf could not draw invoice %s: error 0x%04lx", bill->number, trouble);
        }
    }
    HPDF_Free(pen.document);
    return bytes;
}

void biller_document(Sandbox *sandbox, const Call *call, Reply *reply)
{
    g_autofree char *number = bill_number_of_call(sandbox->book, call);
    g_autoptr(Bill) bill = number == NULL ? NULL : bill_find(sandbox->book, number);
    g_autoptr(GError) error = NULL;
    if (bill == NULL || strcmp(bill->biller->name, call->parts[0]) != 0) {
        reply_error(reply, 404, "not_found", "this biller has no such invoice");
        return;
    }
    g_autoptr(GBytes) bytes = document_render(bill, &error);
    if (bytes == NULL) {
        reply_error(reply, 500, "internal_error", "%s", error->message);
        return;
    }
    size_t length;
    const void *data = g_bytes_get_data(bytes, &length);
    reply_bytes(reply, 200, "application/pdf", g_memdup2(data, length), length);
}

void biller_logo(Sandbox *sandbox, const Call *call, Reply *reply)
{
    g_autofree char *name = g_strdup(call->parts[1]);
    char *dot = strrchr(name, '.');
    size_t length = 0;
    if (dot != NULL)
        *dot = '\0';
    unsigned char *png = logo_png(name, &length);
    if (png == NULL)
        reply_error(reply, 404, "not_found", "there is no such logo");
    else
        reply_bytes(reply, 200, "image/png", (char *)png, length);
}
