// Pieces of which only the text and some of the keys are known when they have to leave: whatever the order of their
// keys, what is delivered stands in the right order in the right part, or the answer fails: with late_key, or with event_too_large if it begins with a text
// of which nothing tells what it is.
#include "io/responses_support.hpp"

#include <algorithm>

using namespace responses;
using openai_stream::Collector;
using openai_stream::MessagePart;

namespace {

// The members of an event in this order; each stands in front of a letter that the order names it by.
struct Member {
    char letter;
    std::string json;
};
std::string in_order(const std::string& order, const std::vector<Member>& members) {
    std::string data;
    for (const char letter : order)
        for (const Member& member : members)
            if (member.letter == letter) data += (data.empty() ? "{" : ",") + member.json;
    return data + "}";
}

// A piece of a text, and where it belongs.
struct Piece {
    char item;  // its id
    int part;
    std::string text;
    const char* type = "response.output_text.delta";
};
std::string event_of(const Piece& piece, const std::string& order, const char* key = "delta") {
    const int place = piece.item - 'm';
    return as_event(in_order(order, {{'i', "\"item_id\":\"" + std::string(1, piece.item) + "\""},
                                     {'o', "\"output_index\":" + std::to_string(place)},
                                     {'c', "\"content_index\":" + std::to_string(piece.part)},
                                     {'d', "\"" + std::string(key) + "\":\"" + piece.text + "\""},
                                     {'t', "\"type\":\"" + std::string(piece.type) + "\""}}));
}

struct Told {
    std::string text, parts;  // as a whole, and as "[0:AB][1:CD]"
    Error error = Error::none;
};
Told told_of(const std::string& body, size_t buffer_bytes) {
    support::GuardedBuffer memory(buffer_bytes);
    static std::vector<char> room(256 * 1024);
    Collector message(openai_stream::Buffer(room.data(), room.size()));
    Exchange exchange(openai_stream::Buffer(memory.data(), memory.size()));
    if (exchange.begin_body(Api::responses, 200, "text/event-stream") != Error::none) return {"no begin", "", {}};
    feed(exchange, in_steps(body, 200), [&](const Event& event) { message.add(event); });
    message.end(exchange.verdict());
    Told told;
    told.error = exchange.error();
    for (const MessagePart& part : message.parts()) {
        if (part.kind != EventKind::text) continue;
        told.text += std::string(part.text);
        told.parts += "[" + std::to_string(part.content_index) + ":" +
                      std::string(part.text) + "]";
    }
    return told;
}

}  // namespace

