// Answers as servers and proxies in the field send them, each with a fault or an oddity of its own: the bytes lie in
// tests/corpus/field/, what is right is said in tests/corpus/field.jsonl. Every row is read through an Exchange and a
// Collector, at each cut, in three sizes of buffer, and has the same meaning in all of them.
//
// A row: name, file, api ("chat" or "responses"), expect, and alts: other readings that are as good. In an expectation:
//   end           "done", or the name of the Error; a list of names: any of them
//   text, reasoning, finish, calls    what the Collector has; left out: nothing of it in an answer that is done, and
//                 not looked at in one that is not
//   calls         name and arguments; if given id, can_run, guessed; flagged: the program is told that something
//                 was not by the API, in whichever way
//   usage         prompt, completion and total tokens, -1 = not said
//   http_status, code, id, reusable    equal; message, body_prefix    have these words; shown    one of the two has
#include "io/conversation.hpp"
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

#include <iterator>

namespace {

namespace oai = openai_stream;
using Json = nlohmann::json;
using oai::Error;
using oai::Poll;

const char* name_of(Error error) {
    struct Name {
        Error error;
        const char* name;
    };
    static const Name names[] = {
        {Error::none, "none"},
        {Error::event_too_large, "event_too_large"},
        {Error::truncated, "truncated"},
        {Error::bad_framing, "bad_framing"},
        {Error::bad_chunk, "bad_chunk"},
        {Error::content_encoding, "content_encoding"},
        {Error::not_event_stream, "not_event_stream"},
        {Error::bad_json, "bad_json"},
        {Error::late_key, "late_key"},
        {Error::http_status, "http_status"},
        {Error::server_error, "server_error"},
    };
    for (const Name& name : names)
        if (name.error == error) return name.name;
    return oai::describe(error);
}

const char* name_of(oai::FinishReason reason) {
    static const char* const names[] = {"", "stop", "length", "tool_calls", "content_filter", "function_call", "other"};
    return names[static_cast<int>(reason)];
}

std::string text_of(oai::StringView view) { return std::string(view); }

// What was read of an answer.
struct Reading {
    Json said = Json::object();  // every key that an expectation may have
    std::string broken;          // a rule that holds for each answer
};

Reading read(const corpus::Pieces& pieces, const std::string& api, oai::Buffer buffer) {
    static const oai::Endpoint server("http://test.example/v1");
    static const oai::ChatRequest chat("m", "hi");
    static const oai::ResponseRequest response("m", "hi");
    Reading reading;
    Json& said = reading.said;
    oai::Exchange exchange(buffer);
    REQUIRE((api == "chat" ? exchange.begin(server, chat) : exchange.begin(server, response)) == Error::none);
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());

    static std::vector<char> memory(64 * 1024);
    oai::Collector message(oai::Buffer(memory.data(), memory.size()));
    oai::Event event;
    size_t piece = 0, at = 0, turns = 0;
    size_t most_turns = 1000;
    for (const std::string_view one : pieces) most_turns += 20 * one.size();
    Poll poll = Poll::pending;
    while (true) {
        if (++turns > most_turns) return reading.broken = "it does not end", reading;
        poll = exchange.poll(event);
        if (poll == Poll::event) {
            for (const oai::StringView view : {event.text, event.id, event.name, event.item_id})
                if (!conversation::is_utf8(view)) reading.broken = "not UTF-8";
            message.add(event);
            continue;
        }
        if (poll != Poll::pending) break;
        if (piece == pieces.size()) {
            exchange.ended();
            continue;
        }
        const oai::Buffer room = exchange.incoming();
        const size_t count = std::min(room.size, pieces[piece].size() - at);
        if (count == 0) return reading.broken = "no room", reading;
        std::memcpy(room.data, pieces[piece].data() + at, count);
        exchange.received(count);
        at += count;
        if (at == pieces[piece].size()) ++piece, at = 0;
    }
    while (exchange.can_drain() && piece != pieces.size()) {  // what is left of the message's end
        exchange.drain();
        const oai::Buffer room = exchange.incoming();
        const size_t count = std::min(room.size, pieces[piece].size() - at);
        if (count == 0) break;
        std::memcpy(room.data, pieces[piece].data() + at, count);
        exchange.received(count);
        at += count;
        if (at == pieces[piece].size()) ++piece, at = 0;
    }
    if (exchange.can_drain()) exchange.drain();
    message.end(exchange.verdict());
    if (message.error() != Error::none) reading.broken = "the Collector failed";
    if (!conversation::is_consistent(exchange, poll)) reading.broken = "poll, error and verdict differ";

