import sys
from openai import OpenAI
client = OpenAI()
messages = []
for line in sys.stdin:
    messages.append({"role": "user", "content": line})
    answer = ""
    for chunk in client.chat.completions.create(model="gpt-4o-mini", stream=True, messages=messages):
        if chunk.choices and chunk.choices[0].delta.content:
            answer += chunk.choices[0].delta.content
            print(chunk.choices[0].delta.content, end="", flush=True)
    messages.append({"role": "assistant", "content": answer})
