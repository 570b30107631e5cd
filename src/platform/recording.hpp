#pragma once
// What a recorded conversation looks like: the calls of a Transport with their answers, in order, as text.
#include "../base/ascii.hpp"
#include "../io/transport.hpp"

#if defined(OPENAI_STREAM_REPLAY)
OPENAI_STREAM_BEGIN

// The functions of a Transport that do something.
enum class CallKind : uint8_t { dial, push, pull, wait, hang_up };
namespace detail {
constexpr size_t call_kinds = 5;
}  // namespace detail

namespace recording {

//  recording = "openai_stream recording 1" *( SP ability ) LF *record
//  ability   = "dial" / "hang_up" / "wait" / "wake" / "now_ms" / "secure"   ; what the transport had
//  record    = time SP call LF [ octets LF ]              ; octets: those of "bytes" moved by push or pull
//  time      = 1*DIGIT                                    ; ms since the first call, when it returned; 0 without clock
//  call      = "dial" SP port SP host SP answer
//            / "push" SP count SP answer                  ; what was offered
//            / "pull" SP room SP answer                   ; what there was room for
//            / "wait" SP interest SP ms SP answer         ; interest: the sum of 1 read, 2 write, 4 work_left
//            / "hang_up"
//  answer    = "ready" / "would_block" [ SP interest ] / "closed" / "bytes" SP 1*DIGIT
//            / ( "failed" / "refused" / "unresolved" ) SP [ "-" ] 1*DIGIT
//
// In pushed octets the values of the header lines whose names end in "authorization" or "api-key" are asterisks, so
// that recordings can be kept and shown. "bytes 0": a breach of the transport contract.

inline constexpr StringView first_line("openai_stream recording 1", 25);
inline constexpr StringView call_names[detail::call_kinds] = {{"dial", 4}, {"push", 4}, {"pull", 4}, {"wait", 4},
                                                      {"hang_up", 7}};

// Hides the values of keys in what is pushed, in any pieces. A body cannot be told from a head without reading it, so
// its lines are treated alike.
class KeyMask {
public:
    char masked(char c) noexcept {
        switch (state_) {
            case State::name:
                if (c == ':') state_ = ends_in("authorization") || ends_in("api-key") ? State::key : State::value;
                else if (c == '\n') size_ = 0;
                else tail_[size_++ % sizeof tail_] = ascii::to_lower(c);
                return c;
            case State::value:
            case State::key: break;
        }
        const bool is_hidden = state_ == State::key && static_cast<unsigned char>(c) > ' ';
        if (c == '\n') *this = KeyMask();
        return is_hidden ? '*' : c;
    }

private:
    enum class State : uint8_t { name, value, key };

    bool ends_in(StringView end) const noexcept {
        if (size_ < end.size()) return false;
        for (size_t i = 0; i != end.size(); ++i)
            if (tail_[(size_ - end.size() + i) % sizeof tail_] != end[i]) return false;
        return true;
    }

    State state_ = State::name;
    size_t size_ = 0;  // of the line so far
    char tail_[16] = {};
};

// One record. Views point into the recording.
struct Record {
    const char* begin = nullptr;
    CallKind call = CallKind::hang_up;
    uint32_t time_ms = 0;
    uint64_t argument = 0;  // port, count, room or ms
    uint64_t interest = 0;
    StringView host;
    IoResult answer = IoResult::ready();
    StringView octets;
};

// Reads a recording, which may be anything.
class Reader {
public:
    constexpr Reader() noexcept = default;
    constexpr explicit Reader(StringView rest) noexcept : rest_(rest) {}

    const char* at() const noexcept { return rest_.begin(); }
    bool is_at_end() const noexcept { return rest_.empty(); }

    bool match(StringView text) noexcept {
        if (rest_.take(text.size()) != text) return false;
        rest_ = rest_.drop(text.size());
        return true;
    }
    // Returns false at the end, and if what stands here is no record; then nothing is read.
    bool next(Record& record) noexcept {
        const StringView before = rest_;
        record = Record();
        record.begin = rest_.begin();
        uint64_t time = 0;
        if (number(time, UINT32_MAX) && match(" ") && call(record) && match("\n") && octets(record)) {
            record.time_ms = static_cast<uint32_t>(time);
            return true;
        }
        rest_ = before;
        return false;
    }

private:
    static constexpr uint64_t max_octets = (1u << 30) - 1;  // of IoResult::bytes()

    bool number(uint64_t& value, uint64_t largest) noexcept {
        value = 0;
        size_t digits = 0;
        while (digits != rest_.size() && ascii::is_digit(rest_[digits]))
            if (!ascii::append_decimal(value, rest_[digits++])) return false;
        rest_ = rest_.drop(digits);
        return digits != 0 && value <= largest;
    }
    bool call(Record& record) noexcept {
        size_t kind = 0;
        while (kind != detail::call_kinds && !match(call_names[kind])) ++kind;
        if (kind == detail::call_kinds) return false;
        record.call = static_cast<CallKind>(kind);
        switch (record.call) {
            case CallKind::hang_up: return true;
            case CallKind::dial:
                return match(" ") && number(record.argument, UINT16_MAX) && match(" ") && host(record) &&
                       answer(record);
            case CallKind::wait:
                return match(" ") && number(record.interest, 7) && match(" ") && number(record.argument, UINT32_MAX) &&
                       answer(record);
            case CallKind::push:
            case CallKind::pull: break;
        }
        return match(" ") && number(record.argument, UINT64_MAX) && answer(record);
    }
    bool host(Record& record) noexcept {
        size_t size = 0;
        while (size != rest_.size() && static_cast<unsigned char>(rest_[size]) > ' ') ++size;
        record.host = rest_.take(size);
        rest_ = rest_.drop(size);
        return true;
    }
    bool answer(Record& record) noexcept {
        uint64_t count = 0;
        if (match(" ready")) record.answer = IoResult::ready();
        else if (match(" would_block")) return waits_for(record);
        else if (match(" closed")) record.answer = IoResult::closed();
        else if (match(" failed ")) return code(record, IoResult::failed);
        else if (match(" refused ")) return code(record, IoResult::refused);
        else if (match(" unresolved ")) return code(record, IoResult::unresolved);
        else if (!match(" bytes ") || !number(count, max_octets)) return false;
        else record.answer = IoResult::bytes(static_cast<size_t>(count));
        return true;
    }
    bool waits_for(Record& record) noexcept {
        uint64_t interest = 0;
        if (match(" ") && !number(interest, 7)) return false;
        record.answer = IoResult::would_block(static_cast<Interest>(interest));
        return true;
    }
    bool code(Record& record, IoResult (*made_of)(int32_t code)) noexcept {
        const bool is_negative = match("-");
        uint64_t magnitude = 0;
        if (!number(magnitude, UINT32_MAX >> 1)) return false;
        const auto value = static_cast<int32_t>(magnitude);
        record.answer = made_of(is_negative ? -value : value);
        return true;
    }
    bool octets(Record& record) noexcept {
        const bool moves = record.call == CallKind::push || record.call == CallKind::pull;
        if (!record.answer.is_bytes()) return true;
        const size_t count = record.answer.count();
        if (!moves || count > record.argument) return false;
        record.octets = rest_.take(count);
        rest_ = rest_.drop(count);
        return count == 0 || match("\n");
    }

    StringView rest_;
};

}  // namespace recording

OPENAI_STREAM_END
#endif
