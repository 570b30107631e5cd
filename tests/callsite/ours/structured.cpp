#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
int main() {
    openai_stream::Client chat;
    chat.options.response_format = openai_stream::ResponseFormat::json_schema("person",
        R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}}})");
    chat.ask("Who keeps the light?");
    std::cout << openai_stream::ToolArguments(chat.answer())["name"];
}
