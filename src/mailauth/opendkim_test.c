/* libmailauth beside libopendkim: thousands of generated mails, signed by one or the other, then changed on the way.
 * Both must say "pass", or both must not; each kind of disagreement stands in EXPLAINED with its reason, and one that
 * does not stand there fails the test.
 *
 *   mailauth_opendkim_test KEYS     KEYS: a directory with rsa1024.pem, rsa2048.pem and ed25519.pem
 *
 * The seed is printed; SEED=n replays its mails, MAILS=n makes more of them. */
#include "mailauth.h"

#include <glib.h>
#include <opendkim/dkim.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mailauth_report, mailauth_report_free)

enum { MAILS_USUAL = 6000, SEED_USUAL = 20261123, UNEXPLAINED_SHOWN = 5, FIELDS_MAX = 12, DAY_S = 86400 };

#define DOMAIN "signer.example"
#define SELECTOR "sel"

typedef struct Key {
    const char *kind;
    mailauth_key *ours;
    char *pem, *record;
    dkim_alg_t algorithm;
} Key;

static const char *const KINDS[] = { "rsa1024", "rsa2048", "ed25519" };

typedef struct World {
    GRand *random;
    Key keys[G_N_ELEMENTS(KINDS)];
    DKIM_LIB *peer;
    int64_t now;
} World;

static bool chance(World *world, int percent)
{
    return g_rand_int_range(world->random, 0, 100) < percent;
}

static size_t below(World *world, size_t count)
{
    return (size_t)g_rand_int_range(world->random, 0, (gint32)count);
}

/* ---- Mails ---- */

static void add_words(World *world, GString *text, size_t most, const char *const *gaps, size_t gap_count)
{
    static const char *const WORDS[] = { "Invoice", "pay", "42.00", "EUR", "=C3=BC", "due", "a", "Brightforge.", "\xc3\xbc", ".", "x" };
    size_t count = below(world, most) + 1;
    for (size_t i = 0; i < count; i++) {
        g_string_append(text, WORDS[below(world, G_N_ELEMENTS(WORDS))]);
        if (i + 1 < count || chance(world, 15))
            g_string_append(text, gaps[below(world, gap_count)]);
    }
}

static char *field_new(World *world, const char *name)
{
    static const char *const GAPS[] = { " ", " ", " ", "  ", "\t", " \t ", "\r\n ", "\r\n\t", " \r\n  " };
    static const char *const STARTS[] = { ": ", ": ", ": ", ":", ":\t", ":\r\n ", ":  " };
    GString *text = g_string_new(name);
    g_string_append(text, STARTS[below(world, G_N_ELEMENTS(STARTS))]);
    if (strcmp(name, "From") == 0)
        g_string_append(text, "Joe <joe@" DOMAIN ">");
    else
        add_words(world, text, 8, GAPS, chance(world, 70) ? 6 : G_N_ELEMENTS(GAPS));
    /* A line of a field must not be blank alone, nor the field end in a fold: RFC 5322 §3.2.2. */
    g_strchomp(text->str);
    text->len = strlen(text->str);
    return g_string_free(g_string_append(text, "\r\n"), FALSE);
}

static GPtrArray *fields_new(World *world)
{
    static const char *const NAMES[] = { "To", "Subject", "Date", "Message-ID", "Reply-To", "Received", "Received", "X-Test", "Cc" };
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(fields, field_new(world, "From"));
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (chance(world, 70))
            g_ptr_array_insert(fields, (gint)below(world, fields->len + 1), field_new(world, NAMES[i]));
    return fields;
}

static GString *body_new(World *world)
{
    static const char *const GAPS[] = { " ", " ", " ", "  ", "\t", " \t " };
    GString *body = g_string_new(NULL);
    size_t lines = below(world, 12);
    for (size_t i = 0; i < lines; i++) {
        if (chance(world, 20))
            g_string_append(body, GAPS[below(world, G_N_ELEMENTS(GAPS))]);
        if (chance(world, 75))
            add_words(world, body, 10, GAPS, G_N_ELEMENTS(GAPS));
        g_string_append(body, "\r\n");
    }
    if (chance(world, 15)) /* the last line without its end */
        g_string_append(body, "end");
    return body;
}

