#pragma once
// Fields that a program has named by their paths, and where in those paths a value stands.
#include "extra_event_tables.hpp"

OPENAI_STREAM_BEGIN

// A field that is wanted as EventKind::custom_field: "provider", "timings.predicted_per_second",
// "x_groq.usage.queue_time", "citations[]" (each element of the list), "choices[].stop_reason". Keys with '.' or '[' in
// them cannot be named. What has an event of its own (a text, usage) is not delivered as a field once more, nor is what
// lies within the value of another path. Null is nothing. The path must be static.
//
// A field of a tool call ("choices[].delta.tool_calls[].extra_content") comes after a tool_call event of its call, and
// before any of the next one. In an event that did not fit into the buffer that tool_call may say nothing yet: what is
// known of the call then comes after the field.
//
// Of the Responses API see ResponseExtras.
struct FieldPath : json::TableRow {
    StringView path;

    template <size_t size> constexpr FieldPath(const char (&text)[size]) noexcept
        : TableRow{0, dialect::field_value, dialect::opaque,
                    json::ReadMode::pieces | json::ReadMode::raw | json::ReadMode::deferred},
          path(text, size - 1) {
        static_assert(size <= 256, "a path of 255 bytes at most");
    }
};

namespace dialect {

// Where in the paths of the rows a value stands: these rows have led here, up to this byte of their paths.
struct FieldPlace {
    uint32_t rows = 0;
    uint8_t offset = 0;
    bool is_list_of_documents = false;
};

// The rows of a program; not owned.
struct FieldRows {
    static constexpr unsigned max_count = 32;  // bits of FieldPlace::rows

    const FieldPath* list;
    uint8_t count;

    FieldPlace root() const noexcept {
        FieldPlace place;
        place.rows = count == max_count ? ~0u : (1u << count) - 1;
        return place;
    }
    StringView path(int32_t index) const noexcept { return list[index].path; }
    int32_t index_of(const json::TableRow& row) const noexcept {
        return static_cast<int32_t>(static_cast<const FieldPath*>(&row) - list);
    }

    // A value called `name` stands below `place`: where it stands, and the row that is meant, or one for what contains
    // it. Null: nobody wants it.
    const json::TableRow* step(const FieldPlace& place, StringView name, FieldPlace& value) const noexcept {
        value = FieldPlace();
        const json::TableRow* found = nullptr;
        for (uint32_t left = place.rows, index = 0; left != 0; left >>= 1, ++index) {
            if ((left & 1) == 0) continue;
            const FieldPath& row = list[index];
            const char* const begin = row.path.begin() + place.offset;
            const char* const end = row.path.end();
            const char* at = begin;
            while (at != end && *at != '.' && *at != '[') ++at;
            if (at == begin && at != end && *at == '[') at += end - at > 1 ? 2 : 1;
            if (!(StringView(begin, static_cast<size_t>(at - begin)) == name)) continue;
            if (at == end) {
                if (!found) found = &row;
                continue;
            }
            value.rows |= 1u << index;
            value.offset = static_cast<uint8_t>(at + (*at == '.') - row.path.begin());
        }
        return found ? found : value.rows != 0 ? &field_above : nullptr;
    }
};

// The object of a chat that a value belongs to.
enum class FieldScope : uint8_t { root, choice, call };
// A value passed over, to be read when its object has ended.
struct LaterField {
    char* begin = nullptr;
    const json::TableRow* row = nullptr;
    FieldPlace place;
    FieldScope scope = FieldScope::root;
};

}  // namespace dialect

OPENAI_STREAM_END
