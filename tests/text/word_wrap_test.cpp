// Lines of so many columns, while the text arrives.
#include "characters.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

using namespace openai_stream;

namespace {

std::string wrapped(const corpus::Pieces& pieces, unsigned columns, size_t memory_size = 128) {
    support::GuardedBuffer memory(memory_size);
    WordWrap wrap(columns, Buffer(memory.data(), memory_size));
    std::string lines;
    StringView piece;
    for (const std::string_view part : pieces) {
        support::GuardedBuffer copy(part.size());
        std::memcpy(copy.data(), part.data(), part.size());
        wrap.feed(StringView(copy.data(), part.size()));
        while (wrap.next(piece)) lines += piece.empty() ? "an empty piece" : std::string(piece);
    }
    wrap.finish();
    while (wrap.next(piece)) lines += piece.empty() ? "an empty piece" : std::string(piece);
    return lines;
}

const std::string sun = "\xE6\x97\xA5", stop = "\xE3\x80\x82", quote = "\xE3\x80\x8C", accent = "e\xCC\x81";

}  // namespace

TEST_CASE("where lines are broken") {
    struct Row {
        const char* name;
        std::string text;
        unsigned columns;
        std::string expected;
    };
    const std::string thai = characters::all[6].bytes, family = characters::all[16].bytes;
    const Row rows[] = {
        {"between words", "one two three", 8, "one two\nthree"},
        {"a word that just fits", "one two", 7, "one two"},
        {"one column less", "one two", 6, "one\ntwo"},
        {"blanks go at the break alone", "a  b     c", 4, "a  b\nc"},
        {"line ends stay", "a\n\nb \n c", 9, "a\n\nb\n c"},
        {"CR LF and CR are line ends", "a\r\nb\rc", 9, "a\nb\nc"},
        {"a tab is a blank", "a\tb", 9, "a b"},
        {"a word longer than a line", "a abcdefgh i", 3, "a\nabc\ndef\ngh\ni"},
        {"and what fits after it", "abcd e f", 3, "abc\nd e\nf"},
        {"after a hyphen", "semi-final", 6, "semi-\nfinal"},
        {"no break before a stop", "ab cd.", 5, "ab\ncd."},
        {"between characters of Japanese", sun + sun + sun, 5, sun + sun + "\n" + sun},
        {"not before their stops", sun + sun + stop, 4, sun + "\n" + sun + stop},
        {"not after their brackets", sun + quote + sun, 4, sun + "\n" + quote + sun},
        {"between them and a word", "ab" + sun + "cd", 4, "ab" + sun + "\ncd"},
        {"accents take no column", accent + accent + " " + accent, 4, accent + accent + " " + accent},
        {"nor do vowels above", thai + thai, 1, thai + "\n" + thai},
        {"a family takes two", family + family, 3, family + "\n" + family},
        {"a character wider than the line", "a" + sun + "b", 1, "a\n" + sun + "\nb"},
        {"no columns are one", "ab", 0, "a\nb"},
        {"indentation stays", "  a b", 5, "  a b"},
        {"but not before what does not fit with it", "    abc", 5, "abc"},
        {"blanks at the end go", "a   ", 9, "a"},
        {"nothing", "", 9, ""},
        {"bytes that are no UTF-8 take one", "\xFF\xFF \xFF\xC3", 3, "\xFF\xFF\n\xFF\xC3"},
        {"half a code point takes one", "aa-b\xE2\x82", 4, "aa-\nb\xE2\x82"},
        {"a word longer than the memory", std::string(150, 'x') + " y", 100,
         std::string(100, 'x') + "\n" + std::string(50, 'x') + " y"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.text, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(wrapped(pieces, row.columns), row.expected);
        });
    }
}

