#pragma once
// One request and its response, without I/O: bytes out, bytes in, events out. Never waits, never calls anybody.
#include "../dialect/chat.hpp"
#include "../dialect/event_reader.hpp"
#include "../http/response_parser.hpp"
#include "../request/azure_endpoint.hpp"
#include "../request/body.hpp"
#include "../sse/event_assembler.hpp"
#include "body_of.hpp"
#include "body_words.hpp"
#include "failure.hpp"
#include "head_fields.hpp"
#include "receive_buffer.hpp"
#include "responses.hpp"
#include "stats.hpp"

OPENAI_STREAM_BEGIN

// The smallest buffer. 2 KiB is a good one for firmware, 16 KiB wherever memory does not matter.
constexpr size_t min_buffer_bytes = 512;

// One event of text/event-stream as it is, for raw mode. Views as in Event.
struct SseEvent {
    StringView type;  // "message" when the server gave none
    StringView data;
    StringView id;    // the last event ID
};

// Hears of every field of the response's head, name and value in pieces (field_name, field_value; else it is to be
// passed over).
struct HeaderListener {
    using OnHeader = void (*)(HeaderListener& self, http::Part part, const http::ResponseParser& found);

    constexpr explicit HeaderListener(OnHeader what_to_do) noexcept : on_header(what_to_do) {}
    // A copy listens to nothing yet, and what is assigned to goes on.
    constexpr HeaderListener(const HeaderListener& other) noexcept : on_header(other.on_header) {}
    HeaderListener& operator=(const HeaderListener& other) noexcept {
        on_header = other.on_header;
        return *this;
    }

    OnHeader on_header;
    HeaderListener* next = nullptr;  // of the same answer
};

// Memory: one buffer, owned by the caller, which must outlive the Exchange.
//
//   | names | kept | values | data | rest ...                | free | request window |
//
//   names    the type and the ids of the server-sent event being read; fixed size
//   kept     fields of the response head that failure() shows, the shape of events (dialect::LearnedShape), and the
//            first bytes of the body until something of it was understood
//   values   of an event too large for the buffer: its ids and names seen so far
//   data     of the event being read
//   rest     received, not read yet
//   free     incoming()
//   request  what outgoing() shows; there only until the request has been sent
//
// What is true whenever a public function returns (is_sound(); every test checks it each time):
//
//   1. memory <= names' end <= the marks of buffer_ in their order (ReceiveBuffer) <= memory's end
//   2. the data of an event that is being assembled lies between retained_end and unread; so does what the reader has
//      of it: its values before the data, what it has not read within (all of it, when it asks for more)
//   3. out_begin_ <= out_end_, and both lie from limit to the memory's end, or there is no window
//   4. views that are delivered end at unread at the latest: nothing that has not been read is shown, nor what was not
//      received. What they show outside the buffer is static
//   5. before bytes are received after a piece of an event's data, one byte is free between both: a line feed may have
//      to be put there (make_room())
class Exchange {
public:
    constexpr Exchange() noexcept = default;
    constexpr explicit Exchange(Buffer memory) noexcept;
    constexpr void use(Buffer memory) noexcept { memory_ = memory; }  // before the first begin()

    // A new request: any that BodyOf::answer_to() knows. The endpoint and the request must stay until the response has
    // begun; nothing of them is copied.
    // Errors: buffer_too_small, bad_url, endpoint_in_url, bad_key, bad_header_value, bad_request_field,
    // bad_request_json.
    template <class Server = traits::Braces, class Request = traits::Braces>
    Error begin(Server&& endpoint, Request&& request) noexcept {
        if constexpr (traits::is_lasting_call<Server, Request>()) return begin_named(endpoint, request);
        else return Error::not_open;
    }

