#pragma once
// How a struct becomes the text of a request without that text ever being in memory as a whole. A request of 100 KB
// goes through a window of 256 bytes, and no code is written for each kind of request: a table says what its text is.
//
// A table is an array of FieldDescriptor. Each row is a text that is always the same, and the field of the struct after
// it:
//
//     struct Dog { StringView name; int64_t age = unset_number; };
//     constexpr FieldDescriptor dog_rows[] = {
//         {"{\"name\":", FieldType::string, offsetof(Dog, name)},  // {"name":"Rex"
//         {",\"age\":", FieldType::integer, offsetof(Dog, age)},   // ,"age":7   nothing if it is unset_number
//         {"}", FieldType::end},                                   // }
//     };
//
// One function, next(), walks any table: it is given the struct, the table and a Cursor, makes the Fragment that stands
// there and moves the cursor. It keeps nothing else, so a text can be made twice (to count and check it, then to send
// it), and be resumed after any fragment. Lists go one level down: List<Dog> is a pointer, a count, and the address of
// a MessageDescriptor, which is the table of one element, its size, and what stands between two. It is named where the
// list is filled, so that a program without tools links no table for tools.
//
// Who uses it: http::RequestHead for a head, each request for its body, and RequestWriter, which takes the fragments
// and writes them (it alone knows how a string is escaped). What must be true: objects are standard-layout, and neither
// they nor what they point to change between the two passes; if they do, next() still reads nothing after a list's end.
#include "buffer.hpp"
#include "words.hpp"
#include "error.hpp"

OPENAI_STREAM_BEGIN

namespace json {
struct Window;
}

namespace detail {

// How a fragment is written, and what is checked before.
enum class FragmentKind : uint8_t {
    plain,     // bytes as they are
    string,    // as a JSON string, with quotes and escapes
    integer,   // the bytes of an int64_t in memory: in decimal
    checked,   // the bytes of a Checked in memory: its text, unless it is refused
    streamed,  // the bytes of a Streamed in memory: what that writes
};

// A text that may have to be refused: validate finds out before it is written, or says what was found when the text was
// set; null: nothing is wrong with it.
struct Checked {
    StringView text;
    Error (*validate)(const StringView& text) = nullptr;

    constexpr Error error() const noexcept { return validate ? validate(text) : Error::none; }
};

// A text that nobody has in memory, and that writes itself: from position on, as much as fits. position is 0 at first
// and SIZE_MAX when all is written; between, it is this function's own, which may be asked again for any that it has
// set. A window with room for 16 bytes always gets some. Without memory the window only counts. An error ends the
// request.
struct Streamed {
    Error (*write)(const Streamed& self, size_t& position, json::Window& into) = nullptr;
};

}  // namespace detail

// An integer that is not there.
constexpr int64_t unset_number = INT64_MIN;

namespace detail {
struct FieldDescriptor;


// Valid as long as the object it was made from.
struct Fragment {
    const char* before = nullptr;  // plain text in front of it, which next sets; static
    StringView text;
    FragmentKind kind = FragmentKind::plain;  // of text
    // of an element or object: the table that its list or its pointer stands in
    const FieldDescriptor* around = nullptr;

    // For an integer, and for what is checked.
    int64_t integer() const noexcept { return *reinterpret_cast<const int64_t*>(text.data()); }
    const Checked& checked() const noexcept { return *reinterpret_cast<const Checked*>(text.data()); }
    const Streamed& streamed() const noexcept { return *reinterpret_cast<const Streamed*>(text.data()); }
    void set_streamed(const Streamed& source) noexcept {
        text = StringView(reinterpret_cast<const char*>(&source), sizeof source);
        kind = FragmentKind::streamed;
    }
    void set_checked(const Checked& source) noexcept {
        text = StringView(reinterpret_cast<const char*>(&source), sizeof source);
        kind = FragmentKind::checked;
    }
};

// Where a BodySource stands; a new one at the beginning.
struct Cursor {
    static constexpr unsigned max_levels = 3;  // an object, the elements of its lists, the elements of theirs
    uint8_t level = 0;
    uint8_t step[max_levels] = {};    // in the object, in the elements
    uint32_t index[max_levels] = {};  // of the element in its list

