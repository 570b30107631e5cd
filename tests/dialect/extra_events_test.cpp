// The events of extra_event_tables.hpp and fields named by a program: in every cut, in buffers that an event does not
// fit into, by tables in which a row is missing, and beside everything that is read without them.
#include "dialect/extra_stories.hpp"
#include "dialect/table_rows.hpp"
#include "support/guard_page.hpp"

using namespace extra_stories;

namespace {

struct Row {
    const char* name;
    const char* text;
    const char* story;
};

const Row rows[] = {
    {"log probabilities, as digits",
     R"({"id":"c","choices":[{"index":0,"delta":{"content":"Foo"},"logprobs":{"content":[{"token":"Foo",)"
     R"("logprob":-0.0025094282,"top_logprobs":[]}],"refusal":null},"finish_reason":null}]})",
     "started() text(Foo) logprob(Foo,-0.0025094282,content)"},
    {"of several tokens, and what else was likely",
     R"({"id":"c","choices":[{"index":1,"logprobs":{"content":[{"token":"a","logprob":-1e-05,"top_logprobs":[)"
     R"({"token":"a","logprob":-1e-05},{"token":"\n","logprob":-9999.0}]},{"token":"\u00e9","logprob":0}]},)"
     R"("delta":{"content":"a\u00e9"},"finish_reason":"stop"}]})",
     "started() text#1(a\xC3\xA9) logprob#1(a,-1e-05,content) top#1(a,-1e-05,content) top#1(\n,-9999.0,content) "
     "logprob#1(\xC3\xA9,0,content) finish#1(stop)"},
    {"of a refusal",
     R"({"id":"c","choices":[{"delta":{"refusal":"No"},"logprobs":{"content":null,"refusal":[{"token":"No",)"
     R"("logprob":-0.5,"top_logprobs":[{"token":"Yes","logprob":-1.5}]}]}}]})",
     "started() refusal(No) logprob(No,-0.5,refusal) top(Yes,-1.5,refusal)"},
    {"one that is null, and one that says nothing",
     R"({"id":"c","choices":[{"delta":{},"logprobs":{"content":[{"token":"a","logprob":null},{},)"
     R"({"top_logprobs":[{}]}]}}]})",
     "started() logprob(a,-,content)"},
    {"null",
     R"({"id":"c","choices":[{"delta":{"content":"a","audio":null,"annotations":null,"function_call":null},)"
     R"("logprobs":null,"content_filter_results":null}],"prompt_filter_results":null,"provider":null})",
     "started() text(a)"},
    {"of two choices",
     R"({"id":"c","choices":[{"index":0,"logprobs":{"content":[{"token":"a","logprob":-1}]},"delta":{"content":"a"}},)"
     R"({"index":1,"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-2}]}}]})",
     "started() text(a) logprob(a,-1,content) text#1(b) logprob#1(b,-2,content)"},

    {"sound",
     R"({"id":"c","choices":[{"delta":{"audio":{"id":"audio_1","data":"UklGRg==","transcript":"h\u00e9\n",)"
     R"("expires_at":1729268602}}}]})",
     "started() audio(UklGRg==) transcript(h\xC3\xA9\n) audio_info(audio_1,1729268602)"},
    {"of a message",
     R"({"id":"c","choices":[{"message":{"content":"a","audio":{"id":"i","expires_at":5},"annotations":[)"
     R"({"type":"t","url_citation":{"url":"u"}}],"function_call":{"name":"f"}},"finish_reason":"stop"}]})",
     "started() text(a) audio_info(i,5) annotation(t,u,-,-1--1) call@-1(-,f,-) finish(stop)"},
    {"sound, only its end", R"({"id":"c","choices":[{"index":2,"delta":{"audio":{"expires_at":5}}}]})",
     "started() audio_info#2(-,5)"},
    {"sound that says nothing", R"({"id":"c","choices":[{"delta":{"audio":{"id":"","data":null,"expires_at":"x"}}}]})",
     "started()"},
    {"sound that is a number", R"({"id":"c","choices":[{"delta":{"audio":{"data":5,"transcript":7,"expires_at":9}}}]})",
     "started() audio_info(-,9)"},
    {"a piece of sound", R"({"id":"c","choices":[{"delta":{"audio":{"data":"AAAA"}}}]})", "started() audio(AAAA)"},

    {"a legacy function call",
     R"({"id":"c","choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":"{}"}},)"
     R"("finish_reason":"function_call"}]})",
     "started() call@-1(-,f,-) args@-1({}) finish(function_call)"},
    {"its arguments", R"({"id":"c","choices":[{"delta":{"function_call":{"arguments":"{\"a\":1}"},"content":"x"}}]})",
     "started() text(x) args@-1({\"a\":1})"},
    {"its arguments as an object", R"({"id":"c","choices":[{"delta":{"function_call":{"arguments":{"a":1}}}}]})",
     "started() args@-1({\"a\":1})"},
    {"beside an empty list of calls",
     R"({"id":"c","choices":[{"delta":{"function_call":{"name":"f"},"tool_calls":[]}}]})", "started() call@-1(-,f,-)"},
    {"a custom tool",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"index":0,"id":"i","type":"custom","custom":{"name":"sql",)"
     R"("input":"SELECT \"1\""}}]}}]})",
     "started() call@0(i,sql,custom) args@0(SELECT \"1\")"},
    {"a custom tool's input as an object",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[{"index":0,"custom":{"input":{"q":[]}}}]}}]})",
     "started() args@0({\"q\":[]})"},

    {"a source",
     R"({"id":"c","choices":[{"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"http://a/b",)"
     R"("title":"T\"t","start_index":3,"end_index":17,"content":"..."}}],"content":"x"}}]})",
     "started() text(x) annotation(url_citation,http://a/b,T\"t,3-17)"},
    {"sources, one of another type",
     R"({"id":"c","choices":[{"delta":{"annotations":[{"type":"file_path","file_path":{"file_id":"f"}},)"
     R"({"url_citation":{"url":"u","start_index":0},"type":"url_citation"},{},7]}}]})",
     "started() annotation(file_path,-,-,-1--1) annotation(url_citation,u,-,0--1)"},

    {"what a filter found",
     R"({"id":"c","choices":[{"index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},)"
     R"("jailbreak":{"filtered":false,"detected":true},"self_harm":{"severity":"high","filtered":true}},)"
     R"("delta":{"content":"a"},"finish_reason":"content_filter"}]})",
     "started() text(a) filter(hate,safe) filter(jailbreak,detected) filter(self_harm,high,filtered) "
     "finish(content_filter)"},
    {"in the prompt",
     R"({"id":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{)"
     R"("h\u0061te":{"filtered":false,"severity":"safe"}}}]})",
     "filter#-1(hate,safe)"},
    {"in both",
     R"({"id":"c","prompt_filter_results":[{"content_filter_results":{"a":{"severity":"low"}}}],)"
     R"("choices":[{"index":1,"content_filter_results":{"b":{"severity":"medium"}}}]})",
     "started() filter#1(b,medium) filter#-1(a,low)"},
    {"what else a filter says",
     R"({"id":"c","choices":[{"content_filter_results":{"hate":{"citation":1},"code":{"filtered":true,)"
     R"("citation":{"URL":"u"}}}}]})",
     "started() filter(hate,-) choices[].content_filter_results.code.citation({\"URL\":\"u\"}) "
     "filter(code,-,filtered)"},
    {"both how bad it is and that it was found; and numbers that are no yes",
     R"({"id":"c","choices":[{"content_filter_results":{"hate":{"detected":true,"severity":"low","filtered":1},)"
     R"("code":{"detected":1}}}]})",
     "started() filter(hate,low) filter(code,-)"},
    {"a filter that says nothing", R"({"id":"c","choices":[{"content_filter_results":{}}]})", "started()"},

    {"fields of each type",
     R"({"id":"c","provider":"P\u00e9","timings":{"prompt_n":1,"predicted_per_second":12.50},"choices":[],)"
     R"("x_groq":{"id":"r","usage":{"queue_time":0.1, "n":[1,"\u00e9"]}},"citations":["a","b"],"stats":true})",
     "started() provider(P\xC3\xA9) timings.predicted_per_second(12.50) "
     "x_groq.usage.n([1,\"\\u00e9\"]) citations[](a) citations[](b) stats(true)"},
    {"false, and a list", R"({"id":"c","stats":false,"choices":[],"list":[1,[2],{"a":null}]})",
     "started() stats(false) list([1,[2],{\"a\":null}])"},
    {"of an error that is none, beside what no field is",
     R"({"id":"c","choices":[{"delta":{"content":"a"}}],"error":{"code":0,"other":"o","trace":"t"}})",
     "started() text(a) error.trace(t)"},
    {"after text and usage",
     R"({"provider":"p","id":"c","usage":{"cost":0.25,"total_tokens":3},)"
     R"("choices":[{"stop_reason":7,"delta":{"content":"a"},"finish_reason":"stop"}]})",
     "started() text(a) choices[].stop_reason(7) finish(stop) usage(3) provider(p) usage.cost(0.25)"},
    {"of a choice",
     R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"},"stop_reason":"s"},)"
     R"({"index":1,"stop_reason":false}]})",
     "started() text(a) choices[].stop_reason(s) choices[].stop_reason#1(false)"},
    {"of a call",
     R"({"id":"c","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"extra":{"sig":"s"},"id":"i"},)"
     R"({"index":1,"extra":{"other":1}}]},"finish_reason":"tool_calls"}]})",
     "started() call@0#1(i,-,-) choices[].delta.tool_calls[].extra.sig#1(s) call@1#1(-,-,-) finish#1(tool_calls)"},
    {"of several calls: each after its own, also of an index that they share, and of none",
     R"({"id":"c","choices":[{"delta":{"tool_calls":[)"
     R"({"extra":{"sig":"s1"},"function":{"arguments":"{}","name":"f"},"id":"a","index":0},)"
     R"({"function":{"arguments":"{}","name":"g"},"id":"b","index":0},)"
     R"({"extra":{"sig":"s3"},"function":{"arguments":"{}","name":"h"}}]},"stop_reason":7}]})",
     "started() choices[].stop_reason(7) call@0(a,f,-) args@0({}) choices[].delta.tool_calls[].extra.sig(s1) "
     "call@0(b,g,-) args@0({}) call@-1(-,h,-) args@-1({}) choices[].delta.tool_calls[].extra.sig(s3)"},
    {"of a part", R"({"id":"c","choices":[{"delta":{"content":[{"text":"a","note":"n"},{"note":{"x":1}}]}}]})",
     "started() text(a) choices[].delta.content[].note(n) choices[].delta.content[].note({\"x\":1})"},
    {"of a token",
     R"({"id":"c","choices":[{"delta":{},"logprobs":{"content":[{"bytes":[70,111],"token":"Fo","logprob":-1}]}}]})",
     "started() choices[].logprobs.content[].bytes([70,111]) logprob(Fo,-1,content)"},
    {"in lists",
     R"({"id":"c","choices":[],"search_results":[{"url":"a"},{"title":"t"},{"url":"b"},["c"],"d"],)"
     R"("deep":[[{"a":1},{"b":2}],[{"a":"3"}],{"a":4}],"matrix":[[1,2],[],"x",{"y":1}]})",
     "started() search_results[].url(a) search_results[].url(b) deep[][].a(1) deep[][].a(3) matrix[]([1,2]) "
     "matrix[]([]) matrix[](x) matrix[]({\"y\":1})"},
    {"what has an event of its own, and what lies in another field",
     R"({"id":"c","model":"m","choices":[{"delta":{"content":"a"}}],"stats":{"inner":1}})",
     "started() text(a) stats({\"inner\":1})"},
    {"keys with escapes", R"({"id":"c","pro\u0076ider":"x","choices":[],"timings":{"predicted_per_\u0073econd":1}})",
     "started() provider(x) timings.predicted_per_second(1)"},
    {"keys that are like theirs",
     R"({"id":"c","timing":{"predicted_per_second":1},"timings":[{"predicted_per_second":1}],"choices":[],)"
     R"("provide":1,"providers":1,"timings.predicted_per_second":2,"citations":"x","stats[]":1,"x_groq":{"usag":1}})",
     "started()"},
    {"halves of characters", R"({"id":"c","choices":[],"provider":"a\ud83d\ude00","list":["\ud83d"]})",
     "started() provider(a\xF0\x9F\x98\x80) list([\"\\ud83d\"])"},
    {"halves that stay alone", R"({"id":"c","choices":[],"provider":"a\ud83d","citations":["\ud83d","\ude00"]})",
     "started() provider(a) provider(\xEF\xBF\xBD) citations[](\xEF\xBF\xBD) citations[](\xEF\xBF\xBD)"},
    {"an empty string, list and object", R"({"id":"c","choices":[],"provider":"","list":[],"stats":{}})",
     "started() provider() list([]) stats({})"},
    {"more than are put off: what is too much comes where it stands",
     R"({"id":"c","choices":[],)"
     R"("provider":"1","provider":"2","provider":"3","provider":"4","provider":"5","provider":"6","provider":"7")"
     R"(,"provider":"8","provider":"9","provider":"10","provider":"11","provider":"12")"
     R"(,"provider":"13","provider":"14","provider":"15","provider":"16","provider":"17","provider":"18"})",
     "provider(17) provider(18) started() provider(1) provider(2) provider(3) provider(4) provider(5) provider(6) "
     "provider(7) provider(8) "
     "provider(9) provider(10) provider(11) provider(12) provider(13) provider(14) provider(15) provider(16)"},
    {"a list of chunks",
     R"([{"id":"c","provider":"p","choices":[{"delta":{"content":"a"},"stop_reason":1}]},)"
     R"({"timings":{"predicted_per_second":2},"choices":[{"delta":{"content":"b"}}]}])",
     "started() text(a) choices[].stop_reason(1) provider(p) text(b) timings.predicted_per_second(2)"},
};

