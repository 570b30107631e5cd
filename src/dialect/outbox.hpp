#pragma once
// What has been read and is owed to the user: values of the object being read, texts on their way, and the order in
// which they leave.
#include "text_pieces.hpp"
#include "value_store.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// What an object owes behind its values, in this order: its deferred containers have to be read, then it ends.
enum Todo : uint8_t {
    todo_choices = 1,
    todo_message = 2,  // before the others: what it says becomes the choice's own, see Outbox::end_choice()
    todo_parts = 4,
    todo_tools = 8,
    todo_details = 16,  // of reasoning
    todo_finish = 32,
    todo_usage = 64,
};
constexpr unsigned max_deferred = 5;  // kinds of containers: their bits are the first
constexpr unsigned todo_containers = (1u << max_deferred) - 1;
// The container that is read in this context, as the number of its bit.
constexpr unsigned deferred_in(unsigned context) noexcept { return context - chat_choice; }
static_assert(1u << deferred_in(chat_choice) == todo_choices && 1u << deferred_in(chat_message) == todo_message &&
                  1u << deferred_in(chat_part) == todo_parts && 1u << deferred_in(chat_tool_call) == todo_tools &&
                  1u << deferred_in(chat_reasoning_detail) == todo_details,
              "the contexts stand in the order of Todo");
constexpr unsigned todo_of_choice = todo_parts | todo_tools | todo_message | todo_details | todo_finish;
constexpr unsigned todo_of_root = todo_choices | todo_usage;

class Outbox {
public:
    constexpr Outbox() noexcept = default;

    // A text of the dialect begins. is_whole: all of it is in the buffer.
    void begin(bool is_whole) noexcept {
        is_whole_ = is_whole;
        values.clear();
        ready_ = early_ = 0;
        announce_ = owed_ = due_ = 0;
        event_count_ = 0;
        has_usage_ = has_choice_ = awaits_message_ = took_message_ = false;
    }

    // ---- while an object is read -------------------------------------------------------------------------------

    OPENAI_STREAM_NOINLINE void begin_object(unsigned context) noexcept {
        forget(values_of[context]);
        if (context == chat_root) {
            owed_ = due_ = 0;
            created_ = 0;
        } else if (context == chat_choice) {
            owed_ &= static_cast<uint8_t>(~todo_of_choice);
            due_ &= static_cast<uint8_t>(~todo_of_choice);
            choice_ = 0;
            has_choice_ = true;
            choice_was_used_ = said_detail_ = false;
            message_ = MessageUse::none;
        } else if (context == chat_tool_call) {
            tool_index_ = -1;
            tool_was_used_ = false;
        }
    }
    void end_object(unsigned context) noexcept {
        if (context == chat_root) {
            // An id beside an error begins no answer: it is the name of a refusal.
            const uint32_t errors = bit_of(value_error_message) | bit_of(value_error_code);
            const bool is_named = !values.is_empty(value_id) && values.present(errors) == 0;
            if ((owed_ & todo_choices) != 0 || is_named) announce_start();
            due_ |= todo_of_root;
        }
        if (context < chat_choice || context > chat_delta) return;
        if (!is_whole_) announce_start();
        if (context == chat_choice) return end_choice();
        if (context == chat_part && values.text(value_tool_type) == StringView("reasoning", 9) &&
            values.present(bit_of(value_text)) != 0)
            values.move(value_text, value_reasoning);
        ready_ = values.present(values_of[context] & ~(context == chat_part ? bit_of(value_tool_type) : 0));
        if (context == chat_tool_call && ready_ == 0 && (early_ & tool_values) == 0) {
            ready_ = bit_of(value_tool_type);
        }
        if (!is_whole_ && ready_ != 0) choice_was_used_ = true;
        if (context == chat_reasoning_detail && ready_ != 0) said_detail_ = true;
    }
    // A container was put off until its object has ended; or there was an empty one, which needs no reading.
    void owe(unsigned container, bool is_empty) noexcept {
        owed_ = static_cast<uint8_t>(is_empty ? owed_ & ~container : owed_ | container);
    }

    // A container begins in an event that is read in parts. Returns false if it is to be passed over.
    OPENAI_STREAM_OUTLINE bool begin_in_parts(unsigned context, bool is_object, bool is_member) noexcept {
        const bool is_details = context == chat_reasoning_detail;
        if (is_details || context == chat_part) return !is_member || begin_parts(is_details);
        if (!is_object) return true;
        return context == chat_message ? begin_message() : context != chat_delta || begin_delta();
    }

