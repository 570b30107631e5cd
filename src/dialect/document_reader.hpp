#pragma once
// JSON texts to events: the one loop over the tokens of a text, and what all dialects need around it.
//
// What belongs to one object (a choice, a tool call) is delivered when that object has ended, so that the order of keys
// does not matter; so lists in it are passed over first, and read when it has ended ("deferred"). A text that is not
// there as a whole, since it does not fit into the buffer, is delivered while it arrives.
//
// What a token means is told by the rules of a dialect: ChatRules, ResponseReader, ExtraRules.
#include "matched_events.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class DocumentReader : public MatchedEvents {
public:
    constexpr DocumentReader() noexcept = default;

    // Memory for a dialect that needs some; not owned.
    void set_state_memory(Buffer memory) noexcept { lent_ = memory.data; }
    char* memory() const noexcept { return lent_; }
    const Dialect* dialect_now = nullptr;  // by which it reads, for rules that ask for it

    // A JSON text begins, to be read in the context `root`: [at, end), writable, since strings are decoded where they
    // lie. whole: that is all of it. Otherwise set_input() more when Dialect::next asks for it.
    void begin(const Dialect& dialect, ContextId root, char* at, char* end, bool whole) noexcept {
        begin_values(whole);
        return_count = signs = error_depth = 0;
        region = root == error_root ? error_certain : 0;
        is_chunk = is_raw = is_jumping = is_unknown_text = message_goes_on = false;
        raw_begin = nullptr;
        pending_row = nullptr;
        if (!detail::is_small_build) templates.note_quirks(quirk_counts);
        paths.begin(dialect.contexts, root, root == error_root ? &error_scalar : nullptr);
        paths.set_input(at, end);
    }

    // The text from unread() on, which may have moved, and what has come after it. last: the text ends there.
    void set_input(char* at, char* end, bool last) noexcept {
        const ptrdiff_t distance = at - unread();
        if (text.is_open()) text.rebase(at);
        if (raw_begin) raw_begin += distance;
        paths.set_input(this->at() + distance, end);
        is_last = last;
    }
    // What lies before it is not needed any more, but for the values that pack_values() moves.
    char* unread() const noexcept { return text.is_open() ? text.unread() : raw_begin ? raw_begin : at(); }
    const char* input_end() const noexcept { return paths.limit(); }

    // What was held back of a text and has found no other half. To be called when the answer has ended.
    bool flush(Event& event) noexcept { return release_half(event, -1); }

    // Moves the values that are still needed to `into` and on; none lies before it. Returns their new end.
    char* pack_values(char* into) noexcept { return values.pack(into); }

    // After need_more, when there is no room for more: delivers, while it arrives, what was kept for the end of its
    // object, or cuts an error's message. What its object has not said yet is taken to be absent. Returns false if
    // nothing can be done.
    bool spill() noexcept {
        if (spill_texts()) return true;
        if (raw_begin) {
            begin_early(value_tool_arguments, raw_begin, false);
            raw_begin = nullptr;
            is_raw = text.is_open();
        } else if (pending_row && json::has(pending_row->mode, json::ReadMode::pieces) && !is_unknown_text) {
            paths.allow_partial();
        } else {
            if (!values.shorten(value_error_message)) return false;
            message_goes_on = false;
        }
        return true;
    }
    // The key of the value that did not fit; static.
    StringView pending_key() const noexcept {
        return pending_row ? pending_row->key() : StringView();
    }

    Error error() const noexcept { return first_error; }
    bool ended_early() const noexcept { return has_ended_early; }  // after `failed`: what was there was valid
    const Quirks& quirks() const noexcept { return quirk_counts; }
    // Every choice seen has ended with a finish_reason, and there was one.
    bool is_finished() const noexcept { return seen_choices != 0 && finished_choices == seen_choices; }
    // An event of this answer had something that the dialect knows: choices, or counted tokens. (What else could be
    // read may be of another API.)
    bool has_understood() const noexcept { return was_understood; }
    bool has_choices() const noexcept { return seen_choices != 0; }

    // ---- for the rules of a dialect ----------------------------------------------------------------------------

    // The loop. Rules:
    //   Outcome deliver(DocumentReader&, Event&)           event: one was written; need_more: none can leave now
    //   json::StepKind next_step(DocumentReader&)          reads on; mostly paths.next()
    //   bool take_scalar(DocumentReader&, json::StepKind)  a text (or a piece of it), a number, true or false. Returns
    //                                                      true if something may leave now, or has failed
    //   bool enter(DocumentReader&, Event&)                a container begins; raw values and containers passed over
    //                                                      come here, too. Returns true if an event was written
    //   bool exit(DocumentReader&, Event&)                 it has ended; likewise
    //   void wait(DocumentReader&)                         the bytes that are there were read, and more will come
    //   Outcome finish(DocumentReader&)                    the text has been read: end, refused, last or failed
    // They report a failure by fail().
    template <class Rules> OPENAI_STREAM_INLINE Outcome (read)(Rules rules, Event& event) noexcept {
        while (first_error == Error::none) {
            const Outcome outcome = rules.deliver(*this, event);
            if (outcome != Outcome::need_more) return outcome;
            json::StepKind step = next_step(rules);
            // Where all is there, scalars are mostly kept until their object has ended: nothing can leave.
            while (!detail::is_small_build && is_whole && is_scalar(step)) {
                if (rules.take_scalar(*this, step)) break;
                step = next_step(rules);
            }
            switch (step) {
                case json::StepKind::text:
                case json::StepKind::number:
                case json::StepKind::boolean:
                    if (detail::is_small_build || !is_whole) rules.take_scalar(*this, step);
                    break;
                case json::StepKind::enter:
                    if (rules.enter(*this, event)) return Outcome::event;
                    break;
                case json::StepKind::exit:
                    if (rules.exit(*this, event)) return Outcome::event;
                    break;
                case json::StepKind::failed: return fail(paths.token().error());
                case json::StepKind::need_more:
                    if (is_raw && text.end() != at()) {
                        text.extend(at(), false);
                        break;
                    }
                    pending_row = paths.row();
                    if (!is_last) {
                        rules.wait(*this);
                        return Outcome::need_more;
                    }
                    // The text ends within a value. Only that shows that an outermost number is whole; and of an
                    // error's words the beginning is worth showing.
                    if (!pending_row || (paths.depth() != 0 && !is_words_of_error())) return end(rules);
                    paths.allow_partial();
                    break;
            }
        }
        return Outcome::failed;
    }

    Outcome fail(Error error) noexcept {
        first_error = error;
        return Outcome::failed;
    }

    char* at() const noexcept { return writable(paths.at()); }
    static char* writable(const char* bytes) noexcept { return const_cast<char*>(bytes); }  // begin() was given char*

    // Right after `enter`: the container is passed over, and `exit` will come with its row.
    void defer(const json::TableRow* row, unsigned id) noexcept {
        deferred_[id] = {at() - 1, row};
        passed_over = static_cast<uint8_t>(id);
        paths.skip(row);
    }
    // Right after that `exit`. Returns true if it says nothing, and false if it is not there to its end.
    bool was_empty() const noexcept { return is_empty_list(deferred_[passed_over].begin); }
    // The list that begins at `from`.
    bool is_empty_list(const char* from) const noexcept {
        do ++from;
        while (from != paths.limit() && static_cast<unsigned char>(*from) <= ' ');
        return from != paths.limit() && *from == ']';
    }
    // Reads one that was passed over, of which `todo` is the bit; leave_deferred() will go on where this was called.
    // permitted: what may leave while it is read.
    void read_deferred(unsigned todo, unsigned permitted) noexcept {
        const Deferred& container = deferred_[id_of(todo)];
        read_as(container.begin, container.row, permitted);
    }
    // The number of its bit.
    static unsigned id_of(unsigned todo) noexcept {
        unsigned id = 0;
        while ((todo >>= 1) != 0) ++id;
        return id;
    }
    void read_as(char* begin, const json::TableRow* row, unsigned permitted) noexcept {
        OPENAI_STREAM_ASSERT(return_count != max_returns);
        Return& to = returns_[return_count++];
        to.at = at();
        to.depth = static_cast<uint8_t>(paths.depth());
        to.state = paths.read_as(row);
        to.permitted = static_cast<uint8_t>(permitted);
        paths.set_input(begin, paths.limit());
        is_jumping = true;
    }
    // The container that was entered is read from where it was deferred. To be asked once for each.
    bool take_jump() noexcept {
        const bool was_jumping = is_jumping;
        is_jumping = false;
        return was_jumping;
    }
    bool is_at_return() const noexcept {
        return return_count != 0 && paths.depth() == returns_[return_count - 1].depth;
    }
    // At the end of a container: if it had been deferred, goes back to where it is read from. Returns false if not.
    bool leave_deferred() noexcept {
        if (!is_at_return()) return false;
        paths.resume(go_back());
        return true;
    }
    uint8_t go_back() noexcept {
        const Return& to = returns_[--return_count];
        paths.set_input(to.at, paths.limit());
        return to.state;
    }
    unsigned permitted_now() const noexcept { return return_count == 0 ? ~0u : returns_[return_count - 1].permitted; }

    // A container whose JSON text is the value: it begins, it has ended.
    void enter_raw(const json::TableRow* row) noexcept {
        paths.skip(row);
        raw_begin = at() - 1;
    }
    void leave_raw(unsigned target) noexcept {
        if (is_raw) {
            text.extend(paths.token().end(), true);
        } else if (raw_begin && accepts(target)) {
            Value value(raw_begin, paths.token().end(), paths.precedence());
            value.raw = true;
            values.keep(target, value);
        }
        is_raw = false;
        raw_begin = nullptr;
    }

    // The scalar that was read.
    void keep(unsigned target) noexcept {
        const json::Scanner& token = paths.token();
        if (!token.is_first()) {
            if (message_goes_on)
                message_goes_on = values.extend(value_error_message, paths.text(), max_cut_message) &&
                                  !token.is_complete();
            return;
        }
        const StringView bytes = token.is_complete() ? paths.text() : paths.text().take(max_cut_message);
        if (target >= value_error_message) target = take_of_error(target, bytes);
        if (target >= value_count || !accepts(target)) return;
        Value value(writable(bytes.data()), bytes.end(), paths.precedence());
        value.plain = !token.has_escape() && !token.is_above_ascii();
        const bool was_kept = values.keep(target, value);
        if (!token.is_complete()) message_goes_on = was_kept;
    }