    // For programs that have an HTTP client already: received() then takes the bytes of the body, without framing.
    Error begin_body(BodyOf what, int http_status, StringView content_type) noexcept {
        const Error error = restart(*what.dialect_);
        if (error != Error::none) return error;
        if (what.begin_) (what.begin_)(*this);
        sending_ = Sending::done;
        status_ = static_cast<uint16_t>(http_status);
        buffer_.retained_end =
            fields_.take(http::Field::content_type, http::trim_ows(content_type), true, buffer_.retained_end);
        // Behind a head without fields comes what is to be read here: a body that the end of the link ends.
        constexpr StringView head("HTTP/1.1 200\n\n", 14);
        memcpy(buffer_.retained_end, head.data(), head.size());
        buffer_.unread = buffer_.deframed_end = buffer_.retained_end;
        buffer_.received_end = buffer_.unread + head.size();
        return Error::none;
    }

    // Hears of the fields of this answer's head; must outlive it. To be called after begin().
    void add_header_listener(HeaderListener& listener) noexcept {
        for (const HeaderListener* one = listener_; one; one = one->next)
            if (one == &listener) return;
        listener.next = listener_;
        listener_ = &listener;
        tell_listeners_ = tell_listeners;
    }
    // What failure() says of it from now on.
    void set_retry_after_ms(int64_t ms) noexcept { fields_.set_retry_after_ms(ms); }
    // The same request once more, of whose answer nothing was handed out.
    void begin_again() noexcept {
        const RequestWriter request = request_;
        const Buffer lent = reader_.memory();
        const Mode mode = mode_;
        restart(*dialect_);
        mode_ = mode;
        if (mode == Mode::raw) sse_.follow_standard();
        if (lent.data == response_state().data) reader_.lend(lent);  // nothing was noted there yet
        buffer_.limit = buffer_.retained_end + min_free_while_sending;
        request_ = request;
        request_.rewind();
    }
    // The link has ended, and not a byte of the answer has come.
    bool is_unheard() const noexcept {
        return is_open() && is_ended_ && (sending_ == Sending::held || traffic_.received_bytes == 0);
    }
    // Then, before poll(): the same request over another connection. All else is still as begin() left it.
    void resend() noexcept {
        take_turn();
        is_ended_ = has_lost_link_ = false;
        transport_code_ = 0;
        out_begin_ = out_end_;  // what was shown
        buffer_.limit = buffer_.retained_end + min_free_while_sending;
        traffic_.sent_bytes = 0;
        request_.rewind();
    }

    // The rest of an answer of the Responses API, which this has read up to an event's end before the link broke: what
    // was handed out of it is remembered.
    Error take_up(const Endpoint& endpoint, const RetrieveRequest& request) noexcept {
        const Traffic traffic = traffic_;
        const Error error = restart(dialect::responses);
        if (error != Error::none) return error;
        traffic_ = traffic;
        reader_.lend(response_state());
        return begin_request(endpoint, request);
    }

    // The bytes to be sent next; empty: none (now). sent() says how many of them were.
    StringView outgoing() noexcept {
        if (!wants_to_send()) return {};
        if (out_begin_ == out_end_) {
            out_begin_ = out_end_ = buffer_.limit;
            out_end_ += (request_.write)(out_begin_, static_cast<size_t>(memory_.data + memory_.size - out_begin_));
            if (out_begin_ == out_end_ && request_.error() != Error::none) fail(request_.error());
            sent(0);
        }
        return {out_begin_, static_cast<size_t>(out_end_ - out_begin_)};
    }
    // More than outgoing() showed is Error::transport_contract.
    void sent(size_t count) noexcept {
        if (count > static_cast<size_t>(out_end_ - out_begin_)) {
            fail(Error::transport_contract);
            return;
        }
        out_begin_ += count;
        traffic_.sent_bytes += count;
        if (out_begin_ == out_end_ && request_.finished()) end_sending(Sending::done);
        OPENAI_STREAM_ASSERT(is_sound());
    }
    // The link takes no more; what the server has to say is still read.
    void stop_sending() noexcept {
        out_begin_ = out_end_;
        end_sending(Sending::stopped);
    }

