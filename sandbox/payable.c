/* The invoices that can be paid, each with what happens when somebody tries. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "fault.h"
#include "sample_set.h"

typedef enum Fate { FATE_GOOD, FATE_ANSWER_LOST, FATE_BILLER_DOWN, FATE_PAID_ELSEWHERE } Fate;

typedef struct Payable {
    const char *file, *about;
    SampleBill bill;
    Fate fate;
    size_t mailed_lines;  /* 0: all; fewer: the biller added lines since */
    int sent_hours_ago;
    bool attach_document, issued_as_text;
    const char *again;    /* a second mail of the same invoice, an hour ago */
} Payable;

static const Payable payables[] = {
    { .file = "northwind-electricity.eml", .about = "due in 3 days; mailed twice", .again = "northwind-electricity-reminder.eml",
        .sent_hours_ago = 70,
        .bill = { "northwind", 0, "NE", 101, NULL, "GBP", 11, 3,
            { { "Electricity, day rate", "Energia, taryfa dzienna", "412 kWh", 9888, 5 },
                { "Electricity, night rate", "Energia, taryfa nocna", "188 kWh", 2632, 5 },
                { "Standing charge", "Opłata stała", "30 days", 1590, 5 } } } },
    { .file = "northwind-gas-overdue.eml", .about = "overdue by 12 days", .sent_hours_ago = 52,
        .bill = { "northwind", 0, "NE", 102, NULL, "GBP", 40, -12,
            { { "Gas", "Gaz ziemny", "634 kWh", 4438, 5 }, { "Standing charge", "Opłata stała", "31 days", 930, 5 } } } },
    { .file = "northwind-with-document.eml", .about = "the full invoice is attached as a PDF", .sent_hours_ago = 26,
        .attach_document = true,
        .bill = { "northwind", 0, "NE", 103, NULL, "GBP", 2, 20,
            { { "Boiler service plan", "Serwis kotła", "1 year", 15400, 20 },
                { "Call-out, 12 November", "Wizyta serwisanta, 12 listopada", "1.5 h", 9750, 20 } } } },
    { .file = "northwind-solar.eml", .about = "due in 21 days", .sent_hours_ago = 5,
        .bill = { "northwind", 0, "NE", 104, NULL, "GBP", 1, 21,
            { { "Solar battery rental", "Wynajem magazynu energii", "1 month", 2900, 20 } } } },
    { .file = "northwind-answer-lost.eml", .about = "the biller's answer is lost after the charge; settled by look-up",
        .sent_hours_ago = 20, .fate = FATE_ANSWER_LOST,
        .bill = { "northwind", 0, "NE", 901, NULL, "GBP", 3, 9,
            { { "Electric vehicle charging", "Ładowanie pojazdu", "96 kWh", 2784, 20 } } } },
    { .file = "northwind-biller-down.eml", .about = "the biller does not answer Review and pay", .sent_hours_ago = 31,
        .fate = FATE_BILLER_DOWN,
        .bill = { "northwind", 0, "NE", 902, NULL, "GBP", 4, 10,
            { { "Smart meter swap", "Wymiana licznika", "1", 6500, 20 } } } },
    { .file = "northwind-paid-elsewhere.eml", .about = "paid at the biller already, by bank transfer",
        .sent_hours_ago = 90, .fate = FATE_PAID_ELSEWHERE,
        .bill = { "northwind", 0, "NE", 904, NULL, "GBP", 9, 5,
            { { "Electricity, allotment meter", "Energia, licznik działkowy", "41 kWh", 1148, 5 } } } },
    { .file = "ledgerly-studio-brzoza.eml", .about = "in Polish, PLN, signed request", .sent_hours_ago = 8,
        .issued_as_text = true,
        .bill = { "ledgerly", 0, "SB", 201, "pl", "PLN", 1, 14,
            { { "Website redesign, stage 2", "Projekt strony internetowej, etap 2", "1 szt.", 285000, 23 },
                { "Product photographs", "Zdjęcia produktowe", "24 szt.", 96000, 23 },
                { "Domain renewal", "Odnowienie domeny", "1 rok", 8900, 23 } } } },
    { .file = "ledgerly-studio-brzoza-amount-changed.eml", .about = "the biller added a line since the mail",
        .sent_hours_ago = 44, .mailed_lines = 1,
        .bill = { "ledgerly", 0, "SB", 903, "pl", "PLN", 3, 6,
            { { "Poster series, print", "Druk serii plakatów", "50 szt.", 62500, 23 },
                { "Courier", "Przesyłka kurierska", "1 szt.", 2900, 23 } } } },
    { .file = "ledgerly-harbour-coffee.eml", .about = "GBP, due in 14 days", .sent_hours_ago = 3,
        .bill = { "ledgerly", 1, "HC", 202, "en", "GBP", 0, 14,
            { { "Espresso beans, Quay blend", NULL, "12 kg", 18600, 0 }, { "Filter beans, single estate", NULL, "6 kg", 11100, 0 },
                { "Grinder service", NULL, "1", 6500, 20 } } } },
    { .file = "ledgerly-harbour-coffee-overdue.eml", .about = "GBP, overdue by 5 days", .sent_hours_ago = 60,
        .bill = { "ledgerly", 1, "HC", 204, "en", "GBP", 35, -5,
            { { "Oat milk, barista", NULL, "48 l", 6240, 20 } } } },
    { .file = "ledgerly-atelier-linden.eml", .about = "EUR, with the full invoice as a PDF", .sent_hours_ago = 15,
        .attach_document = true,
        .bill = { "ledgerly", 2, "AL", 203, "en", "EUR", 2, 30,
            { { "Reception desk, oak", NULL, "1", 184000, 19 }, { "Delivery and fitting", NULL, "1", 22000, 19 } } } },
    { .file = "ledgerly-atelier-linden-samples.eml", .about = "EUR, due in 7 days", .sent_hours_ago = 2,
        .bill = { "ledgerly", 2, "AL", 205, "en", "EUR", 0, 7, { { "Fabric samples", NULL, "1 set", 4500, 19 } } } },
};

