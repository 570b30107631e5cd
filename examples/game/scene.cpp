#include "scene.hpp"

namespace game {
namespace {

constexpr float pi = 3.14159265f;
constexpr float bubble_left = 352, bubble_top = 66, bubble_width = 572, bubble_height = 268;
constexpr int visible_lines = 8, line_height = 29;
constexpr Point lamp = {186, 286};

std::string string_of(oai::StringView text) { return std::string(text.data(), text.size()); }

// The same for the same number, between 0 and 1.
float chance(unsigned seed) {
    seed = (seed ^ 61) ^ (seed >> 16);
    seed *= 9;
    seed ^= seed >> 4;
    seed *= 0x27d4eb2d;
    return static_cast<float>((seed ^ (seed >> 15)) & 0xFFFF) / 65535;
}

float approach(float from, float to, float share) { return from + (to - from) * share; }

}  // namespace

const Scene::Mood& Scene::mood_of(Emotion emotion) {
    static const Mood moods[] = {
        // light, brows: tilt and lift, mouth: -1 sad to 1 smiling, eyes
        {{255, 196, 104, 255}, 0, 0, 0.45f, 1},        {{150, 220, 255, 255}, -0.25f, 8, 0.2f, 1.18f},
        {{255, 214, 110, 255}, -0.15f, 5, 1, 1.08f},   {{140, 160, 255, 255}, -0.6f, 2, -0.8f, 0.9f},
        {{255, 112, 84, 255}, 0.6f, -3, -0.6f, 0.95f},
    };
    return moods[static_cast<size_t>(emotion)];
}

bool Scene::open() {
    paint_bay();
    return text_font_.open(19) && small_font_.open(12);
}

// Once: it does not move.
void Scene::paint_bay() {
    const Color zenith = {10, 14, 42, 255}, dusk = {46, 52, 104, 255}, horizon = {216, 132, 122, 255};
    constexpr float sea = 400;
    bay_.each(0, 0, width, height, [&](int x, int y, Point at) {
        const float up = at.y / sea;
        Color color =
            up < 0.6f ? mix(zenith, dusk, up / 0.6f) : mix(dusk, horizon, (up - 0.6f) / 0.4f * (up - 0.6f) / 0.4f);
        if (at.y > sea) color = mix({84, 70, 112, 255}, {12, 16, 44, 255}, std::min(1.0f, (at.y - sea) / 90));
        bay_.blend(x, y, color, 1);
    });
    for (unsigned i = 0; i < 170; ++i) {
        const Point star = {chance(i * 3) * width, chance(i * 3 + 1) * chance(i * 3 + 1) * 300};
        const float bright = 0.25f + 0.75f * chance(i * 3 + 2);
        bay_.ellipse(star, 0.5f + bright * 0.8f, 0.5f + bright * 0.8f, Color{235, 240, 255, 255}.faded(bright));
    }
    bay_.glow({294, 58}, 120, {120, 130, 170, 255}, 0.5f);
    bay_.ellipse({294, 58}, 21, 21, {255, 250, 236, 255}, {228, 222, 226, 255});
    for (const Point crater : {Point{287, 52}, Point{301, 66}, Point{303, 50}})
        bay_.ellipse(crater, 4, 3.4f, {206, 202, 216, 120});
    // Far hills, and what the sea makes of the light.
    for (int far = 0; far < 2; ++far) {
        for (int x = 0; x < width; ++x) {
            const float at = static_cast<float>(x) / 960;
            const float top = far == 0 ? 372 - 26 * std::sin(at * 5 + 0.4f) - 9 * std::sin(at * 17)
                                       : 390 - 13 * std::sin(at * 7 + 2) - 5 * std::sin(at * 23);
            const float column = static_cast<float>(x);
            bay_.each(column, top, column, sea - 1, [&](int px, int py, Point p) {
                const Color color = far == 0 ? Color{92, 76, 122, 255} : Color{58, 52, 98, 255};
                bay_.blend(px, py, color, std::clamp(p.y - top, 0.0f, 1.0f));
            });
        }
    }
    for (unsigned i = 0; i < 120; ++i) {
        const float y = sea + 3 + 80 * chance(i * 5) * chance(i * 5), x = chance(i * 5 + 1) * width;
        const float wide = 8 + 46 * chance(i * 5 + 2) * (y - sea + 20) / 100;
        const Color color = chance(i * 5 + 3) > 0.5f ? Color{255, 190, 160, 90} : Color{150, 150, 220, 80};
        bay_.rounded(x, y, wide, 1.6f, 0.8f, color.faded(1 - (y - sea) / 120));
    }
    // The rock and the tower that the lamp stands on.
    bay_.convex({{-10, 540}, {-10, 452}, {60, 430}, {130, 424}, {250, 428}, {330, 462}, {400, 540}}, {22, 20, 44, 255});
    bay_.convex({{-10, 540}, {-10, 470}, {80, 446}, {200, 444}, {290, 474}, {350, 540}}, {32, 28, 58, 255});
    bay_.convex({{138, 366}, {234, 366}, {252, 470}, {120, 470}}, {232, 226, 224, 255});
    bay_.convex({{134, 388}, {238, 388}, {243, 418}, {129, 418}}, {196, 64, 70, 255});
    bay_.convex({{124, 446}, {248, 446}, {252, 470}, {120, 470}}, {196, 64, 70, 255});
    bay_.each(120, 366, 260, 470, [&](int x, int y, Point at) {  // round, by a shadow
        const float half = 48.5f + (at.y - 366) * 0.173f, side = (at.x - 186) / half;
        if (std::fabs(side) < 1) bay_.blend(x, y, {24, 18, 58, 255}, 0.10f + 0.5f * std::max(0.0f, side) * side);
    });
    bay_.rounded(112, 352, 148, 16, 5, {70, 72, 96, 255}, {38, 38, 62, 255});
}

void Scene::draw(const Npc& npc, const Hud& hud, const FrameGraph& graph, float seconds) {
    const Mood& mood = mood_of(npc.state() == Npc::State::failed ? Emotion::sad : npc.emotion());
    shown_.light = mix(shown_.light, mood.light, 0.09f);
    for (float Mood::*part : {&Mood::brow_tilt, &Mood::brow_lift, &Mood::mouth, &Mood::eye})
        shown_.*part = approach(shown_.*part, mood.*part, 0.12f);
    canvas_.copy(bay_);
    draw_beam(seconds);
    draw_lamp(npc, seconds);
    if (npc.state() == Npc::State::waiting) draw_thought(npc, seconds);
    draw_bubble(npc, seconds);
    draw_hud(npc, hud);
    graph.draw(canvas_, small_font_, 14, 14);
}

// It turns, and is seen from the side: long when it points to the left or right, wide and faint in between.
void Scene::draw_beam(float seconds) {
    const float turn = seconds * 0.7f, along = std::cos(turn);
    const float reach = 640 * along, spread = 0.16f + 0.1f * (1 - std::fabs(along));
    if (std::fabs(reach) < 30) return;
    const float tall = std::fabs(reach) * spread + 14;
    for (float y = lamp.y - tall; y < lamp.y + tall; ++y) {
        const float near =
            std::max(0.0f, (std::fabs(y - lamp.y) - 11) / (spread + 0.05f));  // where it begins in this row
        const float begin = lamp.x + std::copysign(near, reach), end = lamp.x + reach;
        canvas_.each(std::min(begin, end), y, std::max(begin, end), y, [&](int px, int py, Point at) {
            const float far = std::fabs(at.x - lamp.x), half = far * spread + 10;
            const float off = std::fabs(at.y - lamp.y + far * 0.05f) / half, fading = 1 - far / std::fabs(reach);
            if (off < 1 && fading > 0) canvas_.add_light(px, py, shown_.light, 0.38f * (1 - off * off) * fading);
        });
    }
}

void Scene::draw_lamp(const Npc& npc, float seconds) {
    const Point middle = {lamp.x, lamp.y + 3 * std::sin(seconds * 1.7f)};
    const float flicker = 0.42f + 0.03f * std::sin(seconds * 9) + 0.10f * mouth_open_;
    canvas_.glow(middle, 210, shown_.light, flicker);
    const Color dark = {52, 42, 60, 255}, brass = {196, 150, 86, 255}, shade = {120, 82, 52, 255};
    canvas_.curve({{middle.x - 26, middle.y - 78},
                   {middle.x - 20, middle.y - 104},
                   {middle.x, middle.y - 112},
                   {middle.x + 20, middle.y - 104},
                   {middle.x + 26, middle.y - 78}},
                  5, shade);
    const Color glass = mix(shown_.light, {255, 250, 226, 255}, 0.45f);
    canvas_.rounded(middle.x - 62, middle.y - 62, 124, 122, 46, glass, shown_.light);
    canvas_.glow({middle.x, middle.y + 6}, 74, {255, 240, 190, 255}, 0.34f);
    canvas_.curve({{middle.x - 44, middle.y - 36}, {middle.x - 47, middle.y - 10}}, 7, {255, 255, 255, 120});
    // Cap and foot.
    canvas_.convex({{middle.x - 24, middle.y - 88},
                    {middle.x + 24, middle.y - 88},
                    {middle.x + 58, middle.y - 56},
                    {middle.x - 58, middle.y - 56}},
                   brass);
    canvas_.rounded(middle.x - 64, middle.y - 62, 128, 13, 6, mix(brass, {255, 230, 170, 255}, 0.4f), shade);
    canvas_.rounded(middle.x - 56, middle.y + 54, 112, 12, 6, mix(brass, {255, 230, 170, 255}, 0.3f), shade);
    canvas_.rounded(middle.x - 44, middle.y + 64, 88, 7, 3, dark);
    draw_face(npc, {middle.x, middle.y + 4}, seconds);
}

void Scene::draw_face(const Npc& npc, Point middle, float seconds) {
    const Color ink = {58, 36, 48, 255};
    const bool is_thinking = npc.state() == Npc::State::waiting;
    const float blink = std::fmod(seconds, 3.7f) < 0.13f ? 0.12f : 1;
    const Point look = is_thinking ? Point{5 * std::sin(seconds * 1.3f), -5} : Point{3, 0};
    for (const float side : {-1.0f, 1.0f}) {
        const Point eye = {middle.x + side * 23, middle.y - 10};
        canvas_.ellipse(eye, 11 * shown_.eye, 13 * shown_.eye * blink, {255, 255, 252, 255}, {236, 230, 232, 255});
        canvas_.ellipse(eye + look, 6, 7.5f * blink, ink);
        if (blink == 1) canvas_.ellipse(eye + look + Point{2, -2.5f}, 2, 2, {255, 255, 255, 255});
        const float lift = 25 + shown_.brow_lift, tilt = shown_.brow_tilt * 9;
        canvas_.curve({{eye.x - side * 11, eye.y - lift + tilt}, {eye.x + side * 11, eye.y - lift - tilt}}, 4, ink);
        canvas_.ellipse({middle.x + side * 43, middle.y + 14}, 9, 6, {255, 120, 110, 70});
    }
    // It opens with the letters that appear.
    const float wanted = npc.is_typing() ? 0.55f + 0.45f * std::sin(seconds * 21) : 0;
    mouth_open_ = approach(mouth_open_, wanted, 0.35f);
    const Point mouth = {middle.x, middle.y + 24};
    const float bend = 8 * shown_.mouth;
    if (mouth_open_ > 0.12f) {
        canvas_.ellipse(mouth, 13 - 3 * mouth_open_, 2 + 9 * mouth_open_, ink);
        canvas_.ellipse(mouth + Point{0, 2 + 4 * mouth_open_}, 7, 4 * mouth_open_, {214, 92, 96, 255});
    } else {
        std::vector<Point> smile;
        for (float at = -1; at <= 1; at += 0.25f)
            smile.push_back({mouth.x + 15 * at, mouth.y + bend * (0.5f - at * at)});
        canvas_.curve(smile, 4, ink);
    }
}

// Dots while nothing has been said, or what the model thinks.
void Scene::draw_thought(const Npc& npc, float seconds) {
    for (int dot = 0; dot < 3; ++dot) {
        const float lift = 5 * std::max(0.0f, std::sin(seconds * 5 - static_cast<float>(dot) * 0.7f));
        canvas_.ellipse({292 + static_cast<float>(dot) * 20, 214 - static_cast<float>(dot) * 8 - lift},
                        4 + static_cast<float>(dot) * 1.5f, 4 + static_cast<float>(dot) * 1.5f, {255, 250, 240, 220});
    }
    const std::string thought = string_of(npc.thought());
    if (thought.empty()) return;
    canvas_.rounded(352, 176, 572, 40, 20, {250, 246, 238, 190});
    small_font_.draw(canvas_, 374, 188, thought, {70, 62, 96, 255}, 530);
}

void Scene::draw_bubble(const Npc& npc, float seconds) {
    const bool is_needed = npc.characters() != 0 || npc.state() == Npc::State::failed;
    open_ = approach(open_, is_needed ? 1.0f : 0.0f, is_needed ? 0.22f : 1);
    if (open_ < 0.05f) return;
    const float tall = bubble_height * open_, top = bubble_top + bubble_height - tall;
    const Color paper = {253, 249, 240, 255}, shade = {244, 234, 222, 255};
    canvas_.rounded(bubble_left + 3, top + tall - 48, bubble_width, 55, 24, {6, 8, 30, 90});  // its shadow
    canvas_.convex({{bubble_left + 6, 210}, {bubble_left + 30, 190}, {bubble_left + 30, 244}, {278, 262}},
                   mix(paper, shade, 0.55f));
    canvas_.rounded(bubble_left, top, bubble_width, tall, 24, paper, shade);
    if (open_ < 0.99f) return;

    const Lines& said = npc.said();
    const bool is_failed = npc.state() == Npc::State::failed;
    const int room = is_failed ? visible_lines - 2 : visible_lines;
    const size_t count = said.count();
    const float above = std::max(0.0f, static_cast<float>(count) - static_cast<float>(room));
    scrolled_ = count == 1 ? 0 : approach(scrolled_, above, 0.2f);
    const float text_top = bubble_top + 20;
    for (size_t number = count > Lines::kept ? count - Lines::kept : 0; number < count; ++number) {
        const float y = text_top + (static_cast<float>(number) - scrolled_) * line_height;
        if (y < text_top - line_height / 2 || y > text_top + static_cast<float>(room) * line_height) continue;
        const Color ink = Color{44, 38, 70, 255}.faded(y < text_top ? 1 - (text_top - y) * 2 / line_height : 1);
        const std::string line = string_of(said.line(number));
        const int left = static_cast<int>(bubble_left) + 28;
        const int wide =
            text_font_.draw(canvas_, left, static_cast<int>(y), line, ink, static_cast<int>(bubble_width) - 56);
        const bool is_writing = number + 1 == count && npc.state() == Npc::State::speaking;
        if (is_writing && std::fmod(seconds, 0.6f) < 0.4f)
            canvas_.rounded(static_cast<float>(left + wide + 4), y + 4, 3, 18, 1, {226, 130, 60, 255});
    }
    if (!is_failed) return;
    // What went wrong, in the library's words.
    oai::WordWrap wrap(72, wrap_memory_);
    oai::StringView piece;
    Lines words;
    words.clear();
    wrap.feed(npc.problem());
    wrap.finish();
    while (wrap.next(piece)) words.add(piece);
    const float note_top = bubble_top + bubble_height - 62;
    canvas_.rounded(bubble_left + 14, note_top, bubble_width - 28, 50, 12, {206, 70, 70, 34});
    for (size_t number = 0; number < std::min<size_t>(words.count(), 2); ++number)
        small_font_.draw(canvas_, static_cast<int>(bubble_left) + 28,
                         static_cast<int>(note_top) + 8 + static_cast<int>(number) * 18, string_of(words.line(number)),
                         {166, 40, 44, 255}, static_cast<int>(bubble_width) - 56);
}

void Scene::draw_hud(const Npc& npc, const Hud& hud) {
    canvas_.rounded(14, 478, width - 28, 50, 12, {8, 12, 32, 200});
    text_font_.draw(canvas_, 30, 484, hud.question, {240, 236, 255, 255}, 560);
    small_font_.draw(canvas_, 30, 508, hud.keys, {158, 164, 204, 255}, 660);
    char text[120];
    const oai::Latency& took = npc.latency();
    if (took.first_token_ms == oai::Latency::unknown)
        snprintf(text, sizeof text, "%s", "");
    else
        snprintf(text, sizeof text, "first token %u ms, %.0f tokens/s", took.first_token_ms, took.tokens_per_second());
    small_font_.draw(canvas_, width - 30 - small_font_.width(text), 490, text, {255, 208, 128, 255});
    small_font_.draw(canvas_, width - 30 - small_font_.width(hud.server), 508, hud.server, {150, 190, 255, 255});
}

}  // namespace game
