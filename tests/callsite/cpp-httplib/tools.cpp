#include <httplib.h>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
using nlohmann::json;
static std::string get_weather(const json& in) { return in.value("city", "") + ": light rain"; }
int main() {
    httplib::Client client(std::getenv("OPENAI_SERVER"));
    const httplib::Headers headers = {{"Authorization", std::string("Bearer ") + std::getenv("OPENAI_API_KEY")}};
    json messages = {{{"role", "user"}, {"content", "What is the weather in Brest?"}}};
    const json tools = json::parse(R"([{"type":"function","function":{"name":"get_weather",
        "description":"The weather in a city now",
        "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}])");
    for (int turn = 0; turn != 10; ++turn) {
        const json request = {{"model", "gpt-4o-mini"}, {"messages", messages}, {"tools", tools}};
        const auto result = client.Post("/v1/chat/completions", headers, request.dump(), "application/json");
        if (!result || result->status != 200) return 1;
        const json message = json::parse(result->body)["choices"][0]["message"];
        messages.push_back(message);
        if (!message.contains("tool_calls")) {
            std::cout << message["content"].get<std::string>();
            return 0;
        }
        for (const json& call : message["tool_calls"])
            messages.push_back({{"role", "tool"}, {"tool_call_id", call["id"]},
                                {"content", get_weather(json::parse(call["function"]["arguments"].get<std::string>()))}});
    }
}
