// Tls over a link in memory: settings, handshakes, sessions, and how it behaves towards the transport below and the
// Stream above. Certificates are in tls_certificates_test.cpp.
#include "platform/tls_talk.hpp"

using namespace tls_talk;

TEST_CASE("settings that cannot be used: https is refused before anything is called, and the problem says why") {
    struct Row {
        const char* name;
        std::function<void(TlsSettings&)> change;
        TlsProblem problem;
        const char* sentence;
    };
    static const std::string key = World::get().client_key.pem(), certificate = World::get().issue_to_client();
    static const std::string broken = tls_server::pem_of(certificate).replace(40, 8, "AAAAAAAA");
    static const std::string mixed = tls_server::pem_of(World::get().authority) + broken;
    const Row rows[] = {
        {"an authority that is no certificate", [](TlsSettings& s) { s.ca = "hello"; }, TlsProblem::bad_settings,
         "TlsSettings::ca holds no certificates in PEM or DER (mbedTLS: -0x"},
        {"one sound authority and one damaged", [](TlsSettings& s) { s.ca = mixed; }, TlsProblem::bad_settings,
         "TlsSettings::ca holds"},
        {"PEM that is cut off", [](TlsSettings& s) { s.ca = StringView(mixed).take(300); }, TlsProblem::bad_settings,
         "TlsSettings::ca holds"},
        {"a file that is not there", [](TlsSettings& s) { s.ca_path = "/nowhere/at/all"; }, TlsProblem::bad_settings,
         "TlsSettings::ca_path has no certificates (mbedTLS: -0x3E00)"},
        {"a file that has none", [](TlsSettings& s) { s.ca_path = "/dev/null"; }, TlsProblem::bad_settings,
         "TlsSettings::ca_path has"},
        {"a certificate without a key", [](TlsSettings& s) { s.client_certificate = certificate; },
         TlsProblem::bad_settings, "a client certificate needs its key, and a key its certificate"},
        {"a key without a certificate", [](TlsSettings& s) { s.client_key = key; }, TlsProblem::bad_settings,
         "a client certificate needs"},
        {"a client certificate that is none",
         [](TlsSettings& s) {
             s.client_key = key;
             s.client_certificate = "x";
         },
         TlsProblem::bad_settings, "TlsSettings::client_certificate cannot be read"},
        {"a key that is none",
         [](TlsSettings& s) {
             s.client_key = "-----BEGIN KEY-----\n-----END KEY-----\n";
             s.client_certificate = certificate;
         },
         TlsProblem::bad_settings, "TlsSettings::client_key cannot be read"},
        {"a source of entropy that fails", [](TlsSettings& s) { s.entropy = no_entropy; }, TlsProblem::no_entropy,
         "the random generator could not be seeded (mbedTLS: -0x"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Server server(World::get().issue(for_localhost()));
        Pipe pipe(server);
        TlsSettings settings = usual();
        row.change(settings);
        if (!settings.ca_path.empty()) settings.ca = StringView();
        Tls tls(oai::transport_of(pipe), settings);
        CHECK_FALSE(tls.secure());
        const Talk talk(tls);
        CHECK_EQ(name(talk.error), name(Error::needs_tls));
        CHECK_EQ(pipe.dials + pipe.calls + pipe.hang_ups, 0);
        CHECK_EQ(name(tls.problem()), name(row.problem));
        CHECK_EQ(std::string(oai::StringView(tls.describe()).take(strlen(row.sentence))), row.sentence);
        CHECK(tls.dial("localhost", 443).is_failed());
    }
}

TEST_CASE("a transport below without its two functions is a problem of the settings") {
    oai::Transport nothing;
    Tls tls(nothing, usual());
    CHECK_FALSE(tls.secure());
    CHECK_EQ(std::string(tls.describe()), "the transport below has no pull or no push function");
}

TEST_CASE("what the two cannot agree on") {
    struct Row {
        const char* name;
        std::function<void(Server&, TlsSettings&)> change;
        TlsProblem problem;
    };
    static const std::string key = World::get().client_key.der(), certificate = World::get().issue_to_client();
    static const int old_suites[] = {MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 0};
    static const char* h2[] = {"h2", nullptr};
    static const char* both[] = {"h2", "http/1.1", nullptr};
    const Row rows[] = {
        {"a server that speaks TLS 1.1 at most",
         [](Server& s, TlsSettings&) {
             mbedtls_ssl_conf_max_version(&s.config(), MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_2);
         },
         TlsProblem::protocol_version},
        {"ciphers for RSA alone, and a key that is not",
         [](Server& s, TlsSettings&) { mbedtls_ssl_conf_ciphersuites(&s.config(), old_suites); },
         TlsProblem::no_common_cipher},
        {"a server that speaks only HTTP/2",
         [](Server& s, TlsSettings&) { mbedtls_ssl_conf_alpn_protocols(&s.config(), h2); },
         TlsProblem::no_common_protocol},
        {"a server that speaks both",
         [](Server& s, TlsSettings&) { mbedtls_ssl_conf_alpn_protocols(&s.config(), both); }, TlsProblem::none},
        {"a server that requires a certificate", [](Server& s, TlsSettings&) { s.require_client_certificate(); },
         TlsProblem::client_certificate_required},
        {"one that gets it",
         [](Server& s, TlsSettings& settings) {
             s.require_client_certificate();
             settings.client_certificate = certificate;
             settings.client_key = key;
         },
         TlsProblem::none},
        {"one that gets it from a stranger",
         [](Server& s, TlsSettings& settings) {
             s.require_client_certificate();
             static const std::string strange = tls_server::make_certificate(
                 Wish(), World::get().client_key, "CN=Other Authority", World::get().other_authority_key);
             settings.client_certificate = strange;
             settings.client_key = key;
         },
         TlsProblem::client_certificate_refused},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Server server(World::get().issue(for_localhost()));
        server.answer = good_answer();
        TlsSettings settings = usual();
        row.change(server, settings);
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), settings);
        const Talk talk(tls);
        CHECK_EQ(name(tls.problem()), name(row.problem));
        CHECK_EQ(name(talk.error), name(row.problem == TlsProblem::none ? Error::none : Error::connect_failed));
        CHECK_EQ(pipe.hang_ups, 1);
    }
}

