// What few programs want of the Responses API: fields that they have named, and log probabilities. In every cut, in
// buffers that an event does not fit into, by tables in which a row is missing, and beside everything that is read
// without them.
#include "dialect/table_rows.hpp"
#include "io/responses_support.hpp"

#include <algorithm>

using namespace responses;
namespace dialect = openai_stream::dialect;
using openai_stream::FieldPath;
using openai_stream::ResponseExtras;

namespace {

constexpr FieldPath named[] = {
    {"item.encrypted_content"},
    {"item.action.queries[]"},
    {"item.outputs[].logs"},
    {"item.content[].note"},
    {"response.service_tier"},
    {"response.output[].phase"},
    {"response.output[].content[].note"},
    {"response.usage.input_tokens_details.cache_write_tokens"},
    {"response.metadata"},
    {"part.note"},
    {"logprobs[].bytes"},
    {"agent"},
    {"item.caller"},
    {"item.id"},
    {"service_tier"},
    {"output[].phase"},
    {"output[].content[].note"},
    {"deep[][].a"},
    {"item.caller.inner"},
    {"item.namespace"},
    {"response.output[].namespace"},
    {"item.summary[].note"},
    {"error.trace"},
};

struct Row {
    const char* name;
    std::string body;
    const char* story;
    const char* content_type = "text/event-stream";
};

std::string piece(const char* members) {
    return as_event(std::string(R"({"type":"response.output_text.delta","item_id":"m","output_index":0,)"
                                R"("content_index":0,)") +
                    members + "}");
}
std::string item_done(const std::string& item) {
    return as_event(R"({"type":"response.output_item.done","output_index":1,"item":)" + item + "}");
}
std::string completed(const std::string& members) {
    return as_event(R"({"type":"response.completed","response":{"id":"q","status":"completed",)" + members + "}}");
}
const char* const some_tokens = R"("logprobs":[{"token":"H","bytes":[72],"logprob":-0.5,"top_logprobs":[)"
                                R"({"token":"J","logprob":-1e-05},{"logprob":-9999.0,"token":"\u00e9\n"}]},)"
                                R"({"token":"i","logprob":-1,"top_logprobs":[]}])";

const std::string tokens = some_tokens;
const Row rows[] = {
    {"fields of an item, of each type, before it is done",
     item_done(R"({"id":"r","type":"reasoning","encrypted_content":"x\/y\u00e9","caller":{"type":"p","inner":1},)"
               R"("summary":[{"text":"S"}],"status":"completed"})"),
     "started; item@1(reasoning) of r; reasoning@1.0(S) name=summary of r; "
     "field@1(x/y\xC3\xA9) name=item.encrypted_content of r; "
     "field@1({\"type\":\"p\",\"inner\":1}) name=item.caller of r; item_done@1(reasoning) name=completed of r"},
    {"in lists, and of an item that names itself last",
     item_done(R"({"action":{"type":"search","queries":["a","b\"",7,["c"]]},"outputs":[{"logs":"l"},{"x":1},)"
               R"({"logs":true}],"type":"web_search_call","id":"w"})"),
     "started; item@1(web_search_call) of w; field@1(a) name=item.action.queries[] of w; "
     "field@1(b\") name=item.action.queries[] of w; field@1(7) name=item.action.queries[] of w; "
     "field@1([\"c\"]) name=item.action.queries[] of w; field@1(l) name=item.outputs[].logs of w; "
     "field@1(true) name=item.outputs[].logs of w; item_done@1(web_search_call) of w"},
    {"the namespace of a call, when it begins, when it is complete, and at the answer's end",
     as_event(R"({"type":"response.output_item.added","output_index":0,"item":{"id":"f","type":"function_call",)"
              R"("namespace":"crm","call_id":"c","name":"get","arguments":""}})") +
         as_event(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call",)"
                  R"("call_id":"c","name":"get","arguments":"{}","namespace":"crm"}})") +
         completed(R"("output":[{"id":"f","type":"function_call","namespace":"crm","call_id":"c","name":"get",)"
                   R"("arguments":"{}"},{"id":"g","type":"custom_tool_call","namespace":"erp","call_id":"d",)"
                   R"("name":"put","input":"x"}])"),
     "started; item@0(function_call) of f; tool_call@0(function) id=c name=get of f; "
     "field@0(crm) name=item.namespace of f; tool_arguments@0({}) of f; field@0(crm) name=item.namespace of f; "
     "item_done@0(function_call) of f; field@0(crm) name=response.output[].namespace of f; "
     "item@1(custom_tool_call) of g; tool_call@1(custom) id=d name=put of g; tool_arguments@1(x) of g; "
     "field@1(erp) name=response.output[].namespace of g; item_done@1(custom_tool_call) of g; "
     "finish name=completed reason=3; the end"},
    {"of a part in its list, after its item's texts",
     item_done(R"({"id":"m","type":"message","content":[{"type":"output_text","note":1,"text":"A"},)"
               R"({"type":"output_text","text":"B","note":{"x":2}}]})"),
     "started; item@1(message) of m; text@1.0(A) of m; text@1.1(B) of m; field@1.0(1) name=item.content[].note of m; "
     "field@1.1({\"x\":2}) name=item.content[].note of m; item_done@1(message) of m"},
    {"of a part of a summary",
     item_done(R"({"id":"r","type":"reasoning","summary":[{"text":"S"},{"note":1,"text":"T"}]})"),
     "started; item@1(reasoning) of r; reasoning@1.0(S) name=summary of r; reasoning@1.1(T) name=summary of r; "
     "field@1.1(1) name=item.summary[].note of r; item_done@1(reasoning) of r"},
    {"of an error that is none, beside what no field is",
     as_event(R"({"type":"response.queued","error":{"code":0,"other":"o","trace":"t"}})"),
     "started; field(t) name=error.trace; other name=response.queued"},
    {"of a part alone",
     as_event(R"({"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":2,"part":)"
              R"({"note":"n","type":"output_text","text":"T"}})"),
     "started; text@0.2(T) of m; field@0.2(n) name=part.note of m; "
     "other@0.2 name=response.content_part.done of m"},
    {"of an event, beside a piece of text", piece(R"("agent":"a","delta":"x")"),
     "started; text@0.0(x) of m; field@0.0(a) name=agent of m"},
    {"of the answer that begins",
     as_event(R"({"type":"response.created","response":{"service_tier":"flex","id":"q","metadata":{"k":"v"}}})"),
     "started id=q; field(flex) name=response.service_tier; field({\"k\":\"v\"}) name=response.metadata"},
    {"of the answer and of its items, each with its own, before the end",
     completed(R"("service_tier":"auto","output":[{"id":"a","type":"message","phase":"p","content":[{"note":"n",)"
               R"("type":"output_text","text":"A"}]},{"phase":"q","id":"b","type":"x"}],"usage":{"input_tokens":3,)"
               R"("input_tokens_details":{"cache_write_tokens":0,"cached_tokens":1}})"),
     "started id=q; item@0(message) of a; text@0.0(A) of a; field@0(p) name=response.output[].phase of a; "
     "field@0.0(n) name=response.output[].content[].note of a; item_done@0(message) of a; item@1(x) of b; "
     "field@1(q) name=response.output[].phase of b; item_done@1(x) of b; "
     "field(auto) name=response.service_tier; "
     "field(0) name=response.usage.input_tokens_details.cache_write_tokens; "
     "finish name=completed reason=1; usage{\"cached_tokens\":1,\"completion_tokens\":null,\"prompt_tokens\":3,"
     "\"reasoning_tokens\":null,\"total_tokens\":null}; the end"},
    {"of an answer that was not streamed",
     R"({"object":"response","id":"q","service_tier":"auto","status":"completed","output":[{"id":"a","phase":"p",)"
     R"("type":"message","content":[{"type":"output_text","text":"A","note":false,)" + tokens + R"(}]}]})",
     "started id=q; item@0(message) of a; text@0.0(A) of a; field@0(p) name=output[].phase of a; "
     "field@0.0(false) name=output[].content[].note of a; logprob@0.0(H) id=content name=-0.5 of a; "
     "top_logprob@0.0(J) id=content name=-1e-05 of a; top_logprob@0.0(\xC3\xA9\n) id=content name=-9999.0 of a; "
     "logprob@0.0(i) id=content name=-1 of a; item_done@0(message) of a; field(auto) name=service_tier; "
     "finish name=completed reason=1; complete",
     "application/json"},
    {"of an event that nobody knows",
     as_event(R"({"type":"response.new.thing","agent":"a","deep":[[{"a":1},{"b":2}],[{"a":"3"}],{"a":4}]})") +
         completed(R"("output":[])"),
     "started; field(a) name=agent; field(1) name=deep[][].a; field(3) name=deep[][].a; other name=response.new.thing; "
     "finish name=completed reason=1; the end; unknown 1"},
    {"null, and keys that are like theirs",
     item_done(R"({"id":"r","type":"x","encrypted_content":null,"action":[{"queries":["a"]}],"callers":1,)"
               R"("encrypted_\u0063ontent":"y"})"),
     "started; item@1(x) of r; field@1(y) name=item.encrypted_content of r; item_done@1(x) of r"},
    {"halves of characters that stay alone",
     item_done(R"({"id":"r","type":"x","action":{"queries":["\ud83d","\ude00"]}})"),
     "started; item@1(x) of r; field@1(\xEF\xBF\xBD) name=item.action.queries[] of r; "
     "field@1(\xEF\xBF\xBD) name=item.action.queries[] of r; item_done@1(x) of r"},
    {"what fails has no fields",
     as_event(R"({"type":"response.failed","response":{"id":"q","service_tier":"s","status":"failed",)"
              R"("error":{"code":"c","message":"m"}}})"),
     R"(started id=q; refused {"code":"c","message":"m","param":null,"type":null})"},

    {"log probabilities of a piece", piece(("\"delta\":\"Hi\"," + tokens).c_str()),
     "started; text@0.0(Hi) of m; field@0.0([72]) name=logprobs[].bytes of m; "
     "logprob@0.0(H) id=content name=-0.5 of m; "
     "top_logprob@0.0(J) id=content name=-1e-05 of m; top_logprob@0.0(\xC3\xA9\n) id=content name=-9999.0 of m; "
     "logprob@0.0(i) id=content name=-1 of m"},
    {"once, though they come with the whole text, its part, its item and the answer once more",
     piece(R"("logprobs":[{"token":"a","logprob":-1}],"delta":"a")") +
         piece(R"("delta":"b","logprobs":[{"token":"b","logprob":-2}])") +
         as_event(R"({"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,)"
                  R"("text":"ab","logprobs":[{"token":"a","logprob":-1},{"token":"b","logprob":-2}]})") +
         as_event(R"({"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,)"
                  R"("part":{"type":"output_text","text":"ab","logprobs":[{"token":"a","logprob":-1}]}})") +
         as_event(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"message",)"
                  R"("content":[{"type":"output_text","text":"ab","logprobs":[{"token":"a","logprob":-1}]}]}})") +
         completed(R"("output":[{"id":"m","type":"message","content":[{"type":"output_text","text":"ab",)"
                   R"("logprobs":[{"token":"a","logprob":-1}]}]}])"),
     "started; text@0.0(a) of m; logprob@0.0(a) id=content name=-1 of m; text@0.0(b) of m; "
     "logprob@0.0(b) id=content name=-2 of m; other@0.0 name=response.output_text.done of m; "
     "other@0.0 name=response.content_part.done of m; item@0(message) of m; "
     "item_done@0(message) of m; finish name=completed reason=1; the end"},
    {"with the whole text where the pieces had none",
     piece(R"("delta":"a","logprobs":[])") +
         as_event(R"({"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,)"
                  R"("text":"a","logprobs":[{"token":"a","logprob":-1}]})"),
     "started; text@0.0(a) of m; logprob@0.0(a) id=content name=-1 of m; "
     "other@0.0 name=response.output_text.done of m"},
    {"of each part",
     item_done(R"({"id":"m","type":"message","content":[{"type":"output_text","text":"A","logprobs":[{"token":"A",)"
               R"("logprob":-1}]},{"type":"output_text","logprobs":[{"token":"B","logprob":-2}],"text":"B"}]})"),
     "started; item@1(message) of m; text@1.0(A) of m; text@1.1(B) of m; logprob@1.0(A) id=content name=-1 of m; "
     "logprob@1.1(B) id=content name=-2 of m; item_done@1(message) of m"},
    {"of parts from the seventh on, which are told of the first that has some",
     as_event(R"({"type":"response.output_text.done","item_id":"n","content_index":9,"text":"b","logprobs":[)"
              R"({"token":"b","logprob":-2}]})") +
         as_event(R"({"type":"response.output_text.done","item_id":"n","content_index":8,"text":"c","logprobs":[)"
                  R"({"token":"c","logprob":-3}]})"),
     "started; text.9(b) of n; logprob.9(b) id=content name=-2 of n; other.9 name=response.output_text.done of n; "
     "text.8(c) of n; other.8 name=response.output_text.done of n"},
    {"ones that say nothing",
     piece(R"("delta":"a","logprobs":[{},{"token":null,"logprob":"x"},{"top_logprobs":[{}]}])"),
     "started; text@0.0(a) of m"},
    {"before any text", piece(R"("delta":"","logprobs":[{"token":"a","logprob":-1}])"),
     "started; logprob@0.0(a) id=content name=-1 of m"},
    {"a token alone", piece(R"("delta":"a","logprobs":[{"token":"a","top_logprobs":[{"token":"b"}]}])"),
     "started; text@0.0(a) of m; logprob@0.0(a) id=content of m; top_logprob@0.0(b) id=content of m"},
};

