/* Several sources of one mail that speak of the same invoice become one (formats.md, "Rank").
 *
 * Candidates → copies dropped → groups (by number; what has none, where nothing leaves a doubt) → one invoice each: the
 * highest rank wins, takes over what it lacks, and says in a check where the others tell a fact otherwise. Nothing here
 * depends on the order of the sources, but for the choice between two of one rank. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "invoice/invoice.h"
#include "limits.h"
#include "members.h"

typedef struct Candidate {
    Invoice *invoice; /* owned */
    unsigned place;   /* in the mail */
    char *number;     /* normalised; NULL where there is none */
    char *digest;     /* of all it says, once asked for */
} Candidate;

static void candidate_free(void *data)
{
    Candidate *candidate = data;
    invoice_free(candidate->invoice);
    g_free(candidate->number);
    g_free(candidate->digest);
    g_free(candidate);
}

static GPtrArray *take_candidates(GPtrArray *invoices)
{
    GPtrArray *candidates = g_ptr_array_new_with_free_func(candidate_free);
    gsize count;
    g_autofree gpointer *all = g_ptr_array_steal(invoices, &count);
    for (gsize i = 0; i < count; i++) {
        Candidate *candidate = g_new0(Candidate, 1);
        candidate->invoice = all[i];
        candidate->place = (unsigned)i;
        candidate->number = invoice_identity_number(candidate->invoice);
        if (*candidate->number == '\0')
            g_clear_pointer(&candidate->number, g_free);
        g_ptr_array_add(candidates, candidate);
    }
    return candidates;
}

/* ---- Copies ------------------------------------------------------------------------------------------------------ */

/* Of everything but where it was read. */
static const char *digest_of(Candidate *candidate)
{
    if (candidate->digest != NULL)
        return candidate->digest;
    JSON_AUTO *json = invoice_to_json(candidate->invoice);
    json_object_del(json, "origin");
    json_object_del(json, "forwarded");
    g_autofree char *text = json_write(json);
    candidate->digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return candidate->digest;
}

static bool are_copies(Candidate *left, Candidate *right)
{
    return left->invoice->source == right->invoice->source && g_strcmp0(left->number, right->number) == 0
        && money_equal(left->invoice->amount_due, right->invoice->amount_due)
        && left->invoice->line_count == right->invoice->line_count && strcmp(digest_of(left), digest_of(right)) == 0;
}

/* The first one stays; of one in a forwarded message and one outside of it, the outer one. */
static void drop_copies(GPtrArray *candidates)
{
    for (unsigned i = 0; i < candidates->len; i++)
        for (unsigned j = candidates->len - 1; j > i; j--) {
            Candidate *left = candidates->pdata[i], *right = candidates->pdata[j];
            if (!are_copies(left, right))
                continue;
            if (left->invoice->is_forwarded && !right->invoice->is_forwarded)
                left->invoice->is_forwarded = false;
            g_ptr_array_remove_index(candidates, j);
        }
}

/* ---- Groups ------------------------------------------------------------------------------------------------------ */

typedef GPtrArray Group; /* Candidate, borrowed */

static void group_free(void *group)
{
    g_ptr_array_unref(group);
}

static Group *add_group(GPtrArray *groups, Candidate *first)
{
    Group *group = g_ptr_array_new();
    g_ptr_array_add(group, first);
    g_ptr_array_add(groups, group);
    return group;
}

static bool same_text(const char *left, const char *right)
{
    return g_ascii_strcasecmp(left == NULL ? "" : left, right == NULL ? "" : right) == 0;
}

/* Two payment actions can become one where they lead to the same place and no two signatures would have to. */
static bool have_one_action(const Invoice *left, const Invoice *right)
{
    const InvoiceAction *one = left->action, *other = right->action;
    if (one == NULL || other == NULL)
        return true;
    return same_text(one->originator, other->originator) && same_text(one->merchant_id, other->merchant_id)
        && same_text(one->display_id, other->display_id)
        && (left->signed_request == NULL || right->signed_request == NULL
            || strcmp(left->signed_request, right->signed_request) == 0);
}

static bool agree(const Invoice *left, const Invoice *right)
{
    for (unsigned fact = 0; fact < INVOICE_FACT_COUNT; fact++)
        if (invoice_disagrees(left, right, (InvoiceFact)fact, NULL, NULL))
            return false;
    return have_one_action(left, right);
}

