#pragma once
// What is pending of an event, in the order in which it is delivered: the start, the item, its call, its texts, its
// sources, its end; then what ends the answer.
#include "response_meaning.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ResponseEmitter : public ResponseMeaning {
protected:
    using ResponseMeaning::ResponseMeaning;

    void begin_text(TextRole role, char* at, bool escapes) noexcept {
        state_.role = role;
        if (!reader_.was_started) state_.is_start_pending = true;
        if (!reader_.is_whole) {
            const bool is_of_item = state_.text_context == response_part || state_.text_context == response_summary ||
                                    role == TextRole::picture || state_.text_context == response_item;
            if (is_of_item && !text_of(response_item_type).empty() && !is_piece()) announce_item();
            state_.has_left = true;
        }
        const EventKind kind = row_of(role).kind;
        reader_.text.begin({kind, 0, kind == EventKind::tool_arguments ? index() : -1}, at, escapes);
    }
    // Arguments that are an object and do not fit.
    void begin_raw() noexcept {
        state_.role = TextRole::arguments;
        if (!reader_.was_started) state_.is_start_pending = true;
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
        const Value value = reader_.values.at(target);
        const TextRole role = role_of(target == response_untyped_text ? unsigned{response_first_text} : target);
        const bool is_there = reader_.values.present(bit_of(target)) != 0 && value.size != 0;
        reader_.values.forget(bit_of(target));
        if (!is_there || role <= TextRole::unknown || !claim(role)) return false;
        begin_text(role, value.begin, !value.raw);
        reader_.text.extend(value.begin + value.size, true);
        if (value.plain) reader_.text.set_plain();
        return true;
    }

    // The event that leaves now. Returns false if there is none.
    bool emit_next(Event& event) noexcept {
        while (true) {
            if (reader_.ready != 0) {  // they have to leave before their object has ended
                state_.texts = static_cast<uint16_t>(reader_.ready & kept_texts);
                reader_.ready = 0;
                if (state_.text_context == response_part && !text_of(response_part_type).data())
                    state_.assumed = role_of(response_first_text);
            }
            if (reader_.is_raw && state_.role == TextRole::none) begin_raw();
            if (reader_.text.is_open() || state_.texts != 0 || state_.pending != 0) {
                if (!reader_.was_started && needs_start()) state_.is_start_pending = true;
            }
            if (state_.is_start_pending) {
                emit_start(event);
                return true;
            }
            if ((state_.pending & State::pending_item) != 0) {
                emit_item(event);
                return true;
            }
            if ((state_.pending & State::pending_call) != 0) {
                emit_call(event);
                return true;
            }
            if (reader_.text.is_open()) {
                if (emit_text(event)) return true;
                if (reader_.text.is_open()) return false;
                continue;
            }
            if (state_.texts != 0) {
                begin_pending_text();
                continue;
            }
            if ((state_.pending & State::pending_source) != 0) {
                emit_source(event);
                return true;
            }
            if (deliverable_list() != 0) return false;
            if ((state_.pending & State::pending_item_done) != 0 && reader_.return_count == state_.item_level) {
                emit_item_done(event);
                return true;
            }
            if (reader_.return_count != 0 || state_.pending == 0 || state_.lists != 0) return false;
            return emit_end(event);
        }
    }
    bool needs_start() const noexcept {
        return reader_.text.is_open() || (state_.pending & ~(State::pending_mark | State::pending_alive)) != 0;
    }
    // The list to be read now; 0: none.
    unsigned deliverable_list() const noexcept {
        if (reader_.text.is_open() || state_.texts != 0) return 0;
        if (state_.is_item_over && reader_.return_count == state_.item_level)
            if (const unsigned lists = state_.lists & (State::content_list | State::summary_list))
                return lists & (0u - lists);
        return state_.is_over && reader_.return_count == 0 ? state_.lists & State::output_list : 0u;
    }

    // With the values of these targets, which are forgotten; those of the item are looked at before.
    OPENAI_STREAM_NOINLINE void fill(Event& event, EventKind kind, bool is_of_item, unsigned id = ignored,
                                     unsigned name = ignored, unsigned said = ignored) noexcept {
        const int32_t place = is_of_item ? index() : -1;
        const int32_t number = is_of_item && !may_be_of_another_call() ? state_.memory.number_of(owner()) : -1;
        reader_.fill(event, kind, id, name, said);
        event.sequence_number = state_.sequence_number;
        event.output_index = place;
        event.item_number = number;
        if (!is_of_item || !state_.has_item_id) return;
        reader_.values.decode(response_item_id);
        event.item_id = text_of(response_item_id);
    }

    void emit_start(Event& event) noexcept {
        state_.is_start_pending = false;
        reader_.was_started = true;
        if (!state_.is_answer) return fill(event, EventKind::started, false);
        fill(event, EventKind::started, false, state_.has_item_id ? 0u : unsigned{response_item_id}, value_model);
        event.created = reader_.created;
    }
    void emit_item(Event& event) noexcept {
        state_.pending &= static_cast<uint8_t>(~State::pending_item);
        mark_delivered(log_once, log_item);
        fill(event, EventKind::output_item_added, true);
        reader_.values.decode(response_item_type);
        event.text = text_of(response_item_type);
    }
    void emit_call(Event& event) noexcept {
        state_.pending &= static_cast<uint8_t>(~State::pending_call);
        mark_delivered(log_once, log_call);
        fill(event, EventKind::tool_call, true, response_call_id, response_name);
        event.tool_index = event.output_index;
        if (!event.id.empty()) mark_delivered(log_once, log_call_id);
        const StringView type = text_of(response_item_type);  // "function_call", "custom_tool_call", "mcp_call"
        size_t size = 0;
        while (size != type.size() && type[size] != '_') ++size;
        event.text = type.take(size);
        if (type[0] != 'm') state_.has_calls = true;
    }
    bool emit_text(Event& event) noexcept {
        if (!reader_.text.next(reader_.quirk_counts)) return false;
        const TextOwner& owner = reader_.text.owner();
        fill(event, owner.kind, state_.role != TextRole::none);
        event.tool_index = owner.tool_index;
        event.text = reader_.text.piece();
        event.more = reader_.text.is_open();
        if (state_.role == TextRole::none) return true;
        const TextRoleRow& row = row_of(state_.role);
        if (row.name != no_name) {
            const char* const name = role_names + row.name;
            event.name = StringView(name, detail::words::length(name));
        }
        if (row.bit == log_part) event.content_index = part();
        return true;
    }
    void emit_source(Event& event) noexcept {
        state_.pending &= static_cast<uint8_t>(~State::pending_source);
        fill(event, EventKind::annotation, true, response_source_type, response_source_title, response_source_place);
        event.content_index = part();
        event.place.begin = state_.source_begin;
        event.place.end = state_.source_end;
    }
    void emit_item_done(Event& event) noexcept {
        state_.pending &= static_cast<uint8_t>(~State::pending_item_done);
        state_.is_item_over = false;
        mark_delivered(log_once, log_item_done);
        fill(event, EventKind::output_item_done, true, ignored, response_item_status, response_item_type);
    }
    // What is pending at an event's end.
    bool emit_end(Event& event) noexcept {
        const unsigned first = state_.pending & (0u - state_.pending);
        if (first == State::pending_finish && reader_.text.release(-1, reader_.quirk_counts)) {
            state_.role = TextRole::none;
            return emit_text(event);
        }
        state_.pending &= static_cast<uint8_t>(~first);
        if (first == State::pending_mark) {
            fill(event, EventKind::other, !state_.is_answer, ignored, response_event_type, response_status);
            event.content_index = state_.content_index;
            if (!event.name.data()) event.name = utf8::valid_beginning(type_);
        } else if (first == State::pending_finish) {
            emit_finish(event);
        } else if (first == State::pending_usage) {
            reader_.fill_usage(event);
            event.sequence_number = state_.sequence_number;
        } else {
            fill(event, EventKind::keepalive, false);
        }
        return true;
    }
    void emit_finish(Event& event) noexcept {
        reader_.seen_choices = reader_.finished_choices = 1;
        fill(event, EventKind::finish, false, ignored, response_status);
        if (!event.name.data()) event.name = StringView("completed", 9);
        event.finish_reason = reason_of(event.name);
        if (event.finish_reason == FinishReason::none) {
            event.finish_reason = FinishReason::other;
            reader_.quirk_counts.add(Quirk::unknown_finish_reason);
        }
    }
};

}  // namespace dialect

OPENAI_STREAM_END
