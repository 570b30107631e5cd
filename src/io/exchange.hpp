#pragma once
// One request and its response, without I/O: bytes out, bytes in, events out. Never waits, never calls anybody.
#include "../dialect/event_reader.hpp"
#include "../http/response_parser.hpp"
#include "../request/azure_endpoint.hpp"
#include "../request/body.hpp"
#include "../sse/event_assembler.hpp"
#include "body_of.hpp"
#include "body_words.hpp"
#include "failure.hpp"
#include "head_fields.hpp"
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
struct HeadListener {
    void (*take)(HeadListener& self, http::Part part, const http::ResponseParser& found);
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
//   1. memory <= names' end <= kept_end_ <= rest_ <= body_end_ <= received_end_ <= window_limit_ <= memory's end
//   2. the data of an event that is being assembled lies between kept_end_ and rest_; so does what the reader has of
//      it: its values before the data, what it has not read within (all of it, when it asks for more)
//   3. out_begin_ <= out_end_, and both lie from window_limit_ to the memory's end, or there is no window
//   4. views that are delivered end at rest_ at the latest: nothing that has not been read is shown, nor what was not
//      received. What they show outside the buffer is static
//   5. before bytes are received after a piece of an event's data, one byte is free between both: a line feed may have
//      to be put there (make_room())
class Exchange {
public:
    constexpr Exchange() noexcept = default;
    constexpr explicit Exchange(Buffer memory) noexcept;

    // A new request: any that BodyOf::answer_to() knows. The endpoint and the request must stay until the response has
    // begun; nothing of them is copied.
    // Errors: buffer_too_small, bad_url, endpoint_in_url, bad_key, bad_header_value, bad_request_field,
    // bad_request_json.
    template <class Request, class = traits::if_answered<Request>>
    Error begin(const Endpoint& endpoint, const Request& request) noexcept {
        return begin_at(endpoint, request);
    }
    // Would be gone before they are sent; braces would make a ChatRequest.
    template <class Request = ChatRequest> Error begin(const Endpoint&&, const Request&) = delete;
    template <class Request = ChatRequest> Error begin(const Endpoint&, const Request&&) = delete;
    template <class Request = ChatRequest> Error begin(const Endpoint&&, const Request&&) = delete;

    // For programs that have an HTTP client already: received() then takes the bytes of the body, without framing.
    Error begin_body(BodyOf what, int http_status, StringView content_type) noexcept {
        const Error error = restart(*what.dialect_);
        if (error != Error::none) return error;
        if (what.begin_) (what.begin_)(*this);
        sending_ = Sending::done;
        status_ = static_cast<uint16_t>(http_status);
        kept_end_ = fields_.take(http::Field::content_type, http::trim_ows(content_type), true, kept_end_);
        // Behind a head without fields comes what is to be read here: a body that the end of the link ends.
        constexpr StringView head("HTTP/1.1 200\n\n", 14);
        memcpy(kept_end_, head.data(), head.size());
        rest_ = body_end_ = kept_end_;
        received_end_ = rest_ + head.size();
        return Error::none;
    }

