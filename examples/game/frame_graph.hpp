// What the last frames took of the processor: all of a frame's work, and the library's share of it. The time of this
// thread counts: that somebody else was running is not its fault.
#pragma once

#include "text.hpp"

#include <stdio.h>

namespace game {

class FrameGraph {
public:
    static constexpr float frame_us = 1e6f / 60;  // what there is
    static constexpr float library_us = 200;      // what the library may take of it

    void add(float work_us, float spent_us) {
        work_[next_] = work_us;
        library_[next_] = spent_us;
        next_ = (next_ + 1) % kept;
        worst_us_ = std::max(worst_us_, spent_us);
    }

    void draw(Canvas& canvas, Font& font, float left, float top) const {
        canvas.rounded(left, top, kept + 24, 132, 10, {8, 14, 34, 190});
        char text[80];
        snprintf(text, sizeof text, "frame %.1f of %.1f ms", static_cast<double>(mean(work_) / 1000),
                 static_cast<double>(frame_us / 1000));
        font.draw(canvas, static_cast<int>(left) + 12, static_cast<int>(top) + 8, text, {150, 190, 255, 255});
        strip(canvas, left + 12, top + 28, work_, frame_us, {92, 148, 255, 255});
        snprintf(text, sizeof text, "library %.0f \u00b5s, worst %.0f", static_cast<double>(mean(library_)),
                 static_cast<double>(worst_us_));
        font.draw(canvas, static_cast<int>(left) + 12, static_cast<int>(top) + 70, text, {255, 208, 128, 255});
        strip(canvas, left + 12, top + 90, library_, library_us, {255, 190, 84, 255});
    }

private:
    static constexpr int kept = 192;
    static constexpr float high = 30;

    static float mean(const float* values) {
        float sum = 0;
        for (int i = 0; i < kept; ++i) sum += values[i];
        return sum / kept;
    }
    // A bar for each frame, as high as the strip when all of its time is used up.
    void strip(Canvas& canvas, float left, float top, const float* values, float limit, Color color) const {
        canvas.rounded(left, top, kept, high, 3, {255, 255, 255, 16});
        for (int i = 0; i < kept; ++i) {
            const float value = values[(next_ + i) % kept], tall = std::min(value / limit, 1.0f) * high;
            const Color shown = value > limit ? Color{255, 84, 84, 255} : color;
            const float x = left + static_cast<float>(i);
            canvas.each(x, top + high - std::max(tall, 1.0f), x, top + high - 1,
                        [&](int at_x, int at_y, Point) { canvas.blend(at_x, at_y, shown, 0.9f); });
        }
    }

    float work_[kept] = {}, library_[kept] = {};
    int next_ = 0;
    float worst_us_ = 0;
};

}  // namespace game
