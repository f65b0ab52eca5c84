/* lmtp-load PORT RECIPIENT CONNECTIONS MESSAGES FILE: delivers one mail many times over LMTP and prints
 * "messages seconds", counting only those that were answered 250. Each copy gets a Message-ID line of its own in front.
 */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

typedef struct Load {
    int port;
    const char *recipient;
    unsigned messages;
    const char *mail;
    size_t mail_length;
    unsigned number;
    unsigned accepted;
} Load;

/* The last line's first digit. */
static char read_reply(FILE *peer)
{
    char line[1024];
    do {
        if (fgets(line, sizeof line, peer) == NULL)
            return '\0';
    } while (line[3] == '-');
    return line[0];
}

static gpointer deliver(gpointer data)
{
    Load *load = data;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int connected = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connected, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("lmtp-load: connect");
        exit(1);
    }
    FILE *peer = fdopen(connected, "r+");
    read_reply(peer);
    fputs("LHLO bench.example\r\n", peer);
    fflush(peer);
    read_reply(peer);
    for (unsigned i = 0; i < load->messages; i++) {
        g_autofree char *front = g_strdup_printf("Message-ID: <%u.%u@bench.example>\r\n", load->number, i);
        fprintf(peer, "MAIL FROM:<>\r\nRCPT TO:<%s>\r\nBDAT %zu LAST\r\n%s", load->recipient,
            strlen(front) + load->mail_length, front);
        fwrite(load->mail, 1, load->mail_length, peer);
        fflush(peer);
        bool in_order = read_reply(peer) == '2' && read_reply(peer) == '2';
        load->accepted += read_reply(peer) == '2' && in_order;
    }
    fclose(peer);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: lmtp-load PORT RECIPIENT CONNECTIONS MESSAGES FILE\n", stderr);
        return 2;
    }
    unsigned connections = (unsigned)atoi(argv[3]), messages = (unsigned)atoi(argv[4]);
    g_autofree char *mail = NULL;
    size_t mail_length;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(argv[5], &mail, &mail_length, &error)) {
        fprintf(stderr, "lmtp-load: %s\n", error->message);
        return 1;
    }
    g_autofree Load *loads = g_new0(Load, connections);
    g_autofree GThread **threads = g_new0(GThread *, connections);
    int64_t start_us = time_monotonic_us();
    for (unsigned i = 0; i < connections; i++) {
        loads[i] = (Load){ .port = atoi(argv[1]), .recipient = argv[2], .messages = messages / connections, .mail = mail,
            .mail_length = mail_length, .number = i };
        threads[i] = g_thread_new("load", deliver, &loads[i]);
    }
    unsigned accepted = 0;
    for (unsigned i = 0; i < connections; i++) {
        g_thread_join(threads[i]);
        accepted += loads[i].accepted;
    }
    printf("%u %.6f\n", accepted, (double)(time_monotonic_us() - start_us) / US_PER_SECOND);
    return 0;
}
