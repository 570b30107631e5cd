// What DeepSeek and Gemini want to see again in the next request: the reasoning of a message, and extra_content of its
// tool calls, byte for byte as it came.
#include "io/collected.hpp"
#include "request/written.hpp"
#include "support/corpus.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

using namespace collected_tests;
using nlohmann::json;
using oai::Collector;
using oai::Echo;
using oai::Error;
using oai::Verdict;

namespace {

const std::string done = "data: [DONE]\n\n";
std::string chunk(const std::string& choice) {
    return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m1\",\"choices\":[" +
           choice + "]}\n\n";
}
std::string delta(const std::string& members, const std::string& finish = "null") {
    return chunk("{\"index\":0,\"delta\":{" + members + "},\"logprobs\":null,\"finish_reason\":" + finish + "}");
}

// As Google's servers write a call: its keys in the order of the alphabet. The value has blanks and escapes, which are
// not to change.
std::string signature(const std::string& bytes) {
    return "{\"google\": {\"thought_signature\": \"" + bytes + "\", \"n\":[1.50, -0e1,\"\\u00e9\\/\\n\"] }}";
}
std::string gemini_call(const std::string& extra, const std::string& city, const std::string& id,
                        const std::string& more = "") {
    return "{" + (extra.empty() ? extra : "\"extra_content\":" + extra + ",") +
           "\"function\":{\"arguments\":\"{\\\"city\\\":\\\"" + city +
           "\\\"}\",\"name\":\"get_weather\"},\"id\":\"" + id + "\"" + more + ",\"type\":\"function\"}";
}

std::string large_function(const std::string& name) {
    return "\"function\":{\"name\":\"" + name + "\",\"arguments\":\"{\\\"x\\\":\\\"" + std::string(700, 'x') +
           "\\\"}\"}";
}

const std::string deepseek_answer =
    delta("\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"") +
    delta("\"content\":null,\"reasoning_content\":\"The user asks \\\"where\\\";\\n\"") +
    delta("\"content\":null,\"reasoning_content\":\"\\u4f60\\u597d \\ud83d\"") +
    delta("\"content\":null,\"reasoning_content\":\"\\ude00\\u0001 \\\\ C:\\\\tmp / \xC3\xA9.\"") +
    delta("\"content\":\"Let me look.\",\"reasoning_content\":null") +
    delta("\"tool_calls\":[{\"index\":0,\"id\":\"call_0_a\",\"type\":\"function\","
          "\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}]") +
    delta("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\\\"Brest\\\"}\"}}]") +
    delta("\"content\":\"\",\"reasoning_content\":null", "\"tool_calls\"") + done;
const std::string deepseek_reasoning =
    "The user asks \"where\";\n\xE4\xBD\xA0\xE5\xA5\xBD \xF0\x9F\x98\x80\x01 \\ C:\\tmp / \xC3\xA9.";

// What a Collector gives back of a body, as the message of the next request.
struct Turn {
    std::string sent;  // the body of the request
    json message;      // the assistant's, in it
    Error error = Error::none;
};
std::string body_of(const oai::ChatRequest& request) {
    const oai::Endpoint endpoint("http://localhost");
    return written::split(written::whole(endpoint, request)).body;
}
Turn next_turn(Collector& message, Echo what) {
    const oai::Message history[] = {oai::Message::user("Weather?"), message.as_message_with(what),
                                    oai::Message::tool("a", "14 degrees")};
    Turn turn;
    turn.sent = body_of(oai::ChatRequest("m", history));
    turn.error = message.error();
    const json whole = json::parse(turn.sent, nullptr, false);
    REQUIRE(!whole.is_discarded());
    turn.message = whole.at("messages").at(1);
    return turn;
}

// Every event of a body, with extra_content watched for.
template <class Take>
Verdict feed(const corpus::Pieces& pieces, oai::Buffer buffer, Take&& take) {
    oai::ExtraEvents extras(oai::extra_content_fields);
    oai::Exchange exchange(buffer);
    REQUIRE(exchange.begin_body(oai::Api(extras), 200, "text/event-stream") == Error::none);
    oai::Event event;
    const auto drain = [&] {
        while (exchange.poll(event) == oai::Poll::event) take(event);
    };
    for (std::string_view piece : pieces)
        while (!piece.empty() && exchange.error() == Error::none) {
            const oai::Buffer room = exchange.incoming();
            const size_t count = std::min(room.size, piece.size());
            if (count == 0) break;
            std::memcpy(room.data, piece.data(), count);
            exchange.received(count);
            piece.remove_prefix(count);
            drain();
        }
    exchange.ended();
    drain();
    return exchange.verdict();
}

struct Row {
    const char* name;
    std::string body;
    std::vector<std::string> extras;  // of each call, "" = none
    size_t smallest_buffer;
};
const std::vector<Row>& extra_rows() {
    const std::string one = signature("c2lnbmF0dXJlIDE="), two = signature("c2lnbmF0dXJlIDI=");
    static const std::vector<Row> rows = {
        {"Gemini: one call",
         delta("\"role\":\"assistant\",\"tool_calls\":[" + gemini_call(one, "Brest", "a", ",\"index\":0") + "]",
               "\"tool_calls\"") + done,
         {one}, 512},
        {"Gemini: parallel calls, of which the first has the signature",
         delta("\"role\":\"assistant\",\"tool_calls\":[" + gemini_call(one, "Brest", "a", ",\"index\":0") + "," +
                   gemini_call("", "Bergen", "b", ",\"index\":1") + "]",
               "\"tool_calls\"") + done,
         {one, ""}, 512},
        {"the last of parallel calls has it, and each counts as 0",
         delta("\"tool_calls\":[" + gemini_call("", "Brest", "a", ",\"index\":0") + "," +
                   gemini_call(two, "Bergen", "b", ",\"index\":0") + "]",
               "\"tool_calls\"") + done,
         {"", two}, 512},
        {"each has its own, and none an index",
         delta("\"tool_calls\":[" + gemini_call(one, "Brest", "a") + "," + gemini_call(two, "Bergen", "b") + "]",
               "\"tool_calls\"") + done,
         {one, two}, 512},
        {"each in a chunk of its own",
         delta("\"tool_calls\":[" + gemini_call(one, "Brest", "a") + "]") +
             delta("\"tool_calls\":[" + gemini_call(two, "Bergen", "b") + "]", "\"tool_calls\"") + done,
         {one, two}, 512},
        {"a proxy gives it after everything else, in the last fragment of the call",
         delta("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}},"
               "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\"}}]") +
             delta("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"},\"extra_content\":" + one +
                   "},{\"index\":1,\"function\":{\"arguments\":\"}\"},\"extra_content\":" + two + "}]") +
             delta("", "\"tool_calls\"") + done,
         {one, two}, 512},
        {"in a fragment that says nothing else",
         delta("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
               "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]") +
             delta("\"tool_calls\":[{\"index\":0,\"extra_content\":" + one + "}]") +
             delta("", "\"tool_calls\"") + done,
         {one, ""}, 512},
        {"twice: the last counts",
         delta("\"tool_calls\":[" + gemini_call(one, "Brest", "a", ",\"index\":0") + "]") +
             delta("\"tool_calls\":[{\"index\":0,\"extra_content\":" + two + "}]", "\"tool_calls\"") + done,
         {two}, 512},
        {"an answer that is not streamed",
         chunk("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" +
               gemini_call(one, "Brest", "a") + "," + gemini_call(two, "Bergen", "b") +
               "]},\"finish_reason\":\"stop\"}") + done,
         {one, two}, 2048},
        {"null, a text, a list and a number are none",
         delta("\"tool_calls\":[" + gemini_call("null", "A", "a") + "," + gemini_call("\"{}\\\"\"", "B", "b") + "," +
                   gemini_call("[{}]", "C", "c") + "," + gemini_call("17", "D", "d") + "]",
               "\"tool_calls\"") + done,
         {"", "", "", ""}, 2048},
        {"a call that the server runs itself does not go back, nor does what it had",
         delta("\"tool_calls\":[{\"id\":\"x\",\"type\":\"mcp\",\"function\":{\"name\":\"s\",\"arguments\":\"{}\"},"
               "\"extra_content\":" + one + "}," + gemini_call(two, "Bergen", "b") + "]",
               "\"tool_calls\"") + done,
         {two}, 512},
        {"between id and a function that is larger than small buffers, and no index",
         delta("\"tool_calls\":[{\"id\":\"a\",\"extra_content\":" + one + "," + large_function("f") +
                   "},{\"id\":\"b\",\"extra_content\":" + two + "," + large_function("g") + "}]",
               "\"tool_calls\"") + done,
         {one, two}, 512},
        {"larger than small buffers, between id and function, and no index",
         delta("\"tool_calls\":[{\"id\":\"a\",\"extra_content\":" + signature(std::string(800, 'S')) +
                   ",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"extra_content\":" +
                   signature(std::string(600, 'T')) + ",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]",
               "\"tool_calls\"") + done,
         {signature(std::string(800, 'S')), signature(std::string(600, 'T'))}, 512},
        {"larger than small buffers",
         delta("\"tool_calls\":[" + gemini_call(signature(std::string(800, 'S')), "Brest", "a", ",\"index\":0") + "," +
                   gemini_call(signature(std::string(600, 'T')), "Bergen", "b", ",\"index\":0") + "]",
               "\"tool_calls\"") + done,
         {signature(std::string(800, 'S')), signature(std::string(600, 'T'))}, 512},
    };
    return rows;
}

// What is right of a turn's calls; empty: all is.
std::string wrong_in(const Turn& turn, const Row& row) {
    const json calls = turn.message.value("tool_calls", json::array());
    if (calls.size() != row.extras.size()) return "calls: " + calls.dump();
    for (size_t at = 0; at != calls.size(); ++at) {
        const bool has_extra = calls[at].contains("extra_content");
        if (has_extra != !row.extras[at].empty()) return "call " + std::to_string(at) + ": " + calls[at].dump();
        if (has_extra && calls[at]["extra_content"] != json::parse(row.extras[at])) return calls[at].dump();
        if (turn.sent.find(",\"extra_content\":" + row.extras[at] + "}") == std::string::npos && has_extra)
            return "not the bytes that came: " + turn.sent;
    }
    return "";
}

}  // namespace

