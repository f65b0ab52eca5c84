/* EN 16931-1 §6.4.2, the rules on amounts: a table of sums, a table of what must be there, and the VAT of each rate. */
#include "arithmetic.h"

#include <string.h>

#include "base/text.h"
#include "limits.h"

/* ---- Which rules a format knows ---------------------------------------------------------------------------------- */

enum {
    RULE_CO_10 = 1 << 0,
    RULE_CO_11 = 1 << 1,
    RULE_CO_12 = 1 << 2,
    RULE_CO_13 = 1 << 3,
    RULE_CO_14 = 1 << 4,
    RULE_CO_15 = 1 << 5,
    RULE_CO_16 = 1 << 6,
    RULE_CO_17 = 1 << 7,
    RULE_CO_25 = 1 << 8,
    RULE_CO_26 = 1 << 9,
    RULE_50 = 1 << 10,
    RULE_61 = 1 << 11,
    RULES_ALL = (1 << 12) - 1,
};

/* By the beginning of the format's name. The national formats state the same facts in other sums: their lines may be gross
 * or discounted, totals are rounded and what is due is reckoned by rules of their own, and withheld tax, margins and stamp duty
 * stand between; what is left is the tax of each rate. */
static const struct {
    const char *format;
    unsigned rules;
} known_rules[] = {
    { "UBL ", RULES_ALL },
    { "CII", RULES_ALL },
    { "ZUGFeRD 1", RULES_ALL },
    { "KSeF FA(", RULE_CO_17 },
    { "FatturaPA", RULE_CO_17 },
    { "Facturae", RULE_CO_17 },
};

/* The lowest profile of Factur-X and ZUGFeRD 2 states the grand total and what is due, not what lies between them. */
static bool is_minimum(const Invoice *invoice)
{
    static const char ending[] = ":minimum";
    size_t length = invoice->profile == NULL ? 0 : strlen(invoice->profile);
    return length >= strlen(ending) && g_ascii_strcasecmp(invoice->profile + length - strlen(ending), ending) == 0;
}

static bool is_en16931(const Invoice *invoice)
{
    return invoice->profile != NULL && strstr(invoice->profile, "urn:cen.eu:en16931:2017") != NULL;
}

static unsigned rules_for(const Invoice *invoice)
{
    unsigned rules = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(known_rules); i++)
        if (g_str_has_prefix(invoice->format, known_rules[i].format))
            rules = known_rules[i].rules;
    if (is_minimum(invoice))
        rules &= ~(unsigned)(RULE_CO_16 | RULE_CO_25);
    if (invoice->kind == INVOICE_KIND_CREDIT)
        rules &= ~(unsigned)RULE_CO_25;
    return rules;
}

static void fail(Invoice *invoice, const char *number, const char *finding)
{
    g_autofree char *raw = g_strdup_printf("%s (%s).", finding, number);
    g_autofree char *text = text_clean(span_of(raw), INVOICE_TEXT_MAX);
    invoice_add_check(invoice, number, is_en16931(invoice) ? INVOICE_HOLD : INVOICE_WARN, text);
}

/* ---- Amounts ----------------------------------------------------------------------------------------------------- */

typedef enum Amount {
    AMOUNT_NONE,
    LINES,
    ALLOWANCES,
    CHARGES,
    WITHOUT_VAT,
    VAT,
    WITH_VAT,
    PREPAID,
    ROUNDING,
    DUE,
    SUM_OF_LINES,
    SUM_OF_ALLOWANCES,
    SUM_OF_CHARGES,
    SUM_OF_VAT,
    AMOUNT_COUNT,
} Amount;

/* A list that reached its cap may go on in the document: its sum is unknown. */
static Decimal sum_adjustments(const Invoice *invoice, bool charges)
{
    Decimal sum = invoice->adjustments->len < INVOICE_ADJUSTMENTS_MAX ? decimal_of(0) : DECIMAL_UNKNOWN;
    for (unsigned i = 0; i < invoice->adjustments->len; i++) {
        const InvoiceAdjustment *adjustment = invoice->adjustments->pdata[i];
        if (adjustment->is_charge == charges)
            sum = decimal_add(sum, adjustment->amount);
    }
    return sum;
}

static Decimal sum_vat(const Invoice *invoice)
{
    unsigned count = invoice->vat->len;
    Decimal sum = count > 0 && count < INVOICE_VAT_MAX ? decimal_of(0) : DECIMAL_UNKNOWN;
    for (unsigned i = 0; i < count; i++)
        sum = decimal_add(sum, ((const InvoiceVat *)invoice->vat->pdata[i])->amount);
    return sum;
}

