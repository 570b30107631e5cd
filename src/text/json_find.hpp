#pragma once
// One value of a JSON text that is there as a whole, such as the arguments of a tool call: for programs that have no
// JSON library and want a city.
#include "field_stream.hpp"

OPENAI_STREAM_BEGIN

// What json_find() has found; as a bool, false if nothing.
struct FoundValue {
    // A string without its escapes, or a number, in the memory; an object or array as it is written, within the text.
    StringView text;
    FieldKind kind = FieldKind::null;  // objects and arrays: object_begin, array_begin
    FieldError error = FieldError::none;  // none of what is not there, too; buffer_too_small if it does not fit
    bool is_found = false;

    explicit operator bool() const noexcept { return is_found; }
};

// The value at a path as FieldStream has them, "$.city" or "$.list[0].name". All of the text is read, and must be JSON;
// of members of the same name the last one counts, as most parsers have it. The memory is for a string or a number; a
// number may have 64 bytes.
inline FoundValue json_find(StringView text, const char* path, Buffer memory) noexcept {
    char scratch[64];
    FieldStream fields(Span<const char* const>(&path, 1), Buffer(scratch));
    FieldPiece piece;
    FoundValue found;
    size_t size = 0;
    bool has_room = true;
    fields.feed(text);
    fields.finish();
    while (fields.next(piece)) {
        if (piece.kind == FieldKind::object_end || piece.kind == FieldKind::array_end) {
            found.text = StringView(found.text.data(), static_cast<size_t>(piece.text.end() - found.text.data()));
            continue;
        }
        found.kind = piece.kind;
        found.is_found = true;
        found.text = piece.text;
        if (piece.is_first) {
            size = 0;
            has_room = true;
        }
        if (piece.kind != FieldKind::string && piece.kind != FieldKind::number) continue;
        if (piece.text.size() > memory.size - size) has_room = false;
        if (!has_room) continue;
        if (!piece.text.empty()) memcpy(memory.data + size, piece.text.data(), piece.text.size());
        size += piece.text.size();
        found.text = StringView(memory.data, size);
    }
    found.error = fields.error();
    if (found.error == FieldError::none && !has_room) found.error = FieldError::buffer_too_small;
    if (found.error != FieldError::none) {
        found.text = StringView();
        found.is_found = false;
    }
    return found;
}

OPENAI_STREAM_END
