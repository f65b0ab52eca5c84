/* The LMTP server: one listening socket, one thread per connection, a bounded number of them. */
#include "intake/intake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "lmtp_session.h"

enum {
    LMTP_SILENCE_S = 300, /* RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes */
    LMTP_BACKLOG = 64,
};

struct LmtpServer {
    const Intake *intake;
    LmtpOptions options;
    int listener;
    int port;
    char *path; /* of a Unix socket, removed at the end */
    GThread *acceptor;
    GMutex mutex;
    GCond ended;
    GHashTable *sockets; /* open connections, so that stopping can end them */
    bool stopping;
};

typedef struct LmtpConnection {
    LmtpServer *server;
    int socket;
} LmtpConnection;

static gpointer connection_thread(gpointer data)
{
    g_autofree LmtpConnection *connection = data;
    LmtpServer *server = connection->server;
    lmtp_session_run(connection->socket, server->intake, &server->options);
    g_mutex_lock(&server->mutex);
    g_hash_table_remove(server->sockets, GINT_TO_POINTER(connection->socket));
    close(connection->socket);
    g_cond_signal(&server->ended);
    g_mutex_unlock(&server->mutex);
    return NULL;
}

static void set_timeouts(int socket)
{
    const struct timeval silence = { .tv_sec = LMTP_SILENCE_S };
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
}

static void begin_connection(LmtpServer *server, int socket)
{
    set_timeouts(socket);
    g_mutex_lock(&server->mutex);
    bool room = !server->stopping && g_hash_table_size(server->sockets) < server->options.connections;
    if (room)
        g_hash_table_add(server->sockets, GINT_TO_POINTER(socket));
    g_mutex_unlock(&server->mutex);
    if (!room) {
        lmtp_session_refuse(socket);
        close(socket);
        return;
    }
    LmtpConnection *connection = g_new(LmtpConnection, 1);
    *connection = (LmtpConnection){ .server = server, .socket = socket };
    g_thread_unref(g_thread_new("lmtp", connection_thread, connection));
}

static gpointer accept_thread(gpointer data)
{
    LmtpServer *server = data;
    for (;;) {
        int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (socket >= 0) {
            begin_connection(server, socket);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            g_usleep(100 * 1000); /* the kernel's queue keeps them meanwhile */
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return NULL; /* the listener was shut down */
        }
    }
}

static int listen_unix(const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "[lmtp] address: the path %s is too long for a socket", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener, LMTP_BACKLOG) != 0) {
        error_set(error, SALDO_ERROR_IO, "[lmtp] address: cannot listen at %s: %s", path, strerror(errno));
        if (listener >= 0)
            close(listener);
        return -1;
    }
    return listener;
}

/* "127.0.0.1:2424" only: whoever connects here is believed about the client's address (XFORWARD). */
static int listen_loopback(const char *text, int *ret_port, GError **error)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon == NULL ? g_strdup("") : g_strndup(text, (size_t)(colon - text));
    uint64_t port;
    struct sockaddr_in address = { .sin_family = AF_INET };
    if (colon == NULL || !span_to_uint64(span_of(colon + 1), &port) || port > 65535
        || inet_pton(AF_INET, host, &address.sin_addr) != 1 || (ntohl(address.sin_addr.s_addr) >> 24) != 127) {
        error_set(error, SALDO_ERROR_BAD_INPUT,
            "[lmtp] address: \"%s\" is neither a loopback address with a port (127.0.0.1:2424) nor a path; the mail server in "
            "front is the one on the network", text);
        return -1;
    }
    address.sin_port = htons((uint16_t)port);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    socklen_t length = sizeof address;
    if (listener >= 0)
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener, LMTP_BACKLOG) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        error_set(error, SALDO_ERROR_IO, "[lmtp] address: cannot listen at %s: %s", text, strerror(errno));
        if (listener >= 0)
            close(listener);
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return listener;
}

LmtpServer *lmtp_start(const Intake *intake, const LmtpOptions *options, GError **error)
{
    int port = 0;
    bool is_path = options->address[0] == '/';
    int listener = is_path ? listen_unix(options->address, error) : listen_loopback(options->address, &port, error);
    if (listener < 0)
        return NULL;
    LmtpServer *server = g_new0(LmtpServer, 1);
    server->intake = intake;
    server->options = *options;
    server->listener = listener;
    server->port = port;
    server->path = is_path ? g_strdup(options->address) : NULL;
    server->sockets = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_mutex_init(&server->mutex);
    g_cond_init(&server->ended);
    server->acceptor = g_thread_new("lmtp-accept", accept_thread, server);
    return server;
}

void lmtp_stop(LmtpServer *server)
{
    if (server == NULL)
        return;
    shutdown(server->listener, SHUT_RDWR);
    g_thread_join(server->acceptor);
    close(server->listener);
    g_mutex_lock(&server->mutex);
    server->stopping = true;
    GHashTableIter iterator;
    gpointer socket;
    g_hash_table_iter_init(&iterator, server->sockets);
    /* Reading ends, so that each dialogue finishes what it has in hand and its replies still go out. */
    while (g_hash_table_iter_next(&iterator, &socket, NULL))
        shutdown(GPOINTER_TO_INT(socket), SHUT_RD);
    while (g_hash_table_size(server->sockets) > 0)
        g_cond_wait(&server->ended, &server->mutex);
    g_mutex_unlock(&server->mutex);
    if (server->path != NULL)
        unlink(server->path);
    g_free(server->path);
    g_hash_table_unref(server->sockets);
    g_mutex_clear(&server->mutex);
    g_cond_clear(&server->ended);
    g_free(server);
}

int lmtp_port(const LmtpServer *server)
{
    return server->port;
}
