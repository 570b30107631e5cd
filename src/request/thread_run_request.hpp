#pragma once
// A run of the Assistants API (POST /threads/{id}/runs), and what its tools have said (.../submit_tool_outputs), with
// "OpenAI-Beta: assistants=v2". Deprecated by OpenAI; other servers go on with it. Views of the caller's memory, as
// long as a ChatRequest's.
#include "decimal.hpp"
#include "raw_json.hpp"
#include "response_by_id.hpp"
#include "tristate.hpp"

OPENAI_STREAM_BEGIN

struct ThreadRunRequest {
    detail::PathSegment thread_id;  // none: a thread is made, by `thread`
    StringView assistant_id;
    JsonValue thread;          // {"messages":[{"role":"user","content":"..."}]}; empty: none
    StringView model;          // in place of the assistant's; null: its own
    StringView instructions;   // the same
    StringView additional_instructions;  // after its own
    JsonValue additional_messages;       // [{"role":"user","content":"..."}]
    List<JsonValue> tools;               // in place of its own
    JsonValue tool_choice, tool_resources, response_format, truncation_strategy, metadata;
    Tristate parallel_tool_calls = Tristate::unset;
    int64_t max_prompt_tokens = unset_number;
    int64_t max_completion_tokens = unset_number;
    Decimal temperature, top_p;
    StringView reasoning_effort;
    JsonMembers extra_json;  // further members, as in ChatRequest

    constexpr ThreadRunRequest() noexcept = default;
    constexpr ThreadRunRequest(StringView thread_name, StringView assistant_name) noexcept
        : thread_id(thread_name), assistant_id(assistant_name) {}

    // Error::bad_request_field without an assistant, with an id that is no part of a path, or with the thread said
    // twice.
    Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    const char* invalid_field() const noexcept {
        return assistant_id.empty()                                          ? "assistant_id"
               : thread_id.size != 0 && thread_id.validate() != Error::none  ? "thread_id"
               : thread_id.size != 0 && !thread.text.empty()                 ? "thread"
                                                                             : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
    detail::Elements target() const noexcept { return {this, &descriptor, 1}; }

private:
    static const detail::MessageDescriptor descriptor;
};

// What a tool has said, to the call of that id.
struct ToolOutput {
    StringView tool_call_id, output;

    static const detail::MessageDescriptor descriptor;
};

// A run that has ended with FinishReason::tool_calls goes on: its results, all at once. The answer is the rest of it.
struct ToolOutputsRequest {
    detail::PathSegment thread_id, run_id;  // that of the run is the answer's id (EventKind::started)
    List<ToolOutput> tool_outputs;
    JsonMembers extra_json;  // further members, as in ChatRequest

    constexpr ToolOutputsRequest() noexcept = default;
    constexpr ToolOutputsRequest(StringView thread_name, StringView run_name, List<ToolOutput> results) noexcept
        : thread_id(thread_name), run_id(run_name), tool_outputs(results) {}

