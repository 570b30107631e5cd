#pragma once
// How chunks of Chat Completions are read: what a token means to DocumentReader::read(). The tables are chat.hpp.
#include "../json/integer.hpp"
#include "document_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

struct ChatRules {
    static Outcome deliver(DocumentReader& reader, Event& event) noexcept {
        unsigned todo = 0;
        if (!detail::is_small_build && reader.is_idle(reader.permitted_now())) return Outcome::need_more;
        if (reader.next_event(event, reader.permitted_now(), todo)) return Outcome::event;
        if (todo != 0) read_deferred(reader, todo);
        return Outcome::need_more;
    }
    static void read_deferred(DocumentReader& reader, unsigned todo) noexcept {
        reader.read_deferred(todo, todo == todo_choices ? todo_of_choice : 0);
    }
    static json::StepKind next_step(DocumentReader& reader) noexcept { return reader.paths.next(); }
    static void wait(DocumentReader&) noexcept {}

    static Outcome finish(DocumentReader& reader) noexcept {
        if (is_failure(reader)) return Outcome::refused;
        if (reader.is_chunk || reader.has_usage) reader.was_understood = true;
        else reader.note(Quirk::unknown_event);
        // Once an answer has started, nobody reads its id, its model and its time.
        if (!detail::is_small_build)
            reader.learn({bit_of(value_id) | bit_of(value_model) | bit_of(created_at)}, StringView());
        return Outcome::end;
    }
    // An event that lacks a certain sign is an error if it is no good chunk and has another sign.
    static bool is_failure(const DocumentReader& reader) noexcept {
        if ((reader.signs & error_certain) != 0) return true;
        if (reader.has_choice || reader.has_usage) return false;
        const bool names = (reader.signs & names_error) != 0;
        return (reader.signs & ~names_error) == error_possible ||
               (!reader.values.is_empty(value_error_message) && (names || !reader.values.is_empty(value_error_code)));
    }

    // ---- values ----------------------------------------------------------------------------------------------------

    // A text is mostly a string. Cloudflare sends the token "5" as 5, and what is a word of JSON as that word.
    OPENAI_STREAM_OUTLINE static bool take_scalar(DocumentReader& reader, json::StepKind kind) noexcept {
        const json::Scanner& token = reader.paths.token();
        const unsigned target = reader.paths.row()->target;
        if (target >= created_at && target <= reasoning_tokens) {
            int64_t number = 0;
            if (kind == json::StepKind::number && json::to_integer(token.begin(), token.end(), number))
                take_number(reader, target, number);
            return reader.first_error != Error::none;
        }
        const bool is_text = (bit_of(target) & text_values) != 0;
        if (kind == json::StepKind::boolean && target != value_text && target != value_tool_arguments) {
            if (token.is_true()) reader.note_error(target);
        } else if (is_text && !(token.is_first() && token.is_complete())) {
            if (token.is_first()) reader.begin_early(target, reader.writable(token.begin()), true);
            if (reader.text.is_open()) reader.text.extend(token.end(), token.is_complete());
        } else {
            reader.keep(target);
        }
        if (is_text && kind != json::StepKind::text) {
            if (token.is_complete()) reader.note(Quirk::scalar_text);
        }
        return false;
    }
    // An index that contradicts what was delivered before it came is late_key.
    static void take_number(DocumentReader& reader, unsigned target, int64_t number) noexcept {
        if (reader.take_count(target, number)) return;
        const int32_t index = number < 0 || number >= INT32_MAX ? -1 : static_cast<int32_t>(number);
        bool is_late = false;
        if (target == created_at) {
            reader.created = number;
        } else if (target == choice_index) {
            const int32_t choice = index < 0 ? 0 : index;
            is_late = reader.choice_was_used && reader.choice != choice;
            reader.choice = choice;
        } else {
            is_late = reader.tool_was_used && reader.tool_index != index;
            reader.tool_index = index;
        }
        if (is_late) reader.fail(Error::late_key);
    }

    // ---- containers ------------------------------------------------------------------------------------------------

