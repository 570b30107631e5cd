#pragma once
// Walks a JSON text through a table of the paths that matter. All else is checked and skipped.
#include "scanner.hpp"
#include "indexed_rows.hpp"
#include "packed_rows.hpp"
#include "unescape.hpp"

OPENAI_STREAM_BEGIN

namespace json {

enum class StepKind : uint8_t {
    need_more,  // all that can be read was read; the bytes from at() on must be shown again, and more after them; with
                // a row when they are the beginning of its value
    text,       // a string (or a piece of it) for row()->target: text(). To boolean: in the order of TokenKind
    number,     // a number, likewise
    boolean,    // true or false, likewise, never a piece of it
    enter,      // a container begins that is read in context(); row() is null for list elements and the root
    exit,       // it ended; for a container passed by skip(): row() is its row
    failed,     // error() says why
};

// Who sees what the table does not know: PathReader::next(watcher). This one sees nothing, and costs nothing.
struct NoWatcher {
    static constexpr bool sees_all = false;
};

class PathReader {
public:
    static constexpr unsigned max_known_depth = 12;  // deeper than any path of any table

    constexpr PathReader() noexcept = default;

    // A text begins. contexts[root] is what its outermost object (or list of objects) is read in; an outermost scalar
    // goes to the target of `scalar`, if there is one. The table must be static.
    void begin(const Context* contexts, uint8_t root, const TableRow* scalar) noexcept {
        memset(static_cast<void*>(this), 0, sizeof *this);  // as a new one is
        contexts_ = contexts;
        row_ = scalar;
        root_ = root;
    }

    // What is to be read next; see json::Scanner.
    void set_input(const char* at, const char* end) noexcept { scanner_.set_input(at, end); }
    const char* at() const noexcept { return scanner_.at(); }        // read up to here
    const char* limit() const noexcept { return scanner_.limit(); }  // the end of what was shown

    // Reads up to the next step. Nulls are skipped: they say what a missing key says.
    OPENAI_STREAM_NOINLINE StepKind next() noexcept {
        NoWatcher nobody;
        return next(nobody);
    }

    // The same for a watcher with sees_all, which may name rows where the table has none:
    //   const TableRow* key(const TableRow* row, StringView name)
    //                  a member of that name comes, for which the table has `row`, or null: the row of its value
    //   const TableRow* element(unsigned level)
    //                  a scalar comes in the list open at `level` (see context_at()): the row it stands for, or null
    //   const TableRow* element(unsigned level, uint8_t context)
    //                  the same of a container, which the table would read in `context`
    //   void begin(bool is_array, bool again)
    //                  an object or a list begins, and is not passed over. again: see read_as()
    template <class Watcher> StepKind next(Watcher& watcher) noexcept {
        while (true) {
            const TokenKind token = scanner_.next();
            if (OPENAI_STREAM_UNLIKELY(token == TokenKind::need_more)) {
                if (skip_from_depth_ == 0) scanner_.unread_literal();
                return step(StepKind::need_more, nullptr);
            }
            if (OPENAI_STREAM_UNLIKELY(token == TokenKind::failed)) return step(StepKind::failed, nullptr);
            if (token == TokenKind::null) continue;
            if (skip_from_depth_ != 0) {
                if (scanner_.depth() >= skip_from_depth_) continue;
                skip_from_depth_ = 0;  // this was the end of the container that is passed over
                row_ = nullptr;
                if (reported_) return step(StepKind::exit, reported_);
            } else if (token == TokenKind::key) {
                if (OPENAI_STREAM_UNLIKELY(!scanner_.is_complete())) return wait_for_all(token);
                if constexpr (Watcher::sees_all) row_ = find_key(watcher);
                else row_ = find_key();
            } else if (is_scalar(token)) {
                if constexpr (Watcher::sees_all) {
                    if (!row_ && is_in_list()) row_ = watcher.element(scanner_.depth() - 1u);
                }
                if (!row_) row_ = find_element();
                if (!row_ || row_->target == 0) continue;
                if (scanner_.is_complete()) allows_partial_ = false;
                else if (!allows_partial_) return wait_for_all(token);
                const int kind = static_cast<int>(token) - static_cast<int>(TokenKind::string);
                return step(static_cast<StepKind>(static_cast<int>(StepKind::text) + kind), row_);
            } else if (is_begin(token)) {
                if (enter(token == TokenKind::array_begin, watcher)) return StepKind::enter;
            } else {
                context_ = contexts_at_[scanner_.depth()];
                is_object_ = token == TokenKind::object_end;
                row_ = nullptr;
                return step(StepKind::exit, nullptr);
            }
        }
    }

    // About the last step; see StepKind.
    const TableRow* row() const noexcept { return step_row_; }
    uint8_t context() const noexcept { return context_; }
    bool is_object() const noexcept { return is_object_; }  // what was entered or left; a list otherwise
    const Scanner& token() const noexcept { return scanner_; }
    StringView text() const noexcept {
        return {scanner_.begin(), static_cast<size_t>(scanner_.end() - scanner_.begin())};
    }

    // The value with the lowest precedence is the one that is meant if there are several for one target: the deepest,
    // of these the one whose row comes first. For the last step, if it has a row.
    uint16_t precedence() const noexcept {
        const unsigned depth = scanner_.depth();
        if (depth == 0) return 0;
        const Context& context = contexts_[contexts_at_[depth - 1]];
        return static_cast<uint16_t>((max_known_depth - depth) << place_bits | context.place_of(step_row_));
    }
    static constexpr unsigned depth_of(unsigned precedence) noexcept {
        return max_known_depth - (precedence >> place_bits);
    }
    static constexpr unsigned place_of(unsigned precedence) noexcept { return precedence & ((1u << place_bits) - 1); }

