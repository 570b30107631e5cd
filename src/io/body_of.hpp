#pragma once
// What the body of an answer is, and which request gets which. A request that has an overload of answered_as() can be given
// to Exchange::begin() and Stream::open(). What a program does not name is not linked.
#include "../request/chat_request.hpp"
#include "../request/completion_request.hpp"
#include "../request/raw_request.hpp"
#include "../request/response_by_id.hpp"
#include "../request/response_request.hpp"
#include "responses.hpp"

OPENAI_STREAM_BEGIN

class Exchange;

// The dialect of begin_body().
class BodyOf {
public:
    static const BodyOf chat;       // Chat Completions, and legacy completions
    static const BodyOf responses;  // the Responses API
    static const BodyOf rest_of_response;  // the same, from an event in the middle on: what had begun by then is known

private:
    friend class Exchange;
    constexpr explicit BodyOf(const dialect::Dialect& words, void (*how)(Exchange&) = nullptr) noexcept
        : dialect_(&words), begin_(how) {}
    const dialect::Dialect* dialect_;
    void (*begin_)(Exchange& exchange);  // may be null
};

inline const BodyOf& answered_as(const ChatRequest&) noexcept { return BodyOf::chat; }
inline const BodyOf& answered_as(const CompletionRequest&) noexcept { return BodyOf::chat; }
inline const BodyOf& answered_as(const ResponseRequest&) noexcept { return BodyOf::responses; }
inline const BodyOf& answered_as(const RetrieveRequest& request) noexcept {
    return request.starting_after == pieces::unset ? BodyOf::responses : BodyOf::rest_of_response;
}
inline const BodyOf& answered_as(const CancelRequest&) noexcept { return BodyOf::responses; }
inline const BodyOf& answered_as(const RawRequest& request) noexcept {
    return request.answer ? *request.answer : BodyOf::chat;
}

namespace traits {
template <class Request> using if_answered = decltype(answered_as(declval<const Request&>()));
}

OPENAI_STREAM_END