Story read_extras(openai_stream::Buffer memory, const corpus::Pieces& pieces, const Row& row) {
    const ResponseExtras extras(named);
    return read(memory, pieces, &extras, row.content_type);
}

// With blanks in each event's data, see stretched().
std::string stretched_events(const std::string& body, size_t blanks) {
    std::string all;
    for (size_t at = 0; at != body.size();) {
        const size_t end = std::min(body.find("\n\n", at), body.size());
        const size_t data = body[at] == 'd' ? at + 6 : at;
        all += body.substr(at, data - at) + stretched(body.substr(data, end - data), blanks);
        if (end != body.size()) all += "\n\n";
        at = std::min(end + 2, body.size());
    }
    return all;
}
// In whatever order: what an event that does not fit says, where it stands.
std::vector<std::string> extras_of(const Story& story) {
    std::vector<std::string> lines;
    for (const std::string& line : story.lines)
        if (line.compare(0, 5, "field") == 0 || line.find("logprob") == 0 || line.find("top_logprob") == 0)
            lines.push_back(line.substr(0, line.rfind(" of ")));  // its id may come later
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace

TEST_CASE("extras of responses, in every cut") {
    char memory[16 * 1024];
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
            const Story story = read_extras(memory, pieces, row);
            const std::string what = whole(story);
            if (wrong.empty() && what != row.story) wrong = corpus::describe(pieces) + ": " + what;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("extras of responses that do not fit") {
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    char large[64 * 1024];
    for (const Row& row : rows) {
        ROW(row.name);
        if (std::strstr(row.story, "refused")) continue;  // what has left before that was known
        std::string wrong;
        for (const unsigned blanks : {0u, 1u, 40u, 400u}) {
            const std::string body = stretched_events(row.body, blanks);
            const std::vector<std::string> said = extras_of(read_extras(large, {body}, row));
            for (const unsigned step : {1u, 7u, 64u, 100000u}) {
                if (corpus::few_cuts() && step == 1) continue;
                const Story story = read_extras({memory.data(), memory.size()}, in_steps(body, step), row);
                const bool good = story.broken.empty() && extras_of(story) == said;
                if (wrong.empty() && !good)
                    wrong = std::to_string(blanks) + " blanks, steps of " + std::to_string(step) + ": " + story.broken +
                            ": " + whole(story);
            }
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("log probabilities of a part that is not said are of none, and of the first in an event that does not fit") {
    const Row row = {"", as_event(R"({"type":"response.output_text.delta","item_id":"m","delta":"a","logprobs":[)"
                                  R"({"token":"a","logprob":-1}]})"), ""};
    char large[2048];
    CHECK_EQ(whole(read_extras(large, {row.body}, row)),
             "started; text(a) of m; logprob(a) id=content name=-1 of m");
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    CHECK_EQ(whole(read_extras({memory.data(), memory.size()}, in_steps(stretched_events(row.body, 40), 7), row)),
             "started; logprob.0(a) id=content name=-1 of m; text.0(a) of m");
}

TEST_CASE("an error that does not fit has no log probabilities") {
    const Row row = {"", as_event(R"({"error":{"message":"no","code":"c"},"logprobs":[{"token":"a","logprob":-1}]})"), ""};
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    for (const unsigned blanks : {0u, 40u})
        CHECK_EQ(whole(read_extras({memory.data(), memory.size()}, in_steps(stretched_events(row.body, blanks), 7), row)),
                 R"(refused {"code":"c","message":"no","param":null,"type":null})");
}

TEST_CASE("fields and tokens of any size") {
    ROW("6 KiB of each, through 512 bytes");
    std::string text, tokens_of_text, sound;
    for (int index = 0; index != 3000; ++index) sound += "QUJD", text += "\\u00e9x";
    for (int index = 0; index != 300; ++index) tokens_of_text += R"({"token":"t\"","logprob":-0.25},)";
    const std::string body =
        as_event(R"({"type":"response.output_item.done","output_index":1,"item":{"id":"r","type":"reasoning",)"
                 R"("encrypted_content":")" + sound + R"(","caller":[")" + text + "\"]}}") +
        piece(("\"delta\":\"a\",\"logprobs\":[" + tokens_of_text + "{}]").c_str());
    const Row row = {"", body, ""};
    char large[256 * 1024];
    const std::vector<std::string> said = extras_of(read_extras(large, {body}, row));
    CHECK_EQ(said.size(), 302);
    CHECK_EQ(said[1].size(), text.size() + std::strlen("field@1([\"\"]) name=item.caller"));
    for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
        support::GuardedBuffer memory(size);
        for (const unsigned step : {1u, 100u, 100000u}) {
            const Story story = read_extras({memory.data(), memory.size()}, in_steps(body, step), row);
            CHECK_EQ(story.broken, "");
            CHECK((extras_of(story) == said));
        }
    }
}

TEST_CASE("many fields of one item, in its order") {
    ROW("sixteen are put off, the others come where they stand");
    static constexpr FieldPath many[] = {{"item.l[]"}, {"item.a"}, {"item.b"}};
    std::string list, wanted;
    for (int index = 0; index != 40; ++index) {
        list += (index == 0 ? "" : ",") + std::to_string(index);
        wanted += "field@0(" + std::to_string(index) + ") name=item.l[] of i; ";
    }
    const auto story_of = [&](const std::string& members) {
        const ResponseExtras extras(many);
        char memory[16 * 1024];
        return whole(read(memory, {as_event(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"i",)"
                                            R"("type":"x",)" + members + "}}")}, &extras));
    };
    CHECK_EQ(story_of("\"l\":[" + list + "],\"a\":1"),
             "started; item@0(x) of i; " + wanted + "field@0(1) name=item.a of i; item_done@0(x) of i");
    std::string members, later;
    for (int index = 0; index != 17; ++index) {
        members += (index == 0 ? "\"a\":" : ",\"a\":") + std::to_string(index);
        if (index != 16) later += "field@0(" + std::to_string(index) + ") name=item.a of i; ";
    }
    CHECK_EQ(story_of(members),
             "started; field@0(16) name=item.a of i; item@0(x) of i; " + later + "item_done@0(x) of i");
}

