// Chat chunks and error bodies as events: the corpus and rows of this file, shown at once, in parts, through an
// Exchange, and by tables in which a row is missing.
//
// How the corpus is read here:
//   - a choice that says nothing makes no event: a choice of nulls in an expectation is none;
//   - `created` 0 is none;
//   - a chunk with neither a choice nor an id that says something does not start an answer (Azure's first chunk).
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

#include <map>
#include <memory>

namespace dialect = openai_stream::dialect;
using namespace conformance;
using openai_stream::BodyOf;
using openai_stream::FinishReason;
using openai_stream::Quirk;

namespace {

// ---- what is wanted ------------------------------------------------------------------------------------------------

struct Case {
    std::string name;
    bool is_error_body;
    std::string text;
    std::vector<Json> expected;  // any of them
    bool is_finished;            // there is a choice, and each has a finish reason
};

void add_missing(Json& value, const Json& defaults) {
    for (const auto& field : defaults.items())
        if (!value.contains(field.key())) value[field.key()] = field.value();
}

// Fills in what an expectation leaves out, and leaves out what an answer does not show.
Json normal(Json value, bool is_error_body) {
    add_missing(value, {{"valid", true}});
    if (value.at("valid") == false) return {{"valid", false}};
    add_missing(value, {{"error", nullptr}});
    if (value.at("error").is_object()) add_missing(value.at("error"), error_value({}, {}, {}, {}));
    if (is_error_body) return value;
    add_missing(value, Answer().chat());
    if (value.at("usage").is_object()) add_missing(value.at("usage"), usage_value({}));
    Json choices = Json::array();
    for (Json choice : value.at("choices")) {
        add_missing(choice, {{"index", 0},
                             {"role", nullptr},
                             {"content", nullptr},
                             {"refusal", nullptr},
                             {"reasoning", nullptr},
                             {"finish_reason", nullptr},
                             {"tool_calls", Json::array()}});
        bool is_empty = choice.at("tool_calls").empty();
        for (Json& call : choice.at("tool_calls"))
            add_missing(
                call,
                {{"index", nullptr}, {"id", nullptr}, {"type", nullptr}, {"name", nullptr}, {"arguments", nullptr}});
        for (const char* key : {"role", "content", "refusal", "reasoning", "finish_reason"})
            is_empty = is_empty && choice.at(key).is_null();
        if (!is_empty) choices.push_back(choice);
    }
    if (value.at("choices").empty() && value.at("id") == "") value["id"] = value["model"] = nullptr;
    value["choices"] = choices;
    if (value.at("created") == 0) value["created"] = nullptr;
    return value;
}

bool matches(const Json& expected, const Json& value) {
    if (expected.is_object() && expected.contains("$any")) return true;
    if (expected.is_object() && expected.contains("$parts")) return value == corpus::text(expected);
    if (expected.type() != value.type() || expected.size() != value.size()) return expected == value;
    if (expected.is_object()) {
        for (const auto& field : expected.items())
            if (!value.contains(field.key()) || !matches(field.value(), value.at(field.key()))) return false;
        return true;
    }
    if (!expected.is_array()) return expected == value;
    for (size_t index = 0; index != expected.size(); ++index)
        if (!matches(expected[index], value[index])) return false;
    return true;
}

Case make_case(const std::string& name, bool is_error_body, const std::string& text, const Json& row) {
    Case made{name, is_error_body, text, {}, false};
    if (!is_error_body && row.at("expect").contains("choices")) {
        const Json& choices = row.at("expect").at("choices");
        made.is_finished = !choices.empty();
        for (const Json& choice : choices)
            if (choice.value("finish_reason", Json()).is_null()) made.is_finished = false;
    }
    made.expected.push_back(normal(row.at("expect"), is_error_body));
    for (const Json& other : row.value("alts", Json::array())) made.expected.push_back(normal(other, is_error_body));
    return made;
}

struct Row {
    const char* name;
    const char* text;
    const char* expected;  // without what is null
};

const Row chunk_rows[] = {
    {"an answer that was not streamed",
     R"({"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]})",
     R"({"id":"c","choices":[{"role":"assistant","content":"hi","finish_reason":"stop"}]})"},
    {"all that a message can say, the first reasoning of three",
     R"({"choices":[{"message":{"reasoning_content":"a","reasoning":"b","thinking":"c","refusal":"r","role":"x",)"
     R"("content":"hi","tool_calls":[{"id":"i"}]}}]})",
     R"({"choices":[{"role":"x","content":"hi","refusal":"r","reasoning":"a","tool_calls":[{"id":"i"}]}]})"},
    {"the second of a message", R"({"choices":[{"message":{"thinking":"c","reasoning":"b"}}]})",
     R"({"choices":[{"reasoning":"b"}]})"},
    {"the third of a message", R"({"choices":[{"message":{"thinking":"c"}}]})", R"({"choices":[{"reasoning":"c"}]})"},
    {"reasoning_text", R"({"choices":[{"delta":{"reasoning_text":"c"}}]})", R"({"choices":[{"reasoning":"c"}]})"},
    {"details of reasoning",
     R"({"choices":[{"delta":{"reasoning_details":[{"text":"a"},{"summary":"b"},{"data":"c"}]}}]})",
     R"({"choices":[{"reasoning":"ab"}]})"},
    {"parts of reasoning",
     R"({"choices":[{"delta":{"content":[{"type":"reasoning","text":"a"},{"summary":[{"text":"b"}]},)"
     R"({"reasoning":"c"}]}}]})",
     R"({"choices":[{"reasoning":"abc"}]})"},
    {"a custom tool",
     R"({"choices":[{"delta":{"tool_calls":[{"type":"custom","custom":{"name":"f","input":"x"}}]}}]})",
     R"({"choices":[{"tool_calls":[{"type":"custom","name":"f","arguments":"x"}]}]})"},
    {"legacy completions", R"({"choices":[{"text":"hi","index":1}]})", R"({"choices":[{"index":1,"content":"hi"}]})"},
    {"the key thinking", R"({"choices":[{"delta":{"thinking":"hm"}}]})", R"({"choices":[{"reasoning":"hm"}]})"},
    {"reasoning_content before reasoning",
     R"({"choices":[{"delta":{"reasoning_content":"a","reasoning":"b","thinking":"c"}}]})",
     R"({"choices":[{"reasoning":"a"}]})"},
    {"in the other order", R"({"choices":[{"delta":{"thinking":"c","reasoning":"b","reasoning_content":"a"}}]})",
     R"({"choices":[{"reasoning":"a"}]})"},
    {"reasoning before thinking", R"({"choices":[{"delta":{"thinking":"c","reasoning":"b"}}]})",
     R"({"choices":[{"reasoning":"b"}]})"},
    {"the one that says something", R"({"choices":[{"delta":{"reasoning_content":"","reasoning":"b"}}]})",
     R"({"choices":[{"reasoning":"b"}]})"},
    {"the one that says something, first", R"({"choices":[{"delta":{"reasoning":"b","reasoning_content":""}}]})",
     R"({"choices":[{"reasoning":"b"}]})"},
    {"both empty", R"({"choices":[{"delta":{"reasoning_content":"","reasoning":""}}]})",
     R"({"choices":[{"reasoning":""}]})"},
    {"one of them null", R"({"choices":[{"delta":{"reasoning":"b","reasoning_content":null}}]})",
     R"({"choices":[{"reasoning":"b"}]})"},
    {"null does not wipe what was said", R"({"choices":[{"delta":{"content":"a","content":null}}]})",
     R"({"choices":[{"content":"a"}]})"},
    {"all kinds of text at once",
     R"({"choices":[{"delta":{"refusal":"r","content":"c","reasoning":"t","role":"assistant"}}]})",
     R"({"choices":[{"role":"assistant","reasoning":"t","content":"c","refusal":"r"}]})"},
    {"parts of each kind",
     R"({"choices":[{"delta":{"content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"hm"},{"text":"b"},)"
     R"({"type":"refusal","refusal":"no"}]}}]})",
     R"({"choices":[{"content":"ab","reasoning":"hm","refusal":"no"}]})"},
    {"thinking as a list",
     R"({"choices":[{"delta":{"content":[{"thinking":[{"text":"h"},{"type":"text","text":"m"}]}]}}]})",
     R"({"choices":[{"reasoning":"hm"}]})"},
    {"parts, and the choice's index behind them",
     R"({"choices":[{"delta":{"content":[{"text":"a"}],"role":"assistant"},"finish_reason":"stop","index":2}]})",
     R"({"choices":[{"index":2,"role":"assistant","content":"a","finish_reason":"stop"}]})"},
    {"no parts", R"({"choices":[{"delta":{"content":[]}}]})", R"({})"},
    {"texts that are no parts", R"({"choices":[{"delta":{"content":["a",{"text":"b"},1,true]}}]})",
     R"({"choices":[{"content":"b"}]})"},
    {"parts that say nothing", R"({"choices":[{"delta":{"content":[{},{"type":"image"},{"text":null}]}}]})", R"({})"},
    {"arguments as an object", R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":"}\"{"}}}]}}]})",
     R"({"choices":[{"tool_calls":[{"arguments":"{\"a\":\"}\\\"{\"}"}]}]})"},
    {"arguments as a list",
     R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":[1, "\u00e9\n"],"name":"f"}}]}}]})",
     R"({"choices":[{"tool_calls":[{"name":"f","arguments":"[1, \"\\u00e9\\n\"]"}]}]})"},
    {"empty arguments as an object", R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{}}}]}}]})",
     R"({"choices":[{"tool_calls":[{"arguments":"{}"}]}]})"},
    {"arguments that are neither",
     R"({"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"arguments":true}}]}}]})",
     R"({"choices":[{"tool_calls":[{"id":"a","arguments":"true"}]}]})"},
    {"a tool call that says nothing", R"({"choices":[{"delta":{"tool_calls":[{}]}}]})",
     R"({"choices":[{"tool_calls":[{}]}]})"},
    {"a tool call with an index alone", R"({"choices":[{"delta":{"tool_calls":[{"index":3}]}}]})",
     R"({"choices":[{"tool_calls":[{"index":3}]}]})"},
    {"two calls with nothing but arguments",
     R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"a"}},{"function":{"arguments":"b"}}]}}]})",
     R"({"choices":[{"tool_calls":[{"arguments":"a"},{"arguments":"b"}]}]})"},
    {"indices that are none",
     R"({"choices":[{"delta":{"tool_calls":[{"index":-1,"id":"a"},{"index":"1","id":"b"},)"
     R"({"index":2147483647,"id":"c"},{"index":4294967296,"id":"d"}]}}]})",
     R"({"choices":[{"tool_calls":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}]}]})"},
    {"indices that are written otherwise",
     R"({"choices":[{"delta":{"tool_calls":[{"index":1.0,"id":"a"},{"index":2e0,"id":"b"},)"
     R"({"index":2147483646,"id":"c"}]}}]})",
     R"({"choices":[{"tool_calls":[{"index":1,"id":"a"},{"index":2,"id":"b"},{"index":2147483646,"id":"c"}]}]})"},
    {"an id that is a number", R"({"choices":[{"delta":{"tool_calls":[{"id":12345,"function":{"name":7}}]}}]})",
     R"({"choices":[{"tool_calls":[{"id":"12345","name":"7"}]}]})"},
    {"escapes in ids and names",
     R"({"id":"c\u0031","model":"m\/n","choices":[{"delta":{"role":"a\u0062",)"
     R"("tool_calls":[{"id":"i\"","type":"f\u0075n",)"
     R"("function":{"name":"n\ud83d\ude00"}}]},"finish_reason":"st\u006fp"}]})",
     R"({"id":"c1","model":"m/n","choices":[{"role":"ab",)"
     R"("tool_calls":[{"id":"i\"","type":"fun","name":"n\ud83d\ude00"}],)"
     R"("finish_reason":"stop"}]})"},
    {"the last of two ids, calls and reasons",
     R"({"id":"a","id":"b","choices":[{"delta":{"tool_calls":[{"id":"a","id":"b"}]},)"
     R"("finish_reason":"a","finish_reason":"b"}]})",
     R"({"id":"b","choices":[{"tool_calls":[{"id":"b"}],"finish_reason":"b"}]})"},
    {"text, parts and calls of a choice in one order",
     R"({"choices":[{"finish_reason":"stop","delta":{"tool_calls":[{"id":"a"}],)"
     R"("content":"c","reasoning":"r","role":"x"}}]})",
     R"({"choices":[{"role":"x","reasoning":"r","content":"c","tool_calls":[{"id":"a"}],"finish_reason":"stop"}]})"},
    {"two choices with the same index", R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]})",
     R"({"choices":[{"content":"ab"}]})"},
    {"choice indices that are none",
     R"({"choices":[{"index":-1,"delta":{"content":"a"}},{"index":"7","delta":{"content":"b"}},)"
     R"({"index":null,"delta":{"content":"c"}}]})",
     R"({"choices":[{"content":"abc"}]})"},
    {"a choice index behind everything",
     R"({"choices":[{"delta":{"tool_calls":[{"id":"a"}]},"finish_reason":"stop","index":5}]})",
     R"({"choices":[{"index":5,"tool_calls":[{"id":"a"}],"finish_reason":"stop"}]})"},
    {"delta, choices and tool_calls of other types",
     R"({"id":"c","choices":[{"delta":"x"},{"delta":[1]},7,"x",{"delta":{"tool_calls":"x"}}]})", R"({"id":"c"})"},
    {"usage in the choice",
     R"({"choices":[{"index":0,"finish_reason":"stop",)"
     R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}]})",
     R"({"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"},
    {"usage alone", R"({"usage":{"total_tokens":3}})", R"({"usage":{"total_tokens":3}})"},
    {"usage that says nothing", R"({"id":"c","usage":{"other":1}})", R"({"id":"c"})"},
    {"usage below zero is not known", R"({"id":"c","usage":{"total_tokens":-1,"prompt_tokens":5}})",
     R"({"id":"c","usage":{"prompt_tokens":5}})"},
    {"usage of other types", R"({"id":"c","usage":{"total_tokens":"3","prompt_tokens":null,"completion_tokens":{}}})",
     R"({"id":"c"})"},
    {"details of usage",
     R"({"usage":{"prompt_tokens_details":{"cached_tokens":7},"completion_tokens_details":{"reasoning_tokens":8}}})",
     R"({"usage":{"cached_tokens":7,"reasoning_tokens":8}})"},
    {"a list of chunks",
     R"([{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}]},)"
     R"({"id":"d","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}])",
     R"({"id":"c","model":"m","choices":[{"role":"assistant","content":"ab","finish_reason":"stop"}]})"},
    {"a list of chunks, their keys the other way round",
     R"([{"choices":[{"delta":{"content":"a"},"index":1}],"id":"c"},)"
     R"({"choices":[{"finish_reason":"stop","delta":{"content":"b"},"index":1}],"id":"d"}])",
     R"({"id":"c","choices":[{"index":1,"content":"ab","finish_reason":"stop"}]})"},
    {"chunks of different choices in a list",
     R"([{"id":"c","choices":[{"index":2,"delta":{"content":"a"}}]},{"choices":[{"delta":{"content":"b"}}]},)"
     R"({"choices":[{"index":2,"finish_reason":"length"}]}])",
     R"({"id":"c","choices":[{"index":2,"content":"a","finish_reason":"length"},{"content":"b"}]})"},
    {"chunks among other things in a list",
     R"([1,"x",null,{"id":"c","choices":[{"delta":{"content":"a"}}]},{},true])",
     R"({"id":"c","choices":[{"content":"a"}]})"},
    {"a list with a chunk, and an error behind it",
     R"([{"id":"c","choices":[{"delta":{"content":"a"}}]},{"error":{"message":"m","code":7}}])",
     R"({"id":"c","choices":[{"content":"a"}],"error":{"message":"m","code":"7"}})"},
    {"an empty list", "[]", "{}"},
    {"two choices, their indices first",
     R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"}},)"
     R"({"index":3,"delta":{"content":"b"},"finish_reason":"stop"}]})",
     R"({"id":"c","choices":[{"index":1,"content":"a"},{"index":3,"content":"b","finish_reason":"stop"}]})"},
    {"two choices, the first one's index behind its text",
     R"({"id":"c","choices":[{"delta":{"content":"a"},"index":1},{"index":3,"delta":{"content":"b"}}]})",
     R"({"id":"c","choices":[{"index":1,"content":"a"},{"index":3,"content":"b"}]})"},
    {"two choices, the second one's index behind its text",
     R"({"id":"c","choices":[{"index":3,"delta":{"content":"a"}},{"delta":{"content":"b"},"index":1}]})",
     R"({"id":"c","choices":[{"index":3,"content":"a"},{"index":1,"content":"b"}]})"},
    {"two choices, the second one without an index",
     R"({"id":"c","choices":[{"delta":{"content":"a"},"index":3},{"delta":{"content":"b"}}]})",
     R"({"id":"c","choices":[{"index":3,"content":"a"},{"index":0,"content":"b"}]})"},
    {"two calls, their indices behind their functions",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"},"id":"a","index":1},)"
     R"({"type":"t","function":{"arguments":"[]","name":"g"},"index":0}]}}]})",
     R"({"id":"c","choices":[{"tool_calls":[{"index":1,"id":"a","name":"f","arguments":"{}"},)"
     R"({"index":0,"type":"t","name":"g","arguments":"[]"}]}]})"},
    {"two calls, the index of the first one behind its function",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"},"index":1},)"
     R"({"index":2,"function":{"arguments":"[]"}}]}}]})",
     R"({"id":"c","choices":[{"tool_calls":[{"index":1,"arguments":"{}"},{"index":2,"arguments":"[]"}]}]})"},
    {"two calls, the second one without an index",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"},"index":1},)"
     R"({"function":{"arguments":"[]"}}]}}]})",
     R"({"id":"c","choices":[{"tool_calls":[{"index":1,"arguments":"{}"},{"arguments":"[]"}]}]})"},
    {"the last of two texts of each kind",
     R"({"id":"c","choices":[{"delta":{"role":"a","reasoning":"b","refusal":"c","content":"d",)"
     R"("content":"D","refusal":"C","reasoning":"B","role":"A"}}]})",
     R"({"id":"c","choices":[{"role":"A","reasoning":"B","content":"D","refusal":"C"}]})"},
    {"the last of two indices, of a choice and of a call",
     R"({"id":"c","choices":[{"index":1,"index":2,"delta":{"tool_calls":[{"index":3,"index":4,"id":"a"}]}}]})",
     R"({"id":"c","choices":[{"index":2,"tool_calls":[{"index":4,"id":"a"}]}]})"},
    {"the last of two indices, the text between them",
     R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"},"index":2}]})",
     R"({"id":"c","choices":[{"index":2,"content":"a"}]})"},
    {"two deltas and two functions: the last of what both say",
     R"({"id":"c","choices":[{"delta":{"role":"a","content":"b"},"delta":{"content":"B","tool_calls":[)"
     R"({"function":{"name":"f","arguments":"g"},"function":{"arguments":"G"}}]}}]})",
     R"({"id":"c","choices":[{"role":"a","content":"B","tool_calls":[{"name":"f","arguments":"G"}]}]})"},
    {"the last of two models, times and counts",
     R"({"id":"c","model":"a","model":"A","created":1,"created":2,"choices":[],)"
     R"("usage":{"total_tokens":1,"total_tokens":2,"prompt_tokens":3},"usage":{"prompt_tokens":4}})",
     R"({"id":"c","model":"A","created":2,"usage":{"prompt_tokens":4,"total_tokens":2}})"},
    {"null takes nothing back",
     R"({"id":"c","id":null,"choices":[{"index":1,"index":null,"delta":{"role":"a","role":null},)"
     R"("finish_reason":"stop","finish_reason":null}]})",
     R"({"id":"c","choices":[{"index":1,"role":"a","finish_reason":"stop"}]})"},
    {"the last of two errors", R"({"error":{"message":"a","message":"b","type":"t"},"error":{"message":"c"}})",
     R"({"error":{"message":"c","type":"t"}})"},
    {"an error that is a text", R"({"error":"busy"})", R"({"error":{"message":"busy"}})"},
    {"an error that is a number", R"({"error":503})", R"({"error":{"message":"503"}})"},
    {"an error that is true", R"({"error":true})", R"({"error":{}})"},
    {"an error that is false", R"({"id":"c","error":false})", R"({"id":"c"})"},
    {"an error that says nothing", R"({"id":"c","error":{}})", R"({"id":"c"})"},
    {"nor does a list of it, a text, a number or a member",
     R"({"error":[],"error":[{}],"error":"","error":0,"error":{"message":"","code":null,"type":"","param":0}})",
     R"({})"},
    {"an error of which no member is known", R"({"error":{"reason":"x"}})", R"({"error":{}})"},
    {"nor in what is not known", R"({"error":{"message":"","info":{"reason":[0]}}})", R"({"error":{"message":""}})"},
    {"what stands in errors may stand in the event", R"({"status_code":404,"error_description":"m"})",
     R"({"error":{"message":"m","code":"404"}})"},
    {"a status and its message", R"({"status_code":404,"status_msg":"m"})", R"({"error":{"message":"m","code":"404"}})"},
    {"a time to wait beside an error", R"({"error":"m","retry_after":7})", R"({"error":{"message":"m"}})"},
    {"a head beside an error", R"({"error":"m","headers":{"retry-after":"7"}})", R"({"error":{"message":"m"}})"},
    {"an error that is a list of texts", R"({"error":["busy"]})", R"({"error":{"message":"busy"}})"},
    {"of a list the first that says something",
     R"({"error":[{"code":1},{"code":2,"message":"b"},{"code":3,"message":"long"}]})",
     R"({"error":{"message":"b","code":"2"}})"},
    {"of Groq's own object", R"({"id":"c","x_groq":{"error":"over capacity","usage":{"total_tokens":3}}})",
     R"({"usage":{"total_tokens":3},"error":{"message":"over capacity"}})"},
    {"an object called error", R"({"object":"error"})", R"({"error":{}})"},
    {"a code and a message (Alibaba)", R"({"code":"DataInspectionFailed","message":"no","request_id":"r"})",
     R"({"error":{"message":"no","code":"DataInspectionFailed"}})"},
    {"a code and msg (Zhipu)", R"({"code":401,"msg":"bad key"})", R"({"error":{"message":"bad key","code":"401"}})"},
    {"in capitals (AWS)", R"({"Code":"X","Message":"bad key"})", R"({"error":{"message":"bad key","code":"X"}})"},
    {"with longer names (Baidu)", R"({"error_code":17,"error_msg":"limit"})",
     R"({"error":{"message":"limit","code":"17"}})"},
    {"a list of errors (Cloudflare)", R"({"success":false,"errors":[{"code":10000,"message":"Bad key"}],"messages":[]})",
     R"({"error":{"message":"Bad key","code":"10000"}})"},
    {"base_resp (MiniMax)", R"({"choices":[],"base_resp":{"status_code":1008,"status_msg":"no balance"}})",
     R"({"error":{"message":"no balance","code":"1008"}})"},
    {"an error in a list", R"({"error":[{"message":"m","code":1}]})", R"({"error":{"message":"m","code":"1"}})"},
    {"an error with escapes", R"({"error":{"message":"a\n\u00e9","type":"t\/","code":"\"c\"","param":"p\u0041"}})",
     R"({"error":{"message":"a\n\u00e9","type":"t/","code":"\"c\"","param":"pA"}})"},
    {"an error of a choice", R"({"choices":[{"delta":{"content":"x"},"error":{"message":"m","code":429},"index":0}]})",
     R"({"choices":[{"content":"x"}],"error":{"message":"m","code":"429"}})"},
    {"an error of a choice that is a text", R"({"choices":[{"error":"m"}]})", R"({"error":{"message":"m"}})"},
    {"an error behind the choices",
     R"({"id":"c","choices":[{"delta":{"content":"x"},"finish_reason":"error"}],"error":{"message":"m"}})",
     R"({"id":"c","choices":[{"content":"x","finish_reason":"error"}],"error":{"message":"m"}})"},
    {"older vLLM", R"({"object":"error","message":"too long","type":"t","param":"p","code":400})",
     R"({"error":{"message":"too long","type":"t","code":"400","param":"p"}})"},
    {"FastAPI", R"({"detail":"Not Found"})", R"({"error":{"message":"Not Found"}})"},
    {"a list of details", R"({"id":"c","detail":[{"loc":["body"],"msg":"x"}]})", R"({"error":{"message":"x"}})"},
    {"without that they are no error's",
     R"({"object":"chunk","message":"no","type":"t","param":"p","code":0,"choices":[]})", R"({})"},
    {"an error beside no choices", R"({"choices":null,"error_type":"t","error_message":"m"})",
     R"({"error":{"type":"t","message":"m"}})"},
    {"an empty object", "{}", "{}"},
    {"a text", R"("x")", "{}"},
    {"null", "null", "{}"},
};

