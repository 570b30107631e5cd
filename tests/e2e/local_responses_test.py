#!/usr/bin/env python3
"""The Responses API of the local server, and an example that uses it: local_responses_test.py LOCAL_SERVER RESPONSES"""
import http.client
import json
import subprocess
import sys
import time

from support import PATIENCE, Result, Server, environment, match

SERVER, RESPONSES = sys.argv[1:3]
PING = "Loud and clear: your request arrived in one piece, and this answer is on its way in many."
FUNCTIONS = [
    {"type": "function", "name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["C", "F"]},
                                         "days": {"type": "integer"}, "exact": {"type": "boolean"}}}},
    {"type": "web_search"},
    {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}},
]


def exchange(server, method, path, body=None):
    """Status and body; what came before the connection broke."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    link.request(method, path, None if body is None else json.dumps(body))
    answer = link.getresponse()
    try:
        text = answer.read()
    except http.client.IncompleteRead as cut:
        text = cut.partial
    link.close()
    return answer.status, text.decode()


def events_of(text):
    """What stands in complete events; each names its type twice and counts on."""
    events = []
    for block in text.split("\n\n")[:-1]:
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == "event: " + event["type"], block
        assert not events or event["sequence_number"] == events[-1]["sequence_number"] + 1, block
        events.append(event)
    return events


def ask(server, path="/v1/responses", **members):
    status, text = exchange(server, "POST", path, {"model": "local", "stream": True, **members})
    assert status == 200, text
    return events_of(text)


def types_of(events):
    """Without "response.", repetitions left out."""
    types = [event["type"].removeprefix("response.") for event in events]
    return [name for at, name in enumerate(types) if at == 0 or types[at - 1] != name]


def text_of(events, kind="output_text"):
    return "".join(event["delta"] for event in events if event["type"] == f"response.{kind}.delta")


MESSAGE = ["output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done",
           "output_item.done"]
SUMMARY = ["output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
           "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"]


def an_answer(server):
    events = ask(server, input="ping")
    assert types_of(events) == ["created", "in_progress", *MESSAGE, "completed"], types_of(events)
    assert events[0]["sequence_number"] == 0 and text_of(events) == PING
    first, last = events[0]["response"], events[-1]["response"]
    assert (first["status"], first["output"], first["usage"]) == ("in_progress", [], None), first
    assert last["status"] == "completed" and last["id"] == first["id"] and last["usage"]["output_tokens"] == 18, last
    assert last["output"][0]["content"][0]["text"] == PING, last
    items = {event["item_id"] for event in events if "item_id" in event}
    assert items == {last["output"][0]["id"]}, items


def reasoning_before_the_answer(server):
    for path, more in (("/v1/responses", {"reasoning": {"summary": "auto"}}), ("/fault:reasoning/v1/responses", {})):
        events = ask(server, path, input="ping", **more)
        assert types_of(events) == ["created", "in_progress", *SUMMARY, *MESSAGE, "completed"], types_of(events)
        assert text_of(events, "reasoning_summary_text").startswith("The keeper asks.") and text_of(events) == PING
        assert [item["type"] for item in events[-1]["response"]["output"]] == ["reasoning", "message"]
        assert {event["output_index"] for event in events if "delta" in event} == {0, 1}


def no_stream(server):
    status, text = exchange(server, "POST", "/v1/responses", {"model": "local", "input": "ping"})
    answer = json.loads(text)
    assert status == 200 and answer["output"][0]["content"][0]["text"] == PING and answer["status"] == "completed"


def two_calls_at_a_time(server):
    question = "what is the weather, and the time?"
    events = ask(server, input=question, tools=FUNCTIONS)
    calls = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [call["name"] for call in calls] == ["get_weather", "get_time"], calls
    assert json.loads(calls[0]["arguments"]) == {"city": "Brest", "unit": "F", "days": 1, "exact": True}, calls
    assert calls[1]["arguments"] == "{}" and calls[0]["call_id"] != calls[1]["call_id"], calls
    for index, call in enumerate(calls):
        pieces = [event for event in events if event["type"].endswith("arguments.delta") and
                  event["output_index"] == index]
        assert "".join(piece["delta"] for piece in pieces) == call["arguments"], pieces
    order = [event["output_index"] for event in events if event["type"].endswith("arguments.delta")]
    assert order == [0, 1, 0, 1], order
    results = [{"type": "function_call_output", "call_id": call["call_id"], "output": f"{call['name']}: fine"}
               for call in calls]
    for more in ({"previous_response_id": events[-1]["response"]["id"], "input": results},
                 {"input": [{"role": "user", "content": question}, *calls, *results]}):
        assert text_of(ask(server, tools=FUNCTIONS, **more)).endswith("\n- get_weather: fine\n- get_time: fine")
    one = ask(server, input=[{"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]}], tools=FUNCTIONS)
    cities = [json.loads(event["arguments"])["city"] for event in one if event["type"].endswith("arguments.done")]
    assert cities == ["Brest", "Bergen"], cities
    assert text_of(ask(server, input=question, tools=FUNCTIONS, tool_choice="none"))


BUILT_IN = [{"type": "mcp", "server_label": "lamp", "server_url": "https://x", "server_description": "What shines"},
            {"type": "shell"}, {"type": "local_shell"}, {"type": "web_search"}]


def asks_before_it_calls(server):
    """A tool of an MCP server and a shell's; nothing is kept, so what was asked has to be there again."""
    question = {"role": "user", "content": "light the lamp by a shell command"}
    events = ask(server, input=[question], tools=BUILT_IN, store=False)
    approval, shell, local_shell = items = events[-1]["response"]["output"]
    assert [event["item"] for event in events if event["type"].endswith("item.done")] == items
    assert [item["type"] for item in items] == ["mcp_approval_request", "shell_call", "local_shell_call"], items
    assert json.loads(approval["arguments"]) and approval["server_label"] == "lamp", approval
    commands = [event["delta"] for event in events if event["type"] == "response.shell_call_command.delta"]
    assert shell["action"]["commands"] == commands and local_shell["action"]["command"][-1:] == commands, items
    outcome = {"type": "exit", "exit_code": 0}
    told = [{"type": "mcp_approval_response", "approval_request_id": approval["id"], "approve": True},
            {"type": "shell_call_output", "call_id": shell["call_id"],
             "output": [{"stdout": "a\n", "stderr": "b\n", "outcome": outcome}]},
            {"type": "local_shell_call_output", "id": local_shell["call_id"], "output": "c"}]
    call, message = ask(server, input=[question, *items, *told], tools=BUILT_IN)[-1]["response"]["output"]
    assert (call["type"], call["approval_request_id"], call["output"]) == ("mcp_call", approval["id"], "done"), call
    assert message["content"][0]["text"].endswith("\n- lamp: done\n- the shell: a\nb\n- c"), message
    told[0]["approve"] = False
    message, = ask(server, input=[question, *items, *told], tools=BUILT_IN)[-1]["response"]["output"]
    assert "\n- lamp: that was not allowed\n" in message["content"][0]["text"], message
    for words, kinds in (("what shines?", ["mcp_approval_request"]),
                         ("which commands?", ["shell_call", "local_shell_call"]), ("ping", ["message"])):
        output = ask(server, input=[question, *items, *told, {"role": "user", "content": words}],
                     tools=BUILT_IN)[-1]["response"]["output"]
        assert [item["type"] for item in output] == kinds, output
    assert text_of(ask(server, input=[question], tools=BUILT_IN, tool_choice="none"))


