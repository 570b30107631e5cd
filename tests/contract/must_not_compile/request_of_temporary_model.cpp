// Refused: deleted
// A request keeps a view of its model's name.
#include "support/header.hpp"

#include <string>

std::string make();

openai_stream::ChatRequest pair() {
#if defined(MUST_NOT_COMPILE)
    return {make(), "question"};
#else
    static const std::string model = make();
    return {model, "question"};
#endif
}
