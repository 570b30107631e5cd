// Build: c++ -std=c++17 -I.. assistant.cpp -o assistant
// Run: ./assistant ["question" ...]
//
// Look at how little it takes: Client has the connection, the memory, what was said and the loop of tool calls. Each word
// of the command line is a question of one conversation. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY and
// OPENAI_MODEL; for https URLs add -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto.
#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>

namespace oai = openai_stream;

static constexpr const char* of_a_city = R"({"type":"object","properties":{"city":{"type":"string"}},
    "required":["city"],"additionalProperties":false})";

int main(int count, char** words) {
    oai::Client chat;
    chat.tool("get_weather", "The weather in a city now", of_a_city,
              [](const oai::ToolArguments& in) { return in["city"] + ": 14 degrees and light rain"; });
    chat.tool("get_time", "The local time in a city", of_a_city,
              [](const oai::ToolArguments& in) { return in["city"] + ": twenty past nine"; });
    for (int i = 1; i < count || i == 1; ++i) {
        const char* question = i < count ? words[i] : "What are the weather in Brest and the time in Bergen?";
        if (!chat.ask(question, [](std::string_view piece) { std::cout << piece << std::flush; })) {
            std::cerr << chat.error() << "\n";
            return 1;
        }
        std::cout << "\n";
    }
}
