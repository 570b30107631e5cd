#pragma once
// What is pending of an event, in the order in which it is delivered: the start, the item, its call, its texts, its
// sources, its end; then what ends the answer.
#include "response_meaning.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// As what something leaves, and which values it has, which are forgotten then. In four bytes: one register of a small
// machine.
struct Leaving {
    EventKind kind;
    uint8_t id = ignored, name = ignored, said = ignored;
};
// What is pending, in the order of ResponseState::Pending.
inline constexpr Leaving response_leaving[] = {
    {EventKind::output_item_added},
    {EventKind::tool_call, response_call_id, response_name},
    {EventKind::annotation, response_source_type, response_source_title, response_source_place},
    {EventKind::output_item_done, ignored, response_item_status, response_item_type},
    {EventKind::other, ignored, response_event_type, response_status},
    {EventKind::finish, ignored, response_status},
    {EventKind::usage},
    {EventKind::keepalive},
};

class ResponseEmitter : public ResponseMeaning {
protected:
    void begin_text(TextRole role, char* at, bool escapes) noexcept {
        state_.role = role;
        state_.is_start_pending = true;
        if (!reader().is_whole) {
            const bool is_of_item = state_.text_context == response_part || state_.text_context == response_summary ||
                                    role == TextRole::picture || state_.text_context == response_item;
            if (is_of_item && !reader().values.is_empty(response_item_type) && !is_piece()) announce_item();
            state_.has_left = true;
        }
        const EventKind kind = row_of(role).kind;
        reader().text.begin({kind, 0, kind == EventKind::tool_arguments ? index() : -1}, at, escapes);
    }
    // Arguments that are an object and do not fit.
    void begin_raw() noexcept {
        state_.role = TextRole::arguments;
        state_.is_start_pending = true;
        if (role_of_item() != TextRole::none) announce_item();
        state_.has_left = true;
        claim(TextRole::arguments);
    }
    // The first of the texts that are pending. Returns false if it is not delivered.
    bool begin_pending_text() noexcept {
        unsigned target = response_first_text;
        while ((state_.texts & bit_of(target)) == 0) {
            if (++target == value_count) target = 0;
        }
        state_.texts = static_cast<uint16_t>(state_.texts & ~bit_of(target));
        const Value& value = reader().values.at(target);
        const TextRole role = role_of(target == response_untyped_text ? unsigned{response_first_text} : target);
        const bool is_there = has(target) && value.size != 0;
        reader().values.forget(bit_of(target));
        if (!is_there || role <= TextRole::unknown || !claim(role)) return false;
        begin_text(role, value.begin, !value.raw);
        reader().text.extend(value.begin + value.size, true);
        if (value.plain) reader().text.set_plain();
        return true;
    }

    // The event that leaves now. Returns false if there is none.
    bool emit_next(Event& event) noexcept {
        while (true) {
            if (reader().ready != 0) {  // they have to leave before their object has ended
                state_.texts = static_cast<uint16_t>(reader().ready & kept_texts);
                reader().ready = 0;
                if (state_.text_context == response_part && !has(response_part_type))
                    state_.assumed = role_of(response_first_text);
            }
            if (reader().is_raw && state_.role == TextRole::none) begin_raw();
            if (!reader().was_started && (state_.is_start_pending || needs_start())) {
                emit_start(event);
                return true;
            }
            const unsigned first = state_.pending & (0u - state_.pending);
            if (first == 0 || first > State::pending_call) {
                if (reader().text.is_open()) {
                    if (emit_text(event)) return true;
                    if (reader().text.is_open()) return false;
                    continue;
                }
                if (state_.texts != 0) {
                    begin_pending_text();
                    continue;
                }
            }
            if (first == 0) return false;
            if (first > State::pending_source) {
                if (deliverable_list() != 0) return false;
                if (reader().return_count != (first == State::pending_item_done ? state_.item_level : 0)) return false;
            }
            emit_pending(event, first);
            return true;
        }
    }
    bool needs_start() const noexcept {
        return reader().text.is_open() || (state_.pending & ~(State::pending_mark | State::pending_alive)) != 0;
    }
    // The list to be read now; 0: none.
    unsigned deliverable_list() const noexcept {
        if (reader().text.is_open()) return 0;
        if (state_.is_item_over && reader().return_count == state_.item_level)
            if (const unsigned lists = state_.lists & (State::content_list | State::summary_list))
                return lists & (0u - lists);
        return state_.is_over && reader().return_count == 0 ? state_.lists & State::output_list : 0u;
    }

