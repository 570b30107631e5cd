// Events larger than the buffer: text is delivered while it arrives, what nobody asked for passes through.
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked;
using conversation::done;
using conversation::feed;
using conversation::finish;
using conversation::hear;
using conversation::Heard;
using conversation::is_consistent;
using conversation::name;
using conversation::shown;
using conversation::sse;
using corpus::Random;
using oai::Error;
using oai::Exchange;
using oai::Poll;
using oai::Quirk;
using oai::Verdict;

struct Outcome {
    Heard heard;
    Poll said = Poll::pending;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    std::string message, type, code, param;
    oai::Quirks quirks;
    oai::Stats stats;
    bool consistent = false;
};

Outcome outcome_of(std::string_view body, size_t buffer_bytes, size_t read_bytes, int status = 200,
                   bool keeps_story = true) {
    support::GuardedBuffer memory(buffer_bytes);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    exchange.begin_body(oai::Api::chat, status, "text/event-stream");
    Outcome outcome;
    outcome.heard.keeps_story = keeps_story;
    for (size_t at = 0; at < body.size() && outcome.said == Poll::pending; at += read_bytes)
        outcome.said = feed(exchange, body.substr(at, read_bytes), outcome.heard);
    exchange.ended();
    outcome.said = hear(exchange, outcome.heard);
    outcome.error = exchange.error();
    outcome.verdict = exchange.verdict();
    const oai::Failure failure = exchange.failure();
    outcome.message = std::string(failure.message);
    outcome.type = shown(failure.type);
    outcome.code = shown(failure.code);
    outcome.param = shown(failure.param);
    outcome.quirks = exchange.quirks();
    outcome.stats = exchange.stats();
    outcome.consistent = is_consistent(exchange, outcome.said);
    return outcome;
}

constexpr size_t all_at_once = 1u << 30;
constexpr size_t mebibyte = 1u << 20;

std::string filled(size_t count) {
    std::string text(count, ' ');
    for (size_t i = 0; i < count; ++i) text[i] = static_cast<char>('a' + i % 26);
    return text;
}

