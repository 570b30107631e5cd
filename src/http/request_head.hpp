#pragma once
// The head of a request, RFC 9112 sections 2 to 3.2: as pieces, and what must not get into it.
#include "../base/error.hpp"
#include "../base/pieces.hpp"
#include "grammar.hpp"
#include "path_segment.hpp"

OPENAI_STREAM_BEGIN

namespace http {

struct RequestHead;

enum class Method : uint8_t { get = 1, post };

// A header of the user's own. If it has the name of one we write (Content-Type, Accept, Accept-Encoding, Authorization,
// api-key, OpenAI-Organization, OpenAI-Project, User-Agent) it takes its place. One that decides about the message's
// end or the connection is refused: Host, Content-Length, Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection,
// Expect, Upgrade, TE, Trailer.
struct HeaderField {
    StringView name, value;

    struct Shape : pieces::Shape {
        // Error::bad_header_value for a header that is refused; takes out of the head what the others stand in for.
        Error (*validate)(const List<HeaderField>& headers, RequestHead& head);
    };
    static const Shape shape;
};

// A deployment of Azure: "/deployments/" and its name, percent-encoded, before the paths that Azure has there. Of all
// others it is left out. Empty: none. A view.
struct Deployment : pieces::Elements {
    constexpr Deployment() noexcept = default;
    constexpr Deployment(StringView name) noexcept : Elements{name.data(), &rule, name.size()} {}

    struct Rule : pieces::Shape {
        bool (*has)(StringView path);  // a request with this path goes to the deployment
    };
    static const Rule rule;
};

// Where requests go, and what of their heads is always the same. Views into the caller's memory.
//
// The target of a request is prefix directory [ "/deployments/" deployment ] path [ "?" query ], and api_version as one
// more member of the query.
struct Server {
    StringView host;          // a name or an address; an IPv6 address without its brackets
    uint16_t port = 0;        // 0: 80, or 443 with tls
    bool tls = false;
    StringView prefix;        // "/v1": goes before the path of a request; no '/' at its end
    StringView directory;     // the same, behind the prefix: "/openai", see AzureEndpoint
    Deployment deployment;
    StringView query;         // without its '?': "a=b&c=d", goes behind the path of a request
    StringView api_version;   // ?api-version=VERSION; empty: none
    StringView key;           // Authorization: Bearer KEY; empty: none
    StringView api_key;       // api-key: KEY; empty: none
    StringView organization;  // OpenAI-Organization
    StringView project;       // OpenAI-Project
    List<HeaderField> headers;

    constexpr uint16_t default_port() const noexcept { return tls ? 443 : 80; }
    constexpr uint16_t effective_port() const noexcept { return port != 0 ? port : default_port(); }
};

// A request without a body: its method, and what its target has in place of a path: an object with a table, whose
// pieces must be such as may stand in a target. Views.
struct Bodyless {
    Method method;
    bool has_query;  // its target has a '?'
    pieces::Object target;
};

struct RequestHead {
    Server server;               // a copy
    StringView path;             // see Server; in place of `target`
    int64_t port = 0;            // unless it is the scheme's own
    int64_t content_length = 0;  // to be set before the first piece is asked for; pieces::unset: there is no body
    bool content_type = false, accept = false, accept_encoding = false, user_agent = false;  // our line is sent
    bool brackets = false;       // around the host, an IPv6 address
    uint8_t before_query = 0, before_version = 0;  // 0: it is not there, 1: '?', 2: '&'
    Method method = Method::post;
    pieces::Object target;       // of a request without a body: what it has in place of the path, or null
    uint8_t refused_row = 0;     // after an error: which row's field it was, see request_head_names

    // Sets everything but content_length, for a POST. Error::bad_header_value for a byte that would break out of its
    // place (CR, LF, NUL, another control byte; in the target and the host also blanks and what is not ASCII), a path
    // that does not begin with '/', a header name that is not a token, or one that is refused.
    inline Error begin(const Server& to, StringView request_path) noexcept;
    // After that: the request has no body.
    void set_bodyless(const Bodyless& request) noexcept {
        path = StringView();
        content_type = false;
        method = request.method;
        target = request.target;
        if (method == Method::get) content_length = pieces::unset;
        join_query(request.has_query);
    }

