// Texts that come as numbers, or as true and false.
#include "told.hpp"

using openai_stream::Quirk;
using told::done;
using told::of_choice;

TEST_CASE("a text that is a number or a word of JSON is its digits or that word") {
    struct Row {
        const char* name;
        std::string body;
        std::string expected;
    };
    const Row rows[] = {
        {"numbers among strings (Cloudflare)",
         of_choice("'delta':{'content':'$'}") + of_choice("'delta':{'content':0}") + of_choice("'delta':{'content':'.'}") +
             of_choice("'delta':{'content':5},'finish_reason':'stop'") + done,
         "0(content=$0.5 finish_reason=stop) => done"},
        {"as it was written", of_choice("'delta':{'content':-1.50E+2}") + done, "0(content=-1.50E+2) => done"},
        {"true and false", of_choice("'delta':{'content':true}") + of_choice("'delta':{'content':false, 'x':1}") +
             of_choice("'delta':{'content':true ,'x':1}") + done, "0(content=truefalsetrue) => done"},
        {"a word before the other members", of_choice("'delta':{'content':false,'role':'r'},'finish_reason':'stop'") + done,
         "0(role=r content=false finish_reason=stop) => done"},
        {"null is no text", of_choice("'delta':{'content':null}") + of_choice("'delta':{'content':1}") + done,
         "0(content=1) => done"},
        {"of a message", of_choice("'message':{'content':42}") + done, "0(content=42) => done"},
        {"of legacy completions", of_choice("'text':7") + of_choice("'text':false") + done, "0(content=7false) => done"},
        {"of parts", of_choice("'delta':{'content':[{'text':1},{'text':true},{'text':'x'}]}") + done,
         "0(content=1truex) => done"},
        {"reasoning and refusals: numbers; true and false are marks there, not words",
         of_choice("'delta':{'reasoning_content':3,'refusal':4}") + of_choice("'delta':{'reasoning':true,'refusal':false}") +
             done,
         "0(reasoning=3 refusal=4) => done"},
        {"arguments in pieces",
         of_choice("'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':1}}]}") + done,
         R"(0(tool_calls=["a""f""1"]) => done)"},
        {"a text of the same form is read as it is",
         of_choice("'delta':{'content':'a'}") + of_choice("'delta':{'content':1}") + of_choice("'delta':{'content':'b'}") +
             of_choice("'delta':{'content':2}") + of_choice("'delta':{'content':2}") + of_choice("'delta':{'content':'c'}") +
             done,
         "0(content=a1b22c) => done"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(told::first_difference(row.body, row.expected), "");
    }
}

TEST_CASE("scalars in events that do not fit, before and after what fills the buffer") {
    const std::string padding = "'padding':'" + std::string(3000, 'p') + "'";
    const std::string digits(3000, '7');
    for (const std::string& scalar : {std::string("5"), std::string("-0.25"), std::string("true"), std::string("false"), digits}) {
        for (const std::string& delta : {"'content':" + scalar + "," + padding, padding + ",'content':" + scalar,
                                         padding + ",'content':" + scalar + ",'z':0"}) {
            ROW(scalar.substr(0, 10) + " in " + delta.substr(0, 30));
            const std::string body = of_choice("'index':0,'delta':{" + delta + "},'finish_reason':'stop'") + done;
            CHECK_EQ(told::first_difference(body, "0(content=" + scalar + " finish_reason=stop) => done"), "");
        }
    }
}

TEST_CASE("they are counted") {
    char memory[512];
    openai_stream::Exchange exchange(memory);
    REQUIRE(exchange.begin_body(openai_stream::Api::chat, 200, "") == openai_stream::Error::none);
    const std::string body = of_choice("'delta':{'content':5}") + of_choice("'delta':{'content':'a'}") +
                             of_choice("'delta':{'content':true}") + of_choice("'delta':{'content':" + std::string(600, '1') + "}");
    conformance::feed(exchange, {body}, [](const openai_stream::Event&) {});
    ROW("each of them once, also one that comes in pieces");
    CHECK_EQ(exchange.quirks().count(Quirk::scalar_text), 3);
}
