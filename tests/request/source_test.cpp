// Parts of a request that are read from elsewhere while it is sent: raw, escaped, or in base64.
#include "support/cuts.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ChatRequest;
using oai::ContentPart;
using oai::Endpoint;
using oai::Error;
using oai::Message;
using oai::RequestWriter;
using oai::Role;
using oai::Source;
using oai::StringView;
using written::rest_of;
using written::split;
using written::whole;

namespace {

// By RFC 4648, bit by bit.
std::string base64(const std::string& bytes) {
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bits, text;
    for (const char c : bytes)
        for (int bit = 7; bit >= 0; --bit) bits += (c >> bit & 1) != 0 ? '1' : '0';
    while (bits.size() % 6 != 0) bits += '0';
    for (size_t at = 0; at < bits.size(); at += 6) text += alphabet[std::stoul(bits.substr(at, 6), nullptr, 2)];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

// A file that counts who reads it, and can fail.
struct File {
    std::string bytes;
    int calls = 0;
    int fails_at = -1;           // the number of the call that fails
    uint64_t expected = 0;       // where the next read begins, if each byte is read once
    bool is_sequential = true;
    uint64_t read = 0;

    explicit File(std::string text) : bytes(std::move(text)) {}
    Source source() { return {bytes.size(), read_at, this}; }

    static bool read_at(void* context, uint64_t offset, char* into, size_t count) {
        File& file = *static_cast<File*>(context);
        if (file.calls++ == file.fails_at) return false;
        if (count == 0 || offset > file.bytes.size() || count > file.bytes.size() - offset) return false;
        file.is_sequential = file.is_sequential && offset == file.expected;
        file.expected = offset + count;
        file.read += count;
        memcpy(into, file.bytes.data() + offset, count);
        return true;
    }
};

const Endpoint endpoint("http://localhost/v1");

template <class Request> json first_part(const Request& request, size_t window) {
    const json body = json::parse(split(whole(endpoint, request, window)).body, nullptr, false);
    return body.is_discarded() ? body : body.contains("messages") ? body["messages"][0]["content"][0]
                                                                  : body["input"][0]["content"][0];
}
json in_chat(const ContentPart& part, size_t window = 4096) {
    const Message message = Message::of_parts(Role::user, {&part, 1});
    return first_part(ChatRequest("m", {&message, 1}), window);
}
json in_response(const ContentPart& part, size_t window = 4096) {
    const oai::InputItem item = oai::InputItem::of_parts(Role::user, {&part, 1});
    return first_part(oai::ResponseRequest("m", {&item, 1}), window);
}

// A request with a part of each kind.
struct Each {
    File text, image, audio, file;
    Source sources[4];
    ContentPart parts[4];
    Message message;
    ChatRequest request;

    explicit Each(const std::string& bytes)
        : text(bytes), image(bytes), audio(bytes), file(bytes),
          sources{text.source(), image.source(), audio.source(), file.source()},
          parts{ContentPart::text(sources[0]), ContentPart::image(sources[1], "image/png"),
                ContentPart::audio(sources[2], "wav"),
                ContentPart::file("a.pdf", sources[3], "application/pdf")},
          message(Message::of_parts(Role::user, parts)), request("m", {&message, 1}) {}
    Each(const Each&) = delete;

    // The same with all of it in memory.
    static std::string in_memory(const std::string& bytes) {
        const std::string code = base64(bytes), png = "data:image/png;base64," + code,
                          pdf = "data:application/pdf;base64," + code;
        const ContentPart parts[] = {ContentPart::text(bytes), ContentPart::image(png),
                                     ContentPart::audio(code, "wav"), ContentPart::file("a.pdf", pdf)};
        const Message message = Message::of_parts(Role::user, parts);
        return whole(endpoint, ChatRequest("m", {&message, 1}));
    }
};

// Everything that a JSON string treats in its own way, with characters of every length, whole and cut.
std::string difficult(size_t size, corpus::Random& random) {
    const char* const words[] = {"a", "\"", "\\", "\n", "\x01", "\x7F", "\xC3\xA9", "\xE4\xBD\xA0", "\xF0\x9F\x98\x80",
                                 "\xFF", "\xE4\xBD", "\xF0\x9F\x98", "\xC3", "\xED\xA0\x80", "plain words in a row "};
    std::string text;
    while (text.size() < size) text += words[random.between(0, sizeof words / sizeof *words - 1)];
    text.resize(size);
    text += std::string(size % 7 == 0 ? 1 : 0, '\0');
    return text;
}

}  // namespace

TEST_CASE("a source is sent as its bytes in memory would be, in windows of every size") {
    corpus::Random random("sources");
    for (const size_t size : std::initializer_list<size_t>{0, 1, 2, 3, 4, 5, 6, 124, 125, 126, 127, 128, 129, 1000}) {
        ROW(std::to_string(size) + " bytes");
        const std::string bytes = difficult(size, random), expected = Each::in_memory(bytes);
        Each each(bytes);
        for (size_t window = RequestWriter::min_window_bytes; window <= 80; ++window)
            REQUIRE_EQ(whole(endpoint, each.request, window), expected);
        REQUIRE_EQ(whole(endpoint, each.request, 1 << 16), expected);
        RequestWriter writer;
        REQUIRE(writer.begin(endpoint, each.request) == Error::none);
        std::string sent;
        char memory[400];
        while (const size_t count = writer.write(memory, random.between(16, 400))) sent.append(memory, count);
        CHECK_EQ(sent, expected);
    }
}

TEST_CASE("a character may stand across any place where reading is interrupted") {
    for (const char* const character : {"\xF0\x9F\x98\x80", "\xE4\xBD\xA0", "\xC3\xA9", "\xF0\x9F\x98", "\xFF"})
        for (size_t before = 100; before != 140; ++before) {
            ROW(std::string(character) + " after " + std::to_string(before));
            const std::string text = std::string(before, 'x') + character + std::string(200, 'y');
            File file(text);
            const Source source = file.source();
            CHECK_EQ(in_chat(ContentPart::text(source), 31), in_chat(ContentPart::text(text)));
        }
}

TEST_CASE("the same in the Responses API, and from memory") {
    const std::string bytes("\x00\x01picture\xFF", 10), code = base64(bytes), url = "data:image/webp;base64," + code;
    const Source source = Source::of_bytes(bytes);
    CHECK_EQ(in_response(ContentPart::image(source, "image/webp", oai::ImageDetail::low)),
             in_response(ContentPart::image(url, oai::ImageDetail::low)));
    CHECK_EQ(in_response(ContentPart::audio(source, "mp3")), in_response(ContentPart::audio(code, "mp3")));
    CHECK_EQ(in_response(ContentPart::file("f", source, {})), in_response(ContentPart::file("f", code)));
    const Source words = Source::of_bytes("\"words\"");
    CHECK_EQ(in_response(ContentPart::text(words)), in_response(ContentPart::text("\"words\"")));
    const ContentPart said[] = {ContentPart::text(words)};
    const oai::InputItem item = oai::InputItem::of_parts(Role::assistant, said);
    CHECK_EQ(first_part(oai::ResponseRequest("m", {&item, 1}), 64)["text"], "\"words\"");
}

TEST_CASE("what becomes base64 is read once, in order, and not to be counted; a text is read to be counted as well") {
    Each each(std::string(10000, 'x'));
    RequestWriter writer;
    REQUIRE(writer.begin(endpoint, each.request) == Error::none);
    for (const File* file : {&each.image, &each.audio, &each.file}) CHECK_EQ(file->calls, 0);
    CHECK_GE(each.text.read, 10000);
    rest_of(writer, 500);
    for (const File* file : {&each.image, &each.audio, &each.file}) {
        CHECK(file->is_sequential);
        CHECK_EQ(file->read, 10000);
        CHECK_LE(file->calls, 40);  // what a window holds at a time
    }
    CHECK_LE(each.text.read, 2 * 10500);
}

TEST_CASE("a read that fails, whichever it is, ends the request with an error that says so") {
    const std::string bytes(700, 'x');
    const size_t length = Each::in_memory(bytes).size();
    for (const int which : {0, 1, 2, 3}) {
        for (int call = 0;; ++call) {
            ROW("part " + std::to_string(which) + ", read " + std::to_string(call));
            Each each(bytes);
            File* const files[] = {&each.text, &each.image, &each.audio, &each.file};
            files[which]->fails_at = call;
            RequestWriter writer;
            const Error begun = writer.begin(endpoint, each.request);
            size_t sent = 0;
            char window[64];
            while (const size_t count = writer.write(window, sizeof window)) sent += count;
            if (files[which]->calls <= call) {  // it was not asked as often as that
                CHECK(writer.finished());
                CHECK_GT(call, 5);
                break;
            }
            CHECK(writer.error() == Error::source_failed);
            CHECK(begun == (sent == 0 ? Error::source_failed : Error::none));
            CHECK_FALSE(writer.finished());
            CHECK_LT(sent, length);
            CHECK_EQ(writer.write(window, sizeof window), 0);  // and stays so
            CHECK(writer.error() == Error::source_failed);
            char name[64];
            if (begun != Error::none)
                CHECK_EQ(std::string(writer.refused_field(name)), "messages[0].content[0]");
        }
    }
}

TEST_CASE("sources that cannot be sent are refused before the first byte") {
    const Source nowhere = {3, nullptr, nullptr}, huge = {UINT64_MAX, File::read_at, nullptr},
                 some = Source::of_bytes("abc"), nothing;
    support::GuardedBuffer type(9);
    memcpy(type.data(), "image/png", 9);
    const struct {
        const char* name;
        ContentPart part;
        Error error;
    } rows[] = {
        {"nobody reads it, base64", ContentPart::audio(nowhere, "wav"), Error::bad_request_field},
        {"nobody reads it, text", ContentPart::text(nowhere), Error::bad_request_field},
        {"more bytes than can be counted", ContentPart::audio(huge, "wav"), Error::bad_request_field},
        {"a text of more than can be counted", ContentPart::text(huge), Error::bad_request_field},
        {"a media type that ends the string", ContentPart::image(some, "image/\"png"), Error::bad_request_field},
        {"a media type with an escape", ContentPart::image(some, "image/\\png"), Error::bad_request_field},
        {"a media type with a line end", ContentPart::image(some, "image/png\n"), Error::bad_request_field},
        {"a media type that is not ASCII", ContentPart::image(some, "image/\xC3\xA9"), Error::bad_request_field},
        {"a media type with DEL", ContentPart::image(some, "image/\x7Fpng"), Error::bad_request_field},
        {"a media type of more than can be counted", ContentPart::image(some, StringView(type.data(), SIZE_MAX / 4)),
         Error::bad_request_field},
        {"an empty one may be sent", ContentPart::audio(nothing, "wav"), Error::none},
        {"an empty text may be sent", ContentPart::text(nothing), Error::none},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        const ContentPart parts[] = {ContentPart::text("first"), row.part};
        const Message message = Message::of_parts(Role::user, parts);
        const ChatRequest request("m", {&message, 1});
        RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == row.error);
        char name[64];
        if (row.error != Error::none) CHECK_EQ(std::string(writer.refused_field(name)), "messages[0].content[1]");
    }
}

