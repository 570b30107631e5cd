#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
int main() {
    openai_stream::Client chat;
    for (std::string line; std::getline(std::cin, line);)
        chat.ask(line, [](std::string_view piece) { std::cout << piece; });
}