TEST_CASE("pieces leave in the right order and part, or the answer fails, whatever the order of keys") {
    struct Row {
        const char* name;
        std::vector<std::pair<char, int>> places;  // of the pieces: item and part
        bool is_announced;                         // content_part.added comes before the first piece of a part
    };
    const Row rows[] = {
        {"two parts", {{'m', 0}, {'m', 0}, {'m', 1}, {'m', 1}}, false},
        {"two parts that are announced", {{'m', 0}, {'m', 0}, {'m', 1}, {'m', 1}}, true},
        {"two items", {{'m', 0}, {'m', 0}, {'n', 0}, {'n', 0}}, false},
        {"two items that are announced", {{'m', 0}, {'m', 0}, {'n', 0}, {'n', 0}}, true},
        {"items by turns", {{'m', 0}, {'n', 0}, {'m', 0}, {'n', 0}, {'n', 1}, {'m', 0}}, false},
        {"parts by turns", {{'m', 0}, {'m', 1}, {'m', 0}, {'m', 1}, {'m', 1}}, true},
        {"a second part alone", {{'m', 1}, {'m', 1}, {'m', 1}}, false},
        {"a part that few have", {{'m', 9}, {'m', 9}, {'n', 0}, {'m', 9}}, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string order = "cdiot";
        std::string wrong;
        unsigned right = 0, runs = 0;
        do {
            for (unsigned sizes = 0; sizes != 1u << row.places.size(); ++sizes) {
                std::string body, text;
                std::vector<std::pair<std::pair<char, int>, std::string>> parts;
                for (size_t number = 0; number != row.places.size(); ++number) {
                    const auto place = row.places[number];
                    const std::string said(sizes >> number & 1 ? 900 : 20, static_cast<char>('A' + number));
                    auto part = std::find_if(parts.begin(), parts.end(),
                                             [&](const auto& one) { return one.first == place; });
                    if (part == parts.end()) {
                        part = parts.insert(parts.end(), {place, ""});
                        if (row.is_announced)
                            body += as_event(R"({"type":"response.content_part.added","item_id":")" +
                                             std::string(1, place.first) + R"(","output_index":)" +
                                             std::to_string(place.first - 'm') + R"(,"content_index":)" +
                                             std::to_string(place.second) + R"(,"part":{"type":"output_text"}})");
                    }
                    part->second += said;
                    body += event_of({place.first, place.second, said}, order);
                }
                body += as_event(R"({"type":"response.completed","response":{"status":"completed"}})");
                std::string expected;
                for (const auto& part : parts) {
                    text += part.second;
                    expected += "[" + std::to_string(part.first.second) + ":" +
                                part.second + "]";
                }
                for (const size_t buffer : {size_t{512}, size_t{2048}}) {
                    const Told told = told_of(body, buffer);
                    ++runs;
                    if (told.error == Error::none) ++right;
                    const bool is_whole = buffer == 2048;  // then nothing is guessed
                    const bool is_right = told.error == Error::none
                                              ? told.text == text && (!row.is_announced || told.parts == expected)
                                              : !is_whole && (told.error == Error::late_key ||
                                                             told.error == Error::event_too_large);
                    if (wrong.empty() && !is_right)
                        wrong = order + " " + std::to_string(sizes) + " in " + std::to_string(buffer) +
                                describe(told.error) + " " + told.parts;
                }
            }
        } while (std::next_permutation(order.begin(), order.end()));
        CHECK_EQ(wrong, "");
        // Of those that are read in parts, many are certain.
        CHECK_GT(right, runs / 2);
    }
}

TEST_CASE("a part that comes as a whole is delivered once, or the answer fails, whatever the order of keys") {
    struct Row {
        const char* name;
        bool has_pieces, is_part;
    };
    const Row rows[] = {
        {"output_text.done alone", false, false},
        {"output_text.done after its pieces", true, false},
        {"content_part.done alone", false, true},
        {"content_part.done after its pieces", true, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string order = "cdiot", wrong;
        unsigned right = 0, runs = 0;
        do {
            for (unsigned sizes = 0; sizes != 8; ++sizes) {
                std::string pieces, wholes, text;
                for (int part = 0; part != 3; ++part) {
                    const std::string said(sizes >> part & 1 ? 1200 : 20, static_cast<char>('A' + part));
                    text += said;
                    if (row.has_pieces)
                        for (const std::string& half : {said.substr(0, 10), said.substr(10)})
                            pieces += event_of({'m', part, half}, "tiocd");
                    std::string whole = event_of({'m', part, said, row.is_part ? "response.content_part.done"
                                                                               : "response.output_text.done"},
                                                 order, row.is_part ? "part" : "text");
                    if (row.is_part) {
                        const size_t at = whole.find("\"part\":") + 7;
                        whole.insert(at, R"({"type":"output_text","text":)");
                        whole.insert(whole.find(said) + said.size() + 1, "}");
                    }
                    wholes += whole;
                }
                const std::string body = pieces + wholes +
                                         as_event(R"({"type":"response.completed","response":{"status":"completed"}})");
                for (const size_t buffer : {size_t{512}, size_t{4096}}) {
                    const Told told = told_of(body, buffer);
                    ++runs;
                    if (told.error == Error::none) ++right;
                    const bool is_right = told.error == Error::none ? told.text == text
                                                                    : buffer == 512 && told.error == Error::late_key;
                    if (wrong.empty() && !is_right)
                        wrong = order + " " + std::to_string(sizes) + " in " + std::to_string(buffer) +
                                describe(told.error) + " " + told.parts;
                }
            }
        } while (std::next_permutation(order.begin(), order.end()));
        CHECK_EQ(wrong, "");
        CHECK_GT(right, runs / 2);
    }
}
