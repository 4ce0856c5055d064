#include "cre2.h"

#include <re2/re2.h>
#include <string>
#include <vector>

struct cre2_expression {
    RE2 expression;
};

namespace {

// Most patterns have few groups: their places need no memory of their own.
constexpr size_t few = 8;

cre2_range range_of(const re2::StringPiece &group, const char *text) {
    if (group.data() == nullptr) return {-1, -1};
    const ptrdiff_t start = group.data() - text;
    return {start, start + static_cast<ptrdiff_t>(group.size())};
}

}  // namespace

cre2_expression *cre2_compile(const char *pattern, size_t length, int64_t memory) {
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(memory);
    return new cre2_expression{RE2(re2::StringPiece(pattern, length), options)};
}

void cre2_free(cre2_expression *expression) { delete expression; }

cre2_error cre2_error_code(const cre2_expression *expression) {
    switch (expression->expression.error_code()) {
    case RE2::NoError: return cre2_error_none;
    case RE2::ErrorBadEscape: return cre2_error_escape;
    case RE2::ErrorBadCharClass: return cre2_error_character_class;
    case RE2::ErrorBadCharRange: return cre2_error_character_range;
    case RE2::ErrorMissingBracket: return cre2_error_missing_bracket;
    case RE2::ErrorMissingParen: return cre2_error_missing_parenthesis;
    case RE2::ErrorUnexpectedParen: return cre2_error_unexpected_parenthesis;
    case RE2::ErrorTrailingBackslash: return cre2_error_trailing_backslash;
    case RE2::ErrorRepeatArgument: return cre2_error_repeat_argument;
    case RE2::ErrorRepeatSize: return cre2_error_repeat_size;
    case RE2::ErrorRepeatOp: return cre2_error_repeat_operator;
    case RE2::ErrorBadPerlOp: return cre2_error_perl_operator;
    case RE2::ErrorBadUTF8: return cre2_error_utf8;
    case RE2::ErrorBadNamedCapture: return cre2_error_named_group;
    case RE2::ErrorPatternTooLarge: return cre2_error_too_large;
    case RE2::ErrorInternal: break;
    }
    return cre2_error_internal;
}

const char *cre2_error_part(const cre2_expression *expression, size_t *length) {
    const std::string &part = expression->expression.error_arg();
    *length = part.size();
    return part.data();
}

size_t cre2_program_size(const cre2_expression *expression) { return expression->expression.ProgramSize(); }

bool cre2_search(
    const cre2_expression *expression, const uint8_t *text, size_t length, bool whole, cre2_range *ranges,
    size_t range_count) {
    // RE2 tells an empty group from one that took no part by its address, so that an empty text needs one, too.
    const char *start = text != nullptr ? reinterpret_cast<const char *>(text) : "";
    re2::StringPiece some[few];
    std::vector<re2::StringPiece> many(range_count > few ? range_count : 0);
    re2::StringPiece *groups = range_count > few ? many.data() : some;
    const bool is_found = expression->expression.Match(
        re2::StringPiece(start, length), 0, length, whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED, groups,
        static_cast<int>(range_count));
    for (size_t i = 0; is_found && i < range_count; i++) ranges[i] = range_of(groups[i], start);
    return is_found;
}