const Row error_rows[] = {
    {"flat", R"({"message":"m","type":"t","code":"c","param":"p"})",
     R"({"error":{"message":"m","type":"t","code":"c","param":"p"}})"},
    {"flat, of an error event", R"({"type":"error","code":"c","message":"m","param":null,"sequence_number":1})",
     R"({"error":{"message":"m","type":"error","code":"c"}})"},
    {"nested, of an error event",
     R"({"type":"error","error":{"type":"t","code":"c","message":"m","headers":{"retry-after":"1"}}})",
     R"({"error":{"message":"m","type":"t","code":"c"}})"},
    {"nested, the type behind it", R"({"error":{"type":"t","message":"m"},"type":"error"})",
     R"({"error":{"message":"m","type":"t"}})"},
    {"older vLLM", R"({"object":"error","message":"m","type":"t","param":null,"code":400})",
     R"({"error":{"message":"m","type":"t","code":"400"}})"},
    {"other names", R"({"error_type":"t","error_message":"m"})", R"({"error":{"message":"m","type":"t"}})"},
    {"a list of problems", R"({"detail":[{"msg":"m"}]})", R"({"error":{"message":"m"}})"},
    {"an object of them", R"({"detail":{"error":{"msg":"m","type":"t"}}})", R"({"error":{"message":"m","type":"t"}})"},
    {"a message that is an object", R"({"message":{"detail":"m"}})", R"({"error":{"message":"m"}})"},
    {"a list of errors", R"({"result":null,"errors":[{"code":1,"message":"m"}],"messages":[]})",
     R"({"error":{"message":"m","code":"1"}})"},
    {"a list of texts", R"({"errors":["m"]})", R"({"error":{"message":"m"}})"},
    {"in capitals", R"({"Code":"c","Message":"m"})", R"({"error":{"message":"m","code":"c"}})"},
    {"with longer names", R"({"error_code":"c","error_msg":"m"})", R"({"error":{"message":"m","code":"c"}})"},
    {"with a description", R"({"error":"c","error_description":"mm"})", R"({"error":{"message":"mm"}})"},
    {"its own time", R"({"error":{"message":"m","retry_after":7}})", R"({"error":{"message":"m"}})"},
    {"that of its head", R"({"error":{"message":"m","headers":{"retry-after":"7"}}})", R"({"error":{"message":"m"}})"},
    {"the same in capitals", R"({"error":{"message":"m","headers":{"Retry-After":"7"}}})",
     R"({"error":{"message":"m"}})"},
    {"the same in ms", R"({"error":{"message":"m","headers":{"retry-after-ms":"7"}}})",
     R"({"error":{"message":"m"}})"},
    {"a status", R"({"base_resp":{"status_code":1,"status_msg":"m"}})", R"({"error":{"message":"m","code":"1"}})"},
    {"an error and a message", R"({"error":"no","message":"why","detail":"d"})", R"({"error":{"message":"why"}})"},
    {"in the other order", R"({"detail":"d","message":"why","error":"no"})", R"({"error":{"message":"why"}})"},
    {"a code of its own", R"({"error":"m","code":7,"param":"p"})",
     R"({"error":{"message":"m","code":"7","param":"p"}})"},
    {"a text", R"("overloaded")", R"({"error":{"message":"overloaded"}})"},
    {"a number", "529", R"({"error":{"message":"529"}})"},
    {"true", "true", R"({"error":{}})"},
    {"null", "null", "{}"},
    {"nothing that is known", R"({"status":"UNAVAILABLE"})", "{}"},
    {"of two messages the longer one; else the inner words before those around them",
     R"({"error":{"message":"in","type":"t"},"message":"out","type":"u","code":1})",
     R"({"error":{"message":"out","type":"t","code":"1"}})"},
    {"no JSON", "{oops", R"({"valid":false})"},
};

