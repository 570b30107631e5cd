// An answer of the Responses API whose link breaks at any byte, in any way, and again: a Stream with a ResumePolicy
// asks for the rest by the number of the last event. Of the text, each delta comes once and in order, until the end; or
// the conversation ends with an error, and what came is the beginning of the text.
#include "exchange.hpp"

#include <string>
#include <vector>

namespace {

namespace oai = openai_stream;
using fuzz::check;

// Keeps the events of its one answer. Each connection is cut as the input says, those after that are not.
class Server {
public:
    enum class End : uint8_t { closed, reset, silence, refused, busy, gone, count };
    struct Cut {
        size_t at;  // bytes of the body
        End end;
    };

    std::vector<std::string> events;
    std::vector<Cut> cuts;
    bool ignores_number = false;  // sends everything each time
    bool is_chunked = true;
    size_t piece = 1;             // bytes of a pull
    uint32_t now = 0;
    size_t dials = 0, hang_ups = 0;

    oai::IoResult dial(oai::StringView, uint16_t) {
        check(dials == hang_ups, "dial on a link that is up");
        end_ = dials < cuts.size() ? cuts[dials].end : End::count;
        limit_ = dials < cuts.size() ? cuts[dials].at : SIZE_MAX;
        ++dials;
        request_.clear();
        to_send_.clear();
        sent_ = 0;
        return end_ == End::refused ? oai::IoResult::failed(111) : oai::IoResult::ready();
    }
    oai::IoResult push(const char* from, size_t count) {
        request_.append(from, count);
        return oai::IoResult::bytes(count);
    }
    oai::IoResult pull(char* into, size_t room) {
        if (to_send_.empty()) to_send_ = answer();
        size_t count = to_send_.size() - sent_;
        if (count > room) count = room;
        if (count > piece) count = piece;
        memcpy(into, to_send_.data() + sent_, count);
        sent_ += count;
        if (count != 0) return oai::IoResult::bytes(count);
        return end_ == End::silence ? oai::IoResult::would_block()
               : end_ == End::reset ? oai::IoResult::failed(104)
                                    : oai::IoResult::closed();
    }
    oai::IoResult wait(oai::Interest, uint32_t ms) {
        now += ms < 100000 ? ms : 100000;
        return oai::IoResult::would_block();
    }
    void hang_up() { ++hang_ups; }
    uint32_t now_ms() { return now; }

private:
    std::string answer() const {
        if (end_ == End::busy) return "HTTP/1.1 503 x\r\nContent-Length: 4\r\nRetry-After: 1\r\n\r\nbusy";
        if (end_ == End::gone) return "HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\n{}";
        const std::string key = "starting_after=";
        const size_t at = request_.find(key);
        size_t first = 0;
        if (at != std::string::npos && !ignores_number) first = std::stoul(request_.substr(at + key.size())) + 1;
        std::string body;
        for (size_t index = first; index < events.size(); ++index) body += events[index];
        const bool is_cut = limit_ < body.size();
        if (is_cut) body.resize(limit_);
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
        if (!is_chunked) return head + "\r\n" + body;
        char size[20];
        std::snprintf(size, sizeof size, "%zx\r\n", body.size());
        return head + "Transfer-Encoding: chunked\r\n\r\n" + (body.empty() ? "" : size + body + "\r\n") +
               (is_cut ? "" : "0\r\n\r\n");
    }

