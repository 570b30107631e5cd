// Feeds inputs of any size through an Exchange without ever holding them, and says what came out.
//
//     linear SHAPE BYTES READ_BYTES BUFFER_BYTES ...      four arguments for each run
//     linear ... --peak                                   and at the end the most memory this process had, in KiB
//
// Prints, for each run, the bytes of text (or of a request) it has made. callgrind counts what happens within measured(),
// without outside::..., the program around the library.
#include BENCH_HEADER

#include <stdio.h>
#include <valgrind/callgrind.h>

#include <string>
#include <vector>

namespace oai = openai_stream;

struct Shape {
    std::string name;
    std::string before;
    std::string unit;  // again and again
    std::string after;
    size_t chunk_bytes;
    size_t text_bytes;  // of each unit
};

const char* const end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

std::string event_of(const std::string& content) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + content + "\"}}]}\n\n";
}

const Shape shapes[] = {
    {"comments", "", ": a comment of sixty-four bytes, as servers send to stay alive.\n", "", 1000, 0},
    {"unknown field", "data: {\"choices\":[],\"unknown\":\"",
     "sixty-four bytes nobody has asked for, \\u00e9 \\\"quoted\\\" too. ", "\"}\n\n", 1000, 0},
    {"content", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
     "fifty bytes of the very text that was asked for. \\n", "\"}}]}\n\n", 1000, 50},
    {"escapes", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\\ud83d\\ude00", "\"}}]}\n\n", 1000, 4},
    {"empty data lines", "data: {\"choices\":[]\n", "data:\n", "data: }\n\n", 1000, 0},
    {"small events", "", event_of("abc"), "", 1000, 3},
    {"large events", "", event_of(std::string(50000, 'x')), "", 1000, 50000},  // one fits into 64 KiB
    {"chunks of one byte", "", event_of("abc"), "", 1, 3},
};

namespace outside {

// The response: `bytes` of a shape in chunks, made as it is read.
class Source {
public:
    Source(const Shape& shape, size_t bytes) : shape_(shape), count_(bytes / shape.unit.size()), left_(count_) {
        part_ = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        body_ = shape.before;
        char text[20];
        snprintf(text, sizeof text, "%zx\r\n", shape.chunk_bytes);
        full_chunk_ = text;
    }
    size_t text_bytes() const { return count_ * shape_.text_bytes; }

    __attribute__((noinline)) size_t read(char* into, size_t room) {
        size_t used = 0;
        while (used != room && refill()) {
            const size_t count = part_.size() - at_ < room - used ? part_.size() - at_ : room - used;
            memcpy(into + used, part_.data() + at_, count);
            at_ += count;
            used += count;
        }
        return used;
    }

private:
    // The next chunks, with their framing.
    bool refill() {
        if (at_ != part_.size()) return true;
        at_ = 0;
        part_.clear();
        if (is_over_) return false;
        while (body_.size() < 64 * 1024 && left_ != 0) {
            body_ += shape_.unit;
            if (--left_ == 0) body_ += shape_.after + end;
        }
        size_t from = 0;
        for (; body_.size() - from >= shape_.chunk_bytes; from += shape_.chunk_bytes) {
            part_ += full_chunk_;
            part_.append(body_, from, shape_.chunk_bytes);
            part_ += "\r\n";
        }
        body_.erase(0, from);
        if (left_ != 0) return true;
        is_over_ = true;
        if (!body_.empty()) {
            char size[20];
            snprintf(size, sizeof size, "%zx\r\n", body_.size());
            part_ += size + body_ + "\r\n";
        }
        part_ += "0\r\n\r\n";
        return true;
    }

