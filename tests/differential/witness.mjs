// What node and npm packages make of the inputs of witness.py: the same words as ours.cpp.
//   node witness.mjs http PORT COUNT    from a server there, which has one input for each path
//   node witness.mjs sse|json           from standard input: one input a line, in hexadecimal digits
import http from 'node:http'
import readline from 'node:readline'

const [what, port, count] = process.argv.slice(2)

const ask = (number) => new Promise((resolve) => {
  let said = false
  const say = (text) => { if (!said) { said = true; resolve(text) } }
  const failed = (error) => say(error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE' ? 'refused' : 'cut off')
  const request = http.request({ host: '127.0.0.1', port, path: `/${number}`, method: 'POST', agent: false,
    headers: { 'content-length': 0 }, maxHeaderSize: 1 << 17 }, (response) => {
    const parts = []
    response.on('data', (part) => parts.push(part))
    response.on('end', () => say(`${response.statusCode} ${Buffer.concat(parts).toString('hex')}`))
    response.on('error', failed)
    response.on('aborted', () => setTimeout(() => say('cut off'), 20))
  })
  request.on('upgrade', () => say('refused'))
  request.on('error', failed)
  request.setTimeout(5000, () => say('cut off'))
  request.end()
})

if (what === 'http') {
  for (let number = 0; number < Number(count); ++number) console.log(await ask(number))
} else {
  const { createParser } = what === 'sse' ? await import('eventsource-parser') : {}
  const hex = (text) => Buffer.from(text ?? '', 'utf8').toString('hex')
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const text = new TextDecoder('utf-8').decode(Buffer.from(line, 'hex'))
    if (what === 'json') {
      try { JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(line, 'hex'))); console.log('valid') }
      catch { console.log('refused') }
      continue
    }
    // The parser keeps no id from one event to the next; the standard does, and so does what uses the parser.
    let events = '', id = ''
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) id = event.id
        events += `${hex(event.event || 'message')} ${hex(event.data)} ${hex(id)};`
      }
    })
    parser.feed(text)
    console.log(events)
  }
}
