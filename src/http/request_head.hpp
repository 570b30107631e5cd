#pragma once
// The head of a request, RFC 9112 sections 2 to 3.2: as pieces, and what must not get into it.
#include "../base/error.hpp"
#include "../base/pieces.hpp"
#include "grammar.hpp"

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
        // Returns false if one is refused; leaves the rows out of the head whose place they take.
        bool (*accept)(const List<HeaderField>& headers, RequestHead& head);
    };
    static const Shape shape;
};

// Where the byte stands; the size of the text if it does not.
OPENAI_STREAM_OUTLINE constexpr size_t find(const StringView& text, char wanted) noexcept {
    size_t at = 0;
    while (at != text.size() && text[at] != wanted) ++at;
    return at;
}

// Where requests go, and what of their heads is always the same. Views into the caller's memory.
//
// The target of a request is prefix path [ "?" query ].
struct Server {
    StringView host;          // a name or an address; an IPv6 address without its brackets
    uint16_t port = 0;        // 0: 80, or 443 with tls
    bool tls = false;
    StringView prefix;        // "/v1": goes before the path of a request; no '/' at its end
    StringView query;         // without its '?': "a=b&c=d", goes after the path of a request
    StringView key;           // Authorization: Bearer KEY (Azure's: api-key: KEY); empty: none
    StringView organization;  // OpenAI-Organization
    StringView project;       // OpenAI-Project
    List<HeaderField> headers;

    // A server whose heads are made by a table of its own: fills the head of a request with this path, and returns the
    // table. Null: request_head_rows. The rest is for that table. See AzureEndpoint, which sets them.
    const pieces::Row* (*rows_for)(RequestHead& head) = nullptr;
    pieces::Elements deployment;
    StringView api_version;

    constexpr uint16_t default_port() const noexcept { return tls ? 443 : 80; }
    constexpr bool is_ip6() const noexcept { return find(host, ':') != host.size(); }
    constexpr uint16_t effective_port() const noexcept { return port != 0 ? port : default_port(); }
};

// A request without a body: its method, and what its target has in place of a path: an object with a table, whose
// pieces must be such as may stand in a target. Views.
struct Bodyless {
    Method method;
    bool has_query;  // its target has a '?'
    pieces::Elements target;
};

struct RequestHead {
    const Server* server = nullptr;     // not owned
    StringView path;                    // see Server; in place of `target`
    int64_t port = 0;                   // unless it is the scheme's own
    int64_t content_length = 0;         // to be set before the first piece; pieces::unset: there is no body
    pieces::Elements target;            // of a request without a body: what it has in place of the path, or none
    const pieces::Row* rows = nullptr;  // the table
    uint32_t left_out = 0;              // a bit for each row of the table that is not sent
    uint8_t refused_row = 0;            // after an error: which row's field it was, see request_head_names

    // Sets everything but content_length, for a POST. The server must stay as it is as long as pieces are asked for.
    // Error::bad_header_value for a byte that would break out of its place (CR, LF, NUL, another control byte; in the
    // target and the host also blanks and what is not ASCII), a path that does not begin with '/', a header name that
    // is not a token, or one that is refused.
    inline Error begin(const Server& to, StringView request_path) noexcept;
    // After that: the request has no body.
    inline void set_bodyless(const Bodyless& request) noexcept;

    // A Producer's next.
    static inline bool next(const void* head, Cursor& at, Piece& piece) noexcept;

private:
    // Passes over rows that are left out.
    void skip(Cursor& at) const noexcept {
        while (left_out >> at.step[0] & 1) ++at.step[0];
    }
    // The endpoint's query begins one, or goes on with that of the path.
    inline void join_query(bool has_query) noexcept;
};

// The User-Agent line: "openai_stream.hpp/MAJOR.MINOR.PATCH".
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

// The head of a request. Rows "" are for tables that have more: see Server::rows_for.
inline constexpr pieces::Row request_head_rows[] = {
    "GET ", "POST ",  // request-line = method SP request-target SP HTTP-version
    {"", pieces::RowKind::visible, offsetof(Server, prefix)},
    "", "",
    {"", pieces::RowKind::visible, offsetof(RequestHead, path)},
    {"", pieces::RowKind::list, offsetof(RequestHead, target)},
    {"?", pieces::RowKind::visible, offsetof(Server, query)},
    {"&", pieces::RowKind::visible, offsetof(Server, query)},
    "",
    " HTTP/1.1\r\nHost: ",  // Host = uri-host [ ":" port ]
    "[",
    {"", pieces::RowKind::visible, offsetof(Server, host)},
    "]",
    {":", pieces::RowKind::integer, offsetof(RequestHead, port)},
    {"\r\nContent-Length: ", pieces::RowKind::integer, offsetof(RequestHead, content_length)},
    "\r\nContent-Type: application/json",
    "\r\nAccept: text/event-stream, application/json",
    "\r\nAccept-Encoding: identity",
    product.line,
    {"\r\nAuthorization: Bearer ", pieces::RowKind::field, offsetof(Server, key)},
    "",
    {"\r\nOpenAI-Organization: ", pieces::RowKind::field, offsetof(Server, organization)},
    {"\r\nOpenAI-Project: ", pieces::RowKind::field, offsetof(Server, project)},
    {"", pieces::RowKind::list, offsetof(Server, headers)},
    {"\r\n\r\n", pieces::RowKind::end},
};