    const Shape& shape_;
    size_t count_;        // of units
    size_t left_;         // of them, not in body_ yet
    std::string full_chunk_;
    std::string body_;    // to be put into chunks
    std::string part_;    // being read
    size_t at_ = 0;       // in it
    bool is_over_ = false;
};

__attribute__((noinline)) void add(size_t& sum, size_t count) { sum += count; }

// A file on the disk of so many bytes.
class File {
public:
    explicit File(size_t bytes) : file_(tmpfile()), bytes_(bytes) {
        for (size_t at = 0; file_ && at != bytes; ++at) fputc("plain words \n"[at % 13], file_);
    }
    ~File() {
        if (file_) fclose(file_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    oai::Source source() const { return {bytes_, read_at, file_}; }

private:
    static bool read_at(void* context, uint64_t offset, char* into, size_t count) {
        FILE* const file = static_cast<FILE*>(context);
        return file && fseek(file, static_cast<long>(offset), SEEK_SET) == 0 && fread(into, 1, count, file) == count;
    }
    FILE* file_;
    size_t bytes_;
};

}  // namespace outside

__attribute__((noinline)) oai::Poll measured(oai::Exchange& exchange, outside::Source& source, size_t read_bytes,
                                             size_t& text_bytes) {
    oai::Event event;
    while (true) {
        const oai::Poll state = exchange.poll(event);
        if (state == oai::Poll::event) {
            if (event.kind == oai::EventKind::text) outside::add(text_bytes, event.text.size());
            continue;
        }
        if (state != oai::Poll::pending) return state;
        const oai::Buffer room = exchange.incoming();
        const size_t count = source.read(room.data, room.size < read_bytes ? room.size : read_bytes);
        if (count != 0) exchange.received(count);
        else exchange.ended();
    }
}

__attribute__((noinline)) oai::Error measured(oai::Exchange& exchange, const oai::Endpoint& server,
                                              const oai::ChatRequest& ask, size_t window, size_t& sent) {
    const oai::Error error = exchange.begin(server, ask);
    if (error != oai::Error::none) return error;
    for (oai::StringView bytes; !(bytes = exchange.outgoing()).empty();) {
        const size_t count = bytes.size() < window ? bytes.size() : window;
        exchange.sent(count);
        outside::add(sent, count);
    }
    return exchange.error();
}

std::string repeated(const char* unit, size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += unit;
    return text;
}

// Sends a request of so many bytes; what it should make of them is known.
int request(const std::string& kind, size_t bytes, size_t window, oai::Buffer memory) {
    std::string text, extra;
    std::vector<oai::Message> messages;
    std::vector<oai::ContentPart> parts;
    const outside::File file(kind.find("file") != kind.npos ? bytes : 0);
    const oai::Source source = file.source();
    oai::ChatOptions options;
    options.temperature = 0.2;
    size_t expected = 0;
    if (kind == "request: plain text") text = repeated("a plain text without anything to be escaped in it. ", bytes);
    if (kind == "request: escapes") text = repeated("\n\"\\\t", bytes), expected = text.size();
    if (kind == "request: UTF-8") text = repeated("\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80", bytes);
    if (kind == "request: extra_json")
        extra = "\"a\":[" + repeated("{\"b\":[1,2.5e3,\"\\u00e9\"]},", bytes) + "0]", expected = extra.size() + 1;
    if (kind == "request: messages") messages.assign(bytes / 64, oai::Message::user("sixty-four bytes with the frame."));
    if (kind == "request: parts") {
        parts.assign(bytes / 64, oai::ContentPart::text("sixty-four bytes with the frame, as here."));
        expected = parts.size() * strlen("{\"type\":\"text\",\"text\":\"sixty-four bytes with the frame, as here.\"},");
        messages.push_back(oai::Message::of_parts(oai::Role::user, parts));
    }
    if (kind == "request: picture from a file") {
        parts.push_back(oai::ContentPart::image(source, "image/png"));
        expected = strlen("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,\"}}");
        expected += (bytes + 2) / 3 * 4;
        messages.push_back(oai::Message::of_parts(oai::Role::user, parts));
    }
    if (kind == "request: text from a file") {
        parts.push_back(oai::ContentPart::text(source));
        expected = strlen("{\"type\":\"text\",\"text\":\"\"}") + bytes + bytes / 13;
        messages.push_back(oai::Message::of_parts(oai::Role::user, parts));
    }
    expected += text.size();
    if (messages.empty()) messages.push_back(oai::Message::user(text));
    expected += messages.size() * strlen("{\"role\":\"user\",\"content\":\"\"},") - 1;
    if (kind == "request: messages") expected += messages.size() * messages[0].content.size();
    expected += strlen("{\"model\":\"m\",\"messages\":[],\"stream\":true}");

    oai::ChatRequest ask("m", messages);
    ask.extra_json = extra;
    if (!parts.empty()) ask.options = &options;
    const oai::Endpoint server("http://localhost:8080/v1");
    oai::Exchange exchange(memory);
    size_t sent = 0;
    if (measured(exchange, server, ask, window, sent) != oai::Error::none) return 4;
    if (sent < expected + 100 || sent > expected + 500) {  // the head
        fprintf(stderr, "%s: %zu bytes, %zu in the body expected\n", kind.c_str(), sent, expected);
        return 5;
    }
    printf("%zu\n", sent);
    return 0;
}

int run(const std::string& kind, size_t bytes, size_t read_bytes, oai::Buffer memory) {
    for (const Shape& shape : shapes) {
        if (kind != shape.name) continue;
        oai::Exchange exchange(memory);
        const oai::Endpoint server("http://localhost:8080/v1");
        const oai::ChatRequest ask("m", "x");
        if (exchange.begin(server, ask) != oai::Error::none) return 3;
        for (oai::StringView out; !(out = exchange.outgoing()).empty();) exchange.sent(out.size());
        outside::Source source(shape, bytes);
        size_t text_bytes = 0;
        const oai::Poll state = measured(exchange, source, read_bytes, text_bytes);
        if (state != oai::Poll::done || text_bytes != source.text_bytes()) {
            fprintf(stderr, "%s: %s, %zu bytes of text, expected %zu\n", kind.c_str(), oai::describe(exchange.error()),
                    text_bytes, source.text_bytes());
            return 4;
        }
        printf("%zu\n", text_bytes);
        return 0;
    }
    return request(kind, bytes, read_bytes, memory);
}

// The most memory that this process had at a time, in KiB; -1 where Linux is not there to say it.
long peak_kib() {
    long kib = -1;
    char line[200];
    FILE* const status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0) kib = atol(line + 6);
    if (status) fclose(status);
    return kib;
}

int main(int argc, char** argv) {
    for (int at = 1; at + 3 < argc; at += 4) {
        std::vector<char> memory(static_cast<size_t>(atol(argv[at + 3])));
        const int status = run(argv[at], static_cast<size_t>(atol(argv[at + 1])), static_cast<size_t>(atol(argv[at + 2])),
                               oai::Buffer(memory.data(), memory.size()));
        if (status != 0) return status;
        CALLGRIND_DUMP_STATS;  // and counts from zero again; does nothing when callgrind does not run
    }
    if (argc > 1 && argc % 4 == 2 && strcmp(argv[argc - 1], "--peak") == 0) printf("%ld\n", peak_kib());
    return 0;
}
