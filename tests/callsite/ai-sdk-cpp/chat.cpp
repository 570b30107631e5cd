#include <ai/openai.h>
#include <ai/stream.h>
#include <iostream>
int main() {
    auto client = ai::openai::create_client();
    ai::Messages messages;
    for (std::string line; std::getline(std::cin, line);) {
        messages.push_back({"user", line});
        std::string answer;
        for (const auto& chunk : client.stream_text({.model = "gpt-4o-mini", .messages = messages}))
            if (chunk.text) {
                std::cout << *chunk.text;
                answer += *chunk.text;
            }
        messages.push_back({"assistant", answer});
    }
}