/* A signed request that leads nowhere is to be named by itself (trust), never hidden behind another source. */
static bool stands_alone(const Invoice *invoice)
{
    return invoice->source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST && invoice->action == NULL;
}

static Group *find_by_number(const GPtrArray *groups, const Candidate *candidate)
{
    for (unsigned i = 0; i < groups->len; i++) {
        const Candidate *first = g_ptr_array_index((const Group *)groups->pdata[i], 0);
        if (!stands_alone(first->invoice) && g_strcmp0(first->number, candidate->number) == 0
            && first->invoice->is_forwarded == candidate->invoice->is_forwarded)
            return groups->pdata[i];
    }
    return NULL;
}

static void group_by_number(const GPtrArray *candidates, GPtrArray *groups)
{
    for (unsigned i = 0; i < candidates->len; i++) {
        Candidate *candidate = candidates->pdata[i];
        if (candidate->number == NULL)
            continue;
        Group *group = stands_alone(candidate->invoice) ? NULL : find_by_number(groups, candidate);
        if (group != NULL)
            g_ptr_array_add(group, candidate);
        else
            add_group(groups, candidate);
    }
}

static bool has_two_actions(const Group *group)
{
    for (unsigned i = 0; i < group->len; i++)
        for (unsigned j = i + 1; j < group->len; j++)
            if (!have_one_action(((Candidate *)group->pdata[i])->invoice, ((Candidate *)group->pdata[j])->invoice))
                return true;
    return false;
}

/* Where one invoice is to be paid in two ways, who judges it has to see each of them as it came. */
static void part_actions(GPtrArray *groups)
{
    unsigned count = groups->len;
    for (unsigned g = 0; g < count; g++) {
        Group *group = groups->pdata[g];
        if (!has_two_actions(group))
            continue;
        for (unsigned i = group->len; i-- > 0 && group->len > 1;) {
            Candidate *candidate = group->pdata[i];
            if (candidate->invoice->action == NULL)
                continue;
            g_ptr_array_remove_index(group, i);
            add_group(groups, candidate);
        }
    }
}

/* ---- What has no number ------------------------------------------------------------------------------------------ */

/* Two of one kind of source are two invoices, as far as anybody can tell. */
static bool can_be_one(const Invoice *left, const Invoice *right)
{
    return left->source != right->source && left->is_forwarded == right->is_forwarded && !stands_alone(left)
        && !stands_alone(right) && agree(left, right);
}

static bool can_join(const Candidate *candidate, const Group *group)
{
    bool same_amount = false;
    for (unsigned i = 0; i < group->len; i++) {
        const Invoice *member = ((const Candidate *)group->pdata[i])->invoice;
        if (!can_be_one(candidate->invoice, member))
            return false;
        same_amount |= !money_is_none(member->amount_due) && money_equal(candidate->invoice->amount_due, member->amount_due);
    }
    return same_amount;
}

/* The one group that it can belong to; NULL where there is none or more than one. */
static Group *find_home(const Candidate *candidate, const GPtrArray *groups)
{
    Group *home = NULL;
    for (unsigned i = 0; i < groups->len; i++)
        if (can_join(candidate, groups->pdata[i])) {
            if (home != NULL)
                return NULL;
            home = groups->pdata[i];
        }
    return home;
}

/* True where all that go to one place can be one invoice with each other too. */
static bool fit_together(const GPtrArray *candidates, Group *const *homes, const Group *home)
{
    for (unsigned i = 0; i < candidates->len; i++)
        for (unsigned j = i + 1; j < candidates->len; j++)
            if (homes[i] == home && homes[j] == home
                && !can_be_one(((Candidate *)candidates->pdata[i])->invoice, ((Candidate *)candidates->pdata[j])->invoice))
                return false;
    return true;
}

static void close_home(Group **homes, unsigned count, const Group *home)
{
    for (unsigned i = 0; i < count; i++)
        if (homes[i] == home)
            homes[i] = NULL;
}

/* Homes are chosen for all before anyone moves in, so that the order of the mail does not matter. */
static void join_numbered(GPtrArray *unnumbered, GPtrArray *groups)
{
    unsigned count = unnumbered->len;
    g_autofree Group **homes = g_new0(Group *, count);
    for (unsigned i = 0; i < count; i++)
        homes[i] = find_home(unnumbered->pdata[i], groups);
    for (unsigned g = 0; g < groups->len; g++)
        if (!fit_together(unnumbered, homes, groups->pdata[g]))
            close_home(homes, count, groups->pdata[g]);
    for (unsigned i = count; i-- > 0;)
        if (homes[i] != NULL)
            g_ptr_array_add(homes[i], g_ptr_array_remove_index(unnumbered, i));
}

