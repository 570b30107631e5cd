#pragma once
// What of each output item has been delivered, so that a text is delivered once though a server sends it up to four
// times: in pieces, as a whole, in its item, in the answer at the end. And which item an event belongs to, of which a
// server may say as little as it likes.
//
// Which item it is, in this order:
//   1. an id or a call_id names it, in whichever of the two it stands (ik_llama.cpp sends the call_id as item_id)
//   2. its place in the output. A server that does not say it is taken to count items as they begin, which an id that
//      differs contradicts
//   3. an id, call_id or place that is new means the item that is open and has none yet, if there is only one
//   4. an event that says nothing of its item belongs to the one that was touched last; an item's end to the oldest one
//      that is open, since items end in the order in which they began (so also rule 3, where there are several)
// In all of them the kind of the item has to fit, and an item that is done can only be named.
// What then is unknown is a new item; but where items were forgotten, only `added` and a piece may begin one.
#include "responses.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// What an event says of its item.
struct ItemKey {
    uint32_t id = 0;       // a hash of its id; 0: it does not say
    uint32_t call_id = 0;  // likewise
    int16_t place = -1;    // in the answer's output, within() what is told apart; -1: it does not say
    uint8_t kinds = any_kind;
    bool may_begin = false;  // the event may be an item's first
    bool ends = false;       // the event is an item's end

    bool is_empty() const noexcept { return id == 0 && call_id == 0 && place < 0; }
};

// What was said of an item, or of those that were forgotten.
struct DeliveredTexts {
    int16_t place = -1;    // in the answer's output
    uint8_t kind = 0;      // of ItemKind, or no_call_kinds; 0: not known yet
    bool has_place : 1;    // the server said so; else it is counted
    // About the last piece of a text, if the server said its part; in this byte, since the smallest buffer has no room
    // for more.
    uint8_t next_part : 3;   // after that one, of those below max_noted_part; 0: not known
    uint8_t last_role : 4;   // of TextRole
    uint16_t delivered[log_group_count] = {};

    static constexpr int32_t max_noted_part = 7;
    constexpr DeliveredTexts() noexcept : has_place(false), next_part(0), last_role(0) {}

    bool has(LogGroup group, unsigned bit) const noexcept { return (unsigned{delivered[group]} >> bit & 1) != 0; }
    void add(LogGroup group, unsigned bits) noexcept {
        delivered[group] = static_cast<uint16_t>(delivered[group] | bits);
    }
};

struct DeliveredItem : DeliveredTexts {
    uint32_t id = 0;  // as in ItemKey
    uint32_t call_id = 0;

    bool may_be(unsigned kinds) const noexcept { return kind == 0 || (kind & kinds) != 0; }
    bool has_name(uint32_t name) const noexcept { return name != 0 && (name == id || name == call_id); }
    bool is_named(const ItemKey& key) const noexcept { return has_name(key.id) || has_name(key.call_id); }
    // It has other names than those.
    bool contradicts(const ItemKey& key) const noexcept {
        return !is_named(key) && ((key.id != 0 && id != 0) || (key.call_id != 0 && call_id != 0));
    }
    // Nothing that the key says is known of it.
    bool lacks(const ItemKey& key) const noexcept {
        return (key.id == 0 || id == 0 || may_be_call_id(key)) && (key.call_id == 0 || call_id == 0) &&
               (key.place < 0 || !has_place);
    }
    // What stands as its id is perhaps the call_id, which is not known yet.
    bool may_be_call_id(const ItemKey& key) const noexcept {
        return kind == call_kind && key.kinds == call_kind && id != 0 && call_id == 0 &&
               (key.call_id == 0 || key.call_id == key.id);
    }
};

// Memory: as many items as there is room for after it, the oldest one first. That is forgotten for a new one; of the
// forgotten ones it is known what at least one of them has said, and that is taken to be said of all.
class DeliveryLog {
public:
    static constexpr unsigned max_part = 15;
    static constexpr int32_t max_place = 32767;
    static constexpr int none = -2, forgotten = -3;  // in place of an item's index

    // is_late: what came before is not known, but it was said: an answer that is resumed in the middle.
    void begin(size_t room, bool is_late) noexcept {
        memset(static_cast<void*>(this), 0, sizeof *this);
        capacity_ = static_cast<uint8_t>(room < max_count ? room : max_count);
        forgotten_.place = is_late ? max_place : -1;
        if (is_late) memset(forgotten_.delivered, 0xff, sizeof forgotten_.delivered);
    }

    static constexpr int16_t within(int32_t place) noexcept {
        return static_cast<int16_t>(place > max_place ? max_place : place);
    }
    static constexpr unsigned bit_of(int32_t part) noexcept {
        return part < 0 ? 0 : part > static_cast<int32_t>(max_part) ? max_part : static_cast<unsigned>(part);
    }

