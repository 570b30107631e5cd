// The Responses API: what each type of event means, row by row, and what comes of several together.
#include "io/responses_support.hpp"

#include <set>

using namespace responses;
namespace dialect = openai_stream::dialect;
using openai_stream::Buffer;
using namespace std::string_literals;

namespace {

// How an answer ends, behind its events.
std::string ending(const Story& story) {
    std::string text;
    if (story.verdict == Verdict::terminal_event) text += "the end; ";
    if (story.verdict == Verdict::done_marker) text += "done; ";
    if (story.verdict == Verdict::finish_then_eof) text += "complete; ";
    if (story.error == Error::server_error) text += "refused " + printed(story.failure) + "; ";
    else if (story.error != Error::none && story.error != Error::truncated) text += describe(story.error) + "; "s;
    if (story.unknown != 0) text += "unknown " + std::to_string(story.unknown) + "; ";
    return text;
}
// Its events, and how it ends; what ends with "; " goes on. (Truncated is what all are that do not end.)
std::string whole(const Story& story) {
    CHECK_EQ(story.broken, "");
    std::string text;
    for (const std::string& line : story.lines) text += line + "; ";
    text += ending(story);
    return text.size() > 2 ? text.substr(0, text.size() - 2) : text;
}

// ---- each type of event ---------------------------------------------------------------------------------------------

struct Sample {
    const char* type;
    const char* members;   // of the event, besides "type"
    const char* expected;  // null: nothing but that it came
};

#define ITEM R"("item_id":"m","output_index":2,"content_index":1,"sequence_number":7)"

// One for each row of the table.
const Sample samples[] = {
    {"response.output_text.delta", ITEM R"(,"delta":"Hi")",
     R"(started #7; text@2.1(Hi) of m #7)"},
    {"response.function_call_arguments.delta", ITEM R"(,"delta":"{")",
     R"(started #7; tool_arguments@2({) of m #7)"},
    {"response.reasoning_text.delta", ITEM R"(,"delta":"Hi")",
     R"(started #7; reasoning@2.1(Hi) of m #7)"},
    {"response.reasoning_summary_text.delta",
     R"("item_id":"m","output_index":2,"summary_index":1,"sequence_number":7,"delta":"Hi")",
     R"(started #7; reasoning@2.1(Hi) name=summary of m #7)"},
    {"response.refusal.delta", ITEM R"(,"delta":"No")",
     R"(started #7; refusal@2.1(No) of m #7)"},
    {"response.custom_tool_call_input.delta", ITEM R"(,"delta":"x")",
     R"(started #7; tool_arguments@2(x) of m #7)"},
    {"response.mcp_call_arguments.delta", ITEM R"(,"delta":"{")",
     R"(started #7; tool_arguments@2({) of m #7)"},
    {"response.code_interpreter_call_code.delta", ITEM R"(,"delta":"1+1")",
     R"(started #7; code@2(1+1) of m #7)"},
    {"response.shell_call_command.added",
     R"("output_index":2,"command_index":1,"command":"ls","sequence_number":7)",
     R"(started #7; command@2.1(ls) #7)"},
    {"response.shell_call_command.delta",
     R"("output_index":2,"command_index":1,"delta":"ls","obfuscation":"x","sequence_number":7)",
     R"(started #7; command@2.1(ls) #7)"},
    {"response.shell_call_output_content.delta",
     R"("output_index":2,"command_index":1,"delta":{"stdout":"a","stderr":"b"},"sequence_number":7)",
     R"(started #7; command_output@2.1(a) name=stdout #7; command_output@2.1(b) name=stderr #7)"},
    {"response.image_generation_call.partial_image",
     R"("item_id":"m","output_index":2,"partial_image_index":1,"partial_image_b64":"aGk=","size":"1x1",)"
     R"("sequence_number":7)",
     R"(started #7; image@2.1(aGk=) of m #7)"},
    {"response.audio.delta", R"("delta":"aGk=","sequence_number":7)",
     R"(started #7; audio(aGk=) #7)"},
    {"response.audio.transcript.delta", R"("delta":"Hi","sequence_number":7)",
     R"(started #7; transcript(Hi) #7)"},
    {"response.output_text.done", ITEM R"(,"text":"Hi")",
     R"(started #7; text@2.1(Hi) of m #7; other@2.1 name=response.output_text.done of m #7)"},
    {"response.function_call_arguments.done", ITEM R"(,"name":"f","arguments":"{}")",
     R"(started #7; tool_arguments@2({}) of m #7; other@2.1 name=response.function_call_arguments.done of m #7)"},
    {"response.reasoning_text.done", ITEM R"(,"text":"Hi")",
     R"(started #7; reasoning@2.1(Hi) of m #7; other@2.1 name=response.reasoning_text.done of m #7)"},
    {"response.reasoning_summary_text.done", ITEM R"(,"text":"Hi")",
     R"(started #7; reasoning@2.1(Hi) name=summary of m #7; )"
     R"(other@2.1 name=response.reasoning_summary_text.done of m #7)"},
    {"response.refusal.done", ITEM R"(,"refusal":"No")",
     R"(started #7; refusal@2.1(No) of m #7; other@2.1 name=response.refusal.done of m #7)"},
    {"response.custom_tool_call_input.done", ITEM R"(,"input":"x")",
     R"(started #7; tool_arguments@2(x) of m #7; other@2.1 name=response.custom_tool_call_input.done of m #7)"},
    {"response.mcp_call_arguments.done", ITEM R"(,"arguments":"{}")",
     R"(started #7; tool_arguments@2({}) of m #7; other@2.1 name=response.mcp_call_arguments.done of m #7)"},
    {"response.code_interpreter_call_code.done", ITEM R"(,"code":"1+1")",
     R"(started #7; code@2(1+1) of m #7; other@2.1 name=response.code_interpreter_call_code.done of m #7)"},
    {"response.shell_call_command.done",
     R"("output_index":2,"command_index":1,"command":"ls","sequence_number":7)",
     R"(started #7; command@2.1(ls) #7; other@2.1 name=response.shell_call_command.done #7)"},
    {"response.shell_call_output_content.done",
     R"("output_index":2,"command_index":1,"output":[{"stdout":"a","stderr":"b",)"
     R"("outcome":{"type":"exit","exit_code":0}}],"sequence_number":7)",
     R"(started #7; command_output@2.1(a) name=stdout #7; command_output@2.1(b) name=stderr #7; )"
     R"(other@2.1 name=response.shell_call_output_content.done #7)"},
    {"response.content_part.done",
     ITEM R"(,"part":{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"u",)"
     R"("title":"t","start_index":1,"end_index":2}]})",
     R"(started #7; annotation@2.1(u) id=url_citation name=t of m 1-2 #7; text@2.1(Hi) of m #7; )"
     R"(other@2.1 name=response.content_part.done of m #7)"},
    {"response.reasoning_summary_part.done",
     ITEM R"(,"status":"incomplete","part":{"type":"summary_text","text":"Hi"})",
     R"(started #7; reasoning@2.1(Hi) name=summary of m #7; )"
     R"(other@2.1(incomplete) name=response.reasoning_summary_part.done of m #7)"},
    {"response.reasoning_part.done", ITEM R"(,"part":{"type":"reasoning_text","text":"Hi"})",
     R"(started #7; reasoning@2.1(Hi) of m #7; other@2.1 name=response.reasoning_part.done of m #7)"},
    {"response.output_item.added",
     R"("output_index":2,"item":{"id":"m","type":"function_call","status":"in_progress","call_id":"c",)"
     R"("name":"f","arguments":""},"sequence_number":7)",
     R"(started #7; item@2(function_call) of m #7; tool_call@2(function) id=c name=f of m #7)"},
    {"response.output_item.done",
     R"("output_index":2,"item":{"id":"m","type":"message","status":"completed",)"
     R"("content":[{"type":"output_text","text":"Hi"},{"type":"refusal","refusal":"No"}]},)"
     R"("sequence_number":7)",
     R"(started #7; item@2(message) of m #7; text@2.0(Hi) of m #7; refusal@2.1(No) of m #7; )"
     R"(item_done@2(message) name=completed of m #7)"},
    {"response.output_text.annotation.added",
     ITEM R"(,"annotation_index":0,"annotation":{"type":"url_citation","url":"u","title":"t",)"
     R"("start_index":1,"end_index":2})",
     R"(started #7; annotation@2.1(u) id=url_citation name=t of m 1-2 #7)"},
    {"response.created",
     R"("response":{"id":"r","created_at":5,"model":"g","status":"in_progress","output":[]},)"
     R"("sequence_number":7)",
     R"(started id=r name=g 5 #7)"},
    {"response.completed",
     R"("response":{"id":"r","model":"g","status":"completed","output":[],"usage":{"input_tokens":1,)"
     R"("input_tokens_details":{"cached_tokens":4},"output_tokens":2,)"
     R"("output_tokens_details":{"reasoning_tokens":5},"total_tokens":3}},"sequence_number":7)",
     R"(started id=r name=g #7; finish name=completed reason=1 #7; )"
     R"(usage{"cached_tokens":4,"completion_tokens":2,"prompt_tokens":1,"reasoning_tokens":5,"total_tokens":3} #7; )"
     R"(the end)"},
    {"response.done",
     R"("response":{"id":"r","status":"completed","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}},)"
     R"("sequence_number":7)",
     R"(started id=r #7; finish name=completed reason=1 #7; )"
     R"(usage{"cached_tokens":null,"completion_tokens":2,"prompt_tokens":1,"reasoning_tokens":null,"total_tokens":3} #7; )"
     R"(the end)"},
    {"response.incomplete",
     R"("response":{"id":"r","status":"incomplete",)"
     R"("incomplete_details":{"reason":"max_output_tokens"}},"sequence_number":7)",
     R"(started id=r #7; finish name=max_output_tokens reason=2 #7; the end)"},
    {"response.failed", R"("response":{"id":"r","status":"failed","error":null},"sequence_number":7)",
     R"(started id=r #7; refused {"code":null,"message":null,"param":null,"type":null})"},
    {"error", R"("code":"c","message":"m","param":"p","sequence_number":7)",
     R"(refused {"code":"c","message":"m","param":"p","type":null})"},
    {"keepalive", R"("sequence_number":7)",
     R"(keepalive #7)"},
    {"response.queued", R"("response":{"id":"r","status":"queued"},"sequence_number":7)",
     R"(started id=r #7; other(queued) name=response.queued #7)"},
    {"response.in_progress", R"("response":{"id":"r","status":"in_progress"},"sequence_number":7)",
     R"(started id=r #7; other(in_progress) name=response.in_progress #7)"},
    {"response.content_part.added", ITEM R"(,"part":{"type":"output_text","text":""})",
     R"(other@2.1 name=response.content_part.added of m #7)"},
    {"response.reasoning_summary_part.added", ITEM R"(,"part":{"type":"summary_text","text":""})",
     R"(other@2.1 name=response.reasoning_summary_part.added of m #7)"},
    {"response.reasoning_part.added", ITEM R"(,"part":{"type":"reasoning_text","text":""})",
     R"(other@2.1 name=response.reasoning_part.added of m #7)"},
    {"response.audio.done", R"("sequence_number":7)",
     R"(other name=response.audio.done #7)"},
    {"response.audio.transcript.done", R"("sequence_number":7)",
     R"(other name=response.audio.transcript.done #7)"},
    {"response.web_search_call.in_progress", ITEM, nullptr},
    {"response.web_search_call.searching", ITEM, nullptr},
    {"response.web_search_call.completed", ITEM, nullptr},
    {"response.file_search_call.in_progress", ITEM, nullptr},
    {"response.file_search_call.searching", ITEM, nullptr},
    {"response.file_search_call.completed", ITEM, nullptr},
    {"response.code_interpreter_call.in_progress", ITEM, nullptr},
    {"response.code_interpreter_call.interpreting", ITEM, nullptr},
    {"response.code_interpreter_call.completed", ITEM, nullptr},
    {"response.image_generation_call.in_progress", ITEM, nullptr},
    {"response.image_generation_call.generating", ITEM, nullptr},
    {"response.image_generation_call.completed", ITEM, nullptr},
    {"response.mcp_call.in_progress", ITEM, nullptr},
    {"response.mcp_call.completed", ITEM, nullptr},
    {"response.mcp_call.failed", ITEM, nullptr},
    {"response.mcp_list_tools.in_progress", ITEM, nullptr},
    {"response.mcp_list_tools.completed", ITEM, nullptr},
    {"response.mcp_list_tools.failed", ITEM, nullptr},};
