// The Collector: which server shape becomes which message, through the real engine.
#include "io/collected.hpp"
#include "request/written.hpp"
#include "support/guard_page.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

#include <ctime>

using namespace collected_tests;
using conversation::choice;
using conversation::done;
using conversation::finish;
using conversation::sse;
using conversation::text;
using oai::Collector;
using oai::Error;
using oai::Event;
using oai::EventKind;
using oai::StringView;
using oai::Verdict;

namespace {

// A chunk of tool calls; entries in single quotes, which become double ones.
std::string quoted(std::string entries) {
    std::replace(entries.begin(), entries.end(), '\'', '"');
    return entries;
}
std::string calls(const std::string& entries) { return choice(quoted("'delta':{'tool_calls':[" + entries + "]}")); }
std::string last_calls(const std::string& entries, const std::string& reason = "tool_calls") {
    return choice(quoted("'delta':{'tool_calls':[" + entries + "]},'finish_reason':'" + reason + "'"));
}
std::string of_choice(int index, const std::string& inside) {
    return sse(quoted("{'id':'c1','model':'m1','choices':[{'index':" + std::to_string(index) + "," + inside + "}]}"));
}
const std::string end_of_calls = finish("tool_calls") + done;

struct Row {
    const char* name;
    std::string body;
    std::string parts;  // see shown()
};

// Each shape that servers are known to send, and the rule for it (see src/io/tool_merging.hpp).
const std::vector<Row>& call_rows() {
    static const std::vector<Row> rows = {
        // ---- M1: the index -----------------------------------------------------------------------------------------
        {"M1: OpenAI: one call after the other, by index",
         calls("{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'function':{'arguments':'{\\'x\\':'}}") +
             calls("{'index':0,'function':{'arguments':'1}'}}") +
             calls("{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':''}}") +
             calls("{'index':1,'function':{'arguments':'{}'}}") + end_of_calls,
         "call(a,f,{\"x\":1}) call(b,g,{})"},
        {"M1: parallel calls whose arguments take turns",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}},"
               "{'index':1,'id':'b','function':{'name':'g','arguments':''}}") +
             calls(
                 "{'index':0,'function':{'arguments':'{\\'x\\':'}},{'index':1,'function':{'arguments':'{\\'y\\':'}}") +
             calls("{'index':1,'function':{'arguments':'2}'}},{'index':0,'function':{'arguments':'1}'}}") +
             end_of_calls,
         "call(a,f,{\"x\":1}) call(b,g,{\"y\":2})"},
        {"M1: the first call has index 1 (LiteLLM: the place of a Responses item)",
         calls("{'index':1,'id':'a','function':{'name':'f','arguments':''}}") +
             calls("{'index':1,'function':{'arguments':'{}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M1: indexes that leave gaps and go down",
         calls("{'index':7,'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':3,'id':'b','function':{'name':'g','arguments':'{'}}") +
             calls("{'index':7,'function':{'arguments':'}'}}") + calls("{'index':3,'function':{'arguments':'}'}}") +
             end_of_calls,
         "call(a,f,{}) call(b,g,{})"},
        {"M1: two entries of one index in one array (vLLM; openai-python issue 3203)",
         calls("{'index':0,'id':'a','type':'function','function':{'name':'f'}},"
               "{'index':0,'function':{'arguments':' {\\''}}") +
             calls("{'index':0,'function':{'arguments':'x\\':1}'}}") + end_of_calls,
         "call(a,f, {\"x\":1})"},
        {"M1: index behind everything else (Alibaba), then an empty id",
         calls("{'function':{'name':'f','arguments':''},'type':'function','id':'a','index':0}") +
             calls("{'function':{'arguments':'{\\'x\\''},'type':'function','id':'','index':0}") +
             calls("{'function':{'arguments':':1}'},'type':'function','id':'','index':0}") + end_of_calls,
         "call(a,f,{\"x\":1})"},

        // ---- M2: no index ------------------------------------------------------------------------------------------
        {"M2: whole calls without an index, each with an id (ollama issue 7881)",
         calls("{'id':'call_rcja46yu','type':'function','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'id':'call_2','type':'function','function':{'name':'f','arguments':'{\\'x\\':2}'}}") +
             end_of_calls,
         "call(call_rcja46yu,f,{\"x\":1}) call(call_2,f,{\"x\":2})"},
        {"M2: fragments without index and id belong to the only call (Gemini; openai-python issue 2806)",
         calls("{'id':'a','type':'function','function':{'name':'f','arguments':''}}") +
             calls("{'function':{'arguments':'{\\'x\\':'}}") + calls("{'function':{'arguments':'1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M2: the same with index null and -1",
         calls("{'index':null,'id':'a','function':{'name':'f','arguments':''}}") +
             calls("{'index':-1,'function':{'arguments':'{\\'x\\':'}}") +
             calls("{'index':null,'id':'','function':{'arguments':'1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M2: an id again names its call, whatever came between (vLLM repeats it; spring-ai issue 5974)",
         calls("{'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'id':'b','function':{'name':'g','arguments':'{'}}") +
             calls("{'id':'a','function':{'arguments':'}'}}") + calls("{'id':'b','function':{'arguments':'}'}}") +
             end_of_calls,
         "call(a,f,{}) call(b,g,{})"},
        {"M2: without index and id behind two calls: to the last one, and that is a guess",
         calls("{'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'id':'b','function':{'name':'g','arguments':'{\\'y\\':'}}") +
             calls("{'function':{'arguments':'2}'}}") + end_of_calls,
         "call(a,f,{}) call?(b,g,{\"y\":2})"},
        {"M2: a fragment before any call begins one",
         calls("{'function':{'arguments':'{\\'x\\':'}}") + calls("{'function':{'arguments':'1}'}}") +
             calls("{'function':{'name':'f'}}") + end_of_calls,
         "call+(call_0,f,{\"x\":1})"},
        {"M2: a name behind complete arguments is another call's (Gemini: no index, empty ids), which is a guess",
         calls("{'id':'','type':'function','function':{'name':'f','arguments':'{\\'x\\':1}'}},"
               "{'id':'','type':'function','function':{'name':'g','arguments':'{\\'y\\':\\'}\\'}'}}") +
             end_of_calls,
         "call?+(call_0,f,{\"x\":1}) call?+(call_1,g,{\"y\":\"}\"})"},
        {"M2: an id first without an index, then with one",
         calls("{'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'id':'a','function':{'arguments':'\\'x\\':'}}") +
             calls("{'index':0,'function':{'arguments':'1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M2: an object that says nothing, and no call", calls("{}") + finish() + done, ""},

        // ---- M3: one index for all ---------------------------------------------------------------------------------
        {"M3: every index is 0, each call has an id (ollama issue 15457, vercel/ai pull 14277)",
         calls("{'index':0,'id':'call_a','type':'function','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'id':'call_b','type':'function','function':{'name':'f','arguments':'{\\'x\\':2}'}}") +
             end_of_calls,
         "call(call_a,f,{\"x\":1}) call(call_b,f,{\"x\":2})"},
        {"M3: the same in one array",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}},"
                    "{'index':0,'id':'b','function':{'name':'g','arguments':'{}'}}") +
             done,
         "call(a,f,{}) call(b,g,{})"},
        {"M3: the same in pieces with the id repeated (SGLang; ids are digits)",
         calls("{'index':0,'id':'0','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'id':'0','function':{'arguments':'{}'}}") +
             calls("{'index':0,'id':'1','function':{'name':'g','arguments':''}}") +
             calls("{'index':0,'id':'1','function':{'arguments':'{}'}}") + end_of_calls,
         "call(0,f,{}) call(1,g,{})"},
        {"M3: the same in pieces with empty ids: to the last one, and that is a guess (vLLM; lmdeploy issue 3412)",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'id':'','function':{'arguments':'{}'}}") +
             calls("{'index':0,'id':'b','function':{'name':'g','arguments':''}}") +
             calls("{'index':0,'id':'','function':{'arguments':'{\\'y\\':1}'}}") + end_of_calls,
         "call(a,f,{}) call?(b,g,{\"y\":1})"},
        {"M3: and back to the first by its id",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'id':'b','function':{'name':'g','arguments':'{}'}}") +
             calls("{'index':0,'id':'a','function':{'arguments':'}'}}") + end_of_calls,
         "call(a,f,{}) call(b,g,{})"},
        {"M3: and what then has no id is the first one's, too, which is a guess",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'id':'b','function':{'name':'g','arguments':'{}'}}") +
             calls("{'index':0,'id':'a','function':{'arguments':'\\'x\\':'}}") +
             calls("{'index':0,'function':{'arguments':'1}'}}") + end_of_calls,
         "call?(a,f,{\"x\":1}) call(b,g,{})"},
        {"one index for two calls and no second id: nobody can tell, and the arguments say so",
         calls("{'index':0,'id':'toolu_1','function':{'name':'glob','arguments':''}}") +
             calls("{'index':0,'function':{'name':'','arguments':'{\\'p\\':1}'}}") +
             calls("{'index':0,'function':{'name':'','arguments':'{\\'p\\':2}'}}") + end_of_calls,
         "call!(toolu_1,glob,{\"p\":1}{\"p\":2})"},

        // ---- M4: places in an array --------------------------------------------------------------------------------
        {"M4: several entries without an index: the place is none",
         calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") +
             calls(
                 "{'id':'b','function':{'name':'g','arguments':'{\\'y\\''}},{'id':'a','function':{'arguments':':1}'}},"
                 "{'id':'b','function':{'arguments':':2}'}}") +
             end_of_calls,
         "call(a,f,{\"x\":1}) call(b,g,{\"y\":2})"},

        // ---- M5: ids -----------------------------------------------------------------------------------------------
        {"M5: empty ids behind the first (langchain pull 35414, spring-ai pull 6369)",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'id':'','function':{'name':'','arguments':'{\\'x\\''}}") +
             calls("{'index':0,'id':'','function':{'name':'','arguments':':1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M5: null behind the first (opencode issue 43328)",
         calls("{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'id':null,'type':null,'function':{'name':null,'arguments':'{}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M5: id, type and name in every chunk (Fireworks; SillyTavern pull 5948)",
         calls("{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''},'name':null}") +
             calls(
                 "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{\\'x\\''},'name':null}") +
             calls("{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':':1}'},'name':null}") +
             end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M5: the id comes late",
         calls("{'index':0,'id':'','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'id':'a','function':{'arguments':'}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M5: a number is its digits",
         calls("{'index':0,'id':17,'function':{'name':'f','arguments':'{}'}}") + end_of_calls, "call(17,f,{})"},
        {"M5: an id that never came is made up, and is no other call's",
         calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':1,'id':'call_0','function':{'name':'g','arguments':'{}'}}") +
             calls("{'index':2,'id':'','function':{'name':'h','arguments':'{}'}}") + end_of_calls,
         "call+(call_2048,f,{}) call(call_0,g,{}) call+(call_2,h,{})"},

        // ---- M6: names ---------------------------------------------------------------------------------------------
        {"M6: a name in pieces",
         calls("{'index':0,'id':'a','function':{'name':'get_'}}") + calls("{'index':0,'function':{'name':'weather'}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") + end_of_calls,
         "call(a,get_weather,{})"},
        {"M6: a name in pieces before the id",
         calls("{'index':0,'function':{'name':'get_'}}") + calls("{'index':0,'id':'a','function':{'name':'weather'}}") +
             end_of_calls,
         "call(a,get_weather,)"},
        {"M6: the same name again says nothing",
         calls("{'index':0,'id':'a','function':{'name':'f'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M6: another name with the id again is passed over",
         calls("{'index':0,'id':'a','function':{'name':'f'}}") + calls("{'index':0,'id':'a','function':{'name':'g'}}") +
             end_of_calls,
         "call(a,f,)"},
        {"M6: another name behind arguments is passed over",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'function':{'name':'g','arguments':'}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M6: the name comes behind arguments",
         calls("{'index':0,'id':'a','function':{'arguments':'{}'}}") + calls("{'index':0,'function':{'name':'f'}}") +
             end_of_calls,
         "call(a,f,{})"},

        // ---- M7: arguments -----------------------------------------------------------------------------------------
        {"M7: an object is its JSON text (llama.cpp issue 20198, litellm pull 37792)",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':{'x': [1, '}']}}}") + end_of_calls,
         "call(a,f,{\"x\": [1, \"}\"]})"},
        {"M7: null is nothing",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':null}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") + calls("{'index':0,'function':{'arguments':null}}") +
             end_of_calls,
         "call(a,f,{})"},
        {"M7: complete arguments again with the finish reason are passed over",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':'}}") +
             calls("{'index':0,'function':{'arguments':'1}'}}") +
             last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") + done,
         "call*(a,f,{\"x\":1})"},
        {"M7: the same of parallel calls",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}},"
               "{'index':1,'id':'b','function':{'name':'g','arguments':'{\\'y\\':2}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{}'}},"
                        "{'index':1,'function':{'arguments':'{\\'y\\':2}'}}") +
             done,
         "call*(a,f,{}) call*(b,g,{\"y\":2})"},
        {"M7: also when empty arguments come behind the repeat",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") +
             last_calls("{'index':0,'function':{'arguments':''}}") + done,
         "call*(a,f,{})"},
        {"M7: a repeat behind the finish reason is the second one",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") + done,
         "call?*(a,f,{}{})"},
        {"a quote in a string does not end it",
         calls("{'id':'','function':{'name':'f','arguments':'{\\'x\\':\\'\\\\\\'}'}}") +
             calls("{'function':{'name':'f','arguments':'\\'}'}}") + end_of_calls,
         "call+(call_0,f,{\"x\":\"\\\"}\"})"},
        {"M7: only once",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{}'}}") + done,
         "call!(a,f,{}{}{})"},
        {"M7: the beginning of the arguments again is no repeat",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{\\'x\\''}}") + done,
         "call!(a,f,{\"x\":1}{\"x\")"},
        {"M8: an empty object before the arguments was none of them",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'{\\'x\\':1}'}}") + end_of_calls,
         "call*(a,f,{\"x\":1})"},
        {"M8: the same with blanks, in pieces, and the index and id again",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':' {} '}}") +
             calls("{'index':0,'id':'a','function':{'arguments':' {'}}") +
             calls("{'index':0,'function':{'arguments':'\\'x\\':{}}'}}") + end_of_calls,
         "call*(a,f, {\"x\":{}})"},
        {"M8: at index 0 for all, without ids: another name is another call",
         calls("{'index':0,'id':'','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'id':'','function':{'name':'g','arguments':'{'}}") +
             calls("{'index':0,'function':{'arguments':'\\'y\\':2}'}}") + end_of_calls,
         "call?+(call_0,f,{\"x\":1}) call?+(call_1,g,{\"y\":2})"},
        {"M8: the same name with other arguments is another call, without an index and with one id",
         calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':2}'}}") + end_of_calls,
         "call?(a,f,{\"x\":1}) call?+(call_1,f,{\"x\":2})"},
        {"M8: and at one index, without an id",
         calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':2}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':3}'}}") + end_of_calls,
         "call?+(call_0,f,{\"x\":1}) call?+(call_1,f,{\"x\":2}) call?+(call_2,f,{\"x\":3})"},
        {"M8: the same name and the same arguments are a repeat",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") + end_of_calls,
         "call*(a,f,{\"x\":1})"},
        {"M8: the same name and no arguments say nothing",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + end_of_calls,
         "call(a,f,{})"},
        {"M9: a finish reason in every chunk, and the arguments in pieces",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':'}}", "stop") +
             last_calls("{'index':0,'function':{'arguments':'1'}}", "stop") +
             last_calls("{'index':0,'function':{'arguments':'}'}}", "stop") + finish("stop") + done,
         "call(a,f,{\"x\":1})"},
        {"M9: the same, and no arguments first",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "stop") +
             last_calls("{'index':0,'function':{'arguments':'{}'}}", "stop") + done,
         "call(a,f,{})"},
        {"M9: no arguments at all, and another reason",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "stop") + done, "call(a,f,)"},
        {"M7: what is no JSON as a whole is not passed over",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{x}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{x}'}}") + done,
         "call!(a,f,{x}{x})"},
        {"arguments that are cut off",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':'}}") + finish("length") + done,
         "call!(a,f,{\"x\":)"},
        {"no arguments at all", calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + end_of_calls,
         "call(a,f,)"},
        {"white space around arguments",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':' {} '}}") +
             calls("{'index':0,'function':{'arguments':'\\n'}}") + end_of_calls,
         "call(a,f, {} \n)"},
        {"M9: arguments after the finish reason, when they were not complete",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") + finish("tool_calls") +
             calls("{'index':0,'function':{'arguments':'}'}}") + done,
         "call(a,f,{})"},
    };
    return rows;
}

