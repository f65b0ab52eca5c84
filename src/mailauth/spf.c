/* check_host(). Records that include others are kept on a stack of frames of bounded depth: each frame but
 * the first costs one of the ten look-ups. */
#include "spf.h"

#include "domain.h"
#include "limits.h"
#include "spf_macro.h"
#include "spf_record.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct frame {
    const ma_spf_record *record;
    const char *domain;
    size_t next; /* term to look at */
} frame;

typedef struct check {
    ma_arena *arena;
    ma_lookups *lookups;
    ma_spf_names names;
    uint8_t address[16];
    frame frames[MA_SPF_TERMS_MAX + 1];
    size_t depth;
    unsigned terms, voids;
    const char *reason;
} check;

/* What one term says. */
typedef enum match { NO_MATCH, MATCH, DESCEND, TEMPORARY, PERMANENT } match;

static match trouble(check *this, match kind, const char *reason)
{
    this->reason = reason;
    return kind;
}

/* ---- Names and addresses ---- */

/* A name with its macros replaced: cut from the left to 253 bytes, without the final dot. NULL where it can
 * never be asked: an empty label or one longer than 63. */
static char *expand_name(check *this, ma_span spec)
{
    this->names.domain = this->frames[this->depth - 1].domain;
    if (spec.length == 0)
        return ma_arena_copy(this->arena, ma_span_of(this->names.domain));
    char *name = ma_spf_macro_expand(this->arena, spec, &this->names);
    if (name == NULL)
        return NULL;
    size_t length = strlen(name);
    if (length > 0 && name[length - 1] == '.')
        name[--length] = '\0';
    while (length > MA_NAME_BYTES_MAX) {
        char *dot = strchr(name, '.');
        if (dot == NULL)
            return NULL;
        length -= (size_t)(dot + 1 - name);
        name = dot + 1;
    }
    ma_span rest = { name, length }, label;
    while (ma_span_cut(&rest, '.', &label))
        if (label.length == 0 || label.length > MA_LABEL_BYTES_MAX)
            return NULL;
    return name;
}

static bool bits_equal(const uint8_t *left, const uint8_t *right, unsigned bits)
{
    if (memcmp(left, right, bits / 8) != 0)
        return false;
    unsigned odd = bits % 8;
    return odd == 0 || (uint8_t)((left[bits / 8] ^ right[bits / 8]) >> (8 - odd)) == 0;
}

static bool address_in(const check *this, const uint8_t *network, size_t length, const ma_spf_term *term)
{
    return this->names.address_length == length
        && bits_equal(this->address, network, length == 4 ? term->prefix4 : term->prefix6);
}

static uint16_t address_type(const check *this)
{
    return this->names.address_length == 4 ? MAILAUTH_TYPE_A : MAILAUTH_TYPE_AAAA;
}

/* Counts an answer without records; false when there were too many (RFC 7208 §4.6.4). */
static bool count_void(check *this, const ma_answer *answer)
{
    return answer->record_count > 0 || ++this->voids <= MA_SPF_VOID_MAX;
}

static match void_trouble(check *this)
{
    return trouble(this, PERMANENT, "more than two look-ups found nothing");
}

static match dns_trouble(check *this, const ma_answer *answer)
{
    return trouble(this, TEMPORARY, ma_answer_trouble(answer));
}

static bool records_match(const check *this, const ma_answer *answer, const ma_spf_term *term)
{
    for (size_t i = 0; i < answer->record_count; i++)
        if (answer->records[i].length == this->names.address_length
            && address_in(this, (const uint8_t *)answer->records[i].at, answer->records[i].length, term))
            return true;
    return false;
}

/* ---- The validated name of the address (§5.5) ---- */

static char *reverse_name(check *this)
{
    ma_text text = ma_text_new(this->arena, MA_NAME_BYTES_MAX);
    for (size_t i = this->names.address_length; i-- > 0;) {
        if (this->names.address_length == 4)
            ma_text_print(&text, "%u.", this->address[i]);
        else
            ma_text_print(&text, "%x.%x.", this->address[i] & 15, this->address[i] >> 4);
    }
    ma_text_add(&text, this->names.address_length == 4 ? MA_SPAN("in-addr.arpa") : MA_SPAN("ip6.arpa"));
    return ma_text_string(&text);
}

