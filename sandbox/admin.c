/* The tester's side of the world: faults, what was charged, and changing an invoice at its biller. */
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "bill.h"
#include "fault.h"
#include "routes.h"

void admin_fault_add(Sandbox *sandbox, const Call *call, Reply *reply)
{
    g_autoptr(GError) error = NULL;
    if (!fault_add(sandbox->book, call->json, "admin", &error))
        reply_error(reply, 400, "invalid_request", "%s", error->message);
    else
        admin_fault_list(sandbox, call, reply);
}

void admin_fault_list(Sandbox *sandbox, const Call *call, Reply *reply)
{
    JSON_AUTO *body = json_pack("{s:o}", "faults",
        book_rows(sandbox->book, "SELECT * FROM fault WHERE remaining <> 0 ORDER BY id", ""));
    reply_json(reply, 200, body);
}

/* The faults that samples carry by themselves stay. */
void admin_fault_clear(Sandbox *sandbox, const Call *call, Reply *reply)
{
    book_run(sandbox->book, "DELETE FROM fault WHERE origin = 'admin'", "");
    admin_fault_list(sandbox, call, reply);
}

static json_t *count_by(Book *book, const char *column)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT %s AS name, COUNT(*) AS count FROM charge WHERE %s IS NOT NULL GROUP BY %s", column, column, column);
    JSON_AUTO *rows = book_rows(book, sql, "");
    json_t *counts = json_object(), *row;
    size_t i;
    json_array_foreach(rows, i, row)
        json_object_set(counts, json_text(row, "name"), json_object_get(row, "count"));
    return counts;
}

void admin_charges(Sandbox *sandbox, const Call *call, Reply *reply)
{
    Book *book = sandbox->book;
    JSON_AUTO *body = json_pack("{s:o, s:o, s:o, s:o, s:o}", "charges",
        book_rows(book, "SELECT payment_id, reference, account, merchant_id, invoice, currency, minor, at FROM charge"
                        " ORDER BY sequence", ""),
        "by_payment", count_by(book, "payment_id"), "by_invoice", count_by(book, "invoice"), "attempts",
        book_rows(book, "SELECT key, request_id, number AS invoice, result, code, calls, at FROM attempt ORDER BY sequence", ""),
        "refunds", book_rows(book, "SELECT * FROM refund ORDER BY at", ""));
    reply_json(reply, 200, body);
}

static json_t *describe(const Bill *bill)
{
    json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:s?}", "number", bill->number, "biller", bill->biller->name,
        "merchant_id", bill->merchant->merchant_id, "due_date", bill->due_date, "amount", wire_from_money(bill_total(bill)),
        "paid", bill->paid_at != NULL, "confirmation", bill->confirmation);
    return entry;
}

void admin_invoice_list(Sandbox *sandbox, const Call *call, Reply *reply)
{
    JSON_AUTO *rows = book_rows(sandbox->book, "SELECT number FROM invoice ORDER BY number", "");
    JSON_AUTO *body = json_object();
    json_t *invoices = json_array(), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        g_autoptr(Bill) bill = bill_find(sandbox->book, json_text(row, "number"));
        json_array_append_new(invoices, describe(bill));
    }
    json_object_set_new(body, "invoices", invoices);
    reply_json(reply, 200, body);
}

/* A line that makes the sum what was asked for: a correction as billers book it. */
static void adjust(Book *book, const Bill *bill, Money wanted)
{
    JSON_AUTO *lines = json_deep_copy(bill->lines);
    json_array_append_new(lines, json_pack("{s:s, s:s, s:I, s:i}", "label", bill_is_polish(bill) ? "Korekta" : "Adjustment",
        "quantity", "", "net", (json_int_t)(wanted.minor - bill_total(bill).minor), "vat", 0));
    g_autofree char *text = json_write(lines);
    book_run(book, "UPDATE invoice SET lines = ? WHERE number = ?", "ss", text, bill->number);
}

/* {"amount":{"currency","value"}} and/or {"status":"paid"|"due"}. */
void admin_invoice_change(Sandbox *sandbox, const Call *call, Reply *reply)
{
    g_autoptr(Bill) bill = bill_find(sandbox->book, call->parts[0]);
    const char *status = json_text(call->json, "status");
    const json_t *amount = json_object_get(call->json, "amount");
    Money wanted;
    if (bill == NULL) {
        reply_error(reply, 404, "not_found", "no invoice has the number %s; GET /admin/invoices lists them", call->parts[0]);
        return;
    }
    bool amount_good = amount == NULL
        || (wire_to_money(amount, &wanted) && money_same_currency(wanted, bill_total(bill)));
    bool status_good = status == NULL || strcmp(status, "paid") == 0 || strcmp(status, "due") == 0;
    if (!amount_good || !status_good || (amount == NULL && status == NULL)) {
        reply_error(reply, 400, "invalid_request", "give \"amount\" {currency,value} in %s and/or \"status\" paid|due",
            bill->currency);
        return;
    }
    if (amount != NULL)
        adjust(sandbox->book, bill, wanted);
    if (status != NULL && strcmp(status, "paid") == 0)
        bill_mark_paid(sandbox->book, bill->number, "OFFICE-1");
    if (status != NULL && strcmp(status, "due") == 0)
        book_run(sandbox->book, "UPDATE invoice SET paid_at = NULL, confirmation = NULL WHERE number = ?", "s", bill->number);
    g_autoptr(Bill) after = bill_find(sandbox->book, bill->number);
    JSON_AUTO *body = describe(after);
    reply_json(reply, 200, body);
}
