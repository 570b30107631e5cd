#pragma once
// The values of the object being read, kept as views of the text until the object has ended.
#include "../base/bytes.hpp"
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

struct Value {
    char* begin = nullptr;
    uint32_t size = 0;        // bytes
    uint16_t precedence = 0;  // see json::PathReader::precedence
    bool plain = false;       // no escape in it and no byte above ASCII
    bool raw = false;         // JSON text, not the inside of a string

    constexpr Value() noexcept = default;
    Value(char* from, const char* to, uint16_t order) noexcept
        : begin(from), size(static_cast<uint32_t>(to - from)), precedence(order) {}
};

class ValueStore {
public:
    constexpr ValueStore() noexcept = default;

    void clear() noexcept { present_ = 0; }
    void forget(uint32_t targets) noexcept { present_ &= ~targets; }
    uint32_t present(uint32_t targets) const noexcept { return present_ & targets; }

    // For two keys that mean the same, the one of lower precedence counts, if it says anything; of two equal keys the
    // later one does. The longer of two messages of an error counts. Returns false if the older one does.
    bool keep(unsigned target, const Value& value) noexcept {
        const uint32_t bit = bit_of(target);
        Value& old = values_[target];
        if (filled(bit) != 0 && old.precedence != value.precedence) {
            const bool is_shorter = target == value_error_message && value.size != old.size
                                        ? value.size < old.size
                                        : old.precedence < value.precedence;
            if (is_shorter || value.size == 0) return false;
        }
        old = value;
        present_ |= bit;
        filled_ = value.size != 0 ? filled_ | bit : filled_ & ~bit;
        return true;
    }
    // More of a value that was not there as a whole: up to `most` bytes of it are kept. Returns false if it is that
    // long, or lies elsewhere: pack() makes it the last, and what has come after that follows it.
    bool extend(unsigned target, StringView more, uint32_t most) noexcept {
        Value& value = values_[target];
        if (value.begin + value.size != more.begin() || value.size >= most) return false;
        value.size = static_cast<uint32_t>(StringView(value.begin, value.size + more.size()).take(most).size());
        value.plain = false;
        if (value.size != 0) filled_ |= bit_of(target);
        return true;
    }

    // The value of one target becomes that of another. (A copy would be two values for the same bytes.)
    void move(unsigned from, unsigned to) noexcept {
        keep(to, values_[from]);
        forget(bit_of(from));
    }

    // Those that are not empty.
    uint32_t filled(uint32_t targets) const noexcept { return present_ & filled_ & targets; }
    bool is_empty(unsigned target) const noexcept { return filled(bit_of(target)) == 0; }
    const Value& at(unsigned target) const noexcept { return values_[target]; }
    // Null data() when there is none.
    StringView text(unsigned target) const noexcept {
        return present(bit_of(target)) != 0 ? StringView(values_[target].begin, values_[target].size) : StringView();
    }
    // Makes it text, where it lies.
    void decode(unsigned target) noexcept {
        Value& value = values_[target];
        if (present(bit_of(target)) == 0 || value.plain) return;
        value.size = static_cast<uint32_t>(json::unescape_atom(value.begin, value.begin + value.size).size());
        value.plain = true;
    }
    // The same, and shows it.
    void show(unsigned target, StringView& into) noexcept {
        decode(target);
        into = text(target);
    }
    // The same, and forgets it.
    void take(unsigned target, StringView& into) noexcept {
        show(target, into);
        forget(bit_of(target));
    }

    // Half of a text is enough. Returns false if there is none, or it is short already.
    bool shorten(unsigned target) noexcept {
        constexpr uint32_t short_enough = 32;
        Value& value = values_[target];
        if (present(bit_of(target)) == 0 || value.size <= short_enough) return false;
        value.size /= 2;
        while (value.size != 0 && (value.begin[value.size] & 0xC0) == 0x80) --value.size;  // not within a character
        return true;
    }

    // Moves all of them to `into` and on, in their order; none lies before it. Returns their new end.
    // No two values share bytes: each would be decoded and copied twice. If they did, the shared bytes are copied once,
    // so that nothing is written after the last byte read.
    char* pack(char* into) noexcept {
        const char* read_end = into;  // the bytes before it have been copied
        for (uint32_t left = present_; left != 0;) {
            unsigned first = value_count;
            for (unsigned index = 0; index != value_count; ++index)
                if ((left & bit_of(index)) != 0 &&
                    (first == value_count || values_[index].begin < values_[first].begin))
                    first = index;
            left &= ~bit_of(first);
            Value& value = values_[first];
            OPENAI_STREAM_ASSERT(value.size == 0 || value.begin >= read_end);
            const auto size = static_cast<ptrdiff_t>(value.size), shared = read_end - value.begin;
            const ptrdiff_t copied = shared <= 0 ? 0 : shared < size ? shared : size;
            detail::move_bytes(into, value.begin + copied, static_cast<size_t>(size - copied));
            if (copied != size) read_end = value.begin + size;
            value.begin = into - (shared > 0 ? shared : 0);
            into += size - copied;
        }
        return into;
    }

private:
    uint32_t present_ = 0;  // bit n: values_[n] was sent
    uint32_t filled_ = 0;   // bit n: the last values_[n] is not empty
    Value values_[value_count] = {};
};

}  // namespace dialect

OPENAI_STREAM_END