TEST_CASE("how many columns a character takes") {
    struct Row {
        const char* name;
        std::string bytes;
        unsigned columns;
    };
    const Row rows[] = {
        {"a letter", "a", 1},
        {"a control byte", "\x01", 0},
        {"the last control byte before the blank", "\x1F", 0},
        {"DEL", "\x7F", 0},
        {"a control character above ASCII", "\xC2\x9F", 0},
        {"the first character after them", "\xC2\xA1", 1},
        {"Hangul, the first that is wide", "\xE1\x84\x80", 2},
        {"what stands before it", "\xE1\x83\xBF", 1},
        {"a form for vertical lines", "\xEF\xB8\x90", 2},
        {"a letter of full width", "\xEF\xBC\xA1", 2},
        {"one of half width", "\xEF\xBD\xB1", 1},
        {"Linear B, U+10000", "\xF0\x90\x80\x80", 1},
        {"before Tangut and old kana, U+16FDF", "\xF0\x96\xBF\x9F", 1},
        {"their first, U+16FE0", "\xF0\x96\xBF\xA0", 2},
        {"their last, U+1B2FB", "\xF0\x9B\x8B\xBB", 2},
        {"after them, U+1B300", "\xF0\x9B\x8C\x80", 1},
        {"a letter in a square, U+1F1E5", "\xF0\x9F\x87\xA5", 1},
        {"a flag, U+1F1E6 and U+1F1FF", "\xF0\x9F\x87\xA6\xF0\x9F\x87\xBF", 2},
        {"kana in a square, U+1F201", "\xF0\x9F\x88\x81", 2},
        {"the last emoji, U+1FAFF", "\xF0\x9F\xAB\xBF", 2},
        {"a sextant, U+1FB00", "\xF0\x9F\xAC\x80", 1},
        {"the first rare character of Chinese, U+20000", "\xF0\xA0\x80\x80", 2},
        {"what stands before it, U+1FFFD", "\xF0\x9F\xBF\xBD", 1},
        {"their last, U+3FFFD", "\xF0\xBF\xBF\xBD", 2},
        {"what stands after it, U+40000", "\xF1\x80\x80\x80", 1},
        {"one of nobody's, U+F0000", "\xF3\xB0\x80\x80", 1},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        // In lines of nine columns: as many as fit.
        std::string word, fits;
        for (int left = 0; left != 12; ++left) word += row.bytes;
        for (unsigned left = row.columns == 0 ? 12 : 9 / row.columns; left != 0; --left) fits += row.bytes;
        const std::string lines = wrapped({word}, 9);
        CHECK_EQ(lines.substr(0, lines.find('\n')), fits);
    }
}

TEST_CASE("no line begins with a closing bracket or a stop, and none ends in an opening bracket") {
    for (const std::string closing :
            {"!", ")", ",", ".", ":", ";", "?", "]", "}", "\xC2\xBB", "\xE2\x80\x99", "\xE2\x80\x9D", "\xE2\x80\xA6",
             "\xE3\x80\x81", "\xE3\x80\x82", "\xE3\x80\x89", "\xE3\x80\x8B", "\xE3\x80\x8D", "\xE3\x80\x8F",
             "\xE3\x80\x91", "\xE3\x80\x95", "\xE3\x80\x97", "\xE3\x80\x99", "\xE3\x80\x9B", "\xEF\xBC\x81",
             "\xEF\xBC\x89", "\xEF\xBC\x8C", "\xEF\xBC\x8E", "\xEF\xBC\x9A", "\xEF\xBC\x9B", "\xEF\xBC\x9F",
             "\xEF\xBC\xBD", "\xEF\xBD\x9D", "\xEF\xBD\xA0", "\xEF\xBD\xA1", "\xEF\xBD\xA3", "\xEF\xBD\xA4"}) {
        ROW(closing + " stays with what stands before it");
        CHECK_EQ(wrapped({sun + sun + closing}, 4), sun + "\n" + sun + closing);
    }
    for (const std::string opening :
            {"(", "[", "{", "\xC2\xAB", "\xE2\x80\x98", "\xE2\x80\x9C", "\xE3\x80\x88", "\xE3\x80\x8A",
             "\xE3\x80\x8C", "\xE3\x80\x8E", "\xE3\x80\x90", "\xE3\x80\x94", "\xE3\x80\x96", "\xE3\x80\x98",
             "\xE3\x80\x9A", "\xEF\xBC\x88", "\xEF\xBC\xBB", "\xEF\xBD\x9B", "\xEF\xBD\x9F", "\xEF\xBD\xA2"}) {
        ROW(opening + " stays with what follows");
        CHECK_EQ(wrapped({sun + opening + sun}, 4), sun + "\n" + opening + sun);
    }
}

TEST_CASE("what a small memory does") {
    ROW("less than it needs");
    CHECK_EQ(wrapped({"abc"}, 9, WordWrap::min_memory_bytes - 1), "");
    std::string marks = "a";
    for (int left = 0; left != 100; ++left) marks += "\xCC\x81";
    corpus::for_each_cut(marks + "b " + marks, true, [&](const corpus::Pieces& pieces) {
        CHECK_EQ(wrapped(pieces, 2, WordWrap::min_memory_bytes), marks + "b\n" + marks);
    });
}

