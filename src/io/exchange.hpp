#pragma once
// One request and its response, without I/O: bytes out, bytes in, events out. Never waits, never calls anybody.
//
// How it is divided: ReceiveBuffer has the marks of the buffer, http::ResponseParser takes the framing off, BodyReader
// finds out what the body is and gives events or a text, dialect::DocumentReader reads these. Here is what ties them
// together: the request (exchange_request.hpp), what has come (exchange_input.hpp), what is said of it
// (exchange_events.hpp) and how it ended (exchange_failure.hpp).
#include "../http/response_parser.hpp"
#include "../request/azure_endpoint.hpp"
#include "api.hpp"
#include "body_piece.hpp"
#include "body_words.hpp"
#include "exchange_state.hpp"
#include "responses.hpp"

OPENAI_STREAM_BEGIN

// The smallest buffer. 2 KiB is a good one for firmware, 16 KiB wherever memory does not matter.
constexpr size_t min_buffer_bytes = 512;

// One event of text/event-stream as it is, for raw mode. Views as in Event.
struct SseEvent {
    StringView type;  // "message" when the server gave none
    StringView data;
    StringView id;    // the last event ID
};

// Memory: one buffer, owned by the caller, which must outlive the Exchange.
//
//   | names | kept | values | data | rest ...                | free | request window, then templates |
//
//   names    the type and the ids of the server-sent event being read; fixed size
//   kept     fields of the response head that failure() shows, and the first bytes of the body until something of it
//            was understood
//   values   of an event too large for the buffer: its ids and names seen so far
//   data     of the event being read
//   rest     received, not read yet
//   free     incoming()
//   request  what outgoing() shows; there only until the request has been sent
//   templates  of events (dialect::EventTemplates), after that; none in a buffer of less than 4 KiB, in raw mode, or
//              where size counts more than speed
//
// What is true whenever a public function returns (is_sound(); every test checks it each time):
//
//   1. memory <= names' end <= the marks of the buffer in their order (ReceiveBuffer) <= memory's end
//   2. the data of an event that is being assembled lies between retained_end and unread; so does what the reader has
//      of it: its values before the data, what it has not read within (all of it, when it asks for more)
//   3. out_begin_ <= out_end_, and both lie from limit to the memory's end, or there is no window
//   4. views that are delivered end at unread at the latest: nothing that has not been read is shown, nor what was not
//      received; or they lie in a template. What they show outside the buffer is static
//   5. before bytes are received after a piece of an event's data, one byte is free between both: a line feed may have
//      to be put there (BodyReader::compact)
class Exchange : detail::ExchangeState, detail::ExchangeLink, detail::ExchangeParts {
public:
    constexpr Exchange() noexcept = default;
    constexpr explicit Exchange(Buffer memory) noexcept;
    constexpr void set_memory(Buffer memory) noexcept { memory_ = memory; }  // before the first begin()

    // A new request: any that Api::answer_to() knows. If it fits into the buffer it is_detached(); else the endpoint
    // and the request must stay until the response has begun.
    // Errors: buffer_too_small, bad_url, endpoint_in_url, bad_key, bad_header_value, bad_request_field,
    // bad_request_json.
    template <class Server = detail::Braces, class Request = detail::Braces>
    Error begin(Server&& endpoint, Request&& request) noexcept {
        if constexpr (detail::is_lasting_call<Server, Request>()) return begin_named(endpoint, request);
        else return Error::not_open;
    }
    // For programs that have an HTTP client already: the answer to a request that it has sent. What feed(), or
    // received(), takes then are the bytes of the body, without framing and not compressed.
    Error begin_body(Api what, int http_status, StringView content_type = {}) noexcept;
    // A field of that answer's head, after begin_body() and before any byte of the body. What failure() shows is kept
    // (content-type, x-request-id, location, retry-after in seconds), all others are passed over, so that every field
    // may be given, also with the line end after it.
    void add_header(StringView name, StringView value) noexcept;

    // Takes these bytes and delivers, to on_event(Event&), every event there is then: in place of incoming(),
    // received() and poll(). Returns what poll() said last; when that is not `pending`, it has ended, and bytes
    // that are left over are not taken. feed<SseEvent>() is raw mode. The bytes need not stay.
    template <class E = Event, class OnEvent> Poll feed(StringView bytes, OnEvent&& on_event) noexcept;
    // No byte comes any more (for a link that has failed, call failed() and then this): the rest of the events.
    template <class E = Event, class OnEvent> Poll finish(OnEvent&& on_event) noexcept;
    // In place of feed(), where whole JSON messages come and no event stream (WebSocket, a line of NDJSON): takes one.
    // It becomes the data of one event: what is no JSON is Error::bad_json. (A refusal's body_prefix shows it as such.)
    template <class OnEvent> Poll feed_message(StringView json, OnEvent&& on_event) noexcept;