// The shape that is learned of events is not that of events with extras.
TEST_CASE("extras in each of many events of the Responses API") {
    ROW("the same, others, and none");
    std::string body, wanted = "started; ";
    for (const char* agent : {"p", "p", "p", "q", "q"}) {
        for (const char* padding : {"a", "bc"})
            body += piece((std::string(R"("delta":"x","logprobs":[],"agent":")") + agent + R"(","obfuscation":")" +
                           padding + "\"").c_str());
        for (int twice = 0; twice != 2; ++twice)
            wanted += std::string("text@0.0(x) of m; field@0.0(") + agent + ") name=agent of m; ";
    }
    for (int index = 0; index != 4; ++index) {
        body += piece(R"("delta":"y","logprobs":[])");
        wanted += "text@0.0(y) of m; ";
    }
    for (int index = 0; index != 3; ++index) {
        body += piece(R"("delta":"z","logprobs":[{"token":"z","logprob":-1}])");
        wanted += "text@0.0(z) of m; logprob@0.0(z) id=content name=-1 of m; ";
    }
    for (const size_t size : {size_t{2048}, size_t{16384}}) {
        support::GuardedBuffer memory(size);
        const Row row = {"", body, ""};
        CHECK_EQ(whole(read_extras({memory.data(), memory.size()}, in_steps(body, 100), row)) + "; ", wanted);
    }
}

