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
// IPv6address without brackets, or no colon at all: RFC 3986 section 3.2.2.
constexpr bool is_address_or_name(const StringView& text) noexcept {
    unsigned colons = 0, others = 0;  // others: not of an IPv6 address
    for (const char c : text) {
        if (c == ':') ++colons;
        else if (ascii::hex_value(c) < 0 && c != '.') ++others;
    }
    return colons == 0 || (colons > 1 && others == 0);
}

// What a text is. Those before `key` are of visible bytes only.
enum class HeadRule : uint8_t {
    host,     // IPv6address / IPv4address / reg-name without percent-encoding and sub-delims: RFC 3986 section 3.2.2
    prefix,   // path-abempty without '/' at its end: section 3.3. The path of a request there would be sent twice
    query,    // section 3.4
    path,     // begins with '/'
    visible,
    key,      // the word before it is ours to write
    field,
    name,     // a token, and not the name of a header that decides about the message's end or the connection
};
// The longest name in DNS (RFC 1035 section 2.3.4).
constexpr size_t max_host_bytes = 253;
// What may not stand in a host, in a prefix, in a query: from there on.
constexpr const char* not_in_host = "!$%&'()*+,/;=@?\"#<>[\\]^`{|}";
constexpr const char* not_in_prefix = not_in_host + 14;
constexpr const char* not_in_query = not_in_host + 15;

// What is wrong with the text. (One function for all rules but `name`: a program that reads its URL links it once.)
OPENAI_STREAM_OUTLINE constexpr Error examine(HeadRule rule, const StringView& text) noexcept {
    const char first = text.empty() ? '\0' : text[0];
    if (!is_sendable(text, rule >= HeadRule::key) || (rule == HeadRule::path && first != '/'))
        return Error::bad_header_value;
    if (rule == HeadRule::key && ascii::ends_with(text.take(7), "bearer ")) return Error::bad_key;
    if (rule > HeadRule::query) return Error::none;
    const bool is_prefix = rule == HeadRule::prefix;
    const char* const without = rule == HeadRule::host ? not_in_host : is_prefix ? not_in_prefix : not_in_query;
    const bool is_right = rule == HeadRule::host ? text.size() - 1 < max_host_bytes && is_address_or_name(text)
                          : is_prefix ? first == '\0' || (first == '/' && text[text.size() - 1] != '/')
                                      : true;
    if (!is_right || !is_made_without(without, text)) return Error::bad_url;
    const bool is_request = ascii::ends_with(text, "/completions") || ascii::ends_with(text, "/responses");
    return is_prefix && is_request ? Error::endpoint_in_url : Error::none;
}
constexpr Error examine_name(const StringView& text) noexcept {
    constexpr StringView ours[] = {"host", "content-length", "transfer-encoding", "connection", "keep-alive",
                                   "proxy-connection", "expect", "upgrade", "te", "trailer"};
    for (const char c : text)
        if (!is_token_char(c)) return Error::bad_header_value;
    for (const StringView& name : ours)
        if (text.size() == name.size() && ascii::ends_with(text, name)) return Error::bad_header_value;
    return text.empty() ? Error::bad_header_value : Error::none;
}

// ---- the texts --------------------------------------------------------------------------------------------------

template <Error error> constexpr Error refuse(const StringView&) noexcept { return error; }

// What validates a text that has this mistake: it returns the error. Null: there is none.
OPENAI_STREAM_OUTLINE constexpr Error (*refusal_of(Error error) noexcept)(const StringView&) noexcept {
    return error == Error::none              ? nullptr
           : error == Error::bad_url         ? refuse<Error::bad_url>
           : error == Error::endpoint_in_url ? refuse<Error::endpoint_in_url>
           : error == Error::bad_key         ? refuse<Error::bad_key>
                                             : refuse<Error::bad_header_value>;
}

// What a Text is made of: what becomes a view, but for a Text itself, which is copied with what was found.
template <class Text, class T>
using if_view = typename detail::enable_if<!__is_base_of(Text, typename detail::remove_reference<T>::type),
                                           decltype(StringView(detail::declval<T>()))>::type;
// std::string and others that a StringView becomes; a StringView is made of what has data() and size() anyway.
template <class T>
using if_made_of_view =
    typename detail::enable_if<__is_constructible(T, const char*, size_t) && !__is_base_of(StringView, T)>::type;

// What such a text is compared with; a StringView compares itself.
template <class T>
using if_comparable = typename detail::enable_if<!__is_base_of(StringView, T),
                                                 decltype(StringView(detail::declval<const T&>()))>::type;

// A view that is checked when it is set.
template <HeadRule rule> struct HeadText : detail::Checked {
    constexpr HeadText() noexcept = default;
    template <class T, class = if_view<HeadText, T>>
    constexpr HeadText(T&& source) noexcept
        : HeadText(StringView(static_cast<T&&>(source)), 0) {}

    constexpr const char* data() const noexcept { return text.data(); }
    constexpr size_t size() const noexcept { return text.size(); }
    constexpr bool empty() const noexcept { return text.empty(); }
    constexpr char operator[](size_t index) const noexcept { return text[index]; }
    template <class T, class = if_made_of_view<T>> operator T() const { return T(text); }
    template <class T, class = if_comparable<T>>
    friend bool operator==(const HeadText& left, const T& right) noexcept {
        return left.text == StringView(right);
    }

    // The same as Checked::error(), found again: with -fsanitize=undefined GCC does not know in a constant expression
    // that the address of a function is not null.
    constexpr Error error() const noexcept { return find_error(text); }

private:
    constexpr HeadText(const StringView& source, int) noexcept
        : HeadText(source, find_error(source)) {}
    constexpr HeadText(const StringView& source, Error error) noexcept
        : detail::Checked{source, error == Error::none && !detail::is_small_build && !source.empty()
                                      ? check_again
                                      : refusal_of(error)} {}

    // The bytes may have been changed since, by a program that should have set the text again. Where size does not
    // count, that is found.
    static constexpr Error check_again(const StringView& text) noexcept { return find_error(text); }
    static constexpr Error find_error(const StringView& text) noexcept {
        return rule == HeadRule::name ? examine_name(text) : examine(rule, text);
    }
};
using PrefixText = HeadText<HeadRule::prefix>;
using QueryText = HeadText<HeadRule::query>;
using KeyText = HeadText<HeadRule::key>;
using FieldText = HeadText<HeadRule::field>;
using VisibleText = HeadText<HeadRule::visible>;
using NameText = HeadText<HeadRule::name>;

template <HeadRule rule> inline constexpr HeadText<rule> no_text = "";

// The same of a text that must be there, and whether it has this byte. (No HeadText with a member more: that would have
// no layout for a table.)
template <HeadRule rule, char byte> struct MarkedText {
    HeadText<rule> view;  // first, for the table
    bool has_mark = false;

    constexpr MarkedText() noexcept : view(no_text<rule>) {}
    template <class T, class = if_view<MarkedText, T>>
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
using HostText = MarkedText<HeadRule::host, ':'>;     // an IPv6 address
using RequestPath = MarkedText<HeadRule::path, '?'>;  // with a query

}  // namespace http

OPENAI_STREAM_END