// Everything else that a message has.
struct MessageRow {
    const char* name;
    std::string body;
    std::string message;  // "id model | role finish | parts"
    bool is_complete;
};

std::string shown(Collector& message) {
    std::string line = conversation::shown(message.id()) + " " + conversation::shown(message.model());
    for (size_t at = 0; at != message.choice_count(); ++at) {
        const int32_t number = message.choice_at(at);
        line +=
            " | " + conversation::shown(message.role(number)) + " " + conversation::shown(message.finish_word(number));
    }
    return line + " | " + collected_tests::shown(message.parts());
}

const std::vector<MessageRow>& message_rows() {
    static const std::vector<MessageRow> rows = {
        {"a short answer", conversation::short_answer, "c1 m1 | assistant stop | text(Hello, world)", true},
        {"nothing", "", "- - | ", false},
        {"a role that is empty, comes late, and again",
         choice("\"delta\":{\"role\":\"\",\"content\":\"a\"}") + choice("\"delta\":{\"role\":\"assistant\"}") +
             choice("\"delta\":{\"role\":\"assistant\",\"content\":\"b\"}") + finish() + done,
         "c1 m1 | assistant stop | text(ab)", true},
        {"a finish reason stays, whatever comes behind it",
         text("a") + finish("tool_calls") + choice("\"delta\":{},\"finish_reason\":\"\"") +
             choice("\"delta\":{},\"finish_reason\":null") + finish("stop") + done,
         "c1 m1 | - tool_calls | text(a)", true},
        {"an unknown finish reason keeps its word", text("a") + finish("eos_token") + done,
         "c1 m1 | - eos_token | text(a)", true},
        {"no choice index, no role",
         sse("{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}") +
             sse("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}") + done,
         "- - | - stop | text(a)", true},
        {"reasoning before the text, by whatever name",
         choice("\"delta\":{\"reasoning_content\":\"a\"}") + choice("\"delta\":{\"reasoning\":\"b\"}") +
             choice("\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"c\"}]},"
                    "{\"type\":\"text\",\"text\":\"d\"}]}") +
             finish() + done,
         "c1 m1 | - stop | reasoning(abc) text(d)", true},
        {"the same reasoning under two names is taken once",
         choice("\"delta\":{\"reasoning\":\"a\",\"reasoning_content\":\"a\"}") + finish() + done,
         "c1 m1 | - stop | reasoning(a)", true},
        {"a refusal",
         choice("\"delta\":{\"refusal\":\"I \"}") + choice("\"delta\":{\"refusal\":\"won't\"}") + finish() + done,
         "c1 m1 | - stop | refusal(I won't)", true},
        {"choices that take turns",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(2, "'delta':{'content':'x'}") +
             of_choice(0, "'delta':{'content':'b'}") + of_choice(2, "'delta':{'content':'y'}") +
             of_choice(2, "'delta':{},'finish_reason':'length'") + of_choice(0, "'delta':{},'finish_reason':'stop'") +
             done,
         "c1 m1 | - stop | - length | text(ab) text#2(xy)", true},
        {"tool calls of two choices with the same index",
         of_choice(0, "'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}]}") +
             of_choice(1, "'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'['}}]}") +
             of_choice(0, "'delta':{'tool_calls':[{'index':0,'function':{'arguments':'}'}}]},'finish_reason':'x'") +
             of_choice(1, "'delta':{'tool_calls':[{'index':0,'function':{'arguments':']'}}]},'finish_reason':'x'") +
             done,
         "c1 m1 | - x | - x | call(a,f,{}) call#1(a,f,[])", true},
        {"text before, between and behind tool calls",
         text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") + text("b") +
             calls("{'index':0,'function':{'arguments':'}'}}") + text("c") + end_of_calls,
         "c1 m1 | - tool_calls | text(abc) call(a,f,{})", true},
        {"Azure: a filter's chunk behind the finish reason, with an empty id and no delta",
         sse("{\"id\":\"\",\"choices\":[],\"prompt_filter_results\":[]}") + text("a") + finish() +
             sse("{\"id\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_results\":{}}]}") +
             done,
         "c1 m1 | - stop | text(a)", true},
        {"text behind the finish reason is kept", text("a") + finish() + text("b") + done, "c1 m1 | - stop | text(ab)",
         true},
        {"an answer that ends with [DONE] and no finish reason", text("a") + done, "c1 m1 | - - | text(a)", true},
        {"an answer that is cut off", text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}"),
         "c1 m1 | - - | text(a)... call(a,f,{)...", false},
        {"one choice of two has ended, twice, then it is cut off",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(1, "'delta':{'content':'x'}") +
             of_choice(0, "'delta':{},'finish_reason':'stop'") + of_choice(0, "'delta':{},'finish_reason':'stop'"),
         "c1 m1 | - stop | - - | text(a) text#1(x)...", false},
        {"an error in the middle", text("a") + sse("{\"error\":{\"message\":\"M\"}}"), "c1 m1 | - - | text(a)...",
         false},
        {"an answer that was not streamed",
         "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
         "null,"
         "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
         "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
         "\"finish_reason\":\"tool_calls\"}]}",
         "c1 m1 | assistant tool_calls | call(a,f,{}) call(b,g,{})", true},
    };
    return rows;
}

}  // namespace

