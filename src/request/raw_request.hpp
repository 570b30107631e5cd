#pragma once
// A request in the user's own words. Views of the caller's memory, as long as a ChatRequest's.
#include "../http/head_text.hpp"
#include "raw_json.hpp"

OPENAI_STREAM_BEGIN

class Api;

struct RawRequest {
    http::RequestPath path;  // after the endpoint's: "/chat/completions"
    JsonValue json;   // the body; anything but one JSON value is Error::bad_request_json
    const Api* answer = nullptr;  // how it is read; null: as a chat's

    constexpr RawRequest() noexcept = default;
    constexpr RawRequest(StringView to OPENAI_STREAM_BORROWED, JsonValue text) noexcept : path(to), json(text) {}
    constexpr RawRequest(StringView to OPENAI_STREAM_BORROWED, JsonValue text, const Api& read_as) noexcept
        : path(to), json(text), answer(&read_as) {}
    RawRequest(StringView, JsonValue, const Api&&) = delete;  // it must outlive the conversation

    // Error::bad_request_field without a body.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept { return json.text.empty() ? "json" : nullptr; }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
};

namespace detail::raw_json {
inline constexpr FieldDescriptor request_rows[] = {
    {"", FieldType::checked, offsetof(RawRequest, json)},
    {"", FieldType::end},
};
}  // namespace detail::raw_json

inline detail::BodySource RawRequest::body() const noexcept {
    return {this, detail::next, detail::raw_json::request_rows};
}

OPENAI_STREAM_END
