/* One LMTP dialogue: RFC 2033 with PIPELINING (2920), 8BITMIME (6152), SMTPUTF8 (6531), CHUNKING (3030),
 * ENHANCEDSTATUSCODES (2034), SIZE (1870) and Postfix's XFORWARD for the client's address.
 *
 * 250 for a recipient is said only after the commit of its copy; anything that may pass by itself is 4xx.
 */
#include "lmtp_session.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "lmtp_io.h"

enum {
    LMTP_COMMAND_MAX = 4096,   /* RFC 5321 §4.5.3.1.4 asks for 512; XFORWARD and SMTPUTF8 addresses need more */
    LMTP_RECIPIENTS_MAX = 100, /* RFC 5321 §4.5.3.1.8 asks for at least 100 */
    LMTP_ERRORS_MAX = 20,      /* a client that goes on erring talks to itself */
    LMTP_TEXT_MAX = 400,       /* of an error text in a reply line (RFC 5321 §4.5.3.1.5: 512 in all) */
};

typedef struct LmtpSession {
    LmtpIo io;
    const Intake *intake;
    const LmtpOptions *options;
    bool greeted;
    bool has_sender;
    char *mail_from;
    GPtrArray *recipients; /* StoreMailbox * */
    Buffer data;
    bool in_chunks;        /* BDAT was begun: DATA is out of order then (RFC 3030 §2) */
    char *client_ip, *client_helo; /* by XFORWARD */
    unsigned errors;
    bool done;
} LmtpSession;

static void reset_transaction(LmtpSession *session)
{
    session->has_sender = false;
    g_clear_pointer(&session->mail_from, g_free);
    g_ptr_array_set_size(session->recipients, 0);
    buffer_done(&session->data);
    session->in_chunks = false;
}

static void refuse(LmtpSession *session, const char *reply)
{
    session->errors++;
    lmtp_io_reply(&session->io, "%s", reply);
}

/* ---- Commands without message data ------------------------------------------------------------ */

static void do_lhlo(LmtpSession *session, Span arguments)
{
    (void)arguments;
    reset_transaction(session);
    session->greeted = true;
    lmtp_io_reply(&session->io, "250-saldo");
    lmtp_io_reply(&session->io, "250-PIPELINING");
    lmtp_io_reply(&session->io, "250-8BITMIME");
    lmtp_io_reply(&session->io, "250-SMTPUTF8");
    lmtp_io_reply(&session->io, "250-CHUNKING");
    lmtp_io_reply(&session->io, "250-ENHANCEDSTATUSCODES");
    lmtp_io_reply(&session->io, "250-XFORWARD ADDR NAME HELO PROTO SOURCE PORT");
    lmtp_io_reply(&session->io, "250 SIZE %zu", session->options->message_bytes);
}

static void do_not_lmtp(LmtpSession *session, Span arguments)
{
    (void)arguments;
    refuse(session, "500 5.5.1 This is LMTP: say LHLO (RFC 2033)");
}

/* "<user@example.org> SIZE=1 …": the path without its brackets, and what follows it. */
static bool read_path(Span arguments, const char *keyword, char **ret_address, Span *ret_parameters)
{
    if (!span_starts_with_nocase(arguments, span_of(keyword)))
        return false;
    Span rest = span_trim(span_slice(arguments, strlen(keyword), arguments.length));
    size_t end = span_find_byte(rest, '>');
    if (rest.length == 0 || rest.at[0] != '<' || end == rest.length)
        return false;
    char *address = span_to_text(span_slice(rest, 1, end));
    if (address == NULL)
        return false;
    *ret_address = address;
    *ret_parameters = span_trim(span_slice(rest, end + 1, rest.length));
    return true;
}

/* The parameters of MAIL: SIZE, BODY and SMTPUTF8 are known. Returns NULL or the reply that refuses them. */
static const char *check_mail_parameters(const LmtpSession *session, Span parameters)
{
    Span part;
    while (parameters.length > 0 && span_cut(&parameters, ' ', &part)) {
        uint64_t size;
        if (span_starts_with_nocase(part, SPAN("SIZE="))) {
            if (!span_to_uint64(span_slice(part, 5, part.length), &size))
                return "501 5.5.4 SIZE needs a number of bytes";
            if (size > session->options->message_bytes)
                return "552 5.3.4 The message is larger than this server accepts (see SIZE)";
        } else if (!span_equal_nocase(part, SPAN("BODY=7BIT")) && !span_equal_nocase(part, SPAN("BODY=8BITMIME"))
            && !span_equal_nocase(part, SPAN("SMTPUTF8")) && part.length > 0) {
            return "555 5.5.4 This MAIL parameter is not known here";
        }
    }
    return NULL;
}