    // The listener is told the fields of this answer's head; it must outlive it. To be called after begin().
    void add_header_listener(HeaderListener& listener) noexcept;
    // What failure() says of it from now on.
    void set_retry_after_ms(int64_t ms) noexcept { fields_.set_retry_after_ms(ms); }
    // That of the request: as long as it lives.
    const Endpoint& endpoint() const noexcept { return request_.endpoint(); }
    // The same request once more, of whose answer nothing was delivered. Returns false before it if the request is not
    // there any more: it was detached, and not kept.
    bool can_restart() const noexcept;
    void restart() noexcept;
    // All of the request lies in the buffer: neither it nor the Endpoint is read any more, and both may be gone.
    bool is_detached() const noexcept { return is_detached_; }
    // After begin(): a request that is detached stays where it is, for restart(), until it is released. If it takes
    // more than half of what there is for the answer, it is not detached: it must live.
    void keep_request() noexcept;
    // The answer needs the room.
    void release_request() noexcept;
    // It is not to be sent: nothing of its key stays in the buffer.
    void wipe_request() noexcept { memset(window_, 0, static_cast<size_t>(out_end_ - window_)); }
    bool is_kept() const noexcept { return is_detached_ && window_ == body_.receive_end; }
    // An answer has begun that needs all the room there is.
    bool is_short_of_room() const noexcept { return has_head() && !is_refused_ && !body_.buffer.has_room(); }
    // The link has ended, and not a byte of the answer has come.
    bool is_unheard() const noexcept {
        return is_open() && input_ != Input::open && (state_ == State::held || traffic_.received_bytes == 0);
    }
    // Then, before poll(): the same request over another connection. All else is still as begin() left it.
    void resend() noexcept;

    // An answer of the Responses API is read, and not raw: there is a memory of what was delivered.
    bool can_resume() const noexcept {
        return mode_ == Mode::typed && reader_.memory();
    }
    // The rest of an answer of the Responses API, which this has read up to an event's end before the link broke: what
    // was delivered of it is remembered. It goes to the Endpoint of the request before, which must still be there.
    Error resume_from(const RetrieveRequest& request) noexcept;

    // The bytes to be sent next; empty: none (now). sent() says how many of them were.
    StringView outgoing() noexcept;
    // More than outgoing() showed is Error::transport_contract.
    void sent(size_t count) noexcept;
    // The link takes no more; what the server has to say is still read.
    void stop_sending() noexcept;

    // Where received bytes belong; received() says how many came. Empty: poll() first, there is no room.
    Buffer incoming() noexcept {
        OPENAI_STREAM_ASSERT(is_sound());
        return {body_.buffer.received_end, room()};
    }
    // More than there was room for is Error::transport_contract: it lies in memory that is not ours.
    void received(size_t count) noexcept;
    // No more bytes will come: the peer has closed; or the link has failed, with the platform's code, or 0: cut off.
    void ended() noexcept {
        if (input_ == Input::open) input_ = Input::closed;
    }
    void failed(int32_t code) noexcept {
        input_ = Input::lost;
        if (is_open()) transport_code_ = code;
    }

    // The next event of the answer. What was received before an error is delivered before it.
    Poll (poll)(Event& event) noexcept;
    // Raw mode: server-sent events as they are. An event that does not fit is Error::event_too_large.
    Poll (poll)(SseEvent& event) noexcept;
    Poll (poll)(BodyPiece& piece) noexcept;

    // Ends it from outside, unless it has ended.
    OPENAI_STREAM_OUTLINE void stop(Verdict verdict, Error error, int32_t transport_code = 0) noexcept {
        if (!is_open()) return;
        transport_code_ = transport_code;
        error_ = error;
        verdict_ = verdict;
        state_ = State::over;
    }
    // The same for a reason that does not hide a refusal whose status has come.
    void fail_unless_refused(Error error) noexcept {
        if (is_open()) fail(error);
    }