TEST_CASE("a host without a name is refused, and nothing is dialled") {
    Server server(World::get().issue(for_localhost()));
    for (const std::string& host : {std::string(), std::string("."), std::string(256, 'a'), std::string("a\0b", 3)}) {
        ROW("a host of " + std::to_string(host.size()) + " bytes");
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), usual());
        CHECK(tls.dial(host, 443).is_failed());
        tls.hang_up();
        CHECK_EQ(pipe.dials + pipe.hang_ups, 0);
        CHECK_EQ(name(tls.problem()), name(TlsProblem::bad_host));
    }
}

TEST_CASE("however the link cuts and blocks, the conversation is the same and the contract is kept") {
    for (const size_t most : {everything, size_t{1}, size_t{5}, size_t{100}})
        for (const size_t blocks : {size_t{0}, size_t{2}, size_t{3}}) {
            ROW("at most " + std::to_string(most) + " bytes in a call, each " + std::to_string(blocks) + ". blocks");
            Server server(World::get().issue(for_localhost()));
            server.answer = good_answer();
            server.record_bytes = most == 100 ? 7 : 16384;
            Pipe pipe(server);
            pipe.most_pulled = pipe.most_pushed = most;
            pipe.blocks_every = blocks;
            Tls tls(oai::transport_of(pipe), usual());
            const Talk talk(tls);
            CHECK_EQ(name(talk.error), name(Error::none));
            CHECK_EQ(std::string(tls.describe()), name(TlsProblem::none));
            CHECK_EQ(std::string(tls.protocol()), "TLSv1.2");
            CHECK(pipe.violations.empty());
            if (blocks == 0) CHECK(server.is_told_goodbye());
            CHECK_EQ(pipe.hang_ups, 1);
        }
}

