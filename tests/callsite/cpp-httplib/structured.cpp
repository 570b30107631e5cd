#include <httplib.h>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
using nlohmann::json;
int main() {
    httplib::Client client(std::getenv("OPENAI_SERVER"));
    const httplib::Headers headers = {{"Authorization", std::string("Bearer ") + std::getenv("OPENAI_API_KEY")}};
    const json request = {{"model", "gpt-4o-mini"},
                          {"messages", {{{"role", "user"}, {"content", "Who keeps the light?"}}}},
                          {"response_format", json::parse(R"({"type":"json_schema","json_schema":{"name":"person",
        "schema":{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}}}}})")}};
    const auto result = client.Post("/v1/chat/completions", headers, request.dump(), "application/json");
    if (!result || result->status != 200) return 1;
    const json answer = json::parse(json::parse(result->body)["choices"][0]["message"]["content"].get<std::string>());
    std::cout << answer["name"].get<std::string>();
}
