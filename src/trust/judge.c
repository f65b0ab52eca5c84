/* The questions in their order: policy and rollout; readable; an invoice; who sent it [AUTH-001]; partner;
 * signature; merchant; something to pay. Each answers true to go on, or notes the reason that decides. */
#include <string.h>

#include "base/json.h"
#include "verdict_parts.h"

typedef struct Judging {
    const TrustCase *mail;
    Verdict *verdict;
    const Invoice *claimed; /* as extracted: what leads to the partner */
    const Invoice *invoice; /* what will be paid: `claimed`, or re-read from the signed bytes */
    const Partner *partner;
    const Merchant *merchant;
} Judging;

/* ---- Policy, readable, an invoice ----------------------------------------------------------------------- */

static bool plain(Verdict *verdict, VerdictCode code, const char *text)
{
    verdict->kind = VERDICT_PLAIN;
    verdict_add(verdict, code, "%s", text);
    return false;
}

static bool ask_policy(Judging *judging)
{
    static const VerdictCode codes[] = { VERDICT_SWITCH_OFF, VERDICT_GROUP_SWITCH_OFF, VERDICT_OUTSIDE_ROLLOUT };
    PolicyDecision decision = policy_decide(judging->mail->policy, judging->mail->recipient);
    if (decision.allowed)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (strcmp(verdict_code_name(codes[i]), decision.code) == 0)
            return plain(judging->verdict, codes[i], decision.text);
    g_assert_not_reached();
}

static bool ask_readable(Judging *judging)
{
    return judging->mail->readable
        || verdict_hold(judging->verdict, VERDICT_UNREADABLE,
            "This message could not be read safely (%s). If you expect an invoice, ask the sender for it in another form.",
            judging->mail->trouble == NULL ? "no reason given" : judging->mail->trouble);
}

static bool ask_invoice(Judging *judging)
{
    return judging->mail->invoices->len > 0
        || plain(judging->verdict, VERDICT_NO_INVOICE, "No invoice was found in this mail.");
}

/* ---- Who sent it [AUTH-001] ------------------------------------------------------------------------------- */

static bool vouched_by(const TrustSender *sender, const char *mechanism)
{
    return g_strcmp0(sender->vouched_by, mechanism) == 0;
}

static bool ask_sender(Judging *judging)
{
    const TrustSender *sender = &judging->mail->sender;
    if (sender->from_address == NULL || strchr(sender->from_address, '@') == NULL)
        return verdict_hold(judging->verdict, VERDICT_SENDER_NOT_SINGLE,
            "The mail does not name exactly one sender (From), so nobody can vouch for it. Do not pay from it.");
    if (vouched_by(sender, "dkim") || vouched_by(sender, "spf"))
        return true;
    if (sender->temporary_trouble)
        return verdict_hold(judging->verdict, VERDICT_SENDER_UNKNOWN_YET,
            "The sender %s could not be checked because DNS did not answer. Open the mail again later.",
            sender->from_address);
    return verdict_hold(judging->verdict, VERDICT_SENDER_UNAUTHENTICATED,
        "Nobody vouches that this mail is from %s: %s. Do not pay from it.", sender->from_address,
        sender->reason == NULL ? "neither DKIM nor SPF passes for its domain" : sender->reason);
}

/* ---- Which invoice ------------------------------------------------------------------------------------------ */

static const char *or_unknown(const char *text)
{
    return text == NULL ? "unknown" : text;
}

static bool same_text(const char *left, const char *right)
{
    return g_ascii_strcasecmp(left == NULL ? "" : left, right == NULL ? "" : right) == 0;
}

static bool same_number(const Invoice *left, const Invoice *right)
{
    g_autofree char *left_number = invoice_identity_number(left), *right_number = invoice_identity_number(right);
    return strcmp(left_number, right_number) == 0;
}

static bool same_payable(const Invoice *left, const Invoice *right)
{
    return same_text(left->action->originator, right->action->originator)
        && same_text(left->action->merchant_id, right->action->merchant_id)
        && same_text(left->action->display_id, right->action->display_id) && same_number(left, right);
}

