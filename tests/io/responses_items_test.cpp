// Which output item an event belongs to, whatever the server says of it: parts of its identity, all of it after a text
// that does not fit into the buffer, or nothing; and that a text is then delivered once.
#include "io/collected.hpp"
#include "io/responses_support.hpp"

using namespace responses;
using openai_stream::Buffer;
using openai_stream::Collector;
using openai_stream::MessagePart;

namespace {

// What a Collector makes of an answer: "text|reasoning|call(id,name,arguments)..." with "?" before a call that cannot
// be run, and how it ended.
struct Collected {
    std::string shown, broken;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
};
Collected collected(const std::string& body, size_t buffer_bytes, size_t step = SIZE_MAX) {
    support::GuardedBuffer memory(buffer_bytes);
    static std::vector<char> room(256 * 1024);
    Collector message(Buffer(room.data(), room.size()));
    Exchange exchange(Buffer(memory.data(), memory.size()));
    Story story;
    Collected result;
    if (exchange.begin_body(BodyOf::responses, 200, "text/event-stream") != Error::none) result.broken = "begin_body";
    const Poll poll = feed(exchange, in_steps(body, std::min(step, std::max<size_t>(body.size(), 1))),
                           [&](const Event& event) {
                               story.take(event);
                               message.add(event);
                           });
    story.end(exchange, poll);
    message.end(exchange.verdict());
    result.error = exchange.error();
    result.verdict = exchange.verdict();
    if (result.broken.empty()) result.broken = story.broken;
    result.shown = std::string(message.text()) + "|" + std::string(message.reasoning()) + "|";
    for (const MessagePart& call : message.tool_calls())
        result.shown += (call.can_run() ? "call(" : "?call(") + std::string(call.id) + "," + std::string(call.name) +
                        "," + std::string(call.text) + ")";
    return result;
}

std::string quoted(const std::string& key, const std::string& value) { return "\"" + key + "\":\"" + value + "\","; }

// Which of the keys that tell an item stand in an event.
struct Keys {
    bool id, index, call_id;
};
Keys keys_of(unsigned bits) { return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0}; }
std::string of_event(Keys keys, int number, bool is_call_id_item_id) {
    const std::string place = std::to_string(number);
    std::string members;
    if (keys.id) members += quoted("item_id", (is_call_id_item_id ? "call_" : "fc_") + place);
    if (keys.index) members += "\"output_index\":" + place + ",";
    if (keys.call_id) members += quoted("call_id", "call_" + place);
    return members;
}
std::string call_item(Keys keys, int number, bool has_arguments) {
    const std::string place = std::to_string(number);
    std::string item = "{\"type\":\"function_call\",";
    if (keys.id) item += quoted("id", "fc_" + place);
    if (keys.call_id) item += quoted("call_id", "call_" + place);
    if (has_arguments) item += quoted("arguments", "{\\\"n\\\":" + place + "}") + quoted("status", "completed");
    return item + quoted("name", "f" + place) + "\"x\":1}";
}
std::string of_index(Keys keys, int number) {
    return keys.index ? "\"output_index\":" + std::to_string(number) + "," : "";
}
std::string typed(const std::string& type, const std::string& members) {
    return as_event("{\"type\":\"" + type + "\"," + members + "\"x\":1}");
}

// Calls one after the other, or each kind of event of all calls before the next kind (as llama-server does it).
std::string calls_in(int count, const unsigned (&bits)[4], bool is_in_turn, bool is_call_id_item_id) {
    const Keys added = keys_of(bits[0]), piece = keys_of(bits[1]), done = keys_of(bits[2]), last = keys_of(bits[3]);
    std::string begun, ended, all, output;
    const auto begin = [&](int number) {
        const std::string place = std::to_string(number), owner = of_event(piece, number, is_call_id_item_id);
        return typed("response.output_item.added",
                     of_index(added, number) + "\"item\":" + call_item(added, number, false) + ",") +
               typed("response.function_call_arguments.delta", owner + "\"delta\":\"{\\\"n\\\"\",") +
               typed("response.function_call_arguments.delta", owner + "\"delta\":\":" + place + "}\",");
    };
    const auto end = [&](int number) {
        return typed("response.output_item.done",
                     of_index(done, number) + "\"item\":" + call_item(done, number, true) + ",");
    };
    for (int number = 0; number != count; ++number) {
        begun += begin(number);
        ended += end(number);
        all += begin(number) + end(number);
        output += (number == 0 ? "" : ",") + call_item(last, number, true);
    }
    return (is_in_turn ? all : begun + ended) +
           typed("response.completed", "\"response\":{\"status\":\"completed\",\"output\":[" + output + "]},");
}

}  // namespace

// item.id, item_id, output_index and call_id, each there or not in each of `added`, pieces, `done` and the answer's end.
TEST_CASE("a call is one call, whatever its events say of which it is") {
    struct Row {
        const char* name;
        bool is_in_turn, is_call_id_item_id;
    };
    const Row rows[] = {
        {"one after the other", true, false},
        {"one after the other, item_id is the call_id", true, true},
        {"all ends after all pieces", false, false},
        {"all ends after all pieces, item_id is the call_id", false, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        size_t count = 0, failures = 0;
        const unsigned step = corpus::few_cuts() ? 7 : 1;
        for (int calls = 1; calls <= 5; ++calls) {
            for (unsigned sets = 0; sets < 4096; sets += step) {
                const unsigned bits[] = {sets & 7, sets >> 3 & 7, sets >> 6 & 7, sets >> 9 & 7};
                const bool has_call_id = ((bits[0] | bits[1] | bits[2] | bits[3]) & 4) != 0;
                const bool is_whole_call_id = ((bits[0] | bits[2] | bits[3]) & 4) != 0;
                if (has_call_id != is_whole_call_id) continue;  // known from pieces alone, which no event tells
                // Where calls are open together, what comes has to be told apart.
                const bool is_told = bits[1] != 0 && ((bits[0] & bits[1]) != 0 || bits[1] >= 2);
                if (!row.is_in_turn && calls > 1 && !is_told) continue;
                std::string expected = "||";
                for (int number = 0; number != calls; ++number) {
                    const std::string place = std::to_string(number);
                    expected += "call(call_" + place + ",f" + place + ",{\"n\":" + place + "})";
                }
                const std::string body = calls_in(calls, bits, row.is_in_turn, row.is_call_id_item_id);
                const Collected found = collected(body, 4096);
                ++count;
                if (found.shown == expected && found.broken.empty() && found.error == Error::none) continue;
                ++failures;
                if (wrong.empty())
                    wrong = std::to_string(calls) + " calls, sets " + std::to_string(bits[0]) + " " +
                            std::to_string(bits[1]) + " " + std::to_string(bits[2]) + " " + std::to_string(bits[3]) +
                            ": " + found.broken + found.shown + describe(found.error);
            }
        }
        CHECK_EQ(wrong, "");
        CHECK_EQ(failures, 0);
        CHECK(count > 1000 / step);
    }
}
