#include "router.hpp"

#include "audio.hpp"
#include "chat.hpp"
#include "completions.hpp"
#include "errors.hpp"
#include "images.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

constexpr const char* welcome =
    "Lumen's lighthouse: an OpenAI-compatible server without a model.\n\n"
    "GET  /v1/models\n"
    "POST /v1/chat/completions  {\"model\":\"local\",\"stream\":true,\"messages\":"
    "[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]}\n"
    "POST /v1/completions       {\"model\":\"local\",\"stream\":true,\"prompt\":\"Why is the sky blue?\"}\n"
    "POST /v1/responses         {\"model\":\"local\",\"stream\":true,\"input\":\"Why is the sky blue?\"}\n"
    "GET  /v1/responses/ID?stream=true&starting_after=N\n"
    "POST /v1/responses/ID/cancel\n"
    "POST /v1/images/generations    {\"prompt\":\"a lighthouse\",\"stream\":true,\"partial_images\":2}\n"
    "POST /v1/images/edits          a form with prompt and image\n"
    "POST /v1/audio/speech          {\"model\":\"local\",\"input\":\"Good night.\",\"voice\":\"lumen\"}\n"
    "POST /v1/audio/transcriptions  a form with model and file\n"
    "POST /v1/audio/translations    the same\n"
    "POST /v1/threads/runs          {\"assistant_id\":\"lumen\",\"stream\":true,\"thread\":{\"messages\":"
    "[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]}}\n"
    "POST /v1/threads\n"
    "POST /v1/threads/ID/runs\n"
    "POST /v1/threads/ID/runs/RUN/submit_tool_outputs\n"
    "GET  /v1/threads/ID/messages\n"
    "POST /v1/agents/sessions       {\"agent\":{\"model\":\"local\"},\"environment\":{\"type\":\"none\"},"
    "\"input\":\"Why is the sky blue?\"}\n"
    "GET  /v1/agents/sessions/ID\n"
    "GET  /v1/agents/sessions/ID/events    \"local\" is always there\n\n";

std::string models() {
    const char* rest = ",\"object\":\"model\",\"created\":0,\"owned_by\":\"lumen\"}";
    std::string list = std::string("{\"id\":\"local\"") + rest;
    for (const Fault& fault : all_faults) list += std::string(",{\"id\":\"fault:") + fault.name + '"' + rest;
    return "{\"object\":\"list\",\"data\":[" + list + "]}";
}

}  // namespace

void Router::answer(const Request& request, Reply& reply) {
    if (request.method == "OPTIONS") return reply.send_preflight(request);  // before any fault: a page cannot see it
    std::string path = request.path;
    if (path.compare(0, 7, "/fault:") == 0) {
        const size_t end = std::min(path.find('/', 1), path.size());
        reply.faults.add(path.substr(1, end - 1));
        path.erase(0, end);
    }
    if (reply.send_refusal()) return;
    const bool needs_key = !options_.key.empty() && path.compare(0, 4, "/v1/") == 0;
    if (needs_key && request.header("authorization") != "Bearer " + options_.key)
        throw ApiError{401, "Incorrect API key provided.", "invalid_api_key"};

    const auto is = [&](const char* method, const std::string& known_path) {
        if (path != known_path) return false;
        if (request.method == method) return true;
        throw wrong_method(method);
    };
    if (is("GET", "/")) return reply.send_whole(200, "text/plain", welcome + list_of_faults());
    if (is("GET", "/v1/models")) return reply.send_json(models());
    if (is("POST", "/v1/chat/completions")) return answer_chat(request.body, reply, options_.pace);
    if (is("POST", "/v1/completions")) return answer_completion(request.body, reply, options_.pace);
    if (is("POST", "/v1/responses")) return responses_.create(request.body, reply);
    if (is("POST", "/v1/images/generations")) return generate_image(request, reply);
    if (is("POST", "/v1/images/edits")) return edit_image(request, reply);
    if (is("POST", "/v1/audio/speech")) return speak(request, reply, options_.pace);
    if (is("POST", "/v1/audio/transcriptions")) return transcribe(request, reply, options_.pace);
    if (is("POST", "/v1/audio/translations")) return translate(request, reply);
    if (threads_.answer(request, path, reply) || agents_.answer(request, path, reply)) return;
    const std::string stored = "/v1/responses/";
    if (path.compare(0, stored.size(), stored) == 0) {
        const std::string id = before(path.substr(stored.size()), "/");
        if (is("POST", stored + id + "/cancel")) return responses_.cancel(id, reply);
        if (is("GET", stored + id)) return responses_.retrieve(request, id, reply);
    }

    const bool lacks_v1 =
        path == "/models" || path == "/chat/completions" || path == "/completions" || path == "/responses";
    const std::string hint = " Did you mean /v1" + path + "? The base URL ends in /v1.";
    throw ApiError{404, "There is nothing at " + path.substr(0, 200) + '.' + (lacks_v1 ? hint : ""), "unknown_url"};
}

}  // namespace local_server
