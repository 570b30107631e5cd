#pragma once
// What the tests of the Collector share: events that outlive their stream, and a message as one line.
#include "io/conversation.hpp"

#include <doctest/doctest.h>

namespace collected_tests {

namespace oai = openai_stream;

inline std::string shown(const oai::MessagePart& part) {
    const bool is_call = part.kind == oai::EventKind::tool_call;
    std::string line = is_call                                ? "call"
                       : part.kind == oai::EventKind::text    ? "text"
                       : part.kind == oai::EventKind::refusal ? "refusal"
                       : part.is_summary                      ? "summary"
                                                              : "reasoning";
    if (part.choice != 0) line += "#" + std::to_string(part.choice);
    if (part.is_guessed) line += "?";
    if (part.has_invalid_json) line += "!";
    if (part.was_repeated) line += "*";
    if (part.has_generated_id) line += "+";
    line += "(";
    if (is_call) line += conversation::shown(part.id) + "," + conversation::shown(part.name) + ",";
    if (is_call && part.type.data() && part.type != oai::StringView("function")) line += std::string(part.type) + ",";
    line += std::string(part.text) + ")";
    return part.is_finished ? line : line + "...";
}
inline std::string shown(const oai::MessageParts& parts) {
    std::string line;
    for (const oai::MessagePart& part : parts) line += (line.empty() ? "" : " ") + shown(part);
    return line;
}

// An event with its texts.
class Kept {
public:
    explicit Kept(const oai::Event& event)
        : event_(event), texts_{conversation::shown(event.text), conversation::shown(event.id),
                                conversation::shown(event.name), conversation::shown(event.item_id)} {
        is_there_[0] = event.text.data() != nullptr;
        is_there_[1] = event.id.data() != nullptr;
        is_there_[2] = event.name.data() != nullptr;
        is_there_[3] = event.item_id.data() != nullptr;
    }
    oai::Event event() const {
        oai::Event event = event_;
        oai::StringView* const views[] = {&event.text, &event.id, &event.name, &event.item_id};
        for (size_t at = 0; at != 4; ++at)
            *views[at] = is_there_[at] ? oai::StringView(texts_[at].data(), texts_[at].size()) : oai::StringView();
        return event;
    }

private:
    oai::Event event_;
    std::string texts_[4];
    bool is_there_[4];
};

// The events of a body, read `step` bytes at a time.
inline std::vector<Kept> events_of(const std::string& body, size_t step = SIZE_MAX, size_t buffer_bytes = 16 * 1024,
                                   oai::Verdict* verdict = nullptr, oai::Api what = oai::Api::chat) {
    std::vector<char> memory(buffer_bytes);
    oai::Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    REQUIRE(exchange.begin_body(what, 200, "text/event-stream") == oai::Error::none);
    std::vector<Kept> events;
    oai::Event event;
    for (size_t at = 0;;) {
        const oai::Poll said = exchange.poll(event);
        if (said == oai::Poll::event) {
            events.emplace_back(event);
        } else if (said != oai::Poll::pending) {
            break;
        } else if (at == body.size()) {
            exchange.ended();
        } else {
            const oai::Buffer room = exchange.incoming();
            const size_t count = std::min({step, body.size() - at, room.size});
            std::memcpy(room.data, body.data() + at, count);
            exchange.received(count);
            at += count;
        }
    }
    if (verdict) *verdict = exchange.verdict();
    return events;
}

}  // namespace collected_tests
