// Pictures without files: shapes with soft edges, drawn into memory. Knows nothing of windows; main.cpp shows the
// memory.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <algorithm>
#include <cmath>
#include <vector>

namespace game {

struct Color {
    int red, green, blue;
    int alpha = 255;

    Color faded(float share) const { return {red, green, blue, static_cast<int>(static_cast<float>(alpha) * share)}; }
};

inline Color mix(Color a, Color b, float share) {
    const auto between = [share](int from, int to) {
        return from + static_cast<int>(std::lround(static_cast<float>(to - from) * share));
    };
    return {between(a.red, b.red), between(a.green, b.green), between(a.blue, b.blue), between(a.alpha, b.alpha)};
}

struct Point {
    float x, y;
};
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline float dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
inline float length(Point a) { return std::sqrt(dot(a, a)); }

class Canvas {
public:
    Canvas(int width, int height) : width_(width), height_(height), pixels_(static_cast<size_t>(width * height)) {}

    int width() const { return width_; }
    int height() const { return height_; }
    const uint32_t* pixels() const { return pixels_.data(); }  // 0xAARRGGBB, row by row

    void copy(const Canvas& other) { pixels_ = other.pixels_; }

    void blend(int x, int y, Color color, float coverage) {
        uint32_t& pixel = pixels_[static_cast<size_t>(y * width_ + x)];
        const int share = static_cast<int>(static_cast<float>(color.alpha) * coverage * (256.0f / 255));
        const auto part = [&](int shift, int to) {
            const int from = static_cast<int>(pixel >> shift & 0xFF);
            return static_cast<uint32_t>(from + (to - from) * share / 256) << shift;
        };
        pixel = 0xFF000000u | part(16, color.red) | part(8, color.green) | part(0, color.blue);
    }
    void add_light(int x, int y, Color color, float strength) {
        const int share = static_cast<int>(strength * 256);
        if (share == 0) return;
        uint32_t& pixel = pixels_[static_cast<size_t>(y * width_ + x)];
        const auto part = [&](int shift, int more) {
            const int sum = static_cast<int>(pixel >> shift & 0xFF) + more * share / 256;
            return static_cast<uint32_t>(std::min(sum, 255)) << shift;
        };
        pixel = 0xFF000000u | part(16, color.red) | part(8, color.green) | part(0, color.blue);
    }

    // A part of a row, within the height.
    void fill(int y, int begin, int end, Color color) {
        begin = std::max(begin, 0);
        end = std::min(end, width_);
        if (color.alpha < 255) {
            for (int x = begin; x < end; ++x) blend(x, y, color, 1);
        } else if (begin < end) {
            const int value = color.red << 16 | color.green << 8 | color.blue;
            uint32_t* const row = pixels_.data() + y * width_;
            std::fill(row + begin, row + end, 0xFF000000u | static_cast<uint32_t>(value));
        }
    }

    // Every pixel of a box, cut at the edges: paint(x, y, middle of the pixel).
    template <class Paint> void each(float left, float top, float right, float bottom, Paint&& paint) {
        const int x_begin = std::max(0, static_cast<int>(left)), x_end = std::min(width_, static_cast<int>(right) + 1);
        const int y_begin = std::max(0, static_cast<int>(top)), y_end = std::min(height_, static_cast<int>(bottom) + 1);
        for (int y = y_begin; y < y_end; ++y)
            for (int x = x_begin; x < x_end; ++x)
                paint(x, y, Point{static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f});
    }

    void ellipse(Point middle, float rx, float ry, Color top, Color bottom) {
        each(middle.x - rx - 1, middle.y - ry - 1, middle.x + rx + 1, middle.y + ry + 1, [&](int x, int y, Point at) {
            const Point from = at - middle;
            const float k = length({from.x / rx, from.y / ry}),
                        slope = length({from.x / (rx * rx), from.y / (ry * ry)});
            const float inside = slope > 0 ? inside_of(k * (k - 1) / slope) : 1;
            if (inside > 0) blend(x, y, mix(top, bottom, share_of(at.y, middle.y - ry, middle.y + ry)), inside);
        });
    }
    void ellipse(Point middle, float rx, float ry, Color color) { ellipse(middle, rx, ry, color, color); }

