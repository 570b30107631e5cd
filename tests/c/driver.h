/* What the tests ask of C: compiled as C99, called from C++. */
#ifndef TESTS_C_DRIVER_H
#define TESTS_C_DRIVER_H
#if defined(OPENAI_STREAM_TEST_MODULAR)
#include "../../src/c/api.hpp"
#else
#include "../../openai_stream.hpp"
#endif

#if defined(__cplusplus)
extern "C" {
#endif

/* Sizes and offsets as this compiler has them, until a SIZE_MAX. */
const size_t* driver_layout(void);

/* Called once, with what is known of the error. */
typedef void (*driver_on_end)(void* context, const oai_failure* failure);

/* What the link does. */
typedef struct driver_link {
    const char* answer;
    size_t size;
    size_t step;     /* bytes in one pull */
    size_t at;
    int32_t dials, hang_ups, pushed;
    int32_t waits;   /* pulls that would block between two that move something */
    int32_t left;
    char host[64];   /* as dial saw it */
    oai_stream* stream;
    /* Called from inside the function of this name: "pull", "push", "dial", "hang_up". */
    void (*inside)(struct driver_link* link, const char* name);
    int32_t fails;   /* what pull returns at the end */
} driver_link;

oai_transport driver_transport(driver_link* link);
/* Asks over the link with this memory, and delivers all events; returns the error. */
int32_t driver_talk(driver_link* link, void* memory, size_t size, oai_on_event on_event, driver_on_end on_end,
                    void* context);
/* The same of a body that is fed in steps. */
int32_t driver_read(const char* body, size_t body_size, size_t step, int32_t status, void* memory, size_t size,
                    oai_on_event on_event, driver_on_end on_end,
                    void* context);

#if defined(__cplusplus)
}
#endif
#endif
