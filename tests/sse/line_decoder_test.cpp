// The lines of an event stream: which field, in which pieces, and where the pieces point.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace sse = openai_stream::sse;

namespace {

const char* const field_names[] = {"data", "event", "id", "retry", "error", "comment", "unknown"};

// "data=a" + "+" for a piece that is not the last + ";", "blank;".
std::string read(const corpus::Pieces& pieces, bool join) {
    sse::LineDecoder decoder;
    std::string log;
    bool inside = false;
    for (const std::string_view piece : pieces) {
        const support::GuardedBytes input(piece);
        const char* at = input.begin();
        while (true) {
            const char* const before = at;
            const sse::LineKind kind = decoder.next(at, input.end());
            if (kind == sse::LineKind::need_more) {
                if (at != input.end()) log += "input is left;";
                break;
            }
            if (at == before) log += "no progress;";
            if (kind == sse::LineKind::blank) {
                log += "blank;";
                continue;
            }
            const openai_stream::StringView text = decoder.text();
            if (!inside || !join) log += std::string(field_names[static_cast<size_t>(decoder.field())]) + "=";
            if (text.begin() < input.begin() || text.end() > input.end()) log += "not in the input";
            log += std::string(text);
            inside = !decoder.is_complete();
            if (!inside)
                log += ";";
            else if (!join)
                log += "+";
        }
    }
    return log;
}

// How the input was cut where the decoder, which has read it, does not say what is expected; "": it always does.
template <class Value> std::string first_cut_without(const char* text, Value expected,
                                                     Value (sse::LineDecoder::*said)() const noexcept) {
    std::string wrong;
    corpus::for_each_cut(text, false, [&](const corpus::Pieces& pieces) {
        sse::LineDecoder decoder;
        for (const std::string_view piece : pieces) {
            const support::GuardedBytes input(piece);
            const char* at = input.begin();
            while (decoder.next(at, input.end()) != sse::LineKind::need_more) {
            }
        }
        if (wrong.empty() && (decoder.*said)() != expected) wrong = corpus::describe(pieces);
    });
    return wrong;
}

}  // namespace

