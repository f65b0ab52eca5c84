/* A resolver over libunbound: validating, caching, asynchronous, shared by threads.
 *
 * libunbound resolves in a thread of its own. One more thread, the clerk, takes its answers and files them; each
 * caller runs the callbacks of its own look-ups in `wait`, so that no callback ever runs on a foreign thread. The
 * names of the zone file are answered at once, from memory. */
#include "mailauth.h"

#include "answer.h"
#include "domain.h"
#include "limits.h"
#include "zone.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unbound.h>
#include <unistd.h>

typedef struct service service;

/* One look-up. It belongs to its starter until that one has been called back, and to libunbound until that one
 * has answered: the last of the two frees it. */
typedef struct question {
    struct question *next;
    service *service;
    pthread_t owner;
    uint16_t type;
    int64_t deadline_us;
    mailauth_answer_fn *done; /* NULL once called */
    void *context;
    int id; /* of libunbound, to cancel by */
    bool answered;
    int error;
    struct ub_result *result;
} question;

struct service {
    struct ub_ctx *unbound; /* NULL with no_network */
    ma_zone *zone;          /* or NULL */
    pthread_mutex_t lock;
    pthread_cond_t filed;   /* an answer was filed */
    question *open;
    size_t open_count;
    pthread_t clerk;
    bool has_clerk;
    int stop; /* eventfd that ends the clerk */
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- Putting questions ---- */

static void unlink_question(service *this, question *gone)
{
    question **link = &this->open;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    this->open_count--;
}

static void free_question(question *gone)
{
    ub_resolve_free(gone->result);
    free(gone);
}

/* Runs on the clerk's thread, from ub_process. */
static void file_answer(void *context, int error, struct ub_result *result)
{
    question *this = context;
    service *owner = this->service;
    pthread_mutex_lock(&owner->lock);
    this->answered = true;
    this->error = error;
    this->result = result;
    bool orphan = this->done == NULL;
    if (orphan)
        unlink_question(owner, this);
    else
        pthread_cond_broadcast(&owner->filed);
    pthread_mutex_unlock(&owner->lock);
    if (orphan)
        free_question(this);
}

static int ask_network(service *this, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    question *asked = ma_allocate(sizeof *asked);
    *asked = (question){ .service = this, .owner = pthread_self(), .type = type, .deadline_us = deadline_us,
        .done = done, .context = context };
    pthread_mutex_lock(&this->lock);
    bool accepted = this->open_count < MA_OPEN_LOOKUPS_MAX;
    if (accepted) {
        asked->next = this->open;
        this->open = asked;
        this->open_count++;
        enum { CLASS_IN = 1 };
        accepted = ub_resolve_async(this->unbound, name, type, CLASS_IN, asked, file_answer, &asked->id) == 0;
        if (!accepted)
            unlink_question(this, asked);
    }
    pthread_mutex_unlock(&this->lock);
    if (!accepted)
        free(asked);
    return accepted ? 0 : -1;
}

typedef struct escaped_name {
    char text[4 * MA_NAME_BYTES_MAX + 1];
} escaped_name;

/* libunbound reads names as a zone file does; what means something there, or is no letter, goes as \DDD. */
static escaped_name escape(const char *name)
{
    escaped_name out;
    size_t length = 0;
    for (size_t i = 0; i < MA_NAME_BYTES_MAX && name[i] != '\0'; i++) {
        bool plain = name[i] > ' ' && name[i] < 127 && strchr("\\\"();@$", name[i]) == NULL;
        length += (size_t)snprintf(out.text + length, sizeof out.text - length, plain ? "%c" : "\\%03u",
            (unsigned)(uint8_t)name[i]);
    }
    out.text[length] = '\0';
    return out;
}

static int service_start(void *self, const char *name, uint16_t type, int64_t deadline_us, mailauth_answer_fn *done,
    void *context)
{
    service *this = self;
    if (this->zone != NULL && (this->unbound == NULL || ma_zone_has_records(this->zone, name))) {
        ma_zone_answer(this->zone, name, type, done, context);
        return 0;
    }
    if (this->unbound == NULL) {
        enum { ABSENT_TTL_S = 300 };
        done(context, &(mailauth_answer){ .rcode = MAILAUTH_DNS_NXDOMAIN, .ttl = ABSENT_TTL_S });
        return 0;
    }
    escaped_name written = escape(name);
    return ask_network(this, written.text, type, deadline_us, done, context);
}

/* ---- Handing answers out ---- */

static mailauth_rcode rcode_of(const struct ub_result *result)
{
    if (result->rcode == MAILAUTH_DNS_NXDOMAIN)
        return MAILAUTH_DNS_NXDOMAIN;
    return result->rcode == 0 ? MAILAUTH_DNS_OK : MAILAUTH_DNS_SERVFAIL;
}

static void hand_out(question *this)
{
    mailauth_rdata records[MA_RECORDS_MAX + 1];
    mailauth_answer answer = { .rcode = MAILAUTH_DNS_SERVFAIL, .records = records };
    const struct ub_result *result = this->result;
    if (!this->answered) {
        answer.rcode = MAILAUTH_DNS_TIMEOUT;
    } else if (this->error == 0 && result != NULL) {
        answer.rcode = rcode_of(result);
        answer.dnssec = result->bogus ? MAILAUTH_DNSSEC_BOGUS
            : result->secure          ? MAILAUTH_DNSSEC_SECURE
                                      : MAILAUTH_DNSSEC_INSECURE;
        answer.ttl = result->ttl > 0 ? (uint32_t)result->ttl : 0;
        bool useful = answer.rcode == MAILAUTH_DNS_OK && !result->bogus && result->havedata;
        for (size_t i = 0; useful && result->data[i] != NULL && i <= MA_RECORDS_MAX; i++)
            records[answer.record_count++]
                = (mailauth_rdata){ (const uint8_t *)result->data[i], (size_t)result->len[i] };
    }
    this->done(this->context, &answer);
}

/* Takes one look-up of this thread that is answered or too late off the list; *ret_soonest is the nearest
 * deadline of the others, *ret_any whether there are any. */
static question *take_ready(service *this, int64_t now, int64_t *ret_soonest, bool *ret_any)
{
    *ret_soonest = INT64_MAX;
    *ret_any = false;
    for (question *each = this->open; each != NULL; each = each->next) {
        if (each->done == NULL || !pthread_equal(each->owner, pthread_self()))
            continue;
        *ret_any = true;
        if (each->answered) {
            unlink_question(this, each);
            return each;
        }
        if (each->deadline_us <= now)
            return each;
        if (each->deadline_us < *ret_soonest)
            *ret_soonest = each->deadline_us;
    }
    return NULL;
}

static void wait_until(service *this, int64_t deadline_us)
{
    struct timespec until = { .tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000 };
    pthread_cond_timedwait(&this->filed, &this->lock, &until);
}

/* Calls back outside the lock: a callback may start the next look-up. A look-up that is too late stays listed,
 * without callback, until libunbound answers or gives it up. */
static void call_back(service *this, question *ready)
{
    question copy = *ready;
    if (!ready->answered) {
        ready->done = NULL;
        if (ub_cancel(this->unbound, ready->id) == 0) {
            unlink_question(this, ready);
            free(ready);
        }
        ready = NULL;
    }
    pthread_mutex_unlock(&this->lock);
    hand_out(&copy);
    if (ready != NULL)
        free_question(ready);
    pthread_mutex_lock(&this->lock);
}

static int service_wait(void *self)
{
    service *this = self;
    int64_t soonest;
    bool any, ran = false;
    pthread_mutex_lock(&this->lock);
    for (;;) {
        question *ready = take_ready(this, now_us(), &soonest, &any);
        if (ready != NULL) {
            call_back(this, ready);
            ran = true;
        } else if (ran || !any) {
            break;
        } else {
            wait_until(this, soonest);
        }
    }
    pthread_mutex_unlock(&this->lock);
    return 0;
}

/* ---- The clerk ---- */

static void *clerk_main(void *context)
{
    service *this = context;
    struct pollfd ready[] = { { .fd = ub_fd(this->unbound), .events = POLLIN }, { .fd = this->stop, .events = POLLIN } };
    for (;;) {
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (ready[1].revents != 0)
            return NULL;
        if (ready[0].revents != 0)
            ub_process(this->unbound);
    }
}

/* ---- Beginning and end ---- */

static void service_free(void *self)
{
    service *this = self;
    if (this->has_clerk) {
        const uint64_t one = 1;
        ssize_t written = write(this->stop, &one, sizeof one);
        (void)written; /* an eventfd at zero takes it */
        pthread_join(this->clerk, NULL);
    }
    if (this->unbound != NULL)
        ub_ctx_delete(this->unbound);
    while (this->open != NULL) {
        question *gone = this->open;
        unlink_question(this, gone);
        free_question(gone);
    }
    if (this->stop >= 0)
        close(this->stop);
    ma_zone_free(this->zone);
    pthread_cond_destroy(&this->filed);
    pthread_mutex_destroy(&this->lock);
    free(this);
}

static char *message(const char *what, const char *about, const char *why)
{
    char *text = NULL;
    return asprintf(&text, "%s%s%s%s%s", what, about == NULL ? "" : " ", about == NULL ? "" : about,
               why == NULL ? "" : ": ", why == NULL ? "" : why) < 0
        ? NULL
        : text;
}

/* The host's own way to the DNS: its resolv.conf, its hosts file, the root's key as Debian installs it. */
static int use_host(struct ub_ctx *unbound)
{
    static const char ROOT_KEY[] = "/usr/share/dns/root.key";
    int error = ub_ctx_resolvconf(unbound, NULL);
    if (error == 0 && access(ROOT_KEY, R_OK) == 0)
        error = ub_ctx_add_ta_file(unbound, ROOT_KEY);
    return error;
}

static char *configure(struct ub_ctx *unbound, const mailauth_unbound_options *options)
{
    int error = ub_ctx_async(unbound, 1);
    if (error != 0)
        return message("libunbound cannot use threads", NULL, ub_strerror(error));
    /* A resolver on this very host is what many hosts have. */
    error = ub_ctx_set_option(unbound, "do-not-query-localhost:", "no");
    if (error != 0)
        return message("libunbound refuses a setting", NULL, ub_strerror(error));
    error = options->forward_to != NULL ? ub_ctx_set_fwd(unbound, options->forward_to) : use_host(unbound);
    if (error != 0)
        return message("libunbound cannot use the name server", options->forward_to, ub_strerror(error));
    if (options->trust_anchor != NULL)
        error = ub_ctx_add_ta(unbound, options->trust_anchor);
    return error == 0 ? NULL : message("libunbound refuses the trust anchor", options->trust_anchor, ub_strerror(error));
}

static char *start_network(service *this, const mailauth_unbound_options *options)
{
    this->unbound = ub_ctx_create();
    if (this->unbound == NULL)
        return message("libunbound cannot be started", NULL, strerror(errno));
    char *trouble = configure(this->unbound, options);
    if (trouble != NULL)
        return trouble;
    this->stop = eventfd(0, EFD_CLOEXEC);
    if (this->stop < 0)
        return message("no descriptor is left for the resolver", NULL, strerror(errno));
    int error = pthread_create(&this->clerk, NULL, clerk_main, this);
    this->has_clerk = error == 0;
    return error == 0 ? NULL : message("no thread is left for the resolver", NULL, strerror(error));
}

static char *read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    char part[4096];
    size_t got;
    while (memory != NULL && (got = fread(part, 1, sizeof part, file)) > 0 && length <= MA_ZONE_BYTES_MAX) {
        fwrite(part, 1, got, memory);
        fflush(memory);
    }
    bool whole = memory != NULL && !ferror(file) && fclose(memory) == 0;
    fclose(file);
    if (!whole) {
        free(text);
        return NULL;
    }
    *ret_length = length;
    return text;
}

