// Bodies that are no event stream, or hold events that are no JSON: pages for people, plain text, codings.
#include "io/exchange_support.hpp"

#include <optional>

namespace oai = openai_stream;

using conversation::counted_answer;
using conversation::done;
using conversation::feed;
using conversation::finish;
using conversation::hear;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::shown;
using conversation::sse;
using conversation::text;
using exchange_support::ask;
using exchange_support::in_each_way;
using exchange_support::Outcome;
using exchange_support::outcome_of;
using exchange_support::send_all;
using exchange_support::server;
using oai::Error;
using oai::Exchange;
using oai::Quirk;
using oai::Verdict;

TEST_CASE("what is no event stream under a 200") {
    struct Row {
        const char* name;
        const char* type;
        std::string body;
        std::string story;
        Error error;
        std::string prefix, message;
    };
    const std::string html = "<!DOCTYPE html><html><body>Please log in</body></html>";
    const std::string plain =
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m1\",\"choices\":[{\"index\":0,"
        "\"message\":"
        "{\"role\":\"assistant\",\"content\":\"Hello\",\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\","
        "\"function\":{\"name\":"
        "\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,"
        "\"completion_tokens\":2,\"total_tokens\":5}}";
    const std::string plain_story = "started(c1,m1) role(assistant) text(Hello) tool_call(t,f,function) arguments({}) "
                                    "finish(tool_calls) usage(3,2,5)";
    const Row rows[] = {
        {"HTML", "text/html", html, "", Error::not_event_stream, html, "-"},
        {"HTML that says it is an event stream", "text/event-stream", html, "", Error::not_event_stream, html, "-"},
        {"HTML after blank lines", "text/html", "\n\r\n  \t" + html, "", Error::not_event_stream, html, "-"},
        {"a long HTML page", "text/html", html + std::string(5000, ' ') + "</html>", "", Error::not_event_stream,
         html, "-"},
        {"JSON with an id and a model, and no choices", "application/json", "{\"id\":\"c1\",\"model\":\"m1\"}",
         "started(c1,m1)", Error::not_event_stream, "{\"id\":\"c1\",\"model\":\"m1\"}", "-"},
        {"JSON with usage, and no choices", "application/json", "{\"usage\":{\"prompt_tokens\":1}}", "usage(1,-1,-1)",
         Error::not_event_stream, "-", "-"},
        {"a whole answer in JSON", "application/json", plain, plain_story, Error::none, "-", "-"},
        {"a whole answer in JSON that says it is an event stream", "text/event-stream", plain, plain_story, Error::none,
         "-", "-"},
        {"a whole answer in JSON after and before blanks", "application/json", "\n\n  " + plain + "\n\n", plain_story,
         Error::none, "-", "-"},
        {"an error in JSON", "application/json", "{\"error\":{\"message\":\"M\"}}", "", Error::server_error, "-", "M"},
        {"a detail in JSON", "application/json", "{\"detail\":\"M\"}", "", Error::server_error, "-", "M"},
        {"JSON that is no answer", "application/json", "{\"hello\":1}", "", Error::not_event_stream, "*", "-"},
        {"half an answer in JSON", "application/json", plain.substr(0, 90), "", Error::truncated, "*", "-"},
        {"an event stream that says it is JSON", "application/json", short_answer, short_story, Error::none, "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        in_each_way(row.body, row.type, [&](const Outcome& outcome) {
            CHECK_EQ(outcome.heard.story, row.story);
            // The peer said that this is all.
            const bool is_all = row.error == Error::truncated && outcome.is_framed;
            CHECK_EQ(name(outcome.error), name(is_all ? Error::bad_json : row.error));
            CHECK_EQ(outcome.message, row.message);
            if (row.prefix != "*") CHECK_EQ(outcome.body_prefix, row.prefix);
            CHECK(outcome.consistent);
            CHECK_FALSE(outcome.quirks.has(Quirk::no_end_marker));
        });
    }
}

