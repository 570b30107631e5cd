// The API for C, from both sides: driver.c is the program in C, this file has the functions and checks what it saw.
#define OPENAI_STREAM_C_API
#define OPENAI_STREAM_SOCKET
#include "dialect/chat_readings.hpp"

#include "c/functions.hpp"
#include "c/driver.h"

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

using namespace chat_cases;
namespace oai = openai_stream;

namespace {

TEST_CASE("sizes and offsets are the same for C and C++") {
    const size_t layout[] = {
        sizeof(oai_text), offsetof(oai_text, data), offsetof(oai_text, size),
        sizeof(oai_transport), offsetof(oai_transport, context), offsetof(oai_transport, pull),
        offsetof(oai_transport, push), offsetof(oai_transport, hang_up), offsetof(oai_transport, dial),
        offsetof(oai_transport, resolve), offsetof(oai_transport, wait), offsetof(oai_transport, wake),
        offsetof(oai_transport, now_ms), offsetof(oai_transport, explain), offsetof(oai_transport, secure),
        sizeof(oai_timeouts), offsetof(oai_timeouts, total_ms),
        sizeof(oai_message), sizeof(oai_tool_call), sizeof(oai_tool), sizeof(oai_stream), sizeof(oai_body),
        sizeof(oai_chat), offsetof(oai_chat, model), offsetof(oai_chat, messages), offsetof(oai_chat, message_count),
        offsetof(oai_chat, prompt), offsetof(oai_chat, tools), offsetof(oai_chat, tool_count),
        offsetof(oai_chat, extra_json), offsetof(oai_chat, include_usage),
        sizeof(oai_usage), offsetof(oai_usage, completion_tokens), offsetof(oai_usage, reasoning_tokens),
        sizeof(oai_event), offsetof(oai_event, text), offsetof(oai_event, id), offsetof(oai_event, name),
        offsetof(oai_event, item_id), offsetof(oai_event, created), offsetof(oai_event, sequence_number),
        offsetof(oai_event, usage), offsetof(oai_event, kind), offsetof(oai_event, finish_reason),
        offsetof(oai_event, more), offsetof(oai_event, provisional), offsetof(oai_event, choice),
        offsetof(oai_event, tool_index), offsetof(oai_event, output_index), offsetof(oai_event, content_index),
        offsetof(oai_event, item_number),
        sizeof(oai_failure), offsetof(oai_failure, message), offsetof(oai_failure, body_prefix),
        offsetof(oai_failure, retry_after_ms), offsetof(oai_failure, error), offsetof(oai_failure, transport_code),
        static_cast<size_t>(oai::EventKind::segment), static_cast<size_t>(Error::server_error),
        static_cast<size_t>(Poll::failed), static_cast<size_t>(oai::Role::tool),
        static_cast<size_t>(oai::Verdict::failed),
    };
    const size_t* seen = driver_layout();
    for (const size_t expected : layout) CHECK_EQ(*seen++, expected);
    CHECK_EQ(*seen, SIZE_MAX);
}

TEST_CASE("the storage has the size that this version promises, whatever was built in") {
    const bool is_wide = sizeof(void*) == 8;
    CHECK_EQ(sizeof(oai_stream), is_wide ? 2816 : 1984);
    CHECK_EQ(sizeof(oai_body), is_wide ? 1600 : 1184);
    CHECK_EQ(sizeof(oai_message), is_wide ? 160 : 80);
    CHECK_EQ(sizeof(oai_tool), is_wide ? 192 : 96);
    CHECK_EQ(sizeof(oai_tool_call), is_wide ? 112 : 56);
}

// ---- conformance -----------------------------------------------------------------------------------------------------

StringView view(oai_text text) { return {text.data, text.size}; }

// An event as C has it, back in C++.
Event event_of(const oai_event& said) {
    Event event;
    event.reset(static_cast<EventKind>(said.kind));
    event.finish_reason = static_cast<oai::FinishReason>(said.finish_reason);
    event.more = said.more != 0;
    event.provisional = said.provisional != 0;
    event.choice = said.choice;
    event.text = view(said.text);
    event.id = view(said.id);
    event.name = view(said.name);
    event.item_id = view(said.item_id);
    event.created = said.created;
    event.tool_index = said.tool_index;
    event.output_index = said.output_index;
    event.content_index = said.content_index;
    event.item_number = said.item_number;
    event.sequence_number = said.sequence_number;
    event.usage = {said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens,
                   said.usage.cached_tokens, said.usage.reasoning_tokens};
    return event;
}

struct Heard {
    Answer answer;
    Json words;
    std::string lines;
    Error error = Error::none;