    void rounded(float left, float top, float width, float height, float radius, Color above, Color below) {
        const Point middle = {left + width / 2, top + height / 2};
        const auto paint = [&](int x, int y, Point at) {
            const Point from = {std::fabs(at.x - middle.x) - width / 2 + radius,
                                std::fabs(at.y - middle.y) - height / 2 + radius};
            const bool is_corner = from.x > 0 && from.y > 0;
            const float inside = inside_of((is_corner ? length(from) : std::max(from.x, from.y)) - radius);
            if (inside > 0) blend(x, y, mix(above, below, share_of(at.y, top, top + height)), inside);
        };
        // The ends, whose edges are soft, and between them rows of one color.
        const float inner_left = std::ceil(left + radius), inner_right = std::floor(left + width - radius);
        each(left - 1, top - 1, inner_left - 1, top + height + 1, paint);
        each(inner_right, top - 1, left + width + 1, top + height + 1, paint);
        for (int y = std::max(0, static_cast<int>(top)); y < std::min(height_, static_cast<int>(top + height)); ++y)
            fill(y, static_cast<int>(inner_left), static_cast<int>(inner_right),
                 mix(above, below, share_of(static_cast<float>(y), top, top + height)));
    }
    void rounded(float left, float top, float width, float height, float radius, Color color) {
        rounded(left, top, width, height, radius, color, color);
    }

    // Corners in the order of a clock's hands.
    void convex(const std::vector<Point>& corners, Color color) {
        Point least = corners[0], most = corners[0];
        for (const Point corner : corners) {
            least = {std::min(least.x, corner.x), std::min(least.y, corner.y)};
            most = {std::max(most.x, corner.x), std::max(most.y, corner.y)};
        }
        each(least.x - 1, least.y - 1, most.x + 1, most.y + 1, [&](int x, int y, Point at) {
            float outside = -1000;
            for (size_t i = 0; i < corners.size(); ++i) {
                const Point side = corners[(i + 1) % corners.size()] - corners[i], from = at - corners[i];
                outside = std::max(outside, (side.y * from.x - side.x * from.y) / length(side));
            }
            if (inside_of(outside) > 0) blend(x, y, color, inside_of(outside));
        });
    }

    // A line through points, with round ends.
    void curve(const std::vector<Point>& points, float width, Color color) {
        Point least = points[0], most = points[0];
        for (const Point point : points) {
            least = {std::min(least.x, point.x), std::min(least.y, point.y)};
            most = {std::max(most.x, point.x), std::max(most.y, point.y)};
        }
        each(least.x - width, least.y - width, most.x + width, most.y + width, [&](int x, int y, Point at) {
            float distance = 1000;
            for (size_t i = 1; i < points.size(); ++i) {
                const Point side = points[i] - points[i - 1], from = at - points[i - 1];
                const float along = std::clamp(dot(from, side) / std::max(dot(side, side), 0.001f), 0.0f, 1.0f);
                distance = std::min(distance, length(from - Point{side.x * along, side.y * along}));
            }
            if (inside_of(distance - width / 2) > 0) blend(x, y, color, inside_of(distance - width / 2));
        });
    }

    // Light that fades towards the rim.
    void glow(Point middle, float radius, Color color, float strength) {
        const float scale = 1 / (radius * radius);
        each(middle.x - radius, middle.y - radius, middle.x + radius, middle.y + radius, [&](int x, int y, Point at) {
            const float left = 1 - dot(at - middle, at - middle) * scale;
            if (left > 0.05f) add_light(x, y, color, strength * left * left);
        });
    }

private:
    static float inside_of(float distance) { return std::clamp(0.5f - distance, 0.0f, 1.0f); }
    static float share_of(float at, float from, float to) { return std::clamp((at - from) / (to - from), 0.0f, 1.0f); }

    int width_, height_;
    std::vector<uint32_t> pixels_;
};

}  // namespace game
