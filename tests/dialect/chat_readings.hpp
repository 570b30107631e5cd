#pragma once
// What is read of a chat_cases::Case: by a DocumentReader to which it is shown at once, and by an Exchange.
#include "dialect/chat_cases.hpp"
#include "support/guard_page.hpp"

namespace chat_cases {

namespace dialect = openai_stream::dialect;
using openai_stream::Api;

struct Reading {
    Json value;  // as in the corpus
    uint32_t retry_after_ms = 0;
    Error error = Error::none;
    std::string key;  // of event_too_large
    std::string broken;
};

inline Json outcome_value(Error error, const Answer& answer, const Json& failure, bool is_error_body) {
    if (error == Error::bad_json || error == Error::json_too_deep) return {{"valid", false}};
    return is_error_body ? Json{{"valid", true}, {"error", failure}} : answer.chat(failure);
}

inline Reading conclude(dialect::DocumentReader& reader, Answer& answer, dialect::Outcome last, bool is_error_body) {
    Event event;
    while (reader.flush(event)) answer.take(event);
    Reading reading;
    reading.retry_after_ms = reader.retry_after_ms();
    Json failure;
    if (last == dialect::Outcome::failed) reading.error = reader.error();
    if (last == dialect::Outcome::refused) {
        failure = error_value(reader.value(dialect::value_error_message), reader.value(dialect::value_error_type),
                              reader.value(dialect::value_error_code), reader.value(dialect::value_error_param));
    }
    reading.value = outcome_value(reading.error, answer, failure, is_error_body);
    reading.broken = answer.broken;
    return reading;
}

inline dialect::ContextId root_of(const Case& one) {
    return one.is_error_body ? dialect::error_root : dialect::chat_root;
}

inline Reading read_whole(const Case& one, const dialect::Dialect& tables = dialect::chat) {
    support::GuardedBuffer memory(one.text.size());
    if (!one.text.empty()) std::memcpy(memory.data(), one.text.data(), one.text.size());
    dialect::DocumentReader reader;
    Answer answer;
    Event event;
    reader.begin(tables, root_of(one), memory.data(), memory.data() + memory.size(), true);
    dialect::Outcome outcome = dialect::next_of_chat(reader, event, dialect::chat, {});
    for (; outcome == dialect::Outcome::event; outcome = dialect::next_of_chat(reader, event, dialect::chat, {})) answer.take(event);
    Reading reading = conclude(reader, answer, outcome, one.is_error_body);
    if (answer.is_early) reading.broken = "early, though the event was there as a whole";
    return reading;
}

// The text as the data of one server-sent event; it may have line ends.
inline std::string as_event(const std::string& text, const std::string& type = "") {
    std::string event = type.empty() ? "" : "event: " + type + "\n";
    event += "data: ";
    for (size_t at = 0; at != text.size(); ++at) {
        if (text[at] == '\r' && at + 1 != text.size() && text[at + 1] == '\n') continue;
        event += text[at] == '\n' || text[at] == '\r' ? "\ndata: " : std::string(1, text[at]);
    }
    return event + "\n\n";
}

// What is left to an Exchange, besides the value: the error it ends with.
inline Error error_of(const Case& one, const Json& value) {
    if (one.is_error_body) return Error::http_status;
    if (value.at("valid") == false) return one.text.size() > 10000 ? Error::json_too_deep : Error::bad_json;
    if (!value.at("error").is_null()) return Error::server_error;
    return one.is_finished ? Error::none : Error::truncated;
}

inline Reading read_through_exchange(const Case& one, openai_stream::Buffer memory, const corpus::Pieces& pieces) {
    Exchange exchange(memory);
    Reading reading;
    const Error error = one.is_error_body ? exchange.begin_body(Api::chat, 400, "application/json")
                                          : exchange.begin_body(Api::chat, 200, "text/event-stream");
    if (error != Error::none) reading.broken = describe(error);
    Answer answer;
    const Poll poll = feed(exchange, pieces, [&](const Event& event) { answer.take(event); });
    reading.error = exchange.error();
    reading.broken += answer.broken;
    if ((poll == Poll::done) != (reading.error == Error::none))
        reading.broken = "done and error() contradict each other";
    if (poll == Poll::pending) reading.broken = "it does not end";
    if (one.is_error_body && answer.events != 0) reading.broken = "events from the body of a refusal";
    const Failure failure = exchange.failure();
    Json words = category(reading.error) == openai_stream::ErrorCategory::server ? error_value(failure) : Json();
    if (one.is_error_body && words == error_value({}, {}, {}, {}))
        words = "nothing";  // no error, or none that says something
    reading.value = outcome_value(reading.error, answer, words, one.is_error_body);
    reading.key = std::string(failure.param);
    return reading;
}

inline bool is_wanted(const Case& one, Json value) {
    for (const Json& expected : one.expected) {
        if (value.is_object() && value.value("error", Json()) == "nothing") {
            if (expected.value("error", Json()).is_null() || expected.at("error") == error_value({}, {}, {}, {}))
                return true;
            continue;
        }
        if (matches(expected, value)) return true;
    }
    return false;
}

}  // namespace chat_cases