#undef ITEM

std::string data_of(const Sample& sample) {
    return "{\"type\":\"" + std::string(sample.type) + "\"" + (*sample.members ? "," : "") + sample.members + "}";
}
std::string expected_of(const Sample& sample) {
    if (sample.expected) return sample.expected;
    return "other@2.1 name=" + std::string(sample.type) + " of m #7";
}
// With this table of types, or the library's.
std::string told_by(const Sample& sample, dialect::ResponseDialect* types = nullptr) {
    char memory[4096];
    const std::string body = as_event(data_of(sample));
    return whole(read(Buffer(memory), {body}, types));
}

}  // namespace

TEST_CASE("each type of event") {
    for (const Sample& sample : samples) {
        ROW(sample.type);
        CHECK_EQ(told_by(sample), expected_of(sample));
        support::GuardedBuffer memory(2048);
        const auto read_all = [&](const std::string& body) {
            std::string wrong;
            corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                const std::string story = whole(read({memory.data(), memory.size()}, pieces));
                if (wrong.empty() && story != expected_of(sample)) wrong = corpus::describe(pieces) + ": " + story;
            });
            return wrong;
        };
        CHECK_EQ(read_all(as_event(data_of(sample))), "");
        // The type behind everything, and in the `event:` line: before the data, behind it, and alone.
        const std::string type = sample.type, members = sample.members, comma = members.empty() ? "" : ",";
        CHECK_EQ(read_all("data: {" + members + comma + "\"type\":\"" + type + "\"}\n\n"), "");
        if (type == "error") continue;  // that line alone makes it an error, see the shapes of errors
        CHECK_EQ(read_all(as_event(data_of(sample), type)), "");
        CHECK_EQ(read_all("data: " + data_of(sample) + "\nevent: " + type + "\n\n"), "");
        CHECK_EQ(read_all(as_event("{" + members + "}", type)), "");
    }
}