TEST_CASE("characters larger than the memory are broken in the same way whatever the cut") {
    ROW("marks and emoji without end");
    std::string text = "a";
    for (int left = 0; left != 40; ++left) text += "\xCC\x81";
    for (int left = 0; left != 20; ++left) text += "\xF0\x9F\x91\xA8\xE2\x80\x8D";
    const std::string whole = wrapped({text}, 7, WordWrap::min_memory_bytes);
    corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
        INFO(corpus::describe(pieces));
        CHECK_EQ(wrapped(pieces, 7, WordWrap::min_memory_bytes), whole);
    });
}

namespace {

// The whole text at once: the best place to break is looked for from the end of each line.
std::string wrapped_as_a_whole(const std::vector<characters::Character>& text, unsigned columns) {
    const auto is_blank = [](const characters::Character& one) { return one.bytes == " "; };
    std::string lines;
    for (size_t paragraph = 0; paragraph <= text.size();) {
        size_t end = paragraph;
        while (end != text.size() && text[end].bytes != "\n") ++end;
        size_t trimmed = end;
        while (trimmed != paragraph && is_blank(text[trimmed - 1])) --trimmed;
        for (size_t at = paragraph; at != trimmed;) {
            unsigned width = 0;
            size_t fits = at;
            while (fits != trimmed && (width += text[fits].columns) <= columns) ++fits;
            if (fits == at) ++fits;
            size_t to = fits;
            // May the line end before `to`?
            const auto may_end = [&](size_t place) {
                if (place == trimmed || is_blank(text[place])) return true;
                const characters::Character &left = text[place - 1], &right = text[place];
                if (is_blank(left)) return true;
                if (right.bytes == "." || right.bytes == stop || left.bytes == quote) return false;
                return left.bytes == "-" || left.columns == 2 || right.columns == 2;
            };
            while (to != at && !may_end(to)) --to;
            size_t first = at;
            while (first != trimmed && is_blank(text[first])) ++first;
            if (to <= first) {  // nothing but indentation has room, or the beginning of a long word
                if (first != at) {
                    at = first;
                    continue;
                }
                to = fits;
            }
            size_t last = to;
            while (last != at && is_blank(text[last - 1])) --last;
            for (size_t index = at; index != last; ++index) lines += text[index].bytes;
            at = to;
            while (at != trimmed && is_blank(text[at])) ++at;
            if (at != trimmed) lines += '\n';
        }
        if (end != text.size()) lines += '\n';
        paragraph = end + 1;
    }
    return lines;
}

}  // namespace

TEST_CASE("200 generated texts, in every cut, are broken as the whole text is") {
    for (unsigned number = 0; number != 200; ++number) {
        ROW("text " + std::to_string(number));
        corpus::Random random("wrap " + std::to_string(number));
        std::vector<characters::Character> list;
        for (size_t left = random.between(0, 20); left != 0; --left) {
            const size_t which = random.between(0, characters::all.size() + 12);
            if (which < characters::all.size()) list.push_back(characters::all[which]);
            else if (which < characters::all.size() + 4) list.push_back({" ", 1});
            else if (which < characters::all.size() + 5) list.push_back({"\n", 0});
            else if (which < characters::all.size() + 6) list.push_back({"-", 1});
            else if (which < characters::all.size() + 7) list.push_back({stop, 2});
            else if (which < characters::all.size() + 8) list.push_back({quote, 2});
            else list.push_back({"b", 1});
        }
        std::string text;
        for (const characters::Character& one : list) text += one.bytes;
        const auto columns = static_cast<unsigned>(random.between(2, 12));
        const std::string expected = wrapped_as_a_whole(list, columns);
        std::string wrong;
        corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
            const std::string lines = wrapped(pieces, columns, 700);
            if (wrong.empty() && lines != expected) wrong = corpus::describe(pieces) + ": " + lines;
        });
        CHECK_MESSAGE(wrong.empty(), columns << " columns of " << text << "\n" << wrong << "\nexpected: " << expected);
    }
}

TEST_CASE("no heap") {
    if (!support::HeapTrap::works()) return tally::skip("the heap cannot be trapped here");
    ROW("WordWrap");
    size_t bytes = 0;
    {
        support::HeapTrap trap;
        char memory[WordWrap::min_memory_bytes];
        WordWrap wrap(10, memory);
        StringView piece;
        wrap.feed("not fetched ");
        wrap.feed("but shown as if it were");
        wrap.finish();
        while (wrap.next(piece)) bytes += piece.size();
    }
    CHECK_EQ(bytes, std::strlen("?fetched?but shown?as if it?were"));  // its end was known only then
}