    bool is_open() const noexcept { return state_ >= State::held; }
    bool wants_to_send() const noexcept { return state_ == State::sending; }
    bool has_head() const noexcept { return !awaits_turn() && http_.head_complete(); }  // of the response
    Error error() const noexcept { return state_ == State::idle ? Error::not_open : error_; }
    Verdict verdict() const noexcept { return verdict_; }
    Stats stats() const noexcept {
        Stats stats;
        static_cast<TransferStats&>(stats) = traffic_;
        stats.request_id = fields_.request_id(body_.sse.names_end());
        return stats;
    }
    // Something other than keep-alives was delivered.
    bool has_content() const noexcept { return traffic_.events != traffic_.keepalives; }
    uint64_t sent_bytes() const noexcept { return traffic_.sent_bytes; }
    uint64_t received_bytes() const noexcept { return traffic_.received_bytes; }
    Quirks quirks() const noexcept;
    Failure failure() const noexcept;
    // After an error of begin(): see RequestWriter.
    StringView refused_field(Buffer memory) const noexcept { return request_.refused_field(memory); }

    // The connection may carry another request: the message is complete and nothing came after it.
    bool is_reusable() const noexcept { return http_.keep_alive() && can_drain(); }
    // After the end marker the message's own end has yet to come: incoming() and received() take it, and drain() reads
    // it, until is_reusable().
    bool can_drain() const noexcept;
    void drain() noexcept;

    // Before begin(): this one is over, and goes_on says whether the next request goes over the same connection, which
    // must be one that can_drain(). begin() then waits for the end of this message (`held`): until take_turn() nothing
    // is to be sent, and what comes belongs to the message before.
    void leave(bool goes_on) noexcept { state_ = goes_on ? State::held : State::over; }
    bool awaits_turn() const noexcept { return state_ == State::held; }
    bool is_message_over() const noexcept { return http_.complete(); }  // the one before
    void take_turn() noexcept {
        if (awaits_turn()) begin_turn();
    }

private:
    // What read_next() has found. The end of the message stands in the place of an event that is too large.
    using Arrival = sse::Progress;
    static constexpr Arrival end_of_message = Arrival::too_large;

    static constexpr size_t min_free_while_sending = 256;
    static constexpr size_t max_body_prefix = 256;
    static constexpr size_t max_short_prefix = 48;
    // After the end marker, of the message before: some events nobody needs, trailers. More costs a new connection.
    static constexpr size_t max_left_over = 4096;
    static constexpr size_t min_name_bytes = 48;
    static constexpr size_t max_templates = 2048;  // bytes of the buffer
    static constexpr size_t done_marker_size = 6;

    // Longest event type and id, for a buffer of this size: 64 in 2 KiB, 512 in 16 KiB and above. (A type of the
    // Responses API has 48.)
    size_t name_limit() const noexcept {
        const size_t share = memory_.size / 32;
        return share < min_name_bytes ? min_name_bytes : share > 512 ? 512 : share;
    }

    // ---- the request: exchange_request.hpp -----------------------------------------------------------------------

    Error reset(const dialect::Dialect& dialect) noexcept;
    template <class Request> Error begin_named(const Endpoint& endpoint, const Request& request) noexcept {
        const Api what = Api::answer_to(request);
        const Error error = reset(what.dialect());
        if (error != Error::none) return error;
        if (what.begin()) note_answer(*what.begin());
        return begin_request(endpoint, request);
    }
    template <class Request> Error begin_request(const Endpoint& endpoint, const Request& request) noexcept {
        return end_begin(request_.begin(endpoint, request));
    }
    // The first window: all of the request, if that is large enough.
    Error end_begin(Error invalid) noexcept;
    void show_kept(char* text) noexcept;
    // Writes what comes next of the request into the window.
    void fill_window() noexcept;
    // What comes from now on is the answer.
    void begin_turn() noexcept;
    // While the request goes out.
    void limit_window() noexcept;
    void end_sending(State next) noexcept;

    // What a dialect may note of an answer: it lies where raw mode keeps the last event ID.
    static_assert(3 * min_name_bytes >= dialect::min_response_bytes, "room in the smallest buffer");
    void note_answer(Api::Begin& begin) noexcept { begin(reader_, response_state()); }
    Buffer response_state() const noexcept { return {memory_.data + name_limit(), 3 * name_limit()}; }

    static void tell_listeners(HeaderListener* first, http::ParseEvent part,
                               const http::ResponseParser& found) noexcept {
        for (HeaderListener* one = first; one; one = one->next) one->on_header(*one, part, found);
    }

    // ---- from the link to events and texts: exchange_input.hpp ---------------------------------------------------

