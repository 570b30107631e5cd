// HTTP responses: the conformance rows, each in every cut; then what they leave open.
#include "http/response_reading.hpp"
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/heap_trap.hpp"

#include <map>
#include <type_traits>

using namespace reading;
namespace http = oai::http;

namespace {

static_assert(sizeof(ResponseParser) <= 80, "small");
static_assert(std::is_trivially_destructible<ResponseParser>::value, "nothing to clean up");
static_assert(std::is_trivially_copyable<ResponseParser>::value, "a copy is one more reader of the same response");
constexpr ResponseParser constant;
static_assert(constant.error() == Error::none && !constant.complete() && constant.status() == 0, "no start-up code");

// What the standards leave open and this parser decided: the row's `expect` or one of its `alts`.
const std::map<std::string, bool> takes_expect = {
    {"status-000", true},
    {"status-600", true},
    {"status-two-spaces", true},
    {"status-leading-crlf", true},
    {"status-line-bare-cr", true},
    {"hdr-value-nul", true},
    {"hdr-value-bare-cr", true},
    {"hdr-value-control", true},
    {"hdr-obs-fold", false},  // refused: nobody sends it, and it is a way to smuggle
    {"hdr-obs-fold-content-length", true},
    {"hdr-first-line-folded", true},
    {"hdr-bare-lf", true},
    {"hdr-mixed-lf-crlf", true},
    {"cl-duplicate-same", false},  // refused: one Content-Length is what servers send
    {"cl-list-same", false},       // likewise
    {"te-and-cl", true},
    {"te-and-cl-reversed", true},
    {"te-identity", true},
    {"te-empty-elements", true},
    {"te-http10", false},                  // read, as by curl, node and Python
    {"chunk-extension-bws", true},
    {"chunk-size-trailing-space", false},  // read, as by curl and Python: servers pad sizes
    {"chunk-size-max64", true},
    {"trailer-content-length", true},
    {"trailer-bare-lf", true},
};

// The errors that a category of the conformance data may have here.
bool fits(Error error, const std::string& category) {
    static const std::map<std::string, std::vector<Error>> errors = {
        {"bad-status-line", {Error::bad_status_line}},
        {"bad-version", {Error::bad_status_line}},
        {"bad-header", {Error::bad_header, Error::bad_framing}},  // a folded Content-Length is an empty one first
        {"bad-header-value", {Error::bad_header}},
        {"bad-line-ending", {Error::bad_status_line, Error::bad_header}},
        {"bad-content-length", {Error::bad_framing}},
        {"bad-transfer-encoding", {Error::bad_framing}},
        {"conflicting-framing", {Error::bad_framing}},
        {"bad-chunk-size", {Error::bad_chunk}},
        {"bad-chunk-ext", {Error::bad_chunk}},
        {"bad-chunk-data", {Error::bad_chunk}},
        {"chunk-limit", {Error::bad_chunk}},
        {"bad-trailer", {Error::bad_header}},
        {"header-limit", {Error::head_too_large}},
        {"unexpected-upgrade", {Error::unexpected_upgrade}},
        {"eof-before-response", {Error::no_response}},
        {"eof-in-head", {Error::truncated}},
        {"eof-in-body", {Error::truncated}},
        {"eof-in-chunk", {Error::truncated}},
        {"eof-in-trailer", {Error::truncated}},
    };
    const auto found = errors.find(category);
    REQUIRE_MESSAGE(found != errors.end(), category);
    return std::count(found->second.begin(), found->second.end(), error) != 0;
}

Headers headers_of(const nlohmann::json& list) {
    Headers headers;
    for (const nlohmann::json& pair : list)
        headers.emplace_back(corpus::latin1(pair.at(0)), corpus::latin1(pair.at(1)));
    return headers;
}

void check(const nlohmann::json& row, const nlohmann::json& expected, const std::string& input, const Response& got) {
    CHECK_EQ(got.complete, expected.at("complete").get<bool>());
    if (got.complete) {
        CHECK_EQ(text(got.error), text(Error::none));
        CHECK_EQ(got.status, expected.at("status").get<unsigned>());
        CHECK(got.headers == headers_of(expected.at("headers")));
        CHECK_EQ(got.body, corpus::bytes(expected, "body"));
        const std::string leftover = corpus::has_bytes(expected, "leftover") ? corpus::bytes(expected, "leftover") : "";
        CHECK_EQ(input.substr(got.consumed), leftover);
        // True is a permission in the data, false is binding; this parser takes the permission, and its user counts the
        // bytes after the end.
        if (!corpus::has_tag(row, "keep-alive-any"))
            CHECK_EQ(got.keep_alive && leftover.empty(), expected.at("keep_alive").get<bool>());
        bool framed = got.status == 204 || got.status == 304;
        for (const Field field : got.fields)
            framed = framed || field == Field::content_length || field == Field::transfer_encoding;
        CHECK_EQ(got.ended_by_close, !framed);
    } else {
        INFO("error: " << text(got.error) << ", wanted: " << expected.at("error"));
        CHECK(fits(got.error, expected.at("error")));
        CHECK_FALSE(got.keep_alive);
        if (!expected.at("status").is_null()) CHECK_EQ(got.status, expected.at("status").get<unsigned>());
        if (expected.contains("headers")) CHECK(got.headers == headers_of(expected.at("headers")));
        if (corpus::has_bytes(expected, "body")) {
            const std::string most = corpus::bytes(expected, "body");
            CHECK_EQ(got.body, most.substr(0, got.body.size()));
            // What was there before the error is not lost.
            if (got.error == Error::truncated) CHECK_EQ(got.body, most);
        }
    }
}

}  // namespace

