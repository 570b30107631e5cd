#pragma once
// What the tests of the engine share: what servers say, and what was heard of it.
#include "support/cuts.hpp"
#include "support/header.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace conversation {

// ---- what servers say ----------------------------------------------------------------------------------------------

inline std::string sse(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

inline std::string choice(std::string_view inside) {
    return sse("{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0," + std::string(inside) + "}]}");
}
// json_text: the inside of a JSON string.
inline std::string text(std::string_view json_text) {
    return choice("\"delta\":{\"content\":\"" + std::string(json_text) + "\"}");
}
inline std::string finish(std::string_view reason = "stop") {
    return choice("\"delta\":{},\"finish_reason\":\"" + std::string(reason) + "\"");
}
inline const std::string done = "data: [DONE]\n\n";

// A small answer with everything that belongs to one, and what is to be heard of it.
inline const std::string short_answer = choice("\"delta\":{\"role\":\"assistant\",\"content\":null}") + text("Hello") +
                                        text(", world") + finish() +
                                        sse("{\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
                                            "\"completion_tokens\":2,\"total_tokens\":5}}") +
                                        done;
inline const std::string short_story =
    "started(c1,m1) role(assistant) text(Hello) text(, world) finish(stop) usage(3,2,5)";

constexpr size_t one_chunk = static_cast<size_t>(-1);

// By RFC 9112 section 7.1, each chunk that large.
inline std::string chunked(std::string_view body, size_t chunk_bytes = one_chunk, bool with_last = true) {
    std::string framed;
    for (size_t at = 0; at < body.size(); at += std::min(chunk_bytes, body.size() - at)) {
        const std::string_view chunk = body.substr(at, chunk_bytes);
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
        framed += size;
        framed += chunk;
        framed += "\r\n";
    }
    return with_last ? framed + "0\r\n\r\n" : framed;
}

inline std::string chunked_answer(std::string_view body, size_t chunk_bytes = one_chunk,
                                  std::string_view more_headers = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + std::string(more_headers) +
           "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, chunk_bytes);
}
inline std::string counted_answer(int status, std::string_view type, std::string_view body,
                                  std::string_view more_headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " Some Reason\r\nContent-Type: " + std::string(type) + "\r\n" +
           std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

// ---- what was heard ------------------------------------------------------------------------------------------------

// How often a part occurs in a text.
inline size_t count_of(std::string_view text, std::string_view part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// By the Unicode Standard, table 3-7; not the library's own code.
inline bool is_utf8(std::string_view bytes) {
    for (size_t at = 0; at < bytes.size();) {
        const auto byte = [&](size_t index) { return at + index < bytes.size() ? bytes[at + index] & 0xFF : 0; };
        const auto tails = [&](size_t from, size_t to) {
            for (size_t index = from; index <= to; ++index)
                if ((byte(index) & 0xC0) != 0x80) return false;
            return true;
        };
        const int lead = byte(0), second = byte(1);
        if (lead < 0x80) at += 1;
        else if (lead >= 0xC2 && lead <= 0xDF && tails(1, 1)) at += 2;
        else if (lead >= 0xE0 && lead <= 0xEF && tails(1, 2) && !(lead == 0xE0 && second < 0xA0) &&
                 !(lead == 0xED && second > 0x9F)) at += 3;
        else if (lead >= 0xF0 && lead <= 0xF4 && tails(1, 3) && !(lead == 0xF0 && second < 0x90) &&
                 !(lead == 0xF4 && second > 0x8F)) at += 4;
        else return false;
    }
    return true;
}

inline std::string shown(openai_stream::StringView view) { return view.data() ? std::string(view) : "-"; }

// Everything that was delivered, in order.
struct Heard {
    std::string story;      // "started(c1,m1) text(Hello) finish(stop)": pieces of one string are joined
    std::string text, reasoning, refusal, arguments;  // of all choices and calls
    size_t events = 0, pieces = 0, early = 0, keepalives = 0;
    size_t ill_formed = 0;  // texts that are not UTF-8
    size_t torn = 0;        // pieces that said "more" and were followed by something else
    size_t largest_piece = 0;
    bool keeps_story = true;

    void add(const openai_stream::Event& event) {
        using openai_stream::EventKind;
        ++events;
        early += event.provisional;
        const std::string bytes(event.text);
        if (!is_utf8(bytes)) ++ill_formed;
        std::string name, inside;
        switch (event.kind) {
            case EventKind::started: name = "started", inside = shown(event.id) + "," + shown(event.name); break;
            case EventKind::role: name = "role", inside = shown(event.name); break;
            case EventKind::text: name = "text", text += bytes; break;
            case EventKind::reasoning: name = "reasoning", reasoning += bytes; break;
            case EventKind::refusal: name = "refusal", refusal += bytes; break;
            case EventKind::tool_call:
                name = "tool_call", inside = shown(event.id) + "," + shown(event.name) + "," + shown(event.text);
                break;
            case EventKind::tool_arguments: name = "arguments", arguments += bytes; break;
            case EventKind::finish: name = "finish", inside = shown(event.name); break;
            case EventKind::usage:
                name = "usage";
                inside = std::to_string(event.usage.prompt_tokens) + "," +
                         std::to_string(event.usage.completion_tokens) + "," + std::to_string(event.usage.total_tokens);
                break;
            case EventKind::keepalive: name = "keepalive", ++keepalives; break;
            default: break;  // nobody watches for them
        }
        if (event.choice != 0) name += "#" + std::to_string(event.choice);
        if (event.tool_index != -1) name += "@" + std::to_string(event.tool_index);
        const bool goes_on = !open_.empty();
        if (goes_on && open_ != name) ++torn, open_.clear();
        const bool is_text = event.kind == EventKind::text || event.kind == EventKind::reasoning ||
                             event.kind == EventKind::refusal || event.kind == EventKind::tool_arguments;
        if (is_text) {
            ++pieces;
            largest_piece = std::max(largest_piece, bytes.size());
            inside = bytes;
        } else if (event.more) {
            ++torn;
        }
        if (keeps_story) {
            if (!goes_on || !is_text) story += (story.empty() ? "" : " ") + name + (name == "keepalive" ? "" : "(");
            story += inside;
            if (!event.more && name != "keepalive") story += ")";
        }
        open_ = event.more ? name : "";
    }
    void add(const openai_stream::SseEvent& event) {
        ++events;
        if (!keeps_story) return;
        story += (story.empty() ? "" : " ") + std::string(event.type) + "(" + std::string(event.data) + ")";
    }

private:
    std::string open_;  // of the text whose next piece is to come
};

// Polls until there is no event; what poll() said then.
template <class Event = openai_stream::Event, class Giver> openai_stream::Poll hear(Giver& giver, Heard& heard) {
    Event event;
    openai_stream::Poll said;
    while ((said = giver.poll(event)) == openai_stream::Poll::event) heard.add(event);
    return said;
}

// The rest of an answer by next(), as one line.
inline std::string story_of(openai_stream::Stream& stream) {
    Heard heard;
    openai_stream::Event event;
    while (stream.next(event)) heard.add(event);
    return heard.story;
}

// Feeds an exchange that takes bytes, however little room it has, and hears what it says. What poll() said last.
template <class Event = openai_stream::Event>
openai_stream::Poll feed(openai_stream::Exchange& exchange, std::string_view bytes, Heard& heard) {
    openai_stream::Poll said = hear<Event>(exchange, heard);
    while (!bytes.empty() && said == openai_stream::Poll::pending) {
        const openai_stream::Buffer room = exchange.incoming();
        const size_t count = std::min(room.size, bytes.size());
        if (count == 0) break;
        std::memcpy(room.data, bytes.data(), count);
        exchange.received(count);
        bytes.remove_prefix(count);
        said = hear<Event>(exchange, heard);
    }
    return said;
}

// The three ways to say that an answer is complete agree.
template <class Giver> bool is_consistent(const Giver& giver, openai_stream::Poll said) {
    const bool is_over = said == openai_stream::Poll::done;
    if (said == openai_stream::Poll::pending || said == openai_stream::Poll::event)
        return giver.error() == openai_stream::Error::none && giver.verdict() == openai_stream::Verdict::still_open;
    return is_over == (giver.error() == openai_stream::Error::none) &&
           is_over == openai_stream::is_done(giver.verdict());
}

// The name of an Error, for messages and tables: describe() is the one text there is of it.
inline std::string name(openai_stream::Error error) { return openai_stream::describe(error); }

}  // namespace conversation