TEST_CASE("no row of the tables of extras of responses can be left out") {
    struct Changed : dialect::ResponseExtraDialect {
        explicit Changed(const openai_stream::json::Context* changed)
            : ResponseExtraDialect(changed, named, sizeof named / sizeof named[0]) {}
    };
    char memory[16 * 1024];
    const dialect::ResponseExtraTables& tables = dialect::response_extra_tables;
    size_t count = 0;
    for (size_t context = 0; context != dialect::response_extras_count; ++context) {
        const openai_stream::json::Context& all = tables.contexts[context];
        const size_t known =
            context < dialect::response_context_count ? dialect::response_contexts[context].count() : 0;
        for (size_t missing = known; missing != all.count(); ++missing) {
            ROW("context " + std::to_string(context) + " without " + table_rows::key_of(all, missing));
            ++count;
            const std::vector<openai_stream::json::Row> left = table_rows::without(all, missing);
            std::vector<openai_stream::json::Context> contexts(tables.contexts,
                                                               tables.contexts + dialect::response_extras_count);
            contexts[context] = openai_stream::json::Context(left.data(), left.size());
            const Changed changed(contexts.data());
            size_t differing = 0;
            for (const Row& row : rows)
                differing += whole(read(memory, {row.body}, &changed, row.content_type)) != row.story;
            CHECK(differing != 0);
        }
    }
    CHECK_EQ(count, 7);
}

