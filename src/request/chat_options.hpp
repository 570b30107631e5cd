#pragma once
// What else a request for a chat completion can say. Nothing of it is linked into a program that does not name it.
#include "../base/borrowed.hpp"
#include "decimal.hpp"
#include "tool.hpp"

OPENAI_STREAM_BEGIN

// What the answer's text shall be.
class ResponseFormat {
public:
    constexpr ResponseFormat() noexcept = default;  // the server decides

    static constexpr ResponseFormat text() noexcept { return Kind::text; }
    static constexpr ResponseFormat json_object() noexcept { return Kind::json_object; }
    // JSON by a schema; strict: exactly by it. A schema that is not JSON is Error::bad_request_json.
    static constexpr ResponseFormat json_schema(StringView name, JsonValue schema, Tristate strict = Tristate::unset,
                                                StringView description = {}) noexcept {
        ResponseFormat format(Kind::json_schema);
        format.name_ = name;
        format.description_ = description;
        format.schema_ = schema;
        format.strict_ = strict;
        return format;
    }

private:
    friend struct ChatOptions;
    friend struct ResponseOptions;
    enum class Kind : uint8_t { unset, text, json_object, json_schema };

    constexpr ResponseFormat(Kind kind) noexcept : kind_(kind) {}

    Kind kind_ = Kind::unset;
    Tristate strict_ = Tristate::unset;
    StringView name_;
    StringView description_;
    JsonValue schema_;
};

// A note the server keeps with the answer.
struct MetadataEntry {
    StringView key, value;

    static const detail::MessageDescriptor descriptor;
};

enum class Verbosity : uint8_t { unset, low, medium, high };
enum class AudioFormat : uint8_t { unset, wav, aac, mp3, flac, opus, pcm16 };

// Members of the request's JSON object by their own names; each is sent only if it was set. Views of the caller's
// memory, which must live as long as the request's. Where servers know more words than the standard ones, and add to
// them, a word is a text; null: not sent.
struct ChatOptions {
    // ours: a program without options links none of their names
    const detail::MessageDescriptor* written_as = &descriptor;

    // How the next token is drawn. One that cannot be sent (a NaN, no number) is Error::bad_request_field.
    Decimal temperature, top_p, frequency_penalty, presence_penalty;
    int64_t seed = unset_number;
    JsonValue logit_bias;  // {"token": bias, ...}

    // How much comes.
    int64_t max_completion_tokens = unset_number;
    int64_t max_tokens = unset_number;   // the older name, which most servers but OpenAI's know better
    int64_t n = unset_number;            // choices
    List<StringView> stop;               // texts that end the answer
    Verbosity verbosity = Verbosity::unset;
    StringView reasoning_effort;  // "none", "minimal", "low", "medium", "high" ...

    // What comes besides.
    Tristate logprobs = Tristate::unset;
    int64_t top_logprobs = unset_number;
    // stream_options. With one of these, leave ChatRequest::include_usage unset: it is the same member, and both at
    // once are Error::bad_request_field. Obfuscation is padding that hides the lengths of words: on unless refused.
    Tristate include_usage = Tristate::unset, include_obfuscation = Tristate::unset;

    // What kind of answer comes.
    ResponseFormat response_format;
    List<StringView> modalities;  // "text", "audio" ...
    StringView audio_voice;       // of audio in the answer
    AudioFormat audio_format = AudioFormat::unset;  // likewise, not sent without a voice
    ToolChoice tool_choice;
    Tristate parallel_tool_calls = Tristate::unset;
    StringView prediction;         // most of the answer's text, known before: it comes faster
    JsonValue web_search_options;  // "{}" to search at all

    // What the server shall do with it.
    StringView service_tier;  // "auto", "default", "flex", "priority" ...
    Tristate store = Tristate::unset;
    List<MetadataEntry> metadata;
    StringView user, safety_identifier, prompt_cache_key;
    StringView prompt_cache_retention;  // "in_memory", "24h" ...
    JsonValue prompt_cache_options;     // {"mode":"explicit","ttl":"30m"}
    JsonValue moderation;               // {"model":...,"policy":...}

