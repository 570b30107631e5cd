// The code of src/tour.txt, section "A CHAT IN ONE OBJECT", block 2.
#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"

namespace oai = openai_stream;

struct Bubble {
    std::string text;
    void add(std::string_view piece) { text += piece; }
    void fail(const std::string& why) { text = why; }
};

struct Npc {
    oai::Client chat;
    Bubble bubble;
    void greet();
    void tick();
};

//// the code
