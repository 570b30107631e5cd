#pragma once
// What the tests of the Collector feed it: chunks of tool calls, events of the Responses API, and the rows that are
// read in memory of every size, too.
#include "io/collected.hpp"

#include <algorithm>

namespace collected_tests {

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

// "id model | role finish | parts", with a role and a finish for each choice.
inline std::string shown(Collector& message) {
    std::string line = conversation::shown(message.id()) + " " + conversation::shown(message.model());
    for (size_t at = 0; at != message.choice_count(); ++at) {
        const int32_t number = message.choice_at(at);
        line += " | " + conversation::shown(message.role(number)) + " " +
                conversation::shown(message.finish_reason_text(number));
    }
    return line + " | " + collected_tests::shown(message.parts());
}

// A chunk of tool calls; entries in single quotes, which become double ones.
inline std::string quoted(std::string entries) {
    std::replace(entries.begin(), entries.end(), '\'', '"');
    return entries;
}
inline std::string calls(const std::string& entries) {
    return choice(quoted("'delta':{'tool_calls':[" + entries + "]}"));
}
inline std::string last_calls(const std::string& entries, const std::string& reason = "tool_calls") {
    return choice(quoted("'delta':{'tool_calls':[" + entries + "]},'finish_reason':'" + reason + "'"));
}
inline std::string of_choice(int index, const std::string& inside) {
    return sse(quoted("{'id':'c1','model':'m1','choices':[{'index':" + std::to_string(index) + "," + inside + "}]}"));
}
inline const std::string end_of_calls = finish("tool_calls") + done;

struct Row {
    const char* name;
    std::string body;
    std::string parts;  // see shown()
};

// Each shape that servers are known to send, and the rule for it (see src/io/tool_merging.hpp).
inline const std::vector<Row>& call_rows() {
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
        {"M1: index after everything else (Alibaba), then an empty id",
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
        {"M2: without index and id after two calls: to the last one, and that is a guess",
         calls("{'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'id':'b','function':{'name':'g','arguments':'{\\'y\\':'}}") +
             calls("{'function':{'arguments':'2}'}}") + end_of_calls,
         "call(a,f,{}) call?(b,g,{\"y\":2})"},
        {"M2: a fragment before any call begins one",
         calls("{'function':{'arguments':'{\\'x\\':'}}") + calls("{'function':{'arguments':'1}'}}") +
             calls("{'function':{'name':'f'}}") + end_of_calls,
         "call+(call_0,f,{\"x\":1})"},
        {"M2: a name after complete arguments is another call's (Gemini: no index, empty ids), which is a guess",
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
        {"M5: empty ids after the first (langchain pull 35414, spring-ai pull 6369)",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") +
             calls("{'index':0,'id':'','function':{'name':'','arguments':'{\\'x\\''}}") +
             calls("{'index':0,'id':'','function':{'name':'','arguments':':1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
        {"M5: null after the first (opencode issue 43328)",
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
        {"M6: another name after arguments is passed over",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") +
             calls("{'index':0,'function':{'name':'g','arguments':'}'}}") + end_of_calls,
         "call(a,f,{})"},
        {"M6: the name comes after arguments",
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
        {"M7: also when empty arguments come after the repeat",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'{}'}}") +
             last_calls("{'index':0,'function':{'arguments':''}}") + done,
         "call*(a,f,{})"},
        {"M7: a repeat after the finish reason is the second one",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'[1]'}}") +
             last_calls("{'index':0,'function':{'arguments':'[1]'}}") +
             calls("{'index':0,'function':{'arguments':'[1]'}}") + done,
         "call?*(a,f,[1][1])"},
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
        {"M8: blanks of every kind around an empty object, and before what replaces it",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'\\t{\\n\\r}\\n'}}") +
             calls("{'index':0,'function':{'arguments':'\\r\\n\\t {\\r\\'x\\':1}\\t\\r'}}") + end_of_calls,
         "call*(a,f,\r\n\t {\r\"x\":1}\t\r)"},
        {"M8: an empty object before a list",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'[1]'}}") + end_of_calls,
         "call*(a,f,[1])"},
        {"M8: blanks after an empty object replace nothing",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':' \\n\\r\\t'}}") + end_of_calls,
         "call(a,f,{} \n\r\t)"},
        {"M8: what is no JSON after an empty object replaces nothing",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             calls("{'index':0,'function':{'arguments':'x'}}") + end_of_calls,
         "call!(a,f,{}x)"},
        {"M8: one id for all, without an index: another name is another call",
         calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'id':'a','function':{'name':'g','arguments':'{}'}}") + end_of_calls,
         "call?(a,f,{\"x\":1}) call?(a,g,{})"},
        {"M8: a repeat, a finish reason, and then the same name with other arguments",
         last_calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             last_calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             last_calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':2}'}}") + done,
         "call?*+(call_0,f,{\"x\":1}) call?+(call_1,f,{\"x\":2})"},
        {"M8: and then with what is no JSON",
         last_calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             last_calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             last_calls("{'index':0,'function':{'name':'f','arguments':'x'}}") + done,
         "call?+(call_0,f,{\"x\":1}) call?!+(call_1,f,{\"x\":1}x)"},
        {"M8: two calls alike at one index are one that was repeated, and another one after them is its own",
         calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':2}'}}") + end_of_calls,
         "call?*+(call_0,f,{\"x\":1}) call?+(call_1,f,{\"x\":2})"},
        {"M8: without an index they are three (Gemini)",
         calls("{'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'function':{'name':'f','arguments':'{\\'x\\':2}'}}") + end_of_calls,
         "call?+(call_0,f,{\"x\":1}) call?+(call_1,f,{\"x\":1}) call?+(call_2,f,{\"x\":2})"},
        {"M8: and so they are at one index, in pieces",
         calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\''}}") +
             calls("{'index':0,'function':{'arguments':':1}'}}") +
             calls("{'index':0,'function':{'name':'f','arguments':'{\\'x\\''}}") +
             calls("{'index':0,'function':{'arguments':':2}'}}") + end_of_calls,
         "call?+(call_0,f,{\"x\":1}) call?+(call_1,f,{\"x\":1}) call?+(call_2,f,{\"x\":2})"},
        {"M2: a type alone begins no call", calls("{'type':'function'}") + finish() + done, ""},
        {"M2: a type alone after a complete call is that call's",
         calls("{'id':'a','function':{'name':'f','arguments':'{}'}}") + calls("{'type':'function'}") + end_of_calls,
         "call(a,f,{})"},
        {"M1: an index and a type begin a call",
         calls("{'index':0,'type':'function'}") +
             calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + end_of_calls,
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
        {"M9: the same with tool_calls",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") +
             last_calls("{'index':0,'function':{'arguments':'{\\'x\\':'}}") +
             last_calls("{'index':0,'function':{'arguments':'1}'}}") + end_of_calls,
         "call(a,f,{\"x\":1})"},
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

// Events of the Responses API.
inline Event item_event(EventKind kind, const char* item_id, int32_t index, const char* type = nullptr) {
    Event event;
    event.reset(kind);
    event.item_id = item_id;
    event.output_index = index;
    event.tool_index = kind == EventKind::tool_call || kind == EventKind::tool_arguments ? index : -1;
    event.text = type;
    return event;
}
inline Event piece(EventKind kind, const char* item_id, int32_t index, const char* said, int32_t content = 0) {
    Event event = item_event(kind, item_id, index, said);
    event.content_index = content;
    return event;
}
inline Event call_event(const char* item_id, int32_t index, const char* id, const char* name,
                        const char* type = "function") {
    Event event = item_event(EventKind::tool_call, item_id, index, type);
    event.id = id;
    event.name = name;
    return event;
}
inline Event finish_event(const char* word = "completed") {
    Event event;
    event.reset(EventKind::finish);
    event.finish_reason = oai::FinishReason::stop;
    event.name = word;
    return event;
}
inline Event more_of(Event event) {
    event.more = true;
    return event;
}
inline Event summary_of(Event event) {
    event.name = "summary";
    return event;
}

struct ItemRow {
    const char* name;
    std::vector<Event> events;
    std::string parts;
    std::string when;  // what was finished before the end
};

inline const std::vector<ItemRow>& item_rows() {
    using K = EventKind;
    static const std::vector<ItemRow> rows = {
        {"a message of two parts",
         {item_event(K::output_item_added, "m1", 0, "message"), piece(K::text, "m1", 0, "a"),
          piece(K::text, "m1", 0, "b"), piece(K::text, "m1", 0, "c", 1),
          item_event(K::output_item_done, "m1", 0, "message"), finish_event()},
         "text(ab) text(c)",
         "text(ab) text(c)"},
        {"reasoning, its summaries, then the answer",
         {piece(K::reasoning, "r1", 0, "raw"), summary_of(piece(K::reasoning, "r1", 0, "s0", 0)),
          summary_of(piece(K::reasoning, "r1", 0, "s1", 1)), item_event(K::output_item_done, "r1", 0, "reasoning"),
          piece(K::text, "m1", 1, "a"), finish_event()},
         "reasoning(raw) summary(s0) summary(s1) text(a)",
         "reasoning(raw) summary(s0) summary(s1)"},
        {"two calls at once, finished one by one",
         {call_event("f1", 1, "call_a", "f"), call_event("f2", 2, "call_b", "g"),
          piece(K::tool_arguments, "f1", 1, "{\"x\":", -1), piece(K::tool_arguments, "f2", 2, "{}", -1),
          item_event(K::output_item_done, "f2", 2, "function_call"), piece(K::tool_arguments, "f1", 1, "1}", -1),
          item_event(K::output_item_done, "f1", 1, "function_call"), finish_event()},
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
          piece(K::tool_arguments, "x4", 1, "{}", -1), item_event(K::output_item_done, "x5", 0, "message"),
          finish_event()},
         "text(ab) call(call_a,f,{})",
         "text(ab)"},
        {"every output_index is 0: a new item begins where the server says so",
         {item_event(K::output_item_added, "m1", 0, "message"), piece(K::text, "m1", 0, "a"),
          item_event(K::output_item_added, "f1", 0, "function_call"), call_event("f1", 0, "call_a", "f"),
          piece(K::tool_arguments, "f1", 0, "{}", -1), item_event(K::output_item_added, "f2", 0, "function_call"),
          call_event("f2", 0, "call_b", "g"), piece(K::tool_arguments, "f2", 0, "[]", -1),
          item_event(K::output_item_done, "f1", 0, "function_call"), finish_event()},
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

}  // namespace collected_tests