TEST_CASE("the conformance rows") {
    std::map<std::string, bool> undecided = takes_expect;
    size_t checked = 0;
    for (const nlohmann::json& row : corpus::rows("http.jsonl")) {
        if (row.at("request_method") == "HEAD") {
            tally::skip("responses to HEAD: this client sends none");
            continue;
        }
        const std::string name = row.at("name");
        ROW(name);
        const std::string input = corpus::bytes(row, "input");
        const nlohmann::json* expected = &row.at("expect");
        if (row.at("verdict") == "either") {
            REQUIRE(undecided.count(name) == 1);
            if (!undecided.at(name)) expected = &row.at("alts").at(0);
            undecided.erase(name);
        }
        check(row, *expected, input, read_every_way(input, corpus::is_large(row)));
        ++checked;
    }
    CHECK_EQ(checked, 176);
    CHECK(undecided.empty());
}

TEST_CASE("recorded answers of real services") {
    const auto files = corpus::shared_files("recorded", ".http");
    if (!files) return;
    for (const std::string& file : *files) {
        ROW(file);
        const std::string name = file.substr(0, file.size() - 5);
        const nlohmann::json summary = nlohmann::json::parse(*corpus::shared_bytes(name + ".summary.json"));
        const bool error = summary.at("api") == "error";
        const Response got = read_every_way(*corpus::shared_bytes(file));
        CHECK_EQ(text(got.error), text(Error::none));
        CHECK_EQ(got.status, (error ? summary.at("status").get<unsigned>() : 200));
        CHECK_EQ(got.body, (error ? summary.at("body").get<std::string>() : *corpus::shared_bytes(name + ".sse")));
    }
}

TEST_CASE("no byte after the input is read, and no memory but its own is used") {
    for (const nlohmann::json& row : corpus::rows("http.jsonl")) {
        if (corpus::is_large(row)) continue;
        const std::string input = corpus::bytes(row, "input");
        ROW(row.at("name").get<std::string>());
        const size_t step = corpus::few_cuts() ? 16 : 1;
        for (size_t size = 0; size <= input.size(); size += step) {
            const support::GuardedBytes front(std::string_view(input).substr(0, size));
            const support::GuardedBytes back(std::string_view(input).substr(size));
            bool over = false;
            {
                const support::HeapTrap trap;
                ResponseParser parser;
                for (const support::GuardedBytes* bytes : {&front, &back}) {
                    const char* at = bytes->begin();
                    ParseEvent part = ParseEvent::body;
                    for (size_t left = input.size() + 8; left != 0 && part != ParseEvent::need_more; --left)
                    {
                        part = parser.next(at, bytes->end());
                        at = parser.at();
                    }
                }
                const ParseEvent part = parser.finish();
                over = part == ParseEvent::end || part == ParseEvent::failed;
            }
            CHECK(over);
        }
    }
}

