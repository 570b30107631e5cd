#pragma once
// Why: most events of an answer are one before with another text in it, and with other values that mean nothing: random
// padding, a time, a number of its own. Such an event need not be parsed: its bytes are compared with those of the
// first, and where it may differ (a "hole") a string or a number is read.
//
// Exact, not a guess: lines and JSON are read byte after byte, so the same bytes around valid strings and numbers mean
// what they meant the first time, as long as what the reader knows of the answer is the same; see EventTemplates.
#include "../json/integer.hpp"
#include "../json/scanner.hpp"
#include "event.hpp"
#include "quirks.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// A value of an event that may be another one in the next.
struct Hole {
    enum class Kind : uint8_t {
        text,      // the text that is delivered
        string,    // one that nothing depends on
        value,     // any value, likewise
        number,    // a whole number, likewise
        sequence,  // Event::sequence_number
        count,     // of tokens
    };
    uint16_t begin;  // in the event that was learned; of a text and a string after its quote
    uint16_t size;
    Kind kind;
    uint8_t target;  // of a count
};

// One event as it came from the line after a blank one to its own blank line; after this object, in the same memory,
// lie its bytes, and then the events for the program that it made. Their views show these bytes, or what is static.
struct alignas(Event) EventTemplate {
    static constexpr unsigned max_holes = 10;
    static constexpr unsigned max_events = 3;
    static constexpr unsigned max_quirks = 4;
    static constexpr uint8_t no_text = 0xFF;

    uint16_t size = 0;       // bytes
    uint16_t data_size = 0;  // of these the event's data
    uint16_t fixed_size = 0;  // of these outside of holes
    uint8_t hole_count = 0;
    uint8_t open_count = 0;  // holes that were others in some event; the bytes of all others are compared
    uint8_t open[max_holes] = {};  // their numbers, ascending
    bool has_counts = false;
    uint8_t event_count = 0;
    uint8_t text_event = no_text;  // which of them has the text
    uint8_t boundary = 0;          // of the lines: how the one before it ended
    uint8_t quirk_count = 0;
    Quirk quirks[max_quirks] = {};  // what was counted of it, and is of each event like it
    Hole holes[max_holes] = {};

    char* bytes() noexcept { return static_cast<char*>(static_cast<void*>(this + 1)); }
    Event* events() noexcept { return static_cast<Event*>(static_cast<void*>(bytes() + aligned(size))); }
    size_t used_bytes() const noexcept { return sizeof *this + aligned(size) + event_count * sizeof(Event); }
    static constexpr size_t aligned(size_t count) noexcept {
        return (count + alignof(Event) - 1) & ~(alignof(Event) - 1);
    }

    enum class Result : uint8_t {
        matches,
        differs,
        incomplete,  // all that is there of it is the same
    };
    // What stands in the holes of an event that matches.
    struct Match {
        const char* end = nullptr;  // of the event
        const char* text_begin = nullptr;
        const char* text_end = nullptr;
        bool is_plain = false;  // no byte of the text is an escape or above ASCII
        const char* holes[max_holes] = {};
    };
    // Compares what begins at `at` and is there up to `end`; bytes up to `readable_end` may be looked at.
    Result match(const char* at, const char* end, const char* readable_end, Match& found) noexcept {
        size_t place = size;  // where it differs, in the learned event
        Result result = try_match(at, end, readable_end, found, place);
        if (result != Result::differs || place == size) return result;
        const EventTemplate before = *this;
        while (result == Result::differs && open_at(place)) {
            place = size;
            result = try_match(at, end, readable_end, found, place);
        }
        if (result == Result::differs) *this = before;
        return result;
    }

    // Those that were counted of it. Returns false if they are too many. (What is at its limit stays there.)
    bool keep_quirks(const Quirks& before, const Quirks& after) noexcept {
        for (const Quirk quirk : after) {
            for (unsigned more = after.count(quirk) - before.count(quirk); more != 0; --more) {
                if (is_counted_again(quirk)) continue;
                if (quirk_count == max_quirks) return false;
                quirks[quirk_count++] = quirk;
            }
        }
        return true;
    }
    // By those that decode the text and take the counts of tokens, of each event.
    static constexpr bool is_counted_again(Quirk quirk) noexcept {
        return quirk == Quirk::bad_utf8 || quirk == Quirk::lone_surrogate || quirk == Quirk::usage_again;
    }