/* A signed request that the jail could not read inside still has to be named as such. */
static bool refuse_without_action(Judging *judging)
{
    const GPtrArray *invoices = judging->mail->invoices;
    for (guint i = 0; i < invoices->len; i++) {
        const Invoice *invoice = invoices->pdata[i];
        if (invoice->source != INVOICE_SOURCE_SIGNED_ACTION_REQUEST)
            continue;
        const InvoiceCheck *check = invoice->checks->len == 0 ? NULL : invoice->checks->pdata[0];
        return verdict_hold(judging->verdict, VERDICT_REQUEST_MALFORMED,
            "The signed payment request in this mail cannot be read: %s.",
            check == NULL ? "it names no payment action" : check->text);
    }
    return verdict_hold(judging->verdict, VERDICT_NO_PAYMENT_ACTION,
        "The mail carries an invoice, but nothing in it says how it can be paid from here. Pay it as you usually do.");
}

/* The payable invoice of highest rank (formats.md); another payable one is a hold that names both. One that stands in a
 * forwarded message is never chosen: the signature of the mail around it says who forwarded it, not who asks for money. */
static bool ask_which(Judging *judging)
{
    const GPtrArray *invoices = judging->mail->invoices;
    const Invoice *first = NULL, *chosen = NULL;
    for (guint i = 0; i < invoices->len; i++) {
        const Invoice *invoice = invoices->pdata[i];
        if (invoice->action == NULL || invoice->action->originator == NULL)
            continue;
        if (first != NULL && !same_payable(first, invoice))
            return verdict_hold(judging->verdict, VERDICT_SEVERAL_INVOICES,
                "The mail asks for two different invoices to be paid: %s of %s and %s of %s. Ask for one mail each.",
                or_unknown(first->number), or_unknown(first->seller.name), or_unknown(invoice->number),
                or_unknown(invoice->seller.name));
        first = first == NULL ? invoice : first;
        if (!invoice->is_forwarded && (chosen == NULL || invoice->source > chosen->source))
            chosen = invoice;
    }
    judging->claimed = judging->invoice = chosen;
    if (chosen == NULL && first != NULL)
        return verdict_hold(judging->verdict, VERDICT_FORWARDED,
            "The payment request stands in a forwarded message, and whoever sent this mail does not vouch for that one. Ask "
            "%s to send the invoice to you.", or_unknown(first->seller.name));
    return chosen != NULL || refuse_without_action(judging);
}

/* ---- Partner ----------------------------------------------------------------------------------------------------- */

static bool has_text(const GPtrArray *texts, const char *text)
{
    for (guint i = 0; i < texts->len; i++)
        if (g_ascii_strcasecmp(texts->pdata[i], text) == 0)
            return true;
    return false;
}

static bool is_test_recipient(const Judging *judging)
{
    return has_text(judging->partner->test_recipients, judging->mail->recipient);
}

static bool ask_partner_state(Judging *judging)
{
    const Partner *partner = judging->partner;
    switch (partner->state) {
    case PARTNER_APPROVED:
        return true;
    case PARTNER_TEST:
        return is_test_recipient(judging)
            || verdict_hold(judging->verdict, VERDICT_PARTNER_IN_TEST,
                "%s is being tested and this mailbox is not one of its test recipients. An administrator can approve it.",
                partner->name);
    case PARTNER_PENDING:
        return verdict_hold(judging->verdict, VERDICT_PARTNER_NOT_APPROVED,
            "%s is registered but not yet approved. An administrator can approve it.", partner->name);
    case PARTNER_SUSPENDED:
        return verdict_hold(judging->verdict, VERDICT_PARTNER_SUSPENDED,
            "%s is suspended. Pay another way, or ask your administrator.", partner->name);
    }
    g_assert_not_reached();
}

/* A static sender is one exact address; a dynamic one any address of a registered domain, never of one below it. */
static bool ask_registered_sender(Judging *judging)
{
    const Partner *partner = judging->partner;
    const char *from = judging->mail->sender.from_address;
    bool registered = partner->dynamic_sender ? has_text(partner->domains, strrchr(from, '@') + 1)
                                              : has_text(partner->addresses, from);
    return registered
        || verdict_hold(judging->verdict, VERDICT_SENDER_NOT_REGISTERED,
            "The mail is from %s, which is not %s that %s has registered. Do not pay from it.", from,
            partner->dynamic_sender ? "in a domain" : "an address", partner->name);
}

static bool ask_partner(Judging *judging)
{
    judging->partner = registry_find(judging->mail->registry, judging->claimed->action->originator);
    if (judging->partner == NULL)
        return verdict_hold(judging->verdict, VERDICT_PARTNER_UNKNOWN,
            "The biller %s is not registered here. An administrator can add it.", judging->claimed->action->originator);
    return ask_partner_state(judging) && ask_registered_sender(judging);
}