    static void on_event(void* self, const oai_event* event) {
        static_cast<Heard*>(self)->answer.take(event_of(*event));
        static_cast<Heard*>(self)->lines += line(event_of(*event));
    }
    static void on_end(void* self, const oai_failure* said) {
        Heard& heard = *static_cast<Heard*>(self);
        heard.error = static_cast<Error>(said->error);
        if (said->category == OAI_CATEGORY_SERVER)
            heard.words = error_value(view(said->message), view(said->type), view(said->code), view(said->param));
    }
};

std::string body_of(const Case& one) { return one.is_error_body ? one.text : as_event(one.text); }

void check_heard(const Case& one, Heard& heard, int32_t error) {
    CHECK_EQ(error, static_cast<int32_t>(heard.error));
    CHECK_EQ(heard.answer.broken, "");
    if (one.is_error_body && heard.words == error_value({}, {}, {}, {})) heard.words = "nothing";
    const Json value = outcome_value(heard.error, heard.answer, heard.words, one.is_error_body);
    CHECK_MESSAGE(is_wanted(one, value), printed(value));
    // For what has neither choices nor usage the end comes too early, or nothing was understood.
    const bool says_nothing = value.value("choices", Json()).empty() && value.value("usage", Json()).is_null();
    const Error expected = error_of(one, value);
    const bool is_as_good = says_nothing && expected == Error::truncated && heard.error == Error::not_event_stream;
    CHECK((heard.error == expected || is_as_good));
}

TEST_CASE("chat answers and error bodies, through C") {
    std::vector<char> memory(64 * 1024);
    for (const Case& one : all_cases()) {
        if (one.text.size() > 10000) continue;                                        // those are about memory
        if (one.is_error_body && one.text[0] != '{' && one.text[0] != '[') continue;  // no JSON to an Exchange
        ROW(one.name);
        const std::string body = body_of(one);
        for (const size_t step : {body.size() + 1, size_t{7}, size_t{1}}) {
            Heard heard;
            const int32_t error = driver_read(body.data(), body.size(), step, one.is_error_body ? 400 : 200,
                                              memory.data(), memory.size(), Heard::on_event, Heard::on_end, &heard);
            check_heard(one, heard, error);
        }
        const std::string answer = std::string(one.is_error_body ? "HTTP/1.1 400 Bad\r\n" : "HTTP/1.1 200 OK\r\n") +
                                   "Content-Type: " + (one.is_error_body ? "application/json" : "text/event-stream") +
                                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        driver_link link = {};
        link.answer = answer.data();
        link.size = answer.size();
        link.step = 11;
        link.waits = 1;
        Heard heard;
        const int32_t error =
            driver_talk(&link, memory.data(), memory.size(), Heard::on_event, Heard::on_end, &heard);
        check_heard(one, heard, error);
        CHECK_EQ(std::string(link.host), "host.example");
        CHECK_EQ(link.dials, 1);
        CHECK_EQ(link.hang_ups, 1);
    }
}

// ---- lifetime --------------------------------------------------------------------------------------------------------

const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                      "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
                      "data: {\"choices\":[{\"delta\":{\"content\":\"!\"},\"finish_reason\":\"stop\"}]}\n\n"
                      "data: [DONE]\n\n";

// All of it that does not need a transport.
void touch(oai_stream* stream, int32_t error, int32_t category = OAI_CATEGORY_CALLER) {
    oai_event event;
    oai_failure failure;
    char why[200];
    CHECK_EQ(oai_stream_error(stream), error);
    CHECK_EQ(oai_stream_poll(stream, &event), OAI_POLL_FAILED);
    CHECK_EQ(oai_stream_next(stream, &event), 0);
    CHECK_EQ(oai_stream_wants(stream), OAI_INTEREST_NONE);
    CHECK_EQ(oai_stream_next_deadline_ms(stream), UINT32_MAX);
    oai_stream_failure(stream, &failure);
    CHECK_EQ(failure.error, error);
    CHECK_EQ(failure.category, category);
    CHECK_NE(std::string(oai_stream_explain(stream, why, sizeof why)), "");
    oai_stream_cancel(stream);
    oai_stream_close(stream);
    oai_stream_close(stream);
}

struct Fixture {
    char memory[4096];
    driver_link link = {};
    oai_transport transport;
    oai_stream stream = {};
    oai_chat chat = {};