TEST_CASE("a handshake that ends, breaks or stands still after any byte") {
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe whole(server);
    size_t flight = 0;
    {
        Tls tls(oai::transport_of(whole), usual());
        while (!tls.dial("localhost", 443).is_ready()) REQUIRE(tls.problem() == TlsProblem::none);
        flight = whole.delivered - 16;  // signatures differ in length by a few bytes
    }
    REQUIRE(flight > 500);
    struct Row {
        const char* name;
        Pipe::End end;
        TlsProblem problem;
        int code;
    };
    const Row rows[] = {
        {"ends", Pipe::End::closes, TlsProblem::cut_in_handshake, MBEDTLS_ERR_SSL_CONN_EOF},
        {"breaks", Pipe::End::fails, TlsProblem::cut_in_handshake, 104},
        {"stands still", Pipe::End::stalls, TlsProblem::handshake_timeout, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        // A handshake costs milliseconds: in one way at each byte, in the others (weekly not) at each seventh.
        const size_t often = row.end == Pipe::End::closes || corpus::all_cuts() ? 1 : 7;
        for (size_t at = 0; at < flight; at += corpus::few_cuts() ? size_t{37} : often) {
            INFO("after byte ", at, " of ", flight);
            Pipe pipe(server);
            pipe.end = row.end;
            pipe.end_at = at;
            Tls tls(oai::transport_of(pipe), usual());
            const Talk talk(tls);
            CHECK_EQ(name(tls.problem()), name(row.problem));
            CHECK_EQ(name(talk.error), name(Error::connect_failed));
            CHECK_EQ(talk.code, row.code);
            CHECK_EQ(pipe.hang_ups, 1);
            CHECK(pipe.violations.empty());
            CHECK_EQ(pipe.now, row.end == Pipe::End::stalls ? 11000 : 1000);
        }
    }
}

TEST_CASE("the end of an answer: only close_notify or HTTP's own framing says that it is whole") {
    struct Row {
        const char* name;
        bool until_close;  // nothing but the end of the link ends the body
        bool is_whole;
        bool says_goodbye;
        Error error;
        TlsProblem problem;
    };
    const Row rows[] = {
        {"until the end, with close_notify", true, true, true, Error::none, TlsProblem::none},
        {"until the end, cut off", true, true, false, Error::truncated, TlsProblem::cut_off},
        {"chunked, with close_notify", false, true, true, Error::none, TlsProblem::none},
        {"chunked, cut off after the end", false, true, false, Error::none, TlsProblem::none},
        {"chunked, half, with close_notify", false, false, true, Error::truncated, TlsProblem::none},
        {"chunked, half, cut off", false, false, false, Error::truncated, TlsProblem::cut_off},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Server server(World::get().issue(for_localhost()));
        const std::string events = conversation::text("a") + conversation::finish();
        server.answer = row.until_close ? "HTTP/1.1 200 OK\r\n\r\n" + events : good_answer();
        if (!row.is_whole) server.answer.resize(server.answer.size() - 30);
        server.says_goodbye = row.says_goodbye;
        server.hangs_up = true;
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), usual());
        const Talk talk(tls);
        CHECK_EQ(name(talk.error), name(row.error));
        CHECK_EQ(talk.code, 0);
        CHECK_EQ(name(tls.problem()), name(row.problem));
    }
}

TEST_CASE("a session is resumed by the same server alone, and as long as the certificate is valid") {
    static int64_t now;
    now = tls_server::in_june_2026;
    struct Row {
        const char* name;
        std::function<void()> before;
        const char* url;
        bool is_resumed;
    };
    const Row rows[] = {
        {"the first time", [] {}, "https://localhost/v1", false},
        {"again", [] {}, "https://localhost/v1", true},
        {"and again", [] {}, "https://LOCALHOST/v1", false},
        {"another port", [] {}, "https://localhost:8443/v1", false},
        {"the port of before", [] {}, "https://localhost/v1", false},
        {"the last second of the certificate", [] { now = 1798761599; }, "https://localhost/v1", true},
        {"a second later", [] { ++now; }, "https://localhost/v1", false},
        {"the clock set back", [] { --now; }, "https://localhost/v1", false},
        {"and then", [] {}, "https://localhost/v1", true},
    };
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe pipe(server);
    TlsSettings settings = usual();
    settings.unix_time = [](void*) { return now; };
    Tls tls(oai::transport_of(pipe), settings);
    for (const Row& row : rows) {
        ROW(row.name);
        row.before();
        const Talk talk(tls, row.url);
        const bool is_expired = now > 1798761599;
        CHECK_EQ(name(talk.error), name(is_expired ? Error::connect_failed : Error::none));
        CHECK_EQ(name(tls.problem()), name(is_expired ? TlsProblem::expired : TlsProblem::none));
        CHECK_EQ(tls.is_resumed(), row.is_resumed);
    }
    settings.resume = false;
    Tls forgetful(oai::transport_of(pipe), settings);
    for (int i = 0; i < 2; ++i) {
        CHECK_EQ(name(Talk(forgetful).error), name(Error::none));
        CHECK_FALSE(forgetful.is_resumed());
    }
}

