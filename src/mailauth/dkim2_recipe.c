/* Reads recipes and applies them. What comes out is never longer than what goes in and the recipe together: copied
 * ranges must rise, so nothing is copied twice. */
#include "dkim2_recipe.h"

#include "json.h"

#include <string.h>

/* ---- Reading ---- */

static const char TOO_LONG[] = "the recipe has more than 20000 steps";
static const char NOT_A_RECIPE[] = "the recipe is not one";

static ma_recipe_step *add_step(ma_arena *arena, ma_recipe *recipe, ma_recipe_steps *steps)
{
    if (recipe->step_count == MA_DKIM2_STEPS_MAX)
        return NULL;
    recipe->step_count++;
    if (steps->count == steps->capacity) {
        steps->capacity = steps->capacity == 0 ? 8 : steps->capacity * 2;
        ma_recipe_step *larger = ma_arena_take(arena, steps->capacity * sizeof *larger);
        if (steps->count > 0)
            memcpy(larger, steps->steps, steps->count * sizeof *larger);
        steps->steps = larger;
    }
    return &steps->steps[steps->count++];
}

/* "c": [start, end], beyond all ranges before it. */
static const char *read_copy(ma_json *json, ma_recipe *recipe, ma_recipe_steps *steps, size_t *copied_to)
{
    uint64_t start = 0, end = 0;
    if (!ma_json_take(json, '[') || !ma_json_number(json, &start) || !ma_json_take(json, ',')
        || !ma_json_number(json, &end) || !ma_json_take(json, ']'))
        return NOT_A_RECIPE;
    if (start <= *copied_to || end < start)
        return "the recipe's ranges do not rise";
    ma_recipe_step *step = add_step(json->arena, recipe, steps);
    if (step == NULL)
        return TOO_LONG;
    *step = (ma_recipe_step){ .copies = true, .start = (size_t)start, .end = (size_t)end };
    *copied_to = (size_t)end;
    return NULL;
}

/* "d": ["text", …]. */
static const char *read_data(ma_json *json, ma_recipe *recipe, ma_recipe_steps *steps)
{
    bool started = false;
    if (!ma_json_take(json, '['))
        return NOT_A_RECIPE;
    while (ma_json_next(json, ']', &started)) {
        ma_span text;
        if (!ma_json_string(json, &text))
            return NOT_A_RECIPE;
        if (ma_span_find(text, '\r') < text.length || ma_span_find(text, '\n') < text.length)
            return "the recipe has a line end inside a line";
        ma_recipe_step *step = add_step(json->arena, recipe, steps);
        if (step == NULL)
            return TOO_LONG;
        *step = (ma_recipe_step){ .text = text };
    }
    return json->failed ? NOT_A_RECIPE : NULL;
}

/* One object with either "c" or "d"; members it does not know are passed over (§2). */
static const char *read_step(ma_json *json, ma_recipe *recipe, ma_recipe_steps *steps, size_t *copied_to)
{
    bool started = false, found = false;
    const char *trouble = NULL;
    if (!ma_json_take(json, '{'))
        return NOT_A_RECIPE;
    while (trouble == NULL && ma_json_next(json, '}', &started)) {
        ma_span name;
        if (!ma_json_string(json, &name) || !ma_json_take(json, ':'))
            return NOT_A_RECIPE;
        bool copy = ma_span_equal(name, MA_SPAN("c")), data = ma_span_equal(name, MA_SPAN("d"));
        if ((copy || data) && found)
            return NOT_A_RECIPE;
        found |= copy || data;
        if (copy)
            trouble = read_copy(json, recipe, steps, copied_to);
        else if (data)
            trouble = read_data(json, recipe, steps);
        else
            ma_json_skip(json);
    }
    return trouble != NULL ? trouble : json->failed || !found ? NOT_A_RECIPE : NULL;
}

static const char *read_steps(ma_json *json, ma_recipe *recipe, ma_recipe_steps *steps)
{
    bool started = false;
    size_t copied_to = 0;
    const char *trouble = NULL;
    if (!ma_json_take(json, '['))
        return NOT_A_RECIPE;
    while (trouble == NULL && ma_json_next(json, ']', &started))
        trouble = read_step(json, recipe, steps, &copied_to);
    return trouble != NULL ? trouble : json->failed ? NOT_A_RECIPE : NULL;
}