    static bool enter(DocumentReader& reader, Event&) noexcept {
        json::PathReader& paths = reader.paths;
        const json::TableRow* const row = paths.row();
        const unsigned context = paths.context();
        if (row && json::has(row->mode, json::ReadMode::raw)) {
            reader.enter_raw(row);
            reader.note(Quirk::arguments_object);
            return false;
        }
        const bool was_deferred = reader.take_jump();
        if (row && json::has(row->mode, json::ReadMode::deferred) && reader.is_whole && !was_deferred &&
            (context != chat_choice || !reader.was_started)) {  // the first text waits for the answer's id
            reader.defer(row, deferred_in(context));
            return false;
        }
        const bool is_error = context == error || context == error_root;
        if ((is_error && !reader.enter_error(row)) ||
            (!reader.is_whole && !begin_in_parts(reader, context, paths.is_object(), row != nullptr))) {
            paths.skip(nullptr);
            return false;
        }
        if (context == chat_choice) reader.is_chunk = true;
        if (paths.is_object()) begin_object(reader, context);
        return false;
    }

    OPENAI_STREAM_OUTLINE static bool exit(DocumentReader& reader, Event&) noexcept {
        const json::PathReader& paths = reader.paths;
        const json::TableRow* const row = paths.row();
        if (row && json::has(row->mode, json::ReadMode::raw)) {
            reader.leave_raw(row->target);
        } else if (row) {  // deferred; an empty one needs no reading
            if (reader.passed_over == deferred_in(chat_choice)) reader.is_chunk = true;
            const unsigned todo = 1u << reader.passed_over;
            reader.pending = static_cast<uint8_t>(reader.was_empty() ? reader.pending & ~todo : reader.pending | todo);
        } else {
            reader.exit_error();
            if (paths.is_object()) end_object(reader, paths.context());
            else if (!reader.is_whole) end_list(reader, paths.context());
            reader.leave_deferred();
        }
        return false;
    }

    static void begin_object(DocumentReader& reader, unsigned context) noexcept {
        reader.forget(values_of[context]);
        if (context == chat_root) {
            reader.pending = reader.deliverable = 0;
            reader.created = 0;
        } else if (context == chat_choice) {
            reader.pending &= static_cast<uint8_t>(~todo_of_choice);
            reader.deliverable &= static_cast<uint8_t>(~todo_of_choice);
            reader.choice = 0;
            reader.has_choice = true;
            reader.choice_was_used = reader.said_detail = false;
            reader.message = MessageUse::none;
        } else if (context == chat_tool_call) {
            reader.tool_index = -1;
            reader.tool_was_used = false;
        }
    }
    static void end_object(DocumentReader& reader, unsigned context) noexcept {
        if (context == chat_root) {
            // An id beside an error begins no answer: it is the name of a refusal.
            const uint32_t errors = bit_of(value_error_message) | bit_of(value_error_code);
            const bool is_named = !reader.values.is_empty(value_id) && reader.values.present(errors) == 0;
            if ((reader.pending & todo_choices) != 0 || is_named) reader.announce_start();
            reader.deliverable |= todo_of_root;
        }
        if (context < chat_choice || context > chat_delta) return;
        if (!reader.is_whole) reader.announce_start();
        if (context == chat_choice) return end_choice(reader);
        if (context == chat_message) return reader.is_whole ? let_texts_leave(reader) : void();
        uint32_t targets = values_of[context];
        if (context == chat_part) {
            targets &= ~bit_of(value_tool_type);
            if (reader.value(value_tool_type) == StringView("reasoning", 9) &&
                reader.values.present(bit_of(value_text)) != 0)
                reader.values.move(value_text, value_reasoning);
        }
        reader.ready = reader.values.present(targets);
        if (context == chat_tool_call && reader.ready == 0 && (reader.early & tool_values) == 0)
            reader.ready = bit_of(value_tool_type);
        if (reader.ready == 0) return;
        if (!reader.is_whole) reader.choice_was_used = true;
        if (context == chat_reasoning_detail) reader.said_detail = true;
    }

