#pragma once
// Writes a whole request, head and body, window by window. It never exists as a whole: the body is produced twice, to
// be counted and to be sent.
#include "../json/writer.hpp"
#include "endpoint.hpp"

OPENAI_STREAM_BEGIN

// Holds pointers to the endpoint and the request: both must stay where they are, unchanged, until finished().
class RequestWriter {
public:
    // The smallest window write() may be given.
    static constexpr size_t min_window_bytes = 16;

    constexpr RequestWriter() noexcept = default;

    // Checks and counts; nothing is written yet. Forgets an earlier request and its error.
    // Errors: bad_url, bad_header_value, bad_request_field, bad_request_json.
    template <class Request> Error begin(const Endpoint& endpoint, const Request& request) noexcept {
        const Error error = request.check();
        return error != Error::none ? fail(error) : begin(endpoint, request.path, request.body());
    }
    template <class Request> Error begin(const Endpoint&& endpoint, const Request& request) = delete;
    template <class Request> Error begin(const Endpoint& endpoint, const Request&& request) = delete;
    inline Error begin(const Endpoint& endpoint, StringView path, Producer body) noexcept;
    Error begin(const Endpoint&& endpoint, StringView path, Producer body) = delete;

    // Writes what comes next into a window of at least min_window_bytes and returns the count of bytes, at most a few
    // less than room. 0: finished, or failed, then with Error::request_changed if the body has another length than it
    // had in begin(). Such a request never becomes complete: its last bytes are held back.
    inline size_t write(char* into, size_t room) noexcept;

    constexpr bool finished() const noexcept { return state_ == State::finished; }
    constexpr Error error() const noexcept { return error_; }
    // Right after begin(): Content-Length.
    constexpr int64_t body_bytes_left() const noexcept { return head_.content_length; }

private:
    enum class State : uint8_t { idle, head, body, finished, failed };

    Error fail(Error error) noexcept {
        state_ = State::failed;
        return error_ = error;
    }
    static inline size_t write_piece(const Piece& piece, size_t& position, char* into, size_t room) noexcept;

    http::RequestHead head_;    // content_length: bytes of the body still to be written
    Producer body_;
    size_t position_ = 0;       // in the piece behind at_; see json::write_string
    Cursor at_;                 // before the piece to be written next
    State state_ = State::idle;
    Error error_ = Error::none;
};

// Writes a piece from position on, as much as fits; position becomes json::at_end. Into null: only counts.
inline size_t RequestWriter::write_piece(const Piece& piece, size_t& position, char* into, size_t room) noexcept {
    if (piece.kind == PieceKind::string) return json::write_string(piece.text, position, into, room);
    char digits[20];
    StringView text = piece.text;
    if (piece.kind == PieceKind::integer)
        text = json::format_integer(*reinterpret_cast<const int64_t*>(text.data()), digits);
    text = text.drop(position);
    const size_t count = text.take(room).size();
    if (into && count != 0) memcpy(into, text.data(), count);
    position = count == text.size() ? json::at_end : position + count;
    return count;
}

inline Error RequestWriter::begin(const Endpoint& endpoint, StringView path, Producer body) noexcept {
    head_.content_length = 0;
    body_ = body;
    position_ = 0;
    at_ = Cursor();
    error_ = Error::none;
    Error error = head_.begin(endpoint, path);
    if (error == Error::none) error = endpoint.check_address();
    if (error != Error::none) return fail(error);
    Cursor at;
    Piece piece;
    while (body.next(body.object, at, piece)) {
        if (piece.check && !piece.check(piece.text)) return fail(Error::bad_request_json);
        for (size_t position = 0; position != json::at_end;)
            head_.content_length += static_cast<int64_t>(write_piece(piece, position, nullptr, SIZE_MAX / 2));
    }
    state_ = State::head;
    return Error::none;
}

inline size_t RequestWriter::write(char* into, size_t room) noexcept {
    size_t used = 0;
    while (state_ == State::head || state_ == State::body) {
        const bool in_body = state_ == State::body;
        Cursor next = at_;
        Piece piece;
        if (in_body ? !body_.next(body_.object, next, piece) : !http::RequestHead::next(&head_, next, piece)) {
            at_ = Cursor();
            if (!in_body) state_ = State::body;
            else if (head_.content_length == 0) state_ = State::finished;
            else fail(Error::request_changed);  // shorter
            continue;
        }
        size_t free = room - used;
        const bool must_fit = in_body && static_cast<uint64_t>(head_.content_length) < free;
        if (must_fit) free = static_cast<size_t>(head_.content_length);
        const size_t count = write_piece(piece, position_, into + used, free);
        used += count;
        if (in_body) head_.content_length -= static_cast<int64_t>(count);
        if (position_ == json::at_end) {
            at_ = next;
            position_ = 0;
        } else if (!must_fit) {
            return used;
        } else {
            fail(Error::request_changed);  // longer
        }
    }
    return state_ == State::failed ? 0 : used;
}

OPENAI_STREAM_END