// The inside of a JSON string, and the UTF-8 it means.
struct Text {
    std::string json, utf8;
    void add(const char* escaped, const char* meant) {
        json += escaped;
        utf8 += meant;
    }
};
struct Atom {
    const char* json;
    const char* utf8;
};
const Atom atoms[] = {
    {"a", "a"}, {"word ", "word "}, {"\\n", "\n"}, {"\\\"", "\""}, {"\\\\", "\\"}, {"\\/", "/"}, {"\\t", "\t"},
    {"\xC3\xA9", "\xC3\xA9"}, {"\xE2\x82\xAC", "\xE2\x82\xAC"}, {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    {"\\u00e9", "\xC3\xA9"}, {"\\u20AC", "\xE2\x82\xAC"}, {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"}, {"\\u0041", "A"},
    // Not what a server should send.
    {"\\ude00", "\xEF\xBF\xBD"}, {"\\ud83d.", "\xEF\xBF\xBD."}, {"\\ud83d\\n", "\xEF\xBF\xBD\n"},
    {"\xFF", "\xEF\xBF\xBD"}, {"\xC3.", "\xEF\xBF\xBD."}, {"\xE2\x82.", "\xEF\xBF\xBD."},
    {"\xF0\x9F\x98.", "\xEF\xBF\xBD."}, {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
};
constexpr size_t atom_count = sizeof atoms / sizeof *atoms;
constexpr size_t good_atoms = 14;

Text random_text(Random& random, size_t json_bytes, bool only_good) {
    Text text;
    while (text.json.size() < json_bytes) {
        const Atom& atom = atoms[random.between(0, (only_good ? good_atoms : atom_count) - 1)];
        text.add(atom.json, atom.utf8);
    }
    return text;
}

std::string content_event(const std::string& json_text) { return conversation::text(json_text); }

}  // namespace

TEST_CASE("1 MiB of content in one event, through 512 bytes to 64 KiB") {
    Random random("1 MiB");
    const Text text = random_text(random, mebibyte, true);
    const std::string body = content_event(text.json) + finish() + done;
    for (const size_t buffer : {512u, 2048u, 16384u, 65536u}) {
        for (const size_t read : {size_t{64}, size_t{1000}, all_at_once}) {
            ROW("a buffer of " + std::to_string(buffer) + " bytes, reads of " + std::to_string(read));
            const Outcome outcome = outcome_of(body, buffer, read, 200, false);
            CHECK_EQ(name(outcome.error), name(Error::none));
            CHECK(outcome.verdict == Verdict::done_marker);
            CHECK(outcome.heard.text == text.utf8);
            CHECK_EQ(outcome.heard.ill_formed + outcome.heard.torn, 0);
            CHECK(outcome.heard.early >= outcome.heard.pieces);
            CHECK(outcome.heard.pieces > mebibyte / buffer);
            CHECK(outcome.heard.largest_piece <= buffer);
            CHECK(outcome.quirks.has(Quirk::provisional_piece));
            CHECK(outcome.stats.peak_buffer_bytes <= buffer);
            CHECK(outcome.stats.largest_event_bytes <= buffer);
        }
    }
}

TEST_CASE("1 MiB of content in one HTTP chunk, through 2 KiB") {
    Random random("chunk");
    const Text text = random_text(random, mebibyte, true);
    const std::string bytes = conversation::chunked_answer(content_event(text.json) + finish() + done);
    char memory[2048];
    Exchange exchange{oai::Buffer(memory)};
    const oai::Endpoint server("http://h/v1");
    const oai::ChatRequest ask("m", "hi");
    REQUIRE(exchange.begin(server, ask) == Error::none);
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
    Heard heard;
    heard.keeps_story = false;
    CHECK(feed(exchange, bytes, heard) == Poll::done);
    CHECK(heard.text == text.utf8);
    CHECK_EQ(heard.ill_formed + heard.torn, 0);
    CHECK(exchange.is_reusable());
}

TEST_CASE("every length of content around the size of the buffer, in reads of every small size") {
    for (const size_t buffer : {512u, 600u}) {
        for (const size_t read : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{50}, all_at_once}) {
            ROW("a buffer of " + std::to_string(buffer) + " bytes, reads of " + std::to_string(read));
            size_t wrong = 0;
            for (size_t length = 0; length < 3 * buffer; length += corpus::few_cuts() ? 13u : 1u) {
                const std::string text = filled(length);
                const Outcome outcome = outcome_of(content_event(text) + finish() + done, buffer, read);
                const std::string story = "started(c1,m1) text(" + text + ") finish(stop)";
                if (outcome.heard.story == story && outcome.heard.torn == 0 && outcome.error == Error::none) continue;
                if (wrong++ == 0) {
                    INFO("length ", length);
                    CHECK_EQ(outcome.heard.story, story);
                    CHECK_EQ(outcome.heard.torn, 0);
                    CHECK_EQ(name(outcome.error), name(Error::none));
                }
            }
            CHECK_EQ(wrong, 0);
        }
    }
}

TEST_CASE("pieces end between code points, whatever escape or sequence the buffer ends in") {
    for (const Atom& atom : atoms) {
        ROW("\"" + std::string(atom.json[0] == '\\' ? atom.json : atom.utf8) + "\" over and over");
        for (size_t offset = 0; offset < 13; ++offset) {
            for (const size_t read : {size_t{1}, size_t{5}, size_t{11}, all_at_once}) {
                INFO("offset ", offset, ", reads of ", read);
                Text text;
                text.add(std::string(offset, '.').c_str(), std::string(offset, '.').c_str());
                for (int i = 0; i < 300; ++i) text.add(atom.json, atom.utf8);
                const Outcome outcome = outcome_of(content_event(text.json + "!") + finish() + done, 512, read);
                CHECK_EQ(outcome.heard.text, text.utf8 + "!");
                CHECK_EQ(outcome.heard.ill_formed + outcome.heard.torn, 0);
                CHECK_EQ(name(outcome.error), name(Error::none));
                // Together or apart: the same text.
                const Outcome whole = outcome_of(content_event(text.json + "!") + finish() + done, 16384, read);
                CHECK_EQ(whole.heard.text, outcome.heard.text);
                CHECK_FALSE(whole.quirks.has(Quirk::provisional_piece));
            }
        }
    }
}

TEST_CASE("random text, good and bad, in random buffers and reads") {
    const int rounds = corpus::few_cuts() ? 30 : 400;
    Random random("oversize");
    size_t wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        const Text text = random_text(random, random.between(0, 5000), round % 2 == 0);
        const size_t buffer = random.between(512, 2500), read = random.between(1, 700);
        const Outcome outcome = outcome_of(content_event(text.json) + finish() + done, buffer, read);
        const bool right = outcome.heard.text == text.utf8 && outcome.error == Error::none && outcome.heard.torn == 0 &&
                           outcome.heard.ill_formed == 0;
        INFO("round ", round, ", buffer ", buffer, ", reads of ", read);
        if (!right && wrong++ < 3) {
            CHECK_EQ(outcome.heard.text, text.utf8);
            CHECK_EQ(name(outcome.error), name(Error::none));
            CHECK_EQ(outcome.heard.torn + outcome.heard.ill_formed, 0);
        }
    }
    CHECK_EQ(wrong, 0);
}

