#pragma once
// What else a request for a response can say. Nothing of it is linked into a program that does not name it.
#include "../base/borrowed.hpp"
#include "chat_options.hpp"
#include "response_input.hpp"

OPENAI_STREAM_BEGIN

// Which tools the model shall use.
class ResponseToolChoice {
public:
    constexpr ResponseToolChoice() noexcept = default;  // the server decides what that means

    static constexpr ResponseToolChoice automatic() noexcept { return Kind::automatic; }
    static constexpr ResponseToolChoice none() noexcept { return Kind::none; }
    static constexpr ResponseToolChoice required() noexcept { return Kind::required; }
    static constexpr ResponseToolChoice function(StringView name) noexcept { return {Kind::function, name}; }
    static constexpr ResponseToolChoice custom(StringView name) noexcept { return {Kind::custom, name}; }
    // A tool of the server's own: "web_search_preview", "file_search", "code_interpreter" ...
    static constexpr ResponseToolChoice hosted(StringView type) noexcept { return {Kind::hosted, type}; }
    // A server of tools; one of them if it is named.
    static constexpr ResponseToolChoice mcp(StringView server_label, StringView tool = {}) noexcept {
        ResponseToolChoice choice(Kind::mcp, server_label);
        choice.tool_ = tool;
        return choice;
    }
    // None but these, which may be some of ResponseRequest::tools; must_call: and one of them it shall.
    static constexpr ResponseToolChoice allowed(List<Tool> tools, bool must_call = false) noexcept {
        ResponseToolChoice choice(must_call ? Kind::allowed_required : Kind::allowed);
        choice.tools_ = {tools.data, &Tool::flat_name_descriptor, tools.size};
        return choice;
    }
    // Any other choice, as its JSON text.
    static constexpr ResponseToolChoice json(JsonValue choice) noexcept {
        ResponseToolChoice raw(choice.text.empty() ? Kind::unset : Kind::json);
        raw.json_ = choice;
        return raw;
    }

private:
    friend struct ResponseOptions;
    enum class Kind : uint8_t {
        unset, automatic, none, required, function, custom, hosted, mcp, allowed, allowed_required, json
    };

    constexpr ResponseToolChoice(Kind kind, StringView name = {}) noexcept : kind_(kind), name_(name) {}

    Kind kind_ = Kind::unset;
    StringView name_;         // or the type, or the label
    StringView tool_;         // null: none
    detail::Elements tools_;
    JsonValue json_;
};

// Members of the request's JSON object by their own names, or by their group's name and their own; each is sent only if
// it was set. Views of the caller's memory, which must live as long as the request's. Where servers know more words
// than the standard ones, and add to them, a word is a text; null: not sent.
struct ResponseOptions {
    // ours: a program without options links none of their names
    const detail::MessageDescriptor* written_as = &descriptor;

    // How the next token is drawn. One that cannot be sent (a NaN, no number) is Error::bad_request_field.
    Decimal temperature, top_p;

    // How much comes.
    int64_t max_output_tokens = unset_number;   // reasoning included
    int64_t max_tool_calls = unset_number;      // of the server's own tools
    StringView truncation;                      // of what is too long: "auto", "disabled"
    JsonValue context_management;               // [{"type":"compaction",...}]

    // What comes.
    ResponseFormat text_format;
    Verbosity verbosity = Verbosity::unset;
    StringView reasoning_effort;   // "none", "minimal", "low", "medium", "high" ...
    StringView reasoning_summary;  // "auto", "concise", "detailed"; null: reasoning is not shown
    StringView reasoning_context;  // "auto", "current_turn", "all_turns"
    StringView reasoning_mode;     // "standard", "pro" ...
    List<StringView> include;      // "reasoning.encrypted_content", "message.output_text.logprobs" ...
    int64_t top_logprobs = unset_number;
    // Padding that hides the lengths of words: on unless refused.
    Tristate include_obfuscation = Tristate::unset;

    // Which tools.
    ResponseToolChoice tool_choice;
    Tristate parallel_tool_calls = Tristate::unset;

    // What the server shall do with it.
    Tristate background = Tristate::unset;  // it goes on when the connection is lost; see RetrieveRequest
    Tristate store = Tristate::unset;
    StringView conversation;  // an id; not with ResponseRequest::previous_response_id
    // A prompt the server has kept, with what stands in for its variables ({"city":"Brest"}); without an id none.
    StringView prompt_id, prompt_version;
    JsonValue prompt_variables;
    List<MetadataEntry> metadata;
    StringView service_tier;  // "auto", "default", "flex", "priority" ...
    StringView prompt_cache_key, prompt_cache_retention;
    JsonValue prompt_cache_options, moderation;
    JsonValue background_options;  // {"completion_window":"2h"}
    JsonValue access_programs;     // {"cyber":"standard"}
    JsonValue image;               // {"context_compression":"auto"}
    StringView safety_identifier, user;

