#pragma once
// The head of a request, RFC 9112 sections 2 to 3.2: as pieces, and what must not get into it.
#include "../base/error.hpp"
#include "../base/pieces.hpp"
#include "grammar.hpp"
#include "head_text.hpp"

OPENAI_STREAM_BEGIN

namespace http {

struct RequestHead;

enum class Method : uint8_t { get = 1, post };

// A header of the user's own. If it has the name of one we write (Content-Type, Accept, Accept-Encoding, Authorization,
// api-key, OpenAI-Organization, OpenAI-Project, User-Agent) it takes its place. One that decides about the message's
// end or the connection is refused: Host, Content-Length, Transfer-Encoding, Connection, Keep-Alive, Proxy-Connection,
// Expect, Upgrade, TE, Trailer.
struct HeaderField {
    NameText name;
    FieldText value;

    struct Descriptor : detail::MessageDescriptor {
        // Leaves the rows out of the head whose place they take.
        void (*replace)(const List<HeaderField>& headers, RequestHead& head);
    };
    static const Descriptor descriptor;
};

// Where requests go, and what of their heads is always the same. Views into the caller's memory, checked when they are
// set.
//
// The target of a request is prefix path [ "?" query ].
struct Server {
    HostText host;           // a name or an address; an IPv6 address without its brackets
    uint16_t port = 0;       // 0: 80, or 443 with tls
    bool tls = false;
    PrefixText prefix;       // "/v1": goes before the path of a request; no '/' at its end
    QueryText query;         // without its '?': "a=b&c=d", goes after the path of a request
    KeyText key;             // Authorization: Bearer KEY (Azure's: api-key: KEY); empty: none
    FieldText organization;  // OpenAI-Organization
    FieldText project;       // OpenAI-Project
    List<HeaderField> headers;

    // A server whose heads are made by a table of its own: fills the head of a request with this path, and returns the
    // table. Null: request_head_rows. The rest is for that table. See AzureEndpoint, which sets them.
    const detail::FieldDescriptor* (*rows_for)(RequestHead& head) = nullptr;
    detail::Elements deployment;
    VisibleText api_version;

    constexpr uint16_t default_port() const noexcept { return tls ? 443 : 80; }
    constexpr uint16_t effective_port() const noexcept { return port != 0 ? port : default_port(); }
};

// A request without a body: its method, and what its target has in place of a path: an object with a table, whose
// pieces must be such as may stand in a target. Views.
struct RequestWithoutBody {
    Method method;
    bool has_query;  // its target has a '?'
    detail::Elements target;
    uint32_t beta = 0;  // a bit for a line of its own, see assistants_bit
};

struct RequestHead {
    const Server* server = nullptr;                 // not owned
    detail::Checked path;                           // see Server; in place of `target`
    int64_t port = 0;                               // unless it is the scheme's own
    int64_t content_length = 0;                     // to be set before the first piece; unset_number: there is no body
    detail::Elements target;                        // of a request without a body: what it has in place of the path, or
                                                    // none
    const detail::FieldDescriptor* rows = nullptr;  // the table
    uint32_t left_out = 0;                          // a bit for each row of the table that is not sent

    // Sets everything but content_length, for a POST. The server must stay as it is as long as pieces are asked for.
    // What is wrong with a text is in its piece.
    inline void begin(const Server& to, const RequestPath& request_path) noexcept;
    // After that: its body is a form (multipart/form-data). The boundary ends with a NUL and stays where it is.
    inline void set_form(const char* boundary) noexcept;
    // Or: one of the lines "OpenAI-Beta".
    inline void set_beta(uint32_t bit) noexcept;
    // Or: the request has no body.
    inline void set_without_body(const RequestWithoutBody& request) noexcept;