    static const detail::MessageDescriptor descriptor;

private:
    static const ChatOptions& of(const void* object) noexcept { return *static_cast<const ChatOptions*>(object); }
    static void string(StringView text, detail::Fragment& piece) noexcept {
        piece.text = text;
        piece.kind = detail::FragmentKind::string;
    }
    static void put_temperature(const void* object, detail::Fragment& piece) noexcept {
        detail::put_decimal(of(object).temperature, ",\"temperature\":", piece);
    }
    static void put_top_p(const void* object, detail::Fragment& piece) noexcept {
        detail::put_decimal(of(object).top_p, ",\"top_p\":", piece);
    }
    static void put_frequency_penalty(const void* object, detail::Fragment& piece) noexcept {
        detail::put_decimal(of(object).frequency_penalty, ",\"frequency_penalty\":", piece);
    }
    static void put_presence_penalty(const void* object, detail::Fragment& piece) noexcept {
        detail::put_decimal(of(object).presence_penalty, ",\"presence_penalty\":", piece);
    }
    // After include_usage, if that was sent.
    static void put_obfuscation(const void* object, detail::Fragment& piece) noexcept {
        const ChatOptions& options = of(object);
        const bool has_usage = options.include_usage != Tristate::unset;
        if (options.include_obfuscation == Tristate::unset) {
            if (has_usage) piece.before = "}";
            return;
        }
        piece.before = has_usage ? ",\"include_obfuscation\":" : ",\"stream_options\":{\"include_obfuscation\":";
        piece.text = options.include_obfuscation == Tristate::yes ? "true}" : "false}";
    }
    static void put_schema_name(const void* object, detail::Fragment& piece) noexcept {
        const ResponseFormat& format = of(object).response_format;
        if (format.kind_ == ResponseFormat::Kind::json_schema) string(format.name_, piece);
    }
    static void end_schema(const void* object, detail::Fragment& piece) noexcept {
        if (of(object).response_format.kind_ == ResponseFormat::Kind::json_schema) piece.before = "}}";
    }
    static void put_audio_format(const void* object, detail::Fragment& piece) noexcept {
        const ChatOptions& options = of(object);
        if (!options.audio_voice.data()) return;
        piece.before = "}";
        if (options.audio_format == AudioFormat::unset) return;
        const char* const formats = ",\"format\":\0\"wav\"}\0\"aac\"}\0\"mp3\"}\0\"flac\"}\0\"opus\"}\0\"pcm16\"}\0";
        piece.before = formats;
        piece.text = detail::word(formats, static_cast<unsigned>(options.audio_format));
    }
    static void put_chosen_name(const void* object, detail::Fragment& piece) noexcept {
        const ToolChoice& choice = of(object).tool_choice;
        if (choice.kind_ == ToolChoice::Kind::function || choice.kind_ == ToolChoice::Kind::custom)
            string(choice.name_, piece);
    }
    static void end_choice(const void* object, detail::Fragment& piece) noexcept {
        const ToolChoice::Kind kind = of(object).tool_choice.kind_;
        if (kind >= ToolChoice::Kind::function) piece.before = &"]}}"[kind >= ToolChoice::Kind::allowed ? 0 : 1];
    }
    static void end_prediction(const void* object, detail::Fragment& piece) noexcept {
        if (of(object).prediction.data()) piece.before = "}";
    }
    static void end_metadata(const void* object, detail::Fragment& piece) noexcept {
        if (!of(object).metadata.empty()) piece.before = "}";
    }
    static const detail::FieldDescriptor rows[];
};

namespace detail::chat {
inline constexpr FieldDescriptor metadata_rows[] = {
    {"", FieldType::string, offsetof(MetadataEntry, key)},
    {":", FieldType::string, offsetof(MetadataEntry, value)},
    {"", FieldType::end},
};
}  // namespace detail::chat
inline constexpr detail::MessageDescriptor MetadataEntry::descriptor =
    detail::MessageDescriptor::of<MetadataEntry>(detail::chat::metadata_rows, detail::ListStyle::items);