    // The index of the item; none, forgotten. is_sure becomes false if it might as well be another one.
    int find(const ItemKey& key, bool& is_sure) const noexcept {
        const int named = find_named(key);
        if (named != none) return named;
        int found = none;
        unsigned candidates = 0;
        for (int index = count_; index-- != 0;) {
            const DeliveredItem& item = (*this)[index];
            if (item.has(log_once, log_item_done) || !item.may_be(key.kinds) || !item.lacks(key)) continue;
            ++candidates;
            if (found == none || key.ends || index == latest_) found = index;
        }
        const bool is_one = candidates == 1 && (key.kinds & rowless_kind) == 0;
        if (is_one || (candidates != 0 && (key.ends || key.is_empty()))) {
            if (candidates != 1 && !key.ends) is_sure = false;
            return found;
        }
        return is_forgotten(key) ? forgotten : none;
    }
    // The same by rules 1 and 2 alone.
    int find_named(const ItemKey& key) const noexcept {
        int found = none;
        unsigned best = 1;
        for (int index = 0; index != count_; ++index) {
            const DeliveredItem& item = (*this)[index];
            if (!item.may_be(key.kinds)) continue;
            const bool is_there = key.place >= 0 && item.place == key.place;
            unsigned match = (item.has_name(key.id) ? 4u : 0u) + (item.has_name(key.call_id) ? 4u : 0u);
            if (match == 0 && index == latest_) ++match;
            if (is_there && (item.has_place || !item.contradicts(key) || item.may_be_call_id(key))) match += 2;
            if (match <= best) continue;
            best = match;
            found = index;
        }
        return found;
    }

    // The item begins: its index. is_new: it had not begun before. An item that begins where another one has is another
    // one (there are servers that count all of them as 0).
    int begin(const ItemKey& key, bool& is_new) noexcept {
        int found = find_named(key);
        is_new = found == none || !(*this)[found].has(log_once, log_item);
        if (!is_new) {
            const DeliveredItem& item = (*this)[found];
            is_new = item.contradicts(key) || (key.place >= 0 && item.has_place && item.place != key.place);
            if (is_new) found = none;
        }
        return add(found, key, log_once, 0);
    }
    // Notes what was said of the item that was found, and what the key says of it; one that was not found begins.
    // Returns its index, or forgotten.
    int add(int found, const ItemKey& key, LogGroup group, unsigned bits) noexcept {
        if (found == forgotten) {
            forgotten_.add(group, bits);
            return forgotten;
        }
        if (found == none) found = make();
        DeliveredItem& item = (*this)[found];
        latest_ = static_cast<uint8_t>(found);
        if (item.id == key.call_id) item.id = 0;  // it was the call_id
        if (key.id != item.id && item.may_be_call_id(key)) item.call_id = key.id;
        if (item.id == 0 && key.id != item.call_id) item.id = key.id;
        if (item.call_id == 0) item.call_id = key.call_id;
        if (key.place >= 0 && !item.has_place) {
            item.place = key.place;
            item.has_place = true;
        } else if (item.place < 0 && !is_late()) {
            item.place = next_place_;
        }
        if (item.place >= next_place_ && item.place != max_place) next_place_ = static_cast<int16_t>(item.place + 1);
        if (item.kind == 0 && (is_one_kind(key.kinds) || key.kinds == no_call_kinds)) item.kind = key.kinds;
        item.add(group, bits);
        return found;
    }
    DeliveredItem& operator[](int index) noexcept { return items()[index]; }
    const DeliveredItem& operator[](int index) const noexcept { return const_cast<DeliveryLog&>(*this)[index]; }
    // That item is named by its call_id.
    bool is_call_id(int index, uint32_t id) const noexcept {
        return index >= 0 && id != 0 && (*this)[index].call_id == id;
    }
    const void* end() const noexcept { return &(*this)[count_]; }  // of what is in memory
    // What is known of the forgotten ones.
    const DeliveredTexts& of_forgotten() const noexcept { return forgotten_; }

    // How many items began before this one; -1: not known.
    int32_t number_of(int index) const noexcept {
        if (index < 0 || forgotten_.place == max_place) return -1;
        return static_cast<uint16_t>(made_ - count_ + index);
    }

private:
    static constexpr bool is_one_kind(unsigned kinds) noexcept { return (kinds & (kinds - 1)) == 0; }
    bool is_late() const noexcept { return forgotten_.place == max_place; }
    bool is_forgotten(const ItemKey& key) const noexcept {
        if (forgotten_.place < 0) return false;
        return key.place >= 0 ? key.place <= forgotten_.place : !key.may_begin;
    }
    DeliveredItem* items() noexcept { return static_cast<DeliveredItem*>(static_cast<void*>(this + 1)); }
    int make() noexcept {
        DeliveredItem* const oldest = items();
        if (count_ == capacity_) {
            if (oldest->place > forgotten_.place) forgotten_.place = oldest->place;
            for (unsigned group = 0; group != log_group_count; ++group)
                forgotten_.add(static_cast<LogGroup>(group), oldest->delivered[group]);
            --count_;
            char* const bytes = reinterpret_cast<char*>(oldest);
            detail::move_bytes(bytes, bytes + sizeof *oldest, count_ * sizeof *oldest);
        }
        ++made_;
        oldest[count_] = DeliveredItem();
        return count_++;
    }

    static constexpr size_t max_count = 255;

    uint8_t capacity_;
    uint8_t count_;
    uint8_t latest_;
    uint16_t made_;
    int16_t next_place_;  // of an item whose place the server does not say: they come in order
    DeliveredTexts forgotten_;
};

}  // namespace dialect

OPENAI_STREAM_END
