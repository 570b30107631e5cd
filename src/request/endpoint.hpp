#pragma once
// Where requests go, and who sends them.
#include "../http/request_head.hpp"

OPENAI_STREAM_BEGIN

// A server: see http::Server for its fields. All of them are views into the caller's memory, which must live, with this
// object, as long as the Stream.
struct Endpoint : http::Server {
    constexpr Endpoint() noexcept = default;
    // url = ( "http" / "https" ) "://" host [ ":" port ] [ prefix ] [ "?" query ]; an IPv6 address in brackets; '/' at
    // the prefix's end does not count. Anything else, also user:password@ and #fragment, leaves no host: Error::bad_url
    // when opened.
    constexpr explicit Endpoint(StringView url) noexcept { parse(url); }
    constexpr Endpoint(StringView url, StringView secret_key) noexcept {
        parse(url);
        key = secret_key;
    }

    // What find_mistake() says, or Error::bad_header_value for a field with a byte that cannot be sent.
    Error validate() const noexcept {
        const Error error = http::RequestHead().begin(*this, "/");
        return error == Error::none ? find_mistake() : error;
    }
    // Error::bad_url if host, prefix or query is not what may stand there in a URL. Error::endpoint_in_url if the
    // prefix ends with the path of a request: it would be asked for twice. Error::bad_key if the key begins with the
    // word that is ours to write.
    constexpr Error find_mistake() const noexcept {
        if (!is_host(host) || !is_prefix(prefix) || !is_made_without(not_in_host + not_in_query, query))
            return Error::bad_url;
        if (ascii::ends_with(prefix, "/completions") || ascii::ends_with(prefix, "/responses"))
            return Error::endpoint_in_url;
        return ascii::ends_with(key.take(7), "bearer ") ? Error::bad_key : Error::none;
    }

private:
    // Visible ASCII and none of the bytes that end with a NUL.
    static constexpr bool is_made_without(const char* bytes, const StringView& text) noexcept {
        for (const char c : text) {
            if (c <= ' ' || c >= 0x7f) return false;
            for (const char* one = bytes; *one != '\0'; ++one)
                if (*one == c) return false;
        }
        return true;
    }
    // IPv6address / IPv4address / reg-name without percent-encoding and sub-delims: RFC 3986 section 3.2.2.
    static constexpr bool is_host(const StringView& text) noexcept {
        unsigned colons = 0, others = 0;  // others: not of an IPv6 address
        for (const char c : text) {
            if (c == ':') ++colons;
            else if (ascii::hex_value(c) < 0 && c != '.') ++others;
        }
        return !text.empty() && (colons == 0 || (colons > 1 && others == 0)) && is_made_without(not_in_host, text);
    }
    // path-abempty without '/' at its end: RFC 3986 section 3.3.
    static constexpr bool is_prefix(const StringView& text) noexcept {
        return text.empty() ||
               (text[0] == '/' && text[text.size() - 1] != '/' && is_made_without(not_in_host + not_in_prefix, text));
    }
    // What may stand in a prefix, but not in a host; '?', which may stand in a query; what may stand nowhere.
    static constexpr const char* not_in_host = "!$%&'()*+,/;=@?\"#<>[\\]^`{|}";
    static constexpr size_t not_in_prefix = 14, not_in_query = 15;  // from there on

    constexpr void parse(StringView url) noexcept {
        const StringView scheme = "http";
        for (const char c : scheme) {
            if (url.empty() || ascii::to_lower(url[0]) != c) return;
            url = url.drop(1);
        }
        const bool secure = !url.empty() && ascii::to_lower(url[0]) == 's';
        if (secure) url = url.drop(1);
        for (const char c : StringView("://")) {
            if (url.empty() || url[0] != c) return;
            url = url.drop(1);
        }

        const size_t mark = http::find(url, '?');
        const StringView members = url.drop(mark + 1);
        url = url.take(mark);
        const size_t authority = http::find(url, '/');
        StringView rest = url.take(authority), path = url.drop(authority);
        const bool brackets = !rest.empty() && rest[0] == '[';
        if (brackets) rest = rest.drop(1);
        const size_t length = http::find(rest, brackets ? ']' : ':');
        const StringView name = rest.take(length);
        if (brackets && (length == rest.size() || http::find(name, ':') == length)) return;
        rest = rest.drop(length + (brackets ? 1 : 0));

        uint32_t number = secure ? 443 : 80;
        if (!rest.empty()) {
            if (rest[0] != ':') return;
            number = 0;
            for (const char c : rest.drop(1)) {
                if (!ascii::is_digit(c) || number > 6553) return;
                number = number * 10 + static_cast<uint32_t>(c - '0');
            }
        }
        while (!path.empty() && path[path.size() - 1] == '/') path = path.take(path.size() - 1);
        if (number == 0 || number > 65535 || !is_host(name) || !is_prefix(path)) return;
        if (!is_made_without(not_in_host + not_in_query, members)) return;
        host = name;
        port = static_cast<uint16_t>(number);
        tls = secure;
        prefix = path;
        query = members;
    }
};

OPENAI_STREAM_END
