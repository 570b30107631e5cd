// Build: clang++ --target=wasm32 -std=c++17 -Oz -nostdlib -fno-exceptions -fno-rtti -I../..
//            -ffreestanding -fno-builtin -Wl,--no-entry,--strip-all main.cpp c_library.cpp -o answer.wasm
// Run: python3 -m http.server, and open http://127.0.0.1:8000/ (README.md)
//
// The library in a browser, where there are no sockets: fetch() sends what write_request() makes and brings the bytes
// of the body, feed() makes events of them. Look at page.js: it knows neither JSON, nor events, nor what goes wrong.
// No emscripten, no C++ library, no heap; c_library.cpp has the six functions that a compiler expects.
//
// Texts go through one piece of memory (exchange_memory): page.js writes one there and says how long it is, or is told
// where one lies.
#include "openai_stream.hpp"

namespace oai = openai_stream;

#define EXPORT(name) extern "C" __attribute__((export_name(name), visibility("default")))

// page.js: an event of the answer. The text is valid until it returns.
extern "C" __attribute__((import_module("page"), import_name("on_event"))) void on_event(int kind, const char* text,
                                                                                         size_t size);

namespace {

// What page.js calls an event.
enum Kind : int { text_event = 0, reasoning_event = 1, finish_event = 2 };

char exchange_memory[64 * 1024];  // what goes in and out
char answer_memory[16 * 1024];
char why[500];
oai::Exchange exchange{answer_memory};

// The conversation, the oldest turns go when there is no room.
char said[256 * 1024];
size_t said_bytes = 0;
oai::Message turns[128];
size_t turn_count = 0;
constexpr size_t most_turns = sizeof turns / sizeof *turns;

void drop_oldest() {
    const size_t gone = turns[0].content.size();
    memmove(said, said + gone, said_bytes -= gone);
    for (size_t at = 1; at < turn_count; ++at)
        turns[at - 1] = {turns[at].role, {turns[at].content.data() - gone, turns[at].content.size()}};
    --turn_count;
}

void show(const oai::Event& event) {
    const bool is_text = event.kind == oai::EventKind::text || event.kind == oai::EventKind::refusal;
    const bool is_reasoning = event.kind == oai::EventKind::reasoning;
    const bool is_finish = event.kind == oai::EventKind::finish;
    const oai::StringView text = is_finish ? event.name : event.text;
    if (text.empty() || !(is_text || is_reasoning || is_finish)) return;
    on_event(is_text ? text_event : is_reasoning ? reasoning_event : finish_event, text.data(), text.size());
}

}  // namespace

EXPORT("memory_begin") char* memory_begin() { return exchange_memory; }
EXPORT("memory_bytes") size_t memory_bytes() { return sizeof exchange_memory; }

// The text in memory becomes the last message of the conversation; by the user, or what the model has said.
EXPORT("add_message") void add_message(bool is_users, size_t size) {
    if (size > sizeof exchange_memory) return;
    while (turn_count != 0 && (turn_count == most_turns || size > sizeof said - said_bytes)) drop_oldest();
    memcpy(said + said_bytes, exchange_memory, size);
    turns[turn_count++] = {is_users ? oai::Role::user : oai::Role::assistant, {said + said_bytes, size}};
    said_bytes += size;
}
// A question that got no answer can be asked again.
EXPORT("drop_message") void drop_message() {
    if (turn_count != 0) said_bytes -= turns[--turn_count].content.size();
}
EXPORT("forget") void forget() { turn_count = said_bytes = 0; }

// In memory is the name of the model. The body of the request, in memory: returns its size, 0 if it is too long.
EXPORT("write_request") size_t write_request(size_t model_bytes) {
    static char model[128];
    if (model_bytes > sizeof model) return 0;
    memcpy(model, exchange_memory, model_bytes);
    const oai::ChatRequest request({model, model_bytes}, {turns, turn_count});
    oai::RequestWriter writer;
    size_t size = 0;
    if (writer.begin_body(request) != oai::Error::none || writer.content_length() > sizeof exchange_memory) return 0;
    while (const size_t count = writer.write(exchange_memory + size, sizeof exchange_memory - size)) size += count;
    return writer.finished() ? size : 0;
}

// The head has come; then each of its fields, the name before the value in memory.
EXPORT("begin") void begin(int status) { exchange.begin_body(oai::Api::chat, status); }
EXPORT("add_header") void add_header(size_t name_bytes, size_t value_bytes) {
    if (name_bytes > sizeof exchange_memory || value_bytes > sizeof exchange_memory - name_bytes) return;
    exchange.add_header({exchange_memory, name_bytes}, {exchange_memory + name_bytes, value_bytes});
}
// So many bytes of the body. Returns false if no more are wanted.
EXPORT("feed") bool feed(size_t size) {
    if (size > sizeof exchange_memory) return false;
    return exchange.feed({exchange_memory, size}, show) == oai::Poll::pending;
}
// The body has ended, or has broken off. Returns true if the answer is complete.
EXPORT("end") bool end(bool is_broken) {
    if (exchange.error() == oai::Error::not_open) begin(0);  // not even a head has come
    if (is_broken) exchange.failed(1);
    return exchange.finish(show) == oai::Poll::done;
}
// Why it is not, in sentences, in memory: after the server's URL and what the browser says. Returns the size.
EXPORT("explain") size_t explain(size_t url_bytes, size_t words_bytes) {
    if (url_bytes > sizeof exchange_memory || words_bytes > sizeof exchange_memory - url_bytes) return 0;
    oai::explain(exchange.failure(), why, {exchange_memory, url_bytes}, {exchange_memory + url_bytes, words_bytes});
    const size_t size = strlen(why);
    memcpy(exchange_memory, why, size);
    return size;
}
