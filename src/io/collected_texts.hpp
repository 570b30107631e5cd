#pragma once
// Many texts that grow in turn, each of them always in one piece, in memory of a fixed size.
#include "../base/buffer.hpp"
#include "../base/bytes.hpp"
#include "../dialect/event.hpp"
#include "../request/tool.hpp"

OPENAI_STREAM_BEGIN

namespace detail::collected {

// Which of a record's texts. They lie one after the other; the last one grows.
enum class Field : uint8_t { id, name, type, text };
constexpr unsigned field_count = 4;

// How far the arguments of a call are: enough to tell where the outermost braces close, no check of the JSON between.
enum class Nesting : uint8_t { outside, inside, in_string, in_escape, closed, unknown };

constexpr uint16_t none = 0xFFFF;  // no record

enum Flag : uint16_t {
    finished = 1,
    just_finished = 2,  // by the last event
    guessed = 4,
    repeated = 8,       // a complete repeat of the arguments was passed over
    broken = 16,        // the arguments are not JSON
    repeating = 32,     // what comes is the same so far as what is there: see `repeat_matched`
    summary = 64,       // of reasoning
    ended = 128,        // finished, and the server has said so
    named_again = 256,  // its name came once more, after arguments that were complete
};

// What the answer is made of. By kind:
//   started            the answer: id, name = the model
//   role               a choice: id = its role, name = its finish reason as sent; `item` = the call touched last
//   output_item_added  an output item: id; index = output_index, number = item_number
//   text, reasoning, refusal  their text
//   tool_call          id, name, type, text = the arguments
//   custom_field       text = extra_content of the tool call `item` (none: not known yet), as a member; ended: it is
//                      whole
//   other              text = a choice's reasoning as a member of its message, made when it is written back
struct alignas(ToolCall) Record {
    uint32_t at = 0;        // where its texts begin, from the beginning of the memory
    uint32_t capacity = 0;  // from there on
    uint32_t sizes[field_count] = {};
    int32_t choice = 0;
    int32_t index = -1;  // of a call: as the server counts them
    int32_t content_index = -1;
    uint32_t repeat_matched = 0;  // bytes of the arguments that have come again
    uint16_t before = none, after = none;  // its neighbours in memory
    uint16_t item = none;
    uint16_t number = 0;         // of a call, a refusal, an item: how many of them came before (none: not known)
    uint16_t depth = 0;          // of open braces and brackets
    uint16_t flags = 0;
    EventKind kind = EventKind::started;
    Nesting nesting = Nesting::outside;
    FinishReason finish_reason = FinishReason::none;

    bool is(Flag flag) const noexcept { return (flags & flag) != 0; }
    void set(Flag flag) noexcept { flags = static_cast<uint16_t>(flags | flag); }
    void clear(Flag flag) noexcept { flags = static_cast<uint16_t>(flags & ~flag); }
    uint32_t size() const noexcept { return sizes[0] + sizes[1] + sizes[2] + sizes[3]; }
    bool can_grow() const noexcept {
        const bool is_part = kind >= EventKind::text && kind <= EventKind::tool_call;
        return (is_part || kind == EventKind::custom_field) && !is(finished);
    }
};

// Memory, of the caller:
//
//   | texts, each with some room after it | free | room for writing back | records, the newest first |
//
// A text that is the last one grows where it is. Another one that needs room moves after the last one and gets twice
// the room it needs; when the memory is full, all move together and share what is left. So every byte is moved a few
// times at most, however the texts take turns: linear.
class Texts {
public:
    static constexpr unsigned max_records = 2048;
    // How often all may move together, which bounds the work to that many times the memory. Each time k texts share
    // what is left, so that about half of it is used before the next time, in the worst case one part in k.
    static constexpr unsigned max_compactions = 64;

    constexpr Texts() noexcept = default;
    constexpr explicit Texts(Buffer memory) noexcept
        : data_(memory.data),
          size_(memory.size < UINT32_MAX ? static_cast<uint32_t>(memory.size) : UINT32_MAX) {}

    uint16_t count() const noexcept { return count_; }
    Record& operator[](unsigned index) noexcept { return *(table() - 1 - index); }
    const Record& operator[](unsigned index) const noexcept { return *(table() - 1 - index); }
    uint16_t index_of(const Record& record) const noexcept {
        return static_cast<uint16_t>(table() - 1 - &record);
    }

