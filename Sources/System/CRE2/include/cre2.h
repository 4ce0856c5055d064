// The few functions of RE2 that the module RegularExpressions needs, without C++.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A pattern that RE2 has read. Any number of threads may search with it at a time.
typedef struct cre2_expression cre2_expression;

/// Why RE2 refuses a pattern.
typedef enum cre2_error {
    cre2_error_none,
    cre2_error_internal,
    cre2_error_escape,
    cre2_error_character_class,
    cre2_error_character_range,
    cre2_error_missing_bracket,
    cre2_error_missing_parenthesis,
    cre2_error_unexpected_parenthesis,
    cre2_error_trailing_backslash,
    cre2_error_repeat_argument,
    cre2_error_repeat_size,
    cre2_error_repeat_operator,
    cre2_error_perl_operator,
    cre2_error_utf8,
    cre2_error_named_group,
    cre2_error_too_large,
} cre2_error;

/// A part of a text, in bytes. `start` is -1 for a group that took no part in the match.
typedef struct cre2_range {
    ptrdiff_t start;
    ptrdiff_t end;
} cre2_range;

/// Compiles a pattern in UTF-8. Never NULL, also for a pattern that is refused; the caller frees it.
///
/// `memory` is the most that RE2 may take for the program and for the states that it keeps between searches, in bytes.
cre2_expression *cre2_compile(const char *pattern, size_t length, int64_t memory);
void cre2_free(cre2_expression *expression);

/// `cre2_error_none` if the pattern can be searched with.
cre2_error cre2_error_code(const cre2_expression *expression);
/// The part of the pattern that is wrong. It lives as long as the expression.
const char *cre2_error_part(const cre2_expression *expression, size_t *length);

/// How many instructions the pattern has become.
size_t cre2_program_size(const cre2_expression *expression);

/// Looks for the leftmost match in a text; with `whole`, the whole text must match.
///
/// Writes the places of the match and of its first groups to `ranges`, which has room for `range_count` of them. With no
/// room RE2 only decides whether there is a match, which is faster.
bool cre2_search(
    const cre2_expression *expression, const uint8_t *text, size_t length, bool whole, cre2_range *ranges,
    size_t range_count);

#ifdef __cplusplus
}
#endif