/* ---- Signature ----------------------------------------------------------------------------------------------------- */

static bool ask_signature(Judging *judging)
{
    if (judging->claimed->signed_request != NULL) {
        if (!trust_request_verify(judging->mail, judging->partner, judging->claimed, judging->verdict,
                &judging->verdict->own_invoice))
            return false;
        judging->invoice = judging->verdict->own_invoice;
        return true;
    }
    if (judging->partner->dynamic_sender)
        return verdict_hold(judging->verdict, VERDICT_REQUEST_NOT_SIGNED,
            "The payment request is not signed, which is required of %s. Do not pay from this mail.",
            judging->partner->name);
    return vouched_by(&judging->mail->sender, "dkim")
        || (judging->mail->sender.temporary_trouble
            ? verdict_hold(judging->verdict, VERDICT_SENDER_UNKNOWN_YET,
                "The signature of %s could not be checked because DNS did not answer. Open the mail again later.",
                judging->mail->sender.from_address)
            : verdict_hold(judging->verdict, VERDICT_SENDER_SPF_ONLY,
                "Only SPF vouches for %s, which is not enough for a payment: the mail needs a DKIM signature of its domain, "
                "or a payment request signed by %s.", judging->mail->sender.from_address, judging->partner->name));
}

/* ---- Merchant ------------------------------------------------------------------------------------------------------- */

static const Merchant *merchant_of(const Judging *judging, const InvoiceAction *action)
{
    return action->merchant_id == NULL || action->display_id == NULL
        ? NULL
        : partner_find_merchant(judging->partner, action->merchant_id, action->display_id);
}

static bool can_be_followed(const Judging *judging, const InvoiceAction *action)
{
    const Merchant *merchant = merchant_of(judging, action);
    return merchant != NULL
        && (merchant->state == PARTNER_APPROVED || (merchant->state == PARTNER_TEST && is_test_recipient(judging)));
}

/* Of several actions (wire.md §1) the first one whose merchant is registered and approved; where there is none, the
 * first one tells why not. The invoice as extracted stays as it is: what is chosen is chosen in a copy. */
static void choose_action(Judging *judging)
{
    const GPtrArray *others = judging->invoice->other_actions;
    unsigned index = 0;
    while (index < others->len && !can_be_followed(judging, others->pdata[index]))
        index++;
    if (index == others->len || can_be_followed(judging, judging->invoice->action))
        return;
    Verdict *verdict = judging->verdict;
    if (verdict->own_invoice == NULL) {
        JSON_AUTO *json = invoice_to_json(judging->invoice);
        verdict->own_invoice = invoice_from_json(json, NULL);
    }
    if (verdict->own_invoice == NULL)
        return;
    invoice_choose_action(verdict->own_invoice, index);
    judging->invoice = verdict->own_invoice;
}

static bool ask_merchant(Judging *judging)
{
    choose_action(judging);
    const char *partner = judging->partner->name;
    judging->merchant = merchant_of(judging, judging->invoice->action);
    if (judging->merchant == NULL)
        return verdict_hold(judging->verdict, VERDICT_MERCHANT_UNKNOWN,
            "%s vouches for itself, but the merchant behind this invoice (%s) is not registered. An administrator can add it.",
            partner, or_unknown(judging->invoice->seller.name));
    const char *merchant = judging->merchant->legal_name;
    switch (judging->merchant->state) {
    case PARTNER_APPROVED:
        return true;
    case PARTNER_TEST:
        return is_test_recipient(judging)
            || verdict_hold(judging->verdict, VERDICT_MERCHANT_IN_TEST,
                "%s is being tested with %s and this mailbox is not a test recipient.", merchant, partner);
    case PARTNER_PENDING:
        return verdict_hold(judging->verdict, VERDICT_MERCHANT_NOT_APPROVED,
            "%s is registered with %s but not yet verified and approved. An administrator can approve it.", merchant,
            partner);
    case PARTNER_SUSPENDED:
        return verdict_hold(judging->verdict, VERDICT_MERCHANT_SUSPENDED,
            "%s is suspended. Pay another way, or ask your administrator.", merchant);
    }
    g_assert_not_reached();
}

/* ---- Something to pay --------------------------------------------------------------------------------------------------- */