// The rows' numbers, in each such table.
enum HeadRow : uint8_t {
    row_get, row_post, row_prefix, row_directory, row_deployment, row_path, row_target, row_first_query,
    row_more_query, row_version, row_version_of_http, row_open_bracket, row_host, row_close_bracket, row_port,
    row_content_length, row_content_type, row_accept, row_accept_encoding, row_user_agent, row_key, row_api_key,
    row_organization, row_project, row_headers, row_end
};
static_assert(sizeof request_head_rows / sizeof(pieces::Row) == row_end + 1, "each row has a number");
constexpr uint32_t bit_of(unsigned row) noexcept { return uint32_t{1} << row; }

// Rows whose object is the RequestHead; that of all others is its Server.
constexpr uint32_t own_rows = bit_of(row_directory) | bit_of(row_path) | bit_of(row_target) | bit_of(row_version) |
                              bit_of(row_port) | bit_of(row_content_length);

// The field of each row by its name, for the words of an error; "-" where nothing can be wrong.
inline constexpr char request_head_names[] =
    "-\0-\0prefix\0-\0deployment\0path\0-\0query\0query\0api_version\0-\0-\0host\0-\0-\0-\0-\0-\0-\0-\0key\0key\0"
    "organization\0project\0headers\0";

inline bool RequestHead::next(const void* object, Cursor& at, Piece& piece) noexcept {
    const RequestHead& head = *static_cast<const RequestHead*>(object);
    head.skip(at);
    if ((own_rows >> at.step[0] & 1) == 0) object = head.server;
    return pieces::next(object, at, piece, head.rows);
}

inline void RequestHead::join_query(bool has_query) noexcept {
    left_out |= bit_of(has_query ? row_first_query : row_more_query);
}

inline void RequestHead::set_bodyless(const Bodyless& request) noexcept {
    path = StringView();
    target = request.target;
    left_out |= bit_of(row_content_type);
    if (request.method == Method::get) {
        left_out ^= bit_of(row_get) | bit_of(row_post);
        content_length = pieces::unset;
    }
    left_out &= ~(bit_of(row_first_query) | bit_of(row_more_query));
    join_query(request.has_query);
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
    server = &to;
    path = request_path;
    target = pieces::Elements();
    port = to.effective_port() != to.default_port() ? to.port : pieces::unset;
    left_out = bit_of(row_get) | bit_of(row_open_bracket) | bit_of(row_close_bracket);
    if (to.is_ip6()) left_out &= ~(bit_of(row_open_bracket) | bit_of(row_close_bracket));
    rows = to.rows_for ? to.rows_for(*this) : request_head_rows;
    join_query(find(path, '?') != path.size());
    refused_row = row_path;
    if (path.empty() || path[0] != '/') return Error::bad_header_value;
    refused_row = row_headers;
    if (!to.headers.empty() && !(static_cast<const HeaderField::Shape*>(to.headers.shape)->accept)(to.headers, *this))
        return Error::bad_header_value;
    Cursor at;
    Piece piece;
    do {
        skip(at);
        refused_row = at.step[0];
        if (!next(this, at, piece)) return Error::none;
    } while (is_sendable(piece));
    return Error::bad_header_value;
}

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

inline bool accept_headers(const List<HeaderField>& headers, RequestHead& head) noexcept {
    for (const HeaderField& header : headers) {
        if (!is_free_name(header.name)) return false;
        for (unsigned row = row_content_type; row != row_headers; ++row) {
            const char* const text = head.rows[row].text;
            if (*text == '\r' && is_name(header.name, text + 2)) head.left_out |= bit_of(row);
        }
    }
    return true;
}

inline constexpr HeaderField::Shape HeaderField::shape =
    {pieces::Shape::of<HeaderField>(header_field_rows, pieces::Style::lines), accept_headers};

}  // namespace http

OPENAI_STREAM_END
