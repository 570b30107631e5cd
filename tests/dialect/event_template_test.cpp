// Reading by a learned shape gives the same events as reading without it.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

namespace dialect = openai_stream::dialect;
using namespace conformance;

namespace {

std::string read(dialect::DocumentReader& reader, const std::string& chunk) {
    support::GuardedBuffer memory(chunk.size());
    std::memcpy(memory.data(), chunk.data(), chunk.size());
    reader.begin(dialect::chat, dialect::chat_root, memory.data(), memory.data() + chunk.size(), true);
    std::string log;
    Event event;
    while (true) {
        const dialect::Outcome outcome = dialect::next_of_chat(reader, event, dialect::chat, {});
        if (outcome == dialect::Outcome::event) {
            log += line(event);
            continue;
        }
        if (outcome == dialect::Outcome::failed) log += describe(reader.error());
        if (outcome == dialect::Outcome::refused)
            log += "refused " + printed(said(reader.value(dialect::value_error_message)));
        return log + (reader.is_finished() ? "finished\n" : "end\n");
    }
}

// All chunks of one answer; shape_bytes: of the memory for the shape, 0 = none.
std::string read_all(const std::vector<std::string>& chunks, size_t shape_bytes) {
    support::GuardedBuffer shape(shape_bytes);
    dialect::DocumentReader reader;
    if (shape_bytes != 0) reader.use({shape.data(), shape.size()});
    std::string log;
    for (const std::string& chunk : chunks) log += read(reader, chunk);
    Event event;
    while (reader.flush(event)) log += line(event);
    for (unsigned quirk = 0; quirk != 8; ++quirk)
        log += std::to_string(reader.quirks().count(static_cast<openai_stream::Quirk>(quirk))) + " ";
    return log;
}

}  // namespace

TEST_CASE("chunks that are alike, and chunks that only look so") {
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
        {"what is no JSON between them", {"{", chunk("b")}},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::vector<std::string> chunks = {first, first};
        for (const std::string& more : row.chunks) chunks.insert(chunks.end(), {more, more, first});
        for (const std::string& more : row.chunks) chunks.push_back(more);
        const std::string plain = read_all(chunks, 0);
        for (const unsigned shape_bytes : {1u, 60u, 68u, 4096u}) {
            const std::string learned = read_all(chunks, shape_bytes);
            size_t same = 0;
            while (same != plain.size() && same != learned.size() && plain[same] == learned[same]) ++same;
            const bool is_same = learned == plain;
            CHECK_MESSAGE(is_same, (plain.substr(same, 200) + "\n--- with a shape:\n" + learned.substr(same, 200)));
        }
    }
}

