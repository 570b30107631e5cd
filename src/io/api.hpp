#pragma once
// What the body of an answer is, and which request gets which. A request that has an answer_to() can be given to
// Exchange::begin() and Stream::open(). What a program does not name is not linked.
#include "../dialect/agents.hpp"
#include "../dialect/assistants.hpp"
#include "../dialect/chat.hpp"
#include "../dialect/extra_events.hpp"
#include "../dialect/images.hpp"
#include "../dialect/model_list.hpp"
#include "../dialect/speech.hpp"
#include "../dialect/transcription.hpp"
#include "../request/agent_events_request.hpp"
#include "../request/call.hpp"
#include "../request/chat_request.hpp"
#include "../request/completion_request.hpp"
#include "../request/image_request.hpp"
#include "../request/list_models.hpp"
#include "../request/raw_request.hpp"
#include "../request/response_by_id.hpp"
#include "../request/response_request.hpp"
#include "../request/speech_request.hpp"
#include "../request/thread_run_request.hpp"
#include "../request/transcription_request.hpp"
#include "responses.hpp"

OPENAI_STREAM_BEGIN

// The dialect of begin_body().
class Api {
public:
    static const Api chat;          // Chat Completions, and legacy completions
    static const Api responses;     // the Responses API
    // The same of an answer that was read up to some event before: what began by then and comes as a whole now is not
    // delivered again.
    static const Api rest_of_response;
    static const Api models;         // the list of models: each id is a text
    static const Api images;         // generations and edits, streamed or not: EventKind::image in base64
    static const Api speech;         // with "stream_format": "sse": EventKind::audio in base64
    static const Api transcription;  // streamed or not: EventKind::text; with speakers: EventKind::segment
    static const Api assistants;     // runs of the Assistants API
    static const Api agents;         // the events of an agent's session

    // An API of your own, that says by other keys what a chat says: its table, not owned, must outlive the
    // conversation. See dialect::ContextTable.
    constexpr explicit Api(const dialect::Dialect& table) noexcept : dialect_(&table) {}
    // The same of an API whose events say their type, as those of the Responses API do.
    constexpr explicit Api(const dialect::ResponseDialect& table) noexcept : Api(table, dialect::begin_response) {}
    // Chat Completions, read for what these list besides. They must outlive the conversation.
    constexpr explicit Api(ExtraEvents& extras) noexcept : dialect_(&extras) {}
    explicit Api(const dialect::Dialect&&) = delete;
    explicit Api(const dialect::ResponseDialect&&) = delete;

    static Api answer_to(const ChatRequest& request) noexcept { return chat_with(request.extras); }
    static Api answer_to(const CompletionRequest& request) noexcept { return chat_with(request.extras); }
    static Api answer_to(const ResponseRequest& request) noexcept {
        return Api(request.extras ? *request.extras : dialect::responses);
    }
    static Api answer_to(const RetrieveRequest& request) noexcept {
        return request.starting_after != unset_number ? rest_of_response : responses;
    }
    static Api answer_to(const CancelRequest&) noexcept { return responses; }
    static Api answer_to(const ListModels&) noexcept { return models; }
    static Api answer_to(const ImageRequest&) noexcept { return images; }
    static Api answer_to(const ImageEditRequest&) noexcept { return images; }
    static Api answer_to(const SpeechRequest&) noexcept { return speech; }
    static Api answer_to(const TranscriptionRequest&) noexcept { return transcription; }
    static Api answer_to(const ThreadRunRequest&) noexcept { return assistants; }
    static Api answer_to(const ToolOutputsRequest&) noexcept { return assistants; }
    static Api answer_to(const AgentEventsRequest&) noexcept { return agents; }
    static Api answer_to(const RawRequest& request) noexcept { return request.answer ? *request.answer : chat; }

    const dialect::Dialect& dialect() const noexcept { return *dialect_; }
    // How a reader begins an answer of which it notes something, in this memory of the stream; null: it notes nothing.
    using Begin = void(dialect::DocumentReader& reader, Buffer memory) noexcept;
    Begin* begin() const noexcept { return begin_; }

private:
    constexpr Api(const dialect::Dialect& words, Begin* how) noexcept : dialect_(&words), begin_(how) {}
    static Api chat_with(const dialect::Dialect* extras) noexcept {
        return Api(extras ? *extras : dialect::chat);
    }

    const dialect::Dialect* dialect_;
    Begin* begin_ = nullptr;  // may be null
};

inline constexpr Api Api::chat(dialect::chat);
inline constexpr Api Api::responses(dialect::responses);
inline constexpr Api Api::rest_of_response(dialect::responses, dialect::begin_rest_of_response);
inline constexpr Api Api::images(dialect::images);
inline constexpr Api Api::speech(dialect::speech);
inline constexpr Api Api::transcription(dialect::transcription);
inline constexpr Api Api::assistants(dialect::assistants);
inline constexpr Api Api::agents(dialect::agents);
inline constexpr Api Api::models(dialect::model_list);

namespace detail {
template <class T, class = Api> struct is_answered { static constexpr bool value = false; };
template <class T> struct is_answered<T, decltype(Api::answer_to(declval<const T&>()))> {
    static constexpr bool value = true;
};
// True, or does not compile: what begin() and open() can be given.
template <class Server, class Request> constexpr bool is_lasting_call() noexcept {
    constexpr bool is_lasting = is_lasting_endpoint<Server>() && is_lasting_request<Request>();
    constexpr bool is_request = !is_lasting || is_answered<Request>::value;
    static_assert(is_request, "this is no request whose answer can be read: Api::answer_to() lists them");
    return is_lasting && is_request;
}
}  // namespace detail

OPENAI_STREAM_END
