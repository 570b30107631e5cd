#pragma once
// A request for a legacy completion: POST /completions. Views of the caller's memory, as long as a ChatRequest's.
#include "chat_options.hpp"

OPENAI_STREAM_BEGIN

class ExtraEvents;

struct CompletionRequest {
    StringView model;
    StringView prompt;
    StringView suffix;                 // what comes after the completion; null: none
    Tristate echo = Tristate::unset;   // the prompt comes with the answer
    int64_t logprobs = unset_number;   // of so many tokens that were likely
    int64_t best_of = unset_number;
    // What /completions knows of these: sampling, max_tokens, n, stop, seed, logit_bias, stream_options, user.
    detail::Borrowed<ChatOptions> options;  // an object, or a pointer to one; not copied
    // Further members, as in ChatRequest.
    JsonMembers extra_json;
    // As in ChatRequest. Log probabilities come token by token; of an event that did not fit into the buffer list by
    // list: tokens alone, then numbers alone, as the server has them (null is none), then what else was likely.
    ExtraEvents* extras = nullptr;

    static constexpr const char* path = "/completions";

    constexpr CompletionRequest() noexcept = default;
    constexpr CompletionRequest(StringView model_name, StringView text) noexcept : model(model_name), prompt(text) {}

    // Error::bad_request_field without a model.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept { return model.empty() ? "model" : nullptr; }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
};

namespace detail::completions {

inline constexpr FieldDescriptor request_rows[] = {
    {"{\"model\":", FieldType::string, offsetof(CompletionRequest, model)},
    {",\"prompt\":", FieldType::string, offsetof(CompletionRequest, prompt)},
    ",\"stream\":true",
    {",\"suffix\":", FieldType::optional_string, offsetof(CompletionRequest, suffix)},
    {",\"echo\":\0false\0true\0", FieldType::enumeration, offsetof(CompletionRequest, echo)},
    {",\"logprobs\":", FieldType::integer, offsetof(CompletionRequest, logprobs)},
    {",\"best_of\":", FieldType::integer, offsetof(CompletionRequest, best_of)},
    {"", FieldType::object, offsetof(CompletionRequest, options)},
    {",", FieldType::checked, offsetof(CompletionRequest, extra_json)},
    {"}", FieldType::end},
};

}  // namespace detail::completions

inline detail::BodySource CompletionRequest::body() const noexcept {
    return {this, detail::next, detail::completions::request_rows};
}

OPENAI_STREAM_END
