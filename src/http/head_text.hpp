#pragma once
// Texts of a request's head that somebody else has chosen: a host, a key. Each is checked when it is set, so that a
// constant is checked by the compiler and a program that has only such ones links nothing of it; what is wrong with a
// text stays with it, and is the request's error when it is opened.
#include "../base/ascii.hpp"
#include "../base/pieces.hpp"
#include "grammar.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// Where the byte stands; the size of the text if it does not.
OPENAI_STREAM_OUTLINE constexpr size_t find(const StringView& text, char wanted) noexcept {
    size_t at = 0;
    while (at != text.size() && text[at] != wanted) ++at;
    return at;
}

// ---- what may stand where ---------------------------------------------------------------------------------------

// Visible ASCII; with is_field also blanks, HTAB and what is not ASCII: field-content of RFC 9110 section 5.5.
constexpr bool is_sendable(const StringView& text, bool is_field) noexcept {
    for (const char c : text) {
        const bool is_visible = c > ' ' && c < 0x7f;
        if (!is_visible && (!is_field || (ascii::is_control(c) && c != '\t'))) return false;
    }
    return true;
}
// Returns true if it has none of the bytes before the NUL.
constexpr bool is_made_without(const char* bytes, const StringView& text) noexcept {
    for (; *bytes != '\0'; ++bytes)
        if (find(text, *bytes) != text.size()) return false;
    return true;
}
// What may stand in a path, but not in a host; '?', which may stand in a query; what may stand nowhere.
constexpr const char* not_in_host = "!$%&'()*+,/;=@?\"#<>[\\]^`{|}";
constexpr const char* not_in_path = not_in_host + 14;
constexpr const char* not_in_query = not_in_host + 15;

// IPv6address / IPv4address / reg-name without percent-encoding and sub-delims: RFC 3986 section 3.2.2.
constexpr bool is_host(const StringView& text) noexcept {
    unsigned colons = 0, others = 0;  // others: not of an IPv6 address
    for (const char c : text) {
        if (c == ':') ++colons;
        else if (ascii::hex_value(c) < 0 && c != '.') ++others;
    }
    return !text.empty() && (colons == 0 || (colons > 1 && others == 0)) && is_made_without(not_in_host, text);
}
constexpr Error check_host(const StringView& text) noexcept {
    return !is_sendable(text, false) ? Error::bad_header_value : is_host(text) ? Error::none : Error::bad_url;
}
// path-abempty without '/' at its end: RFC 3986 section 3.3. The path of a request at its end would be sent twice.
constexpr Error check_prefix(const StringView& text) noexcept {
    if (!is_sendable(text, false)) return Error::bad_header_value;
    const bool is_prefix = text.empty() || (text[0] == '/' && text[text.size() - 1] != '/');
    if (!is_prefix || !is_made_without(not_in_path, text)) return Error::bad_url;
    const bool is_request = ascii::ends_with(text, "/completions") || ascii::ends_with(text, "/responses");
    return is_request ? Error::endpoint_in_url : Error::none;
}
constexpr Error check_query(const StringView& text) noexcept {
    return !is_sendable(text, false)             ? Error::bad_header_value
           : is_made_without(not_in_query, text) ? Error::none
                                                 : Error::bad_url;
}
constexpr Error check_field(const StringView& text) noexcept {
    return is_sendable(text, true) ? Error::none : Error::bad_header_value;
}
// The word before a key is ours to write.
constexpr Error check_key(const StringView& text) noexcept {
    return ascii::ends_with(text.take(7), "bearer ") ? Error::bad_key : check_field(text);
}
constexpr Error check_visible(const StringView& text) noexcept {
    return is_sendable(text, false) ? Error::none : Error::bad_header_value;
}
// A token, and not the name of a header that decides about the message's end or the connection.
constexpr Error check_name(const StringView& text) noexcept {
    constexpr StringView ours[] = {"host", "content-length", "transfer-encoding", "connection", "keep-alive",
                                   "proxy-connection", "expect", "upgrade", "te", "trailer"};
    for (const char c : text)
        if (!is_token_char(c)) return Error::bad_header_value;
    for (const StringView& name : ours)
        if (text.size() == name.size() && ascii::ends_with(text, name)) return Error::bad_header_value;
    return text.empty() ? Error::bad_header_value : Error::none;
}
constexpr Error check_path(const StringView& text) noexcept {
    return !text.empty() && text[0] == '/' ? check_visible(text) : Error::bad_header_value;
}