// What is read without them is read with them, too, in its order.
TEST_CASE("extras of responses take nothing away") {
    const auto files = corpus::shared_files("recorded", ".sse");
    if (!files) return;
    size_t streams = 0;
    for (const std::string& file : *files) {
        if (file.find("-responses-") == std::string::npos) continue;
        ROW(file);
        ++streams;
        const std::string body = *corpus::shared_bytes(file);
        const Row row = {"", body, ""};
        for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            const openai_stream::Buffer buffer{memory.data(), memory.size()};
            const corpus::Pieces pieces = in_steps(body, 1000);
            const Story plain = read(buffer, pieces);
            Story with = read_extras(buffer, pieces, row);
            with.lines.erase(std::remove_if(with.lines.begin(), with.lines.end(),
                                            [](const std::string& line) {
                                                return line.compare(0, 5, "field") == 0 ||
                                                       line.compare(0, 7, "logprob") == 0 ||
                                                       line.compare(0, 11, "top_logprob") == 0;
                                            }),
                             with.lines.end());
            CHECK_EQ(with.broken, "");
            std::string difference;
            for (size_t at = 0; difference.empty() && at != std::max(with.lines.size(), plain.lines.size()); ++at) {
                const std::string ours = at < with.lines.size() ? with.lines[at] : "nothing";
                const std::string theirs = at < plain.lines.size() ? plain.lines[at] : "nothing";
                // Where an event does not fit, a field of it may leave before the model or the event's number is known.
                const bool is_early_start = size < 16384 && ours.find("started ") == 0 && theirs.find("started ") == 0;
                if (ours != theirs && !is_early_start)
                    difference = std::to_string(size) + " bytes: " + ours + " in place of " + theirs;
            }
            CHECK_EQ(difference, "");
            CHECK_EQ(ending(with), ending(plain));
        }
    }
    CHECK(streams > 10);
}