TEST_CASE("a body for people: what it says, in one line") {
    struct Row {
        const char* name;
        int status;
        const char* type;
        std::string body;
        Error error;
        std::string message, prefix;  // prefix "*": not looked at
    };
    const Row rows[] = {
        {"plain text under 200", 200, "text/plain", "Ollama is running", Error::not_event_stream, "Ollama is running",
         "Ollama is running"},
        {"its first line", 200, "text/plain", "upstream: error\r\nmore", Error::not_event_stream, "upstream: error",
         "upstream: error\r\nmore"},
        {"plain text that says it is an event stream", 200, "text/event-stream", "no healthy upstream",
         Error::not_event_stream, "no healthy upstream", "no healthy upstream"},
        {"plain text that begins as a field does", 200, "text/plain", "data is not available", Error::not_event_stream,
         "data is not available", "data is not available"},
        {"a line of plain text", 200, "text/plain", "rate limit exceeded\n", Error::not_event_stream,
         "rate limit exceeded", "rate limit exceeded"},
        {"a line that begins as a field does", 200, "text/plain", "down for maintenance\n", Error::not_event_stream,
         "down for maintenance", "down for maintenance"},
        {"a line that ends in CR LF", 200, "text/plain", "internal error\r\n", Error::not_event_stream,
         "internal error", "internal error"},
        {"a line that ends in CR", 200, "text/plain", "error\r", Error::not_event_stream, "error", "error"},
        {"lines with an empty one between", 200, "text/plain", "data missing\n\nretry later\n",
         Error::not_event_stream, "data missing", "data missing\n\nretry later"},
        {"a word that begins with the letter of a field", 200, "text/plain", "idle", Error::not_event_stream, "idle",
         "idle"},
        {"a word that is longer than the field's name", 200, "text/plain", "ids", Error::not_event_stream, "ids",
         "ids"},
        {"the beginning of a field's name", 200, "text/plain", "retr", Error::truncated, "-", "-"},
        {"two letters", 200, "text/plain", "OK", Error::not_event_stream, "OK", "OK"},
        {"one letter that begins a field", 200, "text/plain", "d", Error::truncated, "-", "-"},
        {"plain text as a refusal", 503, "text/plain", "no healthy upstream\n", Error::http_status,
         "no healthy upstream", "no healthy upstream"},
        {"plain text as a refusal, with a colon", 404, "text/plain", "error: no such model\n", Error::http_status,
         "error: no such model", "error: no such model"},
        {"a title", 502, "text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>x</body></html>",
         Error::http_status, "502 Bad Gateway", "*"},
        {"a title under 200", 200, "text/html", "<!DOCTYPE html><TITLE lang=\"en\">\n  Log in </TITLE>",
         Error::not_event_stream, "Log in", "*"},
        {"an empty title", 500, "text/html", "<html><title> </title>Words", Error::http_status, "-", "*"},
        {"a title that does not end", 500, "text/html", "<html><title>Wo", Error::http_status, "Wo", "*"},
        {"a page without a title", 500, "text/html", "<html>Words</html>", Error::http_status, "-",
         "<html>Words</html>"},
        {"a control character ends it", 500, "text/plain", "a\tb \x1b[31m", Error::http_status, "a\tb", "a\tb"},
        {"a vertical tab ends it", 500, "text/plain", "a\tb \vc", Error::http_status, "a\tb", "a\tb"},
        {"a form feed ends it", 500, "text/plain", "a\fb", Error::http_status, "a", "a"},
        {"a form feed ends a title", 500, "text/html", "<title>a\fb</title>", Error::http_status, "a", "<title>a"},
        {"DEL ends it", 500, "text/plain", "a\x7F" "b", Error::http_status, "a", "a"},
        {"C1 ends it", 500, "text/plain", "a\xC2\x9B" "b", Error::http_status, "a", "a"},
        {"what is above C1 does not", 500, "text/plain", "a\xC2\xA0" "b", Error::http_status, "a\xC2\xA0" "b",
         "a\xC2\xA0" "b"},
        {"what is not UTF-8 ends it", 500, "text/plain", "a\xFF" "b", Error::http_status, "a", "a"},
        {"a title is not printed after what is not UTF-8", 500, "text/html", "<title>a \xE8 b</title>",
         Error::http_status, "a", "<title>a"},
        {"half a character at the end", 500, "text/plain", "a\xE2\x82", Error::http_status, "a", "a"},
        {"JSON that is no answer", 200, "application/json", "{\"hello\":\n1}", Error::not_event_stream, "-",
         "{\"hello\":\n1}"},
        {"bytes that are no text", 200, "text/event-stream", "\x1F\x8B\x08\x01\x02", Error::not_event_stream, "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string bytes = counted_answer(row.status, row.type, row.body);
            corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK_EQ(outcome.message, row.message);
                if (row.prefix != "*") CHECK_EQ(outcome.body_prefix, row.prefix.substr(0, size / 8));
                CHECK(conversation::is_utf8(outcome.message));
                CHECK(conversation::is_utf8(outcome.body_prefix));
            });
        }
    }
    ROW("a title far down the page");
    const std::string page = "<!DOCTYPE html><!--" + std::string(700, 'x') + "--><title>Error 1015</title>" +
                             std::string(9000, 'y');
    support::GuardedBuffer memory(2048);
    corpus::for_each_cut(counted_answer(429, "text/html", page), true, [&](const corpus::Pieces& pieces) {
        const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
        CHECK_EQ(outcome.message, "Error 1015");
        CHECK_EQ(outcome.body_prefix, page.substr(0, 256));
    });
}

TEST_CASE("an event that is no JSON is shown") {
    struct Row {
        const char* name;
        std::string event, prefix;
    };
    const Row rows[] = {
        {"a heartbeat that is a word", sse("ping"), "ping"},
        {"a heartbeat that is a time", sse("2024-04-07 20:20:50.554328"), "2024-04-07 20:20:50.554328"},
        {"data: twice", sse("data: {\"choices\":[]}"), "data: {\"choices\":[]}"},
        {"control characters", "data: x\ndata: y\x1b[31m\x9F\n\n", "x\ny"},
        {"a keep-alive within the JSON", "data: {\"choices\":[{\"delta\":{},\"finish: keepalive\n\n",
         "{\"choices\":[{\"delta\":{},\"finish: keepalive"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(text("a") + row.event + done, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)");
                CHECK_EQ(name(outcome.error), name(Error::bad_json));
                CHECK_EQ(outcome.body_prefix, row.prefix);
            });
        }
    }
}