/* Takes all of the same amount as the first one out of the list. */
static Group *take_same_amount(GPtrArray *unnumbered)
{
    Group *group = g_ptr_array_new();
    const Invoice *first = ((Candidate *)unnumbered->pdata[0])->invoice;
    Money amount = first->amount_due;
    for (unsigned i = 0; i < unnumbered->len;) {
        const Invoice *other = ((Candidate *)unnumbered->pdata[i])->invoice;
        if (money_equal(amount, other->amount_due) && first->is_forwarded == other->is_forwarded)
            g_ptr_array_add(group, g_ptr_array_remove_index(unnumbered, i));
        else
            i++;
    }
    return group;
}

static bool is_one_invoice(const Group *group)
{
    if (money_is_none(((Candidate *)group->pdata[0])->invoice->amount_due))
        return false;
    for (unsigned i = 0; i < group->len; i++)
        for (unsigned j = i + 1; j < group->len; j++)
            if (!can_be_one(((Candidate *)group->pdata[i])->invoice, ((Candidate *)group->pdata[j])->invoice))
                return false;
    return true;
}

/* All of the same amount become one, or none do. */
static void join_unnumbered(GPtrArray *unnumbered, GPtrArray *groups)
{
    while (unnumbered->len > 0) {
        g_autoptr(GPtrArray) group = take_same_amount(unnumbered);
        if (is_one_invoice(group))
            g_ptr_array_add(groups, g_steal_pointer(&group));
        else
            for (unsigned i = 0; i < group->len; i++)
                add_group(groups, group->pdata[i]);
    }
}

static GPtrArray *form_groups(const GPtrArray *candidates)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    g_autoptr(GPtrArray) unnumbered = g_ptr_array_new();
    for (unsigned i = 0; i < candidates->len; i++)
        if (((Candidate *)candidates->pdata[i])->number == NULL)
            g_ptr_array_add(unnumbered, candidates->pdata[i]);
    group_by_number(candidates, groups);
    part_actions(groups);
    join_numbered(unnumbered, groups);
    join_unnumbered(unnumbered, groups);
    return groups;
}

/* ---- Disagreements ----------------------------------------------------------------------------------------------- */

/* "faktura.xml (xml)", "the mail itself (json-ld)" */
static char *place_text(const Invoice *invoice)
{
    enum { ORIGIN_CHARACTERS_MAX = 80 };
    g_autofree char *origin
        = invoice->origin == NULL ? g_strdup("the mail itself") : text_clean(span_of(invoice->origin), ORIGIN_CHARACTERS_MAX);
    return g_strdup_printf("%s (%s)", origin, invoice_source_name(invoice->source));
}

/* False where the two disagree in the fact; then the check is added to the winner. */
static bool compare_fact(Invoice *winner, const Invoice *told, const Invoice *other, InvoiceFact fact)
{
    g_autofree char *left = NULL, *right = NULL;
    if (!invoice_disagrees(told, other, fact, &left, &right))
        return true;
    g_autofree char *told_place = place_text(told), *other_place = place_text(other);
    g_autofree char *raw
        = g_strdup_printf("The %s of this invoice is told in two ways: %s in %s, %s in %s. Ask which one is right.",
            invoice_fact_name(fact), left, told_place, right, other_place);
    g_autofree char *text = text_clean(span_of(raw), INVOICE_TEXT_MAX);
    invoice_add_check(winner, "sources", INVOICE_HOLD, text);
    return false;
}

/* Each source against the first one that states the fact. */
static bool agrees_with_all_before(Invoice *winner, const Group *group, unsigned index)
{
    const Invoice *other = ((const Candidate *)group->pdata[index])->invoice;
    bool agrees = true;
    for (unsigned fact = 0; fact < INVOICE_FACT_COUNT; fact++) {
        unsigned first = 0;
        while (first < index && !invoice_states(((const Candidate *)group->pdata[first])->invoice, (InvoiceFact)fact))
            first++;
        if (first < index)
            agrees &= compare_fact(winner, ((const Candidate *)group->pdata[first])->invoice, other, (InvoiceFact)fact);
    }
    return agrees;
}

static void name_agreeing(Invoice *winner, const Invoice *other)
{
    const char *name = invoice_source_name(other->source);
    if (!g_ptr_array_find_with_equal_func(winner->agreeing, name, g_str_equal, NULL))
        invoice_list_add_text(winner, offsetof(Invoice, agreeing), g_strdup(name));
}