# question, tool_choice, the functions that are called
TOOL_ROWS = [
    ("ping", "auto", []),
    ("get me some tea", "auto", []),  # no more than a word that says nothing
    ("is it sunny?", "auto", ["get_weather"] * 2),  # by what is said about it
    ("how is the Weather?", "auto", ["get_weather"] * 2),
    ("the times!", "auto", ["get_time"] * 2),
    ("time and weather", "auto", ["get_weather", "get_time"]),
    ("ping", "required", ["get_weather", "get_time"]),
    ("ping", {"type": "function", "name": "get_time"}, ["get_time"] * 2),
    ("what is the time?", {"type": "function", "name": "get_weather"}, ["get_weather"] * 2),
    ("what is the time?", "none", []),
]


def calls_what_is_asked_for(server, question, choice, expected):
    """In both APIs; without calls there is a text."""
    functions = [{**tool, "description": "Sunny or not?" if tool["name"] == "get_weather" else ""}
                 for tool in FUNCTIONS if "name" in tool]
    output = ask(server, input=question, tools=functions, tool_choice=choice)[-1]["response"]["output"]
    assert [item.get("name") for item in output] == (expected or [None]), output
    if isinstance(choice, dict):
        choice = {"type": "function", "function": {"name": choice["name"]}}
    body = {"model": "local", "messages": [{"role": "user", "content": question}], "tool_choice": choice,
            "tools": [{"type": "function", "function": function} for function in functions]}
    message = json.loads(exchange(server, "POST", "/v1/chat/completions", body)[1])["choices"][0]["message"]
    assert [call["function"]["name"] for call in message.get("tool_calls", [])] == expected, message
    assert bool(message["content"]) == (not expected), message


