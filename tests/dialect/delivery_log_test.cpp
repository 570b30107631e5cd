// Which item of an answer an event is of, and what is known of the items that there was no room for.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dialect = openai_stream::dialect;
using dialect::DeliveredItem;
using dialect::DeliveryLog;
using dialect::ItemKey;

namespace {

// A log with room for so many items, right before a page that cannot be read.
class Room {
public:
    explicit Room(size_t items, bool is_late = false)
        : memory_(sizeof(DeliveryLog) + items * sizeof(DeliveredItem)),
          log(*static_cast<DeliveryLog*>(static_cast<void*>(memory_.data()))) {
        log.begin(items, is_late);
    }

private:
    support::GuardedBuffer memory_;

public:
    DeliveryLog& log;
};

ItemKey key(uint32_t id, uint32_t call_id = 0, int place = -1, unsigned kinds = dialect::any_kind) {
    ItemKey key;
    key.id = id;
    key.call_id = call_id;
    key.place = static_cast<int16_t>(place);
    key.kinds = static_cast<uint8_t>(kinds);
    return key;
}
ItemKey begins(ItemKey key) { return key.may_begin = true, key; }
ItemKey ends(ItemKey key) { return key.ends = true, key; }
int add(DeliveryLog& log, const ItemKey& key) { return log.add(DeliveryLog::none, key, dialect::log_once, 0); }

constexpr unsigned call = dialect::call_kind, message = dialect::message_kind;

}  // namespace

