#include <ai/generate.h>
#include <ai/openai.h>
#include <ai/retry/retry_policy.h>
#include <cstdlib>
#include <iostream>
int main() {
    ai::retry::RetryConfig retries;
    retries.max_retries = 5;
    auto client = ai::openai::create_client(std::getenv("OPENAI_API_KEY"), "https://api.openai.com", retries);
    auto answer = client.generate_text({.model = "gpt-4o-mini", .prompt = "Why is the sky blue?"});
    if (answer) std::cout << answer->text;
    else std::cerr << answer.error_message();
}
