#pragma once
// What the body of an answer is, and which request gets which. A request that has an answer_to() can be given to
// Exchange::begin() and Stream::open(). What a program does not name is not linked.
#include "../dialect/extras.hpp"
#include "../request/call.hpp"
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

    // An API of your own, that says by other keys what a chat says: its table, not owned, must outlive the
    // conversation. See dialect::ContextTable.
    constexpr explicit BodyOf(const dialect::Dialect& table) noexcept : dialect_(&table) {}
    // The same of an API whose events say their type, as those of the Responses API do.
    constexpr explicit BodyOf(const dialect::ResponseDialect& table) noexcept;
    // Chat Completions, read for what these list besides. They must outlive the conversation.
    constexpr explicit BodyOf(ChatExtras& extras) noexcept : dialect_(&extras) {}
    explicit BodyOf(const dialect::Dialect&&) = delete;
    explicit BodyOf(const dialect::ResponseDialect&&) = delete;

    static BodyOf answer_to(const ChatRequest& request) noexcept { return chat_with(request.extras); }
    static BodyOf answer_to(const CompletionRequest& request) noexcept { return chat_with(request.extras); }
    static BodyOf answer_to(const ResponseRequest&) noexcept { return responses; }
    static BodyOf answer_to(const RetrieveRequest& request) noexcept {
        return request.starting_after != pieces::unset ? rest_of_response : responses;
    }
    static BodyOf answer_to(const CancelRequest&) noexcept { return responses; }
    static BodyOf answer_to(const RawRequest& request) noexcept { return request.answer ? *request.answer : chat; }

private:
    friend class Exchange;
    constexpr BodyOf(const dialect::Dialect& words, void (*how)(Exchange&)) noexcept
        : dialect_(&words), begin_(how) {}
    static BodyOf chat_with(const dialect::Dialect* extras) noexcept {
        return BodyOf(extras ? *extras : dialect::chat);
    }

    const dialect::Dialect* dialect_;
    void (*begin_)(Exchange& exchange) = nullptr;  // may be null
};

namespace traits {
template <class T, class = BodyOf> struct is_answered { static constexpr bool value = false; };
template <class T> struct is_answered<T, decltype(BodyOf::answer_to(declval<const T&>()))> {
    static constexpr bool value = true;
};
// True, or does not compile: what begin() and open() can be given.
template <class Server, class Request> constexpr bool is_lasting_call() noexcept {
    constexpr bool is_lasting = is_lasting_endpoint<Server>() && is_lasting_request<Request>();
    constexpr bool is_request = !is_lasting || is_answered<Request>::value;
    static_assert(is_request, "this is no request whose answer can be read: BodyOf::answer_to() lists them");
    return is_lasting && is_request;
}
}  // namespace traits

OPENAI_STREAM_END
