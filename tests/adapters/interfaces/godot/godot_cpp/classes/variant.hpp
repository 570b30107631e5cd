#pragma once
// As much of godot-cpp as the adapters use.
#include <stdint.h>

namespace godot {

enum Error { OK = 0, FAILED = 1, ERR_FILE_EOF = 18, ERR_BUSY = 44 };

class CharString {
public:
    const char* get_data() const;
};
class String {
public:
    String();
    static String utf8(const char* text, int64_t length = -1);
    CharString utf8() const;
};
class PackedByteArray {
public:
    int64_t size() const;
    int64_t resize(int64_t size);
    void clear();
    const uint8_t* ptr() const;
    uint8_t* ptrw();
};
class PackedStringArray {
public:
    int64_t size() const;
    const String& operator[](int64_t at) const;
};
class Variant {
public:
    operator int64_t() const;
    operator PackedByteArray() const;
};
class Array {
public:
    const Variant& operator[](int64_t at) const;
};
template <class T> class Ref {
public:
    void instantiate();
    void unref();
    bool is_null() const;
    bool is_valid() const;
    T* operator->() const;
};

}  // namespace godot
