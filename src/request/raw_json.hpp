#pragma once
// JSON in the user's own words. It is checked before the first byte of a request is sent, and what checks it is linked
// only into programs that have such a text.
#include "../base/pieces.hpp"
#include "../base/utf8.hpp"
#include "../json/validator.hpp"

OPENAI_STREAM_BEGIN

namespace detail::raw_json {

// JSON in UTF-8 and nothing after it, or Error::bad_request_json; with `members`, as a part of an object that has a
// member already.
inline Error validate(const StringView& text, bool members) noexcept {
    for (const char* at = text.begin(); at != text.end();) {
        const utf8::Sequence sequence = utf8::sequence_at(at, text.end());
        if (!sequence.valid) return Error::bad_request_json;
        at += sequence.length;
    }
    return json::is_valid(text, members) ? Error::none : Error::bad_request_json;
}
inline Error check_value(const StringView& text) noexcept { return validate(text, false); }
inline Error check_members(const StringView& text) noexcept { return validate(text, true); }

inline void put_null(const void* object, Fragment& piece) noexcept {
    if (static_cast<const Checked*>(object)->text.empty()) piece.before = "null";
}
inline constexpr FieldDescriptor value_rows[] = {
    put_null,
    {"", FieldType::checked, 0},
    {"", FieldType::end},
};

}  // namespace detail::raw_json

// One JSON value. A view; empty: none.
struct JsonValue : detail::Checked {
    constexpr JsonValue() noexcept = default;
    template <class T, class = decltype(StringView(detail::declval<T>()))>
    constexpr JsonValue(T&& source) noexcept : detail::Checked{static_cast<T&&>(source)} {
        if (!text.empty()) validate = detail::raw_json::check_value;
    }

    static const detail::MessageDescriptor descriptor;  // of several; an empty one is null
};

inline constexpr detail::MessageDescriptor JsonValue::descriptor =
    detail::MessageDescriptor::of<JsonValue>(detail::raw_json::value_rows, detail::ListStyle::items);

// Members of a JSON object without its braces: "\"temperature\":0.2,\"seed\":7". A view; empty: none.
struct JsonMembers : detail::Checked {
    constexpr JsonMembers() noexcept = default;
    template <class T, class = decltype(StringView(detail::declval<T>()))>
    constexpr JsonMembers(T&& source) noexcept : detail::Checked{static_cast<T&&>(source)} {
        if (!text.empty()) validate = detail::raw_json::check_members;
    }
};

OPENAI_STREAM_END