// The table is what knows the types: without its row a type is one that nobody knows, or no more than progress, and all
// others are what they were.
TEST_CASE("a type without its row") {
    const size_t count = dialect::responses.type_count;
    for (size_t missing = 0; missing != count; ++missing) {
        const dialect::EventType& row = dialect::responses.types[missing];
        ROW(row.name);
        std::vector<dialect::EventType> rows(dialect::responses.types, dialect::responses.types + count);
        rows.erase(rows.begin() + static_cast<ptrdiff_t>(missing));
        dialect::ResponseDialect without = dialect::responses;
        without.types = rows.data();
        without.type_count = rows.size();
        size_t samples_of_it = 0;
        for (const Sample& sample : samples) {
            const std::string story = told_by(sample, &without), type = sample.type;
            const std::string rest = type.substr(type.find('.') + 1);
            if (rest == type || row.meaning_of(rest).says == dialect::Says::unknown) {
                CHECK_EQ(story, expected_of(sample));
                continue;
            }
            ++samples_of_it;
            CHECK_NE(story, expected_of(sample));
            CHECK_NE(story.find("name=" + type), std::string::npos);
            const bool is_progress = type == "response.completed" || type == "response.failed";
            CHECK_EQ(story.find("unknown 1") == std::string::npos, is_progress);
        }
        CHECK_EQ(samples_of_it, row.name[row.size - 1] == '.' ? 2 : 1);
    }
}

