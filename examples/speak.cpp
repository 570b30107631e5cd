// Build: c++ -std=c++17 -I.. speak.cpp -o speak
// Run: ./speak ["question" [FILE]]
//
// Speaks an answer while it is still being written: each sentence goes to the voice as soon as it is over, and the
// sound goes to FILE (speech.pcm), one sentence after the other, as it arrives. Two conversations at once on one thread;
// neither waits for the other. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL,
// OPENAI_SPEECH_MODEL, OPENAI_VOICE; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <chrono>
#include <deque>
#include <string>
#include <thread>

namespace oai = openai_stream;

// Who writes: the answer, cut into sentences.
class Writer {
public:
    Writer(const oai::Endpoint& server, const char* question)
        : ask_(setting("OPENAI_MODEL", "local"), question), connection_(server),
          stream_(connection_, memory_) {
        stream_.open(server, ask_);
    }
    // What there is to be read now. Returns false once the answer is over.
    bool work(std::deque<std::string>& sentences) {
        if (is_over_) return false;
        oai::Event event;
        oai::Poll said;
        while ((said = stream_.poll(event)) == oai::Poll::event)
            if (event.is_text()) cut(event.text, sentences);
        if (said == oai::Poll::pending) return true;
        is_over_ = true;
        if (said == oai::Poll::failed) return false;  // half a sentence is not spoken
        cutter_.finish();
        cut({}, sentences);
        return false;
    }
    const oai::Stream& stream() const { return stream_; }

private:
    void cut(oai::StringView text, std::deque<std::string>& sentences) {
        oai::SentencePiece piece;
        if (!text.empty()) cutter_.feed(text);
        while (cutter_.next(piece)) sentences.emplace_back(piece.text.data(), piece.text.size());
    }

    char memory_[8 * 1024], sentence_memory_[1024];
    oai::SentenceCutter cutter_{sentence_memory_};
    oai::ChatRequest ask_;
    Connection connection_;
    oai::Stream stream_;
    bool is_over_ = false;
};

// Who speaks: one sentence at a time. The body of the answer is the sound itself.
class Voice {
public:
    Voice(const oai::Endpoint& server, FILE* file)
        : server_(server), file_(file), connection_(server), stream_(connection_, memory_) {}

    // What there is to be done now. Returns false if there is nothing.
    bool work(std::deque<std::string>& sentences) {
        if (!is_speaking_) {
            if (sentences.empty()) return false;
            sentence_ = sentences.front();
            sentences.pop_front();
            ask_ = oai::SpeechRequest(setting("OPENAI_SPEECH_MODEL", "local"), sentence_,
                                      setting("OPENAI_VOICE", "alloy"));
            ask_.response_format = "pcm";
            ask_.stream_format = oai::SpeechStream::unset;
            stream_.open(server_, ask_);
            is_speaking_ = true;
            size_ = 0;
        }
        oai::BodyPiece piece;
        oai::Poll said;
        while ((said = stream_.poll(piece)) == oai::Poll::event)
            size_ += fwrite(piece.bytes.data(), 1, piece.bytes.size(), file_);
        if (said == oai::Poll::pending) return true;
        is_speaking_ = false;
        while (!sentence_.empty() && (sentence_.back() == ' ' || sentence_.back() == '\n')) sentence_.pop_back();
        printf("%s [%zu bytes]\n", sentence_.c_str(), size_);
        fflush(stdout);
        return said == oai::Poll::done;
    }
    bool has_failed() const { return stream_.failed() && stream_.error() != oai::Error::not_open; }
    const oai::Stream& stream() const { return stream_; }

private:
    const oai::Endpoint& server_;
    FILE* const file_;
    char memory_[8 * 1024];
    std::string sentence_;  // as long as its request
    oai::SpeechRequest ask_;
    Connection connection_;
    oai::Stream stream_;
    bool is_speaking_ = false;
    size_t size_ = 0;
};

int main(int count, char** words) {
    const char* const target = count > 2 ? words[2] : "speech.pcm";
    FILE* const file = fopen(target, "wb");
    if (!file) {
        perror(target);
        return 1;
    }
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    Writer writer(server, count > 1 ? words[1] : "Why is the sky blue?");
    Voice voice(server, file);
    std::deque<std::string> sentences;
    while (!voice.has_failed()) {
        const bool is_writing = writer.work(sentences), is_speaking = voice.work(sentences);
        if (!is_writing && !is_speaking && sentences.empty()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));  // a game would draw its frame here
    }
    const bool is_written = is_good(writer.stream()), is_spoken = !voice.has_failed() || is_good(voice.stream());
    return fclose(file) == 0 && is_written && is_spoken ? 0 : 1;
}
