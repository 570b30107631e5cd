// Status lines and fields, 1xx answers before them.
#include "http/response_reading.hpp"

#include <cstdio>

using namespace reading;

TEST_CASE("a head that is not by RFC 9112 sections 4 and 5") {
    check_failures({
        {"not HTTP", "SSH-2.0-OpenSSH\r\n", Error::bad_status_line},
        {"HTTP in lower case", "http/1.1 200 OK\r\n\r\n", Error::bad_status_line},
        {"HTTP/2", "HTTP/2 200\r\n\r\n", Error::bad_status_line},
        {"a letter as minor version", "HTTP/1.x 200 OK\r\n\r\n", Error::bad_status_line},
        {"a status below 100", "HTTP/1.1 099 Odd\r\n\r\n", Error::bad_status_line},
        {"a status with a letter", "HTTP/1.1 20x OK\r\n\r\n", Error::bad_status_line},
        {"a tab after the status", "HTTP/1.1 200\tOK\r\n\r\n", Error::bad_status_line},
        {"NUL in the reason", std::string("HTTP/1.1 200 O\0K\r\n\r\n", 20), Error::bad_status_line},
        {"CR alone in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", Error::bad_status_line},
        {"CR alone instead of a reason", "HTTP/1.1 200\rOK\r\n\r\n", Error::bad_status_line},
        {"two CRs after the status line", "HTTP/1.1 200 OK\r\r\n\r\n", Error::bad_status_line},
        {"not HTTP after a 1xx answer", "HTTP/1.1 100 Continue\r\n\r\nfoo\r\n", Error::bad_status_line},
        {"no colon", ok + "Name\r\n\r\n", Error::bad_header},
        {"no name", ok + ": value\r\n\r\n", Error::bad_header},
        {"a blank before the colon", ok + "Name : value\r\n\r\n", Error::bad_header},
        {"a byte above ASCII in a name", ok + "N\xE4me: value\r\n\r\n", Error::bad_header},
        {"a folded value", ok + "Name: a\r\n b\r\n\r\n", Error::bad_header},
        {"a value folded by a tab", ok + "Name: a\r\n\tb\r\n\r\n", Error::bad_header},
        {"NUL in a value", ok + std::string("Name: a\0b\r\n\r\n", 13), Error::bad_header},
        {"NUL as a value", ok + std::string("Name:\0\r\n\r\n", 10), Error::bad_header},
        {"CR alone in a value", ok + "Name: a\rb\r\n\r\n", Error::bad_header},
        {"CR alone after the fields", ok + "Name: a\r\n\rX: y\r\n\r\n", Error::bad_header},
        {"a bad field in a 1xx answer", "HTTP/1.1 100 Continue\r\nName\r\n\r\n", Error::bad_header},
        {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Error::unexpected_upgrade},
        {"101 after 100",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n", Error::unexpected_upgrade},
    });
}

TEST_CASE("what is tolerated of a status line, and said") {
    struct Row {
        const char* name;
        const char* head;
        bool lacks_space, has_bare_lf;
    };
    const Row rows[] = {
        {"a reason", "HTTP/1.1 200 OK\r\n\r\n", false, false},
        {"no reason", "HTTP/1.1 200 \r\n\r\n", false, false},
        {"no space before it either", "HTTP/1.1 200\r\n\r\n", true, false},
        {"no space before a bare LF", "HTTP/1.1 200\n\n", true, true},
        {"a bare LF", "HTTP/1.1 200 OK\n\n", false, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Response got = read_every_way(row.head + std::string("x"));
        CHECK_EQ(got.status, 200);
        CHECK_EQ(got.body, "x");
        openai_stream::http::ResponseParser parser;
        CHECK(parser.next(row.head, row.head + strlen(row.head)) == ParseEvent::head);
        CHECK_EQ(parser.head().lacks_reason_space(), row.lacks_space);
        CHECK_EQ(parser.head().has_bare_lf(), row.has_bare_lf);
    }
}

TEST_CASE("the fields a client acts on are known by their whole name, in either case") {
    struct Row {
        const char* name;
        Field field;
    };
    const Row rows[] = {
        {"Content-Length", Field::content_length},
        {"Transfer-Encoding", Field::transfer_encoding},
        {"Connection", Field::connection},
        {"Content-Type", Field::content_type},
        {"Content-Encoding", Field::content_encoding},
        {"Location", Field::location},
        {"Retry-After", Field::retry_after},
        {"Retry-After-Ms", Field::other},
        {"X-Request-Id", Field::x_request_id},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string name = row.name;
        std::string upper = name, lower = name;
        for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const std::string value = row.field == Field::transfer_encoding ? "chunked" : "0";
        for (const std::string& known : {name, upper, lower}) {
            const Response got = read_every_way(ok + known + ": " + value + "\r\n\r\n");
            REQUIRE_EQ(got.fields.size(), 1);
            CHECK_EQ(got.fields[0], row.field);
            CHECK_EQ(got.headers[0].first, known);
        }
        const std::string others[] = {
            name + "x", "x" + name, name.substr(1), name + "-" + name, name + std::string(30, 'x'), "X",
        };
        for (const std::string& other : others) {
            const Response got = read_every_way(ok + other + ": 0\r\n\r\n");
            REQUIRE_EQ(got.fields.size(), 1);
            CHECK_EQ(got.fields[0], Field::other);
        }
        for (size_t size = 1; size < name.size(); ++size) {
            if (name.substr(0, size) == "Retry-After") continue;
            CHECK_EQ(read_every_way(ok + name.substr(0, size) + ": 0\r\n\r\n").fields.at(0), Field::other);
            std::string changed = name;
            changed[size] = '_';
            CHECK_EQ(read_every_way(ok + changed + ": 0\r\n\r\n").fields.at(0), Field::other);
        }
    }
}

TEST_CASE("names and values are delivered as far as they have come") {
    struct Step {
        const char* input;
        std::vector<std::string> pieces;  // N or V (complete) or n or v, then the text
    };
    const Step steps[] = {
        {"HTTP/1.1 200 OK\r\nCont", {"n:Cont"}},
        {"ent-Type", {"n:ent-Type"}},
        {":", {"N:"}},
        {" ", {}},
        {" text/", {"v:text/"}},
        {"html ", {"v:html "}},
        {"\r", {"V:"}},
        {"\nA:b\r\nEmpty:\r\nB", {"N:A", "V:b", "N:Empty", "V:", "n:B"}},
        {":c \t\nRetry-After: 5", {"N:", "V:c \t", "N:Retry-After", "v:5"}},
        {"\n\r", {"V:"}},
        {"\n", {"head"}},
    };
    ResponseParser parser;
    Field field = Field::other;
    for (const Step& step : steps) {
        ROW(step.input);
        const char* at = step.input;
        std::vector<std::string> pieces;
        while (true) {
            const ParseEvent part = parser.next(at, step.input + std::strlen(step.input));
            at = parser.at();
            if (part == ParseEvent::need_more) break;
            REQUIRE((part != ParseEvent::failed && part != ParseEvent::end && pieces.size() < 9));
            if (part == ParseEvent::head) {
                pieces.push_back("head");
                continue;
            }
            const bool name = part == ParseEvent::field_name, complete = parser.is_text_complete();
            const char* const kind = name ? (complete ? "N:" : "n:") : (complete ? "V:" : "v:");
            pieces.push_back(kind + std::string(parser.text()));
            if (name && complete) field = parser.field();
        }
        CHECK(pieces == step.pieces);
    }
    CHECK_EQ(field, Field::retry_after);
}

TEST_CASE("every status from 100 on is delivered as it is") {
    for (unsigned status = 0; status < 1000; ++status) {
        ROW(std::to_string(status));
        char line[32];
        std::snprintf(line, sizeof line, "HTTP/1.1 %03u \r\n", status);
        std::string broken;
        const std::string input = line + std::string("Content-Length: 1\r\n\r\nx");
        const Response got = read({input}, broken);
        CHECK_EQ(broken, "");
        CHECK_EQ(got.complete, status >= 200);
        CHECK_EQ(got.status, (status >= 200 ? status : 0));
        const Error error = status >= 200   ? Error::none
                            : status == 101 ? Error::unexpected_upgrade
                                            : Error::bad_status_line;  // for 1xx: of the x after it
        CHECK_EQ(text(got.error), text(error));
        if (got.complete) CHECK_EQ(got.body, (status == 204 || status == 304 ? "" : "x"));
    }
}

TEST_CASE("nothing of a 1xx answer gets into the final one") {
    const std::string hints[] = {
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 103 Hints\r\nTransfer-Encoding: gzip\r\nContent-Length: x\r\nRetry-After: 1\r\n\r\n",
        "HTTP/1.0 199 Odd\nX: y\n\n",
    };
    for (const std::string& hint : hints) {
        ROW(hint);
        const Response got = read_every_way(hint + hint + ok + "Content-Length: 2\r\n\r\nhi!");
        CHECK(got.complete);
        CHECK_EQ(got.status, 200);
        CHECK(got.headers == Headers{{"Content-Length", "2"}});
        CHECK_EQ(got.body, "hi");
        CHECK_EQ(read_every_way(hint + ok + "\r\nhi").body, "hi");
    }
}