// The events that OpenAPI 2.3.0 documents, and four that it does not.
TEST_CASE("every documented type is known, and no other") {
    const char* const endings[][2] = {
        {"response.", "created queued in_progress completed failed incomplete"},
        {"", "error keepalive"},
        {"response.output_item.", "added done"},
        {"response.content_part.", "added done"},
        {"response.output_text.", "delta done annotation.added"},
        {"response.refusal.", "delta done"},
        {"response.reasoning_text.", "delta done"},
        {"response.reasoning_summary_part.", "added done"},
        {"response.reasoning_part.", "added done"},
        {"response.", "done"},
        {"response.reasoning_summary_text.", "delta done"},
        {"response.function_call_arguments.", "delta done"},
        {"response.custom_tool_call_input.", "delta done"},
        {"response.mcp_call_arguments.", "delta done"},
        {"response.mcp_call.", "in_progress completed failed"},
        {"response.mcp_list_tools.", "in_progress completed failed"},
        {"response.web_search_call.", "in_progress searching completed"},
        {"response.file_search_call.", "in_progress searching completed"},
        {"response.code_interpreter_call.", "in_progress interpreting completed"},
        {"response.code_interpreter_call_code.", "delta done"},
        {"response.image_generation_call.", "in_progress generating completed partial_image"},
        {"response.shell_call_command.", "added delta done"},
        {"response.shell_call_output_content.", "delta done"},
        {"response.audio.", "delta done transcript.delta transcript.done"},
    };
    std::set<std::string> documented;
    for (const auto& group : endings) {
        const std::string words = std::string(group[1]) + " ";
        for (size_t at = 0; at != words.size(); at = words.find(' ', at) + 1)
            documented.insert(group[0] + words.substr(at, words.find(' ', at) - at));
    }
    CHECK_EQ(documented.size(), 62);
    const auto is_known = [](const std::string& type) {
        return dialect::responses.meaning_of(type).says != dialect::Says::unknown;
    };
    for (const std::string& type : documented) {
        ROW(type);
        CHECK(is_known(type));
        CHECK_FALSE(is_known(type.substr(1)));
        CHECK_FALSE(is_known(type + "."));
        CHECK_FALSE(is_known(type.substr(0, type.size() - 1)));
        CHECK_FALSE(is_known(type + ".delta"));
        if (type != "error" && type != "keepalive") CHECK_FALSE(is_known(type.substr(9)));
    }
    // All pairs of what stands before the last word and the words there are.
    const char* const words[] = {"delta", "done", "added", "created", "incomplete", "partial_image"};
    for (const std::string& type : documented) {
        for (const char* const word : words) {
            const std::string made = type.substr(0, type.rfind('.') + 1) + word;
            if (type.find('.') == std::string::npos) continue;
            ROW(made);
            CHECK_EQ(is_known(made), documented.count(made) != 0);
        }
    }
    ROW("progress of a tool that is not documented");
    CHECK(dialect::responses.meaning_of("response.new_call.searching").says == dialect::Says::mark);
    CHECK_FALSE(is_known("response.new_call.done"));
    CHECK_FALSE(is_known("new_call.searching"));
    CHECK_EQ(std::size(samples), 62);
}

// ---- the corpus -----------------------------------------------------------------------------------------------------

namespace {

// What one event of the corpus says, in its words. Not said by this library: the status of an answer that has begun,
// and texts that it hands out though the row does not ask for them (of an item that is complete).
Json corpus_value(const Story& story, const std::vector<Event>& events, const std::vector<std::string>& texts,
                  const Json& wanted) {
    Json value = wanted;
    for (const char* key : {"type", "sequence_number", "response_id", "item_id", "output_index", "content_index",
                            "summary_index", "delta", "call_id", "name", "arguments", "usage", "error",
                            "incomplete_reason"})
        if (value.contains(key)) value[key] = nullptr;
    std::string output_text, type;
    Json status = wanted.at("status");
    for (size_t at = 0; at != events.size(); ++at) {
        const Event& event = events[at];
        const std::string& text = texts[at];
        const Json words = Json::parse(text);
        value["sequence_number"] = said(event.sequence_number);
        if (!words["item_id"].is_null()) value["item_id"] = words["item_id"];
        if (event.output_index >= 0) value["output_index"] = event.output_index;
        switch (event.kind) {
            case EventKind::started:
                value["response_id"] = words["id"];
                if (type.empty()) type = "response.created";
                break;
            case EventKind::text:
            case EventKind::refusal:
            case EventKind::reasoning:
                output_text += words["text"].get<std::string>();
                type = event.kind == EventKind::text      ? "response.output_text.delta"
                       : event.kind == EventKind::refusal ? "response.refusal.delta"
                                                          : "response.reasoning_summary_text.delta";
                value[words["name"] == "summary" ? "summary_index" : "content_index"] = said(event.content_index);
                value["delta"] = output_text;
                break;
            case EventKind::tool_arguments:
                type = "response.function_call_arguments.delta";
                value["delta"] = words["text"];
                break;
            case EventKind::item: type = "response.output_item.added"; break;
            case EventKind::tool_call:
                value["call_id"] = words["id"];
                value["name"] = words["name"];
                value["arguments"] = "";  // of which no piece came
                break;
            case EventKind::item_done:
                type = "response.output_item.done";
                status = words["name"];
                value["delta"] = value["content_index"] = nullptr;
                break;
            case EventKind::other:
                type = words["name"];
                if (type == "response.function_call_arguments.done") {
                    value["arguments"] = value["delta"];
                    value["delta"] = nullptr;
                }
                break;
            case EventKind::finish:
                type = words["name"] == "completed" ? "response.completed" : "response.incomplete";
                CHECK_EQ(output_text, wanted.at("output_text"));
                if (words["name"] != "completed") value["incomplete_reason"] = words["name"];
                for (const char* key : {"delta", "content_index", "item_id", "output_index"}) value[key] = nullptr;
                break;
            case EventKind::usage: value["usage"] = usage_value(event.usage); break;
            default: break;
        }
    }
    if (story.error == Error::server_error) {
        value["error"] = story.failure;
        type = wanted.at("type");
        value["sequence_number"] = wanted.at("sequence_number");
    }
    value["type"] = type;
    if (type == "response.output_item.done") value["status"] = status;
    if (wanted.at("delta").is_null()) value["delta"] = wanted.at("delta");
    // Usage in the corpus has the names of this API.
    Json& usage = value["usage"];
    if (usage.is_object())
        usage = {{"input_tokens", usage["prompt_tokens"]},
                 {"output_tokens", usage["completion_tokens"]},
                 {"total_tokens", usage["total_tokens"]},
                 {"cached_tokens", usage["cached_tokens"]},
                 {"reasoning_tokens", usage["reasoning_tokens"]}};
    return value;
}

}  // namespace

