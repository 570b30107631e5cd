#pragma once
// Some values of a JSON text that is still arriving. A model that was asked for JSON (response_format, the arguments of
// a tool) answers in an object whose members a program wants to act on before the last brace is there: an NPC looks
// angry when $.emotion is complete, and speaks $.reply while it grows. A parser that builds a tree has nothing to show
// before the end.
//
// Given: up to max_paths paths, the text in pieces cut anywhere, at least min_memory_bytes of memory. Gives: the values
// at these paths in the order of the text. Strings come as they arrive, without their escapes and always as whole code
// points of valid UTF-8; numbers, true, false and null come when they are complete, for 1 may become 12 or 1e9. All of
// the text is checked to be one JSON value; what was delivered before a mistake stays valid. Nothing is kept of it.
#include "../base/buffer.hpp"
#include "../base/utf8.hpp"
#include "../json/scanner.hpp"
#include "../json/unescape.hpp"
#include "json_path.hpp"

OPENAI_STREAM_BEGIN

// What a FieldPiece is, or is a piece of.
enum class FieldKind : uint8_t {
    object_begin,  // a path led to an object: its text is the brace; object_end comes after all that is in it
    array_begin,
    object_end,
    array_end,
    string,   // the only kind that comes in pieces
    number,   // as it was sent: "14", "-0.5e3"
    boolean,  // "true" or "false"
    null,     // "null"
};

// What FieldStream::next() delivers. The text is valid until the next call on the stream that is not const, and as long
// as the memory that was given to feed().
struct FieldPiece {
    StringView text;
    uint32_t index = 0;  // of the innermost [*] or [7] of its path: which element it is in, counted from 0
    uint8_t path = 0;    // which of the paths, counted from 0; if several lead here, the first of them
    FieldKind kind = FieldKind::null;
    bool is_first = true;  // a value begins with this piece
    bool more = false;     // of a string: it goes on
};

// Why there are no more pieces. The first one stays.
enum class FieldError : uint8_t {
    none,
    bad_path,         // a path is not of the form $.name[0][*]['name'], or has more than max_steps steps
    too_many_paths,   // more than FieldStream::max_paths
    buffer_too_small, // less than FieldStream::min_memory_bytes
    not_json,         // what came is not JSON
    too_deep,         // nested deeper than json::max_depth
    number_too_long,  // a number at one of the paths has more digits than there is memory
    truncated,        // finish() came before the end of the JSON
    trailing_text,    // something follows the JSON
};

// A sentence without a full stop; static, never null.
inline const char* describe(FieldError error) noexcept {
    switch (error) {
        case FieldError::none: return "no error";
        case FieldError::bad_path: return "a path is not of the form $.name[0][*]['name']";
        case FieldError::too_many_paths: return "there are more paths than FieldStream::max_paths";
        case FieldError::buffer_too_small: return "the memory is smaller than FieldStream::min_memory_bytes";
        case FieldError::not_json: return "the text is not JSON";
        case FieldError::too_deep: return "the JSON is nested too deeply";
        case FieldError::number_too_long: return "a number is longer than the memory it has to fit into";
        case FieldError::truncated: return "the text ends before its JSON does";
        case FieldError::trailing_text: return "more text follows the JSON";
    }
    return "unknown error";
}

class FieldStream {
public:
    static constexpr unsigned max_paths = 16;  // bits of a mask
    static constexpr unsigned max_steps = 8;   // of a path
    static constexpr size_t min_memory_bytes = 16;  // two escapes that make one character, and what is decoded of them

    // May the JSON stand between lines of ```, as in Markdown? Then it may, and what follows the second ``` is ignored.
    enum class Fence : uint8_t { refused, allowed };

