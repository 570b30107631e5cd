// Build: c++ -std=c++17 -O2 -I../.. *.cpp -o imgui $(pkg-config --cflags --libs imgui sdl2)
// Run: ./imgui
//
// A panel of Dear ImGui in which an answer appears while it is written. Look at the number of frames: it runs on, also
// while the server is thinking, since poll() never waits. Enter asks, the button stops. From the environment:
// OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https URLs see ../common.hpp.
#define OPENAI_STREAM_SOCKET
#include "../common.hpp"
#include "openai_stream.hpp"

#include <SDL.h>
#include <backends/imgui_impl_sdl.h>
#include <imgui.h>
#include <stddef.h>
#include <string>

namespace oai = openai_stream;

// One question and its answer.
class Conversation {
public:
    void ask(const char* question) {
        answer_.clear();
        problem_.clear();
        is_running_ = true;
        request_ = oai::ChatRequest(setting("OPENAI_MODEL", "local"), question);
        stream_.open(server_, request_);
    }
    void stop() { stream_.cancel(); }  // the next tick() hears it

    // Once per frame; at most 32 events, so that a fast server takes no frame for itself.
    void tick() {
        oai::Event event;
        for (int left = is_running_ ? 32 : 0; left != 0; --left) {
            const oai::Poll said = stream_.poll(event);
            if (said == oai::Poll::pending) return;
            if (said != oai::Poll::event) return end();
            if (event.is_text()) answer_.append(event.text.data(), event.text.size());
        }
    }

    const std::string& answer() const { return answer_; }
    const std::string& problem() const { return problem_; }
    bool is_running() const { return is_running_; }

private:
    void end() {
        is_running_ = false;
        char why[400];
        if (stream_.failed()) problem_ = stream_.explain(why);
    }

    const oai::Endpoint server_{setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY")};
    Connection connection_{server_};
    char memory_[8 * 1024];
    oai::ChatRequest request_;
    oai::Stream stream_{connection_, memory_};
    std::string answer_, problem_;
    bool is_running_ = false;
};

static void show(Conversation& conversation, char* question, size_t size) {
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(ImGui::GetIO().DisplaySize);
    ImGui::Begin("openai_stream", nullptr, ImGuiWindowFlags_NoDecoration);
    if (!ImGui::IsAnyItemActive() && !conversation.is_running()) ImGui::SetKeyboardFocusHere();
    const bool asks = ImGui::InputText("##question", question, size, ImGuiInputTextFlags_EnterReturnsTrue);
    if (asks && !conversation.is_running() && *question != '\0') conversation.ask(question);
    ImGui::SameLine();
    if (conversation.is_running() && ImGui::Button("Stop")) conversation.stop();
    ImGui::SameLine();
    ImGui::Text("frame %d", ImGui::GetFrameCount());
    ImGui::Separator();
    ImGui::TextWrapped("%s", conversation.answer().c_str());
    ImGui::TextColored({1, 0.4f, 0.3f, 1}, "%s", conversation.problem().c_str());
    ImGui::End();
}

// ---- what an engine with ImGui in it has already: triangles, by SDL's own renderer ------------------------------------

static SDL_Texture* font_texture(SDL_Renderer* renderer) {
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
    SDL_Texture* const texture =
        SDL_CreateTexture(renderer, SDL_PIXELFORMAT_ABGR8888, SDL_TEXTUREACCESS_STATIC, width, height);
    if (!texture) return nullptr;
    SDL_UpdateTexture(texture, nullptr, pixels, 4 * width);
    SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_BLEND);
    ImGui::GetIO().Fonts->SetTexID(texture);
    return texture;
}

static void draw(SDL_Renderer* renderer, const ImDrawData& data) {
    constexpr int stride = sizeof(ImDrawVert);
    for (int number = 0; number != data.CmdListsCount; ++number) {
        const ImDrawList& list = *data.CmdLists[number];
        for (const ImDrawCmd& command : list.CmdBuffer) {
            const ImVec4& from = command.ClipRect;
            const SDL_Rect clip = {static_cast<int>(from.x), static_cast<int>(from.y), static_cast<int>(from.z - from.x),
                                   static_cast<int>(from.w - from.y)};
            SDL_RenderSetClipRect(renderer, &clip);
            const ImDrawVert* const first = list.VtxBuffer.Data + command.VtxOffset;
            const auto count = list.VtxBuffer.Size - static_cast<int>(command.VtxOffset);
            SDL_RenderGeometryRaw(renderer, static_cast<SDL_Texture*>(command.GetTexID()), &first->pos.x, stride,
                                  reinterpret_cast<const SDL_Color*>(&first->col), stride, &first->uv.x, stride, count,
                                  list.IdxBuffer.Data + command.IdxOffset, static_cast<int>(command.ElemCount),
                                  sizeof(ImDrawIdx));
        }
    }
    SDL_RenderSetClipRect(renderer, nullptr);
}

int main(int, char**) {
    SDL_Window* window = nullptr;
    SDL_Renderer* renderer = nullptr;
    if (SDL_Init(SDL_INIT_VIDEO) != 0 || SDL_CreateWindowAndRenderer(640, 360, 0, &window, &renderer) != 0) {
        fprintf(stderr, "There is no window: %s\n", SDL_GetError());
        return 1;
    }
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui_ImplSDL2_InitForSDLRenderer(window);
    SDL_Texture* const font = font_texture(renderer);

    Conversation conversation;
    char question[200] = "Why is the sky blue?";
    for (bool is_running = font != nullptr; is_running;) {
        for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
            ImGui_ImplSDL2_ProcessEvent(&event);
            if (event.type == SDL_QUIT) is_running = false;
        }
        conversation.tick();
        ImGui_ImplSDL2_NewFrame();
        ImGui::NewFrame();
        show(conversation, question, sizeof question);
        ImGui::Render();
        SDL_RenderClear(renderer);
        draw(renderer, *ImGui::GetDrawData());
        SDL_RenderPresent(renderer);
        SDL_Delay(1000 / 60);
    }
    ImGui_ImplSDL2_Shutdown();
    ImGui::DestroyContext();
    SDL_DestroyTexture(font);
    SDL_DestroyRenderer(renderer);
    SDL_DestroyWindow(window);
    SDL_Quit();
    return 0;
}
