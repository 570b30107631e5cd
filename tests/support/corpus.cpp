#include "corpus.hpp"

#include "tally.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace corpus {
namespace {

std::filesystem::path source_root() { return OPENAI_STREAM_TEST_SOURCE_ROOT; }

std::filesystem::path shared_root() {
    const char* const wish = std::getenv("OPENAI_STREAM_SHARED");
    return wish != nullptr ? std::filesystem::path(wish) : source_root() / ".." / "shared";
}

void skip(const std::string& relative) { tally::skip("../shared/" + relative + " is not there"); }

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

Rows parse_rows(const std::filesystem::path& path) {
    std::istringstream lines(read(path));
    Rows rows;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) rows.push_back(nlohmann::json::parse(line));
    if (rows.empty()) throw std::runtime_error("no rows in " + path.string());
    return rows;
}

std::string join(const nlohmann::json& parts) {
    std::string all;
    for (const nlohmann::json& part : parts) {
        const std::string one = base64(part.at(0).get_ref<const std::string&>());
        const size_t count = part.at(1).get<size_t>();
        all.reserve(all.size() + one.size() * count);
        for (size_t i = 0; i < count; ++i) all += one;
    }
    return all;
}

}  // namespace

Rows rows(const char* file) { return parse_rows(source_root() / "tests" / "corpus" / file); }
std::string file_bytes(const std::string& file) { return read(source_root() / "tests" / "corpus" / file); }

std::optional<Rows> shared_rows(const char* relative) {
    const std::filesystem::path path = shared_root() / relative;
    if (std::filesystem::exists(path)) return parse_rows(path);
    skip(relative);
    return {};
}

std::optional<std::string> shared_bytes(const std::string& relative) {
    const std::filesystem::path path = shared_root() / relative;
    if (std::filesystem::exists(path)) return read(path);
    skip(relative);
    return {};
}

std::optional<std::vector<std::string>> shared_files(const char* directory, const char* suffix) {
    const std::filesystem::path path = shared_root() / directory;
    if (!std::filesystem::is_directory(path)) {
        skip(directory);
        return {};
    }
    const std::string_view end = suffix;
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        const std::string name = entry.path().filename().string();
        if (name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0)
            found.push_back(std::string(directory) + "/" + name);
    }
    std::sort(found.begin(), found.end());
    return found;
}

bool has_bytes(const nlohmann::json& row, const char* key) {
    return row.contains(std::string(key) + "_b64") || row.contains(std::string(key) + "_parts") || row.contains(key);
}

std::string bytes(const nlohmann::json& row, const char* key) {
    const auto b64 = row.find(std::string(key) + "_b64");
    if (b64 != row.end()) return base64(b64->get_ref<const std::string&>());
    const auto parts = row.find(std::string(key) + "_parts");
    if (parts != row.end()) return join(*parts);
    return text(row.at(key));
}

std::string text(const nlohmann::json& value) {
    return value.is_object() ? join(value.at("$parts")) : value.get<std::string>();
}

std::string latin1(const nlohmann::json& value) {
    const std::string utf8 = value.get<std::string>();
    std::string narrow;
    for (size_t i = 0; i < utf8.size(); ++i) {
        const unsigned lead = static_cast<unsigned char>(utf8[i]);
        if (lead < 0x80) {
            narrow += utf8[i];
        } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < utf8.size()) {
            narrow += static_cast<char>(((lead & 3) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3F));
        } else {
            throw std::runtime_error("not a byte string: " + utf8);
        }
    }
    return narrow;
}

std::string base64(std::string_view text) {
    std::string decoded;
    unsigned bits = 0, count = 0;
    for (const char c : text.substr(0, text.find('='))) {
        const unsigned value = c >= 'A' && c <= 'Z'   ? static_cast<unsigned>(c - 'A')
                               : c >= 'a' && c <= 'z' ? static_cast<unsigned>(c - 'a') + 26
                               : c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') + 52
                               : c == '+'             ? 62
                               : c == '/'             ? 63
                                                      : 64;
        if (value == 64) throw std::runtime_error("not base64: " + std::string(text));
        bits = (bits << 6 | value) & 0xFFFFFF;
        count += 6;
        if (count >= 8) decoded += static_cast<char>(bits >> (count -= 8) & 0xFF);
    }
    return decoded;
}

bool has_tag(const nlohmann::json& row, const char* tag) {
    const auto tags = row.find("tags");
    return tags != row.end() && std::find(tags->begin(), tags->end(), tag) != tags->end();
}

}  // namespace corpus
