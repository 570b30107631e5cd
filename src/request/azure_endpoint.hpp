#pragma once
// Azure's addresses: deployments in the path, a version in the query, and the key in a header of its own.
#include "../http/path_segment.hpp"
#include "endpoint.hpp"

OPENAI_STREAM_BEGIN

namespace detail::azure {

// What stands under a deployment, as the official packages for Python, Node and Go have it: all other paths, /responses
// too, are the resource's own.
inline bool is_deployed(StringView path) noexcept {
    return words::index_of("/chat/completions\0/completions\0/embeddings\0/audio/transcriptions\0/audio/translations\0"
                           "/audio/speech\0/images/generations\0/images/edits\0",
                           path.data(), http::find(path, '?')) != 0;
}

inline bool leaves_out(const http::RequestHead& head, unsigned row) noexcept { return head.left_out >> row & 1; }

// "/openai/v1" without a deployment.
inline void put_directory(const void* object, Fragment& piece) noexcept {
    const auto& head = *static_cast<const http::RequestHead*>(object);
    piece.before = head.server->deployment.size == 0           ? "/openai/v1"
                   : leaves_out(head, http::row_deployment) ? "/openai"
                                                               : "/openai/deployments/";
}
inline void put_version(const void* object, Fragment& piece) noexcept {
    const auto& head = *static_cast<const http::RequestHead*>(object);
    const bool is_first = !leaves_out(head, http::row_first_query) && head.server->query.empty();
    if (head.server->api_version.empty()) return;
    piece.before = is_first ? "?api-version=" : "&api-version=";
    piece.set_checked(head.server->api_version);
}

// Addresses are pasted as the portal shows them. The end of `prefix` that is Azure's own is written by each request:
// "/openai", "/openai/v1", "/openai/deployments" and, if a deployment's name follows, that. Returns where it begins;
// sets `name` to the deployment's, if there is one.
constexpr size_t find_directory(const StringView& prefix, StringView& name) noexcept {
    constexpr StringView directories[] = {"/openai", "/openai/v1", "/openai/deployments"};
    size_t slash = prefix.size();
    while (slash != 0 && prefix[slash - 1] != '/') --slash;
    const StringView folder = slash == 0 ? StringView("", 0) : prefix.take(slash - 1);
    for (const StringView& directory : directories)
        if (ascii::ends_with(prefix, directory)) return prefix.size() - directory.size();
    if (!ascii::ends_with(folder, directories[2])) return prefix.size();
    name = prefix.drop(slash);
    return folder.size() - directories[2].size();
}
// The query of the URL says a version.
constexpr bool has_version(StringView query) noexcept {
    while (!query.empty()) {
        const StringView member = query.take(http::find(query, '&'));
        const StringView name = member.take(http::find(member, '='));
        if (name.size() == 11 && ascii::ends_with(name, "api-version")) return true;
        query = query.drop(member.size() + 1);
    }
    return false;
}

// A deployment's name as it stands in a URL, where it is encoded already.
inline void put_encoded(const void* object, Fragment& piece) noexcept {
    const char* const byte = static_cast<const char*>(object);
    if (*byte > ' ' && *byte < 0x7f) piece.text = StringView(byte, 1);  // all that the URL had when it was checked
}
inline constexpr FieldDescriptor encoded_rows[] = {put_encoded, {"", FieldType::end}};
inline constexpr MessageDescriptor encoded_descriptor = MessageDescriptor::of<char>(encoded_rows, ListStyle::lines);

// That of every request, with rows of our own.
struct HeadTable {
    FieldDescriptor rows[http::row_end + 1];
};
constexpr FieldDescriptor row(unsigned number) noexcept {
    return number == http::row_directory    ? FieldDescriptor(put_directory)
           : number == http::row_deployment ? FieldDescriptor("", FieldType::list, offsetof(http::Server, deployment))
           : number == http::row_version    ? FieldDescriptor(put_version)
           : number == http::row_content_type ? FieldDescriptor(http::put_content_type)
           : number == http::row_api_key
               ? FieldDescriptor("\r\napi-key: ", FieldType::checked, offsetof(http::Server, key))
               : http::request_head_rows[number];
}
inline constexpr HeadTable table = {{row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7), row(8),
                                     row(9), row(10), row(11), row(12), row(13), row(14), row(15), row(16),
                                     row(17), row(18), row(19), row(20), row(21), row(22), row(23), row(24),
                                     row(25)}};
static_assert(http::row_end == 25, "each row has been taken");

// For a program with a token, and for one with a key.
inline const FieldDescriptor* rows_with_token(http::RequestHead& head) noexcept {
    if (!is_deployed(head.path.text)) head.left_out |= http::bit_of(http::row_deployment);
    head.left_out |= http::bit_of(http::row_api_key);
    return table.rows;
}
inline const FieldDescriptor* rows_with_key(http::RequestHead& head) noexcept {
    rows_with_token(head);
    head.left_out ^= http::bit_of(http::row_api_key) | http::bit_of(http::row_key);
    return table.rows;
}

}  // namespace detail::azure

// A resource of Azure OpenAI, as a server. Nothing but fields of Endpoint, so that it may be copied, kept as an
// Endpoint, changed, and used by any number of Streams at once.
//
//   POST {resource}/openai/deployments/{deployment}/chat/completions?api-version={version}
//   POST {resource}/openai/responses?api-version={version}      whatever Azure has not under deployments; the request
//                                                               names the deployment as its model
//   POST {resource}/openai/v1/chat/completions                  the newer addresses, without a version
//
// The URL is the resource's, or one that goes on with Azure's own directories, up to {deployment}. A version in its
// query stays the only one.
//
// secret_key is Endpoint::key, and sent as "api-key". A program with a token instead (Microsoft Entra) leaves
// secret_key empty and sets `key`, which is then sent as "Authorization: Bearer".
struct AzureEndpoint : Endpoint {
    constexpr AzureEndpoint(StringView resource_url, StringView secret_key) noexcept
        : Endpoint(resource_url, secret_key) {
        rows_for = secret_key.empty() ? detail::azure::rows_with_token : detail::azure::rows_with_key;
        StringView name;
        prefix = prefix.text.take(detail::azure::find_directory(prefix, name));
        if (!name.empty()) set_deployment(name, detail::azure::encoded_descriptor);
    }
    // `name` is the deployment's; it may hold any byte, for it is percent-encoded. One that would be another place
    // (none, ".", "..") leaves no host: Error::bad_url when opened.
    constexpr AzureEndpoint(StringView resource_url, StringView secret_key, StringView name,
                            StringView version) noexcept
        : AzureEndpoint(resource_url, secret_key) {
        set_deployment(name, http::byte_descriptor);
        if (!detail::azure::has_version(query)) api_version = version;
    }

private:
    constexpr void set_deployment(StringView name, const detail::MessageDescriptor& bytes) noexcept {
        deployment = detail::Elements{name.data(), &bytes, name.size()};
        if (http::is_no_segment(name)) host = http::HostText();
    }
};

OPENAI_STREAM_END
