#pragma once
// What one translation unit says about itself.
#include <stddef.h>

struct Unit {
    const char* mangled;  // name of a class of the library, with its inline namespace
    const void* code;     // where this unit's copy of an inline function is
    size_t (*line_end)(const char* text, size_t size);                       // that function at work
    size_t (*read)(const char* body, size_t size, char* into, size_t room);  // the whole engine: the text of a stream
    size_t sizes[8];                                                         // of public types
};

Unit fast_unit();   // as the machine offers
Unit plain_unit();  // OPENAI_STREAM_NO_SIMD
Unit words_unit();  // a word at a time
Unit client_unit();  // OPENAI_STREAM_CLIENT
Unit small_unit();  // -Os