static void enter(SampleSet *set, Bill *bill, Fate fate)
{
    JSON_AUTO *lost = json_pack("{s:s, s:s, s:s}", "point", "biller.complete", "kind", "drop_after", "invoice", bill->number);
    JSON_AUTO *down = json_pack("{s:s, s:s, s:i, s:s}", "point", "loadentity", "kind", "down", "count", -1, "invoice",
        bill->number);
    bill_insert(set->book, bill);
    switch (fate) {
    case FATE_GOOD:
        break;
    case FATE_ANSWER_LOST:
        g_assert(fault_add(set->book, lost, "sample", NULL));
        break;
    case FATE_BILLER_DOWN:
        g_assert(fault_add(set->book, down, "sample", NULL));
        break;
    case FATE_PAID_ELSEWHERE:
        bill_mark_paid(set->book, bill->number, "BANK-58213");
        break;
    }
}

static bool write_mail(SampleSet *set, const Payable *payable, const Bill *mailed, bool again, GError **error)
{
    int hours = again ? 1 : payable->sent_hours_ago;
    const char *file = again ? payable->again : payable->file;
    Draft draft = { .order = set->order, .book = set->book, .bill = mailed,
        .sent_us = set->now_us - hours * US_PER_HOUR, .reminder = again, .attach_document = payable->attach_document,
        .issued_as_text = payable->issued_as_text };
    GString *message = draft_finish(&draft, error);
    if (message == NULL)
        return false;
    char amount[MONEY_TEXT_MAX];
    money_format_decimal(bill_total(mailed), amount);
    g_string_append_printf(set->invoices, "%s\t%s\t%s\t%s\t%s\t%s\n", file, mailed->biller->name, mailed->number,
        mailed->currency, amount, payable->about);
    bool written = sample_file_write(set, file, message, "card", "verified", payable->about, error);
    g_string_free(message, TRUE);
    return written;
}

bool samples_write_payable(SampleSet *set, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(payables); i++) {
        const Payable *payable = &payables[i];
        g_autoptr(Bill) at_biller = sample_bill_make(set, &payable->bill, 0);
        g_autoptr(Bill) mailed = sample_bill_make(set, &payable->bill, payable->mailed_lines);
        enter(set, at_biller, payable->fate);
        if (!write_mail(set, payable, mailed, false, error)
            || (payable->again != NULL && !write_mail(set, payable, mailed, true, error)))
            return false;
    }
    return true;
}