// Of legacy completions: each token with what belongs to it, or, in an event that does not fit, list by list.
struct ListRow {
    const char* name;
    const char* text;
    const char* story;
    const char* in_parts;
};
const ListRow list_rows[] = {
    {"lists beside each other",
     R"({"id":"c","choices":[{"index":1,"text":"a\" b","logprobs":{"tokens":["a\"", " b"],)"
     R"("token_logprobs":[null,-0.5],"text_offset":[0,2],"top_logprobs":[null, {" b":-0.5,"\u00e9\n" : -1e-05}]},"finish_reason":"stop"}]})",
     "started() text#1(a\" b) logprob#1(a\",-,content) logprob#1( b,-0.5,content) top#1( b,-0.5,content) "
     "top#1(\xC3\xA9\n,-1e-05,content) finish#1(stop)",
     "started() logprob#1(a\",-,content) logprob#1( b,-,content) logprob#1(-,-0.5,content) top#1( b,-0.5,content) "
     "top#1(\xC3\xA9\n,-1e-05,content) text#1(a\" b) finish#1(stop)"},
    {"not as long as each other, in another order, and what is none of them",
     R"({"id":"c","choices":[{"logprobs":{"top_logprobs":[{},{"x":1,"y":null,"z":[2]}],"token_logprobs":[1,2,"3",[4],)"
     R"({"a":"]}"},5],"tokens":["a"]},"text":"a"},{"index":1,"logprobs":{"tokens":[],"top_logprobs":null}}]})",
     "started() text(a) logprob(a,1,content) logprob(-,2,content) top(x,1,content) logprob(-,5,content)",
     "started() top(x,1,content) logprob(-,1,content) logprob(-,2,content) logprob(-,5,content) logprob(a,-,content) "
     "text(a)"},
    {"a token that is a number is none, and blanks after numbers are of none",
     R"({"id":"c","choices":[{"logprobs":{"tokens":[5,"b"],"token_logprobs":[-1 ,-2 ]},"text":"a"}]})",
     "started() text(a) logprob(-,-1,content) logprob(b,-2,content)",
     "started() logprob(b,-,content) logprob(-,-1,content) logprob(-,-2,content) text(a)"},
    {"a token without a number is forgotten",
     R"({"id":"c","choices":[{"logprobs":{"top_logprobs":[{"y":null}]},"content_filter_results":{"hate":{)"
     R"("filtered":false}},"text":"a"}]})",
     "started() text(a) filter(hate,-)", "started() filter(hate,-) text(a)"},
};

