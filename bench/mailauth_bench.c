/* libmailauth beside its peers and beside what the hardware allows: one RSA-2048 verification with a key at hand and
 * one SHA-256 over the bytes of the message, through the same libcrypto.
 *
 * One process, one thread, CPU time. Machines are shared and noisy, and their clocks change: all subjects take turns of
 * about a millisecond, so that each meets the same machine. Every figure that counts is a ratio of two rates of the
 * same round, and the median of five rounds. Exits 1 below a bar, 2 when something does not verify. */
#include "mailauth_peers.h"

#include "mailauth.h"
#include "measure.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5, ROUND_MS = 600, TURN_US = 1000, MAILS = 8, SUBJECTS = 5, NOW = 1795000000, LINE_BYTES = 76 };

#define AUTHOR "brightforge.example"
#define CLIENT "192.0.2.7"

typedef struct Mail {
    char *bytes;
    size_t length;
} Mail;

typedef struct World {
    Mail mails[MAILS];
    mailauth *of_dkim, *of_all;
    Peers *peers;
    EVP_PKEY_CTX *verifier; /* ready, with its key */
    EVP_MD *sha256;         /* looked up once */
    EVP_MD_CTX *hash;
    uint8_t digest[32], signature[256];
} World;

typedef bool subject_fn(World *world, const Mail *mail);

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

/* ---- What is measured ---- */

static bool floor_of_hardware(World *world, const Mail *mail)
{
    uint8_t digest[32];
    return EVP_DigestInit_ex(world->hash, world->sha256, NULL) && EVP_DigestUpdate(world->hash, mail->bytes, mail->length)
        && EVP_DigestFinal_ex(world->hash, digest, NULL)
        && EVP_PKEY_verify(world->verifier, world->signature, sizeof world->signature, world->digest,
               sizeof world->digest) == 1;
}

static bool ours_dkim(World *world, const Mail *mail)
{
    static const mailauth_envelope ENVELOPE = { .now = NOW };
    mailauth_report *report = mailauth_check(world->of_dkim, mail->bytes, mail->length, &ENVELOPE);
    bool good = report->dkim_count == 1 && report->dkim[0].result == MAILAUTH_PASS;
    mailauth_report_free(report);
    return good;
}

static bool ours_full(World *world, const Mail *mail)
{
    static const mailauth_envelope ENVELOPE
        = { .client_ip = CLIENT, .helo = "mx.example.org", .mail_from = "bounce@" AUTHOR, .now = NOW };
    mailauth_report *report = mailauth_check(world->of_all, mail->bytes, mail->length, &ENVELOPE);
    bool good = report->vouched.by == MAILAUTH_BY_DKIM && report->dmarc.result == MAILAUTH_PASS
        && report->spf.result == MAILAUTH_PASS;
    mailauth_report_free(report);
    return good;
}

static bool peer_dkim(World *world, const Mail *mail)
{
    return peers_verify_dkim(world->peers, mail->bytes, mail->length);
}

static bool peer_full(World *world, const Mail *mail)
{
    return peers_verify_all(world->peers, mail->bytes, mail->length);
}

/* ---- Mails: a page of indented HTML for a third, base64 for the rest ---- */

static const char HEADER[] = "Received: from out1." AUTHOR " (out1." AUTHOR " [" CLIENT "])\r\n"
                             "\tby mx.payer.example with ESMTPS id 4R7x2k1Yz9z3xYt\r\n"
                             "\tfor <anna@payer.example>; Mon, 23 Nov 2026 09:00:02 +0000 (UTC)\r\n"
                             "From: Brightforge Billing <billing@" AUTHOR ">\r\n"
                             "To: Anna <anna@payer.example>\r\n"
                             "Reply-To: Brightforge Billing <billing@" AUTHOR ">\r\n"
                             "Subject: Invoice 2026-118 from Brightforge, due 14 December\r\n"
                             "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
                             "Message-ID: <118.20261123090000@" AUTHOR ">\r\n"
                             "MIME-Version: 1.0\r\n"
                             "List-Unsubscribe: <https://" AUTHOR "/unsubscribe?id=118>\r\n"
                             "Content-Type: multipart/mixed; boundary=\"b1_118\"\r\n"
                             "\r\n";

