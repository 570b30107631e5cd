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

// ---- texts whose type, or whose item, comes after them --------------------------------------------------------------

namespace {

const size_t buffers[] = {512, 1024, 2048, 4096, 16 * 1024};

// The keys of an object, in this order.
using Members = std::vector<std::string>;
std::string object(const Members& members) {
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "{" : ",") + member;
    return text + "}";
}
std::string key(const char* name, const std::string& value) { return "\"" + std::string(name) + "\":\"" + value + "\""; }

// How a server orders keys.
enum class Order { as_openai, as_python, by_name, reversed };
const Order orders[] = {Order::as_openai, Order::as_python, Order::by_name, Order::reversed};
const char* name_of(Order order) {
    return order == Order::as_openai ? "as OpenAI" : order == Order::as_python ? "as the Python types"
           : order == Order::by_name ? "by name" : "reversed";
}
// Members as OpenAI orders them; by_python: their numbers as the official Python types do.
std::string in_order(Order order, Members members, std::vector<size_t> by_python) {
    if (order == Order::by_name) std::sort(members.begin(), members.end());
    if (order == Order::reversed) std::reverse(members.begin(), members.end());
    if (order == Order::as_python) {
        Members ordered;
        for (const size_t number : by_python) ordered.push_back(members[number]);
        members = ordered;
    }
    return object(members);
}
std::string part_of(Order order, const std::string& text) {
    return in_order(order, {key("type", "output_text"), "\"annotations\":[]", key("text", text)}, {1, 2, 0});
}
std::string message_of(Order order, const std::string& id, const std::string& text) {
    return in_order(order,
                    {key("id", id), key("type", "message"), key("status", "completed"), key("role", "assistant"),
                     "\"content\":[" + part_of(order, text) + "]"},
                    {0, 4, 3, 2, 1});
}
std::string reasoning_of(Order order, const std::string& id, const std::string& text) {
    return in_order(order,
                    {key("id", id), key("type", "reasoning"), "\"summary\":[]",
                     "\"content\":[" +
                         in_order(order, {key("type", "reasoning_text"), key("text", text)}, {1, 0}) + "]"},
                    {0, 2, 1, 3});
}
std::string call_of(Order order, const std::string& id, const std::string& arguments) {
    return in_order(order,
                    {key("id", id), key("type", "function_call"), key("status", "completed"),
                     key("arguments", arguments), key("call_id", "call_" + id), key("name", "f" + id)},
                    {3, 4, 5, 1, 0, 2});
}
std::string event_in(Order order, const std::string& type, Members members, bool has_line) {
    members.insert(members.begin(), key("type", type));
    std::vector<size_t> by_python;
    for (size_t number = 1; number != members.size(); ++number) by_python.push_back(number);
    by_python.push_back(0);
    return as_event(in_order(order, members, by_python), has_line ? type : "");
}