TEST_CASE("events of the corpus") {
    size_t rows = 0;
    for (const Json& row : corpus::rows("json.jsonl")) {
        if (row.at("kind") != "responses") continue;
        ROW(row.at("name"));
        ++rows;
        Json wanted = row.at("expect");
        const std::string body = as_event(corpus::bytes(row, "json"));
        support::GuardedBuffer memory(4096);
        std::string wrong;
        corpus::for_each_cut(body, corpus::is_large(row), [&](const corpus::Pieces& pieces) {
            Exchange exchange(Buffer(memory.data(), memory.size()));
            Story story;
            std::vector<Event> events;
            std::vector<std::string> texts;
            if (exchange.begin_body(BodyOf::responses, 200, "text/event-stream") != Error::none) wrong = "begin_body";
            story.end(exchange, feed(exchange, pieces, [&](const Event& event) {
                          story.take(event);
                          events.push_back(event);
                          const Json words = {{"text", said(event.text)},
                                              {"id", said(event.id)},
                                              {"name", said(event.name)},
                                              {"item_id", said(event.item_id)}};
                          texts.push_back(words.dump());
                      }));
            if (!story.broken.empty()) wrong = story.broken;
            const Json value = corpus_value(story, events, texts, wanted);
            if (wrong.empty() && value != wanted) wrong = corpus::describe(pieces) + ": " + printed(value);
        });
        CHECK_MESSAGE(wrong.empty(), wrong << "\n" << printed(wanted));
    }
    CHECK_EQ(rows, 17);
}

// ---- several events -------------------------------------------------------------------------------------------------

namespace {

struct Case {
    const char* name;
    // JSON texts, one a line (a blank in front continues it); `type|` in front of one is an `event:` line; what is no
    // JSON stands for itself.
    const char* events;
    const char* expected;
};

std::string stream_of(const char* lines) {
    std::string body, all = lines;
    for (size_t at = 0; (at = all.find("\n ", at)) != std::string::npos;) all.erase(at, 2);
    for (size_t at = 0; at < all.size();) {
        const size_t end = std::min(all.find('\n', at), all.size());
        const std::string line = all.substr(at, end - at);
        at = end + 1;
        if (line.empty()) continue;
        const size_t bar = line.find("|{");
        body += line[0] == '{'               ? as_event(line)
                : bar == std::string::npos ? line + "\n\n"
                                           : as_event(line.substr(bar + 1), line.substr(0, bar));
    }
    return body;
}

// In every cut, where there is room; "" or what is wrong.
std::string wrong_reading(const std::string& body, const std::string& expected, size_t buffer_bytes = 8 * 1024) {
    std::string wrong;
    support::GuardedBuffer memory(buffer_bytes);
    corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
        const std::string story = whole(read({memory.data(), memory.size()}, pieces));
        if (wrong.empty() && story != expected) wrong = corpus::describe(pieces) + ": " + story;
    });
    return wrong;
}

}  // namespace