    // Where received bytes belong; received() says how many came. Empty: poll() first, there is no room.
    Buffer incoming() noexcept {
        OPENAI_STREAM_ASSERT(is_sound());
        return {buffer_.received_end, room()};
    }
    // More than there was room for is Error::transport_contract: it lies in memory that is not ours.
    void received(size_t count) noexcept {
        if (count > room()) {
            fail(Error::transport_contract);
            return;
        }
        traffic_.received_bytes += count;
        if (sending_ == Sending::held) return pass_over(count);
        buffer_.received_end += count;
        const auto kept_and_rest =
            static_cast<size_t>((buffer_.retained_end - memory_.data) + (buffer_.received_end - buffer_.unread));
        const size_t in_use = kept_and_rest + (sse_.has_data() ? sse_.data().size() : 0);
        if (in_use > traffic_.peak_buffer_bytes) traffic_.peak_buffer_bytes = static_cast<uint32_t>(in_use);
        OPENAI_STREAM_ASSERT(is_sound());
    }
    // No more bytes will come: the peer has closed, or the link has failed with the platform's code, or 0: it was cut
    // off.
    void ended() noexcept { is_ended_ = true; }
    void failed(int32_t code) noexcept {
        is_ended_ = has_lost_link_ = true;
        if (is_open()) transport_code_ = code;
    }

    // The next event of the answer. What was received before an error is handed out before it.
    inline Poll (poll)(Event& event) noexcept;

    // Raw mode: server-sent events as they are. An event that does not fit is Error::event_too_large.
    inline Poll (poll)(SseEvent& event) noexcept;

    // Ends it from outside, unless it has ended.
    OPENAI_STREAM_OUTLINE void stop(Verdict verdict, Error error, int32_t transport_code = 0) noexcept {
        if (!is_open()) return;
        transport_code_ = transport_code;
        error_ = error;
        verdict_ = verdict;
        is_running_ = false;
    }

    // The same for a reason that does not hide a refusal whose status has come.
    void give_up(Error error) noexcept {
        if (is_open()) fail(error);
    }

    bool is_open() const noexcept { return is_running_; }
    bool wants_to_send() const noexcept { return is_open() && sending_ == Sending::active; }
    bool has_head() const noexcept { return !awaits_turn() && http_.head_complete(); }  // of the response
    Error error() const noexcept {
        return verdict_ == Verdict::still_open && !is_running_ ? Error::not_open : error_;
    }
    Verdict verdict() const noexcept { return verdict_; }
    Stats stats() const noexcept {
        Stats stats;
        static_cast<Traffic&>(stats) = traffic_;
        stats.request_id = fields_.request_id();
        return stats;
    }
    // Something other than keep-alives was handed out.
    bool has_content() const noexcept { return traffic_.events != traffic_.keepalives; }
    uint64_t sent_bytes() const noexcept { return traffic_.sent_bytes; }
    uint64_t received_bytes() const noexcept { return traffic_.received_bytes; }
    const Quirks& quirks() const noexcept { return reader_.quirks(); }
    // The connection may carry another request: the message is complete and nothing came behind it.
    bool is_reusable() const noexcept { return http_.keep_alive() && can_drain(); }
    // Behind the end marker the message's own end has yet to come: incoming() and received() take it, until
    // is_reusable().
    bool can_drain() const noexcept {
        const bool is_between = is_open() ? sending_ == Sending::held : is_done(verdict_) && sending_ == Sending::done;
        if (!is_between || is_ended_ || http_.error() != Error::none) return false;
        if (http_.complete()) return http_.keep_alive() && buffer_.unread == buffer_.received_end;
        return !http_.is_until_close();
    }
    void drain() noexcept {
        read_out_framing();
        // Makes room: what comes next may be the link's end.
        if (buffer_.unread == buffer_.received_end) buffer_.move_unread(buffer_.retained_end);
        OPENAI_STREAM_ASSERT(is_sound());
    }

