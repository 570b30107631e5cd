// `message` beside or after the `delta`s of a choice: of each choice one of the two counts, so that no text comes twice.
#include "told.hpp"

#include <algorithm>

using told::done;
using told::of_choice;

namespace {

std::string repeated(const std::string& text, size_t bytes) {
    std::string all;
    for (size_t number = 0; all.size() < bytes; ++number) all += text + std::to_string(number) + " ";
    return all;
}

std::string in_order(const std::vector<std::string>& members) {
    std::string joined;
    for (const std::string& member : members) joined += (joined.empty() ? "" : ",") + member;
    return joined;
}

}  // namespace

TEST_CASE("a message says nothing that the deltas of its choice have said") {
    struct Row {
        const char* name;
        std::string body;
        std::string expected;
    };
    const std::string delta = of_choice("'index':0,'delta':{'role':'assistant','content':'Hi'}");
    const Row rows[] = {
        {"a whole answer after the deltas (MiniMax): its finish reason and its counts are taken",
         delta + of_choice("'index':0,'delta':{'content':' you'}") +
             told::event(told::quoted("{'object':'chat.completion','choices':[{'finish_reason':'stop','index':0,"
                                      "'message':{'role':'assistant','content':'Hi you'}}],"
                                      "'usage':{'total_tokens':12,'prompt_tokens':9,'completion_tokens':3}}")) +
             done,
         "0(role=assistant content=Hi you finish_reason=stop) usage(9,3,12,-,-) => done"},
        {"a message before the first delta, in one event",
         of_choice("'message':{'role':'assistant','content':'Hi'},'delta':{'role':'assistant','content':'Hi'},"
                   "'finish_reason':'stop'") +
             done,
         "0(role=assistant content=Hi finish_reason=stop) => done"},
        {"a message alone",
         of_choice("'message':{'role':'assistant','content':'Hi'},'finish_reason':'stop'") + done,
         "0(role=assistant content=Hi finish_reason=stop) => done"},
        {"a message beside a delta that says nothing (Perplexity, not streamed)",
         of_choice("'message':{'role':'assistant','content':'Hi'},'delta':{'role':'assistant','content':''},"
                   "'finish_reason':'stop'") +
             done,
         "0(role=assistant content=Hi finish_reason=stop) => done"},
        {"the same, the delta first",
         of_choice("'delta':{'role':'assistant','content':''},'message':{'role':'assistant','content':'Hi'},"
                   "'finish_reason':'stop'") +
             done,
         "0(role=assistant content=Hi finish_reason=stop) => done"},
        {"deltas that said nothing, and a message after them",
         of_choice("'delta':{'role':'assistant','content':''}") + of_choice("'delta':{}") +
             of_choice("'message':{'content':'Hi'},'finish_reason':'stop'") + done,
         "0(role=assistant content=Hi finish_reason=stop) => done"},
        {"two events with messages: both count",
         of_choice("'message':{'content':'a'}") + of_choice("'message':{'content':'b'},'finish_reason':'stop'") + done,
         "0(content=ab finish_reason=stop) => done"},
        {"reasoning and refusal are not said twice, either",
         of_choice("'delta':{'reasoning_content':'hm','content':'Hi','refusal':'no'}") +
             of_choice("'message':{'reasoning_content':'hm','content':'Hi','refusal':'no'},'finish_reason':'stop'") +
             done,
         "0(reasoning=hm content=Hi refusal=no finish_reason=stop) => done"},
        {"nor are calls",
         of_choice("'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]}") +
             of_choice("'message':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]},"
                       "'finish_reason':'tool_calls'") +
             done,
         R"(0(tool_calls=["a""f""{}"] finish_reason=tool_calls) => done)"},
        {"calls of a message alone",
         of_choice("'message':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':{}}}]},"
                   "'delta':{'tool_calls':[]},'finish_reason':'tool_calls'") +
             done,
         R"(0(tool_calls=["a""f""{}"] finish_reason=tool_calls) => done)"},
        {"parts of a message after deltas, and of a message alone",
         delta + of_choice("'index':0,'message':{'content':[{'text':'Hi'},{'thinking':'hm'}]}") +
             of_choice("'index':1,'message':{'content':[{'text':'Yo'},{'thinking':'hm'}]},'finish_reason':'stop'") +
             done,
         "0(role=assistant content=Hi) 1(reasoning=hm content=Yo finish_reason=stop) => done"},
        {"each choice for itself",
         of_choice("'index':1,'delta':{'content':'b'}") +
             told::event(told::quoted("{'choices':[{'index':0,'message':{'content':'a'},'finish_reason':'stop'},"
                                      "{'index':1,'message':{'content':'b'},'finish_reason':'stop'}]}")) +
             done,
         "1(content=b finish_reason=stop) 0(content=a finish_reason=stop) => done"},
        {"a list of messages, and what is no message",
         of_choice("'index':0,'message':[1,'x'],'finish_reason':'stop'") + of_choice("'index':1,'message':'x'") + done,
         "0(finish_reason=stop) => done"},
        {"texts of the same form as a message that was read are not read as it was",
         of_choice("'message':{'content':'a'}") + of_choice("'delta':{'content':'b'}") +
             of_choice("'message':{'content':'ab'}") + of_choice("'message':{'content':'ab'}") + done,
         "0(content=ab) => done"},
        {"the same with parts",
         of_choice("'message':{'content':[{'text':'a'}]}") + of_choice("'delta':{'content':'b'}") +
             of_choice("'message':{'content':[{'text':'ab'}]}") + done,
         "0(content=ab) => done"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(told::first_difference(row.body, row.expected), "");
    }
}

// All orders of the keys x events below, at and above the size of each buffer x one or two choices.
TEST_CASE("a message beside every delta, in every order of keys and any size") {
    for (const int choices : {1, 2}) {
        for (const bool starts_with_message : {true, false}) {
            for (const size_t bytes : {10u, 200u, 480u, 520u, 1000u, 2000u, 2100u, 6000u}) {
                std::vector<size_t> order = {0, 1, 2, 3};
                do {
                    // The index after something that is delivered at once is late_key for another choice than 0; see
                    // the next test.
                    const size_t index_at = static_cast<size_t>(std::find(order.begin(), order.end(), 0u) - order.begin());
                    const bool is_late = choices == 2 && index_at != 0;
                    if (is_late && bytes > 100) continue;
                    std::string body, expected;
                    for (int choice = 0; choice != choices; ++choice) {
                        std::string all;
                        for (size_t number = 0; number != 3; ++number) {
                            const std::string piece =
                                repeated("w" + std::to_string(number) + "-", number == 0 && !starts_with_message ? 5 : bytes);
                            all += piece;
                            const bool has_message = number != 0 || starts_with_message;
                            const std::string members[] = {
                                "'index':" + std::to_string(choice), "'delta':{'content':'" + piece + "'}",
                                has_message ? "'message':{'content':'" + all + "'}" : "'x':0",
                                number == 2 ? "'finish_reason':'stop'" : "'finish_reason':null"};
                            std::vector<std::string> ordered;
                            for (const size_t at : order) ordered.push_back(members[at]);
                            body += of_choice(in_order(ordered));
                        }
                        expected += std::to_string(choice) + "(content=" + all + " finish_reason=stop) ";
                    }
                    body += done;
                    std::string name = std::to_string(choices) + " choices, " + std::to_string(bytes) + " bytes" +
                                       (starts_with_message ? "" : ", the first without message") + ", order";
                    for (const size_t at : order) name += " " + std::to_string(at);
                    ROW(name);
                    std::string wrong;
                    for (const size_t buffer : told::buffers)
                        for (const size_t step : {size_t{1}, size_t{100}, body.size()}) {
                            if (step == 1 && bytes > 1000) continue;
                            const std::string found =
                                told::answer(buffer, conformance::in_steps(body, step));
                            if (found != expected + "=> done" && wrong.empty())
                                wrong = std::to_string(buffer) + "/" + std::to_string(step) + ": " + found;
                        }
                    CHECK_EQ(wrong, "");
                } while (std::next_permutation(order.begin(), order.end()));
            }
        }
    }
}

// What fills the buffer comes first, so that the event is read in parts, its texts are there all the same, and the index
// may be late.
TEST_CASE("a message beside every delta of two choices, in an event that is read in parts") {
    const std::string padding = "'padding':'" + std::string(3000, 'p') + "'";
    std::vector<size_t> order = {0, 1, 2, 3};
    size_t late = 0, as_it_is = 0;
    do {
        std::string body;
        for (int number = 0; number != 3; ++number) {
            for (int choice = 0; choice != 2; ++choice) {
                const std::string of = std::to_string(choice);
                const std::string members[] = {"'index':" + of, "'delta':{'content':'" + of + "-'}",
                                               "'message':{'content':'" + of + (number != 0 ? "-" + of + "-'}" : "-'}"),
                                               number == 2 ? "'finish_reason':'stop'" : "'finish_reason':null"};
                std::vector<std::string> ordered = {padding};
                for (const size_t at : order) ordered.push_back(members[at]);
                body += of_choice(in_order(ordered));
            }
        }
        body += done;
        std::string name = "order";
        for (const size_t at : order) name += " " + std::to_string(at);
        ROW(name);
        const std::string right = "0(content=0-0-0- finish_reason=stop) 1(content=1-1-1- finish_reason=stop) => done";
        CHECK_EQ(told::answer(16384, {body}), right);
        for (const size_t buffer : {size_t{512}, size_t{2048}}) {
            const std::string found = told::answer(buffer, conformance::in_steps(body, 1));
            const bool is_late = found.find(describe(openai_stream::Error::late_key)) != std::string::npos;
            CHECK((is_late || found == right));
            ++(is_late ? late : as_it_is);
        }
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(as_it_is > late);
}

TEST_CASE("an index after a message that does not fit") {
    const std::string large = repeated("w", 3000);
    struct Row {
        const char* name;
        std::string body;
        std::string expected;
    };
    const Row rows[] = {
        {"both choices have had deltas: it is passed over",
         of_choice("'index':0,'delta':{'content':'a'}") + of_choice("'index':1,'delta':{'content':'b'}") +
             of_choice("'message':{'content':'" + large + "'},'finish_reason':'stop','index':1") + done,
         "0(content=a) 1(content=b finish_reason=stop) => done"},
        {"only the choice that it seemed to be has: it is late, not lost",
         of_choice("'index':0,'delta':{'content':'a'}") +
             of_choice("'message':{'content':'" + large + "'},'finish_reason':'stop','index':1") + done,
         std::string("0(content=a) => ") + describe(openai_stream::Error::late_key)},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(told::answer(512, {row.body}), row.expected);
        CHECK_EQ(told::answer(2048, conformance::in_steps(row.body, 1)), row.expected);
    }
    ROW("in a buffer that it fits into each choice is as it should be");
    CHECK_EQ(told::answer(16384, {rows[1].body}),
             "0(content=a) 1(content=" + large + " finish_reason=stop) => done");
}