TEST_CASE("many requests over one connection and over one session") {
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe pipe(server);
    Tls tls(oai::transport_of(pipe), usual());
    const oai::Endpoint endpoint("https://localhost/v1", "secret");
    const oai::ChatRequest ask("m", "question");
    char memory[8192];
    for (const bool is_kept : {true, false}) {
        ROW(is_kept ? "500 over one connection" : "500 over one session");
        pipe.dials = pipe.hang_ups = 0;
        oai::Stream stream(oai::transport_of(tls), memory);
        size_t done = 0, resumed = 0;
        for (int i = 0; i < 500; ++i) {
            stream.open(endpoint, ask);
            oai::Event event;
            while (stream.next(event)) {
            }
            if (stream.error() == Error::none) ++done;
            if (tls.is_resumed()) ++resumed;
            if (!is_kept) stream.close();
        }
        stream.close();
        CHECK_EQ(done, 500);
        CHECK_EQ(resumed, is_kept ? 0 : 500);
        CHECK_EQ(pipe.dials, is_kept ? 1 : 500);
        CHECK_EQ(pipe.hang_ups, pipe.dials);
    }
    CHECK(pipe.violations.empty());
}

TEST_CASE("wait returns at once while decrypted bytes are there, and asks below for what TLS needs") {
    Server server(World::get().issue(for_localhost()));
    server.answer = "0123456789";
    Pipe pipe(server);
    Tls tls(oai::transport_of(pipe), usual());
    while (!tls.dial("localhost", 443).is_ready()) REQUIRE(tls.wait(Interest::write, 1000).is_ready());
    REQUIRE(tls.push("{}", 2).is_bytes());
    char bytes[4];
    REQUIRE(tls.pull(bytes, 4).count() == 4);
    const size_t waits = pipe.waits;
    CHECK(tls.wait(Interest::read, 60000).is_ready());
    CHECK_EQ(pipe.waits, waits);
    CHECK_EQ(tls.pull(bytes, 4).count(), 4);
    CHECK_EQ(tls.pull(bytes, 4).count(), 2);
    CHECK(tls.wait(Interest::read, 0).is_would_block());
    CHECK_EQ(pipe.waits, waits + 1);
    CHECK(pipe.last_interest == Interest::read);
    CHECK(tls.pull(bytes, 4).is_would_block());
    CHECK(tls.wait(Interest::read | Interest::write, 60000).is_ready());
    CHECK(pipe.last_interest == (Interest::read | Interest::write));
}

TEST_CASE("a Stream closed from inside any call of the transport below: one hang_up, and the next dial works") {
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe count(server);
    {
        Tls tls(oai::transport_of(count), usual());
        REQUIRE(Talk(tls).error == Error::none);
    }
    for (size_t at = 0; at < count.calls; ++at) {
        INFO("in call ", at, " of ", count.calls);
        Pipe pipe(server);
        Tls tls(oai::transport_of(pipe), usual());
        char memory[4096];
        oai::Stream stream(oai::transport_of(tls), memory);
        pipe.on_call = [&](size_t call) {
            if (call == at) stream.close();
        };
        const oai::Endpoint endpoint("https://localhost/v1", "secret");
        const oai::ChatRequest ask("m", "question");
        stream.open(endpoint, ask);
        oai::Event event;
        while (stream.next(event)) {
        }
        stream.close();
        CHECK_EQ(pipe.calls, at + 1);  // none after the end, not even for close_notify
        CHECK_EQ(pipe.hang_ups, 1);
        pipe.on_call = nullptr;
        CHECK_EQ(name(Talk(tls).error), name(Error::none));
        CHECK_EQ(pipe.hang_ups, 2);
        CHECK(pipe.violations.empty());
    }
}

TEST_CASE("a link that is simply there: without dial, hang_up, wait, wake and clock") {
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe pipe(server);
    pipe.blocks_every = 3;
    pipe.is_open = true;
    server.take_connection();
    oai::Transport link = oai::transport_of(pipe);
    link.dial = nullptr;
    link.hang_up = nullptr;
    link.wait = nullptr;
    link.wake = nullptr;
    link.now_ms = nullptr;
    Tls tls(link, usual());
    CHECK_EQ(name(Talk(tls).error), name(Error::none));
    CHECK(pipe.violations.empty());
    CHECK_EQ(name(Talk(tls).error), name(Error::connect_failed));
    CHECK_EQ(name(tls.problem()), name(TlsProblem::no_redial));
}