    // For a request over a kept connection, whose message before may not have ended by the time of begin(): its framing
    // from before begin() is given back, and until take_turn() nothing is to be sent, and what comes is what is left of
    // that message. (By memmove: a small program then links no memcpy.)
    void copy_framing(http::ResponseParser& to) const noexcept { memmove(&to, &http_, sizeof to); }
    void await_turn(const http::ResponseParser& before) noexcept {
        memmove(&http_, &before, sizeof http_);
        sending_ = Sending::held;
    }
    bool awaits_turn() const noexcept { return is_open() && sending_ == Sending::held; }
    bool is_message_over() const noexcept { return http_.complete(); }  // the one before
    void take_turn() noexcept {
        http_ = http::ResponseParser::fresh;
        sending_ = Sending::active;
        traffic_.received_bytes = 0;
    }

    OPENAI_STREAM_INLINE Failure failure() const noexcept {
        Failure failure;
        failure.error = error();
        failure.blame = blame(error());
        failure.http_status = status_;
        failure.transport_code = transport_code_;
        failure.retry_after_ms = fields_.retry_after_ms();
        failure.request_id = fields_.request_id();
        failure.content_type = fields_.content_type();
        failure.location = fields_.location();
        if (shows_body()) {
            const bool is_event = error_ == Error::bad_json;
            const StringView body = is_event ? sse_.data() : body_prefix_;
            // An event that was no JSON; of a cut one what can be read is said below.
            const bool is_no_json = is_reading_ && reader_.error() != Error::none && !reader_.ended_early();
            const bool is_for_people = !is_event && body_ != Body::json && (!has_read_ || is_no_json);
            const StringView words = is_for_people ? body_words::find(body) : StringView();
            if (!words.empty()) failure.message = words;
            failure.body_prefix = body_words::printable(body.take(prefix_limit()));
        }
        if (is_reading_ && blame(error_) == Blame::server) {
            failure.type = reader_.value(dialect::value_error_type);
            failure.code = reader_.value(dialect::value_error_code);
            failure.param = reader_.value(dialect::value_error_param);
            const StringView message = reader_.value(dialect::value_error_message);
            if (message.data()) failure.message = message;
            if (failure.retry_after_ms < 0 && reader_.retry_after_ms() != 0)
                failure.retry_after_ms = reader_.retry_after_ms();
        } else if (error_ == Error::event_too_large) {
            failure.param = too_large_key_;
        }
        return failure;
    }

    // After an error of begin(): see RequestWriter.
    StringView refused_field(Buffer memory) const noexcept { return request_.refused_field(memory); }

private:
    enum class Mode : uint8_t { unknown, typed, raw };
    // stopped: what was left has not gone out. held: the message before this one may not have ended, see await_turn().
    enum class Sending : uint8_t { active, done, stopped, held };
    // What the body is, as its first bytes show.
    enum class Body : uint8_t { unknown, events, json, other };
    enum class Arrival : uint8_t {
        nothing,  // all that was received has been read
        event,    // sse_ has an event
        comment,
        end,      // the message is complete, or the link has ended
    };

    static constexpr size_t min_free_while_sending = 256;
    static constexpr size_t max_body_prefix = 256;
    static constexpr size_t max_short_prefix = 48;
    // After the end marker, of the message before: some events nobody needs, trailers. More costs a new connection.
    static constexpr size_t max_left_over = 4096;
    static constexpr size_t max_page = 4096;  // bytes of a page in which its title is looked for
    static constexpr size_t min_name_bytes = 48;
    static constexpr size_t max_shape = 1024;  // of the bytes that do not change from event to event

    // A fresh one. Copying it is filling with zeros, which compilers do not find out by themselves.
    static const Exchange all_zero;

    // Longest event type and id, for a buffer of this size: 64 in 2 KiB, 512 in 16 KiB and above. (A type of the
    // Responses API has 48.)
    size_t name_limit() const noexcept {
        const size_t share = memory_.size / 32;
        return share < min_name_bytes ? min_name_bytes : share > 512 ? 512 : share;
    }