    const oai::Failure failure = exchange.failure();
    said["end"] = poll == Poll::done ? "done" : name_of(exchange.error());
    said["text"] = text_of(message.text());
    said["reasoning"] = text_of(message.reasoning());
    said["finish"] = name_of(message.finish_reason());
    said["id"] = text_of(message.id());
    said["usage"] = {message.usage().prompt_tokens, message.usage().completion_tokens, message.usage().total_tokens};
    said["calls"] = Json::array();
    for (const oai::MessagePart& call : message.tool_calls())
        said["calls"].push_back({{"name", text_of(call.name)},
                                 {"id", text_of(call.id)},
                                 {"arguments", text_of(call.text)},
                                 {"can_run", call.can_run()},
                                 {"guessed", call.is_guessed},
                                 {"flagged", call.is_guessed || call.has_invalid_json || call.was_repeated}});
    said["http_status"] = failure.http_status;
    said["code"] = text_of(failure.code);
    said["message"] = text_of(failure.message);
    said["body_prefix"] = text_of(failure.body_prefix);
    said["shown"] = text_of(failure.message) + "\n" + text_of(failure.body_prefix);
    said["reusable"] = exchange.is_reusable();
    return reading;
}

// What of an expectation is not so; empty: all is.
std::string difference(const Json& expect, const Json& said) {
    const auto is_not = [&](const char* key, const Json& wish) {
        return std::string(key) + " is " + said.at(key).dump().substr(0, 300) + ", not " + wish.dump().substr(0, 300);
    };
    const Json& end = expect.at("end");
    if (end.is_array() ? std::find(end.begin(), end.end(), said.at("end")) == end.end() : end != said.at("end"))
        return is_not("end", end);
    const bool is_done = said.at("end") == "done";
    for (const char* key : {"text", "reasoning", "finish"}) {
        const Json wish = expect.value(key, Json(is_done ? Json("") : Json()));
        if (!wish.is_null() && wish != said.at(key)) return is_not(key, wish);
    }
    for (const char* key : {"id", "usage", "http_status", "code", "reusable"})
        if (expect.contains(key) && expect.at(key) != said.at(key)) return is_not(key, expect.at(key));
    for (const char* key : {"message", "body_prefix", "shown"})
        if (expect.contains(key) && said.at(key).get<std::string>().find(expect.at(key)) == std::string::npos)
            return is_not(key, expect.at(key));
    const Json calls = expect.value("calls", Json::array());
    if (!is_done && calls.empty()) return "";
    if (calls.size() != said.at("calls").size()) return is_not("calls", calls);
    for (size_t at = 0; at != calls.size(); ++at)
        for (const auto& field : calls.at(at).items())
            if (said.at("calls").at(at).at(field.key()) != field.value()) return is_not("calls", calls);
    return "";
}

TEST_CASE("answers from the field mean the same however they are cut, in 512, 2,048 and 16,384 bytes") {
    for (const Json& row : corpus::rows("field.jsonl")) {
        ROW(row.at("name").get<std::string>());
        const std::string file = row.at("file");
        const std::string bytes = corpus::file_bytes(file);
        std::string first;  // difference
        for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
                if (!first.empty()) return;
                const Reading reading = read(pieces, row.at("api"), oai::Buffer(memory.data(), memory.size()));
                std::string found = reading.broken;
                if (found.empty()) found = difference(row.at("expect"), reading.said);
                for (const Json& other : row.value("alts", Json::array()))
                    if (!found.empty() && difference(other, reading.said).empty()) found.clear();
                if (!found.empty())
                    first = file + ", " + std::to_string(size) + " bytes, " + corpus::describe(pieces) + ": " + found;
            });
        }
        CHECK_EQ(first, "");
    }
}

}  // namespace