    constexpr Cursor() noexcept = default;
    // (One by one: compilers make a new one elsewhere, and copy it.)
    OPENAI_STREAM_OUTLINE void rewind() noexcept {
        level = step[0] = step[1] = step[2] = 0;
        index[0] = index[1] = index[2] = 0;
    }
};

// A text. next gives the next fragment (it may be empty) and moves the cursor, in constant time. It returns false at
// the end.
struct BodySource {
    const void* object = nullptr;  // not owned
    bool (*next)(const void* object, Cursor& at, Fragment& piece, const FieldDescriptor* rows) = nullptr;
    const FieldDescriptor* rows = nullptr;  // the table it is made by; null: none
};


// What a row of a table gives: its text, then the field at its offset; nothing when the field is not there.
enum class FieldType : uint8_t {
    literal,          // no field
    plain,            // StringView, as it is; not there when data() is null
    string,           // StringView, always there
    optional_string,  // StringView; not there when data() is null
    integer,          // int64_t; not there when `unset_number`
    checked,          // Checked; not there when empty, unless there is something to validate
    enumeration,      // a byte, mostly of an enum: picks one of the words after the row's text, each ended by a NUL; 0
                      // is not there, 1 is the first
    callback,         // no text, no offset: asks a function for a piece
    list,             // List, of elements that have a table of their own; not there when empty
    object,           // a pointer to an object whose first member is its descriptor's address; not
                      // there when null
    end,              // only a text, and the table ends
};

// One of at most 255 of a table. The objects are standard-layout and offsets are offsetof().
struct FieldDescriptor {
    union {
        const char* text;
        void (*callback)(const void* object, Fragment& piece);
    };
    uint16_t offset = 0;
    FieldType kind;
    FragmentKind value = FragmentKind::plain;  // how the field is written

    constexpr FieldDescriptor(const char* only) noexcept : text(only), kind(FieldType::literal) {}
    constexpr FieldDescriptor(const char* before, FieldType field, size_t at = 0) noexcept
        : text(before), offset(static_cast<uint16_t>(at)), kind(field),
          value(field == FieldType::string || field == FieldType::optional_string ? FragmentKind::string
                : field == FieldType::integer                                     ? FragmentKind::integer
                : field == FieldType::checked                                     ? FragmentKind::checked
                                                                                  : FragmentKind::plain) {}
    constexpr FieldDescriptor(void (*function)(const void*, Fragment&)) noexcept
        : callback(function), kind(FieldType::callback) {}
};

// What stands around the elements of a list: nothing; a comma between them; that and brackets.
enum class ListStyle : uint8_t { lines, items, array };

// What a list's elements are: their table, and the bytes from one to the next.
struct MessageDescriptor {
    const FieldDescriptor* rows;
    uint16_t stride;
    ListStyle style;