// Those that are no broken calls: such a call is reported again when more of it came.
size_t count_good(const oai::MessageParts& parts) {
    size_t count = 0;
    for (const oai::MessagePart& part : parts) count += !part.is_broken;
    return count;
}

TEST_CASE("tool calls: every shape servers send, by the rules M1 to M9") {
    for (const Row& row : call_rows()) {
        ROW(row.name);
        for (const size_t step : {SIZE_MAX, size_t{1}}) {
            INFO("step ", step);
            char memory[4096];
            Collector message(memory);
            size_t reported = 0;
            Verdict verdict = Verdict::still_open;
            for (const Kept& kept : events_of(row.body, step, 16 * 1024, &verdict)) {
                CHECK(message.add(kept.event()) == Error::none);
                reported += count_good(message.just_finished());
            }
            message.end(verdict);
            reported += count_good(message.just_finished());
            CHECK_EQ(collected_tests::shown(message.parts()), row.parts);
            CHECK(message.is_complete());
            CHECK_EQ(reported, count_good(message.parts()));  // each of them once
        }
    }
}

TEST_CASE("messages: everything else, whole and byte by byte") {
    for (const MessageRow& row : message_rows()) {
        ROW(row.name);
        for (const size_t step : {SIZE_MAX, size_t{1}}) {
            INFO("step ", step);
            char memory[4096];
            Collector message(memory);
            Verdict verdict = Verdict::still_open;
            for (const Kept& kept : events_of(row.body, step, 16 * 1024, &verdict)) message.add(kept.event());
            message.end(verdict);
            CHECK_EQ(shown(message), row.message);
            CHECK_EQ(message.is_complete(), row.is_complete);
            for (size_t at = 0; at != message.choice_count(); ++at) {
                const StringView word = message.finish_word(message.choice_at(at));
                const oai::FinishReason reason = message.finish_reason(message.choice_at(at));
                CHECK((reason == (word.empty() ? oai::FinishReason::none : oai::to_finish_reason(word))));
            }
        }
    }
}

