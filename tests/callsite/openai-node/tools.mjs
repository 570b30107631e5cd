import OpenAI from "openai";
const client = new OpenAI();
const runner = client.chat.completions.runTools({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "What is the weather in Brest?" }],
  tools: [{
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city now",
      parameters: { type: "object", properties: { city: { type: "string" } } },
      parse: JSON.parse,
      function: ({ city }) => city + ": light rain",
    },
  }],
});
console.log(await runner.finalContent());
