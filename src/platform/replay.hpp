#pragma once
// A transport that plays a recorded conversation.
#include "recording.hpp"

#if defined(OPENAI_STREAM_REPLAY)
OPENAI_STREAM_BEGIN

// Plays what a Recorder has written: every call is answered as the recording's next call of the same kind on the same
// connection was. A program that does what the recorded one did sees the same bytes in the same pieces at the same
// times; one that does something else (another buffer, other waits) the same bytes in the same order. The clock is that
// of the recording and nothing really waits. What transport() gives can do what the recorded transport could.
//
// What is pushed goes nowhere, and the answer comes whether or not it was asked for. It is compared with what was
// recorded, keys left out, unless it is to be ignored; difference() then says where it differs, and playing goes on.
//
// After the recording's end a pull is closed(), a push takes everything, a dial is refused.
//
// Memory: none but itself; the recording must outlive it and may be anything. Neither copied nor moved.
class Replay {
public:
    enum class Pushed : uint8_t { compared, ignored };

    struct Difference {
        const char* what = nullptr;  // null: none; else static
        size_t at = 0;               // the byte of the recording
    };

    explicit Replay(StringView recorded, Pushed pushed = Pushed::compared) noexcept
        : recorded_(recorded), is_compared_(pushed == Pushed::compared) {
        recording::Reader reader(recorded);
        if (reader.match(recording::first_line)) {
            has_dial_ = reader.match(" dial");
            has_hang_up_ = reader.match(" hang_up");
            has_wait_ = reader.match(" wait");
            has_wake_ = reader.match(" wake");
            has_clock_ = reader.match(" now_ms");
            is_secure_ = reader.match(" secure");
        }
        if (!reader.match("\n")) {
            differs("this is no recording", recorded.begin());
            reader = recording::Reader();
        }
        go_on_at(reader);
        places_[static_cast<size_t>(CallKind::dial)] = reader;
    }
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    Transport transport() noexcept {
        Transport link;
        link.context = this;
        link.secure = is_secure_;
        link.pull = [](void* self, char* into, size_t room) { return of(self).pull(into, room); };
        link.push = [](void* self, const char* from, size_t count) { return of(self).push(from, count); };
        if (has_hang_up_) link.hang_up = [](void* self) { of(self).hang_up(); };
        if (has_dial_)
            link.dial = [](void* self, StringView host, uint16_t port) { return of(self).dial(host, port); };
        if (has_wait_)
            link.wait = [](void* self, Interest interest, uint32_t ms) { return of(self).wait(interest, ms); };
        if (has_wake_) link.wake = [](void*) {};
        if (has_clock_) link.now_ms = [](void* self) { return of(self).now_ms_; };
        return link;
    }

    // The first one.
    Difference difference() const noexcept { return difference_; }

    // All bytes of the recording have been pulled and pushed.
    bool is_whole() const noexcept {
        return push_left_.empty() && pull_left_.empty() && !has_more(CallKind::push) && !has_more(CallKind::pull);
    }

private:
    using Record = recording::Record;
    using Reader = recording::Reader;

    static Replay& of(void* self) noexcept { return *static_cast<Replay*>(self); }

    IoResult dial(StringView host, uint16_t port) noexcept {
        Record record;
        if (!play(CallKind::dial, record)) {
            differs("a connection more than was recorded", place(CallKind::dial).at());
            return IoResult::failed(-1);
        }
        if (is_compared_ && (record.argument != port || record.host != host))
            differs("another server is dialled", record.begin);
        go_on_at(place(CallKind::dial));
        return record.answer;
    }
    IoResult push(const char* from, size_t count) noexcept {
        if (push_left_.empty()) {
            Record record;
            if (!play(CallKind::push, record)) {
                if (is_compared_) differs("more is pushed than was recorded", place(CallKind::push).at());
                return IoResult::bytes(count);
            }
            if (record.octets.empty()) return record.answer;
            push_left_ = record.octets;
        }
        const StringView some = push_left_.take(count);
        for (size_t i = 0; i != some.size(); ++i)
            if (mask_.masked(from[i]) != some[i] && is_compared_) differs("other bytes are pushed", some.begin() + i);
        push_left_ = push_left_.drop(some.size());
        return IoResult::bytes(some.size());
    }
    IoResult pull(char* into, size_t room) noexcept {
        if (pull_left_.empty()) {
            Record record;
            if (!play(CallKind::pull, record)) return IoResult::closed();
            if (record.octets.empty()) return record.answer;
            pull_left_ = record.octets;
        }
        const StringView some = pull_left_.take(room);
        memcpy(into, some.data(), some.size());
        pull_left_ = pull_left_.drop(some.size());
        return IoResult::bytes(some.size());
    }
    // Where the recording does not wait for the same (to look, for 0 ms, is something else), the answer is what is
    // there.
    IoResult wait(Interest interest, uint32_t ms) noexcept {
        Record record;
        if (find(CallKind::wait, record) && record.interest == static_cast<uint64_t>(interest) &&
            (record.argument == 0) == (ms == 0)) {
            play(CallKind::wait, record);
            return record.answer;
        }
        const bool can_pull = has(interest, Interest::read) && (!pull_left_.empty() || has_more(CallKind::pull));
        if (ms != 0 && (can_pull || has(interest, Interest::write))) return IoResult::ready();
        if (ms != UINT32_MAX) now_ms_ += ms;
        return IoResult::would_block();
    }
    void hang_up() noexcept {
        Reader& at = place(CallKind::dial);
        for (Record record; at.next(record);) {
            if (record.call != CallKind::hang_up) continue;
            move_clock(record);
            break;
        }
        go_on_at(at);
    }

    Reader& place(CallKind call) noexcept { return places_[static_cast<size_t>(call)]; }
    void go_on_at(const Reader& at) noexcept {
        place(CallKind::push) = place(CallKind::pull) = place(CallKind::wait) = at;
        push_left_ = pull_left_ = StringView();
        mask_ = recording::KeyMask();
    }
    void move_clock(const Record& record) noexcept {
        if (record.time_ms > now_ms_) now_ms_ = record.time_ms;
    }
    void differs(const char* what, const char* at) noexcept {
        if (!difference_.what) difference_ = {what, at ? static_cast<size_t>(at - recorded_.begin()) : 0};
    }

    // The next call of that kind on this connection, from which place() then goes on. Returns false if there is none.
    bool play(CallKind call, Record& record) noexcept {
        if (!find(call, record)) return false;
        place(call).next(record);
        move_clock(record);
        return true;
    }
    bool find(CallKind call, Record& record) noexcept {
        for (Reader at = place(call);; place(call) = at) {
            if (!at.next(record)) {
                if (!at.is_at_end()) differs("this is no record", at.at());
                return false;
            }
            if (record.call == call) return true;
            if (record.call == CallKind::hang_up || record.call == CallKind::dial) return false;
        }
    }
    // Bytes of that kind on this or a later connection.
    bool has_more(CallKind call) const noexcept {
        Reader at = places_[static_cast<size_t>(call)];
        for (Record record; at.next(record);)
            if (record.call == call && !record.octets.empty()) return true;
        return false;
    }

    StringView recorded_;
    bool is_compared_;
    bool has_dial_ = true, has_hang_up_ = true, has_wait_ = true, has_wake_ = true, has_clock_ = true;
    bool is_secure_ = false;
    uint32_t now_ms_ = 0;
    Reader places_[detail::call_kinds];   // of each kind, on this connection
    StringView push_left_, pull_left_;    // of the record played last
    recording::KeyMask mask_;
    Difference difference_;
};

OPENAI_STREAM_END
#endif