// A reasoning, a message and two calls in pieces; each then ends as a whole, at once or behind all.
struct Whole {
    std::string body, expected;
};
Whole whole_answer(Order order, size_t size, bool has_line, bool has_index, bool ends_at_once) {
    const std::string why(size, 'w'), text(size, 't'), arguments = "{\\\"a\\\":\\\"" + std::string(size, 'a') + "\\\"}";
    const auto of_part = [&](int place, const char* id) {
        Members members = {"\"content_index\":0"};
        if (id) members.push_back(key("item_id", id));
        if (has_index) members.push_back("\"output_index\":" + std::to_string(place));
        return members;
    };
    const auto with = [](Members members, const std::string& one) {
        members.insert(members.begin(), one);  // before what tells whose it is
        return members;
    };
    Whole answer;
    std::string ends;
    const auto item = [&](int place, const char* id, const char* type, const char* voice, const std::string& said,
                          const std::string& whole, const std::string& short_item) {
        Members begun = {"\"item\":" + short_item};
        if (has_index) begun.push_back("\"output_index\":" + std::to_string(place));
        answer.body += event_in(order, "response.output_item.added", begun, has_line);
        for (size_t at = 0; at < said.size(); at += 100)
            answer.body += event_in(order, "response." + std::string(voice) + ".delta",
                                    with(of_part(place, id), key("delta", said.substr(at, 100))), has_line);
        std::string& end = ends_at_once ? answer.body : ends;
        const bool is_call = *type == 'f';
        end += event_in(order, "response." + std::string(voice) + ".done",
                        with(of_part(place, id), key(is_call ? "arguments" : "text", said)), has_line);
        if (*type == 'm')
            end += event_in(order, "response.content_part.done",
                            with(of_part(place, id), "\"part\":" + part_of(order, said)), has_line);
        Members done = {"\"item\":" + whole};
        if (has_index) done.push_back("\"output_index\":" + std::to_string(place));
        end += event_in(order, "response.output_item.done", done, has_line);
    };
    const std::string call_text = arguments;
    item(0, "r", "reasoning", "reasoning_text", why, reasoning_of(order, "r", why),
         R"({"id":"r","type":"reasoning","summary":[]})");
    item(1, "m", "message", "output_text", text, message_of(order, "m", text), R"({"id":"m","type":"message"})");
    item(2, "c", "function_call", "function_call_arguments", call_text, call_of(order, "c", call_text),
         R"({"id":"c","type":"function_call","call_id":"call_c","name":"fc","arguments":""})");
    item(3, "d", "function_call", "function_call_arguments", call_text, call_of(order, "d", call_text),
         R"({"id":"d","type":"function_call","call_id":"call_d","name":"fd","arguments":""})");
    const std::string output = reasoning_of(order, "r", why) + "," + message_of(order, "m", text) + "," +
                               call_of(order, "c", call_text) + "," + call_of(order, "d", call_text);
    answer.body += ends + event_in(order, "response.completed",
                                   {"\"response\":" + object({key("status", "completed"), "\"output\":[" + output + "]"})},
                                   has_line);
    const std::string json = "{\"a\":\"" + std::string(size, 'a') + "\"}";
    answer.expected = text + "|" + why + "|call(call_c,fc," + json + ")call(call_d,fd," + json + ")";
    return answer;
}

}  // namespace

TEST_CASE("what was delivered in pieces may come again before its type, in any size and buffer") {
    for (const Order order : orders) {
        for (const bool has_line : {true, false}) {
            ROW(name_of(order) + std::string(has_line ? "" : ", without event lines"));
            std::string wrong;
            for (const size_t size : {size_t{0}, size_t{1}, size_t{300}, size_t{450}, size_t{900}, size_t{2000},
                                      size_t{5000}, size_t{20000}}) {
                if (corpus::few_cuts() && size > 2000) continue;
                for (const bool has_index : {true, false}) {
                    for (const bool ends_at_once : {true, false}) {
                        const Whole answer = whole_answer(order, size, has_line, has_index, ends_at_once);
                        for (const size_t buffer : buffers) {
                            for (const size_t step : {SIZE_MAX, size_t{97}}) {
                                const Collected found = collected(answer.body, buffer, step);
                                if (!wrong.empty() || (found.shown == answer.expected && found.broken.empty() &&
                                                       found.error == Error::none))
                                    continue;
                                wrong = std::to_string(size) + " in " + std::to_string(buffer) +
                                        (has_index ? "" : ", no index") + (ends_at_once ? "" : ", ends last") + ": " +
                                        found.broken + describe(found.error) + " " + found.shown.substr(0, 200);
                            }
                        }
                    }
                }
            }
            CHECK_EQ(wrong, "");
        }
    }
}

