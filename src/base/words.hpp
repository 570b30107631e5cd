#pragma once
// Lists of short words in one text: each has a NUL behind it, the last one two.
#include "config.hpp"

OPENAI_STREAM_BEGIN

namespace words {

// Which word of the list [text, text + size) is, counted from 1; 0: none.
OPENAI_STREAM_NOINLINE inline unsigned place_in(const char* list, const char* text, size_t size) noexcept {
    for (unsigned place = 1; *list != '\0'; ++place) {
        const size_t length = strlen(list);
        if (length == size && memcmp(list, text, length) == 0) return place;
        list += length + 1;
    }
    return 0;
}

}  // namespace words

OPENAI_STREAM_END
