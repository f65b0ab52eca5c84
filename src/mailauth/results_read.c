/* Reads what servers inside the trust boundary state (RFC 8601 §5). A field is taken whole or not at all: one that
 * cannot be read to its end says nothing, and nothing below it counts. */
#include "domain.h"
#include "mailauth.h"
#include "message.h"
#include "results_lexer.h"

#include <string.h>

/* What mailauth_results points into. */
typedef struct results_box {
    mailauth_results results;
    ma_arena *arena;
} results_box;

static const char UNREADABLE[] = "the topmost Authentication-Results field cannot be read";

static bool result_of_word(const char *word, mailauth_result *ret_result)
{
    static const mailauth_result ALL[] = { MAILAUTH_NONE, MAILAUTH_PASS, MAILAUTH_FAIL, MAILAUTH_SOFTFAIL,
        MAILAUTH_NEUTRAL, MAILAUTH_POLICY, MAILAUTH_TEMPERROR, MAILAUTH_PERMERROR };
    for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++)
        if (strcmp(word, mailauth_result_name(ALL[i])) == 0) {
            *ret_result = ALL[i];
            return true;
        }
    return false;
}

static bool is_configured(ma_arena *arena, const char *authserv_id, const char *const *authserv_ids)
{
    for (; authserv_ids != NULL && *authserv_ids != NULL; authserv_ids++) {
        const char *wanted = ma_arena_lower(arena, ma_span_of(*authserv_ids));
        if (strcmp(authserv_id, wanted) == 0)
            return true;
    }
    return false;
}

/* authserv-id, then a version, which is 1 where it stands. */
static char *read_head(ma_arena *arena, ma_span *rest)
{
    char *id = ma_results_value(arena, rest);
    if (id == NULL || !ma_results_skip(rest))
        return NULL;
    if (rest->length > 0 && ma_is_digit(rest->at[0])) {
        char *version = ma_results_word(arena, rest);
        if (version == NULL || strcmp(version, "1") != 0)
            return NULL;
    }
    return ma_arena_lower(arena, ma_span_of(id));
}

/* "dkim=pass", "dkim/1=pass". */
static bool read_method(ma_arena *arena, ma_span *rest, mailauth_stated *stated, bool *ret_known)
{
    stated->method = ma_results_word(arena, rest);
    if (stated->method == NULL)
        return false;
    if (ma_results_take(rest, '/') && ma_results_word(arena, rest) == NULL)
        return false;
    char *word = ma_results_take(rest, '=') ? ma_results_word(arena, rest) : NULL;
    if (word == NULL)
        return false;
    *ret_known = result_of_word(word, &stated->result);
    return true;
}

/* "reason=…" and properties, up to the ";" or the end. */
static bool read_properties(ma_arena *arena, ma_span *rest, mailauth_stated *stated)
{
    mailauth_property properties[MA_RESULTS_PROPERTIES_MAX];
    size_t count = 0;
    while (ma_results_skip(rest) && rest->length > 0 && rest->at[0] != ';') {
        char *name = ma_results_word(arena, rest);
        char *value = name != NULL && ma_results_take(rest, '=') ? ma_results_value(arena, rest) : NULL;
        if (value == NULL || count == MA_RESULTS_PROPERTIES_MAX)
            return false;
        bool reason = strcmp(name, "reason") == 0 && stated->reason == NULL && count == 0;
        if (reason)
            stated->reason = value;
        else
            properties[count++] = (mailauth_property){ name, value };
    }
    stated->properties = ma_arena_take(arena, (count + 1) * sizeof *properties);
    for (size_t i = 0; i < count; i++)
        stated->properties[i] = properties[i];
    stated->property_count = count;
    return rest->length == 0 || rest->at[0] == ';';
}

/* What comes after the head: ";" and a result, again and again; or "; none". */
static bool read_stated(ma_arena *arena, ma_span rest, mailauth_results *results)
{
    while (ma_results_take(&rest, ';')) {
        ma_span word_at = rest;
        mailauth_stated stated = { .method = NULL };
        bool known = false;
        if (!ma_results_skip(&rest))
            return false;
        if (rest.length == 0)
            return true; /* a ";" at the end, as some servers write it */
        char *word = ma_results_word(arena, &word_at);
        if (word != NULL && strcmp(word, "none") == 0 && ma_results_skip(&word_at) && word_at.length == 0)
            return true;
        if (results->stated_count == MA_RESULTS_STATED_MAX || !read_method(arena, &rest, &stated, &known)
            || !read_properties(arena, &rest, &stated))
            return false;
        if (known)
            results->stated[results->stated_count++] = stated;
    }
    return ma_results_skip(&rest) && rest.length == 0;
}

static const char *read_field(ma_arena *arena, ma_span value, const char *const *authserv_ids,
    mailauth_results *results)
{
    size_t before = results->stated_count;
    ma_span rest = value;
    if (value.length > MA_RESULTS_FIELD_BYTES_MAX)
        return "the topmost Authentication-Results field is longer than 16 KiB";
    char *id = read_head(arena, &rest);
    if (id == NULL)
        return UNREADABLE;
    if (!is_configured(arena, id, authserv_ids))
        return "the topmost Authentication-Results field is not of a configured name";
    if (!read_stated(arena, rest, results)) {
        results->stated_count = before;
        return UNREADABLE;
    }
    if (results->authserv_id == NULL)
        results->authserv_id = id;
    return NULL;
}

mailauth_results *mailauth_results_read(const char *message, size_t length, const char *const *authserv_ids)
{
    ma_arena *arena = ma_arena_new();
    results_box *box = ma_arena_take(arena, sizeof *box);
    mailauth_results *results = &box->results;
    box->arena = arena;
    results->stated = ma_arena_take(arena, MA_RESULTS_STATED_MAX * sizeof(mailauth_stated));
    ma_message mail = ma_message_read(arena, (ma_span){ message, length });
    const char *trouble = "there is no Authentication-Results field";
    size_t at = ma_message_find(&mail, "Authentication-Results", 0);
    for (size_t count = 0; at < mail.field_count && count < MA_RESULTS_FIELDS_MAX; at++, count++) {
        if (!ma_span_equal_nocase(mail.fields[at].name, MA_SPAN("Authentication-Results")))
            break;
        trouble = read_field(arena, mail.fields[at].value, authserv_ids, results);
        if (trouble != NULL)
            break;
    }
    if (results->authserv_id == NULL)
        results->reason = ma_arena_copy(arena, ma_span_of(mail.trouble != NULL ? mail.trouble : trouble));
    return results;
}

void mailauth_results_free(mailauth_results *results)
{
    if (results != NULL)
        ma_arena_free(((results_box *)results)->arena);
}