TEST_CASE("which item an event is of") {
    struct Row {
        const char* name;
        std::vector<ItemKey> items;  // that came before, each a new one
        ItemKey asked;
        int expected;
        bool is_sure;
    };
    const int none = DeliveryLog::none;
    const Row rows[] = {
        {"nothing came before", {}, key(1), none, true},
        {"the one with its id", {key(1), key(2)}, key(1), 0, true},
        {"the one with its call_id", {key(1, 10), key(2, 20)}, key(0, 10), 0, true},
        {"the one whose call_id stands as its id", {key(1, 10, 0, call), key(2, 20, 1, call)}, key(10), 0, true},
        {"another id is another item", {key(1)}, key(2), none, true},
        {"another call_id is another item, also at a place that was only counted", {key(0, 10)}, key(0, 20, 0), none,
         true},
        {"another id is another item, also at a place that was only counted", {key(1), key(2)}, key(3, 0, 0), none,
         true},
        {"the same of a call, of which both names are known", {key(1, 10, -1, call), key(2, 20, -1, call)},
         key(3, 0, 0, call), none, true},
        {"an id may be a call_id, if no call_id is known", {key(1, 0, -1, call), key(2, 0, -1, call)},
         key(3, 0, 0, call), 0, true},
        {"not if what the event is of may be no call", {key(1, 0, -1, call), key(2, 0, -1, call)}, key(3, 0, 0), none,
         true},
        {"the one at its place, whatever its id", {key(1, 0, 0), key(2, 0, 1)}, key(3, 0, 0), 0, true},
        {"a new name is of the only one that has none", {key(1, 0, 0), key(0, 0, 1)}, key(3, 0, -1, message), 1, true},
        {"unless it may be of a kind that nobody knows", {key(1, 0, 0), key(0, 0, 1)}, key(3), none, true},
        {"of two that have none it is of neither", {key(0, 0, 0), key(0, 0, 1)}, key(3, 0, -1, message), none, true},
        {"an end is of the oldest of them", {key(0, 0, 0), key(0, 0, 1)}, ends(key(3)), 0, true},
        {"what says nothing is of the last one, for certain if it is the only one", {key(1)}, key(0), 0, true},
        {"of several, it may be another one", {key(1), key(2)}, key(0), 1, false},
        {"its kind has to fit", {key(1, 0, -1, message), key(2, 0, -1, call)}, key(0, 0, -1, message), 0, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Room room(4);
        for (const ItemKey& item : row.items) add(room.log, item);
        bool is_sure = true;
        CHECK_EQ(room.log.find(row.asked, is_sure), row.expected);
        CHECK_EQ(is_sure, row.is_sure);
    }
}

TEST_CASE("what an item that begins is: the one that is known, or another one") {
    struct Row {
        const char* name;
        ItemKey first, second;  // both begin
        int expected;           // the second one
        bool is_new;
    };
    const Row rows[] = {
        {"the same names: the same item once more", key(1, 10, 0), key(1, 10, 0), 0, false},
        {"only the place is said, and is the same", key(0, 0, 0), key(0, 0, 0), 0, false},
        {"another id", key(1, 0, 0), key(2, 0, 0), 1, true},
        {"another call_id", key(0, 10, 0), key(0, 20, 0), 1, true},
        {"the same id at another place", key(1, 0, 0), key(1, 0, 1), 1, true},
        {"the same id, and its place comes later", key(1), key(1, 0, 5), 0, false},
        {"the same id without its place", key(1, 0, 5), key(1), 0, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Room room(4);
        bool is_new = false;
        const int first = room.log.begin(row.first, is_new);
        CHECK_EQ(first, 0);
        CHECK(is_new);
        room.log.add(first, row.first, dialect::log_once, 1u << dialect::log_item);
        CHECK_EQ(room.log.begin(row.second, is_new), row.expected);
        CHECK_EQ(is_new, row.is_new);
    }
}

TEST_CASE("where there is no room, the oldest item is forgotten, and what it said is known of all of them") {
    Room room(2);
    dialect::DeliveryLog& log = room.log;
    log.add(DeliveryLog::none, key(1, 0, 7), dialect::log_parts, 1u << 3);
    log.add(DeliveryLog::none, key(2, 0, 4), dialect::log_parts, 1u << 5);
    bool is_sure = true;
    CHECK_EQ(log.find(key(9, 0, 3), is_sure), DeliveryLog::none);
    CHECK_EQ(log.number_of(0), 0);
    CHECK_EQ(log.number_of(-1), -1);
    CHECK_EQ(add(log, key(3, 0, 8)), 1);
    CHECK_EQ(log.number_of(0), 1);  // the first one has gone
    CHECK(log.of_forgotten().has(dialect::log_parts, 3));
    CHECK_FALSE(log.of_forgotten().has(dialect::log_parts, 5));
    CHECK_EQ(log.of_forgotten().place, 7);
    // One whose place lies before that moves it not back.
    CHECK_EQ(add(log, key(5, 0, 9)), 1);
    CHECK_EQ(log.of_forgotten().place, 7);
    CHECK(log.of_forgotten().has(dialect::log_parts, 5));
    // Up to there nobody knows; after it, an item is new. What may begin one is a new one, if it says no place.
    CHECK_EQ(log.find(key(9, 0, 7), is_sure), DeliveryLog::forgotten);
    CHECK_EQ(log.find(key(9, 0, 10), is_sure), DeliveryLog::none);
    CHECK_EQ(log.find(key(9), is_sure), DeliveryLog::forgotten);
    CHECK_EQ(log.find(begins(key(9)), is_sure), DeliveryLog::none);
    CHECK_EQ(log.add(DeliveryLog::forgotten, key(9), dialect::log_more, 1), DeliveryLog::forgotten);
    CHECK(log.of_forgotten().has(dialect::log_more, 0));
}

TEST_CASE("of an answer that is resumed all was said that came before, and its items have no number") {
    Room room(2, true);
    bool is_sure = true;
    CHECK_EQ(room.log.find(key(1, 0, 3), is_sure), DeliveryLog::forgotten);
    CHECK_EQ(room.log.find(begins(key(1)), is_sure), DeliveryLog::none);
    for (unsigned bit = 0; bit != 16; ++bit) CHECK(room.log.of_forgotten().has(dialect::log_parts, bit));
    const int item = add(room.log, key(1));
    CHECK_EQ(item, 0);
    CHECK_EQ(room.log[item].place, -1);  // nobody knows how many there were
    CHECK_EQ(room.log.number_of(item), -1);
    Room fresh(2);
    CHECK_EQ(fresh.log[add(fresh.log, key(1))].place, 0);
    CHECK_EQ(fresh.log.of_forgotten().delivered[dialect::log_parts], 0);
}

TEST_CASE("numbers that are too large share the last one") {
    CHECK_EQ(DeliveryLog::within(-1), -1);
    CHECK_EQ(DeliveryLog::within(32767), 32767);
    CHECK_EQ(DeliveryLog::within(32768), 32767);
    CHECK_EQ(DeliveryLog::within(INT32_MAX), 32767);
    CHECK_EQ(DeliveryLog::bit_of(-1), 0);
    CHECK_EQ(DeliveryLog::bit_of(14), 14);
    CHECK_EQ(DeliveryLog::bit_of(15), 15);
    CHECK_EQ(DeliveryLog::bit_of(16), 15);
    CHECK_EQ(DeliveryLog::bit_of(INT32_MAX), 15);
    // After the last place that can be told no item is counted as the one before it.
    Room room(3);
    CHECK_EQ(room.log[add(room.log, key(1, 0, DeliveryLog::max_place - 1))].place, 32766);
    CHECK_EQ(room.log[add(room.log, key(2))].place, 32767);
    CHECK_EQ(room.log[add(room.log, key(3))].place, 32767);
    // And of more room than it can count, it takes what it can.
    Room large(300);
    for (unsigned item = 1; item <= 256; ++item) add(large.log, key(item));
    CHECK_EQ(large.log.number_of(0), 1);
    CHECK_EQ(static_cast<const char*>(large.log.end()) - reinterpret_cast<const char*>(&large.log),
             static_cast<ptrdiff_t>(sizeof(DeliveryLog) + 255 * sizeof(DeliveredItem)));
}