TEST_CASE("an answer that is cut off") {
    check_failures({
        {"nothing came", "", Error::no_response},
        {"one byte came", "H", Error::truncated},
        {"only a 1xx answer came", "HTTP/1.1 100 Continue\r\n\r\n", Error::truncated},
        {"the end of a 1xx answer and a byte", "HTTP/1.1 103 Hints\r\n\r\nH", Error::truncated},
        {"the end inside a name", ok + "Na", Error::truncated},
        {"the end after a name", ok + "Name:", Error::truncated},
        {"the end inside the body", ok + "Content-Length: 2\r\n\r\nx", Error::truncated},
        {"the end before the body", ok + "Content-Length: 2\r\n\r\n", Error::truncated},
        {"the end before the first chunk", chunked, Error::truncated},
        {"the end before the last chunk", chunked + "1\r\nx\r\n", Error::truncated},
        {"the end inside the trailer", chunked + "0\r\nName: a\r\n", Error::truncated},
    });
}

TEST_CASE("a limit lets through what it says, and not one byte more") {
    const std::string end = "\r\nContent-Length: 0\r\n\r\n";
    const size_t room = http::max_head_bytes;
    const std::string name = ok + "Name: ";
    const std::string hint = "HTTP/1.1 103 Hints\r\nA: b\r\n\r\n";
    const std::string line(http::max_chunk_line_bytes - 2, '0');  // its CRLF
    const std::string data = chunked + "1\r\nx";
    struct Row {
        const char* name;
        std::string before, filler, behind;  // the filler is cut to what must pass; one more byte of it must not
        size_t fits;                         // bytes of the filler
        Error error;
    };
    const Row rows[] = {
        {"a value", name, "v", end, room - name.size() - end.size(), Error::head_too_large},
        {"a name", ok, "n", ":" + end, room - ok.size() - 1 - end.size(), Error::head_too_large},
        {"a reason", "HTTP/1.1 200 ", "r", end, room - 13 - end.size(), Error::head_too_large},
        {"blanks before a value", name, " ", end, room - name.size() - end.size(), Error::head_too_large},
        {"1xx answers and the head", repeat(hint, 100) + name, "v", end,
         room - 100 * hint.size() - name.size() - end.size(), Error::head_too_large},
        {"the head and the trailer", chunked + "0\r\nName: ", "v", "\r\n\r\n", room - chunked.size() - 6 - 4,
         Error::head_too_large},
        {"a first chunk's line of zeros", chunked, "0", "1\r\nx\r\n0\r\n\r\n", line.size() - 1, Error::bad_chunk},
        {"an extension of the first chunk", chunked + "1;", "e", "\r\nx\r\n0\r\n\r\n", line.size() - 2,
         Error::bad_chunk},
        {"an extension of another chunk, and the CRLF before it", data + "\r\n1;", "e", "\r\nx\r\n0\r\n\r\n",
         line.size() - 4, Error::bad_chunk},
        {"an extension of the last chunk", data + "\r\n0;", "e", "\r\n\r\n", line.size() - 4, Error::bad_chunk},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Response good = read_every_way(row.before + std::string(row.fits, row.filler[0]) + row.behind, true);
        CHECK_EQ(text(good.error), text(Error::none));
        const Response bad = read_every_way(row.before + std::string(row.fits + 1, row.filler[0]) + row.behind, true);
        CHECK_EQ(text(bad.error), text(row.error));
    }
    ROW("the limit is for one line, not for all of them");
    CHECK(read_every_way(chunked + repeat("1;" + std::string(500, 'e') + "\r\nx\r\n", 9) + "0\r\n\r\n").complete);
}

