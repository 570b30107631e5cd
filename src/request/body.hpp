#pragma once
// Writes a whole request, head and body, window by window. It never exists as a whole: the body is produced twice, to
// be counted and to be sent.
#include "../json/writer.hpp"
#include "call.hpp"
#include "endpoint.hpp"
#include "field_name.hpp"
#include "form.hpp"
#include "raw_request.hpp"
#include "thread_run_request.hpp"

OPENAI_STREAM_BEGIN

// Holds pointers to the endpoint and the request: both must stay where they are, unchanged, until finished().
class RequestWriter {
public:
    // The smallest window write() may be given.
    static constexpr size_t min_window_bytes = 16;

    constexpr RequestWriter() noexcept = default;

    // Checks and counts; nothing is written yet. Forgets an earlier request and its error.
    // Errors: bad_url, endpoint_in_url, bad_key, bad_header_value, bad_request_field, bad_request_json.
    template <class Server = detail::Braces, class Request = detail::Braces>
    Error begin(Server&& endpoint, Request&& request) noexcept {
        if constexpr (detail::is_lasting_endpoint<Server>() && detail::is_lasting_request<Request>()) {
            const char* const field = request.invalid_field();
            return field ? refuse(field) : begin_with(endpoint, request, 0);
        } else {
            return Error::none;
        }
    }
    // The same for the body alone: write() then gives a JSON text of content_length() bytes, for an HTTP client that is
    // there already; or a form, which that client has to send as "multipart/form-data; boundary=" and the request's
    // boundary.view().
    template <class Request = detail::Braces> Error begin_body(Request&& request) noexcept {
        if constexpr (detail::is_lasting_request<Request>()) {
            const char* const field = request.invalid_field();
            if (field) return refuse(field);
            if (count(State::body, body_of(request, 0)) == Error::none) begin_sending_body();
        }
        return error_;
    }
    // A request in pieces of the caller's own making.
    template <class Server = detail::Braces>
    Error begin(Server&& endpoint, const http::RequestPath& path, detail::BodySource body) noexcept {
        if constexpr (detail::is_lasting_endpoint<Server>()) return begin_pieces(endpoint, path, body);
        else return Error::none;
    }

    // After begin(), whatever has been written since: from the first byte on.
    OPENAI_STREAM_OUTLINE void rewind() noexcept {
        error_ = Error::none;
        left_ = SIZE_MAX;  // as many as that: any
        position_ = 0;
        in_text_ = false;
        refused_ = nullptr;
        at_.rewind();
        state_ = State::head;
    }

    // Writes what comes next into a window of at least min_window_bytes and returns the count of bytes, at most a few
    // less than room. 0: finished, or failed, then with Error::request_changed if the body has another length than it
    // had in begin(). Such a request never becomes complete: its last bytes are held back.
    inline size_t (write)(char* into, size_t room) noexcept;

    // Of the request that was begun.
    const Endpoint& endpoint() const noexcept { return *static_cast<const Endpoint*>(head_.server); }
    constexpr bool finished() const noexcept { return state_ == State::finished; }
    constexpr Error error() const noexcept { return error_; }
    constexpr int64_t content_length() const noexcept { return static_cast<int64_t>(body_bytes_); }
    // After an error of begin(): the field that cannot be sent, "key" or "tools[0].parameters"; empty if the error says
    // which, or if there is none. Written into this memory, and cut where that ends, or static. The request and the
    // endpoint may be gone by then.
    StringView refused_field(Buffer memory) const noexcept {
        if (error_ == Error::bad_header_value) return head_.field_at(at_);
        if (!refused_ || error_ < Error::bad_header_value) return {};  // these say which
        return detail::FieldName(memory).name(refused_, body_.rows, refused_around_, at_);
    }

private:
    enum class State : uint8_t { idle, head, body, finished, failed };

    inline Error begin_pieces(const Endpoint& endpoint, const http::RequestPath& path,
                              detail::BodySource body) noexcept;
    // Checks and counts what comes from there on.
    inline Error count(State from, detail::BodySource body) noexcept;
    // Preferred where there is a body: 0 is an int.
    template <class Request>
    auto begin_with(const Endpoint& endpoint, const Request& request, int) noexcept
        -> decltype(request.body(), Error()) {
        return begin_pieces(endpoint, path_of(request), request.body());
    }
    Error begin_with(const Endpoint& endpoint, const RawRequest& request, int) noexcept {
        return request.method == http::Method::get ? begin_head(endpoint, request.head())
                                                   : begin_pieces(endpoint, request.path, request.body());
    }
    Error begin_with(const Endpoint& endpoint, const ThreadRunRequest& request, int) noexcept {
        return begin_run(endpoint, request.target(), request.body());
    }
    Error begin_with(const Endpoint& endpoint, const ToolOutputsRequest& request, int) noexcept {
        return begin_run(endpoint, request.target(), request.body());
    }
    Error begin_run(const Endpoint& endpoint, const detail::Elements& target, detail::BodySource body) noexcept {
        static constexpr http::RequestPath root = "/";  // the target is put in its place
        head_.begin(endpoint, root);
        head_.path = {};
        head_.target = target;
        head_.set_beta(http::assistants_bit);
        return count(State::head, body);
    }
    template <class Request> Error begin_with(const Endpoint& endpoint, const Request& request, long) noexcept {
        return begin_head(endpoint, request.head());
    }
    // The same for a form. (None has both.)
    template <class Request>
    auto begin_with(const Endpoint& endpoint, const Request& request, int) noexcept
        -> decltype(request.form(), Error()) {
        const detail::BodySource form = request.form();  // chooses the boundary
        head_.begin(endpoint, path_of(request));
        head_.set_form(request.boundary.bytes);
        return count(State::head, form);
    }
    template <class Request> static auto body_of(const Request& request, int) noexcept -> decltype(request.body()) {
        return request.body();
    }
    template <class Request> static auto body_of(const Request& request, int) noexcept -> decltype(request.form()) {
        return request.form();
    }
    // Its path, if it is always the same: one that is checked by the compiler.
    template <class Request> static const http::RequestPath& path_of(const Request&) noexcept {
        static constexpr http::RequestPath path = Request::path;
        return path;
    }
    Error refuse(const char* field) noexcept {
        refused_ = field;
        return fail(Error::bad_request_field);
    }
    inline Error begin_head(const Endpoint& endpoint, const http::RequestWithoutBody& request) noexcept;
    void begin_sending_body() noexcept {
        left_ = body_bytes_;
        state_ = State::body;
    }

