#include "images.hpp"

#include "event_stream.hpp"
#include "form.hpp"
#include "json.hpp"
#include "request_fields.hpp"
#include "text.hpp"

#include <algorithm>
#include <ctime>

namespace local_server {
namespace {

// A PNG of 16 by 16, in base64.
constexpr const char* lighthouse =
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAMAAAAoLQ9TAAAAElBMVEUUGDD/3GDw8PDIMDAYQHh4oMjSQErrAAAAOElEQVR42n3L0QoAIAhDUZv2"
    "/7/c8CVb4oEgLs6st6j+r+4igebgNAZANl9wl40GQDZPCMGwo74DVO0BH32RHMAAAAAASUVORK5CYII=";

struct Wish {
    std::string type;  // of its events: "image_generation"
    std::string prompt;
    int previews = 0;
    bool stream = false;
};

std::string image_usage(const std::string& prompt) {
    const std::string text = std::to_string(count_tokens(prompt));
    return "{\"total_tokens\":" + std::to_string(count_tokens(prompt) + 16) + ",\"input_tokens\":" + text +
           ",\"output_tokens\":16,\"input_tokens_details\":{\"text_tokens\":" + text + ",\"image_tokens\":0}}";
}

// A preview is the same picture: it comes sooner.
void answer(const Wish& wish, Reply& reply) {
    if (wish.prompt.empty()) throw missing_param("prompt");
    if (reply.send_refusal()) return;
    const std::string created = std::to_string(std::time(nullptr));
    const std::string image = std::string("\"b64_json\":\"") + lighthouse + '"';
    if (!wish.stream || reply.faults.has("whole"))
        return reply.send_json("{\"created\":" + created + ",\"data\":[{" + image +
                               "}],\"usage\":" + image_usage(wish.prompt) + '}');
    EventStream events(reply, ErrorShape::chat);
    if (!events.begin()) return;
    const std::string about = ",\"created_at\":" + created + ",\"size\":\"16x16\",\"quality\":\"low\"," +
                              "\"background\":\"opaque\",\"output_format\":\"png\"";
    const auto send = [&](const std::string& kind, const std::string& more) {
        const std::string type = wish.type + '.' + kind;
        events.send("{\"type\":\"" + type + "\"," + image + about + more + '}', type);
    };
    for (int at = 0; at < wish.previews; ++at)
        send("partial_image", ",\"partial_image_index\":" + std::to_string(at));
    if (events.break_off()) return;
    send("completed", ",\"usage\":" + image_usage(wish.prompt));
    events.end();
}

int previews_of(const std::string& digits) {
    return digits.size() == 1 && is_digit(digits[0]) ? std::min(digits[0] - '0', 3) : 0;
}

}  // namespace

void generate_image(const Request& request, Reply& reply) {
    const Json body = read_json(request.body);
    reply.faults.add(body["model"].text);
    answer({"image_generation", body["prompt"].text, previews_of(body["partial_images"].text),
            flag_of(body["stream"], "stream")}, reply);
}

void edit_image(const Request& request, Reply& reply) {
    const Form form(request);
    reply.faults.add(form.text("model"));
    form.file("image");
    answer({"image_edit", form.text("prompt"), previews_of(form.text("partial_images")), form.text("stream") == "true"},
           reply);
}

}  // namespace local_server
