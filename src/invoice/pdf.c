/* Files inside a PDF, by qpdf's C API.
 *
 * Three walks, each without recursion and all out of one budget of nodes: the name tree (whose order is not trusted: official
 * samples are unsorted), /AF of the document and of its pages, and file attachments among the annotations. A stream is taken
 * out of the PDF as it lies there and inflated here, since qpdf would inflate any amount.
 *
 * What qpdf itself inflates, object streams and cross-reference streams, only the jail bounds: there an allocation that fails
 * ends in a damaged PDF with a name, and too much work in a killed child. */
#include "invoice/pdf.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "limits.h"
#include "mail/container.h"

typedef struct Walk {
    qpdf_data pdf;
    PdfFiles *result;
    GArray *seen;      /* int: numbers of the objects that were visited */
    unsigned nodes;    /* that may still be visited */
    unsigned files;    /* that may still be tried */
    size_t budget;     /* bytes that may still be inflated */
    bool is_damaged;   /* qpdf gave a warning */
    bool is_too_large; /* one of them: there was no memory */
} Walk;

static void walk_done(Walk *walk)
{
    qpdf_get_error(walk->pdf); /* else a last one would be printed */
    qpdf_cleanup(&walk->pdf);
    g_array_unref(walk->seen);
}

static void file_free(void *file)
{
    PdfFile *owned = file;
    g_free(owned->name);
    g_free(owned->relationship);
    g_free(owned->media_type);
    g_clear_pointer(&owned->xml, g_bytes_unref);
    g_free(owned);
}

void pdf_files_free(PdfFiles *files)
{
    if (files == NULL)
        return;
    g_ptr_array_unref(files->files);
    g_ptr_array_unref(files->troubles);
    g_free(files);
}

static PdfFiles *files_new(void)
{
    PdfFiles *files = g_new0(PdfFiles, 1);
    files->files = g_ptr_array_new_with_free_func(file_free);
    files->troubles = g_ptr_array_new_with_free_func(g_free);
    return files;
}

static void add_trouble(Walk *walk, const char *text)
{
    if (walk->result->troubles->len < PDF_TROUBLES_MAX)
        g_ptr_array_add(walk->result->troubles, g_strdup(text));
}

/* ---- Reading objects: what is absent or of another kind reads as null ---------------------------------------------- */

static qpdf_oh member(const Walk *walk, qpdf_oh object, const char *key)
{
    bool has_members = qpdf_oh_is_dictionary(walk->pdf, object);
    return has_members ? qpdf_oh_get_key(walk->pdf, object, key) : qpdf_oh_new_null(walk->pdf);
}

/* Items of an array; 0 where it is none. */
static int item_count(const Walk *walk, qpdf_oh object)
{
    return qpdf_oh_is_array(walk->pdf, object) ? qpdf_oh_get_array_n_items(walk->pdf, object) : 0;
}