TEST_CASE("what has just been finished: each part once, at the end of its item or choice") {
    struct Finished {
        const char* name;
        std::string body;
        std::string when;  // the parts, by the event that finished them
    };
    const Finished rows[] = {
        {"text and two calls in parallel: all with the finish reason",
         text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':1,'id':'b','function':{'name':'g','arguments':'{'}}") +
             calls("{'index':1,'function':{'arguments':'}'}}") + end_of_calls,
         "finish: text(a) call(a,f,{}) call(b,g,{})"},
        {"two choices: each with its own",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(1, "'delta':{'refusal':'x'}") +
             of_choice(1, "'delta':{},'finish_reason':'stop'") + of_choice(0, "'delta':{'content':'b'}") +
             of_choice(0, "'delta':{},'finish_reason':'stop'") + done,
         "finish: refusal#1(x); finish: text(ab)"},
        {"a second finish reason and a late filter report nothing again",
         text("a") + finish() + choice("\"content_filter_results\":{}") + finish() + done, "finish: text(a)"},
        {"usage and what else comes behind reports nothing again", conversation::short_answer,
         "finish: text(Hello, world)"},
        {"no finish reason: with the end", text("a") + done, "end: text(a)"},
        {"cut off: never", text("a"), ""},
        {"what comes behind the finish reason is not reported a second time", text("a") + finish() + text("b") + done,
         "finish: text(a)"},
        {"a comment after it is no news, and does not report it a second time",
         text("a") + finish() + ": wait\n\n" + done, "finish: text(a)"},
        {"a call that begins behind the finish reason: with the end",
         text("a") + finish() + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + done,
         "finish: text(a); end: call(a,f,{})"},
    };
    for (const Finished& row : rows) {
        ROW(row.name);
        char memory[4096];
        Collector message(memory);
        std::string when;
        Verdict verdict = Verdict::still_open;
        const auto note = [&](const char* event) {
            if (message.just_finished().empty()) return;
            when += (when.empty() ? "" : "; ") + std::string(event) + ": " +
                    collected_tests::shown(message.just_finished());
        };
        for (const Kept& kept : events_of(row.body, SIZE_MAX, 16 * 1024, &verdict)) {
            message.add(kept.event());
            note(kept.event().kind == EventKind::finish ? "finish" : "other");
        }
        message.end(verdict);
        note("end");
        CHECK_EQ(when, row.when);
    }
}

namespace {

// Events of the Responses API.
Event item_event(EventKind kind, const char* item_id, int32_t index, const char* type = nullptr) {
    Event event;
    event.reset(kind);
    event.item_id = item_id;
    event.output_index = index;
    event.tool_index = kind == EventKind::tool_call || kind == EventKind::tool_arguments ? index : -1;
    event.text = type;
    return event;
}
Event piece(EventKind kind, const char* item_id, int32_t index, const char* said, int32_t content = 0) {
    Event event = item_event(kind, item_id, index, said);
    event.content_index = content;
    return event;
}
Event call_event(const char* item_id, int32_t index, const char* id, const char* name, const char* type = "function") {
    Event event = item_event(EventKind::tool_call, item_id, index, type);
    event.id = id;
    event.name = name;
    return event;
}
Event finish_event(const char* word = "completed") {
    Event event;
    event.reset(EventKind::finish);
    event.finish_reason = oai::FinishReason::stop;
    event.name = word;
    return event;
}
Event more_of(Event event) {
    event.more = true;
    return event;
}
Event summary_of(Event event) {
    event.name = "summary";
    return event;
}

struct ItemRow {
    const char* name;
    std::vector<Event> events;
    std::string parts;
    std::string when;  // what was finished before the end
};

const std::vector<ItemRow>& item_rows() {
    using K = EventKind;
    static const std::vector<ItemRow> rows = {
        {"a message of two parts",
         {item_event(K::item, "m1", 0, "message"), piece(K::text, "m1", 0, "a"), piece(K::text, "m1", 0, "b"),
          piece(K::text, "m1", 0, "c", 1), item_event(K::item_done, "m1", 0, "message"), finish_event()},
         "text(ab) text(c)",
         "text(ab) text(c)"},
        {"reasoning, its summaries, then the answer",
         {piece(K::reasoning, "r1", 0, "raw"), summary_of(piece(K::reasoning, "r1", 0, "s0", 0)),
          summary_of(piece(K::reasoning, "r1", 0, "s1", 1)), item_event(K::item_done, "r1", 0, "reasoning"),
          piece(K::text, "m1", 1, "a"), finish_event()},
         "reasoning(raw) summary(s0) summary(s1) text(a)",
         "reasoning(raw) summary(s0) summary(s1)"},
        {"two calls at once, finished one by one",
         {call_event("f1", 1, "call_a", "f"), call_event("f2", 2, "call_b", "g"),
          piece(K::tool_arguments, "f1", 1, "{\"x\":", -1), piece(K::tool_arguments, "f2", 2, "{}", -1),
          item_event(K::item_done, "f2", 2, "function_call"), piece(K::tool_arguments, "f1", 1, "1}", -1),
          item_event(K::item_done, "f1", 1, "function_call"), finish_event()},
         "call(call_a,f,{\"x\":1}) call(call_b,g,{})",
         "call(call_b,g,{}) call(call_a,f,{\"x\":1})"},
        {"no output_index: the item tells",
         {call_event("f1", -1, "call_a", "f"), call_event("f2", -1, "call_b", "g"),
          piece(K::tool_arguments, "f1", -1, "{", -1), piece(K::tool_arguments, "f2", -1, "{}", -1),
          piece(K::tool_arguments, "f1", -1, "}", -1), finish_event()},
         "call(call_a,f,{}) call(call_b,g,{})",
         ""},
        {"no item_id: the output_index tells",
         {call_event(nullptr, 0, "call_a", "f"), call_event(nullptr, 1, "call_b", "g"),
          piece(K::tool_arguments, nullptr, 0, "{", -1), piece(K::tool_arguments, nullptr, 1, "{}", -1),
          piece(K::tool_arguments, nullptr, 0, "}", -1), finish_event()},
         "call(call_a,f,{}) call(call_b,g,{})",
         ""},
        {"another item_id in each event of an item: the output_index tells (some gateways)",
         {piece(K::text, "x1", 0, "a"), piece(K::text, "x2", 0, "b"), call_event("x3", 1, "call_a", "f"),
          piece(K::tool_arguments, "x4", 1, "{}", -1), item_event(K::item_done, "x5", 0, "message"), finish_event()},
         "text(ab) call(call_a,f,{})",
         "text(ab)"},
        {"every output_index is 0: a new item begins where the server says so",
         {item_event(K::item, "m1", 0, "message"), piece(K::text, "m1", 0, "a"),
          item_event(K::item, "f1", 0, "function_call"), call_event("f1", 0, "call_a", "f"),
          piece(K::tool_arguments, "f1", 0, "{}", -1), item_event(K::item, "f2", 0, "function_call"),
          call_event("f2", 0, "call_b", "g"), piece(K::tool_arguments, "f2", 0, "[]", -1),
          item_event(K::item_done, "f1", 0, "function_call"), finish_event()},
         "text(a) call(call_a,f,{}) call(call_b,g,[])",
         "call(call_a,f,{})"},
        {"neither: as in chat",
         {piece(K::text, nullptr, -1, "a", -1), call_event(nullptr, -1, "call_a", "f"),
          piece(K::tool_arguments, nullptr, -1, "{}", -1), finish_event()},
         "text(a) call(call_a,f,{})",
         ""},
        {"the item of a call is said later",
         {call_event(nullptr, -1, "call_a", "f"), call_event(nullptr, -1, "call_b", "g"),
          call_event("f1", 0, "call_a", "f"), piece(K::tool_arguments, "f1", 0, "{}", -1), finish_event()},
         "call(call_a,f,{}) call(call_b,g,)",
         ""},
        {"one string in two pieces repeats nothing",
         {call_event("f1", 0, "call_a", "f"), more_of(piece(K::tool_arguments, "f1", 0, "{}", -1)),
          piece(K::tool_arguments, "f1", 0, "{}", -1), finish_event()},
         "call!(call_a,f,{}{})",
         ""},
        {"a custom tool's input is any text, and may come twice",
         {call_event("c1", 0, "call_a", "sql", "custom"), piece(K::tool_arguments, "c1", 0, "[1]", -1),
          piece(K::tool_arguments, "c1", 0, "[1]", -1), finish_event()},
         "call(call_a,sql,custom,[1][1])",
         ""},
    };
    return rows;
}

}  // namespace

TEST_CASE("output items of the Responses API") {
    for (const ItemRow& row : item_rows()) {
        ROW(row.name);
        char memory[4096];
        Collector message(memory);
        std::string when;
        for (const Event& event : row.events) {
            CHECK(message.add(event) == Error::none);
            if (event.kind != EventKind::item_done) continue;
            when += (when.empty() ? "" : " ") + collected_tests::shown(message.just_finished());
        }
        CHECK_EQ(collected_tests::shown(message.parts()), row.parts);
        CHECK_EQ(when, row.when);
        CHECK(message.is_complete());
    }
}

namespace {

// An event of the Responses API; in single quotes, which become double ones.
std::string says(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: " + quoted("{'type':'" + type + "'," + members + "}") + "\n\n";
}
std::string nameless(const std::string& type, const std::string& members) {
    return sse(quoted("{'type':'" + type + "'," + members + "}"));
}
const std::string created = says("response.created", "'response':{'id':'resp_1','model':'m1','status':'in_progress'}");
const std::string completed =
    says("response.completed", "'response':{'id':'resp_1','model':'m1','status':'completed','usage':{'input_tokens':3,"
                               "'output_tokens':2,'total_tokens':5}}");

struct ResponseRow {
    const char* name;
    std::string body;
    std::string message;  // see shown()
    std::string when;     // the parts, by the event that finished them
    bool is_complete;
};

const ResponseRow response_rows[] = {
    {"a text",
     created + says("response.output_item.added", "'output_index':0,'item':{'id':'msg_1','type':'message'}") +
         says("response.output_text.delta", "'item_id':'msg_1','output_index':0,'content_index':0,'delta':'Hel'") +
         says("response.output_text.delta", "'item_id':'msg_1','output_index':0,'content_index':0,'delta':'lo'") +
         says("response.output_text.done", "'item_id':'msg_1','output_index':0,'content_index':0,'text':'Hello'") +
         says("response.output_item.done",
              "'output_index':0,'item':{'id':'msg_1','type':'message','status':'completed','content':"
              "[{'type':'output_text','text':'Hello'}]}") +
         completed,
     "resp_1 m1 | - completed | text(Hello)", "item_done: text(Hello)", true},
    {"two calls whose arguments take turns, each finished by itself",
     created +
         says("response.output_item.added", "'output_index':0,'item':{'id':'fc_1','type':'function_call','call_id':'a',"
                                            "'name':'f','arguments':''}") +
         says("response.output_item.added", "'output_index':1,'item':{'id':'fc_2','type':'function_call','call_id':'b',"
                                            "'name':'g','arguments':''}") +
         says("response.function_call_arguments.delta", "'item_id':'fc_1','output_index':0,'delta':'{'") +
         says("response.function_call_arguments.delta", "'item_id':'fc_2','output_index':1,'delta':'{}'") +
         says("response.function_call_arguments.done", "'item_id':'fc_2','output_index':1,'arguments':'{}'") +
         says("response.output_item.done", "'output_index':1,'item':{'id':'fc_2','type':'function_call','call_id':'b',"
                                           "'name':'g','arguments':'{}','status':'completed'}") +
         says("response.function_call_arguments.delta", "'item_id':'fc_1','output_index':0,'delta':'}'") +
         says("response.function_call_arguments.done", "'item_id':'fc_1','output_index':0,'arguments':'{}'") +
         says("response.output_item.done", "'output_index':0,'item':{'id':'fc_1','type':'function_call','call_id':'a',"
                                           "'name':'f','arguments':'{}','status':'completed'}") +
         completed,
     "resp_1 m1 | - completed | call(a,f,{}) call(b,g,{})", "item_done: call(b,g,{}); item_done: call(a,f,{})", true},
    {"a server that counts no items and names no events",
     nameless("response.created", "'response':{'id':'resp_1'}") +
         nameless("response.output_item.added",
                  "'item':{'id':'fc_1','type':'function_call','call_id':'a','name':'f'}") +
         nameless("response.output_item.added",
                  "'item':{'id':'fc_2','type':'function_call','call_id':'b','name':'g'}") +
         nameless("response.function_call_arguments.delta", "'item_id':'fc_1','delta':'{'") +
         nameless("response.function_call_arguments.delta", "'item_id':'fc_2','delta':'{}'") +
         nameless("response.function_call_arguments.delta", "'item_id':'fc_1','delta':'}'") +
         nameless("response.completed", "'response':{'id':'resp_1','status':'completed'}"),
     "resp_1 - | - completed | call(a,f,{}) call(b,g,{})", "finish: call(a,f,{}) call(b,g,{})", true},
    {"an answer that came to its limit",
     created +
         says("response.output_text.delta", "'item_id':'msg_1','output_index':0,'content_index':0,'delta':'Hel'") +
         says("response.incomplete", "'response':{'id':'resp_1','status':'incomplete','incomplete_details':"
                                     "{'reason':'max_output_tokens'}}"),
     "resp_1 m1 | - max_output_tokens | text(Hel)", "finish: text(Hel)", true},
    {"an answer that is cut off",
     created + says("response.output_text.delta", "'item_id':'msg_1','output_index':0,'content_index':0,'delta':'Hel'"),
     "resp_1 m1 | - - | text(Hel)...", "", false},
};

}  // namespace

TEST_CASE("the Responses API, whole and byte by byte") {
    for (const ResponseRow& row : response_rows) {
        ROW(row.name);
        for (const size_t buffer : {size_t{16 * 1024}, size_t{1024}})
            for (const size_t step : {SIZE_MAX, size_t{1}}) {
                INFO("step ", step);
                char memory[4096];
                Collector message(memory);
                Verdict verdict = Verdict::still_open;
                std::string when;
                for (const Kept& kept : events_of(row.body, step, buffer, &verdict, oai::BodyOf::responses)) {
                    CHECK(message.add(kept.event()) == Error::none);
                    if (message.just_finished().empty()) continue;
                    when += (when.empty() ? "" : "; ") +
                            std::string(kept.event().kind == EventKind::finish ? "finish: " : "item_done: ") +
                            collected_tests::shown(message.just_finished());
                }
                message.end(verdict);
                CHECK_EQ(shown(message), row.message);
                CHECK_EQ(when, row.when);
                CHECK_EQ(message.is_complete(), row.is_complete);
                CHECK_EQ(message.usage().total_tokens, row.body.find("usage") != std::string::npos ? 5 : -1);
            }
    }
}

TEST_CASE("text() is all that was said, in one piece, wherever its parts lie") {
    char memory[4096];
    Collector message(memory);
    std::string expected[3];
    corpus::Random random("parts");
    for (int step = 0; step != 400; ++step) {
        // Three message items that take turns, with calls and reasoning between.
        const auto item = static_cast<int32_t>(random.between(0, 2));
        const std::string said(random.between(0, 4), static_cast<char>('a' + step % 26));
        message.add(piece(EventKind::text, nullptr, item, said.c_str()));
        expected[item] += said;
        message.add(piece(EventKind::reasoning, nullptr, 3, "r"));
        if (step % 50 == 0) message.add(call_event(nullptr, 10 + step, "id", "name"));
        if (random.between(0, 9) != 0) continue;
        std::string order, all;  // in the order in which they began
        for (const oai::MessagePart& part : message.parts())
            if (part.kind == EventKind::text) all += expected[part.output_index];
        CHECK_EQ(std::string(message.text()), all);
        CHECK_EQ(std::string(message.reasoning()), std::string(static_cast<size_t>(step) + 1, 'r'));
        for (const oai::MessagePart& part : message.parts())
            if (part.kind == EventKind::text) CHECK_EQ(std::string(part.text), expected[part.output_index]);
    }
    CHECK(message.error() == Error::none);
    CHECK(message.refusal().data() == nullptr);
}

namespace {

// Everything readable of a message, as bytes that belong to it alone.
std::vector<std::string> texts_of(Collector& message) {
    std::vector<std::string> all = {conversation::shown(message.id()), conversation::shown(message.model())};
    for (const oai::MessagePart& part : message.parts())
        for (const StringView one : {part.text, part.name}) all.push_back(std::string(one));
    return all;
}

// The events of all rows, as choices of one answer.
std::vector<Event> many_events(const std::vector<std::vector<Kept>>& kept) {
    std::vector<Event> events;
    for (size_t at = 0;; ++at) {  // they take turns
        bool is_more = false;
        for (size_t choice_number = 0; choice_number != kept.size(); ++choice_number) {
            if (at >= kept[choice_number].size()) continue;
            is_more = true;
            events.push_back(kept[choice_number][at].event());
            events.back().choice = static_cast<int32_t>(choice_number);
        }
        if (!is_more) return events;
    }
}

}  // namespace

TEST_CASE("out of memory at every size: a clear error that stays, and what is there is the beginning of all of it") {
    std::vector<std::vector<Kept>> kept;
    for (const Row& row : call_rows()) kept.push_back(events_of(row.body));
    for (size_t at = 0; at != 6; ++at) kept.push_back(events_of(conversation::short_answer));
    std::vector<std::vector<Event>> answers;
    for (const std::vector<Kept>& one : kept) {
        answers.emplace_back();
        for (const Kept& event : one) answers.back().push_back(event.event());
    }
    answers.push_back(many_events(kept));
    for (const ItemRow& row : item_rows()) answers.push_back(row.events);

    size_t sizes = 0, failures = 0;
    for (const std::vector<Event>& events : answers) {
        std::vector<char> enough(64 * 1024);
        Collector all(oai::Buffer(enough.data(), enough.size()));
        for (const Event& event : events) REQUIRE(all.add(event) == Error::none);
        const std::vector<std::string> wanted = texts_of(all);
        const bool is_long = events.size() > 100;
        const size_t last_size = is_long ? 24 * 1024 : 1200, step = is_long ? 97 : corpus::few_cuts() ? 19 : 1;
        bool has_fitted = false;
        for (size_t size = 0; size < last_size; size += step) {
            support::GuardedBuffer memory(size);
            Collector message(oai::Buffer(memory.data(), memory.size()));
            bool has_failed = false, is_sticky = true, is_prefix = true;
            for (const Event& event : events) {
                const bool failed = message.add(event) == Error::message_too_large;
                if (has_failed && !failed) is_sticky = false;
                has_failed = failed;
            }
            const std::vector<std::string> found = texts_of(message);
            for (size_t at = 2; at < found.size(); ++at)
                if (at >= wanted.size() || (wanted[at].compare(0, found[at].size(), found[at]) != 0 &&
                                            found[at] != "{}" && found[at] != " {} "))  // to be replaced, see M8
                    is_prefix = false;
            oai::Message written = message.as_message();
            const oai::Buffer rest = message.give_rest();
            const std::vector<std::string> again = texts_of(message);
            const bool is_same = again == found;
            const bool is_inside = rest.size == 0 || rest.data + rest.size == memory.data() + size;
            for (size_t at = 0; at != rest.size; ++at) rest.data[at] = '!';
            const bool is_apart = texts_of(message) == found;
            written = message.as_message();
            // One check for all: there are many.
            const bool is_good = is_sticky && is_prefix && is_same && is_inside && is_apart &&
                                 message.is_complete() != has_failed &&
                                 has_failed == (message.error() != Error::none) && (has_failed || found == wanted);
            CHECK_MESSAGE(is_good, size << " bytes: " << is_sticky << is_prefix << is_same << is_inside << is_apart);
            ++sizes;
            failures += has_failed;
            has_fitted = has_fitted || !has_failed;
        }
        CHECK(has_fitted);
    }
    CHECK(failures != 0);
    MESSAGE(sizes << " sizes, in " << failures << " of them it did not fit");
}

TEST_CASE("texts that take turns: every byte stays in its place, in any memory") {
    for (const size_t count : {size_t{1}, size_t{2}, size_t{3}, size_t{16}, size_t{100}}) {
        ROW(std::to_string(count) + " choices");
        size_t used = 0;
        for (const size_t size : {size_t{600}, size_t{3000}, size_t{20000}, size_t{200000}}) {
            std::vector<char> memory(size);
            Collector message(oai::Buffer(memory.data(), memory.size()));
            std::vector<std::string> expected(count);
            corpus::Random random(std::to_string(count) + "/" + std::to_string(size));
            const size_t longest = random.between(1, 40);
            while (true) {
                const size_t number = random.between(0, count - 1);
                const std::string said(random.between(0, longest), static_cast<char>('a' + random.between(0, 25)));
                Event event;
                event.reset(EventKind::text);
                event.choice = static_cast<int32_t>(number);
                event.text = said;
                if (message.add(event) != Error::none) break;
                expected[number] += said;
            }
            CHECK(message.error() == Error::message_too_large);
            used = 0;
            for (size_t number = 0; number != count; ++number) {
                CHECK_EQ(std::string(message.text(static_cast<int32_t>(number))), expected[number]);
                used += expected[number].size() + 2 * sizeof(oai::collected::Record);
            }
        }
        CHECK(used > 200000 * 8 / 10);
    }
}

TEST_CASE("the work is linear, also when texts take turns byte by byte") {
    const auto ns_per_byte = [](size_t size) {
        std::vector<char> memory(size);
        Collector message(oai::Buffer(memory.data(), memory.size()));
        Event event;
        event.reset(EventKind::text);
        event.text = "x";
        size_t steps = 0;
        const clock_t began = clock();  // of this process: others may run meanwhile
        for (; message.add(event) == Error::none; ++steps) event.choice = static_cast<int32_t>(steps % 8);
        return static_cast<double>(clock() - began) * (1e9 / CLOCKS_PER_SEC) / static_cast<double>(steps);
    };
    const double small = ns_per_byte(1 << 14), large = ns_per_byte(1 << 20);
    MESSAGE(small << " and " << large << " ns for each byte");
    CHECK(large < 20 * small);  // 64 times the memory; quadratic would be 64 times the time
}

TEST_CASE("limits") {
    std::vector<char> memory(1 << 20);
    Event event;
    event.reset(EventKind::text);
    event.text = "x";
    SUBCASE("of choices") {
        Collector message(oai::Buffer(memory.data(), memory.size()));
        for (unsigned number = 0; number != Collector::max_choices; ++number) {
            event.choice = static_cast<int32_t>(number * 3);
            CHECK(message.add(event) == Error::none);
        }
        event.choice = 1;
        CHECK(message.add(event) == Error::too_many_parts);
        CHECK_EQ(std::string(message.text(3)), "x");
        CHECK_EQ(message.choice_count(), Collector::max_choices);
    }
    SUBCASE("of calls, of each choice") {
        Collector message(oai::Buffer(memory.data(), memory.size()));
        for (int32_t of = 0; of != 2; ++of)
            for (unsigned number = 0; number != Collector::max_calls; ++number) {
                Event call = call_event(nullptr, -1, std::to_string(number).c_str(), "f");
                const std::string id = std::to_string(number);
                call.id = id;
                call.choice = of;
                CHECK(message.add(call) == Error::none);
            }
        CHECK(message.add(call_event(nullptr, -1, "another", "f")) == Error::too_many_parts);
        CHECK_EQ(message.tool_calls(1).size(), Collector::max_calls);
    }
    SUBCASE("of parts") {
        Collector message(oai::Buffer(memory.data(), memory.size()));
        event.output_index = 0;
        while (message.add(event) == Error::none) ++event.output_index;
        CHECK(message.error() == Error::too_many_parts);
        CHECK_EQ(message.text().size(), static_cast<size_t>(event.output_index));
        CHECK(event.output_index > 1000);
    }
}

TEST_CASE("memory is taken as the manual says") {
    if (sizeof(void*) != 8) return tally::skip("the manual's figures are those of 64 bits");
    const auto needed = [](const std::string& body) {
        const std::vector<Kept> events = events_of(body);
        for (size_t size = 0;; ++size) {
            std::vector<char> memory(size + 16);
            char* const aligned = memory.data() + (16 - reinterpret_cast<uintptr_t>(memory.data()) % 16) % 16;
            Collector message(oai::Buffer(aligned, size));
            for (const Kept& kept : events) message.add(kept.event());
            if (message.error() == Error::none) return size;
        }
    };
    // The answer (c1, m1), the choice (stop, and room that it got when it grew behind the text), one text.
    const size_t of_text = needed(text("Hello") + finish() + done);
    CHECK_EQ(of_text / 8, (3 * 56 + 4 + 5 + 4 + 7) / 8);
    const std::string call = "{'index':0,'id':'call_a','function':{'name':'f','arguments':'{}'}}";
    CHECK_EQ(needed(text("Hello") + calls(call) + finish() + done) / 8, (of_text + 56 + 96 + 6 + 1 + 2) / 8);
}

TEST_CASE("usage is the last that the server gave") {
    char memory[1024];
    Collector message(memory);
    CHECK_EQ(message.usage().total_tokens, -1);
    const std::string body = sse("{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":4}}") +
                             sse("{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":9}}") + text("a") +
                             sse("{\"choices\":[],\"usage\":null}") + finish() + done;
    for (const Kept& kept : events_of(body)) message.add(kept.event());
    CHECK_EQ(message.usage().total_tokens, 9);
    CHECK_EQ(message.usage().completion_tokens, -1);
}

