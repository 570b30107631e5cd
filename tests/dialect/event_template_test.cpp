// Reading an event by comparing it with one before gives the same as parsing it.
#include "io/exchange_support.hpp"
#include "io/responses_support.hpp"
#include "support/corpus.hpp"

namespace dialect = openai_stream::dialect;
using namespace exchange_support;
using openai_stream::Event;
using openai_stream::EventKind;
using openai_stream::StringView;

namespace {

constexpr size_t too_small = 2048;  // for templates: there all is parsed

// The same events, each of which is parsed, since its data stands in two lines.
std::string in_two_lines(std::string body) {
    for (size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; at += 14) body.insert(at + 7, "\ndata: ");
    return body;
}

std::string events_of(const std::vector<std::string>& chunks, const std::string& line_end = "\n") {
    std::string bytes;
    for (const std::string& chunk : chunks) bytes += "data: " + chunk + line_end + line_end;
    return bytes;
}

std::string read(size_t buffer_bytes, const std::string& wire, bool http, size_t step,
                 const oai::Api& api = oai::Api::chat, bool says_largest = true) {
    support::GuardedBuffer memory(buffer_bytes);
    std::vector<std::string_view> pieces;
    for (size_t at = 0; at < wire.size(); at += step) pieces.push_back(std::string_view(wire).substr(at, step));
    const Outcome outcome = outcome_of({memory.data(), memory.size()}, http, 200, pieces, api);
    std::string log = outcome.heard.story + "\n" + describe(outcome.error) + " " + outcome.message + " events " +
                      std::to_string(outcome.stats.events) + " quirks";
    if (says_largest) log += " largest " + std::to_string(outcome.stats.largest_event_bytes);
    for (unsigned quirk = 0; quirk != oai::Quirks::size; ++quirk)
        log += " " + std::to_string(outcome.quirks.count(static_cast<oai::Quirk>(quirk)));
    return log;
}

// In each framing and slicing, with templates and without them.
size_t differences(const std::string& body, const oai::Api& api = oai::Api::chat, bool is_two_lines = false) {
    size_t wrong = 0;
    for (const size_t buffer_bytes : {size_t{4096}, size_t{16384}}) {
        const std::string expected = is_two_lines ? read(buffer_bytes, in_two_lines(body), false, body.size(), api, false)
                                                        : read(too_small, body, false, body.size(), api);
        for (const size_t step : {body.size(), size_t{1}, size_t{61}}) {
            const std::string found = read(buffer_bytes, body, false, step, api, !is_two_lines);
            if (found == expected) continue;
            size_t same = 0;
            while (same < found.size() && same < expected.size() && found[same] == expected[same]) ++same;
            const size_t from = same < 60 ? 0 : same - 60;
            if (++wrong < 3)
                MESSAGE(buffer_bytes, ", ", step, " at a time\n", printable(expected.substr(from, 300)),
                        "\n--- with templates:\n", printable(found.substr(from, 300)));
        }
    }
    return wrong;
}

}  // namespace

