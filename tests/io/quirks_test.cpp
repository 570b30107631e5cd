// What is odd about an answer is counted under its name, however the answer arrives; of what is as documented, nothing.
#include "io/collected.hpp"
#include "io/conformance_support.hpp"
#include "io/exchange_support.hpp"

using namespace exchange_support;
using conversation::choice;
using conversation::done;
using conversation::finish;
using conversation::sse;
using openai_stream::Api;
using openai_stream::Quirk;
using openai_stream::Quirks;

namespace {

std::string listed(const Quirks& quirks) {
    std::string line;
    for (const Quirk quirk : quirks)
        line += (line.empty() ? "" : ", ") + std::string(name_of(quirk)) + " " + std::to_string(quirks.count(quirk));
    return line;
}

// What was counted of an answer, and of its calls by a Collector.
std::string counted(size_t buffer_bytes, const std::string& head, const corpus::Pieces& pieces, const Api& api) {
    support::GuardedBuffer memory(buffer_bytes);
    char collected[4096];
    oai::Collector collector(collected);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    if (head.empty()) {
        exchange.begin_body(api, 200, "text/event-stream");
    } else {
        exchange.begin(server, ask);
        send_all(exchange);
    }
    const auto collect = [&](const oai::Event& event) { collector.add(event); };
    for (const std::string_view piece : pieces) exchange.feed({piece.data(), piece.size()}, collect);
    exchange.finish(collect);
    collector.end(exchange.verdict());
    const std::string calls = listed(collector.quirks());
    const std::string line = listed(exchange.quirks());
    return line + (line.empty() || calls.empty() ? "" : ", ") + calls;
}

struct Expected {
    Quirk quirk;
    unsigned count;
};
std::string listed(const std::vector<Expected>& expected) {
    Quirks quirks;
    for (const Expected& one : expected)
        for (unsigned more = one.count; more != 0; --more) quirks.add(one.quirk);
    return listed(quirks);
}

std::string delta(const std::string& members) { return choice("\"delta\":{" + members + "}"); }
std::string call(const std::string& members) { return delta("\"tool_calls\":[{" + members + "}]"); }
std::string root(const std::string& members) { return sse("{" + members + "}"); }
std::string item(const std::string& members) {
    return "event: response.output_item.added\n" + sse("{\"output_index\":0,\"item\":{" + members + "}}");
}

const std::string end = finish() + done;
const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const std::string completed =
    "event: response.completed\n" + sse("{\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}");
const std::string created = "event: response.created\n" + sse("{\"response\":{\"id\":\"r\"}}");

struct Row {
    const char* name;
    std::vector<Expected> expected;
    std::string answer;
    const Api& api = Api::chat;
    std::string head = {};  // empty: the body came in another way
};

const Row rows[] = {
    // Keys of their own.
    {"reasoning as reasoning_content, in two deltas", {{Quirk::reasoning_content_key, 2}},
     delta("\"reasoning_content\":\"a\"") + delta("\"reasoning_content\":\"b\"") + end},
    {"a key of reasoning that is null is as good as none", {}, delta("\"reasoning_content\":null") + end},
    {"reasoning as reasoning", {{Quirk::reasoning_key, 1}}, delta("\"reasoning\":\"a\"") + end},
    {"reasoning as reasoning and as reasoning_content", {{Quirk::reasoning_content_key, 1}, {Quirk::reasoning_key, 1}},
     delta("\"reasoning\":\"a\",\"reasoning_content\":\"a\"") + end},
    {"reasoning as thinking", {{Quirk::thinking_key, 1}}, delta("\"thinking\":\"a\"") + end},
    {"reasoning as reasoning_text", {{Quirk::reasoning_text_key, 1}}, delta("\"reasoning_text\":\"a\"") + end},
    {"reasoning in details", {{Quirk::reasoning_details, 1}},
     delta("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"},{\"text\":\"b\"}]") + end},
    {"in details beside another key, which are not read", {{Quirk::reasoning_key, 1}, {Quirk::reasoning_details, 1}},
     delta("\"reasoning\":\"a\",\"reasoning_details\":[{\"text\":\"a\"}]") + end},
    {"content in two parts", {{Quirk::text_part, 2}},
     delta("\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]") + end},
    {"a part of thinking", {{Quirk::thinking_part, 1}},
     delta("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"a\"}]}]") + end},
    {"a part of reasoning, with a summary", {{Quirk::reasoning_part, 1}},
     delta("\"content\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"a\"}]}]") + end},
    {"usage in x_groq", {{Quirk::x_groq, 1}},
     delta("\"content\":\"a\"") + root("\"choices\":[],\"x_groq\":{\"usage\":{\"total_tokens\":1}}") + end},
    {"usage in a choice", {{Quirk::usage_in_choice, 1}},
     choice("\"delta\":{\"content\":\"a\"},\"usage\":{\"total_tokens\":1}") + end},
    {"usage with each chunk", {{Quirk::usage_again, 2}},
     root("\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"total_tokens\":1}") +
         root("\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":{\"total_tokens\":2}") +
         root("\"choices\":[{\"delta\":{\"content\":\"c\"}}],\"usage\":{\"total_tokens\":3}") + end},
    {"a text that is a number, and one that is true", {{Quirk::scalar_text, 2}},
     delta("\"content\":5") + delta("\"content\":true") + end},
    {"arguments that are an object", {{Quirk::arguments_object, 1}},
     call("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}") + end},
    {"a message beside its deltas", {{Quirk::message_beside_delta, 1}},
     delta("\"content\":\"ab\"") +
         choice("\"delta\":{},\"message\":{\"content\":\"ab\"},\"finish_reason\":\"stop\"") + done},
    {"a role in each of three deltas", {{Quirk::role_again, 2}},
     delta("\"role\":\"assistant\"") + delta("\"role\":\"assistant\",\"content\":\"a\"") +
         delta("\"role\":\"assistant\",\"content\":\"b\"") + end},
    {"a finish reason in each of three chunks", {{Quirk::finish_again, 2}},
     choice("\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"") +
         choice("\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"") + end},
    {"a finish reason that nobody knows", {{Quirk::unknown_finish_reason, 1}}, finish("eos") + done},
    {"a byte that is no UTF-8", {{Quirk::bad_utf8, 1}}, delta("\"content\":\"a\xFF\"") + end},
    {"half a pair", {{Quirk::lone_surrogate, 1}}, delta("\"content\":\"a\\ud800 \"") + end},
    // Errors.
    {"an error beside good chunks", {{Quirk::error_in_answer, 1}},
     delta("\"content\":\"a\"") + root("\"error\":{\"message\":\"no\"}")},
    {"an error in a choice", {{Quirk::error_in_choice, 1}, {Quirk::error_in_answer, 1}},
     choice("\"delta\":{},\"error\":{\"message\":\"no\",\"code\":502}")},
    {"an error that is a text", {{Quirk::error_in_answer, 1}, {Quirk::error_as_text, 1}}, root("\"error\":\"no\"")},
    {"an error without its key", {{Quirk::error_in_answer, 1}, {Quirk::error_without_key, 1}},
     root("\"object\":\"error\",\"message\":\"no\",\"code\":400")},
    {"a list of errors", {{Quirk::errors_key, 1}, {Quirk::error_in_answer, 1}},
     root("\"errors\":[{\"message\":\"no\",\"code\":1}]")},
    {"a detail", {{Quirk::detail_key, 1}, {Quirk::error_in_answer, 1}, {Quirk::error_without_key, 1}},
     root("\"detail\":\"no\"")},
    {"a message and a code with keys of their own",
     {{Quirk::error_message_key, 1}, {Quirk::error_code_key, 1}, {Quirk::error_in_answer, 1}},
     root("\"error\":{\"error_msg\":\"no\",\"error_code\":18}")},
    {"a base_resp that says success",
     {{Quirk::error_message_key, 1}, {Quirk::error_code_key, 1}, {Quirk::base_resp, 1}},
     root("\"choices\":[{\"delta\":{\"content\":\"a\"}}],"
          "\"base_resp\":{\"status_code\":0,\"status_msg\":\"success\"}") + end},
    {"a time to wait", {{Quirk::retry_after_key, 1}, {Quirk::error_in_answer, 1}},
     root("\"error\":{\"message\":\"no\",\"retry_after\":3}")},
    {"a field named error", {{Quirk::error_field, 1}}, "error: {\"message\":\"no\"}\n\n"},
    // Events.
    {"data without anything", {{Quirk::empty_data, 2}}, "data:\n\ndata\n\n" + end},
    {"a comment in data", {{Quirk::comment_in_data, 1}}, sse(": ping") + end},
    {"an event of no shape that is known", {{Quirk::unknown_event, 1}}, root("\"object\":\"ping\"") + end},
    {"no blank line after the last event", {{Quirk::unterminated_event, 1}}, finish() + "data: [DONE]"},
    {"no end marker", {{Quirk::no_end_marker, 1}}, finish()},
    {"neither of both", {{Quirk::unterminated_event, 1}, {Quirk::no_end_marker, 1}},
     finish().substr(0, finish().size() - 1)},
    // Of the Responses API.
    {"response.done", {{Quirk::other_event_type, 1}},
     created + "event: response.done\n" + sse("{\"response\":{\"status\":\"completed\"}}"), Api::responses},
    {"parts of reasoning as vLLM has them", {{Quirk::other_event_type, 2}},
     created + item("\"id\":\"i\",\"type\":\"reasoning\"") +
         "event: response.reasoning_part.added\n" + sse("{\"item_id\":\"i\",\"part\":{\"text\":\"\"}}") +
         "event: response.reasoning_part.done\n" + sse("{\"item_id\":\"i\",\"part\":{\"text\":\"a\"}}") + completed,
     Api::responses},
    {"an answer without a type", {{Quirk::untyped_event, 1}},
     created + sse("{\"response\":{\"id\":\"r\",\"status\":\"completed\"}}"), Api::responses},
    {"an answer that is created three times", {{Quirk::started_again, 2}}, created + created + created + completed,
     Api::responses},
    {"an answer that was steered into another one", {},
     created + "event: response.incomplete\n" +
         sse("{\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"steered\"}}}"),
     Api::responses},
    {"an answer of as many messages as it may have", {},
     created + "event: response.incomplete\n" +
         sse("{\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_messages\"}}}"),
     Api::responses},
    {"an answer that ended for a reason that nobody knows", {{Quirk::unknown_finish_reason, 1}},
     created + "event: response.incomplete\n" +
         sse("{\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"tired\"}}}"),
     Api::responses},
    {"texts of an item that nobody names", {{Quirk::unnamed_item, 2}},
     created + "event: response.output_text.delta\n" + sse("{\"delta\":\"a\"}") +
         "event: response.output_text.delta\n" + sse("{\"delta\":\"b\"}") + completed,
     Api::responses},
    {"a call without an id, whose arguments name it by its call_id", {{Quirk::call_id_as_item_id, 1}},
     created + "event: response.output_item.added\n" +
         sse("{\"output_index\":0,\"item\":{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"}}") +
         "event: response.function_call_arguments.delta\n" +
         sse("{\"item_id\":\"c\",\"output_index\":0,\"delta\":\"{}\"}") + completed,
     Api::responses},
    {"a call that is named by its id", {},
     created + "event: response.output_item.added\n" +
         sse("{\"output_index\":0,\"item\":{\"id\":\"i\",\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"}}") +
         "event: response.function_call_arguments.delta\n" +
         sse("{\"item_id\":\"i\",\"output_index\":0,\"delta\":\"{}\"}") + completed,
     Api::responses},
    // Heads.
    {"events under another type", {{Quirk::other_content_type, 1}}, end, Api::chat,
     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"},
    {"the type in other letters, and more after it", {}, end, Api::chat,
     "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n\r\n"},
    {"an encoding that nobody knows", {{Quirk::unknown_encoding, 1}}, end, Api::chat,
     "HTTP/1.1 200 OK\r\nContent-Encoding: none\r\n\r\n"},
    {"HTTP/1.0", {{Quirk::http_1_0, 1}}, end, Api::chat, "HTTP/1.0 200 OK\r\n\r\n"},
    {"lines that end in LF", {{Quirk::bare_line_feed, 1}}, end, Api::chat, "HTTP/1.1 200 OK\nServer: a\n\n"},
    {"no space after the status", {{Quirk::no_reason_space, 1}}, end, Api::chat, "HTTP/1.1 200\r\n\r\n"},
    {"a space and no reason", {}, end, Api::chat, "HTTP/1.1 200 \r\n\r\n"},
    {"blanks after the size of a chunk", {{Quirk::padded_chunk_size, 1}},
     "e  \r\ndata: [DONE]\n\n\r\n0\r\n\r\n", Api::chat,
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    // Calls.
    {"two calls with no index and no id", {{Quirk::guessed_call, 2}, {Quirk::generated_call_id, 2}},
     call("\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}") +
         call("\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}") + finish("tool_calls") + done},
    {"a call without an id", {{Quirk::generated_call_id, 1}},
     call("\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}") + finish("tool_calls") + done},
    {"arguments once more at the end", {{Quirk::repeated_arguments, 1}},
     call("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}") +
         choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}]},"
                "\"finish_reason\":\"tool_calls\"") +
         done},
    {"arguments that are no JSON", {{Quirk::invalid_arguments, 1}},
     call("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{a\"}") + finish("tool_calls") + done},
    // As it is documented.
    {"an answer of OpenAI", {}, conversation::short_answer, Api::chat, head},
    {"two choices", {},
     root("\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]") +
         root("\"choices\":[{\"index\":1,\"delta\":{\"role\":\"assistant\"}}]") +
         root("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]") +
         root("\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]") +
         root("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]") +
         root("\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]") + done},
    {"an answer that was not streamed", {},
     "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
     "\"content\":\"a\",\"refusal\":null},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":1}}",
     Api::chat, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"},
    {"a failure of a response", {},
     created + "event: response.failed\n" +
         sse("{\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"no\"}}}"),
     Api::responses},
    {"a session of an agent with two turns", {},
     "event: agent.session.created\n" + sse("{\"type\":\"agent.session.created\",\"session\":{\"id\":\"s\"}}") +
         "event: agent.session.turn.created\n" +
         sse("{\"type\":\"agent.session.turn.created\",\"turn\":{\"id\":\"t\"}}") +
         "event: agent.session.idle\n" + sse("{\"type\":\"agent.session.idle\",\"session\":{\"id\":\"s\"}}"),
     Api::agents},
};

}  // namespace