TEST_CASE("written back into the next request") {
    struct Written {
        const char* name;
        std::string body;
        const char* json;  // of the assistant's message
    };
    const Written rows[] = {
        {"a text", text("Hi \\\"there\\\"") + finish() + done, R"({"role":"assistant","content":"Hi \"there\""})"},
        {"nothing", done, R"({"role":"assistant","content":""})"},
        {"two calls and no text",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}},"
                    "{'index':1,'id':'b','function':{'name':'g','arguments':''}}") +
             done,
         R"({"role":"assistant","content":null,"tool_calls":[
             {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
             {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})"},
        {"text and a call without an id",
         text("Let me see.") + last_calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") + done,
         R"({"role":"assistant","content":"Let me see.","tool_calls":[
             {"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}}]})"},
        {"a call that was cut off", calls("{'index':0,'function':{'arguments':'{'}}"),
         R"({"role":"assistant","content":null,"tool_calls":[
             {"id":"call_0","type":"function","function":{"name":"","arguments":"{"}}]})"},
        {"a text and a refusal: the text", text("Hm.") + choice("\"delta\":{\"refusal\":\"No.\"}") + finish() + done,
         R"({"role":"assistant","content":"Hm."})"},
        {"a refusal", choice("\"delta\":{\"refusal\":\"No.\"}") + finish() + done,
         R"({"role":"assistant","content":null,"refusal":"No."})"},
    };
    for (const Written& row : rows) {
        ROW(row.name);
        char memory[1024];
        Collector message(memory);
        Verdict verdict = Verdict::still_open;
        for (const Kept& kept : events_of(row.body, SIZE_MAX, 16 * 1024, &verdict)) message.add(kept.event());
        message.end(verdict);
        const oai::Message conversation_so_far[] = {oai::Message::user("q"), message.as_message(),
                                                    oai::Message::tool("a", "42")};
        const nlohmann::json sent = written::json_of(oai::ChatRequest("m", conversation_so_far));
        REQUIRE(!sent.is_discarded());
        CHECK_EQ(sent.at("messages").at(1).dump(), nlohmann::json::parse(row.json).dump());
        CHECK_EQ(sent.at("messages").at(2).at("tool_call_id"), "a");
    }
}

