// Answers recorded from public servers, against what another reader made of them. They are third-party data, read from
// ../shared where it is present.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

#include <set>

using namespace conformance;
using openai_stream::Api;
using openai_stream::Buffer;
using openai_stream::ChatRequest;
using openai_stream::Endpoint;
using openai_stream::SseEvent;
using openai_stream::Verdict;

namespace {

// By the rules of the summaries: texts are joined, of roles, reasons, ids and names the last one that says something
// counts, calls are one when they have one index (without an index a new id begins a new one).
class Summary {
public:
    Json id, model, usage;
    std::map<int32_t, Json> choices;
    std::string broken;
    bool started_early = false;  // with what was known before the choices had ended

    void take(const Event& event) {
        answer_.take(event);
        broken = answer_.broken;
        if (event.kind == EventKind::keepalive) return;
        if (event.kind == EventKind::started) {
            started_early = event.provisional;
            set(id, event.id);
            set(model, event.name);
            return;
        }
        if (event.kind == EventKind::usage) {
            usage = usage_value(event.usage);
            return;
        }
        auto made = choices.find(event.choice);
        if (made == choices.end()) {
            const Json empty = {{"index", event.choice},      {"role", nullptr},      {"content", nullptr},
                                {"refusal", nullptr},         {"reasoning", nullptr}, {"finish_reason", nullptr},
                                {"tool_calls", Json::array()}};
            made = choices.emplace(event.choice, empty).first;
        }
        Json& choice = made->second;
        switch (event.kind) {
            case EventKind::role: set(choice["role"], event.name); break;
            case EventKind::text: append(choice["content"], event.text); break;
            case EventKind::reasoning: append(choice["reasoning"], event.text); break;
            case EventKind::refusal: append(choice["refusal"], event.text); break;
            case EventKind::finish: set(choice["finish_reason"], event.name); break;
            case EventKind::tool_call: {
                Json& call = call_of(choice["tool_calls"], event, !event.id.empty());
                set(call["id"], event.id);
                set(call["name"], event.name);
                break;
            }
            case EventKind::tool_arguments:
                append(call_of(choice["tool_calls"], event, false)["arguments"], event.text);
                break;
            default: break;
        }
    }

    Json value(const Json& error, bool done) const {
        Json all = Json::array();
        for (const auto& choice : choices) all.push_back(choice.second);
        return {{"id", id}, {"model", model}, {"choices", all}, {"usage", usage}, {"error", error}, {"done", done}};
    }

private:
    static void append(Json& text, StringView piece) {
        if (text.is_null()) text = "";
        text.get_ref<std::string&>() += std::string(piece);
    }
    static void set(Json& text, StringView said) {
        if (!said.empty()) text = std::string(said);
    }
    static Json& call_of(Json& calls, const Event& event, bool has_id) {
        const Json index = said(int64_t{event.tool_index});
        for (size_t at = calls.size(); at-- != 0;) {
            Json& call = calls[at];
            if (index.is_null() ? at + 1 == calls.size() && (!has_id || call.at("id") == std::string(event.id))
                                : call.at("index") == index)
                return call;
        }
        calls.push_back({{"index", index}, {"id", nullptr}, {"name", nullptr}, {"arguments", ""}});
        return calls.back();
    }

    Answer answer_;
};

// The same by the Collector. It numbers the calls by their order and has nothing to say of the server's own numbers.
class Collected {
public:
    std::string broken;
    bool started_early = false;