TEST_CASE("a source that changes its size between counting and sending never becomes a complete request") {
    for (const uint64_t size : {uint64_t{0}, uint64_t{296}, uint64_t{400}, uint64_t{599}}) {
        for (const size_t which : {size_t{0}, size_t{1}}) {
            ROW("part " + std::to_string(which) + " of " + std::to_string(size) + " bytes in place of 300");
            Each each(std::string(300, 'x'));
            RequestWriter writer;
            REQUIRE(writer.begin(endpoint, each.request) == Error::none);
            const auto length = static_cast<size_t>(writer.content_length());
            File* const files[] = {&each.text, &each.image};
            files[which]->bytes = std::string(600, 'x');
            each.sources[which].size = size;
            const std::string sent = rest_of(writer, 100);
            CHECK(writer.error() == Error::request_changed);
            CHECK_FALSE(writer.finished());
            CHECK_LT(sent.size() - sent.find("\r\n\r\n") - 4, length);
        }
    }
}

TEST_CASE("no heap is touched, and a request can be written again") {
    Each each(std::string(5000, '\n'));
    size_t sent = 0;
    char window[256];
    {
        support::HeapTrap trap;
        RequestWriter writer;
        writer.begin(endpoint, each.request);
        for (int round = 0; round != 2; ++round) {
            while (const size_t count = writer.write(window, sizeof window)) sent += count;
            writer.rewind();
        }
    }
    CHECK_EQ(sent, 2 * whole(endpoint, each.request).size());
}