/* ---- Signing ---- */

/* There in builds with AddressSanitizer only. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static const char *const FORMS[] = { "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed" };

static char *sign_ours(World *world, const Key *key, const char *message, size_t length, const char *forms)
{
    mailauth_sign_options options = { .domain = DOMAIN, .selector = SELECTOR, .canonicalization = forms,
        .headers = chance(world, 50) ? NULL : "from:To:SUBJECT:received:received:x-none:date" };
    if (chance(world, 50))
        options.now = world->now - (chance(world, 10) ? -3 * DAY_S : (int64_t)below(world, 1000));
    if (chance(world, 30)) {
        int64_t expires = world->now + (chance(world, 30) ? -DAY_S : DAY_S);
        options.expires = MAX(expires, options.now + 1);
    }
    char *field = mailauth_dkim_sign(key->ours, message, length, &options);
    g_assert_nonnull(field);
    char *copy = g_strdup(field);
    free(field);
    return copy;
}

static char *sign_with_peer(World *world, const Key *key, const GPtrArray *fields, const GString *body, const char *forms)
{
    DKIM_STAT status;
    dkim_canon_t header = g_str_has_prefix(forms, "relaxed") ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
    dkim_canon_t body_form = g_str_has_suffix(forms, "relaxed") ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
    ssize_t partial = chance(world, 20) ? (ssize_t)below(world, body->len / 3 + 1) : -1;
    u_char *text;
    size_t length;
    DKIM *dkim = dkim_sign(world->peer, (const u_char *)"sign", NULL, (dkim_sigkey_t)key->pem, (u_char *)(uintptr_t)SELECTOR,
        (u_char *)(uintptr_t)DOMAIN, header, body_form, key->algorithm, partial, &status);
    g_assert_nonnull(dkim);
    for (guint i = 0; i < fields->len; i++) {
        char *field = fields->pdata[i];
        g_assert_cmpint(dkim_header(dkim, (u_char *)field, strlen(field) - 2), ==, DKIM_STAT_OK);
    }
    g_assert_cmpint(dkim_eoh(dkim), ==, DKIM_STAT_OK);
    if (body->len > 0)
        g_assert_cmpint(dkim_body(dkim, (u_char *)body->str, body->len), ==, DKIM_STAT_OK);
    if (dkim_eom(dkim, NULL) != DKIM_STAT_OK)
        g_error("libopendkim cannot sign: %s", dkim_geterror(dkim));
    g_assert_cmpint(dkim_getsighdr_d(dkim, strlen("DKIM-Signature: "), &text, &length), ==, DKIM_STAT_OK);
    char *field = g_strdup_printf("DKIM-Signature: %s\r\n", (char *)text);
    dkim_free(dkim);
    return field;
}

/* libopendkim forgets to free its Ed25519 keys: that leak is not ours to report. */
static char *sign_theirs(World *world, const Key *key, const GPtrArray *fields, const GString *body, const char *forms)
{
    if (__lsan_disable != NULL)
        __lsan_disable();
    char *field = sign_with_peer(world, key, fields, body, forms);
    if (__lsan_enable != NULL)
        __lsan_enable();
    return field;
}

static GString *mail_new(World *world, const Key *key)
{
    const char *forms = FORMS[below(world, G_N_ELEMENTS(FORMS))];
    g_autoptr(GPtrArray) fields = fields_new(world);
    GString *body = body_new(world), *mail = g_string_new(NULL);
    for (guint i = 0; i < fields->len; i++)
        g_string_append(mail, fields->pdata[i]);
    g_string_append_len(g_string_append(mail, "\r\n"), body->str, (gssize)body->len);
    bool whole = body->len == 0 || g_str_has_suffix(body->str, "\r\n"); /* libopendkim signs no other */
    g_autofree char *signature = !whole || chance(world, 50) ? sign_ours(world, key, mail->str, mail->len, forms)
                                                             : sign_theirs(world, key, fields, body, forms);
    g_string_free(body, TRUE);
    return g_string_prepend(mail, signature);
}

