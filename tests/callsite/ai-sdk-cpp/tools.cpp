#include <ai/generate.h>
#include <ai/openai.h>
#include <ai/tools.h>
#include <iostream>
ai::JsonValue get_weather(const ai::JsonValue& in, const ai::ToolExecutionContext&) {
    return in["city"].get<std::string>() + ": light rain";
}
int main() {
    auto client = ai::openai::create_client();
    ai::ToolSet tools = {{"get_weather", ai::create_simple_tool("get_weather", "The weather in a city now",
                                                                {{"city", "string"}}, get_weather)}};
    auto answer = client.generate_text(
        {.model = "gpt-4o-mini", .prompt = "What is the weather in Brest?", .tools = tools, .max_steps = 3});
    if (answer) std::cout << answer->text;
}