static size_t add_line(char *to, size_t number, bool text, size_t most)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t random[LINE_BYTES];
    char line[LINE_BYTES + 3];
    if (RAND_bytes(random, sizeof random) != 1)
        die("there is no randomness");
    for (size_t i = 0; i < LINE_BYTES; i++)
        line[i] = text && i % 6 == random[0] % 6 ? ' ' : LETTERS[random[i] % 64];
    if (text && number % 3 == 0)
        memcpy(line, "    <td>", 8);
    line[LINE_BYTES - 1] = '=';
    memcpy(line + LINE_BYTES, "\r\n", 3);
    size_t length = LINE_BYTES + 2 < most ? LINE_BYTES + 2 : most;
    memcpy(to, line + LINE_BYTES + 2 - length, length);
    return length;
}

static Mail mail_new(const mailauth_key *key, size_t bytes)
{
    enum { SIGNATURE_BYTES = 800 };
    char *message = malloc(bytes + 1);
    size_t length = strlen(HEADER), target = bytes - SIGNATURE_BYTES;
    memcpy(message, HEADER, length);
    for (size_t number = 0; length < target; number++)
        length += add_line(message + length, number, length < bytes / 3, target - length);
    mailauth_sign_options options = { .domain = AUTHOR, .selector = "s1", .now = NOW };
    char *field = mailauth_dkim_sign(key, message, length, &options);
    if (field == NULL)
        die("cannot sign");
    Mail mail = { .length = strlen(field) + length };
    mail.bytes = malloc(mail.length);
    memcpy(mail.bytes, field, strlen(field));
    memcpy(mail.bytes + strlen(field), message, length);
    free(field);
    free(message);
    return mail;
}

/* ---- Measuring ---- */

typedef struct Tally {
    size_t messages;
    double seconds; /* of CPU */
} Tally;

static void take_turn(World *world, subject_fn *subject, Tally *tally)
{
    double start = cpu_seconds(), taken = 0;
    while (taken < TURN_US / 1e6) {
        for (size_t i = 0; i < MAILS; i++)
            if (!subject(world, &world->mails[i]))
                die("a mail does not verify");
        tally->messages += MAILS;
        taken = cpu_seconds() - start;
    }
    tally->seconds += taken;
}

/* Messages per second of CPU of each subject. Every other turn goes backwards, so that none follows always the same. */
static void run_round(World *world, subject_fn *const subjects[SUBJECTS], double ret_rates[SUBJECTS])
{
    Tally tallies[SUBJECTS] = { { 0, 0 } };
    double start = cpu_seconds();
    for (bool forward = true; !forward || cpu_seconds() - start < ROUND_MS / 1e3; forward = !forward)
        for (size_t i = 0; i < SUBJECTS; i++) {
            size_t at = forward ? i : SUBJECTS - 1 - i;
            take_turn(world, subjects[at], &tallies[at]);
        }
    for (size_t i = 0; i < SUBJECTS; i++)
        ret_rates[i] = (double)tallies[i].messages / tallies[i].seconds;
}

static double median_rate(double rates[ROUNDS][SUBJECTS], size_t subject)
{
    double values[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++)
        values[i] = rates[i][subject];
    return median_of(values, ROUNDS);
}

/* Of the ratios of each round, not the ratio of the medians: what slows a round down slows both. */
static double median_ratio(double rates[ROUNDS][SUBJECTS], size_t subject, size_t beside)
{
    double values[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++)
        values[i] = rates[i][subject] / rates[i][beside];
    return median_of(values, ROUNDS);
}

enum { FLOOR, OURS_DKIM, PEER_DKIM, OURS_FULL, PEER_FULL };
static subject_fn *const ALL[SUBJECTS] = { floor_of_hardware, ours_dkim, peer_dkim, ours_full, peer_full };

typedef struct Bar {
    size_t kilobytes;
    double floor, peer, full_floor;
} Bar;

static const Bar BARS[] = { { 4, 0.75, 5, 0.7 }, { 50, 0.75, 6, 0.7 }, { 500, 0.8, 6, 0.7 } };

