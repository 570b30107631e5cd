#pragma once
// The quirks in words. Apart from their counts, so that a program that shows none links none of it.
#include "../base/string_view.hpp"
#include "../base/words.hpp"
#include "quirks.hpp"

OPENAI_STREAM_BEGIN

// One sentence in English without a final full stop; static, never null.
inline const char* describe(Quirk quirk) noexcept {
    switch (quirk) {
        case Quirk::provisional_piece: return "a text left in pieces before its event had ended, for it did not fit";
        case Quirk::reasoning_content_key: return "the reasoning came as reasoning_content (DeepSeek, llama.cpp)";
        case Quirk::reasoning_key: return "the reasoning came as reasoning (OpenRouter, Groq, vLLM)";
        case Quirk::thinking_key: return "the reasoning came as thinking";
        case Quirk::reasoning_text_key: return "the reasoning came as reasoning_text (GitHub Copilot)";
        case Quirk::reasoning_details: return "reasoning_details came, mostly beside the same reasoning (OpenRouter)";
        case Quirk::text_part: return "the content of a delta or a message was a list of parts, with a text in one";
        case Quirk::thinking_part: return "the reasoning came as a part of type thinking (Mistral)";
        case Quirk::reasoning_part: return "the reasoning came as a part of type reasoning (Databricks)";
        case Quirk::x_groq: return "usage or an error came in x_groq";
        case Quirk::usage_in_choice: return "the usage came in a choice (Moonshot)";
        case Quirk::error_in_choice: return "an error came in a choice (OpenRouter)";
        case Quirk::errors_key: return "a key errors came, as errors of Cloudflare have it";
        case Quirk::detail_key: return "a key detail came, as errors of FastAPI have it";
        case Quirk::error_message_key: return "a message stood in msg, Message, status_msg, error_msg or the like";
        case Quirk::error_code_key: return "a code stood in Code, error_code, status_code or error_type";
        case Quirk::base_resp: return "a code and a message stood in base_resp (MiniMax)";
        case Quirk::retry_after_key: return "the time to wait stood in retry_after, in the error itself";
        case Quirk::scalar_text: return "a text came as a number, or as true or false: its digits, or the word";
        case Quirk::arguments_object: return "the arguments of a call came as JSON, not as a string with JSON in it";
        case Quirk::message_beside_delta: return "a message with all of the text came beside its deltas or after them";
        case Quirk::role_again: return "a role was said again of the same choice";
        case Quirk::finish_again: return "a finish reason was said again of the same choice";
        case Quirk::usage_again: return "the usage came in more than one event";
        case Quirk::unknown_finish_reason: return "a finish reason is unknown: FinishReason::other, with its name";
        case Quirk::bad_utf8: return "a byte that is no UTF-8 became U+FFFD";
        case Quirk::lone_surrogate: return "half of a surrogate pair became U+FFFD";
        case Quirk::unknown_event: return "an event of a type or a shape that nobody knows was passed over";
        case Quirk::other_event_type: return "an event had a type of another API, as response.done or reasoning_part";
        case Quirk::untyped_event: return "an event had no type, neither in its event: line nor in its data";
        case Quirk::started_again: return "the answer was said to begin once more";
        case Quirk::unnamed_item: return "an event did not say which output item it is about";
        case Quirk::call_id_as_item_id: return "an event named its call by the call_id, where the item's id belongs";
        case Quirk::empty_data: return "an event without data was passed over";
        case Quirk::comment_in_data: return "data that begins with a colon, a misplaced comment, was passed over";
        case Quirk::error_field: return "an error came in a field named error: (llama.cpp)";
        case Quirk::unterminated_event: return "the blank line after the last event is missing, its data was whole";
        case Quirk::no_end_marker: return "the answer was finished, but its end marker never came";
        case Quirk::error_in_answer: return "the status said success, and an error came in the answer";
        case Quirk::error_as_text: return "an error was a text and not an object";
        case Quirk::error_without_key: return "the members of an error stood in the answer itself, not in error";
        case Quirk::other_content_type: return "events came, and the Content-Type says something else";
        case Quirk::unknown_encoding: return "there is a Content-Encoding that nobody knows, and the body is plain";
        case Quirk::http_1_0: return "the answer is HTTP/1.0";
        case Quirk::bare_line_feed: return "the empty line after the head ended in LF, not in CR LF";
        case Quirk::no_reason_space: return "the space after the status is missing";
        case Quirk::padded_chunk_size: return "there were blanks after the size of a chunk";
        case Quirk::guessed_call: return "what belongs to which call could not be told for certain";
        case Quirk::repeated_arguments: return "the arguments of a call came twice and were taken once";
        case Quirk::generated_call_id: return "a call had no id and was given one";
        case Quirk::invalid_arguments: return "the arguments of a call are not JSON";
    }
    return "unknown quirk";
}

// As it is written in a program, for logs; static, never null.
inline const char* name_of(Quirk quirk) noexcept {
    const char* name =
        "provisional_piece\0"
        "reasoning_content_key\0"
        "reasoning_key\0"
        "thinking_key\0"
        "reasoning_text_key\0"
        "reasoning_details\0"
        "text_part\0"
        "thinking_part\0"
        "reasoning_part\0"
        "x_groq\0"
        "usage_in_choice\0"
        "error_in_choice\0"
        "errors_key\0"
        "detail_key\0"
        "error_message_key\0"
        "error_code_key\0"
        "base_resp\0"
        "retry_after_key\0"
        "scalar_text\0"
        "arguments_object\0"
        "message_beside_delta\0"
        "role_again\0"
        "finish_again\0"
        "usage_again\0"
        "unknown_finish_reason\0"
        "bad_utf8\0"
        "lone_surrogate\0"
        "unknown_event\0"
        "other_event_type\0"
        "untyped_event\0"
        "started_again\0"
        "unnamed_item\0"
        "call_id_as_item_id\0"
        "empty_data\0"
        "comment_in_data\0"
        "error_field\0"
        "unterminated_event\0"
        "no_end_marker\0"
        "error_in_answer\0"
        "error_as_text\0"
        "error_without_key\0"
        "other_content_type\0"
        "unknown_encoding\0"
        "http_1_0\0"
        "bare_line_feed\0"
        "no_reason_space\0"
        "padded_chunk_size\0"
        "guessed_call\0"
        "repeated_arguments\0"
        "generated_call_id\0"
        "invalid_arguments\0";
    for (unsigned left = static_cast<unsigned>(quirk); left != 0 && *name != '\0'; --left)
        name += detail::words::length(name) + 1;
    return name;
}

// Its sentence, for std::ostream and everything else with write(const char*, count).
template <class Out> auto operator<<(Out& out, Quirk quirk) -> decltype((out.write)("", detail::Count()), out) {
    return out << StringView(describe(quirk));
}

OPENAI_STREAM_END
