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
#include "field_piece.hpp"
#include "path_matcher.hpp"
#include "string_decoder.hpp"

OPENAI_STREAM_BEGIN

class FieldStream {
public:
    static constexpr unsigned max_paths = detail::text::PathMatcher::max_paths;
    static constexpr size_t min_memory_bytes = detail::text::StringDecoder::min_memory_bytes;

    // May the JSON stand between lines of ```, as in Markdown? Then it may, and what follows the second ``` is ignored.
    enum class Fence : uint8_t { refused, allowed };

    // Neither the paths nor the memory are owned: they must outlive this.
    FieldStream(Span<const char* const> paths, Buffer memory, Fence fence = Fence::refused) noexcept
        : paths_(paths), decoder_(memory), memory_(memory),
          place_(fence == Fence::allowed ? Place::before : Place::json) {
        if (paths.size > max_paths) error_ = FieldError::too_many_paths;
        else if (memory.size < min_memory_bytes) error_ = FieldError::buffer_too_small;
        else if (!paths_.is_sound()) error_ = FieldError::bad_path;
    }

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        FieldPiece unwanted;
        while (next(unwanted)) {}
        fed_ += static_cast<size_t>(scanner_.at() - begin_);
        begin_ = text.begin();
        scanner_.set_input(text.begin(), text.end());
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
    // Where in the text outside of the JSON.
    enum class Place : uint8_t { json, before, info, after, past };
    // What the decoder reads.
    enum class Reading : uint8_t { nothing, key, string };

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
                place_ = Place::json;  // to which the line's end is a blank
            } else if (c == '`') {
                ++at;
                if (++ticks_ == 3) place_ = place_ == Place::before ? Place::info : Place::past;
            } else if (ticks_ == 0 && ascii::is_space(c)) {
                ++at;
            } else if (ticks_ != 0 || place_ == Place::after) {
                scanner_.set_input(at, end);
                return fail(place_ == Place::before ? FieldError::not_json : FieldError::trailing_text);
            } else {
                place_ = Place::json;
            }
        }
        scanner_.set_input(at, end);
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
                begin_value(depth - 1);
                paths_.begin_container(depth - 1);
                return is_wanted(piece, depth - 1, token, StringView(scanner_.at() - 1, 1));
            case json::TokenKind::object_end:
            case json::TokenKind::array_end:
                paths_.end_container(depth);
                end_value();
                return is_wanted(piece, depth, token, StringView(scanner_.end() - 1, 1));
            case json::TokenKind::key:
                if (scanner_.is_first()) paths_.begin_key(depth);
                if (paths_.is_possible()) decode(Reading::key);
                return false;
            case json::TokenKind::string:
                if (scanner_.is_first()) is_wanted_ = is_first_ = begin_scalar(token);
                if (scanner_.is_complete()) end_value();
                if (is_wanted_) decode(Reading::string);
                return false;
            case json::TokenKind::number: return read_number(piece);
            case json::TokenKind::boolean:
            case json::TokenKind::null:
                begin_value(depth);
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
            is_wanted_ = begin_scalar(json::TokenKind::number);
            number_size_ = 0;
        }
        if (is_wanted_) {
            const auto count = static_cast<size_t>(scanner_.end() - scanner_.begin());
            if (count > memory_.size - number_size_) return fail(FieldError::number_too_long);
            if (count != 0) memcpy(memory_.data + number_size_, scanner_.begin(), count);
            number_size_ += count;
        }
        if (!scanner_.is_complete()) return false;
        end_value();
        return deliver_number(piece);
    }
    bool deliver_number(FieldPiece& piece) const noexcept {
        piece = wanted_;
        piece.text = StringView(memory_.data, number_size_);
        return is_wanted_;
    }

    void begin_value(unsigned depth) noexcept {
        if (depth != 0 && !scanner_.is_object_at(depth - 1)) paths_.begin_element(depth);
    }
    // A value begins that comes in pieces. Returns false if no path leads to it.
    bool begin_scalar(json::TokenKind token) noexcept {
        begin_value(scanner_.depth());
        return is_wanted(wanted_, scanner_.depth(), token, StringView());
    }
    // Fills the piece if a path leads to the value.
    bool is_wanted(FieldPiece& piece, unsigned depth, json::TokenKind token, StringView text) const noexcept {
        const unsigned path = paths_.find(depth);
        if (path == max_paths) return false;
        piece = FieldPiece();
        piece.text = text;
        piece.path = static_cast<uint8_t>(path);
        // The kinds have the tokens' order, without need_more and key.
        piece.kind = static_cast<FieldKind>(static_cast<int>(token) - (token > json::TokenKind::key ? 2 : 1));
        while (depth != 0 && scanner_.is_object_at(depth - 1)) --depth;
        if (depth != 0) piece.index = paths_.index_at(depth - 1);
        return true;
    }

    // ---- keys and strings --------------------------------------------------------------------------------------

    void decode(Reading what) noexcept {
        reading_ = what;
        decoder_.set_input(scanner_);
    }
    // Returns true if a piece of a string is there. Returns false at the end of a key, or if the scanner has to go on.
    bool read_on(FieldPiece& piece) noexcept {
        StringView decoded;
        while (decoder_.next(decoded))
            if (reading_ == Reading::key) paths_.add_to_key(decoded, scanner_.depth());
            else return deliver_string(piece, decoded);
        if (reading_ == Reading::string && decoder_.is_over()) return deliver_string(piece, StringView("", 0));
        if (decoder_.is_over()) paths_.end_key(scanner_.depth());
        reading_ = Reading::nothing;
        return false;
    }
    bool deliver_string(FieldPiece& piece, StringView decoded) noexcept {
        piece = wanted_;
        piece.text = decoded;
        piece.is_first = is_first_;
        is_first_ = false;
        piece.more = !decoder_.is_over();
        if (!piece.more) reading_ = Reading::nothing;
        return true;
    }

    detail::text::PathMatcher paths_;
    detail::text::StringDecoder decoder_;
    Buffer memory_;  // the decoder's, and a number's
    json::Scanner scanner_;
    const char* begin_ = nullptr;  // of what feed() was given last
    size_t fed_ = 0;               // bytes, before that
    size_t number_size_ = 0;
    FieldPiece wanted_;  // of the string or number that is being read
    FieldError error_ = FieldError::none;
    Place place_;
    Reading reading_ = Reading::nothing;
    uint8_t ticks_ = 0;
    bool is_first_ = false, is_wanted_ = false;
    bool is_finished_ = false, is_waiting_ = false, is_over_ = false;
};

OPENAI_STREAM_END
