#pragma once
// The head of a request, RFC 9112 sections 2 to 3.2: as pieces, and what must not get into it.
#include "../base/error.hpp"
#include "../base/pieces.hpp"
#include "grammar.hpp"

OPENAI_STREAM_BEGIN

namespace http {

struct RequestHead;

// Of a request without a body; one with a body is a POST.
enum class Method : uint8_t { none, get, post };

// A header of the user's own. If it has the name of one we write (Content-Type, Accept, Accept-Encoding, Authorization,
// OpenAI-Organization, OpenAI-Project, User-Agent) it takes its place. One that decides about the message's end or the
// connection is refused: Host, Content-Length, Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection, Expect,
// Upgrade, TE, Trailer.
struct HeaderField {
    StringView name, value;

    struct Shape : pieces::Shape {
        // Error::bad_header_value for a header that is refused; takes out of the head what the others stand in for.
        Error (*validate)(const List<HeaderField>& headers, RequestHead& head);
    };
    static const Shape shape;
};

// Where requests go, and what of their heads is always the same. Views into the caller's memory.
struct Server {
    StringView host;          // a name or an address; an IPv6 address without its brackets
    uint16_t port = 0;        // 0: 80, or 443 with tls
    bool tls = false;
    StringView prefix;        // "/v1": goes before the path of a request; no '/' at its end
    StringView key;           // Authorization: Bearer KEY; empty: none
    StringView organization;  // OpenAI-Organization
    StringView project;       // OpenAI-Project
    List<HeaderField> headers;

    constexpr uint16_t default_port() const noexcept { return tls ? 443 : 80; }
    constexpr uint16_t effective_port() const noexcept { return port != 0 ? port : default_port(); }
};

struct RequestHead {
    Server server;               // a copy
    StringView path;             // the target is the server's prefix, then this
    int64_t port = 0;            // unless it is the scheme's own
    int64_t content_length = 0;  // to be set before the first piece is asked for
    bool content_type = false, accept = false, accept_encoding = false, user_agent = false;  // our line is sent
    bool brackets = false;       // around the host, an IPv6 address
    Method method = Method::none;
    pieces::Object target;       // of a request without a body: what it has in place of the path, or null

    // Sets everything but content_length. Error::bad_header_value for a byte that would break out of its place (CR, LF,
    // NUL, another control byte; in the target and the host also blanks and what is not ASCII), a path that does not
    // begin with '/', a header name that is not a token, or one that is refused.
    inline Error begin(const Server& to, StringView request_path) noexcept;

    // A Producer's next.
    static inline bool next(const void* head, Cursor& at, Piece& piece) noexcept;
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
    "POST ",  // request-line = method SP request-target SP HTTP-version
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.prefix)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, path)},
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
    {"\r\nOpenAI-Organization: ", pieces::RowKind::field, offsetof(RequestHead, server.organization)},
    {"\r\nOpenAI-Project: ", pieces::RowKind::field, offsetof(RequestHead, server.project)},
    {"", pieces::RowKind::list, offsetof(RequestHead, server.headers)},
    {"\r\n\r\n", pieces::RowKind::end},
};

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
    server = to;
    path = request_path;
    port = to.effective_port() != to.default_port() ? to.port : pieces::unset;
    brackets = false;
    content_type = accept = accept_encoding = user_agent = true;
    for (const char c : to.host)
        if (c == ':') brackets = true;
    Error error = path.empty() || path[0] != '/' ? Error::bad_header_value : Error::none;
    if (error == Error::none && !to.headers.empty())
        error = static_cast<const HeaderField::Shape*>(to.headers.shape)->validate(to.headers, *this);
    Cursor at;
    Piece piece;
    while (next(this, at, piece))
        if (!is_sendable(piece)) error = Error::bad_header_value;
    return error;
}

// ---- requests without a body; not linked where there are none -----------------------------------------------------

// Their method, and what their target is made of behind the server's prefix: an object with a table, whose pieces must
// be such as may stand in a target. Views.
struct Bodyless {
    Method method;
    pieces::Object target;
};

inline constexpr pieces::Row bodyless_head_rows[] = {
    {"\0GET \0POST \0", pieces::RowKind::word, offsetof(RequestHead, method)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.prefix)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, path)},
    {"", pieces::RowKind::object, offsetof(RequestHead, target)},
    {"\0 HTTP/1.1\0 HTTP/1.1\r\nContent-Length: 0\0", pieces::RowKind::word, offsetof(RequestHead, method)},
    "\r\nHost: ",
    {"[\0", pieces::RowKind::word, offsetof(RequestHead, brackets)},
    {"", pieces::RowKind::visible, offsetof(RequestHead, server.host)},
    {"]\0", pieces::RowKind::word, offsetof(RequestHead, brackets)},
    {":", pieces::RowKind::integer, offsetof(RequestHead, port)},
    {"\r\nAccept: text/event-stream, application/json\0", pieces::RowKind::word, offsetof(RequestHead, accept)},
    {"\r\nAccept-Encoding: identity\0", pieces::RowKind::word, offsetof(RequestHead, accept_encoding)},
    {product.line, pieces::RowKind::word, offsetof(RequestHead, user_agent)},
    {"\r\nAuthorization: Bearer ", pieces::RowKind::field, offsetof(RequestHead, server.key)},
    {"\r\nOpenAI-Organization: ", pieces::RowKind::field, offsetof(RequestHead, server.organization)},
    {"\r\nOpenAI-Project: ", pieces::RowKind::field, offsetof(RequestHead, server.project)},
    {"", pieces::RowKind::list, offsetof(RequestHead, server.headers)},
    {"\r\n\r\n", pieces::RowKind::end},
};

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
        for (const pieces::Row* row = request_head_rows; row->kind != pieces::RowKind::list; ++row) {
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
