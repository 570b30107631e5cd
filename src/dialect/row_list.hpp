#pragma once
// Tables of rows that are put together of others.
#include "../json/path_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Rows of two tables, one after the other.
template <size_t size> struct RowList {
    static constexpr size_t count = size;
    json::Row rows[size];
};
template <size_t... places> struct Places {};
template <size_t count, size_t... places> struct PlacesBelow : PlacesBelow<count - 1, count - 1, places...> {};
template <size_t... places> struct PlacesBelow<0, places...> {
    using Type = Places<places...>;
};
template <size_t left, size_t right, size_t... lefts, size_t... rights>
constexpr RowList<left + right> join(const json::Row (&first)[left], const json::Row (&second)[right], Places<lefts...>,
                                     Places<rights...>) noexcept {
    return {{first[lefts]..., second[rights]...}};
}
template <size_t left, size_t right>
constexpr RowList<left + right> join(const json::Row (&first)[left], const json::Row (&second)[right]) noexcept {
    return join(first, second, typename PlacesBelow<left>::Type(), typename PlacesBelow<right>::Type());
}

}  // namespace dialect

OPENAI_STREAM_END
