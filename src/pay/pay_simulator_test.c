/* Thousands of random worlds around the real rules: pay_decide, pay_open and pay_courier_carry run unchanged; clock,
 * disk and network are this file's.
 *
 * In each world one invoice is paid by an impatient payer through an engine that crashes, over a network that loses,
 * delays and doubles, at a biller and a processor that are down for hours or days, whose books lag, and that forget
 * idempotency keys after 24 hours. A biller here charges whatever it is asked to: only our rules prevent a second charge.
 *
 * At the end of each world: never two charges, never paid but lost, never claimed but unpaid, everything final, the ledger
 * at the position of its states, one receipt per paid payment. Each mutation (a rule left out) must break some world.
 *
 *   SIMULATOR_SEED=n    plays world n alone and tells every step
 *   SIMULATOR_WORLDS=n  how many worlds (20000)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pay/courier.h"

typedef enum Mutation {
    MUTATION_NONE,
    MUTATION_NO_KEY_AGE_CHECK,   /* [PAY-008] left out */
    MUTATION_NEW_KEY_PER_TRY,    /* [PAY-003] left out */
    MUTATION_TIMEOUT_IS_FAILURE, /* [PAY-007] left out */
    MUTATION_SENT_NOT_DURABLE,   /* [PAY-005] left out */
    MUTATION_MESSAGE_IS_IDENTITY, /* [PAY-002] left out */
    MUTATION_PAY_WHILE_UNKNOWN,  /* [PAY-009] left out */
    MUTATION_COUNT,
} Mutation;

static const char *const mutation_names[MUTATION_COUNT] = { "none", "no key-age check at send", "new key per try",
    "timeout = failure", "no durable SENT mark", "message as identity", "new payment while unknown" };

enum { PAYMENTS_MAX = 24, TOKENS_MAX = 128, WORK_ROWS_MAX = 4096, PLANS_MAX = 256, OUTAGES_MAX = 4 };
#define FOREVER INT64_MAX
#define KEY_MEMORY_US (24 * US_PER_HOUR)
#define WORLD_END_US (40 * US_PER_DAY)
#define CHALLENGE_US US_PER_HOUR

/* ---- The world ------------------------------------------------------------------------------------------------- */

typedef enum TokenState { TOKEN_FRESH, TOKEN_CHALLENGE, TOKEN_CHARGED, TOKEN_DECLINED, TOKEN_EXPIRED } TokenState;

/* The processor's and the biller's row of one key; what a key led to is one token. */
typedef struct Token {
    char key[64];
    char complete_key[64]; /* the biller's Idempotency-Key that it was charged under, "" before */
    int payment;
    TokenState state;
    TokenState behaviour;  /* what becomes of a charge: CHARGED, DECLINED, CHALLENGE */
    int64_t born_us, completed_us, visible_us, challenge_ends_us;
} Token;

typedef enum PlanKind { PLAN_CLICK, PLAN_DELIVER, PLAN_CONFIRM, PLAN_WEBHOOK_SUCCESS, PLAN_WEBHOOK_DECLINE, PLAN_RETURN, PLAN_CRASH, PLAN_PERSON } PlanKind;
typedef struct Plan {
    int64_t at_us;
    PlanKind kind;
    int payment, token;
    char key[64];
} Plan;

typedef struct WorkRow {
    int payment;
    PayWork work;
    int64_t due_us;
    int tries;
    bool done;
} WorkRow;

typedef struct Outage { int64_t from_us, to_us; bool biller; } Outage;

typedef struct World {
    uint64_t random;
    Mutation mutation;
    bool tell;
    int64_t now_us, restart_us; /* restart_us: FOREVER while the engine runs */
    bool dead;                  /* the engine died in the middle of an errand */
    int worst;                  /* 0..2: how bad this world is */
    bool asks_code;             /* this processor declines without a security code */
    Payment *payments[PAYMENTS_MAX];   /* durable */
    int identity[PAYMENTS_MAX];        /* which invoice each is for, as the engine sees it */
    int64_t code_until_us[PAYMENTS_MAX];
    int64_t positions[PAYMENTS_MAX];   /* sum of postings to payer:card */
    int receipts[PAYMENTS_MAX];
    int payment_count;
    Token tokens[TOKENS_MAX];
    int token_count;
    WorkRow rows[WORK_ROWS_MAX];
    int row_count;
    Plan plans[PLANS_MAX];
    int plan_count;
    Outage outages[OUTAGES_MAX];
    int outage_count;
    int tries;
    int carried;      /* payment of the errand that is under way */
    Payment *volatile_sent; /* MUTATION_SENT_NOT_DURABLE: SENT in memory alone */
    unsigned long crashes, lost, charges;
    char trouble[200];
} World;