    // The choice being read has said something in this event.
    static bool has_said(const DocumentReader& reader) noexcept {
        const unsigned lists = reader.pending & (todo_parts | todo_tools | todo_details);
        return reader.choice_was_used || (reader.values.filled(part_values) | lists) != 0;
    }
    OPENAI_STREAM_INLINE static void end_choice(DocumentReader& reader) noexcept {
        const uint32_t bit = reader.choice_bit();
        const bool has_deltas = (reader.delta_choices & bit) != 0;
        if ((reader.seen_choices & bit) != 0 && reader.values.present(bit_of(value_role)) != 0)
            reader.note(Quirk::role_again);
        reader.seen_choices |= bit;
        // The index may have come after the message.
        if (reader.message != MessageUse::read && has_said(reader)) reader.delta_choices |= bit;
        else if (reader.message == MessageUse::read && has_deltas) reader.values.forget(part_values);
        else if (reader.message == MessageUse::passed_over && !has_deltas) reader.fail(Error::late_key);
        if ((reader.delta_choices & bit) != 0) {
            if ((reader.pending & todo_message) != 0) reader.note(Quirk::message_beside_delta);
            reader.pending &= static_cast<uint8_t>(~todo_message);
        }
        if ((reader.pending & todo_message) == 0) let_texts_leave(reader);
        if (!reader.values.is_empty(value_finish_reason)) reader.pending |= todo_finish;
        reader.deliverable |= todo_of_choice;
    }
    // Those of the choice, or those of its message in place of them.
    static void let_texts_leave(DocumentReader& reader) noexcept {
        if (!reader.values.is_empty(value_reasoning))  // the same once more
            reader.pending &= static_cast<uint8_t>(~todo_details);
        reader.ready = reader.values.present(choice_values);
        if (!reader.is_whole && reader.ready != 0) reader.choice_was_used = true;
    }

    // ---- in an event that is read in parts -------------------------------------------------------------------------

    // A container begins. Returns false if it is to be passed over.
    OPENAI_STREAM_OUTLINE static bool begin_in_parts(DocumentReader& reader, unsigned context, bool is_object,
                                                     bool is_member) noexcept {
        const bool is_details = context == chat_reasoning_detail;
        if (is_details || context == chat_part) return !is_member || begin_parts(reader, is_details);
        if (!is_object) return true;
        return context == chat_message ? begin_message(reader) : context != chat_delta || begin_delta(reader);
    }

    // Lists of parts: each part leaves when it has ended, and its texts lie where those of the delta around it do. So
    // these leave first. Returns false if the list is to be passed over: details of reasoning that are known by another
    // key.
    static bool begin_parts(DocumentReader& reader, bool is_details) noexcept {
        if (is_details && (!reader.values.is_empty(value_reasoning) || !reader.accepts(value_reasoning))) return false;
        const uint32_t texts = reader.values.present(part_values);
        if (texts != 0) reader.note_early(texts);
        reader.ready = texts;
        reader.early_around = reader.early;
        return true;
    }
    static void end_list(DocumentReader& reader, unsigned context) noexcept {
        const bool is_details = context == chat_reasoning_detail;
        if (is_details || context == chat_part) reader.early |= reader.early_around;
        if (is_details && reader.said_detail) reader.early |= bit_of(value_reasoning);  // another key says the same
    }

    // Servers that stream send `delta`; some also send `message`, which repeats all of the answer so far. Text must be
    // delivered once, so of each choice one of the two counts: `delta`, as soon as one has said something (a text or a
    // call; Perplexity's answers that are not streamed have an empty one). An event that is there as a whole is asked
    // when its choice has ended. In an event that is read in parts, the first of the two that says something counts.
    // Returns false if it is to be passed over.
    static bool begin_message(DocumentReader& reader) noexcept {
        if (has_said(reader)) return false;
        const bool has_deltas = (reader.delta_choices & reader.choice_bit()) != 0;
        reader.message = has_deltas ? MessageUse::passed_over : MessageUse::read;
        if (has_deltas) reader.note(Quirk::message_beside_delta);
        return !has_deltas;
    }
    static bool begin_delta(DocumentReader& reader) noexcept {
        if (reader.message != MessageUse::read) return true;
        reader.message = MessageUse::none;  // what the choice has said counts as its delta's
        return !has_said(reader);
    }
};

// Dialect::next of chat.
inline Outcome next_of_chat(DocumentReader& reader, Event& event, const Dialect&, const StringView&) noexcept {
    return (reader.read)(ChatRules(), event);
}

}  // namespace dialect

OPENAI_STREAM_END
