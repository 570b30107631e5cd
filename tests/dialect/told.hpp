#pragma once
// What an answer says, whatever the buffer it is read in and the pieces it comes in: the tests of what servers do that
// is not by the document compare these.
#include "io/conformance_support.hpp"
#include "support/cuts.hpp"
#include "support/guard_page.hpp"

namespace told {

using openai_stream::Api;
using openai_stream::Error;
using openai_stream::Event;
using openai_stream::Exchange;
using openai_stream::StringView;

constexpr size_t buffers[] = {512, 2048, 16384};

inline std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
inline const std::string done = event("[DONE]");
// Single quotes become double ones.
inline std::string quoted(std::string text) {
    for (char& c : text) c = c == '\'' ? '"' : c;
    return text;
}
inline std::string of_choice(const std::string& members) { return event(quoted("{'choices':[{" + members + "}]}")); }

// "0(role=assistant content=Hi finish_reason=stop) usage(7,2,9,-,-) => done": of each choice what is not null.
inline std::string answer(size_t buffer_bytes, const corpus::Pieces& pieces) {
    support::GuardedBuffer memory(buffer_bytes);
    Exchange exchange({memory.data(), memory.size()});
    if (exchange.begin_body(Api::chat, 200, "text/event-stream") != Error::none) return "no beginning";
    conformance::Answer answer;
    conformance::feed(exchange, pieces, [&](const Event& event) { answer.take(event); });
    if (!answer.broken.empty()) return answer.broken;
    const conformance::Json value = answer.chat();
    std::string line;
    for (const conformance::Json& choice : value.at("choices")) {
        line += std::to_string(choice.at("index").get<int>()) + "(";
        std::string inside;
        for (const char* key : {"role", "reasoning", "content", "refusal", "tool_calls", "finish_reason"}) {
            const conformance::Json& member = choice.at(key);
            if (member.is_null() || member.empty()) continue;
            inside += std::string(inside.empty() ? "" : " ") + key + "=";
            if (member.is_string()) inside += member.get<std::string>();
            else
                for (const conformance::Json& call : member)
                    inside += "[" + call.value("id", conformance::Json()).dump() + call.at("name").dump() +
                              call.at("arguments").dump() + "]";
        }
        line += inside + ") ";
    }
    const conformance::Json& usage = value.at("usage");
    if (!usage.is_null()) {
        line += "usage(";
        const char* between = "";
        for (const char* key :
             {"prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"}) {
            line += between + (usage.at(key).is_null() ? std::string("-") : usage.at(key).dump());
            between = ",";
        }
        line += ") ";
    }
    if (exchange.error() == Error::none) return line + "=> done";
    const openai_stream::Failure failure = exchange.failure();
    if (exchange.error() != Error::server_error) return line + "=> " + describe(exchange.error());
    return line + "=> refused " + std::string(failure.code) + ": " + std::string(failure.message);
}

// Whole, byte by byte and in cuts, in each buffer: the same. Calls wrong(what) for the first that is not.
template <class F> void in_every_way(const std::string& body, const std::string& expected, F wrong) {
    for (const size_t bytes : buffers) {
        bool is_wrong = false;
        corpus::for_each_cut(body, body.size() > 1500, [&](const corpus::Pieces& pieces) {
            if (is_wrong) return;
            const std::string found = answer(bytes, pieces);
            if (found == expected) return;
            is_wrong = true;
            wrong("in " + std::to_string(bytes) + " bytes, " + corpus::describe(pieces) + ": " + found);
        });
    }
}
inline std::string first_difference(const std::string& body, const std::string& expected) {
    std::string first;
    in_every_way(body, expected, [&](const std::string& what) {
        if (first.empty()) first = what;
    });
    return first;
}

}  // namespace told