    // Reads on until something has arrived as a whole. need_more: all that was received has been read.
    Arrival read_next() noexcept;
    http::ParseEvent read_framing() noexcept;
    // What is no part of the body. Returns true if it is the end of the message.
    bool handle(http::ParseEvent part) noexcept;
    void end_head() noexcept;
    void note_status() noexcept;
    // The message has ended. An event that still lacks the blank line after it counts if all of its data is there, as
    // the official packages have it; raw mode stays with the standard, which drops it.
    Arrival read_rest() noexcept;
    bool has_whole_data() noexcept;
    // Nothing but the end of the link says where the body ends, and it was no orderly one.
    bool is_cut_off() const noexcept { return input_ == Input::lost && http_.is_ended_by_close(); }

    size_t room() const noexcept;  // for incoming()
    void pass_over(size_t count) noexcept;
    // Returns true if there is room for more bytes. Otherwise poll on: the event that fills the buffer is read in
    // parts, or has failed. Nothing moves before seven eighths are full, so that small reads stay cheap.
    bool make_room() noexcept;
    // Moves all that is still needed to retained_end and on.
    void compact() noexcept;
    size_t prefix_limit() const noexcept {
        return memory_.size / 8 < max_body_prefix ? memory_.size / 8 : max_body_prefix;
    }
    // An event needs the room of the first bytes of the body. Returns false if they are that short already.
    OPENAI_STREAM_OUTLINE bool shorten_prefix() noexcept {
        const size_t share = memory_.size / 32 < max_short_prefix ? memory_.size / 32 : max_short_prefix;
        return body_.shorten_prefix(mode_ == Mode::raw ? 0 : share);
    }
    // The end of the buffer is for event templates, if it is large enough; and is not any more.
    void use_templates() noexcept;
    void release_templates() noexcept;
    // Between two events: one that is like another one is taken whole; else it may become one that others are like.
    // event: it was taken; comment: it is to be read as it comes; need_more: the rest of it is worth waiting for.
    Arrival take_matched() noexcept;
    bool may_await() const noexcept;

    // ---- from events to the dialect: exchange_events.hpp ---------------------------------------------------------

    // The first call fixes the mode.
    void enter_mode(Mode mode) noexcept;
    bool is_reading() const noexcept { return document_ >= Document::answer; }
    bool is_done_marker() noexcept;
    void note_event_size() noexcept;
    // There is an event's data, or the last part of one that is being read; if not is_whole, as much of one as there is
    // room for. What is no JSON text is passed over when all of it is there; until then it is cut to what shows what it
    // is.
    void begin_document(bool is_whole) noexcept;
    void begin_reading(bool is_whole) noexcept;
    // More of the event being read in parts has come.
    bool show_more() noexcept;
    void fail_document() noexcept;
    void end_document(dialect::Outcome outcome) noexcept;
    // The message, or what counts of it, has ended. What is a finished answer is said here and nowhere else.
    void conclude() noexcept;
    void conclude_raw() noexcept;  // in raw mode that is what the framing says
    // Something of it was understood. (An answer in JSON has choices, or is none, whatever else it has.)
    bool knows_answer() const noexcept;
    // The error of an end that is that of a refusal, or of a link that broke without being asked to; or none.
    Error error_of_end() const noexcept;
    template <class Any> Poll deliver(const Any& event) noexcept {
        OPENAI_STREAM_ASSERT(is_sound(event));
        static_cast<void>(event);
        ++traffic_.events;
        return Poll::event;
    }
    void end_with(Verdict verdict) noexcept;
    // A refusal stays one, whatever is wrong with its body.
    Error fail(Error error) noexcept;

    // ---- failure and invariants: exchange_failure.hpp ------------------------------------------------------------

    // What of the body the error is about; empty: nothing of it.
    StringView shown_body() const noexcept;
    // What it says in one line, if it was written for people: it had no event, or one that was no JSON. (Of an event
    // that was cut, what can be read is said.) Null data() if there are no words.
    StringView words_of_body() const noexcept;
    // The invariants above; and that of what a view shows.
    bool is_sound() const noexcept;
    bool is_sound(StringView view) const noexcept;
    bool is_sound(const Event& event) const noexcept;
    bool is_sound(const SseEvent& event) const noexcept;

    static const Exchange all_zero;
};

inline constexpr Exchange Exchange::all_zero;
constexpr Exchange::Exchange(Buffer memory) noexcept : Exchange(all_zero) { memory_ = memory; }

OPENAI_STREAM_END
