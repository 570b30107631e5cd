// Whole answers as they came over a socket from servers run locally, against what the official openai npm package reads
// from the same bytes. Read from ../shared where it is present. Where the two differ on purpose, tests/differences.json
// says why; a difference that is not listed fails, and so does one that is listed and is none any more.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

using namespace conformance;
using openai_stream::Api;
using openai_stream::Buffer;
using openai_stream::ChatRequest;
using openai_stream::Endpoint;

namespace {

// Steps of an answer in the form of an oracle file: texts that follow each other are one, empty ones are none.
class Steps {
public:
    std::vector<Json> all;

    void text(const std::string& kind, int32_t choice, const std::string& piece) {
        if (piece.empty()) return;
        if (all.empty() || all.back().at("ev") != kind || all.back().at("i") != choice)
            all.push_back({{"ev", kind}, {"i", choice}, {"d", ""}});
        all.back()["d"].get_ref<std::string&>() += piece;
    }
    void tool(int32_t choice, const Json& index, const Json& id, const Json& name, const std::string& piece) {
        all.push_back({{"ev", "tool"}, {"i", choice}, {"t", index}, {"id", id}, {"name", name}, {"d", piece}});
    }
    void finish(int32_t choice, const std::string& reason) {
        all.push_back({{"ev", "finish"}, {"i", choice}, {"r", reason}});
    }
    void usage(const Json& prompt, const Json& completion, const Json& total) {
        all.push_back({{"ev", "usage"}, {"p", prompt}, {"c", completion}, {"t", total}});
    }
    void other(const std::string& type) { all.push_back({{"ev", "other"}, {"type", type}}); }
    void end() { all.push_back({{"ev", "end"}}); }
    void broken() { all.push_back({{"ev", "the connection broke"}}); }
    void error(int status, const Json& code, const Json& type, const Json& message) {
        all.push_back({{"ev", "error"}, {"status", status}, {"code", code}, {"type", type}, {"message", message}});
    }
};

// An oracle file has halves of surrogate pairs as they came, in texts that only together are UTF-8. They are read as
// private characters, U+E000 to U+E7FF, and put together when the texts are.
std::string with_private_halves(std::string line) {
    for (size_t at = 0; at + 5 < line.size(); ++at) {
        if (line[at] != '\\') continue;
        ++at;
        if (line[at] != 'u' || (line[at + 1] | 0x20) != 'd' || std::strchr("89abcdefABCDEF", line[at + 2]) == nullptr)
            continue;
        line[at + 1] = 'e';
        line[at + 2] = "01234567"[std::stoul(line.substr(at + 2, 1), nullptr, 16) - 8];
    }
    return line;
}
std::string with_whole_pairs(const std::string& text) {
    const auto half_at = [&](size_t at) -> uint32_t {  // its unit, or 0
        if (at + 2 >= text.size() || text[at] != '\xEE') return 0;
        const auto second = static_cast<unsigned char>(text[at + 1]), third = static_cast<unsigned char>(text[at + 2]);
        return second < 0xA0 ? 0xD800u + ((second & 0x1Fu) << 6 | (third & 0x3Fu)) : 0;
    };
    std::string joined;
    for (size_t at = 0; at < text.size();) {
        const uint32_t high = half_at(at), low = high != 0 ? half_at(at + 3) : 0;
        if (high != 0 && high < 0xDC00 && low >= 0xDC00) {
            char code_point[4];
            joined.append(code_point,
                          openai_stream::utf8::append(code_point, 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)));
            at += 6;
        } else if (high != 0) {
            joined += "\xEF\xBF\xBD";
            at += 3;
        } else {
            joined += text[at++];
        }
    }
    return joined;
}

Json as_text(const Json& code) { return code.is_number() ? Json(code.dump()) : code; }

