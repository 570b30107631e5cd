// The buffer of an Exchange, seen from outside: whatever comes, and however it is cut, incoming() lies inside the
// buffer, and views lie inside it or in static memory. The Exchange checks its own pointers meanwhile (see
// support/checked.hpp), and the page after the buffer cannot be touched.
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::choice;
using conversation::done;
using conversation::finish;
using conversation::sse;
using conversation::text;
using corpus::Random;
using oai::Error;
using oai::Exchange;
using oai::Poll;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

#if defined(__ELF__) && defined(__linux__)
extern "C" const char __executable_start, _end;
bool is_static(const char* at) { return at >= &__executable_start && at < &_end; }
#else
bool is_static(const char*) { return true; }
#endif

// One Exchange in guarded memory, driven by steps of any kind; broken() counts what must not be seen.
class Driver {
public:
    explicit Driver(size_t bytes) : memory_(bytes), exchange_(oai::Buffer(memory_.data(), memory_.size())) {}

    Exchange& exchange() { return exchange_; }
    size_t broken() const { return broken_; }
    size_t ill_formed() const { return ill_formed_; }  // views that are no UTF-8

    // incoming(), checked.
    oai::Buffer room() {
        const oai::Buffer room = exchange_.incoming();
        if (!room.data && room.size == 0) return room;
        const bool is_inside = room.data >= memory_.data() && room.data <= memory_.data() + memory_.size() &&
                               room.size <= static_cast<size_t>(memory_.data() + memory_.size() - room.data);
        if (!is_inside) ++broken_;
        return is_inside ? room : oai::Buffer();
    }
    // As many of the bytes as there is room for, at most `most`; how many that were.
    size_t give(std::string_view bytes, size_t most) {
        const oai::Buffer into = room();
        const size_t count = std::min({into.size, bytes.size(), most});
        if (count != 0) std::memcpy(into.data, bytes.data(), count);
        exchange_.received(count);
        return count;
    }
    template <class Event> Poll poll(Event& event) {
        const Poll said = exchange_.poll(event);
        if (said == Poll::event) look(event);
        room();
        return said;
    }
    void look() {
        const oai::Failure failure = exchange_.failure();
        for (const oai::StringView view : {failure.type, failure.code, failure.param, failure.message,
                                           failure.request_id, failure.content_type, failure.location,
                                           failure.body_prefix})
            look(view);
    }

private:
    void look(const oai::Event& event) {
        for (const oai::StringView view : {event.text, event.id, event.name, event.item_id}) look(view);
    }
    void look(const oai::SseEvent& event) {
        for (const oai::StringView view : {event.type, event.data, event.id}) look(view);
    }
    void look(oai::StringView view) {
        if (!view.data()) return;
        const bool is_inside = view.begin() >= memory_.data() && view.end() <= memory_.data() + memory_.size();
        if (!is_inside && !is_static(view.data())) ++broken_;
        if (!conversation::is_utf8(std::string(view))) ++ill_formed_;
    }

    support::GuardedBuffer memory_;
    Exchange exchange_;
    size_t broken_ = 0, ill_formed_ = 0;
};

// Bytes as servers send them, or nearly.
std::string some_bytes(Random& random) {
    const auto filler = [&](size_t most) { return std::string(random.between(0, most), 'x'); };
    std::string body;
    for (size_t left = random.between(1, 8); left != 0; --left) {
        const size_t most = random.between(0, 3) == 0 ? 5000 : 300;
        switch (random.between(0, 17)) {
            case 0: body += ":" + filler(most) + "\n"; break;
            case 1: body += text(filler(most)); break;
            case 2: body += finish(); break;
            case 3: body += "data: {\"id\":\"" + filler(most) + "\",\ndata: \"a\":1}\n\n"; break;
            case 4: body += "data:" + filler(most) + "\ndata:" + filler(most) + "\n"; break;
            case 5: body += "event: " + filler(most) + "\nid: " + filler(most) + "\n"; break;
            case 6: body += sse("{\"error\":{\"message\":\"" + filler(most) + "\",\"code\":\"a\\u0041\"}}"); break;
            case 7: body += done; break;
            case 8: body += choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\","
                                   "\"arguments\":\"" + filler(most) + "\"}}]}"); break;
            case 9: body += sse("{\"type\":\"response.output_text.delta\",\"delta\":\"" + filler(most) +
                                "\",\"item_id\":\"" + filler(80) + "\"}"); break;
            case 10: body += sse("{\"type\":\"error\",\"message\":\"" + filler(most) + "\",\"code\":\"" + filler(most) +
                                 "\"}"); break;
            case 11: body += "<html><title>" + filler(most) + "</title>"; break;
            case 12: body += "{\"choices\":[{\"message\":{\"content\":\"" + filler(most) + "\"}}]}"; break;
            case 13: body += "\n"; break;
            case 14: body += filler(most); break;
            case 15: body += "data: {\"choices\":[{\"delta\":{\"content\":\"" + filler(most) + "\n"; break;
            case 16: body += "data\ndata\r\ndata:\r" + filler(5); break;
            case 17: body += text("\\ud83d") + text("\\ude00\xC3"); break;
        }
        if (random.between(0, 20) == 0 && !body.empty()) body[random.between(0, body.size() - 1)] =
            static_cast<char>(random.between(0, 255));
    }
    return body;
}

