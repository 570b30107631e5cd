#pragma once
// Accept or reject one whole JSON text, given in pieces.
#include "scanner.hpp"

OPENAI_STREAM_BEGIN

namespace json {

class Validator {
public:
    // Returns false once it cannot become valid any more.
    bool feed(const StringView& piece) noexcept {
        scanner_.set_input(piece.begin(), piece.end());
        while (true) {
            const TokenKind kind = scanner_.next();
            if (kind == TokenKind::failed) return false;
            if (kind == TokenKind::need_more) return true;
        }
    }

    // Returns true if what was fed is exactly one JSON value.
    bool finish() noexcept { return scanner_.finish(); }

private:
    Scanner scanner_;
};

// The text is exactly one JSON value; or, with is_members, members of an object that has one already.
inline bool is_valid(const StringView& text, bool is_members = false) noexcept {
    const StringView parts[] = {StringView("{\"\":0,", is_members ? 6 : 0), text, StringView("}", is_members ? 1 : 0)};
    Validator validator;
    for (const StringView& part : parts) validator.feed(part);
    return validator.finish();
}

}  // namespace json

OPENAI_STREAM_END
