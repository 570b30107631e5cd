import sys
import openai
client = openai.OpenAI(max_retries=5)
try:
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Why is the sky blue?"}])
    print(answer.choices[0].message.content)
except openai.OpenAIError as error:
    print(error, file=sys.stderr)