TEST_CASE("events that are alike, and events that only look so") {
    const std::string first = R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x"})";
    struct Row {
        const char* name;
        std::vector<std::string> chunks;  // after `first`, twice
    };
    const auto chunk = [](const std::string& text, const std::string& pad = "x") {
        return R"({"id":"c","choices":[{"index":0,"delta":{"content":")" + text + R"("}}],"pad":")" + pad + "\"}";
    };
    const Row rows[] = {
        {"the same again", {chunk("a")}},
        {"another text", {chunk("bcd"), chunk(""), chunk("e")}},
        {"another padding", {chunk("b", ""), chunk("c", "yyyyyyyyyyyyyyyy"), chunk("d", "\\\"")}},
        {"escapes", {chunk("\\n\\u00e9"), chunk("\\\"}}]"), chunk("\xC3\xA9")}},
        {"a text that ends in half a pair, and the other half", {chunk("a\\ud83d"), chunk("\\ude00b"), chunk("c")}},
        {"and nothing that fits", {chunk("a\\ud83d"), chunk("b"), chunk("a\\ud83d"), chunk("")}},
        {"a byte that is no UTF-8",
         {chunk("a\xFF"
                "b"),
          chunk("\xE2\x82")}},
        {"a string that is none", {chunk("a\nb")}},
        {"a bad escape", {chunk("a\\x")}},
        {"a padding that is no string", {chunk("a", "\t")}},
        {"the text unfinished", {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a)"}},
        {"the padding unfinished", {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x)"}},
        {"cut in the middle", {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}})"}},
        {"cut in the prefix", {R"({"id":"c","choices":[{"ind)"}},
        {"something after it", {chunk("a") + " ", chunk("a") + "x"}},
        {"another id", {R"({"id":"d","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x"})"}},
        {"another index", {R"({"id":"c","choices":[{"index":1,"delta":{"content":"a"}}],"pad":"x"})", chunk("b")}},
        {"another key", {R"({"id":"c","choices":[{"index":0,"delta":{"refusal":"a"}}],"pad":"x"})", chunk("b")}},
        {"a finish reason in the middle",
         {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"pad":"x"})"}},
        {"one in the text", {chunk("a\"},\"finish_reason\":\"stop\",\"x\":{\"y\":\"")}},
        {"a second text",
         {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x",)"
          R"("choices":[{"delta":{"content":"b"}}]})"}},
        {"usage after it",
         {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x","usage":{"total_tokens":1}})"}},
        {"an error after it",
         {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"pad":"x","error":"no"})"}},
        {"no padding",
         {R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]})",
          R"({"id":"c","choices":[{"index":0,"delta":{"content":"b"}}]})"}},
        {"a text of each kind in turn",
         {R"({"choices":[{"delta":{"reasoning":"a"}}]})", R"({"choices":[{"delta":{"reasoning":"b"}}]})",
          R"({"choices":[{"delta":{"content":"c"}}]})", R"({"choices":[{"delta":{"content":"d"}}]})",
          R"({"choices":[{"delta":{"refusal":"e"}}]})", R"({"choices":[{"delta":{"refusal":"f"}}]})"}},
        {"arguments of calls",
         {R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"a"}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"b"}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":{"b":"c"}}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":{"b":"d"}}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"e"}}]}}]})"}},
        {"parts",
         {R"({"choices":[{"delta":{"content":[{"type":"text","text":"a"}]}}]})",
          R"({"choices":[{"delta":{"content":[{"type":"text","text":"b"}]}}]})",
          R"({"choices":[{"delta":{"content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}}]})"}},
        {"two keys for one text, the later one counting",
         {R"({"choices":[{"delta":{"reasoning":"x","reasoning_content":"a"}}]})",
          R"({"choices":[{"delta":{"reasoning":"x","reasoning_content":"b"}}]})",
          R"({"choices":[{"delta":{"reasoning":"x","reasoning_content":""}}]})"}},
        {"two keys for one text, the earlier one counting",
         {R"({"choices":[{"delta":{"reasoning_content":"x","reasoning":"a"}}]})",
          R"({"choices":[{"delta":{"reasoning_content":"x","reasoning":"b"}}]})",
          R"({"choices":[{"delta":{"reasoning_content":"x","reasoning":""}}]})"}},
        {"an empty one before it",
         {R"({"choices":[{"delta":{"reasoning_content":"","reasoning":"a"}}]})",
          R"({"choices":[{"delta":{"reasoning_content":"","reasoning":""}}]})"}},
        {"the same key twice",
         {R"({"choices":[{"delta":{"content":"x","content":"a"}}]})",
          R"({"choices":[{"delta":{"content":"x","content":"b"}}]})",
          R"({"choices":[{"delta":{"content":"x","content":""}}]})"}},
        {"a text that is null or something else",
         {R"({"choices":[{"delta":{"content":null}}],"pad":"x"})",
          R"({"choices":[{"delta":{"content":1}}],"pad":"x"})"}},
        {"a string that means something after the text",
         {R"({"choices":[{"delta":{"content":"a"}}],"object":"chunk"})",
          R"({"choices":[{"delta":{"content":"b"}}],"object":"error"})"}},
        {"an id after the text",
         {R"({"choices":[{"delta":{"content":"a"}}],"id":"c"})",
          R"({"choices":[{"delta":{"content":"b"}}],"id":"d"})"}},
        {"two paddings",
         {R"({"choices":[{"delta":{"content":"a"}}],"p":"1","q":"2"})",
          R"({"choices":[{"delta":{"content":"b"}}],"p":"3","q":"4"})"}},
        {"a padding before the text",
         {R"({"p":"1","choices":[{"delta":{"content":"a"}}]})", R"({"p":"2","choices":[{"delta":{"content":"b"}}]})"}},
        {"a choice after it that is seen, though it says nothing",
         {R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})",
          R"({"choices":[{"delta":{"content":"a"}},{"index":1}]})",
          R"({"choices":[{"delta":{"content":"b"}},{"index":1}]})"}},
        {"an empty text first",
         {R"({"choices":[{"delta":{"content":""}}]})", R"({"choices":[{"delta":{"content":"b"}}]})"}},
        {"an error event between them", {R"({"error":"x"})", chunk("b")}},
        {"another id, model and time in each",
         {R"({"id":"1","created":1,"model":"m","choices":[{"delta":{"content":"a"}}]})",
          R"({"id":"22","created":22,"model":"mm","choices":[{"delta":{"content":"b"}}]})",
          R"({"id":"","created":-3,"model":"\n","choices":[{"delta":{"content":"c"}}]})",
          R"({"id":null,"created":1.5,"model":7,"choices":[{"delta":{"content":"d"}}]})"}},
        {"a number of its own that nobody knows",
         {R"({"n":0,"choices":[{"delta":{"content":"a"}}]})", R"({"n":10,"choices":[{"delta":{"content":"b"}}]})",
          R"({"n":01,"choices":[{"delta":{"content":"c"}}]})",
          R"({"n":1234567890123456789012,"choices":[{"delta":{"content":"d"}}]})",
          R"({"n":1e3,"choices":[{"delta":{"content":"e"}}]})"}},
        {"a value of its own that nobody knows",
         {R"({"logprobs":{"content":[{"token":"a","logprob":-0.1,"bytes":[97]}]},"choices":[{"delta":{"content":"a"}}]})",
          R"({"logprobs":{"content":[{"token":"\"}","bytes":[98,99]}]},"choices":[{"delta":{"content":"b"}}]})",
          R"({"logprobs":{},"choices":[{"delta":{"content":"c"}}]})",
          R"({"logprobs":null,"choices":[{"delta":{"content":"d"}}]})",
          R"({"logprobs":-0.0,"choices":[{"delta":{"content":"e"}}]})",
          R"({"logprobs":true,"choices":[{"delta":{"content":"f"}}]})",
          R"({"logprobs":tru ,"choices":[{"delta":{"content":"g"}}]})"}},
        {"one that is nested more deeply than is read",
         {R"({"x":[],"choices":[{"delta":{"content":"a"}}]})",
          "{\"x\":" + std::string(100, '[') + std::string(100, ']') + R"(,"choices":[{"delta":{"content":"b"}}]})",
          "{\"x\":" + std::string(127, '[') + std::string(127, ']') + R"(,"choices":[{"delta":{"content":"c"}}]})",
          "{\"x\":" + std::string(128, '[') + std::string(128, ']') + R"(,"choices":[{"delta":{"content":"d"}}]})"}},
        {"one that ends as no value does",
         {R"({"x":[1],"choices":[{"delta":{"content":"a"}}]})", R"({"x":[1},"choices":[{"delta":{"content":"b"}}]})"}},
        {"one beside an error of that name",
         {R"({"x":{"error":"e"},"choices":[{"delta":{"content":"a"}}]})",
          R"({"x":{"error":"f","choices":[{"delta":{"content":"z"}}]},"choices":[{"delta":{"content":"b"}}]})"}},
        {"the role in each",
         {R"({"choices":[{"delta":{"role":"assistant","content":"a"}}]})",
          R"({"choices":[{"delta":{"role":"assistant","content":"b"}}]})",
          R"({"choices":[{"delta":{"role":"system","content":"c"}}]})",
          R"({"choices":[{"delta":{"role":"\u0061ssistant","content":"d"}}]})"}},
        {"usage in each",
         {R"({"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}})",
          R"({"choices":[{"delta":{"content":"b"}}],"usage":{"prompt_tokens":3,"completion_tokens":2}})",
          R"({"choices":[{"delta":{"content":"c"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}})",
          R"({"choices":[{"delta":{"content":"d"}}],"usage":{"prompt_tokens":4,"completion_tokens":10}})",
          R"({"choices":[{"delta":{"content":"e"}}],"usage":{"prompt_tokens":4,"completion_tokens":99999999999999999999}})",
          R"({"choices":[{"delta":{"content":"f"}}],"usage":{"prompt_tokens":4,"completion_tokens":07}})"}},
        {"usage beside the status of an error that is none, and then is one",
         {R"({"choices":[{"delta":{"content":"a"}}],"usage":{"total_tokens":1},"error":{"status_code":0}})",
          R"({"choices":[{"delta":{"content":"b"}}],"usage":{"total_tokens":2},"error":{"status_code":0}})",
          R"({"choices":[{"delta":{"content":"c"}}],"usage":{"total_tokens":2},"error":{"status_code":5}})"}},
        {"a time that is too large for a number",
         {R"({"created":1e300,"choices":[{"delta":{"content":"a"}}]})",
          R"({"created":1e300,"choices":[{"delta":{"content":"b"}}]})"}},
        {"more oddities in each than are remembered of one",
         {R"({"detail":"","errors":"","detail":"","errors":"","x_groq":{},"choices":[{"delta":{"content":"a"}}]})",
          R"({"detail":"","errors":"","detail":"","errors":"","x_groq":{},"choices":[{"delta":{"content":"b"}}]})"}},
        {"a byte that is no UTF-8, in an event like no other",
         {"{\"choices\":[{\"delta\":{\"content\":\"a\xFF\"}}],\"q\":1}", R"({"choices":[{"delta":{"content":"ab"}}],"q":1})"}},
        {"more calls in each than are remembered of one",
         {R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a"},{"index":1,"id":"b"},{"index":2,"id":"c"},)"
          R"({"index":3,"id":"d"}]}}]})"}},
        {"a call in each",
         {R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"i","function":{"name":"n","arguments":"a"}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"i","function":{"name":"n","arguments":"b"}}]}}]})",
          R"({"choices":[{"delta":{"tool_calls":[{"index":1,"id":"j","function":{"name":"n","arguments":"c"}}]}}]})"}},
        {"a comment within", {chunk("b") + "\n: x", chunk("c") + "\n: y"}},
        {"another field after the data", {chunk("b") + "\nid: 1", chunk("c") + "\nid: 2"}},
        {"a type before the next data", {chunk("b") + "\n\nevent: x", chunk("c") + "\n\nevent: error"}},
        {"more blank lines between them", {chunk("b") + "\r\r\r\r", chunk("c") + "\r\n\r\n\r\n\r\n"}},
        {"two lines of data", {chunk("b") + "\ndata:  ", chunk("c") + "\ndata: x"}},
        {"a second choice", {R"({"choices":[{"index":1,"delta":{"content":"a"}}]})", chunk("b")}},
        {"a message after them",
         {R"({"choices":[{"index":0,"message":{"content":"all of it"}}]})",
          R"({"choices":[{"index":3,"message":{"content":"all of it"}}]})"}},
        {"what is no JSON between them", {"{", chunk("b")}},
    };
    for (const Row& row : rows) {
        for (const char* const line_end : {"\n", "\r\n", "\r"}) {
            ROW(row.name);
            std::vector<std::string> all(3, first);
            for (const std::string& more : row.chunks) {
                const std::vector<std::string> one = {first, first, first, more, more, more, more, first, first};
                CHECK_EQ(differences(events_of(one, line_end)), 0);
                all.insert(all.end(), {more, more, more, more, first});
            }
            for (const std::string& more : row.chunks) all.push_back(more);
            CHECK_EQ(differences(events_of(all, line_end)), 0);
        }
    }
}

