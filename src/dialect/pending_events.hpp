#pragma once
// What has been read and is still to be delivered: values of the object being read, texts on their way, and the order
// in which they leave. Which values an object has, and when it ends, the rules of the dialect know.
#include "quirks.hpp"
#include "reading_state.hpp"
#include "text_decoder.hpp"
#include "value_store.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class PendingEvents : public ReadingState {
public:
    constexpr PendingEvents() noexcept = default;

    ValueStore values;
    TextDecoder text;
    Quirks quirk_counts;  // here, so that what is used more lies nearer to the beginning

    OPENAI_STREAM_OUTLINE void note(Quirk quirk) noexcept { quirk_counts.add(quirk); }

    // A text of the dialect begins. whole: all of it is in the buffer.
    void begin_values(bool whole) noexcept {
        is_whole = is_last = whole;
        values.clear();
        ready = early = 0;
        announced = pending = deliverable = 0;
        has_usage = has_choice = false;
    }
    void forget(uint32_t targets) noexcept {
        values.forget(targets);
        early &= ~targets;
    }
    // Whether a value for the target still counts: not when one was delivered early.
    bool accepts(unsigned target) const noexcept { return (early & bit_of(target)) == 0; }

    // Before anything else is delivered, the answer's id and model are.
    void announce_start() noexcept {
        if (!was_started) announced |= announced_start;
    }
    // From 31 on they share one.
    OPENAI_STREAM_OUTLINE uint32_t choice_bit() const noexcept { return 1u << (choice < 31 ? choice : 31); }

    // Returns false if the target is no count of tokens. Counts may come in several events (Groq, MiniMax); what is
    // known is not taken back by a 0.
    bool take_count(unsigned target, int64_t number) noexcept {
        if (target < prompt_tokens || target > reasoning_tokens) return false;
        if (!has_counts) forget_counts();
        else if (!has_usage) note(Quirk::usage_again);
        has_counts = has_usage = true;
        pending |= todo_usage;
        int64_t& count = counts[target - prompt_tokens];
        if (number > 0 || (number == 0 && count < 0)) count = number;
        return true;
    }

    void forget_counts() noexcept { memset(counts, 0xff, sizeof counts); }
    void fill_usage(Event& event) noexcept {
        fill(event, EventKind::usage);
        static_assert(sizeof event.usage == sizeof counts, "in the same order");
        memcpy(&event.usage, counts, sizeof counts);
    }

    // A text that is there as a whole begins to leave.
    void begin_text(const TextOwner& owner, const Value& value) noexcept {
        text.begin(owner, value.begin, !value.raw);
        text.extend(value.begin + value.size, true);
        if (value.plain) text.set_plain();
    }

    // ---- texts that leave before their object has ended --------------------------------------------------------

    // Those kept so far. Returns false if there are none, or if they have been released already and wait for the end
    // of a field that leaves where it stands: only more room would help them.
    bool spill_texts() noexcept {
        const uint32_t texts = values.present(text_values);
        if ((texts & ~ready) == 0) return false;
        ready = texts;
        if ((texts & bit_of(value_tool_arguments)) != 0) ready |= values.present(call_values);
        note_early(texts);
        return true;
    }
    // A text that is not there as a whole begins. The first of several for one target counts.
    void begin_early(unsigned target, char* at, bool escapes) noexcept {
        if (!accepts(target)) return;
        note_early(bit_of(target));
        if (target == value_tool_arguments && values.present(call_values) != 0) announced |= announced_tool_call;
        text.begin(owner_of(target), at, escapes);
    }
    void note_early(uint32_t targets) noexcept {
        early |= targets;
        note(Quirk::provisional_piece);
        choice_was_used = true;
        announce_start();
        if ((targets & bit_of(value_tool_arguments)) != 0) tool_was_used = true;
    }

    // ---- delivering --------------------------------------------------------------------------------------------

    // Nothing may leave now, which is mostly so.
    bool is_idle(unsigned permitted) const noexcept {
        return announced == 0 && !text.is_open() && ready == 0 && (pending & deliverable & permitted) == 0;
    }
    // The next event, of what may leave now: of the todos, those in `permitted`. Returns false if there is none; then
    // `todo` is a container to be read, or 0.
    bool next_event(Event& event, unsigned permitted, unsigned& todo) noexcept {
        todo = 0;
        while (true) {
            if (OPENAI_STREAM_UNLIKELY(announced != 0)) {
                announce(event);
                return true;
            }
            if (text.is_open() && emit_text(event)) return true;
            if (ready != 0) {
                if (emit_ready(event)) return true;
                continue;
            }
            const unsigned left = pending & deliverable & permitted;
            todo = left & (0u - left);  // the first
            if (todo == 0 || (todo == todo_finish && release_half(event, choice))) return todo != 0;
            pending = static_cast<uint8_t>(pending & ~todo);
            if ((todo & todo_containers) != 0) return false;
            emit_end(event, todo);
            return true;
        }
    }

    // One half of a surrogate pair, of `of_choice` or of any (-1), whose other half never came.
    bool release_half(Event& event, int32_t of_choice) noexcept {
        return text.release(of_choice, quirk_counts) && emit_text(event);
    }

    OPENAI_STREAM_NOINLINE void fill(Event& event, EventKind kind) noexcept {
        event.reset(kind);
        event.choice = choice;
        event.provisional = !is_whole;
    }
    // With the values of these targets, which are forgotten. (There is none for `ignored`.)
    OPENAI_STREAM_NOINLINE void fill(Event& event, EventKind kind, unsigned id, unsigned name, unsigned said) noexcept {
        fill(event, kind);
        values.take(id, event.id);
        values.take(name, event.name);
        values.take(said, event.text);
    }

