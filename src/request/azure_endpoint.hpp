#pragma once
// Azure's addresses: deployments in the path, a version in the query, and the key in a header of its own.
#include "../json/writer.hpp"
#include "endpoint.hpp"
#include "response_by_id.hpp"

OPENAI_STREAM_BEGIN

// A resource of Azure OpenAI, as a server. What it puts together lies in the caller's memory, which must live as long
// as this: 256 bytes are enough for names of usual length; what does not fit is Error::buffer_too_small when opened.
//
//   POST {resource}/openai/deployments/{deployment}/chat/completions?api-version={version}
//   POST {resource}/openai/v1/chat/completions                             the newer addresses, without a version
//
// The header `api-key` is in `headers`; a program with more headers of its own copies it from there. One with a token
// instead of a key (Microsoft Entra) leaves secret_key empty and sets `key`.
class AzureEndpoint : public Endpoint {
public:
    AzureEndpoint(Buffer memory, StringView resource_url, StringView secret_key) noexcept
        : AzureEndpoint(memory, resource_url, secret_key, StringView(), StringView(), "/openai/v1") {}
    // `deployment` may hold any byte: it is percent-encoded.
    AzureEndpoint(Buffer memory, StringView resource_url, StringView secret_key, StringView deployment,
                  StringView api_version) noexcept
        : AzureEndpoint(memory, resource_url, secret_key, deployment, api_version, "/openai/deployments/") {}

    // Of a request with this path, in the memory until the next call; empty: it does not fit.
    StringView target(StringView path) const noexcept {
        char* const begin = rest_.data;
        char* at = begin;
        bool fits = append(path, at);
        if (!api_version_.empty()) {
            bool has_query = false;
            for (const char c : path) has_query = has_query || c == '?';
            fits = append(has_query ? "&api-version=" : "?api-version=", at) && append(api_version_, at) && fits;
        }
        return fits ? StringView(begin, static_cast<size_t>(at - begin)) : StringView();
    }
    StringView target(const http::Bodyless& request) const noexcept {
        char* const begin = rest_.data;
        char* at = begin;
        Cursor cursor;
        Piece piece;
        while (pieces::next(request.target.data, cursor, piece, request.target.shape->rows)) {
            char digits[20];
            if (piece.kind == PieceKind::integer) piece.text = json::format_integer(piece.integer(), digits);
            if (!append(piece.before, at) || !append(piece.text, at)) return StringView();
        }
        return target(StringView(begin, static_cast<size_t>(at - begin)));
    }

private:
    AzureEndpoint(Buffer memory, StringView resource_url, StringView secret_key, StringView deployment,
                  StringView version, StringView base) noexcept
        : Endpoint(resource_url), api_version_(version), rest_(memory) {
        constexpr size_t alignment = alignof(http::HeaderField);
        const size_t gap = (0 - reinterpret_cast<uintptr_t>(memory.data)) & (alignment - 1);
        const size_t header_end = gap + sizeof(http::HeaderField);
        if (memory.size < header_end) {
            rest_.size = 0;
            return;
        }
        http::HeaderField& header = *reinterpret_cast<http::HeaderField*>(memory.data + gap);
        header.name = StringView("api-key");
        header.value = secret_key;
        if (!secret_key.empty()) headers = List<http::HeaderField>(&header, 1);

        char* const begin = memory.data + header_end;
        char* at = begin;
        bool fits = append(prefix, at) && append(base, at);
        if (deployment == "." || deployment == "..") deployment = StringView();  // another place: Error::bad_url
        for (const char c : deployment) {
            const char encoded[] = {'%', "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4],
                                    "0123456789ABCDEF"[c & 15]};
            fits = fits && append(responses::is_unreserved(c) ? StringView(&c, 1) : StringView(encoded, 3), at);
        }
        prefix = StringView(begin, static_cast<size_t>(at - begin));
        rest_ = {at, fits ? static_cast<size_t>(memory.data + memory.size - at) : 0};
    }
    // Behind `at`, which it moves. False: it does not fit.
    bool append(StringView text, char*& at) const noexcept {
        const auto room = static_cast<size_t>(rest_.data + rest_.size - at);
        if (text.size() > room) return false;
        if (!text.empty() && text.data() != at) memmove(at, text.data(), text.size());
        at += text.size();
        return true;
    }

    StringView api_version_;
    Buffer rest_;  // of the memory: for targets
};

OPENAI_STREAM_END