TEST_CASE("the framing of HTTP between and within them") {
    std::vector<std::string> chunks;
    for (int count = 0; count != 30; ++count)
        chunks.push_back(R"({"id":"c","choices":[{"index":0,"delta":{"content":"a)" + std::to_string(count) +
                         R"("}}],"pad":"x"})");
    const std::string body = events_of(chunks) + "data: [DONE]\n\n";
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const size_t chunk_bytes : {1u, 7u, 82u, 83u, 84u, 200u, 5000u}) {
        const std::string wire = head + chunked(body, chunk_bytes);
        const std::string expected = read(too_small, wire, true, wire.size());
        for (const size_t step : {size_t{1}, size_t{64}, size_t{150}, wire.size()}) {
            ROW(std::to_string(chunk_bytes) + " in a chunk, " + std::to_string(step) + " at a time");
            CHECK_EQ(read(16384, wire, true, step), expected);
        }
    }
}

TEST_CASE("random answers") {
    corpus::Random random("random answers");
    const char* const heads[] = {R"({"id":"c","choices":[{"index":0,"delta":{)",
                                 R"({"id":"c","choices":[{"index":1,"delta":{)", R"({"choices":[{"delta":{)",
                                 R"({"id":"c", "model":"m","x":"y","choices":[{"delta":{)"};
    const char* const keys[] = {R"("content":)",
                                R"("content":)",
                                R"("role":"assistant","content":)",
                                R"("reasoning":)",
                                R"("reasoning":"r","reasoning_content":)",
                                R"("refusal":)",
                                R"("x":"y","content":)",
                                R"("content":"","refusal":)"};
    const char* const texts[] = {"\"\"",        "\"a\"",       "\"bc def\"",   "\"\\n\"",      "\"\\ud83d\"",
                                 "\"\\ude00\"", "\"\\\"}}]\"", "\"\xC3\xA9\"", "\"\xE2\x82\"", "null",
                                 "1",           "\"a\nb\"",    "\"a"};
    const char* const tails[] = {"}}]}",
                                 "},\"finish_reason\":null}]}",
                                 "},\"finish_reason\":\"stop\"}]}",
                                 "}}],\"pad\":\"zz\"}",
                                 "}}],\"pad\":\"\"}",
                                 "}}],\"usage\":{\"total_tokens\":3}}",
                                 "},\"index\":2}]}",
                                 "},\"logprobs\":null}],\"pad\":\"q\"} ",
                                 "}},{\"index\":1}]}"};
    size_t wrong = 0;
    for (size_t count = 0; count != 6000; ++count) {
        std::vector<std::string> chunks;
        size_t head = random.between(0, 3), key = random.between(0, 7), tail = random.between(0, 8);
        for (size_t size = random.between(3, 12); size != 0; --size) {
            const size_t text = random.between(0, random.between(0, 3) == 0 ? 12 : 8);
            chunks.push_back(std::string(heads[head]) + keys[key] + texts[text] + tails[tail]);
            if (random.between(0, 3) == 0) head = random.between(0, 3);
            if (random.between(0, 3) == 0) key = random.between(0, 7);
            if (random.between(0, 3) == 0) tail = random.between(0, 8);
        }
        const std::string body = events_of(chunks);
        if (differences(body) != 0 && ++wrong < 3) MESSAGE(body);
    }
    CHECK_EQ(wrong, 0);
}