TEST_CASE("custom tools are written back as such, calls of the server are not, each choice has its own") {
    char memory[4096];
    Collector message(memory);
    for (const Event& event :
         {call_event("c1", 0, "call_a", "sql", "custom"), piece(EventKind::tool_arguments, "c1", 0, "SELECT 1", -1),
          call_event("m1", 1, "call_b", "search", "mcp"), piece(EventKind::tool_arguments, "m1", 1, "{}", -1)})
        message.add(event);
    Event other = call_event(nullptr, -1, "call_c", "h");
    other.choice = 1;
    message.add(other);
    Event refusal;
    refusal.reset(EventKind::refusal);
    for (const int32_t number : {2, 3}) {
        refusal.choice = number;
        refusal.text = number == 2 ? "two" : "three";
        message.add(refusal);
    }
    const oai::Message all[] = {message.as_message(0), message.as_message(1), message.as_message(2),
                                message.as_message(3)};
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", all)).at("messages");
    CHECK_EQ(sent.at(0).at("tool_calls").dump(),
             R"([{"custom":{"input":"SELECT 1","name":"sql"},"id":"call_a","type":"custom"}])");
    CHECK_EQ(sent.at(1).at("tool_calls").at(0).at("id"), "call_c");
    CHECK_EQ(sent.at(2).at("refusal"), "two");
    CHECK_EQ(sent.at(3).at("refusal"), "three");
}