    Error restart(const dialect::Dialect& dialect) noexcept {
        const Buffer memory = memory_;
        *this = all_zero;
        memory_ = memory;
        is_running_ = true;
        if (memory_.size < min_buffer_bytes || !memory_.data) return fail(Error::buffer_too_small);
        dialect_ = &dialect;
        sse_.use_names(memory_.data, name_limit());
        buffer_.limit = memory_.data + memory_.size;
        buffer_.begin(memory_.data + 4 * name_limit());
        return Error::none;
    }

    template <class Request> Error begin_named(const Endpoint& endpoint, const Request& request) noexcept {
        const BodyOf what = BodyOf::answer_to(request);
        const Error error = restart(*what.dialect_);
        if (error != Error::none) return error;
        if (what.begin_) (what.begin_)(*this);
        return begin_request(endpoint, request);
    }
    template <class Request> Error begin_request(const Endpoint& endpoint, const Request& request) noexcept {
        buffer_.limit = buffer_.retained_end + min_free_while_sending;
        const Error invalid = request_.begin(endpoint, request);
        return invalid == Error::none ? Error::none : fail(invalid);
    }

    friend class BodyOf;
    // Behind restart(): the answer is one of the Responses API. Its state lies where raw mode keeps the last event ID.
    // is_late: see dialect::ResponseReader::prepare.
    void read_responses(bool is_late) noexcept {
        static_assert(3 * min_name_bytes >= dialect::ResponseReader::min_bytes, "room in the smallest buffer");
        dialect::ResponseReader::prepare(response_state(), is_late);
        reader_.lend(response_state());
    }
    Buffer response_state() const noexcept { return {memory_.data + name_limit(), 3 * name_limit()}; }
    static void as_responses(Exchange& exchange) noexcept { exchange.read_responses(false); }
    static void as_rest_of_response(Exchange& exchange) noexcept { exchange.read_responses(true); }

    static void tell_listeners(HeaderListener* first, http::Part part, const http::ResponseParser& found) noexcept {
        for (HeaderListener* one = first; one; one = one->next) one->on_header(*one, part, found);
    }

    // The first call fixes the mode.
    void enter_mode(Mode mode) noexcept {
        if (mode_ == mode || !is_open()) return;
        if (mode_ == Mode::unknown) mode_ = mode;
        else fail(Error::mode_fixed);
    }

    // A refusal stays one, whatever is wrong with its body.
    OPENAI_STREAM_OUTLINE Error fail(Error error) noexcept {
        if (!is_open()) return error;
        if (is_refused_ && blame(error) != Blame::caller) error = Error::http_status;
        if (is_reading_) reader_.decode_error();  // nothing else needs the buffer any more
        stop(error == Error::truncated ? Verdict::truncated : Verdict::failed, error, transport_code_);
        return error;
    }
    bool shows_body() const noexcept {
        return error_ == Error::http_status || error_ == Error::not_event_stream || error_ == Error::bad_json;
    }
    size_t prefix_limit() const noexcept {
        return memory_.size / 8 < max_body_prefix ? memory_.size / 8 : max_body_prefix;
    }
    OPENAI_STREAM_OUTLINE void end_with(Verdict verdict) noexcept {
        verdict_ = verdict;
        is_running_ = false;
        drain();
    }
    template <class Any> Poll hand_out(const Any& event) noexcept {
        OPENAI_STREAM_ASSERT(is_sound(event));
        static_cast<void>(event);
        ++traffic_.events;
        return Poll::event;
    }
    void end_sending(Sending how) noexcept {
        sending_ = how;
        buffer_.limit = memory_.data + memory_.size;
    }

    // ---- from the link to server-sent events -------------------------------------------------------------------

    // Reads on until something has arrived as a whole.
    Arrival arrive() noexcept;

    http::Part read_framing() noexcept;
    // What is no part of the body. True: it is the end of the message.
    bool take(http::Part part) noexcept;

