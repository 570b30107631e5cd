#pragma once
// What few programs want of the Responses API, as tables: those of responses.hpp, and these rows after them.
#include "extra_event_tables.hpp"
#include "field_rows.hpp"
#include "response_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Besides ResponseContextId.
enum ResponseExtraContextId : uint8_t {
    response_logprob = response_context_count,
    response_top_logprob,
    response_field_parent,  // something in it is a field that the program has named
    response_extras_count,
};

// Besides ResponseTarget. They are kept where the values of a source are, which has left by then.
enum ResponseExtraTarget : uint8_t {
    token_text = response_segment_end + 1,
    token_digits,
};

inline constexpr json::Row response_text_extras[] = {{"logprobs", ignored, response_logprob}};
inline constexpr json::Row response_top_logprob_rows[] = {
    {"token", token_text},
    {"logprob", token_digits},
};
inline constexpr json::Row response_logprob_rows[] = {{"top_logprobs", ignored, response_top_logprob}};
inline constexpr json::TableRow response_field_above{0, ignored, response_field_parent, json::ReadMode::whole};

struct ResponseExtraTables {
    json::Context contexts[response_extras_count] = {};
    constexpr ResponseExtraTables() noexcept {
        for (unsigned context = 0; context != response_context_count; ++context)
            contexts[context] = response_contexts[context];
        contexts[response_event] =
            json::Context::of<response_event_own_rows, response_object_rows, response_text_extras>();
        contexts[response_part] = json::Context::of<response_part_rows, response_text_extras>();
        contexts[response_logprob] = json::Context::of<response_top_logprob_rows, response_logprob_rows>();
        contexts[response_top_logprob] = json::Context::of<response_top_logprob_rows>();
    }
};
inline constexpr ResponseExtraTables response_extra_tables;

// What is known of the event being read.
struct ResponseExtraState {
    // A value passed over.
    struct Later {
        char* begin = nullptr;
        const json::TableRow* row = nullptr;
        FieldPlace place;
        int16_t part = 0;   // of the item; or part_of_event
        uint8_t level = 0;  // of returns, where it stands; 0: in the event itself
    };
    static constexpr unsigned max_later = 16;  // of one event or item; one more is read where it stands
    static constexpr int16_t part_of_event = -2;

    constexpr explicit ResponseExtraState(const FieldRows& named_fields) noexcept : rows(named_fields) {}

    FieldRows rows;
    uint8_t later_count = 0;
    uint8_t later_level = 0;  // the count of returns while one of them is read; 0: none is
    bool is_of_item = false;  // what is read now
    int16_t part = part_of_event;              // likewise
    EventKind token = EventKind::started;      // logprob, top_logprob: it has been read and not left
    FieldPlace value;                                           // of what comes next
    FieldPlace places[json::PathReader::max_known_depth] = {};  // of the containers that are open
    FieldPlace deferred_places[max_deferred] = {};
    Later later[max_later] = {};
};

struct ResponseExtraDialect : ResponseDialect {
    static constexpr unsigned max_rows = FieldRows::max_count;
    mutable ResponseExtraState state;  // here, as the tables themselves stay

    constexpr ResponseExtraDialect(const json::Context* tables, const FieldPath* list, size_t count) noexcept;
};

}  // namespace dialect

OPENAI_STREAM_END