Steps of_oracle(const std::string& lines) {
    Steps steps;
    for (size_t at = 0; at < lines.size();) {
        const size_t end = std::min(lines.find('\n', at), lines.size());
        const Json row = Json::parse(with_private_halves(lines.substr(at, end - at)));
        at = end + 1;
        const std::string kind = row.at("ev");
        const int32_t choice = row.value("i", 0);
        if (kind == "content" || kind == "reasoning" || kind == "refusal") {
            steps.text(kind, choice, row.at("d"));
        } else if (kind == "tool") {
            steps.tool(choice, row.at("t"), row.at("id"), row.at("name"),
                       row.at("d").is_null() ? "" : row.at("d").get<std::string>());
        } else if (kind == "finish") {
            steps.finish(choice, row.at("r"));
            if (!row.contains("u")) continue;  // of the Responses API: its usage
            const Json& usage = row.at("u");
            steps.usage(usage.at("input_tokens"), usage.at("output_tokens"), usage.at("total_tokens"));
        } else if (kind == "other") {
            steps.other(row.at("type"));
        } else if (kind == "usage") {
            const Json& usage = row.at("u");
            steps.usage(usage.at("prompt_tokens"), usage.at("completion_tokens"), usage.at("total_tokens"));
        } else if (kind == "end") {
            steps.end();
        } else if (kind == "error" && !row.at("cause").is_null()) {
            steps.broken();
        } else if (kind == "error") {
            const bool has_status = row.at("status").is_number();
            std::string message = row.at("message");
            const std::string status = has_status ? row.at("status").dump() + " " : "";
            if (message.compare(0, status.size(), status) == 0) message.erase(0, status.size());  // it puts it in front
            steps.error(has_status ? row.at("status").get<int>() : 200, as_text(row.at("code")), row.at("type"),
                        message);
        } else {
            CHECK_MESSAGE(kind == "logprobs", kind);  // counted by the test below
        }
    }
    for (Json& one : steps.all)
        if (one.contains("d")) one["d"] = with_whole_pairs(one["d"]);
    return steps;
}

// Status and body of a whole response.
std::pair<int, std::string> without_framing(const std::string& bytes) {
    openai_stream::http::ResponseParser parser;
    std::string body;
    const char* at = bytes.data();
    using openai_stream::http::ParseEvent;
    for (ParseEvent part = ParseEvent::need_more; part != ParseEvent::end && part != ParseEvent::failed;
         at = parser.at()) {
        part = parser.next(at, bytes.data() + bytes.size());
        if (part == ParseEvent::body) body += std::string(parser.text());
        if (part == ParseEvent::need_more) break;
    }
    return {parser.status(), body};
}