    template <class T> static constexpr MessageDescriptor of(const FieldDescriptor* rows, ListStyle style) noexcept {
        static_assert(sizeof(T) <= UINT16_MAX, "an element that large is no element");
        return {rows, static_cast<uint16_t>(sizeof(T)), style};
    }
};

// A list whatever its elements. Its descriptor is named by who fills it: a program without tools has no table for
// tools.
struct Elements {
    const void* data = nullptr;
    const MessageDescriptor* descriptor = nullptr;
    size_t size = 0;
};
// Word number `number` (from 1) after text's NUL; an empty word follows the last one.
inline StringView word(const char* text, unsigned number) noexcept {
    do text += words::length(text) + 1;
    while (--number != 0 && *text != '\0');
    return {text, words::length(text)};
}

// A BodySource's next. A step of the cursor is a row.
OPENAI_STREAM_NOINLINE inline bool next(const void* object, Cursor& at, Fragment& piece,
                                        const FieldDescriptor* rows) noexcept {
    const char* base = static_cast<const char*>(object);
    uint8_t* step = at.step;
    uint32_t* index = at.index;
    const MessageDescriptor* descriptor = nullptr;  // of the list whose element this is, or of the object
    size_t size = 1;                                // of it
    if (*index != 0) return false;  // the end
    for (unsigned level = at.level; level != 0; --level) {
        piece.around = rows;
        const FieldDescriptor& row = rows[*step++];
        const Elements& list = *reinterpret_cast<const Elements*>(base + row.offset);
        base = static_cast<const char*>(list.data);
        size = row.kind == FieldType::list ? list.size : base != nullptr;
        if (*++index >= size) return false;  // the list has become shorter
        descriptor = row.kind == FieldType::list ? list.descriptor
                                                 : *reinterpret_cast<const MessageDescriptor* const*>(base);
        base += *index * descriptor->stride;
        rows = descriptor->rows;
    }
    const FieldDescriptor& row = rows[(*step)++];
    const char* const field = base + row.offset;
    piece.before = row.text;
    piece.text = StringView();
    piece.kind = row.value;
    switch (row.kind) {
        case FieldType::literal: return true;
        case FieldType::plain:
        case FieldType::string:
        case FieldType::optional_string:
            piece.text = *reinterpret_cast<const StringView*>(field);
            if (row.kind == FieldType::string || piece.text.data()) return true;
            break;
        case FieldType::integer:
            piece.text = StringView(field, sizeof(int64_t));
            if (piece.integer() != unset_number) return true;
            break;
        case FieldType::checked:
            piece.text = StringView(field, sizeof(Checked));
            if (!piece.checked().text.empty() || piece.checked().validate) return true;
            break;
        case FieldType::enumeration:
            if (*field == 0) break;
            piece.text = word(piece.before, static_cast<unsigned char>(*field));
            return true;
        case FieldType::callback:
            piece.before = "";
            row.callback(field, piece);
            return true;
        case FieldType::list:
        case FieldType::object: {
            const Elements& list = *reinterpret_cast<const Elements*>(field);
            if (!list.data || (row.kind == FieldType::list && list.size == 0)) break;
            if (row.kind == FieldType::list && list.descriptor->style == ListStyle::array)
                piece.text = StringView("[", 1);
            --*step;
            ++at.level;  // its step is 0: it was at first, and is after each element
            index[1] = 0;
            return true;
        }
        case FieldType::end:
            *step = 0;
            ++*index;
            if (!descriptor) return true;
            if (*index != size) {
                if (descriptor->style != ListStyle::lines) piece.text = StringView(",", 1);
                return true;
            }
            if (descriptor->style == ListStyle::array) piece.text = StringView("]", 1);
            --at.level;
            ++step[-1];
            return true;
    }
    piece.before = "";  // it is not there
    piece.text = StringView();
    piece.kind = FragmentKind::plain;
    return true;
}

inline constexpr FieldDescriptor text_rows[] = {{"", FieldType::string}, {"", FieldType::end}};
inline constexpr MessageDescriptor text_descriptor = MessageDescriptor::of<StringView>(text_rows, ListStyle::array);

// What a T becomes: T::descriptor says how; a text becomes a string.
template <class T> constexpr const MessageDescriptor* descriptor_of(const T*) noexcept { return &T::descriptor; }
constexpr const MessageDescriptor* descriptor_of(const StringView*) noexcept { return &text_descriptor; }
}  // namespace detail

// A Span of elements that can become text. Owns nothing: the elements must outlive it.
template <class T> struct List : detail::Elements {
    constexpr List() noexcept = default;
    constexpr List(const T* elements, size_t count) noexcept
        : Elements{elements, detail::descriptor_of(elements), count} {}
    constexpr List(Span<const T> elements) noexcept : List(elements.data, elements.size) {}
    template <class C, class = decltype(Span<const T>(detail::declval<C>()))>
    constexpr List(C&& elements) noexcept : List(Span<const T>(elements)) {}
    // In braces they would be gone at the end of the statement: give them a name, or see Chat.
    template <size_t count> List(const T (&&elements)[count]) = delete;

    constexpr bool empty() const noexcept { return size == 0; }
    const T* begin() const noexcept { return static_cast<const T*>(data); }
    const T* end() const noexcept { return begin() + size; }
};

OPENAI_STREAM_END
