// Where a body ends, and whether the connection can be used again.
#include "http/response_reading.hpp"

using namespace reading;

TEST_CASE("a framing that is not by RFC 9112 section 6") {
    check_failures({
        {"no length", ok + "Content-Length:\r\n\r\n", Error::bad_framing},
        {"a length of blanks", ok + "Content-Length: \t \r\n\r\n", Error::bad_framing},
        {"a length of a comma", ok + "Content-Length: ,\r\n\r\n", Error::bad_framing},
        {"a length that is a word", ok + "Content-Length: chunked\r\n\r\n", Error::bad_framing},
        {"a length with a letter after", ok + "Content-Length: 1x\r\n\r\n", Error::bad_framing},
        {"two lengths in one field", ok + "Content-Length: 1 1\r\n\r\n", Error::bad_framing},
        {"two lengths in two fields", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", Error::bad_framing},
        {"a coding we do not know", ok + "Transfer-Encoding: gzip\r\n\r\n", Error::bad_framing},
        {"no coding", ok + "Transfer-Encoding:\r\n\r\n", Error::bad_framing},
        {"an empty list of codings", ok + "Transfer-Encoding: , ,\r\n\r\n", Error::bad_framing},
        {"a word for Connection as coding", ok + "Transfer-Encoding: close\r\n\r\n", Error::bad_framing},
        {"chunked and more", ok + "Transfer-Encoding: chunked gzip\r\n\r\n", Error::bad_framing},
        {"the beginning of chunked", ok + "Transfer-Encoding: chunke\r\n\r\n", Error::bad_framing},
        {"digits as coding", ok + "Transfer-Encoding: 5\r\n\r\n", Error::bad_framing},
        {"chunked twice in two fields",
         ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", Error::bad_framing},
        {"chunked and a length", ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", Error::bad_framing},
        {"chunked and a length in an answer that is no refusal",
         "HTTP/1.1 299 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", Error::bad_framing},
        {"chunked and a length in HTTP/1.0",
         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", Error::bad_framing},
        {"chunked twice in one field", ok + "Transfer-Encoding: chunked, chunked\r\n\r\n", Error::bad_framing},
        {"a list of one length", ok + "Content-Length: 2,\r\n\r\nhi", Error::bad_framing},
        {"a list of one length, the comma first", ok + "Content-Length: ,2\r\n\r\nhi", Error::bad_framing},
        {"a list of one length, a blank before the comma", ok + "Content-Length: 2 ,\r\n\r\nhi", Error::bad_framing},
        {"a list of equal lengths", ok + "Content-Length: 2, 2\r\n\r\nhi", Error::bad_framing},
    });
}

TEST_CASE("whether the connection can be used again") {
    const std::string length = "Content-Length: 0\r\n";
    struct Row {
        const char* name;
        std::string input;
        bool keep_alive;
    };
    const Row rows[] = {
        {"HTTP/1.1", ok + length + "\r\n", true},
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\n" + length + "\r\n", false},
        {"HTTP/1.0 that keeps alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + length + "\r\n", true},
        {"HTTP/1.0 that keeps alive and closes",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n" + length + "\r\n", false},
        {"a higher minor version", "HTTP/1.9 200 OK\r\n" + length + "\r\n", true},
        {"HTTP/1.0 after an HTTP/1.1 hint",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n" + length + "\r\n", false},
        {"HTTP/1.1 after an HTTP/1.0 hint", "HTTP/1.0 100 Continue\r\n\r\n" + ok + length + "\r\n", true},
        {"close", ok + "Connection: close\r\n" + length + "\r\n", false},
        {"close, after blanks and an empty element", ok + "Connection: , \t, close\r\n" + length + "\r\n", false},
        {"close in a second field", ok + "Connection: foo\r\nConnection: CLOSE\r\n" + length + "\r\n", false},
        {"close, then keep-alive", ok + "Connection: close\r\nConnection: keep-alive\r\n" + length + "\r\n", false},
        {"words that only begin like close",
         ok + "Connection: clos, closes, close-, -close\r\n" + length + "\r\n", true},
        {"a word longer than any", ok + "Connection: " + std::string(40, 'c') + "\r\n" + length + "\r\n", true},
        {"chunked is no word for Connection", ok + "Connection: chunked\r\n" + length + "\r\n", true},
        {"digits are no word for Connection", ok + "Connection: 5\r\n" + length + "\r\n", true},
        {"an empty Connection", ok + "Connection:\r\n" + length + "\r\n", true},
        {"close as another field's value", ok + "X: close\r\n" + length + "\r\n", true},
        {"close as a field's name", ok + "close: x\r\n" + length + "\r\n", true},
        {"close in a hint", "HTTP/1.1 103 Hints\r\nConnection: close\r\n\r\n" + ok + length + "\r\n", true},
        {"close in a trailer", chunked + "0\r\nConnection: close\r\n\r\n", true},
        {"keep-alive in a trailer of a closing answer",
         ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: keep-alive\r\n\r\n", false},
        {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", false},
        {"chunked in HTTP/1.0 that keeps alive",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
        {"a refusal with both lengths",
         "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nhi", false},
        {"the lowest status that is no success, with both lengths",
         "HTTP/1.1 300 Choose\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nhi", false},
        {"a refusal with both lengths that keeps alive",
         "HTTP/1.1 503 Busy\r\nConnection: keep-alive\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
         false},
        {"no framing", ok + "Connection: keep-alive\r\n\r\n", false},
        {"no framing but a coding that changes nothing", ok + "Content-Encoding: identity\r\n\r\nhi", false},
        {"204", "HTTP/1.1 204 No Content\r\n\r\n", true},
        {"204 that closes", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", false},
        {"chunked", chunked + "1\r\nx\r\n0\r\n\r\n", true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Response got = read_every_way(row.input);
        CHECK(got.complete);
        CHECK_EQ(got.keep_alive, row.keep_alive);
        CHECK_EQ(got.consumed, row.input.size());
    }
}

TEST_CASE("whether a body is compressed") {
    struct Row {
        const char* name;
        std::string fields;
        bool is_compressed, may_be_compressed;
    };
    const Row rows[] = {
        {"no field", "", false, false},
        {"identity", "Content-Encoding: identity\r\n", false, false},
        {"an empty list", "Content-Encoding: , ,\r\n", false, false},
        {"gzip in any letters", "Content-Encoding: GZip\r\n", true, false},
        {"a list", "Content-Encoding: identity, br\r\n", true, false},
        {"two fields", "Content-Encoding: x\r\nContent-Encoding: zstd\r\n", true, true},
        {"one that nobody knows", "Content-Encoding: utf-8\r\n", false, true},
        {"a word for another field", "Content-Encoding: chunked\r\n", false, true},
        {"longer than any", "Content-Encoding: " + std::string(40, 'g') + "\r\n", false, true},
        {"a coding is none of Connection", "Connection: gzip\r\n", false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string input = ok + "Content-Length: 0\r\n" + row.fields + "\r\n";
        corpus::for_each_cut(input, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            openai_stream::http::ResponseParser parser;
            for (const std::string_view piece : pieces) {
                const char* at = piece.data();
                const char* const end = at + piece.size();
                while (parser.next(at, end) < openai_stream::http::ParseEvent::end && parser.at() != end)
                    at = parser.at();
            }
            CHECK(parser.head_complete());
            CHECK_EQ(parser.is_compressed(), row.is_compressed);
            CHECK_EQ(parser.may_be_compressed(), row.may_be_compressed);
        });
    }
}

TEST_CASE("a body that the end of the connection ends is no reason to keep it") {
    for (const bool is_http_1_0 : {false, true}) {
        openai_stream::http::BodyFraming framing;
        uint64_t length = 0;
        CHECK(framing.decide(200, is_http_1_0, length) == openai_stream::http::BodyLength::close);
        CHECK_EQ(length, UINT64_MAX);
        CHECK_FALSE(framing.keep_alive(is_http_1_0));
    }
}