    // A BodySource's next.
    static inline bool next(const void* head, detail::Cursor& at, detail::Fragment& piece,
                            const detail::FieldDescriptor* = nullptr) noexcept;
    // The name of the field that the next piece is made of.
    inline StringView field_at(detail::Cursor at) const noexcept;

private:
    // Passes over rows that are left out.
    void skip(detail::Cursor& at) const noexcept {
        unsigned row = at.step[0];
        while (left_out >> row & 1) ++row;
        at.step[0] = static_cast<uint8_t>(row);
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

    static constexpr char* append(char* at, unsigned number) noexcept {
        if (number >= 10) at = append(at, number / 10);
        *at++ = static_cast<char>('0' + number % 10);
        return at;
    }
};
inline constexpr Product product;

// ---- the tables -------------------------------------------------------------------------------------------------

// The head of a request. Rows "" are for tables that have more: see Server::rows_for.
inline constexpr detail::FieldDescriptor request_head_rows[] = {
    "GET ", "POST ",  // request-line = method SP request-target SP HTTP-version
    {"", detail::FieldType::checked, offsetof(Server, prefix)},
    "", "",
    {"", detail::FieldType::checked, offsetof(RequestHead, path)},
    {"", detail::FieldType::list, offsetof(RequestHead, target)},
    {"?", detail::FieldType::checked, offsetof(Server, query)},
    {"&", detail::FieldType::checked, offsetof(Server, query)},
    "",
    " HTTP/1.1\r\nHost: ",  // Host = uri-host [ ":" port ]
    "[",
    {"", detail::FieldType::checked, offsetof(Server, host)},
    "]",
    {":", detail::FieldType::integer, offsetof(RequestHead, port)},
    {"\r\nContent-Length: ", detail::FieldType::integer, offsetof(RequestHead, content_length)},
    "\r\nContent-Type: application/json",
    "\r\nAccept: text/event-stream, application/json",
    "\r\nAccept-Encoding: identity",
    product.line,
    {"\r\nAuthorization: Bearer ", detail::FieldType::checked, offsetof(Server, key)},
    "",
    {"\r\nOpenAI-Organization: ", detail::FieldType::checked, offsetof(Server, organization)},
    {"\r\nOpenAI-Project: ", detail::FieldType::checked, offsetof(Server, project)},
    {"", detail::FieldType::list, offsetof(Server, headers)},
    {"\r\n\r\n", detail::FieldType::end},
};

// The rows' numbers, in each such table.
enum HeadRow : uint8_t {
    row_get, row_post, row_prefix, row_directory, row_deployment, row_path, row_target, row_first_query,
    row_more_query, row_version, row_version_of_http, row_open_bracket, row_host, row_close_bracket, row_port,
    row_content_length, row_content_type, row_accept, row_accept_encoding, row_user_agent, row_key, row_api_key,
    row_organization, row_project, row_headers, row_end
};
static_assert(sizeof request_head_rows / sizeof(detail::FieldDescriptor) == row_end + 1, "each row has a number");
constexpr uint32_t bit_of(unsigned row) noexcept { return uint32_t{1} << row; }

// Rows whose object is the RequestHead; that of all others is its Server.
constexpr uint32_t own_rows = bit_of(row_directory) | bit_of(row_path) | bit_of(row_target) | bit_of(row_version) |
                              bit_of(row_port) | bit_of(row_content_length) | bit_of(row_content_type);

// Not of rows: the body is a form, and target.data its boundary; "OpenAI-Beta: assistants=v2"; "OpenAI-Beta:
// agents=v1", of a request without a body.
constexpr uint32_t form_bit = bit_of(31), assistants_bit = bit_of(30), agents_bit = bit_of(29);

// The field of each row by its name, for the words of an error; "-" where nothing can be wrong.
inline constexpr char request_head_names[] =
    "-\0-\0prefix\0-\0deployment\0path\0-\0query\0query\0api_version\0-\0-\0host\0-\0-\0-\0-\0-\0-\0-\0key\0key\0"
    "organization\0project\0headers\0";

inline bool RequestHead::next(const void* object, detail::Cursor& at, detail::Fragment& piece,
                              const detail::FieldDescriptor*) noexcept {
    const RequestHead& head = *static_cast<const RequestHead*>(object);
    head.skip(at);
    if ((own_rows >> at.step[0] & 1) == 0) object = head.server;
    return detail::next(object, at, piece, head.rows);
}

inline StringView RequestHead::field_at(detail::Cursor at) const noexcept {
    skip(at);
    return detail::word(request_head_names, at.step[0]);
}

inline void RequestHead::join_query(bool has_query) noexcept {
    left_out |= bit_of(has_query ? row_first_query : row_more_query);
}

inline void RequestHead::set_without_body(const RequestWithoutBody& request) noexcept {
    path = {};
    target = request.target;
    left_out |= bit_of(row_content_type);
    if (request.method == Method::get) {
        left_out ^= bit_of(row_get) | bit_of(row_post);
        content_length = unset_number;
    }
    left_out &= ~(bit_of(row_first_query) | bit_of(row_more_query));
    join_query(request.has_query);
}

inline void RequestHead::begin(const Server& to, const RequestPath& request_path) noexcept {
    server = &to;
    path = request_path.view;
    target.size = 0;
    port = to.port != 0 && to.port != to.default_port() ? to.port : unset_number;
    left_out = bit_of(row_get) | (to.host.has_mark ? 0 : bit_of(row_open_bracket) | bit_of(row_close_bracket));
    rows = to.rows_for ? to.rows_for(*this) : request_head_rows;
    join_query(request_path.has_mark);
    if (!to.headers.empty())
        static_cast<const HeaderField::Descriptor*>(to.headers.descriptor)->replace(to.headers, *this);
}

// ---- forms, and what is in beta; not linked where there is none of it -----------------------------------------------

// For a table of one's own, too.
inline void put_content_type(const void* object, detail::Fragment& piece) noexcept {
    const RequestHead& head = *static_cast<const RequestHead*>(object);
    piece.before = (head.left_out & agents_bit) != 0 ? "\r\nOpenAI-Beta: agents=v1"
                   : (head.left_out & assistants_bit) != 0
                       ? "\r\nContent-Type: application/json\r\nOpenAI-Beta: assistants=v2"
                       : "\r\nContent-Type: application/json";
    if ((head.left_out & form_bit) == 0) return;
    const char* const boundary = static_cast<const char*>(head.target.data);
    piece.before = "\r\nContent-Type: multipart/form-data; boundary=";
    piece.text = StringView(boundary, detail::words::length(boundary));
}
struct FormHeadTable {
    detail::FieldDescriptor rows[row_end + 1];
};
constexpr detail::FieldDescriptor form_row(unsigned number) noexcept {
    return number == row_content_type ? detail::FieldDescriptor(put_content_type) : request_head_rows[number];
}
inline constexpr FormHeadTable form_head = {
    {form_row(0),  form_row(1),  form_row(2),  form_row(3),  form_row(4),  form_row(5),  form_row(6),
     form_row(7),  form_row(8),  form_row(9),  form_row(10), form_row(11), form_row(12), form_row(13),
     form_row(14), form_row(15), form_row(16), form_row(17), form_row(18), form_row(19), form_row(20),
     form_row(21), form_row(22), form_row(23), form_row(24), form_row(25)}};
static_assert(row_end == 25, "each row has been taken");

inline void RequestHead::set_form(const char* boundary) noexcept {
    target.data = boundary;
    set_beta(form_bit);
}
inline void RequestHead::set_beta(uint32_t bit) noexcept {
    left_out |= bit;
    if (bit == agents_bit) left_out &= ~bit_of(row_content_type);  // in whose place it stands
    if (rows == request_head_rows) rows = form_head.rows;
}

// ---- headers of the user's own; not linked where there are none ---------------------------------------------------

inline constexpr detail::FieldDescriptor header_field_rows[] = {
    {"\r\n", detail::FieldType::checked, offsetof(HeaderField, name)},
    ": ",
    {"", detail::FieldType::checked, offsetof(HeaderField, value)},
    {"", detail::FieldType::end},
};

// `line` is "\r\n", a name, and what follows it.
inline bool is_line_of(const char* line, StringView name) noexcept {
    if (*line != '\r') return false;
    line += 2;
    for (const char c : name)
        if (ascii::to_lower(c) != ascii::to_lower(*line++)) return false;
    return *line == ':';
}
// A row that is a function is that of the content type.
inline const char* line_of(const detail::FieldDescriptor& row) noexcept {
    return row.kind == detail::FieldType::callback ? "\r\nContent-Type:" : row.text;
}
inline void replace_lines(const List<HeaderField>& headers, RequestHead& head) noexcept {
    for (const HeaderField& header : headers)
        for (unsigned row = row_content_type; row != row_headers; ++row)
            if (is_line_of(line_of(head.rows[row]), header.name)) head.left_out |= bit_of(row);
}

inline constexpr HeaderField::Descriptor HeaderField::descriptor =
    {detail::MessageDescriptor::of<HeaderField>(header_field_rows, detail::ListStyle::lines), replace_lines};

}  // namespace http

OPENAI_STREAM_END
