// An HTTP/1.1 parser on llhttp that is asked for one event after the other (RFC 9112).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct tailspan_http_parser tailspan_http_parser;

typedef enum {
    // All bytes were taken; more are needed.
    TAILSPAN_HTTP_MORE,
    // The head is complete: its parts can be read until the next call.
    TAILSPAN_HTTP_HEAD,
    // A piece of the body, in the bytes that were given.
    TAILSPAN_HTTP_BODY,
    // The message is complete. The next byte belongs to the next message.
    TAILSPAN_HTTP_COMPLETE,
    // The message is malformed. Only tailspan_http_reset ends this state.
    TAILSPAN_HTTP_ERROR,
} tailspan_http_event;

// Where text lies, counted from the head's first byte.
typedef struct tailspan_http_text {
    uint32_t start, length;
} tailspan_http_text;

typedef struct tailspan_http_field {
    tailspan_http_text name, value;
} tailspan_http_field;

// A parser of requests, or of responses; NULL if there is no memory.
tailspan_http_parser *tailspan_http_new(int for_responses);
void tailspan_http_free(tailspan_http_parser *parser);

// Whether the text is a token: a method or a field's name (RFC 9110, section 5.6.2).
int tailspan_http_is_token(const char *at, size_t length);

// How long the head at `bytes` is; 0 if it is not complete or not well-formed. In the latter case `reason` says why: a
// line without CR or with one within, or a folded field. llhttp would accept these. `looked` is how far earlier calls have looked, 0 at first.
size_t tailspan_http_head_length(const char *bytes, size_t count, size_t *looked, const char **reason);

// Begins the next message. `to_head` says that it answers a HEAD request, so that it has no body whatever it announces.
void tailspan_http_reset(tailspan_http_parser *parser, int to_head);

// Parses until the next event. `taken` is how many bytes were used. A head must be given whole, in one call and from its
// first byte; the bytes of a body may come in any pieces.
tailspan_http_event tailspan_http_next(
    tailspan_http_parser *parser, const char *bytes, size_t count, size_t *taken);

// The connection has ended. COMPLETE if that ends the message (a response without a length), MORE if no message was
// under way, ERROR otherwise.
tailspan_http_event tailspan_http_finish(tailspan_http_parser *parser);

// What the head says.
const tailspan_http_field *tailspan_http_fields(const tailspan_http_parser *parser);
uint32_t tailspan_http_field_count(const tailspan_http_parser *parser);
tailspan_http_text tailspan_http_method(const tailspan_http_parser *parser);
tailspan_http_text tailspan_http_target(const tailspan_http_parser *parser);
int tailspan_http_status(const tailspan_http_parser *parser);
int tailspan_http_major(const tailspan_http_parser *parser);
int tailspan_http_minor(const tailspan_http_parser *parser);
// Whether another message may follow on this connection.
int tailspan_http_keeps_alive(const tailspan_http_parser *parser);
int tailspan_http_is_chunked(const tailspan_http_parser *parser);
// The announced length; 0 if none is.
uint64_t tailspan_http_content_length(const tailspan_http_parser *parser);
int tailspan_http_has_content_length(const tailspan_http_parser *parser);

// The last BODY event's piece.
const char *tailspan_http_piece(const tailspan_http_parser *parser, size_t *count);

// Why the message is malformed, in a few words.
const char *tailspan_http_reason(const tailspan_http_parser *parser);
// Whether the head has more fields than fit.
int tailspan_http_has_too_many_fields(const tailspan_http_parser *parser);
