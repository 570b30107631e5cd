// What in a stream is an error, and what only looks like one: every chunk of some servers carries `error`, `code`,
// `base_resp` or `message` that say nothing.
#include "told.hpp"

#include <algorithm>
#include <cstring>

using told::done;
using told::event;
using told::quoted;

namespace {

std::string joined(const std::vector<std::string>& members) {
    std::string all;
    for (const std::string& member : members) all += (all.empty() ? "" : ",") + member;
    return "{" + all + "}";
}

}  // namespace

TEST_CASE("what a code, a type or a message says of success") {
    using namespace openai_stream::dialect;
    struct Row {
        const char* word;
        ErrorSign sign;
    };
    const Row rows[] = {
        {"200", says_success}, {"299", says_success}, {"0", says_success},   {"OK", says_success}, {"Success", says_success},
        {"2xx", says_failure}, {"20x", says_failure}, {"300", says_failure}, {"20", says_failure}, {"2000", says_failure},
        {"", says_nothing},    {"None", says_nothing}, {"null", says_nothing}, {"No error", says_nothing},
        {"no errors", says_failure},
    };
    for (const Row& row : rows) {
        ROW(row.word);
        CHECK_EQ(meaning_of_error({row.word, std::strlen(row.word)}), row.sign);
    }
}

TEST_CASE("a good chunk stays one whatever stands beside its choices") {
    const char* const harmless[] = {
        "'error':''", "'error':{}", "'error':[]", "'error':false", "'error':null", "'error':0",
        "'error':{'message':'','type':'','param':null,'code':null}", "'error':{'code':0,'details':[]}", "'error':[{}]",
        "'detail':''", "'detail':null", "'detail':{}", "'detail':'low'", "'detail':[{'msg':'x'}]",
        "'error_message':''", "'error_message':null",
        "'errors':[]", "'errors':null", "'errors':{}", "'errors':['x']",
        "'code':0,'msg':'ok'", "'code':200,'message':'success'", "'code':'ok','message':''", "'code':1,'message':'note'",
        "'message':'note'", "'message':{'role':'assistant','content':'x'}", "'msg':''", "'Message':'x','Code':'y'",
        "'type':'error'", "'error_code':0,'error_msg':''", "'object':'chat.completion.chunk'",
        "'base_resp':{'status_code':0,'status_msg':''}", "'base_resp':{'status_code':0,'status_msg':'success'}",
        "'base_resp':{}", "'base_resp':null", "'base_resp':{'status_code':'0'}", "'x_groq':{'id':'r','error':null}",
        "'x_groq':{'error':''}", "'status':'error','success':false",
        "'error_message':'No error'", "'error':'none'", "'error':'None'", "'error':'null'",
        "'error':{'code':'none','message':'No error'}", "'error':{'code':0,'message':'success','trace_id':'t'}",
        "'error':{'trace_id':'t','message':'Success','code':'200','data':{'a':[1]}}", "'status_code':20000", "'status_code':1,'status_msg':'done'",
    };
    for (const char* const member : harmless) {
        for (const bool is_first : {false, true}) {
            ROW(std::string(member) + (is_first ? " before" : " after") + " the choices");
            const std::string choices = "'choices':[{'index':0,'delta':{'content':'Hi'},'finish_reason':'stop'}]";
            const std::string chunk = quoted(is_first ? joined({member, choices}) : joined({choices, member}));
            CHECK_EQ(told::first_difference(event(chunk) + done, "0(content=Hi finish_reason=stop) => done"), "");
        }
    }
}

TEST_CASE("without choices, too, what says nothing or that all is well is no error") {
    const char* const harmless[] = {
        "'error':''", "'error':{}", "'detail':''", "'errors':[]", "'code':0,'msg':'no error'", "'code':200,'msg':'ok'",
        "'code':'0','message':'x'", "'code':204,'message':'x'", "'code':'Success','message':'x'", "'message':'x'",
        "'code':7", "'code':7,'message':''", "'code':7,'message':'OK'", "'code':7,'message':{'content':'x'}",
        "'type':'ping'", "'type':'error'", "'base_resp':{'status_code':0,'status_msg':'x'}",
        "'base_resp':{'status_msg':'x'}", "'base_resp':{'status_code':200,'status_msg':'success'}",
        "'choices':[],'usage':{'total_tokens':1},'code':7,'message':'x'", "'choices':[],'error':{}",
        "'error':'none'", "'id':'c','object':'chat.completion.chunk','choices':[],'detail':'cache miss'",
        "'detail':'cache miss','object':'chat.completion.chunk'",
        "'type':'status','detail':'searching'", "'detail':{'step':'searching'},'type':'progress'",
        "'type':'status','detail':['searching'],'errors':[]", "'type':'status','detail':'searching','done':false",
        "'error':{'code':0,'message':'success','trace_id':'t'}", "'error':{'trace_id':'t','code':'0','message':'x'}",
        "'error':{'message':'success','code':200,'type':'','param':null,'x':{'y':[1]}}",
        "'error':{'x':true,'message':'Success','code':'ok'}", "'error':[{'code':'success','trace_id':'t'}]",
        "'errors':{'code':0,'message':'success'}", "'detail':{'code':'200','msg':'done'}",
        "'error':{'code':'Success','type':'success','message':'fine','id':'t'}",
    };
    for (const char* const member : harmless) {
        ROW(member);
        const std::string body =
            event(quoted("{'choices':[{'delta':{'content':'Hi'},'finish_reason':'stop'}]}")) +
            event(quoted("{" + std::string(member) + "}")) + done;
        const bool has_usage = std::strstr(member, "usage") != nullptr;
        const std::string usage = has_usage ? "usage(-,-,1,-,-) " : "";
        CHECK_EQ(told::first_difference(body, "0(content=Hi finish_reason=stop) " + usage + "=> done"), "");
    }
}