// ---- the texts --------------------------------------------------------------------------------------------------

template <Error error> constexpr Error refuse(StringView) noexcept { return error; }

// Says this error; null: there is none.
constexpr Error (*refusal_of(Error error) noexcept)(StringView) noexcept {
    return error == Error::none              ? nullptr
           : error == Error::bad_url         ? refuse<Error::bad_url>
           : error == Error::endpoint_in_url ? refuse<Error::endpoint_in_url>
           : error == Error::bad_key         ? refuse<Error::bad_key>
                                             : refuse<Error::bad_header_value>;
}

// std::string and others that a StringView becomes; a StringView is made of what has data() and size() anyway.
template <class T>
using if_made_of_view =
    typename traits::enable_if<__is_constructible(T, const char*, size_t) && !__is_base_of(StringView, T)>::type;

// What such a text is compared with; a StringView compares itself.
template <class T>
using if_comparable = typename traits::enable_if<!__is_base_of(StringView, T),
                                                 decltype(StringView(traits::declval<const T&>()))>::type;

// A view that is checked when it is set.
template <Error (*examine)(const StringView&) noexcept> struct HeadText : Checked {
    constexpr HeadText() noexcept = default;
    template <class T, class = decltype(StringView(traits::declval<T>()))>
    constexpr HeadText(T&& source) noexcept : Checked{static_cast<T&&>(source)} {
        validate = refusal_of(examine(text));
    }

    constexpr const char* data() const noexcept { return text.data(); }
    constexpr size_t size() const noexcept { return text.size(); }
    constexpr bool empty() const noexcept { return text.empty(); }
    constexpr char operator[](size_t index) const noexcept { return text[index]; }
    template <class T, class = if_made_of_view<T>> operator T() const { return T(text); }
    template <class T, class = if_comparable<T>>
    friend bool operator==(const HeadText& left, const T& right) noexcept {
        return left.text == StringView(right);
    }
};
using PrefixText = HeadText<check_prefix>;
using QueryText = HeadText<check_query>;
using KeyText = HeadText<check_key>;
using FieldText = HeadText<check_field>;
using VisibleText = HeadText<check_visible>;
using NameText = HeadText<check_name>;

// The same of a text that must be there, and whether it has this byte. (No HeadText with a member more: that would have
// no layout for a table.)
template <Error (*examine)(const StringView&) noexcept, char byte> struct MarkedText {
    HeadText<examine> view;  // first, for the table
    bool has_mark = false;

    constexpr MarkedText() noexcept : view("") {}
    template <class T, class = decltype(StringView(traits::declval<T>()))>
    constexpr MarkedText(T&& source) noexcept
        : view(static_cast<T&&>(source)), has_mark(find(view.text, byte) != view.size()) {}

    constexpr const char* data() const noexcept { return view.data(); }
    constexpr size_t size() const noexcept { return view.size(); }
    constexpr bool empty() const noexcept { return view.empty(); }
    constexpr char operator[](size_t index) const noexcept { return view[index]; }
    constexpr Error error() const noexcept { return view.error(); }
    template <class T, class = if_made_of_view<T>> operator T() const { return T(view.text); }
    template <class T, class = if_comparable<T>>
    friend bool operator==(const MarkedText& left, const T& right) noexcept {
        return left.view == right;
    }
};
using HostText = MarkedText<check_host, ':'>;     // an IPv6 address
using RequestPath = MarkedText<check_path, '?'>;  // with a query

}  // namespace http

OPENAI_STREAM_END
