/* What the files of the views share. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Takes `value` over. */
void views_put(json_t *object, const char *name, json_t *value);
/* 0 where not overdue or without a due date. */
int64_t views_overdue_days(const char *due_date, int64_t now_us);
json_t *views_texts(const GPtrArray *texts);
/* "08/28" is good until the end of that month (UTC). */
bool views_is_expired(const char *expiry, int64_t now_us);
