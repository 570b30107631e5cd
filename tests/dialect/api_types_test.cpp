// Images, speech, transcription, assistants and agents, event by event: what each type means, that each has its row, and
// that each row is needed. Which types there are is read from ../shared/facts/api-types.jsonl (types of the official
// package, version 7.59.0); without that file this one test is skipped, and says so.
#include "io/responses_support.hpp"
#include "table_rows.hpp"

#include <set>
#include <sstream>

using namespace responses;
namespace dialect = openai_stream::dialect;
namespace json = openai_stream::json;
using openai_stream::Buffer;

namespace {

struct Sample {
    const char* type;
    const char* members;   // of the data, besides "type"
    const char* expected;  // null: nothing but that it came
};

#define USAGE R"("usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3})"
#define COUNTED                                                                                                        \
    R"(usage{"cached_tokens":null,"completion_tokens":2,"prompt_tokens":1,"reasoning_tokens":null,"total_tokens":3})"
#define ENDS R"(finish name=completed reason=1; )" COUNTED "; the end"

const Sample images[] = {
    {"image_generation.partial_image", R"("b64_json":"aGk=","partial_image_index":1,"created_at":5,"size":"1x1")",
     "started 5; image.1(aGk=)"},
    {"image_generation.completed", R"("b64_json":"aGk=","created_at":5,"quality":"low",)" USAGE,
     "started 5; image(aGk=); " ENDS},
    {"image_edit.partial_image", R"("b64_json":"aGk=","partial_image_index":0,"created_at":5)",
     "started 5; image.0(aGk=)"},
    {"image_edit.completed", R"("b64_json":"aGk=","created_at":5,)" USAGE, "started 5; image(aGk=); " ENDS},
    {"error", R"("error":{"message":"m","type":"t","code":"c","param":"p"})",
     R"(refused {"code":"c","message":"m","param":"p","type":"t"})"},
    {"error", R"("message":"m","code":"c","param":"p")",
     R"(refused {"code":"c","message":"m","param":"p","type":"error"})"},
    {"keepalive", R"("sequence_number":7)", "keepalive"},
};
const Sample speech[] = {
    {"speech.audio.delta", R"("audio":"aGk=")", "started; audio(aGk=)"},
    {"speech.audio.done", USAGE, "started; " ENDS},
};
const Sample transcription[] = {
    {"transcript.text.delta", R"("delta":"Hi","logprobs":[{"token":"Hi","logprob":-1,"bytes":[1]}],"segment_id":"s")",
     "started; text(Hi)"},
    {"transcript.text.segment", R"("id":"s","start":0.52,"end":12,"speaker":"A","text":"Hi")",
     "started; segment(Hi); segment id=s name=A 520-12000"},
    {"transcript.text.done", R"("text":"Hi",)" USAGE, "started; text(Hi); " ENDS},
};
const Sample assistants[] = {
    {"thread.created", R"("id":"t","object":"thread","created_at":5)", "other name=thread.created of t"},
    {"thread.run.created", R"("id":"r","created_at":5,"model":"g","status":"queued","last_error":null)",
     "started id=r name=g 5"},
    {"thread.run.queued", R"("id":"r","status":"queued")", "other(queued) name=thread.run.queued of r"},
    {"thread.run.in_progress", R"("id":"r")", "other name=thread.run.in_progress of r"},
    {"thread.run.requires_action",
     R"("id":"r","status":"requires_action","required_action":{"type":"submit_tool_outputs","submit_tool_outputs":)"
     R"({"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}})",
     "started; item@0(function); tool_call@0(function) id=c name=f; tool_arguments@0({}); item_done@0(function); "
     "finish name=requires_action reason=3; the end"},
    {"thread.run.completed",
     R"("id":"r","status":"completed","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})",
     "started; " ENDS},
    {"thread.run.incomplete",
     R"("id":"r","status":"incomplete","incomplete_details":{"reason":"max_completion_tokens"})",
     "started; finish name=max_completion_tokens reason=2; the end"},
    {"thread.run.failed", R"("id":"r","status":"failed","last_error":{"code":"c","message":"m"})",
     R"(refused {"code":"c","message":"m","param":null,"type":null})"},
    {"thread.run.cancelling", R"("id":"r")", "other name=thread.run.cancelling of r"},
    {"thread.run.cancelled", R"("id":"r","status":"cancelled")", "started; finish name=cancelled reason=6; the end"},
    {"thread.run.expired", R"("id":"r","status":"expired")", "started; finish name=expired reason=6; the end"},
    {"thread.run.step.created", R"("id":"p")", "other name=thread.run.step.created of p"},
    {"thread.run.step.in_progress", R"("id":"p")", "other name=thread.run.step.in_progress of p"},
    {"thread.run.step.delta",
     R"("id":"p","delta":{"step_details":{"type":"tool_calls","tool_calls":[)"
     R"({"index":1,"id":"c","type":"function","function":{"name":"f","arguments":"{","output":null}},)"
     R"({"index":3,"id":"d","type":"code_interpreter","code_interpreter":{"input":"1+1"}}]}})",
     "started; item@1(function); tool_call@1(function) id=c name=f; tool_arguments@1({); item@3; "
     "code@3(1+1)"},
    {"thread.run.step.completed", R"("id":"p","status":"completed")",
     "other(completed) name=thread.run.step.completed of p"},
    {"thread.run.step.failed", R"("id":"p","last_error":{"code":"c","message":"m"})",
     "other name=thread.run.step.failed of p"},
    {"thread.run.step.cancelled", R"("id":"p")", "other name=thread.run.step.cancelled of p"},
    {"thread.run.step.expired", R"("id":"p")", "other name=thread.run.step.expired of p"},
    {"thread.message.created", R"("id":"m","status":"in_progress","role":"assistant","content":[])",
     "started; item of m"},
    {"thread.message.in_progress", R"("id":"m")", "other name=thread.message.in_progress of m"},
    {"thread.message.delta",
     R"("id":"m","delta":{"role":"assistant","content":[{"index":1,"type":"text","text":{"value":"Hi",)"
     R"("annotations":[{"index":0,"type":"file_citation","text":"[0]","start_index":1,"end_index":2,)"
     R"("file_citation":{"file_id":"f"}}]}},{"index":4,"type":"refusal","refusal":"No"}]})",
     "started; annotation.1(f) id=file_citation of m 1-2; text.1(Hi) of m; refusal.4(No) of m"},
    {"thread.message.completed",
     R"("id":"m","status":"completed","content":[{"type":"text","text":{"value":"Hi","annotations":[)"
     R"({"type":"file_path","start_index":1,"end_index":2,"file_path":{"file_id":"f"}}]}}])",
     "started; item of m; annotation.0(f) id=file_path of m 1-2; text.0(Hi) of m; item_done of m"},
    {"thread.message.incomplete", R"("id":"m","content":[])", "started; item of m; item_done of m"},
    {"error", R"("code":"c","message":"m","param":"p")",
     R"(refused {"code":"c","message":"m","param":"p","type":null})"},
};
#define OF R"("item_id":"m","output_index":2,"session_id":"s","turn_id":"t",)"
const Sample agents[] = {
    {"agent.session.created",
     R"("session":{"id":"s","agent":{"id":"a","model":"g"},"created_at":5,"status":"idle","error":null})",
     "started id=s name=g 5"},
    {"agent.session.idle", R"("session":{"id":"s","status":"idle",)" USAGE "}",
     "started id=s; finish name=idle reason=1; " COUNTED "; the end"},
    {"agent.session.in_progress", R"("session":{"id":"s","status":"in_progress"})",
     "started id=s; other(in_progress) name=agent.session.in_progress"},
    {"agent.session.requires_action", R"("session":{"id":"s","status":"requires_action"})",
     "started id=s; other(requires_action) name=agent.session.requires_action"},
    {"agent.session.failed", R"("session":{"id":"s","status":"failed","error":"m"})",
     R"(started id=s; refused {"code":null,"message":"m","param":null,"type":null})"},
    {"agent.session.budget_reached", R"("session":{"id":"s","status":"budget_reached"})",
     "started id=s; finish name=budget_reached reason=6; the end"},
    {"agent.session.turn.created", R"("turn":{"id":"t","status":"queued"})",
     "started id=t; other(queued) name=agent.session.turn.created"},
    {"agent.session.turn.in_progress", R"("turn":{"id":"t"})", "started id=t; other name=agent.session.turn.in_progress"},
    {"agent.session.turn.completed", R"("turn":{"id":"t","status":"completed"},)" USAGE,
     "started id=t; other(completed) name=agent.session.turn.completed"},
    {"agent.session.turn.cancelled", R"("turn":{"id":"t"})", "started id=t; other name=agent.session.turn.cancelled"},
    {"agent.session.turn.failed", R"("turn":{"id":"t","error":{"code":"c","message":"m"}},"usage":null)",
     R"(started id=t; refused {"code":"c","message":"m","param":null,"type":null})"},
    {"agent.session.turn.output_text.delta", OF R"("content_index":1,"delta":"Hi")", "started; text@2.1(Hi) of m"},
    {"agent.session.turn.output_text.done", OF R"("content_index":1,"text":"Hi")",
     "started; text@2.1(Hi) of m; other@2.1 name=agent.session.turn.output_text.done of m"},
    {"agent.session.turn.reasoning_summary_text.delta", OF R"("summary_index":1,"delta":"Hi")",
     "started; reasoning@2.1(Hi) name=summary of m"},
    {"agent.session.turn.reasoning_summary_text.done", OF R"("summary_index":1,"text":"Hi")",
     "started; reasoning@2.1(Hi) name=summary of m; "
     "other@2.1 name=agent.session.turn.reasoning_summary_text.done of m"},
    {"agent.session.turn.content_part.added", OF R"("content_index":1,"part":{"type":"output_text","text":""})",
     "other@2.1 name=agent.session.turn.content_part.added of m"},
    {"agent.session.turn.content_part.done", OF R"("content_index":1,"part":{"type":"output_text","text":"Hi"})",
     "started; text@2.1(Hi) of m; other@2.1 name=agent.session.turn.content_part.done of m"},
    {"agent.session.turn.reasoning_summary_part.added", OF R"("summary_index":1,"part":{"text":""})",
     "other@2.1 name=agent.session.turn.reasoning_summary_part.added of m"},
    {"agent.session.turn.reasoning_summary_part.done", OF R"("summary_index":1,"part":{"text":"Hi"})",
     "started; reasoning@2.1(Hi) name=summary of m; "
     "other@2.1 name=agent.session.turn.reasoning_summary_part.done of m"},
    {"agent.session.turn.item.added",
     R"("output_index":2,"item":{"id":"m","type":"function_call","call_id":"c","name":"f","status":"in_progress"})",
     "started; item@2(function_call) of m; tool_call@2(function) id=c name=f of m"},
    {"agent.session.turn.item.done",
     R"("output_index":2,"item":{"id":"m","type":"message","status":"completed","phase":"commentary",)"
     R"("content":[{"type":"output_text","text":"Hi"}]})",
     "started; item@2(message) of m; text@2.0(Hi) of m; item_done@2(message) name=completed of m"},
    {"agent.output.command_execution_output.delta", OF R"("delta":"Hi")",
     "started; command_output@2(Hi) name=stdout of m"},
    {"agent.session.environment.connected", "\"environment\":{}", nullptr},
    {"agent.session.environment.disconnected", "", nullptr},
    {"agent.session.environment.expired", "", nullptr},
    {"agent.session.environment.failed", R"("environment":{"error":{"message":"m"}})", nullptr},
    {"agent.session.environment.pending", "", nullptr},
    {"agent.session.environment.ready", "", nullptr},
    {"agent.session.environment.reset", "", nullptr},
    {"agent.session.environment.suspended", "", nullptr},
    {"agent.session.subagent.active", "", nullptr},
    {"agent.session.subagent.closed", "", nullptr},
    {"agent.session.subagent.created", "", nullptr},
    {"error", R"("error":{"type":"t","code":"c","message":"m","param":"p"},"session_id":"s")",
     R"(refused {"code":"c","message":"m","param":"p","type":"t"})"},
};

