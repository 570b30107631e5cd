#pragma once
// A context of a table in builds for speed: its rows where they are written, and from which on a key is looked for.
// (Packed as those for size are, they would be half of what a compiler does that includes the header.)
#include "table.hpp"

OPENAI_STREAM_BEGIN

namespace json {

template <> class ContextOf<false> {
    template <const auto&... lists> struct Joined {
        struct Rows {
            Row at[(count_of(lists) + ...)];
        };
        static constexpr void add(Row*& at, const Row* list, size_t count) noexcept {
            for (size_t place = 0; place != count; ++place) *at++ = list[place];
        }
        static constexpr Rows join() noexcept {
            Rows all;
            Row* at = all.at;
            (add(at, lists, count_of(lists)), ...);
            return all;
        }
        static constexpr Rows rows = join();
    };

public:
    constexpr ContextOf() noexcept = default;
    constexpr ContextOf(const Row* rows, size_t count) noexcept : rows_(rows), count_(static_cast<uint8_t>(count)) {
        for (size_t place = count; place != 0; --place) {  // the first one with its number stays
            const char* const key = rows[place - 1].key;
            const size_t size = rows[place - 1].meaning.key_size;
            sizes_ |= bit_of(size);
            (size == 0 ? other_ : afters_[slot_of(key, size)]) = static_cast<uint8_t>(place);
        }
    }
    // Of one array of rows, or of several, one after the other.
    template <const auto& list> static constexpr ContextOf of() noexcept { return of_all(list); }
    template <const auto& first, const auto& second, const auto&... lists> static constexpr ContextOf of() noexcept {
        return of_all(Joined<first, second, lists...>::rows.at);
    }
    // Some of these rows: the first ones, or those after them. So contexts share them.
    constexpr ContextOf take(size_t count) const noexcept { return ContextOf(rows_, count); }
    constexpr ContextOf drop(size_t count) const noexcept { return ContextOf(rows_ + count, count_ - count); }
    constexpr size_t count() const noexcept { return count_; }
    constexpr const Row* rows() const noexcept { return rows_; }

    // Less for a row that comes earlier, at most 0xFFF. (Of a row that stands elsewhere: any such number.)
    unsigned place_of(const TableRow* row) const noexcept {
        return static_cast<unsigned>(reinterpret_cast<const char*>(row) - reinterpret_cast<const char*>(rows_)) & 0xFFF;
    }

    // The row of this key, or the one for all else; null: there is none, as the size of most unknown ones shows.
    const TableRow* find(const char* key, size_t size) const noexcept {
        if ((sizes_ & bit_of(size)) == 0) return other();
        if (const unsigned place = size == 0 ? other_ : afters_[slot_of(key, size)]) {
            for (const Row* row = rows_ + (place - 1); row != rows_ + count_; ++row)
                if (row->meaning.key_size == size && memcmp(row->key, key, size) == 0) return &row->meaning;
        }
        return other();
    }
    // The row for all else; null if there is none.
    const TableRow* other() const noexcept { return other_ == 0 ? nullptr : &rows_[other_ - 1u].meaning; }

private:
    template <size_t count> static constexpr ContextOf of_all(const Row (&rows)[count]) noexcept {
        static_assert(count <= 255, "a table of 255 rows at most");
        return ContextOf(rows, count);
    }

    static constexpr size_t slot_count = 32;
    static constexpr uint32_t bit_of(size_t size) noexcept { return uint32_t{1} << (size < 31 ? size : 31); }
    static constexpr size_t slot_of(const char* key, size_t size) noexcept {
        const auto first = static_cast<unsigned char>(key[0]), last = static_cast<unsigned char>(key[size - 1]);
        return (3 * size + first + size_t{2} * last) % slot_count;
    }

    const Row* rows_ = nullptr;  // static
    uint32_t sizes_ = 0;         // bit n: a key of n bytes (31: or more) is among them
    uint8_t count_ = 0;
    uint8_t other_ = 0;                // of the row for all else; 0: there is none. A place counts from 1
    uint8_t afters_[slot_count] = {};  // of the first row of that slot
};

}  // namespace json

OPENAI_STREAM_END
