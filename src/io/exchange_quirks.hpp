#pragma once
// The quirks of an answer: what the reader has counted, and what can be seen at any time, which is looked for only when
// somebody asks. So a program that does not ask has none of it.
#include "exchange_events.hpp"

OPENAI_STREAM_BEGIN

OPENAI_STREAM_INLINE Quirks Exchange::quirks() const noexcept {
    Quirks all = reader_.quirks();
    const bool is_stream = body_.kind() == detail::BodyReader::Kind::events;
    const StringView type = fields_.content_type(body_.sse.names_end());
    const auto note = [&](bool is_so, Quirk quirk) {
        if (is_so) all.add(quirk);
    };
    note(body_.sse.has_error_field(), Quirk::error_field);
    const bool is_read = !is_refused_ && (error_ == Error::none || error_ == Error::server_error);
    note(was_unterminated_ && is_read, Quirk::unterminated_event);
    note(is_stream && mode_ == Mode::typed && verdict_ == Verdict::finish_then_eof, Quirk::no_end_marker);
    if (error_ == Error::server_error && document_ == Document::answer) {  // not one of `event: error`
        const dialect::Value& message = reader_.values.at(dialect::value_error_message);
        const json::Context& root = dialect_->contexts[dialect_->root];
        const bool is_there = reader_.value(dialect::value_error_message).data() != nullptr;
        const bool is_member = is_there && json::PathReader::depth_of(message.precedence) == 1;
        const bool is_text = json::PathReader::place_of(message.precedence) == root.place_of(root.find("error", 5));
        note(!dialect_->needs_end_event, Quirk::error_in_answer);
        note(is_member && is_text, Quirk::error_as_text);
        note(is_member && !is_text, Quirk::error_without_key);
    }
    const StringView events = StringView("text/event-stream", 17);
    note(is_stream && !type.empty() && !ascii::ends_with(type.take(events.size()), events), Quirk::other_content_type);
    note(!is_refused_ && http_.may_be_compressed(), Quirk::unknown_encoding);
    note(http_.head_complete() && http_.head().is_http_1_0(), Quirk::http_1_0);
    note(http_.head().has_bare_lf(), Quirk::bare_line_feed);
    note(http_.head().lacks_reason_space(), Quirk::no_reason_space);
    note(http_.has_padded_chunks(), Quirk::padded_chunk_size);
    return all;
}

OPENAI_STREAM_END