TEST_CASE("a summary of a reasoning is delivered once, in any order of keys, size and buffer") {
    for (const Order order : orders) {
        for (const bool has_line : {true, false}) {
            for (const bool is_second : {false, true}) {
                ROW(name_of(order) + std::string(has_line ? "" : ", without event lines") +
                    (is_second ? ", after a first summary" : ""));
                for (const size_t size : {size_t{1}, size_t{300}, size_t{450}, size_t{1500}, size_t{5000}}) {
                    const auto part = [&](const std::string& text) {
                        return in_order(order, {key("type", "summary_text"), key("text", text)}, {1, 0});
                    };
                    const auto reasoning = [&](const std::string& summary) {
                        return in_order(order, {key("id", "r"), key("type", "reasoning"), "\"summary\":[" + summary + "]"},
                                        {0, 2, 1});
                    };
                    std::string body, parts, expected;
                    const auto add = [&](const char* type, const Members& members) {
                        body += event_in(order, type, members, has_line);
                    };
                    add("response.output_item.added", {"\"output_index\":0", "\"item\":" + reasoning("")});
                    for (int number = 0; number <= (is_second ? 1 : 0); ++number) {
                        const std::string text(size, static_cast<char>('a' + number));
                        const auto of_part = [&](const std::string& member) {
                            return Members{key("item_id", "r"), "\"output_index\":0", member,
                                           "\"summary_index\":" + std::to_string(number)};
                        };
                        add("response.reasoning_summary_part.added", of_part("\"part\":" + part("")));
                        for (size_t at = 0; at < size; at += 50)
                            add("response.reasoning_summary_text.delta", of_part(key("delta", text.substr(at, 50))));
                        add("response.reasoning_summary_text.done", of_part(key("text", text)));
                        add("response.reasoning_summary_part.done", of_part("\"part\":" + part(text)));
                        parts += (number == 0 ? "" : ",") + part(text);
                        expected += text;
                    }
                    add("response.output_item.done", {"\"output_index\":0", "\"item\":" + reasoning(parts)});
                    add("response.completed",
                        {"\"response\":" + object({key("status", "completed"), "\"output\":[" + reasoning(parts) + "]"})});
                    for (const size_t buffer : buffers) {
                        const Collected found = collected(body, buffer, 97);
                        CHECK_EQ(std::to_string(size) + " in " + std::to_string(buffer) + describe(found.error) +
                                     found.broken + found.shown,
                                 std::to_string(size) + " in " + std::to_string(buffer) + describe(Error::none) + "|" +
                                     expected + "|");
                    }
                }
            }
        }
    }
}

