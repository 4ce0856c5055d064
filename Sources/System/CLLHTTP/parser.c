#include "include/tailspan_http.h"

#include <stdlib.h>
#include <string.h>

#include "llhttp.h"

// More fields than this are no request of anybody's. The number bounds what a head costs.
enum { MAXIMUM_FIELDS = 128 };

// Bytes of a chunked body that are none of its own (sizes, extensions, trailers): so many, and so many more for each byte
// of the body. Otherwise a body of single bytes, each with a long extension, could go on for ever.
enum { FREE_OVERHEAD = 16 << 10, OVERHEAD_A_BYTE = 16 };

struct tailspan_http_parser {
    llhttp_t llhttp;
    // Where the head that is being parsed begins.
    const char *head;
    tailspan_http_text method, target;
    tailspan_http_field fields[MAXIMUM_FIELDS];
    uint32_t field_count;
    const char *piece;
    size_t piece_length;
    uint64_t body_bytes, overhead_bytes;
    int is_head_complete, is_complete, has_body_piece, has_too_many_fields, has_bad_name, answers_head,
        has_content_length, is_chunked, keeps_alive;
    // The byte before the present one, among those of a chunked body that are none of its own. AFTER_PIECE if a piece of
    // the body comes before.
    int last_byte;
    const char *reason;
};

enum { AFTER_PIECE = 256 };

int tailspan_http_is_token(const char *at, size_t length) {
    static const unsigned char token[256] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,
        ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
        ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,
        ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1,
        ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1,
        ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1,
        ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,
        ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
    };
    for (size_t index = 0; index < length; index++)
        if (!token[(unsigned char)at[index]]) return 0;
    return length > 0;
}

static tailspan_http_parser *of(llhttp_t *llhttp) { return llhttp->data; }

static tailspan_http_text text(const tailspan_http_parser *parser, const char *at, size_t length) {
    return (tailspan_http_text){(uint32_t)(at - parser->head), (uint32_t)length};
}

static int on_target(llhttp_t *llhttp, const char *at, size_t length) {
    of(llhttp)->target = text(of(llhttp), at, length);
    return 0;
}

static int on_name(llhttp_t *llhttp, const char *at, size_t length) {
    tailspan_http_parser *parser = of(llhttp);
    // llhttp takes names with spaces in them, or before the colon (section 5.1).
    if (length > 0 && !tailspan_http_is_token(at, length)) {
        parser->has_bad_name = 1;
        return HPE_USER;
    }
    // Trailers are read and dropped: nothing here uses them, and they must not be taken for fields of the head
    // (RFC 9110, section 6.5.1).
    if (parser->is_head_complete) return 0;
    if (parser->field_count == MAXIMUM_FIELDS) {
        parser->has_too_many_fields = 1;
        return HPE_USER;
    }
    tailspan_http_field *field = &parser->fields[parser->field_count++];
    field->name = text(parser, at, length);
    field->value = (tailspan_http_text){field->name.start, 0};
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t length) {
    tailspan_http_parser *parser = of(llhttp);
    if (parser->is_head_complete || parser->field_count == 0) return 0;
    parser->fields[parser->field_count - 1].value = text(parser, at, length);
    return 0;
}

// Whether no body follows, whatever the head announces (RFC 9112, section 6.3).
static int never_has_body(const tailspan_http_parser *parser) {
    int status = parser->llhttp.status_code;
    return parser->llhttp.type == HTTP_RESPONSE &&
           (parser->answers_head || status / 100 == 1 || status == 204 || status == 304);
}

static int on_head(llhttp_t *llhttp) {
    tailspan_http_parser *parser = of(llhttp);
    parser->is_head_complete = 1;
    if (never_has_body(parser)) llhttp->flags |= F_SKIPBODY;
    parser->has_content_length = (llhttp->flags & F_CONTENT_LENGTH) != 0;
    parser->is_chunked = (llhttp->flags & F_CHUNKED) != 0;
    // llhttp forgets `close` if HTTP/1.0 also says `keep-alive` (RFC 9112, section 9.3).
    parser->keeps_alive = llhttp_should_keep_alive(llhttp) && !(llhttp->flags & F_CONNECTION_CLOSE);
    // Nobody here changes protocols: `Upgrade` is ignored, as the RFC allows (RFC 9110, section 7.8).
    llhttp->upgrade = 0;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t length) {
    tailspan_http_parser *parser = of(llhttp);
    if (length == 0) return 0;
    parser->piece = at;
    parser->piece_length = length;
    parser->body_bytes += length;
    parser->has_body_piece = 1;
    return HPE_PAUSED;
}

