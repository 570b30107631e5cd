#pragma once
// A transport that does what a test tells it to, call by call, counts the calls, and notes every breach of the
// transport contract by its caller (src/io/transport.hpp) in violations().
#include "header.hpp"
#include "heap_trap.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

class ScriptedTransport {
public:
    using IoResult = openai_stream::IoResult;
    using Interest = openai_stream::Interest;
    enum class Call { dial, push, pull, wait, hang_up };
    static constexpr size_t any_size = static_cast<size_t>(-1);

    // ---- the script: each function has its own line of steps, taken one per call ------------------------------------

    // What pull delivers: these bytes, at most at_most in one call (and never more than fit), until they are gone.
    ScriptedTransport& answer(std::string_view bytes, size_t at_most = any_size) {
        if (!bytes.empty()) pulls_.push_back({IoResult::ready(), std::string(bytes), at_most});
        return *this;
    }
    // What has not been pulled is gone, as with the connection it came over.
    void forget_answers() {
        pulls_.clear();
        taken_ = 0;
    }
    ScriptedTransport& pull_says(IoResult io) { return add(pulls_, io); }
    ScriptedTransport& push_says(IoResult io) { return add(pushes_, io); }
    ScriptedTransport& push_takes(size_t at_most) {
        pushes_.push_back({IoResult::ready(), {}, at_most});
        return *this;
    }
    ScriptedTransport& dial_says(IoResult io) { return add(dials_, io); }
    ScriptedTransport& wait_says(IoResult io) { return add(waits_, io); }

    // When the steps are used up. push_end ready = takes everything.
    IoResult pull_end = IoResult::closed(), push_end = IoResult::ready(), dial_end = IoResult::ready(),
             wait_end = IoResult::ready();

    // From inside the index-th call of a function (counted from 0), before it does or says anything.
    ScriptedTransport& on(Call call, size_t index, std::function<void()> run) {
        callbacks_[{call, index}] = std::move(run);
        return *this;
    }
    // The index-th of all dial, push, pull and wait calls says io and does nothing.
    ScriptedTransport& intrude(size_t index, IoResult io) {
        intrusions_.insert({index, io});
        return *this;
    }

    // ---- the transport; null a function in the copy to take it away -------------------------------------------------

    openai_stream::Transport transport() {
        openai_stream::Transport link;
        link.context = this;
        link.pull = [](void* self, char* into, size_t room) { return of(self).pull(into, room); };
        link.push = [](void* self, const char* from, size_t count) { return of(self).push(from, count); };
        link.hang_up = [](void* self) { of(self).hang_up(); };
        link.dial = [](void* self, openai_stream::StringView host, uint16_t port) { return of(self).dial(host, port); };
        link.wait = [](void* self, Interest interest, uint32_t ms) { return of(self).wait(interest, ms); };
        link.wake = [](void* self) { ++of(self).wakes_; };
        link.now_ms = [](void* self) { return of(self).now; };
        return link;
    }
    // A link that is simply there: no dial.
    openai_stream::Transport transport_without_dial() {
        openai_stream::Transport link = transport();
        link.dial = nullptr;
        open_ = true;
        return link;
    }

    // ---- what happened ----------------------------------------------------------------------------------------------

    size_t calls(Call call) const {
        const auto found = calls_.find(call);
        return found == calls_.end() ? 0 : found->second;
    }
    size_t all_calls() const { return all_calls_; }        // of dial, push, pull and wait
    size_t connections() const { return connections_; }    // dials, where calls repeated after would_block are one
    size_t hang_ups() const { return calls(Call::hang_up); }
    size_t wakes() const { return wakes_; }
    bool is_open() const { return open_; }                 // dialled and not hung up
    const std::string& pushed() const { return pushed_; }  // everything push took
    const std::string& host() const { return host_; }      // of the last dial
    uint16_t port() const { return port_; }
    const std::vector<Interest>& interests() const { return interests_; }  // of the waits
    const std::vector<std::string>& violations() const { return violations_; }
    uint32_t now = 0;                                      // the clock; a wait that times out moves it

private:
    struct Step {
        IoResult io;
        std::string bytes;
        size_t at_most;
    };
    using Steps = std::deque<Step>;

    static ScriptedTransport& of(void* self) { return *static_cast<ScriptedTransport*>(self); }

    ScriptedTransport& add(Steps& steps, IoResult io) {
        steps.push_back({io, {}, any_size});
        return *this;
    }
    static IoResult next(Steps& steps, IoResult end) {
        if (steps.empty()) return end;
        const IoResult io = steps.front().io;
        steps.pop_front();
        return io;
    }
    void breach(const std::string& what) { violations_.push_back(what); }

