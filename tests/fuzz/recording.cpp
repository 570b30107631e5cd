// A recording that may be anything, played to a Stream; and a conversation that is recorded and played again, which is
// then the same one.
#define OPENAI_STREAM_REPLAY
#include "exchange.hpp"

namespace {

namespace oai = openai_stream;
using fuzz::check;

// What is said while a Stream is polled to its end, or as long as the bytes explain.
struct Heard {
    fuzz::Story story;
    oai::Error error = oai::Error::none;
    bool is_over = false;
};
Heard hear(const oai::Transport& transport, oai::Buffer memory, size_t most_turns) {
    Heard heard;
    oai::Stream stream(transport, memory);
    oai::Event event;
    if (stream.open(fuzz::server(), fuzz::chat_request()) == oai::Error::none) {
        for (size_t turns = 0; turns != most_turns; ++turns) {
            const oai::Poll said = (stream.poll)(event);
            if (said == oai::Poll::event) heard.story.add(event, memory);
            heard.is_over = said == oai::Poll::done || said == oai::Poll::failed;
            if (heard.is_over) break;
        }
    }
    heard.error = stream.error();
    if (!heard.story.is_early && !fuzz::is_capacity(heard.error)) {
        fuzz::results().add(static_cast<int64_t>(heard.story.value()));
        fuzz::results().add(int64_t{static_cast<int>(heard.error)});
    }
    fuzz::check_failure(stream.failure(), memory);
    fuzz::check_front(memory);
    return heard;
}

// A server that says what the script says, and has a clock.
class Link {
public:
    Link(fuzz::Bytes script, uint8_t cut) : script_(script), cuts_(cut), is_slow_(cut % 4 == 3) {}
    oai::IoResult dial(oai::StringView, uint16_t) { return oai::IoResult::ready(); }
    oai::IoResult push(const char*, size_t count) {
        const size_t most = is_slow_ ? cuts_.next() : count;
        return oai::IoResult::bytes(count < most ? count : most);
    }
    oai::IoResult pull(char* into, size_t room) {
        now_ += 3;
        if (now_ % 5 == 0) return oai::IoResult::would_block();
        size_t count = cuts_.next();
        if (count > room) count = room;
        if (count > script_.size) count = script_.size;
        if (count == 0) return oai::IoResult::closed();
        memcpy(into, script_.data, count);
        script_.data += count;
        script_.size -= count;
        return oai::IoResult::bytes(count);
    }
    void hang_up() {}
    uint32_t now_ms() { return now_; }

private:
    fuzz::Bytes script_;
    fuzz::Cuts cuts_;
    bool is_slow_;  // in taking the request
    uint32_t now_ = 7;
};

struct Tape {
    static constexpr size_t room = 256 * 1024;
    char bytes[room];
    size_t size = 0;
    bool is_full = false;
    static void take(void* self, const char* from, size_t count) {
        Tape& tape = *static_cast<Tape*>(self);
        if (count > room - tape.size) tape.is_full = true;
        if (tape.is_full) return;
        memcpy(tape.bytes + tape.size, from, count);
        tape.size += count;
    }
};

void play_again(fuzz::Bytes script, size_t buffer_bytes, uint8_t cut) {
    static Tape tape;
    tape.size = 0;
    tape.is_full = false;
    const size_t most_turns = 2000 + 20 * script.size;
    Heard first;
    {
        Link link(script, cut);
        oai::Recorder recorder(oai::transport_of(link), Tape::take, &tape);
        first = hear(recorder.transport(), fuzz::memory_of(buffer_bytes), most_turns);
    }
    check(first.is_over, "a conversation never ends");
    if (tape.is_full) return;
    oai::Replay replay({tape.bytes, tape.size});
    const Heard second = hear(replay.transport(), fuzz::memory_of(buffer_bytes), most_turns);
    check(!replay.difference().what, "a recording differs from what was recorded");
    check(first.story.value() == second.story.value() && first.error == second.error, "it was played otherwise");
}

// The functions of a Replay in any order, with as much room as they are told, in memory that ends there.
void call(oai::Replay& replay, fuzz::Cuts& cuts, size_t most_calls) {
    const oai::Transport link = replay.transport();
    for (size_t i = 0; i != most_calls; ++i) {
        const size_t choice = cuts.next(), room = 1 + choice % 64;
        char* const memory = fuzz::memory_of(room, 3).data;
        oai::IoResult io = oai::IoResult::ready();
        if (choice % 8 == 0 && link.dial) io = link.dial(link.context, "h.example", 80);
        else if (choice % 8 == 1 && link.hang_up) link.hang_up(link.context);
        else if (choice % 8 == 2 && link.wait) io = link.wait(link.context, oai::Interest::read, choice % 2);
        else if (choice % 8 < 5) io = link.push(link.context, memory, room);
        else io = link.pull(link.context, memory, room);
        check(!io.is_bytes() || io.count() <= room, "more bytes than there is room for");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static char script[3000];
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    // A conversation that is recorded takes a dozen lines for each piece that arrives.
    const size_t most = (flags & 1) != 0 ? 1000 : sizeof script;
    const fuzz::Bytes bytes = {script, fuzz::expand(input, script, most)};
    if ((flags & 1) != 0) {
        play_again(bytes, fuzz::buffer_size(place), cut);
        return 0;
    }
    // In memory of its own size, so that one byte too far is seen.
    const oai::Buffer memory = fuzz::memory_of(bytes.size, 1);
    if (bytes.size != 0) memcpy(memory.data, bytes.data, bytes.size);
    oai::Replay replay({memory.data, bytes.size}, (flags & 2) != 0 ? oai::Replay::Pushed::compared
                                                                   : oai::Replay::Pushed::ignored);
    if ((flags & 4) != 0) {
        fuzz::Cuts cuts(static_cast<uint8_t>(cut | 2));
        call(replay, cuts, 20 + bytes.size / 8);
    }
    hear(replay.transport(), fuzz::memory_of(fuzz::buffer_size(place)), 400 + 8 * bytes.size);
    check(replay.difference().at <= bytes.size, "a difference outside the recording");
    static_cast<void>(replay.is_whole());
    return 0;
}