/* The names that the address points to and that point back, within the limit. */
static size_t validated_names(check *this, const ma_answer *pointers, const char *names[MA_SPF_PTR_MAX])
{
    static const ma_spf_term EXACT = { .prefix4 = 32, .prefix6 = 128 };
    size_t count = 0, used;
    for (size_t i = 0; i < pointers->record_count && i < MA_SPF_PTR_MAX; i++) {
        const char *name = ma_domain_from_wire(
            this->arena, (const uint8_t *)pointers->records[i].at, pointers->records[i].length, &used);
        if (name == NULL || name[0] == '\0')
            continue;
        ma_answer *answer = ma_lookups_get(this->lookups, name, address_type(this));
        if (!ma_answer_is_unknown(answer) && records_match(this, answer, &EXACT))
            names[count++] = name;
    }
    return count;
}

static const char *choose_name(const char *const *names, size_t count, const char *domain)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], domain) == 0)
            return names[i];
    for (size_t i = 0; i < count; i++)
        if (ma_domain_is_within(names[i], domain))
            return names[i];
    return count == 0 ? "unknown" : names[0];
}

static const char *macro_validated_name(void *context)
{
    check *this = context;
    const char *names[MA_SPF_PTR_MAX];
    ma_answer *pointers = ma_lookups_get(this->lookups, reverse_name(this), MAILAUTH_TYPE_PTR);
    size_t count = ma_answer_is_unknown(pointers) ? 0 : validated_names(this, pointers, names);
    return choose_name(names, count, this->names.domain);
}

/* ---- Mechanisms (§5) ---- */

static match match_a(check *this, const ma_spf_term *term, const char *name)
{
    ma_answer *answer = ma_lookups_get(this->lookups, name, address_type(this));
    if (ma_answer_is_unknown(answer))
        return dns_trouble(this, answer);
    if (!count_void(this, answer))
        return void_trouble(this);
    return records_match(this, answer, term) ? MATCH : NO_MATCH;
}

static match match_mx(check *this, const ma_spf_term *term, const char *name)
{
    ma_answer *answer = ma_lookups_get(this->lookups, name, MAILAUTH_TYPE_MX);
    if (ma_answer_is_unknown(answer))
        return dns_trouble(this, answer);
    if (!count_void(this, answer))
        return void_trouble(this);
    if (answer->record_count > MA_SPF_MX_MAX)
        return trouble(this, PERMANENT, "a domain has more than ten MX records");
    const char *hosts[MA_SPF_MX_MAX];
    size_t count = 0, used;
    for (size_t i = 0; i < answer->record_count; i++) {
        ma_span record = answer->records[i];
        hosts[count] = record.length < 3
            ? NULL
            : ma_domain_from_wire(this->arena, (const uint8_t *)record.at + 2, record.length - 2, &used);
        if (hosts[count] != NULL && hosts[count][0] != '\0')
            ma_lookups_start(this->lookups, hosts[count++], address_type(this));
    }
    for (size_t i = 0; i < count; i++) {
        ma_answer *addresses = ma_lookups_get(this->lookups, hosts[i], address_type(this));
        if (ma_answer_is_unknown(addresses))
            return dns_trouble(this, addresses);
        if (records_match(this, addresses, term))
            return MATCH;
    }
    return NO_MATCH;
}

static match match_ptr(check *this, const char *name)
{
    const char *names[MA_SPF_PTR_MAX];
    ma_answer *pointers = ma_lookups_get(this->lookups, reverse_name(this), MAILAUTH_TYPE_PTR);
    if (ma_answer_is_unknown(pointers))
        return NO_MATCH; /* §5.5: an error here is no match */
    if (!count_void(this, pointers))
        return void_trouble(this);
    char *wanted = ma_arena_lower(this->arena, ma_span_of(name));
    size_t count = validated_names(this, pointers, names);
    for (size_t i = 0; i < count; i++)
        if (ma_domain_is_within(names[i], wanted))
            return MATCH;
    return NO_MATCH;
}

