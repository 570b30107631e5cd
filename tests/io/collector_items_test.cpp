// The Collector on the Responses API: which parts belong to which output item, and when they are finished.
#include "io/collector_rows.hpp"
#include "support/tally.hpp"

using namespace collected_tests;

TEST_CASE("output items of the Responses API") {
    for (const ItemRow& row : item_rows()) {
        ROW(row.name);
        char memory[4096];
        Collector message(memory);
        std::string when;
        for (const Event& event : row.events) {
            CHECK(message.add(event) == Error::none);
            if (event.kind != EventKind::output_item_done) continue;
            when += (when.empty() ? "" : " ") + collected_tests::shown(message.just_finished());
        }
        message.end(Verdict::terminal_event);
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
                for (const Kept& kept : events_of(row.body, step, buffer, &verdict, oai::Api::responses)) {
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

TEST_CASE("a custom tool's input can be run only if the server has said that its item is complete") {
    const std::string input = "'item_id':'ct_1','output_index':0,";
    const std::string begun = created +
        says("response.output_item.added",
             "'output_index':0,'item':{'id':'ct_1','type':'custom_tool_call','call_id':'a','name':'sh','input':''}") +
        says("response.custom_tool_call_input.delta", input + "'delta':'rm -rf /tmp/x'");
    const auto ended = [](const std::string& status) {
        return says("response.output_item.done",
                    "'output_index':0,'item':{'id':'ct_1','type':'custom_tool_call','call_id':'a','name':'sh','input':"
                    "'rm -rf /tmp/x'" + status + "}");
    };
    const std::string cut = says("response.incomplete", "'response':{'id':'resp_1','status':'incomplete',"
                                                        "'incomplete_details':{'reason':'max_output_tokens'}}");
    struct Row {
        const char* name;
        std::string body;
        bool can_run;
    };
    const Row rows[] = {
        {"complete", begun + ended(",'status':'completed'") + completed, true},
        {"complete, and the server does not say so in the item", begun + ended("") + completed, true},
        {"complete, and another item was cut", begun + ended(",'status':'completed'") + cut, true},
        {"incomplete", begun + ended(",'status':'incomplete'") + cut, false},
        {"still in progress", begun + ended(",'status':'in_progress'") + cut, false},
        {"no end of the item, and the answer was cut", begun + cut, false},
        {"no end of the item, and the answer is complete", begun + completed, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t buffer : {size_t{16 * 1024}, size_t{1024}})
            for (const size_t step : {SIZE_MAX, size_t{1}}) {
                char memory[4096];
                Collector message(memory);
                Verdict verdict = Verdict::still_open;
                for (const Kept& kept : events_of(row.body, step, buffer, &verdict, oai::Api::responses))
                    message.add(kept.event());
                message.end(verdict);
                CHECK_EQ(collected_tests::shown(message.parts()), "call(a,sh,custom,rm -rf /tmp/x)");
                for (const oai::MessagePart& call : message.tool_calls()) CHECK_EQ(call.can_run(), row.can_run);
            }
    }
}
