/* A reader of OpenAPI 3.1 in YAML and a validator for the part of JSON Schema that the description uses. It trusts its
 * input, which is this project's own file. Parts: YAML to JSON; schemas; operations. */
#include "test_contract.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/id.h"
#include "base/json.h"

struct Contract {
    json_t *document;
    GMutex lock; /* clients ask from several threads */
    GHashTable *seen;
};

/* ---- YAML ------------------------------------------------------------------------------------------ */

static json_t *scalar_to_json(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    char *end;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return json_string(text);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return json_boolean(text[0] == 't');
    if (strcmp(text, "null") == 0)
        return json_null();
    long long number = g_ascii_strtoll(text, &end, 10);
    return text[0] != '\0' && *end == '\0' ? json_integer(number) : json_string(text);
}

static json_t *node_to_json(yaml_document_t *document, int index)
{
    const yaml_node_t *node = yaml_document_get_node(document, index);
    if (node->type == YAML_SCALAR_NODE)
        return scalar_to_json(node);
    if (node->type == YAML_SEQUENCE_NODE) {
        json_t *array = json_array();
        for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++)
            json_array_append_new(array, node_to_json(document, *item));
        return array;
    }
    json_t *object = json_object();
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(document, pair->key);
        json_object_set_new(object, (const char *)key->data.scalar.value, node_to_json(document, pair->value));
    }
    return object;
}

Contract *contract_load(const char *path)
{
    FILE *file = fopen(path, "r");
    g_assert_nonnull(file);
    yaml_parser_t parser;
    yaml_document_t document;
    g_assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_file(&parser, file);
    g_assert_true(yaml_parser_load(&parser, &document));
    Contract *contract = g_new0(Contract, 1);
    contract->document = node_to_json(&document, 1);
    contract->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    fclose(file);
    return contract;
}

void contract_free(Contract *contract)
{
    json_decref(contract->document);
    g_hash_table_unref(contract->seen);
    g_free(contract);
}

GHashTable *contract_seen(const Contract *contract)
{
    return contract->seen;
}

/* ---- Schemas ---------------------------------------------------------------------------------------- */

static const json_t *resolve(const Contract *contract, const json_t *value)
{
    const char *reference = json_text(value, "$ref");
    if (reference == NULL)
        return value;
    g_auto(GStrv) names = g_strsplit(reference, "/", -1);
    const json_t *found = contract->document;
    for (char **name = names + 1; *name != NULL; name++)
        found = json_object_get(found, *name);
    g_assert_nonnull(found);
    return resolve(contract, found);
}

