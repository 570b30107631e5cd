#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
int main() {
    openai_stream::Client chat;
    chat.retries.max_retries = 5;
    if (chat.ask("Why is the sky blue?")) std::cout << chat.answer();
    else std::cerr << chat.error();
}