TEST_CASE("entropy comes from where the settings say") {
    static size_t asked;
    asked = 0;
    TlsSettings settings = usual();
    settings.entropy = [](void* context, unsigned char* into, size_t count) {
        asked += count;
        return tls_server::Dice::roll(context, into, count);
    };
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe pipe(server);
    Tls tls(oai::transport_of(pipe), settings);
    CHECK(asked >= 32);
    CHECK_EQ(name(Talk(tls).error), name(Error::none));
}

TEST_CASE("a handshake takes several polls where time passes, and next() does not wait between them") {
    Server server(World::get().issue(for_localhost()));
    server.answer = good_answer();
    Pipe pipe(server);
    pipe.on_call = [&](size_t) { pipe.now += 3; };
    Tls tls(oai::transport_of(pipe), usual());
    size_t dials = 1;
    while (!tls.dial("localhost", 443).is_ready()) {
        REQUIRE(tls.problem() == TlsProblem::none);
        CHECK(tls.wait(Interest::write, 60000).is_ready());
        ++dials;
    }
    CHECK(dials > 3);
    CHECK(pipe.waits < dials);
}

TEST_CASE("what is no TLS at all") {
    struct Row {
        const char* name;
        const char* bytes;
        TlsProblem problem;
    };
    const Row rows[] = {
        {"an answer in plain HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", TlsProblem::not_tls},
        {"a banner", "SSH-2.0-OpenSSH_9.2\r\n", TlsProblem::not_tls},
        {"an alert: handshake_failure", "\x15\x03\x03\0\2\2\x28", TlsProblem::no_common_cipher},
        {"an alert: protocol_version", "\x15\x03\x03\0\2\2\x46", TlsProblem::protocol_version},
        {"an alert: unrecognized_name", "\x15\x03\x03\0\2\2\x70", TlsProblem::unknown_server_name},
        {"an alert: internal_error", "\x15\x03\x03\0\2\2\x50", TlsProblem::refused_by_server},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::ScriptedTransport link;
        const size_t size = row.bytes[0] == 0x15 ? 7 : strlen(row.bytes);
        link.answer(std::string_view(row.bytes, size));
        Tls tls(link.transport(), usual());
        const Talk talk(tls);
        CHECK_EQ(name(tls.problem()), name(row.problem));
        CHECK_EQ(name(talk.error), name(Error::connect_failed));
        CHECK(link.violations().empty());
        CHECK_EQ(link.hang_ups(), 1);
        CHECK(link.pushed().find("secret") == std::string::npos);
    }
}

TEST_CASE("impossible counts of the transport below are its fault, in the handshake and later") {
    for (const bool is_push : {false, true})
        for (const size_t count : {size_t{0}, size_t{100000}}) {
            ROW(std::string(is_push ? "push" : "pull") + " says bytes(" + std::to_string(count) + ")");
            support::ScriptedTransport link;
            if (is_push)
                link.push_says(IoResult::bytes(count));
            else
                link.pull_says(IoResult::bytes(count));
            Tls tls(link.transport(), usual());
            CHECK_EQ(name(Talk(tls).error), name(Error::transport_contract));
        }
}

TEST_CASE("while an answer streams nothing uses the heap") {
    Server server(World::get().issue(for_localhost()));
    server.answer = conversation::chunked_answer(
        conversation::text(std::string(100000, 'x')) + conversation::finish() + conversation::done, 999);
    server.record_bytes = 4000;
    Pipe pipe(server);
    Tls tls(oai::transport_of(pipe), usual());
    char memory[8192];
    oai::Stream stream(oai::transport_of(tls), memory);
    const oai::Endpoint endpoint("https://localhost/v1", "secret");
    const oai::ChatRequest ask("m", "question");
    stream.open(endpoint, ask);
    oai::Event event;
    REQUIRE(stream.next(event));
    size_t received = 0;
    {
        const HeapTrap trap;
        while (stream.next(event)) received += event.text.size();
        stream.close();
    }
    CHECK_EQ(received, 100000);
    CHECK_EQ(name(stream.error()), name(Error::none));
}

