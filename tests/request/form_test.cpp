// Requests that are forms: their fields, their files, and the boundary that is in none of them.
#include "support/cuts.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"
#include "written_form.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace oai = openai_stream;
using oai::Endpoint;
using oai::Error;
using oai::FormField;
using oai::ImageEditRequest;
using oai::RequestWriter;
using oai::Source;
using oai::StringView;
using oai::TranscriptionRequest;
using oai::Upload;
using written::FormPart;
using written::parts_of;
using written::rest_of;
using written::split;
using written::whole;

namespace {

const Endpoint endpoint("http://localhost/v1");

struct File {
    std::string bytes;
    int reads = 0, fails_at = -1;
    bool is_read_past_end = false;
    Source source() { return {bytes.size(), read_at, this}; }
    static bool read_at(void* context, uint64_t offset, char* into, size_t count) {
        File& file = *static_cast<File*>(context);
        if (offset > file.bytes.size() || count > file.bytes.size() - offset) file.is_read_past_end = true;
        if (file.reads++ == file.fails_at || file.is_read_past_end) return false;
        memcpy(into, file.bytes.data() + offset, count);
        return true;
    }
};

std::string listed(const std::vector<FormPart>& parts) {
    std::string all;
    for (const FormPart& part : parts) {
        all += part.name + (part.is_file ? "(" + part.filename + ", " + part.type + ")" : "") + "=" + part.content + "; ";
    }
    return all;
}

const std::string begun = "openai_stream-";
const std::string alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

// A recording, and the form that has it.
struct Transcription {
    File file;
    Source source;
    TranscriptionRequest request;
    void change_size(size_t size) {
        file.bytes.resize(size, 'x');
        source.size = size;
    }
    explicit Transcription(const std::string& bytes)
        : file{bytes}, source(file.source()), request("m", Upload(source, "a.wav", "audio/wav")) {
        request.stream = oai::Tristate::unset;
    }
    Transcription(const Transcription&) = delete;
};

}  // namespace

TEST_CASE("every kind of field, in windows of every size") {
    Transcription it(std::string("\x00\x01\r\n--\r\n\xFF", 9));
    const StringView languages[] = {"en", "de"};
    const FormField extra[] = {{"hotwords", "Lumen"}, {"vad_filter", ""}};
    it.request.stream = oai::Tristate::yes;
    it.request.languages = languages;
    it.request.prompt = "two\r\nlines";
    it.request.temperature = 0.5;
    it.request.chunking_strategy = oai::ChunkingStrategy::server_vad;
    it.request.vad_silence_duration_ms = 200;
    it.request.extra_fields = extra;
    const std::string all = whole(endpoint, it.request);
    CHECK_EQ(listed(parts_of(split(all))),
             "model=m; stream=true; languages[]=en; languages[]=de; prompt=two\r\nlines; temperature=0.5; "
             "chunking_strategy[type]=server_vad; chunking_strategy[silence_duration_ms]=200; hotwords=Lumen; "
             "vad_filter=; file(a.wav, audio/wav)=" + it.file.bytes + "; ");
    CHECK_EQ(all.substr(0, all.find("\r\n")), "POST /v1/audio/transcriptions HTTP/1.1");
    for (size_t window = RequestWriter::min_window_bytes; window <= 200; ++window) {
        ROW("windows of " + std::to_string(window));
        CHECK_EQ(whole(endpoint, it.request, window), all);
    }
}

TEST_CASE("several files, and some that are not there") {
    File one{"first"}, two{""}, three{"mask"};
    const Source sources[] = {one.source(), two.source(), three.source()};
    const Upload images[] = {{sources[0], "a.png", "image/png"}, Upload(), {sources[1], "empty"}};
    ImageEditRequest request("m", "more light", images);
    request.mask = Upload(sources[2], "mask.png", "image/png");
    CHECK_EQ(listed(parts_of(request)), "prompt=more light; model=m; stream=true; image[](a.png, image/png)=first; "
                                        "image[](empty, application/octet-stream)=; mask(mask.png, image/png)=mask; ");
}

TEST_CASE("the boundary is in no field and in no file, whatever these are") {
    std::string each_once, each_twice, pairs;
    for (const char a : alphabet) {
        each_once += begun + a + "\r\n";
        each_twice += begun + a + begun + a;
        for (const char b : alphabet) pairs += "\r\n--" + begun + a + b;
    }
    const struct {
        const char* name;
        std::string bytes;
        size_t size;  // of the boundary
    } rows[] = {
        {"nothing like it", "RIFF", begun.size() + 1},
        {"its beginning, at the end", "RIFF" + begun, begun.size() + 1},
        {"the first that would be chosen", "\r\n--" + begun + "0--\r\n", begun.size() + 1},
        {"all but one of one character more", each_once.substr(0, each_once.size() - begun.size() - 3), begun.size() + 1},
        {"all of one character more", each_once, begun.size() + 2},
        {"these, each twice", each_twice, begun.size() + 2},
        {"all of two characters more", pairs, begun.size() + 3},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        Transcription it(row.bytes);
        CHECK_EQ(parts_of(it.request).back().content, row.bytes);  // it looks for the boundary in each part
        CHECK_EQ(it.request.boundary.view().size(), row.size);
        Transcription in_field("RIFF");
        in_field.request.prompt = row.bytes;
        CHECK_EQ(parts_of(in_field.request)[1].content, row.bytes);
        CHECK_EQ(in_field.request.boundary.view().size(), row.size);
        const FormField extra[] = {{"x", row.bytes}};
        Transcription in_extra("RIFF");
        in_extra.request.extra_fields = extra;
        CHECK_EQ(parts_of(in_extra.request)[1].content, row.bytes);
    }
}