Steps of_library(const std::string& bytes, Buffer memory, size_t step, std::string& broken, bool is_responses) {
    const Endpoint server("http://127.0.0.1:8080/v1");
    const ChatRequest request("model", "question");
    Exchange exchange(memory);
    Answer answer;
    Steps steps;
    EventKind last = EventKind::started;
    int32_t last_choice = 0, last_index = -1;
    bool more = false;
    const auto take = [&](const Event& event) {
        answer.take(event);
        const Json index = said(int64_t{event.tool_index});
        switch (event.kind) {
            case EventKind::text: steps.text("content", event.choice, event.text); break;
            case EventKind::reasoning: steps.text("reasoning", event.choice, event.text); break;
            case EventKind::refusal: steps.text("refusal", event.choice, event.text); break;
            case EventKind::tool_call: steps.tool(event.choice, index, said(event.id), said(event.name), ""); break;
            case EventKind::tool_arguments:
                if ((last == EventKind::tool_call || more) && last_choice == event.choice &&
                    last_index == event.tool_index)
                    steps.all.back()["d"].get_ref<std::string&>() += std::string(event.text);
                else
                    steps.tool(event.choice, index, nullptr, nullptr, event.text);
                break;
            case EventKind::finish: steps.finish(event.choice, event.name); break;
            case EventKind::usage:
                steps.usage(said(event.usage.prompt_tokens), said(event.usage.completion_tokens),
                            said(event.usage.total_tokens));
                break;
            case EventKind::started:
                if (is_responses) steps.other("response.created");
                break;
            case EventKind::output_item_added: steps.other("response.output_item.added"); break;
            case EventKind::output_item_done: steps.other("response.output_item.done"); break;
            case EventKind::other: steps.other(event.name); break;
            default: break;
        }
        last = event.kind;
        last_choice = event.choice;
        last_index = event.tool_index;
        more = event.more;
    };
    std::string input = bytes;
    if (is_responses) {
        int status = 0;
        std::tie(status, input) = without_framing(bytes);
        if (exchange.begin_body(Api::responses, status, "") != Error::none) broken = describe(exchange.error());
    } else if (exchange.begin(server, request) != Error::none) {
        broken = describe(exchange.error());
    }
    for (StringView out = exchange.outgoing(); !out.empty(); out = exchange.outgoing()) exchange.sent(out.size());
    const Poll poll = feed(exchange, in_steps(input, std::min(step, std::max<size_t>(input.size(), 1))), take);
    if (!answer.broken.empty()) broken = answer.broken;
    const Failure failure = exchange.failure();
    if (poll == Poll::done) {
        steps.end();
    } else if (failure.error == Error::http_status || failure.error == Error::server_error) {
        steps.error(failure.http_status, said(failure.code), said(failure.type), said(failure.message));
    } else if (category(failure.error) == openai_stream::ErrorCategory::transport) {
        steps.broken();
    } else {
        steps.all.push_back({{"ev", describe(failure.error)}});
    }
    return steps;
}

std::string printed(const Steps& steps) {
    std::string text;
    for (const Json& one : steps.all) text += conformance::printed(one) + "\n";
    return text;
}

// In each buffer, in reads of several sizes: "" or the first reading that is another one.
std::string difference(const std::string& bytes, const Steps& wanted, bool is_responses = false,
                       size_t smallest_buffer = 512) {
    std::string found, broken;
    for (const size_t buffer : {size_t{16 * 1024}, size_t{2048}, size_t{512}}) {
        if (buffer < smallest_buffer) continue;
        support::GuardedBuffer memory(buffer);
        for (const size_t step : {size_t{1}, size_t{64}, SIZE_MAX}) {
            if (corpus::few_cuts() && step == 1) continue;
            const Steps steps = of_library(bytes, {memory.data(), memory.size()}, step, broken, is_responses);
            if (found.empty() && steps.all != wanted.all)
                found = std::to_string(buffer) + " bytes, reads of " + std::to_string(step) + ":\n" + printed(steps) +
                        "instead of\n" + printed(wanted);
        }
    }
    CHECK_EQ(broken, "");
    return found;
}

// The steps of a response that was not streamed.
Steps of_response(const Json& body) {
    Steps steps;
    steps.other("response.created");
    for (const Json& item : body.at("output")) {
        steps.other("response.output_item.added");
        for (const Json& part : item.at("content")) steps.text("content", 0, part.at("text"));
        steps.other("response.output_item.done");
    }
    steps.finish(0, body.at("status"));
    const Json& usage = body.at("usage");
    steps.usage(usage.at("input_tokens"), usage.at("output_tokens"), usage.at("total_tokens"));
    steps.end();
    return steps;
}

// The steps of a chat.completion that was not streamed.
Steps of_json(const Json& body) {
    Steps steps;
    for (const Json& choice : body.at("choices")) {
        steps.text("content", choice.at("index"), choice.at("message").at("content"));
        steps.finish(choice.at("index"), choice.at("finish_reason"));
    }
    const Json& usage = body.at("usage");
    steps.usage(usage.at("prompt_tokens"), usage.at("completion_tokens"), usage.at("total_tokens"));
    steps.end();
    return steps;
}

}  // namespace