    // ---- lists of parts, in an event that is read in parts ---------------------------------------------------------
    //
    // Each part leaves when it has ended, and its texts lie where those of the delta around it do. So these leave
    // first.

    // Returns false if the list is to be passed over: details of reasoning that are known by another key.
    bool begin_parts(bool is_details) noexcept {
        if (is_details && (!values.is_empty(value_reasoning) || !accepts(value_reasoning))) return false;
        const uint32_t texts = values.present(part_values);
        if (texts != 0) hand_out_early(texts);
        ready_ = texts;
        early_around_ = early_;
        return true;
    }
    OPENAI_STREAM_OUTLINE void end_list(unsigned context) noexcept {
        const bool is_details = context == chat_reasoning_detail;
        if (is_details || context == chat_part) early_ |= early_around_;
        if (is_details && said_detail_) early_ |= bit_of(value_reasoning);  // another key for it says the same
    }

    // ---- a message among deltas ----------------------------------------------------------------------------------
    //
    // Servers that stream send `delta`; some also send `message`, which repeats all of the answer so far. Text must be
    // delivered once, so of each choice one of the two counts: `delta`, as soon as one has said something (a text or a
    // call; Perplexity's answers that are not streamed have an empty one). An event that is there as a whole is asked
    // when its choice has ended. Of one that is read in parts the first of the two counts that says something.

    // Of an event read in parts. False: it is to be passed over.
    bool begin_message() noexcept {
        if (has_said()) return false;
        message_ = (delta_choices_ & choice_bit()) != 0 ? MessageUse::passed_over : MessageUse::read;
        return message_ == MessageUse::read;
    }
    bool begin_delta() noexcept {
        if (message_ != MessageUse::read && message_ != MessageUse::read_as_delta) return true;
        if ((delta_choices_ & choice_bit()) != 0) values.forget(part_values);  // the index came between them
        message_ = has_said() ? MessageUse::read_as_delta : MessageUse::none;
        return message_ == MessageUse::none;
    }

    // A container that was put off has been read.
    void end_deferred() noexcept {
        if (!awaits_message_) return;
        awaits_message_ = false;
        let_choice_leave();
    }
    bool took_message() const noexcept { return took_message_; }  // in this text of the dialect, of some choice

    // False when the number contradicts what was handed out before it came.
    OPENAI_STREAM_OUTLINE bool take_number(unsigned target, int64_t number) noexcept {
        const int32_t index = number < 0 || number >= INT32_MAX ? -1 : static_cast<int32_t>(number);
        if (target == created_at) {
            created_ = number;
        } else if (target == choice_index) {
            const int32_t choice = index < 0 ? 0 : index;
            if (choice_was_used_ && choice_ != choice) return false;
            choice_ = choice;
            const bool has_deltas = (delta_choices_ & choice_bit()) != 0;
            if (message_ == (has_deltas ? MessageUse::read_as_delta : MessageUse::passed_over)) return false;
        } else if (target == tool_index) {
            if (tool_was_used_ && tool_index_ != index) return false;
            tool_index_ = index;
        } else {
            take_count(target, number);
        }
        return true;
    }
    bool has_usage() const noexcept { return has_usage_; }
    bool has_choice() const noexcept { return has_choice_; }  // this text of the dialect has an object of a choice

    // Whether a value for the target still counts: not when one was handed out early.
    bool accepts(unsigned target) const noexcept { return (early_ & bit_of(target)) == 0; }

    // Before anything else is handed out, the answer's id and model are.
    void announce_start() noexcept {
        if (!was_started_) announce_ |= announced_start;
    }
    bool was_started() const noexcept { return was_started_; }

    // ---- texts that leave before their object has ended --------------------------------------------------------

    // Those kept so far. False: there are none.
    bool press() noexcept {
        const uint32_t texts = values.present(text_values);
        if (texts == 0) return false;
        ready_ = texts;
        if ((texts & bit_of(value_tool_arguments)) != 0) ready_ |= values.present(call_values);
        hand_out_early(texts);
        return true;
    }
    // One that is not there as a whole. Of several for one target the first counts.
    void begin_early(unsigned target, char* at, bool escapes) noexcept {
        if (!accepts(target)) return;
        hand_out_early(bit_of(target));
        if (target == value_tool_arguments && values.present(call_values) != 0) announce_ |= announced_tool_call;
        text.begin(owner_of(target), at, escapes);
    }

    // ---- handing out -------------------------------------------------------------------------------------------

