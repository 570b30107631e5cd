// The other APIs, a user's own among them, as exchange_chat and exchange_responses have those two: an answer without a
// head (begin_body) or with one, typed, raw, or as a body of bytes. The first byte says which API, the second what is
// asked of it.
#include "exchange.hpp"

namespace {

namespace oai = openai_stream;
namespace dialect = openai_stream::dialect;
using fuzz::check;

// A user's table of a chat, as the manual has one.
constexpr oai::json::Row own_event_rows[] = {
    {"id", dialect::value_id},
    {"delta", dialect::ignored, dialect::chat_choice, oai::json::ReadMode::deferred},
    {"message", dialect::error_text, dialect::error, oai::json::ReadMode::pieces},
};
constexpr oai::json::Row own_choice_rows[] = {
    {"message", dialect::ignored, dialect::chat_delta},
    {"finish_reason", dialect::value_finish_reason},
    {"usage", dialect::ignored, dialect::usage},
};
constexpr oai::json::Row own_delta_rows[] = {
    {"role", dialect::value_role},
    {"content", dialect::ignored, dialect::chat_part},
};
constexpr oai::json::Row own_part_rows[] = {
    {"text", dialect::value_text, dialect::skipped, oai::json::ReadMode::pieces},
    {"thinking", dialect::value_reasoning, dialect::skipped, oai::json::ReadMode::pieces},
};
constexpr oai::json::Row own_usage_rows[] = {
    {"tokens", dialect::ignored, dialect::usage},
    {"input_tokens", dialect::prompt_tokens},
    {"output_tokens", dialect::completion_tokens},
};
constexpr dialect::ContextTable own_contexts = dialect::ContextTable()
                                                   .with<own_event_rows>(dialect::chat_root)
                                                   .with<own_choice_rows>(dialect::chat_choice)
                                                   .with<own_delta_rows>(dialect::chat_delta)
                                                   .with<own_part_rows>(dialect::chat_part)
                                                   .with<own_usage_rows>(dialect::usage);
constexpr dialect::Dialect own_chat{own_contexts.contexts, dialect::chat_root, false};

// A user's table of events that have a type.
constexpr dialect::EventType typed_types[] = {
    {"begin", dialect::says_begins},
    {"word", dialect::says_piece, dialect::TextRole::text},
    {"end", dialect::says_ends},
    {"broken", dialect::says_failure_of_answer},
};
constexpr oai::json::Row typed_rows[] = {
    {"delta", dialect::response_delta, dialect::skipped, oai::json::ReadMode::pieces},
    {"session", dialect::ignored, dialect::response_object},
};
constexpr oai::json::Row typed_session_rows[] = {{"id", dialect::response_own_id}};
constexpr dialect::ResponseContextTable typed_contexts =
    dialect::ResponseContextTable()
        .with<typed_rows, dialect::typed_member_rows, dialect::typed_error_rows>(dialect::response_event)
        .with<typed_session_rows>(dialect::response_object)
        .with<dialect::response_usage_rows>(dialect::response_usage);
constexpr dialect::TypedDialect own_typed(typed_contexts, dialect::EventTypes::of<typed_types>(), {"own.", 4});

constexpr oai::FieldPath chat_fields[] = {"object", "x_groq", "choices[].stop_reason", "choices[].delta.a", "list[]"};
constexpr oai::FieldPath fields[] = {
    "item.encrypted_content", "item.content[].note", "response.output[].phase", "response.usage.input_tokens_details",
    "part.note", "logprobs[].bytes", "item.id", "output[].phase", "deep[][].a", "agent",
};

enum { with_fields, with_items, rest, own, typed, chat_with_fields, first_known };
constexpr const oai::Api* known[] = {&oai::Api::models, &oai::Api::images, &oai::Api::speech,
                                     &oai::Api::transcription, &oai::Api::assistants, &oai::Api::agents};

oai::Api api_of(unsigned which, oai::ResponseExtras& extras, oai::ExtraEvents& chat_extras) {
    switch (which) {
        case with_fields: return oai::Api(extras);
        case with_items: return oai::Api(oai::whole_items);
        case rest: return oai::Api::rest_of_response;
        case own: return oai::Api(own_chat);
        case typed: return oai::Api(own_typed);
        case chat_with_fields: return oai::Api(chat_extras);
        default: return *known[which - first_known];
    }
}

template <class Event> void compare_ways(fuzz::Way way, fuzz::Bytes bytes, size_t size, size_t other, uint8_t cuts) {
    const fuzz::Outcome one = fuzz::run<Event>(way, bytes, size, cuts);
    const fuzz::Outcome two = fuzz::run<Event>(way, bytes, other, 0);
    if (!fuzz::has_late_type(bytes)) fuzz::compare(one, two, size == other);
    // A body is the same without its head.
    if (way.head != 0 && way.head != 2) return;
    way.head ^= 2;
    fuzz::Outcome with_head = fuzz::run<Event>(way, bytes, size, cuts);
    with_head.message_bytes = 0;  // where it is of the body as it came
    if (!fuzz::has_late_type(bytes)) fuzz::compare(one, with_head, false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static char script[3000];
    fuzz::Input input(data, size);
    const unsigned which = input.byte() % (first_known + sizeof known / sizeof *known);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    oai::ResponseExtras extras(fields);
    oai::ExtraEvents chat_extras(chat_fields);
    const oai::Api api = api_of(which, extras, chat_extras);
    const oai::RawRequest request("/x", "{\"model\":\"m\",\"input\":\"Hello, who are you?\"}", api);
    fuzz::Way way;
    way.api = &api;
    way.request = &request;
    way.is_chat = which == own || which == chat_with_fields;
    way.head = flags & 3;
    way.is_raw_mode = (flags & 0x1C) == 0x1C;
    way.is_sent = true;
    way.status = way.head == 1 && (flags & 0x80) != 0 ? 400 : 200;
    const size_t buffer_bytes = fuzz::buffer_size(place);
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script)};
    const bool same_size = (cut & 0x80) == 0;
    const size_t other_bytes = same_size ? buffer_bytes : fuzz::other_size(buffer_bytes, way.is_chat);
    const auto cuts = static_cast<uint8_t>((cut & 0x7F) | 1);
    if (way.is_raw_mode) {
        compare_ways<oai::SseEvent>(way, bytes, buffer_bytes, other_bytes, cuts);
    } else if ((flags & 0x1C) == 0x18) {
        compare_ways<oai::BodyPiece>(way, bytes, buffer_bytes, other_bytes, cuts);
    } else {
        compare_ways<oai::Event>(way, bytes, buffer_bytes, other_bytes, cuts);
        if (way.head != 3 && way.status == 200) fuzz::compare_with_parsed(way, bytes, cuts);
    }
    return 0;
}
