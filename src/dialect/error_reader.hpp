#pragma once
// What tells that something failed, in whichever dialect: the signs of an error, and what is kept of it. When the text
// has been read, the rules of the dialect decide by them.
#include "../base/delay.hpp"
#include "errors.hpp"
#include "pending_events.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ErrorReader : public PendingEvents {
public:
    json::PathReader paths;

    // After `refused`: what the server said, see Failure; null data() where it said nothing.
    StringView value(Target target) const noexcept { return values.text(target); }
    // What an error asked to wait in its own words; 0: it did not say.
    uint32_t retry_after_ms() const noexcept { return wait_ms; }
    // The same after `failed`, for what had been read by then: makes it text.
    void decode_error() noexcept {
        for (unsigned target = value_error_message; target <= value_error_param; ++target)
            values.decode(target);
    }

    // A value says something. In a container of errors the sign is that container's, when it has ended. (A status
    // beside the choices may mean anything; in MiniMax's base_resp it is certain.)
    void note_error(unsigned target) noexcept {
        if (target == error_status && paths.depth() == 1) target = error_hint;
        note_sign(region != 0 && paths.depth() != 0 ? unsigned{says_something} : sign_of(target));
    }
    void note_sign(unsigned sign) noexcept { signs = static_cast<uint8_t>(signs | sign); }
    // A text or a number that may tell of an error: where it is kept; value_count: nowhere.
    unsigned take_of_error(unsigned target, StringView bytes) noexcept {
        if (target >= error_retry_after) {
            take_retry_after(target, bytes);
            return value_count;
        }
        if (target == object_name) {
            note_sign(sign_of_type(bytes) == names_error ? error_certain : names_event);
            return value_count;
        }
        const bool is_code = target == value_error_code || target == error_status;
        const ErrorSign meaning = meaning_of_error(bytes);
        if (meaning != says_failure && target != error_inner) {
            if (is_code && region != 0) note_sign(meaning);
            return bytes.empty() && target < error_hint ? target : unsigned{value_count};
        }
        if (is_code || target == value_error_type) {
            if (region != 0) note_sign(says_failure);
            else if (paths.depth() == 1 && paths.row()->key_size == 4 && !is_code) note_sign(sign_of_type(bytes));
        }
        note_error(target);
        if (target == error_status) return value_error_code;
        if (target < error_hint) return target;
        const bool is_message = target <= error_text || (target == error_other && is_first_of_list());
        return is_message ? value_error_message : value_count;
    }
    void take_retry_after(unsigned target, StringView bytes) noexcept {
        detail::to_delay_ms(bytes.begin(), bytes.end(), target == error_retry_after_ms, wait_ms);
    }
    bool is_first_of_list() const noexcept {
        return !paths.token().is_object_at(paths.depth() - 1) && values.is_empty(value_error_message);
    }
    // A container of errors was entered. Returns false if it is to be passed over: of a list the first that says
    // something counts.
    bool enter_error(const json::TableRow* row) noexcept {
        if (paths.context_at(0) == error_root && paths.depth() != 1) signs = error_certain;  // whatever it says
        if (row) {
            if (region == 0) {
                region = static_cast<uint8_t>(sign_of(row->target));
                error_depth = static_cast<uint8_t>(paths.depth() - 1);
            }
            return true;
        }
        return !paths.is_object() || values.is_empty(value_error_message) ||
               json::PathReader::depth_of(values.at(value_error_message).precedence) != paths.depth();
    }
    // A container has ended.
    void exit_error() noexcept {
        if (paths.depth() != error_depth) return;
        const bool is_success = (signs & (says_failure | says_success)) == says_success;
        if ((signs & says_something) != 0 && !is_success) note_sign(region);
        signs &= error_possible | error_certain | names_event | names_error;
        region = 0;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
