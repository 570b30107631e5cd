// Somebody in the game who answers in character. All that the library does in a frame happens in tick(): it never
// waits, and what one frame may cost is bounded three times, by events, by calls of the transport (Stream::poll) and by
// the room for what was not shown yet. What has no room stays in the socket, and the server waits.
//
//   Stream -> FieldStream -> $.emotion                       a face, as soon as the word is complete
//                         -> $.reply -> WordWrap -> Typewriter   lines, at an even pace however it arrives
//          -> reasoning   -> Utf8Hold                        a thought, never half a character of it
//
// No heap, no exceptions, no thread. Does not know that there is a window.
#pragma once

#include "openai_stream.hpp"

namespace game {

namespace oai = openai_stream;

enum class Emotion : uint8_t { calm, curious, glad, sad, angry };
const char* name_of(Emotion emotion);

// The last lines of a text, each as long as the bubble is wide. What does not fit into a line's memory is left out.
class Lines {
public:
    static constexpr size_t kept = 16;

    void clear() { count_ = 1, text_[0].size = 0; }
    // Text with line ends, as WordWrap gives it.
    void add(oai::StringView text);

    // Lines are numbered as they come; the last `kept` are there.
    size_t count() const { return count_; }
    oai::StringView line(size_t number) const {
        const Line& line = text_[number % kept];
        return {line.bytes, line.size};
    }

private:
    struct Line {
        char bytes[250];
        size_t size = 0;
    };
    Line text_[kept];
    size_t count_ = 1;
};

class Npc {
public:
    static constexpr unsigned columns = 50;  // of the bubble
    static constexpr int max_events_per_frame = 32;

    enum class State : uint8_t { silent, waiting, speaking, done, failed };

    // The transport's context and the endpoint must outlive this.
    Npc(const oai::Transport& transport, const oai::Endpoint& server) : server_(server), stream_(transport, memory_) {
        stream_.use(timeouts_);
        timeouts_.idle_ms = 20000;
    }

    // Abandons the answer before. The texts must live until the answer has begun.
    void ask(const char* model, const char* question);
    // Once per frame.
    void tick();
    // What has arrived is shown at once.
    void skip() { is_skipping_ = true; }
    void cancel();

    State state() const { return state_; }
    Emotion emotion() const { return emotion_; }
    bool is_typing() const { return typed_ != 0; }  // in this frame
    const Lines& said() const { return said_; }
    oai::StringView thought() const { return {thought_, thought_size_}; }
    const char* problem() const { return problem_; }  // why it failed, in words; "" if it did not
    const oai::Latency& latency() const { return timeouts_.latency(); }
    size_t characters() const { return characters_; }  // shown of this answer
    size_t waiting_bytes() const { return typewriter_.pending(); }

private:
    void read();
    void hear(oai::StringView json);
    void speak(oai::StringView text, bool is_last);
    void think(oai::StringView text);
    void type();
    void finish();

    static constexpr const char* paths_[] = {"$.emotion", "$.reply"};

    const oai::Endpoint& server_;
    char memory_[8 * 1024];
    oai::Timeouts timeouts_;
    oai::ChatOptions options_;
    oai::Message messages_[2];
    oai::ChatRequest request_;
    oai::Stream stream_;

    char field_memory_[64], wrap_memory_[256], type_memory_[24 * 1024], hold_memory_[32];
    oai::FieldStream fields_{paths_, field_memory_};
    oai::WordWrap wrap_{columns, wrap_memory_};
    oai::Typewriter typewriter_{type_memory_};
    oai::Utf8Hold hold_{hold_memory_};

    State state_ = State::silent;
    Emotion emotion_ = Emotion::calm;
    bool is_skipping_ = false;
    bool is_plain_ = false;  // a server that does not know schemas answers with the text alone
    bool has_spoken_ = false;
    size_t typed_ = 0, characters_ = 0;
    char word_[16];
    size_t word_size_ = 0;
    char thought_[120];
    size_t thought_size_ = 0;
    char problem_[400] = "";
    Lines said_;
};

}  // namespace game