static char *clean_text(const char *value, size_t length)
{
    char *text = text_clean((Span){ value, length }, PDF_NAME_MAX);
    if (text[0] == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static char *string_text(const Walk *walk, qpdf_oh object)
{
    const char *value;
    size_t length;
    bool is_string = qpdf_oh_get_value_as_utf8(walk->pdf, object, &value, &length);
    return is_string ? clean_text(value, length) : NULL;
}

/* Without its slash. */
static char *name_text(const Walk *walk, qpdf_oh object)
{
    const char *value;
    size_t length;
    bool is_name = qpdf_oh_get_value_as_name(walk->pdf, object, &value, &length);
    return is_name && length > 1 ? clean_text(value + 1, length - 1) : NULL;
}

static bool is_no_memory(const Walk *walk, qpdf_error trouble)
{
    return strstr(qpdf_get_error_message_detail(walk->pdf, trouble), "bad_alloc") != NULL;
}

/* Takes note of what qpdf warned of. Where memory ended, the next object would only end it again, at the same price in time. */
static void take_warnings(Walk *walk)
{
    while (qpdf_more_warnings(walk->pdf)) {
        walk->is_damaged = true;
        walk->is_too_large |= is_no_memory(walk, qpdf_next_warning(walk->pdf));
    }
    if (walk->is_too_large && walk->nodes > 0) {
        walk->nodes = 0;
        add_trouble(walk, "The PDF unpacks to more than can be read; files inside it may not have been found.");
    }
}

/* True where this object may be visited: the first time, and while the budget lasts; each question costs a part of it. Direct
 * objects have no number; they cannot form loops. */
static bool enter(Walk *walk, qpdf_oh object)
{
    int number = qpdf_oh_get_object_id(walk->pdf, object);
    take_warnings(walk);
    if (walk->nodes == 0)
        return false;
    if (--walk->nodes == 0)
        add_trouble(walk, "The PDF has too many parts; files behind the first ones were not looked at.");
    for (unsigned i = 0; number != 0 && i < walk->seen->len; i++)
        if (g_array_index(walk->seen, int, i) == number)
            return false;
    if (number != 0)
        g_array_append_val(walk->seen, number);
    return true;
}

/* ---- One embedded file --------------------------------------------------------------------------------------------- */

typedef enum Packing { PACKING_NONE, PACKING_FLATE, PACKING_ODD, PACKING_UNKNOWN } Packing;

static bool is_expanding(const Walk *walk, qpdf_oh filter)
{
    static const char *const expanding[] = { "/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL" };
    for (size_t i = 0; i < G_N_ELEMENTS(expanding); i++)
        if (qpdf_oh_is_name_and_equals(walk->pdf, filter, expanding[i]))
            return true;
    return false;
}

static bool is_flate(const Walk *walk, qpdf_oh filter)
{
    return qpdf_oh_is_name_and_equals(walk->pdf, filter, "/FlateDecode") || qpdf_oh_is_name_and_equals(walk->pdf, filter, "/Fl");
}

/* Several filters in a row: at most one of them may expand. */
static Packing chain_packing(const Walk *walk, qpdf_oh filters, int count)
{
    unsigned expanding = 0;
    if (count > PDF_FILTERS_MAX)
        return PACKING_UNKNOWN;
    for (int i = 0; i < count; i++)
        expanding += is_expanding(walk, qpdf_oh_get_array_item(walk->pdf, filters, i));
    return expanding <= 1 ? PACKING_ODD : PACKING_UNKNOWN;
}

static Packing stream_packing(const Walk *walk, qpdf_oh dictionary)
{
    qpdf_oh filter = member(walk, dictionary, "/Filter"), parameters = member(walk, dictionary, "/DecodeParms");
    int count = item_count(walk, filter);
    if (qpdf_oh_is_null(walk->pdf, filter) || (qpdf_oh_is_array(walk->pdf, filter) && count == 0))
        return PACKING_NONE;
    if (count > 1)
        return chain_packing(walk, filter, count);
    if (count == 1)
        filter = qpdf_oh_get_array_item(walk->pdf, filter, 0);
    if (!is_flate(walk, filter) || !qpdf_oh_is_null(walk->pdf, parameters))
        return PACKING_ODD;
    return PACKING_FLATE;
}

/* The stream's bytes with the encryption taken off; unpacked by qpdf where `unpack`. Newly allocated, to be freed by free().
 * False where that cannot be done. */
static bool stream_bytes(const Walk *walk, qpdf_oh stream, bool unpack, unsigned char **ret_bytes, size_t *ret_length)
{
    QPDF_BOOL unpacked = QPDF_FALSE;
    *ret_bytes = NULL;
    *ret_length = 0;
    QPDF_ERROR_CODE code = qpdf_oh_get_stream_data(walk->pdf, stream, unpack ? qpdf_dl_specialized : qpdf_dl_none, &unpacked,
        ret_bytes, ret_length);
    return (code & QPDF_ERRORS) == 0 && (!unpack || unpacked);
}

static GBytes *take_plain(Walk *walk, unsigned char **bytes, size_t length, GError **error)
{
    size_t maximum = MIN(PDF_FILE_BYTES_MAX, walk->budget);
    if (length > maximum) {
        error_set(error, SALDO_ERROR_LIMIT, "it has more than %zu bytes", maximum);
        return NULL;
    }
    walk->budget -= length;
    unsigned char *taken = g_steal_pointer(bytes);
    return g_bytes_new_with_free_func(taken, length, free, taken);
}

static GBytes *take_odd(Walk *walk, qpdf_oh stream, size_t packed, GError **error)
{
    unsigned char *bytes = NULL;
    size_t length;
    if (packed > PDF_ODD_STREAM_BYTES_MAX || !stream_bytes(walk, stream, true, &bytes, &length)) {
        free(bytes);
        error_set(error, SALDO_ERROR_BAD_INPUT, "it is packed in a way that is not read here");
        return NULL;
    }
    GBytes *content = take_plain(walk, &bytes, length, error);
    free(bytes);
    return content;
}

/* zlib's two bytes stand in front; its checksum behind is not asked, since writers are known to get it wrong. */
static GBytes *inflate(Walk *walk, Span packed, GError **error)
{
    enum { ZLIB_HEADER_BYTES = 2 };
    if (packed.length == 0)
        return g_bytes_new_static("", 0);
    return mail_inflate(span_slice(packed, ZLIB_HEADER_BYTES, packed.length), PDF_FILE_BYTES_MAX, &walk->budget, error);
}

/* `stream` is 0 where there is none. */
static GBytes *stream_content(Walk *walk, qpdf_oh stream, GError **error)
{
    unsigned char *bytes = NULL;
    size_t length;
    GBytes *content = NULL;
    if (stream == 0 || !stream_bytes(walk, stream, false, &bytes, &length)) {
        free(bytes);
        error_set(error, SALDO_ERROR_BAD_INPUT, "it is damaged or missing");
        return NULL;
    }
    switch (stream_packing(walk, qpdf_oh_get_dict(walk->pdf, stream))) {
    case PACKING_NONE:
        content = take_plain(walk, &bytes, length, error);
        break;
    case PACKING_FLATE:
        content = inflate(walk, (Span){ (const char *)bytes, length }, error);
        break;
    case PACKING_ODD:
        content = take_odd(walk, stream, length, error);
        break;
    case PACKING_UNKNOWN:
        error_set(error, SALDO_ERROR_BAD_INPUT, "it is packed in a way that is not read here");
        break;
    }
    free(bytes);
    return content;
}

/* The stream among /EF's members; 0 (no handle) where there is none. */
static qpdf_oh embedded_stream(const Walk *walk, qpdf_oh embedded)
{
    static const char *const keys[] = { "/UF", "/F", "/Unix", "/DOS", "/Mac" };
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        qpdf_oh stream = member(walk, embedded, keys[i]);
        if (qpdf_oh_is_stream(walk->pdf, stream))
            return stream;
    }
    return 0;
}

static char *file_name(const Walk *walk, qpdf_oh specification, qpdf_oh key)
{
    char *name = string_text(walk, member(walk, specification, "/UF"));
    if (name == NULL)
        name = string_text(walk, member(walk, specification, "/F"));
    return name == NULL && key != 0 ? string_text(walk, key) : name;
}

static void add_file(Walk *walk, char *name, qpdf_oh specification, qpdf_oh stream, GBytes *content)
{
    gsize length;
    const char *data = g_bytes_get_data(content, &length);
    PdfFile *file = g_new0(PdfFile, 1);
    file->name = name;
    file->relationship = name_text(walk, member(walk, specification, "/AFRelationship"));
    file->media_type = name_text(walk, member(walk, qpdf_oh_get_dict(walk->pdf, stream), "/Subtype"));
    file->length = length;
    if (mail_file_kind((Span){ data, length }) == MAIL_FILE_XML)
        file->xml = g_bytes_ref(content);
    g_ptr_array_add(walk->result->files, file);
}

/* True where a further file may be tried. */
static bool may_try(Walk *walk)
{
    if (walk->files > 0) {
        walk->files--;
        return true;
    }
    add_trouble(walk, "The PDF carries too many files; only the first ones were read.");
    walk->nodes = 0;
    return false;
}

/* A file specification dictionary (ISO 32000-2 §7.11.3); `key` is its name in the name tree, or 0. */
static void visit_file(Walk *walk, qpdf_oh specification, qpdf_oh key)
{
    g_autoptr(GError) error = NULL;
    if (!enter(walk, specification))
        return;
    qpdf_oh embedded = member(walk, specification, "/EF");
    if (!qpdf_oh_is_dictionary(walk->pdf, embedded) || !may_try(walk))
        return;
    qpdf_oh stream = embedded_stream(walk, embedded);
    if (stream != 0 && !enter(walk, stream))
        return;
    g_autofree char *name = file_name(walk, specification, key);
    g_autoptr(GBytes) content = stream_content(walk, stream, &error);
    if (content != NULL) {
        add_file(walk, g_steal_pointer(&name), specification, stream, content);
        return;
    }
    g_autofree char *text
        = g_strdup_printf("\"%s\" in the PDF was not read: %s.", name == NULL ? "(no name)" : name, error->message);
    add_trouble(walk, text);
}

/* ---- The walks ----------------------------------------------------------------------------------------------------- */

/* Pushes the items of /Kids so that the first one comes off first. No more of them than may still be visited. */
static void push_kids(const Walk *walk, GArray *stack, qpdf_oh node)
{
    qpdf_oh kids = member(walk, node, "/Kids");
    int count = MIN(item_count(walk, kids), (int)(walk->nodes - MIN(walk->nodes, stack->len)));
    for (int i = count - 1; i >= 0; i--) {
        qpdf_oh kid = qpdf_oh_get_array_item(walk->pdf, kids, i);
        g_array_append_val(stack, kid);
    }
}

/* Every node of a tree that hangs together by /Kids, in order. */
static void walk_tree(Walk *walk, qpdf_oh root, void (*visit)(Walk *walk, qpdf_oh node))
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(qpdf_oh));
    g_array_append_val(stack, root);
    while (stack->len > 0 && walk->nodes > 0) {
        qpdf_oh node = g_array_index(stack, qpdf_oh, stack->len - 1);
        g_array_set_size(stack, stack->len - 1);
        if (!enter(walk, node) || !qpdf_oh_is_dictionary(walk->pdf, node))
            continue;
        visit(walk, node);
        push_kids(walk, stack, node);
    }
}

