#!/usr/bin/env python3
"""The chat as its user sees it: chat_test.py LOCAL_SERVER CHAT"""
import functools
import re
import shutil
import signal
import subprocess
import sys

from support import PATIENCE, Recorder, Result, Server, Terminal, environment, match

PROGRAM = {"server": sys.argv[1], "chat": sys.argv[2]}
SKY = "Sunlight carries every color, and the molecules of the air, far smaller than a wavelength, scatter"
TESTS = []


def chats(*options, columns=80, **variables):
    """A test that is given a chat in a terminal and the server it talks to."""

    def decorate(test):
        @functools.wraps(test)
        def run():
            with Server(PROGRAM["server"], *(options or ("--pace", "100"))) as server:
                settings = {"OPENAI_BASE_URL": server.url, **variables}
                with Terminal([PROGRAM["chat"]], columns, **settings) as terminal:
                    terminal.see(r"\n>\s*$")
                    test(terminal, server)

        TESTS.append(run)
        return run

    return decorate


@chats()
def test_an_answer_comes_with_its_speed(terminal, _server):
    below = terminal.ask("are you there?", r"tokens/s")
    match(r"^\nLoud and clear: your request arrived in one piece, and this answer is on its\nway in many\.\n"
          r"-- \d+ ms to the first token, \d+\.\d tokens/s\n\n>", below)


@chats()
def test_the_greeting_names_model_and_server(terminal, server):
    match(f"local at {server.url}. /help", terminal.screen())


@chats(columns=46)
def test_the_greeting_keeps_its_words_whole(terminal, _server):
    match(r"local at http://127.0.0.1:\d+/v1. /help\s+says\s+what you can do\.", terminal.screen())


@chats(columns=31)
def test_words_stay_whole_at_the_right_edge(terminal, _server):
    below = terminal.ask("Why is the sky blue?", "tokens/s")
    lines = below.split("\n--")[0].strip().split("\n")
    match("^" + SKY, " ".join(lines))
    assert max(map(len, lines)) <= 30, lines


@chats("--pace", "10")
def test_words_come_one_by_one(terminal, _server):
    terminal.type("are you there?")
    half = terminal.see("Loud and").rpartition("there?")[2]
    assert "many" not in half, half


@chats()
def test_the_conversation_is_remembered_and_reset(terminal, _server):
    terminal.ask("my name is Ada", "Ada.*\n?.*tokens/s")
    terminal.ask("what is my name?", "(?s)(log|know), ?\n?.*Ada|hand, Ada|I know, Ada")
    terminal.ask("/reset", "The conversation begins anew")
    terminal.ask("and what is my name?", "You have not told me yet")


@chats()
def test_ctrl_c_ends_the_answer_and_nothing_else(terminal, _server):
    terminal.ask("/model fault:stall", "The model is fault:stall")
    terminal.type("are you there?")
    terminal.see("in one piece,")
    terminal.press("C-c")
    terminal.see(r"in one piece,\^C\n-- .* tokens/s\n-- Cancelled\.\n\n>\s*$")
    terminal.ask("/model local", "The model is local")
    terminal.ask("ping", r"many\.\n.*tokens/s")


@chats()
def test_ctrl_c_before_the_first_word(terminal, _server):
    terminal.ask("/model fault:silence", "fault:silence")
    terminal.type("are you there?")
    terminal.see(r"\n> are you there\?$")
    terminal.press("C-c")
    terminal.see(r"there\?\n\^C\n-- Cancelled\.\n\n>\s*$")


@chats()
def test_ctrl_c_at_the_prompt_asks_and_leaves(terminal, _server):
    terminal.press("C-c")
    terminal.see("Ctrl-C again leaves")
    terminal.press("C-c")
    assert terminal.status() == 0


@chats()
def test_the_second_ctrl_c_leaves(terminal, _server):
    terminal.ask("/model fault:stall", "fault:stall")
    terminal.type("ping")
    terminal.see("in one piece,")
    terminal.press("C-c")
    terminal.see(r"Cancelled\.\n\n>\s*$")
    terminal.press("C-c")
    assert terminal.status() == 0


@chats()
def test_quit_leaves(terminal, _server):
    terminal.type("/quit")
    assert terminal.status() == 0


@chats()
def test_ctrl_d_leaves(terminal, _server):
    terminal.press("C-d")
    assert terminal.status() == 0


@chats()
def test_help_lists_the_commands(terminal, _server):
    below = terminal.ask("/help", "Ctrl-C")
    for command in ("/reset", "/model NAME", "/quit"):
        assert command in below, below
    terminal.ask("/nonsense", "There is no /nonsense")


