// Refused: deleted
// A request keeps views into its texts.
#include "support/header.hpp"

#include <string>

std::string make();

openai_stream::ChatRequest pair() {
#if defined(MUST_NOT_COMPILE)
    return {"model", make()};
#else
    static const std::string text = make();
    return {"model", text};
#endif
}