    // Neither the paths nor the memory are owned: they must outlive this.
    FieldStream(Span<const char* const> paths, Buffer memory, Fence fence = Fence::refused) noexcept
        : paths_(paths), memory_(memory), place_(fence == Fence::allowed ? Place::before : Place::json) {
        if (paths.size > max_paths) error_ = FieldError::too_many_paths;
        else if (memory.size < min_memory_bytes) error_ = FieldError::buffer_too_small;
        for (size_t index = 0; error_ == FieldError::none && index != paths.size; ++index) {
            const PathStep last = step_of(static_cast<unsigned>(index), max_steps);
            if (last.kind != PathStep::Kind::end) error_ = FieldError::bad_path;
            value_mask_ |= 1u << index;
        }
    }

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        FieldPiece unwanted;
        while (next(unwanted)) {}
        fed_ += static_cast<size_t>(scanner_.at() - begin_);
        begin_ = text.begin();
        scanner_.show(text.begin(), text.end());
    }

    // The text has ended. A number that is all of the text is complete then: next() delivers it.
    void finish() noexcept { is_finished_ = true; }

    // Reads up to the next piece. Returns false if there is none: feed() more, or error() says why not.
    bool next(FieldPiece& piece) noexcept {
        while (error_ == FieldError::none) {
            if (reading_ != Reading::nothing && read_on(piece)) return true;
            if (place_ != Place::json && !pass_fence()) break;
            if (read_token(piece)) return true;
            if (is_waiting_) break;
        }
        is_waiting_ = false;
        return false;
    }

    FieldError error() const noexcept { return error_; }
    // Bytes of the text read so far; after an error, where it was met or where the string or number begins.
    size_t offset() const noexcept { return fed_ + static_cast<size_t>(scanner_.at() - begin_); }
    // The JSON is complete: nothing is missing, and no error was met.
    bool is_complete() const noexcept { return error_ == FieldError::none && is_over_; }

