#pragma once
// Text that is produced piece by piece and never exists as a whole, and the tables that say how a struct becomes such a
// text. Producing is stateless but for a Cursor, so a text can be produced twice (to count it, then to send it) and
// resumed anywhere.
#include "buffer.hpp"

OPENAI_STREAM_BEGIN

// How a piece is written, and what it has to be before it may be.
enum class PieceKind : uint8_t {
    plain,    // bytes as they are
    visible,  // the same, visible ASCII without blanks
    field,    // the same, no control byte but HTAB
    string,   // as a JSON string, with quotes and escapes
    integer,  // the bytes of an int64_t in memory: in decimal
};

// Valid as long as the object it was made from.
struct Piece {
    StringView text;
    PieceKind kind = PieceKind::plain;
    bool (*check)(StringView text) = nullptr;  // not null: has to say yes before the text may be written
};

// Where a producer stands; a new one at the beginning.
struct Cursor {
    static constexpr unsigned max_levels = 3;  // an object, the elements of its lists, the elements of theirs
    uint8_t level = 0;
    uint8_t step[max_levels] = {};
    uint32_t index[max_levels - 1] = {};
};

// A text. next gives the next piece (it may be empty) and moves the cursor, in constant time, or says false at the end.
struct Producer {
    const void* object = nullptr;  // not owned
    bool (*next)(const void* object, Cursor& at, Piece& piece) = nullptr;
};

namespace pieces {

constexpr int64_t unset = INT64_MIN;  // an integer that is not there

// What a row of a table gives: its text, then the field at its offset; nothing when the field is not there.
enum class RowKind : uint8_t {
    text,             // no field
    visible,          // StringView, as the PieceKind of that name; not there when empty
    field,            // StringView, likewise
    string,           // StringView, always there
    integer,          // int64_t; not there when `unset`
    optional_string,  // StringView; not there when data() is null
    checked,          // Checked; not there when empty
    word,             // a byte, mostly of an enum: picks one of the words behind the row's text, each ended by a NUL;
                      // 0 is not there, 1 is the first
    call,             // no text: asks a function for the value
    list,             // List, of elements that have a table of their own; not there when empty
    end,              // the table ends
};

// A text that somebody has to look at before it may be written.
struct Checked {
    StringView text;
    bool (*check)(StringView text) = nullptr;
};

// What stands around the elements of a list.
struct Fence {
    const char* before;
    const char* between;
    const char* after;
};

// One of at most 127 of a table; the last one is Row(). The objects are standard-layout and offsets are offsetof().
struct Row {
    union {
        const char* text;
        void (*call)(const void* object, Piece& piece);
        const Fence* fence;
    };
    uint16_t offset = 0;
    RowKind kind;
    PieceKind value = PieceKind::plain;  // how the field is written

