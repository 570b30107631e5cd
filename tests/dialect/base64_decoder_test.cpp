// base64 as it arrives: the bytes of images and sounds, in place, whatever cuts them; and an image of 28 MiB.
#include "io/responses_support.hpp"
#include "support/tally.hpp"

using namespace responses;
using openai_stream::Base64Decoder;
using openai_stream::Buffer;

namespace {

// Four characters for up to three bytes.
template <class ByteAt> void encode(ByteAt byte_at, size_t at, size_t end, char* into) {
    const char* const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t count = std::min<size_t>(3, end - at);
    unsigned bits = 0;
    for (size_t index = 0; index != 3; ++index) bits = bits << 8 | (index < count ? byte_at(at + index) : 0u);
    for (size_t index = 0; index != 4; ++index)
        into[index] = index <= count ? alphabet[bits >> (18 - 6 * index) & 63] : '=';
}

}  // namespace

TEST_CASE("base64 in pieces") {
    struct Row {
        const char* name;
        std::string text;
        std::string bytes;
        unsigned invalid;
        bool is_complete;
    };
    std::string all, encoded;
    for (int byte = 0; byte != 256; ++byte) all.push_back(static_cast<char>(byte));
    for (size_t at = 0; at < all.size(); at += 3) {
        encoded += "....";
        encode([&](size_t index) { return static_cast<unsigned char>(all[index]); }, at, all.size(),
               &encoded[encoded.size() - 4]);
    }
    const Row rows[] = {
        {"nothing", "", "", 0, true},
        {"three bytes", "aGkh", "hi!", 0, true},
        {"two bytes, padded", "aGk=", "hi", 0, true},
        {"one byte, padded", "aA==", "h", 0, true},
        {"two bytes without padding", "aGk", "hi", 0, true},
        {"one byte without padding", "aA", "h", 0, true},
        {"a character that is left over", "aGkha", "hi!", 0, false},
        {"every byte", encoded, all, 0, true},
        {"the alphabet of URLs", "-_-_", "\xFB\xFF\xBF", 0, true},
        {"the other alphabet", "+/+/", "\xFB\xFF\xBF", 0, true},
        {"several texts that were put together", "aGk=aA==aGkh", "hihhi!", 0, true},
        {"line ends and blanks", " aG\r\nk\th\v\f", "hi!", 0, true},
        {"what is no base64 is passed over and counted", "a!G.k\xEF\xBF\xBDh@[`{,*", "hi!", 11, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            Base64Decoder in_place, apart;
            std::string from_events, from_texts;
            for (size_t index = 0; index != pieces.size(); ++index) {
                std::string piece(pieces[index]);
                support::GuardedBuffer memory(piece.size());  // nothing is written after the text
                memcpy(memory.data(), piece.data(), piece.size());
                Event event;
                event.text = StringView(memory.data(), piece.size());
                event.more = index + 1 != pieces.size();
                const StringView bytes = in_place.decode(event);
                CHECK_EQ(bytes, event.text);
                from_events += std::string(bytes);
                std::string out(piece.size(), '?');
                from_texts += out.substr(0, apart.decode(StringView(piece), &out[0]));
            }
            CHECK_EQ(from_events, row.bytes);
            CHECK_EQ(from_texts, row.bytes);
            CHECK_EQ(in_place.invalid_count(), row.invalid);
            CHECK_EQ(apart.is_complete(), row.is_complete);
        });
    }
}

TEST_CASE("what is left of one text is none of the next") {
    Base64Decoder decoder;
    char text[] = "aGkha", next[] = "aGkh";
    Event event;
    event.text = StringView(text, 5);
    CHECK_EQ(decoder.decode(event), "hi!");
    event.text = StringView(next, 4);
    CHECK_EQ(decoder.decode(event), "hi!");
}

// An image larger than all memory, in base64 that no decoder has made, read from this file's own generator.
TEST_CASE("an image of 28 MiB through 4 KiB") {
    ROW("28 MiB");
    const size_t image_bytes = size_t{28} << 20;
    const auto byte_at = [](size_t at) { return static_cast<unsigned char>(at * 2654435761u >> 13); };
    char memory[4096];
    Exchange exchange{Buffer(memory)};
    REQUIRE(exchange.begin_body(Api::images, 200, "text/event-stream") == Error::none);
    Base64Decoder decoder;
    size_t bytes = 0, wrong = 0, events = 0;
    std::string rest;
    const auto on_event = [&](Event& event) {
        ++events;
        if (event.kind != EventKind::image) {
            rest += told(event) + "; ";
            return;
        }
        for (const char c : decoder.decode(event)) wrong += static_cast<unsigned char>(c) != byte_at(bytes++);
    };
    exchange.feed("event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"",
                  on_event);
    char block[4 * 1024];
    size_t used = 0;
    for (size_t at = 0; at < image_bytes; at += 3) {
        encode(byte_at, at, image_bytes, block + used);
        used += 4;
        if (used == sizeof block || at + 3 >= image_bytes) {
            exchange.feed(StringView(block, used), on_event);
            used = 0;
        }
    }
    exchange.feed("\",\"usage\":{\"total_tokens\":9}}\n\n", on_event);
    CHECK(exchange.error() == Error::none);
    CHECK_EQ(bytes, image_bytes);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(decoder.invalid_count(), 0);
    CHECK(decoder.is_complete());
    CHECK_EQ(rest, "started; finish name=completed reason=1; usage{\"cached_tokens\":null,\"completion_tokens\":null,"
                   "\"prompt_tokens\":null,\"reasoning_tokens\":null,\"total_tokens\":9}; ");
    CHECK(exchange.stats().peak_buffer_bytes <= sizeof memory);
}