static void do_mail(LmtpSession *session, Span arguments)
{
    g_autofree char *address = NULL;
    Span parameters;
    if (!session->greeted) {
        refuse(session, "503 5.5.1 Say LHLO first");
    } else if (session->has_sender) {
        refuse(session, "503 5.5.1 A sender was given already; RSET begins anew");
    } else if (!read_path(arguments, "FROM:", &address, &parameters)) {
        refuse(session, "501 5.5.4 Write MAIL FROM:<address>");
    } else {
        const char *trouble = check_mail_parameters(session, parameters);
        if (trouble != NULL) {
            refuse(session, trouble);
            return;
        }
        session->mail_from = g_steal_pointer(&address);
        session->has_sender = true;
        lmtp_io_reply(&session->io, "250 2.1.0 Ok");
    }
}

typedef struct MailboxLookup {
    const char *address;
    StoreMailbox *mailbox;
} MailboxLookup;

static bool find_mailbox_unit(StoreTx *tx, void *context, GError **error)
{
    MailboxLookup *lookup = context;
    return store_mailbox_by_address(tx, lookup->address, &lookup->mailbox, error);
}

static void do_rcpt(LmtpSession *session, Span arguments)
{
    g_autofree char *address = NULL;
    Span parameters;
    if (!session->has_sender) {
        refuse(session, "503 5.5.1 Give the sender with MAIL first");
        return;
    }
    if (!read_path(arguments, "TO:", &address, &parameters) || *address == '\0') {
        refuse(session, "501 5.5.4 Write RCPT TO:<address>");
        return;
    }
    if (session->recipients->len >= LMTP_RECIPIENTS_MAX) {
        lmtp_io_reply(&session->io, "452 4.5.3 Too many recipients in one transaction; send the rest in another");
        return;
    }
    MailboxLookup lookup = { .address = address };
    g_autoptr(GError) error = NULL;
    if (store_read(session->intake->store, find_mailbox_unit, &lookup, &error)) {
        g_ptr_array_add(session->recipients, lookup.mailbox);
        lmtp_io_reply(&session->io, "250 2.1.5 Ok");
    } else if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_NOT_FOUND)) {
        lmtp_io_reply(&session->io, "550 5.1.1 <%.200s> has no mailbox here", address);
    } else {
        log_warning("intake", "looking up a mailbox: %s", error->message);
        lmtp_io_reply(&session->io, "451 4.3.0 The mailbox cannot be looked up now; try again later");
    }
}

static void do_rset(LmtpSession *session, Span arguments)
{
    (void)arguments;
    reset_transaction(session);
    lmtp_io_reply(&session->io, "250 2.0.0 Ok");
}

static void do_noop(LmtpSession *session, Span arguments)
{
    (void)arguments;
    lmtp_io_reply(&session->io, "250 2.0.0 Ok");
}

static void do_vrfy(LmtpSession *session, Span arguments)
{
    (void)arguments;
    lmtp_io_reply(&session->io, "252 2.1.5 Cannot verify; send and see");
}

static void do_quit(LmtpSession *session, Span arguments)
{
    (void)arguments;
    lmtp_io_reply(&session->io, "221 2.0.0 Bye");
    session->done = true;
}