private:
    // A row that names a quirk is counted once for each value: not for each piece of it, nor when it is read later. (A
    // container begins after its key, which was the first piece of that.)
    template <class Rules> OPENAI_STREAM_INLINE json::StepKind next_step(Rules& rules) noexcept {
        const json::StepKind step = rules.next_step(*this);
        const json::TableRow* const row = paths.row();
        if (row && row->mark() != 0 && step >= json::StepKind::text && step <= json::StepKind::enter &&
            paths.token().is_first() && !is_jumping)
            note(static_cast<Quirk>(row->mark()));
        return step;
    }

    // A container passed over, to be read when its object has ended.
    struct Deferred {
        char* begin = nullptr;
        const json::TableRow* row = nullptr;
    };
    // Where to go on when a deferred container has been read.
    struct Return {
        char* at = nullptr;
        uint8_t depth = 0;
        uint8_t state = 0;      // of the scanner
        uint8_t permitted = 0;  // of Todo: what may leave while it is read
    };
    static constexpr unsigned max_returns = 3;  // the choices, the message of one of them, and parts or tools of it
    static constexpr uint32_t max_cut_message = 1024;  // bytes kept of an error message that does not fit

    // The value that has begun is one of an answer that is an error, and may be cut.
    bool is_words_of_error() const noexcept {
        return paths.context_at(0) == error_root && json::has(pending_row->mode, json::ReadMode::pieces);
    }

    static constexpr bool is_scalar(json::StepKind step) noexcept {
        return step >= json::StepKind::text && step <= json::StepKind::boolean;
    }

    template <class Rules> Outcome end(Rules& rules) noexcept {
        has_ended_early = !paths.finish();
        if (has_ended_early) return fail(Error::bad_json);
        const Outcome outcome = rules.finish(*this);
        if (outcome == Outcome::refused) decode_error();
        else values.forget(error_values);  // their bytes may go away now
        return outcome;
    }

    Deferred deferred_[max_deferred] = {};
    Return returns_[max_returns] = {};
    char* lent_ = nullptr;
};

}  // namespace dialect

OPENAI_STREAM_END