    void take(const Event& event) {
        if (event.kind == EventKind::started) started_early = event.provisional;
        if (message_.add(event) != Error::none) broken = describe(message_.error());
        finished_ += message_.just_finished().size();
    }
    Json value(const Json& error, bool done) {
        message_.end(done ? Verdict::done_marker : Verdict::truncated);
        finished_ += message_.just_finished().size();
        std::map<int32_t, Json> choices;
        size_t parts = 0;
        for (size_t at = 0; at != message_.choice_count(); ++at) {
            const int32_t number = message_.choice_at(at);
            Json calls = Json::array();
            for (const openai_stream::MessagePart& call : message_.tool_calls(number))
                calls.push_back({{"id", said(call.id)}, {"name", said(call.name)}, {"arguments", said(call.text)}});
            choices[number] = {{"index", number},
                               {"role", said(message_.role(number))},
                               {"content", said(message_.text(number))},
                               {"refusal", said(message_.refusal(number))},
                               {"reasoning", said(message_.reasoning(number))},
                               {"finish_reason", said(message_.finish_reason_text(number))},
                               {"tool_calls", calls}};
        }
        for (const openai_stream::MessagePart& part : message_.parts()) {
            ++parts;
            if (part.is_guessed || part.has_invalid_json || part.was_repeated || part.has_generated_id)
                broken = "a call is not certain: " + printed(said(part.id));
            if (done && !part.is_finished) broken = "a part was never finished";
        }
        if (done && finished_ != parts) broken = "parts were finished more than once";
        Json all = Json::array();
        for (const auto& choice : choices) all.push_back(choice.second);
        const Usage& usage = message_.usage();
        const Json counted = usage_value(usage);
        return {{"id", said(message_.id())},
                {"model", said(message_.model())},
                {"choices", all},
                {"usage", counted == usage_value(Usage()) ? Json() : counted},
                {"error", error},
                {"done", done}};
    }

private:
    char memory_[64 * 1024];
    openai_stream::Collector message_{openai_stream::Buffer(memory_)};
    size_t finished_ = 0;
};

// The same part of a summary file.
Json wanted_value(const Json& summary) {
    Json value;
    for (const char* key : {"id", "model", "choices", "usage", "error", "done"}) value[key] = summary.at(key);
    return value;
}

struct Way {
    size_t buffer_bytes, step;
};

std::vector<Way> all_ways() {
    std::vector<Way> ways;
    for (const size_t buffer : {size_t{16 * 1024}, size_t{2048}, size_t{512}})
        for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, size_t{1000}, SIZE_MAX})
            if (!corpus::few_cuts() || step == 7 || step == SIZE_MAX) ways.push_back({buffer, step});
    return ways;
}

corpus::Pieces cut(const std::string& bytes, size_t step) { return in_steps(bytes, std::min(step, bytes.size())); }

std::string describe(const Way& way) {
    return std::to_string(way.buffer_bytes) + " bytes, reads of " +
           (way.step == SIZE_MAX ? "all" : std::to_string(way.step)) + ": ";
}

// Drains the request; what the server says comes then.
template <class F>
Poll ask(Exchange& exchange, const Endpoint& server, const ChatRequest& request, const corpus::Pieces& answer, F take) {
    if (exchange.begin(server, request) != Error::none) return Poll::failed;
    for (StringView out = exchange.outgoing(); !out.empty(); out = exchange.outgoing()) exchange.sent(out.size());
    return feed(exchange, answer, take);
}

// In 512 bytes the first event is read in parts, and these servers say their id or model after the choices.
const char* const late_ids[] = {"alibaba-chat-tool", "azure-chat-model-router", "snowflake-chat"};

// What was said of an error; its message may be cut where there is no room for it.
bool is_same_error(Json value, Json wanted, size_t buffer_bytes) {
    if (buffer_bytes < 2048 && value.is_object() && value.at("message").is_string() &&
        wanted.at("message").is_string()) {
        const std::string cut = value.at("message"), whole = wanted.at("message");
        if (cut.size() >= 64 && whole.compare(0, cut.size(), cut) == 0) value["message"] = whole;
    }
    return value == wanted;
}

// "" or what is wrong. Reading ends with an error inside the stream, so that nobody looks for an end marker after it.
template <class S>
std::string compare(const std::string& stem, const Way& way, const Exchange& exchange, Poll poll, S& summary,
                    Json wanted) {
    const bool refused = exchange.error() == Error::server_error;
    Json value =
        summary.value(refused ? error_value(exchange.failure()) : Json(), exchange.verdict() == Verdict::done_marker);
    if (!summary.broken.empty()) return summary.broken;
    if (is_same_error(value["error"], wanted["error"], way.buffer_bytes)) value["error"] = wanted["error"];
    if (refused) value["done"] = wanted["done"];
    const bool is_late = std::count(std::begin(late_ids), std::end(late_ids), stem) != 0;
    if (is_late && summary.started_early && way.buffer_bytes == 512)
        for (const char* key : {"id", "model"})
            if (value[key].is_null()) wanted[key] = nullptr;
    if (value != wanted) return describe(exchange.error()) + (": " + printed(value));
    if (refused) return poll == Poll::failed ? "" : "not failed";
    return poll == Poll::done ? "" : describe(exchange.error());
}

}  // namespace