TEST_CASE("random answers of the Responses API") {
    corpus::Random random("random answers of the Responses API");
    const auto event = [](const std::string& type, const std::string& members) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
    };
    const char* const texts[] = {"a", "bc def", "\\n", "\\ud83d", "\\ude00", "\xC3\xA9", "\xE2\x82", "", "\\\""};
    size_t wrong = 0;
    for (size_t count = 0; count != 3000; ++count) {
        std::string body = event("response.created", R"("response":{"id":"r","model":"m","status":"in_progress"})");
        size_t item = 0, part = 0, sequence = 0;
        for (size_t size = random.between(5, 25); size != 0; --size) {
            const std::string number = R"("sequence_number":)" + std::to_string(sequence++ * random.between(0, 2));
            const std::string owner = number + R"(,"item_id":"i)" + std::to_string(item) + R"(","output_index":)" +
                                      std::to_string(item) + R"(,"content_index":)" + std::to_string(part);
            const std::string text = texts[random.between(0, 8)];
            const std::string padding = random.between(0, 1) != 0 ? R"(,"obfuscation":"xyz")" : R"(,"obfuscation":"q")";
            switch (random.between(0, 14)) {
                case 0: item = random.between(0, 2); break;
                case 1: part = random.between(0, 1); break;
                case 2:
                    body += event("response.output_item.added",
                                  number + R"(,"output_index":)" + std::to_string(item) + R"(,"item":{"id":"i)" +
                                      std::to_string(item) + R"(","type":"message"})");
                    break;
                case 3: body += event("response.output_text.done", owner + R"(,"text":"a")"); break;
                case 4: body += event("response.function_call_arguments.delta", owner + R"(,"delta":")" + text + "\""); break;
                case 5: body += event("response.reasoning_text.delta", owner + R"(,"delta":")" + text + "\""); break;
                case 6: body += ": keep-alive\n\n"; break;
                default:
                    body += event("response.output_text.delta",
                                  owner + R"(,"delta":")" + text + R"(","logprobs":[])" + padding);
            }
        }
        body += event("response.completed", R"("response":{"id":"r","status":"completed","output":[]})");
        if (differences(body, oai::Api::responses, true) != 0 && ++wrong < 3) MESSAGE(body);
    }
    CHECK_EQ(wrong, 0);
}