    // Hears of the fields of this answer's head; must outlive it. To be called behind begin().
    void announce_head_to(HeadListener& listener) noexcept { listener_ = &listener; }
    // The same request once more, of whose answer nothing was handed out.
    void begin_again() noexcept {
        const RequestWriter request = request_;
        const Buffer lent = reader_.memory();
        restart(*dialect_);
        if (lent.data == response_state().data) reader_.lend(lent);  // nothing was noted there yet
        window_limit_ = kept_end_ + min_free_while_sending;
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
        window_limit_ = kept_end_ + min_free_while_sending;
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

    // From now on, to its end, the answer is read with these (a ChatExtras), too. To be called behind begin().
    void watch(dialect::Dialect& extras) noexcept { dialect_ = &extras; }

    // The bytes to be sent next; empty: none (now). sent() says how many of them were.
    StringView outgoing() noexcept {
        if (!wants_to_send()) return {};
        if (out_begin_ == out_end_) {
            out_begin_ = out_end_ = window_limit_;
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
        return {received_end_, room()};
    }
    // More than there was room for is Error::transport_contract: it lies in memory that is not ours.
    void received(size_t count) noexcept {
        if (count > room()) {
            fail(Error::transport_contract);
            return;
        }
        traffic_.received_bytes += count;
        if (sending_ == Sending::held) return pass_over(count);
        received_end_ += count;
        const auto kept_and_rest = static_cast<size_t>((kept_end_ - memory_.data) + (received_end_ - rest_));
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
    Poll (poll)(Event& event) noexcept {
        enter_mode(Mode::typed);
        while (is_open()) {
            if (is_reading_) {
                const void* const source = body_ == Body::json ? nullptr : &sse_;
                const dialect::Outcome outcome = dialect_->next(reader_, event, dialect_, source);
                if (outcome == dialect::Outcome::event) return hand_out(event);
                if (outcome != dialect::Outcome::need_more) {
                    end_document(outcome);
                    continue;
                }
            }
            switch (arrive()) {
                case Arrival::event: begin_document(); break;
                case Arrival::comment:
                    event.reset(EventKind::keepalive);
                    ++traffic_.keepalives;
                    return hand_out(event);
                case Arrival::nothing:
                    if (make_room()) return Poll::pending;
                    break;
                case Arrival::end:
                    if (reader_.flush(event)) return hand_out(event);
                    conclude();
                    break;
            }
        }
        return is_done(verdict_) ? Poll::done : Poll::failed;
    }

    // Raw mode: server-sent events as they are. An event that does not fit is Error::event_too_large.
    Poll (poll)(SseEvent& event) noexcept {
        if (mode_ == Mode::unknown) sse_.follow_standard();
        enter_mode(Mode::raw);
        while (is_open()) {
            if (is_reading_) {  // the body of a refusal
                Event unused;
                const dialect::Outcome outcome = reader_.next(unused);
                if (outcome > dialect::Outcome::need_more) end_document(outcome);
                if (outcome != dialect::Outcome::need_more) continue;
            }
            switch (arrive()) {
                case Arrival::event:
                    if (is_refused_) {
                        begin_document();
                        break;
                    }
                    note_event_size();
                    event = {sse_.type(), sse_.data(), sse_.last_event_id()};
                    has_end_marker_ = is_done_marker();
                    return hand_out(event);
                case Arrival::comment: break;
                case Arrival::nothing:
                    if (make_room()) return Poll::pending;
                    break;
                case Arrival::end: conclude(); break;
            }
        }
        return is_done(verdict_) ? Poll::done : Poll::failed;
    }

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
        if (http_.complete()) return http_.keep_alive() && rest_ == received_end_;
        return !http_.is_until_close();
    }
    void drain() noexcept {
        read_out_framing();
        if (rest_ == received_end_) move_rest(kept_end_);  // makes room: what comes next may be the link's end
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
        window_limit_ = memory_.data + memory_.size;
        kept_end_ = rest_ = body_end_ = received_end_ = memory_.data + 4 * name_limit();
        return Error::none;
    }

    template <class Server, class Request> Error begin_at(const Server& endpoint, const Request& request) noexcept {
        const BodyOf& what = BodyOf::answer_to(request);
        const Error error = restart(*what.dialect_);
        if (error != Error::none) return error;
        if (what.begin_) (what.begin_)(*this);
        return begin_request(endpoint, request);
    }
    template <class Server, class Request>
    Error begin_request(const Server& endpoint, const Request& request) noexcept {
        window_limit_ = kept_end_ + min_free_while_sending;
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
    // Something of the answer was one, so that its first bytes are of no interest any more.
    bool has_understood() const noexcept {
        return mode_ == Mode::raw ? traffic_.events != 0 : reader_.has_understood();
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
        window_limit_ = memory_.data + memory_.size;
    }

    // ---- from the link to server-sent events -------------------------------------------------------------------

    // Reads on until something has arrived as a whole.
    Arrival arrive() noexcept {
        if (has_end_marker_) return Arrival::end;  // what follows it is ignored
        if (sending_ == Sending::held) return Arrival::nothing;
        while (is_open()) {
            if (rest_ == body_end_) {
                const bool is_all_read = rest_ == received_end_;
                if (is_all_read && !is_ended_ && !http_.complete()) break;
                const bool is_over = is_all_read && is_ended_;
                if (is_over && http_.is_until_close()) is_ended_by_close_ = true;
                const http::Part part = is_over ? http_.finish() : read_framing();
                if (part == http::Part::body) {
                    rest_ -= http_.text().size();
                    if (body_ == Body::unknown) look_at_body();
                    else if (prefix_room_ != 0) add_to_prefix(rest_);
                } else if (take(part)) {
                    return end_of_message();
                }
            }
            if (rest_ != body_end_) {
                const Arrival arrival = read_body();
                if (arrival != Arrival::nothing) return arrival;
            }
        }
        return Arrival::nothing;
    }

    http::Part read_framing() noexcept {
        const http::Part part = http_.next(rest_, received_end_);
        rest_ += http_.at() - rest_;
        body_end_ = rest_;
        return part;
    }
    // What is no part of the body. True: it is the end of the message.
    OPENAI_STREAM_OUTLINE bool take(http::Part part) noexcept {
        if (listener_ && part <= http::Part::field_value) listener_->take(*listener_, part, http_);
        switch (part) {
            case http::Part::need_more:
            case http::Part::field_name:
            case http::Part::body: break;
            case http::Part::field_value:
                kept_end_ = fields_.take(http_.field(), http_.text(), http_.is_text_complete(), kept_end_);
                break;
            case http::Part::head:
                end_head();
                break;
            case http::Part::end: return true;
            case http::Part::failed:
                is_ended_ = true;
                note_status();
                if (is_refused_) return true;  // a refusal is known, though its head or its body is damaged
                fail(transport_code_ != 0 ? Error::connection_lost : http_.error());
                break;
        }
        return false;
    }

    // Reads the piece of the body at [rest_, body_end_).
    Arrival read_body() noexcept {
        switch (body_) {
            case Body::unknown:
            case Body::events: {
                const sse::Progress progress = sse_.next(rest_, body_end_);
                rest_ += sse_.at() - rest_;
                if (progress == sse::Progress::event) return Arrival::event;
                if (progress == sse::Progress::comment) return Arrival::comment;
                if (progress == sse::Progress::too_large) fail(Error::event_too_large);
                return Arrival::nothing;
            }
            case Body::json: sse_.append({rest_, static_cast<size_t>(body_end_ - rest_)}); break;
            case Body::other: break;
        }
        rest_ = body_end_;
        return Arrival::nothing;
    }

    // A piece of the body has come, at [rest_, body_end_). The first byte that is no blank tells what a body is,
    // whatever its Content-Type says. Blanks and a byte order mark before it are harmless to an event stream.
    void look_at_body() noexcept {
        const char* at = rest_;
        while (at != body_end_ && is_before_text(*at)) ++at;
        if (at == body_end_) return;
        const char first = *at;
        const bool is_json = (first | 0x20) == '{';  // or '[', which is one bit away
        const bool is_binary = ascii::is_control(first) || (first & 0x80) != 0;
        body_ = is_json ? Body::json : first == '<' || is_binary ? Body::other : Body::events;
        if (is_binary && fields_.has_unknown_coding) fail(Error::content_encoding);  // which then means what it says
        ptrdiff_t before = at - rest_;
        if (body_ != Body::events) {
            rest_ += before;
            before = 0;
        }
        if (is_binary || fields_.is_encoded) return;
        const auto window = static_cast<size_t>(window_limit_ - kept_end_);
        if (body_ == Body::other) {  // nothing else needs the buffer
            prefix_room_ = window / 2 < max_page ? window / 2 : max_page;
        } else {
            prefix_room_ = reserve(window / 4 < prefix_limit() ? window / 4 : prefix_limit());
        }
        body_prefix_ = StringView(kept_end_ - (body_ == Body::other ? 0 : prefix_room_), 0);
        add_to_prefix(rest_ + before);
    }
    static bool is_before_text(char c) noexcept {
        return ascii::is_space(c) || c == '\xEF' || c == '\xBB' || c == '\xBF';
    }

    // The message has ended. An event that still lacks the blank line after it counts if all of its data is there, as
    // the official packages have it; raw mode stays with the standard, which drops it.
    Arrival end_of_message() noexcept {
        const bool is_json = body_ == Body::json;
        if (!sse_.has_data() || !(is_json || is_refused_ || (mode_ == Mode::typed && has_whole_data())))
            return Arrival::end;
        sse_.end_event();
        is_unterminated_ = !is_json;
        return Arrival::event;
    }
    bool has_whole_data() noexcept {
        if (has_lost_link_ && is_ended_by_close_) return false;
        if (is_reading_ || is_done_marker()) return true;  // what is read in parts shows itself whether it is whole
        json::Validator json;
        return json.feed(sse_.data()) && json.finish();
    }

    // Behind the end marker, what is left of the framing is read as far as it is there, so that the link can be used
    // again.
    void read_out_framing() noexcept {
        rest_ = body_end_;
        while (read_framing() == http::Part::body) {
        }
    }

    // For incoming().
    OPENAI_STREAM_OUTLINE size_t room() const noexcept {
        if ((!is_open() && !can_drain()) || is_ended_) return 0;
        return static_cast<size_t>(window_limit_ - received_end_);
    }
    // `count` bytes of the message before have come. If more came than its end, or than is waited for, the connection
    // carries nothing more.
    void pass_over(size_t count) noexcept {
        const char* at = received_end_;
        const char* const end = at + count;
        http::Part part = http::Part::body;
        for (; part == http::Part::body; at = http_.at()) part = http_.next(at, end);
        const auto sum = static_cast<uint32_t>(traffic_.received_bytes);
        if (part == http::Part::need_more ? sum > max_left_over : at != end || !http_.keep_alive()) is_ended_ = true;
    }

    // ---- the response's head -----------------------------------------------------------------------------------

    OPENAI_STREAM_OUTLINE void note_status() noexcept {
        if (status_ == 0) status_ = http_.status_so_far();
        is_refused_ = status_ >= 300;
    }
    void end_head() noexcept {
        note_status();
        if (is_refused_) {
            if (sending_ == Sending::active) stop_sending();  // while the request was still going out
        } else if (fields_.is_encoded) {
            fail(Error::content_encoding);
        } else if (!is_small_build && sending_ != Sending::active && mode_ == Mode::typed && !reader_.memory().data) {
            const size_t room = reserve(shape_limit());
            reader_.use({kept_end_ - room, room});
        }
    }

    // What is free, less the first bytes of the body, at most a sixth of the buffer.
    size_t shape_limit() const noexcept {
        const size_t most = memory_.size / 6 < max_shape ? memory_.size / 6 : max_shape;
        const size_t unused = static_cast<size_t>((rest_ - kept_end_) + (window_limit_ - received_end_));
        const size_t left = unused > prefix_limit() ? unused - prefix_limit() : 0;
        return left < most ? left : most;
    }
    // Takes up to `count` bytes at kept_end_, behind what is kept already; returns how many.
    size_t reserve(size_t count) noexcept {
        const auto gap = static_cast<size_t>(rest_ - kept_end_);
        const auto room = static_cast<size_t>(window_limit_ - received_end_);
        if (gap + room < count) count = gap + room;
        if (gap < count) move_rest(kept_end_ + count);
        kept_end_ += count;
        return count;
    }
    // The body goes on with [from, body_end_): its first bytes are kept until something of it was understood.
    OPENAI_STREAM_OUTLINE void add_to_prefix(const char* from) noexcept {
        char* const prefix = const_cast<char*>(body_prefix_.data());
        if (!is_refused_ && has_understood()) {  // gives back what was reserved last
            kept_end_ = prefix;
            prefix_room_ = 0;
            body_prefix_ = StringView();
            return;
        }
        const size_t size = body_prefix_.size(), room = prefix_room_ - size;
        size_t count = static_cast<size_t>(body_end_ - from);
        if (count > room) count = room;
        memmove(prefix + size, from, count);
        body_prefix_ = StringView(prefix, size + count);
        if (body_ == Body::other) kept_end_ += count;
    }

    // ---- the buffer --------------------------------------------------------------------------------------------

    // The invariants of the buffer map.
    bool is_sound() const noexcept {
        if (!kept_end_) return true;  // nothing was begun
        const char* const end = memory_.data + memory_.size;
        if (kept_end_ < memory_.data + 4 * name_limit() || rest_ < kept_end_ || body_end_ < rest_) return false;
        if (received_end_ < body_end_ || window_limit_ < received_end_ || end < window_limit_) return false;
        if (out_begin_ && (out_begin_ < window_limit_ || out_end_ < out_begin_ || end < out_end_)) {
            if (out_begin_ != out_end_) return false;  // sent, and the window is given back
        }
        if (!sse_.has_data() || !is_running_) return true;  // after the end nobody needs it
        if (sse_.data_begin() < kept_end_ || sse_.data_end() < sse_.data_begin() || rest_ < sse_.data_end())
            return false;
        return !is_reading_ || (kept_end_ <= reader_.unread() && reader_.unread() <= reader_.shown_end() &&
                                reader_.shown_end() <= sse_.data_end());
    }
    bool is_sound(StringView view) const noexcept {
        const char* const end = memory_.data + memory_.size;
        const bool is_elsewhere = view.end() <= memory_.data || end <= view.begin();
        return is_elsewhere || (memory_.data <= view.begin() && view.end() <= rest_);
    }
    bool is_sound(const Event& event) const noexcept {
        return is_sound() && is_sound(event.text) && is_sound(event.id) && is_sound(event.name) &&
               is_sound(event.item_id);
    }
    bool is_sound(const SseEvent& event) const noexcept {
        return is_sound() && is_sound(event.type) && is_sound(event.data) && is_sound(event.id);
    }

    void move_rest(char* to) noexcept {
        const ptrdiff_t distance = to - rest_;
        memmove(to, rest_, static_cast<size_t>(received_end_ - rest_));
        rest_ = to;
        body_end_ += distance;
        received_end_ += distance;
    }

    bool has_room() const noexcept {
        const auto eighth = static_cast<ptrdiff_t>(static_cast<size_t>(window_limit_ - kept_end_) / 8);
        return window_limit_ - received_end_ > eighth;
    }

    // True: there is room for more bytes. False: poll on, the event that fills the buffer is read in parts, or has
    // failed. Nothing moves before seven eighths are full, so that small reads stay cheap.
    bool make_room() noexcept {
        if (!is_open()) return false;
        if (has_room()) return true;
        if (is_reading_ && show_more()) return false;
        do compact();
        while (!has_room() && shorten_prefix());
        if (has_room()) return true;
        note_event_size();
        if (!is_reading_ && sse_.has_data() && (mode_ == Mode::typed || is_refused_)) {
            if (!drop_unread_data()) begin_reading(false);
        } else if (!is_reading_ || !reader_.press()) {
            too_large_key_ = reader_.pending_key();
            fail(Error::event_too_large);
        }
        return false;
    }
    // Moves all that is still needed to kept_end_ and on.
    void compact() noexcept {
        char* end = kept_end_ + fields_.unfinished_bytes();
        if (is_reading_) {
            OPENAI_STREAM_ASSERT(sse_.data_begin() <= reader_.unread());
            end = reader_.pack_values(end);
            OPENAI_STREAM_ASSERT(end <= reader_.unread());
            sse_.consume_data(static_cast<size_t>(reader_.unread() - sse_.data_begin()));
        }
        if (sse_.has_data()) {
            const StringView data = sse_.data();
            memmove(end, data.data(), data.size());
            sse_.rebase(end);
            end += data.size();
            if (is_reading_) reader_.show(sse_.data_begin(), end, false);
            // A line feed may come between this data and the next. Where there is no room for it, nothing can be
            // received before some of the data has been read.
            if (received_end_ - rest_ < window_limit_ - end) ++end;
        }
        move_rest(end);
    }
    // An event that needs the room is worth more than the first bytes of the body. False: they are short already.
    bool shorten_prefix() noexcept {
        const size_t share = memory_.size / 32 < max_short_prefix ? memory_.size / 32 : max_short_prefix;
        const size_t size = mode_ == Mode::raw ? 0 : share;
        if (is_refused_ || body_ == Body::other || prefix_room_ <= size) return false;
        kept_end_ -= prefix_room_ - size;
        prefix_room_ = size;
        body_prefix_ = size == 0 ? StringView() : body_prefix_.take(size);
        return true;
    }

    // ---- from server-sent events to the dialect ----------------------------------------------------------------

    static constexpr size_t done_marker_size = 6;
    bool is_done_marker() noexcept {
        sse_.skip_blanks();
        const char* at = sse_.data_begin();
        const char* const end = sse_.data_end();
        for (const char* marker = "[DONE]"; *marker != '\0'; ++marker)
            if (at == end || *at++ != *marker) return false;
        while (at != end && http::is_ows(*at)) ++at;
        return at == end;
    }
    bool is_comment() const noexcept { return sse_.data_begin() != sse_.data_end() && *sse_.data_begin() == ':'; }
    // An event that does not fit may be none for the reader: of blanks, of a comment and behind an end marker nothing is
    // needed but the byte that shows what it is. Returns false if nothing was dropped.
    bool drop_unread_data() noexcept {
        const char* const begin = sse_.data_begin();
        const char* const end = sse_.data_end();
        if (is_done_marker()) sse_.cut_data(done_marker_size);
        else if (is_comment()) sse_.cut_data(1);
        return sse_.data_begin() != begin || sse_.data_end() != end;
    }
    void note_event_size() noexcept {
        const auto size = static_cast<uint32_t>(sse_.data().size());
        if (size > traffic_.largest_event_bytes) traffic_.largest_event_bytes = size;
    }

    // sse_ has an event, or the last part of one that is being read.
    void begin_document() noexcept {
        if (is_reading_) {
            reader_.show(reader_.unread(), sse_.data_end(), true);
            return;
        }
        note_event_size();
        sse_.skip_blanks();
        if (sse_.data_begin() == sse_.data_end()) {
            reader_.quirks().add(Quirk::empty_data);
        } else if (is_comment()) {
            reader_.quirks().add(Quirk::comment_in_data);
        } else if (dialect_->ends_with_done_marker && is_done_marker()) {
            has_end_marker_ = true;
            if (is_unterminated_) reader_.quirks().add(Quirk::unterminated_event);
        } else {
            begin_reading(true);
        }
    }
    void begin_reading(bool is_whole) noexcept {
        const bool is_error = is_refused_ || sse_.is_type("error");
        const auto root = is_error ? dialect::error_root : static_cast<dialect::ContextId>(dialect_->root);
        reader_.begin(*dialect_, root, sse_.data_begin(), sse_.data_end(), is_whole);
        is_reading_ = has_read_ = true;
        is_error_event_ = is_error;
    }
    // More of the event being read in parts has come.
    bool show_more() noexcept {
        char* const end = sse_.data_end();
        if (end == reader_.shown_end()) return false;
        reader_.show(reader_.unread(), end, false);
        return true;
    }
    void fail_document() noexcept {
        const bool is_at_end = is_unterminated_ || (body_ == Body::json && is_ended_by_close_);
        const bool is_cut = is_at_end && reader_.ended_early();
        fail(is_cut ? Error::truncated : reader_.error());
    }
    void end_document(dialect::Outcome outcome) noexcept {
        if (outcome == dialect::Outcome::failed) return fail_document();
        if (is_unterminated_ && !is_refused_) reader_.quirks().add(Quirk::unterminated_event);
        const bool is_refused = outcome == dialect::Outcome::refused;
        if (is_refused_ ? is_refused || body_ == Body::json : is_refused || is_error_event_)
            fail(is_refused_ ? Error::http_status : Error::server_error);
        else if (outcome == dialect::Outcome::last)
            end_with(Verdict::terminal_event);
        else
            is_reading_ = false;  // what this document said is forgotten
    }

    // The message, or what counts of it, has ended. What is a finished answer is said here and nowhere else. (In raw
    // mode that is what the framing says.)
    void conclude() noexcept {
        if (is_refused_) {
            fail(Error::http_status);
            return;
        }
        const bool is_raw = mode_ == Mode::raw;
        const bool is_json = body_ == Body::json;
        const bool needs_end_event = dialect_->needs_end_event;
        // An answer in JSON has choices, or is none, whatever else it has.
        const bool is_known =
            is_reading_ || (has_understood() && (!is_json || needs_end_event || reader_.has_choices()));
        // No event came that says anything.
        const bool is_empty = !has_read_ && (body_ == Body::unknown || (body_ == Body::events && sse_.has_field()));
        if (has_end_marker_ && (is_raw || (!needs_end_event && (is_known || !has_read_)))) {
            end_with(Verdict::done_marker);
        } else if (!has_end_marker_ && has_lost_link_ && is_ended_by_close_) {
            fail(transport_code_ != 0 ? Error::connection_lost : Error::truncated);
        } else if (is_raw ? is_json || (body_ == Body::events && (is_known || is_empty)) : reader_.is_finished()) {
            if (!is_raw && !is_json) reader_.quirks().add(Quirk::no_end_marker);
            end_with(Verdict::finish_then_eof);
        } else {
            fail(is_known || is_empty ? Error::truncated : Error::not_event_stream);
        }
    }

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

    char* rest_ = nullptr;          // received, not read: here to received_end_
    char* body_end_ = nullptr;      // of these, up to here without framing
    char* received_end_ = nullptr;
    char* window_limit_ = nullptr;
    char* kept_end_ = nullptr;
    char* out_begin_ = nullptr;
    char* out_end_ = nullptr;
    size_t prefix_room_ = 0;
    Buffer memory_;
    const dialect::Dialect* dialect_ = nullptr;
    int32_t transport_code_ = 0;
    StringView body_prefix_, too_large_key_;
    HeadListener* listener_ = nullptr;  // not owned

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
