// Filters of text cost what their input has bytes: not more for a larger memory, nor for one long text.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <ctime>
#include <string>
#include <vector>

using namespace openai_stream;

namespace {

template <class Filter, class Piece> size_t bytes_through(Filter& filter, const std::string& text, size_t read_bytes) {
    size_t bytes = 0;
    Piece piece;
    const auto take = [&] {
        if constexpr (sizeof(Piece) == sizeof(StringView))
            while (filter.next(piece)) bytes += piece.size();
        else
            while (filter.next(piece)) bytes += piece.text.size();
    };
    for (size_t at = 0; at < text.size(); at += read_bytes) {
        filter.feed(StringView(text.data() + at, std::min(read_bytes, text.size() - at)));
        take();
    }
    filter.finish();
    take();
    return bytes;
}

enum class What { fields, think, hold, typewriter, wrap, sentences };

size_t through(What what, const std::string& text, Buffer memory, size_t read_bytes) {
    static const char* const paths[] = {"$.a", "$[*][*].b", "$[7].b"};
    switch (what) {
        case What::fields: {
            FieldStream filter(paths, memory);
            return bytes_through<FieldStream, FieldPiece>(filter, text, read_bytes);
        }
        case What::think: {
            ThinkSplitter filter(ThinkSplitter::Begin::anywhere);
            return bytes_through<ThinkSplitter, ThinkPiece>(filter, text, read_bytes);
        }
        case What::hold: {
            Utf8Hold filter(memory);
            return bytes_through<Utf8Hold, StringView>(filter, text, read_bytes);
        }
        case What::wrap: {
            WordWrap filter(80, memory);
            return bytes_through<WordWrap, StringView>(filter, text, read_bytes);
        }
        case What::sentences: {
            SentenceCutter filter(memory);
            return bytes_through<SentenceCutter, SentencePiece>(filter, text, read_bytes);
        }
        case What::typewriter: break;
    }
    // Fed as slowly as it is read, so that its memory stays as full as it was.
    Typewriter typewriter(memory);
    size_t bytes = 0;
    for (size_t at = 0; at != text.size();) {
        const size_t added = typewriter.add(StringView(text).drop(at).take(read_bytes));
        at += added;
        if (added == 0 || typewriter.pending() > memory.size / 2) bytes += typewriter.take(read_bytes).size();
    }
    return bytes;
}

}  // namespace

TEST_CASE("the work is linear, whatever the text and the memory") {
    struct Row {
        const char* name;
        What what;
        const char *before, *unit;
    };
    const Row rows[] = {
        {"a string of letters", What::fields, "{\"a\":\"", "abcdefgh"},
        {"escapes", What::fields, "{\"a\":\"", "\\ud83d\\ude00"},
        {"bytes that are no UTF-8", What::fields, "{\"a\":\"", "\xFF\xC3"},
        {"a long key", What::fields, "{\"", "\\u0061a"},
        {"elements", What::fields, "[", "[{\"b\":1},2],"},
        {"tags", What::think, "", "<think>a</think>"},
        {"half tags", What::think, "", "<thin</thin"},
        {"half tags within", What::think, "<think>", "</think</thin<"},
        {"letters", What::hold, "", "abcdefgh"},
        {"marks without end", What::hold, "a", "\xCC\x81"},
        {"bytes that are no UTF-8", What::hold, "", "\xFF\xE2\x82"},
        {"families", What::hold, "", "\xF0\x9F\x91\xA8\xE2\x80\x8D"},
        {"letters", What::typewriter, "", "abcdefgh"},
        {"marks without end", What::typewriter, "a", "\xCC\x81"},
        {"words", What::wrap, "", "word and "},
        {"a word without end", What::wrap, "", "abcdefgh"},
        {"blanks without end", What::wrap, "", "        "},
        {"marks without end", What::wrap, "a", "\xCC\x81"},
        {"sentences", What::sentences, "", "Here. Is mr. X? "},
        {"stops without end", What::sentences, "", "..!?.."},
        {"dots after digits", What::sentences, "", "1. "},
        {"a word without end", What::sentences, "", "abcdefgh"},
        {"blanks without end", What::sentences, "a.", "     "},
    };
    for (const Row& row : rows) {
        ROW(std::string(row.name) + ", " + std::to_string(static_cast<int>(row.what)));
        const auto text = [&](size_t size) {
            std::string all = row.before;
            while (all.size() < size) all += row.unit;
            return all;
        };
        size_t bytes = 0;
        // Ticks of this process' clock (others may run meanwhile).
        const auto ticks = [&](const std::string& one, int count, size_t memory_size, size_t read_bytes) {
            std::vector<char> memory(memory_size);
            const clock_t began = clock();
            for (; count != 0; --count) bytes += through(row.what, one, Buffer(memory.data(), memory.size()), read_bytes);
            return static_cast<double>(clock() - began);
        };
        constexpr double coarsest_tick = CLOCKS_PER_SEC / 50.0;
        const std::string small = text(1 << 12), large = text(1 << 18);
        const double least = ticks(small, 64, 256, 16);
        const double most = std::max(ticks(large, 1, 1 << 18, 16), ticks(large, 1, 1 << 18, 1 << 18));
        INFO(least << " and " << most << " ticks");
        CHECK(most < 8 * (least + coarsest_tick));
        CHECK_LE(bytes, 3 * large.size() * 4);
    }
}