    Error fail(Error error) noexcept {
        state_ = State::failed;
        return error_ = error;
    }
    inline Error write_text(const detail::Fragment& piece, json::Window& window) noexcept;

    size_t body_bytes_ = 0;
    size_t left_ = 0;           // of the body, still to be written
    size_t position_ = 0;       // in the text to be written next; see json::write_string
    State state_ = State::idle;
    Error error_ = Error::none;
    bool in_text_ = false;      // that is the piece's text, not what stands before it
    detail::Cursor at_;         // before the piece
    detail::BodySource body_;
    // If a piece is refused, at at_: what stands before it, and its Fragment::around.
    const char* refused_ = nullptr;
    const detail::FieldDescriptor* refused_around_ = nullptr;
    http::RequestHead head_;
};

// Writes a piece's text from position_ on, as much as fits; position_ becomes json::at_end. It is checked when it is
// counted.
OPENAI_STREAM_INLINE Error RequestWriter::write_text(const detail::Fragment& piece, json::Window& window) noexcept {
    using Kind = detail::FragmentKind;
    Error error = Error::none;
    if (piece.kind == Kind::streamed) return (piece.streamed().write)(piece.streamed(), position_, window);
    if (piece.kind == Kind::string) {
        json::write_string(piece.text, position_, window);
        return error;
    }
    char digits[20];
    StringView text = piece.text;
    if (piece.kind == Kind::integer) text = json::format_integer(piece.integer(), digits);
    if (piece.kind == Kind::checked) {
        text = piece.checked().text;
        if (!window.at) error = piece.checked().error();
    }
    size_t position = position_ < text.size() ? position_ : text.size();  // it may have become shorter
    position += window.put(text.data() + position, text.size() - position);
    position_ = position == text.size() ? json::at_end : position;
    return error;
}

inline Error RequestWriter::begin_pieces(const Endpoint& endpoint, const http::RequestPath& path,
                                         detail::BodySource body) noexcept {
    head_.begin(endpoint, path);
    return count(State::head, body);
}

inline Error RequestWriter::begin_head(const Endpoint& endpoint, const http::RequestWithoutBody& request) noexcept {
    const detail::BodySource nothing = {nullptr, [](const void*, detail::Cursor&, detail::Fragment&,
                                                    const detail::FieldDescriptor*) noexcept { return false; }};
    static constexpr http::RequestPath root = "/";  // a target is put in its place
    if (begin_pieces(endpoint, root, nothing) == Error::none) {
        head_.set_without_body(request);
        if (request.beta != 0) head_.set_beta(request.beta);
    }
    return error_;
}

inline Error RequestWriter::count(State from, detail::BodySource body) noexcept {
    rewind();
    body_ = body;
    body_bytes_ = SIZE_MAX;
    if (from != State::head) state_ = from;  // rewind() goes to the head
    (write)(nullptr, SIZE_MAX);
    body_bytes_ = SIZE_MAX - left_;
    head_.content_length = content_length();
    if (error_ == Error::none) state_ = State::head;
    return error_;
}

inline size_t (RequestWriter::write)(char* into, size_t room) noexcept {
    json::Window window = {into, room};
    while (state_ == State::head || state_ == State::body) {
        const bool in_body = state_ == State::body;
        const size_t free = window.room;
        detail::Cursor next = at_;
        detail::Fragment piece;
        if (!(in_body ? body_.next(body_.object, next, piece, body_.rows)
                      : http::RequestHead::next(&head_, next, piece))) {
            if (in_body && left_ != 0 && into) {
                fail(Error::request_changed);  // shorter
                return 0;
            }
            at_.rewind();
            if (in_body) state_ = State::finished;
            else begin_sending_body();
            continue;
        }
        if (!in_text_) {
            piece.text = StringView(piece.before, detail::words::length(piece.before));
            piece.kind = detail::FragmentKind::plain;
        }
        const Error error = write_text(piece, window);
        if (error != Error::none) {
            refused_ = piece.before;
            refused_around_ = piece.around;
            fail(error);
            return 0;
        }
        const size_t count = free - window.room;
        const bool has_more = position_ != json::at_end;
        if (count + has_more > left_) {
            fail(Error::request_changed);  // longer
            return 0;
        }
        left_ -= count;
        if (has_more) break;
        position_ = 0;
        if (in_text_) at_ = next;
        in_text_ = !in_text_;
    }
    return static_cast<size_t>(window.at - into);
}

OPENAI_STREAM_END
