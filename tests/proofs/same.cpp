// Whether the C that extract.py made does what the C++ does: the same inputs, cut in two, through both; same TURNS.
#include "../support/checked.hpp"

#include "../../src/all.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" void c_of(int what, const char* text, size_t size, size_t cut, char* into);

namespace oai = openai_stream;

namespace {

std::string out;
template <class T> void say(T number) { out += std::to_string(static_cast<long long>(number)) + " "; }
void say_text(const char* base, oai::StringView text) {
    say(text.data() ? text.data() - base : -1);
    say(text.size());
}

void cpp_of(int what, const char* text, size_t size, size_t cut) {
    using namespace oai;
    const char* const end = text + size;
    out.clear();
    if (what == 0 && size != 0) {
        const utf8::Sequence s = utf8::sequence_at(text, end);
        say(s.length), say(s.valid), say(s.incomplete);
    } else if (what == 1) {
        json::Scanner it;
        for (int half = 0; half != 2; ++half) {
            it.set_input(half ? text + cut : text, half ? end : text + cut);
            for (int turn = 0; turn != 200; ++turn) {
                const json::TokenKind kind = it.next();
                say(kind), say(it.at() - text), say(it.depth()), say(it.error());
                if (kind == json::TokenKind::key || kind == json::TokenKind::string || kind == json::TokenKind::number) {
                    say(it.begin() - text), say(it.end() - text), say(it.is_complete()), say(it.has_escape());
                    say(it.is_above_ascii());
                    int64_t value = 0;
                    if (kind == json::TokenKind::number && it.is_complete() && it.is_first())
                        say(json::to_integer(it.begin(), it.end(), value)), say(value);
                }
                if (kind == json::TokenKind::need_more || kind == json::TokenKind::failed) break;
            }
        }
        say(it.finish());
    } else if (what == 2) {
        sse::LineDecoder it;
        const char* at = text;
        for (int half = 0; half != 2; ++half)
            while (true) {
                const sse::LineKind kind = it.next(at, half ? end : text + cut);
                say(kind), say(at - text), say(it.has_field());
                if (kind == sse::LineKind::need_more) break;
                if (kind == sse::LineKind::value) say(it.field()), say_text(text, it.text());
            }
    } else if (what == 3) {
        http::ResponseParser it = http::ResponseParser::fresh;
        const char* at = text;
        for (int half = 0; half != 2; ++half)
            while (true) {
                const http::ParseEvent event = it.next(at, half ? end : text + cut);
                at = it.at();
                say(event), say(at - text), say(it.error()), say(it.status());
                if (event == http::ParseEvent::body || event == http::ParseEvent::field_name ||
                    event == http::ParseEvent::field_value)
                    say_text(text, it.text()), say(it.field());
                if (event == http::ParseEvent::need_more || event == http::ParseEvent::end ||
                    event == http::ParseEvent::failed)
                    break;
            }
        say(it.finish()), say(it.error()), say(it.keep_alive());
    } else if (what == 4) {
        uint32_t delay = 0;
        say(detail::to_delay_ms(text, end, cut % 2 != 0, delay)), say(delay);
        say(http::to_unix_seconds(StringView(text, size)));
    }
}

// Where a change leads somewhere.
const char* const seeds[5][4] = {
    {"\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xC3\xA9", "z"},
    {"{\"a\":[1,-2.5e+3,true,null,\"\\u00e9\\n\"]}", "[{\"b\":{}},[],123456789012345678901]", " \"x\" ", "-0.0E-1 "},
    {"data: a\n\nevent: b\r\n: c\rretry:5\n", "\xEF\xBB\xBF" "data:x\ndata\n\nid: 7\n", "error: no\n\n", "x:1\ndata: y"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n",
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
     "HTTP/1.1 100 \r\n\r\nHTTP/1.0 429 Slow\nretry-after: 2\n\nwords", "HTTP/1.1 204 No\r\n\r\n"},
    {"12.5", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"},
};

}  // namespace

int main(int count, char** arguments) {
    const long turns = count > 1 ? std::atol(arguments[1]) : 200000;
    static char into[1 << 20];
    uint64_t state = 0x9E3779B97F4A7C15u;
    const auto chance = [&](size_t most) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<size_t>(state % most);
    };
    for (long turn = 0; turn != turns; ++turn) {
        const int what = static_cast<int>(turn % 5);
        std::string text = seeds[what][chance(4)];
        for (size_t faults = chance(4); faults != 0; --faults) {
            const size_t at = chance(text.size() + 1);
            const char byte = chance(2) ? "\r\n :;,\"\\{}[]0a\x80\xED"[chance(16)] : static_cast<char>(chance(256));
            if (chance(3) == 0 && at < text.size()) text.erase(at, 1 + chance(3));
            else if (chance(2) && at < text.size()) text[at] = byte;
            else text.insert(at, 1, byte);
        }
        const std::string exact(text);
        const size_t cut = chance(exact.size() + 1);
        c_of(what, exact.data(), exact.size(), cut, into);
        cpp_of(what, exact.data(), exact.size(), cut);
        if (out != into) {
            std::printf("FAILED: kind %d, cut at %zu: C says\n%s\nC++ says\n%s\nof: %s\n", what, cut, into, out.c_str(),
                        exact.c_str());
            return 1;
        }
    }
    std::printf("%ld inputs: the C says what the C++ says\n", turns);
    return 0;
}