TEST_CASE("a text is handed out once") {
    const Case cases[] = {
        {"in pieces, and not again as a whole", R"(
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"a"}
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"b"}
{"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,"text":"ab"}
{"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,
 "part":{"type":"output_text","text":"ab"}}
{"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"ab"}]}}
{"type":"response.completed","response":{"id":"r","output":[{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"ab"}]}]}})",
         "started; text@0.0(a) of m; text@0.0(b) of m; other@0.0 name=response.output_text.done of m; "
         "other@0.0 name=response.content_part.done of m; item@0(message) of m; item_done@0(message) of m; "
         "finish name=completed reason=1; the end"},
        {"another part of the same item has no pieces", R"(
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"a"}
{"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}})",
         "started; text@0.0(a) of m; item@0(message) of m; text@0.1(b) of m; item_done@0(message) of m"},
        {"another item has no pieces", R"(
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"a"}
{"type":"response.completed","response":{"id":"r","output":[{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"a"}]},{"id":"n","type":"message","content":[{"type":"output_text",
 "text":"b"}],"status":"completed"}]}})",
         "started; text@0.0(a) of m; item@0(message) of m; item_done@0(message) of m; item@1(message) of n; "
         "text@1.0(b) of n; item_done@1(message) name=completed of n; finish name=completed reason=1; the end"},
        {"without indices: by the item's id", R"(
{"type":"response.output_text.delta","item_id":"m","delta":"a"}
{"type":"response.output_text.done","item_id":"m","text":"a"}
{"type":"response.output_item.done","item":{"id":"n","type":"message","content":[{"type":"output_text",
 "text":"b"}]}})",
         "started; text(a) of m; other name=response.output_text.done of m; item(message) of n; text.0(b) of n; "
         "item_done(message) of n"},
        {"without indices and ids: the latest item", R"(
{"type":"response.output_item.added","item":{"type":"message"}}
{"type":"response.output_text.delta","delta":"a"}
{"type":"response.output_text.done","text":"a"}
{"type":"response.output_item.added","item":{"type":"message"}}
{"type":"response.output_text.done","text":"b"})",
         "started; item(message); text(a); other name=response.output_text.done; item(message); text(b); "
         "other name=response.output_text.done"},
        {"ids that differ from event to event: by the index", R"(
{"type":"response.output_text.delta","item_id":"m1","output_index":0,"content_index":0,"delta":"a"}
{"type":"response.output_text.done","item_id":"m2","output_index":0,"content_index":0,"text":"a"})",
         "started; text@0.0(a) of m1; other@0.0 name=response.output_text.done of m2"},
        {"an answer at the end that lacks an item: by the id", R"(
{"type":"response.reasoning_summary_text.delta","item_id":"s","output_index":0,"summary_index":0,"delta":"x"}
{"type":"response.output_text.delta","item_id":"m","output_index":1,"content_index":0,"delta":"a"}
{"type":"response.completed","response":{"output":[{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"a"}]}]}})",
         "started; reasoning@0.0(x) name=summary of s; text@1.0(a) of m; item@0(message) of m; "
         "item_done@0(message) of m; finish name=completed reason=1; the end"},
        {"no indices, and no ids at the end: by the order", R"(
{"type":"response.output_text.delta","item_id":"m","delta":"a"}
{"type":"response.output_text.delta","item_id":"n","delta":"b"}
{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"a"}]},
 {"type":"message","content":[{"type":"output_text","text":"b"}]}]}})",
         "started; text(a) of m; text(b) of n; item@0(message); item_done@0(message); item@1(message); "
         "item_done@1(message); finish name=completed reason=1; the end"},
        {"an empty piece is none", R"(
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":""}
{"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,"text":"a"})",
         "started; text@0.0(a) of m; other@0.0 name=response.output_text.done of m"},
        {"arguments that come as a whole only", R"(
{"type":"response.output_item.added","output_index":0,"item":{"id":"f","type":"function_call","call_id":"c",
 "name":"g","arguments":""}}
{"type":"response.function_call_arguments.done","item_id":"f","output_index":0,"arguments":"{}"}
{"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call","call_id":"c",
 "name":"g","arguments":"{}","status":"completed"}}
{"type":"response.completed","response":{"status":"completed"}})",
         "started; item@0(function_call) of f; tool_call@0(function) id=c name=g of f; tool_arguments@0({}) of f; "
         "other@0 name=response.function_call_arguments.done of f; item_done@0(function_call) name=completed of f; "
         "finish name=completed reason=3; the end"},
        {"a call that only the complete item knows", R"(
{"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"custom_tool_call","call_id":"c",
 "name":"g","input":"SELECT","status":"completed"}})",
         "started; item@0(custom_tool_call) of f; tool_call@0(custom) id=c name=g of f; tool_arguments@0(SELECT) of f; "
         "item_done@0(custom_tool_call) name=completed of f"},
        {"arguments that are an object", R"(
{"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call","call_id":"c",
 "name":"g","arguments":{"a": [1]}}})",
         R"(started; item@0(function_call) of f; tool_call@0(function) id=c name=g of f; )"
         R"(tool_arguments@0({"a": [1]}) of f; )"
         "item_done@0(function_call) of f"},
        {"two calls at once, piece by piece", R"(
{"type":"response.output_item.added","output_index":0,"item":{"id":"f","type":"function_call","call_id":"c",
 "name":"g"}}
{"type":"response.output_item.added","output_index":1,"item":{"id":"h","type":"mcp_call","name":"i"}}
{"type":"response.mcp_call_arguments.delta","item_id":"h","output_index":1,"delta":"1"}
{"type":"response.function_call_arguments.delta","item_id":"f","output_index":0,"delta":"{"}
{"type":"response.mcp_call_arguments.done","item_id":"h","output_index":1,"arguments":"1"}
{"type":"response.function_call_arguments.done","item_id":"f","output_index":0,"arguments":"{"})",
         "started; item@0(function_call) of f; tool_call@0(function) id=c name=g of f; item@1(mcp_call) of h; "
         "tool_call@1(mcp) name=i of h; tool_arguments@1(1) of h; tool_arguments@0({) of f; "
         "other@1 name=response.mcp_call_arguments.done of h; other@0 name=response.function_call_arguments.done of f"},
        {"the image itself, behind partial ones", R"(
{"type":"response.image_generation_call.partial_image","item_id":"i","output_index":0,"partial_image_index":0,
 "partial_image_b64":"AAAA"}
{"type":"response.output_item.done","output_index":0,"item":{"id":"i","type":"image_generation_call",
 "status":"completed","result":"BBBB"}}
{"type":"response.completed","response":{"output":[{"id":"i","type":"image_generation_call","result":"BBBB"}]}})",
         "started; image@0.0(AAAA) of i; item@0(image_generation_call) of i; image@0(BBBB) of i; "
         "item_done@0(image_generation_call) name=completed of i; finish name=completed reason=1; the end"},
        {"sources too", R"(
{"type":"response.output_text.annotation.added","item_id":"m","output_index":0,"content_index":0,
 "annotation":{"type":"file_citation","file_id":"f","filename":"n","index":3}}
{"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,
 "part":{"type":"output_text","text":"","annotations":[{"type":"file_citation","file_id":"f","filename":"n",
 "index":3}]}}
{"type":"response.completed","response":{"output":[{"id":"m","type":"message",
 "content":[{"type":"output_text","text":"","annotations":[{"type":"file_citation","file_id":"f"}]}]}]}})",
         "started; annotation@0.0(f) id=file_citation name=n of m; other@0.0 name=response.content_part.done of m; "
         "item@0(message) of m; item_done@0(message) of m; finish name=completed reason=1; the end"},
        {"the answer begins once, however often it is said", R"(
{"type":"response.created","response":{"id":"r","model":"g"}}
{"type":"response.created","response":{"id":"r","model":"g"}}
{"type":"response.created","response":{"id":"r","model":"g"}}
{"type":"response.completed","response":{"id":"r"}})",
         "started id=r name=g; finish name=completed reason=1; the end"},
        {"what comes before it does not begin it", R"(
{"type":"codex.rate_limits","limits":[1]}
{"type":"keepalive","sequence_number":1}
{"type":"response.created","response":{"id":"r","model":"g"}})",
         "other name=codex.rate_limits; keepalive #1; started id=r name=g; unknown 1"},
        {"half a pair of surrogates waits for the other one", R"(
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"a\ud83d"}
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"\ude00b"}
{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"c\ud83d"}
{"type":"response.completed","response":{}})",
         "started; text@0.0(a) of m; text@0.0(\xF0\x9F\x98\x80" "b) of m; text@0.0(c) of m; text(\xEF\xBF\xBD); "
         "finish name=completed reason=1; the end"},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        CHECK_EQ(whole(read(8 * 1024, stream_of(one.events))), one.expected);
    }
}