std::string some_answer(Random& random) {
    const std::string body = some_bytes(random);
    const char* const statuses[] = {"200", "200", "200", "401", "100", "204"};
    std::string head = "HTTP/1.1 " + std::string(statuses[random.between(0, 5)]) + " OK\r\n";
    if (random.between(0, 2) == 0) head += "Content-Type: " + std::string(random.between(0, 100), 't') + "\r\n";
    if (random.between(0, 3) == 0) head += "x-request-id: " + std::string(random.between(0, 200), 'r') + "\r\n";
    if (random.between(0, 3) == 0) head += "location: " + std::string(random.between(0, 200), 'l') + "\r\n";
    if (random.between(0, 3) == 0) head += "x: " + std::string(random.between(0, 900), 'z') + "\r\n";
    switch (random.between(0, 2)) {
        case 0: return head + "\r\n" + body;
        case 1: return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        default:
            return head + "Transfer-Encoding: chunked\r\n\r\n" +
                   conversation::chunked(body, random.between(1, 700), random.between(0, 3) != 0);
    }
}

template <class Event> void drive(Driver& driver, Random& random, std::string_view bytes, bool is_http, bool is_early) {
    Exchange& exchange = driver.exchange();
    Event event;
    size_t turns = 0;
    const size_t most_turns = 40 * bytes.size() + 4000;
    const size_t step = random.between(0, 2) == 0 ? 1 : random.between(0, 1) == 0 ? 20000 : random.between(1, 300);
    bool has_ended = false;
    while (++turns < most_turns) {
        if (is_http) {
            if (!is_early || turns > 50) {
                const size_t count = exchange.outgoing().size();
                exchange.sent(std::min(count, random.between(1, 64)));
            }
        }
        if (random.between(0, 1) == 0 || bytes.empty()) {
            const Poll said = driver.poll(event);
            if (said == Poll::done || said == Poll::failed) break;
            if (said == Poll::pending && bytes.empty()) {
                if (has_ended) {
                    CHECK_MESSAGE(false, "pending after the end");
                    break;
                }
                has_ended = true;
                if (random.between(0, 3) == 0) exchange.failed(7);
                else exchange.ended();
            }
        } else {
            bytes.remove_prefix(driver.give(bytes, random.between(1, step)));
        }
    }
    CHECK_MESSAGE(turns < most_turns, "it goes on for ever");
    driver.look();
    while (exchange.can_drain() && !bytes.empty()) {
        const size_t count = driver.give(bytes, step);
        bytes.remove_prefix(count);
        exchange.drain();
        if (count == 0) break;
    }
    driver.look();
}

}  // namespace

TEST_CASE("an event that ends with the buffer leaves nothing to be received, and nothing more") {
    const std::string before = "{\"choices\":[{\"delta\":{\"content\":\"", after = "\"}}]}";
    for (const size_t size : {size_t(512), size_t(4096), size_t(16384)}) {
        ROW(std::to_string(size).c_str());
        for (size_t left = 1; left <= 12; ++left) {
            for (const char* const begun : {"data:", "data: ", "data:\ndata:"}) {
                for (size_t missing = 0; missing <= 3; ++missing) {  // of the data at the buffer's end
                    INFO(left, " ", std::string(begun), " ", missing);
                    Driver driver(size);
                    REQUIRE(driver.exchange().begin_body(oai::Api::chat, 200, "text/event-stream") == Error::none);
                    oai::Event event;
                    REQUIRE(driver.poll(event) == Poll::pending);
                    const auto give_all = [&](std::string_view bytes) {
                        while (!bytes.empty()) {
                            const size_t count = driver.give(bytes, SIZE_MAX);
                            REQUIRE(count != 0);
                            bytes.remove_prefix(count);
                            Poll said;
                            while ((said = driver.poll(event)) == Poll::event) {
                            }
                            REQUIRE(said == Poll::pending);
                        }
                    };
                    // The comment leaves `left` bytes for what begins the data.
                    const size_t comment = driver.room().size - left;
                    give_all(":" + std::string(comment - 2, 'c') + "\n" + begun);
                    const size_t room = driver.room().size;
                    const size_t filler = room - before.size() - after.size() - missing;
                    give_all(before + std::string(filler, 'x') + after);
                    give_all("\n\n" + finish());
                    driver.exchange().ended();
                    while (driver.poll(event) == Poll::event) {
                    }
                    CHECK(oai::is_done(driver.exchange().verdict()));
                    CHECK_EQ(driver.broken(), 0);
                }
            }
        }
    }
}