    // The next event, of what may leave now: of the todos, those in `allowed`. False: nothing; then `todo` is a
    // container to be read, or 0.
    bool next(Event& event, unsigned allowed, unsigned& todo) noexcept {
        todo = 0;
        while (true) {
            if (OPENAI_STREAM_UNLIKELY(announce_ != 0)) {
                announce(event);
                return true;
            }
            if (text.is_open() && emit_text(event)) return true;
            if (ready_ != 0) {
                if (emit_ready(event)) return true;
                continue;
            }
            const unsigned left = owed_ & due_ & allowed;
            todo = left & (0u - left);  // the first
            if (todo == 0 || (todo == todo_finish && release_half(event, choice_))) return todo != 0;
            owed_ = static_cast<uint8_t>(owed_ & ~todo);
            if ((todo & todo_containers) != 0) return false;
            emit_end(event, todo);
            return true;
        }
    }

    // One half of a surrogate pair, of `choice` or of any (-1), whose other half never came.
    bool release_half(Event& event, int32_t choice) noexcept {
        return text.release(choice, quirks) && emit_text(event);
    }

    bool has_choices() const noexcept { return seen_choices_ != 0; }
    // Every choice seen has ended with a finish_reason, and there was one.
    bool is_finished() const noexcept { return seen_choices_ != 0 && finished_choices_ == seen_choices_; }
    // Events handed out of this text of the dialect. (Not counted where size counts more than speed.)
    unsigned event_count() const noexcept { return event_count_; }

private:
    friend class Extras;
    friend class ResponseReader;
    static_assert(sizeof(Usage) == (reasoning_tokens - prompt_tokens + 1) * sizeof(int64_t), "a count for each target");
    // Of an event read in parts, what became of the message of the choice being read.
    enum class MessageUse : uint8_t {
        none,           // there is none, or it counts no more
        read,           // what the choice has said is its message's
        read_as_delta,  // the same, and a delta was passed over for it
        passed_over,    // the choice has had deltas
    };
    enum Announced : uint8_t { announced_start = 1, announced_tool_call = 2 };

    void forget(uint32_t targets) noexcept {
        values.forget(targets);
        early_ &= ~targets;
    }
    // The choice being read has said something in this event.
    bool has_said() const noexcept {
        const unsigned lists = owed_ & (todo_parts | todo_tools | todo_details);
        return choice_was_used_ || (values.filled(part_values) | lists) != 0;
    }
    void end_choice() noexcept {
        seen_choices_ |= choice_bit();
        if (message_ == MessageUse::read && (delta_choices_ & choice_bit()) != 0) values.forget(part_values);
        if (message_ != MessageUse::read && has_said()) delta_choices_ |= choice_bit();
        if ((delta_choices_ & choice_bit()) != 0) owed_ &= static_cast<uint8_t>(~todo_message);
        awaits_message_ = (owed_ & todo_message) != 0;
        if (!awaits_message_) return let_choice_leave();
        due_ |= todo_message;
        took_message_ = true;
    }
    void let_choice_leave() noexcept {
        if (!values.is_empty(value_reasoning)) owed_ &= static_cast<uint8_t>(~todo_details);  // the same once more
        ready_ = values.present(choice_values);
        if (!is_whole_ && ready_ != 0) choice_was_used_ = true;
        if (!values.is_empty(value_finish_reason)) owed_ |= todo_finish;
        due_ |= todo_of_choice;
    }
    // Counts may come in several events (Groq, MiniMax); what is known is not taken back by a 0.
    void take_count(unsigned target, int64_t number) noexcept {
        if (!has_counts_) usage_ = Usage();
        has_counts_ = has_usage_ = true;
        owed_ |= todo_usage;
        char* const count = reinterpret_cast<char*>(&usage_) + (target - prompt_tokens) * sizeof number;  // in order
        int64_t known = 0;
        memcpy(&known, count, sizeof known);
        if (number > 0 || (number == 0 && known < 0)) memcpy(count, &number, sizeof number);
    }
    // From 31 on they share one.
    OPENAI_STREAM_OUTLINE uint32_t choice_bit() const noexcept { return 1u << (choice_ < 31 ? choice_ : 31); }

    void hand_out_early(uint32_t targets) noexcept {
        early_ |= targets;
        quirks.add(Quirk::early_piece);
        choice_was_used_ = true;
        announce_start();
        if ((targets & bit_of(value_tool_arguments)) != 0) tool_was_used_ = true;
    }
    TextOwner owner_of(unsigned target) const noexcept {
        const EventKind kind = target == value_text        ? EventKind::text
                               : target == value_reasoning ? EventKind::reasoning
                               : target == value_refusal   ? EventKind::refusal
                                                           : EventKind::tool_arguments;
        return {kind, choice_, kind == EventKind::tool_arguments ? tool_index_ : -1};
    }

