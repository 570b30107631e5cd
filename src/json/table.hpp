#pragma once
// The paths of a JSON text that matter, as a table: a list of contexts; a context is a list of rows; a row says what
// one key means there. A key may stand for two things, as servers do it: a scalar goes to a target (a number the
// table's owner gave), an object or an array is read in another context. An array is read as a list: each object in it
// stands in the array's context. A last row with an empty key is for all else: the members that no other row names, and
// the scalars in a list.
//
// Rows are written as arrays, and linked as bytes: four for a row, and its key. That takes less than pointers to keys.
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

// A row as it is read: its key follows it.
struct PackedRow {
    uint8_t key_size;  // bytes
    uint8_t target;    // where a scalar goes; 0 = it is ignored
    uint8_t context;   // what a container is read in; 0 = it is skipped
    ReadMode mode;      // below mark_shift; above: the mark

    // A number of the table's owner; 0: the row has none.
    unsigned mark() const noexcept { return unsigned{static_cast<uint8_t>(mode)} >> mark_shift; }
    StringView key() const noexcept { return {reinterpret_cast<const char*>(this + 1), key_size}; }
};
static_assert(sizeof(PackedRow) == 4 && alignof(PackedRow) == 1, "four bytes, wherever they lie");

// The same as it is written.
struct Row {
    StringView key;  // static
    PackedRow meaning;

    // A mark is a number below 32, or an enumerator with one.
    template <size_t size, class Mark = unsigned>
    constexpr Row(const char (&name)[size], uint8_t scalar_target, uint8_t container_context = 0,
                  ReadMode how = ReadMode::whole, Mark mark = Mark()) noexcept
        : key(name, size - 1), meaning{size - 1, scalar_target, container_context,
                                       how | static_cast<ReadMode>(static_cast<unsigned>(mark) << mark_shift)} {}
};

// The bytes of `count` rows; how many bytes these are is returned. into null: they are only counted.
constexpr size_t pack(const Row* rows, size_t count, unsigned char* into) noexcept {
    size_t end = 0;
    for (const Row* row = rows; row != rows + count; ++row) {
        if (into) {
            unsigned char* at = into + end;
            *at++ = row->meaning.key_size;
            *at++ = row->meaning.target;
            *at++ = row->meaning.context;
            *at++ = static_cast<unsigned char>(row->meaning.mode);
            for (const char c : row->key) *at++ = static_cast<unsigned char>(c);
        }
        end += sizeof(PackedRow) + row->key.size();
    }
    return end;
}

// Arrays of rows, one after the other, packed by the compiler: only `bytes` is linked.
template <const auto&... lists> class Packed {
    template <size_t size> struct Bytes {
        unsigned char at[size] = {};
    };
    template <size_t size> static constexpr size_t count_of(const Row (&)[size]) noexcept { return size; }
    static constexpr Bytes<(pack(lists, count_of(lists), nullptr) + ...)> pack_all() noexcept {
        Bytes<(pack(lists, count_of(lists), nullptr) + ...)> all;
        size_t end = 0;
        ((end += pack(lists, count_of(lists), all.at + end)), ...);
        return all;
    }

public:
    static constexpr Bytes<(pack(lists, count_of(lists), nullptr) + ...)> bytes = pack_all();
};

// Where among packed rows a key is looked for: from the first row on of which the size, the first byte and the last one
// give the same number. Where size counts more than speed: from the first row on, and nothing is kept.
template <bool is_small> struct RowIndex {
    constexpr void add_row(const unsigned char*, size_t) noexcept {}
    constexpr void end_rows(size_t) noexcept {}
    constexpr size_t place_for(const char*, size_t) const noexcept { return 0; }
};
template <> struct RowIndex<false> {
    // The row at `place`; in their order.
    constexpr void add_row(const unsigned char* row, size_t place) noexcept {
        const size_t size = *row;
        const unsigned char* const key = row + sizeof(PackedRow);
        uint16_t& after = afters[size == 0 ? slot_count : slot_of(size, key[0], key[size - 1])];
        if (after == 0) after = static_cast<uint16_t>(place + 1);
    }
    // After the last one. What is in no row is looked for from the row for all else on.
    constexpr void end_rows(size_t place) noexcept {
        if (afters[slot_count] == 0) afters[slot_count] = static_cast<uint16_t>(place + 1);
    }
    size_t place_for(const char* key, size_t size) const noexcept {
        const auto byte_at = [key](size_t place) { return static_cast<unsigned char>(key[place]); };
        const uint16_t after = size == 0 ? uint16_t{0} : afters[slot_of(size, byte_at(0), byte_at(size - 1))];
        return (after != 0 ? after : afters[slot_count]) - 1u;
    }

private:
    static constexpr size_t slot_count = 32;
    static constexpr size_t slot_of(size_t size, size_t first, size_t last) noexcept {
        return (3 * size + first + 2 * last) % slot_count;
    }

    uint16_t afters[slot_count + 1] = {};  // a place, and 1; 0: there is no such row
};

