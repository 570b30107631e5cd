from openai import OpenAI
from pydantic import BaseModel
class Person(BaseModel):
    name: str
    age: int
client = OpenAI()
answer = client.chat.completions.parse(model="gpt-4o-mini", response_format=Person,
                                       messages=[{"role": "user", "content": "Who keeps the light?"}])
print(answer.choices[0].message.parsed.name)
