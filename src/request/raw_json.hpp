#pragma once
// JSON in the user's own words. It is checked before the first byte of a request is sent, and what checks it is linked
// only into programs that have such a text.
#include "../base/pieces.hpp"
#include "../base/utf8.hpp"
#include "../json/validator.hpp"

OPENAI_STREAM_BEGIN

namespace raw_json {

// JSON in UTF-8 and nothing behind it, or Error::bad_request_json; with `members`, as a part of an object that has a
// member already.
inline Error validate(StringView text, bool members) noexcept {
    for (const char* at = text.begin(); at != text.end();) {
        const utf8::Sequence sequence = utf8::sequence_at(at, text.end());
        if (!sequence.valid) return Error::bad_request_json;
        at += sequence.length;
    }
    return json::is_valid(text, members) ? Error::none : Error::bad_request_json;
}
inline Error check_value(StringView text) noexcept { return validate(text, false); }
inline Error check_members(StringView text) noexcept { return validate(text, true); }

inline void put_null(const void* object, Fragment& piece) noexcept {
    if (static_cast<const Checked*>(object)->text.empty()) piece.before = "null";
}
inline constexpr pieces::FieldDescriptor value_rows[] = {
    put_null,
    {"", pieces::FieldType::checked, 0},
    {"", pieces::FieldType::end},
};

}  // namespace raw_json

// One JSON value. A view; empty: none.
struct JsonValue : Checked {
    constexpr JsonValue() noexcept = default;
    template <class T, class = decltype(StringView(traits::declval<T>()))>
    constexpr JsonValue(T&& source) noexcept : Checked{static_cast<T&&>(source)} {
        if (!text.empty()) validate = raw_json::check_value;
    }

    static const pieces::MessageDescriptor descriptor;  // of several; an empty one is null
};

inline constexpr pieces::MessageDescriptor JsonValue::descriptor =
    pieces::MessageDescriptor::of<JsonValue>(raw_json::value_rows, pieces::ListStyle::items);

// Members of a JSON object without its braces: "\"temperature\":0.2,\"seed\":7". A view; empty: none.
struct JsonMembers : Checked {
    constexpr JsonMembers() noexcept = default;
    template <class T, class = decltype(StringView(traits::declval<T>()))>
    constexpr JsonMembers(T&& source) noexcept : Checked{static_cast<T&&>(source)} {
        if (!text.empty()) validate = raw_json::check_members;
    }
};

OPENAI_STREAM_END
