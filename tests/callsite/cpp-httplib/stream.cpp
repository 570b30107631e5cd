#include <httplib.h>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
using nlohmann::json;
static bool ask(const json& messages, std::string& answer) {
    httplib::Client client(std::getenv("OPENAI_SERVER"));
    httplib::Request request;
    request.method = "POST";
    request.path = "/v1/chat/completions";
    request.set_header("Content-Type", "application/json");
    request.set_header("Authorization", std::string("Bearer ") + std::getenv("OPENAI_API_KEY"));
    request.body = json{{"model", "gpt-4o-mini"}, {"stream", true}, {"messages", messages}}.dump();
    std::string rest;
    request.content_receiver = [&](const char* bytes, size_t count, uint64_t, uint64_t) {
        rest.append(bytes, count);
        for (size_t end; (end = rest.find("\n")) != std::string::npos; rest.erase(0, end + 1)) {
            const std::string line = rest.substr(0, end);
            if (line.rfind("data: {", 0) != 0) continue;
            const json chunk = json::parse(line.substr(6));
            if (!chunk.contains("choices") || chunk["choices"].empty()) continue;
            const json delta = chunk["choices"][0].value("delta", json::object());
            if (!delta.contains("content") || !delta["content"].is_string()) continue;
            std::cout << delta["content"].get<std::string>();
            answer += delta["content"].get<std::string>();
        }
        return true;
    };
    const auto result = client.send(request);
    return result && result->status == 200;
}
int main() {
    std::string answer;
    ask({{{"role", "user"}, {"content", "Why is the sky blue?"}}}, answer);
}