// By nlohmann::json, from each piece of text.
TEST_CASE("recorded log probabilities of the Responses API") {
    const auto stream = corpus::shared_bytes("recorded/openai-responses-logprobs.sse");
    if (!stream) return;
    ROW("token by token, and what else was likely");
    std::vector<std::pair<std::string, double>> sent;
    for (size_t at = 0, end; (end = stream->find('\n', at)) != std::string::npos; at = end + 1) {
        if (stream->compare(at, 6, "data: ") != 0) continue;
        const Json event = Json::parse(stream->substr(at + 6, end - at - 6), nullptr, false);
        if (event.is_discarded() || event.value("type", "") != "response.output_text.delta") continue;
        for (const Json& token : event.at("logprobs")) {
            sent.push_back({token.at("token"), token.at("logprob")});
            for (const Json& top : token.at("top_logprobs")) sent.push_back({top.at("token"), top.at("logprob")});
        }
    }
    CHECK(sent.size() > 3);
    for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
        support::GuardedBuffer memory(size);
        const ResponseExtras extras;
        Exchange exchange({memory.data(), memory.size()});
        std::vector<std::pair<std::string, double>> told;
        CHECK(exchange.begin_body(Api(extras), 200, "text/event-stream") == Error::none);
        CHECK(feed(exchange, in_steps(*stream, 100), [&](const Event& event) {
                  if (event.kind == EventKind::logprob || event.kind == EventKind::top_logprob)
                      told.push_back({std::string(event.text), std::stod(std::string(event.name))});
              }) == Poll::done);
        CHECK((told == sent));
    }
}

