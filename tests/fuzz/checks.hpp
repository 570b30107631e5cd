#pragma once
// What must be so in every run of a target. A breach ends the program, and libFuzzer keeps the input.
#include "support/guard_page.hpp"
#include "support/header.hpp"

#include "script.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUZZ_HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FUZZ_HAS_ASAN
#endif
#if defined(FUZZ_HAS_ASAN)
#include <sanitizer/asan_interface.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace fuzz {

namespace oai = openai_stream;

inline size_t current_line = 0;  // of the corpus that is replayed

[[noreturn]] inline void fail(const char* what) {
    std::fprintf(stderr, "BROKEN: %s", what);
    if (current_line != 0) std::fprintf(stderr, " (line %zu)", current_line);
    std::fprintf(stderr, "\n");
    std::fflush(stderr);
    std::abort();
}
inline void check(bool holds, const char* what) {
    if (!holds) fail(what);
}

// FUZZ_SHOW=1: every event goes to stderr, for whoever looks into a finding.
inline bool shows() {
    static const bool shown = std::getenv("FUZZ_SHOW") != nullptr;
    return shown;
}

// 512 bytes and more: every size up to 700, so that an event can end exactly where a buffer does, and larger ones.
inline size_t buffer_size(uint8_t choice) { return choice < 192 ? 512u + choice : 512u + (choice - 192u) * 48u; }

// Another size for the same answer. How many items of the Responses API are remembered depends on it, above 1,535 bytes.
inline size_t other_size(size_t size, bool is_chat) { return is_chat ? 4096 : size < 1500 ? 1500 : size; }

// Memory of exactly this size, the same for each call. It ends at a page that nobody may touch, and before it are bytes
// that nobody may write, with or without sanitizers. Filled, so that nothing depends on what an earlier input has left
// there. Memory of another `which` is another one.
constexpr size_t front_bytes = 64;
constexpr char front_fill = '\x5C';
inline oai::Buffer memory_of(size_t size, unsigned which = 0) {
    constexpr size_t largest = 8192;
    static support::Pages* slots[4][largest + 1] = {};  // as long as the program
    check(size <= largest && which < 4, "no memory of that size");
    support::Pages*& pages = slots[which][size];
    const bool is_new = pages == nullptr;
    if (is_new) pages = new support::Pages(front_bytes + size);
    char* const data = pages->end() - size;
    if (is_new) {
        memset(data - front_bytes, front_fill, front_bytes);
#if defined(FUZZ_HAS_ASAN)
        // All eight bytes of which some are ours can be told apart at their beginning only.
        const size_t shared = reinterpret_cast<uintptr_t>(data) % 8;
        __asan_poison_memory_region(data - shared - 32, 32);
#endif
    }
    memset(data, 0xA5, size);
    return {data, size};
}
// To be called when a run has ended.
inline void check_front(oai::Buffer memory) {
#if !defined(FUZZ_HAS_ASAN)
    for (size_t i = 1; i <= front_bytes; ++i)
        check(memory.data[-static_cast<ptrdiff_t>(i)] == front_fill, "something was written before the memory");
#else
    static_cast<void>(memory);
#endif
}

// Whether these bytes may be used; of no effect without ASan.
inline void set_forbidden(const char* data, size_t size, bool is_forbidden) {
#if defined(FUZZ_HAS_ASAN)
    if (is_forbidden) __asan_poison_memory_region(data, size);
    else __asan_unpoison_memory_region(data, size);
#else
    static_cast<void>(data), static_cast<void>(size), static_cast<void>(is_forbidden);
#endif
}

// While it lives, these bytes are nobody's: to read or write one ends the program.
class Forbidden {
public:
    Forbidden(const char* data, size_t size) : data_(data), size_(size) { set_forbidden(data_, size_, true); }
    ~Forbidden() { set_forbidden(data_, size_, false); }
    Forbidden(const Forbidden&) = delete;
    Forbidden& operator=(const Forbidden&) = delete;

private:
    const char* data_;
    size_t size_;
};

#if defined(__linux__)
extern "C" char __executable_start, _end;
inline bool is_static(const char* at) { return at >= &__executable_start && at < &_end; }
#else
inline bool is_static(const char*) { return true; }
#endif

// In the memory or static, as a whole; null only if empty.
inline void check_view(oai::StringView view, oai::Buffer memory, const char* what) {
    const char* const begin = view.data();
    if (!begin) return check(view.size() == 0, what);
    if (begin >= memory.data && begin <= memory.data + memory.size)
        return check(view.size() <= static_cast<size_t>(memory.data + memory.size - begin), what);
    check(is_static(begin), what);
}

// By the Unicode Standard, table 3-7; not the library's own code.
inline bool is_utf8(oai::StringView text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = at + text.size();
    while (at != end) {
        const unsigned lead = *at++;
        if (lead < 0x80) continue;
        const int tails = lead >= 0xC2 && lead <= 0xDF   ? 1
                          : (lead & 0xF0) == 0xE0         ? 2
                          : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                         : 0;
        if (tails == 0 || end - at < tails) return false;
        const unsigned second = *at;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
            (lead == 0xF4 && second > 0x8F))
            return false;
        for (int i = 0; i != tails; ++i)
            if ((*at++ & 0xC0) != 0x80) return false;
    }
    return true;
}