    // Error::bad_request_field without results, or with an id that is no part of a path.
    Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    const char* invalid_field() const noexcept {
        return thread_id.validate() != Error::none ? "thread_id"
               : run_id.validate() != Error::none  ? "run_id"
               : tool_outputs.empty()              ? "tool_outputs"
                                                   : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
    detail::Elements target() const noexcept { return {this, &descriptor, 1}; }

private:
    static const detail::MessageDescriptor descriptor;
};

namespace detail::threads {

inline const ThreadRunRequest& of(const void* object) noexcept { return *static_cast<const ThreadRunRequest*>(object); }
inline void put_temperature(const void* object, Fragment& piece) noexcept {
    put_decimal(of(object).temperature, ",\"temperature\":", piece);
}
inline void put_top_p(const void* object, Fragment& piece) noexcept {
    put_decimal(of(object).top_p, ",\"top_p\":", piece);
}
inline void end_tools(const void* object, Fragment& piece) noexcept {
    if (!of(object).tools.empty()) piece.before = "]";
}

inline constexpr FieldDescriptor target_rows[] = {
    "/threads",
    {"/", FieldType::list, offsetof(ThreadRunRequest, thread_id)},
    {"/runs", FieldType::end},
};
inline constexpr FieldDescriptor outputs_target_rows[] = {
    "/threads/",
    {"", FieldType::list, offsetof(ToolOutputsRequest, thread_id)},
    "/runs/",
    {"", FieldType::list, offsetof(ToolOutputsRequest, run_id)},
    {"/submit_tool_outputs", FieldType::end},
};
inline constexpr FieldDescriptor output_rows[] = {
    {"{\"tool_call_id\":", FieldType::string, offsetof(ToolOutput, tool_call_id)},
    {",\"output\":", FieldType::string, offsetof(ToolOutput, output)},
    {"}", FieldType::end},
};
inline constexpr FieldDescriptor outputs_rows[] = {
    {"{\"stream\":true,\"tool_outputs\":", FieldType::list, offsetof(ToolOutputsRequest, tool_outputs)},
    {",", FieldType::checked, offsetof(ToolOutputsRequest, extra_json)},
    {"}", FieldType::end},
};
inline constexpr FieldDescriptor request_rows[] = {
    {"{\"stream\":true,\"assistant_id\":", FieldType::string, offsetof(ThreadRunRequest, assistant_id)},
    {",\"thread\":", FieldType::checked, offsetof(ThreadRunRequest, thread)},
    {",\"model\":", FieldType::optional_string, offsetof(ThreadRunRequest, model)},
    {",\"instructions\":", FieldType::optional_string, offsetof(ThreadRunRequest, instructions)},
    {",\"additional_instructions\":", FieldType::optional_string, offsetof(ThreadRunRequest, additional_instructions)},
    {",\"additional_messages\":", FieldType::checked, offsetof(ThreadRunRequest, additional_messages)},
    {",\"tools\":[", FieldType::list, offsetof(ThreadRunRequest, tools)},
    end_tools,
    {",\"tool_choice\":", FieldType::checked, offsetof(ThreadRunRequest, tool_choice)},
    {",\"tool_resources\":", FieldType::checked, offsetof(ThreadRunRequest, tool_resources)},
    {",\"response_format\":", FieldType::checked, offsetof(ThreadRunRequest, response_format)},
    {",\"truncation_strategy\":", FieldType::checked, offsetof(ThreadRunRequest, truncation_strategy)},
    {",\"metadata\":", FieldType::checked, offsetof(ThreadRunRequest, metadata)},
    {",\"parallel_tool_calls\":\0false\0true\0", FieldType::enumeration,
     offsetof(ThreadRunRequest, parallel_tool_calls)},
    {",\"max_prompt_tokens\":", FieldType::integer, offsetof(ThreadRunRequest, max_prompt_tokens)},
    {",\"max_completion_tokens\":", FieldType::integer, offsetof(ThreadRunRequest, max_completion_tokens)},
    put_temperature,
    put_top_p,
    {",\"reasoning_effort\":", FieldType::optional_string, offsetof(ThreadRunRequest, reasoning_effort)},
    {",", FieldType::checked, offsetof(ThreadRunRequest, extra_json)},
    {"}", FieldType::end},
};

}  // namespace detail::threads

inline constexpr detail::MessageDescriptor ThreadRunRequest::descriptor =
    detail::MessageDescriptor::of<ThreadRunRequest>(detail::threads::target_rows, detail::ListStyle::lines);
inline detail::BodySource ThreadRunRequest::body() const noexcept {
    return {this, detail::next, detail::threads::request_rows};
}

inline constexpr detail::MessageDescriptor ToolOutput::descriptor =
    detail::MessageDescriptor::of<ToolOutput>(detail::threads::output_rows, detail::ListStyle::array);
inline constexpr detail::MessageDescriptor ToolOutputsRequest::descriptor =
    detail::MessageDescriptor::of<ToolOutputsRequest>(detail::threads::outputs_target_rows, detail::ListStyle::lines);
inline detail::BodySource ToolOutputsRequest::body() const noexcept {
    return {this, detail::next, detail::threads::outputs_rows};
}

OPENAI_STREAM_END