/* One row; how many of its bars are missed. */
static int print_row(const char *name, size_t kilobytes, double rates[ROUNDS][SUBJECTS], size_t ours, size_t peer,
    double floor_bar, double peer_bar)
{
    double to_floor = median_ratio(rates, ours, FLOOR), to_peer = median_ratio(rates, ours, peer);
    int missed = (to_floor < floor_bar) + (to_peer < peer_bar);
    printf("%3zu KB  %-14s %8.0f /s   floor %8.0f /s: %.2f (bar %.2f)   peer %7.0f /s: %4.1f times (bar %.0f)%s\n", kilobytes,
        name, median_rate(rates, ours), median_rate(rates, FLOOR), to_floor, floor_bar, median_rate(rates, peer), to_peer,
        peer_bar, missed > 0 ? "   BELOW" : "");
    return missed;
}

static int run_size(World *world, const mailauth_key *key, const Bar *bar)
{
    double rates[ROUNDS][SUBJECTS];
    for (size_t i = 0; i < MAILS; i++)
        world->mails[i] = mail_new(key, bar->kilobytes << 10);
    for (size_t i = 0; i < SUBJECTS; i++)
        take_turn(world, ALL[i], &(Tally){ 0, 0 }); /* warm up */
    for (size_t round = 0; round < ROUNDS; round++)
        run_round(world, ALL, rates[round]);
    int missed = print_row("DKIM", bar->kilobytes, rates, OURS_DKIM, PEER_DKIM, bar->floor, bar->peer)
        + print_row("DKIM+SPF+DMARC", bar->kilobytes, rates, OURS_FULL, PEER_FULL, bar->full_floor, 1);
    for (size_t i = 0; i < MAILS; i++)
        free(world->mails[i].bytes);
    return missed;
}

/* A signature by a key of its own, and the context that verifies it. */
static void prepare_floor(World *world)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new(key, NULL);
    size_t length = sizeof world->signature;
    memset(world->digest, 7, sizeof world->digest);
    world->verifier = EVP_PKEY_CTX_new(key, NULL);
    world->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    world->hash = EVP_MD_CTX_new();
    bool ready = world->sha256 != NULL && world->hash != NULL && signer != NULL && world->verifier != NULL
        && EVP_PKEY_sign_init(signer) > 0
        && EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(signer, EVP_sha256()) > 0
        && EVP_PKEY_sign(signer, world->signature, &length, world->digest, sizeof world->digest) > 0
        && EVP_PKEY_verify_init(world->verifier) > 0
        && EVP_PKEY_CTX_set_rsa_padding(world->verifier, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(world->verifier, EVP_sha256()) > 0;
    if (!ready)
        die("cannot prepare the floor");
    EVP_PKEY_CTX_free(signer);
    EVP_PKEY_free(key);
}

int main(void)
{
    static const char SPF[] = "v=spf1 ip4:198.51.100.0/24 ip4:" CLIENT " -all", DMARC[] = "v=DMARC1; p=reject; sp=reject";
    World world = { .of_dkim = NULL };
    mailauth_key *key = mailauth_key_generate("rsa");
    char *record = mailauth_key_record(key), zone[2048], *error = NULL;
    int length = snprintf(zone, sizeof zone,
        "s1._domainkey." AUTHOR ". 86400 TXT \"%.200s\" \"%s\"\n" AUTHOR ". 86400 TXT \"%s\"\n_dmarc." AUTHOR
        ". 86400 TXT \"%s\"\n", record, record + 200, SPF, DMARC);
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, (size_t)length, &error);
    if (resolver == NULL)
        die(error);
    world.of_dkim = mailauth_new(resolver, &(mailauth_options){ .dkim_only = true });
    world.of_all = mailauth_new(resolver, NULL);
    world.peers = peers_new(&(Records){ .author = AUTHOR, .client = CLIENT, .key = record, .spf = SPF, .dmarc = DMARC });
    if (world.peers == NULL)
        die("a library cannot start");
    prepare_floor(&world);
    int missed = 0;
    for (size_t i = 0; i < sizeof BARS / sizeof BARS[0]; i++)
        missed += run_size(&world, key, &BARS[i]);
    EVP_PKEY_CTX_free(world.verifier);
    EVP_MD_CTX_free(world.hash);
    EVP_MD_free(world.sha256);
    peers_free(world.peers);
    mailauth_free(world.of_dkim);
    mailauth_free(world.of_all);
    mailauth_resolver_free(resolver);
    mailauth_key_free(key);
    free(record);
    return missed > 0 ? 1 : 0;
}