    static const detail::MessageDescriptor descriptor;

private:
    static const ResponseOptions& of(const void* object) noexcept {
        return *static_cast<const ResponseOptions*>(object);
    }
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

    // ---- "text":{"format":{...},"verbosity":...} ----
    static bool has_format(const ResponseOptions& options) noexcept {
        return options.text_format.kind_ != ResponseFormat::Kind::unset;
    }
    static void put_schema_name(const void* object, detail::Fragment& piece) noexcept {
        const ResponseFormat& format = of(object).text_format;
        if (format.kind_ == ResponseFormat::Kind::json_schema) string(format.name_, piece);
    }
    static void end_format(const void* object, detail::Fragment& piece) noexcept {
        if (has_format(of(object))) piece.before = "}";
    }
    static void put_verbosity(const void* object, detail::Fragment& piece) noexcept {
        const ResponseOptions& options = of(object);
        if (options.verbosity == Verbosity::unset) return;
        const char* const words = ",\"text\":{\"verbosity\":\0\"low\"\0\"medium\"\0\"high\"\0";
        piece.before = has_format(options) ? ",\"verbosity\":" : words;
        piece.text = detail::word(words, static_cast<unsigned>(options.verbosity));
    }
    static void end_text(const void* object, detail::Fragment& piece) noexcept {
        if (has_format(of(object)) || of(object).verbosity != Verbosity::unset) piece.before = "}";
    }

    // ---- "reasoning":{...}: what stands before its member number `place` ----
    template <size_t place> static void open_reasoning(const void* object, detail::Fragment& piece) noexcept {
        const ResponseOptions& options = of(object);
        const StringView members[] = {options.reasoning_effort, options.reasoning_summary, options.reasoning_context,
                                      options.reasoning_mode, StringView("")};
        if (!members[place].data()) return;
        bool is_first = true;
        for (size_t i = 0; i != place; ++i)
            if (members[i].data()) is_first = false;
        const bool is_end = place == 4;
        if (!is_end || !is_first) piece.before = is_end ? "}" : is_first ? ",\"reasoning\":{" : ",";
    }

    // ---- "prompt":{...} ----
    static void put_prompt_version(const void* object, detail::Fragment& piece) noexcept {
        const ResponseOptions& options = of(object);
        if (!options.prompt_id.data() || !options.prompt_version.data()) return;
        piece.before = ",\"version\":";
        string(options.prompt_version, piece);
    }
    static void put_prompt_variables(const void* object, detail::Fragment& piece) noexcept {
        const ResponseOptions& options = of(object);
        if (!options.prompt_id.data() || options.prompt_variables.text.empty()) return;
        piece.before = ",\"variables\":";
        piece.set_checked(options.prompt_variables);
    }
    static void end_prompt(const void* object, detail::Fragment& piece) noexcept {
        if (of(object).prompt_id.data()) piece.before = "}";
    }

    static void put_chosen_name(const void* object, detail::Fragment& piece) noexcept {
        const ResponseToolChoice& choice = of(object).tool_choice;
        using Kind = ResponseToolChoice::Kind;
        if (choice.kind_ >= Kind::function && choice.kind_ <= Kind::mcp) string(choice.name_, piece);
    }
    static void end_choice(const void* object, detail::Fragment& piece) noexcept {
        const ResponseToolChoice::Kind kind = of(object).tool_choice.kind_;
        using Kind = ResponseToolChoice::Kind;
        if (kind >= Kind::function && kind != Kind::json) piece.before = &"]}"[kind >= Kind::allowed ? 0 : 1];
    }
    static void end_metadata(const void* object, detail::Fragment& piece) noexcept {
        if (!of(object).metadata.empty()) piece.before = "}";
    }
    static const detail::FieldDescriptor rows[];
};

