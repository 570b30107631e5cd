// Chunked bodies.
#include "http/response_reading.hpp"
#include "support/guard_page.hpp"

#include <cstdio>

using namespace reading;

TEST_CASE("chunks that are not by RFC 9112 section 7.1") {
    check_failures({
        {"no chunk size", chunked + "\r\n", Error::bad_chunk},
        {"an extension without a size", chunked + ";a\r\n", Error::bad_chunk},
        {"a size with a letter after F", chunked + "g\r\n", Error::bad_chunk},
        {"a size with the byte before 0", chunked + "/\r\n", Error::bad_chunk},
        {"a size with the byte after 9", chunked + "1:\r\n", Error::bad_chunk},
        {"a size with the byte before A", chunked + "@\r\n", Error::bad_chunk},
        {"a size with the byte before a", chunked + "`\r\n", Error::bad_chunk},
        {"a blank before the size", chunked + " 1\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"a blank within the size", chunked + "1 0\r\n" + std::string(16, 'x') + "\r\n0\r\n\r\n", Error::bad_chunk},
        {"blanks alone", chunked + " \t\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"an extension without a semicolon", chunked + "1 a\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"LF alone after blanks", chunked + "1  \nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"more blanks than a line may have", chunked + "1" + std::string(1100, ' ') + "\r\nx\r\n0\r\n\r\n",
         Error::bad_chunk},
        {"LF alone after the size", chunked + "1\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"LF inside an extension that goes on", chunked + "1;a\nb\r\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"LF alone after an extension", chunked + "1;a\nx\r\n0\r\n\r\n", Error::bad_chunk},
        {"CR alone after the size", chunked + "1\rx\r\n0\r\n\r\n", Error::bad_chunk},
        {"no CR after the data", chunked + "1\r\nx\n0\r\n\r\n", Error::bad_chunk},
        {"another byte than CR after the data", chunked + "1\r\nx.\n0\r\n\r\n", Error::bad_chunk},
        {"another byte than LF after the data", chunked + "1\r\nx\r.0\r\n\r\n", Error::bad_chunk},
        {"no LF after the data", chunked + "1\r\nx\r0\r\n\r\n", Error::bad_chunk},
        {"data that is longer than its size", chunked + "1\r\nxx\r\n0\r\n\r\n", Error::bad_chunk},
        {"no size in the second line, in a long input",
         chunked + "1\r\nx\r\n\r\n" + std::string(64, 'x'), Error::bad_chunk},
        {"another byte than CR before the second size, in a long input",
         chunked + "1\r\nx.\n40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n", Error::bad_chunk},
        {"another byte than LF before the second size, in a long input",
         chunked + "1\r\nx\r.40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n", Error::bad_chunk},
        {"another byte than CR after the second size, in a long input",
         chunked + "1\r\nx\r\n40.\n" + std::string(64, 'x') + "\r\n0\r\n\r\n", Error::bad_chunk},
        {"another byte than LF after the second size, in a long input",
         chunked + "1\r\nx\r\n40\r." + std::string(64, 'x') + "\r\n0\r\n\r\n", Error::bad_chunk},
        {"no LF after the second size, in a long input",
         chunked + "1\r\nx\r\n40\r" + std::string(64, 'x'), Error::bad_chunk},
        {"LF alone after the second size, in a long input",
         chunked + "1\r\nx\r\n40\n" + std::string(64, 'x'), Error::bad_chunk},
    });
}

TEST_CASE("blanks after a size and around its extensions are passed over") {
    for (const char* const line : {"2 ", "2  ", "2\t", "2 \t \t", "2 ;a", "2\t; a = b", "2 ; a=b ; c = \"d e\" ", "2;",
                                   "2 ;", "02 "}) {
        ROW(line);
        const std::string last = "0" + std::string(line).substr(line[0] == '0' ? 2 : 1);
        const std::string bytes = chunked + line + "\r\nhi\r\n" + line + "\r\nho\r\n" + last + "\r\n\r\n";
        const Response got = read_every_way(bytes);
        CHECK(got.complete);
        CHECK_EQ(got.body, "hiho");
        CHECK_EQ(got.consumed, bytes.size());
        CHECK(got.keep_alive);
        CHECK_EQ(got.has_padded_chunks, std::string(line) != "2;");
    }
}

TEST_CASE("a trailer section that is not") {
    check_failures({
        {"a trailer without colon", chunked + "0\r\nName\r\n\r\n", Error::bad_header},
        {"a folded trailer", chunked + "0\r\nName: a\r\n b\r\n\r\n", Error::bad_header},
        {"NUL in a trailer", chunked + std::string("0\r\nName: \0\r\n\r\n", 14), Error::bad_header},
    });
}

TEST_CASE("chunks of every size up to two blocks come out as they went in") {
    std::string input = chunked, body;
    for (size_t size = 1; size <= 260; ++size) {
        char line[16];
        std::snprintf(line, sizeof line, size % 2 ? "%zx\r\n" : "%zX\r\n", size);
        const std::string data = repeat(std::string(1, static_cast<char>('a' + size % 26)), size);
        input += line + data + "\r\n";
        body += data;
    }
    input += "0\r\n\r\n";
    const Response got = read_every_way(input, true);
    CHECK(got.complete);
    CHECK_EQ(got.body, body);
    CHECK_FALSE(got.has_padded_chunks);

    ROW("a chunk that is there is one piece");
    ResponseParser parser;
    const char* at = input.data();
    size_t pieces = 0;
    for (ParseEvent part = ParseEvent::need_more; part != ParseEvent::end; pieces += part == ParseEvent::body) {
        part = parser.next(at, input.data() + input.size());
        at = parser.at();
        REQUIRE((part != ParseEvent::failed && part != ParseEvent::need_more && pieces <= 260));
    }
    CHECK_EQ(pieces, 260);
}

TEST_CASE("the short cut is taken for a whole line alone, and reads nothing after its input") {
    if (oai::detail::is_small_build) return;  // has none
    struct Row {
        const char* name;
        std::string input;  // before what else comes, of which there is enough
        uint64_t size;      // 0: the short cut is not taken
    };
    const Row rows[] = {
        {"a digit", "\r\n5\r\n", 5},
        {"a digit of either case", "\r\naB\r\n", 0xAB},
        {"the most digits", "\r\n0000000000001F\r\n", 0x1F},
        {"the most digits, and the largest", "\r\nfffffffffffffe\r\n", 0xFFFFFFFFFFFFFE},
        {"one digit more", "\r\n00000000000001F\r\n", 0},
        {"the last chunk", "\r\n0\r\n", 0},
        {"no digit", "\r\n\r\n", 0},
        {"no line end first", "5\r\n", 0},
        {"another byte than CR first", "\x0E\n5\r\n", 0},
        {"another byte than LF second", "\r\x0B" "5\r\n", 0},
        {"another byte than CR after the size", "\r\n5\x0E\n", 0},
        {"another byte than LF after the size", "\r\n5\r\x0B", 0},
        {"LF alone after the size", "\r\n5\n", 0},
        {"an extension", "\r\n5;a\r\n", 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (size_t bytes = row.input.size(); bytes <= row.input.size() + 18; ++bytes) {
            std::string input = row.input;
            input.resize(bytes, '\n');
            const support::GuardedBytes guarded(input);
            uint64_t size = 7;
            const char* const after = oai::http::whole_chunk_line(guarded.begin(), guarded.end(), size);
            const bool is_taken = row.size != 0 && bytes >= 18;
            CHECK_EQ(after == nullptr ? 0 : after - guarded.begin(), is_taken ? row.input.size() : 0);
            CHECK_EQ(size, is_taken ? row.size : 7);
        }
    }
    ROW("only between the data of two chunks: what follows an extension may look like its line");
    std::string broken;
    const std::string data = "5\r\n" + std::string(61, 'x');
    const Response got = read({chunked + "40;a", "\r\n" + data + "\r\n0\r\n\r\n"}, broken);
    CHECK_EQ(broken, "");
    CHECK(got.complete);
    CHECK_EQ(got.body, data);
}