TEST_CASE("extra_content of tool calls goes back byte for byte, to the calls that had it") {
    for (const Row& row : extra_rows()) {
        ROW(row.name);
        std::string wrong;
        for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
            if (size < row.smallest_buffer) continue;
            support::GuardedBuffer buffer(size);
            std::vector<char> memory(32 * 1024);
            corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
                if (!wrong.empty()) return;
                Collector message(oai::Buffer(memory.data(), memory.size()));
                message.end(feed(pieces, {buffer.data(), size}, [&](const oai::Event& event) {
                    message.add_with_extra_content(event);
                }));
                const Turn turn = next_turn(message, Echo::extra_content);
                wrong = message.is_complete() ? wrong_in(turn, row) : "not complete";
                for (const oai::MessagePart& call : message.tool_calls())
                    if (wrong.empty() && call.type != oai::StringView("mcp") && !call.can_run()) wrong = "cannot run";
                if (!wrong.empty()) wrong += ", " + std::to_string(size) + " bytes, " + corpus::describe(pieces);
            });
        }
        CHECK_EQ(wrong, "");
    }
}

// Its id and name after both: nobody can tell whose the second call's arguments are, when they come.
TEST_CASE("a call that is larger than the buffer, and says late whose it is: right, or it cannot be run") {
    const auto call = [](const char* id, char letter) {
        return "{\"extra_content\":" + signature(std::string(700, letter)) +
               ",\"function\":{\"arguments\":\"{\\\"x\\\":\\\"" + std::string(700, letter) +
               "\\\"}\",\"name\":\"f\"},\"id\":\"" + id + "\"}";
    };
    const std::string body =
        delta("\"tool_calls\":[" + call("a", 'S') + "," + call("b", 'T') + "]", "\"tool_calls\"") + done;
    for (const size_t size : {size_t{512}, size_t{1024}, size_t{2048}, size_t{4096}, size_t{16384}}) {
        ROW(std::to_string(size) + " bytes");
        support::GuardedBuffer buffer(size);
        char memory[16 * 1024];
        Collector message(memory);
        message.end(feed({body}, {buffer.data(), size},
                         [&](const oai::Event& event) { message.add_with_extra_content(event); }));
        size_t can_run = 0;
        for (const oai::MessagePart& part : message.tool_calls()) {
            can_run += part.can_run();
            const char letter = part.id == oai::StringView("a") ? 'S' : 'T';
            if (part.can_run()) CHECK_EQ(std::string(part.text), "{\"x\":\"" + std::string(700, letter) + "\"}");
        }
        if (size == 16384) CHECK_EQ(can_run, 2);
    }
}

