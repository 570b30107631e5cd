// Events of the Responses API that do not fit into the buffer, and odd ones: what leaves before its event has ended,
// and what must then agree with it.
#include "io/responses_support.hpp"

using namespace responses;

namespace {

const std::string filler(900, 'x');  // more than the smallest buffer holds

// "~" stands for the filler.
std::string filled(std::string text) {
    for (size_t at = 0; (at = text.find('~', at)) != std::string::npos; at += filler.size())
        text.replace(at, 1, filler);
    return text;
}
std::string without_filler(std::string text) {
    for (size_t at = 0; (at = text.find(filler, at)) != std::string::npos; ++at) text.replace(at, filler.size(), "~");
    return text;
}

struct Row {
    const char* name;
    std::vector<const char*> events;  // the data of each
    const char* expected;
};

void check(const Row& row, size_t buffer_bytes) {
    ROW(row.name);
    std::string body;
    for (const char* const event : row.events) body += as_event(filled(event));
    for (const size_t step : {size_t{1}, size_t{61}, body.size()}) {
        const std::string found = without_filler(whole(read(buffer_bytes, body, step)));
        CHECK_MESSAGE(found == row.expected, "in steps of ", step, ": ", found);
    }
}

}  // namespace

TEST_CASE("what leaves before its event has ended") {
    const Row rows[] = {
        {"arguments as an object, after their call",
         {R"({"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call",)"
          R"("call_id":"c","name":"g","arguments":{"a":"~"}}})"},
         "started; item@0(function_call) of f; tool_call@0(function) id=c name=g of f; "
         "tool_arguments@0({\"a\":\"~\"}) of f; item_done@0(function_call) of f"},
        {"a text before its type, where nothing before tells of what it is",
         {R"({"delta":"Hi","padding":"~","type":"response.output_text.delta","item_id":"m"})"},
          "started; text(Hi) of m"},
        {"what a shell printed, twice",
         {R"({"type":"response.shell_call_output_content.delta","item_id":"s","output_index":0,)"
          R"("command_index":0,"delta":{"stdout":"~","stderr":"e"}})",
          R"({"type":"response.shell_call_output_content.delta","item_id":"s","output_index":0,)"
          R"("command_index":0,"delta":{"stdout":"~","stderr":"f"}})"},
         "started; command_output@0.0(~) name=stdout of s; command_output@0.0(e) name=stderr of s; "
         "command_output@0.0(~) name=stdout of s; command_output@0.0(f) name=stderr of s"},
        {"a part of a type that nobody knows",
         {R"({"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,"part":{)"
          R"("type":"weird","text":"~"}})"},
         "other@0.0 name=response.content_part.done of m"},
        {"a part without a type, of an item that nobody knows",
         {R"({"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"weird","content":[{)"
          R"("text":"~"}]}})"},
         "started; item@0(weird) of m; item_done@0(weird) of m"},
        {"a part without a type, of a call",
         {R"({"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call",)"
          R"("content":[{"text":"~"}]}})"},
         "started; item@0(function_call) of f; tool_call@0(function) of f; item_done@0(function_call) of f"},
        {"a part before its event's type",
         {R"({"item_id":"m","output_index":0,"content_index":0,"part":{"text":"~"},)"
          R"("type":"response.content_part.done"})"}, "started; text@0.0(~) of m; other@0.0 "
          "name=response.content_part.done of m"},
        {"code that was said in pieces, and again before its type",
         {R"({"type":"response.code_interpreter_call_code.delta","item_id":"i","output_index":0,"delta":"print"})",
          R"({"item_id":"i","output_index":0,"code":"~","type":"response.code_interpreter_call_code.done"})"},
          "started; code@0(print) of i; other@0 name=response.code_interpreter_call_code.done of i"},
        {"a refusal after a text, where no part is said",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"Hi"})",
          R"({"type":"response.refusal.delta","item_id":"m","output_index":0,"delta":"~"})"},
          "started; text@0.0(Hi) of m; refusal@0(~) of m"},
        {"the first text of an item that was announced, where no part is said, and then its end",
         {R"({"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message"}})",
          R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"~"})",
          R"({"type":"response.output_text.done","item_id":"m","output_index":0,"text":"~"})"},
          "started; item@0(message) of m; text@0.0(~) of m; other@0.0 name=response.output_text.done of m"},
        {"the first text of an item that is not, and its end",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"~"})",
          R"({"type":"response.output_text.done","item_id":"m","output_index":0,"text":"x"})"},
          "started; text@0.0(~) of m; other@0.0 name=response.output_text.done of m"},
        {"a text of an event that never says its type",
         {R"({"item_id":"m","output_index":0,"text":"~"})"}, "started; text@0.0(~) of m; the answer is neither "
          "an event stream nor JSON; unknown 1"},
        {"a piece of an item that was forgotten",
         {R"({"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"message"}})",
          R"({"type":"response.output_item.added","output_index":1,"item":{"id":"b","type":"message"}})",
          R"({"type":"response.output_item.added","output_index":2,"item":{"id":"c","type":"message"}})",
          R"({"type":"response.output_item.added","output_index":3,"item":{"id":"d","type":"message"}})",
          R"({"type":"response.output_item.added","output_index":4,"item":{"id":"e","type":"message"}})",
          R"({"type":"response.output_item.added","output_index":5,"item":{"id":"g","type":"message"}})",
          R"({"type":"response.output_text.delta","item_id":"z","output_index":0,"delta":"~"})"},
          "started; item@0(message) of a; item@1(message) of b; item@2(message) of c; item@3(message) of d; "
          "item@4(message) of e; item@5(message) of g; text@0.0(~) of z"},
        {"two texts for one",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"~",)"
          R"("text":"y~"})"}, "started; text@0.0(~) of m"},
        {"a part's type after its text, which is another one",
         {R"({"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,"part":{)"
          R"("text":"~","type":"reasoning_text"}})"},
         "started; text@0.0(~) of m; a key came too late and contradicts text already delivered"},
        {"a part's type after its text",
         {R"({"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,"part":{)"
          R"("text":"~","type":"output_text"}})"},
         "started; text@0.0(~) of m; other@0.0 name=response.content_part.done of m"},
        {"a part that is none, after a text that has left",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"~",)"
          R"("content_index":-1})"}, "started; text@0.0(~) of m; a key came too late and contradicts text "
          "already delivered"},
        {"a part after a text that has left, where one before said none",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"a"})",
          R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"~",)"
          R"("content_index":0})"}, "started; text@0(a) of m; text@0(~) of m; a key came too late and "
          "contradicts text already delivered"},
        {"the same, which is no part",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"a"})",
          R"({"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"~",)"
          R"("content_index":-1})"}, "started; text@0(a) of m; text@0(~) of m"},
        {"a part of arguments, which have none",
         {R"({"type":"response.function_call_arguments.delta","item_id":"f","output_index":0,"delta":"~",)"
          R"("content_index":3})"}, "started; tool_arguments@0(~) of f"},
        {"sources of an error",
         {R"({"error":{"code":"c","message":"m"},"padding":"~","item":{"type":"message","content":[{)"
          R"("annotations":[{"type":"t","url":"u"}]}]}})"},
         "refused {\"code\":\"c\",\"message\":\"m\",\"param\":null,\"type\":null}"},
    };
    for (const Row& row : rows) check(row, openai_stream::min_buffer_bytes);
}

