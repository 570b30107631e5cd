#pragma once
// A context of a table in builds for size: its rows as bytes, four for each, and its key after them.
#include "table.hpp"

OPENAI_STREAM_BEGIN

namespace json {

template <> class ContextOf<true> {
    // The bytes of `count` rows; how many bytes these are is returned. into null: they are only counted.
    static constexpr size_t pack(const Row* rows, size_t count, unsigned char* into) noexcept {
        size_t end = 0;
        for (const Row* row = rows; row != rows + count; ++row) {
            if (into) {
                unsigned char* at = into + end;
                *at++ = row->meaning.key_size;
                *at++ = row->meaning.target;
                *at++ = row->meaning.context;
                *at++ = static_cast<unsigned char>(row->meaning.mode);
                for (size_t index = 0; index != row->meaning.key_size; ++index)
                    *at++ = static_cast<unsigned char>(row->key[index]);
            }
            end += sizeof(TableRow) + row->meaning.key_size;
        }
        return end;
    }
    // Arrays of rows, one after the other.
    template <const auto&... lists> struct Packed {
        struct Bytes {
            unsigned char at[(pack(lists, count_of(lists), nullptr) + ...)] = {};
        };
        static constexpr Bytes pack_all() noexcept {
            Bytes all;
            size_t end = 0;
            ((end += pack(lists, count_of(lists), all.at + end)), ...);
            return all;
        }
        static constexpr Bytes bytes = pack_all();
    };

public:
    constexpr ContextOf() noexcept = default;
    constexpr ContextOf(const unsigned char* packed, size_t bytes) noexcept
        : rows_(packed), sizes_and_bytes_(static_cast<uint32_t>(bytes) << size_bits) {
        for (size_t at = 0; at != bytes; at += sizeof(TableRow) + packed[at]) sizes_and_bytes_ |= bit_of(packed[at]);
    }
    // Of one array of rows, or of several, one after the other.
    template <const auto&... lists> static constexpr ContextOf of() noexcept {
        static_assert(sizeof(Packed<lists...>::bytes) <= max_bytes, "a table of 4,095 bytes at most");
        return ContextOf(Packed<lists...>::bytes.at, sizeof(Packed<lists...>::bytes));
    }
    // Some of these rows: the first ones, or those after them. So contexts share them.
    constexpr ContextOf take(size_t count) const noexcept { return ContextOf(rows_, bytes_of(count)); }
    constexpr ContextOf drop(size_t count) const noexcept {
        return ContextOf(rows_ + bytes_of(count), bytes() - bytes_of(count));
    }
    constexpr size_t count() const noexcept {
        size_t rows_before = 0;
        for (size_t at = 0; at != bytes(); at += sizeof(TableRow) + rows_[at]) ++rows_before;
        return rows_before;
    }
    // Less for a row that comes earlier, at most 0xFFF. (Of a row that stands elsewhere: any such number.)
    unsigned place_of(const TableRow* row) const noexcept {
        return static_cast<unsigned>(reinterpret_cast<const unsigned char*>(row) - rows_) & max_bytes;
    }

    // The row of this key, or the one for all else; null: there is none, as the size of most unknown ones shows.
    const TableRow* find(const char* key, size_t size) const noexcept {
        if ((sizes_and_bytes_ & (bit_of(size) | bit_of(0))) == 0) return nullptr;
        const unsigned char* last = rows_;
        const unsigned char* const end = rows_ + bytes();
        for (const unsigned char* at = rows_; at != end; at += sizeof(TableRow) + *at) {
            if (key_at(at) == StringView(key, size)) return row_at(at);
            last = at;
        }
        return (sizes_and_bytes_ & bit_of(0)) != 0 ? row_at(last) : nullptr;
    }
    // The row for all else; null if there is none.
    const TableRow* other() const noexcept { return find("", 0); }

private:
    static constexpr unsigned size_bits = 20, max_bytes = 0xFFF;

    static const TableRow* row_at(const unsigned char* at) noexcept { return reinterpret_cast<const TableRow*>(at); }
    static StringView key_at(const unsigned char* at) noexcept {
        return {reinterpret_cast<const char*>(at) + sizeof(TableRow), *at};
    }
    static constexpr uint32_t bit_of(size_t size) noexcept {
        return uint32_t{1} << (size < size_bits ? size : size_bits - 1);
    }
    constexpr size_t bytes() const noexcept { return sizes_and_bytes_ >> size_bits; }
    constexpr size_t bytes_of(size_t count) const noexcept {
        size_t at = 0;
        for (; count != 0; --count) at += sizeof(TableRow) + rows_[at];
        return at;
    }

    const unsigned char* rows_ = nullptr;  // static
    // Bit n below 20: a key of n bytes (19: or more) is among the rows; above: their bytes.
    uint32_t sizes_and_bytes_ = 0;
};

}  // namespace json

OPENAI_STREAM_END
