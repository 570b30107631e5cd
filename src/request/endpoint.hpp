#pragma once
// Where requests go, and who sends them.
#include "../http/request_head.hpp"

OPENAI_STREAM_BEGIN

// A server: see http::Server for its fields. All of them are views into the caller's memory, which must live, with this
// object, as long as a request to it (see Stream::is_detached). A text is checked when its field is set: after its
// bytes were changed, set it again.
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
    // Passes over this word in the URL; in either case. Returns false if something else stands there.
    OPENAI_STREAM_OUTLINE static constexpr bool skip(const StringView& url, size_t& at, const char* word) noexcept {
        size_t end = at;
        for (; *word != '\0'; ++word, ++end)
            if (end == url.size() || ascii::to_lower(url[end]) != *word) return false;
        at = end;
        return true;
    }
    // What stands in [from, to), if that is there.
    OPENAI_STREAM_OUTLINE static constexpr StringView part(const StringView& url, size_t from, size_t to) noexcept {
        return url.take(to).drop(from);
    }
    static constexpr bool ends_host(char c) noexcept { return c == '/' || c == '?' || c == ':'; }

    constexpr void parse(const StringView& url) noexcept {
        size_t at = 0;
        const bool is_http = skip(url, at, "http");
        const bool is_https = skip(url, at, "s");
        if (!is_http || !skip(url, at, "://")) return;

        const bool has_brackets = skip(url, at, "[");
        const size_t name = at;
        while (at != url.size() && (has_brackets ? url[at] != ']' : !ends_host(url[at]))) ++at;
        const StringView name_of_host = part(url, name, at);
        if (has_brackets && !skip(url, at, "]")) return;

        uint32_t number = is_https ? 443 : 80;
        if (skip(url, at, ":")) {
            number = 0;
            for (; at != url.size() && ascii::is_digit(url[at]) && number <= 65535; ++at)
                number = number * 10 + static_cast<uint32_t>(url[at] - '0');
        }
        const size_t mark = http::find(url, '?');
        size_t end = mark;
        while (end > at && url[end - 1] == '/') --end;

        host = name_of_host;
        port = static_cast<uint16_t>(number);
        tls = is_https;
        prefix = part(url, at, end);
        query = part(url, mark + 1, url.size());
        const Error of_prefix = prefix.error();
        const bool is_prefix = of_prefix == Error::none || of_prefix == Error::endpoint_in_url;
        const bool is_host = host.error() == Error::none && host.has_mark == has_brackets && number - 1 < 65535;
        if (is_host && is_prefix && query.error() == Error::none) return;
        host = http::HostText();
        port = 0;
        tls = false;
        prefix = {};
        query = {};
    }
};

OPENAI_STREAM_END