TEST_CASE("what is odd, and what it comes to") {
    const Row rows[] = {
        {"an item's lists beside the answer's end",
         {R"({"type":"response.completed","response":{"id":"q","status":"completed"},"item":{"id":"m",)"
          R"("type":"message","content":[{"type":"output_text","text":"A"}]}})"},
         "started; finish name=completed reason=1; the end"},
        {"an item's lists beside a text as a whole",
         {R"({"type":"response.output_text.done","item":{"id":"m","type":"message","content":[{"text":"B"}]},)"
          R"("item_id":"m","text":"A"})"},
         "started; text(A) of m; other name=response.output_text.done of m"},
        {"an error that is true", {R"({"type":"response.queued","error":true})"},
         "other name=response.queued; refused {\"code\":null,\"message\":null,\"param\":null,\"type\":null}"},
        {"one that is false", {R"({"type":"response.queued","error":false})"}, "other name=response.queued"},
        {"arguments as an object once more",
         {R"({"type":"response.function_call_arguments.delta","item_id":"f","output_index":0,"delta":"{}"})",
          R"({"type":"response.output_item.done","output_index":0,"item":{"id":"f","type":"function_call",)"
          R"("call_id":"c","name":"g","arguments":{}}})"}, "started; tool_arguments@0({}) of f; "
          "item@0(function_call) of f; tool_call@0(function) id=c name=g of f; item_done@0(function_call) of f"},
        {"of several errors the first", {R"({"type":"error","errors":[{"message":"a"},{"message":"b"}]})"},
         "refused {\"code\":null,\"message\":\"a\",\"param\":null,\"type\":null}"},
        {"a list of events", {R"([{"type":"response.output_text.delta","item_id":"m","delta":"a"}])"},
         "started; text(a) of m"},
        {"a list in the list of items",
         {R"({"type":"response.completed","response":{"output":[[{"id":"m","type":"message"}]]}})"},
          "started; finish name=completed reason=1; the end"},
        {"a list in the list of sources",
         {R"({"type":"response.output_item.done","item":{"id":"m","type":"message","content":[{)"
          R"("type":"output_text","text":"A","annotations":[[{"type":"t","url":"u"}]]}]}})"},
          "started; item(message) of m; text.0(A) of m; item_done(message) of m"},
        {"the name of an event beside that of its item", {R"({"type":"response.output_text.delta","item_id":"m",)"
         R"("id":"e","delta":"a"})"}, "started; text(a) of m"},
        {"an id whose hash is 0 is an id",
         {R"({"type":"response.output_text.delta","item_id":"m","delta":"a"})",
          R"({"type":"response.output_text.done","item_id":"msg_aa10axi","text":"b"})"},
         "started; text(a) of m; text(b) of msg_aa10axi; other name=response.output_text.done of msg_aa10axi"},
        {"a number that is a string",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":"7","delta":"a"})"},
          "started; text(a) of m"},
        {"numbers that are too large, or negative, or no place",
         {R"({"type":"response.output_text.delta","item_id":"m","output_index":99999999999,"content_index":-1,)"
          R"("sequence_number":1e300,"id":5,"delta":"a"})"}, "started; text(a) of m"},
        {"a source beside an error says nothing",
         {R"({"error":{"type":"t","code":"c","message":"m"},"annotation":{"type":"url_citation","url":"u"}})"},
          "refused {\"code\":\"c\",\"message\":\"m\",\"param\":null,\"type\":\"t\"}"},
        {"nor does how far an item has come",
         {R"({"error":{"param":"p","message":"m"},"item":{"id":"i","status":"failed"}})"},
          "refused {\"code\":null,\"message\":\"m\",\"param\":\"p\",\"type\":null}"},
        {"an error whose status is a number", {R"({"error":{"status_code":500,"message":"m"}})"},
         "refused {\"code\":\"500\",\"message\":\"m\",\"param\":null,\"type\":null}"},
    };
    for (const Row& row : rows) check(row, 4096);
}