TEST_CASE("answers of local servers") {
    Differences differences("wire/");
    size_t compared = 0;
    for (const char* directory : {"wire/aimock", "wire/llama-server"}) {
        const auto files = corpus::shared_files(directory, ".oracle.jsonl");
        if (!files) return;
        for (const std::string& oracle : *files) {
            const std::string stem = oracle.substr(0, oracle.find(".oracle.jsonl"));
            const bool is_responses = stem.find("/responses-") != std::string::npos;
            ROW(stem);
            ++compared;
            const std::string bytes = *corpus::shared_bytes(stem + ".raw");
            const Steps wanted = of_oracle(*corpus::shared_bytes(oracle));
            differences.check(stem + ".raw", difference(bytes, wanted, is_responses));
        }
    }
    CHECK_EQ(compared, 72);
    differences.check_all_seen();
}

// The oracle says of each event how many tokens it had.
TEST_CASE("log probabilities of local servers") {
    for (const std::string stem : {"wire/llama-server/chat-logprobs", "wire/llama-server/chat-n2"}) {
        const auto bytes = corpus::shared_bytes(stem + ".raw"), oracle = corpus::shared_bytes(stem + ".oracle.jsonl");
        if (!bytes || !oracle) continue;
        ROW(stem);
        int wanted = 0;
        for (size_t at = 0; at < oracle->size(); at = oracle->find('\n', at) + 1) {
            const Json row = Json::parse(oracle->substr(at, oracle->find('\n', at) - at));
            if (row.at("ev") == "logprobs") wanted += row.at("n").get<int>();
        }
        for (const size_t buffer : {size_t{16 * 1024}, size_t{512}}) {
            support::GuardedBuffer memory(buffer);
            const Endpoint server("http://127.0.0.1:8080/v1");
            openai_stream::ExtraEvents extras;
            ChatRequest request("model", "question");
            request.extras = &extras;
            Exchange exchange({memory.data(), memory.size()});
            Answer answer;
            std::string text, tokens, top;
            int count = 0;
            CHECK(exchange.begin(server, request) == Error::none);
            for (StringView out = exchange.outgoing(); !out.empty(); out = exchange.outgoing())
                exchange.sent(out.size());
            const Poll poll = feed(exchange, in_steps(*bytes, 100), [&](const Event& event) {
                answer.take(event);
                if (event.kind == EventKind::text) text += std::string(event.text);
                if (event.kind == EventKind::top_logprob) top += std::string(event.text);
                if (event.kind != EventKind::logprob) return;
                ++count;
                tokens += std::string(event.text);
                CHECK_LT(std::stod(std::string(event.name)), 0.001);
                CHECK_EQ(std::string(event.id), "content");
            });
            CHECK(poll == Poll::done);
            CHECK_EQ(answer.broken, "");
            CHECK_EQ(count, wanted);
            CHECK_EQ(top.empty(), wanted == 0);
            if (wanted != 0) CHECK_EQ(tokens, text);
        }
    }
}

TEST_CASE("answers of local servers that were not streamed") {
    for (const char* file :
         {"wire/aimock/chat-plain-nonstream.raw", "wire/llama-server/chat-nonstream.raw",
          "wire/llama-server/chat-tool-nonstream.raw", "wire/llama-server/chat-logprobs-nonstream.raw",
          "wire/llama-server/responses-nonstream.raw"}) {
        const auto bytes = corpus::shared_bytes(file);
        if (!bytes) continue;
        ROW(file);
        const size_t begin = bytes->find('{'), end = bytes->rfind('}') + 1;  // its chunk is one
        const Json body = Json::parse(bytes->substr(begin, end - begin));
        // This server says after an item's parts what it is: where they do not fit, the text comes first.
        const bool is_response = body.at("object") == "response";
        const Steps wanted = is_response ? of_response(body) : of_json(body);
        CHECK_EQ(difference(*bytes, wanted, is_response, is_response ? 1024 : 512), "");
    }
}