// Bytes that lie nowhere: what stands at an offset is computed.
struct Pattern {
    static constexpr uint64_t size = 10 * 1024 * 1024 + 1;
    static unsigned char at(uint64_t offset) { return static_cast<unsigned char>(offset * 167 ^ offset >> 8); }
    static bool read_at(void*, uint64_t offset, char* into, size_t count) {
        if (offset > size || count > size - offset) return false;
        for (size_t place = 0; place != count; ++place) into[place] = static_cast<char>(at(offset + place));
        return true;
    }
};
// Sends the request through a buffer of 2 KiB: tells take() of each byte of its body; how many these are.
template <class Request, class Take> uint64_t send_through_2_kib(const Request& request, Take&& take) {
    char memory[2048];
    oai::Exchange exchange{oai::Buffer(memory)};
    uint64_t body_bytes = 0;
    unsigned line_ends = 0;  // of the four that end the head
    if (exchange.begin(endpoint, request) != Error::none) return 0;
    while (!exchange.outgoing().empty()) {
        for (const char c : exchange.outgoing()) {
            if (line_ends == 4) ++body_bytes, take(c);
            else line_ends = c == (line_ends % 2 == 0 ? '\r' : '\n') ? line_ends + 1 : 0;
        }
        exchange.sent(exchange.outgoing().size());
    }
    return exchange.error() == Error::none ? body_bytes : 0;
}

