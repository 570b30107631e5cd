// What a compiler expects of a C library, where there is none. With -mbulk-memory the first two are instructions.
#include <stddef.h>

extern "C" {

void* memcpy(void* into, const void* from, size_t count) {
    for (size_t at = 0; at < count; ++at) static_cast<char*>(into)[at] = static_cast<const char*>(from)[at];
    return into;
}
void* memmove(void* into, const void* from, size_t count) {
    char* const to = static_cast<char*>(into);
    const char* const source = static_cast<const char*>(from);
    if (to < source)
        for (size_t at = 0; at < count; ++at) to[at] = source[at];
    else
        for (size_t at = count; at != 0; --at) to[at - 1] = source[at - 1];
    return into;
}
void* memset(void* into, int value, size_t count) {
    for (size_t at = 0; at < count; ++at) static_cast<char*>(into)[at] = static_cast<char>(value);
    return into;
}
int memcmp(const void* left, const void* right, size_t count) {
    const auto *a = static_cast<const unsigned char*>(left), *b = static_cast<const unsigned char*>(right);
    for (size_t at = 0; at < count; ++at)
        if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
    return 0;
}
void* memchr(const void* from, int value, size_t count) {
    const auto* bytes = static_cast<const unsigned char*>(from);
    for (size_t at = 0; at < count; ++at)
        if (bytes[at] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(bytes + at);
    return nullptr;
}
size_t strlen(const char* text) {
    size_t size = 0;
    while (text[size] != '\0') ++size;
    return size;
}

}  // extern "C"
