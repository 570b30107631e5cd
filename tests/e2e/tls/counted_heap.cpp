#include "counted_heap.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <features.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTED_HEAP_OFF
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define COUNTED_HEAP_OFF
#endif

namespace {

// One thread uses the heap in these programs.
bool is_counting = false;
counted_heap::Counts counts = {};

}  // namespace

#if !defined(COUNTED_HEAP_OFF)
#include <link.h>
#include <malloc.h>

extern "C" {

// The C library's own functions under their second names.
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void __libc_free(void*);
}

namespace {

// Where libraries have their code: those of mbedTLS, and the C library.
struct Range {
    uintptr_t begin, end;
    size_t counted_heap::Counts::*count;
};
Range ranges[32];
size_t range_count = 0;

int note(dl_phdr_info* library, size_t, void*) {
    const auto is = [library](const char* name) { return std::strstr(library->dlpi_name, name) != nullptr; };
    const bool is_mbedtls = is("/libmbed") || is("/libtfpsacrypto");
    if (!is_mbedtls && !is("/libc.so")) return 0;
    const auto count = is_mbedtls ? &counted_heap::Counts::mbedtls : &counted_heap::Counts::system;
    for (int i = 0; i < library->dlpi_phnum && range_count < sizeof ranges / sizeof ranges[0]; ++i) {
        const auto& part = library->dlpi_phdr[i];
        const uintptr_t begin = library->dlpi_addr + part.p_vaddr;
        if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0)
            ranges[range_count++] = {begin, begin + part.p_memsz, count};
    }
    return 0;
}

// Anybody else: the program, by itself or by operator new.
size_t& count_of(const void* caller) {
    const auto at = reinterpret_cast<uintptr_t>(caller);
    for (size_t i = 0; i < range_count; ++i)
        if (at >= ranges[i].begin && at < ranges[i].end) return counts.*ranges[i].count;
    return counts.own;
}

void* counted(void* memory, const void* caller) {
    if (memory == nullptr) return memory;
    counts.live += malloc_usable_size(memory);
    if (counts.live > counts.peak) counts.peak = counts.live;
    if (is_counting) ++count_of(caller);
    return memory;
}

}  // namespace

extern "C" {

void* malloc(size_t size) noexcept { return counted(__libc_malloc(size), __builtin_return_address(0)); }
void* calloc(size_t count, size_t size) noexcept {
    return counted(__libc_calloc(count, size), __builtin_return_address(0));
}
void* realloc(void* old, size_t size) noexcept {
    if (old != nullptr) counts.live -= malloc_usable_size(old);
    return counted(__libc_realloc(old, size), __builtin_return_address(0));
}
void free(void* old) noexcept {
    if (old != nullptr) counts.live -= malloc_usable_size(old);
    __libc_free(old);
}

}  // extern "C"

#endif

namespace counted_heap {

bool works() {
#if defined(COUNTED_HEAP_OFF)
    return false;
#else
    range_count = 0;
    dl_iterate_phdr(note, nullptr);
    begin();
    void* (*volatile allocate)(size_t) = std::malloc;
    std::free(allocate(1));
    if (end().own != 1) return false;
    for (size_t i = 0; i < range_count; ++i)
        if (ranges[i].count == &Counts::mbedtls) return true;
    return false;
#endif
}

void begin() {
    counts.own = counts.mbedtls = counts.system = 0;
    counts.peak = counts.live;
    is_counting = true;
}

Counts end() {
    is_counting = false;
    return counts;
}

}  // namespace counted_heap