TEST_CASE("what is like a boundary is seen wherever reading is interrupted") {
    for (size_t before = 0; before != 600; ++before) {
        ROW(std::to_string(before) + " bytes before it");
        Transcription it(std::string(before, 'x') + begun + "0" + std::string(before % 300, 'y'));
        parts_of(it.request);
        CHECK_EQ(std::string(it.request.boundary.view()), begun + "1");
    }
}

TEST_CASE("a file made to take many rounds takes few") {
    std::string bytes;
    corpus::Random random("boundaries");
    while (bytes.size() < 200000) {
        bytes += begun;
        for (int depth = 0; depth != 4; ++depth) bytes += alphabet[random.between(0, 63)];
    }
    Transcription it(bytes);
    RequestWriter writer;
    REQUIRE(writer.begin(endpoint, it.request) == Error::none);
    const size_t chunks = bytes.size() / (256 - begun.size() - 4) + 2;
    CHECK_LE(static_cast<size_t>(it.file.reads), 4 * chunks);
    CHECK_EQ(parts_of(split(rest_of(writer))).back().content, bytes);
}

TEST_CASE("a read that fails, whichever it is, ends the form with an error that says so") {
    for (int call = 0;; ++call) {
        ROW("read " + std::to_string(call));
        Transcription it(std::string(2000, 'x'));
        it.file.fails_at = call;
        RequestWriter writer;
        const Error error = writer.begin(endpoint, it.request);
        size_t sent = 0;
        char window[100];
        while (const size_t count = writer.write(window, sizeof window)) sent += count;
        if (it.file.reads <= call) {
            CHECK(writer.finished());
            CHECK_GT(call, 20);
            break;
        }
        CHECK(writer.error() == Error::source_failed);
        CHECK(error == (sent == 0 ? Error::source_failed : Error::none));
        CHECK_FALSE(writer.finished());
    }
}

TEST_CASE("a form that changes while it is sent never becomes complete, whenever it does") {
    const FormField extra[] = {{"hotwords", "Lumen"}, {"prefix", "On"}};
    const auto begin = [&](Transcription& it, RequestWriter& writer) {
        it.request.extra_fields = extra;
        REQUIRE(writer.begin_body(it.request) == Error::none);
    };
    Transcription same(std::string(300, 'x'));
    RequestWriter of_all;
    begin(same, of_all);
    const std::string all = rest_of(of_all);
    const size_t fields_end = all.find("On\r\n") + 2, file_end = all.rfind('x') + 1;
    const struct {
        const char* name;
        void (*change)(Transcription&);
        size_t end;  // of what changes
        Error error;  // or request_changed
    } rows[] = {
        {"its file goes away", [](Transcription& it) { it.request.file = Upload(); }, file_end, Error::request_changed},
        {"fields that it has in addition go away", [](Transcription& it) { it.request.extra_fields = {}; }, fields_end,
         Error::request_changed},
        {"its file becomes shorter", [](Transcription& it) { it.change_size(100); }, file_end, Error::source_failed},
        {"its file becomes longer", [](Transcription& it) { it.change_size(301); }, file_end, Error::request_changed},
        {"its file becomes empty", [](Transcription& it) { it.change_size(0); }, file_end, Error::source_failed},
        {"nobody reads its file any more", [](Transcription& it) { it.source.read_at = nullptr; }, file_end,
         Error::bad_request_field},
        {"its file is more than can be counted", [](Transcription& it) { it.source.size = UINT64_MAX; }, file_end,
         Error::bad_request_field},
    };
    for (const auto& row : rows) {
        for (size_t window = RequestWriter::min_window_bytes; window < all.size(); ++window) {
            ROW(std::string(row.name) + ", after a window of " + std::to_string(window) + " bytes");
            Transcription it(std::string(300, 'x'));
            RequestWriter writer;
            begin(it, writer);
            std::string sent(window, '\0');
            sent.resize(writer.write(&sent[0], window));
            const bool is_late = sent.size() >= row.end;
            row.change(it);
            sent += rest_of(writer, 100);
            CHECK_EQ(writer.finished(), is_late);
            if (is_late) CHECK_EQ(sent, all);
            else CHECK_LT(sent.size(), all.size());
            CHECK_FALSE(it.file.is_read_past_end);
            if (!is_late && writer.error() != Error::request_changed) CHECK(writer.error() == row.error);
        }
    }
}