TEST_CASE("the messages of a conversation in one buffer") {
    support::GuardedBuffer memory(4000);
    oai::Buffer rest(memory.data(), memory.size());
    std::vector<oai::Message> history;
    std::vector<Collector> messages;
    for (int turn = 0; turn != 6; ++turn) {
        Collector message(rest);
        const std::string body = text("turn " + std::to_string(turn)) +
                                 last_calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") + done;
        for (const Kept& kept : events_of(body)) REQUIRE(message.add(kept.event()) == Error::none);
        const size_t before = rest.size;
        rest = message.give_rest();
        CHECK(before - rest.size < 400);
        messages.push_back(message);
        history.push_back(messages.back().as_message());
        Event more;
        more.reset(EventKind::text);
        more.text = "this does not fit any more";
        CHECK(message.add(more) == Error::message_too_large);
    }
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", history)).at("messages");
    for (size_t turn = 0; turn != 6; ++turn) {
        CHECK_EQ(sent.at(turn).at("content"), "turn " + std::to_string(turn));
        CHECK_EQ(sent.at(turn).at("tool_calls").at(0).at("id"), "call_0");
    }
}

TEST_CASE("what an agent may run") {
    using Flags = std::vector<bool>;
    const std::pair<std::string, Flags> rows[] = {
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + done, {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + done, {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'','arguments':'{}'}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") + done, {false}},
        {calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}"), {false}},
        {last_calls("{'function':{'name':'f','arguments':'{}'}},{'function':{'name':'g','arguments':'{}'}}") + done,
         {false, false}},
    };
    // Without arguments after another reason: with the end of the answer, and not when that was cut.
    const std::pair<std::string, Flags> ended_rows[] = {
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "stop") + done, {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "length") + done, {false}},
        {calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}", "stop") +
             last_calls("{'index':0,'function':{'arguments':'}'}}", "stop") + done,
         {true}},
    };
    for (const auto& row : ended_rows) {
        ROW(row.first);
        char memory[1024];
        Collector message(memory);
        Verdict verdict = Verdict::still_open;
        for (const Kept& kept : events_of(row.first, SIZE_MAX, 16 * 1024, &verdict)) message.add(kept.event());
        message.end(verdict);
        Flags found;
        for (const oai::MessagePart& call : message.tool_calls()) found.push_back(call.can_run());
        CHECK((found == row.second));
    }
    for (const auto& row : rows) {
        ROW(row.first);
        char memory[1024];
        Collector message(memory);
        for (const Kept& kept : events_of(row.first)) message.add(kept.event());
        Flags found;
        for (const oai::MessagePart& call : message.tool_calls()) found.push_back(call.can_run());
        CHECK((found == row.second));
    }
    // Of the Responses API: the server runs the one of type "mcp", and a text is no call.
    char memory[1024];
    Collector message(memory);
    for (const Event& event : {piece(EventKind::text, "m1", 0, "a"), call_event("f1", 1, "call_a", "f"),
                               call_event("f2", 2, "call_b", "g", "mcp"), call_event("f3", 3, "call_c", "h"),
                               item_event(EventKind::item_done, "f1", 1, "function_call"), finish_event()})
        message.add(event);
    std::string can_run;
    for (const oai::MessagePart& part : message.parts()) can_run += part.can_run() ? "y" : "n";
    CHECK_EQ(can_run, "nynn");  // the last one's own end, and perhaps its arguments, have not come
}

