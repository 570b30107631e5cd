#pragma once
// Lists of short words in one text: a NUL follows each, and two the last one.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

namespace detail::words {

// Bytes before the NUL. (A small machine's strlen is six times as large as this.)
OPENAI_STREAM_OUTLINE inline size_t length(const char* word) noexcept {
    const char* end = word;
    while (*end != '\0') ++end;
    return static_cast<size_t>(end - word);
}

// Which word of the list a text is, counted from 1; 0: none.
OPENAI_STREAM_OUTLINE inline unsigned index_of(const char* list, const char* text, size_t size) noexcept {
    for (unsigned place = 1; *list != '\0'; ++place) {
        const size_t count = length(list);
        if (StringView(list, count) == StringView(text, size)) return place;
        list += count + 1;
    }
    return 0;
}

}  // namespace detail::words

OPENAI_STREAM_END
