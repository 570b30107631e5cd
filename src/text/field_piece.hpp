#pragma once
// What FieldStream and json_find() deliver of a JSON text, and why they may deliver nothing.
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

// What a FieldPiece is, or is a piece of.
enum class FieldKind : uint8_t {
    object_begin,  // a path led to an object: its text is the brace; object_end comes after all that is in it
    array_begin,
    object_end,
    array_end,
    string,   // the only kind that comes in pieces
    number,   // as it was sent: "14", "-0.5e3"
    boolean,  // "true" or "false"
    null,     // "null"
};

// What FieldStream::next() delivers. The text is valid until the next call on the stream that is not const, and as long
// as the memory that was given to feed().
struct FieldPiece {
    StringView text;
    uint32_t index = 0;  // of the innermost [*] or [7] of its path: which element it is in, counted from 0
    uint8_t path = 0;    // which of the paths, counted from 0; if several lead here, the first of them
    FieldKind kind = FieldKind::null;
    bool is_first = true;  // a value begins with this piece
    bool more = false;     // of a string: it goes on
};

// Why there are no more pieces. The first one stays.
enum class FieldError : uint8_t {
    none,
    bad_path,         // a path is not of the form $.name[0][*]['name'], or has more than 8 steps
    too_many_paths,   // more than FieldStream::max_paths
    buffer_too_small, // less than FieldStream::min_memory_bytes
    not_json,         // what came is not JSON
    too_deep,         // nested deeper than json::max_depth
    number_too_long,  // a number at one of the paths has more digits than there is memory
    truncated,        // finish() came before the end of the JSON
    trailing_text,    // something follows the JSON
};

// A sentence without a full stop; static, never null.
inline const char* describe(FieldError error) noexcept {
    switch (error) {
        case FieldError::none: return "no error";
        case FieldError::bad_path: return "a path is not of the form $.name[0][*]['name']";
        case FieldError::too_many_paths: return "there are more paths than FieldStream::max_paths";
        case FieldError::buffer_too_small: return "the memory is smaller than FieldStream::min_memory_bytes";
        case FieldError::not_json: return "the text is not JSON";
        case FieldError::too_deep: return "the JSON is nested too deeply";
        case FieldError::number_too_long: return "a number is longer than the memory it has to fit into";
        case FieldError::truncated: return "the text ends before its JSON does";
        case FieldError::trailing_text: return "more text follows the JSON";
    }
    return "unknown error";
}

OPENAI_STREAM_END