static void read_amounts(const Invoice *invoice, Decimal lines_sum, Decimal amounts[AMOUNT_COUNT])
{
    const InvoiceTotals *totals = &invoice->totals;
    amounts[AMOUNT_NONE] = DECIMAL_UNKNOWN;
    amounts[LINES] = totals->lines;
    amounts[ALLOWANCES] = totals->allowances;
    amounts[CHARGES] = totals->charges;
    amounts[WITHOUT_VAT] = totals->without_vat;
    amounts[VAT] = totals->vat;
    amounts[WITH_VAT] = totals->with_vat;
    amounts[PREPAID] = totals->prepaid;
    amounts[ROUNDING] = totals->rounding;
    amounts[DUE] = totals->due;
    amounts[SUM_OF_LINES] = lines_sum;
    amounts[SUM_OF_ALLOWANCES] = sum_adjustments(invoice, false);
    amounts[SUM_OF_CHARGES] = sum_adjustments(invoice, true);
    amounts[SUM_OF_VAT] = sum_vat(invoice);
}

/* Each amount of a document has at most 15 digits before the point; a sum of more than a thousand of them means nothing. */
static void write_amount(Decimal amount, char text[DECIMAL_TEXT_MAX])
{
    Decimal bound = DECIMAL_UNKNOWN;
    bool parsed = decimal_parse(SPAN("999999999999999"), &bound);
    g_assert(parsed);
    bound.units *= 1000;
    if (decimal_compare(amount, bound) < 0 && decimal_compare(decimal_subtract(decimal_of(0), amount), bound) < 0)
        decimal_format(amount, text);
    else
        g_strlcpy(text, "an impossible amount", DECIMAL_TEXT_MAX);
}

static Decimal tolerance_of(const char *text)
{
    Decimal tolerance = DECIMAL_UNKNOWN;
    bool parsed = decimal_parse(span_of(text), &tolerance);
    g_assert(parsed);
    return tolerance;
}

/* Half a cent: amounts are stated with two decimals. */
static const char sum_tolerance[] = "0.005";
/* EN 16931 allows this much to systems that round each line's tax. */
static const char vat_tolerance[] = "1.00";

/* ---- Sums -------------------------------------------------------------------------------------------------------- */

typedef struct SumPart {
    Amount amount;
    int sign;
    bool is_needed; /* else zero where the document does not state it */
} SumPart;

typedef struct SumRule {
    unsigned rule;
    const char *number;
    Amount stated;
    SumPart parts[3];
    const char *reckoned, *told; /* words before the two amounts */
} SumRule;

static const SumRule sum_rules[] = {
    { RULE_CO_10, "BR-CO-10", LINES, { { SUM_OF_LINES, 1, true } }, "The lines add up to", "the invoice says" },
    { RULE_CO_11, "BR-CO-11", ALLOWANCES, { { SUM_OF_ALLOWANCES, 1, true } },
        "The allowances add up to", "the invoice says" },
    { RULE_CO_12, "BR-CO-12", CHARGES, { { SUM_OF_CHARGES, 1, true } }, "The charges add up to", "the invoice says" },
    { RULE_CO_13, "BR-CO-13", WITHOUT_VAT, { { LINES, 1, true }, { ALLOWANCES, -1, false }, { CHARGES, 1, false } },
        "The lines less allowances and with charges come to", "the invoice gives its total without VAT as" },
    { RULE_CO_14, "BR-CO-14", VAT, { { SUM_OF_VAT, 1, true } }, "The VAT of all rates adds up to", "the invoice says" },
    { RULE_CO_15, "BR-CO-15", WITH_VAT, { { WITHOUT_VAT, 1, true }, { VAT, 1, true } },
        "The total without VAT and the VAT come to", "the invoice gives its total with VAT as" },
    { RULE_CO_16, "BR-CO-16", DUE, { { WITH_VAT, 1, true }, { PREPAID, -1, false }, { ROUNDING, 1, false } },
        "The total with VAT, less what was paid before and with rounding, comes to", "the invoice gives the amount due as" },
};

/* Unknown where a part that is needed is. */
static Decimal sum_parts(const SumRule *rule, const Decimal amounts[AMOUNT_COUNT], Amount left_out)
{
    Decimal sum = decimal_of(0);
    for (size_t i = 0; i < G_N_ELEMENTS(rule->parts) && rule->parts[i].amount != AMOUNT_NONE; i++) {
        const SumPart *part = &rule->parts[i];
        Decimal amount = part->is_needed ? amounts[part->amount] : decimal_or_zero(amounts[part->amount]);
        if (part->amount != left_out)
            sum = part->sign < 0 ? decimal_subtract(sum, amount) : decimal_add(sum, amount);
    }
    return sum;
}

/* UBL up to 2.0 put the rounding inside the total with VAT, and who went on from there still does: reckoning in that way is
 * right too, where the document claims nothing newer. */
static bool is_right_by_old_rounding(const Invoice *invoice, const SumRule *rule, const Decimal amounts[AMOUNT_COUNT])
{
    if (!g_str_has_prefix(invoice->format, "UBL ") || is_en16931(invoice) || !amounts[ROUNDING].is_known)
        return false;
    Decimal sum = DECIMAL_UNKNOWN;
    if (rule->rule == RULE_CO_15)
        sum = decimal_add(sum_parts(rule, amounts, AMOUNT_NONE), amounts[ROUNDING]);
    else if (rule->rule == RULE_CO_16)
        sum = sum_parts(rule, amounts, ROUNDING);
    return sum.is_known && decimal_is_near(amounts[rule->stated], sum, tolerance_of(sum_tolerance));
}