/* ---- What happens on the way ---- */

typedef struct Edit {
    const char *from, *to;
} Edit;

/* Replaces the first occurrence. */
static void edit(GString *text, const Edit *change)
{
    const char *found = strstr(text->str, change->from);
    if (found == NULL)
        return;
    gssize at = found - text->str;
    g_string_erase(text, at, (gssize)strlen(change->from));
    g_string_insert(text, at, change->to);
}

static const Edit EDITS[] = {
    /* the signature's tags */
    { "v=1;", "" }, { "v=1;", "v=2;" }, { "v=1;", "v=1; v=1;" }, { "v=1;", "v=1; zz=a b;" }, { "v=1;", "v=1; i=joe@" DOMAIN ";" },
    { "v=1;", "v=1; i=@sub." DOMAIN ";" }, { "v=1;", "v=1; i=@other.example;" }, { "v=1;", "v=1; l=0;" }, { "v=1;", "v=1; x=1;" },
    { "v=1;", "v=1; q=dns/txt;" }, { "v=1;", "v=1; q=x;" }, { "v=1;", "v=1;;" }, { "v=1;", "v=1; t=9999999999;" }, { "v=1;", "v =\t1 ;" },
    { "a=rsa-sha256", "a=rsa-sha1" }, { "a=rsa-sha256", "a=RSA-SHA256" }, { "a=", "a=x" }, { "c=relaxed/relaxed;", "" },
    { "c=simple/simple;", "" }, { "c=relaxed/simple", "c=relaxed" }, { "c=", "c=x" }, { "d=", "d=." }, { "d=" DOMAIN, "d=SIGNER.Example" },
    { "h=", "h=x:" }, { "h=", "hh=" }, { "bh=", "bh=A" }, { "bh=", "xh=" }, { "b=", "b= " }, { "s=" SELECTOR, "s=other" }, { "From:To", "to" },
    /* header and body */
    { "Subject", "SUBJECT" }, { "Subject:", "Subject :" }, { "Subject: ", "Subject:\r\n\t" }, { " pay", "  pay" }, { "pay", "PAY" },
    { "\r\n\r\n", "\r\nSubject: second\r\n\r\n" }, { "\r\n\r\n", "\r\nX-Unsigned: new\r\n\r\n" }, { "\r\n\r\n", "\r\n\r\n\r\n" },
    { "From: ", "from:" }, { "Received", "X-Was-Received" }, { "\r\n ", " " }, { "\r\n\t", "\r\n \t" },
};

static void change_byte(World *world, GString *mail)
{
    size_t at = below(world, mail->len);
    switch (below(world, 6)) {
    case 0:
        mail->str[at] = (char)(mail->str[at] ^ 1);
        break;
    case 1:
        g_string_erase(mail, (gssize)at, 1);
        break;
    case 2:
        g_string_insert_c(mail, (gssize)at, mail->str[at]);
        break;
    case 3:
        g_string_insert_c(mail, (gssize)at, ' ');
        break;
    case 4:
        g_string_insert(mail, (gssize)at, "\r\n");
        break;
    default:
        g_string_insert_c(mail, (gssize)at, chance(world, 50) ? '\n' : '\r');
    }
}

static void change_end(World *world, GString *mail)
{
    static const char *const ENDS[] = { "\r\n", "\r\n\r\n", " \r\n", "\t", "footer\r\n", "\n" };
    if (chance(world, 30) && mail->len > 2)
        g_string_truncate(mail, mail->len - 2);
    else
        g_string_append(mail, ENDS[below(world, G_N_ELEMENTS(ENDS))]);
}

static void mutate(World *world, GString *mail)
{
    size_t count = chance(world, 30) ? 0 : 1 + (size_t)chance(world, 25);
    for (size_t i = 0; i < count && mail->len > 0; i++)
        switch (below(world, 4)) {
        case 0:
            change_byte(world, mail);
            break;
        case 1:
            change_end(world, mail);
            break;
        default:
            edit(mail, &EDITS[below(world, G_N_ELEMENTS(EDITS))]);
        }
}