TEST_CASE("what is odd is counted, and nothing else") {
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.head + row.answer, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(counted(2048, row.head, pieces, row.api), listed(row.expected));
        });
    }
}

// In 16 KiB most events are not parsed, but compared with one before.
TEST_CASE("what is counted of many events is what is counted of each") {
    const std::string many[] = {"\"delta\":{\"reasoning\":\"a\"}",
                                "\"delta\":{\"role\":\"assistant\",\"reasoning\":\"a\",\"reasoning_content\":\"a\"}",
                                "\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}",
                                "\"delta\":{\"reasoning\":\"a\",\"content\":5}",
                                "\"delta\":{\"content\":\"a\xFF\"}",
                                "\"delta\":{\"content\":\"a\"},\"usage\":{\"total_tokens\":1}"};
    for (const std::string& one : many) {
        for (unsigned count = 1; count != 20; ++count) {
            INFO(one, " ", count);
            std::string answer;
            for (unsigned left = count; left != 0; --left) answer += choice(one);
            answer += end;
            CHECK_EQ(counted(16384, "", {answer}, Api::chat), counted(2048, "", {answer}, Api::chat));
        }
    }
    std::string answer;
    for (unsigned left = 12; left != 0; --left) answer += delta("\"reasoning\":\"a\"");
    CHECK_EQ(counted(16384, "", {answer + end}, Api::chat), "reasoning_key 12");
    for (unsigned left = 12; left != 0; --left) answer += delta("\"reasoning\":\"a\"");
    CHECK_EQ(counted(16384, "", {answer + end}, Api::chat), "reasoning_key 15");
}