/* ---- Taking over what the winner lacks --------------------------------------------------------------------------- */

static bool is_signed(const Invoice *invoice)
{
    return invoice->source == INVOICE_SOURCE_SIGNED_XML || invoice->source == INVOICE_SOURCE_SIGNED_ACTION_REQUEST;
}

static bool is_in(size_t offset, const size_t *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (offsets[i] == offset)
            return true;
    return false;
}

/* What belongs to one source as such. */
static const size_t own_members[] = { offsetof(Invoice, format), offsetof(Invoice, origin), offsetof(Invoice, profile),
    offsetof(Invoice, currency_text), offsetof(Invoice, signed_request), offsetof(Invoice, is_forwarded),
    offsetof(Invoice, agreeing) };

/* What says who is to be paid, how much and where: what is signed says it, or nobody does. */
static const size_t vouched_members[] = { offsetof(Invoice, number), offsetof(Invoice, due_date), offsetof(Invoice, due_dates),
    offsetof(Invoice, means_code), offsetof(Invoice, accounts), offsetof(Invoice, remittance) };

static bool may_be_taken(const Invoice *winner, const Invoice *other, size_t offset)
{
    bool is_vouched = is_in(offset, vouched_members, G_N_ELEMENTS(vouched_members));
    return !is_in(offset, own_members, G_N_ELEMENTS(own_members)) && !(is_vouched && is_signed(winner) && !is_signed(other));
}

static void take_text(void *to, void *from, const Member *member)
{
    char **own = (char **)((char *)to + member->offset), **others = (char **)((char *)from + member->offset);
    if (*own == NULL)
        *own = g_steal_pointer(others);
}

static void take_members(Invoice *winner, Invoice *other)
{
    for (const Member *member = invoice_members; member->key != NULL; member++) {
        if (!may_be_taken(winner, other, member->offset))
            continue;
        if (member->kind == MEMBER_FLAG)
            *(bool *)((char *)winner + member->offset) |= *(bool *)((char *)other + member->offset);
        else
            take_text(winner, other, member);
    }
}

static void take_lists(Invoice *winner, Invoice *other)
{
    for (const MemberList *list = invoice_lists; list->key != NULL; list++) {
        GPtrArray **own = (GPtrArray **)((char *)winner + list->offset), **others = (GPtrArray **)((char *)other + list->offset);
        if ((*own)->len > 0 || !may_be_taken(winner, other, list->offset))
            continue;
        GPtrArray *empty = *own;
        *own = *others;
        *others = empty;
    }
    winner->line_count = MAX(winner->line_count, winner->lines->len > 0 ? other->line_count : 0);
}

static void take_parties(Invoice *winner, Invoice *other)
{
    if (is_signed(winner) && !is_signed(other))
        return;
    InvoiceParty *own[] = { &winner->seller, &winner->broker, &winner->buyer, &winner->payee };
    InvoiceParty *others[] = { &other->seller, &other->broker, &other->buyer, &other->payee };
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        for (const Member *member = party_members; member->key != NULL; member++)
            take_text(own[i], others[i], member);
}

/* An amount that was written and could not be read is not lacking. */
static void take_amounts(Invoice *winner, const Invoice *other)
{
    if (winner->currency_text != NULL || (is_signed(winner) && !is_signed(other)))
        return;
    if (!winner->totals.with_vat.is_known && !winner->totals.due.is_known && !winner->totals.lines.is_known)
        winner->totals = other->totals;
    if (money_is_none(winner->amount_due))
        winner->amount_due = other->amount_due;
    if (money_is_none(winner->total))
        winner->total = other->total;
}

/* That nothing is left to pay counts, whoever says it. */
static void take_status(Invoice *winner, const Invoice *other)
{
    bool nothing_to_pay = other->status == INVOICE_STATUS_COMPLETE || other->status == INVOICE_STATUS_AUTOMATIC;
    bool is_settled = winner->status == INVOICE_STATUS_COMPLETE || winner->status == INVOICE_STATUS_AUTOMATIC;
    if (winner->status == INVOICE_STATUS_UNSTATED || (nothing_to_pay && !is_settled))
        winner->status = other->status;
}