TEST_CASE("what is said of an event larger than the buffer") {
    struct Row {
        const char* name;
        std::string event;  // the JSON
        std::string story;
        Error error;
        std::string param;
    };
    const std::string big = filled(5000);
    const std::string start = "{\"id\":\"c1\",\"model\":\"m1\",";
    const auto choice = [&](const std::string& inside) {
        return start + "\"choices\":[{\"index\":0," + inside + "}]}";
    };
    const std::string object = "{\"a\":[1,2.5e3,null,true,{\"b\":\"\xC3\xA9 \\u00e9 \\\"\"}],\"c\":\"" + big + "\"}";
    const std::string numbers = "[1" + std::string(4000, '2') + ",-3.5E+7]";
    const auto tool = [&](const std::string& inside) {
        return choice("\"delta\":{\"tool_calls\":[{" + inside + "}]}");
    };
    const std::string function = "\"function\":{\"name\":\"f\",\"arguments\":\"" + big + "\"}";
    const std::string deltas = "\"delta\":{\"content\":\"" + big + "\"}";
    const std::string started = "started(c1,m1) ";
    const Row rows[] = {
        {"content", choice(deltas), started + "text(" + big + ")", Error::none, ""},
        {"content, then finish_reason", choice(deltas + ",\"finish_reason\":\"stop\""),
         started + "text(" + big + ") finish(stop)", Error::none, ""},
        {"finish_reason, then content", choice("\"finish_reason\":\"stop\"," + deltas),
         started + "text(" + big + ") finish(stop)", Error::none, ""},
        {"role, then content", choice("\"delta\":{\"role\":\"assistant\",\"content\":\"" + big + "\"}"), "*",
         Error::none, ""},
        {"content, then role", choice("\"delta\":{\"content\":\"" + big + "\",\"role\":\"assistant\"}"),
         started + "text(" + big + ") role(assistant)", Error::none, ""},
        {"content, then usage",
         choice(deltas).substr(0, choice(deltas).size() - 1) +
             ",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}",
         started + "text(" + big + ") usage(1,2,3)", Error::none, ""},
        {"choices before id and model", "{\"choices\":[{\"index\":0," + deltas + "}],\"id\":\"c1\",\"model\":\"m1\"}",
         "started(-,-) text(" + big + ")", Error::none, ""},
        {"the index after the text, equal", start + "\"choices\":[{" + deltas + ",\"index\":0}]}",
         started + "text(" + big + ")", Error::none, ""},
        {"the index after the text, another one", start + "\"choices\":[{" + deltas + ",\"index\":1}]}",
         started + "text(" + big + ")", Error::late_key, ""},
        {"two choices", start + "\"choices\":[{\"index\":0," + deltas + "},{\"index\":1," + deltas + "}]}",
         started + "text(" + big + ") text#1(" + big + ")", Error::none, ""},
        {"an unknown string before all",
         "{\"pad\":\"" + big + "\"," + choice("\"delta\":{\"content\":\"x\"}").substr(1), started + "text(x)",
         Error::none, ""},
        {"an unknown string between",
         start + "\"pad\":\"" + big + "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
         started + "text(x)", Error::none, ""},
        {"an unknown string after the text", choice("\"delta\":{\"content\":\"x\",\"pad\":\"" + big + "\"}"),
         started + "text(x)", Error::none, ""},
        {"an unknown string after all",
         choice("\"delta\":{\"content\":\"x\"}").substr(0, choice("\"delta\":{\"content\":\"x\"}").size() - 1) +
             ",\"pad\":\"" + big + "\"}",
         started + "text(x)", Error::none, ""},
        {"an unknown string in the choice, before the text",
         choice("\"pad\":\"" + big + "\",\"delta\":{\"content\":\"x\"}"), started + "text(x)", Error::none, ""},
        {"an unknown object",
         start + "\"pad\":" + object + ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
         started + "text(x)", Error::none, ""},
        {"unknown numbers",
         start + "\"pad\":" + numbers + ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
         started + "text(x)", Error::none, ""},
        {"unknown keys in an unknown object",
         start + "\"pad\":{\"" + big + "\":1},\"choices\":[{\"delta\":{\"content\":\"x\"}}]}", started + "text(x)",
         Error::none, ""},
        {"blanks", start + std::string(5000, ' ') + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
         started + "text(x)", Error::none, ""},
        {"an unknown key too large for the buffer", start + "\"" + big + "\":1,\"choices\":[]}", "",
         Error::event_too_large, ""},
        {"an id too large", "{\"id\":\"" + big + "\"}", "", Error::event_too_large, "id"},
        {"a model too large", "{\"model\":\"" + big + "\"}", "", Error::event_too_large, "model"},
        {"a finish_reason too large", choice("\"finish_reason\":\"" + big + "\""), "", Error::event_too_large,
         "finish_reason"},
        {"a role too large", choice("\"delta\":{\"role\":\"" + big + "\"}"), "", Error::event_too_large, "role"},
        {"a tool's id too large", tool("\"index\":0,\"id\":\"" + big + "\""), "", Error::event_too_large, "id"},
        {"a tool's name too large", tool("\"index\":0,\"function\":{\"name\":\"" + big + "\"}"), "",
         Error::event_too_large, "name"},
        {"a number we need, too large", "{\"created\":" + std::string(5000, '1') + "}", "", Error::event_too_large,
         "created"},
        {"a tool call", tool("\"index\":0,\"id\":\"t\",\"type\":\"function\"," + function),
         started + "tool_call@0(t,f,function) arguments@0(" + big + ")", Error::none, ""},
        {"a tool call without an index", tool("\"id\":\"t\"," + function),
         started + "tool_call(t,f,-) arguments(" + big + ")", Error::none, ""},
        {"a tool call with its index last", tool("\"id\":\"t\"," + function + ",\"index\":1"),
         started + "tool_call(t,f,-) arguments(" + big + ")", Error::late_key, ""},
        {"a tool call with its id last", tool("\"index\":2," + function + ",\"id\":\"t\""),
         started + "tool_call@2(-,f,-) arguments@2(" + big + ") tool_call@2(t,-,-)", Error::none, ""},
        {"arguments alone", tool("\"index\":0,\"function\":{\"arguments\":\"" + big + "\"}"),
         started + "arguments@0(" + big + ")", Error::none, ""},
        {"arguments as an object",
         tool("\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":" + object + "}"),
         started + "tool_call@0(t,f,-) arguments@0(" + object + ")", Error::none, ""},
        {"arguments as a list",
         tool("\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":" + numbers + "}"),
         started + "tool_call@0(t,f,-) arguments@0(" + numbers + ")", Error::none, ""},
        {"two tool calls",
         choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\"," + function + "},{\"index\":1,\"id\":\"u\"," +
                function + "}]}"),
         started + "tool_call@0(t,f,-) arguments@0(" + big + ") tool_call@1(u,f,-) arguments@1(" + big + ")",
         Error::none, ""},
        {"reasoning", choice("\"delta\":{\"reasoning_content\":\"" + big + "\"}"), started + "reasoning(" + big + ")",
         Error::none, ""},
        {"reasoning under two names: once",
         choice("\"delta\":{\"reasoning_content\":\"" + big + "\",\"reasoning\":\"" + big + "\"}"),
         started + "reasoning(" + big + ")", Error::none, ""},
        {"reasoning, then content", choice("\"delta\":{\"reasoning\":\"" + big + "\",\"content\":\"" + big + "\"}"),
         started + "reasoning(" + big + ") text(" + big + ")", Error::none, ""},
        {"a refusal", choice("\"delta\":{\"refusal\":\"" + big + "\"}"), started + "refusal(" + big + ")", Error::none,
         ""},
        {"content in parts",
         choice("\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"" + big +
                "\"}]},{\"type\":\"text\",\"text\":\"" + big + "\"}]}"),
         started + "reasoning(" + big + ") text(" + big + ")", Error::none, ""},
        {"a legacy completion", choice("\"text\":\"" + big + "\""), started + "text(" + big + ")", Error::none, ""},
        {"text, then an error",
         "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0," + deltas +
             "}],\"error\":{\"message\":\"M\",\"code\":5}}",
         started + "text(" + big + ")", Error::server_error, "-"},
        {"text, then not JSON", "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0," + deltas + "}]]}",
         started + "text(" + big + ")", Error::bad_json, ""},
        {"text, then too deep",
         "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0," + deltas + "}],\"x\":" + std::string(200, '['),
         started + "text(" + big + ")", Error::json_too_deep, ""},
        {"a line end inside a string is not JSON", choice("\"delta\":{\"content\":\"" + big + "\ndata: " + big + "\"}"),
         "*", Error::bad_json, ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t buffer : {512u, 1024u, 2048u}) {
            for (const size_t read : {size_t{1}, size_t{100}, all_at_once}) {
                INFO("buffer ", buffer, ", reads of ", read);
                const std::string tail = row.story.find("finish") == std::string::npos ? finish() + done : done;
                const Outcome outcome = outcome_of(sse(row.event) + tail, buffer, read);
                std::string story = row.story;
                if (row.error == Error::none && row.story.find("finish") == std::string::npos) story += " finish(stop)";
                if (row.story != "*" && !(row.error == Error::event_too_large)) CHECK_EQ(outcome.heard.story, story);
                else if (row.error == Error::none) CHECK_EQ(outcome.heard.text, big);
                CHECK_EQ(name(outcome.error), name(row.error));
                if (row.error == Error::event_too_large)
                    CHECK_EQ(outcome.param, row.param.empty() ? outcome.param : row.param);
                if (row.error == Error::event_too_large && row.param.empty())
                    CHECK((outcome.param == "-" || outcome.param.empty()));
                if (row.error == Error::server_error) CHECK_EQ(outcome.message, "M");
                if (row.error == Error::server_error) CHECK_EQ(outcome.code, "5");
                CHECK(outcome.consistent);
                CHECK_EQ(outcome.heard.ill_formed, 0);
                if (row.error == Error::none) CHECK_EQ(outcome.heard.torn, 0);
                CHECK(outcome.stats.peak_buffer_bytes <= buffer);
            }
        }
    }
}

