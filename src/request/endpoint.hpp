#pragma once
// Where requests go, and who sends them.
#include "../http/request_head.hpp"

OPENAI_STREAM_BEGIN

// A server: see http::Server for its fields. All of them are views into the caller's memory, which must live, with this
// object, as long as the Stream. A text is checked when its field is set: after its bytes were changed, set it again.
struct Endpoint : http::Server {
    constexpr Endpoint() noexcept = default;  // its fields are to be set
    // url = ( "http" / "https" ) "://" host [ ":" port ] [ prefix ] [ "?" query ]; an IPv6 address in brackets; '/' at
    // the prefix's end does not count. Anything else, also user:password@ and #fragment, leaves no host: Error::bad_url
    // when opened.
    constexpr explicit Endpoint(StringView url OPENAI_STREAM_BORROWED) noexcept { parse(url); }
    constexpr Endpoint(StringView url OPENAI_STREAM_BORROWED, StringView secret_key OPENAI_STREAM_BORROWED) noexcept
        : Endpoint(url) {
        key = secret_key;
    }

    // What find_mistake() says, or Error::bad_header_value for a header that is refused.
    Error validate() const noexcept {
        Error error = find_mistake();
        for (const http::HeaderField& header : headers) {
            if (error == Error::none) error = header.name.error();
            if (error == Error::none) error = header.value.error();
        }
        return error;
    }
    // What was found wrong with a field when it was set; the first. Error::bad_header_value for a byte that would break
    // out of its place (CR, LF, NUL, another control byte; in host, prefix and query also blanks and what is not
    // ASCII). Error::bad_url if one of these is not what may stand there in a URL. Error::endpoint_in_url if the prefix
    // ends with the path of a request: it would be asked for twice. Error::bad_key if the key begins with the word that
    // is ours to write.
    constexpr Error find_mistake() const noexcept {
        const Error errors[] = {host.error(), prefix.error(), query.error(), key.error(),
                                organization.error(), project.error(), api_version.error()};
        for (const Error error : errors)
            if (error != Error::none) return error;
        return Error::none;
    }

private:
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
        host = name;
        port = static_cast<uint16_t>(number);
        tls = secure;
        prefix = path;
        query = members;
        const bool is_prefix = !prefix.validate || prefix.error() == Error::endpoint_in_url;
        if (number != 0 && number <= 65535 && host.error() == Error::none && is_prefix && !query.validate) return;
        host = http::HostText();
        port = 0;
        tls = false;
        prefix = {};
        query = {};
    }
};

OPENAI_STREAM_END