// Each way to say it, with its members in every order, alone and after text, and larger than the small buffers.
TEST_CASE("what is an error, in every order of its members and of any size") {
    struct Row {
        std::vector<std::string> members;
        std::string expected;  // code: message
    };
    const Row rows[] = {
        {{"'error':'busy'"}, ": busy"},
        {{"'error':503"}, ": 503"},
        {{"'error':['busy','x']"}, ": busy"},
        {{"'error':{'message':'busy','code':503,'type':'t'}"}, "503: busy"},
        {{"'error':{'error':{'message':'busy','code':'c'}}"}, "c: busy"},
        {{"'error':{'message':{'msg':'busy'},'code':1}"}, "1: busy"},
        {{"'error':{'detail':[{'loc':['body'],'msg':'busy'}]}"}, ": busy"},
        {{"'code':'Throttled'", "'message':'busy'", "'request_id':'r'"}, "Throttled: busy"},
        {{"'code':401", "'msg':'busy'", "'data':null"}, "401: busy"},
        {{"'Code':'Throttled'", "'Message':'busy'"}, "Throttled: busy"},
        {{"'error_code':17", "'error_msg':'busy'", "'id':'x'"}, "17: busy"},
        {{"'type':'error'", "'message':'busy'", "'code':null"}, ": busy"},
        {{"'object':'error'", "'message':'busy'", "'code':400"}, "400: busy"},
        {{"'errors':[{'code':10000,'message':'busy'},{'code':2,'message':'also'}]", "'success':false", "'messages':[]"},
         "10000: busy"},
        {{"'errors':['busy']"}, ": busy"},
        {{"'detail':'busy'"}, ": busy"},
        {{"'detail':[{'loc':['body','model'],'msg':'busy','type':'missing'}]"}, ": busy"},
        {{"'detail':{'msg':'busy','code':3}"}, "3: busy"},
        {{"'choices':null", "'error_message':'busy'", "'error_type':'t'"}, ": busy"},
        {{"'choices':[]", "'base_resp':{'status_code':1008,'status_msg':'busy'}", "'usage':{'total_tokens':0}"},
         "1008: busy"},
        {{"'base_resp':{'status_msg':'busy','status_code':1008}"}, "1008: busy"},
        {{"'choices':[]", "'code':429", "'message':'busy'"}, "429: busy"},
        {{"'choices':[]", "'detail':'busy'"}, ": busy"},
        {{"'status_code':500", "'status_msg':'busy'"}, "500: busy"},
        {{"'object':'chat.completion.chunk'", "'code':500", "'message':'busy'"}, "500: busy"},
        {{"'object':'chat.completion.chunk'", "'error':'busy'"}, ": busy"},
        {{"'x_groq':{'id':'r','error':'busy'}", "'choices':[]"}, ": busy"},
        {{"'message':'busy now'", "'error':'busy'", "'status':429"}, ": busy now"},
        {{"'error':{'code':0,'message':'busy','type':'server_error'}"}, ": busy"},
        {{"'error':{'type':'overloaded','message':'busy','code':'200'}"}, ": busy"},
        {{"'error':{'code':0,'message':'x','errors':[{'code':9,'message':'busy'}]}"}, "9: busy"},
        {{"'errors':[{'code':0,'message':'ok'},{'code':9,'message':'busy'}]"}, "9: busy"},
        {{"'error':{'code':'none','message':'busy'}"}, ": busy"},
        {{"'error':{'code':'','message':'busy','status':'ok'}"}, ": busy"},
        {{"'type':'error'", "'detail':'busy'"}, ": busy"},
        {{"'type':'invalid_request_error'", "'detail':'busy'"}, ": busy"},
        {{"'type':'about:blank'", "'detail':'busy'", "'status':503"}, ": busy"},
        {{"'type':'status'", "'error':'busy'"}, ": busy"},
        {{"'type':'status'", "'code':503", "'message':'busy'"}, "503: busy"},
    };
    const std::string padding = "'padding':'" + std::string(2500, 'p') + "'";
    for (const Row& row : rows) {
        std::vector<std::string> members = row.members;
        std::sort(members.begin(), members.end());
        do {
            ROW(joined(members));
            std::vector<std::string> padded = members;
            padded.push_back(padding);
            std::vector<std::string> padded_before = members;
            padded_before.insert(padded_before.begin(), padding);
            for (const std::vector<std::string>& list : {members, padded, padded_before}) {
                const std::string failure = event(quoted(joined(list)));
                const bool has_usage = failure.find("usage") != std::string::npos;
                const std::string usage = has_usage ? "usage(-,-,0,-,-) " : "";
                CHECK_EQ(told::first_difference(failure, usage + "=> refused " + row.expected), "");
                CHECK_EQ(told::first_difference(event(quoted("{'choices':[{'delta':{'content':'Hi'}}]}")) + failure,
                                                "0(content=Hi) " + usage + "=> refused " + row.expected),
                         "");
            }
        } while (std::next_permutation(members.begin(), members.end()));
    }
}