// The corpus first; the rows with policy or alternatives need a place in `choices` below.
const std::vector<Case>& all_cases() {
    static const std::vector<Case> cases = [] {
        std::vector<Case> made;
        for (const Json& row : corpus::rows("json.jsonl"))
            if (row.at("kind") == "chat" || row.at("kind") == "error_body")
                made.push_back(
                    make_case(row.at("name"), row.at("kind") == "error_body", corpus::bytes(row, "json"), row));
        for (const Row& row : chunk_rows)
            made.push_back(make_case(row.name, false, row.text, {{"expect", Json::parse(row.expected)}}));
        for (const Row& row : error_rows)
            made.push_back(make_case(std::string("error body: ") + row.name, true, row.text,
                                     {{"expect", Json::parse(row.expected)}}));
        return made;
    }();
    return cases;
}

// ---- what is read --------------------------------------------------------------------------------------------------

struct Reading {
    Json value;  // as in the corpus
    uint32_t retry_after_ms = 0;
    Error error = Error::none;
    std::string key;  // of event_too_large
    std::string broken;
};

Json outcome_value(Error error, const Answer& answer, const Json& failure, bool is_error_body) {
    if (error == Error::bad_json || error == Error::json_too_deep) return {{"valid", false}};
    return is_error_body ? Json{{"valid", true}, {"error", failure}} : answer.chat(failure);
}

