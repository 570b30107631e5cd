/* Build: cc -std=c99 -fPIC -I../.. -c npc.c && c++ -std=c++17 -fPIC -shared -I../.. api.cpp npc.o -o libnpc.so
 * Run: python3 npc.py ["question"]
 *
 * What an engine or a language that calls C binds (C#'s DllImport, Lua's FFI, Godot's GDExtension, Python's ctypes): look
 * at how nothing but pointers, numbers and C strings crosses the border. One handle, which is freed; one poll per frame,
 * which copies the text that has come; one error text. */
#include "openai_stream.hpp"
#include <stdlib.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

typedef struct npc {
    char *url, *key, *model, *question;
    oai_link* link;
    oai_stream stream;
    char memory[16 * 1024];
    char left[16 * 1024]; /* of a text that found no room; none is larger than the stream's memory */
    char error[500];
    size_t left_size;
} npc;

EXPORT npc* npc_new(const char* url, const char* key, const char* model);
EXPORT void npc_free(npc* self);
EXPORT int npc_ask(npc* self, const char* question);
EXPORT int npc_poll(npc* self, char* text, int room);
EXPORT const char* npc_error(npc* self);

static char* copy_of(const char* text) {
    const size_t size = strlen(text) + 1;
    char* const copy = (char*)malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

/* Null: out of memory. */
npc* npc_new(const char* url, const char* key, const char* model) {
    npc* const self = (npc*)calloc(1, sizeof *self);
    if (!self) return NULL;
    self->url = copy_of(url);
    self->key = copy_of(key);
    self->model = copy_of(model);
    self->link = self->url ? oai_link_new(oai_str(self->url)) : NULL;
    if (!self->link || !self->key || !self->model) {
        npc_free(self);
        return NULL;
    }
    oai_stream_init_link(&self->stream, self->link, self->memory, sizeof self->memory);
    oai_stream_set_server(&self->stream, oai_str(self->url), oai_str(self->key));
    oai_stream_set_retries(&self->stream, 2);
    return self;
}

/* Null does nothing. */
void npc_free(npc* self) {
    if (!self) return;
    oai_stream_end(&self->stream);
    oai_link_free(self->link);
    free(self->url);
    free(self->key);
    free(self->model);
    free(self->question);
    free(self);
}

/* A question that is under way is given up. 1: npc_poll() goes on; 0: npc_error() says why not. */
int npc_ask(npc* self, const char* question) {
    oai_chat chat;
    oai_stream_close(&self->stream);
    free(self->question);
    self->question = copy_of(question);
    self->left_size = 0;
    memset(&chat, 0, sizeof chat);
    chat.model = oai_str(self->model);
    chat.prompt = oai_str(self->question);
    return oai_stream_open(&self->stream, &chat) == OAI_ERROR_NONE;
}

/* Once per frame; never waits. Writes what has come into `text`, with a NUL (room: 5 and more), and returns its size; 0:
 * nothing yet; -1: the answer is complete; -2: it failed. */
int npc_poll(npc* self, char* text, int room) {
    oai_event event;
    int32_t said = OAI_POLL_EVENT;
    size_t size = 0;
    if (room < 1) return 0;
    while (self->left_size == 0 && (said = oai_stream_poll(&self->stream, &event)) == OAI_POLL_EVENT) {
        if (event.kind != OAI_EVENT_TEXT) continue;
        memcpy(self->left, event.text.data, event.text.size);
        self->left_size = event.text.size;
    }
    if (self->left_size != 0) { /* whole characters, as many as fit */
        size = self->left_size < (size_t)room - 1 ? self->left_size : (size_t)room - 1;
        while (size != 0 && size < self->left_size && ((unsigned char)self->left[size] & 0xc0) == 0x80) --size;
        memcpy(text, self->left, size);
        self->left_size -= size;
        memmove(self->left, self->left + size, self->left_size);
    }
    text[size] = '\0';
    return size != 0 ? (int)size : said == OAI_POLL_DONE ? -1 : said == OAI_POLL_FAILED ? -2 : 0;
}

/* Until the next call of npc_ask() or npc_free(). */
const char* npc_error(npc* self) {
    return oai_stream_explain(&self->stream, self->error, sizeof self->error);
}