TEST_CASE("recorded chat streams") {
    const auto all = recorded("chat");
    if (!all) return;
    Differences differences("recorded/");
    std::set<std::string> late_seen;
    size_t answers = 0;
    const Endpoint server("http://127.0.0.1:8080/v1");
    const ChatRequest request("model", "question");
    for (const Recorded& one : *all) {
        ROW(one.file);
        const Json& summary = one.summary;
        const Json wanted = wanted_value(summary);

        std::string wrong;
        for (const Way& way : all_ways()) {
            support::GuardedBuffer memory(way.buffer_bytes);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            Summary read;
            Poll poll = Poll::failed;
            if (exchange.begin_body(Api::chat, 200, "text/event-stream") == Error::none)
                poll = feed(exchange, cut(one.bytes, way.step), [&](const Event& event) { read.take(event); });
            const std::string what = compare(one.stem, way, exchange, poll, read, wanted);
            if (wrong.empty() && !what.empty()) wrong = describe(way) + what;
            if (what.empty() && (read.id != wanted["id"] || read.model != wanted["model"])) late_seen.insert(one.stem);
        }
        differences.check("recorded/" + one.file, wrong);

        // Whole HTTP answers with that body.
        const auto http = corpus::shared_files("recorded", (one.stem + ".http").c_str());
        if (!http || http->empty()) continue;
        ++answers;
        const std::string bytes = *corpus::shared_bytes(http->front());
        for (const Way& way : all_ways()) {
            support::GuardedBuffer memory(way.buffer_bytes);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            Summary read;
            const Poll poll =
                ask(exchange, server, request, cut(bytes, way.step), [&](const Event& event) { read.take(event); });
            const std::string what = compare(one.stem, way, exchange, poll, read, wanted);
            if (wrong.empty() && !what.empty()) wrong = "HTTP, " + describe(way) + what;
        }
        CHECK_EQ(wrong, "");

        // Raw: the server-sent events up to the end marker.
        char memory[64 * 1024];
        Exchange exchange(memory);
        REQUIRE(exchange.begin_body(Api::chat, 200, "text/event-stream") == Error::none);
        size_t raw_events = 0, markers = 0;
        const Poll poll = feed<SseEvent>(exchange, in_steps(one.bytes, 1000), [&](const SseEvent& event) {
            ++raw_events;
            if (event.data == StringView("[DONE]"))
                ++markers;
            else if (!Json::accept(std::string(event.data)))
                wrong = std::string(event.data);
        });
        CHECK_EQ(wrong, "");
        CHECK_EQ(raw_events, summary.at("sse_events").get<size_t>());
        CHECK_EQ(raw_events - markers, summary.at("json_events").get<size_t>());
        CHECK_EQ(markers, summary.at("done") == true ? 1 : 0);
        CHECK(poll == Poll::done);
    }
    CHECK((late_seen == std::set<std::string>(std::begin(late_ids), std::end(late_ids))));
    differences.check_all_seen();
    CHECK_EQ(all->size(), 32);
    CHECK_EQ(answers, 3);
}

TEST_CASE("recorded chat streams, collected") {
    const auto all = recorded("chat");
    if (!all) return;
    size_t calls = 0;
    for (const Recorded& one : *all) {
        ROW(one.file);
        Json wanted = wanted_value(one.summary);
        for (Json& choice : wanted["choices"])
            for (Json& call : choice["tool_calls"]) {
                call.erase("index");
                ++calls;
            }
        std::string wrong;
        for (const Way& way : all_ways()) {
            support::GuardedBuffer memory(way.buffer_bytes);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            Collected read;
            Poll poll = Poll::failed;
            if (exchange.begin_body(Api::chat, 200, "text/event-stream") == Error::none)
                poll = feed(exchange, cut(one.bytes, way.step), [&](const Event& event) { read.take(event); });
            const std::string what = compare(one.stem, way, exchange, poll, read, wanted);
            if (wrong.empty() && !what.empty()) wrong = describe(way) + what;
        }
        CHECK_EQ(wrong, "");
    }
    CHECK_EQ(all->size(), 32);
    CHECK_NE(calls, 0);
}

