#pragma once
// What a Collector makes of an answer of the Responses API, and the words of such answers.
#include "io/collected.hpp"
#include "io/responses_support.hpp"

namespace responses {

using openai_stream::Buffer;
using openai_stream::Collector;
using openai_stream::MessagePart;

// What a Collector makes of an answer: "text|reasoning|call(id,name,arguments)..." with "?" before a call that cannot
// be run, and how it ended.
struct Collected {
    std::string shown, broken;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
};
inline Collected collected(const std::string& body, size_t buffer_bytes, size_t step = SIZE_MAX) {
    support::GuardedBuffer memory(buffer_bytes);
    static std::vector<char> room(256 * 1024);
    Collector message(Buffer(room.data(), room.size()));
    Exchange exchange(Buffer(memory.data(), memory.size()));
    Story story;
    Collected result;
    if (exchange.begin_body(Api::responses, 200, "text/event-stream") != Error::none) result.broken = "begin_body";
    const Poll poll = feed(exchange, in_steps(body, std::min(step, std::max<size_t>(body.size(), 1))),
                           [&](const Event& event) {
                               story.take(event);
                               message.add(event);
                           });
    story.end(exchange, poll);
    message.end(exchange.verdict());
    result.error = exchange.error();
    result.verdict = exchange.verdict();
    if (result.broken.empty()) result.broken = story.broken;
    result.shown = std::string(message.text()) + "|" + std::string(message.reasoning()) + "|";
    for (const MessagePart& call : message.tool_calls())
        result.shown += (call.can_run() ? "call(" : "?call(") + std::string(call.id) + "," + std::string(call.name) +
                        "," + std::string(call.text) + ")";
    return result;
}

inline std::string quoted(const std::string& key, const std::string& value) {
    return "\"" + key + "\":\"" + value + "\",";
}

inline std::string typed(const std::string& type, const std::string& members) {
    return as_event("{\"type\":\"" + type + "\"," + members + "\"x\":1}");
}

const size_t buffers[] = {512, 1024, 2048, 4096, 16 * 1024};

}  // namespace responses