TEST_CASE("fields, values and blank lines") {
    struct Row {
        const char* name;
        std::string input;
        const char* lines;
    };
    const std::string nul(1, '\0');
    const Row rows[] = {
        {"the five fields", "data:a\nevent:b\nid:c\nretry:d\nerror:e\n", "data=a;event=b;id=c;retry=d;error=e;"},
        {"one space is taken off", "data: a\ndata:  a\ndata:\ta\n", "data=a;data= a;data=\ta;"},
        {"without a colon", "data\nevent\nid\nretry\nerror\n", "data=;event=;id=;retry=;error=;"},
        {"with a colon and nothing", "data:\nevent:\ndata: \n", "data=;event=;data=;"},
        {"no line end yet: nothing is known of a bare name", "data", ""},
        {"a comment", ":\n: a\n:a:b\n", "comment=;comment=a;comment=a:b;"},
        {"unknown names are passed over",
         "dat:1\ndatab:2\nDATA:3\n data:4\nx\nidd:5\ni:6\nretri:7\neven:8\nevents:9\ndat\n", ""},
        {"every proper beginning of a name is unknown",
         "d\nda\ndat\ne\nev\neve\neven\ni\nr\nre\nret\nretr\ner\nerr\nerro\n", ""},
        {"a name with NUL after it is unknown", "data" + nul + ":1\nid" + nul + ":2\nid" + nul + "\n", ""},
        {"names that begin alike", "event:1\nerror:2\nid:3\n", "event=1;error=2;id=3;"},
        {"blank lines of each kind", "\n\r\n\r\r\n\n", "blank;blank;blank;blank;blank;"},
        {"CR ends a line at once", "data:a\r", "data=a;"},
        {"LF CR are two lines", "data:a\n\r", "data=a;blank;"},
        {"a byte order mark is passed over",
         "\xEF\xBB\xBF"
         "data:a\n",
         "data=a;"},
        {"and one only",
         "\xEF\xBB\xBF\xEF\xBB\xBF"
         "data:a\ndata:b\n",
         "data=b;"},
        {"the first byte of one",
         "\xEF"
         "data:a\ndata:b\n",
         "data=b;"},
        {"two bytes of one",
         "\xEF\xBB"
         "data:a\ndata:b\n",
         "data=b;"},
        {"two bytes of one and a line end", "\xEF\xBB\ndata:b\n", "data=b;"},
        {"a byte order mark before a blank line", "\xEF\xBB\xBF\ndata:a\n", "blank;data=a;"},
        {"a second byte order mark after a line",
         "data:a\n\xEF\xBB\xBF"
         "data:b\n",
         "data=a;"},
        {"a bit of a name that a byte order mark cut off",
         "\xEF\xBB\xBF"
         "ata:a\n",
         ""},
        {"a long name", std::string(300, 'd') + ":a\ndata:b\n", "data=b;"},
        {"a colon first, then what looks like a field", ":data:a\n", "comment=data:a;"},
        {"bytes that are no line ends", "data:a\x0B\x0C\x1C\xC2\x85\xE2\x80\xA8z\n",
         "data=a\x0B\x0C\x1C\xC2\x85\xE2\x80\xA8z;"},
        {"an unfinished value has come so far", "data:abc", "data=abc"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string wrong;
        corpus::for_each_cut(row.input, false, [&](const corpus::Pieces& pieces) {
            const std::string lines = read(pieces, true);
            if (wrong.empty() && lines != row.lines) wrong = corpus::describe(pieces) + ": " + lines;
        });
        CHECK_EQ(wrong, "");
    }
}

TEST_CASE("a value is delivered in the pieces in which it arrives") {
    struct Row {
        const char* name;
        corpus::Pieces pieces;
        const char* lines;
    };
    const Row rows[] = {
        {"cut in the value", {"data: ab", "cd", "\n"}, "data=ab+data=cd+data=;"},
        {"cut after the space", {"data: ", "ab\n"}, "data=ab;"},
        {"cut after the colon", {"data:", " ab\n"}, "data=ab;"},
        {"the space itself", {"data:", " ", "ab\n"}, "data=ab;"},
        {"cut before the line end", {"data:ab", "\ndata:c\n"}, "data=ab+data=;data=c;"},
        {"between CR and LF", {"data:ab\r", "\n\r", "\n"}, "data=ab;blank;"},
        {"cut in the name", {"da", "ta:ab\n"}, "data=ab;"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(read(row.pieces, false), row.lines);
    }
}

TEST_CASE("what has no field and no comment is hardly an event stream") {
    struct Row {
        const char* name;
        const char* input;
        bool has_field;
    };
    const Row rows[] = {
        {"nothing yet", "", false},
        {"the beginning of a name", "d", true},
        {"one letter less than a name", "even", true},
        {"a short name that may go on", "id", true},
        {"four letters that are a name", "data", true},
        {"five letters without a colon", "event", false},
        {"no beginning of a name", "<htm", false},
        {"a name is not in the middle of another", "ven", false},
        {"the list of names ends", "z", false},
        {"a name and its colon, the short way", "data: ", true},
        {"a name and its colon", "id:", true},
        {"the same, after a line of something else", "x\nretry:", true},
        {"a name alone in its line", "data\n", false},
        {"the field of the standard's nobody", "error:", true},
        {"an unknown name and its colon", "x:", false},
        {"one that a known name begins with", "dat:", false},
        {"and a value that looks like a name", "x:data", false},
        {"and then the beginning of a name", "x:1\nda", true},
        {"a comment", ":", true},
        {"an empty line", "\n", false},
        {"it stays so", "data: 1\nx", true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(first_cut_without(row.input, row.has_field, &sse::LineDecoder::has_field), "");
    }
}

TEST_CASE("where a line begins, and whether a line feed that comes next belongs to the line before") {
    struct Row {
        const char* name;
        const char* input;
        unsigned boundary;
    };
    const Row rows[] = {
        {"before the first byte", "", 1},
        {"in a name", "d", 0},
        {"after a name's colon", "id:", 0},
        {"after the blank", "id: ", 0},
        {"after the short way", "data: ", 0},
        {"in a value", "data: a", 0},
        {"after LF", "data: a\n", 1},
        {"after CR", "data: a\r", 2},
        {"after CR LF", "data: a\r\n", 1},
        {"in the name after CR", "data: a\rd", 0},
        {"after a blank line", "data: a\n\n", 1},
        {"in a comment", ":", 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(first_cut_without(row.input, row.boundary, &sse::LineDecoder::boundary), "");
    }
}
