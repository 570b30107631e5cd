// The Responses API: what comes of several events together, and of an answer that was not streamed.
#include "io/responses_support.hpp"

using namespace responses;
using namespace std::string_literals;

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

TEST_CASE("a text is delivered once") {
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
        {"the image itself, after partial ones", R"(
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
        {"[DONE] after the end is ignored", R"(
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
