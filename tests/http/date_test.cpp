// Dates in the forms of RFC 9110 section 5.6.7. The expected seconds are those of Python's calendar.timegm.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace {

struct Row {
    const char* text;
    int64_t seconds;  // -1: not a date
};
const Row rows[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
    {"Sun Nov  6 08:49:37 1994", 784111777},
    {"sun, 06 nov 1994 08:49:37 gmt", 784111777},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Thu, 29 Feb 1996 23:59:59 GMT", 825638399},
    {"Fri, 01 Mar 1996 00:00:00 GMT", 825638400},
    {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
    {"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
    {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    {"Sunday, 06-Nov-26 08:49:37 GMT", 1793954977},
    {"Tuesday, 31-Dec-69 00:00:00 GMT", 3155673600},  // 2069
    {"Thursday, 01-Jan-70 00:00:00 GMT", 0},
    {"08:49:37 06 1994 Nov", 784111777},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
    {"", -1},
    {"120", -1},
    {"soon", -1},
    {"Sun, 06 Nov 1994", -1},
    {"Sun, 06 Nov 1994 08:49 GMT", -1},
    {"Sun, 06 Nov 1994 08:49", -1},
    {"Sun, 06 Nov 1994 08:49: GMT", -1},
    {"Sun, 06 Nov 1994 08::37 GMT", -1},
    {"Sun, 06 Nov 1994 08:00000000000049:37 GMT", 784111777},
    {"Sun, 06 Nov 1994 08:10000000000049:37 GMT", -1},
    {"Sun, 10000000000006 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 Nov 10000000001994 08:49:37 GMT", -1},
    {"Sun, 06 Nxv 1994 08:49:37 GMT", -1},
    {"Sun, 06 xov 1994 08:49:37 GMT", -1},
    {"Sun, 06 No", -1},
    {"Sun, 06 Nov 1994 24:00:00 GMT", -1},
    {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
    {"Sun, 06 Nov 1994 08:49:61 GMT", -1},
    {"Sun, 32 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 00 06 Nov 1994 08:49:37 GMT", -1},
    {"Sun, 06 Nox 1994 08:49:37 GMT", -1},
    {"Sun, 06 Nov 1969 08:49:37 GMT", -1},
    {"Sat, 01 Jan 10000 00:00:00 GMT", -1},
    {"Sun, 06 Nov 99999999999999999999 08:49:37 GMT", -1},
    {"Sun, 06 Nov 1994 99999999999999999999:49:37 GMT", -1},
};

}  // namespace

TEST_CASE("dates") {
    for (const Row& row : rows) {
        ROW(std::string("\"") + row.text + "\"");
        const support::GuardedBytes text(row.text);
        CHECK_EQ(openai_stream::http::to_unix_seconds({text.begin(), strlen(row.text)}), row.seconds);
    }
}

TEST_CASE("a number of at most ten digits, taken off with all of its digits") {
    struct Number {
        const char* text;
        int64_t number;  // -1: none, or one that is too large
        const char* left;
    };
    const Number numbers[] = {
        {"", -1, ""},
        {"x1", -1, "x1"},
        {"0", 0, ""},
        {"1", 1, ""},
        {"10 x", 10, " x"},
        {"0000000000000012345:", 12345, ":"},
        {"999999999", 999999999, ""},
        {"1000000000", 1000000000, ""},
        {"1000000001", 1000000001, ""},
        {"9999999999", 9999999999, ""},
        {"10000000000", -1, ""},
        {"10000000001", -1, ""},
        {"10000000010", -1, ""},
        {"99999999999", -1, ""},
        {"99999999999999999999999999x", -1, "x"},
    };
    for (const Number& row : numbers) {
        ROW(std::string("\"") + row.text + "\"");
        const support::GuardedBytes text(row.text);
        openai_stream::StringView left(text.begin(), strlen(row.text));
        CHECK_EQ(openai_stream::http::take_number(left), row.number);
        CHECK_EQ(std::string(left), row.left);
    }
}
