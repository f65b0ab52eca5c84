/* A small LMTP client for the demo: one connection, one message after the other. */
#include "demo_mail.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/span.h"

static int connect_loopback(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connected >= 0 && connect(connected, (struct sockaddr *)&address, sizeof address) == 0)
        return connected;
    if (connected >= 0)
        close(connected);
    return -1;
}

bool demo_port_answers(int port)
{
    int connected = connect_loopback(port);
    if (connected >= 0)
        close(connected);
    return connected >= 0;
}

/* Reads one reply, the last line of it, and checks its first digit. */
static bool expect(FILE *peer, char digit, GError **error)
{
    char line[1024] = "";
    do {
        if (fgets(line, sizeof line, peer) == NULL) {
            error_set(error, SALDO_ERROR_IO, "LMTP: the connection ended");
            return false;
        }
    } while (strlen(line) > 3 && line[3] == '-');
    if (line[0] == digit)
        return true;
    error_set(error, SALDO_ERROR_IO, "LMTP: %s", g_strchomp(line));
    return false;
}

/* BDAT carries the bytes as they are: no dot stuffing, NUL and bare LF included. */
static bool send_message(FILE *peer, const char *const *envelope, const char *recipient, Span message, GError **error)
{
    fprintf(peer, "XFORWARD ADDR=%s HELO=%s\r\n", envelope[0], envelope[1]);
    fflush(peer);
    if (!expect(peer, '2', error))
        return false;
    fprintf(peer, "MAIL FROM:<%s>\r\n", envelope[2]);
    fflush(peer);
    if (!expect(peer, '2', error))
        return false;
    fprintf(peer, "RCPT TO:<%s>\r\n", recipient);
    fflush(peer);
    if (!expect(peer, '2', error))
        return false;
    fprintf(peer, "BDAT %zu LAST\r\n", message.length);
    fwrite(message.at, 1, message.length, peer);
    fflush(peer);
    return expect(peer, '2', error);
}

/* One line of envelopes.tsv: file, client address, HELO, sender. */
static bool send_line(FILE *peer, const char *samples, const char *recipient, const char *line, GError **error)
{
    g_auto(GStrv) fields = g_strsplit(line, "\t", -1);
    if (g_strv_length(fields) != 4) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s/envelopes.tsv: a line needs file, client, HELO and sender: %s", samples, line);
        return false;
    }
    g_autofree char *path = g_build_filename(samples, "mail", fields[0], NULL), *text = NULL;
    size_t length;
    if (!g_file_get_contents(path, &text, &length, error))
        return false;
    if (send_message(peer, (const char *const *)fields + 1, recipient, (Span){ text, length }, error))
        return true;
    g_prefix_error(error, "%s: ", path);
    return false;
}

static bool talk(FILE *peer, const char *samples, const char *recipient, unsigned *ret_delivered, GError **error)
{
    g_autofree char *path = g_build_filename(samples, "envelopes.tsv", NULL), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error) || !expect(peer, '2', error))
        return false;
    fputs("LHLO demo.example\r\n", peer);
    fflush(peer);
    if (!expect(peer, '2', error))
        return false;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned delivered = 0;
    for (char **line = lines + 1; lines[0] != NULL && *line != NULL; line++) { /* the first line names the columns */
        if (**line == '\0')
            continue;
        if (!send_line(peer, samples, recipient, *line, error))
            return false;
        delivered++;
    }
    *ret_delivered = delivered;
    return true;
}

bool demo_deliver_all(const char *samples, int port, const char *recipient, unsigned *ret_delivered, GError **error)
{
    int connected = connect_loopback(port);
    FILE *peer = connected < 0 ? NULL : fdopen(connected, "r+");
    if (peer == NULL) {
        error_set(error, SALDO_ERROR_IO, "cannot connect to LMTP at port %d: %m", port);
        return false;
    }
    bool done = talk(peer, samples, recipient, ret_delivered, error);
    fclose(peer);
    return done;
}
