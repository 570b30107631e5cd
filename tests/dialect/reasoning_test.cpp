// Reasoning, by whichever keys it comes: once, and never as text of the answer. And custom tools, which are calls.
#include "told.hpp"

#include <algorithm>

using told::done;
using told::of_choice;

TEST_CASE("reasoning that comes under several keys is told once") {
    const std::string scalars[] = {"'reasoning_content':'Hm.'", "'reasoning':'Hm.'", "'thinking':'Hm.'",
                                   "'reasoning_text':'Hm.'"};
    const std::string details[] = {"'reasoning_details':[{'type':'reasoning.text','text':'Hm.','index':0}]",
                                   "'reasoning_details':[{'summary':'Hm.','type':'reasoning.summary'}]",
                                   "'reasoning_details':[{'text':'H'},{'data':'x'},{'text':'m.'}]"};
    const std::string padding = "'padding':'" + std::string(2500, 'p') + "'";
    for (const char* const key : {"delta", "message"}) {
        for (size_t scalar = 0; scalar != 5; ++scalar) {
            for (size_t detail = 0; detail != 4; ++detail) {
                if (scalar == 4 && detail == 3) continue;
                std::vector<std::string> members = {"'content':'Ok'"};
                if (scalar != 4) members.push_back(scalars[scalar]);
                if (detail != 3) members.push_back(details[detail]);
                std::sort(members.begin(), members.end());
                do {
                    std::string joined;
                    for (const std::string& member : members) joined += (joined.empty() ? "" : ",") + member;
                    ROW(std::string(key) + ": " + joined);
                    for (const std::string& all : {joined, joined + "," + padding, padding + "," + joined}) {
                        const std::string body =
                            of_choice("'index':0,'" + std::string(key) + "':{" + all + "},'finish_reason':'stop'") + done;
                        CHECK_EQ(told::first_difference(body, "0(reasoning=Hm. content=Ok finish_reason=stop) => done"),
                                 "");
                    }
                } while (std::next_permutation(members.begin(), members.end()));
            }
        }
    }
}

TEST_CASE("parts of reasoning, and custom tools") {
    struct Row {
        const char* name;
        std::string body;
        std::string expected;
    };
    const Row rows[] = {
        {"Databricks: a summary",
         of_choice("'delta':{'content':[{'type':'reasoning','summary':[{'type':'summary_text','text':'Hm.'}]},"
                   "{'type':'text','text':'Ok'}]}") + done,
         "0(reasoning=Hm. content=Ok) => done"},
        {"a text in a part of reasoning",
         of_choice("'delta':{'content':[{'type':'reasoning','text':'Hm.'},{'text':'Ok','type':'text'}]}") + done,
         "0(reasoning=Hm. content=Ok) => done"},
        {"the same, its type after its text",
         of_choice("'delta':{'content':[{'text':'Hm.','type':'reasoning'},{'type':'text','text':'Ok'}]}") + done,
         "0(reasoning=Hm. content=Ok) => done"},
        {"under a key of its own", of_choice("'delta':{'content':[{'type':'reasoning','reasoning':'Hm.'}]}") + done,
         "0(reasoning=Hm.) => done"},
        {"details that say nothing", of_choice("'delta':{'content':'Ok','reasoning_details':[]}") +
                                         of_choice("'delta':{'reasoning_details':[{'data':'x'}]}") +
                                         of_choice("'delta':{'reasoning_details':null}") + done,
         "0(content=Ok) => done"},
        {"a custom tool",
         of_choice("'delta':{'tool_calls':[{'index':0,'id':'a','type':'custom','custom':{'name':'f','input':'x'}}]}") +
             of_choice("'delta':{'tool_calls':[{'index':0,'custom':{'input':'y'}}]},'finish_reason':'tool_calls'") + done,
         R"(0(tool_calls=["a""f""x"][nullnull"y"] finish_reason=tool_calls) => done)"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(told::first_difference(row.body, row.expected), "");
    }
}