def chat_calls_tools(server):
    tools = [{"type": "function", "function": tool} for tool in FUNCTIONS if "name" in tool]
    question = [{"role": "user", "content": "what is the weather, and the time?"}]

    def chat(messages):
        body = {"model": "local", "messages": messages, "tools": tools}
        return json.loads(exchange(server, "POST", "/v1/chat/completions", body)[1])["choices"][0]

    choice = chat(question)
    calls = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls" and len(calls) == 2, choice
    results = [{"role": "tool", "tool_call_id": call["id"], "content": call["function"]["name"]} for call in calls]
    choice = chat([*question, choice["message"], *results])
    assert choice["finish_reason"] == "stop" and choice["message"]["content"].endswith("\n- get_weather\n- get_time")
    assert chat([*question, *results, {"role": "user", "content": "the weather again"}])["finish_reason"] == "tool_calls"


def a_conversation(server):
    first = ask(server, input="my name is Ada")
    second = ask(server, input="what is my name?", previous_response_id=first[-1]["response"]["id"])
    assert "Ada" in text_of(second) and second[-1]["response"]["previous_response_id"] == first[0]["response"]["id"]
    third = ask(server, input="what is my name?")
    assert "Ada" not in text_of(third)
    unkept = ask(server, input="my name is Ada", store=False)
    body = {"model": "local", "input": "?", "previous_response_id": unkept[0]["response"]["id"]}
    status, text = exchange(server, "POST", "/v1/responses", body)
    assert status == 400 and json.loads(text)["error"]["code"] == "previous_response_not_found", text


def a_limit(server):
    events = ask(server, input="ping", max_output_tokens=3)
    assert text_of(events) == "Loud and clear:" and events[-1]["type"] == "response.incomplete", events[-1]
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}, events[-1]


def a_response_goes_on_where_it_was_cut(server):
    begun = ask(server, model="fault:cut-after=7", background=True, input="ping")
    assert len(begun) == 7 and begun[-1]["sequence_number"] == 6, begun
    path = "/v1/responses/" + begun[0]["response"]["id"]
    rest = events_of(exchange(server, "GET", path + "?stream=true&starting_after=6")[1])
    assert rest[0]["sequence_number"] == 7 and rest[-1]["type"] == "response.completed"
    assert text_of(begun) + text_of(rest) == PING
    again = events_of(exchange(server, "GET", path + "?starting_after=0&stream=true")[1])
    assert again[0]["sequence_number"] == 1 and again[-1] == rest[-1]
    assert json.loads(exchange(server, "GET", path)[1]) == rest[-1]["response"]
    whole = events_of(exchange(server, "GET", path + "?stream=true")[1])
    assert whole[0] == begun[0] and text_of(whole) == PING
    by_path = ask(server, "/fault:cut-after=5/v1/responses", input="ping")
    assert len(by_path) == 5, by_path
    rest = exchange(server, "GET", f"/fault:cut-after=5/v1/responses/{by_path[0]['response']['id']}?stream=true")[1]
    assert events_of(rest)[-1]["type"] == "response.completed"


def a_response_in_the_background(server):
    """Which takes about 18 tokens' time."""
    began = time.monotonic()
    body = {"model": "local", "input": "ping", "background": True}
    first = json.loads(exchange(server, "POST", "/v1/responses", body)[1])
    assert first["status"] == "in_progress", first
    events = events_of(exchange(server, "GET", f"/v1/responses/{first['id']}?stream=true")[1])
    assert text_of(events) == PING and time.monotonic() - began > 0.5
    assert exchange(server, "POST", f"/v1/responses/{first['id']}/cancel")[0] == 400


