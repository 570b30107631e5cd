// What the npm package openai makes of the answers of round_trip.py: for each line of standard input, the body of an
// answer in hexadecimal digits, a line of JSON with the items that its stream ends one by one, those of its response as
// it was accumulated, and the same where the server does not say them once more at the end.
import OpenAI from 'openai'
import readline from 'node:readline'

const clientOf = (body) => new OpenAI({ apiKey: 'k', baseURL: 'http://h.example/v1', maxRetries: 0,
  fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) })
const asked = { model: 'm', input: 'p' }

const endedOf = async (body) => {
  const ended = []
  try {
    for await (const event of await clientOf(body).responses.create({ ...asked, stream: true }))
      if (event.type === 'response.output_item.done') ended.push(event.item)
  } catch { /* an error is the answer's end */ }
  return ended
}
const itemsOf = async (body) => {
  try {
    return { items: (await clientOf(body).responses.stream(asked).finalResponse()).output }
  } catch (error) {
    return { error: String(error) }
  }
}
const withoutRepetition = (body) => body.split('\n').map((line) => {
  const brace = line.indexOf('{')
  if (!line.startsWith('data:') || brace < 0) return line
  const event = JSON.parse(line.slice(brace))
  if (!['response.completed', 'response.incomplete', 'response.failed'].includes(event.type)) return line
  delete event.response.output
  return `data: ${JSON.stringify(event)}`
}).join('\n')

for await (const line of readline.createInterface({ input: process.stdin })) {
  const body = Buffer.from(line, 'hex').toString('utf8')
  const whole = await itemsOf(body)
  const accumulated = await itemsOf(withoutRepetition(body))
  console.log(JSON.stringify({ ended: await endedOf(body), ...whole,
    accumulated: accumulated.items, problem: accumulated.error }))
}