struct Context : private RowIndex<detail::is_small_build> {
    const unsigned char* rows = nullptr;  // packed; static
    // Bit n below 20: a key of n bytes (19: or more) is among the rows; above: their bytes.
    uint32_t sizes_and_bytes = 0;

    constexpr Context() noexcept = default;
    constexpr Context(const unsigned char* packed, size_t bytes) noexcept
        : rows(packed), sizes_and_bytes(static_cast<uint32_t>(bytes) << size_bits) {
        for (size_t at = 0; at != bytes; at += sizeof(PackedRow) + packed[at]) {
            sizes_and_bytes |= bit_of(packed[at]);
            add_row(packed + at, at);
        }
        end_rows(bytes);
    }
    // Of one array of rows, or of several, one after the other.
    template <const auto&... lists> static constexpr Context of() noexcept {
        static_assert(sizeof(Packed<lists...>::bytes) <= max_bytes, "a table of 4,095 bytes at most");
        return Context(Packed<lists...>::bytes.at, sizeof(Packed<lists...>::bytes));
    }
    // Some of these rows: the first ones, or those after them. So contexts share them.
    constexpr Context take(size_t count) const noexcept { return Context(rows, bytes_of(count)); }
    constexpr Context drop(size_t count) const noexcept {
        return Context(rows + bytes_of(count), bytes() - bytes_of(count));
    }

    constexpr size_t bytes() const noexcept { return sizes_and_bytes >> size_bits; }
    constexpr size_t count() const noexcept {
        size_t rows_before = 0;
        for (size_t at = 0; at != bytes(); at += sizeof(PackedRow) + rows[at]) ++rows_before;
        return rows_before;
    }
    // Less for a row that comes earlier, at most max_bytes. (Of a row that stands elsewhere: any such number.)
    unsigned place_of(const PackedRow* row) const noexcept {
        return static_cast<unsigned>(reinterpret_cast<const unsigned char*>(row) - rows) & max_bytes;
    }

    // The row of this key, or the one for all else; null: there is none, as the size of most unknown ones shows.
    const PackedRow* find(const char* key, size_t size) const noexcept {
        if ((sizes_and_bytes & (bit_of(size) | bit_of(0))) == 0) return nullptr;
        const unsigned char* last = rows;
        const unsigned char* const end = rows + bytes();
        for (const unsigned char* at = rows + place_for(key, size); at != end; at += sizeof(PackedRow) + *at) {
            const bool is_meant = detail::is_small_build
                                      ? row_at(at)->key() == StringView(key, size)
                                      : *at == size && memcmp(at + sizeof(PackedRow), key, size) == 0;
            if (is_meant) return row_at(at);
            last = at;
        }
        return (sizes_and_bytes & bit_of(0)) != 0 ? row_at(last) : nullptr;
    }
    // The row for all else; null if there is none.
    const PackedRow* other() const noexcept { return find("", 0); }

private:
    static constexpr unsigned size_bits = 20, max_bytes = 0xFFF;

    static const PackedRow* row_at(const unsigned char* at) noexcept { return reinterpret_cast<const PackedRow*>(at); }
    static constexpr uint32_t bit_of(size_t size) noexcept {
        return uint32_t{1} << (size < size_bits ? size : size_bits - 1);
    }
    constexpr size_t bytes_of(size_t count) const noexcept {
        size_t at = 0;
        for (; count != 0; --count) at += sizeof(PackedRow) + rows[at];
        return at;
    }
};

}  // namespace json

OPENAI_STREAM_END
