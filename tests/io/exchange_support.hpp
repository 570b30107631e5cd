#pragma once
// What an answer came to, read by an Exchange in whatever framing and pieces.
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

namespace exchange_support {

namespace oai = openai_stream;

using conversation::chunked;
using conversation::counted_answer;
using conversation::feed;
using conversation::hear;
using conversation::Heard;
using conversation::is_consistent;
using conversation::shown;
using conversation::text;
using oai::Error;
using oai::Exchange;
using oai::Poll;
using oai::Verdict;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

// What a conversation came to.
struct Outcome {
    Heard heard;
    Poll said = Poll::pending;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    std::string type, code, param, message, request_id, content_type, body_prefix;
    int status = 0;
    int64_t retry_after_ms = -1;
    oai::Quirks quirks;
    oai::Stats stats;
    bool consistent = false, reusable = false;
    bool is_framed = true;  // the framing says where the body ends

    void look(const Exchange& exchange) {
        error = exchange.error();
        verdict = exchange.verdict();
        const oai::Failure failure = exchange.failure();
        type = shown(failure.type);
        code = shown(failure.code);
        param = shown(failure.param);
        message = shown(failure.message);
        request_id = shown(failure.request_id);
        content_type = shown(failure.content_type);
        body_prefix = shown(failure.body_prefix);
        status = failure.http_status;
        retry_after_ms = failure.retry_after_ms;
        quirks = exchange.quirks();
        stats = exchange.stats();
        consistent =
            is_consistent(exchange, said) && failure.error == error && failure.category == oai::category(error);
        reusable = exchange.is_reusable();
    }
};

inline void send_all(Exchange& exchange) {
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
}

// Bytes in these pieces, then the end; over HTTP, or the body alone.
template <class Pieces>
inline Outcome outcome_of(oai::Buffer memory, bool http, int status, const Pieces& pieces,
                   const oai::Api& what = oai::Api::chat) {
    Outcome outcome;
    Exchange exchange(memory);
    if (http) {
        exchange.begin(server, ask);
        send_all(exchange);
    } else {
        exchange.begin_body(what, status, "text/event-stream");
    }
    outcome.said = hear(exchange, outcome.heard);
    for (const std::string_view piece : pieces)
        if (outcome.said == Poll::pending) outcome.said = feed(exchange, piece, outcome.heard);
    if (outcome.said == Poll::pending) {
        exchange.ended();
        outcome.said = hear(exchange, outcome.heard);
    }
    // The end is for ever.
    const Error error = exchange.error();
    Heard more;
    if (hear(exchange, more) != outcome.said || exchange.error() != error || more.events != 0)
        outcome.heard.story += " and more";
    exchange.ended();
    exchange.failed(3);
    if (hear(exchange, more) != outcome.said || exchange.error() != error || more.events != 0)
        outcome.heard.story += " and more";
    if (!exchange.outgoing().empty()) outcome.heard.story += " and bytes to be sent";
    outcome.look(exchange);
    return outcome;
}

// As much of it as is safe to print.
inline std::string printable(std::string bytes) {
    const auto is_bad = [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\xFF'; };
    bytes.erase(std::find_if(bytes.begin(), bytes.end(), is_bad), bytes.end());
    while (!bytes.empty() && std::strchr(" \n", bytes.back())) bytes.pop_back();
    return bytes;
}

enum class Way { body, counted, chunks, until_close };
const Way ways[] = {Way::body, Way::counted, Way::chunks, Way::until_close};
const char* const way_names[] = {"body alone", "Content-Length", "chunked", "until close"};

inline std::string on_the_wire(Way way, const std::string& body, const char* type = "text/event-stream") {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n";
    switch (way) {
        case Way::body: return body;
        case Way::counted: return counted_answer(200, type, body);
        case Way::chunks: return head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, 37);
        case Way::until_close: return head + "\r\n" + body;
    }
    return "";
}

// Runs f(outcome) for the answer in each framing and each cut.
template <class F> void in_each_way(const std::string& body, const char* type, F f) {
    support::GuardedBuffer memory(2048);
    for (const Way way : ways) {
        const std::string bytes = on_the_wire(way, body, type);
        size_t nth = 0;
        corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
            if (way != Way::body && way != Way::chunks && nth++ % 7 != 0) return;  // the framings do not differ much
            INFO(std::string(way_names[static_cast<int>(way)]), ", ", corpus::describe(pieces));
            Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), way != Way::body, 200, pieces);
            outcome.is_framed = way == Way::counted || way == Way::chunks;
            f(outcome);
        });
    }
}

}  // namespace exchange_support
