#pragma once
// An Exchange that gets its bytes through incoming() and received() alone, as a target for one API.
#include "checks.hpp"

namespace fuzz {

struct Outcome {
    Story story;
    oai::Poll said = oai::Poll::pending;
    oai::Error error = oai::Error::none;
    oai::Verdict verdict = oai::Verdict::still_open;
    int status = 0;
    uint64_t words = 0;   // the server's, but for its message
    char message[512];
    size_t message_bytes = 0;
    bool is_of_prefix = false;  // the message is what was kept of the body: how much depends on the room there was
    uint64_t quirks = 0;
    uint32_t largest = 0;  // event, in bytes
    bool is_early = false;
    bool ends_within_line = false;  // the script does
};

// How the answer comes; the choices of an input.
struct Way {
    const oai::Api* api;
    const oai::RawRequest* request = nullptr;  // of an answer with a head; null: that of a chat or of a response
    bool is_chat;
    bool is_raw_mode;
    uint8_t head;    // 0, 1: none (begin_body); 2: a good one; 3: the script has it
    int status;      // of begin_body
    bool is_sent;    // the request has gone out before the answer comes
};

inline const oai::Endpoint& server() {
    static const oai::Endpoint endpoint("http://h.example/v1");
    return endpoint;
}
inline const oai::ChatRequest& chat_request() {
    static const oai::ChatRequest request("m", "Hello, who are you and what is this?");
    return request;
}
inline const oai::ResponseRequest& response_request() {
    static const oai::ResponseRequest request("m", "Hello, who are you and what is this?");
    return request;
}

// Every byte is read by the time there is no more to say, in a number of turns that grows with the bytes.
template <class Event> Outcome run(const Way& way, Bytes script, size_t buffer_bytes, uint8_t cut) {
    if (shows()) std::fprintf(stderr, "-- %zu bytes in %zu, cuts %d\n", script.size, buffer_bytes, cut);
    static constexpr char good_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const oai::Buffer memory = memory_of(buffer_bytes);
    oai::Exchange exchange(memory);
    Outcome outcome;
    outcome.ends_within_line = script.size != 0 && script.data[script.size - 1] != '\n' &&
                               script.data[script.size - 1] != '\r';
    oai::Error begun = oai::Error::none;
    if (way.head < 2) begun = exchange.begin_body(*way.api, way.status, "text/event-stream");
    else if (way.request) begun = exchange.begin(server(), *way.request);
    else if (way.is_chat) begun = exchange.begin(server(), chat_request());
    else begun = exchange.begin(server(), response_request());
    check(begun == oai::Error::none, "begin() failed");
    if (way.is_sent)
        while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());

