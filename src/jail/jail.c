/* The engine's side of the jail: whose turn it is (queue.c), a child (pool.c), a conversation (talk.c), and what its end means. */
#include "engine.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "limits.h"
#include "pool.h"
#include "protocol.h"
#include "talk.h"

struct Jail {
    Queue *queue;
    Pool *pool;
    unsigned workers;
    pthread_mutex_t lock; /* of `counters`; not GMutex: the thread sanitizer sees through this one */
    JailCounters counters;
};

typedef struct Answer {
    Buffer bytes;
    SaldoError refusal;  /* of JAIL_OUTCOME_REFUSED */
    const char *trouble; /* where the message ended its reader; static */
} Answer;

/* ---- Start, stop, counters ------------------------------------------------------------------------------------------- */

Jail *jail_start_program(const char *program, const QueueLimits *limits, GError **error)
{
    Pool *pool = pool_start(program, limits->workers + JAIL_SPARES, error);
    if (pool == NULL)
        return NULL;
    Jail *jail = g_new0(Jail, 1);
    pthread_mutex_init(&jail->lock, NULL);
    jail->pool = pool;
    jail->queue = queue_new(limits);
    jail->workers = limits->workers;
    return jail;
}

QueueLimits jail_limits(unsigned workers)
{
    return (QueueLimits){
        .workers = CLAMP(workers, 1, JAIL_WORKERS_MAX),
        .waiting_max = { [QUEUE_DELIVERY] = JAIL_WAITING_DELIVERIES_MAX, [QUEUE_READER] = JAIL_WAITING_READERS_MAX },
        .wait_us = { [QUEUE_DELIVERY] = JAIL_WAIT_DELIVERY_US, [QUEUE_READER] = JAIL_WAIT_READER_US },
    };
}

Jail *jail_start(unsigned workers, GError **error)
{
    const QueueLimits limits = jail_limits(workers);
    return jail_start_program("saldo-jail", &limits, error);
}

void jail_stop(Jail *jail)
{
    if (jail == NULL)
        return;
    pool_stop(jail->pool);
    queue_free(jail->queue);
    pthread_mutex_destroy(&jail->lock);
    g_free(jail);
}

JailCounters jail_counters(Jail *jail)
{
    pthread_mutex_lock(&jail->lock);
    JailCounters counters = jail->counters;
    pthread_mutex_unlock(&jail->lock);
    const QueueCounts queue = queue_counts(jail->queue);
    const PoolFacts pool = pool_facts(jail->pool);
    counters.workers = jail->workers;
    counters.working = queue.working[QUEUE_DELIVERY] + queue.working[QUEUE_READER];
    counters.waiting = queue.waiting[QUEUE_DELIVERY] + queue.waiting[QUEUE_READER];
    counters.waiting_most = queue.waiting_most;
    counters.restarts = pool.restarts;
    counters.landlock_version = pool.landlock_version;
    return counters;
}

uint64_t jail_counters_sum(const JailCounters *counters, JailOutcome outcome)
{
    uint64_t sum = 0;
    for (JailQuestion question = 0; question < JAIL_QUESTIONS; question++)
        sum += counters->requests[question][outcome];
    return sum;
}

const char *jail_question_name(JailQuestion question)
{
    static const char *const names[JAIL_QUESTIONS]
        = { [JAIL_QUESTION_EXTRACT] = "extract", [JAIL_QUESTION_RENDER] = "render", [JAIL_QUESTION_PART] = "part" };
    return names[question];
}

const char *jail_outcome_name(JailOutcome outcome)
{
    static const char *const names[JAIL_OUTCOMES] = { [JAIL_OUTCOME_ANSWERED] = "answered", [JAIL_OUTCOME_REFUSED] = "refused",
        [JAIL_OUTCOME_CPU] = "cpu", [JAIL_OUTCOME_WALL] = "wall", [JAIL_OUTCOME_MEMORY] = "memory",
        [JAIL_OUTCOME_FORBIDDEN] = "forbidden", [JAIL_OUTCOME_BROKEN] = "broken", [JAIL_OUTCOME_BUSY] = "busy",
        [JAIL_OUTCOME_UNAVAILABLE] = "unavailable" };
    return names[outcome];
}

int jail_parent_pid(Jail *jail)
{
    return pool_facts(jail->pool).parent_pid;
}

/* ---- What an end means ------------------------------------------------------------------------------------------------ */

/* The signals by which a message can end its reader. Any other is somebody else's doing (an administrator, the system out
 * of memory) and says nothing about the message. */
static const struct {
    int signal;
    JailOutcome outcome;
    const char *trouble;
} own_ends[] = {
    { SIGXCPU, JAIL_OUTCOME_CPU, "reading the message took too much computing time and was stopped" },
    { SIGSYS, JAIL_OUTCOME_FORBIDDEN, "reading the message led to something that is forbidden and was stopped" },
    /* SIGTRAP is how GLib ends when memory is refused */
    { SIGTRAP, JAIL_OUTCOME_MEMORY, "reading the message took too much memory or came to a contradiction and was stopped" },
    { SIGABRT, JAIL_OUTCOME_MEMORY, "reading the message took too much memory or came to a contradiction and was stopped" },
    { SIGSEGV, JAIL_OUTCOME_BROKEN, "the reader broke down on the message" },
    { SIGBUS, JAIL_OUTCOME_BROKEN, "the reader broke down on the message" },
    { SIGILL, JAIL_OUTCOME_BROKEN, "the reader broke down on the message" },
    { SIGFPE, JAIL_OUTCOME_BROKEN, "the reader broke down on the message" },
};