    // Hole `number` is one from now on.
    void open_hole(unsigned number) noexcept {
        unsigned place = open_count++;
        for (; place != 0 && open[place - 1] > number; --place) open[place] = open[place - 1];
        open[place] = static_cast<uint8_t>(number);
    }

private:
    Result try_match(const char* at, const char* const end, const char* readable_end, Match& found,
                     size_t& place) noexcept {
        const char* const known = bytes();
        size_t from = 0;
        for (unsigned index = 0; index != open_count; ++index) {
            const unsigned number = open[index];
            const Hole& hole = holes[number];
            if (!skip(at, end, known + from, hole.begin - from)) return result_of(at, end, from, hole.begin, place);
            found.holes[number] = at;
            const Hole::Kind kind = hole.kind;
            const Result result = kind <= Hole::Kind::string  ? skip_string(at, end, readable_end, kind, found)
                                  : kind == Hole::Kind::value ? skip_value(at, end, readable_end, found)
                                                              : skip_number(at, end);
            if (result != Result::matches) return result;
            from = hole.begin + size_t{hole.size};
        }
        if (!skip(at, end, known + from, size - from)) return result_of(at, end, from, size, place);
        found.end = at;
        return Result::matches;
    }
    OPENAI_STREAM_INLINE
    static bool skip(const char*& at, const char* end, const char* expected, size_t count) noexcept {
        if (static_cast<size_t>(end - at) < count || memcmp(at, expected, count) != 0) return false;
        at += count;
        return true;
    }
    // The learned bytes [from, to) are not those at `at`: differs, at `place`; or incomplete.
    OPENAI_STREAM_NOINLINE Result result_of(const char* at, const char* end, size_t from, size_t to,
                                            size_t& place) noexcept {
        const auto left = static_cast<size_t>(end - at);
        if (left < to - from && memcmp(at, bytes() + from, left) == 0) return Result::incomplete;
        constexpr size_t step = 16;
        const char* known = bytes() + from;
        while (left >= step && to - from >= step && memcmp(at, known, step) == 0)
            at += step, known += step, from += step;
        while (*at == *known) ++at, ++known, ++from;
        place = from;
        return Result::differs;
    }
    // A hole that is not open is where the learned event differs from another one at `place`: it is opened. Returns
    // false if there is none.
    OPENAI_STREAM_NOINLINE bool open_at(size_t place) noexcept {
        unsigned number = hole_count;
        while (number != 0 && holes[number - 1].begin > place) --number;
        if (number-- == 0 || place > size_t{holes[number].begin} + holes[number].size || is_open(number)) return false;
        open_hole(number);
        return true;
    }
    bool is_open(unsigned number) const noexcept {
        for (unsigned index = 0; index != open_count; ++index)
            if (open[index] == number) return true;
        return false;
    }

    // The inside of a string, whose quote was compared. An empty text may mean something else than others.
    OPENAI_STREAM_INLINE
    static Result skip_string(const char*& at, const char* end, const char* readable_end, Hole::Kind kind,
                              Match& found) noexcept {
        bool is_above_ascii = false, has_escape = false;
        const char* stop = at;
        while (true) {
            stop = detail::scan::string_stop(stop, readable_end, is_above_ascii);
            if (stop >= end) return Result::incomplete;
            if (*stop == '"') break;
            if (*stop != '\\') return Result::differs;
            has_escape = true;
            const size_t size = escape_size(stop, end);
            if (size < 2) return size == 0 ? Result::incomplete : Result::differs;
            stop += size;
        }
        if (kind == Hole::Kind::text) {
            if (stop == at) return Result::differs;
            found.text_begin = at;
            found.text_end = stop;
            found.is_plain = !has_escape && !is_above_ascii;
        }
        at = stop;
        return Result::matches;
    }
    // Of the escape at `at`, in bytes; 0: it is not there to its end, 1: there is none that begins so.
    static size_t escape_size(const char* at, const char* end) noexcept {
        if (end - at < 2) return 0;
        if (at[1] != 'u') return json::is_escape(at[1]) ? 2 : 1;
        for (const char* digit = at + 2; digit != at + 6; ++digit) {
            if (digit == end) return 0;
            if (ascii::hex_value(*digit) < 0) return 1;
        }
        return 6;
    }
    // A value that nobody reads. One that is nested more deeply than others are is parsed: that has its own limit.
    OPENAI_STREAM_NOINLINE static Result skip_value(const char*& at, const char* end, const char* readable_end,
                                                    Match& found) noexcept {
        if (at != end && *at == '"') {
            ++at;
            const Result result = skip_string(at, end, readable_end, Hole::Kind::string, found);
            ++at;
            return result;
        }
        const char* digit = at;  // mostly it is a few digits
        while (digit != end && ascii::is_digit(*digit)) ++digit;
        if (digit != at && digit != end && (*digit == ',' || *digit == '}') && (digit - at == 1 || *at != '0')) {
            at = digit;
            return Result::matches;
        }
        constexpr unsigned most_levels = 16;
        json::Scanner scanner;
        scanner.set_input(at, end);
        json::TokenKind token;
        do {
            token = scanner.next();
            if (token == json::TokenKind::need_more) return Result::incomplete;
            if (token == json::TokenKind::failed || scanner.depth() > most_levels) return Result::differs;
        } while (scanner.depth() != 0 || (json::is_scalar(token) && !scanner.is_complete()));
        at = scanner.at();
        return Result::matches;
    }
    // Digits as JSON has them, of a number that is certainly an int64_t. (What follows them is compared.)
    static Result skip_number(const char*& at, const char* end) noexcept {
        constexpr ptrdiff_t max_digits = 18;
        const char* const begin = at;
        while (at != end && ascii::is_digit(*at)) ++at;
        const ptrdiff_t count = at - begin;
        if (count > max_digits || (count > 1 && *begin == '0')) return Result::differs;
        return at == end ? Result::incomplete : count != 0 ? Result::matches : Result::differs;
    }
};
static_assert(alignof(EventTemplate) <= alignof(Event), "its bytes begin where an Event may");

}  // namespace dialect

OPENAI_STREAM_END
