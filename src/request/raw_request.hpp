#pragma once
// A request in the user's own words. Views of the caller's memory, as long as a ChatRequest's.
#include "../http/request_head.hpp"
#include "raw_json.hpp"

OPENAI_STREAM_BEGIN

class Api;

struct RawRequest {
    http::RequestPath path;  // after the endpoint's: "/chat/completions"
    JsonValue json;   // the body; anything but one JSON value is Error::bad_request_json
    const Api* answer = nullptr;  // how it is read; null: as a chat's
    http::Method method = http::Method::post;  // get: there is no body

    constexpr RawRequest() noexcept = default;
    constexpr RawRequest(StringView to OPENAI_STREAM_BORROWED, JsonValue text) noexcept : path(to), json(text) {}
    constexpr RawRequest(StringView to OPENAI_STREAM_BORROWED, JsonValue text, const Api& read_as) noexcept
        : path(to), json(text), answer(&read_as) {}
    RawRequest(StringView, JsonValue, const Api&&) = delete;  // it must outlive the conversation
    // GET; the path may have a query: "/batches?limit=3".
    static constexpr RawRequest get(StringView from OPENAI_STREAM_BORROWED) noexcept {
        RawRequest request(from, {});
        request.method = http::Method::get;
        return request;
    }
    static constexpr RawRequest get(StringView from OPENAI_STREAM_BORROWED, const Api& read_as) noexcept {
        RawRequest request = get(from);
        request.answer = &read_as;
        return request;
    }
    static RawRequest get(StringView, const Api&&) = delete;

    // Error::bad_request_field without a body, unless there is none to be.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        if (method != http::Method::get) return json.text.empty() ? "json" : nullptr;
        return path.error() != Error::none ? "path" : !json.text.empty() ? "json" : nullptr;
    }
    // Of a request without a body.
    http::RequestWithoutBody head() const noexcept { return {method, path.has_mark, {this, &target, 1}}; }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;

private:
    static const detail::MessageDescriptor target;
};

namespace detail::raw_json {
inline constexpr FieldDescriptor request_rows[] = {
    {"", FieldType::checked, offsetof(RawRequest, json)},
    {"", FieldType::end},
};
inline constexpr FieldDescriptor target_rows[] = {
    {"", FieldType::checked, offsetof(RawRequest, path)},
    {"", FieldType::end},
};
}  // namespace detail::raw_json

inline constexpr detail::MessageDescriptor RawRequest::target =
    detail::MessageDescriptor::of<RawRequest>(detail::raw_json::target_rows, detail::ListStyle::lines);
inline detail::BodySource RawRequest::body() const noexcept {
    return {this, detail::next, detail::raw_json::request_rows};
}

OPENAI_STREAM_END