    // Right after `enter`: the container is passed over. With a row, `exit` will come with that row at its end.
    OPENAI_STREAM_OUTLINE void skip(const TableRow* row) noexcept {
        skip_from_depth_ = static_cast<uint8_t>(scanner_.depth());
        reported_ = row;
    }

    // Right after an `exit`: the next value read stands for `row`, as if it came here once more; then resume() with
    // what this returns.
    uint8_t read_as(const TableRow* row) noexcept {
        row_ = row;
        again_ = true;
        return scanner_.suspend();
    }
    void resume(uint8_t state) noexcept { scanner_.resume(state); }
    // The same when that value was a scalar, or a container passed over.
    void resume_after_value(uint8_t state) noexcept {
        again_ = false;
        row_ = nullptr;
        resume(state);
    }

    // After `need_more` with a row: its value will not be there as a whole, so the next step may be a piece of it.
    void allow_partial() noexcept { allows_partial_ = true; }

    // No input follows: true if exactly one JSON value has been read.
    bool finish() noexcept { return scanner_.finish(); }
    unsigned depth() const noexcept { return scanner_.depth(); }
    // What the container open at `level` is read in (0 = the outermost, below depth(), none of them passed over).
    uint8_t context_at(unsigned level) const noexcept { return contexts_at_[level]; }

private:
    static constexpr unsigned place_bits = 12;       // of a row in its context; the other bits of 16 are for the depth
    static constexpr size_t max_escaped_key = 48;    // bytes of a key written with escapes; longer ones are unknown

    StepKind step(StepKind kind, const TableRow* row) noexcept {
        step_row_ = row;
        return kind;
    }
    // The token must be seen whole: it is read again from its first byte when more is there.
    StepKind wait_for_all(TokenKind token) noexcept {
        scanner_.unread(token);
        return step(StepKind::need_more, token == TokenKind::key ? nullptr : row_);
    }

    const TableRow* find_key() const noexcept {
        const Context& context = contexts_[contexts_at_[scanner_.depth() - 1]];
        const auto size = static_cast<size_t>(scanner_.end() - scanner_.begin());
        return OPENAI_STREAM_LIKELY(!scanner_.has_escape()) ? context.find(scanner_.begin(), size)
                                                            : find_escaped(context, scanner_.begin(), size);
    }
    OPENAI_STREAM_NOINLINE
    static const TableRow* find_escaped(const Context& context, const char* key, size_t size) noexcept {
        char decoded[max_escaped_key];
        if (size > sizeof decoded) return nullptr;
        return context.find(decoded, unescape_atom(key, key + size, decoded).size());
    }

    template <class Watcher> const TableRow* find_key(Watcher& watcher) noexcept {
        const TableRow* const row = find_key();
        char decoded[max_escaped_key];
        StringView name = text();
        if (scanner_.has_escape()) {
            if (name.size() > sizeof decoded) return row;
            name = unescape_atom(name.begin(), name.end(), decoded);
        }
        return watcher.key(row, name);
    }
    const TableRow* find_element() const noexcept {
        return is_in_list() ? contexts_[contexts_at_[scanner_.depth() - 1]].other() : nullptr;
    }
    bool is_in_list() const noexcept { return scanner_.depth() != 0 && !scanner_.is_object_at(scanner_.depth() - 1u); }

    // A container has begun. Returns false if it is skipped.
    template <class Watcher> bool enter(bool is_array, Watcher& watcher) noexcept {
        const unsigned depth = scanner_.depth();
        const TableRow* row = nullptr;
        uint8_t context = 0;
        if (again_ || (depth > 1 && scanner_.is_object_at(depth - 2))) {
            row = row_;
            context = row ? row->context : uint8_t(0);
        } else if (depth == 1) {
            context = root_;
        } else if (!is_array) {
            context = contexts_at_[depth - 2];
        }
        if constexpr (Watcher::sees_all) {
            if (!again_ && depth > 1 && !scanner_.is_object_at(depth - 2)) {
                row = watcher.element(depth - 2, context);
                if (row) context = row->context;
            }
        }
        const bool was_again = again_;
        again_ = false;
        row_ = nullptr;
        if (context == 0 || depth > max_known_depth) {
            skip(nullptr);
            return false;
        }
        context_ = contexts_at_[depth - 1] = context;
        is_object_ = !is_array;
        step_row_ = row;
        if constexpr (Watcher::sees_all) watcher.begin(is_array, was_again);
        else static_cast<void>(watcher), static_cast<void>(was_again);
        return true;
    }

    uint8_t root_ = 0;
    uint8_t context_ = 0;
    uint8_t skip_from_depth_ = 0;  // 0: nothing is skipped
    bool is_object_ = false;
    bool again_ = false;
    bool allows_partial_ = false;
    uint8_t contexts_at_[max_known_depth] = {};
    Scanner scanner_;
    const Context* contexts_ = nullptr;
    const TableRow* row_ = nullptr;       // what the value that comes next stands for
    const TableRow* step_row_ = nullptr;
    const TableRow* reported_ = nullptr;  // of the container being passed over, when its owner asked for it
};

}  // namespace json

OPENAI_STREAM_END