std::string without_blanks(const std::string& text) {
    std::string all;
    for (const char c : text)
        if (c != ' ') all += c;
    return all;
}

// In whatever order: what an event that does not fit says, where it stands. (A call that is announced there before one
// of its fields says nothing yet.)
std::vector<std::string> sorted(const Story& story) {
    std::vector<std::string> words;
    for (const std::string& word : story.words)
        if (word.find("(-,-,-)") == std::string::npos) words.push_back(without_blanks(word));
    std::sort(words.begin(), words.end());
    return words;
}

}  // namespace

TEST_CASE("extras, in every cut") {
    char memory[16 * 1024];
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string body = std::string("data: ") + row.text + "\n\n";
        std::string wrong;
        corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
            const Story story = read(memory, pieces);
            const std::string what = story.broken.empty() ? story.line() : story.broken + ": " + story.line();
            if (wrong.empty() && what != row.story) wrong = corpus::describe(pieces) + ": " + what;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("log probabilities of legacy completions, in every cut, and list by list where they do not fit") {
    for (const ListRow& row : list_rows) {
        ROW(row.name);
        std::string wrong;
        for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            const bool is_whole = size != 512;
            const std::string body = "data: " + stretched(row.text, is_whole ? 0 : 12) + "\n\n";
            const std::string wanted = is_whole ? row.story : row.in_parts;
            corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                const Story story = read({memory.data(), memory.size()}, pieces);
                const std::string what = story.broken.empty() ? story.line() : story.broken + ": " + story.line();
                if (wrong.empty() && what != wanted)
                    wrong = std::to_string(size) + " " + corpus::describe(pieces) + ": " + what;
            });
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("extras of events that do not fit") {
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    char large[64 * 1024];
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        for (const unsigned blanks : {0u, 1u, 40u, 400u}) {
            const std::string body = "data: " + stretched(row.text, blanks) + "\n\n";
            const std::vector<std::string> whole = sorted(read(large, {body}));
            for (const unsigned step : {1u, 7u, 64u, 100000u}) {
                if (corpus::few_cuts() && step == 1) continue;
                const Story story = read({memory.data(), memory.size()}, in_steps(body, step));
                const bool good = story.broken.empty() && sorted(story) == whole;
                if (wrong.empty() && !good)
                    wrong = std::to_string(blanks) + " blanks, steps of " + std::to_string(step) + ": " + story.broken +
                            ": " + story.line();
            }
        }
        CHECK_EQ(wrong, "");
    }
}