TEST_CASE("what was not delivered and has no type yet is a message's text") {
    struct Row {
        const char* name;
        const char *before, *behind;
        const char* expected;  // "T" is the text
    };
    const Row rows[] = {
        {"content_part.done",
         R"({"type":"response.content_part.done","item_id":"m","content_index":0,"part":{"text":")",
         R"(","type":"output_text"}})", "T||"},
        {"output_item.done", R"({"type":"response.output_item.done","item":{"content":[{"text":")",
         R"(","type":"output_text"}],"id":"m","type":"message"}})", "T||"},
        {"response.completed", R"({"type":"response.completed","response":{"output":[{"content":[{"text":")",
         R"(","type":"output_text"}],"id":"m","type":"message"}],"status":"completed"}})", "T||"},
        {"output_item.done of a call", R"({"type":"response.output_item.done","item":{"arguments":"{\"a\":\")",
         R"(\"}","call_id":"c","name":"f","type":"function_call","id":"i","status":"completed"}})",
         R"(||call(c,f,{"a":"T"}))"},
        {"response.completed with a call", R"({"type":"response.completed","response":{"output":[{"arguments":"{\"a\":\")",
         R"(\"}","call_id":"c","name":"f","type":"function_call","id":"i","status":"completed"}]}})",
         R"(||call(c,f,{"a":"T"}))"},
        {"arguments that are an object", R"({"type":"response.output_item.done","item":{"arguments":{"a":")",
         R"("},"call_id":"c","name":"f","type":"function_call","id":"i","status":"completed"}})",
         R"(||call(c,f,{"a":"T"}))"},
        {"output_text.done without an event line", R"({"text":")", R"(","item_id":"m","type":"response.output_text.done"})",
         "T||"},
        {"arguments.done without an event line", R"({"arguments":"{\"a\":\")",
         R"(\"}","item_id":"i","type":"response.function_call_arguments.done"})", R"(||?call(call_0,,{"a":"T"}))"},
        {"a part whose type is reasoning", R"({"type":"response.output_item.done","item":{"type":"reasoning","content":[{"text":")",
         R"(","type":"reasoning"}],"id":"r"}})", "|T|"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        for (const size_t size : {size_t{1}, size_t{200}, size_t{400}, size_t{700}, size_t{1500}, size_t{3000},
                                  size_t{9000}, size_t{40000}}) {
            const std::string text(size, 'x');
            std::string expected = row.expected;
            expected.replace(expected.find('T'), 1, text);
            std::string body = as_event(row.before + text + row.behind);
            if (body.find("response.completed") == std::string::npos)
                body += as_event(R"({"type":"response.completed","response":{"status":"completed"}})");
            for (const size_t buffer : buffers) {
                for (const size_t step : {SIZE_MAX, size_t{97}, size_t{1}}) {
                    if (step == 1 && size > 3000) continue;
                    const Collected found = collected(body, buffer, step);
                    if (!wrong.empty() ||
                        (found.shown == expected && found.broken.empty() && found.error == Error::none))
                        continue;
                    wrong = std::to_string(size) + " in " + std::to_string(buffer) + ": " + found.broken +
                            describe(found.error) + " " + found.shown.substr(0, 200);
                }
            }
        }
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("a piece before what tells whose it is belongs to the item of the last event, or the answer fails") {
    const std::string two_calls =
        R"({"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"function_call","call_id":"ca","name":"f"}}|)"
        R"({"type":"response.output_item.added","output_index":1,"item":{"id":"b","type":"function_call","call_id":"cb","name":"g"}}|)";
    const std::string ended =
        R"({"type":"response.output_item.done","output_index":0,"item":{"id":"a","type":"function_call","call_id":"ca","name":"f","status":"completed"}}|)"
        R"({"type":"response.output_item.done","output_index":1,"item":{"id":"b","type":"function_call","call_id":"cb","name":"g","status":"completed"}}|)";
    const std::string text = R"({"type":"response.output_text.delta","delta":"1","item_id":"m","output_index":0,"content_index":0}|)";
    struct Row {
        const char* name;
        std::string before;
        const char *begin, *end;  // of an event with the text T
        std::string behind;
        std::string expected;
        bool is_late;
    };
    const Row rows[] = {
        {"a message's next piece", text, R"({"type":"response.output_text.delta","delta":")",
         R"(","item_id":"m","output_index":0,"content_index":0})",
         R"({"type":"response.output_text.delta","delta":"3","item_id":"m","output_index":0,"content_index":0}|)", "1T3||",
         false},
        {"the same, all keys after it and no event line", text, R"({"delta":")",
         R"(","item_id":"m","output_index":0,"content_index":0,"type":"response.output_text.delta"})",
         R"({"type":"response.output_text.delta","delta":"3","item_id":"m","output_index":0,"content_index":0}|)", "1T3||",
         false},
        {"the same without an index", R"({"type":"response.output_text.delta","delta":"1","item_id":"m"}|)",
         R"({"type":"response.output_text.delta","delta":")", R"(","item_id":"m"})",
         R"({"type":"response.output_text.delta","delta":"3","item_id":"m"}|)", "1T3||", false},
        {"the same without anything", R"({"type":"response.output_text.delta","delta":"1"}|)",
         R"({"type":"response.output_text.delta","delta":")", R"("})",
         R"({"type":"response.output_text.delta","delta":"3"}|)", "1T3||", false},
        {"another part of it", text, R"({"type":"response.output_text.delta","delta":")",
         R"(","item_id":"m","output_index":0,"content_index":1})", "", "", true},
        {"another message", text, R"({"type":"response.output_text.delta","delta":")",
         R"(","item_id":"n","output_index":1,"content_index":0})", "", "", true},
        {"another sort of text", text, R"({"delta":")", R"(","item_id":"m","type":"response.refusal.delta"})", "", "",
         true},
        {"a call's only piece, the other one is done",
         two_calls + R"({"type":"response.output_item.done","output_index":0,"item":{"id":"a","type":"function_call","call_id":"ca","name":"f","arguments":"{}"}}|)",
         R"({"type":"response.function_call_arguments.delta","delta":"{\"a\":\")",
         R"(\"}","item_id":"b","output_index":1})", ended, R"(||call(ca,f,{})call(cb,g,{"a":"T"}))", false},
        {"the first of two open calls", two_calls,
         R"({"type":"response.function_call_arguments.delta","delta":"{\"a\":\")", R"(\"}","item_id":"a","output_index":0})",
         ended, "", true},
        {"the second of two open calls", two_calls,
         R"({"type":"response.function_call_arguments.delta","delta":"{\"a\":\")", R"(\"}","item_id":"b","output_index":1})",
         ended, R"(||?call(ca,f,)?call(cb,g,{"a":"T"}))", false},
        {"one of two open calls, nobody says which", two_calls,
         R"({"type":"response.function_call_arguments.delta","delta":"{\"a\":\")", R"(\"}"})", ended,
         R"(||?call(ca,f,)?call(cb,g,{"a":"T"}))", false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        for (const size_t size : {size_t{10}, size_t{600}, size_t{1500}, size_t{5000}, size_t{30000}}) {
            const std::string text_of_it(size, 'x');
            const auto events_of = [](const std::string& lines) {
                std::string body;
                for (size_t at = 0, end = 0; (end = lines.find("}|", at)) != std::string::npos; at = end + 2)
                    body += as_event(lines.substr(at, end + 1 - at));
                return body;
            };
            const std::string body = events_of(row.before) + as_event(row.begin + text_of_it + row.end) +
                                     events_of(row.behind) +
                                     as_event(R"({"type":"response.completed","response":{"status":"completed"}})");
            for (const size_t buffer : buffers) {
                const bool is_in_parts = size > buffer;
                if (!is_in_parts && (row.is_late || 2 * size > buffer)) continue;
                std::string expected = row.expected;
                if (expected.find('T') != std::string::npos) expected.replace(expected.find('T'), 1, text_of_it);
                for (const size_t step : {SIZE_MAX, size_t{97}}) {
                    const Collected found = collected(body, buffer, step);
                    // What is there as a whole is not guessed.
                    std::string shown = found.shown;
                    if (!is_in_parts && std::string(row.name).find("the second") == 0)
                        expected = R"(||call(ca,f,)call(cb,g,{"a":")" + text_of_it + R"("}))";
                    const bool is_right = row.is_late ? found.error == Error::late_key &&
                                                            found.shown.find("|call(") == std::string::npos &&
                                                            found.shown.find(")call(") == std::string::npos
                                                      : found.error == Error::none && shown == expected;
                    if (wrong.empty() && (!is_right || !found.broken.empty()))
                        wrong = std::to_string(size) + " in " + std::to_string(buffer) + ": " + found.broken +
                                describe(found.error) + " " + found.shown.substr(0, 200);
                }
            }
        }
        CHECK_EQ(wrong, "");
    }
}

// ---- more items than are remembered ---------------------------------------------------------------------------------

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

// ---- texts that are no strings --------------------------------------------------------------------------------------

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
                CHECK(exchange.begin_body(BodyOf::responses, 200, "text/event-stream") == Error::none);
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