static void visit_name_node(Walk *walk, qpdf_oh node)
{
    qpdf_oh names = member(walk, node, "/Names");
    int count = item_count(walk, names);
    for (int i = 0; i + 1 < count && walk->nodes > 0; i += 2)
        visit_file(walk, qpdf_oh_get_array_item(walk->pdf, names, i + 1), qpdf_oh_get_array_item(walk->pdf, names, i));
}

/* /AF of anything: an array of specifications; some writers put the one they have there directly. */
static void visit_associated(Walk *walk, qpdf_oh owner)
{
    qpdf_oh associated = member(walk, owner, "/AF");
    int count = item_count(walk, associated);
    for (int i = 0; i < count && walk->nodes > 0; i++)
        visit_file(walk, qpdf_oh_get_array_item(walk->pdf, associated, i), 0);
    if (count == 0)
        visit_file(walk, associated, 0);
}

static void visit_page(Walk *walk, qpdf_oh page)
{
    qpdf_oh annotations = member(walk, page, "/Annots");
    int count = item_count(walk, annotations);
    visit_associated(walk, page);
    for (int i = 0; i < count && walk->nodes > 0; i++) {
        qpdf_oh annotation = qpdf_oh_get_array_item(walk->pdf, annotations, i);
        if (enter(walk, annotation)
            && qpdf_oh_is_name_and_equals(walk->pdf, member(walk, annotation, "/Subtype"), "/FileAttachment"))
            visit_file(walk, member(walk, annotation, "/FS"), 0);
    }
}

