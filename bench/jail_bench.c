/* What the jail costs: the same mail read through saldo-jail and by the same reader in this process.
 *
 * Two figures. The time on the mail's way: one caller, jail and reader in turns mail by mail, and between the mails as long a
 * pause as a new child takes to be forked ahead. And the computing time of all that take part under full load, for mails per
 * second and core: this process, the warm parent and its children (which are reaped, so none is left out); the start of a
 * jail is measured apart and taken off.
 * Everything is pinned to one core. Machines are shared and noisy: the median of each round's mails, then of five rounds.
 * Exits 1 above the bar, 2 when something is not read. */
#include "jail/jail.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "reader.h"
#include "measure.h"

enum { ROUNDS = 5, MAILS_EACH = 400, TURNS = 100, PAUSE_US = 4000, ASKERS = 4, KINDS = 2, BAR_US = 500 };

typedef struct Sample {
    const char *name;
    char *bytes;
    size_t length;
} Sample;

/* Microseconds per mail: on its way, and computed. */
typedef struct Round {
    double way_alone, way_jailed, alone, jailed;
} Round;

typedef struct Asker {
    Jail *jail;
    const Sample *sample;
    unsigned mails;
} Asker;

static void die(const char *what)
{
    fprintf(stderr, "jail-bench: %s\n", what);
    exit(2);
}

/* ---- Mails: an invoice with its markup, as plain text and HTML; filled up with table rows ------------------------- */

static const char HEADER[]
    = "From: \"Brightforge Billing\" <billing@brightforge.example>\r\nTo: Anna <anna@payer.example>\r\n"
      "Subject: =?utf-8?q?Invoice_2026-118_from_Brightforge?=\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
      "Message-ID: <118@brightforge.example>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n"
      "--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nInvoice 2026-118: 98.87 USD, due 1 December 2026.\r\n"
      "--b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "<!doctype html><html><head><title>Invoice</title><style>td { padding: 4px }</style>"
      "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"Invoice\",\"identifier\":"
      "\"2026-118\",\"provider\":{\"@type\":\"Organization\",\"name\":\"Brightforge\"},\"paymentDueDate\":\"2026-12-01\","
      "\"totalPaymentDue\":{\"@type\":\"PriceSpecification\",\"price\":98.87,\"priceCurrency\":\"USD\"}}</script>"
      "</head><body><table>\r\n";

static Sample make_sample(const char *name, size_t length)
{
    GString *text = g_string_new(HEADER);
    for (unsigned row = 1; text->len < length; row++)
        g_string_append_printf(text,
            "<tr class=\"line\"><td style=\"color:#333;padding:4px\">Item %u</td><td>Hosting &amp; support, month %u</td>"
            "<td align=right><b>%u.00&nbsp;USD</b></td></tr>\r\n", row, row, row % 90);
    g_string_append(text, "</table></body></html>\r\n--b1--\r\n");
    gsize taken = text->len;
    return (Sample){ .name = name, .bytes = g_string_free(text, FALSE), .length = taken };
}

/* ---- Measuring ------------------------------------------------------------------------------------------------------ */

static int64_t time_us(const struct timeval *time)
{
    return (int64_t)time->tv_sec * US_PER_SECOND + time->tv_usec;
}

/* Computing time of this process and of all children that are reaped. */
static int64_t computed_us(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return time_us(&self.ru_utime) + time_us(&self.ru_stime) + time_us(&children.ru_utime) + time_us(&children.ru_stime);
}

static void read_in_jail(Jail *jail, const Sample *sample)
{
    g_autoptr(Extraction) extraction = jail_extract(jail, (Span){ sample->bytes, sample->length }, true, NULL);
    if (extraction == NULL || extraction->invoices->len != 1)
        die("a mail was not read through the jail");
}

static void read_alone(const Sample *sample)
{
    static const JailRequest request = { .kind = JAIL_EXTRACT, .flag = 1 };
    BUFFER_AUTO answer = BUFFER_INIT(LIMIT_EXTRACTION_BYTES);
    if (read_message(&request, (Span){ sample->bytes, sample->length }, &answer) != 0 || answer.length == 0)
        die("a mail was not read");
}

static Jail *start_jail(void)
{
    Jail *jail = jail_start(ASKERS, NULL);
    if (jail == NULL)
        die("saldo-jail cannot be started: name its directory in SALDO_PROGRAMS");
    return jail;
}