    Fixture() {
        link.answer = answer;
        link.size = sizeof answer - 1;
        transport = driver_transport(&link);
        chat.model = oai_str("m");
        chat.prompt = oai_str("q");
    }
    void begin() {
        oai_stream_init(&stream, &transport, memory, sizeof memory);
        CHECK_EQ(oai_stream_set_server(&stream, oai_str("http://h/v1"), oai_str("k")), OAI_ERROR_NONE);
        CHECK_EQ(oai_stream_open(&stream, &chat), OAI_ERROR_NONE);
    }
    std::string read() {
        std::string text;
        for (oai_event event; oai_stream_next(&stream, &event) == 1;)
            if (event.kind == OAI_EVENT_TEXT) text.append(event.text.data, event.text.size);
        return text;
    }
};

TEST_CASE("storage that holds no stream does nothing") {
    Fixture fixture;
    SUBCASE("null") {
        touch(nullptr, OAI_ERROR_NOT_OPEN);
        CHECK_EQ(oai_stream_verdict(nullptr), OAI_VERDICT_FAILED);
        oai_stream_init(nullptr, &fixture.transport, fixture.memory, sizeof fixture.memory);
        oai_stream_end(nullptr);
        CHECK_EQ(oai_stream_open(nullptr, &fixture.chat), OAI_ERROR_NOT_OPEN);
        CHECK_EQ(oai_stream_open_json(nullptr, oai_str("/x"), oai_str("{}"), OAI_API_CHAT), OAI_ERROR_NOT_OPEN);
        CHECK_EQ(oai_stream_set_server(nullptr, oai_str("http://h"), oai_str("")), OAI_ERROR_NOT_OPEN);
        oai_stream_set_timeouts(nullptr, nullptr);
        oai_stream_set_retries(nullptr, 2);
    }
    SUBCASE("zeros") {
        touch(&fixture.stream, OAI_ERROR_NOT_OPEN);
        oai_stream_end(&fixture.stream);
        CHECK_EQ(oai_stream_open(&fixture.stream, &fixture.chat), OAI_ERROR_NOT_OPEN);
    }
    SUBCASE("any bytes") {
        memset(&fixture.stream, 0xa5, sizeof fixture.stream);
        touch(&fixture.stream, OAI_ERROR_NOT_OPEN);
        oai_stream_end(&fixture.stream);
    }
    SUBCASE("one that was ended, twice") {
        fixture.begin();
        oai_stream_end(&fixture.stream);
        CHECK_EQ(fixture.link.hang_ups, 1);
        oai_stream_end(&fixture.stream);
        touch(&fixture.stream, OAI_ERROR_NOT_OPEN);
        CHECK_EQ(fixture.link.hang_ups, 1);
    }
    SUBCASE("a copy") {
        fixture.begin();
        oai_stream copy;
        memcpy(&copy, &fixture.stream, sizeof copy);
        touch(&copy, OAI_ERROR_NOT_OPEN);
        oai_stream_end(&copy);
        CHECK_EQ(fixture.link.hang_ups, 0);
        CHECK_EQ(fixture.read(), "Hi!");
        oai_stream_end(&fixture.stream);
    }
    SUBCASE("no transport") {
        oai_stream_init(&fixture.stream, nullptr, nullptr, 0);
        oai_stream_set_server(&fixture.stream, oai_str("http://h/v1"), oai_str(nullptr));
        CHECK_EQ(oai_stream_open(&fixture.stream, &fixture.chat), OAI_ERROR_BUFFER_TOO_SMALL);
        touch(&fixture.stream, OAI_ERROR_BUFFER_TOO_SMALL, OAI_CATEGORY_CAPACITY);
        oai_stream_end(&fixture.stream);
    }
}

TEST_CASE("a stream is used again, begun again and ended in the middle") {
    Fixture fixture;
    fixture.begin();
    CHECK_EQ(oai_stream_set_server(&fixture.stream, oai_str("http://other/v1"), oai_str("")), OAI_ERROR_REENTERED);
    CHECK_EQ(fixture.read(), "Hi!");
    CHECK_EQ(oai_stream_error(&fixture.stream), OAI_ERROR_NONE);
    CHECK_EQ(oai_stream_verdict(&fixture.stream), OAI_VERDICT_DONE_MARKER);
    fixture.link.at = 0;
    CHECK_EQ(oai_stream_set_server(&fixture.stream, oai_str("http://other/v1"), oai_str("")), OAI_ERROR_NONE);
    CHECK_EQ(oai_stream_open(&fixture.stream, &fixture.chat), OAI_ERROR_NONE);
    CHECK_EQ(fixture.read(), "Hi!");
    CHECK_EQ(std::string(fixture.link.host), "other");
    fixture.link.at = 0;
    CHECK_EQ(oai_stream_open(&fixture.stream, &fixture.chat), OAI_ERROR_NONE);
    fixture.begin();  // the one before is ended
    CHECK_EQ(fixture.link.dials, fixture.link.hang_ups + 1);
    oai_stream_close(&fixture.stream);
    touch(&fixture.stream, OAI_ERROR_CLOSED);
    oai_stream_end(&fixture.stream);
    CHECK_EQ(fixture.link.dials, fixture.link.hang_ups);
}

// From inside each function of the transport.
enum Deed { closes, ends, begins, begins_over_link, opens, opens_json, polls, cancels, sets_server };
Fixture* current;
Deed deed;
const char* place;
int deeds;

void act(driver_link*, const char* name) {
    if (strcmp(name, place) != 0 || deeds++ != 0) return;
    oai_event event;
    switch (deed) {
        case closes: oai_stream_close(&current->stream); break;
        case ends: oai_stream_end(&current->stream); break;
        case begins: oai_stream_init(&current->stream, &current->transport, current->memory, 512); break;
        case begins_over_link: {
            oai_link* const link = oai_link_new(oai_str("http://127.0.0.1:1/v1"));
            oai_stream_init_link(&current->stream, link, current->memory, 512);
            oai_link_free(link);
            break;
        }
        case opens_json:
            CHECK_EQ(oai_stream_open_json(&current->stream, oai_str("/x"), oai_str("{}"), OAI_API_CHAT),
                     OAI_ERROR_REENTERED);
            break;
        case opens: CHECK_EQ(oai_stream_open(&current->stream, &current->chat), OAI_ERROR_REENTERED); break;
        case polls: CHECK_EQ(oai_stream_poll(&current->stream, &event), OAI_POLL_FAILED); break;
        case cancels: oai_stream_cancel(&current->stream); break;
        case sets_server:
            CHECK_EQ(oai_stream_set_server(&current->stream, oai_str("http://x"), oai_str("")), OAI_ERROR_REENTERED);
            break;
    }
}

TEST_CASE("what is called from inside the transport's functions") {
    const struct {
        const char* name;
        Deed what;
        const char* text;  // null: it does not come to its end
    } rows[] = {
        {"close", closes, nullptr}, {"end, which then only closes", ends, nullptr},
        {"init, which is refused", begins, "Hi!"}, {"init_link, which is refused", begins_over_link, "Hi!"},
        {"open_json, which is refused", opens_json, "Hi!"},
        {"open, which is refused", opens, "Hi!"}, {"poll, which is refused", polls, "Hi!"},
        {"cancel", cancels, nullptr}, {"set_server, which is refused", sets_server, "Hi!"},
    };
    for (const auto& row : rows)
        for (const char* where : {"pull", "push", "dial", "hang_up"}) {
            ROW(std::string(row.name) + " in " + where);
            Fixture fixture;
            current = &fixture;
            deed = row.what;
            place = where;
            deeds = 0;
            oai_stream_init(&fixture.stream, &fixture.transport, fixture.memory, sizeof fixture.memory);
            oai_stream_set_server(&fixture.stream, oai_str("http://h/v1"), oai_str("k"));
            fixture.link.inside = act;
            oai_stream_open(&fixture.stream, &fixture.chat);
            const std::string text = fixture.read();
            if (row.text || strcmp(where, "hang_up") == 0) CHECK_EQ(text, "Hi!");
            else CHECK_EQ(text, "");
            oai_stream_end(&fixture.stream);
            oai_stream_end(&fixture.stream);
            CHECK_EQ(fixture.link.hang_ups, fixture.link.dials);
            CHECK_GE(deeds, 1);
        }
}

TEST_CASE("what a function of the transport says, and what it is called") {
    const struct {
        const char* name;
        int32_t fails;
        int32_t error, code;
    } rows[] = {
        {"closed", 0, OAI_ERROR_TRUNCATED, 0},
        {"a failure", -1234, OAI_ERROR_CONNECTION_LOST, -1234},
        {"more than asked for", 1 << 20, OAI_ERROR_TRANSPORT_CONTRACT, 0},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        Fixture fixture;
        fixture.link.size = 120;  // in the middle
        fixture.link.fails = row.fails;
        fixture.begin();
        fixture.read();
        oai_failure failure;
        oai_stream_failure(&fixture.stream, &failure);
        CHECK_EQ(failure.error, row.error);
        CHECK_EQ(failure.transport_code, row.code);
        char why[300];
        CHECK_NE(std::string(oai_stream_explain(&fixture.stream, why, sizeof why)), "");
        CHECK_EQ(std::string(oai_stream_explain(&fixture.stream, nullptr, 100)), "");
        CHECK_EQ(std::string(oai_describe(row.error)).empty(), false);
        oai_stream_end(&fixture.stream);
    }
    CHECK_EQ(std::string(oai_describe(-1)), "unknown error");
}

TEST_CASE("each function of the transport is asked, and what it says is what it means") {
    const oai_timeouts limits = {3000, 4000, 5000, 6000, 0};
    const struct {
        const char* name;
        void (*change)(Functions&);
        const char* asked;
        int32_t error, code;
        uint32_t ms;  // that went by
    } rows[] = {
        {"a name that is not resolved", [](Functions& f) { f.resolved = OAI_IO_UNRESOLVED; }, "resolve h.example:8080;",
         OAI_ERROR_NAME_NOT_RESOLVED, OAI_IO_UNRESOLVED, 0},
        {"resolving fails", [](Functions& f) { f.resolved = -5; }, "resolve h.example:8080;", OAI_ERROR_CONNECT_FAILED,
         -5, 0},
        {"a dial that finds no address", [](Functions& f) { f.dialled = OAI_IO_UNRESOLVED; },
         "resolve h.example:8080;dial h.example:8080;", OAI_ERROR_NAME_NOT_RESOLVED, OAI_IO_UNRESOLVED, 0},
        {"a dial that fails", [](Functions& f) { f.dialled = -7; }, "resolve h.example:8080;dial h.example:8080;",
         OAI_ERROR_CONNECT_FAILED, -7, 0},
        {"a dial that does not come to an end", [](Functions& f) { f.dialled = OAI_IO_WOULD_BLOCK; },
         "resolve h.example:8080;dial h.example:8080;", OAI_ERROR_CONNECT_TIMEOUT, 0, 3000},
        {"no answer", [](Functions&) {}, "resolve h.example:8080;dial h.example:8080;", OAI_ERROR_HEADERS_TIMEOUT, 0,
         4000},
        {"a wait that fails",
         [](Functions& f) { f.waited = -9; }, "resolve h.example:8080;dial h.example:8080;", OAI_ERROR_CONNECTION_LOST,
         -9, 4000},
        {"no HTTP", [](Functions& f) { f.pulled = 1; }, "resolve h.example:8080;dial h.example:8080;",
         OAI_ERROR_BAD_STATUS_LINE, 0, 0},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        Fixture fixture;
        Functions functions;
        row.change(functions);
        fixture.transport = functions.transport();
        oai_stream_init(&fixture.stream, &fixture.transport, fixture.memory, sizeof fixture.memory);
        oai_stream_set_timeouts(&fixture.stream, &limits);
        oai_stream_set_timeouts(&fixture.stream, nullptr);
        oai_stream_set_server(&fixture.stream, oai_str("http://h.example:8080/v1"), oai_str("k"));
        oai_stream_open(&fixture.stream, &fixture.chat);
        CHECK_EQ(fixture.read(), "");
        CHECK_EQ(functions.asked.substr(0, strlen(row.asked)), row.asked);  // dial may be asked again
        oai_failure failure;
        oai_stream_failure(&fixture.stream, &failure);
        oai_stream_failure(&fixture.stream, nullptr);
        CHECK_EQ(failure.error, row.error);
        CHECK_EQ(failure.transport_code, row.code);
        CHECK_EQ(functions.now, row.ms);
        char why[300];
        const std::string words = oai_stream_explain(&fixture.stream, why, sizeof why);
        INFO(words);
        CHECK_EQ(words.find("Code " + std::to_string(row.code)) != std::string::npos, row.code != 0);
        CHECK_EQ(functions.wakes, 0);
        oai_stream_cancel(&fixture.stream);
        CHECK_EQ(functions.wakes, 1);
        oai_stream_end(&fixture.stream);
        CHECK_EQ(functions.hang_ups, functions.dials != 0);
    }
}

TEST_CASE("as many attempts as were asked for, by a program that polls") {
    Fixture fixture;
    Functions functions;
    functions.dialled = -7;
    fixture.transport = functions.transport();
    oai_stream_init(&fixture.stream, &fixture.transport, fixture.memory, sizeof fixture.memory);
    oai_stream_set_retries(&fixture.stream, 3);
    oai_stream_set_server(&fixture.stream, oai_str("http://h/v1"), oai_str("k"));
    oai_stream_open(&fixture.stream, &fixture.chat);
    oai_event event;
    while (oai_stream_poll(&fixture.stream, &event) == OAI_POLL_PENDING) {
        CHECK_EQ(oai_stream_poll(&fixture.stream, nullptr), OAI_POLL_FAILED);  // for want of an event
        CHECK_EQ(oai_stream_next(&fixture.stream, nullptr), 0);
        const uint32_t ms = oai_stream_next_deadline_ms(&fixture.stream);
        REQUIRE_NE(ms, UINT32_MAX);
        functions.now += ms;
    }
    CHECK_EQ(functions.dials, 4);
    CHECK_EQ(oai_stream_error(&fixture.stream), OAI_ERROR_CONNECT_FAILED);
    oai_stream_end(&fixture.stream);
}

TEST_CASE("a program that polls is given the events") {
    Fixture fixture;
    fixture.link.waits = 1;
    fixture.link.step = 10;
    fixture.begin();
    std::string text;
    oai_event event;
    int32_t said;
    while ((said = oai_stream_poll(&fixture.stream, &event)) <= OAI_POLL_PENDING) {
        if (said == OAI_POLL_EVENT && event.kind == OAI_EVENT_TEXT) text.append(event.text.data, event.text.size);
    }
    CHECK_EQ(said, OAI_POLL_DONE);
    CHECK_EQ(text, "Hi!");
    oai_stream_end(&fixture.stream);
}

TEST_CASE("no function is asked for more bytes than an int32_t counts") {
    constexpr size_t size = (size_t{1} << 30) + 16384;
    const std::unique_ptr<char[]> memory(new (std::nothrow) char[size]);  // no page of it is there before it is used
    if (!memory) return;
    Fixture fixture;
    Functions functions;
    functions.pulled = OAI_IO_CLOSED;
    fixture.transport = functions.transport();
    oai_stream_init(&fixture.stream, &fixture.transport, memory.get(), size);
    oai_stream_set_server(&fixture.stream, oai_str("http://h/v1"), oai_str("k"));
    oai_stream_open(&fixture.stream, &fixture.chat);
    fixture.read();
    CHECK_EQ(oai_stream_error(&fixture.stream), OAI_ERROR_NO_RESPONSE);
    CHECK_EQ(functions.largest_room, 0x3fffffff);
    oai_stream_end(&fixture.stream);
}

// ---- bodies ----------------------------------------------------------------------------------------------------------

struct Closer {
    oai_body* body;
    int events = 0;
};
void close_it(void* context, const oai_event*) {
    Closer& closer = *static_cast<Closer*>(context);
    ++closer.events;
    CHECK_EQ(oai_body_feed(closer.body, "x", 1, close_it, context), OAI_POLL_FAILED);
    CHECK_EQ(oai_body_begin(closer.body, OAI_API_CHAT, 200), OAI_ERROR_REENTERED);
    oai_body_init(closer.body, nullptr, 0);
    oai_body_add_header(closer.body, oai_str("content-type"), oai_str("from/inside"));
    oai_body_close(closer.body);
    oai_body_close(closer.body);
}

TEST_CASE("a body in every state, and one that is closed from inside its events") {
    char memory[2048], why[200];
    oai_body body = {};
    oai_failure failure;
    for (oai_body* const one : {static_cast<oai_body*>(nullptr), &body}) {
        CHECK_EQ(oai_body_begin(one, OAI_API_CHAT, 200), OAI_ERROR_NOT_OPEN);
        CHECK_EQ(oai_body_feed(one, "x", 1, nullptr, nullptr), OAI_POLL_FAILED);
        CHECK_EQ(oai_body_finish(one, nullptr, nullptr), OAI_POLL_FAILED);
        oai_body_add_header(one, oai_str("a"), oai_str("b"));
        oai_body_close(one);
        CHECK_EQ(oai_body_error(one), OAI_ERROR_NOT_OPEN);
        oai_body_failure(one, &failure);
        CHECK_EQ(failure.error, OAI_ERROR_NOT_OPEN);
        oai_body_failure(one, nullptr);
        CHECK_NE(std::string(oai_body_explain(one, why, sizeof why)), "");
    }
    oai_body_init(nullptr, memory, sizeof memory);
    oai_body_init(&body, memory, sizeof memory);
    oai_body_init(&body, memory, sizeof memory);  // again
    CHECK_EQ(oai_body_feed(&body, "x", 1, nullptr, nullptr), OAI_POLL_FAILED);
    const char* const stream = strstr(answer, "data:");
    for (int round = 0; round < 2; ++round) {
        Closer closer{&body};
        CHECK_EQ(oai_body_begin(&body, OAI_API_CHAT, 200), OAI_ERROR_NONE);
        CHECK_EQ(oai_body_feed(&body, stream, strlen(stream), close_it, &closer), OAI_POLL_FAILED);
        CHECK_EQ(closer.events, 1);
        CHECK_EQ(oai_body_error(&body), OAI_ERROR_CLOSED);
    }
    CHECK_EQ(oai_body_begin(&body, OAI_API_CHAT, 200), OAI_ERROR_NONE);
    CHECK_EQ(oai_body_feed(&body, nullptr, 5, nullptr, nullptr), OAI_POLL_PENDING);
    CHECK_EQ(oai_body_feed(&body, stream, strlen(stream), nullptr, nullptr), OAI_POLL_DONE);
    CHECK_EQ(oai_body_error(&body), OAI_ERROR_NONE);
    CHECK_EQ(oai_body_begin(&body, OAI_API_CHAT, 404), OAI_ERROR_NONE);
    oai_body_add_header(&body, oai_str("Content-Type"), oai_str("text/plain"));
    CHECK_EQ(oai_body_feed(&body, "no", 2, nullptr, nullptr), OAI_POLL_PENDING);
    CHECK_EQ(oai_body_finish(&body, nullptr, nullptr), OAI_POLL_FAILED);
    oai_body_failure(&body, &failure);
    CHECK_EQ(std::string(failure.content_type.data, failure.content_type.size), "text/plain");
    CHECK_EQ(failure.http_status, 404);
    CHECK_NE(std::string(oai_body_explain(&body, why, sizeof why)).find("404"), std::string::npos);
}

// ---- requests --------------------------------------------------------------------------------------------------------

TEST_CASE("a request as C writes it") {
    oai_tool_call calls[2];
    oai_tool_call_init(&calls[0], oai_str("a"), oai_str("f"), oai_str("{\"x\":1}"));
    oai_tool_call_init(&calls[1], oai_str("b"), oai_str("g"), oai_str("{}"));
    oai_message messages[5];
    oai_message_init(&messages[0], OAI_ROLE_SYSTEM, oai_str("s\"\n"));
    oai_message_init(&messages[1], OAI_ROLE_USER, oai_str("u"));
    oai_message_init_calls(&messages[2], oai_str(nullptr), calls, 2);
    oai_message_set_extra_json(&messages[2], oai_str("\"reasoning_content\":\"r\""));
    oai_message_init_result(&messages[3], oai_str("a"), oai_str("one"));
    oai_message_init_result(&messages[4], oai_str("b"), oai_str("two"));
    oai_tool tools[2];
    oai_tool_init(&tools[0], oai_str("f"), oai_str("does f"), oai_str("{\"type\":\"object\"}"));
    oai_tool_init(&tools[1], oai_str("g"), oai_str(nullptr), oai_str(nullptr));
    oai_chat chat = {};
    chat.model = oai_str("m");
    chat.messages = messages;
    chat.message_count = 5;
    chat.prompt = oai_str("p");
    chat.tools = tools;
    chat.tool_count = 2;
    chat.extra_json = oai_str("\"seed\":7");
    chat.include_usage = 1;
    char text[1000];
    const size_t size = oai_chat_write_json(&chat, text, sizeof text);
    REQUIRE_LT(size, sizeof text);
    const Json written = Json::parse(std::string(text, size));
    const Json expected = Json::parse(R"({"model":"m","messages":[{"role":"system","content":"s\"\n"},
        {"role":"user","content":"u"},
        {"role":"assistant","content":null,"reasoning_content":"r","tool_calls":[
            {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
            {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
        {"role":"tool","content":"one","tool_call_id":"a"},{"role":"tool","content":"two","tool_call_id":"b"},
        {"role":"user","content":"p"}],"stream":true,"stream_options":{"include_usage":true},
        "tools":[{"type":"function","function":{"name":"f","description":"does f","parameters":{"type":"object"}}},
                 {"type":"function","function":{"name":"g"}}],"seed":7})");
    CHECK_EQ(written, expected);
    for (size_t room = 0; room < size; room += 17) {
        std::string part(room + 1, '#');
        CHECK_EQ(oai_chat_write_json(&chat, part.data(), room), size);
        CHECK_EQ(part.substr(0, room), std::string(text, room));
        CHECK_EQ(part[room], '#');
    }
    CHECK_EQ(oai_chat_write_json(&chat, nullptr, 100), size);
    chat.extra_json = oai_str("\"seed\":");
    CHECK_EQ(oai_chat_write_json(&chat, text, sizeof text), 0);
    CHECK_EQ(oai_chat_write_json(nullptr, text, sizeof text), 0);
    oai_message_init(nullptr, OAI_ROLE_USER, oai_str("x"));
    oai_message_set_extra_json(nullptr, oai_str("\"a\":1"));
    chat.extra_json = oai_str(nullptr);
    chat.message_count = 1;
    for (const int32_t role : {99, 0, -1}) {
        oai_message_init(&messages[0], role, oai_str("a role that there is not is the user's"));
        const size_t again = oai_chat_write_json(&chat, text, sizeof text);
        CHECK_EQ(Json::parse(std::string(text, again))["messages"][0]["role"], "user");
    }
}

TEST_CASE("any other request, read as it should be") {
    const char responses[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                             "event: response.output_text.delta\n"
                             "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n"
                             "event: response.completed\n"
                             "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\n";
    Fixture fixture;
    fixture.link.answer = responses;
    fixture.link.size = sizeof responses - 1;
    oai_stream_init(&fixture.stream, &fixture.transport, fixture.memory, sizeof fixture.memory);
    oai_stream_set_server(&fixture.stream, oai_str("http://h/v1"), oai_str("k"));
    CHECK_EQ(oai_stream_open_json(&fixture.stream, oai_str("/responses"), oai_str("{"), OAI_API_RESPONSES),
             OAI_ERROR_BAD_REQUEST_JSON);
    CHECK_EQ(oai_stream_open_json(&fixture.stream, oai_str("/responses"), oai_str("{\"input\":\"q\"}"),
                                  OAI_API_RESPONSES), OAI_ERROR_NONE);
    CHECK_EQ(fixture.read(), "Hi");
    CHECK_EQ(oai_stream_verdict(&fixture.stream), OAI_VERDICT_TERMINAL_EVENT);
    oai_stream_end(&fixture.stream);
}

TEST_CASE("a link of the operating system: refused, in words") {
    oai_link* const link = oai_link_new(oai_str("http://127.0.0.1:1/v1"));
    REQUIRE(link != nullptr);
    char memory[2048], why[300];
    oai_stream stream = {};
    oai_stream_init_link(&stream, link, memory, sizeof memory);
    oai_stream_set_server(&stream, oai_str("http://127.0.0.1:1/v1"), oai_str("k"));
    oai_chat chat = {};
    chat.model = oai_str("m");
    chat.prompt = oai_str("q");
    oai_stream_open(&stream, &chat);
    oai_event event;
    while (oai_stream_next(&stream, &event)) {}
    CHECK_EQ(oai_stream_error(&stream), OAI_ERROR_CONNECT_FAILED);
    CHECK(std::string(oai_stream_explain(&stream, why, sizeof why)).find("127.0.0.1:1") != std::string::npos);
    oai_stream_init_link(&stream, nullptr, memory, sizeof memory);  // the one before is ended
    touch(&stream, OAI_ERROR_NOT_OPEN);
    oai_stream_init_link(nullptr, link, memory, sizeof memory);
    oai_stream_end(&stream);
    oai_link_free(link);
    oai_link_free(nullptr);
}

}  // namespace