TEST_CASE("events of the Responses API that are alike") {
    struct Row {
        const char* name;
        const char* type;
        std::vector<std::string> members;  // of one event each, which comes three times
    };
    const Row rows[] = {
        {"what is spoken", "response.audio.transcript.delta", {R"("delta":"a")", R"("delta":"b")"}},
        {"two numbers of its own in each",
         "response.output_text.delta",
         {R"("sequence_number":1,"item_id":"m","delta":"a","sequence_number":2)",
          R"("sequence_number":3,"item_id":"m","delta":"b","sequence_number":4)"}},
        {"an item whose id is written with an escape",
         "response.output_text.delta",
         {R"("item_id":"\u006d","delta":"a")", R"("item_id":"\u006d","delta":"b")", R"("item_id":"m","delta":"c")"}},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string body;
        for (const std::string& members : row.members)
            for (unsigned number = 0; number != 40; ++number)  // more than the smaller buffer holds
                body += std::string("event: ") + row.type + "\ndata: {\"type\":\"" + row.type + "\"," + members + "}\n\n";
        CHECK_EQ(differences(body, oai::Api::responses, true), 0);
        CHECK_EQ(responses::read(4096, body).joined(), responses::read(too_small, body).joined());  // numbers, too
    }
}

TEST_CASE("what is decoded where it lies is none of what is remembered") {
    for (const char* const call : {R"("id":"\u0061","function":{"name":"n"})", R"("id":"a","function":{"name":"\u0061"})",
                                   R"("id":"a","type":"\u0061")"}) {
        ROW(call);
        std::vector<std::string> chunks;
        for (unsigned number = 0; number != 60; ++number)
            chunks.push_back(std::string(R"({"choices":[{"delta":{"tool_calls":[{"index":0,)") + call + "}]}}]}");
        CHECK_EQ(differences(events_of(chunks)), 0);
    }
}

