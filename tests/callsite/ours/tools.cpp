#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
int main() {
    openai_stream::Client chat;
    chat.tool("get_weather", "The weather in a city now", R"({"type":"object","properties":{"city":{"type":"string"}}})",
              [](const openai_stream::ToolArguments& in) { return in["city"] + ": light rain"; });
    chat.ask("What is the weather in Brest?");
    std::cout << chat.answer();
}
