// Texts whose type, or whose item, comes after them, in any order of keys, size and buffer.
#include "io/responses_collected.hpp"

using namespace responses;

namespace {

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

// A reasoning, a message and two calls in pieces; each then ends as a whole, at once or after all.
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
