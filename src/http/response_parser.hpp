#pragma once
// An HTTP/1.1 response from its first byte to its end, client side: RFC 9112. Not for HEAD and CONNECT.
#include "../base/error.hpp"
#include "body_framing.hpp"
#include "chunked.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// All heads of one response, 1xx ones too, and its trailer section together. Hosted services send 2 to 6 KiB of fields,
// some proxies up to 32; nobody needs more, and a peer that never ends is found.
constexpr size_t max_head_bytes = 64 * 1024;

// Keeps none of the input: names, values and bodies are delivered in pieces, as they come. Heads of 1xx answers and
// trailer fields are checked and dropped; the latter must not be taken for fields of the head (RFC 9110 section 6.5.1).
class ResponseParser {
public:
    // Before its first byte. Copying it is filling with zeros, which compilers do not find out by themselves.
    static const ResponseParser fresh;

    // Reads [at, end), which may be empty, from its beginning to at(); to be called until it says need_more, end or
    // failed, which it then repeats. Reads nothing after the end of the message.
    // Errors: bad_status_line, bad_header, head_too_large, unexpected_upgrade, bad_framing, bad_chunk.
    OPENAI_STREAM_OUTLINE ParseEvent next(const char* at, const char* end) noexcept {
        if (stage_ == Stage::chunk_line) at = read_chunk_line(at, end);
        at_ = at;
        if (stage_ <= Stage::trailer) return read_head(at, end);
        if (stage_ <= Stage::until_close) return read_body(at, end);
        return stage_ == Stage::failed ? ParseEvent::failed : ParseEvent::end;
    }
    const char* at() const noexcept { return at_; }

    // The head came in another way: all that next() reads now is of a body that nothing but the end of the connection
    // ends.
    void expect_body() noexcept {
        stage_ = Stage::until_close;
        left_ = UINT64_MAX;
        head_complete_ = true;
    }

    // The peer closed, and next() said need_more to all that came. End, or failed: no_response, truncated.
    ParseEvent finish() noexcept {
        if (stage_ == Stage::until_close) stage_ = Stage::closed;
        if (complete()) return ParseEvent::end;
        if (stage_ != Stage::failed) fail(head_bytes_ == 0 ? Error::no_response : Error::truncated);
        return ParseEvent::failed;
    }

    // What next() has found of a name, a value or a body: it lies in the input.
    const StringView& text() const noexcept { return text_; }
    // It is the last piece of a name or value.
    constexpr bool is_text_complete() const noexcept { return !head_.in_text(); }
    // For a complete name, and for a value.
    constexpr Field field() const noexcept { return head_.field(); }

    constexpr Error error() const noexcept { return error_; }
    // All bytes of the message were read; the next piece is `end`.
    constexpr bool complete() const noexcept { return stage_ >= Stage::complete; }
    // The final head was delivered.
    constexpr bool head_complete() const noexcept { return head_complete_; }
    // The status of the final head, 100 to 999; 0 before it is complete. Above 599 means the same as 5xx (RFC 9110
    // section 15).
    constexpr uint16_t status() const noexcept { return head_complete_ ? head_.status() : uint16_t(0); }
    // The same as soon as it was read, whatever is wrong with what follows; 0 for a 1xx one.
    constexpr uint16_t status_so_far() const noexcept {
        return head_.has_status() && head_.status() >= 200 ? head_.status() : uint16_t(0);
    }
    // Nothing but the end of the connection ends the body.
    constexpr bool is_until_close() const noexcept { return stage_ == Stage::until_close; }
    // More of the message may come, and something else ends it.
    constexpr bool is_framed() const noexcept { return stage_ < Stage::until_close; }
    constexpr bool is_ended_by_close() const noexcept { return stage_ == Stage::closed; }  // so it has ended
    // The message is complete and lets the connection be used again (RFC 9112 section 9.3). If bytes came after it,
    // that must not be done all the same (section 6.3).
    constexpr bool keep_alive() const noexcept {
        return stage_ == Stage::complete && framing_.keep_alive(head_.is_http_1_0());
    }

    // What was tolerated: see HeadReader and ChunkedReader.
    constexpr const HeadReader& head() const noexcept { return head_; }
    constexpr bool has_padded_chunks() const noexcept { return chunks_.has_padding(); }

