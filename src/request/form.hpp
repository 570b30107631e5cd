#pragma once
// Why: some requests are forms and no JSON (multipart/form-data, RFC 7578), because a file of any bytes is in them. A
// form is a table as a JSON body is one: a row is a field, its text what stands from the field's name on. What stands
// between two fields, the boundary, must not be in any of them, so everything is looked through before it is chosen.
#include "source.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

inline Error check_form_text(const StringView& text) noexcept {
    for (const char c : text)
        if (c == '"' || ascii::is_control(c)) return Error::bad_request_field;
    return Error::none;
}

// A text between quotes in the head of a field: no control characters, no '"', or it is Error::bad_request_field.
struct FormText : Checked {
    constexpr FormText() noexcept = default;
    template <class T, class = decltype(StringView(declval<T>()))>
    constexpr FormText(T&& source) noexcept : Checked{static_cast<T&&>(source), check_form_text} {}
};

}  // namespace detail

// A file that is sent in a form, raw. What it is read from must live as long as the request.
struct Upload {
    detail::SourceText content;
    detail::FormText filename;    // many servers go by its end: "speech.wav"
    detail::FormText media_type;

    constexpr Upload() noexcept = default;
    constexpr Upload(const Source& source OPENAI_STREAM_BORROWED, detail::FormText name,
                     detail::FormText type = "application/octet-stream") noexcept
        : content{{detail::sources::write_raw}, &source, {}}, filename(name), media_type(type) {}
    Upload(const Source&&, detail::FormText, detail::FormText = {}) = delete;  // it would be gone before it is read

    constexpr bool empty() const noexcept { return !content.source; }

    static const detail::MessageDescriptor descriptor;
};

// A field that only one server knows.
struct FormField {
    detail::FormText name;
    StringView value;

    static const detail::MessageDescriptor descriptor;
};

namespace detail {

// What the fields of one form do not have in them. Chosen by begin_form(), which is why a form serves one conversation
// at a time.
struct FormBoundary {
    static constexpr size_t max_bytes = 31;
    char bytes[max_bytes + 1] = {};  // ends with a NUL
    uint8_t size = 0;                // 0: none was found, for something could not be read

    StringView view() const noexcept { return {bytes, size}; }
};

namespace form {

// Rows of a form. The first has the offset of its FormBoundary, and is no field. After it FieldType::object is an
// Upload, and a list is one of texts, of Uploads or of FormFields; their text ends where the value or the file's name
// begins.
inline constexpr FieldDescriptor no_rows[] = {{"", FieldType::end}};

// The phases after `over` are those of a field, the last two of a file.
enum Phase : uint8_t { delimiter, ending, over, name, value, extra_value, media_type, content };

// One field: a text, a file, or one that is named by the program.
struct Field {
    Fragment text;
    const Upload* upload = nullptr;
    const FormField* extra = nullptr;
};

// Sets the field that stands in a row, of a list its element of that number, or a later one; false: there is none.
inline bool find(const void* object, const FieldDescriptor* rows, uint8_t row, uint32_t& element,
                 Field& field) noexcept {
    const char* const at = static_cast<const char*>(object) + rows[row].offset;
    if (rows[row].kind == FieldType::object) {
        field.upload = reinterpret_cast<const Upload*>(at);
        return element == 0 && !field.upload->empty();
    }
    if (rows[row].kind == FieldType::list) {
        const Elements& list = *reinterpret_cast<const Elements*>(at);
        field.text.before = rows[row].text;
        if (list.descriptor == &Upload::descriptor) {
            for (; element < list.size; ++element) {
                field.upload = static_cast<const Upload*>(list.data) + element;
                if (!field.upload->empty()) return true;
            }
            return false;
        }
        if (element >= list.size) return false;
        if (list.descriptor == &FormField::descriptor) field.extra = static_cast<const FormField*>(list.data) + element;
        else field.text.text = static_cast<const StringView*>(list.data)[element];
        return true;
    }
    Cursor alone;
    alone.step[0] = row;
    detail::next(object, alone, field.text, rows);
    if (field.text.kind == FragmentKind::string) field.text.kind = FragmentKind::plain;
    return element == 0 && *field.text.before != '\0';
}

// Moves to the next field that is there, from the cursor on; false: there is none.
inline bool find_next(const void* object, const FieldDescriptor* rows, Cursor& at, Field& field) noexcept {
    while (rows[at.step[0]].kind != FieldType::end) {
        field = Field();
        if (find(object, rows, at.step[0], at.index[1], field)) return true;
        ++at.step[0];
        at.index[1] = 0;
    }
    return false;
}

// A BodySource's next. Of the cursor: step[0] the row, step[1] the Phase, index[1] the element, index[2] 1 after the
// first field.
inline bool next(const void* object, Cursor& at, Fragment& piece, const FieldDescriptor* rows) noexcept {
    const auto& boundary =
        *reinterpret_cast<const FormBoundary*>(static_cast<const char*>(object) + rows[0].offset);
    static constexpr Checked unreadable = {"", [](const StringView&) noexcept { return Error::source_failed; }};
    const auto phase = static_cast<Phase>(at.step[1]);
    piece.before = "";
    Field field;
    const bool is_there = find_next(object, rows, at, field);
    const Upload* const file = is_there ? field.upload : nullptr;
    if (phase > over && (phase >= media_type ? !file : !is_there)) return false;  // what is sent now has gone away
    Phase then = over;
    switch (phase) {
        case delimiter:
            piece.before = at.index[2] != 0 ? "\r\n--" : "--";
            piece.text = boundary.view();
            if (boundary.size == 0) piece.set_checked(unreadable);
            then = is_there ? name : ending;
            break;
        case name:
            piece.before = "\r\nContent-Disposition: form-data; name=\"";
            then = value;
            break;
        case value:
            piece = field.text;
            then = delimiter;
            if (file) {
                piece.before = rows[at.step[0]].text;
                piece.set_checked(file->filename);
                then = media_type;
            } else if (field.extra) {
                piece.before = "";
                piece.set_checked(field.extra->name);
                then = extra_value;
            }
            break;
        case media_type:
            piece.before = "\"\r\nContent-Type: ";
            piece.set_checked(file->media_type);
            then = content;
            break;
        case content:
            piece.before = "\r\n\r\n";
            piece.set_streamed(file->content.way);
            then = delimiter;
            break;
        case extra_value:
            piece.before = "\"\r\n\r\n";
            if (field.extra) piece.text = field.extra->value;
            then = delimiter;
            break;
        case ending: piece.before = "--\r\n"; break;
        case over: return false;
    }
    at.step[1] = then;
    if (then != delimiter) return true;
    at.index[2] = 1;
    ++at.index[1];
    return true;
}

// ---- the boundary -----------------------------------------------------------------------------------------------

constexpr char boundary_alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

// Counts, for each character that a boundary may have, how often it follows the beginning of one.
struct Followers {
    StringView begun;
    uint32_t counts[64] = {};