@chats()
def test_reasoning_and_tool_calls_are_shown(terminal, _server):
    terminal.ask("/model fault:reasoning+usage", "reasoning")
    terminal.ask("ping", r"thinking: Somebody is at the line.*\n(.*\n)?Loud and clear(.*\n)*.*tokens/s")
    terminal.ask("/model fault:tools", "tools")
    below = terminal.ask("and what is the weather?", "Bergen")
    match(r'calls get_weather \{"city":"Brest"\}\ncalls get_weather \{"city":"Bergen"\}\n--', below)


SENTENCES = [
    ("fault:status=429", r"-- There were too many requests, or the quota is used\s+up\s+\(HTTP\s+429\s+from\s+127.0.0.1:\d+\)\.\s+It\s+says:\s+(.*\s)*.*it\s+asks\s+you\s+to\s+wait\s+2\s+s\."),
    ("fault:status=404", r"the URL may lack\s+/v1\s+\(HTTP\s+404\s+from\s"),
    ("fault:status=401", r"does not accept the API key\s+\(HTTP\s+401\s+from\s"),
    ("fault:status=500", r"-- The server has a problem of its own; try again later\s+\(HTTP\s+500\s+from\s+127.0.0.1:\d+\)\.\s+It\s+says:\s+This\s+is\s+the\s+fault"),
    ("fault:html", r"-- The answer is neither an event stream nor JSON\s+\(HTTP\s+200\s+from\s+127.0.0.1:\d+\)\.\s+It\s+says:\s+"),
    ("fault:html=502", r"-- The server has a problem of its own; try again later\s+\(HTTP\s+502\s+from\s+127.0.0.1:\d+\)\.\s+It\s+says:\s+"),
    ("fault:error-midstream", r"in one piece,\n(.*\n)*-- The server reported\s+an\s+error\s+\(HTTP\s+200\s+from\s+127.0.0.1:\d+\)\.\s+It\s+says:\s+This\s+is\s+the\s+fault"),
    ("fault:cut", r"in one piece,\n(.*\n)*-- The answer ended before it was\s+finished\s+\(HTTP\s+200\s+from\s+127.0.0.1:\d+\)\."),
    ("fault:reset", r"in one piece,\n(.*\n)*-- The connection broke\s+\(HTTP\s+200\s+from\s+127.0.0.1:\d+\)\.\s+Connection\s+reset"),
]


@chats()
def test_what_went_wrong_is_said_in_a_sentence(terminal, _server):
    for model, sentence in SENTENCES:
        terminal.ask("/model " + model, "The model is " + re.escape(model))
        terminal.ask("ping", "(?s)" + sentence)
    terminal.ask("/model local", "The model is local")
    terminal.ask("ping", "tokens/s")


@chats()
def test_a_server_that_has_gone(terminal, server):
    terminal.ask("ping", "tokens/s")
    server.kill()
    below = terminal.ask("are you there?", "could not be made")
    match(r"-- The connection could not be made\s+\(127.0.0.1:\d+\)\.\s+Connection\s+refused\.\s+Check\s+that", below)


@chats()
def test_a_server_that_goes_in_mid_answer(terminal, server):
    terminal.ask("/model fault:stall", "fault:stall")
    terminal.type("ping")
    terminal.see("in one piece,")
    server.kill()
    terminal.see(r"in one piece,\n.*\n-- The (answer ended before it was finished|connection broke)(.*\n)*\n>\s*$")


@chats()
def test_colours(terminal, _server):
    terminal.ask("ping", "tokens/s")
    match(r"\x1b\[2m-- \d+ ms", terminal.screen("-e"))


@chats(NO_COLOR=1)
def test_no_colours(terminal, _server):
    terminal.ask("/model fault:reasoning", "reasoning")
    terminal.ask("ping", "tokens/s")
    assert "\x1b[2m" not in terminal.screen("-e") and "\x1b[1m" not in terminal.screen("-e")


def piped(server, lines, **variables):
    return subprocess.run([PROGRAM["chat"]], input=lines, env=environment(server, **variables), capture_output=True,
                          text=True, timeout=PATIENCE, check=False)


def test_without_a_terminal_there_are_answers_only():
    with Server(PROGRAM["server"], "--pace", "0") as server:
        done = piped(server, "ping\nwhat is my name?")
        match(r"^Loud and clear[^\n]*many\.\nYou have not told me yet\.[^\n]*log\.\n$", done.stdout)
        assert (done.returncode, done.stderr) == (0, ""), done
        done = piped(server, "ping\n", OPENAI_MODEL="fault:cut")
        match("^Loud and clear.*in one piece,\n$", done.stdout)
        match(r"^-- The answer ended before it was finished \(HTTP 200 from 127\.0\.0\.1:\d+\)\. Try again .*\.\n$", done.stderr)
        assert done.returncode == 1, done


