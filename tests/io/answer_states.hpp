#pragma once
// An answer as it comes over the wire, and what its reader is in the middle of before each of its bytes.
#include "support/header.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace answer_states {

// What the conversation is in the middle of when a call comes.
enum class State : uint8_t {
    dialing,
    sending,
    awaiting_head,
    in_head,
    in_refusal,         // the body of an answer with status 300 and above
    body_begins,        // nothing of it has come
    in_framing,         // in a line that is about chunks
    in_event,
    between_events,
    behind_end_marker,  // the message goes on; another request is about to be sent
    asking,             // whether the kept connection is still there
};
constexpr size_t states = 11;
const char* const state_names[states] = {"dialing",  "sending",        "awaiting the head",     "in the head",
                                         "in a refusal", "body begins", "in framing",           "in an event",
                                         "between events", "after the end marker", "asking a kept connection"};

// An answer as it comes over the wire, and what its reader is in the middle of before each byte.
struct Answer {
    std::string bytes;
    std::vector<State> at;
    size_t head_end = 0, marker_end = std::string::npos;
    bool is_until_close = false;

    static constexpr size_t status_end = sizeof "HTTP/1.1 429 T" - 1;

    explicit Answer(std::string wire) : bytes(std::move(wire)), at(bytes.size() + 1, State::in_head) {
        head_end = bytes.find("\r\n\r\n") + 4;
        std::string head = bytes.substr(0, head_end);
        for (char& c : head) c = openai_stream::ascii::to_lower(c);
        is_refusal_ = bytes[9] >= '3';
        const bool is_chunked = head.find("transfer-encoding: chunked") != head.npos;
        is_until_close = !is_chunked && head.find("content-length:") == head.npos;
        at[0] = State::awaiting_head;
        // A refusal is one as soon as its status has been read.
        for (size_t i = status_end; is_refusal_ && i < head_end; ++i) at[i] = State::in_refusal;
        size_t place = head_end;
        if (!is_chunked) read_body(place, bytes.size());
        while (is_chunked && place < bytes.size()) {
            const size_t line = place, count = std::stoul(bytes.substr(place), nullptr, 16);
            place = bytes.find("\r\n", place) + 2;
            for (size_t i = line; i != place; ++i) at[i] = i == line ? state() : framing();
            read_body(place, place + count);
            place += count;
            for (size_t i = 0; i != 2; ++i) at[place++] = framing();
        }
        at[bytes.size()] = is_refusal_ ? State::in_refusal : is_marker_ ? State::behind_end_marker : state();
        for (size_t i = marker_end; i < bytes.size(); ++i) at[i] = State::behind_end_marker;
        if (!is_refusal_) at[head_end] = State::body_begins;
    }

private:
    State framing() const { return is_refusal_ ? State::in_refusal : State::in_framing; }
    State state() const {
        return is_refusal_ ? State::in_refusal : body_.empty() ? State::body_begins
               : is_between()                                  ? State::between_events
                                                               : State::in_event;
    }
    bool is_between() const {
        const auto ends_in = [&](std::string_view end) {
            return body_.size() >= end.size() && body_.compare(body_.size() - end.size(), end.size(), end) == 0;
        };
        return ends_in("\n\n") || ends_in("\n\r\n") || ends_in("\r\r");
    }
    void read_body(size_t from, size_t to) {
        for (size_t i = from; i != to; ++i) {
            at[i] = state();
            if (at[i] != State::in_event) event_.clear();
            body_ += bytes[i];
            event_ += bytes[i];
            if (!is_marker_ && !is_refusal_ && is_between() && is_end()) {
                is_marker_ = true;
                marker_end = i + 1;
            }
            if (body_.size() > 200) body_.erase(0, 100);
        }
    }
    bool is_end() const {
        for (const char* const end : {"data: [DONE]", "event: response.completed", "event: response.failed",
                                      "event: response.incomplete", "data: {\"type\":\"response.completed\"",
                                      "data: {\"type\":\"response.failed\"", "data: {\"type\":\"response.incomplete\""})
            if (event_.compare(0, std::strlen(end), end) == 0) return true;
        return false;
    }
    std::string body_;   // the last of it
    std::string event_;  // that is being read
    bool is_refusal_ = false, is_marker_ = false;
};

}  // namespace answer_states
