/* Import: .eml files, mbox files (mboxrd quoting undone), Maildirs and directories of .eml, one message at a time.
 *
 * Nothing is known of the envelope, so SPF is none and DKIM decides. A message that cannot be taken is reported with
 * its place; the rest goes on.
 */
#include "intake/intake.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"

typedef struct ImportRun {
    const Intake *intake;
    const StoreMailbox *mailbox;
    ImportReport *report;
    void *context;
    ImportProgress progress;
} ImportRun;

GBytes *import_message_bytes(Span file_bytes)
{
    size_t line_end = span_find_byte(file_bytes, '\n');
    bool bare = line_end < file_bytes.length && (line_end == 0 || file_bytes.at[line_end - 1] != '\r');
    if (!bare)
        return g_bytes_new(file_bytes.at, file_bytes.length);
    g_autoptr(GByteArray) wire = g_byte_array_sized_new((guint)MIN(file_bytes.length + file_bytes.length / 32, G_MAXINT));
    Span rest = file_bytes;
    while (rest.length > 0) {
        size_t end = span_find_byte(rest, '\n');
        size_t text = end > 0 && end < rest.length && rest.at[end - 1] == '\r' ? end - 1 : end;
        g_byte_array_append(wire, (const guint8 *)rest.at, (guint)text);
        if (end < rest.length)
            g_byte_array_append(wire, (const guint8 *)"\r\n", 2);
        rest = span_slice(rest, end + 1, rest.length);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&wire));
}

static void report(ImportRun *run, const char *refused_text)
{
    if (refused_text != NULL)
        run->progress.refused++;
    if (run->report != NULL)
        run->report(run->context, &run->progress, refused_text);
}

static void import_one(ImportRun *run, Span file_bytes, const char *place)
{
    g_autoptr(GError) error = NULL;
    if (file_bytes.length == 0 || file_bytes.length > LIMIT_MESSAGE_BYTES) {
        g_autofree char *text = g_strdup_printf("%s: %zu bytes; a message has between 1 and %lu", place, file_bytes.length,
            LIMIT_MESSAGE_BYTES);
        report(run, text);
        return;
    }
    g_autoptr(GBytes) wire = import_message_bytes(file_bytes);
    Span raw = { g_bytes_get_data(wire, NULL), g_bytes_get_size(wire) };
    const Envelope envelope = { .received_us = time_now_us() };
    g_autoptr(Reading) reading
        = pipeline_read(run->intake->authenticator, run->intake->jail, raw, &envelope, true, &error);
    if (reading == NULL || id_is_none(intake_deliver(run->intake, run->mailbox, raw, reading, &envelope, &error))) {
        g_autofree char *text = g_strdup_printf("%s: %s", place, error->message);
        report(run, text);
        return;
    }
    run->progress.messages++;
    report(run, NULL);
}

/* ---- mbox ----------------------------------------------------------------------------------------- */

/* Offset of the next "From " line at or after `from`, which is a line start; the length where there is none. */
static size_t find_separator(Span mbox, size_t from)
{
    while (from < mbox.length) {
        Span rest = span_slice(mbox, from, mbox.length);
        if (span_starts_with(rest, SPAN("From ")))
            return from;
        from += span_find_byte(rest, '\n') + 1;
    }
    return mbox.length;
}

/* mboxrd: ">From " at a line start, with any number of ">", lost one ">" too few when it was stored. */
static GBytes *unquote_mboxrd(Span stored)
{
    g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)MIN(stored.length, G_MAXINT));
    while (stored.length > 0) {
        Span line = span_slice(stored, 0, span_find_byte(stored, '\n') + 1);
        size_t quotes = 0;
        while (quotes < line.length && line.at[quotes] == '>')
            quotes++;
        bool quoted = quotes > 0 && span_starts_with(span_slice(line, quotes, line.length), SPAN("From "));
        Span kept = quoted ? span_slice(line, 1, line.length) : line;
        g_byte_array_append(plain, (const guint8 *)kept.at, (guint)kept.length);
        stored = span_slice(stored, line.length, stored.length);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&plain));
}