inline constexpr detail::FieldDescriptor ResponseOptions::rows[] = {
    put_temperature,
    put_top_p,
    {",\"max_output_tokens\":", detail::FieldType::integer, offsetof(ResponseOptions, max_output_tokens)},
    {",\"max_tool_calls\":", detail::FieldType::integer, offsetof(ResponseOptions, max_tool_calls)},
    {",\"truncation\":", detail::FieldType::optional_string, offsetof(ResponseOptions, truncation)},
    {",\"context_management\":", detail::FieldType::checked, offsetof(ResponseOptions, context_management)},
    {",\"text\":{\"format\":{\"type\":\0\"text\"\0\"json_object\"\0\"json_schema\",\"name\":\0",
     detail::FieldType::enumeration, offsetof(ResponseOptions, text_format.kind_)},
    put_schema_name,
    {",\"description\":", detail::FieldType::optional_string, offsetof(ResponseOptions, text_format.description_)},
    {",\"schema\":", detail::FieldType::checked, offsetof(ResponseOptions, text_format.schema_)},
    {",\"strict\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ResponseOptions, text_format.strict_)},
    end_format,
    put_verbosity,
    end_text,
    open_reasoning<0>,
    {"\"effort\":", detail::FieldType::optional_string, offsetof(ResponseOptions, reasoning_effort)},
    open_reasoning<1>,
    {"\"summary\":", detail::FieldType::optional_string, offsetof(ResponseOptions, reasoning_summary)},
    open_reasoning<2>,
    {"\"context\":", detail::FieldType::optional_string, offsetof(ResponseOptions, reasoning_context)},
    open_reasoning<3>,
    {"\"mode\":", detail::FieldType::optional_string, offsetof(ResponseOptions, reasoning_mode)},
    open_reasoning<4>,
    {",\"include\":", detail::FieldType::list, offsetof(ResponseOptions, include)},
    {",\"top_logprobs\":", detail::FieldType::integer, offsetof(ResponseOptions, top_logprobs)},
    {",\"stream_options\":{\"include_obfuscation\":\0false}\0true}\0", detail::FieldType::enumeration,
     offsetof(ResponseOptions, include_obfuscation)},
    {",\"tool_choice\":\0\"auto\"\0\"none\"\0\"required\"\0{\"type\":\"function\",\"name\":\0"
     "{\"type\":\"custom\",\"name\":\0{\"type\":\0{\"type\":\"mcp\",\"server_label\":\0"
     "{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[\0"
     "{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[\0",
     detail::FieldType::enumeration, offsetof(ResponseOptions, tool_choice.kind_)},
    put_chosen_name,
    {",\"name\":", detail::FieldType::optional_string, offsetof(ResponseOptions, tool_choice.tool_)},
    {"", detail::FieldType::list, offsetof(ResponseOptions, tool_choice.tools_)},
    {"", detail::FieldType::checked, offsetof(ResponseOptions, tool_choice.json_)},
    end_choice,
    {",\"parallel_tool_calls\":\0false\0true\0", detail::FieldType::enumeration,
     offsetof(ResponseOptions, parallel_tool_calls)},
    {",\"background\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ResponseOptions, background)},
    {",\"store\":\0false\0true\0", detail::FieldType::enumeration, offsetof(ResponseOptions, store)},
    {",\"conversation\":", detail::FieldType::optional_string, offsetof(ResponseOptions, conversation)},
    {",\"prompt\":{\"id\":", detail::FieldType::optional_string, offsetof(ResponseOptions, prompt_id)},
    put_prompt_version,
    put_prompt_variables,
    end_prompt,
    {",\"metadata\":{", detail::FieldType::list, offsetof(ResponseOptions, metadata)},
    end_metadata,
    {",\"service_tier\":", detail::FieldType::optional_string, offsetof(ResponseOptions, service_tier)},
    {",\"prompt_cache_key\":", detail::FieldType::optional_string, offsetof(ResponseOptions, prompt_cache_key)},
    {",\"prompt_cache_retention\":", detail::FieldType::optional_string,
     offsetof(ResponseOptions, prompt_cache_retention)},
    {",\"prompt_cache_options\":", detail::FieldType::checked, offsetof(ResponseOptions, prompt_cache_options)},
    {",\"moderation\":", detail::FieldType::checked, offsetof(ResponseOptions, moderation)},
    {",\"background_options\":", detail::FieldType::checked, offsetof(ResponseOptions, background_options)},
    {",\"access_programs\":", detail::FieldType::checked, offsetof(ResponseOptions, access_programs)},
    {",\"image\":", detail::FieldType::checked, offsetof(ResponseOptions, image)},
    {",\"safety_identifier\":", detail::FieldType::optional_string, offsetof(ResponseOptions, safety_identifier)},
    {",\"user\":", detail::FieldType::optional_string, offsetof(ResponseOptions, user)},
    {"", detail::FieldType::end},
};
inline constexpr detail::MessageDescriptor ResponseOptions::descriptor =
    detail::MessageDescriptor::of<ResponseOptions>(rows, detail::ListStyle::lines);

OPENAI_STREAM_END
