#pragma once
// Output items of the Responses API as they were sent, for programs that give them back in the next request
// (store: false) or know kinds of items that this library does not: EventKind::item_json, once for each item, when it
// is complete. Where the event is there as a whole, the item is read a second time for all else that it says. Where it
// is not, the item leaves while it arrives, and what is new in it is told by the answer's own end, which has all items
// once more. A program that does not ask for this links nothing of it.
#include "response_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// An item that is passed over, or read again.
inline constexpr json::TableRow item_as_json{0, ignored, response_item, json::ReadMode::whole};

class ItemReader : public ResponseReader {
public:
    // Dialect::next, as that of ResponseReader.
    static Outcome next(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView& type) noexcept {
        return reader.read<ItemReader&>(of<ItemReader>(reader, dialect, type), event);
    }

    // What DocumentReader::read() asks.
    Outcome deliver(DocumentReader& reader, Event& event) noexcept {
        const bool is_of_other = (state_.pending & State::pending_call) != 0 && !is_call();
        if (is_of_other) {
            if (reader.was_started && (state_.pending & State::pending_item) == 0) {
                emit_other_call(event);
                return Outcome::event;
            }
            state_.pending &= static_cast<uint8_t>(~State::pending_call);
        }
        const Outcome outcome = ResponseReader::deliver(reader, event);
        if (is_of_other) state_.pending |= State::pending_call;
        if (outcome == Outcome::event) {
            if (event.kind == EventKind::item_json) name_item(event);
            if (event.kind == EventKind::other && event.name.empty())
                event.name = StringView("response.output_item.done", 25);
        } else if (state_.role == TextRole::unknown && !reader.text.is_open()) {  // all of its JSON has left
            state_.role = TextRole::none;
            char* const begin = reader.raw_begin;
            reader.raw_begin = nullptr;
            if (begin) reader.read_as(begin, &item_as_json, 0);
        }
        return outcome;
    }
    bool enter(DocumentReader& reader, Event& event) noexcept {
        if (reader.paths.context() != response_item || !reader.paths.is_object())
            return ResponseReader::enter(reader, event);
        if (!state_.is_typed && !reader.values.is_empty(response_event_type)) look_up_type();
        const bool is_listed = !reader.paths.token().is_object_at(reader.paths.depth() - 2u);
        if (reader.is_jumping) {  // for the second time
            if (is_listed) {
                begin_owner();
                if (state_.item_place != DeliveryLog::max_place) ++state_.item_place;
                state_.has_item_id = false;
                reader.forget(bit_of(response_item_id));
            }
        } else if (is_listed ? is_new_of_list() : says(says_item_done)) {
            reader.paths.skip(&item_as_json);
            if (reader.is_whole) reader.raw_begin = reader.at() - 1;
            else begin_json(reader.at() - 1);
            reader.is_raw = !reader.is_whole;
            return false;
        }
        return ResponseReader::enter(reader, event);
    }
    bool exit(DocumentReader& reader, Event& event) noexcept {
        if (reader.paths.row() == &item_as_json) {
            if (reader.is_whole) {
                begin_json(reader.raw_begin);
            } else {
                if (state_.output_index >= 0) mark_delivered(log_once, log_json);
                state_.meaning.says = says_mark;  // what is new in the item comes once more
                reader.forget(bit_of(response_event_type));
            }
            reader.is_raw = false;
            reader.text.extend(reader.paths.token().end(), true);
            return false;
        }
        const bool was_over = state_.is_over;
        const bool is_item = !reader.paths.row() && reader.paths.context() == response_item;
        const unsigned returns = reader.return_count;
        ResponseReader::exit(reader, event);
        // The lists of an item that was read for the second time are read where the first has ended.
        if (is_item && state_.is_item_over && reader.return_count != returns) state_.item_level = reader.return_count;
        const bool is_over = !was_over && state_.is_over;
        if (is_over && says(says_item_done)) mark_delivered(log_once, log_json);
        const bool is_call = is_over ? says(says_item | says_item_done) : is_item && state_.is_listed;
        if (is_call && is_other_call() && !was_delivered(log_once, log_call)) state_.pending |= State::pending_call;
        return false;
    }

private:
    void begin_json(char* at) noexcept {
        state_.role = TextRole::unknown;  // no other text has that
        reader().text.begin({EventKind::item_json, 0, -1}, at, false);
    }
    // Nothing of the item has been read by then but its place.
    void name_item(Event& event) const noexcept {
        event.content_index = -1;
        if (!state_.is_listed) return;
        event.output_index = state_.item_place + 1;
        event.item_number = -1;
        event.item_id = StringView();
    }
    // The next one of the answer's output was not there before.
    bool is_new_of_list() const noexcept {
        if (!reader().is_whole || !state_.is_listed || !(says(says_ends) || !type().data())) return false;
        ItemKey next;
        next.place = DeliveryLog::within(state_.item_place + 1);
        bool is_sure = true;
        const int found = state_.memory.find(next, is_sure);
        if (found == DeliveryLog::none) return true;
        const DeliveredTexts& item =
            found >= 0 ? static_cast<const DeliveredTexts&>(state_.memory[found]) : state_.memory.of_forgotten();
        return !item.has(log_once, log_json);
    }

    // A call that is none of a function: a shell's, a computer's ...
    bool is_other_call() const noexcept {
        const StringView type = text_of(response_item_type), end("_call", 5);
        return !is_call() && !reader().values.is_empty(response_call_id) && type.size() > end.size() &&
               type.drop(type.size() - end.size()) == end;
    }
    void emit_other_call(Event& event) noexcept {
        state_.pending &= static_cast<uint8_t>(~State::pending_call);
        mark_delivered(log_once, log_call);
        fill(event, {EventKind::tool_call, response_call_id, response_name}, true);
        event.tool_index = event.output_index;
        reader().values.show(response_item_type, event.text);
        if (!event.id.empty()) mark_delivered(log_once, log_call_id);
        // What the server does itself (a search for tools, too) has no call_id.
        const char* const of_program = "computer_call\0local_shell_call\0apply_patch_call\0tool_search_call\0";
        if (detail::words::index_of(of_program, event.text.data(), event.text.size()) != 0) state_.has_calls = true;
    }
};

inline constexpr ResponseDialect responses_with_items{
    {response_contexts, response_event, true, ItemReader::next, true},
    EventTypes::of<response_event_types>()};

}  // namespace dialect

// What a ResponseRequest is read for, to get EventKind::item_json: ask.extras = &oai::whole_items.
inline constexpr const dialect::ResponseDialect& whole_items = dialect::responses_with_items;

OPENAI_STREAM_END
