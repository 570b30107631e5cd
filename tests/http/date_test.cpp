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