static GString *record_new(World *world, const Key *key)
{
    static const Edit RECORD_EDITS[] = { { "v=DKIM1; ", "" }, { "v=DKIM1", "v=DKIM2" }, { "v=DKIM1", "v=dkim1" }, { "k=rsa; ", "" }, { "k=", "k=x" },
        { "k=", "h=sha256; k=" }, { "k=", "h=sha1; k=" }, { "k=", "s=email; k=" }, { "k=", "s=other; k=" }, { "k=", "t=s; k=" },
        { "k=", "t=y; k=" }, { "k=", "zz=1; k=" }, { "p=", "p= " }, { "p=", "p=A" }, { "p=", "q=" }, { "p=MI", "p=" }, { "; ", ";" } };
    GString *record = g_string_new(key->record);
    if (chance(world, 25))
        edit(record, &RECORD_EDITS[below(world, G_N_ELEMENTS(RECORD_EDITS))]);
    if (chance(world, 1))
        g_string_truncate(record, (gsize)(strstr(record->str, "p=") == NULL ? 0 : strstr(record->str, "p=") + 2 - record->str));
    return record;
}

/* ---- The two verdicts ---- */

typedef struct Verdict {
    bool pass;
    char *reason;
} Verdict;

static const char *key_to_give; /* libopendkim's callback has no context of its own */

static DKIM_CBSTAT give_key(DKIM *dkim, DKIM_SIGINFO *signature, u_char *buffer, size_t size)
{
    (void)dkim;
    bool known = g_ascii_strcasecmp((char *)dkim_sig_getdomain(signature), DOMAIN) == 0
        && strcmp((char *)dkim_sig_getselector(signature), SELECTOR) == 0;
    if (!known)
        return DKIM_CBSTAT_NOTFOUND;
    g_strlcpy((char *)buffer, key_to_give, size);
    return DKIM_CBSTAT_CONTINUE;
}

static Verdict judge_theirs(World *world, const GString *mail, const char *record)
{
    DKIM_STAT status;
    key_to_give = record;
    DKIM *dkim = dkim_verify(world->peer, (const u_char *)"verify", NULL, &status);
    g_assert_nonnull(dkim);
    status = dkim_chunk(dkim, (u_char *)mail->str, mail->len);
    if (status == DKIM_STAT_OK)
        status = dkim_chunk(dkim, NULL, 0);
    if (status == DKIM_STAT_OK)
        status = dkim_eom(dkim, NULL);
    DKIM_SIGINFO *signature = dkim_getsignature(dkim);
    const char *error = signature == NULL || dkim_sig_geterror(signature) <= 0
        ? "" : dkim_sig_geterrorstr(dkim_sig_geterror(signature));
    Verdict verdict = { status == DKIM_STAT_OK, g_strdup_printf("%s: %s%s", dkim_getresultstr(status), error,
            dkim_geterror(dkim) == NULL ? "" : dkim_geterror(dkim)) };
    dkim_free(dkim);
    return verdict;
}

static Verdict judge_ours(World *world, const GString *mail, const char *record)
{
    g_autofree char *zone = g_strdup_printf(SELECTOR "._domainkey." DOMAIN ". 300 TXT \"%.200s\" \"%s\"\n", record,
        strlen(record) > 200 ? record + 200 : "");
    char *error = NULL;
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, strlen(zone), &error);
    g_assert_nonnull(resolver);
    mailauth *context = mailauth_new(resolver, NULL);
    mailauth_envelope envelope = { .now = world->now };
    g_autoptr(mailauth_report) report = mailauth_check(context, mail->str, mail->len, &envelope);
    mailauth_free(context);
    mailauth_resolver_free(resolver);
    bool any = report->dkim_count > 0;
    return (Verdict){ any && report->dkim[0].result == MAILAUTH_PASS, g_strdup(any ? report->dkim[0].reason : "no signature") };
}

/* ---- Where they may differ ---- */

static bool always(const GString *mail)
{
    (void)mail;
    return true;
}