static void judge_sum(Invoice *invoice, const SumRule *rule, const Decimal amounts[AMOUNT_COUNT])
{
    Decimal stated = amounts[rule->stated], sum = sum_parts(rule, amounts, AMOUNT_NONE);
    if (!stated.is_known || !sum.is_known || decimal_is_near(stated, sum, tolerance_of(sum_tolerance))
        || is_right_by_old_rounding(invoice, rule, amounts))
        return;
    char sum_text[DECIMAL_TEXT_MAX], stated_text[DECIMAL_TEXT_MAX];
    write_amount(sum, sum_text);
    write_amount(stated, stated_text);
    g_autofree char *finding = g_strdup_printf("%s %s, %s %s", rule->reckoned, sum_text, rule->told, stated_text);
    fail(invoice, rule->number, finding);
}

/* ---- The VAT of each rate ---------------------------------------------------------------------------------------- */

/* The first one that fails is told. A rate in words has no arithmetic. */
static void judge_rates(Invoice *invoice)
{
    for (unsigned i = 0; i < invoice->vat->len; i++) {
        const InvoiceVat *vat = invoice->vat->pdata[i];
        Decimal rate = DECIMAL_UNKNOWN;
        if (vat->rate == NULL || !decimal_parse(span_of(vat->rate), &rate))
            continue;
        Decimal amount = decimal_percent_of(vat->base, rate);
        if (!amount.is_known || !vat->amount.is_known || decimal_is_near(amount, vat->amount, tolerance_of(vat_tolerance)))
            continue;
        char base_text[DECIMAL_TEXT_MAX], sum_text[DECIMAL_TEXT_MAX], stated_text[DECIMAL_TEXT_MAX];
        write_amount(vat->base, base_text);
        write_amount(amount, sum_text);
        write_amount(vat->amount, stated_text);
        g_autofree char *finding = g_strdup_printf("The VAT on %s at %s %% is %s, the invoice says %s", base_text, vat->rate,
            sum_text, stated_text);
        fail(invoice, "BR-CO-17", finding);
        return;
    }
}

/* ---- What must be there ------------------------------------------------------------------------------------------ */

static bool lacks_terms(const Invoice *invoice)
{
    return invoice->totals.due.is_known && decimal_compare(invoice->totals.due, decimal_of(0)) > 0 && invoice->due_date == NULL
        && invoice->payment_terms == NULL;
}

static bool lacks_seller_id(const Invoice *invoice)
{
    const InvoiceParty *seller = &invoice->seller;
    return seller->id == NULL && seller->legal_id == NULL && seller->vat_id == NULL;
}

static bool asks_for_transfer(const Invoice *invoice)
{
    static const char *const transfer_codes[] = { "30", "58", NULL }; /* UNTDID 4461 */
    return invoice->means_code != NULL && g_strv_contains(transfer_codes, invoice->means_code);
}

static bool lacks_account(const Invoice *invoice)
{
    return asks_for_transfer(invoice) && invoice->accounts->len == 0;
}

/* A bank is named, but no account in it. */
static bool lacks_account_number(const Invoice *invoice)
{
    for (unsigned i = 0; i < invoice->accounts->len; i++)
        if (((const InvoiceAccount *)invoice->accounts->pdata[i])->number != NULL)
            return false;
    return asks_for_transfer(invoice) && invoice->accounts->len > 0;
}

static const struct {
    unsigned rule;
    const char *number;
    bool (*lacks)(const Invoice *invoice);
    const char *text;
} presence_rules[] = {
    { RULE_CO_25, "BR-CO-25", lacks_terms, "The invoice says neither when it is due nor on what terms" },
    { RULE_CO_26, "BR-CO-26", lacks_seller_id, "The invoice gives no number by which its seller is known" },
    { RULE_50, "BR-50", lacks_account_number, "The invoice asks for a bank transfer and names a bank, but no account" },
    { RULE_61, "BR-61", lacks_account, "The invoice asks for a bank transfer, but names no account" },
};

/* ---- All of them ------------------------------------------------------------------------------------------------- */

void invoice_check_arithmetic(Invoice *invoice, Decimal lines_sum)
{
    unsigned rules = rules_for(invoice);
    Decimal amounts[AMOUNT_COUNT];
    read_amounts(invoice, lines_sum, amounts);
    for (size_t i = 0; i < G_N_ELEMENTS(sum_rules); i++)
        if (rules & sum_rules[i].rule)
            judge_sum(invoice, &sum_rules[i], amounts);
    if (rules & RULE_CO_17)
        judge_rates(invoice);
    for (size_t i = 0; i < G_N_ELEMENTS(presence_rules); i++)
        if ((rules & presence_rules[i].rule) && presence_rules[i].lacks(invoice))
            fail(invoice, presence_rules[i].number, presence_rules[i].text);
}
