"""The answers of compare.py: what servers send, as generators. CORPORA is the table.

Each shape is an event with its changing parts named: $text (a piece of the answer, as JSON), $n (its number), $pad (random
padding), $time, $id and $odds (other values in each event). The keys, their order and the values beside them are those of the
server that the row is called after; the bytes are ours. The same row gives the same bytes everywhere. The hash is made of
the pieces before they are put into JSON, so that it does not depend on any parser.
"""
import string
from typing import NamedTuple

from corpus import WORDS, Random, fnv1a, quote

SEED = 20251017
LETTERS = string.ascii_letters + string.digits
LONG_HEAD = ("Date: Fri, 08 Aug 2025 22:50:40 GMT\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
             "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\naccess-control-expose-headers: X-Request-ID\r\n"
             "openai-organization: org-of-somebody\r\nopenai-processing-ms: 407\r\nopenai-version: 2020-10-01\r\n"
             "x-ratelimit-limit-requests: 15000\r\nx-ratelimit-limit-tokens: 30000000\r\n"
             "x-ratelimit-remaining-requests: 14999\r\nx-ratelimit-remaining-tokens: 29999987\r\n"
             "x-ratelimit-reset-requests: 4ms\r\nx-ratelimit-reset-tokens: 0s\r\n"
             "x-request-id: req_00000000000000000000000000000001\r\ncf-cache-status: DYNAMIC\r\n"
             "X-Content-Type-Options: nosniff\r\nServer: cloudflare\r\nalt-svc: h3=\":443\"; ma=86400\r\n")
SHORT_HEAD = ("Server: llama.cpp\r\nAccess-Control-Allow-Origin: \r\nContent-Type: text/event-stream\r\n"
              "Transfer-Encoding: chunked\r\nKeep-Alive: timeout=5, max=100\r\n")
PLAIN, ESCAPES, SURROGATES, RAW, ARGUMENTS = "plain", "escapes", "surrogates", "raw UTF-8", "arguments"
ODD = {  # every fifth piece is one of these
    ESCAPES: ("\n", "\n\n", "\"", " \"so", "\\n", "\n- ", ":\n\n", "\t", "```\n", "\r\n"),
    SURROGATES: ("\U0001F600", " \U0001F30D!", "\u2019s", " \u2014", "\u4f60\u597d"),
    RAW: ("caf\u00e9", " \u4f60\u597d", "\U0001F600", " \u2014", "\u00fcber", "\u2019s"),
}
EACH_EVENT, A_THOUSAND, NONE = "a chunk for each event", "chunks of 1,000 bytes", "no HTTP"


def openai(delta="{\"content\":$text}", finish="null", more="", head="", logprobs=",\"logprobs\":null"):
    return (f'{{"id":"chatcmpl-BxQ0aLrVnC4mT7yUe2sKd9WfZ1jhG","object":"chat.completion.chunk","created":1754693440,{head}'
            f'"choices":[{{"index":0,"delta":{delta}{logprobs},"finish_reason":{finish}}}]{more}}}')


def llama(delta="{\"content\":$text}", finish="null", more=""):
    return (f'{{"choices":[{{"finish_reason":{finish},"index":0,"delta":{delta}}}],"created":1754693440,'
            '"id":"chatcmpl-Jq2sFcH0yGkXhVd4wXv2iTNwq1bT5lPz","model":"/models/small-instruct-q4_k_m.gguf",'
            f'"system_fingerprint":"b6123-79c1160b","object":"chat.completion.chunk"{more}}}')


def vllm(delta="{\"content\":$text}", finish="null"):
    return ('{"id":"chatcmpl-5d1f0f6f2f3b4e0c9a7d8e6b5c4a3f21","object":"chat.completion.chunk","created":1754693440,'
            f'"model":"meta-llama/Llama-3.1-8B-Instruct","choices":[{{"index":0,"delta":{delta},"logprobs":null,'
            f'"finish_reason":{finish},"token_ids":null}}],'
            '"usage":{"prompt_tokens":19,"total_tokens":$sum,"completion_tokens":$n}}')


