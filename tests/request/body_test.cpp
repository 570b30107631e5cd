// A whole request, window by window: the same bytes whatever the windows, what is refused, what changes in between.
#include "support/cuts.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>
#include <initializer_list>
#include <type_traits>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ChatRequest;
using oai::Endpoint;
using oai::Error;
using oai::Message;
using oai::RequestWriter;
using written::rest_of;
using written::split;
using written::whole;

static_assert(std::is_trivially_destructible_v<RequestWriter>, "nothing is owned");
static_assert(RequestWriter().error() == Error::none, "a writer is a constant expression");

namespace {

// A request with something of every kind, and more than a window of each.
struct Rich {
    std::string smile = "\xF0\x9F\x98\x80", long_text;
    std::vector<oai::ToolCall> calls;
    std::vector<Message> messages;
    std::vector<oai::Tool> tools;
    oai::http::HeaderField headers[2] = {{"X-Long", ""}, {"User-Agent", "mine"}};
    std::string long_header = std::string(700, 'h'), key = std::string(400, 'k');
    Endpoint endpoint{"https://[2001:db8::1]:8443/a/long/prefix/v1"};
    ChatRequest request{"model", "the prompt"};

    Rich() {
        for (int i = 0; i < 60; ++i)
            long_text += "line\n\"" + smile + "\"\x02 \xC3\xBC" + std::string(static_cast<size_t>(i) % 7, '\\');
        calls = {{"call_1", "name", "{\"a\":\"b\"}"}, {"call_2", long_text, ""}};
        messages = {Message::system(long_text), Message::assistant("", calls), Message::tool("call_1", "\xFF\xC3")};
        tools = {{"f", "does", "{\"type\":\"object\",\"properties\":{}}"}, {"g", {}, {}}};
        headers[0].value = long_header;
        endpoint.key = key;
        endpoint.headers = headers;
        request.messages = messages;
        request.tools = tools;
        request.include_usage = oai::Tristate::yes;
        request.extra_json = "\"temperature\":0.2";
    }
};

}  // namespace

TEST_CASE("windows of every size give the same bytes") {
    const Rich rich;
    const std::string all = whole(rich.endpoint, rich.request, 1 << 20);
    REQUIRE_GT(all.size(), 3000);
    REQUIRE(json::parse(split(all).body, nullptr, false).is_object());
    for (size_t window = RequestWriter::min_window_bytes; window <= 300; ++window) {
        ROW("windows of " + std::to_string(window) + " bytes");
        CHECK_EQ(whole(rich.endpoint, rich.request, window), all);
    }
    ROW("windows of random sizes");
    corpus::Random random("windows");
    for (int round = 0; round < 50; ++round) {
        RequestWriter writer;
        REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
        std::string sent;
        char window[400];
        while (const size_t count = writer.write(window, random.between(16, 400))) sent.append(window, count);
        CHECK(writer.finished());
        CHECK_EQ(sent, all);
    }
}

TEST_CASE("a window is filled but for a few bytes, and the last byte finishes") {
    const Rich rich;
    const std::string all = whole(rich.endpoint, rich.request);
    for (const size_t size : std::initializer_list<size_t>{16, 17, 64, 1000}) {
        ROW("windows of " + std::to_string(size));
        RequestWriter writer;
        REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
        char window[1000];
        size_t sent = 0;
        while (sent != all.size()) {
            CHECK_FALSE(writer.finished());
            const size_t count = writer.write(window, size);
            sent += count;
            if (sent != all.size()) REQUIRE_GT(count + 6, size);
        }
        CHECK(writer.finished());
        CHECK_EQ(writer.write(window, size), 0);
        CHECK(writer.finished());
        CHECK(writer.error() == Error::none);
    }
    ROW("windows that end with the request");
    RequestWriter writer;
    REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
    std::string memory(all.size(), '\0');
    CHECK_EQ(writer.write(&memory[0], memory.size()), all.size());
    CHECK(writer.finished());
    CHECK_EQ(memory, all);
}

TEST_CASE("a body of 1 MB passes through 2 KiB") {
    std::string text;
    for (int i = 0; text.size() < 1024 * 1024; ++i)
        text += "Line " + std::to_string(i) + " with \"quotes\" and \xC3\xBC.\n";
    const Endpoint endpoint("http://localhost/v1");
    const ChatRequest request("m", text);
    const std::string all = whole(endpoint, request, 2048);
    const json body = json::parse(split(all).body, nullptr, false);
    REQUIRE(body.is_object());
    CHECK(body["messages"][0]["content"] == text);
}