static JailOutcome stopped(Answer *answer, JailOutcome outcome, const char *trouble)
{
    answer->trouble = trouble;
    return outcome;
}

/* JAIL_OUTCOME_UNAVAILABLE: it was ended from outside. */
static JailOutcome judge_end(const JailEnd *end, Answer *answer)
{
    if (end->used_its_time != 0)
        return stopped(answer, JAIL_OUTCOME_CPU, own_ends[0].trouble);
    if (!WIFSIGNALED(end->wait_status))
        return stopped(answer, JAIL_OUTCOME_BROKEN, "the reader gave up on the message");
    for (size_t i = 0; i < G_N_ELEMENTS(own_ends); i++)
        if (own_ends[i].signal == WTERMSIG(end->wait_status))
            return stopped(answer, own_ends[i].outcome, own_ends[i].trouble);
    return JAIL_OUTCOME_UNAVAILABLE;
}

static JailOutcome judge_answer(uint32_t code, Answer *answer)
{
    if (code == 0)
        return JAIL_OUTCOME_ANSWERED;
    if (code < JAIL_EXIT_REFUSED || code > JAIL_EXIT_REFUSED + SALDO_ERROR_IO)
        return stopped(answer, JAIL_OUTCOME_BROKEN, "the reader's answer makes no sense");
    answer->refusal = (SaldoError)(code - JAIL_EXIT_REFUSED);
    return JAIL_OUTCOME_REFUSED;
}

/* ---- Asking ------------------------------------------------------------------------------------------------------------ */

static void count_interrupted(Jail *jail)
{
    pthread_mutex_lock(&jail->lock);
    jail->counters.interrupted++;
    pthread_mutex_unlock(&jail->lock);
}

/* The child has ended without an answer: the parent knows why. */
static JailOutcome judge_silence(Jail *jail, const PoolChild *child, Answer *answer)
{
    JailEnd end;
    if (!pool_await_end(jail->pool, child, &end))
        return JAIL_OUTCOME_UNAVAILABLE;
    JailOutcome outcome = judge_end(&end, answer);
    if (outcome == JAIL_OUTCOME_UNAVAILABLE)
        count_interrupted(jail);
    return outcome;
}

/* One conversation and what it means; JAIL_OUTCOME_UNAVAILABLE says nothing about the message. */
static JailOutcome ask_child(Jail *jail, const PoolChild *child, const JailRequest *words, Span raw, Answer *answer)
{
    uint32_t code;
    switch (talk(child->socket, words, raw, &answer->bytes, &code)) {
    case TALK_ANSWERED: return judge_answer(code, answer);
    case TALK_TOO_MUCH:
        pool_kill(jail->pool, child);
        return stopped(answer, JAIL_OUTCOME_BROKEN, "reading the message gave more than can be taken");
    case TALK_TOO_LATE:
        pool_kill(jail->pool, child);
        JailEnd end; /* a parent that does not even say so was stuck before it forked: then nobody has read the message */
        return pool_await_end(jail->pool, child, &end)
            ? stopped(answer, JAIL_OUTCOME_WALL, "reading the message took too long and was stopped")
            : JAIL_OUTCOME_UNAVAILABLE;
    case TALK_BROKEN: break;
    }
    return judge_silence(jail, child, answer);
}

/* Asks a second child where the first was ended from outside. */
static JailOutcome ask_twice(Jail *jail, const JailRequest *words, Span raw, Answer *answer, GError **error)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        PoolChild child;
        if (!pool_take(jail->pool, &child, error))
            return JAIL_OUTCOME_UNAVAILABLE;
        buffer_clear(&answer->bytes);
        JailOutcome outcome = ask_child(jail, &child, words, raw, answer);
        pool_give_back(jail->pool, &child);
        if (outcome != JAIL_OUTCOME_UNAVAILABLE)
            return outcome;
    }
    error_set(error, SALDO_ERROR_UNAVAILABLE, "the message's reader was ended from outside twice in a row: try again");
    return JAIL_OUTCOME_UNAVAILABLE;
}

static const struct {
    JailKind kind;
    QueueClass class;
} questions[JAIL_QUESTIONS] = {
    [JAIL_QUESTION_EXTRACT] = { JAIL_EXTRACT, QUEUE_DELIVERY },
    [JAIL_QUESTION_RENDER] = { JAIL_RENDER, QUEUE_READER },
    [JAIL_QUESTION_PART] = { JAIL_READ_PART, QUEUE_READER },
};

