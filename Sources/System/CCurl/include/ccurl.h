// HTTPS transfers with libcurl. The library is loaded while the program runs, so a program that sends nothing over TLS
// neither needs it nor keeps it in memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>

/// A loaded libcurl. It is never unloaded. Any number of threads may use it at a time.
typedef struct ccurl_library ccurl_library;

/// Sends one request after another over kept connections. One thread at a time, except for `ccurl_cancel`.
typedef struct ccurl_transfer ccurl_transfer;

/// Loads the library called `name`, such as "libcurl.so.4". NULL if it cannot be used; `error` then says why.
const ccurl_library *ccurl_load(const char *name, char *error, size_t error_size);

/// What stays the same for all requests of a transfer. Texts are copied; NULL stands for the default of libcurl.
typedef struct ccurl_settings {
    const char *user_agent;
    /// The limit for name lookup, TCP and TLS together.
    long connect_timeout_ms;
    /// The age after which a connection takes no further request.
    long connection_age_s;
    /// How long a peer may send and take nothing.
    long silence_s;
    /// Paths of PEM files.
    const char *authorities;
    const char *certificate;
    const char *key;
    /// Called for each new socket.
    void (*on_socket)(int descriptor);
} ccurl_settings;

/// NULL if memory is exhausted.
ccurl_transfer *ccurl_new(const ccurl_library *library, const ccurl_settings *settings);
/// Closes the connections.
void ccurl_free(ccurl_transfer *transfer);

/// Forgets the fields and the cancellation of the request before.
void ccurl_prepare(ccurl_transfer *transfer);
/// Adds a header field in the notation of CURLOPT_HTTPHEADER. `false` if memory is exhausted.
bool ccurl_add_field(ccurl_transfer *transfer, const char *line);

/// How libcurl handles the request.
typedef enum ccurl_shape { ccurl_get, ccurl_head, ccurl_post } ccurl_shape;

typedef struct ccurl_request {
    const char *url;
    ccurl_shape shape;
    /// The method, if it is not the usual one of the shape; NULL otherwise.
    const char *method;
    /// The body of a `ccurl_post`. It is not copied.
    const void *body;
    size_t body_size;
    /// Whether it may be sent again if a kept connection is closed before the answer, when the first may have arrived whole.
    bool may_be_repeated;
    /// The limit for the whole exchange.
    long timeout_ms;
    /// Receive lines of heads and pieces of the body. Returning `false` ends the transfer.
    bool (*on_line)(void *context, const char *bytes, size_t size);
    bool (*on_body)(void *context, const char *bytes, size_t size);
    void *context;
} ccurl_request;

typedef enum ccurl_result {
    ccurl_done,
    /// `ccurl_cancel` was called.
    ccurl_cancelled,
    /// A callback returned `false`.
    ccurl_refused,
    ccurl_bad_url,
    /// The peer could not be reached, or one side did not accept the other's certificate.
    ccurl_not_connected,
    /// A limit of time has passed before there was a connection.
    ccurl_connect_timeout,
    /// A limit of time has passed later.
    ccurl_timeout,
    ccurl_broken,
} ccurl_result;

/// Sends the request and blocks until its response is complete. The thread has SIGPIPE blocked from now on.
ccurl_result ccurl_perform(ccurl_transfer *transfer, const ccurl_request *request);
/// Whether the last `ccurl_perform` sent the request a second time.
bool ccurl_was_repeated(const ccurl_transfer *transfer);
/// What went wrong in the last `ccurl_perform`.
const char *ccurl_error(const ccurl_transfer *transfer);

/// Ends the running `ccurl_perform`, or the next one, soon. Callable from any thread.
void ccurl_cancel(ccurl_transfer *transfer);