Reading conclude(dialect::EventReader& reader, Answer& answer, dialect::Outcome last, bool is_error_body) {
    Event event;
    while (reader.flush(event)) answer.take(event);
    Reading reading;
    reading.retry_after_ms = reader.retry_after_ms();
    Json failure;
    if (last == dialect::Outcome::failed) reading.error = reader.error();
    if (last == dialect::Outcome::refused) {
        failure = error_value(reader.value(dialect::value_error_message), reader.value(dialect::value_error_type),
                              reader.value(dialect::value_error_code), reader.value(dialect::value_error_param));
    }
    reading.value = outcome_value(reading.error, answer, failure, is_error_body);
    reading.broken = answer.broken;
    return reading;
}

dialect::ContextId root_of(const Case& one) { return one.is_error_body ? dialect::error_root : dialect::chat_root; }

Reading read_whole(const Case& one, const dialect::Dialect& tables = dialect::chat) {
    support::GuardedBuffer memory(one.text.size());
    if (!one.text.empty()) std::memcpy(memory.data(), one.text.data(), one.text.size());
    dialect::EventReader reader;
    Answer answer;
    Event event;
    reader.begin(tables, root_of(one), memory.data(), memory.data() + memory.size(), true);
    dialect::Outcome outcome = reader.next(event);
    for (; outcome == dialect::Outcome::event; outcome = reader.next(event)) answer.take(event);
    Reading reading = conclude(reader, answer, outcome, one.is_error_body);
    if (answer.is_early) reading.broken = "early, though the event was there as a whole";
    return reading;
}