    // Null data() when it is empty, unless it is the last one.
    StringView get(const Record& record, Field field) const noexcept {
        const unsigned which = static_cast<unsigned>(field);
        if (record.sizes[which] == 0 && field != Field::text) return {};
        return {begin_of(record, which), record.sizes[which]};
    }

    // A new record, and `room` bytes that no text will take; none: there is no memory left. For the first max_records.
    uint16_t add(EventKind kind, size_t room) noexcept {
        const size_t needed = sizeof(Record) + room;
        if (unused() < needed && !compact(none, needed)) return none;
        kept_ += static_cast<uint32_t>(room);
        const uint16_t index = count_++;
        Record& record = (*this)[index];
        record = Record();
        record.kind = kind;
        link_last(index);
        return index;
    }

    // More of a text. Returns false if there is no memory left, and nothing has changed but where texts lie.
    bool append(Record& record, Field field, StringView bytes) noexcept {
        if (!make_room(record, bytes.size())) return false;
        insert(record, field, bytes);
        return true;
    }
    // The first `count` bytes of another record's text.
    bool append_of(Record& record, Field field, const Record& source, Field from, uint32_t count) noexcept {
        if (!make_room(record, count)) return false;
        insert(record, field, get(source, from).take(count));
        return true;
    }
    // Its last text ends after `count` bytes.
    static void cut(Record& record, uint32_t count) noexcept { record.sizes[field_count - 1] = count; }
    // The first `count` bytes of its last text once more, and then some.
    bool append_again(Record& record, uint32_t count, StringView bytes) noexcept {
        if (!make_room(record, count + bytes.size())) return false;
        insert(record, Field::text, get(record, Field::text).take(count));
        insert(record, Field::text, bytes);
        return true;
    }

    // Where `count` bytes more of its last text can be written, before extend() says so. Null: there is no memory left.
    char* reserve(Record& record, size_t count) noexcept {
        return make_room(record, count) ? data_ + record.at + record.size() : nullptr;
    }
    static void extend(Record& record, size_t count) noexcept {
        record.sizes[field_count - 1] += static_cast<uint32_t>(count);
    }

    // Moves texts so that those of `next`, which has some, begin where those of `record` end: as one view. Linear in
    // what lies between.
    void join(Record& record, Record& next) noexcept {
        const uint32_t size = record.size(), next_size = next.size();
        const uint16_t index = index_of(record), next_index = index_of(next);
        if (next.at > record.at) {
            if (next.at == record.at + size) return;
            rotate(record.at + size, next.at, next.at + next_size);
            for (uint16_t at = record.after; at != next_index; at = (*this)[at].after) (*this)[at].at += next_size;
        } else {
            rotate(next.at, next.at + next_size, record.at + size);
            for (uint16_t at = next.after; at != record.after; at = (*this)[at].after) (*this)[at].at -= next_size;
        }
        next.capacity = next_size + record.capacity - size;
        record.capacity = size;
        next.at = record.at + size;
        unlink(next_index);
        link_after(index, next_index);
        tail_ = (*this)[last_].at + (*this)[last_].capacity;
    }

    // Where the room ends that no text takes: aligned as a Record.
    char* kept_end() const noexcept { return reinterpret_cast<char*>(table() - count_); }

    // What no text and no record takes, where it is: for other Texts, after which nothing can be added here.
    Buffer rest() const noexcept { return {data_ + tail_, unused()}; }

    // Everything moves to the front, and what is after it is given away: nothing can be added any more.
    Buffer release_unused() noexcept {
        pack();
        const size_t records = count_ * sizeof(Record), used = tail_ + kept_ + records;
        const auto from = reinterpret_cast<uintptr_t>(data_) + used;
        const size_t pad = (alignof(Record) - from % alignof(Record)) % alignof(Record);
        if (!data_ || used + pad > size_) return {};
        char* const table_end = data_ + used + pad;
        move_bytes(table_end - records, reinterpret_cast<const char*>(table() - count_), records);
        const Buffer rest(table_end, size_ - used - pad);
        size_ = static_cast<uint32_t>(used + pad);
        compactions_ = max_compactions;
        return rest;
    }

private:
    // Where the records end.
    Record* table() const noexcept {
        const auto end = reinterpret_cast<uintptr_t>(data_ + size_);
        return reinterpret_cast<Record*>(end - end % alignof(Record));
    }
    size_t unused() const noexcept {
        const auto end = reinterpret_cast<uintptr_t>(table()) - count_ * sizeof(Record) - kept_;
        const auto begin = reinterpret_cast<uintptr_t>(data_) + tail_;
        return end > begin ? end - begin : 0;
    }
    char* begin_of(const Record& record, unsigned which) const noexcept {
        char* begin = data_ + record.at;
        for (unsigned before = 0; before != which; ++before) begin += record.sizes[before];
        return begin;
    }

