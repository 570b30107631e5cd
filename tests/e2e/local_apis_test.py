#!/usr/bin/env python3
"""The APIs of the local server, held against the types of OpenAI's own package, and each kind of request that the
library has: local_apis_test.py LOCAL_SERVER EVERY_REQUEST"""
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
from typing import NamedTuple

from api_types import FACTS, Types
from support import PATIENCE, Result, Server

SERVER, EVERY_REQUEST = sys.argv[1:3]
ROOT = pathlib.Path(__file__).resolve().parents[2]
PING = "Loud and clear: your request arrived in one piece, and this answer is on its way in many."
ASSISTANTS, AGENTS = {"OpenAI-Beta": "assistants=v2"}, {"OpenAI-Beta": "agents=v1"}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}


def ask(server, method, path, body=None, headers=None, patience=PATIENCE):
    """Status and body; what came before the connection broke, and whether it did."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    content, is_cut = b"", False
    try:
        text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        link.request(method, path, text, headers or {})
        answer = link.getresponse()
        while piece := answer.read1(65536):
            content += piece
    except (http.client.IncompleteRead, ConnectionResetError, socket.timeout) as cut:
        content += getattr(cut, "partial", b"")
        is_cut = "TimeoutError" if isinstance(cut, socket.timeout) else type(cut).__name__
        return None if not content else 200, content.decode(), is_cut
    finally:
        link.close()
    return answer.status, content.decode(), is_cut


class Event(NamedTuple):
    name: str   # of its line; "" without one
    data: object


def events_of(text):
    """What stands in complete events."""
    events = []
    for block in text.replace("\r\n", "\n").split("\n\n")[:-1]:
        if block.startswith(":"):
            continue
        *lines, data = block.split("\n")
        data = data.removeprefix("data: ")
        name = lines[0].removeprefix("event: ") if lines else ""
        events.append(Event(name, data if data == "[DONE]" else json.loads(data)))
    return events


class Streamed(NamedTuple):
    """An API, and what "ping" gets there."""
    name: str
    method: str
    path: str
    body: dict
    headers: dict
    whole: str      # the type of an answer without a stream
    is_done: bool   # "[DONE]" comes last


def completion(**more):
    return Streamed("completions", "POST", "/v1/completions",
                    {"model": "local", "stream": True, "prompt": "ping", **more}, {}, "Completion", True)


def run(question="ping", **more):
    body = {"assistant_id": "lumen", "stream": True, "thread": {"messages": [{"role": "user", "content": question}]},
            **more}
    return Streamed("runs", "POST", "/v1/threads/runs", body, ASSISTANTS, "Run", True)


def session(**more):
    body = {"agent": {"model": "local"}, "environment": {"type": "none"}, "input": "ping", "stream": True, **more}
    return Streamed("agents", "POST", "/v1/agents/sessions", body, AGENTS, "AgentSession", False)


STREAMED = (completion(), run(), session())


def events_from(server, api, fault=""):
    status, text, is_cut = ask(server, api.method, fault + api.path, api.body, api.headers)
    assert status == 200 and not is_cut, (status, text, is_cut)
    return events_of(text)


def object_from(server, api, **more):
    status, text, _ = ask(server, api.method, api.path, {**api.body, "stream": False, **more}, api.headers)
    assert status == 200, text
    return json.loads(text)


def text_of(events):
    """What has been said, whichever API said it."""
    text = ""
    for name, data in events:
        if name == "thread.message.delta":
            text += data["delta"]["content"][0]["text"]["value"]
        elif name == "agent.session.turn.output_text.delta":
            text += data["delta"]
        elif not name and data != "[DONE]":
            text += "".join(choice["text"] for choice in data.get("choices", []))
    return text


def kinds_of(events):
    """Their names, repetitions left out."""
    names = [event.name for event in events]
    return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]


# --- what is said ------------------------------------------------------------------------------------------------


def a_completion(server):
    events = events_from(server, completion(max_tokens=3, stream_options={"include_usage": True}))
    assert events[-1].data == "[DONE]" and text_of(events) == "Loud and clear:", events
    *chunks, last = [event.data for event in events[:-1]]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 3 + ["length"], chunks
    assert all(chunk["usage"] is None for chunk in chunks) and len({chunk["id"] for chunk in chunks}) == 1, chunks
    assert last["choices"] == [] and last["usage"] == {
        "prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}, last
    assert not any("usage" in event.data for event in events_from(server, completion())[:-1])
    assert "usage" in events_from(server, completion(), "/fault:usage")[0].data
    whole = object_from(server, completion())
    assert whole["choices"] == [{"index": 0, "text": PING, "logprobs": None, "finish_reason": "stop"}], whole
    assert whole["usage"]["total_tokens"] == 19, whole


def completions_of_several_prompts(server):
    prompts = ["ping", "my name is Ada"]
    whole = object_from(server, completion(prompt=prompts))["choices"]
    assert [choice["index"] for choice in whole] == [0, 1] and "Ada" in whole[1]["text"], whole
    texts = ["", ""]
    for event in events_from(server, completion(prompt=prompts))[:-1]:
        texts[event.data["choices"][0]["index"]] += event.data["choices"][0]["text"]
    assert texts == [choice["text"] for choice in whole], texts
    echo = object_from(server, completion(echo=True))["choices"][0]["text"]
    assert echo == "ping\n" + PING, echo


def log_probabilities(server):
    for count in (0, 1, 5):
        whole = object_from(server, completion(logprobs=count, echo=True))["choices"][0]
        pieces = [event.data["choices"][0]["logprobs"] for event in events_from(
            server, completion(logprobs=count, echo=True))[:-1]]
        assert pieces.pop() is None, pieces
        for name, values in whole["logprobs"].items():
            assert values == [value for piece in pieces for value in piece[name]], (name, values)
        tokens, offsets = whole["logprobs"]["tokens"], whole["logprobs"]["text_offset"]
        assert "".join(tokens) == whole["text"] and len(tokens) == 20, tokens
        assert all(whole["text"][at:].startswith(token) for at, token in zip(offsets, tokens)), offsets
        tops = whole["logprobs"].get("top_logprobs", [{}] * 20)
        assert [len(top) for top in tops] == [count] * 20, tops
        assert all(count == 0 or top[token] == -0.25 for top, token in zip(tops, tokens)), tops


TEXT_RUN = ["thread.created", "thread.run.created", "thread.run.queued", "thread.run.in_progress",
            "thread.run.step.created", "thread.run.step.in_progress", "thread.message.created",
            "thread.message.in_progress", "thread.message.delta", "thread.message.completed",
            "thread.run.step.completed", "thread.run.completed", "done"]


def a_run(server):
    events = events_from(server, run("my name is Ada"))
    assert kinds_of(events) == TEXT_RUN and events[-1].data == "[DONE]", kinds_of(events)
    said = next(event.data for event in events if event.name == "thread.message.completed")
    assert text_of(events) == said["content"][0]["text"]["value"] and "Ada" in text_of(events), said
    thread = events[0].data["id"]
    again = {"assistant_id": "lumen", "additional_messages": [{"role": "user", "content": "What is my name?"}]}
    path = f"/v1/threads/{thread}/runs"
    next_events = events_of(ask(server, "POST", path, {**again, "stream": True}, ASSISTANTS)[1])
    assert kinds_of(next_events) == TEXT_RUN[1:] and ", Ada" in text_of(next_events), next_events
    whole = json.loads(ask(server, "POST", path, again, ASSISTANTS)[1])
    assert whole["status"] == "completed" and whole["usage"]["completion_tokens"] > 0, whole
    listed = json.loads(ask(server, "GET", f"/v1/threads/{thread}/messages", None, ASSISTANTS)[1])
    assert [one["role"] for one in listed["data"]] == ["assistant", "user"] * 3, listed
    assert listed["first_id"] == listed["data"][0]["id"] and listed["last_id"] == listed["data"][-1]["id"], listed
    assert listed["data"][-2]["id"] == said["id"] and len({one["id"] for one in listed["data"]}) == 6, listed


def a_thread_is_made_first(server):
    made = json.loads(ask(server, "POST", "/v1/threads", {"messages": [{"role": "user", "content": "ping"}]},
                          ASSISTANTS)[1])
    path = f"/v1/threads/{made['id']}/runs"
    events = events_of(ask(server, "POST", path, {"assistant_id": "lumen", "stream": True}, ASSISTANTS)[1])
    assert kinds_of(events) == TEXT_RUN[1:] and text_of(events) == PING, events


def a_run_calls_tools(server):
    for api, fault in ((run("How is the weather?", tools=[WEATHER]), ""), (run(), "/fault:tools"),
                       (run(assistant_id="fault:tools"), "")):
        events = events_from(server, api, fault)
        assert kinds_of(events) == [*TEXT_RUN[:6], "thread.run.step.delta", "thread.run.requires_action",
                                    "done"], kinds_of(events)
        waiting = events[-2].data
        calls = waiting["required_action"]["submit_tool_outputs"]["tool_calls"]
        pieces = [event.data["delta"]["step_details"]["tool_calls"][0] for event in events
                  if event.name == "thread.run.step.delta"]
        for index, call in enumerate(calls):
            its = [piece for piece in pieces if piece["index"] == index]
            assert its[0]["id"] == call["id"] and its[0]["function"]["name"] == "get_weather", its
            assert "".join(piece["function"]["arguments"] for piece in its) == call["function"]["arguments"], its
        assert [call["function"]["arguments"] for call in calls] == ['{"city":"Brest"}', '{"city":"Bergen"}'], calls
        runs = f"/v1/threads/{waiting['thread_id']}/runs"
        status, text, _ = ask(server, "POST", runs, {"assistant_id": "lumen"}, ASSISTANTS)
        assert status == 400 and "active run" in text, text
        outputs = [{"tool_call_id": call["id"], "output": f"{at} degrees"} for at, call in enumerate(calls)]
        path = f"{runs}/{waiting['id']}/submit_tool_outputs"
        for wrong in (outputs[:1], outputs[:1] * 2, [], [*outputs, {"tool_call_id": "call_x", "output": "a"}]):
            status, text, _ = ask(server, "POST", path, {"tool_outputs": wrong}, ASSISTANTS)
            assert status == 400 and json.loads(text)["error"]["param"] == "tool_outputs", text
        rest = events_of(ask(server, "POST", path, {"tool_outputs": outputs[::-1], "stream": True}, ASSISTANTS)[1])
        assert kinds_of(rest) == ["thread.run.step.completed", *TEXT_RUN[2:]], kinds_of(rest)
        assert text_of(rest).endswith("\n- 0 degrees\n- 1 degrees") and rest[-2].data["id"] == waiting["id"], rest
        done = rest[0].data["step_details"]["tool_calls"]
        assert [call["function"]["output"] for call in done] == ["0 degrees", "1 degrees"], done
        status, text, _ = ask(server, "POST", path, {"tool_outputs": outputs}, ASSISTANTS)
        assert status == 400 and "does not wait" in text, text


TEXT_TURN = ["session.created", "session.in_progress", "session.turn.created", "session.turn.in_progress",
             "session.turn.item.added", "session.turn.content_part.added", "session.turn.output_text.delta",
             "session.turn.output_text.done", "session.turn.content_part.done", "session.turn.item.done",
             "session.turn.completed", "session.idle"]
THOUGHT = ["session.turn.item.added", "session.turn.reasoning_summary_part.added",
           "session.turn.reasoning_summary_text.delta", "session.turn.reasoning_summary_text.done",
           "session.turn.reasoning_summary_part.done", "session.turn.item.done"]


def a_session(server):
    events = events_from(server, session())
    kinds = [name.removeprefix("agent.") for name in kinds_of(events)]
    assert kinds == TEXT_TURN and text_of(events) == PING, kinds
    assert all(event.name == event.data["type"] for event in events), events
    assert len({event.data["event_id"] for event in events}) == len(events), events
    made = object_from(server, session())
    assert made["status"] == "in_progress" and made["usage"] is None, made
    for name, text in ((made["id"], PING), ("local", "Sunlight")):
        path = "/v1/agents/sessions/" + name
        told = events_of(ask(server, "GET", path + "/events?include_obfuscation=false", None, AGENTS)[1])
        assert [event.name for event in told if "delta" not in event.name] == [
            event.name for event in events if "delta" not in event.name] and text_of(told).startswith(text), told
        found = json.loads(ask(server, "GET", path, None, AGENTS)[1])
        assert (found["id"], found["status"]) == (name, "idle") and found["usage"] == told[-1].data["session"]["usage"]
    events = events_from(server, session(agent={"model": "fault:reasoning"}))
    kinds = [name.removeprefix("agent.") for name in kinds_of(events)]
    assert kinds == TEXT_TURN[:4] + THOUGHT + TEXT_TURN[4:] and text_of(events) == PING, kinds
    assert [event.data["output_index"] for event in events if "item.done" in event.name] == [0, 1], events


def takes_its_time(server, api):
    """A token each hundredth of a second, counted from the first."""
    begun = time.monotonic()
    events = events_from(server, api)
    assert text_of(events) == PING and 0.18 <= time.monotonic() - begun < PATIENCE, time.monotonic() - begun


# --- faults ------------------------------------------------------------------------------------------------------


def refused_by_fault(server, api, fault, status):
    code, text, _ = ask(server, api.method, f"/fault:{fault}{api.path}", api.body, api.headers)
    assert code == status and (text.startswith("<!DOCTYPE") == fault.startswith("html")), text


def silent_by_fault(server, api):
    assert ask(server, api.method, "/fault:silence" + api.path, api.body, api.headers, 0.3) == (
        None, "", "TimeoutError")


def a_fault_in_place_of_the_model(server):
    name = "fault:status=503"
    for api in (completion(model=name), run(model=name), run(assistant_id=name), session(agent={"model": name})):
        status, text, _ = ask(server, api.method, api.path, api.body, api.headers)
        assert status == 503 and json.loads(text)["error"]["type"] == "server_error", (api.name, text)
    made = object_from(server, session(agent={"model": name}))  # it fails later
    status, text, _ = ask(server, "GET", f"/v1/agents/sessions/{made['id']}/events", None, AGENTS)
    assert status == 503 and made["agent"]["model"] == name, text


def slowly(server):
    begun = time.monotonic()
    _, text, _ = ask(server, "POST", "/fault:slow=1/v1/completions", completion(max_tokens=1).body)
    assert len(events_of(text)) == 3 and time.monotonic() - begun > len(text) / 1000, (text, time.monotonic() - begun)


def whole_by_fault(server, api):
    types = Types()
    _, text, _ = ask(server, api.method, "/fault:whole" + api.path, api.body, api.headers)
    assert not types.complaints(json.loads(text), types.find(api.whole)), text


# fault, how the connection ended, and whether an error came last
BROKEN = [("cut", "IncompleteRead", False), ("cut-chunk", "IncompleteRead", False), ("cut-clean", False, False),
          ("stall", "TimeoutError", False), ("reset", "ConnectionResetError", False), ("error-midstream", False, True)]


def broken_by_fault(server, api, fault, ending, has_error):
    whole = text_of(events_from(server, api))
    _, text, is_cut = ask(server, api.method, f"/fault:{fault}{api.path}", api.body, api.headers,
                          0.5 if fault == "stall" else PATIENCE)
    events = events_of(text)
    errors = [event for event in events if event.name == "error" or "error" in event.data and not event.name]
    assert is_cut == ending and len(errors) == has_error and (not errors or errors == events[-1:]), (is_cut, errors)
    # A reset may take bytes with it that have arrived.
    words = len(text_of(events).split())
    assert whole.startswith(text_of(events)) and (fault == "reset" or words == len(whole.split()) // 2), (words, text)


def error_first(server, api):
    types = Types()
    events = events_from(server, api, "/fault:error-first")
    assert len(events) == 1, events
    data = events[0].data
    row = {"completions": None, "runs": types.find("ErrorObject"), "agents": types.find("AgentSessionErrorEvent")}
    wrong = types.complaints(data, row[api.name]) if row[api.name] else types.complaints(
        data["error"], types.find("ErrorObject"))
    assert not wrong and events[0].name == ("" if api.name == "completions" else "error"), (wrong, events)


def counted_by_fault(server, api):
    for count in (1, 7):
        _, text, is_cut = ask(server, api.method, f"/fault:cut-after={count}{api.path}", api.body, api.headers)
        assert is_cut == "IncompleteRead" and len(events_of(text)) == count, text


def dressed_by_fault(server, api):
    """The same events, in other clothes."""
    plain = events_from(server, api)
    for fault in ("no-done", "comments", "crlf", "bytes", "slow=0", "comments+crlf+bytes"):
        _, text, _ = ask(server, api.method, f"/fault:{fault}{api.path}", api.body, api.headers)
        events = events_of(text)
        left_out = int(api.is_done and fault == "no-done")
        assert [event.name for event in events] == [event.name for event in plain][:len(plain) - left_out], fault
        assert text_of(events) == PING and (events[-1].data == "[DONE]") == (api.is_done and not left_out), fault
        assert text.count(": keep-alive") == (len(events) if "comments" in fault else 0), fault
        assert ("\r\n" in text) == ("crlf" in fault), fault


# --- what is refused ---------------------------------------------------------------------------------------------


REFUSED = [
    # name, method, path, body, headers, status, param, a word of the sentence
    ("no prompt", "POST", "/v1/completions", {"model": "local"}, {}, 400, "prompt", "Missing"),
    ("no model", "POST", "/v1/completions", {"prompt": "a"}, {}, 400, "model", "Missing"),
    ("tokens for a prompt", "POST", "/v1/completions", {"model": "local", "prompt": [1, 2]}, {}, 400, "prompt", "text"),
    ("a prompt of no kind", "POST", "/v1/completions", {"model": "local", "prompt": {}}, {}, 400, "prompt", "list"),
    ("no prompt in a list", "POST", "/v1/completions", {"model": "local", "prompt": []}, {}, 400, "prompt", "list"),
    ("21 prompts", "POST", "/v1/completions", {"model": "local", "prompt": ["a"] * 21}, {}, 400, "prompt", "20"),
    ("6 log probabilities", "POST", "/v1/completions", {"model": "local", "prompt": "a", "logprobs": 6}, {}, 400,
     "logprobs", "from 0 to 5"),
    ("a word for a count", "POST", "/v1/completions", {"model": "local", "prompt": "a", "max_tokens": "x"}, {}, 400,
     "max_tokens", "number"),
    ("an unknown fault", "POST", "/v1/completions", {"model": "fault:x", "prompt": "a"}, {}, 400, "model", "no fault"),
    ("completions by GET", "GET", "/v1/completions", None, {}, 405, None, "POST only"),
    ("completions without /v1", "POST", "/completions", {}, {}, 404, None, "Did you mean /v1/completions"),
    ("translations by GET", "GET", "/v1/audio/translations", None, {}, 405, None, "POST only"),
    ("a run without its header", "POST", "/v1/threads/runs", {"assistant_id": "a"}, {}, 400, None,
     "OpenAI-Beta: assistants=v2"),
    ("a run with the header of agents", "POST", "/v1/threads/runs", {"assistant_id": "a"}, AGENTS, 400, None,
     "OpenAI-Beta: assistants=v2"),
    ("no assistant", "POST", "/v1/threads/runs", {}, ASSISTANTS, 400, "assistant_id", "Missing"),
    ("messages that are no list", "POST", "/v1/threads", {"messages": "a"}, ASSISTANTS, 400, "messages", "array"),
    ("a message of nobody", "POST", "/v1/threads", {"messages": [{"content": "a"}]}, ASSISTANTS, 400,
     "messages[0].role", "Missing"),
    ("no such thread", "POST", "/v1/threads/x/runs", {"assistant_id": "a"}, ASSISTANTS, 404, "thread_id", "'x'"),
    ("no such thread's messages", "GET", "/v1/threads/x/messages", None, ASSISTANTS, 404, "thread_id", "'x'"),
    ("runs by GET", "GET", "/v1/threads/runs", None, ASSISTANTS, 405, None, "POST only"),
    ("nothing in threads", "POST", "/v1/threads/x/y", {}, ASSISTANTS, 404, None, "nothing at"),
    ("nothing like threads", "POST", "/v1/threadsxruns", {}, ASSISTANTS, 404, None, "nothing at"),
    ("events without their header", "GET", "/v1/agents/sessions/local/events", None, {}, 400, None,
     "OpenAI-Beta: agents=v1"),
    ("no such session", "GET", "/v1/agents/sessions/x/events", None, AGENTS, 404, "session_id", "'x'"),
    ("events by POST", "POST", "/v1/agents/sessions/local/events", {}, AGENTS, 405, None, "GET only"),
    ("sessions by GET", "GET", "/v1/agents/sessions", None, AGENTS, 405, None, "POST only"),
    ("a session nowhere", "POST", "/v1/agents/sessions", {"input": "a"}, AGENTS, 400, "environment", "Missing"),
    ("a session with an unknown fault", "POST", "/v1/agents/sessions",
     {"environment": {}, "agent": {"model": "fault:x"}}, AGENTS, 400, "model", "no fault"),
    ("nothing in sessions", "GET", "/v1/agents/sessions/local/turns", None, AGENTS, 404, None, "nothing at"),
]


def refuses(server, method, path, body, headers, status, param, word):
    code, text, _ = ask(server, method, path, body, headers)
    error = json.loads(text)["error"]
    assert (code, error["type"], error["param"]) == (status, "invalid_request_error", param), (code, text)
    assert word in error["message"] and error["message"].endswith((".", "?")) and error["code"], text


# --- types -------------------------------------------------------------------------------------------------------


def typed_assistant_events(types, events):
    """What is wrong with each, by the type that its name has."""
    rows = [row for row in types.rows if row["name"].startswith("AssistantStreamEvent.")]
    for event in events[:-1]:
        row = next(row for row in rows if row["members"]["event"] == f"'{event.name}'")
        yield from types.complaints({"event": event.name, "data": event.data}, row, event.name)


def typed_events(types, events, file, extra=()):
    for event in events:
        rows = types.of_type(event.data["type"], file)
        yield from types.complaints(event.data, rows[0], event.name, extra) if rows else [f"no type {event.name}"]


def has_types_of_completions(server, types):
    row = types.find("Completion")
    for more in ({}, {"logprobs": 2}, {"logprobs": 0}, {"max_tokens": 1}, {"prompt": ["a", "b"]}):
        yield from types.complaints(object_from(server, completion(**more)), row)
        for event in events_from(server, completion(**more))[:-1]:
            for choice in event.data["choices"]:
                choice["finish_reason"] = choice["finish_reason"] or "stop"  # null of a chunk: the type is the whole's
            yield from types.complaints(event.data, row)


def has_types_of_runs(server, types):
    yield from typed_assistant_events(types, events_from(server, run()))
    events = events_from(server, run(), "/fault:tools")
    yield from typed_assistant_events(types, events)
    waiting = events[-2].data
    outputs = [{"tool_call_id": call["id"], "output": "a"}
               for call in waiting["required_action"]["submit_tool_outputs"]["tool_calls"]]
    path = f"/v1/threads/{waiting['thread_id']}/runs/{waiting['id']}/submit_tool_outputs"
    rest = ask(server, "POST", path, {"tool_outputs": outputs, "stream": True}, ASSISTANTS)[1]
    yield from typed_assistant_events(types, events_of(rest))
    yield from types.complaints(object_from(server, run()), types.find("Run"))
    made = json.loads(ask(server, "POST", "/v1/threads", {}, ASSISTANTS)[1])
    yield from types.complaints(made, types.find("Thread"))
    listed = ask(server, "GET", f"/v1/threads/{waiting['thread_id']}/messages", None, ASSISTANTS)[1]
    for message in json.loads(listed)["data"]:
        yield from types.complaints(message, types.find("Message"))


def has_types_of_agents(server, types):
    for fault in ("", "/fault:reasoning"):
        yield from typed_events(types, events_from(server, session(), fault), "beta/agents/agents")
    yield from types.complaints(object_from(server, session()), types.find("AgentSession"))


CHAT = {"model": "local", "stream": True, "messages": [{"role": "user", "content": "ping"}],
        "stream_options": {"include_usage": True}}
OTHERS = ("reasoning_content",)  # as other servers say it
# What other APIs say: a path and a body. With "stream", the events; without, the type of the object.
CHATS = [("", CHAT), ("", {**CHAT, "tools": [WEATHER], "tool_choice": "required"}), ("/fault:reasoning", CHAT)]
RESPONSES = [
    {"input": "ping"}, {"input": "ping", "reasoning": {"summary": "auto"}},
    {"input": "the weather?", "tools": [{"type": "function", "name": "get_weather", "parameters": {}}]},
    {"input": "shell command", "tools": [{"type": "shell"}]},
    {"input": "shell command", "tools": [{"type": "local_shell"}]},
    {"input": "the lamp?", "tools": [{"type": "mcp", "server_label": "lamp"}]},
]


def has_types_of_chats(server, types):
    for fault, body in CHATS:
        _, text, _ = ask(server, "POST", fault + "/v1/chat/completions", body)
        for event in events_of(text)[:-1]:
            yield from types.complaints(event.data, types.find("ChatCompletionChunk"), extra=OTHERS)
        _, text, _ = ask(server, "POST", fault + "/v1/chat/completions", {**body, "stream": False})
        yield from types.complaints(json.loads(text), types.find("ChatCompletion"), extra=OTHERS)


def add_what_the_package_does(response):
    """It puts the texts together; and it does not say that nothing is counted yet at first."""
    response["output_text"] = ""
    if response["status"] == "in_progress" and response["usage"] is None:
        del response["usage"]
    return response


def has_types_of_responses(server, types):
    for body in RESPONSES:
        _, text, _ = ask(server, "POST", "/v1/responses", {"model": "local", "stream": True, **body})
        events = events_of(text)
        for event in events:
            if "response" in event.data:
                add_what_the_package_does(event.data["response"])
        yield from typed_events(types, events, "responses/responses")
        _, text, _ = ask(server, "POST", "/v1/responses", {"model": "local", **body})
        yield from types.complaints(add_what_the_package_does(json.loads(text)), types.find("Response"))


def has_types_of_images(server, types):
    body = {"prompt": "a lighthouse", "partial_images": 1}
    _, text, _ = ask(server, "POST", "/v1/images/generations", {**body, "stream": True})
    yield from typed_events(types, events_of(text), "images")
    _, text, _ = ask(server, "POST", "/v1/images/generations", body)
    yield from types.complaints(json.loads(text), types.find("ImagesResponse"))


def has_right_types(server, audit):
    """Nothing is wrong with what is said, and the types of all objects but these were in the data."""
    types = Types()
    wrong = list(audit(server, types))
    assert not wrong, sorted(set(wrong))
    assert types.unchecked <= {"Shared.Metadata", "ResponseInputMessageContentList"}, types.unchecked


# --- the library -------------------------------------------------------------------------------------------------


SKY = "Sunlight carries every color"
ANSWERS = [
    # kind of request, how the text begins, bytes of media or likely tokens, calls, why it ended, what was wrong
    ("ListModels", "local", 0, "", "", ""),
    ("ChatRequest", PING, 0, "", "stop", ""),
    ("RawRequest", PING, 0, "", "stop", ""),
    ("CompletionRequest", PING, 54, "", "stop", ""),
    ("ResponseRequest", PING, 0, "", "completed", ""),
    ("RetrieveRequest", PING, 0, "", "completed", ""),
    ("CancelRequest", "", 0, "", "", "the server refused the request"),  # it is complete
    ("ImageRequest", "", 384, "", "completed", ""),
    ("ImageEditRequest", "", 192, "", "completed", ""),
    ("SpeechRequest", "", 2196, "", "completed", ""),
    ("TranscriptionRequest", 'I have listened to "a.wav", all 4 bytes of it, and heard', 0, "", "completed", ""),
    ("TranslationRequest", 'I have listened to "a.wav", all 4 bytes of it. In English,', 0, "", "completed", ""),
    ("ThreadRunRequest", PING, 0, "", "completed", ""),
    ("ThreadRunRequest", "", 0, 'get_weather{"city":"Brest"}get_weather{"city":"Bergen"}', "requires_action", ""),
    ("ToolOutputsRequest", "I have asked, and here is what the line said.|- 14 degrees|- fog", 0, "", "completed", ""),
    ("AgentEventsRequest", SKY, 0, "", "idle", ""),
]


def answers_in(url):
    done = subprocess.run([EVERY_REQUEST, url], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def every_request_is_answered(server, fault):
    lines = answers_in(f"{server.root}{fault}/v1")
    assert len(lines) == len(ANSWERS), lines
    for line, (name, text, size, *rest) in zip(lines, ANSWERS):
        assert line[0] == name and line[1].startswith(text) and (text or not line[1]), line
        assert line[2:] == [str(size), *rest], line


def every_kind_of_request_is_asked():
    header = (ROOT / "src" / "io" / "api.hpp").read_text(encoding="utf-8")
    kinds = set(re.findall(r"answer_to\(const (\w+)&", header))
    assert len(kinds) > 10 and kinds <= {row[0] for row in ANSWERS}, kinds - {row[0] for row in ANSWERS}


def the_library_hears_faults(server):
    """What was there of each answer is kept, and the error has its words."""
    wholes = {name: text for name, text, *_ in ANSWERS[::-1]}
    for fault, error in (("cut", "the answer ended before it was finished"),
                         ("error-midstream", "the server reported an error")):
        first = {line[0]: line for line in answers_in(f"{server.root}/fault:{fault}/v1")[::-1]}
        for name in ("ChatRequest", "CompletionRequest", "ThreadRunRequest", "AgentEventsRequest"):
            _, text, _, _, ended, wrong = first[name]
            assert text and (wholes[name].startswith(text) or text.startswith(SKY)), (fault, first[name])
            assert text != wholes[name] and (ended, wrong) == ("", error), (fault, first[name])


def main():
    result = Result()
    with Server(SERVER, "--pace", "0") as server:
        for test in (a_completion, completions_of_several_prompts, log_probabilities, a_run, a_thread_is_made_first,
                     a_run_calls_tools, a_session, a_fault_in_place_of_the_model, slowly, the_library_hears_faults):
            result.run(test.__name__.replace("_", " "), test, server)
        for fault in ("", "/fault:no-done", "/fault:comments+crlf+bytes"):
            result.run(f"every request is answered {fault}", every_request_is_answered, server, fault)
        result.run("every kind of request is asked", every_kind_of_request_is_asked)
        for api in STREAMED:
            for fault, status in (("status=503", 503), ("status=429", 429), ("html=502", 502), ("early", 413)):
                result.run(f"{api.name}, {fault}", refused_by_fault, server, api, fault, status)
            for fault, *row in BROKEN:
                result.run(f"{api.name}, {fault}", broken_by_fault, server, api, fault, *row)
            result.run(f"{api.name}, silence", silent_by_fault, server, api)
            result.run(f"{api.name}, cut-after", counted_by_fault, server, api)
            result.run(f"{api.name}, in other clothes", dressed_by_fault, server, api)
        for name, *row in REFUSED:
            result.run("refused: " + name, refuses, server, *row)
        if not FACTS.exists():
            result.skip(f"the types of what the server says: {FACTS} is not there")
        else:
            for api in STREAMED:
                result.run(f"{api.name}, whole", whole_by_fault, server, api)
                result.run(f"{api.name}, error-first", error_first, server, api)
            for audit in (has_types_of_completions, has_types_of_runs, has_types_of_agents, has_types_of_chats,
                          has_types_of_responses, has_types_of_images):
                result.run(audit.__name__.replace("_", " "), has_right_types, server, audit)
    with Server(SERVER, "--pace", "100") as server:
        for api in STREAMED:
            result.run(f"{api.name} take their time", takes_its_time, server, api)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