TEST_CASE("how an answer ends") {
    const char* const said = R"({"code":"c","message":"m","param":null,"type":null})";
    const Case cases[] = {
        {"cut by the filter", R"(
{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}})",
         "started; finish name=content_filter reason=4; the end"},
        {"cut for a reason that nobody knows", R"(
{"type":"response.incomplete","response":{"incomplete_details":{"reason":"tired"},"status":"incomplete"}})",
         "started; finish name=tired reason=6; the end"},
        {"[DONE] behind the end is ignored", R"(
{"type":"response.completed","response":{"status":"completed"}}
data: [DONE])",
         "started; finish name=completed reason=1; the end"},
        {"[DONE] is no end", R"(
{"type":"response.output_text.delta","delta":"a"}
data: [DONE])",
         "started; text(a)"},
        {"nothing behind the end is read", R"(
{"type":"response.completed","response":{"status":"completed"}}
{"type":"response.output_text.delta","delta":"a"}
data: no JSON)",
         "started; finish name=completed reason=1; the end"},
        {"an error event as it is sent", R"(
error|{"type":"error","sequence_number":2,"error":{"type":"t","code":"c","message":"m","param":null,
 "headers":{"retry-after":"300"}}})",
         R"(refused {"code":"c","message":"m","param":null,"type":"t"})"},
        {"the same without an event line", R"(
{"type":"error","sequence_number":2,"error":{"type":"t","code":"c","message":"m","param":null}})",
         R"(refused {"code":"c","message":"m","param":null,"type":"t"})"},
        {"an error event as it is documented, without an event line", R"(
{"type":"error","code":"c","message":"m","param":null,"sequence_number":2})", nullptr},
        {"the same, the type last", R"(
{"sequence_number":2,"code":"c","message":"m","param":null,"type":"error"})", nullptr},
        {"a failed answer", R"(
{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"c","message":"m"}}})",
         R"(started id=r; refused {"code":"c","message":"m","param":null,"type":null})"},
        {"what was said of a failed answer comes first", R"(
{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"c","message":"m"},
 "output":[{"id":"m","type":"message","content":[{"type":"output_text","text":"a"}]}]}})",
         R"(started id=r; item@0(message) of m; text@0.0(a) of m; item_done@0(message) of m; )"
         R"(refused {"code":"c","message":"m","param":null,"type":null})"},
        {"llama.cpp: without event line and type, the code a number", R"(
{"type":"response.output_text.delta","delta":"a"}
{"error":{"code":500,"message":"m","type":"server_error"}})",
         R"(started; text(a); refused {"code":"500","message":"m","param":null,"type":"server_error"})"},
        {"llama.cpp: a field of its own", R"(
error: {"code":500,"message":"m","type":"server_error"})",
         R"(refused {"code":"500","message":"m","param":null,"type":"server_error"})"},
        {"an error that is a text", R"(
{"error":"m"})",
         R"(refused {"code":null,"message":"m","param":null,"type":null})"},
        {"a detail of an event that is known by its type is no error", R"(
{"type":"response.output_text.delta","delta":"a","detail":"searching"}
{"type":"response.web_search_call.searching","item_id":"w","output_index":1,"detail":"query: cats"}
{"type":"response.status","detail":"searching"}
{"errors":["x"],"type":"response.status"}
{"type":"response.completed","response":{"status":"completed"},"detail":"auto"})",
         "started; text(a); other@1 name=response.web_search_call.searching of w; other name=response.status; "
         "other name=response.status; finish name=completed reason=1; the end; unknown 2"},
        {"what went wrong with a tool's call is no error of the answer", R"(
{"type":"response.output_text.delta","delta":"a"}
{"type":"response.mcp_call.failed","item_id":"x","output_index":1,"error":"tool failed"}
{"error":{"code":"c","message":"m"},"output_index":1,"type":"response.some_tool.failed"}
{"type":"response.completed","response":{"status":"completed"}})",
         "started; text(a); other@1 name=response.mcp_call.failed of x; other@1 name=response.some_tool.failed; "
         "finish name=completed reason=1; the end"},
        {"a detail of an event that says nothing else is an error", R"(
{"type":"response.output_text.delta","delta":"a"}
{"detail":"m"})",
         R"(started; text(a); refused {"code":null,"message":"m","param":null,"type":null})"},
        {"an error in an event of no item is the answer's", R"(
{"type":"response.output_text.delta","delta":"a"}
{"type":"response.status","error":"m"})",
         R"(started; text(a); other name=response.status; refused {"code":null,"message":"m","param":null,"type":null})"},
        {"no JSON", "data: <html>\n", "an event's data is not valid JSON"},
        {"a status alone, in an event without a type", R"(
{"response":{"id":"r","status":"in_progress"}}
{"response":{"id":"r","status":"completed"}})",
         "started id=r; finish name=completed reason=1; the end"},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        const std::string expected = one.expected ? std::string(one.expected) : "refused "s + said;
        CHECK_EQ(wrong_reading(stream_of(one.events), expected), "");
    }
}