TEST_CASE("an error event that is no object, of any size") {
    for (const size_t bytes : {openai_stream::min_buffer_bytes, size_t{4096}}) {
        for (const std::string& words : {std::string("no"), filler}) {
            const std::string body = as_event("\"" + words + "\"", "error");
            for (const size_t step : {size_t{1}, body.size()}) {
                const Story story = read(bytes, body, step);
                CHECK_EQ(story.broken, "");
                CHECK(story.error == Error::server_error);
                const std::string said = story.failure.at("message");
                CHECK(!said.empty());
                CHECK_EQ(said, words.substr(0, said.size()));
                if (words == "no" || bytes == 4096) CHECK_EQ(said, words);
            }
        }
    }
}

TEST_CASE("places that are too large are the last one") {
    std::string items, parts;
    for (unsigned count = 0; count != 32770; ++count) items += "{},", parts += "{},";
    const std::string item = R"({"id":"m","type":"message","content":[{}]})";
    const Story many = read(256 * 1024, as_event(R"({"type":"response.completed","response":{)"
     R"("output":[)" + items + item + "]}}"));
    CHECK_EQ(many.broken, "");
    REQUIRE(many.lines.size() > 2);
    CHECK_EQ(many.lines[many.lines.size() - 2], "item_done@32767");
    const std::string part = R"({"type":"output_text","text":"z"})";
    const Story long_item = read(256 * 1024, as_event(R"({"type":"response.output_item.done","output_index":0,)"
     R"("item":{"id":"m",)"
                                                      R"("type":"message","content":[)" + parts + part + "]}}"));
    CHECK_EQ(whole(long_item), "started; item@0(message) of m; text@0.32767(z) of m; item_done@0(message) of m");
}

TEST_CASE("the code of an answer that was not streamed, before what tells of an error") {
    const std::string answer = R"({"code":")" + filler + R"(","object":"response","id":"q","status":"completed"})";
    const std::string refusal = R"({"code":")" + filler + R"(","error":{"message":"no"}})";
    for (const size_t bytes : {openai_stream::min_buffer_bytes, size_t{4096}}) {
        support::GuardedBuffer memory(bytes);
        const auto told_of = [&](const std::string& body) {
            return without_filler(whole(read({memory.data(), memory.size()}, in_steps(body, 7), nullptr,
             "application/json")));
        };
        if (bytes == 4096) {
            CHECK_EQ(told_of(answer), "started id=q; finish name=completed reason=1; complete");
            CHECK_EQ(told_of(refusal), R"(refused {"code":null,"message":"no","param":null,"type":null})");
        } else {
            CHECK_EQ(told_of(answer), describe(Error::event_too_large));
            CHECK_EQ(told_of(refusal), describe(Error::event_too_large));
        }
    }
}
