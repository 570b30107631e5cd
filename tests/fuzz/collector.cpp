// What goes back to the server: an answer of the Responses API whose items are kept as they came, or of Chat Completions
// with extra_content, is collected and written as the next request, which is JSON and says what the answer said. (What a
// Collector says of its parts, and how it does in little memory, extra_events.cpp looks at.)
#include "exchange.hpp"
#include "json_grammar.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

namespace oai = openai_stream;
using fuzz::check;

// What the events said, gathered by another hand.
struct Said {
    struct Item {
        int32_t place;
        std::string json;
        bool is_whole;
    };
    std::vector<Item> items;
    std::string text;  // of choice 0

    void add(const oai::Event& event) {
        const std::string piece(event.text.data() ? event.text.data() : "", event.text.size());
        if (event.kind == oai::EventKind::text && event.choice == 0) text += piece;
        if (event.kind != oai::EventKind::item_json) return;
        // (One without a place follows the one before.)
        if (!goes_on_)
            items.push_back({event.output_index >= 0 || items.empty() ? event.output_index : items.back().place, "", false});
        items.back().json += piece;
        items.back().is_whole = !event.more;
        goes_on_ = event.more;
    }
    // Those that are JSON, in the answer's order.
    std::vector<std::string> whole_items() const {
        std::vector<const Item*> sorted;
        for (const Item& item : items) {
            if (!item.is_whole || !fuzz::JsonGrammar({item.json.data(), item.json.size()}).is_text()) continue;
            auto at = sorted.end();
            while (at != sorted.begin() && at[-1]->place > item.place) --at;
            sorted.insert(at, &item);
        }
        std::vector<std::string> all;
        for (const Item* item : sorted) all.push_back(item->json);
        return all;
    }

private:
    bool goes_on_ = false;
};

template <class Request> std::string body_of(const Request& request, oai::Error& error) {
    oai::RequestWriter writer;
    error = writer.begin_body(request);
    std::string body;
    char window[64];
    while (error == oai::Error::none) {
        const size_t count = (writer.write)(window, sizeof window);
        if (count == 0) break;
        body.append(window, count);
    }
    if (error == oai::Error::none) error = writer.error();
    return body;
}

void check_items(oai::Collector& message, const Said& said, oai::Buffer memory) {
    const oai::List<oai::InputItem> items = message.as_items();
    const std::vector<std::string> expected = said.whole_items();
    check(items.size <= expected.size(), "an item that was not said");
    if (message.error() == oai::Error::none) check(items.size == expected.size(), "an item is missing");
    oai::ResponseRequest next("m", items);
    next.input = "go on";
    oai::Error error = oai::Error::none;
    const std::string body = body_of(next, error);
    check(error == oai::Error::none, "the items are no request");
    fuzz::check_front(memory);
    check(fuzz::JsonGrammar({body.data(), body.size()}).is_text(), "a body that is no JSON");
    // As they were sent, byte by byte.
    size_t at = 0;
    if (message.error() == oai::Error::none)
        for (const std::string& item : expected) {
            at = body.find(item, at);
            check(at != std::string::npos, "an item is not as it was sent, or in another order");
            at += item.size();
        }
    const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded()) return;  // half of a surrogate pair, or a number that no double can hold, is JSON
    check(json.at("input").size() == items.size + 1, "another count of items");
}

void check_message(oai::Collector& message, const Said& said, oai::Echo echo) {
    oai::Message messages[] = {oai::Message(oai::Role::user, "a"), message.as_message_with(echo)};
    const oai::ChatRequest next("m", oai::List<oai::Message>(messages, 2));
    oai::Error error = oai::Error::none;
    const std::string body = body_of(next, error);
    // (A call needs an id and a name, which a server may have left out.)
    if (error != oai::Error::none) return check(!messages[1].tool_calls.empty(), "what was said is no request");
    check(fuzz::JsonGrammar({body.data(), body.size()}).is_text() && fuzz::is_utf8({body.data(), body.size()}),
          "a body that is no JSON");
    const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded()) return;
    const nlohmann::json& back = json.at("messages").at(1);
    if (message.error() == oai::Error::none && !said.text.empty())
        check(back.at("content") == said.text, "the text that goes back is another one");
    check(messages[1].tool_calls.empty() || back.at("tool_calls").size() == messages[1].tool_calls.size,
          "another count of calls");
}

uint64_t collect(bool is_chat, fuzz::Bytes script, oai::Buffer memory, oai::Buffer for_message, uint8_t cut, oai::Echo echo,
                 fuzz::Outcome& outcome) {
    static const oai::Api with_items(oai::whole_items);
    oai::ExtraEvents extras(oai::extra_content_fields);
    oai::Exchange exchange(memory);
    check(exchange.begin_body(is_chat ? oai::Api(extras) : with_items, 200) == oai::Error::none, "begin() failed");
    oai::Collector message(for_message);
    Said said;
    fuzz::Cuts cuts(cut);
    const auto take = [&](const oai::Event& event) {
        outcome.story.add(event, memory);
        said.add(event);
        if (is_chat) message.add_with_extra_content(event);
        else message.add_with_item(event);
    };
    while (script.size != 0) {
        size_t count = cuts.next();
        if (count > script.size) count = script.size;
        if (exchange.feed({script.data, count}, take) != oai::Poll::pending) break;
        script.data += count;
        script.size -= count;
    }
    outcome.said = exchange.finish(take);
    message.end(exchange.verdict());
    if (is_chat) check_message(message, said, echo);
    else check_items(message, said, for_message);
    for (const oai::Buffer one : {memory, for_message}) fuzz::check_front(one);
    outcome.error = exchange.error();
    outcome.verdict = exchange.verdict();
    outcome.largest = exchange.stats().largest_event_bytes;
    outcome.is_early = outcome.story.is_early || exchange.quirks().has(oai::Quirk::provisional_piece);
    fuzz::Digest parts;
    for (const oai::MessagePart& part : message.parts())
        for (const oai::StringView view : {part.text, part.id, part.name}) parts.add(view);
    if (!outcome.is_early && !fuzz::is_capacity(outcome.error)) {
        fuzz::results().add(static_cast<int64_t>(outcome.story.value()));
        fuzz::results().add(int64_t{static_cast<int>(outcome.error)});
        // (How much a Collector holds depends on the size of a pointer.)
        if (message.error() == oai::Error::none) fuzz::results().add(static_cast<int64_t>(parts.value()));
    }
    return parts.value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const size_t message_sizes[] = {200, 500, 1200, 8192};
    static char script[3000];
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    const bool is_chat = (flags & 1) != 0;
    const size_t room = message_sizes[flags >> 1 & 3];
    const auto echo = static_cast<oai::Echo>(1 + (flags >> 3) % 3);
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script)};
    const size_t buffer_bytes = fuzz::buffer_size(place);
    fuzz::Outcome one, other;
    const uint64_t in_pieces = collect(is_chat, bytes, fuzz::memory_of(buffer_bytes), fuzz::memory_of(room, 1),
                                       static_cast<uint8_t>(cut | 1), echo, one);
    const uint64_t whole = collect(is_chat, bytes, fuzz::memory_of(buffer_bytes), fuzz::memory_of(room, 1), 0, echo, other);
    if (fuzz::has_late_type(bytes)) return 0;
    fuzz::compare(one, other, false);
    if (!one.is_early && !other.is_early && one.error == other.error && one.story.value() == other.story.value() &&
        !fuzz::is_of_unfinished(one.error))
        check(in_pieces == whole, "the message depends on how the bytes arrive");
    return 0;
}
