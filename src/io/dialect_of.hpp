#pragma once
// Which dialect a request is answered in. A request that has an overload here can be given to Exchange::begin and
// Stream::open; a dialect is linked into programs that have such a request.
#include "../dialect/chat.hpp"
#include "../request/chat_request.hpp"
#include "../request/completion_request.hpp"
#include "../request/raw_request.hpp"

OPENAI_STREAM_BEGIN

constexpr const dialect::Dialect& dialect_of(const ChatRequest&) noexcept { return dialect::chat; }
constexpr const dialect::Dialect& dialect_of(const CompletionRequest&) noexcept { return dialect::chat; }
constexpr const dialect::Dialect& dialect_of(const RawRequest& request) noexcept {
    return request.answer ? *request.answer : dialect::chat;
}

namespace traits {
template <class Request> using if_answered = decltype(dialect_of(declval<const Request&>()));
}

OPENAI_STREAM_END
