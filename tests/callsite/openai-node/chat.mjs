import OpenAI from "openai";
import { createInterface } from "node:readline";
const client = new OpenAI();
const messages = [];
for await (const line of createInterface({ input: process.stdin })) {
  messages.push({ role: "user", content: line });
  let answer = "";
  for await (const chunk of await client.chat.completions.create({ model: "gpt-4o-mini", stream: true, messages })) {
    answer += chunk.choices[0]?.delta?.content ?? "";
    process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
  }
  messages.push({ role: "assistant", content: answer });
}
