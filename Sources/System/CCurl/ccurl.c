#define _GNU_SOURCE
#include "ccurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// All functions of libcurl that are used.
#define FUNCTIONS(use)                                                                                                 \
    use(global_init) use(easy_init) use(easy_setopt) use(easy_getinfo) use(easy_cleanup) use(easy_strerror)            \
    use(slist_append) use(slist_free_all) use(multi_init) use(multi_add_handle) use(multi_remove_handle)               \
    use(multi_perform) use(multi_poll) use(multi_wakeup) use(multi_info_read) use(multi_strerror) use(multi_cleanup)

struct ccurl_library {
#define MEMBER(name) __typeof__(&curl_##name) name;
    FUNCTIONS(MEMBER)
};

struct ccurl_transfer {
    const ccurl_library *curl;
    CURL *easy;
    // Its own, because a wait for a multi handle can be ended by another thread. It keeps the connections.
    CURLM *multi;
    struct curl_slist *fields;
    const ccurl_request *request;
    // How much of its body libcurl has taken; not counted for a body that libcurl has as a whole.
    size_t given;
    bool was_repeated;
    void (*on_socket)(int);
    atomic_bool is_cancelled;
    char error[CURL_ERROR_SIZE];
};

const ccurl_library *ccurl_load(const char *name, char *error, size_t error_size) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(error, error_size, "%s", reason ? reason : name);
        return NULL;
    }
    ccurl_library *library = calloc(1, sizeof *library);
    if (!library) {
        snprintf(error, error_size, "there is no memory");
        dlclose(handle);
        return NULL;
    }
