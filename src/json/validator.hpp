#pragma once
// Accept or reject one whole JSON text, given in pieces.
#include "scanner.hpp"

OPENAI_STREAM_BEGIN

namespace json {

class Validator {
public:
    // False once it cannot become valid any more.
    bool feed(const StringView& piece) noexcept {
        scanner_.show(piece.begin(), piece.end());
        while (true) {
            const TokenKind kind = scanner_.next();
            if (kind == TokenKind::failed) return false;
            if (kind == TokenKind::need_more) return true;
        }
    }

    // True if what was fed is exactly one JSON value.
    bool finish() noexcept { return scanner_.finish(); }

private:
    Scanner scanner_;
};

}  // namespace json

OPENAI_STREAM_END