// What is read twice may be two texts: each time it has what would be chosen next.
TEST_CASE("a file that always has the boundary in it ends the form with an error, after a few rounds") {
    Transcription it(std::string(4000, 'x'));
    it.source.context = &it;
    it.source.read_at = [](void* context, uint64_t offset, char* into, size_t count) {
        Transcription& self = *static_cast<Transcription*>(context);
        const std::string beginning(self.request.boundary.bytes, self.request.boundary.size);
        ++self.file.reads;
        std::string all;
        for (const char c : alphabet) all += beginning + c;
        all.resize(4000);
        memcpy(into, all.data() + offset, count);
        return true;
    };
    RequestWriter writer;
    CHECK(writer.begin(endpoint, it.request) == Error::source_failed);
    CHECK_LT(it.file.reads, 1000);
}

TEST_CASE("forms that cannot be sent") {
    const Source some = Source::of_bytes("RIFF"), nowhere = {3, nullptr, nullptr};
    const struct {
        const char* name;
        void (*change)(TranscriptionRequest&);
        const char* field;
        Error error;
    } rows[] = {
        {"no model", [](TranscriptionRequest& r) { r.model = {}; }, "model", Error::bad_request_field},
        {"no file", [](TranscriptionRequest& r) { r.file = Upload(); }, "file", Error::bad_request_field},
        {"a temperature that is none", [](TranscriptionRequest& r) { r.temperature = 1e300; }, "temperature",
         Error::bad_request_field},
        {"a quote in a file's name", [](TranscriptionRequest& r) { r.file.filename = "a\"; name=\"model"; }, "file",
         Error::bad_request_field},
        {"a line end in a file's name", [](TranscriptionRequest& r) { r.file.filename = "a\r\nX: y"; }, "file",
         Error::bad_request_field},
        {"a line end in a media type", [](TranscriptionRequest& r) { r.file.media_type = "a\r\nX: y"; }, "",
         Error::bad_request_field},
        {"a quote in a field's name",
         [](TranscriptionRequest& r) {
             static const FormField extra[] = {{"a\"", "b"}};
             r.extra_fields = extra;
         },
         "", Error::bad_request_field},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        TranscriptionRequest request("m", Upload(some, "a.wav", "audio/wav"));
        row.change(request);
        RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == row.error);
        char name[40];
        CHECK_EQ(std::string(writer.refused_field(name)), row.field);
        CHECK_EQ(writer.write(name, sizeof name), 0);
    }
    ROW("nobody reads the file");
    const TranscriptionRequest request("m", Upload(nowhere, "a.wav"));
    RequestWriter writer;
    CHECK(writer.begin(endpoint, request) == Error::source_failed);
}

TEST_CASE("a writer takes forms and JSON in any order, and servers may have tables and headers of their own") {
    Transcription it("RIFF");
    const oai::AzureEndpoint azure("https://r.openai.azure.com", "k", "whisper", "2025-01-01");
    const oai::http::HeaderField headers[] = {{"X-Mine", "1"}, {"content-type", "application/x"}};
    Endpoint with_headers("http://localhost/v1");
    with_headers.headers = headers;
    const oai::ChatRequest chat("m", "hi");
    RequestWriter writer;
    for (int round = 0; round != 2; ++round) {
        REQUIRE(writer.begin(endpoint, chat) == Error::none);
        CHECK_NE(split(rest_of(writer)).head.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
        REQUIRE(writer.begin(azure, it.request) == Error::none);
        const written::Message form = split(rest_of(writer));
        CHECK_EQ(parts_of(form).size(), 2);
        CHECK_EQ(form.head.substr(0, form.head.find("\r\n")),
                 "POST /openai/deployments/whisper/audio/transcriptions?api-version=2025-01-01 HTTP/1.1");
        REQUIRE(writer.begin(azure, chat) == Error::none);
        CHECK_NE(split(rest_of(writer)).head.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
        REQUIRE(writer.begin(with_headers, it.request) == Error::none);
        const std::string head = split(rest_of(writer)).head;
        CHECK_EQ(head.find("multipart"), std::string::npos);  // whoever says it himself, says it
        CHECK_NE(head.find("\r\ncontent-type: application/x\r\n"), std::string::npos);
        REQUIRE(writer.begin(endpoint, it.request) == Error::none);
        CHECK_EQ(parts_of(split(rest_of(writer))).size(), 2);
    }
    REQUIRE(writer.begin_body(it.request) == Error::none);
    const std::string alone = rest_of(writer);
    CHECK_EQ(alone.find("--" + std::string(it.request.boundary.view()) + "\r\n"), 0);
    CHECK_EQ(static_cast<size_t>(writer.content_length()), alone.size());
}

TEST_CASE("a form of 1 MB passes through 2 KiB without the heap") {
    Transcription it(std::string(1 << 20, 'x'));
    size_t sent = 0, length = 0;
    char memory[2048];
    {
        support::HeapTrap trap;
        oai::Exchange exchange(memory);
        RequestWriter writer;
        writer.begin(endpoint, it.request);
        length = static_cast<size_t>(writer.content_length());
        while (const size_t count = writer.write(memory, sizeof memory)) sent += count;
    }
    CHECK_GT(length, 1 << 20);
    CHECK_GT(sent, length);
}