/* A CR without LF or an LF without CR, anywhere. */
static bool has_bare_line_end(const GString *mail)
{
    for (gsize i = 0; i < mail->len; i++) {
        bool cr_before = i > 0 && mail->str[i - 1] == '\r';
        if ((mail->str[i] == '\n' && !cr_before) || (mail->str[i] != '\n' && cr_before))
            return true;
    }
    return g_str_has_suffix(mail->str, "\r");
}

static bool lacks_last_line_end(const GString *mail)
{
    return !g_str_has_suffix(mail->str, "\r\n");
}

static bool has_odd_space(const GString *mail)
{
    return strpbrk(mail->str, "\f\v") != NULL;
}

/* A line of the header that is neither "name: value" nor the fold of one. */
static bool has_line_that_is_no_field(const GString *mail)
{
    const char *end = strstr(mail->str, "\r\n\r\n");
    for (const char *line = mail->str; end != NULL && line < end; line = strstr(line, "\r\n") + 2) {
        size_t length = strcspn(line, "\r"), name = strcspn(line, ":\r");
        bool fold = *line == ' ' || *line == '\t', named = name > 0 && name < length;
        if (!fold && (!named || memchr(line, '\r', name) != NULL || strcspn(line, " \t") < name))
            return true;
    }
    return false;
}

static bool is_header_alone(const GString *mail)
{
    return strstr(mail->str, "\r\n\r\n") == NULL;
}

typedef struct Explained {
    bool we_pass;
    const char *ours;   /* part of our reason */
    const char *theirs; /* part of theirs */
    bool (*when)(const GString *mail);
    const char *what, *why; /* the disagreement; who is right, and by which section */
    size_t seen;
} Explained;

static Explained EXPLAINED[] = {
    { false, "only the beginning of the body is signed", "Success", always, "l= covers a part of the body",
        "RFC 6376 §8.2 lets a verifier refuse it: what follows could be anybody's. We report policy", 0 },
    { true, "is good", "CRLF at end of body missing", lacks_last_line_end, "the body's last line has no CR LF",
        "RFC 6376 §3.4.3, §3.4.4: the canonical form adds it. libopendkim refuses the message", 0 },
    { true, "is good", "verification failed", lacks_last_line_end, "the same, and the last line ends in blanks",
        "RFC 6376 §3.4.4: blanks at a line's end go, then CR LF is added. libopendkim hashes another body", 0 },
    { false, "", "Success", has_bare_line_end, "a CR or an LF stands alone, and they pass",
        "RFC 6376 §5.3 has such lines converted before signing. We hash bytes as they stand; libopendkim takes some for CR LF or for nothing", 0 },
    { true, "is good", "", has_bare_line_end, "a CR or an LF stands alone, and we pass", "the same: a bare LF ends a header line for us (as in RFC 5322 §4.1's obsolete text)", 0 },
    { false, "has expired", "Success", always, "x= has passed by less than five minutes",
        "RFC 6376 §3.5 knows no grace. libopendkim grants 300 s of clock drift", 0 },
    { true, "is good", "Syntax error", has_line_that_is_no_field, "a header line is no field",
        "RFC 5322 §2.2 forbids it and RFC 6376 says nothing. We warn and judge the fields; libopendkim refuses the message", 0 },
    { true, "is good", "verification failed", is_header_alone, "the message ends with its header, under the simple header form",
        "RFC 5322 §3.5: the body and the empty line before it are optional. libopendkim hashes another header", 0 },
    { false, "its b= is not base64", "Success", always, "a byte that is no base64 inside b=",
        "RFC 6376 §3.2 (base64string), §6.1.1: permerror. libopendkim skips what it does not know", 0 },
    { false, "a tag", "Success", has_odd_space, "form feed or vertical tab around a tag",
        "RFC 6376 §2.8: white space is space, tab, CR LF. libopendkim takes what isspace() takes", 0 },
};

static Explained *explain(const Verdict *ours, const Verdict *theirs, const GString *mail)
{
    for (size_t i = 0; i < G_N_ELEMENTS(EXPLAINED); i++)
        if (EXPLAINED[i].we_pass == ours->pass && strstr(ours->reason, EXPLAINED[i].ours) != NULL
            && strstr(theirs->reason, EXPLAINED[i].theirs) != NULL && EXPLAINED[i].when(mail))
            return &EXPLAINED[i];
    return NULL;
}

