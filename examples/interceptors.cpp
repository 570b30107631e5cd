// Build: c++ -std=c++17 -I.. interceptors.cpp -o interceptors
// Run: ./interceptors BYTES QUESTION...
//
// Interceptors of a program's own: a log, a budget of so many bytes of text for each answer, and a circuit breaker that
// leaves a server alone for ten seconds when it has failed twice in a row. Answers go to standard output, the log to
// standard error. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>

namespace oai = openai_stream;

// What happens, a line each. It is asked last, so it knows of what the program sees and of no event that was dropped.
struct Log : oai::Interceptor {
    Log() : Interceptor(watch) {}

    static oai::Action watch(oai::Interceptor&, oai::Conversation& conversation, oai::Occasion occasion, oai::Event*) {
        if (occasion == oai::Occasion::opened) fputs("-- opened\n", stderr);
        if (occasion == oai::Occasion::restarted) fputs("-- once more\n", stderr);
        if (occasion == oai::Occasion::done)
            fprintf(stderr, "-- done, %llu bytes\n", static_cast<unsigned long long>(conversation.received_bytes()));
        if (occasion == oai::Occasion::failed) fprintf(stderr, "-- failed: %s\n", describe(conversation.failure()));
        return oai::Action::deliver;
    }
};

// Cuts the text that is too much, and cancels the rest.
struct Budget : oai::Interceptor {
    const size_t most_bytes;
    size_t bytes = 0;  // of this answer

    explicit Budget(size_t most) : Interceptor(watch), most_bytes(most) {}

    static oai::Action watch(oai::Interceptor& interceptor, oai::Conversation& conversation, oai::Occasion occasion,
                             oai::Event* event) {
        auto& self = static_cast<Budget&>(interceptor);
        if (occasion == oai::Occasion::opened || occasion == oai::Occasion::restarted) self.bytes = 0;
        if (event == nullptr || !event->is_text()) return oai::Action::deliver;
        event->text = event->text.take(self.most_bytes - self.bytes);
        self.bytes += event->text.size();
        if (self.bytes == self.most_bytes) conversation.cancel();
        return oai::Action::deliver;
    }
};

// It is asked first, so it counts each attempt.
struct CircuitBreaker : oai::Interceptor {
    static constexpr uint32_t pause_ms = 10000;
    int failures = 0;  // in a row
    uint32_t since_ms = 0;

    CircuitBreaker() : Interceptor(watch) {}

    static oai::Action watch(oai::Interceptor& interceptor, oai::Conversation& conversation, oai::Occasion occasion,
                             oai::Event*) {
        auto& self = static_cast<CircuitBreaker&>(interceptor);
        const bool is_open = self.failures >= 2 && conversation.now_ms() - self.since_ms < pause_ms;
        switch (occasion) {
            case oai::Occasion::opened:
            case oai::Occasion::restarted:
                if (is_open) fputs("-- the server is left alone\n", stderr);
                if (is_open) conversation.fail(oai::Error::connect_failed);  // before the transport is called
                break;
            case oai::Occasion::done: self.failures = 0; break;
            case oai::Occasion::failed:
                if (is_open || category(conversation.error()) == oai::ErrorCategory::caller) break;
                ++self.failures;
                self.since_ms = conversation.now_ms();
                break;
            case oai::Occasion::event:
            case oai::Occasion::pending:
            case oai::Occasion::moved: break;
        }
        return oai::Action::deliver;
    }
};

int main(int count, char** words) {
    if (count < 3) {
        fprintf(stderr, "usage: %s BYTES QUESTION...\n", words[0]);
        return 2;
    }
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    Connection connection(server);
    Log log;
    Budget budget(static_cast<size_t>(atol(words[1])));
    oai::RetryPolicy retries;
    retries.max_retries = 1;
    CircuitBreaker breaker;

    char memory[16 * 1024];
    oai::Stream stream(connection, memory);
    stream.use(log);
    stream.use(budget);
    stream.use(retries);
    stream.use(breaker);
    for (int at = 2; at < count; ++at) {
        const oai::ChatRequest ask(setting("OPENAI_MODEL", "local"), words[at]);
        stream.open(server, ask);
        for (const oai::Event& event : stream)
            if (event.is_text()) print(event.text);
        puts("");
    }
    return stream.failed() ? 1 : 0;
}