class Digest {
public:
    void add(const void* bytes, size_t size) {
        const auto* at = static_cast<const unsigned char*>(bytes);
        for (size_t i = 0; i != size; ++i) value_ = (value_ ^ at[i]) * 0x100000001B3u;
    }
    void add(int64_t number) { value_ = (value_ ^ static_cast<uint64_t>(number)) * 0x9E3779B97F4A7C15u + 1; }
    // Whether it is there at all is part of what is said.
    void add(oai::StringView text) {
        add(text.data() ? static_cast<int64_t>(text.size()) : -1);
        add(text.data(), text.size());
    }
    uint64_t value() const { return value_; }

private:
    uint64_t value_ = 0xCBF29CE484222325u;
};

// What the runs so far have said, as far as no build may say anything else: see builds.py. (Not what depends on where
// things lie in a buffer: an event that does not fit into it, and what comes in parts for want of room.)
inline Digest& results() {
    static Digest digest;
    return digest;
}

inline bool is_text(oai::EventKind kind) {
    using oai::EventKind;
    return kind == EventKind::text || kind == EventKind::reasoning || kind == EventKind::refusal ||
           kind == EventKind::tool_arguments || kind == EventKind::audio || kind == EventKind::transcript ||
           kind == EventKind::image || kind == EventKind::code || kind == EventKind::command ||
           kind == EventKind::command_output || kind == EventKind::custom_field || kind == EventKind::segment ||
           kind == EventKind::item_json;
}

// All that was delivered, in order; pieces of one string count as one.
class Story {
public:
    void add(const oai::Event& event, oai::Buffer memory) {
        if (shows())
            std::fprintf(stderr,
                         "  kind %d choice %d tool %d out %d.%d%s%s text(%.*s) id(%.*s) name(%.*s) item(%.*s)\n",
                         static_cast<int>(event.kind), event.choice, event.tool_index, event.output_index,
                         event.content_index, event.more ? " more" : "", event.provisional ? " early" : "",
                         static_cast<int>(event.text.size()), event.text.data(), static_cast<int>(event.id.size()),
                         event.id.data(), static_cast<int>(event.name.size()), event.name.data(),
                         static_cast<int>(event.item_id.size()), event.item_id.data());
        ++events;
        for (const oai::StringView view : {event.text, event.id, event.name, event.item_id}) {
            check_view(view, memory, "a view of an event is outside the buffer");
            check(is_utf8(view), "a text is not UTF-8");
        }
        check(!event.more || is_text(event.kind), "only texts go on");
        is_early |= event.provisional;
        if (event.kind == oai::EventKind::keepalive) {
            ++keepalives;
            return;
        }
        if (!goes_on_) {
            digest_.add(static_cast<int64_t>(event.kind));
            for (const int64_t number : {int64_t{event.choice}, int64_t{event.tool_index}, int64_t{event.output_index},
                                         int64_t{event.content_index}, event.sequence_number, event.created,
                                         int64_t{static_cast<int>(event.finish_reason)}})
                digest_.add(number);
            digest_.add(event.id);
            digest_.add(event.item_id);
            // The type of an event that no row knows is cut to what the buffer has room for.
            (event.kind == oai::EventKind::other ? types_ : digest_).add(event.name);
            if (event.kind == oai::EventKind::usage) digest_.add(&event.usage, sizeof event.usage);
            if (event.kind == oai::EventKind::annotation) digest_.add(&event.place, sizeof event.place);
        } else {
            check(event.kind == last_ && event.choice == last_choice_, "a text that goes on is interrupted");
        }
        digest_.add(event.text.data(), event.text.size());
        text_bytes += event.text.size();
        goes_on_ = event.more;
        last_ = event.kind;
        last_choice_ = event.choice;
        if (!event.more) digest_.add(-7);
    }
    void add(const oai::SseEvent& event, oai::Buffer memory) {
        ++events;
        for (const oai::StringView view : {event.type, event.data, event.id}) {
            check_view(view, memory, "a view of an event is outside the buffer");
            digest_.add(view);
        }
    }
    // All pieces of a body together: where one ends is not of the answer.
    void add(const oai::BodyPiece& piece, oai::Buffer memory) {
        check(!piece.bytes.empty(), "an empty piece of a body");
        check_view(piece.bytes, memory, "a piece of a body is outside the buffer");
        digest_.add(piece.bytes.data(), piece.bytes.size());
        text_bytes += piece.bytes.size();
    }
    uint64_t value() const { return digest_.value(); }
    uint64_t types() const { return types_.value(); }

    size_t events = 0, keepalives = 0, text_bytes = 0;
    bool is_early = false;

private:
    Digest digest_, types_;
    oai::EventKind last_ = oai::EventKind::started;
    int32_t last_choice_ = 0;
    bool goes_on_ = false;
};

inline void check_failure(const oai::Failure& failure, oai::Buffer memory) {
    for (const oai::StringView view : {failure.type, failure.code, failure.param, failure.message, failure.request_id,
                                       failure.content_type, failure.location, failure.body_prefix})
        check_view(view, memory, "a view of a failure is outside the buffer");
    for (const oai::StringView view : {failure.type, failure.code, failure.param, failure.message})
        check(is_utf8(view), "the server's words are not UTF-8");
}

}  // namespace fuzz
