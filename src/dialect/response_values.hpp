#pragma once
// The texts and numbers of an event: where they are kept, and what is delivered of a text that is not there as a whole.
#include "../json/integer.hpp"
#include "response_emitter.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ResponseValues : public ResponseEmitter {
protected:
    static constexpr uint32_t source_values =
        bit_of(response_source_type) | bit_of(response_source_place) | bit_of(response_source_title);

    void look_up_type() noexcept {
        StringView type;
        reader().values.show(response_event_type, type);
        set_type(type);
    }
    void set_type(const StringView& type) noexcept {
        state_.meaning = dialect().meaning_of(type);
        state_.is_typed = true;
    }

    // A number, true or false is a text there. (The code of an error may be a number.)
    bool is_text_row() const noexcept {
        const unsigned target = target_of(*reader().paths.row());
        const bool is_text = target < target_count && (bit_of(target) & kept_texts) != 0;
        return is_text && reader().paths.row()->target != response_code;
    }
    // Returns false if what it means is not known, and it is not there as a whole.
    bool take_text() noexcept {
        const json::Scanner& token = reader().paths.token();
        const unsigned target = target_of(*reader().paths.row());
        const unsigned context = context_of_value();
        if (target == response_own_id) {
            if (!state_.has_item_id) reader().keep(response_item_id);
            return true;
        }
        if (target == object_name) {
            reader().keep(target);
            return true;
        }
        if (target >= target_count) return true;
        if ((bit_of(target) & kept_texts) == 0) {
            if (target == response_item_id) state_.has_item_id = true;
            if ((bit_of(target) & source_values) != 0 && has_error() && context == response_source) return true;
            if (target == response_item_status && has_error() && context == response_item) return true;
            reader().keep(target);
            if (target == response_event_type && !reader().is_whole) look_up_type();
            return true;
        }
        if (token.is_first()) {
            state_.key_role = role_of_key();
            if (token.is_complete() && reader().is_whole) {
                reader().keep(target);
                return true;
            }
            state_.text_context = static_cast<uint8_t>(context);
            assume_owner();
            const TextRole role = assumed_role_of(*reader().paths.row());
            assume_part(role);
            if (token.is_complete()) {
                if (role == TextRole::none && !says(says_failure_of_answer)) return true;  // an error's code is no text
                if (role > TextRole::unknown && passes_said_text(role)) return true;
                reader().keep(role == TextRole::unknown ? unsigned{response_untyped_text} : target);
                return true;
            }
            if (role == TextRole::unknown) return false;
            if (role != TextRole::none && reader().accepts(target) && claim(role)) {
                begin_text(role, reader().writable(token.begin()), true);
                reader().note_early(bit_of(target));
            }
        }
        if (reader().text.is_open()) reader().text.extend(token.end(), token.is_complete());
        return true;
    }
    // What the object is that the value belongs to.
    unsigned context_of_value() const noexcept {
        unsigned depth = reader().paths.depth(), context = skipped;
        while (depth != 0 && (context = reader().paths.context_at(--depth)) >= response_context_count) {
        }
        return context;
    }
    void take_number() noexcept {
        const unsigned target = reader().paths.row()->target;
        const json::Scanner& token = reader().paths.token();
        if (target == response_code) return reader().keep(value_error_code);
        if (target < value_count || target == error_status) return reader().keep(target);
        int64_t number = 0;
        if (!json::to_integer(token.begin(), token.end(), number)) return;
        if (reader().take_count(target, number)) return;
        const int32_t index = number < 0 || number >= INT32_MAX ? -1 : static_cast<int32_t>(number);
        if (target == created_at) reader().created = number;
        else if (target == response_sequence_number) state_.sequence_number = number;
        else if (target == response_output_index) set(state_.output_index, index);
        else if (target == response_content_index) set_part(index);
        else if (target == response_source_begin) state_.source_begin = index;
        else if (target == response_source_end) state_.source_end = index;
    }
    // A text may have left with another one.
    void set(int32_t& number, int32_t value) noexcept {
        if (state_.has_left && number >= 0 && number != value) late_key();
        number = value;
    }
    // The same of the part. A text that left with none has others before it, see assume_part().
    void set_part(int32_t value) noexcept {
        if (state_.has_left && state_.content_index < 0 && value >= 0 && has_parts(state_.role)) late_key();
        set(state_.content_index, value);
    }

    // A text that does not fit, and of which nobody knows what it is, cannot be delivered in pieces.
    void refuse_unknown_text() noexcept {
        const json::TableRow* const row = reader().pending_row;
        reader().is_unknown_text = false;
        if (!row || reader().paths.depth() == 0) return;
        const unsigned target = target_of(*row);
        if (target >= target_count || (bit_of(target) & kept_texts) == 0) return;
        state_.text_context = reader().paths.context_at(reader().paths.depth() - 1);
        state_.key_role = role_of_key();
        reader().is_unknown_text = state_.text_context == response_event && !is_known() &&
                                   assumed_role_of(*row) == TextRole::unknown;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