private:
    TextOwner owner_of(unsigned target) const noexcept {
        const EventKind kind = target == value_text        ? EventKind::text
                               : target == value_reasoning ? EventKind::reasoning
                               : target == value_refusal   ? EventKind::refusal
                                                           : EventKind::tool_arguments;
        return {kind, choice, kind == EventKind::tool_arguments ? tool_index : -1};
    }

    void announce(Event& event) noexcept {
        if ((announced & announced_start) == 0) {
            announced = 0;
            emit_tool_call(event);
            return;
        }
        announced &= static_cast<uint8_t>(~announced_start);
        was_started = true;
        fill(event, EventKind::started, value_id, value_model, ignored);
        event.choice = 0;
        event.created = created;
    }
    void emit_tool_call(Event& event) noexcept {
        fill(event, EventKind::tool_call, value_tool_id, value_tool_name, value_tool_type);
        event.tool_index = tool_index;
    }
    bool emit_text(Event& event) noexcept {
        if (!text.next(quirk_counts)) return false;
        fill(event, text.owner().kind);
        event.choice = text.owner().choice;
        event.tool_index = text.owner().tool_index;
        event.text = text.piece();
        event.more = text.is_open();
        return true;
    }
    // The first of the values of an ended object. Returns false if it is a text, which begins now.
    bool emit_ready(Event& event) noexcept {
        unsigned target = value_role;
        while ((ready & bit_of(target)) == 0) ++target;
        ready &= ~bit_of(target);
        if ((bit_of(target) & call_values) != 0) {
            ready &= ~call_values;
            emit_tool_call(event);
            return true;
        }
        if (target == value_role) {
            fill(event, EventKind::role, ignored, value_role, ignored);
            return true;
        }
        begin_text(owner_of(target), values.at(target));
        values.forget(bit_of(target));
        return false;
    }
    void emit_end(Event& event, unsigned todo) noexcept {
        if (todo == todo_finish) {
            const uint32_t bit = choice_bit();
            if ((finished_choices & bit) != 0) note(Quirk::finish_again);
            finished_choices |= bit;
            fill(event, EventKind::finish, ignored, value_finish_reason, ignored);
            event.finish_reason = detail::to_finish_reason(event.name);
            if (event.finish_reason == FinishReason::other) note(Quirk::unknown_finish_reason);
        } else {
            fill_usage(event);
            event.choice = 0;
        }
    }
};

}  // namespace dialect

OPENAI_STREAM_END
