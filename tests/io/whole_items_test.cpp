// Output items as they were sent: EventKind::item_json, and what a Collector makes of them for the next request.
#include "io/responses_support.hpp"
#include "support/tally.hpp"

#include <map>
#include <set>
#include <sstream>

using namespace responses;
namespace oai = openai_stream;

namespace {

const Api with_items(oai::whole_items);

struct Heard {
    std::string story;               // a line for each event; pieces of one item are joined
    std::vector<std::string> items;
    std::vector<std::string> input;  // what the next request has of them
    Error error = Error::none;
};
// The JSON text of the object that begins at `at`.
std::string object_at(const std::string& text, size_t at) {
    int depth = 0;
    bool is_string = false;
    for (size_t end = at; end != text.size(); ++end) {
        const char c = text[end];
        if (is_string) {
            if (c == '\\') ++end;
            else is_string = c != '"';
        } else if (c == '"') {
            is_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return text.substr(at, end + 1 - at);
        }
    }
    return {};
}
Heard hear(const corpus::Pieces& pieces, size_t buffer_bytes, const char* content_type = "text/event-stream") {
    support::GuardedBuffer memory(buffer_bytes);
    std::vector<char> message_memory(512 * 1024);
    oai::Collector message(oai::Buffer(message_memory.data(), message_memory.size()));
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    Heard heard;
    Story story;
    bool goes_on = false;
    CHECK(exchange.begin_body(with_items, 200, content_type) == Error::none);
    story.end(exchange, feed(exchange, pieces, [&](const Event& event) {
                  story.take(event);
                  message.add_with_item(event);
                  if (event.kind != EventKind::item_json) return;
                  if (!goes_on) heard.items.emplace_back();
                  heard.items.back() += std::string(event.text);
                  goes_on = event.more;
              }));
    message.end(exchange.verdict());
    heard.story = whole(story);
    heard.error = message.error();
    const oai::List<oai::InputItem> items = message.as_items();
    if (items.empty()) return heard;
    const oai::Endpoint server("http://h.example/v1");
    const oai::ResponseRequest ask("m", items);
    char sending_memory[2048];
    Exchange sending{oai::Buffer(sending_memory)};
    CHECK(sending.begin(server, ask) == Error::none);
    std::string sent;
    while (!sending.outgoing().empty()) {
        sent += std::string(sending.outgoing());
        sending.sent(sending.outgoing().size());
    }
    CHECK(sending.error() == Error::none);
    const std::string key = "\"input\":[";
    for (size_t at = sent.find(key) + key.size(); sent[at] == '{'; at += sent[at] == ',' ? 1u : 0u) {
        heard.input.push_back(object_at(sent, at));
        at += heard.input.back().size();
        CHECK((sent.compare(at, 2, ",{") == 0 || sent.compare(at, 1, "]") == 0));
    }
    return heard;
}

// What a recorded stream says of items that are complete, and where in the answer they are.
std::vector<std::string> sent_items(const std::string& stream, std::multimap<int, std::string>& by_place) {
    std::vector<std::string> items;
    const std::string key = "\"item\":";
    for (size_t at = 0; at < stream.size(); at = stream.find('\n', at) + 1) {
        const std::string line = stream.substr(at, stream.find('\n', at) - at);
        if (stream.find('\n', at) == std::string::npos) break;
        const size_t brace = line.find('{');
        if (line.compare(0, 5, "data:") != 0 || brace == std::string::npos) continue;
        const Json event = Json::parse(line.substr(brace));
        if (event.value("type", "") != "response.output_item.done") continue;
        const size_t item = line.find('{', line.find(key));
        items.push_back(object_at(line, item));
        CHECK(Json::parse(items.back()) == event.at("item"));
        by_place.insert({event.value("output_index", 0), items.back()});
    }
    return items;
}

// The types of items that are calls and have a call_id, as the official package has them; none if that is not there,
// which is counted as skipped.
std::set<std::string> documented_calls() {
    std::set<std::string> types;
    const auto facts = corpus::shared_bytes("facts/api-types.jsonl");
    if (!facts) return types;
    const std::string end = "_call";
    std::istringstream file(*facts);
    for (std::string line; std::getline(file, line);) {
        const Json row = Json::parse(line);
        const std::string type = row.at("type").is_string() ? row.at("type").get<std::string>() : "";
        const bool is_call = type.size() > end.size() && type.compare(type.size() - end.size(), end.size(), end) == 0;
        if (row.at("file") == "responses/responses" && is_call && row.at("members").contains("call_id"))
            types.insert(type);
    }
    CHECK(types.size() > 5);
    return types;
}

}  // namespace