def messages_of(request):
    return [(message["role"], message["content"]) for message in request["messages"]]


def test_each_turn_sends_the_conversation():
    with Recorder("fine") as server:
        piped(server, "one\ntwo\n/reset\n/model other\nthree\n", OPENAI_MODEL="some")
    first, second, third = server.requests
    assert messages_of(first) == [("user", "one")], first
    assert messages_of(second) == [("user", "one"), ("assistant", "fine"), ("user", "two")], second
    assert messages_of(third) == [("user", "three")], third
    assert [first["model"], second["model"], third["model"]] == ["some", "some", "other"]


def test_a_question_without_an_answer_is_forgotten():
    with Recorder("unseen", status=400) as server:
        done = piped(server, "one\ntwo\n")
    assert messages_of(server.requests[1]) == [("user", "two")], server.requests
    assert done.returncode == 1, done


def test_a_server_that_fails_is_asked_again():
    with Recorder("unseen", status=500) as server:
        done = piped(server, "one\n")
    assert [messages_of(request) for request in server.requests] == [[("user", "one")]] * 3, server.requests
    assert done.returncode == 1, done


def test_the_oldest_turns_make_room():
    questions = [str(number) * 5000 for number in range(10, 40)]
    with Recorder("fine " * 100) as server:
        piped(server, "\n".join(questions))
    assert len(server.requests) == len(questions)
    for question, request in zip(questions, server.requests):
        messages = messages_of(request)
        assert messages[0][0] == "user" and messages[-1] == ("user", question), messages
        assert sum(len(text) for _, text in messages) <= 64 * 1024
    assert len(messages_of(server.requests[-1])) >= 9, "more is forgotten than has to be"


def test_many_small_turns():
    with Recorder("fine") as server:
        piped(server, "\n".join(str(number) for number in range(150)))
    last = messages_of(server.requests[-1])
    assert last[0][0] == "user" and last[-1] == ("user", "149") and 190 <= len(last) <= 200, len(last)


def test_a_question_that_is_too_long():
    with Recorder("fine") as server:
        done = piped(server, "x" * 70000 + "\nshort\n")
    assert [messages_of(request) for request in server.requests] == [[("user", "short")]]
    match("^-- That is too long for this chat's memory.\n$", done.stderr)


def test_control_characters_do_not_reach_the_terminal():
    with Recorder("be\x1b[2J\x07fore\r \u009b5n after\n\ttab") as server:
        with Terminal([PROGRAM["chat"]], OPENAI_BASE_URL=server.url) as terminal:
            terminal.see(r"\n>\s*$")
            below = terminal.ask("ping", "first token")
            match(r"^\nbe\[2Jfore 5n after\n    tab\n--", below)
            assert "local at" in terminal.screen()


# What is pressed ("=text" is typed), and the question that is sent.
DIGITS = "0123456789" * 5
EDITS = [
    ("in the middle", ["=pg", "Left", "=in"], "ping"),
    ("at both ends", ["=in", "Home", "=p", "End", "=g"], "ping"),
    ("characters that are erased", ["=pinkg", "Left", "BSpace", "=!", "Home", "Right", "DC"], "pn!g"),
    ("a word, and what is before the cursor",
     ["=pong ping", "C-w", "=pang", "C-a", "C-e", "=x", "C-u", "=ping"], "ping"),
    ("what is after the cursor", ["=ping pong", *["Left"] * 5, "C-k"], "ping"),
    ("an accent goes with its letter, a wave in one piece",
     ["=cafe\u0301s \U0001F30A!", "Left", "BSpace", "Left", "Left", "BSpace"], "cafs !"),
    ("longer than the terminal is wide", ["=" + DIGITS, "Home", "=a", "End", "=z"], f"a{DIGITS}z"),
    ("the questions before",
     ["=first", "Enter", "=second", "Enter", "=unfinished", "Up", "Up", "Down", "Up"], "first"),
    ("what was begun", ["=once", "Enter", "=begun", "Up", "=x", "Down", "=!"], "begun!"),
    ("one before, changed", ["=ping", "Enter", "Up", "=!"], "ping!"),
    ("keys that mean nothing", ["=pi", "F5", "C-g", "Tab", "M-x", "PPage", "=ng"], "ping"),
]