// Each is read when its object has ended, one after the other: more than a reader has places to go back to.
TEST_CASE("many fields of one object, in its order") {
    static constexpr FieldPath many[] = {
        {"choices[].delta.tool_calls[].a"}, {"choices[].delta.tool_calls[].b"}, {"choices[].delta.tool_calls[].c.x"},
        {"choices[].delta.tool_calls[].c.y"}, {"choices[].delta.tool_calls[].d[]"}, {"choices[].delta.tool_calls[].e"},
        {"choices[].f"}, {"choices[].g"}, {"choices[].h"}, {"choices[].i"}, {"j"}, {"k"}, {"l"}, {"m"},
    };
    const std::string call = R"({"a":1,"b":{"z":[2]},"c":{"x":"3","y":[4]},"d":[5,"6"],"e":true,"id":"t"})";
    const std::string text = R"({"j":false,"k":[1],"id":"c","choices":[{"f":1,"g":{"q":2},"delta":{"tool_calls":[)" + call +
                             "," + call + R"(]},"h":"3","i":[4]}],"l":{},"m":5})";
    const std::string of_call = "t a=1 b={\"z\":[2]} c.x=3 c.y=[4] d[]=5 d[]=6 e=true ";
    for (const size_t size : {size_t{1024}, size_t{64 * 1024}}) {
        support::GuardedBuffer memory(size);
        ExtraEvents extras(many);
        Exchange exchange({memory.data(), memory.size()});
        CHECK(exchange.begin_body(Api(extras), 200, "text/event-stream") == Error::none);
        std::string told;
        const auto poll = feed(exchange, {"data: " + text + "\n\ndata: [DONE]\n\n"}, [&](const Event& event) {
            if (event.kind == EventKind::tool_call) told += std::string(event.id) + " ";
            if (event.kind != EventKind::custom_field) return;
            const std::string path(event.name);
            const size_t dot = path.rfind("].");
            told += (dot == std::string::npos ? path : path.substr(dot + 2)) + "=" + std::string(event.text) + " ";
        });
        CHECK(poll == Poll::done);
        CHECK_EQ(told, "f=1 g={\"q\":2} h=3 i=[4] " + of_call + of_call + "j=false k=[1] l={} m=5 ");
    }
}