    Bytes parts[2] = {{good_head, way.head == 2 ? sizeof good_head - 1 : 0}, script};
    Cuts cuts(cut);
    Event event;
    // What has not been received is not read. (At the beginning of a body what is there moves up, to make room before.)
    bool has_body = false, is_read = false;
    const size_t most_turns = 400 + 12 * (script.size + parts[0].size);
    for (size_t turns = 0, part = 0;; ++turns) {
        check(turns < most_turns, "more turns than the bytes explain");
        {
            const oai::Buffer free = is_read ? exchange.incoming() : oai::Buffer();
            const Forbidden forbidden(free.data, free.size);
            outcome.said = (exchange.poll)(event);
        }
        is_read = has_body && way.head < 2;
        if (outcome.said == oai::Poll::event) {
            outcome.story.add(event, memory);
            continue;
        }
        if (outcome.said != oai::Poll::pending) break;
        if (!way.is_sent) exchange.sent(exchange.outgoing().size());
        while (part != 2 && parts[part].size == 0) ++part;
        if (part == 2) {
            exchange.ended();
            continue;
        }
        const oai::Buffer room = exchange.incoming();
        check(room.size != 0, "pending, and no room for more");
        check(room.data >= memory.data && room.data <= memory.data + memory.size &&
                  room.size <= static_cast<size_t>(memory.data + memory.size - room.data),
              "incoming() is outside the buffer");
        size_t count = cuts.next();
        if (count > room.size) count = room.size;
        if (count > parts[part].size) count = parts[part].size;
        memcpy(room.data, parts[part].data, count);
        for (size_t i = 0; i != count && !has_body; ++i) has_body = room.data[i] > ' ';
        exchange.received(count);
        parts[part].data += count;
        parts[part].size -= count;
    }
    check((exchange.poll)(event) == outcome.said, "the end is not the end");
    outcome.error = exchange.error();
    outcome.verdict = exchange.verdict();
    check((outcome.said == oai::Poll::done) == (outcome.error == oai::Error::none), "done with an error");
    check((outcome.said == oai::Poll::done) == oai::is_done(outcome.verdict), "done, and the verdict differs");
    // The connection's next answer is looked for as far as this one's end.
    for (int turns = 0; exchange.can_drain() && !exchange.is_reusable() && turns != 4; ++turns) {
        exchange.drain();
        const oai::Buffer room = exchange.incoming();
        check(room.size <= static_cast<size_t>(memory.data + memory.size - memory.data), "incoming() is too large");
        const size_t count = room.size < parts[1].size ? room.size : parts[1].size;
        if (count == 0) break;
        memcpy(room.data, parts[1].data, count);
        exchange.received(count);
        parts[1].data += count;
        parts[1].size -= count;
    }
    const oai::Failure failure = exchange.failure();
    check_failure(failure, memory);
    outcome.status = failure.http_status;
    Digest said;
    for (const oai::StringView view : {failure.type, failure.code, failure.param}) said.add(view);
    outcome.words = said.value();
    outcome.message_bytes = failure.message.take(sizeof outcome.message).size();
    if (outcome.message_bytes != 0) memcpy(outcome.message, failure.message.data(), outcome.message_bytes);
    const oai::StringView prefix = failure.body_prefix;
    outcome.is_of_prefix = prefix.data() && failure.message.begin() >= prefix.begin() &&
                           failure.message.end() <= prefix.end();
    check_front(memory);
    const oai::Quirks quirks = exchange.quirks();
    Digest counted;
    counted.add(&quirks, sizeof quirks);
    outcome.quirks = counted.value();
    outcome.largest = exchange.stats().largest_event_bytes;
    outcome.is_early = outcome.story.is_early || quirks.has(oai::Quirk::provisional_piece);
    if (!outcome.is_early && outcome.error != oai::Error::event_too_large &&
        outcome.error != oai::Error::head_too_large) {
        results().add(static_cast<int64_t>(outcome.story.value()));
        for (const int value : {static_cast<int>(outcome.said), static_cast<int>(outcome.error),
                                static_cast<int>(outcome.verdict), outcome.status})
            results().add(int64_t{value});
    }
    for (const oai::Quirk quirk : quirks)
        if (shows()) std::fprintf(stderr, "-- %s %d\n", oai::name_of(quirk), int{quirks.count(quirk)});
    if (shows())
        std::fprintf(stderr, "-- said %d: %s, verdict %d, status %d, largest event %u; %.*s|%.*s|%.*s|%.*s\n",
                     static_cast<int>(outcome.said), oai::describe(outcome.error),
                     static_cast<int>(outcome.verdict), outcome.status,
                     static_cast<unsigned>(outcome.largest), static_cast<int>(failure.type.size()), failure.type.data(),
                     static_cast<int>(failure.code.size()), failure.code.data(), static_cast<int>(failure.param.size()),
                     failure.param.data(), static_cast<int>(failure.message.size()), failure.message.data());
    return outcome;
}

inline bool is_capacity(oai::Error error) {
    return error == oai::Error::event_too_large || error == oai::Error::head_too_large;
}

// Not known where every event comes whole: what is wrong with an event that the end of the answer cuts off.
inline bool is_of_unfinished(oai::Error error) {
    return error == oai::Error::bad_json || error == oai::Error::json_too_deep ||
           error == oai::Error::server_error || is_capacity(error);
}