TEST_CASE("a shape, by itself") {
    const std::string prefix = R"({"a":"b","text":)", middle = R"(,"c":1,"pad":)", tail = R"(,"d":[]})";
    struct Row {
        const char* name;
        std::string text, padding, event;
        const char* match;  // the text between its quotes; null: none
        bool is_plain;
    };
    const Row rows[] = {
        {"the same", "x", "p", prefix + R"("x")" + middle + R"("p")" + tail, "x", true},
        {"another text and padding", "x", "p", prefix + R"("yz")" + middle + R"("")" + tail, "yz", true},
        {"escapes", "x", "p", prefix + R"("y\n\"")" + middle + R"("\\")" + tail, "y\\n\\\"", false},
        {"bytes above ASCII", "x", "p", prefix + "\"\xC3\xA9\"" + middle + R"("p")" + tail, "\xC3\xA9", false},
        {"an empty text", "x", "p", prefix + R"("")" + middle + R"("p")" + tail, "", true},
        {"another prefix", "x", "p", R"({"a":"c","text":"x")" + middle + R"("p")" + tail, nullptr, false},
        {"another middle", "x", "p", prefix + R"("x","c":2,"pad":"p")" + tail, nullptr, false},
        {"another tail", "x", "p", prefix + R"("x")" + middle + R"("p","d":{}})", nullptr, false},
        {"more after it", "x", "p", prefix + R"("x")" + middle + R"("p")" + tail + " ", nullptr, false},
        {"less", "x", "p", prefix + R"("x")" + middle + R"("p")" + tail.substr(1), nullptr, false},
        {"cut in the middle", "x", "p", prefix + R"("x")" + middle.substr(0, 3), nullptr, false},
        {"cut in the text", "x", "p", prefix + R"("x)", nullptr, false},
        {"cut before the text", "x", "p", prefix, nullptr, false},
        {"no string", "x", "p", prefix + "null" + middle + R"("p")" + tail, nullptr, false},
        {"no string as padding", "x", "p", prefix + R"("x")" + middle + "7" + tail, nullptr, false},
        {"a text that is not valid", "x", "p", prefix + R"("\x")" + middle + R"("p")" + tail, nullptr, false},
        {"no text at all", "x", "p", "", nullptr, false},
    };
    for (const Row& row : rows) {
        for (const bool has_padding : {true, false}) {
            ROW(std::string(row.name) + (has_padding ? "" : ", nothing but the text may differ"));
            const std::string text_at = prefix + "\"", pad_at = text_at + row.text + "\"" + middle + "\"";
            const std::string first = pad_at + row.padding + "\"" + tail;
            support::GuardedBuffer memory(prefix.size() + middle.size() + tail.size() + (has_padding ? 0 : 3));
            dialect::EventTemplate shape;
            shape.use({memory.data(), memory.size()});
            const dialect::TextOwner owner{EventKind::refusal, 3, 4};
            const StringView all = first;
            shape.learn(owner, all, all.drop(text_at.size()).take(row.text.size()),
                        has_padding ? all.drop(pad_at.size()).take(row.padding.size()) : StringView());
            const support::GuardedBytes event(row.event);
            const dialect::EventTemplate::Match match = shape.match(event.begin(), event.end());
            const bool same_padding = row.event.find(R"(:"p")") != std::string::npos;
            if (row.match == nullptr || (!has_padding && !same_padding)) {
                CHECK(match.begin == nullptr);
                continue;
            }
            REQUIRE(match.begin != nullptr);
            CHECK_EQ(std::string(match.begin, match.end), row.match);
            CHECK_EQ(match.is_plain, row.is_plain);
            CHECK(shape.owner() == owner);
        }
    }
}

TEST_CASE("a shape for which there is no memory is none") {
    const StringView event = R"({"t":"x"})";
    for (const size_t bytes : {size_t{0}, size_t{5}, size_t{6}}) {
        ROW(std::to_string(bytes) + " bytes for 6");
        support::GuardedBuffer memory(bytes);
        dialect::EventTemplate shape;
        shape.use({memory.data(), memory.size()});
        shape.learn({EventKind::text, 0, -1}, event, event.drop(6).take(1), {});
        CHECK((shape.match(event.begin(), event.end()).begin != nullptr) == (bytes == 6));
        shape.use({memory.data(), memory.size()});
        CHECK(shape.match(event.begin(), event.end()).begin == nullptr);
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
    for (size_t count = 0; count != 20000; ++count) {
        std::vector<std::string> chunks;
        size_t head = random.between(0, 3), key = random.between(0, 7), tail = random.between(0, 8);
        for (size_t size = random.between(2, 7); size != 0; --size) {
            const size_t text = random.between(0, random.between(0, 3) == 0 ? 12 : 8);
            chunks.push_back(std::string(heads[head]) + keys[key] + texts[text] + tails[tail]);
            if (random.between(0, 3) == 0) head = random.between(0, 3);
            if (random.between(0, 3) == 0) key = random.between(0, 7);
            if (random.between(0, 3) == 0) tail = random.between(0, 8);
        }
        if (read_all(chunks, 4096) != read_all(chunks, 0) && ++wrong < 3)
            for (const std::string& chunk : chunks) MESSAGE(chunk);
    }
    CHECK_EQ(wrong, 0);
}