// Through a window, `step` bytes at a time at most, as Exchange::make_room() does it.
Reading read_in_parts(const Case& one, support::GuardedBuffer& memory, size_t step) {
    char* const limit = memory.data() + memory.size();
    dialect::EventReader reader;
    Answer answer;
    Event event;
    size_t shown = std::min({memory.size(), one.text.size(), step});
    std::memcpy(memory.data(), one.text.data(), shown);
    char* end = memory.data() + shown;
    reader.begin(dialect::chat, root_of(one), memory.data(), end, false);
    bool is_last = false;
    while (true) {
        const dialect::Outcome outcome = reader.next(event);
        if (outcome == dialect::Outcome::event) {
            answer.take(event);
            continue;
        }
        if (outcome != dialect::Outcome::need_more || is_last)
            return conclude(reader, answer, outcome, one.is_error_body);
        if (shown == one.text.size()) {
            reader.show(reader.unread(), end, true);
            is_last = true;
            continue;
        }
        if (end == limit) {
            char* const into = reader.pack_values(memory.data());
            const auto left = static_cast<size_t>(end - reader.unread());
            std::memmove(into, reader.unread(), left);
            reader.show(into, into + left, false);
            end = into + left;
            std::memset(end, '#', static_cast<size_t>(limit - end));
            if (end == limit) {
                if (reader.press()) continue;
                Reading reading = conclude(reader, answer, outcome, one.is_error_body);
                reading.error = Error::event_too_large;
                reading.key = std::string(reader.pending_key());
                return reading;
            }
        }
        const size_t count = std::min({static_cast<size_t>(limit - end), one.text.size() - shown, step});
        std::memcpy(end, one.text.data() + shown, count);
        shown += count;
        end += count;
        reader.show(reader.unread(), end, false);
    }
}

// The text as the data of one server-sent event; it may have line ends.
std::string as_event(const std::string& text, const std::string& type = "") {
    std::string event = type.empty() ? "" : "event: " + type + "\n";
    event += "data: ";
    for (size_t at = 0; at != text.size(); ++at) {
        if (text[at] == '\r' && at + 1 != text.size() && text[at + 1] == '\n') continue;
        event += text[at] == '\n' || text[at] == '\r' ? "\ndata: " : std::string(1, text[at]);
    }
    return event + "\n\n";
}

// What is left to an Exchange, besides the value: the error it ends with.
Error error_of(const Case& one, const Json& value) {
    if (one.is_error_body) return Error::http_status;
    if (value.at("valid") == false) return one.text.size() > 10000 ? Error::json_too_deep : Error::bad_json;
    if (!value.at("error").is_null()) return Error::server_error;
    return one.is_finished ? Error::none : Error::truncated;
}

Reading read_through_exchange(const Case& one, openai_stream::Buffer memory, const corpus::Pieces& pieces) {
    Exchange exchange(memory);
    Reading reading;
    const Error error = one.is_error_body ? exchange.begin_body(BodyOf::chat, 400, "application/json")
                                          : exchange.begin_body(BodyOf::chat, 200, "text/event-stream");
    if (error != Error::none) reading.broken = describe(error);
    Answer answer;
    const Poll poll = feed(exchange, pieces, [&](const Event& event) { answer.take(event); });
    reading.error = exchange.error();
    reading.broken += answer.broken;
    if ((poll == Poll::done) != (reading.error == Error::none))
        reading.broken = "done and error() contradict each other";
    if (poll == Poll::pending) reading.broken = "it does not end";
    if (one.is_error_body && answer.events != 0) reading.broken = "events from the body of a refusal";
    const Failure failure = exchange.failure();
    Json words = blame(reading.error) == openai_stream::Blame::server ? error_value(failure) : Json();
    if (one.is_error_body && words == error_value({}, {}, {}, {}))
        words = "nothing";  // no error, or none that says something
    reading.value = outcome_value(reading.error, answer, words, one.is_error_body);
    reading.key = std::string(failure.param);
    return reading;
}