// Through a window, `step` bytes at a time at most, as Exchange::make_room() does it. The error it ends with.
static Error read_in_window(const std::string& text, support::GuardedBuffer& memory, size_t step, Story& story) {
    ExtraEvents extras(field_rows);
    dialect::DocumentReader reader;
    Event event;
    size_t shown = std::min({memory.size(), text.size(), step});
    std::memcpy(memory.data(), text.data(), shown);
    char* end = memory.data() + shown;
    reader.begin(extras, dialect::chat_root, memory.data(), end, false);
    while (true) {
        const dialect::Outcome outcome = extras.next(reader, event, extras, {});
        if (outcome == dialect::Outcome::event) {
            story.take(event);
            continue;
        }
        if (outcome != dialect::Outcome::need_more) break;
        if (shown == text.size()) {
            reader.set_input(reader.unread(), end, true);
            continue;
        }
        if (end == memory.data() + memory.size()) {
            char* const into = reader.pack_values(memory.data());
            const auto left = static_cast<size_t>(end - reader.unread());
            std::memmove(into, reader.unread(), left);
            reader.set_input(into, into + left, false);
            end = into + left;
            std::memset(end, '#', static_cast<size_t>(memory.data() + memory.size() - end));
            if (end == memory.data() + memory.size()) {
                if (reader.spill()) continue;
                return Error::event_too_large;
            }
        }
        const size_t count =
            std::min({static_cast<size_t>(memory.data() + memory.size() - end), text.size() - shown, step});
        std::memcpy(end, text.data() + shown, count);
        shown += count;
        end += count;
        reader.set_input(reader.unread(), end, false);
    }
    while (reader.flush(event)) story.take(event);
    return reader.error();
}

