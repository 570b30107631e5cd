#pragma once
// Memory whose end touches a page that cannot be read or written: one byte too far is a crash, not luck.
#include <cstddef>
#include <cstring>
#include <string_view>

namespace support {

// Whole pages from the system, at least size bytes of them, and after them a forbidden one.
class Pages {
public:
    explicit Pages(size_t size);
    ~Pages();
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;

    char* end() const { return base_ + room_; }
    size_t room() const { return room_; }
    void forbid_writing();

private:
    char* base_;
    size_t room_, mapped_;
};

// size writable bytes, filled with 0xA5; data() + size() is the forbidden page.
class GuardedBuffer {
public:
    explicit GuardedBuffer(size_t size) : pages_(size), size_(size) {
        std::memset(pages_.end() - pages_.room(), 0xA5, pages_.room());
    }

    char* data() { return pages_.end() - size_; }
    const char* data() const { return pages_.end() - size_; }
    size_t size() const { return size_; }

protected:
    void forbid_writing() { pages_.forbid_writing(); }

private:
    Pages pages_;
    size_t size_;
};

// A copy of bytes that can only be read, up to its last byte.
class GuardedBytes : private GuardedBuffer {
public:
    explicit GuardedBytes(std::string_view bytes) : GuardedBuffer(bytes.size()) {
        if (!bytes.empty()) std::memcpy(GuardedBuffer::data(), bytes.data(), bytes.size());
        forbid_writing();
    }

    const char* data() const { return GuardedBuffer::data(); }
    using GuardedBuffer::size;
    const char* begin() const { return data(); }
    const char* end() const { return data() + size(); }
};

}  // namespace support
