/* The table that logos/logo_table.py writes at build time. */
#pragma once

#include <stddef.h>

typedef struct LogoRow {
    const char *name, *base64;
} LogoRow;

extern const LogoRow logo_rows[];
extern const size_t logo_row_count;