    void link_last(uint16_t index) noexcept {
        Record& record = (*this)[index];
        record.at = tail_;
        record.before = last_;
        record.after = none;
        (last_ == none ? first_ : (*this)[last_].after) = index;
        last_ = index;
    }
    void link_after(uint16_t before, uint16_t index) noexcept {
        Record& record = (*this)[index];
        record.before = before;
        record.after = (*this)[before].after;
        (record.after == none ? last_ : (*this)[record.after].before) = index;
        (*this)[before].after = index;
    }
    void unlink(uint16_t index) noexcept {
        const Record& record = (*this)[index];
        (record.before == none ? first_ : (*this)[record.before].after) = record.after;
        (record.after == none ? last_ : (*this)[record.after].before) = record.before;
    }

    void insert(Record& record, Field field, StringView bytes) noexcept {
        const unsigned which = static_cast<unsigned>(field);
        if (bytes.empty()) return;
        char* const at = begin_of(record, which) + record.sizes[which];
        move_bytes(at + bytes.size(), at, static_cast<size_t>(data_ + record.at + record.size() - at));
        move_bytes(at, bytes.data(), bytes.size());
        record.sizes[which] += static_cast<uint32_t>(bytes.size());
    }

    bool make_room(Record& record, size_t count) noexcept {
        const size_t size = record.size(), spare = record.capacity - size;
        if (count <= spare) return true;
        if (record.after == none && count - spare <= unused()) {
            record.capacity += static_cast<uint32_t>(count - spare);
            tail_ += static_cast<uint32_t>(count - spare);
            return true;
        }
        if (count > size_) return false;
        const size_t wanted = size + count + 8;  // and as much again
        if (record.after == none || wanted > unused() / 2) return compact(index_of(record), count);
        move_bytes(data_ + tail_, data_ + record.at, size);
        const uint16_t index = index_of(record);
        unlink(index);
        link_last(index);
        record.capacity = static_cast<uint32_t>(2 * wanted);
        tail_ += record.capacity;
        return true;
    }

    // All texts to the front, without room between them.
    unsigned pack() noexcept {
        uint32_t at = 0;
        unsigned growing = 0;
        for (uint16_t index = first_; index != none; index = (*this)[index].after) {
            Record& record = (*this)[index];
            const uint32_t size = record.size();
            move_bytes(data_ + at, data_ + record.at, size);
            record.at = at;
            record.capacity = size;
            at += size;
            if (record.can_grow()) ++growing;
        }
        tail_ = at;
        return growing;
    }
    // The same, and then room between them: `count` bytes for one of them (none: after the last one), and what is left
    // in equal parts for all that may grow.
    bool compact(uint16_t needy, size_t count) noexcept {
        if (compactions_ == max_compactions) return false;
        ++compactions_;
        const unsigned growing = pack();
        const size_t found = unused();
        if (found < count) return false;
        const auto needed = static_cast<uint32_t>(needy == none ? 0 : count);
        const auto share = static_cast<uint32_t>((found - count) / (growing + 1));
        uint32_t shift = share * growing + needed;
        tail_ += shift;
        for (uint16_t index = last_; shift != 0; index = (*this)[index].before) {
            Record& record = (*this)[index];
            const uint32_t extra = (record.can_grow() ? share : 0) + (index == needy ? needed : 0);
            shift -= extra;
            move_bytes(data_ + record.at + shift, data_ + record.at, record.capacity);
            record.at += shift;
            record.capacity += extra;
        }
        return true;
    }

    void reverse(uint32_t begin, uint32_t end) noexcept {
        for (; begin + 1 < end; ++begin) {
            const char c = data_[begin];
            data_[begin] = data_[--end];
            data_[end] = c;
        }
    }
    void rotate(uint32_t begin, uint32_t middle, uint32_t end) noexcept {
        reverse(begin, middle);
        reverse(middle, end);
        reverse(begin, end);
    }

    char* data_ = nullptr;
    uint32_t size_ = 0;
    uint32_t tail_ = 0;  // after the last text and its room
    uint32_t kept_ = 0;  // bytes before the records that no text takes
    uint16_t count_ = 0;
    uint16_t first_ = none, last_ = none;  // in memory
    uint8_t compactions_ = 0;
};

}  // namespace detail::collected

OPENAI_STREAM_END