def test_a_line_is_edited(keys, question):
    with Recorder("fine") as server:
        with Terminal([PROGRAM["chat"]], 40, OPENAI_BASE_URL=server.url) as terminal:
            terminal.see(r"\n>\s*$")
            asked = 0
            for key in [*keys, "Enter"]:
                if key.startswith("="):
                    terminal.tmux("send-keys", "-l", key[1:])
                else:
                    terminal.press(key)
                below = terminal.screen().rpartition("\n>")[2]
                assert key == "Enter" or "\n" not in below, f"it goes on in the next line: {below}"
                if key == "Enter":  # what is typed into an answer is not edited
                    asked += 1
                    terminal.see(f"(?s)(first token.*){{{asked}}}\n>\\s*$")
            assert question in terminal.screen().replace("\n", "").replace("-" * 3, ""), terminal.screen()
    assert messages_of(server.requests[-1])[-1] == ("user", question), server.requests[-1]


def styled_screen(terminal):
    """tmux says default colors besides."""
    return re.sub(r"\x1b\[39m\x1b\[49m", "", terminal.screen("-e"))


EMPHASIS = "# Head\n**bold** and *slanted*, `a*b` but 2 * 3, 2 ** 3 and snake_case.\n```cpp\nint *p;\n```\nend"


def test_emphasis_is_seen():
    with Recorder(EMPHASIS) as server:
        with Terminal([PROGRAM["chat"]], OPENAI_BASE_URL=server.url) as terminal:
            terminal.see(r"\n>\s*$")
            below = terminal.ask("ping", "first token")
            match(r"^\nHead\nbold and slanted, a\*b but 2 \* 3, 2 \*\* 3 and snake_case\.\nint \*p;\n\nend\n--", below)
            styled = styled_screen(terminal)
            for code, text in [(1, "Head\nbold"), (3, "slanted"), (36, r"a\*b"), (36, r"int \*p;")]:
                match(rf"\x1b\[{code}m{text}", styled)
            match(r"\x1b\[0m and ", styled)


def test_emphasis_stays_text_without_colours_or_a_terminal():
    with Recorder(EMPHASIS) as server:
        with Terminal([PROGRAM["chat"]], OPENAI_BASE_URL=server.url, NO_COLOR=1) as terminal:
            terminal.see(r"\n>\s*$")
            assert "**bold** and *slanted*" in terminal.ask("ping", "first token")
        assert piped(server, "ping\n").stdout == EMPHASIS + "\n"


def test_emphasis_is_cut_anywhere():
    """One letter an event, and the style is that of the word, also of one that goes to the next line."""
    with Recorder("", pieces=["to ", *"be **or not** to be, that is *the questi", "on* here"]) as server:
        with Terminal([PROGRAM["chat"]], 38, OPENAI_BASE_URL=server.url) as terminal:
            terminal.see(r"\n>\s*$")
            below = terminal.ask("ping", "first token")
            match(r"^\nto be or not to be, that is the\nquestion here\n", below)
            styled = styled_screen(terminal)
            match(r"\x1b\[1mor not\x1b\[0m to be", styled)
            match(r"\x1b\[3mthe (\x1b\[0m)?\n(\x1b\[3m)?question\x1b\[0m here", styled)


def test_a_word_is_emphasized_in_part_and_goes_to_the_next_line():
    with Recorder("0123456789012345678901234567890 wo**rdything** x") as server:
        with Terminal([PROGRAM["chat"]], 38, OPENAI_BASE_URL=server.url) as terminal:
            terminal.see(r"\n>\s*$")
            terminal.ask("ping", "first token")
            match(r"890\s*\nwo\x1b\[1mrdything\x1b\[0m x", styled_screen(terminal))


def main():
    result = Result()
    for test in (
        test_without_a_terminal_there_are_answers_only,
        test_each_turn_sends_the_conversation,
        test_a_question_without_an_answer_is_forgotten,
        test_a_server_that_fails_is_asked_again,
        test_the_oldest_turns_make_room,
        test_many_small_turns,
        test_a_question_that_is_too_long,
    ):
        result.run(test.__name__[5:].replace("_", " "), test)
    if shutil.which("tmux"):
        for test in [*TESTS, test_control_characters_do_not_reach_the_terminal, test_emphasis_is_seen,
                     test_emphasis_stays_text_without_colours_or_a_terminal, test_emphasis_is_cut_anywhere,
                     test_a_word_is_emphasized_in_part_and_goes_to_the_next_line]:
            result.run(test.__name__[5:].replace("_", " "), test)
        for name, keys, question in EDITS:
            result.run("a line is edited: " + name, test_a_line_is_edited, keys, question)
    else:
        result.skip("the chat in a terminal: tmux is not there")
    return result.close()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
