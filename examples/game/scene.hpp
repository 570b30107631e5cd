// What is seen: a bay at night, a lighthouse, its lamp that talks, a speech bubble.
#pragma once

#include "frame_graph.hpp"
#include "npc.hpp"

namespace game {

// What the player sees of the game but the character.
struct Hud {
    std::string question;
    std::string server;  // how it behaves
    std::string keys;
};

class Scene {
public:
    static constexpr int width = 960, height = 540;

    // Returns false if there is no font.
    bool open();
    void draw(const Npc& npc, const Hud& hud, const FrameGraph& graph, float seconds);
    const Canvas& canvas() const { return canvas_; }

private:
    struct Mood {
        Color light;
        float brow_tilt, brow_lift, mouth, eye;
    };
    static const Mood& mood_of(Emotion emotion);

    void paint_bay();
    void draw_beam(float seconds);
    void draw_lamp(const Npc& npc, float seconds);
    void draw_face(const Npc& npc, Point middle, float seconds);
    void draw_bubble(const Npc& npc, float seconds);
    void draw_thought(const Npc& npc, float seconds);
    void draw_hud(const Npc& npc, const Hud& hud);

    Canvas bay_{width, height}, canvas_{width, height};
    Font text_font_, small_font_;
    Mood shown_ = mood_of(Emotion::calm);  // moves towards the character's
    float scrolled_ = 0;                   // lines that have left the bubble
    float open_ = 0;                       // of the bubble
    float mouth_open_ = 0;
    char wrap_memory_[128];
};

}  // namespace game
