#pragma once
// The paths of a JSON text that matter, as a table: a list of contexts; a context is a list of rows; a row says what
// one key means there. A key may stand for two things, as servers do it: a scalar goes to a target (a number the
// table's owner gave), an object or an array is read in another context. An array is read as a list: each object in it
// stands in the array's context. A last row with an empty key is for all else: the members that no other row names, and
// the scalars in a list.
//
// Rows are written as arrays. Builds for size link them as bytes, which takes less than pointers to keys
// (packed_rows.hpp); others read them where they are written, and know where to begin (indexed_rows.hpp).
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

namespace json {

// How the value of a row is taken. Flags, joined by |.
enum class ReadMode : uint8_t {
    whole = 0,     // a scalar that makes sense only whole: an id, a number
    pieces = 1,    // a string that may be taken in pieces when it must (allow_partial): text
    deferred = 2,  // a container that the owner may want to read later: it decides at `enter`
    raw = 4,       // a container whose JSON text is the value
};
constexpr ReadMode operator|(ReadMode left, ReadMode right) noexcept {
    return static_cast<ReadMode>(static_cast<uint8_t>(left) | static_cast<uint8_t>(right));
}
constexpr bool has(ReadMode set, ReadMode one) noexcept {
    return (static_cast<uint8_t>(set) & static_cast<uint8_t>(one)) != 0;
}

constexpr unsigned mark_shift = 3;

// A row as it is found in a table.
struct TableRow {
    uint8_t key_size;  // bytes
    uint8_t target;    // where a scalar goes; 0 = it is ignored
    uint8_t context;   // what a container is read in; 0 = it is skipped
    ReadMode mode;     // below mark_shift; above: the mark

    // A number of the table's owner; 0: the row has none.
    unsigned mark() const noexcept { return unsigned{static_cast<uint8_t>(mode)} >> mark_shift; }
    StringView key() const noexcept;
};
static_assert(sizeof(TableRow) == 4 && alignof(TableRow) == 1, "four bytes, wherever they lie");

// The same as it is written.
struct Row {
    TableRow meaning;  // the first member, so that the key is found from it
    const char* key;   // static

    constexpr Row() noexcept : Row("", 0) {}
    constexpr Row(const char* name, uint8_t scalar_target, uint8_t container_context = 0,
                  ReadMode how = ReadMode::whole) noexcept
        : meaning{static_cast<uint8_t>(StringView(name).size()), scalar_target, container_context, how}, key(name) {}
    // A mark is a number below 32, or an enumerator with one.
    template <class Mark> constexpr Row(const char* name, uint8_t scalar_target, uint8_t container_context,
                                        ReadMode how, Mark mark) noexcept
        : Row(name, scalar_target, container_context,
              how | static_cast<ReadMode>(static_cast<unsigned>(mark) << mark_shift)) {}
};

inline StringView TableRow::key() const noexcept {
    if (key_size == 0) return StringView();  // it may be in no table
    if (detail::is_small_build) return {reinterpret_cast<const char*>(this + 1), key_size};
    return {reinterpret_cast<const Row*>(this)->key, key_size};
}

template <size_t size> constexpr size_t count_of(const Row (&)[size]) noexcept { return size; }

// One context: its rows, linked as bytes (true: packed_rows.hpp) or as they are (indexed_rows.hpp). Static.
template <bool is_small> class ContextOf;
using Context = ContextOf<detail::is_small_build>;

}  // namespace json

OPENAI_STREAM_END