/* What was signed and what the mail says elsewhere: the same where nothing is signed. */
static bool ask_each(Judging *judging, bool (*ask)(Judging *judging, const Invoice *invoice))
{
    return ask(judging, judging->invoice) && (judging->claimed == judging->invoice || ask(judging, judging->claimed));
}

static bool ask_status_of(Judging *judging, const Invoice *invoice)
{
    switch (invoice->status) {
    case INVOICE_STATUS_COMPLETE:
        return verdict_hold(judging->verdict, VERDICT_INVOICE_PAID, "The biller says that invoice %s is paid. Nothing to pay.",
            or_unknown(invoice->number));
    case INVOICE_STATUS_AUTOMATIC:
        return verdict_hold(judging->verdict, VERDICT_INVOICE_AUTOMATIC,
            "The biller collects invoice %s by itself. Nothing to pay.", or_unknown(invoice->number));
    case INVOICE_STATUS_UNSTATED:
    case INVOICE_STATUS_DUE:
    case INVOICE_STATUS_PAST_DUE:
    case INVOICE_STATUS_DECLINED:
        return true;
    }
    g_assert_not_reached();
}

static bool ask_kind_of(Judging *judging, const Invoice *invoice)
{
    switch (invoice->kind) {
    case INVOICE_KIND_BILL:
        return true;
    case INVOICE_KIND_SELF_BILLED:
        return verdict_hold(judging->verdict, VERDICT_INVOICE_SELF_BILLED,
            "Invoice %s is self-billed: you are its seller. Nothing to pay.", or_unknown(invoice->number));
    case INVOICE_KIND_CREDIT:
        return verdict_hold(judging->verdict, VERDICT_INVOICE_CREDIT, "Invoice %s is a credit note. Nothing to pay.",
            or_unknown(invoice->number));
    case INVOICE_KIND_DIRECT_DEBIT:
        return verdict_hold(judging->verdict, VERDICT_INVOICE_DIRECT_DEBIT,
            "The seller collects invoice %s by direct debit. Nothing to pay.", or_unknown(invoice->number));
    }
    g_assert_not_reached();
}

/* Kinds that are never paid (formats.md, "Traps"). */
static bool ask_kind(Judging *judging)
{
    return ask_each(judging, ask_status_of) && ask_each(judging, ask_kind_of);
}

static bool ask_amount(Judging *judging)
{
    const Invoice *invoice = judging->invoice;
    if (money_is_none(invoice->amount_due))
        return verdict_hold(judging->verdict, VERDICT_AMOUNT_UNKNOWN,
            "The amount due cannot be read exactly%s%s [PAY-001]. Ask the biller to send the invoice again.",
            invoice->currency_text == NULL ? "" : " from ", invoice->currency_text == NULL ? "" : invoice->currency_text);
    if (invoice->amount_due.minor == 0)
        return verdict_hold(judging->verdict, VERDICT_NOTHING_DUE, "The amount due is zero. Nothing to pay.");
    if (invoice->amount_due.minor < 0)
        return verdict_hold(judging->verdict, VERDICT_INVOICE_CREDIT,
            "The amount due is negative: a credit. Nothing to pay.");
    return invoice->number != NULL
        || verdict_hold(judging->verdict, VERDICT_NUMBER_MISSING,
            "The invoice has no number, so that a second copy of it could be paid twice. Ask the biller for a numbered one.");
}

static bool same_as_told(Judging *judging, const Invoice *other)
{
    for (unsigned fact = 0; fact < INVOICE_FACT_COUNT; fact++) {
        g_autofree char *own = NULL, *others = NULL;
        if (invoice_disagrees(judging->invoice, other, (InvoiceFact)fact, &own, &others))
            return verdict_hold(judging->verdict, VERDICT_SOURCES_DISAGREE,
                "The mail tells the %s of the invoice in two ways: %s and %s. Ask the biller which one is right.",
                invoice_fact_name((InvoiceFact)fact), own, others);
    }
    return true;
}

/* What was found when the sources of the mail were merged into one. */
static bool ask_merged(Judging *judging)
{
    const GPtrArray *checks = judging->claimed->checks;
    for (guint i = 0; i < checks->len; i++) {
        const InvoiceCheck *check = checks->pdata[i];
        if (strcmp(check->rule, "sources") == 0 && check->severity == INVOICE_HOLD)
            return verdict_hold(judging->verdict, VERDICT_SOURCES_DISAGREE, "%s", check->text);
    }
    return true;
}