private:
    using PathStep = text::PathStep;
    // Where in the text outside of the JSON.
    enum class Place : uint8_t { json, before, info, after, past };
    // What is being decoded.
    enum class Reading : uint8_t { nothing, key, string };

    PathStep step_of(unsigned path, unsigned level) const noexcept {
        text::JsonPath steps(paths_[path]);
        PathStep step = steps.next();
        for (; level != 0; --level) step = steps.next();
        return step;
    }
    bool fail(FieldError error) noexcept {
        error_ = error;
        return false;
    }
    // Returns false, and lets next() wait for more.
    bool wait() noexcept {
        is_waiting_ = true;
        return false;
    }

    // ---- outside of the JSON -----------------------------------------------------------------------------------

    // Returns false at the end of the input, or if an error was met.
    bool pass_fence() noexcept {
        const char* at = scanner_.at();
        const char* const end = scanner_.limit();
        while (place_ != Place::json && at != end) {
            const char c = *at;
            if (place_ == Place::past || (place_ == Place::info && c != '\n' && c != '{' && c != '[')) {
                ++at;
            } else if (place_ == Place::info) {
                at += c == '\n';
                place_ = Place::json;
            } else if (c == '`') {
                ++at;
                if (++ticks_ == 3) place_ = place_ == Place::before ? Place::info : Place::past;
            } else if (ticks_ == 0 && ascii::is_space(c)) {
                ++at;
            } else if (ticks_ != 0 || place_ == Place::after) {
                scanner_.show(at, end);
                return fail(place_ == Place::before ? FieldError::not_json : FieldError::trailing_text);
            } else {
                place_ = Place::json;
            }
        }
        scanner_.show(at, end);
        if (place_ == Place::json) return true;
        if (is_finished_ && !is_over_) return fail(FieldError::truncated);
        return false;
    }
    // The outermost value has ended.
    void end_value() noexcept {
        if (scanner_.depth() != 0) return;
        is_over_ = true;
        if (ticks_ == 0) return;
        ticks_ = 0;
        place_ = Place::after;
    }

    // ---- tokens ------------------------------------------------------------------------------------------------

    // Returns true if it was a piece that somebody wants.
    bool read_token(FieldPiece& piece) noexcept {
        const json::TokenKind token = scanner_.next();
        const unsigned depth = scanner_.depth();
        switch (token) {
            case json::TokenKind::need_more: return is_finished_ ? read_end(piece) : wait();
            case json::TokenKind::failed:
                return fail(scanner_.error() == Error::json_too_deep ? FieldError::too_deep
                            : is_over_                               ? FieldError::trailing_text
                                                                     : FieldError::not_json);
            case json::TokenKind::object_begin:
            case json::TokenKind::array_begin:
                find_element(depth - 1);
                if (depth <= max_steps + 1) masks_[depth - 1] = value_mask_;
                if (depth <= max_steps) counts_[depth - 1] = 0;
                return is_wanted(piece, depth - 1, token, StringView(scanner_.at() - 1, 1));
            case json::TokenKind::object_end:
            case json::TokenKind::array_end:
                value_mask_ = depth <= max_steps ? masks_[depth] : uint16_t(0);
                end_value();
                return is_wanted(piece, depth, token, StringView(scanner_.end() - 1, 1));
            case json::TokenKind::key:
                if (scanner_.is_first()) {
                    begin_text();
                    key_size_ = 0;
                    value_mask_ = depth <= max_steps ? masks_[depth - 1] : uint16_t(0);
                }
                if (value_mask_ != 0) decode(Reading::key);
                return false;
            case json::TokenKind::string:
                if (scanner_.is_first()) {
                    begin_text();
                    find_element(depth);
                    is_wanted_ = is_wanted(wanted_, depth, token, StringView());
                }
                if (scanner_.is_complete()) end_value();
                if (is_wanted_) decode(Reading::string);
                return false;
            case json::TokenKind::number: return read_number(piece);
            case json::TokenKind::boolean:
            case json::TokenKind::null:
                find_element(depth);
                end_value();
                return is_wanted(piece, depth, token,
                                 token == json::TokenKind::null ? StringView("null")
                                 : scanner_.is_true()           ? StringView("true")
                                                                : StringView("false"));
        }
        return false;
    }

    // After the last byte.
    bool read_end(FieldPiece& piece) noexcept {
        if (!scanner_.finish()) return fail(FieldError::truncated);
        if (is_over_) return wait();
        is_over_ = true;  // it was a number, which ends with the text
        return deliver_number(piece);
    }

    // A number is kept until it is complete.
    bool read_number(FieldPiece& piece) noexcept {
        if (scanner_.is_first()) {
            find_element(scanner_.depth());
            is_wanted_ = is_wanted(wanted_, scanner_.depth(), json::TokenKind::number, StringView());
            held_count_ = 0;
        }
        if (is_wanted_) {
            const auto count = static_cast<size_t>(scanner_.end() - scanner_.begin());
            if (count > memory_.size - held_count_) return fail(FieldError::number_too_long);
            if (count != 0) memcpy(memory_.data + held_count_, scanner_.begin(), count);
            held_count_ += count;
        }
        if (!scanner_.is_complete()) return false;
        end_value();
        return deliver_number(piece);
    }
    bool deliver_number(FieldPiece& piece) noexcept {
        piece = wanted_;
        piece.text = StringView(memory_.data, held_count_);
        held_count_ = 0;
        return is_wanted_;
    }

    // A value comes `depth` levels deep: if it is in a list, the paths that lead to its place there.
    void find_element(unsigned depth) noexcept {
        if (depth == 0 || scanner_.is_object_at(depth - 1)) return;
        value_mask_ = 0;
        if (depth > max_steps) return;
        const uint32_t index = counts_[depth - 1]++;
        for (unsigned path = 0; path != paths_.size; ++path) {
            if ((masks_[depth - 1] >> path & 1) == 0) continue;
            const PathStep step = step_of(path, depth - 1);
            if (step.kind == PathStep::Kind::every_element ||
                (step.kind == PathStep::Kind::element && step.index == index))
                value_mask_ |= 1u << path;
        }
    }
    // Fills the piece if a path ends at the value, which is `depth` levels deep.
    bool is_wanted(FieldPiece& piece, unsigned depth, json::TokenKind token, StringView text) const noexcept {
        for (unsigned path = 0; (value_mask_ >> path) != 0; ++path) {
            if ((value_mask_ >> path & 1) == 0 || step_of(path, depth).kind != PathStep::Kind::end) continue;
            piece = FieldPiece();
            piece.text = text;
            piece.path = static_cast<uint8_t>(path);
            // The kinds have the tokens' order, without need_more and key.
            const int kind = static_cast<int>(token) - (token > json::TokenKind::key ? 2 : 1);
            piece.kind = static_cast<FieldKind>(kind);
            while (depth != 0 && scanner_.is_object_at(depth - 1)) --depth;
            if (depth != 0) piece.index = counts_[depth - 1] - 1;
            return true;
        }
        return false;
    }

    // ---- keys and strings --------------------------------------------------------------------------------------

    void begin_text() noexcept {
        is_first_ = true;
        owes_replacement_ = false;
        held_count_ = 0;
    }
    // The scanner's piece is decoded by read_on().
    void decode(Reading what) noexcept {
        reading_ = what;
        raw_ = StringView(scanner_.begin(), static_cast<size_t>(scanner_.end() - scanner_.begin()));
    }
    // Returns true if a piece of a string is there. Returns false, and reads nothing any more, at the end of a key, or
    // if the scanner has to go on.
    bool read_on(FieldPiece& piece) noexcept {
        StringView decoded;
        while (decode_some(decoded))
            if (reading_ == Reading::key) narrow(decoded);
            else return deliver_string(piece, decoded);
        const bool is_end = scanner_.is_complete();
        const Reading was = reading_;
        reading_ = Reading::nothing;
        if (!is_end) return false;
        if (was == Reading::string) return deliver_string(piece, StringView("", 0));
        narrow(StringView());
        return false;
    }
    bool deliver_string(FieldPiece& piece, StringView decoded) noexcept {
        piece = wanted_;
        piece.text = decoded;
        piece.is_first = is_first_;
        is_first_ = false;
        piece.more = !scanner_.is_complete() || !raw_.empty() || held_count_ != 0 || owes_replacement_;
        if (!piece.more) reading_ = Reading::nothing;
        return true;
    }

    // The next part of a key or string, never empty. Returns false if there is no more of it in the input.
    bool decode_some(StringView& decoded) noexcept {
        while (true) {
            if (owes_replacement_) {
                owes_replacement_ = false;
                decoded = utf8::replacement;
                return true;
            }
            if (held_count_ == 0 && !scanner_.has_escape() && !scanner_.is_above_ascii()) {
                decoded = raw_;
                raw_ = StringView();
                return !decoded.empty();
            }
            // What is held was not decoded: half of an escape or of a code point, or what follows an ill-formed byte.
            const size_t count = raw_.take(memory_.size - held_count_).size();
            if (held_count_ != 0) memmove(memory_.data, held_, held_count_);
            if (count != 0) memcpy(memory_.data + held_count_, raw_.data(), count);
            raw_ = raw_.drop(count);
            const char* const end = memory_.data + held_count_ + count;
            json::Unescaper unescaper(memory_.data, end, memory_.data);
            unescaper.last = scanner_.is_complete() && raw_.empty();
            const json::Stop stop = unescaper.run();
            if (stop == json::Stop::high_half) unescaper.out = utf8::append(unescaper.out, 0xFFFD);
            owes_replacement_ = stop == json::Stop::bad_byte;
            held_ = unescaper.at;
            held_count_ = static_cast<size_t>(end - unescaper.at);
            decoded = StringView(memory_.data, static_cast<size_t>(unescaper.out - memory_.data));
            if (!decoded.empty()) return true;
            if (!owes_replacement_ && raw_.empty()) return false;
        }
    }

    // Paths are dropped that the key's next bytes contradict; without any, at its end, those whose name is longer.
    void narrow(StringView bytes) noexcept {
        for (unsigned path = 0; (value_mask_ >> path) != 0; ++path) {
            if ((value_mask_ >> path & 1) == 0) continue;
            const PathStep step = step_of(path, scanner_.depth() - 1);
            StringView rest = step.name.drop(key_size_);
            if (!bytes.empty()) rest = rest.take(bytes.size());
            if (step.kind != PathStep::Kind::member || !(rest == bytes))
                value_mask_ = static_cast<uint16_t>(value_mask_ & ~(1u << path));
        }
        key_size_ += bytes.size();
    }

    Span<const char* const> paths_;
    Buffer memory_;
    json::Scanner scanner_;
    const char* begin_ = nullptr;  // of what feed() was given last
    size_t fed_ = 0;               // bytes, before that
    StringView raw_;               // of the key or string that is being decoded: what was not copied yet
    const char* held_ = nullptr;   // and what was, but not decoded; in memory_. Of a number: all of it
    size_t held_count_ = 0;
    size_t key_size_ = 0;  // bytes of the key that were compared
    FieldPiece wanted_;    // of the string or number that is being read
    FieldError error_ = FieldError::none;
    Place place_;
    Reading reading_ = Reading::nothing;
    uint8_t ticks_ = 0;
    bool is_first_ = false, is_wanted_ = false, owes_replacement_ = false;
    bool is_finished_ = false, is_waiting_ = false, is_over_ = false;
    // Bit n: the first steps of path n have led to the value that comes, or to the container at each level.
    uint16_t value_mask_ = 0;
    uint16_t masks_[max_steps + 1] = {};
    uint32_t counts_[max_steps] = {};  // elements of each that have begun
};

OPENAI_STREAM_END
