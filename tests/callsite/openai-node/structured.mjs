import OpenAI from "openai";
const client = new OpenAI();
const answer = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Who keeps the light?" }],
  response_format: { type: "json_schema", json_schema: { name: "person", schema: { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } } } },
});
console.log(JSON.parse(answer.choices[0].message.content).name);
