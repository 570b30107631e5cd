#pragma once
// Memory whose end touches a page that cannot be read or written: one byte too far is a crash, not luck.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace support {

// size writable bytes, filled with 0xA5; data() + size() is the forbidden page.
class GuardedBuffer {
public:
    explicit GuardedBuffer(size_t size) : size_(size) {
        const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        room_ = (size + page - 1) / page * page;
        mapped_ = room_ + page;
        void* const at = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) std::abort();
        base_ = static_cast<char*>(at);
        if (mprotect(base_ + room_, page, PROT_NONE) != 0) std::abort();
        std::memset(base_, 0xA5, room_);
    }
    ~GuardedBuffer() { munmap(base_, mapped_); }
    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;

    char* data() { return base_ + room_ - size_; }
    const char* data() const { return base_ + room_ - size_; }
    size_t size() const { return size_; }

protected:
    void protect(int access) {
        if (room_ != 0 && mprotect(base_, room_, access) != 0) std::abort();
    }

private:
    char* base_;
    size_t size_, room_, mapped_;
};

// A copy of bytes that can only be read, up to its last byte.
class GuardedBytes : private GuardedBuffer {
public:
    explicit GuardedBytes(std::string_view bytes) : GuardedBuffer(bytes.size()) {
        if (!bytes.empty()) std::memcpy(GuardedBuffer::data(), bytes.data(), bytes.size());
        protect(PROT_READ);
    }

    const char* data() const { return GuardedBuffer::data(); }
    using GuardedBuffer::size;
    const char* begin() const { return data(); }
    const char* end() const { return data() + size(); }
};

}  // namespace support