TEST_CASE("no heap is touched") {
    if (!support::HeapTrap::works()) return tally::skip("the heap trap does not work here");
    const Rich rich;
    RequestWriter writer;
    size_t sent = 0;
    Error error;
    {
        const support::HeapTrap trap;
        error = writer.begin(rich.endpoint, rich.request);
        char window[64];
        while (const size_t count = writer.write(window, sizeof window)) sent += count;
    }
    CHECK(error == Error::none);
    CHECK_EQ(sent, whole(rich.endpoint, rich.request).size());
}

TEST_CASE("a writer may be moved between two windows") {
    const Rich rich;
    const std::string all = whole(rich.endpoint, rich.request);
    std::string sent;
    char window[32];
    RequestWriter here;
    REQUIRE(here.begin(rich.endpoint, rich.request) == Error::none);
    while (true) {
        RequestWriter there = here;
        here = RequestWriter();
        const size_t count = there.write(window, sizeof window);
        sent.append(window, count);
        here = there;
        if (count == 0) break;
    }
    CHECK(here.finished());
    CHECK_EQ(sent, all);
}

TEST_CASE("a request can be written again, and so can another one after a failure") {
    const Rich rich;
    const std::string all = whole(rich.endpoint, rich.request);
    RequestWriter writer;
    char window[64];
    for (const size_t windows : std::initializer_list<size_t>{0, 1, 5, 20, 100000}) {
        ROW("after " + std::to_string(windows) + " windows");
        REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
        for (size_t i = 0; i < windows && writer.write(window, sizeof window) != 0; ++i) continue;
        const Endpoint wrong("nonsense");
        CHECK(writer.begin(wrong, rich.request) == Error::bad_url);
        CHECK(writer.error() == Error::bad_url);
        CHECK_EQ(writer.write(window, sizeof window), 0);
        CHECK_FALSE(writer.finished());
        REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
        CHECK(writer.error() == Error::none);
        CHECK_EQ(rest_of(writer, 50), all);
        CHECK(writer.finished());
    }
}

TEST_CASE("a body may be written without its head, for an HTTP client that is there already") {
    const Rich rich;
    const std::string body = split(whole(rich.endpoint, rich.request, 1 << 20)).body;
    for (const size_t window : {RequestWriter::min_window_bytes, size_t{17}, size_t{100}, size_t{1} << 20}) {
        ROW("windows of " + std::to_string(window) + " bytes");
        RequestWriter writer;
        REQUIRE(writer.begin_body(rich.request) == Error::none);
        CHECK_EQ(static_cast<size_t>(writer.content_length()), body.size());
        CHECK_EQ(rest_of(writer, window), body);
        CHECK(writer.finished());
    }
    ROW("what cannot be sent is refused");
    RequestWriter writer;
    const ChatRequest empty;
    CHECK(writer.begin_body(empty) == Error::bad_request_field);
    ChatRequest broken("m", "hi");
    broken.extra_json = "\"a\":";
    CHECK(writer.begin_body(broken) == Error::bad_request_json);
    char window[64];
    CHECK_EQ(writer.write(window, sizeof window), 0);
    CHECK(writer.error() == Error::bad_request_json);
}

TEST_CASE("a writer that has not begun writes nothing") {
    RequestWriter writer;
    char window[64];
    CHECK_EQ(writer.write(window, sizeof window), 0);
    CHECK_FALSE(writer.finished());
    CHECK(writer.error() == Error::none);
}