static void import_mbox(ImportRun *run, Span mbox, const char *path)
{
    uint64_t before = run->progress.bytes_done;
    size_t at = 0;
    for (unsigned number = 1; at < mbox.length; number++) {
        size_t body = at + span_find_byte(span_slice(mbox, at, mbox.length), '\n') + 1;
        size_t next = find_separator(mbox, MIN(body, mbox.length));
        Span stored = span_slice(mbox, body, next);
        /* The blank line before the next separator belongs to the format. */
        if (span_ends_with_nocase(stored, SPAN("\n\n")))
            stored.length--;
        run->progress.bytes_done = before + next;
        g_autofree char *place = g_strdup_printf("%s, message %u", path, number);
        g_autoptr(GBytes) plain = unquote_mboxrd(stored);
        import_one(run, (Span){ g_bytes_get_data(plain, NULL), g_bytes_get_size(plain) }, place);
        at = next;
    }
}

/* ---- Files and directories -------------------------------------------------------------------------- */

static bool import_file(ImportRun *run, const char *path, GError **error)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);
    if (file == NULL)
        return false;
    Span bytes = { g_mapped_file_get_contents(file), g_mapped_file_get_length(file) };
    if (span_starts_with(bytes, SPAN("From "))) {
        import_mbox(run, bytes, path);
    } else {
        run->progress.bytes_done += bytes.length;
        import_one(run, bytes, path);
    }
    return true;
}

static gint compare_paths(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The message files of a directory, in order: a Maildir's new/ and cur/, or every *.eml. */
static bool list_directory(const char *path, bool every_file, GPtrArray *files, GError **error)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, error);
    if (directory == NULL)
        return false;
    const char *name;
    while ((name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        bool wanted = name[0] != '.' && (every_file || g_str_has_suffix(name, ".eml"));
        if (wanted && g_file_test(file, G_FILE_TEST_IS_REGULAR))
            g_ptr_array_add(files, g_steal_pointer(&file));
    }
    return true;
}

static bool collect_files(const char *path, GPtrArray *files, GError **error)
{
    g_autofree char *new_mail = g_build_filename(path, "new", NULL);
    g_autofree char *current = g_build_filename(path, "cur", NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_ptr_array_add(files, g_strdup(path));
        return true;
    }
    bool is_maildir = g_file_test(new_mail, G_FILE_TEST_IS_DIR) && g_file_test(current, G_FILE_TEST_IS_DIR);
    bool listed = is_maildir ? list_directory(new_mail, true, files, error) && list_directory(current, true, files, error)
                             : list_directory(path, false, files, error);
    if (!listed)
        return false;
    g_ptr_array_sort(files, compare_paths);
    if (files->len == 0) {
        error_set(error, SALDO_ERROR_NOT_FOUND,
            "%s holds no mail: a Maildir has new/ and cur/, another directory needs files named *.eml", path);
        return false;
    }
    return true;
}

static uint64_t file_bytes(const char *path)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    return file == NULL ? 0 : g_mapped_file_get_length(file);
}

bool import_path(const Intake *intake, const StoreMailbox *mailbox, const char *path, ImportReport *report_fn,
    void *context, GError **error)
{
    ImportRun run = { .intake = intake, .mailbox = mailbox, .report = report_fn, .context = context };
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    if (!collect_files(path, files, error))
        return false;
    for (guint i = 0; i < files->len; i++)
        run.progress.bytes_total += file_bytes(files->pdata[i]);
    for (guint i = 0; i < files->len; i++) {
        g_autoptr(GError) trouble = NULL;
        if (import_file(&run, files->pdata[i], &trouble))
            continue;
        if (files->len == 1) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        report(&run, trouble->message);
    }
    return true;
}
