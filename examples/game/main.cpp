// Build: c++ -std=c++17 -O2 -I../.. *.cpp -o game $(pkg-config --cflags --libs sdl2 SDL2_ttf)
// Run: ./game
//
// A window at 60 frames a second in which somebody answers. Look at the lower strip of the graph while the bubble
// fills, and then at the same strip while the server is slow, stalls or breaks (keys 2 to 5): the game does not notice.
// From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https URLs see ../common.hpp. The keys for
// a bad server need local_server/ or another one that knows its faults.
#define OPENAI_STREAM_SOCKET
#include "../common.hpp"
#include "scene.hpp"

#include <SDL.h>
#include <time.h>
#include <memory>

namespace {

namespace oai = openai_stream;
using game::Npc;

constexpr const char* questions[] = {
    "Why is the sky blue?",     "Who are you?", "Tell me a joke!", "Write me a poem about the sea.",
    "Is there a storm coming?",
};
struct Server {
    const char *name, *model;
};
// What the digits choose. The first has the name of the model that is asked otherwise.
const Server servers[] = {
    {"1 steady", nullptr},
    {"2 thinks first", "fault:reasoning"},
    {"3 slow, byte by byte", "fault:reasoning+slow=8"},
    {"4 stalls", "fault:stall"},
    {"5 breaks", "fault:cut"},
    {"6 refuses", "fault:status=429"},
};

double microseconds_of(clockid_t clock) {
    timespec now = {};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

class Game {
public:
    // Returns false if there is no window to be had, SDL_GetError() says why.
    bool open() {
        if (SDL_Init(SDL_INIT_VIDEO) != 0 || TTF_Init() != 0) return false;
        window_ = SDL_CreateWindow("openai_stream: a game", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                   game::Scene::width, game::Scene::height, SDL_WINDOW_RESIZABLE);
        renderer_ = window_ ? SDL_CreateRenderer(window_, -1, 0) : nullptr;
        if (!renderer_) return false;
        SDL_RenderSetLogicalSize(renderer_, game::Scene::width, game::Scene::height);
        picture_ = SDL_CreateTexture(renderer_, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING,
                                     game::Scene::width, game::Scene::height);
        return picture_ && scene_.open();
    }
    ~Game() {
        SDL_DestroyTexture(picture_);
        SDL_DestroyRenderer(renderer_);
        SDL_DestroyWindow(window_);
    }

    void run() {
        ask();
        const double began = microseconds_of(CLOCK_MONOTONIC);
        for (double due = began; is_running_;) {
            const double now = microseconds_of(CLOCK_MONOTONIC), worked = microseconds_of(CLOCK_THREAD_CPUTIME_ID);
            for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
                if (event.type == SDL_QUIT) is_running_ = false;
                if (event.type == SDL_KEYDOWN && event.key.repeat == 0) press(event.key.keysym.sym);
            }
            const double spent = tick();
            scene_.draw(npc_, hud(), graph_, static_cast<float>((now - began) / 1e6));
            SDL_UpdateTexture(picture_, nullptr, scene_.canvas().pixels(), 4 * game::Scene::width);
            SDL_RenderClear(renderer_);
            SDL_RenderCopy(renderer_, picture_, nullptr, nullptr);
            SDL_RenderPresent(renderer_);
            const double end = microseconds_of(CLOCK_MONOTONIC);
            graph_.add(static_cast<float>(microseconds_of(CLOCK_THREAD_CPUTIME_ID) - worked),
                       static_cast<float>(spent));
            due = std::max(due + 1e6 / 60, end - 1e5);  // after a long pause it does not catch up
            if (due > end) SDL_Delay(static_cast<Uint32>((due - end) / 1000));
        }
        std::sort(spent_.begin(), spent_.end());
        const auto at = [&](double share) {
            return spent_[static_cast<size_t>(share * static_cast<double>(spent_.size() - 1))];
        };
        printf("%zu frames; the library took %.0f us of a frame, 99.9 %% at most %.0f, the worst %.0f\n", spent_.size(),
               at(0.5), at(0.999), at(1));
    }

private:
    void ask() {
        const Server& server = servers[server_];
        printf("asked: %s (%s)\n", questions[question_], server.name);
        fflush(stdout);
        asked_in_frame_ = spent_.size();
        npc_.ask(server.model ? server.model : setting("OPENAI_MODEL", "local"), questions[question_]);
    }

    void press(SDL_Keycode key) {
        constexpr SDL_Keycode count = static_cast<SDL_Keycode>(sizeof servers / sizeof *servers);
        if (key == SDLK_q) is_running_ = false;
        if (key == SDLK_SPACE) npc_.skip();
        if (key == SDLK_ESCAPE) npc_.cancel();
        if (key == SDLK_RETURN) ask();
        if (key == SDLK_TAB) question_ = (question_ + 1) % (sizeof questions / sizeof *questions), ask();
        if (key > SDLK_0 && key <= SDLK_0 + count) server_ = static_cast<size_t>(key - SDLK_1), ask();
    }

    // The library's part of a frame. Returns what it took of the processor, in microseconds.
    double tick() {
        const Npc::State before = npc_.state();
        const game::Emotion looked = npc_.emotion();
        const double began = microseconds_of(CLOCK_THREAD_CPUTIME_ID);
        npc_.tick();
        const double spent = microseconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
        spent_.push_back(spent);
        if (npc_.emotion() != looked) printf("looks %s\n", game::name_of(npc_.emotion()));
        if (npc_.state() != before && npc_.state() == Npc::State::done) puts("done");
        const bool is_shown = npc_.state() == Npc::State::done && npc_.waiting_bytes() == 0;
        if (is_shown && !was_shown_) printf("shown after %zu frames\n", spent_.size() - asked_in_frame_);
        was_shown_ = is_shown;
        if (npc_.state() != before && npc_.state() == Npc::State::failed) printf("failed: %s\n", npc_.problem());
        fflush(stdout);
        return spent;
    }

    game::Hud hud() const {
        return {std::string("You:  ") + questions[question_], servers[server_].name,
                "Space skip    Esc cancel    Enter ask again    Tab next question    1-6 server    Q leave"};
    }

    const oai::Endpoint endpoint_{setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY")};
    Connection connection_{endpoint_};
    Npc npc_{connection_.transport(), endpoint_};
    game::Scene scene_;
    game::FrameGraph graph_;
    SDL_Window* window_ = nullptr;
    SDL_Renderer* renderer_ = nullptr;
    SDL_Texture* picture_ = nullptr;
    std::vector<double> spent_;
    size_t question_ = 0, server_ = 0, asked_in_frame_ = 0;
    bool was_shown_ = false;
    bool is_running_ = true;
};

}  // namespace

int main(int, char**) {
    const auto game = std::make_unique<Game>();
    if (!game->open()) {
        fprintf(stderr, "There is no window: %s\n", SDL_GetError());
        return 1;
    }
    game->run();
    return 0;
}
