#pragma once
// Azure's addresses: deployments in the path, a version in the query, and the key in a header of its own.
#include "endpoint.hpp"

OPENAI_STREAM_BEGIN

// A resource of Azure OpenAI, as a server. Nothing but fields of Endpoint, so that it may be copied, kept as an
// Endpoint, changed, and used by any number of Streams at once.
//
//   POST {resource}/openai/deployments/{deployment}/chat/completions?api-version={version}
//   POST {resource}/openai/responses?api-version={version}      whatever Azure has not under deployments; the request
//                                                               names the deployment as its model
//   POST {resource}/openai/v1/chat/completions                  the newer addresses, without a version
//
// A program with a token instead of a key (Microsoft Entra) leaves secret_key empty and sets `key`.
struct AzureEndpoint : Endpoint {
    constexpr AzureEndpoint(StringView resource_url, StringView secret_key) noexcept : Endpoint(resource_url) {
        directory = "/openai/v1";
        api_key = secret_key;
    }
    // `name` is the deployment's; it may hold any byte, for it is percent-encoded. One that would be another place
    // (none, ".", "..") leaves no host: Error::bad_url when opened.
    constexpr AzureEndpoint(StringView resource_url, StringView secret_key, StringView name,
                            StringView version) noexcept
        : Endpoint(resource_url) {
        directory = "/openai";
        deployment = http::Deployment(name);
        api_version = version;
        api_key = secret_key;
        if (http::is_no_segment(name)) host = StringView();
    }
};

OPENAI_STREAM_END