bool is_wanted(const Case& one, Json value) {
    for (const Json& expected : one.expected) {
        if (value.is_object() && value.value("error", Json()) == "nothing") {
            if (expected.value("error", Json()).is_null() || expected.at("error") == error_value({}, {}, {}, {}))
                return true;
            continue;
        }
        if (matches(expected, value)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("shown at once") {
    for (const Case& one : all_cases()) {
        ROW(one.name);
        const Reading reading = read_whole(one);
        CHECK_EQ(reading.broken, "");
        CHECK_MESSAGE(is_wanted(one, reading.value), printed(reading.value));
    }
}

// Where the corpus allows several readings, or none is defined: which one this library has, and why.
TEST_CASE("the reading of what is not defined") {
    struct Choice {
        const char* name;
        size_t which;  // 0: the one the corpus recommends
        const char* choice;
        const char* reason;
    };
    const Choice choices[] = {
        {"str-lone-high-at-end", 0, "U+FFFD",
         "text is always valid UTF-8, and an answer is worth more than half a character"},
        {"str-lone-low", 0, "U+FFFD", "the same"},
        {"str-lone-high-then-text", 0, "U+FFFD", "the same"},
        {"str-high-high-low", 0, "U+FFFD, then the pair", "the same"},
        {"dup-content", 0, "the last one; the first one when the event does not fit",
         "what was handed out cannot be taken back"},
        {"dup-id", 0, "the last one", "as every common decoder"},
        {"deep-unknown-20000", 1, "Error::json_too_deep above 128 levels", "the state is one bit for each level"},
        {"finish-empty-string", 0, "not finished", "servers send it in every chunk"},
        {"type-mismatch-content-number", 2, "its digits", "Cloudflare sends a token that looks like a number so"},
        {"tool-index-null-id-empty", 0, "an empty id is handed out as it came", "the core reports the wire"},
        {"tool-args-object", 0, "the object's JSON text", "that is what the caller would parse anyway"},
        {"legacy-function-call", 0, "ignored", "deprecated; it must not look like a tool call"},
        {"refusal-empty-string", 0, "an empty piece of refusal", "the core reports the wire"},
        {"content-parts-thinking", 0, "reasoning", "Mistral's way of sending it"},
        {"content-parts-text", 0, "text", "Mistral's way of sending it"},
        {"usage-details-null", 0, "unknown", "null says nothing; reasoning_tokens counts in its details only"},
        {"usage-groq-x", 1, "read", "Groq fills the documented place only when it is asked to"},
        {"usage-floats", 0, "read as integers", "the value is an integer, however it is written"},
        {"num-created-float", 0, "cut to seconds", "created is in seconds"},
        {"prov-legacy-completion", 1, "text", "it is the answer's text"},
        {"body-fastapi-detail", 1, "the message", "it is all the server says"},
        {"body-gemini-array", 1, "the first object's error", "Gemini wraps its errors in a list"},
    };
    std::map<std::string, const Choice*> open;
    for (const Choice& choice : choices) open[choice.name] = &choice;
    for (const Json& row : corpus::rows("json.jsonl")) {
        const std::string name = row.at("name");
        if ((row.at("kind") != "chat" && row.at("kind") != "error_body") ||
            (!row.contains("alts") && !corpus::has_tag(row, "policy")))
            continue;
        ROW(name);
        REQUIRE_MESSAGE(open.count(name) == 1, "no choice is written down");
        const Choice& choice = *open.at(name);
        for (const Case& one : all_cases())
            if (one.name == name)
                CHECK_MESSAGE(matches(one.expected.at(choice.which), read_whole(one).value), choice.choice);
        open.erase(name);
    }
    for (const auto& left : open) FAIL_CHECK("no such row: " << left.first);
}

namespace {

// ---- in this order -------------------------------------------------------------------------------------------------

// "started(c,m)", "role(x)", "text(x)", "call(id,name,type)", "arguments(x)", "finish(stop)", "usage(1,2,3)"; "#1" is
// of choice 1, "@1" of tool 1.
void tell(std::string& story, const Event& event) {
    const char* const kinds[] = {"started", "role",      "text",   "reasoning", "refusal",
                                 "call",    "arguments", "finish", "usage",     "keepalive"};
    const Usage& usage = event.usage;
    story += story.empty() ? "" : " ";
    story += kinds[static_cast<size_t>(event.kind)];
    if (event.choice != 0) story += "#" + std::to_string(event.choice);
    if (event.tool_index != -1) story += "@" + std::to_string(event.tool_index);
    std::string inside(event.text);
    if (event.kind == EventKind::started) inside = std::string(event.id) + "," + std::string(event.name);
    if (event.kind == EventKind::tool_call)
        inside = std::string(event.id) + "," + std::string(event.name) + "," + inside;
    if (event.kind == EventKind::finish || event.kind == EventKind::role) inside = std::string(event.name);
    if (event.kind == EventKind::usage)
        inside = std::to_string(usage.prompt_tokens) + "," + std::to_string(usage.completion_tokens) + "," +
                 std::to_string(usage.total_tokens);
    story += "(" + inside + (event.more ? "..." : "") + ")";
}

std::string story_of(const std::string& text) {
    support::GuardedBuffer memory(text.size());
    std::memcpy(memory.data(), text.data(), text.size());
    dialect::EventReader reader;
    Event event;
    std::string story;
    reader.begin(dialect::chat, dialect::chat_root, memory.data(), memory.data() + memory.size(), true);
    dialect::Outcome outcome = reader.next(event);
    for (; outcome == dialect::Outcome::event; outcome = reader.next(event)) tell(story, event);
    if (outcome == dialect::Outcome::end) return story;
    return story + (outcome == dialect::Outcome::refused ? " refused" : " failed");
}

// Through an Exchange that has room for it, in every cut; of what was read otherwise the first.
std::string wrong_cut(const std::string& text, const std::string& expected) {
    std::string wrong;
    char memory[4096];
    corpus::for_each_cut(as_event(text), false, [&](const corpus::Pieces& pieces) {
        Exchange exchange(memory);
        std::string story;
        if (exchange.begin_body(BodyOf::chat, 200, "text/event-stream") == Error::none)
            feed(exchange, pieces, [&](const Event& event) { tell(story, event); });
        if (exchange.error() == Error::server_error) story += " refused";
        if (wrong.empty() && story != expected) wrong = corpus::describe(pieces) + ": " + story;
    });
    return wrong;
}

std::string joined(const std::vector<std::string>& members) {
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    return "{" + text + "}";
}

// An object with these members in each order.
std::vector<std::string> in_each_order(std::vector<std::string> members) {
    std::vector<std::string> objects;
    std::sort(members.begin(), members.end());
    do objects.push_back(joined(members));
    while (std::next_permutation(members.begin(), members.end()));
    return objects;
}

}  // namespace

TEST_CASE("the events of one text come in this order") {
    struct Story {
        const char* name;
        const char* text;
        const char* expected;
    };
    const Story rows[] = {
        {"the reason before the text",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(stop)"},
        {"the reason before a call, and the index behind it",
         R"({"id":"c","choices":[{"finish_reason":"tool_calls","delta":{"tool_calls":[)"
         R"({"function":{"arguments":"{}","name":"f"},"index":1}]},"index":2}]})",
         "started(c,) call#2@1(,f,) arguments#2@1({}) finish#2(tool_calls)"},
        {"the reason before parts",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":[{"text":"a"},{"thinking":"b"}]}}]})",
         "started(c,) text(a) reasoning(b) finish(stop)"},
        {"the usage before the choices",
         R"({"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},)"
         R"("choices":[{"finish_reason":"stop","delta":{"content":"a"}}],"id":"c"})",
         "started(c,) text(a) finish(stop) usage(1,2,3)"},
        {"the usage in the choice, before its text",
         R"({"id":"c","choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},)"
         R"("finish_reason":"stop","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(stop) usage(1,2,3)"},
        {"an error before the choices",
         R"({"error":{"message":"m"},"id":"c","choices":[{"finish_reason":"error","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(error) refused"},
        {"each choice ends before the next one begins",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":"a"},"index":1},)"
         R"({"index":2,"delta":{"content":"b"},"finish_reason":"length"}]})",
         "started(c,) text#1(a) finish#1(stop) text#2(b) finish#2(length)"},
        {"each chunk of a list ends before the next one begins",
         R"([{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"choices":[)"
         R"({"finish_reason":"stop","delta":{"content":"a"}}],"model":"m","id":"c"},)"
         R"({"id":"d","choices":[{"index":1,"delta":{"content":"b"}}]},)"
         R"({"choices":[{"finish_reason":"length","index":1}]}])",
         "started(c,m) text(a) finish(stop) usage(1,2,3) text#1(b) finish#1(length)"},
        {"one event of a count in a list", R"([{"id":"c"},{"usage":{"total_tokens":3}}])",
         "started(c,) usage(-1,-1,3)"},
        {"a call's type, name and arguments, each twice",
         R"({"id":"c","choices":[{"delta":{"tool_calls":[{"type":"a","function":{"name":"b","arguments":"c",)"
         R"("arguments":"C","name":"B"},"type":"A"}]}}]})",
         "started(c,) call(,B,A) arguments(C)"},
        {"arguments as a text and as an object", R"({"choices":[{"delta":{"tool_calls":[{"function":{)"
         R"("arguments":"a","arguments":{"b":1}}},{"function":{"arguments":{"b":1},"arguments":"a"}}]}}]})",
         R"(started(,) arguments({"b":1}) arguments(a))"},
        {"two lists of calls", R"({"choices":[{"delta":{"tool_calls":[{"id":"a"}],"tool_calls":[{"id":"b"}]}}]})",
         "started(,) call(b,,)"},
        {"two lists of parts", R"({"choices":[{"delta":{"content":[{"text":"a"}],"content":[{"text":"b"}]}}]})",
         "started(,) text(b)"},
        {"two lists of choices in the first chunk",
         R"({"choices":[{"delta":{"content":"a"}}],"id":"c","choices":[{"delta":{"content":"b"}}]})",
         "started(c,) text(b)"},
    };
    for (const Story& row : rows) {
        ROW(row.name);
        CHECK_EQ(story_of(row.text), row.expected);
        CHECK_EQ(wrong_cut(row.text, row.expected), "");
    }
}

TEST_CASE("the order of keys does not matter") {
    struct Object {
        const char* name;
        std::vector<std::string> members;
        std::string before, behind;
        const char* expected;
    };
    const std::string usage = R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";
    const Object objects[] = {
        {"of a chunk",
         {R"("id":"c")", R"("model":"m")", usage, R"("error":null)",
          R"("choices":[{"finish_reason":"stop","delta":{"content":"a"},"index":1}])"},
         "", "", "started(c,m) text#1(a) finish#1(stop) usage(1,2,3)"},
        {"of the first of two choices",
         {R"("index":1)", R"("delta":{"content":"a","role":"r"})", R"("finish_reason":"stop")", usage},
         R"({"id":"c","choices":[)", R"(,{"delta":{"content":"b"},"index":2}]})",
         "started(c,) role#1(r) text#1(a) finish#1(stop) text#2(b) usage(1,2,3)"},
        {"of the second of two choices",
         {R"("index":1)", R"("delta":{"content":"a","role":"r"})", R"("finish_reason":"stop")", usage},
         R"({"id":"c","choices":[{"index":2,"delta":{"content":"b"},"finish_reason":"length"},)", "]}",
         "started(c,) text#2(b) finish#2(length) role#1(r) text#1(a) finish#1(stop) usage(1,2,3)"},
        {"of a delta",
         {R"("content":"a")", R"("role":"r")", R"("reasoning":"b")", R"("refusal":"c")",
          R"("tool_calls":[{"id":"d","index":0}])"},
         R"({"choices":[{"delta":)", R"(,"finish_reason":"stop"}]})",
         "started(,) role(r) reasoning(b) text(a) refusal(c) call@0(d,,) finish(stop)"},
        {"of a delta with parts",
         {R"("content":[{"text":"a"},{"thinking":"b"}])", R"("role":"r")", R"("reasoning":"c")",
          R"("tool_calls":[{"id":"d","index":0}])"},
         R"({"choices":[{"delta":)", R"(,"index":1}]})",
         "started(,) role#1(r) reasoning#1(c) text#1(a) reasoning#1(b) call#1@0(d,,)"},
        {"of the first of two calls",
         {R"("index":3)", R"("id":"a")", R"("type":"t")", R"("function":{"arguments":"{}","name":"f"})"},
         R"({"choices":[{"delta":{"tool_calls":[)", R"(,{"function":{"name":"g","arguments":"[]"},"index":4}]}}]})",
         "started(,) call@3(a,f,t) arguments@3({}) call@4(,g,) arguments@4([])"},
        {"of the second of two calls",
         {R"("index":3)", R"("id":"a")", R"("type":"t")", R"("function":{"name":"f","arguments":{"x":[]}})"},
         R"({"choices":[{"index":2,"delta":{"tool_calls":[{"index":4,"function":{"name":"g","arguments":"[]"}},)",
         "]}}]}", R"(started(,) call#2@4(,g,) arguments#2@4([]) call#2@3(a,f,t) arguments#2@3({"x":[]}))"},
        {"of an error", {R"("message":"m")", R"("type":"t")", R"("code":1)", R"("param":null)"},
         R"({"id":"c","error":)", R"(,"choices":[{"delta":{"content":"a"}}]})", "started(c,) text(a) refused"},
    };
    for (const Object& object : objects) {
        size_t number = 0;
        for (const std::string& text : in_each_order(object.members)) {
            ROW(std::string(object.name) + ", " + std::to_string(++number) + ": " + text);
            const std::string whole = object.before + text + object.behind;
            CHECK_EQ(story_of(whole), object.expected);
            CHECK_EQ(wrong_cut(whole, object.expected), "");
        }
    }
}

namespace {

// ---- in parts ------------------------------------------------------------------------------------------------------

enum class Known {
    late_id,     // what was not known when the first choice had ended is not said
    first_text,  // of several keys for a text the first one may count: it had to leave
    first_said,  // the same of one key that is there twice, in other letters; in small windows only
    late_key,    // the index comes behind something that is handed out when it ends: Error::late_key
};
struct Exception {
    const char* name;
    Known outcome;
};
const Exception exceptions[] = {
    {"order-choices-first", Known::late_id},
    {"order-index-last", Known::late_id},
    {"prov-azure-async-filter", Known::late_id},
    {"prov-llamacpp-final", Known::late_id},
    {"prov-gemini-minimal", Known::late_id},
    {"prov-dashscope", Known::late_id},
    {"prov-legacy-completion", Known::late_id},
    {"a list of chunks, their keys the other way round", Known::late_id},
    {"in the other order", Known::first_text},
    {"reasoning before thinking", Known::first_text},
    {"the second of a message", Known::first_text},
    {"the last of two texts of each kind", Known::first_said},
    {"two deltas and two functions: the last of what both say", Known::first_said},
    {"parts, and the choice's index behind them", Known::late_key},
    {"a choice index behind everything", Known::late_key},
};
constexpr size_t enough = 128;  // bytes for the ids and names of all rows here, and for a key

std::string in_small_letters(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// "" when it is what it should be. is_small: ids and keys may be too large, and a message cut. Sets *seen when an
// exception was made.
std::string judge(const Case& one, const Json& whole, const Reading& reading, bool is_small, bool* seen) {
    if (!reading.broken.empty()) return reading.broken;
    const Exception* exception = nullptr;
    for (const Exception& other : exceptions)
        if (other.name == one.name) exception = &other;
    const bool is_known = exception != nullptr;
    if (reading.error == Error::event_too_large && is_small) return "";
    if (reading.error == Error::event_too_large) return describe(reading.error) + (": " + reading.key);
    if (reading.error == Error::late_key) {
        const bool is_exception = is_known && exception->outcome == Known::late_key;
        *seen = *seen || is_exception;
        return is_exception || is_small ? "" : describe(reading.error);
    }
    if (reading.value == whole) return "";
    Json value = reading.value, same = whole;
    if (is_small && value.at("valid") == true && value.at("error").is_object() && same.at("error").is_object()) {
        Json message = same["error"]["message"], cut = value["error"]["message"];
        same["error"]["message"] = value["error"]["message"] = nullptr;
        if (message.is_string() && cut.is_string() && message.get<std::string>().find(cut.get<std::string>()) == 0 &&
            value == same)
            return "";
    }
    if (is_known && exception->outcome == Known::late_id) {
        for (const char* key : {"id", "model", "created"}) value[key] = same[key] = nullptr;
        *seen = *seen || value == same;
        if (value == same) return "";
    }
    if (is_known && exception->outcome == Known::first_said && is_small) {
        const bool is_same = in_small_letters(printed(value)) == in_small_letters(printed(same));
        *seen = *seen || is_same;
        if (is_same) return "";
    }
    if (is_known && exception->outcome == Known::first_text &&
        one.text.find(printed(value["choices"][0]["reasoning"])) != std::string::npos) {
        value["choices"][0]["reasoning"] = same["choices"][0]["reasoning"] = nullptr;
        *seen = *seen || value == same;
        if (value == same) return "";
    }
    return printed(reading.value);
}

void check_exceptions(const std::map<std::string, bool>& seen) {
    for (const Exception& exception : exceptions) {
        const auto found = seen.find(exception.name);
        CHECK_MESSAGE((found != seen.end() && found->second),
                      (std::string(exception.name) + " is no exception any more"));
    }
}

// Blanks wherever JSON allows them, so that the text is larger than the buffer, and its values lie far from each other.
std::string stretched(const std::string& text, size_t count) {
    const std::string blanks(count, ' ');
    std::string all = blanks;
    bool in_string = false;
    for (size_t at = 0; at != text.size(); ++at) {
        all += text[at];
        if (in_string && text[at] == '\\')
            all += text[++at];
        else if (text[at] == '"')
            in_string = !in_string;
        else if (!in_string && std::strchr("{}[],:", text[at]))
            all += blanks;
    }
    return all;
}

}  // namespace

// Through windows of every size, which stand for buffers that an event does not fit into.
TEST_CASE("shown in parts") {
    std::map<size_t, std::unique_ptr<support::GuardedBuffer>> memories;
    std::map<std::string, bool> seen;
    for (const Case& one : all_cases()) {
        ROW(one.name);
        const Json whole = read_whole(one).value;
        std::string wrong;
        for (size_t size = 4; size <= std::min<size_t>(one.text.size() + 1, 600); ++size) {
            if (corpus::few_cuts() && size % 16 != 0) continue;
            std::unique_ptr<support::GuardedBuffer>& memory = memories[size];
            if (!memory) memory = std::make_unique<support::GuardedBuffer>(size);
            for (const size_t step : {size_t{1}, size_t{7}, SIZE_MAX}) {
                const Reading reading = read_in_parts(one, *memory, step);
                const std::string what = judge(one, whole, reading, size < enough, &seen[one.name]);
                if (wrong.empty() && !what.empty())
                    wrong = "window of " + std::to_string(size) + ", steps of " + std::to_string(step) + ": " + what;
            }
        }
        CHECK_EQ(wrong, "");
    }
    if (!corpus::few_cuts()) check_exceptions(seen);
}

TEST_CASE("through an Exchange, in every cut") {
    char memory[16 * 1024];
    for (const Case& one : all_cases()) {
        if (one.is_error_body && one.text[0] != '{' && one.text[0] != '[') continue;  // no JSON to an Exchange
        ROW(one.name);
        const std::string body = one.is_error_body ? one.text : as_event(one.text);
        std::string wrong;
        corpus::for_each_cut(body, one.text.size() > 10000, [&](const corpus::Pieces& pieces) {
            const Reading reading = read_through_exchange(one, memory, pieces);
            std::string what = reading.broken;
            if (what.empty() && !is_wanted(one, reading.value)) what = printed(reading.value);
            // Of what has neither choices nor usage the end comes too early, or nothing was understood.
            const bool says_nothing = reading.value.value("choices", Json()).empty() &&
                                      reading.value.value("usage", Json()).is_null();
            const Error expected = error_of(one, reading.value);
            if (what.empty() && reading.error != expected &&
                !(says_nothing && expected == Error::truncated && reading.error == Error::not_event_stream))
                what = describe(reading.error);
            if (wrong.empty() && !what.empty()) wrong = corpus::describe(pieces) + ": " + what;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("through an Exchange with the smallest buffer") {
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    std::map<std::string, bool> seen;
    for (const Case& one : all_cases()) {
        if (one.is_error_body && one.text[0] != '{' && one.text[0] != '[') continue;
        ROW(one.name);
        std::string wrong;
        for (const unsigned blanks : {0u, 1u, 40u, 400u}) {
            const bool is_huge = one.text.size() > 10000;
            const std::string text = is_huge ? one.text : stretched(one.text, blanks);
            const Json whole = read_whole({one.name, one.is_error_body, text, {}, false}).value;
            const std::string body = one.is_error_body ? text : as_event(text);
            for (const unsigned step : {1u, 7u, 64u, 100000u}) {
                Reading reading = read_through_exchange(one, {memory.data(), memory.size()}, in_steps(body, step));
                std::string what;
                if (one.is_error_body) {
                    what = reading.broken;
                    if (what.empty() && !is_wanted(one, reading.value)) what = printed(reading.value);
                    if (what.empty() && reading.error != Error::http_status) what = describe(reading.error);
                } else {
                    what = judge(one, whole, reading, false, &seen[one.name]);
                }
                if (wrong.empty() && !what.empty())
                    wrong = std::to_string(blanks) + " blanks, steps of " + std::to_string(step) + ": " + what;
            }
        }
        CHECK_EQ(wrong, "");
    }
    for (const Exception& exception : exceptions)
        if (exception.outcome == Known::late_id || exception.outcome == Known::late_key)
            CHECK_MESSAGE(seen[exception.name], (std::string(exception.name)));
}

// ---- tables --------------------------------------------------------------------------------------------------------

TEST_CASE("no row of a table can be left out") {
    const auto read_by = [](const Case& one, const dialect::Dialect& tables) {
        const Reading reading = read_whole(one, tables);
        return Json{reading.value, reading.retry_after_ms};
    };
    std::vector<Json> readings;
    for (const Case& one : all_cases()) readings.push_back(read_by(one, dialect::chat));
    size_t rows = 0;
    for (size_t context = 0; context != dialect::context_count; ++context) {
        const openai_stream::json::Context& whole = dialect::chat_contexts[context];
        for (size_t missing = 0; missing != whole.count(); ++missing) {
            ROW("context " + std::to_string(context) + " without " + whole.rows[missing].key);
            ++rows;
            std::vector<openai_stream::json::Row> left;
            for (size_t index = 0; index != whole.count(); ++index)
                if (index != missing) left.push_back(whole.rows[index]);
            std::vector<openai_stream::json::Context> contexts(dialect::chat_contexts,
                                                               dialect::chat_contexts + dialect::context_count);
            for (openai_stream::json::Context& other : contexts)  // several are read by one table
                if (other.rows == whole.rows) other = openai_stream::json::Context(left.data(), left.size());
            const dialect::Dialect tables{contexts.data(), dialect::chat_root, true};
            size_t changed = 0;
            for (size_t index = 0; index != readings.size(); ++index)
                changed += read_by(all_cases()[index], tables) != readings[index];
            CHECK(changed != 0);
        }
    }
    CHECK(rows > 50);
}

TEST_CASE("finish reasons") {
    struct Reason {
        const char* name;
        FinishReason reason;
        bool is_known;
    };
    const Reason rows[] = {
        {"stop", FinishReason::stop, true},
        {"length", FinishReason::length, true},
        {"tool_calls", FinishReason::tool_calls, true},
        {"content_filter", FinishReason::content_filter, true},
        {"function_call", FinishReason::function_call, true},
        {"end_turn", FinishReason::other, false},
        {"STOP", FinishReason::other, false},
        {"stopp", FinishReason::other, false},
        {"error", FinishReason::other, false},
    };
    for (const Reason& row : rows) {
        ROW(row.name);
        std::string text = std::string(R"({"choices":[{"index":3,"finish_reason":")") + row.name + "\"}]}";
        dialect::EventReader reader;
        reader.begin(dialect::chat, dialect::chat_root, &text[0], &text[0] + text.size(), true);
        Event event;
        CHECK(reader.next(event) == dialect::Outcome::event);
        CHECK(event.kind == EventKind::started);
        CHECK_FALSE(reader.is_finished());
        CHECK(reader.next(event) == dialect::Outcome::event);
        CHECK(event.kind == EventKind::finish);
        CHECK(event.finish_reason == row.reason);
        CHECK_EQ(std::string(event.name), row.name);
        CHECK_EQ(event.choice, 3);
        CHECK(reader.next(event) == dialect::Outcome::end);
        CHECK(reader.is_finished());
        CHECK_EQ(reader.quirks().count(Quirk::unknown_finish_reason), row.is_known ? 0 : 1);
    }
}