    constexpr Row() noexcept : text(""), kind(RowKind::end) {}
    constexpr Row(const char* only) noexcept : text(only), kind(RowKind::text) {}
    constexpr Row(const char* before, RowKind field, size_t at) noexcept
        : text(before), offset(static_cast<uint16_t>(at)), kind(field),
          value(field == RowKind::optional_string ? PieceKind::string
                : field <= RowKind::integer       ? static_cast<PieceKind>(field)
                                                  : PieceKind::plain) {}
    constexpr Row(void (*function)(const void*, Piece&)) noexcept : call(function), kind(RowKind::call) {}
    constexpr Row(const Fence& around, size_t at) noexcept
        : fence(&around), offset(static_cast<uint16_t>(at)), kind(RowKind::list) {}
};

// What a list's elements are: their table, and the bytes from one to the next.
struct Shape {
    const Row* rows;
    size_t stride;
};

// A list whatever its elements. Its shape is named by who fills it: a program without tools has no table for tools.
struct Elements {
    const void* data = nullptr;
    size_t size = 0;
    const Shape* shape = nullptr;
};

// Word number `number` (from 1) behind text's NUL; the last one has an empty one behind it.
inline const char* word(const char* text, unsigned number) noexcept {
    do text += strlen(text) + 1;
    while (--number != 0 && *text != '\0');
    return text;
}

// A Producer's next for an object that has a table. A step of the cursor is twice the row, plus 1 when the row's text
// has been given.
OPENAI_STREAM_NOINLINE inline bool next(const Row* rows, const void* object, Cursor& at, Piece& piece) noexcept {
    const char* base = static_cast<const char*>(object);
    const Fence* fence = nullptr;  // of the list whose element this is
    bool last = false;             // it is the last one
    for (unsigned level = 0; level < at.level; ++level) {
        const Row& row = rows[at.step[level] / 2];
        const Elements& list = *reinterpret_cast<const Elements*>(base + row.offset);
        const uint32_t index = at.index[level];
        if (index >= list.size) return false;  // the list has become shorter
        last = index + 1 == list.size;
        fence = row.fence;
        base = static_cast<const char*>(list.data) + index * list.shape->stride;
        rows = list.shape->rows;
    }
    uint8_t& step = at.step[at.level];
    const Row& row = rows[step / 2];
    const bool is_first = step++ % 2 == 0;
    const char* const field = base + row.offset;
    const char* text = row.kind < RowKind::call ? row.text : "";
    StringView value;
    bool there = true;
    piece = Piece();
    switch (row.kind) {
        case RowKind::text:
            break;
        case RowKind::string:
            value = *reinterpret_cast<const StringView*>(field);
            break;
        case RowKind::optional_string:
            value = *reinterpret_cast<const StringView*>(field);
            there = value.data() != nullptr;
            break;
        case RowKind::checked:
            if (!is_first) piece.check = reinterpret_cast<const Checked*>(field)->check;
            value = reinterpret_cast<const Checked*>(field)->text;
            there = !value.empty();
            break;
        case RowKind::visible:
        case RowKind::field:
            value = *reinterpret_cast<const StringView*>(field);
            there = !value.empty();
            break;
        case RowKind::integer:
            value = StringView(field, sizeof(int64_t));
            there = *reinterpret_cast<const int64_t*>(field) != unset;
            break;
        case RowKind::word:
            there = *field != 0;
            if (!is_first && there) value = word(text, static_cast<unsigned char>(*field));
            break;
        case RowKind::call:
            if (is_first) break;
            row.call(base, piece);
            return true;
        case RowKind::list:
            there = reinterpret_cast<const Elements*>(field)->size != 0;
            text = row.fence->before;
            if (is_first) break;
            --step;
            at.index[at.level++] = 0;
            return true;
        case RowKind::end:
            --step;
            if (at.level == 0) return false;
            step = 0;  // for the next element, or the next list at this level
            --at.level;
            if (last) ++at.step[at.level];
            else ++at.index[at.level++];
            piece.text = last ? fence->after : fence->between;
            return true;
    }
    if (!is_first) {
        piece.text = value;
        piece.kind = row.value;
    } else if (there) {
        piece.text = text;
    } else {
        ++step;
    }
    return true;
}

}  // namespace pieces

// A Span of elements that can become text: T::shape says how. Owns nothing: the elements must outlive it.
template <class T> struct List : pieces::Elements {
    constexpr List() noexcept = default;
    constexpr List(const T* elements, size_t count) noexcept : Elements{elements, count, &T::shape} {}
    constexpr List(Span<const T> elements) noexcept : List(elements.data, elements.size) {}
    template <class C, class = decltype(Span<const T>(traits::declval<C>()))>
    constexpr List(C&& elements) noexcept : List(Span<const T>(elements)) {}

    constexpr bool empty() const noexcept { return size == 0; }
    const T* begin() const noexcept { return static_cast<const T*>(data); }
    const T* end() const noexcept { return begin() + size; }
};

OPENAI_STREAM_END
