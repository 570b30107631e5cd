// Chunks that do not fit into the buffer, case by case: what leaves before its object has ended, and what may come
// after it.
#include "told.hpp"

#include <algorithm>

using conformance::in_steps;
using told::Error;
using told::of_choice;

namespace {

const std::string filler(600, 'x');  // more than the buffer holds
std::string padded(const std::string& members) {
    return told::event(told::quoted("{'padding':'" + filler + "','choices':[{" + members + "}]}"));
}

}  // namespace

TEST_CASE("what is said in a chunk that does not fit, and what is late then") {
    struct Row {
        const char* name;
        std::string body;
        std::string expected;  // "x*" stands for the filler
    };
    const Row rows[] = {
        {"of two keys for a text that are too long the first is told",
         of_choice("'delta':{'reasoning_content':'" + filler + "','reasoning':'" + filler + "','content':'Hi'}"),
         "0(reasoning=x* content=Hi) => "},
        {"a call's index after its arguments",
         of_choice("'delta':{'tool_calls':[{'function':{'arguments':'" + filler + "'},'index':1}]}"),
         "0(tool_calls=[nullnull\"x*\"]) => " + std::string(describe(Error::late_key))},
        {"the index that was known",
         of_choice("'delta':{'tool_calls':[{'index':1,'id':'a','function':{'arguments':'" + filler + "'},'index':1}]}"),
         "0(tool_calls=[\"a\"null\"x*\"]) => "},
        {"an index after a message of a choice that has had deltas",
         of_choice("'index':1,'delta':{'content':'Hi'}") + padded("'message':{'content':'Hi'},'index':1"),
         "1(content=Hi) => "},
        {"details of a reasoning that has left",
         of_choice("'delta':{'reasoning':'" + filler + "','reasoning_details':[{'text':'again'}],'content':'Hi'}"),
         "0(reasoning=x* content=Hi) => "},
        {"an empty list of details says nothing, so that another key is told",
         padded("'delta':{'reasoning_details':[],'reasoning':'hm'}"), "0(reasoning=hm) => "},
        {"details, and the same by another key after them",
         padded("'delta':{'reasoning_details':[{'text':'hm'}],'reasoning':'hm'}"), "0(reasoning=hm) => "},
        {"arguments as an object after arguments that have left",
         of_choice("'delta':{'tool_calls':[{'index':0,'function':{'arguments':'" + filler + "','input':{'a':1}}}]}"),
         "0(tool_calls=[nullnull\"x*\"]) => "},
        {"the same, too long",
         of_choice("'delta':{'tool_calls':[{'index':0,'function':{'arguments':'" + filler + "','input':{'a':'" + filler +
                   "'}}}]}"),
         "0(tool_calls=[nullnull\"x*\"]) => "},
        {"choices of any number: those from 31 on end together",
         of_choice("'index':40,'delta':{'content':'a'}") + of_choice("'index':30,'delta':{'content':'b'}") +
             of_choice("'index':50,'delta':{},'finish_reason':'stop'") + of_choice("'index':30,'delta':{},'finish_reason':'stop'") +
             told::done,
         "40(content=a) 30(content=b finish_reason=stop) 50(finish_reason=stop) => done"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string expected = row.expected;
        if (expected.size() > 3 && expected.compare(expected.size() - 3, 3, "=> ") == 0)
            expected += describe(Error::truncated);
        for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, row.body.size()}) {
            std::string found = told::answer(512, in_steps(row.body, step));
            for (size_t at; (at = found.find(filler)) != std::string::npos;) found.replace(at, filler.size(), "x*");
            CHECK_MESSAGE(found == expected, "in steps of ", step, ": ", found);
        }
    }
}
