#pragma once
// A request for a text that is spoken: POST /audio/speech. Views of the caller's memory, as long as a ChatRequest's.
#include "decimal.hpp"
#include "raw_json.hpp"

OPENAI_STREAM_BEGIN

// What the answer's body is: events with pieces of sound, or the sound itself, which is what a server does that was not
// asked.
enum class SpeechStream : uint8_t { unset, sse, audio };

struct SpeechRequest {
    StringView model;
    StringView input;         // what is spoken
    StringView voice;         // "alloy", "coral" ...
    StringView voice_id;      // in its place: a voice of one's own; null: none
    StringView instructions;  // how it is spoken; null: none
    StringView response_format;  // "mp3", "opus", "aac", "flac", "wav", "pcm"; null: the server's choice
    Decimal speed;
    SpeechStream stream_format = SpeechStream::sse;
    JsonMembers extra_json;  // further members, as in ChatRequest

    static constexpr const char* path = "/audio/speech";

    constexpr SpeechRequest() noexcept = default;
    constexpr SpeechRequest(StringView model_name OPENAI_STREAM_BORROWED, StringView text OPENAI_STREAM_BORROWED,
                            StringView voice_name OPENAI_STREAM_BORROWED) noexcept
        : model(model_name), input(text), voice(voice_name) {}

    // Error::bad_request_field without a model, a text, or one voice.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        return model.empty()                     ? "model"
               : input.empty()                   ? "input"
               : voice.empty() == voice_id.empty() ? "voice"
                                                 : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
};

namespace detail::speech {

inline void put_voice(const void* object, Fragment& piece) noexcept {
    const SpeechRequest& request = *static_cast<const SpeechRequest*>(object);
    piece.before = request.voice_id.empty() ? ",\"voice\":" : ",\"voice\":{\"id\":";
    piece.text = request.voice_id.empty() ? request.voice : request.voice_id;
    piece.kind = FragmentKind::string;
}
inline void end_voice(const void* object, Fragment& piece) noexcept {
    if (!static_cast<const SpeechRequest*>(object)->voice_id.empty()) piece.before = "}";
}
inline void put_speed(const void* object, Fragment& piece) noexcept {
    put_decimal(static_cast<const SpeechRequest*>(object)->speed, ",\"speed\":", piece);
}

inline constexpr FieldDescriptor request_rows[] = {
    {"{\"model\":", FieldType::string, offsetof(SpeechRequest, model)},
    {",\"input\":", FieldType::string, offsetof(SpeechRequest, input)},
    put_voice,
    end_voice,
    {",\"instructions\":", FieldType::optional_string, offsetof(SpeechRequest, instructions)},
    {",\"response_format\":", FieldType::optional_string, offsetof(SpeechRequest, response_format)},
    put_speed,
    {",\"stream_format\":\0\"sse\"\0\"audio\"\0", FieldType::enumeration, offsetof(SpeechRequest, stream_format)},
    {",", FieldType::checked, offsetof(SpeechRequest, extra_json)},
    {"}", FieldType::end},
};

}  // namespace detail::speech

inline detail::BodySource SpeechRequest::body() const noexcept {
    return {this, detail::next, detail::speech::request_rows};
}

OPENAI_STREAM_END
