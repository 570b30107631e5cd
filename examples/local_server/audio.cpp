#include "audio.hpp"

#include "event_stream.hpp"
#include "form.hpp"
#include "json.hpp"
#include "request_fields.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

constexpr unsigned samples_per_second = 8000;  // of one byte each

std::string base64(const std::string& bytes) {
    constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        unsigned bits = 0;
        for (size_t next = 0; next < 3; ++next)
            bits = bits << 8 | (at + next < bytes.size() ? static_cast<unsigned char>(bytes[at + next]) : 0u);
        for (size_t next = 0; next < 4; ++next)
            text += at + next > bytes.size() ? '=' : digits[bits >> (18 - 6 * next) & 63];
    }
    return text;
}

std::string little_endian(size_t value, size_t bytes) {
    std::string text;
    for (; bytes-- > 0; value >>= 8) text += static_cast<char>(value & 0xFF);
    return text;
}

// The head of a WAV file whose end is not known yet, as that of a live one.
std::string wav_head() {
    return "RIFF" + little_endian(0xFFFFFFFF, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
           little_endian(1, 2) + little_endian(samples_per_second, 4) + little_endian(samples_per_second, 4) +
           little_endian(1, 2) + little_endian(8, 2) + "data" + little_endian(0xFFFFFFFF, 4);
}

// A twentieth of a second of a tone that depends on the word, and as much of silence.
std::string beep(const std::string& word) {
    const size_t half_wave = 6 + word.size() % 8;
    std::string samples;
    for (size_t at = 0; at < samples_per_second / 20; ++at) samples += at / half_wave % 2 == 0 ? '\x60' : '\xA0';
    return samples + std::string(samples_per_second / 20, '\x80');
}

std::string usage_of(size_t input, size_t output) {
    return "{\"input_tokens\":" + std::to_string(input) + ",\"output_tokens\":" + std::to_string(output) +
           ",\"total_tokens\":" + std::to_string(input + output) + '}';
}

// The file of a form that says what is to be done with it.
const FormPart& recording_of(const Form& form, Reply& reply) {
    const std::string model = form.text("model");
    if (model.empty()) throw missing_param("model");
    reply.faults.add(model);
    return form.file("file");
}

std::string name_of(const FormPart& file) {
    return '"' + file.filename + "\", all " + std::to_string(file.content.size()) + " bytes of it";
}

}  // namespace

void speak(const Request& request, Reply& reply, Clock::duration pace) {
    const Json body = read_json(request.body);
    reply.faults.add(model_of(body));
    const std::string text = string_of(body["input"], "input").substr(0, max_message_bytes);
    if (body["voice"].kind != Json::Kind::object) string_of(body["voice"], "voice");
    const std::string& format = body["response_format"].text;
    if (!format.empty() && format != "wav" && format != "pcm")
        throw bad_param("response_format", "must be wav or pcm here");
    if (reply.send_refusal()) return;
    const std::vector<std::string> words = tokens_of(text);
    const std::string head = format == "pcm" ? "" : wav_head();
    auto due = Clock::now();
    if (body["stream_format"].text != "sse") {
        reply.begin_chunks(format == "pcm" ? "audio/pcm" : "audio/wav");
        if (!head.empty()) reply.send_chunk(head);
        for (const std::string& word : words) {
            stop.sleep_until(due += pace);
            reply.send_chunk(beep(word));
        }
        return reply.end_chunks();
    }
    EventStream events(reply, ErrorShape::chat);
    if (!events.begin()) return;
    const auto send = [&](const std::string& sound) {
        events.send("{\"type\":\"speech.audio.delta\",\"audio\":\"" + base64(sound) + "\"}", "speech.audio.delta");
    };
    for (size_t at = 0; at < words.size(); ++at) {
        if (at == words.size() / 2 && events.break_off()) return;
        stop.sleep_until(due += pace);
        send((at == 0 ? head : "") + beep(words[at]));
    }
    events.send("{\"type\":\"speech.audio.done\",\"usage\":" + usage_of(words.size(), words.size()) + '}',
                "speech.audio.done");
    events.end();
}

void transcribe(const Request& request, Reply& reply, Clock::duration pace) {
    const Form form(request);
    const FormPart& file = recording_of(form, reply);
    if (reply.send_refusal()) return;
    const std::string text = "I have listened to " + name_of(file) + ", and heard the sea.";
    const std::string format = form.text("response_format");
    const std::string usage = usage_of(file.content.size() / 1000, count_tokens(text));
    if (format == "text") return reply.send_whole(200, "text/plain", text + '\n');
    if (!format.empty() && format != "json" && format != "diarized_json")
        throw bad_param("response_format", "must be json, diarized_json or text here");
    if (form.text("stream") != "true" || reply.faults.has("whole"))
        return reply.send_json("{\"text\":" + quote(text) + ",\"usage\":" + usage + '}');
    EventStream events(reply, ErrorShape::chat);
    if (!events.begin()) return;
    auto due = Clock::now();
    const std::vector<std::string> words = tokens_of(text);
    const bool has_speakers = format == "diarized_json";
    const std::string segment = has_speakers ? ",\"segment_id\":\"seg_0\"" : "";
    for (size_t at = 0; at < words.size(); ++at) {
        if (at == words.size() / 2 && events.break_off()) return;
        stop.sleep_until(due += pace);
        events.send("{\"type\":\"transcript.text.delta\",\"delta\":" + quote(words[at]) + segment + '}',
                    "transcript.text.delta");
    }
    if (has_speakers)
        events.send("{\"type\":\"transcript.text.segment\",\"id\":\"seg_0\",\"start\":0.0,\"end\":1.5,"
                    "\"speaker\":\"A\",\"text\":" + quote(text) + '}',
                    "transcript.text.segment");
    events.send("{\"type\":\"transcript.text.done\",\"text\":" + quote(text) + ",\"usage\":{\"type\":\"tokens\"," +
                    usage.substr(1) + '}',
                "transcript.text.done");
    events.end();
}

// OpenAI's translations come whole, also for who asks for a stream.
void translate(const Request& request, Reply& reply) {
    const Form form(request);
    const FormPart& file = recording_of(form, reply);
    if (reply.send_refusal()) return;
    const std::string text = "I have listened to " + name_of(file) + ". In English, the sea says the same.";
    const std::string format = form.text("response_format");
    if (format == "text") return reply.send_whole(200, "text/plain", text + '\n');
    if (format == "verbose_json")
        return reply.send_json("{\"task\":\"translate\",\"language\":\"english\",\"duration\":1.5,\"text\":" +
                               quote(text) + ",\"segments\":[]}");
    if (!format.empty() && format != "json")
        throw bad_param("response_format", "must be json, verbose_json or text here");
    reply.send_json("{\"text\":" + quote(text) + '}');
}

}  // namespace local_server