TEST_CASE("an event that fits is resolved before it is delivered: no piece, no quirk, keys in any order") {
    const std::string event =
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\",\"name\":\"f\"},\"id\":\"t\","
        "\"index\":1}],\"content\":\"x\",\"role\":\"assistant\"},\"finish_reason\":\"stop\",\"index\":2}],"
        "\"model\":\"m1\",\"id\":\"c1\"}";
    for (const size_t read : {size_t{1}, size_t{7}, all_at_once}) {
        const Outcome outcome = outcome_of(sse(event) + done, 1024, read);
        CHECK_EQ(outcome.heard.story,
                 "started(c1,m1) role#2(assistant) text#2(x) tool_call#2@1(t,f,-) arguments#2@1({}) finish#2(stop)");
        CHECK_EQ(outcome.heard.early, 0);
        CHECK_FALSE(outcome.quirks.has(Quirk::provisional_piece));
    }
}

TEST_CASE("a field of 1 MiB that nobody asked for, before and after the text") {
    const std::string pad = "\"pad\":\"" + filled(mebibyte) + "\"";
    const std::string text = "\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]";
    for (const bool before : {true, false}) {
        ROW(before ? "before" : "after");
        const std::string body = sse("{" + (before ? pad + "," + text : text + "," + pad) + "}") + finish() + done;
        for (const size_t buffer : {512u, 2048u}) {
            for (const size_t read : {size_t{100}, all_at_once}) {
                const Outcome outcome = outcome_of(body, buffer, read);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(x) finish(stop)");
                CHECK(outcome.verdict == Verdict::done_marker);
            }
        }
    }
}