    // A Producer's next.
    static inline bool next(const void* head, Cursor& at, Piece& piece) noexcept;

private:
    void join_query(bool has_query) noexcept {
        before_query = server.query.empty() ? 0 : has_query ? 2 : 1;
        has_query |= before_query != 0;
        before_version = server.api_version.empty() ? 0 : has_query ? 2 : 1;
    }
};

// The User-Agent line: "openai_stream.hpp/MAJOR.MINOR.PATCH", and two NULs.
struct Product {
    char line[40] = "\r\nUser-Agent: openai_stream.hpp/";

    constexpr Product() noexcept {
        char* at = append(line + 32, OPENAI_STREAM_VERSION_MAJOR);
        *at++ = '.';
        at = append(at, OPENAI_STREAM_VERSION_MINOR);
        *at++ = '.';
        append(at, OPENAI_STREAM_VERSION_PATCH);
    }

private:
    static constexpr char* append(char* at, unsigned number) noexcept {
        if (number >= 10) at = append(at, number / 10);
        *at++ = static_cast<char>('0' + number % 10);
        return at;
    }
};
inline constexpr Product product;

// ---- the tables -------------------------------------------------------------------------------------------------

inline constexpr pieces::Row request_head_rows[] = {
    {"\0GET \0POST \0", pieces::RowKind::word, offsetof(RequestHead, method)},
    // request-line = method SP request-target SP HTTP-version
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.prefix)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.directory)},
    {"/deployments/", pieces::RowKind::list, offsetof(RequestHead, server.deployment)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, path)},
    {"", pieces::RowKind::object, offsetof(RequestHead, target)},
    {"\0?\0&\0", pieces::RowKind::word, offsetof(RequestHead, before_query)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.query)},
    {"\0?api-version=\0&api-version=\0", pieces::RowKind::word, offsetof(RequestHead, before_version)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.api_version)},
    " HTTP/1.1\r\nHost: ",  // Host = uri-host [ ":" port ]
    {"[\0", pieces::RowKind::word, offsetof(RequestHead, brackets)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.host)},
    {"]\0", pieces::RowKind::word, offsetof(RequestHead, brackets)},
    {":", pieces::RowKind::integer, offsetof(RequestHead, port)},
    {"\r\nContent-Length: ", pieces::RowKind::integer, offsetof(RequestHead, content_length)},
    {"\r\nContent-Type: application/json\0", pieces::RowKind::word, offsetof(RequestHead, content_type)},
    {"\r\nAccept: text/event-stream, application/json\0", pieces::RowKind::word, offsetof(RequestHead, accept)},
    {"\r\nAccept-Encoding: identity\0", pieces::RowKind::word, offsetof(RequestHead, accept_encoding)},
    {product.line, pieces::RowKind::word, offsetof(RequestHead, user_agent)},
    {"\r\nAuthorization: Bearer ", pieces::RowKind::field, offsetof(RequestHead, server.key)},
    {"\r\napi-key: ", pieces::RowKind::field, offsetof(RequestHead, server.api_key)},
    {"\r\nOpenAI-Organization: ", pieces::RowKind::field, offsetof(RequestHead, server.organization)},
    {"\r\nOpenAI-Project: ", pieces::RowKind::field, offsetof(RequestHead, server.project)},
    {"", pieces::RowKind::list, offsetof(RequestHead, server.headers)},
    {"\r\n\r\n", pieces::RowKind::end},
};

// The field of each row by its name, for the words of an error; "-" where nothing can be wrong.
inline constexpr char request_head_names[] =
    "-\0prefix\0directory\0deployment\0path\0-\0-\0query\0-\0api_version\0-\0-\0host\0-\0-\0-\0-\0-\0-\0-\0key\0"
    "api_key\0organization\0project\0headers\0";
constexpr unsigned row_of_path = 4, row_of_headers = 24;

inline bool RequestHead::next(const void* head, Cursor& at, Piece& piece) noexcept {
    return pieces::next(head, at, piece, request_head_rows);
}

// ---- the check --------------------------------------------------------------------------------------------------