TEST_CASE("DeepSeek: the reasoning goes back as reasoning_content, the same text") {
    for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
        ROW(std::to_string(size) + " bytes");
        support::GuardedBuffer buffer(size);
        std::string wrong;
        corpus::for_each_cut(deepseek_answer, false, [&](const corpus::Pieces& pieces) {
            if (!wrong.empty()) return;
            char memory[2048];
            Collector message(memory);
            message.end(feed(pieces, {buffer.data(), size}, [&](const oai::Event& event) { message.add(event); }));
            const Turn turn = next_turn(message, Echo::reasoning_content);
            const json calls = turn.message.at("tool_calls");
            if (turn.message.value("reasoning_content", "") != deepseek_reasoning ||
                turn.message.at("content") != "Let me look." || calls.size() != 1 ||
                calls.at(0).at("function").at("arguments") != "{\"city\":\"Brest\"}" || !message.is_complete())
                wrong = corpus::describe(pieces) + ": " + turn.sent;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("what goes back is what the program has asked for, and what there is") {
    const std::string call = "\"tool_calls\":[" + gemini_call("{\"k\":1}", "A", "a") + "]";
    const std::string all = delta("\"reasoning\":\"why\"," + call, "\"tool_calls\"") + done;
    const std::string empty_reasoning = delta("\"reasoning_content\":\"\"," + call, "\"tool_calls\"") + done;
    const std::string plain = delta("\"content\":\"x\"", "\"stop\"") + done;
    struct Asked {
        const char* name;
        const std::string& body;
        Echo what;
        bool keeps;  // add_with_extra_content()
        const char* reasoning;  // null: none
        bool has_extra;
    };
    const Asked rows[] = {
        {"both", all, Echo::both, true, "why", true},
        {"the reasoning alone", all, Echo::reasoning_content, true, "why", false},
        {"extra_content alone", all, Echo::extra_content, true, nullptr, true},
        {"extra_content that was not kept", all, Echo::both, false, "why", false},
        {"a reasoning that is empty was there", empty_reasoning, Echo::both, true, "", true},
        {"neither is there", plain, Echo::both, true, nullptr, false},
    };
    for (const Asked& row : rows) {
        ROW(row.name);
        char memory[2048], buffer[4096];
        Collector message(memory);
        message.end(feed({row.body}, buffer, [&](const oai::Event& event) {
            if (row.keeps) message.add_with_extra_content(event);
            else message.add(event);
        }));
        for (int times = 0; times != 2; ++times) {
            const Turn turn = next_turn(message, row.what);
            CHECK(turn.error == Error::none);
            CHECK_EQ(turn.message.contains("reasoning_content"), row.reasoning != nullptr);
            if (row.reasoning) CHECK_EQ(turn.message.value("reasoning_content", "-"), row.reasoning);
            CHECK_EQ(turn.sent.find("\"extra_content\":{\"k\":1}") != std::string::npos, row.has_extra);
            CHECK_EQ(turn.sent.find("extra_content") != std::string::npos, row.has_extra);
        }
        const oai::Message history[] = {message.as_message()};
        const std::string without = body_of(oai::ChatRequest("m", history));
        CHECK(without.find("extra_content") == std::string::npos);
        CHECK(without.find("reasoning_content") == std::string::npos);
    }
}

TEST_CASE("an answer that broke off gives back no half of an extra_content") {
    const std::string body = delta("\"tool_calls\":[" + gemini_call(signature(std::string(2000, 'S')), "A", "a") + "]");
    char memory[4096], buffer[512];
    for (size_t length = body.size() - 40; length > 200; length -= 13) {
        Collector message(memory);
        message.end(feed({body.substr(0, length)}, buffer,
                         [&](const oai::Event& event) { message.add_with_extra_content(event); }));
        const Turn turn = next_turn(message, Echo::both);
        CHECK(!message.is_complete());
        const bool is_there = turn.sent.find("extra_content") != std::string::npos;
        CHECK_EQ(is_there, is_there && turn.sent.find(signature(std::string(2000, 'S'))) != std::string::npos);
    }
}

TEST_CASE("out of memory at every size: an error that stays, and what goes back is whole or not there") {
    const std::string one = signature("c2lnbmF0dXJlIDE="), two = signature("c2lnbmF0dXJlIDI=");
    const std::string body =
        delta("\"reasoning_content\":\"because \\\"\\u0001\\u0001\\u0001\\\"\"") +
        delta("\"tool_calls\":[" + gemini_call(one, "Brest", "a", ",\"index\":0") + "," +
                  gemini_call(two, "Bergen", "b", ",\"index\":1") + "]",
              "\"tool_calls\"") + done;
    char buffer[4096];
    std::vector<Kept> events;
    feed({body}, buffer, [&](const oai::Event& event) { events.emplace_back(event); });
    size_t failed_to_collect = 0, failed_to_write = 0, fitted = 0;
    for (size_t size = 0; size != 1600; ++size) {
        support::GuardedBuffer memory(size);
        Collector message(oai::Buffer(memory.data(), size));
        bool is_sticky = true, has_failed = false;
        for (const Kept& kept : events) {
            const bool failed = message.add_with_extra_content(kept.event()) == Error::message_too_large;
            if (has_failed && !failed) is_sticky = false;
            has_failed = failed;
        }
        const Turn turn = next_turn(message, Echo::both);
        const bool has_reasoning = turn.message.contains("reasoning_content");
        const size_t firsts = turn.sent.find("\"extra_content\":" + one + "}") != std::string::npos;
        const size_t seconds = turn.sent.find("\"extra_content\":" + two + "}") != std::string::npos;
        size_t extras = 0;
        for (const json& call : turn.message.value("tool_calls", json::array()))
            extras += call.contains("extra_content");
        const bool is_whole = has_reasoning && firsts + seconds == 2;
        const bool is_good = is_sticky && extras == firsts + seconds && is_whole == (turn.error == Error::none) &&
                             (turn.error == Error::none || turn.error == Error::message_too_large) &&
                             message.is_complete() == is_whole;
        CHECK_MESSAGE(is_good, size << " bytes: " << turn.sent);
        failed_to_collect += has_failed;
        failed_to_write += !has_failed && !is_whole;
        fitted += is_whole;
        // What fits stays so when the rest of the memory is given away.
        if (!is_whole) continue;
        const oai::Buffer rest = message.release_unused();
        std::memset(rest.data, '!', rest.size);
        CHECK_EQ(next_turn(message, Echo::both).sent, turn.sent);
    }
    CHECK(failed_to_collect != 0);
    CHECK(failed_to_write != 0);
    CHECK(fitted != 0);
}

TEST_CASE("giving back uses no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap trap does not work here");
    size_t bytes = 0;
    {
        const support::HeapTrap trap;
        char memory[2048];
        Collector message(memory);
        oai::Event event;
        event.reset(oai::EventKind::reasoning);
        event.text = "because";
        message.add_with_extra_content(event);
        event.reset(oai::EventKind::tool_call);
        event.id = "a";
        message.add_with_extra_content(event);
        event.reset(oai::EventKind::custom_field);
        event.name = "choices[].delta.tool_calls[].extra_content";
        event.text = "{}";
        message.add_with_extra_content(event);
        const oai::Message back = message.as_message_with(Echo::both);
        bytes = back.extra_json.text.size() + back.tool_calls.begin()->extra_json.text.size();
    }
    CHECK_EQ(bytes, strlen("\"reasoning_content\":\"because\"") + strlen("\"extra_content\":{}"));
}

TEST_CASE("fields of other names are no extra content") {
    for (const char* name : {"", "extra_content", "choices[].delta.tool_calls[].extra_contents",
                             "choices[].delta.tool_calls[].extra.content", "tool_calls[].extra_content"}) {
        ROW(name);
        char memory[1024];
        Collector message(memory);
        oai::Event event;
        event.reset(oai::EventKind::tool_call);
        event.id = "a";
        message.add_with_extra_content(event);
        event.reset(oai::EventKind::custom_field);
        event.name = name;
        event.text = "{}";
        CHECK(message.add_with_extra_content(event) == Error::none);
        CHECK(message.as_message_with(Echo::both).tool_calls.begin()->extra_json.text.empty());
    }
}