def a_response_is_cancelled(server):
    first = json.loads(exchange(server, "POST", "/v1/responses", {"model": "local", "input": "why is the sky blue?",
                                                                  "background": True})[1])
    path = "/v1/responses/" + first["id"]
    status, text = exchange(server, "POST", path + "/cancel")
    assert (status, json.loads(text)["status"]) == (200, "cancelled"), text
    assert json.loads(exchange(server, "GET", path)[1])["status"] == "cancelled"
    assert "response.completed" not in exchange(server, "GET", path + "?stream=true")[1]


REFUSED = [
    ("no model", "POST", "", {"input": "x"}, 400, "model"),
    ("no input", "POST", "", {"model": "local"}, 400, "input"),
    ("input that is a number", "POST", "", {"model": "local", "input": 1}, 400, "input"),
    ("an item without a role", "POST", "", {"model": "local", "input": [{"content": "x"}]}, 400, "input[0].role"),
    ("to allow what nobody has asked for", "POST", "", {"model": "local", "input": [
        {"type": "mcp_approval_response", "approval_request_id": "m", "approve": True}]}, 400,
     "input[0].approval_request_id"),
    ("to allow it by a word", "POST", "", {"model": "local", "input": [
        {"type": "mcp_approval_request", "id": "m"},
        {"type": "mcp_approval_response", "approval_request_id": "m", "approve": "yes"}]}, 400, "input[1].approve"),
    ("a shell's text", "POST", "", {"model": "local", "input": [
        {"type": "shell_call_output", "call_id": "c", "output": "x"}]}, 400, "input[0].output"),
    ("in the background and not kept", "POST", "", {"model": "local", "input": "x", "background": True, "store": False},
     400, "background"),
    ("nobody's response", "GET", "/resp_none", None, 404, "id"),
    ("nobody's response, cancelled", "POST", "/resp_none/cancel", {}, 404, "id"),
    ("a response that is not in the background", "POST", "/{}/cancel", {}, 400, None),
    ("to begin nowhere", "GET", "/{}?stream=true&starting_after=x", None, 400, "starting_after"),
    ("to begin far away", "GET", "/{}?stream=true&starting_after=99999999999", None, 400, "starting_after"),
    ("to delete", "DELETE", "/{}", None, 405, None),
    ("too deep a path", "GET", "/{}/x/y", None, 404, None),
]


def refuses(server, method, path, body, status, param):
    known = ask(server, input="ping")[0]["response"]["id"]
    got, text = exchange(server, method, "/v1/responses" + path.format(known), body)
    assert got == status and json.loads(text)["error"]["param"] == param, (got, text)


def what_is_too_large_is_cut(server):
    """Also what is made of it: the events of a response are kept."""
    large = "\u00e4 " * 100000
    results = [{"type": "function_call_output", "call_id": "c", "output": large}] * 3 + [
        {"type": "function_call_output", "call_id": "c", "output": "x"}] * 1000
    asked = {"type": "mcp_approval_request", "id": "m", "name": large, "server_label": large, "arguments": large}
    large_items = [asked, *[{"type": "mcp_approval_response", "approval_request_id": "m", "approve": True}] * 100]
    output = ask(server, input=[{"role": "user", "content": "x"}, *large_items])[-1]["response"]["output"]
    assert len(output) == 9 and len(json.dumps(output)) < 100000, len(json.dumps(output))
    text = text_of(ask(server, input=[{"role": large[:-1], "content": large}, *results]))
    assert text.count("\n- ") == 8 and len(text.encode()) < 16000, len(text)
    tool = {"type": "function", "name": "f", "parameters": {"properties": {
        large: {}, "a": {"enum": [large]}, **{f"p{number}": {"type": "string"} for number in range(5000)}}}}
    events = ask(server, input="x", tools=[{**tool, "name": large}, tool], max_output_tokens=10 ** 400,
                 tool_choice="required")
    call = events[-1]["response"]["output"][0]
    assert call["name"] == "f" and len(call["arguments"]) < 2000 and json.loads(call["arguments"])["a"], call