TEST_CASE("the Collector uses no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap trap does not work here");
    std::vector<std::vector<Kept>> kept;
    for (const Row& row : call_rows()) kept.push_back(events_of(row.body));
    const std::vector<Event> events = many_events(kept);
    bool is_good = false;
    size_t bytes = 0;
    {
        const support::HeapTrap trap;
        static char memory[32 * 1024];
        Collector message(memory);
        for (const Event& event : events) message.add(event);
        message.end(Verdict::done_marker);
        for (const oai::MessagePart& part : message.parts()) bytes += part.text.size();
        bytes += message.text().size() + message.as_message(3).content.size() + message.give_rest().size;
        is_good = message.is_complete();
    }
    CHECK(is_good);
    CHECK(bytes != 0);
}

TEST_CASE("an event that did not fit into the stream's buffer is collected all the same") {
    const std::string large(3000, 'y');
    const std::string bodies[] = {
        text(large) + finish() + done,
        calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'" + large + "\\'}'}}") +
            end_of_calls,
        calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'" + large +
              "\\'}'}},"
              "{'id':'b','function':{'name':'g','arguments':'{\\'x\\':\\'" +
              large + "\\'}'}}") +
            end_of_calls,
        // The id behind the arguments, and no index.
        calls("{'function':{'name':'f','arguments':'{\\'x\\':\\'" + large + "\\'}'},'id':'a'}") + end_of_calls,
        calls("{'function':{'arguments':'{\\'x\\':\\'" + large + "\\'}','name':'f'},'id':'a'}") + end_of_calls,
    };
    for (const std::string& body : bodies) {
        ROW(body.substr(0, 120));
        std::string shown_before;
        for (const size_t buffer : {size_t{16 * 1024}, size_t{2048}, size_t{512}})
            for (const size_t step : {size_t{1}, size_t{100}, SIZE_MAX}) {
                INFO(buffer, " bytes, step ", step);
                std::vector<char> memory(16 * 1024);
                Collector message(oai::Buffer(memory.data(), memory.size()));
                for (const Kept& kept : events_of(body, step, buffer)) message.add(kept.event());
                const std::string seen = shown(message);
                if (shown_before.empty()) shown_before = seen;
                CHECK_EQ(seen, shown_before);
                CHECK(message.is_complete());
            }
    }
}