struct Tables {
    const char* name;
    const dialect::TypedDialect& dialect;
    const Sample* samples;
    size_t sample_count;
    size_t context_count;
    bool has_type;  // in the data, too
    // In api-types.jsonl: files of types, and how their types begin. "event": that member has the type.
    const char* file;
    const char* prefix;
};
template <size_t count> constexpr Tables tables(const char* name, const dialect::TypedDialect& dialect,
                                                const Sample (&samples)[count], bool has_type, const char* file,
                                                const char* prefix) {
    return {name, dialect, samples, count,
            dialect::response_context_count + dialect::ResponseContextTable::own_count, has_type, file, prefix};
}
const Tables apis[] = {
    tables("images", dialect::images, images, true, "images", "image_"),
    tables("speech", dialect::speech, speech, true, "", "speech."),
    tables("transcription", dialect::transcription, transcription, true, "audio/transcriptions", "transcript."),
    tables("assistants", dialect::assistants, assistants, false, "beta/assistants", "thread."),
    tables("agents", dialect::agents, agents, true, "beta/agents/agents", "agent."),
};

std::string data_of(const Sample& sample, bool has_type) {
    const std::string members = sample.members, comma = has_type && !members.empty() ? "," : "";
    return "{" + (has_type ? "\"type\":\"" + std::string(sample.type) + "\"" : "") + comma + members + "}";
}
std::string expected_of(const Sample& sample) {
    return sample.expected ? sample.expected : "other name=" + std::string(sample.type);
}
std::string told_by(const Tables& api, const Sample& sample, const dialect::TypedDialect* other = nullptr) {
    char memory[4096];
    dialect::TypedDialect table = other ? *other : api.dialect;
    return whole(read(Buffer(memory), {as_event(data_of(sample, api.has_type), sample.type)}, &table));
}

}  // namespace

