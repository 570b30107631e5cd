#pragma once
// The vocabulary of APIs whose events say their type: what an event means, whose text it has, and by which words that
// is told. An API is tables of these: responses.hpp.
#include "errors.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Whose text it is, and as what it is delivered.
enum class TextRole : uint8_t {
    none,     // nobody's: it is passed over
    unknown,  // what would tell has not come yet
    text,
    refusal,
    reasoning,
    summary,        // of the reasoning
    arguments,      // of a call
    code,           // for the code interpreter
    picture,        // the image that was made
    partial_image,  // on the way to it
    command,        // for a shell
    output,         // what it printed
    errors,         // the same to stderr
    audio,
    transcript,
    segment,  // of what was said by several: what one of them said
};

// What was said before is remembered by output item in four sets of bits. log_never: it comes in pieces only.
enum LogGroup : uint8_t { log_once, log_parts, log_more, log_sources, log_group_count, log_never };
// The bits of log_once; of the others, bit n is part n (from max_part on they share one).
enum LogBit : uint8_t {
    log_item,  // the first ones: as in ResponseState::Pending
    log_call,
    log_call_id,
    log_item_done,
    log_arguments,
    log_code,
    log_picture,
    log_part,
    log_json,    // its JSON
    log_tokens,  // log probabilities of its first part; the bits after it are those of others
};

// What sort of item a text is of, as a set: an event that names no item belongs to one that may be of its sort.
// An item of a type without a row is anything but a call: what a tool said has the call_id of its call.
enum ItemKind : uint8_t {
    call_kind = 1,
    reasoning_kind = 2,
    message_kind = 4,
    rowless_kind = 8,
    no_call_kinds = 0xFE,
    any_kind = 0xFF
};

// Where a name begins in role_names.
enum RoleName : uint8_t { no_name, name_of_summary = 1, name_of_output = 9, name_of_errors = 16 };
inline constexpr char role_names[] = "\0summary\0stdout\0stderr";

struct TextRoleRow {
    EventKind kind;
    LogGroup group;
    LogBit bit;        // log_part: that of the part
    RoleName name;     // Event::name
};
// In the order of TextRole.
inline constexpr TextRoleRow text_roles[] = {
    {EventKind::other, log_never, log_part, no_name},
    {EventKind::other, log_never, log_part, no_name},
    {EventKind::text, log_parts, log_part, no_name},
    {EventKind::refusal, log_parts, log_part, no_name},
    {EventKind::reasoning, log_parts, log_part, no_name},
    {EventKind::reasoning, log_more, log_part, name_of_summary},
    {EventKind::tool_arguments, log_once, log_arguments, no_name},
    {EventKind::code, log_once, log_code, no_name},
    {EventKind::image, log_once, log_picture, no_name},
    {EventKind::image, log_never, log_part, no_name},
    {EventKind::command, log_parts, log_part, no_name},
    {EventKind::command_output, log_more, log_part, name_of_output},
    {EventKind::command_output, log_sources, log_part, name_of_errors},
    {EventKind::audio, log_never, log_part, no_name},
    {EventKind::transcript, log_never, log_part, no_name},
    {EventKind::segment, log_never, log_part, no_name},
};

// What an event says: a set. An event of which nothing is said is unknown.
enum EventMeaning : uint16_t {
    says_begins = 1,                // the answer begins: EventKind::started
    says_ends = 2,                  // the answer ends: what was not said of it, finish, usage
    says_source = 4,                // an annotation, or whose a segment is
    says_piece = 8,                 // a piece of a text
    says_mark = 16,                 // that it came: EventKind::other
    says_whole = 32,                // a text as a whole, delivered if no piece of it was
    says_part = 64,                 // the same of its "part"
    says_alive = 128,               // EventKind::keepalive
    says_item = 256,                // an output item begins
    says_item_done = 512,           // it is complete: what was not said of it
    says_failure_of_answer = 1024,  // the answer ends with an error
    says_pieces = 2048,             // a list of items or parts, and a piece of the text of each
    says_odd = 4096,                // besides: its type is of another API (Quirk::other_event_type)
    says_of_item = says_source | says_piece | says_whole | says_part | says_item | says_item_done,
};

struct TypeMeaning {
    uint16_t says = 0;  // of EventMeaning
    TextRole role = TextRole::none;
};

// A type of event, without what all types of its API begin with; or, ending in '.', several: those of a piece ("delta")
// and of a whole ("done"); those of a part ("added" and "done").
struct EventType {
    const char* name;  // static
    uint16_t says;
    TextRole role;
    uint8_t size;