FILTERS = ('"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},'
           '"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}')


def azure(delta="{\"content\":$text}", finish="null", filters=FILTERS):
    return (f'{{"choices":[{{"content_filter_results":{{{filters}}},"delta":{delta},"finish_reason":{finish},"index":0,'
            '"logprobs":null}],"created":1754693440,"id":"chatcmpl-BxQ0aLrVnC4mT7yUe2sKd9WfZ1jhG",'
            '"model":"gpt-4o-mini-2024-07-18","obfuscation":"$pad","object":"chat.completion.chunk",'
            '"system_fingerprint":"fp_07871e2ad8","usage":null}')


def ollama(delta='{"role":"assistant","content":$text}', finish="null"):
    return ('{"id":"chatcmpl-263","object":"chat.completion.chunk","created":1754693440,"model":"llama3.2",'
            f'"system_fingerprint":"fp_ollama","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}')


def openrouter(content="$text", finish="null"):
    return ('{"id":"gen-1754693440-aBcDeFgHiJkLmNoPqRsT","provider":"Somebody","model":"vendor/name-4.5",'
            '"object":"chat.completion.chunk","created":1754693440,"choices":[{"index":0,"delta":{"role":"assistant",'
            f'"content":{content},"reasoning":null,"reasoning_details":[]}},"finish_reason":{finish},'
            f'"native_finish_reason":{finish},"logprobs":null}}]}}')


def varied(delta="{\"content\":$text}", finish="null"):
    return ('{"id":"chatcmpl-$id","object":"chat.completion.chunk","created":$time,"model":"gpt-4o-mini-2024-07-18",'
            f'"choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]}}')


ROLE, EMPTY, STOP = '{"role":"assistant","content":"","refusal":null}', "{}", '"stop"'
MODEL = '"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_07871e2ad8",'
PADDED = {"head": MODEL, "more": ',"usage":null,"obfuscation":"$pad"'}
USAGE = '{"prompt_tokens":19,"completion_tokens":$n,"total_tokens":$sum}'
LAST_USAGE = openai(more=f',"usage":{USAGE}').replace(openai()[openai().index("[{"):-1], "[]")

# ---- Responses ----------------------------------------------------------------------------------------------------------

RESPONSE = ('"response":{"id":"resp_0a1b2c3d4e5f60718293a4b5c6d7e8f9","object":"response","created_at":1754693440,'
            '"status":"%s","background":false,"error":null,"incomplete_details":null,"instructions":null,'
            '"max_output_tokens":null,"model":"gpt-5-2025-08-07","output":[%s],"parallel_tool_calls":true,'
            '"previous_response_id":null,"store":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,'
            '"truncation":"disabled","usage":%s,"user":null,"metadata":{}}')
RESPONSE_USAGE = ('{"input_tokens":19,"input_tokens_details":{"cached_tokens":0},"output_tokens":$n,'
                  '"output_tokens_details":{"reasoning_tokens":0},"total_tokens":$sum}')
WHERE = '"item_id":"%s","output_index":0'


def response_rows(kind, item, place, item_open, item_done, part):
    """(first, shape, last) of an answer of one item."""
    def event(name, members):
        return f'event: {name}\ndata: {{"type":"{name}","sequence_number":$n,{members}}}'
    where = WHERE % item
    first = [event("response.created", RESPONSE % ("in_progress", "", "null")),
             event("response.in_progress", RESPONSE % ("in_progress", "", "null")),
             event("response.output_item.added", f'"output_index":0,"item":{item_open}')]
    last = [event(f"response.{kind}.done", f"{where}{place},{part[1]}")]
    if part[0]:
        first.append(event("response.content_part.added", f'{where}{place},"part":{part[0].replace("$all", string_of(""))}'))
        last.append(event("response.content_part.done", f'{where}{place},"part":{part[0]}'))
    last += [event("response.output_item.done", f'"output_index":0,"item":{item_done}'),
             event("response.completed", RESPONSE % ("completed", item_done, RESPONSE_USAGE))]
    logprobs = ',"logprobs":[]' if kind == "output_text" else ""
    return first, [event(f"response.{kind}.delta", f'{where}{place},"delta":$text{logprobs},"obfuscation":"$pad"')], last