TEST_CASE("the time to wait that stands in an error") {
    struct Row {
        const char* error;
        int64_t retry_after_ms;
    };
    const Row rows[] = {
        {"{'message':'m','headers':{'retry-after':'300'}}", 300000},
        {"{'headers':{'retry-after':1.5,'x':'y'},'message':'m'}", 2000},
        {"{'message':'m','headers':{'Retry-After':'2'}}", 2000},
        {"{'message':'m','headers':{'retry-after-ms':'2'}}", 2},
        {"{'message':'m','retry_after':20}", 20000},
        {"{'message':'m','headers':{'retry-after':'soon'}}", -1},
        {"{'message':'m','headers':{'retry-after':'-1'}}", -1},
        {"{'message':'m','headers':null}", -1},
        {"'m'", -1},
    };
    for (const Row& row : rows) {
        ROW(row.error);
        for (const bool is_event : {false, true}) {
            for (const size_t step : {size_t{1}, size_t{1000}}) {
                char memory[512];
                openai_stream::Exchange exchange(memory);
                REQUIRE(exchange.begin_body(openai_stream::Api::chat, is_event ? 200 : 429, "") ==
                        openai_stream::Error::none);
                const std::string text = quoted("{'error':" + std::string(row.error) + "}");
                const std::string body = is_event ? "event: error\ndata: " + text + "\n\n" : text;
                conformance::feed(exchange, conformance::in_steps(body, step), [](const openai_stream::Event&) {});
                CHECK_EQ(exchange.failure().retry_after_ms, row.retry_after_ms);
                CHECK_EQ(std::string(exchange.failure().message), "m");
            }
        }
    }
}

TEST_CASE("counts are put together over the events of an answer") {
    struct Row {
        const char* name;
        std::string body;
        std::string expected;
    };
    const std::string stop = event(quoted("{'choices':[{'finish_reason':'stop'}]}"));
    const Row rows[] = {
        {"in two events",
         event(quoted("{'choices':[],'usage':{'prompt_tokens':7}}")) +
             event(quoted("{'choices':[],'usage':{'completion_tokens':2}}")),
         "usage(7,2,-,-,-) => done"},
        {"zeros after what was known",
         event(quoted("{'choices':[],'usage':{'prompt_tokens':7,'total_tokens':9}}")) +
             event(quoted("{'choices':[],'usage':{'prompt_tokens':0,'completion_tokens':2,'total_tokens':0}}")),
         "usage(7,2,9,-,-) => done"},
        {"zeros before it", event(quoted("{'choices':[],'usage':{'total_tokens':0}}")) +
                                event(quoted("{'choices':[],'usage':{'total_tokens':9}}")), "usage(-,-,9,-,-) => done"},
        {"growing", event(quoted("{'choices':[],'usage':{'total_tokens':5}}")) +
                        event(quoted("{'choices':[],'usage':{'total_tokens':9}}")), "usage(-,-,9,-,-) => done"},
        {"only in x_groq", event(quoted("{'choices':[],'x_groq':{'usage':{'prompt_tokens':7,'completion_tokens':2,"
                                        "'total_tokens':9}}}")), "usage(7,2,9,-,-) => done"},
        {"in both places, which agree",
         event(quoted("{'choices':[],'usage':{'total_tokens':9},'x_groq':{'usage':{'total_tokens':9}}}")),
         "usage(-,-,9,-,-) => done"},
        {"details and counts apart",
         event(quoted("{'usage':{'prompt_tokens':3,'prompt_tokens_details':{'cached_tokens':2}}}")) +
             event(quoted("{'usage':{'completion_tokens_details':{'reasoning_tokens':1},'prompt_tokens':null}}")),
         "usage(3,-,-,2,1) => done"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(told::first_difference(row.body + done, row.expected), "");
        CHECK_EQ(told::first_difference(stop + row.body + done, "0(finish_reason=stop) " + row.expected), "");
    }
}