TEST_CASE("data that is no JSON is passed over, also where it does not fit into the buffer") {
    struct Row {
        const char* name;
        std::string data;
        Error error;
        Verdict verdict;
    };
    const std::string blanks(700, ' '), letters(700, 'a');
    const Row rows[] = {
        {"a comment", ":" + letters, Error::none, Verdict::done_marker},
        {"blanks before a comment", blanks + ":" + letters, Error::none, Verdict::done_marker},
        {"a comment in two lines", ":" + letters + "\ndata: {" + letters, Error::none, Verdict::done_marker},
        {"nothing but blanks", blanks, Error::none, Verdict::done_marker},
        {"blanks before [DONE]", blanks + "[DONE]", Error::none, Verdict::done_marker},
        {"blanks after [DONE]", "[DONE]" + blanks, Error::none, Verdict::done_marker},
        {"blanks after [DONE], and more", "[DONE]" + blanks + "x", Error::bad_json, Verdict::failed},
        {"blanks before an event", blanks + "{\"choices\":[]}", Error::none, Verdict::done_marker},
        {"a word", letters, Error::bad_json, Verdict::failed},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string body = text("a") + "data: " + row.data + "\n\n" + done;
            corpus::for_each_cut(body, true, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)");
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK(outcome.verdict == row.verdict);
            });
        }
    }
}

TEST_CASE("blanks before a body that is JSON are no event's, however they come") {
    const std::string completed =
        "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\"}}";
    for (const std::string before : {" ", "\n", "\r\n \t", "\xEF\xBB\xBF"}) {
        for (const std::string& json : {completed, std::string("{\"type\":\"response.completed\"}")}) {
            ROW((before + json).c_str());
            support::GuardedBuffer memory(543);
            std::optional<Outcome> whole;
            corpus::for_each_cut(before + json + "\n\n", false, [&](const corpus::Pieces& pieces) {
                INFO(corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces,
                                                   oai::Api::responses);
                if (!whole) whole = outcome;
                CHECK(outcome.verdict == whole->verdict);
                CHECK_EQ(name(outcome.error), name(whole->error));
                CHECK_EQ(outcome.heard.story, whole->heard.story);
            });
        }
    }
}

TEST_CASE("a coding that nobody knows: the first byte of the body shows whether it is text") {
    struct Row {
        const char* name;
        std::string fields, body;
        Error error;
    };
    const Row rows[] = {
        {"none, and an event stream", "Content-Encoding: none\r\n", short_answer, Error::none},
        {"a list of them, and blank lines first", "Content-Encoding: utf-8, x\r\n", "\r\n\r\n" + short_answer,
         Error::none},
        {"a byte order mark", "Content-Encoding: utf8\r\n", "\xEF\xBB\xBF" + short_answer, Error::none},
        {"none, and JSON", "Content-Encoding: none\r\n",
         "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}", Error::none},
        {"dcz, and bytes", "Content-Encoding: dcz\r\n", "\x5E\x2A\x4D\x18", Error::not_event_stream},
        {"dcb, and bytes", "Content-Encoding: dcb\r\n", "\xFF\x44\x43\x42", Error::content_encoding},
        {"none, and gzip", "Content-Encoding: none\r\n", "\x1F\x8B\x08", Error::content_encoding},
        {"none, and HTML", "Content-Encoding: none\r\n", "<html>", Error::not_event_stream},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(2048);
        const std::string bytes = counted_answer(200, "text/event-stream", row.body, row.fields);
        corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
            CHECK_EQ(name(outcome.error), name(row.error));
            if (row.body.find("Hello") != std::string::npos) CHECK_EQ(outcome.heard.story, short_story);
        });
    }
}

TEST_CASE("the first bytes of a page are kept, also when the first read fills the buffer") {
    const std::string page = "<html>" + std::string(5000, 'h');
    for (const char* status : {"200 OK", "502 Bad Gateway"}) {
        for (const size_t size : {512u, 2048u, 16384u}) {
            INFO(status, ", buffer ", size);
            std::vector<char> memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            const std::string bytes = std::string("HTTP/1.1 ") + status + "\r\n\r\n" + page;
            Heard heard;
            for (size_t at = 0; at < bytes.size();) {
                const oai::Buffer room = exchange.incoming();
                const size_t count = std::min(room.size, bytes.size() - at);
                if (count == 0) break;
                memcpy(room.data, bytes.data() + at, count);
                exchange.received(count);
                at += count;
                hear(exchange, heard);
            }
            exchange.ended();
            hear(exchange, heard);
            CHECK_FALSE(exchange.is_open());
            const size_t kept = std::min<size_t>(size / 8, 256);
            CHECK_EQ(std::string(exchange.failure().body_prefix), page.substr(0, kept));
        }
    }
}
