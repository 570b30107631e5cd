import json
from openai import OpenAI
client = OpenAI()
def get_weather(city):
    return city + ": light rain"
tools = [{"type": "function", "function": {"name": "get_weather", "description": "The weather in a city now",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]
messages = [{"role": "user", "content": "What is the weather in Brest?"}]
while True:
    message = client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=tools).choices[0].message
    messages.append(message)
    if not message.tool_calls:
        break
    for call in message.tool_calls:
        result = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
print(message.content)
