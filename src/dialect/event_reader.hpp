#pragma once
// JSON texts to events, by a dialect's tables. What belongs to one object (a choice, a tool call) is handed out when
// that object has ended, so that the order of keys does not matter. A text that is not there as a whole (it does not
// fit into the buffer) is handed out while it arrives.
#include "../json/integer.hpp"
#include "../base/delay.hpp"
#include "errors.hpp"
#include "learned_shape.hpp"
#include "outbox.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class EventReader {
public:
    constexpr EventReader() noexcept = default;

    // Memory in which the shape of events may be kept (see LearnedShape); not owned.
    void use(Buffer memory) noexcept {
        if (!is_small_build) shape_.use(memory);
    }

    // Memory for a dialect that needs some; not owned. No shape is kept then.
    void lend(Buffer memory) noexcept { shape_.use(memory); }
    Buffer memory() const noexcept { return shape_.memory(); }

    // A JSON text begins, to be read in the context `root`: [at, end), writable, since strings are decoded where they
    // lie. is_whole: that is all of it. Otherwise show() more when next() asks for it.
    void begin(const Dialect& dialect, ContextId root, char* at, char* end, bool is_whole) noexcept {
        out_.begin(is_whole);
        is_whole_ = is_last_ = is_whole;
        signs_ = error_depth_ = 0;
        region_ = root == error_root ? error_certain : 0;
        is_chunk_ = is_raw_ = is_jumping_ = is_unknown_text_ = false;
        if (!is_small_build) {
            begin_ = at;
            plain_text_ = StringView();
            is_matched_ = is_whole && root == dialect.root && match(at, end);
            if (is_matched_) return;
        }
        paths_.begin(dialect.contexts, root, root == error_root ? &error_scalar : nullptr);
        paths_.show(at, end);
        return_count_ = 0;
        raw_begin_ = nullptr;
        pending_row_ = nullptr;
    }

    // The text from unread() on, which may have moved, and what has come behind it. is_last: the text ends there.
    void show(char* at, char* end, bool is_last) noexcept {
        const ptrdiff_t distance = at - unread();
        if (out_.text.is_open()) out_.text.rebase(at);
        if (raw_begin_) raw_begin_ += distance;
        paths_.show(this->at() + distance, end);
        is_last_ = is_last;
    }
    // What lies before it is not needed any more, but for the values that pack_values() moves.
    char* unread() const noexcept {
        return out_.text.is_open() ? out_.text.unread() : raw_begin_ ? raw_begin_ : at();
    }
    const char* shown_end() const noexcept { return paths_.limit(); }

    // Of a dialect that has a function of its own for it, Dialect::next, that one is to be called.
    Outcome next(Event& event) noexcept { return read_next(*this, event, nullptr, nullptr); }

    // What was held back of a text and has found no other half. To be called when the answer has ended.
    bool flush(Event& event) noexcept { return out_.release_half(event, -1); }

    OPENAI_STREAM_INLINE Outcome run(Event& event) noexcept {
        while (true) {
            unsigned todo = 0;
            const unsigned allowed = return_count_ == 0 ? ~0u : returns_[return_count_ - 1].allowed;
            if (out_.next(event, allowed, todo)) return Outcome::event;
            if (!is_small_build && is_matched_) return Outcome::end;
            if (todo != 0) {
                read_deferred(todo);
                continue;
            }
            json::StepKind step = paths_.next();
            while (!is_small_build && is_whole_ && step <= json::StepKind::number && step >= json::StepKind::text) {
                // It is kept until its object has ended: no event comes of it now.
                if (!take_scalar(step)) return fail(Error::late_key);
                step = paths_.next();
            }
            switch (step) {
                case json::StepKind::text:
                case json::StepKind::number:
                case json::StepKind::boolean:
                    if (!take_scalar(step)) return fail(Error::late_key);
                    break;
                case json::StepKind::enter: enter(); break;
                case json::StepKind::leave: leave(); break;
                case json::StepKind::failed: return fail(paths_.token().error());
                case json::StepKind::need_more:
                    if (is_raw_ && out_.text.end() != at()) {
                        out_.text.extend(at(), false);
                        break;
                    }
                    pending_row_ = paths_.row();
                    if (!is_last_) return Outcome::need_more;
                    if (!pending_row_ || paths_.depth() != 0) return finish();
                    paths_.accept_piece();  // only its end shows that an outermost number is whole
                    break;
            }
        }
    }

    // After `refused`: what the server said, see Failure; null data() where it said nothing.
    StringView value(Target target) const noexcept { return out_.values.text(target); }
    // What an error asked to wait in its own words; 0: it did not say.
    uint32_t retry_after_ms() const noexcept { return retry_after_ms_; }
    // The same after `failed`, for what had been read by then: makes it text.
    void decode_error() noexcept {
        for (unsigned target = value_error_message; target <= value_error_param; ++target)
            out_.values.decode(static_cast<Target>(target));
    }

    // Moves the values that are still needed to `into` and on; none lies before it. Returns their new end.
    char* pack_values(char* into) noexcept { return out_.values.pack(into); }

    // After need_more, when there is no room for more: hands out, while it arrives, what was kept for the end of its
    // object, or cuts an error's message. What its object has not said yet is taken to be absent. False: nothing can be
    // done.
    bool press() noexcept {
        if (out_.press()) return true;
        if (raw_begin_) {
            out_.begin_early(value_tool_arguments, raw_begin_, false);
            raw_begin_ = nullptr;
            is_raw_ = out_.text.is_open();
        } else if (pending_row_ && json::has(pending_row_->take, json::Take::pieces) && !is_unknown_text_) {
            paths_.accept_piece();
        } else {
            return out_.values.shorten(value_error_message);
        }
        return true;
    }
    // The key of the value that did not fit; static.
    StringView pending_key() const noexcept {
        return pending_row_ ? StringView(pending_row_->key, pending_row_->key_size) : StringView();
    }

    Error error() const noexcept { return error_; }
    bool ended_early() const noexcept { return ended_early_; }  // after `failed`: what was there was valid
    Quirks& quirks() noexcept { return out_.quirks; }
    const Quirks& quirks() const noexcept { return out_.quirks; }
    bool is_finished() const noexcept { return out_.is_finished(); }
    bool has_started() const noexcept { return out_.was_started(); }
    // An event of this answer had something that the dialect knows: choices, or counted tokens. (What else could be
    // read may be of another API.)
    bool has_understood() const noexcept { return has_understood_; }
    bool has_choices() const noexcept { return out_.has_choices(); }

