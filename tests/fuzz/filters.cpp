// A text that may be anything, through each filter of text: what comes out does not depend on how the text was cut, and
// nothing is lost. The first byte says which filter, the second how large its memory is, the third where the text is
// cut.
#include "checks.hpp"
#include "script.hpp"

namespace {

namespace oai = openai_stream;
using fuzz::check;

// A text, a piece at a time, each in memory that ends with it.
class Reader {
public:
    Reader(fuzz::Bytes text, uint8_t cut) : text_(text), cuts_(cut) {}
    bool next(oai::StringView& piece) {
        if (text_.size == 0) return false;
        size_t count = cuts_.next();
        if (count > text_.size) count = text_.size;
        const oai::Buffer copy = fuzz::memory_of(count, 1);
        memcpy(copy.data, text_.data, count);
        text_.data += count;
        text_.size -= count;
        piece = oai::StringView(copy.data, count);
        return true;
    }

private:
    fuzz::Bytes text_;
    fuzz::Cuts cuts_;
};

// What came out. What is joined is told apart from what is not by `mark`.
struct Said {
    fuzz::Digest digest;
    size_t bytes = 0;
    oai::FieldError error = oai::FieldError::none;

    void add(oai::StringView text) {
        digest.add(text.data(), text.size());
        bytes += text.size();
    }
    void mark(int64_t number) { digest.add(number); }
    bool operator==(const Said& other) const { return digest.value() == other.digest.value() && bytes == other.bytes; }
};

void take(oai::FieldStream& fields, Said& said) {
    oai::FieldPiece piece;
    while (fields.next(piece)) {
        check(fuzz::is_utf8(piece.text), "a text is not UTF-8");
        if (piece.is_first)
            said.mark(int64_t{piece.path} << 40 | int64_t{static_cast<int>(piece.kind)} << 32 | piece.index);
        said.add(piece.text);
        if (!piece.more) said.mark(-1);
    }
    said.error = fields.error();
}
void take(oai::ThinkSplitter& splitter, Said& said) {
    oai::ThinkPiece piece;
    while (splitter.next(piece)) {
        check(!piece.text.empty(), "an empty piece");
        for (const char c : piece.text) said.mark(piece.is_reasoning ? c + 1000 : c);
        said.bytes += piece.text.size();
    }
}
void take(oai::SentenceCutter& cutter, Said& said) {
    oai::SentencePiece piece;
    while (cutter.next(piece)) {
        check(!piece.text.empty(), "an empty piece");
        said.add(piece.text);
        said.mark(piece.more ? -3 : -4);
    }
}
template <class Filter> void take(Filter& filter, Said& said) {
    oai::StringView piece;
    while (filter.next(piece)) {
        check(!piece.empty(), "an empty piece");
        said.add(piece);
    }
}

template <class Filter> Said read(Filter filter, fuzz::Bytes text, uint8_t cut) {
    Said said;
    Reader reader(text, cut);
    oai::StringView piece;
    while (reader.next(piece)) {
        filter.feed(piece);
        take(filter, said);
    }
    filter.finish();
    take(filter, said);
    return said;
}

Said type(oai::Typewriter typewriter, fuzz::Bytes text, uint8_t cut) {
    Said said;
    Reader reader(text, cut);
    oai::StringView piece;
    while (reader.next(piece)) {
        while (!piece.empty()) {
            const size_t added = typewriter.add(piece);
            piece = piece.drop(added);
            const oai::StringView taken = typewriter.take(1 + cut % 3);
            check(added != 0 || !taken.empty(), "nothing is accepted and nothing leaves");
            said.add(taken);
        }
    }
    typewriter.finish();
    while (!typewriter.is_done()) said.add(typewriter.take(1 + cut % 3));
    return said;
}

Said through(unsigned which, fuzz::Bytes text, oai::Buffer memory, uint8_t cut) {
    static constexpr const char* paths[] = {"$.a", "$[*].b", "$.a[1]['c']", "$", "$[*][*]"};
    const oai::Span<const char* const> some(paths + which % 2, 3);
    switch (which) {
        case 0: return read(oai::FieldStream(some, memory), text, cut);
        case 1: return read(oai::FieldStream(some, memory, oai::FieldStream::Fence::allowed), text, cut);
        case 2: return read(oai::ThinkSplitter(), text, cut);
        case 3: return read(oai::ThinkSplitter(oai::ThinkSplitter::Begin::anywhere), text, cut);
        case 4: return read(oai::Utf8Hold(memory), text, cut);
        case 5: return read(oai::Utf8Hold(memory, oai::TextUnit::code_point), text, cut);
        case 6: return type(oai::Typewriter(memory), text, cut);
        case 7: return read(oai::WordWrap(7, memory), text, cut);
        case 8: return read(oai::SentenceCutter(memory), text, cut);
        default: return read(oai::SentenceCutter(memory, oai::SentenceCutter::Unit::word), text, cut);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static char text[1000];  // several times what the memory of a filter holds
    fuzz::Input input(data, size);
    const unsigned which = input.byte() % 10;
    const size_t least = which == 7 ? oai::WordWrap::min_memory_bytes : 16;
    const size_t memory_size = least + input.byte();
    const uint8_t cut = input.byte();
    const fuzz::Bytes bytes = {text, fuzz::expand(input, text, sizeof text)};
    const Said whole = through(which, bytes, fuzz::memory_of(memory_size), 0);
    const Said in_pieces = through(which, bytes, fuzz::memory_of(memory_size), static_cast<uint8_t>(cut | 1));
    fuzz::check_front(fuzz::memory_of(memory_size));
    fuzz::results().add(static_cast<int64_t>(in_pieces.digest.value()));
    fuzz::results().add(int64_t{static_cast<int>(in_pieces.error)});
    // A number that is too long is met before what is wrong with its end, if that comes later.
    const auto is_too_long = [](const Said& said) { return said.error == oai::FieldError::number_too_long; };
    if (is_too_long(whole) || is_too_long(in_pieces)) {
        check(whole.error != oai::FieldError::none && in_pieces.error != oai::FieldError::none, "too long in one alone");
        return 0;
    }
    check(whole.error == in_pieces.error, "an error depends on the cut");
    // How much comes of a string that is not sound depends on the cut.
    if (whole.error == oai::FieldError::none) check(whole == in_pieces, "what came out depends on the cut");
    if (which >= 4 && which != 7) check(whole.bytes == bytes.size, "something is lost");
    return 0;
}
