#pragma once
// What the body of an answer is, and which request gets which. A request that has an answer_to() can be given to
// Exchange::begin() and Stream::open(). What a program does not name is not linked.
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
    // The same of an answer that was read up to some event before: what began by then and comes as a whole now is not
    // handed out again.
    static const BodyOf rest_of_response;

    static const BodyOf& answer_to(const ChatRequest&) noexcept { return chat; }
    static const BodyOf& answer_to(const CompletionRequest&) noexcept { return chat; }
    static const BodyOf& answer_to(const ResponseRequest&) noexcept { return responses; }
    static const BodyOf& answer_to(const RetrieveRequest& request) noexcept {
        return request.starting_after != pieces::unset ? rest_of_response : responses;
    }
    static const BodyOf& answer_to(const CancelRequest&) noexcept { return responses; }
    static const BodyOf& answer_to(const RawRequest& request) noexcept {
        return request.answer ? *request.answer : chat;
    }

private:
    friend class Exchange;
    constexpr explicit BodyOf(const dialect::Dialect& words, void (*how)(Exchange&) = nullptr) noexcept
        : dialect_(&words), begin_(how) {}
    const dialect::Dialect* dialect_;
    void (*begin_)(Exchange& exchange);  // may be null
};

namespace traits {
template <class Request> using if_answered = decltype(BodyOf::answer_to(declval<const Request&>()));
}

OPENAI_STREAM_END