    // Reads the piece of the body at [unread, deframed_end).
    Arrival read_body() noexcept;

    // A piece of the body has come, at [unread, deframed_end). The first byte that is no blank tells what a body is,
    // whatever its Content-Type says. Blanks and a byte order mark before it are harmless to an event stream.
    void look_at_body() noexcept;
    static bool is_before_text(char c) noexcept {
        return ascii::is_space(c) || c == '\xEF' || c == '\xBB' || c == '\xBF';
    }

    // The message has ended. An event that still lacks the blank line after it counts if all of its data is there, as
    // the official packages have it; raw mode stays with the standard, which drops it.
    Arrival end_of_message() noexcept;
    bool has_whole_data() noexcept;

    // Behind the end marker, what is left of the framing is read as far as it is there, so that the link can be used
    // again.
    void read_out_framing() noexcept;

    // For incoming().
    OPENAI_STREAM_OUTLINE size_t room() const noexcept {
        if ((!is_open() && !can_drain()) || is_ended_) return 0;
        return static_cast<size_t>(buffer_.limit - buffer_.received_end);
    }
    // `count` bytes of the message before have come. If more came than its end, or than is waited for, the connection
    // carries nothing more.
    void pass_over(size_t count) noexcept {
        const char* at = buffer_.received_end;
        const char* const end = at + count;
        http::Part part = http::Part::body;
        for (; part == http::Part::body; at = http_.at()) part = http_.next(at, end);
        const auto sum = static_cast<uint32_t>(traffic_.received_bytes);
        if (part == http::Part::need_more ? sum > max_left_over : at != end || !http_.keep_alive()) is_ended_ = true;
    }

    // ---- the response's head -----------------------------------------------------------------------------------

    void note_status() noexcept;
    void end_head() noexcept;

    // What is free, less the first bytes of the body, at most a sixth of the buffer.
    size_t shape_limit() const noexcept;
    // The body goes on with [from, deframed_end): its first bytes are kept until something of it was understood.
    void add_to_prefix(const char* from) noexcept;

    // ---- the buffer --------------------------------------------------------------------------------------------

    // The invariants of the buffer map.
    bool is_sound() const noexcept {
        if (!buffer_.retained_end) return true;  // nothing was begun
        const char* const end = memory_.data + memory_.size;
        if (!buffer_.is_ordered() || buffer_.retained_end < memory_.data + 4 * name_limit() || end < buffer_.limit)
            return false;
        if (out_begin_ && (out_begin_ < buffer_.limit || out_end_ < out_begin_ || end < out_end_)) {
            if (out_begin_ != out_end_) return false;  // sent, and the window is given back
        }
        if (!sse_.has_data() || !is_running_) return true;  // after the end nobody needs it
        if (sse_.data_begin() < buffer_.retained_end || sse_.data_end() < sse_.data_begin()) return false;
        if (buffer_.unread < sse_.data_end()) return false;
        return !is_reading_ || (buffer_.retained_end <= reader_.unread() && reader_.unread() <= reader_.shown_end() &&
                                reader_.shown_end() <= sse_.data_end());
    }
    bool is_sound(StringView view) const noexcept {
        const char* const end = memory_.data + memory_.size;
        const bool is_elsewhere = view.end() <= memory_.data || end <= view.begin();
        return is_elsewhere || (memory_.data <= view.begin() && view.end() <= buffer_.unread);
    }
    bool is_sound(const Event& event) const noexcept {
        return is_sound() && is_sound(event.text) && is_sound(event.id) && is_sound(event.name) &&
               is_sound(event.item_id);
    }
    bool is_sound(const SseEvent& event) const noexcept {
        return is_sound() && is_sound(event.type) && is_sound(event.data) && is_sound(event.id);
    }

