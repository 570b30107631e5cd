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
    if (exchange.begin_body(Api::responses, 200, "text/event-stream") != Error::none) summary.broken = "begin_body";
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
    const auto all = recorded("responses");
    if (!all) return;
    for (const Recorded& one : *all) {
        ROW(one.file);
        const Json& summary = one.summary;
        const Json wanted = wanted_value(summary);
        CHECK_EQ(summary.at("output_text"), summary.at("output_text_final"));
        std::string wrong;
        for (const Way& way : all_ways()) {
            const Summary read = read_summary(one.bytes, way);
            const std::string what = compare(read, wanted);
            if (wrong.empty() && !what.empty()) wrong = describe(way) + what;
            // Each event that is nothing else is delivered with its name.
            size_t unknown = 0;
            for (const auto& type : summary.at("event_types").items()) {
                namespace dialect = openai_stream::dialect;
                const unsigned says = openai_stream::dialect::responses.meaning_of(type.key()).says;
                const bool is_mark = (says & ~(unsigned{dialect::says_mark} | dialect::says_whole | dialect::says_part |
                                               dialect::says_odd)) == 0;
                if (says == 0) unknown += type.value().get<size_t>();
                const auto found = read.others.find(type.key());
                const size_t count = found == read.others.end() ? 0 : found->second;
                if (wrong.empty() && count != (is_mark ? type.value().get<size_t>() : 0))
                    wrong = describe(way) + type.key() + ": " + std::to_string(count);
            }
            unknown = std::min(unknown, size_t{openai_stream::Quirks::max_count});
            if (wrong.empty() && read.unknown != unknown) wrong = describe(way) + "unknown events";
        }
        CHECK_MESSAGE(wrong.empty(), wrong << "\n" << printed(wanted));
    }
    CHECK_EQ(all->size(), 20);
}

// ---- larger than the buffer -----------------------------------------------------------------------------------------

namespace {

constexpr size_t mebibyte = 1024 * 1024;

std::string a_text(size_t bytes) {
    std::string text;
    for (size_t line = 0; text.size() < bytes; ++line) text += "line " + std::to_string(line) + " \xC3\xBC \\n";
    while (text.size() % 4 != 0) text += ".";
    return text;
}

// How a server writes its events.
struct Style {
    const char* name;
    bool has_line;         // `event:`
    bool is_line_behind;   // the data
    bool is_type_last;     // of the keys
    bool has_index;        // output_index
};
const Style styles[] = {
    {"as OpenAI", true, false, false, true},
    {"as llama.cpp, without indices", true, false, false, false},
    {"as OpenRouter, without event lines", false, false, false, true},
    {"as Bedrock, the type after everything", true, true, true, true},
    {"the type last, in an event line first", true, false, true, true},
};
std::string event_of(const Style& style, const std::string& type, const std::string& members,
                     const std::string& index = "\"output_index\":0,") {
    const std::string typed = "\"type\":\"" + type + "\"", all = (style.has_index ? index : "") + members;
    const std::string data = "data: {" + (style.is_type_last ? all + "," + typed : typed + "," + all) + "}\n";
    const std::string line = "event: " + type + "\n";
    if (!style.has_line) return data + "\n";
    return (style.is_line_behind ? data + line : line + data) + "\n";
}
// An answer whose text comes in so many pieces, and then as a whole wherever OpenAI sends it.
std::string whole_answer(const Style& style, const std::string& text, size_t pieces) {
    const std::string part = "{\"type\":\"output_text\",\"annotations\":[],\"text\":\"" + text + "\"}";
    const std::string item =
        "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"content\":[" + part + "]}";
    const std::string of_part = "\"item_id\":\"msg_1\",\"content_index\":0,";
    std::string answer = event_of(style, "response.created", "\"response\":{\"id\":\"resp_1\",\"model\":\"m\"}", "");
    answer += event_of(style, "response.output_item.added",
                       "\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[]}");
    for (size_t from = 0, to = 0; from != text.size(); from = to) {
        to = std::min(from + text.size() / pieces, text.size());
        while (to != text.size() && text[to] != 'l') ++to;  // between lines, not within an escape
        answer += event_of(style, "response.output_text.delta",
                           of_part + "\"delta\":\"" + text.substr(from, to - from) + "\"");
    }
    answer += event_of(style, "response.output_text.done", of_part + "\"text\":\"" + text + "\"");
    answer += event_of(style, "response.content_part.done", of_part + "\"part\":" + part);
    answer += event_of(style, "response.output_item.done", "\"item\":" + item);
    answer += event_of(style, "response.completed",
                       "\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"status\":\"completed\",\"output\":[" + item +
                           "],\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}",
                       "");
    return answer;
}

struct Sizes {
    uint64_t bytes = 0;       // of texts
    size_t largest = 0;       // of one of them
    uint32_t peak = 0;        // of the buffer
    Error error = Error::none;
    std::string key, item_id;
    int32_t part = -1;
    Usage usage;
    bool is_utf8 = true;
};
Sizes sizes_of(const std::string& body, size_t buffer_bytes, size_t step, EventKind kind) {
    support::GuardedBuffer memory(buffer_bytes);
    Exchange exchange(Buffer(memory.data(), memory.size()));
    Sizes sizes;
    CHECK(exchange.begin_body(Api::responses, 200, "text/event-stream") == Error::none);
    feed(exchange, in_steps(body, step), [&](const Event& event) {
        if (event.kind == EventKind::usage) sizes.usage = event.usage;
        if (event.kind != kind) return;
        sizes.bytes += event.text.size();
        sizes.largest = std::max(sizes.largest, event.text.size());
        sizes.is_utf8 = sizes.is_utf8 && is_utf8(event.text);
        sizes.item_id = std::string(event.item_id);
        sizes.part = event.content_index;
    });
    sizes.peak = exchange.stats().peak_buffer_bytes;
    sizes.error = exchange.error();
    sizes.key = std::string(exchange.failure().param);
    return sizes;
}

}  // namespace