TEST_CASE("what cannot be sent is refused before the first byte") {
    struct Row {
        const char* name;
        void (*change)(Endpoint& endpoint, ChatRequest& request);
        Error error;
    };
    static const oai::http::HeaderField smuggled[] = {{"X", "1\r\nContent-Length: 0"}},
                                        framing[] = {{"Transfer-Encoding", "chunked"}};
    static const oai::Tool bad_tool[] = {{"f", {}, "{"}};
    const Row rows[] = {
        {"nothing wrong", [](Endpoint&, ChatRequest&) {}, Error::none},
        {"a URL that is none", [](Endpoint& e, ChatRequest&) { e = Endpoint("localhost"); }, Error::bad_url},
        {"a prefix without its slash", [](Endpoint& e, ChatRequest&) { e.prefix = "v1"; }, Error::bad_url},
        {"a header in the key", [](Endpoint& e, ChatRequest&) { e.key = "k\r\nX: 1"; }, Error::bad_header_value},
        {"a header in the organization", [](Endpoint& e, ChatRequest&) { e.organization = "o\nX: 1"; },
         Error::bad_header_value},
        {"a header in the project", [](Endpoint& e, ChatRequest&) { e.project = "p\rX: 1"; }, Error::bad_header_value},
        {"a header in a header", [](Endpoint& e, ChatRequest&) { e.headers = smuggled; }, Error::bad_header_value},
        {"a header about framing", [](Endpoint& e, ChatRequest&) { e.headers = framing; }, Error::bad_header_value},
        {"no model", [](Endpoint&, ChatRequest& r) { r.model = {}; }, Error::bad_request_field},
        {"no message", [](Endpoint&, ChatRequest& r) { r.prompt = {}; }, Error::bad_request_field},
        {"members that are none", [](Endpoint&, ChatRequest& r) { r.extra_json = "x"; }, Error::bad_request_json},
        {"parameters that are no JSON", [](Endpoint&, ChatRequest& r) { r.tools = bad_tool; }, Error::bad_request_json},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Endpoint endpoint("http://localhost/v1", "key");
        ChatRequest request("m", "p");
        row.change(endpoint, request);
        RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == row.error);
        CHECK(writer.error() == row.error);
        CHECK_EQ(rest_of(writer).empty(), row.error != Error::none);
        CHECK_EQ(writer.finished(), row.error == Error::none);
        CHECK(writer.error() == row.error);
    }
}

TEST_CASE("JSON in the user's own words is JSON and stays in its place") {
    struct Row {
        const char* name;
        std::string text;
        bool member, value;  // good as members, good as a value
    };
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += '[';
    const Row rows[] = {
        {"a member", R"("a":1)", true, false},
        {"members", R"("a":1,"b":[],"c":{"d":null})", true, false},
        {"members with blanks", " \"a\" : 1 ,\n\t\"b\":2\r ", true, false},
        {"an object", R"({"a":1})", false, true},
        {"an object with blanks", " { } ", false, true},
        {"an array", "[1,2]", false, true},
        {"a string", R"("a")", false, true},
        {"a number", "-1.5e3", false, true},
        {"true", "true", false, true},
        {"null", "null", false, true},
        {"escapes", R"("a\u00fc\n":"\"}")", true, false},
        {"UTF-8", "\"\xC3\xBC\":1", true, false},
        {"only blanks", "  ", false, false},
        {"a comma alone", ",", false, false},
        {"a comma in front", R"(,"a":1)", false, false},
        {"a comma at the end", R"("a":1,)", false, false},
        {"a comma at the end, and a blank", R"("a":1, )", false, false},
        {"two commas", R"("a":1,,"b":2)", false, false},
        {"no comma", R"("a":1 "b":2)", false, false},
        {"no colon", R"("a" 1)", false, false},
        {"no value", R"("a":)", false, false},
        {"a name without quotes", "a:1", false, false},
        {"a name in single quotes", "'a':1", false, false},
        {"a number for a name", "1:1", false, false},
        {"it closes the object", R"("a":1})", false, false},
        {"it closes the object and opens another", R"("a":1},{"b":2)", false, false},
        {"it closes the object and opens one inside", R"("a":1},"x":{"b":2)", false, false},
        {"a closed object and members after it", R"({"a":1},"b":2)", false, false},
        {"a value and a member after it", R"(1,"b":2)", false, false},
        {"two values", "1 2", false, false},
        {"an object that does not end", R"({"a":1)", false, false},
        {"an object that does not end, as a member", R"("x":{"a":1)", false, false},
        {"an array that does not end", R"("x":[1)", false, false},
        {"an array that ends as an object", R"("x":[1})", false, false},
        {"a string that does not end", R"("x":"1)", false, false},
        {"a string that ends in a backslash", "\"x\":\"1\\", false, false},
        {"an escape that is none", R"("x":"\x")", false, false},
        {"half a \\u", R"("x":"\u12")", false, false},
        {"a line end in a string", "\"x\":\"1\n2\"", false, false},
        {"a comment", R"("a":1 /* x */)", false, false},
        {"a comment to the line's end", "\"a\":1 // x\n", false, false},
        {"NaN", R"("a":NaN)", false, false},
        {"Infinity", R"("a":Infinity)", false, false},
        {"NaN as value", "NaN", false, false},
        {"a plus", R"("a":+1)", false, false},
        {"a zero in front", R"("a":01)", false, false},
        {"hexadecimal", R"("a":0x1)", false, false},
        {"no digit before the point", R"("a":.5)", false, false},
        {"no digit after the point", R"("a":1.)", false, false},
        {"True", R"("a":True)", false, false},
        {"undefined", "undefined", false, false},
        {"half of true", R"("a":tru)", false, false},
        {"half of null as value", "nul", false, false},
        {"a NUL", std::string("\"a\":1\0", 6), false, false},
        {"a byte order mark", "\xEF\xBB\xBF\"a\":1", false, false},
        {"a byte that is not UTF-8", "\"a\":\"\xFF\"", false, false},
        {"a surrogate in UTF-8", "\"a\":\"\xED\xA0\x80\"", false, false},
        {"a character cut at the end", "\"a\xC3", false, false},
        {"nested too deep", deep, false, false},
        {"nested too deep, as a member", "\"x\":" + deep, false, false},
    };
    const Endpoint endpoint("http://localhost");
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes text(row.text);
        ChatRequest request("m", "p");
        request.extra_json = text;
        RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == (row.member ? Error::none : Error::bad_request_json));
        if (row.member) {
            json expected = json::parse("{" + row.text + "}");
            const json body = json::parse(split(rest_of(writer)).body, nullptr, false);
            REQUIRE(body.is_object());
            for (const auto& item : expected.items()) CHECK(body.at(item.key()) == item.value());
        }
        const oai::Tool tool("f", {}, text);
        request.extra_json = {};
        request.tools = {&tool, 1};
        CHECK(writer.begin(endpoint, request) == (row.value ? Error::none : Error::bad_request_json));
        if (row.value) {
            const json body = json::parse(split(rest_of(writer)).body, nullptr, false);
            REQUIRE(body.is_object());
            CHECK(body["tools"][0]["function"]["parameters"] == json::parse(row.text));
        }
    }
}

