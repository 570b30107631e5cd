#pragma once
// How an object of C++ lives in the storage that C has for it, and how what C says becomes what C++ says.
#include "../io/explanation.hpp"
#include "../io/transport.hpp"
#include "api.hpp"

#if defined(OPENAI_STREAM_C_API)
OPENAI_STREAM_BEGIN
namespace detail::c {

// An object in a C object's storage, with a mark that says that it is there: storage that is zeroed, that was ended, or
// that was copied elsewhere has none.
template <class T, class Storage> struct Placed {
    static constexpr size_t offset = (sizeof(uintptr_t) + alignof(T) - 1) / alignof(T) * alignof(T);
    static_assert(offset + sizeof(T) <= sizeof(Storage), "make the storage in c/api.hpp larger");
    static_assert(alignof(T) <= alignof(Storage), "the storage in c/api.hpp is not aligned enough");

    static T* find(const Storage* storage) noexcept {
        uintptr_t mark = 0;
        if (storage) memcpy(&mark, storage, sizeof mark);
        return mark != 0 && mark == mark_of(storage) ? place(storage) : nullptr;
    }
    static T* make(Storage* storage) noexcept {
        if (!storage) return nullptr;
        end(storage);
        const uintptr_t mark = mark_of(storage);
        memcpy(storage, &mark, sizeof mark);
        return new (At{place(storage)}) Made;
    }
    static void end(Storage* storage) noexcept {
        T* const object = find(storage);
        if (!object) return;
        memset(storage, 0, sizeof(uintptr_t));
        object->~T();
    }

private:
    struct At {
        void* place;
    };
    // Placement without a header of the standard library.
    struct Made : T {
        static void* operator new(size_t, At at) noexcept { return at.place; }
        static void operator delete(void*, At) noexcept {}
    };
    static_assert(sizeof(Made) == sizeof(T), "it adds functions alone");

    static uintptr_t mark_of(const Storage* storage) noexcept {
        return reinterpret_cast<uintptr_t>(storage) ^ static_cast<uintptr_t>(0x6f61692d73747265u);
    }
    static T* place(const Storage* storage) noexcept {
        return reinterpret_cast<T*>(reinterpret_cast<char*>(const_cast<Storage*>(storage)) + offset);
    }
};

inline StringView view(oai_text text) noexcept { return {text.data, text.data ? text.size : 0}; }
inline oai_text text(StringView view) noexcept { return {view.data(), view.size()}; }
inline Buffer memory(void* bytes, size_t size) noexcept {
    return {static_cast<char*>(bytes), bytes ? size : 0};
}

inline void put(const Event& event, oai_event* into) noexcept {
    into->text = text(event.text);
    into->id = text(event.id);
    into->name = text(event.name);
    into->item_id = text(event.item_id);
    into->created = event.created;
    into->sequence_number = event.sequence_number;
    into->usage = {event.usage.prompt_tokens, event.usage.completion_tokens, event.usage.total_tokens,
                   event.usage.cached_tokens, event.usage.reasoning_tokens};
    into->kind = static_cast<int32_t>(event.kind);
    into->finish_reason = static_cast<int32_t>(event.finish_reason);
    into->more = event.more;
    into->provisional = event.provisional;
    into->choice = event.choice;
    into->tool_index = event.tool_index;
    into->output_index = event.output_index;
    into->content_index = event.content_index;
    into->item_number = event.item_number;
}

inline void put(const Failure& failure, oai_failure* into) noexcept {
    into->type = text(failure.type);
    into->code = text(failure.code);
    into->param = text(failure.param);
    into->message = text(failure.message);
    into->request_id = text(failure.request_id);
    into->content_type = text(failure.content_type);
    into->location = text(failure.location);
    into->body_prefix = text(failure.body_prefix);
    into->retry_after_ms = failure.retry_after_ms;
    into->error = static_cast<int32_t>(failure.error);
    into->category = static_cast<int32_t>(failure.category);
    into->http_status = failure.http_status;
    into->transport_code = failure.transport_code;
}

inline const Api& api(int32_t number) noexcept { return number == OAI_API_RESPONSES ? Api::responses : Api::chat; }

}  // namespace detail::c
OPENAI_STREAM_END

extern "C" const char* oai_describe(int32_t error) {
    return openai_stream::describe(static_cast<openai_stream::Error>(error));
}
#endif
