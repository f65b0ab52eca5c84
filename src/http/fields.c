/* Members of a JSON body, checked one by one. */
#include "fields.h"

#include <string.h>

#include "base/json.h"
#include "card_number.h"
#include "problem.h"

Fields fields_of(const HttpRequest *request)
{
    return (Fields){ .object = request->json, .errors = json_array() };
}

void fields_complain(Fields *fields, const char *name, const char *code)
{
    g_autofree char *pointer = g_strconcat("/", name, NULL);
    json_t *complaint = json_object();
    json_put_text(complaint, "pointer", pointer);
    json_put_text(complaint, "code", code);
    json_array_append_new(fields->errors, complaint);
}

static const char number_code[] = "card_number";

static bool names_a_card_number(const json_t *errors)
{
    size_t index;
    json_t *complaint;
    json_array_foreach(errors, index, complaint)
        if (strcmp(json_text(complaint, "code"), number_code) == 0)
            return true;
    return false;
}

bool fields_refused(Fields *fields, const HttpRequest *request, HttpReply *reply)
{
    if (json_array_size(fields->errors) == 0) {
        json_clear(&fields->errors);
        return false;
    }
    g_autoptr(GString) names = g_string_new("Wrong or missing:");
    size_t index;
    json_t *complaint;
    json_array_foreach(fields->errors, index, complaint)
        g_string_append_printf(names, "%s %s (%s)", index == 0 ? "" : ",", json_text(complaint, "pointer") + 1,
            json_text(complaint, "code"));
    if (names_a_card_number(fields->errors))
        g_string_append(names, ". A card number belongs only into the sealed card field; nothing was kept.");
    problem_reply_with(reply, request, "invalid_fields", names->str, "errors", g_steal_pointer(&fields->errors));
    return true;
}

static bool has_control_characters(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return true;
    return false;
}

static const char *checked_text(Fields *fields, const char *name, size_t least, size_t most)
{
    const json_t *value = json_object_get(fields->object, name);
    const char *text = json_string_value(value), *code = NULL;
    size_t length = text == NULL ? 0 : (size_t)g_utf8_strlen(text, -1);
    if (value == NULL)
        code = "missing";
    else if (text == NULL)
        code = "not_text";
    else if (length < least)
        code = "too_short";
    else if (length > most)
        code = "too_long";
    else if (has_control_characters(text))
        code = "not_allowed";
    if (code == NULL)
        return text;
    fields_complain(fields, name, code);
    return NULL;
}

const char *fields_text(Fields *fields, const char *name, size_t least, size_t most)
{
    return checked_text(fields, name, least, most);
}

static const char *without_card_number(Fields *fields, const char *name, const char *text)
{
    if (text == NULL || !card_number_stands_in(text))
        return text;
    fields_complain(fields, name, number_code);
    return NULL;
}

const char *fields_open_text(Fields *fields, const char *name, size_t least, size_t most)
{
    return without_card_number(fields, name, checked_text(fields, name, least, most));
}

static bool is_absent(const Fields *fields, const char *name)
{
    const json_t *value = json_object_get(fields->object, name);
    return value == NULL || json_is_null(value);
}

const char *fields_text_if_there(Fields *fields, const char *name, size_t most)
{
    return is_absent(fields, name) ? NULL : checked_text(fields, name, 0, most);
}

const char *fields_open_text_if_there(Fields *fields, const char *name, size_t most)
{
    return without_card_number(fields, name, fields_text_if_there(fields, name, most));
}

const char *fields_pattern(Fields *fields, const char *name, const char *pattern)
{
    const char *text = checked_text(fields, name, 0, LIMIT_JSON_BYTES);
    if (text == NULL || g_regex_match_simple(pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
        return text;
    fields_complain(fields, name, "not_allowed");
    return NULL;
}

bool fields_flag(Fields *fields, const char *name)
{
    const json_t *value = json_object_get(fields->object, name);
    if (!json_is_boolean(value))
        fields_complain(fields, name, value == NULL ? "missing" : "not_true_or_false");
    return json_is_true(value);
}

bool fields_flag_if_there(Fields *fields, const char *name, bool otherwise)
{
    return json_object_get(fields->object, name) == NULL ? otherwise : fields_flag(fields, name);
}

Id fields_id(Fields *fields, const char *name)
{
    Id id = ID_NONE;
    const char *text = checked_text(fields, name, 1, 64);
    if (text != NULL && !id_parse(span_of(text), &id))
        fields_complain(fields, name, "not_an_id");
    return id;
}

Money fields_money(Fields *fields, const char *name)
{
    Money money = { 0 };
    if (!json_to_money(json_object_get(fields->object, name), &money))
        fields_complain(fields, name, json_object_get(fields->object, name) == NULL ? "missing" : "not_money");
    return money;
}

const char *fields_compact_jwe(Fields *fields, const char *name, size_t most)
{
    const char *text = checked_text(fields, name, 1, most);
    if (text == NULL
        || g_regex_match_simple("^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$", text,
            G_REGEX_DOLLAR_ENDONLY, 0))
        return text;
    fields_complain(fields, name, "not_allowed");
    return NULL;
}