/* ---- On the mail's way ------------------------------------------------------------------------------------------------ */

static void measure_way(const Sample *sample, Round *round)
{
    double jailed[TURNS], alone[TURNS];
    Jail *jail = start_jail();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        g_usleep(PAUSE_US);
        int64_t start_us = time_monotonic_us();
        read_in_jail(jail, sample);
        jailed[turn] = (double)(time_monotonic_us() - start_us);
        g_usleep(PAUSE_US);
        start_us = time_monotonic_us();
        read_alone(sample);
        alone[turn] = (double)(time_monotonic_us() - start_us);
    }
    jail_stop(jail);
    round->way_jailed = median_of(jailed, TURNS);
    round->way_alone = median_of(alone, TURNS);
}

/* ---- Under full load -------------------------------------------------------------------------------------------------- */

static void *ask(void *data)
{
    const Asker *asker = data;
    for (unsigned i = 0; i < asker->mails; i++)
        read_in_jail(asker->jail, asker->sample);
    return NULL;
}

/* Computing time of a jail's whole life: its start, one mail, `mails` from as many threads as it has workers, its end. */
static int64_t jail_life_us(const Sample *sample, unsigned mails)
{
    int64_t before_us = computed_us();
    Jail *jail = start_jail();
    read_in_jail(jail, sample);
    Asker asker = { jail, sample, mails / ASKERS };
    GThread *threads[ASKERS];
    for (unsigned i = 0; i < ASKERS && mails > 0; i++)
        threads[i] = g_thread_new("asker", ask, &asker);
    for (unsigned i = 0; i < ASKERS && mails > 0; i++)
        g_thread_join(threads[i]);
    jail_stop(jail);
    return computed_us() - before_us;
}

static void measure_computing(const Sample *sample, Round *round)
{
    int64_t before_us = computed_us();
    for (unsigned i = 0; i < MAILS_EACH; i++)
        read_alone(sample);
    round->alone = (double)(computed_us() - before_us) / MAILS_EACH;
    int64_t start_us = jail_life_us(sample, 0);
    round->jailed = (double)(jail_life_us(sample, MAILS_EACH) - start_us) / MAILS_EACH;
}

/* ---- Rows ------------------------------------------------------------------------------------------------------------- */

/* One row; the median overhead on the mail's way, in microseconds. */
static double print_row(const Sample *sample, const Round *rounds)
{
    double overheads[ROUNDS], alone[ROUNDS], jailed[ROUNDS], computed[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        overheads[i] = rounds[i].way_jailed - rounds[i].way_alone;
        alone[i] = rounds[i].way_alone;
        jailed[i] = rounds[i].jailed;
        computed[i] = rounds[i].jailed - rounds[i].alone;
    }
    double overhead = median_of(overheads, ROUNDS);
    printf("jail overhead %6.3f ms per mail (bar 0.5)  [%.3f..%.3f]  %s, %zu bytes, %.3f ms without a jail\n", overhead / 1000,
        overheads[0] / 1000, overheads[ROUNDS - 1] / 1000, sample->name, sample->length, median_of(alone, ROUNDS) / 1000);
    double per_core = US_PER_SECOND / median_of(jailed, ROUNDS);
    printf("jail through  %6.0f mails/s per core; computing of engine, parent and child %.3f ms more than the reading alone\n",
        per_core, median_of(computed, ROUNDS) / 1000);
    return overhead;
}

static void pin_to_one_core(void)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(0, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) != 0)
        die("cannot stay on one core");
}

int main(void)
{
    pin_to_one_core();
    log_set_level(LOG_LEVEL_WARNING);
    reader_warm_up();
    const Sample samples[KINDS] = { make_sample("small", 4 << 10), make_sample("typical", 21 << 10) };
    Round rounds[KINDS][ROUNDS];
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned kind = 0; kind < KINDS; kind++) {
            measure_way(&samples[kind], &rounds[kind][round]);
            measure_computing(&samples[kind], &rounds[kind][round]);
        }
    bool above = false;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        above |= print_row(&samples[kind], rounds[kind]) > BAR_US;
        g_free(samples[kind].bytes);
    }
    return above ? 1 : 0;
}
