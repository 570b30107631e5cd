// Which certificates Tls accepts, and what it says of the others.
#include "platform/tls_talk.hpp"

#include <mbedtls/sha256.h>

using namespace tls_talk;

TEST_CASE("which certificates are accepted, and what is said about the others; no request before that") {
    struct Row {
        const char* name;
        std::function<void(Wish&, TlsSettings&)> change;
        const char* host;
        TlsProblem problem;
        const char* sentence;
    };
    static const std::string both =
        tls_server::pem_of(World::get().other_authority) + "\n" + tls_server::pem_of(World::get().authority);
    static oai::TlsPin pins[2] = {};
    const auto dns = [](std::vector<std::string> names) {
        return [names](Wish& wish, TlsSettings&) { wish.dns = names; };
    };
    const auto ip = [](std::vector<std::string> addresses) {
        return [addresses](Wish& wish, TlsSettings&) {
            wish.dns.clear();
            wish.addresses = addresses;
        };
    };
    const auto nothing = [](Wish&, TlsSettings&) {};
    const char* const other = "the certificate is not for ";
    const std::string loopback6(std::string(15, '\0') + '\1');
    const Row rows[] = {
        {"a valid one", nothing, "localhost", TlsProblem::none, ""},
        {"the name in other letters", nothing, "LocalHost", TlsProblem::none, ""},
        {"a host with the dot of the root", nothing, "localhost.", TlsProblem::none, ""},
        {"one of two authorities in PEM", [](Wish&, TlsSettings& s) { s.ca = both; }, "localhost", TlsProblem::none,
         ""},
        {"one of many names", dns({"a.example", "b.example", "localhost"}), "localhost", TlsProblem::none, ""},
        {"the last second", [](Wish& w, TlsSettings&) { w.to = "20260601000000"; }, "localhost", TlsProblem::none, ""},
        {"expired a second ago", [](Wish& w, TlsSettings&) { w.to = "20260531235959"; }, "localhost",
         TlsProblem::expired,
         "the server's certificate expired on 2026-05-31 23:59:59 UTC, less than a day ago (mbedTLS: -0x2700)"},
        {"expired for long", [](Wish& w, TlsSettings&) { w.from = "20200101000000", w.to = "20260520000000"; },
         "localhost", TlsProblem::expired,
         "the server's certificate expired on 2026-05-20 00:00:00 UTC, 12 days ago (mbedTLS: -0x2700)"},
        {"not yet valid", [](Wish& w, TlsSettings&) { w.from = "20260602000000"; }, "localhost",
         TlsProblem::not_yet_valid,
         "the server's certificate is not valid before 2026-06-02 00:00:00 UTC, in 1 day by the clock here"},
        {"expired, where there is no clock",
         [](Wish& w, TlsSettings& s) {
             w.to = "20260201000000";
             s.unix_time = no_clock;
         },
         "localhost", TlsProblem::none, ""},
        {"another host", dns({"a.example", "*.b.example"}), "localhost", TlsProblem::wrong_name,
         "the certificate is not for localhost, but for a.example, *.b.example (mbedTLS: -0x2700)"},
        {"many other hosts", dns({"a", "b", "c", "d", "e"}), "localhost", TlsProblem::wrong_name,
         "the certificate is not for localhost, but for a, b, c and 2 more (mbedTLS"},
        {"a name with a NUL in it", dns({std::string("localhost\0.evil.example", 23)}), "localhost",
         TlsProblem::wrong_name, "the certificate is not for localhost, but for localhost?.evil.example"},
        {"only a common name",
         [](Wish& w, TlsSettings&) {
             w.subject = "CN=localhost";
             w.dns.clear();
         },
         "localhost", TlsProblem::wrong_name,
         "the certificate is not for localhost: it has no subjectAltName (the common name \"localhost\" does not "
         "count)"},
        {"a star", dns({"*.b.example"}), "a.b.example", TlsProblem::none, ""},
        {"a star for two labels", dns({"*.b.example"}), "x.a.b.example", TlsProblem::wrong_name, other},
        {"a star for no label", dns({"*.b.example"}), "b.example", TlsProblem::wrong_name, other},
        {"a star before a dot", dns({"*.b.example"}), ".b.example", TlsProblem::wrong_name, other},
        {"a star within a label", dns({"a*.b.example"}), "ax.b.example", TlsProblem::wrong_name, other},
        {"a star for everything below a top level", dns({"*.example"}), "b.example", TlsProblem::wrong_name, other},
        {"nothing but a star", dns({"*"}), "localhost", TlsProblem::wrong_name, other},
        {"an IPv4 address", ip({{127, 0, 0, 1}}), "127.0.0.1", TlsProblem::none, ""},
        {"another IPv4 address", ip({{127, 0, 0, 2}}), "127.0.0.1", TlsProblem::wrong_name,
         "the certificate is not for 127.0.0.1, but for 127.0.0.2"},
        {"an IPv4 address as a DNS name", dns({"127.0.0.1"}), "127.0.0.1", TlsProblem::wrong_name, other},
        {"an IPv6 address", ip({loopback6}), "[::1]", TlsProblem::none, ""},
        {"the same in full", ip({loopback6}), "[0:0:0:0:0:0:0:1]", TlsProblem::none, ""},
        {"another IPv6 address", ip({loopback6}), "[::2]", TlsProblem::wrong_name,
         "the certificate is not for ::2, but for 0:0:0:0:0:0:0:1"},
        {"an address, for a name", ip({{127, 0, 0, 1}}), "localhost", TlsProblem::wrong_name, other},
        {"another name than the one dialled",
         [](Wish& w, TlsSettings& s) {
             w.dns = {"api.openai.com"};
             s.server_name = "api.openai.com";
         },
         "127.0.0.1", TlsProblem::none, ""},
        {"the name that is dialled where another is wanted",
         [](Wish&, TlsSettings& s) { s.server_name = "api.openai.com"; }, "localhost", TlsProblem::wrong_name,
         "the certificate is not for api.openai.com, but for localhost"},
        {"an unknown authority", [](Wish&, TlsSettings& s) { s.ca = World::get().other_authority; }, "localhost",
         TlsProblem::unknown_ca,
         "the server's certificate was issued by \"Test Authority\", who is not among the trusted CAs (or did "
         "the server leave out an intermediate certificate?) (mbedTLS: -0x2700)"},
        {"the right key", [](Wish&, TlsSettings& s) { s.pins = pins; }, "localhost", TlsProblem::none, ""},
        {"none of the right keys",
         [](Wish&, TlsSettings& s) {
             s.pins = {pins, 1};
         },
         "localhost", TlsProblem::wrong_pin, "the server's certificate has a key that is none of the pinned keys"},
        {"the right key, another host",
         [](Wish& w, TlsSettings& s) {
             w.dns = {"a.example"};
             s.pins = pins;
         },
         "localhost", TlsProblem::wrong_name, other},
    };
    unsigned char spki[256];  // of the server's key
    const int size = mbedtls_pk_write_pubkey_der(&World::get().server_key.pk(), spki, sizeof spki);
    REQUIRE(size > 0);
    REQUIRE(mbedtls_sha256_ret(spki + sizeof spki - size, static_cast<size_t>(size), pins[1].sha256, 0) == 0);
    for (const Row& row : rows) {
        ROW(row.name);
        Wish wish = for_localhost();
        TlsSettings settings = usual();
        row.change(wish, settings);
        Server server(World::get().issue(wish));
        server.answer = good_answer();
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), settings);
        REQUIRE(tls.secure());
        const Talk talk(tls, ("https://" + std::string(row.host) + "/v1").c_str());
        CHECK_EQ(name(tls.problem()), name(row.problem));
        CHECK_EQ(pipe.hang_ups, 1);
        CHECK(pipe.violations.empty());
        CHECK_EQ(tls.dates_checked(), settings.unix_time != no_clock);
        if (row.problem == TlsProblem::none) {
            CHECK_EQ(name(talk.error), name(Error::none));
            CHECK(server.heard().find("Bearer secret") != std::string::npos);
            CHECK(server.is_told_goodbye());
        } else {
            CHECK_EQ(name(talk.error), name(Error::connect_failed));
            CHECK_EQ(talk.code, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
            CHECK_EQ(tls.code(), talk.code);
            CHECK_EQ(std::string(oai::StringView(tls.describe()).take(strlen(row.sentence))), row.sentence);
            CHECK_EQ(server.heard(), "");
        }
        CHECK(pipe.sent.find("secret") == std::string::npos);
    }
}