TEST_CASE("each type of event of the smaller APIs") {
    for (const Tables& api : apis) {
        for (size_t index = 0; index != api.sample_count; ++index) {
            const Sample& sample = api.samples[index];
            ROW(sample.type);
            CHECK_EQ(told_by(api, sample), expected_of(sample));
            support::GuardedBuffer memory(2048);
            dialect::TypedDialect table = api.dialect;
            const auto read_all = [&](const std::string& body) {
                std::string wrong;
                corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                    const std::string story = whole(read({memory.data(), memory.size()}, pieces, &table));
                    if (wrong.empty() && story != expected_of(sample)) wrong = corpus::describe(pieces) + ": " + story;
                });
                return wrong;
            };
            const std::string type = sample.type, members = sample.members, comma = members.empty() ? "" : ",";
            CHECK_EQ(read_all(as_event(data_of(sample, api.has_type), type)), "");
            if (!api.has_type || type == "error") continue;
            CHECK_EQ(read_all(as_event("{" + members + "}", type)), "");
            CHECK_EQ(read_all("data: {" + members + comma + "\"type\":\"" + type + "\"}\n\n"), "");
        }
    }
}

TEST_CASE("a type without its row, of the smaller APIs") {
    for (const Tables& api : apis) {
        const dialect::EventTypes types = api.dialect.types;
        for (size_t missing = 0; missing != types.count; ++missing) {
            const dialect::EventType& row = types.types[missing];
            ROW(row.name);
            const std::vector<dialect::EventType> rows = table_rows::without(types, missing);
            dialect::TypedDialect without = api.dialect;
            without.types = {rows.data(), rows.size()};
            size_t changed = 0;
            for (size_t index = 0; index != api.sample_count; ++index) {
                const std::string type = api.samples[index].type, prefix(api.dialect.prefix);
                const std::string rest = type.compare(0, prefix.size(), prefix) == 0 ? type.substr(prefix.size()) : "";
                const bool is_its = dialect::said_by(row, rest) != 0;
                CHECK_EQ(told_by(api, api.samples[index], &without) != expected_of(api.samples[index]), is_its);
                changed += is_its;
            }
            CHECK(changed != 0);
        }
    }
}

