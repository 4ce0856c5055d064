// libmicrohttpd's variadic calls, as plain functions.
#pragma once
// The system headers belong to one module, whatever else includes them.
#pragma clang module import SwiftGlibc
#include <microhttpd.h>
#include <string.h>

// The server wants paths as they were sent.
static size_t tailspan_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

// A daemon without a thread of its own on `listening`, a socket that listens already. `context` is given to all callbacks.
static inline struct MHD_Daemon *tailspan_mhd_start(
    int listening, unsigned int maximum_connections, unsigned int idle_seconds, size_t memory_a_connection,
    MHD_NotifyConnectionCallback on_connection, void *(*on_uri)(void *, const char *, struct MHD_Connection *),
    MHD_AccessHandlerCallback on_request, MHD_RequestCompletedCallback on_completed, void *context) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, context,
        MHD_OPTION_LISTEN_SOCKET, listening,
        MHD_OPTION_CONNECTION_LIMIT, maximum_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_a_connection,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, tailspan_mhd_keep_escapes, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, context,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, context,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, context,
        MHD_OPTION_END);
}

// What a content reader returns to have the connection ended before the body's end.
static inline ssize_t tailspan_mhd_end_with_error(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }

static inline int tailspan_mhd_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

// What the connection callback stored for the TCP connection.
static inline void *tailspan_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static inline int tailspan_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *tailspan_mhd_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}