TEST_CASE("an answer of 1 MiB whose whole text comes four times is delivered once") {
    const std::string text = a_text(mebibyte);
    size_t escapes = 0;
    for (const char c : text) escapes += c == '\\';
    for (const Style& style : styles) {
        ROW(style.name);
        const std::string body = whole_answer(style, text, 5000);
        for (const size_t buffer : {size_t{2048}, size_t{4096}, size_t{16 * 1024}}) {
            const Sizes sizes = sizes_of(body, buffer, 1400, EventKind::text);
            CHECK_EQ(describe(sizes.error), describe(Error::none));
            CHECK_EQ(sizes.bytes, text.size() - escapes);
            CHECK_EQ(sizes.usage.total_tokens, 3);
            CHECK(sizes.is_utf8);
            CHECK_LE(sizes.peak, buffer);
            if (&style == styles)
                std::printf("responses: 1 MiB response.completed through %zu bytes: peak_buffer_bytes %u\n", buffer,
                            static_cast<unsigned>(sizes.peak));
        }
    }
}

TEST_CASE("a text of 1 MiB in the answer's last event alone comes in pieces") {
    const std::string text = a_text(mebibyte);
    const std::string item =
        "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"" + text +
        "\"}],\"status\":\"completed\"}";
    const std::string members = "\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[" + item + "]}";
    size_t escapes = 0;
    for (const char c : text) escapes += c == '\\';
    for (const Style& style : styles) {
        ROW(style.name);
        const Sizes sizes =
            sizes_of(event_of(style, "response.completed", members, ""), 2048, 1400, EventKind::text);
        CHECK_EQ(describe(sizes.error), describe(Error::none));
        CHECK_EQ(sizes.bytes, text.size() - escapes);
        CHECK_EQ(sizes.item_id, "msg_1");
        CHECK_EQ(sizes.part, 0);
        CHECK(sizes.is_utf8);
    }
    // The same as one JSON body.
    const Sizes sizes = sizes_of(members.substr(members.find('{')), 2048, 1400, EventKind::text);
    CHECK_EQ(describe(sizes.error), describe(Error::none));
    CHECK_EQ(sizes.bytes, text.size() - escapes);
}

TEST_CASE("a partial image of 28 MiB through 4 KiB") {
    const std::string image(28 * mebibyte, 'A');
    const std::string type = "response.image_generation_call.partial_image";
    const std::string body =
        "event: " + type + "\ndata: {\"type\":\"" + type +
        "\",\"item_id\":\"ig_1\",\"output_index\":0,\"sequence_number\":5,\"partial_image_index\":2,"
        "\"partial_image_b64\":\"" +
        image + "\",\"size\":\"1024x1024\"}\n\n" +
        "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n";
    const Sizes sizes = sizes_of(body, 4096, 1400, EventKind::image);
    CHECK_EQ(describe(sizes.error), describe(Error::none));
    CHECK_EQ(sizes.bytes, image.size());
    CHECK_EQ(sizes.item_id, "ig_1");
    CHECK_EQ(sizes.part, 2);
    CHECK_LE(sizes.peak, 4096);
    std::printf("responses: 28 MiB partial_image through 4096 bytes: peak_buffer_bytes %u, largest piece %zu\n",
                static_cast<unsigned>(sizes.peak), sizes.largest);
}