    constexpr EventType(const char* type, unsigned what, TextRole whose = TextRole::none) noexcept
        : name(type), says(static_cast<uint16_t>(what)), role(whose),
          size(static_cast<uint8_t>(StringView(type).size())) {}

    StringView text() const noexcept { return {name, size}; }
    unsigned meaning() const noexcept { return says; }
};

// The same as bytes: the name follows.
struct PackedType {
    uint8_t size;  // of the name
    TextRole role;
    uint8_t low, high;  // of what it says

    StringView text() const noexcept { return {reinterpret_cast<const char*>(this + 1), size}; }
    unsigned meaning() const noexcept { return unsigned{high} << 8 | low; }
    const PackedType* next() const noexcept {
        return reinterpret_cast<const PackedType*>(reinterpret_cast<const char*>(this + 1) + size);
    }
};
static_assert(sizeof(PackedType) == 4 && alignof(PackedType) == 1, "four bytes, wherever they lie");

// What is said by the type of this name, as far as it is this row's or one of these.
template <class Type> unsigned said_by(const Type& row, StringView type) noexcept {
    const unsigned says = row.meaning();
    if (!(type.take(row.size) == row.text())) return 0;
    type = type.drop(row.size);
    if (row.text()[row.size - 1u] != '.') return type.empty() ? says : 0;
    const unsigned word = detail::words::index_of("delta\0done\0added\0", type.data(), type.size());
    const bool is_piece = says == says_piece;
    if (word == (is_piece ? 1 : 2)) return says;
    return word != (is_piece ? 2 : 3) ? 0 : is_piece ? says_whole | says_mark : says_mark | (says & says_odd);
}

// The types of an API, as they are written; where size counts more than speed, packed by the compiler, as the rows of a
// table are (json/table.hpp).
template <bool is_small> struct EventTypesOf {
    const EventType* types = nullptr;  // static
    size_t count = 0;

    template <const auto& list> static constexpr EventTypesOf of() noexcept {
        return {list, sizeof list / sizeof(EventType)};
    }
    TypeMeaning find(StringView type) const noexcept {
        for (const EventType* row = types; row != types + count; ++row)
            if (const unsigned said = said_by(*row, type)) return {static_cast<uint16_t>(said), row->role};
        return {};
    }
};
template <> struct EventTypesOf<true> {
    const unsigned char* bytes = nullptr;  // static
    size_t size = 0;

    template <const auto& list> static constexpr EventTypesOf of() noexcept {
        return {Packed<list>::bytes.at, sizeof Packed<list>::bytes};
    }
    TypeMeaning find(StringView type) const noexcept {
        const auto* const end = reinterpret_cast<const PackedType*>(bytes + size);
        for (const auto* row = reinterpret_cast<const PackedType*>(bytes); row != end; row = row->next())
            if (const unsigned said = said_by(*row, type)) return {static_cast<uint16_t>(said), row->role};
        return {};
    }

private:
    template <const auto& list> struct Packed {
        static constexpr size_t size() noexcept {
            size_t sum = 0;
            for (const EventType& type : list) sum += sizeof(PackedType) + type.size;
            return sum;
        }
        struct Bytes {
            unsigned char at[size()] = {};
        };
        static constexpr Bytes pack() noexcept {
            Bytes all;
            unsigned char* at = all.at;
            for (const EventType& type : list) {
                *at++ = type.size;
                *at++ = static_cast<unsigned char>(type.role);
                *at++ = static_cast<unsigned char>(type.says & 0xFF);
                *at++ = static_cast<unsigned char>(type.says >> 8);
                for (size_t place = 0; place != type.size; ++place)
                    *at++ = static_cast<unsigned char>(type.name[place]);
            }
            return all;
        }
        static constexpr Bytes bytes = pack();
    };
};
using EventTypes = EventTypesOf<detail::is_small_build>;

// How far an answer or a call of a tool has come: the last word of a type that is a mark, whichever tool it is.
inline bool is_progress(StringView type) noexcept {
    const char* word = type.end();
    while (word != type.begin() && word[-1] != '.') --word;
    return detail::words::index_of("queued\0in_progress\0searching\0interpreting\0generating\0completed\0failed\0"
                                   "compacting\0accepted\0pending\0",
                                   word, static_cast<size_t>(type.end() - word)) != 0;
}

// Words, and what each means: its role stands at its place in the list, that of all others (none) before them.
struct RoleWords {
    const char* words;  // static, as in detail::words
    const TextRole* roles;

    TextRole role_of(StringView word) const noexcept {
        return roles[detail::words::index_of(words, word.data(), word.size())];
    }
};

}  // namespace dialect

OPENAI_STREAM_END