static bool is_field_name(ma_span name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
            return false;
    return name.length > 0;
}

static ma_recipe_field *find_field(const ma_recipe *recipe, ma_span name)
{
    for (size_t i = 0; i < recipe->field_count; i++)
        if (ma_span_equal_nocase(recipe->fields[i].name, name))
            return &recipe->fields[i];
    return NULL;
}

static ma_recipe_field *add_field(ma_arena *arena, ma_recipe *recipe, ma_span name)
{
    if (recipe->field_count == recipe->field_capacity) {
        recipe->field_capacity = recipe->field_capacity == 0 ? 8 : recipe->field_capacity * 2;
        ma_recipe_field *larger = ma_arena_take(arena, recipe->field_capacity * sizeof *larger);
        if (recipe->field_count > 0)
            memcpy(larger, recipe->fields, recipe->field_count * sizeof *larger);
        recipe->fields = larger;
    }
    ma_recipe_field *field = &recipe->fields[recipe->field_count++];
    field->name = name;
    return field;
}

static const char *read_fields(ma_json *json, ma_recipe *recipe)
{
    bool started = false;
    if (!ma_json_take(json, '{'))
        return NOT_A_RECIPE;
    while (ma_json_next(json, '}', &started)) {
        ma_span name;
        if (!ma_json_string(json, &name) || !ma_json_take(json, ':') || !is_field_name(name))
            return NOT_A_RECIPE;
        if (find_field(recipe, name) != NULL)
            return "the recipe names a field twice";
        if (recipe->field_count == MA_DKIM2_NAMES_MAX)
            return "the recipe names more than 256 fields";
        const char *trouble = read_steps(json, recipe, &add_field(json->arena, recipe, name)->steps);
        if (trouble != NULL)
            return trouble;
    }
    return json->failed ? NOT_A_RECIPE : NULL;
}

static const char *read_member(ma_json *json, ma_recipe *recipe, bool *has_fields)
{
    ma_span name;
    if (!ma_json_string(json, &name) || !ma_json_take(json, ':'))
        return NOT_A_RECIPE;
    if (ma_span_equal(name, MA_SPAN("h"))) {
        if (*has_fields)
            return NOT_A_RECIPE;
        *has_fields = true;
        return read_fields(json, recipe);
    }
    if (!ma_span_equal(name, MA_SPAN("b")))
        return ma_json_skip(json) ? NULL : NOT_A_RECIPE;
    if (recipe->changes_body)
        return NOT_A_RECIPE;
    recipe->changes_body = true;
    recipe->body_is_lost = ma_json_take_null(json);
    return recipe->body_is_lost ? NULL : read_steps(json, recipe, &recipe->body);
}

const char *ma_recipe_read(ma_arena *arena, ma_span text, ma_recipe *ret_recipe)
{
    ma_json json = ma_json_new(arena, text);
    ma_recipe recipe = { .fields = NULL };
    bool started = false, has_fields = false;
    const char *trouble = ma_json_take(&json, '{') ? NULL : NOT_A_RECIPE;
    while (trouble == NULL && ma_json_next(&json, '}', &started))
        trouble = read_member(&json, &recipe, &has_fields);
    if (trouble != NULL)
        return trouble;
    if (!ma_json_done(&json) || (!has_fields && !recipe.changes_body))
        return NOT_A_RECIPE;
    *ret_recipe = recipe;
    return NULL;
}

bool ma_recipe_restores_fields(const ma_recipe *recipe)
{
    for (size_t i = 0; i < recipe->field_count; i++)
        for (size_t step = 0; step < recipe->fields[i].steps.count; step++)
            if (!recipe->fields[i].steps.steps[step].copies)
                return true;
    return false;
}

/* ---- Undoing ---- */

/* The fields of that name, the lowest first, as they are numbered (§5.1). */
static const ma_field **fields_of(ma_arena *arena, const ma_message *message, ma_span name, size_t *ret_count)
{
    const ma_field **found = ma_arena_take(arena, (ma_message_count(message, name) + 1) * sizeof *found);
    size_t count = 0;
    for (size_t i = message->field_count; i-- > 0;)
        if (ma_span_equal_nocase(message->fields[i].name, name))
            found[count++] = &message->fields[i];
    *ret_count = count;
    return found;
}