TEST_CASE("a certificate that signed itself") {
    Wish wish = for_localhost();
    wish.subject = "CN=lonely";
    const std::string lonely =
        tls_server::make_certificate(wish, World::get().server_key, "CN=lonely", World::get().server_key);
    for (const bool is_trusted : {false, true}) {
        ROW(is_trusted ? "is taken where it is trusted" : "is not taken");
        Server server(lonely);
        server.answer = good_answer();
        Pipe pipe(server);
        TlsSettings settings = usual();
        if (is_trusted) settings.ca = lonely;
        Tls tls(oai::transport_of(pipe), settings);
        const Talk talk(tls);
        CHECK_EQ(name(talk.error), name(is_trusted ? Error::none : Error::connect_failed));
        CHECK_EQ(name(tls.problem()), name(is_trusted ? TlsProblem::none : TlsProblem::self_signed));
    }
}

TEST_CASE("an intermediate certificate: with it and without it") {
    tls_server::Key between_key;
    Wish between;
    between.subject = "CN=Between";
    between.is_authority = true;
    const std::string middle =
        tls_server::make_certificate(between, between_key, "CN=Test Authority", World::get().authority_key);
    const std::string leaf =
        tls_server::make_certificate(for_localhost(), World::get().server_key, "CN=Between", between_key);
    for (const bool is_sent : {false, true}) {
        ROW(is_sent ? "sent by the server" : "left out");
        Server server(leaf, is_sent ? middle : "");
        server.answer = good_answer();
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), usual());
        const Talk talk(tls);
        CHECK_EQ(name(talk.error), name(is_sent ? Error::none : Error::connect_failed));
        CHECK_EQ(name(tls.problem()), name(is_sent ? TlsProblem::none : TlsProblem::unknown_ca));
        if (!is_sent) CHECK(std::string(tls.describe()).find("issued by \"Between\", who is not") != std::string::npos);
    }
}