    void look_through(StringView text) noexcept {
        for (size_t at = 0; begun.size() < text.size() - at; ++at) {
            if (text[at] != begun[0] || memcmp(text.data() + at, begun.data(), begun.size()) != 0) continue;
            const char follower = text[at + begun.size()];
            for (unsigned which = 0; which != 64; ++which)
                if (boundary_alphabet[which] == follower) ++counts[which];
        }
    }
    // Chunks overlap by as much as a place in the middle of them might have lost.
    Error look_through(const Source& source) noexcept {
        char chunk[256];
        if (!sources::is_readable(source)) return Error::bad_request_field;
        for (uint64_t at = 0; source.size - at > begun.size(); at += sizeof chunk - begun.size()) {
            const uint64_t rest = source.size - at;
            const size_t count = rest < sizeof chunk ? static_cast<size_t>(rest) : sizeof chunk;
            const Error error = (sources::read)(source, at, chunk, count);
            if (error != Error::none) return error;
            look_through(StringView(chunk, count));
            if (count == rest) break;
        }
        return Error::none;
    }
    // Which of the alphabet that is.
    unsigned rarest() const noexcept {
        unsigned least = 0;
        for (unsigned which = 1; which != 64; ++which)
            if (counts[which] < counts[least]) least = which;
        return least;
    }
};

// Chooses the boundary: as long as what has been chosen stands somewhere, the character that follows it least often is
// added. With each of them at most a 64th of the places is left, so that no text, whoever has made it, takes more than
// a few rounds: of 10 MB four.
inline void choose_boundary(const void* object, const FieldDescriptor* rows, FormBoundary& boundary) noexcept {
    const StringView beginning("openai_stream-");
    move_bytes(boundary.bytes, beginning.data(), beginning.size());
    boundary.size = static_cast<uint8_t>(beginning.size());
    for (bool is_free = false; !is_free;) {
        Followers found = {boundary.view()};
        Cursor at;
        Field field;
        Error error = boundary.size == FormBoundary::max_bytes ? Error::source_failed : Error::none;
        for (; error == Error::none && find_next(object, rows, at, field); ++at.index[1]) {
            if (field.upload) {
                error = found.look_through(*field.upload->content.source);
            } else if (field.extra) {
                found.look_through(field.extra->value);
            } else if (field.text.kind == FragmentKind::checked) {
                found.look_through(field.text.checked().text);
            } else if (field.text.kind == FragmentKind::plain) {
                found.look_through(field.text.text);
            }
        }
        if (error != Error::none) {
            boundary.size = 0;
            break;
        }
        const unsigned more = found.rarest();
        is_free = found.counts[more] == 0;
        boundary.bytes[boundary.size++] = boundary_alphabet[more];
    }
    boundary.bytes[boundary.size] = '\0';
}

// The body of a request that is a form.
template <class Request>
BodySource begin(const Request& request, const FieldDescriptor* rows, FormBoundary& boundary) noexcept {
    choose_boundary(&request, rows, boundary);
    return {&request, next, rows};
}

}  // namespace form
}  // namespace detail

inline constexpr detail::MessageDescriptor Upload::descriptor =
    detail::MessageDescriptor::of<Upload>(detail::form::no_rows, detail::ListStyle::lines);
inline constexpr detail::MessageDescriptor FormField::descriptor =
    detail::MessageDescriptor::of<FormField>(detail::form::no_rows, detail::ListStyle::lines);

OPENAI_STREAM_END
