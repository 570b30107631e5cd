#pragma once
// What of each output item has been said, so that a text is handed out once though a server sends it up to four times:
// in pieces, as a whole, in its item, in the answer at the end.
#include "responses.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

struct SaidItem {
    uint32_t id = 0;     // a hash of its id; 0: it has none
    int16_t place = -1;  // in the answer's output
    uint16_t said[said_group_count] = {};

    bool has(SaidGroup group, unsigned bit) const noexcept { return (unsigned{said[group]} >> bit & 1) != 0; }
    void add(SaidGroup group, unsigned bit) noexcept {
        said[group] = static_cast<uint16_t>(said[group] | 1u << bit);
    }
};

// Memory: as many items as there is room for, given to each call. The oldest is forgotten for a new one; of the
// forgotten ones it is known what at least one of them has said, and that is taken to be said of all.
class ResponseMemory {
public:
    static constexpr unsigned max_part = 15;
    static constexpr int32_t max_place = 32767;

    constexpr explicit ResponseMemory(size_t room) noexcept : capacity_(static_cast<uint16_t>(room)) {}

    static constexpr unsigned bit_of(int32_t part) noexcept {
        return part < 0 ? 0 : part > static_cast<int32_t>(max_part) ? max_part : static_cast<unsigned>(part);
    }

    // By its id (0: not known) or its place (-1: not known); without either the latest. Null: nothing is known of it.
    const SaidItem* find(const SaidItem* items, int32_t place, uint32_t id) const noexcept {
        if (place > max_place) place = max_place;
        if (place < 0 && id == 0 && count_ != 0) return items + latest_;
        const SaidItem* at_place = nullptr;
        for (const SaidItem* item = items; item != items + count_; ++item) {
            if (id != 0 && item->id == id) return item;
            if (place >= 0 && item->place == place) at_place = item;
        }
        if (at_place) return at_place;
        return place <= forgotten_.place && (place >= 0 || forgotten_.place == max_place) ? &forgotten_ : nullptr;
    }
    // The item begins. False: it had begun before.
    bool begin(SaidItem* items, int32_t place, uint32_t id) noexcept {
        const SaidItem* const found = place < 0 && id == 0 ? nullptr : find(items, place, id);
        if (found && found != &forgotten_) return !found->has(said_once, said_item);
        SaidItem& item = make(items, place, nullptr);
        item.id = id;
        latest_ = static_cast<uint16_t>(&item - items);
        return true;
    }
    // What came before is not known, but it was said: an answer that is taken up in the middle.
    void begin_late() noexcept {
        forgotten_.place = max_place;
        for (uint16_t& bits : forgotten_.said) bits = 0xFFFF;
    }
    void add(SaidItem* items, int32_t place, uint32_t id, SaidGroup group, unsigned bit) noexcept {
        const SaidItem* const found = find(items, place, id);
        SaidItem& item = found && found != &forgotten_ ? items[found - items] : make(items, place, found);
        if (id != 0) item.id = id;
        latest_ = static_cast<uint16_t>(&item - items);
        item.add(group, bit);
    }

private:
    SaidItem& make(SaidItem* items, int32_t place, const SaidItem* like) noexcept {
        if (place > max_place) place = max_place;
        SaidItem& item = items[oldest_];
        if (count_ != capacity_) {
            ++count_;
        } else {
            if (item.place > forgotten_.place) forgotten_.place = item.place;
            for (unsigned group = 0; group != said_group_count; ++group)
                forgotten_.said[group] = static_cast<uint16_t>(forgotten_.said[group] | item.said[group]);
        }
        oldest_ = static_cast<uint16_t>(oldest_ + 1 == capacity_ ? 0 : oldest_ + 1);
        item = like ? *like : SaidItem();
        item.place = static_cast<int16_t>(place >= 0 ? place : next_place_);
        item.id = 0;
        if (item.place >= next_place_ && item.place != max_place) next_place_ = static_cast<int16_t>(item.place + 1);
        return item;
    }

    uint16_t capacity_;
    uint16_t count_ = 0;
    uint16_t oldest_ = 0;  // written over next
    uint16_t latest_ = 0;
    int16_t next_place_ = 0;  // of an item whose place the server does not say: they come in order
    SaidItem forgotten_;
};

}  // namespace dialect

OPENAI_STREAM_END
