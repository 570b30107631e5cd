#pragma once
// How servers say that something failed: the keys, and what among good chunks is no error. All of it becomes one
// Failure.
#include "../base/ascii.hpp"
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// An object that tells of an error, or a list of them; also a body, or the data of `event: error`. OpenAI sends
// {"message","type","param","code"}; a code may be a number (OpenRouter, llama.cpp, vLLM). Of several messages the
// longest counts ("Bad Request" beside what was bad about it). By key: `errors` Cloudflare, `detail` FastAPI (a text, a
// list or an object), `msg` Zhipu and others, `error_msg` Baidu, `Message` AWS, `base_resp` MiniMax, [{"error":...}]
// Gemini, `headers` OpenAI's error events.
inline constexpr json::Row error_rows[] = {
    {"", value_error_message, skipped, json::Take::pieces},  // one of a list
    {"message", value_error_message, error, json::Take::pieces},
    {"type", value_error_type},
    {"code", value_error_code},
    {"param", value_error_param},
    {"error", value_error_message, error, json::Take::pieces},
    {"errors", value_error_message, error, json::Take::pieces},
    {"detail", value_error_message, error, json::Take::pieces},
    {"msg", value_error_message, skipped, json::Take::pieces},
    {"Message", value_error_message, skipped, json::Take::pieces},
    {"error_message", value_error_message, skipped, json::Take::pieces},
    {"error_msg", value_error_message, skipped, json::Take::pieces},
    {"error_description", value_error_message, skipped, json::Take::pieces},
    {"status_msg", value_error_message, skipped, json::Take::pieces},
    {"error_type", value_error_type},
    {"Code", value_error_code},
    {"error_code", value_error_code},
    {"status_code", value_error_code},
    {"base_resp", ignored, error},
    {"retry_after", error_retry_after},
    {"headers", ignored, error_headers},
};
inline constexpr json::Row error_headers_rows[] = {
    {"retry-after", error_retry_after},
    {"Retry-After", error_retry_after},
    {"retry-after-ms", error_retry_after_ms},
};

inline constexpr json::Row error_scalar{"", error_text};

// What a row says of the error in it.
enum class ErrorSign : uint8_t {
    certain,  // it is one by being there: `error`
    hint,     // it is one unless the event is a good chunk: `detail`, `errors`
    status,   // it is one if its code says so: `base_resp` is in every chunk
};

// A text or a number that says something: "" and 0 do not, and many servers send them in good chunks.
inline bool says_something(StringView value) noexcept { return !value.empty() && value != StringView("0", 1); }

// "ok" and "success", in any letters: the message of what did not fail.
inline bool is_good_word(StringView word) noexcept {
    char small[8];
    if (word.size() > sizeof small) return false;
    for (size_t at = 0; at != word.size(); ++at) small[at] = ascii::to_lower(word.data()[at]);
    return words::place_in("ok\0success\0", small, word.size()) != 0;
}
// 0, 200 to 299, "ok", "success" and no code at all are none of an error.
inline bool is_failure_code(StringView code) noexcept {
    const bool is_2xx = code.size() == 3 && code.data()[0] == '2' && ascii::is_digit(code.data()[1]) &&
                        ascii::is_digit(code.data()[2]);
    return says_something(code) && !is_2xx && !is_good_word(code);
}

}  // namespace dialect

OPENAI_STREAM_END
