// A Stream over Faults over a scripted link: retries, resumption, timeouts, a second conversation on the same
// connection. The link notes every breach of the transport contract, and its clock moves with each call, so that
// whatever never ends runs into total_ms.
#define OPENAI_STREAM_REPLAY
#include "exchange.hpp"

namespace {

namespace oai = openai_stream;
using fuzz::check;

class Link {
public:
    Link(fuzz::Bytes script, const fuzz::Ends& ends, uint8_t cut, uint8_t nature)
        : script_(script), ends_(ends), cuts_(cut), nature_(nature) {}

    oai::IoResult dial(oai::StringView host, uint16_t port) {
        tick();
        check(!is_up_, "dial on a link that is up");
        if (!is_dialling_) {
            ++dials;
            host_first_ = host.empty() ? '\0' : host[0];
            port_ = port;
            at_ = dials <= ends_.count && dials > 1 ? ends_.at[dials - 2] : dials == 1 ? 0 : script_.size;
            end_ = dials <= ends_.count ? ends_.at[dials - 1] : script_.size;
            is_readable_ = is_writable_ = true;
            blocked_ = nullptr;
        }
        is_dialling_ = (nature_ & 1) != 0 && !is_dialling_;
        if (is_dialling_) return oai::IoResult::would_block();
        is_up_ = true;
        return (nature_ & 0x30) == 0x30 ? oai::IoResult::failed(111) : oai::IoResult::ready();
    }
    oai::IoResult push(const char* from, size_t count) {
        tick();
        check(is_up_ && count != 0 && is_writable_, "push that may not be");
        check(!blocked_ || (blocked_ == from && blocked_count_ == count), "push after would_block with other bytes");
        check(host_first_ == expected_host && port_ == expected_port, "a request goes to a server it is not for");
        blocked_ = nullptr;
        pushed += count;
        return oai::IoResult::bytes(count);
    }
    oai::IoResult pull(char* into, size_t room) {
        tick();
        check(is_up_ && room != 0 && is_readable_, "pull that may not be");
        if ((nature_ & 2) != 0 && (calls & 3) == 0) return oai::IoResult::would_block();
        size_t count = cuts_.next();
        if (count > room) count = room;
        if (count > end_ - at_) count = end_ - at_;
        if (count == 0) {
            if ((nature_ & 4) != 0) return oai::IoResult::would_block();
            is_readable_ = false;
            return (nature_ & 8) != 0 ? oai::IoResult::failed(104) : oai::IoResult::closed();
        }
        memcpy(into, script_.data + at_, count);
        at_ += count;
        return oai::IoResult::bytes(count);
    }
    oai::IoResult wait(oai::Interest, uint32_t ms) {
        tick();
        now += ms < 100000 ? ms : 100000;
        return oai::IoResult::would_block();
    }
    void hang_up() {
        check(is_up_ || is_dialling_, "hang_up without a link");
        is_up_ = is_dialling_ = false;
        ++hang_ups;
    }
    uint32_t now_ms() { return now; }

    size_t dials = 0, hang_ups = 0, calls = 0, pushed = 0;
    uint32_t now = 4294960000u;  // wraps around
    uint32_t tick_ms = 0;        // of each call
    char expected_host = 'h';
    uint16_t expected_port = 80;
    bool is_up() const { return is_up_ || is_dialling_; }

private:
    void tick() {
        ++calls;
        now += tick_ms;
    }

