#include "npc.hpp"

namespace game {
namespace {

constexpr const char* emotions[] = {"calm", "curious", "glad", "sad", "angry"};

constexpr const char* schema = R"({"type":"object","additionalProperties":false,
    "required":["emotion","reply"],"properties":{
        "emotion":{"type":"string","enum":["calm","curious","glad","sad","angry"]},
        "reply":{"type":"string"}}})";

constexpr const char* character =
    "You are Lumen, the lamp of a small lighthouse, friendly and a little old-fashioned. Answer as JSON: first your "
    "emotion, then a reply of at most five sentences, without Markdown.";

size_t characters_in(oai::StringView text) {
    size_t count = 0;
    for (const char byte : text) count += (byte & 0xC0) != 0x80;
    return count;
}

}  // namespace

const char* name_of(Emotion emotion) { return emotions[static_cast<size_t>(emotion)]; }

void Lines::add(oai::StringView text) {
    for (const char byte : text) {
        Line& line = text_[(count_ - 1) % kept];
        if (byte == '\n')
            text_[count_++ % kept].size = 0;
        else if (line.size != sizeof line.bytes)
            line.bytes[line.size++] = byte;
    }
}

void Npc::ask(const char* model, const char* question) {
    fields_ = {paths_, field_memory_, oai::FieldStream::Fence::allowed};
    wrap_ = {columns, wrap_memory_};
    typewriter_ = oai::Typewriter(type_memory_);
    hold_ = oai::Utf8Hold(hold_memory_);
    said_.clear();
    is_skipping_ = is_plain_ = has_spoken_ = false;
    characters_ = word_size_ = thought_size_ = 0;
    problem_[0] = '\0';
    emotion_ = Emotion::calm;
    state_ = State::waiting;

    options_.response_format = oai::ResponseFormat::json_schema("npc", schema, oai::Tristate::yes);
    messages_[0] = {oai::Role::system, character};
    messages_[1] = {oai::Role::user, question};
    request_ = oai::ChatRequest(model, messages_);
    request_.options = &options_;
    stream_.open(server_, request_);
}

void Npc::cancel() {
    if (state_ != State::waiting && state_ != State::speaking) return;
    stream_.cancel();  // the next tick() hears it
    is_skipping_ = true;
}

void Npc::tick() {
    if (state_ == State::waiting || state_ == State::speaking) read();
    type();
}

void Npc::read() {
    oai::Event event;
    for (int left = max_events_per_frame; left != 0; --left) {
        // An event's text is no longer than the stream's memory, and lines add little to it.
        if (typewriter_.pending() + 2 * sizeof memory_ > sizeof type_memory_) return;
        switch (stream_.poll(event)) {
            case oai::Poll::event: break;
            case oai::Poll::pending: return;
            case oai::Poll::done:
            case oai::Poll::failed: return finish();
        }
        if (event.kind == oai::EventKind::text)
            hear(event.text);
        else if (event.kind == oai::EventKind::refusal)
            speak(event.text, false);
        else if (event.kind == oai::EventKind::reasoning)
            think(event.text);
    }
}

void Npc::hear(oai::StringView json) {
    state_ = State::speaking;
    oai::FieldPiece piece;
    if (!is_plain_) fields_.feed(json);
    while (fields_.next(piece)) {
        if (piece.path == 1) {
            speak(piece.text, !piece.more);
            continue;
        }
        // A word means nothing before it is complete.
        if (piece.is_first) word_size_ = 0;
        const oai::StringView fits = piece.text.take(sizeof word_ - word_size_);
        memcpy(word_ + word_size_, fits.data(), fits.size());
        word_size_ += fits.size();
        for (size_t at = 0; !piece.more && at < sizeof emotions / sizeof *emotions; ++at)
            if (oai::StringView(word_, word_size_) == emotions[at]) emotion_ = static_cast<Emotion>(at);
    }
    if (!has_spoken_ && fields_.error() == oai::FieldError::not_json) is_plain_ = true;
    if (is_plain_) speak(json, false);
}

void Npc::speak(oai::StringView text, bool is_last) {
    state_ = State::speaking;
    has_spoken_ = true;
    oai::StringView line;
    wrap_.feed(text);
    if (is_last) wrap_.finish();
    while (wrap_.next(line)) typewriter_.add(line);
}

void Npc::think(oai::StringView text) {
    oai::StringView piece;
    hold_.feed(text);
    while (hold_.next(piece)) {
        piece = piece.take(sizeof thought_);
        // The beginning goes, up to a word's.
        size_t gone =
            thought_size_ + piece.size() > sizeof thought_ ? thought_size_ + piece.size() - sizeof thought_ : 0;
        while (gone != 0 && gone < thought_size_ && thought_[gone - 1] != ' ') ++gone;
        memmove(thought_, thought_ + gone, thought_size_ -= gone);
        memcpy(thought_ + thought_size_, piece.data(), piece.size());
        thought_size_ += piece.size();
    }
}

void Npc::finish() {
    speak("", true);  // the last word of an answer that was cut
    typewriter_.finish();
    fields_.finish();
    state_ = stream_.error() == oai::Error::none ? State::done : State::failed;
    if (state_ == State::failed) {
        stream_.explain(problem_);
    } else if (!is_plain_ && !fields_.is_complete()) {
        state_ = State::failed;
        memcpy(problem_, "The answer is no whole JSON.", 29);
    }
}

// The more waits, the faster: bursts become haste, and not a jump.
void Npc::type() {
    const size_t pace = is_skipping_ ? typewriter_.pending() : 1 + typewriter_.pending() / 40;
    const oai::StringView text = typewriter_.take(pace);
    said_.add(text);
    typed_ = text.size();
    characters_ += characters_in(text);
    if (typewriter_.pending() == 0) is_skipping_ = false;
}

}  // namespace game