TEST_CASE("an item is delivered as it was sent, once") {
    struct Row {
        const char* name;
        std::string body;
        const char* expected;
    };
    const std::string reasoning = R"({"type":"response.output_item.done","output_index":0,"item":{"id":"r" , )"
                                  R"("type":"reasoning","summary":[{"type":"summary_text","text":"S\u0041"}],)"
                                  R"("encrypted_content":"x\/y\n\u00e4"}})";
    const char* const reasoning_story =
        R"(item_json@0({"id":"r" , "type":"reasoning","summary":[{"type":"summary_text","text":"S\u0041"}],)"
        R"("encrypted_content":"x\/y\n\u00e4"}); item@0(reasoning) of r; reasoning@0.0(SA) name=summary of r; )"
        R"(item_done@0(reasoning) of r)";
    const std::string started = "started; ", text = reasoning_story;
    const std::string once = started + text;
    const Row rows[] = {
        {"reasoning", as_event(reasoning, "response.output_item.done"), once.c_str()},
        {"its type comes in the data alone", as_event(reasoning), once.c_str()},
        {"a call of a shell, which is a tool_call, too",
         as_event(R"({"type":"response.output_item.done","output_index":1,"item":{"id":"s","type":"shell_call",)"
                  R"("call_id":"c","action":{"commands":["ls"]},"status":"completed"}})"),
         R"(started; item_json@1({"id":"s","type":"shell_call","call_id":"c","action":{"commands":["ls"]},)"
         R"("status":"completed"}); item@1(shell_call) of s; tool_call@1(shell_call) id=c of s; )"
         R"(item_done@1(shell_call) name=completed of s)"},
        {"what a tool said is no call",
         as_event(R"({"type":"response.output_item.done","output_index":1,"item":{"id":"s","type":)"
                  R"("shell_call_output","call_id":"c"}})"),
         R"(started; item_json@1({"id":"s","type":"shell_call_output","call_id":"c"}); )"
         R"(item@1(shell_call_output) of s; item_done@1(shell_call_output) of s)"},
        {"of the answer's end those that did not come before",
         as_event(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"a","type":"x"}})") +
             as_event(R"({"type":"response.completed","response":{"id":"q","status":"completed","output":)"
                      R"([{"id":"a","type":"x"},{"id":"b","type":"message","content":[{"type":"output_text",)"
                      R"("text":"Hi"}]}]}})"),
         R"(started; item_json@0({"id":"a","type":"x"}); item@0(x) of a; item_done@0(x) of a; )"
         R"(item_json@1({"id":"b","type":"message","content":[{"type":"output_text","text":"Hi"}]}); )"
         R"(item@1(message) of b; text@1.0(Hi) of b; item_done@1(message) of b; )"
         R"(finish name=completed reason=1; the end)"},
        {"an item that only begins is none",
         as_event(R"({"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"x"}})"),
         "started; item@0(x) of a"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
            const Heard heard = hear(pieces, 2048);
            if (wrong.empty() && heard.story != row.expected) wrong = corpus::describe(pieces) + ": " + heard.story;
            CHECK_EQ(heard.input.size(), heard.items.size());
        });
        CHECK_EQ(wrong, "");
    }
}

// reason=3: the program has to answer; what the server runs itself (a shell it hosts) does not change how it ended.
TEST_CASE("each kind of call has its call_id, and those of the program end the answer") {
    const std::pair<const char*, bool> kinds[] = {
        {"function_call", true},     {"custom_tool_call", true}, {"computer_call", true}, {"local_shell_call", true},
        {"apply_patch_call", true}, {"tool_search_call", true}, {"shell_call", false},   {"any_new_call", false},
    };
    std::set<std::string> shown;
    for (const auto& kind : kinds) shown.insert(kind.first);
    for (const std::string& type : documented_calls()) CHECK_MESSAGE(shown.count(type) == 1, type << " has no row");
    for (const auto& kind : kinds) {
        const std::string type = kind.first;
        ROW(type);
        const std::string item = R"({"id":"i","type":")" + type + R"(","call_id":"c","status":"completed"})";
        const std::string body =
            as_event(R"({"type":"response.output_item.done","output_index":0,"item":)" + item + "}") +
            as_event(R"({"type":"response.completed","response":{"id":"q","status":"completed","output":[)" + item +
                     "]}}");
        const std::string said = type == "custom_tool_call" ? "custom" : type == "function_call" ? "function" : type;
        const std::string story = "started; item_json@0(" + item + "); item@0(" + type + ") of i; tool_call@0(" + said +
                                  ") id=c of i; item_done@0(" + type + ") name=completed of i; finish name=completed " +
                                  "reason=" + (kind.second ? "3" : "1") + "; the end";
        const Heard heard = hear({body}, 2048);
        CHECK_EQ(heard.story, story);
        CHECK_EQ(heard.items, std::vector<std::string>{item});
        CHECK_EQ(heard.input, heard.items);
    }
}