/* Where a form says that it holds signatures (§12.7.3), or a signature rules what may be changed (§12.8.6). */
static bool says_it_is_signed(const Walk *walk, qpdf_oh root)
{
    long long flags = 0;
    qpdf_oh_get_value_as_longlong(walk->pdf, member(walk, member(walk, root, "/AcroForm"), "/SigFlags"), &flags);
    return (flags & 1) != 0 || !qpdf_oh_is_null(walk->pdf, member(walk, member(walk, root, "/Perms"), "/DocMDP"));
}

static bool found_xml(const PdfFiles *result)
{
    for (unsigned i = 0; i < result->files->len; i++)
        if (((const PdfFile *)result->files->pdata[i])->xml != NULL)
            return true;
    return false;
}

/* ---- The document -------------------------------------------------------------------------------------------------- */

#define TOO_LARGE "the PDF unpacks to more than can be read"

static bool open_document(Walk *walk, Span document, GError **error)
{
    qpdf_silence_errors(walk->pdf);
    qpdf_set_suppress_warnings(walk->pdf, QPDF_TRUE);
    QPDF_ERROR_CODE code = qpdf_read_memory(walk->pdf, "PDF", document.at, document.length, "");
    if ((code & QPDF_ERRORS) == 0)
        return true;
    qpdf_error trouble = qpdf_get_error(walk->pdf);
    if (is_no_memory(walk, trouble)) {
        error_set(error, SALDO_ERROR_LIMIT, TOO_LARGE);
        return false;
    }
    switch (qpdf_get_error_code(walk->pdf, trouble)) {
    case qpdf_e_password:
        error_set(error, SALDO_ERROR_DENIED, "the PDF asks for a password; ask the sender for it without one");
        break;
    case qpdf_e_unsupported:
        error_set(error, SALDO_ERROR_DENIED, "the PDF is encrypted in a way that is not known here; ask the sender for it "
            "without encryption");
        break;
    default:
        error_set(error, SALDO_ERROR_BAD_INPUT, "the file is no PDF, or it is damaged or cut short");
        break;
    }
    return false;
}