TEST_CASE("a text that leaves early is counted, and its row once") {
    const std::string answer = delta("\"reasoning\":\"" + std::string(2000, 'a') + "\"") + end;
    const std::string line = counted(600, "", {answer}, Api::chat);
    CHECK_EQ(line, "provisional_piece 1, reasoning_key 1");
    Quirks quirks;
    quirks.add(Quirk::provisional_piece);
    CHECK(quirks.has(Quirk::provisional_piece));
}

TEST_CASE("a message after its deltas is counted also if it does not fit") {
    const std::string answer = delta("\"content\":\"a\"") +
                               choice("\"delta\":{},\"message\":{\"content\":\"" + std::string(2000, 'a') +
                                      "\"},\"finish_reason\":\"stop\"") +
                               done;
    CHECK_EQ(counted(600, "", {answer}, Api::chat), "message_beside_delta 1");
    CHECK_EQ(counted(16384, "", {answer}, Api::chat), "message_beside_delta 1");
}

// What recorded answers have; all others have nothing. (Of those of OpenAI two were edited to imitate others, and one
// has events that its document does not know.)
const std::pair<const char*, const char*> odd_recordings[] = {
    {"cerebras-chat-tools.sse", "reasoning_key 15"},
    {"deepseek-chat-reasoning.sse", "reasoning_content_key 15"},
    {"groq-chat-tool-failed-0.sse", "reasoning_key 15, x_groq 1, error_code_key 1"},
    {"groq-chat-tool.sse", "x_groq 2"},
    {"mistral-chat-thinking.sse", "thinking_part 15"},
    {"moonshot-chat.sse", "reasoning_content_key 2"},
    {"openai-chat-llm-tools-variant-a.sse", "role_again 4"},
    {"openai-chat-llm-tools-variant-c.sse", "role_again 3"},
    {"openai-responses-apply-patch.sse", "unknown_event 15"},
    {"openrouter-chat-annotations.sse", "role_again 15, finish_again 1"},
    {"openrouter-chat-cache.sse", "role_again 1"},
    {"openrouter-chat-error.sse",
     "reasoning_key 2, reasoning_details 3, role_again 3, finish_again 1, error_in_answer 1"},
    {"openrouter-chat-reasoning-1.sse", "reasoning_key 3, reasoning_details 13, role_again 13"},
    {"perplexity-chat-citations.sse", "role_again 7, usage_again 7"},
    {"snowflake-chat.sse", "role_again 1"},
    {"xai-chat-text.sse", "reasoning_content_key 5"},
};

