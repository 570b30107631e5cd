import OpenAI from "openai";
const client = new OpenAI();
const stream = await client.chat.completions.create({ model: "gpt-4o-mini", stream: true, messages: [{ role: "user", content: "Why is the sky blue?" }] });
for await (const chunk of stream)
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
