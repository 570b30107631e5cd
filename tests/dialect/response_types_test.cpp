// The Responses API, event by event: what each type means, row by row and in the corpus.
#include "io/responses_support.hpp"
#include "table_rows.hpp"

#include <set>
#include <sstream>

using namespace responses;
namespace dialect = openai_stream::dialect;
using openai_stream::Buffer;

namespace {

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
    {"response.mcp_list_tools.failed", ITEM, nullptr},
    {"response.compaction.compacting", ITEM, nullptr},
    {"response.steer.accepted", ITEM, nullptr},
    {"response.steer.pending", ITEM, nullptr},
    {"response.steer.failed", ITEM, nullptr},
    {"response.inject.created", ITEM, nullptr},
    {"response.inject.failed", ITEM, nullptr},
};
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
        // The type after everything, and in the `event:` line: before the data, after it, and alone.
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
    const dialect::EventTypes types = dialect::responses.types;
    for (size_t missing = 0; missing != types.count; ++missing) {
        const dialect::EventType& row = types.types[missing];
        ROW(row.name);
        const std::vector<dialect::EventType> rows = table_rows::without(types, missing);
        dialect::ResponseDialect without = dialect::responses;
        without.types = {rows.data(), rows.size()};
        size_t samples_of_it = 0;
        for (const Sample& sample : samples) {
            const std::string story = told_by(sample, &without), type = sample.type;
            const std::string rest = type.substr(type.find('.') + 1);
            if (rest == type || dialect::said_by(row, rest) == 0) {
                CHECK_EQ(story, expected_of(sample));
                continue;
            }
            ++samples_of_it;
            CHECK_NE(story, expected_of(sample));
            CHECK_NE(story.find("name=" + type), std::string::npos);
            const bool is_progress = type == "response.completed" || type == "response.failed";
            CHECK_EQ(story.find("unknown 1") == std::string::npos, is_progress);
        }
        CHECK_EQ(samples_of_it, row.name[row.size - 1u] == '.' ? 2 : 1);
    }
}

// The events that are documented, and four that are not.
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
        {"response.compaction.", "compacting"},
        {"response.steer.", "accepted pending failed"},
        {"response.inject.", "created failed"},
    };
    std::set<std::string> documented;
    for (const auto& group : endings) {
        const std::string words = std::string(group[1]) + " ";
        for (size_t at = 0; at != words.size(); at = words.find(' ', at) + 1)
            documented.insert(group[0] + words.substr(at, words.find(' ', at) - at));
    }
    std::set<std::string> shown;
    for (const Sample& sample : samples) shown.insert(sample.type);
    CHECK_EQ(shown.size(), std::size(samples));
    for (const std::string& type : documented) CHECK_MESSAGE(shown.count(type) == 1, type, " has no sample");
    CHECK_EQ(shown.size(), documented.size());
    // And those of the official package (types of version 7.59.0), but for what a program sends.
    if (const auto facts = corpus::shared_bytes("facts/api-types.jsonl")) {
        std::istringstream file(*facts);
        for (std::string line; std::getline(file, line);) {
            const Json row = Json::parse(line);
            const std::string type = row.at("type").is_string() ? row.at("type").get<std::string>() : "";
            const bool is_sent = type == "response.create" || type == "response.steer";
            if (row.at("file") != "responses/responses" || type.rfind("response.", 0) != 0 || is_sent) continue;
            CHECK_MESSAGE(documented.count(type) == 1, type << " is new");
        }
    }
    const auto is_known = [](const std::string& type) {
        return dialect::responses.meaning_of(type).says != 0;
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
    CHECK(dialect::responses.meaning_of("response.new_call.searching").says == dialect::says_mark);
    CHECK_FALSE(is_known("response.new_call.done"));
    CHECK_FALSE(is_known("new_call.searching"));
}

// ---- the corpus -----------------------------------------------------------------------------------------------------

namespace {

// What one event of the corpus says, in its words. Not said by this library: the status of an answer that has begun,
// and texts that it delivers though the row does not ask for them (of an item that is complete).
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
            case EventKind::output_item_added: type = "response.output_item.added"; break;
            case EventKind::tool_call:
                value["call_id"] = words["id"];
                value["name"] = words["name"];
                value["arguments"] = "";  // of which no piece came
                break;
            case EventKind::output_item_done:
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
            if (exchange.begin_body(Api::responses, 200, "text/event-stream") != Error::none) wrong = "begin_body";
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
