// A body as it is, without its framing: sound, for example. What the bytes are changes nothing.
#include "io/exchange_support.hpp"
#include "support/scripted_transport.hpp"

#include <string>
#include <vector>

namespace oai = openai_stream;

using conversation::chunked_answer;
using conversation::counted_answer;
using oai::BodyPiece;
using oai::Error;
using oai::Exchange;
using oai::Poll;
using oai::Verdict;

namespace {

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

// The body, and how it ended. The link is closed at the end, or cut off.
std::string body_of(const corpus::Pieces& pieces, size_t memory_size = 1024, bool is_cut = false) {
    std::vector<char> memory(memory_size);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    REQUIRE(exchange.begin(server, ask) == Error::none);
    for (oai::StringView bytes; !(bytes = exchange.outgoing()).empty();) exchange.sent(bytes.size());
    std::string body;
    const auto on_piece = [&](const BodyPiece& piece) {
        CHECK_FALSE(piece.bytes.empty());
        body += std::string(piece.bytes);
    };
    Poll said = Poll::pending;
    for (const std::string_view piece : pieces)
        if (said == Poll::pending) said = exchange.feed<BodyPiece>(oai::StringView(piece.data(), piece.size()), on_piece);
    if (is_cut) exchange.failed(0);
    if (said == Poll::pending) said = exchange.finish<BodyPiece>(on_piece);
    CHECK_NE(said == Poll::done, said == Poll::failed);
    return body + (said == Poll::done ? "|done" : std::string("|") + oai::describe(exchange.error()));
}
std::string body_of(const std::string& answer, size_t memory_size = 1024, bool is_cut = false) {
    return body_of(corpus::Pieces{answer}, memory_size, is_cut);
}

std::string error(Error error) { return std::string("|") + oai::describe(error); }

// Every byte, and what looks like something that is read elsewhere.
std::string bytes() {
    std::string all = "data: {\"choices\":[]}\n\ndata: [DONE]\n\n{\"error\":{}}<html>";
    for (int c = 0; c != 256; ++c) all += static_cast<char>(c);
    return all;
}

}  // namespace

TEST_CASE("every byte comes out as it is, in any framing and any cut") {
    const std::string body = bytes();
    const struct {
        const char* name;
        std::string answer;
    } rows[] = {
        {"with a length", counted_answer(200, "audio/mpeg", body)},
        {"in chunks", chunked_answer(body, 7)},
        {"to the end of the link", "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + body},
        {"whatever its type", counted_answer(200, "text/event-stream", body)},
        {"of an HTTP that comes first", "HTTP/1.1 100 Continue\r\n\r\n" + counted_answer(200, "audio/mpeg", body)},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.answer, true, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(body_of(pieces), body + "|done");
        });
    }
    ROW("none at all");
    CHECK_EQ(body_of(counted_answer(200, "audio/mpeg", "")), "|done");
}

TEST_CASE("1 MB passes through 512 bytes") {
    std::string body;
    for (int number = 0; body.size() < 1000000; ++number) body += std::to_string(number) + '\0';
    CHECK_EQ(body_of(counted_answer(200, "audio/mpeg", body), 512), body + "|done");
    CHECK_EQ(body_of(chunked_answer(body, 4000), 512), body + "|done");
}

TEST_CASE("what ends too early is no whole body") {
    const std::string body = bytes(), counted = counted_answer(200, "audio/mpeg", body), chunked = chunked_answer(body, 50);
    CHECK_EQ(body_of(counted.substr(0, counted.size() - 1)), body.substr(0, body.size() - 1) + error(Error::truncated));
    CHECK_EQ(body_of(chunked.substr(0, chunked.size() - 5)), body + error(Error::truncated));
    CHECK_EQ(body_of("HTTP/1.1 200 OK\r\n\r\n" + body, 1024, true), body + error(Error::truncated));
    CHECK_EQ(body_of("HTTP/1.1 200 OK\r\n"), error(Error::truncated));
    CHECK_EQ(body_of(""), error(Error::no_response));
    CHECK_EQ(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc"), "ab" + error(Error::bad_chunk));
    CHECK_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nabc"), error(Error::content_encoding));
}

TEST_CASE("a refusal is read as one, and so are its words") {
    for (const size_t cut : {size_t{20}, size_t{100}, size_t{4000}}) {
        const std::string answer =
            counted_answer(400, "application/json", R"({"error":{"message":"no such voice","param":"voice"}})");
        std::vector<char> memory(1024);
        Exchange exchange(oai::Buffer(memory.data(), memory.size()));
        REQUIRE(exchange.begin(server, ask) == Error::none);
        for (oai::StringView out; !(out = exchange.outgoing()).empty();) exchange.sent(out.size());
        const auto none = [](const BodyPiece&) { FAIL("a refusal has no pieces"); };
        const oai::StringView all = answer;
        Poll said = exchange.feed<BodyPiece>(all.take(cut), none);
        if (said == Poll::pending) said = exchange.feed<BodyPiece>(all.drop(cut), none);
        CHECK(said == Poll::failed);
        CHECK(exchange.error() == Error::http_status);
        CHECK_EQ(exchange.failure().http_status, 400);
        CHECK_EQ(std::string(exchange.failure().message), "no such voice");
    }
}

TEST_CASE("pieces and events are not mixed in one answer") {
    std::vector<char> memory(1024);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    BodyPiece piece;
    oai::Event event;
    oai::SseEvent raw;
    REQUIRE(exchange.begin(server, ask) == Error::none);
    CHECK(exchange.poll(piece) == Poll::pending);
    CHECK(exchange.poll(raw) == Poll::failed);
    CHECK(exchange.error() == Error::mode_fixed);
    REQUIRE(exchange.begin(server, ask) == Error::none);
    CHECK(exchange.poll(event) == Poll::pending);
    CHECK(exchange.poll(piece) == Poll::failed);
    CHECK(exchange.error() == Error::mode_fixed);
}

TEST_CASE("a Stream gives them, and its connection carries the next request") {
    support::ScriptedTransport link;
    std::vector<char> memory(1024);
    oai::Stream stream(link.transport(), oai::Buffer(memory.data(), memory.size()));
    std::string heard;
    const std::string answer = chunked_answer(bytes(), 100);
    link.answer(answer).pull_says(oai::IoResult::would_block()).answer(answer);
    for (int round = 0; round != 2; ++round) {
        REQUIRE(stream.open(server, ask) == Error::none);
        BodyPiece piece;
        while (stream.next(piece)) heard += std::string(piece.bytes);
        CHECK(stream.error() == Error::none);
    }
    CHECK_EQ(heard, bytes() + bytes());
    CHECK_EQ(link.calls(support::ScriptedTransport::Call::dial), 1);
}
