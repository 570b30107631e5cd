#pragma once
// How servers say that something failed: the keys, and what among good chunks is no error. All of it becomes one
// Failure.
#include "../base/ascii.hpp"
#include "quirks.hpp"
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// An object that tells of an error, or a list of them; also a body, or the data of `event: error`; and, since many send
// errors that way, what an event may have beside its own members. OpenAI sends {"message","type","param","code"}; a
// code may be a number (OpenRouter, llama.cpp, vLLM). The longest of several messages counts ("Bad Request" beside what
// was bad about it). By key: `errors` Cloudflare, `detail` FastAPI (a text, a list or an object), `msg` Zhipu and
// others, `error_msg` Baidu, `Message` AWS, `base_resp` MiniMax, [{"error":...}] Gemini, `headers` OpenAI's error
// events.
inline constexpr json::Row error_member_rows[] = {
    {"message", value_error_message, error, json::ReadMode::pieces},
    {"type", value_error_type},
    {"param", value_error_param},
    {"code", value_error_code},
    {"error", error_text, error, json::ReadMode::pieces},
    {"errors", error_hint, error, json::ReadMode::pieces, Quirk::errors_key},
    {"detail", error_hint, error, json::ReadMode::pieces, Quirk::detail_key},
    {"msg", value_error_message, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"Message", value_error_message, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"error_message", error_hint, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"error_msg", value_error_message, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"error_description", value_error_message, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"status_msg", value_error_message, skipped, json::ReadMode::pieces, Quirk::error_message_key},
    {"error_type", value_error_type, skipped, json::ReadMode::whole, Quirk::error_code_key},
    {"Code", value_error_code, skipped, json::ReadMode::whole, Quirk::error_code_key},
    {"error_code", value_error_code, skipped, json::ReadMode::whole, Quirk::error_code_key},
    {"status_code", error_status, skipped, json::ReadMode::whole, Quirk::error_code_key},
    {"base_resp", ignored, error, json::ReadMode::whole, Quirk::base_resp},
    {"retry_after", error_retry_after, skipped, json::ReadMode::whole, Quirk::retry_after_key},
    {"headers", ignored, error_headers},
};
// In an error all else that says something tells of one, too; in a list it is a message.
inline constexpr json::Row error_unnamed_rows[] = {{"", error_other, error_other_members, json::ReadMode::pieces}};
inline constexpr json::Context error_rows = json::Context::of<error_member_rows, error_unnamed_rows>();
constexpr size_t named_error_rows = sizeof error_member_rows / sizeof(json::Row);
inline constexpr json::Row error_other_rows[] = {{"", error_inner, error_other_members, json::ReadMode::pieces}};
inline constexpr json::Row error_headers_rows[] = {
    {"retry-after", error_retry_after},
    {"Retry-After", error_retry_after},
    {"retry-after-ms", error_retry_after_ms},
};

inline constexpr json::TableRow error_scalar{0, error_text, skipped, json::ReadMode::pieces};

// What is known of an event that may be an error: a set.
enum ErrorSign : uint8_t {
    says_nothing = 0,
    error_possible = 1,  // it is one unless the event is a good chunk: `detail`, `errors`
    error_certain = 2,   // it is one whatever stands beside it: `error`
    names_event = 4,     // the event says by its type that it is none; so it is a good one beside what is only possible
    names_error = 64,    // by its type it is one, unless it is a good chunk; it has to have a message
    // About the container of errors being read. A code that says success makes all that stands beside it no error,
    // unless another code or a type tells of one.
    says_something = 8,
    says_failure = 16,
    says_success = 32,
};
// The sign of what stands in a row by being there; 0: none.
constexpr unsigned sign_of(unsigned target) noexcept {
    if (target < error_hint || target > error_status) return 0;
    return target == error_hint ? error_possible : error_certain;
}

// The sign of a code, a type or a message. 0, 200 to 299, "ok" and "success" in any letters say that nothing failed,
// "", "none", "null" and "no error" say nothing: many servers send them in good chunks.
OPENAI_STREAM_OUTLINE inline ErrorSign meaning_of_error(StringView value) noexcept {
    char lower[8] = {};
    if (value.size() > sizeof lower) return says_failure;
    for (size_t at = 0; at != value.size(); ++at) lower[at] = ascii::to_lower(value.data()[at]);
    if (value.size() == 3 && lower[0] == '2' && ascii::is_digit(lower[1]) && ascii::is_digit(lower[2]))
        return says_success;
    const unsigned place = detail::words::index_of("0\0ok\0success\0none\0null\0no error\0", lower, value.size());
    return place == 0 && !value.empty() ? says_failure : place != 0 && place <= 3 ? says_success : says_nothing;
}

// The sign of the type of an event: it is an error's if it has the word in it, or is a URI (RFC 9457).
OPENAI_STREAM_INLINE ErrorSign sign_of_type(StringView type) noexcept {
    // what most events are
    if (!detail::is_small_build && type == StringView("chat.completion.chunk", 21)) return names_event;
    const char* const word = "rror";
    const char* next = word;
    for (const char* at = type.begin(); at != type.end(); ++at) {
        next = *at == *next ? next + 1 : word;
        if (*next == '\0' || *at == ':') return names_error;
    }
    return names_event;
}

}  // namespace dialect

OPENAI_STREAM_END