// Two readings of the same bytes say the same where every event came whole.
inline void compare(const Outcome& one, const Outcome& other, bool same_size) {
    if (one.is_early || other.is_early || is_capacity(one.error) || is_capacity(other.error)) return;
    if (one.largest != other.largest) return;  // an event came whole in one, and in parts in the other
    // So it did if only the end of its last line was not there when the buffer was full; only events in parts end so.
    if (one.error == oai::Error::late_key || other.error == oai::Error::late_key) return;
    const auto is_cut = [](const Outcome& outcome) {
        return outcome.error == oai::Error::truncated || outcome.error == oai::Error::not_event_stream ||
               outcome.verdict == oai::Verdict::finish_then_eof;
    };
    // An event that the end cuts off is passed over, and the answer may have been finished before it. Where it had been
    // read as far as it came, since the buffer was full, the answer is said to be cut.
    // (Also one that shows that the server answers, where nothing else does.)
    if (is_cut(one) && is_cut(other) && one.error != other.error) return;
    if ((is_cut(one) && is_of_unfinished(other.error)) || (is_cut(other) && is_of_unfinished(one.error))) return;
    // How much of a broken event is delivered before the place where it breaks is not promised.
    if (one.error == other.error && is_of_unfinished(one.error)) return;
    // Nor which fault of it is told where its type, which makes an error of it, comes after its data: that was read
    // before if the buffer was full.
    const auto is_broken = [](const Outcome& outcome) {
        return outcome.error == oai::Error::bad_json || outcome.error == oai::Error::json_too_deep;
    };
    if ((is_broken(one) && other.error == oai::Error::server_error) ||
        (is_broken(other) && one.error == oai::Error::server_error))
        return;
    // An event that the end cuts off may have been read as far as it came, if the buffer was full.
    if (one.error == oai::Error::truncated && other.error == one.error && one.story.events != other.story.events)
        return;
    check(one.story.value() == other.story.value(), "the events depend on how the bytes arrive");
    check(one.error == other.error && one.verdict == other.verdict, "the end depends on how the bytes arrive");
    check(one.status == other.status, "the status depends on how the bytes arrive");
    if (one.said == oai::Poll::done)
        check(one.story.keepalives == other.story.keepalives, "the keep-alives depend on how the bytes arrive");
    if (!same_size) return;  // the type of an event is cut to what a buffer has room for
    // (Of an event that the end cuts off those are counted that were read, if the buffer was full.)
    if (one.error != oai::Error::truncated)
        check(one.quirks == other.quirks, "the quirks depend on how the bytes arrive");
    check(one.story.types() == other.story.types(), "the types of events depend on how the bytes arrive");
    // Of a refusal whose last event the end cuts off: they may be that event's, if the buffer was full.
    if (one.error == oai::Error::http_status && one.ends_within_line) return;
    check(one.words == other.words, "the server's words depend on how the bytes arrive");
    // Of a message that does not fit as much is kept as there is room for, but never less than this.
    constexpr size_t least_message = 16;
    const bool is_first_shorter = one.message_bytes < other.message_bytes;
    const size_t both = is_first_shorter ? one.message_bytes : other.message_bytes;
    check(memcmp(one.message, other.message, both) == 0 &&
              (one.message_bytes == other.message_bytes || both >= least_message || one.is_of_prefix || other.is_of_prefix ||
               oai::category(one.error) != oai::ErrorCategory::server),
          "the server's message depends on how the bytes arrive");
}

// The data of the first event alone, its last byte the last one that may be touched: whole, or shown in two parts of
// which the second ends there. For an answer that has begun, since the first event is read in another order.
inline void read_document(const oai::dialect::Dialect& dialect, bool is_refusal, Bytes script, uint8_t cut) {
    if (script.size >= 6 && memcmp(script.data, "data: ", 6) == 0) {
        script.data += 6;
        script.size -= 6;
    }
    const void* const line_end = script.size != 0 ? memchr(script.data, '\n', script.size) : nullptr;
    if (line_end) script.size = static_cast<size_t>(static_cast<const char*>(line_end) - script.data);
    const oai::Buffer memory = memory_of(script.size, 1), state = memory_of(400, 2);
    if (script.size != 0) memcpy(memory.data, script.data, script.size);
    char* const end = memory.data + memory.size;
    char* const shown = cut % 2 == 0 ? end : memory.data + memory.size * cut / 256;

    const auto root = is_refusal ? oai::dialect::error_root : static_cast<oai::dialect::ContextId>(dialect.root);
    oai::dialect::DocumentReader reader;
    if (&dialect == &oai::dialect::responses) {
        oai::dialect::ResponseState::begin(state, false);
        reader.set_state_memory(state);
    }
    oai::Event event;
    char first[] = "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}";
    reader.begin(dialect, static_cast<oai::dialect::ContextId>(dialect.root), first, first + sizeof first - 1, true);
    while (dialect.next(reader, event, dialect, {}) == oai::dialect::Outcome::event) {
    }
    reader.begin(dialect, root, memory.data, shown, shown == end);
    Story story;
    bool is_all = shown == end;
    for (size_t turns = 0;; ++turns) {
        check(turns < 400 + 12 * script.size, "more turns than a document explains");
        const oai::dialect::Outcome outcome = dialect.next(reader, event, dialect, {});
        if (outcome == oai::dialect::Outcome::event) {
            story.add(event, memory);
            continue;
        }
        if (outcome != oai::dialect::Outcome::need_more || is_all) break;
        reader.set_input(reader.unread(), end, true);
        is_all = true;
    }
    check_front(memory);
    check_front(state);
}

