// The head of a request: its bytes, what takes the place of what, and what must not get into it.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <string.h>
#include <string>
#include <vector>

namespace oai = openai_stream;
namespace http = openai_stream::http;
using oai::Error;
using oai::StringView;

namespace {

// The head as it goes over the wire, or the name of the error of its first piece that is refused.
std::string head_of(http::RequestHead& head, int64_t content_length) {
    head.content_length = content_length;
    std::string all;
    oai::Cursor at;
    oai::Fragment piece;
    while (http::RequestHead::next(&head, at, piece)) {
        char digits[20];
        int64_t number = 0;
        all += piece.before;
        if (piece.kind == oai::FragmentKind::integer) {
            REQUIRE_EQ(piece.text.size(), sizeof number);
            memcpy(&number, piece.text.data(), sizeof number);
            all += std::string(oai::json::format_integer(number, digits));
        } else if (piece.kind == oai::FragmentKind::checked) {
            if (piece.checked().error() != Error::none) return oai::describe(piece.checked().error());
            all += std::string(piece.checked().text);
        } else {
            all += std::string(piece.text);
        }
    }
    CHECK_FALSE(http::RequestHead::next(&head, at, piece));
    return all;
}
std::string head_of(const http::Server& server, http::RequestPath path, int64_t content_length) {
    http::RequestHead head;
    head.begin(server, path);
    return head_of(head, content_length);
}

http::Server plain_server() {
    http::Server server;
    server.host = "example.com";
    return server;
}

const char* const refused = oai::describe(Error::bad_header_value);

const std::string user_agent = "User-Agent: openai_stream.hpp/" + std::to_string(OPENAI_STREAM_VERSION_MAJOR) + "." +
                               std::to_string(OPENAI_STREAM_VERSION_MINOR) + "." +
                               std::to_string(OPENAI_STREAM_VERSION_PATCH) + "\r\n";

}  // namespace

TEST_CASE("the least that is sent") {
    CHECK_EQ(head_of(plain_server(), "/chat/completions", 0),
             "POST /chat/completions HTTP/1.1\r\n"
             "Host: example.com\r\n"
             "Content-Length: 0\r\n"
             "Content-Type: application/json\r\n"
             "Accept: text/event-stream, application/json\r\n"
             "Accept-Encoding: identity\r\n" +
                 user_agent + "\r\n");
}

TEST_CASE("the most that is sent") {
    const http::HeaderField headers[] = {{"X-One", "1"}, {"x-two", "a b\tc \xC3\xBC \xFF"}, {"X-Empty", ""}};
    http::Server server = plain_server();
    server.port = 8443;
    server.tls = true;
    server.prefix = "/api/v1";
    server.key = "sk-key";
    server.organization = "org-1";
    server.project = "proj-1";
    server.headers = headers;
    CHECK_EQ(head_of(server, "/x", 9223372036854775807),
             "POST /api/v1/x HTTP/1.1\r\n"
             "Host: example.com:8443\r\n"
             "Content-Length: 9223372036854775807\r\n"
             "Content-Type: application/json\r\n"
             "Accept: text/event-stream, application/json\r\n"
             "Accept-Encoding: identity\r\n" +
                 user_agent +
                 "Authorization: Bearer sk-key\r\n"
                 "OpenAI-Organization: org-1\r\n"
                 "OpenAI-Project: proj-1\r\n"
                 "X-One: 1\r\n"
                 "x-two: a b\tc \xC3\xBC \xFF\r\n"
                 "X-Empty: \r\n"
                 "\r\n");
}

