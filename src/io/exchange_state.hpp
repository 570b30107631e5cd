#pragma once
// Why: what a conversation may do next depends on little: how far it is, what the link still brings, and whether an
// event is being read. Each of these is one enum, so that a state that makes no sense cannot be written down.
#include "../dialect/document_reader.hpp"
#include "../http/response_parser.hpp"
#include "../request/body.hpp"
#include "body_reader.hpp"
#include "failure.hpp"
#include "head_fields.hpp"
#include "header_listener.hpp"
#include "stats.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// What begins anew with each request; its members are the Exchange's own.
//
// The conversation is in one State, and one call each moves it on:
//
//   state        means                                                      leaves it
//   idle         begin() was never called, error() says not_open            begin() -> sending
//   held         begin() came over a kept connection: the end of the        take_turn(), resend() -> sending
//                message before has yet to come, nothing may be sent
//   sending      outgoing() has more                                        sent() of the last byte -> receiving
//   receiving    the request has gone out                                   an end of the answer -> draining
//   half_closed  what is left of the request cannot be sent, or need not    an end of the answer -> over
//                be: it was refused. What the server says is still read
//   draining     done(), and the message's own end has yet to come, or has  begin()
//   over         it has ended, and nothing can be received any more         begin()
//
// From held to half_closed it is open; any error, and stop(), make it `over`. What else is kept:
//
//   Input     what the other side still sends. It ends at any time, and what was received before is read after that
//   Document  whether an event is being read, and whether one was: what decides which end is an error
//   Ending    how the last event came, for no event comes after it
//   Mode      which poll() was called: the caller's choice, fixed by the first
//   refused   by its status: it decides what an end means in every state
//
// What the body is belongs to the BodyReader, and what it has understood to the DocumentReader.
struct ExchangeState {
    // As long as small machines reach it with a short instruction, also in a Stream.
    enum class State : uint32_t { idle, over, draining, held, sending, receiving, half_closed };
    enum class Input : uint8_t { open, closed, lost };
    enum class Document : uint8_t {
        none_yet,
        between,  // one at least said something, understood or not
        answer,   // is being read
        error,    // the same: one of type "error", or the body of a refusal
    };
    enum class Ending : uint8_t {
        none,
        unterminated,  // the message ended before the blank line after the event that is read now
        marker,        // "[DONE]"
    };
    enum class Mode : uint8_t { unknown, typed, raw, bytes };

    // What is used most comes first: small machines reach it with short instructions.
    State state_ = State::idle;
    Verdict verdict_ = Verdict::still_open;
    Error error_ = Error::none;
    Mode mode_ = Mode::unknown;
    Input input_ = Input::open;
    Document document_ = Document::none_yet;
    Ending ending_ = Ending::none;
    bool was_unterminated_ = false;  // whatever it ended with
    bool is_refused_ = false;   // by its status, 300 and above
    bool is_detached_ = false;  // all of the request lies in the buffer
    uint16_t status_ = 0;
};

// What outlives a request: its connection may still bring the end of the message before, and then http_ reads that.
struct ExchangeLink {
    http::ResponseParser http_;
    Buffer memory_;
};

// The rest of what begins anew.
struct ExchangeParts {
    static const ExchangeParts fresh;

    BodyReader body_;
    char* window_ = nullptr;     // where what is to be sent is written
    char* out_begin_ = nullptr;  // of that, what outgoing() shows
    char* out_end_ = nullptr;
    const dialect::Dialect* dialect_ = nullptr;
    int32_t transport_code_ = 0;
    HeaderListener* listener_ = nullptr;  // the first; not owned
    // Null where there are none: what tells them is linked where one is added.
    void (*tell_listeners_)(HeaderListener* first, http::ParseEvent part, const http::ResponseParser& found) = nullptr;
    HeadFields fields_;
    TransferStats traffic_;
    RequestWriter request_;
    dialect::DocumentReader reader_;
};

// Copying one is filling with zeros, which compilers do not find out by themselves.
inline constexpr ExchangeParts ExchangeParts::fresh;

}  // namespace detail

OPENAI_STREAM_END