    // See BodyFraming.
    constexpr bool is_compressed() const noexcept { return framing_.is_compressed(); }
    constexpr bool may_be_compressed() const noexcept { return framing_.may_be_compressed(); }

private:
    // complete, closed: the end has been read, as framed or as the end of the connection.
    enum class Stage : uint8_t {
        head, trailer, chunk_line, chunk_data, counted, until_close, failed, complete, closed
    };

    OPENAI_STREAM_INLINE const char* read_chunk_line(const char* at, const char* end) noexcept {
        const char* const after = chunks_.is_after_data() ? whole_chunk_line(at, end, left_) : nullptr;
        if (OPENAI_STREAM_LIKELY(after != nullptr)) {
            stage_ = Stage::chunk_data;
            return after;
        }
        const ParseEvent part = chunks_.next(at, end, left_);
        if (part == ParseEvent::body) stage_ = Stage::chunk_data;
        if (part == ParseEvent::failed) fail(Error::bad_chunk);
        if (part == ParseEvent::end) {
            head_.begin_trailer();
            stage_ = Stage::trailer;
        }
        return at;
    }

    OPENAI_STREAM_INLINE ParseEvent read_body(const char* at, const char* end) noexcept {
        const auto room = static_cast<size_t>(end - at);
        if (room == 0) return ParseEvent::need_more;
        const size_t count = left_ < room ? static_cast<size_t>(left_) : room;
        text_ = StringView(at, count);
        at_ = at + count;
        left_ -= count;  // until_close: from a number that never comes
        if (left_ == 0) stage_ = stage_ == Stage::chunk_data ? Stage::chunk_line : Stage::complete;
        return ParseEvent::body;
    }

    OPENAI_STREAM_NOINLINE ParseEvent read_head(const char* at, const char* end) noexcept {
        ParseEvent part = ParseEvent::need_more;
        const char* text = at;  // of the name or value
        while (at != end) {
            if (!head_.in_text()) text = at;
            const char c = *at++;
            at_ = at;
            if (head_bytes_++ == max_head_bytes) return fail(Error::head_too_large);
            part = head_.feed(c);
            if (part == ParseEvent::failed)
                return fail(head_.in_status_line() ? Error::bad_status_line : Error::bad_header);
            const bool is_kept = stage_ != Stage::trailer && head_.status() >= 200;
            if (part == ParseEvent::head) {
                if (is_kept) return begin_body();
                if (stage_ == Stage::trailer) {
                    stage_ = Stage::complete;
                    return ParseEvent::end;
                }
                // Another head follows 1xx (RFC 9110 section 15.2), another protocol 101.
                if (head_.status() == 101) return fail(Error::unexpected_upgrade);
                head_.begin_head();
            }
            if (!is_kept) part = ParseEvent::need_more;
            if (part == ParseEvent::need_more) continue;
            const bool in_text = head_.in_text();
            if (part == ParseEvent::field_value && BodyFraming::is_concerned(head_.field()) &&
                !framing_.feed(head_.field(), c, !in_text, head_.word(), left_))
                return fail(Error::bad_framing);
            if (!in_text) {
                --at;
                break;
            }
        }
        text_ = StringView(text, static_cast<size_t>(at - text));
        return part;
    }

    ParseEvent begin_body() noexcept {
        switch (framing_.decide(head_.status(), head_.is_http_1_0(), left_)) {
            case BodyLength::close: stage_ = Stage::until_close; break;
            case BodyLength::length: stage_ = left_ == 0 ? Stage::complete : Stage::counted; break;
            case BodyLength::last_chunk: stage_ = Stage::chunk_line; break;
            case BodyLength::invalid: return fail(Error::bad_framing);
        }
        head_complete_ = true;
        return ParseEvent::head;
    }

    ParseEvent fail(Error error) noexcept {
        stage_ = Stage::failed;
        error_ = error;
        return ParseEvent::failed;
    }

    Stage stage_ = Stage::head;
    Error error_ = Error::none;
    bool head_complete_ = false;
    BodyFraming framing_;
    ChunkedReader chunks_;
    HeadReader head_;
    uint32_t head_bytes_ = 0;
    const char* at_ = nullptr;
    StringView text_;
    uint64_t left_ = 0;  // bytes of the body, or of the chunk, still to come; before that, their number as it is read
};

inline constexpr ResponseParser ResponseParser::fresh;

}  // namespace http

OPENAI_STREAM_END