TEST_CASE("extras through windows of every size") {
    char large[64 * 1024];
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string text = row.text;
        const std::vector<std::string> whole = sorted(read(large, {"data: " + text + "\n\n"}));
        std::string wrong;
        for (size_t size = 4; size <= text.size() + 1; ++size) {
            support::GuardedBuffer memory(size);
            for (const size_t step : {size_t{1}, size_t{7}, SIZE_MAX}) {
                Story story;
                const Error error = read_in_window(text, memory, step, story);
                const bool is_small = size < 96 && (error == Error::event_too_large || error == Error::late_key);
                const bool good = story.broken.empty() && error == Error::none && sorted(story) == whole;
                if (wrong.empty() && !good && !is_small)
                    wrong = "window of " + std::to_string(size) + ", steps of " + std::to_string(step) + ": " +
                            describe(error) + " " + story.broken + ": " + story.line();
            }
        }
        CHECK_EQ(wrong, "");
    }
}

// Strings of any size pass through the smallest buffer.
TEST_CASE("sound and fields of any size") {
    std::string sound, text;
    for (int index = 0; index != 3000; ++index) sound += "QUJD", text += "\\u00e9x";
    const std::string body = "data: {\"id\":\"c\",\"provider\":\"" + text + "\",\"list\":[\"" + text +
                             "\"],\"choices\":[{\"index\":0,\"delta\":{\"audio\":{\"data\":\"" + sound +
                             "\",\"transcript\":\"" + text + "\"}}}]}\n\n";
    char large[256 * 1024];
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    const std::vector<std::string> whole = sorted(read(large, {body}));
    CHECK_EQ(whole.size(), 5);
    for (const unsigned step : {1u, 100u, 100000u})
        CHECK((sorted(read({memory.data(), memory.size()}, in_steps(body, step))) == whole));
}

// Where it stands among what the call says: before, between, after.
TEST_CASE("a field of a tool call in an event that does not fit comes after a tool_call event of its call") {
    const std::string sig = "\"extra\":{\"sig\":\"" + std::string(900, 's') + "\"}";
    const std::string field = "choices[].delta.tool_calls[].extra.sig(" + std::string(900, 's') + ")";
    const std::pair<std::string, std::string> orders[] = {
        {"{" + sig + ",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"id\":\"a\",\"index\":0}",
         "call@-1(-,-,-) " + field + " call@0(a,f,-) args@0({})"},
        {"{\"index\":0,\"id\":\"a\"," + sig + ",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}",
         "call@0(a,-,-) " + field + " call@0(-,f,-) args@0({})"},
        {"{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}," + sig + "}",
         "call@0(a,f,-) args@0({}) " + field},
        {"{" + sig + "," + sig + ",\"index\":0}", "call@-1(-,-,-) " + field + " " + field + " call@0(-,-,-)"},
        {"{" + sig + ",\"id\":\"a\"," + sig + "}", "call@-1(-,-,-) " + field + " call@-1(a,-,-) " + field + " call@-1(-,-,-)"},
        {"{\"function\":{\"arguments\":\"" + std::string(900, 'x') + "\"}," + sig + "}",
         "args@-1(" + std::string(900, 'x') + ") " + field},
    };
    support::GuardedBuffer memory(openai_stream::min_buffer_bytes);
    for (const auto& order : orders) {
        ROW(order.second.substr(0, 20));
        const std::string body = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" +
                                 order.first + "," + order.first + "]}}]}\n\n";
        for (const unsigned step : {1u, 100u, 100000u}) {
            const Story story = read({memory.data(), memory.size()}, in_steps(body, step));
            CHECK_EQ(story.broken, "");
            CHECK_EQ(story.line(), "started() " + order.second + " " + order.second);
        }
    }
}

// The shape that is learned of events is not that of events with extras.
TEST_CASE("extras in each of many events") {
    std::string body, wanted = "started()";
    for (const char* provider : {"p", "p", "p", "q", "q"}) {
        for (const char* padding : {"a", "bc"})
            body += std::string("data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"provider\":\"") +
                    provider + "\",\"padding\":\"" + padding + "\"}\n\n";
        for (int twice = 0; twice != 2; ++twice) wanted += std::string(" text(x) provider(") + provider + ")";
    }
    for (int index = 0; index != 3; ++index) {
        body += "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"y\"}}]}\n\n";
        wanted += " text(y)";
    }
    char memory[2048];
    CHECK_EQ(read(memory, in_steps(body, 100)).line(), wanted);
}

TEST_CASE("an index after what was delivered") {
    const std::string body = "data: {\"id\":\"c\",\"choices\":[{\"stop_reason\":\"" + std::string(600, 'x') +
                             "\",\"delta\":{},\"index\":1}]}\n\n";
    char memory[512];
    CHECK_EQ(read(memory, {body}).broken, describe(Error::late_key));
    char large[2048];
    CHECK_EQ(read(large, {body}).line(), "started() choices[].stop_reason#1(" + std::string(600, 'x') + ")");
}