TEST_CASE("a tool call with 100 KiB of arguments") {
    Random random("arguments");
    const Text arguments = random_text(random, 100 * 1024, true);
    const std::string event = "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
                              "\"index\":0,\"id\":\"t\","
                              "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"" +
                              arguments.json +
                              "\"}}]},"
                              "\"finish_reason\":\"tool_calls\"}]}";
    for (const size_t buffer : {512u, 2048u, 16384u}) {
        const Outcome outcome = outcome_of(sse(event) + done, buffer, 1460);
        CHECK(outcome.heard.story ==
              "started(c1,m1) tool_call@0(t,f,function) arguments@0(" + arguments.utf8 + ") finish(tool_calls)");
        CHECK_EQ(name(outcome.error), name(Error::none));
        CHECK_EQ(outcome.heard.torn + outcome.heard.ill_formed, 0);
    }
}

TEST_CASE("a whole answer in plain JSON that is larger than the buffer") {
    Random random("plain");
    const Text text = random_text(random, 50000, true);
    const std::string body = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m1\",\"choices\":[{\"index\":0,"
                             "\"message\":{\"role\":"
                             "\"assistant\",\"content\":\"" +
                             text.json +
                             "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,"
                             "\"completion_tokens\":2,\"total_tokens\":5}}";
    for (const size_t buffer : {512u, 2048u, 65536u}) {
        for (const size_t read : {size_t{1}, size_t{1460}, all_at_once}) {
            INFO("buffer ", buffer, ", reads of ", read);
            const Outcome outcome = outcome_of(body, buffer, read);
            CHECK(outcome.heard.text == text.utf8);
            CHECK(outcome.heard.story.find("finish(stop) usage(3,2,5)") != std::string::npos);
            CHECK_EQ(name(outcome.error), name(Error::none));
            CHECK(outcome.verdict == Verdict::finish_then_eof);
            CHECK_EQ(outcome.heard.torn + outcome.heard.ill_formed, 0);
        }
    }
}