static char *load_zone(service *this, const char *path)
{
    size_t length = 0;
    char *text = read_file(path, &length), *trouble = NULL;
    if (text == NULL)
        return message("the zone file cannot be read", path, strerror(errno));
    this->zone = ma_zone_read((ma_span){ text, length }, &trouble);
    free(text);
    if (this->zone != NULL)
        return NULL;
    char *told = message(path, NULL, trouble);
    free(trouble);
    return told;
}

static service *service_new(void)
{
    service *this = ma_allocate(sizeof *this);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&this->filed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&this->lock, NULL);
    this->stop = -1;
    return this;
}

mailauth_resolver *mailauth_resolver_unbound(const mailauth_unbound_options *options, char **ret_error)
{
    static const mailauth_unbound_options DEFAULTS;
    if (options == NULL)
        options = &DEFAULTS;
    service *this = service_new();
    char *trouble = options->zone_file == NULL ? NULL : load_zone(this, options->zone_file);
    if (trouble == NULL && !options->no_network)
        trouble = start_network(this, options);
    if (trouble != NULL) {
        service_free(this);
        if (ret_error != NULL)
            *ret_error = trouble;
        else
            free(trouble);
        return NULL;
    }
    mailauth_resolver *resolver = ma_allocate(sizeof *resolver);
    *resolver = (mailauth_resolver){ .self = this, .start = service_start, .wait = service_wait, .free = service_free };
    return resolver;
}
