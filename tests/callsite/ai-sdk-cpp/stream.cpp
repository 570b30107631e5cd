#include <ai/openai.h>
#include <ai/stream.h>
#include <iostream>
int main() {
    auto client = ai::openai::create_client();
    auto stream = client.stream_text({.model = "gpt-4o-mini", .prompt = "Why is the sky blue?"});
    for (const auto& chunk : stream)
        if (chunk.text) std::cout << *chunk.text;
}
