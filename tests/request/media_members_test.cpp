// Every member that the official package (types of version 7.59.0) gives a request for an image, for speech or for a
// transcription can be said, and nothing else is; read from ../shared/facts/api-types.jsonl, without which this is
// skipped, and says so.
#include "support/corpus.hpp"
#include "support/tally.hpp"
#include "written_form.hpp"

#include <map>
#include <set>
#include <sstream>
#include <string>

namespace oai = openai_stream;
using nlohmann::json;

namespace {

using Types = std::map<std::string, std::set<std::string>>;
Types documented(const std::string& facts) {
    Types types;
    std::istringstream file(facts);
    for (std::string line; std::getline(file, line);) {
        const json row = json::parse(line);
        const std::string name = row.at("file");
        if (name != "images" && name.compare(0, 6, "audio/") != 0) continue;
        for (const auto& member : row.at("members").items())
            types[row.at("name")].insert(member.key().substr(0, member.key().find('?')));
    }
    return types;
}

const oai::StringView words[] = {"w"};
const oai::Source bytes = oai::Source::of_bytes("RIFF");
const oai::Upload upload(bytes, "a.wav");

void set_all(oai::ImageOptions& o) {
    o.partial_images = o.n = o.output_compression = o.frame_count = o.frame_duration_ms = 1;
    o.size = o.quality = o.background = o.output_format = o.response_format = o.complexity = "w";
    o.svg_model = o.svg_effort = o.safety_identifier = o.user = "w";
}
json image() {
    oai::ImageRequest request("m", "p");
    set_all(request.options);
    request.moderation = request.style = "w";
    return written::json_of(request);
}
json edit() {
    static const oai::Upload images[] = {upload};
    oai::ImageEditRequest request("m", "p", images);
    set_all(request.options);
    request.mask = request.markup = upload;
    request.input_fidelity = "w";
    return written::form_as_json(request);
}
json speech() {
    oai::SpeechRequest request("m", "i", "v");
    request.instructions = request.response_format = "w";
    request.speed = 1.5;
    return written::json_of(request);
}
json own_voice() {
    oai::SpeechRequest request("m", "i", {});
    request.voice_id = "v";
    return written::json_of(request);
}
json transcription(oai::ChunkingStrategy strategy) {
    oai::TranscriptionRequest request("m", upload);
    request.language = request.prompt = request.response_format = "w";
    request.languages = request.keywords = request.include = request.timestamp_granularities = words;
    request.known_speaker_names = request.known_speaker_references = words;
    request.temperature = 0.5;
    request.chunking_strategy = strategy;
    if (strategy == oai::ChunkingStrategy::server_vad) {
        request.vad_prefix_padding_ms = request.vad_silence_duration_ms = 1;
        request.vad_threshold = 0.5;
    }
    return written::form_as_json(request);
}
json transcription_by_vad() { return transcription(oai::ChunkingStrategy::server_vad); }
json transcription_by_itself() { return transcription(oai::ChunkingStrategy::automatic); }

const struct {
    const char* type;
    json (*body)();
    const char* place;
} objects[] = {
    {"ImageGenerateParamsBase", image, ""},
    {"ImageGenerateParams.Svg", image, "/svg"},
    {"ImageGenerateParams.Svg.Reasoning", image, "/svg/reasoning"},
    {"ImageEditParamsBase", edit, ""},
    {"ImageEditParams.Svg", edit, "/svg"},
    {"ImageEditParams.Svg.Reasoning", edit, "/svg/reasoning"},
    {"SpeechCreateParams", speech, ""},
    {"SpeechCreateParams.ID", own_voice, "/voice"},
    {"TranscriptionCreateParamsBase", transcription_by_vad, ""},
    {"TranscriptionCreateParamsBase", transcription_by_itself, ""},
    {"TranscriptionCreateParams.VadConfig", transcription_by_vad, "/chunking_strategy"},
};

}  // namespace

TEST_CASE("every documented member of a request for images, speech or a transcription can be said, and nothing else is") {
    const auto facts = corpus::shared_bytes("facts/api-types.jsonl");
    if (!facts) return;  // said and counted as skipped
    const Types types = documented(*facts);
    for (const auto& object : objects) {
        ROW(object.type);
        REQUIRE(types.count(object.type) == 1);
        const json body = object.body().at(json::json_pointer(object.place));
        std::set<std::string> said;
        for (const auto& member : body.items()) said.insert(member.key());
        CHECK_EQ(json(said).dump(), json(types.at(object.type)).dump());
    }
}

TEST_CASE("the bytes of small requests, with nothing that was not set") {
    CHECK_EQ(written::json_of(oai::ImageRequest({}, "a cat")).dump(), R"({"prompt":"a cat","stream":true})");
    CHECK_EQ(written::json_of(oai::SpeechRequest("m", "hi", "alloy")).dump(),
             R"({"input":"hi","model":"m","stream_format":"sse","voice":"alloy"})");
    oai::ImageRequest drawing("m", "a \"cat\"");
    drawing.options.svg_model = "o";
    drawing.extra_json = "\"x\":1";
    CHECK_EQ(written::json_of(drawing).dump(),
             R"({"model":"m","prompt":"a \"cat\"","stream":true,"svg":{"model":"o"},"x":1})");
}

TEST_CASE("what these requests must have") {
    const auto refused = [](const auto& request) {
        oai::RequestWriter writer;
        const oai::Endpoint endpoint("http://localhost");
        char name[20];
        const bool is_refused = writer.begin(endpoint, request) == oai::Error::bad_request_field;
        return is_refused ? std::string(writer.refused_field(name)) : "nothing";
    };
    const oai::Upload images[] = {upload};
    oai::ImageRequest nobody_draws("m", "p");
    nobody_draws.options.svg_effort = "low";
    oai::SpeechRequest two_voices("m", "i", "v");
    two_voices.voice_id = "w";
    CHECK_EQ(refused(oai::ImageRequest("m", {})), "prompt");
    CHECK_EQ(refused(nobody_draws), "svg_model");
    CHECK_EQ(refused(oai::ImageEditRequest("m", {}, images)), "prompt");
    CHECK_EQ(refused(oai::ImageEditRequest("m", "p", {})), "image");
    CHECK_EQ(refused(oai::SpeechRequest({}, "i", "v")), "model");
    CHECK_EQ(refused(oai::SpeechRequest("m", {}, "v")), "input");
    CHECK_EQ(refused(oai::SpeechRequest("m", "i", {})), "voice");
    CHECK_EQ(refused(two_voices), "voice");
    CHECK_EQ(refused(oai::SpeechRequest("m", "i", "v")), "nothing");
}
