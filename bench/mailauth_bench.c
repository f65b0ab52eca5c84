/* libmailauth beside its peers and beside what the hardware allows: one RSA-2048 verification with a key at hand and
 * one SHA-256 over the bytes of the message, through the same libcrypto.
 *
 * One process, one thread, CPU time. Machines are shared and noisy: every figure that counts is a ratio of two rates
 * of the same round, and the median of five rounds. Exits 1 below a bar, 2 when something does not verify. */
#include "mailauth_peers.h"

#include "mailauth.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5, MAILS = 8, BATCH_MS = 60, WARM_UP = 4, SUBJECTS = 5, NOW = 1795000000, LINE_BYTES = 76 };

#define AUTHOR "brightforge.example"
#define CLIENT "192.0.2.7"

typedef struct Mail {
    char *bytes;
    size_t length;
} Mail;

typedef struct World {
    Mail mails[MAILS];
    mailauth *checker;
    Peers *peers;
    EVP_PKEY_CTX *verifier; /* ready, with its key */
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
    return EVP_Digest(mail->bytes, mail->length, digest, NULL, EVP_sha256(), NULL)
        && EVP_PKEY_verify(world->verifier, world->signature, sizeof world->signature, world->digest,
               sizeof world->digest) == 1;
}

static bool check(World *world, const Mail *mail, const mailauth_envelope *envelope, mailauth_result spf)
{
    mailauth_report *report = mailauth_check(world->checker, mail->bytes, mail->length, envelope);
    bool good = report != NULL && report->vouched.by == MAILAUTH_BY_DKIM && report->dmarc.result == MAILAUTH_PASS
        && report->spf.result == spf;
    mailauth_report_free(report);
    return good;
}

static bool ours_dkim(World *world, const Mail *mail)
{
    static const mailauth_envelope NO_ENVELOPE = { .now = NOW };
    return check(world, mail, &NO_ENVELOPE, MAILAUTH_NONE);
}

static bool ours_full(World *world, const Mail *mail)
{
    static const mailauth_envelope ENVELOPE
        = { .client_ip = CLIENT, .helo = "mx.example.org", .mail_from = "bounce@" AUTHOR, .now = NOW };
    return check(world, mail, &ENVELOPE, MAILAUTH_PASS);
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

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Messages per second of CPU. */
static double rate_of(World *world, subject_fn *subject)
{
    for (size_t i = 0; i < WARM_UP; i++)
        if (!subject(world, &world->mails[i % MAILS]))
            die("a mail does not verify");
    double start = cpu_seconds(), taken = 0;
    size_t done = 0;
    for (; taken < BATCH_MS / 1e3; taken = cpu_seconds() - start)
        for (size_t i = 0; i < MAILS; i++, done++)
            if (!subject(world, &world->mails[i]))
                die("a mail does not verify");
    return (double)done / taken;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(const double *values)
{
    double sorted[ROUNDS];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, ROUNDS, sizeof sorted[0], by_size);
    return sorted[ROUNDS / 2];
}

enum { FLOOR, OURS_DKIM, PEER_DKIM, OURS_FULL, PEER_FULL };
static subject_fn *const ALL[SUBJECTS] = { floor_of_hardware, ours_dkim, peer_dkim, ours_full, peer_full };

typedef struct Bar {
    size_t kilobytes;
    double floor, peer, full_floor;
} Bar;

static const Bar BARS[] = { { 4, 0.75, 5, 0.7 }, { 50, 0.75, 6, 0.7 }, { 500, 0.8, 6, 0.7 } };

/* One row; how many of its bars are missed. */
static int print_row(const char *name, size_t kilobytes, double rates[SUBJECTS][ROUNDS], int ours, int peer, double floor_bar,
    double peer_bar)
{
    double to_floor[ROUNDS], to_peer[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        to_floor[i] = rates[ours][i] / rates[FLOOR][i];
        to_peer[i] = rates[ours][i] / rates[peer][i];
    }
    double floor_ratio = median(to_floor), peer_ratio = median(to_peer);
    int missed = (floor_ratio < floor_bar) + (peer_ratio < peer_bar);
    printf("%3zu KB  %-14s %8.0f /s   floor %8.0f /s: %.2f (bar %.2f)   peer %7.0f /s: %4.1f times (bar %.0f)%s\n", kilobytes,
        name, median(rates[ours]), median(rates[FLOOR]), floor_ratio, floor_bar, median(rates[peer]), peer_ratio, peer_bar,
        missed > 0 ? "   BELOW" : "");
    return missed;
}

static int run_size(World *world, const mailauth_key *key, const Bar *bar)
{
    double rates[SUBJECTS][ROUNDS];
    for (size_t i = 0; i < MAILS; i++)
        world->mails[i] = mail_new(key, bar->kilobytes << 10);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t subject = 0; subject < SUBJECTS; subject++)
            rates[subject][round] = rate_of(world, ALL[subject]);
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
    bool ready = signer != NULL && world->verifier != NULL && EVP_PKEY_sign_init(signer) > 0
        && EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(signer, EVP_sha256()) > 0
        && EVP_PKEY_sign(signer, world->signature, &length, world->digest, sizeof world->digest) > 0
        && EVP_PKEY_verify_init(world->verifier) > 0
        && EVP_PKEY_CTX_set_rsa_padding(world->verifier, RSA_PKCS1_PADDING) > 0
        && EVP_PKEY_CTX_set_signature_md(world->verifier, EVP_sha256()) > 0;
    if (!ready)
        die("cannot make an RSA key");
    EVP_PKEY_CTX_free(signer);
    EVP_PKEY_free(key);
}

int main(void)
{
    static const char SPF[] = "v=spf1 ip4:198.51.100.0/24 ip4:" CLIENT " -all", DMARC[] = "v=DMARC1; p=reject; sp=reject";
    World world = { .checker = NULL };
    mailauth_key *key = mailauth_key_generate("rsa");
    char *record = mailauth_key_record(key), zone[2048], *error = NULL;
    int length = snprintf(zone, sizeof zone,
        "s1._domainkey." AUTHOR ". 86400 TXT \"%.200s\" \"%s\"\n" AUTHOR ". 86400 TXT \"%s\"\n_dmarc." AUTHOR
        ". 86400 TXT \"%s\"\n", record, record + 200, SPF, DMARC);
    mailauth_resolver *resolver = mailauth_resolver_from_zone(zone, (size_t)length, &error);
    world.checker = resolver == NULL ? NULL : mailauth_new(resolver, NULL);
    world.peers = peers_new(&(Records){ .author = AUTHOR, .client = CLIENT, .key = record, .spf = SPF, .dmarc = DMARC });
    if (world.checker == NULL || world.peers == NULL)
        die("a library cannot start");
    prepare_floor(&world);
    int missed = 0;
    for (size_t i = 0; i < sizeof BARS / sizeof BARS[0]; i++)
        missed += run_size(&world, key, &BARS[i]);
    EVP_PKEY_CTX_free(world.verifier);
    peers_free(world.peers);
    mailauth_free(world.checker);
    mailauth_resolver_free(resolver);
    mailauth_key_free(key);
    free(record);
    return missed > 0 ? 1 : 0;
}