def faults_are_those_of_a_chat(server):
    assert exchange(server, "POST", "/v1/responses", {"model": "fault:status=429", "input": "x"})[0] == 429
    events = ask(server, model="fault:error-first", input="ping")
    assert [event["type"] for event in events] == ["error"] and "fault you asked for" in events[0]["message"], events
    events = ask(server, model="fault:error-midstream", input="ping")
    assert events[-1]["type"] == "error" and PING.startswith(text_of(events)) and len(text_of(events)) > 30, events
    events = ask(server, model="fault:cut", input="ping")
    assert events[-1]["type"] == "response.output_text.delta" and PING.startswith(text_of(events)), events
    assert json.loads(exchange(server, "POST", "/v1/responses", {"model": "fault:whole", "input": "ping",
                                                                 "stream": True})[1])["status"] == "completed"


THOUGHT = "-- thinking: The keeper asks. I could guess, or look at the log. Look.\n"
LOST = "-- The connection was lost; the rest came over a new one.\n"
PROGRAM_ROWS = [
    # model, options, exit status, standard output, standard error
    ("local", [], 0, PING + "\n", f"^{THOUGHT}$"),
    ("fault:bytes+crlf+comments", [], 0, PING + "\n", f"^{THOUGHT}$"),
    ("fault:whole", [], 0, PING + "\n", f"^{THOUGHT}$"),
    ("fault:tools", [], 0, "\n", f"^{THOUGHT}$"),
    ("fault:status=429", [], 1, "\n", "^-- There were too many requests, or the quota is used up \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* status 429\\. .*\n$"),
    ("fault:error-first", [], 1, "\n", "^-- The server reported an error \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: This is the fault you asked for"),
    ("fault:error-midstream", [], 1, "Loud and clear:\n", f"^{THOUGHT}-- The server reported an error \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* .*\n$"),
    ("fault:cut", [], 1, "Loud and clear:\n", f"^{THOUGHT}-- The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("fault:cut-after=24", [], 1, "Loud and clear:\n", f"^{THOUGHT}-- The answer ended before it was finished \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. .*\n$"),
    ("fault:status=400", ["--background"], 1, "\n", "^-- The server does not accept a part of the request \\(HTTP \\d+ from [\\d.]+:\\d+\\)\\. It says: .* .*\n$"),
    ("local", ["--background"], 0, PING + "\n", f"^{THOUGHT}$"),
    # between all kinds of events, and after the last
    *((f"fault:cut-after={events}", ["--background"], 0, PING + "\n", f"^{THOUGHT}{LOST}$")
      for events in (2, 3, 4, 9, 16, 17, 19, 20, 21, 22, 39, 40, 41, 42)),
    ("fault:cut-after=43", ["--background"], 0, PING + "\n", f"^{THOUGHT}$"),
]


def program_says(server, model, options, status, output, complaint):
    done = subprocess.run([RESPONSES, *options, "ping"], env=environment(server, OPENAI_MODEL=model),
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (status, output), done
    match(complaint, done.stderr)


def program_converses(server):
    for words, lines in ((["my name is Ada", "what is my name?"], ""), ([], "my name is Ada\n\nwhat is my name?\n")):
        done = subprocess.run([RESPONSES, *words], input=lines, env=environment(server), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        match("^[^\n]*Ada[^\n]*\n[^\n]*, Ada[^\n]*\n$", done.stdout)
        assert done.returncode == 0, done


def main():
    result = Result()
    with Server(SERVER, "--pace", "0") as server:
        for test in (an_answer, reasoning_before_the_answer, no_stream, two_calls_at_a_time, chat_calls_tools,
                     asks_before_it_calls, a_conversation, a_limit, a_response_goes_on_where_it_was_cut,
                     what_is_too_large_is_cut, faults_are_those_of_a_chat):
            result.run(test.__name__.replace("_", " "), test, server)
        for row in TOOL_ROWS:
            result.run(f"calls what is asked for: {row[0]}, {row[1]}", calls_what_is_asked_for, server, *row)
        for name, *row in REFUSED:
            result.run("refused: " + name, refuses, server, *row)
        for row in PROGRAM_ROWS:
            result.run(f"responses {row[1]}, {row[0]}", program_says, server, *row)
        result.run("responses converses", program_converses, server)
    with Server(SERVER) as server:
        result.run("a response in the background", a_response_in_the_background, server)
        result.run("a response is cancelled", a_response_is_cancelled, server)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