static int on_message(llhttp_t *llhttp) {
    of(llhttp)->is_complete = 1;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_message,
};

tailspan_http_parser *tailspan_http_new(int for_responses) {
    tailspan_http_parser *parser = calloc(1, sizeof *parser);
    if (!parser) return NULL;
    llhttp_init(&parser->llhttp, for_responses ? HTTP_RESPONSE : HTTP_REQUEST, &settings);
    parser->llhttp.data = parser;
    return parser;
}

void tailspan_http_free(tailspan_http_parser *parser) { free(parser); }

void tailspan_http_reset(tailspan_http_parser *parser, int to_head) {
    llhttp_init(&parser->llhttp, parser->llhttp.type, &settings);
    parser->llhttp.data = parser;
    parser->field_count = 0;
    parser->body_bytes = parser->overhead_bytes = 0;
    parser->is_head_complete = parser->is_complete = parser->has_body_piece = parser->has_too_many_fields = 0;
    parser->has_bad_name = parser->has_content_length = parser->is_chunked = parser->keeps_alive = 0;
    parser->last_byte = 0;
    parser->answers_head = to_head;
    parser->method = parser->target = (tailspan_http_text){0, 0};
    parser->reason = NULL;
}

static tailspan_http_event fail(tailspan_http_parser *parser, const char *reason) {
    parser->reason = reason;
    return TAILSPAN_HTTP_ERROR;
}

// Checks bytes of a chunked body that are none of its own: lines that end with CR and LF, and are not folded. llhttp
// lets some of them end otherwise, and versions differ in which.
static const char *check_framing(tailspan_http_parser *parser, const char *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) {
        int byte = (unsigned char)bytes[index], last = parser->last_byte;
        if (last == AFTER_PIECE && byte != '\r') return "a chunk is longer than its size";
        if ((byte == '\n') != (last == '\r')) return "a line does not end with CR and LF";
        if (last == '\n' && (byte == ' ' || byte == '\t')) return "a line begins with white space";
        if (last == '\n' && byte == ':') return "a field has no name";
        if ((byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7F)
            return "a line has control characters";
        parser->last_byte = byte;
    }
    return NULL;
}

// Checks what comes before a piece of the body and after it.
static const char *check_chunks(tailspan_http_parser *parser, const char *bytes, size_t taken) {
    size_t before = parser->has_body_piece ? (size_t)(parser->piece - bytes) : taken;
    const char *reason = check_framing(parser, bytes, before);
    parser->overhead_bytes += before;
    // Not held against what comes only after it, so that it does not matter in which pieces the input came.
    uint64_t body = parser->body_bytes - parser->piece_length;
    if (!reason && parser->overhead_bytes > FREE_OVERHEAD + OVERHEAD_A_BYTE * body)
        reason = "chunk sizes, extensions and trailers are out of all proportion to the body";
    if (reason || !parser->has_body_piece) return reason;
    parser->last_byte = AFTER_PIECE;
    size_t end = before + parser->piece_length;
    parser->overhead_bytes += taken - end;
    return check_framing(parser, bytes + end, taken - end);
}