    void enter(Call call) {
        const auto found = callbacks_.find({call, calls_[call]++});
        if (found == callbacks_.end()) return;
        const std::function<void()> run = std::move(found->second);
        callbacks_.erase(found);
        run();
    }
    // Whether this call, one that may fail, is to say io instead of what the script says.
    bool intruded(IoResult& io) {
        const auto found = intrusions_.find(all_calls_++);
        if (found == intrusions_.end()) return false;
        io = found->second;
        return true;
    }

    IoResult dial(openai_stream::StringView host, uint16_t port) {
        const HeapTrap::Pause own_side;
        if (!dialling_) {
            if (open_) breach("dial on an open link");
            ++connections_;
            open_ = true;
            writable_ = readable_ = true;
            blocked_from_ = nullptr;
            host_ = host;
            port_ = port;
        } else if (host != host_ || port != port_) {
            breach("dial repeated with another address");
        }
        IoResult io = IoResult::ready();
        const bool intrusion = intruded(io);
        enter(Call::dial);
        if (!intrusion) io = next(dials_, dial_end);
        dialling_ = io.is_would_block();
        connected_ = io.is_ready();
        return io;
    }

    IoResult push(const char* from, size_t count) {
        const HeapTrap::Pause own_side;
        if (!open_) breach("push on a closed link");
        else if (connections_ != 0 && !connected_) breach("push before dial was ready");
        if (count == 0) breach("push of nothing");
        if (!writable_) breach("push after it was closed or failed");
        if (blocked_from_ != nullptr && (from != blocked_from_ || count != blocked_count_))
            breach("push after would_block with other bytes");
        blocked_from_ = nullptr;
        IoResult io = IoResult::ready();
        const bool intrusion = intruded(io);
        const std::string bytes(from, count);
        enter(Call::push);
        size_t at_most = count;
        if (!intrusion) {
            if (!pushes_.empty() && pushes_.front().at_most < count) at_most = pushes_.front().at_most;
            io = next(pushes_, push_end);
        }
        if (io.is_ready()) {
            pushed_.append(bytes, 0, at_most);
            return IoResult::bytes(at_most);
        }
        if (io.is_bytes()) return io;  // a lie about the count
        writable_ = io.is_would_block();
        if (io.is_would_block()) {
            blocked_from_ = from;
            blocked_count_ = count;
        }
        return io;
    }

    IoResult pull(char* into, size_t room) {
        const HeapTrap::Pause own_side;
        if (!open_) breach("pull on a closed link");
        else if (connections_ != 0 && !connected_) breach("pull before dial was ready");
        if (room == 0) breach("pull without room");
        if (!readable_) breach("pull after it was closed or failed");
        IoResult io = IoResult::ready();
        const bool intrusion = intruded(io);
        enter(Call::pull);
        if (!intrusion && !pulls_.empty() && !pulls_.front().bytes.empty()) {
            Step& step = pulls_.front();
            const size_t count = std::min(std::min(room, step.at_most), step.bytes.size() - taken_);
            // Closed from inside this call: the memory may be gone, a real transport would not touch it either.
            if (open_ && count != 0) memcpy(into, step.bytes.data() + taken_, count);
            taken_ += count;
            if (taken_ == step.bytes.size()) {
                pulls_.pop_front();
                taken_ = 0;
            }
            return IoResult::bytes(count);
        }
        if (!intrusion) io = next(pulls_, pull_end);
        if (!io.is_bytes()) readable_ = io.is_would_block() || io.is_ready();
        return io;
    }

    IoResult wait(Interest interest, uint32_t ms) {
        const HeapTrap::Pause own_side;
        const bool is_for_link = interest != Interest::none;
        if (open_ != is_for_link) breach(open_ ? "wait for nothing" : "wait on a closed link");
        interests_.push_back(interest);
        IoResult io = IoResult::ready();
        const bool intrusion = intruded(io);
        enter(Call::wait);
        if (!intrusion) io = next(waits_, wait_end);
        if (io.is_would_block()) now += ms;
        return io;
    }

    void hang_up() {
        const HeapTrap::Pause own_side;
        if (!open_) breach("hang_up on a closed link");
        open_ = dialling_ = connected_ = false;
        enter(Call::hang_up);
    }

    Steps pulls_, pushes_, dials_, waits_;
    size_t taken_ = 0;  // of the first step's bytes in pulls_
    std::map<std::pair<Call, size_t>, std::function<void()>> callbacks_;
    std::map<size_t, IoResult> intrusions_;

    std::map<Call, size_t> calls_;
    size_t all_calls_ = 0, connections_ = 0, wakes_ = 0;
    bool open_ = false, dialling_ = false, connected_ = false, writable_ = true, readable_ = true;
    const char* blocked_from_ = nullptr;
    size_t blocked_count_ = 0;
    std::string pushed_, host_;
    uint16_t port_ = 0;
    std::vector<Interest> interests_;
    std::vector<std::string> violations_;
};

}  // namespace support