TEST_CASE("how the host is written") {
    struct Row {
        const char* name;
        const char* host;
        uint16_t port;
        bool tls;
        const char* line;
    };
    const Row rows[] = {
        {"no port is the scheme's own", "h", 0, false, "Host: h\r\n"},
        {"no port is the scheme's own, with tls", "h", 0, true, "Host: h\r\n"},
        {"the scheme's own is left out", "h", 80, false, "Host: h\r\n"},
        {"the scheme's own is left out, with tls", "h", 443, true, "Host: h\r\n"},
        {"the other scheme's is not", "h", 443, false, "Host: h:443\r\n"},
        {"the other scheme's is not, with tls", "h", 80, true, "Host: h:80\r\n"},
        {"the largest", "127.0.0.1", 65535, false, "Host: 127.0.0.1:65535\r\n"},
        {"an IPv6 address has brackets", "::1", 0, false, "Host: [::1]\r\n"},
        {"an IPv6 address and a port", "2001:db8::1", 1, false, "Host: [2001:db8::1]:1\r\n"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        http::Server server;
        server.host = row.host;
        server.port = row.port;
        server.tls = row.tls;
        const std::string head = head_of(server, "/", 1);
        CHECK_EQ(head.substr(head.find("Host: "), head.find("Content-Length") - head.find("Host: ")), row.line);
    }
}

TEST_CASE("a header of the user's own takes the place of ours, whatever its case") {
    const char* const ours[] = {"Content-Type", "Accept", "Accept-Encoding", "Authorization",
                                "OpenAI-Organization", "OpenAI-Project", "User-Agent"};
    http::Server server = plain_server();
    server.key = "k";
    server.organization = "o";
    server.project = "p";
    const std::string before = head_of(server, "/", 1);
    for (const std::string name : ours) {
        for (const int spelling : {0, 1, 2}) {
            ROW(name + " in spelling " + std::to_string(spelling));
            std::string spelled = name;
            for (char& c : spelled) {
                if (spelling == 1 && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
                if (spelling == 2 && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
            }
            const http::HeaderField mine = {spelled, "mine"};
            server.headers = {&mine, 1};
            std::string expected = before;
            const size_t line = expected.find("\r\n" + name + ": ") + 2;
            expected.erase(line, expected.find("\r\n", line) + 2 - line);
            expected.insert(expected.size() - 2, spelled + ": mine\r\n");
            CHECK_EQ(head_of(server, "/", 1), expected);
        }
    }
    SUBCASE("all of them at once, and without a value") {
        std::vector<http::HeaderField> all;
        for (const char* name : ours) all.push_back({name, ""});
        server.headers = all;
        const std::string head = head_of(server, "/", 1);
        CHECK_EQ(head, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1\r\nContent-Type: \r\nAccept: \r\n"
                       "Accept-Encoding: \r\nAuthorization: \r\nOpenAI-Organization: \r\nOpenAI-Project: \r\n"
                       "User-Agent: \r\n\r\n");
    }
    SUBCASE("a name that only begins like one of ours does not") {
        const http::HeaderField similar[] = {
            {"Accept-Language", "de"}, {"Content", "x"}, {"User-Agents", "y"}, {"Authorizatio", "z"}};
        server.headers = similar;
        std::string expected = before;
        expected.insert(expected.size() - 2,
                        "Accept-Language: de\r\nContent: x\r\nUser-Agents: y\r\nAuthorizatio: z\r\n");
        CHECK_EQ(head_of(server, "/", 1), expected);
    }
}

TEST_CASE("a server's own table makes the head, and its content type too is one of ours") {
    static const http::FormHeadTable own = [] {
        http::FormHeadTable table = http::form_head;
        table.rows[http::row_api_key] = "\r\nX-Own: 1";
        return table;
    }();
    http::Server server = plain_server();
    server.rows_for = [](http::RequestHead& head) -> const oai::FieldDescriptor* {
        head.left_out |= http::bit_of(http::row_user_agent);
        return own.rows;
    };
    const std::string accepts = "Accept: text/event-stream, application/json\r\nAccept-Encoding: identity\r\n";
    const std::string begin = "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1\r\n";
    const std::string json = "Content-Type: application/json\r\n", end = "X-Own: 1\r\n";
    CHECK_EQ(head_of(server, "/", 1), begin + json + accepts + end + "\r\n");
    http::RequestHead head;
    head.begin(server, "/");
    head.set_beta(http::assistants_bit);
    CHECK_EQ(head_of(head, 1), begin + json + "OpenAI-Beta: assistants=v2\r\n" + accepts + end + "\r\n");
    const http::HeaderField mine = {"content-type", "mine"};
    server.headers = {&mine, 1};
    CHECK_EQ(head_of(server, "/", 1), begin + accepts + end + "content-type: mine\r\n\r\n");
}

TEST_CASE("the content type of a form, of nothing, and the lines of what is in beta") {
    struct Row {
        const char* name;
        void (*set)(http::RequestHead& head);
        const char *method, *lines;
    };
    const Row rows[] = {
        {"JSON", [](http::RequestHead&) {}, "POST", "Content-Length: 0\r\nContent-Type: application/json\r\n"},
        {"a form", [](http::RequestHead& head) { head.set_form("b7"); }, "POST",
         "Content-Length: 0\r\nContent-Type: multipart/form-data; boundary=b7\r\n"},
        {"assistants", [](http::RequestHead& head) { head.set_beta(http::assistants_bit); }, "POST",
         "Content-Length: 0\r\nContent-Type: application/json\r\nOpenAI-Beta: assistants=v2\r\n"},
        {"agents, without a body", [](http::RequestHead& head) {
             head.set_without_body({http::Method::get, false, {}});
             head.set_beta(http::agents_bit);
         }, "GET", "OpenAI-Beta: agents=v1\r\n"},
        {"a POST without a body", [](http::RequestHead& head) {
             head.set_without_body({http::Method::post, false, {}});
         }, "POST", "Content-Length: 0\r\n"},
    };
    const http::Server server = plain_server();
    for (const Row& row : rows) {
        ROW(row.name);
        http::RequestHead head;
        head.begin(server, "/");
        row.set(head);
        const std::string all = head_of(head, head.content_length), host = "Host: example.com\r\n";
        CHECK_EQ(all.substr(0, all.find(' ')), row.method);
        const size_t begin = all.find(host) + host.size();
        CHECK_EQ(all.substr(begin, all.find("Accept: ") - begin), row.lines);
    }
}

TEST_CASE("headers that decide about framing or the connection are refused") {
    for (const char* name :
         {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "Expect",
          "Upgrade", "TE", "Trailer", "host", "CONTENT-LENGTH", "tE", "transfer-encoding"}) {
        ROW(name);
        const http::HeaderField headers[] = {{"X-Fine", "1"}, {name, "0"}, {"X-Fine", "2"}};
        http::Server server = plain_server();
        server.headers = headers;
        CHECK_EQ(head_of(server, "/", 1), refused);
    }
    for (const char* name : {"Hos", "Hosts", "T", "TEA", "X-Host", "Connection-", "Trailers"}) {
        ROW(std::string(name) + " is none of them");
        const http::HeaderField header = {name, "0"};
        http::Server server = plain_server();
        server.headers = {&header, 1};
        CHECK_NE(head_of(server, "/", 1).find("\r\n" + std::string(name) + ": 0\r\n"), std::string::npos);
    }
}

TEST_CASE("no byte breaks out of its place") {
    struct Place {
        const char* name;
        void (*put)(http::Server& server, http::HeaderField& header, http::RequestPath& path, StringView text);
        bool (*legal)(unsigned char byte);
    };
    const auto in_value = [](unsigned char byte) { return (byte >= 0x20 && byte != 0x7F) || byte == '\t'; };
    const auto visible = [](unsigned char byte) { return byte > 0x20 && byte < 0x7F; };
    const auto in_prefix = [](unsigned char byte) {
        return byte > 0x20 && byte < 0x7F && !strchr("?\"#<>[\\]^`{|}", byte);
    };
    const auto in_host = [](unsigned char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
               (byte != 0 && strchr("-._~", byte));
    };
    const auto token = [](unsigned char byte) { return http::is_token_char(static_cast<char>(byte)); };
    const Place places[] = {
        {"key", [](auto& server, auto&, auto&, auto text) { server.key = text; }, in_value},
        {"organization", [](auto& server, auto&, auto&, auto text) { server.organization = text; }, in_value},
        {"project", [](auto& server, auto&, auto&, auto text) { server.project = text; }, in_value},
        {"header value", [](auto&, auto& header, auto&, auto text) { header.value = text; }, in_value},
        {"header name", [](auto&, auto& header, auto&, auto text) { header.name = text; }, token},
        {"host", [](auto& server, auto&, auto&, auto text) { server.host = text; }, in_host},
        {"prefix", [](auto& server, auto&, auto&, auto text) { server.prefix = text; }, in_prefix},
        {"path", [](auto&, auto&, auto& path, auto text) { path = text; }, visible},
    };
    for (const Place& place : places) {
        ROW(place.name);
        for (int byte = 0; byte < 256; ++byte) {
            for (size_t where = 1; where <= 3; ++where) {
                CAPTURE(byte);
                CAPTURE(where);
                std::string text = place.legal('/') ? "/abcd" : "abcde";
                text[where] = static_cast<char>(byte);
                http::Server server = plain_server();
                http::HeaderField header = {"X-A", "b"};
                http::RequestPath path = "/path";
                place.put(server, header, path, text);
                server.headers = {&header, 1};
                const std::string head = head_of(server, path, 1);
                if (place.legal(static_cast<unsigned char>(byte))) CHECK_NE(head.find(text), std::string::npos);
                else CHECK((head == refused || head == oai::describe(Error::bad_url)));
            }
        }
    }
}

TEST_CASE("attempts at smuggling") {
    struct Row {
        const char* name;
        const char* key;
        const char* header_name;
        const char* header_value;
        const char* path;
    };
    const Row rows[] = {
        {"a key read from a file with its line end", "sk-1\n", "X", "1", "/"},
        {"a header in the key", "sk-1\r\nX-Evil: 1", "X", "1", "/"},
        {"a second request in the key", "sk-1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "X", "1", "/"},
        {"a header in a header's value", "k", "X", "1\r\nContent-Length: 0", "/"},
        {"a folded line in a header's value", "k", "X", "1\r\n 2", "/"},
        {"a header in a header's name", "k", "X: 1\r\nY", "1", "/"},
        {"a header's name with a colon", "k", "Content-Length:", "1", "/"},
        {"a header's name with a blank", "k", "Content-Length ", "1", "/"},
        {"a header without a name", "k", "", "1", "/"},
        {"a version in the path", "k", "X", "1", "/ HTTP/1.1\r\nHost: evil\r\n\r\n"},
        {"a blank in the path", "k", "X", "1", "/a b"},
        {"a path without its slash", "k", "X", "1", "chat"},
        {"no path", "k", "X", "1", ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const http::HeaderField header = {row.header_name, row.header_value};
        http::Server server = plain_server();
        server.key = row.key;
        server.headers = {&header, 1};
        CHECK_EQ(head_of(server, row.path, 1), refused);
    }
}

TEST_CASE("the port that is dialed") {
    struct Row {
        uint16_t port;
        bool tls;
        uint16_t effective;
    };
    for (const Row& row : {Row{0, false, 80}, Row{0, true, 443}, Row{1, true, 1}, Row{8080, false, 8080}}) {
        http::Server server;
        server.port = row.port;
        server.tls = row.tls;
        CHECK_EQ(server.effective_port(), row.effective);
    }
}

TEST_CASE("a query of the endpoint's and one of the request's are one, of a request without a body, too") {
    struct Row {
        const char *name, *query, *path;
        const char* line;
    };
    const Row rows[] = {
        {"neither", "", "/x", "/v1/x HTTP/1.1"},
        {"the request's", "", "/x?a=b", "/v1/x?a=b HTTP/1.1"},
        {"the endpoint's", "c=d", "/x", "/v1/x?c=d HTTP/1.1"},
        {"both", "c=d", "/x?a=b", "/v1/x?a=b&c=d HTTP/1.1"},
    };
    static constexpr oai::FieldDescriptor target_rows[] = {{"", oai::FieldType::plain}, {"", oai::FieldType::end}};
    static constexpr auto target = oai::MessageDescriptor::of<StringView>(target_rows, oai::ListStyle::lines);
    for (const Row& row : rows) {
        ROW(row.name);
        http::Server server = plain_server();
        server.prefix = "/v1";
        server.query = row.query;
        const StringView path = row.path;
        const bool has_query = strchr(row.path, '?');
        const auto line_of = [](const std::string& all) { return all.substr(0, all.find('\r')); };
        http::RequestHead head;
        head.begin(server, path);
        CHECK_EQ(line_of(head_of(head, 0)), std::string("POST ") + row.line);
        head.begin(server, has_query ? "/other" : "/other?x");
        head.set_without_body({http::Method::get, has_query, {&path, &target, 1}});
        CHECK_EQ(line_of(head_of(head, oai::unset_number)), std::string("GET ") + row.line);
        head.begin(server, path);
        CHECK_EQ(line_of(head_of(head, 0)), std::string("POST ") + row.line);
    }
}

TEST_CASE("a version's parts are written in decimal, as the compiler wrote them") {
    const http::Product made;
    CHECK_EQ(std::string(made.line), http::product.line);
    for (const unsigned number : {0u, 9u, 10u, 11u, 99u, 100u, 907u}) {
        char digits[8] = {};
        http::Product::append(digits, number);
        CHECK_EQ(std::string(digits), std::to_string(number));
    }
}

TEST_CASE("the table with forms is the other one, but for the content type") {
    for (unsigned row = 0; row <= http::row_end; ++row) {
        const oai::FieldDescriptor one = http::form_row(row);
        CHECK_EQ(one.kind == oai::FieldType::callback, row == http::row_content_type);
        if (row == http::row_content_type) continue;
        CHECK(one.text == http::request_head_rows[row].text);
        CHECK(one.kind == http::request_head_rows[row].kind);
    }
}

TEST_CASE("each part of a head is named after the field it is made of") {
    const http::HeaderField headers[] = {{"X-One", "1"}};
    http::Server server = plain_server();
    server.prefix = "/v1";
    server.query = "a=b";
    server.key = "k";
    server.organization = "o";
    server.project = "p";
    server.headers = headers;
    http::RequestHead head;
    head.begin(server, "/x");
    head.content_length = 0;
    std::string names;
    oai::Cursor at;
    oai::Fragment piece;
    while (true) {
        const std::string name(head.field_at(at));
        if (!http::RequestHead::next(&head, at, piece)) break;
        if (piece.kind == oai::FragmentKind::checked) names += name + "=" + std::string(piece.checked().text) + ";";
    }
    CHECK_EQ(names, "prefix=/v1;path=/x;query=a=b;host=example.com;key=k;organization=o;project=p;headers=X-One;"
                    "headers=1;");
}

TEST_CASE("begin forgets the headers of the request before") {
    http::RequestHead head;
    http::Server server;
    server.host = "::1";
    server.port = 81;
    const http::HeaderField mine = {"Accept", "mine"};
    server.headers = {&mine, 1};
    head.begin(server, "/");
    CHECK_EQ(head_of(head, 0).find("\r\nHost: [::1]:81\r\n"), std::string("POST / HTTP/1.1").size());
    const http::Server other = plain_server();
    head.begin(other, "/");
    CHECK_EQ(head_of(head, 0), head_of(other, "/", 0));
}
