// Answers of the Responses API recorded from public servers and from servers run locally, against what other readers
// made of them (third-party data, read from ../shared where it is present); cut off and damaged ones; events far larger
// than the buffer; the same program on both APIs.
#include "io/responses_support.hpp"

using namespace responses;
using openai_stream::Buffer;
using openai_stream::ChatRequest;
using openai_stream::Endpoint;

namespace {

struct Way {
    size_t buffer_bytes, step;
};
std::vector<Way> all_ways() {
    std::vector<Way> ways;
    for (const size_t buffer : {size_t{64 * 1024}, size_t{2048}, size_t{512}})
        for (const size_t step : {size_t{1}, size_t{7}, size_t{1000}, SIZE_MAX})
            if (!corpus::few_cuts() || step == 7 || step == SIZE_MAX) ways.push_back({buffer, step});
    return ways;
}
std::string describe(const Way& way) {
    return std::to_string(way.buffer_bytes) + " bytes, reads of " +
           (way.step == SIZE_MAX ? "all" : std::to_string(way.step)) + ": ";
}

// By the rules of the summaries: texts are joined in their order, calls are one by their output item.
class Summary {
public:
    std::string broken;
    std::map<std::string, size_t> others;
    unsigned unknown = 0;
    bool is_early = false;

    void take(const Event& event) {
        story_.take(event);
        broken = story_.broken;
        is_early = story_.is_early;
        switch (event.kind) {
            case EventKind::started:
                value_["id"] = said(event.id);
                value_["model"] = said(event.name);
                break;
            case EventKind::text: append("output_text", event.text); break;
            case EventKind::refusal: append("refusal", event.text); break;
            case EventKind::reasoning:
                append(event.name == StringView("summary") ? "reasoning_summary" : "reasoning_text", event.text);
                break;
            case EventKind::tool_call: {
                Json& call = call_of(event);
                call["call_id"] = said(event.id);
                call["name"] = said(event.name);
                call["kind"] = event.text == StringView("function") ? "function_call" : "custom_tool_call";
                break;
            }
            case EventKind::tool_arguments:
                call_of(event)["arguments"].get_ref<std::string&>() += std::string(event.text);
                break;
            case EventKind::finish: value_["finish"] = said(event.name); break;
            case EventKind::usage: value_["usage"] = usage_value(event.usage); break;
            case EventKind::other: ++others[std::string(event.name)]; break;
            default: break;
        }
    }
    void end(const Exchange& exchange, Poll poll) {
        story_.end(exchange, poll);
        unknown = story_.unknown;
        if (!story_.broken.empty()) broken = story_.broken;
        value_["error"] = story_.failure;
        value_["verdict"] = static_cast<int>(story_.verdict);
    }
    const Json& value() const { return value_; }

private:
    void append(const char* key, StringView piece) { value_[key].get_ref<std::string&>() += std::string(piece); }
    Json& call_of(const Event& event) {
        Json& calls = value_["tool_calls"];
        for (Json& call : calls)
            if (call.at("output_index") == event.output_index) return call;
        calls.push_back({{"output_index", event.output_index}, {"item_id", said(event.item_id)}, {"arguments", ""}});
        return calls.back();
    }

    Story story_;
    Json value_ = {{"id", nullptr},         {"model", nullptr},        {"output_text", ""},
                   {"refusal", ""},         {"reasoning_summary", ""}, {"reasoning_text", ""},
                   {"tool_calls", Json::array()}, {"finish", nullptr}, {"usage", nullptr},
                   {"error", nullptr}};
};

// The same of a summary file.
Json wanted_value(const Json& summary) {
    Json value;
    for (const char* key : {"id", "model", "output_text", "refusal", "reasoning_summary", "reasoning_text", "error"})
        value[key] = summary.at(key);
    const Json& usage = summary.at("usage");
    value["usage"] = nullptr;
    if (!usage.is_null())
        value["usage"] = {{"prompt_tokens", usage.at("input_tokens")},
                          {"completion_tokens", usage.at("output_tokens")},
                          {"total_tokens", usage.at("total_tokens")},
                          {"cached_tokens", usage.at("cached_tokens")},
                          {"reasoning_tokens", usage.at("reasoning_tokens")}};
    value["tool_calls"] = Json::array();
    for (const Json& call : summary.at("tool_calls")) {
        CHECK_EQ(call.value("arguments_from_deltas", Json()).is_null() ||
                 call.at("arguments_from_deltas") == call.at("arguments"), true);
        Json one;
        for (const char* key : {"output_index", "item_id", "call_id", "kind", "name", "arguments"})
            one[key] = call.at(key);
        value["tool_calls"].push_back(one);
    }
    const bool is_refused = !value["error"].is_null();
    value["finish"] = is_refused ? Json() : !summary.at("incomplete_reason").is_null() ? summary.at("incomplete_reason")
                                                                                       : summary.at("status");
    value["verdict"] = static_cast<int>(is_refused ? Verdict::failed : Verdict::terminal_event);
    return value;
}

Summary read_summary(const std::string& body, const Way& way) {
    support::GuardedBuffer memory(way.buffer_bytes);
    Exchange exchange(Buffer(memory.data(), memory.size()));
    Summary summary;
    if (exchange.begin_body(BodyOf::responses, 200, "text/event-stream") != Error::none) summary.broken = "begin_body";
    const Poll poll = feed(exchange, in_steps(body, std::min(way.step, body.size())),
                           [&](const Event& event) { summary.take(event); });
    summary.end(exchange, poll);
    return summary;
}

// "" or what is wrong.
std::string compare(const Summary& summary, const Json& wanted) {
    if (!summary.broken.empty()) return summary.broken;
    return summary.value() == wanted ? "" : printed(summary.value());
}

}  // namespace

TEST_CASE("recorded Responses streams") {
    const auto index = corpus::shared_rows("recorded/index.jsonl");
    if (!index) return;
    size_t streams = 0;
    for (const Json& row : *index) {
        const std::string file = row.at("file"), stem = file.substr(0, file.rfind('.'));
        if (row.at("api") != "responses") continue;
        ROW(file);
        ++streams;
        const auto body = corpus::shared_bytes("recorded/" + file);
        const auto text = corpus::shared_bytes("recorded/" + stem + ".summary.json");
        const bool is_there = body && text;
        REQUIRE(is_there);
        const Json summary = Json::parse(*text), wanted = wanted_value(summary);
        CHECK_EQ(summary.at("output_text"), summary.at("output_text_final"));
        std::string wrong;
        for (const Way& way : all_ways()) {
            const Summary read = read_summary(*body, way);
            const std::string what = compare(read, wanted);
            if (wrong.empty() && !what.empty()) wrong = describe(way) + what;
            // Each event that is nothing else is handed out with its name.
            size_t unknown = 0;
            for (const auto& type : summary.at("event_types").items()) {
                const auto* const known = openai_stream::dialect::responses.find(type.key());
                using openai_stream::dialect::Says;
                const bool is_mark = !known || known->says == Says::mark || known->says == Says::whole ||
                                     known->says == Says::part;
                if (!known) unknown += type.value().get<size_t>();
                const auto found = read.others.find(type.key());
                const size_t count = found == read.others.end() ? 0 : found->second;
                if (wrong.empty() && count != (is_mark ? type.value().get<size_t>() : 0))
                    wrong = describe(way) + type.key() + ": " + std::to_string(count);
            }
            if (wrong.empty() && read.unknown != unknown) wrong = describe(way) + "unknown events";
        }
        CHECK_MESSAGE(wrong.empty(), wrong << "\n" << printed(wanted));
    }
    CHECK_EQ(streams, 20);
}
