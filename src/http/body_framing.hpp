#pragma once
// Where a body ends, and whether the connection can be used again: RFC 9112 sections 6.3 and 9.3.
#include "response_head.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// What ends a body. The values are sets of what the head had: 1 Content-Length, 2 chunked.
enum class BodyLength : uint8_t { close = 0, length = 1, last_chunk = 2, invalid = 3 };

// Collects Content-Length, Transfer-Encoding, Connection and Content-Encoding.
class BodyFraming {
public:
    static constexpr bool is_concerned(Field field) noexcept {
        return field != Field::other && field <= Field::content_encoding;
    }

    // A byte of the value of such a field; with `complete`, the line end after it. The word is scratch memory: empty
    // before the first byte, kept until the last. Returns false if the framing is invalid.
    // Content-Length = 1*DIGIT; a second one is refused, be it the same, and so is a list, be it of one (to read a list
    // of equal ones is permitted, RFC 9110 section 8.6).
    // Transfer-Encoding: only chunked, and once; a client that sends no TE gets no other (RFC 9112 section 6.1).
    // Lists are [ element ] *( OWS "," OWS [ element ] ) (RFC 9110 section 5.6.1). A blank inside an element separates
    // too, which only adds elements: a second length or coding is refused, a close is obeyed.
    // Content-Encoding: which codings there are, by the registry of RFC 9110 section 8.4.1 and the field.
    bool feed(Field field, char c, bool complete, Word& word, uint64_t& length) noexcept {
        const bool is_length = field == Field::content_length;
        if (!complete && !is_ows(c) && (c != ',' || is_length)) {
            word.add(c);
            if (!is_length) return true;
            const auto digit = static_cast<unsigned char>(c - '0');
            if (digit > 9 || is_full(length)) return false;
            length = length * 10 + digit;
            return true;
        }
        const auto wanted = static_cast<unsigned>(field);
        if (!word.empty()) {
            const unsigned place = word.index_of(words);
            unsigned fact = 1u << place;  // has_length: none of these
            word.clear();
            if (field == Field::content_encoding)
                fact = place == place_of_identity ? 0 : place > place_of_identity ? is_coded : has_unknown_coding;
            else if (field == Field::connection) fact &= closes | keeps_alive;
            else if (fact != wanted || (facts_ & wanted) != 0) return false;
            facts_ = static_cast<uint8_t>(facts_ | fact);
        }
        return field > Field::transfer_encoding || !complete || (facts_ & wanted) != 0;
    }

    // The head is complete. Length becomes how many bytes of the body may come, unless it is chunked.
    // Both at once are refused (RFC 9112 section 6.3: "ought to be handled as an error"), unless the answer refuses the
    // request: then its words are worth reading, none of it is taken for an answer, and the connection is not used
    // again. Chunked in HTTP/1.0, which does not know it, is read, and the connection is not used again (section 6.1).
    BodyLength decide(unsigned status, bool is_http_1_0, uint64_t& length) noexcept {
        const BodyLength end = static_cast<BodyLength>(facts_ & (has_length | is_chunked));
        if (status == 204 || status == 304) {
            length = 0;
            return BodyLength::length;
        }
        if (end == BodyLength::invalid && status >= 300) {
            facts_ |= closes;
            return BodyLength::length;
        }
        if (end == BodyLength::close) length = UINT64_MAX;
        if (end == BodyLength::close || (end == BodyLength::last_chunk && is_http_1_0)) facts_ |= closes;
        return end;
    }

    constexpr bool keep_alive(bool is_http_1_0) const noexcept {
        return (facts_ & closes) == 0 && ((facts_ & keeps_alive) != 0 || !is_http_1_0);
    }

    // A coding that is known: the body is compressed. One that nobody knows ("none", "utf-8", "aws-chunked"): the body
    // itself shows what it is.
    constexpr bool is_compressed() const noexcept { return (facts_ & is_coded) != 0; }
    constexpr bool may_be_compressed() const noexcept { return (facts_ & has_unknown_coding) != 0; }

private:
    enum Fact : uint8_t {
        has_length = 1, is_chunked = 2, closes = 4, keeps_alive = 8, is_coded = 16, has_unknown_coding = 32
    };
    static constexpr unsigned place_of_identity = 4;
    static constexpr const char* words = "chunked\0close\0keep-alive\0identity\0"
                                         "gzip\0x-gzip\0deflate\0br\0zstd\0compress\0x-compress\0";

    uint8_t facts_ = 0;
};

}  // namespace http

OPENAI_STREAM_END
