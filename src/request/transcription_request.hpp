#pragma once
// A request for the text of a recording: POST /audio/transcriptions. A form. Views of the caller's memory, as long as a
// ChatRequest's; what the recording is read from, too.
#include "decimal.hpp"
#include "form.hpp"
#include "tristate.hpp"

OPENAI_STREAM_BEGIN

// Where a long recording is cut.
enum class ChunkingStrategy : uint8_t { unset, automatic, server_vad };

struct TranscriptionRequest {
    StringView model;
    Upload file;  // its name says the format: "speech.wav"
    Tristate stream = Tristate::yes;
    StringView language;         // "en"; null: it is guessed
    List<StringView> languages;  // that may be spoken
    StringView prompt;           // what came before, or how names are spelled; null: none
    List<StringView> keywords;
    StringView response_format;  // "json", "text", "srt", "verbose_json", "vtt", "diarized_json"; null: the server's
    Decimal temperature;
    List<StringView> include;                  // "logprobs"
    List<StringView> timestamp_granularities;  // "word", "segment"
    ChunkingStrategy chunking_strategy = ChunkingStrategy::unset;
    // Of ChunkingStrategy::server_vad.
    int64_t vad_prefix_padding_ms = unset_number;
    int64_t vad_silence_duration_ms = unset_number;
    Decimal vad_threshold;
    // Who speaks, and how each of them sounds: "data:audio/wav;base64,...".
    List<StringView> known_speaker_names;
    List<StringView> known_speaker_references;
    List<FormField> extra_fields;  // what only one server knows
    mutable detail::FormBoundary boundary;

    static constexpr const char* path = "/audio/transcriptions";

    constexpr TranscriptionRequest() noexcept = default;
    constexpr TranscriptionRequest(StringView model_name, const Upload& recording) noexcept
        : model(model_name), file(recording) {}

    // Error::bad_request_field without a model or a file.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        return model.empty() ? "model" : file.empty() ? "file" : nullptr;
    }
    // The body of this request, which must outlive the BodySource. Reads the file, to find a boundary.
    inline detail::BodySource form() const noexcept;
};

namespace detail::transcriptions {

inline const TranscriptionRequest& of(const void* object) noexcept {
    return *static_cast<const TranscriptionRequest*>(object);
}
inline void put_temperature(const void* object, Fragment& piece) noexcept {
    put_decimal(of(object).temperature, "temperature\"\r\n\r\n", piece);
}
inline void put_chunking(const void* object, Fragment& piece) noexcept {
    const ChunkingStrategy strategy = of(object).chunking_strategy;
    if (strategy == ChunkingStrategy::unset) return;
    const bool is_vad = strategy == ChunkingStrategy::server_vad;
    piece.before = is_vad ? "chunking_strategy[type]\"\r\n\r\n" : "chunking_strategy\"\r\n\r\n";
    piece.text = is_vad ? "server_vad" : "auto";
}
inline void put_threshold(const void* object, Fragment& piece) noexcept {
    put_decimal(of(object).vad_threshold, "chunking_strategy[threshold]\"\r\n\r\n", piece);
}

inline constexpr FieldDescriptor rows[] = {
    {"", FieldType::literal, offsetof(TranscriptionRequest, boundary)},
    {"model\"\r\n\r\n", FieldType::optional_string, offsetof(TranscriptionRequest, model)},
    {"stream\"\r\n\r\n\0false\0true\0", FieldType::enumeration, offsetof(TranscriptionRequest, stream)},
    {"language\"\r\n\r\n", FieldType::optional_string, offsetof(TranscriptionRequest, language)},
    {"languages[]\"\r\n\r\n", FieldType::list, offsetof(TranscriptionRequest, languages)},
    {"prompt\"\r\n\r\n", FieldType::optional_string, offsetof(TranscriptionRequest, prompt)},
    {"keywords[]\"\r\n\r\n", FieldType::list, offsetof(TranscriptionRequest, keywords)},
    {"response_format\"\r\n\r\n", FieldType::optional_string, offsetof(TranscriptionRequest, response_format)},
    put_temperature,
    {"include[]\"\r\n\r\n", FieldType::list, offsetof(TranscriptionRequest, include)},
    {"timestamp_granularities[]\"\r\n\r\n", FieldType::list,
     offsetof(TranscriptionRequest, timestamp_granularities)},
    put_chunking,
    {"chunking_strategy[prefix_padding_ms]\"\r\n\r\n", FieldType::integer,
     offsetof(TranscriptionRequest, vad_prefix_padding_ms)},
    {"chunking_strategy[silence_duration_ms]\"\r\n\r\n", FieldType::integer,
     offsetof(TranscriptionRequest, vad_silence_duration_ms)},
    put_threshold,
    {"known_speaker_names[]\"\r\n\r\n", FieldType::list, offsetof(TranscriptionRequest, known_speaker_names)},
    {"known_speaker_references[]\"\r\n\r\n", FieldType::list,
     offsetof(TranscriptionRequest, known_speaker_references)},
    {"", FieldType::list, offsetof(TranscriptionRequest, extra_fields)},
    {"file\"; filename=\"", FieldType::object, offsetof(TranscriptionRequest, file)},
    {"", FieldType::end},
};

}  // namespace detail::transcriptions

inline detail::BodySource TranscriptionRequest::form() const noexcept {
    return detail::form::begin(*this, detail::transcriptions::rows, boundary);
}

OPENAI_STREAM_END