    End end_ = End::count;
    size_t limit_ = SIZE_MAX, sent_ = 0;
    std::string request_, to_send_;
};

// The events of an answer whose text is in these deltas.
std::vector<std::string> events_of(const std::vector<std::string>& deltas, bool has_numbers, bool has_comments) {
    std::vector<std::string> events;
    const std::string at = "\"output_index\":0,\"item_id\":\"m\",\"content_index\":0";
    std::string all;
    const auto add = [&](const std::string& type, const std::string& members) {
        const std::string number = has_numbers ? "\"sequence_number\":" + std::to_string(events.size()) + "," : "";
        events.push_back((has_comments ? ": wait\n\n" : "") + ("event: " + type) + "\ndata: {\"type\":\"" + type +
                         "\"," + number + members + "}\n\n");
    };
    add("response.created", "\"response\":{\"id\":\"r\",\"model\":\"m\"}");
    add("response.output_item.added", "\"output_index\":0,\"item\":{\"id\":\"m\",\"type\":\"message\"}");
    for (const std::string& delta : deltas) {
        add("response.output_text.delta", at + ",\"delta\":\"" + delta + "\"");
        all += delta;
    }
    add("response.output_text.done", at + ",\"text\":\"" + all + "\"");
    const std::string item = "{\"id\":\"m\",\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"" +
                             all + "\"}]}";
    add("response.output_item.done", "\"output_index\":0,\"item\":" + item);
    add("response.completed", "\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[" + item + "]}");
    return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const oai::Endpoint endpoint("http://h/v1");
    static const oai::ResponseRequest ask("m", "Hello");
    static const struct {
        const char *json, *text;
    } signs[] = {{"a", "a"}, {"\\n", "\n"}, {"\\u00e9", "\xC3\xA9"}, {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
                 {"\\\"", "\""}, {"\xC3\xA9", "\xC3\xA9"}, {"\\\\", "\\"}, {"b", "b"}};
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte();
    const oai::Buffer memory = fuzz::memory_of(fuzz::buffer_size(input.byte()));
    Server server;
    server.piece = 1u + input.byte() * 4u;
    server.is_chunked = (flags & 1) != 0;
    server.ignores_number = (flags & 2) != 0;
    std::string expected;
    std::vector<std::string> deltas(1u + input.byte() % 12u);
    for (size_t number = 0; number != deltas.size(); ++number) {
        const uint8_t length = input.byte();
        const size_t count = length < 240 ? length % 48u : (length - 230u) * 40u;
        deltas[number] = expected += static_cast<char>('A' + number);  // each is another one
        deltas[number] = deltas[number].back();
        for (size_t index = 0; index != count; ++index) {
            const auto& sign = signs[(number * 3 + index * index) % 8];
            deltas[number] += sign.json;
            expected += sign.text;
        }
    }
    server.events = events_of(deltas, (flags & 4) == 0, (flags & 8) != 0);
    while (!input.empty() && server.cuts.size() != 8) {
        const auto end = static_cast<Server::End>(input.byte() % static_cast<unsigned>(Server::End::count));
        const size_t high = input.byte();
        server.cuts.push_back({high * 32 + input.byte() % 32u, end});
    }
    oai::Timeouts timeouts;
    timeouts.idle_ms = timeouts.headers_ms = 1000;
    oai::ResumePolicy resume;
    resume.max_retries = 1 + (flags >> 4 & 3);
    oai::RetryPolicy retries;
    std::string heard;
    {
        oai::Stream stream(oai::transport_of(server), memory, timeouts);
        if ((flags & 0x40) != 0) stream.use(retries);
        stream.use(resume);
        oai::Event event;
        int64_t last = -1;
        if (stream.open(endpoint, ask) == oai::Error::none) {
            while (stream.next(event)) {
                if (event.kind == oai::EventKind::text) heard.append(event.text.data(), event.text.size());
                check(expected.compare(0, heard.size(), heard) == 0, "a text that comes twice, or not in order");
                if (event.sequence_number >= 0 && event.kind != oai::EventKind::keepalive) {
                    check(event.sequence_number >= last, "an event that comes twice");
                    last = event.sequence_number;
                }
            }
        }
        const bool is_done = stream.error() == oai::Error::none;
        check(is_done == oai::is_done(stream.verdict()), "done with an error");
        check(!is_done || heard == expected, "done, and some of the text is missing");
        fuzz::check_failure(stream.failure(), memory);
        fuzz::check_front(memory);
        fuzz::results().add(static_cast<int64_t>(heard.size()));
        fuzz::results().add(int64_t{is_done});
    }
    check(server.dials == server.hang_ups, "a link was left up");
    return 0;
}