// The rows of errors, and those of the Responses API, are tested with these.
TEST_CASE("a key without its row, of the smaller APIs") {
    const char* const bodies[][2] = {
        {"images", R"({"created":5,"data":[{"b64_json":"aGk="}],)" USAGE "}"},
        {"transcription", R"({"text":"Hi",)" USAGE "}"},
    };
    for (const Tables& api : apis) {
        const std::vector<json::Context> contexts(api.dialect.contexts, api.dialect.contexts + api.context_count);
        for (size_t context = dialect::response_object; context != api.context_count; ++context) {
            const json::Context& own = contexts[context];
            const auto is_shared = [&](const json::Context& one) { return one.rows() == own.rows(); };
            const json::Context* const shared = dialect::responses.contexts;
            if (std::any_of(shared, shared + dialect::response_context_count, is_shared)) continue;
            for (size_t missing = 0; missing != own.count(); ++missing) {
                const std::string key = table_rows::key_of(own, missing);
                const auto is_error = [&](const json::Row& one) { return std::string(one.key) == key; };
                const auto& errors = dialect::typed_error_rows;
                if (std::any_of(std::begin(errors), std::end(errors), is_error)) continue;
                ROW(key);
                const std::vector<json::Row> rest = table_rows::without(own, missing);
                std::vector<json::Context> fewer = contexts;
                fewer[context] = json::Context(rest.data(), rest.size());
                dialect::TypedDialect without = api.dialect;
                without.contexts = fewer.data();
                bool is_needed = false;
                for (size_t index = 0; index != api.sample_count; ++index) {
                    const Sample& sample = api.samples[index];
                    char memory[4096];
                    const std::string untyped = as_event(data_of(sample, api.has_type));
                    dialect::TypedDialect with = api.dialect;
                    is_needed = is_needed || told_by(api, sample, &without) != expected_of(sample) ||
                                whole(read(Buffer(memory), {untyped}, &without)) !=
                                    whole(read(Buffer(memory), {untyped}, &with));
                }
                for (const auto& body : bodies) {
                    if (body[0] != std::string(api.name)) continue;
                    char memory[4096];
                    dialect::TypedDialect with = api.dialect;
                    is_needed = is_needed || whole(read(Buffer(memory), {body[1]}, &without, "application/json")) !=
                                                 whole(read(Buffer(memory), {body[1]}, &with, "application/json"));
                }
                CHECK_MESSAGE(is_needed, "no sample of " << api.name << " needs it in context " << context);
            }
        }
    }
}