static match match_exists(check *this, const char *name)
{
    ma_answer *answer = ma_lookups_get(this->lookups, name, MAILAUTH_TYPE_A);
    if (ma_answer_is_unknown(answer))
        return dns_trouble(this, answer);
    if (!count_void(this, answer))
        return void_trouble(this);
    return answer->record_count > 0 ? MATCH : NO_MATCH;
}

static match match_name(check *this, const ma_spf_term *term)
{
    if (++this->terms > MA_SPF_TERMS_MAX)
        return trouble(this, PERMANENT, "it takes more than ten look-ups");
    if (term->kind == MA_SPF_INCLUDE)
        return DESCEND;
    const char *name = expand_name(this, term->domain);
    if (name == NULL) /* §4.8: a name that cannot be asked for does not exist */
        return NO_MATCH;
    if (term->kind == MA_SPF_A)
        return match_a(this, term, name);
    if (term->kind == MA_SPF_MX)
        return match_mx(this, term, name);
    return term->kind == MA_SPF_PTR ? match_ptr(this, name) : match_exists(this, name);
}

static match match_term(check *this, const ma_spf_term *term)
{
    switch (term->kind) {
    case MA_SPF_ALL:
        return MATCH;
    case MA_SPF_IP4:
        return address_in(this, term->address, 4, term) ? MATCH : NO_MATCH;
    case MA_SPF_IP6:
        return address_in(this, term->address, 16, term) ? MATCH : NO_MATCH;
    case MA_SPF_INCLUDE:
    case MA_SPF_A:
    case MA_SPF_MX:
    case MA_SPF_PTR:
    case MA_SPF_EXISTS:
        return match_name(this, term);
    }
    return NO_MATCH;
}

/* ---- Records ---- */

/* The record of `domain`: pass with *ret_record set, or none, temperror, permerror. */
static mailauth_result fetch(check *this, const char *domain, const ma_spf_record **ret_record)
{
    ma_answer *answer = ma_lookups_get(this->lookups, domain, MAILAUTH_TYPE_TXT);
    if (ma_answer_is_unknown(answer)) {
        this->reason = ma_answer_trouble(answer);
        return MAILAUTH_TEMPERROR;
    }
    ma_spf_found found = ma_spf_records_of(answer);
    if (found.count == 0) {
        this->reason = "there is no SPF record";
        return MAILAUTH_NONE;
    }
    if (found.record == NULL) {
        this->reason = "there is more than one SPF record";
        return MAILAUTH_PERMERROR;
    }
    if (found.record->trouble != NULL) {
        this->reason = ma_arena_print(this->arena, "the SPF record is not valid: %s", found.record->trouble);
        return MAILAUTH_PERMERROR;
    }
    *ret_record = found.record;
    return MAILAUTH_PASS;
}

/* The domain of an include or a redirect, its record in *ret_record; §5.2, §6.1: no record is an error. */
static mailauth_result fetch_other(check *this, ma_span spec, const char **ret_domain, const ma_spf_record **ret_record)
{
    char *domain = expand_name(this, spec);
    if (domain == NULL) {
        this->reason = "an included name is not a domain name";
        return MAILAUTH_PERMERROR;
    }
    *ret_domain = ma_arena_lower(this->arena, ma_span_of(domain));
    mailauth_result result = fetch(this, *ret_domain, ret_record);
    if (result != MAILAUTH_NONE)
        return result;
    this->reason = ma_arena_print(this->arena, "%s is referred to and has no SPF record", *ret_domain);
    return MAILAUTH_PERMERROR;
}

static void push(check *this, const char *domain, const ma_spf_record *record)
{
    this->frames[this->depth++] = (frame){ .record = record, .domain = domain };
}

