/* Recipes (draft-ietf-dkim-dkim2-spec-04 §5): how the message looked before it was changed on its way. */
#pragma once

#include "limits.h"
#include "message.h"

/* One line of the body or one header field that is to come out. */
typedef struct ma_recipe_step {
    bool copies;
    size_t start, end; /* copies: from … to …, counted from 1 */
    ma_span text;      /* else this, as given */
} ma_recipe_step;

typedef struct ma_recipe_steps {
    ma_recipe_step *steps;
    size_t count, capacity;
} ma_recipe_steps;

typedef struct ma_recipe_field {
    ma_span name;
    ma_recipe_steps steps; /* none: all fields of that name are to go */
} ma_recipe_field;

typedef struct ma_recipe {
    ma_recipe_field *fields;
    size_t field_count, field_capacity;
    bool changes_body;
    bool body_is_lost; /* "b" is null: the body before cannot be had */
    ma_recipe_steps body;
    size_t step_count; /* of all */
} ma_recipe;

/* NULL, or what is wrong with the JSON text. */
const char *ma_recipe_read(ma_arena *arena, ma_span json, ma_recipe *ret_recipe);
/* Some field was changed or removed, not only added. */
bool ma_recipe_restores_fields(const ma_recipe *recipe);

/* The fields before the change; false where the recipe asks for one that is not there. Bodies are left alone. */
bool ma_recipe_undo_fields(ma_arena *arena, const ma_recipe *recipe, const ma_message *message, ma_message *ret_message);
/* The body before the change, which the recipe has steps for; likewise. */
bool ma_recipe_undo_body(ma_arena *arena, const ma_recipe *recipe, ma_span body, ma_span *ret_body);