TEST_CASE("a text that does not fit, of which nothing tells what it is, cannot be delivered") {
    struct Row {
        const char* name;
        std::string before, key, behind;
    };
    const std::string text(4000, 'x');
    const Row rows[] = {
        {"a delta before its type", "data: {\"delta\":\"", "delta", "\",\"type\":\"response.output_text.delta\"}\n\n"},
        {"a piece of an image before its type", "data: {\"partial_image_b64\":\"", "partial_image_b64",
         "\",\"type\":\"response.image_generation_call.partial_image\"}\n\n"},
        {"a code before its type, which may be an error's", "data: {\"code\":\"", "code",
         "\",\"type\":\"response.code_interpreter_call_code.done\"}\n\n"},
        {"an id", "event: response.output_text.delta\ndata: {\"item_id\":\"", "item_id", "\",\"delta\":\"x\"}\n\n"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Sizes sizes = sizes_of(row.before + text + row.behind, 2048, 100, EventKind::text);
        CHECK_EQ(describe(sizes.error), describe(Error::event_too_large));
        CHECK_EQ(sizes.key, row.key);
        CHECK_EQ(sizes.bytes, 0);
        // With room for it, it is read.
        const Sizes whole = sizes_of(row.before + text + row.behind, 16 * 1024, 100, EventKind::text);
        CHECK_EQ(describe(whole.error), describe(Error::truncated));
    }
}

TEST_CASE("a text of any length is delivered as a whole, or it is an error") {
    struct Row {
        const char* name;
        const char *before, *behind;
    };
    const Row rows[] = {
        {"the type of an event last", "{\"item_id\":\"m\",\"delta\":\"", "\",\"type\":\"response.output_text.delta\"}"},
        {"the type of a part last",
         "{\"type\":\"response.completed\",\"response\":{\"output\":[{\"content\":[{\"text\":\"",
         "\",\"type\":\"output_text\"}],\"id\":\"m\",\"type\":\"message\"}]}}"},
        {"the type of an item last", "{\"type\":\"response.output_item.done\",\"item\":{\"arguments\":\"",
         "\",\"call_id\":\"c\",\"id\":\"m\",\"name\":\"f\",\"type\":\"function_call\"}}"},
        {"all that tells first", "{\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"", "\"}"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        size_t errors = 0;
        for (size_t size = 1; size < 2500; size += corpus::few_cuts() ? 13u : 1u) {
            support::GuardedBuffer memory(2048);
            const std::string body = as_event(row.before + std::string(size, 'x') + row.behind);
            const Story story = read({memory.data(), memory.size()}, in_steps(body, 97));
            const bool is_refused = story.error == Error::event_too_large;
            errors += is_refused;
            if (!wrong.empty() || (!is_refused && story.bytes_of_text == size && story.broken.empty())) continue;
            if (!is_refused || story.bytes_of_text != 0)
                wrong = std::to_string(size) + ": " + story.broken + std::to_string(story.bytes_of_text);
        }
        CHECK_EQ(wrong, "");
        CHECK_EQ(errors == 0, &row != rows);
    }
}

TEST_CASE("a call whose name comes after arguments that do not fit is told of twice") {
    const std::string arguments(4000, '1');
    const std::string body =
        as_event("{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"id\":\"i\","
                 "\"type\":\"function_call\",\"arguments\":\"" + arguments +
                 "\",\"call_id\":\"c\",\"name\":\"f\",\"status\":\"completed\"}}");
    const Story story = read(2048, body, 100);
    CHECK_EQ(story.broken, "");
    CHECK_EQ(story.joined(), "started\nitem@0(function_call) of i\ntool_call@0(function) of i\ntool_arguments@0(" +
                                 arguments + ") of i\ntool_call@0(function) id=c name=f of i\n"
                                 "item_done@0(function_call) name=completed of i\n");
}

// ---- damaged --------------------------------------------------------------------------------------------------------

// In reads of 7 bytes through small buffers: no crash, no text that is not UTF-8, an end.
TEST_CASE("recorded Responses streams that are cut off or damaged") {
    const auto files = corpus::shared_files("recorded", ".sse");
    if (!files) return;
    size_t runs = 0;
    for (const std::string& file : *files) {
        if (file.find("-responses-") == std::string::npos) continue;
        ROW(file);
        const std::string body = *corpus::shared_bytes(file);
        std::string wrong;
        const auto try_one = [&](const std::string& bytes, size_t buffer) {
            ++runs;
            support::GuardedBuffer memory(buffer);
            const Story story = read({memory.data(), memory.size()}, {bytes});
            if (wrong.empty() && !story.broken.empty()) wrong = story.broken + ": " + story.joined();
            return story;
        };
        // Cut off: at every byte of the first 6,000, and then now and then.
        const size_t sparse = corpus::few_cuts() ? 211 : 17;
        for (size_t end = 1; end < body.size(); end += end < 6000 && !corpus::few_cuts() ? 1 : sparse * 7) {
            const Story story = try_one(body.substr(0, end), end % 2 != 0 ? 2048 : 512);
            if (wrong.empty() && story.verdict == Verdict::terminal_event &&
                body.find("response.completed") > end)
                wrong = "complete at " + std::to_string(end);
        }
        corpus::Random random(file);
        for (int round = 0; round != (corpus::few_cuts() ? 20 : 300); ++round) {
            std::string damaged = body.substr(0, 20000);
            for (size_t changes = random.between(1, 6); changes != 0; --changes) {
                const size_t at = random.between(0, damaged.size() - 1), from = random.between(0, damaged.size() - 1);
                const size_t count = random.between(1, std::min<size_t>(300, damaged.size() - from));
                const char* const bytes = "{}[]\",:\\u0\n\xFF\xD8";
                switch (random.between(0, 3)) {
                    case 0: damaged[at] = bytes[random.between(0, 12)]; break;
                    case 1: damaged.erase(at, count); break;
                    case 2: damaged.insert(at, damaged.substr(from, count)); break;
                    case 3: damaged[at] = static_cast<char>(random.between(0, 255)); break;
                }
                if (damaged.empty()) damaged = "x";
            }
            try_one(damaged, random.between(0, 1) != 0 ? 512 : random.between(512, 4096));
        }
        CHECK_EQ(wrong, "");
    }
    std::printf("responses: %zu damaged streams\n", runs);
}

// ---- one program ----------------------------------------------------------------------------------------------------

namespace {

// Knows nothing of either API but texts.
std::string print_texts(Exchange& exchange, const std::string& body) {
    std::string printed;
    const Poll end = feed(exchange, {body}, [&](const Event& event) {
        if (event.kind == EventKind::text) printed += std::string(event.text);
    });
    return printed + (end == Poll::done ? "|" : "!");
}

}  // namespace

TEST_CASE("a program that prints texts prints those of both APIs") {
    const std::string chat =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello \"}}]}\n\n"
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w\\u00f6rld\"},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    const std::string responses = whole_answer(styles[0], "Hello w\\u00f6rld", 1);
    const std::string json_chat =
        "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hello w\\u00f6rld\"},"
        "\"finish_reason\":\"stop\"}]}";
    const std::string json_response =
        "{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\","
        "\"summary\":[{\"type\":\"summary_text\",\"text\":\"no\"}]},{\"type\":\"message\",\"content\":["
        "{\"type\":\"output_text\",\"text\":\"Hello \"},{\"type\":\"output_text\",\"text\":\"w\\u00f6rld\"}]}]}";
    struct Row {
        const char* name;
        Api what;
        const std::string& body;
    };
    const Row rows[] = {
        {"Chat Completions", Api::chat, chat},
        {"Responses", Api::responses, responses},
        {"a chat completion that was not streamed", Api::chat, json_chat},
        {"a response that was not streamed", Api::responses, json_response},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[2048];
        Exchange exchange(memory);
        REQUIRE(exchange.begin_body(row.what, 200, "") == Error::none);
        CHECK_EQ(print_texts(exchange, row.body), "Hello w\xC3\xB6rld|");
    }
}

// ---- what is remembered ---------------------------------------------------------------------------------------------

// With 64 bits 512 bytes remember 2 items, 2 KiB 4, and 16 KiB or more 72.
TEST_CASE("of more items than are remembered each text is delivered once") {
    struct Row {
        const char* name;
        bool has_pieces, is_call;
        int items;
    };
    const Row rows[] = {
        {"300 texts in pieces", true, false, 300},
        {"300 texts as a whole", false, false, 300},
        {"300 calls in pieces", true, true, 300},
        {"300 calls as a whole", false, true, 300},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string body, output, expected;
        for (int number = 0; number != row.items; ++number) {
            const std::string place = std::to_string(number), id = "item_" + place, text = "<" + place + ">";
            const std::string owner =
                "\"item_id\":\"" + id + "\",\"output_index\":" + place + ",\"content_index\":0,";
            const std::string begun =
                "{\"id\":\"" + id + "\",\"type\":\"" +
                (row.is_call ? "function_call\",\"call_id\":\"" + id + "\",\"name\":\"f" : "message");
            const std::string item =
                begun + (row.is_call ? "\",\"arguments\":\"" + text + "\"}"
                                     : "\",\"content\":[{\"type\":\"output_text\",\"text\":\"" + text + "\"}]}");
            const std::string type = row.is_call ? "response.function_call_arguments." : "response.output_text.";
            const std::string of_item = "\"output_index\":" + place + ",\"item\":";
            body += as_event("{\"type\":\"response.output_item.added\"," + of_item + begun + "\"}}");
            if (row.has_pieces)
                body += as_event("{\"type\":\"" + type + "delta\"," + owner + "\"delta\":\"" + text + "\"}");
            body += as_event("{\"type\":\"" + type + "done\"," + owner + (row.is_call ? "\"arguments\"" : "\"text\"") +
                             ":\"" + text + "\"}");
            body += as_event("{\"type\":\"response.output_item.done\"," + of_item + item + "}");
            output += (number != 0 ? "," : "") + item;
            expected += text;
        }
        body += as_event("{\"type\":\"response.completed\",\"response\":{\"output\":[" + output + "]}}");
        for (const size_t buffer : {size_t{512}, size_t{2048}, size_t{64 * 1024}}) {
            support::GuardedBuffer memory(buffer);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            std::string texts;
            int calls = 0, items = 0, done = 0;
            CHECK(exchange.begin_body(Api::responses, 200, "") == Error::none);
            const Poll end = feed(exchange, in_steps(body, 1000), [&](const Event& event) {
                if (event.kind == EventKind::text || event.kind == EventKind::tool_arguments)
                    texts += std::string(event.text);
                calls += event.kind == EventKind::tool_call;
                items += event.kind == EventKind::output_item_added;
                done += event.kind == EventKind::output_item_done;
            });
            CHECK(end == Poll::done);
            CHECK_EQ(texts, expected);
            CHECK_EQ(calls, row.is_call ? row.items : 0);
            CHECK_EQ(items, row.items);
            CHECK_EQ(done, row.items);
        }
    }
}

TEST_CASE("the later part of an answer says nothing of what came before") {
    const std::string body = as_event("{\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,"
                                      "\"content_index\":0,\"delta\":\"b\",\"sequence_number\":9}") +
                             as_event("{\"type\":\"response.output_text.done\",\"item_id\":\"m\",\"output_index\":0,"
                                      "\"content_index\":0,\"text\":\"ab\",\"sequence_number\":10}") +
                             as_event("{\"type\":\"response.output_text.done\",\"item_id\":\"m\",\"output_index\":0,"
                                      "\"content_index\":1,\"text\":\"before\",\"sequence_number\":11}") +
                             as_event("{\"type\":\"response.output_item.added\",\"output_index\":1,"
                                      "\"item\":{\"id\":\"n\",\"type\":\"message\"},\"sequence_number\":12}") +
                             as_event("{\"type\":\"response.output_text.done\",\"item_id\":\"n\",\"output_index\":1,"
                                      "\"content_index\":0,\"text\":\"c\",\"sequence_number\":13}") +
                             as_event("{\"type\":\"response.completed\",\"response\":{\"output\":[{\"id\":\"m\","
                                      "\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"ab\"}]},"
                                      "{\"id\":\"n\",\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
                                      "\"text\":\"c\"}]}]},\"sequence_number\":14}");
    char memory[4096];
    for (const bool is_rest : {true, false}) {
        Exchange exchange(memory);
        CHECK(exchange.begin_body(is_rest ? Api::rest_of_response : Api::responses, 200, "") == Error::none);
        CHECK_EQ(print_texts(exchange, body), is_rest ? "bc|" : "bbeforec|");
    }
}
