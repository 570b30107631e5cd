// Reads answers and prints, for each, a hash of what was said in it: the same on every machine.
//
// In the working directory stands `corpus.list`; each line of it is "chat PATH" or "responses PATH" of a file of events.
// Each is read in several ways. Texts count as wholes: where they are cut into pieces depends on the sizes of pointers,
// and is not compared. So does in the smallest buffer how much of an error's message there is room for, and whether an
// id that comes after the text is still heard.
#include "tests/firmware/semihosting.hpp"

#include "openai_stream.hpp"

namespace oai = openai_stream;

namespace {

class Hash {
public:
    void add_text(oai::StringView text) {
        for (size_t at = 0; at != text.size(); ++at) add_byte(static_cast<unsigned char>(text.data()[at]));
    }
    void add_whole(oai::StringView text) {
        add(text.data() != nullptr ? 1 : 0);
        add_text(text);
        add_byte(0);
    }
    void add(int64_t number) {
        for (unsigned shift = 0; shift != 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift));
    }
    uint64_t value() const { return value_; }

private:
    void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3u; }
    uint64_t value_ = 0xCBF29CE484222325u;
};

bool is_text(oai::EventKind kind) {
    return kind == oai::EventKind::text || kind == oai::EventKind::reasoning || kind == oai::EventKind::refusal ||
           kind == oai::EventKind::tool_arguments || kind == oai::EventKind::image || kind == oai::EventKind::code ||
           kind == oai::EventKind::command || kind == oai::EventKind::command_output;
}

class Answer {
public:
    explicit Answer(bool is_small) : is_small_(is_small) {}
    void add(const oai::Event& event) {
        if (event.kind == oai::EventKind::keepalive) return;
        const int64_t text_of[] = {static_cast<int64_t>(event.kind), event.choice, event.tool_index, event.output_index,
                                   event.content_index};
        if (!is_text(event.kind) || memcmp(text_of, last_, sizeof last_) != 0)
            for (const int64_t number : text_of) hash_.add(number);
        memcpy(last_, text_of, sizeof last_);
        if (is_text(event.kind)) {
            hash_.add_text(event.text);
            text_bytes += event.text.size();
            return;
        }
        ++events;
        if (is_small_ && event.kind == oai::EventKind::started) return;
        const oai::StringView said[] = {event.text, event.id, event.name, event.item_id};
        for (const oai::StringView text : said) hash_.add_whole(text);
        hash_.add(event.created);
        hash_.add(static_cast<int64_t>(event.finish_reason));
        if (event.kind != oai::EventKind::usage) return;
        const oai::Usage& usage = event.usage;
        const int64_t counts[] = {usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, usage.cached_tokens,
                                  usage.reasoning_tokens};
        for (const int64_t count : counts) hash_.add(count);
    }
    void end(const oai::Exchange& exchange) {
        hash_.add(static_cast<int64_t>(exchange.error()));
        hash_.add(static_cast<int64_t>(exchange.verdict()));
        if (!is_small_) hash_.add_whole(exchange.failure().message);
    }
    uint64_t hash() const { return hash_.value(); }

    size_t text_bytes = 0, events = 0;

private:
    bool is_small_;
    Hash hash_;
    int64_t last_[5] = {-1, -1, -1, -1, -1};
};

void print(uint64_t number, unsigned base, char after) {
    char digits[24];
    char* at = digits + sizeof digits;
    *--at = '\0';
    *--at = after;
    do *--at = "0123456789abcdef"[number % base];
    while ((number /= base) != 0);
    host::print(at);
}

char memory[16 * 1024], bytes[4096];

// Of one file. Returns false if it cannot be read.
bool read_answer(oai::Api api, const char* path, size_t buffer_bytes, size_t step, Answer& answer, oai::Verdict& verdict) {
    const int file = host::open(path);
    if (file < 0) return false;
    oai::Exchange exchange(oai::Buffer(memory, buffer_bytes));
    exchange.begin_body(api, 200, "text/event-stream");
    const auto keep = [&](const oai::Event& event) { answer.add(event); };
    while (const size_t count = host::read(file, bytes, sizeof bytes))
        for (size_t at = 0; at < count; at += step)
            exchange.feed({bytes + at, count - at < step ? count - at : step}, keep);
    exchange.finish(keep);
    answer.end(exchange);
    verdict = exchange.verdict();
    return true;
}

constexpr size_t buffers[] = {2048, 512, sizeof memory}, steps[] = {536, 7, sizeof bytes};

bool read_in_all_ways(oai::Api api, const char* path) {
    host::print(path);
    for (const size_t buffer : buffers)
        for (const size_t step : steps) {
            Answer answer(buffer < 1024);
            oai::Verdict verdict{};
            if (!read_answer(api, path, buffer, step, answer, verdict)) {
                host::print(" cannot be read\n");
                return false;
            }
            if (buffer == buffers[0] && step == steps[0]) {
                host::print(" text ");
                print(answer.text_bytes, 10, ' ');
                host::print("events ");
                print(answer.events, 10, ' ');
                host::print("verdict ");
                print(static_cast<uint64_t>(verdict), 10, ':');
            }
            host::print(" ");
            print(answer.hash(), 16, ' ');
        }
    host::print("\n");
    return true;
}

}  // namespace

int firmware() {
    static char list[8192];
    const int file = host::open("corpus.list");
    if (file < 0) return 2;
    size_t size = 0;
    while (const size_t count = host::read(file, list + size, sizeof list - 1 - size)) size += count;
    list[size] = '\0';
    bool is_good = true;
    for (char* line = list; *line != '\0';) {
        char* const space = strchr(line, ' ');
        char* const end = space != nullptr ? strchr(space, '\n') : nullptr;
        if (end == nullptr) return 3;
        *space = *end = '\0';
        is_good &= read_in_all_ways(strcmp(line, "chat") == 0 ? oai::Api::chat : oai::Api::responses, space + 1);
        line = end + 1;
    }
    return is_good ? 0 : 1;
}