TEST_CASE("every documented type of the smaller APIs is known, and has a sample") {
    const auto facts = corpus::shared_bytes("facts/api-types.jsonl");
    for (const Tables& api : apis) {
        ROW(api.name);
        std::set<std::string> shown;
        for (size_t index = 0; index != api.sample_count; ++index) shown.insert(api.samples[index].type);
        for (const std::string& type : shown) CHECK(api.dialect.meaning_of(type).says != 0);
        if (!facts || !*api.file) continue;
        std::set<std::string> documented;
        std::istringstream file(*facts);
        for (std::string line; std::getline(file, line);) {
            const Json row = Json::parse(line);
            const Json& members = row.at("members");
            if (row.at("file") != api.file) continue;
            std::string type = row.at("type").is_string() ? row.at("type").get<std::string>() : "";
            if (!api.has_type && members.contains("event")) {
                type = members.at("event").get<std::string>();
                type = type.substr(1, type.size() - 2);
            }
            const bool is_input = type.find(".input.") != std::string::npos;  // what a program sends to a session
            if (type.rfind(api.prefix, 0) == 0 && !is_input) documented.insert(type);
        }
        CHECK(!documented.empty());
        for (const std::string& type : documented) CHECK_MESSAGE(shown.count(type) == 1, type << " has no sample");
        for (const std::string& type : shown) {
            const bool is_known = documented.count(type) != 0 || type == "error" || type == "keepalive" ||
                                  type == "agent.session.turn.output_text.done";
            CHECK_MESSAGE(is_known, type << " is not documented");
        }
    }
}