tailspan_http_event tailspan_http_next(
    tailspan_http_parser *parser, const char *bytes, size_t count, size_t *taken) {
    *taken = 0;
    if (parser->reason) return TAILSPAN_HTTP_ERROR;
    if (llhttp_get_errno(&parser->llhttp) == HPE_PAUSED) llhttp_resume(&parser->llhttp);
    int was_in_head = !parser->is_head_complete;
    if (was_in_head) {
        parser->head = bytes;
        const char *space = memchr(bytes, ' ', count);
        if (space) parser->method = text(parser, bytes, (size_t)(space - bytes));
    }
    parser->has_body_piece = 0;
    parser->piece_length = 0;
    llhttp_errno_t code = llhttp_execute(&parser->llhttp, bytes, count);
    if (code == HPE_OK) {
        *taken = count;
        if (was_in_head) return fail(parser, "the head does not end where it should");
    } else if (code == HPE_PAUSED) {
        *taken = (size_t)(llhttp_get_error_pos(&parser->llhttp) - bytes);
    } else {
        return fail(
            parser, parser->has_bad_name ? "a field's name is no token" : llhttp_get_error_reason(&parser->llhttp));
    }
    if (!was_in_head && parser->is_chunked) {
        const char *reason = check_chunks(parser, bytes, *taken);
        if (reason) return fail(parser, reason);
    }
    if (parser->is_complete) return TAILSPAN_HTTP_COMPLETE;
    if (parser->has_body_piece) return TAILSPAN_HTTP_BODY;
    return was_in_head ? TAILSPAN_HTTP_HEAD : TAILSPAN_HTTP_MORE;
}

size_t tailspan_http_head_length(const char *bytes, size_t count, size_t *looked, const char **reason) {
    while (*looked < count) {
        const char *line = bytes + *looked;
        const char *end = memchr(line, '\n', count - *looked);
        if (!end) return 0;
        if (end == line || end[-1] != '\r') {
            *reason = "a line ends without CR";
            return 0;
        }
        if (memchr(line, '\r', (size_t)(end - line) - 1)) {
            *reason = "a line has a CR within";
            return 0;
        }
        *looked = (size_t)(end - bytes) + 1;
        if (end - line == 1) return *looked;
        if (line != bytes && (*line == ' ' || *line == '\t')) {
            *reason = "a field is folded over several lines";
            return 0;
        }
    }
    return 0;
}

tailspan_http_event tailspan_http_finish(tailspan_http_parser *parser) {
    if (parser->reason) return TAILSPAN_HTTP_ERROR;
    if (llhttp_get_errno(&parser->llhttp) == HPE_PAUSED) llhttp_resume(&parser->llhttp);
    if (llhttp_finish(&parser->llhttp) != HPE_OK && !parser->is_complete)
        return fail(parser, "the connection ended within the message");
    return parser->is_complete ? TAILSPAN_HTTP_COMPLETE : TAILSPAN_HTTP_MORE;
}

const tailspan_http_field *tailspan_http_fields(const tailspan_http_parser *parser) { return parser->fields; }
uint32_t tailspan_http_field_count(const tailspan_http_parser *parser) { return parser->field_count; }
tailspan_http_text tailspan_http_method(const tailspan_http_parser *parser) { return parser->method; }
tailspan_http_text tailspan_http_target(const tailspan_http_parser *parser) { return parser->target; }
int tailspan_http_status(const tailspan_http_parser *parser) { return parser->llhttp.status_code; }
int tailspan_http_major(const tailspan_http_parser *parser) { return parser->llhttp.http_major; }
int tailspan_http_minor(const tailspan_http_parser *parser) { return parser->llhttp.http_minor; }

int tailspan_http_keeps_alive(const tailspan_http_parser *parser) {
    return parser->keeps_alive;
}

int tailspan_http_is_chunked(const tailspan_http_parser *parser) { return parser->is_chunked; }
uint64_t tailspan_http_content_length(const tailspan_http_parser *parser) { return parser->llhttp.content_length; }
int tailspan_http_has_content_length(const tailspan_http_parser *parser) { return parser->has_content_length; }

const char *tailspan_http_piece(const tailspan_http_parser *parser, size_t *count) {
    *count = parser->piece_length;
    return parser->piece;
}

const char *tailspan_http_reason(const tailspan_http_parser *parser) {
    return parser->reason ? parser->reason : "";
}

int tailspan_http_has_too_many_fields(const tailspan_http_parser *parser) { return parser->has_too_many_fields; }