    fuzz::Bytes script_;
    const fuzz::Ends& ends_;
    fuzz::Cuts cuts_;
    uint8_t nature_;
    size_t at_ = 0, end_ = 0;
    bool is_up_ = false, is_dialling_ = false, is_readable_ = true, is_writable_ = true;
    char host_first_ = '\0';
    uint16_t port_ = 0;
    const char* blocked_ = nullptr;
    size_t blocked_count_ = 0;
};

oai::Stream* running = nullptr;

oai::Fault fault_of(fuzz::Input& input) {
    const uint8_t what = input.byte(), place = input.byte(), count = input.byte();
    // Where waits are stalled the clock would stand still: they are only let wait in vain.
    const auto call = static_cast<oai::CallKind>((what >> 4 & 3) % 3);
    const oai::FaultPlace where = (what & 0x80) != 0 ? oai::at_byte(call, place * 3u) : oai::at_call(call, place % 32u);
    switch (what % 8) {
        case 0: return oai::Fault::cut(where);
        case 1: return oai::Fault::reset(where, count);
        case 2: return oai::Fault::stall(where);
        case 3: return oai::Fault::would_block_for(where, count % 20u);
        case 4: return oai::Fault::would_block_before_each(where, count % 4u);
        case 5: return oai::Fault::limit_bytes(where, count % 64u);
        case 6: return oai::Fault::call(where, [](void*) { running->close(); }, nullptr);
        default: return oai::Fault::call(where, [](void*) { running->cancel(); }, nullptr);
    }
}

constexpr uint32_t total_ms = 5000, content_ms = 1000;

// Takes what comes until it is over.
void hear(oai::Stream& stream, Link& link, const oai::Timeouts& timeouts, oai::Buffer memory, bool polls,
          uint32_t opened, uint32_t slack_ms, size_t most_turns) {
    const uint32_t began = link.now;
    uint32_t last_content = began;
    size_t dials = link.dials;
    fuzz::Story story;
    oai::Event event;
    for (size_t turns = 0;; ++turns) {
        check(turns < most_turns, "more turns than the bytes explain");
        const size_t calls = link.calls;
        oai::Poll said;
        if (polls) {
            said = (stream.poll)(event);
            check(link.calls - calls < 64, "one poll() makes too many calls");
        } else {
            said = stream.next(event) ? oai::Poll::event : stream.error() == oai::Error::none ? oai::Poll::done
                                                                                              : oai::Poll::failed;
        }
        if (link.dials != dials) {  // the time between two attempts is not the body's
            dials = link.dials;
            last_content = link.now;
        }
        const uint32_t head_ms = timeouts.latency().headers_ms;  // nor is the time until the head has come
        if (head_ms != oai::Latency::unknown && head_ms > last_content - opened) last_content = opened + head_ms;
        if (said == oai::Poll::event || said == oai::Poll::pending) {
            check(link.now - began <= total_ms + slack_ms, "it goes on after its time");
            if (said == oai::Poll::event && event.kind == oai::EventKind::keepalive)
                check(link.now - last_content <= content_ms + total_ms / 5 + slack_ms,
                      "keep-alives are content");
        }
        if (said == oai::Poll::event) {
            if (event.kind != oai::EventKind::keepalive) last_content = link.now;
            story.add(event, memory);
            continue;
        }
        if (said != oai::Poll::pending) {
            check((said == oai::Poll::done) == (stream.error() == oai::Error::none), "done with an error");
            check((stream.poll)(event) == said, "the end is not the end");
            break;
        }
        const oai::Interest wants = stream.wants();
        const uint32_t left = stream.next_deadline_ms();
        if (oai::has(wants, oai::Interest::work_left)) continue;
        link.now += left < 50 ? left : 50;  // a frame
    }
    if (!story.is_early && !fuzz::is_capacity(stream.error())) {
        fuzz::results().add(static_cast<int64_t>(story.value()));
        fuzz::results().add(int64_t{static_cast<int>(stream.error())});
    }
    fuzz::check_failure(stream.failure(), memory);
    fuzz::check_front(memory);
    static_cast<void>(stream.stats());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const size_t sizes[] = {512, 600, 1024, 2048};
    static char script[3000];
    static const oai::Endpoint first("http://h.example/v1"), second("http://other.example:81/v1");
    static const oai::ChatRequest chat("m", "Hello");
    static oai::ResponseOptions options;
    options.background = oai::Tristate::yes;
    static oai::ResponseRequest response("m", "Hello");
    response.options = &options;

    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), shape = input.byte(), cut = input.byte(), nature = input.byte();
    const size_t fault_count = input.byte() % 4;
    oai::Fault faults[3] = {oai::Fault::stall(oai::at_call(oai::CallKind::wait, ~0ull)),
                            oai::Fault::stall(oai::at_call(oai::CallKind::wait, ~0ull)),
                            oai::Fault::stall(oai::at_call(oai::CallKind::wait, ~0ull))};
    for (size_t i = 0; i != fault_count; ++i) faults[i] = fault_of(input);
    fuzz::Ends ends;
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, sizeof script, &ends)};

    Link link(bytes, ends, cut, nature);
    static const uint32_t ticks[] = {1, 2, 7, 100};
    link.tick_ms = ticks[shape >> 6];
    oai::Faults harmed(oai::transport_of(link), oai::Span<oai::Fault>(faults, fault_count));
    oai::Transport transport = fault_count != 0 ? harmed.transport() : oai::transport_of(link);
    if ((shape & 0x20) != 0) transport.wait = nullptr;
    const oai::Buffer memory = fuzz::memory_of(sizes[shape % 4]);
    const bool is_chat = (flags & 1) == 0, polls = (flags & 2) != 0 || !transport.wait;

    oai::Timeouts timeouts;
    timeouts.total_ms = total_ms;
    timeouts.content_ms = content_ms;
    timeouts.headers_ms = 2000;
    timeouts.idle_ms = 1500;
    timeouts.connect_ms = 1000;
    oai::RetryPolicy retries;
    oai::ResumePolicy resume;
    oai::ResponseInfo info;
    {
        oai::Stream stream(transport, memory, timeouts);
        running = &stream;
        if ((flags & 0x0C) == 0x04) stream.use(info);
        if ((flags & 0x08) != 0) stream.use(retries);
        if ((flags & 0x0C) == 0x0C) stream.use(resume);
        // Ten calls of the transport in one turn at most, each of which takes tick_ms, and a frame.
        const uint32_t slack_ms = 50 + 24 * link.tick_ms;
        const size_t most_turns = 4000 + 20 * bytes.size;
        const int conversations = (flags & 0x30) == 0 ? 1 : 2;
        for (int i = 0; i != conversations; ++i) {
            const oai::Endpoint& server = i == 1 && (flags & 0x40) != 0 ? second : first;
            link.expected_host = server.host[0];
            link.expected_port = server.port;
            if (i == 1 && (flags & 0x80) != 0) stream.close();
            const uint32_t opened = link.now;
            if ((is_chat ? stream.open(server, chat) : stream.open(server, response)) == oai::Error::none)
                hear(stream, link, timeouts, memory, polls, opened, slack_ms, most_turns);
        }
        if ((cut & 1) != 0) {
            oai::Stream other(static_cast<oai::Stream&&>(stream));
            running = &other;
            oai::Event event;
            check((stream.poll)(event) == oai::Poll::failed, "a Stream that was moved from says something");
            other.close();
        }
        stream.close();
        stream.close();
    }
    check(!link.is_up() && link.dials >= link.hang_ups, "a link was left up");
    return 0;
}