TEST_CASE("an event of many lines that is larger than the buffer") {
    std::string lines = "data: {\"id\":\"c1\",\ndata:\"model\":\"m1\",\n";
    for (int i = 0; i < 100; ++i)
        lines += "data: \"pad" + std::to_string(i) + "\":\ndata\ndata:  [" + std::to_string(i) + ",\ndata: null],\n";
    lines += "data: \"choices\":[{\"index\":0,\ndata:\"delta\":\ndata:{\"content\":\"" + filled(2000) +
             "\"\ndata:}}\ndata:]}\n\n";
    for (const char* const line_end : {"\n", "\r\n", "\r"}) {
        std::string body;
        for (const char c : lines + finish() + done) body += c == '\n' ? std::string(line_end) : std::string(1, c);
        for (const size_t buffer : {512u, 1500u, 65536u}) {
            for (const size_t read : {size_t{1}, size_t{13}, size_t{100}, all_at_once}) {
                INFO("buffer ", buffer, ", reads of ", read);
                const Outcome outcome = outcome_of(body, buffer, read);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(" + filled(2000) + ") finish(stop)");
                CHECK_EQ(name(outcome.error), name(Error::none));
                CHECK_EQ(outcome.heard.torn, 0);
            }
        }
    }
}

TEST_CASE("the end in the middle of an event that is being delivered is truncated, with what came before it") {
    const std::string text = filled(3000);
    const std::string event = content_event(text);
    for (size_t cut = 0; cut < event.size(); cut += corpus::few_cuts() ? 97u : 11u) {
        const Outcome outcome = outcome_of(event.substr(0, cut), 512, all_at_once);
        INFO("after ", cut, " bytes");
        CHECK_EQ(name(outcome.error), name(Error::truncated));
        CHECK(outcome.verdict == Verdict::truncated);
        CHECK(outcome.consistent);
        CHECK_EQ(text.compare(0, outcome.heard.text.size(), outcome.heard.text), 0);
        if (cut > 600) CHECK(outcome.heard.text.size() + 600 > cut);
    }
}

TEST_CASE("half a surrogate pair at the end of an event larger than the buffer waits for the next one") {
    for (size_t length = 400; length < 900; ++length) {
        const std::string text = filled(length);
        const Outcome outcome =
            outcome_of(content_event(text + "\\ud83d") + content_event("\\ude00!") + finish() + done, 512, all_at_once);
        INFO("length ", length);
        CHECK_EQ(outcome.heard.text, text + "\xF0\x9F\x98\x80!");
        CHECK_EQ(outcome.heard.ill_formed + outcome.heard.torn, 0);
    }
}