// The piece holds no byte that its kind forbids.
inline bool is_sendable(const Piece& piece) noexcept {
    if (piece.kind != PieceKind::visible && piece.kind != PieceKind::field) return true;
    for (const char c : piece.text) {
        const bool is_visible = static_cast<unsigned char>(c - '!') <= '~' - '!';
        if (!is_visible && (piece.kind == PieceKind::visible || (ascii::is_control(c) && c != '\t'))) return false;
    }
    return true;
}

inline Error RequestHead::begin(const Server& to, StringView request_path) noexcept {
    memmove(&server, &to, sizeof server);  // an assignment of that size would link memcpy, besides
    path = request_path;
    target = pieces::Object();
    method = Method::post;
    if (server.deployment.size != 0 && !static_cast<const Deployment::Rule*>(server.deployment.shape)->has(path))
        server.deployment = Deployment();
    bool has_query = false;
    for (const char c : path) has_query |= c == '?';
    join_query(has_query);
    port = to.effective_port() != to.default_port() ? to.port : pieces::unset;
    brackets = false;
    content_type = accept = accept_encoding = user_agent = true;
    for (const char c : to.host)
        if (c == ':') brackets = true;
    unsigned row = path.empty() || path[0] != '/' ? row_of_path : 0;
    if (row == 0 && !server.headers.empty()) {
        const auto validate = static_cast<const HeaderField::Shape*>(server.headers.shape)->validate;
        if (validate(server.headers, *this) != Error::none) row = row_of_headers;
    }
    Cursor at;
    Piece piece;
    while (row == 0) {
        const unsigned next_row = at.step[0];
        if (!next(this, at, piece)) return Error::none;
        if (!is_sendable(piece)) row = next_row;
    }
    refused_row = static_cast<uint8_t>(row);
    return Error::bad_header_value;
}

// ---- deployments; not linked where there are none ----------------------------------------------------------------

// As the official packages for Python, Node and Go have it: all other paths, /responses too, are the resource's own.
inline bool is_deployed(StringView path) noexcept {
    size_t end = 0;
    while (end != path.size() && path[end] != '?') ++end;
    return words::place_in("/chat/completions\0/completions\0/embeddings\0/audio/transcriptions\0/audio/translations\0"
                           "/audio/speech\0/images/generations\0/images/edits\0",
                           path.data(), end) != 0;
}

inline constexpr Deployment::Rule Deployment::rule = {byte_shape, is_deployed};

// ---- headers of the user's own; not linked where there are none ---------------------------------------------------

inline constexpr pieces::Row header_field_rows[] = {
    {"\r\n", pieces::RowKind::field, offsetof(HeaderField, name)},
    ": ",
    {"", pieces::RowKind::field, offsetof(HeaderField, value)},
    {"", pieces::RowKind::end},
};

// `name`, in either case, is the word up to the next ':' of `words`.
inline bool is_name(StringView name, const char* words) noexcept {
    for (const char c : name)
        if (ascii::to_lower(c) != ascii::to_lower(*words++)) return false;
    return *words == ':';
}

// A token, and not the name of a header that is ours alone.
inline bool is_free_name(StringView name) noexcept {
    const char* words = ":Host:Content-Length:Transfer-Encoding:Connection:Keep-Alive:Proxy-Connection:Expect:Upgrade:"
                        "TE:Trailer:";
    for (const char c : name)
        if (!is_token_char(c)) return false;
    for (; *words != '\0'; ++words)
        if (*words == ':' && is_name(name, words + 1)) return false;
    return !name.empty();
}

inline Error check_headers(const List<HeaderField>& headers, RequestHead& head) noexcept {
    for (const HeaderField& header : headers) {
        if (!is_free_name(header.name)) return Error::bad_header_value;
        for (const pieces::Row* row = request_head_rows; row->kind != pieces::RowKind::end; ++row) {
            if (row->text[0] != '\r' || !is_name(header.name, row->text + 2)) continue;
            char* const field = reinterpret_cast<char*>(&head) + row->offset;
            if (row->kind == pieces::RowKind::word) *field = 0;
            else *reinterpret_cast<StringView*>(field) = StringView();
        }
    }
    return Error::none;
}

inline constexpr HeaderField::Shape HeaderField::shape =
    {pieces::Shape::of<HeaderField>(header_field_rows, pieces::Style::lines), check_headers};

}  // namespace http

OPENAI_STREAM_END