def string_of(text):
    return quote(text, False)


TEXT_PART = '{"type":"output_text","annotations":[],"logprobs":[],"text":$all}'
THOUGHT = '{"type":"reasoning_text","text":$all}'
MESSAGE, THINKING, CALL = "msg_0a1b2c3d4e5f60718293", "rs_0a1b2c3d4e5f60718293", "fc_0a1b2c3d4e5f60718293"
TEXTS = response_rows(
    "output_text", MESSAGE, ',"content_index":0',
    f'{{"id":"{MESSAGE}","type":"message","status":"in_progress","content":[],"role":"assistant"}}',
    f'{{"id":"{MESSAGE}","type":"message","status":"completed","content":[{TEXT_PART}],"role":"assistant"}}',
    (TEXT_PART, '"text":$all,"logprobs":[]'))
THOUGHTS = response_rows(
    "reasoning_text", THINKING, ',"content_index":0',
    f'{{"id":"{THINKING}","type":"reasoning","summary":[],"content":[]}}',
    f'{{"id":"{THINKING}","type":"reasoning","summary":[],"content":[{THOUGHT}]}}', (THOUGHT, '"text":$all'))
CALLED = f'{{"id":"{CALL}","type":"function_call","status":"%s","arguments":%s,"call_id":"call_0a1b2c","name":"look"}}'
CALLS = response_rows("function_call_arguments", CALL, "", CALLED % ("in_progress", '""'), CALLED % ("completed", "$all"),
                      ("", '"arguments":$all'))


class Corpus(NamedTuple):
    """A row: shapes come in turn, the others once."""
    shapes: list
    first: list = ()
    last: list = ()
    words: str = PLAIN
    head: str = LONG_HEAD
    framing: str = EACH_EVENT
    comment: str = ""  # before every other event
    api: str = "chat"
    events: int = 2000


USUAL = {"first": [openai(ROLE)], "last": [openai(EMPTY, STOP)]}
CORPORA = {
    "OpenAI's order": Corpus([openai()], [openai(ROLE)], [openai(EMPTY, STOP), LAST_USAGE]),
    "OpenAI, obfuscation": Corpus([openai(**PADDED)], [openai(ROLE, **PADDED)], [openai(EMPTY, STOP, **PADDED)]),
    "llama.cpp": Corpus([llama()], [llama('{"role":"assistant","content":null}')],
                        [llama(EMPTY, STOP, ',"timings":{"prompt_n":19,"predicted_n":$n,"predicted_ms":812.25}')],
                        head=SHORT_HEAD),
    "vLLM, usage per chunk": Corpus([vllm()], [vllm('{"role":"assistant","content":""}')], [vllm(EMPTY, STOP)],
                                    head=SHORT_HEAD),
    "Azure": Corpus([azure()], ['{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":'
                                f'[{{"prompt_index":0,"content_filter_results":{{{FILTERS}}}}}]}}', azure(ROLE, filters="")],
                    [azure(EMPTY, STOP, "")]),
    "Ollama, role per chunk": Corpus([ollama()], [], [ollama('{"role":"assistant","content":""}', STOP)], head=SHORT_HEAD),
    "OpenRouter, role per chunk": Corpus([openrouter()], [openrouter('""')], [openrouter('""', STOP)]),
    "two shapes in turn": Corpus([openai(), openai(logprobs="", more=',"usage":null')], **USUAL),
    "nine shapes in turn": Corpus([openai(more="," + ",".join(f'"x{key}":{key}' for key in range(count)))
                                   for count in range(1, 10)], **USUAL),
    "OpenAI, logprobs": Corpus([openai(logprobs=',"logprobs":{"content":[{"token":$text,"logprob":-$odds,"bytes":[32,104],'
                                       '"top_logprobs":[]}],"refusal":null}')], **USUAL),
    "varied ids and times": Corpus([varied()], [varied(ROLE)], [varied(EMPTY, STOP)]),
    "20 % escapes": Corpus([openai()], words=ESCAPES, **USUAL),
    "20 % surrogates, \\u": Corpus([openai()], words=SURROGATES, **USUAL),
    "20 % raw UTF-8": Corpus([openai()], words=RAW, **USUAL),
    "keep-alives": Corpus([openai()], comment=": keep-alive\n\n", **USUAL),
    "Responses, text": Corpus(TEXTS[1], TEXTS[0], TEXTS[2], api="responses", events=800),
    "Responses, reasoning": Corpus(THOUGHTS[1], THOUGHTS[0], THOUGHTS[2], api="responses", events=800),
    "Responses, arguments": Corpus(CALLS[1], CALLS[0], CALLS[2], ARGUMENTS, api="responses", events=800),
    "a head of 200 bytes": Corpus([openai()], head=SHORT_HEAD, **USUAL),
    "chunks of 1,000 bytes": Corpus([openai()], framing=A_THOUSAND, **USUAL),
    "begin_body": Corpus([openai()], framing=NONE, **USUAL),
}


