/* The table of open connections with their deadlines. */
#include "connections.h"

#include <glib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "limits.h"

typedef struct Connection {
    int socket;
    int64_t until_us;
} Connection;

struct Connections {
    GMutex lock;
    GHashTable *open; /* set of Connection * */
};

Connections *connections_new(void)
{
    Connections *connections = g_new0(Connections, 1);
    g_mutex_init(&connections->lock);
    connections->open = g_hash_table_new_full(NULL, NULL, g_free, NULL);
    return connections;
}

void connections_free(Connections *connections)
{
    if (connections == NULL)
        return;
    g_hash_table_unref(connections->open);
    g_mutex_clear(&connections->lock);
    g_free(connections);
}

void connections_notify(void *context, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
    Connections *connections = context;
    g_mutex_lock(&connections->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        Connection *connection = g_new(Connection, 1);
        connection->socket = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        connection->until_us = time_monotonic_us() + HTTP_READ_US;
        g_hash_table_add(connections->open, connection);
        *socket_context = connection;
    } else {
        /* Told before the socket is closed: nobody shuts down a number that another connection got meanwhile. */
        g_hash_table_remove(connections->open, *socket_context);
        *socket_context = NULL;
    }
    g_mutex_unlock(&connections->lock);
}

void connections_set_deadline(Connections *connections, struct MHD_Connection *mhd, int64_t until_us)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    g_mutex_lock(&connections->lock);
    Connection *connection = info->socket_context;
    if (connection != NULL)
        connection->until_us = until_us;
    g_mutex_unlock(&connections->lock);
}

void connections_cut(Connections *connections, int64_t now_us)
{
    GHashTableIter iterator;
    gpointer key;
    g_mutex_lock(&connections->lock);
    g_hash_table_iter_init(&iterator, connections->open);
    while (g_hash_table_iter_next(&iterator, &key, NULL)) {
        const Connection *connection = key;
        if (connection->until_us <= now_us)
            shutdown(connection->socket, SHUT_RDWR);
    }
    g_mutex_unlock(&connections->lock);
}

unsigned connections_count(Connections *connections)
{
    g_mutex_lock(&connections->lock);
    unsigned count = g_hash_table_size(connections->open);
    g_mutex_unlock(&connections->lock);
    return count;
}