TEST_CASE("answers of the smaller APIs that were not streamed") {
    struct Row {
        const char* name;
        const Api& api;
        const char* body;
        const char* expected;
    };
    const Row rows[] = {
        {"images", Api::images, R"({"created":5,"data":[{"b64_json":"aGk="},{"b64_json":"aGkh"}],)" USAGE "}",
         "started 5; item@0; image@0(aGk=); item_done@0; item@1; image@1(aGkh); item_done@1; "
         "finish name=completed reason=1; " COUNTED "; complete"},
        {"a transcription", Api::transcription, R"({"text":"Hi","usage":{"type":"duration","seconds":3}})",
         "started; text(Hi); finish name=completed reason=1; complete"},
        {"an error in place of speech", Api::speech, R"({"error":{"message":"m","code":null}})",
         R"(refused {"code":null,"message":"m","param":null,"type":null})"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        support::GuardedBuffer memory(1024);
        const std::string body = row.body;
        corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
            Story story;
            Exchange exchange(Buffer(memory.data(), memory.size()));
            if (exchange.begin_body(row.api, 200, "application/json") != Error::none) story.broken = "begin_body";
            story.end(exchange, feed(exchange, pieces, [&](const Event& event) { story.take(event); }));
            if (wrong.empty() && whole(story) != row.expected) wrong = corpus::describe(pieces) + ": " + whole(story);
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("an index in a list of the smaller APIs that is no place is the place in the list") {
    struct Row {
        const char* index;
        const char* expected;
    };
    const Row rows[] = {
        {"7", "text.7(Hi) of m"},       {"32767", "text.32767(Hi) of m"}, {"32768", "text.0(Hi) of m"},
        {"-1", "text.0(Hi) of m"},      {"1e300", "text.0(Hi) of m"},     {"99999999999", "text.0(Hi) of m"},
        {"\"7\"", "text.0(Hi) of m"}, {"true", "text.0(Hi) of m"},
    };
    for (const Row& row : rows) {
        ROW(row.index);
        const std::string data = std::string(R"({"id":"m","delta":{"content":[{"index":)") + row.index +
                                 R"(,"type":"text","text":{"value":"Hi"}}]}})";
        char memory[2048];
        for (const std::string& one : {data, "[" + data + "]"})  // also in a list of events
            CHECK_EQ(whole(read(memory, {as_event(one, "thread.message.delta")}, &dialect::assistants)),
                     std::string("started; ") + row.expected);
    }
}

// What does not fit is read where it stands, by what the `event:` line says.
TEST_CASE("events of the smaller APIs that are larger than the buffer") {
    struct Row {
        const char* name;
        const dialect::TypedDialect& dialect;
        const char* type;
        const char* before;  // in the data, the long text
        const char* after;   // it
        const char* expected;  // T is the text
    };
    const Row rows[] = {
        {"a message's second part", dialect::assistants, "thread.message.delta",
         R"({"id":"m","delta":{"content":[{"index":1,"type":"text","text":{"value":")",
         R"(","annotations":[]}},{"index":3,"type":"text","text":{"value":"Hi"}}]}})",
         "started; text.1(T) of m; text.3(Hi) of m"},
        {"the arguments of a run's second call", dialect::assistants, "thread.run.step.delta",
         R"({"id":"p","delta":{"step_details":{"tool_calls":[{"index":1,"id":"c","type":"function","function":)"
         R"({"name":"f","arguments":")",
         R"("}}]}}})", "started; tool_arguments@1(T); item@1(function); tool_call@1(function) id=c name=f"},
        {"an index that comes after its text is late", dialect::assistants, "thread.message.delta",
         R"({"id":"m","delta":{"content":[{"type":"text","text":{"value":")", R"("},"index":2}]}})",
         "started; text.0(T) of m; a key came too late and contradicts text already delivered"},
        {"one that says what was counted is not", dialect::assistants, "thread.message.delta",
         R"({"id":"m","delta":{"content":[{"type":"text","text":{"value":")", R"("},"index":0}]}})",
         "started; text.0(T) of m"},
        {"a segment", dialect::transcription, "transcript.text.segment", R"({"id":"s","speaker":"A","text":")",
         R"(","start":1,"end":2.5})", "started; segment(T); segment id=s name=A 1000-2500"},
        {"an image", dialect::images, "image_edit.completed", R"({"created_at":5,"b64_json":")",
         R"(","usage":{"total_tokens":3}})",
         R"(started 5; image(T); finish name=completed reason=1; usage{"cached_tokens":null,"completion_tokens":null,)"
         R"("prompt_tokens":null,"reasoning_tokens":null,"total_tokens":3}; the end)"},
        {"a message of an agent", dialect::agents, "agent.session.turn.item.done",
         R"({"output_index":1,"item":{"id":"m","type":"message","content":[{"type":"output_text","text":")",
         R"("}],"status":"completed"}})",
         "started; item@1(message) of m; text@1.0(T) of m; item_done@1(message) name=completed of m"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t buffer_bytes : {size_t{512}, size_t{1024}, size_t{4096}}) {
            support::GuardedBuffer memory(buffer_bytes);
            std::string text;
            while (text.size() < 3 * buffer_bytes) text += "0123456789abcdef";
            const std::string body = as_event(row.before + text + row.after, row.type);
            for (const size_t step : {size_t{1}, size_t{7}, body.size()}) {
                std::string story = whole(read({memory.data(), memory.size()}, in_steps(body, step), &row.dialect));
                const size_t at = story.find(text);
                if (at != std::string::npos) story.replace(at, text.size(), "T");
                CHECK_EQ(story, row.expected);
            }
        }
    }
}