TEST_CASE("of recorded answers is counted what is listed, of most of them nothing") {
    size_t odd = 0;
    for (const char* name : {"chat", "responses"}) {
        const Api& api = name[0] == 'c' ? Api::chat : Api::responses;
        const auto all = conformance::recorded(name);
        if (!all) return;
        for (const conformance::Recorded& one : *all) {
            if (one.file.find(".sse") == std::string::npos) continue;
            ROW(one.file);
            std::string expected;
            for (const auto& row : odd_recordings)
                if (one.file == row.first) expected = row.second, ++odd;
            for (const size_t buffer_bytes : {size_t{32768}, size_t{131072}})
                CHECK_EQ(counted(buffer_bytes, "", {one.bytes}, api), expected);
        }
    }
    CHECK_EQ(odd, std::size(odd_recordings));
}

TEST_CASE("each has a name of its own and a sentence of its own") {
    std::vector<std::string> names, sentences;
    for (unsigned number = 0; number != Quirks::size; ++number) {
        const Quirk quirk = static_cast<Quirk>(number);
        names.push_back(name_of(quirk));
        sentences.push_back(describe(quirk));
        CHECK_NE(sentences.back(), "unknown quirk");
        CHECK_FALSE(names.back().empty());
    }
    CHECK_EQ(names.front(), "provisional_piece");
    CHECK_EQ(names.back(), "invalid_arguments");
    for (std::vector<std::string>* list : {&names, &sentences}) {
        std::sort(list->begin(), list->end());
        CHECK(std::adjacent_find(list->begin(), list->end()) == list->end());
    }
    CHECK_EQ(std::string(name_of(static_cast<Quirk>(Quirks::size))), "");
    CHECK_EQ(std::string(describe(static_cast<Quirk>(Quirks::size))), "unknown quirk");
}