    // What is of an item has its names. (Its values are looked at before.)
    OPENAI_STREAM_NOINLINE void fill(Event& event, Leaving what, bool is_of_item) noexcept {
        const int32_t place = is_of_item ? index() : -1;
        const int32_t number = is_of_item && !may_be_of_another_call() ? state_.memory.number_of(owner()) : -1;
        reader().fill(event, what.kind, what.id, what.name, what.said);
        event.sequence_number = state_.sequence_number;
        event.output_index = place;
        event.item_number = number;
        if (is_of_item && state_.has_item_id) reader().values.show(response_item_id, event.item_id);
    }

    void emit_start(Event& event) noexcept {
        reader().was_started = true;
        Leaving what{EventKind::started};
        if (state_.is_answer) {
            what.name = value_model;
            if (!state_.has_item_id) what.id = response_item_id;
        }
        fill(event, what, false);
        if (state_.is_answer) event.created = reader().created;
    }
    // What is pending; `first` is its bit.
    void emit_pending(Event& event, unsigned first) noexcept {
        if (first == State::pending_finish && reader().release_half(event, -1)) {
            event.sequence_number = state_.sequence_number;
            return;
        }
        state_.pending = static_cast<uint8_t>(state_.pending & ~first);
        const unsigned place = DocumentReader::id_of(first);
        const bool is_said_once = (first & (State::pending_item | State::pending_call | State::pending_item_done)) != 0;
        if (is_said_once) mark_delivered(log_once, static_cast<int32_t>(place));
        const bool is_mark = first == State::pending_mark;
        fill(event, response_leaving[place], is_mark ? !state_.is_answer : first < State::pending_mark);
        if (first == State::pending_item) {
            reader().values.show(response_item_type, event.text);
        } else if (first == State::pending_call) {
            end_call(event);
        } else if (first == State::pending_source) {
            event.content_index = part();
            event.place.begin = state_.source_begin;
            event.place.end = state_.source_end;
        } else if (first == State::pending_item_done) {
            state_.is_item_over = false;
        } else if (is_mark) {
            event.content_index = state_.content_index;
            if (!event.name.data()) event.name = utf8::valid_beginning(type());
        } else if (first == State::pending_finish) {
            end_finish(event);
        } else if (first == State::pending_usage) {
            memcpy(&event.usage, reader().counts, sizeof event.usage);
        }
    }
    void end_call(Event& event) noexcept {
        event.tool_index = event.output_index;
        if (!event.id.empty()) mark_delivered(log_once, log_call_id);
        const StringView type = text_of(response_item_type);  // "function_call", "custom_tool_call", "mcp_call"
        size_t size = 0;
        while (size != type.size() && type[size] != '_') ++size;
        event.text = type.take(size);
        if (type[0] != 'm') state_.has_calls = true;
    }
    void end_finish(Event& event) noexcept {
        reader().seen_choices = reader().finished_choices = 1;
        if (!event.name.data()) event.name = StringView("completed", 9);
        event.finish_reason = state_.reason_of(event.name);
        if (event.finish_reason == FinishReason::none) {
            event.finish_reason = FinishReason::other;
            reader().note(Quirk::unknown_finish_reason);
        }
    }
    bool emit_text(Event& event) noexcept {
        if (!reader().text.next(reader().quirk_counts)) return false;
        const TextOwner& owner = reader().text.owner();
        fill(event, {owner.kind}, state_.role != TextRole::none);
        event.tool_index = owner.tool_index;
        event.text = reader().text.piece();
        event.more = reader().text.is_open();
        if (state_.role == TextRole::none) return true;
        const TextRoleRow& row = row_of(state_.role);
        if (row.name != no_name) {
            const char* const name = role_names + row.name;
            event.name = StringView(name, detail::words::length(name));
        }
        if (row.bit == log_part) event.content_index = part();
        return true;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