/* xtext (RFC 3461 §4): "+2B" is '+'. Returns NULL where the value says that it is not known. */
static char *decode_xforward(Span value)
{
    if (value.length == 0 || span_equal_nocase(value, SPAN("[UNAVAILABLE]"))
        || span_equal_nocase(value, SPAN("[TEMPUNAVAIL]")))
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < value.length; i++) {
        int high = -1, low = -1;
        if (value.at[i] == '+' && i + 2 < value.length) {
            high = g_ascii_xdigit_value(value.at[i + 1]);
            low = g_ascii_xdigit_value(value.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            g_string_append_c(text, (char)(high << 4 | low));
            i += 2;
        } else {
            g_string_append_c(text, value.at[i]);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* "192.0.2.1" or "IPV6:2001:db8::1"; false where it is neither and not said to be unknown. */
static bool take_client_address(LmtpSession *session, Span value)
{
    bool is_ipv6 = span_starts_with_nocase(value, SPAN("IPV6:"));
    g_autofree char *address = decode_xforward(is_ipv6 ? span_slice(value, 5, value.length) : value);
    struct in6_addr room;
    if (address != NULL && inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address, &room) != 1)
        return false;
    g_free(session->client_ip);
    session->client_ip = g_steal_pointer(&address);
    return true;
}

/* One NAME=value; false where the name or the value is none. */
static bool take_forwarded(LmtpSession *session, Span name, Span value)
{
    static const char *const unused[] = { "NAME", "PROTO", "SOURCE", "PORT", "IDENT" };
    if (span_equal_nocase(name, SPAN("ADDR")))
        return take_client_address(session, value);
    if (span_equal_nocase(name, SPAN("HELO"))) {
        g_free(session->client_helo);
        session->client_helo = decode_xforward(value);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(unused); i++)
        if (span_equal_nocase(name, span_of(unused[i])))
            return true;
    return false;
}

static void do_xforward(LmtpSession *session, Span arguments)
{
    Span part;
    while (arguments.length > 0 && span_cut(&arguments, ' ', &part)) {
        size_t equals = span_find_byte(part, '=');
        if (equals == part.length
            || !take_forwarded(session, span_slice(part, 0, equals), span_slice(part, equals + 1, part.length))) {
            refuse(session, "501 5.5.4 Write XFORWARD ADDR=address HELO=name, with the names that LHLO lists");
            return;
        }
    }
    lmtp_io_reply(&session->io, "250 2.0.0 Ok");
}

/* ---- Message data ------------------------------------------------------------------------------- */

static void reply_for_all(LmtpSession *session, const char *reply)
{
    for (guint i = 0; i < session->recipients->len; i++)
        lmtp_io_reply(&session->io, "%s", reply);
}

/* What the client is told of an error; what may pass by itself is asked for again. */
static void reply_error(LmtpSession *session, const GError *error)
{
    if (g_error_matches(error, SALDO_ERROR, SALDO_ERROR_LIMIT)) {
        lmtp_io_reply(&session->io, "552 5.3.4 %.*s", LMTP_TEXT_MAX, error->message);
    } else {
        log_warning("intake", "a message was put off: %s", error->message);
        lmtp_io_reply(&session->io, "451 4.3.0 Not stored yet (%.*s); try again later", LMTP_TEXT_MAX, error->message);
    }
}

/* The message for recipient `index`; two addresses of one mailbox (user and user+detail) share one copy. */
static Id deliver_once(LmtpSession *session, guint index, const Id *stored, Span raw, const Reading *reading,
    const Envelope *envelope, GError **error)
{
    const StoreMailbox *mailbox = session->recipients->pdata[index];
    for (guint i = 0; i < index; i++) {
        const StoreMailbox *earlier = session->recipients->pdata[i];
        if (id_equal(earlier->id, mailbox->id) && !id_is_none(stored[i]))
            return stored[i];
    }
    return intake_deliver(session->intake, mailbox, raw, reading, envelope, error);
}

/* Reads the message once, then stores one copy per mailbox: each recipient has a reply of its own (RFC 2033 §4.2). */
static void deliver(LmtpSession *session)
{
    if (session->data.overflowed) {
        reply_for_all(session, "552 5.3.4 The message is larger than this server accepts (see SIZE)");
        return;
    }
    const Envelope envelope = { .client_ip = session->client_ip, .helo = session->client_helo,
        .mail_from = session->mail_from, .received_us = time_now_us() };
    Span raw = buffer_span(&session->data);
    g_autoptr(GError) trouble = NULL;
    g_autoptr(Reading) reading
        = pipeline_read(session->intake->authenticator, session->intake->jail, raw, &envelope, true, &trouble);
    Id stored[LMTP_RECIPIENTS_MAX];
    for (guint i = 0; i < session->recipients->len; i++) {
        stored[i] = ID_NONE;
        if (reading == NULL) {
            reply_error(session, trouble);
            continue;
        }
        g_autoptr(GError) error = NULL;
        stored[i] = deliver_once(session, i, stored, raw, reading, &envelope, &error);
        if (id_is_none(stored[i]))
            reply_error(session, error);
        else
            lmtp_io_reply(&session->io, "250 2.0.0 Stored as %s", stored[i].text);
    }
}

static bool ready_for_data(LmtpSession *session)
{
    if (!session->has_sender)
        refuse(session, "503 5.5.1 Give the sender with MAIL first");
    else if (session->recipients->len == 0)
        refuse(session, "503 5.5.1 No recipient was accepted");
    else
        return true;
    return false;
}

static void do_data(LmtpSession *session, Span arguments)
{
    (void)arguments;
    if (!ready_for_data(session))
        return;
    if (session->in_chunks) {
        refuse(session, "503 5.5.1 DATA cannot follow BDAT (RFC 3030)");
        return;
    }
    session->data = BUFFER_INIT(session->options->message_bytes);
    lmtp_io_reply(&session->io, "354 End with <CRLF>.<CRLF>");
    if (!lmtp_io_data(&session->io, &session->data))
        return;
    deliver(session);
    reset_transaction(session);
}

/* BDAT <size> [LAST]: the bytes follow at once, so they are read even when the command is refused. */
static void do_bdat(LmtpSession *session, Span arguments)
{
    Span size_text, rest = arguments;
    uint64_t size;
    if (arguments.length == 0 || !span_cut(&rest, ' ', &size_text) || !span_to_uint64(size_text, &size)
        || size > SIZE_MAX / 2) {
        refuse(session, "501 5.5.4 Write BDAT size [LAST]");
        session->done = true; /* what follows cannot be told apart from commands */
        return;
    }
    bool last = rest.at != NULL && span_equal_nocase(span_trim(rest), SPAN("LAST"));
    bool in_order = session->has_sender && session->recipients->len > 0;
    if (!session->in_chunks)
        session->data = BUFFER_INIT(in_order ? session->options->message_bytes : 0);
    session->in_chunks = true;
    if (!lmtp_io_exactly(&session->io, size, &session->data))
        return;
    if (!in_order) {
        ready_for_data(session);
        reset_transaction(session);
    } else if (last) {
        deliver(session);
        reset_transaction(session);
    } else if (session->data.overflowed) {
        refuse(session, "552 5.3.4 The message is larger than this server accepts (see SIZE)");
    } else {
        lmtp_io_reply(&session->io, "250 2.0.0 %" G_GUINT64_FORMAT " bytes", size);
    }
}

/* ---- Dialogue ------------------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    void (*run)(LmtpSession *session, Span arguments);
} commands[] = {
    { "LHLO", do_lhlo }, { "HELO", do_not_lmtp }, { "EHLO", do_not_lmtp }, { "MAIL", do_mail }, { "RCPT", do_rcpt },
    { "DATA", do_data }, { "BDAT", do_bdat }, { "RSET", do_rset }, { "NOOP", do_noop }, { "VRFY", do_vrfy },
    { "QUIT", do_quit }, { "XFORWARD", do_xforward },
};

static void dispatch(LmtpSession *session, Span line)
{
    Span arguments = line, verb = SPAN_EMPTY;
    span_cut(&arguments, ' ', &verb);
    arguments = arguments.at == NULL ? SPAN_EMPTY : span_trim(arguments);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (span_equal_nocase(verb, span_of(commands[i].verb))) {
            commands[i].run(session, arguments);
            return;
        }
    }
    refuse(session, "500 5.5.2 This command is not known here");
}

void lmtp_session_run(int socket, const Intake *intake, const LmtpOptions *options)
{
    LmtpSession session = { .intake = intake, .options = options,
        .recipients = g_ptr_array_new_with_free_func((GDestroyNotify)store_mailbox_free) };
    lmtp_io_init(&session.io, socket);
    BUFFER_AUTO line = BUFFER_INIT(LMTP_COMMAND_MAX);
    lmtp_io_reply(&session.io, "220 saldo LMTP ready");
    while (!session.done && !session.io.failed) {
        LmtpLine outcome = lmtp_io_line(&session.io, &line);
        if (outcome == LMTP_LINE_END)
            break;
        if (outcome == LMTP_LINE_TOO_LONG)
            refuse(&session, "500 5.5.2 The command line is too long");
        else
            dispatch(&session, buffer_span(&line));
        if (session.errors >= LMTP_ERRORS_MAX) {
            lmtp_io_reply(&session.io, "421 4.7.0 Too many errors");
            break;
        }
    }
    lmtp_io_flush(&session.io);
    reset_transaction(&session);
    g_ptr_array_free(session.recipients, TRUE);
    g_free(session.client_ip);
    g_free(session.client_helo);
    lmtp_io_done(&session.io);
}

void lmtp_session_refuse(int socket)
{
    LmtpIo io;
    lmtp_io_init(&io, socket);
    lmtp_io_reply(&io, "421 4.3.2 Too many connections; try again later");
    lmtp_io_flush(&io);
    lmtp_io_done(&io);
}