/* `error` (UNAVAILABLE) is set with JAIL_OUTCOME_BUSY and JAIL_OUTCOME_UNAVAILABLE only. */
static JailOutcome ask(Jail *jail, JailQuestion question, uint32_t flag, uint32_t number, Span raw, Answer *answer,
    GError **error)
{
    const JailRequest words = { .kind = questions[question].kind, .flag = flag, .number = number };
    JailOutcome outcome = JAIL_OUTCOME_BUSY;
    if (queue_enter(jail->queue, questions[question].class, error)) {
        outcome = ask_twice(jail, &words, raw, answer, error);
        queue_leave(jail->queue, questions[question].class);
    }
    pthread_mutex_lock(&jail->lock);
    jail->counters.requests[question][outcome]++;
    pthread_mutex_unlock(&jail->lock);
    return outcome;
}

static bool is_temporary(JailOutcome outcome)
{
    return outcome == JAIL_OUTCOME_BUSY || outcome == JAIL_OUTCOME_UNAVAILABLE;
}

/* A refusal's text comes from the child: made clean here. */
static char *refusal_text(const Answer *answer)
{
    return text_clean(buffer_span(&answer->bytes), JAIL_REFUSAL_BYTES);
}

static char *too_large_text(Span raw)
{
    return g_strdup_printf("the message has %zu bytes; at most %lu are read", raw.length, LIMIT_MESSAGE_BYTES);
}

/* ---- The three questions ---------------------------------------------------------------------------------------------------------- */

static Extraction *unreadable(const char *trouble)
{
    Extraction *extraction = extraction_new();
    extraction->readable = false;
    extraction->trouble = g_strdup(trouble);
    extraction->summary = mail_summary_new();
    return extraction;
}

Extraction *extraction_decode(Span text)
{
    g_autoptr(GError) trouble = NULL;
    JSON_AUTO *json = json_read(text, LIMIT_EXTRACTION_BYTES, "the reader's answer", &trouble);
    Extraction *extraction = json == NULL ? NULL : extraction_from_json(json, &trouble);
    return extraction != NULL ? extraction : unreadable("the reader's answer makes no sense");
}

Extraction *jail_extract(Jail *jail, Span raw, bool is_mail, GError **error)
{
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        g_autofree char *trouble = too_large_text(raw);
        return unreadable(trouble);
    }
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    JailOutcome outcome = ask(jail, JAIL_QUESTION_EXTRACT, is_mail, 0, raw, &answer, error);
    Extraction *extraction = NULL;
    if (!is_temporary(outcome)) {
        g_autofree char *refusal = outcome == JAIL_OUTCOME_REFUSED ? refusal_text(&answer) : NULL;
        extraction = outcome == JAIL_OUTCOME_ANSWERED ? extraction_decode(buffer_span(&answer.bytes))
                                                 : unreadable(refusal != NULL ? refusal : answer.trouble);
    }
    buffer_done(&answer.bytes);
    return extraction;
}

/* Asks for bytes. On true they are in *answer, which the caller frees either way. */
static bool ask_for_bytes(Jail *jail, JailQuestion question, uint32_t flag, uint32_t number, Span raw, Answer *answer,
    GError **error)
{
    if (raw.length > LIMIT_MESSAGE_BYTES) {
        g_autofree char *trouble = too_large_text(raw);
        error_set(error, SALDO_ERROR_LIMIT, "%s", trouble);
        return false;
    }
    JailOutcome outcome = ask(jail, question, flag, number, raw, answer, error);
    if (outcome == JAIL_OUTCOME_ANSWERED || is_temporary(outcome))
        return outcome == JAIL_OUTCOME_ANSWERED;
    g_autofree char *refusal = outcome == JAIL_OUTCOME_REFUSED ? refusal_text(answer) : NULL;
    error_set(error, refusal != NULL ? answer->refusal : SALDO_ERROR_BAD_INPUT, "%s",
        refusal != NULL ? refusal : answer->trouble);
    return false;
}

char *jail_render_body(Jail *jail, Span raw, bool allow_remote_pictures, GError **error)
{
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    char *html = NULL;
    if (ask_for_bytes(jail, JAIL_QUESTION_RENDER, allow_remote_pictures, 0, raw, &answer, error)) {
        Span bytes = buffer_span(&answer.bytes);
        if (g_utf8_validate_len(bytes.at, bytes.length, NULL))
            html = g_strndup(bytes.at, bytes.length);
        else
            error_set(error, SALDO_ERROR_BAD_INPUT, "the reader's answer is not text");
    }
    buffer_done(&answer.bytes);
    return html;
}

GBytes *jail_read_part(Jail *jail, Span raw, unsigned part, GError **error)
{
    Answer answer = { .bytes = BUFFER_INIT(LIMIT_EXTRACTION_BYTES) };
    GBytes *bytes = NULL;
    if (ask_for_bytes(jail, JAIL_QUESTION_PART, 0, part, raw, &answer, error)) {
        Span taken = buffer_span(&answer.bytes);
        bytes = g_bytes_new(taken.at, taken.length);
    }
    buffer_done(&answer.bytes);
    return bytes;
}