TEST_CASE("a body that changes its length between counting and sending never becomes complete") {
    struct Row {
        const char* name;
        void (*change)(Rich& rich);
    };
    static const std::string longer(9000, 'x');
    const Row rows[] = {
        {"the model is longer", [](Rich& r) { r.request.model = "a longer model"; }},
        {"the model is shorter", [](Rich& r) { r.request.model = "m"; }},
        {"the prompt is one byte longer", [](Rich& r) { r.request.prompt = "the prompt!"; }},
        {"the prompt is one byte shorter", [](Rich& r) { r.request.prompt = "the promp"; }},
        {"the prompt is gone", [](Rich& r) { r.request.prompt = {}; }},
        {"a letter became a quote", [](Rich& r) { r.request.prompt = "the \"rompt"; }},
        {"a text is gone", [](Rich& r) { r.messages[0].content = {}; }},
        {"a text is longer", [](Rich& r) { r.messages[0].content = longer; }},
        {"a message is gone", [](Rich& r) { r.request.messages = {r.messages.data(), 2}; }},
        {"all messages are gone", [](Rich& r) { r.request.messages = {}; }},
        {"a tool call is gone", [](Rich& r) { r.messages[1].tool_calls = {r.calls.data(), 1}; }},
        {"all tool calls are gone", [](Rich& r) { r.messages[1].tool_calls = {}; }},
        {"all tools are gone", [](Rich& r) { r.request.tools = {}; }},
        {"usage is not wanted any more", [](Rich& r) { r.request.include_usage = oai::Tristate::unset; }},
        {"the members are gone", [](Rich& r) { r.request.extra_json = {}; }},
        {"the members are more", [](Rich& r) { r.request.extra_json = "\"temperature\":0.2,\"seed\":1"; }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Rich before;
        const std::string all = whole(before.endpoint, before.request);
        const size_t head = split(all).head.size();
        Rich after;
        row.change(after);
        const std::string changed = whole(after.endpoint, after.request);
        REQUIRE_NE(changed.size(), all.size());
        for (const size_t size : std::initializer_list<size_t>{16, 40, 256, 100000}) {
            const size_t last = size < 1000 ? all.size() / (size - 5) + 2 : 1;
            for (size_t windows = 0; windows < last; windows += 1 + windows / 8) {
                CAPTURE(size);
                CAPTURE(windows);
                Rich rich;
                RequestWriter writer;
                REQUIRE(writer.begin(rich.endpoint, rich.request) == Error::none);
                std::vector<char> window(size);
                std::string sent;
                for (size_t i = 0; i < windows; ++i) sent.append(window.data(), writer.write(window.data(), size));
                row.change(rich);
                while (const size_t count = writer.write(window.data(), size)) sent.append(window.data(), count);
                if (writer.finished()) {  // it was after that place already
                    REQUIRE_EQ(sent.size(), all.size());
                } else {
                    REQUIRE(writer.error() == Error::request_changed);
                    REQUIRE_LT(sent.size(), all.size());
                    REQUIRE_EQ(writer.write(window.data(), size), 0);
                    REQUIRE(writer.error() == Error::request_changed);
                }
                if (windows == 0) REQUIRE_FALSE(writer.finished());
                REQUIRE_EQ(sent.substr(0, head), all.substr(0, std::min(head, sent.size())));
            }
        }
    }
}

TEST_CASE("the cost is linear: a producer is asked twice for each piece, and once more for each window") {
    struct Counted {
        size_t pieces, asked = 0;
    };
    const auto next = [](const void* object, oai::Cursor& at, oai::Fragment& piece,
                         const oai::detail::FieldDescriptor*) {
        auto& counted = *static_cast<Counted*>(const_cast<void*>(object));
        ++counted.asked;
        if (at.index[0] == counted.pieces) return false;
        piece = oai::Fragment();
        piece.before = "";
        piece.text = "0123456789";
        ++at.index[0];
        return true;
    };
    const Endpoint endpoint("http://localhost");
    for (const size_t pieces : std::initializer_list<size_t>{0, 1, 1000, 100000}) {
        for (const size_t window : std::initializer_list<size_t>{16, 1000}) {
            ROW(std::to_string(pieces) + " pieces through " + std::to_string(window));
            Counted counted = {pieces};
            RequestWriter writer;
            REQUIRE(writer.begin(endpoint, "/x", oai::BodySource{&counted, next}) == Error::none);
            CHECK_EQ(writer.content_length(), static_cast<int64_t>(pieces * 10));
            CHECK_EQ(counted.asked, 2 * pieces + 1);
            counted.asked = 0;
            const std::string all = rest_of(writer, window);
            CHECK(writer.finished());
            CHECK_EQ(split(all).body.size(), pieces * 10);
            CHECK_LE(counted.asked, 2 * pieces + 1 + all.size() / window + 1);
        }
    }
}

TEST_CASE("pieces of every kind") {
    static const int64_t number = -1234567890123456789;
    static const char* const text = "a\"b\xFF";
    static const oai::Checked checked = {"{}", [](const oai::StringView& wanted) {
        return wanted == "{}" ? Error::none : Error::bad_request_json;
    }};
    const auto next = [](const void*, oai::Cursor& at, oai::Fragment& piece, const oai::detail::FieldDescriptor*) {
        piece = oai::Fragment();
        piece.before = "";
        switch (at.step[0]++) {
            case 0: piece.text = "["; return true;
            case 1: piece.text = text; piece.kind = oai::FragmentKind::string; return true;
            case 2: return true;
            case 3:
                piece.before = ",";
                piece.text = {reinterpret_cast<const char*>(&number), sizeof number};
                piece.kind = oai::FragmentKind::integer;
                return true;
            case 4:
                piece.before = ",\"twelve bytes or more\",";
                piece.text = {reinterpret_cast<const char*>(&checked), sizeof checked};
                piece.kind = oai::FragmentKind::checked;
                return true;
            case 5: piece.before = "]"; return true;
            default: return false;
        }
    };
    const Endpoint endpoint("http://localhost");
    for (size_t window = 16; window < 40; ++window) {
        ROW("windows of " + std::to_string(window));
        RequestWriter writer;
        REQUIRE(writer.begin(endpoint, "/x", oai::BodySource{nullptr, next}) == Error::none);
        CHECK_EQ(split(rest_of(writer, window)).body,
                 "[\"a\\\"b\xEF\xBF\xBD\",-1234567890123456789,\"twelve bytes or more\",{}]");
        CHECK(writer.finished());
    }
}