    size_t short_prefix() const noexcept {
        return memory_.size / 32 < max_short_prefix ? memory_.size / 32 : max_short_prefix;
    }
    // True: there is room for more bytes. False: poll on, the event that fills the buffer is read in parts, or has
    // failed. Nothing moves before seven eighths are full, so that small reads stay cheap.
    bool make_room() noexcept;
    // Moves all that is still needed to retained_end and on.
    void compact() noexcept;
    // What was understood, and an event that needs the room, is worth more than the first bytes of the body. Returns
    // false if they are that short already, or all there is.
    bool shorten_prefix(size_t size) noexcept;

    // ---- from server-sent events to the dialect ----------------------------------------------------------------

    static constexpr size_t done_marker_size = 6;
    bool is_done_marker() noexcept;
    OPENAI_STREAM_OUTLINE void note_event_size() noexcept {
        const auto size = static_cast<uint32_t>(sse_.data().size());
        if (size > traffic_.largest_event_bytes) traffic_.largest_event_bytes = size;
    }

    // sse_ has an event, or the last part of one that is being read; if not is_whole, as much of one as there is room
    // for. What is no JSON text is passed over when all of it is there; until then it is cut to what shows what it is.
    void begin_document(bool is_whole) noexcept;
    void begin_reading(bool is_whole) noexcept;
    // More of the event being read in parts has come.
    bool show_more() noexcept;
    void fail_document() noexcept;
    void end_document(dialect::Outcome outcome) noexcept;

    // The message, or what counts of it, has ended. What is a finished answer is said here and nowhere else.
    void conclude() noexcept;
    // Something of it was understood, or is being read. (An answer in JSON has choices, or is none, whatever else it
    // has.)
    bool knows_answer() const noexcept;
    // In raw mode that is what the framing says.
    void conclude_raw() noexcept;
    bool may_be_events() const noexcept {
        return body_ == Body::unknown || (body_ == Body::events && sse_.has_field());
    }
    // Of an end that is that of a refusal, or that of a link which nobody has asked for; or none.
    Error error_of_end() const noexcept;

    // What is used most comes first: small machines reach it with short instructions.
    Verdict verdict_ = Verdict::still_open;
    Error error_ = Error::none;
    Mode mode_ = Mode::unknown;
    Body body_ = Body::unknown;
    Sending sending_ = Sending::active;
    bool is_running_ = false;
    bool is_ended_ = false;
    bool has_lost_link_ = false;
    bool is_refused_ = false;         // by its status, 300 and above
    bool is_ended_by_close_ = false;  // nothing but the end of the link says where the body ends
    bool is_reading_ = false;         // reader_ is within an event
    bool is_error_event_ = false;     // of type "error"
    bool has_end_marker_ = false;
    bool has_read_ = false;           // an event that says something, understood or not
    bool is_unterminated_ = false;    // the message ended before the blank line after this event
    uint16_t status_ = 0;

    ReceiveBuffer buffer_;
    char* out_begin_ = nullptr;
    char* out_end_ = nullptr;
    size_t prefix_room_ = 0;
    Buffer memory_;
    const dialect::Dialect* dialect_ = nullptr;
    int32_t transport_code_ = 0;
    StringView body_prefix_, too_large_key_;
    HeaderListener* listener_ = nullptr;  // the first; not owned
    // Null where there are none: what tells them is linked where one is added.
    void (*tell_listeners_)(HeaderListener* first, http::Part part, const http::ResponseParser& found) = nullptr;

    sse::EventAssembler sse_;
    http::ResponseParser http_;
    dialect::EventReader reader_;
    RequestWriter request_;
    HeadFields fields_;
    Traffic traffic_;            // last, so that no padding is left out when all_zero is copied
};

inline constexpr BodyOf BodyOf::chat(dialect::chat);
inline constexpr BodyOf BodyOf::responses(dialect::responses, &Exchange::as_responses);
inline constexpr BodyOf BodyOf::rest_of_response(dialect::responses, &Exchange::as_rest_of_response);
inline constexpr Exchange Exchange::all_zero;
constexpr Exchange::Exchange(Buffer memory) noexcept : Exchange(all_zero) { memory_ = memory; }

OPENAI_STREAM_END