TEST_CASE("extras of a response that was left say nothing in the next one") {
    for (const Row& row : rows) {
        for (const size_t size : {size_t{512}, size_t{16384}}) {
            ROW(std::to_string(size) + " bytes: " + row.name);
            for (unsigned left_after = 1; left_after != 8; ++left_after) {
                const ResponseExtras extras(named);
                {
                    support::GuardedBuffer memory(size);
                    Exchange exchange({memory.data(), memory.size()});
                    CHECK(exchange.begin_body(Api(extras), 200, row.content_type) == Error::none);
                    unsigned count = 0;
                    Event event;
                    for (size_t at = 0; at != row.body.size() && count != left_after;) {
                        if (exchange.incoming().size != 0) {
                            exchange.incoming().data[0] = row.body[at++];
                            exchange.received(1);
                        }
                        while (count != left_after && exchange.poll(event) == Poll::event) ++count;
                    }
                }
                support::GuardedBuffer memory(size);
                const Story story = read({memory.data(), memory.size()}, {piece("\"delta\":\"x\"")}, &extras);
                CHECK_EQ(whole(story), "started; text@0.0(x) of m");
            }
        }
    }
}

// A field that leaves where it stands keeps the text before it from leaving, since no other text may stand within it.
TEST_CASE("a text and a field after it that fill the buffer together end the answer") {
    unsigned failures = 0;
    for (size_t text = 0; text <= 500; text += 10) {
        ROW("a text of " + std::to_string(text) + " bytes in 512");
        std::string note = "[1";
        while (note.size() < 600) note += ",1";
        const std::string body = item_done(R"({"id":"m","type":"reasoning","content":[{"type":"output_text","text":")" +
                                           std::string(text, 'a') + "\",\"note\":" + note + "]}]}") +
                                 completed("\"x\":1");
        support::GuardedBuffer memory(512);
        const ResponseExtras extras(named);
        Exchange exchange({memory.data(), memory.size()});
        CHECK(exchange.begin_body(Api(extras), 200, "text/event-stream") == Error::none);
        std::string said, fields;
        const Poll end = feed(exchange, {body}, [&](const Event& event) {
            if (event.kind == EventKind::text) said += std::string(event.text);
            if (event.kind == EventKind::custom_field) fields += std::string(event.text);
        });
        if (end == Poll::failed) {
            CHECK(exchange.error() == Error::event_too_large);
            ++failures;
        } else {
            CHECK_EQ(said, std::string(text, 'a'));
            CHECK_EQ(fields, note + "]");
        }
    }
    CHECK((failures != 0 && failures <= 3));
}