/* Follows redirect= of the top frame, or ends it as neutral. true: go on with the top frame. */
static bool at_end_of_record(check *this, mailauth_result *ret_result)
{
    frame *top = &this->frames[this->depth - 1];
    if (top->record->redirect.length == 0) {
        this->reason = "no mechanism matches";
        *ret_result = MAILAUTH_NEUTRAL;
        return false;
    }
    if (++this->terms > MA_SPF_TERMS_MAX) {
        this->reason = "it takes more than ten look-ups";
        *ret_result = MAILAUTH_PERMERROR;
        return false;
    }
    const char *domain = NULL;
    const ma_spf_record *record = NULL;
    *ret_result = fetch_other(this, top->record->redirect, &domain, &record);
    if (*ret_result != MAILAUTH_PASS)
        return false;
    *top = (frame){ .record = record, .domain = domain };
    return true;
}

/* Opens the record that an include names. true: it is now the top frame. */
static bool descend(check *this, const ma_spf_term *term, mailauth_result *ret_result)
{
    const char *domain = NULL;
    const ma_spf_record *record = NULL;
    *ret_result = fetch_other(this, term->domain, &domain, &record);
    if (*ret_result != MAILAUTH_PASS)
        return false;
    push(this, domain, record);
    return true;
}

/* Runs the top frame up to its result, or up to an include that opens a new top frame (returns false). */
static bool run_frame(check *this, mailauth_result *ret_result)
{
    for (;;) {
        frame *top = &this->frames[this->depth - 1];
        if (top->next == top->record->count) {
            if (at_end_of_record(this, ret_result))
                continue;
            return true;
        }
        const ma_spf_term *term = &top->record->terms[top->next++];
        switch (match_term(this, term)) {
        case NO_MATCH:
            break;
        case MATCH:
            this->reason = "a mechanism of the record decides";
            *ret_result = term->qualifier;
            return true;
        case DESCEND:
            return !descend(this, term, ret_result);
        case TEMPORARY:
            *ret_result = MAILAUTH_TEMPERROR;
            return true;
        case PERMANENT:
            *ret_result = MAILAUTH_PERMERROR;
            return true;
        }
    }
}

/* What an included record's result means to the one that includes it (§5.2). true: it decides. */
static bool included_decides(check *this, mailauth_result inner, mailauth_result *ret_result)
{
    const frame *top = &this->frames[this->depth - 1];
    if (inner == MAILAUTH_TEMPERROR || inner == MAILAUTH_PERMERROR) {
        *ret_result = inner;
        return true;
    }
    *ret_result = top->record->terms[top->next - 1].qualifier;
    return inner == MAILAUTH_PASS;
}

static mailauth_result run(check *this)
{
    mailauth_result result = MAILAUTH_NEUTRAL;
    for (;;) {
        if (!run_frame(this, &result))
            continue;
        bool decided = true;
        /* An error ends all; any other result is handed down until it decides or its includer goes on. */
        if (result == MAILAUTH_TEMPERROR || result == MAILAUTH_PERMERROR)
            return result;
        while (this->depth > 1 && decided) {
            this->depth--;
            decided = included_decides(this, result, &result);
        }
        if (decided)
            return result;
    }
}