TEST_CASE("no row of the tables of extras can be left out") {
    const auto read_by = [](const openai_stream::json::Context* contexts, std::string text) {
        dialect::Extras extras(contexts, dialect::chat_root, true, field_rows,
                               sizeof field_rows / sizeof field_rows[0]);
        dialect::DocumentReader reader;
        Story story;
        Event event;
        reader.begin(extras, dialect::chat_root, &text[0], &text[0] + text.size(), true);
        while (extras.next(reader, event, extras, {}) == dialect::Outcome::event) story.take(event);
        return story.broken + story.line();
    };
    size_t count = 0;
    for (size_t context = 0; context != dialect::chat_extras_count; ++context) {
        const openai_stream::json::Context& whole = dialect::chat_extras_contexts[context];
        const size_t known = context < dialect::context_count ? dialect::chat_contexts[context].count() : 0;
        for (size_t index = 0; index != known; ++index)
            CHECK_EQ(table_rows::key_of(whole, index), table_rows::key_of(dialect::chat_contexts[context], index));
        for (size_t missing = known; missing != whole.count(); ++missing) {
            ROW("context " + std::to_string(context) + " without " + table_rows::key_of(whole, missing));
            ++count;
            const std::vector<openai_stream::json::Row> left = table_rows::without(whole, missing);
            std::vector<openai_stream::json::Context> contexts(
                dialect::chat_extras_contexts, dialect::chat_extras_contexts + dialect::chat_extras_count);
            contexts[context] = openai_stream::json::Context(left.data(), left.size());
            size_t changed = 0;
            for (const Row& row : rows) changed += read_by(contexts.data(), row.text) != row.story;
            for (const ListRow& row : list_rows) changed += read_by(contexts.data(), row.text) != row.story;
            CHECK(changed != 0);
        }
    }
    CHECK_EQ(count, 38);
}

// What is read without them is read with them, too: the corpus, and files below ../shared.
TEST_CASE("extras take nothing away") {
    const auto answer_of = [](const std::string& body, Buffer memory, bool has_extras, int status, bool ends) {
        ExtraEvents extras(field_rows);
        Exchange exchange(memory);
        Answer answer;
        const Api what = has_extras ? Api(extras) : Api::chat;
        if (exchange.begin_body(what, status, "text/event-stream") != Error::none) return std::string();
        feed(exchange, {body}, [&](const Event& event) {
            const bool is_legacy = event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments;
            if (event.kind <= EventKind::keepalive && !(ends && is_legacy && event.tool_index < 0)) answer.take(event);
        });
        return printed(answer.chat(error_value(exchange.failure()))) + describe(exchange.error());
    };
    char memory[64 * 1024];
    for (const Json& row : corpus::rows("json.jsonl")) {
        if (row.at("kind") != "chat" && row.at("kind") != "error_body") continue;
        ROW(row.at("name").get<std::string>());
        const std::string text = corpus::bytes(row, "json");
        if (text.find('\n') != std::string::npos) continue;
        const bool is_legacy = row.at("name") == "legacy-function-call";
        for (const int status : {200, 400}) {
            const std::string body = status == 200 ? "data: " + text + "\n\n" : text;
            CHECK_EQ(answer_of(body, memory, true, status, is_legacy),
                     answer_of(body, memory, false, status, is_legacy));
        }
    }
    const auto index = corpus::shared_rows("recorded/index.jsonl");
    if (!index) return;
    for (const Json& row : *index) {
        if (row.at("api") != "chat") continue;
        const std::string file = row.at("file");
        const auto bytes = corpus::shared_bytes("recorded/" + file.substr(0, file.rfind('.')) + ".sse");
        if (!bytes) continue;
        ROW(file);
        for (const size_t size : {size_t{16384}, size_t{2048}})
            CHECK_EQ(answer_of(*bytes, {memory, size}, true, 200, false),
                     answer_of(*bytes, {memory, size}, false, 200, false));
    }
}