TEST_CASE("a picture of 10 MB passes through 2 KiB as base64, without the heap") {
    const Source picture = {Pattern::size, Pattern::read_at, nullptr};
    const ContentPart part = ContentPart::image(picture, "image/png");
    const Message message = Message::of_parts(Role::user, {&part, 1});
    const ChatRequest request("m", {&message, 1});
    const std::string begin = "data:image/png;base64,";
    size_t matched = 0;
    uint64_t decoded = 0, wrong = 0, sent = 0;
    unsigned bits = 0, bit_count = 0;
    bool has_ended = false;
    const auto take = [&](char c) {
        if (matched != begin.size()) {
            matched = c == begin[matched] ? matched + 1 : c == begin[0] ? 1u : 0u;
        } else if (!has_ended) {
            const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                              : c >= 'a' && c <= 'z' ? c - 'a' + 26
                              : c >= '0' && c <= '9' ? c - '0' + 52
                              : c == '+'             ? 62
                              : c == '/'             ? 63
                                                     : -1;
            has_ended = c == '"';
            if (value < 0) return;
            bits = bits << 6 | static_cast<unsigned>(value);
            bit_count += 6;
            if (bit_count < 8) return;
            bit_count -= 8;
            if ((bits >> bit_count & 0xFF) != Pattern::at(decoded++)) ++wrong;
        }
    };
    {
        support::HeapTrap trap;
        sent = send_through_2_kib(request, take);
    }
    CHECK(has_ended);
    CHECK_EQ(decoded, Pattern::size);
    CHECK_EQ(wrong, 0);
    CHECK_GT(sent, Pattern::size / 3 * 4);
}

TEST_CASE("a file of 10 MB in a form passes through 2 KiB, byte for byte, without the heap") {
    const Source recording = {Pattern::size, Pattern::read_at, nullptr};
    const oai::TranscriptionRequest request("m", oai::Upload(recording, "a.wav"));
    uint64_t sent = 0, matched = 0;
    {
        support::HeapTrap trap;
        // The file's first eight bytes stand nowhere else.
        sent = send_through_2_kib(request, [&](char c) {
            const auto byte = static_cast<unsigned char>(c);
            if (matched == Pattern::size) return;
            matched = byte == Pattern::at(matched) ? matched + 1 : matched >= 8 ? UINT64_MAX : byte == Pattern::at(0);
        });
    }
    CHECK_EQ(matched, Pattern::size);
    CHECK_GT(sent, Pattern::size);
}

TEST_CASE("a source may have as many bytes as can be counted in base64, and not one more") {
    const uint64_t most = SIZE_MAX / 2;
    for (const uint64_t more : {uint64_t(0), uint64_t(1)}) {
        ROW(more == 0 ? "as many" : "one more");
        const Source source = {most + more, [](void*, uint64_t, char*, size_t) { return false; }};
        const ContentPart part = ContentPart::image(source, "image/png");
        const Message message = Message::of_parts(Role::user, {&part, 1});
        const ChatRequest request("m", {&message, 1});
        RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == (more == 0 ? Error::none : Error::bad_request_field));
    }
}
