import OpenAI from "openai";
const client = new OpenAI({ maxRetries: 5 });
try {
  const answer = await client.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Why is the sky blue?" }] });
  console.log(answer.choices[0].message.content);
} catch (error) {
  console.error(error.message);
}
