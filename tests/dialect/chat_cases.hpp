#pragma once
// Chat chunks and error bodies, and what is wanted of each: those of the corpus and the rows of this file.
//
// How the corpus is read here:
//   - a choice that says nothing makes no event: a choice of nulls in an expectation is none;
//   - `created` 0 is none;
//   - a chunk with neither a choice nor an id that says something does not start an answer (Azure's first chunk).
#include "io/conformance_support.hpp"

namespace chat_cases {

using namespace conformance;

struct Case {
    std::string name;
    bool is_error_body;
    std::string text;
    std::vector<Json> expected;  // any of them
    bool is_finished;            // there is a choice, and each has a finish reason
};

inline void add_missing(Json& value, const Json& defaults) {
    for (const auto& field : defaults.items())
        if (!value.contains(field.key())) value[field.key()] = field.value();
}

// Fills in what an expectation leaves out, and leaves out what an answer does not show.
inline Json normal(Json value, bool is_error_body) {
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

inline bool matches(const Json& expected, const Json& value) {
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

inline Case make_case(const std::string& name, bool is_error_body, const std::string& text, const Json& row) {
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
    {"parts, and the choice's index after them",
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
    {"a choice index after everything",
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
    {"a list with a chunk, and an error after it",
     R"([{"id":"c","choices":[{"delta":{"content":"a"}}]},{"error":{"message":"m","code":7}}])",
     R"({"id":"c","choices":[{"content":"a"}],"error":{"message":"m","code":"7"}})"},
    {"an empty list", "[]", "{}"},
    {"two choices, their indices first",
     R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"}},)"
     R"({"index":3,"delta":{"content":"b"},"finish_reason":"stop"}]})",
     R"({"id":"c","choices":[{"index":1,"content":"a"},{"index":3,"content":"b","finish_reason":"stop"}]})"},
    {"two choices, the first one's index after its text",
     R"({"id":"c","choices":[{"delta":{"content":"a"},"index":1},{"index":3,"delta":{"content":"b"}}]})",
     R"({"id":"c","choices":[{"index":1,"content":"a"},{"index":3,"content":"b"}]})"},
    {"two choices, the second one's index after its text",
     R"({"id":"c","choices":[{"index":3,"delta":{"content":"a"}},{"delta":{"content":"b"},"index":1}]})",
     R"({"id":"c","choices":[{"index":3,"content":"a"},{"index":1,"content":"b"}]})"},
    {"two choices, the second one without an index",
     R"({"id":"c","choices":[{"delta":{"content":"a"},"index":3},{"delta":{"content":"b"}}]})",
     R"({"id":"c","choices":[{"index":3,"content":"a"},{"index":0,"content":"b"}]})"},
    {"two calls, their indices after their functions",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"},"id":"a","index":1},)"
     R"({"type":"t","function":{"arguments":"[]","name":"g"},"index":0}]}}]})",
     R"({"id":"c","choices":[{"tool_calls":[{"index":1,"id":"a","name":"f","arguments":"{}"},)"
     R"({"index":0,"type":"t","name":"g","arguments":"[]"}]}]})"},
    {"two calls, the index of the first one after its function",
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
    {"an error after the choices",
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
    {"nested, the type after it", R"({"error":{"type":"t","message":"m"},"type":"error"})",
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
inline const std::vector<Case>& all_cases() {
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

}  // namespace chat_cases