static bool is_of_type(const json_t *value, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) || (strcmp(type, "array") == 0 && json_is_array(value))
        || (strcmp(type, "string") == 0 && json_is_string(value)) || (strcmp(type, "integer") == 0 && json_is_integer(value))
        || (strcmp(type, "boolean") == 0 && json_is_boolean(value)) || (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool type_fits(const json_t *value, const json_t *type)
{
    if (type == NULL)
        return true;
    if (json_is_string(type))
        return is_of_type(value, json_string_value(type));
    size_t index;
    json_t *one;
    json_array_foreach(type, index, one)
        if (is_of_type(value, json_string_value(one)))
            return true;
    return false;
}

static bool enum_fits(const json_t *value, const json_t *allowed)
{
    size_t index;
    json_t *one;
    json_array_foreach(allowed, index, one)
        if (json_equal(one, value))
            return true;
    return allowed == NULL;
}

static bool format_fits(const char *text, const char *format)
{
    Id id;
    if (g_strcmp0(format, "uuid") == 0)
        return id_parse(span_of(text), &id);
    if (g_strcmp0(format, "date-time") == 0)
        return g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$", text, 0, 0);
    return true;
}

static bool text_fits(const json_t *value, const json_t *schema)
{
    const char *text = json_string_value(value), *pattern = json_text(schema, "pattern");
    if (text == NULL)
        return true;
    long length = g_utf8_strlen(text, -1);
    return (pattern == NULL || g_regex_match_simple(pattern, text, 0, 0)) && format_fits(text, json_text(schema, "format"))
        && length >= json_integer_or(schema, "minLength", 0) && length <= json_integer_or(schema, "maxLength", G_MAXLONG);
}

static char *check(const Contract *contract, const json_t *given_schema, const json_t *value, const char *where);

/* Where the schema says so, an object has no members but the described ones. */
static char *check_no_others(const json_t *schema, const json_t *value, const char *where)
{
    const char *member;
    json_t *member_value;
    json_object_foreach((json_t *)value, member, member_value)
        if (json_is_false(json_object_get(schema, "additionalProperties"))
            && json_object_get(json_object_get(schema, "properties"), member) == NULL)
            return g_strdup_printf("%s/%s is not described", where, member);
    return NULL;
}

static char *check_members(const Contract *contract, const json_t *schema, const json_t *value, const char *where)
{
    size_t index;
    json_t *name, *member_schema;
    const char *member;
    json_array_foreach(json_object_get(schema, "required"), index, name)
        if (json_object_get(value, json_string_value(name)) == NULL)
            return g_strdup_printf("%s/%s is missing", where, json_string_value(name));
    json_object_foreach(json_object_get(schema, "properties"), member, member_schema) {
        const json_t *member_value = json_object_get(value, member);
        g_autofree char *place = g_strconcat(where, "/", member, NULL);
        char *complaint = member_value == NULL ? NULL : check(contract, member_schema, member_value, place);
        if (complaint != NULL)
            return complaint;
    }
    return check_no_others(schema, value, where);
}

static char *check_items(const Contract *contract, const json_t *schema, const json_t *value, const char *where)
{
    size_t index;
    json_t *item;
    if ((json_int_t)json_array_size(value) < json_integer_or(schema, "minItems", 0))
        return g_strdup_printf("%s has too few items", where);
    json_array_foreach(value, index, item) {
        g_autofree char *place = g_strdup_printf("%s/%zu", where, index);
        const json_t *items = json_object_get(schema, "items");
        char *complaint = items == NULL ? NULL : check(contract, items, item, place);
        if (complaint != NULL)
            return complaint;
    }
    return NULL;
}

static char *check_combined(const Contract *contract, const json_t *schema, const json_t *value, const char *where)
{
    size_t index;
    json_t *part;
    json_array_foreach(json_object_get(schema, "allOf"), index, part) {
        char *complaint = check(contract, part, value, where);
        if (complaint != NULL)
            return complaint;
    }
    unsigned fitting = 0;
    g_autofree char *last = NULL;
    json_array_foreach(json_object_get(schema, "oneOf"), index, part) {
        char *complaint = check(contract, part, value, where);
        fitting += complaint == NULL;
        if (complaint != NULL && !json_is_null(value) && strstr(complaint, "type") == NULL)
            last = g_steal_pointer(&complaint);
        g_free(complaint);
    }
    if (index == 0 || fitting == 1)
        return NULL;
    return g_strdup_printf("%s fits %u of oneOf (%s)", where, fitting, last == NULL ? "-" : last);
}

static char *check(const Contract *contract, const json_t *given_schema, const json_t *value, const char *where)
{
    const json_t *schema = resolve(contract, given_schema), *fixed = json_object_get(schema, "const");
    if (!type_fits(value, json_object_get(schema, "type")))
        return g_strdup_printf("%s has the wrong type", where);
    if (!enum_fits(value, json_object_get(schema, "enum")) || (fixed != NULL && !json_equal(fixed, value)))
        return g_strdup_printf("%s has a value that is not listed", where);
    if (!text_fits(value, schema))
        return g_strdup_printf("%s: text \"%s\" does not fit", where, json_string_value(value));
    char *complaint = check_combined(contract, schema, value, where);
    if (complaint == NULL && json_is_object(value))
        complaint = check_members(contract, schema, value, where);
    if (complaint == NULL && json_is_array(value))
        complaint = check_items(contract, schema, value, where);
    return complaint;
}

/* ---- Operations --------------------------------------------------------------------------------------- */

static bool path_fits(const char *pattern, const char *path)
{
    g_auto(GStrv) wanted = g_strsplit(pattern, "/", -1), given = g_strsplit(path, "/", -1);
    guint count = g_strv_length(wanted);
    if (g_strv_length(given) != count)
        return false;
    for (guint i = 0; i < count; i++)
        if (wanted[i][0] != '{' && strcmp(wanted[i], given[i]) != 0)
            return false;
    return true;
}

static const json_t *find_operation(const Contract *contract, const char *method, const char *path, const char **ret_pattern)
{
    const char *pattern;
    json_t *item;
    g_autofree char *lower = g_ascii_strdown(method, -1);
    json_object_foreach(json_object_get(contract->document, "paths"), pattern, item)
        if (path_fits(pattern, path)) {
            *ret_pattern = pattern;
            return json_object_get(item, lower);
        }
    return NULL;
}

static char *check_response(const Contract *contract, const json_t *response, const char *media_type, const json_t *body)
{
    const json_t *content = json_object_get(response, "content");
    g_auto(GStrv) parts = g_strsplit(media_type == NULL ? "" : media_type, ";", 2);
    if (content == NULL)
        return NULL;
    const json_t *media = json_object_get(content, parts[0] == NULL ? "" : parts[0]);
    if (media == NULL)
        return g_strdup_printf("the media type %s is not described", media_type);
    const json_t *schema = json_object_get(media, "schema");
    if (schema == NULL)
        return NULL;
    return body == NULL ? g_strdup("the body is no JSON") : check(contract, schema, body, "");
}

char *contract_check(const Contract *contract, const char *method, const char *path, long status, const char *media_type,
    const json_t *body)
{
    const char *pattern;
    const json_t *operation = find_operation(contract, method, path, &pattern);
    if (operation == NULL)
        return status == 404 || status == 405 ? NULL : g_strdup("the operation is not described");
    GMutex *lock = (GMutex *)&contract->lock;
    g_mutex_lock(lock);
    g_hash_table_add(contract->seen, g_strdup_printf("%s %s %ld", method, pattern, status));
    g_mutex_unlock(lock);
    g_autofree char *name = g_strdup_printf("%ld", status);
    const json_t *responses = json_object_get(operation, "responses");
    const json_t *response = json_object_get(responses, name);
    if (response == NULL)
        response = json_object_get(responses, "default");
    if (response == NULL)
        return g_strdup_printf("the status %ld is not described", status);
    return check_response(contract, resolve(contract, response), media_type, body);
}

GPtrArray *contract_operations(const Contract *contract)
{
    static const char *const methods[] = { "get", "post", "put", "patch", "delete" };
    GPtrArray *operations = g_ptr_array_new_with_free_func(g_free);
    const char *pattern;
    json_t *item;
    json_object_foreach(json_object_get(contract->document, "paths"), pattern, item)
        for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
            if (json_object_get(item, methods[i]) != NULL) {
                g_autofree char *upper = g_ascii_strup(methods[i], -1);
                g_ptr_array_add(operations, g_strdup_printf("%s %s", upper, pattern));
            }
    return operations;
}
