// The parts of Tls that need no connection: addresses and names, sentences, records, texts in PEM.
#define OPENAI_STREAM_MBEDTLS
#include "support/header.hpp"

#include "support/corpus.hpp"
#include "support/cuts.hpp"
#include "support/tally.hpp"

#include <arpa/inet.h>

#include <random>
#include <string>

namespace tls = openai_stream::tls;

namespace {

using openai_stream::StringView;

std::string bytes_of(const tls::Address& address) {
    return std::string(reinterpret_cast<const char*>(address.bytes), address.size);
}

// What the system reads of it; empty: no address.
std::string by_the_system(const std::string& text) {
    unsigned char bytes[16];
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return std::string(reinterpret_cast<char*>(bytes), 4);
    if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return std::string(reinterpret_cast<char*>(bytes), 16);
    return "";
}

}  // namespace

TEST_CASE("addresses are read as the system reads them") {
    const char* const rows[] = {
        "127.0.0.1",
        "255.255.255.255",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.4 ",
        "1..2.3",
        "",
        "::",
        "::1",
        "1::",
        "1::2::3",
        ":1",
        "1:",
        ":::",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "12345::",
        "fe80::G",
        "FE80::aBcD",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "localhost",
        "1.2.3.4:",
        "::1.2.3",
    };
    for (const char* row : rows) {
        ROW(row);
        CHECK_EQ(bytes_of(tls::parse_address(row)), by_the_system(row));
    }
    ROW("texts put together by chance");
    const char* const atoms[] = {"0", "1",  "12",   "255", "256", "1234",    "abcd",    "12345", ":", "::",
                                 ".", "0:", "ffff", ":1",  "1:",  "::ffff:", "1.2.3.4", "01",    " ", "g"};
    std::mt19937 chance(1);
    size_t addresses = 0;
    for (int i = 0; i < 200000; ++i) {
        std::string text;
        for (auto atom = chance() % 10; atom != 0; --atom) text += atoms[chance() % (sizeof atoms / sizeof *atoms)];
        const std::string expected = by_the_system(text);
        if (bytes_of(tls::parse_address(text)) != expected) FAIL_CHECK(text);
        if (!expected.empty()) ++addresses;
    }
    CHECK(addresses > 1000);
    CHECK_EQ(bytes_of(tls::parse_address("fe80::1%eth0")), by_the_system("fe80::1"));
}

TEST_CASE("names match whole, a star for one whole label") {
    struct Row {
        const char *pattern, *host;
        bool is_match;
    };
    const Row rows[] = {
        {"a.example", "a.example", true},
        {"A.Example", "a.eXAMPLE", true},
        {"a.example", "b.example", false},
        {"a.example", "xa.example", false},
        {"a.example", "a.example.x", false},
        {"*.b.example", "a.b.example", true},
        {"*.b.example", "A.B.EXAMPLE", true},
        {"*.b.example", "b.example", false},
        {"*.b.example", ".b.example", false},
        {"*.b.example", "x.a.b.example", false},
        {"*.example", "a.example", false},
        {"*", "a", false},
        {"*.", "a.", false},
        {"a*.b.example", "ab.b.example", false},
        {"", "", false},
        {"*.*.example", "a.b.example", false},
        {"b.*.example", "b.a.example", false},
    };
    for (const Row& row : rows) {
        ROW(std::string(row.pattern) + " and " + row.host);
        CHECK_EQ(tls::matches_name(row.pattern, row.host), row.is_match);
    }
}

