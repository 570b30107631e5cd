#pragma once
// The same for C. A C compiler that includes openai_stream.hpp sees this file alone; one C++ file of the program
// defines OPENAI_STREAM_C_API before it includes the header, and so has the functions:
//
//     #define OPENAI_STREAM_C_API
//     #define OPENAI_STREAM_SOCKET  // for oai_link; with OPENAI_STREAM_MBEDTLS https, too
//     #include "openai_stream.hpp"
//
// Objects are storage of constant size, which you own: once it is zeroed, or was given to its init function, it may be
// given to any other. It stays where it is until its end function. Nothing here allocates but oai_link_new(). What is
// not there is null or -1; null in place of an object does nothing. Numbers are int32_t whatever they stand for, so
// that their size does not depend on a compiler's options.
#if !defined(__cplusplus) || defined(OPENAI_STREAM_C_API)
#if !defined(OPENAI_STREAM_C_API_INCLUDED)
#define OPENAI_STREAM_C_API_INCLUDED
#if !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#error "openai_stream.hpp needs C99 or C++17: add -std=c99"
#endif
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__cplusplus)
extern "C" {
#endif

// What oai_stream_poll() says, as Poll.
enum {
    OAI_POLL_EVENT, OAI_POLL_PENDING, OAI_POLL_DONE, OAI_POLL_FAILED
};
// oai_event.kind, as EventKind: which members of an event count.
enum {
    OAI_EVENT_STARTED, OAI_EVENT_ROLE, OAI_EVENT_TEXT, OAI_EVENT_REASONING, OAI_EVENT_REFUSAL, OAI_EVENT_TOOL_CALL,
    OAI_EVENT_TOOL_ARGUMENTS, OAI_EVENT_FINISH, OAI_EVENT_USAGE, OAI_EVENT_KEEPALIVE, OAI_EVENT_LOGPROB,
    OAI_EVENT_TOP_LOGPROB, OAI_EVENT_AUDIO, OAI_EVENT_TRANSCRIPT, OAI_EVENT_ANNOTATION, OAI_EVENT_CONTENT_FILTER,
    OAI_EVENT_OUTPUT_ITEM_ADDED, OAI_EVENT_OUTPUT_ITEM_DONE, OAI_EVENT_IMAGE, OAI_EVENT_CODE, OAI_EVENT_COMMAND,
    OAI_EVENT_COMMAND_OUTPUT, OAI_EVENT_OTHER, OAI_EVENT_CUSTOM_FIELD, OAI_EVENT_SEGMENT, OAI_EVENT_ITEM_JSON
};
// oai_event.finish_reason, as FinishReason.
enum {
    OAI_FINISH_NONE, OAI_FINISH_STOP, OAI_FINISH_LENGTH, OAI_FINISH_TOOL_CALLS, OAI_FINISH_CONTENT_FILTER,
    OAI_FINISH_FUNCTION_CALL, OAI_FINISH_OTHER
};
// A set of these, as Interest.
enum {
    OAI_INTEREST_NONE, OAI_INTEREST_READ, OAI_INTEREST_WRITE, OAI_INTEREST_WORK_LEFT = 4
};
// How it ended, as Verdict.
enum {
    OAI_VERDICT_STILL_OPEN, OAI_VERDICT_DONE_MARKER, OAI_VERDICT_TERMINAL_EVENT, OAI_VERDICT_FINISH_THEN_EOF,
    OAI_VERDICT_TRUNCATED, OAI_VERDICT_CANCELLED, OAI_VERDICT_CLOSED_BY_CALLER, OAI_VERDICT_FAILED
};
// Who speaks, as Role.
enum {
    OAI_ROLE_SYSTEM = 1, OAI_ROLE_DEVELOPER, OAI_ROLE_USER, OAI_ROLE_ASSISTANT, OAI_ROLE_TOOL
};
// Who has to act, as ErrorCategory.
enum {
    OAI_CATEGORY_NONE, OAI_CATEGORY_CALLER, OAI_CATEGORY_CAPACITY, OAI_CATEGORY_TRANSPORT, OAI_CATEGORY_PROTOCOL,
    OAI_CATEGORY_SERVER
};
// Every way it can fail, as Error; oai_describe() says each in words.
enum {
    OAI_ERROR_NONE, OAI_ERROR_NOT_OPEN, OAI_ERROR_BAD_URL, OAI_ERROR_ENDPOINT_IN_URL, OAI_ERROR_BAD_KEY,
    OAI_ERROR_BAD_HEADER_VALUE, OAI_ERROR_BAD_REQUEST_JSON, OAI_ERROR_BAD_REQUEST_FIELD, OAI_ERROR_REQUEST_CHANGED,
    OAI_ERROR_SOURCE_FAILED, OAI_ERROR_NEEDS_TLS, OAI_ERROR_NO_TRANSPORT, OAI_ERROR_NO_REDIAL, OAI_ERROR_NO_WAIT,
    OAI_ERROR_IN_USE, OAI_ERROR_LINK_GONE, OAI_ERROR_MODE_FIXED, OAI_ERROR_REENTERED, OAI_ERROR_CANCELLED,
    OAI_ERROR_CLOSED, OAI_ERROR_BUFFER_TOO_SMALL, OAI_ERROR_EVENT_TOO_LARGE, OAI_ERROR_JSON_TOO_DEEP,
    OAI_ERROR_HEAD_TOO_LARGE, OAI_ERROR_MESSAGE_TOO_LARGE, OAI_ERROR_TOO_MANY_PARTS, OAI_ERROR_TRANSPORT_CONTRACT,
    OAI_ERROR_NAME_NOT_RESOLVED, OAI_ERROR_CONNECT_FAILED, OAI_ERROR_CONNECT_TIMEOUT, OAI_ERROR_HEADERS_TIMEOUT,
    OAI_ERROR_IDLE_TIMEOUT, OAI_ERROR_CONTENT_TIMEOUT, OAI_ERROR_TOTAL_TIMEOUT, OAI_ERROR_CONNECTION_LOST,
    OAI_ERROR_NO_RESPONSE, OAI_ERROR_TRUNCATED, OAI_ERROR_BAD_STATUS_LINE, OAI_ERROR_BAD_HEADER, OAI_ERROR_BAD_FRAMING,
    OAI_ERROR_BAD_CHUNK, OAI_ERROR_UNEXPECTED_UPGRADE, OAI_ERROR_CONTENT_ENCODING, OAI_ERROR_NOT_EVENT_STREAM,
    OAI_ERROR_BAD_JSON, OAI_ERROR_LATE_KEY, OAI_ERROR_HTTP_STATUS, OAI_ERROR_SERVER_ERROR
};

// What is read, as Api.
enum { OAI_API_CHAT, OAI_API_RESPONSES };

// What a function of a transport returns besides a count of bytes, which is 1 or more. Any other negative number is a
// failure, and becomes oai_failure.transport_code.
enum {
    OAI_IO_WOULD_BLOCK = 0,  // nothing now
    OAI_IO_READY = 1,        // of dial, resolve and wait: go on
    OAI_IO_CLOSED = -1,      // of pull and push: the peer has ended in order
    OAI_IO_UNRESOLVED = -2   // of dial and resolve: the host name has no address
};

// Bytes somebody else owns; not terminated.
typedef struct oai_text {
    const char* data;
    size_t size;
} oai_text;

// Of a C string, which must outlive it; null stays null.
static inline oai_text oai_str(const char* text) {
    oai_text view;
    view.data = text;
    view.size = text ? strlen(text) : 0;
    return view;
}

// ---- what you provide ---------------------------------------------------------------------------------------------

// As Transport, whose laws it has: pull and push are required, all others may be null. The host ends with a NUL, too.
typedef struct oai_transport {
    void* context;
    int32_t (*pull)(void* context, char* into, size_t room);
    int32_t (*push)(void* context, const char* from, size_t count);
    void (*hang_up)(void* context);
    int32_t (*dial)(void* context, const char* host, size_t host_size, uint16_t port);
    int32_t (*resolve)(void* context, const char* host, size_t host_size, uint16_t port);
    int32_t (*wait)(void* context, int32_t interest, uint32_t milliseconds);
    void (*wake)(void* context);
    uint32_t (*now_ms)(void* context);
    const char* (*explain)(void* context, int32_t code, char* into, size_t room);  // a failure in words, or null
    int32_t secure;  // 1: bytes are encrypted and the peer is verified
} oai_transport;

// In ms, 0: for ever; as Timeouts. They need now_ms.
typedef struct oai_timeouts {
    uint32_t connect_ms, headers_ms, idle_ms, content_ms, total_ms;
} oai_timeouts;

// ---- what you send ------------------------------------------------------------------------------------------------
// Texts are not copied: they live, with the arrays, until the first event or the end.

typedef struct oai_message { uint64_t storage[sizeof(void*) == 8 ? 20 : 10]; } oai_message;
typedef struct oai_tool_call { uint64_t storage[sizeof(void*) == 8 ? 14 : 7]; } oai_tool_call;
typedef struct oai_tool { uint64_t storage[sizeof(void*) == 8 ? 24 : 12]; } oai_tool;

void oai_message_init(oai_message* message, int32_t role, oai_text content);
// What a tool answered to the call of this id.
void oai_message_init_result(oai_message* message, oai_text call_id, oai_text content);
// What the assistant said, mostly nothing, and the tools it called.
void oai_message_init_calls(oai_message* message, oai_text content, const oai_tool_call* calls, size_t count);
// Further members of the message's JSON object, without braces.
void oai_message_set_extra_json(oai_message* message, oai_text members);
void oai_tool_call_init(oai_tool_call* call, oai_text id, oai_text name, oai_text arguments);
void oai_tool_init(oai_tool* tool, oai_text name, oai_text description, oai_text json_schema);

// As ChatRequest. Set all of it to zero, then what you mean.
typedef struct oai_chat {
    oai_text model;
    const oai_message* messages;
    size_t message_count;
    oai_text prompt;  // a message of the user after the others
    const oai_tool* tools;
    size_t tool_count;
    oai_text extra_json;    // further members of the request, without braces: "\"temperature\":0.2,\"seed\":7"
    int32_t include_usage;  // 1: the answer ends with its token counts
} oai_chat;

// Writes the JSON of a request, for an HTTP client that is there already, and returns its size. If that is more than
// room, only its beginning was written. 0: the request is not valid.
size_t oai_chat_write_json(const oai_chat* chat, char* into, size_t room);

// ---- what you receive ---------------------------------------------------------------------------------------------

typedef struct oai_usage {
    int64_t prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens;
} oai_usage;

// As Event. Its texts live until the next call on the stream.
typedef struct oai_event {
    oai_text text, id, name, item_id;
    int64_t created, sequence_number;
    oai_usage usage;
    int32_t kind, finish_reason;
    int32_t more;         // 1: the next event continues the same string
    int32_t provisional;
    int32_t choice, tool_index, output_index, content_index, item_number;
} oai_event;

// As Failure. Its texts live until the next open, or the end.
typedef struct oai_failure {
    oai_text type, code, param, message, request_id, content_type, location, body_prefix;
    int64_t retry_after_ms;
    int32_t error, category, http_status, transport_code;
} oai_failure;

// One sentence in English without a final full stop; static, never null.
const char* oai_describe(int32_t error);

// ---- a conversation, as Stream ------------------------------------------------------------------------------------

typedef struct oai_stream { uint64_t storage[sizeof(void*) == 8 ? 352 : 248]; } oai_stream;

// The transport is copied; its context and the memory (512 bytes and more) must outlive the stream. One that was in use
// is ended first.
void oai_stream_init(oai_stream* stream, const oai_transport* transport, void* memory, size_t size);
// Closes. Also of one that is zeroed, or was ended.
void oai_stream_end(oai_stream* stream);

// Where requests go: "https://api.openai.com/v1". Both texts must outlive the stream. What is wrong with them is said
// when it is opened. Not while it is open: OAI_ERROR_REENTERED.
int32_t oai_stream_set_server(oai_stream* stream, oai_text url, oai_text key);
void oai_stream_set_timeouts(oai_stream* stream, const oai_timeouts* timeouts);
// As RetryPolicy: so many attempts more. What does not call it does not link it.
void oai_stream_set_retries(oai_stream* stream, uint32_t count);

// Begins a conversation; a running one is abandoned. Returns an error; it stays until the next one.
int32_t oai_stream_open(oai_stream* stream, const oai_chat* chat);
// Any other POST: a path after the server's, such as "/responses", and the JSON of its body.
int32_t oai_stream_open_json(oai_stream* stream, oai_text path, oai_text json, int32_t api);

// Never waits. OAI_POLL_EVENT: an event was written.
int32_t oai_stream_poll(oai_stream* stream, oai_event* event);
// Waits in the transport's wait. 1: an event was written; 0: it is over.
int32_t oai_stream_next(oai_stream* stream, oai_event* event);
int32_t oai_stream_wants(const oai_stream* stream);
uint32_t oai_stream_next_deadline_ms(const oai_stream* stream);

// Idempotent, in every state, also from inside the transport's functions.
void oai_stream_close(oai_stream* stream);
// From any thread, signal handler or interrupt, between init and end.
void oai_stream_cancel(oai_stream* stream);

int32_t oai_stream_error(const oai_stream* stream);  // OAI_ERROR_NONE when it is done
int32_t oai_stream_verdict(const oai_stream* stream);
void oai_stream_failure(const oai_stream* stream, oai_failure* failure);
// What went wrong and what to do, in sentences, in this memory; "" without an error. Never the key.
const char* oai_stream_explain(const oai_stream* stream, char* into, size_t room);

// ---- the same without I/O, as Exchange: an engine's HTTP client feeds the body's bytes ----------------------------

typedef struct oai_body { uint64_t storage[sizeof(void*) == 8 ? 200 : 148]; } oai_body;
typedef void (*oai_on_event)(void* context, const oai_event* event);

void oai_body_init(oai_body* body, void* memory, size_t size);
int32_t oai_body_begin(oai_body* body, int32_t api, int32_t http_status);
// A field of the head, before the first byte of the body.
void oai_body_add_header(oai_body* body, oai_text name, oai_text value);
// Calls on_event with each event that is there then. Returns what poll says; other than OAI_POLL_PENDING: it is over.
// From inside on_event nothing of this body may be called but oai_body_close().
int32_t oai_body_feed(oai_body* body, const void* bytes, size_t count, oai_on_event on_event, void* context);
// No more bytes come.
int32_t oai_body_finish(oai_body* body, oai_on_event on_event, void* context);
// No more is wanted. Idempotent, in every state.
void oai_body_close(oai_body* body);
int32_t oai_body_error(const oai_body* body);
void oai_body_failure(const oai_body* body, oai_failure* failure);
const char* oai_body_explain(const oai_body* body, char* into, size_t room);

// ---- a connection of the operating system, from the heap; with OPENAI_STREAM_SOCKET -------------------------------

typedef struct oai_link oai_link;

// A Socket, or for an https URL a TlsSocket where that was built in. (Where it was not, opening fails with
// OAI_ERROR_NEEDS_TLS.) Null: out of memory.
oai_link* oai_link_new(oai_text url);
// After the end of the stream that uses it. Null does nothing.
void oai_link_free(oai_link* link);
void oai_stream_init_link(oai_stream* stream, oai_link* link, void* memory, size_t size);

#if defined(__cplusplus)
}
#endif
#endif
#endif
