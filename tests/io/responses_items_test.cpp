// Which output item an event belongs to, whatever the server says of it: parts of its identity, all of it after a text
// that does not fit into the buffer, or nothing; and that a text is then delivered once.
#include "io/responses_collected.hpp"

using namespace responses;

namespace {

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
        for (int calls = 1; calls <= 5; ++calls) {
            // Each set for up to three calls; a fourth and a fifth meet what a third does.
            const unsigned step = corpus::few_cuts() || (calls > 3 && !corpus::all_cuts()) ? 7 : 1;
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
        CHECK(count > size_t{1000} / (corpus::few_cuts() ? 7u : 1u));
    }
}

TEST_CASE("a text is delivered once, however many items come before its end") {
    struct Row {
        const char* name;
        bool ends_at_once, has_index, has_part, is_in_end;
    };
    const Row rows[] = {
        {"each item ends before the next", true, true, true, true},
        {"each item ends before the next, without indices", true, false, false, true},
        {"all items end last", false, true, true, true},
        {"all items end last, without output_index", false, false, true, true},
        {"all items end last, without content_index", false, true, false, true},
        {"all items end last, without indices", false, false, false, true},
        {"all items end last, without indices, and the answer's end is empty", false, false, false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        for (int calls = 0; calls <= 100; calls += calls < 20 ? 1 : corpus::few_cuts() ? 40 : 8) {
            std::string body, ends, output, expected = "Hello|Hm|";
            const auto of = [&](int place, const std::string& id) {
                return (row.has_index ? "\"output_index\":" + std::to_string(place) + "," : "") +
                       (id.empty() ? "" : quoted("item_id", id)) + (row.has_part ? "\"content_index\":0," : "");
            };
            const auto text_item = [&](int place, const std::string& id, const char* type, const char* voice,
                                       const char* part_type, const char* text) {
                const std::string part = "{\"type\":\"" + std::string(part_type) + "\",\"text\":\"" + text + "\"}";
                const std::string begun = "{\"id\":\"" + id + "\",\"type\":\"" + type + "\"";
                body += typed("response.output_item.added", of(place, "") + "\"item\":" + begun + "},");
                body += typed("response." + std::string(voice) + ".delta", of(place, id) + quoted("delta", text));
                std::string& end = row.ends_at_once ? body : ends;
                end += typed("response." + std::string(voice) + ".done", of(place, id) + quoted("text", text));
                end += typed("response.content_part.done", of(place, id) + "\"part\":" + part + ",");
                const std::string item = begun + ",\"content\":[" + part + "]}";
                end += typed("response.output_item.done", of(place, "") + "\"item\":" + item + ",");
                output += (output.empty() ? "" : ",") + item;
            };
            text_item(0, "r", "reasoning", "reasoning_text", "reasoning_text", "Hm");
            text_item(1, "m", "message", "output_text", "output_text", "Hello");
            for (int number = 0; number != calls; ++number) {
                const std::string place = std::to_string(number), id = "fc_" + place;
                const std::string begun = "{\"id\":\"" + id + "\",\"type\":\"function_call\",\"call_id\":\"call_" +
                                          place + "\",\"name\":\"f\"";
                const std::string arguments = quoted("arguments", "{\\\"n\\\":" + place + "}");
                const std::string item = begun + "," + arguments + "\"status\":\"completed\"}";
                body += typed("response.output_item.added", of(number + 2, "") + "\"item\":" + begun + "},");
                body += typed("response.function_call_arguments.delta",
                              of(number + 2, id) + quoted("delta", "{\\\"n\\\":" + place + "}"));
                std::string& end = row.ends_at_once ? body : ends;
                end += typed("response.function_call_arguments.done", of(number + 2, id) + arguments);
                end += typed("response.output_item.done", of(number + 2, "") + "\"item\":" + item + ",");
                output += "," + item;
                expected += "call(call_" + place + ",f,{\"n\":" + place + "})";
            }
            body += ends + typed("response.completed", "\"response\":{\"status\":\"completed\",\"output\":[" +
                                                           (row.is_in_end ? output : "") + "]},");
            for (const size_t buffer : {size_t{512}, size_t{1024}, size_t{2048}, size_t{4096}, size_t{64 * 1024}}) {
                const Collected found = collected(body, buffer, 1000);
                if (!wrong.empty() ||
                    (found.shown == expected && found.broken.empty() && found.error == Error::none))
                    continue;
                wrong = std::to_string(calls) + " calls in " + std::to_string(buffer) + ": " + found.broken +
                        describe(found.error) + " " + found.shown.substr(0, 300);
            }
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("a call is delivered once, also where the answer holds what its tool said") {
    for (const char* const type : {"custom_tool_call", "function_call"}) {
        for (const bool has_id : {true, false}) {
            for (const bool has_index : {true, false}) {
                ROW(std::string(type) + (has_id ? "" : ", without ids") + (has_index ? "" : ", without output_index"));
                const bool is_custom = *type == 'c';
                const std::string arguments = is_custom ? "ls" : "{}";
                const auto item = [&](const char* id, const std::string& members) {
                    return "{" + (has_id ? quoted("id", id) : "") + members + quoted("status", "completed") + "\"x\":1}";
                };
                const std::string items[] = {
                    item("ct1", quoted("type", type) + quoted("call_id", "c1") + quoted("name", "f") +
                                    quoted(is_custom ? "input" : "arguments", arguments)),
                    item("co1", quoted("type", type + std::string("_output")) + quoted("call_id", "c1") +
                                    quoted("output", "a.txt")),
                    item("m", quoted("type", "message") + R"("content":[{"type":"output_text","text":"Hi"}],)")};
                std::string body, output;
                for (const std::string& one : items) {
                    const size_t place = static_cast<size_t>(&one - items);
                    const std::string members =
                        (has_index ? "\"output_index\":" + std::to_string(place) + "," : "") + "\"item\":" + one + ",";
                    body += typed("response.output_item.added", members) + typed("response.output_item.done", members);
                    output += (place == 0 ? "" : ",") + one;
                }
                body += typed("response.completed",
                              "\"response\":{\"status\":\"completed\",\"output\":[" + output + "]},");
                for (const size_t buffer : buffers)
                    CHECK_EQ(collected(body, buffer).shown, "Hi||call(c1,f," + arguments + ")");
            }
        }
    }
}

TEST_CASE("a text that is a number, true or false is its digits or that word") {
    struct Row {
        const char* name;
        std::string event;
        const char* expected;
        unsigned scalars;
    };
    const std::string digits(2000, '7'), spaces(1500, ' ');
    const Row rows[] = {
        {"a number", R"({"type":"response.output_text.delta","item_id":"m","delta":5})", "5||", 1},
        {"a number with all that it may have", R"({"type":"response.output_text.delta","delta":-12.50e+3,"item_id":"m"})",
         "-12.50e+3||", 1},
        {"true", R"({"type":"response.output_text.delta","item_id":"m","delta":true})", "true||", 1},
        {"false, and more keys", R"({"type":"response.output_text.delta","delta":false,"item_id":"m"})", "false||", 1},
        {"null is none", R"({"type":"response.output_text.delta","item_id":"m","delta":null})", "||", 0},
        {"before the type", R"({"delta":true,"item_id":"m","type":"response.output_text.delta"})", "true||", 1},
        {"reasoning", R"({"type":"response.reasoning_text.delta","item_id":"m","delta":5})", "|5|", 1},
        {"arguments", R"({"type":"response.function_call_arguments.delta","item_id":"m","delta":5})", "||?call(call_0,,5)", 1},
        {"a whole text", R"({"type":"response.output_text.done","item_id":"m","text":42})", "42||", 1},
        {"of a part", R"({"type":"response.content_part.done","item_id":"m","part":{"type":"output_text","text":true}})",
         "true||", 1},
        {"of an item", R"({"type":"response.output_item.done","item":{"id":"m","type":"message","content":[{"type":"output_text","text":1},{"type":"output_text","text":false}]}})",
         "1false||", 2},
        {"larger than the buffer", R"({"type":"response.output_text.delta","item_id":"m","delta":)" + digits + "}", "D||", 1},
        {"in an event larger than the buffer",
         R"({"type":"response.output_text.delta","item_id":"m","x":")" + digits + R"(","delta":true,"y":")" + digits + "\"}",
         "true||", 1},
        {"the same, a number and blanks",
         R"({"type":"response.output_text.delta","item_id":"m","x":")" + digits + R"(","delta":5 )" + spaces + "}", "5||", 1},
        {"an error's code is none", R"({"type":"error","code":500,"message":"m"})", "||", 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string expected = row.expected, wrong;
        if (expected[0] == 'D') expected.replace(0, 1, digits);
        const std::string body =
            as_event(row.event) + as_event(R"({"type":"response.completed","response":{"status":"completed"}})");
        for (const size_t buffer : {size_t{512}, size_t{2048}, size_t{16 * 1024}}) {
            corpus::for_each_cut(body, body.size() > 400, [&](const corpus::Pieces& pieces) {
                support::GuardedBuffer memory(buffer);
                Exchange exchange(Buffer(memory.data(), memory.size()));
                char room[8192];
                Collector message(room);
                CHECK(exchange.begin_body(Api::responses, 200, "text/event-stream") == Error::none);
                feed(exchange, pieces, [&](const Event& event) { message.add(event); });
                message.end(exchange.verdict());
                std::string shown = std::string(message.text()) + "|" + std::string(message.reasoning()) + "|";
                for (const MessagePart& call : message.tool_calls())
                    shown += (call.can_run() ? "call(" : "?call(") + std::string(call.id) + "," +
                             std::string(call.name) + "," + std::string(call.text) + ")";
                const unsigned scalars = exchange.quirks().count(Quirk::scalar_text);
                if (wrong.empty() && (shown != expected || scalars != row.scalars))
                    wrong = std::to_string(buffer) + " " + corpus::describe(pieces) + ": " + shown.substr(0, 100) +
                            " " + std::to_string(scalars) + describe(exchange.error());
            });
        }
        CHECK_EQ(wrong, "");
    }
}
