// Prints the memory table of src/tour.txt: which buffer manages what. memory_test.py compares the two.
//
// Each figure is the largest size that arrives whole in reads of 1, 7, 64 and 65536 bytes, after a head as servers send
// it, in chunks; rounded down to two digits, unless an argument is given. The last line is sizeof(Stream).
#include "../support/checked.hpp"

#include "openai_stream.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

constexpr size_t buffers[] = {512, 1024, 2048, 4096, 16384};
constexpr size_t reads[] = {1, 7, 64, 65536};
constexpr size_t enough = 32768;  // larger than the largest buffer

std::string http(const char* status, const std::vector<std::string>& chunks) {
    std::string answer = std::string("HTTP/1.1 ") + status +
                         "\r\nContent-Type: text/event-stream\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n";
    for (const std::string& chunk : chunks) {
        char size[20];
        std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
        answer += size + chunk + "\r\n";
    }
    return answer + "0\r\n\r\n";
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }

std::string chat_event(const std::string& delta) {
    return R"({"id":"chatcmpl-0123456789abcdef01234567","object":"chat.completion.chunk","created":1700000000,)"
           R"("model":"local","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":null}]})";
}

const std::string done = event("[DONE]");

struct End {
    oai::Error error;
    size_t message_bytes;
};

// Feeds an answer to an Exchange; calls back with each event.
template <class E>
End hear(const std::string& answer, size_t buffer_bytes, size_t read_bytes, const std::function<void(const E&)>& on) {
    std::vector<char> memory(buffer_bytes);
    oai::Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    const oai::Endpoint server("http://127.0.0.1:8080/v1");
    const oai::ChatRequest ask("local", "?");
    exchange.begin(server, ask);
    for (oai::StringView out = exchange.outgoing(); !out.empty(); out = exchange.outgoing()) exchange.sent(out.size());
    E one;
    for (size_t at = 0;;) {
        const oai::Poll said = exchange.poll(one);
        if (said == oai::Poll::event) {
            on(one);
        } else if (said == oai::Poll::pending && at != answer.size()) {
            const oai::Buffer room = exchange.incoming();
            size_t count = answer.size() - at < read_bytes ? answer.size() - at : read_bytes;
            if (count > room.size) count = room.size;
            memcpy(room.data, answer.data() + at, count);
            exchange.received(count);
            at += count;
        } else if (said == oai::Poll::pending) {
            exchange.ended();
        } else {
            break;
        }
    }
    return {exchange.error(), exchange.failure().message.size()};
}

// ---- what is measured: whether `size` bytes of it arrive whole -------------------------------------------------

bool event_is_whole(size_t size, size_t buffer, size_t read) {
    const std::string frame = chat_event(R"({"content":""})");
    if (size < frame.size()) return true;
    const std::string data = chat_event(R"({"content":")" + std::string(size - frame.size(), 'x') + R"("})");
    bool is_whole = true;
    const End end = hear<oai::Event>(http("200 OK", {event(data), event(data), done}), buffer, read,
                                    [&](const oai::Event& e) { is_whole &= !e.provisional && !e.more; });
    return is_whole && end.error == oai::Error::none;
}

bool raw_event_fits(size_t size, size_t buffer, size_t read) {
    size_t heard = 0;
    const std::string one = event(std::string(size, 'x'));
    hear<oai::SseEvent>(http("200 OK", {one, one, done}), buffer, read,
                        [&](const oai::SseEvent& e) { heard += e.data.size() == size; });
    return heard == 2;
}

// The id of a tool call in an event of any size; its name has 24 bytes.
bool tool_id_is_kept(size_t size, size_t buffer, size_t read) {
    bool has_id = false;
    const std::string data = chat_event(
        R"({"tool_calls":[{"index":0,"id":")" + std::string(size, 'i') + R"(","type":"function","function":{"name":")" +
        std::string(24, 'n') + R"(","arguments":")" + std::string(2 * enough, 'a') + R"("}}]})");
    const End end = hear<oai::Event>(
        http("200 OK", {event(data), done}), buffer, read,
        [&](const oai::Event& e) { has_id |= e.kind == oai::EventKind::tool_call && e.id.size() == size; });
    return has_id && end.error == oai::Error::none;
}

bool error_message_is_whole(size_t size, size_t buffer, size_t read) {
    const std::string body = R"({"error":{"message":")" + std::string(size, 'm') +
                             R"(","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}})";
    const End end = hear<oai::Event>(http("400 Bad Request", {body}), buffer, read, [](const oai::Event&) {});
    return end.message_bytes == size;
}

bool sse_id_fits(size_t size, size_t buffer, size_t read) {
    size_t heard = 0;
    const std::string one = "id: " + std::string(size, 'i') + "\nevent: " + std::string(size, 't') + "\ndata: x\n\n";
    hear<oai::SseEvent>(http("200 OK", {one, one, done}), buffer, read, [&](const oai::SseEvent& e) {
        heard += e.id.size() == size && e.type.size() == size;
    });
    return heard == 2;
}

// ---- the table -----------------------------------------------------------------------------------------------------

struct Row {
    bool is_exact;
    const char* name;
    bool (*manages)(size_t size, size_t buffer, size_t read);
};
const Row rows[] = {
    {false, "an event delivered whole, not in pieces", event_is_whole},
    {false, "id of a tool call in an event of any size", tool_id_is_kept},
    {false, "a server's error message that is not cut", error_message_is_whole},
    {false, "raw mode: an event's data", raw_event_fits},
    {true, "raw mode: an event's id, an event's type", sse_id_fits},
};

bool manages(const Row& row, size_t size, size_t buffer) {
    for (const size_t read : reads)
        if (!row.manages(size, buffer, read)) return false;
    return true;
}

size_t largest(const Row& row, size_t buffer) {
    size_t good = 0, bad = enough;
    while (bad - good > 1) {
        const size_t middle = good + (bad - good) / 2;
        (manages(row, middle, buffer) ? good : bad) = middle;
    }
    return good;
}

std::string in_two_digits(size_t number) {
    size_t unit = 1;
    while (number / unit >= 100) unit *= 10;
    std::string digits = std::to_string(number / unit * unit);
    if (digits.size() > 3) digits.insert(digits.size() - 3, ",");
    return digits;
}

}  // namespace

int main(int count, char**) {
    std::string head = "    a buffer of                                 ";
    for (const size_t buffer : buffers) {
        const std::string size = buffer < 1024 ? std::to_string(buffer) : std::to_string(buffer / 1024) + " KiB";
        head += std::string(8 - size.size(), ' ') + size;
    }
    std::puts(head.c_str());
    for (const Row& row : rows) {
        std::printf("    %-44s", row.name);
        for (const size_t buffer : buffers) {
            const size_t size = largest(row, buffer);
            std::printf("%8s", (count > 1 || row.is_exact ? std::to_string(size) : in_two_digits(size)).c_str());
        }
        std::puts("");
    }
    std::printf("%zu\n", sizeof(oai::Stream));
}