PdfFiles *invoice_pdf_read(Span document, GError **error)
{
    __attribute__((cleanup(walk_done))) Walk walk = { .pdf = qpdf_init(), .seen = g_array_new(FALSE, FALSE, sizeof(int)),
        .nodes = PDF_NODES_MAX, .files = PDF_FILES_MAX, .budget = PDF_TOTAL_BYTES_MAX };
    if (!open_document(&walk, document, error))
        return NULL;
    g_autoptr(PdfFiles) result = files_new();
    walk.result = result;
    qpdf_oh root = qpdf_get_root(walk.pdf);
    if (!qpdf_oh_is_dictionary(walk.pdf, root)) {
        take_warnings(&walk);
        error_set(error, walk.is_too_large ? SALDO_ERROR_LIMIT : SALDO_ERROR_BAD_INPUT, "%s",
            walk.is_too_large ? TOO_LARGE : "the PDF is damaged or cut short: it has no catalogue");
        return NULL;
    }
    result->is_encrypted = qpdf_is_encrypted(walk.pdf);
    result->is_signed = says_it_is_signed(&walk, root);
    walk_tree(&walk, member(&walk, member(&walk, root, "/Names"), "/EmbeddedFiles"), visit_name_node);
    visit_associated(&walk, root);
    walk_tree(&walk, member(&walk, root, "/Pages"), visit_page);
    /* Many writers' files give warnings; they matter where something may be missing. */
    take_warnings(&walk);
    if (!found_xml(result) && walk.is_damaged && !walk.is_too_large)
        add_trouble(&walk, "The PDF is damaged; files inside it may not have been found.");
    return g_steal_pointer(&result);
}

void invoice_pdf_warm_up(void)
{
    /* Without a cross-reference table, so that recovery is warm too. */
    static const char sample[] = "%PDF-1.4\n1 0 obj <</Type /Catalog /AF [2 0 R]>> endobj\n"
                                 "2 0 obj <</UF (\\376\\377\\000a) /EF <</F 3 0 R>>>> endobj\n"
                                 "3 0 obj <</Length 4 /Filter /ASCIIHexDecode>> stream\n3C61\nendstream endobj\n"
                                 "trailer <</Root 1 0 R>>\n%%EOF\n";
    g_autoptr(PdfFiles) files = invoice_pdf_read((Span){ sample, sizeof sample - 1 }, NULL);
    g_assert(files != NULL && files->files->len == 1);
}