TEST_CASE("a handshake that another attempt would not change is not repeated by RetryPolicy; one that broke is") {
    struct Row {
        const char* name;
        const char* dns;
        Pipe::End end;
        TlsProblem problem;
        size_t dials;
    };
    const Row rows[] = {
        {"a certificate for another host", "example.org", Pipe::End::none, TlsProblem::wrong_name, 1},
        {"the connection ends in the handshake", "localhost", Pipe::End::closes, TlsProblem::cut_in_handshake, 3},
        {"the connection breaks in the handshake", "localhost", Pipe::End::fails, TlsProblem::cut_in_handshake, 3},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Wish wish;
        wish.dns = {row.dns};
        Server server(World::get().issue(wish));
        Pipe pipe(server);
        pipe.end = row.end;
        if (row.end != Pipe::End::none) pipe.end_at = 100;
        Tls tls(oai::transport_of(pipe), usual());
        oai::Transport link = oai::transport_of(tls);
        link.wait = nullptr;  // the pauses pass by themselves
        pipe.on_call = [&pipe](size_t) { ++pipe.now; };
        const oai::Endpoint endpoint("https://localhost/v1");
        const oai::ChatRequest request("m", "hi");
        oai::RetryPolicy retries;
        char memory[2048];
        oai::Stream stream(link, memory);
        stream.use(retries);
        stream.open(endpoint, request);
        oai::Event event;
        while (stream.poll(event) == oai::Poll::pending) pipe.now += 100;
        CHECK_EQ(name(stream.error()), name(Error::connect_failed));
        CHECK_EQ(name(tls.problem()), name(row.problem));
        CHECK_EQ(pipe.dials, row.dials);
        CHECK_EQ(retries.stats().retries, row.dials - 1);
    }
}

TEST_CASE("while a handshake goes on, wants() says what it waits for") {
    Server server(World::get().issue(for_localhost()));
    Pipe pipe(server);
    pipe.end = Pipe::End::stalls;
    pipe.end_at = 100;
    Tls tls(oai::transport_of(pipe), usual());
    const oai::Endpoint endpoint("https://localhost/v1");
    const oai::ChatRequest request("m", "hi");
    char memory[2048];
    oai::Stream stream(oai::transport_of(tls), memory);
    REQUIRE(stream.open(endpoint, request) == Error::none);
    CHECK(stream.wants() == Interest::read);
    oai::Event event;
    CHECK(stream.poll(event) == oai::Poll::pending);
    CHECK(stream.wants() == Interest::read);
    ROW("a step took its time: there is work left");
    stream.close();
    pipe.end = Pipe::End::none;
    pipe.end_at = Pipe::any;
    pipe.on_call = [&pipe](size_t) { pipe.now += 5; };
    REQUIRE(stream.open(endpoint, request) == Error::none);
    CHECK(stream.wants() == Interest::work_left);
}

TEST_CASE("a name that is not found is not explained by what went wrong with the handshake before") {
    static bool is_found;
    is_found = true;
    support::ScriptedTransport link;
    link.answer("SSH-2.0-OpenSSH_9.2\r\n");
    oai::Transport wires = link.transport();
    wires.resolve = [](void*, StringView, uint16_t) { return is_found ? IoResult::ready() : IoResult::unresolved(-2); };
    wires.explain = [](void*, IoResult io, oai::Buffer) {
        return io.is_unresolved() ? "No such name" : "another problem";
    };
    Tls tls(wires, usual());
    char memory[2048], words[400];
    const oai::Endpoint server("https://localhost/v1");
    const oai::ChatRequest ask("m", "question");
    oai::Stream stream(oai::transport_of(tls), memory);
    CHECK_EQ(name(stream.open(server, ask)), name(Error::connect_failed));
    CHECK_EQ(name(tls.problem()), name(TlsProblem::not_tls));
    CHECK(std::string(stream.explain(words)).find("not speak TLS") != std::string::npos);
    is_found = false;
    CHECK_EQ(name(stream.open(server, ask)), name(Error::name_not_resolved));
    CHECK(std::string(stream.explain(words)).find("No such name") != std::string::npos);
    CHECK(std::string(stream.explain(words)).find("TLS") == std::string::npos);
}