/* The action and the signed request that it stands in go together: a signature vouches for its own action only. */
static void take_action(Invoice *winner, Invoice *other)
{
    if (winner->action == NULL && other->action != NULL) {
        winner->action = g_steal_pointer(&other->action);
        GPtrArray *empty = winner->other_actions;
        winner->other_actions = other->other_actions;
        other->other_actions = empty;
        g_free(winner->signed_request);
        winner->signed_request = g_steal_pointer(&other->signed_request);
    } else if (winner->action == NULL && winner->signed_request == NULL) {
        winner->signed_request = g_steal_pointer(&other->signed_request);
    }
}

/* ---- Checks ------------------------------------------------------------------------------------------------------ */

/* These only say what one source lacks by itself; the others have it, or the winner's own check says that nobody does. */
static bool is_about_one_source(const Invoice *invoice, const InvoiceCheck *check)
{
    static const char *const rules[] = { "number", "seller", "amount", "signed-card", NULL };
    return g_strv_contains(rules, check->rule) || (strcmp(check->rule, "action") == 0 && invoice->action == NULL);
}

static bool has_check(const Invoice *invoice, const InvoiceCheck *check)
{
    for (unsigned i = 0; i < invoice->checks->len; i++) {
        const InvoiceCheck *own = invoice->checks->pdata[i];
        if (strcmp(own->rule, check->rule) == 0 && strcmp(own->text, check->text) == 0 && own->severity >= check->severity)
            return true;
    }
    return false;
}

static void take_checks(Invoice *winner, const Invoice *other)
{
    for (unsigned i = 0; i < other->checks->len; i++) {
        const InvoiceCheck *check = other->checks->pdata[i];
        if (!is_about_one_source(other, check) && !has_check(winner, check))
            invoice_add_check(winner, check->rule, check->severity, check->text);
    }
}

static void drop_checks(Invoice *invoice, const char *rule)
{
    for (unsigned i = invoice->checks->len; i-- > 0;)
        if (strcmp(((InvoiceCheck *)invoice->checks->pdata[i])->rule, rule) == 0)
            g_ptr_array_remove_index(invoice->checks, i);
}

/* ---- One invoice of each group ----------------------------------------------------------------------------------- */

static int compare_rank(const void *left, const void *right)
{
    const Candidate *one = *(const Candidate *const *)left, *other = *(const Candidate *const *)right;
    if (one->invoice->source != other->invoice->source)
        return one->invoice->source > other->invoice->source ? -1 : 1;
    return one->place < other->place ? -1 : 1;
}

static void take_over(Invoice *winner, Invoice *other)
{
    bool had_number = winner->number != NULL, had_seller = winner->seller.name != NULL;
    take_checks(winner, other);
    take_action(winner, other);
    take_members(winner, other);
    take_lists(winner, other);
    take_parties(winner, other);
    take_amounts(winner, other);
    take_status(winner, other);
    if (!had_number && winner->number != NULL)
        drop_checks(winner, "number");
    if (!had_seller && winner->seller.name != NULL)
        drop_checks(winner, "seller");
}

/* The winner's place in the mail becomes that of the first of the group. */
static Candidate *unite(Group *group)
{
    g_ptr_array_sort(group, compare_rank);
    Candidate *winner = group->pdata[0];
    for (unsigned i = 1; i < group->len; i++)
        if (agrees_with_all_before(winner->invoice, group, i))
            name_agreeing(winner->invoice, ((Candidate *)group->pdata[i])->invoice);
    for (unsigned i = 1; i < group->len; i++) {
        Candidate *other = group->pdata[i];
        take_over(winner->invoice, other->invoice);
        winner->place = MIN(winner->place, other->place);
    }
    return winner;
}

static int compare_place(const void *left, const void *right)
{
    const Candidate *one = *(const Candidate *const *)left, *other = *(const Candidate *const *)right;
    return one->place < other->place ? -1 : 1;
}

void invoice_merge(GPtrArray *invoices)
{
    if (invoices->len < 2)
        return;
    g_autoptr(GPtrArray) candidates = take_candidates(invoices);
    drop_copies(candidates);
    g_autoptr(GPtrArray) groups = form_groups(candidates);
    g_autoptr(GPtrArray) winners = g_ptr_array_new();
    for (unsigned i = 0; i < groups->len; i++)
        g_ptr_array_add(winners, unite(groups->pdata[i]));
    g_ptr_array_sort(winners, compare_place);
    for (unsigned i = 0; i < winners->len; i++)
        g_ptr_array_add(invoices, g_steal_pointer(&((Candidate *)winners->pdata[i])->invoice));
}
