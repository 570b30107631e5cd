#include "guard_page.hpp"

#include <cstdlib>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace support {

namespace {

#if defined(_WIN32)

size_t page_size() {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}
void* map(size_t size) { return VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE); }
void unmap(void* at, size_t) { VirtualFree(at, 0, MEM_RELEASE); }
bool allow_nothing(void* at, size_t size) {
    DWORD before;
    return VirtualProtect(at, size, PAGE_NOACCESS, &before) != 0;
}
bool allow_reading(void* at, size_t size) {
    DWORD before;
    return VirtualProtect(at, size, PAGE_READONLY, &before) != 0;
}

#else

size_t page_size() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }
void* map(size_t size) {
    void* const at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? nullptr : at;
}
void unmap(void* at, size_t size) { munmap(at, size); }
bool allow_nothing(void* at, size_t size) { return mprotect(at, size, PROT_NONE) == 0; }
bool allow_reading(void* at, size_t size) { return mprotect(at, size, PROT_READ) == 0; }

#endif

}  // namespace

Pages::Pages(size_t size) {
    const size_t page = page_size();
    room_ = (size + page - 1) / page * page;
    mapped_ = room_ + page;
    base_ = static_cast<char*>(map(mapped_));
    if (base_ == nullptr || !allow_nothing(end(), page)) std::abort();
}

Pages::~Pages() { unmap(base_, mapped_); }

void Pages::forbid_writing() {
    if (room_ != 0 && !allow_reading(base_, room_)) std::abort();
}

}  // namespace support