TEST_CASE("a call that the server has answered itself has no call_id, and is none of the program") {
    for (const char* const id : {R"("call_id":null,)", ""}) {
        ROW("a search for tools " + std::string(id));
        const std::string item =
            R"({"id":"i","type":"tool_search_call",)" + std::string(id) + R"("status":"completed"})";
        const std::string body =
            as_event(R"({"type":"response.output_item.done","output_index":0,"item":)" + item + "}") +
            as_event(R"({"type":"response.completed","response":{"id":"q","status":"completed","output":[)" + item +
                     "]}}");
        CHECK_EQ(hear({body}, 2048).story,
                 "started; item_json@0(" + item + "); item@0(tool_search_call) of i; " +
                     "item_done@0(tool_search_call) name=completed of i; finish name=completed reason=1; the end");
    }
}

TEST_CASE("an item that is larger than the buffer leaves while it arrives") {
    ROW("8 KiB of encrypted content through 512 bytes");
    const std::string item = R"({"id":"r","type":"reasoning","encrypted_content":")" + std::string(8192, 'x') + "\"}";
    for (const char* const type : {"response.output_item.done", ""}) {
        const std::string body =
            as_event(R"({"type":"response.output_item.done","output_index":0,"item":)" + item + "}",
                     type) +
            as_event(R"({"type":"response.completed","response":{"id":"q","status":"completed","output":[{"id":"r",)"
                     R"("type":"reasoning","summary":[{"type":"summary_text","text":"S"}]}]}})");
        for (const size_t step : {size_t{1}, size_t{13}, body.size()}) {
            const Heard heard = hear(in_steps(body, step), 512);
            CHECK_EQ(heard.items, std::vector<std::string>{item});
            CHECK_EQ(heard.input, heard.items);
            CHECK_NE(heard.story.find("other@0 name=response.output_item.done"), std::string::npos);
            CHECK_NE(heard.story.find("reasoning@0.0(S) name=summary of r"), std::string::npos);
        }
    }
}

TEST_CASE("an answer that was not streamed") {
    ROW("both items");
    const std::string first = R"({"id":"m","type":"message","content":[{"type":"output_text","text":"Hi"}]})";
    const std::string second = R"({"id":"f","type":"function_call","call_id":"c","name":"f","arguments":"{}"})";
    const std::string body = R"({"id":"r","object":"response","status":"completed","output":[)" + first + "," + second + "]}";
    corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
        const Heard heard = hear(pieces, 2048, "application/json");
        CHECK_EQ(heard.items, std::vector<std::string>{first, second});
        CHECK_EQ(heard.input, heard.items);
    });
}

TEST_CASE("a Collector that is full keeps whole items only") {
    ROW("too little memory");
    const std::string item = R"({"id":"r","type":"x","text":")" + std::string(400, 'x') + "\"}";
    char memory[800];
    oai::Collector message{oai::Buffer(memory)};
    Event event;
    event.reset(EventKind::item_json);
    event.text = StringView(item);
    CHECK(message.add_with_item(event) == Error::none);
    CHECK_EQ(message.as_items().size, 1);
    CHECK(message.add_with_item(event) == Error::message_too_large);
    CHECK_EQ(message.as_items().size, 1);
    oai::Collector cut{oai::Buffer(memory)};
    event.text = StringView(item).take(10);
    event.more = true;
    CHECK(cut.add_with_item(event) == Error::none);
    CHECK(cut.as_items().empty());
}