TEST_CASE("the server a session belongs to: its host as it is verified, and its port") {
    using Change = tls::ServerName::Change;
    struct Row {
        const char* name;
        std::string host;
        uint16_t port;
        Change change;       // after "h.example" at port 443
        const char* verified;
    };
    const std::string longest(tls::ServerName::max_host_bytes, 'h'), nul("h.e\0xample", 10);
    const Row rows[] = {
        {"the same once more", "h.example", 443, Change::none, "h.example"},
        {"with the dot of the root", "h.example.", 443, Change::none, "h.example"},
        {"another port", "h.example", 444, Change::other_server, "h.example"},
        {"another host", "h.exampl", 443, Change::other_server, "h.exampl"},
        {"an address in brackets", "[::1]", 443, Change::other_server, "::1"},
        {"as long as a name may be", longest, 443, Change::other_server, longest.c_str()},
        {"longer than that", longest + "h", 443, Change::refused, "h.example"},
        {"nothing", "", 443, Change::refused, "h.example"},
        {"the root alone", ".", 443, Change::refused, "h.example"},
        {"a NUL inside", nul, 443, Change::refused, "h.example"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        tls::ServerName server;
        CHECK(server.set("h.example", 443) == Change::other_server);
        CHECK(server.set(row.host, row.port) == row.change);
        CHECK_EQ(std::string(server.text()), row.verified);
        CHECK_EQ(std::string(server.c_str()), row.verified);
        CHECK(server.set("h.example", 443) == (row.change == Change::other_server ? Change::other_server : Change::none));
    }
}

TEST_CASE("sentences: dates, codes, and what does not fit") {
    tls::MessageBuffer sentence;
    sentence.date(2026, 1, 31, 3, 5, 59) << "; ";
    sentence.code(-0x2700) << "; ";
    sentence.code(0x10) << "; ";
    sentence.code(-0x7fffffff) << "; ";
    sentence.days(86399) << "; ";
    sentence.days(86400) << "; ";
    sentence.days(13 * 86400 + 5) << "; ";
    const unsigned char odd[] = {'a', 0, '\n', 0x7f, 0xC3, '~'};
    sentence.foreign(odd, sizeof odd);
    CHECK_EQ(std::string(sentence.text()),
             "2026-01-31 03:05:59 UTC; -0x2700; 0x0010; -0x7FFFFFFF; less than a day; 1 day; "
             "13 days; a????~");
    for (int i = 0; i < 100; ++i) sentence << "0123456789";
    CHECK_EQ(sentence.text().size(), tls::MessageBuffer::max_bytes);
    sentence.clear();
    CHECK(sentence.text().empty());
    for (int year = 1601; year < 2500; ++year)  // each day has 86400 seconds
        for (int month = 1; month < 12; ++month) {
            const int64_t length =
                tls::unix_time_of(year, month + 1, 1, 0, 0, 0) - tls::unix_time_of(year, month, 1, 0, 0, 0);
            const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            const int days = month == 2                                              ? (is_leap ? 29 : 28)
                             : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                                     : 31;
            if (length != days * tls::seconds_per_day) FAIL_CHECK(year, "-", month);
        }
    CHECK_EQ(tls::unix_time_of(1970, 1, 1, 0, 0, 0), 0);
    CHECK_EQ(tls::unix_time_of(2026, 6, 1, 0, 0, 1), 1780272001);
}

TEST_CASE("records: alerts and what the server asks for, however the bytes are cut") {
    struct Row {
        const char* name;
        std::string bytes;
        bool is_tls;
        int alert;
        bool wants_certificate;
    };
    const std::string v = "\x03\x03", zero(1, '\0');
    const auto record = [&](char type, const std::string& body) {
        return type + v + zero + static_cast<char>(body.size()) + body;
    };
    const auto message = [&](char type, size_t size) {
        return type + zero + zero + static_cast<char>(size) + std::string(size, '\x0d');
    };
    const std::string alert = record(21, "\2\x46"), hello = message(2, 70), request = message(13, 10);
    const Row rows[] = {
        {"an alert", alert, true, 70, false},
        {"a warning", record(21, "\1\x46"), true, -1, false},
        {"a warning, then an alert", record(21, "\1\x70") + alert, true, 70, false},
        {"an alert after other records", record(22, hello) + alert, true, 70, false},
        {"an alert of another length", record(21, "\2\x46\1"), true, -1, false},
        {"an encrypted alert", record(20, "\1") + record(21, "\2\x46"), true, -1, false},
        {"a request for a certificate", record(22, hello) + record(22, request), true, -1, true},
        {"several messages in one record", record(22, hello + request), true, -1, true},
        {"a message over two records", record(22, hello.substr(0, 2)) + record(22, hello.substr(2) + request), true, -1,
         true},
        {"the same after the change to ciphers", record(20, "\1") + record(22, request), true, -1, false},
        {"the same in TLS 1.3", record(23, request), true, -1, false},
        {"the number of that message inside another", record(22, message(11, 100)), true, -1, false},
        {"an empty record", record(22, "") + alert, true, 70, false},
        {"plain HTTP", "HTTP/1.1 400 Bad Request\r\n", false, -1, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            tls::Records records;
            CHECK_FALSE(records.has_begun());
            for (const auto& piece : pieces)
                records.feed(reinterpret_cast<const unsigned char*>(piece.data()), piece.size());
            CHECK(records.has_begun());
            CHECK_EQ(records.is_tls(), row.is_tls);
            CHECK_EQ(records.alert(), row.alert);
            CHECK_EQ(records.wants_client_certificate(), row.wants_certificate);
        });
    }
}

TEST_CASE("texts in PEM are taken one by one") {
    struct Row {
        const char* name;
        const char* text;
        const char* expected;  // each in brackets
    };
    const Row rows[] = {
        {"one", "-----BEGIN A-----\nx\n-----END A-----\n", "[-----BEGIN A-----\nx\n-----END A-----]"},
        {"two, with words around them",
         "one:\n-----BEGIN A-----\nx\n-----END A-----\ntwo:\n-----BEGIN B-----\n-----END B-----",
         "[-----BEGIN A-----\nx\n-----END A-----][-----BEGIN B-----\n-----END B-----]"},
        {"none", "hello", ""},
        {"nothing", "", ""},
        {"one that does not end", "-----BEGIN A-----\nx\n", ""},
        {"one whose last line does not end", "-----BEGIN A-----\nx\n-----END A", ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string taken;
        StringView text(row.text);
        for (StringView one = tls::take_pem(text); !one.empty(); one = tls::take_pem(text))
            taken += "[" + std::string(one) + "]";
        CHECK_EQ(taken, row.expected);
    }
}