static ma_field field_of_text(ma_arena *arena, ma_span name, ma_span value)
{
    ma_text text = ma_text_new(arena, name.length + value.length + 1);
    ma_text_add(&text, name);
    ma_text_add_byte(&text, ':');
    ma_text_add(&text, value);
    ma_span line = ma_text_span(&text);
    return (ma_field){ .name = ma_span_slice(line, 0, name.length),
        .value = ma_span_slice(line, name.length + 1, line.length), .line = line, .ending = MA_SPAN("\r\n") };
}

/* Writes what the steps bring forth, the lowest field last, into `into` from its end downwards. */
static bool undo_field(ma_arena *arena, const ma_recipe_field *recipe, const ma_message *message, ma_field *into,
    size_t room, size_t *ret_written)
{
    size_t present = 0, written = 0;
    const ma_field **old = fields_of(arena, message, recipe->name, &present);
    for (size_t i = 0; i < recipe->steps.count; i++) {
        const ma_recipe_step *step = &recipe->steps.steps[i];
        if (!step->copies)
            into[room - ++written] = field_of_text(arena, recipe->name, step->text);
        if (step->copies && step->end > present)
            return false;
        for (size_t number = step->start; step->copies && number <= step->end; number++)
            into[room - ++written] = *old[number - 1];
    }
    *ret_written = written;
    return true;
}

bool ma_recipe_undo_fields(ma_arena *arena, const ma_recipe *recipe, const ma_message *message, ma_message *ret_message)
{
    size_t room = message->field_count + recipe->step_count, count = 0;
    ma_field *fields = ma_arena_take(arena, (room + 1) * sizeof *fields);
    for (size_t i = 0; i < recipe->field_count; i++) {
        size_t written = 0;
        if (!undo_field(arena, &recipe->fields[i], message, fields, room - count, &written))
            return false;
        count += written;
    }
    for (size_t i = message->field_count; i-- > 0;)
        if (find_field(recipe, message->fields[i].name) == NULL)
            fields[room - ++count] = message->fields[i];
    *ret_message = *message;
    ret_message->fields = fields + (room - count);
    ret_message->field_count = count;
    return true;
}

/* Cuts one line, with its CR LF, off the front. false when nothing is left. */
static bool cut_line(ma_span *rest, ma_span *ret_line)
{
    size_t end = 0;
    if (rest->length == 0)
        return false;
    do {
        end += ma_span_find(ma_span_slice(*rest, end, rest->length), '\n');
        end += end < rest->length;
    } while (end < rest->length && (end < 2 || rest->at[end - 2] != '\r'));
    *ret_line = ma_span_slice(*rest, 0, end);
    *rest = ma_span_slice(*rest, end, rest->length);
    return true;
}

static void add_line(ma_text *text, ma_span line)
{
    ma_text_add(text, line);
    if (line.length < 2 || memcmp(line.at + line.length - 2, "\r\n", 2) != 0)
        ma_text_add(text, MA_SPAN("\r\n"));
}

/* Beyond what is copied: the lines given, and the line end that the last line may lack. */
static size_t text_bytes(const ma_recipe_steps *steps)
{
    size_t bytes = 2;
    for (size_t i = 0; i < steps->count; i++)
        bytes += steps->steps[i].text.length + 2;
    return bytes;
}

bool ma_recipe_undo_body(ma_arena *arena, const ma_recipe *recipe, ma_span body, ma_span *ret_body)
{
    ma_text text = ma_text_new(arena, body.length + text_bytes(&recipe->body));
    size_t line_number = 0;
    ma_span rest = body, line;
    for (size_t i = 0; i < recipe->body.count; i++) {
        const ma_recipe_step *step = &recipe->body.steps[i];
        if (!step->copies)
            add_line(&text, step->text);
        while (step->copies && line_number < step->end) {
            if (!cut_line(&rest, &line))
                return false;
            if (++line_number >= step->start)
                add_line(&text, line);
        }
    }
    *ret_body = ma_text_span(&text);
    return !text.full;
}
