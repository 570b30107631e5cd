// Client against a server on loopback: what is asked, what is said when it fails, and what may be called when.
#define OPENAI_STREAM_CLIENT
#include "support/header.hpp"

#include "platform/client_peer.hpp"

#include <memory>
#include <stdexcept>

namespace oai = openai_stream;

namespace {

using client_peer::calls;
using client_peer::chunk;
using client_peer::says;
using client_peer::Server;
using client_peer::sized;
using oai::Client;
using oai::Poll;
using Json = nlohmann::json;

// One that does not look at the environment, nor waits before it tries again.
struct Chat : Client {
    explicit Chat(const std::string& url) {
        base_url = url;
        key = "secret-key";
        model = "model";
        retries.max_retries = 0;
    }
    explicit Chat(const Server& server) : Chat(server.url()) {}
};

bool has_text(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// "user:question assistant:answer ..." of a request; calls as [id], results as (id)=text.
std::string told(const Json& request) {
    std::string text;
    for (const Json& message : request["messages"]) {
        text += (text.empty() ? "" : " ") + message["role"].get<std::string>() + ':';
        if (message.contains("tool_call_id")) text += '(' + message["tool_call_id"].get<std::string>() + ")=";
        if (message["content"].is_string()) text += message["content"].get<std::string>();
        if (message.contains("tool_calls"))
            for (const Json& call : message["tool_calls"]) text += '[' + call["id"].get<std::string>() + ']';
    }
    return text;
}

// Each result follows an answer that has its call, and each call has its result.
bool is_paired(const Json& request) {
    std::vector<std::string> open;
    for (const Json& message : request["messages"]) {
        if (message["role"] == "tool") {
            if (open.empty() || message["tool_call_id"] != open.front()) return false;
            open.erase(open.begin());
            continue;
        }
        if (!open.empty()) return false;
        if (message.contains("tool_calls"))
            for (const Json& call : message["tool_calls"]) open.push_back(call["id"]);
    }
    return open.empty();
}

TEST_CASE("a conversation: pieces as they come, and what was said goes with the next question") {
    Server server({sized(chunk("{\"content\":\"Hel\"}") + chunk("{\"content\":\"lo\"}", "\"stop\"") +
                         "data: [DONE]\n\n"),
                   says("Fine")});
    Chat chat(server);
    chat.instructions = "Be brief.";
    std::string pieces;
    REQUIRE(chat.ask("Hi", [&](std::string_view piece) { pieces += '<' + std::string(piece) + '>'; }));
    CHECK_EQ(pieces, "<Hel><lo>");
    CHECK_EQ(chat.answer(), "Hello");
    CHECK_EQ(chat.error(), "");
    REQUIRE(chat.ask("How are you?"));
    CHECK_EQ(chat.answer(), "Fine");
    CHECK(chat.stream().stats().is_reused);
    CHECK_EQ(told(server.asked()[0]), "system:Be brief. user:Hi");
    CHECK_EQ(told(server.asked()[1]), "system:Be brief. user:Hi assistant:Hello user:How are you?");
}

TEST_CASE("settings are read when a question is asked") {
    Server server({says("1"), says("2"), says("3")});
    Chat chat(server);
    REQUIRE(chat.ask("a"));
    chat.model = "another";
    chat.options.temperature = 0.5;
    chat.extra_json = "\"seed\":7";
    chat.forget();
    chat.remember(oai::Role::assistant, "Ahoy");
    REQUIRE(chat.start("b"));
    chat.model = "a third, which is too late";
    chat.extra_json = "\"seed\":8";
    while (chat.poll() == Poll::pending) loopback::sleep_ms(1);
    REQUIRE(chat.ask("c"));
    CHECK_EQ(server.asked()[0]["model"], "model");
    CHECK_EQ(server.asked()[1]["model"], "another");
    CHECK_EQ(server.asked()[1]["temperature"], 0.5);
    CHECK_EQ(server.asked()[1]["seed"], 7);
    CHECK_EQ(told(server.asked()[1]), "assistant:Ahoy user:b");
    CHECK_EQ(server.asked()[2]["seed"], 8);
}

TEST_CASE("the oldest turns go when there is more than the budget, and calls keep their results") {
    std::vector<std::string> answers;
    const int rounds = 12;
    for (int i = 0; i < rounds; ++i) {
        const std::string id = "call_" + std::to_string(i);
        answers.push_back(calls({{id.c_str(), "look", "{\\\"at\\\":1}"}, {(id + "b").c_str(), "look", "{}"}}));
        answers.push_back(says("seen"));
    }
    Server server(answers);
    Chat chat(server);
    chat.max_history_bytes = 1500;
    chat.tool("look", "", "{}", [](const oai::ToolArguments&) { return std::string(60, 'x'); });
    for (int i = 0; i < rounds; ++i) {
        REQUIRE(chat.ask("question " + std::to_string(i)));
        CHECK_LE(chat.history_bytes(), 1500 + 200);  // the last answer is there in any case
    }
    size_t longest = 0;
    for (const Json& request : server.asked()) {
        CHECK(is_paired(request));
        CHECK_EQ(request["messages"][0]["role"], "user");
        longest = std::max(longest, request["messages"].size());
    }
    CHECK_GT(longest, 5);
    CHECK_EQ(has_text(told(server.asked().back()), "question 11"), true);
    CHECK_EQ(has_text(told(server.asked().back()), "question 5"), false);
}

TEST_CASE("only the last question is never forgotten") {
    Server server({says("a"), says("b")});
    Chat chat(server);
    chat.max_history_bytes = 150;
    REQUIRE(chat.ask(std::string(100, 'p')));
    REQUIRE(chat.ask(std::string(100, 'q')));
    CHECK_EQ(told(server.asked()[1]), "user:" + std::string(100, 'q'));
}

TEST_CASE("what does not fit into the budget alone is said") {
    Server server({says("unused"), calls({{"c", "huge", "{}"}})});
    Chat chat(server);
    chat.max_history_bytes = 1000;
    CHECK_FALSE(chat.ask(std::string(1000, 'q')));
    CHECK(has_text(chat.error(), "larger than max_history_bytes"));
    REQUIRE(chat.ask("small"));
    chat.tool("huge", "", "", [](const oai::ToolArguments&) { return std::string(2000, 'x'); });
    CHECK_FALSE(chat.ask("more"));
    CHECK(has_text(chat.error(), "larger than max_history_bytes"));
    chat.max_answer_bytes = 600;
    CHECK_EQ(server.asked().size(), 2);
}

TEST_CASE("an answer that is larger than its memory") {
    Server server({says(std::string(5000, 'a')), says("b")});
    Chat chat(server);
    chat.max_answer_bytes = 2000;
    CHECK_FALSE(chat.ask("long"));
    CHECK(has_text(chat.error(), "larger than max_answer_bytes"));
    REQUIRE(chat.ask("short"));
    CHECK_EQ(told(server.asked()[1]), "user:short");
}

TEST_CASE("tools: several at once, their arguments, and results that go back in order") {
    Server server({calls({{"a1", "weather", "{\\\"city\\\":\\\"Bre\\\\\\\"st\\\",\\\"days\\\":[1,2],\\\"now\\\":true}"},
                          {"a2", "time", "{\\\"city\\\":\\\"Bergen\\\"}"}}),
                   says("Rain at nine")});
    Chat chat(server);
    std::string seen;
    chat.tool("weather", "The weather", "{\"type\":\"object\"}", [&](const oai::ToolArguments& in) {
        seen += in["city"] + '|' + in["days"] + '|' + in["now"] + '|' + in["nothing"] + '|' + in["$.days[1]"];
        return "rain";
    });
    chat.tool("time", "The time", "", [&](std::string_view json) { return std::string(json); });
    REQUIRE(chat.ask("What of Brest and Bergen?"));
    CHECK_EQ(seen, "Bre\"st|[1,2]|true||2");
    CHECK_EQ(chat.answer(), "Rain at nine");
    CHECK_EQ(server.asked()[0]["tools"].size(), 2);
    CHECK_EQ(server.asked()[0]["tools"][0]["function"]["name"], "weather");
    CHECK_EQ(told(server.asked()[1]), "user:What of Brest and Bergen? assistant:[a1][a2] tool:(a1)=rain "
                                      "tool:(a2)={\"city\":\"Bergen\"}");
}

struct BadCall {
    const char* name;
    client_peer::Call call;
    const char* result;
};
const BadCall bad_calls[] = {
    {"a tool that nobody has", {"c", "rm -rf", "{}"}, "there is no tool of this name"},
    {"a name with quotes, escapes and line ends", {"c", "\\\"}],\\n\\u0000\\ud800", "{}"}, "there is no tool of this name"},
    {"a name like one that exists", {"c", "good ", "{}"}, "there is no tool of this name"},
    {"arguments that are no JSON", {"c", "good", "{\\\"a\\\":"}, "not a JSON object"},
    {"arguments that are a list", {"c", "good", "[1]"}, "not a JSON object"},
};

TEST_CASE("a call that cannot be run is not run: the model is told, and asked on") {
    for (const BadCall& row : bad_calls) {
        ROW(row.name);
        Server server({calls({row.call}), says("I see")});
        Chat chat(server);
        int runs = 0;
        chat.tool("good", "", "", [&](const oai::ToolArguments&) { return std::to_string(++runs); });
        CHECK(chat.ask("go"));
        CHECK_EQ(runs, 0);
        REQUIRE_EQ(server.asked().size(), 2);
        CHECK(is_paired(server.asked()[1]));
        CHECK(has_text(told(server.asked()[1]), row.result));
    }
}

TEST_CASE("a model that calls tools for ever is stopped") {
    std::vector<std::string> answers(4, calls({{"c", "again", "{}"}}));
    answers.push_back(says("enough"));
    Server server(answers);
    Chat chat(server);
    chat.max_tool_turns = 3;
    int runs = 0;
    chat.tool("again", "", "", [&](const oai::ToolArguments&) { return ++runs, "more"; });
    CHECK_FALSE(chat.ask("go"));
    CHECK_EQ(runs, 3);
    CHECK_EQ(chat.error(), "The model has called tools in 4 answers in a row; max_tool_turns is 3.");
    REQUIRE(chat.ask("stop"));
    CHECK_EQ(told(server.asked().back()), "user:stop");
}

struct BadTool {
    const char *name, *tool_name, *schema;
    bool has_function;
    const char* error;
};
const BadTool bad_tools[] = {
    {"a name with a blank", "get weather", "{}", true, "1 to 64 letters"},
    {"no name", "", "{}", true, "1 to 64 letters"},
    {"a name with a quote", "a\"b", "{}", true, "1 to 64 letters"},
    {"a schema that is no JSON", "good", "{\"type\":", true, "The schema of the tool good is not JSON"},
    {"no function", "good", "{}", false, "The tool good has no function"},
};

TEST_CASE("a tool that no server would accept is refused before anything is sent") {
    for (const BadTool& row : bad_tools) {
        ROW(row.name);
        Server server({});
        Chat chat(server);
        std::function<std::string(const oai::ToolArguments&)> function;
        if (row.has_function) function = [](const oai::ToolArguments&) { return "x"; };
        chat.tool(row.tool_name, "", row.schema, function);
        CHECK_FALSE(chat.ask("go"));
        CHECK(has_text(chat.error(), row.error));
    }
}

struct Bad {
    const char* name;
    std::string answer;
    const char *error, *partial;
};
const Bad bad_answers[] = {
    {"401", sized("{\"error\":{\"message\":\"Incorrect API key\"}}", "401 Unauthorized", "application/json"),
     "does not accept the API key", ""},
    {"429", sized("{}", "429 Too Many Requests", "application/json"), "too many requests", ""},
    {"a page", sized("<html><title>Login</title></html>", "200 OK", "text/html"), "neither an event stream", ""},
    {"an answer that is cut", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + chunk("{\"content\":\"Half\"}"),
     "ended before it was finished", "Half"},
    {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "not HTTP/1.1", ""},
    {"an error in the stream", sized(chunk("{\"content\":\"Half\"}") + "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"),
     "overloaded", "Half"},
    {"a call that is cut", "HTTP/1.1 200 OK\r\n\r\n" +
                               chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"good\","
                                     "\"arguments\":\"{}\"}}]}"),
     "ended before it was finished", ""},
};

TEST_CASE("what goes wrong is said, and the next question begins where the one before was asked") {
    for (const Bad& row : bad_answers) {
        ROW(row.name);
        Server server({says("First"), row.answer, says("Third")});
        Chat chat(server);
        int runs = 0;
        chat.tool("good", "", "", [&](const oai::ToolArguments&) { return std::to_string(++runs); });
        REQUIRE(chat.ask("one"));
        CHECK_FALSE(chat.ask("two"));
        CHECK(has_text(chat.error(), row.error));
        INFO(chat.error());
        CHECK_FALSE(has_text(chat.error(), "secret-key"));
        CHECK_EQ(chat.answer(), row.partial);
        CHECK_EQ(chat.poll(), Poll::failed);
        REQUIRE(chat.ask("three"));
        CHECK_EQ(chat.error(), "");
        CHECK_EQ(runs, 0);
        CHECK_EQ(told(server.asked().back()), "user:one assistant:First user:three");
    }
}

TEST_CASE("what goes wrong before anything is sent") {
    loopback::Server deaf("127.0.0.1", false);
    struct Row {
        const char* name;
        std::string url, key, error;
    };
    const Row rows[] = {
        {"nobody listens", "http://127.0.0.1:" + std::to_string(deaf.port()) + "/v1", "k", "could not be made"},
        {"no URL", "", "k", "is not of the form http"},
        {"a URL that is none", "localhost:8080", "k", "is not of the form http"},
        {"the address of a request", "http://127.0.0.1:1/v1/chat/completions", "k", "names the address of a request"},
        {"a key with a line end", "http://127.0.0.1:1/v1", "a\r\nHost: b", "control character"},
        {"no key for OpenAI", Client::default_base_url, "", "OPENAI_API_KEY is not set"},
        {"https without TLS", "https://127.0.0.1:1/v1", "k", "needs TLS: build with OPENAI_STREAM_MBEDTLS"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Chat chat(row.url);
        chat.key = row.key;
        for (int i = 0; i < 2; ++i) {
            CHECK_FALSE(chat.ask("go"));
            CHECK(has_text(chat.error(), row.error.c_str()));
            CHECK_EQ(chat.poll(), Poll::failed);
            CHECK_EQ(chat.history_bytes(), 0);
        }
    }
}

TEST_CASE("a server that is there again after a refusal is asked again without being told to") {
    Server server({sized("{}", "503 Busy", "application/json"), says("Here")});
    Chat chat(server);
    chat.retries.max_retries = 2;
    REQUIRE(chat.ask("go"));
    CHECK_EQ(chat.answer(), "Here");
    CHECK_EQ(server.asked()[0], server.asked()[1]);
}

TEST_CASE("every state may be polled, closed and destroyed") {
    const std::string half = "HTTP/1.1 200 OK\r\n\r\n" + chunk("{\"content\":\"Half\"}");
    Server server({says("a"), half, half, says("b")});
    {
        Chat never(server);
        CHECK_EQ(never.poll(), Poll::failed);
        CHECK_NE(never.error(), "");
        never.close();
        never.close();
        never.cancel();
        CHECK_EQ(never.poll(), Poll::failed);
    }
    Chat chat(server);
    REQUIRE(chat.ask("done"));
    for (int i = 0; i < 2; ++i) {
        chat.close();
        CHECK_EQ(chat.poll(), Poll::done);
        CHECK_EQ(chat.error(), "");
    }
    REQUIRE(chat.start("closed while it is under way"));
    chat.close();
    chat.close();
    CHECK_EQ(chat.poll(), Poll::failed);
    CHECK(has_text(chat.error(), "closed before the answer ended"));
    {
        Chat gone(server);
        std::string heard;
        REQUIRE(gone.start("destroyed", [&](std::string_view piece) { heard += piece; }));
        while (heard.empty()) gone.poll();
    }
    REQUIRE(chat.start("given up"));
    chat.remember(oai::Role::user, "not while a question is under way");
    chat.forget();
    std::string last;
    while (chat.poll() == Poll::pending) loopback::sleep_ms(1);
    CHECK(chat.ask("another"));
    CHECK_EQ(told(server.asked().back()), "user:done assistant:a user:another");
}

TEST_CASE("a function that is called asks, polls, closes or throws") {
    enum What { asks, starts, polls, closes, cancels, throws };
    struct Row {
        const char* name;
        What what;
        bool in_tool, is_answered;
        const char* error;
    };
    const Row rows[] = {
        {"asks while a piece comes", asks, false, true, ""},
        {"asks while a tool runs", asks, true, true, ""},
        {"starts while a tool runs", starts, true, true, ""},
        {"polls while a piece comes", polls, false, true, ""},
        {"closes while a piece comes", closes, false, false, "closed before"},
        {"closes while a tool runs", closes, true, false, "ended while a tool ran"},
        {"cancels while a piece comes", cancels, false, false, "was cancelled"},
        {"cancels while a tool runs", cancels, true, false, "ended while a tool ran"},
        {"throws while a piece comes", throws, false, false, "has thrown"},
        {"throws while a tool runs", throws, true, false, "has thrown"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Server server({calls({{"c", "act", "{}"}, {"d", "act", "{}"}}),
                       sized(chunk("{\"content\":\"a\"}") + chunk("{\"content\":\"b\"}", "\"stop\"") +
                             "data: [DONE]\n\n"),
                       says("next"), says("next")});
        Chat chat(server);
        int times = 0;
        const auto act = [&] {
            if (++times > 1) return;
            switch (row.what) {
                case asks:
                    CHECK_FALSE(chat.ask("inside"));
                    CHECK(has_text(chat.error(), "from inside"));
                    break;
                case starts: CHECK_FALSE(chat.start("inside")); break;
                case polls: CHECK_EQ(chat.poll(), Poll::failed); break;
                case closes:
                    chat.close();
                    chat.close();
                    break;
                case cancels: chat.cancel(); break;
                case throws: throw std::runtime_error("no");
            }
        };
        chat.tool("act", "", "", [&](const oai::ToolArguments&) {
            if (row.in_tool) act();
            return "ok";
        });
        bool is_answered = false, has_thrown = false;
        try {
            is_answered = chat.ask("go", [&](std::string_view) { if (!row.in_tool) act(); });
        } catch (const std::runtime_error&) {
            has_thrown = true;
        }
        CHECK_EQ(has_thrown, row.what == throws);
        CHECK_EQ(is_answered, row.is_answered);
        CHECK(has_text(chat.error(), row.error));
        if (row.is_answered) CHECK_EQ(chat.error(), "");
        if (!row.in_tool && !row.is_answered) CHECK_EQ(times, 1);
        CHECK(chat.ask("next"));
        CHECK_EQ(has_text(told(server.asked().back()), "go"), row.is_answered);
        CHECK(is_paired(server.asked().back()));
    }
}

TEST_CASE("a tool that replaces itself, and one that is added while an answer comes") {
    Server server({calls({{"c", "shy", "{}"}}), says("ok"), says("ok")});
    auto chat = std::make_unique<Chat>(server);
    chat->tool("shy", "", "", [&, text = std::string(100, 's')](const oai::ToolArguments&) {
        chat->tool("shy", "", "", [](const oai::ToolArguments&) { return "another"; });
        for (int i = 0; i < 50; ++i)
            chat->tool("more" + std::to_string(i), "", "", [](const oai::ToolArguments&) { return "x"; });
        return text;  // of a function that has been replaced
    });
    REQUIRE(chat->ask("go"));
    CHECK(has_text(told(server.asked()[1]), std::string(100, 's').c_str()));
    CHECK_EQ(server.asked()[1]["tools"].size(), 51);
    REQUIRE(chat->start("again"));
    chat->tool("shy", std::string(1000, 'd'), "", [](const oai::ToolArguments&) { return "a third"; });
    while (chat->poll() == Poll::pending) loopback::sleep_ms(1);
    CHECK_EQ(chat->error(), "");
}

TEST_CASE("cancel from another thread ends a wait") {
    Server server({"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + chunk("{\"content\":\"Half\"}"),
                   says("unused: the connection stays open until then")});
    Chat chat(server);
    std::atomic<bool> is_there{false};
    std::thread other([&] {
        loopback::wait_for(is_there);
        chat.cancel();
    });
    CHECK_FALSE(chat.ask("go", [&](std::string_view) { is_there = true; }));
    is_there = true;
    other.join();
    CHECK(has_text(chat.error(), "cancelled"));
    CHECK_EQ(chat.answer(), "Half");
}

TEST_CASE("on_event hears what is no text") {
    Server server({sized(chunk("{\"reasoning_content\":\"hm\"}") + chunk("{\"content\":\"Hi\"}", "\"stop\"") +
                         "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}\n\ndata: [DONE]\n\n")});
    Chat chat(server);
    std::string heard;
    chat.on_event = [&](const oai::Event& event) {
        if (event.kind == oai::EventKind::reasoning) heard += std::string(event.text);
        if (event.kind == oai::EventKind::usage) heard += std::to_string(event.usage.prompt_tokens);
    };
    REQUIRE(chat.ask("go"));
    CHECK_EQ(heard, "hm3");
    CHECK_EQ(chat.answer(), "Hi");
}

TEST_CASE("reasoning goes back to those that want it") {
    Server server({sized(chunk("{\"reasoning_content\":\"hm\"}") +
                         chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"t\",\"arguments\":"
                               "\"{}\"},\"extra_content\":{\"google\":1}}]}", "\"tool_calls\"") +
                         "data: [DONE]\n\n"),
                   says("ok")});
    Chat chat(server);
    chat.echo = oai::Echo::both;
    chat.tool("t", "", "", [](const oai::ToolArguments&) { return "x"; });
    REQUIRE(chat.ask("go"));
    const Json& answer = server.asked()[1]["messages"][1];
    CHECK_EQ(answer["reasoning_content"], "hm");
    CHECK_EQ(answer["tool_calls"][0]["extra_content"]["google"], 1);
}

}  // namespace
