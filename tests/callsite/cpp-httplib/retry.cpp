#include <httplib.h>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
using nlohmann::json;
#include <chrono>
#include <thread>
int main() {
    httplib::Client client(std::getenv("OPENAI_SERVER"));
    const httplib::Headers headers = {{"Authorization", std::string("Bearer ") + std::getenv("OPENAI_API_KEY")}};
    const json request = {{"model", "gpt-4o-mini"},
                          {"messages", {{{"role", "user"}, {"content", "Why is the sky blue?"}}}}};
    for (int left = 5;; --left) {
        const auto result = client.Post("/v1/chat/completions", headers, request.dump(), "application/json");
        if (result && result->status == 200) {
            std::cout << json::parse(result->body)["choices"][0]["message"]["content"].get<std::string>();
            return 0;
        }
        const bool is_worth_it = !result || result->status == 429 || result->status >= 500;
        if (!is_worth_it || left == 0) {
            std::cerr << (result ? std::to_string(result->status) + " " + result->body : to_string(result.error()));
            return 1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500 << (5 - left)));
    }
}