/* What the sender chose is inside: a reply to the client must stay one line of US-ASCII (RFC 7208 §6.2). */
static char *as_printable(char *text)
{
    for (char *at = text; at != NULL && *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return text;
}

/* §6.2: the text that the domain publishes for those it refuses; anything odd about it means none. */
static char *explain(check *this)
{
    const frame *top = &this->frames[0];
    this->depth = 1;
    if (top->record->explanation.length == 0)
        return NULL;
    const char *name = expand_name(this, top->record->explanation);
    if (name == NULL)
        return NULL;
    ma_answer *answer = ma_lookups_get(this->lookups, name, MAILAUTH_TYPE_TXT);
    if (ma_answer_is_unknown(answer) || answer->record_count != 1)
        return NULL;
    if (ma_spf_macro_check(answer->records[0], MA_SPF_EXPLANATION) != NULL)
        return NULL;
    return as_printable(ma_spf_macro_expand(this->arena, answer->records[0], &this->names));
}

/* ---- The request ---- */

/* An IPv4 address inside IPv6 (::ffff:0:0/96) is that IPv4 address (§5). */
static bool read_client(check *this, const char *text)
{
    static const uint8_t MAPPED[12] = { [10] = 0xff, [11] = 0xff };
    if (inet_pton(AF_INET, text, this->address) == 1) {
        this->names.address_length = 4;
    } else if (inet_pton(AF_INET6, text, this->address) == 1) {
        bool mapped = memcmp(this->address, MAPPED, sizeof MAPPED) == 0;
        this->names.address_length = mapped ? 4 : 16;
        if (mapped)
            memmove(this->address, this->address + sizeof MAPPED, 4);
    } else {
        return false;
    }
    this->names.address = this->address;
    return true;
}

/* The local part and the domain of the sender, "postmaster" where the former is missing (§4.3). */
static void split_sender(ma_arena *arena, const ma_spf_request *request, char **ret_local, const char **ret_domain)
{
    const char *sender = request->mail_from == NULL ? "" : request->mail_from;
    const char *at_sign = strrchr(sender, '@');
    *ret_domain = sender[0] == '\0' ? request->helo : at_sign == NULL ? sender : at_sign + 1;
    ma_span local = at_sign == NULL ? MA_EMPTY : (ma_span){ sender, (size_t)(at_sign - sender) };
    *ret_local = ma_arena_copy(arena, local.length == 0 ? MA_SPAN("postmaster") : local);
}

char *ma_spf_domain(ma_arena *arena, const ma_spf_request *request)
{
    char *local;
    const char *domain;
    split_sender(arena, request, &local, &domain);
    return request->mail_from == NULL || domain == NULL ? NULL : ma_domain_read(arena, ma_span_of(domain));
}

static ma_spf_verdict none(ma_arena *arena, char *domain, const char *reason)
{
    return (ma_spf_verdict){ .result = MAILAUTH_NONE, .domain = domain, .reason = ma_arena_copy(arena, ma_span_of(reason)) };
}

static char *sender_of(ma_arena *arena, const char *local, const char *domain)
{
    ma_text text = ma_text_new(arena, MA_SPF_LOCAL_PART_BYTES_MAX + 1 + 4 * MA_NAME_BYTES_MAX);
    ma_text_add(&text, ma_span_of(local));
    ma_text_add_byte(&text, '@');
    ma_text_add(&text, ma_span_of(domain));
    return ma_text_string(&text);
}

static void fill_names(check *this, const ma_spf_request *request, char *domain)
{
    char *local;
    const char *unused;
    split_sender(this->arena, request, &local, &unused);
    this->names.local_part = local;
    this->names.sender_domain = domain;
    this->names.sender = sender_of(this->arena, local, domain);
    this->names.helo = request->helo == NULL ? "unknown" : request->helo;
    this->names.now = request->now;
    this->names.validated_name = macro_validated_name;
    this->names.context = this;
}

ma_spf_verdict ma_spf_check(ma_arena *arena, ma_lookups *lookups, const ma_spf_request *request)
{
    check this = { .arena = arena, .lookups = lookups };
    char *domain = ma_spf_domain(arena, request);
    if (request->client_ip == NULL || request->mail_from == NULL)
        return none(arena, domain, "the sending address is not known");
    if (!read_client(&this, request->client_ip))
        return none(arena, domain, "the client's address cannot be read");
    if (domain == NULL || strchr(domain, '.') == NULL)
        return none(arena, domain, "the sender has no domain that could be asked");
    if (strlen(request->mail_from) > MA_SPF_LOCAL_PART_BYTES_MAX + MA_NAME_BYTES_MAX)
        return none(arena, domain, "the sender's address is too long");
    fill_names(&this, request, domain);
    const ma_spf_record *record = NULL;
    mailauth_result result = fetch(&this, domain, &record);
    char *explanation = NULL;
    if (result == MAILAUTH_PASS) {
        push(&this, domain, record);
        result = run(&this);
        if (result == MAILAUTH_FAIL)
            explanation = explain(&this);
    }
    return (ma_spf_verdict){ .result = result, .domain = domain, .explanation = explanation,
        .reason = ma_arena_copy(arena, ma_span_of(this.reason)) };
}