def pieces(random, kind, count):
    """(text, as JSON)"""
    for index in range(count):
        word = random.pick(WORDS)
        if kind == ARGUMENTS:
            text = ["{\"" if index == 0 else ",\"", word, "\":\"", word + "\""][index % 4] if index != count - 1 else "}"
        elif kind in ODD and index % 5 == 4:
            text = random.pick(ODD[kind])
        else:
            text = (" " if index else "") + word + (random.pick(",. ").rstrip() if index % 9 == 0 else "")
        yield text, quote(text, kind == SURROGATES)


def generate(name, path):
    """Writes PATH, the answer, and PATH.cuts, what a read of one event brings: (events, bytes of text, hash of it)."""
    row, random = CORPORA[name], Random(SEED)
    events, said = [], []

    def add(shape, **values):
        pad = "".join(random.pick(LETTERS) for _ in range(1 + random.below(15)))
        filled = string.Template(shape).substitute(
            values, n=len(events), sum=len(events) + 19, pad=pad, time=1754693440 + len(events) // 2,
            odds=f"{random.below(9)}.{random.below(10**8):08}", id="".join(random.pick(LETTERS) for _ in range(29)))
        events.append((filled if filled.startswith("event:") else "data: " + filled) + "\n\n")

    for shape in row.first:
        add(shape)
    # (arguments are whole JSON when their number is one more than what four divides)
    count = (row.events - len(row.first) - len(row.last)) // 4 * 4 + 1
    for index, (text, quoted) in enumerate(pieces(random, row.words, count)):
        said.append(text)
        add(row.shapes[index % len(row.shapes)], text=quoted)
    for shape in row.last:
        add(shape, all=string_of("".join(said)))
    counted = len(events)
    units = [(row.comment if row.comment and index % 2 else "", event) for index, event in enumerate(events)]
    sent = [unit.encode() for both in units for unit in both if unit]
    if row.api == "chat":
        sent.append(b"data: [DONE]\n\n")
    if row.framing == A_THOUSAND:
        whole = b"".join(sent)
        sent = [whole[at:at + 1000] for at in range(0, len(whole), 1000)]
    if row.framing != NONE:
        head = f"HTTP/1.1 200 OK\r\n{row.head}\r\n".encode()
        sent = [head, *(b"%x\r\n%s\r\n" % (len(unit), unit) for unit in sent), b"0\r\n\r\n"]
    path.write_bytes(b"".join(sent))
    path.with_suffix(".cuts").write_text(" ".join(str(len(unit)) for unit in sent))
    text = "".join(said).encode()
    return counted, len(text), fnv1a(text)