    OPENAI_STREAM_NOINLINE void fill(Event& event, EventKind kind) noexcept {
        event.reset(kind);
        event.choice = choice_;
        event.early = !is_whole_;
        if (!is_small_build) ++event_count_;
    }
    // With the values of these targets, which are forgotten. (There is none for `ignored`.)
    OPENAI_STREAM_NOINLINE void fill(Event& event, EventKind kind, Target id, Target name, Target said) noexcept {
        fill(event, kind);
        values.take(id, event.id);
        values.take(name, event.name);
        values.take(said, event.text);
    }
    void announce(Event& event) noexcept {
        if ((announce_ & announced_start) == 0) {
            announce_ = 0;
            emit_tool_call(event);
            return;
        }
        announce_ &= static_cast<uint8_t>(~announced_start);
        was_started_ = true;
        fill(event, EventKind::started, value_id, value_model, ignored);
        event.choice = 0;
        event.created = created_;
    }
    void emit_tool_call(Event& event) noexcept {
        fill(event, EventKind::tool_call, value_tool_id, value_tool_name, value_tool_type);
        event.tool_index = tool_index_;
    }
    bool emit_text(Event& event) noexcept {
        if (!text.next(quirks)) return false;
        fill(event, text.owner().kind);
        event.choice = text.owner().choice;
        event.tool_index = text.owner().tool_index;
        event.text = text.piece();
        event.more = text.is_open();
        return true;
    }
    // The first of the values of an ended object. False: it is a text, which begins now.
    bool emit_ready(Event& event) noexcept {
        unsigned target = value_role;
        while ((ready_ & bit_of(target)) == 0) ++target;
        ready_ &= ~bit_of(target);
        if ((bit_of(target) & call_values) != 0) {
            ready_ &= ~call_values;
            emit_tool_call(event);
            return true;
        }
        if (target == value_role) {
            fill(event, EventKind::role, ignored, value_role, ignored);
            return true;
        }
        const Value& value = values.at(target);
        text.begin(owner_of(target), value.begin, !value.raw);
        text.extend(value.begin + value.size, true);
        if (value.plain) text.set_plain();
        values.forget(bit_of(target));
        return false;
    }
    void emit_end(Event& event, unsigned todo) noexcept {
        if (todo == todo_finish) {
            finished_choices_ |= choice_bit();
            fill(event, EventKind::finish, ignored, value_finish_reason, ignored);
            event.finish_reason = to_finish_reason(event.name);
            if (event.finish_reason == FinishReason::other) quirks.add(Quirk::unknown_finish_reason);
        } else {
            fill(event, EventKind::usage);
            event.choice = 0;
            event.usage = usage_;
        }
    }

    uint8_t announce_ = 0;
    uint8_t owed_ = 0;  // of Todo
    uint8_t due_ = 0;   // of Todo: of the objects that have ended
    uint8_t event_count_ = 0;
    bool is_whole_ = false;
    bool has_usage_ = false;
    bool has_counts_ = false;  // of the answer: usage_ says something
    bool has_choice_ = false;
    bool said_detail_ = false;  // details of reasoning were delivered of the choice being read
    bool was_started_ = false;
    bool choice_was_used_ = false;  // something of it left before it ended: its index cannot change any more
    MessageUse message_ = MessageUse::none;
    bool awaits_message_ = false;   // of an event that is there as a whole: the choice has ended, its message is read
    bool took_message_ = false;
    bool tool_was_used_ = false;
    uint32_t ready_ = 0;  // bit n: values.at(n) is to be handed out now
    uint32_t early_around_ = 0;  // early_ when a list of parts began
    uint32_t early_ = 0;  // bit n: one for target n was handed out before its object ended
    uint32_t seen_choices_ = 0;
    uint32_t delta_choices_ = 0;  // a delta of it has said something: its message says nothing new
    uint32_t finished_choices_ = 0;
    int32_t choice_ = 0;
    int32_t tool_index_ = 0;  // -1 = the server did not say

public:
    ValueStore values;
    TextPieces text;
    Quirks quirks;

private:
    int64_t created_ = 0;
    Usage usage_{0, 0, 0, 0, 0};
};

}  // namespace dialect

OPENAI_STREAM_END