typedef struct Count {
    size_t both_pass, neither, explained, unexplained;
} Count;

static void compare(World *world, size_t number, const GString *mail, const char *record, Count *count)
{
    Verdict ours = judge_ours(world, mail, record), theirs = judge_theirs(world, mail, record);
    Explained *why = ours.pass == theirs.pass ? NULL : explain(&ours, &theirs, mail);
    if (ours.pass == theirs.pass) {
        count->both_pass += ours.pass;
        count->neither += !ours.pass;
    } else if (why != NULL) {
        why->seen++;
        count->explained++;
    } else if (count->unexplained++ < UNEXPLAINED_SHOWN) {
        g_autofree char *text = g_strescape(mail->str, NULL);
        g_test_message("mail %zu: we %s (%s), libopendkim %s (%s)\nkey %s\n%s", number, ours.pass ? "pass" : "do not",
            ours.reason, theirs.pass ? "passes" : "does not", theirs.reason, record, text);
    }
    g_free(ours.reason);
    g_free(theirs.reason);
}

/* ---- The run ---- */

static void key_load(Key *key, const char *directory, const char *kind)
{
    g_autofree char *path = g_strdup_printf("%s/%s.pem", directory, kind);
    gsize length;
    if (!g_file_get_contents(path, &key->pem, &length, NULL))
        g_error("cannot read the key %s", path);
    key->kind = kind;
    key->ours = mailauth_key_read(key->pem, length);
    g_assert_nonnull(key->ours);
    key->record = mailauth_key_record(key->ours);
    key->algorithm = strcmp(kind, "ed25519") == 0 ? DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256;
}

static guint32 number_from(const char *variable, guint32 usual)
{
    const char *text = g_getenv(variable);
    return text == NULL ? usual : (guint32)strtoul(text, NULL, 10);
}

static void test_differences(gconstpointer directory)
{
    guint32 seed = number_from("SEED", SEED_USUAL), mails = number_from("MAILS", MAILS_USUAL);
    World world = { .random = g_rand_new_with_seed(seed), .peer = dkim_init(NULL, NULL), .now = (int64_t)time(NULL) };
    Count count = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
        key_load(&world.keys[i], directory, KINDS[i]);
    g_assert_nonnull(world.peer);
    g_assert_cmpint(dkim_set_key_lookup(world.peer, give_key), ==, DKIM_STAT_OK);
    g_test_message("SEED=%u, %u mails", seed, mails);
    for (size_t i = 0; i < mails; i++) {
        const Key *key = &world.keys[below(&world, G_N_ELEMENTS(KINDS))];
        GString *mail = mail_new(&world, key), *record = record_new(&world, key);
        mutate(&world, mail);
        compare(&world, i, mail, record->str, &count);
        g_string_free(mail, TRUE);
        g_string_free(record, TRUE);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(EXPLAINED); i++)
        g_test_message("%5zu %s: %s. %s", EXPLAINED[i].seen, EXPLAINED[i].we_pass ? "we alone pass" : "they alone pass",
            EXPLAINED[i].what, EXPLAINED[i].why);
    g_test_message("both pass %zu, neither %zu, explained %zu, unexplained %zu", count.both_pass, count.neither,
        count.explained, count.unexplained);
    g_assert_cmpuint(count.unexplained, ==, 0);
    g_assert_cmpuint(count.both_pass, >, mails / 10); /* else nothing was compared */
    g_assert_cmpuint(count.neither, >, mails / 10);
    for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
        mailauth_key_free(world.keys[i].ours);
        free(world.keys[i].record);
        g_free(world.keys[i].pem);
    }
    dkim_close(world.peer);
    g_rand_free(world.random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (argc != 2)
        g_error("usage: %s KEYS", argv[0]);
    g_test_add_data_func("/mailauth/opendkim/differences", argv[1], test_differences);
    return g_test_run();
}