private:
    friend class Extras;
    friend class ResponseReader;

    // A container passed over, to be read when its object has ended.
    struct Deferred {
        char* begin = nullptr;
        const json::Row* row = nullptr;
    };
    // The number of its bit.
    static unsigned id_of_todo(unsigned todo) noexcept {
        unsigned id = 0;
        while ((todo >>= 1) != 0) ++id;
        return id;
    }
    // Where to go on when a deferred container has been read.
    struct Return {
        char* at = nullptr;
        uint8_t depth = 0;
        uint8_t state = 0;    // of the scanner
        uint8_t allowed = 0;  // of Todo: what may leave while it is read
    };
    static constexpr unsigned max_returns = 3;  // the choices, the message of one of them, and parts or tools of it
    static constexpr uint32_t max_cut_message = 1024;  // bytes kept of an error message that does not fit

    char* at() const noexcept { return writable(paths_.at()); }
    static char* writable(const char* text) noexcept { return const_cast<char*>(text); }  // begin() was given char*
    Outcome fail(Error error) noexcept {
        error_ = error;
        return Outcome::failed;
    }

    // The event has the learned shape: its text is all it says.
    bool match(char* at, char* end) noexcept {
        const LearnedShape::Match text = shape_.match(at, end);
        if (!text.begin) return false;
        out_.text.begin(shape_.owner(), writable(text.begin), true);
        out_.text.extend(text.end, true);
        if (text.is_plain) out_.text.set_plain();
        return true;
    }

    Outcome finish() noexcept {
        ended_early_ = !paths_.finish();
        if (ended_early_) return fail(Error::bad_json);
        if (is_failure()) {
            decode_error();
            return Outcome::refused;
        }
        out_.values.forget(error_values);  // their bytes may go away now
        if (is_chunk_ || out_.has_usage()) has_understood_ = true;
        else out_.quirks.add(Quirk::unknown_event);
        if (!is_small_build && plain_text_.data() && out_.event_count() == 1 && !out_.took_message() &&
            out_.text.end() == plain_text_.end())
            shape_.learn(out_.text.owner(), {begin_, static_cast<size_t>(paths_.limit() - begin_)}, plain_text_,
                         paths_.ignored());
        return Outcome::end;
    }

    // ---- values ----------------------------------------------------------------------------------------------------

    // A text is mostly a string. Cloudflare sends the token "5" as 5, and what is a word of JSON as that word. Returns
    // false if it contradicts what was delivered.
    bool take_scalar(json::StepKind kind) noexcept {
        const json::Scanner& token = paths_.token();
        const unsigned target = paths_.row()->target;
        if (target >= created_at && target <= reasoning_tokens) {
            int64_t number = 0;
            return kind != json::StepKind::number || !json::to_integer(token.begin(), token.end(), number) ||
                   out_.take_number(target, number);
        }
        const bool is_text = (bit_of(target) & text_values) != 0;
        if (kind == json::StepKind::boolean && target != value_text && target != value_tool_arguments) {
            if (token.is_true()) note_error(target);
        } else if (is_text && !(token.is_first() && token.is_complete())) {
            if (token.is_first()) out_.begin_early(target, writable(token.begin()), true);
            if (out_.text.is_open()) out_.text.extend(token.end(), token.is_complete());
        } else {
            keep(target);
        }
        if (is_text && kind != json::StepKind::text) {
            if (token.is_complete()) out_.quirks.add(Quirk::scalar_text);
            if (!is_small_build) plain_text_ = StringView();
        }
        return true;
    }
    void keep(unsigned target) noexcept {
        const json::Scanner& token = paths_.token();
        if (!token.is_first()) return;  // of a cut message only the beginning is kept
        const StringView bytes = token.is_complete() ? paths_.text() : paths_.text().take(max_cut_message);
        if (target >= value_error_message) target = take_of_error(target, bytes);
        if (target >= value_count || !out_.accepts(target)) return;
        const bool is_only = out_.values.present(bit_of(target)) == 0;
        Value value(writable(bytes.data()), bytes.end(), paths_.rank());
        value.plain = !token.has_escape() && !token.is_above_ascii();
        out_.values.keep(target, value);
        if (!is_small_build && (bit_of(target) & text_values) != 0)
            plain_text_ = value.plain && is_whole_ && is_only ? bytes : StringView();
    }

    // ---- errors ----------------------------------------------------------------------------------------------------

    // A value says something. In a container of errors the sign is that container's, when it has ended. (A status
    // beside the choices may mean anything; in MiniMax's base_resp it is certain.)
    void note_error(unsigned target) noexcept {
        if (target == error_status && paths_.depth() == 1) target = error_hint;
        note_sign(region_ != 0 && paths_.depth() != 0 ? unsigned{says_something} : sign_of(target));
    }
    void note_sign(unsigned sign) noexcept { signs_ = static_cast<uint8_t>(signs_ | sign); }
    // A text or a number that may tell of an error: where it is kept; value_count: nowhere.
    unsigned take_of_error(unsigned target, StringView bytes) noexcept {
        if (target == object_name) {
            if (bytes == StringView("error", 5)) note_sign(error_certain);
            if (bytes == StringView("chat.completion.chunk", 21)) note_sign(names_event);
            return value_count;
        }
        if (target >= error_retry_after) {
            uint32_t delay_ms = 0;
            if (paths_.token().is_complete() &&
                to_delay_ms(bytes.begin(), bytes.end(), target == error_retry_after_ms, delay_ms))
                retry_after_ms_ = delay_ms;
            return value_count;
        }
        const ErrorSign meaning = meaning_of_error(bytes);
        const bool is_code = target == value_error_code || target == error_status;
        if (region_ != 0 && (is_code || (target == value_error_type && meaning == says_failure))) note_sign(meaning);
        // (Not error_type: that is an error's.)
        if (target == value_error_type && paths_.depth() == 1 && paths_.row()->key_size == 4 && !is_error_type(bytes))
            note_sign(names_event);
        if (target == error_inner || meaning == says_failure) {
            note_error(target);
            if (target < error_hint) return target;
            if (target == error_status) return value_error_code;
            if (target <= error_text || (target == error_other && is_first_of_list())) return value_error_message;
        } else if (target < error_hint && bytes.empty()) {
            return target;
        }
        return value_count;
    }
    bool is_first_of_list() const noexcept {
        return !paths_.token().is_object_at(paths_.depth() - 1) && out_.values.is_empty(value_error_message);
    }
    // A container of errors was entered. Returns false if it is to be passed over: of a list the first that says
    // something counts.
    bool enter_error(const json::Row* row) noexcept {
        if (region_ == 0 && row) {
            region_ = static_cast<uint8_t>(sign_of(row->target));
            error_depth_ = static_cast<uint8_t>(paths_.depth() - 1);
        }
        if (paths_.context_at(0) == error_root && paths_.depth() != 1) signs_ = error_certain;  // whatever it says
        return row || !paths_.is_object() || out_.values.is_empty(value_error_message) ||
               out_.values.at(value_error_message).rank >> 8 != json::PathReader::max_known_depth - paths_.depth();
    }
    // A container has ended.
    void leave_error() noexcept {
        if (paths_.depth() != error_depth_) return;
        const bool is_success = (signs_ & (says_failure | says_success)) == says_success;
        if ((signs_ & says_something) != 0 && !is_success) note_sign(region_);
        signs_ &= error_possible | error_certain | names_event;
        region_ = 0;
    }
    // An event that lacks a certain sign is an error if it is no good chunk and has another sign.
    bool is_failure() const noexcept {
        if ((signs_ & error_certain) != 0) return true;
        if (out_.has_choice() || out_.has_usage()) return false;
        return signs_ == error_possible || (!out_.values.is_empty(value_error_message) &&
                               (!out_.values.is_empty(value_error_code) ||
                                value(value_error_type) == StringView("error", 5)));
    }

    void enter() noexcept {
        const json::Row* const row = paths_.row();
        const unsigned context = paths_.context();
        if (row && json::has(row->take, json::Take::raw)) {
            paths_.skip(row);
            raw_begin_ = at() - 1;
            return;
        }
        const bool was_deferred = is_jumping_;
        is_jumping_ = false;
        if (row && json::has(row->take, json::Take::deferred) && is_whole_ && !was_deferred) {
            const unsigned id = deferred_in(context);
            if (context != chat_choice || !out_.was_started()) {  // the first text waits for the answer's id
                deferred_[id] = {at() - 1, row};
                passed_over_ = static_cast<uint8_t>(id);
                paths_.skip(row);
                return;
            }
        }
        if ((context == dialect::error || context == error_root) && !enter_error(row)) {
            paths_.skip(nullptr);
            return;
        }
        if (context == chat_choice) is_chunk_ = true;
        if (!is_whole_ && !out_.begin_in_parts(context, paths_.is_object(), row != nullptr)) {
            paths_.skip(nullptr);
            return;
        }
        if (paths_.is_object()) out_.begin_object(context);
    }

    void leave() noexcept {
        const json::Row* const row = paths_.row();
        if (row && !json::has(row->take, json::Take::raw)) {  // deferred
            if (passed_over_ == deferred_in(chat_choice)) is_chunk_ = true;
            out_.owe(1u << passed_over_, is_empty_list(deferred_[passed_over_].begin));
            return;
        }
        if (row) {  // a value taken as raw JSON
            if (is_raw_) {
                out_.text.extend(paths_.token().end(), true);
            } else if (raw_begin_ && out_.accepts(row->target)) {
                Value value(raw_begin_, paths_.token().end(), paths_.rank());
                value.raw = true;
                out_.values.keep(row->target, value);
            }
            is_raw_ = false;
            raw_begin_ = nullptr;
            return;
        }
        leave_error();
        if (paths_.is_object()) out_.end_object(paths_.context());
        else if (!is_whole_) out_.end_list(paths_.context());
        if (return_count_ != 0 && paths_.depth() == returns_[return_count_ - 1].depth) {
            const Return& to = returns_[--return_count_];
            paths_.show(to.at, paths_.limit());
            paths_.resume(to.state);
            out_.end_deferred();
        }
    }
    // The list that begins at `at`. Of one that is not there to its end false.
    bool is_empty_list(const char* at) const noexcept {
        do ++at;
        while (at != paths_.limit() && static_cast<unsigned char>(*at) <= ' ');
        return at != paths_.limit() && *at == ']';
    }

    // Reads a container that was passed over; then leave() goes on where this was called.
    void read_deferred(unsigned todo) noexcept {
        const Deferred& container = deferred_[id_of_todo(todo)];
        Return& to = returns_[return_count_++];
        to.at = at();
        to.depth = static_cast<uint8_t>(paths_.depth());
        to.state = paths_.read_again(container.row);
        to.allowed = todo == todo_choices ? todo_of_choice : 0;
        paths_.show(container.begin, paths_.limit());
        is_jumping_ = true;
    }

    // In this order small machines reach them with short instructions.
    Error error_ = Error::none;
    uint8_t return_count_ = 0;
    uint8_t passed_over_ = 0;  // the last of deferred_
    bool is_whole_ = false;
    bool is_last_ = false;
    bool is_matched_ = false;   // the event has the learned shape
    bool is_unknown_text_ = false;  // what is pending is a text, but nothing tells of what
    bool is_raw_ = false;       // a raw value is being handed out while it arrives
    bool is_jumping_ = false;   // the container entered next was deferred and is read now
    bool is_chunk_ = false;     // choices were seen
    uint8_t signs_ = 0;         // of ErrorSign
    uint8_t region_ = 0;        // the sign of what stands in the container of errors being read; 0: it has none
    uint8_t error_depth_ = 0;   // around that container
    bool ended_early_ = false;
    bool has_understood_ = false;  // of the answer
    json::PathReader paths_;
    char* raw_begin_ = nullptr;
    const json::Row* pending_row_ = nullptr;  // whose value has begun and is not there as a whole
    uint32_t retry_after_ms_ = 0;
    Deferred deferred_[max_deferred] = {};
    Return returns_[max_returns] = {};
    Outbox out_;
    char* begin_ = nullptr;
    StringView plain_text_;  // the last text read, when it was all there and needed no decoding
    LearnedShape shape_;
};

inline Outcome read_next(EventReader& reader, Event& event, const Dialect*, const void*) noexcept {
    return reader.run(event);
}

}  // namespace dialect

OPENAI_STREAM_END
