// Build: c++ -std=c++17 -I.. tool_calls.cpp -o tool_calls
// Run: ./tool_calls [--responses] ["question"]
//
// A model that calls tools, as many at once as it likes: each answer is collected, the tools are run, and the model is
// asked again with what they say, until it has no more to ask. By Chat Completions; with --responses by the Responses
// API. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>

namespace oai = openai_stream;

static constexpr size_t max_turns = 8, max_results = 32;
static constexpr const char* of_a_city = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},"
                                         "\"required\":[\"city\"],\"additionalProperties\":false}";
static constexpr oai::Tool tools[] = {
    {"get_weather", "The weather in a city now", of_a_city},
    {"get_time", "The local time in a city", of_a_city},
};

// What a tool says, for the rest of the conversation.
static oai::StringView run(const oai::MessagePart& call) {
    static char memory[max_results][200];
    static size_t used = 0;
    char* const result = memory[used++ % max_results];
    char text[100];
    const oai::StringView city = oai::json_find(call.text, "$.city", text).text;
    const char* says = "error: there is no such tool";
    if (!call.can_run() || city.empty()) says = "error: the call cannot be understood";  // the model may try again
    else if (call.name == "get_weather") says = "14 degrees and light rain";
    else if (call.name == "get_time") says = "twenty past nine";
    snprintf(result, sizeof memory[0], "%.*s%s%s", static_cast<int>(city.size()), city.data(),
             city.empty() ? "" : ": ", says);
    printf("%.*s(%.*s) = %s\n", static_cast<int>(call.name.size()), call.name.data(),
           static_cast<int>(call.text.size()), call.text.data(), result);
    return result;
}

// One answer: its text is shown while it comes, all of it is collected. Returns false if it failed.
template <class Request>
static bool listen(oai::Stream& stream, const oai::Endpoint& server, const Request& ask, oai::Collector& answer) {
    stream.open(server, ask);
    for (const oai::Event& e : stream) {
        answer.add(e);
        if (e.is_text()) print(e.text);
    }
    answer.end(stream.verdict());
    if (is_good(stream) && answer.error() != oai::Error::none) fprintf(stderr, "%s\n", oai::describe(answer.error()));
    return answer.is_complete();
}

// The whole conversation is sent again each time. What was said lies in `memory`, one answer after the other.
static bool chat(oai::Stream& stream, const oai::Endpoint& server, const char* question, oai::Buffer memory) {
    oai::Message messages[1 + max_turns + max_results];
    size_t count = 0, results = 0;
    messages[count++] = oai::Message::user(question);
    for (size_t turn = 0; turn != max_turns; ++turn) {
        oai::Collector answer(memory);
        oai::ChatRequest ask(setting("OPENAI_MODEL", "local"), oai::List<oai::Message>(messages, count));
        ask.tools = tools;
        if (!listen(stream, server, ask, answer)) return false;
        memory = answer.release_unused();
        if (answer.tool_calls().empty()) return true;
        messages[count++] = answer.as_message();
        for (const oai::MessagePart& call : answer.tool_calls())
            if (results++ < max_results) messages[count++] = oai::Message::tool(call.id, run(call));
    }
    return false;
}

// The server remembers what was said: only the tools' results are sent, and after which answer they belong.
static bool respond(oai::Stream& stream, const oai::Endpoint& server, const char* question, oai::Buffer memory) {
    oai::InputItem results[max_results];
    oai::ResponseRequest ask(setting("OPENAI_MODEL", "local"), question);
    ask.tools = tools;
    for (size_t turn = 0; turn != max_turns; ++turn) {
        oai::Collector answer(memory);
        if (!listen(stream, server, ask, answer)) return false;
        memory = answer.release_unused();
        size_t count = 0;
        for (const oai::MessagePart& call : answer.tool_calls())
            if (count != max_results) results[count++] = oai::InputItem::function_call_output(call.id, run(call));
        if (count == 0) return true;
        ask.input = {};
        ask.items = oai::List<oai::InputItem>(results, count);
        ask.previous_response_id = answer.id();
    }
    return false;
}

int main(int count, char** words) {
    static char memory[16 * 1024], said[64 * 1024];
    const bool is_response = count > 1 && strcmp(words[1], "--responses") == 0;
    const int first = is_response ? 2 : 1;
    const char* const question = count > first ? words[first] : "What are the weather in Brest and the time in Bergen?";
    oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    Connection connection(server);
    oai::Stream stream(connection, memory);
    const bool is_well = (is_response ? respond : chat)(stream, server, question, oai::Buffer(said));
    puts("");
    return is_well ? 0 : 1;
}