TEST_CASE("a caller that says more than there was") {
    enum class Way { received, sent };
    const char* const names[] = {"received", "sent"};
    for (const Way way : {Way::received, Way::sent}) {
        ROW(names[static_cast<int>(way)]);
        for (const size_t count : {size_t(1), size_t(2), SIZE_MAX, SIZE_MAX / 2}) {
            INFO(count);
            Driver driver(512);
            Exchange& exchange = driver.exchange();
            REQUIRE(exchange.begin(server, ask) == Error::none);
            const size_t shown = way == Way::sent ? exchange.outgoing().size() : 0;
            if (way == Way::received) exchange.received(std::max(count, exchange.incoming().size + count));
            else exchange.sent(std::max(count, shown + count));
            CHECK_EQ(conversation::name(exchange.error()), conversation::name(Error::transport_contract));
            CHECK(driver.room().size == 0);
            oai::Event event;
            CHECK(driver.poll(event) == Poll::failed);
            exchange.received(count);
            exchange.sent(count);
            CHECK(exchange.outgoing().empty());
            CHECK_EQ(driver.broken(), 0);
        }
    }
    Exchange unused;
    unused.received(5);
    unused.sent(5);
    CHECK(unused.incoming().size == 0);
}

TEST_CASE("random answers in random pieces, in every small buffer") {
    std::vector<size_t> sizes = {1024, 4096};
    for (size_t size = 512; size <= 600; ++size) sizes.push_back(size);
    const char* const wish = std::getenv("OPENAI_STREAM_TEST_RUNS");
    const size_t runs = wish ? static_cast<size_t>(std::atol(wish)) : corpus::few_cuts() ? 300 : 6000;
    const char* const first_seed = std::getenv("OPENAI_STREAM_TEST_SEED");
    const size_t first = first_seed ? static_cast<size_t>(std::atol(first_seed)) : 0;
    for (size_t run = first; run != first + runs; ++run) {
        INFO("OPENAI_STREAM_TEST_SEED=", run);
        Random random("buffer map " + std::to_string(run));
        for (int warm = 0; warm != 8; ++warm) random.between(0, 1);
        Driver driver(sizes[random.between(0, sizes.size() - 1)]);
        const bool is_http = random.between(0, 1) == 0, is_responses = random.between(0, 2) == 0;
        const bool is_early = random.between(0, 3) == 0;
        std::string bytes;
        if (is_http) {
            REQUIRE(driver.exchange().begin(server, ask) == Error::none);
            bytes = some_answer(random);
        } else {
            const int status = random.between(0, 3) == 0 ? 429 : 200;
            const oai::Api what = is_responses ? oai::Api::responses : oai::Api::chat;
            REQUIRE(driver.exchange().begin_body(what, status, "text/event-stream") == Error::none);
            bytes = some_bytes(random);
        }
        if (random.between(0, 3) == 0) drive<oai::SseEvent>(driver, random, bytes, is_http, is_early);
        else drive<oai::Event>(driver, random, bytes, is_http, is_early);
        CHECK_EQ(driver.broken(), 0);
    }
    std::printf("buffer_map: %zu random answers\n", runs);
}

TEST_CASE("how random bodies are cut does not change what they come to") {
    const size_t runs = corpus::few_cuts() ? 200 : 3000;
    for (size_t run = 0; run != runs; ++run) {
        INFO("run ", run);
        Random random("cuts " + std::to_string(run));
        for (int warm = 0; warm != 8; ++warm) random.between(0, 1);
        const size_t size = 16384;  // every event fits
        const bool is_responses = random.between(0, 2) == 0;
        const int status = random.between(0, 4) == 0 ? 429 : 200;
        const std::string body = some_bytes(random);
        std::string first;
        for (const size_t step : {size_t(1), size_t(7), size_t(100), SIZE_MAX}) {
            Driver driver(size);
            Exchange& exchange = driver.exchange();
            const oai::Api what = is_responses ? oai::Api::responses : oai::Api::chat;
            REQUIRE(exchange.begin_body(what, status, "text/event-stream") == Error::none);
            conversation::Heard heard;
            std::string_view left = body;
            while (exchange.is_open()) {
                oai::Event event;
                const Poll said = driver.poll(event);
                if (said == Poll::event) heard.add(event);
                else if (said != Poll::pending) break;
                else if (left.empty()) exchange.ended();
                else left.remove_prefix(driver.give(left, step));
            }
            driver.look();
            const std::string outcome = std::string(conversation::name(exchange.error())) + "|" +
                                        std::to_string(static_cast<int>(exchange.verdict())) + "|" + heard.text + "|" +
                                        heard.arguments;
            if (first.empty()) first = outcome;
            CHECK_EQ(outcome, first);
            CHECK_EQ(driver.broken(), 0);
            CHECK_EQ(driver.ill_formed(), 0);
        }
    }
}
