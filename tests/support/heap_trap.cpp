#include "heap_trap.hpp"

#include "tally.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_TRAP_OFF
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define HEAP_TRAP_OFF
#endif

namespace {

thread_local bool trap_set = false;
thread_local bool probing = false;
thread_local bool probe_seen = false;

}  // namespace

#if !defined(HEAP_TRAP_OFF)

namespace {

void heap_used(const char* function) {
    if (probing) probe_seen = true;
    if (!trap_set) return;
    trap_set = false;
    const char* const lines[] = {"HEAP TRAP: ", function, " was called where the heap must not be used\n"};
    for (const char* line : lines)
        if (write(STDERR_FILENO, line, std::strlen(line)) < 0) break;
    std::abort();
}

}  // namespace

// The C library's own functions under their second names.
extern "C" {

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);

void* malloc(size_t size) noexcept {
    heap_used("malloc");
    return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
    heap_used("calloc");
    return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
    heap_used("realloc");
    return __libc_realloc(old, size);
}
void free(void* old) noexcept {
    heap_used("free");
    __libc_free(old);
}
void* memalign(size_t alignment, size_t size) noexcept {
    heap_used("memalign");
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) noexcept {
    heap_used("aligned_alloc");
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** into, size_t alignment, size_t size) noexcept {
    heap_used("posix_memalign");
    *into = __libc_memalign(alignment, size);
    return *into != nullptr ? 0 : ENOMEM;
}

}  // extern "C"

#endif

namespace support {

bool HeapTrap::works() {
    const bool was_set = trap_set;
    trap_set = false;
    probing = true;
    probe_seen = false;
    void* (*volatile allocate)(size_t) = std::malloc;
    std::free(allocate(1));
    probing = false;
    trap_set = was_set;
    return probe_seen;
}

HeapTrap::HeapTrap() {
    if (works())
        trap_set = true;
    else
        tally::skip("heap trap: malloc cannot be replaced in this build");
}

HeapTrap::~HeapTrap() { trap_set = false; }

HeapTrap::Pause::Pause() : was_set_(trap_set) { trap_set = false; }
HeapTrap::Pause::~Pause() { trap_set = was_set_; }

}  // namespace support