/* What the mail says elsewhere about the same invoice must be the same (formats.md: any disagreement holds). Where a document
 * took over a signed request, what is paid is re-read from the signed bytes, and the document is an elsewhere too; what the
 * jail read of the signed request alone is forgotten. */
static bool ask_sources(Judging *judging)
{
    const GPtrArray *invoices = judging->mail->invoices;
    const Invoice *own = judging->claimed->source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST ? judging->claimed : judging->invoice;
    for (guint i = 0; i < invoices->len; i++)
        if (invoices->pdata[i] != own && !same_as_told(judging, invoices->pdata[i]))
            return false;
    return ask_merged(judging);
}

static bool ask_checks_of(Judging *judging, const Invoice *invoice)
{
    for (guint i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (check->severity == INVOICE_HOLD)
            return verdict_hold(judging->verdict, VERDICT_INVOICE_CHECK, "The invoice fails a check (%s): %s", check->rule,
                check->text);
    }
    return true;
}

static bool ask_checks(Judging *judging)
{
    return ask_each(judging, ask_checks_of);
}

/* ---- All of them ----------------------------------------------------------------------------------------------------------- */

/* Without case and white space. */
static char *fold_name(const char *name)
{
    g_autofree char *folded = g_utf8_casefold(name, -1);
    g_auto(GStrv) words = g_strsplit_set(folded, " \t", -1);
    return g_strjoinv("", words);
}

/* The payee is the merchant that was verified; a mail that calls it otherwise is told so. */
static void compare_payee(const Judging *judging)
{
    const char *claimed = judging->invoice->seller.name, *verified = judging->merchant->legal_name;
    if (claimed == NULL)
        return;
    g_autofree char *claimed_name = fold_name(claimed), *verified_name = fold_name(verified);
    if (strcmp(claimed_name, verified_name) != 0)
        verdict_add(judging->verdict, VERDICT_INVOICE_WARNING,
            "The mail names \"%s\" as the payee; the verified merchant that is paid is %s.", claimed, verified);
}

static bool has_check_text(const Invoice *invoice, const char *text)
{
    for (guint i = 0; i < invoice->checks->len; i++)
        if (strcmp(((const InvoiceCheck *)invoice->checks->pdata[i])->text, text) == 0)
            return true;
    return false;
}

/* Every check of the invoice that `told` (or NULL) does not have already. */
static void add_warnings(Verdict *verdict, const Invoice *invoice, const Invoice *told)
{
    for (guint i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *check = invoice->checks->pdata[i];
        if (told == NULL || !has_check_text(told, check->text))
            verdict_add(verdict, VERDICT_INVOICE_WARNING, "%s", check->text);
    }
}

static void make_card(const Judging *judging)
{
    Verdict *verdict = judging->verdict;
    verdict->kind = VERDICT_CARD;
    verdict->invoice = judging->invoice;
    verdict->partner = judging->partner;
    verdict->merchant = judging->merchant;
    verdict->confirmed_domain = g_strdup(judging->mail->sender.vouched_domain);
    verdict_add(verdict, VERDICT_VERIFIED, "Sender confirmed: signed by %s for %s; the merchant %s is verified%s%s.",
        or_unknown(verdict->confirmed_domain), judging->partner->name, judging->merchant->legal_name,
        judging->merchant->verified_by == NULL ? "" : " by ",
        judging->merchant->verified_by == NULL ? "" : judging->merchant->verified_by);
    if (judging->partner->state == PARTNER_TEST || judging->merchant->state == PARTNER_TEST)
        verdict_add(verdict, VERDICT_TEST_MODE, "%s is in test mode: no money moves.", judging->partner->name);
    compare_payee(judging);
    add_warnings(verdict, judging->invoice, NULL);
    if (judging->claimed != judging->invoice)
        add_warnings(verdict, judging->claimed, judging->invoice);
}

Verdict *trust_judge(const TrustCase *trust_case)
{
    static bool (*const questions[])(Judging *) = { ask_policy, ask_readable, ask_invoice, ask_sender, ask_which,
        ask_partner, ask_signature, ask_merchant, ask_kind, ask_amount, ask_sources, ask_checks };
    TrustCase mail = *trust_case;
    if (mail.recipient == NULL)
        mail.recipient = ""; /* nobody's mailbox: in no list, in no audience */
    Judging judging = { .mail = &mail, .verdict = verdict_new() };
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
        if (!questions[i](&judging))
            return judging.verdict;
    make_card(&judging);
    return judging.verdict;
}
