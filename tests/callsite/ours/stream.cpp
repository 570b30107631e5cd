#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
int main() {
    openai_stream::Client chat;
    chat.ask("Why is the sky blue?", [](std::string_view piece) { std::cout << piece; });
}