TEST_CASE("items go back in the order of the answer, whichever ends first") {
    struct Row {
        const char* name;
        std::vector<int> places;  // as they end; -1: the server does not say
        std::vector<int> order;
    };
    const Row rows[] = {
        {"in order", {0, 1, 2}, {0, 1, 2}},
        {"the last one first", {2, 0, 1}, {1, 2, 0}},
        {"all at the same place", {0, 0, 0}, {0, 1, 2}},
        {"at no place", {-1, -1, -1}, {0, 1, 2}},
        {"one that has none stays behind the one before", {1, -1, 0}, {2, 0, 1}},
        {"and in front", {-1, 1, 0}, {0, 2, 1}},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[2048];
        oai::Collector message{oai::Buffer(memory)};
        for (size_t at = 0; at != row.places.size(); ++at) {
            const std::string item = "{\"id\":" + std::to_string(at) + "}";
            Event event;
            event.reset(EventKind::item_json);
            event.output_index = row.places[at];
            event.text = StringView(item);
            CHECK(message.add_with_item(event) == Error::none);
            event.reset(EventKind::output_item_added);  // what is no item is not in the way
            event.output_index = 7;
            CHECK(message.add_with_item(event) == Error::none);
        }
        std::vector<int> order;
        for (const oai::InputItem& item : message.as_items())
            order.push_back(Json::parse(std::string(item.json_text())).at("id"));
        CHECK_EQ(order, row.order);
    }
}

// Byte for byte, whatever the size of the buffer.
TEST_CASE("recorded answers go back as they came") {
    const auto files = corpus::shared_files("recorded", ".sse");
    if (!files) return;
    size_t streams = 0;
    for (const std::string& file : *files) {
        if (file.find("-responses-") == std::string::npos) continue;
        const std::string stream = *corpus::shared_bytes(file);
        std::multimap<int, std::string> by_place;
        const std::vector<std::string> sent = sent_items(stream, by_place);
        if (sent.empty()) continue;
        std::vector<std::string> input;
        for (const auto& item : by_place) input.push_back(item.second);
        ROW(file);
        ++streams;
        for (const size_t buffer_bytes : {size_t{1024}, size_t{16384}}) {
            const Heard heard = hear(in_steps(stream, 1000), buffer_bytes);
            CHECK(heard.error == Error::none);
            CHECK_EQ(heard.items, sent);
            CHECK_EQ(heard.input, input);
        }
    }
    CHECK(streams > 10);
}

TEST_CASE("an item that has no room is an error that stays, and one that is no JSON does not go back") {
    Event item;
    item.reset(EventKind::item_json);
    const std::string text = "{\"id\":1}", broken = "{\"id\":";
    for (size_t size = 0; size != 400; ++size) {
        ROW(std::to_string(size) + " bytes");
        support::GuardedBuffer memory(size);
        oai::Collector message(oai::Buffer(memory.data(), size));
        item.text = StringView(broken);
        Error error = message.add_with_item(item);
        for (int round = 0; round != 3; ++round) {
            item.text = StringView(text);
            const Error before = error;
            error = message.add_with_item(item);
            if (before != Error::none) CHECK(error == before);
        }
        CHECK((error == Error::none || error == Error::message_too_large));
        CHECK(message.error() == error);
        const size_t count = message.as_items().size;
        if (error == Error::none) CHECK_EQ(count, 3);
        else CHECK_LT(count, 3);
    }
}

TEST_CASE("a request can ask for whole items") {
    const std::string item = "{\"type\":\"message\",\"id\":\"m1\",\"content\":[]}";
    const std::string done = "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\","
                             "\"output_index\":0,\"item\":" + item + "}\n\n";
    for (const bool is_asked : {true, false}) {
        ROW(is_asked ? "asked" : "not asked");
        oai::ResponseRequest ask("m", "hi");
        if (is_asked) ask.extras = &oai::whole_items;
        const oai::Endpoint server("http://h/v1");
        char memory[2048];
        Exchange exchange{oai::Buffer(memory)};
        REQUIRE(exchange.begin(server, ask) == Error::none);
        while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
        std::string items;
        const std::string answer = "HTTP/1.1 200 OK\r\n\r\n" + done;
        exchange.feed(answer, [&](const Event& event) {
            if (event.kind == EventKind::item_json) items += std::string(event.text);
        });
        CHECK_EQ(items, is_asked ? item : "");
    }
}