static uint64_t roll(World *world) /* splitmix64 */
{
    uint64_t z = (world->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool chance(World *world, unsigned per_thousand)
{
    return roll(world) % 1000 < per_thousand;
}

static int64_t between(World *world, int64_t from, int64_t to)
{
    return from + (int64_t)(roll(world) % (uint64_t)(to - from + 1));
}

static void tell(const World *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(const World *world, const char *format, ...)
{
    if (!world->tell)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    printf("# %10.3f h  %s\n", (double)world->now_us / (double)US_PER_HOUR, text);
}

static void blame(World *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void blame(World *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (world->trouble[0] == '\0')
        g_vsnprintf(world->trouble, sizeof world->trouble, format, arguments);
    va_end(arguments);
}

static void plan(World *world, PlanKind kind, int64_t at_us, int payment, int token, const char *key)
{
    if (world->plan_count == PLANS_MAX)
        return;
    Plan *next = &world->plans[world->plan_count++];
    *next = (Plan){ .at_us = at_us, .kind = kind, .payment = payment, .token = token };
    if (key != NULL)
        g_strlcpy(next->key, key, sizeof next->key);
}

static bool is_down(const World *world, bool biller)
{
    for (int i = 0; i < world->outage_count; i++)
        if (world->outages[i].biller == biller && world->outages[i].from_us <= world->now_us
            && world->now_us < world->outages[i].to_us)
            return true;
    return false;
}

/* Crashes per thousand steps. */
static unsigned fragility(const World *world)
{
    return 5 + 25 * (unsigned)world->worst;
}

static void die(World *world, const char *where)
{
    static const int64_t downtimes[] = { 10 * US_PER_SECOND, 3 * US_PER_MINUTE, 7 * US_PER_HOUR, 2 * US_PER_DAY };
    world->dead = true;
    world->crashes++;
    unsigned kind = (unsigned)(roll(world) % 20);
    world->restart_us = world->now_us + downtimes[kind < 9 ? 0 : kind < 12 ? 1 : kind < 16 ? 2 : 3];
    tell(world, "engine dies %s, back at %.3f h", where, (double)world->restart_us / (double)US_PER_HOUR);
}

/* ---- The processor and the biller -------------------------------------------------------------------------------- */

static Token *find_token(World *world, const char *key)
{
    for (int i = world->token_count - 1; i >= 0; i--)
        if (strcmp(world->tokens[i].key, key) == 0 && world->now_us - world->tokens[i].born_us < KEY_MEMORY_US)
            return &world->tokens[i];
    return NULL;
}

static Token *find_completed(World *world, const char *complete_key)
{
    for (int i = world->token_count - 1; i >= 0; i--)
        if (strcmp(world->tokens[i].complete_key, complete_key) == 0
            && world->now_us - world->tokens[i].completed_us < KEY_MEMORY_US)
            return &world->tokens[i];
    return NULL;
}

static Token *processor_mint(World *world, int payment, const char *key)
{
    Token *token = find_token(world, key);
    if (token != NULL)
        return token;
    if (world->token_count == TOKENS_MAX)
        return NULL;
    token = &world->tokens[world->token_count++];
    *token = (Token){ .payment = payment, .born_us = world->now_us, .visible_us = world->now_us };
    g_strlcpy(token->key, key, sizeof token->key);
    bool has_code = !world->asks_code || world->code_until_us[payment] > world->now_us;
    token->state = !has_code || chance(world, 60) ? TOKEN_DECLINED : TOKEN_FRESH;
    token->behaviour = chance(world, 100) ? TOKEN_DECLINED : chance(world, 150) ? TOKEN_CHALLENGE : TOKEN_CHARGED;
    tell(world, "processor: key %s → %s", key, token->state == TOKEN_FRESH ? "token" : "declined");
    return token;
}

static void charge(World *world, Token *token)
{
    token->state = TOKEN_CHARGED;
    world->charges++;
    token->visible_us = world->now_us + (chance(world, 700 - 250 * (unsigned)world->worst) ? 0 : between(world, 0, world->worst * 8 * US_PER_HOUR + US_PER_MINUTE));
    tell(world, "CHARGED payment %d", token->payment);
    for (int i = 0; i < 2; i++)
        if (chance(world, 200))
            plan(world, PLAN_WEBHOOK_SUCCESS, world->now_us + between(world, 0, 30 * US_PER_HOUR), token->payment, 0, NULL);
}

/* The biller charges what it is asked to; the same key gets the same token's fate. */
static Token *biller_complete(World *world, const char *complete_key, int token_index)
{
    Token *known = find_completed(world, complete_key);
    if (known != NULL)
        return known;
    Token *token = &world->tokens[token_index];
    g_strlcpy(token->complete_key, complete_key, sizeof token->complete_key);
    token->completed_us = world->now_us;
    if (token->state != TOKEN_FRESH)
        return token;
    if (token->behaviour == TOKEN_CHARGED) {
        charge(world, token);
    } else if (token->behaviour == TOKEN_CHALLENGE) {
        token->state = TOKEN_CHALLENGE;
        token->challenge_ends_us = world->now_us + CHALLENGE_US;
        if (chance(world, 700))
            plan(world, PLAN_CONFIRM, world->now_us + between(world, 10 * US_PER_SECOND, 50 * US_PER_MINUTE), token->payment,
                token_index, NULL);
    } else {
        token->state = TOKEN_DECLINED;
        if (chance(world, 300))
            plan(world, PLAN_WEBHOOK_DECLINE, world->now_us + between(world, 0, 2 * US_PER_HOUR), token->payment, 0, NULL);
    }
    return token;
}

static PayReply reply_of(const World *world, Token *token, PayAnswer *answer)
{
    if (token->state == TOKEN_CHALLENGE && token->challenge_ends_us <= world->now_us)
        token->state = TOKEN_EXPIRED;
    answer->code = token->state == TOKEN_DECLINED ? g_strdup("card_declined") : NULL;
    answer->biller_ref = token->state == TOKEN_CHARGED ? g_strdup("C-1") : NULL;
    switch (token->state) {
    case TOKEN_CHARGED: return PAY_REPLY_YES;
    case TOKEN_DECLINED: return PAY_REPLY_NO;
    case TOKEN_EXPIRED: return PAY_REPLY_EXPIRED;
    case TOKEN_CHALLENGE: return PAY_REPLY_ACTION;
    case TOKEN_FRESH: return PAY_REPLY_NOTHING;
    }
    g_assert_not_reached();
}

/* ---- The network -------------------------------------------------------------------------------------------------- */

typedef enum Fate { FATE_REFUSED, FATE_LOST_BEFORE, FATE_DELAYED, FATE_DONE_AND_LOST, FATE_DOUBLED, FATE_FINE } Fate;

static Fate fate_of_call(World *world, bool biller)
{
    if (world->dead || (chance(world, fragility(world)) && (die(world, "before a call"), true)))
        return FATE_LOST_BEFORE;
    world->now_us += between(world, US_PER_SECOND / 10, 2 * US_PER_SECOND);
    if (is_down(world, biller))
        return FATE_REFUSED;
    unsigned trouble = 60 + 140 * (unsigned)world->worst;
    if (!chance(world, trouble))
        return chance(world, 30) ? FATE_DOUBLED : FATE_FINE;
    Fate fate = (Fate)(roll(world) % 4);
    if (fate != FATE_REFUSED) {
        world->lost++;
        world->now_us += 30 * US_PER_SECOND;
    }
    return fate;
}

/* After the other side did its part. */
static bool answer_arrives(World *world, Fate fate)
{
    if (fate == FATE_DONE_AND_LOST)
        return false;
    if (!world->dead && chance(world, fragility(world)))
        die(world, "before reading an answer");
    return !world->dead;
}

/* ---- The courier's outside ------------------------------------------------------------------------------------------ */

static int64_t outside_now(void *context)
{
    return ((World *)context)->now_us;
}

static Payment *copy_payment(const Payment *payment)
{
    Payment *copy = payment_new();
    *copy = *payment;
    copy->payee = copy->invoice_number = copy->request_id = copy->processor_ref = copy->biller_ref = NULL;
    copy->reason_code = copy->reason_text = copy->action_url = NULL;
    return copy;
}

static bool outside_load(void *context, Payment **ret_payment)
{
    World *world = context;
    if (world->dead)
        return false;
    *ret_payment = copy_payment(world->payments[world->carried]);
    return true;
}

static void add_row(World *world, int payment, PayWork work, int64_t due_us)
{
    g_assert(world->row_count < WORK_ROWS_MAX);
    world->rows[world->row_count++] = (WorkRow){ .payment = payment, .work = work, .due_us = due_us };
}

/* What one commit of the store writes: state, postings, outbox [PAY-004]. */
static void apply(World *world, int index, const PayDecision *decision, bool opens)
{
    Payment *payment = world->payments[index];
    int64_t sum = 0;
    for (size_t i = 0; i < decision->posting_count; i++) {
        sum += decision->postings[i].amount.minor;
        if (strcmp(decision->postings[i].account, "payer:card") == 0)
            world->positions[index] += decision->postings[i].amount.minor;
    }
    g_assert_cmpint(sum, ==, 0); /* [PAY-012] */
    for (size_t i = 0; i < decision->work_count; i++)
        add_row(world, index, decision->work[i].work, decision->work[i].due_us);
    if (opens)
        return;
    if (payment->state != decision->next)
        tell(world, "payment %d: %s → %s%s%s", index, pay_state_name(payment->state), pay_state_name(decision->next),
            decision->alarm != NULL ? "  ALARM: " : "", decision->alarm != NULL ? decision->alarm : "");
    if (decision->next == PAY_MANUAL && payment->state != PAY_MANUAL)
        plan(world, PLAN_PERSON, world->now_us + US_PER_DAY, index, 0, NULL);
    payment->state = decision->next;
    payment->key_born_us = decision->key_born_us;
    payment->next_check_us = decision->next_check_us;
    payment->checks = decision->checks;
    payment->negative_lookups = decision->negative_lookups;
    payment->updated_us = world->now_us;
}

static bool decide(World *world, int index, const PayEvent *event, PayDecision *ret_decision)
{
    g_autoptr(Payment) seen = copy_payment(world->payments[index]);
    if (world->mutation == MUTATION_NO_KEY_AGE_CHECK && event->kind == PAY_EVENT_SEND && seen->state == PAY_RETRY)
        seen->key_born_us = world->now_us;
    return pay_decide(seen, event, world->now_us, ret_decision, NULL);
}

/* The row says INTENT while the request goes out; a crash forgets that it ever did. */
static PayCommit send_without_trace(World *world, const PayDecision *decision, Payment **ret_payment)
{
    *ret_payment = copy_payment(world->payments[world->carried]);
    (*ret_payment)->state = decision->next;
    payment_free(world->volatile_sent);
    world->volatile_sent = copy_payment(*ret_payment);
    world->volatile_sent->key_born_us = decision->key_born_us;
    return PAY_COMMITTED;
}

static PayCommit commit(World *world, int index, const PayEvent *event, Payment **ret_payment)
{
    if (world->dead || (chance(world, fragility(world)) && (die(world, "before a commit"), true)))
        return PAY_COMMIT_CANNOT;
    PayDecision decision;
    if (world->volatile_sent != NULL) { /* the mutant remembers only while it lives */
        world->payments[index]->state = world->volatile_sent->state;
        world->payments[index]->key_born_us = world->volatile_sent->key_born_us;
        g_clear_pointer(&world->volatile_sent, payment_free);
    }
    if (!decide(world, index, event, &decision))
        return PAY_COMMIT_NO_MEANING;
    if (world->mutation == MUTATION_SENT_NOT_DURABLE && event->kind == PAY_EVENT_SEND && decision.next == PAY_SENT)
        return send_without_trace(world, &decision, ret_payment);
    apply(world, index, &decision, false);
    if (chance(world, fragility(world))) {
        die(world, "after a commit");
        return PAY_COMMIT_CANNOT;
    }
    *ret_payment = copy_payment(world->payments[index]);
    return PAY_COMMITTED;
}

static PayCommit outside_commit(void *context, const PayEvent *event, Payment **ret_payment)
{
    World *world = context;
    return commit(world, world->carried, event, ret_payment);
}

/* Every request that asks somebody to act goes by here. */
static void key_for(World *world, const Payment *payment, const char *given, char key[64])
{
    g_snprintf(key, 64, world->mutation == MUTATION_NEW_KEY_PER_TRY ? "%.50s/%d" : "%.50s", given, world->tries++);
    if (world->mutation == MUTATION_NONE && world->now_us - payment->key_born_us > PAY_KEY_WINDOW_US + 5 * US_PER_MINUTE)
        blame(world, "payment %d was sent under a key that is too old", world->carried); /* [PAY-008] */
}

static PayReply outside_mint(void *context, const Payment *payment, const char *given, PayAnswer *answer)
{
    World *world = context;
    char key[64];
    key_for(world, payment, given, key);
    Fate fate = fate_of_call(world, false);
    if (fate == FATE_REFUSED)
        return PAY_REPLY_NOT_SENT;
    if (fate == FATE_LOST_BEFORE || fate == FATE_DELAYED)
        return PAY_REPLY_UNKNOWN;
    Token *token = processor_mint(world, world->carried, key);
    if (token == NULL || !answer_arrives(world, fate))
        return PAY_REPLY_UNKNOWN;
    answer->token = g_strdup_printf("%d", (int)(token - world->tokens));
    bool refused = token->state == TOKEN_DECLINED && token->completed_us == 0;
    answer->code = refused ? g_strdup("incorrect_cvc") : NULL;
    return refused ? PAY_REPLY_NO : PAY_REPLY_YES;
}

static PayReply outside_complete(void *context, const Payment *payment, const char *given, const char *token_text,
    PayAnswer *answer)
{
    World *world = context;
    char key[64];
    key_for(world, payment, given, key);
    int token = atoi(token_text);
    Fate fate = fate_of_call(world, true);
    PayReply lost = world->mutation == MUTATION_TIMEOUT_IS_FAILURE ? PAY_REPLY_NO : PAY_REPLY_UNKNOWN;
    if (fate == FATE_REFUSED)
        return PAY_REPLY_NOT_SENT;
    if (fate == FATE_DELAYED || fate == FATE_DOUBLED)
        plan(world, PLAN_DELIVER, world->now_us + between(world, US_PER_SECOND, 50 * US_PER_MINUTE), world->carried, token, key);
    if (fate == FATE_LOST_BEFORE || fate == FATE_DELAYED)
        return lost;
    Token *charged = biller_complete(world, key, token);
    if (!answer_arrives(world, fate))
        return lost;
    PayReply reply = reply_of(world, charged, answer);
    answer->in_books = reply == PAY_REPLY_YES && chance(world, 500);
    return reply;
}

static bool asked_in_vain(World *world, bool biller)
{
    Fate fate = fate_of_call(world, biller);
    return (fate != FATE_FINE && fate != FATE_DOUBLED) || !answer_arrives(world, fate);
}

static PayReply outside_ask_biller(void *context, const Payment *payment, PayAnswer *answer)
{
    World *world = context;
    (void)payment;
    if (asked_in_vain(world, true))
        return PAY_REPLY_UNKNOWN;
    for (int i = world->token_count - 1; i >= 0; i--) {
        Token *token = &world->tokens[i];
        if (token->payment == world->carried && token->completed_us != 0 && token->visible_us <= world->now_us)
            return reply_of(world, token, answer);
    }
    return PAY_REPLY_NOTHING;
}

static PayReply outside_ask_processor(void *context, const Payment *payment, PayAnswer *answer)
{
    World *world = context;
    (void)payment;
    if (asked_in_vain(world, false))
        return PAY_REPLY_UNKNOWN;
    PayReply reply = PAY_REPLY_NOTHING;
    for (int i = 0; i < world->token_count; i++) {
        Token *token = &world->tokens[i];
        if (token->payment != world->carried || token->visible_us > world->now_us)
            continue;
        if (reply == PAY_REPLY_NOTHING || reply == PAY_REPLY_NO) {
            pay_answer_done(answer);
            reply = reply_of(world, token, answer);
        }
    }
    return reply == PAY_REPLY_ACTION ? PAY_REPLY_NOTHING : reply;
}

static bool invoice_is_charged(const World *world, bool as_shown)
{
    for (int i = 0; i < world->token_count; i++)
        if (world->tokens[i].state == TOKEN_CHARGED && (!as_shown || world->tokens[i].visible_us <= world->now_us))
            return true;
    return false;
}

static PayReply outside_ask_books(void *context, const Payment *payment, PayAnswer *answer)
{
    World *world = context;
    (void)payment;
    (void)answer;
    if (asked_in_vain(world, true))
        return PAY_REPLY_UNKNOWN;
    return invoice_is_charged(world, true) ? PAY_REPLY_YES : PAY_REPLY_NOTHING;
}

/* Nobody pays elsewhere in these worlds. */
static PayReply outside_refund(void *context, const Payment *payment, const char *key, PayAnswer *answer)
{
    World *world = context;
    (void)payment;
    (void)key;
    (void)answer;
    blame(world, "payment %d was to be given back, and nothing was paid twice", world->carried);
    return PAY_REPLY_UNKNOWN;
}

static bool outside_issue_receipt(void *context, const Payment *payment)
{
    World *world = context;
    (void)payment;
    if (!world->dead)
        world->receipts[world->carried] = 1; /* a second issue returns the first */
    return !world->dead;
}

static bool outside_drop_code(void *context, const Payment *payment)
{
    World *world = context;
    (void)payment;
    world->code_until_us[world->carried] = 0;
    return true;
}

/* ---- The payer, the world's plans, the engine --------------------------------------------------------------------------- */

static void tell_payment(World *world, int index, PayEventKind kind)
{
    g_autoptr(Payment) after = NULL;
    commit(world, index, &(PayEvent){ .kind = kind }, &after);
}

/* [PAY-002] the live or paid payment of this invoice, or -1. */
static int find_occupant(const World *world, int identity)
{
    for (int i = 0; i < world->payment_count; i++) {
        PayState state = world->payments[i]->state;
        bool in_the_way = pay_state_is_live(state) || pay_state_is_paid(state);
        if (world->mutation == MUTATION_PAY_WHILE_UNKNOWN && state == PAY_UNKNOWN)
            in_the_way = false;
        if (world->identity[i] == identity && in_the_way)
            return i;
    }
    return -1;
}

static void open_payment(World *world, int identity)
{
    if (world->payment_count == PAYMENTS_MAX)
        return;
    int index = world->payment_count++;
    Payment *payment = payment_new();
    g_snprintf(payment->id.text, sizeof payment->id.text, "payment-%d", index);
    payment->state = PAY_INTENT;
    payment->amount = (Money){ .minor = 5000, .currency = "EUR" };
    payment->created_us = world->now_us;
    world->payments[index] = payment;
    world->identity[index] = identity;
    world->code_until_us[index] = world->now_us + PAY_CODE_WINDOW_US;
    PayDecision decision;
    pay_open(payment, world->now_us, &decision);
    apply(world, index, &decision, true);
    tell(world, "payment %d opened", index);
}

/* *Pay* in any tab, from any copy of the mail; the payer sees the paid state where the books show it [PAY-006]. */
static void click(World *world, int mail)
{
    int identity = world->mutation == MUTATION_MESSAGE_IS_IDENTITY ? mail : 0;
    int occupant = find_occupant(world, identity);
    if (occupant >= 0)
        tell_payment(world, occupant, PAY_EVENT_TIMER);
    else if (!is_down(world, true) && !invoice_is_charged(world, true))
        open_payment(world, identity);
}

/* A person with the settlement report, which knows the truth. */
static void person(World *world, int index)
{
    if (world->payments[index]->state != PAY_MANUAL)
        return;
    bool charged = false;
    for (int i = 0; i < world->token_count; i++)
        charged = charged || (world->tokens[i].payment == index && world->tokens[i].state == TOKEN_CHARGED);
    tell_payment(world, index, charged ? PAY_EVENT_SUCCEEDED : PAY_EVENT_NOT_IN_REPORT);
    if (world->payments[index]->state == PAY_MANUAL && !world->dead)
        tell_payment(world, index, PAY_EVENT_TIMER); /* not enough look-ups yet */
    plan(world, PLAN_PERSON, world->now_us + US_PER_DAY, index, 0, NULL);
}

/* Outside parties go on while the engine is down; what is for the engine comes again later. */
static void run_plan(World *world, const Plan *next)
{
    bool for_engine = next->kind != PLAN_DELIVER && next->kind != PLAN_CONFIRM;
    if (for_engine && world->restart_us != FOREVER) {
        plan(world, next->kind, world->restart_us + US_PER_MINUTE, next->payment, next->token, next->key);
        return;
    }
    Token *token = &world->tokens[next->token];
    switch (next->kind) {
    case PLAN_CLICK: click(world, next->token); break;
    case PLAN_DELIVER: biller_complete(world, next->key, next->token); break;
    case PLAN_CONFIRM:
        if (token->state == TOKEN_CHALLENGE && token->challenge_ends_us > world->now_us) {
            charge(world, token);
            if (chance(world, 600))
                plan(world, PLAN_RETURN, world->now_us + US_PER_SECOND, next->payment, 0, NULL);
        }
        break;
    case PLAN_WEBHOOK_SUCCESS: tell_payment(world, next->payment, PAY_EVENT_SUCCEEDED); break;
    case PLAN_WEBHOOK_DECLINE: tell_payment(world, next->payment, PAY_EVENT_DECLINED); break;
    case PLAN_RETURN: tell_payment(world, next->payment, PAY_EVENT_ACTION_DONE); break;
    case PLAN_CRASH: die(world, "at rest"); break;
    case PLAN_PERSON: person(world, next->payment); break;
    }
}

static void restart(World *world)
{
    world->dead = false;
    world->restart_us = FOREVER;
    g_clear_pointer(&world->volatile_sent, payment_free);
    bool vault_died = chance(world, 500);
    for (int i = 0; i < world->payment_count; i++) {
        if (vault_died)
            world->code_until_us[i] = 0;
        if (world->payments[i]->state == PAY_SENT && !world->dead)
            tell_payment(world, i, PAY_EVENT_RESTARTED); /* [PAY-005] */
    }
}

static void run_row(World *world, WorkRow *row)
{
    PayOutside outside = { .context = world, .now_us = outside_now, .load = outside_load, .commit = outside_commit,
        .mint = outside_mint, .complete = outside_complete, .ask_biller = outside_ask_biller,
        .ask_processor = outside_ask_processor, .ask_books = outside_ask_books, .refund = outside_refund, .issue_receipt = outside_issue_receipt,
        .drop_code = outside_drop_code };
    world->carried = row->payment;
    size_t index = (size_t)(row - world->rows);
    int64_t again_us = 0;
    bool done = pay_courier_carry(&outside, row->work, row->tries, &again_us);
    if (world->dead)
        return; /* the lease ends with the process */
    g_clear_pointer(&world->volatile_sent, payment_free);
    world->rows[index].done = done;
    world->rows[index].tries++;
    if (!done)
        world->rows[index].due_us = again_us;
}

/* The earliest thing that happens next, or false where nothing ever will. */
static bool step(World *world)
{
    int64_t earliest = world->restart_us;
    int which_plan = -1, which_row = -1;
    for (int i = 0; i < world->plan_count; i++)
        if (world->plans[i].at_us < earliest) {
            earliest = world->plans[i].at_us;
            which_plan = i;
        }
    for (int i = 0; i < world->row_count && world->restart_us == FOREVER; i++)
        if (!world->rows[i].done && world->rows[i].due_us < earliest) {
            earliest = world->rows[i].due_us;
            which_row = i;
        }
    if (earliest == FOREVER || earliest > WORLD_END_US)
        return false;
    world->now_us = MAX(world->now_us, earliest);
    if (which_row >= 0) {
        run_row(world, &world->rows[which_row]);
    } else if (which_plan >= 0) {
        Plan next = world->plans[which_plan];
        world->plans[which_plan] = world->plans[--world->plan_count];
        run_plan(world, &next);
    } else {
        restart(world);
    }
    return true;
}

/* ---- One world ------------------------------------------------------------------------------------------------------------ */

static void begin(World *world, uint64_t seed, Mutation mutation, bool loud)
{
    static const int64_t lengths[] = { 10 * US_PER_MINUTE, 7 * US_PER_HOUR, 2 * US_PER_DAY };
    *world = (World){ .random = seed * 1000003, .mutation = mutation, .tell = loud, .now_us = US_PER_SECOND,
        .restart_us = FOREVER };
    world->worst = (int)(roll(world) % 3);
    world->asks_code = chance(world, 600);
    int clicks = (int)between(world, 1, 8);
    for (int i = 0; i < clicks; i++)
        plan(world, PLAN_CLICK, US_PER_SECOND + (i == 0 ? 0 : between(world, 0, chance(world, 500) ? US_PER_HOUR : 3 * US_PER_DAY)), 0,
            (int)(roll(world) % 2), NULL);
    for (int i = (int)between(world, 0, 2 * world->worst); i > 0; i--)
        plan(world, PLAN_CRASH, between(world, 0, 2 * US_PER_DAY), 0, 0, NULL);
    while (world->outage_count < OUTAGES_MAX && chance(world, 300 * (unsigned)world->worst)) {
        int64_t from_us = between(world, 0, 2 * US_PER_DAY);
        world->outages[world->outage_count++] =
            (Outage){ .from_us = from_us, .to_us = from_us + lengths[roll(world) % 3], .biller = chance(world, 500) };
    }
}

static void judge_payment(World *world, int index)
{
    const Payment *payment = world->payments[index];
    int charges = 0;
    for (int i = 0; i < world->token_count; i++)
        charges += world->tokens[i].payment == index && world->tokens[i].state == TOKEN_CHARGED;
    bool paid = pay_state_is_paid(payment->state);
    if (charges > 0 && !paid)
        blame(world, "payment %d was charged and is %s", index, pay_state_name(payment->state));
    if (charges == 0 && paid)
        blame(world, "payment %d is %s and was never charged", index, pay_state_name(payment->state));
    if (!pay_state_is_final_unpaid(payment->state) && payment->state != PAY_NOTIFIED)
        blame(world, "payment %d ends as %s", index, pay_state_name(payment->state));
    if (world->positions[index] != (paid ? -payment->amount.minor : 0))
        blame(world, "payment %d is %s and the ledger says otherwise", index, pay_state_name(payment->state));
    if (world->receipts[index] != (paid ? 1 : 0))
        blame(world, "payment %d is %s with %d receipts", index, pay_state_name(payment->state), world->receipts[index]);
    if (world->code_until_us[index] > world->now_us)
        blame(world, "payment %d is over and its code is still kept", index); /* [PAY-011] */
}

static void end(World *world)
{
    for (int i = 0; i < world->payment_count; i++)
        judge_payment(world, i);
    if (world->charges > 1)
        blame(world, "the invoice was charged %lu times", world->charges);
    for (int i = 0; i < world->payment_count; i++)
        payment_free(world->payments[i]);
    payment_free(world->volatile_sent);
}

typedef struct Tally {
    unsigned long worlds, bad, payments, charges, crashes, lost;
    uint64_t first_bad;
    char first_trouble[200];
} Tally;

static void play(uint64_t seed, Mutation mutation, bool loud, Tally *tally)
{
    static World world; /* large; one at a time */
    begin(&world, seed, mutation, loud);
    while (step(&world))
        continue;
    end(&world);
    tally->worlds++;
    tally->payments += (unsigned long)world.payment_count;
    tally->charges += world.charges;
    tally->crashes += world.crashes;
    tally->lost += world.lost;
    if (world.trouble[0] == '\0')
        return;
    if (tally->bad++ == 0) {
        tally->first_bad = seed;
        memcpy(tally->first_trouble, world.trouble, sizeof world.trouble);
    }
}

static Tally play_all(Mutation mutation)
{
    const char *alone = g_getenv("SIMULATOR_SEED"), *many = g_getenv("SIMULATOR_WORLDS");
    uint64_t first = alone != NULL ? g_ascii_strtoull(alone, NULL, 10) : 1;
    uint64_t count = alone != NULL ? 1 : many != NULL ? g_ascii_strtoull(many, NULL, 10) : 20000;
    Tally tally = { 0 };
    for (uint64_t seed = first; seed < first + count; seed++)
        play(seed, mutation, alone != NULL, &tally);
    g_test_message("%s: seeds %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT ", %lu payments, %lu charges, %lu crashes, %lu lost"
                   " calls, %lu bad worlds; first: SIMULATOR_SEED=%" G_GUINT64_FORMAT " %s",
        mutation_names[mutation], first, first + count - 1, tally.payments, tally.charges, tally.crashes, tally.lost, tally.bad,
        tally.first_bad, tally.first_trouble);
    return tally;
}

static void test_rules_hold(void)
{
    Tally tally = play_all(MUTATION_NONE);
    if (tally.bad > 0)
        g_error("%lu bad worlds; replay with SIMULATOR_SEED=%" G_GUINT64_FORMAT ": %s", tally.bad, tally.first_bad,
            tally.first_trouble);
    g_assert_cmpuint(tally.worlds, >, 0);
}

static void test_mutation_is_caught(gconstpointer data)
{
    Tally tally = play_all((Mutation)GPOINTER_TO_INT(data));
    if (g_getenv("SIMULATOR_SEED") == NULL)
        g_assert_cmpuint(tally.bad, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pay/simulator/rules-hold", test_rules_hold);
    for (int mutation = MUTATION_NONE + 1; mutation < MUTATION_COUNT; mutation++) {
        g_autofree char *path = g_strdup_printf("/pay/simulator/caught/%d", mutation);
        g_test_add_data_func(path, GINT_TO_POINTER(mutation), test_mutation_is_caught);
    }
    return g_test_run();
}