TEST_CASE("nothing is read after a document that is cut within its lists") {
    const char* const texts[] = {
        R"({"choices":[{"delta":{"tool_calls":[)", R"({"choices":[{"delta":{"tool_calls":[ )",
        R"({"choices":[{"delta":{"content":[)",    R"({"choices":[)",
        R"({"choices":[{"logprobs":{"content":[)", R"({"prompt_filter_results":[)",
        R"({"choices":[{"delta":{"annotations":[)", R"({"choices":[{"delta":{"tool_calls":[])",
        R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":[)", R"({"provider":[)", R"({"citations":[)",
        R"({"provider":true)", R"({"provider":1)", R"({"usage":{"cost":1)",
    };
    for (const char* const text : texts) {
        ROW(text);
        for (const bool has_extras : {true, false}) {
            ExtraEvents extras(field_rows);
            const dialect::Dialect& words = has_extras ? static_cast<dialect::Dialect&>(extras) : dialect::chat;
            dialect::DocumentReader reader;
            // After the first one lists are read where they stand.
            const std::string first = R"({"id":"c","choices":[{"delta":{"content":"a"}}]})";
            for (const std::string& document : {first, std::string(text)}) {
                support::GuardedBuffer memory(document.size());
                std::memcpy(memory.data(), document.data(), document.size());
                reader.begin(words, dialect::chat_root, memory.data(), memory.data() + document.size(), true);
                Event event;
                dialect::Outcome outcome = dialect::Outcome::event;
                while (outcome == dialect::Outcome::event) outcome = words.next(reader, event, words, {});
                CHECK((outcome == (document == first ? dialect::Outcome::end : dialect::Outcome::failed)));
            }
            CHECK(reader.error() == Error::bad_json);
        }
    }
}

TEST_CASE("an answer that was given up within a document leaves nothing to the next one") {
    const std::string first = "data: " R"({"choices":[{"delta":{"tool_calls":[{"id":"a","extra":{"sig":1}}]}}]})" "\n\n";
    const std::string texts[] = {R"({"choices":[{"delta":{"content":"a"}}]})", R"({"provider":"p"})", "1", "[]"};
    for (const std::string& text : texts) {
        ROW(text);
        ExtraEvents extras(field_rows);
        {
            support::GuardedBuffer memory(1024);
            Exchange exchange(Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin_body(Api(extras), 200) == Error::none);
            std::memcpy(exchange.incoming().data, first.data(), first.size());
            exchange.received(first.size());
            Event event;
            while (exchange.poll(event) == Poll::event && event.kind != EventKind::tool_call) {}
            REQUIRE(event.kind == EventKind::tool_call);
        }
        support::GuardedBuffer memory(1024);
        Exchange exchange(Buffer(memory.data(), memory.size()));
        REQUIRE(exchange.begin_body(Api(extras), 200) == Error::none);
        std::string told;
        const std::string body = "data: " + text + "\n\n";
        const auto take = [&](const Event& event) { told += std::string(event.name) + std::string(event.text) + ";"; };
        CHECK(exchange.feed(StringView(body.data(), body.size()), take) == Poll::pending);
        CHECK_EQ(told, &text == &texts[0] ? ";a;" : &text == &texts[1] ? "providerp;" : "");
    }
}

TEST_CASE("a field that is true or false, as the first thing that an answer says, in an event that does not fit") {
    for (const char* const word : {"true", "false", "12"}) {
        const std::string body = "data: {\"choices\":[{\"stop_reason\":" + std::string(word) + ",\"x\":\"" +
                                 std::string(3000, 'x') + "\"}]}\n\n";
        support::GuardedBuffer memory(1024);
        const Story story = read({memory.data(), memory.size()}, {body});
        CHECK_EQ(story.broken, "");
        CHECK_EQ(story.line(), "started() choices[].stop_reason(" + std::string(word) + ")");
    }
}

TEST_CASE("log probabilities of an answer that was left say nothing in the next one") {
    const std::string next = R"(data: {"id":"d","choices":[{"text":"x"}]})" "\n\n";
    for (const ListRow& row : list_rows) {
        for (const size_t size : {size_t{512}, size_t{2048}}) {
            const std::string body = "data: " + stretched(row.text, size == 512 ? 12 : 0) + "\n\n";
            for (unsigned left_after = 1; left_after != 8; ++left_after) {
                ROW(std::to_string(size) + " bytes, after " + std::to_string(left_after) + " events: " + row.name);
                ExtraEvents extras(field_rows);
                {
                    support::GuardedBuffer memory(size);
                    Exchange exchange({memory.data(), memory.size()});
                    CHECK(exchange.begin_body(Api(extras), 200, "text/event-stream") == Error::none);
                    unsigned count = 0;
                    Event event;
                    for (size_t at = 0; at != body.size() && count != left_after;) {
                        if (exchange.incoming().size != 0) {
                            exchange.incoming().data[0] = body[at++];
                            exchange.received(1);
                        }
                        while (count != left_after && exchange.poll(event) == Poll::event) ++count;
                    }
                }
                support::GuardedBuffer memory(size);
                Exchange exchange({memory.data(), memory.size()});
                Story story;
                CHECK(exchange.begin_body(Api(extras), 200, "text/event-stream") == Error::none);
                feed(exchange, {next}, [&](const Event& event) { story.take(event); });
                CHECK_EQ(story.line(), "started() text(x)");
            }
        }
    }
}