TEST_CASE("a length may be large, and is refused before it could overflow") {
    struct Row {
        const char* digits;
        bool hexadecimal, valid;
    };
    const Row rows[] = {
        {"4294967296", false, true},             // 2^32
        {"72057594037927936", false, true},      // 2^56
        {"720575940379279359", false, true},     // 2^56 - 1 and a digit
        {"720575940379279360", false, false},    // 2^56 and a digit
        {"18446744073709551615", false, false},  // 2^64 - 1
        {"18446744073709551616", false, false},  // 2^64
        {"184467440737095516160", false, false},
        {"000000000000000000000000000000000000000000000000000000000000000000000000000004294967296", false, true},
        {"100000000", true, true},               // 2^32
        {"fffffffffffffff", true, true},         // 2^60 - 1
        {"FFFFFFFFFFFFFF", true, true},          // 2^56 - 1
        {"1000000000000000", true, false},       // 2^60
        {"ffffffffffffffff", true, false},       // 2^64 - 1
        {"10000000000000000", true, false},      // 2^64
        {"000000000000000000000000000000000000000000000000000000000000000000000100000000", true, true},
    };
    for (const Row& row : rows) {
        ROW(row.digits);
        const std::string digits = row.digits;
        const std::string before = row.hexadecimal ? chunked + "1\r\ny\r\n" : ok + "Content-Length: ";
        const std::string behind = row.hexadecimal ? "\r\n" : "\r\n\r\n";
        const Response got = read_every_way(before + digits + behind + std::string(32, 'x'));
        const Error wrong = row.hexadecimal ? Error::bad_chunk : Error::bad_framing;
        CHECK_EQ(text(got.error), text(row.valid ? Error::truncated : wrong));
        CHECK_EQ(got.body, (row.hexadecimal ? "y" : "") + (row.valid ? std::string(32, 'x') : ""));
    }
}

TEST_CASE("the end of an answer that is over, but was not asked for yet") {
    struct Row {
        const char* name;
        std::string input;
        size_t steps;  // calls of next()
    };
    const Row rows[] = {
        {"no body, the head was delivered", ok + "Content-Length: 0\r\n\r\n", 3},
        {"the last byte of a body was delivered", ok + "Content-Length: 1\r\n\r\nx", 4},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ResponseParser parser;
        const char* at = row.input.data();
        for (size_t step = 0; step < row.steps; ++step) {
            const ParseEvent part = parser.next(at, row.input.data() + row.input.size());
            at = parser.at();
            REQUIRE((part != ParseEvent::end && part != ParseEvent::need_more && part != ParseEvent::failed));
        }
        CHECK(parser.complete());
        CHECK(parser.keep_alive());
        CHECK_EQ(parser.finish(), ParseEvent::end);
        CHECK_EQ(parser.error(), Error::none);
    }
}

TEST_CASE("the status is known as soon as it was read") {
    struct Row {
        const char* name;
        const char* head;
        unsigned status;
    };
    const Row rows[] = {
        {"nothing", "", 0},
        {"not all of it", "HTTP/1.1 40", 0},
        {"three digits, and who knows what follows", "HTTP/1.1 401", 0},
        {"what follows is a blank", "HTTP/1.1 401 ", 401},
        {"what follows is wrong", "HTTP/1.1 401x", 0},
        {"a field that is wrong", "HTTP/1.1 401 No\r\nX Y: 1\r\n", 401},
        {"the least that is no 1xx", "HTTP/1.1 200 OK\r\n", 200},
        {"a 1xx one is no answer", "HTTP/1.1 199 Wait\r\n", 0},
        {"the one after it is", "HTTP/1.1 100 Wait\r\n\r\nHTTP/1.1 299 OK\r\n", 299},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ResponseParser parser = ResponseParser::fresh;
        const char* at = row.head;
        const char* const end = at + std::string_view(row.head).size();
        ParseEvent event = ParseEvent::field_name;
        while (event != ParseEvent::need_more && event != ParseEvent::failed) {
            event = parser.next(at, end);
            at = parser.at();
        }
        CHECK_EQ(parser.status_so_far(), row.status);
        CHECK_EQ(parser.status(), 0);
    }
}

TEST_CASE("without a head all that comes is the body, up to the end of the connection") {
    ResponseParser parser = ResponseParser::fresh;
    parser.expect_body();
    CHECK(parser.head_complete());
    CHECK(parser.is_until_close());
    const char text[] = "HTTP/1.1 no head";
    CHECK(parser.next(text, text + 16) == ParseEvent::body);
    CHECK_EQ(std::string(parser.text()), text);
    CHECK(parser.at() == text + 16);
    CHECK(parser.next(text, text) == ParseEvent::need_more);
    CHECK(parser.is_until_close());
    CHECK(parser.finish() == ParseEvent::end);
    CHECK(parser.is_ended_by_close());
    CHECK_FALSE(parser.keep_alive());
}