TEST_CASE("of an event four quirks are remembered, and none that is counted again when it is read") {
    struct Row {
        const char* name;
        std::vector<oai::Quirk> counted;
        bool is_kept;
        unsigned count;
    };
    using oai::Quirk;
    const Row rows[] = {
        {"none", {}, true, 0},
        {"four", {Quirk::detail_key, Quirk::detail_key, Quirk::x_groq, Quirk::role_again}, true, 4},
        {"five", {Quirk::detail_key, Quirk::detail_key, Quirk::x_groq, Quirk::role_again, Quirk::x_groq}, false, 4},
        {"what the text and the counts of tokens tell",
         {Quirk::bad_utf8, Quirk::lone_surrogate, Quirk::usage_again, Quirk::x_groq},
         true,
         1},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        oai::Quirks before, after;
        before.add(Quirk::x_groq);
        after.add(Quirk::x_groq);
        for (const Quirk quirk : row.counted) after.add(quirk);
        dialect::EventTemplate known;
        CHECK_EQ(known.keep_quirks(before, after), row.is_kept);
        CHECK_EQ(known.quirk_count, row.count);
    }
}

TEST_CASE("what matches a template, and what was in its holes") {
    const std::string first = R"(data: {"n":1,"text":"x","c":2,"pad":"p","d":[]})"
                              "\n\n";
    static constexpr openai_stream::json::Row rows_of_root[] = {{"text", dialect::value_text}, {"c", dialect::choice_index}};
    static constexpr openai_stream::json::Context contexts[] = {
        openai_stream::json::Context(), openai_stream::json::Context::of<rows_of_root>()};
    struct Row {
        const char* name;
        std::string event;
        const char* text;  // null: it does not match
        bool is_plain;
        bool is_cut;       // but may, when more of it comes
    };
    const auto data = [](const std::string& json) { return "data: " + json + "\n\n"; };
    const Row rows[] = {
        {"the same", first, "x", true, false},
        {"another text", data(R"({"n":1,"text":"yz","c":2,"pad":"p","d":[]})"), "yz", true, false},
        {"another text and padding", data(R"({"n":1,"text":"y","c":2,"pad":"","d":[]})"), "y", true, false},
        {"another number of no meaning", data(R"({"n":12,"text":"y","c":2,"pad":"pp","d":[]})"), "y", true, false},
        {"escapes", data(R"({"n":1,"text":"y\n\"","c":2,"pad":"\\","d":[]})"), "y\\n\\\"", false, false},
        {"bytes above ASCII", data("{\"n\":1,\"text\":\"\xC3\xA9\",\"c\":2,\"pad\":\"p\",\"d\":[]}"), "\xC3\xA9", false, false},
        {"more after it", first + "data: ", "x", true, false},
        {"an empty text", data(R"({"n":1,"text":"","c":2,"pad":"p","d":[]})"), nullptr, false, false},
        {"another number that counts", data(R"({"n":1,"text":"x","c":3,"pad":"p","d":[]})"), nullptr, false, false},
        {"another tail", data(R"({"n":1,"text":"x","c":2,"pad":"p","e":[]})"), nullptr, false, false},
        {"another list of no meaning", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":[-1.5e3,"]"]})"), "x", true, false},
        {"an object there", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":{"a":[{}],"text":"z"}})"), "x", true, false},
        {"nothing there", data(R"({"n":null,"text":"x","c":2,"pad":false,"d":"\u00e9"})"), "x", true, false},
        {"one that is nested deeply", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":)" + std::string(17, '[') +
                                           std::string(17, ']') + "}"), nullptr, false, false},
        {"a list that is none", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":[1}})"), nullptr, false, false},
        {"a list of what is nothing", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":[01]})"), nullptr, false, false},
        {"a number that is none", data(R"({"n":01,"text":"x","c":2,"pad":"p","d":[]})"), nullptr, false, false},
        {"a negative number", data(R"({"n":-1,"text":"x","c":2,"pad":"p","d":[]})"), "x", true, false},
        {"a negative one that counts", data(R"({"n":1,"text":"x","c":-2,"pad":"p","d":[]})"), nullptr, false, false},
        {"another digit", data(R"({"n":3,"text":"x","c":2,"pad":"p","d":[]})"), "x", true, false},
        {"a number with a fraction", data(R"({"n":3.5,"text":"x","c":2,"pad":"p","d":[]})"), "x", true, false},
        {"a number where an object ends", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":70})"), "x", true, false},
        {"a number, and what ends no object", data(R"({"n":1,"text":"x","c":2,"pad":"p","d":70]})"), nullptr, false, false},
        {"a number that is longer than all else",
         data("{\"n\":" + std::string(99, '8') + R"(,"text":"x","c":2,"pad":"p","d":[]})"), "x", true, false},
        {"one that is negative", data("{\"n\":-" + std::string(99, '8') + R"(,"text":"x","c":2,"pad":"p","d":[]})"), "x",
         true, false},
        {"an escape without its digits", data(R"({"n":1,"text":"\u00g0","c":2,"pad":"p","d":[]})"), nullptr, false, false},
        {"no string", data(R"({"n":1,"text":null,"c":2,"pad":"p","d":[]})"), nullptr, false, false},
        {"a bad escape", data(R"({"n":1,"text":"\x","c":2,"pad":"p","d":[]})"), nullptr, false, false},
        {"a control byte", data("{\"n\":1,\"text\":\"\t\",\"c\":2,\"pad\":\"p\",\"d\":[]}"), nullptr, false, false},
        {"another line end", first.substr(0, first.size() - 1) + "\r", nullptr, false, false},
    };
    const auto learn = [&](dialect::EventTemplates& templates, const std::string& event) {
        const size_t text_at = event.find("\"x\"") + 1;
        const StringView knows("k", 1);
        templates.learn({0}, knows, {}, {});
        CHECK(templates.begin(event.data(), event.data() + event.size(), 1));
        const StringView json = StringView(event).drop(6).take(event.size() - 8);
        templates.note_data(event.data() + event.size(), 1, json, contexts, 1);
        Event made;
        made.reset(EventKind::text);
        made.text = StringView(event).drop(text_at).take(1);
        templates.note_event(made);
        templates.learn({0}, knows, {}, {});
    };
    const auto match = [](dialect::EventTemplates& templates, const support::GuardedBytes& event, unsigned boundary = 1) {
        return templates.match(event.begin(), event.end(), event.end(), boundary);
    };
    using Result = dialect::EventTemplate::Result;
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(1024);
        dialect::EventTemplates templates;
        templates.use({memory.data(), memory.size()});
        CHECK(match(templates, support::GuardedBytes(first)) == Result::differs);
        learn(templates, first);
        const support::GuardedBytes event(row.event);
        CHECK(match(templates, event, 2) == Result::differs);
        const Result result = match(templates, event);
        REQUIRE_EQ(result == Result::matches, row.text != nullptr);
        if (row.text) {
            const dialect::EventTemplate::Match& found = templates.found();
            CHECK_EQ(std::string(found.text_begin, found.text_end), row.text);
            CHECK_EQ(found.is_plain, row.is_plain);
        }
        // What is there of an event that matches is incomplete, at every byte.
        if (row.text && row.event.size() != first.size() + 6)
            for (size_t size = 0; size != row.event.size(); ++size)
                CHECK(match(templates, support::GuardedBytes(row.event.substr(0, size))) == Result::incomplete);
        // What was learned counts as long as nothing else is known of the answer.
        templates.learn({0}, StringView("l", 1), {}, {});
        CHECK(match(templates, support::GuardedBytes(first)) == Result::differs);
    }
}
