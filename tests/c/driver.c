/* A program in C: nothing of it is C++, and it knows nothing but what a C compiler sees of the header. */
#include "driver.h"

#define OFFSET(type, member) offsetof(type, member)

const size_t* driver_layout(void) {
    static const size_t layout[] = {
        sizeof(oai_text), OFFSET(oai_text, data), OFFSET(oai_text, size),
        sizeof(oai_transport), OFFSET(oai_transport, context), OFFSET(oai_transport, pull),
        OFFSET(oai_transport, push), OFFSET(oai_transport, hang_up), OFFSET(oai_transport, dial),
        OFFSET(oai_transport, resolve), OFFSET(oai_transport, wait), OFFSET(oai_transport, wake),
        OFFSET(oai_transport, now_ms), OFFSET(oai_transport, explain), OFFSET(oai_transport, secure),
        sizeof(oai_timeouts), OFFSET(oai_timeouts, total_ms),
        sizeof(oai_message), sizeof(oai_tool_call), sizeof(oai_tool), sizeof(oai_stream), sizeof(oai_body),
        sizeof(oai_chat), OFFSET(oai_chat, model), OFFSET(oai_chat, messages), OFFSET(oai_chat, message_count),
        OFFSET(oai_chat, prompt), OFFSET(oai_chat, tools), OFFSET(oai_chat, tool_count), OFFSET(oai_chat, extra_json),
        OFFSET(oai_chat, include_usage),
        sizeof(oai_usage), OFFSET(oai_usage, completion_tokens), OFFSET(oai_usage, reasoning_tokens),
        sizeof(oai_event), OFFSET(oai_event, text), OFFSET(oai_event, id), OFFSET(oai_event, name),
        OFFSET(oai_event, item_id), OFFSET(oai_event, created), OFFSET(oai_event, sequence_number),
        OFFSET(oai_event, usage), OFFSET(oai_event, kind), OFFSET(oai_event, finish_reason), OFFSET(oai_event, more),
        OFFSET(oai_event, provisional), OFFSET(oai_event, choice), OFFSET(oai_event, tool_index),
        OFFSET(oai_event, output_index), OFFSET(oai_event, content_index), OFFSET(oai_event, item_number),
        sizeof(oai_failure), OFFSET(oai_failure, message), OFFSET(oai_failure, body_prefix),
        OFFSET(oai_failure, retry_after_ms), OFFSET(oai_failure, error), OFFSET(oai_failure, transport_code),
        OAI_EVENT_CUSTOM_FIELD, OAI_ERROR_SERVER_ERROR, OAI_POLL_FAILED, OAI_ROLE_TOOL, OAI_VERDICT_FAILED,
        SIZE_MAX,
    };
    return layout;
}

static void go_inside(driver_link* link, const char* name) {
    if (link->inside) link->inside(link, name);
}

static int32_t pull(void* context, char* into, size_t room) {
    driver_link* const link = (driver_link*)context;
    size_t count = link->size - link->at;
    go_inside(link, "pull");
    if (count == 0) return link->fails ? link->fails : OAI_IO_CLOSED;
    if (link->left-- > 0) return OAI_IO_WOULD_BLOCK;
    link->left = link->waits;
    if (count > room) count = room;
    if (link->step != 0 && count > link->step) count = link->step;
    memcpy(into, link->answer + link->at, count);
    link->at += count;
    return (int32_t)count;
}
static int32_t push(void* context, const char* from, size_t count) {
    driver_link* const link = (driver_link*)context;
    (void)from;
    go_inside(link, "push");
    link->pushed += (int32_t)count;
    return (int32_t)count;
}
static void hang_up(void* context) {
    driver_link* const link = (driver_link*)context;
    ++link->hang_ups;
    go_inside(link, "hang_up");
}
static int32_t dial(void* context, const char* host, size_t host_size, uint16_t port) {
    driver_link* const link = (driver_link*)context;
    (void)port;
    if (host_size < sizeof link->host) memcpy(link->host, host, host_size + 1);
    ++link->dials;
    go_inside(link, "dial");
    return OAI_IO_READY;
}
static int32_t wait_for(void* context, int32_t interest, uint32_t milliseconds) {
    (void)context;
    (void)interest;
    (void)milliseconds;
    return OAI_IO_READY;
}

oai_transport driver_transport(driver_link* link) {
    oai_transport transport;
    memset(&transport, 0, sizeof transport);
    transport.context = link;
    transport.pull = pull;
    transport.push = push;
    transport.hang_up = hang_up;
    transport.dial = dial;
    transport.wait = wait_for;
    return transport;
}

int32_t driver_talk(driver_link* link, void* memory, size_t size, oai_on_event on_event, driver_on_end on_end,
                    void* context) {
    const oai_transport transport = driver_transport(link);
    oai_stream stream = {{0}};
    oai_chat chat;
    oai_event event;
    oai_failure failure;
    int32_t error;
    memset(&chat, 0, sizeof chat);
    chat.model = oai_str("model");
    chat.prompt = oai_str("question");
    oai_stream_init(&stream, &transport, memory, size);
    oai_stream_set_server(&stream, oai_str("http://host.example/v1"), oai_str("key"));
    oai_stream_open(&stream, &chat);
    while (oai_stream_next(&stream, &event)) on_event(context, &event);
    error = oai_stream_error(&stream);
    oai_stream_failure(&stream, &failure);
    on_end(context, &failure);
    oai_stream_end(&stream);
    return error;
}

int32_t driver_read(const char* body, size_t body_size, size_t step, int32_t status, void* memory, size_t size,
                    oai_on_event on_event, driver_on_end on_end,
                    void* context) {
    oai_body reader = {{0}};
    oai_failure failure;
    int32_t said = OAI_POLL_PENDING;
    size_t at = 0;
    oai_body_init(&reader, memory, size);
    oai_body_begin(&reader, OAI_API_CHAT, status);
    for (; at < body_size && said == OAI_POLL_PENDING; at += step)
        said = oai_body_feed(&reader, body + at, body_size - at < step ? body_size - at : step, on_event, context);
    oai_body_finish(&reader, on_event, context);
    oai_body_failure(&reader, &failure);
    on_end(context, &failure);
    return oai_body_error(&reader);
}
