#pragma once
// What is neither events nor JSON, such as the sound of POST /audio/speech: its bytes, as they arrive.
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

// A piece of an answer's body without its framing, for poll() and next(); of any size, and never empty. A view as in
// Event. What the bytes are is not looked at; a refusal is read as one, and the end is what HTTP says.
struct BodyPiece {
    StringView bytes;
};

OPENAI_STREAM_END