TEST_CASE("a long error message is text: cut when it does not fit, never lost") {
    for (const size_t length : {500u, 3000u, 100u * 1024u}) {
        for (const size_t buffer : {512u, 2048u, 16384u}) {
            for (const size_t read : {size_t{1}, size_t{1460}, all_at_once}) {
                for (const int status : {200, 400}) {
                    ROW(std::to_string(length) + " bytes through " + std::to_string(buffer) + ", reads of " +
                        std::to_string(read) + ", status " + std::to_string(status));
                    const std::string message = filled(length);
                    const std::string json =
                        "{\"error\":{\"type\":\"T\",\"message\":\"" + message + "\",\"param\":\"P\",\"code\":\"C\"}}";
                    const Outcome outcome = outcome_of(status == 200 ? sse(json) : json, buffer, read, status);
                    CHECK_EQ(name(outcome.error), name(status == 200 ? Error::server_error : Error::http_status));
                    CHECK_EQ(message.compare(0, outcome.message.size(), outcome.message), 0);
                    if (buffer > 2 * length + 2000) CHECK_EQ(outcome.message.size(), length);
                    else CHECK(outcome.message.size() >= std::min<size_t>(buffer / 8, 256));
                    CHECK_EQ(outcome.type, "T");
                    CHECK_EQ(outcome.code, "C");
                    CHECK_EQ(outcome.param, "P");
                    if (status == 200) continue;
                    const Outcome scalar = outcome_of(sse("\"" + message + "\""), buffer, read, status);
                    CHECK_EQ(message.compare(0, scalar.message.size(), scalar.message), 0);
                    CHECK(scalar.message.size() >= std::min<size_t>(buffer / 8, 256));
                }
            }
        }
    }
}

TEST_CASE("a cut error message is still UTF-8") {
    Random random("message");
    for (int round = 0; round < (corpus::few_cuts() ? 10 : 200); ++round) {
        const Text text = random_text(random, random.between(100, 6000), round % 2 == 0);
        const size_t buffer = random.between(512, 4096);
        const Outcome outcome =
            outcome_of(sse("{\"error\":{\"message\":\"" + text.json + "\"}}"), buffer, random.between(1, 999));
        INFO("round ", round, ", buffer ", buffer);
        CHECK_EQ(name(outcome.error), name(Error::server_error));
        CHECK(conversation::is_utf8(outcome.message));
        CHECK_FALSE(outcome.message.empty());
    }
}

TEST_CASE("4 MiB of what nobody needs does not fail") {
    const size_t much = 4 * mebibyte;
    struct Row {
        const char* name;
        std::string before;  // what comes before the event
    };
    std::string nested;
    for (int i = 0; i < 60000; ++i) nested += "[{\"a\":[1,{\"b\":\"c\"}]}],";
    const Row rows[] = {
        {"a comment", ":" + std::string(much, 'c') + "\n\n"},
        {"comments", [&] {
             std::string all;
             while (all.size() < much) all += ": keep-alive\n\n";
             return all;
         }()},
        {"blank lines", std::string(much, '\n')},
        {"an unknown field", "unknown: " + std::string(much, 'u') + "\n\n"},
        {"a field name without end", std::string(much, 'n') + "\n\n"},
        {"an event type", "event: " + std::string(much, 't') + "\n\n"},
        {"an id", "id: " + std::string(much, 'i') + "\n\n"},
        {"a retry", "retry: " + std::string(much, '1') + "\n\n"},
        {"a number", sse("{\"x\":1" + std::string(much, '2') + "}")},
        {"a string", sse("{\"x\":\"" + std::string(much, '2') + "\"}")},
        {"escapes", sse("{\"x\":\"" + [&] {
             std::string all;
             while (all.size() < much) all += "\\u00e9\\n";
             return all;
         }() + "\"}")},
        {"blanks in JSON", sse("{" + std::string(much, ' ') + "}")},
        {"lists and objects", sse("{\"x\":[" + nested + "0]}")},
        {"empty data lines", [&] {
             std::string all = "data: {\n";
             while (all.size() < much) all += "data:\n";
             return all + "data: }\n\n";
         }()},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t buffer : {512u, 16384u}) {
            for (const size_t read : {size_t{333}, all_at_once}) {
                INFO("buffer ", buffer, ", reads of ", read);
                Outcome outcome =
                    outcome_of(row.before + content_event("x") + finish() + done, buffer, read, 200, false);
                CHECK_EQ(outcome.heard.text, "x");
                CHECK_EQ(name(outcome.error), name(Error::none));
                CHECK(outcome.verdict == Verdict::done_marker);
            }
        }
    }
}
