#pragma once
// What a server did that is not by its document, counted: unknown is a value, not a guess.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

enum class Quirk : uint8_t {
    provisional_piece,      // text left before its event had ended, since the event did not fit (Event::provisional)
    bad_utf8,               // an ill-formed byte became U+FFFD
    lone_surrogate,         // half of a surrogate pair became U+FFFD
    unknown_finish_reason,  // delivered as FinishReason::other, with its name
    unknown_event,          // an event of a type or shape that no row of the dialect knows was passed over
    comment_in_data,        // data that begins with ':' (a keep-alive comment in the wrong place) was passed over
    empty_data,             // an event without data was passed over
    no_end_marker,          // the answer was finished but its end marker never came
    scalar_text,            // a text came as a number or as true or false, not as a string: its digits, or the word
    unterminated_event,     // the answer ended without the blank line after its last event, whose data was whole
};

// How often each was seen; a count stops at 255.
class Quirks {
public:
    constexpr Quirks() noexcept = default;
    uint8_t count(Quirk quirk) const noexcept { return counts_[static_cast<uint8_t>(quirk)]; }
    bool has(Quirk quirk) const noexcept { return count(quirk) != 0; }
    void add(Quirk quirk) noexcept {
        uint8_t& count = counts_[static_cast<uint8_t>(quirk)];
        if (count != 255) ++count;
    }

private:
    uint8_t counts_[10] = {};
};

OPENAI_STREAM_END
