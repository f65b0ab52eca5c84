/* The bank's confirmation page (3-D Secure stand-in): shows who asks for how much, takes yes or no.
 *
 * It may stand in a frame of the payer's server; it runs no script and loads nothing.
 */
#include <string.h>

#include "base/json.h"
#include "bill.h"
#include "processor.h"
#include "routes.h"

typedef struct Words {
    const char *language, *title, *ask, *merchant, *amount, *confirm, *cancel, *confirmed, *cancelled, *expired, *back;
} Words;

static const Words english = { "en", "Confirm with your bank", "Do you want to make this payment?", "To", "Amount",
    "Confirm", "Cancel", "Confirmed. The payment goes on.", "Cancelled. Nothing was paid.",
    "This confirmation is over. Nothing more can be done here.", "You can go back to your mail now." };
static const Words polish = { "pl", "Potwierdzenie w banku", "Czy potwierdzasz tę płatność?", "Odbiorca", "Kwota",
    "Potwierdź", "Anuluj", "Potwierdzono. Płatność jest realizowana.", "Anulowano. Nic nie zostało zapłacone.",
    "To potwierdzenie już nie jest aktywne. Nic więcej nie można tu zrobić.", "Możesz wrócić do poczty." };

/* The first language of Accept-Language decides; anything but Polish is English. */
static const Words *words_for(const Call *call)
{
    const char *wanted = call_header(call, "Accept-Language");
    return wanted != NULL && g_ascii_strncasecmp(wanted, "pl", 2) == 0 ? &polish : &english;
}

static const char *const page_style =
    "body{font:16px/1.5 system-ui,'Segoe UI',sans-serif;color:#1b1a19;background:#fff;margin:0;padding:24px}"
    "main{max-width:26rem;margin:0 auto}h1{font-size:1.25rem;margin:0 0 8px}"
    "p.bank{margin:0 0 20px;color:#5c2e00;font-weight:600;letter-spacing:.02em}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:16px 0 24px;padding:16px;border:1px solid #c8c6c4;"
    "border-radius:8px}dt{color:#484644}dd{margin:0;font-weight:600;text-align:right}"
    "button{font:inherit;padding:10px 20px;border-radius:6px;border:1px solid #484644;background:#fff;color:#1b1a19;"
    "min-width:8rem;min-height:44px;cursor:pointer}button.yes{background:#0f548c;border-color:#0f548c;color:#fff;"
    "margin-right:8px}button:focus-visible{outline:3px solid #c7571e;outline-offset:2px}";

static void reply_page(const Sandbox *sandbox, Reply *reply, unsigned status, GString *page)
{
    g_string_append(page, "</main></body></html>");
    size_t length = page->len;
    reply_bytes(reply, status, "text/html; charset=utf-8", g_string_free(page, FALSE), length);
    reply->header = "Content-Security-Policy";
    reply->header_value = sandbox->challenge_policy;
}

static GString *begin_page(const Words *words)
{
    GString *page = g_string_new(NULL);
    g_string_append_printf(page,
        "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s</title>"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>%s</style></head>"
        "<body><main><p class=\"bank\">Sandbox Bank</p><h1>%s</h1>",
        words->language, words->title, page_style, words->title);
    return page;
}

static void reply_note(const Sandbox *sandbox, const Words *words, unsigned status, const char *note, Reply *reply)
{
    GString *page = begin_page(words);
    g_string_append_printf(page, "<p role=\"status\">%s</p><p>%s</p>", note, words->back);
    reply_page(sandbox, reply, status, page);
}

static char *amount_text(const json_t *payment, const Words *words)
{
    Money amount = { .minor = json_integer_or(payment, "minor", 0) };
    g_strlcpy(amount.currency, json_text(payment, "currency"), sizeof amount.currency);
    return bill_amount_text(amount, words == &polish);
}

static const char *payee_name(const json_t *payment)
{
    for (size_t i = 0; i < world_biller_count; i++) {
        const WorldMerchant *merchant = world_find_merchant(&world_billers[i], json_text(payment, "merchant_id"));
        if (merchant != NULL)
            return merchant->legal_name;
    }
    return json_text(payment, "merchant_id");
}

static json_t *find_open(Book *book, const char *challenge)
{
    return book_row(book, "SELECT * FROM payment WHERE challenge = ? AND status = 'challenge' AND challenged_us >= ?", "si",
        challenge, time_now_us() - PROCESSOR_CHALLENGE_US);
}

void challenge_show(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const Words *words = words_for(call);
    JSON_AUTO *payment = find_open(sandbox->book, call->parts[0]);
    if (payment == NULL) {
        reply_note(sandbox, words, 410, words->expired, reply);
        return;
    }
    g_autofree char *amount = amount_text(payment, words);
    g_autofree char *payee = g_markup_escape_text(payee_name(payment), -1);
    GString *page = begin_page(words);
    g_string_append_printf(page,
        "<p>%s</p><dl><dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>%s</dd></dl><form method=\"post\">"
        "<button class=\"yes\" name=\"answer\" value=\"confirm\">%s</button>"
        "<button name=\"answer\" value=\"cancel\">%s</button></form>",
        words->ask, words->merchant, payee, words->amount, amount, words->confirm, words->cancel);
    reply_page(sandbox, reply, 200, page);
}

void challenge_answer(Sandbox *sandbox, const Call *call, Reply *reply)
{
    const Words *words = words_for(call);
    bool confirm = span_equal(span_trim(call->body), SPAN("answer=confirm"));
    bool cancel = span_equal(span_trim(call->body), SPAN("answer=cancel"));
    if (!confirm && !cancel) {
        reply_error(reply, 400, "invalid_request", "the form field \"answer\" is confirm or cancel");
        return;
    }
    book_begin(sandbox->book);
    JSON_AUTO *payment = find_open(sandbox->book, call->parts[0]);
    if (payment != NULL)
        processor_settle(sandbox->book, json_text(payment, "payment_id"), confirm ? NULL : "authentication_failed",
            confirm ? NULL : "The payment was cancelled at the bank.");
    book_commit(sandbox->book);
    if (payment == NULL)
        reply_note(sandbox, words, 410, words->expired, reply);
    else
        reply_note(sandbox, words, 200, confirm ? words->confirmed : words->cancelled, reply);
}