inline constexpr detail::FieldDescriptor ChatOptions::rows[] = {
    put_temperature,
    put_top_p,
    put_frequency_penalty,
    put_presence_penalty,
    {",\"seed\":", detail::FieldType::integer, offsetof(ChatOptions, seed)},
    {",\"logit_bias\":", detail::FieldType::checked, offsetof(ChatOptions, logit_bias)},
    {",\"max_completion_tokens\":", detail::FieldType::integer, offsetof(ChatOptions, max_completion_tokens)},
    {",\"max_tokens\":", detail::FieldType::integer, offsetof(ChatOptions, max_tokens)},
    {",\"n\":", detail::FieldType::integer, offsetof(ChatOptions, n)},
    {",\"stop\":", detail::FieldType::list, offsetof(ChatOptions, stop)},
    {",\"verbosity\":\0\"low\"\0\"medium\"\0\"high\"\0", detail::FieldType::enumeration,
     offsetof(ChatOptions, verbosity)},
    {",\"reasoning_effort\":", detail::FieldType::optional_string, offsetof(ChatOptions, reasoning_effort)},
    {",\"logprobs\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ChatOptions, logprobs)},
    {",\"top_logprobs\":", detail::FieldType::integer, offsetof(ChatOptions, top_logprobs)},
    {",\"stream_options\":{\"include_usage\":\0false\0true\0", detail::FieldType::enumeration,
     offsetof(ChatOptions, include_usage)},
    put_obfuscation,
    {",\"response_format\":{\"type\":\0\"text\"}\0\"json_object\"}\0\"json_schema\",\"json_schema\":{\"name\":\0",
     detail::FieldType::enumeration, offsetof(ChatOptions, response_format.kind_)},
    put_schema_name,
    {",\"description\":", detail::FieldType::optional_string, offsetof(ChatOptions, response_format.description_)},
    {",\"schema\":", detail::FieldType::checked, offsetof(ChatOptions, response_format.schema_)},
    {",\"strict\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ChatOptions, response_format.strict_)},
    end_schema,
    {",\"modalities\":", detail::FieldType::list, offsetof(ChatOptions, modalities)},
    {",\"audio\":{\"voice\":", detail::FieldType::optional_string, offsetof(ChatOptions, audio_voice)},
    put_audio_format,
    {",\"tool_choice\":\0\"auto\"\0\"none\"\0\"required\"\0{\"type\":\"function\",\"function\":{\"name\":\0"
     "{\"type\":\"custom\",\"custom\":{\"name\":\0"
     "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[\0"
     "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[\0",
     detail::FieldType::enumeration, offsetof(ChatOptions, tool_choice.kind_)},
    put_chosen_name,
    {"", detail::FieldType::list, offsetof(ChatOptions, tool_choice.tools_)},
    end_choice,
    {",\"parallel_tool_calls\":\0false\0true\0", detail::FieldType::enumeration,
     offsetof(ChatOptions, parallel_tool_calls)},
    {",\"prediction\":{\"type\":\"content\",\"content\":", detail::FieldType::optional_string,
     offsetof(ChatOptions, prediction)},
    end_prediction,
    {",\"web_search_options\":", detail::FieldType::checked, offsetof(ChatOptions, web_search_options)},
    {",\"service_tier\":", detail::FieldType::optional_string, offsetof(ChatOptions, service_tier)},
    {",\"store\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ChatOptions, store)},
    {",\"metadata\":{", detail::FieldType::list, offsetof(ChatOptions, metadata)},
    end_metadata,
    {",\"user\":", detail::FieldType::optional_string, offsetof(ChatOptions, user)},
    {",\"safety_identifier\":", detail::FieldType::optional_string, offsetof(ChatOptions, safety_identifier)},
    {",\"prompt_cache_key\":", detail::FieldType::optional_string, offsetof(ChatOptions, prompt_cache_key)},
    {",\"prompt_cache_retention\":", detail::FieldType::optional_string, offsetof(ChatOptions, prompt_cache_retention)},
    {",\"prompt_cache_options\":", detail::FieldType::checked, offsetof(ChatOptions, prompt_cache_options)},
    {",\"moderation\":", detail::FieldType::checked, offsetof(ChatOptions, moderation)},
    {"", detail::FieldType::end},
};
inline constexpr detail::MessageDescriptor ChatOptions::descriptor =
    detail::MessageDescriptor::of<ChatOptions>(rows, detail::ListStyle::lines);

OPENAI_STREAM_END