TEST_CASE("answers that were not streamed") {
    const Case cases[] = {
        {"all that a response can hold",
         R"({"id":"r","object":"response","created_at":5,"model":"g","status":"completed","error":null,
             "text":{"format":{"type":"text"}},"output":[
             {"id":"s","type":"reasoning","summary":[{"type":"summary_text","text":"why"}],
              "content":[{"type":"reasoning_text","text":"how"}]},
             {"id":"w","type":"web_search_call","status":"completed"},
             {"id":"m","type":"message","status":"completed","content":[
              {"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"u","title":"t",
               "start_index":0,"end_index":1}],"logprobs":[]},{"type":"refusal","refusal":"no"}]},
             {"id":"f","type":"function_call","call_id":"c","name":"g","arguments":"{}","status":"completed"}],
             "usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}})",
         R"(started id=r name=g 5; item@0(reasoning) of s; reasoning@0.0(how) of s; )"
         R"(reasoning@0.0(why) name=summary of s; item_done@0(reasoning) of s; item@1(web_search_call) of w; )"
         R"(item_done@1(web_search_call) name=completed of w; item@2(message) of m; )"
         R"(annotation@2.0(u) id=url_citation name=t of m 0-1; text@2.0(a) of m; refusal@2.1(no) of m; )"
         R"(item_done@2(message) name=completed of m; item@3(function_call) of f; )"
         R"(tool_call@3(function) id=c name=g of f; tool_arguments@3({}) of f; )"
         R"(item_done@3(function_call) name=completed of f; finish name=completed reason=3; )"
         R"(usage{"cached_tokens":null,"completion_tokens":2,"prompt_tokens":1,"reasoning_tokens":null,)"
         R"("total_tokens":3}; complete)"},
        {"the output before everything",
         R"({"output":[{"content":[{"text":"a","type":"output_text"}],"id":"m","type":"message"}],"model":"g",
             "status":"completed","id":"r"})",
         "started id=r name=g; item@0(message) of m; text@0.0(a) of m; item_done@0(message) of m; "
         "finish name=completed reason=1; complete"},
        {"a part without a type, in an item without one", R"({"id":"r","status":"completed","output":[
             {"content":[{"text":"a"}]},{"type":"message","content":[{"text":"b"}]},
             {"type":"reasoning","content":[{"text":"c"}]}]})",
         "started id=r; item@0; text@0.0(a); item_done@0; item@1(message); text@1.0(b); item_done@1(message); "
         "item@2(reasoning); reasoning@2.0(c); item_done@2(reasoning); finish name=completed reason=1; complete"},
        {"cut", R"({"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})",
         "started id=r; finish name=max_output_tokens reason=2; complete"},
        {"cancelled", R"({"id":"r","status":"cancelled"})", "started id=r; finish name=cancelled reason=6; complete"},
        {"in the background, not begun", R"({"id":"r","status":"queued","output":[]})",
         "started id=r; finish name=queued reason=6; complete"},
        {"failed", R"({"id":"r","status":"failed","error":{"code":"c","message":"m"},"output":[]})",
         R"(started id=r; refused {"code":"c","message":"m","param":null,"type":null})"},
        {"a detail", R"({"id":"r","detail":"auto","status":"completed","output":[]})",
         "started id=r; finish name=completed reason=1; complete"},
        {"a detail alone", R"({"detail":"m"})", R"(refused {"code":null,"message":"m","param":null,"type":null})"},
        {"a detail and a status that is none of an answer", R"({"detail":"m","status":404})",
         R"(started; refused {"code":null,"message":"m","param":null,"type":null})"},
        {"a problem with a type of its own", R"({"type":"about:blank","title":"t","status":404,"detail":"m"})",
         R"(other(404) name=about:blank; refused {"code":null,"message":"m","param":null,"type":null})"},
        {"an error", R"({"error":{"code":"c","message":"m","type":"t","param":"p"}})",
         R"(refused {"code":"c","message":"m","param":"p","type":"t"})"},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        CHECK_EQ(wrong_reading(one.events, one.expected), "");
    }
    ROW("the request's texts, which some servers send back");
    for (const size_t size : {size_t{10}, size_t{600}, size_t{3000}}) {
        for (const char* const key : {"input", "text", "delta", "arguments", "command"}) {
            const std::string echo = "\"" + std::string(key) + "\":\"" + std::string(size, 'x') + "\"";
            const std::string output =
                R"("output":[{"id":"m","type":"message","content":[{"type":"output_text","text":"a"}]}])";
            const std::string expected = "started; item@0(message) of m; text@0.0(a) of m; item_done@0(message) of m; "
                                         "finish name=completed reason=1; complete";
            CHECK_EQ(wrong_reading("{" + echo + R"(,"status":"completed",)" + output + "}", expected), "");
            CHECK_EQ(wrong_reading("{" + output + R"(,"status":"completed",)" + echo + "}", expected), "");
            CHECK_EQ(wrong_reading("{" + echo + R"(,"status":"completed",)" + output + "}", expected, 512), "");
            CHECK_EQ(wrong_reading("{" + output + R"(,"status":"completed",)" + echo + "}", expected, 512), "");
        }
    }
}