#define RESOLVE(function)                                                                                              \
    if (!(library->function = (__typeof__(library->function))dlsym(handle, "curl_" #function))) {                      \
        snprintf(error, error_size, "%s: it has no function curl_" #function, name);                                   \
        free(library);                                                                                                 \
        dlclose(handle);                                                                                               \
        return NULL;                                                                                                   \
    }
    FUNCTIONS(RESOLVE)
    if (library->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(error, error_size, "%s: it cannot be initialised", name);
        free(library);
        return NULL;
    }
    return library;
}

static size_t take_line(char *bytes, size_t size, size_t count, void *context) {
    const ccurl_request *request = ((ccurl_transfer *)context)->request;
    return request->on_line(request->context, bytes, size * count) ? size * count : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    const ccurl_request *request = ((ccurl_transfer *)context)->request;
    return request->on_body(request->context, bytes, size * count) ? size * count : 0;
}

static size_t give_body(char *bytes, size_t size, size_t count, void *context) {
    ccurl_transfer *transfer = context;
    const ccurl_request *request = transfer->request;
    size_t left = request->body_size - transfer->given;
    size_t given = size * count < left ? size * count : left;
    memcpy(bytes, (const char *)request->body + transfer->given, given);
    transfer->given += given;
    return given;
}

// Whether there has been a connection, with TLS.
static bool was_connected(const ccurl_transfer *transfer) {
    curl_off_t microseconds = 0;
    transfer->curl->easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
}

static int take_socket(void *context, curl_socket_t descriptor, curlsocktype purpose) {
    (void)purpose;
    ccurl_transfer *transfer = context;
    // A kept connection was lost.
    if (was_connected(transfer)) transfer->was_repeated = true;
    transfer->on_socket(descriptor);
    return CURL_SOCKOPT_OK;
}

ccurl_transfer *ccurl_new(const ccurl_library *curl, const ccurl_settings *settings) {
    ccurl_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->curl = curl;
    transfer->on_socket = settings->on_socket;
    atomic_init(&transfer->is_cancelled, false);
    transfer->easy = curl->easy_init();
    transfer->multi = curl->multi_init();
    if (!transfer->easy || !transfer->multi) {
        ccurl_free(transfer);
        return NULL;
    }
    CURL *easy = transfer->easy;
#define SET(option, value) curl->easy_setopt(easy, CURLOPT_##option, value)
    SET(NOSIGNAL, 1L);
    SET(PROTOCOLS_STR, "https");
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    // A task id may be "..", so the path must not be normalised.
    SET(PATH_AS_IS, 1L);
    // Empty, so that no proxy is taken from the environment either.
    SET(PROXY, "");
    // Allows an answer that is not HTTP/1 to be inspected and named.
    SET(HTTP09_ALLOWED, 1L);
    // Spreads connections over the addresses of a name.
    SET(DNS_SHUFFLE_ADDRESSES, 1L);
    // Otherwise a transfer that timed out would wait for the name server all the same.
    SET(QUICK_EXIT, 1L);
    SET(USERAGENT, settings->user_agent);
    SET(CONNECTTIMEOUT_MS, settings->connect_timeout_ms);
    SET(MAXLIFETIME_CONN, settings->connection_age_s);
    SET(LOW_SPEED_LIMIT, 1L);
    SET(LOW_SPEED_TIME, settings->silence_s);
    if (settings->authorities) SET(CAINFO, settings->authorities);
    if (settings->certificate) SET(SSLCERT, settings->certificate);
    if (settings->key) SET(SSLKEY, settings->key);
    SET(ERRORBUFFER, transfer->error);
    SET(HEADERFUNCTION, take_line);
    SET(HEADERDATA, transfer);
    SET(WRITEFUNCTION, take_body);
    SET(WRITEDATA, transfer);
    SET(READFUNCTION, give_body);
    SET(READDATA, transfer);
    SET(SOCKOPTFUNCTION, take_socket);
    SET(SOCKOPTDATA, transfer);
    return transfer;
}

void ccurl_free(ccurl_transfer *transfer) {
    const ccurl_library *curl = transfer->curl;
    if (transfer->easy) curl->easy_cleanup(transfer->easy);
    if (transfer->multi) curl->multi_cleanup(transfer->multi);
    curl->slist_free_all(transfer->fields);
    free(transfer);
}

void ccurl_prepare(ccurl_transfer *transfer) {
    transfer->curl->slist_free_all(transfer->fields);
    transfer->fields = NULL;
    atomic_store(&transfer->is_cancelled, false);
}

bool ccurl_add_field(ccurl_transfer *transfer, const char *line) {
    struct curl_slist *fields = transfer->curl->slist_append(transfer->fields, line);
    if (fields) transfer->fields = fields;
    return fields != NULL;
}

void ccurl_cancel(ccurl_transfer *transfer) {
    atomic_store(&transfer->is_cancelled, true);
    transfer->curl->multi_wakeup(transfer->multi);
}

bool ccurl_was_repeated(const ccurl_transfer *transfer) { return transfer->was_repeated; }

const char *ccurl_error(const ccurl_transfer *transfer) { return transfer->error; }

static void set(ccurl_transfer *transfer, const ccurl_request *request) {
    const ccurl_library *curl = transfer->curl;
    CURL *easy = transfer->easy;
    SET(URL, request->url);
    SET(TIMEOUT_MS, request->timeout_ms);
    SET(HTTPHEADER, transfer->fields);
    // Each of the shapes undoes the others.
    SET(HTTPGET, 1L);
    if (request->shape == ccurl_head) SET(NOBODY, 1L);
    bool has_body = request->shape == ccurl_post && request->body_size > 0;
    if (request->shape == ccurl_post) {
        SET(POST, 1L);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
        // libcurl sends any request again whose kept connection was closed, unless it would have to read a second time
        // what it got from a callback that cannot go back.
        SET(POSTFIELDS, !has_body ? "" : request->may_be_repeated ? request->body : NULL);
        transfer->given = 0;
    }
    // Nothing can keep libcurl from sending a mere head again but a connection that was never used.
    SET(FRESH_CONNECT, request->may_be_repeated || has_body ? 0L : 1L);
    SET(CUSTOMREQUEST, request->method);
}

static ccurl_result result(ccurl_transfer *transfer, CURLcode code) {
    switch (code) {
    case CURLE_OK: return ccurl_done;
    case CURLE_WRITE_ERROR: return ccurl_refused;
    case CURLE_URL_MALFORMAT: return ccurl_bad_url;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        // If it had been connected before, the request was sent, and could not be sent again.
        return was_connected(transfer) ? ccurl_broken : ccurl_not_connected;
    case CURLE_SEND_FAIL_REWIND:
        snprintf(transfer->error, sizeof transfer->error, "the connection was closed before the answer was complete");
        return ccurl_broken;
    case CURLE_OPERATION_TIMEDOUT: return was_connected(transfer) ? ccurl_timeout : ccurl_connect_timeout;
    default: return ccurl_broken;
    }
}

// Drives the transfer that was added.
static ccurl_result run(ccurl_transfer *transfer) {
    const ccurl_library *curl = transfer->curl;
    while (!atomic_load(&transfer->is_cancelled)) {
        int running = 0, left = 0;
        CURLMcode problem = curl->multi_perform(transfer->multi, &running);
        if (problem == CURLM_OK && running == 0) {
            const CURLMsg *message = curl->multi_info_read(transfer->multi, &left);
            CURLcode code = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OUT_OF_MEMORY;
            if (!transfer->error[0]) {
                snprintf(transfer->error, sizeof transfer->error, "%s", curl->easy_strerror(code));
            }
            return result(transfer, code);
        }
        // libcurl shortens the wait to its own next deadline.
        if (problem == CURLM_OK) problem = curl->multi_poll(transfer->multi, NULL, 0, 1000, NULL);
        if (problem != CURLM_OK) {
            snprintf(transfer->error, sizeof transfer->error, "%s", curl->multi_strerror(problem));
            return ccurl_broken;
        }
    }
    return ccurl_cancelled;
}

ccurl_result ccurl_perform(ccurl_transfer *transfer, const ccurl_request *request) {
    const ccurl_library *curl = transfer->curl;
    // OpenSSL writes to sockets without MSG_NOSIGNAL.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    transfer->error[0] = 0;
    transfer->was_repeated = false;
    transfer->request = request;
    set(transfer, request);
    CURLMcode problem = curl->multi_add_handle(transfer->multi, transfer->easy);
    if (problem != CURLM_OK) {
        snprintf(transfer->error, sizeof transfer->error, "%s", curl->multi_strerror(problem));
        return ccurl_broken;
    }
    ccurl_result end = run(transfer);
    curl->multi_remove_handle(transfer->multi, transfer->easy);
    // Neither the body nor the context outlives the call.
    curl->easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL);
    transfer->request = NULL;
    return end;
}
