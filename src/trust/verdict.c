/* The verdict as a value: its reasons, its JSON form; and the sender as the archived authentication tells it. */
#include "trust/verdict.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "verdict_parts.h"

enum { REASON_CHARACTERS_MAX = 500 };

const char *verdict_kind_name(VerdictKind kind)
{
    switch (kind) {
    case VERDICT_PLAIN:
        return "plain";
    case VERDICT_HOLD:
        return "hold";
    case VERDICT_CARD:
        return "card";
    }
    g_assert_not_reached();
}

const char *verdict_code_name(VerdictCode code)
{
#define VERDICT_CODE_NAME(member, text) [member] = text,
    static const char *const names[] = { VERDICT_CODES(VERDICT_CODE_NAME) };
#undef VERDICT_CODE_NAME
    g_assert(code < VERDICT_CODE_COUNT);
    return names[code];
}

static void reason_free(gpointer data)
{
    VerdictReason *reason = data;
    g_free(reason->code);
    g_free(reason->text);
    g_free(reason);
}

Verdict *verdict_new(void)
{
    Verdict *verdict = g_new0(Verdict, 1);
    verdict->reasons = g_ptr_array_new_with_free_func(reason_free);
    return verdict;
}

void verdict_free(Verdict *verdict)
{
    if (verdict == NULL)
        return;
    g_ptr_array_unref(verdict->reasons);
    invoice_free(verdict->own_invoice);
    g_free(verdict->confirmed_domain);
    g_free(verdict);
}

static void add_reason(Verdict *verdict, VerdictCode code, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void add_reason(Verdict *verdict, VerdictCode code, const char *format, va_list arguments)
{
    g_autofree char *raw = g_strdup_vprintf(format, arguments);
    VerdictReason *reason = g_new0(VerdictReason, 1);
    reason->code = g_strdup(verdict_code_name(code));
    reason->text = text_clean(span_of(raw), REASON_CHARACTERS_MAX);
    g_ptr_array_add(verdict->reasons, reason);
}

void verdict_add(Verdict *verdict, VerdictCode code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_reason(verdict, code, format, arguments);
    va_end(arguments);
}

bool verdict_hold(Verdict *verdict, VerdictCode code, const char *format, ...)
{
    verdict->kind = VERDICT_HOLD;
    va_list arguments;
    va_start(arguments, format);
    add_reason(verdict, code, format, arguments);
    va_end(arguments);
    return false;
}

json_t *verdict_to_json(const Verdict *verdict)
{
    json_t *object = json_object(), *reasons = json_array();
    json_put_text(object, "kind", verdict_kind_name(verdict->kind));
    for (guint i = 0; i < verdict->reasons->len; i++) {
        const VerdictReason *reason = verdict->reasons->pdata[i];
        json_t *member = json_object();
        json_put_text(member, "code", reason->code);
        json_put_text(member, "text", reason->text);
        g_assert(json_array_append_new(reasons, member) == 0);
    }
    g_assert(json_object_set_new(object, "reasons", reasons) == 0);
    return object;
}

/* ---- The sender, from the archived report --------------------------------------------------------------- */

static bool has_result(const json_t *object, const char *result)
{
    return g_strcmp0(json_text(object, "result"), result) == 0;
}

static bool has_temporary_trouble(const json_t *authentication, bool only_dkim)
{
    const json_t *signature;
    size_t index;
    json_array_foreach(json_object_get(authentication, "dkim"), index, signature) {
        if (has_result(signature, "temperror"))
            return true;
    }
    return !only_dkim
        && (has_result(json_object_get(authentication, "spf"), "temperror")
            || has_result(json_object_get(authentication, "dmarc"), "temperror"));
}

/* An aligned signature that failed says more than "no aligned pass". */
static const char *reason_of(const json_t *authentication)
{
    const json_t *signature;
    size_t index;
    json_array_foreach(json_object_get(authentication, "dkim"), index, signature) {
        if (json_flag(signature, "aligned") && !has_result(signature, "pass") && json_text(signature, "reason") != NULL)
            return json_text(signature, "reason");
    }
    return json_text(json_object_get(authentication, "dmarc"), "reason");
}

bool trust_sender_from_json(const json_t *authentication, TrustSender *ret_sender)
{
    const json_t *vouched = json_object_get(authentication, "vouched");
    const char *by = json_text(vouched, "by"), *domain = json_text(vouched, "domain");
    bool nobody = g_strcmp0(by, "nobody") == 0, dkim = g_strcmp0(by, "dkim") == 0, spf = g_strcmp0(by, "spf") == 0;
    if ((!nobody && !dkim && !spf) || (!nobody && domain == NULL) || !json_is_array(json_object_get(authentication, "dkim")))
        return false;
    *ret_sender = (TrustSender){
        .from_address = json_text(authentication, "from_address"),
        .vouched_by = by,
        .vouched_domain = domain,
        .temporary_trouble = !dkim && has_temporary_trouble(authentication, spf),
        .reason = nobody ? reason_of(authentication) : NULL,
    };
    return true;
}
