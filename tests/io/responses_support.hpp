#pragma once
// Answers of the Responses API as one line for each event.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

namespace responses {

using namespace conformance;
using openai_stream::Api;
using openai_stream::Quirk;
using openai_stream::Verdict;

// "text@1.0(Hi) of m #4": of output item 1, part 0, whose id is m; event number 4. Further "name=", "id=".
inline std::string told(const Event& event) {
    std::string line = conformance::line(event);
    line.erase(line.find(' '));
    if (event.output_index >= 0) line += "@" + std::to_string(event.output_index);
    if (event.content_index >= 0) line += "." + std::to_string(event.content_index);
    if (event.kind == EventKind::usage) {
        line += printed(usage_value(event.usage));
    } else if (event.text.data()) {
        line += "(" + std::string(event.text) + ")";
    }
    if (event.id.data()) line += " id=" + std::string(event.id);
    if (event.name.data()) line += " name=" + std::string(event.name);
    if (event.item_id.data()) line += " of " + std::string(event.item_id);
    if (event.kind == EventKind::started && event.created != 0) line += " " + std::to_string(event.created);
    if (event.kind == EventKind::finish) line += " reason=" + std::to_string(static_cast<int>(event.finish_reason));
    if ((event.kind == EventKind::annotation || event.kind == EventKind::segment) && event.place.begin >= 0)
        line += " " + std::to_string(event.place.begin) + "-" + std::to_string(event.place.end);
    if (event.sequence_number >= 0) line += " #" + std::to_string(event.sequence_number);
    return line;
}

// What was read of an answer, and a rule for events that was not kept.
struct Story {
    std::vector<std::string> lines;
    std::string broken;
    bool is_early = false;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    Json failure;  // the server's words
    std::string key;
    unsigned unknown = 0;
    uint32_t peak_bytes = 0;
    uint64_t bytes_of_text = 0;

    std::string joined() const {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        return text;
    }

    void take(const Event& event) {
        const bool is_text = event.kind == EventKind::text || event.kind == EventKind::reasoning ||
                             event.kind == EventKind::refusal || event.kind == EventKind::tool_arguments ||
                             event.kind == EventKind::code || event.kind == EventKind::image ||
                             event.kind == EventKind::command || event.kind == EventKind::command_output ||
                             event.kind == EventKind::audio || event.kind == EventKind::transcript ||
                             (event.kind == EventKind::segment && event.text.data()) ||
                             event.kind == EventKind::item_json || event.kind == EventKind::custom_field;
        for (const StringView field : {event.text, event.id, event.name, event.item_id})
            if (!is_utf8(field)) broken = "not UTF-8";
        if (event.choice != 0) broken = "a choice";
        if (event.more && !is_text) broken = "only texts go on";
        if (is_text && !event.text.data()) broken = "a text that is not there";
        const bool is_call = event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments;
        const bool is_field = event.kind == EventKind::custom_field;
        if (!is_field && event.tool_index != (is_call ? event.output_index : -1)) broken = "tool_index is the call's output_index";
        if (is_open_ && (event.kind != last_ || told(event).substr(0, head_.size()) != head_))
            broken = "a text that goes on was interrupted";
        if (event.kind == EventKind::started && has_started_) broken = "started twice";
        has_started_ = has_started_ || event.kind == EventKind::started;
        if (!has_started_ && event.kind != EventKind::other && event.kind != EventKind::keepalive)
            broken = "an event of an answer that has not started";
        if (has_finished_ && event.kind != EventKind::usage) broken = "an event after the end";
        has_finished_ = has_finished_ || event.kind == EventKind::finish;
        is_early = is_early || event.provisional;
        if (is_text) bytes_of_text += event.text.size();
        // Pieces of one string are one line.
        std::string line = told(event);
        if (is_open_ && is_text) {
            const size_t end = lines.back().rfind(tail_);
            lines.back().insert(end, std::string(event.text));
        } else {
            lines.push_back(line);
        }
        const size_t open = line.find('(');
        head_ = line.substr(0, open);
        if (is_text) tail_ = line.substr(open + 1 + event.text.size());
        last_ = event.kind;
        is_open_ = event.more;
    }
    void end(const Exchange& exchange, Poll poll) {
        error = exchange.error();
        verdict = exchange.verdict();
        if (category(error) == openai_stream::ErrorCategory::server) failure = error_value(exchange.failure());
        key = std::string(exchange.failure().param);
        unknown = exchange.quirks().count(Quirk::unknown_event);
        peak_bytes = exchange.stats().peak_buffer_bytes;
        if ((poll == Poll::done) != (error == Error::none)) broken = "done and error() contradict each other";
        if (poll == Poll::pending) broken = "it does not end";
    }

private:
    EventKind last_ = EventKind::started;
    std::string head_, tail_;
    bool is_open_ = false, has_started_ = false, has_finished_ = false;
};

// A body read with this dialect.
inline Story read(openai_stream::Buffer memory, const corpus::Pieces& pieces,
                  const openai_stream::dialect::ResponseDialect* dialect = nullptr,
                  const char* content_type = "text/event-stream") {
    Story story;
    Exchange exchange(memory);
    const Api body = dialect ? Api(*dialect) : Api::responses;
    if (exchange.begin_body(body, 200, content_type) != Error::none) story.broken = "begin_body";
    story.end(exchange, feed(exchange, pieces, [&](const Event& event) { story.take(event); }));
    if (!exchange.is_open() && exchange.error() == Error::none) story.end(exchange, Poll::done);
    return story;
}
inline Story read(size_t buffer_bytes, const std::string& body, size_t step = SIZE_MAX) {
    support::GuardedBuffer memory(buffer_bytes);
    return read({memory.data(), memory.size()}, in_steps(body, std::min(step, std::max<size_t>(body.size(), 1))));
}

// The data of one server-sent event, with its type in front if there is one.
inline std::string as_event(const std::string& data, const std::string& type = "") {
    return (type.empty() ? "" : "event: " + type + "\n") + "data: " + data + "\n\n";
}

// How an answer ends, after its events.
inline std::string ending(const Story& story) {
    std::string text;
    if (story.verdict == Verdict::terminal_event) text += "the end; ";
    if (story.verdict == Verdict::done_marker) text += "done; ";
    if (story.verdict == Verdict::finish_then_eof) text += "complete; ";
    if (story.error == Error::server_error) text += "refused " + printed(story.failure) + "; ";
    else if (story.error != Error::none && story.error != Error::truncated) text += describe(story.error) + std::string("; ");
    if (story.unknown != 0) text += "unknown " + std::to_string(story.unknown) + "; ";
    return text;
}
// Its events, and how it ends; what ends with "; " goes on. (Truncated is what all are that do not end.)
inline std::string whole(const Story& story) {
    CHECK_EQ(story.broken, "");
    std::string text;
    for (const std::string& line : story.lines) text += line + "; ";
    text += ending(story);
    return text.size() > 2 ? text.substr(0, text.size() - 2) : text;
}

}  // namespace responses
