#pragma once
// Images and sounds come in base64, in pieces that are cut anywhere: this makes bytes of them, so that 28 MiB pass
// through a stream's buffer of 4 KiB. The bytes are written where the text lay, for they are never more (RFC 4648; also
// its alphabet for URLs).
#include "event.hpp"

OPENAI_STREAM_BEGIN

//     oai::Base64Decoder base64;
//     while (stream.next(event))
//         if (event.kind == oai::EventKind::image && event.content_index < 0) file.write(base64.decode(event));
//
// Memory: 8 bytes, and the text itself.
class Base64Decoder {
public:
    constexpr Base64Decoder() noexcept = default;

    // The bytes of an event of EventKind::image or audio, in place of its text, which is gone; valid as long as that
    // was. Where a text goes on (Event::more), all its pieces have to be given, one after the other.
    StringView decode(Event& event) noexcept {
        if (!goes_on_) begin();
        goes_on_ = event.more;
        char* const text = const_cast<char*>(event.text.data());  // in the stream's buffer, which is char[]
        return event.text = StringView(text, decode(event.text, text));
    }
    // The same for a text of your own: writes at `into` (where the text lies, or anywhere with room for its size)
    // and returns how many bytes. begin() before the next text.
    size_t decode(StringView text, char* into) noexcept {
        char* out = into;
        for (const char c : text) {
            const unsigned value = value_of(c);
            if (value < 64) {
                bits_ = static_cast<uint16_t>(unsigned{bits_} << 6 | value);
                bit_count_ = static_cast<uint8_t>(bit_count_ + 6);
                if (bit_count_ < 8) continue;
                bit_count_ = static_cast<uint8_t>(bit_count_ - 8);
                *out++ = static_cast<char>(bits_ >> bit_count_ & 0xFF);
            } else if (value == padding) {
                bit_count_ = 0;  // there are texts that are put together of several
            } else if (value == invalid) {
                ++invalid_count_;
            }
        }
        return static_cast<size_t>(out - into);
    }
    void begin() noexcept { bits_ = bit_count_ = 0; }

    // Characters of all texts that are no base64 and no blank: they were passed over, and what was written is no good.
    uint32_t invalid_count() const noexcept { return invalid_count_; }
    // The text so far ends where one can end.
    bool is_complete() const noexcept { return bit_count_ < 6; }

private:
    enum : unsigned { padding = 64, blank, invalid };
    static unsigned value_of(char c) noexcept {
        if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
        if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a' + 26);
        if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0' + 52);
        if (c == '+' || c == '-') return 62;
        if (c == '/' || c == '_') return 63;
        if (c == '=') return padding;
        return c == ' ' || (c >= '\t' && c <= '\r') ? blank : invalid;
    }

    uint32_t invalid_count_ = 0;
    uint16_t bits_ = 0;      // the last bit_count_ of them were not written yet
    uint8_t bit_count_ = 0;
    bool goes_on_ = false;   // the text of the last event
};

OPENAI_STREAM_END