// A line `event:` comes after the data of its event: where that is read in parts, it has been read by then.
inline bool has_late_type(Bytes script) {
    bool has_data = false;
    for (size_t at = 0; at != script.size;) {
        const char* const line = script.data + at;
        size_t size = 0;
        while (at + size != script.size && line[size] != '\n' && line[size] != '\r') ++size;
        if (size == 0) has_data = false;
        if (has_data && size >= 5 && memcmp(line, "event", 5) == 0) return true;
        if (size >= 4 && memcmp(line, "data", 4) == 0) has_data = true;
        at += size;
        if (at != script.size && *(script.data + at) == '\r' && at + 1 != script.size && script.data[at + 1] == '\n') ++at;
        if (at != script.size) ++at;
    }
    return false;
}

// However large the buffer is, by a byte: where the bytes end in it is another place each time.
inline void fill_buffers(const Way& way, Bytes bytes, size_t buffer_bytes) {
    for (size_t more = 1; more != 7; ++more) {
        if (way.is_raw_mode) run<oai::SseEvent>(way, bytes, buffer_bytes + more, 0);
        else run<oai::Event>(way, bytes, buffer_bytes + more, 0);
    }
}

// The same events, none of which can be learned or matched: the data of each stands in two lines. events: how many.
inline Bytes in_two_lines(Bytes script, size_t& events) {
    static constexpr char begin[] = "data: {", between[] = "\ndata: ";
    constexpr size_t size = sizeof begin - 1;
    static char split[6100];
    size_t end = 0;
    events = 0;
    for (size_t at = 0; at != script.size; ++at) {
        const bool is_line = at == 0 || script.data[at - 1] == '\n' || script.data[at - 1] == '\r';
        if (is_line && script.size - at >= size && memcmp(script.data + at, begin, size) == 0) {
            memcpy(split + end, begin, size);
            memcpy(split + end + size, between, sizeof between - 1);
            end += size + sizeof between - 1;
            at += size - 1;
            ++events;
        } else {
            split[end++] = script.data[at];
        }
    }
    return {split, end};
}
// What is compared with a template says what it says when it is parsed. A template is made of one event: only a second
// can be compared with it.
inline void compare_with_parsed(const Way& way, Bytes script, uint8_t cuts) {
    constexpr size_t with_templates = 8192;
    size_t events = 0;
    const Bytes split = in_two_lines(script, events);
    if (events < 2) return;
    Outcome matched = run<oai::Event>(way, script, with_templates, cuts);
    Outcome parsed = run<oai::Event>(way, split, with_templates, 0);
    parsed.largest = matched.largest;
    parsed.message_bytes = matched.message_bytes = 0;  // where it is of the body as it came
    compare(matched, parsed, true);
}

inline int exchange_target(const oai::Api& api, bool is_chat, const uint8_t* data, size_t size) {
    static char script[3000];
    Input input(data, size);
    const uint8_t flags = input.byte(), place = input.byte(), cut = input.byte();
    Way way;
    way.api = &api;
    way.is_chat = is_chat;
    way.head = flags & 3;
    way.is_raw_mode = (flags & 0x1C) == 0x1C;
    way.is_sent = way.head < 2 || (flags & 0x60) != 0x60;
    way.status = way.head == 1 && (flags & 0x80) != 0 ? 400 : 200;
    const size_t buffer_bytes = buffer_size(place);
    const Bytes bytes = {script, expand(input, script, sizeof script)};
    const bool same_size = (cut & 0x80) == 0;
    const size_t other_bytes = same_size ? buffer_bytes : other_size(buffer_bytes, is_chat);
    const auto cuts = static_cast<uint8_t>((cut & 0x7F) | 1);
    if (way.is_raw_mode) {
        const Outcome one = run<oai::SseEvent>(way, bytes, buffer_bytes, cuts);
        compare(one, run<oai::SseEvent>(way, bytes, other_bytes, 0), same_size);
    } else {
        const Outcome one = run<oai::Event>(way, bytes, buffer_bytes, cuts);
        const Outcome other = run<oai::Event>(way, bytes, other_bytes, 0);
        if (!has_late_type(bytes)) compare(one, other, same_size);
        if (way.head != 3 && way.status == 200) compare_with_parsed(way, bytes, cuts);
    }
    const oai::dialect::Dialect& dialect = is_chat ? oai::dialect::chat : oai::dialect::responses;
    if (way.head == 1 && !way.is_raw_mode) read_document(dialect, way.status >= 300, bytes, cut);
    if (way.head == 0 && (flags & 0x80) != 0) fill_buffers(way, bytes, buffer_bytes);
    return 0;
}

}  // namespace fuzz
