/* The samples being written: one place that knows the run, the files and what is expected of each. */
#pragma once

#include "bill.h"
#include "draft.h"
#include "samples.h"

typedef struct SampleSet {
    const SampleOrder *order;
    Book *book;
    int64_t run;         /* 1, 2, …: part of every invoice number */
    int64_t now_us;
    char *mail_directory;
    GString *expected;   /* expected.tsv */
    GString *envelopes;  /* envelopes.tsv */
    GString *invoices;   /* invoices.tsv */
    GString *readme;
} SampleSet;

/* A line of a bill, net in minor units, in both languages. */
typedef struct SampleLine {
    const char *label, *label_pl, *quantity;
    int64_t net;
    int vat;
} SampleLine;

enum { SAMPLE_LINES_MAX = 5 };

typedef struct SampleBill {
    const char *biller;
    size_t merchant;         /* index at the biller */
    const char *prefix;      /* "NE": the number is NE-<year>-<run><code> */
    int code;                /* three digits */
    const char *language;    /* NULL: the order's */
    const char *currency;
    int issued_days_ago, due_in_days;
    SampleLine lines[SAMPLE_LINES_MAX];
} SampleBill;

/* The bill with its number of this run; `line_count` 0 means all lines. */
Bill *sample_bill_make(const SampleSet *set, const SampleBill *sample, size_t line_count);
/* Writes DIR/mail/FILE and notes what is expected: `kind` card|hold|plain, `reason` a code of
 * trust/verdict.h, `about` one line for people. */
bool sample_file_write(SampleSet *set, const char *file, const GString *message, const char *kind, const char *reason,
    const char *about, GError **error);

/* payable.c, flawed.c, attached.c, ordinary.c */
bool samples_write_payable(SampleSet *set, GError **error);
bool samples_write_flawed(SampleSet *set, GError **error);
bool samples_write_attached(SampleSet *set, GError **error);
bool samples_write_ordinary(SampleSet *set, GError **error);