// What a message has of a summary of the Responses API.
Json wanted_of_response(const Json& summary) {
    Json value;
    for (const char* key : {"id", "model", "output_text", "refusal", "reasoning_summary", "reasoning_text", "usage"})
        value[key] = summary.at(key);
    value["tool_calls"] = Json::array();
    for (const Json& call : summary.at("tool_calls"))
        value["tool_calls"].push_back({{"output_index", call.at("output_index")},
                                       {"item_id", call.at("item_id")},
                                       {"call_id", call.at("call_id")},
                                       {"kind", call.at("kind")},
                                       {"name", call.at("name")},
                                       {"arguments", call.at("arguments")}});
    return value;
}
Json value_of_response(openai_stream::Collector& message) {
    std::string summary, raw;
    Json calls = Json::array();
    for (const openai_stream::MessagePart& part : message.parts()) {
        if (part.kind == EventKind::reasoning) (part.is_summary ? summary : raw) += std::string(part.text);
        if (part.kind != EventKind::tool_call) continue;
        calls.push_back({{"output_index", part.output_index},
                         {"item_id", said(part.item_id)},
                         {"call_id", said(part.id)},
                         {"kind", part.type == StringView("custom") ? "custom_tool_call" : "function_call"},
                         {"name", said(part.name)},
                         {"arguments", said(part.text)}});
    }
    const Usage& usage = message.usage();
    return {{"id", said(message.id())},
            {"model", said(message.model())},
            {"output_text", std::string(message.text())},
            {"refusal", std::string(message.refusal())},
            {"reasoning_summary", summary},
            {"reasoning_text", raw},
            {"usage", usage.total_tokens < 0 ? Json() : Json{{"input_tokens", said(usage.prompt_tokens)},
                                                             {"output_tokens", said(usage.completion_tokens)},
                                                             {"total_tokens", said(usage.total_tokens)},
                                                             {"cached_tokens", said(usage.cached_tokens)},
                                                             {"reasoning_tokens", said(usage.reasoning_tokens)}}},
            {"tool_calls", calls}};
}

TEST_CASE("recorded responses, collected") {
    const auto all = recorded("responses");
    if (!all) return;
    for (const Recorded& one : *all) {
        ROW(one.file);
        const Json& summary = one.summary;
        const Json wanted = wanted_of_response(summary);
        std::string wrong;
        for (const Way& way : all_ways()) {
            support::GuardedBuffer memory(way.buffer_bytes);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            static char collected[64 * 1024];
            openai_stream::Collector message{Buffer(collected)};
            size_t finished = 0;
            Poll poll = Poll::failed;
            if (exchange.begin_body(Api::responses, 200, "text/event-stream") == Error::none)
                poll = feed(exchange, cut(one.bytes, way.step), [&](const Event& event) {
                    message.add(event);
                    finished += message.just_finished().size();
                });
            message.end(exchange.verdict());
            finished += message.just_finished().size();
            const Json value = value_of_response(message);
            const bool is_done = summary.at("terminal") != "response.failed";
            if (wrong.empty() && (value != wanted || (poll == Poll::done) != is_done ||
                                  message.is_complete() != is_done || (is_done && finished != message.parts().size())))
                wrong = describe(way) + describe(exchange.error()) + ": " + printed(value);
        }
        CHECK_EQ(wrong, "");
    }
    CHECK_EQ(all->size(), 20);
}

TEST_CASE("recorded refusals") {
    const auto all = recorded("error");
    if (!all) return;
    const Endpoint server("http://127.0.0.1:8080/v1");
    const ChatRequest request("model", "question");
    for (const Recorded& one : *all) {
        ROW(one.file);
        const Json& summary = one.summary;
        const std::string body = summary.at("body");

        std::string wrong;
        for (const Way& way : all_ways()) {
            support::GuardedBuffer memory(way.buffer_bytes);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            size_t events = 0;
            const Poll poll = ask(exchange, server, request, cut(one.bytes, way.step), [&](const Event&) { ++events; });
            const Failure failure = exchange.failure();
            std::string what;
            if (poll != Poll::failed || failure.error != Error::http_status || events != 0)
                what = describe(failure.error);
            else if (failure.http_status != summary.at("status"))
                what = std::to_string(failure.http_status);
            else if (!is_same_error(error_value(failure), summary.at("error"), way.buffer_bytes))
                what = printed(error_value(failure));
            else if (failure.body_prefix.empty() ||
                     body.compare(0, failure.body_prefix.size(), std::string(failure.body_prefix)) != 0)
                what = "body_prefix: " + std::string(failure.body_prefix);
            if (wrong.empty() && !what.empty()) wrong = describe(way) + what;
        }
        CHECK_EQ(wrong, "");
    }
    CHECK_EQ(all->size(), 6);
}
